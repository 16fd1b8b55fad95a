package pack

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
)

// Overlay is an office's own values on top of a pack.
type Overlay struct {
	File     string
	Document string // where the office's values come from, e.g. its own 文号
	Digest   string
	params   map[rules.Param][]Dated
	monitors map[string]*node
	codes    *node
}

// ParseOverlay reads an overlay from YAML: the keys of a pack's parameters, each
// with a value, or with date → value.
func ParseOverlay(file string, data []byte) (*Overlay, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return nil, err
	}
	return overlayOf(root, data)
}

func overlayOf(root *node, data []byte) (*Overlay, error) {
	sum := sha256.Sum256(data)
	o := &Overlay{File: root.file, Digest: hex.EncodeToString(sum[:]), params: map[rules.Param][]Dated{}, monitors: map[string]*node{}}
	if root.kind == null {
		return o, nil
	}
	if root.kind != mapping {
		return nil, root.errorf("叠加文件应为参数表，如 special: {threshold: 20000}")
	}
	var errs []error
	for i, k := range root.keys {
		x, at := root.values[i], root.keyAt[i]
		switch {
		case k == "document":
			var err error
			if o.Document, err = root.words(k); err != nil {
				errs = append(errs, err)
			}
		case k == "codes":
			o.codes = x
		case k == "monitor":
			if x.kind != mapping {
				errs = append(errs, x.errorf("此处应为 监测线代码: {line: 金额}"))
				continue
			}
			for j, id := range x.keys {
				o.monitors[id] = x.values[j]
			}
		case isGroup(k):
			errs = append(errs, o.group(x, k+"."))
		default:
			errs = append(errs, &Error{root.file, at.line, at.col, fmt.Sprintf("没有参数 %q", k)})
		}
	}
	return o, errors.Join(errs...)
}

func (o *Overlay) group(n *node, prefix string) error {
	if n.kind != mapping {
		return n.errorf("此处应为参数表")
	}
	var errs []error
	for i, k := range n.keys {
		path, x := prefix+k, n.values[i]
		spec := specOf(path)
		if spec == nil {
			at := n.keyAt[i]
			errs = append(errs, &Error{n.file, at.line, at.col, fmt.Sprintf("没有参数 %q", path)})
			continue
		}
		ds := []Dated{{0, x}}
		if isDated(x) {
			var err error
			if ds, err = dated(x); err != nil {
				errs = append(errs, err)
				continue
			}
		}
		for _, d := range ds {
			if _, err := spec.parse(d.node, value{}); err != nil {
				errs = append(errs, err)
			}
		}
		o.params[spec.Path] = ds
	}
	return errors.Join(errs...)
}

// Layered is a pack with the overlay of an office; Overlay may be nil.
type Layered struct {
	*Pack
	Overlay *Overlay
}

// at is the last value that begins on or before d; earliest takes the first
// value instead.
func at(ds []Dated, d civil.Date, earliest bool) (Dated, bool) {
	if earliest {
		if len(ds) == 0 {
			return Dated{}, false
		}
		return ds[0], true
	}
	for i := len(ds) - 1; i >= 0; i-- {
		if ds[i].From <= d {
			return ds[i], true
		}
	}
	return Dated{}, false
}

// value computes a parameter on a day, the overlay laid over the pack.
func (l Layered) value(spec *Spec, d civil.Date, earliest bool) (v value, ok bool, err error) {
	if prm := l.Params[spec.Path]; prm != nil {
		if x, found := at(prm.Values, d, earliest); found {
			if v, err = spec.parse(x.node, value{}); err != nil {
				return v, false, err
			}
			ok = true
		}
	}
	if l.Overlay != nil {
		if x, found := at(l.Overlay.params[spec.Path], d, earliest); found {
			if v, err = spec.parse(x.node, v); err != nil {
				return v, false, err
			}
			ok = true
		}
	}
	return v, ok, nil
}

