// Package rules computes what a person is due: from the events of the rosters a
// timeline of identities, from the timeline and the claims of a year the
// waterfall of layers, and from the results the adjustments and the clearance
// cases.
//
// Everything here is a pure function of its arguments. There is no clock, no
// I/O, no database, no spreadsheet, and nothing of this project outside rules
// is imported. Money is fen, ratios are basis points, dates are civil.
//
// The way through the package: [Timeline] (events → spells), [Policy.Windows]
// (spells → the months that a recognition by illness reaches back),
// [Policy.SettleYear] (spells, windows, claims of one benefit year → results,
// with a [Trace] where somebody asks why), [Adjust] (results → what is to be
// paid or recovered), [Policy.Watch] and [Policy.WatchHousehold] (results, relief
// → clearance cases).
//
// Beside the waterfall, for the lists that the documents ask for:
// [Policy.Premiums] (enrolments → who is uninsured or wrongly subsidised),
// [Indicators], [Policy.Allowance], [Policy.CutClaims], [CheckPrice], [Forecast].
package rules
