package pack

import (
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
)

// scope says of which categories a parameter may speak; of the others it could
// have no effect.
type scope uint8

const (
	ofAssisted scope = iota + 1 // in assist.categories
	ofOrder                     // in the pack's order
)

// scopes are the parameters by category that only some categories can have. The
// duties (premium, huiminbao, risk) may speak of any, and so may monitors.
var scopes = map[rules.Param]scope{
	"assist.ratio": ofAssisted, "assist.outpatient_ratio": ofAssisted, "assist.deductible": ofAssisted,
	"assist.cap": ofAssisted, "assist.outpatient_cap": ofAssisted, "assist.by_application": ofAssisted,
	"tilt.ratio": ofAssisted, "special.ratio": ofAssisted, "retro.categories": ofAssisted,
	"major.deductible_cut": ofOrder, "major.points": ofOrder, "major.no_cap": ofOrder, "major.at_least": ofOrder,
	"ceiling.categories": ofOrder, "targeted.categories": ofOrder,
}

// reach finds categories that a parameter names in vain.
func (c *checker) reach() {
	for i := range Specs {
		s := &Specs[i]
		if scopes[s.Path] == 0 {
			continue
		}
		ds, _ := c.own(s.Path)
		for _, x := range ds {
			if x.Gap {
				continue
			}
			if set, known := c.reachable(scopes[s.Path], ds, x); known {
				c.unreachable(s, x, set)
			}
		}
	}
}

func (c *checker) unreachable(s *Spec, x Dated, set rules.CategorySet) {
	where := "assist.categories（救助对象）"
	if scopes[s.Path] == ofOrder {
		where = "order（类别次序）"
	}
	for _, word := range words(x.node, false) {
		cat, err := rules.ParseCategory(word)
		if err == nil && cat != rules.NoCategory && !set.Has(cat) {
			c.add(x.node.find(word).errorf("类别 %s 不在 %s之中，写在 %s 里不起作用：请补进 %s，或在此删去", named(cat), where, s.Path, where))
		}
	}
}

// reachable are the categories in scope on any day on which the value x of ds is
// in force; false where nobody says who is assisted then.
func (c *checker) reachable(of scope, ds []Dated, x Dated) (set rules.CategorySet, known bool) {
	if of == ofOrder {
		return rules.SetOf(c.l.Order...), len(c.l.Order) > 0
	}
	put := func(d civil.Date, earliest bool) {
		if v, ok, err := c.l.value(specOf("assist.categories"), d, earliest); ok && err == nil {
			set, known = set|v.set, true
		}
	}
	inForce := false
	for _, d := range c.days {
		if y, ok := at(ds, d, false); ok && y.From == x.From {
			inForce = true
			put(d, false)
		}
	}
	if !inForce { // it is for retroactive claims before the pack
		put(0, true)
	}
	return set, known
}

// words are the keys and scalars of a value: of the node itself, or of all
// beneath it.
func words(n *node, deep bool) []string {
	if n == nil {
		return nil
	}
	out := append([]string(nil), n.keys...)
	if n.kind == scalar {
		out = append(out, strings.TrimPrefix(n.text, "as "))
	}
	for _, x := range n.values {
		if deep || n.kind == list {
			out = append(out, words(x, deep)...)
		}
	}
	return out
}

// mentioned are all words of the parameters and monitors of the pack and of
// what it extends.
func (p *Pack) mentioned() map[string]bool {
	out := map[string]bool{}
	for q := p; q != nil; q = q.base {
		for _, key := range []string{"parameters", "monitor"} {
			for _, w := range words(q.root.get(key), true) {
				out[w] = true
			}
		}
	}
	return out
}

// unusedOrder finds categories in order that nothing else speaks of.
func (c *checker) unusedOrder() {
	x := c.l.root.get("order")
	if x == nil {
		return
	}
	used := c.l.mentioned()
	for _, y := range x.values {
		if cat, err := category(y); err == nil && !used[y.text] {
			c.add(y.errorf("order 里的类别 %s 没有任何参数或监测线用到：请删去，或补上它的参数", named(cat)))
		}
	}
}

// unusedClauses finds clauses of the file that no entry cites.
func (c *checker) unusedClauses() {
	x := c.l.root.get("clauses")
	if x == nil || x.kind != mapping {
		return
	}
	cited := map[string]bool{}
	for _, key := range []string{"parameters", "monitor", "lists"} {
		citations(c.l.root.get(key), cited)
	}
	for _, prm := range c.l.Params {
		cited[prm.Clause] = true // also what was inherited
	}
	for _, m := range c.l.Monitors {
		cited[m.Clause] = true
	}
	for _, l := range c.l.Lists {
		cited[l.Clause] = true
	}
	for i, id := range x.keys {
		if !cited[id] {
			c.add(x.keyAt[i].errorf("条款 %s 没有任何参数、监测线或清单引用：请在用到它的地方写 clause: %s，或删去", id, id))
		}
	}
}

// citations are what the clause keys beneath a node name, also of entries with
// mistakes.
func citations(n *node, into map[string]bool) {
	if n == nil {
		return
	}
	if x := n.get("clause"); x != nil {
		into[x.text] = true
	}
	for _, x := range n.values {
		citations(x, into)
	}
}

// named is a category as people read it.
func named(c rules.Category) string { return c.String() + "（" + c.Chinese() + "）" }
