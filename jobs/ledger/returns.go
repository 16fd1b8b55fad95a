package ledger

import (
	"path/filepath"
	"regexp"
	"strings"

	"doudi/rules/civil"
)

// HiddenNumber stands in names in the place of what may be an ID. Of files that are
// called alike for it nobody knows whether they are the same.
const HiddenNumber = "（号码略）"

// Return is what became of the rows of a file that were returned, as far as the
// record says. What belongs to it is told by
//
//   - the file's content: it was read again when a code or a name had been added;
//   - the book of returned rows, which names the file that it was made from;
//   - the corrected original, which names nothing: the same name, sender and kind of
//     table, as many rows, and among them all that were known of the first.
//
// Nothing else is guessed to be a correction. Rows are counted, not followed one by
// one: what a sender leaves out, or puts in besides, shows in Rest.
type Return struct {
	// Files are the one that was sent first and what came since, in order.
	Files []File
}

// First is the file as it was sent first.
func (r Return) First() File { return r.Files[0] }

// Returned are the rows that went back to the sender then.
func (r Return) Returned() int { return r.Files[0].Returned }

// Again reports whether anything came since.
func (r Return) Again() bool { return len(r.Files) > 1 }

// Taken are the rows that were new in what came since.
func (r Return) Taken() int {
	n := 0
	for _, f := range r.Files[1:] {
		n += f.Taken
	}
	return n
}

// Open are the rows that still wait for their correction: those that went back the
// last time.
func (r Return) Open() int { return r.Files[len(r.Files)-1].Returned }

// Rest are the returned rows that are neither: they turned out to be on record
// already, or did not come again. Below zero, so many more rows came than had gone
// back.
func (r Return) Rest() int { return r.Returned() - r.Taken() - r.Open() }

// OriginOf names a file in the books that are made of it, and in what comes of
// them: the beginning of its hash in letters, so that it is like no number of anybody.
func OriginOf(f *File) string {
	if f.Answers != "" {
		return f.Answers
	}
	return originOf(f.SHA256)
}

func originOf(sha string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return 'g' + r - '0'
		}
		return r
	}, sha[:min(len(sha), 16)])
}

// OwnSuffix ends the name of a book of returned rows.
var OwnSuffix = regexp.MustCompile(`-(退回|提示)\d*$`)

// Stem is a file's name without its ending, and without what a book of its returned
// rows has behind it.
func Stem(name string) string {
	return OwnSuffix.ReplaceAllString(strings.TrimSuffix(name, filepath.Ext(name)), "")
}

// Returns are all files with returned rows and what became of these, by the order
// in which they came. files are all of an area or of several, in order.
func Returns(files []File) []Return {
	var all []*Return
	byOrigin := map[[2]string]*Return{}
	byName := map[[4]string]*Return{}
	for _, f := range files {
		if f.Refused != "" {
			continue
		}
		origin := [2]string{f.Area, OriginOf(&f)}
		name := [4]string{f.Area, f.Source, f.Kind, Stem(f.Name)}
		r := byOrigin[origin]
		if r != nil && f.Answers == "" && listMonth(r.First()) != listMonth(f) {
			r = nil // the same list for another month
		}
		if r == nil && f.Answers == "" {
			if n := byName[name]; n != nil && n.corrected(&f) {
				r = n
			}
		}
		if r == nil {
			r = &Return{}
			all = append(all, r)
			byOrigin[origin] = r
			byName[name] = r
		}
		r.Files = append(r.Files, f)
		// A book of a file that was sent again is a book of the first.
		byOrigin[[2]string{f.Area, originOf(f.SHA256)}] = r
	}
	var out []Return
	for _, r := range all {
		if r.Returned() > 0 {
			out = append(out, *r)
		}
	}
	return out
}

// listMonth is the month of a file that is a list for a month.
func listMonth(f File) civil.Month {
	if f.Effect == nil {
		return 0
	}
	return f.Month
}

// corrected reports whether a file of the same name, sender and kind is the first
// one, corrected.
func (r *Return) corrected(f *File) bool {
	first := r.First()
	return !strings.Contains(f.Name, HiddenNumber) && r.Open() > 0 && f.Read == first.Read && f.Repeated >= first.Taken+first.Repeated && listMonth(*f) == listMonth(first)
}
