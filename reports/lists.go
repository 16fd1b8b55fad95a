package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
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
	tables func(f *facts, d *duty, s scope) []*table
}

// need is what a list is made of, beside the facts of every month. Nothing is
// read that no list needs.
type need uint8

const (
	needPremiums     need = 1 << iota // enrolments, reviewed person by person
	needMaternity                     // contributions and births
	needItems                         // lines of bills
	needYear                          // everyone's claims and results of the year and the year before
	needPlaces                        // where the people on the lists live
	needApplications                  // claims of those who did not apply
	needTrend                         // the months of the year, as their own runs knew them
)

// makers has every list that a pack may order.
var makers = joined(yearMakers, enrolMakers, riskMakers, rosterMakers, maternityMakers, priceMakers, applicationMakers)

func joined(parts ...map[string]listMaker) map[string]listMaker {
	all := map[string]listMaker{}
	for _, m := range parts {
		maps.Copy(all, m)
	}
	return all
}

// duty is what the lists of one area and month are made of.
type duty struct {
	year  int
	month civil.Month
	prm   *rules.Params // in force on the month's last day; of the year's first pack day if none is
	yearFacts
	premiumFacts
	maternityFacts
	itemFacts
	applicationFacts
	trendFacts
}

// part reads one need; the files beside this one hold them.
type part struct {
	need need
	read func(context.Context, Source, *facts, *duty) error
}

var parts = []part{placePart, yearPart, premiumPart, maternityPart, itemPart, applicationPart, trendPart}

