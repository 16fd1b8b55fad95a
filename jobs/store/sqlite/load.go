package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strconv"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// People lists everyone of an area that anything on record up to seen speaks
// of, in ascending order.
func (s *Store) People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	// Person by person: the first record found will do, where reading them all would
	// read the ledger. A posting is of whom its claim is, a withdrawal of whom its event.
	speaks := func(table string) string {
		return `EXISTS (SELECT 1 FROM ` + table + ` x WHERE x.area = ?1 AND x.person = i.id AND x.seq <= ?2)`
	}
	var out []ledger.PersonNo
	err = s.db.SelectContext(ctx, &out, `SELECT i.id FROM identity i WHERE i.kind = 'certno' AND (`+
		speaks("claim")+` OR `+speaks("event")+` OR `+speaks("relief")+`) ORDER BY 1`, area, seen)
	return m.people(out), err
}

// Touched lists those of whom an entry in (after, seen] speaks, be it that it
// withdraws what was said of them, and those of whom or to whom a correction of an
// ID moved what is on record.
func (s *Store) Touched(ctx context.Context, area string, after, seen ledger.Seq) ([]ledger.PersonNo, error) {
	touched := s.touched
	if after == 0 {
		touched = func(ctx context.Context, area string, _, seen ledger.Seq) ([]ledger.PersonNo, error) {
			return s.People(ctx, area, seen)
		}
	}
	people, err := touched(ctx, area, after, seen)
	if err != nil {
		return nil, err
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	return s.moved(ctx, people, after, &m)
}

// touchedBy finds records by their entries. The + keeps the areas' indexes out of it,
// by which all that an area has would be read for the few that are new.
func touchedBy(m *moves) string {
	return `
		SELECT person FROM event   WHERE +area = ?1 AND seq > ?2 AND seq <= ?3 UNION
		SELECT person FROM claim   WHERE +area = ?1 AND seq > ?2 AND seq <= ?3 UNION
		SELECT person FROM relief  WHERE +area = ?1 AND seq > ?2 AND seq <= ?3 UNION
		SELECT ` + m.ownerOf("posting") + ` FROM posting WHERE +area = ?1 AND seq > ?2 AND seq <= ?3 UNION
		SELECT e.person FROM withdrawal w JOIN event e ON e.id = w.event WHERE +w.area = ?1 AND w.last = 1 AND w.seq > ?2 AND w.seq <= ?3
		ORDER BY 1`
}

func (s *Store) touched(ctx context.Context, area string, after, seen ledger.Seq) ([]ledger.PersonNo, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.PersonNo
	err = s.db.SelectContext(ctx, &out, touchedBy(&m), area, after, seen)
	return m.people(out), err
}

// LoadPeople reads all that is known up to seen of some people of an area, with
// their results and cases as of run. The order is that of people.
func (s *Store) LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error) {
	return s.LoadYears(ctx, area, people, seen, run, 0)
}

