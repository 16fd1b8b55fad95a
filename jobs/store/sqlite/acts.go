package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"doudi/jobs/ledger"
)

// act is a table of what people sign for: a match by hand, a correction of an ID,
// a step of a year. Each row is an entry of its own; its reason lies sealed.
type act[T any] struct {
	kind    ledger.EntryKind
	table   string
	what    string   // in errors
	columns []string // beside those that all have
	parts   func(*T) (signature, []any)
}

// signature is what all acts have; the fields are those of the record.
type signature struct {
	id     *int64
	seq    *ledger.Seq
	by     *string
	at     *time.Time
	reason *string
	box    *[]byte
}

func (a *act[T]) names() []string {
	return append([]string{"id", "seq", "by", "at", "reason"}, a.columns...)
}

// fields are where the columns go, and where their values come from.
func (a *act[T]) fields(x *T) []any {
	s, rest := a.parts(x)
	return append([]any{s.id, s.seq, s.by, moment{s.at}, s.box}, rest...)
}

// add records an act as one entry. It gives the record its number and seals the
// reason; check runs before, inside the transaction, with the last entry.
func (a *act[T]) add(ctx context.Context, s *Store, x *T, check func(*sql.Tx, ledger.Entry) error) error {
	return s.enter(ctx, func(tx *sql.Tx, last ledger.Entry) (ledger.Entry, error) {
		if err := check(tx, last); err != nil {
			return last, err
		}
		sig, _ := a.parts(x)
		var err error
		if *sig.id, err = nextID(ctx, tx, a.table); err != nil {
			return last, err
		}
		*sig.seq, *sig.box = last.Seq+1, s.vault.Seal("reason", *sig.reason)
		names := a.names()
		if _, err := tx.ExecContext(ctx, `INSERT INTO `+a.table+` (`+strings.Join(names, ", ")+`) VALUES (?`+strings.Repeat(", ?", len(names)-1)+`)`, a.fields(x)...); err != nil {
			return last, err
		}
		return a.entry(*sig.by, *sig.at, x), nil
	})
}

// entry is the entry of acts; only ever one, unless somebody slipped in another.
func (a *act[T]) entry(by string, at time.Time, xs ...*T) ledger.Entry {
	d := ledger.NewDigester()
	for _, x := range xs {
		d.Add(any(x).(ledger.Record))
	}
	e := ledger.Entry{Kind: a.kind, By: by, At: at}
	e.Count, e.Digest = ledger.Seal([]ledger.Part{d.Part(a.table)}, nil)
	return e
}

// rows reads acts in the order of their numbers, without opening anything.
func (a *act[T]) rows(ctx context.Context, q querier, where string, args ...any) ([]*T, error) {
	var out []*T
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		x := new(T)
		out = append(out, x)
		return r.Scan(a.fields(x)...)
	}, `SELECT `+strings.Join(a.names(), ", ")+` FROM `+a.table+` WHERE `+where+` ORDER BY id`, args...)
	return out, err
}

// read reads acts with their reasons.
func (a *act[T]) read(ctx context.Context, s *Store, q querier, where string, args ...any) ([]T, error) {
	rows, err := a.rows(ctx, q, where, args...)
	if err != nil {
		return nil, err
	}
	var out []T
	for _, x := range rows {
		sig, _ := a.parts(x)
		if *sig.reason, err = s.vault.Open("reason", *sig.box); err != nil {
			return nil, fmt.Errorf("%w: %s %d: %w", ledger.ErrIntegrity, a.what, *sig.id, err)
		}
		out = append(out, *x)
	}
	return out, nil
}

// reseal is the digest of an act's entry from what is stored. Who acted and when is
// said twice, and both must agree.
func (a *act[T]) reseal(ctx context.Context, q querier, e ledger.Entry) (int, ledger.Hash, error) {
	rows, err := a.rows(ctx, q, `seq = ?`, e.Seq)
	if err != nil {
		return 0, ledger.Hash{}, err
	}
	for _, x := range rows {
		if sig, _ := a.parts(x); *sig.by != e.By || !sig.at.Equal(e.At) {
			return 0, ledger.Hash{}, fmt.Errorf("%w: %s %d is not by whom or of when its entry is", ledger.ErrIntegrity, a.what, *sig.id)
		}
	}
	again := a.entry(e.By, e.At, rows...)
	return again.Count, again.Digest, nil
}

// moment is a time as a column holds it.
type moment struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("sqlite: %v is no time", v)
	}
	*m.t = unstamp(s)
	return nil
}

// Value implements driver.Valuer.
func (m moment) Value() (driver.Value, error) { return stamp(*m.t), nil }

// keys is a list of keys as a column holds it.
type keys struct{ list *[]string }

// Scan implements sql.Scanner.
func (k keys) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("sqlite: %v is no list", v)
	}
	return unjson(s, k.list)
}

// Value implements driver.Valuer.
func (k keys) Value() (driver.Value, error) {
	j, err := json.Marshal(append([]string{}, *k.list...))
	return string(j), err
}
