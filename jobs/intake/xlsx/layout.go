package xlsx

import (
	"bytes"
	"strconv"

	"doudi/jobs/intake/sheet"
)

// Layout gives the widths of the columns and the merged cells.
func (r *reader) Layout() sheet.Layout { return r.layout }

// merge takes the range of a <mergeCell>. What it says wrong of cells is passed over:
// no cell is read otherwise for it.
func (r *reader) merge() error {
	a := attributes{rest: r.sc.attrs}
	for a.next() {
		if m, ok := mergedRange(a.value); ok && string(a.name) == "ref" && len(r.layout.Merges) < sheet.MaxMerges {
			r.layout.Merges = append(r.layout.Merges, m)
		}
	}
	return nil
}

// mergedRange reads A1:C2.
func mergedRange(ref []byte) (m sheet.Range, ok bool) {
	from, to, ok := bytes.Cut(ref, []byte(":"))
	if !ok {
		return m, false
	}
	var a, b bool
	m.Left, m.Top, a = cellAt(from)
	m.Right, m.Bottom, b = cellAt(to)
	return m, a && b && m.Left <= m.Right && m.Top <= m.Bottom
}

// cellAt reads a reference such as AB12: the column from 0, the row from 1.
func cellAt(ref []byte) (col, row int, ok bool) {
	i := 0
	for ; i < len(ref) && i < 4 && ref[i] >= 'A' && ref[i] <= 'Z'; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	row, ok = parseInt(ref[i:])
	return col - 1, row, ok && col > 0 && row > 0 && row <= sheet.MaxRows
}

// wholeWidth is a column's width in characters; 0 where it says none that could be.
func wholeWidth(b []byte) int {
	const most = 255 // Excel's
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(f > 0) {
		return 0
	}
	return max(1, int(min(f, most)))
}