// LoadYears is LoadPeople with the settlements, refunds apart, and the results of a
// year and those after it alone.
func (s *Store) LoadYears(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run, year int) ([]ledger.PersonData, error) {
	out := make([]ledger.PersonData, len(people))
	at := make(map[ledger.PersonNo]*ledger.PersonData, len(people))
	for i, p := range people {
		out[i].Person = p
		at[p] = &out[i]
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	heard, err := s.twice(ctx, "relief", &m, seen)
	if err != nil {
		return nil, err
	}
	ids, owned := jsonList(m.numbers(people)), jsonList(m.owned(people))
	texts, folded, insurances := intern{}, intern{}, map[string]rules.Insurance{}
	// One row is read at a time, always into the same variables.
	var (
		p                                               ledger.PersonNo
		e                                               rules.Event
		c                                               rules.Claim
		refund                                          bool
		of                                              string
		dept, county                                    sql.RawBytes
		disease, diseName, hospital, hospName, insutype sql.RawBytes
	)
	eventRow := []any{whole(&p), whole(&e.Ref), whole(&e.Op), whole(&e.Category), whole(&e.Cause), whole(&e.Date), whole(&e.Expiry), whole(&e.Level),
		&dept, &county, whole(&e.Applied)}
	claimRow := []any{whole(&p), whole(&c.Ref), &c.ID, whole(&c.At), whole(&c.Kind), whole(&c.Referral), &c.OutOfProvince, whole(&c.Level),
		&disease, &diseName, &hospital, &hospName, &insutype,
		whole(&c.Total), whole(&c.InScope), whole(&c.Basic), whole(&c.Other), whole(&c.Major), whole(&c.Assist), whole(&c.Hosp), &refund, &of}
	err = errors.Join(
		s.each(ctx, func(r *sql.Rows) error {
			if err := r.Scan(eventRow...); err != nil {
				return err
			}
			e.Source, e.County = texts.as(dept), texts.as(county)
			d := at[m.now(p)]
			d.Events = append(d.Events, e)
			return nil
		}, `SELECT e.person, e.id, e.op, e.category, e.cause, e.date, e.expiry, e.level, e.dept, e.county, e.applied FROM event e
			WHERE e.area = ?1 AND e.person IN (SELECT value FROM json_each(?2)) AND e.seq <= ?3`+m.lives("?3"), area, ids, seen),
		s.each(ctx, func(r *sql.Rows) error {
			if err := r.Scan(claimRow...); err != nil {
				return err
			}
			d := at[m.now(p)]
			if refund {
				d.Refunds = append(d.Refunds, ledger.Refund{Claim: c.Ref, Original: of, Total: c.Total})
				return nil
			}
			c.DiseaseCode, c.DiseaseName = texts.as(disease), folded.folded(diseName)
			c.HospitalCode, c.HospitalName = texts.as(hospital), folded.folded(hospName)
			var known bool
			if c.Insurance, known = insurances[string(insutype)]; !known {
				c.Insurance = rules.InsuranceOf(string(insutype))
				insurances[string(insutype)] = c.Insurance
			}
			d.Claims = append(d.Claims, c)
			return nil
		}, `SELECT person, id, setl_id, at, kind, referral, outside, level, dise_code, dise_name, hosp_code, hosp_name, insutype,
			total, in_scope, basic, other, major, assist, hosp, refund, refund_of FROM claim
			WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND seq <= ? AND (at >= ? OR refund = 1)`, area, ids, seen, civil.YMD(year, 1, 1).At()),
		s.each(ctx, func(r *sql.Rows) error {
			var p ledger.PersonNo
			var h rules.Help
			err := r.Scan(&p, &h.Ref, &h.Date, &h.Source, &h.Amount)
			if d := at[m.now(p)]; !heard.twice[h.Ref] {
				d.Relief = append(d.Relief, h)
			}
			return err
		}, `SELECT person, id, date, kind, amount FROM relief WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND seq <= ?`, area, ids, seen),
		s.each(ctx, func(r *sql.Rows) error {
			p, err := scanPosting(r)
			if d := at[p.Person]; d != nil {
				d.Postings = append(d.Postings, p)
			}
			return err
		}, postingColumns(&m)+` WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND seq <= ?`, area, owned, seen),
	)
	if err != nil || run == 0 {
		return out, err
	}
	var rs resultScanner
	return out, errors.Join(
		s.each(ctx, func(r *sql.Rows) error {
			if err := rs.scan(r); err != nil {
				return err
			}
			if d := at[rs.x.Person]; d != nil {
				d.Results = append(d.Results, rs.x)
			}
			return nil
		}, resultColumns(&m)+` WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND run <= ? AND year >= ? GROUP BY claim`, area, owned, run, year),
		s.each(ctx, func(r *sql.Rows) error {
			x, err := scanCase(r)
			at[x.Person].Cases = append(at[x.Person].Cases, x)
			return err
		}, caseColumns+` WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND run <= ? GROUP BY area, person, year, monitor, level`, area, jsonList(people), run))
}

func jsonList[N ~int64](people []N) string {
	b := make([]byte, 0, 8*len(people)+2)
	b = append(b, '[')
	for i, p := range people {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(p), 10)
	}
	return string(append(b, ']'))
}

// each calls f for each row.
func (s *Store) each(ctx context.Context, f func(*sql.Rows) error, query string, args ...any) error {
	return scanAll(ctx, s.db, f, query, args...)
}

