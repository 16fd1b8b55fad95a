package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// An event is stated by its own file for the month of its roster, and again by each
// restatement. A withdrawal takes back what a file before its own stated for a
// month. What an event's last withdrawal leaves without any statement lives no more;
// nothing is ever stated of it again, since a row that says the same becomes an
// event of its own.

// livesAt is the condition, of a query over event e, that the event lived when
// an entry was the last one. The withdrawals are few: it is a look into an index
// that is mostly empty.
func livesAt(seen string) string {
	return ` AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.event = e.id AND w.last = 1 AND w.seq <= ` + seen + `)`
}

// roster is what a file did to the events.
type roster struct {
	added    map[[16]byte]int64    // the IDs of those that it added, by content
	stated   map[statementVia]bool // by this file
	acts     map[int64]bool        // the events that it stated
	again    map[repeats][]ledger.Restated
	standing map[civil.Month]map[int64]*ledger.Standing // of before this file, less what it withdrew
	find     *sql.Stmt                                  // the living event with a content
	name     *sql.Stmt
}

type statement struct {
	event int64
	month civil.Month
}

type statementVia struct {
	statement
	via ledger.Via
}

// repeats are rows that say again what is on record: what they have in common.
type repeats struct {
	sheet string
	month civil.Month
	via   ledger.Via
}

func (t *Taking) prepareRoster() (err error) {
	r := &t.roster
	r.added, r.stated, r.acts = map[[16]byte]int64{}, map[statementVia]bool{}, map[int64]bool{}
	r.again, r.standing = map[repeats][]ledger.Restated{}, map[civil.Month]map[int64]*ledger.Standing{}
	// What lives is asked of the rows as they are: withdrawals are written at once.
	t.into["withdrawal"].rows.most = 1
	// The + hides a variable from the planner. What the planner looks into it
	// plans anew at every call, since the driver clears the variables between:
	// 30 µs instead of 4.
	for _, q := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&r.find, `SELECT e.id FROM event e WHERE e.content = +?1` + livesAt("+?2")},
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
// row that says what lives is on record as a restatement, once for a file and month.
func (t *Taking) Event(e *ledger.Event) (ledger.Outcome, error) {
	r, c := &t.roster, content(e.Content(nil))
	id, known := r.added[c]
	if !known {
		err := r.find.QueryRowContext(t.ctx, c[:], t.file.Seq).Scan(&id)
		if known = err == nil; !known && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
	}
	if !known {
		err := t.put("event", e, &e.ID, &e.Src, e.Area, e.Person, e.Name, e.Op, e.Category, e.Cause, e.Date, e.Expiry, e.Level, e.Head,
			e.Township, e.Village, e.Dept, e.Month, e.County, e.Applied, e.Via, c[:], e.Extra)
		r.added[c], r.acts[e.ID] = e.ID, true
		r.stated[statementVia{statement{e.ID, e.Month}, e.Via}] = true
		return ledger.New, err
	}
	e.ID, r.acts[id] = id, true
	t.again(id, e.Month, e.Via, e.Src)
	return ledger.Repeated, nil
}

// Names implements ledger.Taker.
func (t *Taking) Names(event int64, month civil.Month, src ledger.Source) error {
	t.again(event, month, ledger.ViaNamed, src)
	return nil
}

// again notes, once for a file and month, that a row says what is on record.
func (t *Taking) again(event int64, month civil.Month, via ledger.Via, src ledger.Source) {
	r := &t.roster
	if one := (statementVia{statement{event, month}, via}); !r.stated[one] {
		r.stated[one] = true
		s := repeats{src.Sheet, month, via}
		r.again[s] = append(r.again[s], ledger.Restated{Event: event, Row: src.Row})
	}
}

// restate writes what the file said again, at its end.
func (t *Taking) restate() error {
	for _, s := range slices.SortedFunc(maps.Keys(t.roster.again), func(a, b repeats) int {
		return cmp.Or(cmp.Compare(a.sheet, b.sheet), cmp.Compare(a.month, b.month), cmp.Compare(a.via, b.via))
	}) {
		x := &ledger.Restatement{Src: ledger.Source{Seq: t.file.Seq, Sheet: s.sheet}, Area: t.file.Area, Month: s.month, Via: s.via}
		x.Pack(t.roster.again[s])
		if err := t.put("restatement", x, &x.ID, &x.Src, x.Area, x.Event, x.Month, x.Via, x.More); err != nil {
			return err
		}
	}
	return nil
}

// Events are the living events of the file's area, those of this file included, as
// they stand on record.
func (t *Taking) Events() ([]ledger.Event, error) {
	if err := t.into["event"].rows.flush(); err != nil {
		return nil, err
	}
	out, err := readEvents(t.ctx, t.tx, ` WHERE e.area = ?1`+livesAt("?2"), t.file.Area, t.file.Seq)
	for i := range out {
		out[i].Void = t.moves.gone[out[i].ID]
	}
	return out, err
}

// Withdraw takes back that a file before this one stated an event for a month; it
// reports whether the event lives on. To take back what nothing states is an error
// of the caller.
func (t *Taking) Withdraw(event int64, month civil.Month, by ledger.Seq, src ledger.Source) (bool, error) {
	all, err := t.Stated(month)
	if err != nil {
		return false, err
	}
	is, n := all[event], 0
	if is != nil {
		n = len(is.By)
		is.By = slices.DeleteFunc(is.By, func(s ledger.Statement) bool { return s.By == by })
		n -= len(is.By)
	}
	if n == 0 {
		return false, fmt.Errorf("sqlite: event %d can not be withdrawn for %s: file %d does not state it", event, month, by)
	}
	lives := len(is.By) > 0 || is.Beside > 0 || t.roster.acts[event]
	if len(is.By) == 0 {
		delete(all, event)
	}
	for m, others := range t.roster.standing {
		if o := others[event]; m != month && o != nil {
			o.Beside -= n
		}
	}
	x := &ledger.Withdrawal{Src: src, Area: t.file.Area, Event: event, Month: month, By: by, Last: !lives}
	return lives, t.put("withdrawal", x, &x.ID, &x.Src, x.Area, x.Event, x.Month, x.Last, x.By)
}

// EventsOf implements ledger.Taker.
func (t *Taking) EventsOf(ids []int64) ([]ledger.Event, error) {
	out, err := readEvents(t.ctx, t.tx, ` WHERE e.area = ?1 AND e.id IN (SELECT value FROM json_each(?2))`, t.file.Area, jsonList(ids))
	for i := range out {
		out[i].Void = t.moves.gone[out[i].ID]
	}
	return out, err
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
