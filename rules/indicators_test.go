package rules_test

import (
	"fmt"
	"math"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     money.Ratio
	}{
		{1, 0, rules.Unset}, {0, 7, 0}, {1, 3, 3333}, {2, 3, 6667}, {1, 1, 10000},
		{1, 20000, 1}, {1, 20001, 0}, // half a basis point, and a little less
		{3, 2, 15000},
		{math.MaxInt64, math.MaxInt64, 10000}, // the product does not fit 64 bits
		{math.MaxInt64 / 2, math.MaxInt64, 5000},
	} {
		if got := rules.Ratio(c.num, c.den); got != c.want {
			t.Errorf("%d/%d = %d, want %d", c.num, c.den, got, c.want)
		}
	}
}

// TestRatioIsDecimal holds the integers against decimal arithmetic.
func TestRatioIsDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		den := rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
		num := rapid.Int64Range(0, den).Draw(t, "num")
		q, r := decimal.NewFromInt(num).Mul(decimal.NewFromInt(10000)).QuoRem(decimal.NewFromInt(den), 0)
		want := q.IntPart()
		if r.Mul(decimal.NewFromInt(2)).GreaterThanOrEqual(decimal.NewFromInt(den)) {
			want++
		}
		if got := rules.Ratio(num, den); int64(got) != want {
			t.Fatalf("%d/%d = %d, decimal says %d", num, den, got, want)
		}
	})
}

// TestRates: T 1,000.00, of which 150.01 is the person's.
func TestRates(t *testing.T) {
	sum := rules.Totals{People: 4, Claims: 5, Total: 1000_00, InScope: 900_00, Paid: 849_99, Relief: 50_00, Person: 150_01}
	for _, c := range []struct {
		name   string
		t      rules.Totals
		relief bool
		want   rules.Rates
	}{
		// 849.99 / 1000 = 84.999 %: 85 %, and 15 % is left. 150.01 / 4 = 37.5025. 100 / 1000 = 10 %.
		{"without relief", sum, false, rules.Rates{Protection: 8500, SelfPay: 1500, PerPerson: 37_50, OutOfScope: 1000}},
		// 899.99 / 1000 = 89.999 %. 100.01 / 4 = 25.0025.
		{"with relief", sum, true, rules.Rates{Protection: 9000, SelfPay: 1000, PerPerson: 25_00, OutOfScope: 1000}},
		{"relief beyond the bills", rules.Totals{People: 1, Total: 100, InScope: 100, Paid: 60, Relief: 70, Person: 40}, true, rules.Rates{Protection: 10000, SelfPay: 0, PerPerson: 0, OutOfScope: 0}},
		// Tilt for earlier claims under another identity: never above 100 %.
		{"more paid than billed", rules.Totals{People: 1, Total: 100, InScope: 100, Paid: 130, Person: -30}, false, rules.Rates{Protection: 10000, SelfPay: 0, PerPerson: 0, OutOfScope: 0}},
		{"nothing", rules.Totals{}, true, rules.Rates{Protection: -1, SelfPay: -1, PerPerson: -1, OutOfScope: -1}},
	} {
		if got := c.t.Rates(c.relief); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	// 84.999 % shows as 85 %, and does not reach it; nor is 15.001 % at most 15 %.
	js := sum.Judge(&rules.Targets{Protection: 8500, SelfPay: 1500}, false)
	if js[0].Value != 8500 || js[0].Verdict != rules.TargetMissed || js[1].Value != 1500 || js[1].Verdict != rules.TargetMissed {
		t.Errorf("%+v", js)
	}
	sum.Paid, sum.Person = 850_00, 150_00
	js = sum.Judge(&rules.Targets{Protection: 8500, SelfPay: 1500}, false)
	if js[0].Verdict != rules.TargetMet || js[1].Verdict != rules.TargetMet {
		t.Errorf("%+v", js)
	}
	js = (&rules.Totals{}).Judge(&rules.Targets{Protection: 8500, SelfPay: 1500}, false)
	if js[0].Verdict != rules.NotJudged || js[1].Verdict != rules.NotJudged || js[1].Value != rules.Unset {
		t.Errorf("nothing to measure: %+v", js)
	}
}

// TestRatesTogether: protection and self-pay are 100 %, with any amounts.
func TestRatesTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := money.Fen(rapid.Int64Range(1, int64(money.Limit)*1000).Draw(t, "total"))
		paid := money.Fen(rapid.Int64Range(-100, int64(total)+100).Draw(t, "paid"))
		sum := rules.Totals{People: rapid.Int64Range(0, 1000).Draw(t, "people"), Total: total, InScope: total, Paid: paid, Person: total - paid, Relief: money.Fen(rapid.Int64Range(0, int64(total)).Draw(t, "relief"))}
		without, with := sum.Rates(false), sum.Rates(true)
		for _, r := range []rules.Rates{without, with} {
			if r.Protection+r.SelfPay != money.One || r.Protection < 0 || r.SelfPay < 0 {
				t.Fatalf("%+v of %+v", r, sum)
			}
		}
		if with.Protection < without.Protection || with.PerPerson > without.PerPerson {
			t.Fatalf("relief makes it worse: %+v, %+v", without, with)
		}
		target := money.Ratio(rapid.Int64Range(0, 10000).Draw(t, "target"))
		js := sum.Judge(&rules.Targets{Protection: target, SelfPay: money.One - target}, true)
		if js[0].Verdict != js[1].Verdict {
			t.Fatalf("80 %% and 20 %% are one target: %+v", js)
		}
	})
}

