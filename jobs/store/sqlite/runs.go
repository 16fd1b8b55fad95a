package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// lease is how long a run that gives no sign of life keeps others out.
const lease = 60 * time.Second

const runColumns = `SELECT no, month, by, reason, scope, version, state, started, finished, seen, seq, token, proposal, areas FROM run`

func scanRun(r scanner) (x ledger.Run, err error) {
	var started, finished, areas string
	if err = r.Scan(&x.No, &x.Month, &x.By, &x.Reason, &x.Scope, &x.Version, &x.State, &started, &finished, &x.Seen, &x.Seq, &x.Token, &x.Proposal, &areas); err != nil {
		return x, err
	}
	x.Started, x.Finished = unstamp(started), unstamp(finished)
	return x, unjson(areas, &x.Areas)
}

// StartRun begins a run, or takes up one of the same month that stopped in the
// middle. While another run gives signs of life, the error is
// ledger.ErrRunning; one whose process is gone gives none.
func (s *Store) StartRun(ctx context.Context, want ledger.Run, now time.Time) (run ledger.Run, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.letGo(run))
		}
	}()
	err = s.write(ctx, func(tx *sql.Tx) error {
		old, err := scanRun(tx.QueryRowContext(ctx, runColumns+` WHERE state = 'running' ORDER BY no DESC LIMIT 1`))
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		default:
			var beat string
			if err := tx.QueryRowContext(ctx, `SELECT beat FROM run WHERE no = ?`, old.No).Scan(&beat); err != nil {
				return err
			}
			if s.lives(old) && beat != "" && now.Sub(unstamp(beat)) < lease {
				return fmt.Errorf("%w: %d (%s)", ledger.ErrRunning, old.No, old.Month)
			}
			if old.Month == want.Month && old.By == want.By && old.Reason == want.Reason && old.Scope == want.Scope {
				run = old
				run.Token++
				run.Version = want.Version
				if err := s.hold(run); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, `UPDATE run SET token = ?, beat = ?, version = ? WHERE no = ?`, run.Token, stamp(now), run.Version, run.No)
				return err
			}
			// What it settled, if anything, stands; what it did not is settled now.
			if _, err := tx.ExecContext(ctx, `UPDATE run SET state = 'abandoned', finished = ? WHERE no = ?`, stamp(now), old.No); err != nil {
				return err
			}
		}
		s.bury("run")
		var last sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT max(no) FROM run`).Scan(&last); err != nil {
			return err
		}
		run = want
		run.No, run.State, run.Started, run.Token = int(last.Int64)+1, ledger.RunRunning, now, 1
		if err := s.hold(run); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO run (no, month, by, reason, scope, version, state, started, finished, seen, seq, token, beat, proposal, areas)
			VALUES (?, ?, ?, ?, ?, ?, 'running', ?, '', 0, 0, 1, ?, '', '[]')`, run.No, run.Month, run.By, run.Reason, run.Scope, run.Version, stamp(now), stamp(now))
		return err
	})
	return run, err
}

// Beat shows that a run is alive.
func (s *Store) Beat(ctx context.Context, run ledger.Run, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE run SET beat = ? WHERE no = ? AND token = ? AND state = 'running'`, stamp(now), run.No, run.Token)
	return err
}

// Release lets the next run begin at once after this one failed. Its number
// stays; the same command takes it up again.
func (s *Store) Release(ctx context.Context, run ledger.Run) error {
	_, err := s.db.ExecContext(ctx, `UPDATE run SET beat = '' WHERE no = ? AND token = ? AND state = 'running'`, run.No, run.Token)
	return errors.Join(err, s.letGo(run))
}

// fence refuses to write for a run that another process has taken over.
func fence(ctx context.Context, tx *sql.Tx, run ledger.Run) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM run WHERE no = ? AND token = ? AND state = 'running'`, run.No, run.Token).Scan(&n)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: %d", ledger.ErrFenced, run.No)
	}
	return err
}

type runWriter struct {
	ctx            context.Context
	tx             *sql.Tx
	run            int
	seq            ledger.Seq // of its entry
	results, cases *bulk
}

// ofThisRun refuses what would fall into another run's entry.
func (w *runWriter) ofThisRun(run int) error {
	if run != w.run {
		return fmt.Errorf("sqlite: run %d can not write for run %d", w.run, run)
	}
	return nil
}

// Notable implements ledger.RunWriter.
func (w *runWriter) Notable(area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error) {
	if err := w.results.flush(); err != nil {
		return nil, err
	}
	return notable(w.ctx, w.tx, area, flags, run, seen)
}

// Result implements ledger.RunWriter.
func (w *runWriter) Result(x *ledger.Result) error {
	if err := w.ofThisRun(x.Run); err != nil {
		return err
	}
	d := &x.Due
	return w.results.add(x.Claim, x.Run, x.Area, x.Person, x.Year, x.Flags, x.Category, x.Event, x.Pack, x.Total, x.InScope,
		d.Basic, d.Other, d.Major, d.Assist, d.Tilt, d.Special, d.Supplement, d.Hospital, d.Person,
		x.Recorded[0], x.Recorded[1], x.Recorded[2], x.Recorded[4])
}

// Case implements ledger.RunWriter.
func (w *runWriter) Case(c *ledger.Case) error {
	if err := w.ofThisRun(c.Run); err != nil {
		return err
	}
	moves, err := json.Marshal(c.Moves)
	if err != nil {
		return err
	}
	level := cmp.Or(c.Level, ledger.LevelPerson)
	return w.cases.add(c.Area, c.Person, c.Year, c.Monitor, level, c.Run, c.Name, c.Gone, c.State, c.Line, c.Gross, c.Relief, c.Burden, string(moves))
}

