package reference

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

const wz, xj, sy = "wenzhou-2022-98", "xinjiang-2023", "shenyang-2019-78"

func no() *bool { b := false; return &b }

// ratios reads "dibao=50 tekun=100" as percentages.
func ratios(words string) map[string]decimal.Decimal {
	m := map[string]decimal.Decimal{}
	for _, word := range strings.Fields(words) {
		category, value, _ := strings.Cut(word, "=")
		m[category] = percent(value)
	}
	return m
}

// caps reads "dibao=1000 tekun=none".
func caps(words string) map[string]*decimal.Decimal {
	m := map[string]*decimal.Decimal{}
	for _, word := range strings.Fields(words) {
		category, value, _ := strings.Cut(word, "=")
		if value == "none" {
			m[category] = nil
		} else {
			m[category] = yuanCap(value)
		}
	}
	return m
}

func designated(where string) func(*Claim) { return func(c *Claim) { c.Designated = where } }

// Each pack's first and last day, one day to each side.
func TestInForce(t *testing.T) {
	type day struct{ date, want string }
	for _, c := range []struct {
		cfg  Config
		days []day
	}{
		{Config{Pack: wz}, []day{{"2022-12-31 23:59", "!"}, {"2023-01-01 00:00", "dibao"},
			{"2025-12-31 23:59", "dibao"}, {"2026-01-01 00:00", "!"}}},
		{Config{Pack: xj}, []day{{"2022-12-31", "!"}, {"2023-01-01", "dibao"}, {"2030-01-01", "dibao"}}},
		{Config{Pack: xj, InForceFrom: date(2023, 2, 9)}, []day{{"2023-02-08", "!"}, {"2023-02-09", "dibao"}}},
		{Config{Pack: sy}, []day{{"2018-12-31", "!"}, {"2019-01-01", "dibao"}, {"2030-01-01", "dibao"}}},
		{Config{Pack: kf}, []day{{"2022-04-30", "!"}, {"2022-05-01", "dibao"}}},
	} {
		c.cfg.AssistRatio = ratios("dibao=50")
		for _, d := range c.days {
			// 50 % of 100, or the 7 recorded.
			want := "I1 dibao assist=50 person=50"
			if d.want == "!" {
				want = "I1 ! assist=7 person=93"
			}
			check(t, c.cfg, people(t, "2018-01-01 add dibao"),
				[]Claim{bill(t, "I1", d.date, "inpatient", "100", "0", recorded("0", "7"))}, want)
		}
	}
}

// Without any ratio what is recorded passes, for everybody and on every claim.
func TestNoRatioAtAll(t *testing.T) {
	for _, pack := range []string{wz, xj, sy} {
		for _, overlay := range []string{"", "zhongbing=50"} { // the pack does not assist zhongbing
			check(t, Config{Pack: pack, AssistRatio: ratios(overlay), TiltThreshold: yuanCap("0"), TiltRatio: ratios("dibao=90")},
				people(t, "2023-03-01 add dibao", "2023-03-01 add zhongbing"),
				[]Claim{
					bill(t, "N1", "2023-02-20", "inpatient", "1000", "600", recorded("100", "50")),
					bill(t, "N2", "2023-03-01", "outpatient", "1000", "600", recorded("100", "50"), unreferred),
					// 200 are left of 1,000 − 600 − 100 − 100; a fen less, just that, a fen more.
					bill(t, "N3", "2023-03-02", "inpatient", "1000", "600", other("100"), recorded("100", "199.99")),
					bill(t, "N4", "2023-03-03", "inpatient", "1000", "600", other("100"), recorded("100", "200")),
					bill(t, "N5", "2023-03-04", "inpatient", "1000", "600", other("100"), recorded("100", "200.01")),
					// 500 are out of scope: what is recorded may reach beyond the scope.
					bill(t, "N6", "2023-03-05", "inpatient", "1000", "500", scope("500"), recorded("0", "400")),
				},
				"N1 - basic=600 major=100 assist=50 person=250",
				"N2 - basic=600 major=100 assist=50 person=250",
				"N3 - basic=600 other=100 major=100 assist=199.99 person=0.01",
				"N4 - basic=600 other=100 major=100 assist=200 person=0",
				"N5 - basic=600 other=100 major=100 assist=200 person=0",
				"N6 - basic=500 assist=400 person=100")
		}
	}
}

