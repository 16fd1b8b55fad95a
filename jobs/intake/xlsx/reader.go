package xlsx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"

	"doudi/jobs/intake/sheet"
)

// maxRowText bounds the text of one row in bytes: eight thousand for each cell.
// A thousand cells may each refer to the same long shared string, so that the
// file need not be large.
const maxRowText = 8 << 20

var errClosed = fmt.Errorf("sheet reader: %w", fs.ErrClosed)

// reader reads one sheet.
type reader struct {
	book   *book
	entry  entry
	label  string
	part   *part
	sc     *scanner
	begun  bool
	hidden []int // columns
	layout sheet.Layout
	valued bool  // the cell just read has a <v>
	err    error // sticky; io.EOF after the proven end

	last   int // number of the last row
	at     int // number of the row that is being read, as far as it is known; else 0
	column int // of the cell that is being read; -1 outside of cells

	cells  []sheet.Cell // of the current row; reused
	ends   []span       // where their texts stand in text
	text   []byte       // texts of the current row that are no strings yet; reused
	strung int          // bytes of those that are
}

// span is a cell's text in reader.text; empty where it is a string already.
type span struct{ from, to int }

func (r *reader) Name() string { return r.entry.name }
func (r *reader) Hidden() bool { return r.entry.hidden }

// Close may be called before the end; what is left is then not checked.
func (r *reader) Close() error {
	if r.err == nil || r.err == io.EOF {
		r.err = errClosed
	}
	return r.part.Close()
}

func (r *reader) Next() (sheet.Row, error) {
	if r.err != nil {
		return sheet.Row{}, r.err
	}
	row, err := r.next()
	if err != nil {
		// A row past the end is the only io.EOF that means a good end.
		if !errors.Is(err, errEnd) {
			r.err = r.refuse(err)
		} else {
			r.err = io.EOF
		}
		return sheet.Row{}, r.err
	}
	return row, nil
}

// errEnd says that the end of the sheet was proven.
var errEnd = errors.New("end of sheet")

// refuse names the sheet and the cell in which err was found, or the row near
// which it was.
func (r *reader) refuse(err error) error {
	label := r.label
	switch {
	case r.column >= 0:
		label += fmt.Sprintf("第 %d 行 %s 列", max(r.at, r.last+1), sheet.ColumnName(r.column))
	case r.last > 0:
		label += fmt.Sprintf("第 %d 行附近", r.last)
	}
	return refuse(label, err)
}

// limit refuses a sheet that is too large.
func (r *reader) limit(format string, args ...any) error {
	return sheet.Refuse(sheet.CodeLimit, r.label+fmt.Sprintf(format, args...), nil)
}

// next gives the next row, or errEnd.
func (r *reader) next() (sheet.Row, error) {
	if !r.begun {
		r.begun = true
		open, err := r.prologue()
		if err != nil {
			return sheet.Row{}, err
		}
		if !open {
			return sheet.Row{}, r.epilogue()
		}
	}
	for {
		tok, err := r.sc.next()
		if err != nil {
			return sheet.Row{}, err
		}
		switch tok {
		case tokEOF:
			return sheet.Row{}, errCut
		case tokText, tokCDATA:
			if !isBlank(r.sc.text) {
				return sheet.Row{}, malformed("text between rows")
			}
		case tokEnd:
			if string(r.sc.name) != "sheetData" {
				return sheet.Row{}, malformed("</%s> between rows", r.sc.name)
			}
			return sheet.Row{}, r.epilogue()
		default:
			if string(r.sc.name) != "row" {
				return sheet.Row{}, malformed("<%s> between rows", r.sc.name)
			}
			return r.row(tok == tokStart)
		}
	}
}

