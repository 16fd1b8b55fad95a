package reports

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules"
)

// shanghai is the zone in which a run's time is shown.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// department is who gets a workbook. What it may see follows from its duty: only
// who pays out or recognises people sees whole IDs.
type department struct {
	name   string
	tables func(*facts) []workbook.Table // beside the lists that packs order for it; nil: none
}

var rural = rules.SetOf(rules.Fanpin, rules.Yifanpin, rules.Tuopin, rules.Jiandang, rules.Bianyuan)

// holders keeps the people who hold one of cats at the month's end.
func (f *facts) holders(cats rules.CategorySet) func(ledger.PersonNo) bool {
	set := map[ledger.PersonNo]bool{}
	for _, r := range f.register {
		if r.Held&cats != 0 {
			set[r.Person] = true
		}
	}
	return func(p ledger.PersonNo) bool { return set[p] }
}

// everywhere are the departments that every area has. The one of rural people has
// a name of its own in each area, see ruralName.
var everywhere = []department{
	{name: "医保", tables: func(f *facts) []workbook.Table {
		all := sight{full: true}
		return []workbook.Table{f.adjustments(all),
			f.flagged(all, "回溯救助", "因病新认定的回溯救助", "认定前回溯期内的结算，按认定的身份救助。", func(r *ledger.ResultRow) bool { return r.Flags&ledger.FlagRetro != 0 }),
			f.flagged(all, "医院承担", "应由医院承担的范围外费用", "每次住院范围外费用超过政策上限的部分。", func(r *ledger.ResultRow) bool { return r.Due.Hospital > 0 }),
			f.caseTable(all, "监测清零", nil),
			f.flagged(all, "名单外已救助", "不在任何名单而平台已救助的结算", "不提追回，请与认定部门核对名单是否漏报。", func(r *ledger.ResultRow) bool {
				return r.Flags&ledger.FlagUnlisted != 0 && r.Recorded[rules.FundAssistance] > 0
			}),
			f.flagged(all, "无政策日结算", "结算日没有政策包的结算", "按平台记录，未重算。", func(r *ledger.ResultRow) bool { return r.Flags&ledger.FlagNoPack != 0 }),
			f.waiting(all), f.rosterTable(all, "名单变动", nil), f.headcount(f.known())}
	}},
	{name: "民政", tables: func(f *facts) []workbook.Table {
		own := deptIs("民政")
		cats := f.known() &^ rural &^ rules.SetOf(rules.Canji)
		return []workbook.Table{f.rosterTable(sight{full: true}, "名单比对", own), f.caseTable(sight{full: true}, "预警待核实", f.notOnly(rural|rules.SetOf(rules.Canji))), f.headcount(cats)}
	}},
	{name: financeName, tables: func(f *facts) []workbook.Table {
		tables := []workbook.Table{f.adjustmentSums(), f.adjustments(sight{}), f.fundMonths()}
		return append(append(tables, f.paymentTables(sight{})...), f.rosterTable(sight{}, "名单变动", nil))
	}},
	{name: "卫健", tables: func(f *facts) []workbook.Table {
		return []workbook.Table{f.diseases(), f.hospitals(), f.caseTable(sight{}, "监测清零", nil), f.rosterTable(sight{}, "名单变动", nil)}
	}},
	{name: ruralPlace, tables: ruralTables},
	{name: "残联", tables: func(f *facts) []workbook.Table {
		cats := rules.SetOf(rules.Canji)
		return []workbook.Table{f.rosterTable(sight{full: true}, "名单比对", deptIs("残联")), f.certificates(sight{full: true}),
			f.caseTable(sight{full: true}, "监测清零", f.holders(cats)), f.headcount(cats)}
	}},
}

func ruralTables(f *facts) []workbook.Table {
	return []workbook.Table{f.rosterTable(sight{full: true}, "名单比对", deptIs("乡村振兴", "农业农村", "扶贫")),
		f.caseTable(sight{full: true}, "监测清零", f.holders(rural)), f.headcount(rural)}
}

// known are the categories that anyone holds.
func (f *facts) known() rules.CategorySet {
	var all rules.CategorySet
	for _, r := range f.register {
		all |= r.Held
	}
	return all
}

// notOnly keeps people except those whose every category is in cats: they are
// followed by the department that recognised them.
func (f *facts) notOnly(cats rules.CategorySet) func(ledger.PersonNo) bool {
	other := map[ledger.PersonNo]bool{}
	for _, r := range f.register {
		if r.Held&^cats == 0 {
			other[r.Person] = true
		}
	}
	return func(p ledger.PersonNo) bool { return !other[p] }
}

// financeName is the department that pays.
const financeName = "财政"

// ruralPlace stands for the rural department.
const ruralPlace = "农村"

var ruralNames = []string{"农业农村", "乡村振兴", "扶贫办", "扶贫"}

// ruralName is what the rural department is called: as the packs call it that
// order lists for one; else 农业农村 in Zhejiang, 乡村振兴 elsewhere.
func ruralName(a jobs.Area, named []string) string {
	for _, n := range ruralNames {
		if slices.Contains(named, n) {
			return n
		}
	}
	if strings.HasPrefix(a.Code, "33") {
		return ruralNames[0]
	}
	return ruralNames[1]
}

// departmentsOf are the departments of an area: those that every area has, then
// those that packs order lists for, in their order.
func departmentsOf(a jobs.Area, named []string) []department {
	out := slices.Clone(everywhere)
	for i := range out {
		if out[i].name == ruralPlace {
			out[i].name = ruralName(a, named)
		}
	}
	for _, n := range named {
		if !slices.ContainsFunc(out, func(d department) bool { return d.name == n }) {
			out = append(out, department{name: n})
		}
	}
	return out
}

