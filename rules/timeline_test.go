package rules_test

import (
	"fmt"
	"slices"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// roster numbers events in the order of their arrival.
func roster(es ...rules.Event) []rules.Event {
	for i := range es {
		es[i].Ref = int64(i + 1)
	}
	return es
}

func added(c rules.Category, d civil.Date) rules.Event {
	return rules.Event{Op: rules.Add, Category: c, Date: d}
}

func removed(c rules.Category, d civil.Date) rules.Event {
	return rules.Event{Op: rules.Remove, Category: c, Date: d}
}

func changed(c rules.Category, d civil.Date) rules.Event {
	return rules.Event{Op: rules.Change, Category: c, Date: d}
}

func until(e rules.Event, expiry civil.Date) rules.Event {
	e.Expiry = expiry
	return e
}

func ofLevel(e rules.Event, level uint8) rules.Event {
	e.Level = level
	return e
}

func sameDay(civil.Date) rules.ExitEffect   { return rules.SameDay }
func nextMonth(civil.Date) rules.ExitEffect { return rules.NextMonth }

// written prints spells as "dibao 2023-01-01 2023-06-01", the end empty while
// open, and notes as "2 已在册".
func written(spells []rules.Spell, notes []rules.Note) (ss, ns []string) {
	for _, s := range spells {
		end := s.End.String()
		if s.End == civil.Forever {
			end = "-"
		}
		ss = append(ss, fmt.Sprintf("%s %s %s", s.Category, s.Start, end))
	}
	for _, n := range notes {
		ns = append(ns, fmt.Sprintf("%d %s", n.Ref, n.Code.Chinese()))
	}
	return ss, ns
}

// TestTimeline goes through semantics §2, one sentence after another.
func TestTimeline(t *testing.T) {
	illness := added(rules.Dibao, 20230601)
	illness.Cause = rules.Illness
	for _, c := range []struct {
		name   string
		exit   func(civil.Date) rules.ExitEffect
		events []rules.Event
		spells []string
		notes  []string
	}{
		{name: "nothing"},
		{name: "adding opens a spell on 认定日期",
			events: roster(added(rules.Dibao, 20230115)),
			spells: []string{"dibao 2023-01-15 -"}},
		{name: "removing closes it on 退出日期",
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20230620)),
			spells: []string{"dibao 2023-01-15 2023-06-20"}},
		{name: "next month: the spell ends on the first day of the month after", exit: nextMonth,
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20230620)),
			spells: []string{"dibao 2023-01-15 2023-07-01"}},
		{name: "next month of December is January", exit: nextMonth,
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20231231)),
			spells: []string{"dibao 2023-01-15 2024-01-01"}},
		{name: "next month of a month's first day", exit: nextMonth,
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20230201)),
			spells: []string{"dibao 2023-01-15 2023-03-01"}},
		{name: "next month: added again while the old spell still runs", exit: nextMonth,
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20230610), added(rules.Dibao, 20230620)),
			spells: []string{"dibao 2023-01-15 2023-07-01", "dibao 2023-06-20 -"}},
		{name: "a change closes what is open and opens the new category there",
			events: roster(added(rules.Dibao, 20230115), changed(rules.Dibian, 20230401)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "dibian 2023-04-01 -"}},
		{name: "a change acts on its day, whatever the exit effect", exit: nextMonth,
			events: roster(added(rules.Dibao, 20230115), changed(rules.Dibian, 20230410)),
			spells: []string{"dibao 2023-01-15 2023-04-10", "dibian 2023-04-10 -"}},
		{name: "a change closes everything that is open",
			events: roster(added(rules.Dibao, 20230115), ofLevel(added(rules.Canji, 20230201), 2), changed(rules.Dibian, 20230401)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "canji 2023-02-01 2023-04-01", "dibian 2023-04-01 -"}},
		{name: "a change to two categories opens both",
			events: roster(added(rules.Dibao, 20230115), changed(rules.Dibian, 20230401), ofLevel(changed(rules.Canji, 20230401), 1)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "dibian 2023-04-01 -", "canji 2023-04-01 -"}},
		{name: "a change from nothing just opens",
			events: roster(changed(rules.Dibian, 20230401)),
			spells: []string{"dibian 2023-04-01 -"}},
		{name: "open with an earlier start: 已在册",
			events: roster(added(rules.Dibao, 20230115), added(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-01-15 -"}, notes: []string{"2 已在册"}},
		{name: "open with an equal start: 已在册",
			events: roster(added(rules.Dibao, 20230115), added(rules.Dibao, 20230115)),
			spells: []string{"dibao 2023-01-15 -"}, notes: []string{"2 已在册"}},
		{name: "an earlier new start extends the spell backwards: 认定日期提前",
			events: roster(added(rules.Dibao, 20230601), added(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-04-01 -"}, notes: []string{"2 认定日期提前"}},
		{name: "twice earlier: both rows did it",
			events: roster(added(rules.Dibao, 20230601), added(rules.Dibao, 20230501), added(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-04-01 -"}, notes: []string{"2 认定日期提前", "3 认定日期提前"}},
		{name: "earlier, then between: the third changed nothing",
			events: roster(added(rules.Dibao, 20230601), added(rules.Dibao, 20230401), added(rules.Dibao, 20230501)),
			spells: []string{"dibao 2023-04-01 -"}, notes: []string{"2 认定日期提前", "3 已在册"}},
		{name: "the same day again, caused by illness, and then an earlier one",
			events: roster(added(rules.Dibao, 20230601), illness, added(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-04-01 -"}, notes: []string{"2 已在册", "3 认定日期提前"}},
		{name: "an earlier start before a gap is a spell of its own",
			events: roster(added(rules.Dibao, 20230601), added(rules.Dibao, 20230101), removed(rules.Dibao, 20230301)),
			spells: []string{"dibao 2023-01-01 2023-03-01", "dibao 2023-06-01 -"}},
		{name: "removing what is not open: 退出人员不在册",
			events: roster(added(rules.Dibao, 20230115), removed(rules.Tekun, 20230401)),
			spells: []string{"dibao 2023-01-15 -"}, notes: []string{"2 退出人员不在册"}},
		{name: "removing before it was added: 退出人员不在册",
			events: roster(added(rules.Dibao, 20230501), removed(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-05-01 -"}, notes: []string{"2 退出人员不在册"}},
		{name: "removing twice: the second is 退出人员不在册",
			events: roster(added(rules.Dibao, 20230115), removed(rules.Dibao, 20230401), removed(rules.Dibao, 20230501)),
			spells: []string{"dibao 2023-01-15 2023-04-01"}, notes: []string{"3 退出人员不在册"}},
		{name: "removing without a category closes all open spells",
			events: roster(added(rules.Dibao, 20230115), ofLevel(added(rules.Canji, 20230201), 1), removed(rules.NoCategory, 20230401)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "canji 2023-02-01 2023-04-01"}},
		{name: "removing one category leaves the other",
			events: roster(added(rules.Dibao, 20230115), ofLevel(added(rules.Canji, 20230201), 1), removed(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "canji 2023-02-01 -"}},
		{name: "on one day removal acts before adding: they stay covered",
			events: roster(added(rules.Dibao, 20230115), added(rules.Dibao, 20230401), removed(rules.Dibao, 20230401)),
			spells: []string{"dibao 2023-01-15 2023-04-01", "dibao 2023-04-01 -"}},
		{name: "effective dates count, not arrival: the removal came first",
			events: roster(removed(rules.Dibao, 20230620), added(rules.Dibao, 20230115)),
			spells: []string{"dibao 2023-01-15 2023-06-20"}},
		{name: "a certificate closes the spell on the day after its expiry",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630)),
			spells: []string{"canji 2023-01-15 2023-07-01"}},
		{name: "renewed while it runs: one spell",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), until(ofLevel(added(rules.Canji, 20230615), 2), 20240630)),
			spells: []string{"canji 2023-01-15 2024-07-01"}, notes: []string{"2 证件有效期已更新"}},
		{name: "renewed without end",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), ofLevel(added(rules.Canji, 20230615), 2)),
			spells: []string{"canji 2023-01-15 -"}, notes: []string{"2 证件有效期已更新"}},
		{name: "renewed on the day after: no day without",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), until(ofLevel(added(rules.Canji, 20230701), 2), 20240630)),
			spells: []string{"canji 2023-01-15 2023-07-01", "canji 2023-07-01 2024-07-01"}},
		{name: "renewed too late: a gap",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), until(ofLevel(added(rules.Canji, 20230801), 2), 20240630)),
			spells: []string{"canji 2023-01-15 2023-07-01", "canji 2023-08-01 2024-07-01"}},
		{name: "a shorter certificate shortens nothing",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), until(ofLevel(added(rules.Canji, 20230301), 2), 20230331)),
			spells: []string{"canji 2023-01-15 2023-07-01"}, notes: []string{"2 已在册"}},
		{name: "a certificate that had run out when recognised opens nothing",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230114)),
			notes:  []string{"1 认定时证件已过期"}},
		{name: "a certificate of one day",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230115)),
			spells: []string{"canji 2023-01-15 2023-01-16"}},
		{name: "removed before the certificate's end",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), removed(rules.Canji, 20230401)),
			spells: []string{"canji 2023-01-15 2023-04-01"}},
		{name: "removed on the certificate's last day",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), removed(rules.Canji, 20230630)),
			spells: []string{"canji 2023-01-15 2023-06-30"}},
		{name: "renewed on its last day: one spell",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), until(ofLevel(added(rules.Canji, 20230630), 2), 20240630)),
			spells: []string{"canji 2023-01-15 2024-07-01"}, notes: []string{"2 证件有效期已更新"}},
		{name: "removed after the certificate's end: 退出人员不在册",
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230630), removed(rules.Canji, 20230701)),
			spells: []string{"canji 2023-01-15 2023-07-01"}, notes: []string{"2 退出人员不在册"}},
		{name: "next month, but the certificate ends before", exit: nextMonth,
			events: roster(until(ofLevel(added(rules.Canji, 20230115), 2), 20230615), removed(rules.Canji, 20230610)),
			spells: []string{"canji 2023-01-15 2023-06-16"}},
		{name: "canji counts with level 1 and 2",
			events: roster(ofLevel(added(rules.Canji, 20230115), 1), removed(rules.Canji, 20230201), ofLevel(added(rules.Canji, 20230301), 2)),
			spells: []string{"canji 2023-01-15 2023-02-01", "canji 2023-03-01 -"}},
		{name: "canji does not count with level 3 and 4",
			events: roster(ofLevel(added(rules.Canji, 20230115), 3), ofLevel(added(rules.Canji, 20230215), 4)),
			notes:  []string{"1 残疾等级不在救助范围", "2 残疾等级不在救助范围"}},
		{name: "a level says nothing of other categories",
			events: roster(ofLevel(added(rules.Dibao, 20230115), 3)),
			spells: []string{"dibao 2023-01-15 -"}},
		{name: "changed to level 3: what was open ends",
			events: roster(ofLevel(added(rules.Canji, 20230115), 2), ofLevel(changed(rules.Canji, 20230601), 3)),
			spells: []string{"canji 2023-01-15 2023-06-01"}, notes: []string{"2 残疾等级不在救助范围"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			exit := c.exit
			if exit == nil {
				exit = sameDay
			}
			before := slices.Clone(c.events)
			spells, notes := written(rules.Timeline(c.events, exit))
			if d := cmp.Diff(c.spells, spells); d != "" {
				t.Errorf("spells (-want +got)\n%s", d)
			}
			if d := cmp.Diff(c.notes, notes); d != "" {
				t.Errorf("notes (-want +got)\n%s", d)
			}
			if !slices.Equal(before, c.events) {
				t.Error("the events were changed or put in another order")
			}
		})
	}
}

