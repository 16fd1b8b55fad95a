package biff

import (
	"math"
	"unicode/utf16"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

// Flags of a string.
const (
	flagWide     = 0x01 // two bytes a character
	flagPhonetic = 0x04
	flagRich     = 0x08
)

// fields reads the fields of a record that may run on into CONTINUE records.
type fields struct {
	rec *records
	b   []byte // what is left of the current record
}

// more goes on to the CONTINUE record that must follow.
func (f *fields) more() error {
	ok, err := f.rec.continued()
	if err == nil && !ok {
		err = malformed("record %04X ends inside a field", f.rec.id)
	}
	f.b = f.rec.body
	return err
}

// another tells whether anything is left, in this record or a CONTINUE.
func (f *fields) another() (bool, error) {
	for len(f.b) == 0 {
		ok, err := f.rec.continued()
		if err != nil || !ok {
			return false, err
		}
		f.b = f.rec.body
	}
	return true, nil
}

// number reads an unsigned number of n bytes.
func (f *fields) number(n int) (uint32, error) {
	var v uint32
	for i := range n {
		for len(f.b) == 0 {
			if err := f.more(); err != nil {
				return 0, err
			}
		}
		v |= uint32(f.b[0]) << (8 * i)
		f.b = f.b[1:]
	}
	return v, nil
}

// skip passes over n bytes.
func (f *fields) skip(n int64) error {
	for n > int64(len(f.b)) {
		n -= int64(len(f.b))
		if err := f.more(); err != nil {
			return err
		}
	}
	f.b = f.b[n:]
	return nil
}

// chars appends count characters in UTF-8. A CONTINUE record within them begins
// with their width from there on.
func (f *fields) chars(dst []byte, count int, flags byte) ([]byte, error) {
	d := decoder{dst: dst}
	for {
		size := 1 + int(flags&flagWide)
		n := min(count, len(f.b)/size)
		if err := d.decode(f.b[:n*size], size); err != nil {
			return dst, err
		}
		f.b = f.b[n*size:]
		if count -= n; count == 0 {
			return d.finish()
		}
		if len(f.b) > 0 {
			return dst, malformed("half a character in record %04X", f.rec.id)
		}
		if err := f.more(); err != nil {
			return dst, err
		}
		if len(f.b) == 0 {
			return dst, malformed("an empty record inside a string")
		}
		flags, f.b = f.b[0], f.b[1:]
	}
}

// text appends a string with a length of two bytes, and passes over its
// formatting runs and phonetic guides.
func (f *fields) text(dst []byte) ([]byte, error) {
	count, err := f.number(2)
	if err != nil {
		return dst, err
	}
	flags, err := f.number(1)
	if err != nil {
		return dst, err
	}
	var behind int64
	if flags&flagRich != 0 {
		n, err := f.number(2)
		if err != nil {
			return dst, err
		}
		behind = int64(n) * 4
	}
	if flags&flagPhonetic != 0 {
		n, err := f.number(4)
		if err != nil {
			return dst, err
		}
		behind += int64(n)
	}
	if dst, err = f.chars(dst, int(count), byte(flags)); err != nil {
		return dst, err
	}
	return dst, f.skip(behind)
}

// short appends a string with a length of one byte, which has nothing behind it.
func (f *fields) short(dst []byte) ([]byte, error) {
	count, err := f.number(1)
	if err != nil {
		return dst, err
	}
	flags, err := f.number(1)
	if err != nil {
		return dst, err
	}
	return f.chars(dst, int(count), byte(flags))
}

// decoder turns characters of either width into UTF-8.
type decoder struct {
	dst  []byte
	high rune // the first half of a pair that may be divided between records
}

func (d *decoder) decode(b []byte, size int) error {
	for ; len(b) > 0; b = b[size:] {
		r := rune(b[0])
		if size == 2 {
			r |= rune(b[1]) << 8
		}
		switch {
		case d.high != 0:
			if r = utf16.DecodeRune(d.high, r); r == utf8.RuneError {
				return errText
			}
			d.high = 0
		case utf16.IsSurrogate(r):
			d.high = r
			continue
		case r == 0, r == utf8.RuneError:
			return errText
		}
		d.dst = utf8.AppendRune(d.dst, r)
	}
	return nil
}

func (d *decoder) finish() ([]byte, error) {
	if d.high != 0 {
		return d.dst, errText
	}
	return d.dst, nil
}

// texts holds many strings in few pieces of memory. Pieces are never moved, so
// that growing does not need the memory twice.
type texts struct {
	pieces [][]byte
	refs   []textRef
	size   int
}

type textRef struct{ piece, from, length uint32 }

const (
	// Pieces grow with what is there already: most books are small.
	minPiece = 256 << 10
	maxPiece = 4 << 20
	// longest is the most bytes that a length of 16 bits can ask for.
	longest = 3 * math.MaxUint16
)

func (t *texts) len() int { return len(t.refs) }

// add takes the string that read appends to what it is given.
func (t *texts) add(read func(dst []byte) ([]byte, error)) error {
	last := len(t.pieces) - 1
	if last < 0 || cap(t.pieces[last])-len(t.pieces[last]) < longest {
		t.pieces = append(t.pieces, make([]byte, 0, min(max(t.size, minPiece), maxPiece)))
		last++
	}
	from := len(t.pieces[last])
	b, err := read(t.pieces[last])
	if err != nil {
		return err
	}
	n := len(b) - from
	if n > sheet.MaxCell && utf8.RuneCount(b[from:]) > sheet.MaxCell {
		return errCell
	}
	t.size += n
	if t.size > maxText || len(t.refs) >= maxStrings {
		return errLarge
	}
	t.pieces[last] = b
	t.refs = append(t.refs, textRef{uint32(last), uint32(from), uint32(n)})
	return nil
}

func (t *texts) get(i int) []byte {
	r := t.refs[i]
	return t.pieces[r.piece][r.from : r.from+r.length]
}