func TestRatioForSomeCategories(t *testing.T) {
	cfg := Config{Pack: wz, AssistRatio: ratios("dibao=50"), AssistCap: caps("dibao=300"),
		AssistKinds: []string{"inpatient", "outpatient"}}
	check(t, cfg, people(t, "2023-02-01 add kunjing", "2023-03-01 add tekun", "2023-04-01 add dibao",
		"2023-05-01 remove", "2023-05-01 add fengxian", "2023-06-01 add dibao"),
		[]Claim{
			bill(t, "R1", "2023-01-31", "inpatient", "1000", "0", recorded("0", "200")),
			bill(t, "R2", "2023-02-01", "inpatient", "1000", "0", recorded("0", "200")),
			bill(t, "R3", "2023-03-01", "inpatient", "1000", "950", recorded("0", "50.01")),
			bill(t, "R4", "2023-03-02", "inpatient", "1000", "0", recorded("0", "200"), unreferred),
			bill(t, "R5", "2023-03-03", "pharmacy", "1000", "0", recorded("0", "200")),
			bill(t, "R6", "2023-04-01", "outpatient", "500", "0", recorded("0", "200")),
			bill(t, "R7", "2023-05-01", "inpatient", "1000", "0", recorded("0", "200")),
			bill(t, "R8", "2023-06-01", "inpatient", "1000", "0", recorded("0", "200")),
		},
		"R1 - person=1000",
		// kunjing, tekun: the document leaves their ratio open and the office gives none.
		"R2 - assist=200 person=800",
		"R3 - basic=950 assist=50 person=0",
		"R4 - person=1000",
		"R5 - person=1000",
		// with dibao there is a candidate: 50 % of 500; the 250 recorded above have not touched the pool of 300.
		"R6 dibao assist=250 person=250",
		// fengxian is not assisted.
		"R7 - person=1000",
		// 50 left of the pool.
		"R8 dibao assist=50 person=950")
}

// A pool's last fen: 300 less 299.99 leaves one, 300 none; without an entry, or with none, there is no pool.
func TestAssistOverlay(t *testing.T) {
	events := people(t, "2023-02-09 add dibao", "2023-02-09 add canji")
	second := bill(t, "A2", "2023-03-02", "inpatient", "1000", "0")
	for _, c := range []struct{ total, caps, first, second string }{
		{"599.98", "dibao=300", "A1 dibao assist=299.99 person=299.99", "A2 dibao assist=0.01 person=999.99"},
		{"600", "dibao=300", "A1 dibao assist=300 person=300", "A2 dibao person=1000"},
		{"600.02", "dibao=300", "A1 dibao assist=300 person=300.02", "A2 dibao person=1000"},
		{"600.02", "dibao=none", "A1 dibao assist=300.01 person=300.01", "A2 dibao assist=500 person=500"},
		{"600.02", "tekun=1", "A1 dibao assist=300.01 person=300.01", "A2 dibao assist=500 person=500"},
	} {
		for _, pack := range []string{wz, xj, sy} {
			check(t, Config{Pack: pack, AssistRatio: ratios("dibao=50"), AssistCap: caps(c.caps)}, events,
				[]Claim{bill(t, "A1", "2023-03-01", "outpatient", c.total, "0"), second}, c.first, c.second)
		}
	}

	// All five kinds unless the office names some.
	dibao := people(t, "2023-01-01 add dibao")
	for _, kind := range allKinds {
		check(t, Config{Pack: sy, AssistRatio: ratios("dibao=50")}, dibao,
			[]Claim{bill(t, "K1", "2023-03-01", kind, "100", "0")}, "K1 dibao assist=50 person=50")
	}

	// Hangzhou: 90 % instead of 80 %; the document's pool of 20,000 within 150,000 stays.
	check(t, Config{Pack: hz, AssistRatio: ratios("dibao=90")}, dibao,
		[]Claim{
			bill(t, "A3", "2023-03-01", "outpatient", "30000", "0"), // 27,000
			bill(t, "A4", "2023-03-02", "inpatient", "200000", "0"), // 180,000, 130,000 left
		},
		"A3 dibao assist=20000 person=10000", "A4 dibao assist=130000 person=70000")
	// The cap lifted, the ratio the document's.
	check(t, Config{Pack: hz, AssistCap: caps("dibao=none")}, dibao,
		[]Claim{bill(t, "A5", "2023-03-02", "inpatient", "200000", "0")}, "A5 dibao assist=160000 person=40000")

	// Kaifeng: one ratio for in- and outpatient; the nine diseases still decide outpatient; the kinds are the office's.
	check(t, Config{Pack: kf, AssistRatio: ratios("dibao=60"), AssistKinds: []string{"outpatient", "pharmacy"}}, dibao,
		[]Claim{
			bill(t, "A6", "2023-03-01", "outpatient", "100", "0", disease("AA")),
			bill(t, "A7", "2023-03-02", "outpatient", "100", "0", disease("FLU")),
			bill(t, "A8", "2023-03-03", "outpatient_special", "100", "0", disease("AA")),
			bill(t, "A9", "2023-03-04", "inpatient", "100", "0"),
			bill(t, "B1", "2023-03-05", "pharmacy", "100", "0"),
		},
		"A6 dibao assist=60 person=40", "A7 - person=100", "A8 - person=100", "A9 - person=100",
		"B1 dibao assist=60 person=40")
}

