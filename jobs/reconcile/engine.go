package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// rec is a due or a line as the joins need it: texts are numbers, 0 for none.
type rec struct {
	person int64
	amount money.Fen
	payee  int32 // of a person's: by whose account; 0 of a line: it agrees with any
	item   int32
	county int32
	setl   int32
	batch  int32
	from   civil.Month
	to     civil.Month
	date   civil.Date // of a line
}

// nobody reports whether a line pays for many.
func (r *rec) nobody() bool { return r.person == 0 && r.payee == 0 }

// sub tells apart what goes to the same person or payee: the account, or the
// county. 0 of a line agrees with any.
func (r *rec) sub() int32 {
	if r.person != 0 {
		return r.payee
	}
	return r.county
}

// side are all dues, or all lines, in the order of their keys.
type side struct {
	recs []rec
	in   []bool // already in a match
}

func (s *side) free(is []int32) []int32 {
	var out []int32
	for _, i := range is {
		if !s.in[i] {
			out = append(out, i)
		}
	}
	return out
}

func (s *side) sum(is []int32) (sum money.Fen) {
	for _, i := range is {
		sum += s.recs[i].amount
	}
	return sum
}

// engine holds the work of one reconciliation.
type engine struct {
	r    *Result
	tol  money.Fen
	d, l side
	dues []int32 // members of matches; one array for all of them
	line []int32
	text map[string]int32
}

// Reconcile matches dues and lines. The slices are left as they are.
func Reconcile(dues []Due, lines []Line, o Options) (*Result, error) {
	items := o.Items
	if items == nil {
		var err error
		if items, err = NewItems(nil); err != nil {
			return nil, err
		}
	}
	e := &engine{r: &Result{Tolerance: o.Tolerance}, tol: o.Tolerance, text: map[string]int32{"": 0}}
	var bad Errors
	if o.Tolerance < 0 || o.Tolerance > money.Limit {
		bad.add("E-TOLERANCE", "", "容差不能为负，也不能超过单笔上限："+o.Tolerance.String())
	}
	e.r.Dues = sorted(dues, func(d *Due) string { return d.Key }, "应拨", &bad)
	e.r.Lines = sorted(lines, func(l *Line) string { return l.Key }, "拨付", &bad)
	e.r.Manual = slices.Clone(o.Manual)
	slices.SortStableFunc(e.r.Manual, func(a, b Manual) int { return cmp.Compare(a.ID, b.ID) })
	e.read(items, o.Agents, &bad)
	if err := bad.err(); err != nil {
		return nil, err
	}
	e.byHand(&bad)
	if err := bad.err(); err != nil {
		return nil, err
	}
	e.nothing()
	e.pairs(Exact, 0, -1)
	e.returns()
	e.pairs(Exact, 0, 1)
	if e.tol > 0 {
		e.pairs(Tolerance, e.tol, 0)
	}
	e.oneForMany()
	e.manyForOne()
	e.doubles()
	e.differing()
	e.rest()
	e.order()
	e.r.carry()
	return e.r, e.r.check(sumOf(dues, lines))
}

// sorted copies the records in the order of their keys.
func sorted[T any](in []T, key func(*T) string, what string, bad *Errors) []T {
	at := make([]int32, len(in))
	for i := range at {
		at[i] = int32(i)
	}
	slices.SortFunc(at, func(a, b int32) int { return strings.Compare(key(&in[a]), key(&in[b])) })
	out := make([]T, len(in))
	for i, j := range at {
		out[i] = in[j]
		switch k := key(&out[i]); {
		case k == "":
			bad.add("E-KEY", "", what+"没有键")
		case i > 0 && key(&out[i-1]) == k:
			bad.add("E-KEY-TWICE", k, "两笔"+what+"的键相同")
		}
	}
	return out
}

// num is the number of a text.
func (e *engine) num(s string) int32 {
	n, ok := e.text[s]
	if !ok {
		n = int32(len(e.text))
		e.text[strings.Clone(s)] = n
	}
	return n
}

