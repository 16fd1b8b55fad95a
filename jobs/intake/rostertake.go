package intake

import (
	"cmp"
	"slices"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// rosters compares the rosters of a file with the lists that are on record and
// works out, before anything is given to the ledger, what they come to.
type rosters struct {
	im       *importer
	meta     map[int64]*ledger.Event // every event below, by its ID
	before   map[ledger.PersonNo][]rules.Event
	after    map[ledger.PersonNo][]rules.Event
	township map[ledger.PersonNo]string
	again    []naming                           // rows without a day, by whom they name
	called   map[int64]map[ledger.PersonNo]bool // the numbers that are on record under a name
	files    map[ledger.Seq]ledger.File         // with rosters, that came before
	next     int64                              // numbers events that the ledger has not numbered yet

	taken    []*ledger.Event        // in the order in which the ledger gets them
	of       []*rosterEntry         // of taken, parallel; nil: of no row
	replace  map[int64][]ledger.Seq // events of before of which a correction takes the place, with the files that stated them
	month    civil.Month            // of the correction
	lives    map[int64]bool         // of those: stated by others or for another month, too
	derived  int                    // the first of taken that full lists come to
	stale    map[int64]bool         // events on record to which full lists come no more
	effect   ledger.RosterEffect
	spoken   rules.CategorySet
	spokenOf map[ledger.PersonNo]bool // of whom the file speaks
}

// takeRosters gives the rosters of the file to the ledger. The rows that add,
// remove and change act first; a full list is compared with what they leave; a
// correction takes the place of what was sent for its month.
func (im *importer) takeRosters() error {
	if len(im.roll) == 0 {
		return nil
	}
	if err := im.wholeFile(); err != nil {
		return err
	}
	im.fillPlaces()
	x, err := im.onRecord()
	if err != nil {
		return err
	}
	// Of a file that is read again only rows that came back may be new: what it
	// replaced and whom it compared was settled when it came.
	if im.o.Again {
		if by := x.readAgain(); by != "" {
			x.leave(by)
			return nil
		}
	} else {
		if err := x.correct(); err != nil {
			return err
		}
		if err := x.corrected(); err != nil {
			return err
		}
	}
	x.begin()
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

// begin lets what is on record act, but for what a correction replaces.
func (x *rosters) begin() {
	for p, es := range x.before {
		x.after[p] = slices.DeleteFunc(slices.Clone(es), func(e rules.Event) bool {
			_, gone := x.replace[e.Ref]
			return gone && !x.lives[e.Ref]
		})
	}
	x.derived = -1
}

// unnumbered is where the numbers of events begin that the ledger has not numbered yet.
// It is above any of the ledger's: those of withdrawn events are taken, too, and what
// full lists said by them is asked for.
const unnumbered = 1 << 40

// onRecord reads the lists that are on record.
func (im *importer) onRecord() (*rosters, error) {
	known, err := im.t.Events()
	if err != nil {
		return nil, err
	}
	x := &rosters{im: im, meta: map[int64]*ledger.Event{}, before: map[ledger.PersonNo][]rules.Event{}, after: map[ledger.PersonNo][]rules.Event{},
		township: map[ledger.PersonNo]string{}, called: map[int64]map[ledger.PersonNo]bool{}, files: map[ledger.Seq]ledger.File{}, replace: map[int64][]ledger.Seq{}, lives: map[int64]bool{}, stale: map[int64]bool{}, spokenOf: map[ledger.PersonNo]bool{}, next: unnumbered}
	for i := range known {
		e := &known[i]
		x.meta[e.ID] = e
		if e.Void {
			continue
		}
		p := x.whose(e)
		x.before[p] = append(x.before[p], e.Rules())
		if e.Township != "" {
			x.township[p] = e.Township
		}
		if e.Name != 0 {
			if x.called[e.Name] == nil {
				x.called[e.Name] = map[ledger.PersonNo]bool{}
			}
			x.called[e.Name][e.Person] = true
		}
	}
	files, err := im.t.Rosters()
	for _, f := range files {
		x.files[f.Seq] = f
	}
	return x, err
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
		p := x.whose(e)
		x.after[p] = append(x.after[p], e.Rules())
		x.taken, x.of = append(x.taken, e), append(x.of, l)
	}
}

// whose is of whom an event is, whichever of their IDs it names.
func (x *rosters) whose(e *ledger.Event) ledger.PersonNo { return x.im.t.Whose(e.Person) }

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

// unclear are the numbers of those who may stand behind returned rows: by their IDs,
// or by their names where the ID can not be read. Where a row may be anybody's it says
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

// weigh counts what the file comes to, in people.
func (x *rosters) weigh() {
	// Removals of this month may act from the next on.
	today := x.im.o.Today.FirstOfNextMonth()
	speak := func(e *ledger.Event) {
		p := x.whose(e)
		x.spokenOf[p] = true
		if e.Category == rules.NoCategory {
			x.spoken |= rules.Held(x.spells(x.before, p), today)
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
	for id := range x.stale {
		speak(x.meta[id])
	}
	x.spoken &^= 1 << rules.NoCategory
	for p := range x.before {
		if rules.Held(x.spells(x.before, p), today)&x.spoken != 0 {
			x.effect.Open++
		}
	}
	for p := range x.spokenOf {
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

// heads warns of heads of households who are on no list.
func (x *rosters) heads() {
	listed := map[ledger.PersonNo]bool{}
	for p, es := range x.after {
		listed[p] = len(es) > 0
	}
	for i := range x.im.roll {
		l := &x.im.roll[i]
		if l.back || l.head == 0 || l.head == l.person || listed[x.im.t.Whose(l.head)] || len(l.events) == 0 || l.events[0].Op == rules.Remove {
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
		p := x.whose(e)
		if notes[p] == nil {
			notes[p] = map[int64]rules.NoteCode{}
			_, all := rules.Timeline(x.after[p], x.im.exit)
			for _, n := range all {
				notes[p][n.Ref] = n.Code
			}
		}
		if notes[p][e.ID] == rules.NoteNotOpen && !x.wasRemoved(e) {
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

// wasRemoved reports whether the ledger has the same removal already, which is what
// left this one nothing to do.
func (x *rosters) wasRemoved(e *ledger.Event) bool {
	return slices.ContainsFunc(x.before[x.whose(e)], func(was rules.Event) bool {
		return was.Op == rules.Remove && was.Date == e.Date && (was.Category == e.Category || was.Category == rules.NoCategory)
	})
}

// give hands everything to the ledger, and takes back what a correction no
// longer states.
func (x *rosters) give() error {
	im := x.im
	fresh := map[*rosterEntry]int{}
	stated := map[int64]bool{} // by this file; true: for the month of its correction
	for i, e := range x.taken {
		if i == x.derived { // what was withdrawn comes on record anew
			if err := x.withdraw(stated); err != nil {
				return err
			}
		}
		out, err := im.t.Event(e)
		if err != nil {
			return err
		}
		stated[e.ID] = stated[e.ID] || e.Month == x.month
		if out == ledger.New {
			im.file.Events++
			fresh[x.of[i]]++
		}
	}
	if x.derived < 0 || x.derived == len(x.taken) {
		if err := x.withdraw(stated); err != nil {
			return err
		}
	}
	if err := x.names(); err != nil {
		return err
	}
	for i := range im.roll {
		if l := &im.roll[i]; !l.back {
			im.count(l.r, fresh[l] > 0)
		}
	}
	im.file.Effect = &x.effect
	return nil
}