// params compiles everything on a day; earliest ignores d and takes each
// parameter's first value.
func (l Layered) params(d civil.Date, earliest bool) (*rules.Params, error) {
	p := &rules.Params{Order: l.Order, MajorCap: rules.NoCap, BasicOutpatientCap: rules.NoCap, Duties: rules.NewDuties()}
	for c := range p.AssistCap {
		p.AssistCap[c], p.SubCap[c] = rules.NoCap, rules.NoCap
	}
	have := map[rules.Param]bool{}
	for i := range Specs {
		s := &Specs[i]
		v, ok, err := l.value(s, d, earliest)
		if err != nil {
			return nil, err
		}
		if ok {
			s.set(p, v)
			have[s.Path] = true
		}
	}
	if !have["assist.application_required"] {
		p.ByApplication = 0
	}
	p.SupplementOn = p.SupplementOn && p.Targeted != 0
	p.BasicOn = p.BasicOn && p.Targeted != 0
	p.MajorOn = have["major.deductible"] && have["major.tiers"]
	p.TiltOn = p.TiltOn && have["tilt.threshold"] && have["tilt.cap"]
	p.SpecialOn = p.SpecialOn && have["special.ratio"] && have["special.cap"]
	for _, m := range l.Monitors {
		rm := m.base
		if x, ok := at(m.Lines, d, earliest); ok {
			f, err := amount(x.node)
			if err != nil {
				return nil, err
			}
			rm.Line, rm.On = f, true
		}
		if l.Overlay != nil {
			if x := l.Overlay.monitors[m.ID]; x != nil {
				if err := overlayMonitor(&rm, x, d, earliest); err != nil {
					return nil, err
				}
			}
		}
		p.Monitors = append(p.Monitors, rm)
	}
	return p, nil
}

func overlayMonitor(m *rules.Monitor, x *node, d civil.Date, earliest bool) error {
	if err := x.only("name", "who", "categories", "measure", "scope", "crosses", "line"); err != nil {
		return err
	}
	if err := applyMonitor(m, x); err != nil {
		return err
	}
	line := x.get("line")
	if line == nil {
		return nil
	}
	ds := []Dated{{0, line}}
	if isDated(line) {
		var err error
		if ds, err = dated(line); err != nil {
			return err
		}
	}
	if v, ok := at(ds, d, earliest); ok {
		f, err := amount(v.node)
		if err != nil {
			return err
		}
		m.Line, m.On = f, true
	}
	return nil
}

// applyMonitor reads the attributes of a monitor that are given.
func applyMonitor(m *rules.Monitor, x *node) error {
	choose := func(key string, options map[string]func()) error {
		v := x.get(key)
		if v == nil {
			return nil
		}
		f := options[v.text]
		if f == nil {
			var names []string
			for o := range options {
				names = append(names, o)
			}
			slices.Sort(names)
			return v.errorf("%q 不可选，应为 %s 之一", v.text, strings.Join(names, "、"))
		}
		f()
		return nil
	}
	if v := x.get("name"); v != nil {
		m.Name = v.text
	}
	if v := x.get("categories"); v != nil {
		set, err := categories(v)
		if err != nil {
			return err
		}
		m.Categories = set
	}
	return errors.Join(
		choose("who", map[string]func(){
			"categories":       func() { m.Who = rules.WatchCategories },
			"without_assisted": func() { m.Who = rules.WatchWithout },
			"with_assisted":    func() { m.Who = rules.WatchWith },
		}),
		choose("measure", map[string]func(){
			"after_major": func() { m.Measure = rules.AfterMajor },
			"after_all":   func() { m.Measure = rules.AfterAll },
		}),
		choose("scope", map[string]func(){
			"in_scope": func() { m.Total = false },
			"total":    func() { m.Total = true },
		}),
		choose("crosses", map[string]func(){
			"above":       func() { m.Inclusive = false },
			"at_or_above": func() { m.Inclusive = true },
		}))
}

// check refuses what no day could be settled under.
func (p *Pack) check(root *node) error {
	l := Layered{Pack: p}
	var errs []error
	for _, d := range l.days(p.From, p.To) {
		prm, err := l.params(d, false)
		if err != nil {
			return err
		}
		if err := checkParams(prm); err != nil {
			errs = append(errs, root.errorf("自 %s：%v", d, err))
		}
	}
	return errors.Join(errs...)
}

