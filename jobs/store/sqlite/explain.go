package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"doudi/jobs/ledger"
)

// RunBefore is the last finished run before run, of whatever month; the zero Run
// if there is none.
func (s *Store) RunBefore(ctx context.Context, run int) (ledger.Run, error) {
	r, err := scanRun(s.db.QueryRowContext(ctx, runColumns+` WHERE state = 'done' AND no < ? ORDER BY no DESC LIMIT 1`, run))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Run{}, nil
	}
	return r, err
}

// ClaimsOf reads the settlements and refunds of some people of an area that are
// known at seen, as they stand on record with their places, in the order of
// (setl_time, setl_id). What is sealed is not opened.
func (s *Store) ClaimsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Claim, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.Claim
	err = s.each(ctx, func(r *sql.Rows) error {
		var c ledger.Claim
		err := r.Scan(claimFields(&c)...)
		c.Person = m.now(c.Person)
		out = append(out, c)
		return err
	}, `SELECT `+columnsOf("claim", "")+` FROM claim WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND seq <= ? ORDER BY at, setl_id`,
		area, jsonList(m.numbers(people)), seen)
	return out, err
}

// ReliefsOf reads the relief of some people of an area that is known at seen,
// with its places, by date.
func (s *Store) ReliefsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Relief, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	heard, err := s.twice(ctx, "relief", &m, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.Relief
	err = s.each(ctx, func(r *sql.Rows) error {
		var x ledger.Relief
		err := r.Scan(reliefFields(&x)...)
		x.Person = m.now(x.Person)
		if !heard.twice[x.ID] {
			out = append(out, x)
		}
		return err
	}, `SELECT `+columnsOf("relief", "")+` FROM relief WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND seq <= ? ORDER BY date, kind, amount, id`,
		area, jsonList(m.numbers(people)), seen)
	return out, err
}
