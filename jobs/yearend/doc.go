// Package yearend closes years (年度清算, semantics §11): what is still open, the
// statement of the year, two signatures, the lock, and the reopening. The state of a
// year ([State]) and the statement's sums are pure; [Clearance] reads and signs.
//
// # Closing
//
// A statement is made from the last run, which must have seen everything on record
// and settled by the present policy, and be of December or later. It lists what is
// not settled. The first person signs it, the second signs its hash, and the year is
// closed. The hash is over all figures of the year, the result of every settlement
// and every posting on one, the policy, and what was accepted open: if any of this
// is another when the second person signs, nothing is closed. What came in between
// and touches nothing of the year (next year's settlements) does not matter; the
// run must have seen it.
//
// What may be accepted open, with a reason that is part of the statement:
//
//   - cases that are not cleared: they end the year as 未清零;
//   - transfers that pay nothing that is due, that nobody reconciled, or that a user
//     matched with another sum: the money has moved, and the carry-over holds the
//     difference until somebody finds out;
//   - a waiting refund, one by one by its ID, never all at once: nothing on record
//     can be taken back, so that a refund of which the settlement never comes would
//     lock the office out for ever. It changes no figure of the year: when its
//     settlement arrives, that one is cancelled at once.
//
// Never: open proposals (they are what the year owes: post them, and run again), a
// run that has not seen everything, a December that was not run, a year that is not
// over, an earlier year that was reopened.
//
// # The order of years
//
// Years are closed in their order, since each opens with the balance of the one
// before. A year waits for an earlier one that has anything on record; while a later
// one is closed it is neither closed nor reopened. A year of which nothing is on
// record may be passed over.
//
// An office begins to close with some year. What is on record of years before it (a
// settlement within the six months of a recognition, say) blocks that closing, until
// it is accepted with a reason (earlier): the postings stand in the first statement as
// 以前年度调整, the transfers and what the platform recorded in its carry-over. Nobody
// can accept it later.
//
// All of this is one rule: a thing is booked in its year or, where that is at or before
// the last closed one when it comes on record, in the next, or in the year of the date
// on which it was posted; and a statement has everything booked since the last closed
// year before it. So each stands in exactly one statement, or in a year that is open.
//
// # The lock
//
// Results are kept by run. Closed means that the year's figures are those of the
// statement, which is on record as it was signed, and of its run: results and cases
// of a closed year are listed as of that run unless another one is asked for. Runs
// settle people whom something late touches again, over the whole closed year in
// date order, with its deductibles and caps, as semantics §4 and §5 say; what then
// differs from what was recorded and posted is proposed as 以前年度调整. A posting on a
// settlement of a year that was closed by then is booked in the year of its date,
// and stands in that year's statement, never in the closed one's. By a clock that is
// back in a closed year, or before the last entry, nothing is posted.
//
// The months of a year that is closed in every area are not run any more: their
// workbooks would be written anew with what came after. The statement is kept as it
// was signed, so that neither a later program nor a later policy says it otherwise;
// from the same run and policy the same bytes come out.
//
// The platform's own record moves, too, by late settlements and refunds: a statement
// has what changed of it for closed years since the last statement that covered
// them (平台记录变动). So every fen recorded or posted is in exactly one statement.
// A transfer belongs to the year of its period, else of its date; one that comes on
// record when that year is closed belongs to the next year that is open then.
//
// The reconciliation ([finance.Gather]) and the statement read transfers alike, also
// those that an office leaves out of the reconciliation, and have the same premiums
// due ([finance.ReadPremiums]); what late enrolments and recognitions move of closed
// years' premiums, and what becomes known of their transfers (an item's name, who
// paid), is in the next statement. So of each item, what the statements have as due
// and as paid is what the reconciliation has, but for one choice: a refund of a later
// year, known when the settlement's year is closed, is off that year at once, and in
// the reconciliation in its own month.
//
// By hand, nothing of a closed year is matched anew or taken apart. What its statement
// left open was carried on, and may be matched with something of an open year.
//
// Cases of a closed year do not move any more: 未清零 stays, late help or not, and
// late settlements open none. They are still listed.
//
// # Reopening
//
// Two people and a reason; the second confirms by the hash of the closed statement.
// A later closed year must be reopened first, since it carries the earlier one's
// balance on. Afterwards the year is as if it had never been closed, but for what was
// posted meanwhile: that is booked where it was and stands in the new statement
// beside the others (以后年度已调整). The run after a reopening settles everyone anew.
//
// # What is to be transferred
//
// The carry-over (结转) has what was posted, and what the platform paid at once of major
// illness insurance, assistance and premiums, which somebody advanced. Basic insurance
// and what hospitals bore at the settlement are settled there (平台已结清). Of the
// hospitals' share the signs are the other way round: it is paid in.
//
// A person is a name without regard to spaces, width and case, so that nobody signs
// twice as 张三 and 张 三.
package yearend
