// Package recompute finds which people a change touches, settles their years
// under the area's policy, and keeps what differs from the last run.
package recompute

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// Ledger is what this room reads.
type Ledger interface {
	People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error)
	Touched(ctx context.Context, area string, after, seen ledger.Seq) ([]ledger.PersonNo, error)
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	// Heads gives the head of the household of everyone for whom one was named.
	Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error)
}

// Job is one area's part of a run.
type Job struct {
	Area   string
	Policy *rules.Policy
	Run    int
	Seen   ledger.Seq // what the run sees
	After  ledger.Seq // what the last run saw
	Last   int        // the last run; 0 for none
	Full   bool       // settle everyone, not only whom something new touches
	// Also are people to settle beside them, in ascending order.
	Also []ledger.PersonNo
	// Closed are years whose cases do not move any more, in ascending order.
	Closed []int
	// Progress, where set, is told how many of the touched people are settled.
	Progress func(done, total int)
}

// closed reports whether a year's cases stay as they are.
func (j *Job) closed(year int) bool {
	_, found := slices.BinarySearch(j.Closed, year)
	return found
}

// Totals are what a job counted.
type Totals struct {
	People, Touched, PersonYears, Claims, Changed int
	CasesOpened, CasesCleared                     int
	Load, Settle, Store                           time.Duration
}

// chunk bounds memory: so many people are loaded, settled and stored at a time.
const chunk = 10_000

// Settle settles whom the job touches and writes what changed. now is a
// monotonic clock for the stage times.
func Settle(ctx context.Context, l Ledger, w ledger.RunWriter, j Job, now func() time.Time) (Totals, error) {
	var t Totals
	all, err := l.People(ctx, j.Area, j.Seen)
	if err != nil {
		return t, err
	}
	t.People = len(all)
	people, err := l.Touched(ctx, j.Area, j.After, j.Seen)
	if err != nil {
		return t, err
	}
	also := j.Also
	if j.Full {
		// More than everyone: whose ID was corrected to another person has nothing any
		// more, and the cases under it must go, those of a year that was closed when
		// the ID was corrected too.
		if also, err = l.Touched(ctx, j.Area, 0, j.Seen); err != nil {
			return t, err
		}
	}
	if len(also) > 0 {
		people = slices.Concat(people, also)
		slices.Sort(people)
		people = slices.Compact(people)
	}
	t.Touched = len(people)
	h, err := householdsOf(ctx, l, j, people)
	if err != nil {
		return t, err
	}
	done := 0
	for part := range h.chunks(people, chunk) {
		start := now()
		data, err := l.LoadPeople(ctx, j.Area, part, j.Seen, j.Last)
		if err != nil {
			return t, err
		}
		loaded := now()
		outs := make([]outcome, len(data))
		if err := inParallel(ctx, len(data), func(i int) error {
			var err error
			outs[i], err = person(j, &data[i])
			return err
		}); err != nil {
			return t, err
		}
		h.watch(j, data, outs)
		settled := now()
		for i := range outs {
			o := &outs[i]
			t.PersonYears += o.years
			t.Claims += o.claims
			t.Changed += len(o.results)
			t.CasesOpened += o.opened
			t.CasesCleared += o.cleared
			for k := range o.results {
				if err := w.Result(&o.results[k]); err != nil {
					return t, err
				}
			}
			for k := range o.cases {
				if err := w.Case(&o.cases[k]); err != nil {
					return t, err
				}
			}
		}
		done = min(done+len(part), len(people)) // members of households come on top
		if j.Progress != nil {
			j.Progress(done, len(people))
		}
		t.Load += loaded.Sub(start)
		t.Settle += settled.Sub(loaded)
		t.Store += now().Sub(settled)
	}
	return t, nil
}

