package schedule_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs/ledger"
	. "doudi/jobs/schedule"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
	"doudi/rules/civil"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// office is a workspace with a clock of its own; open opens it once more, as another
// process would.
type office struct {
	*testing.T
	path string
	now  time.Time
	mu   sync.Mutex
	did  []string                  // what was done, in order
	do   func(Task) Result         // nil: it goes well
	ran  map[civil.Month]time.Time // by hand
	say  []string
}

func newOffice(t *testing.T, now string) *office {
	o := &office{T: t, path: filepath.Join(t.TempDir(), "a.db"), ran: map[civil.Month]time.Time{}}
	o.set(now)
	return o
}

func (o *office) set(s string) {
	o.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, Zone)
	must(o, err)
	o.now = at
}

func (o *office) open() *sqlite.Store {
	o.Helper()
	key := sha256.Sum256([]byte("secret"))
	v, err := vault.New(key[:])
	must(o, err)
	s, err := sqlite.Open(o.Context(), o.path, v)
	must(o, err)
	o.Cleanup(func() { s.Close() })
	return s
}

func what(t Task) string {
	if t.Month == 0 {
		return t.Kind
	}
	return t.Kind + " " + t.Month.String()
}

func (o *office) kinds() []Kind {
	do := func(_ context.Context, t Task) Result {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.did = append(o.did, what(t))
		if o.do != nil {
			return o.do(t)
		}
		return Result{OK: true, Run: len(o.did)}
	}
	covered := func(_ context.Context, m civil.Month, since time.Time) (int, bool, error) {
		at, ok := o.ran[m]
		return 99, ok && !at.Before(since), nil
	}
	return []Kind{{Name: "run", Title: "月度运行", Month: true, Do: do, Covered: covered}, {Name: "verify", Title: "核对账本", Do: do}}
}

func (o *office) jobs(entries ...Entry) []Job {
	o.Helper()
	js, err := Check(entries, o.kinds(), nil)
	must(o, err)
	return js
}

func (o *office) sync(s Store, entries ...Entry) {
	o.Helper()
	must(o, Sync(o.Context(), s, o.jobs(entries...), "张三", o.now))
}

func (o *office) runner(s Store) *Runner {
	return &Runner{Store: s, Kinds: o.kinds(), Now: func() time.Time { return o.now },
		Sleep: func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() },
		Said: func(x ledger.Try) {
			o.say = append(o.say, fmt.Sprintf("%s %s %s", x.Due.In(Zone).Format("01-02 15:04"), x.State, x.Code))
		}}
}

// steps looks until there is nothing more to do.
func (o *office) steps(r *Runner) {
	o.Helper()
	for range 100 {
		more, err := r.Step(o.Context())
		must(o, err)
		if !more {
			return
		}
	}
	o.Fatal("it does not come to rest")
}

// until lets time pass in steps, with a look after each.
func (o *office) until(r *Runner, end string, step time.Duration) {
	o.Helper()
	stop, err := time.ParseInLocation("2006-01-02 15:04:05", end, Zone)
	must(o, err)
	for o.now.Before(stop) {
		o.now = o.now.Add(step)
		o.steps(r)
	}
}

func (o *office) want(want ...string) {
	o.Helper()
	if d := cmp.Diff(append([]string{}, want...), append([]string{}, o.did...)); d != "" {
		o.Error(d)
	}
	o.did = nil
}

var monthly = Entry{Job: "run", Cron: "30 2 5 * *"}

// TestMonths: two years with a leap day, looked at every few hours: each month once.
func TestMonths(t *testing.T) {
	o := newOffice(t, "2023-01-05 02:30:01")
	s := o.open()
	o.sync(s, monthly, Entry{Name: "闰日", Job: "verify", Cron: "0 12 29 2 *"}, Entry{Name: "月末", Job: "run", Cron: "0 3 31 * *", Month: Current})
	r := o.runner(s)
	o.until(r, "2024-04-01 00:00:00", 5*time.Hour)
	o.want("run 2023-01", "run 2023-01", "run 2023-02", "run 2023-03", "run 2023-03", "run 2023-04", "run 2023-05", "run 2023-05", "run 2023-06",
		"run 2023-07", "run 2023-07", "run 2023-08", "run 2023-08", "run 2023-09", "run 2023-10", "run 2023-10", "run 2023-11", "run 2023-12",
		"run 2023-12", "run 2024-01", "run 2024-01", "verify", "run 2024-02", "run 2024-03")
	// 31 January is in there for January by both: the monthly one on 5 February.
}

