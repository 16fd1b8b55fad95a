package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// bulk inserts rows of one table by prepared statements of many rows.
type bulk struct {
	ctx   context.Context
	tx    *sql.Tx
	head  string // INSERT INTO t (a, b) VALUES
	width int
	most  int // rows that a statement takes
	args  []any
	full  *sql.Stmt
}

// rowsAtOnce: measured best between 10 and 50 rows a statement.
const rowsAtOnce = 25

func newBulk(ctx context.Context, tx *sql.Tx, table string, columns ...string) *bulk {
	return &bulk{ctx: ctx, tx: tx, width: len(columns), most: rowsAtOnce,
		head: "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "}
}

func (b *bulk) sql(rows int) string {
	one := "(?" + strings.Repeat(", ?", b.width-1) + ")"
	return b.head + one + strings.Repeat(", "+one, rows-1)
}

// add takes one row; it may stay in memory until flush.
func (b *bulk) add(row ...any) error {
	b.args = append(b.args, row...)
	if len(b.args) < b.most*b.width {
		return nil
	}
	if b.full == nil {
		stmt, err := b.tx.PrepareContext(b.ctx, b.sql(b.most))
		if err != nil {
			return err
		}
		b.full = stmt
	}
	_, err := b.full.ExecContext(b.ctx, b.args...)
	b.args = b.args[:0]
	return err
}

// flush writes what is left. The bulk can be used again.
func (b *bulk) flush() error {
	if len(b.args) == 0 {
		return nil
	}
	_, err := b.tx.ExecContext(b.ctx, b.sql(len(b.args)/b.width), b.args...)
	b.args = b.args[:0]
	return err
}
