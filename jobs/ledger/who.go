package ledger

import (
	"strings"
	"unicode"

	"doudi/rules"
)

// FoldName makes names of people who act comparable, without regard to width,
// case and anything that can not be seen; "" names nobody.
func FoldName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return rules.Fold(s)
}

// SamePerson reports whether two names are those of one person, as far as a name
// tells: what needs two people is not done by one who writes the name in two ways.
func SamePerson(a, b string) bool { return FoldName(a) == FoldName(b) }
