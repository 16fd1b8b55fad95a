package reference

import (
	"strings"
	"testing"
)

func kangping() Config { return Config{Pack: sy, County: "康平县"} }

// SY-5: 80 % of S from a pool of 5,000 a year. Assistance has no ratio, recorded 0;
// the supplement pays 80 % of the rest (SY-10).
func TestBasicSpecialOutpatient(t *testing.T) {
	jiandang := people(t, "2019-01-01 add jiandang")
	for _, c := range []struct {
		total         string
		first, second string
	}{
		// 4,999.992, half up 4,999.99; rest 1,250.00. A fen left in the pool; rest 99.99, 79.992 of it.
		{"6249.99", "basic=4999.99 supplement=1000 person=250", "basic=0.01 supplement=79.99 person=20"},
		// just 5,000.
		{"6250", "basic=5000 supplement=1000 person=250", "supplement=80 person=20"},
		// 5,000.008 limited; rest 1,250.01, 1,000.008 of it, half up.
		{"6250.01", "basic=5000 supplement=1000.01 person=250", "supplement=80 person=20"},
	} {
		check(t, kangping(), jiandang,
			[]Claim{
				bill(t, "A1", "2019-03-01", "outpatient_special", c.total, "0"),
				bill(t, "A2", "2019-03-02", "outpatient_special", "100", "0", unreferred), // referral does not matter
				bill(t, "A3", "2020-03-01", "outpatient_special", "100", "0"),             // a new year's pool
			},
			"A1 - "+c.first, "A2 - "+c.second, "A3 - basic=80 supplement=16 person=4")
	}

	// The recorded amount where it is higher (80 % of 100), and what T − O leaves of it.
	for _, c := range []struct{ total, basic, other, want string }{
		{"100", "79.99", "0", "basic=80 supplement=16 person=4"},
		{"100", "80", "0", "basic=80 supplement=16 person=4"},
		{"100", "80.01", "0", "basic=80.01 supplement=15.99 person=4"}, // 80 % of 19.99 = 15.992
		// S − O: 80.01, 80, 79.99 against 80.
		{"100", "0", "19.99", "basic=80 other=19.99 supplement=0.01 person=0"}, // 80 % of 0.01 = 0.008
		{"100", "0", "20", "basic=80 other=20 person=0"},
		{"100", "0", "20.01", "basic=79.99 other=20.01 person=0"},
		{"100", "80", "20.01", "basic=79.99 other=20.01 person=0"}, // not more than T − O
	} {
		check(t, kangping(), jiandang,
			[]Claim{bill(t, "A4", "2019-03-01", "outpatient_special", c.total, c.basic, other(c.other))}, "A4 - "+c.want)
	}

	// The pool is charged with what is paid: 900 as recorded, so 80 % of 6,000 = 4,800 meets 4,100.
	claims := []Claim{
		bill(t, "A5", "2019-03-01", "outpatient_special", "1000", "900"),
		bill(t, "A6", "2019-03-02", "outpatient_special", "6000", "0"),
		bill(t, "A7", "2019-03-03", "outpatient_special", "100", "30"),
	}
	check(t, kangping(), jiandang, claims,
		"A5 - basic=900 supplement=80 person=20",
		"A6 - basic=4100 supplement=1520 person=380", // 80 % of 1,900
		"A7 - basic=30 supplement=56 person=14")      // nothing left, but 30 recorded
	// Without keep_higher 800, so 4,200 are left.
	letter := kangping()
	letter.KeepHigher = no()
	check(t, letter, jiandang, claims,
		"A5 - basic=800 supplement=160 person=40",
		"A6 - basic=4200 supplement=1440 person=360", // 80 % of 1,800
		"A7 - supplement=80 person=20")
	// What others are paid, and what is paid before the recognition, is not charged.
	check(t, kangping(), people(t, "2019-03-02 add jiandang"), claims,
		"A5 - basic=900 person=100",
		"A6 - basic=4800 supplement=960 person=240", // 80 % of 1,200
		"A7 - basic=80 supplement=16 person=4")      // 200 are left of 5,000: 80 % of 100
}

