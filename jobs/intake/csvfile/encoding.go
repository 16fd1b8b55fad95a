package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"doudi/jobs/intake/sheet"
)

const (
	bom8  = "\xEF\xBB\xBF"
	bomLE = "\xFF\xFE"
	bomBE = "\xFE\xFF"
	bomGB = "\x84\x31\x95\x33"

	// ctrlZ ends text files of DOS programs; FoxPro still writes it.
	ctrlZ = 0x1A
)

// census counts what tells encodings apart.
type census struct {
	size     int64
	two      int64         // UTF-8 sequences of two bytes
	kinds    map[rune]bool // the first of them that differ
	signs    int64         // those of them that are ° ± · × ÷ § ¨
	more     int64         // UTF-8 sequences of three and four bytes
	bad      int64         // bytes that are no UTF-8
	replaced int64         // U+FFFD
	nul      int64
	control  int64 // C0 controls that no text has
	cut      bool  // the last character is not whole
}

// manyKinds: one in six common characters of GBK looks like UTF-8 of two bytes.
// So many that differ, and nothing else, are no chance.
const manyKinds = 8

// take counts the contents of r, which begins behind a byte order mark.
func (c *census) take(r io.Reader) error {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		c.size += int64(n)
		b := buf[:kept+n]
		if err != nil && err != io.EOF {
			return err
		}
		used := c.count(b, err == io.EOF)
		kept = copy(buf, b[used:])
		if err == io.EOF {
			return nil
		}
	}
}

// count counts b and gives how many bytes it used: at the end all, else all but
// a sequence that may go on.
func (c *census) count(b []byte, end bool) int {
	for i := 0; i < len(b); {
		ch := b[i]
		if ch < utf8.RuneSelf {
			if ch < ' ' {
				switch ch {
				case 0:
					c.nul++
				case '\t', '\n', '\v', '\f', '\r', ctrlZ:
				default:
					c.control++
				}
			}
			i++
			continue
		}
		if !end && !utf8.FullRune(b[i:]) {
			return i
		}
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			c.bad++
			c.cut = c.cut || !utf8.FullRune(b[i:])
		case r == utf8.RuneError:
			c.replaced++
		case n == 2:
			c.two++
			if len(c.kinds) < manyKinds {
				if c.kinds == nil {
					c.kinds = map[rune]bool{}
				}
				c.kinds[r] = true
			}
			switch r {
			case '°', '±', '·', '×', '÷', '§', '¨':
				c.signs++
			}
		default:
			c.more++
		}
		i += n
	}
	return len(b)
}

// finding is what a look at the whole file gave.
type finding struct {
	enc     encoding.Encoding // nil for UTF-8
	skip    int64             // bytes of byte order mark to pass over
	garbled error             // some characters are broken; else nil
}

// detect looks at the whole file and gives its encoding. What is no text is
// refused.
func detect(r io.ReaderAt, size int64) (finding, error) {
	head := make([]byte, min(size, 4))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return finding{}, fmt.Errorf("read the first bytes: %w", err)
	}
	f, marked := byMark(head)
	if size == f.skip {
		return f, sheet.Refuse(sheet.CodeFormat, "文件是空的。请重新导出后再导入。", nil)
	}
	body := func() io.Reader { return io.NewSectionReader(r, f.skip, size-f.skip) }
	decode := func(enc encoding.Encoding) (finding, error) {
		garbled, err := checkDecoded(enc, body())
		return finding{enc: enc, skip: f.skip, garbled: garbled}, err
	}
	if f.enc != nil {
		if isUTF16(f.enc) && (size-f.skip)%2 != 0 {
			return f, errHalf(nil)
		}
		return decode(f.enc)
	}
	var c census
	if err := c.take(body()); err != nil {
		return f, fmt.Errorf("read the text: %w", err)
	}
	if err := c.binary(); err != nil {
		return f, err
	}
	switch {
	case c.bad == 0 && (marked || c.more > 0 || c.two == c.signs || len(c.kinds) >= manyKinds):
		f.garbled = c.broken()
		return f, nil
	case c.bad == 0:
		// A few characters of two bytes only, as in the GBK text 联通. Chinese in
		// UTF-8 has three, so this is far more likely Chinese in GBK than Greek.
		if gb, err := decode(simplifiedchinese.GB18030); err == nil && gb.garbled == nil {
			return gb, nil
		}
		f.garbled = c.broken()
		return f, nil
	case marked || c.bad <= c.more:
		// Mostly Chinese in UTF-8 with damaged places. As GB18030 it would give
		// wrong characters without any error.
		if c.cut && c.bad < utf8.UTFMax {
			return f, errHalf(fmt.Errorf("%d bytes of a character at the end", c.bad))
		}
		f.garbled = fmt.Errorf("%d bytes are no UTF-8", c.bad)
		return f, nil
	}
	return decode(simplifiedchinese.GB18030)
}

