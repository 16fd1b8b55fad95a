package ledger

import (
	"time"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Matching is on record of a match by hand (人工勾对) between what is due and what
// the finance bureau paid: that it was made, or that it was undone. It is never
// changed. What it matches is named by keys, which say nothing of people.
type Matching struct {
	ID     int64
	Seq    Seq
	Area   string
	Undo   int64    // the ID of the match that is undone; 0: a match is made
	Dues   []string // keys; none of an undo
	Lines  []string // keys; none of an undo
	Reason string   // as read; on record it is sealed, since people write names into reasons
	Box    []byte   // the sealed reason
	By     string
	At     time.Time
}

// Canonical implements Record.
func (x *Matching) Canonical(b []byte) []byte {
	b = append(b, 'H')
	b = putInt(b, x.ID)
	b = putStr(b, x.Area)
	b = putInt(b, x.Undo)
	for _, keys := range [...][]string{x.Dues, x.Lines} {
		b = putInt(b, int64(len(keys)))
		for _, k := range keys {
			b = putStr(b, k)
		}
	}
	b = putStr(b, string(x.Box))
	b = putStr(b, x.By)
	return putStr(b, x.At.UTC().Format("2006-01-02T15:04:05Z"))
}

// PaidAtOnce is what the platform paid at once at a hospital in a month for one
// person, refunds taken off.
type PaidAtOnce struct {
	Hospital string // fixmedins_code
	Name     string
	Month    civil.Month
	Person   PersonNo
	Major    money.Fen
	Assist   money.Fen
	Claims   int // settlements less refunds
}

// PostedOn is the settlement on which was posted.
type PostedOn struct{ SetlID, Hospital, HospName string }
