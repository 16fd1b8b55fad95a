package intake

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// People write IDs where none belongs: whose a payment is into its batch, whom a
// village's line is about beside the village. Those cells go on record in the clear,
// so they go there without the ID; the cell as it was stays with the row, sealed.

// word reads a cell of free text that goes on record.
func (r *rowReader) word(f field) string { return r.hide(f, r.text(f)) }

// hide hides what may be an ID in what was read from a cell. Of an ID that is written
// in parts or in words nothing tells where it ends: all of the text goes.
func (r *rowReader) hide(f field, s string) string {
	if !manyDigits(s) {
		return s
	}
	out := HideIDs(s)
	if ledger.HoldsID(out) {
		out = hiddenNumber
	}
	if out != s {
		r.hid(f)
	}
	return out
}

func (r *rowReader) hid(f field) {
	if !slices.Contains(r.hidden, f) {
		r.hidden = append(r.hidden, f)
	}
}

// manyDigits reports whether a text has as many digits, of any script, as an ID of the
// old form. It spares most cells a closer look. One character may be two digits.
func manyDigits(s string) bool {
	n := 0
	for _, c := range s {
		switch {
		case isDigit(c):
			n++
		case c > unicode.MaxASCII && (unicode.IsNumber(c) || ledger.Numeral(c) != 0):
			n += 2
		}
	}
	return n >= 15
}

// holding says how sure it is that a number holds a citizen ID.
type holding uint8

const (
	holdsNone holding = iota
	// Of numbers that are made of an area, a day and a count, as those of settlements
	// may be, one in eleven has a right check character: no row is refused for it.
	holdsPerhaps
	holdsSurely
)

// idIn finds a citizen ID in the number of something else: the row's own, which is
// given as far as it was read, or one that is right by its date and check character.
// Beside words, or with the X that only IDs have, it is no chance.
func idIn(number, own string, today civil.Date) (id string, is holding) {
	s := strings.ToUpper(number)
	if own != "" {
		for _, form := range []string{own, own[:6] + own[8:17]} {
			if strings.Contains(s, form) {
				return form, holdsSurely
			}
		}
	}
	for i := 0; i+18 <= len(s); i++ {
		x := s[i : i+18]
		if !plainID(x) || !idNumber.MatchString(x) || !isID(sheet.Cell{Kind: sheet.Text, Text: x}, today) {
			continue
		}
		if x[17] == 'X' || strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			return x, holdsSurely
		}
		id, is = x, holdsPerhaps
	}
	return id, is
}

// notID returns a row that has a citizen ID for the number of a settlement, which is
// kept as it is. What only may be one is kept, with a warning.
func (r *rowReader) notID(f field, code, number, own string) {
	switch _, is := idIn(number, own, r.today); is {
	case holdsSurely:
		r.fail(f, bad(code, "%s里写着身份证号，请填写结算ID", r.title(f)))
	case holdsPerhaps:
		r.doubt = append(r.doubt, f)
	}
}

// coded reads a code that nothing is looked up by which an ID would be right for.
func (r *rowReader) coded(f field, own string) string {
	s := r.code(f, 0)
	switch _, is := idIn(s, own, r.today); is {
	case holdsSurely:
		r.hid(f)
		return hiddenNumber
	case holdsPerhaps:
		r.doubt = append(r.doubt, f)
	}
	return s
}

// batch reads the number of a batch. In the place of an ID it has the number by which
// the ledger knows the person: two batches stay two.
func (im *importer) batch(r *rowReader, own string) (string, error) {
	s := r.code("batch", 0)
	for {
		id, is := idIn(s, own, r.today)
		switch is {
		case holdsNone:
			return s, nil
		case holdsPerhaps:
			r.doubt = append(r.doubt, "batch")
			return s, nil
		}
		whole, e := certno(sheet.Cell{Kind: sheet.Text, Text: id}, r.today)
		if e != nil {
			return "", fmt.Errorf("intake: %w", e) // it was read before
		}
		p, err := im.t.Person(whole)
		if err != nil {
			return "", err
		}
		r.hid("batch")
		s = strings.ReplaceAll(strings.ToUpper(s), id, fmt.Sprintf("（%d号）", p))
	}
}

// sayHidden warns of IDs in the cells of a row that is taken.
func (im *importer) sayHidden(r *rowReader) {
	for _, f := range r.hidden {
		im.warn(r, f, "W-ID-CELL", "这一格里写有身份证号，账上不留号码，原文加密随行保存；请不要把身份证号写在这一列")
	}
	for _, f := range r.doubt {
		im.warn(r, f, "W-ID-CELL", "这个号码里有一段像身份证号，已照原样采纳；如确是身份证号，请改正后重报")
	}
}
