package sqlite

import (
	"context"
	"database/sql"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

var matchings = act[ledger.Matching]{kind: ledger.EntryMatch, table: "matching", what: "matching", columns: []string{"area", "undo", "dues", "lines"},
	parts: func(x *ledger.Matching) (signature, []any) {
		return signature{&x.ID, &x.Seq, &x.By, &x.At, &x.Reason, &x.Box}, []any{&x.Area, &x.Undo, keys{&x.Dues}, keys{&x.Lines}}
	}}

// Match records a match by hand, or that one is undone, as one entry; it gives
// the record its number, and seals the reason. check runs inside the transaction,
// with the number of the last entry and all matchings of the area that are on record.
func (s *Store) Match(ctx context.Context, x *ledger.Matching, check func(head ledger.Seq, on []ledger.Matching) error) error {
	return matchings.add(ctx, s, x, func(tx *sql.Tx, last ledger.Entry) error {
		on, err := matchings.read(ctx, s, tx, `area = ?`, x.Area)
		if err != nil {
			return err
		}
		return check(last.Seq, on)
	})
}

// Matchings are all matches by hand of an area and what undid them, as known at
// seen, in the order of their numbers.
func (s *Store) Matchings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Matching, error) {
	return matchings.read(ctx, s, s.db, `area = ? AND seq <= ?`, area, seen)
}

// paidOnly is the condition of the index on the few settlements on which something
// was paid at once; the planner knows it again by its words alone.
const paidOnly = `(major <> 0 OR assist <> 0 OR refund <> 0)`

// PaidAtOnce reads what the platform paid at once (一站式结算) of major illness
// insurance and assistance, as known at seen, for settlements and refunds from a
// day on: a sum for each hospital, month and person. A refund that takes back
// what it names counts with a minus, in its own month. One that takes back nothing,
// or whose settlement was taken back before, is none.
func (s *Store) PaidAtOnce(ctx context.Context, area string, from civil.Date, seen ledger.Seq, f func(ledger.PaidAtOnce) error) error {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return err
	}
	return s.each(ctx, func(r *sql.Rows) error {
		var x ledger.PaidAtOnce
		if err := r.Scan(&x.Hospital, &x.Name, &x.Month, &x.Person, &x.Major, &x.Assist, &x.Claims); err != nil {
			return err
		}
		return f(x)
	}, `WITH back AS (SELECT refund_of, `+m.nowOf("person")+` AS person, at, row_number() OVER (PARTITION BY `+m.nowOf("person")+`, refund_of ORDER BY at, setl_id) AS nth
			FROM claim WHERE area = ?1 AND `+paidOnly+` AND refund = 1 AND seq <= ?3),
		both AS (
			SELECT hosp_code, hosp_name, at, `+m.nowOf("person")+` AS person, major, assist, 1 AS n FROM claim
			WHERE area = ?1 AND `+paidOnly+` AND refund = 0 AND at >= ?2 AND seq <= ?3
			UNION ALL
			SELECT c.hosp_code, c.hosp_name, b.at, b.person, -c.major, -c.assist, -1 FROM back b JOIN claim c ON c.area = ?1 AND c.setl_id = b.refund_of
			WHERE b.nth = 1 AND `+m.nowOf("c.person")+` = b.person AND c.refund = 0 AND (c.major <> 0 OR c.assist <> 0) AND c.seq <= ?3 AND b.at >= ?2)
		SELECT hosp_code, min(hosp_name), at / 100000000 AS month, person, sum(major), sum(assist), sum(n) FROM both
		GROUP BY hosp_code, month, person ORDER BY hosp_code, month, person`, area, from.At(), seen)
}

// HospitalNames are the names under which settlements of an area name each
// hospital's code, as known at seen: of the hospitals that were paid at once, or
// took something back.
func (s *Store) HospitalNames(ctx context.Context, area string, seen ledger.Seq) (map[string][]string, error) {
	out := map[string][]string{}
	err := s.each(ctx, func(r *sql.Rows) error {
		var code, name string
		err := r.Scan(&code, &name)
		out[code] = append(out[code], name)
		return err
	}, `SELECT DISTINCT hosp_code, hosp_name FROM claim WHERE area = ? AND `+paidOnly+` AND seq <= ? AND hosp_code <> '' AND hosp_name <> '' ORDER BY hosp_code, hosp_name`, area, seen)
	return out, err
}

// PostedOn gives the settlement and hospital of the claims that were posted on, by
// the postings' numbers.
func (s *Store) PostedOn(ctx context.Context, area string, seen ledger.Seq) (map[int64]ledger.PostedOn, error) {
	out := map[int64]ledger.PostedOn{}
	err := s.each(ctx, func(r *sql.Rows) error {
		var id int64
		var x ledger.PostedOn
		err := r.Scan(&id, &x.SetlID, &x.Hospital, &x.HospName)
		out[id] = x
		return err
	}, `SELECT p.id, c.setl_id, c.hosp_code, c.hosp_name FROM posting p JOIN claim c ON c.id = p.claim WHERE p.area = ? AND p.seq <= ?`, area, seen)
	return out, err
}

// NamesOf opens names by their numbers.
func (s *Store) NamesOf(ctx context.Context, numbers []int64) (map[int64]string, error) {
	out := make(map[int64]string, len(numbers))
	err := s.each(ctx, func(r *sql.Rows) error {
		var n int64
		var box []byte
		if err := r.Scan(&n, &box); err != nil {
			return err
		}
		name, err := s.vault.Open("name", box)
		out[n] = name
		return err
	}, `SELECT id, box FROM identity WHERE kind = 'name' AND id IN (SELECT value FROM json_each(?))`, jsonList(numbers))
	return out, err
}

// TransferNotes opens what is written beside the transfers of an area, as known at
// seen: the JSON of the columns that have no place of their own.
func (s *Store) TransferNotes(ctx context.Context, area string, seen ledger.Seq) (map[int64]string, error) {
	out := map[int64]string{}
	err := s.each(ctx, func(r *sql.Rows) error {
		var id int64
		var box []byte
		if err := r.Scan(&id, &box); err != nil {
			return err
		}
		text, err := s.vault.Open("extra", box)
		out[id] = text
		return err
	}, `SELECT id, extra FROM transfer WHERE area = ? AND seq <= ? AND extra IS NOT NULL`, area, seen)
	return out, err
}
