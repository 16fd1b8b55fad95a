package recompute

import (
	"context"
	"iter"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// households says who lives with whom, where the policy watches households.
type households struct {
	on      bool
	root    map[ledger.PersonNo]ledger.PersonNo   // as the run sees it
	members map[ledger.PersonNo][]ledger.PersonNo // of the households to look at, by their roots
	extra   []ledger.PersonNo                     // roots on no other record, whose cases an earlier policy opened
}

// Roots names the household of everyone for whom a head was given. A head who
// has a head is of that one's household, with all who name him. People who name
// each other in a circle say nothing: each of them lives alone.
func Roots(heads map[ledger.PersonNo]ledger.PersonNo) map[ledger.PersonNo]ledger.PersonNo {
	out := make(map[ledger.PersonNo]ledger.PersonNo, len(heads))
	for p := range heads {
		var path []ledger.PersonNo
		place := map[ledger.PersonNo]int{}
		root := p
		for {
			if r, known := out[root]; known {
				root = r
				break
			}
			if k, again := place[root]; again { // a circle: everyone on it is alone
				for _, q := range path[k:] {
					out[q] = q
				}
				path = path[:k]
				break
			}
			place[root] = len(path)
			path = append(path, root)
			next, named := heads[root]
			if !named || next == root {
				break
			}
			root = next
		}
		for _, q := range path {
			out[q] = root
		}
	}
	for p := range out { // heads of whom nothing says under whom they live
		if _, named := heads[p]; !named {
			delete(out, p)
		}
	}
	return out
}

// rootOf is the household of a person; who names nobody lives alone.
func rootOf(roots map[ledger.PersonNo]ledger.PersonNo, p ledger.PersonNo) ledger.PersonNo {
	if r, ok := roots[p]; ok {
		return r
	}
	return p
}

// householdsOf finds the households of which the touched people are or were, and
// everyone in them: what one member does moves the case of all.
func householdsOf(ctx context.Context, l Ledger, j Job, people []ledger.PersonNo) (households, error) {
	h := households{on: j.Policy.WatchesHouseholds()}
	if !h.on && !j.Full || len(people) == 0 {
		return h, nil
	}
	heads, err := l.Heads(ctx, j.Area, j.Seen)
	if err != nil {
		return h, err
	}
	h.root = Roots(heads)
	var was map[ledger.PersonNo]ledger.PersonNo
	if j.After > 0 {
		if heads, err = l.Heads(ctx, j.Area, j.After); err != nil {
			return h, err
		}
		was = Roots(heads)
	}
	if !h.on {
		h.extra = rootsBeside(people, h.root, was)
		return h, nil
	}
	h.members = map[ledger.PersonNo][]ledger.PersonNo{}
	look := func(p ledger.PersonNo) { h.members[rootOf(h.root, p)], h.members[rootOf(was, p)] = nil, nil }
	for _, p := range people {
		look(p)
	}
	// A head who moves takes along people of whom nothing came.
	for _, m := range []map[ledger.PersonNo]ledger.PersonNo{h.root, was} {
		for p := range m {
			if rootOf(h.root, p) != rootOf(was, p) {
				look(p)
			}
		}
	}
	for p, root := range h.root {
		if ms, ok := h.members[root]; ok && p != root {
			h.members[root] = append(ms, p)
		}
	}
	for root, ms := range h.members {
		if rootOf(h.root, root) == root { // else a household that is no more
			ms = append(ms, root)
		}
		slices.Sort(ms)
		h.members[root] = ms
	}
	return h, nil
}

// rootsBeside are the roots that are not among people, who are in order.
func rootsBeside(people []ledger.PersonNo, roots ...map[ledger.PersonNo]ledger.PersonNo) []ledger.PersonNo {
	var out []ledger.PersonNo
	for _, m := range roots {
		for _, root := range m {
			if _, known := slices.BinarySearch(people, root); !known {
				out = append(out, root)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// chunks cuts people into parts of about n, the members of one household in one
// part. Without households it is slices.Chunk.
func (h *households) chunks(people []ledger.PersonNo, n int) iter.Seq[[]ledger.PersonNo] {
	if !h.on {
		return slices.Chunk(append(slices.Clip(people), h.extra...), n)
	}
	order := make([]ledger.PersonNo, 0, len(h.members))
	for root := range h.members {
		order = append(order, root)
	}
	slices.Sort(order)
	return func(yield func([]ledger.PersonNo) bool) {
		var part []ledger.PersonNo
		for _, root := range order {
			ms := h.members[root]
			if len(part) > 0 && len(part)+len(ms) > n {
				if !yield(part) {
					return
				}
				part = nil
			}
			part = append(part, ms...)
		}
		if len(part) > 0 {
			yield(part)
		}
	}
}

// watch follows the households of a part, all of whose members are settled, and
// adds to the root's outcome what changed.
func (h *households) watch(j Job, data []ledger.PersonData, outs []outcome) {
	if !h.on {
		return
	}
	at := make(map[ledger.PersonNo]int, len(data))
	for i := range data {
		at[data[i].Person] = i
	}
	for i := range data {
		root := data[i].Person
		ms, watched := h.members[root]
		if !watched {
			continue
		}
		var live []dweller
		for _, p := range ms {
			live = append(live, dweller{&outs[at[p]], &data[at[p]]})
		}
		var now []ledger.Case
		for year, members := range together(live) {
			for _, c := range j.Policy.WatchHousehold(year, members) {
				now = append(now, ledger.Case{Run: j.Run, Area: j.Area, Person: root, Level: ledger.LevelHousehold, Case: c})
			}
		}
		var before []ledger.Case
		for _, c := range data[i].Cases {
			if c.Level == ledger.LevelHousehold && !j.closed(c.Year) {
				before = append(before, c)
			}
		}
		outs[i].compareCases(j, now, before)
	}
}

// dweller is a settled person who lives in a household.
type dweller struct {
	out  *outcome
	data *ledger.PersonData
}

// together are the years of a household, of those in which anyone in it has a
// claim. Who has none still has an identity in it, and may be helped.
func together(live []dweller) map[int][]rules.Member {
	years := map[int][]rules.Member{}
	for _, x := range live {
		for year := range x.out.members {
			years[year] = nil
		}
	}
	for year := range years {
		for _, x := range live {
			m, ok := x.out.members[year]
			if !ok {
				m = rules.Member{Spells: x.out.spells, Helps: helps(x.data, year)}
			}
			years[year] = append(years[year], m)
		}
	}
	return years
}
