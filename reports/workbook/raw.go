package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

const (
	// paperWidth is how many digits of the house's font, each of 8 pixels, stand
	// beside each other between the margins of an A4 sheet across.
	paperWidth = 130
	// leastScale is the smallest print that people read, in percent. A table that is
	// wider is printed on A3; a sheet given back goes over several sheets of A4.
	leastScale = 60
	// maxFrozen rows stay in sight; more would leave no room for the others.
	maxFrozen = 12
)

// readable is the scale of a sheet that is too wide for the paper; 0: it fits.
func readable(widths []int) uint {
	all := 0
	for _, n := range widths {
		all += n
	}
	if all*leastScale <= paperWidth*100 {
		return 0
	}
	return leastScale
}

// openRaw sets up a sender's own sheet: its head stays in sight and is repeated in
// print, and what was merged is.
func (t *table) openRaw(name string) error {
	if name != t.place.first {
		return nil // the rows of a sheet in parts are elsewhere
	}
	var errs []error
	if h := t.Head; h.Bottom > 0 && h.Top > 0 && h.Top <= h.Bottom {
		errs = append(errs, t.w.f.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: name,
			RefersTo: fmt.Sprintf("%s!$%d:$%d", quoteSheet(name), h.Top, h.Bottom),
		}))
		if h.Bottom <= maxFrozen {
			below := fmt.Sprintf("A%d", h.Bottom+1)
			errs = append(errs, t.s.sw.SetPanes(&excelize.Panes{
				Freeze: true, YSplit: h.Bottom, TopLeftCell: below, ActivePane: "bottomLeft",
				Selection: []excelize.Selection{{SQRef: below, ActiveCell: below, Pane: "bottomLeft"}},
			}))
		}
	}
	t.s.merged = map[[2]int]Range{}
	for _, m := range disjoint(t.Merged) {
		t.s.merged[[2]int{m.Top, m.Left}] = m
		errs = append(errs, t.s.sw.MergeCell(fmt.Sprint(columnName(m.Left), m.Top), fmt.Sprint(columnName(m.Right), m.Bottom)))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("workbook: sheet %q: %w", name, err)
	}
	return nil
}

// raw writes a row in its place. From the head on the cells have lines around them,
// the empty ones, too, as on a form: on paper nothing else leads the eye.
func (t *table) raw(at int, row []any) error {
	if t.Head.Bottom == 0 || at < t.Head.Top {
		return t.s.put(at, row, look{}, 0)
	}
	for len(row) < min(len(t.Columns), maxFitted) {
		row = append(row, nil)
	}
	return t.s.put(at, row, look{boxed: true}, 0)
}

// disjoint are the ranges of more than one cell, without those that meet another
// before them: Excel takes a file with such for damaged.
func disjoint(all []Range) []Range {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Top, b.Top), cmp.Compare(a.Left, b.Left)) })
	var out, open []Range // open reach down to the row that is looked at
	for _, m := range all {
		if m.Top < 1 || m.Left < 1 || m.Bottom < m.Top || m.Right < m.Left || m.Bottom > maxRows || m.Right > maxColumns || m.Top == m.Bottom && m.Left == m.Right {
			continue
		}
		open = slices.DeleteFunc(open, func(o Range) bool { return o.Bottom < m.Top })
		if slices.ContainsFunc(open, func(o Range) bool { return o.Left <= m.Right && m.Left <= o.Right }) {
			continue
		}
		out, open = append(out, m), append(open, m)
	}
	return out
}

// linesIn is linesOf for the first of merged cells: its text has all of their room.
func (s *sheet) linesIn(m Range, v any) int {
	if c, ok := v.(Cell); ok {
		v = c.Value
	}
	text, ok := v.(string)
	room := 0
	for i := m.Left; i <= m.Right && i <= len(s.widths); i++ {
		room += s.widths[i-1]
	}
	if !ok || room == 0 {
		return 0
	}
	n := lines(text, max(1, room-2))
	if n == 1 {
		return 0
	}
	// Its lines stand in all of the rows.
	return max(1, (n+m.Bottom-m.Top)/(m.Bottom-m.Top+1))
}
