package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules/money"
)

// folder is a department's workbook before it is bound: its sheets, from which its
// first pages are read.
type folder struct {
	*facts
	plan
	covers  *catalogue.Covers
	seen    []sighted
	sizes   map[string]int    // how many rows a table has
	answers map[string]*tally // by what was asked
}

// tally is what some rows of a sheet come to.
type tally struct {
	sheet string
	n     int
	sum   int64 // fen, or what the column counts
	kind  workbook.Kind
	first int // the first of the rows, or the last, from 1 below the header; 0: none
	cell  any // in it
}

// question asks for a tally of a sheet.
type question struct {
	tally
	at, above     int // columns; -1: none
	with, without filter
	last          bool
}

func (f *facts) fold(p plan, covers *catalogue.Covers, seen []sighted) *folder {
	x := &folder{facts: f, plan: p, covers: covers, seen: seen, sizes: map[string]int{}, answers: map[string]*tally{}}
	asked := map[string][]*question{}
	ask := func(name string, r catalogue.Rows, col string, last bool) {
		if q := x.question(r, col, last); q != nil {
			asked[r.Table], x.answers[name] = append(asked[r.Table], q), &q.tally
		}
	}
	for _, name := range covers.Of(p.Department).Figures {
		c := covers.Figures[name]
		ask(name, c.Rows, cmp.Or(c.Sum, c.Value), c.Last)
	}
	for i, n := range covers.Next {
		if x.concerns(n) {
			ask(nextName(i), n.Rows, n.Sum, false)
		}
	}
	for _, s := range seen { // each is read once, however much is asked of it
		n := 0
		for row := range s.table.Rows {
			n++
			for _, q := range asked[s.view.Table] {
				q.take(n, row)
			}
		}
		x.sizes[s.view.Table] = n
	}
	return x
}

func nextName(i int) string { return fmt.Sprint("next ", i) }

// concerns reports whether something to do is the department's.
func (x *folder) concerns(n catalogue.Next) bool {
	return len(n.Departments) == 0 || slices.ContainsFunc(n.Departments, x.Called)
}

// sight is a table as the department sees it; false where it has none.
func (x *folder) sight(table string) (sighted, bool) {
	i := slices.IndexFunc(x.seen, func(s sighted) bool { return s.view.Table == table })
	if i < 0 {
		return sighted{}, false
	}
	return x.seen[i], true
}

// column is where a column stands; -1 where there is none.
func (s sighted) column(key string) int {
	if key == "" {
		return -1
	}
	return slices.IndexFunc(s.table.Columns, func(c workbook.Column) bool { return c.Key == key })
}

// question asks for some rows; col is the column that is added or shown, "" for
// none. It is nil where the department does not see the table or one of the columns.
func (x *folder) question(r catalogue.Rows, col string, last bool) *question {
	s, ok := x.sight(r.Table)
	if !ok {
		return nil
	}
	q := &question{at: s.column(col), above: s.column(r.Above), last: last}
	var with, without bool
	q.with, with = s.filter(r.Where, x.run.Month.Year())
	q.without, without = s.filter(r.Except, x.run.Month.Year())
	if col != "" && q.at < 0 || r.Above != "" && q.above < 0 || !with || !without {
		return nil
	}
	q.sheet = s.table.Sheet
	if q.at >= 0 {
		q.kind = s.table.Columns[q.at].Kind
	}
	return q
}

// take looks at row n.
func (q *question) take(n int, row []any) {
	if q.above >= 0 && number(row[q.above]) <= 0 || !q.with.all(row) || len(q.without) > 0 && q.without.all(row) {
		return
	}
	q.n++
	first := q.n == 1 || q.last
	if first {
		q.first = n
	}
	if q.at >= 0 {
		q.sum += number(row[q.at])
		if first {
			q.cell = row[q.at]
		}
	}
}

// filter is which texts a row must have, by column.
type filter map[int][]string

func (s sighted) filter(where map[string][]string, year int) (filter, bool) {
	f := filter{}
	for key, texts := range where {
		i := s.column(key)
		if i < 0 {
			return nil, false
		}
		for _, t := range texts {
			f[i] = append(f[i], strings.ReplaceAll(t, "{year}", fmt.Sprint(year)))
		}
	}
	return f, true
}

func (f filter) all(row []any) bool {
	for i, texts := range f {
		if !slices.Contains(texts, fmt.Sprint(row[i])) {
			return false
		}
	}
	return true
}

// number is a cell's number; 0 where there is none.
func number(cell any) int64 {
	switch v := cell.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case money.Fen:
		return int64(v)
	case money.Ratio:
		return int64(v)
	}
	return 0
}

// total is the sum as a cell.
func (t tally) total() any {
	if t.kind == workbook.Money {
		return money.Fen(t.sum)
	}
	return t.sum
}

// link leads to the first of the rows, or to the sheet.
func (t tally) link() string {
	if t.first == 0 {
		return t.sheet
	}
	return fmt.Sprintf("%s!%d", t.sheet, t.first)
}

