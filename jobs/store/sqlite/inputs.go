package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"doudi/jobs/ledger"
)

// LastInput is the last entry that can change a result, an import or a posting;
// the zero Entry if there is none. A run is not one: it only looks; nor is a match
// of payments by hand, nor a signature on a year.
func (s *Store) LastInput(ctx context.Context) (ledger.Entry, error) {
	e, err := scanEntry(s.db.QueryRowContext(ctx, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry WHERE kind NOT IN ('run', 'match', 'close') ORDER BY seq DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, nil
	}
	return e, err
}

// LastMonth is the latest month that was run; 0 if none was.
func (s *Store) LastMonth(ctx context.Context) (int, error) {
	var m sql.NullInt64
	err := s.db.GetContext(ctx, &m, `SELECT max(month) FROM run WHERE state = 'done'`)
	return int(m.Int64), err
}
