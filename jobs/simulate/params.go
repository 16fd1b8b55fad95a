package simulate

import (
	"reflect"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/goccy/go-yaml/ast"
)

// ParamChange is a value that the draft changes, as packs write it: "65%".
type ParamChange struct {
	Pack          string
	Path          string // of the parameter
	Name          string // Chinese
	Type          pack.Type
	Unit          string
	Item          string // of a table: the category, level, class or insurance
	Before, After string // "": not configured
	// From and To say when, where it is not from the year's beginning on; To does
	// not count.
	From, To                  civil.Date
	Clause, Article, Document string
	Open                      bool // the document leaves it to another one
	// Adjustable says whether the document lets the office adjust the parameter;
	// nil where it speaks of none.
	Adjustable *bool
}

// compare tells what a policy changes for a year, as far as that can be told
// without settling.
func compare(p, q *rules.Policy, year int) IdleWhy {
	days := starts(p, q)
	money, lists, later := false, false, true
	for i, d := range days {
		a, b := paramsOn(p, d), paramsOn(q, d)
		if reflect.DeepEqual(a, b) {
			continue
		}
		a.Duties, b.Duties = rules.Duties{}, rules.Duties{}
		if reflect.DeepEqual(a, b) {
			lists = true
			continue
		}
		money = true
		if d.Year() <= year && (i+1 == len(days) || days[i+1] > civil.YMD(year, 1, 1)) {
			later = false
		}
	}
	switch {
	case money && later:
		return Later
	case money:
		return NoClaim
	case !sameEarliest(p, q):
		return NoClaim
	case lists:
		return NotMoney
	}
	return AsNow
}

