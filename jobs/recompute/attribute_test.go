package recompute

import (
	"slices"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// history is a person as two runs saw them.
type history struct {
	*testing.T
	before, after *rules.Policy
	was, is       ledger.PersonData
}

func newHistory(t *testing.T) *history {
	p := policy(t, "hangzhou-2022-70", "")
	return &history{T: t, before: p, after: p}
}

func inMonth(ref int64, id string, month int, fee money.Fen) rules.Claim {
	return rules.Claim{Ref: ref, ID: id, At: civil.YMD(2023, month, 15).At(), Kind: rules.Inpatient, Total: fee, InScope: fee}
}

func adds(ref int64, c rules.Category, d civil.Date) rules.Event {
	return rules.Event{Ref: ref, Op: rules.Add, Category: c, Date: d}
}

// asks settles both runs and asks what made the difference, of each input alone
// unless the factors are given.
func (h *history) asks(factors ...Factor) Answer {
	h.Helper()
	settle := func(p *rules.Policy, d *ledger.PersonData) {
		x := only(d, func(Input) bool { return true })
		o, err := person(Job{Area: area, Policy: p}, &x)
		if err != nil {
			h.Fatal(err)
		}
		d.Results, d.Cases = o.results, o.cases
	}
	settle(h.before, &h.was)
	settle(h.after, &h.is)
	q := Question{Area: area, Policy: h.after, Before: h.was, After: h.is, Factors: factors}
	if factors == nil {
		for _, in := range Inputs(&h.was, &h.is) {
			q.Factors = append(q.Factors, Factor{in})
		}
	}
	a, err := q.Answer()
	if err != nil {
		h.Fatal(err)
	}
	return a
}

func (h *history) claim(a Answer, ref int64) ClaimChange {
	h.Helper()
	i := slices.IndexFunc(a.Claims, func(c ClaimChange) bool { return c.Claim == ref })
	if i < 0 {
		h.Fatalf("claim %d did not change: %+v", ref, a)
	}
	return a.Claims[i]
}

func (h *history) cause(what string, got, want Cause) {
	h.Helper()
	if !slices.Equal(got.Factors, want.Factors) || got.Any != want.Any || got.Policy != want.Policy {
		h.Errorf("%s: caused by %+v, want %+v", what, got, want)
	}
}

// TestLateRow: a roster row that came late changes the claims from its day on,
// and no other input is named.
func TestLateRow(t *testing.T) {
	h := newHistory(t)
	claims := []rules.Claim{inMonth(1, "S1", 2, 1000_00), inMonth(2, "S2", 4, 1000_00)}
	h.was.Claims = slices.Clone(claims)
	h.is.Claims = append(claims, inMonth(3, "S3", 5, 1000_00))
	h.is.Events = []rules.Event{adds(10, rules.Dibao, 20230301)}
	h.is.Relief = []rules.Help{{Ref: 20, Date: 20230601, Source: "慈善", Amount: 5}}
	a := h.asks() // 0 the row, 1 the claim, 2 the relief
	if len(a.Claims) != 2 || len(a.Cases) != 0 {
		t.Fatalf("%+v", a)
	}
	c := h.claim(a, 2)
	h.cause("S2", c.Cause, Cause{Factors: []int{0}})
	h.cause("what is owed of S2", c.Adjust, Cause{Factors: []int{0}})
	if c.Was.Due.Assist != 0 || c.Is.Due.Assist != 800_00 || c.Is.Adjust[rules.FundAssistance] != 800_00 {
		t.Errorf("%+v", c)
	}
	c = h.claim(a, 3) // new: by itself, and the row decides how much it is
	h.cause("S3", c.Cause, Cause{Factors: []int{0, 1}})
	if c.Was.Counts || !c.Is.Counts {
		t.Errorf("%+v", c)
	}
}

// TestEither: two rows that say the same. Taking one away changes nothing; each
// alone would have been enough.
func TestEither(t *testing.T) {
	h := newHistory(t)
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 4, 1000_00)}
	h.is.Claims = h.was.Claims
	h.is.Events = []rules.Event{adds(10, rules.Dibao, 20230301), adds(11, rules.Dibao, 20230201), adds(12, rules.Kunjing, 20230201)}
	h.cause("S1", h.claim(h.asks(), 1).Cause, Cause{Factors: []int{0, 1}, Any: true})
}

// TestTogether: a removal matters only because of the row that it ends.
func TestTogether(t *testing.T) {
	h := newHistory(t)
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 4, 1000_00), inMonth(2, "S2", 6, 1000_00)}
	h.is.Claims = h.was.Claims
	h.was.Events = []rules.Event{adds(10, rules.Dibian, 20230101)}
	h.is.Events = append(slices.Clone(h.was.Events), rules.Event{Ref: 11, Op: rules.Remove, Category: rules.Dibian, Date: 20230501}, adds(12, rules.Dibao, 20230501))
	a := h.asks()
	if len(a.Claims) != 1 {
		t.Fatalf("%+v", a)
	}
	// dibao alone decides what S2 is due: it is the better one in any case.
	h.cause("S2", h.claim(a, 2).Cause, Cause{Factors: []int{1}})
}

