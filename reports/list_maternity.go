package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
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
func (f *facts) maternityTables(d *duty, s sight) []workbook.Table {
	person := append(who(), workbook.Column{Title: "生育日期", Kind: workbook.Date}, workbook.Column{Title: "津贴天数", Kind: workbook.Count}, workbook.Column{Title: "生育时已连续缴费（月）", Kind: workbook.Count, Width: 14})
	now := workbook.Table{Sheet: "津贴本月应付", Title: f.title("生育津贴本月应付"),
		Notes: []string{
			"用途：生育时连续缴费未满等待期的，缴满的当月补付，不漏付、不重付。本月应付＝津贴－此前月份的运行已列应付；补报的缴费或生育使以前的月份变为应付的，也列在本月。",
			"津贴＝月缴费基数÷30×天数，按四舍五入到分；基数取法写在算式里。账里没有实际发放记录，付前请与发放台账核对。"},
		Columns: append(slices.Clone(person), workbook.Column{Title: "类型"}, workbook.Column{Title: "应付月份", Width: 10}, workbook.Column{Title: "津贴", Kind: workbook.Money, Total: true},
			workbook.Column{Title: "此前已列", Kind: workbook.Money, Total: true}, workbook.Column{Title: "本月应付", Kind: workbook.Money, Total: true}, workbook.Column{Title: "算式", Width: 52}, workbook.Column{Title: "说明"})}
	past := workbook.Table{Sheet: "津贴此前已列", Title: f.title("此前月份已列应付的生育津贴"), Notes: []string{"以前月份的运行已列过应付，金额没有变化，供核对发放台账。"},
		Columns: append(slices.Clone(person), workbook.Column{Title: "类型"}, workbook.Column{Title: "应付月份", Width: 10}, workbook.Column{Title: "津贴", Kind: workbook.Money, Total: true}, workbook.Column{Title: "算式", Width: 52})}
	wait := workbook.Table{Sheet: "津贴等待中", Title: f.title("等待连续缴费的生育津贴"), Notes: []string{"同一段连续缴费还没有满等待期；按时缴费的，最早在所列月份补付。"},
		Columns: append(slices.Clone(person), workbook.Column{Title: "现已连续（月）", Kind: workbook.Count}, workbook.Column{Title: "还差（月）", Kind: workbook.Count}, workbook.Column{Title: "最早应付月份", Width: 14},
			workbook.Column{Title: "届时津贴", Kind: workbook.Money, Total: true}, workbook.Column{Title: "算式", Width: 52}, workbook.Column{Title: "说明"})}
	none := workbook.Table{Sheet: "津贴不予支付", Title: f.title("不予支付的生育津贴"), Notes: []string{"生育当月没有缴费，或未满等待期而中断。缴费补报后会重新判断。"},
		Columns: append(slices.Clone(person), workbook.Column{Title: "原因"}, workbook.Column{Title: "等待期（月）", Kind: workbook.Count}, workbook.Column{Title: "此前已列", Kind: workbook.Money, Total: true}, workbook.Column{Title: "说明"})}
	if d.early > 0 {
		now.Notes = append(now.Notes, fmt.Sprintf("政策施行日之外的生育 %d 例，没有列入。", d.early))
	}
	var due, listed, waiting, refused [][]any
	for i := range d.births {
		r := &d.births[i]
		if !s.shows(r.person) {
			continue
		}
		cells := append(f.who(s, r.person), r.Birth.Date, r.Birth.Days, r.Months)
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
	now.Rows, past.Rows, wait.Rows, none.Rows = rowsOf(due), rowsOf(listed), rowsOf(waiting), rowsOf(refused)
	return []workbook.Table{now, wait, none, past}
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
func (f *facts) flexibleMaternity(d *duty, s sight) []workbook.Table {
	t := workbook.Table{Sheet: "灵活就业生育保险", Title: f.title("灵活就业人员生育保险缴费与费率不符"),
		Notes: []string{fmt.Sprintf("用途：核对灵活就业人员按缴费基数和费率缴纳的生育保险费。查 %s 至 %s 的 %d 笔，同月几笔合并比较；没有基数的不比较。差额负数为少缴。",
			d.month.Add(1-flexibleMonths), d.month, d.months)},
		Columns: append(who(), workbook.Column{Title: "费款所属期", Width: 12}, workbook.Column{Title: "缴费基数", Kind: workbook.Money}, workbook.Column{Title: "费率", Kind: workbook.Ratio},
			workbook.Column{Title: "应缴", Kind: workbook.Money, Total: true}, workbook.Column{Title: "实缴", Kind: workbook.Money, Total: true}, workbook.Column{Title: "差额", Kind: workbook.Money, Total: true}, workbook.Column{Title: "算式", Width: 48})}
	var rows [][]any
	for i := range d.gaps {
		if g := &d.gaps[i]; s.shows(g.person) {
			rows = append(rows, append(f.who(s, g.person), g.Month.String(), g.Base, g.Rate, g.Should, g.Paid, g.Diff, g.Formula))
		}
	}
	t.Rows = rowsOf(rows)
	return []workbook.Table{t}
}