// SY-6, SY-8: 80 % county, 60 % municipal, 80 % for the forty diseases; SY-7: elsewhere as recorded.
func TestBasicStays(t *testing.T) {
	cfg := kangping()
	cfg.SupplementInScope = true
	jiandang := people(t, "2019-01-01 add jiandang")
	for _, c := range []struct {
		kind, where string
		major40     bool
		basic       string
		want        string
	}{
		// S = 1,000; major 70 % and supplement 80 % of the rest in scope.
		{"inpatient", "county", false, "100", "basic=800 major=140 supplement=48 person=12"},
		{"inpatient", "municipal", false, "100", "basic=600 major=280 supplement=96 person=24"},
		{"inpatient", "county", true, "100", "basic=800 major=140 supplement=48 person=12"},
		{"inpatient", "municipal", true, "100", "basic=800 major=140 supplement=48 person=12"},
		{"inpatient", "municipal", false, "599.99", "basic=600 major=280 supplement=96 person=24"},
		{"inpatient", "municipal", false, "600", "basic=600 major=280 supplement=96 person=24"},
		// 70 % of 399.99 = 279.993; 80 % of 120 = 96.
		{"inpatient", "municipal", false, "600.01", "basic=600.01 major=279.99 supplement=96 person=24"},
		{"inpatient", "", false, "100", "basic=100 supplement=720 person=180"},
		{"inpatient", "", true, "100", "basic=100 supplement=720 person=180"},
		{"inpatient", "province", true, "100", "basic=100 supplement=720 person=180"},
		{"outpatient", "county", true, "100", "basic=100 supplement=720 person=180"},
		{"pharmacy", "county", false, "100", "basic=100 supplement=720 person=180"},
		{"maternity", "county", false, "100", "basic=100 supplement=720 person=180"},
	} {
		b := bill(t, "B1", "2019-03-01", c.kind, "1000", c.basic, designated(c.where), unreferred)
		b.Major40 = c.major40
		check(t, cfg, jiandang, []Claim{b}, "B1 - "+c.want)
	}
	// Stays do not use the pool of special outpatient treatment.
	check(t, cfg, jiandang,
		[]Claim{
			bill(t, "B2", "2019-03-01", "inpatient", "10000", "0", designated("county")),
			bill(t, "B3", "2019-03-02", "outpatient_special", "6250", "0"),
		},
		"B2 - basic=8000 major=1400 supplement=480 person=120", "B3 - basic=5000 supplement=1000 person=250")
	// A fen: 80 % of 0.01 = 0.008, half up 0.01; 60 % of 0.01 = 0.006.
	for _, where := range []string{"county", "municipal"} {
		check(t, cfg, jiandang, []Claim{bill(t, "B4", "2019-03-01", "inpatient", "0.01", "0", designated(where))},
			"B4 - basic=0.01 person=0")
	}
}

// SY-4: jiandang, by the county of the row that opened the spell.
func TestTargetedPeople(t *testing.T) {
	visit := bill(t, "C1", "2019-03-10", "outpatient_special", "100", "50")
	const helped, ordinary = "C1 - basic=80 supplement=16 person=4", "C1 - basic=50 person=50"
	for _, c := range []struct{ office, rows, want string }{
		{"康平县", "2019-01-01 add jiandang", helped},
		{"康平", "2019-01-01 add jiandang", helped},
		{" 新民市 ", "2019-01-01 add jiandang", helped},
		{"\u3000辽中区", "2019-01-01 add jiandang", helped},
		{"法库县", "2019-01-01 add jiandang", helped},
		{"沈北新区", "2019-01-01 add jiandang", ordinary},
		{"", "2019-01-01 add jiandang", ordinary},
		{"沈阳市康平县", "2019-01-01 add jiandang", ordinary},
		{"康平县", "2019-01-01 add tekun", ordinary},
		{"", "2019-01-01 add tekun county=康平县", ordinary},
		{"", "2019-01-01 add jiandang county=辽中县", helped},
		{"和平区", "2019-01-01 change jiandang county=法库", helped},
		{"康平县", "2019-01-01 add jiandang county=和平区", ordinary},
		{"和平区", "2019-01-01 add jiandang; 2019-02-01 add jiandang county=康平县", ordinary}, // repeats it only
		{"康平县", "2019-01-01 add jiandang; 2019-02-01 add jiandang county=和平区", helped},
		{"和平区", "2019-01-01 add jiandang; 2019-01-01 add jiandang county=康平县", helped}, // opened by both rows
		{"和平区", "2019-01-01 add jiandang county=大东区; 2019-01-01 add jiandang county=康平县", helped},
		{"和平区", "2019-01-01 change jiandang; 2019-01-01 add jiandang county=康平县", ordinary}, // the change opened it
		{"和平区", "2019-01-01 add jiandang county=康平县; 2019-02-01 change jiandang", ordinary}, // a spell of its own
		{"", "2019-01-01 add jiandang county=康平县; 2019-01-02 add tekun county=和平区", helped},
		{"康平县", "2019-03-10 add jiandang", helped},
		{"康平县", "2019-03-11 add jiandang", ordinary},
		{"康平县", "2019-01-01 add jiandang; 2019-03-10 remove", ordinary},
		{"康平县", "2019-01-01 add jiandang; 2019-03-11 remove", helped},
	} {
		rows := strings.Split(c.rows, ";")
		check(t, Config{Pack: sy, County: c.office}, people(t, rows...), []Claim{visit}, c.want)
	}
	// Under next_month the removed spell still counts with its county, beside the new one.
	check(t, Config{Pack: sy, NextMonthExit: true},
		people(t, "2019-01-01 add jiandang county=康平县", "2019-03-05 remove", "2019-03-06 add jiandang county=和平区"),
		[]Claim{visit, bill(t, "C2", "2019-04-01", "outpatient_special", "100", "50")},
		helped, "C2 - basic=50 person=50")
	// Another pack knows nothing of it.
	check(t, Config{Pack: kf, County: "康平县"}, people(t, "2019-01-01 add jiandang"),
		[]Claim{bill(t, "C3", "2023-03-10", "outpatient_special", "100", "50")}, "C3 - basic=50 person=50")
}

