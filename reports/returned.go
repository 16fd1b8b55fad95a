package reports

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"doudi/jobs/intake"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules/civil"
)

// wholeSheet: up to so many rows the sender gets the sheet as it was sent;
// beyond, its head and the returned rows alone, which the summary says. What
// acts as a whole, a roster or a list of payments, is never cut.
const wholeSheet = 20_000

// Returned makes the workbook that goes back to a file's sender: a summary by
// kind of error with links to the cells, the same of what was taken and should be
// looked at, and each sheet that has such cells as it was sent (all sheets, where
// they act as a whole). Wrong cells are
// red, doubtful ones yellow, each with a comment. The sender may correct the
// cells in this very book and send it: every cell is of the kind that it was, so
// that what is left as it is comes back again.
func Returned(path string, f *ledger.File, r *intake.Report) (workbook.Book, error) {
	marks := marksOf(r)
	book := workbook.Book{Title: f.Name + " " + intake.OwnReturned}
	var summaries, sheets []workbook.Table
	placed := map[string]*senderSheet{}
	names, err := sheetsBack(path, f, marks)
	if err != nil {
		return book, err
	}
	for _, name := range names {
		s := &senderSheet{path: path, name: name, header: r.Tables[name], marks: marks[name]}
		if err := s.measure(mayCut(f, r, name)); err != nil {
			return book, err
		}
		placed[name] = s
		sheets = append(sheets, s.table())
	}
	if len(r.Errors) > 0 {
		t := summary(intake.OwnReturned, r.Errors, placed)
		t.Title = f.Name + "：退回行说明"
		t.Notes = slices.Insert(t.Notes, 0,
			fmt.Sprintf("读入 %d 行 = 采纳 %d + 重复 %d + 退回 %d。退回的行没有采纳。请在后面的工作表里改正标红的单元格（批注写明怎么改），把本工作簿再发一次；也可以改正原表后重发。已采纳的行不会重复计入。",
				f.Read, f.Taken, f.Repeated, f.Returned))
		summaries = append(summaries, t)
	} else {
		book.Title = f.Name + " " + intake.OwnHints
	}
	if len(r.Warnings) > 0 {
		t := summary(intake.OwnHints, r.Warnings, placed)
		t.Title = f.Name + "：已采纳、请核对"
		t.Notes = slices.Insert(t.Notes, 0, "下列各处已经采纳，但有疑问，在后面的工作表里标黄。核对无误的不必再发；有误的，名单请发更正名单，其他请联系经办人更正。")
		summaries = append(summaries, t)
	}
	if len(summaries) > 0 {
		t := &summaries[0]
		t.Notes = append(t.Notes, intake.OwnSaid(f).String())
	}
	book.Sheets = workbook.Sheets(append(summaries, sheets...)...)
	return book, nil
}

// sheetsBack are the sheets that go back, in the order of the file: those with
// marks. Rosters and payments act as a whole: where one of their sheets is
// marked, all of the file goes back, or what stands on the others would be
// missing from the book that is sent again.
func sheetsBack(path string, f *ledger.File, marks map[string]map[int][]mark) ([]string, error) {
	book, err := intake.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	whole := slices.ContainsFunc(f.Totals, func(t ledger.SheetTotal) bool { return marks[t.Sheet] != nil && actsWhole(t) })
	var out []string
	for _, name := range book.Sheets() {
		read := slices.ContainsFunc(f.Totals, func(t ledger.SheetTotal) bool { return t.Sheet == name })
		switch {
		case slices.Contains(out, name):
		case read && marks[name] != nil, whole && (read || !intake.OwnName(name)):
			out = append(out, name)
		}
	}
	return out, nil
}

// actsWhole reports whether a table's rows act together.
func actsWhole(t ledger.SheetTotal) bool {
	return t.Kind == string(intake.Roster) || t.Kind == string(intake.Transfers)
}

// mayCut reports whether a sheet's returned rows can be sent without the others.
func mayCut(f *ledger.File, r *intake.Report, name string) bool {
	return r.Parts[name] == 1 && !slices.ContainsFunc(f.Totals, func(t ledger.SheetTotal) bool {
		return t.Sheet == name && actsWhole(t)
	})
}

// mark is what is said of a cell.
type mark struct {
	intake.RowError
	bad bool
}

// marksOf are the marks by sheet and row.
func marksOf(r *intake.Report) map[string]map[int][]mark {
	out := map[string]map[int][]mark{}
	add := func(es []intake.RowError, bad bool) {
		for _, e := range es {
			if out[e.Sheet] == nil {
				out[e.Sheet] = map[int][]mark{}
			}
			out[e.Sheet][e.Row] = append(out[e.Sheet][e.Row], mark{e, bad})
		}
	}
	add(r.Errors, true)
	add(r.Warnings, false)
	return out
}

