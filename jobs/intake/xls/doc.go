// Package xls reads old binary Excel workbooks (.xls). What is read and what is
// promised of it stands in package biff, which does the reading; this package
// runs it in a process of its own, since the file comes from outside and no
// reader of this format is to be trusted with one: a broken file made those that
// were tried panic, loop or ask for all memory there is.
//
// Open starts the running program once more (see init in child.go), which first
// limits itself and then reads the file that it finds on standard input; nothing
// else of the program runs. A child reads the names of the sheets, and one more
// child reads each sheet that is opened: a sheet is parsed whole before its first
// row comes, and no state is left over from one to the next.
//
// What it promises:
//
//   - Whatever the file does to the child, the caller gets a *sheet.FileError:
//     sheet.CodeLimit if it was out of memory or time, sheet.CodeFormat if it
//     crashed or sent nonsense, sheet.CodeTruncated if it ended without its end
//     mark. Only a child that could not be started, could not limit itself, or
//     was ended from outside, is another error.
//   - The caller waits for the child for waitLimit in all; time that the caller
//     itself takes between two rows does not count.
//   - Close of a reader or of the book ends its children and waits for them.
//
// What is limited, and how, depends on the system: see limits_linux.go and
// limits_other.go.
//
// A program that starts work of its own in an init function of a package sorted
// before this one would do it in the child, too. None here does.
package xls
