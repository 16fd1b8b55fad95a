package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// shelf is a ledger in memory with what the lists read. What it does not have is
// not there: nil methods of Source panic.
type shelf struct {
	Source
	area          jobs.Area
	month         civil.Month
	prev          ledger.Run
	people        map[ledger.PersonNo]string // certno
	events        []ledger.Event
	withdrawn     []ledger.Withdrawn
	enrolments    []ledger.Enrolment
	contributions []ledger.Contribution
	births        []ledger.Birth
	items         []ledger.Item
	claims        map[ledger.PersonNo][]rules.Claim
	cases         []ledger.Case
	seq           ledger.Seq // of what is put on the shelf from now on
}

// shelfOf is an empty ledger of an area with one pack and an overlay.
func shelfOf(t *testing.T, id, overlay string, month civil.Month) *shelf {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if l.Overlay, err = pack.ParseOverlay("overlay.yaml", []byte("document: none\n"+overlay)); err != nil {
		t.Fatal(err)
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{l})
	if err != nil {
		t.Fatal(err)
	}
	return &shelf{area: jobs.Area{Code: p.Area, Name: p.AreaName, Layers: []pack.Layered{l}, Policy: pol}, month: month, seq: 1,
		people: map[ledger.PersonNo]string{}, claims: map[ledger.PersonNo][]rules.Claim{}}
}

func (b *shelf) run() ledger.Run {
	return ledger.Run{No: 9, Month: b.month, Seen: b.seq, Areas: []ledger.RunArea{{Area: b.area.Code, Name: b.area.Name}}}
}

// person is somebody born on a day.
func (b *shelf) person(no ledger.PersonNo, birth civil.Date) ledger.PersonNo {
	b.people[no] = fmt.Sprintf("993399%d%04d", birth, no)
	return no
}

// on puts somebody on a list.
func (b *shelf) on(no ledger.PersonNo, home homeOf, dept string, since civil.Date, cats ...rules.Category) {
	if b.people[no] == "" {
		b.person(no, 19800101)
	}
	for _, c := range cats {
		b.put(ledger.Event{Person: no, Op: rules.Add, Category: c, Date: since, Dept: dept, County: home.county, Township: home.township})
	}
}

// off takes somebody off a list.
func (b *shelf) off(no ledger.PersonNo, dept string, day civil.Date, c rules.Category) {
	b.put(ledger.Event{Person: no, Op: rules.Remove, Category: c, Date: day, Dept: dept})
}

func (b *shelf) put(e ledger.Event) {
	e.Area, e.ID, e.Src.Seq = b.area.Code, int64(len(b.events)+1), b.seq
	b.events = append(b.events, e)
}

// insured enrols somebody; amounts are yuan.
func (b *shelf) insured(no ledger.PersonNo, year int, plan rules.Plan, place string, paid civil.Date, own, subsidy int64) {
	if b.people[no] == "" {
		b.person(no, 19800101)
	}
	b.enrolments = append(b.enrolments, ledger.Enrolment{ID: int64(len(b.enrolments) + 1), Area: b.area.Code, Person: no, Year: year, Plan: plan, Place: place, PaidOn: paid,
		Own: money.Fen(own * 100), Subsidy: money.Fen(subsidy * 100), Src: ledger.Source{Seq: b.seq}})
}

// made makes a list whole, IDs revealed.
func (b *shelf) made(t *testing.T, name string) []workbook.Table {
	t.Helper()
	l, err := List(t.Context(), b, b.area, b.run(), name, true)
	if err != nil {
		t.Fatal(err)
	}
	return l.Tables
}

func (b *shelf) PreviousRun(context.Context, ledger.Run) (ledger.Run, error) { return b.prev, nil }
func (b *shelf) Entry(_ context.Context, n ledger.Seq) (ledger.Entry, error) {
	return ledger.Entry{Seq: n}, nil
}
func (b *shelf) Files(_ context.Context, _, _ ledger.Seq) ([]ledger.File, error) { return nil, nil }
func (b *shelf) Events(_ context.Context, _ string, _ []ledger.PersonNo, _, upTo ledger.Seq) (out []ledger.Event, _ error) {
	for _, e := range b.events {
		if e.Src.Seq <= upTo {
			out = append(out, e)
		}
	}
	return out, nil
}
func (b *shelf) Withdrawn(_ context.Context, _ string, _ []ledger.PersonNo, after, upTo ledger.Seq) (out []ledger.Withdrawn, _ error) {
	for _, x := range b.withdrawn {
		if x.By.Src.Seq > after && x.By.Src.Seq <= upTo {
			out = append(out, x)
		}
	}
	return out, nil
}
func (b *shelf) Notable(context.Context, string, int, int, ledger.Seq) ([]ledger.ResultRow, error) {
	return nil, nil
}
func (b *shelf) Postings(context.Context, string, ledger.Seq) ([]ledger.Posting, error) {
	return nil, nil
}
func (b *shelf) Cases(_ context.Context, _ string, _, run int) ([]ledger.Case, error) {
	if run != 9 {
		return nil, nil
	}
	return slices.Clone(b.cases), nil
}
func (b *shelf) WaitingRefunds(context.Context, string, ledger.Seq) ([]ledger.WaitingRefund, error) {
	return nil, nil
}
func (b *shelf) YearSums(context.Context, string, int, int) (*ledger.YearSums, error) {
	return &ledger.YearSums{}, nil
}
func (b *shelf) ReliefKinds(context.Context, []int64) (map[int64]string, error)  { return nil, nil }
func (b *shelf) PostedClaims(context.Context, []int64) (map[int64]string, error) { return nil, nil }
func (b *shelf) ClaimIDs(context.Context, []int64) (map[int64]string, error)     { return nil, nil }
func (b *shelf) Heads(context.Context, string, ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error) {
	return nil, nil
}

