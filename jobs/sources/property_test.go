package sources

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// world is a remote place that changes: for each name the versions that were
// whole at some time, and the one of now.
type world struct {
	mu       sync.Mutex
	complete map[string]map[string]bool
	now      map[string]string
	clock    time.Time // each change is at a second of its own, as on a real server with a quiet time
}

func newWorld() *world {
	return &world{complete: map[string]map[string]bool{}, now: map[string]string{}, clock: time.Unix(1700000000, 0)}
}

// version makes a text that tells itself from all others, from its first byte to
// its last.
func (w *world) version(size int) string {
	w.clock = w.clock.Add(time.Second)
	return strings.Repeat(fmt.Sprintf("<%d>", w.clock.Unix()), 1+size)
}

func (w *world) whole(name, text string) {
	if w.complete[name] == nil {
		w.complete[name] = map[string]bool{}
	}
	w.complete[name][text] = true
	w.now[name] = text
}

// check: the mirror holds nothing but whole versions; after a pull that nothing
// disturbed, those of now.
func (w *world) check(t *rapid.T, got map[string]string, calm bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, text := range got {
		if !w.complete[name][text] {
			t.Fatalf("%s holds %d bytes that never were a whole version: %.60q", name, len(text), text)
		}
	}
	if !calm {
		return
	}
	for name, text := range w.now {
		if got[name] != text {
			t.Fatalf("%s is not as it is now: %.60q, want %.60q", name, got[name], text)
		}
	}
}

// steps does a few actions; rapid's own Repeat does more than files on a disk are
// worth.
func steps(t *rapid.T, actions map[string]func(*rapid.T)) {
	names := slices.Sorted(maps.Keys(actions))
	for _, a := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 10).Draw(t, "steps") {
		actions[a](t)
	}
}

var worldNames = []string{"a.csv", "b.xlsx", "民政.xls"}

// TestSFTPAlwaysWhole: whatever the server does between pulls and in the middle of
// them, the mirror holds whole versions.
func TestSFTPAlwaysWhole(t *testing.T) {
	m := startMemory(t)
	p, sleeps := m.puller()
	c := m.config("a")
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "doudi-mirror-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld()
		m.mu.Lock()
		m.files = map[string]*memFile{}
		m.mu.Unlock()
		var writing []func() // writers that are at work
		set := func(name, text string) { m.set("/out/"+name, text, w.clock) }
		change := func(t *rapid.T) {
			name := rapid.SampledFrom(worldNames).Draw(t, "name")
			size := rapid.SampledFrom([]int{0, 1, 10000, 20000}).Draw(t, "size") // 20000: several packets
			what := rapid.SampledFrom([]string{"write", "write", "append", "begin", "touch", "remove"}).Draw(t, "change")
			w.mu.Lock()
			defer w.mu.Unlock()
			switch text := w.version(size); what {
			case "write":
				set(name, text)
				w.whole(name, text)
			case "append":
				text = w.now[name] + text
				set(name, text)
				w.whole(name, text)
			case "begin":
				// Half is there; the rest comes before the quiet time is over.
				set(name, text[:len(text)/2])
				delete(w.now, name)
				writing = append(writing, func() {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.clock = w.clock.Add(time.Second)
					set(name, text)
					w.whole(name, text)
				})
			case "touch":
				if text, ok := w.now[name]; ok {
					set(name, text)
				}
			case "remove":
				m.mu.Lock()
				delete(m.files, "/out/"+name)
				m.mu.Unlock()
				delete(w.now, name)
			}
		}
		finish := func() {
			for _, f := range writing {
				f()
			}
			writing = nil
		}
		pull := func(t *rapid.T, disturb func(*rapid.T)) {
			reads, calm := 0, true
			sleeps.during = func(d time.Duration) {
				if d == quiet {
					calm = calm && len(writing) == 0
					finish()
				}
			}
			at := rapid.IntRange(1, 12).Draw(t, "at read")
			var once sync.Once
			m.reading = nil
			if disturb != nil {
				var mu sync.Mutex
				m.reading = func(string) {
					mu.Lock()
					reads++
					now := reads == at
					mu.Unlock()
					if now {
						once.Do(func() { calm = false; disturb(t) })
					}
				}
			}
			r := p.Mirror(context.Background(), c, dir, dir)
			m.reading, sleeps.during = nil, nil
			calm = calm && len(writing) == 0
			finish()
			if r.Err != nil && disturb == nil {
				t.Fatal(r.Err)
			}
			w.check(t, tree2(t, dir), calm && len(r.Left) == 0 && r.Err == nil)
		}
		steps(t, map[string]func(*rapid.T){
			"change":                 change,
			"pull":                   func(t *rapid.T) { pull(t, nil) },
			"pull while it changes":  func(t *rapid.T) { pull(t, change) },
			"pull while it breaks":   func(t *rapid.T) { pull(t, func(*rapid.T) { m.drop() }) },
			"lose the mirrored file": func(t *rapid.T) { os.Remove(path.Join(dir, rapid.SampledFrom(worldNames).Draw(t, "lost"))) },
		})
		pull(t, nil)
		pull(t, nil)
	})
}

// tree2 is tree for a property; there is no hidden half-fetched file either.
func tree2(t *rapid.T, dir string) map[string]string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entries {
		if e.Name() == stateFile {
			continue
		}
		data, err := os.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(data)
	}
	return out
}

// TestHTTPSAlwaysWhole: the same for addresses, with servers that tag, do not tag,
// break off and fail.
func TestHTTPSAlwaysWhole(t *testing.T) {
	w := newWorld()
	var trouble []string // one for each answer, until they are used up
	tags := true
	web := startWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		what := ""
		if len(trouble) > 0 {
			what, trouble = trouble[0], trouble[1:]
		}
		text, ok := w.now[strings.TrimPrefix(r.URL.Path, "/")]
		tag := fmt.Sprintf(`"%.14s-%d"`, text, len(text))
		switch {
		case what == "500":
			rw.WriteHeader(500)
			return
		case !ok:
			rw.WriteHeader(404)
			return
		case tags && r.Header.Get("If-None-Match") == tag:
			rw.WriteHeader(304)
			return
		}
		if tags {
			rw.Header().Set("ETag", tag)
		}
		if what != "chunks broken" {
			rw.Header().Set("Content-Length", fmt.Sprint(len(text)))
		}
		if what != "" {
			fmt.Fprint(rw, text[:len(text)/2])
			rw.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(rw, text)
	}, "/a.csv", "/b.xlsx", "/%E6%B0%91%E6%94%BF.xls")
	p, _ := newPuller()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "doudi-mirror-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		*w = *newWorld()
		tags = rapid.Bool().Draw(t, "tags")
		pull := func(t *rapid.T, bad []string) {
			trouble = bad
			r := p.Mirror(context.Background(), web.conf, dir, dir)
			trouble = nil
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			w.check(t, tree2(t, dir), len(bad) < 4) // four tries
		}
		steps(t, map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				w.whole(rapid.SampledFrom(worldNames).Draw(t, "name"), w.version(rapid.SampledFrom([]int{0, 10, 10000}).Draw(t, "size")))
			},
			"remove": func(t *rapid.T) { delete(w.now, rapid.SampledFrom(worldNames).Draw(t, "name")) },
			"pull":   func(t *rapid.T) { pull(t, nil) },
			"pull in trouble": func(t *rapid.T) {
				pull(t, rapid.SliceOfN(rapid.SampledFrom([]string{"500", "broken", "chunks broken", ""}), 1, 12).Draw(t, "trouble"))
			},
		})
	})
}
