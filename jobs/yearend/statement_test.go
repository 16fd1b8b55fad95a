package yearend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"pgregory.net/rapid"
)

// shelf is a ledger in memory with what a statement reads.
type shelf struct {
	results    []ledger.ResultRow // one for each run that found another
	postings   []ledger.Posting
	transfers  []ledger.Transfer
	enrolments []ledger.Enrolment
	refunds    []ledger.WaitingRefund
	cases      []ledger.Case
	steps      []ledger.YearStep
	events     []ledger.Event
	counties   map[ledger.PersonNo]string
	seq        ledger.Seq
	runs       int
}

func (b *shelf) People(context.Context, string, ledger.Seq) ([]ledger.PersonNo, error) {
	var out []ledger.PersonNo
	for _, r := range b.results {
		out = append(out, r.Person)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (b *shelf) LoadPeople(_ context.Context, _ string, people []ledger.PersonNo, seen ledger.Seq, _ int) ([]ledger.PersonData, error) {
	out := make([]ledger.PersonData, len(people))
	for i, p := range people {
		out[i].Person = p
		for _, x := range b.events {
			if x.Person == p && x.Src.Seq <= seen {
				out[i].Events = append(out[i].Events, x.Rules())
			}
		}
	}
	return out, nil
}

func (b *shelf) ResultsOf(_ context.Context, _ string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error) {
	last := map[int64]ledger.ResultRow{}
	for _, r := range b.results {
		if r.Run <= run && (year == 0 || r.Year == year) && slices.Contains(people, r.Person) {
			last[r.Claim] = r
		}
	}
	var out []ledger.ResultRow
	for _, r := range last { // in whatever order
		out = append(out, r)
	}
	return out, nil
}

func (b *shelf) Counties(_ context.Context, _ string, people []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo]string, error) {
	return b.counties, nil
}

func (b *shelf) Postings(_ context.Context, _ string, seen ledger.Seq) (out []ledger.Posting, _ error) {
	for _, p := range b.postings {
		if p.Seq <= seen {
			out = append(out, p)
		}
	}
	return out, nil
}

func (b *shelf) WaitingRefunds(context.Context, string, ledger.Seq) ([]ledger.WaitingRefund, error) {
	return b.refunds, nil
}

func (b *shelf) Cases(context.Context, string, int, int) ([]ledger.Case, error) { return b.cases, nil }

func (b *shelf) Transfers(_ context.Context, _ string, seen ledger.Seq, f func(*ledger.Transfer) error) error {
	for i := range b.transfers {
		if x := b.transfers[i]; x.Src.Seq <= seen {
			if err := f(&x); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *shelf) Enrolments(_ context.Context, _ string, year int, _ ledger.Seq, f func(*ledger.Enrolment) error) error {
	for i := range b.enrolments {
		if x := b.enrolments[i]; year == 0 || x.Year == year {
			if err := f(&x); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *shelf) Events(_ context.Context, _ string, _ []ledger.PersonNo, after, upTo ledger.Seq) (out []ledger.Event, _ error) {
	for _, x := range b.events {
		if after < x.Src.Seq && x.Src.Seq <= upTo {
			out = append(out, x)
		}
	}
	return out, nil
}

func (b *shelf) Merges(context.Context, ledger.Seq) ([]ledger.Merge, error) { return nil, nil }

func (b *shelf) YearSteps(_ context.Context, _ string, seen ledger.Seq) (out []ledger.YearStep, _ error) {
	for _, x := range b.steps {
		if x.Seq <= seen {
			out = append(out, x)
		}
	}
	return out, nil
}

func (b *shelf) YearStatement(_ context.Context, id int64) ([]byte, error) {
	return b.steps[id-1].Statement, nil
}

// entry is the number of the next entry.
func (b *shelf) entry() ledger.Seq { b.seq++; return b.seq }

// run is one that sees everything.
func (b *shelf) run() ledger.Run {
	b.runs++
	return ledger.Run{No: b.runs, Month: 202412, Seen: b.seq, Areas: []ledger.RunArea{{Area: area.Code, PolicyDigest: "p"}}}
}

// close makes the statement of a year from a run and lets two people sign it.
func (b *shelf) close(t rapid.TB, year int, run ledger.Run) *Statement {
	t.Helper()
	st, err := Make(context.Background(), b, &area, year, run, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"甲", "乙"} {
		b.steps = append(b.steps, ledger.YearStep{ID: int64(len(b.steps) + 1), Seq: b.entry(), Year: year, Step: ledger.YearSign, By: by, Digest: st.Digest(), Run: run.No, Statement: st.Bytes()})
	}
	return st
}

var area = func() Area {
	p, err := pack.Load("hangzhou-2022-70")
	if err != nil {
		panic(err)
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{{Pack: p}})
	if err != nil {
		panic(err)
	}
	return Area{Code: p.Area, Name: "青柳市", Policy: pol, Insurers: map[string]string{reconcile.ItemMajor: "某某人寿"}}
}()

// claim draws a settlement as a run finds it: anew, or as it is since something
// late came.
func claim(t *rapid.T, run int, id int64, year int) ledger.ResultRow {
	yuan := func(what string) money.Fen { return money.Fen(rapid.IntRange(0, 5).Draw(t, what) * 100_37) }
	r := ledger.ResultRow{Result: ledger.Result{Run: run, Area: area.Code, Person: ledger.PersonNo(id%4 + 1), Year: year, Claim: id}, SetlID: fmt.Sprint("S", id)}
	r.Hospital, r.HospName = rapid.SampledFrom([]string{"H1", "H2", ""}).Draw(t, "hospital"), "某医院"
	if rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
		r.Flags = ledger.FlagGone
		return r
	}
	if rapid.IntRange(0, 3).Draw(t, "unlisted") == 0 {
		r.Flags = ledger.FlagUnlisted
	}
	r.Due = rules.Result{Basic: yuan("basic"), Major: yuan("major"), Assist: yuan("assist"), Tilt: yuan("tilt"), Hospital: yuan("hospital share"), Supplement: yuan("supplement")}
	r.Recorded = rules.Amounts{r.Due.Basic, yuan("recorded major"), yuan("recorded assist"), 0, yuan("recorded hospital")}
	return r
}

// post posts what is open, on a day.
func (b *shelf) post(run ledger.Run, day civil.Date) {
	all := map[int64]rules.Amounts{}
	for _, p := range b.postings {
		a := all[p.Claim]
		a[p.Fund] += p.Amount
		all[p.Claim] = a
	}
	rows, _ := b.ResultsOf(context.Background(), area.Code, 0, []ledger.PersonNo{1, 2, 3, 4}, run.No)
	slices.SortFunc(rows, func(x, y ledger.ResultRow) int { return int(x.Claim - y.Claim) })
	seq := b.entry()
	for _, r := range rows {
		for f, v := range r.Adjust(all[r.Claim]) {
			if v != 0 {
				b.postings = append(b.postings, ledger.Posting{ID: int64(len(b.postings) + 1), Seq: seq, Run: run.No, Area: area.Code, Person: r.Person, Claim: r.Claim, Year: r.Year,
					Fund: rules.Fund(f), Amount: v, Date: day})
			}
		}
	}
}

// TestStatementsTie: three years of settlements, postings and transfers, some of them
// late for years that are closed. Each statement ties; the same run gives the same
// bytes for ever; and together the statements hold each fen recorded, posted and paid
// exactly once.
func TestStatementsTie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &shelf{counties: map[ledger.PersonNo]string{1: "青柳县", 2: "白石县"}}
		var made []*Statement
		var runs []ledger.Run
		claims := map[int64]int{} // by number: the year
		next := int64(1)
		for _, year := range []int{2022, 2023, 2024} {
			for range rapid.IntRange(0, 6).Draw(t, "claims") {
				of := rapid.IntRange(2022, year).Draw(t, "year")
				b.results = append(b.results, claim(t, b.runs+1, next, of))
				claims[next] = of
				next++
			}
			for id := int64(1); id < next; id++ { // what something late changes
				if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
					x := claim(t, b.runs+1, id, claims[id])
					for _, r := range b.results { // a settlement stays at its hospital
						if r.Claim == id {
							x.Hospital = r.Hospital
						}
					}
					b.results = append(b.results, x)
				}
			}
			b.entry()
			for range rapid.IntRange(0, 4).Draw(t, "transfers") {
				x := ledger.Transfer{ID: int64(len(b.transfers) + 1), Item: rapid.SampledFrom([]string{"医疗救助", "大病保险", "城乡医疗救助资金", "资助参保", "其他款"}).Draw(t, "item"),
					Date: civil.YMD(rapid.IntRange(2022, year).Draw(t, "paid in"), 12, 1), Amount: money.Fen(rapid.IntRange(-3, 9).Draw(t, "paid") * 50_01), Person: ledger.PersonNo(rapid.IntRange(0, 4).Draw(t, "to"))}
				x.Src.Seq = b.seq
				if rapid.Bool().Draw(t, "of a settlement") && next > 1 {
					x.SetlID = fmt.Sprint("S", rapid.Int64Range(1, next-1).Draw(t, "which"))
				}
				b.transfers = append(b.transfers, x)
			}
			day := civil.YMD(year, rapid.IntRange(1, 12).Draw(t, "posted in"), 28)
			if year < 2024 && rapid.Bool().Draw(t, "posted late") {
				day = civil.YMD(year+1, 1, 15) // before the year is closed
			}
			b.post(b.run(), day)
			run := b.run()
			st := b.close(t, year, run)
			made, runs = append(made, st), append(runs, run)
			if st.Total.Open != 0 || slices.ContainsFunc(st.Open, func(g Group) bool { return g.Item == ItemProposals }) {
				t.Fatalf("%d: %s open after everything was posted", year, st.Total.Open)
			}
		}
		var recorded, posted, paid, opening, carried money.Fen
		for i, st := range made {
			again, err := Make(context.Background(), b, &area, st.Year, runs[i], nil)
			if err != nil || !bytes.Equal(again.Bytes(), st.Bytes()) {
				t.Fatalf("%d is another from the same run (%v)\n%s\n%s", st.Year, err, st.Bytes(), again.Bytes())
			}
			read, err := Parse(st.Bytes(), st.Digest())
			if err != nil || read.Prove() != nil || !bytes.Equal(read.Bytes(), st.Bytes()) {
				t.Fatalf("%d read again: %v", st.Year, err)
			}
			recorded += st.Total.Recorded
			posted += st.Total.Posted
			paid += st.PaidSum
			for _, m := range st.Moved {
				recorded += m.Amount
			}
			for _, p := range st.Prior {
				posted += p.Amount
			}
			opening = 0
			for _, r := range st.Carry {
				opening += r.Opening
			}
			if opening != carried {
				t.Fatalf("%d opens with %s, the year before closed with %s", st.Year, opening, carried)
			}
			carried = 0
			for _, r := range st.Carry {
				carried += r.Carried
			}
		}
		var all Sum
		var transferred money.Fen
		rows, _ := b.ResultsOf(context.Background(), area.Code, 0, []ledger.PersonNo{1, 2, 3, 4}, b.runs)
		for _, r := range rows {
			for _, v := range r.Recorded {
				all.Recorded += v
			}
		}
		for _, p := range b.postings {
			all.Posted += p.Amount
		}
		for _, x := range b.transfers {
			transferred += x.Amount
		}
		if recorded != all.Recorded || posted != all.Posted || paid != transferred {
			t.Fatalf("the statements have %s recorded, %s posted, %s paid; on record are %s, %s, %s", recorded, posted, paid, all.Recorded, all.Posted, transferred)
		}
	})
}

