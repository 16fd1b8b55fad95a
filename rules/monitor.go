package rules

import (
	"cmp"
	"slices"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// CaseState is where a clearance case stands (semantics §7).
type CaseState uint8

// The states of a case.
const (
	Untriggered CaseState = iota // 未触发
	Watching                     // 监测
	Helping                      // 帮扶
	Cleared                      // 清零
	Relapsed                     // 复发
)

var stateNames = [...]string{"未触发", "监测", "帮扶", "清零", "复发"}

// Chinese is the state's name.
func (s CaseState) Chinese() string { return stateNames[s] }

// AtYearEnd is the state that the last day of the year leaves.
func (s CaseState) AtYearEnd() string {
	if s == Cleared {
		return "已清零"
	}
	return "未清零"
}

// Help is what brings a burden down besides the layers, or shows that money
// arrived: relief by a department, or a posted 补发.
type Help struct {
	Ref    int64
	Date   civil.Date
	Source string    // who helped: 惠民保, 慈善, ...
	Amount money.Fen // of relief; a posting's is already in the results
	Posted bool
}

// MoveBy tells what caused a transition.
type MoveBy uint8

// What causes a transition.
const (
	ByClaim MoveBy = iota + 1
	ByRecognition
	ByRelief
	ByPosting
)

// Move is a transition of a case.
type Move struct {
	To   CaseState
	Date civil.Date
	By   MoveBy
	Ref  int64 // of the claim (for ByRecognition: the claim that had crossed), the relief or the posting
}

// Case is the high burden of a person or a household in a year, under one
// monitor.
type Case struct {
	Monitor string // its ID
	Name    string
	Year    int
	Line    money.Fen
	State   CaseState
	Gross   money.Fen // burden after all due payments, before relief
	Relief  money.Fen
	Burden  money.Fen // Gross − Relief, at least 0
	Moves   []Move
}

// Opened is the move that opened the case.
func (c *Case) Opened() Move { return c.Moves[0] }

// ClearedBy is the last move if it cleared the case.
func (c *Case) ClearedBy() (Move, bool) {
	m := c.Moves[len(c.Moves)-1]
	return m, m.To == Cleared
}

// scopeLeft is the in-scope burden after basic, other and major.
func scopeLeft(c *Claim, r *Result) money.Fen {
	return max(0, c.InScope-r.Basic-r.Other-r.Major)
}

// burdens are what the claim adds to the burden before and after all layers.
func (m *Monitor) burdens(c *Claim, r *Result) (measured, after money.Fen) {
	if m.Total {
		measured, after = c.Total-r.Basic-r.Other-r.Major, r.Person
	} else {
		measured = scopeLeft(c, r)
		after = measured - r.Assistance() - r.Supplement
	}
	if m.Measure == AfterAll {
		measured = after
	}
	return measured, after
}

// watchEvent is one thing that can move a case, in the order of the year.
type watchEvent struct {
	date   civil.Date
	order  int // recognitions before claims before help, on one day
	member int // whose
	claim  int // index, for claims
	help   int // index, for help
}

// Member is one person's year, as far as a monitor looks at it: claims and
// results are parallel, in the order of the waterfall.
type Member struct {
	Spells  []Spell
	Claims  []Claim
	Results []Result
	Helps   []Help
}

// Watch follows the year of one person under the policy's monitors of persons
// and gives the cases that opened, in the order of the monitors.
func (p *Policy) Watch(year int, person Member) []Case {
	return p.watchAll(year, []Member{person}, false)
}

// WatchHousehold follows the year of a household, its members' burdens taken
// together, under the policy's monitors of households.
func (p *Policy) WatchHousehold(year int, members []Member) []Case {
	return p.watchAll(year, members, true)
}

// WatchesHouseholds reports whether any monitor measures households.
func (p *Policy) WatchesHouseholds() bool {
	for i := range p.Segments {
		for _, m := range p.Segments[i].Params.Monitors {
			if m.On && m.Household {
				return true
			}
		}
	}
	return false
}

func (p *Policy) watchAll(year int, members []Member, household bool) []Case {
	var cases []Case
	var seen []string
	for i := range p.Segments {
		seg := &p.Segments[i]
		if seg.From.Year() > year || seg.To <= civil.YMD(year, 1, 1) {
			continue
		}
		for _, m := range seg.Params.Monitors {
			if !m.On || m.Household != household || slices.Contains(seen, m.ID) {
				continue
			}
			seen = append(seen, m.ID)
			if c, ok := p.watch(m.ID, year, members); ok {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// monitor is the monitor with this ID as it stands on d, or nil.
func (p *Policy) monitor(id string, d civil.Date) (*Monitor, *Params) {
	seg := p.At(d)
	if seg == nil {
		return nil, nil
	}
	for i := range seg.Params.Monitors {
		if m := &seg.Params.Monitors[i]; m.ID == id && m.On {
			return m, seg.Params
		}
	}
	return nil, nil
}

// watchesAny reports whether m watches one of the members on d.
func (m *Monitor) watchesAny(prm *Params, members []Member, d civil.Date) bool {
	return slices.ContainsFunc(members, func(x Member) bool { return m.watches(prm, x.Spells, d) })
}

// watches reports whether m watches somebody with these spells on d.
func (m *Monitor) watches(prm *Params, spells []Spell, d civil.Date) bool {
	if m.Who == WatchCategories {
		return Held(spells, d)&m.Categories != 0
	}
	ever := false
	for _, s := range spells {
		if s.Start <= d && prm.Assisted.Has(s.Category) {
			ever = true
		}
	}
	return ever == (m.Who == WatchWith)
}

// yearOf puts what can move a case in the order of the year: by day, then
// recognitions before claims before help, then by what they are, so that it never
// matters in which order members are given.
func yearOf(year int, members []Member) []watchEvent {
	var events []watchEvent
	for k, m := range members {
		for _, s := range m.Spells {
			if s.Start.Year() == year {
				events = append(events, watchEvent{s.Start, 0, k, -1, -1})
			}
		}
		for i := range m.Claims {
			events = append(events, watchEvent{m.Claims[i].At.Date(), 1, k, i, -1})
		}
		for i, h := range m.Helps {
			events = append(events, watchEvent{h.Date, 2, k, -1, i})
		}
	}
	slices.SortStableFunc(events, func(a, b watchEvent) int {
		if c := cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.order, b.order)); c != 0 {
			return c
		}
		switch {
		case a.claim >= 0:
			x, y := &members[a.member].Claims[a.claim], &members[b.member].Claims[b.claim]
			return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.ID, y.ID))
		case a.help >= 0:
			x, y := &members[a.member].Helps[a.help], &members[b.member].Helps[b.help]
			return cmp.Or(cmp.Compare(x.Amount, y.Amount), cmp.Compare(x.Source, y.Source))
		}
		return 0
	})
	return events
}

func (p *Policy) watch(id string, year int, members []Member) (Case, bool) {
	events := yearOf(year, members)
	c := Case{Monitor: id, Year: year}
	var measured, gross, relief money.Fen
	var lastClaim, crossed int64 // crossed: the claim that first went over the line
	move := func(to CaseState, e watchEvent, by MoveBy, ref int64) {
		c.State = to
		c.Moves = append(c.Moves, Move{to, e.date, by, ref})
	}
	var m *Monitor
	var prm *Params
	for _, e := range events {
		if now, nowPrm := p.monitor(id, e.date); now != nil {
			m, prm = now, nowPrm
		}
		if m == nil {
			// Claims before the monitor was in force count towards the year.
			m, prm = p.first(id, year)
		}
		by, ref := ByRecognition, crossed
		switch {
		case e.claim >= 0:
			x := &members[e.member]
			a, b := m.burdens(&x.Claims[e.claim], &x.Results[e.claim])
			measured += a
			gross += b
			lastClaim = x.Claims[e.claim].Ref
			if crossed == 0 && m.Crosses(measured) {
				crossed = lastClaim
			}
			by, ref = ByClaim, lastClaim
		case e.help >= 0:
			h := members[e.member].Helps[e.help]
			by, ref = ByRelief, h.Ref
			if h.Posted {
				by = ByPosting
			} else {
				relief += h.Amount
			}
		}
		open := c.State == Watching || c.State == Helping || c.State == Relapsed
		over := m.Crosses(max(0, gross-relief))
		switch {
		case c.State == Untriggered && e.help < 0:
			if in, _ := p.monitor(id, e.date); in == nil || !m.Crosses(measured) || !m.watchesAny(prm, members, e.date) {
				continue
			}
			c.Line, c.Name = m.Line, m.Name
			move(Watching, e, by, ref)
			if !over {
				move(Cleared, e, by, ref)
			}
		case open && e.help >= 0 && over && c.State != Helping:
			move(Helping, e, by, ref)
		case open && !over:
			if e.help >= 0 && c.State != Helping {
				move(Helping, e, by, ref)
			}
			move(Cleared, e, by, ref)
		case c.State == Cleared && over && e.claim >= 0:
			move(Relapsed, e, by, ref)
		}
	}
	if c.State == Untriggered {
		return c, false
	}
	c.Gross, c.Relief, c.Burden = gross, relief, max(0, gross-relief)
	return c, true
}

// first is the monitor as it first stands in the year.
func (p *Policy) first(id string, year int) (*Monitor, *Params) {
	for i := range p.Segments {
		seg := &p.Segments[i]
		if seg.To <= civil.YMD(year, 1, 1) {
			continue
		}
		for j := range seg.Params.Monitors {
			if m := &seg.Params.Monitors[j]; m.ID == id && m.On {
				return m, seg.Params
			}
		}
	}
	return nil, nil
}