func TestTiesFollowThePacksOrder(t *testing.T) {
	for pack, order := range map[string]string{
		wz: "tekun dibao dibian canji kunjing",
		xj: "tekun dibao fanpin yifanpin dibian",
		sy: "tekun dibao jiandang",
	} {
		list := strings.Fields(order)
		for i := range list {
			var rows []string
			cfg := Config{Pack: pack, AssistRatio: map[string]decimal.Decimal{}}
			for _, category := range list[i:] {
				rows = append(rows, "2023-03-01 add "+category)
				cfg.AssistRatio[category] = percent("50")
			}
			check(t, cfg, people(t, rows...),
				[]Claim{bill(t, "O1", "2023-03-01", "inpatient", "100", "0")}, "O1 "+list[i]+" assist=50 person=50")
		}
	}
}

// XJ-6 by overlay, and KF-7 with other figures.
func TestTiltOverlay(t *testing.T) {
	cfg := Config{Pack: xj, AssistRatio: ratios("dibian=60"), AssistCap: caps("dibian=600"),
		TiltRatio: ratios("dibian=50"), TiltThreshold: yuanCap("400"), TiltCap: yuanCap("300")}
	dibian := people(t, "2023-03-01 add dibian")
	claims := func(first string) []Claim {
		return []Claim{
			bill(t, "T1", "2023-03-01", "inpatient", first, "0"),
			bill(t, "T2", "2023-03-02", "inpatient", "1000", "1000", scope("1000")),
			bill(t, "T3", "2023-03-03", "outpatient", "900", "0"),
		}
	}
	// 60 % of 999.98 = 599.988, half up 599.99: a fen below the cap, no tilt. T3: 0.01 more reaches it;
	// U = 399.99 + 899.99 = 1,299.98, 50 % of 899.98 = 449.99, cap 300.
	check(t, cfg, dibian, claims("999.98"),
		"T1 dibian assist=599.99 person=399.99", "T2 dibian basic=1000 person=0",
		"T3 dibian assist=0.01 tilt=300 person=599.99")
	// 600.00 reaches it; U = 400, at the line: nothing. T3: U = 1,300; 450, cap 300.
	check(t, cfg, dibian, claims("1000"),
		"T1 dibian assist=600 person=400", "T2 dibian basic=1000 person=0",
		"T3 dibian tilt=300 person=600")
	// U = 400.01: 50 % of 0.01, half up 0.01.
	check(t, cfg, dibian, claims("1000.01"),
		"T1 dibian assist=600 tilt=0.01 person=400", "T2 dibian basic=1000 person=0",
		"T3 dibian tilt=299.99 person=600.01")
	// Not capped: 450, of it 0 paid.
	cfg.TiltCap = nil
	check(t, cfg, dibian, claims("1000"),
		"T1 dibian assist=600 person=400", "T2 dibian basic=1000 person=0", "T3 dibian tilt=450 person=450")
	// Out of the region: neither tilt nor U. Then U = 1,000: 50 % of 600.
	check(t, cfg, dibian, []Claim{
		bill(t, "T4", "2023-03-01", "inpatient", "2000", "0", referredAway), // 60 % limited to 600
		bill(t, "T5", "2023-03-02", "inpatient", "1000", "0"),
	},
		"T4 dibian assist=600 person=1400", "T5 dibian tilt=300 person=700")
	// A ratio for another category only: nothing; no threshold: off; no cap of assistance: never used up.
	off := cfg
	off.TiltRatio = ratios("dibao=50")
	check(t, off, dibian, claims("1000")[:1], "T1 dibian assist=600 person=400")
	off = cfg
	off.TiltThreshold = nil
	check(t, off, dibian, claims("5000")[:1], "T1 dibian assist=600 person=4400")
	off = cfg
	off.AssistCap = nil
	check(t, off, dibian, claims("5000")[:1], "T1 dibian assist=3000 person=2000")

	// Assisted as dibian (60 % against 10 %), tilt at the better ratio of the two held: U = 1,400, 80 % of 1,000.
	two := cfg
	two.AssistRatio, two.TiltRatio = ratios("dibian=60 dibao=10"), ratios("dibian=50 dibao=80")
	check(t, two, people(t, "2023-03-01 add dibian", "2023-03-01 add dibao"),
		[]Claim{bill(t, "T6", "2023-03-01", "outpatient", "2000", "0")}, "T6 dibian assist=600 tilt=800 person=600")

	// Kaifeng, dibao: the office's line of 5,000, else the document: U = 20,000; 90 % of 15,000, cap 10,000.
	dibao := people(t, "2023-01-01 add dibao")
	stay := []Claim{bill(t, "T7", "2023-03-01", "inpatient", "50000", "0")}
	check(t, Config{Pack: kf, TiltThreshold: yuanCap("5000")}, dibao, stay, "T7 dibao assist=30000 tilt=10000 person=10000")
	// With a cap of 20,000: 13,500; and at 100 % for dibao: 15,000.
	check(t, Config{Pack: kf, TiltThreshold: yuanCap("5000"), TiltCap: yuanCap("20000")}, dibao, stay,
		"T7 dibao assist=30000 tilt=13500 person=6500")
	check(t, Config{Pack: kf, TiltThreshold: yuanCap("5000"), TiltCap: yuanCap("20000"), TiltRatio: ratios("dibao=100")},
		dibao, stay, "T7 dibao assist=30000 tilt=15000 person=5000")
}