// TestElderChild (WZ-1): about 70 %, and 5 points more than the year before.
func TestElderChild(t *testing.T) {
	of := func(paid money.Fen) rules.Totals {
		return rules.Totals{Total: 1000_00, InScope: 1000_00, Paid: paid, Person: 1000_00 - paid}
	}
	targets := rules.Targets{ElderChild: 7000, ElderChildGain: 500}
	for _, c := range []struct {
		now, before rules.Totals
		level, gain rules.Verdict
		by          money.Ratio
	}{
		{of(700_00), of(650_00), rules.TargetMet, rules.TargetMet, 500},
		{of(699_99), of(650_00), rules.TargetMissed, rules.TargetMet, 500}, // 69.999 % shows as 70 %
		{of(690_00), of(640_10), rules.TargetMissed, rules.TargetMissed, 499},
		{of(600_00), of(650_00), rules.TargetMissed, rules.TargetMissed, -500},
		{of(700_00), rules.Totals{}, rules.TargetMet, rules.NotJudged, rules.Unset},
		{rules.Totals{}, of(700_00), rules.NotJudged, rules.NotJudged, rules.Unset},
	} {
		js := rules.JudgeElderChild(c.now, c.before, &targets, false)
		if js[0].Verdict != c.level || js[1].Verdict != c.gain || js[1].Value != c.by {
			t.Errorf("%s after %s: %+v", c.now.Paid, c.before.Paid, js)
		}
	}
	js := rules.JudgeElderChild(of(700_00), of(650_00), &rules.Targets{ElderChild: rules.Unset, ElderChildGain: rules.Unset}, false)
	if js[0].Verdict != rules.NotJudged || js[1].Verdict != rules.NotJudged || js[1].Value != 500 {
		t.Errorf("no targets: %+v", js)
	}
}

// shown prints the rows of a level.
func shown(rows []rules.IndicatorRow) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s/%s %s %s %s: %d people %d claims T %s paid %s relief %s", r.County, r.Township, r.Group, r.Category, r.Month, r.People, r.Claims, r.Total, r.Paid, r.Relief))
	}
	return out
}

