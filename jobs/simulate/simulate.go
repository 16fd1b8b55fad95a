package simulate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/pack"
)

// Ledger is what this room reads. Its methods are called from several goroutines
// at a time.
type Ledger interface {
	People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error)
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error)
	Residence(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][2]string, error)
}

// Job is a question: what would the year have cost under the draft?
type Job struct {
	Areas []jobs.Area
	Year  int
	Run   ledger.Run // what it saw is what counts
	Draft *Draft
	// Progress, where set, is told how many of an area's people are settled. It is
	// never called twice at a time.
	Progress func(area string, done, total int)

	chunk int // people at a time; 0: the usual
}

// Outcome is the answer.
type Outcome struct {
	Year   int
	Run    ledger.Run
	Draft  *Draft
	Digest string // of all that the answer depends on but the program
	Areas  []AreaOutcome
	Top    []PersonChange // the largest changes of all areas
}

// AreaOutcome is the answer for one area.
type AreaOutcome struct {
	Code, Name string
	Before     *rules.Policy
	After      *rules.Policy
	Layers     []pack.Layered // as changed
	InForce    bool           // a pack is in force on some day of the year
	Moved      bool           // the run settled under another policy than the present one
	Missing    bool           // the run did not know the area
	Params     []ParamChange
	Idle       []Idle // keys of the draft without effect on the year
	Tally
}

// Idle is a key of the draft that changes no figure of the year.
type Idle struct {
	Key
	Why IdleWhy
}

// IdleWhy is why a key has no effect.
type IdleWhy uint8

// Why a key has no effect.
const (
	NoClaim  IdleWhy = iota // no claim of the year is touched by it
	AsNow                   // it says what is in force already
	Later                   // it differs after the year only
	NotMoney                // it is for lists: who gets which, premiums, targets, budgets
	Reading                 // it is for reading files
	NoPack                  // no pack is in force in the year
)

// chunk bounds memory: so many people are loaded and settled at a time by each
// worker.
const chunk = 2_000

// Run settles the year both ways. It writes nothing. What is wrong with the
// draft is [*pack.Error]s with their places, see [pack.Mistakes].
func Run(ctx context.Context, l Ledger, j Job) (*Outcome, error) {
	out := &Outcome{Year: j.Year, Run: j.Run, Draft: j.Draft}
	sum := sha256.New()
	fmt.Fprintln(sum, j.Year, j.Run.No, j.Run.Seen, j.Draft.Digest)
	plans := make([]plan, len(j.Areas))
	for i := range j.Areas { // all mistakes before the first claim is read
		var err error
		if plans[i], err = newPlan(&j.Areas[i], j.Year, j.Draft); err != nil {
			return nil, err
		}
		fmt.Fprintln(sum, j.Areas[i].Code, j.Areas[i].Policy.Digest)
	}
	out.Digest = hex.EncodeToString(sum.Sum(nil))
	for i := range plans {
		a, err := plans[i].run(ctx, l, &j)
		if err != nil {
			return nil, err
		}
		for _, c := range a.top {
			out.Top = keepTop(out.Top, c)
		}
		a.top = nil
		out.Areas = append(out.Areas, *a)
	}
	return out, nil
}

// Same reports whether no figure differs.
func (o *Outcome) Same() bool {
	return !slices.ContainsFunc(o.Areas, func(a AreaOutcome) bool { return !a.Same() })
}

// plan is what is to be settled for one area.
type plan struct {
	area   *jobs.Area
	year   int
	after  *rules.Policy
	layers []pack.Layered
	probes []probe
	params []ParamChange
}

// probe finds out whether one key has an effect: it has if it changes a figure
// when it is laid alone over the present policy, or when the rest of the draft
// comes without it. Both, since two keys may each be enough, and two may need
// each other.
type probe struct {
	key            Key
	idle           IdleWhy
	alone, without *rules.Policy // nil: no policy
	found          *atomic.Bool
}

func newPlan(a *jobs.Area, year int, d *Draft) (plan, error) {
	p := plan{area: a, year: year}
	var err error
	if p.after, p.layers, err = compile(a.Policy, a.Layers, d.overlay, year); err != nil {
		return p, err
	}
	for _, k := range d.Keys {
		pr := probe{key: k, found: &atomic.Bool{}}
		if k.Path == codesKey || strings.HasPrefix(k.Path, "lists.") {
			pr.idle = map[bool]IdleWhy{true: Reading, false: NotMoney}[k.Path == codesKey]
			p.probes = append(p.probes, pr)
			continue
		}
		if len(d.Keys) == 1 {
			pr.alone = p.after
		} else {
			pr.alone = d.variant(a, year, func(path string) bool { return path == k.Path })
			pr.without = d.variant(a, year, func(path string) bool { return path != k.Path })
		}
		if pr.alone != nil {
			if pr.idle = compare(a.Policy, pr.alone, year); pr.idle == AsNow || pr.idle == NotMoney {
				pr.alone, pr.without = nil, nil
			}
		}
		p.probes = append(p.probes, pr)
	}
	if !slices.ContainsFunc(a.Layers, func(l pack.Layered) bool { return inForce(&l, year) }) {
		for i := range p.probes {
			p.probes[i] = probe{key: p.probes[i].key, idle: NoPack, found: p.probes[i].found}
		}
	}
	p.params = paramChanges(a, p.layers, p.after, year, d)
	return p, nil
}

