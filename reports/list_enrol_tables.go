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

// enrolmentRates: who is enrolled and subsidised, by county and category,
// against the targets; what is below is named (HZ-1, WZ-1, KF-2, XJ-1).
func (f *facts) enrolmentRates(d *duty, _ scope) []*table {
	t := newTable("enrolment_rates", f.title(fmt.Sprintf("参保率和资助参保率（%d 年度）", d.year)), "county class people enrolled missing broken enrol_rate target verdict due_people paid_people short_people open_people subsidy_rate subsidy_target subsidy_verdict huiminbao huiminbao_rate",
		"用途：看各区县、各类困难人员是否都已参保、都得到资助。人数为月末在册；有几种身份的每种各计一次，“全部困难群众”只计一次，风险潜在对象另列。",
		"参保率＝已参加基本医保÷人数；应资助包括未参保而参保后应资助的，不包括参加职工医保的和不在认定地参保的；资助参保率＝已资助÷应资助；惠民保为其中参加惠民保的。")
	below := newTable("enrolment_below", f.title("参保率、资助参保率未达到目标的统筹区和区县"), "county class indicator should have ratio target lacking",
		"逐个区县、逐类点名；还差人数是要达到目标至少还须参保（或资助）的人数，按人数计算，不按四舍五入后的比率。")
	if why := d.noList(); why != "" {
		t.notes = append(t.notes, why)
		return []*table{t}
	}
	var rows, missed [][]any
	each := func(county string, r *rules.CoverageRow) {
		who := everybody(r.Category)
		judged := r.Judge(&d.targets)
		in, paid := judged[0], judged[1]
		rows = append(rows, []any{county, who, r.People, r.Enrolled, r.People - r.Enrolled, r.Interrupted, ratio(in.Value), ratio(in.Target), judgement(in),
			r.Due, r.Subsidised, r.Short, r.Undetermined, ratio(paid.Value), ratio(paid.Target), judgement(paid), r.Huiminbao, ratio(r.HuiminbaoRate())})
		for _, j := range judged {
			if j.Verdict == rules.TargetMissed {
				missed = append(missed, []any{county, who, j.Indicator.Chinese(), int(j.Of), int(j.Num), ratio(j.Value), ratio(j.Target), lacking(&j)})
			}
		}
	}
	d.everyRow(f, each)
	t.rows, below.rows = rows, missed
	return []*table{t, below}
}

// wholeArea heads what counts all counties together.
const wholeArea = "全统筹区"

// everyRow gives the rows of the whole area and then those of its counties,
// unless no row of a roster names one.
func (d *duty) everyRow(f *facts, give func(county string, r *rules.CoverageRow)) {
	for _, r := range d.coverage.Whole() {
		give(wholeArea, &r)
	}
	for _, r := range d.coverage.Rows() {
		if r.County != f.countyOr("") || d.byCounty {
			give(r.County, &r)
		}
	}
}

// enrolmentJudged holds 参保率 and 资助参保率 of a county, or of all counties (""),
// against the targets; nothing where there is nothing to judge.
func (d *duty) enrolmentJudged(county string) []rules.Judged {
	if d.noList() != "" {
		return nil
	}
	rows := d.coverage.Rows()
	if county == "" {
		rows = d.coverage.Whole()
	}
	for i := range rows {
		if r := &rows[i]; r.County == county && r.Category == rules.NoCategory {
			return r.Judge(&d.targets)
		}
	}
	return nil
}

