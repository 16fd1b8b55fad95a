package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Verify walks the chain: every entry's records are hashed again and every
// entry is linked to the one before. Each result's layers make the total of its
// claim; each file's control totals add up and are those of the records that it
// brought; the audit log is whole, and has each change of a user. The error wraps ledger.ErrIntegrity and names the first entry that does
// not agree.
func (s *Store) Verify(ctx context.Context) (ledger.Entry, error) {
	var entries []ledger.Entry
	err := s.each(ctx, func(r *sql.Rows) error {
		e, err := scanEntry(r)
		entries = append(entries, e)
		return err
	}, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry ORDER BY seq`)
	if err != nil {
		return ledger.Entry{}, err
	}
	var last ledger.Entry
	for _, e := range entries {
		if e.Seq != last.Seq+1 || e.Prev != last.Hash || e.Hash != e.Chain() {
			return last, fmt.Errorf("%w: entry %d is not linked to the one before", ledger.ErrIntegrity, e.Seq)
		}
		n, sum, err := s.reseal(ctx, e)
		if err != nil {
			return last, err
		}
		if n != e.Count || sum != e.Digest {
			return last, fmt.Errorf("%w: the records of entry %d (%s) are not those that were recorded", ledger.ErrIntegrity, e.Seq, e.Kind)
		}
		last = e
	}
	var differ int
	if err := s.db.GetContext(ctx, &differ, `SELECT count(*) FROM result r LEFT JOIN claim c ON c.id = r.claim WHERE r.flags & ? = 0 AND (r.total, r.in_scope) IS NOT (c.total, c.in_scope)`, ledger.FlagGone); err != nil {
		return last, err
	}
	if differ > 0 {
		return last, fmt.Errorf("%w: %d results are not over the amounts of their claims", ledger.ErrIntegrity, differ)
	}
	// Records outside every entry would be in no hash, and an entry's hash is over
	// the tables of its kind alone.
	for _, c := range outside {
		var n int
		if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM `+c.table+` WHERE `+c.where); err != nil {
			return last, err
		}
		if n > 0 {
			return last, fmt.Errorf("%w: %d rows of %s belong to no entry", ledger.ErrIntegrity, n, c.table)
		}
	}
	if err := s.verifyLog(ctx); err != nil {
		return last, err
	}
	return last, s.verifyAccounts(ctx)
}

// outside finds the rows of each table that no entry's hash is over.
var outside = []struct{ table, where string }{
	{"file", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"identity", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"event", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"claim", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"relief", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"enrolment", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"contribution", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"birth", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"item", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"transfer", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"withdrawal", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"restatement", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'import')`},
	{"posting", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'post')`},
	{"matching", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'match')`},
	{"merge", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'merge')`},
	{"year_step", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'close')`},
	{"policy", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'run')`},
	// Of two runs with one entry only one is in its hash.
	{"run", `state = 'done' AND (seq NOT IN (SELECT seq FROM entry WHERE kind = 'run') OR EXISTS (SELECT 1 FROM run o WHERE o.seq = run.seq AND o.no <> run.no))`},
	{"result", `run NOT IN (SELECT no FROM run WHERE state = 'done')`},
	{"case_state", `run NOT IN (SELECT no FROM run WHERE state = 'done')`},
}

