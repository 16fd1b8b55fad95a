// Package csvfile reads tables written as text: CSV with commas, tabs or
// semicolons, in UTF-8 (with or without a byte order mark), GB18030 (with GBK
// and GB2312) or UTF-16 with a byte order mark.
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
//   - A text file has no end mark. A file cut off between two records, or inside
//     a field without quotes, cannot be told from a whole one; callers should
//     compare the number of rows with what the sender states.
//   - Row numbers are those that a spreadsheet program shows: each record is one
//     row, whatever line breaks are inside its quotes; blank lines count and are
//     left out; a first line "sep=;" does not count.
//   - Marks that keep an ID a text are taken off: ="330...", a leading ' and tabs
//     around the value. Nothing else is changed: 3.30102E+17 stays so.
package csvfile