// enrolmentRisks are the risk points of enrolment and premium subsidies (XJ-10):
// stage, point, people, amount, since when, until when.
func (d *duty) enrolmentRisks(due civil.Date) [][]any {
	if d.noList() != "" {
		return [][]any{{"参保、资助参保", d.noList(), nil, nil, nil, nil}}
	}
	var out [][]any
	for _, x := range []struct {
		stage, point string
		findings     []rules.PremiumFinding
		amount       func(*reviewed) money.Fen
	}{
		{"参保", "困难群众未参保、中断参保", []rules.PremiumFinding{rules.PremiumNotEnrolled}, nil},
		{"参保", "重复参保、异地参保", []rules.PremiumFinding{rules.PremiumDouble, rules.PremiumElsewhere}, nil},
		{"资助参保", "应资助未资助、少资助（金额为已知部分）", []rules.PremiumFinding{rules.PremiumMissing, rules.PremiumShort}, func(r *reviewed) money.Fen { return max(0, r.Missing) }},
		{"资助参保", "不应资助已资助、超额资助、重复资助", []rules.PremiumFinding{rules.PremiumUndue, rules.PremiumOver, rules.PremiumTwice},
			func(r *reviewed) money.Fen { return max(r.Undue+r.Over, r.Twice) }},
	} {
		people, sum := 0, money.Fen(0)
		for i := range d.reviews {
			r := &d.reviews[i]
			if !slices.ContainsFunc(x.findings, r.Findings.Has) {
				continue
			}
			people++
			if x.amount != nil {
				sum += x.amount(r)
			}
		}
		row := []any{x.stage, x.point, people, nil, nil, nil}
		if x.amount != nil {
			row[3] = sum
		}
		if people > 0 {
			row[5] = due
		}
		out = append(out, row)
	}
	return out
}

// judgement is a verdict as a cell; nothing where none is given.
func judgement(j rules.Judged) any {
	if j.Verdict == rules.NotJudged {
		return nil
	}
	return j.Verdict.Chinese()
}

// lacking is how many more people it takes to reach the target.
func lacking(j *rules.Judged) int {
	need := (j.Of*int64(j.Target) + int64(money.One) - 1) / int64(money.One)
	return int(max(0, need-j.Num))
}

// The states of the enrolment ledger.
const (
	stateIn      = "已参保"
	stateMissing = "未参保"
	stateUnknown = "待核实"
)

// state says whether somebody is enrolled, as far as the lists tell.
func (r *reviewed) state(d *duty) (state, why string) {
	switch {
	case d.enrolled == 0:
		return stateUnknown, "没有本年度参保名单"
	case r.settled:
		return stateUnknown, "不在参保名单，但本年有基本医保支付的结算"
	case r.Findings.Has(rules.PremiumElsewhere):
		return stateUnknown, "参保地不在认定地，请核实"
	case r.Enrolled():
		return stateIn, ""
	case r.EnrolledBefore:
		return stateMissing, "上年参保，本年中断"
	}
	return stateMissing, ""
}

// enrolmentLedger: who is enrolled, unknown and missing, by class (SY-11, XJ-1).
func (f *facts) enrolmentLedger(d *duty, s scope) []*table {
	sum := newTable("ledger_sums", f.title(fmt.Sprintf("分类参保台账汇总（%d 年度）", d.year)), "county class listed enrolled missing broken unknown enrolled_share",
		"用途：按类摸清谁已参保、谁未参保、谁的情况不明。有几种身份的每种各计一次，“全部困难群众”只计一次。",
		"待核实：不在参保名单而本年有基本医保支付的结算，参保地不在认定地，或没有读入本年度参保名单。")
	list := newTable("enrolment_ledger", f.title(fmt.Sprintf("参保台账（%d 年度）", d.year)), "certno name county township status enrolment insured own given why",
		"月末在册的每人一行；参保情况按账里的参保名单，括号内为参保地和缴费日期。")
	if d.premium == nil {
		sum.notes = append(sum.notes, d.noList())
		return []*table{sum}
	}
	type key struct {
		county string
		cat    rules.Category
	}
	type count struct{ all, in, missing, broken, unknown int }
	sums := map[key]*count{}
	var rows [][]any
	for i := range d.reviews {
		r := &d.reviews[i]
		if r.Listed == 0 || !s.shows(r.person) {
			continue
		}
		state, why := r.state(d)
		for _, cat := range append([]rules.Category{rules.NoCategory}, s.own(r.Listed).List()...) {
			for _, k := range []key{{"", cat}, {r.county, cat}} {
				if k.county != "" && !d.byCounty {
					continue
				}
				if sums[k] == nil {
					sums[k] = &count{}
				}
				x := sums[k]
				x.all++
				switch state {
				case stateIn:
					x.in++
				case stateMissing:
					x.missing++
					x.broken += btoi(r.EnrolledBefore)
				default:
					x.unknown++
				}
			}
		}
		basic := basicRows(r.rows, true)
		var own money.Fen
		for k := range basic {
			own += basic[k].Own
		}
		rows = append(rows, append(f.who(r.person), r.Listed.Chinese(), state, insurances(basic), own, paidFor(basic), why))
	}
	list.rows = rows
	var lines [][]any
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.cat, b.cat)) }) {
		x := sums[k]
		lines = append(lines, []any{or(k.county, wholeArea), everybody(k.cat), x.all, x.in, x.missing, x.broken, x.unknown, ratio(rules.CountRate(x.in, x.all))})
	}
	sum.rows = lines
	return []*table{sum, list}
}

