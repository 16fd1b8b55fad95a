package sources

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sleeper is a Sleep that does not sleep: it notes what was asked for and lets a
// test act meanwhile.
type sleeper struct {
	asked  []time.Duration
	during func(d time.Duration)
}

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.asked = append(s.asked, d)
	if s.during != nil {
		s.during(d)
	}
	return ctx.Err()
}

const quiet = 2 * time.Second

func newPuller() (*Puller, *sleeper) {
	s := &sleeper{}
	return &Puller{Now: time.Now, Sleep: s.sleep, Quiet: quiet, Getenv: func(string) (string, bool) { return "", false }}, s
}

// put writes a file whose time is an hour ago.
func put(t testing.TB, path, text string) {
	t.Helper()
	putAt(t, path, text, time.Now().Add(-time.Hour).Truncate(time.Second))
}

func putAt(t testing.TB, path, text string, at time.Time) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
	must(t, os.Chtimes(path, at, at))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree gives the files below a folder with their text, without the state.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == stateFile {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		data, err := os.ReadFile(path)
		rel, rerr := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return errors.Join(err, rerr)
	})
	must(t, err)
	return out
}

func wantTree(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	got := tree(t, dir)
	for name, text := range got {
		if w, ok := want[name]; !ok {
			t.Errorf("%s should not be there", name)
		} else if w != text {
			t.Errorf("%s: got %d bytes %.40q, want %d bytes %.40q", name, len(text), text, len(w), w)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
}

// wantReport compares what was fetched, how much was not and what was left, as
// "code path".
func wantReport(t testing.TB, r Report, fetched []string, unchanged int, left ...string) {
	t.Helper()
	if r.Err != nil {
		t.Fatalf("the pull failed: %v", r.Err)
	}
	var got []string
	for _, l := range r.Left {
		got = append(got, l.Code+" "+l.Path)
	}
	slices.Sort(got)
	slices.Sort(left)
	if !slices.Equal(r.Fetched, fetched) || r.Unchanged != unchanged || !slices.Equal(got, left) {
		t.Fatalf("fetched %q, unchanged %d, left %q;\nwant %q, %d, %q\n%+v", r.Fetched, r.Unchanged, got, fetched, unchanged, left, r.Left)
	}
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}
