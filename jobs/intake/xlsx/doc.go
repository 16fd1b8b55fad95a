// Package xlsx reads Excel workbooks (.xlsx, transitional and strict, in UTF-8 or
// UTF-16) row by row. It exists because the usual readers end silently on a sheet that was cut
// off and round an 18-digit number; this one gives an end of sheet only when it
// has seen the end.
//
// What it promises:
//
//   - Next gives io.EOF only after </sheetData>, </worksheet> and the end of the
//     zip entry with the right length and CRC. Everything else is a
//     *sheet.FileError, most often with sheet.CodeTruncated. The rows given
//     before such an error must not be used.
//   - A number is given by its literal in the file. A number under a date format
//     is a Date, rounded to the second. A number under a format of pure time or
//     of elapsed time stays a Number, as does a serial that is no day (below 1
//     or the 29th of February 1900 in the 1900 system, or after 9999).
//   - A text that holds U+FFFD, invalid UTF-8 or a control character that XML
//     forbids is refused with sheet.CodeEncoding, naming the cell: it was broken
//     before it came. A shared string that no cell uses is not looked at.
//   - What is not understood where rows and cells stand is refused, never
//     passed over. So are rows and cells that are out of order or there twice,
//     which Excel itself calls damaged.
//   - Rows are hidden where the file says so, by hand, by a filter or by an
//     outline, and where they have no height; columns where they have no width.
//     The readers are sheet.ColumnHiders.
//
// What it does not do: it computes no formula. A formula cell gives the value
// stored with it; a formula without a stored value is an Empty cell (one whose
// stored result is "" is a Text cell) with
// Formula set. Merged cells are given as they are stored: the value at the
// top left. Chart sheets have no rows and are not listed. Empty cells at the
// end of a row are left out, so that a row formatted to its end stays short.
//
// Built-in number formats whose meaning depends on Excel's language (27-36,
// 50-58) are taken as Chinese (mainland) Excel takes them.
//
// Memory: at most 64 MB above the shared strings, which take no more than the
// bytes of their part unpacked (at most sheet.MaxSharedStrings), whatever the size
// of the file; a usual file takes a tenth of that. How much garbage lies about
// between two collections is for GOMEMLIMIT to say. A cell's text is a piece of a
// block of 64 shared strings or of its row's text: who keeps a single cell for
// long should strings.Clone it.
package xlsx
