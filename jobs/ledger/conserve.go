package ledger

import (
	"fmt"

	"doudi/rules/money"
)

// Conserves says where a result does not add up: every fen of the claim's total is
// in exactly one layer. What is gone has none.
func (r *Result) Conserves() error {
	d := &r.Due
	sum := d.Basic + d.Other + d.Major + d.Assist + d.Tilt + d.Special + d.Supplement + d.Hospital + d.Person
	if sum != r.Total || r.Flags&FlagGone != 0 && r.Total != 0 {
		return fmt.Errorf("%w: the result of claim %d in run %d does not add up: total %s, layers %s", ErrIntegrity, r.Claim, r.Run, r.Total, sum)
	}
	return nil
}

// Conserves says where a file's control totals do not add up: what was read was
// taken, was known or was returned, in rows and in fen, sheet by sheet and in all.
func (f *File) Conserves() error {
	if f.Read != f.Taken+f.Repeated+f.Returned {
		return fmt.Errorf("%w: entry %d read %d rows, but took %d, knew %d and returned %d", ErrIntegrity, f.Seq, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	if len(f.Totals) == 0 {
		return nil
	}
	var all SheetTotal
	amounts := false // a file of before has them not
	for _, t := range f.Totals {
		if t.Read != t.Taken+t.Repeated+t.Returned {
			return fmt.Errorf("%w: a sheet of entry %d has %d rows read, but %d taken, %d known and %d returned", ErrIntegrity, f.Seq, t.Read, t.Taken, t.Repeated, t.Returned)
		}
		if t.AmountRead != 0 || t.AmountRepeated != 0 || t.AmountReturned != 0 {
			amounts = true
			if !t.AmountsAgree() {
				return fmt.Errorf("%w: a sheet of entry %d has %s read, but %s taken, %s known and %s returned", ErrIntegrity, f.Seq, t.AmountRead, t.Amount, t.AmountRepeated, t.AmountReturned)
			}
		}
		all.Read += t.Read
		all.Taken += t.Taken
		all.Repeated += t.Repeated
		all.Returned += t.Returned
		all.Amount += t.Amount
		all.AmountRead += t.AmountRead
		all.AmountRepeated += t.AmountRepeated
		all.AmountReturned += t.AmountReturned
	}
	if all.Read != f.Read || all.Taken != f.Taken || all.Repeated != f.Repeated || all.Returned != f.Returned || all.Amount != f.AmountTaken {
		return fmt.Errorf("%w: the sheets of entry %d do not make its totals", ErrIntegrity, f.Seq)
	}
	if amounts && (all.AmountRead != f.Amount || all.AmountRepeated != f.AmountRepeated || all.AmountReturned != f.AmountReturned || f.Amount != f.AmountTaken+f.AmountRepeated+f.AmountReturned) {
		return fmt.Errorf("%w: the amounts of entry %d do not add up", ErrIntegrity, f.Seq)
	}
	return nil
}

// Tally counts the records that a file brought, and sums their amounts.
type Tally struct {
	refunds, settlements int
	rows                 map[byte]int
	sums                 map[byte]money.Fen
}

// NewTally counts nothing yet.
func NewTally() *Tally { return &Tally{rows: map[byte]int{}, sums: map[byte]money.Fen{}} }

// Add takes one record.
func (t *Tally) Add(r Record) {
	switch x := r.(type) {
	case *Event:
		t.rows['E']++
	case *Claim:
		if x.Refund {
			t.refunds++
		} else {
			t.settlements++
		}
	case *Relief:
		t.rows['R']++
		t.sums['R'] += x.Amount
	case *Enrolment:
		t.rows['Y']++
		t.sums['Y'] += x.Own + x.Subsidy
	case *Contribution:
		t.rows['M']++
	case *Birth:
		t.rows['B']++
	case *Item:
		t.rows['I']++
		t.sums['I'] += x.Amount
	case *Transfer:
		t.rows['V']++
		t.sums['V'] += x.Amount
	}
}

// Brought says where a file's totals are not those of the records that it brought.
// The amounts of settlements are left out: a row may bring a settlement, the mark
// that it was refunded, or both.
func (f *File) Brought(t *Tally) error {
	if len(f.Totals) == 0 { // nothing is said of its sheets
		return nil
	}
	for _, c := range []struct {
		what      string
		said, are int
	}{
		{"events", f.Events, t.rows['E']}, {"settlements", f.Claims, t.settlements}, {"refunds", f.Refunds, t.refunds}, {"reliefs", f.Reliefs, t.rows['R']},
		{"enrolments", f.Enrolments, t.rows['Y']}, {"contributions", f.Contributions, t.rows['M']}, {"births", f.Births, t.rows['B']},
		{"items", f.Items, t.rows['I']}, {"transfers", f.Transfers, t.rows['V']},
	} {
		if c.said != c.are {
			return fmt.Errorf("%w: entry %d brought %d %s, and says %d", ErrIntegrity, f.Seq, c.are, c.what, c.said)
		}
	}
	said := map[string]money.Fen{}
	for _, s := range f.Totals {
		said[s.Kind] += s.Amount
	}
	for kind, key := range map[string]byte{"relief": 'R', "enrolment": 'Y', "items": 'I', "transfers": 'V'} {
		if said[kind] != t.sums[key] {
			return fmt.Errorf("%w: entry %d brought %s of %s, and says %s", ErrIntegrity, f.Seq, t.sums[key], kind, said[kind])
		}
	}
	return nil
}
