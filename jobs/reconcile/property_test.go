package reconcile

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// tangle draws a book in which everything gets in the way of everything: few
// people, payees, months and amounts.
func tangle(t *rapid.T) (dues []Due, lines []Line, o Options) {
	amounts := []money.Fen{100, 100, 100, 101, 102, 200, 300, 201, 400, -100, -100, -200, 0}
	spans := []span{{202307, 202307}, {202307, 202307}, {202308, 202308}, {202307, 202309}, {202301, 202312}, {202308, 202310}}
	pick := func(name string, n int) int { return rapid.IntRange(0, n-1).Draw(t, name) }
	for i := range rapid.IntRange(0, 14).Draw(t, "dues") {
		p := spans[pick("period", len(spans))]
		d := Due{Key: fmt.Sprintf("d%02d", i), Person: int64(pick("person", 4)), Payee: []string{"", "H1", "H2"}[pick("payee", 3)], Item: []string{ItemAssistance, ItemAssistance, ItemMajor}[pick("item", 3)],
			County: []string{"甲", "乙"}[pick("county", 2)], Settlement: []string{"", "", "S1", "S2"}[pick("setl", 4)], Batch: []string{"", "", "B1"}[pick("batch", 3)],
			From: p.from, To: p.to, Amount: amounts[pick("amount", len(amounts))]}
		if d.Person == 0 && d.Payee == "" {
			d.Payee = "H1"
		}
		dues = append(dues, d)
	}
	for i := range rapid.IntRange(0, 14).Draw(t, "lines") {
		l := Line{Key: fmt.Sprintf("l%02d", i), Person: int64(pick("person", 4)), Payee: []string{"", "H1", "H2", "bank"}[pick("payee", 4)], Item: []string{"医疗救助资金", "医疗救助", "大病保险"}[pick("item", 3)],
			County: []string{"", "", "甲"}[pick("county", 3)], Settlement: []string{"", "", "S1", "S2"}[pick("setl", 4)], Batch: []string{"", "", "B1"}[pick("batch", 3)],
			Date: civil.YMD(2023, 7+pick("month", 5), 1+pick("day", 3)), Amount: amounts[pick("amount", len(amounts))]}
		if l.Person != 0 && pick("self", 3) == 0 {
			l.Payee = Self
		}
		if n := pick("period", len(spans)+1); n < len(spans) {
			l.From, l.To = spans[n].from, spans[n].to
		}
		lines = append(lines, l)
	}
	o.Agents = []string{"bank"}
	o.Tolerance = money.Fen([]int{0, 0, 1, 100}[pick("tolerance", 4)])
	return dues, lines, o
}

func draw(t *rapid.T, dues []Due, lines []Line, o Options) *Result {
	r, err := Reconcile(dues, lines, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryClassOnce: each due and line is in one match, sums agree, the order of
// the input does not matter, and it is left as it was.
func TestEveryClassOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dues, lines, o := tangle(t)
		wasDues, wasLines := slices.Clone(dues), slices.Clone(lines)
		r := draw(t, dues, lines, o)
		if !slices.Equal(dues, wasDues) || !slices.Equal(lines, wasLines) {
			t.Fatal("the input was changed")
		}
		seen := map[string]int{}
		var due, paid money.Fen
		for i := range r.Matches {
			m := &r.Matches[i]
			for _, d := range m.Dues {
				seen[r.Dues[d].Key]++
				due += r.Dues[d].Amount
			}
			for _, l := range m.Lines {
				seen[r.Lines[l].Key]++
				paid += r.Lines[l].Amount
			}
			if r.Why(m) == "" {
				t.Fatalf("no reason: %s", r.show(m))
			}
		}
		for k, n := range seen {
			if n != 1 {
				t.Fatalf("%s is in %d matches", k, n)
			}
		}
		if in := sumOf(dues, lines); len(seen) != len(dues)+len(lines) || due != in.due || paid != in.paid || r.Total.Due != due || r.Total.Paid != paid {
			t.Fatalf("%d of %d; %s %s", len(seen), len(dues)+len(lines), due, paid)
		}
		if len(r.DueMatch()) != len(dues) || len(r.LineMatch()) != len(lines) {
			t.Fatal("by key")
		}
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		if again := draw(t, shuffled(dues, rnd), shuffled(lines, rnd), o); !reflect.DeepEqual(r, again) {
			t.Fatalf("in another order\n%q\n%q", r.all(), again.all())
		}
	})
}

