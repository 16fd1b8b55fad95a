package pack

import (
	"fmt"
	"strings"

	"doudi/rules"
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
	Extends   string              `json:"extends,omitempty"`
	Digest    string              `json:"digest"`
	Overlay   string              `json:"overlay,omitempty"`
	Params    []ParamDescription  `json:"parameters"`
	Lists     []ListDescription   `json:"lists"`
	Unset     []UnsetDescription  `json:"unset"`
	Clauses   []ClauseDescription `json:"clauses"`
}

// ParamDescription is one parameter, or the line of a monitor, with its values
// by date.
type ParamDescription struct {
	Path      string             `json:"path"`
	Name      string             `json:"name"`
	Type      Type               `json:"type"`
	Unit      string             `json:"unit,omitempty"`
	Clause    string             `json:"clause"`
	Article   string             `json:"article"`
	Document  string             `json:"document,omitempty"` // 文号 of the clause
	CheckedOn string             `json:"checked_on"`
	Choice    string             `json:"choice,omitempty"`
	Unset     string             `json:"unset,omitempty"`
	Detail    string             `json:"detail,omitempty"` // of a monitor: whom it watches, and what
	Values    []ValueDescription `json:"values"`
}

// ValueDescription is a value from a day on.
type ValueDescription struct {
	From    string `json:"from"`
	Value   string `json:"value"`
	Unset   string `json:"unset,omitempty"` // from that day there is no value, and why
	Overlay bool   `json:"overlay,omitempty"`
	Short   string `json:"-"` // of a long table: how many, and their names
}

// ListDescription is a list that the document wants made.
type ListDescription struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Clause      string   `json:"clause"`
	Article     string   `json:"article"`
	Document    string   `json:"document,omitempty"`
	From        string   `json:"from"`
	To          string   `json:"to,omitempty"` // the last day
	Departments []string `json:"departments"`
	Choice      string   `json:"choice,omitempty"`
}

// UnsetDescription is what is not configured.
type UnsetDescription struct {
	Path   string `json:"path"`
	Name   string `json:"name"`
	Clause string `json:"clause"`
	Reason string `json:"reason"`
}

// ClauseDescription is a clause.
type ClauseDescription struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Text    string `json:"text"`
	Number  string `json:"number"` // 文号
}

// Describe describes the pack without an overlay.
func (p *Pack) Describe() Description { return Layered{Pack: p}.Describe() }

// Describe lists every parameter of the pack and of the overlays, in the order
// of Specs, then the monitors, the lists, what is unset, and the clauses.
func (l Layered) Describe() Description {
	d := Description{ID: l.ID, Title: l.Title, Number: l.Number, Status: l.Status, Area: l.Area, AreaName: l.AreaName, From: l.From.String(),
		To: lastDay(l.To), CheckedOn: l.CheckedOn.String(), Extends: l.Extends, Digest: l.Digest,
		Params: []ParamDescription{}, Lists: []ListDescription{}, Unset: []UnsetDescription{}}
	if l.Overlay != nil {
		d.Overlay = l.Overlay.Digest
	}
	for i := range Specs {
		if pd, ok := l.describeParam(&Specs[i]); ok {
			d.Params = append(d.Params, pd)
		}
	}
	for _, m := range l.Monitors {
		d.Params = append(d.Params, l.describeMonitor(m))
	}
	for _, x := range l.allLists() {
		c := l.Clause(x.Clause)
		d.Lists = append(d.Lists, ListDescription{Name: x.Name, Title: x.Title(), Clause: c.ID, Article: c.Article, Document: c.Number,
			From: x.From.String(), To: lastDay(x.To), Departments: x.Departments, Choice: x.Choice})
	}
	for _, m := range l.Unset() {
		d.Unset = append(d.Unset, UnsetDescription{m.Path, m.Name, m.Clause.ID, m.Reason})
	}
	for _, c := range l.Clauses {
		d.Clauses = append(d.Clauses, ClauseDescription(c))
	}
	return d
}

