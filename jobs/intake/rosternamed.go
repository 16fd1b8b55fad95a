package intake

import (
	"cmp"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// naming is a row of a full list without a day that names somebody, with an event that
// says the same of them.
type naming struct {
	of  *ledger.Event // numbered when the ledger has it
	row *ledger.Event
	on  civil.Date
}

func (x *rosters) roll(r *roll, s listing, of *ledger.Event) {
	x.again = append(x.again, naming{of, s.e, r.On})
}

// names puts on record whom full lists name without a day: by the events that say the
// same, and what rows under another number than that of the event say themselves. By a
// correction of an ID they are of one person now; it may be undone.
func (x *rosters) names() error {
	type place struct {
		on    civil.Date
		event int64
	}
	rows, other := map[place][]*ledger.Event{}, map[place]bool{}
	for _, n := range x.again {
		if err := x.im.t.Names(n.of.ID, n.row.Month, n.row.Src); err != nil {
			return err
		}
		k := place{n.on, n.of.ID}
		if !slices.ContainsFunc(rows[k], func(o *ledger.Event) bool { return o.Person == n.row.Person }) {
			rows[k] = append(rows[k], n.row)
		}
		other[k] = other[k] || n.row.Person != n.of.Person
	}
	for i := range x.im.file.Lists {
		l := &x.im.file.Lists[i]
		for k := range other {
			if !other[k] || k.on != l.On {
				continue
			}
			for _, e := range rows[k] {
				l.Named = append(l.Named, ledger.Naming{Event: k.event, Person: e.Person, Name: e.Name, Head: e.Head, Cause: e.Cause, Expiry: e.Expiry, Level: e.Level,
					Township: e.Township, Village: e.Village, Dept: e.Dept, County: e.County, Applied: e.Applied})
			}
		}
		slices.SortFunc(l.Named, func(a, b ledger.Naming) int {
			return cmp.Or(cmp.Compare(a.Event, b.Event), cmp.Compare(a.Person, b.Person))
		})
	}
	return nil
}

// named are the rows of a full list on record that an event stands for.
func (r *roll) named(e *ledger.Event) (out []*ledger.Event) {
	undated := *e
	undated.Date = 0
	for _, n := range r.Named {
		if n.Event == e.ID {
			row := undated
			row.Person, row.Name, row.Head, row.Cause, row.Expiry, row.Level = n.Person, n.Name, n.Head, n.Cause, n.Expiry, n.Level
			row.Township, row.Village, row.Dept, row.County, row.Applied = n.Township, n.Village, n.Dept, n.County, n.Applied
			out = append(out, &row)
		}
	}
	if out == nil {
		out = append(out, &undated)
	}
	return out
}
