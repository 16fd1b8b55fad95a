// Package reports makes each department's tables as plain rows from a run on
// record, the returned rows of a file, and the explanation of a person's year.
// How a table looks in Excel is the business of reports/workbook; where the
// data comes from, of the ledger.
//
// A table is first made in full (table.go); what a department sees of it, project
// makes by the catalogue's rules (reports/catalogue), and nothing else does.
//
// A report is a pure reading of a run: the same run gives the same bytes.
package reports
