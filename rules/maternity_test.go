package rules_test

import (
	"fmt"
	"slices"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// wenzhouMaternity is WZ-4 and WZ-5.
func wenzhouMaternity(d *rules.Duties) {
	d.MaternityWait, d.MaternityLastYear, d.MaternityRate = 6, true, 100
}

// paidFor are contributions on a base of 6,000 from month to month.
func paidFor(from, to civil.Month) (cs []rules.Contribution) {
	for m := from; m <= to; m = m.Next() {
		cs = append(cs, rules.Contribution{Ref: int64(m), Month: m, Base: 6000_00})
	}
	return cs
}

// TestAllowance goes through semantics §12: births on 10 August 2023, 98 days,
// base 6,000: 6000 / 30 × 98 = 19,600.
func TestAllowance(t *testing.T) {
	later := func(d *rules.Duties) { d.MaternityLate = true }
	for _, c := range []struct {
		name   string
		change func(*rules.Duties)
		cs     []rules.Contribution
		asOf   civil.Month
		want   string // state, months at birth, run, month, need
	}{
		{"7 months", nil, paidFor(202302, 202308), 202308, "at_once 7 7 2023-08 0"},
		{"6 months", nil, paidFor(202303, 202308), 202308, "at_once 6 6 2023-08 0"},
		{"5 months: the next is the 6th", nil, paidFor(202304, 202308), 202308, "waiting 5 5 2023-09 1"},
		{"5 months, a month later, September not yet in", nil, paidFor(202304, 202308), 202309, "waiting 5 5 2023-09 1"},
		{"5 months, September paid", nil, paidFor(202304, 202309), 202309, "later 5 6 2023-09 0"},
		{"the same, long after", nil, paidFor(202304, 202312), 202401, "later 5 6 2023-09 0"},
		{"5 months, September missed", nil, paidFor(202304, 202308), 202310, "broken 5 5  0"},
		{"5 months, October shows that September was missed", nil, append(paidFor(202304, 202308), paidFor(202310, 202310)...), 202310, "broken 5 5  0"},
		{"birth in the 1st month", nil, paidFor(202308, 202308), 202308, "waiting 1 1 2024-01 5"},
		{"the 1st month, paid on", nil, paidFor(202308, 202401), 202401, "later 1 6 2024-01 0"},
		{"breaks one month before the 6th", nil, append(paidFor(202308, 202312), paidFor(202402, 202407)...), 202407, "broken 1 5  0"},
		{"the same, where a later run counts", later, append(paidFor(202308, 202312), paidFor(202402, 202407)...), 202407, "later 1 6 2024-07 0"},
		{"a later run that waits", later, append(paidFor(202308, 202312), paidFor(202402, 202405)...), 202405, "waiting 1 4 2024-07 2"},
		{"a later run that broke; May may begin another", later, append(paidFor(202308, 202312), paidFor(202402, 202403)...), 202405, "waiting 1 0 2024-10 6"},
		{"a long run before a break does not help", nil, append(paidFor(202201, 202305), paidFor(202307, 202308)...), 202308, "waiting 2 2 2023-12 4"},
		{"nothing in the month of birth", nil, paidFor(202301, 202307), 202309, "uninsured 0 0  0"},
		{"by either choice", later, append(paidFor(202301, 202307), paidFor(202309, 202402)...), 202402, "uninsured 0 0  0"},
		{"the month of birth is not yet in", nil, paidFor(202301, 202307), 202308, "waiting 0 7 2023-08 1"},
		{"nor its run long enough", nil, paidFor(202305, 202307), 202308, "waiting 0 3 2023-10 3"},
		{"what came after is not known", nil, paidFor(202304, 202312), 202308, "waiting 5 5 2023-09 1"},
		{"across New Year", nil, paidFor(202303, 202308), 202312, "at_once 6 6 2023-08 0"},
		{"Hangzhou says nothing", func(d *rules.Duties) { *d = rules.NewDuties() }, paidFor(202301, 202312), 202312, "none 0 0  0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := withDuties(func(d *rules.Duties) {
				wenzhouMaternity(d)
				if c.change != nil {
					c.change(d)
				}
			})
			r := p.Allowance(rules.Birth{Date: 20230810, Days: 98}, c.cs, c.asOf)
			if got := fmt.Sprintf("%s %d %d %s %d", r.State, r.Months, r.Run, r.Month, r.Need); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			amount := money.Fen(19600_00)
			if !r.State.Payable() && r.State != rules.AllowanceWaiting {
				amount = 0
			}
			if r.Amount != amount {
				t.Errorf("%s, want %s", r.Amount, amount)
			}
		})
	}
}

