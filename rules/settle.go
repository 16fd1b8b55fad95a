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
	SpecialBase money.Fen `json:"special_base"` // U'
	SpecialPaid money.Fen `json:"special_paid"` //
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
		r.Hospital = min(c.Hosp, c.Total-r.Basic-r.Other-r.Major-r.Assist)
		r.Person = c.Total - r.Basic - r.Other - r.Major - r.Assist - r.Hospital
		return r
	}
	held := Held(s.spells, d)
	if s.cur != nil {
		s.note(pack, seg, held)
	}

	burden := max(0, c.InScope-r.Basic-r.Other)
	r.Major = s.major(prm, c, held, burden)
	burden = max(0, burden-r.Major)

	eligible := s.assist(prm, c, held, burden, &r)
	burden = max(0, burden-r.Assist)

	own := burden // of this claim, before the layers that are owed for the year
	if eligible && !c.OutOfProvince {
		r.Tilt = s.tilt(prm, burden, r.Category)
		burden = max(0, burden-r.Tilt)
	}
	if eligible && prm.SpecialOn {
		r.Special = s.special(prm, c, held, burden, d)
	}
	rest := c.Total - r.Basic - r.Other - r.Major - r.Assist
	r.Hospital = s.hospital(prm, c, held, rest-min(own, r.Tilt+r.Special))
	r.Person = rest - r.Tilt - r.Special - r.Hospital
	return r
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

// major is the major illness insurance (semantics §4.2): each identity
// separately and the ordinary insured as well, the most favourable taken.
func (s *settler) major(prm *Params, c *Claim, held CategorySet, base money.Fen) money.Fen {
	if !prm.MajorOn {
		if s.cur != nil {
			s.step(Step{Layer: LayerMajor, Params: []Param{"major.deductible", "major.tiers"}, Amount: c.Major, Recorded: true})
		}
		return c.Major
	}
	best, who := majorUnder(prm, NoCategory, &s.acc, base), NoCategory
	for _, cat := range prm.Order {
		if held.Has(cat) {
			if pay := majorUnder(prm, cat, &s.acc, base); pay > best {
				best, who = pay, cat
			}
		}
	}
	if s.cur != nil {
		s.step(traceMajor(prm, who, &s.acc, base, best))
	}
	s.acc.MajorBase += base
	s.acc.MajorPaid += best
	return best
}

func majorUnder(prm *Params, cat Category, acc *Accumulators, base money.Fen) money.Fen {
	from := max(acc.MajorBase, majorDeductible(prm, cat))
	to := acc.MajorBase + base
	var sum int64
	lower := money.Fen(0)
	for _, t := range prm.MajorTiers {
		upper := t.To
		if upper == NoCap {
			upper = max(to, lower)
		}
		if a, b := max(from, lower), min(to, upper); b > a {
			sum += int64(b-a) * int64(min(t.Ratio+prm.MajorPoints[cat], money.One))
		}
		lower = upper
	}
	pay := money.Round(sum)
	if prm.MajorCap != NoCap && !prm.MajorNoCap.Has(cat) {
		pay = min(pay, max(0, prm.MajorCap-acc.MajorPaid))
	}
	return pay
}

func majorDeductible(prm *Params, cat Category) money.Fen {
	return prm.MajorDeductible.MulHalfUp(money.One - prm.MajorCut[cat])
}

// assist is the medical assistance (semantics §4.3). It reports whether the
// claim was eligible, which tilt and special assistance build on.
func (s *settler) assist(prm *Params, c *Claim, held CategorySet, base money.Fen, r *Result) bool {
	if !prm.AssistOn {
		r.Assist = min(c.Assist, c.Total-r.Basic-r.Other-r.Major)
		if s.cur != nil {
			s.step(Step{Layer: LayerAssist, Params: []Param{"assist.ratio"}, Amount: r.Assist, Recorded: true})
		}
		return false
	}
	d := c.At.Date()
	if why := excluded(prm, c); why != "" {
		if s.cur != nil {
			s.step(Step{Layer: LayerAssist, Params: excludedParams(why), Note: why})
		}
		return false
	}
	var best assistance
	found := false
	for _, cat := range prm.Order {
		if held.Has(cat) && prm.Assisted.Has(cat) {
			if a := assistUnder(prm, cat, c.Kind, &s.acc, base); !found || a.pay > best.pay {
				best, found = a, true
			}
		}
	}
	// A category that acts only through a window must pay more to be taken
	// before one that was held that day.
	for _, cat := range prm.Order {
		for i := range s.windows {
			w := &s.windows[i]
			if w.Category != cat || d < w.From || d >= w.To || !prm.Assisted.Has(cat) || held.Has(cat) {
				continue
			}
			if a := assistUnder(prm, cat, c.Kind, &s.acc, base); !found || a.pay > best.pay {
				best, found = a, true
				r.Retro, r.Event = true, w.Event
			}
		}
	}
	if !found {
		if s.cur != nil {
			s.step(Step{Layer: LayerAssist, Params: []Param{"assist.categories"}, Note: notHeld})
		}
		return false
	}
	r.Category, r.Assist = best.cat, best.pay
	if s.cur != nil {
		s.step(traceAssist(prm, c, best, r.Retro))
	}
	s.acc.Deducted += best.deducted
	s.acc.Pool += best.pay
	if prm.SubCapKinds.Has(c.Kind) {
		s.acc.SubPool += best.pay
	}
	return true
}