// KF-11: dibian is assisted from the day of its application.
func TestApplicationRequired(t *testing.T) {
	cfg := Config{Pack: kf, ApplicationRequired: true}
	stays := []Claim{
		bill(t, "P1", "2023-02-28 23:59", "inpatient", "4000", "0", scope("3000"), level(1)),
		bill(t, "P2", "2023-03-01 00:00", "inpatient", "4000", "0"),
		bill(t, "P3", "2023-03-02", "inpatient", "4000", "0"),
	}
	// P1: no assistance and no deductible used, but the hospital's share: 1,000 out of scope, 2.5 % of 4,000 is 100.
	// P2: 65 % of (4,000 − 2,000). P3: 65 % of 4,000.
	from1March := []string{
		"P1 - hospital=900 person=3100",
		"P2 dibian assist=1300 person=2700",
		"P3 dibian assist=2600 person=1400",
	}
	// P1 takes the deductible of 2,000: 65 % of 1,000.
	fromTheStart := []string{
		"P1 dibian assist=650 hospital=900 person=2450",
		"P2 dibian assist=2600 person=1400",
		"P3 dibian assist=2600 person=1400",
	}
	never := []string{"P1 - hospital=900 person=3100", "P2 - person=4000", "P3 - person=4000"}
	for _, c := range []struct {
		name, rows string
		want       []string
	}{
		{"on the opening row", "2023-01-01 add dibian applied=2023-03-01", from1March},
		{"on a change", "2023-01-01 change dibian applied=2023-03-01", from1March},
		{"on a row that repeats it", "2023-01-01 add dibian; 2023-02-01 add dibian applied=2023-03-01", from1March},
		{"on a later row", "2023-01-01 add dibian; 2023-06-01 add dibian applied=2023-03-01", from1March},
		{"the earliest counts", "2023-01-01 add dibian applied=2023-03-05; 2023-02-01 add dibian applied=2023-03-01;" +
			"2023-02-02 add dibian applied=2023-03-09; 2023-02-03 add dibian", from1March},
		{"of one day", "2023-01-01 add dibian applied=2023-03-05; 2023-01-01 add dibian applied=2023-03-01; 2023-01-01 add dibian", from1March},
		{"with a time of day", "2023-01-01 add dibian applied=2023-03-01T23:00", from1March},
		{"before the recognition", "2023-01-01 add dibian applied=2022-06-01", fromTheStart},
		{"a day earlier", "2023-01-01 add dibian applied=2023-02-28", fromTheStart},
		{"never", "2023-01-01 add dibian", never},
		{"after all claims", "2023-01-01 add dibian applied=2023-03-03", never},
		{"on the row that removes it", "2023-01-01 add dibian; 2023-06-01 remove dibian applied=2023-01-01", never},
		{"of another category", "2023-01-01 add dibian; 2023-01-01 add zhongbing; 2023-06-01 remove zhongbing;" +
			"2023-06-02 add zhongbing applied=2023-01-01", never},
		{"of the spell before", "2022-01-01 add dibian applied=2022-01-01; 2023-01-01 remove dibian; 2023-01-01 add dibian", never},
		{"of a row that opened nothing", "2023-01-01 add dibian; 2023-02-01 add dibian applied=2023-01-01 until=2023-01-31", never},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := people(t, strings.Split(c.rows, ";")...)
			check(t, cfg, events, stays, c.want...)
			check(t, Config{Pack: kf}, events, stays, fromTheStart...) // without the choice nobody waits
		})
	}

	// tekun, dibao and fanpin are assisted directly, also beside what still waits.
	check(t, cfg, people(t, "2023-01-01 add dibian", "2023-03-02 add fanpin"), stays,
		"P1 - hospital=900 person=3100", "P2 - person=4000", "P3 fanpin assist=2800 person=1200")
	// Another pack's dibian knows no application.
	check(t, Config{Pack: hz, ApplicationRequired: true}, people(t, "2023-01-01 add dibian"), stays[1:],
		"P2 dibian assist=2800 person=1200", "P3 dibian assist=2800 person=1200")
	// Under next_month what runs out its month keeps its application.
	nextMonth := cfg
	nextMonth.NextMonthExit = true
	check(t, nextMonth, people(t, "2023-01-01 add dibian applied=2023-03-01", "2023-03-01 remove"), stays[1:],
		"P2 dibian assist=1300 person=2700", "P3 dibian assist=2600 person=1400")
}

