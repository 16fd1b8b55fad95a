package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// maternityMakers are the lists of the maternity insurance.
var maternityMakers = map[string]listMaker{
	"maternity":          {needMaternity, (*facts).maternityTables},
	"flexible_maternity": {needMaternity, (*facts).flexibleMaternity},
}

var maternityPart = part{needMaternity, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.readMaternity(ctx, s, f) }}

// maternityFacts is what the lists of the maternity insurance are made of.
type maternityFacts struct {
	births []birthRow // by county, township, ID and date
	early  int        // births on days on which no policy has such a rule
	gaps   []gapRow   // by county, township, ID and month
	months int        // contributions of flexible workers that were looked at
}

// birthRow is a birth with what is due on it, and what was by the run of the
// month before.
type birthRow struct {
	person ledger.PersonNo
	rules.AllowanceReview
	before money.Fen // payable then
	twice  bool      // another row gives other days for the same birth; the later one counts
}

type gapRow struct {
	person ledger.PersonNo
	rules.ContributionGap
}

// flexibleMonths is how far back contributions are looked at: so many months up
// to and with that of the run.
const flexibleMonths = 12

func (d *duty) readMaternity(ctx context.Context, s Source, f *facts) error {
	d.maternityFacts = maternityFacts{}
	all := map[ledger.PersonNo][]ledger.Contribution{}
	if err := s.Contributions(ctx, f.area.Code, f.run.Seen, func(x *ledger.Contribution) error {
		all[x.Person] = append(all[x.Person], *x)
		return nil
	}); err != nil {
		return err
	}
	var births []ledger.Birth
	if err := s.Births(ctx, f.area.Code, f.run.Seen, func(x *ledger.Birth) error {
		if x.Date <= f.asOf {
			births = append(births, *x)
		}
		return nil
	}); err != nil {
		return err
	}
	var people []ledger.PersonNo
	for i := 0; i < len(births); {
		j := i + 1
		for ; j < len(births) && births[j].Person == births[i].Person && births[j].Date == births[i].Date; j++ {
		}
		d.birth(f, births[i:j], all[births[i].Person])
		people = append(people, births[i].Person)
		i = j
	}
	from := d.month.Add(1 - flexibleMonths)
	for p, cs := range all {
		var recent []rules.Contribution
		for i := range cs {
			if cs[i].Flexible && cs[i].Month >= from && cs[i].Month <= d.month {
				recent = append(recent, contributionOf(&cs[i]))
			}
		}
		d.months += len(recent)
		for _, g := range f.area.Policy.CheckContributions(recent) {
			d.gaps = append(d.gaps, gapRow{p, g})
			people = append(people, p)
		}
	}
	if err := f.locate(ctx, s, people); err != nil {
		return err
	}
	slices.SortFunc(d.births, func(a, b birthRow) int {
		if c := f.whereThenID(a.person, b.person); c != 0 {
			return c
		}
		return int(a.Birth.Date - b.Birth.Date)
	})
	slices.SortFunc(d.gaps, func(a, b gapRow) int {
		if c := f.whereThenID(a.person, b.person); c != 0 {
			return c
		}
		return int(a.Month - b.Month)
	})
	return nil
}

func contributionOf(x *ledger.Contribution) rules.Contribution {
	return rules.Contribution{Ref: x.ID, Month: x.Month, Base: x.Base, Paid: x.Paid, Flexible: x.Flexible}
}

// birth reviews one birth, of which several rows may give the days: the latest
// counts.
func (d *duty) birth(f *facts, rows []ledger.Birth, contributions []ledger.Contribution) {
	later := func(a, b ledger.Birth) ledger.Birth {
		if a.Src.Seq > b.Src.Seq || a.Src.Seq == b.Src.Seq && a.Days >= b.Days {
			return a
		}
		return b
	}
	var now, then ledger.Birth
	for _, x := range rows {
		now = later(x, now)
		if x.Src.Seq <= f.prev.Seen {
			then = later(x, then)
		}
	}
	var cs, known []rules.Contribution
	for i := range contributions {
		cs = append(cs, contributionOf(&contributions[i]))
		if contributions[i].Src.Seq <= f.prev.Seen {
			known = append(known, cs[i])
		}
	}
	ask := func(b ledger.Birth, cs []rules.Contribution, asOf civil.Month) rules.AllowanceReview {
		return f.area.Policy.Allowance(rules.Birth{Ref: b.ID, Date: b.Date, Days: b.Days}, cs, asOf)
	}
	r := birthRow{person: now.Person, AllowanceReview: ask(now, cs, d.month), twice: len(rows) > 1}
	if r.State == rules.AllowanceNone {
		d.early++
		return
	}
	if _, earlier := f.before(); earlier && then.Person != 0 && then.Date <= f.prev.Month.Last() {
		if was := ask(then, known, f.prev.Month); was.State.Payable() && was.Month <= f.prev.Month {
			r.before = was.Amount
		}
	}
	d.births = append(d.births, r)
}

