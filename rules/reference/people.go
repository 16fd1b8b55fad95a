package reference

import (
	"slices"
	"strings"
	"time"
)

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// civil is the calendar day that t shows on its own clock, at UTC midnight.
func civil(t time.Time) time.Time { return date(t.Year(), t.Month(), t.Day()) }

func dayAfter(t time.Time) time.Time  { return date(t.Year(), t.Month(), t.Day()+1) }
func dayBefore(t time.Time) time.Time { return date(t.Year(), t.Month(), t.Day()-1) }

func firstOfNextMonth(t time.Time) time.Time { return date(t.Year(), t.Month()+1, 1) }

// monthsBefore is the same day n months earlier, or that month's last day
// where the month is too short.
func monthsBefore(t time.Time, n int) time.Time {
	first := date(t.Year(), t.Month()-time.Month(n), 1)
	last := dayBefore(firstOfNextMonth(first))
	return date(first.Year(), first.Month(), min(t.Day(), last.Day()))
}

// A spell is the opening of a category and what its rows say.
type spell struct {
	category, cause string
	start           time.Time
	counties        []string  // named by the rows that opened it
	applied         time.Time // the earliest application on its rows, zero: none (KF-11)
}

// A certificate is a category that is open: neither removed nor changed away.
type certificate struct {
	spell  *spell
	expiry time.Time // zero: none
}

func (c certificate) ranOutBefore(day time.Time) bool {
	return !c.expiry.IsZero() && c.expiry.Before(day)
}

// A tail is what a removed spell still counts under next_month.
type tail struct {
	spell *spell
	until time.Time // first day that no longer counts
}

// file is what is on record about the person after some day's events.
type file struct {
	open   map[string]certificate
	tails  []tail
	spells []*spell // every recognition so far, in the order of their days
}

// replay reads all events up to and including the last day, day by day; on
// one day removes act first, then changes, then adds.
func replay(cfg Config, events []Event, last time.Time) file {
	f := file{open: map[string]certificate{}}
	for _, day := range eventDays(events) {
		if day.After(last) {
			break
		}
		removes, changes, adds := eventsOf(events, day)

		for _, e := range removes {
			for _, category := range f.openCategories() {
				if e.Category == category || e.Category == "" {
					f.remove(cfg, category, day)
				}
			}
		}

		// Several changes of one day close together, then all open.
		if len(changes) > 0 {
			f.open = map[string]certificate{}
		}
		f.add(changes, day)
		f.add(adds, day)
	}
	return f
}

func (f *file) openCategories() []string {
	var list []string
	for category := range f.open {
		list = append(list, category)
	}
	slices.Sort(list)
	return list
}

func (f *file) remove(cfg Config, category string, day time.Time) {
	c := f.open[category]
	delete(f.open, category)
	if !configOn(cfg, day).NextMonthExit || c.ranOutBefore(day) {
		return
	}
	until := firstOfNextMonth(day)
	if !c.expiry.IsZero() && dayAfter(c.expiry).Before(until) {
		until = dayAfter(c.expiry)
	}
	f.tails = append(f.tails, tail{c.spell, until})
}

// add opens the categories of the given events, all of the same day.
func (f *file) add(events []Event, day time.Time) {
	for _, row := range oneEach(events) {
		c, isOpen := f.open[row.category]
		if isOpen && !c.ranOutBefore(day) {
			// Known already: only the certificate may become longer, and the application be given.
			c.expiry = longer(c.expiry, row.expiry)
			c.spell.applied = earlier(c.spell.applied, row.applied)
			f.open[row.category] = c
			continue
		}
		s := row.spell
		s.start = day
		f.open[row.category] = certificate{&s, row.expiry}
		f.spells = append(f.spells, &s)
	}
}

// A row is what the rows of one day say about a category.
type row struct {
	spell
	expiry time.Time
}

// oneEach makes one row of several of one day for the same category: the cause
// illness wins, the longest expiry and the earliest application; every county counts.
func oneEach(events []Event) []row {
	var list []row
	for _, e := range events {
		if !opens(e) || !e.Expiry.IsZero() && e.Expiry.Before(civil(e.Date)) {
			continue // nothing is held by it, so it lends its cause to no other row
		}
		i := slices.IndexFunc(list, func(o row) bool { return o.category == e.Category })
		if i < 0 {
			list = append(list, row{spell{category: e.Category, cause: e.Cause}, e.Expiry})
			i = len(list) - 1
		}
		if e.Cause == "illness" {
			list[i].cause = "illness"
		}
		list[i].expiry = longer(list[i].expiry, e.Expiry)
		list[i].applied = earlier(list[i].applied, e.Applied)
		if county := foldCounty(e.County); county != "" {
			list[i].counties = append(list[i].counties, county)
		}
	}
	return list
}

// opens tells whether the event names something that can be held: a
// disability counts with level 1 or 2, or where the level is not known.
func opens(e Event) bool {
	if e.Category == "canji" {
		return e.Level == 0 || e.Level == 1 || e.Level == 2
	}
	return e.Category != ""
}

// longer is the later of two expiries; none is the longest.
func longer(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if b.After(a) {
		return b
	}
	return a
}

// earlier is the earlier of two applications; none is the latest.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// foldCounty is a county's name without the word for what it is (SY-4).
func foldCounty(s string) string {
	s = strings.TrimSpace(s)
	for _, suffix := range []string{"区", "县", "市"} {
		if short, ok := strings.CutSuffix(s, suffix); ok {
			return short
		}
	}
	return s
}