// XJ-7: 95 % of 10,000 is 9,500.
func TestRatioCap(t *testing.T) {
	cfg := Config{Pack: xj, AssistRatio: ratios("dibao=75 dibian=60 tekun=100 yifanpin=90"),
		AssistCap: caps("dibao=1000 dibian=1000")}
	dibao := people(t, "2023-03-01 add dibao")
	for _, c := range []struct{ total, scope, basic, major, other, want string }{
		// 75 % of 2,000 = 1,500, cap 1,000: 9,000 in all, below the limit.
		{"10000", "10000", "8000", "0", "0", "basic=8000 assist=1000 person=1000"},
		// B alone at the limit, a fen to each side; 75 % of about 500 would be 375.
		{"10000", "10000", "9499.99", "0", "0", "basic=9499.99 assist=0.01 person=500"},
		{"10000", "10000", "9500", "0", "0", "basic=9500 person=500"},
		{"10000", "10000", "9500.01", "0", "0", "basic=9500.01 person=499.99"},
		// M and O count in it: 8,000 + 1,000 + 499.99; 75 % of 500.01 = 375.0075 would be allowed 0.01.
		{"10000", "10000", "8000", "1000", "499.99", "basic=8000 major=1000 other=499.99 assist=0.01 person=500"},
		// 95 % of 100.10 = 95.095, half up 95.10.
		{"100.10", "100.10", "90", "0", "0", "basic=90 assist=5.10 person=5"},
		// 95 % of 0.10 = 0.095, half up 0.10: 75 % of 0.10 = 0.075, half up 0.08.
		{"0.10", "0.10", "0", "0", "0", "assist=0.08 person=0.02"},
		// Of S, not of T: 95 % of 9,000 = 8,550; 75 % of 1,000 = 750, 550 allowed.
		{"10000", "9000", "8000", "0", "0", "basic=8000 assist=550 person=1450"},
		// At the limit to the fen: B + 75 % of (S − B) = 95 % of S at B = 80 % of S. S = 1,000: 800 + 150 = 950.
		{"1000", "1000", "800", "0", "0", "basic=800 assist=150 person=50"},
		// 75 % of 199.99 = 149.9925, 149.99 + 800.01 = 950.00; 75 % of 199.96 = 149.97, 149.96 allowed.
		{"1000", "1000", "800.01", "0", "0", "basic=800.01 assist=149.99 person=50"},
		{"1000", "1000", "800.04", "0", "0", "basic=800.04 assist=149.96 person=50"},
	} {
		check(t, cfg, dibao, []Claim{
			bill(t, "C1", "2023-03-01", "inpatient", c.total, c.basic, scope(c.scope), recorded(c.major, "0"), other(c.other)),
		}, "C1 dibao "+c.want)
	}

	// Who: the four key categories, held that day, whichever identity assists; only stays.
	stay := bill(t, "C2", "2023-03-01", "inpatient", "1000", "900")
	for rows, want := range map[string]string{
		"2023-03-01 add tekun":                                          "C2 tekun basic=900 assist=50 person=50",
		"2023-03-01 add dibao":                                          "C2 dibao basic=900 assist=50 person=50",
		"2023-03-01 add yifanpin":                                       "C2 yifanpin basic=900 assist=50 person=50",
		"2023-03-01 add dibian":                                         "C2 dibian basic=900 assist=60 person=40",
		"2023-03-01 add dibian; 2023-03-01 add fanpin":                  "C2 dibian basic=900 assist=50 person=50",
		"2023-03-01 add dibian; 2023-03-02 add fanpin":                  "C2 dibian basic=900 assist=60 person=40",
		"2023-02-01 add fanpin; 2023-03-01 change dibian":               "C2 dibian basic=900 assist=60 person=40",
		"2023-02-01 add dibian; 2023-02-01 add fanpin until=2023-02-28": "C2 dibian basic=900 assist=60 person=40",
	} {
		check(t, cfg, people(t, strings.Split(rows, ";")...), []Claim{stay}, want)
	}
	for _, kind := range allKinds[1:] {
		check(t, cfg, dibao, []Claim{bill(t, "C3", "2023-03-01", kind, "1000", "900")}, "C3 dibao basic=900 assist=75 person=25")
	}
	// The identity is chosen before the limit: dibian's 90 % pays more than dibao's 75 %, both stop at 50.
	chosen := cfg
	chosen.AssistRatio = ratios("dibao=75 dibian=90")
	check(t, chosen, people(t, "2023-03-01 add dibao", "2023-03-01 add dibian"), []Claim{stay},
		"C2 dibian basic=900 assist=50 person=50")
	// What is recorded passes unchanged: no ratio for fanpin, none at all.
	passing := bill(t, "C4", "2023-03-01", "inpatient", "1000", "900", recorded("0", "99"))
	check(t, cfg, people(t, "2023-03-01 add fanpin"), []Claim{passing}, "C4 - basic=900 assist=99 person=1")
	check(t, Config{Pack: xj}, dibao, []Claim{passing}, "C4 - basic=900 assist=99 person=1")
}