// SY-6: at a designated hospital 70 % of what is left, or more where recorded or configured.
func TestMajorDirect(t *testing.T) {
	cfg := kangping()
	cfg.AssistRatio = ratios("jiandang=0") // so that nothing recorded passes there
	jiandang := people(t, "2019-01-01 add jiandang")
	// S = 10,000, B 8,000, direct 70 % of 2,000.
	for _, c := range []struct{ basic, major, want, letter string }{
		{"5000", "1399.99", "major=1400 supplement=480 person=120", "major=1400 supplement=480 person=120"},
		{"5000", "1400", "major=1400 supplement=480 person=120", "major=1400 supplement=480 person=120"},
		{"5000", "1400.01", "major=1400.01 supplement=479.99 person=120", "major=1400 supplement=480 person=120"}, // 479.992
		// valid as recorded, but with the new B only 2,000 of T are left.
		{"5000", "1999.99", "major=1999.99 supplement=0.01 person=0", "major=1400 supplement=480 person=120"},
		{"5000", "2000", "major=2000 person=0", "major=1400 supplement=480 person=120"},
		{"5000", "2000.01", "major=2000 person=0", "major=1400 supplement=480 person=120"},
	} {
		claim := []Claim{bill(t, "D1", "2019-03-01", "inpatient", "10000", c.basic, designated("county"), recorded(c.major, "0"))}
		check(t, cfg, jiandang, claim, "D1 jiandang basic=8000 "+c.want)
		letter := cfg
		letter.KeepHigher = no()
		check(t, letter, jiandang, claim, "D1 jiandang basic=8000 "+c.letter)
	}
	// The same for recorded assistance that passes: T − B − O − M = 10,000 − 8,000 − 1,400.
	for _, c := range []struct{ assist, want string }{
		{"599.99", "assist=599.99 supplement=0.01 person=0"}, {"600", "assist=600 person=0"}, {"600.01", "assist=600 person=0"},
	} {
		check(t, kangping(), jiandang,
			[]Claim{bill(t, "D2", "2019-03-01", "inpatient", "10000", "5000", designated("county"), recorded("0", c.assist))},
			"D2 - basic=8000 major=1400 "+c.want)
	}
	// Outside a designated stay the recorded amount passes, at most T − B − O: B rises from 20 to 80.
	check(t, cfg, jiandang,
		[]Claim{bill(t, "D3", "2019-03-01", "outpatient_special", "100", "20", recorded("30", "0"))},
		"D3 jiandang basic=80 major=20 person=0")

	// Configured: 1,000 off, 90 %, cap 2,000.
	cfg.MajorDeductible, cfg.MajorCap, cfg.MajorTiers = yuanCap("1000"), yuanCap("2000"), []Tier{{Ratio: percent("90")}}
	check(t, cfg, jiandang,
		[]Claim{
			bill(t, "D4", "2019-03-01", "inpatient", "10000", "0", designated("county")),
			bill(t, "D5", "2019-03-02", "inpatient", "1000", "0", designated("county")),
			bill(t, "D6", "2019-03-03", "inpatient", "10000", "5000", recorded("4000", "0")),
			bill(t, "D7", "2019-03-04", "inpatient", "1000", "0", designated("municipal")),
			bill(t, "D8", "2019-03-05", "inpatient", "1000", "0", designated("municipal"), recorded("300", "0")),
		},
		// base 0 to 2,000: 90 % of 1,000 = 900, direct 1,400.
		"D4 jiandang basic=8000 major=1400 supplement=480 person=120",
		// 2,000 to 2,200: 90 % of 200 = 180, direct 140; 1,580 paid.
		"D5 jiandang basic=800 major=180 supplement=16 person=4",
		// 2,200 to 7,200: 4,500, but 420 are left of the cap; what is recorded does not count where it is configured.
		"D6 jiandang basic=5000 major=420 supplement=3664 person=916",
		// nothing left of the cap; direct knows none: 70 % of 400.
		"D7 jiandang basic=600 major=280 supplement=96 person=24",
		// recorded 300 is higher.
		"D8 jiandang basic=600 major=300 supplement=80 person=20")
}

