package reference

import (
	"slices"

	"github.com/shopspring/decimal"
)

// account is what a person's year adds up to; it starts at zero each year.
type account struct {
	majorBase, majorPaid       decimal.Decimal
	deductibleTaken            decimal.Decimal // really taken off assistance bases so far
	poolPaid, subPoolPaid      decimal.Decimal // under any category
	tiltBurden, tiltPaid       decimal.Decimal
	specialBurden, specialPaid decimal.Decimal
}

var zero, hundredPercent = decimal.Zero, percent("100")

// fen rounds half up; no amount here is negative.
func fen(d decimal.Decimal) decimal.Decimal { return d.Round(2) }

func notNegative(d decimal.Decimal) decimal.Decimal { return decimal.Max(zero, d) }

func paid(r Result) decimal.Decimal {
	return decimal.Sum(r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital)
}

// burden is what is left in scope after the payments so far and other subsidies.
func burden(c Claim, r Result) decimal.Decimal { return notNegative(c.InScope.Sub(paid(r))) }

// stillBorne is what is left of the total.
func stillBorne(c Claim, r Result) decimal.Decimal { return c.Total.Sub(paid(r)) }

// ---- major illness insurance (大病保险) ----

func major(cfg Config, p pack, sums *account, held []string, c Claim, r Result) decimal.Decimal {
	if cfg.MajorDeductible == nil || len(cfg.MajorTiers) == 0 {
		return c.Major // not configured: as recorded
	}
	before := sums.majorBase
	after := before.Add(burden(c, r))
	sums.majorBase = after

	// The ordinary benefit, and that of each category held; the best of them.
	best := majorUnder(cfg, rule{}, sums.majorPaid, before, after)
	for _, category := range held {
		best = decimal.Max(best, majorUnder(cfg, p.rules[category], sums.majorPaid, before, after))
	}
	sums.majorPaid = sums.majorPaid.Add(best)
	return best
}

// majorUnder pays the part of the year's base from before to after that lies
// above the deductible, each piece at the ratio of the tier it lies in.
func majorUnder(cfg Config, ru rule, paidSoFar, before, after decimal.Decimal) decimal.Decimal {
	deductible := *cfg.MajorDeductible
	if ru.majorHalfDeductible {
		deductible = fen(deductible.Mul(percent("50")))
	}
	from := decimal.Max(before, deductible)

	payment := zero
	tierFrom := zero
	for _, t := range cfg.MajorTiers {
		tierTo := after
		if t.To != nil {
			tierTo = *t.To
		}
		piece := notNegative(decimal.Min(after, tierTo).Sub(decimal.Max(from, tierFrom)))
		ratio := decimal.Min(hundredPercent, t.Ratio.Add(ru.majorPoints))
		payment = payment.Add(piece.Mul(ratio))
		tierFrom = tierTo
	}
	payment = fen(payment)

	if cfg.MajorCap != nil && !ru.majorNoCap {
		payment = decimal.Min(payment, notNegative(cfg.MajorCap.Sub(paidSoFar)))
	}
	return payment
}

// ---- medical assistance (医疗救助) ----

// A candidate is a category under which a claim can be assisted.
type candidate struct {
	category string
	retro    bool // acts through a retroactive window only
}

// eligibleFor lists the candidates in the order that settles ties: what is
// held that day first, then what acts through a window, each in the pack's order.
func eligibleFor(p pack, held, back []string, c Claim) []candidate {
	if !covered(p, c) {
		return nil
	}
	var list []candidate
	for _, category := range held {
		list = append(list, candidate{category, false})
	}
	for _, category := range back {
		if !slices.Contains(held, category) {
			list = append(list, candidate{category, true})
		}
	}
	return list
}

func covered(p pack, c Claim) bool {
	if c.Referral == "unreferred" {
		return false // HZ-11, KF-13
	}
	return slices.Contains(p.coveredKinds, c.Kind) ||
		slices.Contains(p.diseaseKinds, c.Kind) && slices.Contains(p.diseases, c.Disease)
}

