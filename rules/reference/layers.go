package reference

import (
	"slices"

	"github.com/shopspring/decimal"
)

// account is what a person's year adds up to; it starts at zero each year.
type account struct {
	basicPoolPaid              decimal.Decimal // SY-5
	majorBase, majorPaid       decimal.Decimal
	deductibleTaken            decimal.Decimal // really taken off assistance bases so far
	poolPaid, subPoolPaid      decimal.Decimal // under any category
	tiltBurden, tiltPaid       decimal.Decimal
	specialBurden, specialPaid decimal.Decimal // burdens in front of tilt
	person                     decimal.Decimal // borne on the claims before this one
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

// asMuchAsFits is a recorded amount that passes, at most what is left of the total.
func asMuchAsFits(recorded decimal.Decimal, c Claim, r Result) decimal.Decimal {
	return decimal.Min(recorded, notNegative(stillBorne(c, r)))
}

// ---- basic insurance (基本医保) ----

// basic is the recorded amount unless the pack computes it for the person
// (SY-4 to SY-8). r holds the other subsidies only.
func basic(b rulebook, sums *account, who standing, c Claim, r Result) decimal.Decimal {
	if !who.targeted {
		return c.Basic
	}
	t := b.pack.targeted
	var computed decimal.Decimal
	switch {
	case c.Kind == "outpatient_special": // SY-5
		left := notNegative(t.outpatientPool.Sub(sums.basicPoolPaid))
		computed = decimal.Min(fen(t.outpatientRatio.Mul(c.InScope)), left)
	case designatedStay(b, who, c): // SY-6, SY-8
		computed = fen(stayRatio(t, c).Mul(c.InScope))
	default: // SY-7
		return c.Basic
	}
	payment := keepHigher(b, decimal.Min(computed, burden(c, r)), c.Basic, c, r)
	if c.Kind == "outpatient_special" {
		sums.basicPoolPaid = sums.basicPoolPaid.Add(payment)
	}
	return payment
}

// designatedStay is a stay of a person of SY-4 in a hospital of SY-6.
func designatedStay(b rulebook, who standing, c Claim) bool {
	if !who.targeted || c.Kind != "inpatient" {
		return false
	}
	_, designated := b.pack.targeted.stayRatio[c.Designated]
	return designated
}

func stayRatio(t *targetedHelp, c Claim) decimal.Decimal {
	if c.Major40 {
		return t.major40Ratio // SY-8
	}
	return t.stayRatio[c.Designated]
}

// keepHigher leaves the recorded amount where it is higher, unless the office chose otherwise (§12).
func keepHigher(b rulebook, computed, recorded decimal.Decimal, c Claim, r Result) decimal.Decimal {
	if b.cfg.KeepHigher != nil && !*b.cfg.KeepHigher {
		return computed
	}
	return decimal.Max(computed, asMuchAsFits(recorded, c, r))
}

// ---- major illness insurance (大病保险) ----

func major(b rulebook, sums *account, who standing, c Claim, r Result) decimal.Decimal {
	before, base := sums.majorBase, burden(c, r)
	sums.majorBase = before.Add(base)

	payment := majorBest(b, who.held, sums.majorPaid, before, sums.majorBase)
	switch {
	case designatedStay(b, who, c): // SY-6: straight, without deductible or cap
		direct := fen(b.pack.targeted.majorRatio.Mul(base))
		payment = keepHigher(b, decimal.Max(payment, direct), keptMajor(c, r, base), c, r)
	case !majorConfigured(b.cfg):
		payment = asMuchAsFits(c.Major, c, r)
	}
	sums.majorPaid = sums.majorPaid.Add(payment)
	return payment
}

// keptMajor is what of the recorded amount may stay where basic was raised: what
// is left in scope at most, but no less than leaves both together as recorded.
func keptMajor(c Claim, r Result, base decimal.Decimal) decimal.Decimal {
	raised := r.Basic.Sub(c.Basic)
	if !raised.IsPositive() {
		return c.Major
	}
	return decimal.Max(decimal.Min(c.Major, base), c.Major.Sub(raised))
}

func majorConfigured(cfg Config) bool { return cfg.MajorDeductible != nil && len(cfg.MajorTiers) > 0 }

// majorBest is the best of the ordinary benefit and that of each category held.
func majorBest(b rulebook, held []string, paidSoFar, before, after decimal.Decimal) decimal.Decimal {
	if !majorConfigured(b.cfg) {
		return zero
	}
	best := majorUnder(b.cfg, rule{}, paidSoFar, before, after)
	for _, category := range held {
		best = decimal.Max(best, majorUnder(b.cfg, b.pack.rules[category], paidSoFar, before, after))
	}
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
		ratio := decimal.Max(t.Ratio.Add(ru.majorPoints), ru.majorAtLeast)
		payment = payment.Add(piece.Mul(decimal.Min(hundredPercent, ratio)))
		tierFrom = tierTo
	}
	payment = fen(payment)

	if cfg.MajorCap != nil && !ru.majorNoCap {
		payment = decimal.Min(payment, notNegative(cfg.MajorCap.Sub(paidSoFar)))
	}
	return payment
}

