package rules

import (
	"sort"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Param names a parameter by its path in a pack: "assist.ratio". The list of
// them, with types and meanings, is in rules/pack.
type Param string

// NoCap is a cap that does not limit.
const NoCap = money.Fen(-1)

// ByCategory holds one amount or ratio for each category, and for NoCategory
// the ordinary insured where that has a meaning.
type (
	AmountBy [numCategories]money.Fen
	RatioBy  [numCategories]money.Ratio
)

// AmountByInsurance and RatioByInsurance hold one value for each basic
// insurance; Unset where none is given.
type (
	AmountByInsurance [numInsurances]money.Fen
	RatioByInsurance  [numInsurances]money.Ratio
)

// Unset marks an amount or a ratio, of those that nothing is computed with
// unless somebody gives them, as not given.
const Unset = -1

// NotByInsurance has no value for any insurance.
func NotByInsurance() (a AmountByInsurance, r RatioByInsurance) {
	for i := range a {
		a[i], r[i] = Unset, Unset
	}
	return a, r
}

// Tier of the major illness insurance: base up to To is paid at Ratio.
type Tier struct {
	To    money.Fen // NoCap: no end
	Ratio money.Ratio
}

// Measure is the burden that a monitor looks at.
type Measure uint8

// The two measures (semantics §7).
const (
	AfterMajor Measure = iota // what is left after basic, other and major
	AfterAll                  // what is left after all layers
)

// Watched says whom a monitor watches.
type Watched uint8

// Whom a monitor watches.
const (
	WatchCategories Watched = iota // who holds one of its categories
	WatchWithout                   // who never held an assisted category up to that day
	WatchWith                      // who holds or held an assisted category
)

// Monitor is one warning line of a pack (semantics §7).
type Monitor struct {
	ID         string
	Name       string // Chinese
	Who        Watched
	Categories CategorySet // for WatchCategories
	Line       money.Fen
	Inclusive  bool // 达到: the line itself counts; else 超过: strictly above
	Measure    Measure
	Total      bool // the burden of the total fee; else of what is in scope
	Household  bool // measures the members of a household together
	On         bool // the line is set
}

// Crosses reports whether a burden crosses the line.
func (m *Monitor) Crosses(burden money.Fen) bool {
	return burden > m.Line || m.Inclusive && burden == m.Line
}

// Params is everything a pack says of one day. The zero value of a switch is
// "not configured": the layer passes the recorded amount through.
type Params struct {
	Order    []Category // ties go to the earlier one
	Assisted CategorySet
	First    bool // of several identities the first of Order counts; else the most favourable

	// Whom the targeted policy of some counties favours (Shenyang).
	Targeted         CategorySet
	TargetedCounties map[string]bool // folded by [FoldCounty]; empty: everywhere

	BasicOn              bool // the basic insurance is recomputed for the targeted
	BasicOutpatientRatio money.Ratio
	BasicOutpatientCap   money.Fen              // pool of the year; NoCap: none
	BasicHospitals       map[string]string      // code, or folded name or synonym → class of designated hospital
	BasicInpatientRatio  map[string]money.Ratio // by class
	BasicDiseases        map[string]string      // like Diseases
	BasicDiseaseRatio    money.Ratio            // 0: no better ratio
	KeepHigher           bool                   // a higher recorded amount stays

	MajorOn         bool // deductible and tiers are configured
	MajorDeductible money.Fen
	MajorTiers      []Tier
	MajorCap        money.Fen
	MajorCut        RatioBy     // the part of the deductible that the identity takes off
	MajorPoints     RatioBy     // added to the ratio
	MajorNoCap      CategorySet // whose cap is lifted
	MajorAtLeast    RatioBy     // no tier pays less than this
	MajorDirect     money.Ratio // for the targeted at designated hospitals: from the first fen; 0: off

	AssistOn       bool        // ratios are configured
	AssistHas      CategorySet // for these; of others the recorded amount stands
	ByApplication  CategorySet // assisted from their application on; empty unless the office asks for one
	AssistTotal    bool        // of all that is left of the fee; else of what is left in scope
	Unreferred     bool        // care outside the area against the rules is assisted, too
	AssistKinds    KindSet
	DiseaseKinds   KindSet           // kinds of claims that are covered for listed diseases only
	Diseases       map[string]string // folded name, synonym or code → disease id
	AssistRatio    RatioBy
	OutpatientOwn  bool // outpatient kinds have ratios of their own
	OutpatientRate RatioBy
	Deductible     AmountBy
	DeductKinds    KindSet
	AssistCap      AmountBy // NoCap: none
	SubCap         AmountBy // nested pool; NoCap: none
	SubCapKinds    KindSet

	TiltOn        bool
	TiltRatio     RatioBy
	TiltThreshold money.Fen
	TiltCap       money.Fen

	SpecialOn        bool
	SpecialRatio     RatioBy
	SpecialThreshold money.Fen
	SpecialCap       money.Fen

	SupplementOn      bool
	SupplementRatio   money.Ratio
	SupplementInScope bool // of what is left in scope; else of all that the person still bears

	CeilingOn    bool // basic, other, major and assistance together are limited
	CeilingRatio money.Ratio
	CeilingWho   CategorySet
	CeilingKinds KindSet

	HospitalOn    bool
	HospitalLimit [4]money.Ratio // by level, Unset for none; index 0 unused

	Exit ExitEffect

	Retro           CategorySet // who reaches back when recognised by illness
	RetroMonths     int
	RetroAfterOther bool // also who held another assisted category the day before
	RetroEarliest   civil.Date

	Monitors []Monitor
	Duties   Duties
}

// Duties are what a pack says beside the waterfall: of premiums, of targets, of
// what is to be listed or checked. A ratio or amount that nobody gave is Unset.
type Duties struct {
	Premium Premium
	Targets Targets

	Huiminbao        CategorySet       // whose 惠民保 premium is subsidised
	HuiminbaoSubsidy AmountByInsurance // by the basic insurance they are in

	SpecialOldLimit AmountByInsurance // yearly limit of special outpatient care until now
	SpecialLimit    AmountByInsurance // and from now on, shared with inpatient care
	SpecialRatio    RatioByInsurance  // of the inpatient rules

	MaternityWait     int         // unbroken months of contribution; 0: no such rule
	MaternityLate     bool        // also payable when another unbroken run reaches the wait
	MaternityLastYear bool        // the base is last year's average; else that of the month of birth
	MaternityRate     money.Ratio // contribution of flexible workers

	PriceUplift  money.Ratio // for children's items
	PriceAge     int         // up to and with this age
	PriceClasses []string    // of items

	Risk            CategorySet // latent-risk people
	PersonBurden    money.Fen   // what a person should bear at most in a year
	HouseholdBurden money.Fen   // and a household

	Budget money.Fen // of the assistance fund, for the year of the date

	Adjustable []string // parameters that the document lets the office adjust, by path
}

// PremiumRule says how much of the basic insurance's premium a category is
// subsidised.
type PremiumRule uint8

// The rules of premium subsidy.
const (
	NoSubsidy    PremiumRule = iota
	FullSubsidy              // all that the person would pay
	FixedSubsidy             // an amount
	OpenSubsidy              // to be subsidised; how much is left to another document
)

// Premium is the subsidy of the basic insurance's premium (semantics §8).
type Premium struct {
	Rule            [numCategories]PremiumRule
	Fixed           AmountBy
	AtMost          [numCategories]Category // not more than this one's; none: no limit
	Applicant       [numCategories]string   // the department that applies for the money
	AfterCollection bool                    // recognition after the collection period still counts
	CollectionEnd   civil.Date              // last day of the collection period for the year of the date; 0 unset
	AtRecognition   bool                    // only where the person was recognised
	Standard        money.Fen               // what a person pays for the year of the date
}

// Due are the categories that are subsidised.
func (p *Premium) Due() CategorySet {
	var set CategorySet
	for c, r := range p.Rule {
		if r != NoSubsidy {
			set |= 1 << c
		}
	}
	return set
}

// Targets are the figures that a document asks for.
type Targets struct {
	Enrolled       money.Ratio // 参保率, at least
	Subsidised     money.Ratio // 资助参保率, at least
	Protection     money.Ratio // 综合保障率, at least
	SelfPay        money.Ratio // 个人负担率, at most
	Cleared        money.Ratio // 化解率, at least
	ElderChild     money.Ratio // 综合保障率 of the old and the young, about
	ElderChildGain money.Ratio // its rise over the year before the document
	ElderAge       int         // old: from this age; 0 unset
	ChildAge       int         // young: under this age; 0 unset
	Huiminbao      money.Ratio // enrolled in 惠民保, at least
	WithoutRelief  bool        // help outside the layers does not count as protection
}

// NewDuties has everything unset.
func NewDuties() Duties {
	a, r := NotByInsurance()
	return Duties{HuiminbaoSubsidy: a, SpecialOldLimit: a, SpecialLimit: a, SpecialRatio: r, MaternityRate: Unset, PriceUplift: Unset,
		PersonBurden: Unset, HouseholdBurden: Unset, Budget: Unset, Premium: Premium{Standard: Unset},
		Targets: Targets{Enrolled: Unset, Subsidised: Unset, Protection: Unset, SelfPay: Unset, Cleared: Unset, ElderChild: Unset, ElderChildGain: Unset, Huiminbao: Unset}}
}

// outpatientGroup are the kinds to which OutpatientRate applies.
const outpatientGroup = KindSet(1<<OutpatientSpecial | 1<<Outpatient | 1<<Pharmacy)

// PackRef names a pack and gives its parameters at their earliest dates, for
// retroactive claims on days without a pack (semantics §4).
type PackRef struct {
	ID       string
	Digest   string
	Earliest *Params
}

// Segment is a stretch of days on which nothing in the policy changes: From
// counts, To does not.
type Segment struct {
	From, To civil.Date
	Params   *Params
	Pack     *PackRef
}

// Policy is what an area applies: segments in order, without overlaps. A day in
// no segment is a day without a pack.
type Policy struct {
	Area     string
	County   string // where a person lives of whom no row names a county: the area's own name
	Segments []Segment
	Digest   string // over packs and overlay
}

// In sets the county of people of whom no row names one. Where it decides what
// is due it is part of the digest: with another name everybody is settled again.
func (p *Policy) In(county string) {
	p.County = county
	for i := range p.Segments {
		if len(p.Segments[i].Params.TargetedCounties) > 0 {
			p.Digest += " " + FoldCounty(county)
			return
		}
	}
}

// FoldCounty makes names of counties comparable: 康平 and 康平县 are one.
func FoldCounty(s string) string {
	s = Fold(s)
	for _, suffix := range []string{"自治县", "县", "区", "市"} {
		if short, ok := strings.CutSuffix(s, suffix); ok && short != "" {
			return short
		}
	}
	return s
}

// At gives the segment in force on d, or nil.
func (p *Policy) At(d civil.Date) *Segment {
	i := sort.Search(len(p.Segments), func(i int) bool { return p.Segments[i].To > d })
	if i < len(p.Segments) && p.Segments[i].From <= d {
		return &p.Segments[i]
	}
	return nil
}

// ExitEffect is when a removal on d acts. On a day without a pack it is what
// the next pack says at its earliest date, as for retroactive claims; the same
// day where none follows.
func (p *Policy) ExitEffect(d civil.Date) ExitEffect {
	i := sort.Search(len(p.Segments), func(i int) bool { return p.Segments[i].To > d })
	switch {
	case i == len(p.Segments):
		return SameDay
	case d < p.Segments[i].From:
		return p.Segments[i].Pack.Earliest.Exit
	}
	return p.Segments[i].Params.Exit
}

// Spells is Timeline under this policy.
func (p *Policy) Spells(events []Event) ([]Spell, []Note) { return Timeline(events, p.ExitEffect) }

// Window is the time that a recognition by illness reaches back: From counts,
// To (the day of recognition) does not (semantics §5).
type Window struct {
	From, To civil.Date
	Category Category
	Event    int64    // Ref of the recognition
	Segment  *Segment // in force on the day of recognition
}

// Windows finds who is newly recognised with cause illness, and how far each
// recognition reaches back. Newly: no assisted category open on the day before,
// unless the office chose otherwise.
func (p *Policy) Windows(spells []Spell) []Window {
	var ws []Window
	for _, s := range spells {
		if s.Cause != Illness {
			continue
		}
		seg := p.At(s.Start)
		if seg == nil || !seg.Params.Retro.Has(s.Category) {
			continue
		}
		prm := seg.Params
		before := Held(spells, s.Start.Prev()) & prm.Assisted
		if before != 0 && !(prm.RetroAfterOther && !before.Has(s.Category)) {
			continue
		}
		w := Window{s.Start.AddMonths(-prm.RetroMonths), s.Start, s.Category, s.Opened, seg}
		w.From = max(w.From, prm.RetroEarliest)
		if w.From < w.To {
			ws = append(ws, w)
		}
	}
	return ws
}
