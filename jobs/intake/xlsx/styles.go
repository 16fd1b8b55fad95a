package xlsx

import (
	"io"
	"strconv"

	"doudi/jobs/intake/numfmt"
)

const (
	// maxStyles bounds the cell formats of a book; Excel itself allows 65490.
	maxStyles = 1 << 17
	// maxFormats bounds its number formats; Excel itself allows 250.
	maxFormats = 1 << 15
)

// styles tells by the s attribute of a cell whether its number is a day.
type styles []bool

func (st styles) date(i int) bool { return i < len(st) && st[i] }

// readStyles reads styles.xml. The cell formats refer to the number formats,
// which stand before them.
func readStyles(r io.Reader) (styles, error) {
	custom := map[int]bool{}
	formats := 0
	var st styles
	err := elements(r, "styleSheet", func(e *element) error {
		switch {
		// Differential formats (dxf) hold a numFmt, too, and repeat ids.
		case e.name == "numFmt" && e.parent == "numFmts":
			id, err := formatID(e)
			if err != nil {
				return err
			}
			if formats++; formats > maxFormats {
				return errUnpacked
			}
			custom[id] = numfmt.IsDate(e.attr("formatCode"))
		case e.name == "xf" && e.parent == "cellXfs":
			id, err := formatID(e)
			if err != nil {
				return err
			}
			if len(st) >= maxStyles {
				return errUnpacked
			}
			date, ok := custom[id]
			if !ok {
				date = numfmt.Builtin(id)
			}
			st = append(st, date)
		}
		return nil
	})
	return st, err
}

// formatID is the number of a number format; 0 where none is given.
func formatID(e *element) (int, error) {
	v := e.attr("numFmtId")
	if v == "" {
		return 0, nil
	}
	id, err := strconv.Atoi(v)
	if err != nil {
		return 0, malformed("numFmtId %q", v)
	}
	return id, nil
}
