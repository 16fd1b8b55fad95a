package civil

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		d    Date
		n    int
		want Date
	}{
		{20230831, -6, 20230228}, // semantics §1
		{20240831, -6, 20240229}, // semantics §1
		{20230331, -1, 20230228},
		{20240331, -1, 20240229},
		{20230131, 1, 20230228},
		{20000131, 1, 20000229}, // divisible by 400: a leap year
		{19000131, 1, 19000228}, // by 100 alone: not
		{20230531, 1, 20230630},
		{20230115, -1, 20221215},
		{20221231, 1, 20230131},
		{20230630, -6, 20221230},
		{20240229, 12, 20250228},
		{20240229, 48, 20280229},
		{20230228, -6, 20220828}, // clamping does not come back
		{20230815, 0, 20230815},
		{20230815, -240, 20030815},
	} {
		if got := c.d.AddMonths(c.n); got != c.want {
			t.Errorf("%s %+d months = %s, want %s", c.d, c.n, got, c.want)
		}
	}
}

// anyDate is a day of 1900 to 2100.
func anyDate(t *rapid.T) (time.Time, Date) {
	n := rapid.IntRange(0, 73413).Draw(t, "days after 1900-01-01")
	tm := time.Date(1900, 1, 1+n, 0, 0, 0, 0, time.UTC)
	return tm, FromTime(tm)
}

// TestAgainstTime holds the arithmetic against package time.
func TestAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tm, d := anyDate(t)
		if y := tm.Year(); y < 1900 || y > 2100 {
			t.Fatalf("the generator left 1900-2100: %s", tm)
		}
		if !d.Valid() || d.String() != tm.Format(time.DateOnly) {
			t.Fatalf("%d prints %q, time says %s", d, d, tm)
		}
		if got := d.Next(); got != FromTime(tm.AddDate(0, 0, 1)) {
			t.Fatalf("the day after %s is %s", d, got)
		}
		if got := d.Prev(); got != FromTime(tm.AddDate(0, 0, -1)) {
			t.Fatalf("the day before %s is %s", d, got)
		}
		if got := d.FirstOfNextMonth(); got != FromTime(time.Date(tm.Year(), tm.Month()+1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("the month after %s begins on %s", d, got)
		}
		last := time.Date(tm.Year(), tm.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		if got := DaysIn(tm.Year(), int(tm.Month())); got != last.Day() || d.Month().Last() != FromTime(last) {
			t.Fatalf("%s has %d days, ends on %s", d.Month(), got, d.Month().Last())
		}

		// n months later: that month's same day, or its last one.
		n := rapid.IntRange(-240, 240).Draw(t, "months")
		first := time.Date(tm.Year(), tm.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		day := min(tm.Day(), first.AddDate(0, 1, -1).Day())
		if got, want := d.AddMonths(n), FromTime(first.AddDate(0, 0, day-1)); got != want {
			t.Fatalf("%s %+d months = %s, want %s", d, n, got, want)
		}
		if got := d.Month().Add(n); got != FromTime(first).Month() {
			t.Fatalf("%s %+d months = %s", d.Month(), n, got)
		}
		if back, err := ParseDate(d.String()); err != nil || back != d {
			t.Fatalf("%s is read back as %s, %v", d, back, err)
		}
		if back, err := ParseMonth(d.Month().String()); err != nil || back != d.Month() {
			t.Fatalf("%s is read back as %s, %v", d.Month(), back, err)
		}
	})
}

// TestEveryDay walks 1900-2100 day by day: Next and Prev undo each other, every
// day is valid and nothing between two days is.
func TestEveryDay(t *testing.T) {
	days := 0
	for d := YMD(1900, 1, 1); d <= YMD(2100, 12, 31); d = d.Next() {
		days++
		if !d.Valid() || d.Next().Prev() != d {
			t.Fatalf("%d: valid %t, back from the next day: %s", d, d.Valid(), d.Next().Prev())
		}
		for between := d + 1; between < d.Next(); between++ {
			if between.Valid() {
				t.Fatalf("%d is held for a day", between)
			}
		}
	}
	if want := int(time.Date(2101, 1, 1, 0, 0, 0, 0, time.UTC).Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)).Hours() / 24); days != want {
		t.Fatalf("%d days from 1900 to 2100, time says %d", days, want)
	}
}

func TestOrderIsTimesOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ta, a := anyDate(t)
		tb, b := anyDate(t)
		if (a < b) != ta.Before(tb) || (a.At() < b.At()) != ta.Before(tb) {
			t.Fatalf("%s and %s do not compare like time", a, b)
		}
	})
}

func TestValidRefuses(t *testing.T) {
	for _, d := range []Date{0, 20230229, 20230431, 20231301, 20230001, 20230100, 20230132, 18991231, -20230101} {
		if d.Valid() {
			t.Errorf("%d is held for a day", d)
		}
	}
	for _, s := range []string{"", "2023-02-29", "2023-2-1", "20230201", "2023/02/01", "2023-02-01 08:00"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %s", s, d)
		}
	}
	for _, s := range []string{"", "2023-13", "2023-00", "202308", "2023-8"} {
		if m, err := ParseMonth(s); err == nil {
			t.Errorf("ParseMonth(%q) = %s", s, m)
		}
	}
}

func TestMoment(t *testing.T) {
	// 31 December in Shanghai is that year's, although it is 30 December in UTC.
	shanghai := time.FixedZone("CST", 8*3600)
	m := MomentOf(time.Date(2023, 12, 31, 7, 5, 9, 0, shanghai))
	if m != 20231231070509 || m.Date() != 20231231 || m.Date().Year() != 2023 {
		t.Errorf("moment %d of %s", m, m.Date())
	}
	if h, mi, s := m.Clock(); h != 7 || mi != 5 || s != 9 {
		t.Errorf("clock %d:%d:%d", h, mi, s)
	}
	for m, want := range map[Moment]string{20231231070509: "2023-12-31 07:05:09", 20231231000000: "2023-12-31", 0: ""} {
		if m.String() != want {
			t.Errorf("%d prints %q, want %q", m, m, want)
		}
	}
	if Date(20230901).At() != 20230901000000 {
		t.Error("a day begins at midnight")
	}
}

func TestMonth(t *testing.T) {
	m := Month(202312)
	if m.Next() != 202401 || m.First() != 20231201 || m.Last() != 20231231 || m.Year() != 2023 || m.String() != "2023-12" || Month(0).String() != "" {
		t.Errorf("%s: next %s, %s to %s", m, m.Next(), m.First(), m.Last())
	}
	if Month(202402).Last() != 20240229 || Month(202302).Next() != 202303 {
		t.Error("February")
	}
}
