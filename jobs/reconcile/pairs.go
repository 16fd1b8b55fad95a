package reconcile

import (
	"cmp"
	"slices"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// mode says of what two records may name whether they must.
type mode uint8

const (
	bothEqual   mode = iota // both name the same, or both nothing
	lineSilent              // the line names nothing
	otherSilent             // the due, or the line that is taken back, names nothing
)

var modes = [...]mode{bothEqual, lineSilent, otherSilent}

// of gives the part of the key, for the line or for the other side.
func (m mode) of(v int32, line bool) (int32, bool) {
	switch m {
	case lineSilent:
		return 0, !line || v == 0
	case otherSilent:
		return 0, line || v == 0
	}
	return v, true
}

// sign reports whether an amount has the sign that is asked for; 0 asks for none.
func sign(amount money.Fen, want int) bool { return want == 0 || amount > 0 == (want > 0) }

// pairs is rule 1, and rule 2: one due and one line.
func (e *engine) pairs(rule Rule, tol money.Fen, want int) {
	// The same settlement says more than a period. A line may leave out the person.
	for _, silent := range []bool{false, true} {
		of := func(line bool) keyFunc {
			return func(r *rec) (key, bool) {
				k := key{a: r.person, b: r.item, c: r.setl}
				if silent {
					k.a = 0
				}
				return k, r.setl != 0 && sign(r.amount, want) && (!silent || !line || r.person == 0)
			}
		}
		join(&e.d, &e.l, of(false), of(true), func(ds, ls []int32) {
			for _, m := range modes[:2] {
				payee := func(line bool) keyFunc {
					return func(r *rec) (key, bool) { v, ok := m.of(r.payee, line); return key{b: v}, ok }
				}
				cells(&e.d, &e.l, ds, ls, payee(false), payee(true), func(ds, ls []int32) {
					e.pairUp(ds, ls, tol, Match{Rule: rule, Scope: OfSettlement, Fit: AnyPeriod})
				})
			}
		})
	}
	party := func(r *rec) (key, bool) {
		k := key{a: r.person, b: r.item}
		if r.person == 0 {
			k.c = r.payee
		}
		return k, !r.nobody() && sign(r.amount, want)
	}
	join(&e.d, &e.l, party, party, func(ds, ls []int32) {
		m := Match{Rule: rule, Scope: e.party(ls[0])}
		if len(ds) == 1 && len(ls) == 1 {
			e.one(ds, ls, tol, m)
			return
		}
		for f := SamePeriod; f <= NoPeriod; f++ {
			m.Fit = f
			e.byPeriod(ds, ls, f, func(ds, ls []int32) { e.byMode(ds, ls, tol, m) })
			if ds, ls = e.d.free(ds), e.l.free(ls); len(ds) == 0 || len(ls) == 0 {
				return
			}
		}
	})
}

func (e *engine) party(line int32) Scope {
	if e.l.recs[line].person != 0 {
		return OfPerson
	}
	return OfPayee
}

// agree reports whether what a line names is what the due names, the period and
// the amount aside.
func agree(d, l *rec) bool {
	return (l.setl == 0 || d.setl == 0 || l.setl == d.setl) && (l.sub() == 0 || l.sub() == d.sub())
}

// one pairs the only due and the only line of a party: the usual case, without
// sorting.
func (e *engine) one(ds, ls []int32, tol money.Fen, m Match) {
	d, l := &e.d.recs[ds[0]], &e.l.recs[ls[0]]
	diff := l.amount - d.amount
	m.Fit = fit(d, l)
	if diff <= tol && diff >= -tol && d.amount > 0 == (l.amount > 0) && agree(d, l) && m.Fit != NoFit {
		e.put(m, ds, ls)
	}
}

// byPeriod gives the dues and lines of a party whose periods agree in one way.
func (e *engine) byPeriod(ds, ls []int32, f Fit, do func(ds, ls []int32)) {
	among := func(s *side, is []int32, ok func(*rec) bool) (out []int32) {
		for _, i := range is {
			if !s.in[i] && ok(&s.recs[i]) {
				out = append(out, i)
			}
		}
		return out
	}
	give := func(d, l func(*rec) bool) {
		if ls := among(&e.l, ls, l); len(ls) > 0 {
			if ds := among(&e.d, ds, d); len(ds) > 0 {
				do(ds, ls)
			}
		}
	}
	same := func(p span) func(*rec) bool { return func(r *rec) bool { return r.span() == p } }
	inside := func(p span) func(*rec) bool {
		return func(r *rec) bool { return r.from >= p.from && r.to <= p.to && r.span() != p && r.from != 0 }
	}
	switch f {
	case SamePeriod:
		of := func(r *rec) (key, bool) { return key{b: int32(r.from), c: int32(r.to)}, true }
		cells(&e.d, &e.l, ds, ls, of, of, do)
	case LineWider:
		for _, p := range e.l.spans(ls) {
			give(inside(p), same(p))
		}
	case DueWider:
		for _, p := range e.d.spans(ds) {
			give(same(p), inside(p))
		}
	case NoPeriod:
		for _, m := range e.months(ls) {
			give(func(r *rec) bool { return begun(r, m) }, func(r *rec) bool { return r.from == 0 && r.date.Month() == m })
		}
	}
}

// months are the different months of the lines without a period.
func (e *engine) months(ls []int32) []civil.Month {
	var out []civil.Month
	for _, i := range ls {
		if l := &e.l.recs[i]; l.from == 0 {
			out = append(out, l.date.Month())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// byMode pairs dues and lines that name the same settlement and account, then
// those of which one names none.
func (e *engine) byMode(ds, ls []int32, tol money.Fen, m Match) {
	for _, setl := range modes {
		for _, sub := range modes[:2] {
			of := func(line bool) keyFunc {
				return func(r *rec) (key, bool) {
					s, ok := setl.of(r.setl, line)
					p, ok2 := sub.of(r.sub(), line)
					return key{b: s, c: p}, ok && ok2
				}
			}
			cells(&e.d, &e.l, ds, ls, of(false), of(true), func(ds, ls []int32) { e.pairUp(ds, ls, tol, m) })
		}
	}
}

// byAmount orders dues by amount and period, lines by amount and date; then by
// key.
func (s *side) byAmount(is []int32) {
	slices.SortFunc(is, func(a, b int32) int {
		x, y := &s.recs[a], &s.recs[b]
		return cmp.Or(cmp.Compare(x.amount, y.amount), cmp.Compare(x.date, y.date), cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(a, b))
	})
}

// byDate orders lines by date, then by key.
func (s *side) byDate(is []int32) {
	slices.SortFunc(is, func(a, b int32) int { return cmp.Or(cmp.Compare(s.recs[a].date, s.recs[b].date), cmp.Compare(a, b)) })
}

// pairUp pairs as many as agree within the tolerance: both sides ascend, and what
// is too small for the other's next is too small for all after it.
func (e *engine) pairUp(ds, ls []int32, tol money.Fen, m Match) {
	ds, ls = e.d.free(ds), e.l.free(ls)
	e.d.byAmount(ds)
	e.l.byAmount(ls)
	for len(ds) > 0 && len(ls) > 0 {
		d, l := e.d.recs[ds[0]].amount, e.l.recs[ls[0]].amount
		switch diff := l - d; {
		case diff <= tol && diff >= -tol && d > 0 == (l > 0):
			e.put(m, ds[:1], ls[:1])
			ds, ls = ds[1:], ls[1:]
		case diff < 0:
			ls = ls[1:]
		default:
			ds = ds[1:]
		}
	}
}

// returns nets what the bank sent back with the latest line before it that it may
// take back.
func (e *engine) returns() {
	of := func(r *rec) (key, bool) {
		k := key{a: r.person, b: r.item, c: r.payee}
		if r.nobody() { // a return names its batch, or it can not be told whose it is
			k.d, k.e = r.batch, r.county
		}
		return k, !r.nobody() || r.batch != 0
	}
	paid := func(r *rec) (key, bool) { k, ok := of(r); return k, ok && r.amount > 0 }
	back := func(r *rec) (key, bool) { k, ok := of(r); return k, ok && r.amount < 0 }
	join(&e.l, &e.l, paid, back, func(ps, bs []int32) {
		for _, period := range modes {
			for _, setl := range modes {
				cell := func(back bool) keyFunc {
					return func(r *rec) (key, bool) {
						from, ok := period.of(int32(r.from), back)
						to, _ := period.of(int32(r.to), back)
						s, ok2 := setl.of(r.setl, back)
						return key{a: int64(max(r.amount, -r.amount)), b: from, c: to, d: s}, ok && ok2
					}
				}
				cells(&e.l, &e.l, ps, bs, cell(false), cell(true), e.takeBack)
			}
		}
	})
}

// takeBack pairs returns with the latest payment of their day or before.
func (e *engine) takeBack(ps, bs []int32) {
	e.l.byDate(ps)
	e.l.byDate(bs)
	var open []int32
	for _, b := range bs {
		for len(ps) > 0 && e.l.recs[ps[0]].date <= e.l.recs[b].date {
			open = append(open, ps[0])
			ps = ps[1:]
		}
		if n := len(open); n > 0 {
			e.put(Match{Rule: BankReturn, Class: Returned}, nil, []int32{open[n-1], b})
			open = open[:n-1]
		}
	}
}
