package biff

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"doudi/jobs/intake/numfmt"
	"doudi/jobs/intake/sheet"
)

// kind is what a cell holds and how.
type kind uint8

const (
	isNumber  kind = iota // bits are those of the double
	isDate                // the same, under a date format
	isText                // bits are the index in texts
	isBool                // bits are 1 or 0
	isError               // bits are the code
	isNothing             // a formula without a stored result, or a text of no characters
)

// cell is a cell in 16 bytes.
type cell struct {
	bits    uint64
	column  uint8
	kind    kind
	formula bool
}

type row struct {
	cells   []cell
	known   bool // there is a record of the row or of one of its cells
	hidden  bool
	shuffle bool // the cells are not in order
}

// Sheet is a sheet that was read to its end. It gathers the cells, since their
// records may come in any order.
type Sheet struct {
	name  string // in Chinese, for messages
	book  *Book
	rec   *records
	rows  []row
	cells int
	last  int // row of the last record, for messages
	// waits is the formula whose text is still to come, nil if none does.
	waits *cell
	// hidden are the columns that are hidden or have no width.
	hidden [maxColumns]bool
	layout sheet.Layout
}

// Read reads a sheet to its end.
func (b *Book) Read(i int) (*Sheet, error) {
	if i < 0 || i >= len(b.Sheets) {
		return nil, fmt.Errorf("read sheet %d of %d", i, len(b.Sheets))
	}
	t := &Sheet{name: "工作表“" + b.Sheets[i].Name + "”", book: b, rec: b.rec}
	if err := t.read(b.Sheets[i].at); err != nil {
		label := t.name
		if t.last > 0 {
			label += fmt.Sprintf("第 %d 行附近", t.last)
		}
		return nil, refuse(label, err)
	}
	return t, nil
}

// HiddenColumns are the columns that are hidden or have no width, from 0.
func (t *Sheet) HiddenColumns() []int {
	var out []int
	for i, h := range t.hidden {
		if h {
			out = append(out, i)
		}
	}
	return out
}

// read reads the sheet's part up to its EOF record.
func (t *Sheet) read(at int64) error {
	if err := t.rec.skipTo(at); err != nil {
		return err
	}
	begins, err := t.book.bof()
	if err != nil {
		return err
	}
	if begins != beginsSheet {
		return malformed("a sheet of kind %04X", begins)
	}
	for depth := 1; depth > 0; {
		if err := t.rec.next(); err != nil {
			return err
		}
		switch t.rec.id {
		case recBOF: // an embedded chart
			depth++
		case recEOF:
			depth--
		default:
			if depth > 1 {
				continue
			}
			if err := t.record(); err != nil {
				return err
			}
		}
	}
	return nil
}

// record takes a record of the sheet itself.
func (t *Sheet) record() error {
	switch t.rec.id {
	case recShared, recArray, recTable: // they stand between a formula and its text
		return nil
	case recString:
		return t.result()
	}
	t.waits = nil
	switch t.rec.id {
	case recRow:
		return t.row()
	case recColInfo:
		return t.columns()
	case recMerged:
		t.merged()
		return nil
	case recNumber:
		return t.number()
	case recRK:
		return t.rk()
	case recMulRK:
		return t.mulRK()
	case recLabelSST:
		return t.labelSST()
	case recLabel, recRString:
		return t.label()
	case recBoolErr:
		return t.boolErr()
	case recFormula:
		return t.formula()
	case recBlank, recMulBlank:
		return t.blank()
	case 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0007, 0x0008, 0x0206, 0x0406:
		// Cells as older versions wrote them. To pass over them would lose them.
		return malformed("record %04X of an older version", t.rec.id)
	}
	return nil
}

// at gives the row at index i.
func (t *Sheet) at(i int) *row {
	if i >= len(t.rows) {
		t.rows = append(t.rows, make([]row, i+1-len(t.rows))...)
	}
	t.last = i + 1
	r := &t.rows[i]
	r.known = true
	return r
}

