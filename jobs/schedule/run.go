package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// By is who acts when the clock does: nobody who could post what it proposes.
const By = "定时任务"

// Codes of a try.
const (
	CodeReturned  = "returned"  // done, and rows went back
	CodeFailure   = "failure"   // may pass: a source, a disk, a network
	CodeBusy      = "busy"      // another run is under way
	CodeUsage     = "usage"     // doudi.yaml or the like
	CodeRefused   = "refused"   // a file was refused
	CodeConflict  = "conflict"  // a closed year
	CodeIntegrity = "integrity" // the ledger does not agree with itself
	CodePanic     = "panic"
	CodeLost      = "lost"    // the process ended
	CodeStopped   = "stopped" // somebody ended it
)

// Store keeps what was due and what became of it.
type Store interface {
	Clockwork(ctx context.Context) (ledger.Clockwork, error)
	AddTerm(ctx context.Context, x *ledger.Term, last int64) error
	ClaimTry(ctx context.Context, x *ledger.Try, last int64, now time.Time) error
	BeatTry(ctx context.Context, x ledger.Try) error
	FinishTry(ctx context.Context, x ledger.Try) error
	ReapTry(ctx context.Context, x ledger.Try, silent bool) (bool, error)
	Untold(ctx context.Context, how string, since, before time.Time, limit int) ([]ledger.Try, error)
	AddNotice(ctx context.Context, x ledger.Notice) error
}

// Teller tells somebody of a failure.
type Teller interface {
	How() string // webhook, mail
	Tell(ctx context.Context, f Failure) error
}

