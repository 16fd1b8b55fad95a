// Package numfmt tells what a spreadsheet program's number format and number
// say of a date: whether the format shows a day, and which day a serial is.
// Package xlsx and package xls ask it alike, so that a list saved in either
// format is read the same.
//
// Built-in formats whose meaning depends on Excel's language (27-36, 50-58) are
// taken as Chinese (mainland) Excel takes them.
package numfmt
