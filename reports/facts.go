package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// facts is what the tables of one area and run are made of.
type facts struct {
	run      ledger.Run
	prev     ledger.Run // of another month, before; the zero Run if there is none
	area     jobs.Area
	sum      ledger.RunArea
	head     ledger.Entry
	files    []ledger.File
	returns  []ledger.Return // of all months, and what became of them
	moves    []rosterMove    // the month's roster events, with what they did
	rows     []ledger.ResultRow
	props    []jobs.Proposal
	cases    []ledger.Case
	opened   int // cases since the month before
	cleared  int
	refunds  []ledger.WaitingRefund
	hospital []ledger.HospitalYear
	disease  []ledger.DiseaseYear
	months   []ledger.FundMonth
	register []registered // everyone who holds a category at the month's end
	spells   map[ledger.PersonNo][]rules.Spell
	changes  []change                      // who came onto the lists and who left them since the month before
	risk     map[ledger.PersonNo][]sourced // spells of the latent-risk people
	people   map[ledger.PersonNo]ledger.Person
	homes    map[ledger.PersonNo][2]string
	places   map[ledger.PersonNo]homeOf // of those whom a list of the month names
	movers   *Movers
	asOf     civil.Date                  // the month's last day
	payments *finance.View               // of the finance bureau; nil where no workbook needs it
	filters  map[string]func(about) bool // whose rows departments see, as they were asked for
	clauses  map[string]string           // by parameter, likewise
	once     shared
}

// rosterMove is a roster event with what it did to the timeline.
type rosterMove struct {
	ledger.Event
	Effect string
}

// registered is somebody who holds categories on a day.
type registered struct {
	Person ledger.PersonNo
	Held   rules.CategorySet
	Expiry civil.Date // of the disability certificate; 0 none
}

// begin reads what the rest is read by: the run and the one before it, the month's
// files, the cases.
func begin(ctx context.Context, s Source, area jobs.Area, run ledger.Run) (*facts, error) {
	f := &facts{run: run, area: area, asOf: run.Month.Last()}
	for _, a := range run.Areas {
		if a.Area == area.Code {
			f.sum = a
		}
	}
	prev, err := jobs.PreviousOf(ctx, s, run, area.Code)
	if err != nil {
		return nil, err
	}
	f.prev = prev
	if f.head, err = s.Entry(ctx, run.Seq); err != nil {
		return nil, err
	}
	files, err := s.Files(ctx, 0, run.Seen)
	if err != nil {
		return nil, err
	}
	// A correction may come months after what it corrects.
	f.returns = ledger.Returns(files)
	for _, x := range files {
		if x.Seq <= prev.Seen {
			continue
		}
		// Runs of before do not name their files: all of the month.
		if x.Area == area.Code && (f.sum.Files == nil || slices.Contains(f.sum.Files, x.Seq)) {
			f.files = append(f.files, x)
		}
	}
	f.cases, err = s.Cases(ctx, area.Code, 0, run.No)
	return f, err
}

// gather reads everything else that the tables of every month need.
func (f *facts) gather(ctx context.Context, s Source) error {
	area, run := f.area.Code, f.run
	err := f.timelines(ctx, s, f.prev.Seen)
	if err != nil {
		return err
	}
	if f.rows, err = s.Notable(ctx, area, ledger.FlagRetro|ledger.FlagNoPack, run.No, run.Seen); err != nil {
		return err
	}
	posted, err := s.Postings(ctx, area, run.Seen)
	if err != nil {
		return err
	}
	f.props = jobs.Prior(jobs.Proposals(f.rows, posted), f.sum.Closed)
	if err := f.compareCases(ctx, s, f.prev.No); err != nil {
		return err
	}
	if f.refunds, err = s.WaitingRefunds(ctx, area, run.Seen); err != nil {
		return err
	}
	sums, err := s.YearSums(ctx, area, run.Month.Year(), run.No)
	if err != nil {
		return err
	}
	f.hospital, f.disease, f.months = sums.Hospitals, sums.Diseases, sums.Months
	return f.identify(ctx, s)
}

// compareCases counts what opened and what was cleared since the last run of
// another month, however often this one was run.
func (f *facts) compareCases(ctx context.Context, s Source, prev int) error {
	was := map[string]rules.CaseState{}
	key := func(c *ledger.Case) string { return fmt.Sprint(c.Person, c.Year, c.Monitor) }
	if prev > 0 {
		before, err := s.Cases(ctx, f.area.Code, 0, prev)
		if err != nil {
			return err
		}
		for i := range before {
			was[key(&before[i])] = before[i].State
		}
	}
	for i := range f.cases {
		c := &f.cases[i]
		state, had := was[key(c)]
		if !had {
			f.opened++
		}
		if c.State == rules.Cleared && state != rules.Cleared {
			f.cleared++
		}
	}
	return nil
}