// TestMembersBelong: what is matched by a rule agrees as the rule says, and no due
// is left beside a line that agrees with it.
func TestMembersBelong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dues, lines, o := tangle(t)
		r := draw(t, dues, lines, o)
		e := &engine{r: &Result{Dues: slices.Clone(r.Dues), Lines: slices.Clone(r.Lines)}, text: map[string]int32{"": 0}}
		items, err := NewItems(nil)
		if err != nil {
			t.Fatal(err)
		}
		e.read(items, o.Agents, &Errors{})
		agrees := func(d, l *rec) bool {
			same := d.person == l.person && (d.person != 0 || d.payee == l.payee && d.payee != 0)
			return same && d.item == l.item && agree(d, l) && d.amount > 0 == (l.amount > 0)
		}
		near := func(d, l *rec) bool { x := l.amount - d.amount; return x <= o.Tolerance && x >= -o.Tolerance }
		var openD, openL []int32
		for i := range r.Matches {
			m := &r.Matches[i]
			for _, d := range m.Dues {
				for _, l := range m.Lines {
					x, y := &e.d.recs[d], &e.l.recs[l]
					if x.item != y.item {
						t.Fatalf("items: %s", r.show(m))
					}
					if m.Rule == Exact && (x.amount != y.amount || m.Scope != OfSettlement && (!agrees(x, y) || fit(x, y) != m.Fit)) {
						t.Fatalf("rule 1: %s", r.show(m))
					}
					if m.Rule == Tolerance && (x.amount == y.amount || !near(x, y)) {
						t.Fatalf("rule 2: %s", r.show(m))
					}
					if m.Class == Short && m.Scope == OfPerson && (!agrees(x, y) || fit(x, y) == NoFit) {
						t.Fatalf("short: %s", r.show(m))
					}
				}
			}
			switch m.Class {
			case Unpaid, NotBack:
				openD = append(openD, m.Dues...)
			case Undue, UndueBack:
				openL = append(openL, m.Lines...)
			case Double:
				x, y := &e.l.recs[m.Lines[0]], &e.l.recs[m.Of]
				if x.person != y.person || x.payee != y.payee || x.item != y.item || x.amount != y.amount {
					t.Fatalf("repeats: %s", r.show(m))
				}
			case Returned:
				a, b := &e.l.recs[m.Lines[0]], &e.l.recs[m.Lines[1]]
				if a.amount < 0 {
					a, b = b, a
				}
				if len(m.Lines) != 2 || a.amount != -b.amount || a.date > b.date || a.person != b.person || a.item != b.item || a.payee != b.payee {
					t.Fatalf("returned: %s", r.show(m))
				}
			}
		}
		for _, d := range openD {
			for _, l := range openL {
				if x, y := &e.d.recs[d], &e.l.recs[l]; agrees(x, y) && near(x, y) && fit(x, y) != NoFit {
					t.Fatalf("%s and %s agree and are not matched\n%q", r.Dues[d].Key, r.Lines[l].Key, r.all())
				}
			}
		}
	})
}