// prologue reads up to the start tag of sheetData, which is false if it is empty.
func (r *reader) prologue() (open bool, err error) {
	open, err = r.sc.root("worksheet")
	if err != nil {
		return false, err
	}
	if !open {
		return false, malformed("an empty worksheet")
	}
	for {
		tok, err := r.sc.next()
		if err != nil {
			return false, err
		}
		switch tok {
		case tokEOF:
			return false, errCut
		case tokText, tokCDATA:
			if !isBlank(r.sc.text) {
				return false, malformed("text before sheetData")
			}
		case tokEnd:
			return false, malformed("a worksheet without sheetData")
		default:
			switch {
			case string(r.sc.name) == "sheetData":
				return tok == tokStart, nil
			case tok == tokEmpty:
			case string(r.sc.name) == "cols":
				err = r.children("cols", "col", r.columns)
			default:
				err = r.sc.skip()
			}
			if err != nil {
				return false, err
			}
		}
	}
}

// children reads a list such as <cols> up to its end tag, each of its elements of one
// name by take.
func (r *reader) children(list, name string, take func() error) error {
	for {
		tok, err := r.sc.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return errCut
		case tokEnd:
			if string(r.sc.name) != list {
				return malformed("<%s> is closed by </%s>", list, r.sc.name)
			}
			return nil
		case tokStart, tokEmpty:
			if string(r.sc.name) == name {
				if err := take(); err != nil {
					return err
				}
			}
			if tok == tokStart {
				if err := r.sc.skip(); err != nil {
					return err
				}
			}
		}
	}
}

// columns reads the attributes of a <col>, which stands for several columns.
func (r *reader) columns() error {
	first, last, width, hidden, ok := 0, 0, 0, false, true
	a := attributes{rest: r.sc.attrs}
	for ok && a.next() {
		switch string(a.name) {
		case "min":
			first, ok = parseInt(a.value)
		case "max":
			last, ok = parseInt(a.value)
		case "hidden":
			var h bool
			h, ok = parseBool(string(a.value))
			hidden = hidden || h
		case "width":
			hidden = hidden || isZero(a.value)
			width = wholeWidth(a.value)
		}
	}
	if a.err != nil {
		return a.err
	}
	if !ok || first < 1 || last < first {
		return malformed("columns from %d to %d", first, last)
	}
	for c := first; width > 0 && c <= min(last, sheet.MaxColumns); c++ {
		for len(r.layout.Widths) < c {
			r.layout.Widths = append(r.layout.Widths, 0)
		}
		r.layout.Widths[c-1] = width
	}
	// Forms often hide all columns behind the last one in use.
	for c := first; hidden && c <= min(last, sheet.MaxColumns); c++ {
		r.hidden = append(r.hidden, c-1)
	}
	if len(r.hidden) > sheet.MaxColumns {
		return malformed("columns given twice")
	}
	return nil
}

// HiddenColumns gives the columns that are hidden or have no width.
func (r *reader) HiddenColumns() []int {
	slices.Sort(r.hidden)
	return slices.Clone(r.hidden)
}

// epilogue reads from behind sheetData to the end of the zip entry and gives
// errEnd if everything is there.
func (r *reader) epilogue() error {
	for {
		tok, err := r.sc.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return errCut
		case tokText, tokCDATA:
			if !isBlank(r.sc.text) {
				return malformed("text behind sheetData")
			}
		case tokEnd:
			if string(r.sc.name) != "worksheet" {
				return malformed("</%s> behind sheetData", r.sc.name)
			}
			if err := r.sc.finish(); err != nil {
				return err
			}
			return errEnd
		default:
			if string(r.sc.name) == "sheetData" {
				return malformed("a second sheetData")
			}
			if tok != tokStart {
				continue
			}
			if string(r.sc.name) == "mergeCells" {
				err = r.children("mergeCells", "mergeCell", r.merge)
			} else {
				err = r.sc.skip()
			}
			if err != nil {
				return err
			}
		}
	}
}

