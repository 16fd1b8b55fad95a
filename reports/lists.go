package reports

import (
	"context"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"
)

// A duty list is a list that a document asks for, by the name under which packs
// order it (rules/pack, lists). The pack says from when and for which
// departments; what stands in it is made here.

// listMaker makes the tables of one list.
type listMaker struct {
	needs need
	// tables are the list's sheets; f and d hold what needs asked for.
	tables func(f *facts, d *duty, s sight) []workbook.Table
}

// need is what a list is made of, beside the facts of every month. Nothing is
// read that no list needs.
type need uint8

const (
	needPremiums  need = 1 << iota // enrolments, reviewed person by person
	needMaternity                  // contributions and births
	needItems                      // lines of bills
	needYear                       // everyone's claims and results of the year and the year before
)

// makers has every list that a pack may order.
var makers = map[string]listMaker{}

// duty is what the lists of one area and month are made of.
type duty struct {
	year  int
	month civil.Month
	prm   *rules.Params // in force on the month's last day; of the year's last pack day if none is
	yearFacts
	premiumFacts
	maternityFacts
	itemFacts
}

// part reads one need; the files beside this one hold them.
type part struct {
	need need
	read func(context.Context, Source, *facts, *duty) error
}

var parts []part

// gatherDuty reads what needs ask for.
func gatherDuty(ctx context.Context, s Source, f *facts, needs need) (*duty, error) {
	d := &duty{year: f.run.Month.Year(), month: f.run.Month, prm: f.area.Policy.InYear(f.run.Month.Year())}
	if seg := f.area.Policy.At(f.asOf); seg != nil {
		d.prm = seg.Params
	}
	if d.prm == nil {
		return d, nil
	}
	for _, p := range parts {
		if needs&p.need == 0 {
			continue
		}
		if err := p.read(ctx, s, f, d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// ordered are the lists that the area's packs order on the month's last day, in
// the order of the packs; a list that two packs order goes to the departments of
// both.
func (f *facts) ordered() []pack.List {
	var out []pack.List
	for _, l := range f.area.Layers {
		for _, x := range l.ListsOn(f.asOf) {
			if i := slices.IndexFunc(out, func(o pack.List) bool { return o.Name == x.Name }); i >= 0 {
				for _, d := range x.Departments {
					if !slices.Contains(out[i].Departments, d) {
						out[i].Departments = append(slices.Clip(out[i].Departments), d)
					}
				}
				continue
			}
			out = append(out, x)
		}
	}
	return out
}

// List makes one list of a run for the command line: its tables, IDs masked
// unless reveal.
func List(ctx context.Context, s Source, f *facts, name string, reveal bool) ([]workbook.Table, error) {
	m, ok := makers[name]
	if !ok {
		return nil, fmt.Errorf("reports: no list %q", name)
	}
	d, err := gatherDuty(ctx, s, f, m.needs)
	if err != nil || d.prm == nil {
		return nil, err
	}
	return m.tables(f, d, sight{full: reveal}), nil
}

// everyone lists the people of the area, in a fixed order.
func everyone(ctx context.Context, s Source, f *facts) ([]ledger.PersonNo, error) {
	return s.People(ctx, f.area.Code, f.run.Seen)
}
