package simulate

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
)

// worker settles chunks, one after another.
type worker struct {
	plan   *plan
	ledger Ledger
	seen   ledger.Seq
	roots  map[ledger.PersonNo]ledger.PersonNo // where households are watched
	tally  Tally

	before, after, probe settled // used again for each chunk
}

// person is somebody's year before a policy is applied.
type person struct {
	no     ledger.PersonNo
	events []rules.Event
	claims []rules.Claim // that count in the year
	helps  []rules.Help
}

// settled is a chunk under one policy.
type settled struct {
	spells  [][]rules.Spell
	results []rules.Result // of all, one after another
	cases   [][]rules.Case // of people, then of households
}

// chunk settles some people under both policies and adds what differs.
func (w *worker) chunk(ctx context.Context, part []ledger.PersonNo) error {
	data, err := w.ledger.LoadPeople(ctx, w.plan.area.Code, part, w.seen, 0)
	if err != nil {
		return err
	}
	people := make([]person, 0, len(data))
	for i := range data {
		if x := yearOf(&data[i], w.plan.year); len(x.claims) > 0 || w.roots != nil { // a household is more than those with claims
			people = append(people, x)
		}
	}
	houses := w.houses(people)
	if err := w.settle(ctx, w.plan.area.Policy, people, houses, &w.before); err != nil {
		return err
	}
	if err := w.settle(ctx, w.plan.after, people, houses, &w.after); err != nil {
		return err
	}
	if err := w.count(ctx, people); err != nil {
		return err
	}
	for i := range w.plan.probes {
		if err := w.try(ctx, &w.plan.probes[i], people, houses); err != nil {
			return err
		}
	}
	return nil
}

// try settles the chunk once more for a key of which it is not known yet whether
// it has an effect.
func (w *worker) try(ctx context.Context, pr *probe, people []person, houses [][]int) error {
	for _, x := range []struct {
		policy *rules.Policy
		beside *settled
	}{{pr.alone, &w.before}, {pr.without, &w.after}} {
		if x.policy == nil || pr.found.Load() {
			continue
		}
		probed := &w.after // the only key of the draft
		if x.policy != w.plan.after {
			probed = &w.probe
			if err := w.settle(ctx, x.policy, people, houses, probed); err != nil {
				return err
			}
		}
		if probed.differs(x.beside) {
			pr.found.Store(true)
		}
	}
	return nil
}

// yearOf takes from what is known of a person what counts in the year.
func yearOf(d *ledger.PersonData, year int) person {
	x := person{no: d.Person, events: d.Events}
	claims := slices.DeleteFunc(d.Claims, func(c rules.Claim) bool { return c.At.Date().Year() != year })
	if len(claims) > 0 {
		x.claims = recompute.Live(claims, d.Refunds)
	}
	for _, h := range d.Relief {
		if h.Date.Year() == year {
			x.helps = append(x.helps, h)
		}
	}
	for _, p := range d.Postings {
		if p.Year == year && p.Amount > 0 {
			x.helps = append(x.helps, rules.Help{Ref: p.ID, Date: p.Date, Source: strconv.FormatInt(p.Claim, 10), Amount: p.Amount, Posted: true})
		}
	}
	return x
}

// houses groups the people of a chunk by household; none where no policy watches
// households.
func (w *worker) houses(people []person) [][]int {
	if w.roots == nil {
		return nil
	}
	var out [][]int
	at := map[ledger.PersonNo]int{}
	for i := range people {
		root := rootOf(w.roots, people[i].no)
		k, known := at[root]
		if !known {
			k = len(out)
			at[root] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
}

// settle settles a chunk under a policy.
func (w *worker) settle(ctx context.Context, pol *rules.Policy, people []person, houses [][]int, s *settled) error {
	s.spells, s.results, s.cases = s.spells[:0], s.results[:0], s.cases[:0]
	members := make([]rules.Member, len(people))
	for i := range people {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		x := &people[i]
		spells, _ := pol.Spells(x.events)
		from := len(s.results)
		var err error
		if s.results, err = pol.SettleYear(spells, pol.Windows(spells), x.claims, s.results, nil); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
		}
		s.spells = append(s.spells, spells)
		members[i] = rules.Member{Spells: spells, Claims: x.claims, Results: s.results[from:len(s.results):len(s.results)], Helps: x.helps}
		s.cases = append(s.cases, pol.Watch(w.plan.year, members[i]))
	}
	for _, h := range houses {
		var ms []rules.Member
		for _, i := range h {
			ms = append(ms, members[i])
		}
		s.cases = append(s.cases, pol.WatchHousehold(w.plan.year, ms))
	}
	return nil
}

// differs reports whether a figure or a case is another one.
func (s *settled) differs(o *settled) bool {
	for i := range s.results {
		if BucketsOf(&s.results[i]) != BucketsOf(&o.results[i]) {
			return true
		}
	}
	return !slices.EqualFunc(s.cases, o.cases, func(a, b []rules.Case) bool { return slices.EqualFunc(a, b, sameCase) })
}

func sameCase(a, b rules.Case) bool {
	return a.Monitor == b.Monitor && a.State == b.State && slices.Equal(a.Moves, b.Moves)
}