// gatherDuty reads an area's facts as of a run and what needs ask for; with, if it
// is not nil, reads more at the same time. Without a pack in the year there is nothing
// to read for needs, and prm is nil.
func gatherDuty(ctx context.Context, s Source, f *facts, needs need, with func(context.Context) error) (*duty, error) {
	d := &duty{year: f.run.Month.Year(), month: f.run.Month, prm: f.area.Policy.InYear(f.run.Month.Year())}
	if seg := f.area.Policy.At(f.asOf); seg != nil {
		d.prm = seg.Params
	}
	reads := []func(context.Context) error{func(ctx context.Context) error { return f.gather(ctx, s) }}
	if d.prm != nil && needs&needYear != 0 { // the longest: it begins with the others
		watched := d.watched(f)
		reads = append(reads, func(ctx context.Context) error { return d.readYear(ctx, s, f, watched) })
	}
	if with != nil {
		reads = append(reads, with)
	}
	if err := together(ctx, reads...); err != nil {
		return nil, err
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

// order is a list that a pack orders, with the clause that asks for it.
type order struct {
	pack.List
	clause pack.Clause
}

// ordered are the lists that the area's packs order on the month's last day, in
// the order of the packs; a list that two packs order goes to the departments of
// both.
func (f *facts) ordered() []order {
	var out []order
	for _, l := range f.area.Layers {
		for _, x := range l.ListsOn(f.asOf) {
			if i := slices.IndexFunc(out, func(o order) bool { return o.Name == x.Name }); i >= 0 {
				out[i].Departments = union(out[i].Departments, x.Departments)
				continue
			}
			out = append(out, order{x, l.Clause(x.Clause)})
		}
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// tables are a list in full, for somebody of a scope; its first table says what is
// not configured.
func (o *order) tables(f *facts, d *duty, s scope) []*table {
	if d.prm == nil {
		return nil
	}
	tables := makers[o.Name].tables(f, d, s)
	if u := f.unset(d, o.Name); u != "" && len(tables) > 0 {
		tables[0].notes = append(tables[0].notes, u)
	}
	return tables
}

// because says in one line which clause asks for the list.
func (o *order) because() string {
	if o.clause.ID == "" {
		return "依据：本地的政策包没有要求编制这份清单，按需查询。"
	}
	return fmt.Sprintf("依据：%s（%s）：%s。", citation(o.clause.Number, o.clause.Article), o.clause.ID, strings.TrimSuffix(o.clause.Text, "。"))
}

// citation is a document with an article of it: 温政办〔2022〕98号 二（二）10.
func citation(number, article string) string { return strings.TrimSpace(number + " " + article) }

// listParams are the parameters without which a list, or a part of it, says
// nothing. Those of premiums and enrolment are judged on the year's first day.
var listParams = map[string][]rules.Param{
	"premium":            {"premium.subsidy", "premium.standard", "premium.collection_end"},
	"enrolment_rates":    {"premium.subsidy", "premium.collection_end", "target.enrolled", "target.subsidised"},
	"enrolment_ledger":   {"premium.subsidy", "target.enrolled"},
	"risk_enrolment":     {"risk.categories"},
	"risk_library":       {"risk.categories", "burden.person"},
	"huiminbao":          {"huiminbao.categories", "huiminbao.subsidy", "target.huiminbao"},
	"maternity":          {"maternity.waiting_months", "maternity.base"},
	"flexible_maternity": {"maternity.flexible_rate"},
	"child_prices":       {"price.child_uplift", "price.child_age", "price.classes"},
	"applications":       {"assist.ratio", "assist.cap"},
	"special_limit":      {"special_outpatient.old_limit", "special_outpatient.limit", "special_outpatient.ratio"},
	"burden_caps":        {"burden.person", "burden.household"},
	"budget":             {"budget.assistance"},
	"hospital_share":     {"hospital.out_of_scope"},
	"indicators":         {"target.subsidised", "target.protection", "target.self_pay", "target.cleared", "target.elder_child", "target.elder_child_gain"},
	"assessment":         {"target.subsidised", "target.protection", "target.self_pay", "target.cleared"},
	"clearance":          {"target.cleared", monitorLines},
	"monitored_map":      {monitorLines},
	"hot_spots":          {monitorLines},
	"feedback":           {monitorLines},
	"risk_review":        {"premium.subsidy", monitorLines, "assist.ratio", "assist.cap"},
}

// monitorLines stands for the lines of all monitors.
const monitorLines rules.Param = "monitor."

// unset names the parameters of a list that are not configured, so that nobody
// takes an empty list for a clean one; "" if none.
func (f *facts) unset(d *duty, list string) string {
	var names []string
	for _, l := range f.area.Layers {
		missing := l.Unset()
		for _, path := range listParams[list] {
			day := f.asOf
			if judgedByYear(path) {
				day = f.judgedOn(d.year)
			}
			if day < l.From || day >= l.To {
				continue
			}
			for _, m := range missing {
				if (m.Path == string(path) || path == monitorLines && strings.HasPrefix(m.Path, string(path))) && m.From <= day && day < m.To {
					names = append(names, fmt.Sprintf("%s（%s，%s）", m.Name, m.Path, m.Reason))
				}
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "未配置：" + strings.Join(names, "；") + "。凡要用到它们的，这里不列出或金额空着，不等于没有。"
}

func judgedByYear(path rules.Param) bool {
	return strings.HasPrefix(string(path), "premium.") || strings.HasPrefix(string(path), "huiminbao.") ||
		path == "target.enrolled" || path == "target.subsidised" || path == "target.huiminbao"
}

// judgedOn is the day whose parameters judge the premiums of a year: see
// [rules.Policy.InYear].
func (f *facts) judgedOn(year int) civil.Date {
	first := civil.YMD(year, 1, 1)
	if f.area.Policy.At(first) != nil {
		return first
	}
	for _, seg := range f.area.Policy.Segments {
		if seg.From.Year() == year {
			return seg.From
		}
	}
	return first
}

// cite gives the document and article of a parameter on a day, and the office's
// own document where that gives the value; "" if nobody names it.
func (f *facts) cite(path rules.Param, day civil.Date) string {
	for i := len(f.area.Layers) - 1; i >= 0; i-- {
		l := f.area.Layers[i]
		c, ok := l.Cite(path, day)
		if !ok || day < l.From || day >= l.To {
			continue
		}
		prm := l.Params[path]
		if prm == nil || !c.Overlay {
			return citation(c.Document, c.Article)
		}
		clause := l.Clause(prm.Clause)
		return citation(clause.Number, clause.Article) + "；本地确定 " + c.Document
	}
	return ""
}

// HasList reports whether there is a list of a name.
func HasList(name string) bool { _, ok := makers[name]; return ok }

// DutyList is one list of a month with what orders it.
type DutyList struct {
	Area    string
	Name    string
	Title   string
	Ordered bool // by a pack in force on the month's last day
	Clause  pack.Clause
	Tables  []workbook.Table
}

// List makes one list of a run, IDs masked unless reveal. The error names the
// list that there is not.
func List(ctx context.Context, s Source, a jobs.Area, run ledger.Run, name string, reveal bool) (*DutyList, error) {
	m, ok := makers[name]
	if !ok {
		return nil, fmt.Errorf("reports: no list %q", name)
	}
	f, err := begin(ctx, s, a, run)
	if err != nil {
		return nil, err
	}
	o := order{List: pack.List{Name: name}}
	for _, x := range f.ordered() {
		if x.Name == name {
			o = x
		}
	}
	d, err := gatherDuty(ctx, s, f, m.needs, nil)
	if err != nil {
		return nil, err
	}
	l := &DutyList{Area: a.Code, Name: name, Title: o.Title(), Ordered: o.clause.ID != "", Clause: o.clause}
	v := view{}
	if reveal {
		v.whole = everyone
	}
	for i, t := range o.tables(f, d, scope{}) {
		v.sheet = catalogue.Default().Tables[t.key].Sheet
		out, err := project(catalogue.Default(), t, v)
		if err != nil {
			return nil, err
		}
		f.dress(catalogue.Default(), t, &out)
		if i == 0 {
			out.Notes = append([]string{o.because()}, out.Notes...)
		}
		l.Tables = append(l.Tables, out)
	}
	return l, nil
}
