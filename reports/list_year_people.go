package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// specialLimit: claims still cut at the old limit of special-disease care (WZ-2).
func (f *facts) specialLimit(d *duty, _ scope) []*table {
	t := newTable("special_limit", f.title("门诊特病仍按旧限额结算的费用"), "certno name county township setl_id setl_time insurance limit before paid should missing formula",
		"年内门诊特病的基本医保支付恰好停在旧限额的结算。已配置住院比例（special_outpatient.ratio）的给出应补金额，未配置的只列出，须由经办人按住院政策核定。")
	cuts := slices.Clone(d.cuts)
	slices.SortFunc(cuts, func(a, b cutRow) int {
		return cmp.Or(d.byPerson(f, a.person, b.person), cmp.Compare(a.at, b.at), cmp.Compare(a.ID, b.ID))
	})
	var rows [][]any
	for _, c := range cuts {
		why := c.Formula
		switch {
		case c.Unsure:
			why = "险种未填，或只凭合计无法断定，请核对"
		case !c.Exact:
			why = "住院比例未配置，应补金额待核定"
		}
		rows = append(rows, []any{f.id(c.person), f.name(c.person), d.home(f, c.person).county, d.home(f, c.person).township, c.ID, c.at, c.Insurance.Chinese(),
			c.Limit, c.Before, c.Basic, yuanOr(c.Should), yuanOr(c.Missing), why})
	}
	t.rows = rows
	return []*table{t}
}

// burdenCaps measures the year's burden of people and households against the
// lines above which nobody should bear (HZ-14, WZ-8): a measured figure, no
// entitlement.
func (f *facts) burdenCaps(d *duty, _ scope) []*table {
	sum := newTable("burden_caps", f.title("个人和家庭年度负担与封顶线"), "level cap of over over_burden above most why", "负担为各层保障和帮扶之后由个人承担的医疗费用，年初至今。封顶线由地方确定，只作测算，不据此支付。")
	list := newTable("over_caps", f.title("年度负担超过封顶线的个人和家庭"), "level certno name county township burden cap above")
	persons := d.persons
	persons.Line = d.prm.Duties.PersonBurden
	houses := rules.OverLine{Line: d.prm.Duties.HouseholdBurden}
	type over struct {
		house bool
		who   ledger.PersonNo
		v     money.Fen
	}
	var found []over
	for _, b := range d.burdens {
		if d.overLine(b.burden, persons.Line) {
			found = append(found, over{false, b.person, b.burden})
		}
	}
	for head, v := range d.houses {
		if houses.Add(v) {
			found = append(found, over{true, head, v})
		}
	}
	slices.SortFunc(found, func(a, b over) int {
		switch {
		case a.house != b.house && a.house:
			return 1
		case a.house != b.house:
			return -1
		}
		return d.byPerson(f, a.who, b.who)
	})
	var rows [][]any
	for _, x := range found {
		what, line := "个人", persons.Line
		if x.house {
			what, line = "家庭", houses.Line
		}
		rows = append(rows, []any{what, f.id(x.who), f.name(x.who), d.home(f, x.who).county, d.home(f, x.who).township, x.v, line, x.v - line})
	}
	list.rows = rows
	line := func(what, param string, o rules.OverLine) []any {
		if o.Line == rules.Unset {
			return []any{what, nil, nil, nil, nil, nil, nil, "封顶线未配置（" + param + "），不作测算"}
		}
		return []any{what, o.Line, o.Of, o.Count, o.Burden, o.Above, o.Most, ""}
	}
	sum.rows = [][]any{line("个人", "burden.person", persons), line("家庭", "burden.household", houses)}
	return []*table{sum, list}
}

// clearanceTables: the year's cases, one by one, and the rate cleared (HZ-14, WZ-7,
// XJ-4).
func (f *facts) clearanceTables(d *duty, _ scope) []*table {
	type key struct {
		county, township, monitor string
	}
	type sum struct{ opened, watching, helping, cleared, relapsed int }
	sums := map[key]*sum{}
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year {
			continue
		}
		h := d.home(f, c.Person)
		k := key{h.county, h.township, c.Name}
		if sums[k] == nil {
			sums[k] = &sum{}
		}
		x := sums[k]
		x.opened++
		switch c.State {
		case rules.Watching:
			x.watching++
		case rules.Helping:
			x.helping++
		case rules.Cleared:
			x.cleared++
		case rules.Relapsed:
			x.relapsed++
		}
	}
	t := newTable("clearance", f.title("高额费用动态清零进度"), "county township monitor opened watching helping cleared relapsed cleared_rate")
	j := f.clearance(d).Judge(&d.prm.Duties.Targets)
	t.notes = append(t.notes, "化解率＝已清零÷本年进入监测。"+verdict(j))
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.township, b.township), cmp.Compare(a.monitor, b.monitor))
	})
	var rows [][]any
	for _, k := range keys {
		x := sums[k]
		rows = append(rows, []any{or(k.county, "（未填）"), or(k.township, "（未填）"), k.monitor, x.opened, x.watching, x.helping, x.cleared, x.relapsed, ratio(rules.CountRate(x.cleared, x.opened))})
	}
	t.rows = rows
	return []*table{t, f.caseTable()}
}

