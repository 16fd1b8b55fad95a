package rules_test

import (
	"testing"

	"doudi/rules"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// assistance is an amount of the assistance fund alone.
func assistance(f money.Fen) (a rules.Amounts) {
	a[rules.FundAssistance] = f
	return a
}

func TestAdjust(t *testing.T) {
	for _, c := range []struct {
		name                  string
		due, recorded, posted money.Fen
		listed, unlisted      money.Fen
	}{
		{"nothing differs", 800_00, 800_00, 0, 0, 0},
		{"补发: 800.00 due, 500.00 recorded", 800_00, 500_00, 0, 300_00, 300_00},
		{"a part of it was posted", 800_00, 500_00, 200_00, 100_00, 100_00},
		{"all of it was posted", 800_00, 500_00, 300_00, 0, 0},
		{"追回: 500.00 due, 800.00 recorded; from who was on no list nothing", 500_00, 800_00, 0, -300_00, 0},
		// From the unlisted nothing is recovered: what was, before a correction took them
		// off every list, is given back.
		{"a 追回 was posted: nothing is left", 500_00, 800_00, -300_00, 0, 300_00},
		{"a part of the 追回 was posted", 500_00, 800_00, -100_00, -200_00, 100_00},
		{"a 追回 was posted, and more is due than was recorded", 900_00, 800_00, -300_00, 400_00, 400_00},
		{"too much was posted: that comes back, listed or not", 800_00, 500_00, 400_00, -100_00, -100_00},
		// Due fell from 700 to 100 after 200 had been posted on 500 recorded. Of the
		// listed 600 come back, of the unlisted what we posted.
		{"due fell below what was recorded", 100_00, 500_00, 200_00, -600_00, -200_00},
		// Due 1,000, recorded 900, posted 200: 100 too much, not the 200.
		{"no more comes back than is too much", 1000_00, 900_00, 200_00, -100_00, -100_00},
	} {
		if got := rules.Adjust(assistance(c.due), assistance(c.recorded), assistance(c.posted), true); got != assistance(c.listed) {
			t.Errorf("%s: listed %v, want %s", c.name, got, c.listed)
		}
		if got := rules.Adjust(assistance(c.due), assistance(c.recorded), assistance(c.posted), false); got != assistance(c.unlisted) {
			t.Errorf("%s: unlisted %v, want %s", c.name, got, c.unlisted)
		}
	}
}

// TestAdjustSettles: posting what is proposed leaves nothing to propose, whatever was
// posted before. In the end nothing was recovered from the unlisted, and they have
// what is due to them.
func TestAdjustSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var due, recorded, was rules.Amounts
		for f := range due {
			due[f] = money.Fen(rapid.Int64Range(0, 1000).Draw(t, "due"))
			recorded[f] = money.Fen(rapid.Int64Range(0, 1000).Draw(t, "recorded"))
			was[f] = money.Fen(rapid.Int64Range(-500, 500).Draw(t, "posted"))
		}
		listed := rapid.Bool().Draw(t, "listed")
		a := rules.Adjust(due, recorded, was, listed)
		now := was
		for f := range a {
			now[f] += a[f]
			if listed && recorded[f]+now[f] != due[f] {
				t.Fatalf("fund %d: %s + %s is not %s", f, recorded[f], now[f], due[f])
			}
			if !listed && (now[f] < 0 || now[f] > 0 && recorded[f]+now[f] != due[f] || now[f] == 0 && recorded[f] < due[f]) {
				t.Fatalf("fund %d: due %s, recorded %s: %s posted, and then %s", f, due[f], recorded[f], was[f], a[f])
			}
		}
		if again := rules.Adjust(due, recorded, now, listed); again != (rules.Amounts{}) {
			t.Fatalf("due %v recorded %v posted %v: %v, and then again %v", due, recorded, was, a, again)
		}
	})
}

// TestFunds: assistance is assist, tilt and special together, and what the
// platform recorded stands under the same fund.
func TestFunds(t *testing.T) {
	r := rules.Result{Basic: 1, Other: 2, Major: 4, Assist: 8, Tilt: 16, Special: 32, Supplement: 64, Hospital: 128, Person: 256}
	if got, want := r.Due(), (rules.Amounts{rules.FundBasic: 1, rules.FundMajor: 4, rules.FundAssistance: 56, rules.FundSupplement: 64, rules.FundHospital: 128}); got != want {
		t.Errorf("due %v, want %v", got, want)
	}
	c := rules.Claim{Basic: 1, Other: 2, Major: 4, Assist: 8, Hosp: 128}
	if got, want := c.Recorded(), (rules.Amounts{rules.FundBasic: 1, rules.FundMajor: 4, rules.FundAssistance: 8, rules.FundHospital: 128}); got != want {
		t.Errorf("recorded %v, want %v", got, want)
	}
	for f := range rules.NumFunds {
		if f.String() == "" || f.Chinese() == "" {
			t.Errorf("fund %d %q %q", f, f, f.Chinese())
		}
	}
}