// fill puts the numbers into a text of the catalogue.
func (t tally) fill(text string) string {
	sum := fmt.Sprint(t.sum)
	if t.kind == workbook.Money {
		sum = yuan(money.Fen(t.sum))
	}
	return strings.NewReplacer("{n}", fmt.Sprint(t.n), "{sum}", sum).Replace(text)
}

// maxFigures is how many figures a first page has.
const maxFigures = 5

// figures are the first five of the department's figures whose sheets are in the
// workbook; where it has none of its own, how many rows its sheets have.
func (x *folder) figures() (out workbook.Figures) {
	for _, name := range x.covers.Of(x.Department).Figures {
		if f, ok := x.figure(name); ok && len(out) < maxFigures {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, s := range x.seen {
		if len(out) < maxFigures {
			out = append(out, workbook.Figure{Label: s.table.Sheet, Value: x.sizes[s.view.Table], Unit: "行", Link: s.table.Sheet})
		}
	}
	return out
}

func (x *folder) figure(name string) (workbook.Figure, bool) {
	c := x.covers.Figures[name]
	out := workbook.Figure{Label: c.Label, Unit: c.Unit}
	t := x.answers[name]
	switch {
	case c.Run == "touched":
		out.Value, out.Note = x.sum.Touched, fmt.Sprintf("全部 %d 人", x.sum.People)
	case c.Run == "returned":
		out.Value, out.Note = x.returnedRows(), c.Note
	case t == nil:
		return out, false
	case c.Value != "":
		out.Value = t.cell
	case c.Sum != "":
		out.Value = t.total()
	default:
		out.Value = t.n
	}
	if t != nil {
		out.Note, out.Link = t.fill(c.Note), t.link()
	}
	if number(out.Value) != 0 {
		out.Tone = catalogue.Tone(c.Tone)
	}
	switch v := out.Value.(type) {
	case nil:
		out.Value, out.Unit, out.Tone = cmp.Or(c.Blank, "无"), "", workbook.Quiet
	case money.Fen:
		if c.Positive {
			out.Value = max(v, -v)
		}
	}
	return out, true
}

// ownFiles are the month's files whose returned rows are the department's to put
// right: its own; of the one that takes all in, everyone's.
func (x *folder) ownFiles() (out []ledger.File) {
	for _, f := range x.files {
		if x.Every || deptIs(cmp.Or(f.Source, jobs.DeptOf(f.Name)), x.Names()) {
			out = append(out, f)
		}
	}
	return out
}

func (x *folder) returnedRows() (n int) {
	for _, f := range x.ownFiles() {
		n += f.Returned
	}
	return n
}

// next are the things to do, each with the sheet where it stands.
func (x *folder) next() (rows [][]any) {
	add := func(text, link, sheet string) {
		rows = append(rows, []any{fmt.Sprint(len(rows) + 1), workbook.Cell{Value: text, Link: link}, workbook.Cell{Value: sheet, Link: link}})
	}
	if !x.Summary {
		for _, text := range x.giveBack() {
			add(text, "", "")
		}
	}
	for i, n := range x.covers.Next {
		if t := x.answers[nextName(i)]; t != nil && t.n > 0 {
			add(t.fill(n.Say), t.link(), t.sheet)
		}
	}
	if x.Every && len(x.sum.Unset) > 0 {
		add(fmt.Sprintf("%d 项政策参数未配置，有关费用没有推算：见本页“未配置参数”，按本地文件补上", len(x.sum.Unset)), "", "")
	}
	return rows
}

// giveBack says which files came back, and what of them was corrected since.
func (x *folder) giveBack() (out []string) {
	own := map[ledger.Seq]bool{}
	for _, f := range x.ownFiles() {
		own[f.Seq] = true
		if f.Refused != "" {
			out = append(out, fmt.Sprintf("%s 整份拒收（%s）：改好后重新报送", f.Name, f.Refused))
		}
	}
	rows, open, names := 0, 0, []string{}
	for _, r := range x.returns {
		if !slices.ContainsFunc(r.Files, func(f ledger.File) bool { return own[f.Seq] }) {
			continue
		}
		rows, open = rows+r.Returned(), open+r.Open()
		if r.Open() > 0 {
			names = append(names, r.First().Name)
		}
	}
	if open == 0 {
		return out
	}
	more := ""
	if len(names) > 3 {
		names, more = names[:3], fmt.Sprintf("等 %d 个文件", len(names))
	}
	who := "改好退回工作簿后重新报送"
	if x.Every {
		who = "催报送单位改好退回工作簿后重新报送"
	}
	count := fmt.Sprintf("退回 %d 行", rows)
	if open != rows {
		count += fmt.Sprintf("，还有 %d 行待更正", open)
	}
	return append([]string{fmt.Sprintf("%s：%s（%s%s）", count, who, strings.Join(names, "、"), more)}, out...)
}
