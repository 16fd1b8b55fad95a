package yearend

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
)

// desk is a shelf on which people sign.
type desk struct {
	*shelf
	last   ledger.Run
	change ledger.Seq // the last entry that is no run and no signature
	before func()     // a signature is put on record
}

func (d *desk) Run(_ context.Context, no int) (ledger.Run, error) {
	if d.last.No == 0 {
		return d.last, ledger.ErrNoRun
	}
	return d.last, nil
}

func (d *desk) Head(context.Context) (ledger.Entry, error) { return ledger.Entry{Seq: d.seq}, nil }

func (d *desk) LastChange(context.Context) (ledger.Entry, error) {
	return ledger.Entry{Seq: d.change}, nil
}

func (d *desk) SignYear(_ context.Context, x *ledger.YearStep, check func(ledger.Seq, []ledger.YearStep) error) error {
	if d.before != nil {
		d.before()
	}
	if err := check(d.seq, d.steps); err != nil {
		return err
	}
	x.ID, x.Seq = int64(len(d.steps)+1), d.entry()
	d.steps = append(d.steps, *x)
	return nil
}

// takes puts a settlement on record that a run finds.
func (d *desk) takes(id int64, year int) {
	r := ledger.ResultRow{Result: ledger.Result{Run: d.runs + 1, Area: area.Code, Person: 1, Year: year, Claim: id}, SetlID: string(rune('A' + id))}
	r.Due.Basic, r.Recorded[0] = 100, 100
	d.results = append(d.results, r)
	d.change = d.entry()
}

func (d *desk) runs12(month int) {
	d.last = d.run()
	d.last.Month = 202312
	if month != 0 {
		d.last.Month = 202401
	}
	d.last.Areas[0].PolicyDigest = area.Policy.Digest
	d.entry()
}

func (d *desk) as(by string) *Clearance {
	return &Clearance{Store: d, Area: area, By: by, Now: func() time.Time { return time.Date(2024, 2, 1, 4, 0, 0, 0, time.UTC) }}
}

// TestClearance: what each signature needs, and what puts it off.
func TestClearance(t *testing.T) {
	ctx := t.Context()
	d := &desk{shelf: &shelf{}}
	fails := func(name string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	closes := func(by string, o CloseOptions) (Outcome, error) { return d.as(by).Close(ctx, 2023, o) }
	_, err := closes("甲", CloseOptions{})
	fails("nothing was run", err, ledger.ErrNoRun)
	d.takes(1, 2023)
	d.runs12(0)
	out, err := closes("甲", CloseOptions{Dry: true})
	if err != nil || out.Signed || len(d.steps) != 0 || out.Statement.Counts.Transfers != 0 {
		t.Errorf("only looked at: %+v, %v", out, err)
	}
	d.before = func() { d.change = d.entry() } // something comes while it is looked at
	_, err = closes("甲", CloseOptions{})
	fails("while it was looked at", err, ledger.ErrStale)
	d.before = nil
	out, err = closes("甲", CloseOptions{})
	fails("no run has seen that", err, ErrBlocked)
	if len(out.Blocking) != 1 || out.Blocking[0].Item != gateStale || out.Statement != nil {
		t.Errorf("%+v", out)
	}
	d.runs12(0)
	if out, err = closes("甲", CloseOptions{}); err != nil || !out.Signed || out.State.Phase != Signed {
		t.Fatalf("%+v, %v", out, err)
	}
	hash := out.Hash
	if out, err = closes("甲", CloseOptions{}); err != nil || out.Signed || len(d.steps) != 1 {
		t.Errorf("the same once more: %+v, %v", out, err)
	}
	_, err = closes("乙", CloseOptions{})
	fails("another without the hash", err, ErrConfirm)
	_, err = closes("乙", CloseOptions{Statement: "x"})
	fails("another hash", err, ErrStatement)
	_, err = closes("甲", CloseOptions{Statement: hash})
	fails("the same person", err, ErrSamePerson)
	// A policy that changed: the run is not of it.
	d.last.Areas[0].PolicyDigest = "x"
	out, err = closes("乙", CloseOptions{Statement: hash})
	fails("another policy", err, ErrBlocked)
	d.last.Areas[0].PolicyDigest = area.Policy.Digest
	// Of the year: not closed.
	d.takes(2, 2023)
	d.runs12(0)
	_, err = closes("乙", CloseOptions{Statement: hash})
	fails("another settlement of the year", err, ErrMoved)
	// Sums are the same, and the results are not.
	d.results = d.results[:1]
	d.results[0].SetlID = "Z"
	_, err = closes("乙", CloseOptions{Statement: hash})
	fails("another settlement of the same amounts", err, ErrMoved)
	d.results[0].SetlID = "B"
	// Of the next year, and seen by a run: closed.
	d.takes(3, 2024)
	_, err = closes("乙", CloseOptions{Statement: hash})
	fails("no run has seen that", err, ErrBlocked)
	d.runs12(1)
	if out, err = closes("乙", CloseOptions{Statement: hash}); err != nil || !out.State.Locked() || out.Statement.From.Run != out.State.First.Run || out.State.Second.Run != out.State.First.Run {
		t.Fatalf("%+v, %v", out, err)
	}
	if out, err = closes("丙", CloseOptions{}); err != nil || out.Signed || out.Hash != hash {
		t.Errorf("of a closed year: %+v, %v", out, err)
	}
	reopens := func(by string, o ReopenOptions) (Outcome, error) { return d.as(by).Reopen(ctx, 2023, o) }
	_, err = reopens("丙", ReopenOptions{})
	fails("without a reason", err, ErrReason)
	_, err = reopens("丙", ReopenOptions{Statement: hash})
	fails("nobody asked", err, ErrUnsigned)
	if out, err = reopens("丙", ReopenOptions{Reason: "漏报"}); err != nil || out.State.Phase != Reopening {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err = reopens("丙", ReopenOptions{Reason: "漏报"}); err != nil || out.Signed {
		t.Errorf("asked again: %+v, %v", out, err)
	}
	_, err = reopens("丁", ReopenOptions{})
	fails("another without the hash", err, ErrConfirm)
	_, err = reopens("丁", ReopenOptions{Statement: "x"})
	fails("of another statement", err, ErrStatement)
	if out, err = reopens("丁", ReopenOptions{Statement: hash}); err != nil || out.State.Phase != Open {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = reopens("丁", ReopenOptions{Reason: "漏报"})
	fails("of an open year", err, ErrNotClosed)
	// The last run found the year closed, and left its cases as they were.
	d.last.Areas[0].Closed = []int{2023}
	d.last.Seen = d.seq
	out, err = closes("甲", CloseOptions{})
	fails("no run since the reopening", err, ErrBlocked)
	if len(out.Blocking) != 1 || out.Blocking[0].Item != gateStale || out.Statement != nil {
		t.Errorf("%+v", out)
	}
	d.last.Areas[0].Closed = nil
	if out, err = closes("甲", CloseOptions{Dry: true}); err != nil {
		t.Errorf("after a run: %+v, %v", out, err)
	}
	// 2024 waits for 2023.
	c := d.as("甲")
	c.Now = func() time.Time { return time.Date(2025, 2, 1, 4, 0, 0, 0, time.UTC) }
	out, err = c.Close(ctx, 2024, CloseOptions{})
	fails("an earlier year was reopened", err, ErrBlocked)
	if !slices.ContainsFunc(out.Blocking, func(g Group) bool { return g.Item == gateReopened }) {
		t.Errorf("%+v", out.Blocking)
	}
}
