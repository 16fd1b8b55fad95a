package ledger

import (
	"errors"
	"time"
)

// Merge is on record of an ID that was corrected to another person (身份证号更正):
// what is on record under From is To's, in all areas and from this entry on, or
// that this was undone. It is never changed, and no row is: who reads asks whose a
// row is.
type Merge struct {
	ID     int64
	Seq    Seq
	Undo   int64 // the ID of the correction that is undone; 0: one is made
	From   PersonNo
	To     PersonNo
	Reason string // as read; on record it is sealed, since people write names into reasons
	Box    []byte // the sealed reason
	By     string
	At     time.Time
}

// Canonical implements Record.
func (x *Merge) Canonical(b []byte) []byte {
	b = append(b, 'G')
	for _, v := range [...]int64{x.ID, x.Undo, int64(x.From), int64(x.To)} {
		b = putInt(b, v)
	}
	b = putStr(b, string(x.Box))
	b = putStr(b, x.By)
	return putStr(b, x.At.UTC().Format("2006-01-02T15:04:05Z"))
}

// Merged are the corrections that stand when all of ms, in the order of their
// numbers, are on record, by the number that was corrected.
func Merged(ms []Merge) map[PersonNo]Merge {
	out := map[PersonNo]Merge{}
	for _, m := range ms {
		if m.Undo == 0 {
			out[m.From] = m
		} else if out[m.From].ID == m.Undo {
			delete(out, m.From)
		}
	}
	return out
}

// Now is whose the rows under a number are, by the corrections that stand. One may
// lead to another.
func Now(stand map[PersonNo]Merge, p PersonNo) PersonNo {
	for range stand { // never longer, even if they led in a circle
		m, moved := stand[p]
		if !moved {
			break
		}
		p = m.To
	}
	return p
}

// Why an ID can not be corrected to another person, or that not be undone.
var (
	ErrSamePerson = errors.New("ledger: a person can not be corrected to themselves")
	ErrMerged     = errors.New("ledger: the ID was corrected before")
	ErrCircle     = errors.New("ledger: the other person was corrected to this one")
	ErrNotMerged  = errors.New("ledger: no such correction stands")
)

// CanMerge says why a correction can not come on record beside those that are. Of
// one that undoes it finds which: Undo is set where the error is nil.
func CanMerge(x *Merge, undo bool, on []Merge) error {
	stand := Merged(on)
	was, moved := stand[x.From]
	switch {
	case x.From == x.To:
		return ErrSamePerson
	case undo && (!moved || was.To != x.To):
		return ErrNotMerged
	case undo:
		x.Undo = was.ID
	case moved:
		return ErrMerged
	case Now(stand, x.To) == x.From:
		return ErrCircle
	}
	return nil
}
