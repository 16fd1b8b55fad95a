package ledger

import "time"

// YearStepKind says what a step of a year is.
type YearStepKind string

// The kinds of steps.
const (
	YearSign   YearStepKind = "sign"   // a signature under the year's statement
	YearReopen YearStepKind = "reopen" // a signature under its reopening
)

// YearStep is one signature on the closing or the reopening of a year (年度清算).
// It is never changed; where a year stands follows from all of them.
type YearStep struct {
	ID        int64
	Seq       Seq
	Area      string
	Year      int
	Step      YearStepKind
	By        string
	At        time.Time
	Digest    string // of the statement that is signed, or that is reopened
	Run       int    // the run whose figures the statement has
	Reason    string // as read; on record it is sealed, since people write names into reasons
	ReasonBox []byte
	Statement []byte // as it was signed; on record it is sealed; none of a reopening
	Box       []byte
}

// Canonical implements Record.
func (x *YearStep) Canonical(b []byte) []byte {
	b = append(b, 'Z')
	b = putInt(b, x.ID)
	b = putInt(putStr(b, x.Area), int64(x.Year))
	for _, s := range [...]string{string(x.Step), x.By, x.At.UTC().Format("2006-01-02T15:04:05Z"), x.Digest} {
		b = putStr(b, s)
	}
	b = putInt(b, int64(x.Run))
	return putStr(putStr(b, string(x.ReasonBox)), string(x.Box))
}
