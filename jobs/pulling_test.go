package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/sources"
)

// beats is a store of which only the sign of life is asked.
type beats struct {
	Store
	n   int
	err error
}

func (b *beats) Beat(context.Context, ledger.Run, time.Time) error { b.n++; return b.err }

// TestAlive: while sources are pulled the run shows that it lives, and it ends
// when it is no longer ours.
func TestAlive(t *testing.T) {
	defer func(was time.Duration) { beatEvery = was }(beatEvery)
	beatEvery = 5 * time.Millisecond
	s := &beats{}
	c := &Cycle{Store: s, Now: time.Now}
	err := c.alive(context.Background(), ledger.Run{}, func(context.Context) error { time.Sleep(100 * time.Millisecond); return errors.New("mine") })
	if err == nil || err.Error() != "mine" || s.n < 3 {
		t.Errorf("%v after %d beats", err, s.n)
	}
	s.err = ledger.ErrFenced
	err = c.alive(context.Background(), ledger.Run{}, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	if !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("ended with %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.err = nil
	if err := c.alive(ctx, ledger.Run{}, func(ctx context.Context) error { return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// TestScratch: what a killed run left is swept away, nothing else.
func TestScratch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	for _, d := range []string{scratchName + "1", scratchName + "2", "ab"} {
		if err := os.MkdirAll(filepath.Join(dir, d, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := &Cycle{Scratch: dir}
	made, err := c.scratch()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if want := []string{filepath.Base(made), "ab"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// pullAll lists what a run of August 2023 would read, as paths below root.
func pullAll(t *testing.T, c *Cycle, root string, o RunOptions) ([]string, Outcome) {
	t.Helper()
	var out Outcome
	files, err := c.pull(context.Background(), filepath.Join(root, "dry"), o, &out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range files {
		rel, err := filepath.Rel(root, d.path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(rel))
	}
	return got, out
}

// TestPull: inbox and folder source, later months, files that are being written,
// one wait for all.
func TestPull(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-time.Hour)
	put := func(name string, at time.Time) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"inbox/民政.xlsx", "inbox/2023-08/残联.csv", "inbox/2023-09/残联.csv", "inbox/2022-12/old.csv", "inbox/2023-9/x.csv", "inbox/2023年10月/x.csv", "inbox/其他/x.csv",
		"share/2023-08/医保.csv", "share/2023-09/医保.csv"} {
		put(name, old)
	}
	waits := 0
	now := time.Now()
	c := &Cycle{Now: func() time.Time { return now }, Quiet: 2 * time.Second,
		Areas: []Area{{Code: "330100", Inbox: filepath.Join(root, "inbox"), Sources: []sources.Config{{Name: "共享", Folder: &sources.Folder{Path: filepath.Join(root, "share")}}}},
			{Code: "410200", Inbox: filepath.Join(root, "nowhere")}}}
	c.Sleep = func(_ context.Context, d time.Duration) error { waits++; return nil }
	got, out := pullAll(t, c, root, RunOptions{Month: 202308})
	want := []string{"inbox/2022-12/old.csv", "inbox/2023-08/残联.csv", "inbox/其他/x.csv", "inbox/民政.xlsx", "share/2023-08/医保.csv"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if waits != 1 || len(out.Waiting) != 0 || out.Missing() { // for the share, of which nothing was known
		t.Errorf("waited %d times; %+v", waits, out.Waiting)
	}
	// Nothing new: nobody waits. In September the rest is due.
	waits = 0
	if got, out = pullAll(t, c, root, RunOptions{Month: 202308}); !slices.Equal(got, want) || waits != 0 || out.Sources[0].Unchanged != 1 {
		t.Errorf("%q, waited %d, %+v", got, waits, out.Sources)
	}
	if got, _ = pullAll(t, c, root, RunOptions{Month: 202309}); len(got) != 8 {
		t.Errorf("%q", got)
	}
	// Two files that came just now, one of them still being written.
	put("inbox/new.csv", now)
	put("inbox/growing.csv", now)
	c.Sleep = func(context.Context, time.Duration) error {
		waits++
		put("inbox/growing.csv", now.Add(time.Second))
		return nil
	}
	waits = 0
	got, out = pullAll(t, c, root, RunOptions{Month: 202308})
	if waits != 1 || slices.Contains(got, "inbox/growing.csv") || !slices.Contains(got, "inbox/new.csv") {
		t.Errorf("%q, waited %d", got, waits)
	}
	if len(out.Waiting) != 1 || out.Waiting[0].Code != sources.Writing || out.Waiting[0].Area != "330100" || out.Missing() {
		t.Errorf("%+v", out.Waiting)
	}
	// A folder that can not be reached: the rest goes on, and the run says so.
	if err := os.Rename(filepath.Join(root, "share"), filepath.Join(root, "gone")); err != nil {
		t.Fatal(err)
	}
	c.Sleep = func(context.Context, time.Duration) error { return nil }
	got, out = pullAll(t, c, root, RunOptions{Month: 202308})
	if len(got) != 6 || !out.Missing() || out.Sources[0].Err == nil {
		t.Errorf("%q %+v", got, out.Sources)
	}
}
