package reports

import (
	"fmt"
	"slices"

	"doudi/jobs/simulate"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules/money"
)

// Book makes the workbook.
func (s *Simulation) Book() workbook.Book {
	tables := []workbook.Table{s.funds(), s.months(), s.categories(), s.townships(), s.largest()}
	for i := range tables {
		tables[i].Columns = catalogue.Simulation(tables[i].Columns)
	}
	name := fmt.Sprintf("%s %d年", s.name(), s.Year)
	return workbook.Book{Title: name, Header: name, Sheets: append([]workbook.Sheet{s.cover()}, workbook.Sheets(tables...)...)}
}

// name is what the what-if is of.
func (s *Simulation) name() string {
	if len(s.Areas) == 1 {
		return s.Areas[0].Name + " 政策测算"
	}
	return "政策测算"
}

func (s *Simulation) title(what string) string {
	if len(s.Areas) == 1 {
		return fmt.Sprintf("%s %d年 政策测算：%s", s.Areas[0].Name, s.Year, what)
	}
	return fmt.Sprintf("%d年 政策测算：%s", s.Year, what)
}

// columns puts the area in front where there are several.
func (s *Simulation) columns(cs ...workbook.Column) []workbook.Column {
	if len(s.Areas) == 1 {
		return cs
	}
	return append([]workbook.Column{{Title: "统筹区", Width: 18}}, cs...)
}

func (s *Simulation) row(a *simulate.AreaOutcome, cells ...any) []any {
	if len(s.Areas) == 1 {
		return cells
	}
	var name any
	if a != nil {
		name = a.Code + " " + a.Name
	}
	return append([]any{name}, cells...)
}

func (s *Simulation) funds() workbook.Table {
	t := workbook.Table{Sheet: "按基金", Title: s.title("按基金"), Notes: []string{"金额为应付，单位元；差额为测算减现行，正数多付，负数少付。各项差额合计为 0：总费用不变，只是由谁付不同。"},
		Columns: s.columns(workbook.Column{Title: "资金", Width: 18}, workbook.Column{Title: "项目", Width: 16}, workbook.Column{Title: "现行应付", Kind: workbook.Money, Total: true, Width: 19},
			workbook.Column{Title: "测算应付", Kind: workbook.Money, Total: true, Width: 19}, workbook.Column{Title: "差额", Kind: workbook.Money, Total: true, Width: 19}, workbook.Column{Title: "增减幅度", Kind: workbook.Ratio, Width: 12})}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		year := a.Year()
		diff := year.Diff()
		for k := range simulate.NumBuckets {
			rows = append(rows, s.row(a, bucketNames[k][0], bucketNames[k][1], year.Before[k], year.After[k], diff[k], share(diff[k], year.Before[k])))
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

// share is d as a share of f, half away from zero; nothing of nothing.
func share(d, f money.Fen) any {
	if f == 0 {
		return nil
	}
	r := money.Ratio((2*int64(max(d, -d))*int64(money.One) + int64(f)) / (2 * int64(f)))
	if d < 0 {
		r = -r
	}
	return r
}

// months has three columns for each fund that changes in one of the months.
func (s *Simulation) months() workbook.Table {
	t := workbook.Table{Sheet: "按月", Title: s.title("按结算月"), Notes: []string{"金额为应付，单位元；差额为测算减现行。医疗救助含倾斜救助、特殊救助；没有变动的资金不列。"},
		Columns: s.columns(workbook.Column{Title: "月份", Width: 10}, workbook.Column{Title: "结算笔数", Kind: workbook.Count, Total: true}, workbook.Column{Title: "变动笔数", Kind: workbook.Count, Total: true})}
	type figure struct {
		name   string
		of     func(simulate.Buckets) money.Fen
		always bool
	}
	one := func(k simulate.Bucket) figure {
		return figure{bucketNames[k][1], func(b simulate.Buckets) money.Fen { return b[k] }, k == simulate.Person}
	}
	var shown []figure
	for _, f := range []figure{one(simulate.Basic), one(simulate.Major), {"医疗救助", simulate.Buckets.Assistance, true}, one(simulate.Tilt), one(simulate.Special), one(simulate.Supplement), one(simulate.Hospital), one(simulate.Person)} {
		moves := slices.ContainsFunc(s.Areas, func(a simulate.AreaOutcome) bool {
			return slices.ContainsFunc(a.Months[:], func(m simulate.Cost) bool { return f.of(m.Before) != f.of(m.After) })
		})
		if !moves && !f.always {
			continue
		}
		if f.name == bucketNames[simulate.Tilt][1] || f.name == bucketNames[simulate.Special][1] {
			f.name = "其中" + f.name
		}
		shown = append(shown, f)
		for _, side := range []string{"现行", "测算", "差额"} {
			t.Columns = append(t.Columns, workbook.Column{Title: f.name + "\n" + side, Kind: workbook.Money, Total: true})
		}
	}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		for k := range a.Months {
			m := &a.Months[k]
			row := s.row(a, s.month(k).String(), m.Claims, m.Changed)
			for _, f := range shown {
				row = append(row, f.of(m.Before), f.of(m.After), f.of(m.After)-f.of(m.Before))
			}
			rows = append(rows, row)
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

func (s *Simulation) categories() workbook.Table {
	return s.sides("按类别", "困难类别", func(a *simulate.AreaOutcome, put func(string, simulate.Sides)) {
		for _, g := range a.SortedGroups() {
			put(groupName(g), a.Groups[g])
		}
	})
}

func (s *Simulation) townships() workbook.Table {
	return s.sides("按乡镇", "乡镇", func(a *simulate.AreaOutcome, put func(string, simulate.Sides)) {
		for _, t := range a.SortedTownships() {
			put(townName(t), a.Townships[t])
		}
	})
}

// sides lists who bears less and who bears more.
func (s *Simulation) sides(sheet, what string, each func(*simulate.AreaOutcome, func(string, simulate.Sides))) workbook.Table {
	count := func(title string) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Count, Total: true, Width: 13}
	}
	sum := func(title string, total bool) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Money, Total: total, Width: 18}
	}
	t := workbook.Table{Sheet: sheet, Title: s.title(sheet), Notes: []string{"个人全年负担的变化，单位元；每人计一次。“不增不减”的人负担不变，只是由哪项资金支付有变动。"},
		Columns: s.columns(workbook.Column{Title: what, Width: 28}, count("少负担\n人数"), sum("少负担\n金额", true), sum("少负担\n人均", false), count("多负担\n人数"), sum("多负担\n金额", true), sum("多负担\n人均", false),
			count("不增不减\n人数"), sum("个人负担\n净变化", true))}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		each(a, func(name string, x simulate.Sides) {
			rows = append(rows, s.row(a, name, x.Less.People, x.Less.Sum, average(x.Less), x.More.People, x.More.Sum, average(x.More), x.Shifted, x.Net()))
		})
	}
	if len(rows) == 0 {
		rows = append(rows, []any{"没有人的费用变动"})
	}
	t.Rows = rowsOf(rows)
	return t
}