// byMark tells the encoding by its byte order mark. Without a mark it gives UTF-8.
func byMark(head []byte) (f finding, marked bool) {
	for _, m := range []struct {
		mark string
		enc  encoding.Encoding
	}{
		{bom8, nil},
		{bomLE, utf16LE},
		{bomBE, utf16BE},
		{bomGB, simplifiedchinese.GB18030},
	} {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return finding{enc: m.enc, skip: int64(len(m.mark))}, true
		}
	}
	return finding{}, false
}

var (
	utf16LE = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16BE = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

func isUTF16(enc encoding.Encoding) bool { return enc == utf16LE || enc == utf16BE }

// checkDecoded decodes r to its end. It gives what is broken in the text, and
// refuses what is no text or ends in half a character.
func checkDecoded(enc encoding.Encoding, r io.Reader) (garbled, err error) {
	var c census
	last := &lastRune{}
	if err := c.take(io.TeeReader(transform.NewReader(r, enc.NewDecoder()), last)); err != nil {
		if errors.Is(err, transform.ErrShortSrc) {
			return nil, errHalf(err)
		}
		return nil, fmt.Errorf("decode the text: %w", err)
	}
	if err := c.binary(); err != nil {
		return nil, err
	}
	if c.replaced == 1 && last.broken() {
		return nil, errHalf(nil)
	}
	return c.broken(), nil
}

// lastRune keeps the end of what is written to it.
type lastRune struct{ tail []byte }

func (l *lastRune) Write(b []byte) (int, error) {
	l.tail = append(l.tail, b[max(0, len(b)-utf8.UTFMax):]...)
	l.tail = append(l.tail[:0], l.tail[max(0, len(l.tail)-utf8.UTFMax):]...)
	return len(b), nil
}

// broken tells whether the text ends with U+FFFD, which decoders give for half a
// character.
func (l *lastRune) broken() bool { return bytes.HasSuffix(l.tail, []byte("\uFFFD")) }

// broken says that there are characters that were lost before the text came.
func (c *census) broken() error {
	if c.replaced > 0 || c.bad > 0 {
		return fmt.Errorf("%d characters are U+FFFD or undecodable", c.replaced+c.bad)
	}
	return nil
}

// binary refuses what is no text. A rare stray control character in a field is
// left for the row check.
func (c *census) binary() error {
	switch {
	case c.nul > 0:
		return sheet.Refuse(sheet.CodeFormat, "文件里有空字节，不是文本表格，或是没有编码标记的 Unicode（UTF-16）文本。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", fmt.Errorf("%d NUL bytes", c.nul))
	case c.control*1000 > c.size:
		return sheet.Refuse(sheet.CodeFormat, "文件不是表格，也不是文本。请导入 .xlsx 或 .csv 表格。", fmt.Errorf("%d control characters in %d bytes", c.control, c.size))
	}
	return nil
}

// errHalf refuses a text that ends inside a character.
func errHalf(err error) error {
	return sheet.Refuse(sheet.CodeTruncated, "文件在半个字符处中断，可能没有传完。请重新导出或重新拷贝后再导入。", err)
}

// errGarbled refuses broken text; place says in Chinese where it is.
func errGarbled(place string, err error) error {
	return sheet.Refuse(sheet.CodeEncoding, place+"有乱码（无法识别的字符）。请从原系统重新导出为 .xlsx 或 UTF-8 编码的 .csv 后再导入。", err)
}