// Departments lists the names of the workbooks of an area, on whatever day.
func Departments(a jobs.Area) []string {
	var named, out []string
	for _, l := range a.Layers {
		for _, x := range l.Describe().Lists {
			named = union(named, x.Departments)
		}
	}
	for _, d := range departmentsOf(a, named) {
		out = append(out, d.name)
	}
	return out
}

// ownFor are the lists that a department needs with whole IDs although it
// recognises nobody: who collects premiums must find the people.
var ownFor = map[string][]string{
	"税务": {"premium", "enrolment_rates", "enrolment_ledger", "risk_enrolment", "huiminbao", "flexible_maternity"},
}

// forAll are the lists of which a department gets everybody's rows, and whole IDs
// of its own people: the anti-poverty monitoring platform takes all of the
// monitored.
var forAll = []string{"feedback"}

// sightOf is what a department may see of a list.
func (f *facts) sightOf(dept, list string) sight {
	s := sight{dept: dept}
	switch {
	case dept == "医保":
		s.full = true
	case dept == "民政":
		s.full, s.keep, s.cats = true, f.notOnly(rural|rules.SetOf(rules.Canji)), allCategories&^rural&^rules.SetOf(rules.Canji)
	case dept == "残联":
		s.full, s.cats = true, rules.SetOf(rules.Canji)
		s.keep = f.holders(s.cats)
	case slices.Contains(ruralNames, dept):
		s.full, s.cats = true, rural
		s.keep = f.holders(rural)
	default:
		s.full = slices.Contains(ownFor[dept], list)
	}
	if slices.Contains(forAll, list) {
		s.of, s.keep, s.cats = s.keep, nil, 0
	}
	return s
}

var allCategories = rules.SetOf(rules.Categories()...)

// alike are sheets that show the same things: of each group a workbook has the
// one that comes first here.
var alike = [][]string{
	{"预警待核实", "监测清零"},
	{"医院承担汇总", "医院范围外费用"},
	{"医院自费占比", "医院范围外费用"},
}

// replaced are the sheets that a list stands for, in the workbooks of those who
// do not work on the rows of rosters themselves.
var replaced = map[string]string{"新增退出名单": "名单变动"}

// together are the sheets of a workbook, none of them twice.
func together(dept string, own, lists []workbook.Table) []workbook.Table {
	all := append(slices.Clip(own), lists...)
	has := func(name string) bool {
		return slices.ContainsFunc(all, func(t workbook.Table) bool { return t.Sheet == name })
	}
	drop := map[string]bool{}
	for _, group := range alike {
		if i := slices.IndexFunc(group, has); i >= 0 {
			for _, name := range group[i+1:] {
				drop[name] = true
			}
		}
	}
	for list, old := range replaced {
		if has(list) && dept != "医保" {
			drop[old] = true
		}
	}
	var out []workbook.Table
	for _, t := range all {
		if !drop[t.Sheet] && !slices.ContainsFunc(out, func(o workbook.Table) bool { return o.Sheet == t.Sheet }) {
			out = append(out, t)
		}
	}
	return out
}

// book is a department's workbook.
func (f *facts) book(dept department, orders []order, d *duty) workbook.Book {
	var own, lists []workbook.Table
	if dept.tables != nil {
		own = dept.tables(f)
	}
	for i := range orders {
		if o := &orders[i]; slices.Contains(o.Departments, dept.name) {
			lists = append(lists, o.of(f, d, f.sightOf(dept.name, o.Name))...)
		}
	}
	tables := together(dept.name, own, lists)
	return workbook.Book{Title: fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, dept.name), Tables: append([]workbook.Table{f.cover(dept.name, tables)}, tables...)}
}

// Write writes a run's workbooks, each whole or not at all, to
// dir/<month>/<area>/<department>-<month>.xlsx, and gives their paths by area.
// only names one department; "" is all.
func Write(ctx context.Context, s Source, areas []jobs.Area, run ledger.Run, dir, only string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, a := range areas {
		if !slices.ContainsFunc(run.Areas, func(x ledger.RunArea) bool { return x.Area == a.Code }) {
			continue
		}
		paths, err := writeArea(ctx, s, a, run, dir, only)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", a.Code, err)
		}
		out[a.Code] = paths
	}
	return out, nil
}

func writeArea(ctx context.Context, s Source, a jobs.Area, run ledger.Run, dir, only string) (paths []string, err error) {
	f, err := gather(ctx, s, a, run)
	if err != nil {
		return nil, err
	}
	orders := f.ordered()
	var named []string
	var needs need
	for _, o := range orders {
		named = union(named, o.Departments)
		if only == "" || slices.Contains(o.Departments, only) {
			needs |= makers[o.Name].needs
		}
	}
	d, err := gatherDuty(ctx, s, f, needs)
	if err != nil {
		return nil, err
	}
	if only == "" || only == financeName {
		if err := f.readPayments(ctx, s); err != nil {
			return nil, err
		}
	}
	folder := filepath.Join(dir, run.Month.String(), a.Code)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	for _, dept := range departmentsOf(a, named) {
		if only != "" && only != dept.name {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		path := filepath.Join(folder, dept.name+"-"+run.Month.String()+".xlsx")
		if err := workbook.Write(path, f.book(dept, orders, d)); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
