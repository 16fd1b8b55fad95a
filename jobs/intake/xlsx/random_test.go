package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"doudi/jobs/intake/sheet"
)

// TestSamplesAgree compares every workbook of the sample counties.
func TestSamplesAgree(t *testing.T) {
	files, err := filepath.Glob("../../../fixtures/sample/*/*/*.xlsx")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	cells := 0
	for _, file := range files {
		cells += checkAgreement(t, file, nil)
	}
	if cells < 5000 {
		t.Errorf("compared %d cells of %d files", cells, len(files))
	}
}

// TestOtherWriters reads what LibreOffice 7.4 made of a sample, and a book of
// exceljs 4.4 in the 1904 system.
func TestOtherWriters(t *testing.T) {
	if cells := checkAgreement(t, "testdata/libreoffice.xlsx", nil); cells < 200 {
		t.Errorf("compared %d cells", cells)
	}
	checkAgreement(t, "testdata/exceljs.xlsx", nil)
	b, err := Open("testdata/exceljs.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got, err := readSheet(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	formula := func(c sheet.Cell) sheet.Cell { c.Formula = true; return c }
	want := []sheet.Row{
		rowOf(1, text("姓名"), text("证号"), text("日期"), text("v")),
		rowOf(2, text("张三"), text("33010219800101123X"), date("2023-05-01"), number("1.5")),
		{Number: 3, Hidden: true, Cells: []sheet.Cell{text("a b\r"), number("330102198001011260"), date("2023-05-01 08:30:00"), {Kind: sheet.Bool, Text: "TRUE"}}},
		rowOf(4, text(" x\ny "), sheet.Cell{}, sheet.Cell{}, formula(text("姓名x"))),
		rowOf(5, sheet.Cell{Kind: sheet.Error, Text: "#N/A"}, sheet.Cell{}, sheet.Cell{}, formula(number("2"))),
		rowOf(6, text("link"), sheet.Cell{}, sheet.Cell{}, formula(sheet.Cell{})),
	}
	if d := cmp.Diff(want, got, ignoreNil); d != "" {
		t.Error(d)
	}
}

// TestRandomBooksAgree writes books by excelize with whatever it can put into
// one, and compares what both read.
func TestRandomBooksAgree(t *testing.T) {
	dir := t.TempDir()
	cells := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := &bookWriter{t: rt, f: excelize.NewFile(), charts: map[string]bool{}}
		defer w.f.Close()
		w.book()
		file := filepath.Join(dir, "book.xlsx")
		w.must(w.f.SaveAs(file))
		cells += checkAgreement(rt, file, w.charts)
	})
	if cells < 5000 {
		t.Errorf("compared %d cells", cells)
	}
}

// bookWriter writes a random book.
type bookWriter struct {
	t      *rapid.T
	f      *excelize.File
	styles []int
	tables int
	charts map[string]bool // sheets without cells
}

func (w *bookWriter) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// one says yes once in n times.
func (w *bookWriter) one(n int, label string) bool {
	return rapid.IntRange(1, n).Draw(w.t, label) == 1
}

