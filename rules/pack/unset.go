package pack

import (
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
)

// Missing is a parameter, or a part of one, that neither the pack nor an overlay
// gives.
type Missing struct {
	Pack       string
	Path       string
	Name       string            // with the categories and the days in brackets, where it is not all of them
	Categories rules.CategorySet // of which it is not given; empty: of all
	From, To   civil.Date        // days on which it is not given; To does not count
	Clause     Clause
	Reason     string
}

// lack is what of a parameter is missing on a day.
type lack struct {
	all bool
	who rules.CategorySet
	why string
}

// Unset lists the parameters of a layered pack that are not configured, each
// with the days of the pack on which it is not: those that are unset, stated
// gaps, subsidies left open for some categories, and assisted categories of
// which an overlay does not give the ratio.
func (l Layered) Unset() []Missing {
	var out []Missing
	for i := range Specs {
		s := &Specs[i]
		var clause Clause
		prm := l.Params[s.Path]
		if prm != nil {
			clause = l.Clause(prm.Clause)
		}
		m := Missing{Pack: l.ID, Path: string(s.Path), Name: s.Name, Clause: clause}
		out = append(out, l.stretches(m, func(d civil.Date) lack { return l.lacks(s, prm, d) })...)
	}
	for _, x := range l.Monitors {
		m := Missing{Pack: l.ID, Path: "monitor." + x.ID + ".line", Name: x.base.Name + "线", Clause: l.Clause(x.Clause)}
		out = append(out, l.stretches(m, func(d civil.Date) lack {
			rm, err := l.monitor(x, d, false)
			return lack{all: err == nil && !rm.On, why: l.reason(x.Unset, l.monitorLines(x), d)}
		})...)
	}
	return out
}

// stretches joins neighbouring days with the same lack.
func (l Layered) stretches(m Missing, on func(civil.Date) lack) []Missing {
	var out []Missing
	var last lack
	days := l.days(l.From, l.To)
	for i, d := range days {
		end := l.To
		if i+1 < len(days) {
			end = days[i+1]
		}
		now := on(d)
		missing := now.all || now.who != 0
		switch {
		case missing && i > 0 && now == last:
			out[len(out)-1].To = end
		case missing:
			x := m
			x.From, x.To, x.Categories, x.Reason = d, end, now.who, now.why
			out = append(out, x)
		}
		last = now
	}
	for i := range out {
		out[i].Name += l.brackets(out[i])
	}
	return out
}

// brackets name the categories and the days, where it is not all of them.
func (l Layered) brackets(m Missing) string {
	var parts []string
	if m.Categories != 0 {
		parts = append(parts, m.Categories.Chinese())
	}
	if m.From != l.From || m.To != l.To {
		parts = append(parts, span(m.From, m.To))
	}
	if len(parts) == 0 {
		return ""
	}
	return "（" + strings.Join(parts, "；") + "）"
}

// lacks says what of a parameter is missing on a day. One that the pack does not
// name is not missed.
func (l Layered) lacks(s *Spec, prm *Param, d civil.Date) lack {
	v, ok, err := l.value(s, d, false)
	why := ""
	if prm != nil {
		why = prm.Unset
	}
	switch {
	case err != nil:
	case !ok && (prm != nil || l.stated(s.Path, d)):
		return lack{all: true, why: l.reason(why, l.written(s.Path), d)}
	case ok && s.Type == PremiumBy:
		who, open := v.premium.open()
		if who != 0 && open == "" {
			open = "文件未定这些类别的金额"
		}
		return lack{who: who, why: open}
	case ok && s.Path == "assist.ratio":
		assisted, _, err := l.value(specOf("assist.categories"), d, false)
		if who := assisted.set &^ v.given; who != 0 && err == nil {
			if why == "" {
				why = "没有给出这些类别的比例"
			}
			return lack{who: who, why: why}
		}
	}
	return lack{}
}

// stated reports whether an overlay states a gap on a day.
func (l Layered) stated(path rules.Param, d civil.Date) bool {
	gap := false
	for _, ds := range l.written(path) {
		if x, ok := at(ds, d, false); ok {
			gap = x.Gap
		}
	}
	return gap
}

// reason is why there is no value on a day: what the topmost stated gap says,
// else why the pack leaves it unset.
func (l Layered) reason(unset string, written [][]Dated, d civil.Date) string {
	for _, ds := range written {
		if x, ok := at(ds, d, false); ok && x.Gap {
			unset = x.Why
		}
	}
	if unset == "" {
		return "未写明原因"
	}
	return unset
}

// monitorLines are the lines of a monitor: the pack's, then each overlay's.
func (l Layered) monitorLines(m *Monitor) [][]Dated {
	out := [][]Dated{m.Lines}
	for _, o := range l.Overlay.layers() {
		if over := o.monitors[m.ID]; over != nil {
			out = append(out, over.lines)
		}
	}
	return out
}
