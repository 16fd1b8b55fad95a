package numfmt

import "strings"

// Builtin tells whether a built-in number format shows a day. The formats
// of a pure time (18-21, 32-35, 45-47, 55-56) do not.
func Builtin(id int) bool {
	switch {
	case 14 <= id && id <= 17, id == 22, 27 <= id && id <= 31, id == 36, 50 <= id && id <= 54, id == 57, id == 58:
		return true
	}
	return false
}

// IsDate tells whether a number format code shows a day: a year, a month,
// a day or a weekday. The section for positive numbers decides; where the first
// section has a condition, any of them does.
func IsDate(code string) bool {
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
