package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"os"
	"time"

	"doudi/jobs/access"
	"doudi/jobs/vault"

	"github.com/jmoiron/sqlx"
)

//go:embed door/*.sql
var doorMigrations embed.FS

// Door is access.Door in a file of its own beside the ledger. A run holds the ledger's
// write lock for as long as it calculates; signing in must not wait for that.
type Door struct {
	db    *sqlx.DB
	vault *vault.Vault
}

// OpenDoor opens the file at path, and makes it, readable by its owner alone, if it is
// not there.
func OpenDoor(ctx context.Context, path string, v *vault.Vault) (*Door, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// What is lost by a power failure is a login; the file stays whole.
	db, err := connect(ctx, path, "NORMAL", doorMigrations, "door")
	if err != nil {
		return nil, err
	}
	return &Door{db, v}, nil
}

// Close closes the file.
func (d *Door) Close() error { return d.db.Close() }

// PutSession implements access.Door.
func (d *Door) PutSession(ctx context.Context, s access.Session) error {
	_, err := d.db.ExecContext(ctx, `INSERT INTO session (key, who, remote, since, created, seen) VALUES (?, ?, ?, ?, ?, ?)`,
		s.Key[:], s.Who, s.From, s.Since, stamp(s.Created), stamp(s.Seen))
	return err
}

// Session implements access.Door.
func (d *Door) Session(ctx context.Context, k access.Key) (access.Session, bool, error) {
	s := access.Session{Key: k}
	err := d.db.QueryRowContext(ctx, `SELECT who, remote, since, created, seen FROM session WHERE key = ?`, k[:]).Scan(&s.Who, &s.From, &s.Since, moment{&s.Created}, moment{&s.Seen})
	if errors.Is(err, sql.ErrNoRows) {
		return access.Session{}, false, nil
	}
	return s, err == nil, err
}

// SeenSession implements access.Door.
func (d *Door) SeenSession(ctx context.Context, k access.Key, at time.Time) error {
	_, err := d.db.ExecContext(ctx, `UPDATE session SET seen = ? WHERE key = ?`, stamp(at), k[:])
	return err
}

// EndSession implements access.Door.
func (d *Door) EndSession(ctx context.Context, k access.Key) error {
	_, err := d.db.ExecContext(ctx, `DELETE FROM session WHERE key = ?`, k[:])
	return err
}

// EndSessionsOf implements access.Door.
func (d *Door) EndSessionsOf(ctx context.Context, who string) error {
	_, err := d.db.ExecContext(ctx, `DELETE FROM session WHERE who = ?`, who)
	return err
}

// Sweep implements access.Door. Times are written so that they compare as texts.
func (d *Door) Sweep(ctx context.Context, seen, failed time.Time) error {
	_, err1 := d.db.ExecContext(ctx, `DELETE FROM session WHERE seen < ?`, stamp(seen))
	_, err2 := d.db.ExecContext(ctx, `DELETE FROM tally WHERE at < ?`, stamp(failed))
	return errors.Join(err1, err2)
}

// Count implements access.Door.
func (d *Door) Count(ctx context.Context, keys []string, f func([]access.Tally) []access.Tally) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := d.count(ctx, tx, keys, f); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func (d *Door) count(ctx context.Context, tx *sql.Tx, keys []string, f func([]access.Tally) []access.Tally) error {
	on, hashed := make([]access.Tally, len(keys)), make([][16]byte, len(keys))
	for i, k := range keys {
		hashed[i] = d.vault.Lookup("tally", k)
		err := tx.QueryRowContext(ctx, `SELECT failures, at FROM tally WHERE key = ?`, hashed[i][:]).Scan(&on[i].Failures, moment{&on[i].At})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	is := f(on)
	if len(is) != len(keys) {
		return fmt.Errorf("sqlite: %d tallies for %d keys", len(is), len(keys))
	}
	for i, t := range is {
		var err error
		if t.Failures <= 0 {
			_, err = tx.ExecContext(ctx, `DELETE FROM tally WHERE key = ?`, hashed[i][:])
		} else {
			_, err = tx.ExecContext(ctx, `INSERT INTO tally (key, failures, at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, at = excluded.at`,
				hashed[i][:], t.Failures, stamp(t.At))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SignedIn implements access.Door.
func (d *Door) SignedIn(ctx context.Context, who string, at time.Time) error {
	_, err := d.db.ExecContext(ctx, `INSERT INTO sign_in (who, at) VALUES (?, ?) ON CONFLICT (who) DO UPDATE SET at = excluded.at`, who, stamp(at))
	return err
}

// SignIns implements access.Door.
func (d *Door) SignIns(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := scanAll(ctx, d.db, func(r *sql.Rows) error {
		var who string
		var at time.Time
		err := r.Scan(&who, moment{&at})
		out[who] = at
		return err
	}, `SELECT who, at FROM sign_in`)
	return out, err
}

// PutCode implements access.Door.
func (d *Door) PutCode(ctx context.Context, c access.Code) error {
	_, err := d.db.ExecContext(ctx, `INSERT INTO code (id, hash, expires) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`, c.Hash[:], stamp(c.Expires))
	return err
}

// Code implements access.Door.
func (d *Door) Code(ctx context.Context) (c access.Code, ok bool, err error) {
	var hash []byte
	err = d.db.QueryRowContext(ctx, `SELECT hash, expires FROM code`).Scan(&hash, moment{&c.Expires})
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	copy(c.Hash[:], hash)
	return c, err == nil && len(hash) == len(c.Hash), err
}

// DropCode implements access.Door.
func (d *Door) DropCode(ctx context.Context) error {
	_, err := d.db.ExecContext(ctx, `DELETE FROM code`)
	return err
}
