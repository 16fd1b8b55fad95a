package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
	"doudi/rules/civil"
)

// Here is told what the lines of a table are that hold no data.

// blank reports whether nothing stands in a row. A row of a table whose ID is a
// formula without a result is not blank: the sender sees a person there.
func blank(h *header, cells []sheet.Cell) bool {
	for i, c := range cells {
		if text(c) != "" || h != nil && i < len(h.columns) && h.columns[i].field == "certno" && noResult(c) {
			return false
		}
	}
	return true
}

// filled counts the cells in which something stands.
func filled(line []string) int {
	n := 0
	for _, s := range line {
		if s != "" {
			n++
		}
	}
	return n
}

// idDigits: what has so many digits is meant as an ID, right or wrong.
const idDigits = 10

// hasID reports whether what stands in the column of the ID is meant as one: such
// a row is always data. A number is not: totals are made of whole columns.
func (h *header) hasID(cells []sheet.Cell) bool {
	i, ok := h.at["certno"]
	if !ok || i >= len(cells) || cells[i].Kind != sheet.Text {
		return false
	}
	return plainID(cells[i].Text) || digitsIn(cells[i].Text) >= idDigits
}

// plainID is idShape for the most common form, without allocations.
func plainID(s string) bool {
	return (len(s) == 15 || len(s) == 18 && (digits(s[17:]) || s[17] == 'X')) && digits(s[:min(len(s), 17)])
}

// isID reports whether a cell holds a valid ID.
func isID(c sheet.Cell, today civil.Date) bool {
	if c.Kind != sheet.Text || len(c.Text) < 15 {
		return false
	}
	_, e := certno(c, today)
	return e == nil
}

