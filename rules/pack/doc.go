// Package pack loads policy documents written as data, checks them, lays an
// office's overlays on top, and compiles both to a [rules.Policy].
//
// A pack is one YAML file for one document: when it is in force, its clauses
// (article and what it says, in our own words), its parameters, each with the
// clause it comes from and its values by date, its warning lines, and the lists
// that it makes a duty. It may extend another pack; what it inherits keeps the
// number of the document in which it stands. An overlay has the same keys for
// parameters and gives what a document leaves to another one, or what an office
// decides differently; overlays may lie on each other, see [Overlay.Over].
//
// Nothing is invented: a parameter that neither gives, or of which either states
// a gap, is unset, its layer passes the recorded amount through, and it is
// listed, see [Layered.Unset].
//
// Reading is strict: an unknown key, a duplicate, a value of the wrong type, a
// value that can never take effect, a parameter without its partner is an error
// that names file, line and column, and one reading finds all of them, see
// [Mistakes]. What editors need to help with writing is in [Schema].
package pack
