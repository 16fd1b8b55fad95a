package reconcile

import (
	"cmp"
	"slices"

	"doudi/rules/money"
)

// nearWindow is how many candidates are looked at for what is not matched: those
// that are nearest in amount, of one person or payee. It keeps the search linear.
const nearWindow = 64

// party is a person, or a payee.
type party struct {
	person int64
	payee  int32
}

// offer is a line for many beside the sum of the dues that it may be for.
type offer struct {
	line int32
	near Near
}

// nearer finds what came nearest to what is not matched.
type nearer struct {
	e           *engine
	dues, lines map[party][]int32 // by amount; of the parties that are asked for
	taken       [2][]bool         // dues, lines
	as          [2][]Class        // of what is taken
	many        map[key][]offer   // open lines for many, by item and county; nearWindow at most
	open        map[key][]bucket  // open dues, by item and county; county 0: all
	self        int32
}

func (n *nearer) parties(r *rec) (out []party) {
	if r.person != 0 {
		out = append(out, party{person: r.person})
	}
	if r.payee != 0 && r.payee != n.self {
		out = append(out, party{payee: r.payee})
	}
	return out
}

func (e *engine) nearer() *nearer {
	n := &nearer{e: e, dues: map[party][]int32{}, lines: map[party][]int32{}, many: map[key][]offer{}, open: map[key][]bucket{}, self: e.num(Self)}
	n.taken = [2][]bool{slices.Clone(e.d.in), slices.Clone(e.l.in)}
	n.as = [2][]Class{make([]Class, len(e.d.in)), make([]Class, len(e.l.in))}
	for i := range e.r.Matches {
		m := &e.r.Matches[i]
		for s, is := range [2][]int32{m.Dues, m.Lines} {
			for _, j := range is {
				n.as[s][j] = m.Class
			}
		}
	}
	// What is not matched on one side is looked for on the other.
	index := func(asks, gives *side, into map[party][]int32) {
		for i := range asks.recs {
			if !asks.in[i] {
				for _, p := range n.parties(&asks.recs[i]) {
					into[p] = nil
				}
			}
		}
		if len(into) == 0 {
			return
		}
		for i := range gives.recs {
			for _, p := range n.parties(&gives.recs[i]) {
				if is, asked := into[p]; asked {
					into[p] = append(is, int32(i))
				}
			}
		}
		for _, is := range into {
			gives.byAmount(is)
		}
	}
	index(&e.d, &e.l, n.lines)
	index(&e.l, &e.d, n.dues)
	for i := range e.l.recs {
		if l := &e.l.recs[i]; !e.l.in[i] && l.nobody() {
			if k := (key{b: l.item, c: l.county}); len(n.many[k]) < nearWindow {
				n.many[k] = append(n.many[k], offer{line: int32(i)})
			}
		}
	}
	if len(n.many) == 0 {
		return n
	}
	dues := map[key][]int32{}
	for i := range e.d.recs {
		if d := &e.d.recs[i]; !e.d.in[i] {
			for _, k := range n.places(d) {
				dues[k] = append(dues[k], int32(i))
			}
		}
	}
	for k, is := range dues {
		n.open[k] = e.buckets(is)
	}
	for k, os := range n.many {
		for i := range os {
			os[i].near = *n.group(os[i].line, k)
			os[i].near.Key = e.r.Lines[os[i].line].Key
		}
	}
	return n
}

// places are a due's county and the whole area.
func (n *nearer) places(d *rec) []key {
	all := key{b: d.item}
	if d.county == 0 {
		return []key{all}
	}
	return []key{{b: d.item, c: d.county}, all}
}

// fails says in what a due and a line differ.
func fails(d, l *rec, tol money.Fen) (f Fails) {
	set := func(x Fails, on bool) {
		if on {
			f |= x
		}
	}
	diff := l.amount - d.amount
	set(FailItem, d.item != l.item)
	set(FailPeriod, fit(d, l) == NoFit)
	set(FailAmount, diff > tol || diff < -tol)
	set(FailPayee, l.payee != 0 && l.payee != d.payee)
	set(FailSettlement, l.setl != 0 && d.setl != 0 && l.setl != d.setl)
	return f
}

