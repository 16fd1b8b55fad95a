package xls

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xls/biff"
)

// The child writes frames: a letter, the length of what follows, and that. All
// numbers are unsigned varints, all texts UTF-8 behind their length.
//
//	B  the sheets: their number; for each 1 if hidden, and its name
//	C  the hidden columns of a sheet: their number, and each, counted from 0; it
//	   comes once, before the rows; then the widths of its columns, and its merged
//	   cells: their number, and for each top, left, bottom, right
//	R  a row: its number, 1 if hidden, the number of cells; for each its kind (with
//	   formulaBit) and the length of its text; then the texts, one behind the other
//	E  the file is refused: code, message, detail
//	Z  the end mark: the number of rows before it
const (
	frameBook    = 'B'
	frameColumns = 'C'
	frameRow     = 'R'
	frameError   = 'E'
	frameEnd     = 'Z'

	formulaBit = 0x80
)

// Limits of what is taken from the child.
const (
	maxRows    = 1 << 16
	maxColumns = 256
	// maxFrame: biff gives rows of at most 16 MiB of text.
	maxFrame   = 16<<20 + 64<<10
	maxMessage = 4 << 10
)

var (
	errNoEnd = errors.New("the stream ends without its end mark")
	errWire  = errors.New("the stream of the reading process is malformed")
)

// encoder writes frames.
type encoder struct {
	w    *bufio.Writer
	body []byte
	rows uint64
}

func newEncoder(w io.Writer) *encoder { return &encoder{w: bufio.NewWriterSize(w, 64<<10)} }

func (e *encoder) frame(kind byte) error {
	head := binary.AppendUvarint([]byte{kind}, uint64(len(e.body)))
	_, err := e.w.Write(head)
	if err == nil {
		_, err = e.w.Write(e.body)
	}
	e.body = e.body[:0]
	return err
}

func (e *encoder) number(n uint64) { e.body = binary.AppendUvarint(e.body, n) }

func (e *encoder) flag(v bool) {
	e.body = append(e.body, 0)
	if v {
		e.body[len(e.body)-1] = 1
	}
}

func (e *encoder) text(s string) {
	e.number(uint64(len(s)))
	e.body = append(e.body, s...)
}

func (e *encoder) sheets(list []biff.Info) error {
	e.number(uint64(len(list)))
	for _, s := range list {
		e.flag(s.Hidden)
		e.text(s.Name)
	}
	return e.frame(frameBook)
}

func (e *encoder) columns(hidden []int, l sheet.Layout) error {
	e.number(uint64(len(hidden)))
	for _, c := range hidden {
		e.number(uint64(c))
	}
	e.number(uint64(len(l.Widths)))
	for _, w := range l.Widths {
		e.number(uint64(w))
	}
	e.number(uint64(len(l.Merges)))
	for _, m := range l.Merges {
		for _, n := range []int{m.Top, m.Left, m.Bottom, m.Right} {
			e.number(uint64(n))
		}
	}
	return e.frame(frameColumns)
}

func (e *encoder) row(r sheet.Row) error {
	e.number(uint64(r.Number))
	e.flag(r.Hidden)
	e.number(uint64(len(r.Cells)))
	for _, c := range r.Cells {
		k := byte(c.Kind)
		if c.Formula {
			k |= formulaBit
		}
		e.body = append(e.body, k)
		e.number(uint64(len(c.Text)))
	}
	for _, c := range r.Cells {
		e.body = append(e.body, c.Text...)
	}
	e.rows++
	return e.frame(frameRow)
}

// refuse writes why the file is not taken.
func (e *encoder) refuse(fe *sheet.FileError) error {
	detail := ""
	if fe.Err != nil {
		detail = fe.Err.Error()
	}
	e.text(fe.Code)
	for _, s := range []string{fe.Message, detail} {
		e.text(strings.ToValidUTF8(s[:min(len(s), maxMessage)], ""))
	}
	return errors.Join(e.frame(frameError), e.w.Flush())
}

func (e *encoder) end() error {
	e.number(e.rows)
	return errors.Join(e.frame(frameEnd), e.w.Flush())
}

// decoder reads frames and believes nothing.
type decoder struct {
	r      *bufio.Reader
	buf    []byte
	body   []byte // what is left of the frame
	begun  bool   // the frame of columns came
	hides  []int  // the hidden columns
	layout sheet.Layout
	last   int // number of the last row
	rows   uint64
	cells  []sheet.Cell
	ends   []int
}

func newDecoder(r io.Reader) *decoder { return &decoder{r: bufio.NewReaderSize(r, 64<<10)} }

