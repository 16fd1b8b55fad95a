package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// What charts draw: how the year went, month by month, and where it stands.

// trendPart reads the months of the year as each month's own run knew them.
var trendPart = part{needTrend, readTrend}

// trendMonth is the year to date at a month's end, as its last run knew it.
type trendMonth struct {
	month civil.Month
	run   int
	rules.Clearance
	due, toDate money.Fen // of the assistance fund
}

// trendFacts are the months in their order; a month without a run is not there.
type trendFacts struct{ trend []trendMonth }

// readTrend goes back over the runs on record: of each month of the year the last
// before this run. A month that was run by this run is as this run knows it, so
// that a past run's page says what was known then.
func readTrend(ctx context.Context, s Source, f *facts, d *duty) error {
	seen := map[civil.Month]bool{}
	for run := f.run; run.No > 0; {
		in := slices.ContainsFunc(run.Areas, func(a ledger.RunArea) bool { return a.Area == f.area.Code })
		if m := run.Month; in && m.Year() == d.year && m <= d.month && !seen[m] {
			seen[m] = true
			x, err := trendOf(ctx, s, f, run)
			if err != nil {
				return err
			}
			d.trend = append(d.trend, x)
		}
		prev, err := jobs.PreviousOf(ctx, s, run, f.area.Code)
		if err != nil {
			return err
		}
		if prev.No >= run.No {
			break // the first
		}
		run = prev
	}
	slices.SortFunc(d.trend, func(a, b trendMonth) int { return cmp.Compare(a.month, b.month) })
	return nil
}

func trendOf(ctx context.Context, s Source, f *facts, run ledger.Run) (trendMonth, error) {
	x := trendMonth{month: run.Month, run: run.No}
	cases, months := f.cases, f.months
	if run.No != f.run.No {
		var err error
		if cases, err = s.Cases(ctx, f.area.Code, run.Month.Year(), run.No); err != nil {
			return x, err
		}
		sums, err := s.YearSums(ctx, f.area.Code, run.Month.Year(), run.No)
		if err != nil {
			return x, err
		}
		months = sums.Months
	}
	for i := range cases {
		if c := &cases[i]; c.Year == run.Month.Year() && c.Opened().Date.Month() <= run.Month {
			x.Add(&c.Case)
		}
	}
	for _, m := range months {
		if m.Month > run.Month {
			continue
		}
		x.toDate += m.Assist + m.Tilt + m.Special
		if m.Month == run.Month {
			x.due = m.Assist + m.Tilt + m.Special
		}
	}
	return x, nil
}

// monthTrend: 化解率 against its target, and the use of the assistance fund against
// the budget.
func (f *facts) monthTrend(d *duty) *table {
	target, budget := money.Ratio(rules.Unset), money.Fen(rules.Unset)
	if d.prm != nil {
		target, budget = d.prm.Duties.Targets.Cleared, d.prm.Duties.Budget
	}
	t := newTable("month_trend", f.title("各月走势（年初至今）"), "until run_no opened cleared open cleared_rate full due to_date pace budget",
		"每月按当月最后一次运行当时所知，没有运行的月份不列；全统筹区合计。救助为医疗救助、倾斜救助、特殊救助。")
	if target == rules.Unset {
		target = money.One
		t.notes = append(t.notes, "文件没有规定化解率的目标，以100%为参照。")
	}
	if budget == rules.Unset {
		t.notes = append(t.notes, "全年预算未配置（budget.assistance），故没有预算进度。")
	}
	for _, x := range d.trend {
		var pace any
		if budget != rules.Unset {
			pace = budget * money.Fen(int64(x.month)%100) / 12
		}
		t.rows = append(t.rows, []any{x.month.String(), x.run, x.Opened, x.Cleared, x.Opened - x.Cleared, ratio(rules.CountRate(x.Cleared, x.Opened)), target,
			x.due, x.toDate, pace, yuanOr(budget)})
	}
	return t
}

