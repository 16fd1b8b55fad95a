package workbook

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

// rowsOf yields the rows one by one in a slice that is used again, as a sender
// may do.
func rowsOf(rows ...[]any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		var buf []any
		for _, r := range rows {
			buf = append(buf[:0], r...)
			if !yield(buf) {
				return
			}
		}
	}
}

// written writes the book and opens it with the library.
func written(t *testing.T, b Book, rows int) (*excelize.File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := write(path, b, rows); err != nil {
		t.Fatal(err)
	}
	onlyFile(t, path)
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, path
}

// onlyFile makes sure that nothing but the file is left in its folder.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Fatalf("the folder holds %v, want only %s", entries, filepath.Base(path))
	}
}

func raw(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func shown(t *testing.T, f *excelize.File, sheet, cell string) string {
	t.Helper()
	v, err := f.GetCellValue(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func kindOf(t *testing.T, f *excelize.File, sheet, cell string) excelize.CellType {
	t.Helper()
	k, err := f.GetCellType(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func styleAt(t *testing.T, f *excelize.File, sheet, cell string) *excelize.Style {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantSheets(t *testing.T, f *excelize.File, want ...string) {
	t.Helper()
	if got := f.GetSheetList(); !slices.Equal(got, want) {
		t.Fatalf("sheets %q, want %q", got, want)
	}
}

// texts is a table of one text column.
func texts(sheet string, ss ...string) Table {
	var rows [][]any
	for _, s := range ss {
		rows = append(rows, []any{s})
	}
	return Table{Sheet: sheet, Columns: []Column{{Title: "文字"}}, Rows: rowsOf(rows...)}
}

func at(col string, row int) string { return fmt.Sprintf("%s%d", col, row) }
