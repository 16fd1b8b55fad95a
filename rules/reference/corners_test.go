package reference

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

const hz, kf = "hangzhou-2022-70", "kaifeng-2022-draft"

// people builds events from lines
// "date op category [illness] [until=DATE] [level=N] [applied=DATE] [county=NAME]".
func people(t *testing.T, lines ...string) []Event {
	t.Helper()
	var events []Event
	for _, line := range lines {
		f := strings.Fields(line)
		e := Event{Date: day(t, f[0]), Op: f[1]}
		for _, word := range f[2:] {
			if s, ok := strings.CutPrefix(word, "until="); ok {
				e.Expiry = day(t, s)
			} else if s, ok := strings.CutPrefix(word, "level="); ok {
				e.Level = int(s[0] - '0')
			} else if s, ok := strings.CutPrefix(word, "applied="); ok {
				e.Applied = day(t, s)
			} else if s, ok := strings.CutPrefix(word, "county="); ok {
				e.County = s
			} else if word == "illness" {
				e.Cause = "illness"
			} else {
				e.Category = word
			}
		}
		events = append(events, e)
	}
	return events
}

// bill is a local claim; S = T unless changed by with.
func bill(t *testing.T, id, when, kind, total, basic string, with ...func(*Claim)) Claim {
	t.Helper()
	c := Claim{ID: id, Time: day(t, when), Kind: kind, Referral: "local",
		Total: yuan(total), InScope: yuan(total), Basic: yuan(basic)}
	for _, w := range with {
		w(&c)
	}
	return c
}

func scope(s string) func(*Claim)   { return func(c *Claim) { c.InScope = yuan(s) } }
func other(s string) func(*Claim)   { return func(c *Claim) { c.Other = yuan(s) } }
func disease(s string) func(*Claim) { return func(c *Claim) { c.Disease = s } }
func level(n int) func(*Claim)      { return func(c *Claim) { c.HospitalLevel = n } }
func refunds(s string) func(*Claim) { return func(c *Claim) { c.RefundOf = s } }
func unreferred(c *Claim)           { c.Referral = "unreferred" }
func referredAway(c *Claim)         { c.Referral, c.OutOfProvince = "referred", true }
func recorded(major, assist string) func(*Claim) {
	return func(c *Claim) { c.Major, c.Assist = yuan(major), yuan(assist) }
}

// check compares with lines "id category basic=… assist=…"; "-" is no category,
// a leading "~" marks retro, "!" no pack; amounts not named are zero. It also
// holds that everything adds up to T.
func check(t *testing.T, cfg Config, events []Event, claims []Claim, lines ...string) {
	t.Helper()
	var want []Result
	for _, line := range lines {
		f := strings.Fields(line)
		r := Result{ID: f[0], Category: f[1]}
		switch {
		case f[1] == "-":
			r.Category = ""
		case f[1] == "!":
			r.Category, r.NoPack = "", true
		case f[1][0] == '~':
			r.Category, r.Retro = f[1][1:], true
		}
		for _, word := range f[2:] {
			name, value, _ := strings.Cut(word, "=")
			field, ok := map[string]*decimal.Decimal{
				"basic": &r.Basic, "other": &r.Other, "major": &r.Major, "assist": &r.Assist, "tilt": &r.Tilt,
				"special": &r.Special, "supplement": &r.Supplement, "hospital": &r.Hospital, "person": &r.Person,
			}[name]
			if !ok {
				t.Fatalf("no field %q", name)
			}
			*field = yuan(value)
		}
		want = append(want, r)
	}
	got := Settle(cfg, events, claims)
	compare(t, got, want)
	for _, r := range got {
		i := slices.IndexFunc(claims, func(c Claim) bool { return c.ID == r.ID && c.RefundOf == "" })
		sum := decimal.Sum(r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital, r.Person)
		if !sum.Equal(claims[i].Total) {
			t.Errorf("%s: the parts add up to %s, not %s", r.ID, sum, claims[i].Total)
		}
	}
}

// holds checks Held on one day after another: "date" → "a b".
func holds(t *testing.T, cfg Config, events []Event, dayAndList ...string) {
	t.Helper()
	for i := 0; i < len(dayAndList); i += 2 {
		got := strings.Join(Held(cfg, events, day(t, dayAndList[i])), " ")
		if got != dayAndList[i+1] {
			t.Errorf("on %s held %q, want %q", dayAndList[i], got, dayAndList[i+1])
		}
		// The order in which the events are listed must not matter.
		backwards := slices.Clone(events)
		slices.Reverse(backwards)
		if again := strings.Join(Held(cfg, backwards, day(t, dayAndList[i])), " "); again != got {
			t.Errorf("on %s held %q, but %q with the events listed backwards", dayAndList[i], got, again)
		}
	}
}

