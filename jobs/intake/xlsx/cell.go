package xlsx

import (
	"bytes"

	"doudi/jobs/intake/sheet"
)

// cellType is the t attribute of a cell.
type cellType uint8

const (
	typeNumber cellType = iota // n, or no t
	typeShared                 // s
	typeString                 // str
	typeInline                 // inlineStr
	typeBool                   // b
	typeError                  // e
	typeDate                   // d
)

func parseType(b []byte) (cellType, bool) {
	switch string(b) {
	case "n", "":
		return typeNumber, true
	case "s":
		return typeShared, true
	case "str":
		return typeString, true
	case "inlineStr":
		return typeInline, true
	case "b":
		return typeBool, true
	case "e":
		return typeError, true
	case "d":
		return typeDate, true
	}
	return 0, false
}

// cell reads the cell whose start tag was the last token, and gives the column
// behind it.
func (r *reader) cell(row *sheet.Row, next int, open bool) (int, error) {
	col, style, typ := next, 0, typeNumber
	a := attributes{rest: r.sc.attrs}
	for a.next() {
		ok := true
		switch string(a.name) {
		case "r":
			var err error
			if col, err = r.place(row, a.value); err != nil {
				return 0, err
			}
			if col < next {
				return 0, malformed("cell %q behind a later column", a.value)
			}
		case "s":
			style, ok = parseInt(a.value)
		case "t":
			typ, ok = parseType(a.value)
		}
		if !ok {
			return 0, malformed("a cell with %s=%q", a.name, a.value)
		}
	}
	if a.err != nil {
		return 0, a.err
	}
	if !open {
		return col + 1, nil
	}
	from := len(r.text)
	c := sheet.Cell{}
	var err error
	if r.plainValue() {
		r.text, err = appendText(r.text, r.sc.text, false)
	} else {
		c.Formula, err = r.content(from)
	}
	if err != nil {
		return 0, err
	}
	kind, err := r.finishCell(from, typ, style)
	if err != nil {
		return 0, err
	}
	if c.Kind = kind; kind == sheet.Empty && !c.Formula {
		return col + 1, nil // nothing to see; it may even stand far to the right
	}
	return col + 1, r.put(col, c, from)
}

// plainValue takes <v>text</v></c>, which nearly every cell is, out of the
// window in one go. It takes nothing if anything else stands there.
func (r *reader) plainValue() bool {
	const open, closing = "<v>", "</v></c>"
	b := r.sc.buf[r.sc.pos:r.sc.end]
	if len(b) < len(open) || string(b[:len(open)]) != open {
		return false
	}
	b = b[len(open):]
	i := bytes.IndexByte(b, '<')
	if i < 0 || len(b)-i < len(closing) || string(b[i:i+len(closing)]) != closing {
		return false
	}
	r.sc.text = b[:i]
	r.sc.pos += len(open) + i + len(closing)
	return true
}

// content reads the children of a cell up to </c> and appends its value, be it
// in <v> or in <is>, to r.text.
func (r *reader) content(from int) (formula bool, err error) {
	values := 0
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
				return false, malformed("text in a cell outside <v>")
			}
		case tokEnd:
			if string(r.sc.name) != "c" {
				return false, malformed("<c> is closed by </%s>", r.sc.name)
			}
			if values > 1 {
				return false, malformed("a cell with two values")
			}
			r.valued = values == 1
			return formula, nil
		case tokEmpty:
			switch string(r.sc.name) {
			case "f":
				formula = true
			case "v", "is":
				values++
			}
		case tokStart:
			switch string(r.sc.name) {
			case "v":
				values++
				r.text, err = r.sc.plainText(r.text, from, "v")
			case "is":
				values++
				r.text, err = r.sc.richText(r.text, "is")
			case "f":
				formula = true
				err = r.sc.skip()
			default: // extLst
				err = r.sc.skip()
			}
			if err != nil {
				return false, err
			}
		}
	}
}

// finishCell turns the decoded value r.text[from:] into the cell's text, in
// place, and gives its kind.
func (r *reader) finishCell(from int, typ cellType, style int) (sheet.Kind, error) {
	value := r.text[from:]
	switch typ {
	case typeString, typeInline:
		text, err := unescape(value)
		if err != nil {
			return 0, err
		}
		kind, err := r.take(from, text, sheet.Text)
		if kind == sheet.Empty && typ == typeString && r.valued {
			// A formula whose stored result is "" has a result.
			kind = sheet.Text
		}
		return kind, err
	}
	value = trim(value)
	if len(value) == 0 {
		r.text = r.text[:from]
		return sheet.Empty, nil
	}
	switch typ {
	case typeShared:
		i, ok := parseInt(value)
		if !ok {
			return 0, malformed("shared string %q", value)
		}
		text, ok := r.book.shared.get(i)
		if !ok {
			return 0, malformed("shared string %d of %d", i, len(r.book.shared.ends))
		}
		r.text = append(r.text[:from], text...)
		if len(text) == 0 {
			return sheet.Empty, nil
		}
		return sheet.Text, nil
	case typeBool:
		v, ok := parseBool(string(value))
		if !ok {
			return 0, malformed("boolean %q", value)
		}
		if v {
			r.text = append(r.text[:from], "TRUE"...)
		} else {
			r.text = append(r.text[:from], "FALSE"...)
		}
		return sheet.Bool, nil
	case typeError:
		return r.take(from, value, sheet.Error)
	case typeDate:
		text, ok := isoDate(string(value))
		if !ok {
			return r.take(from, value, sheet.Text)
		}
		r.text = append(r.text[:from], text...)
		return sheet.Date, nil
	}
	if !isNumber(value) {
		// Excel itself would not open it. As text it is at least seen as it is.
		return r.take(from, value, sheet.Text)
	}
	if r.book.styles.date(style) {
		// The date is written behind its serial and then moved over it.
		end := len(r.text)
		if out, ok := appendDate(r.text, value, r.book.date1904); ok {
			r.text = out
			return r.take(from, out[end:], sheet.Date)
		}
	}
	return r.take(from, value, sheet.Number)
}

// take makes text, which stands somewhere in r.text[from:], the cell's text.
func (r *reader) take(from int, text []byte, kind sheet.Kind) (sheet.Kind, error) {
	if err := checkLength(text); err != nil {
		return 0, err
	}
	r.text = r.text[:from+copy(r.text[from:], text)]
	if len(text) == 0 {
		return sheet.Empty, nil
	}
	return kind, nil
}
