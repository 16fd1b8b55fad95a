package intake

import (
	"cmp"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// What full lists come to depends on what else is on record, and must not depend on
// what came first (semantics §13). It is therefore worked out anew, of the people of
// whom a file speaks and from the first day on that it touches: list by list in the
// order of their days, each compared with who was on the lists on its day, as the
// rosters say that were sent for its month and before. What is derived so and is not
// on record is added; what is on record and is not derived any more is withdrawn.

// derivation works out what the full lists come to.
type derivation struct {
	x     *rosters
	rolls []*roll                        // by their days
	known map[int64]civil.Month          // by which rows make an event live: the first month for which they say it
	from  map[ledger.PersonNo]civil.Date // since when lists must be compared anew

	undated, held, same, others map[*roll]int
	late                        map[*roll]int // whom it ends of those that this file names
	absent                      int
}

// touch notes that lists from a day on must be compared with somebody anew.
func (d *derivation) touch(p ledger.PersonNo, on civil.Date) {
	if was, ok := d.from[p]; !ok || on < was {
		d.from[p] = on
	}
}

// touchBy is touch for what an event changes: an addition from its month on; a
// removal may let lists of before leave its person alone.
func (d *derivation) touchBy(e *ledger.Event) {
	if p := d.x.whose(e); e.Op == rules.Add {
		d.touch(p, e.Date.Month().First())
	} else {
		d.touch(p, 0)
	}
}

// work derives what this file changes.
func (d *derivation) work() error {
	x := d.x
	d.undated, d.held, d.same, d.others, d.late = map[*roll]int{}, map[*roll]int{}, map[*roll]int{}, map[*roll]int{}, map[*roll]int{}
	for _, e := range x.taken {
		d.touchBy(e)
		if m, ok := d.known[e.ID]; !ok || e.Month < m {
			d.known[e.ID] = e.Month
		}
	}
	for id := range x.replace {
		d.touchBy(x.meta[id])
	}
	for _, r := range d.rolls {
		if r.own == nil && !slices.ContainsFunc(r.over, func(o over) bool { return len(o.lists) > 0 && o.by == x.im.file.Seq }) {
			continue
		}
		for p := range x.after {
			d.touch(p, r.On)
		}
		for p := range r.says {
			d.touch(p, r.On)
		}
	}
	// A correction of an ID brings rows together that came apart, and one that is undone
	// the other way round.
	for _, p := range x.im.t.Corrected() {
		d.touch(p, 0)
	}
	if err := d.load(); err != nil {
		return err
	}
	x.derived = len(x.taken)
	for _, p := range slices.Sorted(maps.Keys(d.from)) {
		d.person(p)
	}
	x.effect.Absent += d.absent
	return nil
}

// load reads what the ledger says of the people who are touched.
func (d *derivation) load() error {
	x := d.x
	type sent struct {
		seq   ledger.Seq
		month civil.Month
	}
	of := map[sent][]*roll{}
	first := civil.Forever
	for _, on := range d.from {
		first = min(first, on)
	}
	for _, r := range d.rolls {
		if r.own == nil && r.On >= first {
			of[sent{r.seq, r.Month}] = append(of[sent{r.seq, r.Month}], r)
		}
	}
	listed := func(r *roll, e *ledger.Event) {
		p := x.whose(e)
		if on, ok := d.from[p]; ok && r.On >= on {
			r.says[p] = append(r.says[p], listing{e: e})
		}
	}
	says := func(e *ledger.Event, m civil.Month, s ledger.Statement) {
		if e.Void || e.Op == rules.Remove || e.Category == rules.Canji && e.Level > 2 {
			return
		}
		if s.Via != ledger.ViaNamed {
			for _, r := range of[sent{s.By, m}] {
				listed(r, e)
			}
			return
		}
		for _, r := range of[sent{s.By, m}] {
			for _, row := range r.named(e) {
				listed(r, row)
			}
		}
	}
	type dead struct {
		month civil.Month
		by    ledger.Statement
	}
	gone := map[int64][]dead{}
	err := x.im.t.Statements(slices.Sorted(maps.Keys(d.from)), func(id int64, m civil.Month, s ledger.Statement) {
		e := x.meta[id]
		if e != nil && s.Holds() {
			if m == x.month && slices.Contains(x.replace[id], s.By) {
				return
			}
			if was, ok := d.known[id]; !s.Via.Derived() && (!ok || m < was) {
				d.known[id] = m
			}
		}
		if s.Via != ledger.ViaFull && s.Via != ledger.ViaNamed || of[sent{s.By, m}] == nil {
			return
		}
		if e == nil {
			gone[id] = append(gone[id], dead{m, s})
			return
		}
		says(e, m, s)
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	es, err := x.im.t.EventsOf(slices.Sorted(maps.Keys(gone)))
	for i := range es {
		for _, s := range gone[es[i].ID] {
			says(&es[i], s.month, s.by)
		}
	}
	return err
}

// person derives what the lists come to for one person, and settles the difference
// from what is on record.
func (d *derivation) person(p ledger.PersonNo) {
	x, from := d.x, d.from[p]
	var es, was []*ledger.Event
	for _, r := range x.after[p] {
		e := x.meta[r.Ref]
		if e.Via.Derived() && e.Date >= from {
			was = append(was, e)
		} else {
			es = append(es, e)
		}
	}
	type found struct {
		e *ledger.Event
		r *roll
		l *rosterEntry
	}
	var all []found
	for i := 0; i < len(d.rolls); {
		j := i + 1
		for j < len(d.rolls) && d.rolls[j].On == d.rolls[i].On {
			j++
		}
		if on := d.rolls[i].On; on >= from {
			n := len(all)
			d.day(p, es, d.rolls[i:j], func(e *ledger.Event, r *roll, l *rosterEntry) { all = append(all, found{e, r, l}) })
			for _, f := range all[n:] {
				es = append(es, f.e)
			}
		}
		i = j
	}
	stale := map[int64]bool{}
	for _, e := range was {
		stale[e.ID] = true
	}
	type leaves struct {
		c  rules.Category
		on civil.Date
	}
	gone := map[leaves]bool{} // somebody with two numbers leaves once
	for _, f := range all {
		content := string(f.e.Content(nil))
		k := slices.IndexFunc(was, func(o *ledger.Event) bool { return stale[o.ID] && string(o.Content(nil)) == content })
		switch {
		case k >= 0:
			delete(stale, was[k].ID)
			f.e.ID = was[k].ID
			continue
		case f.e.Op == rules.Remove && !gone[leaves{f.e.Category, f.e.Date}]:
			gone[leaves{f.e.Category, f.e.Date}] = true
			if f.r.own != nil {
				d.absent++
			} else {
				d.late[f.r]++
			}
		}
		x.add(f.l, f.e)
	}
	x.after[p] = slices.DeleteFunc(x.after[p], func(e rules.Event) bool { return stale[e.Ref] })
	for id := range stale {
		x.stale[id] = true
	}
}

// seen are the spells that the rosters give which were sent for a month and before,
// and by whose events. Which of two rows that say the same opens a spell does not
// depend on which came first.
func (d *derivation) seen(p ledger.PersonNo, es []*ledger.Event, month civil.Month) ([]rules.Spell, []*ledger.Event) {
	var in []*ledger.Event
	for _, e := range es {
		if d.known[e.ID] <= month { // 0 of what is derived
			in = append(in, e)
		}
	}
	slices.SortStableFunc(in, func(a, b *ledger.Event) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), byRow(p, a, b))
	})
	out := make([]rules.Event, len(in))
	for i, e := range in {
		out[i] = e.Rules()
		out[i].Ref = int64(i + 1)
	}
	spells, _ := rules.Timeline(out, d.x.im.exit)
	return spells, in
}