func digitsIn(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// noID reports whether nothing stands in the column of the ID, or what a total
// has there.
func (h *header) noID(cells []sheet.Cell) bool {
	i, ok := h.at["certno"]
	if !ok || i >= len(cells) {
		return true
	}
	s := rules.Fold(cells[i].Text)
	_, _, total := readTotal(s, true)
	return s == "" && !noResult(cells[i]) || total || onlyCount.MatchString(s) || len(s) < idDigits && digits(s)
}

// isValues reports whether a row holds numbers or dates, and so is no header.
func isValues(cells []sheet.Cell) bool {
	for _, c := range cells {
		switch c.Kind {
		case sheet.Number, sheet.Date, sheet.Bool, sheet.Error:
			return true
		}
		t := squeeze(c.Text)
		if n := digitsIn(t); n >= idDigits || n > 0 && (amountForm.MatchString(t) || dateParts.MatchString(t)) {
			return true
		}
	}
	return false
}

// repeated tells which line of the header a line is, from 1; 0 none. last is the
// one that stood above it. A cell of it may differ.
func (h *header) repeated(line []string, last int) int {
	n := filled(line)
	for i, l := range h.lines {
		same := 0
		for c, s := range line {
			if s != "" && s == at(l, c) {
				same++
			}
		}
		if same >= 3 && same >= n-1 || same == n && n == filled(l) && i > 0 && last == i {
			return i + 1
		}
	}
	return 0
}

// continues reports whether a header is that of the table above once more, after
// a page break: with the same columns, of which a title may have been left out,
// and no other title above it.
func (h *header) continues(o *header) bool {
	if slices.ContainsFunc(h.titles, func(s string) bool { return !slices.Contains(o.titles, s) && !pageLine.MatchString(rules.Fold(s)) }) {
		return false
	}
	if h.sameColumns(o) {
		return true
	}
	if h.kind != o.kind {
		return false
	}
	for f, i := range h.at {
		if j, ok := o.at[f]; !ok || i != j || h.columns[i].scale != o.columns[i].scale {
			return false
		}
	}
	for f, i := range o.at {
		if !h.has(f) && i < len(h.columns) && h.columns[i].title != "" {
			return false
		}
	}
	return true
}

var (
	pageLine = regexp.MustCompile(`^第?\d+页(共\d+页)?$|^续[表上]|^续$|^接上页`)
	footer   = regexp.MustCompile(`^(制表|填表|填报|审核|复核|审批|经办|负责人|单位负责|分管|主管|主要领导|签字|签名|盖章|公章|联系电话|上报|报送|打印|备注|注\d?$|注意|说明|填表说明|第?\d+页)`)
)

// isFooter reports whether a line is what stands below a table: signatures and
// notes, not the title of the next.
func isFooter(cells []sheet.Cell) bool {
	for _, c := range cells {
		if t := text(c); t != "" {
			return footer.MatchString(rules.Fold(t)) || strings.HasPrefix(t, "注")
		}
	}
	return false
}

// isNote tells lines that are no data: a single cell, labels as in 制表人：…
// 审核人：… 2024年2月1日, signatures, the empty, numbered lines of forms.
func isNote(h *header, cells []sheet.Cell, noID bool) bool {
	n, labels, days, zeros, first := 0, 0, 0, 0, ""
	for _, c := range cells {
		s := text(c)
		if s == "" {
			continue
		}
		if n++; n == 1 {
			first = s
		}
		switch {
		case strings.ContainsAny(s, "：:") && !isDigit(rune(s[0])):
			labels++
		case c.Kind == sheet.Date || dateParts.MatchString(squeeze(s)):
			days++
		case n > 1 && strings.Trim(s, "0.-") == "":
			zeros++
		}
	}
	switch {
	case labels > 0 && labels+days == n, signature.MatchString(rules.Fold(first)):
		return true
	case n == 1 && h.holdsAmount(cells): // whose it is was left out
		return false
	case !noID: // a title that somebody put into the middle
		return n == 1 && digitsIn(first) == 0 && utf8.RuneCountInString(first) >= 4
	}
	return n == 1 || digits(first) && zeros == n-1
}

// holdsAmount reports whether an amount that is not 0 stands in a column of
// amounts.
func (h *header) holdsAmount(cells []sheet.Cell) bool {
	for i, c := range cells[:min(len(cells), len(h.columns))] {
		if h.columns[i].sum == 0 || text(c) == "" {
			continue
		}
		if v, e := amount(c, 1); e == nil && v != 0 {
			return true
		}
	}
	return false
}

// signature begins a line like 制表人 … 审核人 … without colons.
var signature = regexp.MustCompile(`^(制表|填表|填报|审核|复核|经办|负责|单位负责|分管|主管|主要)(人|单位|领导|部门|时间|日期|负责人|人员)*(签字|签名|盖章)*$`)

// isNumbering reports whether a line numbers the columns: 1 2 3, or 甲 乙 1 2 3.
func isNumbering(line []string) bool {
	n, next := 0, 0
	for _, s := range line {
		s = strings.Trim(rules.Fold(s), "栏次")
		if s == "" || next == 0 && slices.Contains([]string{"甲", "乙", "丙", "丁"}, s) {
			continue
		}
		v, err := strconv.Atoi(s)
		if err != nil || next > 0 && v != next {
			return false
		}
		n, next = n+1, v+1
	}
	return n >= 3
}

// isHint reports whether a line below a header says how to fill it in.
func isHint(line []string) bool {
	n, hints := 0, 0
	for _, s := range line {
		if s == "" {
			continue
		}
		n++
		if strings.ContainsAny(s[:min(len(s), 3)], "(（【") || containsAny(s, []string{"必填", "选填", "填写", "格式", "下拉", "例如"}) {
			hints++
		}
	}
	return n > 0 && hints == n
}

// The sheets that explain a book of returned rows, and the columns by which they
// are known again.
const (
	OwnReturned, OwnHints = "退回说明", "提示"
	OwnCode, OwnMessage   = "错误代码", "问题与改法"
)

// isOwn reports whether a line is the header of a sheet that explains the rows
// that were given back: senders correct the book and send it once more.
func isOwn(sheet string, cells []sheet.Cell) bool {
	line := texts(cells)
	return (strings.HasPrefix(sheet, OwnReturned) || strings.HasPrefix(sheet, OwnHints)) && slices.Contains(line, OwnCode) && slices.Contains(line, OwnMessage)
}
