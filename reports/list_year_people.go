package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// specialLimit: claims still cut at the old limit of special-disease care (WZ-2).
func (f *facts) specialLimit(d *duty, s sight) []workbook.Table {
	t := workbook.Table{Sheet: "门诊特病旧限额", Title: f.title("门诊特病仍按旧限额结算的费用"),
		Notes: []string{"年内门诊特病的基本医保支付恰好停在旧限额的结算。已配置住院比例（special_outpatient.ratio）的给出应补金额，未配置的只列出，须由经办人按住院政策核定。"},
		Columns: []workbook.Column{{Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "区县"}, {Title: "乡镇"}, {Title: "结算ID", Width: 18}, {Title: "结算时间", Kind: workbook.Moment}, {Title: "险种"},
			{Title: "旧限额", Kind: workbook.Money}, {Title: "此前已付", Kind: workbook.Money}, {Title: "本笔已付", Kind: workbook.Money}, {Title: "本笔应付", Kind: workbook.Money}, {Title: "应补", Kind: workbook.Money, Total: true}, {Title: "算式或说明", Width: 44}}}
	cuts := slices.Clone(d.cuts)
	slices.SortFunc(cuts, func(a, b cutRow) int {
		return cmp.Or(d.byPerson(f, a.person, b.person), cmp.Compare(a.at, b.at), cmp.Compare(a.ID, b.ID))
	})
	var rows [][]any
	for _, c := range cuts {
		if !s.shows(c.person) {
			continue
		}
		why := c.Formula
		switch {
		case c.Unsure:
			why = "险种未填，或只凭合计无法断定，请核对"
		case !c.Exact:
			why = "住院比例未配置，应补金额待核定"
		}
		rows = append(rows, []any{f.id(s, c.person), f.name(s, c.person), d.homes2[c.person].county, d.homes2[c.person].township, c.ID, c.at, c.Insurance.Chinese(),
			c.Limit, c.Before, c.Basic, yuanOr(c.Should), yuanOr(c.Missing), why})
	}
	t.Rows = rowsOf(rows)
	return []workbook.Table{t}
}

// burdenCaps measures the year's burden of people and households against the
// lines above which nobody should bear (HZ-14, WZ-8): a measured figure, no
// entitlement.
func (f *facts) burdenCaps(d *duty, s sight) []workbook.Table {
	sum := workbook.Table{Sheet: "负担封顶测算", Title: f.title("个人和家庭年度负担与封顶线"),
		Notes: []string{"负担为各层保障和帮扶之后由个人承担的医疗费用，年初至今。封顶线由地方确定，只作测算，不据此支付。"},
		Columns: []workbook.Column{{Title: "对象", Width: 10}, {Title: "封顶线", Kind: workbook.Money}, {Title: "有费用的", Kind: workbook.Count}, {Title: "超过封顶线的", Kind: workbook.Count},
			{Title: "其负担合计", Kind: workbook.Money}, {Title: "超过部分合计", Kind: workbook.Money}, {Title: "最高负担", Kind: workbook.Money}, {Title: "说明", Width: 34}}}
	list := workbook.Table{Sheet: "超封顶线名单", Title: f.title("年度负担超过封顶线的个人和家庭"),
		Columns: []workbook.Column{{Title: "对象", Width: 8}, {Title: "身份证号（家庭为户主）", Width: 24}, {Title: "姓名"}, {Title: "区县"}, {Title: "乡镇"}, {Title: "负担", Kind: workbook.Money}, {Title: "封顶线", Kind: workbook.Money}, {Title: "超过", Kind: workbook.Money, Total: true}}}
	persons := rules.OverLine{Line: d.prm.Duties.PersonBurden}
	houses := rules.OverLine{Line: d.prm.Duties.HouseholdBurden}
	type over struct {
		house bool
		who   ledger.PersonNo
		v     money.Fen
	}
	var found []over
	for _, b := range d.burdens {
		if persons.Add(b.burden) {
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
		if !s.shows(x.who) {
			continue
		}
		what, line := "个人", persons.Line
		if x.house {
			what, line = "家庭", houses.Line
		}
		rows = append(rows, []any{what, f.id(s, x.who), f.name(s, x.who), d.homes2[x.who].county, d.homes2[x.who].township, x.v, line, x.v - line})
	}
	list.Rows = rowsOf(rows)
	line := func(what, param string, o rules.OverLine) []any {
		if o.Line == rules.Unset {
			return []any{what, nil, nil, nil, nil, nil, nil, "封顶线未配置（" + param + "），不作测算"}
		}
		return []any{what, o.Line, o.Of, o.Count, o.Burden, o.Above, o.Most, ""}
	}
	sum.Rows = rowsOf([][]any{line("个人", "burden.person", persons), line("家庭", "burden.household", houses)})
	return []workbook.Table{sum, list}
}

// clearanceTables: the year's cases, one by one, and the rate cleared (HZ-14, WZ-7,
// XJ-4).
func (f *facts) clearanceTables(d *duty, s sight) []workbook.Table {
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
		h := d.homes2[c.Person]
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
	t := workbook.Table{Sheet: "清零进度", Title: f.title("高额费用动态清零进度"),
		Columns: []workbook.Column{{Title: "区县"}, {Title: "乡镇", Width: 16}, {Title: "监测线", Width: 24}, {Title: "监测", Kind: workbook.Count, Total: true}, {Title: "待帮扶", Kind: workbook.Count, Total: true},
			{Title: "帮扶中", Kind: workbook.Count, Total: true}, {Title: "已清零", Kind: workbook.Count, Total: true}, {Title: "复发", Kind: workbook.Count, Total: true}, {Title: "化解率", Kind: workbook.Ratio}}}
	j := f.clearance(d).Judge(&d.prm.Duties.Targets)
	t.Notes = append(t.Notes, "化解率＝已清零÷本年进入监测。"+verdict(j))
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.township, b.township), cmp.Compare(a.monitor, b.monitor))
	})
	var rows [][]any
	for _, k := range keys {
		x := sums[k]
		rows = append(rows, []any{or(k.county, "（未填）"), or(k.township, "（未填）"), k.monitor, x.opened, x.watching, x.helping, x.cleared, x.relapsed, ratio(rules.CountRate(x.cleared, x.opened))})
	}
	t.Rows = rowsOf(rows)
	return []workbook.Table{t, f.caseTable(s, "监测清零", nil)}
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
func (f *facts) assessment(d *duty, s sight) []workbook.Table {
	targets := &d.prm.Duties.Targets
	t := workbook.Table{Sheet: "考核指标", Title: f.title("分区县考核指标"),
		Columns: []workbook.Column{{Title: "区县", Width: 14}, {Title: "指标", Width: 26}, {Title: "数值", Kind: workbook.Ratio}, {Title: "目标", Kind: workbook.Ratio}, {Title: "方向", Width: 8}, {Title: "结果", Width: 10}}}
	cleared := map[string]*rules.Clearance{}
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year {
			county := d.homes2[c.Person].county
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
	t.Rows = rowsOf(rows)

	list := workbook.Table{Sheet: "销号清单", Title: f.title("高额负担个案清单（完成即销号）"),
		Columns: []workbook.Column{{Title: "区县"}, {Title: "乡镇"}, {Title: "监测线", Width: 24}, {Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "监测日期", Kind: workbook.Date},
			{Title: "现负担", Kind: workbook.Money}, {Title: "状态"}, {Title: "销号", Width: 10}, {Title: "销号日期", Kind: workbook.Date}}}
	rows = nil
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year || !s.shows(c.Person) {
			continue
		}
		done, on := "未销号", any(nil)
		if m, ok := c.ClearedBy(); ok {
			done, on = "已销号", m.Date
		}
		h := d.homes2[c.Person]
		rows = append(rows, []any{h.county, h.township, c.Name, f.id(s, c.Person), f.name(s, c.Person), c.Opened().Date, c.Burden, f.state(c), done, on})
	}
	list.Rows = rowsOf(rows)
	return []workbook.Table{t, list}
}