// row is what a full list says of somebody.
type row struct {
	r    *roll
	s    listing
	news bool // more than that they are on the list
}

// rows are what the lists of one day say of somebody, the one first that says it of a
// category: a row without a day before one that has one, and of those one that tells
// nothing new of who is on the list. Somebody with two numbers may stand there twice;
// which row came first does not matter.
func (d *derivation) rows(p ledger.PersonNo, rolls []*roll, spells []rules.Spell, in []*ledger.Event) []row {
	var out []row
	for _, r := range rolls {
		for _, s := range r.says[p] {
			now := onListAt(spells, s.e.Category, r.On)
			out = append(out, row{r, s, now != nil && s.e.Date == 0 && d.x.news(in[now.Opened-1], s.e)})
		}
	}
	slices.SortStableFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.s.e.Date, b.s.e.Date), falseFirst(a.news, b.news), byRow(p, a.s.e, b.s.e))
	})
	return out
}

// byRow orders events of somebody by what their rows say: under their own number
// before a former one, then by who sent them and for where. No number that the ledger
// gave decides: it tells what came first.
func byRow(p ledger.PersonNo, a, b *ledger.Event) int {
	return cmp.Or(falseFirst(a.Person != p, b.Person != p), cmp.Compare(a.Dept, b.Dept), cmp.Compare(a.County, b.County), cmp.Compare(a.Township, b.Township),
		cmp.Compare(a.Village, b.Village), cmp.Compare(a.Expiry, b.Expiry), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Applied, b.Applied))
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// day compares one person with the full lists of one day.
func (d *derivation) day(p ledger.PersonNo, es []*ledger.Event, rolls []*roll, found func(*ledger.Event, *roll, *rosterEntry)) {
	on, month := rolls[0].On, rolls[len(rolls)-1].Month
	spells, in := d.seen(p, es, month)
	var listed rules.CategorySet
	said := map[rules.Category]*ledger.Event{} // what says that they are listed
	rows := d.rows(p, rolls, spells, in)
	for i, w := range rows {
		if c := w.s.e.Category; w.r.stands(p, c) && !listed.Has(c) {
			listed |= rules.SetOf(c)
			said[c] = d.enter(w.r, w.s, spells, in, found)
			rows[i].s.l = nil // it said what it says
		}
	}
	for _, w := range rows {
		if by := said[w.s.e.Category]; by != nil && w.s.l != nil && w.s.e.Date == 0 { // it may be another's, one day
			d.x.roll(w.r, w.s, by)
		}
	}
	town := "" // where they live by the last row that says it
	for _, e := range in {
		town = cmp.Or(e.Township, town)
	}
	for _, s := range spells {
		// Who has a day of leaving left as it says.
		if !s.Covers(on) || s.Closed != 0 || listed.Has(s.Category) {
			continue
		}
		e := in[s.Opened-1]
		var by, held, spoken *roll
		for _, r := range rolls {
			switch {
			case !r.stands(p, s.Category):
			case !r.speaksOf(s, e, town, d.x.im.o.County):
				if slices.ContainsFunc(r.Scope, func(o ledger.Reach) bool { return o.Category == s.Category }) {
					spoken = r
				}
			case holds(&r.FullList, p):
				held = r
			default:
				by = r
			}
		}
		switch {
		case held != nil:
			d.held[held]++
		case by == nil && spoken != nil:
			d.others[spoken]++
		case by == nil:
		case s.Start == on:
			d.same[by]++ // on one day 退出 acts before 新增
		default:
			for _, n := range holders(in, s.Category, e) {
				found(&ledger.Event{Area: e.Area, Person: n, Name: e.Name, Op: rules.Remove, Category: s.Category, Date: on, Head: e.Head,
					Township: e.Township, Village: e.Village, Dept: cmp.Or(e.Dept, by.dept()), Month: by.Month, County: s.County, Via: ledger.ViaGone, Src: by.src(d.x)}, by, nil)
			}
		}
	}
}