// assist pays under the most favourable candidate and charges the deductible
// and the pools with it. eligible is not empty.
func assist(p pack, sums *account, eligible []candidate, c Claim, r Result) (candidate, decimal.Decimal) {
	base := burden(c, r)
	var best candidate
	var bestPayment, bestTaken decimal.Decimal
	for i, cand := range eligible {
		payment, taken := assistUnder(p, p.rules[cand.category], sums, c, base)
		if i == 0 || payment.GreaterThan(bestPayment) {
			best, bestPayment, bestTaken = cand, payment, taken
		}
	}
	sums.deductibleTaken = sums.deductibleTaken.Add(bestTaken)
	sums.poolPaid = sums.poolPaid.Add(bestPayment)
	if slices.Contains(p.subPoolKinds, c.Kind) {
		sums.subPoolPaid = sums.subPoolPaid.Add(bestPayment)
	}
	return best, bestPayment
}

// assistUnder gives the payment under one category and what its deductible took off.
func assistUnder(p pack, ru rule, sums *account, c Claim, base decimal.Decimal) (payment, taken decimal.Decimal) {
	if slices.Contains(p.deductibleKinds, c.Kind) {
		left := notNegative(ru.deductible.Sub(sums.deductibleTaken))
		taken = decimal.Min(base, left)
	}
	ratio := ru.outpatientRatio
	if c.Kind == "inpatient" {
		ratio = ru.inpatientRatio
	}
	payment = fen(ratio.Mul(base.Sub(taken)))
	if ru.cap != nil {
		payment = decimal.Min(payment, notNegative(ru.cap.Sub(sums.poolPaid)))
	}
	if ru.subCap != nil && slices.Contains(p.subPoolKinds, c.Kind) {
		payment = decimal.Min(payment, notNegative(ru.subCap.Sub(sums.subPoolPaid)))
	}
	return payment, taken
}

// ---- tilt (倾斜救助), for claims eligible for assistance ----

func tiltOf(p pack, sums *account, chosen candidate, c Claim, r Result) decimal.Decimal {
	if p.tilt == nil || c.OutOfProvince {
		return zero
	}
	sums.tiltBurden = sums.tiltBurden.Add(burden(c, r))

	limit := p.rules[chosen.category].cap
	usedUp := limit != nil && sums.poolPaid.GreaterThanOrEqual(*limit)
	if !usedUp {
		return zero
	}
	payment := yearly(p.tilt.ratio, p.tilt.threshold, p.tilt.cap, sums.tiltBurden, sums.tiltPaid)
	sums.tiltPaid = sums.tiltPaid.Add(payment)
	return payment
}

// ---- special assistance (特殊救助), for claims eligible for assistance ----

func specialOf(cfg Config, p pack, sums *account, eligible []candidate, c Claim, r Result) decimal.Decimal {
	if p.special == nil || cfg.SpecialThreshold == nil {
		return zero
	}
	sums.specialBurden = sums.specialBurden.Add(burden(c, r))

	ratio := zero
	for _, cand := range eligible {
		ratio = decimal.Max(ratio, p.rules[cand.category].specialRatio)
	}
	payment := yearly(ratio, *cfg.SpecialThreshold, p.special.cap, sums.specialBurden, sums.specialPaid)
	sums.specialPaid = sums.specialPaid.Add(payment)
	return payment
}

// yearly is what a year-level layer pays now: the year's entitlement less what
// it paid already, never negative and never above the year's burden not yet paid.
func yearly(ratio, threshold, limit, burdenSoFar, paidSoFar decimal.Decimal) decimal.Decimal {
	entitlement := decimal.Min(limit, fen(ratio.Mul(notNegative(burdenSoFar.Sub(threshold)))))
	return notNegative(decimal.Min(entitlement.Sub(paidSoFar), burdenSoFar.Sub(paidSoFar)))
}

// ---- the hospital's share ----

// hospitalShare is the out-of-scope part of a stay above the allowed share of
// the total, at most what the person would bear.
func hospitalShare(p pack, held []string, c Claim, r Result) decimal.Decimal {
	share, known := p.hospital[c.HospitalLevel]
	if !known || c.Kind != "inpatient" || len(held) == 0 {
		return zero
	}
	allowed := fen(share.Mul(c.Total))
	above := notNegative(c.Total.Sub(c.InScope).Sub(allowed))
	// What tilt and special pay beyond this claim's own burden is for earlier
	// claims; it does not lighten the hospital's share of this one.
	own := r
	own.Tilt, own.Special = zero, zero
	yearly := decimal.Min(r.Tilt.Add(r.Special), burden(c, own))
	return decimal.Min(above, notNegative(stillBorne(c, own).Sub(yearly)))
}
