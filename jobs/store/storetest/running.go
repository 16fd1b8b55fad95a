package storetest

import (
	"errors"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

var july = ledger.Run{Month: 202307, By: "张三", Reason: "每月", Version: "v1"}

func (b *bench) start(want ledger.Run, now time.Time) ledger.Run {
	b.Helper()
	r, err := b.StartRun(b.ctx, want, now)
	b.ok(err)
	return r
}

// commit commits a run that found nothing.
func (b *bench) commit(r *ledger.Run, now time.Time) error {
	r.Seen = b.head().Seq
	return b.CommitRun(b.ctx, r, func() time.Time { return now }, func(ledger.RunWriter) error { return nil })
}

// fenced: the holder of a run that was taken over writes nothing, and is not
// even asked what.
func (b *bench) fenced(r ledger.Run) {
	b.Helper()
	head := b.head()
	err := b.CommitRun(b.ctx, &r, func() time.Time { return noon }, func(ledger.RunWriter) error {
		b.Error("a fenced run was asked what it found")
		return nil
	})
	b.is(err, ledger.ErrFenced)
	b.same("head", head, b.head())
}

// startRun: one run at a time, as long as it gives signs of life.
func startRun(b *bench) {
	r := b.start(july, noon)
	b.same("the run", ledger.Run{No: 1, Month: 202307, By: "张三", Reason: "每月", Version: "v1", State: ledger.RunRunning, Started: noon, Token: 1}, r)
	august := july
	august.Month = 202308
	for _, want := range []ledger.Run{july, august} {
		_, err := b.StartRun(b.ctx, want, noon.Add(time.Second))
		b.is(err, ledger.ErrRunning)
		_, err = b.StartRun(b.ctx, want, noon.Add(-time.Minute)) // whose clock is slow
		b.is(err, ledger.ErrRunning)
	}
	// It beats, and stays its own master.
	for i := range 10 {
		now := noon.Add(time.Duration(i) * 30 * time.Second)
		b.ok(b.Beat(b.ctx, r, now))
		_, err := b.StartRun(b.ctx, august, now.Add(29*time.Second))
		b.is(err, ledger.ErrRunning)
	}
	b.ok(b.commit(&r, noon.Add(5*time.Minute)))
	r = b.start(august, noon.Add(5*time.Minute+time.Second))
	b.same("the next one's number", 2, r.No)
	b.same("its token", 1, r.Token)
}

// takeOver: a run that gave no sign of life is taken up by the same command,
// under its number and a higher token; who held it is fenced off.
func takeOver(b *bench) {
	old := b.start(july, noon)
	again := july
	again.Version = "v2"
	late := noon.Add(time.Hour)
	now := b.start(again, late)
	b.same("number", old.No, now.No)
	if now.Token <= old.Token {
		b.Errorf("token %d after %d", now.Token, old.Token)
	}
	b.same("started", noon, now.Started)
	b.same("version", "v2", now.Version)

	b.fenced(old)
	// It can not give the run away, and its signs of life are not the new holder's.
	b.ok(b.Release(b.ctx, old))
	_, err := b.StartRun(b.ctx, july, late.Add(time.Second))
	b.is(err, ledger.ErrRunning)
	later := late.Add(2 * time.Hour)
	b.ok(b.Beat(b.ctx, old, later))
	third := b.start(july, later.Add(time.Second))
	b.same("number", old.No, third.No)
	if third.Token <= now.Token {
		b.Errorf("token %d after %d", third.Token, now.Token)
	}
	b.fenced(now)

	b.ok(b.commit(&third, later))
	for _, r := range []ledger.Run{old, now, third} { // done is done
		b.fenced(r)
	}
	stored, err := b.Store.Run(b.ctx, 0)
	b.ok(err)
	b.same("the run on record", third, stored)
}

// takeOverOtherMonth: another command does not take a stopped run up. It
// leaves it and begins one of its own.
func takeOverOtherMonth(b *bench) {
	for i, change := range []func(*ledger.Run){
		func(r *ledger.Run) { r.Month = 202308 },
		func(r *ledger.Run) { r.By = "李四" },
	} {
		at := noon.Add(time.Duration(i) * 24 * time.Hour)
		old := b.start(july, at)
		want := july
		change(&want)
		now := b.start(want, at.Add(time.Hour))
		b.same("number", old.No+1, now.No)
		b.same("token", 1, now.Token)
		b.fenced(old)
		b.ok(b.Beat(b.ctx, old, at.Add(2*time.Hour)))
		b.ok(b.commit(&now, at.Add(time.Hour)))
		if _, err := b.Store.Run(b.ctx, old.No); !errors.Is(err, ledger.ErrNoRun) {
			b.Errorf("a run that was left reads as finished: %v", err)
		}
	}
}

// release: a run that failed keeps nobody out.
func release(b *bench) {
	old := b.start(july, noon)
	b.ok(b.Release(b.ctx, old))
	now := b.start(july, noon.Add(time.Second))
	b.same("number", old.No, now.No)
	if now.Token <= old.Token {
		b.Errorf("token %d after %d", now.Token, old.Token)
	}
	b.fenced(old)
	b.ok(b.commit(&now, noon))
}

// commitRun: a finished run reads as it was, and which run is the last one, of a
// month, before another.
func commitRun(b *bench) {
	_, err := b.Store.Run(b.ctx, 0)
	b.is(err, ledger.ErrNoRun)
	_, err = b.RunOfMonth(b.ctx, 202307)
	b.is(err, ledger.ErrNoRun)
	lastMonth := func(want int) {
		b.Helper()
		m, err := b.LastMonth(b.ctx)
		b.ok(err)
		b.same("last month", want, m)
	}
	lastMonth(0)
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.person(t, 1) })

	one := b.start(july, noon)
	for _, no := range []int{0, one.No} {
		_, err := b.Store.Run(b.ctx, no) // it is not finished
		b.is(err, ledger.ErrNoRun)
	}
	one.Seen, one.Proposal = 1, "0123456789abcdef"
	one.Areas = []ledger.RunArea{{Area: area, Name: "试验县", PolicyDigest: "d1", People: 3, Recomputed: 4, Touched: 2, Claims: 5, Changed: 1, TopUp: 100, Clawback: 7,
		CasesOpened: 1, CasesCleared: 1, Packs: []ledger.PackUsed{{ID: "p", Title: "办法", Number: "〔2023〕1号", Status: "in_force", Digest: "x", Overlay: "y"}},
		Unset: []ledger.UnsetParam{{Pack: "p", Path: "major.tiers", Name: "分段", Clause: "A", Reason: "另有规定"}}}}
	// The clock shows more than seconds, and another zone; neither is on record.
	finished := time.Date(2023, 7, 1, 20, 5, 0, 987654321, time.FixedZone("CST", 8*3600))
	b.ok(b.CommitRun(b.ctx, &one, func() time.Time { return finished }, func(ledger.RunWriter) error { return nil }))
	b.same("state", ledger.RunDone, one.State)
	b.same("entry", ledger.Seq(2), one.Seq)
	b.same("finished", time.Date(2023, 7, 1, 12, 5, 0, 0, time.UTC), one.Finished)

	two := b.run(202308, nil)
	three := b.run(202307, nil)
	four := b.run(202307, nil)
	left := b.start(ledger.Run{Month: 202309, By: "张三"}, noon) // under way
	lastMonth(202308)                                          // the latest that was finished, whichever ran last
	read := func(what string, want, got ledger.Run, err error) {
		b.Helper()
		b.ok(err)
		b.same(what, want, got)
	}
	for no, want := range map[int]ledger.Run{one.No: one, two.No: two, three.No: three, four.No: four, 0: four} {
		got, err := b.Store.Run(b.ctx, no)
		read("by number", want, got, err)
	}
	for m, want := range map[civil.Month]ledger.Run{202307: four, 202308: two} {
		got, err := b.RunOfMonth(b.ctx, m)
		read("of the month", want, got, err)
	}
	_, err = b.RunOfMonth(b.ctx, 202309)
	b.is(err, ledger.ErrNoRun)
	_, err = b.Store.Run(b.ctx, left.No)
	b.is(err, ledger.ErrNoRun)
	for _, c := range []struct{ of, want ledger.Run }{{one, ledger.Run{}}, {two, one}, {three, two}, {four, two}, {left, four}} {
		got, err := b.PreviousRun(b.ctx, c.of)
		read("before it, of another month", c.want, got, err)
	}
}

