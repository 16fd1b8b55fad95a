package finance

import (
	"context"
	"maps"
	"slices"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Source is what is read of a store.
type Source interface {
	Transfers(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Transfer) error) error
	TransferNotes(ctx context.Context, area string, seen ledger.Seq) (map[int64]string, error)
	NamesOf(ctx context.Context, numbers []int64) (map[int64]string, error)
	HospitalNames(ctx context.Context, area string, seen ledger.Seq) (map[string][]string, error)
	PaidAtOnce(ctx context.Context, area string, from civil.Date, seen ledger.Seq, f func(ledger.PaidAtOnce) error) error
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	PostedOn(ctx context.Context, area string, seen ledger.Seq) (map[int64]ledger.PostedOn, error)
	Matchings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Matching, error)
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
}

// Area is one county with its policy.
type Area struct {
	Code    string
	Name    string
	Policy  *rules.Policy
	Options *Options // nil: the default
}

// Book is the reconciliation of an area as known at an entry.
type Book struct {
	Area      Area
	Seen      ledger.Seq
	Result    *reconcile.Result
	Transfers map[string]*Transfer // by key; those that take part
	People    map[ledger.PersonNo]ledger.Person
	Manual    []reconcile.Manual // in force
	Stale     []Stale            // in force, and can not act
	Out       Out
}

// Out sums what is on record and does not take part: other items, and what was
// before the first month.
type Out struct {
	Lines int
	Paid  money.Fen
}

// Stale is a match by hand that can not act.
type Stale struct {
	reconcile.Manual
	Missing []string // keys that are not there
}

// shanghai is the zone in which times are shown.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// chunk is for how many people a query asks.
const chunk = 20_000

// Gather reads what is on record and reconciles it.
func Gather(ctx context.Context, s Source, a Area, seen ledger.Seq) (*Book, error) {
	if a.Options == nil {
		a.Options = Default()
	}
	g := &gatherer{ctx: ctx, s: s, b: &Book{Area: a, Seen: seen, Transfers: map[string]*Transfer{}}}
	for _, read := range []func() error{g.facts, g.transfers, g.names} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return g.b, g.reconcile()
}

type gatherer struct {
	ctx     context.Context
	s       Source
	b       *Book
	f       Facts
	paid    []*Transfer
	payees  *Payees
	notes   map[int64]string
	spelled map[ledger.PersonNo][]rules.Spell
}

// facts reads what dues are made of.
func (g *gatherer) facts() error {
	a, seen := g.b.Area, g.b.Seen
	o := a.Options
	names, err := g.s.HospitalNames(g.ctx, a.Code, seen)
	if err != nil {
		return err
	}
	if g.f.Postings, err = g.s.Postings(g.ctx, a.Code, seen); err != nil {
		return err
	}
	if len(g.f.Postings) > 0 {
		if g.f.On, err = g.s.PostedOn(g.ctx, a.Code, seen); err != nil {
			return err
		}
	}
	for _, x := range g.f.On {
		if x.Hospital != "" && x.HospName != "" && !slices.Contains(names[x.Hospital], x.HospName) {
			names[x.Hospital] = append(names[x.Hospital], x.HospName)
		}
	}
	g.payees = NewPayees(names, o)
	if o.takes(reconcile.ItemAssistance) || o.takes(reconcile.ItemMajor) {
		from := civil.Date(0)
		if o.from != 0 {
			from = o.from.First()
		}
		err := g.s.PaidAtOnce(g.ctx, a.Code, from, seen, func(x ledger.PaidAtOnce) error {
			g.f.Paid = append(g.f.Paid, x)
			return nil
		})
		if err != nil {
			return err
		}
	}
	var enrolled map[ledger.PersonNo][]rules.Enrolment
	if o.takes(reconcile.ItemPremium) {
		if enrolled, err = g.enrolments(); err != nil {
			return err
		}
	}
	if err := g.counties(enrolled); err != nil {
		return err
	}
	g.premiums(enrolled)
	return nil
}

// enrolments reads the enrolments of those who are or were on a list.
func (g *gatherer) enrolments() (map[ledger.PersonNo][]rules.Enrolment, error) {
	a := g.b.Area
	events, err := g.s.Events(g.ctx, a.Code, nil, 0, g.b.Seen)
	if err != nil {
		return nil, err
	}
	by := map[ledger.PersonNo][]rules.Event{}
	for i := range events {
		by[events[i].Person] = append(by[events[i].Person], events[i].Rules())
	}
	out := map[ledger.PersonNo][]rules.Enrolment{}
	err = g.s.Enrolments(g.ctx, a.Code, 0, g.b.Seen, func(x *ledger.Enrolment) error {
		if by[x.Person] != nil {
			out[x.Person] = append(out[x.Person], rules.Enrolment{Ref: x.ID, Year: x.Year, Plan: x.Plan, Place: x.Place, PaidOn: x.PaidOn, Own: x.Own, Subsidy: x.Subsidy})
		}
		return nil
	})
	g.spelled = make(map[ledger.PersonNo][]rules.Spell, len(out))
	for p := range out {
		g.spelled[p], _ = a.Policy.Spells(by[p])
	}
	return out, err
}

// counties reads where everyone lives of whom something is due.
func (g *gatherer) counties(enrolled map[ledger.PersonNo][]rules.Enrolment) error {
	set := map[ledger.PersonNo]bool{}
	for i := range g.f.Postings {
		set[g.f.Postings[i].Person] = true
	}
	for i := range g.f.Paid {
		set[g.f.Paid[i].Person] = true
	}
	for p := range enrolled {
		set[p] = true
	}
	g.f.Counties = map[ledger.PersonNo]string{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(set)), chunk) {
		cs, err := g.s.Counties(g.ctx, g.b.Area.Code, part, g.b.Seen)
		if err != nil {
			return err
		}
		maps.Copy(g.f.Counties, cs)
	}
	return nil
}

