package sqlite

import (
	"database/sql"
	"strings"

	"doudi/jobs/ledger"
)

// elsewhere is what a file's settlements are compared with: those of other areas.
// Nothing of it changes while the file is taken.
type elsewhere struct {
	areas   []string                   // beside the file's, in order
	refunds map[string]map[string]seen // by area and original
}

// seen is a settlement of another area, or a refund.
type seen struct {
	person ledger.PersonNo
	refund bool
}

// Elsewhere implements ledger.Taker.
func (t *Taking) Elsewhere(cs []*ledger.Claim) ([]string, error) {
	out := make([]string, len(cs))
	if len(cs) == 0 {
		return out, nil
	}
	if t.elsewhere == nil {
		var err error
		if t.elsewhere, err = t.otherAreas(cs[0].Area); err != nil {
			return nil, err
		}
	}
	if len(t.elsewhere.areas) == 0 {
		return out, nil
	}
	if err := t.into["claim"].rows.flush(); err != nil {
		return nil, err
	}
	ids := make([]any, 0, 2*len(cs))
	for _, c := range cs {
		ids = append(ids, c.ID)
		if c.Refund {
			ids = append(ids, c.RefundOf)
		}
	}
	own, err := t.onRecord(cs[0].Area, ids)
	if err != nil {
		return nil, err
	}
	for _, area := range t.elsewhere.areas {
		there, err := t.onRecord(area, ids)
		if err != nil {
			return nil, err
		}
		for i, c := range cs {
			if out[i] == "" && t.belongs(c, own, there, t.elsewhere.refunds[area]) {
				out[i] = area
			}
		}
	}
	return out, nil
}

// belongs reports whether a settlement or refund is of another area, by what is on
// record here and there. What was taken back there may be taken here: so somebody puts
// right that a file was read into the wrong area.
func (t *Taking) belongs(c *ledger.Claim, own, there, refunds map[string]seen) bool {
	same := func(m map[string]seen, id string, refund bool) bool {
		x, ok := m[id]
		return ok && x.refund == refund && t.moves.now(x.person) == t.moves.now(c.Person)
	}
	live := func(id string) bool { return same(there, id, false) && !same(refunds, id, true) }
	if c.Refund {
		return !same(own, c.RefundOf, false) && !same(own, c.ID, true) && (live(c.RefundOf) || same(there, c.ID, true))
	}
	// A refund that waits there for this settlement keeps it there as the settlement would.
	waits := same(refunds, c.ID, true) && !same(there, c.ID, false)
	return !same(own, c.ID, false) && (live(c.ID) || waits)
}

// onRecord are those of some settlements and refunds that an area has.
func (t *Taking) onRecord(area string, ids []any) (map[string]seen, error) {
	out := map[string]seen{}
	err := scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var id string
		var x seen
		err := r.Scan(&id, &x.person, &x.refund)
		out[id] = x
		return err
	}, `SELECT setl_id, person, refund FROM claim WHERE area = ? AND setl_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, append([]any{area}, ids...)...)
	return out, err
}

// otherAreas finds the areas that have files, and their refunds.
func (t *Taking) otherAreas(area string) (*elsewhere, error) {
	e := &elsewhere{refunds: map[string]map[string]seen{}}
	err := scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var other string
		err := r.Scan(&other)
		e.areas = append(e.areas, other)
		return err
	}, `SELECT DISTINCT area FROM file WHERE area <> ? ORDER BY area`, area)
	if err != nil || len(e.areas) == 0 {
		return e, err
	}
	err = scanAll(t.ctx, t.tx, func(r *sql.Rows) error {
		var in, of string
		x := seen{refund: true}
		err := r.Scan(&in, &of, &x.person)
		if e.refunds[in] == nil {
			e.refunds[in] = map[string]seen{}
		}
		e.refunds[in][of] = x
		return err
	}, `SELECT area, refund_of, person FROM claim WHERE area <> ? AND refund <> 0`, area)
	return e, err
}
