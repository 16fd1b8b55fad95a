package reports

import (
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules/pack"
)

// cases gives the histories of the person's cases and of the household's.
func (e *explainer) cases() error {
	cs := slices.Clone(e.data.Cases)
	if e.area.Policy.WatchesHouseholds() {
		root, _, err := e.household(e.run.Seen)
		if err != nil {
			return err
		}
		if root != e.person {
			cs = slices.DeleteFunc(cs, func(c ledger.Case) bool { return c.Level == ledger.LevelHousehold })
			more, err := e.householdCases(root, e.run)
			if err != nil {
				return err
			}
			cs = append(cs, more...)
		}
	}
	e.data.Cases = cs
	cs = slices.DeleteFunc(slices.Clone(cs), func(c ledger.Case) bool { return c.Gone || e.year != 0 && c.Year != e.year })
	movers, err := MoversOf(e.ctx, e.s, cs)
	if err != nil {
		return err
	}
	slices.SortFunc(cs, orderCases)
	for i := range cs {
		c := &cs[i]
		x := ExplainedCase{Level: caseLevel(c), Year: c.Year, Monitor: c.Monitor, Name: c.Name, Line: c.Line.String(), State: CaseState(c, e.run.Month),
			Gross: c.Gross.String(), Relief: c.Relief.String(), Burden: c.Burden.String(), of: *c, Sources: e.lineOf(c)}
		for _, m := range c.Moves {
			x.Moves = append(x.Moves, ExplainedMove{m.To.Chinese(), m.Date.String(), movers.Chinese(m), m.Date})
		}
		e.x.Cases = append(e.x.Cases, x)
	}
	return nil
}

func (e *explainer) household(seen ledger.Seq) (ledger.PersonNo, []ledger.PersonNo, error) {
	if s, ok := e.s.(*prefetched); ok { // asked for many people
		return s.household(e.person, seen)
	}
	heads, err := e.s.Heads(e.ctx, e.area.Code, seen)
	if err != nil {
		return 0, nil, err
	}
	root, members := recompute.Household(heads, e.person)
	return root, members, nil
}

func (e *explainer) householdCases(root ledger.PersonNo, run ledger.Run) ([]ledger.Case, error) {
	d, err := e.s.LoadPeople(e.ctx, e.area.Code, []ledger.PersonNo{root}, run.Seen, run.No)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(d[0].Cases, func(c ledger.Case) bool { return c.Level != ledger.LevelHousehold }), nil
}

// lineOf cites the line of a case as it stood when the case opened.
func (e *explainer) lineOf(c *ledger.Case) []ExplainedSource {
	out := []ExplainedSource{}
	opened := c.Opened().Date
	for _, l := range e.area.Layers {
		if seg := e.area.Policy.At(opened); seg == nil || seg.Pack.ID != l.ID {
			continue
		}
		for _, m := range l.Monitors {
			if m.ID != c.Monitor {
				continue
			}
			cl := l.Clause(m.Clause)
			own := pack.Citation{Param: "monitor." + m.ID + ".line", Name: c.Name + "标准", Value: unsetValue, Document: l.Number, Article: cl.Article, Clause: cl.ID, Text: cl.Text}
			for _, d := range m.Lines {
				if d.From <= opened {
					own.Value, own.From = d.Text(), d.From.String()
				}
			}
			s := ExplainedSource{Citation: own, Reads: yuan(c.Line)}
			if limitReads(own.Value) != s.Reads { // the office gave another one
				s.Beside = &own
				s.Overlay, s.Value, s.From = true, c.Line.String(), ""
				if l.Overlay != nil && l.Overlay.Document != "" {
					s.Document, s.Article = l.Overlay.Document, ""
				}
			}
			out = append(out, s)
		}
	}
	return out
}
