package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"doudi/rules/money"

	"github.com/xuri/excelize/v2"
)

const (
	sampleRows = 200 // looked at for the widths
	minWidth   = 6
	maxWidth   = 48
	// maxFitted columns have a width of their own. The library's time for it
	// grows with the square of the columns; no table of ours has a hundred.
	maxFitted = 256
)

// table is one Table being written, on one sheet or, beyond Excel's rows, on
// several.
type table struct {
	Table
	w       *writer
	number  int
	head    [][]any // the first rows, until the widths are known
	widths  []int
	s       *sheet // nil before the first row is written
	header  int    // row of the header on every sheet
	parts   []span
	sums    []int64
	written int
}

// span is the range of data rows on one sheet.
type span struct {
	sheet       string
	first, last int
}

func (w *writer) table(i int) error {
	t := &table{Table: w.book.Tables[i], w: w, number: i}
	t.sums = make([]int64, len(t.Columns))
	var err error
	if t.Rows != nil {
		for row := range t.Rows {
			if err = t.take(row); err != nil {
				break
			}
		}
	}
	if err == nil && t.s == nil {
		err = t.begin()
	}
	if err == nil {
		err = t.finish()
	}
	return err
}

// take takes a row from the sender, who may use the slice again.
func (t *table) take(row []any) error {
	if !t.Raw && len(row) > len(t.Columns) {
		return fmt.Errorf("workbook: sheet %q: a row of %d values for %d columns", t.Sheet, len(row), len(t.Columns))
	}
	if len(row) > maxColumns+1 { // one more for a RowNumber; put has the last word
		return fmt.Errorf("workbook: sheet %q: a row of %d values", t.Sheet, len(row))
	}
	if t.s != nil {
		return t.data(row)
	}
	t.head = append(t.head, slices.Clone(row))
	if len(t.head) < sampleRows {
		return nil
	}
	return t.begin()
}

// begin opens the first sheet and writes the rows held back.
func (t *table) begin() error {
	if err := t.fit(); err != nil {
		return err
	}
	if err := t.open(t.w.first[t.number]); err != nil {
		return err
	}
	for _, row := range t.head {
		if err := t.data(row); err != nil {
			return err
		}
	}
	t.head = nil
	return nil
}

// fit finds the widths of the columns.
func (t *table) fit() error {
	total := make([]int64, len(t.Columns))
	for _, c := range t.Columns {
		n := 0
		for _, l := range strings.Split(c.Title, "\n") {
			n = max(n, textWidth(l)+3) // the filter's button stands beside the title
		}
		t.widths = append(t.widths, n)
	}
	for _, row := range t.head {
		if _, placed := first(row).(RowNumber); t.Raw && placed {
			row = row[1:]
		}
		for i, v := range row {
			if c, ok := v.(Cell); ok {
				v = c.Value
			}
			k := Text
			if i < len(t.Columns) {
				k = t.Columns[i].Kind
			}
			val, err := valueOf(v, k)
			if err != nil {
				return fmt.Errorf("workbook: sheet %q, column %d: %w", t.Sheet, i+1, err)
			}
			if i >= maxFitted {
				break
			}
			for len(t.widths) <= i {
				t.widths = append(t.widths, 0)
			}
			t.widths[i] = max(t.widths[i], val.width+2) // the indent of a text
			if n, ok := summand(v); ok && i < len(total) {
				total[i] += n // overflow is found when the rows are written
			}
		}
	}
	for i := range t.widths {
		n := t.widths[i]
		if i < len(t.Columns) {
			c := t.Columns[i]
			n = max(n, least(c.Kind))
			if c.Total {
				v, _ := moneyValue(money.Fen(total[i]))
				n = max(n, v.width+3) // bold
			}
			if c.Total && len(t.head) >= sampleRows {
				n = max(n, 19) // a sum that is not known yet must not show as ####
			}
			if c.Width > 0 {
				n = min(c.Width, 255) // Excel's limit
				t.widths[i] = n
				continue
			}
		}
		t.widths[i] = min(max(n, minWidth), maxWidth)
	}
	return nil
}

