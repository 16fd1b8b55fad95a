package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"doudi/jobs/ledger"
)

const yearStepColumns = `SELECT id, seq, area, year, step, by, at, digest, run, reason, statement FROM year_step`

func scanYearStep(r scanner) (x ledger.YearStep, err error) {
	var at string
	err = r.Scan(&x.ID, &x.Seq, &x.Area, &x.Year, &x.Step, &x.By, &at, &x.Digest, &x.Run, &x.ReasonBox, &x.Box)
	x.At = unstamp(at)
	return x, err
}

// SignYear records a signature on a year as one entry; it gives the record its
// number, and seals the reason and the statement. check runs inside the
// transaction, with the number of the last entry and all steps of the area.
func (s *Store) SignYear(ctx context.Context, x *ledger.YearStep, check func(head ledger.Seq, on []ledger.YearStep) error) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		last, err := head(ctx, tx)
		if err != nil {
			return err
		}
		on, err := s.yearSteps(ctx, tx, x.Area, last.Seq)
		if err != nil {
			return err
		}
		if err := check(last.Seq, on); err != nil {
			return err
		}
		if x.ID, err = nextID(ctx, tx, "year_step"); err != nil {
			return err
		}
		x.Seq = last.Seq + 1
		x.ReasonBox, x.Box = s.vault.Seal("reason", x.Reason), s.vault.Seal("statement", string(x.Statement))
		if _, err := tx.ExecContext(ctx, `INSERT INTO year_step (id, seq, area, year, step, by, at, digest, run, reason, statement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			x.ID, x.Seq, x.Area, x.Year, string(x.Step), x.By, stamp(x.At), x.Digest, x.Run, x.ReasonBox, x.Box); err != nil {
			return err
		}
		d := ledger.NewDigester()
		d.Add(x)
		n, sum := ledger.Seal([]ledger.Part{d.Part("year_step")}, nil)
		return addEntry(ctx, tx, x.Seq, ledger.EntryClose, x.At, x.By, n, sum)
	})
}

// YearSteps are all steps of the years of an area as known at seen, in the order
// in which they were taken. The statements are not opened.
func (s *Store) YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error) {
	return s.yearSteps(ctx, s.db, area, seen)
}

func (s *Store) yearSteps(ctx context.Context, q querier, area string, seen ledger.Seq) ([]ledger.YearStep, error) {
	var out []ledger.YearStep
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := scanYearStep(r)
		if err != nil {
			return err
		}
		if x.Reason, err = s.vault.Open("reason", x.ReasonBox); err != nil {
			return fmt.Errorf("%w: step %d of %d: %w", ledger.ErrIntegrity, x.ID, x.Year, err)
		}
		out = append(out, x)
		return nil
	}, yearStepColumns+` WHERE area = ? AND seq <= ? ORDER BY seq`, area, seen)
	return out, err
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

// sealYearStep is the digest of a step's entry from what is stored. Who signed and
// when is said twice, and both must agree.
func (s *Store) sealYearStep(ctx context.Context, e ledger.Entry) (int, ledger.Hash, error) {
	d := ledger.NewDigester()
	err := s.each(ctx, func(r *sql.Rows) error {
		x, err := scanYearStep(r)
		if err != nil {
			return err
		}
		if x.By != e.By || !x.At.Equal(e.At) {
			return fmt.Errorf("%w: step %d of %d is not by whom or of when its entry is", ledger.ErrIntegrity, x.ID, x.Year)
		}
		d.Add(&x)
		return nil
	}, yearStepColumns+` WHERE seq = ? ORDER BY id`, e.Seq)
	n, sum := ledger.Seal([]ledger.Part{d.Part("year_step")}, nil)
	return n, sum, err
}
