package intake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// CodeLarge is the code of a roster that takes too many people off the lists.
const CodeLarge = "E-ROSTER-LARGE"

const (
	// A roster that takes so many people off the lists, and more than a third of
	// those who were on them, is more likely a cut or a mistaken file than true.
	largeRemoval = 10
	largeShare   = 3
)

// rosters compares the rosters of a file with the lists that are on record and
// works out, before anything is given to the ledger, what they come to.
type rosters struct {
	im       *importer
	meta     map[int64]*ledger.Event // every event below, by its ID
	before   map[ledger.PersonNo][]rules.Event
	after    map[ledger.PersonNo][]rules.Event
	township map[ledger.PersonNo]string
	again    []*ledger.Event                    // on record, and stated by this file once more
	called   map[int64]map[ledger.PersonNo]bool // who is on record under a name
	files    map[ledger.Seq]ledger.File         // with rosters, that came before
	next     int64                              // numbers events that the ledger has not numbered yet

	taken   []*ledger.Event       // in the order in which the ledger gets them
	of      []*rosterEntry        // of taken, parallel; nil: of no row
	replace map[int64]civil.Month // events of before that a correction does not keep, with the month
	lives   map[int64]bool        // of those: stated for another month, too
	effect  ledger.RosterEffect
	spoken  rules.CategorySet
	people  map[ledger.PersonNo]bool // of whom the file speaks
}

// takeRosters gives the rosters of the file to the ledger. The rows that add,
// remove and change act first; a full list is compared with what they leave; a
// correction takes the place of what was sent for its month.
func (im *importer) takeRosters() error {
	if len(im.roll) == 0 {
		return nil
	}
	known, err := im.t.Events()
	if err != nil {
		return err
	}
	if err := im.wholeFile(); err != nil {
		return err
	}
	im.fillPlaces()
	x := &rosters{im: im, meta: map[int64]*ledger.Event{}, before: map[ledger.PersonNo][]rules.Event{}, after: map[ledger.PersonNo][]rules.Event{},
		township: map[ledger.PersonNo]string{}, called: map[int64]map[ledger.PersonNo]bool{}, files: map[ledger.Seq]ledger.File{}, replace: map[int64]civil.Month{}, lives: map[int64]bool{}, people: map[ledger.PersonNo]bool{}}
	for i := range known {
		e := &known[i]
		x.next = max(x.next, e.ID)
		x.meta[e.ID] = e
		x.before[e.Person] = append(x.before[e.Person], e.Rules())
		if e.Township != "" {
			x.township[e.Person] = e.Township
		}
		if e.Name != 0 {
			if x.called[e.Name] == nil {
				x.called[e.Name] = map[ledger.PersonNo]bool{}
			}
			x.called[e.Name][e.Person] = true
		}
	}
	files, err := im.t.Rosters()
	if err != nil {
		return err
	}
	for _, f := range files {
		x.files[f.Seq] = f
	}
	// Of a file that is read again only rows that came back may be new: what it
	// replaced and whom it compared was settled when it came.
	if !im.o.Again {
		if err := x.correct(); err != nil {
			return err
		}
		if err := x.corrected(); err != nil {
			return err
		}
	}
	for p, es := range x.before {
		x.after[p] = slices.DeleteFunc(slices.Clone(es), func(e rules.Event) bool {
			_, gone := x.replace[e.Ref]
			return gone && !x.lives[e.Ref]
		})
	}
	for i := range im.roll {
		if l := &im.roll[i]; !l.back && !l.listed {
			x.add(l, l.events...)
		}
	}
	if err := x.compare(); err != nil {
		return err
	}
	x.weigh()
	if err := x.implausible(); err != nil {
		return err
	}
	x.heads()
	x.months()
	x.idle()
	return x.give()
}

// wholeFile refuses a full list or a correction in a file of which a part could
// not be read: the people of that part would leave.
func (im *importer) wholeFile() error {
	if len(im.unread) == 0 {
		return nil
	}
	for i := range im.roll {
		if l := &im.roll[i]; l.listed || l.r.h.list.correction {
			return sheet.Refuse("E-FILE-TABLE", "这是全量或更正名单，而文件里有带身份证号的内容没能读取："+shorten(im.unread, "；")+"。没读到的人会被当作退出，所以整份没有采纳；请补好表头后重发", nil)
		}
	}
	return nil
}

