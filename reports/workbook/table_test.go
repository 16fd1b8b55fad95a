package workbook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/rules/money"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

func amounts(n int) Table {
	return Table{
		Sheet: "补发", Title: "青柳县2023年8月补发清单", Notes: []string{"单位：元", "第二行说明"},
		Columns: []Column{{Title: "姓名"}, {Title: "人次", Kind: Count, Total: true}, {Title: "金额（元）", Kind: Money, Total: true}, {Title: "备注", Width: 30}},
		Rows: func(yield func([]any) bool) {
			for i := range n {
				if !yield([]any{fmt.Sprintf("张%d", i), i, money.Fen(i*7 + 1), nil}) {
					return
				}
			}
		},
	}
}

func TestOrdinaryTable(t *testing.T) {
	f, _ := written(t, Book{Title: "八月", Sheets: []Sheet{amounts(5)}}, maxRows)
	const s = "补发"
	for cell, want := range map[string]string{
		"A1": "青柳县2023年8月补发清单", "A2": "单位：元", "A3": "第二行说明",
		"A4": "姓名", "B4": "人次", "C4": "金额（元）", "D4": "备注",
		"A5": "张0", "C5": "0.01", "C9": "0.29", "A10": "合计", "B10": "10", "C10": "0.75", "D10": "",
	} {
		if got := shown(t, f, s, cell); got != want {
			t.Errorf("%s shows %q, want %q", cell, got, want)
		}
	}
	if h := styleAt(t, f, s, "A4"); !h.Font.Bold || len(h.Fill.Color) != 1 || len(h.Border) != 4 || !h.Alignment.WrapText {
		t.Errorf("the header's style is %+v", h)
	}
	if h := styleAt(t, f, s, "A1"); !h.Font.Bold || h.Font.Size != titleSize {
		t.Errorf("the title's font is %+v", h.Font)
	}
	p, err := f.GetPanes(s)
	if err != nil || !p.Freeze || p.YSplit != 4 || p.TopLeftCell != "A5" {
		t.Errorf("panes %+v, %v", p, err)
	}
	l, err := f.GetPageLayout(s)
	if err != nil || *l.Size != 9 || *l.Orientation != "landscape" || *l.FitToWidth != 1 || *l.FitToHeight != 0 {
		t.Errorf("page layout %+v, %v", l, err)
	}
	if props, err := f.GetSheetProps(s); err != nil || props.FitToPage == nil || !*props.FitToPage {
		t.Errorf("fit to page is not set: %+v, %v", props, err)
	}
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Name] = n.Scope + " " + n.RefersTo
	}
	if got := names["_xlnm.Print_Titles"]; got != "补发 '补发'!$4:$4" {
		t.Errorf("print titles: %q", got)
	}
	if got := names["_xlnm._FilterDatabase"]; got != "补发 '补发'!$A$4:$D$9" {
		t.Errorf("filter: %q", got)
	}
	if m, err := f.GetMergeCells(s); err != nil || len(m) != 3 || m[0][0] != "A1:D1" {
		t.Errorf("merged cells %v, %v", m, err)
	}
	if w, err := f.GetColWidth(s, "D"); err != nil || w != 30 {
		t.Errorf("a given width became %v, %v", w, err)
	}
	if d, err := f.GetDocProps(); err != nil || d.Title != "八月" || d.Creator != "兜底" {
		t.Errorf("document properties %+v, %v", d, err)
	}
}

// sum adds up a column as the file shows it, with decimal.
func sum(t *testing.T, f *excelize.File, sheet, col string, from, to int) decimal.Decimal {
	t.Helper()
	total := decimal.Zero
	for r := from; r <= to; r++ {
		d, err := decimal.NewFromString(raw(t, f, sheet, at(col, r)))
		if err != nil {
			t.Fatal(err)
		}
		total = total.Add(d)
	}
	return total
}

