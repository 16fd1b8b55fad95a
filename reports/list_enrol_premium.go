package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// premiumSheet is one sheet of people with something to put right.
type premiumSheet struct {
	key, title, note string
	findings         []rules.PremiumFinding
	keys             string                         // beside who and held
	of               func(*rules.PremiumReview) any // the difference; nil: there is none
}

var premiumSheets = []premiumSheet{
	{"premium_unenrolled", "未参保和中断参保", "在册的困难群众和风险潜在对象，账里没有本年度的基本医保。应资助为参保后应由资助的金额。",
		[]rules.PremiumFinding{rules.PremiumNotEnrolled, rules.PremiumInterrupted}, "finding standard owed applicant why", nil},
	{"premium_double", "重复参保和异地参保", "同一年度在两种基本医保或两地参保的，以及不在身份认定地参保而不能由认定地资助的。",
		[]rules.PremiumFinding{rules.PremiumDouble, rules.PremiumElsewhere}, "finding insured standard owed given applicant why", nil},
	{"premium_missing", "应资助未资助和少资助", "已参保，按身份应资助而没有资助或资助不足的。应补＝应资助－已资助；全额资助而个人缴了费的，按个人所缴计。",
		[]rules.PremiumFinding{rules.PremiumMissing, rules.PremiumShort}, "finding insured standard owed given to_pay applicant why",
		func(r *rules.PremiumReview) any { return yuanOr(r.Missing) }},
	{"premium_undue", "不应资助已资助和超额资助", "没有应资助身份（或参加职工医保）而得到资助的，以及资助超过标准的。请核对名单后退回。",
		[]rules.PremiumFinding{rules.PremiumUndue, rules.PremiumOver}, "finding insured standard owed given to_return applicant why",
		func(r *rules.PremiumReview) any { return r.Undue + r.Over }},
	{"premium_twice", "重复资助", "同一年度得到两笔以上资助的；重复金额为最大一笔以外的合计。",
		[]rules.PremiumFinding{rules.PremiumTwice}, "insured standard owed given twice applicant why",
		func(r *rules.PremiumReview) any { return r.Twice }},
	{"premium_undetermined", "资助待定", "年内新认定的人，集中缴费期的截止日未配置，不能断定是否在期内认定，故不判断应否资助。",
		[]rules.PremiumFinding{rules.PremiumUndetermined}, "insured standard owed given applicant why", nil},
}

// premiumTables: what is wrong with enrolments and subsidies, a sheet of people
// for each kind, and the sums by category and applicant (KF-2, SY-2, XJ-2, WZ-3,
// HZ-5).
func (f *facts) premiumTables(d *duty, s scope) []*table {
	tables := []*table{f.premiumSums(d, s)}
	if d.noList() != "" {
		return tables
	}
	for i := range premiumSheets {
		tables = append(tables, f.premiumSheet(d, &premiumSheets[i]))
	}
	return tables
}

func (f *facts) premiumSheet(d *duty, x *premiumSheet) *table {
	t := newTable(x.key, f.title(fmt.Sprintf("%s（%d 年度）", x.title, d.year)), "certno name county township held "+x.keys, x.note)
	applied := d.applied()
	if !applied {
		t.without("applicant")
	}
	var want rules.PremiumFindings
	for _, k := range x.findings {
		want |= 1 << k
	}
	for i := range d.reviews {
		r := &d.reviews[i]
		if r.Findings&want == 0 {
			continue
		}
		basic := basicRows(r.rows, true)
		row := append(f.who(r.person), r.held.Chinese())
		if len(x.findings) > 1 {
			row = append(row, (r.Findings & want).Chinese())
		}
		enrolled := x.findings[0] != rules.PremiumNotEnrolled
		if enrolled {
			row = append(row, insurances(basic))
		}
		var owed any
		if r.Entitled {
			owed = yuanOr(r.Due.Amount)
		}
		row = append(row, d.standard(&r.Due), owed)
		if enrolled {
			row = append(row, paidFor(basic))
		}
		if x.of != nil {
			row = append(row, x.of(&r.PremiumReview))
		}
		if applied {
			row = append(row, d.premium.Applicant[r.Due.Category])
		}
		t.rows = append(t.rows, append(row, r.explain(d)))
	}
	return t
}

// standard is what somebody is due, by which category: 低保对象：定额 80.00.
func (d *duty) standard(x *rules.Subsidy) string {
	if x.Rule == rules.NoSubsidy {
		return ""
	}
	return x.Category.Chinese() + "：" + d.rule(x)
}

