package yearend

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules/civil"

	"pgregory.net/rapid"
)

func sign(by, digest string) ledger.YearStep {
	return ledger.YearStep{Year: 2023, Step: ledger.YearSign, By: by, Digest: digest}
}

func reopen(by, digest, reason string) ledger.YearStep {
	return ledger.YearStep{Year: 2023, Step: ledger.YearReopen, By: by, Digest: digest, Reason: reason}
}

// TestState: where a year stands, step by step.
func TestState(t *testing.T) {
	closed := []ledger.YearStep{sign("甲", "d"), sign("乙", "d")}
	asked := append(slices.Clone(closed), reopen("丙", "d", "漏报"))
	for name, c := range map[string]struct {
		steps []ledger.YearStep
		want  Phase
		err   error // of the last step
	}{
		"nothing":                              {nil, Open, nil},
		"one":                                  {[]ledger.YearStep{sign("甲", "d")}, Signed, nil},
		"two":                                  {closed, Closed, nil},
		"the same person":                      {[]ledger.YearStep{sign("甲", "d"), sign("甲", "d")}, Signed, ErrSamePerson},
		"the same person with a space":         {[]ledger.YearStep{sign("zhang", "d"), sign(" ＺＨＡＮＧ", "d")}, Signed, ErrSamePerson},
		"nobody":                               {[]ledger.YearStep{sign("　", "d")}, Open, ErrNobody},
		"nothing signed":                       {[]ledger.YearStep{sign("甲", "")}, Open, ErrStatement},
		"two, of two statements":               {[]ledger.YearStep{sign("甲", "d"), sign("乙", "e")}, Signed, nil},
		"back to the first statement":          {[]ledger.YearStep{sign("甲", "d"), sign("乙", "e"), sign("甲", "d")}, Signed, nil},
		"the other signs the later one":        {[]ledger.YearStep{sign("甲", "d"), sign("乙", "e"), sign("甲", "e")}, Closed, nil},
		"once more":                            {append(slices.Clone(closed), sign("丙", "d")), Closed, ErrClosed},
		"reopening what is open":               {[]ledger.YearStep{sign("甲", "d"), reopen("乙", "d", "漏报")}, Signed, ErrNotClosed},
		"without a reason":                     {append(slices.Clone(closed), reopen("丙", "d", " ")), Closed, ErrReason},
		"of another statement":                 {append(slices.Clone(closed), reopen("丙", "e", "漏报")), Closed, ErrStatement},
		"asked to reopen":                      {asked, Reopening, nil},
		"the same person asks and confirms":    {append(slices.Clone(asked), reopen("丙", "d", "")), Reopening, ErrSamePerson},
		"reopened":                             {append(slices.Clone(asked), reopen("甲", "d", "")), Open, nil},
		"closed while somebody asks to reopen": {append(slices.Clone(asked), sign("丁", "d")), Reopening, ErrClosed},
		"closed again":                         {append(slices.Clone(asked), reopen("甲", "d", ""), sign("甲", "f"), sign("乙", "f")), Closed, nil},
		"no such step":                         {[]ledger.YearStep{{Step: "x", By: "甲"}}, Open, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			var s State
			for _, x := range c.steps {
				s, last = s.After(x)
			}
			if s.Phase != c.want || c.err != nil && !errors.Is(last, c.err) || c.err == nil && last != nil && name != "no such step" {
				t.Errorf("%s, %v; want %s, %v", s.Phase, last, c.want, c.err)
			}
			if got := StateOf(c.steps); got.Phase != c.want {
				t.Errorf("replayed: %s", got.Phase)
			}
		})
	}
}

