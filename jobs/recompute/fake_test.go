package recompute

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"go.uber.org/goleak"
)

// No test of this room leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const area = "990001"

// record is something that an entry brought.
type record struct {
	seq    ledger.Seq
	person ledger.PersonNo
	put    func(*ledger.PersonData)
	event  bool
	gone   ledger.Seq // the entry that withdrew it; 0 for none
}

// known reports whether something counts at an entry.
func known(seq, gone, seen ledger.Seq) bool { return seq <= seen && (gone == 0 || gone > seen) }

// lives says under whose head a person lives from an entry on.
type lives struct {
	seq          ledger.Seq
	person, head ledger.PersonNo
	record       int // its place among the records
}

type caseKey struct {
	person  ledger.PersonNo
	year    int
	monitor string
	level   string
}

// book is a ledger in memory. Within a person it gives records in another order
// each time: no order is promised.
type book struct {
	records []record
	lives   []lives
	head    ledger.Seq
	shuffle *rand.Rand
	results map[int64][]ledger.Result // by claim, of runs in order
	cases   map[caseKey][]ledger.Case
	wrote   int    // by the last run
	counted [2]int // cases that it opened and cleared
	failAt  string
}

func newBook() *book {
	return &book{shuffle: rand.New(rand.NewPCG(1, 2)), results: map[int64][]ledger.Result{}, cases: map[caseKey][]ledger.Case{}}
}

var errBroken = errors.New("broken")

func (b *book) fail(at string) error {
	if b.failAt == at {
		return fmt.Errorf("%s: %w", at, errBroken)
	}
	return nil
}

func (b *book) Heads(_ context.Context, in string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error) {
	out := map[ledger.PersonNo]ledger.PersonNo{}
	for _, x := range b.lives {
		if in == area && known(x.seq, b.records[x.record].gone, seen) {
			out[x.person] = x.head
		}
	}
	return out, b.fail("heads")
}

func (b *book) People(ctx context.Context, in string, seen ledger.Seq) ([]ledger.PersonNo, error) {
	if err := b.fail("people"); err != nil {
		return nil, err
	}
	return b.between(in, 0, seen), nil
}

func (b *book) Touched(ctx context.Context, in string, after, seen ledger.Seq) ([]ledger.PersonNo, error) {
	if err := b.fail("touched"); err != nil {
		return nil, err
	}
	return b.between(in, after, seen), nil
}

