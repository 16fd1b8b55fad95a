package reconcile

import (
	"cmp"
	"slices"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// unit is one transfer for many: a line, or the lines of a batch.
type unit struct {
	lines    []int32
	amount   money.Fen
	from, to civil.Month
	month    civil.Month // of the date, where there is no period
}

func (e *engine) unitOf(i int32) unit {
	l := &e.l.recs[i]
	return unit{[]int32{i}, l.amount, l.from, l.to, l.date.Month()}
}

// oneForMany is rule 3, from the narrowest scope to the widest.
func (e *engine) oneForMany() {
	ones := func(m Match, due, line keyFunc) {
		join(&e.d, &e.l, due, line, func(ds, ls []int32) {
			e.l.byDate(ls)
			us := make([]unit, len(ls))
			for i, l := range ls {
				us[i] = e.unitOf(l)
			}
			e.cover(m, ds, us)
		})
	}
	for _, silent := range []bool{false, true} {
		due, line := personal(silent)
		ones(Match{Rule: OneForMany, Scope: OfPerson}, due, line)
	}
	for _, silent := range []bool{false, true} {
		batch := func(line bool) keyFunc {
			return func(r *rec) (key, bool) {
				k := key{b: r.item, c: r.batch}
				if !silent {
					k.d = r.payee
				}
				return k, r.batch != 0 && (!line || r.person == 0 && r.setl == 0 && (r.payee == 0) == silent)
			}
		}
		ones(Match{Rule: OneForMany, Scope: OfBatch, Fit: AnyPeriod}, batch(false), batch(true))
	}
	for _, county := range []bool{true, false} {
		due, line := payee(anyone, nobody, county)
		ones(Match{Rule: OneForMany, Scope: OfPayee}, due, line)
	}
	for _, county := range []bool{true, false} {
		due, line := place(county)
		m := Match{Rule: OneForMany, Scope: OfArea}
		if county {
			m.Scope = OfCounty
		}
		ones(m, due, line)
		if !county {
			e.oneCounty()
		}
		join(&e.d, &e.l, due, line, func(ds, ls []int32) { e.cover(m, ds, e.batches(ls)) })
	}
}

// who says whose records take part.
type who uint8

const (
	anyone who = iota
	nobody     // without a person
)

func (w who) has(r *rec) bool { return w == anyone || r.person == 0 }

// personal joins by person, account and item; silent are the lines that do not
// say the account. A line that names a settlement is for no group.
func personal(silent bool) (due, line keyFunc) {
	due = func(r *rec) (key, bool) {
		k := key{a: r.person, b: r.item}
		if !silent {
			k.c = r.payee
		}
		return k, r.person != 0
	}
	line = func(r *rec) (key, bool) {
		k, ok := due(r)
		return k, ok && r.setl == 0 && (r.payee == 0) == silent
	}
	return due, line
}

// payee joins by payee and item: of the lines that name a county by it too, or of
// those that name none.
func payee(dues, lines who, county bool) (due, line keyFunc) {
	of := func(r *rec) key {
		k := key{b: r.item, c: r.payee}
		if county {
			k.d = r.county
		}
		return k
	}
	due = func(r *rec) (key, bool) { return of(r), r.payee != 0 && dues.has(r) }
	line = func(r *rec) (key, bool) {
		return of(r), r.payee != 0 && r.setl == 0 && lines.has(r) && (r.county != 0) == county
	}
	return due, line
}

// place joins the lines for many by item, and by the county where they name one.
func place(county bool) (due, line keyFunc) {
	of := func(r *rec) key {
		k := key{b: r.item}
		if county {
			k.c = r.county
		}
		return k
	}
	due = func(r *rec) (key, bool) { return of(r), true }
	line = func(r *rec) (key, bool) {
		return of(r), r.nobody() && r.setl == 0 && (r.county != 0) == county
	}
	return due, line
}

// bucket are the open dues of one period.
type bucket struct {
	span
	dues     []int32
	pay, get money.Fen // 补发, 追回
	np, ng   int
}

// buckets sorts dues by their periods, the oldest first.
func (e *engine) buckets(ds []int32) []bucket {
	slices.SortFunc(ds, func(a, b int32) int {
		x, y := &e.d.recs[a], &e.d.recs[b]
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(a, b))
	})
	var bs []bucket
	for i, d := range ds {
		r := &e.d.recs[d]
		if i == 0 || bs[len(bs)-1].span != r.span() {
			bs = append(bs, bucket{span: r.span()})
		}
		b := &bs[len(bs)-1]
		if b.dues = append(b.dues, d); r.amount > 0 {
			b.pay += r.amount
			b.np++
		} else {
			b.get += r.amount
			b.ng++
		}
	}
	return bs
}

