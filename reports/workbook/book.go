package workbook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	maxRows    = 1_048_576 // Excel's rows of a sheet
	maxColumns = 16_384    // and its columns
	maxHeight  = 409       // and the height of a row, in points

	// MaxComments bounds the comments of one sheet. The library looks through
	// all former ones for each, so that the cost grows with the square: 40,000
	// take four seconds. Cells beyond keep value and fill, without the comment;
	// a sender's sheet with more faults than this has one fault in every row,
	// and the summary sheet says so.
	MaxComments = 50_000
	// MaxLinks bounds the links of one sheet; Excel's own limit is 65,530. Cells
	// beyond keep their value, without the link.
	MaxLinks = 65_000
)

// made1980 is the date of every file, so that equal books have equal bytes.
const made1980 = "1980-01-01T00:00:00Z"

// writer is a book being written.
type writer struct {
	f      *excelize.File
	book   Book
	rows   int // of a sheet
	names  sheetNames
	places []place // by sheet of the book
	sheets int     // made so far
	styles map[look]int
	tones  map[Tone]int // the conditional formats
	line   *int         // that of the line below a row
}

// place is where a sheet of the book came to stand.
type place struct {
	first string // the name of its first sheet
	parts []span // of a table: its rows
	done  bool   // the table is written, parts are all
	top   [][]any
}

func newWriter(b Book, rows int, tmp string) (*writer, error) {
	w := &writer{book: b, rows: rows, styles: map[look]int{}, tones: map[Tone]int{}}
	if err := check(b); err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	// The names of all sheets are known before the first row, since a link may
	// point forward.
	for _, s := range b.Sheets {
		w.places = append(w.places, place{first: w.names.take(s.name())})
	}
	w.f = excelize.NewFile(excelize.Options{TmpDir: tmp})
	err := errors.Join(
		w.f.SetDefaultFont(fontName),
		w.f.SetDocProps(&excelize.DocProperties{
			Title: cleanText(b.Title), Creator: "兜底", LastModifiedBy: "兜底", Created: made1980, Modified: made1980,
		}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("workbook: %w", err), w.f.Close())
	}
	return w, nil
}

// sheet is one sheet being written.
type sheet struct {
	w        *writer
	name     string
	columns  []Column
	sw       *excelize.StreamWriter
	row      int // the last one written
	cells    []excelize.Cell
	values   []any // pointers to cells, or nil
	styled   []styled
	widths   []int            // of the columns; a text that is not seen whole is wrapped
	merged   map[[2]int]Range // by row and column of the first of the merged cells
	comments int
	links    int
}

// write writes the sheets. The pages have their places among the tabs, and are
// filled when all tables are written: they lead to the tables' rows and draw them.
func (w *writer) write() error {
	for i, s := range w.book.Sheets {
		var err error
		switch s := s.(type) {
		case Table:
			err = w.table(i, s)
		case Page:
			err = w.addSheet(w.places[i].first)
		}
		if err != nil {
			return err
		}
	}
	for i, s := range w.book.Sheets {
		if p, ok := s.(Page); ok {
			if err := w.page(w.places[i].first, p); err != nil {
				return fmt.Errorf("workbook: sheet %q: %w", p.Sheet, err)
			}
		}
	}
	return nil
}

// addSheet adds an empty sheet, the last of all so far.
func (w *writer) addSheet(name string) error {
	var err error
	if w.sheets == 0 {
		err = w.f.SetSheetName("Sheet1", name)
	} else {
		_, err = w.f.NewSheet(name)
	}
	w.sheets++
	return err
}