// least is the width below which a kind's values would show as ####.
func least(k Kind) int {
	switch k {
	case Money:
		return 13
	case Date:
		return 12
	case Moment:
		return 21
	}
	return minWidth
}

func first(row []any) any {
	if len(row) == 0 {
		return nil
	}
	return row[0]
}

// open begins a sheet of the table with everything above the data.
func (t *table) open(name string) (err error) {
	if t.s, err = t.w.newSheet(name, t.Columns, t.widths); err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", name, err)
	}
	if t.Raw {
		return nil
	}
	t.header = len(t.Notes) + 1
	if t.Title != "" {
		t.header++
	}
	below := fmt.Sprintf("A%d", t.header+1)
	last := columnName(len(t.Columns))
	err = errors.Join(
		t.s.sw.SetPanes(&excelize.Panes{
			Freeze: true, YSplit: t.header, TopLeftCell: below, ActivePane: "bottomLeft",
			Selection: []excelize.Selection{{SQRef: below, ActiveCell: below, Pane: "bottomLeft"}},
		}),
		t.w.f.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: name,
			RefersTo: fmt.Sprintf("%s!$%d:$%d", quoteSheet(name), t.header, t.header),
		}))
	if err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", name, err)
	}
	all := 0
	for _, n := range t.widths {
		all += n
	}
	above := func(text string, r role, perLine int, size float64) error {
		row := t.s.row + 1
		height := min(409, float64(lines(text, perLine))*size)
		if len(t.Columns) > 1 {
			if err := t.s.sw.MergeCell(fmt.Sprintf("A%d", row), fmt.Sprintf("%s%d", last, row)); err != nil {
				return t.s.fail(row, 0, err)
			}
		}
		return t.s.put(row, []any{text}, look{role: r}, height)
	}
	if t.Title != "" {
		if err := above(t.Title, isTitle, max(1, all*fontSize/titleSize), 28); err != nil {
			return err
		}
	}
	for _, n := range t.Notes {
		if err := above(n, isNotes, all, 16); err != nil {
			return err
		}
	}
	titles, high := make([]any, len(t.Columns)), 1
	for i, c := range t.Columns {
		titles[i] = c.Title
		high = max(high, lines(c.Title, t.widths[i]-1))
	}
	return t.s.put(t.header, titles, look{role: isHeader}, min(409, float64(high)*16+6))
}

// data writes one row, on a further sheet where this one is full.
func (t *table) data(row []any) error {
	at := t.s.row + 1
	if t.Raw {
		if n, ok := first(row).(RowNumber); ok {
			return t.s.put(int(n), row[1:], look{}, 0)
		}
	}
	limit := t.w.rows
	if t.summed() {
		limit-- // so that the total has a place on the last sheet
	}
	if at > limit {
		if err := t.close(); err != nil {
			return err
		}
		if err := t.open(t.w.names.take(t.w.first[t.number])); err != nil {
			return err
		}
		if at = t.s.row + 1; at > limit {
			return fmt.Errorf("workbook: sheet %q: no row is left for data", t.Sheet)
		}
	}
	for i, v := range row {
		if i >= len(t.Columns) || !t.Columns[i].Total {
			continue
		}
		if err := t.add(i, v); err != nil {
			return t.s.fail(at, i, err)
		}
	}
	if err := t.s.put(at, row, look{}, t.height(row)); err != nil {
		return err
	}
	t.written++
	if n := len(t.parts); n == 0 || t.parts[n-1].sheet != t.s.name {
		t.parts = append(t.parts, span{t.s.name, at, at})
	}
	t.parts[len(t.parts)-1].last = at
	return nil
}