// verdict says how a rate stands against its target, in words.
func verdict(j rules.Judged) string {
	switch {
	case j.Value == rules.Unset:
		return "本年还没有可计算的。"
	case j.Target == rules.Unset:
		return fmt.Sprintf("全统筹区 %s，文件未定目标。", j.Value)
	}
	return fmt.Sprintf("全统筹区 %s，目标 %s，%s。", j.Value, j.Target, j.Verdict.Chinese())
}

// assessment: each target by county, and the open cases that are crossed off as
// they are done (WZ-11).
func (f *facts) assessment(d *duty, _ scope) []*table {
	targets := &d.prm.Duties.Targets
	t := newTable("assessment", f.title("分区县考核指标"), "county indicator rate target way verdict")
	cleared := map[string]*rules.Clearance{}
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year {
			county := d.home(f, c.Person).county
			if cleared[county] == nil {
				cleared[county] = &rules.Clearance{}
			}
			cleared[county].Add(&c.Case)
		}
	}
	var rows [][]any
	for _, r := range d.indicators.YearToDate(d.month, rules.ByCounty) {
		if r.Group != rules.Difficult || r.Category != rules.NoCategory {
			continue
		}
		judged := r.Judge(targets, d.reliefCounts())
		if c := cleared[r.County]; c != nil {
			judged = append(judged, c.Judge(targets))
		}
		judged = append(judged, d.enrolmentJudged(r.County)...)
		for _, j := range judged {
			rows = append(rows, append([]any{or(r.County, "（未填）")}, judgedRow(j)...))
		}
	}
	t.rows = rows

	list := newTable("crossed_off", f.title("高额负担个案清单（完成即销号）"), "county township monitor certno name opened_on burden state done done_on")
	rows = nil
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year {
			continue
		}
		done, on := "未销号", any(nil)
		if m, ok := c.ClearedBy(); ok {
			done, on = "已销号", m.Date
		}
		h := d.home(f, c.Person)
		rows = append(rows, []any{h.county, h.township, c.Name, f.id(c.Person), f.name(c.Person), c.Opened().Date, c.Burden, f.state(c), done, on})
	}
	list.rows = rows
	return []*table{t, list}
}

// feedback: people still heavily burdened after the three layers, for the
// anti-poverty monitoring platform (XJ-8).
func (f *facts) feedback(d *duty, _ scope) []*table {
	t := newTable("feedback", f.title("三重保障后负担仍重的监测对象"), "level certno name county home held opened_on gross relief burden state",
		"进入监测且尚未清零的人和家庭，供反馈同级防止返贫监测平台，联动帮扶。")
	held := map[ledger.PersonNo]string{}
	for _, r := range f.register {
		held[r.Person] = r.Held.Chinese()
	}
	var rows [][]any
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year || c.State == rules.Cleared {
			continue
		}
		rows = append(rows, []any{levelOf(c), f.id(c.Person), f.name(c.Person), d.home(f, c.Person).county, f.home(c.Person), held[c.Person], c.Opened().Date, c.Gross, c.Relief, c.Burden, f.state(c)})
	}
	t.rows = rows
	return []*table{t}
}

func levelOf(c *ledger.Case) string {
	if c.Level == ledger.LevelHousehold {
		return "家庭"
	}
	return "个人"
}

// reviewBy is the day by which a risk found in a month is to be cleared: the end
// of the next month [choice].
func reviewBy(m civil.Month) civil.Date { return m.Next().Last() }

// riskReview: the risk points of the three layers and of heavy burdens, with a
// day by which each is to be cleared (XJ-10); the people of enrolment and premiums
// are in lists of their own.
func (f *facts) riskReview(d *duty, _ scope) []*table {
	due := reviewBy(d.month)
	sum := newTable("risk_points", f.title("因病返贫致贫风险点"), "stage point count amount first fix_by",
		fmt.Sprintf("整改期限为次月末（%s）。参保和资助风险点的名单见“参保与资助”清单（doudi list premium）。大病专项救治的风险点账里没有数据，须另行研判。", due))
	list := newTable("unpaid_assistance", f.title("三重保障未落实到位的结算"), "certno name county township setl_id setl_time missing fix_by")
	rows := slices.Clone(d.unhelped)
	slices.SortFunc(rows, func(a, b unhelpedRow) int {
		return cmp.Or(d.byPerson(f, a.person, b.person), cmp.Compare(a.at, b.at), cmp.Compare(a.setl, b.setl))
	})
	var lines [][]any
	var total, heavy money.Fen
	first, firstHeavy := any(nil), any(nil)
	early := func(was any, day civil.Date) any {
		if x, ok := was.(civil.Date); ok && x <= day {
			return was
		}
		return day
	}
	for _, u := range rows {
		total += u.due
		first = early(first, u.at.Date())
		lines = append(lines, []any{f.id(u.person), f.name(u.person), d.home(f, u.person).county, d.home(f, u.person).township, u.setl, u.at, u.due, due})
	}
	list.rows = lines
	open := 0
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year && c.State != rules.Cleared {
			open++
			heavy += c.Burden
			firstHeavy = early(firstHeavy, c.Opened().Date)
		}
	}
	by := func(n int) any {
		if n == 0 {
			return nil
		}
		return due
	}
	points := append(d.enrolmentRisks(due), []any{"三重保障", "救助对象的结算应付救助多于平台已付，尚未补发", len(rows), total, first, by(len(rows))},
		[]any{"高额负担", "已进入监测，尚未清零的个人和家庭", open, heavy, firstHeavy, by(open)})
	sum.rows = points
	return []*table{sum, list}
}
