package rules

import (
	"cmp"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Enrolment is one row of an enrolment list: somebody is in a plan for a year.
type Enrolment struct {
	Ref     int64 // the ledger's number
	Year    int   // the year of cover
	Plan    Plan
	Place   string     // 参保地, name or code; "" not given
	PaidOn  civil.Date // 0: not given
	Own     money.Fen  // what the person paid
	Subsidy money.Fen  // what was paid for the person
}

// basic reports whether the enrolment is in one of the basic insurances.
func (e *Enrolment) basic() bool { return e.Plan == PlanResidents || e.Plan == PlanEmployees }

// PremiumFinding is what is wrong with a person's enrolment or subsidy
// (semantics §8).
type PremiumFinding uint8

// The findings, in the order in which they are listed.
const (
	PremiumNotEnrolled      PremiumFinding = iota // 未参保
	PremiumInterrupted                            // 中断参保
	PremiumDouble                                 // 重复参保
	PremiumElsewhere                              // 异地参保
	PremiumMissing                                // 应资助未资助
	PremiumShort                                  // 少资助
	PremiumUndue                                  // 不应资助已资助
	PremiumTwice                                  // 重复资助
	PremiumOver                                   // 超额资助
	PremiumUndetermined                           // 资助待定
	PremiumHuiminbaoMissing                       // 惠民保应资助未资助
	PremiumHuiminbaoShort                         // 惠民保少资助
	numPremiumFindings
)

var premiumFindingNames = [numPremiumFindings]struct{ code, zh string }{
	{"not_enrolled", "未参保"},
	{"interrupted", "中断参保"},
	{"double_enrolment", "重复参保"},
	{"enrolled_elsewhere", "异地参保"},
	{"subsidy_missing", "应资助未资助"},
	{"subsidy_short", "少资助"},
	{"subsidy_undue", "不应资助已资助"},
	{"subsidy_twice", "重复资助"},
	{"subsidy_over", "超额资助"},
	{"undetermined", "资助待定（集中缴费期未配置）"},
	{"huiminbao_missing", "惠民保应资助未资助"},
	{"huiminbao_short", "惠民保少资助"},
}

// String is the code: "not_enrolled".
func (f PremiumFinding) String() string { return premiumFindingNames[f].code }

// Chinese is the finding as the lists head it.
func (f PremiumFinding) Chinese() string { return premiumFindingNames[f].zh }

// AllPremiumFindings lists all of them in their order.
func AllPremiumFindings() []PremiumFinding {
	all := make([]PremiumFinding, numPremiumFindings)
	for i := range all {
		all[i] = PremiumFinding(i)
	}
	return all
}

// PremiumFindings is a set of findings.
type PremiumFindings uint16

// Has reports whether f is in the set.
func (s PremiumFindings) Has(f PremiumFinding) bool { return s&(1<<f) != 0 }

// List gives the members in their order.
func (s PremiumFindings) List() []PremiumFinding {
	var out []PremiumFinding
	for _, f := range AllPremiumFindings() {
		if s.Has(f) {
			out = append(out, f)
		}
	}
	return out
}

// Chinese joins the members' names.
func (s PremiumFindings) Chinese() string {
	var names []string
	for _, f := range s.List() {
		names = append(names, f.Chinese())
	}
	return strings.Join(names, "、")
}

func (s *PremiumFindings) set(f PremiumFinding, on bool) {
	if on {
		*s |= 1 << f
	}
}

// Subsidy is what one category is due of the premium of a year.
type Subsidy struct {
	Category Category    // none: nothing is due
	Rule     PremiumRule // after AtMost: a full subsidy that is limited is a fixed one
	Amount   money.Fen   // fen a year; Unset: full and the standard is not configured, or open
	AtMost   Category    // whose amount limited it; none: nobody's
	On       civil.Date  // the day by which it counts
	Event    int64       // Ref of the recognition
}

// better orders subsidies: full before fixed, a higher fixed before a lower one,
// what is left open last.
func (a Subsidy) better(b Subsidy) int {
	rank := [...]int{NoSubsidy: 3, FullSubsidy: 0, FixedSubsidy: 1, OpenSubsidy: 2}
	return cmp.Or(cmp.Compare(rank[a.Rule], rank[b.Rule]), cmp.Compare(b.Amount, a.Amount))
}

// Of is what a category is due by the rules alone: its own rule, at most what
// the category of AtMost is due by its own, at most the standard. An amount of
// nothing is no subsidy. What AtMost is limited by in its turn is not followed,
// and a limit that is left open limits nothing.
func (p *Premium) Of(c Category) Subsidy {
	s := Subsidy{Category: c, Rule: p.Rule[c], Amount: Unset}
	switch s.Rule {
	case NoSubsidy:
		return Subsidy{}
	case FullSubsidy:
		s.Amount = p.Standard
	case FixedSubsidy:
		s.Amount = p.Fixed[c]
		if p.Standard != Unset {
			s.Amount = min(s.Amount, p.Standard)
		}
	}
	if other := p.AtMost[c]; other != NoCategory {
		most := money.Fen(Unset)
		switch p.Rule[other] {
		case FixedSubsidy:
			most = p.Fixed[other]
		case NoSubsidy:
			most = 0
		}
		switch {
		case most == 0:
			return Subsidy{}
		case most == Unset || s.Rule == OpenSubsidy:
		case s.Amount == Unset || s.Amount > most:
			s.Rule, s.Amount, s.AtMost = FixedSubsidy, most, other
		}
	}
	if s.Rule == FixedSubsidy && s.Amount == 0 {
		return Subsidy{}
	}
	return s
}

// PremiumReview is what there is to say of one person's enrolment and subsidy
// for one year. Amounts are fen of that year.
type PremiumReview struct {
	Said bool // a policy is in force in the year; else nothing is said
	Year int
	On   civil.Date // the day of the review: asOf, at most the last day of the year

	Listed         CategorySet // assisted or subsidised categories held that day
	Risk           CategorySet // latent-risk categories held that day
	Residents      bool        // enrolled in the residents' insurance
	Employees      bool        // enrolled in the employees'
	EnrolledBefore bool        // in either for the year before

	Due          Subsidy     // the most favourable
	Grounds      []Subsidy   // all that count, the most favourable first, each category once
	Late         CategorySet // subsidised from the next year on only: recognised after the collection period
	Undetermined bool        // something better, or anything, may be due: the collection period is not configured
	AtPayment    CategorySet // subsidised categories held on a day on which a subsidised premium was paid; they explain, and decide nothing
	Entitled     bool        // something is due on an enrolment, or would be if the person were enrolled
	Subsidised   bool        // and was paid, wholly or in part

	Findings PremiumFindings
	Missing  money.Fen // of PremiumMissing and PremiumShort; Unset: how much is not known
	Undue    money.Fen // of PremiumUndue
	Twice    money.Fen // of PremiumTwice: all but the largest
	Over     money.Fen // of PremiumOver

	HuiminbaoDue      bool      // the 惠民保 premium is to be subsidised
	Huiminbao         bool      // enrolled in it
	HuiminbaoAmount   money.Fen // by the basic insurance the person is in, at most the premium; Unset: not known
	HuiminbaoSubsidy  money.Fen // paid
	HuiminbaoShortage money.Fen // of the two findings; Unset: how much is not known
}

// Enrolled reports whether the person is in a basic insurance for the year.
func (r *PremiumReview) Enrolled() bool { return r.Residents || r.Employees }

// InYear gives the parameters by which the premiums and targets of a year are
// judged: those of its first day, else those of the first segment that begins in
// it, or nil.
func (p *Policy) InYear(year int) *Params {
	if seg := p.At(civil.YMD(year, 1, 1)); seg != nil {
		return seg.Params
	}
	for i := range p.Segments {
		if p.Segments[i].From.Year() == year {
			return p.Segments[i].Params
		}
	}
	return nil
}

// collectionStart is the day from which an identity counts as held in the
// collection period of a year's premium [choice]: 1 July of the year before. No
// document names its first day; it is always in the second half.
func collectionStart(year int) civil.Date { return civil.YMD(year-1, 7, 1) }

// Premiums reviews one person's enrolment and premium subsidy of a year
// (semantics §8; 杭政办函〔2022〕70号 第二条（二）、（四）; 开封市征求意见稿 第三条（一）;
// 温政办〔2022〕98号 第二条（二）10、（四）20; 新疆五部门通知（2023-02-09） 第一条; 沈医保发〔2019〕78号
// 第二条（一）1).
//
// area are the names and codes of the area in which the person is recognised. es
// may hold other years' enrolments; those paid after asOf are not known yet.
//
// Due is who holds a subsidised category on any day of the year up to asOf, or
// on the last day of the collection period (while it runs, on asOf). Where
// recognition after the collection period does not count, a subsidised category
// must also have been held in it, and of those the most favourable is due: who
// was dibao then and is tekun since is subsidised as dibao. Where the end of the
// period is not configured, what begins within the year is undetermined.
//
// Who is in the employees' insurance alone, or, where only the place of
// recognition subsidises, is enrolled elsewhere alone, is not entitled.
func (p *Policy) Premiums(year int, area []string, spells []Spell, es []Enrolment, asOf civil.Date) PremiumReview {
	r := PremiumReview{Year: year, On: min(asOf, civil.YMD(year, 12, 31)), HuiminbaoAmount: Unset}
	prm := p.InYear(year)
	if prm == nil {
		return r
	}
	r.Said = true
	d := &prm.Duties
	held := Held(spells, r.On)
	r.Listed = held & (prm.Assisted | d.Premium.Due())
	r.Risk = held & d.Risk
	maybe := r.grounds(prm, spells, asOf)

	var basic, commercial []Enrolment
	for _, e := range es {
		switch {
		case e.PaidOn > asOf:
		case e.Year == year-1 && e.basic():
			r.EnrolledBefore = true
		case e.Year == year && e.basic():
			basic = append(basic, e)
			r.Residents = r.Residents || e.Plan == PlanResidents
			r.Employees = r.Employees || e.Plan == PlanEmployees
		case e.Year == year && e.Plan == PlanHuiminbao:
			commercial = append(commercial, e)
		}
	}
	r.Findings.set(PremiumNotEnrolled, r.Listed|r.Risk != 0 && len(basic) == 0)
	r.Findings.set(PremiumInterrupted, r.Risk != 0 && r.EnrolledBefore && len(basic) == 0)
	r.Findings.set(PremiumDouble, r.Residents && r.Employees || twoPlaces(area, basic))
	r.subsidies(&d.Premium, area, spells, basic, maybe)
	r.huiminbao(d, spells, commercial)
	return r
}

// grounds finds what the person is due, and gives what else may be.
func (r *PremiumReview) grounds(prm *Params, spells []Spell, asOf civil.Date) (maybe []Subsidy) {
	pm := &prm.Duties.Premium
	first, start := civil.YMD(r.Year, 1, 1), collectionStart(r.Year)
	var collected civil.Date // the day on which the collection period is looked at; 0: unknown
	switch {
	case pm.CollectionEnd != 0:
		collected = min(pm.CollectionEnd, asOf)
	case asOf < first:
		collected = asOf
	}
	counts := false
	for _, s := range spells {
		due := pm.Of(s.Category)
		if due.Rule == NoSubsidy || s.Start >= s.End || s.Start > asOf {
			continue
		}
		due.Event = s.Opened
		open := collected != 0 && s.Covers(collected)
		inYear := s.Start <= r.On && s.End > first && r.On >= first
		counts = counts || open || inYear
		switch {
		case pm.AfterCollection:
			due.On = max(s.Start, first)
			if open {
				due.On = collected
			}
			if open || inYear {
				r.Grounds = append(r.Grounds, due)
			}
		case collected != 0:
			due.On = min(collected, s.End.Prev())
			if s.Start <= collected && s.End > start {
				r.Grounds = append(r.Grounds, due)
			} else if inYear {
				r.Late |= 1 << s.Category
			}
		case s.Start < first && s.End > start:
			due.On = min(first.Prev(), s.End.Prev())
			r.Grounds = append(r.Grounds, due)
		case inYear:
			due.On = max(s.Start, first)
			maybe = append(maybe, due)
		}
	}
	if !counts {
		r.Grounds = nil
	}
	slices.SortFunc(r.Grounds, func(a, b Subsidy) int {
		return cmp.Or(a.better(b), cmp.Compare(orderOf(prm.Order, a.Category), orderOf(prm.Order, b.Category)),
			cmp.Compare(a.Category, b.Category), cmp.Compare(a.On, b.On), cmp.Compare(a.Event, b.Event))
	})
	seen := CategorySet(0)
	r.Grounds = slices.DeleteFunc(r.Grounds, func(s Subsidy) bool {
		was := seen.Has(s.Category)
		seen |= 1 << s.Category
		return was
	})
	r.Late &^= seen
	if len(r.Grounds) > 0 {
		r.Due = r.Grounds[0]
	}
	for _, m := range maybe {
		r.Undetermined = r.Undetermined || m.better(r.Due) < 0
	}
	r.Findings.set(PremiumUndetermined, r.Undetermined)
	return maybe
}

// orderOf is the place of a category in the policy's order; after all of them
// where it is not named.
func orderOf(order []Category, c Category) int {
	if i := slices.Index(order, c); i >= 0 {
		return i
	}
	return len(order)
}

// subsidies holds what was paid for the person against what is due.
func (r *PremiumReview) subsidies(pm *Premium, area []string, spells []Spell, basic []Enrolment, maybe []Subsidy) {
	var best *Enrolment // of the residents' enrolments here, the one with the largest subsidy
	elsewhere, paid := false, 0
	var all, largest, employees, residents money.Fen
	for i := range basic {
		e := &basic[i]
		if e.Subsidy > 0 {
			paid++
			all += e.Subsidy
			largest = max(largest, e.Subsidy)
			if e.PaidOn != 0 {
				r.AtPayment |= Held(spells, e.PaidOn) & pm.Due()
			}
		}
		switch {
		case e.Plan == PlanEmployees:
			employees += e.Subsidy
		case pm.AtRecognition && !within(area, e.Place):
			elsewhere = true
			residents += e.Subsidy
		default:
			residents += e.Subsidy
			if best == nil || e.Subsidy > best.Subsidy || e.Subsidy == best.Subsidy && e.Own < best.Own {
				best = e
			}
		}
	}
	if paid > 1 {
		r.Findings.set(PremiumTwice, true)
		r.Twice = all - largest
	}
	elsewhere = elsewhere && best == nil
	r.Findings.set(PremiumElsewhere, elsewhere && (r.Due.Rule != NoSubsidy || r.Undetermined || r.Listed != 0))

	r.Undue = employees
	if r.Due.Rule == NoSubsidy && !r.Undetermined {
		r.Undue += residents
	}
	if pm.Due() == 0 {
		r.Undue = 0 // no document or office says whom to subsidise
	}
	r.Findings.set(PremiumUndue, r.Undue > 0)

	r.Entitled = r.Due.Rule != NoSubsidy && !elsewhere && (r.Residents || !r.Employees)
	if !r.Entitled || best == nil {
		return
	}
	r.Subsidised = best.Subsidy > 0
	switch {
	case !r.Subsidised:
		r.Findings.set(PremiumMissing, true)
		r.Missing = r.Due.Amount
		if r.Due.Rule == FullSubsidy && best.Own > 0 {
			r.Missing = best.Own
		}
	case r.Due.Rule == FullSubsidy && best.Own > 0:
		r.Findings.set(PremiumShort, true)
		r.Missing = best.Own
	case r.Due.Rule == FixedSubsidy && best.Subsidy < r.Due.Amount:
		r.Findings.set(PremiumShort, true)
		r.Missing = r.Due.Amount - best.Subsidy
	}
	// Too much is only what no category that counts or may count could bring.
	open := func(s Subsidy) bool { return s.Amount == Unset }
	if r.Due.Amount != Unset && best.Subsidy > r.Due.Amount && !r.Undetermined && !slices.ContainsFunc(r.Grounds, open) && !slices.ContainsFunc(maybe, open) {
		r.Findings.set(PremiumOver, true)
		r.Over = best.Subsidy - r.Due.Amount
	}
}

// huiminbao reviews the commercial insurance: its premium is subsidised like the
// government subsidises the basic insurance that the person is in
// (杭政办函〔2022〕70号 第二条（四）; 温政办〔2022〕98号 第二条（四）20). That others, a union say,
// paid for somebody is no finding.
func (r *PremiumReview) huiminbao(d *Duties, spells []Spell, es []Enrolment) {
	first := min(civil.YMD(r.Year, 1, 1), r.On)
	for _, s := range spells {
		if d.Huiminbao.Has(s.Category) && s.Start < s.End && s.Start <= r.On && s.End > first {
			r.HuiminbaoDue = true
		}
	}
	var premium money.Fen
	for _, e := range es {
		r.Huiminbao = true
		r.HuiminbaoSubsidy += e.Subsidy
		premium += e.Own + e.Subsidy
	}
	if !r.HuiminbaoDue {
		return
	}
	switch {
	case r.Residents && r.Employees: // 重复参保: which one counts is open
	case r.Residents:
		r.HuiminbaoAmount = d.HuiminbaoSubsidy[Residents]
	case r.Employees:
		r.HuiminbaoAmount = d.HuiminbaoSubsidy[Employees]
	}
	if !r.Huiminbao {
		return
	}
	if r.HuiminbaoAmount != Unset {
		r.HuiminbaoAmount = min(r.HuiminbaoAmount, premium)
	}
	switch {
	case r.HuiminbaoSubsidy == 0 && r.HuiminbaoAmount != 0:
		r.Findings.set(PremiumHuiminbaoMissing, true)
		r.HuiminbaoShortage = r.HuiminbaoAmount
	case r.HuiminbaoSubsidy < r.HuiminbaoAmount:
		r.Findings.set(PremiumHuiminbaoShort, true)
		r.HuiminbaoShortage = r.HuiminbaoAmount - r.HuiminbaoSubsidy
	}
}
