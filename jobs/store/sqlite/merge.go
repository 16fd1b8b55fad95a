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
)

const mergeColumns = `SELECT id, seq, undo, from_person, to_person, reason, by, at FROM merge`

func scanMerge(r scanner) (x ledger.Merge, err error) {
	var at string
	err = r.Scan(&x.ID, &x.Seq, &x.Undo, &x.From, &x.To, &x.Box, &x.By, &at)
	x.At = unstamp(at)
	return x, err
}

// Merge records that an ID was corrected to another person, or that this is
// undone, as one entry; it gives the record its number, and seals the reason. check
// runs inside the transaction with all corrections that are on record.
func (s *Store) Merge(ctx context.Context, x *ledger.Merge, check func([]ledger.Merge) error) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		on, err := s.merges(ctx, tx, 1<<62)
		if err != nil {
			return err
		}
		if err := check(on); err != nil {
			return err
		}
		last, err := head(ctx, tx)
		if err != nil {
			return err
		}
		if x.ID, err = nextID(ctx, tx, "merge"); err != nil {
			return err
		}
		x.Seq, x.Box = last.Seq+1, s.vault.Seal("reason", x.Reason)
		if _, err := tx.ExecContext(ctx, `INSERT INTO merge (id, seq, undo, from_person, to_person, reason, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			x.ID, x.Seq, x.Undo, x.From, x.To, x.Box, x.By, stamp(x.At)); err != nil {
			return err
		}
		d := ledger.NewDigester()
		d.Add(x)
		n, sum := ledger.Seal([]ledger.Part{d.Part("merge")}, nil)
		return addEntry(ctx, tx, x.Seq, ledger.EntryMerge, x.At, x.By, n, sum)
	})
}

// Merges are all corrections of IDs and what undid them, as known at seen, in the
// order of their numbers.
func (s *Store) Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error) {
	return s.merges(ctx, s.db, seen)
}

func (s *Store) merges(ctx context.Context, q querier, seen ledger.Seq) ([]ledger.Merge, error) {
	var out []ledger.Merge
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		x, err := scanMerge(r)
		if err != nil {
			return err
		}
		if x.Reason, err = s.vault.Open("reason", x.Box); err != nil {
			return fmt.Errorf("%w: correction %d: %w", ledger.ErrIntegrity, x.ID, err)
		}
		out = append(out, x)
		return nil
	}, mergeColumns+` WHERE seq <= ? ORDER BY id`, seen)
	return out, err
}

// sealMerge is the digest of a correction's entry from what is stored. Who
// corrected and when is said twice, and both must agree.
func (s *Store) sealMerge(ctx context.Context, e ledger.Entry) (int, ledger.Hash, error) {
	d := ledger.NewDigester()
	err := s.each(ctx, func(r *sql.Rows) error {
		x, err := scanMerge(r)
		if err != nil {
			return err
		}
		if x.By != e.By || !x.At.Equal(e.At) {
			return fmt.Errorf("%w: correction %d is not by whom or of when its entry is", ledger.ErrIntegrity, x.ID)
		}
		d.Add(&x)
		return nil
	}, mergeColumns+` WHERE seq = ? ORDER BY id`, e.Seq)
	n, sum := ledger.Seal([]ledger.Part{d.Part("merge")}, nil)
	return n, sum, err
}

// RowsOf counts what is on record under the very number of a person, by table: what
// a correction moves.
func (s *Store) RowsOf(ctx context.Context, p ledger.PersonNo) (map[string]int, error) {
	out := map[string]int{}
	for _, x := range takenTables {
		if !slices.Contains(x.columns, "person") {
			continue
		}
		var n int
		if err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM `+x.name+` WHERE person = ?`, p); err != nil {
			return nil, err
		}
		out[x.name] = n
	}
	var n int
	err := s.db.GetContext(ctx, &n, `SELECT count(*) FROM event WHERE head = ? AND person <> head`, p)
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
	return m, nil
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

// moved adds, in order, those of whom rows went or to whom rows came since an entry.
func (s *Store) moved(ctx context.Context, people []ledger.PersonNo, after ledger.Seq, m *moves) ([]ledger.PersonNo, error) {
	if len(m.ever) == 0 {
		return people, nil
	}
	was, err := movesAt(ctx, s.db, after)
	if err != nil {
		return nil, err
	}
	for p := range m.ever {
		if a, b := was.now(p), m.now(p); a != b {
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

// named is the number by which the file calls the person with a number.
func (t *Taking) named(p ledger.PersonNo) ledger.PersonNo {
	now := t.moves.now(p)
	if t.called[now] {
		return now
	}
	for _, o := range t.moves.from[now] {
		if t.called[o] {
			return o
		}
	}
	return now
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
func (s *Store) twice(ctx context.Context, table string, m *moves, seen ledger.Seq) (map[int64]bool, error) {
	if len(m.to) == 0 {
		return nil, nil
	}
	said, out := map[[16]byte]bool{}, map[int64]bool{}
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
		if said[c] {
			out[*into[0].(*int64)] = true
		}
		said[c] = true
		return nil
	}, x.selects()+` WHERE person IN (`+m.list+`) AND seq <= ? ORDER BY id`, seen)
	return out, err
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
}

func (s *Store) heardAt(ctx context.Context, table string, seen ledger.Seq) (*heard, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	twice, err := s.twice(ctx, table, &m, seen)
	return &heard{m, twice}, err
}