// TestAllowanceBase: which base, and half up once at the end.
func TestAllowanceBase(t *testing.T) {
	month := func(m civil.Month, base money.Fen) rules.Contribution {
		return rules.Contribution{Month: m, Base: base}
	}
	run := slices.Clip(paidFor(202303, 202308))
	birthMonth := func(d *rules.Duties) { d.MaternityLastYear = false }
	for _, c := range []struct {
		name   string
		change func(*rules.Duties)
		cs     []rules.Contribution
		days   int
		amount money.Fen
		base   rules.BaseSource
		text   string
	}{
		// (5000 + 5000.01) / 2 / 30 × 98 = 10000.01 × 98 / 60 = 16333.3496…
		{"last year's two months", nil, append(run, month(202211, 5000_00), month(202212, 5000_01)), 98, 16333_35, rules.BaseLastYear,
			"上年度月平均缴费基数（10000.01 ÷ 2）÷ 30 × 98 天 = 16333.35"},
		{"where the month of birth counts", birthMonth, append(run, month(202211, 5000_00), month(202212, 5000_01)), 98, 19600_00, rules.BaseBirthMonth,
			"生育当月缴费基数（6000.00）÷ 30 × 98 天 = 19600.00"},
		{"no month of last year", nil, run, 98, 19600_00, rules.BaseBirthMonth, "生育当月缴费基数（6000.00）÷ 30 × 98 天 = 19600.00"},
		{"the year before last does not count", nil, append(run, month(202112, 9000_00)), 98, 19600_00, rules.BaseBirthMonth, "生育当月缴费基数（6000.00）÷ 30 × 98 天 = 19600.00"},
		// 0.15 / 30 × 1 = 0.005: up.
		{"half a fen", birthMonth, append(paidFor(202303, 202307), month(202308, 15)), 1, 1, rules.BaseBirthMonth, "生育当月缴费基数（0.15）÷ 30 × 1 天 = 0.01"},
		{"a fen less", birthMonth, append(paidFor(202303, 202307), month(202308, 14)), 1, 0, rules.BaseBirthMonth, "生育当月缴费基数（0.14）÷ 30 × 1 天 = 0.00"},
		{"no base in the month of birth", birthMonth, append(paidFor(202303, 202307), month(202308, 0)), 98, 19600_00, rules.BaseFirstMonth, "首个缴费月基数（6000.00）÷ 30 × 98 天 = 19600.00"},
		{"no base at all", nil, []rules.Contribution{month(202303, 0), month(202304, 0), month(202305, 0), month(202306, 0), month(202307, 0), month(202308, 0)}, 98, 0, rules.BaseNone, "无缴费基数，无法计算"},
		// Twice in August: the largest base, and one month of the run.
		{"a month twice", birthMonth, append(run, month(202308, 6600_00), month(202308, 300_00)), 30, 6600_00, rules.BaseBirthMonth, "生育当月缴费基数（6600.00）÷ 30 × 30 天 = 6600.00"},
		{"no days", nil, run, 0, 0, rules.BaseBirthMonth, "生育当月缴费基数（6000.00）÷ 30 × 0 天 = 0.00"},
	} {
		p := withDuties(func(d *rules.Duties) {
			wenzhouMaternity(d)
			if c.change != nil {
				c.change(d)
			}
		})
		r := p.Allowance(rules.Birth{Date: 20230810, Days: c.days}, c.cs, 202308)
		if r.State != rules.AllowanceAtOnce || r.Months != 6 || r.Amount != c.amount || r.Base != c.base || r.Formula != c.text {
			t.Errorf("%s: %+v", c.name, r)
		}
		if twice := c.name == "a month twice"; twice != slices.Equal(r.Double, []civil.Month{202308}) || !twice && r.Double != nil {
			t.Errorf("%s: twice %v", c.name, r.Double)
		}
	}
}

// TestAllowanceDay: the policy on the day of birth decides.
func TestAllowanceDay(t *testing.T) {
	p := withDuties(wenzhouMaternity)
	for d, want := range map[civil.Date]rules.AllowanceState{20211231: rules.AllowanceNone, 20220101: rules.AllowanceAtOnce, 20241231: rules.AllowanceAtOnce, 20250101: rules.AllowanceNone} {
		if r := p.Allowance(rules.Birth{Date: d, Days: 98}, paidFor(202101, 202512), 202512); r.State != want {
			t.Errorf("%s: %s, want %s", d, r.State, want)
		}
	}
}