func TestMonthsBefore(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2023-08-31", 6, "2023-02-28"},
		{"2024-08-31", 6, "2024-02-29"},
		{"2023-06-30", 6, "2022-12-30"},
		{"2023-07-31", 1, "2023-06-30"},
		{"2023-01-15", 13, "2021-12-15"},
		{"2024-02-10", 6, "2023-08-10"},
	} {
		if got := monthsBefore(day(t, c.from), c.months); !got.Equal(day(t, c.want)) {
			t.Errorf("%d months before %s: %s, want %s", c.months, c.from, got.Format("2006-01-02"), c.want)
		}
	}
}

func TestOneDayRemovesThenChangesThenAdds(t *testing.T) {
	cfg := Config{Pack: hz}
	events := people(t,
		"2023-01-01 add dibao", "2023-01-01 add kunjing",
		"2023-06-01 add canji level=1", // stays: adds come last
		"2023-06-01 change dibian",     // both changes close first, then both open
		"2023-06-01 change tekun",
		"2023-06-01 remove dibao",
		"2023-07-01 add dibian", "2023-07-01 remove dibian", // removed and added: stays covered
		"2023-08-01 remove dibao", // not open: nothing
		"2023-09-01 remove",       // everything
	)
	holds(t, cfg, events,
		"2022-12-31", "",
		"2023-01-01", "dibao kunjing",
		"2023-05-31", "dibao kunjing",
		"2023-06-01", "canji dibian tekun",
		"2023-07-01", "canji dibian tekun",
		"2023-08-01", "canji dibian tekun",
		"2023-09-01", "")
}

func TestNextMonthExit(t *testing.T) {
	events := people(t,
		"2023-01-01 add dibao",
		"2023-03-10 remove dibao",
		"2023-03-20 add dibian illness",
		"2023-12-31 remove dibian")
	claims := []Claim{
		bill(t, "L1", "2023-03-15", "inpatient", "1000", "0"),
		bill(t, "L2", "2023-03-25", "inpatient", "1000", "0"),
		bill(t, "L3", "2023-04-01", "inpatient", "1000", "0"),
	}

	// Gone on the day. On 19 March nothing is held, so dibian is new: window from 20 September.
	sameDay := Config{Pack: hz}
	holds(t, sameDay, events, "2023-03-09", "dibao", "2023-03-10", "", "2023-03-20", "dibian", "2023-12-31", "")
	check(t, sameDay, events, claims,
		"L1 ~dibian assist=700 person=300", // 70 % of 1,000
		"L2 dibian assist=700 person=300",
		"L3 dibian assist=700 person=300")

	// dibao counts to the end of March: 80 % until then, and dibian is not new.
	next := Config{Pack: hz, NextMonthExit: true}
	holds(t, next, events, "2023-03-10", "dibao", "2023-03-20", "dibao dibian", "2023-03-31", "dibao dibian",
		"2023-04-01", "dibian", "2023-12-31", "dibian", "2024-01-01", "")
	check(t, next, events, claims,
		"L1 dibao assist=800 person=200",
		"L2 dibao assist=800 person=200",
		"L3 dibian assist=700 person=300")

	// The same category again in between: a spell of its own from 20 March, covered throughout.
	// The certificate of the removed spell ends on 25 March, that of the new one never.
	again := people(t, "2023-01-01 add dibao until=2023-03-25", "2023-03-10 remove dibao")
	holds(t, next, again, "2023-03-25", "dibao", "2023-03-26", "")
	again = append(again, people(t, "2023-03-20 add dibao")...)
	holds(t, next, again, "2023-03-19", "dibao", "2023-03-26", "dibao", "2023-04-01", "dibao")

	// A change closes on its day under either choice.
	changed := people(t, "2023-01-01 add dibao", "2023-03-10 change dibian")
	holds(t, next, changed, "2023-03-09", "dibao", "2023-03-10", "dibian")
}