// TestProveFinds: a fen moved anywhere in a statement is found.
func TestProveFinds(t *testing.T) {
	b := &shelf{counties: map[ledger.PersonNo]string{1: "青柳县"}}
	r := ledger.ResultRow{Result: ledger.Result{Run: 1, Area: area.Code, Person: 1, Year: 2023, Claim: 1}, SetlID: "S1", Hospital: "H1"}
	r.Due.Assist, r.Due.Basic, r.Recorded = 500_00, 100_00, rules.Amounts{100_00, 0, 200_00}
	b.results = []ledger.ResultRow{r}
	b.transfers = []ledger.Transfer{{ID: 1, Item: "医疗救助", Date: 20231201, Amount: 7}}
	b.enrolments = []ledger.Enrolment{{Person: 1, Year: 2023, Plan: rules.PlanResidents, Own: 100_00, Subsidy: 280_00}}
	b.events = []ledger.Event{{Src: ledger.Source{Seq: b.entry()}, Person: 1, Op: rules.Add, Category: rules.Dibao, Date: 20220101}}
	run := b.run()
	b.post(run, 20231201)
	run.Seen = b.seq
	fresh := func() *Statement {
		st, err := Make(t.Context(), b, &area, 2023, run, nil)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	st := fresh()
	if st.Total.Posted != 300_00 || st.Total.Recorded != 300_00 || len(st.Premiums) != 1 || st.Premiums[0].Subsidy != 280_00 || st.Premiums[0].Due != 280_00 || st.PaidSum != 7 {
		t.Fatalf("%+v", st.Figures)
	}
	if got := st.Insurer(rules.FundMajor); got != "某某人寿" || st.Insurer(rules.FundSupplement) != NoInsurer || st.Insurer(rules.FundBasic) != "" {
		t.Errorf("insurers: %q", got)
	}
	for name, change := range map[string]func(*Statement){
		"due":                      func(s *Statement) { s.Rows[0].Due++ },
		"from one fund to another": func(s *Statement) { s.Rows[0].Posted++; s.Rows[0].Open-- },
		"a row lost":               func(s *Statement) { s.Rows = s.Rows[1:] },
		"a row twice":              func(s *Statement) { s.Rows = append(s.Rows, s.Rows[0]) },
		"the total":                func(s *Statement) { s.Total.Recorded++ },
		"a transfer":               func(s *Statement) { s.Paid[0].Amount++ },
		"what was paid":            func(s *Statement) { s.PaidSum++ },
		"the carry-over":           func(s *Statement) { s.Carry[0].Carried++ },
		"from one item to another": func(s *Statement) {
			s.Carry[0].Recorded++
			s.Carry[0].Carried++
		},
		"a premium":                 func(s *Statement) { s.Premiums[0].Due++ },
		"a late premium":            func(s *Statement) { s.MovedPremiums = append(s.MovedPremiums, MovedPremium{Year: 2022, Amount: 1}) },
		"a transfer read otherwise": func(s *Statement) { s.Reread = append(s.Reread, RereadRow{"医疗救助", 1}) },
		"a prior posting":           func(s *Statement) { s.Prior = append(s.Prior, PriorRow{Amount: 1}) },
		"a prior movement":          func(s *Statement) { s.Moved = append(s.Moved, MovedRow{Amount: 1}) },
	} {
		x := fresh()
		change(x)
		if err := x.Prove(); !errors.Is(err, ledger.ErrIntegrity) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Parse(x.Bytes(), st.Digest()); !errors.Is(err, ledger.ErrIntegrity) {
			t.Errorf("%s: the hash is the same", name)
		}
	}
	if _, err := Parse([]byte("{"), st.Digest()); !errors.Is(err, ledger.ErrIntegrity) {
		t.Error(err)
	}
	// A statement of the first format says what was subsidised, and nothing of what is due.
	first := fresh()
	first.Format, first.Premiums[0].Due = 1, 0
	read, err := Parse(first.Bytes(), first.Digest())
	if err != nil || read.Prove() != nil || read.Premiums[0].Due != 280_00 {
		t.Errorf("of the first format: %+v, %v", read, err)
	}
	// Another run that finds the same is the same statement.
	later := run
	later.No, later.Month, later.By = 9, 202401, "丙"
	again, err := Make(t.Context(), b, &area, 2023, later, nil)
	if err != nil || again.Digest() != st.Digest() || bytes.Equal(again.Bytes(), st.Bytes()) {
		t.Errorf("%v %s %s", err, again.Digest(), st.Digest())
	}
	if _, err := Make(t.Context(), b, &Area{Code: "999999"}, 2023, run, nil); !errors.Is(err, ledger.ErrNoRun) {
		t.Errorf("of an area that the run does not have: %v", err)
	}
}

// TestReconciled: what the reconciliation says of transfers decides item, county,
// hospital and sign, and which of them are listed.
func TestReconciled(t *testing.T) {
	b := &shelf{}
	r := ledger.ResultRow{Result: ledger.Result{Run: 1, Area: area.Code, Person: 1, Year: 2023, Claim: 1}, SetlID: "S1", Hospital: "H1", HospName: "县医院"}
	r.Due.Assist, r.Recorded[rules.FundAssistance] = 500_00, 500_00
	b.results = []ledger.ResultRow{r}
	for i, x := range []string{"医疗救助", "医疗救助", "定点医院", "别的"} {
		b.transfers = append(b.transfers, ledger.Transfer{ID: int64(i + 1), Item: x, Date: 20231201, Amount: 500_00})
	}
	st, err := Make(t.Context(), b, &area, 2023, b.run(), func(context.Context, ledger.Run) (map[int64]Line, error) {
		return map[int64]Line{
			1: {Item: reconcile.ItemAssistance, County: "青柳县", Payee: "县医院", Amount: 500_00},
			2: {Item: reconcile.ItemAssistance, Amount: 500_00, Class: "已拨无应", Excess: 500_00},
			3: {Item: reconcile.ItemHospital, Payee: "县医院", Amount: -500_00}, // the hospital pays in
			4: {Item: "别的", Amount: 500_00, Class: notReconciled, Excess: 500_00},
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range st.Paid {
		got = append(got, fmt.Sprint(p.Item, p.County, p.Hospital, " ", p.Amount))
	}
	if want := []string{"医疗救助 500.00", "医疗救助青柳县H1 500.00", "医疗机构负担H1 500.00", "别的 500.00"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(st.Open) != 1 || st.Open[0].Item != ItemTransfers || st.Open[0].Count != 2 || st.Open[0].Details[0].Ref != "transfer:2" || st.Open[0].Details[1].What != "未对账 2023-12-01 别的" {
		t.Errorf("%+v", st.Open)
	}
	for _, c := range st.Carry {
		if want := map[string]money.Fen{"医疗救助": -500_00, "医疗机构负担": -500_00, "别的": -500_00}[c.Item]; c.Carried != want {
			t.Errorf("%s: %s carried, want %s", c.Item, c.Carried, want)
		}
	}
}

func (b *shelf) EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return b.Enrolments(ctx, area, year, seen, func(x *ledger.Enrolment) error {
		if !slices.Contains(people, x.Person) {
			return nil
		}
		return f(x)
	})
}
