// Package sqlite keeps the ledger in one SQLite file, through mattn/go-sqlite3:
// no server, one file to copy. sqlx serves what is small; what is large goes
// through database/sql with prepared multi-row inserts in one transaction, and
// is read back unordered and bucketed in Go.
package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"sync"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/anchor"
	"doudi/jobs/vault"

	"github.com/jmoiron/sqlx"
	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// busyTimeout is how long who wants to write waits for who does.
const busyTimeout = 10 * time.Second

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open ledger. It is safe for concurrent use; one writer at a time.
type Store struct {
	db    *sqlx.DB
	vault *vault.Vault
	path  string

	anchor *anchor.File // nil: none is kept

	mu   sync.Mutex
	held map[holder]*holding // the runs of this process
}

// Open opens the ledger at path, creates it if it is not there, and brings it to
// the present schema.
func Open(ctx context.Context, path string, v *vault.Vault) (*Store, error) {
	db, err := connect(ctx, path, "FULL", migrations, "migrations")
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, vault: v, path: path, held: map[holder]*holding{}}
	if err := s.checkKey(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// connect opens the database at path and brings it to the present schema, which the
// files of a folder tell.
func connect(ctx context.Context, path, synchronous string, files fs.FS, folder string) (*sqlx.DB, error) {
	// The pragmas travel in the DSN, since they hold for a connection. A write
	// transaction takes its lock at once: a reader that turns writer would fail
	// without waiting.
	q := url.Values{
		"_txlock":       {"immediate"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {synchronous},
		"_foreign_keys": {"1"},
		"_busy_timeout": {strconv.FormatInt(busyTimeout.Milliseconds(), 10)},
		"_cache_size":   {"-32768"},
	}
	db, err := sqlx.Open("sqlite3", fileURL(path)+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.DB, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := p.Up(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: migrate: %w", err), db.Close())
	}
	return db, nil
}

// checkKey ties the ledger to its key: the first key that opens it leaves its
// fingerprint, and another one is refused before it could seal anything that
// the right one can not open.
func (s *Store) checkKey(ctx context.Context) error {
	print := s.vault.Lookup("key", "fingerprint")
	const read = `SELECT value FROM meta WHERE name = 'key'`
	var was []byte
	err := s.db.GetContext(ctx, &was, read)
	if errors.Is(err, sql.ErrNoRows) { // only then: who just reads must not wait for a run that writes
		if _, err := s.db.ExecContext(ctx, `INSERT INTO meta (name, value) SELECT 'key', ? WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'key')`, print[:]); err != nil {
			return err
		}
		err = s.db.GetContext(ctx, &was, read)
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(was, print[:]) {
		return ledger.ErrWrongKey
	}
	return nil
}

// Close closes the ledger. Runs that it holds can be taken over from then on.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for h, l := range s.held {
		errs = append(errs, l.end())
		delete(s.held, h)
	}
	return errors.Join(append(errs, s.db.Close())...)
}

// IsBusy reports whether err says that another process holds the write lock.
func IsBusy(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// write runs f in a write transaction.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	conn, done, err := s.patient(ctx)
	if err != nil {
		return err
	}
	defer done()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// patient is a connection that waits for the write lock no longer than a context's
// deadline: SQLite itself does not look at it while it waits.
func (s *Store) patient(ctx context.Context) (conn *sql.Conn, done func(), err error) {
	if conn, err = s.db.DB.Conn(ctx); err != nil {
		return nil, nil, err
	}
	by, ok := ctx.Deadline()
	if wait := time.Until(by); ok && wait < busyTimeout {
		if err := setBusyTimeout(ctx, conn, max(wait, 0)); err != nil {
			return nil, nil, errors.Join(err, conn.Close())
		}
		return conn, func() { setBusyTimeout(context.WithoutCancel(ctx), conn, busyTimeout); conn.Close() }, nil
	}
	return conn, func() { conn.Close() }, nil
}

func setBusyTimeout(ctx context.Context, conn *sql.Conn, d time.Duration) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, d.Milliseconds()))
	return err
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

const timeForm = "2006-01-02T15:04:05Z"

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeForm)
}

func unstamp(s string) time.Time {
	t, err := time.Parse(timeForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Head is the last entry of the chain; Seq 0 for an empty ledger.
func (s *Store) Head(ctx context.Context) (ledger.Entry, error) { return head(ctx, s.db) }

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func head(ctx context.Context, q querier) (ledger.Entry, error) {
	e, err := scanEntry(q.QueryRowContext(ctx, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry ORDER BY seq DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Entry{}, nil
	}
	return e, err
}

func scanEntry(r interface{ Scan(...any) error }) (e ledger.Entry, err error) {
	var at string
	var digest, prev, hash []byte
	if err = r.Scan(&e.Seq, &e.Kind, &at, &e.By, &e.Count, &digest, &prev, &hash); err != nil {
		return e, err
	}
	e.At = unstamp(at)
	copy(e.Digest[:], digest)
	copy(e.Prev[:], prev)
	copy(e.Hash[:], hash)
	return e, nil
}

// enter runs f in a write transaction and chains what it gives as the next entry to
// the last one. If f fails, nothing of it is there.
func (s *Store) enter(ctx context.Context, f func(tx *sql.Tx, last ledger.Entry) (ledger.Entry, error)) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := s.moor(ctx, tx); err != nil {
			return err
		}
		last, err := head(ctx, tx)
		if err != nil {
			return err
		}
		e, err := f(tx, last)
		if err != nil {
			return err
		}
		e.Seq, e.Prev = last.Seq+1, last.Hash
		e.Hash = e.Chain()
		_, err = tx.ExecContext(ctx, `INSERT INTO entry (seq, kind, at, by, count, digest, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Seq, string(e.Kind), stamp(e.At), e.By, e.Count, e.Digest[:], e.Prev[:], e.Hash[:])
		return err
	})
	if err != nil {
		return err
	}
	return s.mark(ctx)
}

// nextID is one more than the table's largest ID. Tables are append-only, so
// no number is ever used twice.
func nextID(ctx context.Context, q querier, table string) (int64, error) {
	var id sql.NullInt64
	err := q.QueryRowContext(ctx, `SELECT max(id) FROM `+table).Scan(&id)
	return id.Int64 + 1, err
}

// unjson reads what this package wrote as JSON: if it does not read, it is not
// what was written.
func unjson(text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
	}
	return nil
}

// CopyTo writes a complete copy of the ledger to a new file.
func (s *Store) CopyTo(ctx context.Context, path string) error {
	_, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, path)
	return err
}
