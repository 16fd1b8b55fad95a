package intake

import (
	"cmp"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// roll is a full list that is in force, with the people of whom it is asked here.
type roll struct {
	ledger.FullList
	seq  ledger.Seq
	name string    // of the file
	own  *fullList // of this file
	over []over    // what took its place since
	says map[ledger.PersonNo][]listing
}

// listing is a row of a full list: who is on it, and since when if it says so.
type listing struct {
	e *ledger.Event
	l *rosterEntry // of this file
}

// over is a file that took the place of a full list, for some categories or all.
type over struct {
	by    ledger.Seq
	all   bool
	cats  rules.CategorySet
	lists []ledger.FullList
}

// rolls are the full lists on record and of this file.
func (x *rosters) rolls(own []*roll) []*roll {
	f := *x.im.file
	f.Name, f.Effect = x.im.name, &x.effect
	all := append(slices.SortedFunc(maps.Values(x.files), func(a, b ledger.File) int { return cmp.Compare(a.Seq, b.Seq) }), f)
	// Rows that came back go by the number of their ID: whose that is may have changed.
	for i := range all {
		all[i].Lists = slices.Clone(all[i].Lists)
		for k := range all[i].Lists {
			all[i].Lists[k].Held = x.people(all[i].Lists[k].Held)
		}
	}
	var out []*roll
	for i := range all {
		for _, l := range all[i].Lists {
			if all[i].Seq != f.Seq {
				out = append(out, &roll{FullList: l, seq: all[i].Seq, name: all[i].Name, says: map[ledger.PersonNo][]listing{}})
			}
		}
	}
	for _, r := range own {
		r.name, r.Held = f.Name, x.people(r.Held)
		out = append(out, r)
	}
	for _, r := range out {
		was := &all[slices.IndexFunc(all, func(o ledger.File) bool { return o.Seq == r.seq })]
		for i := range all {
			if g := &all[i]; stands(g) > stands(was) || g.Seq > was.Seq && stands(g) == stands(was) {
				r.supersede(was, g)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *roll) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Month, b.Month)) })
	return out
}

// people are whose some numbers are, in order.
func (x *rosters) people(numbers []ledger.PersonNo) []ledger.PersonNo {
	var out []ledger.PersonNo
	for _, p := range numbers {
		out = append(out, x.im.t.Whose(p))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// supersede notes what a later file takes of a full list's place: a correction of
// it, or the list of its name and day that was sent once more.
func (r *roll) supersede(was, g *ledger.File) {
	same := listName(g.Name) == listName(was.Name)
	o := over{by: g.Seq, lists: g.Lists}
	for _, l := range g.Lists {
		for _, s := range l.Scope {
			o.cats |= rules.SetOf(s.Category)
		}
		o.all = o.all || same && l.On == r.On && l.Month == r.Month && deptKey(g.Source) == deptKey(was.Source)
	}
	corrects := g.Effect.Correction && slices.Contains(g.Effect.Replaced, was.Seq)
	o.all = o.all || corrects && same
	if o.all || corrects {
		r.over = append(r.over, o)
	}
}

// holds reports whether a list leaves somebody as they stand, since a returned row
// may be theirs.
func holds(l *ledger.FullList, p ledger.PersonNo) bool {
	_, held := slices.BinarySearch(l.Held, p)
	return l.Anybody || held
}

// stands reports whether what a list says of somebody's category counts still.
func (r *roll) stands(p ledger.PersonNo, c rules.Category) bool {
	return !slices.ContainsFunc(r.over, func(o over) bool {
		return (o.all || o.cats.Has(c)) && !slices.ContainsFunc(o.lists, func(l ledger.FullList) bool { return holds(&l, p) })
	})
}