// huiminbaoTables: whose 惠民保 premium is subsidised, who is not in it, and the
// rate among all who are insured (HZ-13, WZ-9).
func (f *facts) huiminbaoTables(d *duty, _ scope) []*table {
	rate := newTable("huiminbao_rates", f.title(fmt.Sprintf("惠民保参保率（%d 年度）", d.year)), "county group people enrolled enrol_rate target verdict",
		"用途：看惠民保参保率，并核对困难群众参保的补助。全体参保人按账里参保名单中参加基本医保的人计，名单不全则比率不准。")
	unpaid := newTable("huiminbao_unpaid", f.title(fmt.Sprintf("惠民保应补未补（%d 年度）", d.year)), "certno name county township status basic_in finding owed given diff",
		"已参加惠民保、补助没有或不足的困难群众。应补助按其参加的基本医保的政府补贴标准，不超过惠民保保费；标准未配置的，金额空着。")
	out := newTable("huiminbao_absent", f.title(fmt.Sprintf("补助对象中未参加惠民保的人（%d 年度）", d.year)), "certno name county township status basic_in",
		"个人应缴部分由政府补助而尚未参加的困难群众，供动员参保。")
	if why := d.noList(); why != "" {
		rate.notes = append(rate.notes, why)
		return []*table{rate}
	}
	var short, absent [][]any
	for i := range d.reviews {
		r := &d.reviews[i]
		if !r.HuiminbaoDue {
			continue
		}
		in := "未参加"
		switch {
		case r.Residents && r.Employees:
			in = "居民、职工医保"
		case r.Residents:
			in = rules.PlanResidents.Chinese()
		case r.Employees:
			in = rules.PlanEmployees.Chinese()
		}
		// The category that brings it may have ended since.
		cells := append(f.who(r.person), or(r.held.Chinese(), "（年内曾在册）"), in)
		what := r.Findings & (1<<rules.PremiumHuiminbaoMissing | 1<<rules.PremiumHuiminbaoShort)
		switch {
		case !r.Huiminbao:
			absent = append(absent, cells)
		case what != 0:
			short = append(short, append(cells, what.Chinese(), yuanOr(r.HuiminbaoAmount), r.HuiminbaoSubsidy, yuanOr(r.HuiminbaoShortage)))
		}
	}
	unpaid.rows, out.rows = short, absent
	j := rules.JudgeCount(rules.RateHuiminbao, d.both, d.basic, d.targets.Huiminbao)
	lines := [][]any{{wholeArea, "全体参保人", d.basic, d.both, ratio(j.Value), ratio(j.Target), judgement(j)}}
	listed := func(county string, r *rules.CoverageRow) {
		if r.People > 0 {
			lines = append(lines, []any{county, everybody(r.Category), r.People, r.Huiminbao, ratio(r.HuiminbaoRate()), nil, nil})
		}
	}
	d.everyRow(f, listed)
	rate.rows = lines
	return []*table{rate, unpaid, out}
}

// dayOrNil is a date as a cell.
func dayOrNil(d civil.Date) any {
	if d == 0 || d == civil.Forever {
		return nil
	}
	return d
}
