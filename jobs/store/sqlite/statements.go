package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// An event is stated for the month of its own roster, and again by each
// restatement. A withdrawal takes back what was stated for a month in entries
// before its own. What an event's last withdrawal leaves without any statement
// lives no more; nothing is ever stated of it again, since a row that says the
// same becomes an event of its own.

// livesAt is the condition, of a query over event e, that the event lived when
// an entry was the last one. The withdrawals are few: it is a look into an index
// that is mostly empty.
func livesAt(seen string) string {
	return ` AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.event = e.id AND w.last = 1 AND w.seq <= ` + seen + `)`
}

// stands is the condition that a statement, the row x, was not taken back.
func stands(event, x string) string {
	return ` AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.event = ` + event + ` AND w.month = ` + x + `.month AND w.seq > ` + x + `.seq)`
}

// statedBeside tells whether an event is stated for another month.
func statedBeside(event, month string) string {
	return `(EXISTS (SELECT 1 FROM event o WHERE o.id = ` + event + ` AND o.month <> ` + month + stands("o.id", "o") + `)
		OR EXISTS (SELECT 1 FROM restatement o WHERE o.event = ` + event + ` AND o.month <> ` + month + stands("o.event", "o") + `))`
}

// roster is what a file did to the events.
type roster struct {
	added  map[[16]byte]int64 // the IDs of those that it added, by content
	stated map[statement]bool // by this file, whether it is on record already or not
	find   *sql.Stmt          // the living event with a content, and whether it stands for a month
	left   *sql.Stmt          // whether an event stands for a month, and whether for another
	name   *sql.Stmt
}

type statement struct {
	event int64
	month civil.Month
}

func (t *Taking) prepareRoster() (err error) {
	r := &t.roster
	r.added, r.stated = map[[16]byte]int64{}, map[statement]bool{}
	// What lives and stands is asked of the rows as they are, those of this file
	// included: withdrawals are written at once.
	t.into["withdrawal"].rows.most = 1
	own, again := stands("e.id", "e"), stands("r.event", "r")
	// The + hides a variable from the planner. What the planner looks into it
	// plans anew at every call, since the driver clears the variables between:
	// 30 µs instead of 4.
	for _, q := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&r.find, `SELECT e.id, e.month = +?2` + own + `
			OR EXISTS (SELECT 1 FROM restatement r WHERE r.event = e.id AND r.month = +?2` + again + `)
			FROM event e WHERE e.content = +?1` + livesAt("+?3")},
		{&r.left, `SELECT e.area = +?3 AND (e.month = +?2` + own + `
			OR EXISTS (SELECT 1 FROM restatement r WHERE r.event = e.id AND r.month = +?2` + again + `)), ` + statedBeside("e.id", "+?2") + `
			FROM event e WHERE e.id = +?1`},
		// As on record before this file: nothing that it withdraws is gone yet.
		{&r.name, `SELECT coalesce(
			(SELECT e.name FROM event e WHERE e.area = +?1 AND e.person = +?2 AND e.name <> 0 AND e.seq <= +?3` + livesAt("+?3") + ` GROUP BY e.name ORDER BY count(*) DESC, min(e.id) LIMIT 1),
			(SELECT c.name FROM claim c WHERE c.area = +?1 AND c.person = +?2 AND c.name <> 0 AND c.seq <= +?3 GROUP BY c.name ORDER BY count(*) DESC, min(c.id) LIMIT 1), 0)`},
	} {
		if *q.stmt, err = t.tx.PrepareContext(t.ctx, q.text); err != nil {
			return err
		}
	}
	return nil
}

// Event adds a roster event, or states one again: either way it gives its ID. A
// row that says for another month what lives is on record as a restatement.
func (t *Taking) Event(e *ledger.Event) (ledger.Outcome, error) {
	r, c := &t.roster, content(e.Content(nil))
	id, known := r.added[c]
	standing := false // for the row's month, before this file
	if !known {
		err := r.find.QueryRowContext(t.ctx, c[:], e.Month, t.file.Seq).Scan(&id, &standing)
		if known = err == nil; !known && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
	}
	if !known {
		err := t.put("event", e, &e.ID, &e.Src, e.Area, e.Person, e.Name, e.Op, e.Category, e.Cause, e.Date, e.Expiry, e.Level, e.Head,
			e.Township, e.Village, e.Dept, e.Month, e.County, e.Applied, e.Via, c[:], e.Extra)
		r.added[c], r.stated[statement{e.ID, e.Month}] = e.ID, true
		return ledger.New, err
	}
	e.ID = id
	said := statement{id, e.Month}
	again := standing || r.stated[said]
	r.stated[said] = true
	if again {
		return ledger.Repeated, nil
	}
	x := &ledger.Restatement{Src: e.Src, Area: e.Area, Event: id, Month: e.Month}
	return ledger.Repeated, t.put("restatement", x, &x.ID, &x.Src, x.Area, x.Event, x.Month)
}

// Events are the living events of the file's area, those of this file included. A
// person who has several numbers has the one by which the file calls them.
func (t *Taking) Events() ([]ledger.Event, error) {
	if err := t.into["event"].rows.flush(); err != nil {
		return nil, err
	}
	out, err := readEvents(t.ctx, t.tx, ` WHERE e.area = ?1`+livesAt("?2"), t.file.Area, t.file.Seq)
	for i := range out {
		out[i].Person = t.named(out[i].Person)
	}
	return out, err
}

