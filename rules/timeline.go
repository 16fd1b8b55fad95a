package rules

import (
	"cmp"
	"slices"

	"doudi/rules/civil"
)

// Op is what a roster row does.
type Op uint8

// The operations, in the order in which they act on one day: somebody removed
// and added again on one day stays covered.
const (
	Remove Op = iota + 1 // 退出
	Change               // 变更
	Add                  // 新增
)

var opNames = [...]struct{ code, zh string }{{}, {"remove", "退出"}, {"change", "变更"}, {"add", "新增"}}

// String is the code: "add".
func (o Op) String() string { return opNames[o].code }

// Chinese is the word on the roster.
func (o Op) Chinese() string { return opNames[o].zh }

// Event is one category of one roster row.
type Event struct {
	Ref      int64 // the ledger's number; arrival order
	Op       Op
	Category Category // none on a removal from everything
	Cause    Cause
	Date     civil.Date // 认定日期, or 退出日期 of a removal
	Expiry   civil.Date // 证件有效期; 0: without end
	Level    uint8      // 残疾等级 1-4; 0: not given
	Source   string     // the department
	County   string     // 区县 of the household; "" not given
	Applied  civil.Date // 申请日期 of assistance by application; 0: none
}

// Spell is a category held: Start counts, End does not.
type Spell struct {
	Category Category
	Cause    Cause
	Start    civil.Date
	End      civil.Date // civil.Forever while open
	Opened   int64      // Ref of the event that opened it
	Closed   int64      // Ref of the event that closed it; 0: open, or by its certificate's end
	County   string     // 区县 as the rows of the spell give it; "" not given
	Applied  civil.Date // the first 申请日期 on a row of the spell; 0: none
}

// Covers reports whether the spell is held on d.
func (s Spell) Covers(d civil.Date) bool { return s.Start <= d && d < s.End }

// add takes what a row of the spell says beside its dates. A county once given
// stands: a row of the same spell that names another one was not a move, which
// is a 变更.
func (s *Spell) add(e Event) {
	if s.County == "" {
		s.County = e.County
	}
	if e.Applied != 0 && (s.Applied == 0 || e.Applied < s.Applied) {
		s.Applied = e.Applied
	}
}

// Held is the set of categories held on d.
func Held(spells []Spell, d civil.Date) CategorySet {
	var set CategorySet
	for _, s := range spells {
		if s.Covers(d) {
			set |= 1 << s.Category
		}
	}
	return set
}

// NoteCode says what an event did where it did not simply open or close.
type NoteCode uint8

// The notes, as the departments read them.
const (
	NoteNone    NoteCode = iota
	NoteKnown            // 已在册
	NoteEarlier          // 认定日期提前
	NoteNotOpen          // 退出人员不在册
	NoteLevel            // 残疾等级不在救助范围
	NoteRenewed          // 证件有效期已更新
	NoteExpired          // 认定时证件已过期
)

var noteNames = [...]string{"", "已在册", "认定日期提前", "退出人员不在册", "残疾等级不在救助范围", "证件有效期已更新", "认定时证件已过期"}

// Chinese is the note as the departments read it.
func (n NoteCode) Chinese() string { return noteNames[n] }

// Note tells a department what its row did.
type Note struct {
	Ref  int64
	Code NoteCode
}

// ExitEffect is from when a removal acts [choice: exit_effect].
type ExitEffect uint8

// The two choices.
const (
	SameDay   ExitEffect = iota // the spell ends on 退出日期
	NextMonth                   // on the first day of the month after it
)

// end is the day on which a spell removed on d ends.
func (e ExitEffect) end(d civil.Date) civil.Date {
	if e == NextMonth {
		return d.FirstOfNextMonth()
	}
	return d
}

// open is a spell that is being replayed, with its certificate's end.
type open struct {
	spell  int // index in spells
	expiry civil.Date
	first  int64      // of the rows behind it, the one that arrived first so far
	since  civil.Date // its date: rows that arrived later with an earlier one did 认定日期提前
}

