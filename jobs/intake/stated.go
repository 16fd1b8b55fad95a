package intake

import (
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
	"doudi/rules/money"

	"golang.org/x/text/width"
)

// summed are the amounts whose totals a file may state, by kind. What is kept as
// written is not among them, nor are prices.
var summed = map[Kind][]field{
	Claims: {"medfee_sumamt", "inscp_scp_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "hosp_part_amt"},
	Relief: {"amount"}, Enrolment: {"own_amt", "subsidy_amt"}, Contributions: {"base", "paid"}, Items: {"det_item_fee_sumamt"}, Transfers: {"amount"},
}

// scope is of which rows a total is one.
type scope uint8

const (
	whole scope = iota // all of the table
	group              // since the total before, or up to the next
	soFar              // all down to there
)

// point is what the rows down to a place come to.
type point struct {
	rows int
	sums []money.Fen
	bad  []int // rows whose amount could not be read
}

func (p *point) copy() point {
	return point{p.rows, slices.Clone(p.sums), slices.Clone(p.bad)}
}

// stated is one figure of a total: the sum of a field, or a number of rows.
type stated struct {
	column int
	field  int // place among the summed fields; -1: a count
	fen    money.Fen
	dark   bool // it can not be read
	count  int
	people bool // counted in people: one may have several rows
}

// statement is a row of totals.
type statement struct {
	row     int
	word    string // 合计
	alone   bool   // nothing else stands in its cell
	scope   scope
	column  int // where the word stands
	figures []stated
	at      point // what had come before
}

// tally adds up the rows of a sheet's tables of one kind, to compare them with
// the totals that the sheet states.
type tally struct {
	fields   []field
	now      point
	last     []money.Fen // of the last row
	dark     []bool      // which of them could not be read
	start    point       // of the table that is being read
	said     []statement
	wholes   int          // totals of all of it
	above    bool         // totals of groups stand above them
	agreed   map[int]bool // columns whose totals were right; -1: numbers of rows
	wrong    int          // figures that were not
	batches  bool         // rows of transfers add up others
	seed     maphash.Seed
	people   map[uint64]bool // who had a row
	repeated int             // rows of people who had one before, or of nobody with an ID
}

func newTally(k Kind) *tally {
	n := len(summed[k])
	t := &tally{fields: summed[k], now: point{sums: make([]money.Fen, n), bad: make([]int, n)}, last: make([]money.Fen, n), dark: make([]bool, n), agreed: map[int]bool{}}
	t.seed, t.people = maphash.MakeSeed(), map[uint64]bool{}
	t.start = t.now.copy()
	return t
}

// add counts an amount of the last row; n is the column's place, from 1. Readers
// may look at a cell twice.
func (t *tally) add(n int, v money.Fen, readable bool) {
	if t == nil || n == 0 {
		return
	}
	t.last[n-1], t.dark[n-1] = v, !readable
}

// settle adds up the last row.
func (t *tally) settle() {
	for i, v := range t.last {
		t.now.sums[i] += v
		if t.dark[i] {
			t.now.bad[i]++
		}
		t.last[i], t.dark[i] = 0, false
	}
}

// row counts a row.
func (t *tally) row(h *header, cells []sheet.Cell) {
	t.settle()
	t.now.rows++
	if payee, ok := h.at["payee"]; ok && h.kind == Transfers && payee < len(cells) && standsForMany(cells[payee].Text) {
		t.batches = true
	}
	i, ok := h.at["certno"]
	if !ok || i >= len(cells) || text(cells[i]) == "" {
		if h.kind != Roster { // it may be of whoever stands above
			t.repeated++
		}
		return
	}
	key := maphash.String(t.seed, strings.ToUpper(clean(cells[i].Text)))
	if t.people[key] {
		t.repeated++
	}
	t.people[key] = true
}

// state takes down a row of totals.
func (t *tally) state(s statement) {
	t.settle()
	s.at = t.now.copy()
	switch {
	case s.scope == whole:
		t.wholes++
	case s.scope == group && !slices.ContainsFunc(t.said, func(o statement) bool { return o.scope == group }):
		t.above = s.at.rows == t.start.rows
	}
	t.said = append(t.said, s)
}

// span is the rows between two places.
type span struct{ from, to *point }

// spans are the rows of which a total may be one, the likeliest first: totals of
// villages stand within those of towns, and several tables may share one.
func (t *tally) spans(i int) []span {
	s := &t.said[i]
	zero, end := &point{sums: make([]money.Fen, len(t.fields)), bad: make([]int, len(t.fields))}, &t.now
	all, above := span{&t.start, end}, span{&t.start, &s.at}
	switch {
	case s.scope == soFar:
		return []span{above, {zero, &s.at}, all}
	case s.scope == whole && t.wholes == 1:
		return []span{all, {zero, end}}
	}
	prev, next := &t.start, end
	for j := i - 1; j >= 0; j-- {
		if t.said[j].scope != soFar {
			prev = &t.said[j].at
			break
		}
	}
	for j := i + 1; j < len(t.said); j++ {
		if t.said[j].scope != soFar {
			next = &t.said[j].at
			break
		}
	}
	near := []span{{prev, &s.at}, {&s.at, next}}
	switch {
	case s.scope == whole:
		near = []span{all, near[0]}
	case t.above:
		near[0], near[1] = near[1], near[0]
	}
	for j := i - 1; j >= max(0, i-nested); j-- {
		near = append(near, span{&t.said[j].at, &s.at})
	}
	for j := i + 1; j < min(len(t.said), i+nested); j++ {
		near = append(near, span{&s.at, &t.said[j].at})
	}
	return append(near, above, span{&s.at, end}, all, span{zero, end})
}

const (
	// nested is how many totals may stand between one and the one it adds up.
	nested = 100
	// totalWarnings: so many totals of a sheet are named one by one.
	totalWarnings = 20
)

// verdict is what comparing a figure gave.
type verdict uint8

const (
	agrees verdict = iota
	differs
	unknown // an amount among the rows could not be read
)

func (t *tally) compare(f *stated, s span) verdict {
	if f.field < 0 {
		rows := s.to.rows - s.from.rows
		fewer := f.people && f.count < rows && rows-f.count <= t.repeated
		if f.count == rows || fewer {
			return agrees
		}
		return differs
	}
	switch {
	case f.dark, s.to.bad[f.field] > s.from.bad[f.field]:
		return unknown
	case s.to.sums[f.field]-s.from.sums[f.field] == f.fen:
		return agrees
	}
	return differs
}

// judge picks the rows of which a total is one.
func (t *tally) judge(i int) span {
	spans := t.spans(i)
	for _, s := range spans {
		good := 0
		for j := range t.said[i].figures {
			switch t.compare(&t.said[i].figures[j], s) {
			case agrees:
				good++
			case differs:
				good = -len(t.said[i].figures)
			}
		}
		if good > 0 {
			return s
		}
	}
	// None: the nearest that has rows is compared.
	return spans[max(0, slices.IndexFunc(spans, func(s span) bool { return s.to.rows > s.from.rows }))]
}

// close compares the totals of a table with its rows, when all were read.
func (im *importer) close(name string, h *header) {
	t := h.sums
	if t == nil {
		return
	}
	t.settle()
	if t.batches {
		t.said = nil
	}
	for i := range t.said {
		s := t.judge(i)
		for j := range t.said[i].figures {
			im.figure(name, h, &t.said[i], &t.said[i].figures[j], s)
		}
	}
	t.start, t.said, t.wholes, t.above = t.now.copy(), nil, 0, false
}

// figure says what comparing one figure gave.
func (im *importer) figure(name string, h *header, s *statement, f *stated, in span) {
	t := h.sums
	v := t.compare(f, in)
	if v == agrees {
		t.agreed[f.field] = true
		return
	}
	if t.wrong++; t.wrong > totalWarnings {
		return
	}
	rows := in.to.rows - in.from.rows
	switch {
	case f.field < 0:
		im.warnCell(name, s.row, f.column, h.columns, "W-TOTAL", "%s写的是 %d %s，而明细共 %d 行，相差 %d；请核对是否漏行、多行，或合计没有更新",
			s.word, f.count, map[bool]string{true: "人", false: "行（笔）"}[f.people], rows, abs(f.count-rows))
	case f.dark:
		im.warnCell(name, s.row, f.column, h.columns, "W-TOTAL", "%s不是数字，或是没有保存结果的公式，无法与明细核对；请填写数字，或在表格软件中打开、保存后重发", s.word)
	case v == unknown:
		im.warnCell(name, s.row, f.column, h.columns, "W-TOTAL", "%s写的是 %s 元，而它所含的明细有 %d 行金额读不出，无法核对；请先改正退回的行，再核对合计",
			s.word, f.fen, in.to.bad[f.field]-in.from.bad[f.field])
	default:
		sum := in.to.sums[f.field] - in.from.sums[f.field]
		im.warnCell(name, s.row, f.column, h.columns, "W-TOTAL", "%s写的是 %s 元，而明细 %d 行相加为 %s 元，相差 %s 元；请核对是否漏行、重行或金额写错，或合计没有更新",
			s.word, f.fen, rows, sum, abs(f.fen-sum))
	}
}

func abs[T money.Fen | int](n T) T {
	if n < 0 {
		return -n
	}
	return n
}

// warnCell warns of a cell that is no row's.
func (im *importer) warnCell(name string, row, i int, columns []column, code, format string, args ...any) {
	e := RowError{Code: code, Sheet: name, Row: row, Column: ColumnName(i), Message: fmt.Sprintf(format, args...)}
	if i < len(columns) {
		e.Field = columns[i].title
	}
	im.report.Warnings = append(im.report.Warnings, e)
}

// totalsSaid notes in short what was right, and what was too much to name.
func (im *importer) totalsSaid(name string, t *tally) {
	columns := len(t.agreed)
	what := ""
	if t.agreed[-1] {
		columns--
		what = "人数或行数"
	}
	if columns > 0 {
		what = strings.Trim(fmt.Sprintf("%d 列、%s", columns, what), "、")
	}
	if t.wrong == 0 && what != "" {
		im.note("%s 的合计与明细一致（%s）", name, what)
	}
	if n := t.wrong - totalWarnings; n > 0 {
		im.note("%s 另有 %d 处合计与明细不一致或无法核对", name, n)
	}
}

// Words of rows of totals, folded.
var (
	totalWords = []string{"合计", "小计", "总计", "共计", "累计"}

	totalWord = regexp.MustCompile(`^(.{0,14}?)(合计|小计|总计|共计|累计)(.*)$`)
	// What may follow the word in any cell; in the row's first all may.
	totalTail = regexp.MustCompile(`^(?:总|人|户|笔|条)?(?:数|金额|费用|资金)?(?:人民币)?(?:百|千|万)?元?(?:其中.*|大写.*|\d.*)?$`)
	totalOf   = regexp.MustCompile(`^(?:本[页表村镇]|以上|全[村镇县区市部])?共(?:计|有)?(\d+)(人次|人|名|笔|条|例|件|户|行)`)
	counted   = regexp.MustCompile(`(\d+)(人次|人|名|笔|条|例|件|户|行)`)
	onlyCount = regexp.MustCompile(`^共?(\d+)(人次|人|名|笔|条|例|件|户|行)$`)
	wordYuan  = regexp.MustCompile(`(-?\d[\d,]*(?:\.\d+)?)(百|千|万)?元`)

	// Before the word these do not name a part of the table.
	allOf = []string{"", "总", "本表", "以上", "全部", "全村", "全镇", "全乡", "全街道", "全县", "全区", "全市"}
	// A total with rows that are not in the file.
	beyond = []string{"年", "历", "截至", "截止", "上期", "结转"}
)

// total reads a row as one of totals.
func (h *header) total(cells []sheet.Cell) (s statement, ok bool) {
	last := len(cells) // the word stands left of the amounts
	for _, f := range summed[h.kind] {
		if i, has := h.at[f]; has {
			last = min(last, i+1)
		}
	}
	seen := 0
	for i, c := range cells[:min(last, len(cells))] {
		t := text(c)
		if t == "" || c.Kind == sheet.Number || digits(t) {
			continue
		}
		if seen++; seen > 3 {
			break
		}
		if s.word, s.scope, ok = readTotal(t, seen == 1); ok {
			s.column = i
			break
		}
	}
	if !ok {
		return s, false
	}
	s.alone = slices.Contains(totalWords, rules.Fold(cells[s.column].Text))
	if !s.alone && h.isPerson(cells, s.column) || h.isPayment(cells, s.column) {
		return s, false
	}
	s.figures = h.figures(cells, s.column)
	if slices.ContainsFunc(beyond, func(w string) bool { return s.scope == soFar && strings.Contains(s.word, w) }) {
		s.figures = nil
	}
	return s, true
}

// readTotal reads the words of a total; first: of a row's first cell.
func readTotal(t string, first bool) (word string, sc scope, ok bool) {
	t = rules.Fold(t)
	if m := totalOf.FindStringSubmatch(t); m != nil {
		return "合计", partOf(strings.Contains(t, "本页")), true
	}
	m := totalWord.FindStringSubmatch(t)
	if m == nil || !totalTail.MatchString(m[3]) && !(first && m[1] == "") {
		return "", 0, false
	}
	word = m[1] + m[2]
	switch {
	case m[2] == "累计" || strings.Contains(m[3], "累计"):
		return word, soFar, true
	default:
		return word, partOf(m[2] == "小计" || !slices.Contains(allOf, m[1])), true
	}
}

func partOf(part bool) scope {
	if part {
		return group
	}
	return whole
}

// isPerson reports whether a row is somebody's whose cell holds a total's word by
// chance: a name stands in its column, or a date.
func (h *header) isPerson(cells []sheet.Cell, word int) bool {
	for f, i := range h.at {
		if i >= len(cells) || i == word || text(cells[i]) == "" {
			continue
		}
		switch t := text(cells[i]); f {
		case "name", "psn_name":
			if strings.IndexFunc(t, isDigitOrPunct) < 0 {
				return true
			}
		case "date", "setl_time", "start", "paid_on", "fee_ocur_time":
			if cells[i].Kind == sheet.Date || dateParts.MatchString(squeeze(t)) {
				return true
			}
		}
	}
	return false
}

// isPayment reports whether a row of transfers says more than a total does: its
// payee 合计 stands for the lines of a batch.
func (h *header) isPayment(cells []sheet.Cell, word int) bool {
	return h.kind == Transfers && slices.ContainsFunc([]field{"batch", "date", "item"}, func(f field) bool {
		i, ok := h.at[f]
		return ok && i != word && i < len(cells) && text(cells[i]) != ""
	})
}

func isDigitOrPunct(r rune) bool { return unicode.IsDigit(r) || unicode.IsPunct(r) }

// figures reads what a row of totals states: amounts under the columns that are
// summed, numbers of rows elsewhere.
func (h *header) figures(cells []sheet.Cell, word int) []stated {
	var out []stated
	amounts := 0
	for i, c := range cells {
		t := rules.Fold(c.Text)
		if t == "" && !noResult(c) || t == "无" || t == "略" {
			continue
		}
		if i == word {
			part, _, _ := strings.Cut(t, "其中")
			for _, m := range counted.FindAllStringSubmatch(part, -1) {
				out = appendCount(out, i, m)
			}
			continue
		}
		if m := onlyCount.FindStringSubmatch(t); m != nil {
			out = appendCount(out, i, m)
			continue
		}
		if i >= len(h.columns) {
			continue
		}
		switch col := h.columns[i]; {
		case col.sum > 0 && h.kind == Claims && slices.ContainsFunc(h.twice, func(t [2]int) bool { return t[0] == i }):
			// Some amounts stand in the column's twin.
		case col.sum > 0:
			v, ok := statedAmount(c, col.scale)
			if ok || noResult(c) || t != "" {
				out = append(out, stated{column: i, field: col.sum - 1, fen: v, dark: !ok})
				amounts++
			}
		case personal[col.field] && col.field != "expiry" && len(t) < 8 && digits(t):
			out = appendCount(out, i, []string{t, t, "人"})
		}
	}
	if amounts == 0 {
		out = append(out, h.yuanIn(cells[word], word)...)
	}
	return out
}

// appendCount adds a number of rows; households are not counted here.
func appendCount(to []stated, i int, m []string) []stated {
	n, err := strconv.Atoi(m[1])
	if err != nil || m[2] == "户" {
		return to
	}
	return append(to, stated{column: i, field: -1, count: n, people: m[2] == "人" || m[2] == "名"})
}

// yuanIn reads the amount from the words 合计35人，共12000元, where it can be of
// one column only.
func (h *header) yuanIn(c sheet.Cell, word int) []stated {
	one, n := 0, 0
	for i := range h.columns {
		if h.columns[i].sum > 0 {
			one, n = i, n+1
		}
	}
	part, _, _ := strings.Cut(width.Fold.String(c.Text), "其中")
	m := wordYuan.FindAllStringSubmatch(clean(part), -1)
	if n != 1 || len(m) != 1 {
		return nil
	}
	v, ok := statedAmount(sheet.Cell{Kind: sheet.Text, Text: m[0][1]}, units[m[0][2]])
	if !ok {
		return nil
	}
	return []stated{{column: word, field: h.columns[one].sum - 1, fen: v}}
}

// statedAmount reads the amount of a total, which may be larger than any single
// one.
func statedAmount(c sheet.Cell, scale int64) (money.Fen, bool) {
	d, e := yuan(c, scale)
	if e != nil || noResult(c) || d.Exponent() > 12 || d.Exponent() < -40 {
		return 0, false
	}
	fen := d.Shift(2)
	if !fen.IsInteger() || !fen.BigInt().IsInt64() {
		return 0, false
	}
	return money.Fen(fen.IntPart()), true
}