func TestCertificates(t *testing.T) {
	cfg := Config{Pack: hz}
	// Extended on its last day; a shorter one later does not shorten it.
	events := people(t, "2023-01-01 add dibao until=2023-03-31", "2023-03-31 add dibao until=2023-06-30",
		"2023-04-10 add dibao until=2023-05-01")
	holds(t, cfg, events, "2023-03-31", "dibao", "2023-06-30", "dibao", "2023-07-01", "")
	// Without an expiry: no end.
	holds(t, cfg, append(events, people(t, "2023-06-30 add dibao")...), "2033-07-01", "dibao")
	// The add of a category that is open does not lend it its cause: no window before 1 January.
	illness := append(events, people(t, "2023-06-30 add dibao illness")...)
	check(t, cfg, illness, []Claim{bill(t, "O1", "2022-12-31", "inpatient", "1000", "0", recorded("0", "10"))},
		"O1 ! assist=10 person=990")

	// Run out the day before: a new spell, held again, and (illness) a new window. 80 % of 1,000.
	lapsed := people(t, "2023-01-01 add dibao until=2023-03-31", "2023-04-05 add dibao illness until=2023-04-05")
	holds(t, cfg, lapsed, "2023-03-31", "dibao", "2023-04-01", "", "2023-04-04", "", "2023-04-05", "dibao", "2023-04-06", "")
	check(t, cfg, lapsed, []Claim{
		bill(t, "P1", "2023-03-31", "inpatient", "1000", "0"),
		bill(t, "P2", "2023-04-04 23:59", "inpatient", "1000", "0"),
		bill(t, "P3", "2023-04-05 00:00", "inpatient", "1000", "0"),
		bill(t, "P4", "2023-04-06", "inpatient", "1000", "0"),
	},
		"P1 dibao assist=800 person=200",
		"P2 ~dibao assist=800 person=200",
		"P3 dibao assist=800 person=200",
		"P4 - person=1000")
	// A spell that follows the certificate's last day at once is new, but the person is not: no window.
	check(t, cfg, people(t, "2023-01-01 add dibian until=2023-03-31", "2023-04-01 add dibian illness"),
		[]Claim{bill(t, "P5", "2022-12-31", "inpatient", "1000", "0")},
		"P5 ! person=1000")

	// A certificate that ran out before its own day opens nothing, not even a window; removing it later does nothing.
	dead := people(t, "2023-04-05 add dibian illness until=2023-04-04", "2023-04-10 remove dibian")
	holds(t, Config{Pack: hz, NextMonthExit: true}, dead, "2023-04-04", "", "2023-04-05", "", "2023-04-10", "")
	check(t, cfg, dead, []Claim{bill(t, "P7", "2023-04-01", "inpatient", "1000", "0")},
		"P7 - person=1000")

	// Several adds of one day: illness wins, and the longest certificate.
	several := people(t, "2023-04-05 add dibian until=2023-04-30", "2023-04-05 add dibian illness until=2023-04-10",
		"2023-04-05 add dibian until=2023-04-20")
	holds(t, cfg, several, "2023-04-30", "dibian", "2023-05-01", "")
	check(t, cfg, several, []Claim{bill(t, "P6", "2023-04-04", "inpatient", "1000", "0")},
		"P6 ~dibian assist=700 person=300")
}

func TestDisabilityLevels(t *testing.T) {
	cfg := Config{Pack: hz}
	for _, c := range []struct{ line, want string }{
		{"2023-01-01 add canji", "canji"},
		{"2023-01-01 add canji level=1", "canji"},
		{"2023-01-01 add canji level=2", "canji"},
		{"2023-01-01 add canji level=3", ""},
		{"2023-01-01 change canji level=4", ""},
		{"2023-01-01 add dibao level=4", "dibao"},
	} {
		holds(t, cfg, people(t, c.line), "2023-01-01", c.want)
	}
	// Level 3 does not lengthen an open spell either.
	holds(t, cfg, people(t, "2023-01-01 add canji level=2 until=2023-03-31", "2023-02-01 add canji level=3"),
		"2023-04-01", "")
}