// holders are the numbers under which somebody came onto a list: who leaves it leaves
// it under all, for the correction of an ID may be undone.
func holders(es []*ledger.Event, c rules.Category, opened *ledger.Event) []ledger.PersonNo {
	out := []ledger.PersonNo{opened.Person}
	for _, e := range es {
		if e.Op != rules.Remove && e.Category == c && !slices.Contains(out, e.Person) {
			out = append(out, e.Person)
		}
	}
	slices.Sort(out)
	return out
}

// dept is the one of which a list speaks, where it is one.
func (r *roll) dept() string {
	if r.own != nil {
		return r.own.entries[0].r.h.list.dept
	}
	dept := r.Scope[0].Dept
	for _, s := range r.Scope {
		if s.Dept != dept {
			return ""
		}
	}
	return dept
}

// src is where what a list comes to stands: of a list of before, its file's name in
// the place of the sheet.
func (r *roll) src(x *rosters) ledger.Source {
	if r.own != nil {
		return ledger.Source{Seq: x.im.file.Seq, Sheet: HideIDs(r.own.entries[0].r.sheet)}
	}
	return ledger.Source{Seq: x.im.file.Seq, Sheet: r.name}
}

// enter lets a row of a full list act. It gives the event that says what the row says.
func (d *derivation) enter(r *roll, s listing, spells []rules.Spell, in []*ledger.Event, found func(*ledger.Event, *roll, *rosterEntry)) *ledger.Event {
	x, e := d.x, s.e
	now := onListAt(spells, e.Category, r.On)
	switch {
	case now != nil && e.Date != 0, now == nil && e.Date > r.On:
		return e // it acts by its own day
	case now != nil:
		was := in[now.Opened-1]
		if !x.news(was, e) || e.ID != 0 && e.ID == was.ID {
			if s.l != nil { // on the list, and nothing else is said
				x.roll(r, s, was)
			}
			return was
		}
	case s.l != nil && e.Date == 0:
		d.undated[r]++
	case s.l != nil:
		// The row repeats the day of the first recognition; since then the person had
		// left. (A certificate that ran out helps no day.)
		when := ""
		for _, o := range spells {
			if o.Category == e.Category && o.End <= r.On {
				when = "于 " + o.End.String() + " "
			}
		}
		x.im.warn(s.l.r, "start", "W-RELISTED", "台账中此人的%s已%s退出，名单里又有，按 %s 重新在册，请核对认定日期", e.Category.Chinese(), when, r.On)
	}
	add := *e
	add.ID, add.Op, add.Date, add.Month, add.Via = 0, rules.Add, r.On, r.Month, ledger.ViaListed
	if s.l == nil {
		add.Src, add.Extra = r.src(x), nil
	} else if e.Date == 0 {
		x.roll(r, s, &add)
	}
	found(&add, r, s.l)
	return &add
}

