package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"doudi/jobs/finance"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/jobs/sources"
	"doudi/jobs/yearend"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"
)

// Store is what the steps of a month need of a database.
type Store interface {
	recompute.Ledger
	Head(ctx context.Context) (ledger.Entry, error)
	Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error)
	LastInput(ctx context.Context) (ledger.Entry, error)
	FileBySHA(ctx context.Context, area, sha string) (ledger.File, bool, error)
	RefusedBySHA(ctx context.Context, area, sha string) (bool, error)
	Take(ctx context.Context, f *ledger.File, keep func() bool, fill func(ledger.Taker) error) error
	StartRun(ctx context.Context, want ledger.Run, now time.Time) (ledger.Run, error)
	Beat(ctx context.Context, run ledger.Run, now time.Time) error
	Release(ctx context.Context, run ledger.Run) error
	CommitRun(ctx context.Context, run *ledger.Run, now func() time.Time, f func(ledger.RunWriter) error) error
	Run(ctx context.Context, no int) (ledger.Run, error)
	PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error)
	Files(ctx context.Context, after, upTo ledger.Seq) ([]ledger.File, error)
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	Notable(ctx context.Context, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error)
	LastMonth(ctx context.Context) (int, error)
	Concerned(ctx context.Context, area string, of ledger.Scope, seen ledger.Seq) ([]ledger.PersonNo, error)
	ClaimIDs(ctx context.Context, refs []int64) (map[int64]string, error)
	Post(ctx context.Context, by string, now time.Time, ps []ledger.Posting, check func(head ledger.Seq) error) error
	YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error)
	finance.Source
}

// Area is one county with its policy.
type Area struct {
	Code       string
	Name       string
	Layers     []pack.Layered
	Policy     *rules.Policy
	Codes      pack.Codes
	Inbox      string              // folder from which run pulls
	Sources    []sources.Config    // where else files come from
	Columns    map[string][]string // more names of columns
	Categories map[string][]string // more names of categories
	Reading    string              // digest of what decides how a cell is read: codes, names
	Reconcile  *finance.Options    // of the finance bureau's payments; nil: the defaults
	Insurers   map[string]string   // who runs an insurance, by item: 大病保险, 补充保险
}

// Cycle runs months on one workspace.
type Cycle struct {
	Store   Store
	Areas   []Area
	Now     func() time.Time
	By      string
	Version string

	// Quiet is how long a file must not change before it is taken.
	Quiet time.Duration
	// Sleep waits; nil: in earnest.
	Sleep func(context.Context, time.Duration) error
	// Scratch is a private folder for copies of files at work; "": the system's.
	Scratch string

	// Archive keeps a file as it was received.
	Archive func(path, sha string) error
	// GiveBack writes for a file's sender the rows that were returned, and those
	// that were taken and should be looked at; it gives the workbook's path.
	GiveBack func(path string, f *ledger.File, r *intake.Report) (string, error)
	// Debts are the workbooks that GiveBack still has to write; nil: they are not
	// kept.
	Debts Debts
	// Report writes the workbooks of a run for some areas and gives their paths by area.
	Report func(ctx context.Context, run ledger.Run, areas []Area) (map[string][]string, error)
	// Say tells, a line a file, what was read.
	Say func(format string, args ...any)
	// Progress tells how far a stage is.
	Progress func(stage string, done, total int)
}

func (c *Cycle) progress(stage string, done, total int) {
	if c.Progress != nil {
		c.Progress(stage, done, total)
	}
}

func (c *Cycle) today() civil.Date { return civil.FromTime(c.Now()) }

