package rules

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// mulDiv is a×b/c, half up, for c > 0. It is exact at any size; a quotient
// beyond int64 is the largest or smallest one.
func mulDiv(a, b, c int64) int64 {
	n := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	n.Add(n, big.NewInt(c/2))
	n.Div(n, big.NewInt(c)) // towards −∞, since c > 0
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// Ratio is num/den in basis points, half up; Unset where there is nothing to
// divide by.
func Ratio(num, den int64) money.Ratio {
	if den <= 0 {
		return Unset
	}
	return money.Ratio(mulDiv(num, int64(money.One), den))
}

// CountRate is a rate of people in basis points: half up, but 100 % only when it
// is all of them, so that nobody disappears in the rounding. Unset where there
// is nobody.
func CountRate(n, of int) money.Ratio {
	r := Ratio(int64(n), int64(of))
	if n < of {
		r = min(r, money.One-1)
	}
	return r
}

// Indicator is a figure that a document sets a target for.
type Indicator uint8

// The indicators (semantics §10).
const (
	RateEnrolled       Indicator = iota // 参保率
	RateSubsidised                      // 资助参保率
	RateProtection                      // 综合保障率
	RateSelfPay                         // 个人负担率
	RateCleared                         // 化解率
	RateElderChild                      // 一老一小综合保障率
	RateElderChildGain                  // its rise, in basis points of T
	RateHuiminbao                       // 惠民保参保率
	numIndicators
)

var indicatorNames = [numIndicators]struct {
	code, zh string
	atMost   bool
}{
	{"enrolled", "参保率", false},
	{"subsidised", "资助参保率", false},
	{"protection", "综合保障率", false},
	{"self_pay", "个人负担率", true},
	{"cleared", "高额医疗费用化解率", false},
	{"elder_child", "“一老一小”综合保障率", false},
	{"elder_child_gain", "“一老一小”综合保障率提升", false},
	{"huiminbao", "惠民保参保率", false},
}

// String is the code: "protection".
func (i Indicator) String() string { return indicatorNames[i].code }

// Chinese is the name that people read.
func (i Indicator) Chinese() string { return indicatorNames[i].zh }

// AtMost reports whether the target is the most that is allowed; else it is the
// least.
func (i Indicator) AtMost() bool { return indicatorNames[i].atMost }

// Verdict is whether a target was reached.
type Verdict uint8

// The verdicts.
const (
	NotJudged    Verdict = iota // no target is set, or there is nothing to measure
	TargetMet                   // 达标
	TargetMissed                // 未达标
)

var verdictNames = [...]string{"不评价", "达标", "未达标"}

// Chinese is the verdict as reports show it.
func (v Verdict) Chinese() string { return verdictNames[v] }

// Judged is an indicator against its target.
type Judged struct {
	Indicator Indicator
	Num, Of   int64       // people, cases or fen; of a gain, basis points of now and before
	Value     money.Ratio // basis points; Unset: nothing to measure
	Target    money.Ratio // Unset: none
	Verdict   Verdict     // on Num and Of, not on the rounded Value
}

// judge compares num/of with the target without rounding.
func judge(i Indicator, num, of int64, target money.Ratio) Judged {
	j := Judged{Indicator: i, Num: num, Of: of, Value: Ratio(num, of), Target: target}
	if j.Value == Unset || target == Unset {
		return j
	}
	a := new(big.Int).Mul(big.NewInt(num), big.NewInt(int64(money.One)))
	b := new(big.Int).Mul(big.NewInt(of), big.NewInt(int64(target)))
	j.Verdict = TargetMissed
	if c := a.Cmp(b); c == 0 || c > 0 != i.AtMost() {
		j.Verdict = TargetMet
	}
	return j
}

// JudgeCount holds a rate of people or cases against its target.
func JudgeCount(i Indicator, n, of int, target money.Ratio) Judged {
	j := judge(i, int64(n), int64(of), target)
	j.Value = CountRate(n, of)
	return j
}

// AgeOn is the age in completed years on d. A birthday on 29 February is reached
// on 28 February where the year has no such day.
func AgeOn(birth, d civil.Date) int {
	age := d.Year() - birth.Year()
	if birth.AddMonths(12*age) > d {
		age--
	}
	return age
}

// Group says whose claims a row counts.
type Group uint8

// The groups.
const (
	Difficult Group = iota // who held an assisted category, or was assisted by a window
	Elder                  // everybody from Targets.ElderAge on
	Child                  // everybody under Targets.ChildAge
	numGroups
)

var groupNames = [numGroups]struct{ code, zh string }{{"difficult", "困难群众"}, {"elder", "老年人"}, {"child", "儿童"}}

// String is the code: "elder".
func (g Group) String() string { return groupNames[g].code }

// Chinese is the name that people read.
func (g Group) Chinese() string { return groupNames[g].zh }

// IndicatorKey names what is counted together in one month. NoCategory stands
// for all people of the group, each claim counted once.
type IndicatorKey struct {
	County, Township string
	Group            Group
	Category         Category
	Month            civil.Month
}

// Totals are sums over claims, in fen.
type Totals struct {
	People  int64     // who have a claim among them
	Claims  int64     //
	Total   money.Fen // T
	InScope money.Fen // S
	Paid    money.Fen // all layers, other subsidies and the hospital's share: T − Person
	Relief  money.Fen // help outside the layers
	Person  money.Fen // the personal burden before relief
}

// Add counts one claim, not its person.
func (t *Totals) Add(c *Claim, r *Result) {
	t.Claims++
	t.Total += c.Total
	t.InScope += c.InScope
	t.Paid += c.Total - r.Person
	t.Person += r.Person
}

// Plus is both together.
func (t Totals) Plus(o Totals) Totals {
	t.People += o.People
	t.Claims += o.Claims
	t.Total += o.Total
	t.InScope += o.InScope
	t.Paid += o.Paid
	t.Relief += o.Relief
	t.Person += o.Person
	return t
}

// covered is what the person does not bear: at least nothing, at most all of T,
// since help beyond the bills pays for no bill.
func (t *Totals) covered(withRelief bool) money.Fen {
	f := t.Paid
	if withRelief {
		f += t.Relief
	}
	return min(max(0, f), t.Total)
}

// Rates are the shares of T, in basis points; Unset where T is 0.
type Rates struct {
	Protection money.Ratio // 综合保障率
	SelfPay    money.Ratio // 个人负担率: what is left to 100 %
	PerPerson  money.Fen   // 人均负担; Unset where nobody has a claim
	OutOfScope money.Ratio // (T − S) / T: the share of own-expense fees
}

// Rates computes the shares (semantics §10). withRelief counts help outside the
// layers as protection [choice]. Protection is rounded half up and self-pay is
// the rest, so that both are exactly 100 %.
func (t *Totals) Rates(withRelief bool) Rates {
	r := Rates{Unset, Unset, Unset, Unset}
	covered := t.covered(withRelief)
	if t.People > 0 {
		r.PerPerson = money.Fen(mulDiv(int64(t.Total-covered), 1, t.People))
	}
	if t.Total > 0 {
		r.Protection = Ratio(int64(covered), int64(t.Total))
		r.SelfPay = money.One - r.Protection
		r.OutOfScope = Ratio(int64(t.Total-t.InScope), int64(t.Total))
	}
	return r
}

// Judge holds 综合保障率 and 个人负担率 against the targets
// (杭政办函〔2022〕70号 第一条; 温政办〔2022〕98号 第一条), on the fen.
func (t *Totals) Judge(targets *Targets, withRelief bool) []Judged {
	covered := t.covered(withRelief)
	p := judge(RateProtection, int64(covered), int64(t.Total), targets.Protection)
	s := judge(RateSelfPay, int64(t.Total-covered), int64(t.Total), targets.SelfPay)
	if p.Value != Unset {
		s.Value = money.One - p.Value
	}
	return []Judged{p, s}
}

// JudgeElderChild holds 一老一小 against the targets (温政办〔2022〕98号 第一条): now are the
// totals of both groups, before those of the year before the document. The
// target of about 70 % is judged as at least that [choice]. The gain is the
// difference of the two rounded rates, in basis points of T; without figures of
// the year before it is not judged.
func JudgeElderChild(now, before Totals, targets *Targets, withRelief bool) []Judged {
	level := judge(RateElderChild, int64(now.covered(withRelief)), int64(now.Total), targets.ElderChild)
	gain := Judged{Indicator: RateElderChildGain, Value: Unset, Target: targets.ElderChildGain}
	was := Ratio(int64(before.covered(withRelief)), int64(before.Total))
	if level.Value == Unset || was == Unset {
		return []Judged{level, gain}
	}
	gain.Num, gain.Of = int64(level.Value), int64(was)
	gain.Value = level.Value - was
	switch {
	case gain.Target == Unset:
	case gain.Value >= gain.Target:
		gain.Verdict = TargetMet
	default:
		gain.Verdict = TargetMissed
	}
	return []Judged{level, gain}
}

// Indicators sums claims by county, township, group, category and month. The
// zero value is ready to use; the order of what is added does not matter.
type Indicators struct{ sums map[IndicatorKey]*Totals }

func (x *Indicators) at(k IndicatorKey) *Totals {
	if x.sums == nil {
		x.sums = map[IndicatorKey]*Totals{}
	}
	if x.sums[k] == nil {
		x.sums[k] = &Totals{}
	}
	return x.sums[k]
}

// Add counts a claim, and relief, under one key. Without a claim it counts the
// relief alone.
func (x *Indicators) Add(k IndicatorKey, c *Claim, r *Result, relief money.Fen) {
	t := x.at(k)
	if c != nil {
		t.Add(c, r)
	}
	t.Relief += relief
}

// AddPerson counts a person under a key: once a year, in the month of the first
// claim.
func (x *Indicators) AddPerson(k IndicatorKey) { x.at(k).People++ }

// AddYear counts one person-year. Claims and results are parallel. A claim is
// counted under each assisted category that the person held that day, under the
// one by which a window assisted it, and once under NoCategory; under a group of
// age by the age that day, where the policy has such a group and birth is known.
// Relief is counted likewise on its own day; a posting is in the results
// already.
func (x *Indicators) AddYear(p *Policy, county, township string, birth civil.Date, spells []Spell, claims []Claim, results []Result, helps []Help) {
	first := map[IndicatorKey]civil.Month{}
	each := func(d civil.Date, more Category, f func(IndicatorKey)) {
		var who CategorySet
		seg := p.At(d)
		if seg != nil {
			who = Held(spells, d) & seg.Params.Assisted
		}
		if more != NoCategory {
			who |= 1 << more
		}
		k := IndicatorKey{County: county, Township: township, Month: d.Month()}
		if who != 0 {
			f(k)
		}
		for _, c := range who.List() {
			k.Category = c
			f(k)
		}
		t := p.ageTargets(d)
		if t == nil || birth == 0 || d < birth {
			return
		}
		k.Category = NoCategory
		age := AgeOn(birth, d)
		if t.ElderAge > 0 && age >= t.ElderAge {
			k.Group = Elder
			f(k)
		}
		if t.ChildAge > 0 && age < t.ChildAge {
			k.Group = Child
			f(k)
		}
	}
	for i := range claims {
		each(claims[i].At.Date(), results[i].Category, func(k IndicatorKey) {
			x.Add(k, &claims[i], &results[i], 0)
			m := k.Month
			k.Month = 0
			if was, ok := first[k]; !ok || m < was {
				first[k] = m
			}
		})
	}
	for _, h := range helps {
		if !h.Posted {
			each(h.Date, NoCategory, func(k IndicatorKey) { x.Add(k, nil, nil, h.Amount) })
		}
	}
	for k, m := range first {
		k.Month = m
		x.AddPerson(k)
	}
}

// ageTargets says who is old and who is young on a day: by the policy in force,
// and in the year before a document, with which its rise is compared, by the
// document to come. nil where neither speaks.
func (p *Policy) ageTargets(d civil.Date) *Targets {
	if seg := p.At(d); seg != nil {
		return &seg.Params.Duties.Targets
	}
	for i := range p.Segments {
		if seg := &p.Segments[i]; seg.From > d && seg.From.Year() <= d.Year()+1 {
			return &seg.Params.Duties.Targets
		}
	}
	return nil
}

// Level is how far rows are broken down.
type Level uint8

// The levels.
const (
	ByArea     Level = iota // all counties together
	ByCounty                // all townships of a county together
	ByTownship              //
)

// IndicatorRow is a sum of the year to date; Month is its last month.
type IndicatorRow struct {
	IndicatorKey
	Totals
}

// YearToDate sums January to the month, in the order of county, township, group
// and category. What a level does not break down is empty in its keys.
func (x *Indicators) YearToDate(month civil.Month, level Level) []IndicatorRow {
	sums := map[IndicatorKey]Totals{}
	for k, t := range x.sums {
		if k.Month.Year() != month.Year() || k.Month > month {
			continue
		}
		k.Month = month
		if level < ByTownship {
			k.Township = ""
		}
		if level < ByCounty {
			k.County = ""
		}
		sums[k] = sums[k].Plus(*t)
	}
	rows := make([]IndicatorRow, 0, len(sums))
	for k, t := range sums {
		rows = append(rows, IndicatorRow{k, t})
	}
	slices.SortFunc(rows, func(a, b IndicatorRow) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Township, b.Township), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Category, b.Category))
	})
	return rows
}

