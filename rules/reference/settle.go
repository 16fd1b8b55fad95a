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
	RefundOf                                    string // non-empty: this row is a refund that cancels that claim
}

// A Config is the pack with the office's choices and overlay.
type Config struct {
	Pack            string // "hangzhou-2022-70" | "kaifeng-2022-draft"
	NextMonthExit   bool
	RetroAfterOther bool

	MajorDeductible  *decimal.Decimal
	MajorTiers       []Tier
	MajorCap         *decimal.Decimal
	SpecialThreshold *decimal.Decimal
	MonitorLine      map[string]decimal.Decimal // of no effect on what is paid
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
	p := packOf(cfg)
	results := []Result{}
	var sums account
	year := 0
	for _, c := range inOrder(live(claims)) {
		day := civil(c.Time)
		if day.Year() != year {
			year, sums = day.Year(), account{}
		}
		held := heldAssisted(cfg, p, events, day)
		back := reachedBack(cfg, p, events, day)
		// Only a claim that a window can assist is retroactive; an unreferred one
		// in the window is as recorded like its neighbours outside.
		if day.Before(p.inForceFrom) && (len(back) == 0 || !covered(p, c)) {
			results = append(results, asRecorded(c))
			continue
		}
		results = append(results, settleOne(cfg, p, &sums, held, back, c))
	}
	return results
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

// settleOne runs the layers of one claim, each on what the one before left.
func settleOne(cfg Config, p pack, sums *account, held, back []string, c Claim) Result {
	r := Result{ID: c.ID, Basic: c.Basic, Other: c.Other}

	// 2. major: by what is held only, a window does not act here.
	r.Major = major(cfg, p, sums, held, c, r)

	// 3. assist, 4. tilt, 5. special: by what is held and by the windows.
	if eligible := eligibleFor(p, held, back, c); len(eligible) > 0 {
		var chosen candidate
		chosen, r.Assist = assist(p, sums, eligible, c, r)
		r.Category, r.Retro = chosen.category, chosen.retro
		r.Tilt = tiltOf(p, sums, chosen, c, r)
		r.Special = specialOf(cfg, p, sums, eligible, c, r)
	}

	// 6. supplement and 7. ratio cap: neither pack has one.

	// 8. hospital share: by what is held only.
	r.Hospital = hospitalShare(p, held, c, r)

	r.Person = stillBorne(c, r)
	return r
}
