package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// riskMakers are the lists of latent-risk people.
var riskMakers = map[string]listMaker{
	"risk_enrolment": {needPremiums, (*facts).riskEnrolment},
	"risk_library":   {needPremiums | needYear | needPlaces, (*facts).riskLibrary},
}

// riskEnrolment: latent-risk people who are not enrolled, or no longer (HZ-3).
func (f *facts) riskEnrolment(d *duty, s scope) []*table {
	sum := newTable("risk_enrolment", f.title(fmt.Sprintf("风险潜在对象参保情况（%d 年度）", d.year)), "county in_library enrolled missing broken enrol_rate",
		"用途：盯住因病致贫返贫风险潜在对象的参保缴费，未参保和中断的逐人列在后表。中断＝上年参加基本医保而本年没有。")
	list := newTable("risk_unenrolled", f.title(fmt.Sprintf("未参保、中断参保的风险潜在对象（%d 年度）", d.year)), "certno name county township finding dept since held last_year why")
	if why := d.noList(); why != "" {
		sum.notes = append(sum.notes, why)
		return []*table{sum}
	}
	type count struct{ all, in, broken int }
	sums := map[string]*count{}
	var rows [][]any
	for i := range d.reviews {
		r := &d.reviews[i]
		spell, ok := f.inLibrary(r.person, r.On)
		if r.Risk == 0 || !ok || !s.counts(about{person: r.person, dept: spell.opened}) {
			continue
		}
		if sums[r.county] == nil {
			sums[r.county] = &count{}
		}
		x := sums[r.county]
		x.all++
		if r.Enrolled() {
			x.in++
			continue
		}
		what, last, why := "未参保", "否", ""
		if r.Findings.Has(rules.PremiumInterrupted) {
			what, last = "中断参保", "是"
			x.broken++
		}
		if r.settled {
			why = "本年有基本医保支付的结算，疑已参保，请核实"
		}
		rows = append(rows, append(f.who(r.person), what, spell.opened, spell.Start, r.held.Chinese(), last, why))
	}
	list.rows = rows
	var lines [][]any
	for _, county := range slices.Sorted(maps.Keys(sums)) {
		x := sums[county]
		lines = append(lines, []any{county, x.all, x.in, x.all - x.in, x.broken, ratio(rules.CountRate(x.in, x.all))})
	}
	sum.rows = lines
	if d.targets.Enrolled != rules.Unset {
		sum.notes = append(sum.notes, fmt.Sprintf("参保率目标 %s。", d.targets.Enrolled))
	}
	return []*table{sum, list}
}

// inLibrary is the spell by which somebody is in the library on a day.
func (f *facts) inLibrary(p ledger.PersonNo, day civil.Date) (sourced, bool) {
	for _, x := range f.risk[p] {
		if x.Covers(day) {
			return x, true
		}
	}
	return sourced{}, false
}

// riskLibrary: the latent-risk people with source, date and state, their
// identities and their burden of the year (WZ-6).
func (f *facts) riskLibrary(d *duty, s scope) []*table {
	burdens := make(map[ledger.PersonNo]burdenRow, len(d.burdens))
	for _, b := range d.burdens {
		burdens[b.person] = b
	}
	reviews := make(map[ledger.PersonNo]*reviewed, len(d.reviews))
	for i := range d.reviews {
		reviews[d.reviews[i].person] = &d.reviews[i]
	}
	cases := map[ledger.PersonNo]*ledger.Case{}
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year && c.Level != ledger.LevelHousehold && (cases[c.Person] == nil || c.State != rules.Cleared) {
			cases[c.Person] = c
		}
	}
	list := newTable("risk_library", f.title("因病致贫返贫风险潜在对象库"), "certno name county township in_or_out dept since until left_why gross relief burden flags",
		"用途：每月排查库内对象的参保和费用负担。列现在在库的和本年内出库的；年度负担为年初至今各层保障和帮扶之后个人承担的费用。",
		"标识：已有救助身份、未参保、监测状态、超过个人负担封顶线，逐项写明。")
	type count struct {
		in, out, flagged int
		burden           money.Fen
	}
	type key struct{ county, dept string }
	sums := map[key]*count{}
	var rows [][]any
	people := slices.SortedFunc(maps.Keys(f.risk), f.whereThenID)
	for _, p := range people {
		x, in := f.inLibrary(p, f.asOf)
		if !in {
			x = latest(f.risk[p], f.asOf)
		}
		if x.Start == 0 || !in && x.End.Year() < d.year || !s.counts(about{person: p, dept: x.opened}) {
			continue
		}
		held := rules.Held(f.spells[p], f.asOf)
		k := key{f.places[p].county, or(x.opened, "（未填）")}
		if sums[k] == nil {
			sums[k] = &count{}
		}
		state, left, why := "在库", any(nil), ""
		if in {
			sums[k].in++
		} else {
			sums[k].out++
			state, left = "已出库", dayOrNil(x.End)
			why = or(x.closed, "证件或期限到期")
			if x.closed != "" {
				why += "报送退出"
			}
			if assisted := held & d.prm.Assisted; assisted != 0 {
				why = "转为" + assisted.Chinese()
			}
		}
		b := burdens[p]
		flags := f.riskFlags(d, held, reviews[p], cases[p], b.burden)
		if in {
			sums[k].burden += b.burden
			sums[k].flagged += btoi(flags != "")
		}
		rows = append(rows, append(f.who(p), state, x.opened, x.Start, left, why, b.burden+b.relief, b.relief, b.burden, flags))
	}
	list.rows = rows
	sum := newTable("risk_library_sums", f.title("风险潜在对象库汇总"), "county dept in_library left flagged burden each")
	var lines [][]any
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.dept, b.dept)) }) {
		x := sums[k]
		var each any
		if x.in > 0 {
			each = (x.burden*2 + money.Fen(x.in)) / money.Fen(2*x.in) // half up
		}
		lines = append(lines, []any{k.county, k.dept, x.in, x.out, x.flagged, x.burden, each})
	}
	sum.rows = lines
	return []*table{list, sum}
}

// latest is the spell that ended last, by a day.
func latest(spells []sourced, day civil.Date) (last sourced) {
	for _, x := range spells {
		if x.End <= day && x.End >= last.End {
			last = x
		}
	}
	return last
}

// riskFlags says what stands out about somebody in the library.
func (f *facts) riskFlags(d *duty, held rules.CategorySet, r *reviewed, c *ledger.Case, burden money.Fen) string {
	var out []string
	if assisted := held & d.prm.Assisted; assisted != 0 {
		out = append(out, "已是"+assisted.Chinese())
	}
	if d.enrolled > 0 && r != nil && r.Risk != 0 && !r.Enrolled() {
		if r.EnrolledBefore {
			out = append(out, "中断参保")
		} else {
			out = append(out, "未参保")
		}
	}
	if c != nil {
		out = append(out, c.Name+"："+f.state(c))
	}
	if d.overLine(burden, d.prm.Duties.PersonBurden) {
		out = append(out, "负担超过封顶线")
	}
	return strings.Join(out, "；")
}