// wrong is errWire with what is wrong.
func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errWire, fmt.Sprintf(format, args...))
}

// noEnd makes an early end errNoEnd.
func noEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errNoEnd
	}
	return err
}

// frame reads a frame.
func (d *decoder) frame() (byte, error) {
	kind, err := d.r.ReadByte()
	if err != nil {
		return 0, noEnd(err)
	}
	n, err := binary.ReadUvarint(d.r)
	if err != nil {
		if noEnd(err) == errNoEnd {
			return 0, errNoEnd
		}
		return 0, wrong("a length: %v", err)
	}
	if n > maxFrame {
		return 0, wrong("a frame of %d bytes", n)
	}
	d.buf = slices.Grow(d.buf[:0], int(n))[:n]
	if _, err := io.ReadFull(d.r, d.buf); err != nil {
		return 0, noEnd(err)
	}
	d.body = d.buf
	return kind, nil
}

// number reads a number of at most limit.
func (d *decoder) number(limit int) (int, error) {
	v, n := binary.Uvarint(d.body)
	if n <= 0 || v > uint64(limit) {
		return 0, wrong("a number beyond %d, or none", limit)
	}
	d.body = d.body[n:]
	return int(v), nil
}

func (d *decoder) flag() (bool, error) {
	v, err := d.number(1)
	return v == 1, err
}

// text reads a text of at most limit bytes.
func (d *decoder) text(limit int) (string, error) {
	n, err := d.number(min(limit, len(d.body)))
	if err != nil {
		return "", err
	}
	if n > len(d.body) {
		return "", wrong("a text of %d bytes in %d", n, len(d.body))
	}
	s := string(d.body[:n])
	d.body = d.body[n:]
	if !utf8.ValidString(s) {
		return "", wrong("a text that is not UTF-8")
	}
	return s, nil
}

// other reads a frame that may come in place of the one that was expected, and
// gives io.EOF for a good end.
func (d *decoder) other(kind byte) error {
	switch kind {
	case frameError:
		return d.refusal()
	case frameEnd:
		n, err := d.number(maxRows)
		if err != nil {
			return err
		}
		if uint64(n) != d.rows || len(d.body) > 0 {
			return wrong("the end says %d rows of %d", n, d.rows)
		}
		switch _, err := d.r.ReadByte(); err {
		case io.EOF:
			return io.EOF
		case nil:
			return wrong("something behind the end")
		default:
			return err
		}
	}
	return wrong("a frame %q", kind)
}

// codes are those that a child may give.
var codes = []string{sheet.CodeTruncated, sheet.CodeEncrypted, sheet.CodeFormat, sheet.CodeMacro, sheet.CodeLimit, sheet.CodeEncoding}

// refusal reads why the child does not take the file.
func (d *decoder) refusal() error {
	code, err := d.text(maxMessage)
	if err != nil {
		return err
	}
	message, err := d.text(maxMessage)
	if err != nil {
		return err
	}
	detail, err := d.text(maxMessage)
	if err != nil {
		return err
	}
	if !slices.Contains(codes, code) || message == "" || len(d.body) > 0 {
		return wrong("an error of code %q", code)
	}
	if detail == "" {
		return sheet.Refuse(code, message, nil)
	}
	return sheet.Refuse(code, message, errors.New(detail))
}

// sheets reads the list of sheets and the end mark.
func (d *decoder) sheets() ([]biff.Info, error) {
	kind, err := d.frame()
	if err != nil {
		return nil, err
	}
	if kind != frameBook {
		if err := d.other(kind); err != io.EOF {
			return nil, err
		}
		return nil, wrong("no list of sheets")
	}
	n, err := d.number(sheet.MaxSheets)
	if err != nil {
		return nil, err
	}
	list := make([]biff.Info, n)
	for i := range list {
		if list[i].Hidden, err = d.flag(); err != nil {
			return nil, err
		}
		if list[i].Name, err = d.text(maxMessage); err != nil {
			return nil, err
		}
	}
	if n == 0 || len(d.body) > 0 {
		return nil, wrong("a list of %d sheets", n)
	}
	if kind, err = d.frame(); err != nil {
		return nil, err
	}
	if err := d.other(kind); err != io.EOF {
		return nil, err
	}
	return list, nil
}