func (t *Sheet) row() error {
	if err := t.rec.need(14); err != nil {
		return err
	}
	const hidden = 0x20
	r := t.at(int(le.Uint16(t.rec.body)))
	r.hidden = r.hidden || le.Uint16(t.rec.body[12:])&hidden != 0
	return nil
}

// columns reads how a range of columns is shown. The last one may be 256, which
// stands for all that follow.
func (t *Sheet) columns() error {
	if err := t.rec.need(10); err != nil {
		return err
	}
	b := t.rec.body
	for i := int(le.Uint16(b)); i <= int(le.Uint16(b[2:])) && i < maxColumns; i++ {
		for len(t.layout.Widths) <= i {
			t.layout.Widths = append(t.layout.Widths, 0)
		}
		t.layout.Widths[i] = min((int(le.Uint16(b[4:]))+255)/256, 255) // in 256ths of a character
	}
	if width, flags := le.Uint16(b[4:]), le.Uint16(b[8:]); width != 0 && flags&1 == 0 {
		return nil
	}
	for i := int(le.Uint16(b)); i <= int(le.Uint16(b[2:])) && i < maxColumns; i++ {
		t.hidden[i] = true
	}
	return nil
}

// merged reads which cells are merged. What it says wrong is passed over: no cell
// is read otherwise for it.
func (t *Sheet) merged() {
	if len(t.rec.body) < 2 {
		return
	}
	n, b := int(le.Uint16(t.rec.body)), t.rec.body[2:]
	for ; n > 0 && len(b) >= 8 && len(t.layout.Merges) < sheet.MaxMerges; n, b = n-1, b[8:] {
		m := sheet.Range{Top: int(le.Uint16(b)) + 1, Bottom: int(le.Uint16(b[2:])) + 1, Left: int(le.Uint16(b[4:])), Right: int(le.Uint16(b[6:]))}
		if m.Top <= m.Bottom && m.Left <= m.Right && m.Right < maxColumns {
			t.layout.Merges = append(t.layout.Merges, m)
		}
	}
}

// Layout is how the sheet looks.
func (t *Sheet) Layout() sheet.Layout { return t.layout }

// put adds a cell at the place that begins the record, offset columns to the
// right. The pointer is valid until the next put.
func (t *Sheet) put(offset int, c cell) (*cell, error) {
	r := t.at(int(le.Uint16(t.rec.body)))
	column := int(le.Uint16(t.rec.body[2:])) + offset
	if column >= maxColumns {
		return nil, malformed("a cell in column %d", column+1)
	}
	if t.cells++; t.cells > maxCells {
		return nil, errLarge
	}
	c.column = uint8(column)
	if n := len(r.cells); n > 0 && r.cells[n-1].column >= c.column {
		r.shuffle = true
	}
	r.cells = append(r.cells, c)
	return &r.cells[len(r.cells)-1], nil
}

// double makes a cell of a number.
func (t *Sheet) double(v float64, xf uint16) cell {
	c := cell{bits: math.Float64bits(v)}
	switch {
	case math.IsNaN(v), math.IsInf(v, 0):
		c = cell{kind: isError, bits: numError}
	case t.book.isDate(xf):
		c.kind = isDate
	}
	return c
}

func (t *Sheet) number() error {
	if err := t.rec.need(14); err != nil {
		return err
	}
	_, err := t.put(0, t.double(math.Float64frombits(le.Uint64(t.rec.body[6:])), le.Uint16(t.rec.body[4:])))
	return err
}

// rkValue gives the number of four bytes: a double without its last 34 bits or
// an integer of 30, either of them perhaps in hundredths.
func rkValue(rk uint32) float64 {
	var v float64
	if rk&2 != 0 {
		v = float64(int32(rk) >> 2)
	} else {
		v = math.Float64frombits(uint64(rk&^3) << 32)
	}
	if rk&1 != 0 {
		v /= 100
	}
	return v
}