// commitRunFails: if settling fails, nothing of it is there, and the run can
// still be committed.
func commitRunFails(b *bench) {
	var p ledger.PersonNo
	var cs []*ledger.Claim
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p = b.person(t, 1)
		for i := range 70 { // more than wait for a flush
			cs = append(cs, stay(p, string(rune('A'+i)), 20230310, 100))
		}
		b.claims(t, cs...)
	})
	find := func(w ledger.RunWriter, no int) {
		for _, c := range cs {
			b.ok(w.Result(&ledger.Result{Run: no, Area: area, Person: p, Year: 2023, Claim: c.Ref, Total: 100, InScope: 100, Due: rules.Result{Person: 100}}))
		}
		b.ok(w.Case(caseOf(no, p, 2023, "m")))
	}
	r := b.start(july, noon)
	head := b.head()
	broken := errors.New("broken")
	try := r
	b.is(b.CommitRun(b.ctx, &try, func() time.Time { return noon }, func(w ledger.RunWriter) error { find(w, r.No); return broken }), broken)
	b.same("head", head, b.head())
	d := b.load(p, 1, r.No)
	b.same("results", 0, len(d.Results))
	b.same("cases", 0, len(d.Cases))
	_, err := b.Store.Run(b.ctx, 0)
	b.is(err, ledger.ErrNoRun)

	// The same result twice can not be: that fails as a whole, too.
	try = r
	if err := b.CommitRun(b.ctx, &try, func() time.Time { return noon }, func(w ledger.RunWriter) error {
		find(w, r.No)
		return w.Result(&ledger.Result{Run: r.No, Area: area, Person: p, Year: 2023, Claim: cs[0].Ref})
	}); err == nil {
		b.Error("two results of one claim and run")
	}
	// Nor can a run write into another one's entry.
	for what, write := range map[string]func(w ledger.RunWriter) error{
		"result": func(w ledger.RunWriter) error {
			return w.Result(&ledger.Result{Run: r.No + 1, Area: area, Person: p, Year: 2023, Claim: cs[0].Ref})
		},
		"case": func(w ledger.RunWriter) error { return w.Case(caseOf(0, p, 2023, "m")) },
	} {
		try = r
		if err := b.CommitRun(b.ctx, &try, func() time.Time { return noon }, write); err == nil {
			b.Errorf("a %s of another run", what)
		}
	}
	b.same("head", head, b.head())

	r.Seen = head.Seq
	b.ok(b.CommitRun(b.ctx, &r, func() time.Time { return noon }, func(w ledger.RunWriter) error { find(w, r.No); return nil }))
	d = b.load(p, 1, r.No)
	b.same("results", len(cs), len(d.Results))
	b.same("cases", 1, len(d.Cases))
	b.same("records of the entry", len(cs)+2, b.head().Count)
}