// inParallel calls f(0..n-1) on all processors and gives the first error.
func inParallel(ctx context.Context, n int, f func(int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			for i := k; i < n; i += workers {
				if err := ctx.Err(); err != nil {
					errs[k] = err
					return
				}
				if err := f(i); err != nil {
					errs[k] = err
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// outcome is what changed for one person.
type outcome struct {
	results         []ledger.Result
	cases           []ledger.Case
	years, claims   int
	opened, cleared int
	spells          []rules.Spell
	members         map[int]rules.Member // by year with claims, where households are watched
}

// person settles every year of one person and compares with the last run.
func person(j Job, d *ledger.PersonData) (outcome, error) {
	var o outcome
	spells, _ := j.Policy.Spells(d.Events)
	windows := j.Policy.Windows(spells)
	live := Live(d.Claims, d.Refunds)
	o.claims = len(live)

	households := j.Policy.WatchesHouseholds()

	was := make(map[int64]*ledger.Result, len(d.Results))
	for i := range d.Results {
		was[d.Results[i].Claim] = &d.Results[i]
	}
	keep := func(x ledger.Result) {
		if old := was[x.Claim]; old == nil || !old.Same(x) {
			o.results = append(o.results, x)
		}
		delete(was, x.Claim)
	}
	var cases []ledger.Case
	years := map[int]bool{}
	for year, claims := range ByYear(live) {
		o.years++
		years[year] = true
		results, err := j.Policy.SettleYear(spells, windows, claims, nil, nil)
		if err != nil {
			return o, fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
		}
		for i := range claims {
			keep(resultOf(j, d.Person, year, &claims[i], &results[i], len(spells) > 0))
		}
		if j.closed(year) {
			continue
		}
		m := rules.Member{Spells: spells, Claims: claims, Results: results, Helps: helps(d, year)}
		for _, c := range j.Policy.Watch(year, m) {
			cases = append(cases, ledger.Case{Run: j.Run, Area: j.Area, Person: d.Person, Level: ledger.LevelPerson, Case: c})
		}
		if households {
			if o.members == nil {
				o.members = map[int]rules.Member{}
			}
			o.members[year] = m
		}
	}
	// A claim that had a result and counts no longer: refunded since.
	for _, c := range d.Claims {
		if old := was[c.Ref]; old != nil && old.Flags&ledger.FlagGone == 0 {
			o.years += count(years, old.Year)
			o.results = append(o.results, ledger.Result{Run: j.Run, Area: j.Area, Person: d.Person, Year: old.Year, Claim: old.Claim,
				Flags: ledger.FlagGone, Pack: old.Pack})
		}
	}
	o.spells = spells
	// Those of the household are compared when all its members are settled.
	o.compareCases(j, cases, slices.DeleteFunc(slices.Clone(d.Cases), func(c ledger.Case) bool {
		return households && c.Level == ledger.LevelHousehold || j.closed(c.Year)
	}))
	return o, nil
}

func count(seen map[int]bool, year int) int {
	if seen[year] {
		return 0
	}
	seen[year] = true
	return 1
}

func resultOf(j Job, p ledger.PersonNo, year int, c *rules.Claim, r *rules.Result, listed bool) ledger.Result {
	x := ledger.Result{Run: j.Run, Area: j.Area, Person: p, Year: year, Claim: c.Ref, Category: r.Category, Event: r.Event,
		Total: c.Total, InScope: c.InScope, Due: *r, Recorded: c.Recorded()}
	if r.Pack != nil {
		x.Pack = r.Pack.ID
	}
	x.Due.Pack = nil
	if r.Retro {
		x.Flags |= ledger.FlagRetro
	}
	if r.NoPack {
		x.Flags |= ledger.FlagNoPack
	}
	if !listed {
		x.Flags |= ledger.FlagUnlisted
	}
	return x
}

// compareCases keeps the cases that differ from the last run and counts those
// that opened and cleared since.
func (o *outcome) compareCases(j Job, now, before []ledger.Case) {
	type key struct {
		year           int
		monitor, level string
	}
	old := map[key]ledger.Case{}
	for _, c := range before {
		old[key{c.Year, c.Monitor, c.Level}] = c
	}
	for i := range now {
		c := &now[i]
		k := key{c.Year, c.Monitor, c.Level}
		prev, had := old[k]
		had = had && !prev.Gone
		delete(old, k)
		if !had {
			o.opened++
		}
		if c.State == rules.Cleared && !(had && prev.State == rules.Cleared) {
			o.cleared++
		}
		if !had || !slices.Equal(prev.Content(nil), c.Content(nil)) {
			o.cases = append(o.cases, *c)
		}
	}
	for k, c := range old {
		if c.Gone {
			continue
		}
		gone := ledger.Case{Run: j.Run, Area: j.Area, Person: c.Person, Level: c.Level, Gone: true}
		gone.Year, gone.Monitor, gone.Name, gone.Line = k.year, k.monitor, c.Name, c.Line
		o.cases = append(o.cases, gone)
	}
	slices.SortFunc(o.cases, func(a, b ledger.Case) int {
		return slices.Compare([]string{fmt.Sprint(a.Year), a.Monitor}, []string{fmt.Sprint(b.Year), b.Monitor})
	})
}

// Live are the settlements that no refund has cancelled, in the order of the
// waterfall (semantics §3). A refund cancels only a settlement of the same
// person, and all of it, whatever amount it gives: the platform takes back whole
// settlements and settles anew. Refunds of another amount, and second ones, are
// listed (ledger.WaitingRefund).
func Live(claims []rules.Claim, refunds []ledger.Refund) []rules.Claim {
	live := claims
	if len(refunds) > 0 {
		gone := make(map[string]bool, len(refunds))
		for _, r := range refunds {
			gone[r.Original] = true
		}
		live = make([]rules.Claim, 0, len(claims))
		for _, c := range claims {
			if !gone[c.ID] {
				live = append(live, c)
			}
		}
	}
	rules.SortClaims(live)
	return live
}

// ByYear cuts sorted claims into benefit years.
func ByYear(claims []rules.Claim) func(yield func(int, []rules.Claim) bool) {
	return func(yield func(int, []rules.Claim) bool) {
		for len(claims) > 0 {
			y := claims[0].At.Date().Year()
			n := 1
			for n < len(claims) && claims[n].At.Date().Year() == y {
				n++
			}
			if !yield(y, claims[:n]) {
				return
			}
			claims = claims[n:]
		}
	}
}

// helps are relief of the year and posted payments on its claims.
func helps(d *ledger.PersonData, year int) []rules.Help {
	var hs []rules.Help
	for _, h := range d.Relief {
		if h.Date.Year() == year {
			hs = append(hs, h)
		}
	}
	for _, p := range d.Postings {
		if p.Year == year && p.Amount > 0 {
			hs = append(hs, rules.Help{Ref: p.ID, Date: p.Date, Source: strconv.FormatInt(p.Claim, 10), Amount: p.Amount, Posted: true})
		}
	}
	slices.SortFunc(hs, func(a, b rules.Help) int {
		// By what they are, never by when they arrived. The number decides only
		// between two of which everything else is alike, so that loading them in
		// another order changes nothing.
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Ref, b.Ref))
	})
	return hs
}
