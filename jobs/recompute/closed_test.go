package recompute

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// TestClosedYear: two who live together carry 2,100 on the household's line of 2,000
// when the year is closed. Help, a refund and a settlement that come afterwards move
// no case of the year, and open none; what the settlements are due is found as ever,
// and cases of the next year go on. Once the year is open again, a run over all gives
// what it would have been.
func TestClosedYear(t *testing.T) {
	p := policy(t, "kaifeng-2022-draft", "monitor: {gaoe_zhichu: {line: 2000, crosses: at_or_above}}\n")
	j := Job{Policy: byHousehold(p)}
	b := newBook()
	run := func() Totals {
		t.Helper()
		j.After, j.Last = b.head-1, j.Run
		j.Run++
		return b.settle(t, j)
	}
	states := func() string {
		_, cs := b.latest()
		var out []string
		for k, c := range cs {
			out = append(out, fmt.Sprint(k.person, " ", k.year, " ", k.level, " ", c.State.Chinese(), " ", c.Burden))
		}
		slices.Sort(out)
		return fmt.Sprint(out)
	}
	b.head = 1
	b.moves(1, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.moves(2, 1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.event(3, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.claim(1, stay("S1", 20230310, 1200))
	b.claim(2, stay("S2", 20230410, 900))
	b.claim(3, stay("S3", 20230410, 900))
	run()
	const closed = "[1 2023 household 监测 2100.00]"
	if got := states(); got != closed {
		t.Fatalf("when it is closed: %s", got)
	}
	j.Closed = []int{2022, 2023}
	b.head = 2
	b.relief(1, rules.Help{Date: 20231201, Source: "慈善", Amount: 500_00})
	late := b.claim(3, stay("S4", 20230510, 5000)) // alone above the line
	b.claim(3, stay("T1", 20240110, 5000))
	if got := run(); got.CasesOpened != 2 || got.CasesCleared != 0 {
		t.Errorf("%+v: two of 2024 opened, the person's and the household's", got)
	}
	const after = "[1 2023 household 监测 2100.00 3 2024 household 监测 3050.00 3 2024 person 监测 3050.00]"
	if got := states(); got != after {
		t.Errorf("after what came late: %s", got)
	}
	if rs, _ := b.latest(); rs[late.Ref].Year != 2023 || rs[late.Ref].Total != 5000_00 {
		t.Errorf("the late settlement: %+v", rs[late.Ref])
	}
	j.Full = true
	if got := run(); got.CasesOpened != 0 || got.Changed != 0 {
		t.Errorf("over all: %+v", got)
	}
	if got := states(); got != after {
		t.Errorf("over all: %s", got)
	}
	// Open again.
	j.Closed = []int{2022}
	run()
	_, got := b.latest()
	whole := b.scratch()
	whole.settle(t, Job{Policy: j.Policy, Run: 1, Full: true})
	_, want := whole.latest()
	same := func(a, b ledger.Case) bool { return slices.Equal(a.Content(nil), b.Content(nil)) }
	if !maps.EqualFunc(got, want, same) || states() == after {
		t.Errorf("open again: %s", states())
	}
}
