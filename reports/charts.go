package reports

import (
	"fmt"
	"slices"

	"doudi/reports/workbook"
)

// chartSheet is the page with a department's charts.
const chartSheet = "图表"

// mostBars is how many bars a chart of the largest has.
const mostBars = 10

// drawn is a chart with the table that it draws and the columns that it needs;
// where one of them is not there, there is no chart.
type drawn struct {
	table string
	workbook.Chart
	// suit fits the chart to what stands in the table.
	suit func(*workbook.Chart, sighted)
}

// chartMakers are the charts by the names under which the catalogue has them.
var chartMakers = map[string]drawn{
	"clearance": {table: "month_trend", Chart: workbook.Chart{Kind: workbook.Line, Title: "化解率（年初至各月末）与目标", Labels: "until", Series: []string{"cleared_rate"}, Line: []string{"full"}}},
	"fund": {table: "month_trend", Chart: workbook.Chart{Kind: workbook.Columns, Title: "救助累计应付与预算进度", Labels: "until", Series: []string{"to_date"}, Line: []string{"pace"}},
		suit: withoutLine("pace", "救助累计应付（全年预算未配置，无预算进度）")},
	"forecast": {table: "budget", Chart: workbook.Chart{Kind: workbook.Line, Title: "救助累计应付：已发生和预测，与全年预算", Labels: "month", Series: []string{"to_date"}, Line: []string{"budget"}},
		suit: withoutLine("budget", "救助累计应付：已发生和预测（全年预算未配置）")},
	"townships": {table: "township_months", Chart: workbook.Chart{Kind: workbook.Bars, Title: "监测对象按乡镇（本年监测最多的）", Labels: "township", Series: []string{"opened", "open"}, First: mostBars}},
	"burden": {table: "burden_classes", Chart: workbook.Chart{Kind: workbook.Columns, Title: "各类困难群众：总费用、救助前后负担", Labels: "class", Series: []string{"total", "before", "self"}},
		suit: func(c *workbook.Chart, s sighted) { c.First = max(1, costly(s)-1) }}, // without everyone together
	"diseases":     {table: "diseases", Chart: workbook.Chart{Kind: workbook.Bars, Title: "费用最高的病种（元）", Labels: "disease", Series: []string{"total"}, First: mostBars}},
	"hospitals":    {table: "hospital_rank", Chart: workbook.Chart{Kind: workbook.Bars, Title: "费用最高的医院（救助对象住院，元）", Labels: "org", Series: []string{"total"}, First: mostBars}},
	"hot_diseases": {table: "hot_diseases", Chart: workbook.Chart{Kind: workbook.Bars, Title: "监测人员的高额病种：结算笔数", Labels: "what", Series: []string{"last_month", "this_month"}, First: mostBars}},
}

// withoutLine leaves a line out that has no number, and says so.
func withoutLine(key, title string) func(*workbook.Chart, sighted) {
	return func(c *workbook.Chart, s sighted) {
		at := s.column(key)
		for row := range s.table.Rows {
			if row[at] != nil {
				return
			}
		}
		c.Line, c.Title = nil, title
	}
}

// costly is how many rows have costs; they stand first.
func costly(s sighted) (n int) {
	at := s.column("total")
	for row := range s.table.Rows {
		if number(row[at]) > 0 {
			n++
		}
	}
	return n
}

// charts are the department's charts whose table it sees with all their columns.
func (x *folder) charts() (out workbook.Charts) {
	for _, name := range x.covers.Of(x.Department).Charts {
		m := chartMakers[name]
		s, ok := x.sight(m.table)
		if !ok || slices.ContainsFunc(slices.Concat([]string{m.Labels}, m.Series, m.Line), func(key string) bool { return s.column(key) < 0 }) {
			continue
		}
		c := m.Chart
		c.Table, c.Line = s.table.Sheet, slices.Clone(m.Line)
		if m.suit != nil {
			m.suit(&c, s)
		}
		out = append(out, c)
	}
	return out
}

// pairs are charts two beside each other; the last alone has the whole width.
func pairs(cs workbook.Charts) (out []workbook.Block) {
	for two := range slices.Chunk(cs, 2) {
		out = append(out, two)
	}
	return out
}

// chartPage is the page of the charts; false where the department has none.
func (x *folder) chartPage() (workbook.Page, bool) {
	cs := x.charts()
	if len(cs) == 0 {
		return workbook.Page{}, false
	}
	p := workbook.Page{Sheet: chartSheet, Title: fmt.Sprintf("%s %s 图表（%s）", x.area.Name, x.run.Month, x.Name), OnePage: true, Portrait: true, Blocks: pairs(cs)}
	return withBlocks(p, workbook.Heading("图的数据（点表名前往）"), x.chartData(cs)), true
}

// chartData lead from the charts to their tables.
func (x *folder) chartData(cs workbook.Charts) workbook.Lines {
	l := workbook.Lines{Widths: []int{7, 5}}
	for _, c := range cs {
		l.Rows = append(l.Rows, []any{c.Title, workbook.Cell{Value: c.Table, Link: c.Table}})
	}
	return l
}
