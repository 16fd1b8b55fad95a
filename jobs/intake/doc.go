// Package intake turns the spreadsheets that offices send into records of the
// ledger, and says of every row that it does not take what is wrong with which
// cell.
//
// A file goes one way: container (csvfile, xlsx: cells as they stand in the
// file) → header, found by its names → rows → cells read by their columns'
// meaning → records given to a ledger.Taker. What cannot be read for certain is
// returned, never repaired or guessed, and every row that was read is taken,
// repeated or returned.
//
// There is no policy here and no SQL. README.md has the error codes, which are
// stable.
package intake
