// Package reconcile holds what is due against what the finance bureau
// transferred (财政拨付对账, semantics §9). It is pure: no clock, no database, no
// files. [Reconcile] puts every due and every transfer into exactly one match, and
// each match into exactly one class; [Result.Prove] shows it and is always called.
//
// # Terms
//
// A [Due] is one amount that is to be paid, or to be got back (追回, below 0). A
// [Line] is one transfer; money that came back is below 0. Both have a key that
// stays the same from month to month. The caller folds payees onto codes (hospital,
// insurer, tax office) and gives the lines of a batch alone, not its total.
//
// Who gets the money: the person where there is one, and then Payee says by whose
// account ([Self], or a hospital). Without a person it is the payee. A line
// without either pays for many (合计, 代发银行, 经办机构, see [Options.Agents]) and
// takes part in rule 3 alone. A person's line that does not say the payee is for the
// one payee to whom the person's dues of the item go; where there are several, it
// agrees with each.
//
// # Order
//
//  1. What a user matched by hand ([Manual]).
//  2. Amounts of 0, which are a class of their own.
//  3. Rule 1 for money that comes back (negative dues, negative lines).
//  4. Bank returns (退汇): a negative line and the latest line before it, or of the
//     same day, with the same payee, item and opposite amount. Both are 退回 and
//     match nothing else; what was due is due still. A negative line for which a
//     negative due of exactly this amount exists is the repayment, not a return.
//  5. Rule 1: same person (or payee), item and period, exact amount.
//  6. Rule 2: the same within the tolerance (0.00 unless an office decides otherwise).
//  7. Rule 3: one line for many dues.
//  8. Rule 4: many lines for one due.
//  9. 重复拨付: a line that equals, in person or payee, item, period and amount, one
//     that is matched.
//  10. 少拨, 多拨: one due with what was paid for it.
//  11. 应拨未拨, 已拨无应, each with what came nearest and why it failed.
//
// # Choices
//
//   - Periods. Equal ones come first; then a line's period that contains the due's
//     (month in quarter, half-year, year or any other months); then a due's that
//     contains the line's (a month of a yearly premium); then a line without a
//     period, which pays what has begun by the month of its date, the oldest first.
//     A due of more than a month may be paid up to six months ahead (premiums are
//     collected in the autumn before). Periods that only overlap do not agree.
//   - Settlements. Where both name one, the same settlement (and item and amount)
//     agrees whatever the period and comes first; two different ones never agree. A
//     line that names a settlement is never for a group.
//   - Rule 3 takes whole groups only: all that is still open of a person, a listed
//     batch (the one that lists whose dues it pays), a payee, a county, the whole
//     area, one county of the area (if just one has the sum); of the item; of the
//     line's period, exactly, or all within it. A line without a period is for one
//     month, the oldest whose sum agrees, or for all that has begun. The group's 补发
//     are taken, else its 追回, else both together (轧差). The lines of a batch that
//     name nobody may be one transfer together. Nothing else is summed: with enough
//     dues some subset always fits.
//   - Rule 4 takes all open lines of the person or payee, item and period: those
//     of the due's sign, else all. All lines may also be for all dues of the same
//     person, item and period. Lines that name people match a payee's dues one by one
//     or as a whole for a single due, never group with group: two wrong people would
//     hide each other.
//   - 少拨/多拨. One due takes all lines of the person, item and period; once it is
//     paid, a further line that equals one of them is 重复拨付. Several dues: each
//     line, the largest first, goes to the due that is nearest in amount. Of a payee
//     (not of a county) a whole group may be paid short.
//   - Direction. A line whose payer is the person or the hospital is a repayment:
//     the caller gives it as a negative amount. What came back too little or too much
//     has classes of its own (少退, 多退, 应退未退, 已退无应), so that no sum nets
//     what is to be paid with what is to be got back.
//   - An unknown item matches itself alone and is listed in [Result.Unknown].
//   - Ties go to the earlier period or date, then to the smaller key.
//   - An ambiguity is a further due or line of the same person or payee and item:
//     it may change whom a line is for. Anything else that agrees on both sides
//     changes no other match.
//
// # Cost
//
// Joins by hash and sorts within groups: near-linear. Within one person or payee
// and item the cost is also proportional to the number of different periods. What came nearest
// is looked for among the [nearWindow] candidates nearest in amount.
package reconcile