// townshipMonths: where the monitored live, by the month in which they came, the
// most on top (HZ-15, WZ-6).
func (f *facts) townshipMonths(d *duty) *table {
	t := newTable("township_months", f.title("监测对象按乡镇和月份（热力）"), "county township listed opened open cleared_rate last_month this_month trend",
		"按本年监测从多到少排；颜色越深越多。监测对象为个人和家庭，按列入监测的日期归入月份。")
	n := int(d.month) % 100
	for m := 1; m <= n; m++ {
		t.column(fmt.Sprintf("month.%02d", m), fmt.Sprintf("%d月", m))
	}
	type town struct {
		homeOf
		listed int
		rules.Clearance
		months [13]int
	}
	towns := map[homeOf]*town{}
	var order []*town
	at := func(p ledger.PersonNo) *town {
		h := d.home(f, p)
		if towns[h] == nil {
			towns[h] = &town{homeOf: h}
			order = append(order, towns[h])
		}
		return towns[h]
	}
	for _, r := range f.register {
		at(r.Person).listed++
	}
	for i := range f.cases {
		c := &f.cases[i]
		if m := c.Opened().Date.Month(); c.Year == d.year && m <= d.month {
			x := at(c.Person)
			x.Add(&c.Case)
			x.months[int(m)%100]++
		}
	}
	slices.SortFunc(order, func(a, b *town) int {
		return cmp.Or(cmp.Compare(b.Opened, a.Opened), cmp.Compare(a.county, b.county), cmp.Compare(a.township, b.township))
	})
	for _, x := range order {
		row := []any{or(x.county, "（未填）"), or(x.township, "（未填）"), x.listed, x.Opened, x.Opened - x.Cleared, ratio(rules.CountRate(x.Cleared, x.Opened))}
		row = append(row, moved(n, x.months[n-1], x.months[n])...)
		for m := 1; m <= n; m++ {
			row = append(row, x.months[m])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// moved are last month's number, this month's and how it moved; in January there
// is no month of the year to compare with.
func moved(month, last, this int) []any {
	if month == 1 {
		return []any{nil, this, nil}
	}
	return []any{last, this, this - last}
}

// burdenClasses: what people bear before and after assistance, by class; everyone
// once in the last row.
func (f *facts) burdenClasses(d *duty) *table {
	t := newTable("burden_classes", f.title("各类困难群众的费用和负担（年初至今）"), "class people claims total before self protection",
		"有几种身份的人在每一种里各计一次，“全部困难群众”只计一次。费用为在册期间的结算，从多到少排。")
	sums := map[rules.Category]*classSum{}
	for k, x := range d.classes {
		y := sums[k.category]
		if y == nil {
			y = &classSum{}
			sums[k.category] = y
		}
		y.people += x.people
		y.claims += x.claims
		y.total += x.total
		y.basic += x.basic + x.other + x.major
		y.self += x.self
	}
	order := slices.DeleteFunc(rules.Categories(), func(c rules.Category) bool { return sums[c] == nil })
	slices.SortStableFunc(order, func(a, b rules.Category) int { return cmp.Compare(sums[b].total, sums[a].total) })
	for _, c := range append(order, rules.NoCategory) {
		if x := sums[c]; x != nil {
			t.rows = append(t.rows, []any{everybody(c), x.people, x.claims, x.total, x.total - x.basic, x.self, ratio(rules.Ratio(int64(x.total-x.self), int64(x.total)))})
		}
	}
	return t
}

// hospitalRank: where assisted people were in hospital, the costliest first.
func (f *facts) hospitalRank() *table {
	t := newTable("hospital_rank", fmt.Sprintf("%s %d年 救助对象住院的医疗机构（按费用）", f.area.Name, f.run.Month.Year()), "org org_level stays total out_of_scope share")
	for _, h := range f.hospital {
		t.rows = append(t.rows, []any{or(h.Name, h.Code), levelName(h.Level), h.Stays, h.Total, h.OutOfScope, ratio(rules.Ratio(int64(h.OutOfScope), int64(h.Total)))})
	}
	return t
}

// monthSums are the month's figures without anybody's name.
func (f *facts) monthSums() *table {
	t := newTable("month_sums", f.title("本月资金和重算"), "line people items amount", "补发、追回为本月的方案，经复核过账后支付。")
	type sum struct {
		people map[ledger.PersonNo]bool
		items  int
		amount money.Fen
	}
	names := []string{"补发", "追回", "应由医院承担"}
	sums := map[string]*sum{}
	for _, n := range names {
		sums[n] = &sum{people: map[ledger.PersonNo]bool{}}
	}
	for i := range f.props {
		p := &f.props[i]
		n := p.Kind()
		if p.Fund == rules.FundHospital && p.Amount > 0 {
			n = "应由医院承担"
		}
		x := sums[n]
		x.people[p.Person] = true
		x.items++
		x.amount += p.Amount
	}
	for _, n := range names {
		t.rows = append(t.rows, []any{n, len(sums[n].people), sums[n].items, sums[n].amount})
	}
	t.rows = append(t.rows, []any{"本次重算", f.sum.Touched, nil, nil}, []any{"全部人员", f.sum.People, nil, nil})
	return t
}
