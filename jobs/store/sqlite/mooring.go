package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/anchor"
)

// AnchorTo makes the store keep an anchor: after each commit it says there where
// the ledger stands, and it writes nothing to a ledger that is not the one that was
// marked. Whoever only reads may read it. Call it before the store is used.
func (s *Store) AnchorTo(ctx context.Context, f *anchor.File) error {
	s.anchor = f
	var begun bool
	if err := s.db.GetContext(ctx, &begun, anchored); err != nil || begun {
		return err
	}
	if _, err := f.Marks(); !errors.Is(err, fs.ErrNotExist) {
		return nil // who writes next compares
	}
	return s.mark(ctx)
}

// anchored tells whether an anchor was begun. It is on record, so that one that is
// deleted is missed.
const anchored = `SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'anchor')`

func begin(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) SELECT 'anchor', x'01' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'anchor')`)
	return err
}

// markTimeout is how long a commit waits to write its mark. Whoever has the lock
// then writes one after us.
const markTimeout = 200 * time.Millisecond

// stand is where the ledger stands.
func (s *Store) stand(ctx context.Context, q querier) (anchor.Mark, error) {
	last, err := head(ctx, q)
	if err != nil {
		return anchor.Mark{}, err
	}
	m := anchor.Mark{Seq: last.Seq, Hash: last.Hash, At: last.At}
	m.Lines, m.Log, err = s.logEnd(ctx, q)
	return m, err
}

// moor refuses a ledger that is not the one that was marked, and brings the anchor
// up to where the ledger stands.
func (s *Store) moor(ctx context.Context, tx *sql.Tx) error {
	if s.anchor == nil {
		return nil
	}
	var begun bool
	if err := tx.QueryRowContext(ctx, anchored).Scan(&begun); err != nil {
		return err
	}
	marks, err := s.anchor.Marks()
	fresh := !begun && errors.Is(err, fs.ErrNotExist)
	if !fresh {
		// The last one is enough here; verify looks at all.
		marks = marks[max(0, len(marks)-1):]
		if err := s.compare(ctx, tx, marks, err); err != nil {
			return err
		}
	}
	now, err := s.stand(ctx, tx)
	if err != nil {
		return err
	}
	if fresh || now.Seq > marks[0].Seq || now.Lines > marks[0].Lines {
		if err := s.anchor.Append(now); err != nil {
			return fmt.Errorf("sqlite: the anchor can not be written: %w", err)
		}
	}
	if begun {
		return nil
	}
	// Only now: a crash before leaves a file that nobody misses, not a lack of one.
	return begin(ctx, tx)
}

// compare finds a mark that the ledger does not bear out; err is why there are none.
func (s *Store) compare(ctx context.Context, q querier, marks []anchor.Mark, err error) error {
	last, herr := head(ctx, q)
	if herr != nil {
		return herr
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &anchor.Error{Reason: anchor.Missing, Last: last}
	case errors.Is(err, anchor.ErrDamaged):
		return &anchor.Error{Reason: anchor.Damaged, Last: last}
	case err != nil:
		return err
	}
	var lines int64
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM audit`).Scan(&lines); err != nil {
		return err
	}
	// The latest one first: it tells most.
	for i := len(marks) - 1; i >= 0; i-- {
		m := marks[i]
		var hash []byte
		err := q.QueryRowContext(ctx, `SELECT hash FROM entry WHERE seq = ?`, m.Seq).Scan(&hash)
		switch {
		case m.Seq > last.Seq:
			return &anchor.Error{Reason: anchor.Cut, Mark: m, Last: last}
		case m.Seq > 0 && err != nil:
			return err
		case m.Seq > 0 && string(hash) != string(m.Hash[:]):
			return &anchor.Error{Reason: anchor.Replaced, Mark: m, Last: last}
		case m.Lines > lines:
			return &anchor.Error{Reason: anchor.LogCut, Mark: m, Last: last}
		}
		log, err := s.logAt(ctx, q, m.Lines)
		if err != nil && !errors.Is(err, ledger.ErrIntegrity) {
			return err
		}
		if err != nil || log != m.Log {
			return &anchor.Error{Reason: anchor.LogOther, Mark: m, Last: last}
		}
	}
	return nil
}

