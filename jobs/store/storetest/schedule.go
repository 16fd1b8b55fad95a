package storetest

import (
	"time"

	"doudi/jobs/ledger"
)

var monthly = ledger.Term{Job: "月度", Kind: "run", Cron: "30 2 5 * *", Month: "previous", State: ledger.TermOn, Since: noon, By: "张三"}

func (b *bench) term(t ledger.Term, last int64) ledger.Term {
	b.Helper()
	b.ok(b.AddTerm(b.ctx, &t, last))
	return t
}

func (b *bench) clock() ledger.Clockwork {
	b.Helper()
	c, err := b.Clockwork(b.ctx)
	b.ok(err)
	return c
}

func tryOf(t ledger.Term, due time.Time, attempt int) ledger.Try {
	return ledger.Try{Job: t.Job, Kind: t.Kind, Area: t.Area, Term: t.ID, Origin: ledger.ByClock, Due: due, Month: 202306, Attempt: attempt, By: "定时任务"}
}

func (b *bench) claim(x ledger.Try) ledger.Try {
	b.Helper()
	b.ok(b.ClaimTry(b.ctx, &x, x.Term, noon))
	return x
}

func (b *bench) finish(x ledger.Try, state ledger.TryState) ledger.Try {
	b.Helper()
	x.State, x.Finished = state, noon.Add(time.Minute)
	b.ok(b.FinishTry(b.ctx, x))
	return x
}

// scheduleTerms: a job's terms follow each other; who does not know the last one adds none.
func scheduleTerms(b *bench) {
	one := b.term(monthly, 0)
	paused := monthly
	paused.State, paused.Since = ledger.TermPaused, noon.Add(time.Hour)
	two := b.term(paused, one.ID)
	for _, last := range []int64{0, one.ID, two.ID + 1} {
		x := monthly
		b.is(b.AddTerm(b.ctx, &x, last), ledger.ErrStale)
	}
	other := monthly
	other.Job = "每日"
	three := b.term(other, 0)
	c := b.clock()
	b.same("terms", []ledger.Term{one, two, three}, c.Terms)
	b.same("latest", paused.Since, c.Latest)
}

// scheduleClaims: one try at a time, each attempt once and in its order, under the last term.
func scheduleClaims(b *bench) {
	t := b.term(monthly, 0)
	second := monthly
	second.Job = "每日"
	other := b.term(second, 0)
	x := b.claim(tryOf(t, noon, 1))
	b.same("running", []ledger.Try{x}, b.clock().Running)
	for _, y := range []ledger.Try{tryOf(t, noon, 1), tryOf(other, noon, 1), tryOf(t, noon, 2)} {
		b.is(b.ClaimTry(b.ctx, &y, y.Term, noon), ledger.ErrRunning)
	}
	b.ok(b.BeatTry(b.ctx, x))
	x.Next, x.Code = noon.Add(time.Hour), "failure"
	x = b.finish(x, ledger.TryRetry)
	x.Beat = 1
	b.same("mark", x, b.clock().Marks[t.Job])
	b.is(b.FinishTry(b.ctx, x), ledger.ErrFenced)
	b.is(b.BeatTry(b.ctx, x), ledger.ErrFenced)
	// Not the same again, none left out, nothing before.
	for _, y := range []ledger.Try{tryOf(t, noon, 1), tryOf(t, noon, 3), tryOf(t, noon.Add(-time.Second), 1), tryOf(t, noon.Add(time.Hour), 2)} {
		b.is(b.ClaimTry(b.ctx, &y, y.Term, noon), ledger.ErrStale)
	}
	y := tryOf(t, noon, 2)
	b.is(b.ClaimTry(b.ctx, &y, t.ID+7, noon), ledger.ErrStale)
	done := b.claim(tryOf(t, noon, 2))
	done.Run = 7
	done = b.finish(done, ledger.TryDone)
	y = tryOf(t, noon, 3)
	b.is(b.ClaimTry(b.ctx, &y, t.ID, noon), ledger.ErrStale) // done is done
	// By hand it counts for itself and moves no mark.
	for want := 1; want <= 2; want++ {
		hand := tryOf(t, noon.Add(24*time.Hour), 0)
		hand.Origin = ledger.ByHand
		hand = b.finish(b.claim(hand), ledger.TryDone)
		b.same("attempt by hand", want, hand.Attempt)
		b.same("last", hand, b.clock().Last[t.Job])
	}
	b.same("mark", done, b.clock().Marks[t.Job])
	b.finish(b.claim(tryOf(t, noon.Add(time.Hour), 1)), ledger.TryDone)
	all, err := b.Tries(b.ctx, t.Job, 3)
	b.ok(err)
	b.same("tries", 3, len(all))
	b.same("the newest first", noon.Add(time.Hour), all[0].Due)
}

// scheduleReaping: a try whose holder lives is left alone while it beats; one that is silent is
// taken up, and its holder's record refused.
func scheduleReaping(b *bench) {
	t := b.term(monthly, 0)
	x := b.claim(tryOf(t, noon, 1))
	end := x
	end.State, end.Finished, end.Code = ledger.TryLost, noon, "lost"
	reap := func(silent, want bool) {
		b.Helper()
		got, err := b.ReapTry(b.ctx, end, silent)
		b.ok(err)
		b.same("reaped", want, got)
	}
	reap(false, false)
	b.ok(b.BeatTry(b.ctx, x))
	reap(true, false) // it has beaten since
	end.Beat = 1
	reap(true, true)
	reap(true, false)
	b.is(b.FinishTry(b.ctx, x), ledger.ErrFenced)
	b.is(b.BeatTry(b.ctx, x), ledger.ErrFenced)
	b.same("mark", end, b.clock().Marks[t.Job])
	b.finish(b.claim(tryOf(t, noon, 2)), ledger.TryDone)
}

// scheduleFailures: what failed for good is shown until it is done, and told by each way once.
func scheduleFailures(b *bench) {
	t := b.term(monthly, 0)
	x := b.finish(b.claim(tryOf(t, noon, 1)), ledger.TryFailed)
	untold := func(how string, since, before time.Time, want int) {
		b.Helper()
		xs, err := b.Untold(b.ctx, how, since, before, 2)
		b.ok(err)
		b.same("untold by "+how, want, len(xs))
	}
	b.same("failed", []ledger.Try{x}, b.clock().Failed)
	untold("mail", noon, noon, 1)
	untold("mail", x.Finished.Add(time.Second), noon, 0) // long ago
	b.ok(b.AddNotice(b.ctx, ledger.Notice{Try: x.ID, How: "mail", At: noon.Add(time.Minute), Error: "failed"}))
	untold("mail", noon, noon, 0) // a moment ago
	untold("mail", noon, noon.Add(time.Hour), 1)
	b.ok(b.AddNotice(b.ctx, ledger.Notice{Try: x.ID, How: "mail", At: noon.Add(time.Minute), Error: "failed"}))
	untold("mail", noon, noon.Add(time.Hour), 0) // often enough
	b.ok(b.AddNotice(b.ctx, ledger.Notice{Try: x.ID, How: "webhook", At: noon}))
	untold("webhook", noon, noon.Add(time.Hour), 0) // told
	other := tryOf(t, noon.Add(time.Hour), 1)
	other.Month = 202307
	b.finish(b.claim(other), ledger.TryDone) // of another month
	b.same("failed", []ledger.Try{x}, b.clock().Failed)
	again := tryOf(t, noon.Add(2*time.Hour), 0)
	again.Origin = ledger.ByHand
	b.finish(b.claim(again), ledger.TryDone)
	b.same("failed", 0, len(b.clock().Failed))
}