// TestAddYear: one person, dibao and from 1 May dibian as well, and one who was
// assisted by a window.
func TestAddYear(t *testing.T) {
	p := withDuties(func(d *rules.Duties) { d.Targets.ElderAge, d.Targets.ChildAge = 60, 18 })
	claim := func(d civil.Date, total money.Fen) rules.Claim {
		return rules.Claim{At: d.At(), Kind: rules.Inpatient, Total: total, InScope: total}
	}
	var x rules.Indicators
	x.AddYear(p, "西湖区", "留下", 19630501, []rules.Spell{spell(rules.Dibao, 20230201, 0), spell(rules.Dibian, 20230501, 0)},
		[]rules.Claim{claim(20230115, 10_00), claim(20230210, 100_00), claim(20230510, 200_00), claim(20230710, 400_00)},
		[]rules.Result{{Person: 10_00}, {Category: rules.Dibao, Person: 30_00}, {Category: rules.Dibao, Person: 40_00}, {Person: 0}},
		[]rules.Help{{Date: 20230301, Amount: 7_00}, {Date: 20230302, Amount: 99_00, Posted: true}, {Date: 20230101, Amount: 1_00}})
	x.AddYear(p, "西湖区", "三墩", 0, nil, []rules.Claim{claim(20230310, 50_00), claim(20230401, 60_00)},
		[]rules.Result{{Category: rules.Dibao, Retro: true, Person: 5_00}, {Person: 60_00}}, nil)

	// June: January's claim counts for nobody but, from the 60th birthday on, for
	// the old; July's not yet.
	want := []string{
		"西湖区/三墩 difficult  2023-06: 1 people 1 claims T 50.00 paid 45.00 relief 0.00",
		"西湖区/三墩 difficult dibao 2023-06: 1 people 1 claims T 50.00 paid 45.00 relief 0.00",
		"西湖区/留下 difficult  2023-06: 1 people 2 claims T 300.00 paid 230.00 relief 7.00",
		"西湖区/留下 difficult dibao 2023-06: 1 people 2 claims T 300.00 paid 230.00 relief 7.00",
		"西湖区/留下 difficult dibian 2023-06: 1 people 1 claims T 200.00 paid 160.00 relief 0.00",
		"西湖区/留下 elder  2023-06: 1 people 1 claims T 200.00 paid 160.00 relief 0.00",
	}
	if d := cmp.Diff(want, shown(x.YearToDate(202306, rules.ByTownship))); d != "" {
		t.Error(d)
	}
	want = []string{
		"/ difficult  2023-12: 2 people 4 claims T 750.00 paid 675.00 relief 7.00",
		"/ difficult dibao 2023-12: 2 people 4 claims T 750.00 paid 675.00 relief 7.00",
		"/ difficult dibian 2023-12: 1 people 2 claims T 600.00 paid 560.00 relief 0.00",
		"/ elder  2023-12: 1 people 2 claims T 600.00 paid 560.00 relief 0.00",
	}
	if d := cmp.Diff(want, shown(x.YearToDate(202312, rules.ByArea))); d != "" {
		t.Error(d)
	}
	if got := x.YearToDate(202401, rules.ByArea); len(got) != 0 {
		t.Errorf("another year: %v", shown(got))
	}
	if got := x.YearToDate(202306, rules.ByCounty); len(got) != 4 || got[0].County != "西湖区" || got[0].Township != "" {
		t.Errorf("%v", shown(got))
	}
	// The year before the document, with which its rise is compared: who is old is
	// what the document says; the year before that nobody says.
	var z rules.Indicators
	z.AddYear(p, "", "", 19500101, nil, []rules.Claim{claim(20210531, 10_00)}, make([]rules.Result, 1), nil)
	z.AddYear(p, "", "", 19500101, nil, []rules.Claim{claim(20200531, 20_00)}, make([]rules.Result, 1), nil)
	z.AddYear(p, "", "", 19500101, nil, []rules.Claim{claim(20250531, 40_00)}, make([]rules.Result, 1), nil)
	got := append(append(shown(z.YearToDate(202012, rules.ByArea)), shown(z.YearToDate(202112, rules.ByArea))...), shown(z.YearToDate(202512, rules.ByArea))...)
	if d := cmp.Diff([]string{"/ elder  2021-12: 1 people 1 claims T 10.00 paid 10.00 relief 0.00"}, got); d != "" {
		t.Error(d)
	}
	// A child is one under 18.
	var y rules.Indicators
	y.AddYear(p, "", "", 20050601, nil, []rules.Claim{claim(20230531, 10_00), claim(20230601, 20_00)}, make([]rules.Result, 2), nil)
	if d := cmp.Diff([]string{"/ child  2023-12: 1 people 1 claims T 10.00 paid 10.00 relief 0.00"}, shown(y.YearToDate(202312, rules.ByArea))); d != "" {
		t.Error(d)
	}
}

