package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"doudi/jobs/ledger"
)

// Taking is the transaction that takes one file.
type Taking struct {
	ctx        context.Context
	s          *Store
	tx         *sql.Tx
	file       *ledger.File
	digests    map[string]*ledger.Digester
	ids        map[string]*int64 // next IDs by table
	numbers    map[[17]byte]int64
	events     *bulk
	claims     *bulk
	reliefs    *bulk
	addIdent   *sql.Stmt
	findIdent  *sql.Stmt
	findEvent  *sql.Stmt
	findRelief *sql.Stmt
	pending    map[[16]byte]bool // contents added in this file
}

// FileBySHA is the last file with this content that was imported whole for the
// area.
func (s *Store) FileBySHA(ctx context.Context, area, sha string) (ledger.File, bool, error) {
	var j string
	err := s.db.GetContext(ctx, &j, `SELECT totals FROM file WHERE area = ? AND sha256 = ? AND refused = '' ORDER BY seq DESC LIMIT 1`, area, sha)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.File{}, false, nil
	}
	if err != nil {
		return ledger.File{}, false, err
	}
	var f ledger.File
	return f, true, unjson(j, &f)
}

// Take records one file in one transaction: fill appends what is new and
// completes f's totals. If fill fails, or keep reports false at the end (a dry
// run), nothing is taken. f.Seq is the entry's number, given before fill runs;
// whatever fill appends is of that entry.
func (s *Store) Take(ctx context.Context, f *ledger.File, keep func() bool, fill func(ledger.Taker) error) error {
	errDry := errors.New("sqlite: not kept")
	err := s.write(ctx, func(tx *sql.Tx) error {
		last, err := head(ctx, tx)
		if err != nil {
			return err
		}
		f.Seq = last.Seq + 1
		t := &Taking{ctx: ctx, s: s, tx: tx, file: f, digests: map[string]*ledger.Digester{},
			ids: map[string]*int64{}, numbers: map[[17]byte]int64{}, pending: map[[16]byte]bool{}}
		if err := t.prepare(); err != nil {
			return err
		}
		if err := fill(t); err != nil {
			return err
		}
		if !keep() {
			return errDry
		}
		if f.Read != f.Taken+f.Repeated+f.Returned {
			return fmt.Errorf("sqlite: of %d rows read %d were taken, %d known and %d returned: that does not add up", f.Read, f.Taken, f.Repeated, f.Returned)
		}
		for _, b := range []*bulk{t.events, t.claims, t.reliefs} {
			if err := b.flush(); err != nil {
				return err
			}
		}
		var parts []ledger.Part
		for _, table := range takenTables {
			parts = append(parts, t.digests[table].Part(table))
		}
		n, sum := ledger.Seal(parts, f)
		j, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO file (seq, sha256, area, month, refused, totals) VALUES (?, ?, ?, ?, ?, ?)`,
			f.Seq, f.SHA256, f.Area, f.Month, f.Refused, string(j)); err != nil {
			return err
		}
		return addEntry(ctx, tx, f.Seq, ledger.EntryImport, f.At, f.By, n, sum)
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// takenTables are what a file brings, in the order of their digests.
var takenTables = []string{"identity", "event", "claim", "relief"}

func (t *Taking) prepare() (err error) {
	for _, table := range takenTables {
		t.digests[table] = ledger.NewDigester()
		id, err := nextID(t.ctx, t.tx, table)
		if err != nil {
			return err
		}
		t.ids[table] = &id
	}
	t.events = newBulk(t.ctx, t.tx, "event", "id", "seq", "sheet", "row", "area", "person", "name", "op", "category", "cause",
		"date", "expiry", "level", "head", "township", "village", "dept", "month", "content", "extra")
	t.claims = newBulk(t.ctx, t.tx, "claim", "id", "seq", "sheet", "row", "area", "person", "name", "setl_id", "at", "kind", "referral",
		"outside", "level", "dise_code", "dise_name", "hosp_code", "hosp_name", "insutype", "med_type", "begindate", "enddate",
		"total", "in_scope", "basic", "other", "major", "assist", "hosp", "refund", "refund_of", "content", "extra")
	t.reliefs = newBulk(t.ctx, t.tx, "relief", "id", "seq", "sheet", "row", "area", "person", "name", "date", "kind", "amount", "content", "extra")
	if t.addIdent, err = t.tx.PrepareContext(t.ctx, `INSERT INTO identity (id, seq, kind, lookup, box) VALUES (?, ?, ?, ?, ?)`); err != nil {
		return err
	}
	if t.findIdent, err = t.tx.PrepareContext(t.ctx, `SELECT id FROM identity WHERE kind = ? AND lookup = ?`); err != nil {
		return err
	}
	if t.findEvent, err = t.tx.PrepareContext(t.ctx, `SELECT 1 FROM event WHERE content = ?`); err != nil {
		return err
	}
	t.findRelief, err = t.tx.PrepareContext(t.ctx, `SELECT 1 FROM relief WHERE content = ?`)
	return err
}

func (t *Taking) id(table string) int64 {
	p := t.ids[table]
	*p++
	return *p - 1
}

// Person is the number of a citizen ID, new if it was never seen.
func (t *Taking) Person(certno string) (ledger.PersonNo, error) {
	n, err := t.number("certno", certno)
	return ledger.PersonNo(n), err
}

// Name is the number of a name; 0 for none.
func (t *Taking) Name(name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	return t.number("name", name)
}

func (t *Taking) number(kind, text string) (int64, error) {
	lookup := t.s.vault.Lookup(kind, text)
	var key [17]byte
	copy(key[:], lookup[:])
	key[16] = kind[0]
	if n, ok := t.numbers[key]; ok {
		return n, nil
	}
	var n int64
	err := t.findIdent.QueryRowContext(t.ctx, kind, lookup[:]).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		n = t.id("identity")
		row := ledger.Sealed{ID: n, Kind: kind, Lookup: lookup[:], Box: t.s.vault.Seal(kind, text)}
		t.digests["identity"].Add(&row)
		// Rows that refer to it are checked at once: it must be there first.
		_, err = t.addIdent.ExecContext(t.ctx, n, t.file.Seq, kind, row.Lookup, row.Box)
	}
	if err != nil {
		return 0, err
	}
	t.numbers[key] = n
	return n, nil
}

// Seal encrypts what must not lie open beside a record.
func (t *Taking) Seal(text string) []byte { return t.s.vault.Seal("extra", text) }

func content(b []byte) [16]byte {
	h := sha256.Sum256(b)
	return [16]byte(h[:16])
}

// Event adds a roster event; it reports whether it was new.
func (t *Taking) Event(e *ledger.Event) (ledger.Outcome, error) {
	c := content(e.Content(nil))
	known, err := t.known(t.findEvent, c)
	if known || err != nil {
		return ledger.Repeated, err
	}
	e.ID, e.Src.Seq = t.id("event"), t.file.Seq
	t.digests["event"].Add(e)
	return ledger.New, t.events.add(e.ID, e.Src.Seq, e.Src.Sheet, e.Src.Row, e.Area, e.Person, e.Name, e.Op, e.Category, e.Cause,
		e.Date, e.Expiry, e.Level, e.Head, e.Township, e.Village, e.Dept, e.Month, c[:], e.Extra)
}

// Relief adds a relief; it reports whether it was new.
func (t *Taking) Relief(r *ledger.Relief) (ledger.Outcome, error) {
	c := content(r.Content(nil))
	known, err := t.known(t.findRelief, c)
	if known || err != nil {
		return ledger.Repeated, err
	}
	r.ID, r.Src.Seq = t.id("relief"), t.file.Seq
	t.digests["relief"].Add(r)
	return ledger.New, t.reliefs.add(r.ID, r.Src.Seq, r.Src.Sheet, r.Src.Row, r.Area, r.Person, r.Name, r.Date, r.Kind, r.Amount, c[:], r.Extra)
}

// known reports whether a content is on record or was added before in this
// file, and remembers it.
func (t *Taking) known(find *sql.Stmt, c [16]byte) (bool, error) {
	if t.pending[c] {
		return true, nil
	}
	var one int
	err := find.QueryRowContext(t.ctx, c[:]).Scan(&one)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	t.pending[c] = true
	return false, nil
}

// Claims adds settlements of one area and tells of each whether it was new, a
// repeat, or in conflict with what is on record under its setl_id.
func (t *Taking) Claims(cs []*ledger.Claim) ([]ledger.Outcome, error) {
	if len(cs) == 0 {
		return nil, nil
	}
	// What this file added before must be found by the query.
	if err := t.claims.flush(); err != nil {
		return nil, err
	}
	args := []any{cs[0].Area}
	for _, c := range cs {
		args = append(args, c.ID)
	}
	rows, err := t.tx.QueryContext(t.ctx, `SELECT setl_id, content FROM claim WHERE area = ? AND setl_id IN (?`+strings.Repeat(", ?", len(cs)-1)+`)`, args...)
	if err != nil {
		return nil, err
	}
	onRecord := map[string][16]byte{}
	for rows.Next() {
		var id string
		var c []byte
		if err := rows.Scan(&id, &c); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		onRecord[id] = [16]byte(c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]ledger.Outcome, len(cs))
	var buf []byte
	for i, c := range cs {
		buf = c.Content(buf[:0])
		h := content(buf)
		if was, ok := onRecord[c.ID]; ok {
			out[i] = ledger.Conflict
			if was == h {
				out[i] = ledger.Repeated
			}
			continue
		}
		onRecord[c.ID] = h
		c.Ref, c.Src.Seq = t.id("claim"), t.file.Seq
		t.digests["claim"].Add(c)
		err := t.claims.add(c.Ref, c.Src.Seq, c.Src.Sheet, c.Src.Row, c.Area, c.Person, c.Name, c.ID, int64(c.At), c.Kind, c.Referral,
			c.OutOfProvince, c.Level, c.DiseaseCode, c.Disease, c.Hospital, c.HospName, c.Insutype, c.MedType, c.Begin, c.End,
			c.Total, c.InScope, c.Basic, c.Other, c.Major, c.Assist, c.Hosp, c.Refund, c.RefundOf, h[:], c.Extra)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Files are the files of the entries in (after, upTo], in order.
func (s *Store) Files(ctx context.Context, after, upTo ledger.Seq) ([]ledger.File, error) {
	var js []string
	if err := s.db.SelectContext(ctx, &js, `SELECT totals FROM file WHERE seq > ? AND seq <= ? ORDER BY seq`, after, upTo); err != nil {
		return nil, err
	}
	out := make([]ledger.File, len(js))
	for i, j := range js {
		if err := unjson(j, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RefusedBySHA reports whether a file with this content is on record as refused
// for the area.
func (s *Store) RefusedBySHA(ctx context.Context, area, sha string) (bool, error) {
	var n int
	err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM file WHERE area = ? AND sha256 = ? AND refused <> ''`, area, sha)
	return n > 0, err
}
