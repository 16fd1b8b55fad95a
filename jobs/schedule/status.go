package schedule

import (
	"context"
	"errors"
	"slices"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Reason tells a code in words.
func Reason(code string) string {
	switch code {
	case "":
		return ""
	case CodeReturned:
		return "有退回的行"
	case CodeFailure:
		return "失败（如有来源没有取到、磁盘或网络故障）"
	case CodeBusy:
		return "另有一次运行或导入正在进行"
	case CodeUsage:
		return "设置有误（doudi.yaml、政策包或密钥）"
	case CodeRefused:
		return "有文件被拒收，其余已照常做完"
	case CodeConflict:
		return "冲突：如该年度已结账"
	case CodeIntegrity:
		return "账目完整性不符，请保留现场并核对"
	case CodePanic:
		return "程序内部错误"
	case CodeLost:
		return "进程中途结束"
	case CodeStopped:
		return "中途停下"
	}
	return code
}

// Status is a job as it stands.
type Status struct {
	Key     string
	Kind    string
	Title   string
	Area    string
	Cron    string
	Words   string
	Month   string // previous, current, ""
	State   ledger.TermState
	Next    []time.Time // the next five; none while it does not run by the clock
	Retry   time.Time   // a failed try waits until then
	Ready   *ledger.Try // due, and not begun
	Running *ledger.Try
	Last    *ledger.Try
	Held    int // so many months were missed that a person must look
	// Without are months of the next twelve for which it is never due, although it is
	// not for some months only: 31日 has five such.
	Without []civil.Month
}

// Overview is what the first page tells of the clock.
type Overview struct {
	Jobs     []Status
	Failures []ledger.Try // for good, with nothing done since
	Behind   bool         // the clock is behind what is on record
}

// Look tells how the jobs of doudi.yaml stand.
func Look(ctx context.Context, s Store, jobs []Job, now time.Time) (Overview, error) {
	clock, err := s.Clockwork(ctx)
	if err != nil {
		return Overview{}, err
	}
	out := Overview{Behind: clock.Latest.Sub(now) > 10*time.Minute}
	plan, last := Due(clock, now), lastTerms(clock.Terms)
	for _, j := range jobs {
		st := Status{Key: j.Key, Kind: j.Kind.Name, Title: j.Kind.Title, Area: j.Area, Cron: j.Spec.String(), Words: j.Spec.Words(), Month: j.Month,
			State: ledger.TermOff, Held: plan.Held[j.Key], Retry: plan.Waiting[j.Key]}
		if j.Enabled {
			st.State = ledger.TermOn // once a process keeps the clock
			if last[j.Key].State == ledger.TermPaused {
				st.State = ledger.TermPaused
			}
		}
		if st.State == ledger.TermOn {
			st.Next = j.Spec.NextN(now, 5)
			st.Without = without(j, now)
		}
		if x, ok := clock.Last[j.Key]; ok {
			st.Last = &x
		}
		st.Running, st.Ready = of(clock.Running, j.Key), of(plan.Now, j.Key)
		out.Jobs = append(out.Jobs, st)
	}
	out.Failures = clock.Failed
	return out, nil
}

func of(xs []ledger.Try, job string) *ledger.Try {
	if i := slices.IndexFunc(xs, func(x ledger.Try) bool { return x.Job == job }); i >= 0 {
		return &xs[i]
	}
	return nil
}

// without are the months of the next twelve that a job with a month leaves out, where
// its expression names no months.
func without(j Job, now time.Time) []civil.Month {
	if j.Month == "" || len(members(j.Spec.at.Month)) < 12 {
		return nil
	}
	var out []civil.Month
	due := civil.FromTime(now.In(Zone)).Month().Next() // of this one some may have passed
	for range 12 {
		y, m, _ := due.First().Parts()
		first := time.Date(y, time.Month(m), 1, 0, 0, 0, 0, Zone)
		if at := j.Spec.Next(first.Add(-time.Second)); at.IsZero() || civil.FromTime(at).Month() != due {
			out = append(out, MonthOf(j.Month, first))
		}
		due = due.Next()
	}
	return out
}

// Pause lets a job's times pass until it is resumed; what was missed before stays due.
func Pause(ctx context.Context, s Store, job, by string, now time.Time) error {
	_, err := change(ctx, s, job, ledger.TermPaused, by, now)
	return err
}

// Resume lets a job run by the clock again, from now on. It gives the times, at most so
// many, that are not made up: those of the pause, and all before it where the job was
// held.
func Resume(ctx context.Context, s Store, job, by string, now time.Time, most int) ([]time.Time, error) {
	was, err := change(ctx, s, job, ledger.TermOn, by, now)
	if err != nil || was.Since.After(now) {
		return nil, err
	}
	return Passed(was, was.Since, now, most), nil
}

// change begins a new term of a job; it gives the former one.
func change(ctx context.Context, s Store, job string, to ledger.TermState, by string, now time.Time) (ledger.Term, error) {
	clock, err := s.Clockwork(ctx)
	if err != nil {
		return ledger.Term{}, err
	}
	was, ok := lastTerms(clock.Terms)[job]
	if !ok || was.State == ledger.TermOff {
		return was, ErrNoJob
	}
	held := Due(clock, now).Held[job] > 0
	if was.State == to && to == ledger.TermPaused {
		return was, ErrAsItIs
	}
	behind := clock.Marks[job].Due.Sub(now) > setBack || was.Since.Sub(now) > setBack
	if was.State == to && !held && !behind {
		return was, ErrAsItIs
	}
	last := was.ID
	if held && to == ledger.TermOn { // what was missed ends with the term
		off := was
		off.ID, off.State, off.By, off.Since = 0, ledger.TermOff, by, now
		if err := s.AddTerm(ctx, &off, last); err != nil {
			return was, err
		}
		last = off.ID
	}
	next := was
	next.ID, next.State, next.By = 0, to, by
	return was, addTerm(ctx, s, clock, next, last, now)
}

// ErrAsItIs: the job is paused, or runs, already.
var ErrAsItIs = errors.New("schedule: it is so already")