// Stated are the events that were stated for a month before this file and not
// withdrawn since, be it by this file; true where nothing else states them.
func (t *Taking) Stated(month civil.Month) (map[int64]bool, error) {
	if err := t.into["restatement"].rows.flush(); err != nil {
		return nil, err
	}
	out := map[int64]bool{}
	return out, scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var id int64
		var others bool
		err := r.Scan(&id, &others)
		out[id] = !others
		return err
	}, `SELECT e.id, `+statedBeside("e.id", "?2")+` FROM event e WHERE e.area = ?1 AND e.month = ?2 AND e.seq < ?3`+stands("e.id", "e")+`
		UNION ALL SELECT r.event, `+statedBeside("r.event", "?2")+` FROM restatement r WHERE r.area = ?1 AND r.month = ?2 AND r.seq < ?3`+stands("r.event", "r"),
		t.file.Area, month, t.file.Seq)
}

// Withdraw takes back what was stated of an event for a month before this file;
// it reports whether the event lives on. To take back what this file states, or
// what nothing states, is an error of the caller.
func (t *Taking) Withdraw(event int64, month civil.Month, src ledger.Source) (bool, error) {
	if t.roster.stated[statement{event, month}] {
		return false, fmt.Errorf("sqlite: event %d is stated for %s by the file that withdraws it", event, month)
	}
	// What this file states of it for other months must be found by the query.
	if err := t.into["restatement"].rows.flush(); err != nil {
		return false, err
	}
	var stated, lives bool
	err := t.roster.left.QueryRowContext(t.ctx, event, month, t.file.Area).Scan(&stated, &lives)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if !stated {
		return false, fmt.Errorf("sqlite: event %d can not be withdrawn for %s: nothing states it", event, month)
	}
	x := &ledger.Withdrawal{Src: src, Area: t.file.Area, Event: event, Month: month, Last: !lives}
	return lives, t.put("withdrawal", x, &x.ID, &x.Src, x.Area, x.Event, x.Month, x.Last)
}

// NameOf is the number of the name on a person's last living roster row that has
// one, else on the last settlement, as on record before this file; 0 for none.
func (t *Taking) NameOf(p ledger.PersonNo) (int64, error) {
	if int64(p) >= t.into["identity"].first { // nothing speaks of somebody who is new
		return 0, nil
	}
	var n int64
	for _, p := range append([]ledger.PersonNo{p}, t.others(p)...) {
		if err := t.roster.name.QueryRowContext(t.ctx, t.file.Area, p, t.file.Seq-1).Scan(&n); err != nil || n != 0 {
			return n, err
		}
	}
	return n, nil
}

// readEvents reads roster events in the order of their numbers. What is sealed
// is not opened.
func readEvents(ctx context.Context, q querier, where string, args ...any) ([]ledger.Event, error) {
	var out []ledger.Event
	read := eventReader()
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		e, err := read(r)
		out = append(out, e)
		return err
	}, `SELECT `+columnsOf("event", "e.")+` FROM event e`+where+` ORDER BY e.id`, args...)
	return out, err
}

// eventReader reads rows of events, and of more columns where more is given: a
// county's lists have few texts, of which one copy is kept.
func eventReader(more ...any) func(*sql.Rows) (ledger.Event, error) {
	var e ledger.Event
	var texts [6]sql.RawBytes
	var row int64
	into := append([]any{whole(&e.ID), whole(&e.Src.Seq), &texts[0], &row, &texts[1], whole(&e.Person), whole(&e.Name), whole(&e.Op), whole(&e.Category),
		whole(&e.Cause), whole(&e.Date), whole(&e.Expiry), whole(&e.Level), whole(&e.Head), &texts[2], &texts[3], &texts[4], whole(&e.Month), &texts[5],
		whole(&e.Applied), whole(&e.Via)}, more...)
	known := intern{}
	return func(r *sql.Rows) (ledger.Event, error) {
		if err := r.Scan(into...); err != nil {
			return e, err
		}
		e.Src.Row = int(row)
		for i, to := range []*string{&e.Src.Sheet, &e.Area, &e.Township, &e.Village, &e.Dept, &e.County} {
			*to = known.as(texts[i])
		}
		return e, nil
	}
}

// Withdrawn are the events that lived no more since an entry in (after, upTo],
// with the withdrawal that did it, in the order of their numbers: of the people
// named, or of all if none are.
func (s *Store) Withdrawn(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Withdrawn, error) {
	m, err := movesAt(ctx, s.db, upTo)
	if err != nil {
		return nil, err
	}
	q := `SELECT ` + columnsOf("event", "e.") + `, ` + columnsOf("withdrawal", "w.") + ` FROM withdrawal w JOIN event e ON e.id = w.event
		WHERE w.area = ?1 AND w.last = 1 AND w.seq > ?2 AND w.seq <= ?3`
	args := []any{area, after, upTo}
	if people != nil {
		q += ` AND e.person IN (SELECT value FROM json_each(?4))`
		args = append(args, jsonList(m.numbers(people)))
	}
	var out []ledger.Withdrawn
	var by ledger.Withdrawal
	read := eventReader(withdrawalFields(&by)...)
	err = s.each(ctx, func(r *sql.Rows) error {
		e, err := read(r)
		m.event(&e)
		out = append(out, ledger.Withdrawn{Event: e, By: by})
		return err
	}, q+` ORDER BY e.id`, args...)
	return out, err
}
