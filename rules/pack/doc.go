// Package pack loads policy documents written as data, checks them, lays an
// office's overlay on top, and compiles both to a [rules.Policy].
//
// A pack is one YAML file for one document: when it is in force, its clauses
// (article and what it says, in our own words) and its parameters, each with
// the clause it comes from and its values by date. An overlay has the same keys
// for parameters and gives what a document leaves to another one, or what an
// office decides differently. Nothing is invented: a parameter that neither
// gives is unset, its layer passes the recorded amount through, and it is
// listed.
//
// Reading is strict: an unknown key, a duplicate, a value of the wrong type is
// an error that names file, line and column.
package pack
