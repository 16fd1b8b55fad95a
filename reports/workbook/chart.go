package workbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"doudi/rules/money"

	"github.com/xuri/excelize/v2"
)

// palette are the series' colours, each of its own darkness in grey print.
var palette = []string{"1F4E79", "F4A460", "9DC3E6", "7F7F7F", "C55A11", "C9C9C9"}

// overLines are the looks of lines over columns.
var overLines = []struct {
	color string
	dash  excelize.LineDashType
}{{"C00000", excelize.LineDashDash}, {"7F6000", excelize.LineDashSysDot}, {"404040", excelize.LineDashLgDashDot}}

const (
	rowPoints = 15 // of a row under a chart: the library counts with rows of this height
	rowPixels = 18 // in the library's count
	chartRows = 16
)

// source is what a chart draws.
type source struct {
	table  Table
	number int // of the sheet in the book
	labels int
	series []int
	line   []int
}

// find finds the chart's table and columns.
func (c Chart) find(b Book) (s source, err error) {
	i := slices.IndexFunc(b.Sheets, func(x Sheet) bool { return x.name() == c.Table })
	if i < 0 {
		return s, fmt.Errorf("the chart %q draws no table of this book: %q", c.Title, c.Table)
	}
	t, ok := b.Sheets[i].(Table)
	if !ok || t.Raw {
		return s, fmt.Errorf("the chart %q draws %q, which is no table", c.Title, c.Table)
	}
	s.table, s.number = t, i
	column := func(key string) int {
		n := slices.IndexFunc(t.Columns, func(x Column) bool { return x.Key == key })
		if n < 0 || key == "" {
			err = errors.Join(err, fmt.Errorf("the chart %q draws the column %q, which %q has not", c.Title, key, c.Table))
			return 0
		}
		return n
	}
	s.labels = column(c.Labels)
	for _, key := range c.Series {
		s.series = append(s.series, column(key))
	}
	for _, key := range c.Line {
		s.line = append(s.line, column(key))
	}
	return s, err
}

// check finds what a chart asks for and cannot have.
func (c Chart) check(b Book) error {
	s, err := c.find(b)
	if err != nil {
		return err
	}
	switch {
	case c.Kind > Line:
		return fmt.Errorf("%d is no kind of chart", c.Kind)
	case len(c.Series) == 0:
		return fmt.Errorf("the chart %q draws nothing", c.Title)
	case len(c.Series)+len(c.Line) > len(palette):
		return fmt.Errorf("the chart %q draws %d series", c.Title, len(c.Series)+len(c.Line))
	case c.Kind == Bars && len(c.Line) > 0:
		return fmt.Errorf("the chart %q has a line over bars", c.Title)
	}
	for _, group := range [][]int{s.series, s.line} {
		for _, i := range group {
			k := s.table.Columns[i].Kind
			if k != Count && k != Money && k != Ratio || k != s.table.Columns[group[0]].Kind {
				return fmt.Errorf("the chart %q draws %q, which has no number or one of another kind", c.Title, s.table.Columns[i].Title)
			}
		}
	}
	return nil
}

// charts draws charts side by side.
func (p *page) charts(cs Charts) error {
	if len(cs) == 0 {
		return nil
	}
	width, rows := sixty/len(cs), chartRows
	for _, c := range cs {
		s, err := c.find(p.w.book)
		if err != nil {
			return err
		}
		if c.Kind == Bars { // lying bars need a line for each label
			rows = max(rows, min(44, c.rows(&p.w.places[s.number])*len(c.Series)+4))
		}
	}
	if err := p.space(gap); err != nil {
		return err
	}
	top, left := p.row+1, 0
	var empty []piece
	for _, c := range cs {
		s, err := c.find(p.w.book)
		if err != nil {
			return err
		}
		between := 8
		if left+width == sixty {
			between = 0
		}
		if place := &p.w.places[s.number]; len(place.parts) == 0 {
			text := c.Title + "\n" + cmp.Or(c.Empty, "本月没有内容")
			empty = append(empty, piece{left, left + width, text, look{role: isFrame}})
		} else if p.dry {
			continue
		} else if err := c.draw(p, s, cellAt(columnAt(left), top), width*p.unit-between, rows*rowPixels); err != nil {
			return err
		}
		left += width
	}
	return p.tall(rows, rowPoints, empty...)
}