// average is nothing where there is nobody.
func average(x simulate.Side) any {
	if x.People == 0 {
		return nil
	}
	return x.Average()
}

// largest has a row for each claim; what is of the person stands on the first.
func (s *Simulation) largest() workbook.Table {
	amount := func(title string) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Money, Width: 16}
	}
	t := workbook.Table{Sheet: "变化最大20人", Title: s.title("变化最大的20人"), Notes: []string{"按个人全年负担变化的大小，单位元；差额负数为少负担。每人最多列变动最大的五笔。身份证号、姓名已隐去一部分。"},
		Columns: s.columns(workbook.Column{Title: "序号", Width: 7}, workbook.Column{Title: "身份证号", Width: 21}, workbook.Column{Title: "姓名", Width: 10}, workbook.Column{Title: "乡镇", Width: 14}, workbook.Column{Title: "类别", Width: 20},
			workbook.Column{Title: "变动的结算", Width: 24}, workbook.Column{Title: "费用类别", Width: 13}, workbook.Column{Title: "结算日期", Kind: workbook.Date, Width: 12}, amount("该笔个人\n负担差额"),
			workbook.Column{Title: "全年\n变动笔数", Kind: workbook.Count, Width: 10}, amount("全年个人\n负担现行"), amount("全年个人\n负担测算"), amount("全年个人\n负担差额"), amount("全年医疗\n救助差额"))}
	var rows [][]any
	for i := range s.Top {
		c := &s.Top[i]
		a := &s.Areas[slices.IndexFunc(s.Areas, func(a simulate.AreaOutcome) bool { return a.Code == c.Area })]
		for k, x := range c.Claims {
			claim := []any{x.SetlID, x.Kind.Chinese(), x.At.Date(), x.After[simulate.Person] - x.Before[simulate.Person]}
			if k > 0 {
				rows = append(rows, s.row(nil, append([]any{nil, nil, nil, nil, nil}, claim...)...))
				continue
			}
			row := append([]any{fmt.Sprint(i + 1), Mask(s.people[c.Person].Certno), maskName(s.people[c.Person].Name), townName(c.Township), groupName(c.Group)}, claim...)
			rows = append(rows, s.row(a, append(row, c.Changed, c.Before[simulate.Person], c.After[simulate.Person], c.Diff(), c.After.Assistance()-c.Before.Assistance())...))
		}
		if more := c.Changed - len(c.Claims); more > 0 {
			rows = append(rows, s.row(nil, nil, nil, nil, nil, nil, fmt.Sprintf("另有 %d 笔", more)))
		}
	}
	if len(rows) == 0 {
		rows = append(rows, []any{nil, "没有人的费用变动"})
	}
	t.Rows = rowsOf(rows)
	return t
}