// resultColumns selects results, each as that of whose its claim is; under GROUP BY claim, SQLite takes the other
// columns from the row that has max(run): the last one.
func resultColumns(m *moves) string {
	return `SELECT claim, max(run), area, ` + m.ownerOf("result") + ` AS person, year, flags, category, event, pack, total, in_scope,
	basic, other, major, assist, tilt, special, supplement, hospital, self, rec_basic, rec_major, rec_assist, rec_hospital FROM result`
}

type scanner interface{ Scan(...any) error }

// resultScanner reads results one after the other, always into x: the columns are
// found once, and texts that come again are kept once.
type resultScanner struct {
	x          ledger.Result
	area, pack sql.RawBytes
	texts      intern
	into       []any
}

// scan reads a result, and what follows it into more, which is the same at every call.
func (s *resultScanner) scan(r scanner, more ...any) error {
	if s.into == nil {
		x, d := &s.x, &s.x.Due
		s.texts = intern{}
		s.into = append([]any{whole(&x.Claim), whole(&x.Run), &s.area, whole(&x.Person), whole(&x.Year), whole(&x.Flags), whole(&x.Category), whole(&x.Event), &s.pack,
			whole(&x.Total), whole(&x.InScope), whole(&d.Basic), whole(&d.Other), whole(&d.Major), whole(&d.Assist), whole(&d.Tilt), whole(&d.Special),
			whole(&d.Supplement), whole(&d.Hospital), whole(&d.Person), whole(&x.Recorded[rules.FundBasic]), whole(&x.Recorded[rules.FundMajor]),
			whole(&x.Recorded[rules.FundAssistance]), whole(&x.Recorded[rules.FundHospital])}, more...)
	}
	err := r.Scan(s.into...)
	s.x.Area, s.x.Pack = s.texts.as(s.area), s.texts.as(s.pack)
	fixResult(&s.x)
	return err
}

// fixResult gives the fields of Due that are stored once for both.
func fixResult(x *ledger.Result) {
	x.Due.Category, x.Due.Event = x.Category, x.Event
	x.Due.Retro = x.Flags&ledger.FlagRetro != 0
	x.Due.NoPack = x.Flags&ledger.FlagNoPack != 0
}

const caseColumns = `SELECT area, person, year, monitor, level, max(run), name, gone, state, line, gross, relief, burden, moves FROM case_state`

func scanCase(r scanner) (c ledger.Case, err error) {
	var moves string
	if err = r.Scan(&c.Area, &c.Person, &c.Year, &c.Monitor, &c.Level, &c.Run, &c.Name, &c.Gone, &c.State, &c.Line, &c.Gross, &c.Relief, &c.Burden, &moves); err != nil {
		return c, err
	}
	return c, unjson(moves, &c.Moves)
}

// postingColumns selects postings, each as that of whose its claim is.
func postingColumns(m *moves) string {
	return `SELECT id, seq, run, area, ` + m.ownerOf("posting") + ` AS person, claim, year, fund, amount, date FROM posting`
}

func scanPosting(r scanner) (p ledger.Posting, err error) {
	err = r.Scan(&p.ID, &p.Seq, &p.Run, &p.Area, &p.Person, &p.Claim, &p.Year, &p.Fund, &p.Amount, &p.Date)
	return p, err
}

// PersonByID finds the number of a citizen ID; 0 if it was never seen.
func (s *Store) PersonByID(ctx context.Context, certno string) (ledger.PersonNo, error) {
	lookup := s.vault.Lookup("certno", certno)
	var n ledger.PersonNo
	err := s.db.GetContext(ctx, &n, `SELECT id FROM identity WHERE kind = 'certno' AND lookup = ?`, lookup[:])
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Identities opens the IDs of people, and their names: the one on most
// living roster rows, of as many the one that came first, else likewise on claims,
// on the other lists, on roster rows that were withdrawn. A name that was mistyped
// once does not take the place of the right one.
func (s *Store) Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error) {
	return s.IdentitiesAt(ctx, people, math.MaxInt64)
}

