package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"doudi/jobs/ledger"
)

// Audit leaves a line of who did what.
func (s *Store) Audit(ctx context.Context, at time.Time, by, what string) error {
	if err := s.write(ctx, func(tx *sql.Tx) error {
		if err := s.moor(ctx, tx); err != nil {
			return err
		}
		return s.addLine(ctx, tx, at, by, what)
	}); err != nil {
		return err
	}
	return s.mark(ctx)
}

func (s *Store) addLine(ctx context.Context, tx *sql.Tx, at time.Time, by, what string) error {
	n, last, err := s.logEnd(ctx, tx)
	if err != nil {
		return err
	}
	x := logLine{n + 1, stamp(at), by, what}
	mac := s.tie(last, &x)
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (id, at, by, what, mac) VALUES (?, ?, ?, ?, ?)`, x.id, x.at, x.by, x.what, mac[:])
	return err
}

// logLine is a line of the audit log.
type logLine struct {
	id           int64
	at, by, what string
}

// tie is the keyed hash over a line and the one before.
func (s *Store) tie(before [16]byte, x *logLine) [16]byte {
	return s.vault.Lookup("audit", fmt.Sprintf("%s %d %q %q %q", hex.EncodeToString(before[:]), x.id, x.at, x.by, x.what))
}

// logEnd is how many lines the log has, and the hash over them.
func (s *Store) logEnd(ctx context.Context, q querier) (n int64, mac [16]byte, err error) {
	var id sql.NullInt64
	if err := q.QueryRowContext(ctx, `SELECT max(id) FROM audit`).Scan(&id); err != nil || !id.Valid {
		return 0, mac, err
	}
	mac, err = s.logAt(ctx, q, id.Int64)
	return id.Int64, mac, err
}

// logAt is the hash over the first n lines: what stands there, or, of lines of
// before, what their hash would be.
func (s *Store) logAt(ctx context.Context, q querier, n int64) (mac [16]byte, err error) {
	if n == 0 {
		return mac, nil
	}
	var stored []byte
	switch err := q.QueryRowContext(ctx, `SELECT mac FROM audit WHERE id = ?`, n).Scan(&stored); {
	case errors.Is(err, sql.ErrNoRows):
		return mac, fmt.Errorf("%w: line %d of the audit log is gone", ledger.ErrIntegrity, n)
	case err != nil:
		return mac, err
	case len(stored) == len(mac):
		return [16]byte(stored), nil
	}
	return s.walkLog(ctx, q, n)
}

// walkLog hashes the first n lines again. No line may be missing, and each hash
// that is there must be right.
func (s *Store) walkLog(ctx context.Context, q querier, n int64) (mac [16]byte, err error) {
	next, hashed := int64(1), false
	err = scanAll(ctx, q, func(r *sql.Rows) error {
		var x logLine
		var stored []byte
		if err := r.Scan(&x.id, &x.at, &x.by, &x.what, &stored); err != nil {
			return err
		}
		mac = s.tie(mac, &x)
		if x.id != next || stored != nil && !bytes.Equal(stored, mac[:]) || stored == nil && hashed {
			return fmt.Errorf("%w: line %d of the audit log is not the one that was written", ledger.ErrIntegrity, next)
		}
		next, hashed = next+1, stored != nil
		return nil
	}, `SELECT id, at, by, what, mac FROM audit WHERE id <= ? ORDER BY id`, n)
	return mac, err
}

// verifyLog walks the whole audit log.
func (s *Store) verifyLog(ctx context.Context) error {
	_, err := s.walkLog(ctx, s.db, 1<<62)
	return err
}
