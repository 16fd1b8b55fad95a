package rules

import (
	"doudi/rules/civil"
	"doudi/rules/money"
)

// year runs the layers that are owed for the year, on a claim eligible for
// assistance. Where both of them are on, or a supplement paid as well, they never
// pay what the person does not bear.
func (s *settler) year(prm *Params, c *Claim, held CategorySet, own money.Fen, d civil.Date, r *Result) {
	bears := max(0, s.acc.Borne+own)
	if limit := prm.ceilingOn(c, held); limit != NoCap {
		// Both are assistance, of which the ceiling speaks. What it holds back is
		// still owed, and paid on a later claim that it does not limit.
		bears = min(bears, max(0, limit-r.Basic-r.Other-r.Major-r.Assist))
	}
	if !c.OutOfProvince && c.Referral != Unreferred {
		r.Tilt = s.tilt(prm, own, bears, r.Category)
	}
	s.acc.SpecialBase += own
	if prm.SpecialOn {
		r.Special = s.special(prm, held, bears-r.Tilt, d)
	}
}

// tilt is the tilted assistance of the year (semantics §4.4). The pool counts as
// used up under the category by which this claim was assisted: of several
// identities that is the one with which the person is better off.
func (s *settler) tilt(prm *Params, burden, bears money.Fen, cat Category) money.Fen {
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
	pay := min(bears, max(0, min(due, s.acc.TiltBase)-s.acc.TiltPaid))
	if s.cur != nil {
		s.step(traceTilt(prm, cat, &s.acc, open, due, pay))
	}
	s.acc.TiltPaid += pay
	return pay
}

// special is the special assistance of the year (semantics §4.5).
func (s *settler) special(prm *Params, held CategorySet, bears money.Fen, d civil.Date) money.Fen {
	var ratio money.Ratio
	who := NoCategory
	for _, cat := range prm.Order {
		if !prm.Assisted.Has(cat) || prm.SpecialRatio[cat] <= ratio {
			continue
		}
		if held.Has(cat) && (!prm.ByApplication.Has(cat) || s.applied(cat, d)) || s.windowed(cat, d) {
			ratio, who = prm.SpecialRatio[cat], cat
		}
	}
	base := max(0, s.acc.SpecialBase-s.acc.TiltPaid)
	due := min(prm.SpecialCap, max(0, base-prm.SpecialThreshold).MulHalfUp(ratio))
	pay := min(bears, max(0, min(due, base)-s.acc.SpecialPaid))
	if s.cur != nil {
		s.step(traceSpecial(prm, who, base, s.acc.SpecialPaid, due, pay))
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