// ---- medical assistance (医疗救助) ----

// assistable are the candidates under which the pack assists the claim; passes
// tells that the ratio is unset, so that the recorded amount stands.
func assistable(p pack, who standing, c Claim) (eligible []candidate, passes bool) {
	if !anyRatio(p) {
		return nil, true
	}
	if !covered(p, c) {
		return nil, false
	}
	for _, cand := range who.candidates {
		if !p.rules[cand.category].ratioUnset {
			eligible = append(eligible, cand)
		}
	}
	return eligible, len(eligible) == 0 && len(who.candidates) > 0
}

// recordedIsMore tells whether somebody also holds a category whose ratio is
// unset, and was paid more than the others give: the unset figure takes nothing back.
func recordedIsMore(p pack, sums *account, who standing, eligible []candidate, c Claim, r Result) bool {
	if len(eligible) == 0 || len(eligible) == len(who.candidates) {
		return false
	}
	most := zero
	for _, cand := range eligible {
		payment, _ := assistUnder(p, p.rules[cand.category], sums, c, burden(c, r))
		most = decimal.Max(most, payment)
	}
	return asMuchAsFits(c.Assist, c, r).GreaterThan(most)
}

func anyRatio(p pack) bool {
	return slices.ContainsFunc(p.order, func(category string) bool { return !p.rules[category].ratioUnset })
}

func covered(p pack, c Claim) bool {
	if c.Referral == "unreferred" {
		return false // HZ-11, KF-13
	}
	return slices.Contains(p.coveredKinds, c.Kind) &&
		(!slices.Contains(p.diseaseKinds, c.Kind) || slices.Contains(p.diseases, c.Disease))
}

