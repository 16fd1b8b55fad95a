// Package storetest is one suite that every database adapter must pass: what a
// ledger takes, what it gives back as known when, who may run, and that it is
// whole. It knows no database; an adapter's test hands it an empty store.
//
// What it does not ask: that records cannot be changed behind the adapter's
// back, and that nobody reads an ID in the database's files. Each adapter shows
// that with the means of its database.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"doudi/jobs/access"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Store is what the suite calls.
type Store interface {
	// The chain.
	Head(ctx context.Context) (ledger.Entry, error)
	Entry(ctx context.Context, seq ledger.Seq) (ledger.Entry, error)
	LastInput(ctx context.Context) (ledger.Entry, error)
	Verify(ctx context.Context) (ledger.Entry, error)

	// Files and what they bring.
	Take(ctx context.Context, f *ledger.File, keep func() bool, fill func(ledger.Taker) error) error
	FileBySHA(ctx context.Context, area, sha string) (ledger.File, bool, error)
	RefusedBySHA(ctx context.Context, area, sha string) (bool, error)
	Files(ctx context.Context, after, upTo ledger.Seq) ([]ledger.File, error)
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Withdrawn(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Withdrawn, error)
	Reliefs(ctx context.Context, area string, after, upTo ledger.Seq) ([]ledger.Relief, error)
	WaitingRefunds(ctx context.Context, area string, seen ledger.Seq) ([]ledger.WaitingRefund, error)
	ClaimIDs(ctx context.Context, refs []int64) (map[int64]string, error)
	ReliefKinds(ctx context.Context, refs []int64) (map[int64]string, error)
	Unseal(box []byte) (string, error)

	// People.
	People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error)
	Touched(ctx context.Context, area string, after, seen ledger.Seq) ([]ledger.PersonNo, error)
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	LoadYears(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run, year int) ([]ledger.PersonData, error)
	PersonByID(ctx context.Context, certno string) (ledger.PersonNo, error)
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
	Certnos(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]string, error)
	Residence(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][2]string, error)
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
	Heads(ctx context.Context, area string, seen ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error)
	Members(ctx context.Context, area string, heads []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo][]ledger.PersonNo, error)

	// Lists that change no settlement.
	Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Contributions(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Contribution) error) error
	Births(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Birth) error) error
	Items(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Item) error) error
	Transfers(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Transfer) error) error

	// Runs and what they found.
	StartRun(ctx context.Context, want ledger.Run, now time.Time) (ledger.Run, error)
	Beat(ctx context.Context, run ledger.Run, now time.Time) error
	Release(ctx context.Context, run ledger.Run) error
	CommitRun(ctx context.Context, run *ledger.Run, now func() time.Time, f func(ledger.RunWriter) error) error
	Run(ctx context.Context, no int) (ledger.Run, error)
	RunOfMonth(ctx context.Context, m civil.Month) (ledger.Run, error)
	LastMonth(ctx context.Context) (int, error)
	PreviousRun(ctx context.Context, run ledger.Run) (ledger.Run, error)
	ResultsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error)
	Notable(ctx context.Context, area string, flags, run int, seen ledger.Seq) ([]ledger.ResultRow, error)
	Cases(ctx context.Context, area string, year, run int) ([]ledger.Case, error)
	YearSums(ctx context.Context, area string, year, run int) (*ledger.YearSums, error)

	// Postings.
	Post(ctx context.Context, by string, now time.Time, ps []ledger.Posting, check func(head ledger.Seq) error) error
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	PostedClaims(ctx context.Context, refs []int64) (map[int64]string, error)

	// What the finance bureau paid, against what is due.
	Match(ctx context.Context, x *ledger.Matching, check func(head ledger.Seq, on []ledger.Matching) error) error
	Matchings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Matching, error)
	PaidAtOnce(ctx context.Context, area string, from civil.Date, seen ledger.Seq, f func(ledger.PaidAtOnce) error) error
	HospitalNames(ctx context.Context, area string, seen ledger.Seq) (map[string][]string, error)
	PostedOn(ctx context.Context, area string, seen ledger.Seq) (map[int64]ledger.PostedOn, error)
	NamesOf(ctx context.Context, numbers []int64) (map[int64]string, error)
	TransferNotes(ctx context.Context, area string, seen ledger.Seq) (map[int64]string, error)

	// The clock.
	Clockwork(ctx context.Context) (ledger.Clockwork, error)
	AddTerm(ctx context.Context, x *ledger.Term, last int64) error
	ClaimTry(ctx context.Context, x *ledger.Try, last int64, now time.Time) error
	BeatTry(ctx context.Context, x ledger.Try) error
	FinishTry(ctx context.Context, x ledger.Try) error
	ReapTry(ctx context.Context, x ledger.Try, silent bool) (bool, error)
	Tries(ctx context.Context, job string, limit int) ([]ledger.Try, error)
	Untold(ctx context.Context, how string, since, before time.Time, limit int) ([]ledger.Try, error)
	AddNotice(ctx context.Context, x ledger.Notice) error

	// IDs that were corrected to another person.
	Merge(ctx context.Context, x *ledger.Merge, check func([]ledger.Merge) error) error
	Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error)
	RowsOf(ctx context.Context, p ledger.PersonNo, seen ledger.Seq) (map[string]int, error)

	// Years that are closed and reopened.
	SignYear(ctx context.Context, x *ledger.YearStep, check func(head ledger.Seq, on []ledger.YearStep) error) error
	YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error)
	YearStatement(ctx context.Context, step int64) ([]byte, error)
	LastChange(ctx context.Context) (ledger.Entry, error)

	// Users.
	access.Users
}

