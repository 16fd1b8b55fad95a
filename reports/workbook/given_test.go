package workbook

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestGiven: numbers of a sender's sheet stay numbers, digit by digit; what is
// wrong gets the format of texts, so that an ID typed over it keeps its digits.
func TestGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xlsx")
	rows := [][]any{{Number("1234.5"), Number("9.90001197001E+17"), Cell{Value: Number("2023.1"), Bad: true, Comment: "x"}, NoResult{}, Cell{Value: NoResult{}, Bad: true}, Cell{Bad: true}, Number("1E400")}}
	err := Write(path, Book{Sheets: []Sheet{Table{Sheet: "表", Raw: true, Columns: make([]Column, 7), Rows: slices.Values(rows)}}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, want := range []struct {
		value, formula string
		format         int
	}{{"1234.5", "", 0}, {"990001197001000000", "", 0}, {"2023.1", "", 49}, {"", "NA()", 0}, {"", "NA()", 49}, {"", "", 49}, {"1E400", "", 49}} {
		at := columnName(i+1) + "1"
		v, err := f.GetCellValue("表", at)
		if err != nil {
			t.Fatal(err)
		}
		formula, err := f.GetCellFormula("表", at)
		if err != nil {
			t.Fatal(err)
		}
		id, err := f.GetCellStyle("表", at)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		kind, err := f.GetCellType("表", at)
		if err != nil {
			t.Fatal(err)
		}
		if v != want.value || formula != want.formula || style.NumFmt != want.format || i < 3 && kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s: %q, %q, format %d, kind %d", at, v, formula, style.NumFmt, kind)
		}
	}
}

// TestDisjoint: merged cells that meet would make the file damaged for Excel.
func TestDisjoint(t *testing.T) {
	got := disjoint([]Range{{3, 1, 5, 1}, {1, 1, 1, 4}, {1, 4, 2, 5}, {4, 1, 4, 3}, {6, 1, 6, 2}, {2, 2, 2, 2}, {0, 1, 1, 2}, {9, 3, 8, 4}, {7, 1, 9, 99999}})
	if want := []Range{{1, 1, 1, 4}, {3, 1, 5, 1}, {6, 1, 6, 2}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
