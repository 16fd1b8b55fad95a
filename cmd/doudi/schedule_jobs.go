package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/schedule"
	"doudi/reports/catalogue"
	"doudi/rules/civil"

	"doudi/jobs/store/sqlite"
)

// scheduled are the commands that the clock can give, each with its line. A new one
// is a row here.
var scheduled = []struct {
	name, title string
	month, area bool
	line        []string
}{
	{"run", "月度运行", true, false, []string{"run"}},
	{"report", "重写工作簿", true, true, []string{"report"}},
	{"sources", "检查来源", false, true, []string{"sources", "--check"}},
	{"verify", "核对账本", false, false, []string{"verify"}},
}

// kinds are the jobs that the clock can do on an open workspace; w nil: to be named,
// not done.
func (a *app) kinds(w *workspace) []schedule.Kind {
	var out []schedule.Kind
	for _, s := range scheduled {
		k := schedule.Kind{Name: s.name, Title: s.title, Month: s.month, Area: s.area}
		if w != nil {
			k.Do = func(ctx context.Context, t schedule.Task) schedule.Result { return a.perform(ctx, s.line, t) }
			if s.name == "run" {
				k.Covered = w.ranSince
			}
		}
		out = append(out, k)
	}
	return out
}

// ranSince finds the run of a whole month that somebody began since a time.
func (w *workspace) ranSince(ctx context.Context, m civil.Month, since time.Time) (int, bool, error) {
	r, err := w.store.RunOfMonth(ctx, m)
	if errors.Is(err, ledger.ErrNoRun) {
		return 0, false, nil
	}
	return r.No, err == nil && r.Scope == "" && !r.Started.Before(since.Truncate(time.Second)), err
}

// perform gives a command in this process, as if it had been typed. Nobody reads what
// it prints, unless somebody asked for it by hand.
func (a *app) perform(ctx context.Context, line []string, t schedule.Task) schedule.Result {
	args := append([]string{"-C", a.dir}, line...)
	if a.by != "" || t.By != a.user() { // else as the operating system names him, which is no user's name
		args = append(args, "--by", t.By)
	}
	if t.Month != 0 {
		args = append(args, "--month", t.Month.String())
	}
	if t.Area != "" {
		args = append(args, "--area", t.Area)
	}
	var told bytes.Buffer
	sub := &app{out: io.Discard, err: &told, now: a.now, clock: !t.Hand}
	if t.Hand {
		sub.out, sub.err = a.out, a.err
	}
	code, err := sub.dispatch(ctx, args)
	if err != nil {
		code = report(sub.err, err)
	}
	if !t.Hand && code != exitDone && code != exitReturned {
		a.err.Write(told.Bytes())
	}
	return resultOf(code, err, sub.ran)
}

// resultOf reads a command's end: what may pass is tried again, what needs a person is
// not.
func resultOf(code int, err error, run int) schedule.Result {
	r := schedule.Result{Run: run}
	switch code {
	case exitDone:
		r.OK = true
	case exitReturned:
		r.OK, r.Code = true, schedule.CodeReturned
	case exitUsage:
		r.Code = schedule.CodeUsage
	case exitRefused:
		r.Code = schedule.CodeRefused
	case exitConflict:
		if r.Code = schedule.CodeConflict; errors.Is(err, ledger.ErrRunning) || errors.Is(err, ledger.ErrFenced) || sqlite.IsBusy(err) {
			r.Code, r.Again = schedule.CodeBusy, true
		}
	case exitIntegrity:
		r.Code = schedule.CodeIntegrity
	default:
		if r.Code, r.Again = schedule.CodeFailure, true; errors.Is(err, ledger.ErrWrongKey) || errors.Is(err, ledger.ErrNoRun) {
			r.Code, r.Again = schedule.CodeUsage, false
		}
	}
	return r
}

// readSchedule checks the schedule and whom failures are told; text is doudi.yaml.
func (w *workspace) readSchedule(text []byte) error {
	var areas []string
	for _, ar := range w.areas {
		areas = append(areas, ar.Code)
	}
	var err error
	if w.jobs, err = schedule.Check(w.conf.Schedule, (*app)(nil).kinds(nil), areas); err != nil {
		at := configFile
		if e, ok := errors.AsType[*schedule.Wrong](err); ok {
			n := catalogue.LineOf(text, e.Path())
			if n == 0 {
				n = catalogue.LineOf(text, fmt.Sprintf("$.schedule[%d]", e.Entry)) // the key is not there
			}
			if n > 0 {
				at += fmt.Sprintf(" 第 %d 行", n)
			}
		}
		return &problem{code: exitUsage, msg: at + "：schedule 有误", err: err}
	}
	if _, err := w.conf.Notify.Tellers(w.rel, nil); err != nil {
		return &problem{code: exitUsage, msg: configFile + " 的 notify 有误", err: err}
	}
	return nil
}

// runner keeps the clock of an open workspace.
func (a *app) runner(w *workspace) (*schedule.Runner, error) {
	tellers, err := w.conf.Notify.Tellers(w.rel, a.now)
	if err != nil {
		return nil, err
	}
	return &schedule.Runner{Store: w.store, Kinds: a.kinds(w), Now: a.now, Tellers: tellers}, nil
}
