package recompute

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func day(t *rapid.T, label string) civil.Date {
	y := rapid.SampledFrom([]int{2022, 2023, 2023, 2023, 2024}).Draw(t, label+" year")
	m := rapid.IntRange(1, 12).Draw(t, label+" month")
	return civil.YMD(y, m, rapid.SampledFrom([]int{1, 15, 28}).Draw(t, label+" day"))
}

var categories = []rules.Category{rules.Tekun, rules.Dibao, rules.Dibian, rules.Yifanpin, rules.Fengxian, rules.Canji}

// arrive puts one random record into the book. claims are the settlements of
// everybody so far, to be refunded and posted on.
func arrive(t *rapid.T, b *book, claims map[ledger.PersonNo][]rules.Claim) {
	p := ledger.PersonNo(rapid.IntRange(1, 3).Draw(t, "person"))
	mine := claims[p]
	what := rapid.SampledFrom([]string{"event", "event", "event", "claim", "claim", "claim", "claim", "refund", "relief", "relief", "posting", "withdrawal"}).Draw(t, "what")
	switch {
	case what == "withdrawal" && b.withdraw(p, rapid.IntRange(0, 2).Draw(t, "which")):
	case what == "event":
		e := rules.Event{Op: rapid.SampledFrom([]rules.Op{rules.Add, rules.Add, rules.Remove, rules.Change}).Draw(t, "op"), Date: day(t, "event"),
			Category: rapid.SampledFrom(categories).Draw(t, "category"), Cause: rapid.SampledFrom([]rules.Cause{rules.NoCause, rules.Illness}).Draw(t, "cause")}
		e.Level = uint8(rapid.IntRange(1, 3).Draw(t, "level"))
		if rapid.IntRange(0, 2).Draw(t, "head") == 0 {
			b.moves(p, ledger.PersonNo(rapid.IntRange(1, 4).Draw(t, "under")), e) // 4 is on no other record
		} else {
			b.event(p, e)
		}
	case what == "claim" || what == "withdrawal" || len(mine) == 0 && what != "relief":
		n := 0
		for _, cs := range claims {
			n += len(cs)
		}
		c := rules.Claim{ID: fmt.Sprintf("S%d-%d", rapid.IntRange(0, 9).Draw(t, "id"), n), At: day(t, "settled").At(), Kind: rapid.SampledFrom(rules.Kinds()).Draw(t, "kind"),
			Referral: rapid.SampledFrom([]rules.Referral{rules.Local, rules.Referred, rules.Unreferred}).Draw(t, "referral"), Level: uint8(rapid.IntRange(1, 3).Draw(t, "hospital"))}
		c.Total = money.Fen(rapid.SampledFrom([]int64{0, 100, 1000_00, 5000_00, 12345_67, 50000_00, 200000_00}).Draw(t, "total"))
		c.InScope = c.Total * money.Fen(rapid.IntRange(6, 10).Draw(t, "scope")) / 10
		c.Basic = c.InScope * money.Fen(rapid.IntRange(0, 5).Draw(t, "basic")) / 10
		c.Assist = (c.InScope - c.Basic) * money.Fen(rapid.IntRange(0, 2).Draw(t, "assist")) / 10
		claims[p] = append(mine, b.claim(p, c))
	case what == "refund":
		of := rapid.SampledFrom(mine).Draw(t, "of").ID
		if rapid.IntRange(0, 4).Draw(t, "of nothing") == 0 {
			of = "elsewhere"
		}
		b.refund(p, of)
	case what == "relief":
		// Few days and amounts, so that two are often alike.
		b.relief(p, rules.Help{Date: rapid.SampledFrom([]civil.Date{20230415, 20230701, 20240115}).Draw(t, "relief"), Source: rapid.SampledFrom([]string{"慈善", "工会"}).Draw(t, "kind"),
			Amount: money.Fen(rapid.SampledFrom([]int64{500_00, 4000_00}).Draw(t, "amount"))})
	default:
		c := rapid.SampledFrom(mine).Draw(t, "on")
		b.posting(p, ledger.Posting{Run: 1, Area: area, Person: p, Claim: c.Ref, Year: c.At.Date().Year(), Fund: rules.FundAssistance,
			Amount: money.Fen(rapid.SampledFrom([]int64{500_00, -200_00}).Draw(t, "posted")), Date: day(t, "posted")})
	}
}