// fillPlaces gives the rows that name no county that of their table, if its other
// rows all name one, else the area's own; they speak of all counties only where no
// row names one. Likewise the department.
func (im *importer) fillPlaces() {
	type places struct{ county, dept map[string]bool }
	of := map[*header]*places{}
	for i := range im.roll {
		l := &im.roll[i]
		p := of[l.r.h]
		if p == nil {
			p = &places{map[string]bool{}, map[string]bool{}}
			of[l.r.h] = p
		}
		for _, e := range l.events {
			p.county[e.County], p.dept[e.Dept] = true, true
		}
	}
	fill := func(at map[string]bool, otherwise string) string {
		delete(at, "")
		if len(at) == 1 {
			for one := range at {
				return one
			}
		}
		if len(at) == 0 {
			return ""
		}
		return otherwise
	}
	county, dept := map[*header]string{}, map[*header]string{}
	for h, p := range of {
		county[h], dept[h] = fill(p.county, im.o.County), fill(p.dept, "")
	}
	for i := range im.roll {
		l := &im.roll[i]
		l.county, l.dept = county[l.r.h], dept[l.r.h]
	}
}

// placeOf is the department and the county of which an event of a row speaks, in a
// form that can be compared; "" for all.
func (l *rosterEntry) placeOf(e *ledger.Event) (dept, county string) {
	return deptKey(cmp.Or(e.Dept, l.dept)), rules.FoldCounty(cmp.Or(e.County, l.county))
}

// add lets events act.
func (x *rosters) add(l *rosterEntry, events ...*ledger.Event) {
	for _, e := range events {
		x.next++
		e.ID = x.next
		x.meta[e.ID] = e
		x.after[e.Person] = append(x.after[e.Person], e.Rules())
		x.taken, x.of = append(x.taken, e), append(x.of, l)
	}
}

func (x *rosters) spells(of map[ledger.PersonNo][]rules.Event, p ledger.PersonNo) []rules.Spell {
	spells, _ := rules.Timeline(of[p], x.im.exit)
	return spells
}

// exit is from when a removal acts.
func (im *importer) exit(d civil.Date) rules.ExitEffect {
	if im.o.Exit == nil {
		return rules.SameDay
	}
	return im.o.Exit(d)
}

// correct finds what a correction replaces: what the same department sent for
// the county and month before. Departments send several lists a month, so that it
// is the list of the same name, where there is one; else those that do the same.
func (x *rosters) correct() error {
	c := correction{x: x, scope: map[sent]bool{}, ops: map[rules.Op]bool{}, months: map[civil.Month]bool{}, by: map[int64]ledger.Seq{}}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		list := &l.r.h.list
		if !list.correction {
			continue
		}
		if list.month == 0 {
			return sheet.Refuse("E-ROSTER-MONTH", "更正名单没有说明是哪个月的，请在标题或文件名里写明（如 2023年8月），或用 --month 指明", nil)
		}
		c.months[list.month] = true
		c.ops[list.op] = c.ops[list.op] || !list.full
		c.full = c.full || list.full
		for _, e := range l.events {
			dept, county := l.placeOf(e)
			c.scope[sent{list.month, dept, county}] = true
			c.categories |= rules.SetOf(e.Category)
		}
	}
	if len(c.months) == 0 {
		return nil
	}
	if len(c.months) > 1 {
		return sheet.Refuse("E-ROSTER-MONTH", "一个文件里有几个月的更正名单，请一个月发一份", nil)
	}
	x.effect.Correction = true
	for _, m := range slices.Sorted(maps.Keys(c.months)) {
		if err := c.month(m); err != nil {
			return err
		}
	}
	c.say()
	return nil
}

// sent is whose list of what month and county a row was in.
type sent struct {
	month  civil.Month
	dept   string
	county string
}