// cost orders candidates: another item is farther than another period, and so on.
func (f Fails) cost() (c int) {
	for i, w := range [...]int{16, 8, 4, 2, 1} {
		if f&(1<<i) != 0 {
			c += w
		}
	}
	return c
}

// best looks through the candidates for what is nearest to record i of one side.
func (n *nearer) best(i int32, of, among *side, taken []bool, by map[party][]int32, isDue bool) (at int32, f Fails, sc Scope) {
	r := &of.recs[i]
	at = -1
	type rank struct {
		cost int
		diff money.Fen
	}
	var won rank
	for _, p := range n.parties(r) {
		is := by[p]
		mid, _ := slices.BinarySearchFunc(is, r.amount, func(j int32, a money.Fen) int { return cmp.Compare(among.recs[j].amount, a) })
		for _, j := range is[max(0, mid-nearWindow/2):min(len(is), mid+nearWindow/2)] {
			o := &among.recs[j]
			if o.amount > 0 != (r.amount > 0) || p.person == 0 && o.person != 0 && r.person != 0 {
				continue
			}
			d, l := r, o
			if !isDue {
				d, l = o, r
			}
			x := fails(d, l, n.e.tol)
			const all = FailItem | FailPeriod | FailAmount
			if x&all == all || taken[j] && x&^FailAmount != 0 {
				continue
			}
			c := rank{x.cost(), max(o.amount-r.amount, r.amount-o.amount)}
			if taken[j] {
				c.cost += 100
			}
			if at < 0 || cmp.Or(cmp.Compare(c.cost, won.cost), cmp.Compare(c.diff, won.diff), cmp.Compare(j, at)) < 0 {
				at, f, won, sc = j, x, c, OfPayee
				if p.person != 0 {
					sc = OfPerson
				}
			}
		}
	}
	return at, f, sc
}

func (n *nearer) ofDue(i int32) *Near {
	e := n.e
	d := &e.d.recs[i]
	if j, f, sc := n.best(i, &e.d, &e.l, n.taken[1], n.lines, true); j >= 0 {
		l := &e.l.recs[j]
		return &Near{Key: e.r.Lines[j].Key, Fails: f, Scope: sc, Taken: n.taken[1][j], As: n.as[1][j], Amount: l.amount, Diff: l.amount - d.amount}
	}
	best := &Near{}
	for _, k := range n.places(d) {
		for i := range n.many[k] {
			o := &n.many[k][i]
			l := &e.l.recs[o.line]
			if fit(d, l) == NoFit || l.amount > 0 != (d.amount > 0) {
				continue
			}
			if best.Scope == NoScope || size(o.near.Diff) < size(best.Diff) {
				best = &o.near
			}
		}
	}
	return best
}

func (n *nearer) ofLine(i int32) *Near {
	e := n.e
	l := &e.l.recs[i]
	if l.nobody() {
		return n.group(i, key{b: l.item, c: l.county})
	}
	if j, f, sc := n.best(i, &e.l, &e.d, n.taken[0], n.dues, false); j >= 0 {
		d := &e.d.recs[j]
		return &Near{Key: e.r.Dues[j].Key, Fails: f, Scope: sc, Taken: n.taken[0][j], As: n.as[0][j], Amount: d.amount, Diff: l.amount - d.amount}
	}
	return &Near{}
}

// group is the sum of the open dues that a line for many may be for.
func (n *nearer) group(line int32, k key) *Near {
	l := &n.e.l.recs[line]
	g := &Near{Scope: OfCounty, Fails: FailAmount, Amount: l.amount}
	if k.c == 0 {
		g.Scope = OfArea
	}
	for i := range n.open[k] {
		b := &n.open[k][i]
		if f := fit(&rec{from: b.from, to: b.to}, l); f == NoFit || f == DueWider {
			continue
		}
		if l.amount > 0 {
			g.Sum += b.pay
		} else {
			g.Sum += b.get
		}
	}
	g.Diff = l.amount - g.Sum
	return g
}