// newSheet begins a table's sheet. What stands before the rows in the file must
// be set before the first row.
func (w *writer) newSheet(name string, columns []Column, widths []int, p paper) (*sheet, error) {
	if err := errors.Join(w.addSheet(name), w.printed(name, p)); err != nil {
		return nil, err
	}
	s := &sheet{w: w, name: name, columns: columns, widths: widths}
	var err error
	if s.sw, err = w.f.NewStreamWriter(name); err != nil {
		return nil, err
	}
	// From the last column to the first: the library puts each in front of the
	// others, and a file whose columns are out of order is damaged for Excel.
	for i := min(len(widths), maxFitted) - 1; i >= 0; i-- {
		if err := s.sw.SetColWidth(i+1, i+1, float64(widths[i])); err != nil {
			return nil, err
		}
		if i < len(columns) && columns[i].Kind == Text {
			id, err := w.styleOf(look{format: asText})
			if err != nil {
				return nil, err
			}
			if err := s.sw.SetColStyle(i+1, i+1, id); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *sheet) fail(row, col int, err error) error {
	return fmt.Errorf("workbook: sheet %q, row %d, column %d: %w", s.name, row, col+1, err)
}

func (s *sheet) kind(col int) Kind {
	if col < len(s.columns) {
		return s.columns[col].Kind
	}
	return Text
}

// styled is the style that a column's cells had last: most have it again, and a
// comparison costs less than a look-up.
type styled struct {
	look look
	id   int
}

// put writes a row at a given place. The cells' looks are base with what each
// cell asks for. Where height is 0, the row is as high as its texts need.
func (s *sheet) put(row int, values []any, base look, height float64) error {
	if len(values) > maxColumns {
		return s.fail(row, 0, fmt.Errorf("%d cells in a row", len(values)))
	}
	s.room(len(values))
	high := 1
	for i, v := range values {
		l := base
		n := 0
		if m, ok := s.merged[[2]int{row, i + 1}]; ok {
			l.centred = m.Left < m.Right
			n = s.linesIn(m, values[i])
		} else {
			n = s.linesOf(i, values)
		}
		if n > 0 {
			l.wrap, high = true, max(high, n)
		}
		if err := s.cell(row, i, v, l); err != nil {
			return s.fail(row, i, err)
		}
	}
	if height == 0 && high > 1 {
		height = min(maxHeight, float64(high)*15)
	}
	return s.set(row, s.values[:len(values)], height)
}

// room makes room for the cells of a row.
func (s *sheet) room(n int) {
	for len(s.cells) < n {
		s.cells = append(s.cells, excelize.Cell{})
		s.values = append(s.values, nil)
		s.styled = append(s.styled, styled{})
	}
}

// linesOf is the number of lines that a text takes in its column, 0 where it is
// seen whole in one: it fits, or it runs on over empty cells. Excel finds the
// height of a row itself; other programs print the lines over each other.
func (s *sheet) linesOf(i int, values []any) int {
	if i >= len(s.widths) {
		return 0
	}
	v := values[i]
	if c, ok := v.(Cell); ok {
		v = c.Value
	}
	text, ok := v.(string)
	// A character takes at most two places and at least one byte for each.
	if !ok || len(text) <= s.widths[i]-2 && strings.IndexByte(text, '\n') < 0 {
		return 0
	}
	n, room := textWidth(text), s.widths[i]-2
	if strings.IndexByte(text, '\n') < 0 {
		if n <= room {
			return 0
		}
		for j := i + 1; j < len(s.widths) && (j >= len(values) || values[j] == nil); j++ {
			room += s.widths[j]
		}
		if n <= room {
			return 0
		}
	}
	return lines(text, s.widths[i]-2)
}

// cell makes the cell of a column of the row that is being written.
func (s *sheet) cell(row, i int, v any, l look) error {
	c, extra := v.(Cell)
	if extra {
		v = c.Value
	}
	val, err := valueOf(v, s.kind(i))
	if err != nil {
		return err
	}
	s.values[i] = nil
	if val.v == nil && val.f == "" && !extra && l.role == isData && !l.boxed {
		return nil
	}
	l.format = val.format
	if extra {
		l.bad, l.note, l.bold = c.Bad, c.Note, l.bold || c.Bold
		if err := c.Tone.check(); err != nil {
			return err
		}
		if c.Tone != Plain {
			l.tone = c.Tone
		}
		if c.Bad && (val.format == asGiven || val.v == nil) {
			l.format = asText
		}
		if l.link, err = s.extras(row, i, c); err != nil {
			return err
		}
	}
	was := &s.styled[i]
	if was.id == 0 || was.look != l {
		if was.id, err = s.w.styleOf(l); err != nil {
			return err
		}
		was.look = l
	}
	s.cells[i] = excelize.Cell{StyleID: was.id, Value: val.v, Formula: val.f}
	s.values[i] = &s.cells[i]
	return nil
}

func (s *sheet) set(row int, values []any, height float64) error {
	if row <= s.row || row > s.w.rows {
		return s.fail(row, 0, fmt.Errorf("row %d cannot follow row %d", row, s.row))
	}
	at, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return s.fail(row, 0, err)
	}
	if err := s.sw.SetRow(at, values, excelize.RowOpts{Height: height}); err != nil {
		return s.fail(row, 0, err)
	}
	s.row = row
	return nil
}

// extras adds the comment and the link of a cell. The library keeps both aside
// and writes them when the sheet ends, so no sheet is loaded for them.
func (s *sheet) extras(row, col int, c Cell) (linked bool, err error) {
	if c.Comment == "" && c.Link == "" {
		return false, nil
	}
	at, err := excelize.CoordinatesToCellName(col+1, row)
	if err != nil {
		return false, err
	}
	if c.Comment != "" {
		if s.comments++; s.comments <= MaxComments {
			if err := s.w.f.AddComment(s.name, comment(at, c.Comment)); err != nil {
				return false, err
			}
		}
	}
	if c.Link == "" {
		return false, nil
	}
	to, err := s.w.target(c.Link)
	if err != nil {
		return false, err
	}
	if s.links++; s.links > MaxLinks {
		return false, nil
	}
	return true, s.w.f.SetCellHyperLink(s.name, at, to, "Location")
}

// comment is a comment of a size in which its text can be read.
func comment(at, text string) excelize.Comment {
	const (
		perLine = 32  // Latin characters
		wide    = 230 // pixels that such a line takes
		line    = 17  // pixels
		most    = 30  // lines; a longer text scrolls
	)
	text = cleanText(text)
	n := min(lines(text, perLine), most)
	return excelize.Comment{
		Cell: at, Author: "兜底",
		Width: wide + 20, Height: uint(n*line) + 14,
		Paragraph: []excelize.RichTextRun{{Text: text, Font: &excelize.Font{Family: fontName, Size: 10, Color: "000000"}}},
	}
}

// end ends the sheet.
func (s *sheet) end() error {
	if err := s.sw.Flush(); err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", s.name, err)
	}
	return nil
}