// cover looks for whole groups of dues that a transfer pays.
func (e *engine) cover(m Match, ds []int32, us []unit) {
	if len(us) == 0 {
		return
	}
	bs := e.buckets(ds)
	for _, u := range us {
		try := func(f Fit, ok func(*bucket) bool) bool { return e.coverBy(m, f, bs, u, ok) }
		switch {
		case m.Fit == AnyPeriod:
			try(AnyPeriod, func(*bucket) bool { return true })
		case u.from != 0:
			_ = try(SamePeriod, func(b *bucket) bool { return b.from == u.from && b.to == u.to }) ||
				try(LineWider, func(b *bucket) bool { return b.from >= u.from && b.to <= u.to })
		default:
			begun := func(b *bucket) bool { return begun(&rec{from: b.from, to: b.to}, u.month) }
			found := false
			for i := range bs {
				one := bs[i : i+1]
				if found = begun(&bs[i]) && e.coverBy(m, NoPeriod, one, u, begun); found {
					break
				}
			}
			_ = found || try(NoPeriod, begun)
		}
	}
}

// coverBy takes the dues of the buckets if they are what the transfer pays: the
// 补发, else the 追回, else both.
func (e *engine) coverBy(m Match, f Fit, bs []bucket, u unit, ok func(*bucket) bool) bool {
	var pay, get money.Fen
	np, ng := 0, 0
	for i := range bs {
		if b := &bs[i]; ok(b) {
			pay, get, np, ng = pay+b.pay, get+b.get, np+b.np, ng+b.ng
		}
	}
	near := func(sum money.Fen) bool { d := u.amount - sum; return d <= e.tol && d >= -e.tol }
	wantPay, wantGet := false, false
	switch {
	case np > 0 && near(pay):
		wantPay = true
	case ng > 0 && near(get):
		wantGet = true
	case np > 0 && ng > 0 && near(pay+get):
		wantPay, wantGet, m.Net = true, true, true
	default:
		return false
	}
	var ds []int32
	for i := range bs {
		b := &bs[i]
		if !ok(b) {
			continue
		}
		keep := b.dues[:0]
		for _, d := range b.dues {
			if pays := e.d.recs[d].amount > 0; pays && wantPay || !pays && wantGet {
				ds = append(ds, d)
			} else {
				keep = append(keep, d)
			}
		}
		b.dues = keep
		if wantPay {
			b.pay, b.np = 0, 0
		}
		if wantGet {
			b.get, b.ng = 0, 0
		}
	}
	m.Fit = f
	e.put(m, ds, u.lines)
	return true
}

// oneCounty is for lines that name neither payee nor county: the county, of
// several, of which alone the dues of the line's period have the line's sum.
func (e *engine) oneCounty() {
	due, line := place(false)
	join(&e.d, &e.l, due, line, func(ds, ls []int32) {
		type group struct {
			county int32
			span
		}
		open := map[group][]int32{}
		for _, i := range ds {
			if d := &e.d.recs[i]; d.amount > 0 {
				g := group{d.county, d.span()}
				open[g] = append(open[g], i)
			}
		}
		type sum struct {
			span
			amount money.Fen
		}
		having := map[sum][]group{}
		for g, is := range open {
			s := sum{g.span, e.d.sum(is)}
			having[s] = append(having[s], g)
		}
		e.l.byDate(ls)
		for _, i := range ls {
			l := &e.l.recs[i]
			s := sum{l.span(), l.amount}
			if gs := having[s]; len(gs) == 1 {
				e.put(Match{Rule: OneForMany, Scope: OneCounty, Fit: SamePeriod}, open[gs[0]], []int32{i})
				delete(having, s)
			}
		}
	})
}

// batches joins the lines of a batch that have one period to one transfer.
func (e *engine) batches(ls []int32) []unit {
	slices.SortFunc(ls, func(a, b int32) int {
		x, y := &e.l.recs[a], &e.l.recs[b]
		return cmp.Or(cmp.Compare(x.batch, y.batch), cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(x.date, y.date), cmp.Compare(a, b))
	})
	var us []unit
	for len(ls) > 0 {
		x, n := &e.l.recs[ls[0]], 0
		for n < len(ls) && e.l.recs[ls[n]].batch == x.batch && e.l.recs[ls[n]].span() == x.span() {
			n++
		}
		if x.batch != 0 && n > 1 {
			last := &e.l.recs[ls[n-1]]
			us = append(us, unit{ls[:n:n], e.l.sum(ls[:n]), x.from, x.to, last.date.Month()})
		}
		ls = ls[n:]
	}
	return us
}