// TestCauseOfASpell: of two rows for one day the one caused by illness opens,
// and it is that row which the window names.
func TestCauseOfASpell(t *testing.T) {
	ill := added(rules.Dibao, 20230601)
	ill.Cause = rules.Illness
	spells, _ := rules.Timeline(roster(added(rules.Dibao, 20230601), ill), sameDay)
	if len(spells) != 1 || spells[0].Cause != rules.Illness || spells[0].Opened != 2 {
		t.Errorf("%+v", spells)
	}
	closed, _ := rules.Timeline(roster(ill, removed(rules.Dibao, 20230901)), sameDay)
	if len(closed) != 1 || closed[0].Closed != 2 || closed[0].Opened != 1 {
		t.Errorf("%+v", closed)
	}
}

// TestHeld: a spell's start counts, its end does not.
func TestHeld(t *testing.T) {
	spells, _ := rules.Timeline(roster(added(rules.Dibao, 20230115), ofLevel(added(rules.Canji, 20230301), 2), removed(rules.Dibao, 20230620)), sameDay)
	for d, want := range map[civil.Date]rules.CategorySet{
		20230114: 0,
		20230115: rules.SetOf(rules.Dibao),
		20230301: rules.SetOf(rules.Dibao, rules.Canji),
		20230619: rules.SetOf(rules.Dibao, rules.Canji),
		20230620: rules.SetOf(rules.Canji),
	} {
		if got := rules.Held(spells, d); got != want {
			t.Errorf("%s: %s, want %s", d, got.Chinese(), want.Chinese())
		}
	}
}

// TestSpellsStandApart: whatever the rosters say, every spell has a first day
// and an end after it, and with same_day no category is held twice at once.
func TestSpellsStandApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := drawEvents(t, "hangzhou-2022-70")
		for i := range es { // certificates and levels as rosters have them
			es[i].Ref = int64(i + 1)
		}
		spells, notes := rules.Timeline(es, sameDay)
		for i, s := range spells {
			if s.Start >= s.End {
				t.Fatalf("spell %d: %+v of %+v", i, s, es)
			}
			for _, o := range spells[:i] {
				if o.Category == s.Category && o.End > s.Start {
					t.Fatalf("%s held twice: %+v and %+v of %+v", s.Category, o, s, es)
				}
			}
		}
		for _, n := range notes {
			if n.Ref < 1 || n.Ref > int64(len(es)) || n.Code == rules.NoteNone {
				t.Fatalf("a note on nothing: %+v", n)
			}
		}
	})
}
