package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Contribution is one month of maternity insurance.
type Contribution struct {
	Ref      int64 // the ledger's number
	Month    civil.Month
	Base     money.Fen // monthly 缴费基数; 0 not given
	Paid     money.Fen // the contribution; 0 not given
	Flexible bool      // 灵活就业人员, who pay it themselves
}

// Birth is a claim to maternity allowance.
type Birth struct {
	Ref  int64
	Date civil.Date
	Days int // of allowance
}

// AllowanceState is whether and when an allowance is payable.
type AllowanceState uint8

// The states.
const (
	AllowanceNone      AllowanceState = iota // no rule, nothing is said
	AllowanceAtOnce                          // the waiting period was over at birth
	AllowanceLater                           // it was over later: paid back then
	AllowanceWaiting                         // the run goes on and has not reached it
	AllowanceBroken                          // the run broke before it was over
	AllowanceUninsured                       // no contribution for the month of birth
)

var allowanceStateNames = [...]struct{ code, zh string }{
	{"none", "未作规定"},
	{"at_once", "即时支付"},
	{"later", "回溯支付"},
	{"waiting", "等待连续缴费"},
	{"broken", "中断缴费，不予支付"},
	{"uninsured", "生育当月未缴费，不予支付"},
}

// String is the code: "at_once".
func (s AllowanceState) String() string { return allowanceStateNames[s].code }

// Chinese is the state as lists show it.
func (s AllowanceState) Chinese() string { return allowanceStateNames[s].zh }

// Payable reports whether money is due.
func (s AllowanceState) Payable() bool { return s == AllowanceAtOnce || s == AllowanceLater }

// BaseSource is which base an allowance was computed with.
type BaseSource uint8

// The sources.
const (
	BaseNone       BaseSource = iota // no base is on record
	BaseLastYear                     // the average of the last calendar year's months on record
	BaseBirthMonth                   //
	BaseFirstMonth                   // the first month on record
)

var baseSourceNames = [...]string{"无缴费基数", "上年度月平均缴费基数", "生育当月缴费基数", "首个缴费月基数"}

// Chinese is the source as lists show it.
func (b BaseSource) Chinese() string { return baseSourceNames[b] }

// AllowanceReview is what is due on a birth.
type AllowanceReview struct {
	Birth   Birth
	State   AllowanceState
	Wait    int         // months asked for
	Months  int         // unbroken months up to and with the month of birth
	Run     int         // and how long that run is by asOf; of a later run, where that counts, its length
	Other   bool        // Run and Month are of another run after a break
	Month   civil.Month // payable in this month; while waiting the earliest; 0: none
	Need    int         // while waiting: so many months more
	Amount  money.Fen   // fen; while waiting what it would be; 0 where nothing is or can be payable
	Base    BaseSource
	Formula string        // Chinese
	Double  []civil.Month // with several contributions: counted once, by the largest base
}

// Allowance computes the maternity allowance of a birth
// (温政办〔2022〕98号 第二条（三）11、13; semantics §12), by the policy on the day of birth.
//
// cs are the person's contributions; those of months after asOf are not known
// yet. A month counts as missed when it is before asOf: that of asOf itself may
// still arrive. With n unbroken months up to and with the month of birth the
// allowance is payable at once where n reaches the waiting period, else in the
// month in which that same run reaches it; if it breaks before, it is not
// payable, or in the month in which another run reaches it
// [choice: maternity.if_broken]. Without a contribution for the month of birth
// the person was not insured and nothing is payable, by either choice [choice].
//
// Amount = monthly base / 30 × days, half up, once. The base is the average of
// the last calendar year's months on record where the policy says so, else that
// of the month of birth, else that of the first month on record.
func (p *Policy) Allowance(b Birth, cs []Contribution, asOf civil.Month) AllowanceReview {
	r := AllowanceReview{Birth: b}
	seg := p.At(b.Date)
	if seg == nil || seg.Params.Duties.MaternityWait <= 0 {
		return r
	}
	d := &seg.Params.Duties
	r.Wait = d.MaternityWait
	birth := b.Date.Month()
	bases := map[civil.Month]money.Fen{}
	for _, c := range cs {
		if c.Month > asOf {
			continue
		}
		was, twice := bases[c.Month]
		bases[c.Month] = max(was, c.Base)
		if twice && !slices.Contains(r.Double, c.Month) {
			r.Double = append(r.Double, c.Month)
		}
	}
	slices.Sort(r.Double)
	asOf = max(asOf, birth)
	r.state(d.MaternityLate, bases, asOf)
	if r.State != AllowanceBroken && r.State != AllowanceUninsured {
		r.amount(d.MaternityLastYear, bases)
	}
	return r
}

// paidIn reports whether a month is on record.
func paidIn(bases map[civil.Month]money.Fen, m civil.Month) bool { _, ok := bases[m]; return ok }

// runTo counts the unbroken months up to and with m.
func runTo(bases map[civil.Month]money.Fen, m civil.Month) (n int) {
	for ; paidIn(bases, m); m = m.Add(-1) {
		n++
	}
	return n
}

