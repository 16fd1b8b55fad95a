package yearend

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// county is a shelf with what the reconciliation reads, too.
type county struct {
	*shelf
	stays   []stay
	refunds []refund
	payees  []string // by number, from 1
	on      []ledger.Matching
}

// stay is a settlement, of which the platform paid something at once.
type stay struct {
	id       int64
	person   ledger.PersonNo
	hospital string
	on       civil.Date
	seq      ledger.Seq
	recorded rules.Amounts
	due      rules.Result
	flags    int
}

type refund struct {
	of  int64
	on  civil.Date
	seq ledger.Seq
}

var hospitals = map[string][]string{"H1": {"青柳县人民医院"}, "H2": {"临江市中医院"}}

func (c *county) HospitalNames(context.Context, string, ledger.Seq) (map[string][]string, error) {
	return maps.Clone(hospitals), nil
}

func (c *county) NamesOf(_ context.Context, numbers []int64) (map[int64]string, error) {
	out := map[int64]string{}
	for _, n := range numbers {
		out[n] = c.payees[n-1]
	}
	return out, nil
}

func (c *county) TransferNotes(context.Context, string, ledger.Seq) (map[int64]string, error) {
	return nil, nil
}

func (c *county) PaidAtOnce(_ context.Context, _ string, from civil.Date, seen ledger.Seq, f func(ledger.PaidAtOnce) error) error {
	put := func(s *stay, on civil.Date, sign money.Fen) error {
		if on < from || s.recorded[rules.FundMajor] == 0 && s.recorded[rules.FundAssistance] == 0 {
			return nil
		}
		return f(ledger.PaidAtOnce{Hospital: s.hospital, Name: hospitals[s.hospital][0], Month: on.Month(), Person: s.person, Claims: int(sign),
			Major: sign * s.recorded[rules.FundMajor], Assist: sign * s.recorded[rules.FundAssistance]})
	}
	for i := range c.stays {
		s := &c.stays[i]
		if s.seq > seen {
			continue
		}
		if err := put(s, s.on, 1); err != nil {
			return err
		}
		if r := c.back(s.id, seen); r != nil {
			if err := put(s, r.on, -1); err != nil {
				return err
			}
		}
	}
	return nil
}

// back is the refund of a settlement, as known at seen.
func (c *county) back(id int64, seen ledger.Seq) *refund {
	for i := range c.refunds {
		if r := &c.refunds[i]; r.of == id && r.seq <= seen {
			return r
		}
	}
	return nil
}

func (c *county) PostedOn(context.Context, string, ledger.Seq) (map[int64]ledger.PostedOn, error) {
	out := map[int64]ledger.PostedOn{}
	for _, p := range c.postings {
		h := c.stays[p.Claim-1].hospital
		out[p.ID] = ledger.PostedOn{SetlID: fmt.Sprint("S", p.Claim), Hospital: h, HospName: hospitals[h][0]}
	}
	return out, nil
}

func (c *county) Matchings(_ context.Context, _ string, seen ledger.Seq) (out []ledger.Matching, _ error) {
	for _, x := range c.on {
		if x.Seq <= seen {
			out = append(out, x)
		}
	}
	return out, nil
}

func (c *county) Enrolments(_ context.Context, _ string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	for i := range c.enrolments {
		if x := c.enrolments[i]; x.Src.Seq <= seen && (year == 0 || x.Year == year) {
			if err := f(&x); err != nil {
				return err
			}
		}
	}
	return nil
}

var somePeople = []ledger.PersonNo{1, 2, 3, 4}

func (c *county) People(context.Context, string, ledger.Seq) ([]ledger.PersonNo, error) {
	return somePeople, nil
}

func (c *county) Identities(_ context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error) {
	out := map[ledger.PersonNo]ledger.Person{}
	for _, p := range people {
		out[p] = ledger.Person{No: p, Name: []string{"王小明", "欧阳春花", "欧阳春花", "李平安"}[p-1]}
	}
	return out, nil
}

