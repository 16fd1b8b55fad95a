package xlsx

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// maxStyles bounds the cell formats of a book; Excel itself allows 65490.
const maxStyles = 1 << 17

// builtinDate tells whether a built-in number format shows a day. The formats
// of a pure time (18-21, 32-35, 45-47, 55-56) do not.
func builtinDate(id int) bool {
	switch {
	case 14 <= id && id <= 17, id == 22, 27 <= id && id <= 31, id == 36, 50 <= id && id <= 54, id == 57, id == 58:
		return true
	}
	return false
}

// styles tells by the s attribute of a cell whether its number is a day.
type styles []bool

func (st styles) date(i int) bool { return i < len(st) && st[i] }

// readStyles reads styles.xml. The cell formats refer to the number formats,
// which stand before them.
func readStyles(r io.Reader) (styles, error) {
	custom := map[int]bool{}
	var st styles
	inCells := false
	err := elements(r, "styleSheet", func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			id, err := strconv.Atoi(attr(e, "numFmtId"))
			if err != nil {
				return malformed("numFmtId %q", attr(e, "numFmtId"))
			}
			if _, ok := custom[id]; !ok && len(custom) >= maxStyles {
				return errUnpacked
			}
			// Differential formats (dxf) come later in the file and repeat ids.
			if len(st) == 0 {
				custom[id] = isDateFormat(attr(e, "formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if !inCells {
				return nil
			}
			id := 0
			if v := attr(e, "numFmtId"); v != "" {
				var err error
				if id, err = strconv.Atoi(v); err != nil {
					return malformed("numFmtId %q", v)
				}
			}
			if len(st) >= maxStyles {
				return errUnpacked
			}
			date, ok := custom[id]
			if !ok {
				date = builtinDate(id)
			}
			st = append(st, date)
		}
		return nil
	})
	return st, err
}

// isDateFormat tells whether a number format code shows a day: a year, a month,
// a day or a weekday. The section for positive numbers decides; where the first
// section has a condition, any of them does.
func isDateFormat(code string) bool {
	sections := splitFormat(code)
	if len(sections) > 1 && !sections[0].condition {
		sections = sections[:1]
	}
	for _, s := range sections {
		if s.date() {
			return true
		}
	}
	return false
}

// section is a part of a format code between semicolons: its placeholder
// letters in lower case, with runs as they stand and '.' for whatever else
// parts them.
type section struct {
	letters   strings.Builder
	condition bool // [>100]
	elapsed   bool // [h]
}

// splitFormat takes quoted, escaped and bracketed text out of a format code.
func splitFormat(code string) []*section {
	cur := &section{}
	all := []*section{cur}
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return all
			}
			i += end + 1
			cur.letters.WriteByte('.')
		case '\\', '_', '*': // the next character is shown, skipped or repeated
			i++
			cur.letters.WriteByte('.')
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return all
			}
			cur.bracket(strings.ToLower(code[i+1 : i+end]))
			i += end
		case ';':
			cur = &section{}
			all = append(all, cur)
		default:
			switch {
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			case c < 'a' || c > 'z':
				if c != '+' && c != '-' && c != '/' {
					c = '.'
				}
			}
			cur.letters.WriteByte(c)
		}
	}
	return all
}

// bracket takes what stands in brackets: a condition, elapsed time, or a colour
// or language, which say nothing.
func (s *section) bracket(in string) {
	switch {
	case in == "":
	case strings.ContainsRune("<>=", rune(in[0])):
		s.condition = true
	case strings.Trim(in, "h") == "", strings.Trim(in, "m") == "", strings.Trim(in, "s") == "":
		s.elapsed = true
	}
}

// formatWords are letters that are no placeholders.
var formatWords = strings.NewReplacer("general", ".", "g/", ".", "am/pm", ".", "a/p", ".", "e+", ".", "e-", ".")

// date tells whether the section shows a day.
func (s *section) date() bool {
	if s.elapsed {
		return false
	}
	l := formatWords.Replace(s.letters.String())
	if strings.ContainsAny(l, "yde") || strings.Contains(l, "aaa") || strings.Contains(l, "bb") {
		return true
	}
	// An m is a minute behind an h or before an s, else a month.
	var before byte
	for i := 0; i < len(l); i++ {
		if l[i] != 'm' {
			if l[i] == 'h' || l[i] == 's' {
				before = l[i]
			}
			continue
		}
		for i+1 < len(l) && l[i+1] == 'm' {
			i++
		}
		rest := strings.TrimLeft(l[i+1:], "./-+")
		if before != 'h' && !strings.HasPrefix(rest, "s") {
			return true
		}
	}
	return false
}
