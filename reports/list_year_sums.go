package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// yearMakers are the lists that are made of the year's claims.
var yearMakers = map[string]listMaker{
	"indicators":     {needYear | needPremiums, (*facts).indicatorTables},
	"monitored_map":  {needYear, (*facts).mapTables},
	"hot_spots":      {needYear | needItems, (*facts).hotTables},
	"own_expense":    {needYear, (*facts).ownExpense},
	"hospital_share": {needYear, (*facts).hospitalShare},
	"budget":         {needYear, (*facts).budgetTables},
	"county_report":  {needYear, (*facts).countyReport},
	"special_limit":  {needYear, (*facts).specialLimit},
	"burden_caps":    {needYear, (*facts).burdenCaps},
	"clearance":      {needYear, (*facts).clearanceTables},
	"assessment":     {needYear | needPremiums, (*facts).assessment},
	"feedback":       {needYear, (*facts).feedback},
	"risk_review":    {needYear | needPremiums, (*facts).riskReview},
}

// reliefCounts: whether help outside the layers counts as protection (semantics
// §10) [choice].
func (d *duty) reliefCounts() bool { return !d.prm.Duties.Targets.WithoutRelief }

// ratio is a rate as a cell; nothing where there is nothing to measure.
func ratio(r money.Ratio) any {
	if r == rules.Unset {
		return nil
	}
	return r
}

// yuanOr is an amount as a cell; nothing where it is not set.
func yuanOr(f money.Fen) any {
	if f == rules.Unset {
		return nil
	}
	return f
}

func everybody(c rules.Category) string {
	if c == rules.NoCategory {
		return "全部困难群众"
	}
	return c.Chinese()
}

func or(s, blank string) string { return cmp.Or(s, blank) }

// title is what stands above a list.
func (f *facts) title(what string) string {
	return fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, what)
}

// indicatorTables: the year to date against the pack's targets (HZ-1, WZ-1).
func (f *facts) indicatorTables(d *duty, _ scope) []*table {
	targets := &d.prm.Duties.Targets
	sum := newTable("indicators", f.title("保障指标与目标（年初至今）"), "indicator rate target way verdict",
		"综合保障率＝（各层支付＋其他补助＋医院承担＋帮扶）÷医疗总费用；个人负担率为其余部分，两者合计100%。人数为年内有结算的人。")
	var all, young, before rules.Totals
	rows := d.indicators.YearToDate(d.month, rules.ByArea)
	for _, r := range rows {
		switch {
		case r.Group == rules.Difficult && r.Category == rules.NoCategory:
			all = all.Plus(r.Totals)
		case r.Group != rules.Difficult:
			young = young.Plus(r.Totals)
		}
	}
	for _, r := range d.indicators.YearToDate(d.month.Add(-12), rules.ByArea) {
		if r.Group != rules.Difficult {
			before = before.Plus(r.Totals)
		}
	}
	judged := all.Judge(targets, d.reliefCounts())
	if targets.ElderAge > 0 || targets.ChildAge > 0 {
		judged = append(judged, rules.JudgeElderChild(young, before, targets, d.reliefCounts())...)
	}
	judged = append(judged, f.clearance(d).Judge(targets))
	judged = append(judged, d.enrolmentJudged("")...)
	var lines [][]any
	for _, j := range judged {
		lines = append(lines, judgedRow(j))
	}
	sum.rows = lines

	detail := newTable("indicator_detail", f.title("保障指标明细（年初至今）"), "county township group class people claims total in_scope paid relief self protection self_pay each",
		"按区县、乡镇、身份分列；有几种身份的费用在每种身份下各计一次，“全部困难群众”只计一次。")
	var cells [][]any
	for _, level := range []rules.Level{rules.ByArea, rules.ByCounty, rules.ByTownship} {
		for _, r := range d.indicators.YearToDate(d.month, level) {
			county, town := "全统筹区", "合计"
			if level >= rules.ByCounty {
				county = or(r.County, "（未填）")
			}
			if level == rules.ByTownship {
				town = or(r.Township, "（未填）")
			}
			who := everybody(r.Category)
			if r.Group != rules.Difficult {
				who = "全部"
			}
			x := r.Rates(d.reliefCounts())
			cells = append(cells, []any{county, town, r.Group.Chinese(), who, int(r.People), int(r.Claims), r.Total, r.InScope, r.Paid, r.Relief, r.Person,
				ratio(x.Protection), ratio(x.SelfPay), yuanOr(x.PerPerson)})
		}
	}
	detail.rows = cells
	return []*table{sum, detail, f.indicatorMonths(d)}
}

// indicatorMonths: how the year to date stood at the end of each month.
func (f *facts) indicatorMonths(d *duty) *table {
	t := newTable("indicator_months", f.title("全部困难群众各月末累计指标"), "until people total self protection self_pay each")
	var rows [][]any
	for m := civil.Month(d.year*100 + 1); m <= d.month; m++ {
		for _, r := range d.indicators.YearToDate(m, rules.ByArea) {
			if r.Group == rules.Difficult && r.Category == rules.NoCategory {
				x := r.Rates(d.reliefCounts())
				rows = append(rows, []any{m.String(), int(r.People), r.Total, r.Person, ratio(x.Protection), ratio(x.SelfPay), yuanOr(x.PerPerson)})
			}
		}
	}
	t.rows = rows
	return t
}

func judgedRow(j rules.Judged) []any {
	way := "不低于"
	if j.Indicator.AtMost() {
		way = "不高于"
	}
	if j.Target == rules.Unset {
		way = ""
	}
	return []any{j.Indicator.Chinese(), ratio(j.Value), ratio(j.Target), way, j.Verdict.Chinese()}
}

// clearance counts the year's cases of people.
func (f *facts) clearance(d *duty) rules.Clearance {
	var x rules.Clearance
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year && !c.Gone {
			x.Add(&c.Case)
		}
	}
	return x
}

// hotTables: what the monitored are treated for, where, and where they live
// (HZ-15).
func (f *facts) hotTables(d *duty, _ scope) []*table {
	names := map[string]string{}
	for _, x := range f.disease {
		names[rules.Fold(x.Name)] = x.Name
	}
	for _, h := range f.hospital {
		names[h.Code] = h.Name
	}
	var tables []*table
	for kind, x := range []struct{ key, what string }{{"hot_diseases", "病种"}, {"hot_hospitals", "医疗机构"}, {"hot_townships", "乡镇"}} {
		t := newTable(x.key, f.title("监测人员高频高额"+x.what), "what people claims often last_month this_month trend total rank self",
			"只统计本年进入过监测的人；频次按结算笔数排名，金额按总费用排名，列出任一项在前50名的；增减为本月笔数与上月之差。")
		for _, h := range rankHot(d.hot, hotKind(kind)) {
			row := append([]any{or(names[h.name], h.name), h.people, h.claims, h.often}, moved(int(d.month)%100, h.before, h.now)...)
			t.rows = append(t.rows, append(row, h.total, h.rank, h.self))
		}
		tables = append(tables, t)
	}
	return append(tables, f.hotItems(d))
}

// ranked is how many of each ranking are shown.
const ranked = 50

// hotRank is one of the most frequent or the most costly.
type hotRank struct {
	name string
	*hotSum
	often, rank int
}

func rankHot(hot map[hotKey]*hotSum, kind hotKind) (out []hotRank) {
	var keys []hotKey
	for k := range hot {
		if k.kind == kind {
			keys = append(keys, k)
		}
	}
	often, rank := map[hotKey]int{}, map[hotKey]int{}
	slices.SortFunc(keys, func(a, b hotKey) int {
		return cmp.Or(cmp.Compare(hot[b].claims, hot[a].claims), cmp.Compare(a.name, b.name))
	})
	for i, k := range keys {
		often[k] = i + 1
	}
	slices.SortFunc(keys, func(a, b hotKey) int {
		return cmp.Or(cmp.Compare(hot[b].total, hot[a].total), cmp.Compare(a.name, b.name))
	})
	for i, k := range keys {
		rank[k] = i + 1
	}
	for _, k := range keys {
		if often[k] <= ranked || rank[k] <= ranked {
			out = append(out, hotRank{k.name, hot[k], often[k], rank[k]})
		}
	}
	return out
}

