package sqlite

import (
	"database/sql"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// StatedBy tells by which file each event of Stated was stated for the month.
func (t *Taking) StatedBy(month civil.Month) (map[int64]ledger.Seq, error) {
	out := map[int64]ledger.Seq{}
	return out, scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var id int64
		var seq ledger.Seq
		err := r.Scan(&id, &seq)
		out[id] = max(out[id], seq)
		return err
	}, `SELECT e.id, e.seq FROM event e WHERE e.area = ?1 AND e.month = ?2 AND e.seq < ?3`+stands("e.id", "e")+`
		UNION ALL SELECT r.event, r.seq FROM restatement r WHERE r.area = ?1 AND r.month = ?2 AND r.seq < ?3`+stands("r.event", "r"),
		t.file.Area, month, t.file.Seq)
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