// IdentitiesAt is Identities with the names as known at seen.
func (s *Store) IdentitiesAt(ctx context.Context, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]ledger.Person, error) {
	certnos, err := s.Certnos(ctx, people)
	if err != nil {
		return nil, err
	}
	out := make(map[ledger.PersonNo]ledger.Person, len(people))
	for n, id := range certnos {
		out[n] = ledger.Person{No: n, Certno: id}
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	// Who was corrected to another person has that one's name.
	whose := m.people(slices.Clone(people))
	called := make(map[ledger.PersonNo]string, len(whose))
	names := map[int64]string{}
	living := `event e WHERE name <> 0` + m.lives("?2")
	for _, from := range []string{living, "claim WHERE name <> 0", "relief WHERE name <> 0", "enrolment WHERE name <> 0", "contribution WHERE name <> 0",
		"birth WHERE name <> 0", "item WHERE name <> 0", "event WHERE name <> 0"} {
		var nameless []ledger.PersonNo
		for _, n := range whose {
			if called[n] == "" {
				nameless = append(nameless, n)
			}
		}
		if len(nameless) == 0 {
			break
		}
		err := s.each(ctx, func(r *sql.Rows) error {
			var n ledger.PersonNo
			var id, name int64
			var box []byte
			if err := r.Scan(&n, &id, &name, &box); err != nil {
				return err
			}
			text, ok := names[name]
			if !ok {
				var err error
				if text, err = s.vault.Open("name", box); err != nil {
					return err
				}
				names[name] = text
			}
			called[n] = text
			return nil
		}, `SELECT x.person, x.id, x.name, i.box FROM (SELECT `+m.nowOf("person")+` AS person, min(id) AS id, name,
			row_number() OVER (PARTITION BY `+m.nowOf("person")+` ORDER BY count(*) DESC, min(id)) AS place FROM `+from+`
			AND person IN (SELECT value FROM json_each(?1)) AND seq <= ?2 GROUP BY `+m.nowOf("person")+`, name) x JOIN identity i ON i.id = x.name WHERE x.place = 1`, jsonList(m.numbers(nameless)), seen)
		if err != nil {
			return nil, err
		}
	}
	for n, p := range out {
		p.Name = called[m.now(n)]
		out[n] = p
	}
	return out, nil
}

// Unseal opens what Taking.Seal sealed.
func (s *Store) Unseal(box []byte) (string, error) { return s.vault.Open("extra", box) }

// Events reads the roster events that live at upTo, with their places: of the
// people named, or of the entries in (after, upTo] if none are.
func (s *Store) Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error) {
	m, err := movesAt(ctx, s.db, upTo)
	if err != nil {
		return nil, err
	}
	where := ` WHERE e.area = ?1 AND e.seq > ?2 AND e.seq <= ?3` + m.lives("?3")
	args := []any{area, after, upTo}
	if people != nil {
		where += ` AND e.person IN (SELECT value FROM json_each(?4))`
		args = append(args, jsonList(m.numbers(people)))
	}
	out, err := readEvents(ctx, s.db, where, args...)
	for i := range out {
		m.event(&out[i])
	}
	return out, err
}

// Residence is the township and village of people by their latest living roster
// row that names one: by the day on which it acts, never by arrival.
func (s *Store) Residence(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][2]string, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	out := map[ledger.PersonNo][2]string{}
	err = s.each(ctx, func(r *sql.Rows) error {
		var n ledger.PersonNo
		var at [2]string
		err := r.Scan(&n, &at[0], &at[1])
		out[m.now(n)] = at
		return err
	}, `SELECT e.person, e.township, e.village FROM event e WHERE e.area = ?1 AND e.seq <= ?2 AND e.township <> ''
		AND e.person IN (SELECT value FROM json_each(?3))`+m.lives("?2")+` ORDER BY `+byDay+`, e.township, e.village`, area, seen, jsonList(m.numbers(people)))
	return out, err
}