// summary lists marks by their kind, how many of each on top.
func summary(name string, es []intake.RowError, placed map[string]*senderSheet) workbook.Table {
	t := workbook.Table{Sheet: name,
		Columns: []workbook.Column{{Title: intake.OwnCode, Width: 24}, {Title: "种类", Width: 24}, {Title: "工作表", Width: 16}, {Title: "行", Kind: workbook.Count, Width: 8},
			{Title: "列", Width: 6}, {Title: "列名", Width: 16}, {Title: intake.OwnMessage, Width: 64}}}
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b intake.RowError) int { return cmp.Compare(a.Code, b.Code) })
	t.Notes = append(t.Notes, countsOf(es))
	for _, s := range placed {
		if s.short {
			t.Notes = append(t.Notes, fmt.Sprintf("工作表 %s 超过 %d 行，只附表头和上述各行；“行”是原表的行号。", s.name, wholeSheet))
		}
	}
	slices.Sort(t.Notes[1:])
	t.Rows = func(yield func([]any) bool) {
		for i, e := range es {
			code := any(e.Code)
			// Links are for finding one's way; thousands of them slow Excel down.
			if s := placed[e.Sheet]; i < 2000 && s != nil && s.at[e.Row] > 0 && e.Column != "" {
				code = workbook.Cell{Value: e.Code, Link: fmt.Sprintf("%s!%s%d", e.Sheet, e.Column, s.at[e.Row])}
			}
			if !yield([]any{code, intake.CodeName(e.Code), e.Sheet, e.Row, e.Column, e.Field, e.Message}) {
				return
			}
		}
	}
	return t
}

// countsOf counts the marks of each kind; es are sorted by code.
func countsOf(es []intake.RowError) string {
	var parts []string
	for from := 0; from < len(es); {
		to := from
		for to < len(es) && es[to].Code == es[from].Code {
			to++
		}
		parts = append(parts, fmt.Sprintf("%s（%s）%d 处", intake.CodeName(es[from].Code), es[from].Code, to-from))
		from = to
	}
	return fmt.Sprintf("共 %d 种、%d 处：%s。", len(parts), len(es), strings.Join(parts, "；"))
}

// senderSheet is a sheet as it was sent, to be copied with its marks.
type senderSheet struct {
	path, name string
	header     int // row of the first header
	marks      map[int][]mark
	columns    []workbook.Column
	layout     sheet.Layout
	short      bool
	at         map[int]int // where the marked rows stand in the copy
}

// widest is how wide a sender's column may be given back.
const widest = 80

// sampled rows are looked at for the widths of the columns.
const sampled = 200

// measure reads the sheet once for its size. Its layout has as many columns as
// its widest row, or as what is marked. They are as wide as the sender had them;
// where the file does not say, as what stands in them, but for titles above the
// header, which run over many.
func (s *senderSheet) measure(mayCut bool) error {
	rows, kept, below := 0, 0, 0
	s.at = map[int]int{}
	wide := func(n int) {
		for len(s.columns) < n {
			s.columns = append(s.columns, workbook.Column{Width: 6})
		}
	}
	for row, err := range sheetRows(s.path, s.name, &s.layout) {
		if err != nil {
			return err
		}
		rows++
		wide(len(row.Cells))
		if s.keeps(row.Number) {
			kept++
			s.at[row.Number] = kept
		}
		if row.Number < s.header {
			continue
		}
		if below++; below > sampled {
			continue
		}
		for i, c := range row.Cells {
			more := 2
			if c.Kind == sheet.Number {
				more = 4 // one that is cut shows as ####
			}
			for line := range strings.SplitSeq(c.Text, "\n") {
				s.columns[i].Width = min(max(s.columns[i].Width, workbook.TextWidth(line)+more), 40)
			}
		}
	}
	for _, ms := range s.marks {
		for _, m := range ms {
			wide(columnNumber(m.Column))
		}
	}
	for i, w := range s.layout.Widths {
		if i < len(s.columns) && w > 0 {
			s.columns[i].Width = min(w, widest)
		}
	}
	if s.short = mayCut && rows > wholeSheet; !s.short {
		for row := range s.marks {
			s.at[row] = row
		}
	}
	return nil
}

// keeps reports whether a row is copied where not all are.
func (s *senderSheet) keeps(row int) bool { return row <= s.header || s.marks[row] != nil }

