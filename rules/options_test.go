package rules_test

import (
	"testing"

	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// under compiles a built-in pack with an overlay.
func under(t *testing.T, id, overlay string) *rules.Policy {
	t.Helper()
	p, err := pack.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := pack.ParseOverlay("overlay.yaml", []byte(overlay))
	if err != nil {
		t.Fatal(err)
	}
	pol, err := pack.Compile(p.Area, []pack.Layered{{Pack: p, Overlay: o}})
	if err != nil {
		t.Fatal(err)
	}
	return pol
}

// one settles a single claim of somebody who holds categories since New Year.
func one(t *testing.T, pol *rules.Policy, c rules.Claim, cats ...rules.Category) rules.Result {
	t.Helper()
	var es []rules.Event
	for i, cat := range cats {
		es = append(es, rules.Event{Ref: int64(i + 1), Op: rules.Add, Category: cat, Date: 20230101, Level: 1})
	}
	spells, _ := pol.Spells(es)
	rs, err := pol.SettleYear(spells, pol.Windows(spells), []rules.Claim{c}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rs[0]
}

// Hangzhou assists what insurance leaves of the scope: 80 % of 9,000 − 5,000 − 500
// = 2,800. By an office's choice of the whole fee: 80 % of 10,000 − 5,500 = 3,600.
func TestAssistBase_HZ7(t *testing.T) {
	c := rules.Claim{ID: "A", At: 20230601000000, Kind: rules.Inpatient, Total: 10000_00, InScope: 9000_00, Basic: 5000_00, Other: 500_00}
	if r := one(t, under(t, "hangzhou-2022-70", "document: none\n"), c, rules.Dibao); r.Assist != 2800_00 || r.Person != 1700_00 {
		t.Errorf("in scope: %+v", r)
	}
	if r := one(t, under(t, "hangzhou-2022-70", "assist: {base: total}\n"), c, rules.Dibao); r.Assist != 3600_00 || r.Person != 900_00 {
		t.Errorf("of the whole: %+v", r)
	}
}

// Kaifeng, zhongbing and dibian together on a stay of 6,000 in scope: dibian has
// 65 % of 6,000 − 2,000 = 2,600, zhongbing 65 % of 6,000 − 5,000 = 650: the highest.
// An office whose policy counts only the first of its order (tekun, …, dibian, …,
// zhongbing) comes to the same; with canji, which Kaifeng does not assist, nothing
// changes.
func TestSeveralIdentities_KF8(t *testing.T) {
	c := rules.Claim{ID: "A", At: 20230601000000, Kind: rules.Inpatient, Level: 2, Total: 6000_00, InScope: 6000_00}
	if r := one(t, under(t, "kaifeng-2022-draft", "document: none\n"), c, rules.Zhongbing, rules.Dibian, rules.Canji); r.Category != rules.Dibian || r.Assist != 2600_00 {
		t.Errorf("%+v", r)
	}
	// Here the first is the worse one: with fanpin at 10 % before dibian.
	overlay := "assist: {ratio: {fanpin: 10%}}\n"
	if r := one(t, under(t, "kaifeng-2022-draft", overlay), c, rules.Fanpin, rules.Dibian); r.Category != rules.Dibian || r.Assist != 2600_00 {
		t.Errorf("the most favourable: %+v", r)
	}
	if r := one(t, under(t, "kaifeng-2022-draft", overlay+"identity: {several: first}\n"), c, rules.Fanpin, rules.Dibian); r.Category != rules.Fanpin || r.Assist != 600_00 {
		t.Errorf("the first: %+v", r)
	}
}

// Xinjiang leaves the figures of tilt open: the layer is off until an overlay gives
// them, and never out of the region or against the rules of referral. dibao 50 %
// with a cap of 1,000; of 20,000 in scope 19,000 are left, 90 % of 9,000 = 8,100.
func TestTilt_XJ6(t *testing.T) {
	c := rules.Claim{ID: "A", At: 20230601000000, Kind: rules.OutpatientSpecial, Referral: rules.Referred, Total: 20000_00, InScope: 20000_00}
	assist := "assist: {ratio: {dibao: 50%}, cap: {dibao: 1000}}\n"
	tilt := assist + "tilt: {ratio: {others: 90%}, threshold: 10000, cap: none}\n"
	if r := one(t, under(t, "xinjiang-2023", assist), c, rules.Dibao); r.Assist != 1000_00 || r.Tilt != 0 {
		t.Errorf("unset: %+v", r)
	}
	if r := one(t, under(t, "xinjiang-2023", tilt), c, rules.Dibao); r.Tilt != 8100_00 {
		t.Errorf("given: %+v", r)
	}
	out := c
	out.OutOfProvince = true
	if r := one(t, under(t, "xinjiang-2023", tilt), out, rules.Dibao); r.Assist != 1000_00 || r.Tilt != 0 {
		t.Errorf("out of the region: %+v", r)
	}
	out.Referral = rules.Unreferred
	if r := one(t, under(t, "xinjiang-2023", tilt), out, rules.Dibao); r.Assist != 0 || r.Tilt != 0 {
		t.Errorf("against the rules: %+v", r)
	}
}

// The ceiling of 95 % holds tilt, too: of 10,000 in scope basic pays 8,000, the pool
// of 1,000 the rest of assistance, and tilt no more than the 500 up to 9,500. What
// it held back is paid on a later claim of a kind without a ceiling: U is 1,000 and
// 4,000, at 100 % above 0 that is 5,000 in all, 500 of it paid already.
func TestCeilingHoldsTilt_XJ7(t *testing.T) {
	pol := under(t, "xinjiang-2023", "assist: {ratio: {dibao: 50%}, cap: {dibao: 1000}}\ntilt: {ratio: {others: 100%}, threshold: 0, cap: none}\n")
	spells, _ := pol.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: rules.Dibao, Date: 20230101}})
	cs := []rules.Claim{
		{ID: "A", At: 20230601000000, Kind: rules.Inpatient, Total: 10000_00, InScope: 10000_00, Basic: 8000_00},
		{ID: "B", At: 20230701000000, Kind: rules.OutpatientSpecial, Total: 5000_00, InScope: 5000_00, Basic: 1000_00},
	}
	rs, err := pol.SettleYear(spells, nil, cs, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := rs[0]; a.Assist != 1000_00 || a.Tilt != 500_00 || a.Person != 500_00 {
		t.Errorf("under the ceiling: %+v", a)
	}
	if b := rs[1]; b.Assist != 0 || b.Tilt != 4500_00 || b.Person != -500_00 {
		t.Errorf("what was held back: %+v", b)
	}
}

