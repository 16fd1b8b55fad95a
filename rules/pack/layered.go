package pack

import (
	"fmt"
	"slices"

	"doudi/rules"
	"doudi/rules/civil"
)

// Layered is a pack with the overlay of an office; Overlay may be nil.
type Layered struct {
	*Pack
	Overlay *Overlay
}

// written are the values of a parameter, those of the pack first, then those of
// each overlay from the lowest to the topmost.
func (l Layered) written(path rules.Param) [][]Dated {
	var out [][]Dated
	if prm := l.Params[path]; prm != nil {
		out = append(out, prm.Values)
	}
	for _, o := range l.Overlay.layers() {
		out = append(out, o.params[path])
	}
	return out
}

// value computes a parameter on a day, overlays laid over the pack; earliest
// ignores d and takes the first value of each. ok is false where nobody gives a
// value, or the topmost who speaks of that day states a gap.
func (l Layered) value(spec *Spec, d civil.Date, earliest bool) (v value, ok bool, err error) {
	if earliest {
		// The first day on which any of them speaks: what another gives for later
		// years does not reach back.
		d, earliest = l.firstDay(spec.Path), false
	}
	for _, ds := range l.written(spec.Path) {
		x, found := at(ds, d, earliest)
		switch {
		case !found:
		case x.Gap:
			v, ok = value{}, false
		default:
			if v, err = spec.parse(x.node, v); err != nil {
				return v, false, err
			}
			ok = true
		}
	}
	return v, ok, nil
}

// declares reports whether the pack or an overlay speaks of a parameter, be it to
// say that it is open.
func (l Layered) declares(path rules.Param) bool {
	if l.Params[path] != nil {
		return true
	}
	for _, ds := range l.written(path) {
		if len(ds) > 0 {
			return true
		}
	}
	return false
}

// firstDay is the first day on which the pack or an overlay gives a parameter; an
// overlay's value without a date holds on every day.
func (l Layered) firstDay(path rules.Param) civil.Date {
	first := civil.Forever
	for _, ds := range l.written(path) {
		for _, x := range ds {
			if x.From != 0 {
				first = min(first, x.From)
			}
		}
	}
	if first == civil.Forever {
		return 0
	}
	return first
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
	switches(p, have, func(path rules.Param) bool { return l.declares(path) && !have[path] })
	for _, m := range l.Monitors {
		rm, err := l.monitor(m, d, earliest)
		if err != nil {
			return nil, err
		}
		p.Monitors = append(p.Monitors, rm)
	}
	return p, nil
}

// switches turns off each layer of which a parameter is unset: the recorded
// amount passes through.
func switches(p *rules.Params, have map[rules.Param]bool, open func(rules.Param) bool) {
	if !have["assist.application_required"] {
		p.ByApplication = 0
	}
	p.AssistOn = p.AssistOn && have["assist.categories"] && have["assist.kinds"] && have["assist.cap"]
	// What is said to be open is neither 0 nor without limit.
	p.AssistOn = p.AssistOn && !open("assist.deductible") && !open("assist.outpatient_ratio") && !open("assist.outpatient_cap")
	if !p.AssistOn {
		p.AssistHas = 0
	}
	if open("basic.outpatient_cap") {
		p.BasicOutpatientRatio = 0
	}
	p.SupplementOn = p.SupplementOn && p.Targeted != 0
	p.BasicOn = p.BasicOn && p.Targeted != 0
	p.MajorOn = have["major.deductible"] && have["major.tiers"]
	p.TiltOn = p.TiltOn && have["tilt.threshold"] && have["tilt.cap"]
	p.SpecialOn = p.SpecialOn && have["special.ratio"] && have["special.cap"]
	p.CeilingOn = p.CeilingOn && have["ceiling.categories"] && have["ceiling.kinds"]
}

// monitor is a warning line on a day, overlays laid over the pack.
func (l Layered) monitor(m *Monitor, d civil.Date, earliest bool) (rules.Monitor, error) {
	rm := m.base
	lines := [][]Dated{m.Lines}
	for _, o := range l.Overlay.layers() {
		over := o.monitors[m.ID]
		if over == nil {
			continue
		}
		if err := applyMonitor(&rm, over.node); err != nil {
			return rm, err
		}
		lines = append(lines, over.lines)
	}
	for _, ds := range lines {
		x, ok := at(ds, d, earliest)
		if !ok {
			continue
		}
		rm.Line, rm.On = 0, false
		if !x.Gap {
			f, err := amount(x.node)
			if err != nil {
				return rm, err
			}
			rm.Line, rm.On = f, true
		}
	}
	return rm, nil
}

// days are the days in [from, to) on which something in the policy begins, the
// first of them from itself.
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
	for _, o := range l.Overlay.layers() {
		for _, vs := range o.params {
			put(vs)
		}
		for _, m := range o.monitors {
			put(m.lines)
		}
	}
	slices.Sort(ds)
	return slices.Compact(ds)
}

// CodeTable is the code values of the pack with those of the overlays added.
func (l Layered) CodeTable() (Codes, error) {
	c := l.Pack.Codes
	for _, o := range l.Overlay.layers() {
		if o.codes == nil {
			continue
		}
		var err error
		if c, err = parseCodes(o.codes, c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Check finds what is wrong with the overlay on this pack: what the pack does
// not have, what never takes effect, what no day could be settled under. The
// pack itself was checked when it was read. The error is all mistakes; see
// [Mistakes].
func (l Layered) Check() error {
	if l.Overlay == nil {
		return nil
	}
	beneath := Layered{l.Pack, l.Overlay.base}
	if err := beneath.Check(); err != nil {
		return err
	}
	return ordered(check(l, l.Overlay))
}

// digest is over the pack and its overlays.
func (l Layered) digest() string {
	over := ""
	if l.Overlay != nil {
		over = l.Overlay.Digest
	}
	return fmt.Sprintf("%s %s %s", l.ID, l.Digest, over)
}
