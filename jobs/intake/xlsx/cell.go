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
	r.column = next
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
			r.column = col
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
	if r.plainValue(typ) {
		if typ == typeShared && r.plainShared(&c) {
			return col + 1, r.put(col, c, from)
		}
		r.text, err = appendText(r.text, r.sc.text, false)
	} else {
		c.Formula, err = r.content(from)
	}
	if err != nil {
		return 0, err
	}
	if err := r.finishCell(&c, from, typ, style); err != nil {
		return 0, err
	}
	if c.Kind == sheet.Empty && !c.Formula {
		return col + 1, nil // nothing to see; it may even stand far to the right
	}
	return col + 1, r.put(col, c, from)
}

// plainValue takes what nearly every cell is out of the window in one go:
// <v>text</v></c>, or <is><t>text</t></is></c> of an inline string. It takes
// nothing if anything else stands there.
func (r *reader) plainValue(typ cellType) bool {
	if typ == typeInline {
		return r.between("<is><t>", "</t></is></c>")
	}
	return r.between("<v>", "</v></c>")
}

func (r *reader) between(open, closing string) bool {
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

// plainShared takes the value of a shared string right out of the window. It is
// false where finishCell has to see what is special about it.
func (r *reader) plainShared(c *sheet.Cell) bool {
	i, ok := parseInt(r.sc.text)
	if !ok {
		return false
	}
	text, err := r.book.shared.get(i)
	if err != nil || text == "" {
		return false
	}
	c.Kind, c.Text = sheet.Text, text
	return true
}

// content reads the children of a cell up to </c> and appends its value, be it
// in <v> or in <is>, to r.text.
func (r *reader) content(from int) (formula bool, err error) {
	values := 0
	var wrong error
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
			return formula, wrong
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
				r.text, err = r.sc.plainText(r.text, from, "v", &wrong)
			case "is":
				values++
				r.text, err = r.sc.richText(r.text, "is", &wrong)
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

// finishCell turns the decoded value r.text[from:] into the kind and the text of
// c. The text is made in place in r.text[from:], but for texts that are strings
// already: those are in c.Text and leave r.text[from:] empty.
func (r *reader) finishCell(c *sheet.Cell, from int, typ cellType, style int) error {
	value := r.text[from:]
	if typ == typeString || typ == typeInline {
		text, err := unescape(value)
		if err != nil {
			return err
		}
		if err := r.take(c, from, text, sheet.Text); err != nil {
			return err
		}
		if c.Kind == sheet.Empty && typ == typeString && c.Formula && r.valued {
			// A formula whose stored result is "" has a result.
			c.Kind = sheet.Text
		}
		return nil
	}
	value = trim(value)
	if len(value) == 0 {
		r.text = r.text[:from]
		return nil
	}
	switch typ {
	case typeShared:
		r.text = r.text[:from]
		i, ok := parseInt(value)
		if !ok {
			return malformed("shared string %q", value)
		}
		text, err := r.book.shared.get(i)
		if err != nil {
			return err
		}
		if c.Text = text; text != "" {
			c.Kind = sheet.Text
		}
		return nil
	case typeBool:
		r.text = r.text[:from]
		v, ok := parseBool(string(value))
		if !ok {
			return malformed("boolean %q", value)
		}
		if c.Kind, c.Text = sheet.Bool, "FALSE"; v {
			c.Text = "TRUE"
		}
		return nil
	case typeError:
		return r.take(c, from, value, sheet.Error)
	case typeDate:
		text, ok := isoDate(string(value))
		if !ok {
			return r.take(c, from, value, sheet.Text)
		}
		r.text = append(r.text[:from], text...)
		c.Kind = sheet.Date
		return nil
	}
	if !isNumber(value) {
		// Excel itself would not open it. As text it is at least seen as it is.
		return r.take(c, from, value, sheet.Text)
	}
	if r.book.styles.date(style) {
		// The date is written behind its serial and then moved over it.
		end := len(r.text)
		if out, ok := appendDate(r.text, value, r.book.date1904); ok {
			r.text = out
			return r.take(c, from, out[end:], sheet.Date)
		}
	}
	return r.take(c, from, value, sheet.Number)
}

// take makes text, which stands somewhere in r.text[from:], the cell's text.
func (r *reader) take(c *sheet.Cell, from int, text []byte, kind sheet.Kind) error {
	if err := checkLength(text); err != nil {
		return err
	}
	r.text = r.text[:from+copy(r.text[from:], text)]
	if len(text) > 0 {
		c.Kind = kind
	}
	return nil
}
