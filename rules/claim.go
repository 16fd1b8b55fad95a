package rules

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"

	"golang.org/x/text/width"
)

// Kind is the kind of a claim.
type Kind uint8

// The kinds of claims (semantics §3).
const (
	NoKind            Kind = iota
	Inpatient              // 住院
	OutpatientSpecial      // 门诊慢特病
	Outpatient             // 普通门诊
	Pharmacy               // 定点药店购药
	Maternity              // 生育
	numKinds
)

var kindNames = [numKinds]struct{ code, zh string }{
	{"", ""},
	{"inpatient", "住院"},
	{"outpatient_special", "门诊慢特病"},
	{"outpatient", "普通门诊"},
	{"pharmacy", "药店购药"},
	{"maternity", "生育"},
}

// String is the code: "inpatient".
func (k Kind) String() string { return kindNames[k].code }

// Chinese is the name that people read.
func (k Kind) Chinese() string { return kindNames[k].zh }

// ParseKind reads a code.
func ParseKind(s string) (Kind, error) {
	for k := NoKind + 1; k < numKinds; k++ {
		if kindNames[k].code == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("rules: unknown kind of claim %q", s)
}

// Kinds lists all of them.
func Kinds() []Kind {
	return []Kind{Inpatient, OutpatientSpecial, Outpatient, Pharmacy, Maternity}
}

// KindSet is a set of kinds.
type KindSet uint8

// Has reports whether k is in the set.
func (s KindSet) Has(k Kind) bool { return s&(1<<k) != 0 }

// With adds a kind.
func (s KindSet) With(k Kind) KindSet { return s | 1<<k }

// Referral is whether care outside the pooling area followed the rules.
type Referral uint8

// The referrals (semantics §3).
const (
	Local      Referral = iota // within the pooling area
	Referred                   // outside it, by the rules
	Unreferred                 // outside it, not by the rules
)

var referralNames = [...]struct{ code, zh string }{
	{"local", "统筹区内"}, {"referred", "规范转诊"}, {"unreferred", "未按规定转诊"},
}

// String is the code: "local".
func (r Referral) String() string { return referralNames[r].code }

// Chinese is the name that people read.
func (r Referral) Chinese() string { return referralNames[r].zh }

// ParseReferral reads a code.
func ParseReferral(s string) (Referral, error) {
	for r, n := range referralNames {
		if n.code == s {
			return Referral(r), nil
		}
	}
	return 0, fmt.Errorf("rules: unknown referral %q", s)
}

// Insurance is the basic insurance under which a claim was settled.
type Insurance uint8

// The insurances (insutype 310; 390 and its forerunners 391, 392).
const (
	NoInsurance Insurance = iota // not given
	Employees                    // 职工基本医疗保险
	Residents                    // 城乡居民基本医疗保险
	numInsurances
)

var insuranceNames = [numInsurances]struct{ code, zh string }{
	{"", ""}, {"employees", "职工医保"}, {"residents", "居民医保"},
}

// String is the code: "residents".
func (i Insurance) String() string { return insuranceNames[i].code }

// Chinese is the name that people read.
func (i Insurance) Chinese() string { return insuranceNames[i].zh }

// ParseInsurance reads what String prints.
func ParseInsurance(s string) (Insurance, error) {
	for i, n := range insuranceNames {
		if n.code == s {
			return Insurance(i), nil
		}
	}
	return 0, fmt.Errorf("rules: unknown insurance %q", s)
}

// InsuranceOf tells the insurance from a platform code or its name;
// NoInsurance where neither says.
func InsuranceOf(insutype string) Insurance {
	switch {
	case insutype == "310" || strings.Contains(insutype, "职工"):
		return Employees
	case insutype == "390" || insutype == "391" || insutype == "392" || strings.Contains(insutype, "居民") || strings.Contains(insutype, "农村"):
		return Residents
	}
	return NoInsurance
}

// Claim is one settlement of the national platform, with the amounts as the
// platform recorded them.
type Claim struct {
	Ref           int64        // the ledger's number of the claim
	ID            string       // setl_id
	At            civil.Moment // setl_time; its date decides year, identity and pack
	Kind          Kind
	Referral      Referral
	OutOfProvince bool
	Level         uint8  // of the hospital: 1, 2, 3; 0 unknown
	DiseaseCode   string // dise_codg, folded
	DiseaseName   string // dise_name, folded
	HospitalCode  string // fixmedins_code
	HospitalName  string // fixmedins_name, folded
	Insurance     Insurance

	Total   money.Fen // T, medfee_sumamt
	InScope money.Fen // S, inscp_scp_amt
	Basic   money.Fen // B, hifp_pay
	Other   money.Fen // O, cvlserv_pay + hifes_pay + oth_pay
	Major   money.Fen // M, hifmi_pay + hifob_pay
	Assist  money.Fen // A, maf_pay
	Hosp    money.Fen // hosp_part_amt, what the hospital bore already
}

// Check reports what must hold of a claim before it may enter the ledger
// (semantics §3): no negative amount, S ≤ T, B + O + M + A ≤ T. The error is
// one of the Err values below.
func (c *Claim) Check() error {
	for _, v := range [...]money.Fen{c.Total, c.InScope, c.Basic, c.Other, c.Major, c.Assist, c.Hosp} {
		if v < 0 {
			return ErrNegative
		}
	}
	if c.InScope > c.Total {
		return ErrScope
	}
	if c.Basic+c.Other+c.Major+c.Assist > c.Total {
		return ErrSum
	}
	return nil
}

// What Check finds.
var (
	ErrNegative = fmt.Errorf("rules: a negative amount")
	ErrScope    = fmt.Errorf("rules: in scope is more than the total")
	ErrSum      = fmt.Errorf("rules: the payments are more than the total")
)

// Fold makes names comparable: width folded, lower case, without spaces and
// without the punctuation that people vary (brackets, dashes, dots, commas).
func Fold(s string) string {
	if s == "" {
		return ""
	}
	s = width.Fold.String(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r == 0xA0, r == 0x3000, r == 0xFEFF, r == 0x200B:
			return -1
		case strings.ContainsRune("()[]{}<>《》〈〉【】〔〕「」“”\"'‘’、，,。.．·-—_/\\:：;；*#", r):
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == 'Ⅰ':
			return '1'
		case r == 'Ⅱ':
			return '2'
		}
		return r
	}, s)
}

// SortClaims puts claims in the order of the waterfall: (setl_time, setl_id).
func SortClaims(cs []Claim) {
	slices.SortFunc(cs, func(a, b Claim) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
}