func TestDeductibleIsWhatWasTakenOff(t *testing.T) {
	cfg := Config{Pack: kf}
	check(t, cfg,
		people(t, "2023-01-01 add dibian", "2023-04-01 change zhongbing"),
		[]Claim{
			bill(t, "D1", "2023-03-01", "inpatient", "3000", "1500"),
			bill(t, "D2", "2023-03-02", "inpatient", "9000", "1000", unreferred),
			bill(t, "D3", "2023-04-15", "outpatient", "1000", "0", disease("SMI")),
			bill(t, "D4", "2023-05-01", "inpatient", "6000", "1000"),
			bill(t, "D5", "2023-06-01", "inpatient", "1000", "0"),
			bill(t, "D6", "2024-01-01", "inpatient", "6000", "0"),
		},
		// base 1,500, dibian's 2,000 take all of it.
		"D1 dibian basic=1500 person=1500",
		// not eligible, so it takes nothing off.
		"D2 - basic=1000 person=8000",
		// no deductible for outpatients: 30 % of 1,000.
		"D3 zhongbing assist=300 person=700",
		// base 5,000; of zhongbing's 5,000 already 1,500 taken, 3,500 left: 65 % of 1,500 = 975.
		"D4 zhongbing basic=1000 assist=975 person=4025",
		// used up: 65 % of 1,000.
		"D5 zhongbing assist=650 person=350",
		// a new year: 65 % of (6,000 − 5,000).
		"D6 zhongbing assist=650 person=5350")
}

func TestMostFavourableAndTies(t *testing.T) {
	// Kaifeng, dibian and fanpin at once: 70 % without deductible beats 65 % after 2,000.
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add dibian", "2023-01-01 add fanpin"),
		[]Claim{
			bill(t, "T1", "2023-02-01", "inpatient", "1000", "0"),
			bill(t, "T2", "2023-02-02", "outpatient", "1000", "0", disease("FLU")),
			bill(t, "T3", "2023-02-03", "pharmacy", "1000", "0", disease("ESRD")),
		},
		"T1 fanpin assist=700 person=300",
		"T2 - person=1000",
		"T3 - person=1000")

	// T4: 1,000 is below both deductibles, both pay nothing: the order decides, dibian. 1,000 is taken off.
	// T5: dibian has 1,000 of its deductible left, 65 % of 2,000 = 1,300; zhongbing 4,000, so it pays nothing.
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add zhongbing", "2023-01-01 add dibian"),
		[]Claim{
			bill(t, "T4", "2023-02-01", "inpatient", "1000", "0"),
			bill(t, "T5", "2023-02-02", "inpatient", "3000", "0"),
		},
		"T4 dibian person=1000",
		"T5 dibian assist=1300 person=1700")

	// With include, dibao reaches back before 1 June although canji or dibian is held.
	cfg := Config{Pack: hz, RetroAfterOther: true}
	claims := []Claim{
		bill(t, "T6", "2023-05-31", "inpatient", "8000", "4000"),
		bill(t, "T7", "2023-06-01", "inpatient", "8000", "4000"),
	}
	// canji held pays the same 80 % of 4,000 as dibao by window: what is held goes first; from June the order decides.
	check(t, cfg, people(t, "2023-01-01 add canji", "2023-06-01 add dibao illness"), claims,
		"T6 canji basic=4000 assist=3200 person=800",
		"T7 dibao basic=4000 assist=3200 person=800")
	// dibian held pays 2,800, dibao by window 3,200.
	check(t, cfg, people(t, "2023-01-01 add dibian", "2023-06-01 add dibao illness"), claims,
		"T6 ~dibao basic=4000 assist=3200 person=800",
		"T7 dibao basic=4000 assist=3200 person=800")
	// Excluded by default.
	check(t, Config{Pack: hz}, people(t, "2023-01-01 add dibian", "2023-06-01 add dibao illness"), claims,
		"T6 dibian basic=4000 assist=2800 person=1200",
		"T7 dibao basic=4000 assist=3200 person=800")
	// A category that the pack does not assist neither pays nor stands in the way.
	check(t, Config{Pack: hz}, people(t, "2023-01-01 add fengxian", "2023-06-01 add dibao illness"), claims,
		"T6 ~dibao basic=4000 assist=3200 person=800",
		"T7 dibao basic=4000 assist=3200 person=800")
}

