package pack

import (
	"strings"
	"testing"

	"doudi/rules"
)

// worked is a case on the pack of every kind.
const worked = `name: worked
pack: rich
county: 试验县
events:
  - {op: add, category: jiandang, cause: "", date: 2023-01-01}
  - {op: add, category: dibian, cause: illness, date: 2023-02-01, county: 外县, applied: 2023-02-15, expiry: 2024-01-01, level: 2}
claims:
  - {id: W1, setl_time: 2023-03-01 12:30:00, kind: inpatient, referral: local, total: 2000.00, in_scope: 1000.00, basic: 100.00, designated: county, insurance: residents}
  - {id: W2, setl_time: 2023-04-01, kind: inpatient, referral: referred, in_province: false, total: 1000.00, in_scope: 1000.00, basic: 900.00, hospital_level: 3, disease: ESRD}
expect:
  - {id: W1, category: dibian, retro: false, basic: 800.00, major: 140.00, assist: 0, supplement: 848.00, person: 212.00}
  - {id: W2, category: dibian, retro: false, basic: 900.00, supplement: 80.00, person: 20.00}
`

func richPolicy(t *testing.T) *rules.Policy {
	t.Helper()
	p, err := Parse("rich.yaml", []byte(rich(t)))
	if err != nil {
		t.Fatal(err)
	}
	return compiled(t, Layered{Pack: p})
}

func TestCaseFile(t *testing.T) {
	pol := richPolicy(t)
	c, err := ParseCase("c.yaml", []byte(worked))
	if err != nil {
		t.Fatal(err)
	}
	if e := c.Events; e[0].County != "试验县" || e[1].County != "外县" || e[1].Applied != 20230215 || e[1].Level != 2 || e[1].Expiry != 20240101 || e[1].Cause != rules.Illness {
		t.Errorf("%+v", e)
	}
	if err := c.Check(pol); err != nil {
		t.Error(err)
	}
	w1, w2 := c.Claims[0], c.Claims[1]
	// Of the hospitals of the class, the one that comes first in the order of
	// characters; never a code where there is a name.
	if w1.HospitalName != "试验县中医院" || w1.Insurance != rules.Residents || w1.At != 20230301123000 {
		t.Errorf("%+v", w1)
	}
	if w2.HospitalName != "" || !w2.OutOfProvince || w2.Level != 3 || w2.DiseaseCode != "esrd" {
		t.Errorf("%+v", w2)
	}
	for range 20 { // maps are walked in another order each time
		again, err := ParseCase("c.yaml", []byte(worked))
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Resolve(pol); err != nil || again.Claims[0].HospitalName != w1.HospitalName {
			t.Fatalf("another hospital: %s (%v)", again.Claims[0].HospitalName, err)
		}
	}
}

// TestCaseStrict: what is wrong in a case is named at its place, and what comes
// out differently at the line that expects it.
func TestCaseStrict(t *testing.T) {
	pol := richPolicy(t)
	for _, c := range []struct {
		name, old, new string
		want           []found
	}{
		{"an unknown key", "name: worked", "name: worked\nnumber: 1", one("number: 1", `"number"`)},
		{"no claims", "claims:\n", "claim:\n", one("claim:", `"claim"`)},
		{"an unknown operation", "op: add, category: jiandang", "op: put, category: jiandang", one("put,", "add、remove、change")},
		{"an unknown category", "category: jiandang", "category: jian", one("jian,", "jiandang")},
		{"an unknown kind", "kind: inpatient, referral: local", "kind: stay, referral: local", one("stay,", "outpatient_special")},
		{"an unknown insurance", "insurance: residents", "insurance: 390", one("390", "employees、residents")},
		{"no date", "applied: 2023-02-15", "applied: February", one("February", "2023-01-01")},
		{"no amount", "total: 2000.00", "total: much", one("much", "金额")},
		{"more in scope than there is", "total: 2000.00, in_scope: 1000.00", "total: 2000.00, in_scope: 3000.00", one("{id: W1, setl_time", "范围内费用大于总费用")},
		{"twice the same", "id: W2, setl_time", "id: W1, setl_time", []found{{"{id: W1, setl_time: 2023-04", "重复"}, {"{id: W2, category", `没有结算 "W2"`}}},
		{"no person", ", person: 212.00", "", one("{id: W1, category", "缺少 person")},
		{"two mistakes", "category: jiandang, cause: \"\"", "category: jian, cause: bad", []found{{"jian,", "jiandang"}, {"bad,", "illness"}}},
		{"a wrong overlay", "county: 试验县", "overlay: {assist: {rate: 1%}}", one("rate", `"assist.rate"`)},
		{"no hospital of that class", "designated: county", "designated: village", one("{id: W1, setl_time", `"village" 类的定点医院`)},
		{"no diseases", "designated: county", "major40: true", one("{id: W1, setl_time", "没有列出专项救治病种")},
		{"no pack on that day", "2023-03-01 12:30:00", "2022-03-01 12:30:00", one("{id: W1, setl_time", "没有政策包")},
		{"another amount", "supplement: 848.00, person: 212.00", "supplement: 848.00, person: 213.00", one("{id: W1, category", "W1 的个人负担应为 213.00，算得 212.00")},
		{"another category", "id: W2, category: dibian, retro: false", `id: W2, category: jiandang, retro: true`, one("{id: W2, category", "应为 jiandang（回溯），算得 dibian")},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(worked, c.old, c.new, 1)
			if text == worked {
				t.Fatal("nothing changed")
			}
			k, err := ParseCase("c.yaml", []byte(text))
			if err == nil {
				err = k.Check(pol)
			}
			expect(t, text, "c.yaml", err, c.want)
		})
	}
}
