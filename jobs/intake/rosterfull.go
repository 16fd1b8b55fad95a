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
	scope   map[reach]bool
	cats    rules.CategorySet
	listed  map[ledger.PersonNo]rules.CategorySet
	towns   map[*header]map[string]bool // of which alone a table speaks; nil: of all
}

// reach is of whom a full list speaks: those of a category, on the list of a
// department, in a county and, where the title names it, a township. "" is any.
type reach struct {
	category               rules.Category
	dept, county, township string
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
			f = &fullList{on: on, given: list.on != 0, scope: map[reach]bool{}, listed: map[ledger.PersonNo]rules.CategorySet{}, towns: map[*header]map[string]bool{}}
			byDay[on] = f
		}
		f.entries = append(f.entries, l)
	}
	return slices.SortedFunc(maps.Values(byDay), func(a, b *fullList) int { return cmp.Compare(a.on, b.on) })
}

// compare turns full lists into the adds and removes that explain the difference
// from the lists as they stood on that day (semantics §2).
func (x *rosters) compare() error {
	for _, f := range x.fullLists() {
		x.effect.Full, x.effect.On = true, f.on
		x.findTowns(f)
		undated := 0
		for _, l := range f.entries {
			if l.back {
				continue
			}
			left := map[rules.Category]bool{}
			for _, e := range l.events {
				if e.Op == rules.Remove && e.Date <= f.on {
					left[e.Category] = true
				}
			}
			for _, e := range l.events {
				if e.Op == rules.Remove {
					x.add(l, e)
					continue
				}
				f.cats |= rules.SetOf(e.Category)
				f.speak(l, e)
				if left[e.Category] { // a row of the past: as it says
					x.add(l, e)
					continue
				}
				if e.Category != rules.Canji || e.Level <= 2 {
					f.listed[x.whose(e)] |= rules.SetOf(e.Category)
				}
				if x.enter(f, l, e) {
					undated++
				}
			}
		}
		if undated > 0 {
			x.im.note("全量名单有 %d 人次没有认定日期而原先不在册，按 %s 起在册", undated, f.on)
		}
		if !x.im.o.Again {
			x.later(f)
			x.leave(f)
		}
	}
	return nil
}

