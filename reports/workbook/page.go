package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// A page's width is counted in sixtieths, so that twelve columns, five tiles and
// three charts each have whole numbers of them.
const (
	sixty   = 60
	perGrid = sixty / 12
)

// edges are where cells of a page may begin: the twelve columns, and the five
// tiles between them. Fewer columns than sixty mean fewer merged cells.
var edges = []int{0, 5, 10, 12, 15, 20, 24, 25, 30, 35, 36, 40, 45, 48, 50, 55, 60}

// columnAt is the column of the sheet, from 0, that begins at an edge.
func columnAt(at int) int { return slices.Index(edges, at) }

const (
	pixels   = 17 // of a sixtieth: with 60 of them the paper is filled
	upright  = 12
	textLine = 17 // points of a line of text
	gap      = 8  // points between blocks

	// The points of a sheet of paper, less a little, since it is fitted to the
	// paper's width.
	paperHigh   = 490.0
	uprightHigh = 730.0

	maxTiles = 5
	maxChart = 3
	maxUnit  = 40 // characters; Excel takes a number format of 255
)

// check finds what a page asks for and cannot have.
func (p Page) check(b Book) error {
	if len(p.Blocks) == 0 && p.Title == "" {
		return errors.New("a page needs something to be read")
	}
	for i, block := range p.Blocks {
		var err error
		switch block := block.(type) {
		case Heading:
		case Paragraph:
			err = block.Tone.check()
		case Figures:
			for _, f := range block {
				err = errors.Join(err, f.Tone.check())
			}
		case Lines:
			_, err = block.widths()
		case Charts:
			if len(block) > maxChart {
				err = fmt.Errorf("%d charts side by side", len(block))
			}
			for _, c := range block {
				err = errors.Join(err, c.check(b))
			}
		default:
			err = fmt.Errorf("a %T is no block", block)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return nil
}

func (t Tone) check() error {
	if t > Quiet {
		return fmt.Errorf("%d is no tone", t)
	}
	return nil
}

// widths are those of the columns, in columns of the grid.
func (l Lines) widths() ([]int, error) {
	n := len(l.Header)
	for _, r := range l.Rows {
		n = max(n, len(r))
	}
	if l.Widths == nil {
		n = max(n, 1)
		if n > 12 {
			return nil, fmt.Errorf("lines of %d columns", n)
		}
		return slices.Repeat([]int{12 / n}, n), nil
	}
	sum := 0
	for _, w := range l.Widths {
		if w < 1 {
			return nil, fmt.Errorf("a width of %d", w)
		}
		sum += w
	}
	if n > len(l.Widths) || sum > 12 {
		return nil, fmt.Errorf("lines of %d columns in widths %v", n, l.Widths)
	}
	return l.Widths, nil
}

// page is a Page being written.
type page struct {
	*sheet
	Page
	unit int     // pixels of a sixtieth
	dry  bool    // nothing is written, only measured
	used float64 // points of the printed page
}

// piece is a part of a row: a cell over some sixtieths of the width.
type piece struct {
	from, to int
	v        any
	look     look
}

// page fills a page. All tables are written.
func (w *writer) page(name string, p Page) error {
	no := false
	tab := "2F5597"
	err := errors.Join(
		w.printed(name, paper{onePage: p.OnePage, upright: p.Portrait, centred: true}),
		w.f.SetSheetProps(name, &excelize.SheetPropsOptions{TabColorRGB: &tab}),
		w.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	if err != nil {
		return err
	}
	pg := &page{Page: p, unit: pixels, sheet: &sheet{w: w, name: name, columns: slices.Repeat([]Column{{Kind: Count}}, len(edges)-1)}}
	if p.Portrait {
		pg.unit = upright
	}
	if pg.sw, err = w.f.NewStreamWriter(name); err != nil {
		return err
	}
	for i := len(edges) - 2; i >= 0; i-- { // in this order: see newSheet
		// The house's font has digits of 8 pixels.
		if err := pg.sw.SetColWidth(i+1, i+1, float64((edges[i+1]-edges[i])*pg.unit)/8); err != nil {
			return err
		}
	}
	if err := pg.write(); err != nil {
		return err
	}
	if err := w.printArea(name, len(edges)-1, pg.row); err != nil {
		return err
	}
	return pg.end()
}

func (p *page) write() error {
	if p.Title != "" {
		if err := p.whole(p.Title, look{role: isPageTitle}, 20, 2); err != nil {
			return err
		}
	}
	if p.Subtitle != "" {
		if err := p.whole(p.Subtitle, look{role: isSubtitle}, fontSize, 1.4); err != nil {
			return err
		}
	}
	for i, b := range p.Blocks {
		err := p.turn(i)
		if err == nil {
			err = p.block(b)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", i+1, err)
		}
	}
	return nil
}

// turn begins a new printed page before a block that this one would cut, a
// heading being one with what follows it. What is longer than a page is cut.
func (p *page) turn(i int) error {
	all := paperHigh
	if p.Portrait {
		all = uprightHigh
	}
	if p.OnePage {
		return nil
	}
	try := *p
	try.dry, try.used = true, 0
	for _, b := range p.Blocks[i:] {
		if err := try.block(b); err != nil {
			return err
		}
		if _, more := b.(Heading); !more {
			break
		}
	}
	if p.used+try.used <= all || try.used > all {
		return nil
	}
	p.used = 0
	return p.sw.InsertPageBreak(cellAt(0, p.row+1))
}

func (p *page) block(b Block) error {
	switch b := b.(type) {
	case Heading:
		return errors.Join(p.space(gap), p.whole(string(b), look{role: isHeading}, 13, 1.5))
	case Paragraph:
		l := look{role: isParagraph, tone: b.Tone}
		return errors.Join(p.space(gap/2), p.whole(b.Text, l, fontSize, 1.2))
	case Figures:
		return p.figures(b)
	case Lines:
		return p.lines(b)
	case Charts:
		return p.charts(b)
	}
	return fmt.Errorf("a %T is no block", b)
}

// space leaves points empty.
func (p *page) space(points float64) error { return p.line(nil, points) }

// line writes a row, or only measures it.
func (p *page) line(values []any, points float64) error {
	p.used += points
	if p.dry {
		return nil
	}
	return p.set(p.row+1, values, points)
}

// whole writes a text over the whole width, as high as it needs, least being the
// height of a single line in lines.
func (p *page) whole(text string, l look, size, least float64) error {
	n := float64(lines(text, p.places(sixty, size)))
	return p.pieces((n-1+least)*textLine*max(size, fontSize)/fontSize, piece{0, sixty, text, l})
}

// places is how many Latin characters of a size stand beside each other in some
// sixtieths. A digit at the size of tables takes seven pixels and a half; a little
// is left for the edges.
func (p *page) places(sixtieths int, size float64) int {
	return max(1, int(float64(sixtieths*p.unit-12)/7.5*fontSize/size))
}

// pieces writes a row of pieces, each a merged cell.
func (p *page) pieces(height float64, parts ...piece) error { return p.tall(1, height, parts...) }

// tall writes pieces that are some rows high.
func (p *page) tall(rows int, height float64, parts ...piece) error {
	if p.dry {
		p.used += float64(rows) * height
		return nil
	}
	top := p.row + 1
	for r := range rows {
		n := len(edges) - 1
		p.room(n)
		for i := range n {
			p.values[i] = nil
		}
		for _, part := range parts {
			a, z := columnAt(part.from), columnAt(part.to)-1
			for i := a; i <= z; i++ {
				v := part.v
				if i > a || r > 0 {
					v = nil // its style alone, for the edges of what is merged
				}
				if err := p.cell(p.row+1, i, v, part.look); err != nil {
					return p.fail(p.row+1, i, err)
				}
			}
			if r == 0 && (z > a || rows > 1) {
				if err := p.sw.MergeCell(cellAt(a, top), cellAt(z, top+rows-1)); err != nil {
					return p.fail(top, a, err)
				}
			}
		}
		if err := p.line(p.values[:n], min(maxHeight, height)); err != nil {
			return err
		}
	}
	return nil
}

// cellAt names a cell by its column, from 0, and its row.
func cellAt(col, row int) string { return fmt.Sprintf("%s%d", columnName(col+1), row) }

// figures writes tiles, five to a row at most, the rows equally full.
func (p *page) figures(fs Figures) error {
	if len(fs) == 0 {
		return nil
	}
	rows := (len(fs) + maxTiles - 1) / maxTiles
	per := (len(fs) + rows - 1) / rows
	for some := range slices.Chunk(fs, per) {
		if err := errors.Join(p.space(gap), p.tiles(some, sixty/per)); err != nil {
			return err
		}
	}
	return nil
}

// tiles writes a row of tiles of a width.
func (p *page) tiles(fs []Figure, width int) error {
	var labels, values, notes []piece
	size, high, noted := 22.0, 1, 1
	for i, f := range fs {
		from, to := i*width, (i+1)*width
		l := look{tone: f.Tone, unit: cut16(cleanText(f.Unit), maxUnit)}
		val, err := valueOf(f.Value, Count)
		if err != nil {
			return err
		}
		if _, number := numberFormats[val.format]; !number || val.v == nil {
			l.unit = ""
			if f.Unit != "" && val.v != nil {
				f.Value = fmt.Sprint(val.v, f.Unit)
			}
		}
		// All numbers of a row are of one size, that of the longest. A bold digit
		// takes seven tenths of a pixel for each point of its size.
		wide := float64(val.width + textWidth(f.Unit))
		size = min(size, float64(width*p.unit-16)/(max(wide, 1)*0.7))
		high = max(high, lines(f.Label, p.places(width, 10)-2))
		noted = max(noted, lines(f.Note, p.places(width, 9)-2))
		cell := func(v any, r role) piece {
			l := l
			l.role = r
			return piece{from, to, Cell{Value: v, Link: f.Link}, l}
		}
		labels = append(labels, cell(f.Label, isLabel))
		values = append(values, cell(f.Value, isFigure))
		notes = append(notes, cell(cmp.Or(any(f.Note), nil), isRemark))
	}
	for i := range values {
		values[i].look.size = uint8(max(size, 9))
	}
	return errors.Join(
		p.pieces(float64(high)*15+5, labels...),
		p.pieces(34, values...),
		p.pieces(float64(noted)*13.5+5, notes...))
}

// lines writes a small table.
func (p *page) lines(l Lines) error {
	widths, err := l.widths()
	if err != nil {
		return err
	}
	row := func(values []any, r role, size float64) error {
		var parts []piece
		from, high := 0, 1
		for i, w := range widths {
			var v any
			if i < len(values) {
				v = values[i]
			}
			text := v
			if c, ok := v.(Cell); ok {
				text = c.Value
			}
			if s, ok := text.(string); ok {
				high = max(high, lines(s, p.places(w*perGrid, size)-2))
			}
			to := from + w*perGrid
			parts = append(parts, piece{from, to, v, look{role: r}})
			from = to
		}
		return p.pieces(float64(high)*15+5, parts...)
	}
	if err := p.space(gap / 2); err != nil {
		return err
	}
	if l.Header != nil {
		var head []any
		for _, h := range l.Header {
			head = append(head, h)
		}
		if err := row(head, isLineHead, 10); err != nil {
			return err
		}
	}
	for _, r := range l.Rows {
		if err := row(r, isLine, 10); err != nil {
			return err
		}
	}
	if len(l.Rows) == 0 {
		return p.whole("没有内容", look{role: isNothing}, fontSize, 1.2)
	}
	return nil
}
