package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"doudi/jobs/ledger"
)

var yearSteps = act[ledger.YearStep]{kind: ledger.EntryClose, table: "year_step", what: "the step of a year", columns: []string{"area", "year", "step", "digest", "run", "statement"},
	parts: func(x *ledger.YearStep) (signature, []any) {
		return signature{&x.ID, &x.Seq, &x.By, &x.At, &x.Reason, &x.ReasonBox}, []any{&x.Area, &x.Year, &x.Step, &x.Digest, &x.Run, &x.Box}
	}}

// SignYear records a signature on a year as one entry; it gives the record its
// number, and seals the reason and the statement. check runs inside the
// transaction, with the number of the last entry and all steps of the area.
func (s *Store) SignYear(ctx context.Context, x *ledger.YearStep, check func(head ledger.Seq, on []ledger.YearStep) error) error {
	x.Box = s.vault.Seal("statement", string(x.Statement))
	return yearSteps.add(ctx, s, x, func(tx *sql.Tx, last ledger.Entry) error {
		on, err := yearSteps.read(ctx, s, tx, `area = ?`, x.Area)
		if err != nil {
			return err
		}
		return check(last.Seq, on)
	})
}

// YearSteps are all steps of the years of an area as known at seen, in the order
// in which they were taken. The statements are not opened.
func (s *Store) YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error) {
	return yearSteps.read(ctx, s, s.db, `area = ? AND seq <= ?`, area, seen)
}

// YearStatement opens the statement that a step signed.
func (s *Store) YearStatement(ctx context.Context, step int64) ([]byte, error) {
	var box []byte
	if err := s.db.GetContext(ctx, &box, `SELECT statement FROM year_step WHERE id = ?`, step); err != nil {
		return nil, err
	}
	text, err := s.vault.Open("statement", box)
	if err != nil {
		return nil, fmt.Errorf("%w: the statement of step %d: %w", ledger.ErrIntegrity, step, err)
	}
	return []byte(text), nil
}

// LastChange is the last entry after which figures may be others: an import, a
// posting, a correction of IDs, a match by hand. Runs and signatures are none; the
// zero Entry if there is no such.
func (s *Store) LastChange(ctx context.Context) (ledger.Entry, error) {
	e, err := scanEntry(s.db.QueryRowContext(ctx, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry WHERE kind NOT IN ('run', 'close') ORDER BY seq DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, nil
	}
	return e, err
}