func TestTotalsAgreeWithRowsAndFormula(t *testing.T) {
	for _, n := range []int{1, 199, 200, 201, 1000} {
		f, _ := written(t, Book{Sheets: []Sheet{amounts(n)}}, maxRows)
		last := 4 + n
		for _, col := range []string{"B", "C"} {
			cell := at(col, last+1)
			formula, err := f.GetCellFormula("补发", cell)
			if want := fmt.Sprintf("SUM(%s5:%s%d)", col, col, last); err != nil || formula != want {
				t.Errorf("%d rows: formula %q, %v, want %q", n, formula, err, want)
			}
			stored := decimal.RequireFromString(raw(t, f, "补发", cell))
			if want := sum(t, f, "补发", col, 5, last); !stored.Equal(want) {
				t.Errorf("%d rows: %s holds %s, the rows sum to %s", n, cell, stored, want)
			}
			calculated, err := f.CalcCellValue("补发", cell, excelize.Options{RawCellValue: true})
			if err != nil || !decimal.RequireFromString(calculated).Round(2).Equal(stored) {
				t.Errorf("%d rows: %s calculates to %s, %v, stored %s", n, cell, calculated, err, stored)
			}
			if k := kindOf(t, f, "补发", cell); k == excelize.CellTypeFormula || k == excelize.CellTypeInlineString {
				t.Errorf("the total is of kind %v, want a number", k)
			}
		}
	}
}

