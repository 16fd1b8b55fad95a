package reports

import (
	"strings"
	"unicode/utf8"

	"doudi/rules/money"
)

// Mask hides the birth date and sequence of an ID: 6 + 8 stars + 4. Of what is no
// such ID it shows nothing.
func Mask(certno string) string {
	if len(certno) != 18 {
		return strings.Repeat("*", utf8.RuneCountInString(certno))
	}
	return certno[:6] + "********" + certno[14:]
}

// MaskName keeps the family name: 张**.
func MaskName(name string) string { return maskName(name) }

func maskName(name string) string {
	r := []rune(name)
	if len(r) < 2 {
		return name
	}
	return string(r[0]) + strings.Repeat("*", len(r)-1)
}

// yuan prints an amount as people write it: 12,345.60 元.
func yuan(f money.Fen) string {
	s := f.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	n := len(s) - 3 // digits before the point
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i < n && (n-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + " 元"
}
