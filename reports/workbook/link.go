package workbook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// target turns a Cell's Link into a place in this file: the sheet under the name
// that it got, and a row of a table where that row came to stand. A row of a
// table that is not written yet is counted from its first sheet; pages are
// written last and know all.
func (w *writer) target(link string) (string, error) {
	sheet, at := link, ""
	n, ok := w.find(link)
	if i := strings.LastIndexByte(link, '!'); !ok && i >= 0 {
		sheet, at = link[:i], link[i+1:]
		if n, ok = w.find(sheet); ok && at == "" {
			return "", fmt.Errorf("link %q names no cell", link)
		}
	}
	switch {
	case !ok:
		return "", fmt.Errorf("link %q leads to no sheet of this book", link)
	case at == "":
		return quoteSheet(w.places[n].first) + "!A1", nil
	}
	from, to, ranged := strings.Cut(at, ":")
	if !ranged {
		to = from
	}
	if a, err := strconv.Atoi(from); err == nil {
		b, err := strconv.Atoi(to)
		if err != nil {
			return "", fmt.Errorf("link %q names no row", link)
		}
		return w.rowsAt(n, a, b, link)
	}
	for _, cell := range []string{from, to} {
		if _, _, err := excelize.CellNameToCoordinates(cell); err != nil {
			return "", fmt.Errorf("link %q names no cell", link)
		}
	}
	return quoteSheet(w.places[n].first) + "!" + at, nil
}

func (w *writer) find(sheet string) (int, bool) {
	for i, s := range w.book.Sheets {
		if s.name() == sheet {
			return i, true
		}
	}
	return 0, false
}

// rowsAt is the place of the rows a to b of a table, counted from 1 below its
// header. What continues on a further sheet ends with the sheet of its first row.
func (w *writer) rowsAt(n, a, b int, link string) (string, error) {
	t, ok := w.book.Sheets[n].(Table)
	if !ok || t.Raw || a < 1 || b < a {
		return "", fmt.Errorf("link %q names no row of a table", link)
	}
	p := &w.places[n]
	parts := p.parts
	if !p.done {
		parts = []span{{p.first, t.headerRow() + 1, t.lastRow(w.rows)}}
	}
	last := columnName(len(t.Columns))
	for _, part := range parts {
		size := part.last - part.first + 1
		if a > size {
			a, b = a-size, b-size
			continue
		}
		row := part.first + a - 1
		if a == b {
			return fmt.Sprintf("%s!A%d", quoteSheet(part.sheet), row), nil
		}
		return fmt.Sprintf("%s!A%d:%s%d", quoteSheet(part.sheet), row, last, part.first+min(b, size)-1), nil
	}
	if !p.done {
		return quoteSheet(p.first) + "!A1", nil
	}
	return "", fmt.Errorf("link %q leads beyond the table's rows", link)
}