// height is that of a row with a text that takes several lines, 0 for the usual
// one. Excel finds it itself; other programs print the lines over each other.
func (t *table) height(row []any) float64 {
	high := 1
	for i, v := range row {
		if i >= len(t.widths) || t.widths[i] < maxWidth {
			continue // not wrapped
		}
		if c, ok := v.(Cell); ok {
			v = c.Value
		}
		if s, ok := v.(string); ok {
			high = max(high, lines(s, t.widths[i]-2))
		}
	}
	if high == 1 {
		return 0
	}
	return min(409, float64(high)*15)
}

// summand is the whole number that a value adds to its column's sum.
func summand(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case money.Fen:
		return int64(v), true
	}
	return 0, false
}

// add adds a value to its column's sum. A count among amounts would be summed
// by the formula, but as yuan: that is a mistake of the caller.
func (t *table) add(i int, v any) error {
	if c, ok := v.(Cell); ok {
		v = c.Value
	}
	n, ok := summand(v)
	if !ok {
		if v == nil {
			return nil
		}
		if _, text := v.(string); text {
			return nil // SUM passes over it
		}
		return fmt.Errorf("a %T cannot be summed", v)
	}
	f, fen := v.(money.Fen)
	if fen != (t.Columns[i].Kind == Money) {
		return fmt.Errorf("a %T in a column of another kind", v)
	}
	if f > maxExact || f < -maxExact {
		return fmt.Errorf("%s is too large to be summed", f) // it stands as text
	}
	if n > 0 && t.sums[i] > math.MaxInt64-n || n < 0 && t.sums[i] < math.MinInt64-n {
		return errors.New("the sum is too large")
	}
	t.sums[i] += n
	return nil
}

func (t *table) summed() bool {
	return !t.Raw && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Total })
}

// finish writes the last row and ends the last sheet.
func (t *table) finish() error {
	if !t.Raw && t.written == 0 {
		if err := t.s.put(t.s.row+1, []any{cmp.Or(t.Empty, "本月没有内容")}, look{role: isNothing}, 0); err != nil {
			return err
		}
	}
	if t.written > 0 && t.summed() {
		if err := t.total(); err != nil {
			return err
		}
	}
	return t.close()
}

// total writes the sums: a formula, so that the reader can check it, with its
// value stored, so that programs that do not calculate see it.
func (t *table) total() error {
	row, labelled := t.s.row+1, false
	values := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		l := look{role: isTotal}
		cell := &excelize.Cell{}
		values[i] = cell
		switch {
		case c.Total:
			val := intValue(t.sums[i], Count)
			if c.Kind == Money {
				var err error
				if val, err = moneyValue(money.Fen(t.sums[i])); err != nil {
					return t.s.fail(row, i, err)
				}
			}
			l.format = val.format
			cell.Value, cell.Formula = val.v, t.formula(columnName(i+1))
		case !labelled:
			labelled = true
			cell.Value = "合计"
		}
		id, err := t.w.styleOf(l)
		if err != nil {
			return t.s.fail(row, i, err)
		}
		cell.StyleID = id
	}
	return t.s.set(row, values, 0)
}

// formula sums a column over all sheets of the table.
func (t *table) formula(col string) string {
	var refs []string
	for _, p := range t.parts {
		sheet := ""
		if p.sheet != t.s.name {
			sheet = quoteSheet(p.sheet) + "!"
		}
		refs = append(refs, fmt.Sprintf("%s%s%d:%s%d", sheet, col, p.first, col, p.last))
	}
	return "SUM(" + strings.Join(refs, ",") + ")"
}

// close ends the sheet. The filter spans the header and the data, not the total.
func (t *table) close() error {
	if !t.Raw {
		last := t.header
		if n := len(t.parts); n > 0 && t.parts[n-1].sheet == t.s.name {
			last = t.parts[n-1].last
		}
		ref := fmt.Sprintf("A%d:%s%d", t.header, columnName(len(t.Columns)), last)
		if err := t.w.f.AutoFilter(t.s.name, ref, nil); err != nil {
			return fmt.Errorf("workbook: sheet %q: %w", t.s.name, err)
		}
	}
	return t.s.end()
}

// columnName is the letter of a column counted from 1.
func columnName(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}
