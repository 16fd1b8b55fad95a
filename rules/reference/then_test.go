package reference

import "testing"

// followedBy is the first configuration until the day before, then the second.
func followedBy(t *testing.T, first Config, day_ string, second Config) Config {
	first.Then, first.ThenFrom = &second, day(t, day_)
	return first
}

// One pack after another in a year: pools, deductibles and year-level layers run on (§4).
func TestThenAccumulatorsRunOn(t *testing.T) {
	cfg := followedBy(t, Config{Pack: kf}, "2023-07-01", Config{Pack: hz, SpecialThreshold: yuanCap("50000")})
	check(t, cfg, people(t, "2023-01-01 add dibao"),
		[]Claim{
			bill(t, "A1", "2023-06-30 23:59", "inpatient", "50000", "0"),
			bill(t, "A2", "2023-07-01 00:00", "inpatient", "200000", "0"),
			bill(t, "A3", "2023-07-02", "inpatient", "1000", "0"),
			bill(t, "A4", "2024-01-01", "inpatient", "1000", "0"),
		},
		// Kaifeng: 70 % limited to 30,000; U = 20,000, 90 % of 10,000.
		"A1 dibao assist=30000 tilt=9000 person=11000",
		// Hangzhou: 80 % = 160,000, 150,000 − 30,000 left; U' = 20,000 + 80,000 − 9,000 = 91,000, 50 % of 41,000.
		"A2 dibao assist=120000 special=20500 person=59500",
		// pool empty; U' = 92,000: 21,000 − 20,500.
		"A3 dibao special=500 person=500",
		"A4 dibao assist=800 person=200")

	// The other way round: U of tilt counts from the start of the year.
	cfg = followedBy(t, Config{Pack: hz}, "2023-07-01", Config{Pack: kf})
	check(t, cfg, people(t, "2023-01-01 add dibao"),
		[]Claim{
			bill(t, "B1", "2023-06-30", "inpatient", "50000", "0"),                // 80 % of 50,000
			bill(t, "B2", "2023-07-01", "inpatient", "5000", "0"),                 // 40,000 paid, above 30,000
			bill(t, "B3", "2023-07-02", "pharmacy", "5000", "0", disease("AA")),   // no kind of Kaifeng's
			bill(t, "B4", "2023-07-03", "outpatient", "1000", "0", disease("AA")), // U = 10,000 + 5,000 + 1,000
		},
		"B1 dibao assist=40000 person=10000",
		"B2 dibao tilt=4500 person=500", // U = 15,000: 90 % of 5,000
		"B3 - person=5000",
		"B4 dibao tilt=900 person=100")

	// Kaifeng's deductible after another pack with none: nothing has been taken off yet.
	check(t, cfg, people(t, "2023-01-01 add dibian"),
		[]Claim{
			bill(t, "B5", "2023-06-30", "inpatient", "1000", "0"),
			bill(t, "B6", "2023-07-01", "inpatient", "3000", "0"),
		},
		"B5 dibian assist=700 person=300", "B6 dibian assist=650 person=2350") // 65 % of 1,000

	// Three in a row.
	cfg = followedBy(t, Config{Pack: kf}, "2023-03-01",
		followedBy(t, Config{Pack: hz}, "2023-05-01", Config{Pack: wz, AssistRatio: ratios("dibao=50")}))
	check(t, cfg, people(t, "2023-01-01 add dibao"),
		[]Claim{
			bill(t, "C1", "2023-02-28", "inpatient", "100", "0"),
			bill(t, "C2", "2023-03-01", "inpatient", "100", "0"),
			bill(t, "C3", "2023-04-30", "inpatient", "100", "0"),
			bill(t, "C4", "2023-05-01", "inpatient", "100", "0"),
		},
		"C1 dibao assist=70 person=30", "C2 dibao assist=80 person=20",
		"C3 dibao assist=80 person=20", "C4 dibao assist=50 person=50")
}

// The annual base and what major illness insurance paid count from the first claim, configured or not.
func TestThenMajor(t *testing.T) {
	second := Config{Pack: hz, MajorDeductible: yuanCap("10000"), MajorCap: yuanCap("2000"), MajorTiers: []Tier{{Ratio: percent("60")}}}
	check(t, followedBy(t, Config{Pack: kf}, "2023-07-01", second), nil,
		[]Claim{
			bill(t, "D1", "2023-06-30", "inpatient", "8000", "0", recorded("500", "0")),
			bill(t, "D2", "2023-07-01", "inpatient", "4000", "0", recorded("7", "0")),
			bill(t, "D3", "2023-07-02", "inpatient", "4000", "0"),
		},
		"D1 - major=500 person=7500",
		"D2 - major=1200 person=2800", // 8,000 to 12,000: 60 % of 2,000
		"D3 - major=300 person=3700")  // 2,400, but 1,700 of 2,000 are paid
}

