package xlsx

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

// appendText appends the text raw to dst, decoded as XML: entities (not in a
// CDATA section) and line ends. It gives errText for text that was broken
// before it was written, errXML for an unknown entity.
func appendText(dst, raw []byte, cdata bool) ([]byte, error) {
	done := 0 // raw[:done] is in dst
	for i := plainPrefix(raw); i < len(raw); {
		c := raw[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError {
				return dst, errText
			}
			i += n
		case c == '&' && !cdata:
			r, n, err := entity(raw[i:])
			if err != nil {
				return dst, err
			}
			dst = utf8.AppendRune(append(dst, raw[done:i]...), r)
			i += n
			done = i
		case c == '\r':
			dst = append(append(dst, raw[done:i]...), '\n')
			i++
			if i < len(raw) && raw[i] == '\n' {
				i++
			}
			done = i
		case c < ' ' && c != '\n' && c != '\t':
			return dst, errText
		default:
			i++
		}
	}
	return append(dst, raw[done:]...), nil
}

// plainPrefix is the length of the printable ASCII at the start of b that stands
// for itself: of numbers and IDs, all.
func plainPrefix(b []byte) int {
	for i, c := range b {
		if c < ' ' || c >= utf8.RuneSelf || c == '&' {
			return i
		}
	}
	return len(b)
}

// entity decodes the entity at the start of b and gives its length.
func entity(b []byte) (rune, int, error) {
	// The longest is &#x10FFFF; and leading zeros do no harm up to here.
	end := bytes.IndexByte(b[:min(len(b), 16)], ';')
	if end < 0 {
		return 0, 0, malformed("an & that begins no entity")
	}
	switch name := b[1:end]; string(name) {
	case "amp":
		return '&', end + 1, nil
	case "lt":
		return '<', end + 1, nil
	case "gt":
		return '>', end + 1, nil
	case "quot":
		return '"', end + 1, nil
	case "apos":
		return '\'', end + 1, nil
	}
	if end < 3 || b[1] != '#' {
		return 0, 0, malformed("an unknown entity")
	}
	digits, base := b[2:end], uint32(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, 0, malformed("a character reference without digits")
	}
	var r uint32
	for _, c := range digits {
		d := hexDigit(c)
		if d >= base {
			return 0, 0, malformed("a character reference with a bad digit")
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, 0, malformed("a character reference beyond Unicode")
		}
	}
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
		return 0, 0, malformed("a character reference that XML forbids")
	}
	if !utf8.ValidRune(rune(r)) || r == utf8.RuneError {
		return 0, 0, errText
	}
	return rune(r), end + 1, nil
}

// hexDigit is the value of c, or a large number.
func hexDigit(c byte) uint32 {
	switch {
	case '0' <= c && c <= '9':
		return uint32(c - '0')
	case 'a' <= c && c <= 'f':
		return uint32(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return uint32(c-'A') + 10
	}
	return 1 << 16
}

// escapeLen is the length of _xHHHH_, Excel's escape for a UTF-16 unit.
const escapeLen = 7

// escape reads the escape at the start of b.
func escape(b []byte) (rune, bool) {
	if len(b) < escapeLen || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	var v uint32
	for _, c := range b[2:6] {
		d := hexDigit(c)
		if d > 15 {
			return 0, false
		}
		v = v<<4 | d
	}
	return rune(v), true
}

// unescape replaces the escapes of b in place, which can only make it shorter.
// A surrogate without its partner is errText.
func unescape(b []byte) ([]byte, error) {
	i := bytes.Index(b, []byte("_x"))
	if i < 0 {
		return b, nil
	}
	out := b[:i]
	for i < len(b) {
		r, ok := escape(b[i:])
		if !ok {
			out = append(out, b[i])
			i++
			continue
		}
		i += escapeLen
		if utf16.IsSurrogate(r) {
			low, _ := escape(b[i:])
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += escapeLen
			}
		}
		if r == utf8.RuneError {
			return b, errText
		}
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// checkLength gives errCell if b has more characters than a cell may have.
func checkLength(b []byte) error {
	if len(b) > sheet.MaxCell && utf8.RuneCount(b) > sheet.MaxCell {
		return errCell
	}
	return nil
}
