package pack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/rules"
)

// Monitor is one warning line of a pack as written.
type Monitor struct {
	ID        string
	Clause    string
	Unset     string  // why the line has no value
	Lines     []Dated // of the line
	base      rules.Monitor
	inherited bool
	key       place
}

// monitorKeys are the keys of a monitor that an overlay may give, too.
var monitorKeys = []string{"name", "who", "categories", "measure", "scope", "crosses", "level", "line"}

func (r *reader) monitors(n *node) {
	if n.kind != mapping {
		r.add(n.errorf("此处应为 监测线代码: {...}"))
		return
	}
	for i, id := range n.keys {
		r.monitor(id, n.values[i], n.keyAt[i])
	}
}

func (r *reader) monitor(id string, x *node, key place) {
	if err := x.only(append([]string{"clause", unset}, monitorKeys...)...); err != nil {
		r.add(err)
		return
	}
	what := fmt.Sprintf("监测线 %s ", id)
	m := &Monitor{ID: id, key: key, base: rules.Monitor{ID: id}, Clause: r.cited(x, what)}
	r.add(applyMonitor(&m.base, x))
	if m.base.Name == "" {
		r.add(x.errorf("%s缺少 name（名称）", what))
	}
	if m.base.Who == rules.WatchCategories && m.base.Categories == 0 && x.get("categories") == nil {
		r.add(x.errorf("%s没有说监测谁：请写 categories: [类别]，或 who: without_assisted、with_assisted", what))
	}
	if c := x.get("categories"); c != nil && m.base.Who != rules.WatchCategories {
		r.add(c.errorf("%s的 who 不是 categories，这里的类别不起作用，请去掉其中一个", what))
	}
	m.Unset, m.Lines = r.valuesOrUnset(x, "line", what, checkAmount)
	r.Monitors = put(r.Monitors, func(m *Monitor) string { return m.ID }, m)
}

// checkAmount refuses what is no amount that can be crossed.
func checkAmount(n *node) error {
	f, err := amount(n)
	if err == nil && f == rules.NoCap {
		err = n.errorf("监测线应为金额；没有标准时写 unset")
	}
	return err
}

// attribute is a word of a monitor and what each choice does.
type attribute struct {
	key     string
	title   string // Chinese, with what the choices mean
	choices map[string]func(*rules.Monitor)
}

var attributes = []attribute{
	{"who", "监测谁：categories 所列类别；without_assisted 从未是救助对象的人员；with_assisted 现在或曾经是救助对象的人员", map[string]func(*rules.Monitor){
		"categories":       func(m *rules.Monitor) { m.Who = rules.WatchCategories },
		"without_assisted": func(m *rules.Monitor) { m.Who = rules.WatchWithout },
		"with_assisted":    func(m *rules.Monitor) { m.Who = rules.WatchWith },
	}},
	{"measure", "看哪一步之后的负担：after_major 基本医保和大病保险之后；after_all 各项保障之后", map[string]func(*rules.Monitor){
		"after_major": func(m *rules.Monitor) { m.Measure = rules.AfterMajor },
		"after_all":   func(m *rules.Monitor) { m.Measure = rules.AfterAll },
	}},
	{"scope", "in_scope 范围内费用；total 全部费用", map[string]func(*rules.Monitor){
		"in_scope": func(m *rules.Monitor) { m.Total = false },
		"total":    func(m *rules.Monitor) { m.Total = true },
	}},
	{"crosses", "above 超过才触发；at_or_above 达到即触发", map[string]func(*rules.Monitor){
		"above":       func(m *rules.Monitor) { m.Inclusive = false },
		"at_or_above": func(m *rules.Monitor) { m.Inclusive = true },
	}},
	{"level", "person 按人；household 按户合计", map[string]func(*rules.Monitor){
		"person":    func(m *rules.Monitor) { m.Household = false },
		"household": func(m *rules.Monitor) { m.Household = true },
	}},
}

func (a attribute) names() []string { return slices.Sorted(maps.Keys(a.choices)) }

// applyMonitor reads the attributes of a monitor that are given.
func applyMonitor(m *rules.Monitor, x *node) error {
	var wrong mistakes
	if x.get("name") != nil {
		var err error
		m.Name, err = x.words("name")
		wrong.add(err)
	}
	if v := x.get("categories"); v != nil {
		var err error
		m.Categories, err = categories(v)
		wrong.add(err)
	}
	for _, a := range attributes {
		v := x.get(a.key)
		if v == nil {
			continue
		}
		if f := a.choices[v.text]; f != nil {
			f(m)
		} else {
			wrong.add(v.errorf("%q 不可选，应为 %s 之一", v.text, strings.Join(a.names(), "、")))
		}
	}
	return wrong.err()
}

// overMonitor is what an overlay says of a monitor.
type overMonitor struct {
	at    place
	node  *node
	lines []Dated
}

func parseOverMonitor(x *node, at place) (*overMonitor, error) {
	m := &overMonitor{at: at, node: x}
	if err := x.only(monitorKeys...); err != nil {
		return m, err
	}
	err := applyMonitor(&rules.Monitor{}, x)
	if line := x.get("line"); line != nil {
		ds, lerr := datedOrSingle(line, checkAmount)
		m.lines, err = ds, errors.Join(err, lerr)
	}
	return m, err
}
