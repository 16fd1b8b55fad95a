package sqlite

import (
	"cmp"
	"database/sql"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// takenBack is what withdrawals say of an event and a month: the files whose
// statements they took back, 0 for all before the entry.
type takenBack map[statement][]ledger.Withdrawal

// stands reports whether a file's statement was not taken back.
func (x takenBack) stands(event int64, month civil.Month, by ledger.Seq) bool {
	return !slices.ContainsFunc(x[statement{event, month}], func(w ledger.Withdrawal) bool {
		return w.By == by || w.By == 0 && w.Src.Seq > by
	})
}

// Stated are the events that were stated for a month before this file and not
// withdrawn since, be it by this file.
func (t *Taking) Stated(month civil.Month) (map[int64]*ledger.Standing, error) {
	if known, ok := t.roster.standing[month]; ok {
		return known, nil
	}
	back, err := t.takenBack()
	if err != nil {
		return nil, err
	}
	out := map[int64]*ledger.Standing{}
	// First what was stated for the month, then what else is stated of that.
	err = t.statements(` AND month = ?2`, month, func(event int64, m civil.Month, s ledger.Statement) {
		if !s.Holds() || !back.stands(event, m, s.By) {
			return
		}
		if out[event] == nil {
			out[event] = &ledger.Standing{}
		}
		out[event].By = append(out[event].By, s)
	})
	if err == nil && len(out) > 0 {
		err = t.statements(` AND month <> ?2`, month, func(event int64, m civil.Month, s ledger.Statement) {
			if is := out[event]; is != nil && s.Holds() && back.stands(event, m, s.By) {
				is.Beside++
			}
		})
	}
	for _, is := range out {
		slices.SortFunc(is.By, func(a, b ledger.Statement) int { return cmp.Compare(a.By, b.By) })
	}
	t.roster.standing[month] = out
	return out, err
}

// takenBack are the withdrawals of the area, those of this file included.
func (t *Taking) takenBack() (takenBack, error) {
	back := takenBack{}
	return back, scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var w ledger.Withdrawal
		err := r.Scan(&w.Event, &w.Month, &w.By, &w.Src.Seq)
		k := statement{w.Event, w.Month}
		back[k] = append(back[k], w)
		return err
	}, `SELECT event, month, stated_by, seq FROM withdrawal WHERE area = ?1`, t.file.Area)
}

// Statements implements ledger.Taker. Years of full lists state the same events again
// and again, and a small roster is of few people: of others a restatement's rows are
// unpacked and no more.
func (t *Taking) Statements(people []ledger.PersonNo, do func(int64, civil.Month, ledger.Statement)) error {
	back, err := t.takenBack()
	if err != nil {
		return err
	}
	var ids []int64
	if err := scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM event WHERE area = ?1 AND person IN (SELECT value FROM json_each(?2)) AND seq < ?3 ORDER BY id`, t.file.Area, jsonList(t.moves.numbers(people)), t.file.Seq); err != nil || len(ids) == 0 {
		return err
	}
	first := ids[0]
	theirs := make([]bool, ids[len(ids)-1]-first+1)
	for _, id := range ids {
		theirs[id-first] = true
	}
	return t.statements(``, 0, func(event int64, m civil.Month, s ledger.Statement) {
		if i := event - first; i < 0 || i >= int64(len(theirs)) || !theirs[i] {
			return
		}
		if !s.Holds() || back.stands(event, m, s.By) {
			do(event, m, s)
		}
	})
}

// statements gives what files before this one stated for the months of a
// condition, taken back or not.
func (t *Taking) statements(months string, month civil.Month, do func(int64, civil.Month, ledger.Statement)) error {
	err := scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var id int64
		var m civil.Month
		var s ledger.Statement
		err := r.Scan(&id, &m, &s.By, &s.Via)
		do(id, m, s)
		return err
	}, `SELECT id, month, seq, via FROM event WHERE area = ?1`+months+` AND seq < ?3`, t.file.Area, month, t.file.Seq)
	if err != nil {
		return err
	}
	return scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var x ledger.Restatement
		if err := r.Scan(restatementFields(&x)...); err != nil {
			return err
		}
		return x.Each(func(one ledger.Restated) { do(one.Event, x.Month, ledger.Statement{By: x.Src.Seq, Via: x.Via}) })
	}, `SELECT `+columnsOf("restatement", "")+` FROM restatement WHERE area = ?1`+months+` AND seq < ?3`, t.file.Area, month, t.file.Seq)
}

// Rosters are the files of the area that brought rosters before this one.
func (t *Taking) Rosters() ([]ledger.File, error) {
	var out []ledger.File
	return out, scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var j string
		if err := r.Scan(&j); err != nil {
			return err
		}
		var f ledger.File
		err := unjson(j, &f)
		out = append(out, f)
		return err
	}, `SELECT totals FROM file WHERE area = ?1 AND refused = '' AND seq < ?2 AND json_extract(totals, '$.Effect') IS NOT NULL ORDER BY seq`, t.file.Area, t.file.Seq)
}
