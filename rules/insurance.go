package rules

import (
	"cmp"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// favour is what the targeted policy of some counties does for a claim
// (semantics §12, Shenyang).
type favour struct {
	who   Category // none: nothing
	class string   // of the designated hospital in which the stay was; "" elsewhere
}

// favoured tells whether the targeted policy favours a claim.
func (s *settler) favoured(prm *Params, c *Claim, d civil.Date) favour {
	if prm.Targeted == 0 {
		return favour{}
	}
	for i := range s.spells {
		sp := &s.spells[i]
		if !prm.Targeted.Has(sp.Category) || !sp.Covers(d) || !prm.targets(cmp.Or(sp.County, s.policy.County)) {
			continue
		}
		f := favour{who: sp.Category}
		if c.Kind == Inpatient {
			f.class = prm.designated(c)
		}
		return f
	}
	return favour{}
}

func (prm *Params) targets(county string) bool {
	return len(prm.TargetedCounties) == 0 || prm.TargetedCounties[FoldCounty(county)]
}

func (prm *Params) designated(c *Claim) string {
	if class := prm.BasicHospitals[c.HospitalCode]; class != "" && c.HospitalCode != "" {
		return class
	}
	return prm.BasicHospitals[c.HospitalName]
}

// basic is the basic insurance, recomputed where the pack favours the claim, as
// recorded elsewhere (semantics §4.1, §12).
func (s *settler) basic(prm *Params, c *Claim, f favour) money.Fen {
	if !prm.BasicOn || f.who == NoCategory {
		return c.Basic
	}
	var ratio money.Ratio
	left := NoCap
	pool := c.Kind == OutpatientSpecial
	switch {
	case pool:
		ratio = prm.BasicOutpatientRatio
		if prm.BasicOutpatientCap != NoCap {
			left = max(0, prm.BasicOutpatientCap-s.acc.BasicPool)
		}
	case f.class != "":
		ratio = prm.BasicInpatientRatio[f.class]
		if prm.BasicDiseaseRatio > ratio && listed(prm.BasicDiseases, c) != "" {
			ratio = prm.BasicDiseaseRatio
		}
	}
	if ratio == 0 {
		return c.Basic
	}
	pay := min(c.InScope.MulHalfUp(ratio), max(0, c.InScope-c.Other))
	if left != NoCap {
		pay = min(pay, left)
	}
	computed := pay
	if prm.KeepHigher {
		pay = max(pay, c.Basic)
	}
	if s.cur != nil {
		s.step(traceBasic(prm, c, f, ratio, left, computed, pay))
	}
	if pool {
		s.acc.BasicPool += pay
	}
	return pay
}

// major is the major illness insurance (semantics §4.2): each identity
// separately and the ordinary insured as well, the most favourable taken.
func (s *settler) major(prm *Params, c *Claim, held CategorySet, f favour, r *Result) money.Fen {
	base, recorded := r.burden(c), min(c.Major, r.rest(c))
	direct := prm.MajorDirect != 0 && f.class != ""
	if !prm.MajorOn && !direct {
		if s.cur != nil {
			s.step(Step{Layer: LayerMajor, Params: []Param{"major.deductible", "major.tiers"}, Amount: recorded, Recorded: true})
		}
		// Another pack may take over within the year.
		s.acc.MajorBase += base
		s.acc.MajorPaid += recorded
		return recorded
	}
	best, who := money.Fen(0), NoCategory
	if prm.MajorOn {
		best, who = prm.majorBest(held, &s.acc, base)
	}
	if pay := base.MulHalfUp(prm.MajorDirect); direct && pay >= best {
		best = pay
		if prm.KeepHigher {
			best = max(best, min(kept(c.Major, base, r.Basic-c.Basic), r.rest(c)))
		}
		if s.cur != nil {
			s.step(traceDirect(prm, f, base, pay, best))
		}
	} else if s.cur != nil {
		s.step(traceMajor(prm, who, &s.acc, base, best))
	}
	s.acc.MajorBase += base
	s.acc.MajorPaid += best
	return best
}

// kept is what of a higher recorded amount stays: all of it, unless the basic
// insurance was raised. Then it pays what is left in scope at most, and never so
// little that both together are less than what was recorded.
func kept(recorded, base, raised money.Fen) money.Fen {
	if raised <= 0 {
		return recorded
	}
	return max(min(recorded, base), recorded-raised)
}

// majorBest is the best of the ordinary insured and of the identities held, in
// the pack's order. Of equal ones it names the first that is favoured at all:
// with a lower deductible, say, that was not reached either.
func (prm *Params) majorBest(held CategorySet, acc *Accumulators, base money.Fen) (best money.Fen, who Category) {
	best = majorUnder(prm, NoCategory, acc, base)
	for _, cat := range prm.Order {
		if !held.Has(cat) {
			continue
		}
		favoured := prm.MajorCut[cat] != 0 || prm.MajorPoints[cat] != 0 || prm.MajorAtLeast[cat] != 0 || prm.MajorNoCap.Has(cat)
		if pay := majorUnder(prm, cat, acc, base); pay > best || pay == best && who == NoCategory && favoured {
			best, who = pay, cat
		}
	}
	return best, who
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
			sum += int64(b-a) * int64(prm.majorRatio(t, cat))
		}
		lower = upper
	}
	pay := money.Round(sum)
	if prm.MajorCap != NoCap && !prm.MajorNoCap.Has(cat) {
		pay = min(pay, max(0, prm.MajorCap-acc.MajorPaid))
	}
	return pay
}

// majorRatio is what a tier pays a category.
func (prm *Params) majorRatio(t Tier, cat Category) money.Ratio {
	return min(max(t.Ratio+prm.MajorPoints[cat], prm.MajorAtLeast[cat]), money.One)
}

func majorDeductible(prm *Params, cat Category) money.Fen {
	return prm.MajorDeductible.MulHalfUp(money.One - prm.MajorCut[cat])
}

// supplement is the supplementary insurance of the targeted (semantics §4.6): a
// share of what the person still bears, in scope or of the total.
func (s *settler) supplement(prm *Params, f favour, inScope, total, recordedHosp money.Fen) money.Fen {
	if !prm.SupplementOn || f.who == NoCategory {
		return 0
	}
	base := max(0, total-recordedHosp) // what the hospital bore already is not the person's
	if prm.SupplementInScope {
		base = min(inScope, total)
	}
	pay := base.MulHalfUp(prm.SupplementRatio)
	if s.cur != nil {
		s.step(traceSupplement(prm, f, base, pay))
	}
	return pay
}

// hospital is what the hospital bears of a stay (semantics §4.8): the fees out
// of scope above the level's share of the total, at most what the person would
// still bear. What the hospital bore already stays with it.
func (s *settler) hospital(prm *Params, c *Claim, held CategorySet, rest money.Fen) money.Fen {
	recorded := min(c.Hosp, rest)
	if !prm.HospitalOn || c.Kind != Inpatient || held&prm.Assisted == 0 || c.Level < 1 || c.Level > 3 || prm.HospitalLimit[c.Level] == Unset {
		return recorded
	}
	limit := c.Total.MulHalfUp(prm.HospitalLimit[c.Level])
	pay := max(recorded, min(c.Total-c.InScope-limit, rest))
	if s.cur != nil {
		s.step(traceHospital(prm, c, limit, pay))
	}
	return pay
}
