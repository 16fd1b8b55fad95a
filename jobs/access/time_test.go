package access

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC)

func TestWait(t *testing.T) {
	l := PerUser
	for failures, want := range map[int]time.Duration{-1: 0, 0: 0, 4: 0, 5: 30 * time.Second, 6: time.Minute, 7: 2 * time.Minute, 8: 4 * time.Minute, 9: 8 * time.Minute,
		10: 15 * time.Minute, 11: 15 * time.Minute, 1 << 30: 15 * time.Minute} {
		tally := Tally{failures, noon}
		for after, left := range map[time.Duration]time.Duration{0: want, 10 * time.Second: max(0, want-10*time.Second), want: 0, want - time.Nanosecond: time.Nanosecond, 24 * time.Hour: 0} {
			if want == 0 {
				left = 0
			}
			if got := l.Wait(tally, noon.Add(after)); got != left {
				t.Errorf("%d failures, %s later: %s, want %s", failures, after, got, left)
			}
		}
		// The clock was wrong, by years: the wait is what it is now, and ends.
		if got := l.Wait(tally, noon.AddDate(-7, 0, 0)); got != want {
			t.Errorf("%d failures to come: %s, want %s", failures, got, want)
		}
	}
	tally := Tally{}
	for range 7 {
		tally = l.Failed(tally, noon)
	}
	if tally != (Tally{7, noon}) {
		t.Errorf("%+v", tally)
	}
	if got := l.Failed(tally, noon.Add(24*time.Hour)); got != (Tally{1, noon.Add(24 * time.Hour)}) {
		t.Errorf("a day later %+v", got)
	}
	if got := l.Failed(tally, noon.Add(23*time.Hour)).Failures; got != 8 {
		t.Errorf("within the day %d", got)
	}
	for d, want := range map[time.Duration]string{time.Millisecond: "1 秒", 30 * time.Second: "30 秒", 91 * time.Second: "2 分钟", 15 * time.Minute: "15 分钟"} {
		if got := (&Wait{d}).Error(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", d, got)
		}
	}
	if PerAddress.Free <= PerUser.Free {
		t.Error("an office of many behind one address waits for one of them")
	}
}

func TestAddress(t *testing.T) {
	for remote, want := range map[string]string{"10.0.0.7:4711": "10.0.0.7", "10.0.0.7": "10.0.0.7", "[::ffff:10.0.0.7]:80": "10.0.0.7", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1": "2001:db8:1:2::/64", "[fe80::1%eth0]:80": "fe80::/64", "": "?", "x": "?", "10.0.0.256": "?"} {
		if got := Address(remote); got != want {
			t.Errorf("%q: %q, want %q", remote, got, want)
		}
	}
}

func TestSessionLives(t *testing.T) {
	u := User{Name: "Zhang-San", Since: 3}
	s := Session{Who: "zhangsan", Since: 3, Created: noon, Seen: noon.Add(time.Hour)}
	for after, want := range map[time.Duration]bool{time.Hour: true, time.Hour + 30*time.Minute - 1: true, time.Hour + 30*time.Minute: false, time.Hour - time.Minute: true, time.Hour - time.Minute - 1: false, -1: false} {
		if got := s.Live(&u, noon.Add(after)); got != want {
			t.Errorf("%s after it began: %t", after, got)
		}
	}
	s.Seen = noon.Add(12 * time.Hour) // busy all day
	for after, want := range map[time.Duration]bool{12*time.Hour - 1: true, 12 * time.Hour: false, 20 * time.Hour: false} {
		if got := s.Live(&u, noon.Add(after)); got != want {
			t.Errorf("%s after it began: %t", after, got)
		}
	}
	s.Seen = noon
	for name, u := range map[string]User{"disabled": {Name: "zhangsan", Since: 3, Disabled: true}, "another password since": {Name: "zhangsan", Since: 4}, "somebody else": {Name: "lisi", Since: 3}} {
		if s.Live(&u, noon) {
			t.Error(name)
		}
	}
	if a, b := NewToken(), NewToken(); a == b || len(a) != 43 || a.Key() == b.Key() {
		t.Errorf("tokens %d", len(a))
	}
}

func TestCode(t *testing.T) {
	text, c := NewCode(noon)
	other, _ := NewCode(noon)
	if len(text) != 11 || text[5] != '-' || text == other {
		t.Fatalf("%q, %q", text, other)
	}
	if c.Expires != noon.Add(30*time.Minute) {
		t.Errorf("expires %s", c.Expires)
	}
	for _, s := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", ""), " " + text + "\r\n", strings.ReplaceAll(text, "-", "－"),
		strings.NewReplacer("0", "o", "1", "l").Replace(text), strings.NewReplacer("0", "０", "1", "I", "A", "Ａ").Replace(text)} {
		if !c.Opens(s, noon) || !c.Opens(s, noon.Add(30*time.Minute-1)) {
			t.Errorf("%q does not open %q", s, text)
		}
		if c.Opens(s, noon.Add(30*time.Minute)) || c.Opens(s, noon.Add(-1)) {
			t.Errorf("%q opens when it should not", s)
		}
	}
	for _, s := range []string{"", other, text[:10], text + "0"} {
		if c.Opens(s, noon) {
			t.Errorf("%q opens %q", s, text)
		}
	}
	if (&Code{}).Opens("", noon) {
		t.Error("no code opens")
	}
}
