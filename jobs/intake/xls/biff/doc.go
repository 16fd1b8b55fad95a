// Package biff reads the cells of old binary Excel workbooks: BIFF8 in an OLE2
// container, what Excel 97 to 2003 saved as .xls. It knows records and nothing
// of processes; package xls runs it where a hostile file can do no harm.
//
// What it promises:
//
//   - A sheet is given only if its EOF record was seen. A stream that stops
//     before is a *sheet.FileError with sheet.CodeTruncated, and no row of the
//     sheet is given.
//   - Rows come in ascending order, whatever the order of the records. A cell
//     with two values is refused.
//   - A number is given by the shortest literal that stands for its double. A
//     number under a date format is a Date where package numfmt says so. A double
//     that is no number is an Error.
//   - A text that holds U+FFFD, half a surrogate pair or NUL is refused with
//     sheet.CodeEncoding.
//   - Memory stays within the limits below, as far as it is this package's;
//     mscfb, which reads the container, promises nothing.
//
// What it does not do: it computes no formula (see package xlsx, which gives
// formulas the same way; a stored "" whose STRING record is missing is an Empty
// formula). Chart and macro sheets have no rows and are not listed; embedded
// charts are passed over. Fonts, merged cells, notes and drawings are not looked
// at. Excel 95 and older books are refused.
package biff
