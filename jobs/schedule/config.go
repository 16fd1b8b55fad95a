package schedule

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Which month a job is run for, as seen from the day it is due.
const (
	Previous = "previous"
	Current  = "current"
)

// Entry is one line of doudi.yaml's schedule.
type Entry struct {
	Name    string `yaml:"name"` // needed where one job stands there twice
	Area    string `yaml:"area"`
	Job     string `yaml:"job"`
	Cron    string `yaml:"cron"`
	Month   string `yaml:"month"`
	Enabled *bool  `yaml:"enabled"` // default: yes
}

// Kind is a job that can be scheduled.
type Kind struct {
	Name  string // as in doudi.yaml
	Title string // for people
	Month bool   // is run for a month
	Area  bool   // can be run for one area
	// Do does the work.
	Do func(ctx context.Context, t Task) Result
	// Covered finds the run that did the month's work since a time; nil: nothing can.
	Covered func(ctx context.Context, m civil.Month, since time.Time) (run int, ok bool, err error)
}

// Task is what a kind is asked to do.
type Task struct {
	Kind  string
	Area  string
	Month civil.Month // 0 of a kind that has no month
	By    string
	Hand  bool // somebody asked for it, and looks on
}

// Result is what became of it.
type Result struct {
	OK    bool
	Code  string // see Codes
	Run   int    // the ledger's run; 0: none
	Again bool   // the same may go well later
}

// Wrong is an error in an entry, with the place in it.
type Wrong struct {
	Entry int    // from 0
	Field string // yaml's name
	Err   error
}

func (w *Wrong) Error() string { return w.Err.Error() }
func (w *Wrong) Unwrap() error { return w.Err }

// Path is the place as a YAML path.
func (w *Wrong) Path() string {
	if w.Field == "" {
		return fmt.Sprintf("$.schedule[%d]", w.Entry)
	}
	return fmt.Sprintf("$.schedule[%d].%s", w.Entry, w.Field)
}

// Job is an entry that was checked.
type Job struct {
	Key     string
	Kind    Kind
	Area    string
	Spec    Spec
	Month   string
	Enabled bool
}

// keyForm: a key stands in addresses of pages and in commands.
var keyForm = regexp.MustCompile(`^[\p{Han}A-Za-z0-9][\p{Han}A-Za-z0-9_-]{0,39}$`)

// Check reads the entries; the error is a *Wrong.
func Check(entries []Entry, kinds []Kind, areas []string) ([]Job, error) {
	var out []Job
	for i, e := range entries {
		j, field, err := check(e, kinds, areas)
		if err == nil && slices.ContainsFunc(out, func(o Job) bool { return o.Key == j.Key }) {
			field, err = "job", fmt.Errorf("任务 %s 写了两次：请给其中一个另写 name", j.Key)
		}
		if err != nil {
			return nil, &Wrong{i, field, err}
		}
		out = append(out, j)
	}
	return out, nil
}

func check(e Entry, kinds []Kind, areas []string) (j Job, field string, err error) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == e.Job })
	if i < 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.Name+"（"+k.Title+"）")
		}
		return j, "job", fmt.Errorf("没有任务 %q，可用的有：%s", e.Job, strings.Join(names, "、"))
	}
	j = Job{Key: e.Name, Kind: kinds[i], Area: e.Area, Month: e.Month, Enabled: e.Enabled == nil || *e.Enabled}
	if j.Key == "" {
		if j.Key = e.Job; e.Area != "" {
			j.Key += "-" + e.Area
		}
	}
	switch {
	case !keyForm.MatchString(j.Key) || ledger.HoldsID(j.Key):
		return j, "name", fmt.Errorf("name %q 有误：用汉字、字母、数字、- 和 _，至多 40 个", j.Key)
	case e.Area != "" && !j.Kind.Area:
		return j, "area", fmt.Errorf("%s 总是对所有统筹区一起做，不能写 area", e.Job)
	case e.Area != "" && !slices.Contains(areas, e.Area):
		return j, "area", fmt.Errorf("没有统筹区 %q，可用的有：%s", e.Area, strings.Join(areas, "、"))
	case e.Month != "" && !j.Kind.Month:
		return j, "month", fmt.Errorf("%s 不分月份，不能写 month", e.Job)
	case e.Month != "" && e.Month != Previous && e.Month != Current:
		return j, "month", fmt.Errorf("month %q 应为 previous（上月）或 current（当月）", e.Month)
	}
	if j.Kind.Month && j.Month == "" {
		j.Month = Previous // what arrives after a month's end belongs to it
	}
	if j.Spec, err = Parse(e.Cron); err != nil {
		return j, "cron", err
	}
	return j, "", nil
}

// MonthOf is the month that a job is run for when it is due at a time.
func MonthOf(rule string, due time.Time) civil.Month {
	m := civil.FromTime(due.In(Zone)).Month()
	switch rule {
	case Previous:
		return m.Add(-1)
	case Current:
		return m
	}
	return 0
}

// Sync brings what is on record up to doudi.yaml: a job that is new or changed gets a
// new term, one that is gone or not enabled is off. Nothing before now is due by it.
func Sync(ctx context.Context, s Store, jobs []Job, by string, now time.Time) error {
	clock, err := s.Clockwork(ctx)
	if err != nil {
		return err
	}
	last := lastTerms(clock.Terms)
	for _, j := range jobs {
		was, known := last[j.Key]
		delete(last, j.Key)
		want := ledger.Term{Job: j.Key, Kind: j.Kind.Name, Area: j.Area, Cron: j.Spec.String(), Month: j.Month, State: ledger.TermOn, By: by}
		switch {
		case !j.Enabled && (!known || was.State == ledger.TermOff):
			continue
		case !j.Enabled:
			want.State = ledger.TermOff
		case known && was.State == ledger.TermPaused:
			want.State = was.State
		}
		same := was
		same.ID, same.Since, same.By = 0, want.Since, want.By
		if known && same == want {
			continue
		}
		if err := addTerm(ctx, s, clock, want, was.ID, now); err != nil {
			return err
		}
	}
	for _, t := range clock.Terms { // in their order
		if l, gone := last[t.Job]; gone && l.ID == t.ID && t.State != ledger.TermOff {
			want := t
			want.ID, want.State, want.By = 0, ledger.TermOff, by
			if err := addTerm(ctx, s, clock, want, t.ID, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// lastTerms are the last term of each job.
func lastTerms(terms []ledger.Term) map[string]ledger.Term {
	out := map[string]ledger.Term{}
	for _, t := range terms {
		out[t.Job] = t
	}
	return out
}

// addTerm begins a term now; not before what its job has done already, unless the
// clock was far ahead then. Another process that was faster has done it.
func addTerm(ctx context.Context, s Store, clock ledger.Clockwork, t ledger.Term, last int64, now time.Time) error {
	t.Since = now
	if l := lastTerms(clock.Terms)[t.Job].Since; l.After(t.Since) {
		t.Since = l
	}
	if m := clock.Marks[t.Job].Due; m.After(t.Since) {
		t.Since = m
	}
	if t.Since.Sub(now) > setBack {
		t.Since = now
	}
	err := s.AddTerm(ctx, &t, last)
	if errors.Is(err, ledger.ErrStale) {
		return nil
	}
	return err
}