func TestDaysWithoutPack(t *testing.T) {
	cfg := Config{Pack: hz}
	claims := []Claim{
		bill(t, "N1", "2022-07-31", "inpatient", "10000", "3000", scope("8000"), recorded("200", "500")),
		bill(t, "N2", "2022-08-01", "outpatient", "40000", "10000", recorded("0", "700")),
		bill(t, "N3", "2022-08-02", "inpatient", "1000", "400", unreferred, recorded("0", "100")),
		bill(t, "N4", "2022-12-31", "pharmacy", "1000", "400", other("100")),
		bill(t, "N5", "2023-01-05", "pharmacy", "1000", "0"),
	}
	// Recognised on 1 February 2023: the window opens on 1 August 2022.
	check(t, cfg, people(t, "2023-02-01 add dibao illness"), claims,
		// the day before the window: as recorded.
		"N1 ! basic=3000 major=200 assist=500 person=6300",
		// 80 % of 30,000 is 24,000, the ordinary outpatient pool 20,000.
		"N2 ~dibao basic=10000 assist=20000 person=10000",
		// in the window, but no window assists an unreferred claim: as recorded.
		"N3 ! basic=400 assist=100 person=500",
		// the pool of 2022 is empty.
		"N4 ~dibao basic=400 other=100 person=500",
		// 2023 has its own.
		"N5 ~dibao assist=800 person=200")
	// Recognised on a day without a pack: no window, but held from then on.
	check(t, cfg, people(t, "2022-12-31 add dibao illness"), claims,
		"N1 ! basic=3000 major=200 assist=500 person=6300",
		"N2 ! basic=10000 assist=700 person=29300",
		"N3 ! basic=400 assist=100 person=500",
		"N4 ! basic=400 other=100 person=500",
		"N5 dibao assist=800 person=200")

	// Kaifeng begins on 1 May 2022; the 5,000 recorded before do not touch the pool.
	check(t, Config{Pack: kf}, people(t, "2022-01-01 add dibao"),
		[]Claim{
			bill(t, "N6", "2022-04-30", "inpatient", "50000", "10000", recorded("2000", "5000")),
			bill(t, "N7", "2022-05-01", "inpatient", "60000", "10000"),
		},
		"N6 ! basic=10000 major=2000 assist=5000 person=33000",
		// 70 % of 50,000 = 35,000, cap 30,000; U = 20,000, 90 % of 10,000 above the line.
		"N7 dibao basic=10000 assist=30000 tilt=9000 person=11000")
}

func TestPoolsAreChargedUnderAnyCategory(t *testing.T) {
	check(t, Config{Pack: hz}, people(t, "2023-01-01 add tekun", "2023-07-01 change dibao"),
		[]Claim{
			bill(t, "Q1", "2023-02-01", "outpatient", "25000", "0"),
			bill(t, "Q2", "2023-02-02", "inpatient", "115000", "0"),
			bill(t, "Q3", "2023-07-01", "outpatient", "100", "0"),
			bill(t, "Q4", "2023-07-02", "inpatient", "50000", "0"),
		},
		"Q1 tekun assist=25000 person=0",
		"Q2 tekun assist=115000 person=0",
		// the pool of 20,000 has been charged 25,000.
		"Q3 dibao person=100",
		// 80 % = 40,000; of 150,000 there are 140,000 gone.
		"Q4 dibao assist=10000 person=40000")
}

func TestTilt(t *testing.T) {
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add tekun"),
		[]Claim{
			bill(t, "U1", "2023-02-01", "inpatient", "40000", "6666.67"),
			bill(t, "U2", "2023-03-01", "inpatient", "50000", "0", referredAway),
			bill(t, "U3", "2023-03-02", "inpatient", "50000", "0", unreferred),
			bill(t, "U4", "2023-04-01", "inpatient", "10000", "0"),
		},
		// 90 % of 33,333.33 = 29,999.997, half up 30,000.00: the cap is just reached. U = 3,333.33.
		"U1 tekun basic=6666.67 assist=30000 person=3333.33",
		// out of the province: no tilt, no U.
		"U2 tekun person=50000",
		"U3 - person=50000",
		// U = 13,333.33: 90 % of 3,333.33 = 2,999.997, half up 3,000.00.
		"U4 tekun tilt=3000 person=7000")

	// The year's entitlement falls due on the claim that uses the pool up, even if that claim is small:
	// U1: 30 % of 33,000 = 9,900, U = 23,100, 100 of the pool left. U2: 300, limited to 100; U = 24,000;
	// 90 % of 14,000 = 12,600, cap 10,000. By the letter the person's figure is then 1,000 − 100 − 10,000 = −9,100.
	// U3: 30 % of nothing left; U = 25,000, the cap of tilt is used up too.
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add dibian"),
		[]Claim{
			bill(t, "U1", "2023-02-01", "outpatient_special", "33000", "0", disease("ESRD")),
			bill(t, "U2", "2023-03-01", "outpatient", "1000", "0", disease("ESRD")),
			bill(t, "U3", "2023-04-01", "outpatient", "1000", "0", disease("ESRD")),
		},
		"U1 dibian assist=9900 person=23100",
		"U2 dibian assist=100 tilt=10000 person=-9100",
		"U3 dibian person=1000")
}