// TestIncrementalEqualsFull: however a ledger came about, what the runs found
// batch by batch is what one run from the beginning finds.
func TestIncrementalEqualsFull(t *testing.T) {
	policies := []*rules.Policy{policy(t, "hangzhou-2022-70", hangzhou), policy(t, "kaifeng-2022-draft", "identity: {exit_effect: next_month}\n"),
		byHousehold(policy(t, "hangzhou-2022-70", hangzhou))}
	results, tombstones, cases, vanished, households := 0, 0, 0, 0, 0
	history := func(t *rapid.T) {
		which := rapid.IntRange(0, len(policies)-1).Draw(t, "policy")
		j := Job{Policy: policies[which]}
		b := newBook()
		claims := map[ledger.PersonNo][]rules.Claim{}
		same := func(when string) {
			t.Helper()
			s := b.scratch()
			s.settle(t, Job{Policy: j.Policy, Run: 1, Full: true})
			rs, cs := b.latest()
			wantRs, wantCs := s.latest()
			if d := cmp.Diff(wantRs, rs); d != "" {
				t.Fatalf("%s: results (-full +incremental)\n%s", when, d)
			}
			if d := cmp.Diff(wantCs, cs); d != "" {
				t.Fatalf("%s: cases (-full +incremental)\n%s", when, d)
			}
		}
		still := func(when string, j Job) Totals {
			t.Helper()
			j.Run++
			got := b.settle(t, j)
			if b.wrote != 0 || got.Changed != 0 || got.CasesOpened != 0 || got.CasesCleared != 0 {
				t.Fatalf("%s: %d written with nothing new: %+v", when, b.wrote, got)
			}
			return got
		}
		for batch := range rapid.IntRange(1, 6).Draw(t, "batches") {
			b.head++
			for range rapid.IntRange(0, 6).Draw(t, "records") {
				arrive(t, b, claims)
			}
			j.Run++
			got := b.settle(t, j)
			if want := b.between(area, j.After, b.head); got.Touched != len(want) {
				t.Fatalf("%d touched, %d of whom something came", got.Touched, len(want))
			}
			j.After, j.Last = b.head, j.Run
			same(fmt.Sprintf("batch %d", batch+1))

			if got := still("again", j); got.Touched != 0 || got.PersonYears != 0 {
				t.Fatalf("settled with nothing new: %+v", got)
			}
			full := j
			full.Full = true
			if got := still("again in full", full); got.Touched != got.People {
				t.Fatalf("a full run of %d of %d", got.Touched, got.People)
			}
			j.Run += 2
			j.Last = j.Run
		}
		// Another policy may change anything: a full run under it is as if it had
		// always been there.
		j.Policy, j.Full = policies[(which+1)%len(policies)], true
		j.Run++
		b.settle(t, j)
		same("under the other policy")
		for _, rs := range b.results {
			results += len(rs)
			for _, r := range rs {
				if r.Flags&ledger.FlagGone != 0 {
					tombstones++
				}
			}
		}
		for _, cs := range b.cases {
			cases += len(cs)
			for _, c := range cs {
				if c.Gone {
					vanished++
				}
				if c.Level == ledger.LevelHousehold && c.Gross > 0 {
					households++
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 10 { // with rapid's 100 checks a thousand histories
			history(t)
		}
	})
	t.Logf("%d results, %d tombstones, %d states of cases, %d vanished", results, tombstones, cases, vanished)
	for what, n := range map[string]int{"results": results, "tombstones": tombstones, "cases": cases, "cases vanished": vanished, "cases of households": households} {
		if n == 0 {
			t.Errorf("the histories never reach %s", what)
		}
	}
}

// TestRefund: a refund writes a tombstone once, and what came after the claim is
// settled anew.
func TestRefund(t *testing.T) {
	b := newBook()
	j := Job{Policy: policy(t, "kaifeng-2022-draft", "")}
	b.head = 1
	b.event(1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	first := b.claim(1, stay("S1", 20230310, 3000))  // 2,000 deducted, 1,000 × 65 % = 650
	second := b.claim(1, stay("S2", 20230410, 3000)) // 3,000 × 65 % = 1,950
	run := func(after ledger.Seq) Totals {
		j.After, j.Last = after, j.Run
		j.Run++
		return b.settle(t, j)
	}
	assist := func(c rules.Claim) money.Fen {
		rs := b.results[c.Ref]
		return rs[len(rs)-1].Due.Assist
	}
	if got := run(0); got != (Totals{People: 1, Touched: 1, PersonYears: 1, Claims: 2, Changed: 2}) {
		t.Errorf("%+v", got)
	}
	if assist(first) != 650_00 || assist(second) != 1950_00 {
		t.Errorf("%s and %s", assist(first), assist(second))
	}

	b.head = 2
	b.refund(1, "S1")
	if got := run(1); got != (Totals{People: 1, Touched: 1, PersonYears: 1, Claims: 1, Changed: 2}) {
		t.Errorf("%+v", got)
	}
	tomb := b.results[first.Ref][1]
	want := ledger.Result{Run: 2, Area: area, Person: 1, Year: 2023, Claim: first.Ref, Flags: ledger.FlagGone, Pack: "kaifeng-2022-draft"}
	if tomb != want {
		t.Errorf("tombstone %+v, want %+v", tomb, want)
	}
	if assist(second) != 650_00 { // the deductible falls on it now
		t.Errorf("the second claim gets %s", assist(second))
	}

	// Whatever comes later, there is no second tombstone.
	b.head = 3
	b.refund(1, "S1")
	b.relief(1, rules.Help{Date: 20230501, Amount: 1})
	for range 2 {
		if got := run(2); got.Changed != 0 || b.wrote != 0 {
			t.Errorf("%+v, %d written", got, b.wrote)
		}
	}
	// A refund that came before its original cancels it on arrival: it never had a
	// result, and gets none.
	b.head = 4
	b.refund(1, "S3")
	run(3)
	b.head = 5
	third := b.claim(1, stay("S3", 20230510, 3000))
	if got := run(4); got.Changed != 0 || len(b.results[third.Ref]) != 0 {
		t.Errorf("%+v %+v", got, b.results[third.Ref])
	}
}

// TestCasesCounted: what opened and what cleared since the last run. A case that
// vanished and comes again has opened again.
func TestCasesCounted(t *testing.T) {
	b := newBook()
	j := Job{Policy: policy(t, "kaifeng-2022-draft", "")}
	step := func(what string, opened, cleared, written int) {
		t.Helper()
		b.settle(t, Job{Policy: j.Policy, Run: j.Run + 1, Last: j.Run, After: j.After})
		j.Run++
		j.After = b.head
		b.head++
		if b.wrote != written {
			t.Errorf("%s: %d written, want %d", what, b.wrote, written)
		}
		if got := b.counted; got != [2]int{opened, cleared} {
			t.Errorf("%s: opened and cleared %v, want %d and %d", what, got, opened, cleared)
		}
	}
	b.head = 1
	b.event(1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.claim(1, stay("S1", 20230310, 30000)) // assisted with 10,000, 20,000 are left
	step("it crosses the line", 1, 0, 2)
	b.relief(1, rules.Help{Date: 20230401, Source: "慈善", Amount: 1000_00})
	step("relief that does not clear", 0, 0, 1)
	b.relief(1, rules.Help{Date: 20230402, Source: "慈善", Amount: 9000_00})
	step("relief that does", 0, 1, 1)
	b.relief(1, rules.Help{Date: 20230403, Source: "慈善", Amount: 1})
	step("more relief", 0, 0, 1)
	b.refund(1, "S1")
	step("the claim was refunded: a tombstone, and no case", 0, 0, 2)
	b.claim(1, stay("S2", 20230510, 50000)) // 40,000 are left
	step("it crosses again", 1, 0, 2)
	b.claim(2, stay("S3", 20230510, 50000))
	b.event(2, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
	b.relief(2, rules.Help{Date: 20230601, Source: "慈善", Amount: 40000_00})
	step("opened and cleared between two runs", 1, 1, 2)
}

// TestFlags: who was never on a list, and a day without a pack.
func TestFlags(t *testing.T) {
	b := newBook()
	b.head = 1
	unlisted := b.claim(1, stay("S1", 20230310, 100))
	before := b.claim(2, stay("S2", 20210310, 100))
	b.event(2, rules.Event{Op: rules.Add, Category: rules.Dibao, Date: 20210101})
	ill := b.claim(3, stay("S3", 20230310, 100))
	b.event(3, rules.Event{Op: rules.Add, Category: rules.Dibao, Date: 20230401, Cause: rules.Illness})
	event := int64(len(b.records))
	b.settle(t, Job{Policy: policy(t, "hangzhou-2022-70", ""), Run: 1})
	for _, c := range []struct {
		claim rules.Claim
		flags int
		pack  string
		event int64
	}{
		{unlisted, ledger.FlagUnlisted, "hangzhou-2022-70", 0},
		{before, ledger.FlagNoPack, "", 0},
		{ill, ledger.FlagRetro, "hangzhou-2022-70", event},
	} {
		r := b.results[c.claim.Ref][0]
		if r.Flags != c.flags || r.Pack != c.pack || r.Event != c.event || r.Due.Pack != nil || r.Recorded != c.claim.Recorded() || r.Total != c.claim.Total {
			t.Errorf("%s: %+v", c.claim.ID, r)
		}
	}
}

// TestHelpOfTheYear: relief counts in the year of its day, a posting in that of
// its claim, a 追回 is no help.
func TestHelpOfTheYear(t *testing.T) {
	d := &ledger.PersonData{
		Relief: []rules.Help{{Ref: 1, Date: 20230501, Source: "工会", Amount: 5}, {Ref: 2, Date: 20220501, Amount: 5}, {Ref: 3, Date: 20230501, Source: "慈善", Amount: 5},
			{Ref: 9, Date: 20230501, Source: "慈善", Amount: 4}, {Ref: 8, Date: 20230501, Source: "工会", Amount: 5}},
		Postings: []ledger.Posting{{ID: 4, Year: 2023, Date: 20240105, Amount: 7}, {ID: 5, Year: 2024, Date: 20240105, Amount: 7}, {ID: 6, Year: 2023, Date: 20230101, Amount: -7}},
	}
	want := []int64{9, 1, 8, 3, 4} // by day, amount, who helped; what is alike by its number
	for range 20 {                 // in whatever order they are loaded
		var got []int64
		for _, h := range helps(d, 2023) {
			got = append(got, h.Ref)
			if h.Posted != (h.Ref == 4) {
				t.Errorf("%+v", h)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		d.Relief = append(d.Relief[1:], d.Relief[0])
	}
}

func TestLive(t *testing.T) {
	claims := []rules.Claim{{ID: "B", At: 20230310000000}, {ID: "A", At: 20230310000000}, {ID: "C", At: 20230309000000}, {ID: "D", At: 20230311000000}}
	ids := func(cs []rules.Claim) string {
		var s []string
		for _, c := range cs {
			s = append(s, c.ID)
		}
		return strings.Join(s, "")
	}
	if got := ids(Live(slices.Clone(claims), nil)); got != "CABD" {
		t.Errorf("in the order of the waterfall: %s", got)
	}
	if got := ids(Live(slices.Clone(claims), []ledger.Refund{{Original: "A"}, {Original: "Z"}, {Original: "A"}})); got != "CBD" {
		t.Errorf("without what was refunded: %s", got)
	}
	years := ""
	for y, cs := range ByYear([]rules.Claim{{ID: "A", At: 20221231235959}, {ID: "B", At: 20230101000000}, {ID: "C", At: 20231231000000}, {ID: "D", At: 20250101000000}}) {
		years += fmt.Sprint(y, ids(cs), " ")
	}
	if years != "2022A 2023BC 2025D " {
		t.Errorf("by year: %s", years)
	}
	for y := range ByYear([]rules.Claim{{At: 20221231235959}, {At: 20230101000000}}) {
		if y != 2022 {
			t.Errorf("it went on to %d", y)
		}
		break
	}
}

// TestManyPeople: more than one chunk of them, and progress is told.
func TestManyPeople(t *testing.T) {
	b := newBook()
	b.head = 1
	const n = chunk + 5
	for p := range n {
		b.claim(ledger.PersonNo(p+1), stay(fmt.Sprintf("S%d", p), 20230310, 100))
	}
	var told [][2]int
	got := b.settle(t, Job{Policy: policy(t, "kaifeng-2022-draft", ""), Run: 1, Progress: func(done, total int) { told = append(told, [2]int{done, total}) }})
	if got != (Totals{People: n, Touched: n, PersonYears: n, Claims: n, Changed: n}) || b.wrote != n {
		t.Errorf("%+v, %d written", got, b.wrote)
	}
	if !slices.Equal(told, [][2]int{{chunk, n}, {n, n}}) {
		t.Errorf("told %v", told)
	}
}

// TestErrors: whatever fails, fails the run; and a claim that does not add up is
// named.
func TestErrors(t *testing.T) {
	pol := policy(t, "kaifeng-2022-draft", "")
	full := func() *book {
		b := newBook()
		b.head = 1
		for p := range ledger.PersonNo(50) {
			b.event(p+1, rules.Event{Op: rules.Add, Category: rules.Dibian, Date: 20230101})
			b.claim(p+1, stay(fmt.Sprint("S", p), 20230310, 30000))
		}
		return b
	}
	settle := func(ctx context.Context, b *book) error {
		_, err := Settle(ctx, b, b, Job{Area: area, Policy: pol, Run: 1, Seen: b.head}, func() time.Time { return time.Time{} })
		return err
	}
	for _, at := range []string{"people", "touched", "load", "result", "case"} {
		b := full()
		b.failAt = at
		if err := settle(t.Context(), b); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), at) {
			t.Errorf("%s fails: %v", at, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	b := full()
	if err := settle(ctx, b); !errors.Is(err, context.Canceled) || b.wrote != 0 {
		t.Errorf("cancelled: %v, %d written", err, b.wrote)
	}
	b = full()
	bad := stay("S-bad", 20230311, 100)
	bad.Basic = bad.Total + 1
	b.claim(7, bad)
	if err := settle(t.Context(), b); !errors.Is(err, ledger.ErrIntegrity) || !strings.Contains(err.Error(), "S-bad") || b.wrote != 0 {
		t.Errorf("a claim that does not add up: %v, %d written", err, b.wrote)
	}
}
