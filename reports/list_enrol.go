package reports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// enrolMakers are the lists that are made of enrolments.
var enrolMakers = map[string]listMaker{
	"premium":          {needPremiums, (*facts).premiumTables},
	"enrolment_rates":  {needPremiums, (*facts).enrolmentRates},
	"enrolment_ledger": {needPremiums, (*facts).enrolmentLedger},
	"huiminbao":        {needPremiums, (*facts).huiminbaoTables},
}

// premiumPart reviews the enrolment and the subsidy of everyone who is or was on
// a list, and of everyone else for whom something was paid that nobody owed.
var premiumPart = part{needPremiums, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.readPremiums(ctx, s, f) }}

// premiumFacts is what the lists of enrolment are made of.
type premiumFacts struct {
	reviews  []reviewed // by county, township and ID
	enrolled int        // enrolments of the year on record; 0: no list was read, and nothing can be said
	coverage rules.Coverage
	byCounty bool // some row of a roster names a county
	basic    int  // everyone with a basic insurance for the year
	both     int  // of them with 惠民保, too
	premium  *rules.Premium
	targets  rules.Targets
	cited    string // the clause of the subsidy
}

// reviewed is what there is to say of one person.
type reviewed struct {
	person  ledger.PersonNo
	county  string
	held    rules.CategorySet  // everything, on the day of the review
	rows    []ledger.Enrolment // of the year, paid by the day of the review
	settled bool               // not enrolled, and yet a basic insurance paid a claim of the year
	rules.PremiumReview
}

