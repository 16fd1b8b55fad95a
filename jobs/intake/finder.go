package intake

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
	"doudi/rules/civil"
)

const (
	// headerWithin: so many rows may stand above the first header of a sheet.
	headerWithin = 30
	// titleRows: so many rows between two tables may be the title of the lower.
	titleRows = 30
	// titleTexts are kept of what stands above a table.
	titleTexts = 30
)

// what tells the rows of a sheet apart.
type what uint8

const (
	isTable    what = iota // a header was found
	isData                 // a row of the table
	isStated               // a row of totals
	isAside                // a note, a signature, an empty line of a form
	isRepeated             // the header or the title once more
	isStrange              // what looks like the header of another table and is none
	isUnread               // a row with an ID that belongs to no table
)

// item is one row of a sheet, or a header of several.
type item struct {
	what  what
	row   sheet.Row  // valid until the next call; of a header none
	h     *header    // of the table that is found
	total *statement // of a row of totals
}

// finder finds the tables of a sheet: it reads rows ahead where a header or a
// title may begin, and says of each row what it is. It interprets no cell of a
// row of data.
type finder struct {
	ctx  context.Context
	rd   sheet.Reader
	m    *matcher
	want Kind

	ahead []sheet.Row // read, but not yet looked at; copies
	err   error       // of the reader, behind ahead
	read  int
	out   []item // to be given
	given int    // of out

	h      *header     // of the table; nil above the first
	fresh  bool        // no row of it was read yet
	titles []sheet.Row // what may be the title of the next table; copies
	above  int         // rows above the first header
	unit   int64       // of amounts, by a line 单位：万元; 0 not said
	line   int         // which line of the header was repeated last, from 1; 0 none
	own    bool        // the sheet is an explanation of returned rows, of our making
	// strange: what looked like a header ended the table, and none was found since.
	strange bool
	today   civil.Date
	said    *Said // what it says of the file

	near func(rows [][]string, number int) // told of what stands above the first header
}

func newFinder(ctx context.Context, rd sheet.Reader, m *matcher, want Kind) *finder {
	return &finder{ctx: ctx, rd: rd, m: m, want: want}
}

// next gives the next row that is not blank; io.EOF after the last.
func (f *finder) next() (item, error) {
	if f.given == len(f.out) {
		f.out, f.given = f.out[:0], 0
	}
	for len(f.out) == 0 {
		row, err := f.take()
		if err != nil {
			if err == io.EOF && len(f.titles) > 0 {
				f.strange = true // no rows follow
				f.flush()
				continue
			}
			return item{}, err
		}
		f.look(row)
	}
	f.given++
	return f.out[f.given-1], nil
}

// take gives the next row of the sheet.
func (f *finder) take() (sheet.Row, error) {
	if len(f.ahead) > 0 {
		row := f.ahead[0]
		f.ahead = f.ahead[1:]
		return row, nil
	}
	return f.fetch()
}

func (f *finder) fetch() (sheet.Row, error) {
	if f.err != nil {
		return sheet.Row{}, f.err
	}
	if f.read++; f.read%4096 == 1 && f.ctx.Err() != nil {
		f.err = f.ctx.Err()
		return sheet.Row{}, f.err
	}
	row, err := f.rd.Next()
	f.err = err
	return row, err
}

// peek gives the rows right below a row, up to n, as long as they may belong to
// its header.
func (f *finder) peek(number, n int) []sheet.Row {
	for len(f.ahead) < n && f.err == nil {
		row, err := f.fetch()
		if err != nil {
			break
		}
		f.ahead = append(f.ahead, copyRow(row))
	}
	var out []sheet.Row
	for i, row := range f.ahead {
		if i == n || row.Number != number+i+1 || isValues(row.Cells) || blank(nil, row.Cells) {
			break
		}
		out = append(out, row)
	}
	return out
}

func copyRow(r sheet.Row) sheet.Row {
	r.Cells = slices.Clone(r.Cells)
	return r
}

