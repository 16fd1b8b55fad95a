package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"doudi/jobs/ledger"
)

const termColumns = `SELECT id, job, kind, area, cron, month, state, since, by FROM schedule_term`

func scanTerm(r scanner) (x ledger.Term, err error) {
	var since string
	err = r.Scan(&x.ID, &x.Job, &x.Kind, &x.Area, &x.Cron, &x.Month, &x.State, &since, &x.By)
	x.Since = unstamp(since)
	return x, err
}

const tryColumns = `SELECT id, job, kind, area, term, origin, due, month, missed, attempt, failures, state, by, started, finished, next, code, run, beat FROM schedule_due`

func scanTry(r scanner) (x ledger.Try, err error) {
	var due, started, finished, next string
	err = r.Scan(&x.ID, &x.Job, &x.Kind, &x.Area, &x.Term, &x.Origin, &due, &x.Month, &x.Missed, &x.Attempt, &x.Failures, &x.State, &x.By,
		&started, &finished, &next, &x.Code, &x.Run, &x.Beat)
	x.Due, x.Started, x.Finished, x.Next = unstamp(due), unstamp(started), unstamp(finished), unstamp(next)
	return x, err
}

func tries(ctx context.Context, q querier, where string, args ...any) (out []ledger.Try, err error) {
	err = scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := scanTry(r)
		out = append(out, x)
		return err
	}, tryColumns+` `+where, args...)
	return out, err
}

// one is the only try of a query, or none.
func one(ctx context.Context, q querier, where string, args ...any) (ledger.Try, bool, error) {
	x, err := scanTry(q.QueryRowContext(ctx, tryColumns+` `+where+` LIMIT 1`, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Try{}, false, nil
	}
	return x, err == nil, err
}

const markOf = `WHERE job = ? AND origin = 'clock' ORDER BY term DESC, due DESC, attempt DESC`

// AddTerm records a new term of a job and gives it its number. last is the job's last
// term as the caller knows it, or 0: if it is another one, the error is ErrStale.
func (s *Store) AddTerm(ctx context.Context, x *ledger.Term, last int64) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if err := lastTerm(ctx, tx, x.Job, last); err != nil {
			return err
		}
		id, err := nextID(ctx, tx, "schedule_term")
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO schedule_term (id, job, kind, area, cron, month, state, since, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id, x.Job, x.Kind, x.Area, x.Cron, x.Month, x.State, stamp(x.Since), x.By)
		x.ID = id
		return err
	})
}

func lastTerm(ctx context.Context, tx *sql.Tx, job string, want int64) error {
	var id sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT max(id) FROM schedule_term WHERE job = ?`, job).Scan(&id); err != nil {
		return err
	}
	if id.Int64 != want {
		return fmt.Errorf("%w: the job %s has another term", ledger.ErrStale, job)
	}
	return nil
}

// Clockwork reads what the clock needs. Not in one transaction: that would take the
// write lock, and a claim asks again anyway.
func (s *Store) Clockwork(ctx context.Context) (out ledger.Clockwork, err error) {
	out.Marks, out.Last = map[string]ledger.Try{}, map[string]ledger.Try{}
	err = scanAll(ctx, s.db, func(r *sql.Rows) error {
		x, err := scanTerm(r)
		out.Terms = append(out.Terms, x)
		return err
	}, termColumns+` ORDER BY id`)
	if err != nil {
		return out, err
	}
	for _, t := range out.Terms {
		if t.Since.After(out.Latest) {
			out.Latest = t.Since
		}
		if _, seen := out.Last[t.Job]; seen {
			continue
		}
		for _, q := range []struct {
			where string
			into  map[string]ledger.Try
		}{{markOf, out.Marks}, {`WHERE job = ? ORDER BY id DESC`, out.Last}} {
			x, ok, err := one(ctx, s.db, q.where, t.Job)
			if err != nil {
				return out, err
			}
			if ok {
				q.into[t.Job] = x
				if x.Started.After(out.Latest) {
					out.Latest = x.Started
				}
			}
		}
	}
	if out.Running, err = tries(ctx, s.db, `WHERE state = 'running'`); err != nil {
		return out, err
	}
	out.Failed, err = tries(ctx, s.db, `AS f WHERE state = 'failed'
		AND NOT EXISTS (SELECT 1 FROM schedule_due AS g WHERE g.job = f.job AND g.month = f.month AND g.id > f.id AND g.state = 'failed')
		AND NOT EXISTS (SELECT 1 FROM schedule_due AS g WHERE g.job = f.job AND g.month = f.month AND g.id > f.id AND g.state IN ('done', 'covered'))
		ORDER BY id`)
	return out, err
}

// Tries are the latest tries of a job, or of all (""), the newest first.
func (s *Store) Tries(ctx context.Context, job string, limit int) ([]ledger.Try, error) {
	if job == "" {
		return tries(ctx, s.db, `ORDER BY id DESC LIMIT ?`, limit)
	}
	return tries(ctx, s.db, `WHERE job = ? ORDER BY id DESC LIMIT ?`, job, limit)
}

// ClaimTry begins a try, if nothing else of the clock is under way (ErrRunning), the
// job's term is the one that the caller knows, nobody has made the attempt, or gone
// past it (ErrStale). It gives the try its number; of one by hand also its attempt.
func (s *Store) ClaimTry(ctx context.Context, x *ledger.Try, last int64, now time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		run, ok, err := one(ctx, tx, `WHERE state = 'running'`)
		if err != nil {
			return err
		}
		if ok {
			return fmt.Errorf("%w: %s", ledger.ErrRunning, run.Job)
		}
		if err := lastTerm(ctx, tx, x.Job, last); err != nil {
			return err
		}
		if err := follows(ctx, tx, x); err != nil {
			return err
		}
		if x.ID, err = nextID(ctx, tx, "schedule_due"); err != nil {
			return err
		}
		s.bury("schedule")
		x.State, x.Started, x.Finished, x.Beat = ledger.TryRunning, now, time.Time{}, 0
		if err := s.take(holder{"schedule", int(x.ID), x.Attempt}); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO schedule_due (id, job, kind, area, term, origin, due, month, missed, attempt, failures, state, by, started, finished, next, code, run, beat)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, '', '', '', 0, 0)`,
			x.ID, x.Job, x.Kind, x.Area, x.Term, x.Origin, stamp(x.Due), x.Month, x.Missed, x.Attempt, x.Failures, x.By, stamp(x.Started))
		return err
	})
	if err != nil && x.ID != 0 {
		err = errors.Join(err, s.give(holder{"schedule", int(x.ID), x.Attempt}))
	}
	return err
}