// read checks the records and makes what the joins need of them.
func (e *engine) read(items *Items, agents []string, bad *Errors) {
	type folded struct {
		item  string
		known bool
	}
	cache := map[string]folded{}
	unknown := map[string]*UnknownItem{}
	fold := func(name string) (string, *UnknownItem) {
		f, ok := cache[name]
		if !ok {
			f.item, f.known = items.Fold(name)
			cache[name] = f
		}
		if f.known {
			return f.item, nil
		}
		if unknown[f.item] == nil {
			unknown[f.item] = &UnknownItem{Item: f.item}
		}
		return f.item, unknown[f.item]
	}
	passes := map[string]bool{}
	for _, a := range agents {
		passes[a] = true
	}
	within := func(key string, from, to civil.Month, amount money.Fen) {
		if from != 0 || to != 0 {
			if !from.First().Valid() || !to.First().Valid() || to < from {
				bad.add("E-PERIOD", key, "期间不对："+periodText(from, to))
			}
		}
		if amount > money.Limit || amount < -money.Limit {
			bad.add("E-AMOUNT", key, "金额超过单笔上限："+yuan(amount))
		}
	}
	e.d = side{make([]rec, len(e.r.Dues)), make([]bool, len(e.r.Dues))}
	e.l = side{make([]rec, len(e.r.Lines)), make([]bool, len(e.r.Lines))}
	e.r.Matches = make([]Match, 0, len(e.r.Dues)+len(e.r.Lines))
	e.dues, e.line = make([]int32, 0, len(e.r.Dues)), make([]int32, 0, len(e.r.Lines))
	for i := range e.r.Dues {
		d := &e.r.Dues[i]
		within(d.Key, d.From, d.To, d.Amount)
		if d.From == 0 {
			bad.add("E-PERIOD", d.Key, "应拨没有期间")
		}
		if d.Person == 0 && (d.Payee == "" || d.Payee == Self) {
			bad.add("E-PAYEE", d.Key, "应拨没有写付给谁")
		}
		if d.Person != 0 && d.Payee == "" {
			d.Payee = Self
		}
		var u *UnknownItem
		if d.Item, u = fold(d.Item); u != nil {
			u.Dues++
			u.Due += d.Amount
		}
		e.d.recs[i] = rec{person: d.Person, amount: d.Amount, payee: e.num(d.Payee), item: e.num(d.Item), county: e.num(d.County), setl: e.num(d.Settlement),
			batch: e.num(d.Batch), from: d.From, to: d.To}
	}
	for i := range e.r.Lines {
		l := &e.r.Lines[i]
		within(l.Key, l.From, l.To, l.Amount)
		if !l.Date.Valid() {
			bad.add("E-DATE", l.Key, "拨付没有日期")
		}
		if l.Person == 0 && l.Payee == Self {
			bad.add("E-PAYEE", l.Key, "付给本人的拨付没有写是谁")
		}
		var u *UnknownItem
		if l.Item, u = fold(l.Item); u != nil {
			u.Lines++
			u.Paid += l.Amount
		}
		payee := l.Payee
		if passes[payee] {
			payee = ""
		}
		e.l.recs[i] = rec{person: l.Person, amount: l.Amount, payee: e.num(payee), item: e.num(l.Item), county: e.num(l.County), setl: e.num(l.Settlement),
			batch: e.num(l.Batch), from: l.From, to: l.To, date: l.Date}
	}
	e.accounts()
	for _, u := range unknown {
		e.r.Unknown = append(e.r.Unknown, *u)
	}
	slices.SortFunc(e.r.Unknown, func(a, b UnknownItem) int { return strings.Compare(a.Item, b.Item) })
}

// accounts gives a person's lines that do not say the payee the one to whom the
// person's dues of the item go. Where there are several, the line agrees with
// each; where there are none, it is the person.
func (e *engine) accounts() {
	const several = -1
	goes := map[key]int32{}
	for i := range e.l.recs {
		if l := &e.l.recs[i]; l.person != 0 && l.payee == 0 {
			goes[key{a: l.person, b: l.item}] = 0
		}
	}
	if len(goes) == 0 {
		return
	}
	for i := range e.d.recs {
		d := &e.d.recs[i]
		k := key{a: d.person, b: d.item}
		switch was, asked := goes[k]; {
		case !asked || d.person == 0:
		case was == 0:
			goes[k] = d.payee
		case was != d.payee:
			goes[k] = several
		}
	}
	self := e.num(Self)
	for i := range e.l.recs {
		l := &e.l.recs[i]
		if l.person == 0 || l.payee != 0 {
			continue
		}
		switch to := goes[key{a: l.person, b: l.item}]; to {
		case several:
		case 0:
			l.payee = self
		default:
			l.payee = to
		}
	}
}