// What was borne caps what special assistance gives back after a supplement.
func TestThenSpecialAfterSupplement(t *testing.T) {
	first := Config{Pack: sy, County: "康平县", AssistRatio: ratios("jiandang=50")}
	second := Config{Pack: hz, SpecialThreshold: yuanCap("0")}
	events := people(t, "2023-01-01 add jiandang", "2023-07-01 change dibao")
	for _, c := range []struct{ total, first, second string }{
		// own 500, supplement 400, borne 100. Then own 20; U' = 520, 260 due; 100 + 20 borne.
		{"1000", "E1 jiandang assist=500 supplement=400 person=100", "E2 dibao assist=80 special=120 person=-100"},
		// 700 out of scope: 80 % of 1,200; borne 240 + 20 = 260, just what is due.
		{"1700", "E1 jiandang assist=500 supplement=960 person=240", "E2 dibao assist=80 special=260 person=-240"},
		// 80 % of 1,199.95 = 959.96; 239.99 + 20.
		{"1699.95", "E1 jiandang assist=500 supplement=959.96 person=239.99", "E2 dibao assist=80 special=259.99 person=-239.99"},
		// 80 % of 1,200.05 = 960.04; 240.01 + 20.
		{"1700.05", "E1 jiandang assist=500 supplement=960.04 person=240.01", "E2 dibao assist=80 special=260 person=-240"},
	} {
		check(t, followedBy(t, first, "2023-07-01", second), events,
			[]Claim{
				bill(t, "E1", "2023-06-30", "outpatient", c.total, "0", scope("1000")),
				bill(t, "E2", "2023-07-01", "outpatient", "100", "0"),
			}, c.first, c.second)
	}
	// The limit counts this claim's tilt too: own 20, tilt takes it all (and 480 more is due, limited): 120 in all.
	second.AssistCap, second.TiltThreshold, second.TiltRatio = caps("dibao=580"), yuanCap("0"), ratios("dibao=20")
	check(t, followedBy(t, first, "2023-07-01", second), events,
		[]Claim{
			bill(t, "E1", "2023-06-30", "outpatient", "1000", "0"),
			bill(t, "E2", "2023-07-01", "outpatient", "100", "0"),
		},
		"E1 jiandang assist=500 supplement=400 person=100",
		// tilt 20 % of 520 = 104; U' = 416, 208 due; 100 + 20 − 104 = 16 left.
		"E2 dibao assist=80 tilt=104 special=16 person=-100")
}

// The choices are those of the day of the event, of the recognition, of the claim.
func TestThenChoices(t *testing.T) {
	cfg := followedBy(t, Config{Pack: hz}, "2023-07-01", Config{Pack: hz, NextMonthExit: true, RetroAfterOther: true})
	holds(t, cfg, people(t, "2023-01-01 add dibao", "2023-06-30 remove dibao"), "2023-06-29", "dibao", "2023-06-30", "")
	holds(t, cfg, people(t, "2023-01-01 add dibao", "2023-07-01 remove dibao"), "2023-07-31", "dibao", "2023-08-01", "")

	// dibian held, dibao by illness: a window only where the day of recognition says include.
	claim := []Claim{bill(t, "F1", "2023-06-29", "inpatient", "1000", "0")}
	check(t, cfg, people(t, "2023-01-01 add dibian", "2023-06-30 add dibao illness"), claim, "F1 dibian assist=700 person=300")
	check(t, cfg, people(t, "2023-01-01 add dibian", "2023-07-01 add dibao illness"), claim, "F1 ~dibao assist=800 person=200")

	// The county and the application are asked of the configuration of the claim's day.
	cfg = followedBy(t, Config{Pack: sy, County: "康平县"}, "2023-07-01", Config{Pack: sy, County: "和平区"})
	check(t, cfg, people(t, "2023-01-01 add jiandang"),
		[]Claim{
			bill(t, "G1", "2023-06-30", "outpatient_special", "100", "0"),
			bill(t, "G2", "2023-07-01", "outpatient_special", "100", "0"),
		},
		"G1 - basic=80 supplement=16 person=4", "G2 - person=100")
	cfg = followedBy(t, Config{Pack: kf}, "2023-07-01", Config{Pack: kf, ApplicationRequired: true})
	check(t, cfg, people(t, "2023-01-01 add dibian"),
		[]Claim{
			bill(t, "G3", "2023-06-30", "outpatient", "100", "0", disease("AA")),
			bill(t, "G4", "2023-07-01", "outpatient", "100", "0", disease("AA")),
		},
		"G3 dibian assist=30 person=70", "G4 - person=100")
}