// Clearance counts the cases of a year (semantics §7, §10; 杭政办函〔2022〕70号 第一条;
// 温政办〔2022〕98号 第二条（四）18).
type Clearance struct{ Opened, Cleared int }

// Add counts a case: as cleared where it stands so now.
func (c *Clearance) Add(k *Case) {
	c.Opened++
	c.Cleared += one(k.State == Cleared)
}

// Judge holds 化解率 against its target. A year without a case has no rate.
func (c Clearance) Judge(t *Targets) Judged {
	return JudgeCount(RateCleared, c.Cleared, c.Opened, t.Cleared)
}

// OverLine measures burdens of a year against a line that nobody should bear
// more than: of persons or of households, a measured figure and no entitlement
// (杭政办函〔2022〕70号 第二条（四）; 温政办〔2022〕98号 第二条（四）19). All amounts are fen.
type OverLine struct {
	Line   money.Fen // Unset: nothing is measured
	Of     int       // whose burden was looked at
	Count  int       // whose is above the line; the line itself is not
	Burden money.Fen // of those
	Above  money.Fen // the part of it above the line
	Most   money.Fen // the highest of all
}

// Add looks at one burden and reports whether it is above the line.
func (o *OverLine) Add(burden money.Fen) bool {
	if o.Line == Unset {
		return false
	}
	o.Of++
	o.Most = max(o.Most, burden)
	if burden <= o.Line {
		return false
	}
	o.Count++
	o.Burden += burden
	o.Above += burden - o.Line
	return true
}
