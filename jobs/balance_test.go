package jobs

import (
	"testing"

	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// TestBalanceSettles: what is still to be recovered, by hand.
func TestBalanceSettles(t *testing.T) {
	day := func(d int) civil.Date { return civil.YMD(2023, 9, d) }
	for _, c := range []struct {
		name         string
		moves        []move
		open, excess money.Fen
	}{
		{"nothing came back", []move{{day(1), 1, -300}}, 300, 0},
		{"a part came back", []move{{day(1), 1, -300}, {day(2), 0, 100}}, 200, 0},
		{"it came back before it was posted", []move{{day(2), 1, -300}, {day(1), 0, 300}}, 0, 0},
		{"more came back", []move{{day(1), 1, -300}, {day(2), 0, 301}}, 0, 1},
		{"补发 elsewhere pays nothing of it", []move{{day(1), 1, -300}, {day(2), 2, 300}}, 300, 0},
		{"补发 before it is what is recovered", []move{{day(1), 1, 300}, {day(2), 1, -300}}, 300, 0},
		{"taken back by a later 补发", []move{{day(1), 1, -300}, {day(2), 1, 300}}, 0, 0},
		{"taken back in part", []move{{day(1), 1, -300}, {day(2), 1, 100}}, 200, 0},
		{"taken back, and more is due", []move{{day(1), 1, -300}, {day(2), 2, -50}, {day(3), 1, 400}}, 50, 0},
		{"taken back after it had come back: the 补发 pays it out", []move{{day(1), 1, -300}, {day(2), 2, -200}, {day(3), 0, 300}, {day(4), 1, 300}}, 200, 0},
		{"taken back after a part had come back", []move{{day(1), 1, -300}, {day(2), 2, -200}, {day(3), 0, 100}, {day(4), 1, 300}}, 200, 0},
	} {
		b := Balance{moves: c.moves}
		if b.settle(); b.Open != c.open || b.Excess != c.excess {
			t.Errorf("%s: open %s, excess %s; want %s, %s", c.name, b.Open, b.Excess, c.open, c.excess)
		}
	}
}

// TestBalanceWithoutTakingBack: where no 追回 is taken back, what is open and what is
// in excess is the plain difference, whatever came first.
func TestBalanceWithoutTakingBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Balance
		var posted, back money.Fen
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			m := move{date: civil.YMD(2023, 9, rapid.IntRange(1, 9).Draw(t, "day")), amount: money.Fen(rapid.IntRange(1, 500).Draw(t, "amount"))}
			if rapid.Bool().Draw(t, "came back") {
				back += m.amount
			} else {
				posted += m.amount
				m.claim, m.amount = int64(rapid.IntRange(1, 3).Draw(t, "claim")), -m.amount
			}
			b.moves = append(b.moves, m)
		}
		if b.settle(); b.Open != max(0, posted-back) || b.Excess != max(0, back-posted) {
			t.Fatalf("%s posted, %s back: open %s, excess %s", posted, back, b.Open, b.Excess)
		}
	})
}