// Shenyang, a county hospital: basic is raised from 6,500 to 80 % of 10,000. Of the
// 2,900 recorded as major only what is left in scope stays, 2,000, more than 70 %
// of it: the insurances never pay more than what is in scope. With 3,600 recorded,
// 10,100 together, 2,100 stay, so that nobody is asked to give back what was only
// moved from one fund to another.
func TestKeptMajor_SY6(t *testing.T) {
	pol := under(t, "shenyang-2019-78", "document: none\n")
	spells, _ := pol.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: rules.Jiandang, Date: 20190101, County: "康平县"}})
	for recorded, want := range map[money.Fen]money.Fen{0: 1400_00, 1400_00: 1400_00, 1400_01: 1400_01, 2000_01: 2000_00, 2900_00: 2000_00, 3600_00: 2100_00} {
		c := rules.Claim{ID: "A", At: 20190601000000, Kind: rules.Inpatient, Total: 11000_00, InScope: 10000_00, Basic: 6500_00, Major: recorded, HospitalName: "康平县人民医院"}
		rs, err := pol.SettleYear(spells, nil, []rules.Claim{c}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := rs[0]; r.Basic != 8000_00 || r.Major != want {
			t.Errorf("recorded %s: basic %s, major %s, want %s", recorded, r.Basic, r.Major, want)
		}
	}
}

// The line of Xinjiang is 2,000 and counts itself; it measures a household
// together as well as a person (XJ-3, XJ-4).
func TestLines_XJ3_XJ4(t *testing.T) {
	pol := under(t, "xinjiang-2023", "document: none\n")
	member := func(fen int64, cat rules.Category) rules.Member {
		spells, _ := pol.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: cat, Date: 20230101}})
		c := rules.Claim{Ref: fen, ID: "A", At: 20230601000000, Kind: rules.Inpatient}
		c.Total, c.InScope = 200000_00, 200000_00
		c.Basic = c.InScope - money.Fen(fen)
		rs, err := pol.SettleYear(spells, nil, []rules.Claim{c}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return rules.Member{Spells: spells, Claims: []rules.Claim{c}, Results: rs}
	}
	for fen, want := range map[int64]int{1999_99: 0, 2000_00: 1, 2000_01: 1} {
		if got := len(pol.Watch(2023, member(fen, rules.Dibian))); got != want {
			t.Errorf("a person who bears %d fen: %d cases, want %d", fen, got, want)
		}
		if got := len(pol.WatchHousehold(2023, []rules.Member{member(fen-1000_00, rules.Dibian), member(1000_00, rules.Dibao)})); got != want {
			t.Errorf("a household that bears %d fen together: %d cases, want %d", fen, got, want)
		}
		if got := len(pol.Watch(2023, member(fen, rules.Dibao))); got != 0 {
			t.Errorf("dibao is not watched: %d cases", got)
		}
	}
}

