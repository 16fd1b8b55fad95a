package ledger

import "errors"

// What a store can refuse.
var (
	ErrRunning   = errors.New("ledger: another run is under way")
	ErrFenced    = errors.New("ledger: another process has taken the run over")
	ErrWrongKey  = errors.New("ledger: this key is not the ledger's")
	ErrNoRun     = errors.New("ledger: no such run")
	ErrIntegrity = errors.New("ledger: integrity")
	ErrStale     = errors.New("ledger: something has changed since the proposal was made")
)

// RunWriter takes what a run found, within its transaction, and reads it back
// together with what earlier runs found.
type RunWriter interface {
	Notable(area string, flags, run int, seen Seq) ([]ResultRow, error)
	Result(*Result) error
	Case(*Case) error
	// Policy keeps a text by which the run settles, unless it is on record.
	Policy(*PolicyText) error
}