// variant is the policy with some of the draft's keys; nil where they make none
// without the others.
func (d *Draft) variant(a *jobs.Area, year int, keep func(string) bool) *rules.Policy {
	o, err := d.only(keep)
	if err != nil {
		return nil
	}
	pol, _, err := compile(a.Policy, a.Layers, o, year)
	if err != nil {
		return nil
	}
	return pol
}

// run settles the area's people, each worker a chunk at a time, and adds up what
// the workers found. Only sums and a total order come out of it, so that it does
// not matter who took what.
func (p *plan) run(ctx context.Context, l Ledger, j *Job) (*AreaOutcome, error) {
	seen := j.Run.Seen
	people, err := l.People(ctx, p.area.Code, seen)
	if err != nil {
		return nil, err
	}
	parts, roots, err := p.parts(ctx, l, people, seen, cmp.Or(j.chunk, chunk))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := min(runtime.GOMAXPROCS(0), len(parts))
	tallies := make([]Tally, workers)
	var (
		wg   sync.WaitGroup
		next atomic.Int64
		mu   sync.Mutex
		done int
	)
	for k := range workers {
		wg.Go(func() {
			w := worker{plan: p, ledger: l, seen: seen, roots: roots, tally: newTally()}
			defer func() { tallies[k] = w.tally }()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				if err := w.chunk(ctx, parts[i]); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				if done += len(parts[i]); j.Progress != nil {
					j.Progress(p.area.Code, done, len(people))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	out := &AreaOutcome{Code: p.area.Code, Name: p.area.Name, Before: p.area.Policy, After: p.after, Layers: p.layers, Params: p.params, Tally: newTally()}
	out.InForce = slices.ContainsFunc(p.layers, func(l pack.Layered) bool { return inForce(&l, p.year) })
	for i := range tallies {
		out.add(&tallies[i])
	}
	out.order(p.after, p.area.Policy)
	ra := slices.IndexFunc(j.Run.Areas, func(a ledger.RunArea) bool { return a.Area == p.area.Code })
	out.Missing = ra < 0
	out.Moved = ra >= 0 && j.Run.Areas[ra].PolicyDigest != p.area.Policy.Digest
	for _, pr := range p.probes {
		// Of keys that only together make a policy it can not be told which of them
		// does it, unless none does.
		told := pr.alone != nil || pr.without != nil || pr.idle != NoClaim || out.Same()
		if told && !pr.found.Load() {
			out.Idle = append(out.Idle, Idle{pr.key, pr.idle})
		}
	}
	return out, out.check()
}

// parts cuts people into chunks, the members of a household in one of them where
// a monitor looks at households.
func (p *plan) parts(ctx context.Context, l Ledger, people []ledger.PersonNo, seen ledger.Seq, size int) ([][]ledger.PersonNo, map[ledger.PersonNo]ledger.PersonNo, error) {
	if !p.households() {
		return slices.Collect(slices.Chunk(people, size)), nil, nil
	}
	heads, err := l.Heads(ctx, p.area.Code, seen)
	if err != nil {
		return nil, nil, err
	}
	roots := recompute.Roots(heads)
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b ledger.PersonNo) int {
		return cmp.Or(cmp.Compare(rootOf(roots, a), rootOf(roots, b)), cmp.Compare(a, b))
	})
	var parts [][]ledger.PersonNo
	for len(people) > 0 {
		n := min(size, len(people))
		for n < len(people) && rootOf(roots, people[n]) == rootOf(roots, people[n-1]) {
			n++
		}
		parts, people = append(parts, people[:n]), people[n:]
	}
	return parts, roots, nil
}

// households reports whether one of the policies watches households.
func (p *plan) households() bool {
	for _, pr := range p.probes {
		if pr.alone != nil && pr.alone.WatchesHouseholds() || pr.without != nil && pr.without.WatchesHouseholds() {
			return true
		}
	}
	return p.area.Policy.WatchesHouseholds() || p.after.WatchesHouseholds()
}

// rootOf is the household of a person; who names nobody lives alone.
func rootOf(roots map[ledger.PersonNo]ledger.PersonNo, p ledger.PersonNo) ledger.PersonNo {
	if r, ok := roots[p]; ok {
		return r
	}
	return p
}