// Run runs the suite. open gives a new empty store, all of them with one key,
// and closes it at the test's end.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"TakeEvents", takeEvents},
		{"TakeClaims", takeClaims},
		{"TakeElsewhere", takeElsewhere},
		{"TakeRelief", takeRelief},
		{"TakeLists", takeLists},
		{"TakeTransfers", takeTransfers},
		{"Restated", restated},
		{"Withdraw", withdraw},
		{"WithdrawOne", withdrawOne},
		{"ListedOnly", listedOnly},
		{"WithdrawFails", withdrawFails},
		{"WithdrawnReaders", withdrawnReaders},
		{"NameOf", nameOf},
		{"Statements", statements},
		{"TakeOtherArea", takeOtherArea},
		{"TakeMany", takeMany},
		{"TakeFails", takeFails},
		{"TakeDry", takeDry},
		{"TakeAtOnce", takeAtOnce},
		{"Chain", chain},
		{"Files", files},
		{"Touched", touched},
		{"KnownWhen", knownWhen},
		{"LoadFields", loadFields},
		{"Names", names},
		{"Residence", residence},
		{"Counties", counties},
		{"Heads", heads},
		{"Members", members},
		{"Lists", lists},
		{"ListsStop", listsStop},
		{"AnyOrder", anyOrder},
		{"Events", events},
		{"WaitingRefunds", waitingRefunds},
		{"StartRun", startRun},
		{"Conserves", conserves},
		{"TakeOver", takeOver},
		{"TakeOverOtherMonth", takeOverOtherMonth},
		{"Release", release},
		{"CommitRun", commitRun},
		{"CommitRunFails", commitRunFails},
		{"ResultsAsOfRun", resultsAsOfRun},
		{"Notable", notable},
		{"CasesAsOfRun", casesAsOfRun},
		{"CaseLevels", caseLevels},
		{"Sums", sums},
		{"Post", post},
		{"PostRefused", postRefused},
		{"Matching", matching},
		{"MatchingRefused", matchingRefused},
		{"PaidAtOnce", paidAtOnce},
		{"NamesOf", namesOf},
		{"Merge", merge},
		{"MergeRefused", mergeRefused},
		{"MergedReaders", mergedReaders},
		{"ScheduleTerms", scheduleTerms},
		{"ScheduleClaims", scheduleClaims},
		{"ScheduleReaping", scheduleReaping},
		{"ScheduleFailures", scheduleFailures},
		{"SignYear", signYear},
		{"SignYearRefused", signYearRefused},
		{"Explaining", explaining},
		{"Concerned", concerned},
		{"ChangedPeople", changedPeople},
		{"PolicyTexts", policyTexts},
		{"ByHand", byHand},
		{"NamesAsOfRun", namesAsOfRun},
		{"Users", users},
		{"UsersRefused", usersRefused},
		{"FirstUser", firstUser},
		{"Verify", verify},
		{"Cancelled", cancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{T: t, Store: open(t), ctx: t.Context(), open: open}
			c.test(b)
			if !t.Failed() { // whatever a test did, the ledger is whole
				last, err := b.Verify(b.ctx)
				b.ok(err)
				b.same("head and last verified", b.head(), last)
			}
		})
	}
}

// The areas of the tests: 990001 is assigned to nobody.
const (
	area  = "990001"
	other = "990002"
)

var noon = time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC)

// bench is a store on trial.
type bench struct {
	*testing.T
	Store
	ctx   context.Context
	taken int
	open  func(*testing.T) Store
}

// ok stops the test at an error.
func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) same(what string, want, got any) {
	b.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		b.Errorf("%s (-want +got)\n%s", what, d)
	}
}

// is stops the test if err is not the one that is wanted.
func (b *bench) is(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("error %v, want %v", err, want)
	}
}

func (b *bench) head() ledger.Entry {
	b.Helper()
	e, err := b.Head(b.ctx)
	b.ok(err)
	return e
}

// Certno is the n-th citizen ID of area 990001, with its check character.
func Certno(n int) string {
	s := fmt.Sprintf("990001%08d%03d", 19600101+n/1000, n%1000)
	sum := 0
	for i, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[sum%11])
}

// person and name stop the test if the taker can not number them.
func (b *bench) person(t ledger.Taker, n int) ledger.PersonNo {
	b.Helper()
	p, err := t.Person(Certno(n))
	b.ok(err)
	return p
}

