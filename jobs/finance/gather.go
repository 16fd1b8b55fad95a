package finance

import (
	"context"
	"maps"
	"slices"
	"strings"
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
	Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error)
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
}

// Area is one county with its policy.
type Area struct {
	Code    string
	Name    string
	Policy  *rules.Policy
	Options *Options // nil: the default
	// Insurers run an insurance, by item: what is paid to them they pass on.
	Insurers map[string]string
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

	left   map[int64]reconcile.Line // transfers that take no part, read like the others
	posted map[string]*ledger.Posting
	merged map[ledger.PersonNo]ledger.Merge // corrections of IDs that stand
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
	Missing []string  // keys that are not there; none:
	Off     money.Fen // of one side alone, and this is what it comes to, not 0
}

// Why says why it can not act.
func (s *Stale) Why() string {
	if len(s.Missing) > 0 {
		return strings.Join(s.Missing, "、") + " 已不在账上或不在对账范围"
	}
	return "只有应拨或只有拨付，合计现为 " + s.Off.String() + " 元，不为 0"
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
	g := &gatherer{ctx: ctx, s: s, b: &Book{Area: a, Seen: seen, Transfers: map[string]*Transfer{}, left: map[int64]reconcile.Line{}}}
	for _, read := range []func() error{g.facts, g.transfers, g.names} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return g.b, g.reconcile()
}

type gatherer struct {
	ctx    context.Context
	s      Source
	b      *Book
	f      Facts
	paid   []*Transfer // also those that take no part
	payees *Payees
	notes  map[int64]string
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
	g.payees = NewPayees(names, o, a.Insurers)
	// Whose name is known must not depend on what takes part: transfers are read alike.
	premiums, err := ReadPremiums(g.ctx, g.s, &a, seen)
	if err != nil {
		return err
	}
	g.f.Premiums, g.f.Counties = premiums.Due, premiums.Counties
	if o.takes(reconcile.ItemAssistance) || o.takes(reconcile.ItemMajor) {
		from := civil.Date(0)
		if o.from != 0 {
			from = o.from.First()
		}
		return g.s.PaidAtOnce(g.ctx, a.Code, from, seen, func(x ledger.PaidAtOnce) error {
			g.f.Advanced.Add(g.f.Counties[x.Person], x)
			return nil
		})
	}
	return nil
}

// transfers reads what was paid.
func (g *gatherer) transfers() error {
	a := g.b.Area
	err := g.s.Transfers(g.ctx, a.Code, g.b.Seen, func(x *ledger.Transfer) error {
		out := !a.Options.takes(x.Item) || a.Options.from != 0 && x.Date < a.Options.from.First()
		g.paid = append(g.paid, &Transfer{Transfer: *x, Out: out})
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
		if x.Out {
			b.Out.Lines++
			b.Out.Paid += l.Amount
			l.Item, _ = o.items.Fold(l.Item)
			b.left[x.ID] = l
			continue
		}
		b.Transfers[l.Key] = x
		lines = append(lines, l)
	}
	listed(dues, lines, o.items)
	b.posted = make(map[string]*ledger.Posting, len(g.f.Postings))
	for i := range g.f.Postings {
		b.posted[reconcile.PostingKey(g.f.Postings[i].ID)] = &g.f.Postings[i]
	}
	on, err := g.s.Matchings(g.ctx, b.Area.Code, b.Seen)
	if err != nil {
		return err
	}
	ms, err := g.s.Merges(g.ctx, b.Seen)
	if err != nil {
		return err
	}
	b.merged = ledger.Merged(ms)
	if b.Manual, err = b.inForce(on); err != nil {
		return err
	}
	known := make(map[string]money.Fen, len(dues)+len(lines))
	for i := range dues {
		known[dues[i].Key] = dues[i].Amount
	}
	for i := range lines {
		known[lines[i].Key] = lines[i].Amount
	}
	var acts []reconcile.Manual
	for _, m := range b.Manual {
		var missing []string
		var sum money.Fen
		for _, k := range slices.Concat(m.Dues, m.Lines) {
			v, there := known[k]
			if !there {
				missing = append(missing, k)
			}
			sum += v
		}
		switch {
		case len(missing) > 0:
			b.Stale = append(b.Stale, Stale{Manual: m, Missing: missing})
		case m.OneSided() && sum != 0: // what a hospital advanced has moved since
			b.Stale = append(b.Stale, Stale{Manual: m, Off: sum})
		default:
			acts = append(acts, m)
			// What two matched under two IDs of one person acts once.
			for _, k := range slices.Concat(m.Dues, m.Lines) {
				delete(known, k)
			}
		}
	}
	b.Result, err = reconcile.Reconcile(dues, lines, reconcile.Options{Tolerance: o.tolerance, Items: o.items, Manual: acts})
	return err
}

// inForce are the matches by hand in force. What was due under an ID that was
// corrected since has another key now.
func (b *Book) inForce(on []ledger.Matching) ([]reconcile.Manual, error) {
	out, err := reconcile.Fold(Events(on))
	for i := range out {
		if len(b.merged) == 0 {
			break
		}
		var dues []string
		for _, k := range out[i].Dues {
			if year, p, ok := reconcile.PremiumOf(k); ok {
				k = reconcile.PremiumKey(year, int64(ledger.Now(b.merged, ledger.PersonNo(p))))
			}
			if !slices.Contains(dues, k) {
				dues = append(dues, k)
			}
		}
		out[i].Dues = dues
	}
	return out, err
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