func TestSpecial(t *testing.T) {
	line := yuan("20000")
	cfg := Config{Pack: hz, SpecialThreshold: &line}
	check(t, cfg, people(t, "2023-01-01 add dibian", "2023-06-01 change tekun"),
		[]Claim{
			bill(t, "S1", "2023-03-01", "inpatient", "100000", "20000"),
			bill(t, "S2", "2023-04-01", "inpatient", "50000", "0", unreferred),
			bill(t, "S3", "2023-05-01", "inpatient", "1000", "0"),
			bill(t, "S4", "2023-06-02", "inpatient", "1000", "400"),
		},
		// 70 % of 80,000 = 56,000; U' = 24,000; 50 % of 4,000.
		"S1 dibian basic=20000 assist=56000 special=2000 person=22000",
		"S2 - person=50000",
		// U' = 24,300; 50 % of 4,300 = 2,150, 2,000 paid.
		"S3 dibian assist=700 special=150 person=150",
		// U' stays 24,300; now 60 % of 4,300 = 2,580, 2,150 paid: 430, by the letter more than the claim leaves.
		"S4 tekun basic=400 assist=600 special=430 person=-430")
	check(t, cfg, people(t, "2023-01-01 add dibao"),
		[]Claim{
			bill(t, "S5", "2023-03-01", "inpatient", "500000", "0"),
			bill(t, "S6", "2023-03-02", "inpatient", "1000", "0"),
			bill(t, "S7", "2024-03-01", "inpatient", "25000", "0"),
		},
		// 150,000 of 400,000; U' = 350,000; 50 % of 330,000 = 165,000, cap 100,000.
		"S5 dibao assist=150000 special=100000 person=250000",
		"S6 dibao person=1000",
		// a new year: 20,000; U' = 5,000, below the line.
		"S7 dibao assist=20000 person=5000")
	// A window acts on it too: 80 % of 200,000 limited to 150,000; U' = 50,000; 50 % of 30,000.
	check(t, cfg, people(t, "2023-06-01 add dibao illness"),
		[]Claim{bill(t, "S8", "2023-03-01", "inpatient", "200000", "0")},
		"S8 ~dibao assist=150000 special=15000 person=35000")
	// Not configured: off.
	check(t, Config{Pack: hz}, people(t, "2023-01-01 add dibao"),
		[]Claim{bill(t, "S9", "2023-03-01", "inpatient", "500000", "0")},
		"S9 dibao assist=150000 person=350000")
	// Kaifeng has none.
	check(t, Config{Pack: kf, SpecialThreshold: &line}, people(t, "2023-01-01 add zhongbing"),
		[]Claim{bill(t, "S10", "2023-03-01", "outpatient", "30000", "0", disease("AA"))},
		"S10 zhongbing assist=9000 person=21000")
}