// CommitRun lets f settle and closes the run, all in one transaction: f writes
// results and cases, and completes run. What it found and the run's own record
// become one entry of the chain. If f fails, nothing of it is there.
func (s *Store) CommitRun(ctx context.Context, run *ledger.Run, now func() time.Time, f func(ledger.RunWriter) error) error {
	err := s.enter(ctx, func(tx *sql.Tx, last ledger.Entry) (e ledger.Entry, err error) {
		if err := fence(ctx, tx, *run); err != nil {
			return e, err
		}
		w := &runWriter{ctx: ctx, tx: tx, run: run.No, seq: last.Seq + 1,
			results: newBulk(ctx, tx, "result", "claim", "run", "area", "person", "year", "flags", "category", "event", "pack", "total", "in_scope",
				"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "self", "rec_basic", "rec_major", "rec_assist", "rec_hospital"),
			cases: newBulk(ctx, tx, "case_state", "area", "person", "year", "monitor", "level", "run", "name", "gone", "state", "line", "gross", "relief", "burden", "moves"),
		}
		if err := f(w); err != nil {
			return e, err
		}
		if err := errors.Join(w.results.flush(), w.cases.flush()); err != nil {
			return e, err
		}
		at := now().UTC().Truncate(time.Second)
		run.Seq, run.Finished, run.State = last.Seq+1, at, ledger.RunDone
		areas, err := json.Marshal(run.Areas)
		if err != nil {
			return e, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE run SET state = 'done', finished = ?, seen = ?, seq = ?, proposal = ?, areas = ?, beat = '' WHERE no = ?`,
			stamp(at), run.Seen, run.Seq, run.Proposal, string(areas), run.No); err != nil {
			return e, err
		}
		stored, err := scanRun(tx.QueryRowContext(ctx, runColumns+` WHERE no = ?`, run.No))
		if err != nil {
			return e, err
		}
		n, sum, err := sealRun(ctx, tx, stored)
		if err != nil {
			return e, err
		}
		return ledger.Entry{Kind: ledger.EntryRun, At: at, By: run.By, Count: n, Digest: sum}, nil
	})
	if err == nil {
		err = s.letGo(*run)
	}
	return err
}

// sealRun is the digest of a run's entry from what is stored.
func sealRun(ctx context.Context, q querier, run ledger.Run) (int, ledger.Hash, error) {
	// Plain columns here: every row of the run, not the last of each claim.
	results, cases := ledger.NewDigester(), ledger.NewDigester()
	var rs resultScanner
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		if err := rs.scan(r); err != nil {
			return err
		}
		results.Add(&rs.x)
		return rs.x.Conserves()
	}, resultColumns(&asWritten)+` WHERE run = ? GROUP BY claim ORDER BY claim`, run.No)
	if err != nil {
		return 0, ledger.Hash{}, err
	}
	err = scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := scanCase(r)
		cases.Add(&x)
		return err
	}, caseColumns+` WHERE run = ? GROUP BY area, person, year, monitor, level ORDER BY area, person, year, monitor, level`, run.No)
	if err != nil {
		return 0, ledger.Hash{}, err
	}
	policies, err := sealPolicies(ctx, q, run.Seq)
	if err != nil {
		return 0, ledger.Hash{}, err
	}
	n, sum := ledger.Seal(append([]ledger.Part{results.Part("result"), cases.Part("case_state")}, policies...), &run)
	return n, sum, nil
}

func scanAll(ctx context.Context, q querier, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Run reads a finished run; no 0 is the last one. ledger.ErrNoRun if there is
// none.
func (s *Store) Run(ctx context.Context, no int) (ledger.Run, error) {
	q, args := runColumns+` WHERE state = 'done' ORDER BY no DESC LIMIT 1`, []any{}
	if no != 0 {
		q, args = runColumns+` WHERE state = 'done' AND no = ?`, []any{no}
	}
	r, err := scanRun(s.db.QueryRowContext(ctx, q, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return r, ledger.ErrNoRun
	}
	return r, err
}

// RunOfMonth is the last finished run of a month.
func (s *Store) RunOfMonth(ctx context.Context, m civil.Month) (ledger.Run, error) {
	r, err := scanRun(s.db.QueryRowContext(ctx, runColumns+` WHERE state = 'done' AND month = ? ORDER BY no DESC LIMIT 1`, m))
	if errors.Is(err, sql.ErrNoRows) {
		return r, ledger.ErrNoRun
	}
	return r, err
}

// Post records postings as one entry. check runs inside the transaction, with
// the number of the entry: it sees the ledger as it is at that moment.
func (s *Store) Post(ctx context.Context, by string, now time.Time, ps []ledger.Posting, check func(head ledger.Seq) error) error {
	return s.enter(ctx, func(tx *sql.Tx, last ledger.Entry) (e ledger.Entry, err error) {
		if err := check(last.Seq); err != nil {
			return e, err
		}
		id, err := nextID(ctx, tx, "posting")
		if err != nil {
			return e, err
		}
		d := ledger.NewDigester()
		b := newBulk(ctx, tx, "posting", "id", "seq", "run", "area", "person", "claim", "year", "fund", "amount", "date")
		for i := range ps {
			p := &ps[i]
			p.ID, p.Seq = id+int64(i), last.Seq+1
			d.Add(p)
			if err := b.add(p.ID, p.Seq, p.Run, p.Area, p.Person, p.Claim, p.Year, p.Fund, p.Amount, p.Date); err != nil {
				return e, err
			}
		}
		if err := b.flush(); err != nil {
			return e, err
		}
		n, sum := ledger.Seal([]ledger.Part{d.Part("posting")}, nil)
		return ledger.Entry{Kind: ledger.EntryPost, At: now, By: by, Count: n, Digest: sum}, nil
	})
}
