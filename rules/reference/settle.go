package reference

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// An Event is one line about a person on a department's roster.
type Event struct {
	Op       string // "add", "remove", "change"
	Category string // "" on remove = all open
	Cause    string // "" or "illness"
	Date     time.Time
	Expiry   time.Time // zero: none; the spell ends on the day after
	Level    int       // disability level: of canji only 1 and 2 count; 0 = unknown counts as given by category
	County   string    // of the person; "" = Config.County
	Applied  time.Time // application for assistance, of an add or a change; zero: none
}

// A Claim is one settlement as the platform recorded it.
type Claim struct {
	ID                                          string
	Time                                        time.Time // settlement, may have a time of day
	Kind                                        string
	Referral                                    string // local | referred | unreferred
	OutOfProvince                               bool
	Total, InScope, Basic, Other, Major, Assist decimal.Decimal
	HospitalLevel                               int
	Disease                                     string // disease code of Kaifeng's list, or another
	Designated                                  string // the hospital is on Shenyang's list: "county" | "municipal"; else ""
	Major40                                     bool   // the disease is one of Shenyang's forty
	RefundOf                                    string // non-empty: this row is a refund that cancels that claim
}

// A Config is the pack with the office's choices and overlay. What an overlay
// field leaves out stays as the document has it.
type Config struct {
	Pack        string    // "hangzhou-2022-70" | "kaifeng-2022-draft" | "wenzhou-2022-98" | "xinjiang-2023" | "shenyang-2019-78"
	InForceFrom time.Time // first day on which the pack applies; zero: the document's own
	County      string    // of people whose rows name none

	NextMonthExit       bool
	RetroAfterOther     bool
	ApplicationRequired bool  // KF-11
	KeepHigher          *bool // §12; nil: true
	SupplementInScope   bool  // §4.6: the base is in_scope instead of total

	AssistRatio map[string]decimal.Decimal  // by category; in- and outpatient alike
	AssistCap   map[string]*decimal.Decimal // by category, annual; an entry of nil: none
	AssistKinds []string                    // the claim kinds assisted; empty: the pack's

	TiltRatio     map[string]decimal.Decimal // by category
	TiltThreshold *decimal.Decimal
	TiltCap       *decimal.Decimal

	MajorDeductible  *decimal.Decimal
	MajorTiers       []Tier
	MajorCap         *decimal.Decimal
	SpecialThreshold *decimal.Decimal
	MonitorLine      map[string]decimal.Decimal // of no effect on what is paid

	Then     *Config // takes over, whole, on ThenFrom; the year's accumulators run on
	ThenFrom time.Time
}

// A Tier is a step of the major illness insurance; it begins where the one before ends.
type Tier struct {
	To    *decimal.Decimal // nil: no end
	Ratio decimal.Decimal
}

// A Result is what became of one claim.
type Result struct {
	ID, Category  string
	Retro, NoPack bool

	Basic, Other, Major, Assist, Tilt, Special, Supplement, Hospital, Person decimal.Decimal
}

// Settle re-computes all claims of a person, year by year, in the order of
// settlement. Only claims that live are in the result.
func Settle(cfg Config, events []Event, claims []Claim) []Result {
	results := []Result{}
	var sums account
	year := 0
	for _, c := range inOrder(live(claims)) {
		day := civil(c.Time)
		if day.Year() != year {
			year, sums = day.Year(), account{}
		}
		r := settleOn(cfg, &sums, events, day, c)
		sums.person = sums.person.Add(r.Person)
		results = append(results, r)
	}
	return results
}

func settleOn(cfg Config, sums *account, events []Event, day time.Time, c Claim) Result {
	back := reachedBack(cfg, events, day)
	b, ok := rulebookFor(cfg, back, day, c)
	if !ok {
		return asRecorded(c)
	}
	return settleOne(b, sums, standingOn(cfg, b, events, back, day), c)
}

// live leaves out refunds and what they cancel.
func live(claims []Claim) []Claim {
	cancelled := map[string]bool{}
	for _, c := range claims {
		if c.RefundOf != "" {
			cancelled[c.RefundOf] = true
		}
	}
	var list []Claim
	for _, c := range claims {
		if c.RefundOf == "" && !cancelled[c.ID] {
			list = append(list, c)
		}
	}
	return list
}

func inOrder(claims []Claim) []Claim {
	list := slices.Clone(claims)
	slices.SortStableFunc(list, func(a, b Claim) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// asRecorded is a claim of a day without a pack.
func asRecorded(c Claim) Result {
	r := Result{ID: c.ID, NoPack: true, Basic: c.Basic, Other: c.Other, Major: c.Major, Assist: c.Assist}
	r.Person = stillBorne(c, r)
	return r
}

// settleOne runs the layers of one claim (§4), each on what the one before left.
func settleOne(b rulebook, sums *account, who standing, c Claim) Result {
	r := Result{ID: c.ID, Other: c.Other}

	// 1. basic, 2. major: by what is held only, a window does not act here.
	r.Basic = basic(b, sums, who, c, r)
	r.Major = major(b, sums, who, c, r)

	// 3. assist with 7. ratio cap, 4. tilt, 5. special: by what is held and by the windows.
	eligible, passes := assistable(b.pack, who, c)
	if recordedIsMore(b.pack, sums, who, eligible, c, r) {
		eligible, passes = nil, true
	}
	var chosen candidate
	switch {
	case passes:
		r.Assist = asMuchAsFits(c.Assist, c, r)
	case len(eligible) > 0:
		chosen, r.Assist = assist(b.pack, sums, who, eligible, c, r)
		r.Category, r.Retro = chosen.category, chosen.retro
	}
	own := burden(c, r)
	room := yearRoom(b.pack, sums, who, c, r, own)
	if len(eligible) > 0 {
		r.Tilt = tiltOf(b.pack, sums, chosen, eligible, c, own, room)
		r.Special = specialOf(b, sums, eligible, own, room.Sub(r.Tilt))
	}

	// 6. supplement, 8. hospital share: by what is held only.
	r.Supplement = supplement(b, who, c, r, own)
	r.Hospital = hospitalShare(b.pack, who, c, r, own)

	r.Person = stillBorne(c, r)
	return r
}