// put makes a match of dues and lines that are in none. Where the class is left
// open, the sums tell it.
func (e *engine) put(m Match, ds, ls []int32) {
	take := func(s *side, all *[]int32, is []int32) []int32 {
		n := len(*all)
		*all = append(*all, is...)
		out := (*all)[n:len(*all):len(*all)]
		slices.Sort(out)
		for _, i := range out {
			s.in[i] = true
		}
		return out
	}
	m.Dues, m.Lines = take(&e.d, &e.dues, ds), take(&e.l, &e.line, ls)
	m.Due, m.Paid = e.d.sum(ds), e.l.sum(ls)
	if m.Rule != ByHand {
		m.Hand = -1
	}
	if m.Class != Double {
		m.Of = -1
	}
	if m.Class == Matched {
		m.Class = classOf(m.Due, m.Paid, e.tol)
		switch {
		case m.Class != Matched:
		case m.Rule == ByHand && len(ds) == 0:
			m.Class = Returned
		case m.Rule == NoRule: // what was paid in parts, some of which repeat others
			m.Rule = ManyForOne
		}
	}
	e.r.Matches = append(e.r.Matches, m)
}

// classOf says how what was paid compares with what is due, the tolerance aside.
// The direction is that of what is due.
func classOf(due, paid, tol money.Fen) Class {
	diff, back := paid-due, due < 0 || due == 0 && paid < 0
	switch {
	case diff <= tol && diff >= -tol:
		return Matched
	case back && diff > 0:
		return ShortBack
	case back:
		return OverBack
	case diff < 0:
		return Short
	}
	return Over
}

// nothing puts the amounts of 0.
func (e *engine) nothing() {
	for i := range e.d.recs {
		if !e.d.in[i] && e.d.recs[i].amount == 0 {
			e.put(Match{Class: Nothing}, []int32{int32(i)}, nil)
		}
	}
	for i := range e.l.recs {
		if !e.l.in[i] && e.l.recs[i].amount == 0 {
			e.put(Match{Class: Nothing}, nil, []int32{int32(i)})
		}
	}
}

// order sorts the matches by their first due, then those without dues by their
// first line.
func (e *engine) order() {
	of := make([]int32, len(e.r.Dues)+len(e.r.Lines))
	for i := range of {
		of[i] = -1
	}
	for n := range e.r.Matches {
		m := &e.r.Matches[n]
		if len(m.Dues) > 0 {
			of[m.Dues[0]] = int32(n)
		} else {
			of[len(e.r.Dues)+int(m.Lines[0])] = int32(n)
		}
	}
	out := make([]Match, 0, len(e.r.Matches))
	for _, n := range of {
		if n >= 0 {
			out = append(out, e.r.Matches[n])
		}
	}
	e.r.Matches = out
}

// key is what records are joined on.
type key struct {
	a          int64
	b, c, d, e int32
}

// keyFunc gives the key of a record; false where it takes no part.
type keyFunc func(*rec) (key, bool)