// Outcome is what a run did.
type Outcome struct {
	Run   ledger.Run
	Files []FileOutcome
	// Known files were read before and left alone; so many of their rows were
	// returned then.
	Known, KnownReturned int
	// GivenBack are files of before whose returned rows a crash or a full disk had
	// kept from their senders.
	GivenBack []FileOutcome
	// Sources and what became of them; Waiting files were left for the next run.
	Sources []SourceOutcome
	Waiting []Waiting
	// Earlier are the files of the run's month that were imported before it: by
	// hand, or by a former run of the month. With Files they are those that the run
	// names.
	Earlier   []ledger.File
	Workbooks map[string][]string
	// Sealed are the areas in which the year of the run's month is closed, while it is
	// open in others: their workbooks of the month stay as they were.
	Sealed []string
	// Reconciled is the book of the month by area: what is due against what the
	// finance bureau paid.
	Reconciled map[string]*finance.View
	Stages     []ledger.StageTiming
	// Preview is what a run by hand would store, by area; only of a dry one.
	Preview map[string]*Preview
}

// RunOptions say how to run a month.
type RunOptions struct {
	Month civil.Month
	Full  bool // settle everyone
	Dry   bool // the store is a copy: nothing outside it is written

	scope    ledger.Scope // of a run by hand
	proposal string       // what it must come to
}

// Run runs a month over all areas. What it imported stays when a later step
// fails; the settling itself is all or nothing, and the same command takes it
// up again. A source that can not be reached does not end it: see Outcome.Missing.
func (c *Cycle) Run(ctx context.Context, o RunOptions) (out Outcome, err error) {
	stage := c.stages(&out)
	if err := c.isOpen(ctx, o.Month.Year()); err != nil {
		return out, err
	}
	run, err := c.Store.StartRun(ctx, ledger.Run{Month: o.Month, By: c.By, Version: c.Version}, c.Now())
	if err != nil {
		return out, err
	}
	defer func() {
		if err != nil {
			// The context may be what ended the run.
			err = errors.Join(err, c.Store.Release(context.WithoutCancel(ctx), run))
		}
	}()
	if err := c.take(ctx, run, o, &out); err != nil {
		return out, err
	}
	if !o.Dry {
		if err := c.Follow(ctx); err != nil {
			return out, err
		}
	}
	stage("导入")
	err = c.compute(ctx, run, o, &out, stage)
	return out, err
}

// isOpen refuses a month of a year that is closed everywhere: there are no workbooks
// to write. What is late is run in an open month. Where the year is closed in some of
// the areas only, theirs stay as they were (see Outcome.Sealed).
func (c *Cycle) isOpen(ctx context.Context, year int) error {
	for _, a := range c.Areas {
		calendar, err := c.calendar(ctx, a.Code)
		if err != nil || !calendar.Now(year).Locked() {
			return err
		}
	}
	return fmt.Errorf("%w: %d", yearend.ErrClosed, year)
}

// compute settles what a run sees when it begins and writes the workbooks.
func (c *Cycle) compute(ctx context.Context, run ledger.Run, o RunOptions, out *Outcome, stage func(string)) error {
	last, err := c.Store.Run(ctx, 0)
	if err != nil && !errors.Is(err, ledger.ErrNoRun) {
		return err
	}
	head, err := c.Store.Head(ctx)
	if err != nil {
		return err
	}
	run.Seen = head.Seq
	files, err := c.filesOf(ctx, run, out)
	if err != nil {
		return err
	}
	// The proposal is bound to what went in; a run that only looks leaves it as it is.
	input, err := c.Store.LastInput(ctx)
	if err != nil {
		return err
	}
	err = c.Store.CommitRun(ctx, &run, c.Now, func(w ledger.RunWriter) error { return c.settle(ctx, &run, last, o, input, files, w, out) })
	if err != nil {
		return err
	}
	stage("入账")
	for _, s := range out.Stages[1 : len(out.Stages)-1] { // what settle names apart is part of it
		out.Stages[len(out.Stages)-1].Took -= s.Took
	}
	out.Run = run
	if out.Reconciled, err = c.reconcile(ctx, run); err != nil {
		return fmt.Errorf("第 %d 次运行已入账，但财政对账未做成（可用 doudi reconcile --month %s 查看）：%w", run.No, run.Month, err)
	}
	stage("对账")
	if c.Report != nil && !o.Dry {
		if out.Workbooks, err = c.Report(ctx, run, c.unsealed(out)); err != nil {
			return fmt.Errorf("第 %d 次运行已入账，但工作簿未写成（可用 doudi report --month %s 重写）：%w", run.No, run.Month, err)
		}
		stage("工作簿")
	}
	return nil
}

