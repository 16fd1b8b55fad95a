package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"doudi/jobs/ledger"
)

// Taking is the transaction that takes one file.
type Taking struct {
	ctx       context.Context
	s         *Store
	tx        *sql.Tx
	file      *ledger.File
	numbers   map[[17]byte]int64
	addIdent  *sql.Stmt
	findIdent *sql.Stmt
	into      map[string]*takingTable
	roster    roster
	moves     moves      // whose the rows of corrected IDs are
	elsewhere *elsewhere // nil until somebody asks
	tally     *ledger.Tally
}

// takingTable is what a file does to one table.
type takingTable struct {
	digest *ledger.Digester
	first  int64             // the first ID of this file
	next   int64             // the next ID
	rows   *bulk             // nil for identities, which are added one by one
	find   *sql.Stmt         // by content; nil where that is not enough
	added  map[[16]byte]bool // contents added in this file
}

func (x *takingTable) id() int64 {
	x.next++
	return x.next - 1
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
	err := s.enter(ctx, func(tx *sql.Tx, last ledger.Entry) (e ledger.Entry, err error) {
		f.Seq = last.Seq + 1
		t := &Taking{ctx: ctx, s: s, tx: tx, file: f, numbers: map[[17]byte]int64{}, into: map[string]*takingTable{}, tally: ledger.NewTally()}
		if t.moves, err = movesAt(ctx, tx, last.Seq); err != nil {
			return e, err
		}
		if err := t.prepare(); err != nil {
			return e, err
		}
		if err := fill(t); err != nil {
			return e, err
		}
		if !keep() {
			return e, errDry
		}
		if err := errors.Join(f.Conserves(), f.Brought(t.tally)); err != nil {
			return e, err
		}
		if err := t.restate(); err != nil {
			return e, err
		}
		var parts []ledger.Part
		for i := range takenTables {
			x := &takenTables[i]
			into := t.into[x.name]
			if into.rows != nil {
				if err := into.rows.flush(); err != nil {
					return e, err
				}
			}
			parts = x.part(parts, into.digest)
		}
		n, sum := ledger.Seal(parts, f)
		j, err := json.Marshal(f)
		if err != nil {
			return e, err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO file (seq, sha256, area, month, refused, totals) VALUES (?, ?, ?, ?, ?, ?)`,
			f.Seq, f.SHA256, f.Area, f.Month, f.Refused, string(j)); err != nil {
			return e, err
		}
		return ledger.Entry{Kind: ledger.EntryImport, At: f.At, By: f.By, Count: n, Digest: sum}, nil
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

func (t *Taking) prepare() (err error) {
	for i := range takenTables {
		x := &takenTables[i]
		into := &takingTable{digest: ledger.NewDigester()}
		t.into[x.name] = into
		if into.first, err = nextID(t.ctx, t.tx, x.name); err != nil {
			return err
		}
		into.next = into.first
		if x.name == "identity" {
			continue
		}
		columns := x.named()
		if !x.bare {
			columns = append(columns, "content", "extra")
		}
		into.rows = newBulk(t.ctx, t.tx, x.name, columns...)
		if x.byContent {
			into.added = map[[16]byte]bool{}
			if into.find, err = t.tx.PrepareContext(t.ctx, `SELECT 1 FROM `+x.name+` WHERE content = ?`); err != nil {
				return err
			}
		}
	}
	if t.addIdent, err = t.tx.PrepareContext(t.ctx, `INSERT INTO identity (id, seq, kind, lookup, box) VALUES (?, ?, ?, ?, ?)`); err != nil {
		return err
	}
	if t.findIdent, err = t.tx.PrepareContext(t.ctx, `SELECT id FROM identity WHERE kind = ? AND lookup = ?`); err != nil {
		return err
	}
	return t.prepareRoster()
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
		into := t.into["identity"]
		n = into.id()
		row := ledger.Sealed{ID: n, Kind: kind, Lookup: lookup[:], Box: t.s.vault.Seal(kind, text)}
		into.digest.Add(&row)
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

// record is what is known again by its content.
type record interface {
	ledger.Record
	Content([]byte) []byte
}

// add appends a record unless its content is on record or was added before in
// this file; it reports whether it was new. values are those of the table's
// columns.
func (t *Taking) add(table string, r record, id *int64, src *ledger.Source, extra []byte, values ...any) (ledger.Outcome, error) {
	c := content(r.Content(nil))
	known, err := t.into[table].known(t.ctx, c)
	if known || err != nil {
		return ledger.Repeated, err
	}
	return ledger.New, t.put(table, r, id, src, append(values, c[:], extra)...)
}

// put numbers a record and appends it to its table.
func (t *Taking) put(table string, r ledger.Record, id *int64, src *ledger.Source, values ...any) error {
	into := t.into[table]
	*id, src.Seq = into.id(), t.file.Seq
	into.digest.Add(r)
	t.tally.Add(r)
	row := make([]any, 0, len(values)+4)
	return into.rows.add(append(append(row, *id, src.Seq, src.Sheet, src.Row), values...)...)
}

// known reports whether a content is on record or was added before in this
// file, and remembers it.
func (x *takingTable) known(ctx context.Context, c [16]byte) (bool, error) {
	if x.added[c] {
		return true, nil
	}
	var one int
	err := x.find.QueryRowContext(ctx, c[:]).Scan(&one)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	x.added[c] = true
	return false, nil
}

// Relief adds a relief; it reports whether it was new. Its note must lie sealed
// in Extra: without it nobody could tell later what the relief says.
func (t *Taking) Relief(r *ledger.Relief) (ledger.Outcome, error) {
	notes, err := t.s.notes(r.Extra)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(notes, r.Note) {
		return 0, errors.New("sqlite: a relief's note is not sealed with it")
	}
	return t.add("relief", r, &r.ID, &r.Src, r.Extra, r.Area, r.Person, r.Name, r.Date, r.Kind, r.Amount)
}

// Enrolment adds an enrolment; it reports whether it was new.
func (t *Taking) Enrolment(x *ledger.Enrolment) (ledger.Outcome, error) {
	return t.add("enrolment", x, &x.ID, &x.Src, x.Extra, x.Area, x.Person, x.Name, x.Year, x.Insutype, x.Plan, x.Place, x.PaidOn, x.Own, x.Subsidy, x.By)
}

// Contribution adds a month of contributions; it reports whether it was new.
func (t *Taking) Contribution(x *ledger.Contribution) (ledger.Outcome, error) {
	return t.add("contribution", x, &x.ID, &x.Src, x.Extra, x.Area, x.Person, x.Name, x.Month, x.Base, x.Paid, x.Flexible)
}

// Birth adds a birth; it reports whether it was new.
func (t *Taking) Birth(x *ledger.Birth) (ledger.Outcome, error) {
	return t.add("birth", x, &x.ID, &x.Src, x.Extra, x.Area, x.Person, x.Name, x.Date, x.Days)
}

// Item adds a line of a bill; it reports whether it was new.
func (t *Taking) Item(x *ledger.Item) (ledger.Outcome, error) {
	return t.add("item", x, &x.ID, &x.Src, x.Extra, x.Area, x.Person, x.Name, x.SetlID, x.Code, x.ItemName, x.Class, x.Date, x.Price, x.BasePrice,
		x.Quantity, x.Amount)
}

// Transfer adds a payment of the finance bureau; it reports whether it was new.
func (t *Taking) Transfer(x *ledger.Transfer) (ledger.Outcome, error) {
	return t.add("transfer", x, &x.ID, &x.Src, x.Extra, x.Area, x.Person, x.Payee, x.Batch, x.Date, x.Item, x.Payer, x.From, x.To, x.SetlID, x.Amount, x.Nth)
}

// Claims adds settlements of one area and tells of each whether it was new, a
// repeat, or in conflict with what is on record under its setl_id.
func (t *Taking) Claims(cs []*ledger.Claim) ([]ledger.Outcome, error) {
	if len(cs) == 0 {
		return nil, nil
	}
	into := t.into["claim"]
	// What this file added before must be found by the query.
	if err := into.rows.flush(); err != nil {
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
			if was == h || t.saysSame(c, was) {
				out[i] = ledger.Repeated
			}
			continue
		}
		onRecord[c.ID] = h
		if err := t.put("claim", c, &c.Ref, &c.Src, c.Area, c.Person, c.Name, c.ID, int64(c.At), c.Kind, c.Referral,
			c.OutOfProvince, c.Level, c.DiseaseCode, c.Disease, c.Hospital, c.HospName, c.Insutype, c.MedType, c.Begin, c.End,
			c.Total, c.InScope, c.Basic, c.Other, c.Major, c.Assist, c.Hosp, c.Refund, c.RefundOf, h[:], c.Extra); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ClaimOf implements ledger.Taker.
func (t *Taking) ClaimOf(area, id string) (ledger.Claim, bool, error) {
	c := ledger.Claim{Area: area}
	if err := t.into["claim"].rows.flush(); err != nil {
		return c, false, err
	}
	err := t.tx.QueryRowContext(t.ctx, `SELECT setl_id, person, at, total, in_scope, basic, other, major, assist, hosp, refund, refund_of FROM claim
		WHERE area = ? AND setl_id = ?`, area, id).
		Scan(&c.ID, &c.Person, &c.At, &c.Total, &c.InScope, &c.Basic, &c.Other, &c.Major, &c.Assist, &c.Hosp, &c.Refund, &c.RefundOf)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
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