// starts are the days on which something in one of the policies begins.
func starts(ps ...*rules.Policy) []civil.Date {
	var days []civil.Date
	for _, p := range ps {
		for i := range p.Segments {
			days = append(days, p.Segments[i].From, p.Segments[i].To)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

func paramsOn(p *rules.Policy, d civil.Date) rules.Params {
	if seg := p.At(d); seg != nil {
		return *seg.Params
	}
	return rules.Params{}
}

// sameEarliest reports whether retroactive claims on days without a pack are
// settled alike.
func sameEarliest(p, q *rules.Policy) bool {
	earliest := func(p *rules.Policy) map[string]rules.Params {
		out := map[string]rules.Params{}
		for i := range p.Segments {
			prm := *p.Segments[i].Pack.Earliest
			prm.Duties = rules.Duties{}
			out[p.Segments[i].Pack.ID] = prm
		}
		return out
	}
	return reflect.DeepEqual(earliest(p), earliest(q))
}

// paramChanges lists what the draft changes in the packs that are in force in the
// year, key by key.
func paramChanges(a *jobs.Area, changed []pack.Layered, after *rules.Policy, year int, d *Draft) []ParamChange {
	var out []ParamChange
	for i := range changed {
		l := &changed[i]
		if !inForce(l, year) {
			continue
		}
		first := max(l.From, civil.YMD(year, 1, 1))
		days := []civil.Date{first}
		for _, x := range starts(a.Policy, after) {
			if x > first && x < l.To {
				days = append(days, x)
			}
		}
		adjustable := paramsOn(a.Policy, first).Duties.Adjustable
		for _, k := range d.Keys {
			var rows []ParamChange
			if id, ok := strings.CutPrefix(k.Path, "monitor."); ok {
				rows = monitorChanges(l, id, days, a.Policy, after)
			} else {
				rows = valueChanges(&a.Layers[i], l, k.Path, days)
			}
			for _, r := range rows {
				r.Pack = l.ID
				if len(adjustable) > 0 {
					may := slices.ContainsFunc(adjustable, func(p string) bool { return r.Path == p || strings.HasPrefix(r.Path, p+".") })
					r.Adjustable = &may
				}
				out = append(out, r)
			}
		}
	}
	return out
}

// valueChanges compares a parameter day by day.
func valueChanges(before, after *pack.Layered, path string, days []civil.Date) []ParamChange {
	i := slices.IndexFunc(pack.Specs, func(s pack.Spec) bool { return string(s.Path) == path })
	if i < 0 {
		return nil // codes
	}
	spec := &pack.Specs[i]
	row := ParamChange{Path: path, Name: spec.Name, Type: spec.Type, Unit: spec.Unit}
	if prm := before.Params[spec.Path]; prm != nil {
		c := before.Clause(prm.Clause)
		row.Clause, row.Article, row.Document, row.Open = c.ID, c.Article, c.Number, prm.Unset != ""
	}
	return stretches(row, days, func(d civil.Date) (b, a items) {
		for _, x := range []*items{&b, &a} {
			x.pack(spec, before, d)
			x.overlay(spec, before, d)
		}
		a.overlay(spec, after, d)
		return b, a
	})
}

// monitorChanges compares the attributes of a monitor day by day.
func monitorChanges(l *pack.Layered, id string, days []civil.Date, before, after *rules.Policy) []ParamChange {
	i := slices.IndexFunc(l.Monitors, func(m *pack.Monitor) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	c := l.Clause(l.Monitors[i].Clause)
	row := ParamChange{Path: "monitor." + id, Name: id, Clause: c.ID, Article: c.Article, Document: c.Number}
	on := func(p *rules.Policy, d civil.Date) (x items) {
		prm := paramsOn(p, d)
		if k := slices.IndexFunc(prm.Monitors, func(m rules.Monitor) bool { return m.ID == id }); k >= 0 {
			m := &prm.Monitors[k]
			row.Name = m.Name
			x.monitor(m)
		}
		return x
	}
	rows := stretches(row, days, func(d civil.Date) (b, a items) { return on(before, d), on(after, d) })
	for k := range rows {
		rows[k].Name, rows[k].Path = row.Name, rows[k].Path+"."+rows[k].Item
		rows[k].Type = pack.Choice
		if rows[k].Item == "line" {
			rows[k].Type, rows[k].Unit = pack.Amount, "元"
		}
	}
	return rows
}

// items are the values of a parameter on a day, in order; one without a name
// where it is no table.
type items struct {
	names  []string
	values map[string]string
}

func (x *items) set(name, value string) {
	if x.values == nil {
		x.values = map[string]string{}
	}
	if _, known := x.values[name]; !known {
		x.names = append(x.names, name)
	}
	x.values[name] = value
}

func (x *items) monitor(m *rules.Monitor) {
	choose := func(b bool, yes, no string) string {
		if b {
			return yes
		}
		return no
	}
	line := ""
	if m.On {
		line = m.Line.String()
	}
	var cats []string
	for _, c := range m.Categories.List() {
		cats = append(cats, c.String())
	}
	x.set("line", line)
	x.set("crosses", choose(m.Inclusive, "at_or_above", "above"))
	x.set("measure", choose(m.Measure == rules.AfterAll, "after_all", "after_major"))
	x.set("scope", choose(m.Total, "total", "in_scope"))
	x.set("who", [...]string{"categories", "without_assisted", "with_assisted"}[m.Who])
	x.set("categories", "["+strings.Join(cats, ", ")+"]")
	x.set("level", choose(m.Household, "household", "person"))
}

// byCategory are the tables in which `others` stands for all that are not named;
// listed those whose entries are lists of names.
var (
	byCategory = []pack.Type{pack.AmountBy, pack.RatioBy, pack.TextBy, pack.CategoryBy, pack.PremiumBy}
	byName     = []pack.Type{pack.ByLevel, pack.RatioByClass, pack.AmountByInsurance, pack.RatioByInsurance}
	listed     = []pack.Type{pack.Diseases, pack.Hospitals}
)

// pack takes a pack's value on a day.
func (x *items) pack(spec *pack.Spec, l *pack.Layered, d civil.Date) {
	own := pack.Layered{Pack: l.Pack}
	if c, ok := own.Cite(spec.Path, d); ok {
		x.lay(spec, c.Value, l.Order)
	}
}

// overlay lays an overlay's value on a day over x.
func (x *items) overlay(spec *pack.Spec, l *pack.Layered, d civil.Date) {
	if c, ok := l.Cite(spec.Path, d); ok && c.Overlay {
		x.lay(spec, c.Value, l.Order)
	}
}

// notGiven is what a citation says where there is no value.
const notGiven = "未配置"

// lay lays a value over x: a table entry by entry, what is no table whole.
func (x *items) lay(spec *pack.Spec, text string, order []rules.Category) {
	if text == notGiven {
		*x = items{}
		return
	}
	table, ok := tableOf(text)
	switch {
	case ok && slices.Contains(byCategory, spec.Type):
		x.others(table, order)
		for _, kv := range table {
			if kv.name != "others" {
				x.set(kv.name, kv.values[0])
			}
		}
	case ok && slices.Contains(byName, spec.Type):
		for _, kv := range table {
			x.set(kv.name, kv.values[0])
		}
	case ok && slices.Contains(listed, spec.Type):
		for _, kv := range table {
			x.set(kv.name, union(x.values[kv.name], kv.values))
		}
	default:
		*x = items{}
		x.set("", text)
	}
}

// others gives every category the value that stands for those not named.
func (x *items) others(table []entry, order []rules.Category) {
	for _, kv := range table {
		if kv.name != "others" {
			continue
		}
		for _, n := range x.names {
			x.set(n, kv.values[0])
		}
		for _, c := range order {
			x.set(c.String(), kv.values[0])
		}
	}
}

// Separator stands between the names in the value of a disease or of a class of
// hospitals.
const Separator = "、"

// union adds names that are not there yet, however they are written.
func union(text string, more []string) string {
	var all []string
	if text != "" {
		all = strings.Split(text, Separator)
	}
	for _, m := range more {
		if !slices.ContainsFunc(all, func(a string) bool { return rules.Fold(a) == rules.Fold(m) }) {
			all = append(all, m)
		}
	}
	return strings.Join(all, Separator)
}

// entry is an entry of a table, with all that stands in it.
type entry struct {
	name   string
	values []string
}

// tableOf reads a table from its form on one line.
func tableOf(text string) ([]entry, bool) {
	root, _, err := parsed([]byte(text))
	if err != nil || root == nil {
		return nil, false
	}
	var out []entry
	for _, mv := range root.Values {
		e := entry{keyName(mv), leaves(mv.Value)}
		if len(e.values) == 0 {
			return nil, false
		}
		out = append(out, e)
	}
	return out, true
}

// leaves are the plain values within a value.
func leaves(n ast.Node) (out []string) {
	switch v := n.(type) {
	case *ast.MappingNode:
		for _, mv := range v.Values {
			out = append(out, leaves(mv.Value)...)
		}
	case *ast.SequenceNode:
		for _, x := range v.Values {
			out = append(out, leaves(x)...)
		}
	case *ast.StringNode:
		out = append(out, v.Value)
	default:
		out = append(out, n.GetToken().Value)
	}
	return out
}

// stretches compares two values day by day and gives a row for each item and
// stretch of days on which they differ.
func stretches(row ParamChange, days []civil.Date, on func(civil.Date) (before, after items)) []ParamChange {
	befores, afters := make([]items, len(days)), make([]items, len(days))
	var names []string
	for i, d := range days {
		befores[i], afters[i] = on(d)
		for _, n := range slices.Concat(befores[i].names, afters[i].names) {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	var out []ParamChange
	for _, n := range names {
		for i := 0; i < len(days); {
			j := i + 1
			for j < len(days) && sameValue(befores[j].values[n], befores[i].values[n]) && sameValue(afters[j].values[n], afters[i].values[n]) {
				j++
			}
			r := row
			r.Item, r.Before, r.After = n, befores[i].values[n], afters[i].values[n]
			if i > 0 {
				r.From = days[i]
			}
			if j < len(days) {
				r.To = days[j]
			}
			if !sameValue(r.Before, r.After) {
				out = append(out, r)
			}
			i = j
		}
	}
	return out
}

// sameValue reports whether two values are one, however they are written: 2000,
// 2_000 and 2000.00.
func sameValue(a, b string) bool { return a == b || plain(a) == plain(b) }

func plain(s string) string {
	if f, err := money.ParseYuan(strings.ReplaceAll(s, "_", "")); err == nil {
		return f.String()
	}
	if r, err := money.ParseRatio(s); err == nil && strings.HasSuffix(s, "%") {
		return r.String()
	}
	return s
}