// The pool is charged with what is left under the limit, and what the limit leaves with the person is no burden for tilt.
func TestRatioCapPoolAndTilt(t *testing.T) {
	cfg := Config{Pack: xj, AssistRatio: ratios("dibao=75"), AssistCap: caps("dibao=150"),
		TiltRatio: ratios("dibao=100"), TiltThreshold: yuanCap("0")}
	check(t, cfg, people(t, "2023-03-01 add dibao"),
		[]Claim{
			bill(t, "D1", "2023-03-01", "inpatient", "1000", "900"),
			bill(t, "D2", "2023-03-02", "inpatient", "1000", "850.01"),
			bill(t, "D3", "2023-03-03", "inpatient", "1000", "949.99"),
			bill(t, "D4", "2023-03-04", "inpatient", "1000", "900"),
			bill(t, "D5", "2023-03-05", "inpatient", "1000", "960"),
		},
		// 75, limited to 50: 100 left in the pool. Own part: 950 − 950 = 0.
		"D1 dibao basic=900 assist=50 person=50",
		// 75 % of 149.99 = 112.4925, the pool 100, the limit 99.99: a fen is left in the pool.
		"D2 dibao basic=850.01 assist=99.99 person=50",
		// 75 % of 50.01 = 37.51, pool and limit 0.01: used up. U = 0: the 150 the limit left are no burden.
		"D3 dibao basic=949.99 assist=0.01 person=50",
		// nothing left in the pool; own part 950 − 900 = 50, paid by tilt in full; the person keeps the 5 %.
		"D4 dibao basic=900 tilt=50 person=50",
		"D5 dibao basic=960 person=40")
}