// A window is opened by the pack of the day of recognition; a claim in it is settled by the
// pack of its own day, and on a day without a pack by that of the recognition (§4, §5).
func TestThenWindows(t *testing.T) {
	claims := []Claim{
		bill(t, "H1", "2023-02-28", "inpatient", "1000", "0"),
		bill(t, "H2", "2023-03-01", "inpatient", "1000", "0"),
		bill(t, "H3", "2023-07-01", "inpatient", "1000", "0"),
	}
	cfg := followedBy(t, Config{Pack: kf}, "2023-07-01", Config{Pack: hz})
	check(t, cfg, people(t, "2023-09-01 add dibao illness"), claims,
		"H1 - person=1000", "H2 ~dibao assist=700 person=300", "H3 ~dibao assist=800 person=200")
	// Kaifeng opens none: recognised on its last day.
	check(t, cfg, people(t, "2023-06-30 add dibao illness"), claims,
		"H1 - person=1000", "H2 - person=1000", "H3 dibao assist=800 person=200")
	// Kaifeng's day asks for an application even of a window: made before the claim or not.
	cfg = followedBy(t, Config{Pack: kf, ApplicationRequired: true}, "2023-07-01", Config{Pack: hz})
	check(t, cfg, people(t, "2023-09-01 add dibian illness applied=2023-03-01"), claims[1:],
		"H2 ~dibian person=1000", "H3 ~dibian assist=700 person=300") // 1,000 below the deductible of 2,000
	check(t, cfg, people(t, "2023-09-01 add dibian illness applied=2023-03-02"), claims[1:],
		"H2 - person=1000", "H3 ~dibian assist=700 person=300")

	// Between two packs: Wenzhou ends on 31 December 2025, Hangzhou takes over on 1 April 2026.
	// The window of 1 May 2026 opens on 1 November 2025.
	cfg = followedBy(t, Config{Pack: wz, AssistRatio: ratios("dibao=50")}, "2026-04-01", Config{Pack: hz})
	check(t, cfg, people(t, "2026-05-01 add dibao illness"),
		[]Claim{
			bill(t, "J1", "2025-10-31", "inpatient", "1000", "0", recorded("0", "9")),
			bill(t, "J2", "2025-11-01", "inpatient", "1000", "0", recorded("0", "9")),
			bill(t, "J3", "2026-01-01", "inpatient", "1000", "0", recorded("0", "9")),
			bill(t, "J4", "2026-01-02", "inpatient", "1000", "0", recorded("0", "9"), unreferred),
			bill(t, "J5", "2026-03-31", "outpatient", "1000", "0"),
			bill(t, "J6", "2026-04-01", "outpatient", "1000", "0"),
		},
		"J1 - person=1000",
		"J2 ~dibao assist=500 person=500",
		"J3 ~dibao assist=800 person=200",
		"J4 ! assist=9 person=991",
		"J5 ~dibao assist=800 person=200",
		"J6 ~dibao assist=800 person=200")
	// Recognised between the packs: no window, and no assistance until April.
	check(t, cfg, people(t, "2026-02-01 add dibao illness"),
		[]Claim{
			bill(t, "J7", "2026-03-31", "inpatient", "1000", "0", recorded("0", "9")),
			bill(t, "J8", "2026-04-01", "inpatient", "1000", "0", recorded("0", "9")),
		},
		"J7 ! assist=9 person=991", "J8 dibao assist=800 person=200")
}

// Handed over before the document's own first day: no pack in between, unless the office sets the day.
func TestThenBeforeTheDocument(t *testing.T) {
	second := Config{Pack: xj, InForceFrom: date(2023, 2, 9), AssistRatio: ratios("dibao=50")}
	claims := []Claim{
		bill(t, "L1", "2023-01-31", "outpatient", "100", "0", recorded("0", "7")),
		bill(t, "L2", "2023-02-01", "outpatient", "100", "0", recorded("0", "7")),
		bill(t, "L3", "2023-02-08", "outpatient", "100", "0", recorded("0", "7")),
		bill(t, "L4", "2023-02-09", "outpatient", "100", "0", recorded("0", "7")),
	}
	events := people(t, "2023-01-01 add dibao")
	check(t, followedBy(t, Config{Pack: hz}, "2023-02-01", second), events, claims,
		"L1 dibao assist=80 person=20", "L2 ! assist=7 person=93", "L3 ! assist=7 person=93", "L4 dibao assist=50 person=50")
	second.InForceFrom = date(2023, 2, 1)
	check(t, followedBy(t, Config{Pack: hz}, "2023-02-01", second), events, claims,
		"L1 dibao assist=80 person=20", "L2 dibao assist=50 person=50", "L3 dibao assist=50 person=50", "L4 dibao assist=50 person=50")
}