func TestMajor(t *testing.T) {
	deductible, step, limit := yuan("10000.01"), yuan("50000"), yuan("20000")
	cfg := Config{Pack: hz, MajorDeductible: &deductible, MajorCap: &limit,
		MajorTiers: []Tier{{To: &step, Ratio: percent("60")}, {Ratio: percent("70")}}}
	check(t, cfg, people(t, "2023-05-01 add dibao illness", "2023-07-01 remove dibao"),
		[]Claim{
			bill(t, "M1", "2023-04-01", "inpatient", "80000", "10000", unreferred, recorded("5", "0")),
			bill(t, "M2", "2023-04-02", "inpatient", "1000", "0"),
			bill(t, "M3", "2023-06-01", "inpatient", "30000", "0"),
			bill(t, "M4", "2023-07-02", "inpatient", "10000", "0"),
		},
		// 60 % of 39,999.99 and 70 % of 20,000 are 37,999.994; the ordinary cap 20,000.
		"M1 - basic=10000 major=20000 person=50000",
		// the window does not lift the cap; it assists: 80 % of 1,000.
		"M2 ~dibao assist=800 person=200",
		// base 71,000 to 101,000, no cap: 70 % of 30,000; assist 80 % of 9,000.
		"M3 dibao major=21000 assist=7200 person=1800",
		// ordinary again, 41,000 paid: nothing left under the cap.
		"M4 - person=10000")

	// Kaifeng: half of 10,000.01 is 5,000.01; (8,000 − 5,000.01) at 65 % = 1,949.9935, 2,000 at 98 + 5, at most 100 %.
	// Assist: 90 % of 6,050.01 = 5,445.009.
	step2 := yuan("8000")
	cfg = Config{Pack: kf, MajorDeductible: &deductible, MajorTiers: []Tier{{To: &step2, Ratio: percent("60")}, {Ratio: percent("98")}}}
	check(t, cfg, people(t, "2023-01-01 add tekun"),
		[]Claim{bill(t, "M5", "2023-02-01", "inpatient", "10000", "0")},
		"M5 tekun major=3949.99 assist=5445.01 person=605")
	// dibian has no advantage: below the deductible; above the last tier's end nothing.
	cfg.MajorTiers = []Tier{{To: &deductible, Ratio: percent("60")}}
	check(t, cfg, people(t, "2023-01-01 add dibian"),
		[]Claim{bill(t, "M6", "2023-02-01", "inpatient", "12000", "0")},
		"M6 dibian assist=6500 person=5500") // 65 % of (12,000 − 2,000)

	// Not configured: as recorded. 70 % of (10,000 − 1,000 − 500).
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add dibao"),
		[]Claim{bill(t, "M7", "2023-02-01", "inpatient", "10000", "1000", recorded("500", "9"))},
		"M7 dibao basic=1000 major=500 assist=5950 person=2550")
}

func TestHospitalShare(t *testing.T) {
	events := people(t, "2023-01-01 add tekun", "2023-07-01 remove")
	check(t, Config{Pack: kf}, events,
		[]Claim{
			bill(t, "V1", "2023-02-01", "inpatient", "10000", "5000", scope("6000"), level(1), unreferred),
			bill(t, "V2", "2023-02-02", "inpatient", "10000", "3000", scope("2000"), other("5000"), level(1)),
			bill(t, "V3", "2023-02-03", "inpatient", "1000.20", "900.20", scope("900.20"), level(1)),
			bill(t, "V4", "2023-02-04", "inpatient", "1000", "500", scope("500"), level(0)),
			bill(t, "V5", "2023-02-05", "outpatient", "1000", "500", scope("500"), level(1), disease("AA")),
			bill(t, "V6", "2023-07-01", "inpatient", "1000", "500", scope("500"), level(1)),
		},
		// 4,000 − 250; unreferred gets no assistance, but the hospital bears its share.
		"V1 - basic=5000 hospital=3750 person=1250",
		// 8,000 − 250 = 7,750, but the person has only 2,000 left to bear.
		"V2 tekun basic=3000 other=5000 hospital=2000 person=0",
		// 2.5 % of 1,000.20 = 25.005, half up 25.01; 100 − 25.01.
		"V3 tekun basic=900.20 hospital=74.99 person=25.01",
		"V4 tekun basic=500 person=500",
		"V5 tekun basic=500 person=500",
		"V6 - basic=500 person=500")
	// Hangzhou has no such share.
	check(t, Config{Pack: hz}, events,
		[]Claim{bill(t, "V7", "2023-02-01", "inpatient", "10000", "5000", scope("6000"), level(1))},
		"V7 tekun basic=5000 assist=1000 person=4000")
}

func TestRefundsAndOrder(t *testing.T) {
	// yifanpin, 2,000 deductible. R1 is cancelled, so it uses none of it; the refund of R9 waits for nothing here.
	check(t, Config{Pack: kf}, people(t, "2023-01-01 add yifanpin"),
		[]Claim{
			bill(t, "R5", "2023-04-01 09:00", "inpatient", "1000", "0"),
			bill(t, "R4", "2023-04-01 09:00", "inpatient", "1000", "0"),
			bill(t, "R7", "2023-04-01 08:00", "inpatient", "1500", "0"),
			bill(t, "X1", "2023-05-01", "inpatient", "-2000", "0", refunds("R1")),
			bill(t, "X9", "2023-05-01", "inpatient", "-2000", "0", refunds("R9")),
			bill(t, "R1", "2023-03-01", "inpatient", "2000", "0"),
		},
		"R7 yifanpin person=1500",
		"R4 yifanpin assist=325 person=675", // 500 of the deductible left: 65 % of 500
		"R5 yifanpin assist=650 person=350")
}