// mapTables: monitored people by township, with how it moves (HZ-15, WZ-6).
func (f *facts) mapTables(d *duty, _ scope) []*table {
	type town struct{ listed, opened, helping, cleared, relapsed, thisMonth, lastMonth int }
	towns := map[homeOf]*town{}
	at := func(h homeOf) *town {
		if towns[h] == nil {
			towns[h] = &town{}
		}
		return towns[h]
	}
	for _, r := range f.register {
		at(d.home(f, r.Person)).listed++
	}
	last := d.month.Add(-1)
	for i := range f.cases {
		c := &f.cases[i]
		if c.Year != d.year {
			continue
		}
		x := at(d.home(f, c.Person))
		x.opened++
		switch c.State {
		case rules.Helping:
			x.helping++
		case rules.Cleared:
			x.cleared++
		case rules.Relapsed:
			x.relapsed++
		}
		switch c.Opened().Date.Month() {
		case d.month:
			x.thisMonth++
		case last:
			x.lastMonth++
		}
	}
	t := newTable("monitored_map", f.title("监测人员按乡镇分布"), "county township listed opened share helping cleared relapsed last_month this_month trend",
		"监测数为本年进入监测的人次（含家庭），占比为监测数与在册困难人员之比；趋势为本月新增与上月新增之差。")
	keys := slices.SortedFunc(maps.Keys(towns), func(a, b homeOf) int {
		return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.township, b.township))
	})
	var rows [][]any
	for _, k := range keys {
		x := towns[k]
		rows = append(rows, []any{or(k.county, "（未填）"), or(k.township, "（未填）"), x.listed, x.opened, ratio(rules.Ratio(int64(x.opened), int64(x.listed))), x.helping, x.cleared, x.relapsed, x.lastMonth, x.thisMonth, x.thisMonth - x.lastMonth})
	}
	t.rows = rows
	return []*table{t}
}