// manyForOne is rule 4. The keys are those of rule 3; here a payee's dues that
// belong to no person are paid by lines that may name people.
func (e *engine) manyForOne() {
	e.bySettlement()
	many := func(m Match, one, whole bool, due, line keyFunc) {
		join(&e.d, &e.l, due, line, func(ds, ls []int32) { e.gather(m, one, whole, ds, ls) })
	}
	m := Match{Rule: ManyForOne, Scope: OfPerson}
	for _, silent := range []bool{false, true} {
		due, line := named(personal(silent))
		many(m, true, true, due, line)
	}
	m.Scope = OfPayee
	for _, county := range []bool{true, false} {
		due, line := payee(nobody, nobody, county)
		many(m, true, true, due, line)
		due, line = payee(nobody, anyone, county)
		many(m, true, false, due, line)
		due, line = payee(anyone, nobody, county)
		many(m, false, true, due, line)
	}
}

// named takes the lines too that name a settlement: they may be for dues that
// name none.
func named(due, line keyFunc) (keyFunc, keyFunc) {
	return due, func(r *rec) (key, bool) {
		without := *r
		without.setl = 0
		return line(&without)
	}
}

// bySettlement finds many lines that name one settlement.
func (e *engine) bySettlement() {
	of := func(r *rec) (key, bool) {
		return key{a: r.person, b: r.item, c: r.setl, d: r.payee}, r.setl != 0
	}
	join(&e.d, &e.l, of, of, func(ds, ls []int32) {
		if len(ds) == 1 && e.near(e.l.sum(ls)-e.d.recs[ds[0]].amount) {
			e.put(Match{Rule: ManyForOne, Scope: OfSettlement, Fit: AnyPeriod}, ds, ls)
		}
	})
}

func (e *engine) near(diff money.Fen) bool { return diff <= e.tol && diff >= -e.tol }

// gather looks for the one due, else for all dues of a period, that all open lines
// of the period pay together.
func (e *engine) gather(m Match, one, whole bool, ds, ls []int32) {
	e.perPeriod(ds, ls, func(f Fit, ds, ls []int32) bool {
		m.Fit = f
		dsum := e.d.sum(ds)
		for _, set := range [][]int32{e.sameWay(ls, dsum), ls} {
			if len(set) == 0 {
				continue
			}
			sum := e.l.sum(set)
			for _, d := range ds {
				if a := e.d.recs[d].amount; one && e.near(sum-a) && sum > 0 == (a > 0) {
					e.put(m, []int32{d}, set)
					return true
				}
			}
			if whole && e.near(sum-dsum) {
				e.put(m, ds, set)
				return true
			}
		}
		return false
	})
}

// sameWay are the lines that move money in one direction.
func (e *engine) sameWay(ls []int32, direction money.Fen) (out []int32) {
	for _, l := range ls {
		if e.l.recs[l].amount > 0 == (direction > 0) {
			out = append(out, l)
		}
	}
	return out
}

// perPeriod gives, for each period of open dues, the shorter and then the older
// first, the lines of the same period, and then all lines whose periods agree. Lines that
// name a settlement take part where no due does.
func (e *engine) perPeriod(ds, ls []int32, do func(f Fit, ds, ls []int32) bool) {
	for _, p := range e.d.spans(ds) {
		var open []int32
		named := false
		for _, i := range ds {
			if d := &e.d.recs[i]; d.span() == p {
				open = append(open, i)
				named = named || d.setl != 0
			}
		}
		d := &rec{from: p.from, to: p.to}
		var same, all []int32
		worst := NoFit
		for _, i := range ls {
			l := &e.l.recs[i]
			if e.l.in[i] || named && l.setl != 0 {
				continue
			}
			f := fit(d, l)
			if f == SamePeriod {
				same = append(same, i)
			}
			if f != NoFit {
				all = append(all, i)
				worst = max(worst, f)
			}
		}
		if len(same) > 0 && do(SamePeriod, open, same) {
			continue
		}
		if len(all) > len(same) {
			do(worst, open, all)
		}
	}
}