// correction is what a file that corrects says of itself, and what it replaces.
type correction struct {
	x          *rosters
	scope      map[sent]bool
	months     map[civil.Month]bool
	ops        map[rules.Op]bool // of the lists that are no full lists; 0: each row says its own
	full       bool
	categories rules.CategorySet
	named      bool // a list of the same name is replaced
	by         map[int64]ledger.Seq
}

// month finds what is replaced of what was stated for a month.
func (c *correction) month(m civil.Month) error {
	x := c.x
	stated, err := x.im.t.Stated(m)
	if err != nil {
		return err
	}
	by, err := x.im.t.StatedBy(m)
	if err != nil {
		return err
	}
	var ids []int64
	named := false
	for _, id := range slices.Sorted(maps.Keys(stated)) {
		e := x.meta[id]
		if e == nil {
			return fmt.Errorf("%w: event %d was stated for %s, but does not live", ledger.ErrIntegrity, id, m)
		}
		dept, county := deptKey(e.Dept), rules.FoldCounty(e.County)
		if county == "" {
			county = rules.FoldCounty(x.im.o.County)
		}
		if !c.scope[sent{m, dept, county}] && !c.scope[sent{m, dept, ""}] {
			continue
		}
		ids = append(ids, id)
		named = named || x.sameName(by[id])
	}
	c.named = c.named || named
	people, nobody := x.unclear()
	for _, id := range ids {
		e := x.meta[id]
		switch {
		case named && !x.sameName(by[id]), !named && !c.alike(e):
			continue
		case nobody || people[e.Person]:
			x.effect.HeldBack++
			continue
		}
		x.replace[id], c.by[id] = m, by[id]
		if !stated[id] {
			x.lives[id] = true
		}
	}
	return nil
}

// alike reports whether an event came by a list that does the same as one of the
// correction's, for the categories of which it speaks.
func (c *correction) alike(e *ledger.Event) bool {
	of := e.Category == rules.NoCategory || c.categories.Has(e.Category)
	if e.Via != ledger.ViaRow {
		return c.full && of
	}
	return c.ops[0] || c.ops[e.Op] && of
}

// say tells whose place the correction takes.
func (c *correction) say() {
	x, im := c.x, c.x.im
	count := map[ledger.Seq]int{}
	for _, seq := range c.by {
		count[seq]++
	}
	x.effect.Replaced = slices.Sorted(maps.Keys(count))
	var says []string
	for _, seq := range x.effect.Replaced {
		says = append(says, fmt.Sprintf("%s（%d 条）", x.files[seq].Name, count[seq]))
	}
	switch {
	case len(says) == 0 && x.effect.HeldBack == 0:
		im.warnTable(im.roll[0].r.sheet, im.roll[0].r.h.row, "W-CORRECTION", "没有找到同一部门此前报送的该月名单，这份更正没有替代任何名单，按新名单采纳；请核对月份、部门和区县")
	case len(says) > 1 && !c.named:
		im.warnTable(im.roll[0].r.sheet, im.roll[0].r.h.row, "W-CORRECTION", "没有同名的原名单，这份更正按部门、月份和内容替代了 %d 个文件：%s；如只更正其中一份，请用原文件名加“更正”二字重发", len(says), shorten(says, "、"))
	case len(says) > 0:
		im.note("更正名单替代：%s；两份都有的照旧，其余不再有效", shorten(says, "、"))
	}
	if x.effect.HeldBack > 0 {
		im.note("更正名单有退回的行，可能与这些行有关的 %d 条原有记录暂时保留，改正后重发即可", x.effect.HeldBack)
	}
}

// sameName reports whether a file that came before has this file's name, but for
// what marks a correction.
func (x *rosters) sameName(seq ledger.Seq) bool {
	f, ok := x.files[seq]
	return ok && listName(f.Name) == listName(x.im.name)
}

