package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"doudi/jobs/access"

	"github.com/google/go-cmp/cmp"
)

// RunDoor runs the suite of what passes: sessions, failures, the first code. open gives
// a new empty door, and closes it at the test's end; again opens the same one once more.
func RunDoor(t *testing.T, open func(t *testing.T) (door access.Door, again func() access.Door)) {
	for name, test := range map[string]func(*knob){"Sessions": sessions, "Sweep": sweep, "Tallies": tallies, "TalliesAtOnce": talliesAtOnce, "FirstCode": firstCode, "SignIns": signIns} {
		t.Run(name, func(t *testing.T) {
			d, again := open(t)
			test(&knob{T: t, Door: d, ctx: t.Context(), again: again})
		})
	}
}

// knob is a door on trial.
type knob struct {
	*testing.T
	access.Door
	ctx   context.Context
	again func() access.Door
}

func (k *knob) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *knob) same(what string, want, got any) {
	k.Helper()
	if d := cmp.Diff(want, got); d != "" {
		k.Errorf("%s (-want +got)\n%s", what, d)
	}
}

func (k *knob) begin(who string, at time.Time) access.Session {
	k.Helper()
	s := access.Session{Key: access.NewToken().Key(), Who: who, From: "10.0.0.7", Since: 3, Created: at, Seen: at}
	k.ok(k.PutSession(k.ctx, s))
	return s
}

func (k *knob) has(what string, s access.Session, want bool) {
	k.Helper()
	got, ok, err := k.Session(k.ctx, s.Key)
	k.ok(err)
	k.same(what, want, ok)
	if ok {
		k.same(what, s, got)
	}
}

// sessions come back as they were put, after a restart too, until they are ended.
func sessions(k *knob) {
	a, b, c := k.begin("甲", noon), k.begin("甲", noon.Add(time.Minute)), k.begin("乙", noon)
	k.has("a", a, true)
	a.Seen = noon.Add(5 * time.Minute)
	k.ok(k.SeenSession(k.ctx, a.Key, a.Seen))
	k.has("a, seen", a, true)
	k.has("b", b, true)
	got, ok, err := k.again().Session(k.ctx, c.Key)
	k.ok(err)
	k.same("after a restart", true, ok)
	k.same("after a restart", c, got)
	k.ok(k.EndSession(k.ctx, a.Key))
	k.ok(k.EndSession(k.ctx, a.Key)) // once more is no error
	k.has("a, ended", a, false)
	k.has("b", b, true)
	k.ok(k.SeenSession(k.ctx, a.Key, noon)) // does not bring it back
	k.has("a, ended", a, false)
	a = k.begin("甲", noon)
	k.ok(k.EndSessionsOf(k.ctx, "甲"))
	k.has("a, with all of the user", a, false)
	k.has("b, with all of the user", b, false)
	k.has("c, another's", c, true)
	if err := k.PutSession(k.ctx, c); err == nil {
		k.Error("a token twice")
	}
}

// sweep forgets what is over, and nothing else.
func sweep(k *knob) {
	old, young := k.begin("甲", noon), k.begin("甲", noon.Add(time.Hour))
	k.ok(k.Count(k.ctx, []string{"a", "b"}, func([]access.Tally) []access.Tally {
		return []access.Tally{{Failures: 1, At: noon}, {Failures: 2, At: noon.Add(time.Hour)}}
	}))
	k.ok(k.Sweep(k.ctx, noon.Add(time.Second), noon.Add(time.Second)))
	k.has("old", old, false)
	k.has("young", young, true)
	k.same("tallies", []access.Tally{{}, {Failures: 2, At: noon.Add(time.Hour)}}, k.tallies("a", "b"))
	k.ok(k.Sweep(k.ctx, noon.Add(time.Hour), noon.Add(time.Hour))) // not yet before
	k.has("young", young, true)
}

func (k *knob) tallies(keys ...string) (out []access.Tally) {
	k.Helper()
	k.ok(k.again().Count(k.ctx, keys, func(ts []access.Tally) []access.Tally { out = append(out, ts...); return ts }))
	return out
}

// tallies are each of their key, outlast a restart, and are forgotten when empty.
func tallies(k *knob) {
	k.same("at first", []access.Tally{{}, {}}, k.tallies("a", "b"))
	k.ok(k.Count(k.ctx, []string{"a", "b"}, func(ts []access.Tally) []access.Tally {
		ts[0], ts[1] = access.Tally{Failures: 2, At: noon}, access.Tally{Failures: 7, At: noon.Add(time.Minute)}
		return ts
	}))
	k.same("counted", []access.Tally{{Failures: 7, At: noon.Add(time.Minute)}, {}, {Failures: 2, At: noon}}, k.tallies("b", "c", "a"))
	k.ok(k.Count(k.ctx, []string{"a"}, func(ts []access.Tally) []access.Tally { ts[0].Failures = 0; return ts }))
	k.same("forgotten", []access.Tally{{}, {Failures: 7, At: noon.Add(time.Minute)}}, k.tallies("a", "b"))
}

// talliesAtOnce: no failure is lost where many come at once.
func talliesAtOnce(k *knob) {
	const many = 20
	two := k.again()
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			d := []access.Door{k.Door, two}[i%2]
			if err := d.Count(k.ctx, []string{"a"}, func(ts []access.Tally) []access.Tally {
				return []access.Tally{{Failures: ts[0].Failures + 1, At: noon}}
			}); err != nil {
				k.Error(err)
			}
		})
	}
	wg.Wait()
	k.same("counted", []access.Tally{{Failures: many, At: noon}}, k.tallies("a"))
}

// firstCode: one at a time, the last one made.
func firstCode(k *knob) {
	has := func(what string, want access.Code, there bool) {
		k.Helper()
		got, ok, err := k.again().Code(k.ctx)
		k.ok(err)
		k.same(what, there, ok)
		k.same(what, want, got)
	}
	has("at first", access.Code{}, false)
	_, one := access.NewCode(noon)
	_, two := access.NewCode(noon.Add(time.Hour))
	k.ok(k.PutCode(k.ctx, one))
	has("one", one, true)
	k.ok(k.PutCode(k.ctx, two))
	has("two", two, true)
	k.ok(k.DropCode(k.ctx))
	has("dropped", access.Code{}, false)
	k.ok(k.DropCode(k.ctx))
}

// signIns are the last of each.
func signIns(k *knob) {
	for who, at := range map[string]time.Time{"甲": noon, "乙": noon.Add(time.Hour)} {
		k.ok(k.SignedIn(k.ctx, who, at))
	}
	k.ok(k.SignedIn(k.ctx, "甲", noon.Add(2*time.Hour)))
	got, err := k.again().SignIns(k.ctx)
	k.ok(err)
	k.same("signed in", map[string]time.Time{"甲": noon.Add(2 * time.Hour), "乙": noon.Add(time.Hour)}, got)
}