func (b *book) between(in string, after, seen ledger.Seq) []ledger.PersonNo {
	if in != area {
		return nil
	}
	set := map[ledger.PersonNo]bool{}
	for _, r := range b.records {
		if r.seq > after && r.seq <= seen || r.gone > after && r.gone <= seen {
			set[r.person] = true
		}
	}
	var out []ledger.PersonNo
	for p := range set {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func (b *book) LoadPeople(ctx context.Context, in string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error) {
	if err := b.fail("load"); err != nil {
		return nil, err
	}
	out := make([]ledger.PersonData, len(people))
	at := map[ledger.PersonNo]*ledger.PersonData{}
	for i, p := range people {
		out[i].Person = p
		at[p] = &out[i]
	}
	for _, i := range b.shuffle.Perm(len(b.records)) {
		if r := b.records[i]; known(r.seq, r.gone, seen) && at[r.person] != nil {
			r.put(at[r.person])
		}
	}
	for _, rs := range b.results {
		if r, ok := asOf(rs, run, func(r ledger.Result) int { return r.Run }); ok && at[r.Person] != nil {
			at[r.Person].Results = append(at[r.Person].Results, r)
		}
	}
	for _, cs := range b.cases {
		if c, ok := asOf(cs, run, func(c ledger.Case) int { return c.Run }); ok && at[c.Person] != nil {
			at[c.Person].Cases = append(at[c.Person].Cases, c)
		}
	}
	return out, nil
}

// asOf is the last of what runs wrote, up to run.
func asOf[T any](xs []T, run int, of func(T) int) (x T, ok bool) {
	for _, y := range xs {
		if of(y) <= run {
			x, ok = y, true
		}
	}
	return x, ok
}

func (b *book) Notable(string, int, int, ledger.Seq) ([]ledger.ResultRow, error) {
	return nil, errors.New("settling reads nothing back")
}

func (b *book) Result(r *ledger.Result) error {
	if err := b.fail("result"); err != nil {
		return err
	}
	rs := b.results[r.Claim]
	if len(rs) > 0 && rs[len(rs)-1].Run >= r.Run {
		return fmt.Errorf("claim %d has two results in run %d", r.Claim, r.Run)
	}
	b.results[r.Claim] = append(rs, *r)
	b.wrote++
	return nil
}

func (b *book) Policy(*ledger.PolicyText) error { return nil }

func (b *book) Case(c *ledger.Case) error {
	if err := b.fail("case"); err != nil {
		return err
	}
	k := caseKey{c.Person, c.Year, c.Monitor, c.Level}
	cs := b.cases[k]
	if len(cs) > 0 && cs[len(cs)-1].Run >= c.Run {
		return fmt.Errorf("case %v has two states in run %d", k, c.Run)
	}
	b.cases[k] = append(cs, *c)
	b.wrote++
	return nil
}

// scratch is the same ledger before any run.
func (b *book) scratch() *book {
	n := newBook()
	n.records, n.lives, n.head = b.records, b.lives, b.head
	return n
}

// latest are the results and cases that stand, without who found them when.
func (b *book) latest() (map[int64]ledger.Result, map[caseKey]ledger.Case) {
	rs, cs := map[int64]ledger.Result{}, map[caseKey]ledger.Case{}
	for k, all := range b.results {
		if r := all[len(all)-1]; r.Flags&ledger.FlagGone == 0 {
			r.Run = 0
			rs[k] = r
		}
	}
	for k, all := range b.cases {
		if c := all[len(all)-1]; !c.Gone {
			c.Run = 0
			cs[k] = c
		}
	}
	return rs, cs
}

func (b *book) add(p ledger.PersonNo, put func(*ledger.PersonData)) {
	b.records = append(b.records, record{seq: b.head, person: p, put: put})
}

func (b *book) event(p ledger.PersonNo, e rules.Event) {
	e.Ref = int64(len(b.records) + 1)
	b.add(p, func(d *ledger.PersonData) { d.Events = append(d.Events, e) })
	b.records[len(b.records)-1].event = true
}

// moves puts a person under a head, by a roster row like any other.
func (b *book) moves(p, head ledger.PersonNo, e rules.Event) {
	b.lives = append(b.lives, lives{b.head, p, head, len(b.records)})
	b.event(p, e)
}

// withdraw takes back the n-th of the roster rows of a person that count; it
// reports whether there is one.
func (b *book) withdraw(p ledger.PersonNo, n int) bool {
	for i := range b.records {
		if r := &b.records[i]; r.event && r.person == p && r.gone == 0 {
			if n--; n < 0 {
				r.gone = b.head
				return true
			}
		}
	}
	return false
}

func (b *book) claim(p ledger.PersonNo, c rules.Claim) rules.Claim {
	c.Ref = int64(len(b.records) + 1)
	b.add(p, func(d *ledger.PersonData) { d.Claims = append(d.Claims, c) })
	return c
}

func (b *book) refund(p ledger.PersonNo, original string) {
	r := ledger.Refund{Claim: int64(len(b.records) + 1), Original: original}
	b.add(p, func(d *ledger.PersonData) { d.Refunds = append(d.Refunds, r) })
}

func (b *book) relief(p ledger.PersonNo, h rules.Help) {
	h.Ref = int64(len(b.records) + 1)
	b.add(p, func(d *ledger.PersonData) { d.Relief = append(d.Relief, h) })
}

func (b *book) posting(p ledger.PersonNo, x ledger.Posting) {
	x.ID = int64(len(b.records) + 1)
	b.add(p, func(d *ledger.PersonData) { d.Postings = append(d.Postings, x) })
}

// settle makes the next run on everything that is in the book.
func (b *book) settle(t interface {
	Helper()
	Fatal(...any)
}, j Job) Totals {
	t.Helper()
	b.wrote = 0
	j.Area, j.Seen = area, b.head
	got, err := Settle(context.Background(), b, b, j, func() time.Time { return time.Time{} })
	if err != nil {
		t.Fatal(err)
	}
	b.counted = [2]int{got.CasesOpened, got.CasesCleared}
	return got
}

func policy(t *testing.T, id, overlay string) *rules.Policy {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if overlay != "" {
		if l.Overlay, err = pack.ParseOverlay("o.yaml", []byte(overlay)); err != nil {
			t.Fatal(err)
		}
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{l})
	if err != nil {
		t.Fatal(err)
	}
	return pol
}

// byHousehold is a policy whose monitors watch households, too.
func byHousehold(p *rules.Policy) *rules.Policy {
	for i := range p.Segments {
		prm := *p.Segments[i].Params
		for _, m := range prm.Monitors {
			m.ID, m.Household = m.ID+"_hu", true
			prm.Monitors = append(slices.Clip(prm.Monitors), m)
		}
		p.Segments[i].Params = &prm
	}
	return p
}

const hangzhou = "special: {threshold: 3000}\nmonitor: {yinbing_zhipin: {line: 5000}, yinbing_fanpin: {line: 5000}}\n"

// stay is care out of the province by the rules, of which nothing was paid.
func stay(id string, d civil.Date, yuan int64) rules.Claim {
	total := money.Fen(yuan * 100)
	return rules.Claim{ID: id, At: d.At(), Kind: rules.Inpatient, Referral: rules.Referred, OutOfProvince: true, Total: total, InScope: total}
}
