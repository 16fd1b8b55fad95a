package reports

import (
	"fmt"
	"slices"
	"strings"

	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules/pack"
)

// sighted is a table as somebody sees it, with the view that made it so.
type sighted struct {
	table workbook.Table
	view  catalogue.View
}

// legendSheet is the last sheet of every workbook.
const legendSheet = "说明"

// legend says what each column of the workbook means and which clause gives it,
// and why the department sees what it sees.
func (f *facts) legend(p plan, tables []sighted) workbook.Table {
	t := workbook.Table{Sheet: legendSheet, Title: f.title("各列的含义和依据"), Notes: f.whyShown(p),
		Columns: []workbook.Column{{Key: "sheet", Title: "工作表", Width: 18}, {Key: "column", Title: "列", Width: 20}, {Key: "meaning", Title: "含义", Width: 52},
			{Key: "clause", Title: "依据", Width: 40}, {Key: "identity", Title: "身份信息", Width: 14}}}
	var rows [][]any
	for _, s := range tables {
		for _, c := range s.table.Columns {
			col, _ := p.cat.Column(s.view.Table, c.Key)
			rows = append(rows, []any{workbook.Cell{Value: s.table.Sheet, Link: s.table.Sheet + "!A1"}, c.Title, c.Meaning, textOrNil(c.Clause), identityShown(col.Private, s.view.IDs)})
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

func identityShown(kind catalogue.Private, ids string) any {
	switch {
	case kind == catalogue.Public:
		return nil
	case ids == catalogue.Whole:
		return "完整"
	case ids == catalogue.Own:
		return "本部门对象完整"
	}
	return "遮掩"
}

// whyShown says what the department's duty is, by the documents of the area, and
// why it sees what it sees.
func (f *facts) whyShown(p plan) []string {
	var out []string
	if p.Title != "" {
		out = append(out, "报送："+p.Title+"。")
	}
	out = append(out, "用途："+p.Department.Purpose)
	var duties []string
	for _, d := range p.Duties {
		if slices.ContainsFunc(f.area.Layers, func(l pack.Layered) bool { return l.Number == d.Document }) {
			duties = append(duties, fmt.Sprintf("%s：%s", citation(d.Document, d.Article), d.Text))
		}
	}
	if len(duties) > 0 {
		out = append(out, "职责："+strings.Join(duties, "；")+"。")
	}
	out = append(out, "可见范围："+p.Why)
	for _, x := range p.Changes {
		out = append(out, "本地设置："+x)
	}
	return out
}

// textOrNil is a text as a cell; nothing where there is none.
func textOrNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