// ownExpense: the share of out-of-scope fees by hospital, by month and against
// the others (HZ-17).
func (f *facts) ownExpense(d *duty, _ scope) []*table {
	years, all, byLevel := d.hospitalYears()
	t := newTable("own_expense", f.title("救助对象住院自费（范围外）费用占比"), "org org_level stays total out_of_scope share same_level all_levels above",
		"占比＝范围外费用÷总费用，按占比从高到低排；高出同级为与同级医院平均占比之差。")
	for m := civil.Month(d.year*100 + 1); m <= d.month; m++ {
		t.column(fmt.Sprintf("month.%02d", int(m)%100), fmt.Sprintf("%d月", int(m)%100))
	}
	share := func(x *ownSum) money.Ratio { return rules.Ratio(int64(x.out), int64(x.total)) }
	slices.SortFunc(years, func(a, b *hospitalYear) int {
		return cmp.Or(cmp.Compare(share(&b.ownSum), share(&a.ownSum)), cmp.Compare(a.code, b.code))
	})
	var rows [][]any
	for _, h := range years {
		level := share(byLevel[h.level])
		row := []any{f.hospitalName(h.code, h.name), levelName(h.level), h.stays, h.total, h.out, ratio(share(&h.ownSum)), ratio(level), ratio(share(all)),
			share(&h.ownSum) - level}
		for m := civil.Month(d.year*100 + 1); m <= d.month; m++ {
			var cell any
			if x := d.own[ownKey{h.code, m}]; x != nil {
				cell = ratio(share(x))
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	t.rows = rows
	return []*table{t}
}

// hospitalYear sums a hospital's months.
type hospitalYear struct {
	code string
	ownSum
}

func (x *ownSum) plus(o *ownSum) {
	x.stays += o.stays
	x.over += o.over
	x.total += o.total
	x.out += o.out
	x.allowed += o.allowed
	x.borne += o.borne
	x.recorded += o.recorded
}

func (d *duty) hospitalYears() (years []*hospitalYear, all *ownSum, byLevel map[uint8]*ownSum) {
	by := map[string]*hospitalYear{}
	all, byLevel = &ownSum{}, map[uint8]*ownSum{}
	for k, x := range d.own {
		if k.month.Year() != d.year {
			continue
		}
		h := by[k.hospital]
		if h == nil {
			h = &hospitalYear{code: k.hospital, ownSum: ownSum{name: x.name, level: x.level}}
			by[k.hospital] = h
		}
		h.name, h.level = min(h.name, x.name), max(h.level, x.level)
		h.plus(x)
		all.plus(x)
	}
	for _, h := range by {
		if byLevel[h.level] == nil {
			byLevel[h.level] = &ownSum{}
		}
		byLevel[h.level].plus(&h.ownSum)
		years = append(years, h)
	}
	slices.SortFunc(years, func(a, b *hospitalYear) int { return cmp.Compare(a.code, b.code) })
	return years, all, byLevel
}

func levelName(l uint8) string { return []string{"", "一级", "二级", "三级"}[min(l, 3)] }

// hospitalName is a hospital's name as the platform writes it.
func (f *facts) hospitalName(code, folded string) string {
	for _, h := range f.hospital {
		if h.Code == code && h.Name != "" {
			return h.Name
		}
	}
	return or(folded, code)
}

// hospitalShare: what hospitals bear of the fees out of scope (KF-12).
func (f *facts) hospitalShare(d *duty, _ scope) []*table {
	years, _, _ := d.hospitalYears()
	t := newTable("hospital_share", f.title("超出上限的范围外费用由医院承担（年初至今）"), "org_code org org_level stays over total out_of_scope allowed borne recorded owing",
		"逐次住院比较，允许额为各次总费用乘以该级别上限之和；应补承担＝应由医院承担减去平台已记的医院承担。")
	if !d.prm.HospitalOn {
		t.notes = append(t.notes, "未配置范围外费用占比上限（hospital.out_of_scope），故没有应由医院承担的金额。")
	}
	var rows [][]any
	for _, h := range years {
		rows = append(rows, []any{h.code, f.hospitalName(h.code, h.name), levelName(h.level), h.stays, h.over, h.total, h.out, h.allowed, h.borne, h.recorded, h.borne - h.recorded})
	}
	t.rows = rows
	return []*table{t}
}

// budgetTables: the assistance fund's use by month against the budget, and what
// the year is expected to come to (KF-14).
func (f *facts) budgetTables(d *duty, _ scope) []*table {
	x := f.forecast(d)
	t := newTable("budget", f.title("医疗救助基金按月应付、预算执行和全年预测"), "month kind due to_date budget share", "按结算月计各层应付的救助（医疗救助、倾斜、特殊），不论是否已拨付。", x.Text)
	var rows [][]any
	for _, m := range x.Months {
		kind := "预测"
		if m.OnRecord {
			kind = "已发生"
		}
		var share any
		if x.Budget != rules.Unset && x.Budget > 0 {
			share = ratio(rules.Ratio(int64(m.ToDate), int64(x.Budget)))
		}
		rows = append(rows, []any{m.Month.String(), kind, m.Use, m.ToDate, yuanOr(x.Budget), share})
	}
	t.rows = rows
	sum := newTable("forecast", f.title("医疗救助基金全年预测"), "line amount share why")
	of := func(v money.Fen) any {
		if x.Budget == rules.Unset || x.Budget == 0 || v == rules.Unset {
			return nil
		}
		return ratio(rules.Ratio(int64(v), int64(x.Budget)))
	}
	used := "本年不会用完"
	if x.UsedUp != 0 {
		used = "预计 " + x.UsedUp.String() + " 用完"
	}
	if x.Budget == rules.Unset {
		used = "预算未配置（budget.assistance）"
	}
	sum.rows = [][]any{
		{"已发生应付", x.Used, of(x.Used), ""},
		{"预测全年", yuanOr(x.Point), of(x.Point), x.Method.Chinese()},
		{"区间下限", yuanOr(x.Low), of(x.Low), ""},
		{"区间上限", yuanOr(x.High), of(x.High), ""},
		{"全年预算", yuanOr(x.Budget), nil, used},
	}
	return []*table{sum, t}
}

func (f *facts) forecast(d *duty) rules.ForecastResult {
	var used []rules.MonthUse
	for m, v := range d.fund {
		used = append(used, rules.MonthUse{Month: m, Use: v})
	}
	slices.SortFunc(used, func(a, b rules.MonthUse) int { return cmp.Compare(a.Month, b.Month) })
	return rules.Forecast(used, d.month, d.prm.Duties.Budget)
}

// countyReport: by county and class, the figures that go up on schedule (SY-12).
func (f *facts) countyReport(d *duty, _ scope) []*table {
	t := newTable("county_report", f.title("分区县调度报表（年初至今）"), "county class people claims total basic other major assist tilt special supplement hospital self protection",
		"人数为月末在册；费用为年初至今在册期间的结算。有几种身份的在每种下各计一次，“全部困难群众”只计一次。")
	keys := slices.SortedFunc(maps.Keys(d.classes), func(a, b classKey) int {
		return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.category, b.category))
	})
	var rows [][]any
	for _, k := range keys {
		x := d.classes[k]
		rows = append(rows, []any{or(k.county, "（未填）"), everybody(k.category), x.people, x.claims, x.total, x.basic, x.other, x.major, x.assist, x.tilt, x.special, x.supplement, x.hosp, x.self,
			ratio(rules.Ratio(int64(x.total-x.self), int64(x.total)))})
	}
	t.rows = rows
	return []*table{t}
}