// TestIndicatorsProperties: the levels carry the same sums, and the order in
// which people are added does not matter.
func TestIndicatorsProperties(t *testing.T) {
	p := withDuties(func(*rules.Duties) {})
	type person struct {
		county, township string
		spells           []rules.Spell
		claims           []rules.Claim
		results          []rules.Result
	}
	rapid.Check(t, func(t *rapid.T) {
		var people []person
		for range rapid.IntRange(0, 5).Draw(t, "people") {
			x := person{county: rapid.SampledFrom([]string{"甲", "乙"}).Draw(t, "county"), township: rapid.SampledFrom([]string{"一", "二"}).Draw(t, "township"),
				spells: drawSpells(t, []rules.Category{rules.Tekun, rules.Dibao, rules.Dibian})}
			for range rapid.IntRange(0, 3).Draw(t, "claims") {
				total := money.Fen(rapid.Int64Range(1, 1000_00).Draw(t, "total"))
				x.claims = append(x.claims, rules.Claim{At: day(t, "settled").At(), Total: total, InScope: total})
				x.results = append(x.results, rules.Result{Person: money.Fen(rapid.Int64Range(0, int64(total)).Draw(t, "person"))})
			}
			people = append(people, x)
		}
		sum := func(people []person, l rules.Level) []rules.IndicatorRow {
			var x rules.Indicators
			for _, y := range people {
				x.AddYear(p, y.county, y.township, 0, y.spells, y.claims, y.results, nil)
			}
			return x.YearToDate(202312, l)
		}
		whole := func(rows []rules.IndicatorRow) (t rules.Totals) {
			for _, r := range rows {
				if r.Category == rules.NoCategory {
					t = t.Plus(r.Totals)
				}
			}
			return t
		}
		rows := sum(people, rules.ByTownship)
		if d := cmp.Diff(rows, sum(rapid.Permutation(people).Draw(t, "order"), rules.ByTownship)); d != "" {
			t.Fatal(d)
		}
		for _, l := range []rules.Level{rules.ByArea, rules.ByCounty} {
			if d := cmp.Diff(whole(rows), whole(sum(people, l))); d != "" {
				t.Fatal(d)
			}
		}
		for _, r := range rows {
			if r.Paid+r.Person != r.Total {
				t.Fatalf("%+v", r)
			}
		}
	})
}

func TestClearance(t *testing.T) {
	var c rules.Clearance
	if j := c.Judge(&rules.Targets{Cleared: money.One}); j.Value != rules.Unset || j.Verdict != rules.NotJudged {
		t.Errorf("no case: %+v", j)
	}
	for _, s := range []rules.CaseState{rules.Cleared, rules.Cleared, rules.Relapsed} {
		c.Add(&rules.Case{State: s})
	}
	if j := c.Judge(&rules.Targets{Cleared: money.One}); j.Num != 2 || j.Of != 3 || j.Value != 6667 || j.Verdict != rules.TargetMissed {
		t.Errorf("%+v", j)
	}
	c = rules.Clearance{Opened: 3, Cleared: 3}
	if j := c.Judge(&rules.Targets{Cleared: money.One}); j.Value != money.One || j.Verdict != rules.TargetMet {
		t.Errorf("%+v", j)
	}
}

func TestOverLine(t *testing.T) {
	o := rules.OverLine{Line: 50000_00}
	for burden, above := range map[money.Fen]bool{50000_00: false, 50000_01: true, 60000_00: true, 0: false} {
		if o.Add(burden) != above {
			t.Errorf("%s", burden)
		}
	}
	// 50,000.01 + 60,000; above the line 0.01 + 10,000.
	if o != (rules.OverLine{Line: 50000_00, Of: 4, Count: 2, Burden: 110000_01, Above: 10000_01, Most: 60000_00}) {
		t.Errorf("%+v", o)
	}
	o = rules.OverLine{Line: rules.Unset}
	if o.Add(99) || o != (rules.OverLine{Line: rules.Unset}) {
		t.Errorf("unset: %+v", o)
	}
}

func TestIndicatorNames(t *testing.T) {
	for i := rules.RateEnrolled; i <= rules.RateHuiminbao; i++ {
		if i.String() == "" || i.Chinese() == "" || i.AtMost() != (i == rules.RateSelfPay) {
			t.Errorf("indicator %d", i)
		}
	}
	for _, g := range []rules.Group{rules.Difficult, rules.Elder, rules.Child} {
		if g.String() == "" || g.Chinese() == "" {
			t.Errorf("group %d", g)
		}
	}
	if rules.TargetMet.Chinese() != "达标" || rules.TargetMissed.Chinese() != "未达标" || rules.NotJudged.Chinese() == "" {
		t.Error("verdicts")
	}
}
