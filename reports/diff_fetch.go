package reports

import (
	"context"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
)

// prefetched answers for many people what a comparison asks for each: a query
// for all of them instead of one for each.
type prefetched struct {
	Loader
	x             *differ
	before, after map[ledger.PersonNo]*ledger.PersonData
	events        map[ledger.PersonNo][]ledger.Event
	gone          map[ledger.PersonNo][]ledger.Withdrawn
	claims        map[ledger.PersonNo][]ledger.Claim
	reliefs       map[ledger.PersonNo][]ledger.Relief
	files         map[ledger.Seq]ledger.File
	homes         map[ledger.Seq]*homes
	entries       map[ledger.Seq]ledger.Entry
	steps         []ledger.YearStep
	merges        map[ledger.Seq][]ledger.Merge
}

func newPrefetched(x *differ) *prefetched {
	return &prefetched{Loader: x.s, x: x, homes: map[ledger.Seq]*homes{}, entries: map[ledger.Seq]ledger.Entry{}, merges: map[ledger.Seq][]ledger.Merge{}}
}

// fetch reads all about some people.
func (s *prefetched) fetch(people []ledger.PersonNo) error {
	x, code := s.x, s.x.area.Code
	for _, side := range []struct {
		into *map[ledger.PersonNo]*ledger.PersonData
		run  ledger.Run
	}{{&s.before, x.before}, {&s.after, x.after}} {
		data, err := x.s.LoadPeople(x.ctx, code, people, side.run.Seen, side.run.No)
		if err != nil {
			return err
		}
		*side.into = make(map[ledger.PersonNo]*ledger.PersonData, len(data))
		for i := range data {
			(*side.into)[data[i].Person] = &data[i]
		}
	}
	for _, d := range s.after {
		x.preview.Over(d)
	}
	events, err := x.s.Events(x.ctx, code, people, 0, x.after.Seen)
	if err != nil {
		return err
	}
	s.events = byPerson(events, func(e *ledger.Event) ledger.PersonNo { return e.Person })
	gone, err := x.s.Withdrawn(x.ctx, code, people, 0, x.after.Seen)
	if err != nil {
		return err
	}
	s.gone = byPerson(gone, func(e *ledger.Withdrawn) ledger.PersonNo { return e.Person })
	claims, err := x.s.ClaimsOf(x.ctx, code, people, x.after.Seen)
	if err != nil {
		return err
	}
	s.claims = byPerson(claims, func(c *ledger.Claim) ledger.PersonNo { return c.Person })
	reliefs, err := x.s.ReliefsOf(x.ctx, code, people, x.after.Seen)
	if err != nil {
		return err
	}
	s.reliefs = byPerson(reliefs, func(r *ledger.Relief) ledger.PersonNo { return r.Person })
	if s.files == nil {
		files, err := x.s.Files(x.ctx, 0, x.after.Seen)
		if err != nil {
			return err
		}
		s.files = filesBySeq(files)
	}
	return nil
}

func byPerson[T any](all []T, of func(*T) ledger.PersonNo) map[ledger.PersonNo][]T {
	out := map[ledger.PersonNo][]T{}
	for i := range all {
		p := of(&all[i])
		out[p] = append(out[p], all[i])
	}
	return out
}

// of reports whether a question is about one person of whom all was read, as the later
// run knew it.
func (s *prefetched) of(people []ledger.PersonNo, seen ledger.Seq) bool {
	return len(people) == 1 && s.after[people[0]] != nil && seen == s.x.after.Seen
}

// Merges implements Loader.
func (s *prefetched) Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error) {
	ms, known := s.merges[seen]
	if !known {
		var err error
		if ms, err = s.Loader.Merges(ctx, seen); err != nil {
			return nil, err
		}
		s.merges[seen] = ms
	}
	return ms, nil
}

// Events implements Source.
func (s *prefetched) Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error) {
	if s.of(people, upTo) {
		return s.events[people[0]], nil
	}
	return s.Loader.Events(ctx, area, people, after, upTo)
}

// Withdrawn implements Source.
func (s *prefetched) Withdrawn(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Withdrawn, error) {
	if s.of(people, upTo) {
		return s.gone[people[0]], nil
	}
	return s.Loader.Withdrawn(ctx, area, people, after, upTo)
}

// ClaimsOf implements Loader.
func (s *prefetched) ClaimsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Claim, error) {
	if s.of(people, seen) {
		return s.claims[people[0]], nil
	}
	return s.Loader.ClaimsOf(ctx, area, people, seen)
}

// ReliefsOf implements Loader.
func (s *prefetched) ReliefsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Relief, error) {
	if s.of(people, seen) {
		return s.reliefs[people[0]], nil
	}
	return s.Loader.ReliefsOf(ctx, area, people, seen)
}

// YearSteps implements Loader.
func (s *prefetched) YearSteps(context.Context, string, ledger.Seq) ([]ledger.YearStep, error) {
	return s.steps, nil
}

// Entry implements Source.
func (s *prefetched) Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error) {
	e, known := s.entries[seq]
	if !known {
		var err error
		if e, err = s.Loader.Entry(ctx, seq); err != nil {
			return e, err
		}
		s.entries[seq] = e
	}
	return e, nil
}

// homes are the households of an area: whose anyone is, and who is in each.
type homes struct {
	root    map[ledger.PersonNo]ledger.PersonNo
	members map[ledger.PersonNo][]ledger.PersonNo
}

func (s *prefetched) household(p ledger.PersonNo, seen ledger.Seq) (ledger.PersonNo, []ledger.PersonNo, error) {
	h := s.homes[seen]
	if h == nil {
		heads, err := s.Heads(s.x.ctx, s.x.area.Code, seen)
		if err != nil {
			return 0, nil, err
		}
		h = &homes{recompute.Roots(heads), map[ledger.PersonNo][]ledger.PersonNo{}}
		for m, root := range h.root {
			if m != root {
				h.members[root] = append(h.members[root], m)
			}
		}
		s.homes[seen] = h
	}
	root, named := h.root[p]
	if !named {
		root = p
	}
	members := append([]ledger.PersonNo{root}, h.members[root]...)
	slices.Sort(members)
	return root, members, nil
}
