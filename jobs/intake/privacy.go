package intake

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
)

var (
	// idNumber is a citizen ID by its date of birth, wherever it stands in a number:
	// a month may be written right behind it.
	idNumber = regexp.MustCompile(`[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]`)
	// longNumber is as long as a citizen ID, of the old form or the new, in narrow or
	// wide digits.
	longNumber = regexp.MustCompile(`[0-9０-９]{15,}[XxＸｘ]?`)
)

// hiddenNumber stands for one.
const hiddenNumber = ledger.HiddenNumber

// HideIDs puts a word in the place of numbers that may be IDs. People give files
// and sheets the ID of whom they are about; no message, log or record has it.
func HideIDs(s string) string {
	return longNumber.ReplaceAllString(idNumber.ReplaceAllString(s, hiddenNumber), hiddenNumber)
}

// Hidden reports whether a name has a number that was hidden.
func Hidden(s string) bool { return strings.Contains(s, hiddenNumber) }

// Shown are the errors as they may be shown. In the report itself the sheets are
// called as they are in the file, to be found there.
func Shown(es []RowError) []RowError {
	out := make([]RowError, 0, len(es))
	for _, e := range es {
		e.Sheet = HideIDs(e.Sheet)
		out = append(out, e)
	}
	return out
}

// Recorded are a file's control totals as they may stand on record.
func Recorded(totals []ledger.SheetTotal) []ledger.SheetTotal {
	var out []ledger.SheetTotal
	for _, t := range totals {
		t.Sheet = HideIDs(t.Sheet)
		out = append(out, t)
	}
	return out
}

// Import reads a spreadsheet into the ledger through t and completes f's
// totals. Wrong rows are collected in the report and the rest is taken; a file
// whose container is wrong, or that holds no table, is a *sheet.FileError and
// must not be taken at all (the caller's transaction is to be dropped).
func Import(ctx context.Context, path string, o Options, f *ledger.File, t ledger.Taker) (*Report, error) {
	r, err := importFile(ctx, path, o, f, t)
	if fe, ok := errors.AsType[*sheet.FileError](err); ok {
		fe.Message = HideIDs(fe.Message)
	}
	if r == nil {
		return nil, err
	}
	for _, es := range [][]RowError{r.Errors, r.Warnings} {
		for i := range es {
			es[i].Message = HideIDs(es[i].Message)
		}
	}
	for i := range r.Notes {
		r.Notes[i] = HideIDs(r.Notes[i])
	}
	r.Implausible = HideIDs(r.Implausible)
	return r, err
}

// quoted is a title or a name in a message. Beside an ID there is likely a name.
func quoted(s string) string {
	if s = HideIDs(s); Hidden(s) {
		return "含有证件号码、不在此重复的文字"
	}
	return "“" + show(s) + "”"
}

// likeName reports whether a word may be somebody's name: two to four characters,
// or more with a dot, of which none is typical of what the column should hold.
func likeName(s, typical string) bool {
	if strings.ContainsAny(s, typical) {
		return false
	}
	n, dot := 0, false
	for _, r := range personName(s) {
		switch {
		case r == '·' || r == '•' || r == '．':
			dot = true
		case unicode.Is(unicode.Han, r):
			n++
		default:
			return false
		}
	}
	return dot || 2 <= n && n <= 4
}

// badWord is badValue for a column of words. A word that may be a name is not
// repeated: where a row's cells have shifted it is another person's.
func badWord(code, value, typical, format string, args ...any) *cellError {
	e := badValue(code, value, format, args...)
	if likeName(value, typical) {
		e.message = e.discreet
	}
	return e
}

// What is typical of the names of categories and of those of who gives relief.
const (
	categoryLetters = "保困贫残孤户救助类特低供抚恤属"
	reliefLetters   = "会基金慈善救助保险社团协公司政府局办单街镇村企校院"
)