// TestAllowanceProperties: more days never bring less, nor does another month of
// contribution at the run's end; the order of the rows does not matter, and the
// run is what a plain count gives.
func TestAllowanceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := withDuties(func(d *rules.Duties) {
			wenzhouMaternity(d)
			d.MaternityLate = rapid.Bool().Draw(t, "late")
			d.MaternityLastYear = rapid.Bool().Draw(t, "last year")
		})
		var cs []rules.Contribution
		on := map[civil.Month]bool{}
		asOf := civil.Month(202308).Add(rapid.IntRange(0, 14).Draw(t, "as of"))
		for m := civil.Month(202207); m <= 202412; m = m.Next() {
			if rapid.IntRange(0, 7).Draw(t, "paid") > 0 {
				cs = append(cs, rules.Contribution{Month: m, Base: money.Fen(rapid.Int64Range(0, 20000_00).Draw(t, "base"))})
				on[m] = m <= asOf
			}
		}
		b := rules.Birth{Date: 20230810, Days: rapid.IntRange(0, 200).Draw(t, "days")}
		r := p.Allowance(b, cs, asOf)
		if d := cmp.Diff(r, p.Allowance(b, rapid.Permutation(cs).Draw(t, "order"), asOf)); d != "" {
			t.Fatal(d)
		}
		n := 0
		for m := civil.Month(202308); on[m]; m = m.Add(-1) {
			n++
		}
		if r.Months != n || (r.State == rules.AllowanceAtOnce) != (n >= 6) {
			t.Fatalf("%d months: %+v", n, r)
		}
		if r.State == rules.AllowanceLater {
			for i := range 6 {
				if !on[r.Month.Add(-i)] {
					t.Fatalf("%s is not the end of six months: %+v", r.Month, r)
				}
			}
		}
		if r.State == rules.AllowanceWaiting && (r.Need < 1 || r.Month < asOf) {
			t.Fatalf("%+v", r)
		}
		b.Days++
		if more := p.Allowance(b, cs, asOf); more.Amount < r.Amount || more.State != r.State {
			t.Fatalf("%s for %d days, %s for one more", r.Amount, b.Days-1, more.Amount)
		}
	})
}

// TestCheckContributions (WZ-5): 1 % of the base.
func TestCheckContributions(t *testing.T) {
	p := withDuties(wenzhouMaternity)
	row := func(ref int64, m civil.Month, base, paid money.Fen) rules.Contribution {
		return rules.Contribution{Ref: ref, Month: m, Base: base, Paid: paid, Flexible: true}
	}
	cs := []rules.Contribution{
		row(1, 202301, 4462_00, 44_62), // right
		row(2, 202302, 4462_50, 44_63), // 44.625: up
		row(3, 202303, 4462_00, 44_61), // a fen short
		row(4, 202304, 4462_00, 20_00), // in two parts: right together
		row(5, 202304, 4462_00, 24_62),
		row(7, 202306, 4462_00, 44_62), // twice
		row(6, 202306, 4462_00, 44_62),
		row(8, 202307, 4462_00, 0), // not given
		row(9, 202308, 0, 44_62),
		row(10, 202112, 4462_00, 1), // before the policy
		{Ref: 11, Month: 202309, Base: 4462_00, Paid: 1},
	}
	want := []rules.ContributionGap{
		{Month: 202303, Refs: []int64{3}, Base: 4462_00, Rate: 100, Should: 44_62, Paid: 44_61, Diff: -1, Formula: "4462.00 × 1% = 44.62，实缴 44.61，少缴 0.01"},
		{Month: 202306, Refs: []int64{6, 7}, Base: 4462_00, Rate: 100, Should: 44_62, Paid: 89_24, Diff: 44_62, Formula: "4462.00 × 1% = 44.62，实缴 89.24，多缴 44.62"},
	}
	if d := cmp.Diff(want, p.CheckContributions(cs)); d != "" {
		t.Error(d)
	}
	if got := withDuties(func(*rules.Duties) {}).CheckContributions(cs); got != nil {
		t.Errorf("no rate: %+v", got)
	}
}

func TestMaternityNames(t *testing.T) {
	for s := rules.AllowanceNone; s <= rules.AllowanceUninsured; s++ {
		if s.String() == "" || s.Chinese() == "" {
			t.Errorf("state %d", s)
		}
	}
	for b := rules.BaseNone; b <= rules.BaseFirstMonth; b++ {
		if b.Chinese() == "" {
			t.Errorf("base %d", b)
		}
	}
}
