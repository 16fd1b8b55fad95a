package sqlite

import (
	"context"

	"doudi/jobs/ledger"
)

// Concerned lists, in ascending order, the people of an area whom a scope is
// over, of what is known at seen. A month touches who has a claim settled in it,
// a roster row that acts in it or was sent or withdrawn for it, and relief or a
// posting dated in it.
func (s *Store) Concerned(ctx context.Context, area string, of ledger.Scope, seen ledger.Seq) ([]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.PersonNo
	switch {
	case of.Person != 0:
		p := m.now(of.Person)
		return out, s.db.SelectContext(ctx, &out, `SELECT ?1 WHERE
			EXISTS (SELECT 1 FROM event WHERE area = ?2 AND person IN (SELECT value FROM json_each(?4)) AND seq <= ?3) OR EXISTS (SELECT 1 FROM claim WHERE area = ?2 AND person IN (SELECT value FROM json_each(?4)) AND seq <= ?3) OR
			EXISTS (SELECT 1 FROM relief WHERE area = ?2 AND person IN (SELECT value FROM json_each(?4)) AND seq <= ?3)`, p, area, seen, jsonList(m.numbers([]ledger.PersonNo{p})))
	case of.Year != 0:
		err = s.db.SelectContext(ctx, &out, `SELECT DISTINCT person FROM claim WHERE area = ? AND seq <= ? AND at / 10000000000 = ? ORDER BY 1`, area, seen, of.Year)
	case of.Month != 0:
		err = s.db.SelectContext(ctx, &out, `
			SELECT person FROM claim WHERE area = ?1 AND seq <= ?2 AND at / 100000000 = ?3 UNION
			SELECT person FROM event WHERE area = ?1 AND seq <= ?2 AND (date / 100 = ?3 OR month = ?3) UNION
			SELECT e.person FROM withdrawal w JOIN event e ON e.id = w.event WHERE w.area = ?1 AND w.seq <= ?2 AND w.month = ?3 UNION
			SELECT person FROM relief WHERE area = ?1 AND seq <= ?2 AND date / 100 = ?3 UNION
			SELECT `+m.ownerOf("posting")+` FROM posting WHERE area = ?1 AND seq <= ?2 AND date / 100 = ?3 ORDER BY 1`, area, seen, of.Month)
	}
	return m.people(out), err
}

// ChangedPeople lists those of an area of whom runs in (after, upTo] found
// something else than before, or on whom was posted in between, in ascending
// order.
func (s *Store) ChangedPeople(ctx context.Context, area string, after, upTo ledger.Run) ([]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, upTo.Seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.PersonNo
	err = s.db.SelectContext(ctx, &out, `
		SELECT `+m.ownerOf("result")+` FROM result     WHERE run > ?2 AND run <= ?3 AND area = ?1 UNION
		SELECT person FROM case_state WHERE run > ?2 AND run <= ?3 AND area = ?1 UNION
		SELECT `+m.ownerOf("posting")+` FROM posting WHERE seq > ?4 AND seq <= ?5 AND area = ?1 ORDER BY 1`, area, after.No, upTo.No, after.Seen, upTo.Seen)
	if err != nil {
		return nil, err
	}
	return s.moved(ctx, out, after.Seen, &m)
}