// corrected refuses a list whose place a correction has taken: sent once more, or
// late.
func (x *rosters) corrected() error {
	im := x.im
	if im.o.Correction {
		return nil // somebody says that it is to count again
	}
	corrects := x.effect.Correction
	before := map[ledger.Seq]bool{}
	for seq, f := range x.files {
		before[seq] = f.SHA256 == im.file.SHA256 && f.SHA256 != ""
	}
	for _, seq := range slices.Sorted(maps.Keys(x.files)) {
		f := x.files[seq]
		if !f.Effect.Correction || f.SHA256 == im.file.SHA256 {
			continue
		}
		again := slices.ContainsFunc(f.Effect.Replaced, func(s ledger.Seq) bool { return before[s] })
		late := !corrects && telling(im.name) && plainName(f.Name) == plainName(im.name) && f.Month == im.file.Month && deptKey(f.Source) == deptKey(im.file.Source)
		switch {
		case again:
			return sheet.Refuse("E-ROSTER-CORRECTED", fmt.Sprintf("这份名单已由更正名单 %s 替代，不再采纳，未作任何改动；如要恢复这一份，请用 --correct 读入", f.Name), nil)
		case late:
			return sheet.Refuse("E-ROSTER-CORRECTED", fmt.Sprintf("这份名单的更正 %s 已经采纳，更正前的名单不再采纳，未作任何改动；如果是另一份名单，请换一个文件名再发", f.Name), nil)
		}
	}
	return nil
}

// unclear are the people who may stand behind returned rows: by their IDs, or by
// their names where the ID can not be read. Where a row may be anybody's it says
// so: then nobody leaves.
func (x *rosters) unclear() (people map[ledger.PersonNo]bool, anybody bool) {
	people = map[ledger.PersonNo]bool{}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		switch {
		case !l.back:
		case l.person != 0:
			people[l.person] = true
		case len(x.called[l.name]) == 0:
			anybody = true
		default:
			for p := range x.called[l.name] {
				people[p] = true
			}
		}
	}
	return people, anybody
}

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
					f.listed[e.Person] |= rules.SetOf(e.Category)
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
	spells := x.spells(x.after, e.Person)
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
			again.Src, again.Month, again.Extra = e.Src, e.Month, nil
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
	spells, _ := rules.Timeline(append(slices.Clip(x.after[e.Person]), try), x.im.exit)
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
	return e.Head != 0 && e.Head != was.Head || e.Expiry != 0 && e.Expiry != was.Expiry || e.Level != 0 && e.Level != was.Level ||
		differs(e.Township, was.Township) || differs(e.Village, was.Village) || differs(e.County, was.County) ||
		e.Applied != 0 && e.Applied != was.Applied || e.Name != 0 && e.Name != was.Name
}

