package pack

import (
	"fmt"

	"doudi/rules/civil"
)

// Description is a pack as people and programs are shown it.
type Description struct {
	ID        string              `json:"id"`
	Title     string              `json:"title"`
	Number    string              `json:"number"`
	Status    string              `json:"status"`
	Area      string              `json:"area"`
	AreaName  string              `json:"area_name"`
	From      string              `json:"from"`
	To        string              `json:"to,omitempty"` // the last day, empty while in force
	CheckedOn string              `json:"checked_on"`
	Digest    string              `json:"digest"`
	Overlay   string              `json:"overlay,omitempty"`
	Params    []ParamDescription  `json:"parameters"`
	Clauses   []ClauseDescription `json:"clauses"`
}

// ParamDescription is one parameter with its values by date.
type ParamDescription struct {
	Path      string             `json:"path"`
	Name      string             `json:"name"`
	Type      Type               `json:"type"`
	Unit      string             `json:"unit,omitempty"`
	Clause    string             `json:"clause"`
	Article   string             `json:"article"`
	CheckedOn string             `json:"checked_on"`
	Choice    string             `json:"choice,omitempty"`
	Unset     string             `json:"unset,omitempty"`
	Values    []ValueDescription `json:"values"`
}

// ValueDescription is a value from a day on.
type ValueDescription struct {
	From    string `json:"from"`
	Value   string `json:"value"`
	Overlay bool   `json:"overlay,omitempty"`
}

// ClauseDescription is a clause.
type ClauseDescription struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Text    string `json:"text"`
}

// Describe describes the pack without an overlay.
func (p *Pack) Describe() Description { return Layered{Pack: p}.Describe() }

// Describe lists every parameter of the pack and of the overlay, in the order
// of Specs, then the monitors.
func (l Layered) Describe() Description {
	d := Description{ID: l.ID, Title: l.Title, Number: l.Number, Status: l.Status, Area: l.Area, AreaName: l.AreaName, From: l.From.String(),
		CheckedOn: l.CheckedOn.String(), Digest: l.Digest, Params: []ParamDescription{}}
	if l.To != civil.Forever {
		d.To = l.To.Prev().String()
	}
	if l.Overlay != nil {
		d.Overlay = l.Overlay.Digest
	}
	for _, c := range l.Clauses {
		d.Clauses = append(d.Clauses, ClauseDescription(c))
	}
	for i := range Specs {
		s := &Specs[i]
		prm := l.Params[s.Path]
		var over []Dated
		if l.Overlay != nil {
			over = l.Overlay.params[s.Path]
		}
		if prm == nil && over == nil {
			continue
		}
		pd := ParamDescription{Path: string(s.Path), Name: s.Name, Type: s.Type, Unit: s.Unit, Values: []ValueDescription{}}
		if prm != nil {
			pd.Clause, pd.Article, pd.CheckedOn, pd.Choice = prm.Clause, l.Clause(prm.Clause).Article, prm.CheckedOn.String(), prm.Choice
			if over == nil {
				pd.Unset = prm.Unset
			}
			pd.add(prm.Values, false)
		}
		pd.add(over, true)
		d.Params = append(d.Params, pd)
	}
	for _, m := range l.Monitors {
		how := "超过"
		if m.base.Inclusive {
			how = "达到"
		}
		pd := ParamDescription{Path: "monitor." + m.ID + ".line", Name: fmt.Sprintf("%s线（%s即触发）", m.base.Name, how), Type: Amount, Unit: "元",
			Clause: m.Clause, Article: l.Clause(m.Clause).Article, CheckedOn: l.CheckedOn.String(), Unset: m.Unset, Values: []ValueDescription{}}
		pd.add(m.Lines, false)
		if l.Overlay != nil {
			if line := l.Overlay.monitors[m.ID].get("line"); line != nil {
				pd.Unset = ""
				pd.Values = append(pd.Values, ValueDescription{Value: line.String(), Overlay: true})
			}
		}
		d.Params = append(d.Params, pd)
	}
	return d
}

func (pd *ParamDescription) add(ds []Dated, overlay bool) {
	for _, v := range ds {
		pd.Values = append(pd.Values, ValueDescription{v.From.String(), v.Text(), overlay})
	}
}