// unsealed are the areas whose workbooks of the month are written.
func (c *Cycle) unsealed(out *Outcome) []Area {
	return slices.DeleteFunc(slices.Clone(c.Areas), func(a Area) bool { return slices.Contains(out.Sealed, a.Code) })
}

// filesOf are the entries of the files of a run's month, by area; of an area whose
// books of the month stay as they were there are none: its next month names them.
func (c *Cycle) filesOf(ctx context.Context, run ledger.Run, out *Outcome) (map[string][]ledger.Seq, error) {
	by := map[string][]ledger.Seq{}
	for _, a := range c.Areas {
		calendar, err := c.calendar(ctx, a.Code)
		if err != nil {
			return nil, err
		}
		if calendar.Now(run.Month.Year()).Locked() {
			out.Sealed = append(out.Sealed, a.Code)
			continue
		}
		prev, err := PreviousOf(ctx, c.Store, run, a.Code)
		if err != nil {
			return nil, err
		}
		files, err := c.Store.Files(ctx, prev.Seen, run.Seen)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.Area == a.Code {
				by[f.Area] = append(by[f.Area], f.Seq)
				out.names(f)
			}
		}
	}
	return by, nil
}

// names notes that the run names a file: one that it took itself, or an earlier one.
func (o *Outcome) names(f ledger.File) {
	i := slices.IndexFunc(o.Files, func(o FileOutcome) bool {
		again := o.File.Seq == 0 && o.Refused != "" // on record once, as refused before
		return o.File.Seq == f.Seq || again && o.File.SHA256 == f.SHA256 && o.File.Area == f.Area
	})
	if i < 0 {
		o.Earlier = append(o.Earlier, f)
	} else {
		o.Files[i].File.Seq = f.Seq
	}
}

// PreviousOf is the last finished run before a run that was for another month and
// wrote the books of an area; the zero Run if there is none. What came since belongs
// to the run's month there. A run of a month whose year was closed there wrote none.
func PreviousOf(ctx context.Context, s interface {
	PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error)
}, run ledger.Run, area string) (ledger.Run, error) {
	prev, err := s.PreviousRun(ctx, run)
	for err == nil && prev.No > 0 {
		of := areaOf(prev, area)
		if of == nil || !slices.Contains(of.Closed, prev.Month.Year()) {
			break
		}
		prev, err = s.PreviousRun(ctx, ledger.Run{No: prev.No, Month: run.Month})
	}
	return prev, err
}

// stages gives a function that closes a stage and notes how long it took.
func (c *Cycle) stages(out *Outcome) func(string) {
	start := c.Now()
	return func(name string) {
		now := c.Now()
		out.Stages = append(out.Stages, ledger.StageTiming{Stage: name, Took: now.Sub(start)})
		start = now
	}
}