// speak notes of whom a row shows that the list speaks.
func (f *fullList) speak(l *rosterEntry, e *ledger.Event) {
	dept, county := l.placeOf(e)
	r := reach{category: e.Category, dept: dept, county: county}
	towns := f.towns[l.r.h]
	if towns == nil {
		f.scope[r] = true
	}
	for t := range towns {
		r.township = t
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

// later warns of full lists that are on record for a day after this one's: what
// they removed they did without knowing this one.
func (x *rosters) later(f *fullList) {
	for _, seq := range slices.Sorted(maps.Keys(x.files)) {
		if o := x.files[seq]; o.Effect.Full && o.Effect.On > f.on && deptKey(o.Source) == deptKey(x.im.file.Source) {
			l := f.entries[0]
			x.im.warnTable(l.r.sheet, l.r.h.row, "W-LATE", "台账里已有更晚的全量名单 %s（%s），而这份是 %s 的；由这份名单新列入、不在那一份里的人不会因此退出，请核对", o.Name, o.Effect.On, f.on)
			return
		}
	}
}

// enter lets one category of one row of a full list act. It reports whether
// somebody came onto the list without a date of recognition.
func (x *rosters) enter(f *fullList, l *rosterEntry, e *ledger.Event) bool {
	var now *rules.Spell  // that covers the day
	var last *rules.Spell // that ended before
	spells := x.spells(x.after, x.whose(e))
	for i := range spells {
		s := &spells[i]
		switch {
		case s.Category != e.Category:
		case s.Covers(f.on), s.Start > f.on && s.Start.Month() == f.on.Month():
			now = s // or came in the course of the list's month
		case s.End <= f.on:
			last = s
		}
	}
	undated := e.Date == 0
	if now != nil && e.Op == rules.Change {
		e.Op = rules.Add // nothing changes: it closes nothing
	}
	switch {
	case now != nil && (undated || e.Date < now.Start && x.start(f, e, e.Date) > e.Date):
		// Also where the row repeats the day of an earlier time on the list.
		was := x.meta[now.Opened]
		e.Date = was.Date
		if !x.news(was, e) {
			// On the list, and nothing else is said: it is stated for this month, too.
			again := *was
			again.Person, again.Src, again.Month, again.Extra = e.Person, e.Src, e.Month, nil
			x.again = append(x.again, &again)
			return false
		}
		undated = false
	case undated:
		e.Date = f.on
	case now == nil && x.start(f, e, e.Date) == 0 && x.start(f, e, f.on) != 0:
		// The row repeats the day of the first recognition; since then the person
		// had left. (A certificate that ran out helps no day.)
		when := ""
		if last != nil {
			when = "于 " + last.End.String() + " "
		}
		x.im.warn(l.r, "start", "W-RELISTED", "台账中此人的%s已%s退出，名单里又有，按 %s 重新在册，请核对认定日期", e.Category.Chinese(), when, f.on)
		e.Date = f.on
	}
	x.add(l, e)
	return undated
}

// start is since when somebody recognised on d would be on the list on its day,
// or on a later d; 0: they would not be.
func (x *rosters) start(f *fullList, e *ledger.Event, d civil.Date) civil.Date {
	try := e.Rules()
	try.Date = d
	spells, _ := rules.Timeline(append(slices.Clip(x.after[x.whose(e)]), try), x.im.exit)
	for _, s := range spells {
		if s.Category == e.Category && s.Covers(max(f.on, d)) {
			return s.Start
		}
	}
	return 0
}

// news reports whether a row of a full list says more of somebody than the event
// by which they are on the list.
func (x *rosters) news(was, e *ledger.Event) bool {
	differs := func(now, was string) bool { return now != "" && now != was }
	return e.Head != 0 && x.im.t.Whose(e.Head) != x.im.t.Whose(was.Head) || e.Expiry != 0 && e.Expiry != was.Expiry || e.Level != 0 && e.Level != was.Level ||
		differs(e.Township, was.Township) || differs(e.Village, was.Village) || differs(e.County, was.County) ||
		e.Applied != 0 && e.Applied != was.Applied || e.Name != 0 && e.Name != was.Name
}

// speaksOf reports whether a full list would name somebody who is on the list by
// an event.
func (f *fullList) speaksOf(x *rosters, s rules.Spell, e *ledger.Event) bool {
	dept, county := deptKey(e.Dept), rules.FoldCounty(cmp.Or(s.County, x.im.o.County))
	for r := range f.scope {
		if r.category == s.Category && (r.dept == "" || dept == "" || r.dept == dept) && (r.county == "" || r.county == county) &&
			(r.township == "" || r.township == x.township[x.whose(e)]) {
			return true
		}
	}
	return false
}

// leave removes those who are on the list and not in the full list.
func (x *rosters) leave(f *fullList) {
	people, anybody := x.unclear()
	month, dept := f.entries[0].r.h.list.month, f.entries[0].r.h.list.dept
	absent, same, held, others := 0, 0, 0, 0
	for _, p := range slices.Sorted(maps.Keys(x.after)) {
		for _, s := range x.spells(x.after, p) {
			e := x.meta[s.Opened]
			// Who has a day of leaving left as it says.
			if !s.Covers(f.on) || s.Closed != 0 || f.listed[p].Has(s.Category) {
				continue
			}
			switch {
			case !f.speaksOf(x, s, e):
				if f.cats.Has(s.Category) {
					others++
				}
				continue
			case e.Month > month: // a list that was sent since knows more
				others++
				continue
			case anybody || people[p]:
				held++
				continue
			case s.Start == f.on:
				same++ // on one day 退出 acts before 新增
				continue
			}
			absent++
			for _, n := range x.holders(p, s.Category, e) {
				x.add(nil, &ledger.Event{Area: e.Area, Person: n, Name: e.Name, Op: rules.Remove, Category: s.Category, Date: f.on, Head: e.Head,
					Township: e.Township, Village: e.Village, Dept: cmp.Or(e.Dept, dept), Month: month, County: s.County, Via: ledger.ViaAbsent,
					Src: ledger.Source{Seq: x.im.file.Seq, Sheet: HideIDs(f.entries[0].r.sheet)}})
			}
		}
	}
	x.effect.Absent += absent
	if held > 0 {
		x.effect.HeldBack += held
		x.im.note("名单有退回的行，可能正是 %d 名不在名单里的在册人员，暂不退出，改正后重发即可", held)
	}
	if same > 0 {
		x.im.note("%d 人的认定日期正是 %s 而不在名单里，未作退出，请核对", same, f.on)
	}
	if others > 0 {
		x.im.note("另有 %d 人次同类别的在册人员属其他部门、区县、乡镇，或由更晚的名单报送，不与此名单比较", others)
	}
	how := "名单所属月份的第一天"
	if f.given {
		how = "标题所写日期"
	}
	x.im.note("全量名单与 %s（%s）的在册人员比较，不在名单里的 %d 人次按这天退出；名单里没有出现的困难类别不比较", f.on, how, absent)
}

// holders are the numbers under which somebody came onto a list: who leaves it leaves
// it under all, for the correction of an ID may be undone.
func (x *rosters) holders(p ledger.PersonNo, c rules.Category, opened *ledger.Event) []ledger.PersonNo {
	out := []ledger.PersonNo{opened.Person}
	for _, e := range x.after[p] {
		if n := x.meta[e.Ref].Person; e.Op != rules.Remove && e.Category == c && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}
