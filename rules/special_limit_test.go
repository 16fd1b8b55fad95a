package rules_test

import (
	"fmt"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wenzhouSpecial is WZ-2; the ratio is unset in the document.
func wenzhouSpecial(d *rules.Duties) {
	d.SpecialOldLimit[rules.Residents], d.SpecialOldLimit[rules.Employees] = 1500_00, 10000_00
	d.SpecialLimit[rules.Residents], d.SpecialLimit[rules.Employees] = 200000_00, 470000_00
}

func atRatio(d *rules.Duties) {
	wenzhouSpecial(d)
	d.SpecialRatio[rules.Residents], d.SpecialRatio[rules.Employees] = 7000, 8500
}

func specialVisit(d civil.Date, in rules.Insurance, inScope, basic money.Fen) rules.Claim {
	return rules.Claim{At: d.At(), Kind: rules.OutpatientSpecial, Insurance: in, Total: inScope, InScope: inScope, Basic: basic}
}

func insuredStay(d civil.Date, in rules.Insurance, inScope, basic money.Fen) rules.Claim {
	c := specialVisit(d, in, inScope, basic)
	c.Kind = rules.Inpatient
	return c
}

// cutList numbers the claims and prints what is cut: "2 residents 1500.00 exact
// 700.00".
func cutList(p *rules.Policy, claims []rules.Claim) (out []string) {
	var results []rules.Result
	for i := range claims {
		claims[i].Ref, claims[i].ID = int64(i+1), fmt.Sprintf("S%02d", i+1)
		results = append(results, rules.Result{Basic: claims[i].Basic})
	}
	for _, c := range p.CutClaims(claims, results) {
		s := fmt.Sprintf("%d %s %s", c.Claim, c.Insurance, c.Limit)
		if c.Exact {
			s += " exact " + c.Missing.String()
		}
		if c.Unsure {
			s += " unsure"
		}
		out = append(out, s)
	}
	return out
}

// TestCutClaims (WZ-2): residents' old limit is 1,500.
func TestCutClaims(t *testing.T) {
	const res, emp = rules.Residents, rules.Employees
	for _, c := range []struct {
		name   string
		set    func(*rules.Duties)
		claims []rules.Claim
		want   []string
	}{
		{"below the limit", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 2000_00, 1400_00), specialVisit(20230301, res, 200_00, 99_99)}, nil},
		// 1400 + 100 = 1500, the limit; the next gets nothing.
		{"cut, and then nothing", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 2000_00, 1400_00), specialVisit(20230301, res, 1000_00, 100_00), specialVisit(20230401, res, 500_00, 0)},
			[]string{"2 residents 1500.00", "3 residents 1500.00"}},
		// Missing 1000 × 70 % − 100 = 600; 500 × 70 % = 350.
		{"the same at 70 %", atRatio, []rules.Claim{specialVisit(20230201, res, 2000_00, 1400_00), specialVisit(20230301, res, 1000_00, 100_00), specialVisit(20230401, res, 500_00, 0)},
			[]string{"2 residents 1500.00 exact 600.00", "3 residents 1500.00 exact 350.00"}},
		{"the sum is the limit, nothing follows, no ratio", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 3000_00, 1500_00)}, []string{"1 residents 1500.00 unsure"}},
		{"the sum is the limit, by the ratio: 1500 of 3000", atRatio, []rules.Claim{specialVisit(20230201, res, 3000_00, 1500_00)}, []string{"1 residents 1500.00 exact 600.00"}},
		// 2142.86 × 70 % = 1500.002: it got all.
		{"the sum is the limit, and all was paid", atRatio, []rules.Claim{specialVisit(20230201, res, 2142_86, 1500_00), specialVisit(20230301, res, 100_00, 70_00)}, nil},
		{"a fen below the limit, and then nothing", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 3000_00, 1499_99), specialVisit(20230301, res, 1000_00, 0)}, nil},
		{"a fen above: the old limit was not applied", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 3000_00, 1500_01), specialVisit(20230301, res, 1000_00, 0)}, nil},
		{"nothing in scope gets nothing", wenzhouSpecial, []rules.Claim{specialVisit(20230201, res, 3000_00, 1500_00), specialVisit(20230301, res, 0, 0)}, []string{"1 residents 1500.00 unsure"}},
		{"a stay does not use up the old limit", wenzhouSpecial, []rules.Claim{insuredStay(20230101, res, 3000_00, 1500_00), specialVisit(20230201, res, 1000_00, 0)}, nil},
		{"each insurance has its own", wenzhouSpecial, []rules.Claim{specialVisit(20230201, emp, 3000_00, 1500_00), specialVisit(20230301, emp, 1000_00, 850_00), specialVisit(20230401, res, 1000_00, 0)}, nil},
		// Employees: 9000 + 1000 = 10000; 2000 × 85 % − 1000 = 700.
		{"employees", atRatio, []rules.Claim{specialVisit(20230201, emp, 12000_00, 9000_00), specialVisit(20230301, emp, 2000_00, 1000_00)}, []string{"2 employees 10000.00 exact 700.00"}},
		// The stay used 199,000 of 200,000, the first visit 1,400 − of which the limit leaves 1,000 but 1,400 was paid:
		// nothing is left, so nothing is missing.
		{"the new limit is used up", atRatio, []rules.Claim{insuredStay(20230101, res, 300000_00, 199000_00), specialVisit(20230201, res, 2000_00, 1400_00), specialVisit(20230301, res, 1000_00, 100_00)}, nil},
		// 200,000 − 198,000 = 2,000; after 1,400 and the 600 that the second should have had nothing is left for the third:
		// the second is short of min(700, 600) − 100 = 500.
		{"or nearly", atRatio, []rules.Claim{insuredStay(20230101, res, 300000_00, 198000_00), specialVisit(20230201, res, 2000_00, 1400_00), specialVisit(20230301, res, 1000_00, 100_00), specialVisit(20230401, res, 1000_00, 0)},
			[]string{"3 residents 1500.00 exact 500.00"}},
		{"insurance not given", atRatio, []rules.Claim{specialVisit(20230201, rules.NoInsurance, 3000_00, 1500_00), specialVisit(20230301, rules.NoInsurance, 1000_00, 0)},
			[]string{"1 residents 1500.00 unsure", "2 residents 1500.00 unsure"}},
		{"given on one: with the others it reaches the limit", wenzhouSpecial, []rules.Claim{specialVisit(20230201, rules.NoInsurance, 3000_00, 1400_00), specialVisit(20230301, res, 1000_00, 100_00), specialVisit(20230401, res, 100_00, 0)},
			[]string{"2 residents 1500.00 unsure", "3 residents 1500.00 unsure"}},
		{"certain without the others, but not to the fen", atRatio, []rules.Claim{insuredStay(20230101, rules.NoInsurance, 3000_00, 1500_00), specialVisit(20230201, res, 3000_00, 1500_00)},
			[]string{"2 residents 1500.00"}},
		{"an insurance is not given, but all was paid", atRatio, []rules.Claim{insuredStay(20230101, rules.NoInsurance, 3000_00, 1500_00), specialVisit(20230201, res, 2142_86, 1500_00)}, nil},
		{"before the policy", atRatio, []rules.Claim{specialVisit(20210201, res, 3000_00, 1500_00), specialVisit(20210301, res, 1000_00, 0)}, nil},
		{"nothing configured", func(*rules.Duties) {}, []rules.Claim{specialVisit(20230201, res, 3000_00, 1500_00), specialVisit(20230301, res, 1000_00, 0)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, cutList(withDuties(c.set), c.claims)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestCutFormula: the arithmetic is written out.
func TestCutFormula(t *testing.T) {
	cs := []rules.Claim{insuredStay(20230101, rules.Residents, 3000_00, 2000_00), specialVisit(20230201, rules.Residents, 3000_00, 1500_00)}
	got := withDuties(atRatio).CutClaims(cs, []rules.Result{{Basic: 2000_00}, {Basic: 1500_00}})
	// 3000 × 70 % = 2100 of the 200,000 − 2,000 that are left; 1,500 was paid.
	want := "min(3000.00 × 70% = 2100.00, 年度限额余额 200000.00 − 2000.00 = 198000.00) = 2100.00，已付 1500.00，少付 600.00"
	if len(got) != 1 || got[0].Formula != want || got[0].Should != 2100_00 || got[0].Before != 0 || got[0].Index != 1 {
		t.Errorf("%+v", got)
	}
}

// TestCutClaimsProperties: what is missing is more than nothing, at most
// ratio × S less what was paid, and with all that should have been paid no claim
// is cut any more.
func TestCutClaimsProperties(t *testing.T) {
	p := withDuties(atRatio)
	rapid.Check(t, func(t *rapid.T) {
		var cs []rules.Claim
		left := money.Fen(1500_00) // the old limit, as the platform applied it
		for i := range rapid.IntRange(0, 8).Draw(t, "claims") {
			s := money.Fen(rapid.Int64Range(0, 3000_00).Draw(t, "in scope"))
			c := specialVisit(civil.YMD(2023, i+1, 1), rules.Residents, s, 0)
			c.Basic = min(s.MulHalfUp(7000), left)
			left -= c.Basic
			if rapid.Bool().Draw(t, "stay") {
				left += c.Basic
				c.Kind = rules.Inpatient
				c.Basic = s.MulHalfUp(8000)
			}
			cs = append(cs, c)
		}
		results := make([]rules.Result, len(cs))
		for i := range cs {
			results[i].Basic = cs[i].Basic
		}
		cuts := p.CutClaims(cs, results)
		var missing, short money.Fen
		for i := range cs {
			if cs[i].Kind == rules.OutpatientSpecial {
				short += cs[i].InScope.MulHalfUp(7000) - cs[i].Basic
			}
		}
		for _, c := range cuts {
			if !c.Exact || c.Missing <= 0 || c.Should != c.Basic+c.Missing {
				t.Fatalf("%+v", c)
			}
			missing += c.Missing
			cs[c.Index].Basic, results[c.Index].Basic = c.Should, c.Should
		}
		if missing != short {
			t.Fatalf("%s found, %s is missing: %+v", missing, short, cuts)
		}
		if again := p.CutClaims(cs, results); len(again) != 0 {
			t.Fatalf("and again %+v", again)
		}
	})
}
