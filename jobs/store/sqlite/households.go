package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"slices"

	"doudi/jobs/ledger"
)

// byDay orders roster rows so that the last one speaks: by the day on which
// they act. The month for which a row was sent is no part of what it says: of two
// alike the first to arrive is on record.
const byDay = `e.date`

// Heads gives the household's head of everyone of an area by their last living
// roster row that names one, as known at seen. Of two heads on one day the keyed
// hash of the head's ID decides.
func (s *Store) Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	return s.heads(ctx, &m, ``, area, seen)
}

func (s *Store) heads(ctx context.Context, m *moves, where string, args ...any) (map[ledger.PersonNo]ledger.PersonNo, error) {
	out := map[ledger.PersonNo]ledger.PersonNo{}
	err := s.each(ctx, func(r *sql.Rows) error {
		var p, head ledger.PersonNo
		err := r.Scan(&p, &head)
		out[m.now(p)] = m.now(head)
		return err
	}, `SELECT e.person, e.head FROM event e JOIN identity i ON i.id = `+m.nowOf("e.head")+`
		WHERE e.area = ?1 AND e.seq <= ?2 AND e.head <> 0`+m.lives("?2")+where+` ORDER BY `+byDay+`, i.lookup`, args...)
	return out, err
}

// Members are the people of some households as known at seen: whose head is the
// one named, and the head, unless a row puts the head into another household. A
// household's people are ordered by the keyed hash of their IDs.
func (s *Store) Members(ctx context.Context, area string, heads []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	numbers := m.numbers(heads)
	of, err := s.heads(ctx, &m, ` AND (e.person IN (SELECT value FROM json_each(?3))
		OR e.person IN (SELECT person FROM event WHERE area = ?1 AND head <> 0 AND head IN (SELECT value FROM json_each(?3)))`+m.alsoNamed("e.person")+`)`, area, seen, jsonList(numbers))
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		if _, elsewhere := of[h]; !elsewhere && m.now(h) == h {
			of[h] = h
		}
	}
	out := make(map[ledger.PersonNo][]ledger.PersonNo, len(heads))
	for _, h := range heads {
		out[h] = nil
	}
	var all []ledger.PersonNo
	for p, h := range of {
		if _, asked := out[h]; asked {
			out[h] = append(out[h], p)
			all = append(all, p)
		}
	}
	lookup := make(map[ledger.PersonNo][]byte, len(all))
	if err := s.each(ctx, func(r *sql.Rows) error {
		var p ledger.PersonNo
		var b []byte
		err := r.Scan(&p, &b)
		lookup[p] = b
		return err
	}, `SELECT id, lookup FROM identity WHERE id IN (SELECT value FROM json_each(?))`, jsonList(all)); err != nil {
		return nil, err
	}
	for _, people := range out {
		slices.SortFunc(people, func(a, b ledger.PersonNo) int { return bytes.Compare(lookup[a], lookup[b]) })
	}
	return out, nil
}

// Counties gives the county of people by their last living roster row that names
// one, as known at seen. Of two on one day the name decides.
func (s *Store) Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	out := map[ledger.PersonNo]string{}
	err = s.each(ctx, func(r *sql.Rows) error {
		var p ledger.PersonNo
		var county string
		err := r.Scan(&p, &county)
		out[m.now(p)] = county
		return err
	}, `SELECT e.person, e.county FROM event e WHERE e.area = ?1 AND e.seq <= ?2 AND e.county <> ''
		AND e.person IN (SELECT value FROM json_each(?3))`+m.lives("?2")+` ORDER BY `+byDay+`, e.county`, area, seen, jsonList(m.numbers(people)))
	return out, err
}