// timelines replays the rosters: what the month's rows did, and who holds what at
// the month's end.
func (f *facts) timelines(ctx context.Context, s Source, after ledger.Seq) error {
	events, err := s.Events(ctx, f.area.Code, nil, 0, f.run.Seen)
	if err != nil {
		return err
	}
	by := map[ledger.PersonNo][]rules.Event{}
	known := map[ledger.PersonNo]int{} // how many of them were on record before
	var order []ledger.PersonNo
	expiry := map[ledger.PersonNo]civil.Date{}
	for i := range events {
		e := &events[i]
		if by[e.Person] == nil {
			order = append(order, e.Person)
		}
		by[e.Person] = append(by[e.Person], e.Rules())
		if e.Src.Seq <= after {
			known[e.Person]++ // they come in the order of arrival
		}
		if e.Category == rules.Canji {
			expiry[e.Person] = max(expiry[e.Person], e.Expiry)
		}
	}
	gone, err := s.Withdrawn(ctx, f.area.Code, nil, after, f.run.Seen)
	if err != nil {
		return err
	}
	withdrawn := map[ledger.PersonNo][]rules.Event{} // what was on record before and a corrected roster lists no more
	for i := range gone {
		g := &gone[i]
		f.moves = append(f.moves, rosterMove{Event: g.Event, Effect: "更正或重新比较名单后撤下，不再有效"})
		if g.Src.Seq > after {
			continue
		}
		if by[g.Person] == nil && withdrawn[g.Person] == nil {
			order = append(order, g.Person)
		}
		withdrawn[g.Person] = append(withdrawn[g.Person], g.Rules())
	}
	slices.Sort(order)
	notes := map[int64]rules.NoteCode{}
	f.spells = make(map[ledger.PersonNo][]rules.Spell, len(order))
	f.risk = map[ledger.PersonNo][]sourced{}
	risk := riskCategories(f.area.Policy)
	for _, p := range order {
		spells, ns := f.area.Policy.Spells(by[p])
		f.spells[p] = spells
		f.sources(p, risk, spells, by[p])
		f.compare(p, spells, by[p], known[p], withdrawn[p])
		for _, n := range ns {
			notes[n.Ref] = n.Code
		}
		if held := rules.Held(spells, f.asOf); held != 0 {
			f.register = append(f.register, registered{p, held, expiry[p]})
		}
	}
	for _, e := range events {
		if e.Src.Seq > after {
			m := rosterMove{Event: e, Effect: notes[e.ID].Chinese()}
			if m.Effect == "" {
				m.Effect = "已" + e.Op.Chinese()
			}
			f.moves = append(f.moves, m)
		}
	}
	return nil
}

// identify opens the IDs, names and homes of everyone whom a table names.
func (f *facts) identify(ctx context.Context, s Source) error {
	set := map[ledger.PersonNo]bool{}
	for _, m := range f.moves {
		set[m.Person] = true
	}
	for _, r := range f.rows {
		set[r.Person] = true
	}
	for _, c := range f.cases {
		set[c.Person] = true
	}
	for _, r := range f.refunds {
		set[r.Person] = true
	}
	for _, r := range f.register {
		set[r.Person] = true
	}
	for _, c := range f.changes {
		set[c.person] = true
	}
	people := make([]ledger.PersonNo, 0, len(set))
	for p := range set {
		people = append(people, p)
	}
	slices.Sort(people)
	var err error
	if f.people, err = s.IdentitiesAt(ctx, people, f.run.Seen); err != nil {
		return err
	}
	if f.homes, err = s.Residence(ctx, f.area.Code, people, f.run.Seen); err != nil {
		return err
	}
	if f.movers, err = MoversOf(ctx, s, f.cases); err != nil {
		return err
	}
	f.order()
	return nil
}

// order puts everything into the order in which it is printed. People are numbered
// in the order of arrival; what is printed is not.
func (f *facts) order() {
	type key struct {
		id, setl string
		at       civil.Moment
		fund     rules.Fund
	}
	id := func(p ledger.PersonNo) string { return f.people[p].Certno }
	byKey := func(a, b key) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.at, b.at), cmp.Compare(a.setl, b.setl), cmp.Compare(a.fund, b.fund))
	}
	f.props = sorted(f.props, func(x *jobs.Proposal) key { return key{id(x.Person), x.SetlID, x.Row.At, x.Fund} }, byKey)
	f.rows = sorted(f.rows, func(x *ledger.ResultRow) key { return key{id: id(x.Person), setl: x.SetlID, at: x.At} }, byKey)
	slices.SortStableFunc(f.cases, func(a, b ledger.Case) int {
		return cmp.Or(cmp.Compare(b.Year, a.Year), cmp.Compare(id(a.Person), id(b.Person)), cmp.Compare(a.Monitor, b.Monitor))
	})
	type move struct {
		id string
		*rosterMove
	}
	f.moves = sorted(f.moves, func(x *rosterMove) move { return move{id(x.Person), x} }, func(a, b move) int {
		return cmp.Or(cmp.Compare(a.Dept, b.Dept), cmp.Compare(a.Op, b.Op), cmp.Compare(a.id, b.id), cmp.Compare(a.Category, b.Category), cmp.Compare(a.ID, b.ID))
	})
	f.register = sorted(f.register, func(x *registered) string { return id(x.Person) }, cmp.Compare[string])
}