// feedback: people still heavily burdened after the three layers, for the
// anti-poverty monitoring platform (XJ-8).
func (f *facts) feedback(d *duty, s sight) []workbook.Table {
	t := workbook.Table{Sheet: "负担仍重反馈", Title: f.title("三重保障后负担仍重的监测对象"),
		Notes: []string{"进入监测且尚未清零的人和家庭，供反馈同级防止返贫监测平台，联动帮扶。"},
		Columns: []workbook.Column{{Title: "对象", Width: 8}, {Title: "身份证号（家庭为户主）", Width: 24}, {Title: "姓名"}, {Title: "区县"}, {Title: "乡镇村", Width: 20}, {Title: "现有身份", Width: 22},
			{Title: "监测日期", Kind: workbook.Date}, {Title: "保障后负担", Kind: workbook.Money, Total: true}, {Title: "已有帮扶", Kind: workbook.Money, Total: true}, {Title: "现负担", Kind: workbook.Money, Total: true}, {Title: "状态"}}}
	held := map[ledger.PersonNo]string{}
	for _, r := range f.register {
		held[r.Person] = r.Held.Chinese()
	}
	var rows [][]any
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year || c.State == rules.Cleared || !s.shows(c.Person) {
			continue
		}
		rows = append(rows, []any{levelOf(c), f.id(s, c.Person), f.name(s, c.Person), d.homes2[c.Person].county, f.home(c.Person), held[c.Person], c.Opened().Date, c.Gross, c.Relief, c.Burden, f.state(c)})
	}
	t.Rows = rowsOf(rows)
	return []workbook.Table{t}
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
func (f *facts) riskReview(d *duty, s sight) []workbook.Table {
	due := reviewBy(d.month)
	sum := workbook.Table{Sheet: "风险排查", Title: f.title("因病返贫致贫风险点"),
		Notes:   []string{fmt.Sprintf("整改期限为次月末（%s）。参保和资助风险点的名单见“参保与资助”清单（doudi list premium）。大病专项救治的风险点账里没有数据，须另行研判。", due)},
		Columns: []workbook.Column{{Title: "环节", Width: 14}, {Title: "风险点", Width: 40}, {Title: "人次", Kind: workbook.Count}, {Title: "金额", Kind: workbook.Money}, {Title: "最早发生", Kind: workbook.Date}, {Title: "整改期限", Kind: workbook.Date}}}
	list := workbook.Table{Sheet: "待补发明细", Title: f.title("三重保障未落实到位的结算"),
		Columns: []workbook.Column{{Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "区县"}, {Title: "乡镇"}, {Title: "结算ID", Width: 18}, {Title: "结算时间", Kind: workbook.Moment}, {Title: "待补发救助", Kind: workbook.Money, Total: true}, {Title: "整改期限", Kind: workbook.Date}}}
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
		if !s.shows(u.person) {
			continue
		}
		lines = append(lines, []any{f.id(s, u.person), f.name(s, u.person), d.homes2[u.person].county, d.homes2[u.person].township, u.setl, u.at, u.due, due})
	}
	list.Rows = rowsOf(lines)
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
	sum.Rows = rowsOf(points)
	return []workbook.Table{sum, list}
}