func TestRowsBeyondExcelGoOn(t *testing.T) {
	// 4 rows above, so 6 rows of data on each of the sheets of 11 rows, with
	// the last kept for the total.
	f, _ := written(t, Book{Sheets: []Sheet{amounts(14), texts("补发(2)", "占用")}}, 11)
	wantSheets(t, f, "补发", "补发(3)", "补发(4)", "补发(2)")
	var got []string
	for _, s := range []string{"补发", "补发(3)", "补发(4)"} {
		if shown(t, f, s, "A1") == "" || shown(t, f, s, "A4") != "姓名" {
			t.Errorf("%s has no title or header", s)
		}
		rows, err := f.GetRows(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[4:] {
			got = append(got, r[0])
		}
	}
	if len(got) != 15 || got[0] != "张0" || got[13] != "张13" || got[14] != "合计" {
		t.Errorf("the rows are %q", got)
	}
	formula, err := f.GetCellFormula("补发(4)", "C7")
	if want := "SUM('补发'!C5:C10,'补发(3)'!C5:C10,C5:C6)"; err != nil || formula != want {
		t.Errorf("formula %q, %v, want %q", formula, err, want)
	}
	if got := raw(t, f, "补发(4)", "C7"); got != "6.51" {
		t.Errorf("the total is %s, want 6.51", got)
	}
	calculated, err := f.CalcCellValue("补发(4)", "C7", excelize.Options{RawCellValue: true})
	if err != nil || calculated != "6.51" {
		t.Errorf("the total calculates to %s, %v", calculated, err)
	}
	// Raw rows go on as well; without totals every row is used.
	f, _ = written(t, Book{Sheets: []Sheet{Table{Sheet: "原", Raw: true, Rows: rowsOf([]any{"1"}, []any{"2"}, []any{"3"})}}}, 2)
	wantSheets(t, f, "原", "原(2)")
	if shown(t, f, "原(2)", "A1") != "3" {
		t.Error("the third row is lost")
	}
	if err := write(t.TempDir()+"/x.xlsx", Book{Sheets: []Sheet{amounts(3)}}, 4); err == nil {
		t.Error("a sheet without room for data was not refused")
	}
}

func TestEmptyTableSaysSo(t *testing.T) {
	empty := amounts(0)
	none := texts("无")
	none.Rows = nil
	f, _ := written(t, Book{Sheets: []Sheet{empty, none, Table{Sheet: "原", Raw: true}}}, maxRows)
	if got := shown(t, f, "补发", "A5"); got != "本月没有内容" {
		t.Errorf("A5 is %q", got)
	}
	if rows, err := f.GetRows("补发"); err != nil || len(rows) != 5 {
		t.Errorf("%d rows, %v, want 5 and no total", len(rows), err)
	}
	if got := shown(t, f, "无", "A2"); got != "本月没有内容" {
		t.Errorf("A2 is %q", got)
	}
	if rows, err := f.GetRows("原"); err != nil || len(rows) != 0 {
		t.Errorf("the raw sheet has %d rows, %v", len(rows), err)
	}
}

func TestRawRowsKeepTheirPlace(t *testing.T) {
	table := Table{Sheet: "民政", Raw: true, Rows: rowsOf(
		[]any{RowNumber(1), "标题"},
		[]any{RowNumber(3), "姓名", "身份证号", 3},
		[]any{"张三", Cell{Value: "123", Bad: true, Comment: "身份证号应为18位"}},
		[]any{RowNumber(900), nil, "末行"},
	)}
	f, _ := written(t, Book{Sheets: []Sheet{table}}, maxRows)
	for cell, want := range map[string]string{"A1": "标题", "A2": "", "A3": "姓名", "C3": "3", "A4": "张三", "B4": "123", "A900": "", "B900": "末行"} {
		if got := shown(t, f, "民政", cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	if len(f.GetDefinedName()) != 0 {
		t.Errorf("a raw sheet has %v", f.GetDefinedName())
	}
	for _, rows := range [][][]any{
		{{RowNumber(2), "a"}, {RowNumber(2), "b"}},
		{{RowNumber(2), "a"}, {RowNumber(1), "b"}},
		{{RowNumber(0), "a"}},
		{{RowNumber(maxRows + 1), "a"}},
	} {
		if err := Write(t.TempDir()+"/x.xlsx", Book{Sheets: []Sheet{Table{Sheet: "a", Raw: true, Rows: rowsOf(rows...)}}}); err == nil {
			t.Errorf("%v was not refused", rows)
		}
	}
}

func TestMarksCommentsAndLinks(t *testing.T) {
	why := "身份证号校验位不符，请核对是否有数字写错"
	f, _ := written(t, Book{Sheets: []Sheet{
		Table{Sheet: "汇总/总", Columns: []Column{{Title: "位置"}, {Title: "数", Kind: Money}}, Rows: rowsOf(
			[]any{Cell{Value: "看", Link: "明细:1!A5"}, Cell{Value: money.Fen(5), Bad: true, Comment: why}},
			[]any{Cell{Value: "黄", Note: true}, Cell{Bold: true, Value: money.Fen(6)}},
			[]any{Cell{Bad: true}, Cell{Value: nil, Comment: strings.Repeat(why, 60) + "\x01"}},
		)},
		Table{Sheet: "明细:1", Raw: true, Rows: rowsOf([]any{Cell{Value: "回", Link: "汇总/总!A2"}})},
	}}, maxRows)
	wantSheets(t, f, "汇总_总", "明细_1")
	if ok, to, err := f.GetCellHyperLink("汇总_总", "A2"); !ok || to != "'明细_1'!A5" || err != nil {
		t.Errorf("link %v %q %v", ok, to, err)
	}
	if ok, to, err := f.GetCellHyperLink("明细_1", "A1"); !ok || to != "'汇总_总'!A2" || err != nil {
		t.Errorf("link %v %q %v", ok, to, err)
	}
	if s := styleAt(t, f, "汇总_总", "A2"); s.Font.Underline != "single" {
		t.Errorf("a link looks like %+v", s.Font)
	}
	if s := styleAt(t, f, "汇总_总", "B2"); !slices.Equal(s.Fill.Color, []string{"FFC7CE"}) || s.NumFmt != 4 {
		t.Errorf("a bad amount looks like %+v", s)
	}
	if s := styleAt(t, f, "汇总_总", "A3"); !slices.Equal(s.Fill.Color, []string{"FFEB9C"}) {
		t.Errorf("a note looks like %+v", s.Fill)
	}
	if s := styleAt(t, f, "汇总_总", "B3"); !s.Font.Bold {
		t.Error("bold is not bold")
	}
	if s := styleAt(t, f, "汇总_总", "A4"); !slices.Equal(s.Fill.Color, []string{"FFC7CE"}) {
		t.Error("an empty bad cell is not red")
	}
	cs, err := f.GetComments("汇总_总")
	if err != nil || len(cs) != 2 || cs[0].Cell != "B2" || cs[0].Author != "兜底" || len(cs[0].Paragraph) != 1 || cs[0].Paragraph[0].Text != why {
		t.Errorf("comments %+v, %v", cs, err)
	}
	if small, large := comment("A1", "短"), comment("A1", strings.Repeat(why, 60)); small.Height >= large.Height || large.Height > 600 {
		t.Errorf("comment heights %d and %d", small.Height, large.Height)
	}
	for _, link := range []string{"没有!A1", "A1", "a!不是", "a!"} {
		if err := Write(t.TempDir()+"/x.xlsx", Book{Sheets: []Sheet{Table{Sheet: "a", Raw: true, Rows: rowsOf([]any{Cell{Link: link}})}}}); err == nil {
			t.Errorf("the link %q was not refused", link)
		}
	}
}

func TestWidthsFitChinese(t *testing.T) {
	f, _ := written(t, Book{Sheets: []Sheet{Table{Sheet: "宽", Title: strings.Repeat("很长的标题", 30),
		Columns: []Column{{Title: "名"}, {Title: "困难类别"}, {Title: "a"}, {Title: "金额", Kind: Money}, {Title: "日期", Kind: Date}},
		Rows:    rowsOf([]any{"张", "低保边缘家庭成员", strings.Repeat("长", 100), money.Fen(1), nil})}}}, maxRows)
	for col, want := range map[string]float64{"A": 6, "B": 18, "C": 48, "D": 13, "E": 12} {
		if got, err := f.GetColWidth("宽", col); err != nil || got != want {
			t.Errorf("column %s is %v wide, %v, want %v", col, got, err, want)
		}
	}
	// A given width is a wish: what may not be broken is seen whole.
	g, _ := written(t, Book{Sheets: []Sheet{Table{Sheet: "定", Columns: []Column{{Title: "结算ID", Width: 9}, {Title: "金额", Kind: Money, Width: 9}, {Title: "原因", Width: 10}, {Title: "校验", Width: 10}},
		Rows: rowsOf([]any{"结算5202206110000279", money.Fen(123456789012), "换行的中文很长很长很长", strings.Repeat("a0", 32)})}}}, maxRows)
	for col, want := range map[string]float64{"A": 18, "B": 18, "C": 10, "D": 10} {
		if got, err := g.GetColWidth("定", col); err != nil || got != want {
			t.Errorf("column %s of a given width is %v wide, %v, want %v", col, got, err, want)
		}
	}
	if h, err := g.GetRowHeight("定", 2); err != nil || h != 8*15 || !styleAt(t, g, "定", "C2").Alignment.WrapText {
		t.Errorf("a row of eight lines is %v high, %v", h, err)
	}
	if !styleAt(t, f, "宽", "C3").Alignment.WrapText {
		t.Error("a text wider than its column is not wrapped")
	}
}

// TestPaper: a table that would be printed at less than six tenths of its size on
// A4 is printed on A3; nothing else is.
func TestPaper(t *testing.T) {
	of := func(columns int) Table {
		tab := Table{Sheet: fmt.Sprintf("表%d", columns), Rows: rowsOf(make([]any, columns))}
		for i := range columns {
			tab.Columns = append(tab.Columns, Column{Title: fmt.Sprintf("列%d", i), Width: 20})
		}
		return tab
	}
	// 10.9 inches between the margins hold 130 digits, at six tenths 217: ten columns
	// of twenty, not eleven.
	f, _ := written(t, Book{Sheets: []Sheet{of(3), of(10), of(11), of(30)}}, 1000)
	for sheet, want := range map[string]int{"表3": 9, "表10": 9, "表11": 8, "表30": 8} {
		l, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if *l.Size != want || *l.Orientation != "landscape" || *l.FitToWidth != 1 {
			t.Errorf("%s is printed on %d %s", sheet, *l.Size, *l.Orientation)
		}
	}
}

func TestSheetNames(t *testing.T) {
	long := strings.Repeat("很长的名字", 8)
	var n sheetNames
	for _, c := range []struct{ in, want string }{
		{"a:b\\c/d?e*f[g]h", "a_b_c_d_e_f_g_h"}, {"Sheet", "Sheet"}, {"SHEET", "SHEET(2)"}, {"sheet(2)", "sheet(2)(2)"},
		{long, long[:31*3]}, {long + "x", long[:28*3] + "(2)"}, {"", "表"}, {" ' ", "’"}, {"history", "history_"}, {"\x00\n", "表(2)"},
		{strings.Repeat("𠮷", 20), strings.Repeat("𠮷", 15)},
	} {
		if got := n.take(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTablesThatMakeNoSense(t *testing.T) {
	ok := rowsOf([]any{"a"})
	for name, b := range map[string]Book{
		"no table":       {},
		"no columns":     {Sheets: []Sheet{Table{Sheet: "a", Rows: ok}}},
		"sum of text":    {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a", Total: true}}, Rows: ok}}},
		"long row":       {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a"}}, Rows: rowsOf([]any{"a", "b"})}}},
		"count as yuan":  {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a", Kind: Money, Total: true}}, Rows: rowsOf([]any{1})}}},
		"yuan as count":  {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a", Kind: Count, Total: true}}, Rows: rowsOf([]any{money.Fen(1)})}}},
		"sum too large":  {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a", Kind: Count, Total: true}}, Rows: rowsOf([]any{int64(1) << 62}, []any{int64(1) << 62})}}},
		"wide raw":       {Sheets: []Sheet{Table{Sheet: "a", Raw: true, Rows: rowsOf(make([]any, maxColumns+2))}}},
		"misplaced mark": {Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{{Title: "a"}}, Rows: rowsOf([]any{RowNumber(1)})}}},
	} {
		if err := Write(t.TempDir()+"/x.xlsx", b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
