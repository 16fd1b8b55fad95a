package intake

import (
	"cmp"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// rosterRow reads one roster row into events: one for each category, and for a
// row that gives both dates the recognition and the removal.
func (im *importer) rosterRow(r *rowReader) (func(ledger.Taker) ([]*ledger.Event, error), bool) {
	id := r.id("certno")
	op := r.op()
	cats, e := categories(r.text("category"), im.o.Categories)
	r.fail("category", e)
	if len(cats) == 0 && op != rules.Remove {
		r.fail("category", bad("E-CATEGORY-MISSING", "缺少困难类别，请补填"))
	}
	start, end := r.date("start"), r.date("end")
	exp, e := expiry(r.dateCell("expiry"))
	r.fail("expiry", e)
	lvl, e := level(r.text("level"))
	r.fail("level", e)
	why := cause(r.text("cause"))
	applied := r.date("applied") // before or after the recognition, as procedures go
	head := ""
	if r.has("head") {
		head = r.id("head")
	}
	switch {
	case op == rules.Remove && end == 0 && !r.failed("end"):
		r.fail("end", bad("E-DATE-MISSING", "退出人员缺少退出日期，请补填"))
	case op != rules.Remove && op != 0 && start == 0 && !r.failed("start"):
		r.fail("start", bad("E-DATE-MISSING", "%s人员缺少认定日期，请补填", op.Chinese()))
	case start != 0 && exp != 0 && exp < start:
		r.fail("expiry", bad("E-DATE-ORDER", "证件有效期 %s 早于认定日期 %s，请核对", exp, start))
	case start != 0 && end != 0 && end < start:
		r.fail("end", bad("E-DATE-ORDER", "退出日期 %s 早于认定日期 %s，请核对", end, start))
	case op != rules.Remove && end != 0 && end == start:
		// On one day a removal acts before an addition: the person would stay on
		// the list for good.
		r.fail("end", bad("E-DATE-ORDER", "退出日期与认定日期同为 %s，等于从未在册，请核对", end))
	}
	base := ledger.Event{Area: im.o.Area, Op: op, Level: 0, Township: r.text("township"), Village: r.text("village"), Dept: r.text("dept"), Month: im.o.Month,
		County: r.text("county")}
	if base.Dept == "" {
		base.Dept = im.o.Dept
	}
	var events []*ledger.Event
	add := func(op rules.Op, n named, d civil.Date) {
		ev := base
		ev.Op, ev.Category, ev.Date = op, n.cat, d
		if op != rules.Remove {
			ev.Cause, ev.Applied = max(n.cause, why), applied
			if n.cat == rules.Canji || len(cats) == 1 {
				ev.Expiry = exp
			}
			if n.cat == rules.Canji {
				ev.Level = cmp.Or(lvl, n.level)
				switch {
				case ev.Level == 0:
					r.fail("level", bad("E-LEVEL-MISSING", "残疾人缺少残疾等级，请补填一级、二级、三级或四级"))
				case n.level != 0 && (lvl > 2) != (n.level > 2) && lvl != 0:
					// 重残 is level 1 or 2, so only this is a contradiction.
					r.fail("level", bad("E-LEVEL", "残疾等级与困难类别所写的等级不一致，请核对"))
				}
			}
		}
		events = append(events, &ev)
	}
	if op == rules.Remove && len(cats) == 0 {
		add(op, named{}, end)
	}
	for _, n := range cats {
		if op == rules.Remove {
			add(op, n, end)
			continue
		}
		add(op, n, start)
		if end != 0 {
			add(rules.Remove, n, end)
		}
	}
	if len(r.errors) > 0 {
		return nil, false
	}
	name, extra := r.name(), r.extras()
	src := im.source(r)
	return func(t ledger.Taker) ([]*ledger.Event, error) {
		p, n, err := person(t, id, name)
		if err != nil {
			return nil, err
		}
		h := ledger.PersonNo(0)
		if head != "" {
			if h, err = t.Person(head); err != nil {
				return nil, err
			}
		}
		for _, ev := range events {
			ev.Src, ev.Person, ev.Name, ev.Head = src, p, n, h
			if extra != "" {
				ev.Extra = t.Seal(extra)
			}
		}
		return events, nil
	}, true
}

func (r *rowReader) op() rules.Op {
	switch rules.Fold(r.text("op")) {
	case "新增", "增加", "纳入", "新纳入", "新增人员", "add":
		return rules.Add
	case "退出", "减少", "停止", "停保", "取消", "退出人员", "清退", "remove":
		return rules.Remove
	case "变更", "调整", "变动", "变更人员", "change":
		return rules.Change
	case "":
		r.fail("op", bad("E-OP-MISSING", "缺少变动类型，请填写新增、退出或变更"))
	default:
		r.fail("op", badValue("E-OP", r.text("op"), "变动类型%s应为新增、退出或变更"))
	}
	return 0
}
