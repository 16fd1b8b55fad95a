package xlsx

import (
	"time"

	"doudi/jobs/intake/numfmt"
)

// appendDate appends the date of a serial; .xls counts days the same way.
func appendDate(dst, lit []byte, date1904 bool) ([]byte, bool) {
	return numfmt.AppendDate(dst, lit, date1904)
}

// isNumber tells whether b is a decimal literal as XML Schema's double writes it
// (INF and NaN are not: no cell holds them).
func isNumber(b []byte) bool {
	i := 0
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		i++
	}
	digits := 0
	for ; i < len(b) && isDigit(b[i]); i++ {
		digits++
	}
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && isDigit(b[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return false
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		if i == len(b) {
			return false
		}
		for ; i < len(b) && isDigit(b[i]); i++ {
		}
	}
	return i == len(b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isoLayouts are the forms of a cell of type d that hold a day.
var isoLayouts = []string{"2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04"}

// isoDate gives the text of a cell of type d. It is not ok for a pure time.
func isoDate(s string) (string, bool) {
	for _, layout := range isoLayouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if t = t.Round(time.Second); t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return t.Format("2006-01-02"), true
		}
		return t.Format("2006-01-02 15:04:05"), true
	}
	return "", false
}
