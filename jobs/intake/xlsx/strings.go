package xlsx

import (
	"errors"
	"io"

	"doudi/jobs/intake/sheet"
)

// perBlock is how many shared strings stand in one piece of memory.
const perBlock = 64

// stringBlock holds strings that follow each other: their texts in one piece,
// and where each ends.
type stringBlock struct {
	text string
	ends [perBlock]uint32
}

// sharedStrings holds the strings that cells refer to by number. Cells are given
// pieces of the blocks, so that no text is copied, and whoever keeps a cell keeps
// one block and not the whole table. It takes less memory than the part has
// bytes unpacked: an entry of five bytes here has at least five there.
type sharedStrings struct {
	blocks []*stringBlock
	n      int
	broken map[int]error // strings that must not be read, by number

	filling *stringBlock
	text    []byte // of the block that is being filled
}

// maxBroken: a table with more broken strings is refused without looking at who
// uses them.
const maxBroken = 1000

// get is string i. The error says that there is none, or what is wrong with it.
func (t *sharedStrings) get(i int) (string, error) {
	if i < 0 || i >= t.n {
		return "", malformed("shared string %d of %d", i, t.n)
	}
	if len(t.broken) > 0 {
		if err := t.broken[i]; err != nil {
			return "", err
		}
	}
	b := t.blocks[i/perBlock]
	from := uint32(0)
	if i%perBlock > 0 {
		from = b.ends[i%perBlock-1]
	}
	return b.text[from:b.ends[i%perBlock]], nil
}

// end makes what was appended to t.text the next string.
func (t *sharedStrings) end() {
	if t.filling == nil {
		t.filling = &stringBlock{}
	}
	t.filling.ends[t.n%perBlock] = uint32(len(t.text))
	if t.n++; t.n%perBlock == 0 {
		t.flush()
	}
}

// flush puts the block that is being filled with the others.
func (t *sharedStrings) flush() {
	if t.filling != nil {
		t.filling.text = string(t.text)
		t.blocks = append(t.blocks, t.filling)
		t.filling, t.text = nil, t.text[:0]
	}
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
				if err := t.read(s); err != nil {
					return nil, err
				}
			}
			t.end()
		}
	}
	t.flush()
	t.text = nil
	return t, s.finish()
}

// read reads the <si> whose start tag was the last token. A text that is broken
// or too long is refused only where a cell uses it: there its place is known.
func (t *sharedStrings) read(s *scanner) error {
	from := len(t.text)
	var wrong error
	var err error
	t.text, err = s.richText(t.text, "si", &wrong)
	if err != nil {
		return err
	}
	text := t.text[from:]
	if wrong == nil {
		text, wrong = unescape(text)
	}
	if wrong == nil {
		wrong = checkLength(text)
	}
	if wrong == nil {
		t.text = t.text[:from+len(text)]
		return nil
	}
	if len(t.broken) >= maxBroken {
		return wrong
	}
	if t.broken == nil {
		t.broken = map[int]error{}
	}
	t.broken[t.n] = wrong
	t.text = t.text[:from]
	return nil
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
// token, and reads its end tag. Phonetic guides are left out. What is wrong with
// the text alone, so that the reading can go on, is put into wrong.
func (s *scanner) richText(dst []byte, name string, wrong *error) ([]byte, error) {
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
				dst, err = s.plainText(dst, from, "t", wrong)
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
// at dst[from]. Broken text and text that is too long go into wrong.
func (s *scanner) plainText(dst []byte, from int, name string, wrong *error) ([]byte, error) {
	for {
		tok, err := s.next()
		if err != nil {
			return dst, err
		}
		switch tok {
		case tokEOF:
			return dst, errCut
		case tokText, tokCDATA:
			if *wrong != nil {
				continue
			}
			dst, err = appendText(dst, s.text, tok == tokCDATA)
			switch {
			case errors.Is(err, errText):
				*wrong = err
			case err != nil:
				return dst, err
			case len(dst)-from > maxEscaped:
				*wrong = errCell
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