// table is the copy.
func (s *senderSheet) table() workbook.Table {
	t := workbook.Table{Sheet: s.name, Raw: true, Columns: s.columns, Merged: s.merged(), Head: s.head()}
	t.Rows = func(yield func([]any) bool) {
		for row, err := range sheetRows(s.path, s.name, nil) {
			if err != nil {
				return // the file was read to its end a moment ago
			}
			if s.short && !s.keeps(row.Number) {
				continue
			}
			var out []any
			if !s.short {
				out = append(out, workbook.RowNumber(row.Number))
			}
			ms := s.marks[row.Number]
			last := len(row.Cells)
			for _, m := range ms {
				last = max(last, columnNumber(m.Column))
			}
			for i := range last {
				c := sheet.Cell{}
				if i < len(row.Cells) {
					c = row.Cells[i]
				}
				out = append(out, markCell(c, intake.ColumnName(i), row.Number == s.header, ms))
			}
			if !yield(out) {
				return
			}
		}
	}
	return t
}

// merged are the merged cells of the sender that are so in the copy. Cells of which
// one is marked must all be seen: what lies behind another can not be corrected.
// Where not all rows are copied, the titles above the header are merged.
func (s *senderSheet) merged() []workbook.Range {
	var out []workbook.Range
	for _, m := range s.layout.Merges {
		if s.hides(m) || m.Left >= len(s.columns) {
			continue
		}
		r := workbook.Range{Top: m.Top, Left: m.Left + 1, Bottom: m.Bottom, Right: min(m.Right+1, len(s.columns))}
		if s.short {
			if m.Top != m.Bottom || m.Top > s.header || s.at[m.Top] == 0 {
				continue
			}
			r.Top = s.at[m.Top]
			r.Bottom = r.Top
		}
		out = append(out, r)
	}
	return out
}

// hides reports whether a marked cell would lie behind the first of merged ones.
func (s *senderSheet) hides(m sheet.Range) bool {
	marked := func(row int) bool {
		return slices.ContainsFunc(s.marks[row], func(k mark) bool {
			c := columnNumber(k.Column) - 1
			return c >= m.Left && c <= m.Right && (row != m.Top || c != m.Left)
		})
	}
	if m.Bottom-m.Top > len(s.marks) {
		for row := range s.marks {
			if row >= m.Top && row <= m.Bottom && marked(row) {
				return true
			}
		}
		return false
	}
	for row := m.Top; row <= m.Bottom; row++ {
		if marked(row) {
			return true
		}
	}
	return false
}

// head are the rows of the header in the copy: its own, and those with which it is
// merged.
func (s *senderSheet) head() workbook.Head {
	if s.header == 0 {
		return workbook.Head{}
	}
	if s.short {
		return workbook.Head{Top: s.at[s.header], Bottom: s.at[s.header]}
	}
	h := workbook.Head{Top: s.header, Bottom: s.header}
	for _, m := range s.layout.Merges {
		if m.Top <= s.header && m.Bottom >= s.header && m.Bottom-m.Top < 4 {
			h.Top, h.Bottom = min(h.Top, m.Top), max(h.Bottom, m.Bottom)
		}
	}
	return h
}

// columnNumber reads the letter of a column; 0 for none.
func columnNumber(letter string) int {
	n := 0
	for _, r := range letter {
		n = n*26 + int(r-'A') + 1
	}
	return n
}

// markCell is a sender's cell with what is said of it.
func markCell(c sheet.Cell, column string, header bool, ms []mark) any {
	var msgs []string
	bad := false
	for _, m := range ms {
		if m.Column == column {
			msgs = append(msgs, m.Code+"："+m.Message)
			bad = bad || m.bad
		}
	}
	v := given(c, bad)
	switch {
	case len(msgs) > 0:
		return workbook.Cell{Value: v, Bad: bad, Note: !bad, Bold: header, Comment: strings.Join(msgs, "\n")}
	case header:
		return workbook.Cell{Value: v, Bold: true}
	}
	return v
}

// january: of a text file nobody knows whether this was a number, and so January
// or October.
var january = regexp.MustCompile(`^\d{4}\.1$`)

// given is a sender's cell as a value of the same kind.
func given(c sheet.Cell, bad bool) any {
	switch {
	case c.Formula && c.Kind == sheet.Empty:
		return workbook.NoResult{}
	case c.Text == "":
		return nil
	case c.Kind == sheet.Number || bad && january.MatchString(c.Text):
		return workbook.Number(c.Text)
	case c.Kind == sheet.Date:
		if d, err := civil.ParseDate(c.Text); err == nil {
			return d
		}
		if t, err := time.Parse(time.DateTime, c.Text); err == nil {
			return civil.MomentOf(t)
		}
	}
	return c.Text
}

// sheetRows reads the rows of a named sheet, and at their end how it looks.
func sheetRows(path, name string, looks *sheet.Layout) iter.Seq2[sheet.Row, error] {
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
				if l, ok := rd.(sheet.Layouter); ok && looks != nil {
					*looks = l.Layout()
				}
				return
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
