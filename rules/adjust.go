package rules

import "doudi/rules/money"

// Fund is who pays an adjustment, or gets it back (semantics §6).
type Fund uint8

// The funds. Assistance is assist, tilt and special together, since the
// platform records them as one figure.
const (
	FundBasic Fund = iota
	FundMajor
	FundAssistance
	FundSupplement
	FundHospital
	NumFunds
)

var fundNames = [NumFunds]struct{ code, zh string }{
	{"basic", "基本医保基金"}, {"major", "大病保险资金"}, {"assistance", "医疗救助基金"},
	{"supplement", "补充保险"}, {"hospital", "定点医院"},
}

// String is the code: "assistance".
func (f Fund) String() string { return fundNames[f].code }

// Chinese is the name that people read.
func (f Fund) Chinese() string { return fundNames[f].zh }

// Amounts holds one amount for each fund.
type Amounts [NumFunds]money.Fen

// Due is what each fund owes on a claim.
func (r *Result) Due() Amounts {
	return Amounts{r.Basic, r.Major, r.Assistance(), r.Supplement, r.Hospital}
}

// Recorded is what the platform recorded for each fund.
func (c *Claim) Recorded() Amounts {
	return Amounts{c.Basic, c.Major, c.Assist, 0, c.Hosp}
}

// Adjust is due − recorded − posted for each fund: positive is to be paid
// (补发), negative to be recovered (追回). From a person who was never on any
// list nothing is recovered of what the platform recorded (semantics §6), so that
// of such a one what was posted is to come to what is due beyond that, or to
// nothing: what was posted too much is recovered, and what had been recovered,
// before a correction took the person off every list, is given back. The claim is
// then listed under 名单外已救助.
func Adjust(due, recorded, posted Amounts, listed bool) Amounts {
	var a Amounts
	for f := range a {
		a[f] = due[f] - recorded[f]
		if !listed {
			a[f] = max(0, a[f])
		}
		a[f] -= posted[f]
	}
	return a
}