// ResultsOf reads the results as of run of some people of an area, with their
// claims; year 0 is every year. Refunded claims (FlagGone) are included.
func (s *Store) ResultsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error) {
	seen, err := s.seenBy(ctx, run)
	if err != nil {
		return nil, err
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	out, err := resultRows(ctx, s.db, &m, ` WHERE area = ? AND person IN (SELECT value FROM json_each(?)) AND run <= ?`+yearIs(year), ``, area, jsonList(m.owned(people)), run)
	if len(m.ever) > 0 {
		asked := make(map[ledger.PersonNo]bool, len(people))
		for _, p := range people {
			asked[p] = true
		}
		out = slices.DeleteFunc(out, func(x ledger.ResultRow) bool { return !asked[x.Person] })
	}
	return out, err
}

// Notable reads the results as of run that differ from what the platform
// recorded, that carry one of the flags, or that were posted on.
func (s *Store) Notable(ctx context.Context, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error) {
	return notable(ctx, s.db, area, flags, run, seen)
}

func notable(ctx context.Context, q querier, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error) {
	m, err := movesAt(ctx, q, seen)
	if err != nil {
		return nil, err
	}
	// The last result of a settlement is sought only where one of them is notable: most
	// settlements never are. The + has it sought by the settlement, and the notable ones
	// found in the order in which all results lie: by the area's index, each would be
	// fetched from another place, at four times the cost.
	is := func(r string) string {
		return r + `.flags & ?3 <> 0 OR ` + r + `.basic <> ` + r + `.rec_basic OR ` + r + `.major <> ` + r + `.rec_major OR ` +
			r + `.assist + ` + r + `.tilt + ` + r + `.special <> ` + r + `.rec_assist OR ` + r + `.supplement <> 0 OR ` + r + `.hospital <> ` + r + `.rec_hospital`
	}
	const posted = `SELECT claim FROM posting WHERE seq <= ?4`
	return resultRows(ctx, q, &m, ` WHERE +area = ?1 AND run <= ?2 AND claim IN (SELECT n.claim FROM result n WHERE +n.area = ?1 AND +n.run <= ?2 AND (`+is("n")+`) UNION `+posted+`)`,
		` WHERE `+is("r")+` OR r.claim IN (`+posted+`)`, area, run, flags, seen)
}

func yearIs(year int) string {
	if year == 0 {
		return ""
	}
	return " AND year = " + strconv.Itoa(year)
}

func resultRows(ctx context.Context, q querier, m *moves, inner, outer string, args ...any) ([]ledger.ResultRow, error) {
	var out []ledger.ResultRow
	var rs resultScanner
	var x ledger.ResultRow
	var hospital, name, disease sql.RawBytes
	more := []any{&x.SetlID, whole(&x.At), whole(&x.Kind), whole(&x.Referral), whole(&x.Level), &hospital, &name, &disease}
	err := scanAll(ctx, q, func(r *sql.Rows) error {
		if err := rs.scan(r, more...); err != nil {
			return err
		}
		x.Result, x.Hospital, x.HospName, x.Disease = rs.x, rs.texts.as(hospital), rs.texts.as(name), rs.texts.as(disease)
		out = append(out, x)
		return nil
	}, `WITH r AS (`+resultColumns(m)+inner+` GROUP BY claim)
		SELECT r.*, c.setl_id, c.at, c.kind, c.referral, c.level, c.hosp_code, c.hosp_name, c.dise_name FROM r JOIN claim c ON c.id = r.claim`+outer, args...)
	return out, err
}

// Postings are all postings of an area known at seen.
func (s *Store) Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.Posting
	err = s.each(ctx, func(r *sql.Rows) error {
		p, err := scanPosting(r)
		out = append(out, p)
		return err
	}, postingColumns(&m)+` WHERE area = ? AND seq <= ? ORDER BY id`, area, seen)
	return out, err
}

// Cases are the clearance cases of an area as of run; year 0 is every year.
func (s *Store) Cases(ctx context.Context, area string, year, run int) ([]ledger.Case, error) {
	var out []ledger.Case
	err := s.each(ctx, func(r *sql.Rows) error {
		c, err := scanCase(r)
		if !c.Gone {
			out = append(out, c)
		}
		return err
	}, caseColumns+` WHERE area = ? AND run <= ?`+yearIs(year)+` GROUP BY area, person, year, monitor, level ORDER BY year, monitor, person, level`, area, run)
	return out, err
}

