package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"doudi/rules/civil"
	"doudi/rules/money"

	"golang.org/x/text/width"
)

const (
	// maxCell is Excel's limit of a cell, in UTF-16 units.
	maxCell = 32767
	// cutMark ends what was cut.
	cutMark = "…（超出单元格长度，已截断）"
	// maxExact bounds the amounts that are numbers in the sheet: with 15
	// significant digits every amount in fen survives Excel's binary numbers.
	maxExact money.Fen = 999_999_999_999_999
)

// value is a cell's content as the library takes it.
type value struct {
	v      any    // string, int64, float64, or nil for an empty cell
	f      string // formula, without a value
	format format
	width  int // in Latin characters, as shown
}

// valueOf turns what stands in a row into a cell's content. The Go type decides
// what it is; the column's kind only how a whole number is shown.
func valueOf(v any, k Kind) (value, error) {
	switch v := v.(type) {
	case nil:
		return value{}, nil
	case string:
		return textValue(v), nil
	case int:
		return intValue(int64(v), k), nil
	case int64:
		return intValue(v, k), nil
	case money.Fen:
		return moneyValue(v)
	case money.Ratio: // basis points
		n, err := exact(strconv.FormatInt(int64(v), 10) + "e-4")
		return value{v: n, format: asRatio, width: len(money.Fen(v).String()) + 1}, err
	case Number:
		n, err := exact(string(v))
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) { // what no workbook can hold
			return textValue(string(v)), nil
		}
		return value{v: n, format: asGiven, width: min(len(v), 12)}, nil
	case NoResult:
		return value{f: "NA()", format: asGiven, width: 4}, nil
	case civil.Date:
		return dateValue(v), nil
	case civil.Moment:
		return momentValue(v)
	}
	return value{}, fmt.Errorf("a cell cannot hold a %T", v)
}

func textValue(s string) value {
	s = cleanText(s)
	return value{v: s, format: asText, width: textWidth(s)}
}

func intValue(n int64, k Kind) value {
	if k != Count {
		return value{v: n, format: asNumber, width: len(strconv.FormatInt(n, 10))}
	}
	return value{v: n, format: asCount, width: grouped(strconv.FormatInt(n, 10))}
}

// moneyValue gives the number whose printed form is the amount's literal. This
// is the one place where an amount becomes a binary number: the file format has
// no other. What the file then holds is the shortest literal that names it,
// which is the exact amount again.
func moneyValue(f money.Fen) (value, error) {
	lit := f.String()
	if f > maxExact || f < -maxExact {
		return textValue(lit), nil
	}
	n, err := exact(lit)
	return value{v: n, format: asMoney, width: grouped(lit)}, err
}

func exact(literal string) (float64, error) { return strconv.ParseFloat(literal, 64) }

// grouped is the width of a number with thousands separators.
func grouped(lit string) int {
	whole, _, _ := strings.Cut(strings.TrimPrefix(lit, "-"), ".")
	return len(lit) + (len(whole)-1)/3
}

// firstReliable: before it Excel counts a 29 February 1900 that never was.
const firstReliable civil.Date = 19000301

// excelEpoch is Excel's day 0, in days since 1970.
const excelEpoch = -25569

// serial is Excel's number of the day; false for a date that Excel cannot hold.
func serial(d civil.Date) (int64, bool) {
	if d < firstReliable || !d.Valid() {
		return 0, false
	}
	y, m, day := d.Parts()
	return time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC).Unix()/86400 - excelEpoch, true
}

func dateValue(d civil.Date) value {
	if d == 0 {
		return value{}
	}
	n, ok := serial(d)
	if !ok {
		return textValue(d.String())
	}
	return value{v: n, format: asDate, width: 10}
}

func momentValue(m civil.Moment) (value, error) {
	h, mi, s := m.Clock()
	n, ok := serial(m.Date())
	switch {
	case m == 0:
		return value{}, nil
	case h > 23 || mi > 59 || s > 59:
		return value{}, fmt.Errorf("%d is no moment", m)
	case !ok:
		return textValue(m.String()), nil
	case h == 0 && mi == 0 && s == 0:
		return dateValue(m.Date()), nil
	}
	// A time of day is a fraction of the day; no amount of money is near.
	return value{v: float64(n) + float64(h*3600+mi*60+s)/86400, format: asMoment, width: 19}, nil
}

// cleanText makes s fit for a cell: what XML cannot hold becomes a space, and
// what is longer than a cell is cut, with a mark.
func cleanText(s string) string {
	if strings.ContainsFunc(s, forbidden) || !utf8.ValidString(s) {
		s = strings.Map(func(r rune) rune {
			if forbidden(r) {
				return ' '
			}
			return r
		}, s)
	}
	if len(s) > maxCell && len16(s) > maxCell {
		s = cut16(s, maxCell-len16(cutMark)) + cutMark
	}
	return s
}

// forbidden are the characters that XML 1.0 has no way to write.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// TextWidth is the width of a text in Latin characters, for a column of its own.
func TextWidth(s string) int { return textWidth(s) }

// textWidth is the width of the longest line in Latin characters: a Han
// character takes two. What Unicode calls ambiguous (“”, Ⅰ, ·) is wide in
// Chinese fonts.
func textWidth(s string) int {
	widest, n := 0, 0
	for _, r := range s {
		if r == '\n' {
			n = 0
			continue
		}
		n++
		if r >= 0x80 {
			switch width.LookupRune(r).Kind() {
			case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
				n++
			}
		}
		widest = max(widest, n)
	}
	return widest
}

// lines is the number of lines that s takes in a cell of that width.
func lines(s string, w int) int {
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		n += max(1, (textWidth(l)+w-1)/max(w, 1))
	}
	return n
}