// Timeline replays events by their effective dates and gives the spells,
// ordered by start, and what is to be reported of single events. The order in
// which the events arrived decides nothing but the notes (semantics §2).
//
// exit gives the effect of a removal on its date.
func Timeline(events []Event, exit func(civil.Date) ExitEffect) ([]Spell, []Note) {
	es := slices.Clone(events)
	slices.SortFunc(es, compareEvents)

	var spells []Spell
	var notes []Note
	var now [numCategories]*open

	expire := func(d civil.Date) { // certificates that ran out before d
		for c, o := range now {
			if o != nil && o.expiry != 0 && o.expiry < d {
				spells[o.spell].End = o.expiry.Next()
				now[c] = nil
			}
		}
	}
	shut := func(c Category, d civil.Date, effect ExitEffect, ref int64) {
		o := now[c]
		s := &spells[o.spell]
		s.End, s.Closed = effect.end(d), ref
		if o.expiry != 0 && o.expiry.Next() < s.End {
			s.End = o.expiry.Next()
		}
		now[c] = nil
	}
	begin := func(e Event) {
		if e.Category == Canji && e.Level > 2 {
			notes = append(notes, Note{e.Ref, NoteLevel})
			return
		}
		if o := now[e.Category]; o != nil {
			if e.Expiry == 0 || e.Expiry >= e.Date { // what covers no day lends nothing
				spells[o.spell].add(e)
			}
			switch {
			case e.Date > o.since && e.Ref < o.first:
				// It was on record before that one, which came with an earlier day.
				notes = append(notes, Note{o.first, NoteEarlier})
			case longer(e.Expiry, o.expiry):
				notes = append(notes, Note{e.Ref, NoteRenewed})
			default:
				notes = append(notes, Note{max(e.Ref, o.first), NoteKnown})
			}
			if longer(e.Expiry, o.expiry) {
				o.expiry = e.Expiry
			}
			if e.Ref < o.first {
				o.first, o.since = e.Ref, e.Date
			}
			return
		}
		if e.Expiry != 0 && e.Expiry < e.Date {
			// A certificate that had run out before it was recognised covers
			// no day.
			notes = append(notes, Note{e.Ref, NoteExpired})
			return
		}
		spells = append(spells, Spell{Category: e.Category, Cause: e.Cause, Start: e.Date, End: civil.Forever, Opened: e.Ref})
		spells[len(spells)-1].add(e)
		now[e.Category] = &open{len(spells) - 1, e.Expiry, e.Ref, e.Date}
	}

	for i := 0; i < len(es); {
		d := es[i].Date
		expire(d)
		effect := exit(d)
		j := i
		for ; j < len(es) && es[j].Date == d && es[j].Op == Remove; j++ {
			e := es[j]
			found := false
			for c := NoCategory + 1; c < numCategories; c++ {
				if now[c] != nil && (e.Category == NoCategory || e.Category == c) {
					shut(c, d, effect, e.Ref)
					found = true
				}
			}
			if !found {
				notes = append(notes, Note{e.Ref, NoteNotOpen})
			}
		}
		// All changes of one day close first, then all open: one row with two
		// categories is two events.
		if j < len(es) && es[j].Date == d && es[j].Op == Change {
			for c := NoCategory + 1; c < numCategories; c++ {
				if now[c] != nil {
					shut(c, d, SameDay, es[j].Ref)
				}
			}
		}
		for ; j < len(es) && es[j].Date == d; j++ {
			begin(es[j])
		}
		i = j
	}
	for _, o := range now {
		if o != nil && o.expiry != 0 {
			spells[o.spell].End = o.expiry.Next()
		}
	}
	slices.SortStableFunc(spells, func(a, b Spell) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Category, b.Category), cmp.Compare(a.End, b.End))
	})
	slices.SortFunc(notes, func(a, b Note) int { return cmp.Or(cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Code, b.Code)) })
	return spells, slices.Compact(notes)
}

// longer reports whether certificate end a is later than b; 0 has no end.
func longer(a, b civil.Date) bool {
	if a == 0 || b == 0 {
		return a == 0 && b != 0
	}
	return a > b
}

// compareEvents orders by effect, never by arrival: day, operation, category;
// of several rows for one category and day the one caused by illness and with
// the longest certificate opens. Ref comes last and only decides whose row is
// named in an explanation.
func compareEvents(a, b Event) int {
	exp := func(e Event) civil.Date {
		if e.Expiry == 0 {
			return civil.Forever
		}
		return e.Expiry
	}
	return cmp.Or(
		cmp.Compare(a.Date, b.Date),
		cmp.Compare(a.Op, b.Op),
		cmp.Compare(a.Category, b.Category),
		cmp.Compare(b.Cause, a.Cause),
		cmp.Compare(exp(b), exp(a)),
		cmp.Compare(a.Level, b.Level),
		cmp.Compare(b.County, a.County), // a row that names one before one that does not
		cmp.Compare(a.Applied, b.Applied),
		cmp.Compare(a.Ref, b.Ref))
}