func (r *AllowanceReview) state(later bool, bases map[civil.Month]money.Fen, asOf civil.Month) {
	birth := r.Birth.Date.Month()
	last := birth // of the months on record
	for m := range bases {
		last = max(last, m)
	}
	r.Months = runTo(bases, birth)
	r.Run = r.Months
	if r.Months == 0 {
		r.State = AllowanceUninsured
		if birth == asOf {
			// The month of birth may still arrive.
			r.Run = runTo(bases, birth.Add(-1))
			r.wait(birth)
		}
		return
	}
	if r.Months >= r.Wait {
		r.State, r.Month = AllowanceAtOnce, birth
		return
	}
	m := birth.Next()
	for ; paidIn(bases, m); m = m.Next() {
		if r.Run++; r.Run == r.Wait {
			r.State, r.Month = AllowanceLater, m
			return
		}
	}
	if m >= asOf { // m is the first month that is missing
		r.wait(m)
		return
	}
	r.State = AllowanceBroken
	if !later {
		return
	}
	r.Other, r.Run = true, 0
	for ; m <= last; m = m.Next() {
		if !paidIn(bases, m) {
			r.Run = 0
		} else if r.Run++; r.Run == r.Wait {
			r.State, r.Month = AllowanceLater, m
			return
		}
	}
	if m < asOf {
		// The last run broke as well; another one can begin now.
		m, r.Run = asOf, 0
	}
	r.wait(m)
}

// wait is the state of a run that may go on with next, the first month that is
// not on record.
func (r *AllowanceReview) wait(next civil.Month) {
	r.State = AllowanceWaiting
	r.Need = max(1, r.Wait-r.Run)
	r.Month = next.Add(r.Need - 1)
}

func (r *AllowanceReview) amount(lastYear bool, bases map[civil.Month]money.Fen) {
	birth := r.Birth.Date.Month()
	var sum money.Fen
	var months int64
	first := civil.Month(0)
	for m, base := range bases {
		if base <= 0 {
			continue
		}
		if m.Year() == birth.Year()-1 {
			sum += base
			months++
		}
		if first == 0 || m < first {
			first = m
		}
	}
	days := int64(max(0, r.Birth.Days))
	switch {
	case lastYear && months > 0:
		r.Base = BaseLastYear
	case bases[birth] > 0:
		r.Base, sum, months = BaseBirthMonth, bases[birth], 1
	case first != 0:
		r.Base, sum, months = BaseFirstMonth, bases[first], 1
	default:
		r.Formula = "无缴费基数，无法计算"
		return
	}
	r.Amount = money.Fen(mulDiv(int64(sum), days, 30*months))
	base := sum.String()
	if r.Base == BaseLastYear {
		base = fmt.Sprintf("%s ÷ %d", sum, months)
	}
	r.Formula = fmt.Sprintf("%s（%s）÷ 30 × %d 天 = %s", r.Base.Chinese(), base, days, r.Amount)
}

// ContributionGap is a month in which a flexible worker's contribution is not
// what the rate says.
type ContributionGap struct {
	Month   civil.Month
	Refs    []int64     // the rows of the month, in order
	Base    money.Fen   // the largest of them
	Rate    money.Ratio //
	Should  money.Fen   // Base × Rate, half up
	Paid    money.Fen   // all rows together
	Diff    money.Fen   // Paid − Should: negative is too little
	Formula string      // Chinese
}

// CheckContributions lists the months in which a person paid, as a flexible
// worker, something else than base × rate (温政办〔2022〕98号 第二条（三）11: 1 % of the base
// of the employees' insurance). The rate is the one of the month's first day;
// where none is configured, or no base or no payment is given, nothing is said. Several rows
// of one month are held together.
func (p *Policy) CheckContributions(cs []Contribution) []ContributionGap {
	months := map[civil.Month]*ContributionGap{}
	for _, c := range cs {
		seg := p.At(c.Month.First())
		if !c.Flexible || seg == nil || seg.Params.Duties.MaternityRate == Unset {
			continue
		}
		g := months[c.Month]
		if g == nil {
			g = &ContributionGap{Month: c.Month, Rate: seg.Params.Duties.MaternityRate}
			months[c.Month] = g
		}
		g.Refs = append(g.Refs, c.Ref)
		g.Base = max(g.Base, c.Base)
		g.Paid += c.Paid
	}
	var gaps []ContributionGap
	for _, g := range months {
		if g.Base <= 0 || g.Paid == 0 {
			continue
		}
		g.Should = g.Base.MulHalfUp(g.Rate)
		if g.Diff = g.Paid - g.Should; g.Diff == 0 {
			continue
		}
		slices.Sort(g.Refs)
		less := "少缴 "
		if g.Diff > 0 {
			less = "多缴 "
		}
		g.Formula = fmt.Sprintf("%s × %s = %s，实缴 %s，%s%s", g.Base, g.Rate, g.Should, g.Paid, less, strings.TrimPrefix(g.Diff.String(), "-"))
		gaps = append(gaps, *g)
	}
	slices.SortFunc(gaps, func(a, b ContributionGap) int { return cmp.Compare(a.Month, b.Month) })
	return gaps
}
