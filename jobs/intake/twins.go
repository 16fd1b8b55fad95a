package intake

import (
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
)

// Two columns of one meaning that say different things can both be meant: which
// of them is right only the sender knows.

// Fields whose second column is compared with the first. Of words (who paid, from
// where) a second column often says more, and the first is read.
var (
	twinDates = map[field]bool{"date": true, "start": true, "end": true, "changed": true, "applied": true, "begndate": true, "enddate": true, "setl_time": true,
		"paid_on": true, "fee_ocur_time": true}
	twinCodes = map[field]bool{"certno": true, "head": true, "setl_id": true, "init_setl_id": true, "insutype": true, "med_type": true, "hosp_lv": true, "pay_loc": true,
		"trt_flag": true, "in_province": true, "refd_setl_flag": true, "fixmedins_code": true, "dise_codg": true, "hilist_code": true, "level": true, "op": true,
		"year": true, "days": true, "cnt": true, "month": true, "month_from": true, "month_to": true, "expiry": true, "flexible": true}
	twinAmounts = map[field]bool{"amount": true, "own_amt": true, "subsidy_amt": true, "base": true, "paid": true, "pric": true, "base_price": true, "det_item_fee_sumamt": true}
)

// flagWords are the ways of writing a flag.
var flagWords = map[string]string{"是": "1", "y": "1", "退费": "1", "已退费": "1", "否": "0", "n": "0", "正常": "0", "未退费": "0"}

// twins finds two columns of one meaning with different contents. Amounts of
// settlements are compared where they are read.
func (r *rowReader) twins() {
	r.twoDays()
	for _, t := range r.h.twice {
		if f := r.h.columns[t[0]].field; r.contradict(f, t[0], t[1]) {
			r.fail(f, bad("E-TWICE", "%s 与 %s 列“%s”含义相同而内容不同，请核对后只留一个", r.title(f), ColumnName(t[1]), show(r.h.columns[t[1]].title)))
		}
	}
}

// twoDays finds a roster's row whose day of recognition is not that of the change:
// both could be the day of what the row does.
func (r *rowReader) twoDays() {
	i, start := r.h.at["start"]
	k, changed := r.h.at["changed"]
	if start && changed && r.contradict("start", i, k) {
		r.fail("changed", bad("E-TWICE", "%s与 %s 列“%s”不同，分不清变动从哪天起，请只填变动的那一天", r.title("start"), ColumnName(k), show(r.title("changed"))))
	}
}

// contradict reports whether both of two columns of a field say something, and
// not the same.
func (r *rowReader) contradict(f field, i, k int) bool {
	a, b := r.in(i), r.in(k)
	if nothing(squeeze(a.Text)) || nothing(squeeze(b.Text)) || rules.Fold(a.Text) == rules.Fold(b.Text) {
		return false
	}
	switch {
	case twinDates[f]:
		v, e1 := moment(r.asDate(a))
		w, e2 := moment(r.asDate(b))
		if e1 != nil || e2 != nil {
			return true
		}
		return v.Date() != w.Date()
	case twinAmounts[f]:
		v, e1 := amount(a, r.h.columns[i].scale)
		w, e2 := amount(b, r.h.columns[k].scale)
		return e1 == nil && e2 == nil && v != w && v != 0 && w != 0
	case f == "category": // a word that names none is no other category
		v, e1 := findCategory(rules.Fold(a.Text), nil)
		w, e2 := findCategory(rules.Fold(b.Text), nil)
		return e1 && e2 && v.cat != w.cat
	case twinCodes[f]:
		return twinCode(a) != twinCode(b) && hasDigit(a.Text) == hasDigit(b.Text) // else a code and its name
	}
	return false
}

// asDate is a cell of a text file for the date readers; see dateCell.
func (r *rowReader) asDate(c sheet.Cell) sheet.Cell {
	if r.untyped && c.Kind == sheet.Text {
		c.Kind = sheet.Number
	}
	return c
}

// twinCode is a code as it is compared: 01 is 1, 是 is 1.
func twinCode(c sheet.Cell) string {
	s := rules.Fold(c.Text)
	if w, ok := flagWords[s]; ok {
		return w
	}
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return s
}

func hasDigit(s string) bool {
	_, flag := flagWords[rules.Fold(s)]
	return flag || strings.ContainsFunc(s, func(r rune) bool { return isDigit(r) })
}
