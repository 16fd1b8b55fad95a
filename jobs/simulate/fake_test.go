package simulate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"go.uber.org/goleak"
)

// No test of this room leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const kaifeng = "410200"

// book is a ledger in memory: what is known of each person, all of it brought by
// entry 1 except what later says.
type book struct {
	people []ledger.PersonData
	towns  map[ledger.PersonNo]string
	heads  map[ledger.PersonNo]ledger.PersonNo
	later  map[int64]bool // claims that entry 2 brought
	refs   int64
	failAt string
}

func newBook() *book {
	return &book{towns: map[ledger.PersonNo]string{}, heads: map[ledger.PersonNo]ledger.PersonNo{}, later: map[int64]bool{}}
}

var errBroken = errors.New("broken")

func (b *book) fail(at string) error {
	if b.failAt == at {
		return errBroken
	}
	return nil
}

func (b *book) People(context.Context, string, ledger.Seq) (out []ledger.PersonNo, err error) {
	for _, d := range b.people {
		out = append(out, d.Person)
	}
	slices.Sort(out)
	return out, b.fail("people")
}

func (b *book) Touched(ctx context.Context, area string, _, seen ledger.Seq) ([]ledger.PersonNo, error) {
	return b.People(ctx, area, seen)
}

func (b *book) LoadPeople(_ context.Context, _ string, people []ledger.PersonNo, seen ledger.Seq, _ int) ([]ledger.PersonData, error) {
	out := make([]ledger.PersonData, len(people))
	for i, p := range people {
		out[i].Person = p
		if k := slices.IndexFunc(b.people, func(d ledger.PersonData) bool { return d.Person == p }); k >= 0 {
			d := &b.people[k]
			out[i].Events, out[i].Refunds, out[i].Relief, out[i].Postings = slices.Clone(d.Events), d.Refunds, d.Relief, d.Postings
			for _, c := range d.Claims {
				if seen > 1 || !b.later[c.Ref] {
					out[i].Claims = append(out[i].Claims, c)
				}
			}
		}
	}
	return out, b.fail("load")
}

func (b *book) Heads(context.Context, string, ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error) {
	return b.heads, b.fail("heads")
}

func (b *book) Residence(_ context.Context, _ string, people []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo][2]string, error) {
	out := map[ledger.PersonNo][2]string{}
	for _, p := range people {
		if t := b.towns[p]; t != "" {
			out[p] = [2]string{t, "东村"}
		}
	}
	return out, b.fail("residence")
}

// person is a new one, with the events and claims that are given; both get their
// numbers.
func (b *book) person(town string, events []rules.Event, claims ...rules.Claim) *ledger.PersonData {
	d := ledger.PersonData{Person: ledger.PersonNo(len(b.people) + 1)}
	for _, e := range events {
		b.refs++
		e.Ref = b.refs
		d.Events = append(d.Events, e)
	}
	for _, c := range claims {
		b.refs++
		c.Ref = b.refs
		d.Claims = append(d.Claims, c)
	}
	if town != "" {
		b.towns[d.Person] = town
	}
	b.people = append(b.people, d)
	return &b.people[len(b.people)-1]
}

// recorded is what a run of the recompute room finds.
type recorded struct {
	results []ledger.Result
	cases   []ledger.Case
}

func (r *recorded) Notable(string, int, int, ledger.Seq) ([]ledger.ResultRow, error) {
	return nil, errors.New("settling reads nothing back")
}
func (r *recorded) Result(x *ledger.Result) error   { r.results = append(r.results, *x); return nil }
func (r *recorded) Case(c *ledger.Case) error       { r.cases = append(r.cases, *c); return nil }
func (r *recorded) Policy(*ledger.PolicyText) error { return nil }

// run makes a run of everything under a policy.
func (b *book) run(t testing.TB, pol *rules.Policy, seen ledger.Seq) *recorded {
	t.Helper()
	r := &recorded{}
	if err := settleAll(b, r, pol, seen); err != nil {
		t.Fatal(err)
	}
	return r
}

// costs sums a run's results by month of settlement.
func (r *recorded) costs(b *book, year int) (out [12]Buckets) {
	month := map[int64]civil.Month{}
	for _, d := range b.people {
		for _, c := range d.Claims {
			month[c.Ref] = c.At.Date().Month()
		}
	}
	for i := range r.results {
		if x := &r.results[i]; x.Year == year {
			out[month[x.Claim]%100-1].add(BucketsOf(&x.Due))
		}
	}
	return out
}

// counts counts a run's cases.
func (r *recorded) counts(year int) map[MonitorKey]Cases {
	out := map[MonitorKey]Cases{}
	for _, c := range r.cases {
		if c.Year == year {
			k := MonitorKey{c.Monitor, c.Level}
			n := out[k]
			n.Opened++
			if c.State == rules.Cleared {
				n.Cleared++
			}
			out[k] = n
		}
	}
	return out
}

func areaOf(t testing.TB, id, overlay string) jobs.Area {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if overlay != "" {
		if l.Overlay, err = pack.ParseOverlay("present.yaml", []byte(overlay)); err != nil {
			t.Fatal(err)
		}
	}
	a := jobs.Area{Code: p.Area, Name: p.AreaName, Layers: []pack.Layered{l}}
	if a.Policy, err = pack.Compile(p.Area, a.Layers); err != nil {
		t.Fatal(err)
	}
	return a
}

// ask simulates a draft on the book, as known to run 1 at entry seen.
func (b *book) ask(t testing.TB, a jobs.Area, draft string, seen ledger.Seq) *Outcome {
	t.Helper()
	d, err := ParseDraft("draft.yaml", []byte(draft))
	if err != nil {
		t.Fatal(err)
	}
	run := ledger.Run{No: 1, Seen: seen, Areas: []ledger.RunArea{{Area: a.Code, PolicyDigest: a.Policy.Digest}}}
	o, err := Run(t.Context(), b, Job{Areas: []jobs.Area{a}, Year: 2023, Run: run, Draft: d, chunk: 2})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func added(c rules.Category, d civil.Date) []rules.Event {
	return []rules.Event{{Op: rules.Add, Category: c, Date: d}}
}

// stay is an inpatient claim in the area, all of it in scope; yuan.
func stay(id string, d civil.Date, total, basic int64) rules.Claim {
	t := money.Fen(total * 100)
	return rules.Claim{ID: id, At: d.At(), Kind: rules.Inpatient, Level: 2, Total: t, InScope: t, Basic: money.Fen(basic * 100)}
}

func monitorOf(t *testing.T, o *Outcome, k MonitorKey) MonitorChange {
	t.Helper()
	ms := o.Areas[0].Monitors
	i := slices.IndexFunc(ms, func(m MonitorChange) bool { return m.MonitorKey == k })
	if i < 0 {
		t.Fatalf("no monitor %v among %v", k, ms)
	}
	return ms[i]
}

func sortedResults(rs []ledger.Result) []ledger.Result {
	slices.SortFunc(rs, func(a, b ledger.Result) int { return cmp.Compare(a.Claim, b.Claim) })
	return rs
}

func settleAll(b *book, w ledger.RunWriter, pol *rules.Policy, seen ledger.Seq) error {
	_, err := recompute.Settle(context.Background(), b, w, recompute.Job{Area: kaifeng, Policy: pol, Run: 1, Seen: seen, Full: true}, func() time.Time { return time.Time{} })
	return err
}
