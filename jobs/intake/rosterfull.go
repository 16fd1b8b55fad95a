package intake

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// fullList is what the full lists of one day in a file come to.
type fullList struct {
	on      civil.Date
	given   bool // the day stands in the title
	entries []*rosterEntry
	scope   map[ledger.Reach]bool
	cats    rules.CategorySet
	towns   map[*header]map[string]bool // of which alone a table speaks; nil: of all
}

// fullLists groups the rows of full lists by the day for which they stand.
func (x *rosters) fullLists() []*fullList {
	byDay := map[civil.Date]*fullList{}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		if !l.listed {
			continue
		}
		list := &l.r.h.list
		// Whoever is not on the list of a month has not been on it all month, unless
		// the list names its day.
		on := cmp.Or(list.on, list.month.First())
		f := byDay[on]
		if f == nil {
			f = &fullList{on: on, given: list.on != 0, scope: map[ledger.Reach]bool{}, towns: map[*header]map[string]bool{}}
			byDay[on] = f
		}
		f.entries = append(f.entries, l)
	}
	return slices.SortedFunc(maps.Values(byDay), func(a, b *fullList) int { return cmp.Compare(a.on, b.on) })
}

// compare turns full lists into the adds and removes that explain the difference
// from the lists as they stood on that day (semantics §2), and works out anew what
// the lists of later days come to by what this file says.
func (x *rosters) compare() error {
	var own []*roll
	people, anybody := x.unclear()
	for _, f := range x.fullLists() {
		x.effect.Full, x.effect.On = true, f.on
		x.findTowns(f)
		r := &roll{seq: x.im.file.Seq, own: f, FullList: ledger.FullList{On: f.on, Month: f.entries[0].r.h.list.month, Anybody: anybody}, says: map[ledger.PersonNo][]listing{}}
		for _, l := range f.entries {
			if !l.back {
				x.read(f, r, l)
			}
		}
		r.Scope = slices.SortedFunc(maps.Keys(f.scope), func(a, b ledger.Reach) int {
			return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Dept, b.Dept), cmp.Compare(a.County, b.County), cmp.Compare(a.Township, b.Township))
		})
		r.Held = slices.Sorted(maps.Keys(people))
		own = append(own, r)
		x.im.file.Lists = append(x.im.file.Lists, r.FullList)
	}
	d := derivation{x: x, known: map[int64]civil.Month{}, from: map[ledger.PersonNo]civil.Date{}}
	if d.rolls = x.rolls(own); len(d.rolls) == 0 {
		return nil
	}
	if err := d.work(); err != nil {
		return err
	}
	d.say()
	return nil
}

// read takes a row of a full list. One with a day of its own acts by it like any
// other row.
func (x *rosters) read(f *fullList, r *roll, l *rosterEntry) {
	left := map[rules.Category]bool{}
	for _, e := range l.events {
		if e.Op == rules.Remove && e.Date <= f.on {
			left[e.Category] = true
		}
	}
	for _, e := range l.events {
		if e.Op == rules.Remove || left[e.Category] { // a row of the past: as it says
			e.Via = ledger.ViaRow
		}
		if e.Op == rules.Remove {
			x.add(l, e)
			continue
		}
		f.cats |= rules.SetOf(e.Category)
		f.speak(l, e)
		// 变更 with a day of the list's month is one (§2). Without a day, or with one of
		// before, the row says that somebody is on the list, since when: what they were
		// before closes by the list that does not name it. Whether they were on the list
		// already is not asked: it depends on what came first.
		if e.Op == rules.Change && e.Date.Month() != r.Month {
			e.Op = rules.Add
		}
		if e.Date != 0 {
			x.add(l, e)
		}
		if !left[e.Category] && (e.Category != rules.Canji || e.Level <= 2) {
			p := x.whose(e)
			r.says[p] = append(r.says[p], listing{e, l})
		}
	}
}

// onListAt is the spell by which somebody is on the list of a category on a day, or
// came onto it in the course of the day's month.
func onListAt(spells []rules.Spell, c rules.Category, on civil.Date) *rules.Spell {
	for i := range spells {
		s := &spells[i]
		if s.Category == c && (s.Covers(on) || s.Start > on && s.Start.Month() == on.Month()) {
			return s
		}
	}
	return nil
}

// speak notes of whom a row shows that the list speaks.
func (f *fullList) speak(l *rosterEntry, e *ledger.Event) {
	dept, county := l.placeOf(e)
	r := ledger.Reach{Category: e.Category, Dept: dept, County: county}
	towns := f.towns[l.r.h]
	if towns == nil {
		f.scope[r] = true
	}
	for t := range towns {
		r.Township = t
		f.scope[r] = true
	}
}

// findTowns finds the tables that are of some townships alone: their titles name
// them.
func (x *rosters) findTowns(f *fullList) {
	known, rows := map[string]bool{}, map[*header]map[string]bool{}
	for _, t := range x.township {
		known[t] = true
	}
	for _, l := range f.entries {
		for _, e := range l.events {
			if rows[l.r.h] == nil {
				rows[l.r.h] = map[string]bool{}
			}
			rows[l.r.h][e.Township], known[e.Township] = true, true
		}
	}
	for _, l := range f.entries {
		h := l.r.h
		if _, done := f.towns[h]; done {
			continue
		}
		f.towns[h] = nil
		named := map[string]bool{}
		for t := range known {
			if len([]rune(t)) >= 2 && slices.ContainsFunc(h.list.titles, func(s string) bool { return strings.Contains(s, t) }) {
				named[t] = true
			}
		}
		if len(named) == 0 {
			continue
		}
		for t := range rows[h] {
			if t != "" {
				named[t] = true
			}
		}
		f.towns[h] = named
		x.im.note("全量名单是%s的，只与那里的在册人员比较", shorten(slices.Sorted(maps.Keys(named)), "、"))
	}
}

// news reports whether a row of a full list says more of somebody than the event
// by which they are on the list. A name under another of their numbers is no news: that
// of a number that was corrected is often another person's.
func (x *rosters) news(was, e *ledger.Event) bool {
	differs := func(now, was string) bool { return now != "" && now != was }
	return e.Head != 0 && x.im.t.Whose(e.Head) != x.im.t.Whose(was.Head) || e.Expiry != 0 && e.Expiry != was.Expiry || e.Level != 0 && e.Level != was.Level ||
		differs(e.Township, was.Township) || differs(e.Village, was.Village) || differs(e.County, was.County) ||
		e.Applied != 0 && e.Applied != was.Applied || e.Name != 0 && e.Name != was.Name && e.Person == was.Person
}
