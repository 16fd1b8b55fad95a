// Package reports makes each department's tables as plain rows from a run on
// record, the returned rows of a file, and the explanation of a person's year.
// How a table looks in Excel is the business of reports/workbook; where the
// data comes from, of the ledger.
//
// A table is first made in full (table.go); what a department sees of it, project
// makes by the catalogue's rules (reports/catalogue), and nothing else does.
//
// A workbook's first pages (folder.go, cover.go, charts.go, summary.go) are read
// from its own sheets, as the department sees them: a figure equals the rows that
// it leads to, and what a department may not see is on no page of its own either.
// Which figures, charts and things to do each department finds is said in
// reports/catalogue/covers.yaml.
//
// A report is a pure reading of a run: the same run gives the same bytes.
package reports