// rows is the number of rows that the chart draws.
func (c Chart) rows(p *place) int {
	if len(p.parts) == 0 {
		return 0
	}
	first := p.parts[0]
	n := min(first.last-first.first+1, MaxLabels)
	if c.First > 0 {
		n = min(n, c.First)
	}
	return n
}

// drawing is a chart being drawn.
type drawing struct {
	Chart
	source
	top   [][]any // the rows that are drawn
	sheet string
	from  int // the first row
	n     int
	wide  int // pixels
}

// draw hands a chart to the library.
func (c Chart) draw(p *page, s source, cell string, wide, high int) error {
	place := &p.w.places[s.number]
	n := c.rows(place)
	d := &drawing{Chart: c, source: s, top: place.top[:min(n, len(place.top))], sheet: quoteSheet(place.first), from: place.parts[0].first, n: n, wide: wide}
	main := d.main()
	main.Dimension = excelize.ChartDimension{Width: uint(wide), Height: uint(high)}
	if over := d.over(main); over != nil {
		return p.w.f.AddChart(p.sheet.name, cell, main, over)
	}
	return p.w.f.AddChart(p.sheet.name, cell, main)
}

// ofColumn draws a column by reference, its name being its header.
func (d *drawing) ofColumn(col int, color string) excelize.ChartSeries {
	span := func(col int) string {
		l := columnName(col + 1)
		return fmt.Sprintf("%s!$%s$%d:$%s$%d", d.sheet, l, d.from, l, d.from+d.n-1)
	}
	return excelize.ChartSeries{
		Name:       fmt.Sprintf("%s!$%s$%d", d.sheet, columnName(col+1), d.table.headerRow()),
		Categories: span(d.labels), Values: span(col),
		Fill:      fill(color),
		DataLabel: excelize.ChartDataLabel{Font: font(8)},
	}
}

// main is the chart of the series.
func (d *drawing) main() *excelize.Chart {
	no, narrow := false, uint(60)
	kind := d.table.Columns[d.series[0]].Kind
	numbers := excelize.ChartNumFmt{CustomNumFmt: axisFormat(kind, d.top, d.series)}
	x := &excelize.Chart{
		Type: excelize.Col, VaryColors: &no, GapWidth: &narrow,
		Format: excelize.GraphicOptions{AltText: d.Chart.Title, Positioning: "twoCell"},
		Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{
			Text: cleanText(d.Chart.Title), Font: &excelize.Font{Family: pageFont, Size: 11, Bold: true, Color: "1F3864"},
		}}},
		Legend:   excelize.ChartLegend{Position: "bottom", Font: ptr(font(9))},
		XAxis:    excelize.ChartAxis{Font: font(9)},
		YAxis:    excelize.ChartAxis{Font: font(9), MajorGridLines: true, NumFmt: numbers},
		PlotArea: excelize.ChartPlotArea{NumFmt: numbers},
	}
	slot := (d.wide - 70) / d.n // pixels that a label has
	switch d.Kind {
	case Columns:
		x.PlotArea.ShowVal = slot/len(d.series) > 42
	case Bars:
		x.Type = excelize.Bar
		x.XAxis.ReverseOrder = true // the first row on top
		x.YAxis.None, x.YAxis.MajorGridLines = true, false
		x.YAxis.Maximum = beyond(kind, d.top, d.series) // the numbers stand behind the bars
		x.PlotArea.ShowVal = true
	case Stacked:
		x.Type = excelize.ColStacked
	case Line:
		x.Type = excelize.Line
	}
	if d.Kind != Bars && turned(d.labels, d.top, slot) {
		x.XAxis.Alignment.TextRotation = -45
	}
	if d.Kind != Line && !anyNegative(d.top, d.series) {
		zero := 0.0 // a column that does not begin at nothing deceives
		x.YAxis.Minimum = &zero
	}
	if len(d.series)+len(d.line) == 1 {
		x.Legend.Position = "none"
	}
	for i, col := range d.series {
		one := d.ofColumn(col, palette[i])
		if d.Kind == Line {
			one.Line = excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25}
			one.Marker = excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: one.Fill}
		}
		if len(d.line) > 0 {
			one.DataLabel.Fill = fill("FFFFFF") // a line does not cross a number
		}
		x.Series = append(x.Series, one)
	}
	return x
}