// payable is what the allowance comes to by the month: nothing before it may be
// paid.
func (r *birthRow) payable(m civil.Month) money.Fen {
	if !r.State.Payable() || r.Month > m {
		return 0
	}
	return r.Amount
}

// maternityTables: whose allowance is payable now, who waits and until when, who
// gets nothing (WZ-4).
func (f *facts) maternityTables(d *duty, _ scope) []*table {
	now := newTable("allowance_due", f.title("生育津贴本月应付"), "certno name county township birth days months allowance_kind pay_month allowance listed due formula why",
		"用途：生育时连续缴费未满等待期的，缴满的当月补付，不漏付、不重付。本月应付＝津贴－此前月份的运行已列应付；补报的缴费或生育使以前的月份变为应付的，也列在本月。",
		"津贴＝月缴费基数÷30×天数，按四舍五入到分；基数取法写在算式里。账里没有实际发放记录，付前请与发放台账核对。")
	past := newTable("allowance_listed", f.title("此前月份已列应付的生育津贴"), "certno name county township birth days months allowance_kind pay_month allowance formula",
		"以前月份的运行已列过应付，金额没有变化，供核对发放台账。")
	wait := newTable("allowance_waiting", f.title("等待连续缴费的生育津贴"), "certno name county township birth days months unbroken lacking pay_month allowance formula why",
		"同一段连续缴费还没有满等待期；按时缴费的，最早在所列月份补付。")
	none := newTable("allowance_refused", f.title("不予支付的生育津贴"), "certno name county township birth days months reason wait listed why",
		"生育当月没有缴费，或未满等待期而中断。缴费补报后会重新判断。")
	if d.early > 0 {
		now.notes = append(now.notes, fmt.Sprintf("政策施行日之外的生育 %d 例，没有列入。", d.early))
	}
	var due, listed, waiting, refused [][]any
	for i := range d.births {
		r := &d.births[i]
		cells := append(f.who(r.person), r.Birth.Date, r.Birth.Days, r.Months)
		pay := r.payable(d.month)
		switch {
		case r.State.Payable() && (pay != r.before || pay == 0):
			due = append(due, append(cells, r.State.Chinese(), r.Month.String(), pay, r.before, pay-r.before, r.Formula, r.says()))
		case r.State.Payable():
			listed = append(listed, append(cells, r.State.Chinese(), r.Month.String(), pay, r.Formula))
		case r.State == rules.AllowanceWaiting:
			waiting = append(waiting, append(cells, r.Run, r.Need, r.Month.String(), r.Amount, r.Formula, r.says()))
		default:
			says := r.says()
			if r.before > 0 {
				says = strings.TrimSuffix("以前月份曾列应付，请核对是否已付、应否追回；"+says, "；")
			}
			refused = append(refused, append(cells, r.State.Chinese(), r.Wait, r.before, says))
		}
	}
	now.rows, past.rows, wait.rows, none.rows = due, listed, waiting, refused
	return []*table{now, wait, none, past}
}

// says is what the columns do not tell of a birth.
func (r *birthRow) says() string {
	var out []string
	if r.Other {
		out = append(out, "按中断之后的另一段连续缴费")
	}
	if len(r.Double) > 0 {
		var ms []string
		for _, m := range r.Double {
			ms = append(ms, m.String())
		}
		out = append(out, strings.Join(ms, "、")+"有两笔缴费，计一个月，取较高基数")
	}
	switch r.State {
	case rules.AllowanceBroken:
		last := r.Birth.Date.Month().Add(r.Run - r.Months)
		out = append(out, fmt.Sprintf("连续缴费 %d 个月，到 %s 为止，%s 没有缴费记录", r.Run, last, last.Next()))
	case rules.AllowanceUninsured:
		out = append(out, fmt.Sprintf("%s 没有缴费记录", r.Birth.Date.Month()))
	}
	if r.twice {
		out = append(out, "同一生育日期报送过不同天数，取最后报送的")
	}
	if r.State.Payable() && r.Base == rules.BaseNone {
		out = append(out, "没有缴费基数，金额待补")
	}
	return strings.Join(out, "；")
}

// flexibleMaternity: months in which flexible workers paid something else than
// base × rate (WZ-5).
func (f *facts) flexibleMaternity(d *duty, _ scope) []*table {
	t := newTable("flexible_maternity", f.title("灵活就业人员生育保险缴费与费率不符"), "certno name county township fee_month base fee_rate should paid diff formula",
		fmt.Sprintf("用途：核对灵活就业人员按缴费基数和费率缴纳的生育保险费。查 %s 至 %s 的 %d 笔，同月几笔合并比较；没有基数的不比较。差额负数为少缴。",
			d.month.Add(1-flexibleMonths), d.month, d.months))
	var rows [][]any
	for i := range d.gaps {
		g := &d.gaps[i]
		rows = append(rows, append(f.who(g.person), g.Month.String(), g.Base, g.Rate, g.Should, g.Paid, g.Diff, g.Formula))
	}
	t.rows = rows
	return []*table{t}
}
