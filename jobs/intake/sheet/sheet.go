// Package sheet is what every spreadsheet reader gives: a book of sheets, each
// a stream of rows of cells as they stand in the file. Nothing is interpreted
// here; what a cell means is decided in jobs/intake.
package sheet

import (
	"errors"
	"fmt"
)

// Kind tells how the file stored a cell. It matters: a citizen ID stored as a
// number has lost its last digits.
type Kind uint8

// The kinds of a cell.
const (
	Empty  Kind = iota
	Text        // a string, shared, inline or the string result of a formula
	Number      // a number as the file writes it, not reformatted
	Date        // a number under a date format; Text holds "2006-01-02" or "2006-01-02 15:04:05"
	Bool        // "TRUE" or "FALSE"
	Error       // "#N/A" and the like
)

// Cell is one cell. Text is the content: a Number is given by its literal in
// the file ("3.301E+17" stays so), so that the caller sees what was stored.
type Cell struct {
	Kind    Kind
	Text    string
	Formula bool // the value is the stored result of a formula
}

// Row is a row with its number in the sheet, counted from 1, and its cells from
// column A on. Rows that the file leaves out are left out here, too.
type Row struct {
	Number int
	Cells  []Cell // valid until the next call
	Hidden bool
}

// Reader is one sheet. Next returns io.EOF only when the end of the sheet was
// seen; a sheet that stops before its end is a *FileError with CodeTruncated.
type Reader interface {
	Name() string
	Hidden() bool
	Next() (Row, error)
	Close() error
}

// ColumnHider is what a Reader also is where its format can hide columns. They
// are read like all others; people should be told of them.
type ColumnHider interface {
	// HiddenColumns are the hidden columns, counted from 0, in order. They are
	// known once Next has given a row or the end.
	HiddenColumns() []int
}

// Layouter is what a Reader also is where its format says how a sheet looks. That
// changes nothing of what is read; people who get their sheet back know it again.
type Layouter interface {
	// Layout is known once Next has given the end.
	Layout() Layout
}

// Layout is how a sheet looks.
type Layout struct {
	Widths []int // of the columns from A on, in Latin characters; 0: not given
	Merges []Range
}

// Range are merged cells: rows counted from 1, columns from 0, both ends included.
type Range struct{ Top, Left, Bottom, Right int }

// Book is an open file.
type Book interface {
	// Format is "xlsx", "csv", ...
	Format() string
	// Sheets are the sheets' names in order.
	Sheets() []string
	// Open starts reading a sheet by its position.
	Open(i int) (Reader, error)
	Close() error
}

// Codes of files that are refused whole. They are stable and documented in
// jobs/intake/README.md.
const (
	CodeTruncated = "E-FILE-TRUNCATED"
	CodeEncrypted = "E-FILE-ENCRYPTED"
	CodeFormat    = "E-FILE-FORMAT"
	CodeMacro     = "E-FILE-MACRO"
	CodeLimit     = "E-FILE-LIMIT"
	CodeEncoding  = "E-FILE-ENCODING"
)

// FileError says why a file is refused whole. Message is Chinese, for the officer:
// what is wrong and what to do.
type FileError struct {
	Code    string
	Message string
	Err     error
}

func (e *FileError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s %s: %v", e.Code, e.Message, e.Err)
	}
	return e.Code + " " + e.Message
}

func (e *FileError) Unwrap() error { return e.Err }

// Refuse makes a FileError.
func Refuse(code, message string, err error) error {
	return &FileError{Code: code, Message: message, Err: err}
}

// CodeOf is the code of a FileError in err's chain, or "".
func CodeOf(err error) string {
	if fe, ok := errors.AsType[*FileError](err); ok {
		return fe.Code
	}
	return ""
}

// Limits bound what a reader takes from one file.
const (
	// MaxRows is Excel's own number of rows in a sheet.
	MaxRows = 1 << 20
	// MaxColumns: the widest national export has under 120 columns.
	MaxColumns = 1024
	// MaxCell is Excel's own limit of characters in a cell.
	MaxCell = 32767
	// MaxUnpacked bounds the unpacked size of one part of an xlsx file: ten
	// million cells of a hundred bytes.
	MaxUnpacked = 4 << 30
	// MaxSharedStrings bounds the unpacked shared strings, which must be held in
	// memory.
	MaxSharedStrings = 256 << 20
	// MaxMerges are kept of a sheet; those beyond are only not shown as merged.
	MaxMerges = 20_000
	// MaxSheets in one book.
	MaxSheets = 256
)

// ColumnName is the letter of a column counted from 0: A, B, ..., AA.
func ColumnName(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
