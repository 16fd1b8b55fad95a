package pack

import (
	"doudi/rules"
	"doudi/rules/civil"
)

// Missing is a parameter that neither the pack nor the overlay gives.
type Missing struct {
	Pack   string
	Path   string
	Name   string
	Clause Clause
	Reason string
}

// Unset lists the parameters of a layered pack that are not configured.
func (l Layered) Unset() []Missing {
	var out []Missing
	for i := range Specs {
		s := &Specs[i]
		prm := l.Params[s.Path]
		if prm == nil || prm.Unset == "" || l.Overlay != nil && len(l.Overlay.params[s.Path]) > 0 {
			continue
		}
		out = append(out, Missing{l.ID, string(s.Path), s.Name, l.Clause(prm.Clause), prm.Unset})
	}
	for _, m := range l.Monitors {
		if m.Unset == "" || l.Overlay != nil && l.Overlay.monitors[m.ID].get("line") != nil {
			continue
		}
		out = append(out, Missing{l.ID, "monitor." + m.ID + ".line", m.base.Name + "线", l.Clause(m.Clause), m.Unset})
	}
	return out
}

// Citation says where a parameter's value on a day comes from.
type Citation struct {
	Param    string `json:"param"`
	Name     string `json:"name"`
	Value    string `json:"value"`
	From     string `json:"from,omitempty"`
	Document string `json:"document"`
	Article  string `json:"article"`
	Clause   string `json:"clause"`
	Text     string `json:"text"`
	Overlay  bool   `json:"overlay,omitempty"` // the office's own value
}

// Cite gives the source of a parameter on a day; d = 0 means the parameter's
// earliest date.
func (l Layered) Cite(path rules.Param, d civil.Date) (Citation, bool) {
	spec := specOf(string(path))
	if spec == nil {
		return Citation{}, false
	}
	c := Citation{Param: string(path), Name: spec.Name}
	found := false
	if prm := l.Params[path]; prm != nil {
		cl := l.Clause(prm.Clause)
		c.Document, c.Article, c.Clause, c.Text = l.Number, cl.Article, cl.ID, cl.Text
		c.Value = "未配置"
		found = true
		if v, ok := at(prm.Values, d, d == 0); ok {
			c.Value, c.From = v.Text(), v.From.String()
		}
	}
	if l.Overlay != nil {
		if v, ok := at(l.Overlay.params[path], d, d == 0); ok {
			c.Overlay, found = true, true
			c.Value, c.From = v.Text(), v.From.String()
			if l.Overlay.Document != "" {
				c.Document, c.Article = l.Overlay.Document, ""
			}
		}
	}
	return c, found
}
