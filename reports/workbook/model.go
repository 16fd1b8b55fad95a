// Package workbook writes Excel files: tables of plain rows and pages to be
// read, with the styles of the house, through excelize's stream writer. It knows
// nothing of policy or of the ledger. It is one of the two places where the
// spreadsheet library is seen.
//
// The same Book gives the same bytes, with one exception: a Book with a Password
// is encrypted under a random key and random salts, so its bytes differ from one
// writing to the next, while what is in it does not.
package workbook

import "iter"

// Book is a workbook.
type Book struct {
	Title  string // document property
	Sheets []Sheet
	// Header stands on every printed page, at the left: area, month, department.
	// The sheet's name stands at the right.
	Header string
	// Password, if any, is what Excel asks for before it opens the file: agile
	// encryption, AES-256 and SHA-512.
	Password string
}

// Sheet is a sheet of a book: a Table of rows or a Page that is read.
type Sheet interface{ name() string }

func (t Table) name() string { return t.Sheet }
func (p Page) name() string  { return p.Sheet }

// Sheets are tables as sheets of a book.
func Sheets(tables ...Table) []Sheet {
	var out []Sheet
	for _, t := range tables {
		out = append(out, t)
	}
	return out
}

// Tables are the book's tables, without its pages.
func (b Book) Tables() []Table {
	var out []Table
	for _, s := range b.Sheets {
		if t, ok := s.(Table); ok {
			out = append(out, t)
		}
	}
	return out
}

// Kind tells how the cells of a column are shown.
type Kind uint8

// The kinds of a column. The Go type of a value decides what its cell is: a
// string is a text cell in any column, and an int64 in a Text column is a plain
// number cell, as a sender may have written an ID.
const (
	Text   Kind = iota // string; foreign text, never a formula
	Count              // int, int64: with thousands separators
	Money              // money.Fen, shown in yuan with thousands separators and two decimals
	Date               // civil.Date
	Moment             // civil.Moment: date, with the time of day where there is one
	Ratio              // money.Ratio, shown as a percentage
)

// Column describes a column of a table.
type Column struct {
	// Key is the stable English name of what stands in the column: certno, name,
	// due. Charts find a column by it, and so may the caller. Unique in its table
	// where it is not "".
	Key   string
	Title string
	Kind  Kind
	Width int  // in Latin characters; 0 is fitted to the title and the first rows
	Total bool // the last row sums the column, by formula with its stored value

	Meaning string // one short sentence, for whoever explains the columns
	Clause  string // the citation, where the column's figure comes from one

	// What follows colours the column's cells by conditional formats, so that the
	// colour follows what is typed over them. A cell that is Bad or a Note keeps
	// its own fill under it.
	Tones map[string]Tone // by a cell's whole text
	Heat  bool            // the larger, the darker; columns of one kind beside each other share the scale
	Bar   bool            // a bar in the cell, as long as its number
	Limit *Limit          // numbers beyond it
}

// Tone is what a colour says. Each has its own shade of grey in print, and Bad
// is bold.
type Tone uint8

// The tones.
const (
	Plain Tone = iota
	Good       // done, green
	Watch      // look here, yellow
	Bad        // wrong or late, red and bold
	Quiet      // over, or of no weight: grey text
)

// Limit colours the numbers below or above a value: a money.Fen in a Money
// column, a money.Ratio in a Ratio column, an int elsewhere; nil is no limit.
type Limit struct {
	Below, Above any
	Tone         Tone
}

// Cell is a cell with something more than a value. A plain value may stand in a
// row instead.
type Cell struct {
	Value   any    // string, int, int64, money.Fen, civil.Date, civil.Moment, money.Ratio, Number, NoResult or nil
	Bad     bool   // filled red: what is wrong and must be put right
	Note    bool   // filled yellow: look here
	Bold    bool   //
	Tone    Tone   // its colour, where the column's Tones say none
	Comment string // an Excel comment on the cell
	// Link leads to a place in this book, by the Sheet name of a Table or Page:
	// "明细" its beginning, "明细!A5" a cell, "明细!A5:C9" a range; "明细!5" the
	// fifth row of a table below its header, "明细!5:9" five rows, on whatever
	// sheet they came to stand.
	Link string
}

// Table is one sheet.
type Table struct {
	Sheet   string // the sheet's name; cut and made unique as Excel needs
	Title   string // a title row, or "" for none
	Notes   []string
	Columns []Column // the header row, styled, frozen, filtered, repeated in print; none for Raw
	// Rows are the rows below the header. Each has at most len(Columns) values.
	Rows iter.Seq[[]any]
	// Raw writes the rows as they are, without title, header, filter or totals:
	// a sender's own sheet, given back. Numbered rows keep their place: a row
	// whose first value is a RowNumber stands in that row of the sheet.
	Raw bool
	// Of a Raw table: the cells that are merged, and the last row of its head, which
	// stays in sight and is repeated in print from Top on.
	Merged []Range
	Head   Head
	// Empty is what stands where there are no rows; "": that the month has none.
	Empty string
}

// Range is a rectangle of cells; rows and columns are counted from 1.
type Range struct{ Top, Left, Bottom, Right int }

// Head are the rows with the titles of the columns, from 1; none where Bottom is 0.
type Head struct{ Top, Bottom int }

// Number is a number as a file wrote it, for a sender's own sheet: it stays a
// number, with all that this means for an ID. Where its cell is Bad, what is typed
// over it becomes a text.
type Number string

// NoResult is a formula whose result nobody knows: a cell that shows an error and
// that a reader finds without a value, as the sender's was.
type NoResult struct{}

// RowNumber, as the first value of a Raw row, places the row; it is not a cell.
type RowNumber int