// What an overlay leaves open from a day on is neither 0 nor without limit: with
// Kaifeng's deductible open from July the recorded amount stands, and Shenyang's
// special outpatient care without a limit is as recorded.
func TestOpenIsNotZero(t *testing.T) {
	kf := under(t, "kaifeng-2022-draft", "assist: {deductible: {2023-07-01: unset}}\n")
	c := rules.Claim{ID: "A", At: 20230601000000, Kind: rules.Inpatient, Level: 2, Total: 5000_00, InScope: 5000_00, Assist: 700_00}
	if r := one(t, kf, c, rules.Dibian); r.Assist != 1950_00 { // 65 % of 3,000
		t.Errorf("before: %+v", r)
	}
	c.At = 20230701000000
	if r := one(t, kf, c, rules.Dibian); r.Assist != 700_00 || r.Category != rules.NoCategory {
		t.Errorf("open: %+v", r)
	}
	sy := under(t, "shenyang-2019-78", "basic: {outpatient_cap: {2023-01-01: unset}}\n")
	spells, _ := sy.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: rules.Jiandang, Date: 20190101, County: "康平县"}})
	rs, err := sy.SettleYear(spells, nil, []rules.Claim{{ID: "A", At: 20230601000000, Kind: rules.OutpatientSpecial, Total: 100000_00, InScope: 100000_00, Basic: 1000_00}}, nil, nil)
	if err != nil || rs[0].Basic != 1000_00 {
		t.Errorf("%v %+v", err, rs)
	}
}

// Next year's figures of an office change nothing of a claim that a window of this
// year reaches on a day without a pack: 80 % of 500 (Hangzhou, HZ-10).
func TestLaterOverlayDoesNotReachBack(t *testing.T) {
	for _, overlay := range []string{"document: none\n", "assist: {ratio: {2025-01-01: {dibao: 90%}}}\n", "assist: {ratio: {2025-01-01: unset}}\n"} {
		pol := under(t, "hangzhou-2022-70", overlay)
		spells, _ := pol.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: rules.Dibao, Cause: rules.Illness, Date: 20230201}})
		rs, err := pol.SettleYear(spells, pol.Windows(spells), []rules.Claim{{ID: "A", At: 20221101000000, Kind: rules.Inpatient, Total: 1000_00, InScope: 1000_00, Basic: 500_00}}, nil, nil)
		if err != nil || rs[0].Assist != 400_00 || !rs[0].Retro {
			t.Errorf("%q: %v %+v", overlay, err, rs)
		}
	}
}

// The supplement is a share of what the person bears: of 2,000 that are left the
// hospital bore 1,000, 80 % of the other 1,000 are 800 (SY-10).
func TestSupplementBesideHospital_SY10(t *testing.T) {
	pol := under(t, "shenyang-2019-78", "document: none\n")
	spells, _ := pol.Spells([]rules.Event{{Ref: 1, Op: rules.Add, Category: rules.Jiandang, Date: 20190101, County: "法库"}})
	rs, err := pol.SettleYear(spells, nil, []rules.Claim{{ID: "A", At: 20190601000000, Kind: rules.Inpatient, Total: 10000_00, InScope: 8000_00, Basic: 8000_00, Hosp: 1000_00}}, nil, nil)
	if err != nil || rs[0].Supplement != 800_00 || rs[0].Hospital != 1000_00 || rs[0].Person != 200_00 {
		t.Errorf("%v %+v", err, rs)
	}
}

// A level for which nobody gives a limit has none: the hospital bears what is
// above 10 % at level 3, and nothing of its own at level 1 (KF-12's parameter in
// another office's overlay).
func TestHospitalLevels(t *testing.T) {
	pol := under(t, "hangzhou-2022-70", "hospital: {out_of_scope: {3: 10%}}\n")
	c := rules.Claim{ID: "A", At: 20230601000000, Kind: rules.Inpatient, Total: 10000_00, InScope: 8000_00, Basic: 8000_00}
	for level, want := range map[uint8]money.Fen{1: 0, 2: 0, 3: 1000_00} {
		c.Level = level
		if r := one(t, pol, c, rules.Dibao); r.Hospital != want {
			t.Errorf("level %d: %s, want %s", level, r.Hospital, want)
		}
	}
}