// TestNobodyClosesAlone: whatever is signed in whatever order, each closing and each
// reopening has two people, and what both signed is the same statement.
func TestNobodyClosesAlone(t *testing.T) {
	people := []string{"甲", "甲 ", "乙", "　乙", "A", "a", "", " "}
	rapid.Check(t, func(t *rapid.T) {
		only := rapid.SampledFrom(append(people, "anybody")).Draw(t, "only")
		var s State
		var steps []ledger.YearStep
		reopened := 0
		for i := range rapid.IntRange(0, 30).Draw(t, "steps") {
			by := only
			if only == "anybody" {
				by = rapid.SampledFrom(people).Draw(t, "by")
			}
			digest := rapid.SampledFrom([]string{"d", "e", ""}).Draw(t, "digest")
			x := sign(by, digest)
			if rapid.Bool().Draw(t, "reopen") {
				x = reopen(by, digest, rapid.SampledFrom([]string{"", "漏报"}).Draw(t, "reason"))
			}
			x.Seq = ledger.Seq(i + 1)
			steps = append(steps, x)
			next, err := s.After(x)
			switch {
			case err != nil && !reflect.DeepEqual(next, s):
				t.Fatalf("a refused step changed %+v to %+v", s, next)
			case next.Phase == Closed && s.Phase != Closed:
				if samePerson(next.First.By, next.Second.By) || next.First.Digest != next.Second.Digest || next.Second.Seq != x.Seq || next.Closed != s.Closed+1 {
					t.Fatalf("closed by %+v", next)
				}
			case s.Locked() && !next.Locked():
				if s.Phase != Reopening || samePerson(s.Reopen.By, x.By) || s.Reopen.Reason == "" || s.Reopen.Digest != x.Digest {
					t.Fatalf("reopened by %+v after %+v", x, s)
				}
				reopened++
			}
			s = next
		}
		if only != "anybody" && (s.Locked() || s.Closed > 0) {
			t.Fatalf("%q alone closed it: %+v", only, steps)
		}
		if !reflect.DeepEqual(StateOf(steps), s) || s.Closed < reopened {
			t.Fatalf("replayed %+v, was %+v", StateOf(steps), s)
		}
		// A calendar knows what was so at every time.
		c := NewCalendar(steps)
		var at State
		for i, x := range steps {
			if next, err := at.After(x); err == nil {
				at = next
			}
			if !reflect.DeepEqual(c.At(2023, ledger.Seq(i+1)), at) {
				t.Fatalf("at %d", i+1)
			}
		}
	})
}

// TestBooked: what comes to a closed year belongs to the next that is open then.
func TestBooked(t *testing.T) {
	step := func(seq ledger.Seq, year int, x ledger.YearStep) ledger.YearStep { x.Seq, x.Year = seq, year; return x }
	c := NewCalendar([]ledger.YearStep{
		step(10, 2022, sign("甲", "d")), step(11, 2022, sign("乙", "d")),
		step(20, 2023, sign("甲", "e")), step(21, 2023, sign("乙", "e")),
		step(30, 2023, reopen("甲", "e", "漏报")), step(31, 2023, reopen("乙", "e", "")),
	})
	for _, x := range []struct {
		year int
		seq  ledger.Seq
		want int
	}{{2022, 5, 2022}, {2022, 11, 2022}, {2022, 12, 2023}, {2022, 22, 2024}, {2023, 22, 2024}, {2023, 31, 2024}, {2023, 32, 2023}, {2022, 32, 2023}, {2021, 32, 2023}, {2021, 5, 2021}, {2024, 22, 2024}} {
		if got := c.Booked(x.year, x.seq); got != x.want {
			t.Errorf("of %d in entry %d: %d, want %d", x.year, x.seq, got, x.want)
		}
	}
	// So does a posting, by its date; what the clock said brings it into no closed year.
	for _, x := range []struct {
		year int
		seq  ledger.Seq
		date civil.Date
		want int
	}{{2022, 5, 20240105, 2022}, {2022, 12, 20230301, 2023}, {2022, 12, 20240301, 2024}, {2022, 22, 20230301, 2024}, {2022, 22, 20200301, 2024},
		{2021, 12, 20220301, 2023}, {2023, 32, 20220301, 2023}} {
		if got := c.BookedPosting(&ledger.Posting{Year: x.year, Seq: x.seq, Date: x.date}); got != x.want {
			t.Errorf("posted on %d in entry %d of %s: %d, want %d", x.year, x.seq, x.date, got, x.want)
		}
	}
	for _, x := range []struct {
		booked, year int
		want         bool
	}{{2022, 2022, true}, {2020, 2022, true}, {2022, 2023, false}, {2023, 2023, true}, {2023, 2024, true}, {2025, 2024, false}} {
		if got := c.Stands(x.booked, x.year); got != x.want {
			t.Errorf("what is booked in %d stands in the statement of %d: %v", x.booked, x.year, got)
		}
	}
	if got := c.ClosedAt(21); !slices.Equal(got, []int{2022, 2023}) {
		t.Errorf("closed at 21: %v", got)
	}
	if got := c.Closed(); !slices.Equal(got, []int{2022}) {
		t.Errorf("closed now: %v", got)
	}
}
