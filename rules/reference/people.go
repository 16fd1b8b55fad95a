package reference

import (
	"slices"
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

// A certificate is a category that is open: neither removed nor changed away.
type certificate struct {
	start  time.Time
	cause  string
	expiry time.Time // zero: none
}

func (c certificate) ranOutBefore(day time.Time) bool {
	return !c.expiry.IsZero() && c.expiry.Before(day)
}

// A recognition is the opening of a spell.
type recognition struct {
	category, cause string
	start           time.Time
}

// A tail is what a removed spell still counts under next_month.
type tail struct {
	category string
	until    time.Time // first day that no longer counts
}

// file is what is on record about the person after some day's events.
type file struct {
	open         map[string]certificate
	tails        []tail
	recognitions []recognition
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
	if !cfg.NextMonthExit || c.ranOutBefore(day) {
		return
	}
	until := firstOfNextMonth(day)
	if !c.expiry.IsZero() && dayAfter(c.expiry).Before(until) {
		until = dayAfter(c.expiry)
	}
	f.tails = append(f.tails, tail{category, until})
}

// add opens the categories of the given events, all of the same day.
func (f *file) add(events []Event, day time.Time) {
	for _, e := range oneEach(events) {
		c, isOpen := f.open[e.Category]
		if isOpen && !c.ranOutBefore(day) {
			// Known already: only the certificate may become longer.
			c.expiry = longer(c.expiry, e.Expiry)
			f.open[e.Category] = c
			continue
		}
		if !e.Expiry.IsZero() && civil(e.Expiry).Before(day) {
			continue // a certificate that has run out before it begins opens nothing
		}
		c = certificate{start: day, cause: e.Cause, expiry: e.Expiry}
		f.open[e.Category] = c
		f.recognitions = append(f.recognitions, recognition{e.Category, e.Cause, day})
	}
}

// oneEach makes one event of several of one day for the same category: the
// cause illness wins, and the longest expiry.
func oneEach(events []Event) []Event {
	var list []Event
	for _, e := range events {
		if !opens(e) || !e.Expiry.IsZero() && e.Expiry.Before(civil(e.Date)) {
			continue // nothing is held by it, so it lends its cause to no other row
		}
		i := slices.IndexFunc(list, func(o Event) bool { return o.Category == e.Category })
		if i < 0 {
			list = append(list, e)
			continue
		}
		if e.Cause == "illness" {
			list[i].Cause = "illness"
		}
		list[i].Expiry = longer(list[i].Expiry, e.Expiry)
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

// Held is the sorted list of the categories that the person holds on the day,
// assisted by the pack or not.
func Held(cfg Config, events []Event, day time.Time) []string {
	day = civil(day)
	f := replay(cfg, events, day)
	held := []string{}
	for category, c := range f.open {
		if !c.ranOutBefore(day) {
			held = append(held, category)
		}
	}
	for _, t := range f.tails {
		if day.Before(t.until) {
			held = append(held, t.category)
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}

// heldAssisted is Held, without what the pack does not assist, in the pack's order.
func heldAssisted(cfg Config, p pack, events []Event, day time.Time) []string {
	held := Held(cfg, events, day)
	var list []string
	for _, category := range p.order {
		if slices.Contains(held, category) {
			list = append(list, category)
		}
	}
	return list
}

// reachedBack are the categories, in the pack's order, into whose retroactive
// window the day falls.
func reachedBack(cfg Config, p pack, events []Event, day time.Time) []string {
	if p.retro == nil {
		return nil
	}
	endOfTime := date(9999, 12, 31)
	recognitions := replay(cfg, events, endOfTime).recognitions
	var list []string
	for _, category := range p.order {
		for _, r := range recognitions {
			if r.category == category && opensWindow(cfg, p, events, r) && inWindow(p, r, day) {
				list = append(list, category)
				break
			}
		}
	}
	return list
}

func opensWindow(cfg Config, p pack, events []Event, r recognition) bool {
	if r.cause != "illness" || !slices.Contains(p.retro.categories, r.category) {
		return false
	}
	if r.start.Before(p.inForceFrom) {
		return false // no pack was in force on the day of recognition
	}
	before := heldAssisted(cfg, p, events, dayBefore(r.start))
	if len(before) == 0 {
		return true
	}
	// The choice speaks of *another* category: who held this one is not new.
	return cfg.RetroAfterOther && !slices.Contains(before, r.category)
}

func inWindow(p pack, r recognition, day time.Time) bool {
	from := monthsBefore(r.start, p.retro.months)
	if from.Before(p.retro.earliest) {
		from = p.retro.earliest
	}
	return !day.Before(from) && day.Before(r.start)
}
