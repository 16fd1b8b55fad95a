package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// YearSums sums the results of an area and year as of a run by hospital, disease and
// month, all in one pass over them.
func (s *Store) YearSums(ctx context.Context, area string, year, run int) (*ledger.YearSums, error) {
	seen, err := s.seenBy(ctx, run)
	if err != nil {
		return nil, err
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	sums := newYearSums()
	var x settled
	var hospital, name, disease sql.RawBytes
	texts := intern{}
	row := []any{whole(&x.person), whole(&x.category), whole(&x.total), whole(&x.inScope), whole(&x.month.Basic), whole(&x.month.Other), whole(&x.month.Major),
		whole(&x.month.Assist), whole(&x.month.Tilt), whole(&x.month.Special), whole(&x.month.Supplement), whole(&x.month.Hospital), whole(&x.month.Self),
		whole(&x.month.RecordedAssist), whole(&x.month.Month), whole(&x.kind), whole(&x.level), &hospital, &name, &disease}
	err = s.each(ctx, func(r *sql.Rows) error {
		if err := r.Scan(row...); err != nil {
			return err
		}
		x.hospital, x.name, x.disease = texts.as(hospital), texts.as(name), texts.as(disease)
		sums.add(&x)
		return nil
	}, settledIn(&m), area, year, run, ledger.FlagGone)
	if err != nil {
		return nil, err
	}
	return sums.sorted(), nil
}

// settledIn reads the last results of an area and year with their settlements. The +
// has both read in the order in which they lie.
func settledIn(m *moves) string {
	return `WITH r AS (SELECT claim, max(run), ` + m.ownerOf("result") + ` AS person, flags, category, total, in_scope, basic, other, major, assist, tilt, special,
		supplement, hospital, self, rec_assist FROM result WHERE +area = ? AND year = ? AND +run <= ? GROUP BY claim)
		SELECT r.person, r.category, r.total, r.in_scope, r.basic, r.other, r.major, r.assist, r.tilt, r.special, r.supplement, r.hospital, r.self, r.rec_assist,
		c.at / 100000000, c.kind, c.level, c.hosp_code, c.hosp_name, c.dise_name
		FROM r CROSS JOIN claim c WHERE c.id = r.claim AND r.flags & ? = 0 AND (r.category <> 0 OR r.rec_assist <> 0)`
}

// settled is a settlement with its result, as sums take it.
type settled struct {
	person                  ledger.PersonNo
	category                rules.Category
	total, inScope          money.Fen
	month                   ledger.FundMonth // of it alone
	kind                    rules.Kind
	level                   uint8
	hospital, name, disease string
}

// yearSums are the sums as they grow. What they hold does not grow with the
// settlements, but with those who were assisted, each with their diseases.
type yearSums struct {
	hospitals map[string]*ledger.HospitalYear
	diseases  map[string]*ledger.DiseaseYear
	months    map[civil.Month]*ledger.FundMonth
	ill       map[ill]bool
}

type ill struct {
	disease *ledger.DiseaseYear
	person  ledger.PersonNo
}

func newYearSums() *yearSums {
	return &yearSums{map[string]*ledger.HospitalYear{}, map[string]*ledger.DiseaseYear{}, map[civil.Month]*ledger.FundMonth{}, map[ill]bool{}}
}

// at is the sum of a key, made where there is none.
func at[K comparable, V any](sums map[K]*V, k K, made V) *V {
	if sums[k] == nil {
		sums[k] = &made
	}
	return sums[k]
}

func (y *yearSums) add(x *settled) {
	o := &x.month
	m := at(y.months, o.Month, ledger.FundMonth{Month: o.Month})
	m.Claims++
	m.Total += x.total
	for _, s := range [...]struct {
		to *money.Fen
		v  money.Fen
	}{{&m.Basic, o.Basic}, {&m.Other, o.Other}, {&m.Major, o.Major}, {&m.Assist, o.Assist}, {&m.Tilt, o.Tilt}, {&m.Special, o.Special},
		{&m.Supplement, o.Supplement}, {&m.Hospital, o.Hospital}, {&m.Self, o.Self}, {&m.RecordedAssist, o.RecordedAssist}} {
		*s.to += s.v
	}
	if x.category == rules.NoCategory {
		return // assisted on record alone
	}
	if x.kind == rules.Inpatient {
		h := at(y.hospitals, x.hospital, ledger.HospitalYear{Code: x.hospital, Name: x.name})
		h.Name, h.Level = min(h.Name, x.name), max(h.Level, x.level)
		h.Stays++
		h.Total += x.total
		h.OutOfScope += x.total - x.inScope
		h.Borne += o.Hospital
	}
	if x.disease == "" {
		return
	}
	d := at(y.diseases, x.disease, ledger.DiseaseYear{Name: x.disease})
	if k := (ill{d, x.person}); !y.ill[k] {
		y.ill[k] = true
		d.People++
	}
	d.Claims++
	d.Total += x.total
	d.Self += o.Self
}

// costly is how many diseases are listed.
const costly = 100

func (y *yearSums) sorted() *ledger.YearSums {
	out := &ledger.YearSums{}
	for _, h := range y.hospitals {
		out.Hospitals = append(out.Hospitals, *h)
	}
	slices.SortFunc(out.Hospitals, func(a, b ledger.HospitalYear) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.Code, b.Code))
	})
	for _, d := range y.diseases {
		out.Diseases = append(out.Diseases, *d)
	}
	slices.SortFunc(out.Diseases, func(a, b ledger.DiseaseYear) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.Name, b.Name))
	})
	out.Diseases = slices.Clip(out.Diseases[:min(costly, len(out.Diseases))])
	for _, m := range y.months {
		out.Months = append(out.Months, *m)
	}
	slices.SortFunc(out.Months, func(a, b ledger.FundMonth) int { return cmp.Compare(a.Month, b.Month) })
	return out
}

// Entry reads a link of the chain.
func (s *Store) Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error) {
	return scanEntry(s.db.QueryRowContext(ctx, `SELECT seq, kind, at, by, count, digest, prev, hash FROM entry WHERE seq = ?`, seq))
}

// PreviousRun is the last finished run before run that was for another month;
// the zero Run if there is none. What came since belongs to the run's month,
// however often the month was run. Runs by hand are no month's.
func (s *Store) PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error) {
	r, err := scanRun(s.db.QueryRowContext(ctx, runColumns+` WHERE state = 'done' AND no < ? AND month <> ? AND scope = '' ORDER BY no DESC LIMIT 1`, run.No, run.Month))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Run{}, nil
	}
	return r, err
}