// everKnown is after every day: what is due does not depend on the month that is
// looked at.
const everKnown = civil.Date(99991231)

// premiums reviews everyone who is enrolled, year by year.
func (g *gatherer) premiums(enrolled map[ledger.PersonNo][]rules.Enrolment) {
	a := g.b.Area
	base := []string{a.Code, a.Name}
	if a.Policy.County != "" {
		base = append(base, a.Policy.County)
	}
	all := map[string]bool{}
	for _, c := range g.f.Counties {
		all[c] = true
	}
	anywhere := append(slices.Clone(base), slices.Sorted(maps.Keys(all))...)
	for _, p := range slices.Sorted(maps.Keys(enrolled)) {
		place := anywhere
		if c := g.f.Counties[p]; c != "" {
			place = append(slices.Clip(base), c)
		}
		es := enrolled[p]
		years := map[int]bool{}
		for _, e := range es {
			if !years[e.Year] && e.Plan == rules.PlanResidents {
				years[e.Year] = true
				r := a.Policy.Premiums(e.Year, place, g.spelled[p], es, everKnown)
				if due := premiumDue(&r, es); due != 0 {
					g.f.Premiums = append(g.f.Premiums, Premium{e.Year, p, due})
				}
			}
		}
	}
}

// transfers reads what was paid.
func (g *gatherer) transfers() error {
	a := g.b.Area
	err := g.s.Transfers(g.ctx, a.Code, g.b.Seen, func(x *ledger.Transfer) error {
		if !a.Options.takes(x.Item) || a.Options.from != 0 && x.Date < a.Options.from.First() {
			g.b.Out.Lines++
			g.b.Out.Paid += x.Amount
			return nil
		}
		g.paid = append(g.paid, &Transfer{Transfer: *x})
		return nil
	})
	if err != nil || len(g.paid) == 0 {
		return err
	}
	numbers := map[int64]bool{}
	for _, x := range g.paid {
		numbers[x.Payee] = true
	}
	names := map[int64]string{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(numbers)), chunk) {
		ns, err := g.s.NamesOf(g.ctx, part)
		if err != nil {
			return err
		}
		maps.Copy(names, ns)
	}
	for _, x := range g.paid {
		x.Name = names[x.Payee]
	}
	if len(g.allCounties()) > 0 {
		g.notes, err = g.s.TransferNotes(g.ctx, a.Code, g.b.Seen)
	}
	return err
}

// allCounties are the counties that rosters name.
func (g *gatherer) allCounties() []string {
	set := map[string]bool{}
	for _, c := range g.f.Counties {
		set[c] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// names opens who the people are of whom something is due or who were paid.
func (g *gatherer) names() error {
	set := map[ledger.PersonNo]bool{}
	for i := range g.f.Postings {
		set[g.f.Postings[i].Person] = true
	}
	for _, x := range g.f.Premiums {
		set[x.Person] = true
	}
	for _, x := range g.paid {
		if x.Person != 0 {
			set[x.Person] = true
		}
	}
	g.b.People = make(map[ledger.PersonNo]ledger.Person, len(set))
	for part := range slices.Chunk(slices.Sorted(maps.Keys(set)), chunk) {
		ids, err := g.s.Identities(g.ctx, part)
		if err != nil {
			return err
		}
		maps.Copy(g.b.People, ids)
	}
	g.payees.Know(g.b.People)
	return nil
}

// reconcile matches, with what was matched by hand and can act.
func (g *gatherer) reconcile() error {
	b, o := g.b, g.b.Area.Options
	dues := Dues(&g.f, g.payees, o)
	counties := g.allCounties()
	lines := make([]reconcile.Line, 0, len(g.paid))
	for _, x := range g.paid {
		l := g.payees.line(x, b.People[x.Person].Name, counties, note(g.notes[x.ID]))
		b.Transfers[l.Key] = x
		lines = append(lines, l)
	}
	on, err := g.s.Matchings(g.ctx, b.Area.Code, b.Seen)
	if err != nil {
		return err
	}
	if b.Manual, err = reconcile.Fold(Events(on)); err != nil {
		return err
	}
	known := make(map[string]bool, len(dues)+len(lines))
	for i := range dues {
		known[dues[i].Key] = true
	}
	for i := range lines {
		known[lines[i].Key] = true
	}
	var acts []reconcile.Manual
	for _, m := range b.Manual {
		var missing []string
		for _, k := range slices.Concat(m.Dues, m.Lines) {
			if !known[k] {
				missing = append(missing, k)
			}
		}
		if len(missing) > 0 {
			b.Stale = append(b.Stale, Stale{m, missing})
		} else {
			acts = append(acts, m)
		}
	}
	b.Result, err = reconcile.Reconcile(dues, lines, reconcile.Options{Tolerance: o.tolerance, Items: o.items, Manual: acts})
	return err
}

// Events are matchings as reconcile folds them.
func Events(on []ledger.Matching) []reconcile.ManualEvent {
	out := make([]reconcile.ManualEvent, 0, len(on))
	for i := range on {
		x := &on[i]
		out = append(out, reconcile.ManualEvent{Undo: x.Undo, Manual: reconcile.Manual{ID: x.ID, Dues: x.Dues, Lines: x.Lines, Reason: x.Reason, By: x.By, At: civil.MomentOf(x.At.In(shanghai))}})
	}
	return out
}