// join gives what is free on both sides, group by group, in the order of the
// lines.
func join(a, b *side, ka, kb keyFunc, do func(as, bs []int32)) {
	ids := map[key]int32{}
	type member struct{ group, i int32 }
	var in [2][]member
	for i := range b.recs {
		if b.in[i] {
			continue
		}
		if k, ok := kb(&b.recs[i]); ok {
			g, known := ids[k]
			if !known {
				g = int32(len(ids))
				ids[k] = g
			}
			in[1] = append(in[1], member{g, int32(i)})
		}
	}
	if len(ids) == 0 {
		return
	}
	for i := range a.recs {
		if a.in[i] {
			continue
		}
		if k, ok := ka(&a.recs[i]); ok {
			if g, known := ids[k]; known {
				in[0] = append(in[0], member{g, int32(i)})
			}
		}
	}
	// Sort by counting: members of a group stay in the order of their keys.
	var start, all [2][]int32
	for s := range in {
		start[s] = make([]int32, len(ids)+1)
		for _, m := range in[s] {
			start[s][m.group+1]++
		}
		for g := 1; g <= len(ids); g++ {
			start[s][g] += start[s][g-1]
		}
		next := slices.Clone(start[s])
		all[s] = make([]int32, len(in[s]))
		for _, m := range in[s] {
			all[s][next[m.group]] = m.i
			next[m.group]++
		}
	}
	for g := range len(ids) {
		as, bs := all[0][start[0][g]:start[0][g+1]], all[1][start[1][g]:start[1][g+1]]
		if len(as) > 0 && len(bs) > 0 {
			do(as, bs)
		}
	}
}

// cells joins within a group, by sorting: most groups are small. What is done in
// one cell does not reach into another.
func cells(a, b *side, as, bs []int32, ka, kb keyFunc, do func(as, bs []int32)) {
	type member struct {
		k key
		i int32
	}
	list := func(s *side, is []int32, kf keyFunc) []member {
		out := make([]member, 0, len(is))
		for _, i := range is {
			if s.in[i] {
				continue
			}
			if k, ok := kf(&s.recs[i]); ok {
				out = append(out, member{k, i})
			}
		}
		slices.SortFunc(out, func(x, y member) int { return cmp.Or(x.k.compare(y.k), cmp.Compare(x.i, y.i)) })
		return out
	}
	xs := list(a, as, ka)
	if len(xs) == 0 {
		return
	}
	ys := list(b, bs, kb)
	run := func(ms []member) (n int, is []int32) {
		for n < len(ms) && ms[n].k == ms[0].k {
			is = append(is, ms[n].i)
			n++
		}
		return n, is
	}
	for len(xs) > 0 && len(ys) > 0 {
		switch c := xs[0].k.compare(ys[0].k); {
		case c < 0:
			xs = xs[1:]
		case c > 0:
			ys = ys[1:]
		default:
			n, is := run(xs)
			m, js := run(ys)
			xs, ys = xs[n:], ys[m:]
			do(is, js)
		}
	}
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.a, o.a), cmp.Compare(k.b, o.b), cmp.Compare(k.c, o.c), cmp.Compare(k.d, o.d), cmp.Compare(k.e, o.e))
}

// ahead is how many months before it begins a due of more than a month may be
// paid: premiums are collected in the autumn before.
const ahead = 6

// begun reports whether a line without a period, of a month, may be for a due.
func begun(d *rec, m civil.Month) bool {
	return d.from <= m || d.to > d.from && d.from <= m.Add(ahead)
}

// fit says how the periods of a due and a line agree.
func fit(d, l *rec) Fit {
	switch {
	case l.from == 0 && begun(d, l.date.Month()):
		return NoPeriod
	case l.from == 0:
		return NoFit
	case l.from == d.from && l.to == d.to:
		return SamePeriod
	case l.from <= d.from && d.to <= l.to:
		return LineWider
	case d.from <= l.from && l.to <= d.to:
		return DueWider
	}
	return NoFit
}

// span is a period.
type span struct{ from, to civil.Month }

func (r *rec) span() span { return span{r.from, r.to} }

// spans are the different periods of records, the shorter first.
func (s *side) spans(is []int32) []span {
	var out []span
	for _, i := range is {
		if p := s.recs[i].span(); p.from != 0 && (len(out) == 0 || out[len(out)-1] != p) {
			out = append(out, p)
		}
	}
	months := func(p span) int { return (p.to.Year()-p.from.Year())*12 + int(p.to%100) - int(p.from%100) }
	slices.SortFunc(out, func(a, b span) int { return cmp.Or(cmp.Compare(months(a), months(b)), cmp.Compare(a.from, b.from)) })
	return slices.Compact(out)
}
