package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// Verify walks the chain: every entry's records are hashed again and every
// entry is linked to the one before. It also compares the control totals of each
// file. The error wraps ledger.ErrIntegrity and names the first entry that does
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
	return last, nil
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
	{"posting", `seq NOT IN (SELECT seq FROM entry WHERE kind = 'post')`},
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
		}, postingColumns+` WHERE seq = ? ORDER BY id`, e.Seq)
		n, sum := ledger.Seal([]ledger.Part{d.Part("posting")}, nil)
		return n, sum, err
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
	if f.Read != f.Taken+f.Repeated+f.Returned {
		return 0, ledger.Hash{}, fmt.Errorf("%w: entry %d read %d rows, but took %d, knew %d and returned %d", ledger.ErrIntegrity, e.Seq, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	var parts []ledger.Part
	for i := range takenTables {
		x := &takenTables[i]
		d := ledger.NewDigester()
		if err := s.each(ctx, func(r *sql.Rows) error {
			rec, err := x.scan(r)
			if err == nil {
				d.Add(rec)
			}
			return err
		}, x.selects()+` WHERE seq = ? ORDER BY id`, e.Seq); err != nil {
			return 0, ledger.Hash{}, err
		}
		parts = x.part(parts, d)
	}
	n, sum := ledger.Seal(parts, &f)
	return n, sum, nil
}
