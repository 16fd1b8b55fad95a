package ledger

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longest is how many digits in a row a text may have: an ID of the old form has
// one more.
const longest = 14

var (
	// born is a citizen ID up to its check character, by its date of birth; bornOld is
	// one of the old form, which is too short to be told inside of other digits.
	born    = regexp.MustCompile(`[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}`)
	bornOld = regexp.MustCompile(`^[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$`)
)

// numerals are the digits as they are written in Chinese, by their values.
var numerals = [10]string{"〇零○", "一壹弌幺", "二贰貳弍", "三叁叄參弎", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"}

var digitOf = func() map[rune]rune {
	m := map[rune]rune{}
	for d, words := range numerals {
		for _, r := range words {
			m[r] = '0' + rune(d)
		}
	}
	return m
}()

// Numeral gives the digit that is written in Chinese; 0 where none is.
func Numeral(r rune) rune { return digitOf[r] }

// HoldsID reports whether a text has what could be a citizen ID: 15 digits in a row or
// more, or an ID that is written in parts, in digits of any width or in words (一二三, 壹贰叁). What people write
// for the record (reasons, names of who acts) must not have one: it stays for ever.
// Amounts, days and months beside each other are none.
func HoldsID(s string) bool {
	run, parts := "", "" // of digits alone, and with what stands between them left out
	tight := true        // only spaces and dashes did
	ends := func() bool {
		return len(run) > longest || born.MatchString(parts) || tight && bornOld.MatchString(parts)
	}
	for _, r := range norm.NFKC.String(s) {
		if d := Numeral(r); d != 0 {
			r = d
		}
		switch {
		case r >= '0' && r <= '9':
			run += string(r)
			parts += string(r)
		case unseen(r):
		case parts != "" && (unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r)):
			if len(run) > longest {
				return true
			}
			tight = tight && (unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("−_", r))
			run = ""
		default:
			if ends() {
				return true
			}
			run, parts, tight = "", "", true
		}
	}
	return ends()
}
