package yearend

import (
	"errors"
	"testing"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
)

// TestMayUndo: a match by hand that was made between the two signatures of a closing
// stands in the statement that both signed.
func TestMayUndo(t *testing.T) {
	first, second := sign("甲", "d"), sign("乙", "d")
	first.Seq, second.Seq = 10, 20
	c := NewCalendar([]ledger.YearStep{first, second})
	b := &finance.Book{Result: &reconcile.Result{Dues: []reconcile.Due{{Key: "premium:2023:1", From: 202301, To: 202312}}, Matches: []reconcile.Match{{Dues: []int32{0}}}}}
	then := func(ledger.Seq) (*finance.Book, error) { return b, nil }
	for seq, want := range map[ledger.Seq]error{5: ErrHandClosed, 15: ErrHandClosed, 25: nil} {
		if err := c.MayUndo(b, then, &ledger.Matching{Seq: seq, Dues: []string{"premium:2023:1"}}); !errors.Is(err, want) {
			t.Errorf("of entry %d: %v, want %v", seq, err, want)
		}
	}
}

// TestLateDues: a due stands in the statement of the first closed year that was closed
// when it was there.
func TestLateDues(t *testing.T) {
	var steps []ledger.YearStep
	for i, year := range []int{2022, 2023} {
		for k, by := range []string{"甲", "乙"} {
			x := sign(by, "d")
			x.Year, x.Seq = year, ledger.Seq(10*i+10+k)
			steps = append(steps, x)
		}
	}
	c := NewCalendar(steps)
	came := ledger.Seq(0)
	then := func(seen ledger.Seq) (*finance.Book, error) {
		r := &reconcile.Result{}
		if seen >= came {
			r.Dues = []reconcile.Due{{Key: "k"}}
		}
		return &finance.Book{Result: r}, nil
	}
	for _, x := range []struct {
		year int
		came ledger.Seq
		want int
	}{{2022, 5, 2022}, {2022, 15, 2023}, {2022, 25, 2024}, {2021, 5, 2022}, {2023, 15, 2023}, {2023, 25, 2024}, {2024, 5, 2024}, {2025, 25, 2025}} {
		came = x.came
		if got, err := c.bookedDue("k", x.year, then); err != nil || got != x.want {
			t.Errorf("of %d, in entry %d: %d, %v; want %d", x.year, x.came, got, err, x.want)
		}
	}
	broken := errors.New("no")
	if _, err := c.bookedDue("k", 2022, func(ledger.Seq) (*finance.Book, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}
