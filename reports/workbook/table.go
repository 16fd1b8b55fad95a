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
	place   *place
	head    [][]any // the first rows, until the widths are known
	widths  []int
	s       *sheet // nil before the first row is written
	header  int    // row of the header on every sheet
	sums    []int64
	written int
}

// span is the range of data rows on one sheet.
type span struct {
	sheet       string
	first, last int
}

func (w *writer) table(i int, tab Table) error {
	t := &table{Table: tab, w: w, place: &w.places[i]}
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
	t.place.done = err == nil
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
	if err := t.open(t.place.first); err != nil {
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
	whole := make([]int, len(t.Columns)) // what may not be broken
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
			if i >= len(t.Columns) {
				continue
			}
			if n, ok := summand(v); ok {
				total[i] += n // overflow is found when the rows are written
			}
			if text, ok := val.v.(string); ok {
				whole[i] = max(whole[i], longestWord(text)+2)
			} else {
				whole[i] = max(whole[i], val.width+2)
			}
		}
	}
	for i := range t.widths {
		n := t.widths[i]
		if i < len(t.Columns) {
			c := t.Columns[i]
			must := max(least(c.Kind), whole[i])
			if c.Total {
				v, _ := moneyValue(money.Fen(total[i]))
				must = max(must, v.width+3) // bold
			}
			if c.Total && len(t.head) >= sampleRows {
				must = max(must, 16) // a sum that is not known yet; one that is longer is shown smaller
			}
			if c.Width > 0 {
				t.widths[i] = min(max(c.Width, must), 255) // Excel's limit
				continue
			}
			n = max(n, must)
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

// longestWord is the length of the longest run of Latin letters and digits: an ID,
// which should not be broken over two lines. What is longer than IDs are, a
// digest, may be.
func longestWord(s string) int {
	const most = 32
	longest, n := 0, 0
	for _, r := range s {
		if r <= ' ' || r >= 0x7F {
			n = 0
			continue
		}
		if n++; n > longest {
			longest = n
		}
	}
	if longest > most {
		return 0
	}
	return longest
}

func first(row []any) any {
	if len(row) == 0 {
		return nil
	}
	return row[0]
}

// open begins a sheet of the table with everything above the data.
func (t *table) open(name string) (err error) {
	p := paper{centred: t.Columns != nil, large: !t.Raw && readable(t.widths) > 0}
	if t.Raw && t.Head.Bottom > 0 {
		p.scale = readable(t.widths)
	}
	if t.s, err = t.w.newSheet(name, t.Columns, t.widths, p); err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", name, err)
	}
	if t.Raw {
		return t.openRaw(name)
	}
	t.header = t.headerRow()
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
		height := min(maxHeight, float64(lines(text, perLine))*size)
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
	return t.s.put(t.header, titles, look{role: isHeader}, min(maxHeight, float64(high)*16+6))
}

// data writes one row, on a further sheet where this one is full.
func (t *table) data(row []any) error {
	at := t.s.row + 1
	if t.Raw {
		if n, ok := first(row).(RowNumber); ok {
			return t.raw(int(n), row[1:])
		}
		if t.Head.Bottom > 0 {
			return t.raw(at, row)
		}
	}
	limit := t.lastRow(t.w.rows)
	if at > limit {
		if err := t.close(); err != nil {
			return err
		}
		if err := t.open(t.w.names.take(t.place.first)); err != nil {
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
	if err := t.s.put(at, row, look{}, 0); err != nil {
		return err
	}
	t.written++
	p := t.place
	if n := len(p.parts); n == 0 || p.parts[n-1].sheet != t.s.name {
		p.parts = append(p.parts, span{t.s.name, at, at})
	}
	p.parts[len(p.parts)-1].last = at
	if len(p.top) < MaxLabels {
		p.top = append(p.top, slices.Clone(row))
	}
	return nil
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

// headerRow is the row of the header, on every sheet of the table.
func (t *Table) headerRow() int {
	n := len(t.Notes) + 1
	if t.Title != "" {
		n++
	}
	return n
}

// lastRow is the last row for data on a sheet of so many rows, so that the total
// has a place on the last sheet.
func (t *Table) lastRow(rows int) int {
	if t.summed() {
		return rows - 1
	}
	return rows
}

func (t *Table) summed() bool {
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
	for _, p := range t.place.parts {
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
	if t.Raw {
		return t.s.end()
	}
	last := t.header
	if parts := t.place.parts; len(parts) > 0 && parts[len(parts)-1].sheet == t.s.name {
		rows := parts[len(parts)-1]
		last = rows.last
		if err := t.colours(rows); err != nil {
			return err
		}
	}
	ref := fmt.Sprintf("A%d:%s%d", t.header, columnName(len(t.Columns)), last)
	err := errors.Join(t.w.f.AutoFilter(t.s.name, ref, nil), t.w.printArea(t.s.name, len(t.Columns), t.s.row))
	if err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", t.s.name, err)
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