// Why assistance is not due, in the words of explain.
const (
	notReferred = "未按规定转诊，不予救助"
	notKind     = "该类费用不在救助范围"
	notDisease  = "病种不在门诊救助病种之内"
	notHeld     = "结算日不在救助对象名单，也不在回溯期内"
)

func excludedParams(why string) []Param {
	switch why {
	case notReferred:
		return []Param{"assist.unreferred"}
	case notDisease:
		return []Param{"assist.diseases"}
	}
	return []Param{"assist.kinds"}
}

func excluded(prm *Params, c *Claim) string {
	switch {
	case c.Referral == Unreferred && !prm.Unreferred:
		return notReferred
	case !prm.AssistKinds.Has(c.Kind):
		return notKind
	case prm.DiseaseKinds.Has(c.Kind) && prm.Disease(c) == "":
		return notDisease
	}
	return ""
}

// Disease is the listed disease of a claim, by its code or its folded name, or
// "".
func (prm *Params) Disease(c *Claim) string {
	if id := prm.Diseases[c.DiseaseCode]; id != "" {
		return id
	}
	return prm.Diseases[c.DiseaseName]
}

// assistance is one way to assist a claim.
type assistance struct {
	cat                 Category
	base, deducted, pay money.Fen
	ratio               money.Ratio
	left, subLeft       money.Fen // NoCap: no limit
}

func assistUnder(prm *Params, cat Category, kind Kind, acc *Accumulators, base money.Fen) assistance {
	a := assistance{cat: cat, base: base, ratio: prm.assistRatio(cat, kind), left: NoCap, subLeft: NoCap}
	if prm.DeductKinds.Has(kind) {
		a.deducted = min(base, max(0, prm.Deductible[cat]-acc.Deducted))
	}
	a.pay = (base - a.deducted).MulHalfUp(a.ratio)
	if limit := prm.AssistCap[cat]; limit != NoCap {
		a.left = max(0, limit-acc.Pool)
		a.pay = min(a.pay, a.left)
	}
	if limit := prm.SubCap[cat]; limit != NoCap && prm.SubCapKinds.Has(kind) {
		a.subLeft = max(0, limit-acc.SubPool)
		a.pay = min(a.pay, a.subLeft)
	}
	return a
}

func (prm *Params) assistRatio(cat Category, kind Kind) money.Ratio {
	if prm.OutpatientOwn && outpatientGroup.Has(kind) {
		return prm.OutpatientRate[cat]
	}
	return prm.AssistRatio[cat]
}

// tilt is the tilted assistance of the year (semantics §4.4). The pool counts as
// used up under the category by which this claim was assisted: of several
// identities that is the one with which the person is better off.
func (s *settler) tilt(prm *Params, burden money.Fen, cat Category) money.Fen {
	s.acc.TiltBase += burden
	if !prm.TiltOn {
		return 0
	}
	limit := prm.AssistCap[cat]
	open := limit != NoCap && s.acc.Pool >= limit
	var due money.Fen
	if open {
		due = min(prm.TiltCap, max(0, s.acc.TiltBase-prm.TiltThreshold).MulHalfUp(prm.TiltRatio[cat]))
	}
	pay := max(0, min(due, s.acc.TiltBase)-s.acc.TiltPaid)
	if s.cur != nil {
		s.step(traceTilt(prm, cat, &s.acc, open, due, pay))
	}
	s.acc.TiltPaid += pay
	return pay
}

// special is the special assistance of the year (semantics §4.5).
func (s *settler) special(prm *Params, c *Claim, held CategorySet, burden money.Fen, d civil.Date) money.Fen {
	s.acc.SpecialBase += burden
	var ratio money.Ratio
	who := NoCategory
	for _, cat := range prm.Order {
		if prm.Assisted.Has(cat) && (held.Has(cat) || s.windowed(cat, d)) && prm.SpecialRatio[cat] > ratio {
			ratio, who = prm.SpecialRatio[cat], cat
		}
	}
	due := min(prm.SpecialCap, max(0, s.acc.SpecialBase-prm.SpecialThreshold).MulHalfUp(ratio))
	pay := max(0, min(due, s.acc.SpecialBase)-s.acc.SpecialPaid)
	if s.cur != nil {
		s.step(traceSpecial(prm, who, &s.acc, due, pay))
	}
	s.acc.SpecialPaid += pay
	return pay
}

func (s *settler) windowed(cat Category, d civil.Date) bool {
	for i := range s.windows {
		if w := &s.windows[i]; w.Category == cat && w.From <= d && d < w.To {
			return true
		}
	}
	return false
}

// hospital is what the hospital bears of a stay (semantics §4.8): the fees out
// of scope above the level's share of the total, at most what the person would
// still bear. What the hospital bore already stays with it.
func (s *settler) hospital(prm *Params, c *Claim, held CategorySet, rest money.Fen) money.Fen {
	recorded := min(c.Hosp, rest)
	if !prm.HospitalOn || c.Kind != Inpatient || held&prm.Assisted == 0 || c.Level < 1 || c.Level > 3 {
		return recorded
	}
	limit := c.Total.MulHalfUp(prm.HospitalLimit[c.Level])
	pay := max(recorded, min(c.Total-c.InScope-limit, rest))
	if s.cur != nil {
		s.step(traceHospital(prm, c, limit, pay))
	}
	return pay
}