// happens draws what comes on record before a year is closed, some of it late or
// early.
func (c *county) happens(t *rapid.T, year int) {
	yuan := func(what string) money.Fen { return money.Fen(rapid.IntRange(0, 5).Draw(t, what) * 100_37) }
	day := func(what string) civil.Date {
		return civil.YMD(rapid.IntRange(2022, year+1).Draw(t, what+" in"), rapid.IntRange(1, 12).Draw(t, what+" month"), 15)
	}
	who := func() ledger.PersonNo { return rapid.SampledFrom(somePeople).Draw(t, "who") }
	seq := c.entry()
	for range rapid.IntRange(0, 4).Draw(t, "stays") {
		s := stay{id: int64(len(c.stays) + 1), person: who(), hospital: rapid.SampledFrom([]string{"H1", "H2"}).Draw(t, "hospital"), on: day("stay"), seq: seq}
		s.due = rules.Result{Basic: yuan("basic"), Major: yuan("major"), Assist: yuan("assist"), Hospital: yuan("hospital share"), Supplement: yuan("supplement")}
		s.recorded = rules.Amounts{s.due.Basic, yuan("recorded major"), yuan("recorded assist"), 0, yuan("recorded hospital")}
		if rapid.IntRange(0, 3).Draw(t, "unlisted") == 0 {
			s.flags = ledger.FlagUnlisted
		}
		c.stays = append(c.stays, s)
	}
	for i := range c.stays {
		s := &c.stays[i]
		if c.back(s.id, seq) == nil && rapid.IntRange(0, 5).Draw(t, "refund") == 0 {
			c.refunds = append(c.refunds, refund{s.id, max(s.on, day("refund")), seq})
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "recognised") {
		c.events = append(c.events, ledger.Event{ID: int64(len(c.events) + 1), Src: ledger.Source{Seq: seq}, Person: who(), Op: rules.Add, Date: civil.YMD(2022, 1, 1),
			Category: rapid.SampledFrom([]rules.Category{rules.Dibao, rules.Kunjing}).Draw(t, "as")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "enrolled") {
		c.enrolments = append(c.enrolments, ledger.Enrolment{ID: int64(len(c.enrolments) + 1), Src: ledger.Source{Seq: seq}, Person: who(), Year: rapid.IntRange(2022, year+1).Draw(t, "insured in"),
			Plan: rapid.SampledFrom([]rules.Plan{rules.PlanResidents, rules.PlanEmployees}).Draw(t, "plan"), Own: yuan("own"), Subsidy: yuan("subsidy")})
	}
	for range rapid.IntRange(0, 4).Draw(t, "transfers") {
		x := ledger.Transfer{ID: int64(len(c.transfers) + 1), Src: ledger.Source{Seq: seq}, Date: day("paid"), Amount: money.Fen(rapid.IntRange(-3, 9).Draw(t, "paid") * 50_01),
			Item:  rapid.SampledFrom([]string{"医疗救助", "大病保险", "惠困金", "资助参保", "定点医院", "其他款"}).Draw(t, "item"),
			Payer: rapid.SampledFrom([]string{"青柳县财政局", "临江市中医院", "某某人寿", "王小明"}).Draw(t, "payer")}
		x.Payee = int64(rapid.IntRange(1, len(c.payees)).Draw(t, "payee"))
		if rapid.Bool().Draw(t, "to a person") {
			x.Person = who()
		}
		if rapid.Bool().Draw(t, "with a period") {
			x.From = day("period").Month()
			x.To = x.From
		}
		c.transfers = append(c.transfers, x)
	}
}

// settle is what a run finds of the settlements that it sees.
func (c *county) settle() ledger.Run {
	run := c.run()
	for i := range c.stays {
		s := &c.stays[i]
		r := ledger.ResultRow{Result: ledger.Result{Run: run.No, Area: area.Code, Person: s.person, Year: s.on.Year(), Claim: s.id, Flags: s.flags}, SetlID: fmt.Sprint("S", s.id)}
		r.Hospital, r.HospName = s.hospital, hospitals[s.hospital][0]
		if c.back(s.id, c.seq) != nil {
			r.Flags = ledger.FlagGone
		} else {
			r.Due, r.Recorded = s.due, s.recorded
		}
		c.results = append(c.results, r)
	}
	return run
}

// byItem sums what the reconciliation has by item, as the statement counts it: what
// hospitals pay in is above 0.
type byItem map[string]money.Fen

func (b byItem) add(item string, v money.Fen) {
	if item == reconcile.ItemHospital {
		v = -v
	}
	b[item] += v
}

func same(a, b byItem) bool {
	zero := func(_ string, v money.Fen) bool { return v == 0 }
	maps.DeleteFunc(a, zero)
	maps.DeleteFunc(b, zero)
	return maps.Equal(a, b)
}

// TestStatementIsReconciliation: for every closed year, what is due and what was paid
// of each item is what the reconciliation has of it, to the fen: whatever the office
// leaves out of the reconciliation, and whatever comes late. One thing is booked
// otherwise, and accounted for here: a refund of a later year that is known when the
// settlement's year is closed is off that year at once, while the reconciliation has
// it in its own month, as hospitals do.
func TestStatementIsReconciliation(t *testing.T) {
	ctx := context.Background()
	names := map[string][]string{reconcile.ItemAssistance: {"惠困金"}}
	options := func(c finance.Config) *finance.Options {
		c.Names = names
		o, err := c.Options()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	all := options(finance.Config{})
	of := finance.Area{Code: area.Code, Name: area.Name, Policy: area.Policy, Insurers: area.Insurers}
	rapid.Check(t, func(t *rapid.T) {
		c := &county{shelf: &shelf{counties: map[ledger.PersonNo]string{1: "青柳县", 2: "白石县"}},
			payees: []string{"青柳县人民医院", "某某人寿杭州分公司", "杭州市税务局", "欧阳春花", "李平安", "合计", "青柳县医疗保障局", "外县医院"}}
		fewer := of
		fewer.Options = rapid.SampledFrom([]*finance.Options{all, options(finance.Config{From: "2023-03"}), options(finance.Config{Items: []string{"大病保险"}}),
			options(finance.Config{Tolerance: "60"})}).Draw(t, "options")
		full := of
		full.Options = all
		dueBefore, paidBefore := byItem{}, byItem{}
		for _, year := range []int{2022, 2023, 2024} {
			c.happens(t, year)
			c.post(c.settle(), civil.YMD(rapid.IntRange(2022, year+1).Draw(t, "posted in"), 6, 1))
			if year < 2024 && rapid.IntRange(0, 3).Draw(t, "not closed") == 0 {
				continue
			}
			run := c.settle()
			st, err := Make(ctx, c, &area, year, run, Reconciling(c, fewer))
			if err != nil {
				t.Fatal(err)
			}
			steps, _ := c.YearSteps(ctx, area.Code, run.Seen)
			calendar := NewCalendar(steps)
			b, err := finance.Gather(ctx, c, full, run.Seen)
			if err != nil {
				t.Fatal(err)
			}
			due, paid := byItem{}, byItem{}
			for i := range b.Result.Dues {
				d := &b.Result.Dues[i]
				booked := d.From.Year()
				if p := b.Posting(d.Key); p != nil {
					booked = calendar.BookedPosting(p)
				}
				if booked <= year {
					due.add(d.Item, d.Amount)
				}
			}
			for i := range c.stays {
				s := &c.stays[i]
				if r := c.back(s.id, run.Seen); r != nil && s.on.Year() <= year && r.on.Year() > year {
					due.add(reconcile.ItemMajor, -s.recorded[rules.FundMajor])
					due.add(reconcile.ItemAssistance, -s.recorded[rules.FundAssistance])
				}
			}
			for i := range c.transfers {
				x := &c.transfers[i]
				if m := b.Result.LineMatch()[reconcile.TransferKey(x.ID)]; m != nil && calendar.BookedTransfer(x) <= year {
					l := b.Readings()[x.ID]
					paid.add(l.Item, l.Amount)
				}
			}
			gotDue, gotPaid := maps.Clone(dueBefore), maps.Clone(paidBefore)
			for _, r := range st.Carry {
				gotDue[r.Item] += r.due() - r.Opening
				gotPaid[r.Item] += r.Paid
			}
			if !same(gotDue, due) || !same(gotPaid, paid) {
				t.Fatalf("%d: the statements have due %v, paid %v; the reconciliation has due %v, paid %v", year, gotDue, gotPaid, due, paid)
			}
			dueBefore, paidBefore = gotDue, gotPaid
			for _, r := range st.Carry {
				if r.Carried != gotDue[r.Item]-gotPaid[r.Item] {
					t.Fatalf("%d: %s of %s is carried on, not %s", year, r.Carried, r.Item, gotDue[r.Item]-gotPaid[r.Item])
				}
			}
			for _, by := range []string{"甲", "乙"} {
				c.steps = append(c.steps, ledger.YearStep{ID: int64(len(c.steps) + 1), Seq: c.entry(), Year: year, Step: ledger.YearSign, By: by, Digest: st.Digest(), Run: run.No, Statement: st.Bytes()})
			}
			again, err := Make(ctx, c, &area, year, run, Reconciling(c, fewer))
			if err != nil || again.Digest() != st.Digest() {
				t.Fatalf("%d is another from the same run: %v", year, err)
			}
		}
		if !slices.ContainsFunc(c.steps, func(x ledger.YearStep) bool { return x.Year == 2024 }) {
			t.Fatal("2024 was not closed")
		}
	})
}

func (c *county) EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error {
	return c.Enrolments(ctx, area, year, seen, func(x *ledger.Enrolment) error {
		if !slices.Contains(people, x.Person) {
			return nil
		}
		return f(x)
	})
}