// applied reports whether the document says who applies for the money.
func (d *duty) applied() bool {
	return d.premium != nil && slices.ContainsFunc(d.premium.Applicant[:], func(a string) bool { return a != "" })
}

// explain says what the columns do not.
func (r *reviewed) explain(d *duty) string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if first := civil.YMD(r.Year, 1, 1); r.Due.Rule != rules.NoSubsidy && r.Due.On > first {
		say("%s 起在册", r.Due.On)
	}
	for _, g := range r.Grounds[min(1, len(r.Grounds)):] {
		say("另有%s（%s）", g.Category.Chinese(), d.rule(&g))
	}
	if r.Late != 0 {
		say("%s在集中缴费期后认定，当年不资助", r.Late.Chinese())
	}
	if r.Findings.Has(rules.PremiumUndetermined) && d.premium.CollectionEnd == 0 {
		say("年内认定，集中缴费期截止日未配置")
	}
	if r.Employees && !r.Residents {
		say("参加职工医保，不属资助范围")
	}
	if r.Findings.Has(rules.PremiumElsewhere) {
		say("不在认定地参保，认定地不资助")
	}
	if r.Findings.Has(rules.PremiumUndue) && r.AtPayment != 0 {
		say("缴费日为%s", r.AtPayment.Chinese())
	}
	if r.settled {
		say("本年有基本医保支付的结算，疑已参保，请核实")
	}
	if by := payers(r); by != "" {
		say("资助来自%s", by)
	}
	return strings.Join(out, "；")
}

// payers are the departments that subsidised somebody, where lists say so.
func payers(r *reviewed) string {
	var by []string
	for i := range r.rows {
		if x := &r.rows[i]; x.Subsidy > 0 && x.By != "" && x.Plan != rules.PlanHuiminbao && !slices.Contains(by, x.By) {
			by = append(by, x.By)
		}
	}
	return strings.Join(by, "、")
}

// premiumSums sums by the category that is due, and who applies for the money.
func (f *facts) premiumSums(d *duty, s scope) *table {
	t := newTable("premium_sums", f.title(fmt.Sprintf("资助参保汇总（%d 年度）", d.year)), "subsidised_as standard applicant due_people out_people paid_people open_people owed given missing undue twice wait_people",
		"用途：核对困难群众是否都已参保、资助是否到位、有无重复或不应资助的，名单在后面各表。",
		"应资助人数包括未参保而参保后应资助的，不包括参加职工医保的和不在认定地参保的；应资助金额为标准已知的人之和，其余计入“金额未定人数”。没有资助身份而得到资助的列在“无资助身份”；重复资助的也可能同时计入应退。")
	if why := d.noList(); why != "" {
		t.notes = append(t.notes, why)
		return t
	}
	if d.cited != "" {
		t.notes = append(t.notes, "资助标准依据："+d.cited+"。")
	}
	if !d.applied() {
		t.notes = append(t.notes, "文件没有规定资助资金由哪个部门申请。")
	}
	type sum struct {
		due, out, paid, open, wait         int
		owed, given, missing, undue, twice money.Fen
	}
	sums := map[rules.Category]*sum{}
	for i := range d.reviews {
		r := &d.reviews[i]
		given := paidFor(basicRows(r.rows, true))
		if !s.shows(r.person) || r.Due.Rule == rules.NoSubsidy && given == 0 && !r.Undetermined {
			continue
		}
		x := sums[r.Due.Category]
		if x == nil {
			x = &sum{}
			sums[r.Due.Category] = x
		}
		if r.Entitled {
			x.due++
			x.out += btoi(!r.Enrolled())
			x.paid += btoi(r.Subsidised)
			if r.Due.Amount == rules.Unset {
				x.open++
			} else {
				x.owed += r.Due.Amount
			}
		}
		x.given += given
		x.missing += max(0, r.Missing) // Unset: not known
		x.undue += r.Undue + r.Over
		x.twice += r.Twice
		x.wait += btoi(r.Undetermined)
	}
	var rows [][]any
	for _, c := range slices.SortedFunc(maps.Keys(sums), func(a, b rules.Category) int {
		return cmp.Or(btoi(a == rules.NoCategory)-btoi(b == rules.NoCategory), cmp.Compare(a, b))
	}) {
		x := sums[c]
		name, rule := c.Chinese(), ""
		if c == rules.NoCategory {
			name = "无资助身份"
		} else {
			of := d.premium.Of(c)
			rule = d.rule(&of)
		}
		rows = append(rows, []any{name, rule, d.premium.Applicant[c], x.due, x.out, x.paid, x.open, x.owed, x.given, x.missing, x.undue, x.twice, x.wait})
	}
	t.rows = rows
	return t
}