func (t *Sheet) rk() error {
	if err := t.rec.need(10); err != nil {
		return err
	}
	_, err := t.put(0, t.double(rkValue(le.Uint32(t.rec.body[6:])), le.Uint16(t.rec.body[4:])))
	return err
}

// mulRK reads numbers side by side; the last column ends the record.
func (t *Sheet) mulRK() error {
	b := t.rec.body
	if err := t.rec.need(12); err != nil {
		return err
	}
	first, last := int(le.Uint16(b[2:])), int(le.Uint16(b[len(b)-2:]))
	if len(b)-6 != 6*(last-first+1) {
		return malformed("%d bytes for the columns %d to %d", len(b), first+1, last+1)
	}
	for i := range last - first + 1 {
		one := b[4+6*i:]
		if _, err := t.put(i, t.double(rkValue(le.Uint32(one[2:])), le.Uint16(one))); err != nil {
			return err
		}
	}
	return nil
}

func (t *Sheet) labelSST() error {
	if err := t.rec.need(10); err != nil {
		return err
	}
	i := le.Uint32(t.rec.body[6:])
	if uint64(i) >= uint64(t.book.shared) {
		return malformed("shared string %d of %d", i, t.book.shared)
	}
	if len(t.book.texts.get(int(i))) == 0 {
		return t.blank()
	}
	_, err := t.put(0, cell{kind: isText, bits: uint64(i)})
	return err
}

// label reads a text that stands in its cell. What follows it in an RSTRING is
// formatting.
func (t *Sheet) label() error {
	if err := t.rec.need(9); err != nil {
		return err
	}
	// The text may run on into other records, so the place is taken first.
	c, err := t.put(0, cell{kind: isText})
	if err != nil {
		return err
	}
	if err := t.text(c, 6); err != nil {
		return err
	}
	if len(t.book.texts.get(int(c.bits))) == 0 {
		c.kind = isNothing
	}
	return nil
}

// text reads a text behind skip bytes of the record and gives it to c.
func (t *Sheet) text(c *cell, skip int) error {
	f := fields{t.rec, t.rec.body[skip:]}
	if err := t.book.texts.add(f.text); err != nil {
		return err
	}
	c.kind, c.bits = isText, uint64(t.book.texts.len()-1)
	return nil
}

