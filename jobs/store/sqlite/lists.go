package sqlite

import (
	"context"
	"database/sql"

	"doudi/jobs/ledger"
)

// The lists below give what is known at seen, a record at a time, in an order
// that what is on record alone decides: people by the keyed hash of their IDs,
// never by numbers, which tell who was heard of first. A record is the
// callback's to keep, but that of an enrolment, of which there are as many as
// people: it holds until the callback returns. Sealed columns are not opened.

// Enrolments reads the enrolments of an area; year 0 is every year. A person's
// come one after the other.
func (s *Store) Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return s.enrolments(ctx, area, year, nil, seen, f)
}

// EnrolmentsOf is Enrolments of some people.
func (s *Store) EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return s.enrolments(ctx, area, year, append([]ledger.PersonNo{}, people...), seen, f)
}

func (s *Store) enrolments(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	// One row is read at a time, always into the same variables.
	var x ledger.Enrolment
	var in, insutype, where, by sql.RawBytes
	texts := intern{}
	row := append(place(&x.ID, &x.Src), &in, whole(&x.Person), whole(&x.Name), whole(&x.Year), &insutype, whole(&x.Plan), &where, whole(&x.PaidOn),
		whole(&x.Own), whole(&x.Subsidy), &by)
	return s.list(ctx, "enrolment", "year, plan, insutype, place, paid_on, own, subsidy, by", yearIs(year), area, people, seen, func(r *sql.Rows, m *heard) error {
		if err := r.Scan(row...); err != nil {
			return err
		}
		if x.Person = m.now(x.Person); m.twice[x.ID] {
			return nil
		}
		x.Area, x.Insutype, x.Place, x.By = texts.as(in), texts.as(insutype), texts.as(where), texts.as(by)
		return f(&x)
	})
}

// Contributions reads the months of contributions of an area, a person's one
// after the other by month.
func (s *Store) Contributions(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Contribution) error) error {
	return s.list(ctx, "contribution", "month, base, paid, flexible", "", area, nil, seen, func(r *sql.Rows, m *heard) error {
		var x ledger.Contribution
		if err := r.Scan(contributionFields(&x)...); err != nil {
			return err
		}
		if x.Person = m.now(x.Person); m.twice[x.ID] {
			return nil
		}
		return f(&x)
	})
}

// Births reads the births of an area, a person's one after the other by date.
func (s *Store) Births(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Birth) error) error {
	return s.list(ctx, "birth", "date, days", "", area, nil, seen, func(r *sql.Rows, m *heard) error {
		var x ledger.Birth
		if err := r.Scan(birthFields(&x)...); err != nil {
			return err
		}
		if x.Person = m.now(x.Person); m.twice[x.ID] {
			return nil
		}
		return f(&x)
	})
}

// Items reads the lines of bills of an area, those of a person's settlement one
// after the other.
func (s *Store) Items(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Item) error) error {
	return s.list(ctx, "item", "setl_id, date, code, item_name, class, price, base_price, quantity, amount", "", area, nil, seen, func(r *sql.Rows, m *heard) error {
		var x ledger.Item
		if err := r.Scan(itemFields(&x)...); err != nil {
			return err
		}
		if x.Person = m.now(x.Person); m.twice[x.ID] {
			return nil
		}
		return f(&x)
	})
}

// Transfers reads the payments of the finance bureau of an area by date, batch
// and item; those to one payee one after the other.
func (s *Store) Transfers(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Transfer) error) error {
	m, err := s.heardAt(ctx, "transfer", seen)
	if err != nil {
		return err
	}
	return s.each(ctx, func(r *sql.Rows) error {
		var x ledger.Transfer
		if err := r.Scan(transferFields(&x)...); err != nil {
			return err
		}
		if x.Person = m.now(x.Person); m.twice[x.ID] {
			return nil
		}
		if nth, ok := m.nth[x.ID]; ok {
			x.Nth = nth
		}
		return f(&x)
	}, `SELECT `+columnsOf("transfer", "x.")+` FROM transfer x LEFT JOIN identity i ON i.id = `+m.nowOf("x.person")+` LEFT JOIN identity n ON n.id = x.payee
		WHERE x.area = ? AND x.seq <= ? ORDER BY x.date, x.batch, x.item, n.lookup, i.lookup, x.payer, x.from_month, x.to_month, x.setl_id, x.amount, x.nth`+m.lastly(),
		area, seen)
}

// list reads a table by person and then by order, which names every other
// column of a row's content: no two rows have the same, unless they came under two
// numbers of one person.
func (s *Store) list(ctx context.Context, table, order, where, area string, people []ledger.PersonNo, seen ledger.Seq, f func(*sql.Rows, *heard) error) error {
	m, err := s.heardAt(ctx, table, seen)
	if err != nil {
		return err
	}
	args := []any{area, seen}
	if people != nil { // not everyone: by their index
		where += ` AND x.person IN (SELECT value FROM json_each(?))`
		args = append(args, jsonList(m.numbers(people)))
	}
	return s.each(ctx, func(r *sql.Rows) error { return f(r, m) }, `SELECT `+columnsOf(table, "x.")+` FROM `+table+` x JOIN identity i ON i.id = `+m.nowOf("x.person")+`
		WHERE area = ? AND x.seq <= ?`+where+` ORDER BY i.lookup, `+order+m.lastly(), args...)
}