func checkParams(prm *rules.Params) error {
	for _, c := range prm.Assisted.List() {
		if !slices.Contains(prm.Order, c) {
			return fmt.Errorf("救助对象 %s 不在 order（类别次序）之中", c)
		}
		if prm.AssistOn && prm.AssistRatio[c] == 0 {
			return fmt.Errorf("救助对象 %s 没有救助比例", c)
		}
		if prm.OutpatientOwn && prm.OutpatientRate[c] == 0 {
			return fmt.Errorf("救助对象 %s 没有门诊救助比例", c)
		}
		if prm.AssistOn && prm.AssistCap[c] == 0 {
			return fmt.Errorf("救助对象 %s 没有年度救助限额（不设限写 none）", c)
		}
		if prm.TiltOn && prm.TiltRatio[c] == 0 {
			return fmt.Errorf("救助对象 %s 没有倾斜救助比例", c)
		}
	}
	if prm.AssistOn && prm.AssistKinds == 0 {
		return errors.New("有救助比例而没有 assist.kinds（救助费用类别）")
	}
	if prm.DiseaseKinds != 0 && len(prm.Diseases) == 0 {
		return errors.New("有 assist.disease_kinds 而没有 assist.diseases（病种）")
	}
	if prm.Retro != 0 && prm.RetroMonths == 0 {
		return errors.New("有 retro.categories 而没有 retro.months（回溯月数）")
	}
	return nil
}

// days are the days in [from, to) on which something in the policy begins.
func (l Layered) days(from, to civil.Date) []civil.Date {
	ds := []civil.Date{from}
	put := func(vs []Dated) {
		for _, v := range vs {
			if v.From > from && v.From < to {
				ds = append(ds, v.From)
			}
		}
	}
	for _, prm := range l.Params {
		put(prm.Values)
	}
	for _, m := range l.Monitors {
		put(m.Lines)
	}
	if l.Overlay != nil {
		for _, vs := range l.Overlay.params {
			put(vs)
		}
		for _, x := range l.Overlay.monitors {
			if line := x.get("line"); line != nil && isDated(line) {
				vs, _ := dated(line) // checked when compiled
				put(vs)
			}
		}
	}
	slices.Sort(ds)
	return slices.Compact(ds)
}

// Compile makes the policy of an area from its packs, one after another: where
// two are in force on a day, the one that began later counts.
func Compile(area string, layers []Layered) (*rules.Policy, error) {
	ls := slices.Clone(layers)
	slices.SortStableFunc(ls, func(a, b Layered) int { return cmp.Compare(a.From, b.From) })
	sum := sha256.New()
	pol := &rules.Policy{Area: area}
	refs := make([]*rules.PackRef, len(ls))
	begins := make([][]civil.Date, len(ls)) // days on which something begins in a layer
	var days []civil.Date
	for i, l := range ls {
		overlay := ""
		if l.Overlay != nil {
			overlay = l.Overlay.Digest
			for id, x := range l.Overlay.monitors {
				if !slices.ContainsFunc(l.Monitors, func(m *Monitor) bool { return m.ID == id }) {
					return nil, x.errorf("政策包 %s 没有监测线 %q", l.ID, id)
				}
			}
		}
		fmt.Fprintf(sum, "%s %s %s\n", l.ID, l.Digest, overlay)
		earliest, err := l.params(0, true)
		if err != nil {
			return nil, err
		}
		refs[i] = &rules.PackRef{ID: l.ID, Digest: l.Digest, Earliest: earliest}
		begins[i] = l.days(l.From, l.To)
		days = append(append(days, begins[i]...), l.To)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for j, d := range days {
		i := len(ls) - 1
		for i >= 0 && (d < ls[i].From || d >= ls[i].To) {
			i--
		}
		if i < 0 {
			continue // no pack from here to the next day, or the end
		}
		end := days[j+1]
		if n := len(pol.Segments); n > 0 && pol.Segments[n-1].Pack == refs[i] && pol.Segments[n-1].To == d && !slices.Contains(begins[i], d) {
			pol.Segments[n-1].To = end // the day is another layer's
			continue
		}
		prm, err := ls[i].params(d, false)
		if err != nil {
			return nil, err
		}
		if err := checkParams(prm); err != nil {
			return nil, fmt.Errorf("%s 自 %s：%w", ls[i].ID, d, err)
		}
		pol.Segments = append(pol.Segments, rules.Segment{From: d, To: end, Params: prm, Pack: refs[i]})
	}
	pol.Digest = hex.EncodeToString(sum.Sum(nil))
	return pol, nil
}