// TestWholeGroups: rule 3 leaves no due of its group behind.
func TestWholeGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dues, lines, o := tangle(t)
		r := draw(t, dues, lines, o)
		for i := range r.Matches {
			m := &r.Matches[i]
			if m.Rule != OneForMany || m.Class != Matched || m.Fit != SamePeriod && m.Fit != LineWider {
				continue
			}
			l := &r.Lines[m.Lines[0]]
			var pays, gets bool
			for _, d := range m.Dues {
				pays, gets = pays || r.Dues[d].Amount > 0, gets || r.Dues[d].Amount < 0
			}
			for j := range r.Matches {
				n := &r.Matches[j]
				if n.Class != Unpaid && n.Class != NotBack && n.Rule != ManyForOne {
					continue
				}
				for _, k := range n.Dues {
					d := &r.Dues[k]
					in := d.From == l.From && d.To == l.To || m.Fit == LineWider && d.From >= l.From && d.To <= l.To
					in = in && d.Item == l.Item && (d.Amount > 0 && pays || d.Amount < 0 && gets)
					switch m.Scope {
					case OfPerson:
						in = in && d.Person == l.Person && d.Payee == r.Dues[m.Dues[0]].Payee
					case OfPayee:
						in = in && d.Payee == l.Payee && (l.County == "" || l.County == d.County)
					case OfCounty:
						in = in && d.County == l.County
					case OneCounty:
						in = in && d.County == r.Dues[m.Dues[0]].County
					}
					if in {
						t.Fatalf("%s is of the group %s\n%q", d.Key, r.show(m), r.all())
					}
				}
			}
		}
	})
}

// TestOnePairMore: a pair that agrees, of someone who is in nothing else, changes
// no other match.
func TestOnePairMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dues, lines, o := tangle(t)
		before := draw(t, dues, lines, o).all()
		d := Due{Key: "new", Person: 99, County: "甲", Item: ItemAssistance, From: 202307, To: 202307, Amount: money.Fen(rapid.SampledFrom([]int64{100, 200, -100}).Draw(t, "amount"))}
		l := Line{Key: "new", Person: 99, Item: "医疗救助资金", From: 202307, To: 202307, Date: 20230901, Amount: d.Amount}
		want := append(before, "相符 规则1: new = new")
		slices.Sort(want)
		if got := draw(t, append(dues, d), append(lines, l), o).all(); !slices.Equal(got, want) {
			t.Fatalf("got\n%q\nwant\n%q", got, want)
		}
	})
}

// TestHandAndBack: a match by hand stands as it was made, and undone it leaves
// nothing.
func TestHandAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dues, lines, o := tangle(t)
		if len(dues) == 0 || len(lines) == 0 {
			return
		}
		before := draw(t, dues, lines, o)
		events := []ManualEvent{{Manual: Manual{ID: 1, Reason: "核实", By: "王"}}}
		for _, d := range dues[:rapid.IntRange(1, len(dues)).Draw(t, "some dues")] {
			events[0].Dues = append(events[0].Dues, d.Key)
		}
		for _, l := range lines[:rapid.IntRange(1, len(lines)).Draw(t, "some lines")] {
			events[0].Lines = append(events[0].Lines, l.Key)
		}
		var err error
		if o.Manual, err = Fold(events); err != nil {
			t.Fatal(err)
		}
		r := draw(t, dues, lines, o)
		i := slices.IndexFunc(r.Matches, func(m Match) bool { return m.Rule == ByHand })
		if m := r.Matches[i]; len(m.Dues) != len(events[0].Dues) || len(m.Lines) != len(events[0].Lines) || m.Class != classOf(m.Due, m.Paid, o.Tolerance) {
			t.Fatalf("by hand: %s", r.show(&m))
		}
		events = append(events, ManualEvent{Undo: 1, Manual: Manual{ID: 2, Reason: "错了", By: "李"}})
		if o.Manual, err = Fold(events); err != nil {
			t.Fatal(err)
		}
		if after := draw(t, dues, lines, o); !slices.Equal(after.all(), before.all()) || !reflect.DeepEqual(after.Rows, before.Rows) {
			t.Fatalf("undone\n%q\nbefore\n%q", after.all(), before.all())
		}
	})
}

// TestCountyAnySeed: the generator's truth holds for counties of any make.
func TestCountyAnySeed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCounty(rapid.Uint64().Draw(rt, "seed"))
		c.fill(1000, 1000)
		r := draw(rt, c.dues, c.lines, countyOptions)
		c.judge(t, r)
		if t.Failed() {
			rt.FailNow()
		}
	})
}
