package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// RowKey names a row of the carried sums. What was paid stands where it was due, a
// repeat where the transfer that it repeats stands, what was sent back where it was
// paid. What was not due stands where the transfer says: From and To 0 where it
// names no period, County "" where it names none.
type RowKey struct {
	County, Item string
	From, To     civil.Month
}

// Row sums a county, item and period.
type Row struct {
	RowKey
	Dues, Lines int
	Due, Paid   money.Fen
	By          [NumClasses]Sum
}

// Sum is what a class has of a row.
type Sum struct {
	Dues, Lines int
	Due, Paid   money.Fen
}

// Diff is what was paid less what is due.
func (r *Row) Diff() money.Fen { return r.Paid - r.Due }

func (r *Row) add(c Class, s Sum) {
	r.Dues, r.Lines, r.Due, r.Paid = r.Dues+s.Dues, r.Lines+s.Lines, r.Due+s.Due, r.Paid+s.Paid
	b := &r.By[c]
	b.Dues, b.Lines, b.Due, b.Paid = b.Dues+s.Dues, b.Lines+s.Lines, b.Due+s.Due, b.Paid+s.Paid
}

// carry sums all matches by county, item and period.
func (r *Result) carry() {
	r.Rows = r.RowsOf(func(int) bool { return true })
	for i := range r.Rows {
		for c, s := range r.Rows[i].By {
			r.Total.add(Class(c), s)
		}
	}
}

// RowsOf sums some of the matches, by their places in Matches, by county, item and
// period.
func (r *Result) RowsOf(pick func(n int) bool) []Row {
	rows := map[RowKey]*Row{}
	at := func(k RowKey) *Row {
		if rows[k] == nil {
			rows[k] = &Row{RowKey: k}
		}
		return rows[k]
	}
	repeated := map[int32]RowKey{} // where the lines stand that others repeat
	for n := range r.Matches {
		if m := &r.Matches[n]; m.Class == Double {
			repeated[m.Of] = RowKey{}
		}
	}
	for n := range r.Matches {
		m := &r.Matches[n]
		if len(repeated) == 0 {
			break
		}
		for _, i := range m.Lines {
			if _, asked := repeated[i]; asked {
				repeated[i] = r.rowOf(m, i)
			}
		}
	}
	for n := range r.Matches {
		m := &r.Matches[n]
		if !pick(n) {
			continue
		}
		if len(m.Dues) == 0 {
			for _, i := range m.Lines {
				k := r.rowOf(m, i)
				if m.Class == Double {
					k = repeated[m.Of]
				}
				at(k).add(m.Class, Sum{Lines: 1, Paid: r.Lines[i].Amount})
			}
			continue
		}
		lines := len(m.Lines) // are counted where the first due is
		r.spread(m, func(d *Due, paid money.Fen) {
			at(RowKey{d.County, d.Item, d.From, d.To}).add(m.Class, Sum{Dues: 1, Lines: lines, Due: d.Amount, Paid: paid})
			lines = 0
		})
	}
	out := make([]Row, 0, len(rows))
	for _, row := range rows {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(strings.Compare(a.County, b.County), strings.Compare(a.Item, b.Item), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return out
}

// rowOf is where a line of a match stands: with the first due; of lines that take
// each other back with the first that was paid.
func (r *Result) rowOf(m *Match, i int32) RowKey {
	if len(m.Dues) > 0 {
		d := &r.Dues[m.Dues[0]]
		return RowKey{d.County, d.Item, d.From, d.To}
	}
	if m.Class == Returned {
		for _, j := range m.Lines {
			if r.Lines[j].Amount > 0 {
				i = j
				break
			}
		}
	}
	l := &r.Lines[i]
	return RowKey{l.County, l.Item, l.From, l.To}
}

// spread gives each due of a match what was paid for it. Too little pays the dues
// one after another; too much stands with the last. The shares add up to what was
// paid, to the fen.
func (r *Result) spread(m *Match, give func(*Due, money.Fen)) {
	left := m.Paid
	up, down := true, true
	for _, i := range m.Dues {
		up = up && r.Dues[i].Amount >= 0
		down = down && r.Dues[i].Amount <= 0
	}
	for n, i := range m.Dues {
		d := &r.Dues[i]
		share := d.Amount
		switch {
		case n == len(m.Dues)-1:
			share = left
		case up && m.Paid >= 0:
			share = min(share, left)
		case down && m.Paid <= 0:
			share = max(share, left)
		}
		left -= share
		give(d, share)
	}
}

// totals are the sums of what went in.
type totals struct {
	dues, lines int
	due, paid   money.Fen
}

func sumOf(dues []Due, lines []Line) totals {
	t := totals{dues: len(dues), lines: len(lines)}
	for i := range dues {
		t.due += dues[i].Amount
	}
	for i := range lines {
		t.paid += lines[i].Amount
	}
	return t
}

// Prove shows that every due and every line is in exactly one match, that each
// match is of the class that its members make it, and that all sums agree to the
// fen. [Reconcile] has called it.
func (r *Result) Prove() error { return r.check(sumOf(r.Dues, r.Lines)) }

func (r *Result) check(in totals) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrIntegrity, fmt.Sprintf(format, args...))
	}
	dues, lines := make([]bool, len(r.Dues)), make([]bool, len(r.Lines))
	var by [NumClasses]Sum
	for n := range r.Matches {
		m := &r.Matches[n]
		var due, paid money.Fen
		for _, i := range m.Dues {
			if dues[i] {
				return bad("应拨 %s 在两个类别里", r.Dues[i].Key)
			}
			dues[i] = true
			due += r.Dues[i].Amount
		}
		for _, i := range m.Lines {
			if lines[i] {
				return bad("拨付 %s 在两个类别里", r.Lines[i].Key)
			}
			lines[i] = true
			paid += r.Lines[i].Amount
		}
		if due != m.Due || paid != m.Paid {
			return bad("第 %d 组的合计与成员不符", n)
		}
		if !m.sound(r.Tolerance) {
			return bad("第 %d 组（%s）的类别与金额不符", n, m.Class)
		}
		b := &by[m.Class]
		b.Dues, b.Lines, b.Due, b.Paid = b.Dues+len(m.Dues), b.Lines+len(m.Lines), b.Due+due, b.Paid+paid
	}
	if i := slices.Index(dues, false); i >= 0 {
		return bad("应拨 %s 不在任何类别里", r.Dues[i].Key)
	}
	if i := slices.Index(lines, false); i >= 0 {
		return bad("拨付 %s 不在任何类别里", r.Lines[i].Key)
	}
	if in != sumOf(r.Dues, r.Lines) {
		return bad("读入的合计与对账的合计不符")
	}
	if r.Total.By != by {
		return bad("各县区、项目、期间的合计与各类别的合计不符")
	}
	if t := (totals{r.Total.Dues, r.Total.Lines, r.Total.Due, r.Total.Paid}); t != in {
		return bad("结转 %+v，读入 %+v", t, in)
	}
	return nil
}

