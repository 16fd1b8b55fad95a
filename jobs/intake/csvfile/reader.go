package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

const (
	windowSize = 64 << 10
	// maxRowText bounds the text of one row in bytes.
	maxRowText = 8 << 20
)

var errClosed = fmt.Errorf("sheet reader: %w", fs.ErrClosed)

// reader reads the records of a text file.
type reader struct {
	name      string
	src       io.Reader // UTF-8
	buf       []byte
	pos, end  int // buf[pos:end] is not yet used
	eof       bool
	delimiter byte
	marked    bool  // the text has an end mark behind what is read here
	err       error // sticky

	number int  // of the last record
	wide   int  // records of more than one column
	narrow int  // columns of the narrowest of them
	open   bool // the last record has no line end
	cells  []sheet.Cell
	ends   []span
	text   []byte // texts of the current row; reused
}

// span is a cell's text in reader.text.
type span struct{ from, to int }

func (r *reader) Name() string { return r.name }
func (r *reader) Hidden() bool { return false }

// Close ends the reading; it may be called before the end.
func (r *reader) Close() error {
	r.err = errClosed
	return nil
}

// fill reads more into an empty window, or behind a window that is not full.
func (r *reader) fill() error {
	if r.pos == r.end {
		r.pos, r.end = 0, 0
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err == io.EOF {
			r.eof = true
			return nil
		}
		if err != nil {
			return r.refuse(err)
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// refuse makes the FileError for an error of reading.
func (r *reader) refuse(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return sheet.Refuse(sheet.CodeTruncated, "文件在读取时变短了。请等文件拷贝完成后再导入。", err)
	}
	return fmt.Errorf("read the text: %w", err)
}

// begin fills the window and finds the delimiter.
func (r *reader) begin() error {
	for !r.eof && r.end < len(r.buf) {
		if err := r.fill(); err != nil {
			return err
		}
	}
	head := r.buf[:r.end]
	d, n := separatorLine(head)
	if d == 0 {
		d = guessDelimiter(head)
	}
	r.delimiter, r.pos = d, n
	return nil
}

// peek gives the next byte without using it; not ok at the end of the file.
func (r *reader) peek() (c byte, ok bool, err error) {
	for r.pos == r.end {
		if r.eof {
			return 0, false, nil
		}
		if err := r.fill(); err != nil {
			return 0, false, err
		}
	}
	return r.buf[r.pos], true, nil
}

// Next gives the next record that is no blank line.
func (r *reader) Next() (sheet.Row, error) {
	if r.err != nil {
		return sheet.Row{}, r.err
	}
	for {
		some, err := r.record()
		if err != nil {
			r.err = err
			return sheet.Row{}, err
		}
		if !some {
			continue
		}
		all := string(r.text)
		for i, s := range r.ends {
			r.cells[i].Text = all[s.from:s.to]
		}
		return sheet.Row{Number: r.number, Cells: r.cells}, nil
	}
}

// record reads one record. It is false for a blank line.
func (r *reader) record() (bool, error) {
	r.cells, r.ends, r.text = r.cells[:0], r.ends[:0], r.text[:0]
	c, ok, err := r.peek()
	if err != nil {
		return false, err
	}
	if !ok {
		return false, io.EOF
	}
	if r.number++; r.number > sheet.MaxRows {
		return false, sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("文件超过 %d 行。请拆分成几个文件后再导入。", sheet.MaxRows), nil)
	}
	if c == '\n' || c == '\r' {
		return false, r.lineEnd()
	}
	for columns := 1; ; columns++ {
		last, err := r.field(columns - 1)
		if err != nil {
			return false, err
		}
		if last {
			return true, r.checkWidth(columns)
		}
	}
}

// checkWidth refuses a last record that has no line end and fewer columns than
// all before it: the file was cut off inside it. Notes below a table have one
// column, and programs that leave out empty columns at the end of a row do so in
// some row above, too.
func (r *reader) checkWidth(columns int) error {
	if columns == 1 {
		return nil
	}
	if r.wide > 1 && columns < r.narrow && r.open && !r.marked {
		return sheet.Refuse(sheet.CodeTruncated, fmt.Sprintf("最后一行（第 %d 行）只有 %d 列，前面各行至少 %d 列，文件可能没有传完。请重新导出后再导入；如果内容确实完整，请在文件末尾加一个换行。", r.number, columns, r.narrow), nil)
	}
	if r.wide++; r.wide == 1 || columns < r.narrow {
		r.narrow = columns
	}
	return nil
}

// lineEnd uses up \n, \r\n or \r.
func (r *reader) lineEnd() error {
	c := r.buf[r.pos]
	r.pos++
	if c == '\n' {
		return nil
	}
	c, ok, err := r.peek()
	if ok && c == '\n' {
		r.pos++
	}
	return err
}

// field reads the field of that column, counted from 0, and what ends it. It is
// true for the last one of the record.
func (r *reader) field(column int) (last bool, err error) {
	from := len(r.text)
	c, ok, err := r.peek()
	if err != nil {
		return false, err
	}
	lines := 0
	quoted := ok && c == '"'
	if quoted {
		r.pos++
		if lines, err = r.quoted(from); err != nil {
			return false, err
		}
	}
	closed := len(r.text)
	if err := r.plain(from); err != nil {
		return false, err
	}
	if lines > 0 && len(bytes.Trim(r.text[closed:], " \t")) > 0 {
		return false, sheet.Refuse(sheet.CodeFormat, fmt.Sprintf("第 %d 行的引号不配对，其后的内容无法分行。请检查该行的引号，或另存为 .xlsx 后再导入。", r.number), nil)
	}
	if err := r.put(column, from); err != nil {
		return false, err
	}
	c, ok, err = r.peek()
	switch {
	case err != nil:
		return true, err
	case !ok:
		r.open = true
		return true, nil
	case c == r.delimiter:
		r.pos++
		return false, nil
	}
	return true, r.lineEnd()
}

// quoted reads up to the closing quote and gives the number of line breaks
// inside, which are made \n.
func (r *reader) quoted(from int) (lines int, err error) {
	for {
		c, ok, err := r.peek()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, sheet.Refuse(sheet.CodeTruncated, fmt.Sprintf("第 %d 行有引号没有配对，直到文件末尾；文件可能没有传完。请重新导出后再导入。", r.number), nil)
		}
		switch c {
		case '"':
			r.pos++
			c, ok, err := r.peek()
			if err != nil {
				return 0, err
			}
			if !ok || c != '"' {
				return lines, nil
			}
			r.pos++
			r.text = append(r.text, '"')
		case '\n', '\r':
			lines++
			if err := r.lineEnd(); err != nil {
				return 0, err
			}
			r.text = append(r.text, '\n')
		default:
			r.run("\"\r\n", 0)
		}
		if err := r.checkSize(from); err != nil {
			return 0, err
		}
	}
}

