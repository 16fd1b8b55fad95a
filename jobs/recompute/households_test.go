package recompute

import (
	"maps"
	"slices"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

func TestRoots(t *testing.T) {
	type m = map[ledger.PersonNo]ledger.PersonNo
	for name, c := range map[string]struct{ heads, want m }{
		"nobody":                       {m{}, m{}},
		"one's own head":               {m{1: 1}, m{1: 1}},
		"two under one":                {m{2: 1, 3: 1}, m{2: 1, 3: 1}},
		"a head who moved":             {m{2: 1, 1: 9}, m{2: 9, 1: 9}},
		"a circle says nothing":        {m{1: 2, 2: 1}, m{1: 1, 2: 2}},
		"who leads into a circle":      {m{1: 2, 2: 3, 3: 2}, m{1: 2, 2: 2, 3: 3}},
		"a head who is his own, above": {m{1: 2, 2: 2}, m{1: 2, 2: 2}},
	} {
		if got := Roots(c.heads); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestHousehold: 2,000 at or above, after major, in scope; two members bear
// 1,200 and 900, neither crosses the line alone, together 2,100 do. One moves
// out: 1,200 is left, and the case is as if it had never been.
func TestHousehold(t *testing.T) {
	p := policy(t, "kaifeng-2022-draft", "monitor: {gaoe_zhichu: {line: 2000, crosses: at_or_above}}\n")
	j := Job{Policy: byHousehold(p)}
	b := newBook()
	run := func(after ledger.Seq) Totals {
		t.Helper()
		j.After, j.Last = after, j.Run
		j.Run++
		return b.settle(t, j)
	}
	open := func() (levels []string, opened []int64) {
		_, cs := b.latest()
		for _, c := range cs {
			levels, opened = append(levels, c.Level), append(opened, c.Opened().Ref)
		}
		return levels, opened
	}
	b.head = 1
	b.moves(1, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.moves(2, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.claim(1, stay("S1", 20230310, 1200))
	run(0)
	if levels, _ := open(); len(levels) != 0 {
		t.Fatalf("1,200 is below the line: %v", levels)
	}
	b.head = 2
	second := b.claim(2, stay("S2", 20230410, 900))
	got := run(1)
	levels, opened := open()
	if !slices.Equal(levels, []string{ledger.LevelHousehold}) || opened[0] != second.Ref {
		t.Fatalf("2,100 of the household: cases %v opened by %v, want one household opened by claim %d", levels, opened, second.Ref)
	}
	if got.Touched != 1 || got.CasesOpened != 1 {
		t.Errorf("%+v: one person was touched, one case opened", got)
	}
	b.head = 3
	b.moves(2, 3, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101, Source: "again"})
	run(2)
	if levels, _ := open(); len(levels) != 0 {
		t.Fatalf("after one moved out: %v", levels)
	}
}

// TestHouseholdWithdrawn: the row that put one under another's head is withdrawn;
// the household's case ends, though only that one person is touched. Withdrawn
// and said again under another head, it is the new household that is looked at.
func TestHouseholdWithdrawn(t *testing.T) {
	p := policy(t, "kaifeng-2022-draft", "monitor: {gaoe_zhichu: {line: 2000, crosses: at_or_above}}\n")
	j := Job{Policy: byHousehold(p)}
	b := newBook()
	run := func() (levels []ledger.PersonNo) {
		t.Helper()
		j.After, j.Last = b.head-1, j.Run
		j.Run++
		b.settle(t, j)
		rs, cs := b.latest()
		whole := b.scratch()
		whole.settle(t, Job{Policy: j.Policy, Run: 1, Full: true})
		wantR, wantC := whole.latest()
		if !maps.EqualFunc(rs, wantR, ledger.Result.Same) || len(cs) != len(wantC) {
			t.Errorf("at %d: not as if settled anew: %+v, %+v", b.head, cs, wantC)
		}
		for k := range cs {
			levels = append(levels, k.person)
		}
		return levels
	}
	b.head = 1
	b.moves(1, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.event(2, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.claim(1, stay("S1", 20230310, 1200))
	b.claim(2, stay("S2", 20230410, 900))
	b.claim(3, stay("S3", 20230410, 1500))
	b.moves(2, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101, Source: "moves"})
	if got := run(); !slices.Equal(got, []ledger.PersonNo{1}) {
		t.Fatalf("2,100 of the household: cases of %v", got)
	}
	b.head = 2
	b.withdraw(2, 1)
	if got := run(); len(got) != 0 {
		t.Fatalf("the row is withdrawn: cases of %v", got)
	}
	b.head = 3
	b.moves(2, 3, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101, Source: "again"})
	if got := run(); !slices.Equal(got, []ledger.PersonNo{3}) {
		t.Fatalf("2,400 of the other household: cases of %v", got)
	}
}

// TestHouseholdWithoutClaims: of two who live together only the one whom no monitor
// watches has claims: 2,100 on the line of 2,000. The dibian head lends the household
// the identity, and relief of 200 to the head clears it.
func TestHouseholdWithoutClaims(t *testing.T) {
	p := policy(t, "kaifeng-2022-draft", "monitor: {gaoe_zhichu: {line: 2000, crosses: at_or_above}}\n")
	b := newBook()
	b.head = 1
	b.moves(1, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.moves(2, 1, rules.Event{Op: rules.Add, Category: rules.Canji, Level: 1, Date: 20230101})
	b.claim(2, stay("S1", 20230310, 2100))
	b.relief(1, rules.Help{Date: 20230401, Source: "慈善", Amount: 200_00})
	b.settle(t, Job{Policy: byHousehold(p), Run: 1})
	_, cs := b.latest()
	c, ok := cs[caseKey{1, 2023, "gaoe_zhichu_hu", ledger.LevelHousehold}]
	if !ok || c.State != rules.Cleared || c.Relief != 200_00 || c.Burden != 1900_00 || len(cs) != 1 {
		t.Fatalf("%+v", cs)
	}
}

// TestChainOfHeads: a column of heads that slipped by a row makes one long chain.
func TestChainOfHeads(t *testing.T) {
	heads := map[ledger.PersonNo]ledger.PersonNo{}
	for p := ledger.PersonNo(2); p <= 200_000; p++ {
		heads[p] = p - 1
	}
	for p, root := range Roots(heads) {
		if root != 1 {
			t.Fatalf("%d lives under %d", p, root)
		}
	}
}
