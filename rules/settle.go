package rules

import (
	"fmt"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Result is what a claim is due, by layer. Other is not a layer of ours: it is
// what other public subsidies paid, as recorded.
type Result struct {
	Category   Category // under which assistance was due; none if it was not
	Retro      bool     // that category acts through a window
	Event      int64    // then: the recognition that opened the window
	NoPack     bool     // no policy in force: the recorded amounts stand
	Basic      money.Fen
	Other      money.Fen
	Major      money.Fen
	Assist     money.Fen
	Tilt       money.Fen
	Special    money.Fen
	Supplement money.Fen
	Hospital   money.Fen
	// Person is what the person bears. Tilt and special assistance are owed for
	// the year and paid on the claim that brings the entitlement: where they pay
	// for the burden of earlier claims, it is negative on this one.
	Person money.Fen
	Pack   *PackRef // nil without a pack
}

// Assistance is what the assistance fund pays: the platform records it as one
// figure.
func (r *Result) Assistance() money.Fen { return r.Assist + r.Tilt + r.Special }

// Accumulators are what a benefit year has used up so far.
type Accumulators struct {
	MajorBase   money.Fen `json:"major_base"`   // burden before major illness insurance
	MajorPaid   money.Fen `json:"major_paid"`   //
	Deducted    money.Fen `json:"deducted"`     // taken off as assistance deductible
	Pool        money.Fen `json:"pool"`         // paid from the assistance cap
	SubPool     money.Fen `json:"sub_pool"`     // of it from the nested cap
	TiltBase    money.Fen `json:"tilt_base"`    // U
	TiltPaid    money.Fen `json:"tilt_paid"`    //
	SpecialBase money.Fen `json:"special_base"` // burden after assistance: U' is this less tilt paid
	SpecialPaid money.Fen `json:"special_paid"` //
	BasicPool   money.Fen `json:"basic_pool"`   // of the recomputed special outpatient care
	Borne       money.Fen `json:"borne"`        // what the person bears
}

// SettleYear runs the waterfall over the live claims of one person and benefit
// year, which must be in the order of [SortClaims]. Results are appended to out,
// one for each claim in the same order. With a trace, it records why.
//
// The error names the claim whose buckets do not add up to its total; it can
// only come of a defect or of claims that Check would have refused, and the run
// must stop.
func (p *Policy) SettleYear(spells []Spell, windows []Window, claims []Claim, out []Result, tr *Trace) ([]Result, error) {
	s := settler{policy: p, spells: spells, windows: windows}
	for i := range claims {
		c := &claims[i]
		if tr != nil {
			s.begin(tr, c)
		}
		r := s.claim(c)
		if err := conserve(c, &r); err != nil {
			return out, err
		}
		if tr != nil {
			s.end(r)
		}
		if s.acc.Borne < 0 {
			return out, fmt.Errorf("rules: up to claim %s of %s the year pays %s more than the person had to bear", c.ID, c.At, -s.acc.Borne)
		}
		out = append(out, r)
	}
	return out, nil
}

// conserve checks that every fen of the total is in exactly one bucket.
func conserve(c *Claim, r *Result) error {
	sum := r.Basic + r.Other + r.Major + r.Assist + r.Tilt + r.Special + r.Supplement + r.Hospital + r.Person
	ok := sum == c.Total && r.Basic >= 0 && r.Other >= 0 && r.Major >= 0 && r.Assist >= 0 && r.Tilt >= 0 &&
		r.Special >= 0 && r.Supplement >= 0 && r.Hospital >= 0 && r.Person+r.Tilt+r.Special >= 0
	if !ok {
		return fmt.Errorf("rules: claim %s of %s does not add up: total %s, buckets %s, person %s", c.ID, c.At, c.Total, sum, r.Person)
	}
	return nil
}

// settler holds the state of one year.
type settler struct {
	policy  *Policy
	spells  []Spell
	windows []Window
	acc     Accumulators
	cur     *ClaimTrace // nil unless somebody asks why
}

func (s *settler) claim(c *Claim) Result {
	d := c.At.Date()
	seg := s.policy.At(d)
	var prm *Params
	var pack *PackRef
	if seg != nil {
		prm, pack = seg.Params, seg.Pack
	} else if w := s.covering(d); w != nil && excluded(w.Segment.Pack.Earliest, c) == "" {
		// Only a claim that the window can assist is retroactive.
		pack = w.Segment.Pack
		prm = pack.Earliest
	}
	r := Result{Basic: c.Basic, Other: c.Other, Pack: pack}
	if prm == nil {
		r.NoPack = true
		r.Major, r.Assist = c.Major, c.Assist
		r.Hospital = min(c.Hosp, r.rest(c))
		r.Person = r.rest(c) - r.Hospital
		s.acc.Borne += r.Person
		return r
	}
	held := Held(s.spells, d)
	if prm.First {
		held = prm.first(held)
	}
	if s.cur != nil {
		s.note(pack, seg, held)
	}
	favour := s.favoured(prm, c, d)

	r.Basic = s.basic(prm, c, favour)
	r.Major = s.major(prm, c, held, favour, &r)
	base := r.burden(c)
	if prm.AssistTotal {
		base = max(0, r.rest(c)-c.Hosp) // what the hospital bore is not the person's
	}
	eligible := s.assist(prm, c, held, base, &r)

	// own is the burden of this claim before the layers that are owed for the year.
	own := r.burden(c)
	if eligible {
		s.year(prm, c, held, own, d, &r)
	}
	left := r.rest(c) - min(own, r.Tilt+r.Special)
	r.Supplement = s.supplement(prm, favour, own-min(own, r.Tilt+r.Special), left, c.Hosp)
	r.Hospital = s.hospital(prm, c, held, left-r.Supplement)
	r.Person = r.rest(c) - r.Tilt - r.Special - r.Supplement - r.Hospital
	s.acc.Borne += r.Person
	return r
}

// first keeps of the categories in the pack's order only the first.
func (prm *Params) first(held CategorySet) CategorySet {
	for i, c := range prm.Order {
		if held.Has(c) {
			for _, o := range prm.Order[i+1:] {
				held &^= 1 << o
			}
			return held
		}
	}
	return held
}

// rest is what basic, other subsidies, major and assist leave of the total.
func (r *Result) rest(c *Claim) money.Fen { return c.Total - r.Basic - r.Other - r.Major - r.Assist }

// burden is what they leave of what is in scope.
func (r *Result) burden(c *Claim) money.Fen {
	return max(0, c.InScope-r.Basic-r.Other-r.Major-r.Assist)
}

// covering is the first window that covers d, or nil.
func (s *settler) covering(d civil.Date) *Window {
	for i := range s.windows {
		if w := &s.windows[i]; w.From <= d && d < w.To {
			return w
		}
	}
	return nil
}
