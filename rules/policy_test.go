package rules_test

import (
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
)

// twoPacks are in force in 2022 and from 1 July 2023, with half a year between
// them. What each says at its earliest date is next_month.
func twoPacks() *rules.Policy {
	ref := func(id string) *rules.PackRef {
		return &rules.PackRef{ID: id, Earliest: &rules.Params{Exit: rules.NextMonth}}
	}
	a, b := ref("a"), ref("b")
	return &rules.Policy{Segments: []rules.Segment{
		{From: 20220101, To: 20220701, Params: &rules.Params{Exit: rules.NextMonth}, Pack: a},
		{From: 20220701, To: 20230101, Params: &rules.Params{Exit: rules.SameDay}, Pack: a},
		{From: 20230701, To: 20240101, Params: &rules.Params{Exit: rules.SameDay}, Pack: b},
	}}
}

// TestAt: a segment's first day counts, its end does not.
func TestAt(t *testing.T) {
	p := twoPacks()
	for d, want := range map[civil.Date]int{20211231: -1, 20220101: 0, 20220630: 0, 20220701: 1, 20221231: 1, 20230101: -1, 20230630: -1, 20230701: 2, 20231231: 2, 20240101: -1} {
		got := p.At(d)
		if want < 0 && got != nil || want >= 0 && got != &p.Segments[want] {
			t.Errorf("%s: %+v, want segment %d", d, got, want)
		}
	}
	if (&rules.Policy{}).At(20230101) != nil {
		t.Error("a policy of nothing")
	}
}

// TestExitEffect: on a day without a pack the next one's earliest word counts,
// as it does for retroactive claims.
func TestExitEffect(t *testing.T) {
	p := twoPacks()
	for d, want := range map[civil.Date]rules.ExitEffect{
		20211215: rules.NextMonth, // before the first pack
		20220615: rules.NextMonth,
		20220715: rules.SameDay,
		20230315: rules.NextMonth, // between the two
		20230715: rules.SameDay,
		20240115: rules.SameDay, // nothing follows
	} {
		if got := p.ExitEffect(d); got != want {
			t.Errorf("%s: %d, want %d", d, got, want)
		}
	}
	spells, _ := p.Spells(roster(added(rules.Dibao, 20210101), removed(rules.Dibao, 20211215)))
	if len(spells) != 1 || spells[0].End != 20220101 {
		t.Errorf("%+v", spells)
	}
}

// TestWindows goes through semantics §5: who reaches back, and how far.
func TestWindows(t *testing.T) {
	ill := func(c rules.Category, d civil.Date) rules.Event {
		e := added(c, d)
		e.Cause = rules.Illness
		return e
	}
	const include = "retro: {after_other_category: include}\n"
	for _, c := range []struct {
		name, overlay string
		events        []rules.Event
		from, to      civil.Date // 0: no window
	}{
		{"six months before 31 August 2023", "", roster(ill(rules.Dibao, 20230831)), 20230228, 20230831},
		{"six months before 31 August 2024", "", roster(ill(rules.Dibian, 20240831)), 20240229, 20240831},
		{"not before 2022-01-01", "", roster(ill(rules.Dibao, 20220301)), 0, 0}, // no pack on that day
		{"across new year", "", roster(ill(rules.Dibao, 20230115)), 20220715, 20230115},
		{"not caused by illness", "", roster(added(rules.Dibao, 20230831)), 0, 0},
		{"a category that does not reach back", "", roster(ill(rules.Tekun, 20230831)), 0, 0},
		{"another assisted category open the day before", "", roster(added(rules.Tekun, 20230101), ill(rules.Dibao, 20230831)), 0, 0},
		{"the same, where the office includes it", include, roster(added(rules.Tekun, 20230101), ill(rules.Dibao, 20230831)), 20230228, 20230831},
		{"the same category open the day before is not newly recognised", include, roster(added(rules.Dibao, 20230101), removed(rules.Dibao, 20230831), ill(rules.Dibao, 20230831)), 0, 0},
		{"closed two days before", "", roster(added(rules.Tekun, 20230101), removed(rules.Tekun, 20230830), ill(rules.Dibao, 20230831)), 20230228, 20230831},
		{"a category that is not assisted does not matter", "", roster(added(rules.Fengxian, 20230101), ill(rules.Dibao, 20230831)), 20230228, 20230831},
		{"an overlay may end it earlier", "retro: {earliest: 2023-06-01}\n", roster(ill(rules.Dibao, 20230831)), 20230601, 20230831},
		{"or leave nothing of it", "retro: {earliest: 2023-08-31}\n", roster(ill(rules.Dibao, 20230831)), 0, 0},
		{"three months", "retro: {months: 3}\n", roster(ill(rules.Dibao, 20230531)), 20230228, 20230531},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policyOf(t, "hangzhou-2022-70", c.overlay)
			spells, _ := p.Spells(c.events)
			ws := p.Windows(spells)
			if c.from == 0 {
				if len(ws) != 0 {
					t.Fatalf("%+v", ws)
				}
				return
			}
			last := c.events[len(c.events)-1]
			if len(ws) != 1 || ws[0].From != c.from || ws[0].To != c.to || ws[0].Event != last.Ref || ws[0].Category != last.Category {
				t.Fatalf("%+v, want %s to %s", ws, c.from, c.to)
			}
		})
	}
}
