package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// desk is a store with one run, whose proposal is one adjustment.
type desk struct {
	Store
	run     ledger.Run
	entries []ledger.EntryKind // from 1
	steps   []ledger.YearStep
	before  func() // the write lock is ours
	posted  []ledger.Posting
	started ledger.Run
}

var errStarted = errors.New("started")

func newDesk() (*desk, *Cycle) {
	d := &desk{entries: []ledger.EntryKind{ledger.EntryImport, ledger.EntryRun}}
	d.run = ledger.Run{No: 1, Month: 202312, Seen: 1, By: "甲", Proposal: "p", Areas: []ledger.RunArea{{Area: "330100", PolicyDigest: "x"}}}
	at := time.Date(2024, 2, 5, 4, 0, 0, 0, time.UTC)
	return d, &Cycle{Store: d, By: "乙", Now: func() time.Time { return at }, Areas: []Area{{Code: "330100", Policy: &rules.Policy{Digest: "x"}}}}
}

func (d *desk) Run(context.Context, int) (ledger.Run, error) { return d.run, nil }

func (d *desk) Postings(context.Context, string, ledger.Seq) ([]ledger.Posting, error) {
	return d.posted, nil
}

func (d *desk) Head(context.Context) (ledger.Entry, error) {
	return ledger.Entry{Seq: ledger.Seq(len(d.entries))}, nil
}

func (d *desk) Entry(_ context.Context, seq ledger.Seq) (ledger.Entry, error) {
	return ledger.Entry{Seq: seq, Kind: d.entries[seq-1]}, nil
}

func (d *desk) YearSteps(context.Context, string, ledger.Seq) ([]ledger.YearStep, error) {
	return d.steps, nil
}

func (d *desk) Notable(context.Context, string, int, int, ledger.Seq) ([]ledger.ResultRow, error) {
	r := row(1, "A", func(r *ledger.ResultRow) { r.Category, r.Due.Assist = rules.Dibao, 100_00 })
	return []ledger.ResultRow{r}, nil
}

func (d *desk) Post(_ context.Context, _ string, _ time.Time, ps []ledger.Posting, check func(ledger.Seq) error) error {
	if d.before != nil {
		d.before()
	}
	if err := check(ledger.Seq(len(d.entries))); err != nil {
		return err
	}
	d.posted = ps
	return nil
}

func (d *desk) LastMonth(context.Context) (int, error) { return int(d.run.Month), nil }

func (d *desk) StartRun(_ context.Context, want ledger.Run, _ time.Time) (ledger.Run, error) {
	d.started = want
	return want, errStarted
}

// closed are the signatures by which a year is closed.
func closed(year int) (out []ledger.YearStep) {
	for i, by := range []string{"甲", "乙"} {
		out = append(out, ledger.YearStep{Seq: ledger.Seq(i + 1), Year: year, Step: ledger.YearSign, By: by, Digest: "d"})
	}
	return out
}

// TestPostLooksAgain: what comes between the first look and the write lock keeps a
// proposal from being posted.
func TestPostLooksAgain(t *testing.T) {
	for name, comes := range map[string]func(*desk, *Cycle){
		"a file":            func(d *desk, _ *Cycle) { d.entries = append(d.entries, ledger.EntryImport) },
		"a correction":      func(d *desk, _ *Cycle) { d.entries = append(d.entries, ledger.EntryMerge) },
		"a year was closed": func(d *desk, _ *Cycle) { d.steps = closed(2022) },
		"a policy":          func(_ *desk, c *Cycle) { c.Areas[0].Policy = &rules.Policy{Digest: "y"} },
	} {
		d, c := newDesk()
		d.before = func() { comes(d, c) }
		if _, err := c.Post(t.Context(), 1, "p"); !errors.Is(err, ledger.ErrStale) || len(d.posted) != 0 {
			t.Errorf("%s: %v, %d posted", name, err, len(d.posted))
		}
	}
	d, c := newDesk()
	if got, err := c.Post(t.Context(), 1, "p"); err != nil || got.Posted != 1 || len(d.posted) != 1 {
		t.Errorf("nothing came: %+v, %v", got, err)
	}
}

// TestRerunMonth: a run by hand without a month is of the last one's, or, where that
// lies in a year that is closed everywhere, of the present.
func TestRerunMonth(t *testing.T) {
	for _, x := range []struct {
		steps []ledger.YearStep
		want  civil.Month
	}{{nil, 202312}, {closed(2022), 202312}, {closed(2023), 202402}} {
		d, c := newDesk()
		d.steps = x.steps
		if _, err := c.Rerun(t.Context(), RerunOptions{Reason: "核对"}); !errors.Is(err, errStarted) || d.started.Month != x.want {
			t.Errorf("%s: %v, want %s", d.started.Month, err, x.want)
		}
	}
	d, c := newDesk()
	d.steps = closed(2023)
	if _, err := c.Rerun(t.Context(), RerunOptions{Reason: "核对", Scope: ledger.Scope{Month: 202312}}); err == nil || errors.Is(err, errStarted) {
		t.Errorf("a month of a closed year: %v", err)
	}
}
