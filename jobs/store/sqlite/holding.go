package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"doudi/jobs/ledger"
)

// Who runs holds, beside the heartbeat, a lock of the operating system, which ends
// with the process however that ends: a run whose process was killed is taken over
// at once, not when its lease is over. All processes of a ledger are of one host,
// since SQLite's WAL is memory that they share.
//
// The lock is SQLite's own, on an empty file beside the ledger. There is one for
// each token, so that a process that hangs and was fenced off does not stand for
// the one that took over.
type holding struct {
	db   *sql.DB
	tx   *sql.Tx
	path string
}

// holder names who holds something: a run under its token, a try of the schedule.
type holder struct {
	what  string
	no    int
	token int
}

func runHolder(run ledger.Run) holder { return holder{"run", run.No, run.Token} }

func (s *Store) holdingPath(h holder) string {
	return fmt.Sprintf("%s-%s-%d-%d", s.path, h.what, h.no, h.token)
}

// lock opens a file and locks it; the lock lasts until end.
func lock(path, mode string) (*holding, error) {
	db, err := sql.Open("sqlite3", fileURL(path)+"?_txlock=exclusive&_busy_timeout=0&_journal_mode=OFF&mode="+mode)
	if err != nil {
		return nil, err
	}
	// Not the caller's context: the lock must not go when that ends.
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &holding{db, tx, path}, nil
}

// end gives the lock back. The file goes with it; where the system keeps it, as
// another process looks at it, it is empty and in nobody's way.
func (h *holding) end() error {
	err := errors.Join(ignoreDone(h.tx.Rollback()), h.db.Close())
	_ = os.Remove(h.path)
	return err
}

// hold makes this process the holder of a run.
func (s *Store) hold(run ledger.Run) error { return s.take(runHolder(run)) }

// letGo ends what hold began; nothing if this process does not hold the run.
func (s *Store) letGo(run ledger.Run) error { return s.give(runHolder(run)) }

// lives reports whether the process that holds a run lives.
func (s *Store) lives(run ledger.Run) bool { return s.holds(runHolder(run)) }

// take makes this process the holder.
func (s *Store) take(h holder) error {
	l, err := lock(s.holdingPath(h), "rwc")
	if err != nil {
		return fmt.Errorf("sqlite: the run can not be held: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[h] = l
	return nil
}

// give ends what take began; nothing if this process is not the holder.
func (s *Store) give(h holder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.held[h]
	if l == nil {
		return nil
	}
	delete(s.held, h)
	return l.end()
}

// holds reports whether the holder's process lives. Where that can not be told it
// does, and its signs of life decide. To be asked in a write transaction: two who ask
// at once would each take the other for the holder.
func (s *Store) holds(h holder) bool {
	path := s.holdingPath(h)
	if _, err := os.Stat(path); err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	l, err := lock(path, "rw")
	if err != nil {
		return true
	}
	return l.end() != nil
}

// bury removes the locks of processes that were killed between the end of their run,
// or try, and that of its lock: nobody asks for such a one again. To be called in a write
// transaction: in none but that does anybody make one. What can not be looked at
// stays, empty and in nobody's way.
func (s *Store) bury(what string) {
	dir, begins := filepath.Dir(s.path), filepath.Base(s.path)+"-"+what+"-"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), begins) || strings.HasSuffix(e.Name(), "-journal") {
			continue
		}
		if l, err := lock(filepath.Join(dir, e.Name()), "rw"); err == nil {
			_ = l.end()
		}
	}
}

func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }
