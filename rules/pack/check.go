package pack

import (
	"maps"
	"slices"

	"doudi/rules"
	"doudi/rules/civil"
)

// checker looks for what no day could be settled under and for what can never
// take effect. It blames one layer, the pack or the topmost overlay: what lies
// beneath was checked before.
type checker struct {
	mistakes
	l    Layered
	top  *Overlay // nil: the pack itself
	days []civil.Date
}

// check gives the mistakes of the pack, for top = nil, or else of the overlay
// top of l.
func check(l Layered, top *Overlay) error {
	c := &checker{l: l, top: top, days: l.days(l.From, l.To)}
	c.spans()
	c.partners()
	c.reach()
	c.adjustable()
	if top == nil {
		c.unusedOrder()
		c.unusedClauses()
	} else {
		c.known()
	}
	for _, d := range c.days {
		if err := c.day(d); err != nil {
			return err
		}
	}
	return c.err()
}

// own are the values of a parameter that the blamed layer itself gives, and
// where its key stands.
func (c *checker) own(path rules.Param) ([]Dated, place) {
	if c.top != nil {
		return c.top.params[path], c.top.keys[path]
	}
	if prm := c.l.Params[path]; prm != nil && !prm.inherited {
		return prm.Values, prm.key
	}
	return nil, place{}
}

// given reports whether the blamed layer gives a value at some time.
func (c *checker) given(path rules.Param) bool {
	ds, _ := c.own(path)
	return slices.ContainsFunc(ds, func(d Dated) bool { return !d.Gap })
}

// declared reports whether any layer names the parameter, be it as unset.
func (c *checker) declared(path rules.Param) bool {
	return c.l.declared[path] || slices.ContainsFunc(c.l.Overlay.layers(), func(o *Overlay) bool { return o.params[path] != nil })
}

// whole is the place of the blamed layer as a whole.
func (c *checker) whole() place {
	if c.top != nil {
		return c.top.root.place
	}
	if x := c.l.root.get("extends"); x != nil {
		return x.place
	}
	return c.l.root.place
}

// blame is where a word stands in the first of the parameters that the blamed
// layer gives on a day.
func (c *checker) blame(d civil.Date, word string, paths ...rules.Param) place {
	for _, path := range paths {
		ds, _ := c.own(path)
		x, ok := at(ds, d, false)
		if !ok || x.Gap {
			continue
		}
		if p := x.node.find(word); p != x.node.place {
			return p
		}
		return x.node.find(others)
	}
	return c.whole()
}

// spans finds values that are never in force, and days on which a parameter has
// no value and nobody says so.
func (c *checker) spans() {
	for i := range Specs {
		ds, _ := c.own(Specs[i].Path)
		c.span(ds, "参数 "+string(Specs[i].Path)+" ")
		if prm := c.l.Params[Specs[i].Path]; c.top == nil && prm != nil && prm.inherited {
			c.inheritedSpan(prm.Values, "参数 "+string(Specs[i].Path)+" ")
		}
	}
	if c.top != nil {
		for _, m := range c.top.monitors {
			c.span(m.lines, "监测线")
		}
		return
	}
	for _, m := range c.l.Monitors {
		if m.inherited {
			c.inheritedSpan(m.Lines, "监测线 "+m.ID+" ")
		} else {
			c.span(m.Lines, "监测线 "+m.ID+" ")
		}
	}
	for _, x := range c.l.Lists {
		if !x.inherited && (x.From >= c.l.To || x.To <= c.l.From) {
			c.add(x.key.errorf("清单 %s 的起止日期不在政策的施行期内（%s），不会编制：请改正日期", x.Name, span(c.l.From, c.l.To)))
		}
	}
}

func (c *checker) span(ds []Dated, what string) {
	if len(ds) > 0 && c.top == nil && ds[0].From > c.l.From {
		c.add(ds[0].at.errorf("%s自 %s 才有值，而政策自 %s 起施行：请补上此前的值；文件此前未定的，写 %s: unset", what, ds[0].From, c.l.From, c.l.From))
	}
	for _, x := range ds {
		if x.From >= c.l.To {
			c.add(x.at.errorf("%s的这个值自 %s 起，而政策到 %s 为止，不会生效：请改正日期，或删去", what, x.From, c.l.To.Prev()))
		}
	}
}

func (c *checker) inheritedSpan(ds []Dated, what string) {
	if len(ds) > 0 && ds[0].From > c.l.From {
		c.add(c.whole().errorf("继承的%s自 %s 才有值，而政策自 %s 起施行：请在本文件里写明", what, ds[0].From, c.l.From))
	}
}

// known finds what an overlay says of a monitor or a list that the pack does not
// have.
func (c *checker) known() {
	for _, id := range slices.Sorted(maps.Keys(c.top.monitors)) {
		if !slices.ContainsFunc(c.l.Monitors, func(m *Monitor) bool { return m.ID == id }) {
			c.add(c.top.monitors[id].at.errorf("政策包 %s 没有监测线 %q", c.l.ID, id))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.top.lists)) {
		if !slices.ContainsFunc(c.l.Pack.Lists, func(x List) bool { return x.Name == name }) {
			c.add(c.top.lists[name].at.errorf("政策包 %s 没有清单 %q", c.l.ID, name))
		}
	}
}

// adjustable finds words in simulate.adjustable that name no parameter.
func (c *checker) adjustable() {
	ds, _ := c.own("simulate.adjustable")
	for _, x := range ds {
		if x.node.kind != list {
			continue
		}
		for _, y := range x.node.values {
			if specOf(y.text) == nil && !isGroup(y.text) {
				c.add(unknownParam(y.place, y.text))
			}
		}
	}
}
