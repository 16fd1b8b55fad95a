package intake

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules/civil"
	"doudi/rules/money"

	"golang.org/x/text/width"
)

// rowReader gives the cells of one row by field and collects what is wrong with
// it: every bad cell, not the first.
type rowReader struct {
	h       *header
	total   *ledger.SheetTotal // of its sheet and kind
	worth   money.Fen          // what the row adds to the control totals
	cells   []sheet.Cell
	today   civil.Date
	untyped bool // from a text file, where a number cannot be told from a text
	errors  []RowError
	wrong   []field // of errors, parallel
	hidden  []field // cells that go on record without an ID that stands in them
	doubt   []field // numbers that may be IDs, and go on record
	sheet   string
	number  int
}

func (r *rowReader) cell(f field) sheet.Cell {
	i, ok := r.h.at[f]
	if !ok {
		return sheet.Cell{}
	}
	c := r.in(i)
	if k, ok := r.twin(f); ok && text(c) == "" && !noResult(c) {
		return r.in(k)
	}
	return c
}

func (r *rowReader) in(column int) sheet.Cell {
	if column >= len(r.cells) {
		return sheet.Cell{}
	}
	return r.cells[column]
}

// twin is the second column of a settlement's field. Exports that are put
// together from both vocabularies of the platform have both names of a meaning,
// and fill one of them in each row.
func (r *rowReader) twin(f field) (int, bool) {
	if r.h.kind != Claims {
		return 0, false
	}
	for _, t := range r.h.twice {
		if t[0] == r.h.at[f] {
			return t[1], true
		}
	}
	return 0, false
}

// formulas finds formulas whose result the file does not hold: an empty cell
// would be read where the sender sees a value.
func (r *rowReader) formulas() {
	for i := range min(len(r.cells), len(r.h.columns)) {
		if f := r.h.columns[i].field; f != "" && noResult(r.cells[i]) {
			r.fail(f, bad("E-FORMULA", "单元格是公式而文件里没有保存结果，请在表格软件中打开、保存后重发，或改为直接填写"))
		}
	}
}

func noResult(c sheet.Cell) bool { return c.Formula && c.Kind == sheet.Empty }

func (r *rowReader) has(f field) bool { return text(r.cell(f)) != "" }

func (r *rowReader) text(f field) string { return text(r.cell(f)) }

// code reads a code value: folded, without spaces. A number cell loses leading
// zeros, so "1" stands for "01" where the caller asks for width 2. A number that
// is not whole stays as it is, to be found unknown.
func (r *rowReader) code(f field, width int) string {
	c := r.cell(f)
	s := clean(c.Text)
	if c.Kind == sheet.Number {
		if whole, rest, ok := strings.Cut(s, "."); ok && strings.Trim(rest, "0") == "" {
			s = whole
		}
	}
	for len(s) < width && s != "" && digits(s) {
		s = "0" + s
	}
	return s
}

// flag reads a code of one letter or word, like 1, 是, Y.
func (r *rowReader) flag(f field) string { return strings.ToLower(r.code(f, 0)) }

// fail records what is wrong with a field's cell; a field without a column is
// blamed on the first one. One thing is enough for a cell: the first.
func (r *rowReader) fail(f field, e *cellError) {
	if e == nil || r.failed(f) {
		return
	}
	msg := e.message
	if e.discreet != "" && !r.mayRepeat(e.value) {
		msg = e.discreet
	}
	r.wrong = append(r.wrong, f)
	r.errors = append(r.errors, RowError{Code: e.code, Sheet: r.sheet, Row: r.number, Column: ColumnName(r.h.at[f]), Field: r.title(f), Message: msg})
}

var idShape = regexp.MustCompile(`^(\d{15}|\d{17}[\dX])$`)

// mayRepeat reports whether a message may repeat a cell's content. Where a row's
// cells have shifted, an ID or a name can stand anywhere: what has as many
// digits as an ID is never repeated, and words only in a row whose ID is in its
// place, if they do not hold the name.
func (r *rowReader) mayRepeat(s string) bool {
	s = personName(width.Fold.String(s))
	count, words := 0, false
	for _, c := range s {
		switch {
		case isDigit(c):
			count++
		case unicode.IsLetter(c) && !strings.ContainsRune("年月日元万级", c):
			words = true
		}
	}
	if count >= 15 || !words {
		return count < 15
	}
	name := personName(width.Fold.String(r.name()))
	return idShape.MatchString(strings.ToUpper(clean(r.text("certno")))) && (name == "" || !strings.Contains(s, name))
}