// SY-3: tekun and dibao, half the deductible, at least 70 %, no cap.
func TestMajorForTekunAndDibao(t *testing.T) {
	cfg := Config{Pack: sy, AssistRatio: ratios("tekun=0 dibao=0 jiandang=0"), MajorDeductible: yuanCap("1000"), MajorCap: yuanCap("1500"),
		MajorTiers: []Tier{{To: yuanCap("2000"), Ratio: percent("60")}, {To: yuanCap("3000"), Ratio: percent("70")}, {Ratio: percent("75")}}}
	for _, c := range []struct{ scope, key, plain string }{
		{"500", "person=500", "person=500"},
		{"500.01", "major=0.01 person=500", "person=500.01"},                     // 70 % of 0.01 = 0.007
		{"1000", "major=350 person=650", "person=1000"},                          // 70 % of 500
		{"1000.01", "major=350.01 person=650", "major=0.01 person=1000"},         // 350.007; 60 % of 0.01 = 0.006
		{"2000", "major=1050 person=950", "major=600 person=1400"},               // 70 % of 1,500; 60 % of 1,000
		{"3000", "major=1750 person=1250", "major=1300 person=1700"},             // and 70 % of 1,000
		{"3266.66", "major=1950 person=1316.66", "major=1500 person=1766.66"},    // 75 % of 266.66 = 199.995, half up
		{"3266.68", "major=1950.01 person=1316.67", "major=1500 person=1766.68"}, // 200.01: the cap for the one only
		{"4000", "major=2500 person=1500", "major=1500 person=2500"},             // 75 % of 1,000
	} {
		stay := []Claim{bill(t, "E1", "2019-03-01", "inpatient", c.scope, "0", recorded("9", "0"))}
		for _, category := range []string{"tekun", "dibao"} {
			check(t, cfg, people(t, "2019-01-01 add "+category), stay, "E1 "+category+" "+c.key)
		}
		check(t, cfg, people(t, "2019-01-01 add jiandang"), stay, "E1 jiandang "+c.plain) // no county given
		check(t, cfg, nil, stay, "E1 - "+c.plain)
	}
	// Both at once at a designated hospital: base 5,000 → tekun 70 % of 2,500 + 75 % of 2,000 = 3,250; direct 3,500.
	both := people(t, "2019-01-01 add jiandang county=康平县", "2019-01-01 add tekun")
	stays := []Claim{
		bill(t, "E2", "2019-03-01", "inpatient", "25000", "0", designated("county")),
		bill(t, "E3", "2019-03-02", "inpatient", "5000", "0", designated("county")),
	}
	check(t, cfg, both, stays,
		"E2 tekun basic=20000 major=3500 supplement=1200 person=300",
		// base 5,000 to 6,000: 75 % of 1,000 against 700.
		"E3 tekun basic=4000 major=750 supplement=200 person=50")
	// Neither configured nor direct: as recorded.
	cfg.MajorTiers = nil
	check(t, cfg, people(t, "2019-01-01 add tekun"),
		[]Claim{bill(t, "E4", "2019-03-01", "inpatient", "1000", "400", recorded("90", "0"), designated("county"))},
		"E4 tekun basic=400 major=90 person=510")
}