// over is the chart of the lines over main, nil for none: dashed, without marks,
// on an axis of its own where they are of another kind.
func (d *drawing) over(main *excelize.Chart) *excelize.Chart {
	if len(d.line) == 0 {
		return nil
	}
	no := false
	x := &excelize.Chart{Type: excelize.Line, VaryColors: &no, XAxis: main.XAxis, YAxis: main.YAxis}
	if k := d.table.Columns[d.line[0]].Kind; k != d.table.Columns[d.series[0]].Kind {
		x.YAxis = excelize.ChartAxis{Font: font(9), Secondary: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: axisFormat(k, d.top, d.line)}}
	}
	for i, col := range d.line {
		as := overLines[i%len(overLines)]
		one := d.ofColumn(col, as.color)
		one.Line = excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25, Dash: as.dash}
		one.Marker = excelize.ChartMarker{Symbol: "none"}
		x.Series = append(x.Series, one)
	}
	return x
}

// turned tells whether labels do not fit beside each other. Chinese may take
// several lines; a date or a number may not be broken.
func turned(col int, rows [][]any, slot int) bool {
	for _, row := range rows {
		text, _ := plainAt(row, col).(string)
		across := 1
		if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x2E80 }) {
			across = 3
		}
		if textWidth(text)*6 > slot*across {
			return true
		}
	}
	return false
}

func ptr[T any](v T) *T { return &v }

func font(size float64) excelize.Font {
	return excelize.Font{Family: pageFont, Size: size, Color: "404040"}
}

// axisFormat is how the numbers of an axis are shown: from a hundred thousand
// yuan on in 万. Excel can divide by thousands alone; the point that is put
// between the last digits does the rest.
func axisFormat(k Kind, rows [][]any, cols []int) string {
	switch k {
	case Ratio:
		return "0%"
	case Money:
		for _, row := range rows {
			for _, i := range cols {
				if f, ok := plainAt(row, i).(money.Fen); ok && (f >= 10_000_000 || f <= -10_000_000) {
					return `0"."0,"万"`
				}
			}
		}
	}
	return "#,##0"
}

// beyond is where an axis ends that leaves a quarter free behind its longest bar;
// nil where there is no bar.
func beyond(k Kind, rows [][]any, cols []int) *float64 {
	var most int64
	for _, row := range rows {
		for _, i := range cols {
			v := plainAt(row, i)
			n, _ := summand(v)
			if r, ok := v.(money.Ratio); ok {
				n = int64(r)
			}
			most = max(most, n)
		}
	}
	if most == 0 {
		return nil
	}
	unit := map[Kind]float64{Money: 100, Ratio: float64(money.One)}[k]
	return ptr(float64(most) / max(unit, 1) * 1.25)
}

func anyNegative(rows [][]any, cols []int) bool {
	for _, row := range rows {
		for _, i := range cols {
			v := plainAt(row, i)
			if f, ok := summand(v); ok && f < 0 {
				return true
			}
			if r, ok := v.(money.Ratio); ok && r < 0 {
				return true
			}
		}
	}
	return false
}

// plainAt is the plain value of a row's cell.
func plainAt(row []any, i int) any {
	if i >= len(row) {
		return nil
	}
	if c, ok := row[i].(Cell); ok {
		return c.Value
	}
	return row[i]
}