// errorNames are the errors by their code.
var errorNames = map[byte]string{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA"}

const numError = 0x24

// truth makes a cell of a boolean or of an error.
func truth(value byte, isErr bool) (cell, error) {
	if !isErr {
		if value > 1 {
			return cell{}, malformed("boolean %d", value)
		}
		return cell{kind: isBool, bits: uint64(value)}, nil
	}
	if errorNames[value] == "" {
		return cell{}, malformed("error %02X", value)
	}
	return cell{kind: isError, bits: uint64(value)}, nil
}

func (t *Sheet) boolErr() error {
	if err := t.rec.need(8); err != nil {
		return err
	}
	c, err := truth(t.rec.body[6], t.rec.body[7] != 0)
	if err != nil {
		return err
	}
	_, err = t.put(0, c)
	return err
}

// formula reads the stored result of a formula.
func (t *Sheet) formula() error {
	if err := t.rec.need(14); err != nil {
		return err
	}
	result := t.rec.body[6:14]
	if le.Uint16(result[6:]) != 0xFFFF {
		c := t.double(math.Float64frombits(le.Uint64(result)), le.Uint16(t.rec.body[4:]))
		c.formula = true
		_, err := t.put(0, c)
		return err
	}
	const resultText, resultBool, resultError, resultEmpty = 0, 1, 2, 3
	var c cell
	var err error
	switch result[0] {
	case resultText:
		c.kind = isNothing // until its text comes
	case resultBool, resultError:
		c, err = truth(result[2], result[0] == resultError)
	case resultEmpty:
		if err = t.book.texts.add(func(dst []byte) ([]byte, error) { return dst, nil }); err == nil {
			c.kind, c.bits = isText, uint64(t.book.texts.len()-1)
		}
	default:
		err = malformed("a result of kind %d", result[0])
	}
	if err != nil {
		return err
	}
	c.formula = true
	put, err := t.put(0, c)
	if err == nil && result[0] == resultText {
		t.waits = put
	}
	return err
}

// result reads the text that a formula waits for.
func (t *Sheet) result() error {
	c := t.waits
	t.waits = nil
	if c == nil {
		return malformed("the text of a formula that has none")
	}
	return t.text(c, 0)
}

// blank notes the row of cells that hold nothing.
func (t *Sheet) blank() error {
	if err := t.rec.need(6); err != nil {
		return err
	}
	t.at(int(le.Uint16(t.rec.body)))
	return nil
}

// Rows gives the rows in order. A row is valid until yield returns; an error of
// yield ends the reading.
func (t *Sheet) Rows(yield func(sheet.Row) error) error {
	var out []sheet.Cell
	var ends []int
	var text []byte
	for i := range t.rows {
		r := &t.rows[i]
		if !r.known {
			continue
		}
		if r.shuffle {
			slices.SortFunc(r.cells, func(a, b cell) int { return int(a.column) - int(b.column) })
		}
		out, ends, text = out[:0], ends[:0], text[:0]
		for j, c := range r.cells {
			if j > 0 && r.cells[j-1].column == c.column {
				return refuse(t.name, malformed("two cells in row %d, column %d", i+1, c.column+1))
			}
			if c.kind == isNothing && !c.formula {
				continue
			}
			for len(out) < int(c.column) {
				out, ends = append(out, sheet.Cell{}), append(ends, len(text))
			}
			var k sheet.Kind
			text, k = t.append(text, c)
			out, ends = append(out, sheet.Cell{Kind: k, Formula: c.formula}), append(ends, len(text))
			if len(text) > maxRowText {
				return refuse(t.name, fmt.Errorf("%w: row %d", errLarge, i+1))
			}
		}
		// One string for the whole row instead of one for each cell.
		all, from := string(text), 0
		for j, end := range ends {
			out[j].Text = all[from:end]
			from = end
		}
		if err := yield(sheet.Row{Number: i + 1, Cells: out, Hidden: r.hidden}); err != nil {
			return err
		}
		r.cells = nil
	}
	return nil
}

// append appends what a cell shows and gives its kind.
func (t *Sheet) append(dst []byte, c cell) ([]byte, sheet.Kind) {
	switch c.kind {
	case isText:
		return append(dst, t.book.texts.get(int(c.bits))...), sheet.Text
	case isBool:
		if c.bits == 1 {
			return append(dst, "TRUE"...), sheet.Bool
		}
		return append(dst, "FALSE"...), sheet.Bool
	case isError:
		return append(dst, errorNames[byte(c.bits)]...), sheet.Error
	case isNothing:
		return dst, sheet.Empty
	}
	from := len(dst)
	dst = appendNumber(dst, math.Float64frombits(c.bits))
	if c.kind == isDate {
		// The date is written behind its serial and then moved over it.
		end := len(dst)
		if out, ok := numfmt.AppendDate(dst, dst[from:end], t.book.date1904); ok {
			return out[:from+copy(out[from:], out[end:])], sheet.Date
		}
	}
	return dst, sheet.Number
}

// appendNumber appends the shortest literal of a double: plain digits, as far as
// people write them, with an exponent beyond.
func appendNumber(dst []byte, v float64) []byte {
	if v == 0 {
		return append(dst, '0') // there is a negative zero
	}
	if a := math.Abs(v); a < 1e-7 || a >= 1e21 {
		return strconv.AppendFloat(dst, v, 'E', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}
