package reconcile

import (
	"cmp"
	"slices"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// doubles finds 重复拨付: lines that equal, in person or payee, item, period and
// amount, one that is matched. Of two that name different settlements neither
// repeats the other.
func (e *engine) doubles() {
	type like struct {
		key
		amount   money.Fen
		from, to civil.Month
		setl     int32
	}
	const some = -1
	of := func(l *rec) like {
		x := like{key: key{a: l.person, b: l.item, c: l.payee}, amount: l.amount, from: l.from, to: l.to, setl: l.setl}
		if l.person == 0 {
			x.d = l.county
		}
		return x
	}
	asked := map[like]bool{} // without period and settlement
	for i := range e.l.recs {
		if l := &e.l.recs[i]; !e.l.in[i] && l.amount > 0 {
			x := of(l)
			x.from, x.to, x.setl = 0, 0, 0
			asked[x] = true
		}
	}
	if len(asked) == 0 {
		return
	}
	first := map[like]int32{} // by all ways in which a line may be looked for
	for n := range e.r.Matches {
		m := &e.r.Matches[n]
		if m.Class != Matched {
			continue
		}
		for _, i := range m.Lines {
			x := of(&e.l.recs[i])
			bare := x
			bare.from, bare.to, bare.setl = 0, 0, 0
			if !asked[bare] {
				continue
			}
			for _, period := range []civil.Month{x.from, some} {
				for _, setl := range []int32{x.setl, some} {
					y := x
					if y.setl = setl; period == some {
						y.from, y.to = some, some
					}
					if was, ok := first[y]; !ok || e.earlier(i, was) {
						first[y] = i
					}
				}
			}
		}
	}
	for i := range e.l.recs {
		l := &e.l.recs[i]
		if e.l.in[i] || l.amount <= 0 {
			continue
		}
		x := of(l)
		try := []like{x, x}
		if try[1].setl = 0; l.setl == 0 {
			try[1].setl = some
		}
		for _, y := range slices.Clone(try) { // and periods of which one is not said
			if y.from, y.to = 0, 0; l.from == 0 {
				y.from, y.to = some, some
			}
			try = append(try, y)
		}
		for _, y := range try {
			if f, ok := first[y]; ok {
				e.put(Match{Class: Double, Of: f}, nil, []int32{int32(i)})
				break
			}
		}
	}
}

func (e *engine) earlier(a, b int32) bool {
	return cmp.Or(cmp.Compare(e.l.recs[a].date, e.l.recs[b].date), cmp.Compare(a, b)) < 0
}

// differing finds 少拨 and 多拨: what was paid for a due, in another amount.
func (e *engine) differing() {
	pair := func(m Match, due, line keyFunc, do func(m Match, ds, ls []int32) bool) {
		join(&e.d, &e.l, due, line, func(ds, ls []int32) {
			for _, way := range []int{1, -1} {
				of := func(s *side, is []int32) (out []int32) {
					for _, i := range is {
						if !s.in[i] && sign(s.recs[i].amount, way) {
							out = append(out, i)
						}
					}
					return out
				}
				e.perPeriod(of(&e.d, ds), of(&e.l, ls), func(f Fit, ds, ls []int32) bool {
					m.Fit = f
					return do(m, ds, ls)
				})
			}
		})
	}
	set := func(r *rec) (key, bool) {
		return key{a: r.person, b: r.item, c: r.setl, d: r.payee}, r.setl != 0
	}
	join(&e.d, &e.l, set, set, func(ds, ls []int32) {
		if d := e.d.recs[ds[0]].amount; len(ds) == 1 {
			if ls = e.sameWay(ls, d); len(ls) > 0 {
				e.paidFor(Match{Scope: OfSettlement, Fit: AnyPeriod}, ds[0], ls)
			}
		}
	})
	each := func(m Match, ds, ls []int32) bool {
		if len(ds) == 1 {
			e.paidFor(m, ds[0], ls)
		} else {
			e.nearest(m, ds, ls)
		}
		return true
	}
	for _, silent := range []bool{false, true} {
		due, line := named(personal(silent))
		pair(Match{Scope: OfPerson}, due, line, each)
	}
	m := Match{Scope: OfPayee}
	for _, county := range []bool{true, false} {
		due, line := payee(nobody, nobody, county)
		pair(m, due, line, each)
		due, line = payee(nobody, anyone, county)
		pair(m, due, line, func(m Match, ds, ls []int32) bool {
			if len(ds) != 1 {
				return false
			}
			e.paidFor(m, ds[0], ls)
			return true
		})
		due, line = payee(anyone, nobody, county)
		pair(m, due, line, func(m Match, ds, ls []int32) bool {
			m.Group = true
			e.put(m, ds, ls)
			return true
		})
	}
}

// alike are lines of a party and period of which the second repeats the first.
type alike struct {
	amount money.Fen
	person int64
	payee  int32
	setl   int32
}

func (l *rec) alike() alike { return alike{l.amount, l.person, l.payee, l.setl} }

// paidFor takes the lines for one due, by their dates. Once it is paid, a line that
// equals one of them repeats it.
func (e *engine) paidFor(m Match, d int32, ls []int32) {
	ls = slices.Clone(ls)
	e.l.byDate(ls)
	due, sum := e.d.recs[d].amount, money.Fen(0)
	like := map[alike]int32{}
	var taken, again []int32
	for _, i := range ls {
		l := e.l.recs[i].alike()
		_, equal := like[l]
		if full := due > 0 && sum >= due || due < 0 && sum <= due; full && equal && l.amount > 0 {
			again = append(again, i)
			continue
		}
		if !equal {
			like[l] = i
		}
		taken = append(taken, i)
		sum += l.amount
	}
	e.put(m, []int32{d}, taken)
	for _, i := range again {
		e.put(Match{Class: Double, Of: like[e.l.recs[i].alike()]}, nil, []int32{i})
	}
}

// nearest gives each line, the largest first, the due that is nearest in amount.
// Free neighbours are found by links over those that are taken.
func (e *engine) nearest(m Match, ds, ls []int32) {
	ds, ls = slices.Clone(ds), slices.Clone(ls)
	e.d.byAmount(ds)
	e.l.byDate(ls)
	size := func(i int32) money.Fen { a := e.l.recs[i].amount; return max(a, -a) }
	slices.SortStableFunc(ls, func(a, b int32) int { return cmp.Compare(size(b), size(a)) })
	// up[i] is the first free place at or above i, down[i] at or below i-1.
	up, down := make([]int, len(ds)+1), make([]int, len(ds)+1)
	for i := range up {
		up[i], down[i] = i, i
	}
	find := func(to []int, i int) int {
		for to[i] != i {
			to[i] = to[to[i]]
			i = to[i]
		}
		return i
	}
	like := map[alike]int32{}
	left := len(ds)
	for _, l := range ls {
		x := e.l.recs[l].alike()
		a := x.amount
		if left == 0 {
			if of, equal := like[x]; equal && a > 0 {
				e.put(Match{Class: Double, Of: of}, nil, []int32{l})
			}
			continue
		}
		at, _ := slices.BinarySearchFunc(ds, a, func(d int32, a money.Fen) int { return cmp.Compare(e.d.recs[d].amount, a) })
		hi, lo := find(up, at), find(down, at)-1
		pick := hi
		if hi == len(ds) || lo >= 0 && a-e.d.recs[ds[lo]].amount < e.d.recs[ds[hi]].amount-a {
			pick = lo
		}
		up[pick], down[pick+1] = pick+1, pick
		left--
		if _, equal := like[x]; !equal {
			like[x] = l
		}
		e.put(m, []int32{ds[pick]}, []int32{l})
	}
}

// rest puts what is left, each with what came nearest.
func (e *engine) rest() {
	n := e.nearer()
	for i := range e.d.recs {
		if e.d.in[i] {
			continue
		}
		m := Match{Class: Unpaid}
		if e.d.recs[i].amount < 0 {
			m.Class = NotBack
		}
		m.Near = n.ofDue(int32(i))
		e.put(m, []int32{int32(i)}, nil)
	}
	for i := range e.l.recs {
		if e.l.in[i] {
			continue
		}
		m := Match{Class: Undue}
		if e.l.recs[i].amount < 0 {
			m.Class = UndueBack
		}
		m.Near = n.ofLine(int32(i))
		e.put(m, nil, []int32{int32(i)})
	}
}