// plain reads up to a delimiter, a line end or the end of the file. Quotes mean
// nothing here.
func (r *reader) plain(from int) error {
	for {
		c, ok, err := r.peek()
		if err != nil {
			return err
		}
		if !ok || c == r.delimiter || c == '\n' || c == '\r' {
			return nil
		}
		r.run("\r\n", r.delimiter)
		if err := r.checkSize(from); err != nil {
			return err
		}
	}
}

// run moves what stands in the window before any byte of stops and before the
// byte stop, if that is not 0, into the text.
func (r *reader) run(stops string, stop byte) {
	b := r.buf[r.pos:r.end]
	n := 0
	for n < len(b) {
		c := b[n]
		if c <= ';' && (c == stop && stop != 0 || c == stops[0] || c == stops[1] || c == stops[len(stops)-1]) {
			break
		}
		n++
	}
	r.text = append(r.text, b[:n]...)
	r.pos += n
}

// checkSize bounds what is collected of a field. It is sharper in put.
func (r *reader) checkSize(from int) error {
	if len(r.text)-from > utf8.UTFMax*sheet.MaxCell {
		return r.errLong()
	}
	return nil
}

func (r *reader) errLong() error {
	return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("第 %d 行有单元格超过 %d 个字符，可能是引号没有配对。请检查该行后再导入。", r.number, sheet.MaxCell), nil)
}

// put makes r.text[from:] the cell of that column, counted from 0.
func (r *reader) put(column, from int) error {
	text := r.text[from:]
	if len(text) > sheet.MaxCell && utf8.RuneCount(text) > sheet.MaxCell {
		return r.errLong()
	}
	text = unwrap(text)
	r.text = r.text[:from+copy(r.text[from:], text)]
	c := sheet.Cell{Kind: sheet.Text}
	if len(text) == 0 {
		c.Kind = sheet.Empty
	}
	if column >= sheet.MaxColumns {
		if c.Kind == sheet.Empty {
			return nil // some exports end each line with thousands of commas
		}
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("第 %d 行超过 %d 列。请删去不需要的列后再导入。", r.number, sheet.MaxColumns), nil)
	}
	if len(r.text) > maxRowText {
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("第 %d 行的内容过长。请检查该行后再导入。", r.number), nil)
	}
	r.cells = append(r.cells, c)
	r.ends = append(r.ends, span{from, len(r.text)})
	return nil
}

// unwrap takes off what only keeps a value a text: tabs around it, then ="..."
// or a leading '. It may change b.
func unwrap(b []byte) []byte {
	b = bytes.Trim(b, "\t")
	if len(b) >= 3 && b[0] == '=' && b[1] == '"' && b[len(b)-1] == '"' {
		in := b[2 : len(b)-1]
		out := in[:0]
		for i := 0; i < len(in); i++ {
			out = append(out, in[i])
			if in[i] == '"' && i+1 < len(in) && in[i+1] == '"' {
				i++
			}
		}
		return out
	}
	if len(b) > 0 && b[0] == '\'' {
		return b[1:]
	}
	return b
}