// name is the person's, which the platform calls psn_name.
func (r *rowReader) name() string {
	switch r.h.kind {
	case Claims:
		return r.text("psn_name")
	case Transfers:
		return r.text("payee")
	}
	return r.text("name")
}

func (r *rowReader) title(f field) string {
	if i, ok := r.h.at[f]; ok && i < len(r.h.columns) {
		return r.h.columns[i].title
	}
	return ""
}

func (r *rowReader) id(f field) string {
	id, e := certno(r.cell(f), r.today)
	r.fail(f, e)
	return id
}

// dateCell is a cell for the date readers. In a text file 2023.1 may have been
// the number 2023.10.
func (r *rowReader) dateCell(f field) sheet.Cell {
	c := r.cell(f)
	if r.untyped && c.Kind == sheet.Text {
		c.Kind = sheet.Number
	}
	return c
}

func (r *rowReader) date(f field) civil.Date {
	d, e := past(r.dateCell(f), r.today)
	r.fail(f, e)
	return d
}

func (r *rowReader) amount(f field) money.Fen {
	i, ok := r.h.at[f]
	if !ok {
		return 0
	}
	v, e := amount(r.in(i), r.h.columns[i].scale)
	if k, ok := r.twin(f); ok && e == nil && v == 0 {
		// Exports fill what is not there with 0.
		v, e = amount(r.in(k), r.h.columns[k].scale)
	} else if ok && e == nil {
		if w, _ := amount(r.in(k), r.h.columns[k].scale); w != 0 && w != v {
			e = bad("E-AMOUNT", "%s为 %s，而含义相同的 %s 列为 %s，请核对后只留一个", r.title(f), v, ColumnName(k), w)
		}
	}
	r.fail(f, e)
	r.h.sums.add(r.h.columns[i].sum, v, e == nil && !noResult(r.in(i)))
	return v
}

// magnitude is an amount that can not be negative.
func (r *rowReader) magnitude(f field) money.Fen {
	v := r.amount(f)
	if v < 0 {
		r.fail(f, bad("E-AMOUNT-NEGATIVE", "%s不能为负，请核对", r.title(f)))
	}
	return v
}

// filled finds amounts that a row must have.
func (r *rowReader) filled(fields ...field) {
	for _, f := range fields {
		if noAmount(r, f) {
			r.fail(f, amountMissing(r, f))
		}
	}
}

// noAmount reports whether nothing stands in a cell, or a mark for nothing.
func noAmount(r *rowReader, f field) bool { return !r.has(f) || nothing(squeeze(r.text(f))) }

func amountMissing(r *rowReader, f field) *cellError {
	return bad("E-AMOUNT-MISSING", "缺少%s，请补填", r.title(f))
}

// extras are the columns that no field claims, for keeping with the row: by
// their titles, or by their letters where a title is missing or not the only
// one.
func (r *rowReader) extras() string {
	m := map[string]string{}
	for i, c := range r.cells {
		if text(c) == "" || i < len(r.h.columns) && r.h.columns[i].field != "" {
			continue
		}
		key := ""
		if i < len(r.h.columns) {
			key = r.h.columns[i].title
		}
		if _, clash := m[key]; clash || key == "" {
			key += "（" + ColumnName(i) + "列）"
		}
		m[key] = text(c)
	}
	for f := range keptFields {
		if r.has(f) {
			m[string(f)] = r.text(f)
		}
	}
	for _, f := range r.hidden {
		m[string(f)] = r.text(f)
	}
	if len(m) == 0 {
		return ""
	}
	j, err := json.Marshal(m) // sorted keys
	if err != nil {
		panic(err) // strings
	}
	return string(j)
}

// keptFields are columns that no rule uses; they stay with the row as written,
// sealed, since people write names into notes.
var keptFields = map[field]bool{"mdtrt_id": true, "fulamt_ownpay_amt": true, "overlmt_selfpay": true, "preselfpay_amt": true,
	"act_pay_dedc": true, "fund_pay_sumamt": true, "acct_pay": true, "psn_part_amt": true, "psn_cash_pay": true, "note": true}

// person gives the numbers of a row's person and name.
func person(t ledger.Taker, id, name string) (ledger.PersonNo, int64, error) {
	p, err := t.Person(id)
	if err != nil {
		return 0, 0, err
	}
	n, err := t.Name(personName(name))
	return p, n, err
}

// failed reports whether something was already found wrong with a field.
func (r *rowReader) failed(f field) bool { return slices.Contains(r.wrong, f) }