func lastDay(to civil.Date) string {
	if to == civil.Forever {
		return ""
	}
	return to.Prev().String()
}

// describeParam is one parameter; false where neither pack nor overlay names it.
func (l Layered) describeParam(s *Spec) (ParamDescription, bool) {
	pd := ParamDescription{Path: string(s.Path), Name: s.Name, Type: s.Type, Unit: s.Unit, Values: []ValueDescription{}}
	prm := l.Params[s.Path]
	if prm != nil {
		c := l.Clause(prm.Clause)
		pd.Clause, pd.Article, pd.Document, pd.CheckedOn, pd.Choice, pd.Unset = c.ID, c.Article, c.Number, prm.CheckedOn.String(), prm.Choice, prm.Unset
		pd.add(prm.Values, false)
	}
	given := prm != nil
	for _, o := range l.Overlay.layers() {
		if ds := o.params[s.Path]; ds != nil {
			given, pd.Unset = true, ""
			pd.add(ds, true)
		}
	}
	return pd, given
}

func (l Layered) describeMonitor(m *Monitor) ParamDescription {
	c := l.Clause(m.Clause)
	rm, _ := l.monitor(m, l.From, false) // its words; they were read before
	how := "超过"
	if rm.Inclusive {
		how = "达到"
	}
	pd := ParamDescription{Path: "monitor." + m.ID + ".line", Name: fmt.Sprintf("%s线（%s即触发）", rm.Name, how), Type: Amount, Unit: "元",
		Clause: c.ID, Article: c.Article, Document: c.Number, CheckedOn: l.CheckedOn.String(), Unset: m.Unset, Detail: watching(rm), Values: []ValueDescription{}}
	for i, ds := range l.monitorLines(m) {
		if i > 0 && ds != nil {
			pd.Unset = ""
		}
		pd.add(ds, i > 0)
	}
	return pd
}

// watching says in Chinese whom a monitor watches, and what.
func watching(m rules.Monitor) string {
	who := map[rules.Watched]string{rules.WatchCategories: m.Categories.Chinese(), rules.WatchWithout: "从未是救助对象的人员", rules.WatchWith: "现在或曾经是救助对象的人员"}[m.Who]
	measure := map[rules.Measure]string{rules.AfterMajor: "基本医保和大病保险之后", rules.AfterAll: "各项保障之后"}[m.Measure]
	scope, level := "范围内", "按人"
	if m.Total {
		scope = "全部费用"
	}
	if m.Household {
		level = "按户"
	}
	return fmt.Sprintf("监测%s，%s的%s年度负担，%s", who, measure, scope, level)
}

func (pd *ParamDescription) add(ds []Dated, overlay bool) {
	for _, v := range ds {
		vd := ValueDescription{From: v.From.String(), Value: v.Text(), Overlay: overlay, Short: short(pd.Type, v.node)}
		if v.Gap {
			vd.Unset = v.Why
			if vd.Unset == "" {
				vd.Unset = "未写明原因"
			}
		}
		pd.Values = append(pd.Values, vd)
	}
}

// short is a long table as people can take it in: how many, and their names.
func short(t Type, n *node) string {
	if n.kind != mapping || t != Diseases && t != Hospitals {
		return ""
	}
	var parts []string
	for i, k := range n.keys {
		x := n.values[i]
		if t == Diseases {
			parts = append(parts, nameOf(x))
			continue
		}
		var hospitals []string
		for _, y := range x.values {
			hospitals = append(hospitals, nameOf(y))
		}
		parts = append(parts, fmt.Sprintf("%s %d 家（%s）", k, len(hospitals), strings.Join(hospitals, "、")))
	}
	if t == Diseases {
		return fmt.Sprintf("%d 种：%s", len(parts), strings.Join(parts, "、"))
	}
	return strings.Join(parts, "；")
}

// nameOf is the name of an entry {name, synonyms, codes}, or of one that is only
// a name.
func nameOf(n *node) string {
	if x := n.get("name"); x != nil {
		return x.text
	}
	return n.text
}