// columns reads the hidden columns.
func (d *decoder) columns() error {
	kind, err := d.frame()
	if err != nil {
		return err
	}
	if kind != frameColumns {
		if err := d.other(kind); err != io.EOF {
			return err
		}
		return wrong("no columns")
	}
	n, err := d.number(maxColumns)
	if err != nil {
		return err
	}
	d.hides = make([]int, n)
	for i := range d.hides {
		if d.hides[i], err = d.number(maxColumns - 1); err != nil {
			return err
		}
		if i > 0 && d.hides[i] <= d.hides[i-1] {
			return wrong("column %d behind %d", d.hides[i], d.hides[i-1])
		}
	}
	if err := d.looks(); err != nil {
		return err
	}
	if len(d.body) > 0 {
		return wrong("something behind the columns")
	}
	return nil
}

// looks reads how the sheet looks.
func (d *decoder) looks() error {
	n, err := d.number(maxColumns)
	if err != nil {
		return err
	}
	d.layout.Widths = make([]int, n)
	for i := range d.layout.Widths {
		if d.layout.Widths[i], err = d.number(255); err != nil {
			return err
		}
	}
	if n, err = d.number(sheet.MaxMerges); err != nil {
		return err
	}
	d.layout.Merges = make([]sheet.Range, n)
	for i := range d.layout.Merges {
		m := &d.layout.Merges[i]
		for k, to := range []*int{&m.Top, &m.Left, &m.Bottom, &m.Right} {
			if *to, err = d.number([]int{sheet.MaxRows, maxColumns - 1}[k%2]); err != nil {
				return err
			}
		}
		if m.Top < 1 || m.Bottom < m.Top || m.Right < m.Left {
			return wrong("merged cells that are none")
		}
	}
	return nil
}

// row reads a row, or gives io.EOF behind the end mark. The cells are valid until
// the next call.
func (d *decoder) row() (sheet.Row, error) {
	if !d.begun {
		d.begun = true
		if err := d.columns(); err != nil {
			return sheet.Row{}, err
		}
	}
	kind, err := d.frame()
	if err != nil {
		return sheet.Row{}, err
	}
	if kind != frameRow {
		return sheet.Row{}, d.other(kind)
	}
	var r sheet.Row
	if r.Number, err = d.number(maxRows); err != nil {
		return sheet.Row{}, err
	}
	if r.Number <= d.last {
		return sheet.Row{}, wrong("row %d behind row %d", r.Number, d.last)
	}
	if r.Hidden, err = d.flag(); err != nil {
		return sheet.Row{}, err
	}
	n, err := d.number(maxColumns)
	if err != nil {
		return sheet.Row{}, err
	}
	if err := d.heads(n); err != nil {
		return sheet.Row{}, err
	}
	// One string for the whole row instead of one for each cell.
	all, from := string(d.body), 0
	for i, end := range d.ends {
		d.cells[i].Text = all[from:end]
		if err := check(d.cells[i]); err != nil {
			return sheet.Row{}, err
		}
		from = end
	}
	if n > 0 && d.cells[n-1] == (sheet.Cell{}) {
		return sheet.Row{}, wrong("an empty cell at the end of a row")
	}
	d.last = r.Number
	d.rows++
	r.Cells = d.cells
	return r, nil
}

// heads reads kinds and lengths of n cells; their texts must be all that is left.
func (d *decoder) heads(n int) error {
	d.cells, d.ends = d.cells[:0], d.ends[:0]
	sum := 0
	for range n {
		if len(d.body) == 0 {
			return wrong("a row without its cells")
		}
		k := d.body[0]
		d.body = d.body[1:]
		length, err := d.number(4 * sheet.MaxCell)
		if err != nil {
			return err
		}
		sum += length
		d.cells = append(d.cells, sheet.Cell{Kind: sheet.Kind(k &^ formulaBit), Formula: k&formulaBit != 0})
		d.ends = append(d.ends, sum)
	}
	if sum != len(d.body) {
		return wrong("texts of %d bytes in %d", sum, len(d.body))
	}
	return nil
}

// check makes sure that a cell is one that biff gives.
func check(c sheet.Cell) error {
	switch {
	case c.Kind > sheet.Error:
		return wrong("a cell of kind %d", c.Kind)
	case (c.Kind == sheet.Empty) != (c.Text == "") && !(c.Kind == sheet.Text && c.Formula):
		return wrong("a cell of kind %d with %d bytes", c.Kind, len(c.Text))
	case !utf8.ValidString(c.Text), strings.ContainsAny(c.Text, "\x00\uFFFD"):
		return wrong("a text that is broken")
	case len(c.Text) > sheet.MaxCell && utf8.RuneCountInString(c.Text) > sheet.MaxCell:
		return wrong("a text that is too long")
	}
	return nil
}