// look finds out what a row is and puts it into f.out, or keeps it as a title.
func (f *finder) look(row sheet.Row) {
	switch {
	case f.own || blank(f.h, row.Cells):
	case f.strange:
		if !f.header(&row) {
			f.unread(row)
		}
	case f.h != nil && f.h.hasID(row.Cells):
		f.data(row)
	case f.h == nil && f.above >= headerWithin:
		f.unread(row)
	case f.header(&row):
	case f.h != nil && f.isStrange(texts(row.Cells), row.Cells):
		f.strange = !f.h.foreign
		f.give(item{what: isStrange, row: row})
	case f.h != nil:
		f.below(row)
	case isOwn(f.rd.Name(), row.Cells):
		f.own, f.said = true, saidIn(f.titleTexts())
	default:
		f.above++
		if !f.unread(row) { // somebody's row is no title
			f.titles = append(f.titles, copyRow(row))
		}
	}
}

// unread gives a row that no header is over, if it is somebody's: what is not
// read must not go unsaid. Below a strange header all rows are given.
func (f *finder) unread(row sheet.Row) bool {
	somebody := slices.ContainsFunc(row.Cells, func(c sheet.Cell) bool { return isID(c, f.today) })
	switch {
	case somebody, f.strange && f.h.hasID(row.Cells):
		f.out = append(f.out, item{what: isUnread, row: row})
	case f.strange:
		f.keep(row) // it may be the title of the next table
	}
	return somebody
}

// isStrange reports whether a row below a table is meant as the header of another
// one that can not be read. The rows below it must not be read by the columns of
// the table above: 停发日期 is no 认定日期.
func (f *finder) isStrange(line []string, cells []sheet.Cell) bool {
	if isValues(cells) || f.h.repeated(line, f.line) > 0 {
		return false
	}
	name, id := false, false
	for _, s := range line {
		t := rules.Fold(s)
		name, id = name || strings.HasSuffix(t, "姓名"), id || strings.Contains(t, "身份证") || strings.Contains(t, "身份号码") || strings.Contains(t, "证件号")
	}
	return f.m.known(line) >= 3 || name && id
}

// data gives a row of the table.
func (f *finder) data(row sheet.Row) {
	f.give(item{what: isData, row: row})
	f.fresh, f.line = false, 0
}

// give puts an item behind what was kept as a title and is none. Of a table that
// nobody asked for nothing is given.
func (f *finder) give(it item) {
	f.flush()
	if !f.h.foreign {
		f.out = append(f.out, it)
	}
}

// flush gives the rows that were kept as notes. One that says that other changes
// follow begins a table with the same columns.
func (f *finder) flush() {
	var begun *header
	for _, row := range f.titles {
		if f.h == nil || f.h.foreign {
			continue
		}
		f.out = append(f.out, item{what: isAside, row: row})
		if h := f.h.section(cmp.Or(begun, f.h).titles, row); h != nil {
			begun = h
		}
	}
	f.titles = nil
	if begun != nil && !f.strange {
		f.h = begun
		f.out = append(f.out, item{what: isTable, h: begun})
	}
}

// keep keeps a row that may be the title of the next table.
func (f *finder) keep(row sheet.Row) {
	if len(f.titles) == titleRows {
		f.flush()
	}
	f.titles = append(f.titles, copyRow(row))
}

// below tells what a row below a header is that has no ID.
func (f *finder) below(row sheet.Row) {
	h, line := f.h, texts(row.Cells)
	if f.line = h.repeated(line, f.line); f.line > 0 {
		f.give(item{what: isRepeated, row: row})
		return
	}
	noID := h.noID(row.Cells)
	s, ok := h.total(row.Cells)
	switch {
	case h.begins(row.Cells) != "":
		f.keep(row)
	case ok && (noID || s.alone):
		s.row = row.Number
		f.give(item{what: isStated, row: row, total: &s})
	case f.fresh && (isNumbering(line) || isHint(line) || noID && slices.ContainsFunc(line, func(s string) bool { return unitCell(s) != 0 })):
		f.give(item{what: isRepeated, row: row})
	case isNote(h, row.Cells, noID):
		f.keep(row)
	default:
		f.data(row)
	}
}