func (b *shelf) Certnos(_ context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]string, error) {
	out := map[ledger.PersonNo]string{}
	for _, p := range people {
		out[p] = b.people[p]
	}
	return out, nil
}

func (b *shelf) IdentitiesAt(_ context.Context, people []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo]ledger.Person, error) {
	out := map[ledger.PersonNo]ledger.Person{}
	for _, p := range people {
		out[p] = ledger.Person{No: p, Certno: b.people[p], Name: "某某人"}
	}
	return out, nil
}

func (b *shelf) Residence(_ context.Context, _ string, _ []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo][2]string, error) {
	out := map[ledger.PersonNo][2]string{}
	for _, e := range b.events {
		if e.Township != "" {
			out[e.Person] = [2]string{e.Township}
		}
	}
	return out, nil
}

func (b *shelf) Counties(_ context.Context, _ string, _ []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo]string, error) {
	out := map[ledger.PersonNo]string{}
	for _, e := range b.events {
		if e.County != "" {
			out[e.Person] = e.County
		}
	}
	return out, nil
}

func (b *shelf) People(context.Context, string, ledger.Seq) (out []ledger.PersonNo, _ error) {
	for _, e := range b.events {
		out = append(out, e.Person)
	}
	for p := range b.claims {
		out = append(out, p)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// LoadPeople settles as a run would.
func (b *shelf) LoadYears(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run, year int) ([]ledger.PersonData, error) {
	data, err := b.LoadPeople(ctx, area, people, seen, run)
	for i := range data {
		data[i].Claims = slices.DeleteFunc(slices.Clone(data[i].Claims), func(c rules.Claim) bool { return c.At.Date().Year() < year })
		data[i].Results = slices.DeleteFunc(slices.Clone(data[i].Results), func(r ledger.Result) bool { return r.Year < year })
	}
	return data, err
}

func (b *shelf) LoadPeople(_ context.Context, _ string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error) {
	var out []ledger.PersonData
	for _, p := range people {
		d := ledger.PersonData{Person: p}
		for i := range b.events {
			if e := &b.events[i]; e.Person == p && e.Src.Seq <= seen {
				d.Events = append(d.Events, e.Rules())
			}
		}
		d.Claims = slices.Clone(b.claims[p])
		spells, _ := b.area.Policy.Spells(d.Events)
		for year, claims := range recompute.ByYear(recompute.Live(slices.Clone(d.Claims), nil)) {
			rs, err := b.area.Policy.SettleYear(spells, b.area.Policy.Windows(spells), claims, nil, nil)
			if err != nil {
				return nil, err
			}
			for i := range rs {
				if run > 0 {
					d.Results = append(d.Results, ledger.Result{Person: p, Claim: claims[i].Ref, Year: year, Due: rs[i], Category: rs[i].Category, Recorded: claims[i].Recorded()})
				}
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// The lists come a person after the other, by the ID here as by its hash there.
func ofPerson[T any](b *shelf, rows []T, who func(*T) ledger.PersonNo, ok func(*T) bool, f func(*T) error) error {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y T) int { return cmp.Compare(b.people[who(&x)], b.people[who(&y)]) })
	for i := range rows {
		if ok(&rows[i]) {
			if err := f(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *shelf) Enrolments(_ context.Context, _ string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return ofPerson(b, b.enrolments, func(x *ledger.Enrolment) ledger.PersonNo { return x.Person }, func(x *ledger.Enrolment) bool {
		return (year == 0 || x.Year == year) && x.Src.Seq <= seen
	}, f)
}
func (b *shelf) EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return b.Enrolments(ctx, area, year, seen, func(x *ledger.Enrolment) error {
		if !slices.Contains(people, x.Person) {
			return nil
		}
		return f(x)
	})
}
func (b *shelf) Contributions(_ context.Context, _ string, seen ledger.Seq, f func(*ledger.Contribution) error) error {
	return ofPerson(b, b.contributions, func(x *ledger.Contribution) ledger.PersonNo { return x.Person }, func(x *ledger.Contribution) bool { return x.Src.Seq <= seen }, f)
}
func (b *shelf) Births(_ context.Context, _ string, seen ledger.Seq, f func(*ledger.Birth) error) error {
	return ofPerson(b, b.births, func(x *ledger.Birth) ledger.PersonNo { return x.Person }, func(x *ledger.Birth) bool { return x.Src.Seq <= seen }, f)
}
func (b *shelf) Items(_ context.Context, _ string, seen ledger.Seq, f func(*ledger.Item) error) error {
	return ofPerson(b, b.items, func(x *ledger.Item) ledger.PersonNo { return x.Person }, func(x *ledger.Item) bool { return x.Src.Seq <= seen }, f)
}

// masked is what those see of tables who see no IDs.
func masked(t *testing.T, tables []*table) (out []workbook.Table) {
	t.Helper()
	for _, x := range tables {
		one, err := project(catalogue.Default(), x, view{sheet: catalogue.Default().Tables[x.key].Sheet})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// notes are what stands above a list.
func notes(tables []workbook.Table) string {
	var out []string
	for _, t := range tables {
		out = append(out, t.Notes...)
	}
	return strings.Join(out, "\n")
}

// lines are how many rows a sheet has.
func lines(t *testing.T, tables []workbook.Table, sheet string) int {
	t.Helper()
	return strings.Count(show(t, tables, sheet), "\n")
}