// Failure is what is told: nothing of anybody.
type Failure struct {
	Job      string `json:"job"`
	Kind     string `json:"kind"`
	Title    string `json:"title"`
	Area     string `json:"area,omitempty"`
	Month    string `json:"month,omitempty"`
	Due      string `json:"due"`
	At       string `json:"at"`
	Attempts int    `json:"attempts"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Run      int    `json:"run,omitempty"`
}

const (
	tick     = 20 * time.Second // how soon something due is seen
	beat     = 15 * time.Second
	silences = 4 // looks without a sign of life before a try is taken for dead

	noticeTries = 5
	noticeGap   = 5 * time.Minute
	noticeAge   = 72 * time.Hour // what is older nobody needs to be woken for
)

// Runner does what is due. It is used by one goroutine.
type Runner struct {
	Store   Store
	Kinds   []Kind
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error // nil: in earnest
	Tellers []Teller
	Log     *slog.Logger // nil: nothing is said
	// Said is called with each try that has ended.
	Said func(ledger.Try)

	seen    map[int64]int // by try: looks at it without a sign of life
	lastSee map[int64]int // by try: its beat then
}

// Run does what is due until the context ends. A look that fails is told, and the
// next one taken.
func Run(ctx context.Context, r *Runner) error {
	for ctx.Err() == nil {
		worked, err := r.Step(ctx)
		if err != nil && ctx.Err() == nil {
			r.log().Error("the schedule could not be looked at", "error", err)
		}
		if worked && err == nil {
			continue
		}
		if err := r.sleep(ctx, tick); err != nil {
			break
		}
	}
	return nil
}

// Step takes one look: it does at most one thing that is due, and tells of failures.
// It reports whether there may be more to do at once.
func (r *Runner) Step(ctx context.Context) (worked bool, err error) {
	clock, err := r.Store.Clockwork(ctx)
	if err != nil {
		return false, err
	}
	if len(clock.Running) > 0 {
		return r.reap(ctx, clock.Running)
	}
	r.seen, r.lastSee = nil, nil
	for _, t := range Due(clock, r.Now()).Now {
		if _, err := r.try(ctx, &t, lastTerms(clock.Terms)[t.Job].ID); !errors.Is(err, ledger.ErrStale) {
			if errors.Is(err, ledger.ErrRunning) || errors.Is(err, ledger.ErrFenced) {
				return false, nil // another process has it
			}
			return err == nil, err
		}
	}
	return false, r.tell(ctx)
}

// reap ends the tries of processes that are gone, so that they can be taken up.
func (r *Runner) reap(ctx context.Context, running []ledger.Try) (bool, error) {
	if r.seen == nil {
		r.seen, r.lastSee = map[int64]int{}, map[int64]int{}
	}
	any := false
	for _, x := range running {
		if b, ok := r.lastSee[x.ID]; ok && b == x.Beat {
			r.seen[x.ID]++
		} else {
			r.seen[x.ID] = 0
		}
		r.lastSee[x.ID] = x.Beat
		x.State, x.Finished, x.Code = ledger.TryLost, r.Now(), CodeLost
		if x.Origin == ledger.ByHand || x.Failures >= len(Backoff) {
			x.State = ledger.TryFailed // who asked looks again; what ends the process each time must not for ever
		}
		gone, err := r.Store.ReapTry(ctx, x, r.seen[x.ID] >= silences)
		if err != nil {
			return any, err
		}
		if gone {
			any = true
			r.ended(x)
		}
	}
	return any, nil
}

// Begin does a job now, for a month of its own where one is given. ErrRunning while
// something else of the clock is under way.
func (r *Runner) Begin(ctx context.Context, job string, m civil.Month, by string) (ledger.Try, error) {
	clock, err := r.Store.Clockwork(ctx)
	if err != nil {
		return ledger.Try{}, err
	}
	if len(clock.Running) > 0 {
		if _, err := r.reap(ctx, clock.Running); err != nil {
			return ledger.Try{}, err
		}
	}
	t, ok := lastTerms(clock.Terms)[job]
	if !ok || t.State == ledger.TermOff {
		return ledger.Try{}, ErrNoJob
	}
	now := r.Now().Truncate(time.Second)
	x := ledger.Try{Job: job, Kind: t.Kind, Area: t.Area, Term: t.ID, Origin: ledger.ByHand, Due: now, Month: MonthOf(t.Month, now), By: by}
	if m != 0 && x.Month != 0 {
		x.Month = m
	}
	return r.try(ctx, &x, t.ID)
}

// ErrNoJob: doudi.yaml has no such job.
var ErrNoJob = errors.New("schedule: no such job")

// try claims an attempt, makes it and records what became of it.
func (r *Runner) try(ctx context.Context, x *ledger.Try, term int64) (ledger.Try, error) {
	i := slices.IndexFunc(r.Kinds, func(k Kind) bool { return k.Name == x.Kind })
	if i < 0 {
		return *x, fmt.Errorf("%w: %s", ErrNoJob, x.Kind)
	}
	k := r.Kinds[i]
	since := x.Due
	if x.Attempt > 1 {
		since = x.Started // of the attempt before
	}
	check := x.Origin == ledger.ByClock && (x.Attempt == 1 || x.Code == CodeLost || x.Code == CodeStopped)
	if x.Origin == ledger.ByClock {
		x.By = By
	}
	if err := r.Store.ClaimTry(ctx, x, term, r.Now()); err != nil {
		return *x, err
	}
	x.Code, x.Run, x.Next = "", 0, time.Time{}
	res, fenced := r.work(ctx, k, *x, since, check)
	if fenced {
		return *x, errors.Join(ledger.ErrFenced, ignoreFenced(r.Store.FinishTry(context.WithoutCancel(ctx), *x)))
	}
	x.State, x.Code, x.Run, x.Finished = ledger.TryFailed, res.Code, res.Run, r.Now()
	switch {
	case res.covered:
		x.State = ledger.TryCovered
	case res.OK:
		x.State = ledger.TryDone
	case x.Origin == ledger.ByHand:
	case ctx.Err() != nil:
		x.State, x.Code = ledger.TryLost, CodeStopped
	case res.Again && x.Failures < len(Backoff):
		x.State, x.Next = ledger.TryRetry, x.Finished.Add(Backoff[x.Failures])
	}
	// The context may be what ended it.
	if err := r.Store.FinishTry(context.WithoutCancel(ctx), *x); err != nil {
		return *x, err
	}
	r.ended(*x)
	return *x, nil
}

func ignoreFenced(err error) error {
	if errors.Is(err, ledger.ErrFenced) {
		return nil
	}
	return err
}

type outcome struct {
	Result
	covered bool
}

// work does the work, while it gives signs of life; fenced: another process has taken
// it for dead, and what it did is told by that one.
func (r *Runner) work(ctx context.Context, k Kind, x ledger.Try, since time.Time, check bool) (out outcome, fenced bool) {
	ctx, stop := context.WithCancelCause(ctx)
	beats := make(chan struct{})
	go func() {
		defer close(beats)
		for r.sleep(ctx, beat) == nil {
			if err := r.Store.BeatTry(ctx, x); errors.Is(err, ledger.ErrFenced) {
				stop(ledger.ErrFenced)
			}
		}
	}()
	defer func() {
		fenced = errors.Is(context.Cause(ctx), ledger.ErrFenced)
		stop(nil)
		<-beats
	}()
	if check && k.Covered != nil && x.Month != 0 {
		run, ok, err := k.Covered(ctx, x.Month, since)
		if err != nil {
			return outcome{Result: Result{Code: CodeFailure, Again: true}}, false
		}
		if ok {
			return outcome{Result{OK: true, Run: run}, true}, false
		}
	}
	return outcome{Result: r.guarded(ctx, k, Task{Kind: k.Name, Area: x.Area, Month: x.Month, By: x.By, Hand: x.Origin == ledger.ByHand})}, false
}

// guarded recovers from a panic right around the work, so that nothing above it is
// left as it was in the middle: no claim, no heartbeat, no lock. What was panicked
// with may hold anything, so only its type and the places are told.
func (r *Runner) guarded(ctx context.Context, k Kind, t Task) (res Result) {
	defer func() {
		if p := recover(); p != nil {
			r.log().Error("a job panicked", "job", k.Name, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			res = Result{Code: CodePanic}
		}
	}()
	return k.Do(ctx, t)
}

func (r *Runner) ended(x ledger.Try) {
	if r.Said != nil {
		r.Said(x)
	}
	level := slog.LevelInfo
	if x.State == ledger.TryFailed || x.State == ledger.TryRetry || x.State == ledger.TryLost {
		level = slog.LevelWarn
	}
	r.log().Log(context.Background(), level, "scheduled job", "job", x.Job, "due", x.Due, "month", int(x.Month), "attempt", x.Attempt, "state", string(x.State), "code", x.Code, "run", x.Run)
}

// tell tells of failures of which nobody was told yet. One that can not be told is
// tried a few more times, after a restart, too.
func (r *Runner) tell(ctx context.Context) error {
	for _, t := range r.Tellers {
		now := r.Now()
		xs, err := r.Store.Untold(ctx, t.How(), now.Add(-noticeAge), now.Add(-noticeGap), noticeTries)
		if err != nil {
			return err
		}
		for _, x := range xs {
			n := ledger.Notice{Try: x.ID, How: t.How()}
			if err := t.Tell(ctx, r.failure(x)); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				n.Error = "failed" // what a server answers may hold anything
				r.log().Warn("a failure could not be told", "how", t.How(), "error", err)
			}
			n.At = r.Now()
			if err := r.Store.AddNotice(ctx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Runner) failure(x ledger.Try) Failure {
	f := Failure{Job: x.Job, Kind: x.Kind, Title: x.Kind, Area: x.Area, Due: x.Due.In(Zone).Format(time.RFC3339), At: x.Finished.In(Zone).Format(time.RFC3339),
		Attempts: x.Attempt, Code: x.Code, Message: Reason(x.Code), Run: x.Run}
	if i := slices.IndexFunc(r.Kinds, func(k Kind) bool { return k.Name == x.Kind }); i >= 0 {
		f.Title = r.Kinds[i].Title
	}
	if x.Month != 0 {
		f.Month = x.Month.String()
	}
	return f
}

func (r *Runner) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}

func (r *Runner) sleep(ctx context.Context, d time.Duration) error {
	if r.Sleep != nil {
		return r.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