// Reliefs reads relief by number.
func (s *Store) Reliefs(ctx context.Context, area string, after, upTo ledger.Seq) ([]ledger.Relief, error) {
	m, err := movesAt(ctx, s.db, upTo)
	if err != nil {
		return nil, err
	}
	heard, err := s.twice(ctx, "relief", &m, upTo)
	if err != nil {
		return nil, err
	}
	var out []ledger.Relief
	err = s.each(ctx, func(r *sql.Rows) error {
		var x ledger.Relief
		err := r.Scan(reliefFields(&x)...)
		x.Person = m.now(x.Person)
		if !heard.twice[x.ID] {
			out = append(out, x)
		}
		return err
	}, `SELECT `+columnsOf("relief", "")+` FROM relief WHERE area = ? AND seq > ? AND seq <= ? ORDER BY id`, area, after, upTo)
	return out, err
}

// WaitingRefunds are refunds whose original is not on record for the same
// person, whose amount is not the original's, or whose original another refund
// took back before, as known at seen. A mark takes back nothing of its own.
func (s *Store) WaitingRefunds(ctx context.Context, area string, seen ledger.Seq) ([]ledger.WaitingRefund, error) {
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.WaitingRefund
	err = s.each(ctx, func(r *sql.Rows) error {
		var w ledger.WaitingRefund
		var total sql.NullInt64
		err := r.Scan(&w.SetlID, &w.Original, &w.Person, &w.At, &w.Total, &total, &w.Before)
		w.Found, w.OriginalTotal = total.Valid, money.Fen(total.Int64)
		out = append(out, w)
		return err
	}, waitingRefunds(&m), area, seen, ledger.MarkSuffix)
	return out, err
}

func waitingRefunds(m *moves) string {
	return `SELECT r.setl_id, r.refund_of, r.person, r.at, r.total, o.total, r.before FROM (
			SELECT setl_id, refund_of, ` + m.nowOf("person") + ` AS person, at, total, coalesce(lag(setl_id) OVER (PARTITION BY ` + m.nowOf("person") + `, refund_of ORDER BY at, setl_id), '') AS before
			FROM claim INDEXED BY claim_paid WHERE area = ?1 AND refund = 1 AND ` + paidOnly + ` AND seq <= ?2 AND setl_id <> refund_of || ?3) r
		LEFT JOIN claim o ON o.area = ?1 AND o.setl_id = r.refund_of AND ` + m.nowOf("o.person") + ` = r.person AND o.refund = 0 AND o.seq <= ?2
		WHERE o.total IS NULL OR o.total <> r.total OR r.before <> '' ORDER BY r.at, r.setl_id`
}

// Certnos opens the IDs of people, without their names.
func (s *Store) Certnos(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]string, error) {
	out := make(map[ledger.PersonNo]string, len(people))
	err := s.each(ctx, func(r *sql.Rows) error {
		var n ledger.PersonNo
		var box []byte
		if err := r.Scan(&n, &box); err != nil {
			return err
		}
		id, err := s.vault.Open("certno", box)
		out[n] = id
		return err
	}, `SELECT id, box FROM identity WHERE kind = 'certno' AND id IN (SELECT value FROM json_each(?))`, jsonList(people))
	return out, err
}

// ReliefKinds gives the source of reliefs by their numbers, and PostedClaims the
// settlement that each posting was on: what a case's history names.
func (s *Store) ReliefKinds(ctx context.Context, refs []int64) (map[int64]string, error) {
	return s.texts(ctx, `SELECT id, kind FROM relief`, refs)
}

// PostedClaims gives the setl_id of postings by their numbers.
func (s *Store) PostedClaims(ctx context.Context, refs []int64) (map[int64]string, error) {
	return s.texts(ctx, `SELECT id, (SELECT setl_id FROM claim WHERE claim.id = posting.claim) FROM posting`, refs)
}

// ClaimIDs gives the setl_id of claims by their numbers.
func (s *Store) ClaimIDs(ctx context.Context, refs []int64) (map[int64]string, error) {
	return s.texts(ctx, `SELECT id, setl_id FROM claim`, refs)
}

func (s *Store) texts(ctx context.Context, query string, refs []int64) (map[int64]string, error) {
	out := map[int64]string{}
	err := s.each(ctx, func(r *sql.Rows) error {
		var ref int64
		var text string
		err := r.Scan(&ref, &text)
		out[ref] = text
		return err
	}, query+` WHERE id IN (SELECT value FROM json_each(?))`, jsonList(refs))
	return out, err
}