// TestRefundAndPool: a refund cancels its claim and leaves more of the pool to
// a later one; what was posted on it is to be recovered.
func TestRefundAndPool(t *testing.T) {
	h := newHistory(t)
	h.was.Events = []rules.Event{adds(10, rules.Dibao, 20230101)}
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 2, 100000_00), inMonth(2, "S2", 4, 100000_00)}
	h.was.Postings = []ledger.Posting{{ID: 7, Claim: 1, Year: 2023, Fund: rules.FundAssistance, Amount: 80000_00, Date: 20230301}}
	h.is.Events, h.is.Claims, h.is.Postings = h.was.Events, h.was.Claims, h.was.Postings
	h.is.Refunds = []ledger.Refund{{Claim: 3, Original: "S1", Total: 100000_00}}
	a := h.asks()
	c := h.claim(a, 1)
	h.cause("S1", c.Cause, Cause{Factors: []int{0}})
	if !c.Was.Counts || c.Is.Counts || c.Is.Adjust[rules.FundAssistance] != -80000_00 {
		t.Errorf("%+v", c)
	}
	c = h.claim(a, 2)
	h.cause("S2", c.Cause, Cause{Factors: []int{0}})
	if c.Was.Due.Assist != 70000_00 || c.Is.Due.Assist != 80000_00 {
		t.Errorf("%+v", c)
	}
}

// TestPolicyAndPosting: another overlay changes what is due, a posting what is
// still to be paid, and the answer keeps them apart.
func TestPolicyAndPosting(t *testing.T) {
	h := newHistory(t)
	h.after = policy(t, "hangzhou-2022-70", "assist: {ratio: {dibao: 85%}}\n")
	h.was.Events = []rules.Event{adds(10, rules.Dibao, 20230101)}
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 2, 1000_00)}
	h.is.Events, h.is.Claims = h.was.Events, h.was.Claims
	h.is.Postings = []ledger.Posting{{ID: 7, Claim: 1, Year: 2023, Fund: rules.FundAssistance, Amount: 800_00, Date: 20230301}}
	c := h.claim(h.asks(), 1)
	h.cause("S1", c.Cause, Cause{Policy: true})
	h.cause("what is owed", c.Adjust, Cause{Factors: []int{0}, Policy: true})
	if c.Is.Adjust[rules.FundAssistance] != 50_00 {
		t.Errorf("%+v", c)
	}
}

// TestReplaced: a row that counts no longer is an input like any other.
func TestReplaced(t *testing.T) {
	h := newHistory(t)
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 2, 1000_00)}
	h.is.Claims = h.was.Claims
	h.was.Events = []rules.Event{adds(10, rules.Dibao, 20230101)}
	h.is.Events = []rules.Event{adds(11, rules.Dibian, 20230101)}
	in := Inputs(&h.was, &h.is)
	if want := []Input{{InputEvent, 10, true}, {InputEvent, 11, false}}; !slices.Equal(in, want) {
		t.Fatalf("%+v, want %+v", in, want)
	}
	h.cause("S1", h.claim(h.asks(), 1).Cause, Cause{Factors: []int{0, 1}})
	h.cause("S1, both rows of one file", h.claim(h.asks(in), 1).Cause, Cause{Factors: []int{0}})
}

// TestCases: a case that opens, by whom.
func TestCases(t *testing.T) {
	h := newHistory(t)
	h.before = policy(t, "hangzhou-2022-70", hangzhou)
	h.after = h.before
	h.was.Events = []rules.Event{adds(10, rules.Dibao, 20230101)}
	h.was.Claims = []rules.Claim{inMonth(1, "S1", 2, 1000_00)}
	h.is.Events = h.was.Events
	h.is.Claims = append(slices.Clone(h.was.Claims), inMonth(2, "S2", 3, 2000000_00))
	a := h.asks()
	if len(a.Cases) == 0 {
		t.Fatalf("no case: %+v", a)
	}
	for _, c := range a.Cases {
		if c.Was.Open || !c.Is.Open || c.Key.Year != 2023 {
			t.Errorf("%+v", c)
		}
		h.cause("the case", c.Cause, Cause{Factors: []int{0}})
	}
	if b := (&history{T: t, before: h.before, after: h.after, was: h.is, is: h.is}).asks(); len(b.Claims)+len(b.Cases) != 0 {
		t.Errorf("the same twice: %+v", b)
	}
}

