// Package catalogue says, as data, what stands in the tables of a workbook and
// which department sees what of them: columns.yaml describes every table's
// columns, departments.yaml every department's duty and what it needs for it. An
// office may order them otherwise for its own departments ([Office]), but no
// wider than a department's duty here unless it says why. covers.yaml says what
// stands on the first page: figures, what to do next, charts, each of a table.
//
// The catalogue decides nothing about a row: it hands rules to package reports,
// where one function projects a full table to what a department may see.
package catalogue
