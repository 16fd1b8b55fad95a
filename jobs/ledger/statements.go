package ledger

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"doudi/rules/civil"
)

// Statement is that a file says of an event for a month.
type Statement struct {
	By  Seq
	Via Via // how its row said it
}

// Holds reports whether a statement makes an event live: ViaNamed says only that its
// person was on a list, since whenever.
func (s Statement) Holds() bool { return s.Via != ViaNamed }

// Standing is what holds a living event for a month.
type Standing struct {
	By     []Statement // for the month, in the order of the files
	Beside int         // statements for other months
}

// Restatement says again what events on record say: for another month than they
// do, or in another file. One holds all that the rows of a sheet say again for a
// month: years of full lists repeat the same rows.
type Restatement struct {
	ID    int64
	Src   Source // of the first row
	Area  string
	Event int64 // of the first row
	Month civil.Month
	Via   Via
	More  []byte // the other rows, packed
}

// Restated is one row that says again what an event says.
type Restated struct {
	Event int64
	Row   int
}

// Pack puts rows, one at least, into a restatement. They come out in the order of
// the events: neighbours on a list are mostly neighbours on record, and one of them
// takes two bytes.
func (x *Restatement) Pack(rows []Restated) {
	rows = slices.SortedFunc(slices.Values(rows), func(a, b Restated) int { return cmp.Or(cmp.Compare(a.Event, b.Event), cmp.Compare(a.Row, b.Row)) })
	x.Event, x.Src.Row, x.More = rows[0].Event, rows[0].Row, nil
	for i, r := range rows[1:] {
		x.More = binary.AppendUvarint(x.More, uint64(r.Event-rows[i].Event))
		x.More = binary.AppendVarint(x.More, int64(r.Row-rows[i].Row))
	}
}

// Each gives the rows of a restatement.
func (x *Restatement) Each(do func(Restated)) error {
	r := Restated{x.Event, x.Src.Row}
	do(r)
	for b := x.More; len(b) > 0; {
		event, n := binary.Uvarint(b)
		if n <= 0 {
			return fmt.Errorf("%w: restatement %d can not be unpacked", ErrIntegrity, x.ID)
		}
		row, k := binary.Varint(b[n:])
		if k <= 0 {
			return fmt.Errorf("%w: restatement %d can not be unpacked", ErrIntegrity, x.ID)
		}
		r.Event, r.Row, b = r.Event+int64(event), r.Row+int(row), b[n+k:]
		do(r)
	}
	return nil
}