func (s *Store) reseal(ctx context.Context, e ledger.Entry) (int, ledger.Hash, error) {
	switch e.Kind {
	case ledger.EntryRun:
		run, err := scanRun(s.db.QueryRowContext(ctx, runColumns+` WHERE seq = ?`, e.Seq))
		if err != nil {
			return 0, ledger.Hash{}, fmt.Errorf("%w: entry %d has no run: %w", ledger.ErrIntegrity, e.Seq, err)
		}
		return sealRun(ctx, s.db, run)
	case ledger.EntryPost:
		d := ledger.NewDigester()
		err := s.each(ctx, func(r *sql.Rows) error {
			p, err := scanPosting(r)
			d.Add(&p)
			return err
		}, postingColumns(&asWritten)+` WHERE seq = ? ORDER BY id`, e.Seq)
		n, sum := ledger.Seal([]ledger.Part{d.Part("posting")}, nil)
		return n, sum, err
	case ledger.EntryMatch:
		return matchings.reseal(ctx, s.db, e)
	case ledger.EntryMerge:
		return merges.reseal(ctx, s.db, e)
	case ledger.EntryClose:
		return yearSteps.reseal(ctx, s.db, e)
	}
	var x struct {
		SHA256, Area, Refused, Totals string
		Month                         civil.Month
	}
	if err := s.db.GetContext(ctx, &x, `SELECT sha256, area, month, refused, totals FROM file WHERE seq = ?`, e.Seq); err != nil {
		return 0, ledger.Hash{}, fmt.Errorf("%w: entry %d has no file: %w", ledger.ErrIntegrity, e.Seq, err)
	}
	var f ledger.File
	if err := unjson(x.Totals, &f); err != nil {
		return 0, ledger.Hash{}, err
	}
	if f.SHA256 != x.SHA256 || f.Area != x.Area || f.Month != x.Month || f.Refused != x.Refused {
		return 0, ledger.Hash{}, fmt.Errorf("%w: the file of entry %d is not filed under what it says", ledger.ErrIntegrity, e.Seq)
	}
	if err := f.Conserves(); err != nil {
		return 0, ledger.Hash{}, err
	}
	tally := ledger.NewTally()
	var parts []ledger.Part
	for i := range takenTables {
		x := &takenTables[i]
		d := ledger.NewDigester()
		read := s.taken(x)
		if err := s.each(ctx, func(r *sql.Rows) error {
			rec, err := read(r)
			if err == nil {
				d.Add(rec)
				tally.Add(rec)
			}
			return err
		}, x.selects()+` WHERE seq = ? ORDER BY id`, e.Seq); err != nil {
			return 0, ledger.Hash{}, err
		}
		parts = x.part(parts, d)
	}
	n, sum := ledger.Seal(parts, &f)
	return n, sum, f.Brought(tally)
}

// taken reads rows of a table to which files bring rows; each takes the place of the
// one before. What a row is known again by is no part of its hash, but follows from
// it: another content would let the row come in once more, or keep one out that says
// something else.
func (s *Store) taken(x *takenTable) func(*sql.Rows) (ledger.Record, error) {
	rec, into := x.record()
	if x.bare {
		return func(r *sql.Rows) (ledger.Record, error) { return rec, r.Scan(into...) }
	}
	id := into[0].(*int64)
	var filed sql.RawBytes
	into = append(into, &filed)
	return func(r *sql.Rows) (ledger.Record, error) {
		if err := r.Scan(into...); err != nil {
			return nil, err
		}
		says, err := s.contents(rec.(record))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(says, func(c [16]byte) bool { return bytes.Equal(c[:], filed) }) {
			return nil, fmt.Errorf("%w: row %d of %s is not filed under what it says", ledger.ErrIntegrity, *id, x.name)
		}
		return rec, nil
	}
}

// contents are the contents that a record may have. There is more than one only
// of a relief, by what its note may be.
func (s *Store) contents(r record) ([][16]byte, error) {
	relief, ok := r.(*ledger.Relief)
	if !ok {
		return [][16]byte{content(r.Content(nil))}, nil
	}
	notes, err := s.notes(relief.Extra)
	if err != nil {
		return nil, fmt.Errorf("%w: relief %d: %w", ledger.ErrIntegrity, relief.ID, err)
	}
	var out [][16]byte
	for _, n := range notes {
		x := *relief
		x.Note = n
		out = append(out, content(x.Content(nil)))
	}
	return out, nil
}

// notes are what the note of a relief may be, by what is sealed with it: nothing,
// all of it, or, where it is the JSON of the row's columns, the one of that name.
func (s *Store) notes(box []byte) ([]string, error) {
	if len(box) == 0 {
		return []string{""}, nil
	}
	text, err := s.vault.Open("extra", box)
	if err != nil {
		return nil, err
	}
	out := []string{"", text}
	var columns map[string]string
	if json.Unmarshal([]byte(text), &columns) == nil && columns["note"] != "" {
		out = append(out, columns["note"])
	}
	return out, nil
}