// readPremiums reads the enrolments of the year and the one before, a person's
// one after the other, and reviews person by person.
func (d *duty) readPremiums(ctx context.Context, s Source, f *facts) error {
	d.premiumFacts = premiumFacts{}
	prm := f.area.Policy.InYear(d.year)
	if prm == nil {
		return nil // the pack begins later
	}
	d.premium, d.targets = &prm.Duties.Premium, prm.Duties.Targets
	d.cited = f.cite("premium.subsidy", f.judgedOn(d.year))
	before := map[ledger.PersonNo][]rules.Enrolment{}
	err := s.Enrolments(ctx, f.area.Code, d.year-1, f.run.Seen, func(x *ledger.Enrolment) error {
		if f.spells[x.Person] != nil {
			before[x.Person] = append(before[x.Person], enrolmentOf(x))
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows := map[ledger.PersonNo][]ledger.Enrolment{}
	err = s.Enrolments(ctx, f.area.Code, d.year, f.run.Seen, d.perPerson(f, rows))
	if err != nil {
		return err
	}
	people := slices.Sorted(maps.Keys(f.spells))
	counties := map[ledger.PersonNo]string{}
	for part := range slices.Chunk(people, chunkPeople) {
		cs, err := s.Counties(ctx, f.area.Code, part, f.run.Seen)
		if err != nil {
			return err
		}
		maps.Copy(counties, cs)
	}
	for _, x := range rows {
		if f.spells[x[0].Person] == nil {
			people = append(people, x[0].Person)
		}
	}
	d.byCounty = len(counties) > 0
	own := f.recognition(counties)
	for _, p := range people {
		d.review(f, p, counties[p], own(counties[p]), rows[p], before[p])
	}
	if err := d.settledThough(ctx, s, f); err != nil {
		return err
	}
	var named []ledger.PersonNo
	for i := range d.reviews {
		named = append(named, d.reviews[i].person)
	}
	if err := f.locate(ctx, s, named); err != nil {
		return err
	}
	slices.SortFunc(d.reviews, func(a, b reviewed) int { return f.whereThenID(a.person, b.person) })
	return nil
}

func enrolmentOf(x *ledger.Enrolment) rules.Enrolment {
	return rules.Enrolment{Ref: x.ID, Year: x.Year, Plan: x.Plan, Place: x.Place, PaidOn: x.PaidOn, Own: x.Own, Subsidy: x.Subsidy}
}

// perPerson counts the enrolments of the year, person by person, and keeps those
// of whom something may have to be said: who is or was on a list, and who is
// subsidised or enrolled twice.
func (d *duty) perPerson(f *facts, keep map[ledger.PersonNo][]ledger.Enrolment) func(*ledger.Enrolment) error {
	var last ledger.PersonNo
	var basic, huiminbao bool
	var one ledger.Enrolment // the first of somebody who is on no list
	return func(x *ledger.Enrolment) error {
		if x.PaidOn > f.asOf {
			return nil // not known yet in that month
		}
		d.enrolled++
		if x.Person != last {
			last, basic, huiminbao, one = x.Person, false, false, ledger.Enrolment{}
		}
		isBasic, isHui := x.Plan == rules.PlanResidents || x.Plan == rules.PlanEmployees, x.Plan == rules.PlanHuiminbao
		if isBasic && !basic {
			d.basic++
			if huiminbao {
				d.both++
			}
		}
		if isHui && !huiminbao && basic {
			d.both++
		}
		basic, huiminbao = basic || isBasic, huiminbao || isHui
		listed := f.spells[x.Person] != nil
		switch {
		case !listed && isHui:
			return nil
		case !listed && x.Subsidy == 0 && keep[x.Person] == nil && one.Person == 0:
			one = *x
			return nil
		}
		if one.Person != 0 {
			keep[x.Person] = append(keep[x.Person], one)
			one = ledger.Enrolment{}
		}
		keep[x.Person] = append(keep[x.Person], *x)
		return nil
	}
}

// recognition gives the names and codes of the place in which somebody is
// recognised: the area, and the county; of whom no row names the county, all
// counties that rows name.
func (f *facts) recognition(counties map[ledger.PersonNo]string) func(county string) []string {
	base := []string{f.area.Code, f.area.Name}
	if f.area.Policy.County != "" {
		base = append(base, f.area.Policy.County)
	}
	all := map[string]bool{}
	for _, c := range counties {
		all[c] = true
	}
	everywhere := append(slices.Clone(base), slices.Sorted(maps.Keys(all))...)
	return func(county string) []string {
		if county == "" {
			return everywhere
		}
		return append(slices.Clip(base), county)
	}
}

func (d *duty) review(f *facts, p ledger.PersonNo, county string, place []string, rows []ledger.Enrolment, before []rules.Enrolment) {
	es := before
	for i := range rows {
		es = append(es, enrolmentOf(&rows[i]))
	}
	spells := f.spells[p]
	r := reviewed{person: p, county: f.countyOr(county), rows: rows, PremiumReview: f.area.Policy.Premiums(d.year, place, spells, es, f.asOf)}
	r.held = rules.Held(spells, r.On)
	d.coverage.Add(r.county, &r.PremiumReview)
	if r.Listed|r.Risk != 0 || r.Findings != 0 || r.Entitled || r.HuiminbaoDue {
		d.reviews = append(d.reviews, r)
	}
}

// settledThough finds those who are on no enrolment list and yet have a claim of
// the year that a basic insurance paid: they may well be enrolled.
func (d *duty) settledThough(ctx context.Context, s Source, f *facts) error {
	if d.enrolled == 0 {
		return nil
	}
	at := map[ledger.PersonNo]*reviewed{}
	var missing []ledger.PersonNo
	for i := range d.reviews {
		if r := &d.reviews[i]; r.Findings.Has(rules.PremiumNotEnrolled) {
			at[r.person] = r
			missing = append(missing, r.person)
		}
	}
	for part := range slices.Chunk(missing, chunkPeople) {
		data, err := s.LoadPeople(ctx, f.area.Code, part, f.run.Seen, 0)
		if err != nil {
			return err
		}
		for i := range data {
			for _, c := range recompute.Live(data[i].Claims, data[i].Refunds) {
				if day := c.At.Date(); day.Year() == d.year && day <= f.asOf && c.Basic > 0 {
					at[data[i].Person].settled = true
				}
			}
		}
	}
	return nil
}

// noList says that nothing can be said; "" where an enrolment list was read.
func (d *duty) noList() string {
	if d.premium == nil {
		return fmt.Sprintf("%d 年没有施行中的政策包，不作判断。", d.year)
	}
	if d.enrolled == 0 {
		return fmt.Sprintf("账里没有 %d 年度的参保名单，无从判断谁未参保、谁未得到资助；请先读入参保名单。", d.year)
	}
	return ""
}

// rule says how much a category is subsidised.
func (d *duty) rule(x *rules.Subsidy) string {
	limit := ""
	if x.AtMost != rules.NoCategory {
		limit = "，不高于" + x.AtMost.Chinese()
	}
	switch x.Rule {
	case rules.FullSubsidy:
		if x.Amount == rules.Unset {
			return "全额（缴费标准未配置）"
		}
		return "全额 " + x.Amount.String()
	case rules.FixedSubsidy:
		return "定额 " + x.Amount.String() + limit
	case rules.OpenSubsidy:
		return "应资助，金额未配置" + limit
	}
	return ""
}

// insurances lists what somebody is in: 居民医保（开封市，2022-11-03）.
func insurances(rows []ledger.Enrolment) string {
	var out string
	for i := range rows {
		x := &rows[i]
		if i > 0 {
			out += "；"
		}
		out += x.Plan.Chinese()
		switch {
		case x.Place != "" && x.PaidOn != 0:
			out += "（" + x.Place + "，" + x.PaidOn.String() + "）"
		case x.Place != "":
			out += "（" + x.Place + "）"
		case x.PaidOn != 0:
			out += "（" + x.PaidOn.String() + "）"
		}
	}
	return out
}

// basicRows are the enrolments in a basic insurance, or those in 惠民保.
func basicRows(rows []ledger.Enrolment, basic bool) []ledger.Enrolment {
	return slices.DeleteFunc(slices.Clone(rows), func(x ledger.Enrolment) bool { return (x.Plan != rules.PlanHuiminbao) != basic })
}

func paidFor(rows []ledger.Enrolment) (sum money.Fen) {
	for i := range rows {
		sum += rows[i].Subsidy
	}
	return sum
}

// enrolmentRates: who is enrolled and subsidised, by county and category,
// against the targets; what is below is named (HZ-1, WZ-1, KF-2, XJ-1).
func (f *facts) enrolmentRates(d *duty, _ sight) []workbook.Table {
	t := workbook.Table{Sheet: "参保率", Title: f.title(fmt.Sprintf("参保率和资助参保率（%d 年度）", d.year)),
		Notes: []string{
			"用途：看各区县、各类困难人员是否都已参保、都得到资助。人数为月末在册；有几种身份的每种各计一次，“全部困难群众”只计一次，风险潜在对象另列。",
			"参保率＝已参加基本医保÷人数；应资助包括未参保而参保后应资助的，不包括参加职工医保的和不在认定地参保的；资助参保率＝已资助÷应资助；惠民保为其中参加惠民保的。"},
		Columns: []workbook.Column{{Title: "区县"}, {Title: "身份"}, {Title: "人数", Kind: workbook.Count}, {Title: "已参保", Kind: workbook.Count}, {Title: "未参保", Kind: workbook.Count},
			{Title: "其中中断", Kind: workbook.Count}, {Title: "参保率", Kind: workbook.Ratio}, {Title: "目标", Kind: workbook.Ratio}, {Title: "结果", Width: 8},
			{Title: "应资助", Kind: workbook.Count}, {Title: "已资助", Kind: workbook.Count}, {Title: "其中少资助", Kind: workbook.Count}, {Title: "资助待定", Kind: workbook.Count}, {Title: "资助参保率", Kind: workbook.Ratio},
			{Title: "资助目标", Kind: workbook.Ratio}, {Title: "资助结果", Width: 10}, {Title: "惠民保", Kind: workbook.Count}, {Title: "惠民保率", Kind: workbook.Ratio}}}
	below := workbook.Table{Sheet: "未达标", Title: f.title("参保率、资助参保率未达到目标的统筹区和区县"),
		Notes: []string{"逐个区县、逐类点名；还差人数是要达到目标至少还须参保（或资助）的人数，按人数计算，不按四舍五入后的比率。"},
		Columns: []workbook.Column{{Title: "区县"}, {Title: "身份"}, {Title: "指标", Width: 12}, {Title: "应有人数", Kind: workbook.Count}, {Title: "已有人数", Kind: workbook.Count},
			{Title: "比率", Kind: workbook.Ratio}, {Title: "目标", Kind: workbook.Ratio}, {Title: "还差人数", Kind: workbook.Count}}}
	if why := d.noList(); why != "" {
		t.Notes = append(t.Notes, why)
		return []workbook.Table{t}
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
	t.Rows, below.Rows = rowsOf(rows), rowsOf(missed)
	return []workbook.Table{t, below}
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
func (f *facts) enrolmentLedger(d *duty, s sight) []workbook.Table {
	sum := workbook.Table{Sheet: "参保台账汇总", Title: f.title(fmt.Sprintf("分类参保台账汇总（%d 年度）", d.year)),
		Notes: []string{"用途：按类摸清谁已参保、谁未参保、谁的情况不明。有几种身份的每种各计一次，“全部困难群众”只计一次。",
			"待核实：不在参保名单而本年有基本医保支付的结算，参保地不在认定地，或没有读入本年度参保名单。"},
		Columns: []workbook.Column{{Title: "区县"}, {Title: "身份"}, {Title: "在册人数", Kind: workbook.Count}, {Title: "已参保", Kind: workbook.Count},
			{Title: "未参保", Kind: workbook.Count}, {Title: "其中中断", Kind: workbook.Count}, {Title: "待核实", Kind: workbook.Count}, {Title: "已参保占比", Kind: workbook.Ratio}}}
	list := workbook.Table{Sheet: "参保台账", Title: f.title(fmt.Sprintf("参保台账（%d 年度）", d.year)),
		Notes: []string{"月末在册的每人一行；参保情况按账里的参保名单，括号内为参保地和缴费日期。"},
		Columns: append(who(), workbook.Column{Title: "身份"}, workbook.Column{Title: "状态"}, workbook.Column{Title: "参保情况"},
			workbook.Column{Title: "个人缴费", Kind: workbook.Money, Total: true}, workbook.Column{Title: "资助", Kind: workbook.Money, Total: true}, workbook.Column{Title: "说明"})}
	if d.premium == nil {
		sum.Notes = append(sum.Notes, d.noList())
		return []workbook.Table{sum}
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
		cell := any(state)
		if state != stateIn {
			cell = workbook.Cell{Value: state, Note: true}
		}
		rows = append(rows, append(f.who(s, r.person), r.Listed.Chinese(), cell, insurances(basic), own, paidFor(basic), why))
	}
	list.Rows = rowsOf(rows)
	var lines [][]any
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.cat, b.cat)) }) {
		x := sums[k]
		lines = append(lines, []any{or(k.county, wholeArea), everybody(k.cat), x.all, x.in, x.missing, x.broken, x.unknown, ratio(rules.CountRate(x.in, x.all))})
	}
	sum.Rows = rowsOf(lines)
	return []workbook.Table{sum, list}
}

// huiminbaoTables: whose 惠民保 premium is subsidised, who is not in it, and the
// rate among all who are insured (HZ-13, WZ-9).
func (f *facts) huiminbaoTables(d *duty, s sight) []workbook.Table {
	rate := workbook.Table{Sheet: "惠民保参保率", Title: f.title(fmt.Sprintf("惠民保参保率（%d 年度）", d.year)),
		Notes: []string{"用途：看惠民保参保率，并核对困难群众参保的补助。全体参保人按账里参保名单中参加基本医保的人计，名单不全则比率不准。"},
		Columns: []workbook.Column{{Title: "区县"}, {Title: "人群"}, {Title: "人数", Kind: workbook.Count}, {Title: "参加惠民保", Kind: workbook.Count},
			{Title: "参保率", Kind: workbook.Ratio}, {Title: "目标", Kind: workbook.Ratio}, {Title: "结果", Width: 8}}}
	unpaid := workbook.Table{Sheet: "惠民保补助", Title: f.title(fmt.Sprintf("惠民保应补未补（%d 年度）", d.year)),
		Notes: []string{"已参加惠民保、补助没有或不足的困难群众。应补助按其参加的基本医保的政府补贴标准，不超过惠民保保费；标准未配置的，金额空着。"},
		Columns: append(who(), workbook.Column{Title: "身份"}, workbook.Column{Title: "基本医保"}, workbook.Column{Title: "情形"},
			workbook.Column{Title: "应补助", Kind: workbook.Money, Total: true}, workbook.Column{Title: "已补助", Kind: workbook.Money, Total: true}, workbook.Column{Title: "差额", Kind: workbook.Money, Total: true})}
	out := workbook.Table{Sheet: "未参加惠民保", Title: f.title(fmt.Sprintf("补助对象中未参加惠民保的人（%d 年度）", d.year)),
		Notes:   []string{"个人应缴部分由政府补助而尚未参加的困难群众，供动员参保。"},
		Columns: append(who(), workbook.Column{Title: "身份"}, workbook.Column{Title: "基本医保"})}
	if why := d.noList(); why != "" {
		rate.Notes = append(rate.Notes, why)
		return []workbook.Table{rate}
	}
	var short, absent [][]any
	for i := range d.reviews {
		r := &d.reviews[i]
		if !r.HuiminbaoDue || !s.shows(r.person) {
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
		cells := append(f.who(s, r.person), or(r.held.Chinese(), "（年内曾在册）"), in)
		what := r.Findings & (1<<rules.PremiumHuiminbaoMissing | 1<<rules.PremiumHuiminbaoShort)
		switch {
		case !r.Huiminbao:
			absent = append(absent, cells)
		case what != 0:
			short = append(short, append(cells, what.Chinese(), yuanOr(r.HuiminbaoAmount), r.HuiminbaoSubsidy, yuanOr(r.HuiminbaoShortage)))
		}
	}
	unpaid.Rows, out.Rows = rowsOf(short), rowsOf(absent)
	j := rules.JudgeCount(rules.RateHuiminbao, d.both, d.basic, d.targets.Huiminbao)
	lines := [][]any{{wholeArea, "全体参保人", d.basic, d.both, ratio(j.Value), ratio(j.Target), judgement(j)}}
	listed := func(county string, r *rules.CoverageRow) {
		if r.People > 0 {
			lines = append(lines, []any{county, everybody(r.Category), r.People, r.Huiminbao, ratio(r.HuiminbaoRate()), nil, nil})
		}
	}
	d.everyRow(f, listed)
	rate.Rows = rowsOf(lines)
	return []workbook.Table{rate, unpaid, out}
}

// dayOrNil is a date as a cell.
func dayOrNil(d civil.Date) any {
	if d == 0 || d == civil.Forever {
		return nil
	}
	return d
}