// speaksOf reports whether a full list would name somebody who is on the list by
// an event.
func (f *fullList) speaksOf(x *rosters, s rules.Spell, e *ledger.Event) bool {
	dept, county := deptKey(e.Dept), rules.FoldCounty(cmp.Or(s.County, x.im.o.County))
	for r := range f.scope {
		if r.category == s.Category && (r.dept == "" || dept == "" || r.dept == dept) && (r.county == "" || r.county == county) &&
			(r.township == "" || r.township == x.township[e.Person]) {
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
			x.add(nil, &ledger.Event{Area: e.Area, Person: p, Name: e.Name, Op: rules.Remove, Category: s.Category, Date: f.on, Head: e.Head,
				Township: e.Township, Village: e.Village, Dept: cmp.Or(e.Dept, dept), Month: month, County: s.County, Via: ledger.ViaAbsent,
				Src: ledger.Source{Seq: x.im.file.Seq, Sheet: HideIDs(f.entries[0].r.sheet)}})
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

// weigh counts what the file comes to, in people.
func (x *rosters) weigh() {
	// Removals of this month may act from the next on.
	today := x.im.o.Today.FirstOfNextMonth()
	speak := func(e *ledger.Event) {
		x.people[e.Person] = true
		if e.Category == rules.NoCategory {
			x.spoken |= rules.Held(x.spells(x.before, e.Person), today)
		}
		x.spoken |= rules.SetOf(e.Category)
	}
	for i := range x.im.roll {
		for _, e := range x.im.roll[i].events {
			speak(e)
		}
	}
	for _, e := range x.taken {
		speak(e)
	}
	for id := range x.replace {
		speak(x.meta[id])
	}
	x.spoken &^= 1 << rules.NoCategory
	for p := range x.before {
		if rules.Held(x.spells(x.before, p), today)&x.spoken != 0 {
			x.effect.Open++
		}
	}
	for p := range x.people {
		was, is := rules.Held(x.spells(x.before, p), today), rules.Held(x.spells(x.after, p), today)
		switch {
		case was == is && is == 0:
			x.effect.NoEffect++
		case was == is:
			x.effect.Unchanged++
		case was == 0:
			x.effect.Added++
		case is == 0:
			x.effect.Removed++
		default:
			x.effect.Changed++
		}
	}
}

// lot is a group of people of whom not too many should leave at once.
type lot struct {
	category rules.Category
	county   string
}

// implausible refuses a file that takes too many people off the lists: of a
// category in a county, or of all of which it speaks.
func (x *rosters) implausible() error {
	from := x.im.o.Today // the first day that the file touches
	for _, e := range x.taken {
		from = min(from, e.Date)
	}
	for id := range x.replace {
		from = min(from, x.meta[id].Date)
	}
	open, lost := map[lot]map[ledger.PersonNo]bool{}, map[lot]map[ledger.PersonNo]bool{}
	put := func(m map[lot]map[ledger.PersonNo]bool, p ledger.PersonNo, s rules.Spell) {
		for _, l := range []lot{{s.Category, rules.FoldCounty(cmp.Or(s.County, x.im.o.County))}, {}} {
			if m[l] == nil {
				m[l] = map[ledger.PersonNo]bool{}
			}
			m[l][p] = true
		}
	}
	for p := range x.before {
		before := x.spells(x.before, p)
		var after []rules.Spell
		if x.people[p] {
			after = x.spells(x.after, p)
		}
		for _, s := range before {
			if !x.spoken.Has(s.Category) || s.End <= from {
				continue
			}
			put(open, p, s)
			if x.people[p] && loses(s, before, after) {
				put(lost, p, s)
			}
		}
	}
	for _, l := range slices.SortedFunc(maps.Keys(lost), func(a, b lot) int {
		return cmp.Or(cmp.Compare(a.category, b.category), cmp.Compare(a.county, b.county))
	}) {
		gone, all := len(lost[l]), len(open[l])
		if gone < largeRemoval || gone*largeShare <= all {
			continue
		}
		of := l.category.Chinese()
		if of == "" {
			of = "同类别"
		}
		return x.refuseLarge(fmt.Sprintf("这份名单将使 %d 人失去身份，而%s在册的有 %d 人，超过三分之一，可能是名单不全或发错了文件", gone, of, all))
	}
	return nil
}

// loses reports whether a spell loses days, and no other category comes in its
// place on them.
func loses(s rules.Spell, before, after []rules.Spell) bool {
	// Days are lost from the end of what is left of the spell, or at its start.
	kept := func(d civil.Date) bool {
		held := rules.Held(after, d)
		return held.Has(s.Category) || held&^rules.Held(before, d) != 0
	}
	if !kept(s.Start) {
		return true
	}
	for _, a := range after {
		if s.Covers(a.End) && a.End < s.End && !kept(a.End) {
			return true
		}
	}
	return false
}

// refuseLarge refuses a file, unless somebody said that it is right; a dry run
// says only that it would be.
func (x *rosters) refuseLarge(msg string) error {
	if x.im.o.LargeOK {
		x.im.warnTable(x.im.roll[0].r.sheet, x.im.roll[0].r.h.row, "W-LARGE", "%s；已按要求采纳", msg)
		return nil
	}
	msg += "。请先向报送部门核实；如属实，用 doudi import --accept-large-change 读入这个文件（加 --dry-run 可先看效果）"
	if x.im.o.Dry {
		x.im.report.Implausible = msg
		return nil
	}
	return sheet.Refuse(CodeLarge, msg+"。未采纳任何内容", nil)
}

// heads warns of heads of households who are on no list.
func (x *rosters) heads() {
	listed := map[ledger.PersonNo]bool{}
	for p, es := range x.after {
		listed[p] = len(es) > 0
	}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		if l.back || l.head == 0 || l.head == l.person || listed[l.head] || len(l.events) == 0 || l.events[0].Op == rules.Remove {
			continue
		}
		x.im.warn(l.r, "head", "W-HEAD", "户主不在名单里，台账中也没有；已按所写户主归户，请核对户主身份证号")
	}
}

// months warns of rosters whose rows lie after the month that they are for.
func (x *rosters) months() {
	type table struct {
		sheet string
		row   int
	}
	after, all, month := map[table]int{}, map[table]int{}, map[table]civil.Month{}
	var order []table
	for i, e := range x.taken {
		l := x.of[i]
		if l == nil || l.r.h.list.month == 0 {
			continue
		}
		at := table{l.r.sheet, l.r.h.row}
		if all[at]++; all[at] == 1 {
			order = append(order, at)
			month[at] = l.r.h.list.month
		}
		if e.Date.Month() > l.r.h.list.month {
			after[at]++
		}
	}
	for _, at := range order {
		if 2*after[at] > all[at] {
			x.im.warnTable(at.sheet, at.row, "W-MONTH", "名单所属月份是 %s，而 %d 条里有 %d 条的日期在该月之后，请核对月份", month[at], all[at], after[at])
		}
	}
}

// idle says which rows come to nothing: a removal of somebody who is not on the
// list may be a removal of somebody else, whose ID was mistyped.
func (x *rosters) idle() {
	low := 0
	notes := map[ledger.PersonNo]map[int64]rules.NoteCode{}
	for i, e := range x.taken {
		l := x.of[i]
		if l == nil {
			continue
		}
		if e.Op != rules.Remove {
			if e.Category == rules.Canji && e.Level > 2 {
				low++
			}
			continue
		}
		if notes[e.Person] == nil {
			notes[e.Person] = map[int64]rules.NoteCode{}
			_, all := rules.Timeline(x.after[e.Person], x.im.exit)
			for _, n := range all {
				notes[e.Person][n.Ref] = n.Code
			}
		}
		if notes[e.Person][e.ID] == rules.NoteNotOpen && !x.onRecord(e) {
			what := e.Category.Chinese()
			if e.Category == rules.NoCategory {
				what = "任何困难身份"
			}
			x.im.warn(l.r, "certno", "W-NOT-LISTED", "%s 那天台账中此人不是%s，退出没有作用，请核对身份证号、困难类别和退出日期", e.Date, what)
		}
	}
	if low > 0 {
		x.im.note("残疾等级为三级、四级的 %d 人次不属二级及以上残疾人，没有因此在册", low)
	}
}

// onRecord reports whether the ledger has the same removal already, which is what
// left this one nothing to do.
func (x *rosters) onRecord(e *ledger.Event) bool {
	return slices.ContainsFunc(x.before[e.Person], func(was rules.Event) bool {
		return was.Op == rules.Remove && was.Date == e.Date && (was.Category == e.Category || was.Category == rules.NoCategory)
	})
}

// give hands everything to the ledger, and takes back what a correction no
// longer states.
func (x *rosters) give() error {
	im := x.im
	fresh := map[*rosterEntry]int{}
	stated := map[int64]bool{}
	for i, e := range x.taken {
		out, err := im.t.Event(e)
		if err != nil {
			return err
		}
		stated[e.ID] = true
		if out == ledger.New {
			im.file.Events++
			fresh[x.of[i]]++
		}
	}
	for _, e := range x.again {
		// What a correction withdrew meanwhile comes on record anew.
		out, err := im.t.Event(e)
		if err != nil {
			return err
		}
		stated[e.ID] = true
		if out == ledger.New {
			im.file.Events++
		}
	}
	for i := range im.roll {
		if l := &im.roll[i]; !l.back {
			im.count(l.r, fresh[l] > 0)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(x.replace)) {
		if stated[id] {
			continue
		}
		lives, err := im.t.Withdraw(id, x.replace[id], ledger.Source{Seq: im.file.Seq, Sheet: HideIDs(im.roll[0].r.sheet)})
		if err != nil {
			return err
		}
		if lives != x.lives[id] {
			return fmt.Errorf("%w: event %d lives on after its withdrawal: %t, not as it was stated", ledger.ErrIntegrity, id, lives)
		}
		x.effect.Withdrawn++
	}
	im.file.Effect = &x.effect
	return nil
}
