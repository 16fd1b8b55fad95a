package jobs

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// RerunOptions say how to recompute by hand.
type RerunOptions struct {
	Scope  ledger.Scope
	Reason string
	Dry    bool   // only look: nothing is stored
	Bound  string // proposal that the run must come to; "" any
}

// Rerun settles people again by hand: those whom the scope is over and, since a
// run answers for all that is on record when it begins, those whom anything new
// touches. It takes no files. ledger.ErrStale if it does not come to the proposal
// to which it is bound; then nothing is stored.
func (c *Cycle) Rerun(ctx context.Context, o RerunOptions) (out Outcome, err error) {
	stage := c.stages(&out)
	if _, err := c.Store.Run(ctx, 0); err != nil {
		return out, err // nothing was ever run
	}
	run := ledger.Run{Month: o.Scope.Month, By: c.By, Reason: o.Reason, Scope: o.Scope.String(), Version: c.Version}
	if run.Month == 0 { // of the present period
		m, err := c.Store.LastMonth(ctx)
		if err != nil {
			return out, err
		}
		run.Month = civil.Month(m)
		if c.isOpen(ctx, run.Month.Year()) != nil { // what a closed year still owes is of the open one
			run.Month = c.today().Month()
		}
	}
	if err := c.isOpen(ctx, run.Month.Year()); err != nil {
		return out, err
	}
	ro := RunOptions{Month: run.Month, Dry: o.Dry, scope: o.Scope, proposal: o.Bound}
	if o.Dry {
		err = c.preview(ctx, run, ro, &out)
		return out, err
	}
	if run, err = c.Store.StartRun(ctx, run, c.Now()); err != nil {
		return out, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Store.Release(context.WithoutCancel(ctx), run))
		}
	}()
	stage("准备")
	err = c.compute(ctx, run, ro, &out, stage)
	return out, err
}

// preview settles as a run by hand would and keeps what it finds in memory.
func (c *Cycle) preview(ctx context.Context, run ledger.Run, o RunOptions, out *Outcome) error {
	last, err := c.Store.Run(ctx, 0)
	if err != nil {
		return err
	}
	head, err := c.Store.Head(ctx)
	if err != nil {
		return err
	}
	input, err := c.Store.LastInput(ctx)
	if err != nil {
		return err
	}
	run.No, run.Seen = last.No+1, head.Seq
	w := &sketch{ctx: ctx, c: c, last: last.No, found: map[string]*Preview{}}
	if err := c.settle(ctx, &run, last, o, input, nil, w, out); err != nil {
		return err
	}
	out.Run, out.Preview = run, w.found
	return nil
}

// Preview is what a run would store in an area, by person.
type Preview struct {
	results map[ledger.PersonNo][]ledger.Result
	cases   map[ledger.PersonNo][]ledger.Case
}

// People are those of whom something changes, in ascending order.
func (p *Preview) People() []ledger.PersonNo {
	if p == nil {
		return nil
	}
	out := slices.AppendSeq(slices.Collect(maps.Keys(p.results)), maps.Keys(p.cases))
	slices.Sort(out)
	return slices.Compact(out)
}

// Over lays what would be stored over what is on record of a person.
func (p *Preview) Over(d *ledger.PersonData) {
	if p == nil {
		return
	}
	for _, x := range p.results[d.Person] {
		d.Results = append(slices.DeleteFunc(d.Results, func(r ledger.Result) bool { return r.Claim == x.Claim }), x)
	}
	for _, x := range p.cases[d.Person] {
		d.Cases = append(slices.DeleteFunc(d.Cases, func(c ledger.Case) bool {
			return c.Year == x.Year && c.Monitor == x.Monitor && cmp.Or(c.Level, ledger.LevelPerson) == cmp.Or(x.Level, ledger.LevelPerson)
		}), x)
	}
}

// sketch is a ledger.RunWriter that stores nothing.
type sketch struct {
	ctx   context.Context
	c     *Cycle
	last  int
	found map[string]*Preview
}

func (s *sketch) of(area string) *Preview {
	if s.found[area] == nil {
		s.found[area] = &Preview{map[ledger.PersonNo][]ledger.Result{}, map[ledger.PersonNo][]ledger.Case{}}
	}
	return s.found[area]
}

// Result implements ledger.RunWriter.
func (s *sketch) Result(x *ledger.Result) error {
	p := s.of(x.Area)
	p.results[x.Person] = append(p.results[x.Person], *x)
	return nil
}

// Case implements ledger.RunWriter.
func (s *sketch) Case(x *ledger.Case) error {
	p := s.of(x.Area)
	p.cases[x.Person] = append(p.cases[x.Person], *x)
	return nil
}

// Policy implements ledger.RunWriter.
func (s *sketch) Policy(*ledger.PolicyText) error { return nil }

// Notable implements ledger.RunWriter: what is on record, with what was found
// laid over it. Of the latter all is given, also what is not notable: nothing
// is to be paid or recovered there.
func (s *sketch) Notable(area string, flags, _ int, seen ledger.Seq) ([]ledger.ResultRow, error) {
	rows, err := s.c.Store.Notable(s.ctx, area, flags, s.last, seen)
	if err != nil {
		return nil, err
	}
	found := map[int64]ledger.Result{}
	for _, rs := range s.of(area).results {
		for _, r := range rs {
			found[r.Claim] = r
		}
	}
	rows = slices.DeleteFunc(rows, func(r ledger.ResultRow) bool { _, fresh := found[r.Claim]; return fresh })
	ids, err := s.c.Store.ClaimIDs(s.ctx, slices.Collect(maps.Keys(found)))
	if err != nil {
		return nil, err
	}
	for claim, r := range found { // whoever makes proposals of them puts them in order
		rows = append(rows, ledger.ResultRow{Result: r, SetlID: ids[claim]})
	}
	return rows, nil
}
