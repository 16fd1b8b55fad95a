package pack

import (
	"doudi/rules"
	"doudi/rules/civil"
)

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

// notGiven stands where a value would.
const notGiven = "未配置"

// Cite gives the source of a parameter on a day: the topmost overlay that speaks
// of the day, else the document in which the clause stands. d = 0 means the
// parameter's earliest date.
func (l Layered) Cite(path rules.Param, d civil.Date) (Citation, bool) {
	spec := specOf(string(path))
	if spec == nil {
		return Citation{}, false
	}
	c := Citation{Param: string(path), Name: spec.Name}
	found := false
	if prm := l.Params[path]; prm != nil {
		cl := l.Clause(prm.Clause)
		c.Document, c.Article, c.Clause, c.Text = cl.Number, cl.Article, cl.ID, cl.Text
		c.Value = notGiven
		found = true
		if v, ok := at(prm.Values, d, d == 0); ok {
			c.value(v)
		}
	}
	for _, o := range l.Overlay.layers() {
		v, ok := at(o.params[path], d, d == 0)
		if !ok {
			continue
		}
		c.Overlay, found = true, true
		c.value(v)
		if o.Document != "" {
			c.Document, c.Article = o.Document, ""
		}
	}
	return c, found
}

func (c *Citation) value(v Dated) {
	c.Value, c.From = v.Text(), v.From.String()
	if v.Gap {
		c.Value = notGiven
	}
}