// header tries to read a row, with those below it, as a header. Where it reads
// on, the row becomes a copy.
func (f *finder) header(row *sheet.Row) bool {
	line := texts(row.Cells)
	known, values := f.m.known(line), isValues(row.Cells)
	if f.h != nil && known < 3 && values {
		return false
	}
	rows := [][]string{line}
	var more []sheet.Row
	if !values {
		*row = copyRow(*row)
		more = f.peek(row.Number, headerRows-1)
	}
	for _, r := range more {
		rows = append(rows, texts(r.Cells))
		known += f.m.known(rows[len(rows)-1])
	}
	if f.h != nil && known < 2 {
		return false
	}
	f.m.titled = titledCategory(append(f.titleTexts(), f.rd.Name(), f.m.file)...) != rules.NoCategory
	h, n := f.m.headerAt(rows, f.want)
	if n == 0 && f.want != Auto {
		h, n = f.m.headerAt(rows, Auto)
		h.foreign = true
	}
	if n == 0 {
		if f.h == nil && f.near != nil {
			f.near(rows, row.Number)
		}
		return false
	}
	if n > 1 && filled(line) == 1 { // also a title: 退出 over the whole table
		f.titles = append(f.titles, *row)
	}
	h.row = row.Number + n - 1
	f.ahead = f.ahead[n-1:]
	f.found(&h)
	return true
}

// titleTexts are the texts that stand above where the finder is.
func (f *finder) titleTexts() []string {
	var out []string
	for _, row := range f.titles {
		out = append(out, texts(row.Cells)...)
	}
	return out
}

// found takes up a header: as that of a new table, or, after a page break, as the
// one of before once more.
func (f *finder) found(h *header) {
	var titles []sheet.Row
	for _, row := range f.titles {
		if f.h != nil && isFooter(row.Cells) {
			if !f.h.foreign {
				f.out = append(f.out, item{what: isAside, row: row})
			}
			continue
		}
		titles = append(titles, row)
	}
	f.titles, f.fresh, f.line, f.strange = nil, true, 0, false
	f.inUnits(h, titles)
	for _, row := range titles {
		for _, s := range texts(row.Cells) {
			if s != "" && len(h.titles) < titleTexts {
				h.titles = append(h.titles, s)
			}
		}
	}
	if f.h != nil && h.continues(f.h) {
		if !f.h.foreign {
			for range len(titles) + len(h.lines) {
				f.out = append(f.out, item{what: isRepeated})
			}
		}
		return
	}
	if f.h != nil && len(h.titles) == 0 && h.kind == f.h.kind {
		h.titles = f.h.titles // nothing else was said
	}
	f.h = h
	f.out = append(f.out, item{what: isTable, h: h})
}

// inUnits finds the unit of a table's amounts: said below its header, by its
// columns, or above it. What was said above another table holds on for one that
// has no title of its own, as after a page break.
func (f *finder) inUnits(h *header, titles []sheet.Row) {
	for _, row := range f.peek(h.row, 1) {
		h.unitsBelow(texts(row.Cells))
	}
	said, own := int64(0), false
	for _, row := range titles {
		line := texts(row.Cells)
		said = cmp.Or(unitIn(line), said)
		own = own || f.h != nil && slices.ContainsFunc(line, func(s string) bool {
			return s != "" && !slices.Contains(f.h.titles, s) && !pageLine.MatchString(rules.Fold(s))
		})
	}
	if own && said == 0 && f.unit > 1 {
		h.unsaid = true
		f.unit = 0
	}
	if f.unit = cmp.Or(said, f.unit); f.unit != 0 {
		h.inUnit(f.unit)
	}
}
