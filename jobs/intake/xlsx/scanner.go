package xlsx

import (
	"bytes"
	"io"
	"slices"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// token is what the scanner found.
type token uint8

const (
	tokEOF   token = iota // the reader gave io.EOF, so the zip entry is whole
	tokStart              // <name attrs>
	tokEmpty              // <name attrs/>
	tokEnd                // </name>
	tokText               // text, entities not yet decoded
	tokCDATA              // the inside of <![CDATA[ ]]>
)

const (
	windowSize = 64 << 10
	// maxToken bounds one tag or text: a cell of sheet.MaxCell characters, each
	// written as the longest character reference of ten bytes, fits three times.
	maxToken = 1 << 20
)

// bom is the byte order mark of UTF-8.
const bom = "\xEF\xBB\xBF"

// scanner splits XML, in UTF-8 or UTF-16, into tags and texts over one reused window. It knows
// no more of XML than worksheets and shared strings need: names are given
// without their prefix, comments and processing instructions are passed over,
// a DOCTYPE is refused. Slices it gives are valid until the next call.
type scanner struct {
	r        io.Reader
	buf      []byte
	pos, end int // buf[pos:end] is not yet used
	eof      bool
	begun    bool
	wide     bool // the input is UTF-16

	name  []byte // local name of the last tag
	attrs []byte // what stands behind the name in the last start tag
	text  []byte // of the last text or CDATA
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, windowSize)}
}

// fill reads more behind buf[end], moving buf[pos:end] to the front where there
// is no room. It gives false at the end of the input.
func (s *scanner) fill() (bool, error) {
	if s.eof {
		return false, nil
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxToken {
			return false, errToken
		}
		grown := make([]byte, 2*len(s.buf))
		copy(grown, s.buf[:s.end])
		s.buf = grown
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
			return n > 0, nil
		}
		if err != nil {
			return false, err
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, io.ErrNoProgress
}

// need makes n bytes from pos on available; errCut if the input ends before.
func (s *scanner) need(n int) error {
	for s.end-s.pos < n {
		ok, err := s.fill()
		if err != nil {
			return err
		}
		if !ok {
			return errCut
		}
	}
	return nil
}

// index gives the place, counted from pos, of c at or behind from. Without c in
// the rest of the input it is -1.
func (s *scanner) index(from int, c byte) (int, error) {
	for {
		if from < s.end-s.pos {
			if i := bytes.IndexByte(s.buf[s.pos+from:s.end], c); i >= 0 {
				return from + i, nil
			}
			from = s.end - s.pos
		}
		ok, err := s.fill()
		if err != nil {
			return 0, err
		}
		if !ok {
			return -1, nil
		}
	}
}

// begin passes over a byte order mark, and has UTF-16 decoded. XML knows these
// two encodings without a declaration, and so does OPC.
func (s *scanner) begin() error {
	s.begun = true
	for s.end-s.pos < len(bom) {
		ok, err := s.fill()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
	}
	b := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(b, []byte(bom)):
		s.pos += len(bom)
	case len(b) > 0 && bytes.HasPrefix([]byte(bom), b):
		return errCut
	case bytes.HasPrefix(b, []byte("\xFE\xFF")), bytes.HasPrefix(b, []byte("\x00<")):
		s.decode(unicode.BigEndian)
	case bytes.HasPrefix(b, []byte("\xFF\xFE")), bytes.HasPrefix(b, []byte("<\x00")):
		s.decode(unicode.LittleEndian)
	}
	return nil
}

// decode has the input, from what is in the window on, decoded from UTF-16.
func (s *scanner) decode(order unicode.Endianness) {
	read := bytes.NewReader(bytes.Clone(s.buf[s.pos:s.end]))
	s.r = transform.NewReader(io.MultiReader(read, s.r), unicode.UTF16(order, unicode.UseBOM).NewDecoder())
	s.pos, s.end, s.eof, s.wide = 0, 0, false, true
}