// speaksOf reports whether a full list would name somebody who is on the list by
// an event.
func (r *roll) speaksOf(s rules.Spell, e *ledger.Event, town, own string) bool {
	dept, county := deptKey(e.Dept), rules.FoldCounty(cmp.Or(s.County, own))
	return slices.ContainsFunc(r.Scope, func(o ledger.Reach) bool {
		return o.Category == s.Category && (o.Dept == "" || dept == "" || o.Dept == dept) && (o.County == "" || o.County == county) && (o.Township == "" || o.Township == town)
	})
}

// say tells what the lists came to.
func (d *derivation) say() {
	x := d.x
	for _, r := range d.rolls {
		if r.own == nil {
			continue
		}
		if n := d.undated[r]; n > 0 {
			x.im.note("全量名单有 %d 人次没有认定日期而原先不在册，按 %s 起在册", n, r.On)
		}
		if n := d.held[r]; n > 0 {
			x.effect.HeldBack += n
			x.im.note("名单有退回的行，可能正是 %d 名不在名单里的在册人员，暂不退出，改正后重发即可", n)
		}
		if n := d.same[r]; n > 0 {
			x.im.note("%d 人的认定日期正是 %s 而不在名单里，未作退出，请核对", n, r.On)
		}
		if n := d.others[r]; n > 0 {
			x.im.note("另有 %d 人次同类别的在册人员属其他部门、区县、乡镇，不与此名单比较", n)
		}
		how := "名单所属月份的第一天"
		if r.own.given {
			how = "标题所写日期"
		}
		x.im.note("全量名单与 %s（%s）的在册人员比较，不在名单里的 %d 人次按这天退出；名单里没有出现的困难类别不比较", r.On, how, d.absent)
	}
	if len(x.im.roll) == 0 {
		return
	}
	l := &x.im.roll[0]
	for _, r := range d.rolls {
		if n := d.late[r]; n > 0 {
			x.im.warnTable(l.r.sheet, l.r.h.row, "W-LATE", "台账里已有更晚的全量名单 %s（%s）；这份文件使其在册、而那份名单里没有的 %d 人次按那一天退出，请核对", r.name, r.On, n)
		}
	}
}