func (b *bench) name(t ledger.Taker, name string) int64 {
	b.Helper()
	n, err := t.Name(name)
	b.ok(err)
	return n
}

// file is a file of an area with a content of its own.
func (b *bench) file(in string) *ledger.File {
	b.taken++
	return &ledger.File{SHA256: fmt.Sprintf("%064x", b.taken), Name: "名单.xlsx", Area: in, Kind: "mixed", Month: 202307, By: "张三", At: noon}
}

// take takes a file and gives its entry's number.
func (b *bench) take(fill func(t ledger.Taker, seq ledger.Seq)) ledger.Seq {
	b.Helper()
	f := b.file(area)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error { fill(t, f.Seq); return nil }))
	return f.Seq
}

func (b *bench) event(t ledger.Taker, e ledger.Event) (ledger.Event, ledger.Outcome) {
	b.Helper()
	if e.Area == "" {
		e.Area = area
	}
	o, err := t.Event(&e)
	b.ok(err)
	return e, o
}

func (b *bench) relief(t ledger.Taker, r ledger.Relief) (ledger.Relief, ledger.Outcome) {
	b.Helper()
	if r.Area == "" {
		r.Area = area
	}
	if r.Note != "" && r.Extra == nil {
		r.Extra = t.Seal(r.Note)
	}
	o, err := t.Relief(&r)
	b.ok(err)
	return r, o
}

// claims takes a batch and gives what became of it.
func (b *bench) claims(t ledger.Taker, cs ...*ledger.Claim) []ledger.Outcome {
	b.Helper()
	o, err := t.Claims(cs)
	b.ok(err)
	if len(o) != len(cs) {
		b.Fatalf("%d outcomes of %d claims", len(o), len(cs))
	}
	return o
}

func added(p ledger.PersonNo, c rules.Category, d civil.Date) ledger.Event {
	return ledger.Event{Person: p, Op: rules.Add, Category: c, Date: d}
}

// stay is an inpatient settlement of which nothing was paid.
func stay(p ledger.PersonNo, id string, d civil.Date, total money.Fen) *ledger.Claim {
	c := &ledger.Claim{Area: area, Person: p}
	c.ID, c.At, c.Kind, c.Total, c.InScope = id, d.At()+101500, rules.Inpatient, total, total
	return c
}

func refund(p ledger.PersonNo, id, of string, d civil.Date, total money.Fen) *ledger.Claim {
	c := stay(p, id, d, total)
	c.Refund, c.RefundOf = true, of
	return c
}

// load reads one person of the area. From a year on, it is the same without the
// settlements and results of before.
func (b *bench) load(p ledger.PersonNo, seen ledger.Seq, run int) ledger.PersonData {
	b.Helper()
	all := b.loadYears(p, seen, run, 0)
	for _, year := range []int{2023, 2024} {
		want := all
		want.Claims = slices.DeleteFunc(slices.Clone(all.Claims), func(c rules.Claim) bool { return c.At.Date().Year() < year })
		want.Results = slices.DeleteFunc(slices.Clone(all.Results), func(r ledger.Result) bool { return r.Year < year })
		if got := b.loadYears(p, seen, run, year); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			b.Errorf("from %d on: got %+v, want %+v", year, got, want)
		}
	}
	return all
}

func (b *bench) loadYears(p ledger.PersonNo, seen ledger.Seq, run, year int) ledger.PersonData {
	b.Helper()
	d, err := b.LoadYears(b.ctx, area, []ledger.PersonNo{p}, seen, run, year)
	b.ok(err)
	if len(d) != 1 || d[0].Person != p {
		b.Fatalf("asked for %d, got %+v", p, d)
	}
	slices.SortFunc(d[0].Events, func(x, y rules.Event) int { return int(x.Ref - y.Ref) })
	rules.SortClaims(d[0].Claims)
	slices.SortFunc(d[0].Refunds, func(x, y ledger.Refund) int { return int(x.Claim - y.Claim) })
	slices.SortFunc(d[0].Relief, func(x, y rules.Help) int { return int(x.Ref - y.Ref) })
	slices.SortFunc(d[0].Postings, func(x, y ledger.Posting) int { return int(x.ID - y.ID) })
	slices.SortFunc(d[0].Results, func(x, y ledger.Result) int { return int(x.Claim - y.Claim) })
	return d[0]
}

// run makes a run from beginning to end.
func (b *bench) run(m civil.Month, f func(w ledger.RunWriter, no int)) ledger.Run {
	b.Helper()
	r, err := b.StartRun(b.ctx, ledger.Run{Month: m, By: "张三", Version: "v1"}, noon)
	b.ok(err)
	r.Seen = b.head().Seq
	b.ok(b.CommitRun(b.ctx, &r, func() time.Time { return noon }, func(w ledger.RunWriter) error {
		if f != nil {
			f(w, r.No)
		}
		return nil
	}))
	return r
}