// mark brings the anchor up to date after a commit. If another process has the
// lock, its own commit will do it.
func (s *Store) mark(ctx context.Context) error {
	if s.anchor == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // what is committed is marked
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := setBusyTimeout(ctx, conn, markTimeout); err != nil {
		return err
	}
	defer setBusyTimeout(ctx, conn, busyTimeout)
	tx, err := conn.BeginTx(ctx, nil)
	if IsBusy(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.moor(ctx, tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// Anchored compares the ledger with its anchor and gives the last mark; false if it
// has none. The error is an anchor.Error if they differ.
func (s *Store) Anchored(ctx context.Context) (anchor.Mark, bool, error) {
	if s.anchor == nil {
		return anchor.Mark{}, false, nil
	}
	return s.AnchoredBy(ctx, s.anchor)
}

// AnchoredBy is Anchored with another file: a copy that lay elsewhere.
func (s *Store) AnchoredBy(ctx context.Context, f *anchor.File) (anchor.Mark, bool, error) {
	marks, err := f.Marks() // first: what comes on record meanwhile is no difference
	if err := s.compare(ctx, s.db, marks, err); err != nil {
		return anchor.Mark{}, false, err
	}
	return marks[len(marks)-1], true, nil
}

// Accept marks what is on record as what is to be, whatever was marked before: an
// older copy was restored on purpose. head is its last entry, so that nobody accepts
// what they did not see. Who did it is in the audit log.
func (s *Store) Accept(ctx context.Context, at time.Time, by string, head ledger.Hash) error {
	if s.anchor == nil {
		return errors.New("sqlite: no anchor is kept")
	}
	seen := func(tx *sql.Tx) (anchor.Mark, error) {
		now, err := s.stand(ctx, tx)
		if err == nil && now.Hash != head {
			err = fmt.Errorf("%w: the last entry is %d %s", ledger.ErrStale, now.Seq, now.Hash)
		}
		return now, err
	}
	marks, err := s.anchor.Marks()
	was := "-"
	if err == nil {
		was = fmt.Sprintf("%d %s", marks[len(marks)-1].Seq, marks[len(marks)-1].Hash)
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, anchor.ErrDamaged) {
		return err
	}
	// The line first: nothing is ever accepted of which it does not tell.
	if err := s.write(ctx, func(tx *sql.Tx) error {
		now, err := seen(tx)
		if err != nil {
			return err
		}
		return s.addLine(ctx, tx, at, by, fmt.Sprintf("verify --accept %d %s, marked %s", now.Seq, now.Hash, was))
	}); err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		now, err := seen(tx)
		if err != nil {
			return err
		}
		if _, err := s.anchor.Marks(); errors.Is(err, anchor.ErrDamaged) {
			if err := s.anchor.SetAside(); err != nil {
				return err
			}
		}
		now.At, now.Accepts = at, true
		if err := s.anchor.Append(now); err != nil {
			return err
		}
		return begin(ctx, tx)
	})
}

// EntryWith finds the entry whose hash begins with some hexadecimal digits; false if
// there is none, or more than one.
func (s *Store) EntryWith(ctx context.Context, digits string) (ledger.Entry, bool, error) {
	var out []ledger.Entry
	err := s.each(ctx, func(r *sql.Rows) error {
		e, err := scanEntry(r)
		out = append(out, e)
		return err
	}, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry WHERE substr(lower(hex(hash)), 1, length(?1)) = lower(?1) ORDER BY seq`, digits)
	if err != nil || len(out) != 1 {
		return ledger.Entry{}, false, err
	}
	return out[0], true, nil
}
