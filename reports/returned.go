package reports

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"doudi/jobs/intake"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/reports/workbook"
)

// wholeSheet: up to so many rows the sender gets the sheet as it was sent;
// beyond, its head and the returned rows alone, which the summary says.
const wholeSheet = 20_000

// Returned makes the workbook that goes back to a file's sender: each sheet that
// has wrong rows as it was sent, wrong cells red with a comment that says what
// to write, and a summary by kind of error with links to the cells.
func Returned(path string, f *ledger.File, r *intake.Report) (workbook.Book, error) {
	bySheet := map[string]map[int][]intake.RowError{}
	for _, e := range r.Errors {
		if bySheet[e.Sheet] == nil {
			bySheet[e.Sheet] = map[int][]intake.RowError{}
		}
		bySheet[e.Sheet][e.Row] = append(bySheet[e.Sheet][e.Row], e)
	}
	book := workbook.Book{Title: f.Name + " 退回行"}
	var names []string
	for _, t := range f.Totals {
		if bySheet[t.Sheet] != nil {
			names = append(names, t.Sheet)
		}
	}
	cut := map[string]bool{}
	var sheets []workbook.Table
	for _, name := range names {
		t, short, err := senderSheet(path, name, r.Tables[name], bySheet[name])
		if err != nil {
			return book, err
		}
		cut[name] = short
		sheets = append(sheets, t)
	}
	book.Tables = append([]workbook.Table{summary(f, r, cut)}, sheets...)
	return book, nil
}

func summary(f *ledger.File, r *intake.Report, cut map[string]bool) workbook.Table {
	t := workbook.Table{Sheet: "退回说明", Title: f.Name + "：退回行说明",
		Notes: []string{
			fmt.Sprintf("读入 %d 行 = 采纳 %d + 重复 %d + 退回 %d。退回的行没有采纳，请在后面的工作表里改正标红的单元格后，把整张表再发一次；已采纳的行不会重复计入。", f.Read, f.Taken, f.Repeated, f.Returned),
		},
		Columns: []workbook.Column{{Title: "错误代码", Width: 24}, {Title: "工作表", Width: 16}, {Title: "行", Kind: workbook.Count, Width: 8},
			{Title: "列", Width: 6}, {Title: "列名", Width: 16}, {Title: "问题与改法", Width: 64}}}
	for name, short := range cut {
		if short {
			t.Notes = append(t.Notes, fmt.Sprintf("工作表 %s 超过 %d 行，只附表头和退回的行。", name, wholeSheet))
		}
	}
	slices.Sort(t.Notes[1:])
	es := slices.Clone(r.Errors)
	slices.SortStableFunc(es, func(a, b intake.RowError) int { return cmp.Compare(a.Code, b.Code) })
	t.Rows = func(yield func([]any) bool) {
		for i, e := range es {
			code := any(e.Code)
			// Links are for finding one's way; thousands of them slow Excel down.
			if i < 500 && !cut[e.Sheet] {
				code = workbook.Cell{Value: e.Code, Link: fmt.Sprintf("%s!%s%d", e.Sheet, e.Column, e.Row)}
			}
			if !yield([]any{code, e.Sheet, e.Row, e.Column, e.Field, e.Message}) {
				return
			}
		}
	}
	return t
}

// senderSheet copies a sheet with its wrong cells marked.
func senderSheet(path, name string, header int, wrong map[int][]intake.RowError) (workbook.Table, bool, error) {
	t := workbook.Table{Sheet: name, Raw: true}
	// The sender's layout has as many columns as its widest row.
	rows, widest, err := countRows(path, name)
	if err != nil {
		return t, false, err
	}
	for range widest {
		t.Columns = append(t.Columns, workbook.Column{})
	}
	short := rows > wholeSheet
	t.Rows = func(yield func([]any) bool) {
		for row, err := range sheetRows(path, name) {
			if err != nil {
				return // the file was read to its end a moment ago
			}
			es := wrong[row.Number]
			if short && row.Number > header && es == nil {
				continue
			}
			out := make([]any, 0, len(row.Cells)+1)
			out = append(out, workbook.RowNumber(row.Number))
			if short {
				out = out[:0]
			}
			for i, c := range row.Cells {
				out = append(out, markCell(c, i, row.Number == header, es))
			}
			if !yield(out) {
				return
			}
		}
	}
	return t, short, nil
}

func markCell(c sheet.Cell, i int, header bool, es []intake.RowError) any {
	var msgs []string
	for _, e := range es {
		if e.Column == intake.ColumnName(i) {
			msgs = append(msgs, e.Code+"："+e.Message)
		}
	}
	switch {
	case len(msgs) > 0:
		return workbook.Cell{Value: c.Text, Bad: true, Comment: strings.Join(msgs, "\n")}
	case header:
		return workbook.Cell{Value: c.Text, Bold: true}
	case c.Text == "":
		return nil
	}
	return c.Text
}

func countRows(path, name string) (rows, widest int, err error) {
	for row, err := range sheetRows(path, name) {
		if err != nil {
			return 0, 0, err
		}
		rows++
		widest = max(widest, len(row.Cells))
	}
	return rows, widest, nil
}

// sheetRows reads the rows of a named sheet.
func sheetRows(path, name string) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		book, err := intake.OpenFile(path)
		if err != nil {
			yield(sheet.Row{}, err)
			return
		}
		defer book.Close()
		rd, err := book.Open(slices.Index(book.Sheets(), name))
		if err != nil {
			yield(sheet.Row{}, err)
			return
		}
		defer rd.Close()
		for {
			row, err := rd.Next()
			if err == io.EOF {
				return
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
