package finance

import (
	"cmp"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Span tells how a match stands to a month.
type Span uint8

// The spans.
const (
	ThisMonth Span = iota // a due or a transfer is of the month
	Carried               // of before, and open
	Earlier               // of before, and settled
	Later                 // of after
	numSpans
)

var spanNames = [...]string{"本月", "以前结转", "以前已结", "以后"}

// Chinese is the name that people read.
func (s Span) Chinese() string { return spanNames[s] }

// View is the book of a month: what is of the month and what is open from before.
type View struct {
	*Book
	Month civil.Month
	Spans []Span // of each of Result.Matches
	// Sums are those of each span; they add up to all that takes part.
	Sums  [numSpans]Sums
	Items []ItemSum // of the month and what is carried, by item and class
	Rows  []reconcile.Row
}

// Sums are the two sums that are carried.
type Sums struct {
	Dues, Lines int
	Due, Paid   money.Fen
}

// Diff is what was paid less what is due.
func (s Sums) Diff() money.Fen { return s.Paid - s.Due }

func (s *Sums) add(o Sums) {
	s.Dues, s.Lines, s.Due, s.Paid = s.Dues+o.Dues, s.Lines+o.Lines, s.Due+o.Due, s.Paid+o.Paid
}

// ItemSum sums a class of an item.
type ItemSum struct {
	Item  string
	Class reconcile.Class
	Sums
}

// Shown is the month's part: what is listed.
func (v *View) Shown() Sums {
	s := v.Sums[ThisMonth]
	s.add(v.Sums[Carried])
	return s
}

// Classes sums what is listed by class.
func (v *View) Classes() (out [reconcile.NumClasses]Sums) {
	for i := range v.Items {
		out[v.Items[i].Class].add(v.Items[i].Sums)
	}
	return out
}

// Empty reports whether there is nothing to list.
func (v *View) Empty() bool { s := v.Shown(); return s.Dues+s.Lines == 0 }

// Paid reports whether any transfer is on record.
func (b *Book) Paid() bool { return len(b.Transfers) > 0 }

// settled reports whether nothing is left to do: what is matched, took itself
// back, or was explained by a user.
func settled(m *reconcile.Match) bool {
	return m.Class == reconcile.Matched || m.Class == reconcile.Returned || m.Class == reconcile.Nothing || m.Rule == reconcile.ByHand
}

// span tells how a match stands to a month. What is settled belongs to the first
// month of its dues and the months of its transfers; what is open touches every
// month of its period, too.
func (b *Book) span(m *reconcile.Match, month civil.Month) Span {
	r := b.Result
	first := civil.Month(0)
	touches := false
	see := func(from, to civil.Month) {
		touches = touches || from <= month && month <= to
		if first == 0 || from < first {
			first = from
		}
	}
	done := settled(m)
	for _, i := range m.Dues {
		d := &r.Dues[i]
		if done {
			see(d.From, d.From)
		} else {
			see(d.From, d.To)
		}
	}
	for _, i := range m.Lines {
		l := &r.Lines[i]
		see(l.Date.Month(), l.Date.Month())
		if !done && l.From != 0 {
			see(l.From, l.To)
		}
	}
	switch {
	case touches:
		return ThisMonth
	case first > month:
		return Later
	case done:
		return Earlier
	}
	return Carried
}

// View shows a month.
func (b *Book) View(month civil.Month) *View {
	r := b.Result
	v := &View{Book: b, Month: month, Spans: make([]Span, len(r.Matches))}
	type key struct {
		item  string
		class reconcile.Class
	}
	sums := map[key]*Sums{}
	for n := range r.Matches {
		m := &r.Matches[n]
		s := b.span(m, month)
		v.Spans[n] = s
		v.Sums[s].add(Sums{len(m.Dues), len(m.Lines), m.Due, m.Paid})
		if s > Carried {
			continue
		}
		put := func(item string, x Sums) {
			k := key{item, m.Class}
			if sums[k] == nil {
				sums[k] = &Sums{}
			}
			sums[k].add(x)
		}
		for _, i := range m.Dues {
			put(r.Dues[i].Item, Sums{Dues: 1, Due: r.Dues[i].Amount})
		}
		for _, i := range m.Lines {
			put(r.Lines[i].Item, Sums{Lines: 1, Paid: r.Lines[i].Amount})
		}
	}
	for k, s := range sums {
		v.Items = append(v.Items, ItemSum{k.item, k.class, *s})
	}
	slices.SortFunc(v.Items, func(a, b ItemSum) int { return cmp.Or(strings.Compare(a.Item, b.Item), cmp.Compare(a.Class, b.Class)) })
	v.Rows = r.RowsOf(func(n int) bool { return v.Spans[n] <= Carried })
	return v
}

// Entry is a due or a transfer with what became of it.
type Entry struct {
	Match      *reconcile.Match
	Group      int // number of the match, from 1; of one book
	Span       Span
	Due        *reconcile.Due  // or
	Line       *reconcile.Line // one of them is nil
	Key        string
	Item       string
	County     string
	From, To   civil.Month
	Person     ledger.PersonNo
	Settlement string
	Amount     money.Fen
	Why        string
}

// Date is the day of a transfer; 0 for a due.
func (e *Entry) Date() civil.Date {
	if e.Line == nil {
		return 0
	}
	return e.Line.Date
}

// Batch is the batch of a transfer as written.
func (e *Entry) Batch() string {
	if e.Line == nil {
		return ""
	}
	return e.Line.Batch
}

// Open reports whether something is left to do.
func (e *Entry) Open() bool { return !settled(e.Match) }

// Rule names the rule that matched: 规则3, 人工; "" where none did.
func (e *Entry) Rule() string {
	if e.Match.Rule == reconcile.NoRule {
		return ""
	}
	return e.Match.Rule.Chinese()
}

// Near is the key of what came nearest to one that is not matched; "" for nothing.
func (e *Entry) Near() string {
	if e.Match.Near == nil {
		return ""
	}
	return e.Match.Near.Key
}

// Entries lists the dues and transfers of the month and what is open from before,
// those that belong together one after the other: what is open first, by class,
// item, county and period.
func (v *View) Entries() []Entry {
	r := v.Result
	var ns []int
	for n := range r.Matches {
		if v.Spans[n] <= Carried {
			ns = append(ns, n)
		}
	}
	head := func(n int) (item, county string, from civil.Month) {
		m := &r.Matches[n]
		if len(m.Dues) > 0 {
			d := &r.Dues[m.Dues[0]]
			return d.Item, d.County, d.From
		}
		l := &r.Lines[m.Lines[0]]
		return l.Item, l.County, cmp.Or(l.From, l.Date.Month())
	}
	slices.SortStableFunc(ns, func(a, b int) int {
		ai, ac, af := head(a)
		bi, bc, bf := head(b)
		rank := func(n int) reconcile.Class {
			if m := &r.Matches[n]; !settled(m) {
				return m.Class
			}
			return reconcile.NumClasses + r.Matches[n].Class
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(ai, bi), strings.Compare(ac, bc), cmp.Compare(af, bf), cmp.Compare(a, b))
	})
	var out []Entry
	for _, n := range ns {
		m := &r.Matches[n]
		why := r.Why(m)
		e := Entry{Match: m, Group: n + 1, Span: v.Spans[n], Why: why}
		for _, i := range m.Dues {
			d := &r.Dues[i]
			x := e
			x.Due, x.Key, x.Item, x.County, x.From, x.To = d, d.Key, d.Item, d.County, d.From, d.To
			x.Person, x.Settlement, x.Amount = ledger.PersonNo(d.Person), d.Settlement, d.Amount
			out = append(out, x)
		}
		for _, i := range m.Lines {
			l := &r.Lines[i]
			x := e
			x.Line, x.Key, x.Item, x.County, x.From, x.To = l, l.Key, l.Item, l.County, l.From, l.To
			x.Person, x.Settlement, x.Amount = ledger.PersonNo(l.Person), l.Settlement, l.Amount
			out = append(out, x)
		}
	}
	return out
}

// Payee is who is paid, as it may be shown: an organisation by its name, a person
// by what name makes of theirs.
func (b *Book) Payee(e *Entry, name func(string) string) string {
	if e.Due != nil {
		if e.Due.Payee == reconcile.Self {
			return name(b.People[e.Person].Name)
		}
		return e.Due.Payee
	}
	x := b.Transfers[e.Key]
	switch {
	case x.Back && e.Line.Payee != reconcile.Self:
		return cmp.Or(e.Line.Payee, x.Payer)
	case x.Back:
		return name(b.People[e.Person].Name)
	case x.Kind == PersonName:
		return name(x.Name)
	}
	return x.Name
}
