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

	// ctrlZ ends text files of DOS programs; FoxPro still writes it.
	ctrlZ = 0x1A
)

// census counts what tells encodings apart.
type census struct {
	size     int64
	two      int64 // UTF-8 sequences of two bytes
	signs    int64 // those of them that are ° ± · × ÷ § ¨
	more     int64 // UTF-8 sequences of three and four bytes
	bad      int64 // bytes that are no UTF-8
	replaced int64 // U+FFFD
	nul      int64
	control  int64 // C0 controls that no text has
}

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
		case r == utf8.RuneError:
			c.replaced++
		case n == 2:
			c.two++
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

// detect looks at the whole file and gives its encoding, nil for UTF-8, and how
// many bytes of byte order mark to pass over. Broken text is refused.
func detect(r io.ReaderAt, size int64) (enc encoding.Encoding, skip int64, err error) {
	head := make([]byte, min(size, 3))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, 0, fmt.Errorf("read the first bytes: %w", err)
	}
	marked := true
	switch {
	case bytes.HasPrefix(head, []byte(bom8)):
		skip = int64(len(bom8))
	case bytes.HasPrefix(head, []byte(bomLE)):
		enc, skip = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), int64(len(bomLE))
	case bytes.HasPrefix(head, []byte(bomBE)):
		enc, skip = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), int64(len(bomBE))
	default:
		marked = false
	}
	if size == skip {
		return nil, 0, sheet.Refuse(sheet.CodeFormat, "文件是空的。请重新导出后再导入。", nil)
	}
	body := func() io.Reader { return io.NewSectionReader(r, skip, size-skip) }
	if enc != nil {
		return enc, skip, checkDecoded(enc, body())
	}
	var c census
	if err := c.take(body()); err != nil {
		return nil, 0, fmt.Errorf("read the text: %w", err)
	}
	if err := c.binary(); err != nil {
		return nil, 0, err
	}
	switch {
	case c.bad == 0 && (marked || c.more > 0 || c.two == c.signs):
		return nil, skip, c.broken()
	case c.bad == 0:
		// Characters of two bytes only, as in the GBK text 联通. Chinese in UTF-8
		// has three, so this is far more likely Chinese in GBK than Greek.
		if checkDecoded(simplifiedchinese.GB18030, body()) == nil {
			return simplifiedchinese.GB18030, 0, nil
		}
		return nil, skip, c.broken()
	case marked || c.bad <= c.more:
		// Mostly Chinese in UTF-8 with damaged places. As GB18030 it would give
		// wrong characters without any error.
		return nil, 0, errGarbled(fmt.Errorf("%d bytes are no UTF-8", c.bad))
	}
	return simplifiedchinese.GB18030, 0, checkDecoded(simplifiedchinese.GB18030, body())
}

// checkDecoded decodes r to its end and refuses broken text.
func checkDecoded(enc encoding.Encoding, r io.Reader) error {
	var c census
	if err := c.take(transform.NewReader(r, enc.NewDecoder())); err != nil {
		if errors.Is(err, transform.ErrShortSrc) {
			return errGarbled(err)
		}
		return fmt.Errorf("decode the text: %w", err)
	}
	if err := c.binary(); err != nil {
		return err
	}
	return c.broken()
}

// broken refuses text with characters that were lost before it came.
func (c *census) broken() error {
	if c.replaced > 0 || c.bad > 0 {
		return errGarbled(fmt.Errorf("%d characters are U+FFFD or undecodable", c.replaced+c.bad))
	}
	return nil
}

// binary refuses what is no text. A rare stray control character in a field is
// left for the row check.
func (c *census) binary() error {
	switch {
	case c.nul > 0:
		return sheet.Refuse(sheet.CodeFormat, "文件里有空字节，不是文本表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", fmt.Errorf("%d NUL bytes", c.nul))
	case c.control*1000 > c.size:
		return sheet.Refuse(sheet.CodeFormat, "文件不是表格，也不是文本。请导入 .xlsx 或 .csv 表格。", fmt.Errorf("%d control characters in %d bytes", c.control, c.size))
	}
	return nil
}

func errGarbled(err error) error {
	return sheet.Refuse(sheet.CodeEncoding, "文件里有乱码（无法识别的字符）。请从原系统重新导出为 .xlsx 或 UTF-8 编码的 .csv 后再导入。", err)
}