// assist pays under the most favourable candidate and charges the deductible
// and the pools with it. eligible is not empty.
func assist(p pack, sums *account, who standing, eligible []candidate, c Claim, r Result) (candidate, decimal.Decimal) {
	base := burden(c, r)
	var best candidate
	var payment, taken decimal.Decimal
	for i, cand := range eligible {
		candPayment, candTaken := assistUnder(p, p.rules[cand.category], sums, c, base)
		if i == 0 || candPayment.GreaterThan(payment) {
			best, payment, taken = cand, candPayment, candTaken
		}
	}
	if capped(p, who, c) { // XJ-7; the pool is charged with what is left
		payment = decimal.Min(payment, notNegative(cappedScope(p, c).Sub(paid(r))))
	}
	sums.deductibleTaken = sums.deductibleTaken.Add(taken)
	sums.poolPaid = sums.poolPaid.Add(payment)
	if slices.Contains(p.subPoolKinds, c.Kind) {
		sums.subPoolPaid = sums.subPoolPaid.Add(payment)
	}
	return best, payment
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

// ---- the limit on all layers together (XJ-7) ----

// capped tells whether the claim stands under the limit, whichever identity assists it.
func capped(p pack, who standing, c Claim) bool {
	return p.ratioCap != nil && slices.Contains(p.ratioCap.kinds, c.Kind) &&
		slices.ContainsFunc(who.held, func(category string) bool {
			return slices.Contains(p.ratioCap.categories, category)
		})
}

func cappedScope(p pack, c Claim) decimal.Decimal {
	return decimal.Min(c.InScope, fen(p.ratioCap.ratio.Mul(c.InScope)))
}

// yearRoom is what tilt and special together may pay on a claim: never more than
// the person has borne in the year, and on a claim that the limit of the three
// layers speaks of no more than it leaves.
func yearRoom(p pack, sums *account, who standing, c Claim, r Result, own decimal.Decimal) decimal.Decimal {
	room := notNegative(sums.person.Add(own))
	if capped(p, who, c) {
		room = decimal.Min(room, notNegative(cappedScope(p, c).Sub(paid(r))))
	}
	return room
}

// ---- tilt (倾斜救助), for claims eligible for assistance ----

func tiltOf(p pack, sums *account, chosen candidate, eligible []candidate, c Claim, own, room decimal.Decimal) decimal.Decimal {
	if c.OutOfProvince {
		return zero
	}
	sums.tiltBurden = sums.tiltBurden.Add(own)

	limit := p.rules[chosen.category].cap
	usedUp := limit != nil && sums.poolPaid.GreaterThanOrEqual(*limit)
	if p.tilt == nil || !usedUp {
		return zero
	}
	ratio := zero
	for _, cand := range eligible {
		ratio = decimal.Max(ratio, p.tilt.ratio[cand.category])
	}
	payment := yearly(ratio, p.tilt.threshold, p.tilt.cap, sums.tiltBurden, sums.tiltPaid)
	payment = decimal.Min(payment, room)
	sums.tiltPaid = sums.tiltPaid.Add(payment)
	return payment
}

// ---- special assistance (特殊救助), for claims eligible for assistance ----

func specialOf(b rulebook, sums *account, eligible []candidate, own, room decimal.Decimal) decimal.Decimal {
	sums.specialBurden = sums.specialBurden.Add(own)
	if b.pack.special == nil || b.cfg.SpecialThreshold == nil {
		return zero
	}
	ratio := zero
	for _, cand := range eligible {
		ratio = decimal.Max(ratio, b.pack.rules[cand.category].specialRatio)
	}
	left := sums.specialBurden.Sub(sums.tiltPaid) // U'
	payment := yearly(ratio, *b.cfg.SpecialThreshold, &b.pack.special.cap, left, sums.specialPaid)
	payment = decimal.Min(payment, room)
	sums.specialPaid = sums.specialPaid.Add(payment)
	return payment
}

// yearly is what a year-level layer pays now: the year's entitlement less what
// it paid already, never negative and never above the year's burden not yet paid.
func yearly(ratio, threshold decimal.Decimal, limit *decimal.Decimal, burdenSoFar, paidSoFar decimal.Decimal) decimal.Decimal {
	entitlement := fen(ratio.Mul(notNegative(burdenSoFar.Sub(threshold))))
	if limit != nil {
		entitlement = decimal.Min(entitlement, *limit)
	}
	return notNegative(decimal.Min(entitlement.Sub(paidSoFar), burdenSoFar.Sub(paidSoFar)))
}

// ---- supplementary insurance (补充保险) and the hospital's share ----

// forThisClaim is r with that part of tilt and special that is for the claim's
// own burden; what they pay beyond it is for earlier claims and lightens
// neither the supplement nor the hospital's share of this one.
func forThisClaim(r Result, own decimal.Decimal) Result {
	r.Tilt, r.Special = decimal.Min(own, r.Tilt.Add(r.Special)), zero
	return r
}

// supplement pays a share of what the person still bears, on any claim (SY-10).
func supplement(b rulebook, who standing, c Claim, r Result, own decimal.Decimal) decimal.Decimal {
	if !who.targeted {
		return zero
	}
	mine := forThisClaim(r, own)
	base := stillBorne(c, mine)
	if b.cfg.SupplementInScope {
		base = own.Sub(mine.Tilt)
	}
	return fen(b.pack.targeted.supplementRatio.Mul(notNegative(base)))
}

// hospitalShare is the out-of-scope part of a stay above the allowed share of
// the total, at most what the person would bear.
func hospitalShare(p pack, who standing, c Claim, r Result, own decimal.Decimal) decimal.Decimal {
	share, known := p.hospital[c.HospitalLevel]
	if !known || c.Kind != "inpatient" || len(who.held) == 0 {
		return zero
	}
	allowed := fen(share.Mul(c.Total))
	above := notNegative(c.Total.Sub(c.InScope).Sub(allowed))
	return decimal.Min(above, notNegative(stillBorne(c, forThisClaim(r, own))))
}
