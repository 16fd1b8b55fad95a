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

// department is who gets a workbook, and which tables. What it may see follows
// from its duty: only who pays out or recognises people sees whole IDs.
type department struct {
	name   string
	areas  func(area jobs.Area) bool // nil: everywhere
	tables func(*facts) []workbook.Table
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

// zhejiang: there the rural department is 农业农村, elsewhere 乡村振兴.
func zhejiang(a jobs.Area) bool { return strings.HasPrefix(a.Code, "33") }

var departments = []department{
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
	{name: "财政", tables: func(f *facts) []workbook.Table {
		return []workbook.Table{f.adjustmentSums(), f.adjustments(sight{}), f.fundMonths(), f.rosterTable(sight{}, "名单变动", nil)}
	}},
	{name: "卫健", tables: func(f *facts) []workbook.Table {
		return []workbook.Table{f.diseases(), f.hospitals(), f.caseTable(sight{}, "监测清零", nil), f.rosterTable(sight{}, "名单变动", nil)}
	}},
	{name: "农业农村", areas: zhejiang, tables: ruralTables},
	{name: "乡村振兴", areas: func(a jobs.Area) bool { return !zhejiang(a) }, tables: ruralTables},
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

// Departments lists the names of the workbooks of an area.
func Departments(a jobs.Area) []string {
	var out []string
	for _, d := range departments {
		if d.areas == nil || d.areas(a) {
			out = append(out, d.name)
		}
	}
	return out
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
		f, err := gather(ctx, s, a, run)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", a.Code, err)
		}
		folder := filepath.Join(dir, run.Month.String(), a.Code)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		for _, d := range departments {
			if d.areas != nil && !d.areas(a) || only != "" && only != d.name {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			path := filepath.Join(folder, d.name+"-"+run.Month.String()+".xlsx")
			book := workbook.Book{Title: fmt.Sprintf("%s %s %s", a.Name, run.Month, d.name), Tables: append([]workbook.Table{f.cover(d.name)}, d.tables(f)...)}
			if err := workbook.Write(path, book); err != nil {
				return nil, err
			}
			out[a.Code] = append(out[a.Code], path)
		}
	}
	return out, nil
}