// TestMissed: a machine that was off for months makes each month up once, the oldest
// first; several times of one month, or of a job without one, are one.
func TestMissed(t *testing.T) {
	o := newOffice(t, "2023-06-20 09:00:00")
	s := o.open()
	weekly := Entry{Name: "每周", Job: "verify", Cron: "0 9 * * 1"}
	often := Entry{Name: "旬", Job: "run", Cron: "0 2 1,11,21 * *", Month: Current}
	o.sync(s, monthly, weekly, often)
	o.set("2023-09-12 10:00:00")
	must(t, s.Close())
	s = o.open() // a new process
	o.sync(s, monthly, weekly, often)
	o.steps(o.runner(s))
	o.want("run 2023-06", "run 2023-06", "run 2023-07", "run 2023-07", "run 2023-08", "run 2023-08", "run 2023-09", "verify")
	all, err := s.Tries(t.Context(), "每周", 9)
	must(t, err)
	if len(all) != 1 || all[0].Missed != 11 {
		t.Errorf("%+v", all)
	}
	o.steps(o.runner(s))
	o.want()
}

// TestAsleep: a week of sleep, then the machine wakes.
func TestAsleep(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	s := o.open()
	o.sync(s, monthly, Entry{Job: "verify", Cron: "0 18 * * 1-5"})
	r := o.runner(s)
	o.until(r, "2023-08-02 00:00:00", time.Hour)
	o.want("verify")
	o.now = o.now.AddDate(0, 0, 7)
	o.steps(r)
	o.want("run 2023-07", "verify")
	o.until(r, "2023-08-10 00:00:00", time.Hour)
	o.want("verify")
}

// TestRestart: the process ends between the due time and the end of the work; the next
// one takes it up, unless the work was done before that could be put on record.
func TestRestart(t *testing.T) {
	for _, done := range []bool{false, true} {
		o := newOffice(t, "2023-08-01 00:00:00")
		s := o.open()
		o.sync(s, monthly)
		o.set("2023-08-05 02:31:00")
		x := Due(mustClock(t, s), o.now).Now[0]
		must(t, s.ClaimTry(t.Context(), &x, 1, o.now))
		if done {
			o.ran[202307] = o.now.Add(time.Minute)
		}
		must(t, s.Close()) // as if killed: the record still says running
		o.set("2023-08-05 02:40:00")
		s = o.open()
		o.steps(o.runner(s))
		want := []string{"run 2023-07"}
		states := []string{"08-05 02:30 lost lost", "08-05 02:30 done "}
		if done {
			want, states[1] = nil, "08-05 02:30 covered "
		}
		o.want(want...)
		if d := cmp.Diff(states, o.say); d != "" {
			t.Error(d)
		}
		o.steps(o.runner(s))
		o.want()
	}
}

func mustClock(t *testing.T, s Store) ledger.Clockwork {
	t.Helper()
	c, err := s.Clockwork(t.Context())
	must(t, err)
	return c
}

// TestCoveredByHand: what somebody ran since it was due is not run again; a run from
// before it was due does not count.
func TestCoveredByHand(t *testing.T) {
	o := newOffice(t, "2023-07-01 00:00:00")
	s := o.open()
	o.sync(s, monthly)
	o.set("2023-09-10 00:00:00") // July's and August's time were missed
	o.ran[202306] = o.now.AddDate(0, 0, -3)
	o.ran[202307] = time.Date(2023, 8, 4, 0, 0, 0, 0, Zone) // June's files; it was due on the 5th
	o.steps(o.runner(s))
	o.want("run 2023-07", "run 2023-08")
	if x, err := s.Tries(t.Context(), "run", 9); err != nil || len(x) != 3 || x[2].State != ledger.TryCovered || x[2].Run != 99 {
		t.Errorf("%+v, %v", x, err)
	}
}

