// Package finance holds what is due against what the finance bureau paid, for one
// area, as known at an entry of the ledger (semantics §9). It makes the dues and
// the lines that [reconcile] matches out of what is on record, and shows the
// result as the book of a month. There is no SQL here and no file.
//
// # What is due
//
//   - Each posted adjustment, in the month in which it was posted: 补发 to the
//     person, 追回 below 0 from the person. What a hospital bears is the other way
//     round: posted above 0 it is got back from the hospital (below 0 here).
//   - What the platform paid at once (一站式结算), which hospitals advanced: a sum
//     for each hospital, month of settlement, county and item (医疗救助, 大病保险). A
//     refund is taken off in its own month [choice], as hospitals account for it, so
//     that a month that was paid stays as it was.
//   - The premium subsidy of a year of who is enrolled, to the tax office: what the
//     pack says; where it says full and no standard is configured, the premium on
//     record; where it leaves the amount open, what is on record as subsidised.
//
// An office chooses the items, and the month from which on ([Options]). The result
// does not depend on the month that is looked at: everything known takes part, and
// the month's book shows a part of it ([Book.View]).
//
// # Who was paid
//
// Payees are names. One of a hospital is the hospital that settlements name so;
// codes that share a name are one payee. A name without an ID is a person only
// where just one person of that name has something due. Banks that pay out, offices
// and words for many pass on; what else is not known stays a payee of its own.
// The company that runs an item's insurance ([Area].Insurers) passes on, too: it pays
// the hospitals. Names of people are not part of any text here: see [Book.Payee].
//
// A transfer that the person or the hospital pays is a repayment, and below 0. Its
// county is the one that the payer, the office paid, or the note names, where the
// rosters of the area name counties.
//
// Transfers that take no part (Options) are read in the same way: [Book.Readings]. A
// batch that is one payment, with lines of 0 that say for whom, is for the dues of
// those (rule 3, 同一批次).
//
// # Keys
//
//	posting:17                                  a posting, by its number
//	direct:202308:H0001:assistance[@康平县]     hospital, month, fund, county
//	premium:2024:77                             year and number of the person
//	transfer:123                                a transfer, by its number
//
// They stay the same from month to month. A person who moves to another county
// moves what was settled; a match by hand whose key is gone is listed as stale.
package finance
