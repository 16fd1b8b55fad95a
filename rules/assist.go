package rules

import (
	"doudi/rules/civil"
	"doudi/rules/money"
)

// assist is the medical assistance (semantics §4.3). It reports whether the
// claim was eligible, which tilt and special assistance build on.
func (s *settler) assist(prm *Params, c *Claim, held CategorySet, base money.Fen, r *Result) bool {
	if !prm.AssistOn {
		s.assistAsRecorded(c, r)
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
	found, open := false, false
	for _, cat := range prm.Order {
		switch {
		case !held.Has(cat) || !prm.Assisted.Has(cat):
		case prm.ByApplication.Has(cat) && !s.applied(cat, d):
		case !prm.AssistHas.Has(cat):
			open = true
		default:
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
			if prm.ByApplication.Has(cat) && !s.applied(cat, d) {
				continue
			}
			if !prm.AssistHas.Has(cat) {
				open = true
				continue
			}
			if a := assistUnder(prm, cat, c.Kind, &s.acc, base); !found || a.pay > best.pay {
				best, found = a, true
				r.Retro, r.Event = true, w.Event
			}
		}
	}
	if recorded := min(c.Assist, r.rest(c)); open && (!found || recorded > best.pay) {
		// Assisted, but under one identity how much is left to another document:
		// what was paid stands, unless another identity gives as much.
		*r = Result{Basic: r.Basic, Other: r.Other, Major: r.Major, Pack: r.Pack}
		s.assistAsRecorded(c, r)
		return false
	}
	if !found {
		if s.cur != nil {
			st := Step{Layer: LayerAssist, Params: []Param{"assist.categories"}, Note: notHeld}
			if held&prm.Assisted&prm.ByApplication != 0 {
				st.Params, st.Note = []Param{"assist.by_application", "assist.application_required"}, notApplied
			}
			s.step(st)
		}
		return false
	}
	// The ceiling limits what this layer pays, and what the pool is charged with.
	if limit := prm.ceilingOn(c, held); limit != NoCap {
		best.ceiling = max(0, limit-r.Basic-r.Other-r.Major)
		best.pay = min(best.pay, best.ceiling)
	}
	r.Category, r.Assist = best.cat, best.pay
	if s.cur != nil {
		st := traceAssist(prm, c, best, r.Retro)
		if (held & prm.Assisted).Len() > 1 {
			st.Params = append(st.Params, "identity.several")
		}
		s.step(st)
	}
	s.acc.Deducted += best.deducted
	s.acc.Pool += best.pay
	if prm.SubCapKinds.Has(c.Kind) {
		s.acc.SubPool += best.pay
	}
	return true
}

// assistAsRecorded passes the platform's amount: nobody said how much is due.
func (s *settler) assistAsRecorded(c *Claim, r *Result) {
	r.Assist = min(c.Assist, r.rest(c))
	if s.cur != nil {
		s.step(Step{Layer: LayerAssist, Params: []Param{"assist.ratio"}, Amount: r.Assist, Recorded: true})
	}
}

// applied reports whether somebody who is assisted on application had applied
// by d.
func (s *settler) applied(cat Category, d civil.Date) bool {
	for i := range s.spells {
		if sp := &s.spells[i]; sp.Category == cat && sp.Covers(d) && sp.Applied != 0 && sp.Applied <= d {
			return true
		}
	}
	return false
}

// ceilingOn is what basic, other, major and assistance may come to together on a
// claim (semantics §4.7); NoCap where nothing limits them.
func (prm *Params) ceilingOn(c *Claim, held CategorySet) money.Fen {
	if !prm.CeilingOn || !prm.CeilingKinds.Has(c.Kind) || held&prm.CeilingWho == 0 {
		return NoCap
	}
	return c.InScope.MulHalfUp(prm.CeilingRatio)
}

// Why assistance is not due, in the words of explain.
const (
	notReferred = "未按规定转诊，不予救助"
	notKind     = "该类费用不在救助范围"
	notDisease  = "病种不在门诊救助病种之内"
	notHeld     = "结算日不在救助对象名单，也不在回溯期内"
	notApplied  = "该类对象依申请救助，结算日尚未申请"
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
func (prm *Params) Disease(c *Claim) string { return listed(prm.Diseases, c) }

// listed is the disease of a claim in a list by folded names and codes, or "".
func listed(diseases map[string]string, c *Claim) string {
	if id := diseases[c.DiseaseCode]; id != "" {
		return id
	}
	return diseases[c.DiseaseName]
}

// assistance is one way to assist a claim.
type assistance struct {
	cat                 Category
	base, deducted, pay money.Fen
	ratio               money.Ratio
	left, subLeft       money.Fen // NoCap: no limit
	ceiling             money.Fen // NoCap: no ceiling
}

func assistUnder(prm *Params, cat Category, kind Kind, acc *Accumulators, base money.Fen) assistance {
	a := assistance{cat: cat, base: base, ratio: prm.assistRatio(cat, kind), left: NoCap, subLeft: NoCap, ceiling: NoCap}
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
