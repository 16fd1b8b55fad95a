package rules

import (
	"sort"

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

	MajorOn         bool // deductible and tiers are configured
	MajorDeductible money.Fen
	MajorTiers      []Tier
	MajorCap        money.Fen
	MajorCut        RatioBy     // the part of the deductible that the identity takes off
	MajorPoints     RatioBy     // added to the ratio
	MajorNoCap      CategorySet // whose cap is lifted

	AssistOn       bool // ratios are configured
	Unreferred     bool // care outside the area against the rules is assisted, too
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

	HospitalOn    bool
	HospitalLimit [4]money.Ratio // by level; index 0 unused

	Exit ExitEffect

	Retro           CategorySet // who reaches back when recognised by illness
	RetroMonths     int
	RetroAfterOther bool // also who held another assisted category the day before
	RetroEarliest   civil.Date

	Monitors []Monitor
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
	Segments []Segment
	Digest   string // over packs and overlay
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