// sound reports whether a match is of the class that its members make it.
func (m *Match) sound(tol money.Fen) bool {
	d, l := len(m.Dues), len(m.Lines)
	switch m.Class {
	case Matched:
		return d > 0 && classOf(m.Due, m.Paid, tol) == Matched
	case Short, Over, ShortBack, OverBack:
		return classOf(m.Due, m.Paid, tol) == m.Class
	case Double:
		return d == 0 && l == 1 && m.Paid > 0 && m.Of >= 0 && m.Of != m.Lines[0]
	case Returned:
		return d == 0 && l > 1 && classOf(0, m.Paid, tol) == Matched
	case Unpaid:
		return d == 1 && l == 0 && m.Due > 0
	case Undue:
		return d == 0 && l == 1 && m.Paid > 0
	case NotBack:
		return d == 1 && l == 0 && m.Due < 0
	case UndueBack:
		return d == 0 && l == 1 && m.Paid < 0
	case Nothing:
		return d+l == 1 && m.Due == 0 && m.Paid == 0
	}
	return false
}

// find is the place of a key.
func find[T any](in []T, k string, key func(*T) string) int {
	i, _ := slices.BinarySearchFunc(in, k, func(x T, k string) int { return strings.Compare(key(&x), k) })
	return i
}

// DueMatch and LineMatch say in which match a due or a line is, by its key; nil for
// a key that is not there. Each is built once, for a report over all of them.
func (r *Result) DueMatch() map[string]*Match {
	out := make(map[string]*Match, len(r.Dues))
	for n := range r.Matches {
		for _, i := range r.Matches[n].Dues {
			out[r.Dues[i].Key] = &r.Matches[n]
		}
	}
	return out
}

// LineMatch: see DueMatch.
func (r *Result) LineMatch() map[string]*Match {
	out := make(map[string]*Match, len(r.Lines))
	for n := range r.Matches {
		for _, i := range r.Matches[n].Lines {
			out[r.Lines[i].Key] = &r.Matches[n]
		}
	}
	return out
}
