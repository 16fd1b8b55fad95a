// Package workbook writes Excel files: tables of plain rows, with the styles of
// the house, through excelize's stream writer. It knows nothing of policy or of
// the ledger. It is one of the two places where the spreadsheet library is seen.
package workbook

import "iter"

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
	Title string
	Kind  Kind
	Width int  // in Latin characters; 0 is fitted to the title and the first rows
	Total bool // the last row sums the column, by formula with its stored value
}

// Cell is a cell with something more than a value. A plain value may stand in a
// row instead.
type Cell struct {
	Value   any    // string, int, int64, money.Fen, civil.Date, civil.Moment, money.Ratio, Number, NoResult or nil
	Bad     bool   // filled red: what is wrong and must be put right
	Note    bool   // filled yellow: look here
	Bold    bool   //
	Comment string // an Excel comment on the cell
	Link    string // a place in this book: "明细!A5", by the Table's Sheet name
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
	// Empty is what stands where there are no rows; "": that the month has none.
	Empty string
}

// Number is a number as a file wrote it, for a sender's own sheet: it stays a
// number, with all that this means for an ID. Where its cell is Bad, what is typed
// over it becomes a text.
type Number string

// NoResult is a formula whose result nobody knows: a cell that shows an error and
// that a reader finds without a value, as the sender's was.
type NoResult struct{}

// RowNumber, as the first value of a Raw row, places the row; it is not a cell.
type RowNumber int

// Book is a workbook.
type Book struct {
	Tables []Table
	Title  string // document property
}