// next gives the next token.
func (s *scanner) next() (token, error) {
	if !s.begun {
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	for {
		if s.pos == s.end {
			ok, err := s.fill()
			if err != nil {
				return 0, err
			}
			if !ok {
				return tokEOF, nil
			}
		}
		if s.buf[s.pos] != '<' {
			i, err := s.index(0, '<')
			if err != nil {
				return 0, err
			}
			if i < 0 {
				// No element may end without a tag, and nothing but white space
				// may stand behind the last one.
				if i = s.end - s.pos; !isBlank(s.buf[s.pos:s.end]) {
					return 0, errCut
				}
			}
			s.text = s.buf[s.pos : s.pos+i]
			s.pos += i
			return tokText, nil
		}
		if err := s.need(2); err != nil {
			return 0, err
		}
		switch s.buf[s.pos+1] {
		case '?':
			if err := s.instruction(); err != nil {
				return 0, err
			}
		case '!':
			cdata, err := s.declaration()
			if err != nil {
				return 0, err
			}
			if cdata {
				return tokCDATA, nil
			}
		default:
			return s.tag()
		}
	}
}

// tag reads the tag at pos.
func (s *scanner) tag() (token, error) {
	i, err := s.tagEnd()
	if err != nil {
		return 0, err
	}
	b := s.buf[s.pos+1 : s.pos+i]
	s.pos += i + 1
	tok := tokStart
	switch {
	case len(b) > 0 && b[0] == '/':
		tok = tokEnd
		b = b[1:]
	case len(b) > 0 && b[len(b)-1] == '/':
		tok = tokEmpty
		b = b[:len(b)-1]
	}
	n, local := 0, 0
	for n < len(b) && !isSpace(b[n]) {
		if b[n] == ':' {
			local = n + 1
		}
		n++
	}
	s.name, s.attrs = b[local:n], b[n:]
	if len(s.name) == 0 {
		return 0, malformed("a tag without a name")
	}
	return tok, nil
}

// tagEnd gives the place, counted from pos, of the > that ends the tag at pos. A
// > inside quotes does not.
func (s *scanner) tagEnd() (int, error) {
	quote := byte(0)
	for i := 1; ; {
		// Nearly all tags are in the window whole, and all time is spent here.
		for _, c := range s.buf[s.pos+i : s.end] {
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '>':
				return i, nil
			case c == '"' || c == '\'':
				quote = c
			case c == '<':
				return 0, malformed("< inside a tag")
			}
			i++
		}
		if err := s.need(i + 1); err != nil {
			return 0, err
		}
	}
}

// instruction passes over <? ?> and refuses a declared charset that is not what
// the input has.
func (s *scanner) instruction() error {
	b, err := s.until(2, "?>")
	if err != nil {
		return err
	}
	if rest, ok := bytes.CutPrefix(b, []byte("xml")); ok && len(rest) > 0 && isSpace(rest[0]) {
		a := attributes{rest: rest}
		for a.next() {
			if string(a.name) == "encoding" && !s.isCharset(a.value) {
				return errCharset
			}
		}
		return a.err
	}
	return nil
}

func (s *scanner) isCharset(name []byte) bool {
	names := []string{"utf-8", "us-ascii"}
	if s.wide {
		names = []string{"utf-16", "utf-16le", "utf-16be"}
	}
	return slices.Contains(names, string(bytes.ToLower(name)))
}

// declaration reads a comment (false) or a CDATA section (true).
func (s *scanner) declaration() (bool, error) {
	if err := s.need(4); err != nil {
		return false, err
	}
	if string(s.buf[s.pos:s.pos+4]) == "<!--" {
		_, err := s.until(4, "-->")
		return false, err
	}
	const open = "<![CDATA["
	if string(s.buf[s.pos:s.pos+3]) != open[:3] {
		return false, malformed("a DOCTYPE")
	}
	if err := s.need(len(open)); err != nil {
		return false, err
	}
	if string(s.buf[s.pos:s.pos+len(open)]) != open {
		return false, malformed("an unknown declaration")
	}
	b, err := s.until(len(open), "]]>")
	s.text = b
	return true, err
}

// until gives what stands from pos+from up to end, and moves behind end.
func (s *scanner) until(from int, end string) ([]byte, error) {
	for i := from; ; i++ {
		var err error
		if i, err = s.index(i, end[0]); err != nil {
			return nil, err
		}
		if i < 0 {
			return nil, errCut
		}
		if err := s.need(i + len(end)); err != nil {
			return nil, err
		}
		if string(s.buf[s.pos+i:s.pos+i+len(end)]) == end {
			b := s.buf[s.pos+from : s.pos+i]
			s.pos += i + len(end)
			return b, nil
		}
	}
}

// skip passes over the rest of the element whose start tag was the last token.
func (s *scanner) skip() error {
	name := string(s.name)
	for depth := 1; depth > 0; {
		tok, err := s.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return errCut
		case tokStart:
			depth++
		case tokEnd:
			depth--
		}
	}
	if string(s.name) != name {
		return malformed("<%s> is closed by </%s>", name, s.name)
	}
	return nil
}

// attributes goes through the attributes of a tag.
type attributes struct {
	rest        []byte
	name, value []byte // value with its entities not decoded
	err         error
}

func (a *attributes) next() bool {
	b := a.rest
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 {
		return false
	}
	i := 0
	for i < len(b) && b[i] != '=' && !isSpace(b[i]) {
		i++
	}
	a.name = b[:i]
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) || b[i] != '=' || len(a.name) == 0 {
		a.err = malformed("an attribute without a value")
		return false
	}
	for i++; i < len(b) && isSpace(b[i]); i++ {
	}
	if i == len(b) || b[i] != '"' && b[i] != '\'' {
		a.err = malformed("an attribute without quotes")
		return false
	}
	quote := b[i]
	b = b[i+1:]
	for i = 0; i < len(b) && b[i] != quote; i++ {
	}
	if i == len(b) {
		a.err = malformed("an attribute without its closing quote")
		return false
	}
	a.value, a.rest = b[:i], b[i+1:]
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// isBlank tells whether b is white space only.
func isBlank(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return false
		}
	}
	return true
}