// TestHousehold: the case of the household moves with another member, and with
// this one.
func TestHouseholdCases(t *testing.T) {
	p := byHousehold(policy(t, "hangzhou-2022-70", hangzhou))
	child := ledger.PersonData{Person: 2, Claims: []rules.Claim{inMonth(5, "K1", 2, 1000000_00)}, Events: []rules.Event{adds(11, rules.Dibao, 20230101)}}
	was := ledger.PersonData{Person: 1, Events: []rules.Event{adds(10, rules.Dibao, 20230101)}}
	is := ledger.PersonData{Person: 1, Events: was.Events, Claims: []rules.Claim{inMonth(6, "H1", 3, 1000_00)}}
	q := Question{Area: area, Policy: p, Before: was, After: is, Household: []ledger.PersonData{child}, Factors: []Factor{{{Kind: InputClaim, Ref: 6}}}}
	others, err := q.dwellers(q.Household)
	if err != nil {
		t.Fatal(err)
	}
	put := func(d *ledger.PersonData) Figures {
		f, err := q.settle(d, others)
		if err != nil {
			t.Fatal(err)
		}
		for k, c := range f.Cases {
			x := ledger.Case{Area: area, Person: 1, Level: k.Level}
			x.Year, x.Monitor, x.Name, x.State, x.Line, x.Gross, x.Relief, x.Burden = k.Year, k.Monitor, c.Name, c.State, c.Line, c.Gross, c.Relief, c.Burden
			d.Cases = append(d.Cases, x)
		}
		return f
	}
	put(&q.Before)
	now := put(&q.After)
	households := 0
	for k := range now.Cases {
		if k.Level == ledger.LevelHousehold {
			households++
		}
	}
	if households == 0 {
		t.Fatal("no case of the household")
	}
	a, err := q.Answer()
	if err != nil {
		t.Fatal(err)
	}
	h := &history{T: t}
	for _, c := range a.Cases {
		if c.Key.Level == ledger.LevelHousehold && c.Was.Gross != c.Is.Gross {
			households--
			if !slices.Equal(c.Cause.Factors, []int{0}) {
				h.Errorf("%+v", c)
			}
		}
	}
	if households != 0 {
		t.Errorf("%d cases of the household did not move: %+v", households, a.Cases)
	}
}

// TestWhoLivesTogether names everyone of a household by its head.
func TestWhoLivesTogether(t *testing.T) {
	heads := map[ledger.PersonNo]ledger.PersonNo{2: 1, 3: 1, 4: 4, 5: 6}
	for p, want := range map[ledger.PersonNo][]ledger.PersonNo{1: {1, 2, 3}, 3: {1, 2, 3}, 4: {4}, 5: {5, 6}, 9: {9}} {
		if _, got := Household(heads, p); !slices.Equal(got, want) {
			t.Errorf("%d lives with %v, want %v", p, got, want)
		}
	}
}

// TestHouseholdFactor: what came of another member of the household is found to
// be the cause, and what came of it besides is not.
func TestHouseholdFactor(t *testing.T) {
	p := byHousehold(policy(t, "hangzhou-2022-70", hangzhou))
	head := ledger.PersonData{Person: 1, Events: []rules.Event{adds(10, rules.Dibao, 20230101)}}
	before := ledger.PersonData{Person: 2, Claims: []rules.Claim{inMonth(5, "K1", 2, 1000000_00)}, Events: []rules.Event{adds(11, rules.Dibao, 20230101)}}
	after := before
	after.Claims = append(slices.Clone(before.Claims), inMonth(6, "K2", 3, 1000_00))
	after.Events = append(slices.Clone(before.Events), adds(12, rules.Dibao, 20240101)) // is on the list already
	q := Question{Area: area, Policy: p, Before: head, After: head, Household: []ledger.PersonData{after}, HouseholdBefore: []ledger.PersonData{before},
		Factors: []Factor{{{Kind: InputEvent, Ref: 12}}, {{Kind: InputClaim, Ref: 6}}}}
	put := func(d *ledger.PersonData, of []ledger.PersonData) {
		others, err := q.dwellers(of)
		if err != nil {
			t.Fatal(err)
		}
		f, err := q.settle(d, others)
		if err != nil {
			t.Fatal(err)
		}
		for k, c := range f.Cases {
			x := ledger.Case{Area: area, Person: 1, Level: k.Level}
			x.Year, x.Monitor, x.Name, x.State, x.Line, x.Gross, x.Relief, x.Burden = k.Year, k.Monitor, c.Name, c.State, c.Line, c.Gross, c.Relief, c.Burden
			d.Cases = append(d.Cases, x)
		}
	}
	put(&q.Before, q.HouseholdBefore)
	put(&q.After, q.Household)
	if !q.HouseholdMoves() {
		t.Fatal("no case of the household moves")
	}
	a, err := q.Answer()
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, c := range a.Cases {
		if c.Key.Level == ledger.LevelHousehold && c.Was.Gross != c.Is.Gross {
			moved++
			if !slices.Equal(c.Cause.Factors, []int{1}) {
				t.Errorf("%+v", c)
			}
		}
	}
	if moved == 0 {
		t.Errorf("%+v", a.Cases)
	}
}