// row reads the row whose start tag was the last token.
func (r *reader) row(open bool) (sheet.Row, error) {
	row := sheet.Row{}
	a := attributes{rest: r.sc.attrs}
	for a.next() {
		switch string(a.name) {
		case "r":
			n, ok := parseInt(a.value)
			if !ok || n < 1 {
				return row, malformed("row number %q", a.value)
			}
			if n <= r.last {
				return row, malformed("row %d behind row %d", n, r.last)
			}
			row.Number = n
		case "hidden":
			hidden, ok := parseBool(string(a.value))
			if !ok {
				return row, malformed("hidden=%q", a.value)
			}
			row.Hidden = row.Hidden || hidden
		case "ht":
			// A row of no height cannot be seen either.
			row.Hidden = row.Hidden || isZero(a.value)
		}
	}
	if a.err != nil {
		return row, a.err
	}
	r.cells, r.ends, r.text, r.strung = r.cells[:0], r.ends[:0], r.text[:0], 0
	r.at = row.Number
	if open {
		if err := r.readCells(&row); err != nil {
			return row, err
		}
	}
	if row.Number == 0 {
		row.Number = r.last + 1
	}
	if row.Number > sheet.MaxRows {
		return row, r.limit("超过 %d 行。请拆分成几个文件后再导入。", sheet.MaxRows)
	}
	r.last, r.at = row.Number, 0
	// One string for the whole row instead of one for each cell.
	all := string(r.text)
	for i, s := range r.ends {
		if s.from < s.to {
			r.cells[i].Text = all[s.from:s.to]
		}
	}
	row.Cells = r.cells
	return row, nil
}

// readCells reads the cells up to </row>.
func (r *reader) readCells(row *sheet.Row) error {
	next := 0 // column of a cell without a reference, and the first one still free
	for {
		tok, err := r.sc.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return errCut
		case tokText, tokCDATA:
			if !isBlank(r.sc.text) {
				return malformed("text between cells")
			}
		case tokEnd:
			if string(r.sc.name) != "row" {
				return malformed("</%s> between cells", r.sc.name)
			}
			return nil
		default:
			switch string(r.sc.name) {
			case "c":
				if next, err = r.cell(row, next, tok == tokStart); err != nil {
					return err
				}
				r.column = -1
			case "extLst":
				if tok == tokStart {
					if err := r.sc.skip(); err != nil {
						return err
					}
				}
			default:
				return malformed("<%s> between cells", r.sc.name)
			}
		}
	}
}

// place reads a cell reference such as AB12, checks it against the row, and
// gives the column, counted from 0. A row without a number takes it from the
// first reference.
func (r *reader) place(row *sheet.Row, ref []byte) (int, error) {
	col, i := 0, 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20 // to upper case
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
	}
	n, ok := parseInt(ref[i:])
	if col == 0 || !ok || n < 1 {
		return 0, malformed("cell reference %q", ref)
	}
	if row.Number == 0 {
		if n <= r.last {
			return 0, malformed("cell %q behind row %d", ref, r.last)
		}
		row.Number, r.at = n, n
	}
	if n != row.Number {
		return 0, malformed("cell %q in row %d", ref, row.Number)
	}
	return col - 1, nil
}

// put appends cell at column col, with empty cells before it.
func (r *reader) put(col int, c sheet.Cell, from int) error {
	if col >= sheet.MaxColumns {
		return r.limit("第 %d 行超过 %d 列。请删去不需要的列后再导入。", max(r.at, r.last+1), sheet.MaxColumns)
	}
	if r.strung += len(c.Text); len(r.text)+r.strung > maxRowText {
		return r.limit("第 %d 行的内容过长。请检查该行后再导入。", max(r.at, r.last+1))
	}
	for len(r.cells) < col {
		r.cells = append(r.cells, sheet.Cell{})
		r.ends = append(r.ends, span{})
	}
	r.cells = append(r.cells, c)
	r.ends = append(r.ends, span{from, len(r.text)})
	return nil
}

// isZero tells whether b is a number that is 0: 0, 0.0.
func isZero(b []byte) bool {
	if len(b) == 0 || b[0] != '0' {
		return false
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return err == nil && f == 0
}

// parseInt reads a number of at most nine digits.
func parseInt(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// trim takes white space off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}
