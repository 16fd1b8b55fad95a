package ledger

import (
	"strings"
	"unicode"

	"doudi/rules"

	"golang.org/x/text/unicode/norm"
)

// FoldName makes names of people who act comparable, without regard to width,
// case, marks on letters, the ways in which a character can be written, and anything
// that can not be seen; "" names nobody.
func FoldName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unseen(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return rules.Fold(norm.NFKC.String(s))
}

// brailleBlank is a pattern of no dots, and counts as a symbol.
const brailleBlank = '\u2800'

// unseen reports whether a character shows nothing of its own: controls, fillers,
// selectors of variants, and marks on the character before.
func unseen(r rune) bool {
	return r == brailleBlank || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Me, unicode.Other_Default_Ignorable_Code_Point)
}

// SamePerson reports whether two names are those of one person, as far as a name
// tells: what needs two people is not done by one who writes the name in two ways.
func SamePerson(a, b string) bool { return FoldName(a) == FoldName(b) }
