package reconcile

import (
	"fmt"
	"testing"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// BenchmarkCounty reconciles a million dues and a million transfers of all classes.
func BenchmarkCounty(b *testing.B) {
	c := newCounty(1)
	c.fill(1_000_000, 1_000_000)
	dues, lines := shuffled(c.dues, c.rnd), shuffled(c.lines, c.rnd)
	b.ReportAllocs()
	for b.Loop() {
		mustReconcile(b, dues, lines, countyOptions)
	}
}

// BenchmarkOnePayee is the worst shape: half a million dues and transfers of one
// payee and item, of 36 months, none of which agree in the amount.
func BenchmarkOnePayee(b *testing.B) {
	const n = 500_000
	dues, lines := make([]Due, n), make([]Line, n)
	for i := range n {
		m := civil.Month(202101).Add(i % 36)
		// Even amounts are due, odd ones were paid.
		a := money.Fen(1000 + 2*i)
		dues[i] = Due{Key: fmt.Sprintf("due:%07d", i), Payee: "H1", Item: ItemAssistance, From: m, To: m, Amount: a}
		lines[i] = Line{Key: fmt.Sprintf("line:%07d", i), Payee: "H1", Item: ItemAssistance, From: m, To: m, Date: 20240101, Amount: a + 1}
		switch i % 3 {
		case 1:
			lines[i].From, lines[i].To = 0, 0
		case 2:
			lines[i].To = m.Add(2)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		mustReconcile(b, dues, lines, Options{})
	}
}