// Tilt and special both on: neither gives back more than the person has borne.
func TestTiltAndSpecialTogether(t *testing.T) {
	cfg := Config{Pack: hz, AssistCap: caps("dibao=1000"), SpecialThreshold: yuanCap("0"),
		TiltRatio: ratios("dibao=100"), TiltThreshold: yuanCap("0")}
	dibao := people(t, "2023-01-01 add dibao")
	check(t, cfg, dibao,
		[]Claim{
			bill(t, "E1", "2023-03-01", "inpatient", "1000", "0"),
			bill(t, "E2", "2023-03-02", "inpatient", "1000", "0"),
			bill(t, "E3", "2023-03-03", "inpatient", "1000", "0"),
		},
		// 80 %; own 200, the pool is not used up; special 50 % of 200.
		"E1 dibao assist=800 special=100 person=100",
		// 200 left; own 800, U = 1,000. Tilt 1,000, but the person bears 100 + 800 = 900.
		// U' = 200 + 800 − 900 = 100, 50 % of it 50: 100 are paid already. −100 takes back the 100 of E1.
		"E2 dibao assist=200 tilt=900 person=-100",
		// own 1,000, U = 2,000, 900 paid: 1,100, but the person bears 0 + 1,000.
		"E3 dibao tilt=1000 person=0")

	// 300 out of scope, borne before: 100 + 300 + 800 = 1,200 do not limit 1,000.
	check(t, cfg, dibao,
		[]Claim{
			bill(t, "E4", "2023-03-01", "inpatient", "1300", "0", scope("1000")),
			bill(t, "E5", "2023-03-02", "inpatient", "1000", "0"),
		},
		"E4 dibao assist=800 special=100 person=400",
		"E5 dibao assist=200 tilt=1000 person=-200")
	// The limit itself: 99.99, 100 and 100.01 out of scope against the 100 that special paid.
	for _, c := range []struct{ total, tilt, first, second string }{
		{"1099.99", "999.99", "199.99", "-199.99"},
		{"1100", "1000", "200", "-200"},
		{"1100.01", "1000", "200.01", "-200"},
	} {
		check(t, cfg, dibao,
			[]Claim{
				bill(t, "E6", "2023-03-01", "inpatient", c.total, "0", scope("1000")),
				bill(t, "E7", "2023-03-02", "inpatient", "1000", "0"),
			},
			"E6 dibao assist=800 special=100 person="+c.first,
			"E7 dibao assist=200 tilt="+c.tilt+" person="+c.second)
	}

	// U' counts what tilt paid for earlier claims: own 200 and 800, tilt 50 % of 1,000 = 500 leaves U' = 500.
	// The line of 400: E8 nothing; E9 50 % of 100.
	half := cfg
	half.TiltRatio, half.SpecialThreshold = ratios("dibao=50"), yuanCap("400")
	check(t, half, dibao,
		[]Claim{
			bill(t, "E8", "2023-03-01", "inpatient", "1000", "0"),
			bill(t, "E9", "2023-03-02", "inpatient", "1000", "0"),
		},
		"E8 dibao assist=800 person=200",
		"E9 dibao assist=200 tilt=500 special=50 person=250")
	// Also what tilt pays beyond the claim's own part. F1: own 796, F2: own 4, the pool of 3,200 is just used up;
	// tilt 50 % of 800 = 400, of which 396 are for F1. F3: own 1,000, U = 1,800, 900 − 400 = 500; U' = 1,800 − 900 = 900:
	// at the line nothing, a fen above it 50 % of 0.01, half up 0.01.
	half.AssistCap = caps("dibao=3200")
	for _, c := range []struct{ line, third string }{
		{"900.01", "F3 dibao tilt=500 person=500"},
		{"900", "F3 dibao tilt=500 person=500"},
		{"899.99", "F3 dibao tilt=500 special=0.01 person=499.99"},
	} {
		half.SpecialThreshold = yuanCap(c.line)
		check(t, half, dibao,
			[]Claim{
				bill(t, "F1", "2023-03-01", "inpatient", "3980", "0"),
				bill(t, "F2", "2023-03-02", "inpatient", "20", "0"),
				bill(t, "F3", "2023-03-03", "inpatient", "1000", "0"),
			},
			"F1 dibao assist=3184 person=796", "F2 dibao assist=16 tilt=400 person=-396", c.third)
	}
}