func eventDays(events []Event) []time.Time {
	var days []time.Time
	for _, e := range events {
		days = append(days, civil(e.Date))
	}
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

func eventsOf(events []Event, day time.Time) (removes, changes, adds []Event) {
	for _, e := range events {
		if !civil(e.Date).Equal(day) {
			continue
		}
		if !e.Expiry.IsZero() {
			e.Expiry = civil(e.Expiry)
		}
		switch e.Op {
		case "remove":
			removes = append(removes, e)
		case "change":
			changes = append(changes, e)
		case "add":
			adds = append(adds, e)
		default:
			panic("reference: no such operation: " + e.Op)
		}
	}
	return removes, changes, adds
}

// heldSpells are the spells that count on the day.
func heldSpells(cfg Config, events []Event, day time.Time) []spell {
	f := replay(cfg, events, day)
	var list []spell
	for _, c := range f.open {
		if !c.ranOutBefore(day) {
			list = append(list, *c.spell)
		}
	}
	for _, t := range f.tails {
		if day.Before(t.until) {
			list = append(list, *t.spell)
		}
	}
	return list
}

// Held is the sorted list of the categories that the person holds on the day,
// assisted by the pack or not.
func Held(cfg Config, events []Event, day time.Time) []string {
	held := []string{}
	for _, s := range heldSpells(cfg, events, civil(day)) {
		held = append(held, s.category)
	}
	slices.Sort(held)
	return slices.Compact(held)
}

// assisted are the categories of the spells that the pack assists, in its order.
func assisted(p pack, spells []spell) []string {
	var list []string
	for _, category := range p.order {
		if slices.ContainsFunc(spells, func(s spell) bool { return s.category == category }) {
			list = append(list, category)
		}
	}
	return list
}

// ---- retroactive windows (§5) ----

// everything is the last day of all replays.
var everything = date(9999, 12, 31)

// reachedBack are the spells into whose retroactive window the day falls, the
// earliest recognition first. The pack of the day of recognition opens it.
func reachedBack(cfg Config, events []Event, day time.Time) []spell {
	var list []spell
	for _, s := range replay(cfg, events, everything).spells {
		b, ok := inForce(cfg, s.start)
		if ok && opensWindow(cfg, b, events, *s) && inWindow(b.pack, *s, day) {
			list = append(list, *s)
		}
	}
	return list
}

func opensWindow(cfg Config, b rulebook, events []Event, s spell) bool {
	retro := b.pack.retro
	if retro == nil || s.cause != "illness" || !slices.Contains(retro.categories, s.category) {
		return false
	}
	before := assisted(b.pack, heldSpells(cfg, events, dayBefore(s.start)))
	if len(before) == 0 {
		return true
	}
	// The choice speaks of *another* category: who held this one is not new.
	return b.cfg.RetroAfterOther && !slices.Contains(before, s.category)
}

func inWindow(p pack, s spell, day time.Time) bool {
	from := monthsBefore(s.start, p.retro.months)
	if from.Before(p.retro.earliest) {
		from = p.retro.earliest
	}
	return !day.Before(from) && day.Before(s.start)
}

// ---- what a person is to the pack on a day ----

// A standing is what a person is on the day of a claim.
type standing struct {
	held       []string    // assisted categories held, in the pack's order
	candidates []candidate // for assistance, in the order that settles ties
	targeted   bool        // SY-4
}

// A candidate is a category under which a claim can be assisted.
type candidate struct {
	category string
	retro    bool // acts through a retroactive window only
}

func standingOn(cfg Config, b rulebook, events []Event, back []spell, day time.Time) standing {
	held := heldSpells(cfg, events, day)
	s := standing{held: assisted(b.pack, held), targeted: targeted(b, held)}

	// What is held goes first, then what acts through a window, each in the pack's order.
	granted := assisted(b.pack, appliedFor(cfg, b, events, held, day))
	for _, category := range granted {
		s.candidates = append(s.candidates, candidate{category, false})
	}
	for _, category := range assisted(b.pack, appliedFor(cfg, b, events, back, day)) {
		if !slices.Contains(granted, category) {
			s.candidates = append(s.candidates, candidate{category, true})
		}
	}
	return s
}

// appliedFor leaves out the spells whose assistance waits for an application (KF-11).
func appliedFor(cfg Config, b rulebook, events []Event, spells []spell, day time.Time) []spell {
	if !b.cfg.ApplicationRequired {
		return spells
	}
	var list []spell
	for _, s := range spells {
		on := applicationOf(cfg, events, s)
		byRight := !slices.Contains(b.pack.onApplication, s.category)
		if byRight || !on.IsZero() && !day.Before(civil(on)) {
			list = append(list, s)
		}
	}
	return list
}

// applicationOf is the earliest application on any row of the spell, whenever that row is dated.
func applicationOf(cfg Config, events []Event, s spell) time.Time {
	for _, o := range replay(cfg, events, everything).spells {
		if o.category == s.category && o.start.Equal(s.start) {
			return o.applied
		}
	}
	return time.Time{}
}

// targeted tells whether one of the spells held makes a person of SY-4, 二(二):
// the category, and the county of the row that opened it or else the office's own.
func targeted(b rulebook, held []spell) bool {
	t := b.pack.targeted
	if t == nil {
		return false
	}
	for _, s := range held {
		counties := s.counties
		if len(counties) == 0 {
			counties = []string{foldCounty(b.cfg.County)}
		}
		if s.category == t.category && slices.ContainsFunc(counties, func(county string) bool {
			return slices.Contains(t.counties, county)
		}) {
			return true
		}
	}
	return false
}
