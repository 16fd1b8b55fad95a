package xlsx

import (
	"io"

	"doudi/jobs/intake/sheet"
)

// sharedStrings holds the strings that cells refer to by number: all bytes in
// one piece, and where each string ends.
type sharedStrings struct {
	data []byte
	ends []uint32 // sheet.MaxSharedStrings fits
}

// get is string i; not ok if there is none.
func (t *sharedStrings) get(i int) ([]byte, bool) {
	if i < 0 || i >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.data[from:t.ends[i]], true
}

// readSharedStrings reads sharedStrings.xml to its end.
func readSharedStrings(r io.Reader) (*sharedStrings, error) {
	s := newScanner(r)
	t := &sharedStrings{}
	open, err := s.root("sst")
	if err != nil {
		return nil, err
	}
	for open {
		tok, err := s.next()
		if err != nil {
			return nil, err
		}
		switch tok {
		case tokEOF:
			return nil, errCut
		case tokText, tokCDATA:
			if !isBlank(s.text) {
				return nil, malformed("text between shared strings")
			}
		case tokEnd:
			if string(s.name) != "sst" {
				return nil, malformed("</%s> between shared strings", s.name)
			}
			open = false
		case tokStart, tokEmpty:
			if string(s.name) != "si" {
				// extLst; it stands behind the strings and holds none.
				if tok == tokStart {
					if err := s.skip(); err != nil {
						return nil, err
					}
				}
				continue
			}
			if tok == tokStart {
				from := len(t.data)
				if t.data, err = s.richText(t.data, "si"); err != nil {
					return nil, err
				}
				text, err := unescape(t.data[from:])
				if err != nil {
					return nil, err
				}
				if err := checkLength(text); err != nil {
					return nil, err
				}
				t.data = t.data[:from+len(text)]
			}
			t.ends = append(t.ends, uint32(len(t.data)))
		}
	}
	return t, s.finish()
}

// root passes over what stands before the root element, and checks its name.
// It is false if the root element is empty.
func (s *scanner) root(name string) (open bool, err error) {
	for {
		tok, err := s.next()
		if err != nil {
			return false, err
		}
		switch tok {
		case tokStart, tokEmpty:
			if string(s.name) != name {
				return false, malformed("root element <%s> instead of <%s>", s.name, name)
			}
			return tok == tokStart, nil
		case tokText:
			if isBlank(s.text) {
				continue
			}
		case tokEOF:
			return false, errCut
		}
		return false, malformed("something else before the root element <%s>", name)
	}
}

// finish reads to the end of the input, where only white space may stand.
func (s *scanner) finish() error {
	for {
		tok, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case tok == tokEOF:
			return nil
		case tok == tokText && isBlank(s.text):
		default:
			return malformed("something behind the root element")
		}
	}
}

// richText appends the text of an <si> or <is> whose start tag was the last
// token, and reads its end tag. Phonetic guides are left out.
func (s *scanner) richText(dst []byte, name string) ([]byte, error) {
	from, runs := len(dst), 0
	for {
		tok, err := s.next()
		if err != nil {
			return dst, err
		}
		switch tok {
		case tokEOF:
			return dst, errCut
		case tokText, tokCDATA:
			if !isBlank(s.text) {
				return dst, malformed("text in <%s> outside <t>", name)
			}
		case tokStart:
			switch string(s.name) {
			case "t":
				dst, err = s.plainText(dst, from, "t")
			case "r":
				runs++
				continue
			default: // rPr, rPh, phoneticPr
				err = s.skip()
			}
			if err != nil {
				return dst, err
			}
		case tokEnd:
			if runs > 0 && string(s.name) == "r" {
				runs--
				continue
			}
			if runs > 0 || string(s.name) != name {
				return dst, malformed("<%s> is closed by </%s>", name, s.name)
			}
			return dst, nil
		}
	}
}

// maxEscaped bounds the bytes of a cell before unescape has made them fewer.
const maxEscaped = escapeLen * sheet.MaxCell

// plainText appends the text up to the end tag of name. The cell's text begins
// at dst[from].
func (s *scanner) plainText(dst []byte, from int, name string) ([]byte, error) {
	for {
		tok, err := s.next()
		if err != nil {
			return dst, err
		}
		switch tok {
		case tokEOF:
			return dst, errCut
		case tokText, tokCDATA:
			if dst, err = appendText(dst, s.text, tok == tokCDATA); err != nil {
				return dst, err
			}
			if len(dst)-from > maxEscaped {
				return dst, errCell
			}
		case tokEnd:
			if string(s.name) != name {
				return dst, malformed("<%s> is closed by </%s>", name, s.name)
			}
			return dst, nil
		default:
			return dst, malformed("<%s> inside <%s>", s.name, name)
		}
	}
}