// TestTwoProcesses: two that look at the same time do everything once between them.
func TestTwoProcesses(t *testing.T) {
	o := newOffice(t, "2023-01-01 00:00:00")
	a, b := o.open(), o.open()
	every := Entry{Job: "verify", Cron: "0 1 * * *"}
	o.sync(a, monthly, every)
	o.sync(b, monthly, every)
	if n := len(mustClock(t, a).Terms); n != 2 {
		t.Fatalf("%d terms", n)
	}
	busy := 0
	o.do = func(Task) Result {
		if busy++; busy > 1 {
			t.Error("two at once")
		}
		time.Sleep(time.Millisecond)
		busy--
		return Result{OK: true}
	}
	ra, rb := o.runner(a), o.runner(b)
	ra.Said, rb.Said = nil, nil
	for range 75 {
		o.now = o.now.Add(24 * time.Hour)
		var wg sync.WaitGroup
		for _, r := range []*Runner{ra, rb} {
			wg.Go(func() {
				for more := true; more; {
					var err error
					if more, err = r.Step(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	o.steps(ra)
	count := map[string]int{}
	for _, d := range o.did {
		count[d]++
	}
	if d := cmp.Diff(map[string]int{"run 2022-12": 1, "run 2023-01": 1, "run 2023-02": 1, "verify": 75}, count); d != "" {
		t.Error(d)
	}
}

// TestNeverTwo: while one process works the other takes nothing, however late it gets,
// as long as there are signs of life; silent for some looks it is fenced off.
func TestNeverTwo(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	a, b := o.open(), o.open()
	o.sync(a, monthly)
	o.set("2023-08-05 02:31:00")
	x := Due(mustClock(t, a), o.now).Now[0]
	must(t, a.ClaimTry(t.Context(), &x, 1, o.now))
	r := o.runner(b)
	o.now = o.now.AddDate(0, 0, 7) // asleep with it: no reason to take over
	for range 20 {
		must(t, a.BeatTry(t.Context(), x))
		o.steps(r)
	}
	o.want()
	if _, err := r.Begin(t.Context(), "run", 0, "张三"); !errors.Is(err, ledger.ErrRunning) {
		t.Errorf("by hand beside it: %v", err)
	}
	for range 6 {
		o.steps(r)
	}
	o.want("run 2023-07")
	x.State = ledger.TryDone
	if err := a.FinishTry(t.Context(), x); !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("who was taken for dead: %v", err)
	}
}

// TestClockSetBack: nothing is due twice; a clock that was years ahead is found out,
// and a person begins anew.
func TestClockSetBack(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	s := o.open()
	o.sync(s, monthly, Entry{Job: "verify", Cron: "0 * * * *"})
	r := o.runner(s)
	o.until(r, "2023-08-05 03:30:00", 30*time.Minute)
	if n := len(o.did); n != 100 {
		t.Fatalf("%d done", n)
	}
	o.did = nil
	o.set("2023-08-05 01:15:00")
	o.until(r, "2023-08-05 03:45:00", 10*time.Minute)
	o.want()
	o.until(r, "2023-08-05 04:00:00", 5*time.Minute)
	o.want("verify")

	o.set("2031-01-01 00:00:00")
	o.steps(r)
	o.want("verify") // what has no month is made up once; 88 months are not
	now := o.jobs(monthly, Entry{Job: "verify", Cron: "0 * * * *"})
	look, err := Look(t.Context(), s, now, o.now)
	must(t, err)
	if look.Jobs[0].Held != 88 {
		t.Errorf("held: %+v", look.Jobs[0])
	}
	o.set("2023-08-06 00:00:00") // put right
	o.steps(r)
	o.want()
	if look, err = Look(t.Context(), s, now, o.now); err != nil || !look.Behind || look.Jobs[0].Held != 0 {
		t.Errorf("%+v, %v", look, err)
	}
	_, err = Resume(t.Context(), s, "verify", "张三", o.now, 9)
	must(t, err)
	o.until(r, "2023-08-06 01:00:00", time.Hour)
	o.want("verify")
	o.until(r, "2023-09-06 00:00:00", 24*time.Hour)
	if !slices.Contains(o.did, "run 2023-08") {
		t.Errorf("the month is lost: %q", o.did)
	}
}

// TestHeld: so many months that the clock must be wrong are not made up by themselves;
// resumed, the job runs from then on.
func TestHeld(t *testing.T) {
	o := newOffice(t, "2020-01-01 00:00:00")
	s := o.open()
	o.sync(s, monthly)
	o.set("2023-01-10 00:00:00")
	r := o.runner(s)
	o.steps(r)
	o.want()
	passed, err := Resume(t.Context(), s, "run", "张三", o.now, 99)
	must(t, err)
	if len(passed) != 37 {
		t.Errorf("%d passed", len(passed))
	}
	o.until(r, "2023-02-06 00:00:00", 24*time.Hour)
	o.want("run 2023-01")
}

// TestRetries: after 1, 5 and 30 minutes, over a restart too; then it has failed. What
// needs a person is not tried again.
func TestRetries(t *testing.T) {
	o := newOffice(t, "2023-08-05 02:29:00")
	s := o.open()
	o.sync(s, monthly)
	o.do = func(Task) Result { return Result{Code: CodeFailure, Again: true, Run: 3} }
	r := o.runner(s)
	var at []string
	r.Said = func(x ledger.Try) { at = append(at, fmt.Sprint(o.now.Format("15:04"), " ", x.State)) }
	o.until(r, "2023-08-05 02:37:00", time.Minute)
	must(t, s.Close())
	s = o.open()
	said := r.Said
	r = o.runner(s)
	r.Said = said
	o.until(r, "2023-08-05 06:00:00", time.Minute)
	if d := cmp.Diff([]string{"02:30 retry", "02:31 retry", "02:36 retry", "03:06 failed"}, at); d != "" {
		t.Error(d)
	}
	o.did = nil
	look, err := Look(t.Context(), s, o.jobs(monthly), o.now)
	must(t, err)
	if len(look.Failures) != 1 || look.Failures[0].Attempt != 4 {
		t.Errorf("%+v", look.Failures)
	}
	// By hand it goes well, and is no failure any more.
	o.do = nil
	x, err := r.Begin(t.Context(), "run", 0, "张三")
	if err != nil || x.State != ledger.TryDone || x.By != "张三" {
		t.Errorf("%+v, %v", x, err)
	}
	o.want("run 2023-07")
	if look, err = Look(t.Context(), s, o.jobs(monthly), o.now); err != nil || len(look.Failures) != 0 {
		t.Errorf("%+v, %v", look.Failures, err)
	}
	o.do = func(Task) Result { return Result{Code: CodeRefused} }
	o.until(r, "2023-09-07 00:00:00", time.Hour)
	o.want("run 2023-08")
}

// TestPanic: it is a failure, nothing stays locked, and the next time runs.
func TestPanic(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	s := o.open()
	o.sync(s, monthly, Entry{Job: "verify", Cron: "0 3 5 * *"})
	o.do = func(t Task) Result {
		if t.Kind == "run" && t.Month == 202307 {
			panic("330102199003071234")
		}
		return Result{OK: true}
	}
	r := o.runner(s)
	o.until(r, "2023-09-06 00:00:00", time.Hour)
	o.want("run 2023-07", "verify", "run 2023-08", "verify")
	if o.say[0] != "08-05 02:30 failed panic" {
		t.Errorf("%q", o.say)
	}
}

// TestStopped: who ends the program has not made the job fail; it is taken up at the
// next start.
func TestStopped(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	s := o.open()
	o.sync(s, monthly)
	o.set("2023-08-05 02:30:00")
	for range 6 { // more often than a failure is tried
		ctx, stop := context.WithCancel(t.Context())
		o.do = func(Task) Result { stop(); return Result{Code: CodeFailure, Again: true} }
		must(t, Run(ctx, o.runner(s)))
	}
	o.do = nil
	o.did = nil
	o.steps(o.runner(s))
	o.want("run 2023-07")
	all, err := s.Tries(t.Context(), "run", 9)
	if err != nil || len(all) != 7 || all[0].Failures != 0 || all[1].Code != CodeStopped {
		t.Errorf("%+v, %v", all, err)
	}
}

// TestCrashes: what ends the process each time is not begun for ever.
func TestCrashes(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	s := o.open()
	o.sync(s, monthly)
	o.set("2023-08-05 02:30:00")
	for range 4 {
		plan := Due(mustClock(t, s), o.now)
		x := plan.Now[0]
		must(t, s.ClaimTry(t.Context(), &x, 1, o.now))
		must(t, s.Close())
		s = o.open()
		r := o.runner(s)
		if more, err := r.Step(t.Context()); err != nil || !more {
			t.Fatalf("%t %v", more, err)
		}
	}
	o.steps(o.runner(s))
	o.want()
	if c := mustClock(t, s); len(c.Failed) != 1 || c.Failed[0].Attempt != 4 {
		t.Errorf("%+v", c.Failed)
	}
}

// TestPause: what passes while a job is paused is not made up, but told; what was
// missed before is still due. A changed expression loses nothing and finds nothing
// from before it was written; a job that was off begins anew.
func TestPause(t *testing.T) {
	o := newOffice(t, "2023-06-01 00:00:00")
	s := o.open()
	o.sync(s, monthly)
	r := o.runner(s)
	o.set("2023-06-06 00:00:00") // missed
	must(t, Pause(t.Context(), s, "run", "张三", o.now))
	if err := Pause(t.Context(), s, "run", "张三", o.now); !errors.Is(err, ErrAsItIs) {
		t.Errorf("paused twice: %v", err)
	}
	o.until(r, "2023-08-10 00:00:00", 24*time.Hour)
	o.want()
	x, err := r.Begin(t.Context(), "run", 202306, "张三") // by hand it may
	if err != nil || x.Month != 202306 {
		t.Errorf("%+v %v", x, err)
	}
	o.want("run 2023-06")
	o.sync(s, monthly) // a restart does not end the pause
	o.steps(r)
	o.want()
	passed, err := Resume(t.Context(), s, "run", "张三", o.now, 9)
	must(t, err)
	if len(passed) != 2 {
		t.Errorf("passed: %v", passed)
	}
	o.steps(r)
	o.want("run 2023-05")

	later := Entry{Job: "run", Cron: "0 3 8 * *"}
	o.set("2023-09-20 00:00:00") // the 5th was missed, the 8th is not due
	o.sync(s, later)
	o.steps(r)
	o.want("run 2023-08")
	o.until(r, "2023-10-09 00:00:00", 24*time.Hour)
	o.want("run 2023-09")

	o.sync(s) // gone from doudi.yaml
	o.until(r, "2023-12-01 00:00:00", 24*time.Hour)
	if _, err := r.Begin(t.Context(), "run", 0, "张三"); !errors.Is(err, ErrNoJob) {
		t.Errorf("a job that is off: %v", err)
	}
	no := false
	o.sync(s, Entry{Job: "run", Cron: "0 3 8 * *", Enabled: &no})
	o.sync(s, later)
	o.until(r, "2024-01-09 00:00:00", 24*time.Hour)
	o.want("run 2023-11", "run 2023-12")
}

type teller struct {
	told []Failure
	fail bool
}

func (*teller) How() string { return "webhook" }
func (x *teller) Tell(_ context.Context, f Failure) error {
	x.told = append(x.told, f)
	if x.fail {
		return errors.New("away")
	}
	return nil
}

// TestTold: a failure for good is told once; while nobody answers a few times.
func TestTold(t *testing.T) {
	o := newOffice(t, "2023-08-05 02:00:00")
	s := o.open()
	o.sync(s, monthly)
	o.do = func(Task) Result { return Result{Code: CodeIntegrity} }
	r, x := o.runner(s), &teller{}
	r.Tellers = []Teller{x}
	o.until(r, "2023-08-06 00:00:00", time.Minute)
	want := Failure{Job: "run", Kind: "run", Title: "月度运行", Month: "2023-07", Due: "2023-08-05T02:30:00+08:00", At: "2023-08-05T02:30:00+08:00", Attempts: 1,
		Code: CodeIntegrity, Message: Reason(CodeIntegrity)}
	if d := cmp.Diff([]Failure{want}, x.told); d != "" {
		t.Error(d)
	}
	x.fail, x.told = true, nil
	o.until(r, "2023-09-06 00:00:00", 10*time.Minute)
	if len(x.told) != 5 {
		t.Errorf("tried %d times", len(x.told))
	}
}

func TestCheck(t *testing.T) {
	o := newOffice(t, "2023-08-01 00:00:00")
	for _, c := range []struct {
		e     Entry
		field string
		want  string
	}{
		{Entry{Job: "backup", Cron: "@daily"}, "job", `没有任务 "backup"，可用的有：run（月度运行）、verify（核对账本）`},
		{Entry{Job: "run", Cron: "@dayly"}, "cron", "@dayly"},
		{Entry{Job: "run", Cron: "@daily", Area: "330100"}, "area", "不能写 area"},
		{Entry{Job: "verify", Cron: "@daily", Month: Current}, "month", "不分月份"},
		{Entry{Job: "run", Cron: "@daily", Month: "next"}, "month", `"next" 应为 previous`},
		{Entry{Job: "run", Cron: "@daily", Name: "a/b"}, "name", "有误"},
		{Entry{Job: "run", Cron: "@daily", Name: "330102199003071234"}, "name", "有误"},
		{monthly, "job", "写了两次"},
	} {
		_, err := Check([]Entry{monthly, c.e}, o.kinds(), []string{"330100"})
		w, ok := errors.AsType[*Wrong](err)
		if !ok || w.Entry != 1 || w.Field != c.field || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.e, err)
		}
	}
	js := o.jobs(monthly, Entry{Name: "月末", Job: "run", Cron: "0 3 31 * *"})
	look, err := Look(t.Context(), o.open(), js, o.now)
	must(t, err)
	if st := look.Jobs[1]; st.Words != "每月31日（没有这一天的月份除外） 03:00" || len(st.Next) != 5 || len(st.Without) != 5 || len(look.Jobs[0].Without) != 0 {
		t.Errorf("%+v", st)
	}
}
