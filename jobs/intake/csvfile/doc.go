// Package csvfile reads tables written as text: CSV with commas, tabs or
// semicolons, in UTF-8 or GB18030 (which contains GBK and GB2312), each with or
// without a byte order mark, or in UTF-16 with a byte order mark, as Excel's
// "Unicode text" is.
//
// The whole file is looked at once when it is opened, to tell its encoding and
// to refuse broken text before the first row is given; it is then read as a
// stream. Every cell is sheet.Text, or sheet.Empty: a text file has no types.
//
// What it promises and what it cannot:
//
//   - A quote that is never closed is refused with sheet.CodeTruncated, and a
//     quote that is closed by a later, unrelated one is refused with
//     sheet.CodeFormat, so that no rows vanish into one cell.
//   - A text file has no end mark. A file that ends in half a character, or whose
//     last record has no line end and fewer columns than all before it, is refused
//     with sheet.CodeTruncated. One cut off between two records, or inside the last
//     column, cannot be told from a whole one; callers should compare the number
//     of rows with what the sender states.
//   - Broken text (U+FFFD, bytes that are no character) is refused with its row
//     and column. UTF-8 with a few broken bytes is not taken for GB18030.
//   - Row numbers are those that a spreadsheet program shows: each record is one
//     row, whatever line breaks are inside its quotes; blank lines count and are
//     left out; a first line "sep=;" does not count.
//   - Marks that keep an ID a text are taken off: ="330...", a leading ' and tabs
//     around the value. Nothing else is changed: 3.30102E+17 stays so.
package csvfile
