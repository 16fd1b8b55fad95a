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
	first  []string // by table: the name of its first sheet
	sheets int      // made so far
	styles map[look]int
}

func newWriter(b Book, rows int, tmp string) (*writer, error) {
	w := &writer{book: b, rows: rows, styles: map[look]int{}}
	for _, t := range b.Tables {
		if t.Raw {
			continue
		}
		if len(t.Columns) == 0 {
			return nil, fmt.Errorf("workbook: table %q has no columns", t.Sheet)
		}
		for _, c := range t.Columns {
			if c.Total && c.Kind != Count && c.Kind != Money {
				return nil, fmt.Errorf("workbook: table %q: column %q cannot be summed", t.Sheet, c.Title)
			}
		}
	}
	// The names of all tables are known before the first row, since a link may
	// point forward.
	for _, t := range b.Tables {
		w.first = append(w.first, w.names.take(t.Sheet))
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

// target turns "明细!A5" into a place in this file: the table's sheet under the
// name that it got.
func (w *writer) target(link string) (string, error) {
	i := strings.LastIndexByte(link, '!')
	if i < 0 {
		return "", fmt.Errorf("link %q names no sheet", link)
	}
	cell := link[i+1:]
	if _, _, err := excelize.CellNameToCoordinates(cell); err != nil {
		return "", fmt.Errorf("link %q names no cell", link)
	}
	for t := range w.book.Tables {
		if w.book.Tables[t].Sheet == link[:i] {
			return quoteSheet(w.first[t]) + "!" + cell, nil
		}
	}
	return "", fmt.Errorf("link %q leads to no sheet of this book", link)
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
	wrapped  []bool
	comments int
	links    int
}

// newSheet begins a sheet. What stands before the rows in the file must be set
// before the first row.
func (w *writer) newSheet(name string, columns []Column, widths []int) (*sheet, error) {
	var err error
	if w.sheets == 0 {
		err = w.f.SetSheetName("Sheet1", name)
	} else {
		_, err = w.f.NewSheet(name)
	}
	if err != nil {
		return nil, err
	}
	w.sheets++
	yes, one, zero, a4, landscape := true, 1, 0, 9, "landscape"
	margin, low := 0.4, 0.6
	err = errors.Join(
		// The library would note the sheet's range as A1, and some readers believe it.
		w.f.SetSheetDimension(name, ""),
		w.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}),
		w.f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &zero}),
		w.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &low}),
		w.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页，共 &N 页"}))
	if err != nil {
		return nil, err
	}
	s := &sheet{w: w, name: name, columns: columns, wrapped: make([]bool, len(widths))}
	if s.sw, err = w.f.NewStreamWriter(name); err != nil {
		return nil, err
	}
	for i, n := range widths {
		s.wrapped[i] = n >= maxWidth
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

// put writes a row at a given place. The cells' looks are base with what each
// cell asks for.
func (s *sheet) put(row int, values []any, base look, height float64) error {
	if row <= s.row || row > s.w.rows {
		return s.fail(row, 0, fmt.Errorf("row %d cannot follow row %d", row, s.row))
	}
	if len(values) > maxColumns {
		return s.fail(row, 0, fmt.Errorf("%d cells in a row", len(values)))
	}
	for len(s.cells) < len(values) {
		s.cells = append(s.cells, excelize.Cell{})
		s.values = append(s.values, nil)
	}
	for i, v := range values {
		c, extra := v.(Cell)
		if extra {
			v = c.Value
		}
		val, err := valueOf(v, s.kind(i))
		if err != nil {
			return s.fail(row, i, err)
		}
		s.values[i] = nil
		if val.v == nil && val.f == "" && !extra {
			continue
		}
		l := base
		l.format = val.format
		l.wrap = l.wrap || val.format == asText && i < len(s.wrapped) && s.wrapped[i]
		if extra {
			l.bad, l.note, l.bold = c.Bad, c.Note, c.Bold
			if c.Bad && (val.format == asGiven || val.v == nil) {
				l.format = asText
			}
			if l.link, err = s.extras(row, i, c); err != nil {
				return s.fail(row, i, err)
			}
		}
		id, err := s.w.styleOf(l)
		if err != nil {
			return s.fail(row, i, err)
		}
		s.cells[i] = excelize.Cell{StyleID: id, Value: val.v, Formula: val.f}
		s.values[i] = &s.cells[i]
	}
	return s.set(row, s.values[:len(values)], height)
}

func (s *sheet) set(row int, values []any, height float64) error {
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