// SY-10: 80 % of what the person still bears, of T or in scope, on every claim of these people.
func TestSupplement(t *testing.T) {
	cfg := kangping()
	cfg.AssistRatio = ratios("jiandang=50")
	inScope := cfg
	inScope.SupplementInScope = true
	jiandang := people(t, "2019-01-01 add jiandang")
	for _, c := range []struct {
		claim           Claim
		total, inScoped string
	}{
		// T = 1,200, S = 1,000, B = 400: assist 300; 500 still borne, 300 of it in scope.
		{bill(t, "F1", "2019-03-01", "inpatient", "1200", "400", scope("1000")),
			"jiandang basic=400 assist=300 supplement=400 person=100", "jiandang basic=400 assist=300 supplement=240 person=260"},
		// Unreferred: no assistance, yet a supplement: 80 % of 800, of 600.
		{bill(t, "F1", "2019-03-01", "pharmacy", "1200", "400", scope("1000"), unreferred),
			"- basic=400 supplement=640 person=160", "- basic=400 supplement=480 person=320"},
		// Nothing in scope left, B reaches beyond it: 80 % of 100, nothing.
		{bill(t, "F1", "2019-03-01", "outpatient", "1200", "1100", scope("1000")),
			"jiandang basic=1100 supplement=80 person=20", "jiandang basic=1100 person=100"},
		// Half up: 80 % of 0.03 = 0.024, of 0.02 = 0.016 (assist 50 % of 0.03 = 0.015, half up 0.02; of 0.01 0.01).
		{bill(t, "F1", "2019-03-01", "outpatient", "0.05", "0", scope("0.03")),
			"jiandang assist=0.02 supplement=0.02 person=0.01", "jiandang assist=0.02 supplement=0.01 person=0.02"},
		{bill(t, "F1", "2019-03-01", "outpatient", "0.04", "0", scope("0.03")),
			"jiandang assist=0.02 supplement=0.02 person=0", "jiandang assist=0.02 supplement=0.01 person=0.01"},
		{bill(t, "F1", "2019-03-01", "outpatient", "100", "100"), "jiandang basic=100 person=0", "jiandang basic=100 person=0"},
	} {
		check(t, cfg, jiandang, []Claim{c.claim}, "F1 "+c.total)
		check(t, inScope, jiandang, []Claim{c.claim}, "F1 "+c.inScoped)
	}
	// Not on a day without a pack, not for others.
	check(t, cfg, people(t, "2018-01-01 add jiandang"),
		[]Claim{bill(t, "F2", "2018-12-31", "inpatient", "100", "40", designated("county"), recorded("0", "10"))},
		"F2 ! basic=40 assist=10 person=50")
	check(t, cfg, people(t, "2019-01-01 add dibao"),
		[]Claim{bill(t, "F3", "2019-03-01", "inpatient", "100", "40", designated("county"))}, "F3 - basic=40 person=60")
}

// What tilt pays for earlier claims does not lessen this claim's supplement, and gives back no more than was borne.
func TestSupplementAndTilt(t *testing.T) {
	cfg := kangping()
	cfg.AssistRatio, cfg.AssistCap = ratios("jiandang=50"), caps("jiandang=500")
	cfg.TiltRatio, cfg.TiltThreshold = ratios("jiandang=100"), yuanCap("0")
	jiandang := people(t, "2019-01-01 add jiandang")
	claims := []Claim{
		bill(t, "G1", "2019-03-01", "outpatient", "998", "0"),
		bill(t, "G2", "2019-03-02", "outpatient", "12", "0", scope("2")),
		bill(t, "G3", "2019-03-03", "outpatient", "100", "0"),
	}
	check(t, cfg, jiandang, claims,
		// own 499; the pool has a yuan left, so no tilt; 80 % of 499 = 399.20.
		"G1 jiandang assist=499 supplement=399.20 person=99.80",
		// own 1, U = 500, but the person bears 99.80 + 1. Of T 12 − 1 − 1 = 10 are still borne: 8. 12 − 1 − 100.80 − 8.
		"G2 jiandang assist=1 tilt=100.80 supplement=8 person=-97.80",
		// U = 600, 100.80 paid, 499.20 due, but the person bears 99.80 − 97.80 + 100 = 102. Nothing of this claim is left: 100 − 102.
		"G3 jiandang tilt=102 person=-2")
	// In scope nothing is left to supplement: own 1, all of it paid by tilt.
	cfg.SupplementInScope = true
	check(t, cfg, jiandang, claims[:2],
		"G1 jiandang assist=499 supplement=399.20 person=99.80",
		"G2 jiandang assist=1 tilt=100.80 person=-89.80")
	// Tilt within the claim's own part: own 1,000, U = 1,500 above a line of 1,000 at 50 %: 250.
	cfg.TiltRatio, cfg.TiltThreshold = ratios("jiandang=50"), yuanCap("1000")
	claims = []Claim{
		bill(t, "G4", "2019-03-01", "outpatient", "1000", "0"),
		bill(t, "G5", "2019-03-02", "outpatient", "1200", "0", scope("1000")),
	}
	check(t, cfg, jiandang, claims,
		"G4 jiandang assist=500 supplement=400 person=100",
		"G5 jiandang tilt=250 supplement=600 person=350") // 80 % of 750
	cfg.SupplementInScope = false
	check(t, cfg, jiandang, claims,
		"G4 jiandang assist=500 supplement=400 person=100",
		"G5 jiandang tilt=250 supplement=760 person=190") // 80 % of 950
}
