package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
)

var merges = act[ledger.Merge]{kind: ledger.EntryMerge, table: "merge", what: "correction", columns: []string{"undo", "from_person", "to_person"},
	parts: func(x *ledger.Merge) (signature, []any) {
		return signature{&x.ID, &x.Seq, &x.By, &x.At, &x.Reason, &x.Box}, []any{&x.Undo, &x.From, &x.To}
	}}

// Merge records that an ID was corrected to another person, or that this is
// undone, as one entry; it gives the record its number, and seals the reason. check
// runs inside the transaction with all corrections that are on record.
func (s *Store) Merge(ctx context.Context, x *ledger.Merge, check func([]ledger.Merge) error) error {
	return merges.add(ctx, s, x, func(tx *sql.Tx, _ ledger.Entry) error {
		on, err := merges.read(ctx, s, tx, `1`)
		if err != nil {
			return err
		}
		return check(on)
	})
}

// Merges are all corrections of IDs and what undid them, as known at seen, in the
// order of their numbers.
func (s *Store) Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error) {
	return merges.read(ctx, s, s.db, `seq <= ?`, seen)
}

// RowsOf counts what is on record under the very number of a person as known at seen,
// by table: what a correction moves.
func (s *Store) RowsOf(ctx context.Context, p ledger.PersonNo, seen ledger.Seq) (map[string]int, error) {
	out := map[string]int{}
	for _, x := range takenTables {
		if !slices.Contains(x.columns, "person") {
			continue
		}
		var n int
		if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM `+x.name+` WHERE person = ? AND seq <= ?`, p, seen); err != nil {
			return nil, err
		}
		out[x.name] = n
	}
	var n int
	err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM event WHERE head = ? AND person <> head AND seq <= ?`, p, seen)
	out["head"] = n
	return out, err
}

// moves says whose the rows under each number are, as of an entry. There are few,
// and mostly none: then every query is as it would be without them.
type moves struct {
	to    map[ledger.PersonNo]ledger.PersonNo   // where the rows of a number went
	from  map[ledger.PersonNo][]ledger.PersonNo // the numbers whose rows came to a person
	ever  map[ledger.PersonNo]bool              // that any correction named, undone or not
	cases string                                // WHEN 1 THEN 2 …
	list  string                                // of ever
	gone  map[int64]bool                        // removals that a full list would not have made
	void  string                                // the same
}

func movesAt(ctx context.Context, q querier, seen ledger.Seq) (moves, error) {
	var ms []ledger.Merge
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		var x ledger.Merge
		err := r.Scan(&x.ID, &x.Undo, &x.From, &x.To)
		ms = append(ms, x)
		return err
	}, `SELECT id, undo, from_person, to_person FROM merge WHERE seq <= ? ORDER BY id`, seen)
	if err != nil || len(ms) == 0 {
		return moves{}, err
	}
	m := moves{to: map[ledger.PersonNo]ledger.PersonNo{}, from: map[ledger.PersonNo][]ledger.PersonNo{}, ever: map[ledger.PersonNo]bool{}}
	for _, x := range ms {
		m.ever[x.From], m.ever[x.To] = true, true
	}
	stand := ledger.Merged(ms)
	var cases strings.Builder
	for _, p := range slices.Sorted(maps.Keys(stand)) {
		now := ledger.Now(stand, p)
		m.to[p] = now
		m.from[now] = append(m.from[now], p)
		fmt.Fprintf(&cases, " WHEN %d THEN %d", p, now)
	}
	m.cases = cases.String()
	var list []string
	for _, p := range slices.Sorted(maps.Keys(m.ever)) {
		list = append(list, strconv.FormatInt(int64(p), 10))
	}
	m.list = strings.Join(list, ", ")
	if len(m.to) == 0 {
		return m, nil
	}
	return m, m.voids(ctx, q, seen)
}

// voids finds the removals of people whom a full list did not name and yet did, under
// another number: had the ID been right from the start, they would have stayed. The
// list that removed one of a person's numbers states that another one is on the list.
// These are removals of before, which stand as they are on record; what full lists come
// to since is worked out anew after every correction of an ID (intake.Follow).
func (m *moves) voids(ctx context.Context, q querier, seen ledger.Seq) error {
	type row struct {
		id       int64
		seq      ledger.Seq
		area     string
		person   ledger.PersonNo
		category rules.Category
		op       rules.Op
		via      ledger.Via
	}
	type place struct {
		by       ledger.Seq
		area     string
		person   ledger.PersonNo // whose it is
		category rules.Category
	}
	rows, at, absent := map[int64]row{}, map[place]bool{}, []row{}
	states := func(x row, by ledger.Seq) {
		if x.op != rules.Remove {
			at[place{by, x.area, m.now(x.person), x.category}] = true
		}
	}
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		var x row
		err := r.Scan(&x.id, &x.seq, &x.area, &x.person, &x.category, &x.op, &x.via)
		rows[x.id] = x
		states(x, x.seq)
		if x.via == ledger.ViaAbsent {
			absent = append(absent, x)
		}
		return err
	}, `SELECT id, seq, area, person, category, op, via FROM event WHERE person IN (`+m.list+`) AND seq <= ? ORDER BY id`, seen)
	if err != nil || len(absent) == 0 {
		return err
	}
	files := make([]ledger.Seq, 0, len(absent))
	for _, x := range absent {
		files = append(files, x.seq)
	}
	err = scanAll(ctx, q, func(r *sql.Rows) error {
		var x ledger.Restatement
		if err := r.Scan(restatementFields(&x)...); err != nil {
			return err
		}
		return x.Each(func(e ledger.Restated) {
			if of, ours := rows[e.Event]; ours {
				states(of, x.Src.Seq)
			}
		})
	}, `SELECT `+columnsOf("restatement", "")+` FROM restatement WHERE seq IN (SELECT value FROM json_each(?))`, jsonList(files))
	if err != nil {
		return err
	}
	m.gone = map[int64]bool{}
	var list []string
	for _, x := range absent {
		if at[place{x.seq, x.area, m.now(x.person), x.category}] {
			m.gone[x.id] = true
			list = append(list, strconv.FormatInt(x.id, 10))
		}
	}
	m.void = strings.Join(list, ", ")
	return nil
}

// lives is livesAt without the removals that are void.
func (m *moves) lives(seen string) string {
	if m.void == "" {
		return livesAt(seen)
	}
	return livesAt(seen) + ` AND e.id NOT IN (` + m.void + `)`
}

// now is whose the rows of a number are.
func (m *moves) now(p ledger.PersonNo) ledger.PersonNo {
	if to, moved := m.to[p]; moved {
		return to
	}
	return p
}

// nowOf is now in SQL, of a column.
func (m *moves) nowOf(column string) string {
	if m.cases == "" {
		return column
	}
	return `CASE ` + column + m.cases + ` ELSE ` + column + ` END`
}

// ownerOf is in SQL whose a result or a posting is. It follows its claim: a run
// wrote it under the number of its time, and a correction may have been undone
// since.
func (m *moves) ownerOf(table string) string {
	person := table + ".person"
	if m.list == "" {
		return person
	}
	return `CASE WHEN ` + person + ` IN (` + m.list + `) THEN ` + m.nowOf(`(SELECT mc.person FROM claim mc WHERE mc.id = `+table+`.claim)`) + ` ELSE ` + person + ` END`
}

// numbers are those under which the rows of people are on record. Who was
// corrected to another has none.
func (m *moves) numbers(people []ledger.PersonNo) []ledger.PersonNo {
	if len(m.to) == 0 {
		return people
	}
	out := make([]ledger.PersonNo, 0, len(people)+len(m.to))
	for _, p := range people {
		if m.now(p) == p {
			out = append(append(out, p), m.from[p]...)
		}
	}
	return out
}

// owned are the numbers under which results and postings of people may be on
// record.
func (m *moves) owned(people []ledger.PersonNo) []ledger.PersonNo {
	if !slices.ContainsFunc(people, func(p ledger.PersonNo) bool { return m.ever[p] }) {
		return people
	}
	out := slices.DeleteFunc(slices.Clone(people), func(p ledger.PersonNo) bool { return m.ever[p] })
	return slices.AppendSeq(out, maps.Keys(m.ever))
}