func (w *bookWriter) book() {
	if w.one(4, "1904") {
		yes := true
		w.must(w.f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
	}
	for _, format := range []string{`yyyy"年"m"月"d"日"`, "[h]:mm", "[$-804]aaaa;@", `0.00_ ;[Red]\-0.00`, "@", `[<1]h:mm;yyyy/m/d`} {
		id, err := w.f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		w.must(err)
		w.styles = append(w.styles, id)
	}
	for _, id := range []int{0, 2, 10, 14, 20, 22, 27, 31, 46, 49, 58} {
		id, err := w.f.NewStyle(&excelize.Style{NumFmt: id, Font: &excelize.Font{Bold: id%2 == 0}})
		w.must(err)
		w.styles = append(w.styles, id)
	}
	names := []string{"Sheet1"}
	for i := range rapid.IntRange(0, 2).Draw(w.t, "more sheets") {
		name := fmt.Sprintf("表 %d & <附>", i)
		_, err := w.f.NewSheet(name)
		w.must(err)
		names = append(names, name)
	}
	for i, name := range names {
		if w.one(4, "stream") {
			w.stream(name)
		} else {
			w.cells(name)
			w.furniture(name)
		}
		if i > 0 && w.one(3, "hide sheet") {
			w.must(w.f.SetSheetVisible(name, false, w.one(2, "deep")))
		}
	}
	if w.one(5, "chart sheet") {
		w.must(w.f.AddChartSheet("图表", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Sheet1!$A$1", Values: "Sheet1!$A$1:$A$3"}}}))
		w.charts["图表"] = true
	}
	if w.one(4, "protect") {
		w.must(w.f.ProtectWorkbook(&excelize.WorkbookProtectionOptions{Password: "x", LockStructure: true}))
	}
	if w.one(3, "name") {
		w.must(w.f.SetDefinedName(&excelize.DefinedName{Name: "名单", RefersTo: "Sheet1!$A$1:$B$9", Scope: "Sheet1"}))
	}
}

// texts are what offices write, and what writers and readers get wrong. Neither
// control characters nor U+FFFD: excelize makes the first the second, and that is
// refused here.
var texts = []string{"张三", "33010219800101123X", " 前后 ", "a&b<c>\"'", "多\n行", "制表\t符", "a\rb\r\nc", "_x000D_", "_x005F_", "_x4E2D_文", "=1+1", "'x", "😀𠮷", "&#10;", "]]>", "3.30E+17", "TRUE", "  ", "\n", strings.Repeat("长", 2000)}

func (w *bookWriter) text() string {
	if w.one(2, "known text") {
		return rapid.SampledFrom(texts).Draw(w.t, "text")
	}
	s := rapid.StringOfN(rapid.RuneFrom([]rune("_x0<&> "), unicode.Han, unicode.Latin, unicode.Digit, unicode.So, unicode.Arabic), 0, 20, -1).Draw(w.t, "text")
	return strings.ReplaceAll(s, "\uFFFD", "?")
}

func (w *bookWriter) day() time.Time {
	return time.Date(rapid.IntRange(1905, 2100).Draw(w.t, "year"), 1, rapid.IntRange(1, 365).Draw(w.t, "day"), 0, 0, rapid.SampledFrom([]int{0, 1, 43200, 86399}).Draw(w.t, "second"), 0, time.UTC)
}

// value is what both writers of excelize take.
func (w *bookWriter) value() any {
	switch rapid.IntRange(0, 8).Draw(w.t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Int64().Draw(w.t, "int")
	case 2:
		return rapid.Float64Range(-1e300, 1e300).Draw(w.t, "float")
	case 3:
		return float64(rapid.IntRange(-1_000_000, 100_000_000).Draw(w.t, "fen")) / 100
	case 4:
		return rapid.Bool().Draw(w.t, "bool")
	case 5:
		return w.day()
	case 6:
		return time.Duration(rapid.Int64Range(0, 1e15).Draw(w.t, "duration"))
	}
	return w.text()
}

func (w *bookWriter) cells(name string) {
	for range rapid.IntRange(0, 60).Draw(w.t, "cells") {
		at, err := excelize.CoordinatesToCellName(rapid.IntRange(1, 40).Draw(w.t, "column"), rapid.IntRange(1, 60).Draw(w.t, "row"))
		w.must(err)
		switch rapid.IntRange(0, 9).Draw(w.t, "how") {
		case 0:
			w.must(w.f.SetCellRichText(name, at, []excelize.RichTextRun{{Text: w.text(), Font: &excelize.Font{Bold: true}}, {Text: w.text()}}))
		case 1:
			w.must(w.f.SetCellFormula(name, at, `=IF(A1<2,"是","否")&"x"`))
		case 2: // a formula with a stored result
			w.must(w.f.SetCellInt(name, at, rapid.Int64Range(0, 1e6).Draw(w.t, "result")))
			w.must(w.f.SetCellFormula(name, at, "=B1*2"))
		case 3:
			array, ref := excelize.STCellFormulaTypeArray, at+":"+at
			w.must(w.f.SetCellFormula(name, at, "=A1:A1*2", excelize.FormulaOpts{Type: &array, Ref: &ref}))
		case 4: // numbers as other programs write them
			w.must(w.f.SetCellDefault(name, at, rapid.SampledFrom([]string{"3.30102198001011E+17", "330102198001011234", "1.50", "-0", "1e-7", "45047.5", "60", "0.25", "2958466"}).Draw(w.t, "literal")))
		default:
			w.must(w.f.SetCellValue(name, at, w.value()))
		}
		if w.one(3, "style") {
			w.must(w.f.SetCellStyle(name, at, at, rapid.SampledFrom(w.styles).Draw(w.t, "style id")))
		}
	}
	for range rapid.IntRange(0, 3).Draw(w.t, "rows") {
		row := rapid.IntRange(1, 60).Draw(w.t, "row")
		switch rapid.IntRange(0, 3).Draw(w.t, "what") {
		case 0:
			w.must(w.f.SetRowVisible(name, row, false))
		case 1:
			w.must(w.f.SetRowHeight(name, row, rapid.SampledFrom([]float64{0, 0.5, 30}).Draw(w.t, "height")))
		case 2:
			w.must(w.f.SetRowOutlineLevel(name, row, 2))
		case 3:
			w.must(w.f.SetRowStyle(name, row, row, rapid.SampledFrom(w.styles).Draw(w.t, "row style")))
		}
	}
	for range rapid.IntRange(0, 3).Draw(w.t, "columns") {
		col, err := excelize.ColumnNumberToName(rapid.IntRange(1, 40).Draw(w.t, "column"))
		w.must(err)
		switch rapid.IntRange(0, 2).Draw(w.t, "what") {
		case 0:
			w.must(w.f.SetColVisible(name, col, false))
		case 1:
			w.must(w.f.SetColWidth(name, col, "AN", 20))
		case 2:
			w.must(w.f.SetColStyle(name, col, rapid.SampledFrom(w.styles).Draw(w.t, "column style")))
		}
	}
}

// furniture is what stands in a sheet beside its cells.
func (w *bookWriter) furniture(name string) {
	for i, add := range []func() error{
		func() error { return w.f.MergeCell(name, "B2", "D3") },
		func() error {
			return w.f.AddComment(name, excelize.Comment{Cell: "A5", Author: "审核", Paragraph: []excelize.RichTextRun{{Text: "<x>"}}})
		},
		func() error { return w.f.SetCellHyperLink(name, "A6", "https://example.com/?a=1&b=2", "External") },
		func() error {
			dv := excelize.NewDataValidation(true)
			dv.SetSqref("A1:A9")
			return errors.Join(dv.SetDropList([]string{"低保", "低边 & 其他"}), w.f.AddDataValidation(name, dv))
		},
		func() error {
			return w.f.SetConditionalFormat(name, "A1:C9", []excelize.ConditionalFormatOptions{{Type: "data_bar", Criteria: "=", MinType: "min", MaxType: "max", BarColor: "#638EC6"}})
		},
		func() error {
			return w.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
		func() error { return w.f.AutoFilter(name, "A1:D9", nil) },
		func() error { return w.f.ProtectSheet(name, &excelize.SheetProtectionOptions{Password: "x"}) },
		func() error {
			w.tables++
			return w.f.AddTable(name, &excelize.Table{Range: "AP1:AR4", Name: fmt.Sprint("t", w.tables)})
		},
		func() error {
			return w.f.AddChart(name, "F10", &excelize.Chart{Type: excelize.Line, Series: []excelize.ChartSeries{{Name: "x", Values: "Sheet1!$A$1:$A$3"}}})
		},
		func() error {
			return w.f.AddSparkline(name, &excelize.SparklineOptions{Location: []string{"H1"}, Range: []string{"Sheet1!A1:C1"}})
		},
		func() error {
			return w.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: "&C第 &P 页"})
		},
		func() error { return w.f.InsertPageBreak(name, "C9") },
	} {
		if w.one(6, fmt.Sprint("furniture ", i)) {
			w.must(add())
		}
	}
}

// stream writes the sheet by excelize's stream writer: inline strings, no
// dimensions, rows without cells.
func (w *bookWriter) stream(name string) {
	sw, err := w.f.NewStreamWriter(name)
	w.must(err)
	if w.one(2, "widths") {
		w.must(sw.SetColWidth(2, 3, 12))
	}
	row := 0
	for range rapid.IntRange(0, 20).Draw(w.t, "rows") {
		row += rapid.IntRange(1, 3).Draw(w.t, "step")
		cells := make([]any, rapid.IntRange(0, 8).Draw(w.t, "cells"))
		for i := range cells {
			switch rapid.IntRange(0, 3).Draw(w.t, "how") {
			case 0:
				cells[i] = excelize.Cell{StyleID: rapid.SampledFrom(w.styles).Draw(w.t, "style"), Value: w.value()}
			case 1:
				cells[i] = []excelize.RichTextRun{{Text: w.text()}, {Text: w.text(), Font: &excelize.Font{Italic: true}}}
			case 2:
				cells[i] = excelize.Cell{Formula: "A1+1"}
			default:
				cells[i] = w.value()
			}
		}
		w.must(sw.SetRow(fmt.Sprint("A", row), cells, excelize.RowOpts{Hidden: w.one(5, "hidden"), Height: rapid.SampledFrom([]float64{0, 20}).Draw(w.t, "height")}))
	}
	w.must(sw.Flush())
}

// checkAgreement compares what this reader and excelize read of a file: sheets,
// what is hidden, and each cell. It gives the number of cells.
func checkAgreement(t rapid.TB, file string, charts map[string]bool) int {
	t.Helper()
	theirs, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	props, err := theirs.GetWorkbookProps()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	names := slices.DeleteFunc(theirs.GetSheetList(), func(name string) bool { return charts[name] })
	if !slices.Equal(b.Sheets(), names) {
		t.Fatalf("sheets %q, excelize %q", b.Sheets(), names)
	}
	cells := 0
	for i, name := range names {
		cells += checkSheet(t, b, i, theirs, name, props.Date1904 != nil && *props.Date1904)
	}
	return cells
}

func checkSheet(t rapid.TB, b sheet.Book, i int, theirs *excelize.File, name string, date1904 bool) int {
	t.Helper()
	r, err := b.Open(i)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if visible, err := theirs.GetSheetVisible(name); err != nil || visible == r.Hidden() {
		t.Errorf("%s: hidden %t, excelize visible %t, %v", name, r.Hidden(), visible, err)
	}
	got, err := readSheet(b, i)
	if err != nil {
		t.Fatal(err)
	}
	byNumber := map[int]sheet.Row{}
	for _, row := range got {
		byNumber[row.Number] = row
	}
	rows, err := theirs.Rows(name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cells, number := 0, 0
	for rows.Next() {
		number++
		want, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		row := byNumber[number]
		delete(byNumber, number)
		if row.Number > 0 {
			visible, err := theirs.GetRowVisible(name, number)
			if err != nil {
				t.Fatal(err)
			}
			height, err := theirs.GetRowHeight(name, number)
			if err != nil || row.Hidden != (!visible || height == 0) {
				t.Errorf("%s row %d: hidden %t, excelize visible %t, height %v, %v", name, number, row.Hidden, visible, height, err)
			}
		}
		for col := range max(len(row.Cells), len(want)) {
			var c sheet.Cell
			if col < len(row.Cells) {
				c = row.Cells[col]
			}
			their := ""
			if col < len(want) {
				their = want[col]
			}
			at, err := excelize.CoordinatesToCellName(col+1, number)
			if err != nil {
				t.Fatal(err)
			}
			checkCell(t, theirs, name, at, c, their, date1904)
			cells++
		}
	}
	if err := rows.Error(); err != nil {
		t.Fatal(err)
	}
	for n, row := range byNumber {
		if len(row.Cells) > 0 {
			t.Errorf("%s: excelize has no row %d", name, n)
		}
	}
	checkColumns(t, theirs, name, b, i)
	return cells
}

func checkCell(t rapid.TB, theirs *excelize.File, name, at string, c sheet.Cell, their string, date1904 bool) {
	t.Helper()
	same := c.Text == their
	// Excelize gives the serial of a date and 1 or 0 for a boolean.
	switch c.Kind {
	case sheet.Date:
		text, ok := appendDate(nil, []byte(their), date1904)
		same = ok && string(text) == c.Text
	case sheet.Bool:
		same = (c.Text == "TRUE") == (their == "1")
	}
	if !same {
		t.Errorf("%s %s: %+v, excelize %q", name, at, c, their)
	}
	if c.Kind == sheet.Empty && !c.Formula && their == "" {
		return
	}
	formula, err := theirs.GetCellFormula(name, at)
	if err != nil || (formula != "") != c.Formula {
		t.Errorf("%s %s: %+v, excelize formula %q, %v", name, at, c, formula, err)
	}
	typ, err := theirs.GetCellType(name, at)
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Kind{sheet.Empty}
	switch typ {
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		want = []sheet.Kind{sheet.Number, sheet.Date}
	case excelize.CellTypeSharedString, excelize.CellTypeInlineString, excelize.CellTypeFormula:
		want = []sheet.Kind{sheet.Text}
	case excelize.CellTypeBool:
		want = []sheet.Kind{sheet.Bool}
	case excelize.CellTypeError:
		want = []sheet.Kind{sheet.Error}
	}
	if !slices.Contains(want, c.Kind) && !(c.Kind == sheet.Empty && c.Formula) {
		t.Errorf("%s %s: %+v, excelize type %d", name, at, c, typ)
	}
}

func checkColumns(t rapid.TB, theirs *excelize.File, name string, b sheet.Book, i int) {
	t.Helper()
	r, err := b.Open(i)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, _ = r.Next() // a row or the end; read above
	hidden := r.(sheet.ColumnHider).HiddenColumns()
	for col := range 45 {
		letter, err := excelize.ColumnNumberToName(col + 1)
		if err != nil {
			t.Fatal(err)
		}
		visible, err := theirs.GetColVisible(name, letter)
		if err != nil || visible == slices.Contains(hidden, col) {
			t.Errorf("%s column %s: hidden %v, excelize visible %t, %v", name, letter, hidden, visible, err)
		}
	}
}

// TestDisagreement has what excelize reads otherwise, on purpose.
func TestDisagreement(t *testing.T) {
	whole := ws(`<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>`)
	open := func(data []byte) *excelize.File {
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	// A sheet that was cut off: excelize gives the rows before the cut, and no error.
	cut := newPkg(whole[:strings.Index(whole, `<row r="3">`)]).zip(t)
	f := open(cut)
	defer f.Close()
	rows, err := f.GetRows("名单")
	if err != nil || len(rows) != 2 {
		t.Errorf("excelize: %v, %v", rows, err)
	}
	_, err = readAll(cut)
	wantCode(t, err, sheet.CodeTruncated)

	// An ID that is a number: excelize rounds what it shows.
	id := newPkg(ws(`<row r="1"><c r="A1"><v>330102198001011234</v></c></row>`)).zip(t)
	g := open(id)
	defer g.Close()
	shown, err := g.GetCellValue("名单", "A1")
	if err != nil || shown == "330102198001011234" {
		t.Errorf("excelize: %q, %v", shown, err)
	}
	got, err := readAll(id)
	if err != nil || got[0].Cells[0] != number("330102198001011234") {
		t.Errorf("%v, %v", got, err)
	}

	// Half of a surrogate pair: excelize gives U+FFFD, here it is refused.
	half := newPkg(ws(`<row r="1"><c r="A1" t="inlineStr"><is><t>a_xD83D_</t></is></c></row>`)).zip(t)
	_, err = readAll(half)
	wantCode(t, err, sheet.CodeEncoding)

	// The result of a formula is a text like others: its escapes are read.
	escaped := newPkg(ws(`<row r="1"><c r="A1" t="str"><f>CHAR(13)</f><v>_x000D_</v></c></row>`)).zip(t)
	got, err = readAll(escaped)
	if err != nil || got[0].Cells[0].Text != "\r" {
		t.Errorf("%v, %v", got, err)
	}
}
