package rules

import (
	"fmt"
	"slices"

	"doudi/rules/money"
)

// CutClaim is a special-disease outpatient claim that the platform still cut at
// the yearly limit that no longer applies. Amounts are fen.
type CutClaim struct {
	Index     int   // of the claim in what was given
	Claim     int64 // its Ref
	ID        string
	Insurance Insurance // whose old limit it was cut at
	Limit     money.Fen // that limit
	Before    money.Fen // basic paid on the year's special claims before this one
	Basic     money.Fen // and on this one
	Should    money.Fen // what basic should be; Unset unless Exact
	Missing   money.Fen // Should − Basic; Unset unless Exact
	Exact     bool      // the ratio is configured and every insurance is known
	Unsure    bool      // an insurance is not given, or nothing but the sum shows the cut
	Formula   string    // Chinese; "" unless Exact
}

// CutClaims finds the claims of one person and benefit year that were cut at the
// old yearly limit of special-disease outpatient care
// (温政办〔2022〕98号 第二条（一）1、（二）8: residents 1,500, employees 10,000, raised and shared
// with inpatient care, settled at the inpatient ratio). Claims and results are
// parallel, in the order of [SortClaims]; each claim is held to the policy of its
// day.
//
// Per insurance, the basic payments that the platform recorded on special claims
// are summed. A claim was cut when the sum before it was exactly the old limit
// and it got nothing, or when the sum with it is exactly the old limit and it
// got less than by the configured ratio, or a later special claim in scope got
// nothing. A sum that only happens to be the limit, with neither to show it, is
// listed as unsure where no ratio is configured. A sum beyond the limit was not cut at it.
//
// What is missing is min(ratio × S, what is left of the new limit) − basic, in
// the order of the year: the new limit is used up by the basic payments of
// inpatient and special claims as they should have been. A claim of which
// nothing is missing is not listed.
func (p *Policy) CutClaims(claims []Claim, results []Result) []CutClaim {
	var out []CutClaim
	unknown := slices.ContainsFunc(claims, func(c Claim) bool {
		return c.Insurance == NoInsurance && (c.Kind == OutpatientSpecial || c.Kind == Inpatient)
	})
	for ins := NoInsurance + 1; ins < numInsurances; ins++ {
		out = append(out, p.cutOf(ins, false, !unknown, claims, results)...)
	}
	if unknown {
		// What the claims without an insurance would show under each of them.
		for ins := NoInsurance + 1; ins < numInsurances; ins++ {
			for _, c := range p.cutOf(ins, true, false, claims, results) {
				if !slices.ContainsFunc(out, func(o CutClaim) bool { return o.Index == c.Index }) {
					c.Unsure = true
					out = append(out, c)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b CutClaim) int { return a.Index - b.Index })
	return out
}

// cutOf looks at the claims of one insurance, and at those without one where
// asked to.
func (p *Policy) cutOf(ins Insurance, withUnknown, exact bool, claims []Claim, results []Result) []CutClaim {
	var out []CutClaim
	var sum, used money.Fen // of special claims; of the new limit
	in := func(c *Claim) bool { return c.Insurance == ins || withUnknown && c.Insurance == NoInsurance }
	for i := range claims {
		c := &claims[i]
		if !in(c) || c.Kind != Inpatient && c.Kind != OutpatientSpecial {
			continue
		}
		basic := results[i].Basic
		if c.Kind == OutpatientSpecial {
			if cut, ok := p.cut(ins, c, sum, used, exact, starved(claims[i+1:], in)); ok {
				cut.Index = i
				basic = max(basic, cut.Should)
				if cut.Missing != 0 {
					out = append(out, cut)
				}
			}
			sum += c.Basic
		}
		used += basic
	}
	return out
}

// starved reports whether a special claim in scope got nothing.
func starved(claims []Claim, in func(*Claim) bool) bool {
	return slices.ContainsFunc(claims, func(c Claim) bool {
		return in(&c) && c.Kind == OutpatientSpecial && c.InScope > 0 && c.Basic == 0
	})
}

// cut holds one special claim against the old limit of its day. later is whether
// a later one got nothing.
func (p *Policy) cut(ins Insurance, c *Claim, sum, used money.Fen, exact, later bool) (CutClaim, bool) {
	seg := p.At(c.At.Date())
	if seg == nil || seg.Params.Duties.SpecialOldLimit[ins] == Unset || c.InScope == 0 {
		return CutClaim{}, false
	}
	d := &seg.Params.Duties
	cut := CutClaim{Claim: c.Ref, ID: c.ID, Insurance: ins, Limit: d.SpecialOldLimit[ins],
		Before: sum, Basic: c.Basic, Should: Unset, Missing: Unset}
	reaches := sum < cut.Limit && sum+c.Basic == cut.Limit
	if !reaches && (sum != cut.Limit || c.Basic != 0) {
		return cut, false
	}
	ratio := d.SpecialRatio[ins]
	if ratio == Unset {
		cut.Unsure = reaches && !later
		return cut, true
	}
	by := c.InScope.MulHalfUp(ratio)
	if c.Basic >= by {
		return cut, false // it got all that it should have
	}
	if !exact {
		return cut, true
	}
	cut.Exact, cut.Should = true, by
	cut.Formula = fmt.Sprintf("%s × %s = %s", c.InScope, ratio, by)
	if limit := d.SpecialLimit[ins]; limit != Unset {
		left := max(0, limit-used)
		cut.Should = min(by, left)
		cut.Formula = fmt.Sprintf("min(%s, 年度限额余额 %s − %s = %s) = %s", cut.Formula, limit, used, left, cut.Should)
	}
	cut.Should = max(cut.Should, c.Basic) // what was paid stays
	cut.Missing = cut.Should - c.Basic
	cut.Formula += fmt.Sprintf("，已付 %s，少付 %s", c.Basic, cut.Missing)
	return cut, true
}
