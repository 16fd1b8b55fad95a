package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"doudi/jobs/access"
	"doudi/jobs/ledger"
)

const accountColumns = `SELECT id, who, name, display, grants, password, disabled, since, created, created_by, at, by, line, mac FROM account`

// standing picks of each user the last row.
const standing = ` WHERE id IN (SELECT max(id) FROM account GROUP BY who) ORDER BY who`

// account is a row of a user.
type account struct {
	access.User
	who, grants string
	box         []byte
	line        int64
	mac         []byte
}

// tieAccount is the keyed hash over a row.
func (s *Store) tieAccount(x *account) [16]byte {
	return s.vault.Lookup("account", fmt.Sprintf("%d %q %q %q %q %q %t %d %q %q %q %q %d", x.Version, x.who, x.Name, x.Display, x.grants, hex.EncodeToString(x.box), x.Disabled, x.Since,
		stamp(x.Created), x.CreatedBy, stamp(x.At), x.By, x.line))
}

// lineOf is the text of a row's line in the audit log.
func lineOf(what string, x *account) string { return what + endOf(x) }

func endOf(x *account) string { return fmt.Sprintf(" #%d %s", x.Version, hex.EncodeToString(x.mac)) }

// scanAccount reads a row. One that is not what this program wrote makes nobody an
// administrator.
func (s *Store) scanAccount(r interface{ Scan(...any) error }) (x account, err error) {
	if err := r.Scan(&x.Version, &x.who, &x.Name, &x.Display, &x.grants, &x.box, &x.Disabled, &x.Since, moment{&x.Created}, &x.CreatedBy, moment{&x.At}, &x.By, &x.line, &x.mac); err != nil {
		return x, err
	}
	if mac := s.tieAccount(&x); string(mac[:]) != string(x.mac) {
		return x, fmt.Errorf("%w: change %d of a user is not the one that was written", ledger.ErrIntegrity, x.Version)
	}
	if err := unjson(x.grants, &x.Grants); err != nil {
		return x, err
	}
	if x.Hash, err = s.vault.Open("password", x.box); err != nil {
		return x, fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
	}
	return x, nil
}

// User implements access.Users.
func (s *Store) User(ctx context.Context, name string) (access.User, error) {
	x, err := s.scanAccount(s.db.QueryRowContext(ctx, accountColumns+` WHERE who = ? ORDER BY id DESC LIMIT 1`, ledger.FoldName(name)))
	if errors.Is(err, sql.ErrNoRows) {
		err = access.ErrNoUser
	}
	return x.User, err
}

// Users implements access.Users.
func (s *Store) Users(ctx context.Context) ([]access.User, error) { return s.users(ctx, s.db) }

func (s *Store) users(ctx context.Context, q querier) (out []access.User, err error) {
	err = scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := s.scanAccount(r)
		out = append(out, x.User)
		return err
	}, accountColumns+standing)
	return out, err
}

// PutUser implements access.Users. The write lock is taken before check looks, so that
// of two first users, or two changes of one, only one passes.
func (s *Store) PutUser(ctx context.Context, u *access.User, what string, check func(on []access.User) error) error {
	var x account
	if err := s.write(ctx, func(tx *sql.Tx) error {
		if err := s.moor(ctx, tx); err != nil {
			return err
		}
		on, err := s.users(ctx, tx)
		if err != nil {
			return err
		}
		if err := check(on); err != nil {
			return err
		}
		x = account{User: *u, who: ledger.FoldName(u.Name), box: s.vault.Seal("password", u.Hash)}
		if x.Version, err = nextID(ctx, tx, "account"); err != nil {
			return err
		}
		if x.Since == 0 {
			x.Since = x.Version
		}
		j, err := json.Marshal(u.Grants)
		if err != nil {
			return err
		}
		x.grants = string(j)
		n, _, err := s.logEnd(ctx, tx)
		if err != nil {
			return err
		}
		x.line = n + 1
		mac := s.tieAccount(&x)
		x.mac = mac[:]
		if err := s.addLine(ctx, tx, u.At, u.By, lineOf(what, &x)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO account (id, who, name, display, grants, password, disabled, since, created, created_by, at, by, line, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			x.Version, x.who, x.Name, x.Display, x.grants, x.box, x.Disabled, x.Since, stamp(x.Created), x.CreatedBy, stamp(x.At), x.By, x.line, x.mac)
		return err
	}); err != nil {
		return err
	}
	*u = x.User
	return s.mark(ctx)
}

// verifyAccounts: each change of a user is as it was written and has its line in the
// audit log, and each such line its change; so none was slipped in or taken away.
func (s *Store) verifyAccounts(ctx context.Context) error {
	next := int64(1)
	if err := s.each(ctx, func(r *sql.Rows) error {
		x, err := s.scanAccount(r)
		if err != nil {
			return err
		}
		var bad bool
		if err := s.db.GetContext(ctx, &bad, `SELECT count(*) = 0 FROM audit WHERE id = ? AND at = ? AND by = ? AND substr(what, 1, 5) = 'user ' AND substr(what, -length(?4)) = ?4`,
			x.line, stamp(x.At), x.By, endOf(&x)); err != nil {
			return err
		}
		if bad || x.Version != next {
			return fmt.Errorf("%w: change %d of a user is not in the audit log", ledger.ErrIntegrity, next)
		}
		next++
		return nil
	}, accountColumns+` ORDER BY id`); err != nil {
		return err
	}
	var lines int64
	if err := s.db.GetContext(ctx, &lines, `SELECT count(*) FROM audit WHERE what GLOB 'user * #[0-9]* [0-9a-f]*'`); err != nil {
		return err
	}
	if lines != next-1 {
		return fmt.Errorf("%w: %d changes of users are on record, and %d lines of the audit log tell of one", ledger.ErrIntegrity, next-1, lines)
	}
	return nil
}
