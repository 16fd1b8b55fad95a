package rules_test

import (
	"testing"

	"doudi/rules"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// ordered are pairs of categories of which the pack favours the first in every
// figure of assistance: ratio, deductible, cap.
var ordered = map[string][][2]rules.Category{
	"hangzhou-2022-70":   {{rules.Tekun, rules.Dibao}, {rules.Dibao, rules.Dibian}, {rules.Canji, rules.Dibian}},
	"kaifeng-2022-draft": {{rules.Tekun, rules.Dibao}, {rules.Dibao, rules.Fanpin}, {rules.Dibao, rules.Dibian}, {rules.Dibian, rules.Zhongbing}, {rules.Dibian, rules.Yifanpin}},
	"xinjiang-2023":      {{rules.Dibao, rules.Fanpin}, {rules.Dibao, rules.Yifanpin}, {rules.Tekun, rules.Dibao}},
}

// TestFavouredNeverLess: with the same claims of a year, major illness insurance
// and assistance pay who holds the more favourable identity at least as much, and
// who is not tilted bears no more. It holds for the year; a single claim may get
// less because an earlier one got more of the pool.
//
// Tilt is no part of it. It opens when the pool is used up and pays on what
// assistance left: Kaifeng's dibian has the smaller deductible and is left with
// less than zhongbing, for whom 5,000, 15,384.62 out of the province and 6,250 in it
// bring the larger tilt.
func TestFavouredNeverLess(t *testing.T) {
	all := worlds(t)
	more := 0
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom([]string{"hangzhou-2022-70", "kaifeng-2022-draft", "xinjiang-2023"}).Draw(t, "pack")
		w := rapid.SampledFrom(all[id]).Draw(t, "world")
		pair := rapid.SampledFrom(ordered[id]).Draw(t, "identities")
		cs, refunded := drawClaims(t)
		year := func(c rules.Category) (bears, paid money.Fen) {
			es := []rules.Event{{Ref: 1, Op: rules.Add, Category: c, Date: 20220101, Level: 1, Applied: 20220101}}
			for _, r := range settle(t, w.policy, es, cs, refunded, nil) {
				bears += r.Person
				paid += r.Major + r.Assist
			}
			return bears, paid
		}
		better, paidBetter := year(pair[0])
		worse, paidWorse := year(pair[1])
		tilted := w.policy.At(20230601).Params.TiltOn
		if paidBetter < paidWorse || !tilted && better > worse {
			t.Fatalf("%s: %s bears %s, is paid %s; %s bears %s, is paid %s\n%+v", id, pair[0], better, paidBetter, pair[1], worse, paidWorse, cs)
		}
		more += b2i(better < worse)
	})
	if more == 0 {
		t.Error("the identities never differ")
	}
}

// TestNoBucketNegative: no layer of a claim is ever negative, and up to no claim of
// a year has more been paid than the person had to bear: tilt and special
// assistance are owed for the year and booked on the claim that brings them.
func TestNoBucketNegative(t *testing.T) {
	all := worlds(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(packIDs).Draw(t, "pack")
		w := rapid.SampledFrom(all[id]).Draw(t, "world")
		es := drawEvents(t, id)
		cs, refunded := drawClaims(t)
		rs := settle(t, w.policy, es, cs, refunded, nil)
		rules.SortClaims(cs)
		year, borne := 0, money.Fen(0)
		for i := range cs {
			r, ok := rs[cs[i].ID]
			if !ok {
				continue
			}
			if y := cs[i].At.Date().Year(); y != year {
				year, borne = y, 0
			}
			borne += r.Person
			if borne < 0 {
				t.Fatalf("%s: up to %s the person bears %s", id, cs[i].ID, borne)
			}
			sum := money.Fen(0)
			for _, v := range []money.Fen{r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital} {
				if v < 0 {
					t.Fatalf("%s: %s has a negative layer: %+v", id, cs[i].ID, r)
				}
				sum += v
			}
			if sum+r.Person != cs[i].Total {
				t.Fatalf("%s: %s: %s and %s are not %s", id, cs[i].ID, sum, r.Person, cs[i].Total)
			}
		}
	})
}

// TestClaimOfNothing: a claim of 0 is 0 in every layer and changes no other claim.
func TestClaimOfNothing(t *testing.T) {
	all := worlds(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(packIDs).Draw(t, "pack")
		w := rapid.SampledFrom(all[id]).Draw(t, "world")
		es := drawEvents(t, id)
		cs, refunded := drawClaims(t)
		want := settle(t, w.policy, es, cs, refunded, nil)
		nothing := rules.Claim{ID: "NOTHING", At: day(t, "of nothing").At(), Kind: rapid.SampledFrom(rules.Kinds()).Draw(t, "kind of nothing"), Level: 2}
		got := settle(t, w.policy, es, append(cs, nothing), refunded, nil)
		r := got["NOTHING"]
		if (rules.Amounts{}) != r.Due() && r.Tilt+r.Special == 0 || r.Basic+r.Other+r.Major+r.Assist+r.Supplement+r.Hospital != 0 {
			t.Fatalf("%s: %+v of nothing", id, r)
		}
		later := r.Tilt+r.Special != 0 // what was owed for the year comes a claim earlier
		for k, v := range want {
			g := got[k]
			if g != v && !later {
				t.Fatalf("%s: with a claim of nothing %s is %+v, was %+v", id, k, g, v)
			}
		}
	})
}
