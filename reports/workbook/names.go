package workbook

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxSheetName is Excel's limit, in UTF-16 units.
const maxSheetName = 31

// sheetNames gives every table the name of its sheet: cleaned, cut, unique
// ignoring case.
type sheetNames struct{ used []string }

func (n *sheetNames) take(wanted string) string {
	base := cleanSheetName(wanted)
	name := base
	for i := 2; n.has(name); i++ {
		tail := fmt.Sprintf("(%d)", i)
		name = cut16(base, maxSheetName-len(tail)) + tail
	}
	n.used = append(n.used, name)
	return name
}

func (n *sheetNames) has(name string) bool {
	for _, u := range n.used {
		if strings.EqualFold(u, name) {
			return true
		}
	}
	return false
}

// cleanSheetName drops what Excel forbids in a sheet's name. The apostrophe is
// allowed inside a name, but must be doubled in every reference, and the
// library does not always do that; it becomes a typographic one.
func cleanSheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`:\/?*[]`, r):
			return '_'
		case r == '\'':
			return '’'
		case r < ' ', r == 0x7F, r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(cut16(strings.TrimSpace(s), maxSheetName))
	switch {
	case s == "":
		return "表"
	case strings.EqualFold(s, "History"): // Excel keeps it for itself
		return s + "_"
	}
	return s
}

// cut16 cuts s to n UTF-16 units, never within a character.
func cut16(s string, n int) string {
	units := 0
	for i, r := range s {
		if units += utf16.RuneLen(r); units > n {
			return s[:i]
		}
	}
	return s
}

// len16 is the length in UTF-16 units, as Excel counts.
func len16(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// quoteSheet is a sheet's name for use in a reference.
func quoteSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }
