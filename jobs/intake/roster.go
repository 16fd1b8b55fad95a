package intake

import (
	"cmp"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// rosterEntry is one row of a roster. What it does to the lists is known when all
// rows were read: a full list and a correction act as a whole.
type rosterEntry struct {
	r      *rowReader // without its cells
	listed bool       // of a full list: the date of an event may be missing
	events []*ledger.Event
	person ledger.PersonNo // 0: the ID of a returned row that can not be read
	name   int64
	head   ledger.PersonNo
	county string // of rows that name none: of the table's others
	dept   string
	back   bool // returned: nobody is removed in its place
}

// roster keeps one row for takeRosters.
func (im *importer) roster(r *rowReader) error {
	if !r.h.list.read { // a table without rows says nothing
		var err error
		if r.h.list, err = im.listOf(r); err != nil {
			return err
		}
		im.file.Month = cmp.Or(r.h.list.month, im.file.Month)
		im.file.Source = cmp.Or(im.file.Source, r.h.list.dept)
	}
	events, id, head, listed := im.rosterRow(r)
	kept := *r
	kept.cells = nil // they are valid for this row only
	l := rosterEntry{r: &kept, events: events, listed: listed}
	if len(r.errors) > 0 {
		im.giveBack(r)
		l.back, l.events = true, nil
		return im.whose(r, &l)
	}
	p, name, extra, err := im.identify(r, id)
	if err != nil {
		return err
	}
	l.person, l.name = p, name
	if head != "" {
		if l.head, err = im.t.Person(head); err != nil {
			return err
		}
		im.oldID(r, "head", l.head)
	}
	for _, e := range events {
		e.Src, e.Person, e.Name, e.Head, e.Extra = im.source(r), p, name, l.head, extra
	}
	im.roll = append(im.roll, l)
	return nil
}

// whose finds as far as it can whose row is being returned.
func (im *importer) whose(r *rowReader, l *rosterEntry) (err error) {
	if id, e := certno(r.cell("certno"), r.today); e == nil {
		l.person, err = im.t.Person(id)
	}
	if err == nil {
		l.name, err = im.t.Name(personName(r.name()))
	}
	im.roll = append(im.roll, *l)
	return err
}

// rosterRow reads one roster row into events: one for each category, and for a
// row that gives both dates the recognition and the removal. It gives the IDs of
// the person and of the household's head as well, and whether the row stands in a
// full list as one who is on it.
func (im *importer) rosterRow(r *rowReader) (events []*ledger.Event, id, head string, listed bool) {
	list := &r.h.list
	id = r.id("certno")
	op := list.op
	switch {
	case list.full && onList[rules.Fold(r.text("op"))]:
		op, listed = rules.Add, true
	case r.h.has("op"):
		op = r.op()
		listed = list.full && op != rules.Remove
	}
	cats, e := categories(r.text("category"), im.o.Categories)
	r.fail("category", e)
	if !r.h.has("category") {
		cats = []named{{cat: list.category}}
	}
	if len(cats) == 0 && op != rules.Remove {
		r.fail("category", bad("E-CATEGORY-MISSING", "缺少困难类别，请补填"))
	}
	start, end := r.date("start"), r.date("end")
	if start == 0 && !r.failed("start") {
		start = r.date("changed") // of both, two that differ are returned
	}
	exp, e := expiry(r.dateCell("expiry"))
	r.fail("expiry", e)
	lvl, e := level(r.text("level"))
	r.fail("level", e)
	if listed && start == 0 && end != 0 && !r.failed("end") {
		op, listed = rules.Remove, false // of a full list, one who has left
	}
	why := cause(r.text("cause"))
	applied := r.date("applied") // before or after the recognition, as procedures go
	if r.has("head") {
		head = r.id("head")
	}
	switch {
	case op == rules.Remove && end == 0 && !r.failed("end"):
		r.fail("end", bad("E-DATE-MISSING", "退出人员缺少退出日期，请补填"))
	case op != rules.Remove && op != 0 && start == 0 && !r.failed("start") && !listed:
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
	base := ledger.Event{Area: im.o.Area, Op: op, Township: r.word("township"), Village: r.word("village"), Dept: cmp.Or(r.word("dept"), list.dept),
		Month: list.month, County: r.word("county")}
	if listed {
		base.Via = ledger.ViaFull
	}
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
	if op != rules.Remove {
		im.status(r)
	}
	return events, id, head, listed
}

// gone are words by which columns that are not read say that somebody is no
// longer on the list.
var gone = []string{"死亡", "去世", "停保", "停发", "注销", "退出", "终止", "迁出"}

// status warns of a row that says in another column that its person has left.
func (im *importer) status(r *rowReader) {
	for i, c := range r.cells {
		if i >= len(r.h.columns) || r.h.columns[i].field != "" || c.Text == "" {
			continue
		}
		title := r.h.columns[i].title
		if containsAny(title, []string{"状态", "备注", "情况", "说明"}) && containsAny(c.Text, gone) {
			im.report.Warnings = append(im.report.Warnings, RowError{Code: "W-STATUS", Sheet: r.sheet, Row: r.number, Column: ColumnName(i), Field: title,
				Message: "“" + show(title) + "”一列写着此人已不在册，而这一列不起作用，此人仍按在册处理；如已退出，请另报退出或写在变动类型、退出日期两列"})
			return
		}
	}
}

// onList are the words by which a full list that has the column says that a row
// brings no change.
var onList = map[string]bool{"": true, "在册": true, "不变": true, "无变化": true, "未变化": true, "保留": true, "正常": true, "全量": true, "无": true}

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