// follows refuses an attempt that is not the next one of the job.
func follows(ctx context.Context, tx *sql.Tx, x *ledger.Try) error {
	if x.Origin == ledger.ByHand {
		var n sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT max(attempt) FROM schedule_due WHERE job = ? AND origin = 'hand' AND term = ? AND due = ?`, x.Job, x.Term, stamp(x.Due)).Scan(&n)
		x.Attempt = int(n.Int64) + 1
		return err
	}
	mark, ok, err := one(ctx, tx, markOf, x.Job)
	switch {
	case err != nil:
		return err
	case !ok:
		ok = x.Attempt == 1
	case mark.Term == x.Term && mark.Due.Equal(x.Due):
		ok = x.Attempt == mark.Attempt+1 && (mark.State == ledger.TryRetry || mark.State == ledger.TryLost)
	default:
		ok = x.Attempt == 1 && (mark.Term < x.Term || mark.Term == x.Term && mark.Due.Before(x.Due))
	}
	if !ok {
		return fmt.Errorf("%w: %s was seen to by another process", ledger.ErrStale, x.Job)
	}
	return nil
}

// BeatTry shows that a try is alive; ErrFenced if it was taken for dead.
func (s *Store) BeatTry(ctx context.Context, x ledger.Try) error {
	return s.onTry(ctx, x, `UPDATE schedule_due SET beat = beat + 1 WHERE id = ? AND state = 'running'`, x.ID)
}

// FinishTry records what became of a try; ErrFenced if it was taken for dead.
func (s *Store) FinishTry(ctx context.Context, x ledger.Try) error {
	err := s.onTry(ctx, x, `UPDATE schedule_due SET state = ?, finished = ?, next = ?, code = ?, run = ? WHERE id = ? AND state = 'running'`,
		x.State, stamp(x.Finished), stamp(x.Next), x.Code, x.Run, x.ID)
	return errors.Join(err, s.give(holder{"schedule", int(x.ID), x.Attempt}))
}

func (s *Store) onTry(ctx context.Context, x ledger.Try, q string, args ...any) error {
	r, err := s.db.ExecContext(ctx, q, args...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("%w: %s", ledger.ErrFenced, x.Job)
}

// ReapTry ends a running try whose process is gone, or, where silent, one that has not
// beaten since x was read; it is then what x says. False if it lives.
func (s *Store) ReapTry(ctx context.Context, x ledger.Try, silent bool) (reaped bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		was, ok, err := one(ctx, tx, `WHERE id = ? AND state = 'running'`, x.ID)
		if err != nil || !ok {
			return err
		}
		gone := !s.holds(holder{"schedule", int(was.ID), was.Attempt})
		if !gone && !(silent && was.Beat == x.Beat) {
			return nil
		}
		reaped = true
		_, err = tx.ExecContext(ctx, `UPDATE schedule_due SET state = ?, finished = ?, code = ? WHERE id = ?`, x.State, stamp(x.Finished), x.Code, x.ID)
		return err
	})
	return reaped, err
}

// Untold are the tries that failed for good since a time, of which nobody was told by
// one way yet, nor was it tried as often as limit, or after a time.
func (s *Store) Untold(ctx context.Context, how string, since, before time.Time, limit int) ([]ledger.Try, error) {
	return tries(ctx, s.db, `AS f WHERE state = 'failed' AND finished >= ?1
		AND (SELECT count(*) FROM schedule_notice n WHERE n.due = f.id AND n.how = ?2) < ?3
		AND NOT EXISTS (SELECT 1 FROM schedule_notice n WHERE n.due = f.id AND n.how = ?2 AND (n.error = '' OR n.at > ?4)) ORDER BY id`,
		stamp(since), how, limit, stamp(before))
}

// AddNotice records that somebody was told, or could not be.
func (s *Store) AddNotice(ctx context.Context, x ledger.Notice) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO schedule_notice (due, how, at, error) VALUES (?, ?, ?, ?)`, x.Try, x.How, stamp(x.At), x.Error)
	return err
}