// settle recomputes each area within the run's transaction and binds the
// proposal.
func (c *Cycle) settle(ctx context.Context, run *ledger.Run, last ledger.Run, o RunOptions, input ledger.Entry, files map[string][]ledger.Seq, w ledger.RunWriter, out *Outcome) error {
	var all []Proposal
	var load, compute, store time.Duration
	for i := range c.Areas {
		a := &c.Areas[i]
		was := areaOf(last, a.Code)
		// The write lock is the run's: no year is closed or reopened while it settles.
		calendar, err := c.calendar(ctx, a.Code)
		if err != nil {
			return err
		}
		closed := calendar.Closed()
		also, err := c.Store.Concerned(ctx, a.Code, o.scope, run.Seen)
		if err != nil {
			return err
		}
		t, err := recompute.Settle(ctx, c.Store, w, recompute.Job{Area: a.Code, Policy: a.Policy, Run: run.No, Seen: run.Seen,
			After: last.Seen, Last: last.No, Progress: func(done, total int) { c.progress("重算 "+a.Name, done, total) },
			Also: also, Closed: closed,
			// A policy that changed may change anything; the cases of a year that was
			// reopened stood still while it was closed.
			Full: o.Full || was == nil || was.PolicyDigest != a.Policy.Digest || last.Version != run.Version || reopened(was.Closed, closed)}, c.Now)
		if err != nil {
			return err
		}
		load, compute, store = load+t.Load, compute+t.Settle, store+t.Store
		posted, err := c.Store.Postings(ctx, a.Code, run.Seen)
		if err != nil {
			return err
		}
		rows, err := w.Notable(a.Code, 0, run.No, run.Seen)
		if err != nil {
			return err
		}
		ps := Prior(Proposals(rows, posted), closed)
		ra := ledger.RunArea{Area: a.Code, Name: a.Name, PolicyDigest: a.Policy.Digest, People: t.People, Touched: t.Touched,
			Recomputed: t.PersonYears, Claims: t.Claims, Changed: t.Changed, CasesOpened: t.CasesOpened, CasesCleared: t.CasesCleared, Files: files[a.Code], Asked: len(also), Closed: closed}
		for _, p := range ps {
			if p.Prior {
				ra.PriorTopUp += max(0, p.Amount)
				ra.PriorClawback -= min(0, p.Amount)
			}
			if p.Amount > 0 {
				ra.TopUp += p.Amount
				if p.Fund == rules.FundHospital {
					ra.HospitalDue += p.Amount
				}
			} else {
				ra.Clawback -= p.Amount
			}
		}
		for _, l := range a.Layers {
			u := ledger.PackUsed{ID: l.ID, Title: l.Title, Number: l.Number, Status: l.Status, Digest: l.Digest}
			if l.Overlay != nil {
				u.Overlay = l.Overlay.Digest
			}
			ra.Packs = append(ra.Packs, u)
			for _, d := range l.Documents() {
				if err := w.Policy(&ledger.PolicyText{Digest: d.Digest, Kind: d.Kind, Name: d.Name, Base: d.Base, Text: d.Text}); err != nil {
					return err
				}
			}
			for _, m := range l.Unset() {
				// Of what is given for some of the days, only a gap in the run's year.
				if y := run.Month.Year(); m.From.Year() > y || m.To != 0 && m.To <= civil.YMD(y, 1, 1) {
					continue
				}
				ra.Unset = append(ra.Unset, ledger.UnsetParam{Pack: m.Pack, Path: m.Path, Name: m.Name, Clause: m.Clause.ID, Reason: m.Reason})
			}
		}
		run.Areas = append(run.Areas, ra)
		all = append(all, ps...)
	}
	run.Proposal = ProposalHash(input, run.Areas, all)
	if o.proposal != "" && o.proposal != run.Proposal {
		return fmt.Errorf("%w: it comes to %s", ledger.ErrStale, run.Proposal)
	}
	out.Stages = append(out.Stages, ledger.StageTiming{Stage: "读取", Took: load}, ledger.StageTiming{Stage: "重算", Took: compute},
		ledger.StageTiming{Stage: "写入", Took: store})
	return nil
}

// reopened reports whether a year that was closed is not any more.
func reopened(was, is []int) bool {
	return slices.ContainsFunc(was, func(y int) bool { return !slices.Contains(is, y) })
}

func areaOf(r ledger.Run, code string) *ledger.RunArea {
	i := slices.IndexFunc(r.Areas, func(a ledger.RunArea) bool { return a.Area == code })
	if i < 0 {
		return nil
	}
	return &r.Areas[i]
}
