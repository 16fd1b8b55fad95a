package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// latest is the results of an area and year as of a run; its arguments are
// area, year, run.
func latest(m *moves) string {
	return `WITH r AS (SELECT claim, max(run) AS run, ` + m.ownerOf("result") + ` AS person, flags, category, total, in_scope, basic, other, major, assist, tilt, special,
	supplement, hospital, self, rec_assist FROM result WHERE area = ? AND year = ? AND run <= ? GROUP BY claim)`
}

// Hospitals sums the inpatient bills of assisted people by hospital, the
// costliest first (HZ-17, KF-12).
func (s *Store) Hospitals(ctx context.Context, area string, year, run int) ([]ledger.HospitalYear, error) {
	var out []ledger.HospitalYear
	err := s.each(ctx, func(r *sql.Rows) error {
		var h ledger.HospitalYear
		err := r.Scan(&h.Code, &h.Name, &h.Level, &h.Stays, &h.Total, &h.OutOfScope, &h.Borne)
		out = append(out, h)
		return err
	}, latest(&asWritten)+` SELECT c.hosp_code, min(c.hosp_name), max(c.level), count(*), sum(r.total), sum(r.total - r.in_scope), sum(r.hospital)
		FROM r JOIN claim c ON c.id = r.claim WHERE r.category <> 0 AND r.flags & ? = 0 AND c.kind = ?
		GROUP BY c.hosp_code ORDER BY sum(r.total) DESC, c.hosp_code`, area, year, run, ledger.FlagGone, rules.Inpatient)
	return out, err
}

// Diseases sums what assisted people were treated for, the costliest first.
func (s *Store) Diseases(ctx context.Context, area string, year, run int) ([]ledger.DiseaseYear, error) {
	seen, err := s.seenBy(ctx, run)
	if err != nil {
		return nil, err
	}
	m, err := movesAt(ctx, s.db, seen)
	if err != nil {
		return nil, err
	}
	var out []ledger.DiseaseYear
	err = s.each(ctx, func(r *sql.Rows) error {
		var d ledger.DiseaseYear
		err := r.Scan(&d.Name, &d.People, &d.Claims, &d.Total, &d.Self)
		out = append(out, d)
		return err
	}, latest(&m)+` SELECT c.dise_name, count(DISTINCT r.person), count(*), sum(r.total), sum(r.self)
		FROM r JOIN claim c ON c.id = r.claim WHERE r.category <> 0 AND r.flags & ? = 0 AND c.dise_name <> ''
		GROUP BY c.dise_name ORDER BY sum(r.total) DESC, c.dise_name LIMIT 100`, area, year, run, ledger.FlagGone)
	return out, err
}

// Months sums the settlements of everyone who is assisted or was, by month.
func (s *Store) Months(ctx context.Context, area string, year, run int) ([]ledger.FundMonth, error) {
	var out []ledger.FundMonth
	err := s.each(ctx, func(r *sql.Rows) error {
		var m ledger.FundMonth
		err := r.Scan(&m.Month, &m.Claims, &m.Total, &m.Basic, &m.Other, &m.Major, &m.Assist, &m.Tilt, &m.Special, &m.Supplement, &m.Hospital, &m.Self, &m.RecordedAssist)
		out = append(out, m)
		return err
	}, latest(&asWritten)+` SELECT c.at / 100000000, count(*), sum(r.total), sum(r.basic), sum(r.other), sum(r.major), sum(r.assist), sum(r.tilt), sum(r.special),
		sum(r.supplement), sum(r.hospital), sum(r.self), sum(r.rec_assist)
		FROM r JOIN claim c ON c.id = r.claim WHERE r.flags & ? = 0 AND (r.category <> 0 OR r.rec_assist <> 0) GROUP BY 1 ORDER BY 1`,
		area, year, run, ledger.FlagGone)
	return out, err
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
