package workbook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// paper is how a sheet is printed: as wide as the paper, which is A4, or A3 for a
// table that on A4 would be too small to be read.
type paper struct {
	onePage bool
	upright bool
	centred bool
	scale   uint // in percent; 0: as wide as the paper
	large   bool // A3
}

// The library's numbers of the sizes of paper.
const (
	sizeOfA3 = 8
	sizeOfA4 = 9
)

// printed sets how a sheet is printed.
func (w *writer) printed(name string, p paper) error {
	one, high, size, way := 1, 0, sizeOfA4, "landscape"
	if p.upright {
		way = "portrait"
	}
	if p.onePage {
		high = 1
	}
	if p.large {
		size = sizeOfA3
	}
	layout := excelize.PageLayoutOptions{Size: &size, Orientation: &way, FitToWidth: &one, FitToHeight: &high}
	fit := p.scale == 0
	if !fit {
		layout = excelize.PageLayoutOptions{Size: &size, Orientation: &way, AdjustTo: &p.scale}
	}
	side, top, low, edge := 0.4, 0.7, 0.6, 0.3
	return errors.Join(
		// The library would note the sheet's range as A1, and some readers believe it.
		w.f.SetSheetDimension(name, ""),
		w.f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}),
		w.f.SetPageLayout(name, &layout),
		w.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{
			Left: &side, Right: &side, Top: &top, Bottom: &low, Header: &edge, Footer: &edge, Horizontally: &p.centred,
		}),
		w.f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: w.pageHeader(), OddFooter: "&C&9第 &P 页，共 &N 页"}))
}

// pageHeader is the line above every printed page: the book's at the left, the
// sheet's name at the right. In it & begins a code; the font stands between the
// size and the text, which may begin with a digit.
func (w *writer) pageHeader() string {
	const font = `&"` + fontName + `,Regular"`
	text := strings.ReplaceAll(cut16(cleanText(w.book.Header), 100), "&", "&&")
	return "&L&9" + font + text + "&R&9" + font + "&A"
}

// printArea is what of a sheet is printed: what stands in it, whatever a reader
// writes beside it.
func (w *writer) printArea(name string, columns, rows int) error {
	return w.f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", Scope: name,
		RefersTo: fmt.Sprintf("%s!$A$1:$%s$%d", quoteSheet(name), columnName(columns), max(rows, 1)),
	})
}
