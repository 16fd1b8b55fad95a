package workbook

// Page is a sheet to be read: a cover, a summary, an explanation. Its blocks
// stand below one another on a grid of twelve columns.
type Page struct {
	Sheet    string // as a Table's
	Title    string
	Subtitle string
	Blocks   []Block
	OnePage  bool // printed on one sheet of A4, however much stands on it
	Portrait bool // upright; else landscape
}

// Block is a part of a Page: Heading, Paragraph, Figures, Lines or Charts.
type Block interface{ block() }

// Heading is a heading over what follows.
type Heading string

// Paragraph is a text over the whole width, as high as it needs to be.
type Paragraph struct {
	Text string
	Tone Tone
}

// Figures are tiles side by side, five to a row.
type Figures []Figure

// Figure is a tile: a label, the number in large, a note below.
type Figure struct {
	Label string
	Value any    // as in a Cell
	Unit  string // 人, 元
	Note  string
	Link  string // as a Cell's
	Tone  Tone
}

// Lines is a small table of few rows. It has no filter and continues on no other
// sheet.
type Lines struct {
	Header []string // or none
	Widths []int    // in columns of the grid, together at most 12; nil: equal
	Rows   [][]any  // values or Cells
}

// Charts stand side by side, at most three.
type Charts []Chart

// ChartKind is how a chart is drawn.
type ChartKind uint8

// The kinds of a chart.
const (
	Columns ChartKind = iota // upright
	Bars                     // lying, the first row on top: for long labels
	Stacked                  // upright, the series on top of each other
	Line                     // over time
)

// Chart draws rows of a table of the same book, by reference: what is put right
// in the table is right in the chart.
type Chart struct {
	Kind   ChartKind
	Title  string
	Table  string   // Sheet of the table
	Labels string   // Key of the column with the labels
	Series []string // Keys of the columns that are drawn
	Line   []string // Keys of columns drawn as lines over them: a target. Not over Bars.
	First  int      // only the first rows; 0: all. Never more than MaxLabels.
	Empty  string   // what stands in its place where the table has no rows; "": that the month has none
}

// MaxLabels bounds the rows that a chart draws; more cannot be read on paper.
const MaxLabels = 40

func (Heading) block()   {}
func (Paragraph) block() {}
func (Figures) block()   {}
func (Lines) block()     {}
func (Charts) block()    {}