// people are whose the rows of some numbers are, in ascending order.
func (m *moves) people(numbers []ledger.PersonNo) []ledger.PersonNo {
	if len(m.to) == 0 {
		return numbers
	}
	for i, p := range numbers {
		numbers[i] = m.now(p)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// moved adds, in order, those of whom rows went or to whom rows came since an entry;
// since the beginning, all whom a correction named.
func (s *Store) moved(ctx context.Context, people []ledger.PersonNo, after ledger.Seq, m *moves) ([]ledger.PersonNo, error) {
	if len(m.ever) == 0 {
		return people, nil
	}
	was, err := movesAt(ctx, s.db, after)
	if err != nil {
		return nil, err
	}
	for p := range m.ever {
		// Under a number that is nobody's any more cases may still stand.
		if a, b := was.now(p), m.now(p); a != b || after == 0 {
			people = append(people, p, a, b)
		}
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

// seenBy is what a run saw: its figures are of the people of then.
func (s *Store) seenBy(ctx context.Context, run int) (ledger.Seq, error) {
	var seen ledger.Seq
	err := s.db.GetContext(ctx, &seen, `SELECT coalesce(max(seen), 0) FROM run WHERE no <= ? AND state = 'done'`, run)
	return seen, err
}

// asWritten reads rows as they stand on record.
var asWritten moves

// event makes an event that of whose it is.
func (m *moves) event(e *ledger.Event) { e.Person, e.Head = m.now(e.Person), m.now(e.Head) }

// alsoNamed adds to a condition on people those whom any correction named: their
// rows lie under several numbers.
func (m *moves) alsoNamed(column string) string {
	if m.list == "" {
		return ""
	}
	return ` OR ` + column + ` IN (` + m.list + `)`
}

// lastly orders what came alike under two numbers of one person.
func (m *moves) lastly() string {
	if m.cases == "" {
		return ""
	}
	return `, x.id`
}

// others are the other numbers of a person.
func (t *Taking) others(p ledger.PersonNo) []ledger.PersonNo {
	if len(t.moves.to) == 0 {
		return nil
	}
	now := t.moves.now(p)
	all := append([]ledger.PersonNo{now}, t.moves.from[now]...)
	return slices.DeleteFunc(all, func(o ledger.PersonNo) bool { return o == p })
}

// Whose implements ledger.Taker.
func (t *Taking) Whose(p ledger.PersonNo) ledger.PersonNo { return t.moves.now(p) }

// Corrected implements ledger.Taker.
func (t *Taking) Corrected() []ledger.PersonNo {
	return t.moves.people(slices.Sorted(maps.Keys(t.moves.ever)))
}

// saysSame reports whether a settlement on record is the one that came, under
// another number of its person: a corrected export is no conflict.
func (t *Taking) saysSame(c *ledger.Claim, was [16]byte) bool {
	if len(t.moves.to) == 0 {
		return false
	}
	x := *c
	for _, p := range t.others(c.Person) {
		x.Person = p
		if content(x.Content(nil)) == was {
			return true
		}
	}
	return false
}

// twice finds the rows that say, under another number of their person, what an
// earlier row says: had the ID been right from the start, they would have been known
// again. They stay on record, for the correction may be undone. Roster rows need it
// not, since a category that is open is not opened twice; nor do settlements, which
// have an ID.
func (s *Store) twice(ctx context.Context, table string, m *moves, seen ledger.Seq) (*heard, error) {
	h := &heard{moves: *m}
	if len(m.to) == 0 {
		return h, nil
	}
	h.twice, h.nth = map[int64]bool{}, map[int64]int{}
	said, lines := map[[16]byte]bool{}, map[ledger.Seq]map[[16]byte]bool{}
	x := &takenTables[slices.IndexFunc(takenTables, func(x takenTable) bool { return x.name == table })]
	err := s.each(ctx, func(r *sql.Rows) error {
		rec, into := x.record()
		var filed []byte
		if err := r.Scan(append(into, &filed)...); err != nil {
			return err
		}
		// The note of a relief is part of what it says, and lies sealed.
		if relief, ok := rec.(*ledger.Relief); ok {
			notes, err := s.notes(relief.Extra)
			if err != nil {
				return fmt.Errorf("%w: relief %d: %w", ledger.ErrIntegrity, relief.ID, err)
			}
			for _, relief.Note = range notes {
				if c := content(relief.Content(nil)); bytes.Equal(c[:], filed) {
					break
				}
			}
		}
		p := personOf(rec.(record))
		*p = m.now(*p)
		c := content(rec.(record).Content(nil))
		// Lines of one file that say the same are counted: those under another number
		// of their person are further ones.
		if line, ok := rec.(*ledger.Transfer); ok {
			of := lines[line.Src.Seq]
			if of == nil {
				of = map[[16]byte]bool{}
				lines[line.Src.Seq] = of
			}
			for ; of[c]; c = content(line.Content(nil)) {
				line.Nth++
			}
			of[c] = true
			h.nth[line.ID] = line.Nth
		}
		if said[c] {
			h.twice[*into[0].(*int64)] = true
		}
		said[c] = true
		return nil
	}, x.selects()+` WHERE person IN (`+m.list+`) AND seq <= ? ORDER BY id`, seen)
	return h, err
}

// personOf is where a row names its person.
func personOf(r record) *ledger.PersonNo {
	switch x := r.(type) {
	case *ledger.Relief:
		return &x.Person
	case *ledger.Enrolment:
		return &x.Person
	case *ledger.Contribution:
		return &x.Person
	case *ledger.Birth:
		return &x.Person
	case *ledger.Item:
		return &x.Person
	case *ledger.Transfer:
		return &x.Person
	}
	return nil
}

// heard is moves with the rows of a table that say what was said before.
type heard struct {
	moves
	twice map[int64]bool
	nth   map[int64]int // of transfers, which of the lines of its file that say the same each is
}

func (s *Store) heardAt(ctx context.Context, table string, seen ledger.Seq) (*heard, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	return s.twice(ctx, table, &m, seen)
}
