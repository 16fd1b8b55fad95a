package simulate

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"pgregory.net/rapid"
)

const draft65to70 = `document: 内部测算
assist:
  ratio: {dibian: 70%}
  deductible: {dibian: 1500}
`

// county is a handful of people whose figures can be checked by hand.
func county() *book {
	b := newBook()
	// 1: dibian, two stays. Burden 6,000 and 3,000.
	//   now:   (6000 − 2000) × 65% = 2600; 3000 × 65% = 1950 → bears 3400 + 1050 = 4450
	//   draft: (6000 − 1500) × 70% = 3150; 3000 × 70% = 2100 → bears 2850 +  900 = 3750: 700 less
	b.person("青柳镇", added(rules.Dibian, 20230101), stay("A1", 20230310, 10000, 4000), stay("A2", 20230512, 5000, 2000))
	// 2: dibian, at the cap of 10,000 either way. Burden 20,000.
	//   now:   18000 × 65% = 11700 → 10000; draft: 18500 × 70% = 12950 → 10000: no change
	b.person("青柳镇", added(rules.Dibian, 20230101), stay("B1", 20230401, 30000, 10000))
	// 3: dibao, whom the draft does not speak of.
	b.person("白石乡", added(rules.Dibao, 20230101), stay("C1", 20230401, 8000, 3000))
	// 4: never on a list.
	b.person("", nil, stay("D1", 20230401, 8000, 3000))
	// 5: dibian until May; the second stay is without an identity. Burden 2,100.
	//   now: 100 × 65% = 65; draft: 600 × 70% = 420 → 355 less. No township is known.
	b.person("", append(added(rules.Dibian, 20230101), rules.Event{Op: rules.Remove, Category: rules.Dibian, Date: 20230501}),
		stay("E1", 20230201, 3100, 1000), stay("E2", 20230601, 5000, 1000))
	// 6: only a stay of the year before.
	b.person("白石乡", added(rules.Dibian, 20220101), stay("F1", 20221201, 9000, 1000))
	return b
}

func TestByHand(t *testing.T) {
	o := county().ask(t, areaOf(t, "kaifeng-2022-draft", ""), draft65to70, 1)
	a := &o.Areas[0]
	if a.People != 5 || a.Changed != 2 {
		t.Errorf("%d people of the year, %d changed; want 5 and 2", a.People, a.Changed)
	}
	y := a.Year()
	if y.Claims != 7 || y.Changed != 3 {
		t.Errorf("%d claims, %d changed; want 7 and 3", y.Claims, y.Changed)
	}
	// Assistance now: 2600 + 1950 + 10000 + 5000 × 70% + 65 = 18115; draft: 700 and 355 more.
	if y.Before[Assist] != 18115_00 || y.After[Assist] != 19170_00 {
		t.Errorf("assistance %s → %s", y.Before[Assist], y.After[Assist])
	}
	if d := y.Diff(); d != (Buckets{Assist: 1055_00, Person: -1055_00}) {
		t.Errorf("differences %v", d)
	}
	// By month: February 355; March 550; May 150.
	for m, want := range map[int]money.Fen{2: 355_00, 3: 550_00, 5: 150_00, 4: 0, 12: 0} {
		if d := a.Months[m-1].Diff(); d[Assist] != want || d[Person] != -want {
			t.Errorf("month %d: %v, want %s", m, d, want)
		}
	}
	if want := (map[Group]Sides{{Category: rules.Dibian}: {Less: Side{2, 1055_00}}}); !maps.Equal(a.Groups, want) {
		t.Errorf("groups %v", a.Groups)
	}
	if want := (map[string]Sides{"青柳镇": {Less: Side{1, 700_00}}, "": {Less: Side{1, 355_00}}}); !maps.Equal(a.Townships, want) {
		t.Errorf("townships %v", a.Townships)
	}
	if avg := a.Sides.Less.Average(); avg != 527_50 {
		t.Errorf("average %s", avg)
	}
	if len(o.Top) != 2 || o.Top[0].Person != 1 || o.Top[0].Diff() != -700_00 || o.Top[1].Person != 5 || o.Top[0].Changed != 2 ||
		o.Top[0].Claims[0].SetlID != "A1" || o.Top[0].Claims[1].SetlID != "A2" || len(o.Top[1].Claims) != 1 || o.Top[0].Township != "青柳镇" {
		t.Errorf("top %+v", o.Top)
	}
	// Person 2 bears 20000 after major, above 10,000; 10000 are left, which is not
	// above the line: opened and cleared. 1 bears 9000 before assistance: no case.
	if m := monitorOf(t, o, MonitorKey{"gaoe_zhichu", ledger.LevelPerson}); m.Before != (Cases{1, 1}) || m.After != (Cases{1, 1}) {
		t.Errorf("monitor %+v", m)
	}
	if len(a.Idle) != 0 || o.Same() || a.Moved || a.Missing {
		t.Errorf("idle %v same %v moved %v missing %v", a.Idle, o.Same(), a.Moved, a.Missing)
	}
	no := false // the document lets the office adjust other parameters, not these
	want := []ParamChange{
		{Pack: "kaifeng-2022-draft", Path: "assist.ratio", Name: "救助比例", Type: pack.RatioBy, Unit: "%", Item: "dibian", Before: "65%", After: "70%", Clause: "KF-4", Article: "四（三）1", Document: "开封市实施方案（征求意见稿）", Adjustable: &no},
		{Pack: "kaifeng-2022-draft", Path: "assist.deductible", Name: "年度救助起付标准", Type: pack.AmountBy, Unit: "元", Item: "dibian", Before: "2000", After: "1500", Clause: "KF-4", Article: "四（三）1", Document: "开封市实施方案（征求意见稿）", Adjustable: &no},
	}
	if !reflect.DeepEqual(a.Params, want) {
		t.Errorf("parameters %+v", a.Params)
	}
}

// TestLosers: a lower cap takes from person 2 what it leaves to the others.
func TestLosers(t *testing.T) {
	o := county().ask(t, areaOf(t, "kaifeng-2022-draft", ""), "assist: {cap: {dibian: 4000}}\n", 1)
	a := &o.Areas[0]
	// 1: 2600, then 1400 of 1950: 550 more. 2: 4000 of 10000: 6000 more; then its
	// burden of 16,000 after assistance has reached the cap, local care: tilt
	// (16000 − 10000) × 90% = 5400, which it gets under the draft; and at present,
	// too: the pool of 10,000 is used up, U = 10000, nothing above the threshold.
	y := a.Year()
	if d := y.Diff(); d != (Buckets{Assist: -6550_00, Tilt: 5400_00, Person: 1150_00}) {
		t.Errorf("differences %v", d)
	}
	if want := (Sides{More: Side{2, 1150_00}}); a.Sides != want {
		t.Errorf("sides %+v", a.Sides)
	}
	// Person 2 is left with 10,600 now: the case stays open.
	if m := monitorOf(t, o, MonitorKey{"gaoe_zhichu", ledger.LevelPerson}); m.Before != (Cases{1, 1}) || m.After != (Cases{1, 0}) {
		t.Errorf("monitor %+v", m)
	}
}

// TestWindow: a draft that reaches further back changes the claims in the longer
// window, of this year alone.
func TestWindow(t *testing.T) {
	b := newBook()
	// Recognised by illness on 2023-05-10: six months back is 2022-11-10, with
	// twelve 2022-05-10. Recognised on 2024-02-01: six months back is 2023-08-01,
	// with twelve 2023-02-01.
	ill := func(d civil.Date) []rules.Event {
		return []rules.Event{{Op: rules.Add, Category: rules.Dibao, Cause: rules.Illness, Date: d}}
	}
	b.person("", ill(20230510), stay("A1", 20220801, 1000, 0), stay("A2", 20230301, 1000, 0))
	b.person("", ill(20240201), stay("B1", 20230301, 1000, 0), stay("B2", 20230901, 1000, 0))
	o := b.ask(t, areaOf(t, "hangzhou-2022-70", ""), "retro: {months: 12}\n", 1)
	y := o.Areas[0].Year()
	// B1 is assisted with 80 %: 800. A1 would be, too, but is of another year.
	if y.Claims != 3 || y.Changed != 1 || y.Diff() != (Buckets{Assist: 800_00, Person: -800_00}) {
		t.Errorf("%+v", y)
	}
	if o.Top[0].Claims[0].SetlID != "B1" || o.Top[0].Group.String() != "dibao" {
		t.Errorf("%+v", o.Top)
	}
}

// TestGroups: under whom a change is counted.
func TestGroups(t *testing.T) {
	b := newBook()
	// Held dibao that day, but pharmacies are not assisted; the draft lets them be.
	drug := stay("A1", 20230310, 1000, 0)
	drug.Kind = rules.Pharmacy
	b.person("甲乡", added(rules.Dibao, 20230101), drug)
	// No identity on the day: the draft's major illness insurance is for all.
	b.person("甲乡", append(added(rules.Dibao, 20230101), rules.Event{Op: rules.Remove, Category: rules.Dibao, Date: 20230201}), stay("B1", 20230310, 30000, 0))
	b.person("甲乡", nil, stay("C1", 20230310, 30000, 0))
	// canji is not assisted in Kaifeng, but held.
	b.person("甲乡", []rules.Event{{Op: rules.Add, Category: rules.Canji, Level: 1, Date: 20230101}}, stay("D1", 20230310, 30000, 0))
	o := b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), "assist: {kinds: [inpatient, pharmacy]}\nmajor: {deductible: 10000, tiers: [{ratio: 60%}], cap: 400000}\n", 1)
	a := &o.Areas[0]
	var codes []string
	for _, g := range a.SortedGroups() {
		codes = append(codes, g.String())
	}
	if !slices.Equal(codes, []string{"dibao", "canji", "none", "unlisted"}) {
		t.Errorf("groups %v", codes)
	}
	if s := a.Groups[Group{Unlisted: true}]; s != (Sides{Less: Side{1, 12000_00}}) { // (30000 − 10000) × 60%
		t.Errorf("unlisted %+v", s)
	}
	// The keys of major need each other: deductible and tiers alone do nothing, and
	// there is nothing that the cap could limit.
	if len(a.Idle) != 1 || a.Idle[0].Path != "major.cap" || a.Idle[0].Why != NoClaim || a.Idle[0].Line != 2 {
		t.Errorf("idle %+v", a.Idle)
	}
	before := map[string]string{}
	for _, p := range a.Params {
		before[p.Path] = p.Before
	}
	if before["major.tiers"] != "" || before["assist.kinds"] != "[inpatient, outpatient_special, outpatient]" {
		t.Errorf("before %v", before)
	}
}

// TestGroupAfter: of two identities the one that assists under the draft counts.
func TestGroupAfter(t *testing.T) {
	b := newBook()
	b.person("", append(added(rules.Dibao, 20230101), added(rules.Dibian, 20230101)...), stay("A1", 20230310, 10000, 0))
	// 10000 × 70 % as dibao; under the draft 8000 × 65 % = 5200 as dibian: 1800 more to bear.
	o := b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), "assist: {ratio: {dibao: 10%}}\n", 1)
	if c := o.Top[0]; c.Group.Category != rules.Dibian || c.Diff() != 1800_00 {
		t.Errorf("%+v", c)
	}
}

// TestCounty: who names no county lives in the area's own, under the draft as well.
func TestCounty(t *testing.T) {
	b := newBook()
	c := stay("A1", 20230310, 1000, 0)
	c.Kind = rules.OutpatientSpecial
	b.person("", added(rules.Jiandang, 20230101), c)
	a := areaOf(t, "shenyang-2019-78", "")
	a.Policy.County = "康平县"
	// Basic 1000 × 80 % = 800; of the 200 left the supplement pays 80 %: 160; under
	// the draft 50 %: 100.
	o := b.ask(t, a, "supplement: {ratio: 50%}\n", 1)
	y := o.Areas[0].Year()
	if d := y.Diff(); y.Before[Basic] != 800_00 || y.Before[Supplement] != 160_00 || d != (Buckets{Supplement: -60_00, Person: 60_00}) {
		t.Errorf("%v, differences %v", y.Before, d)
	}
}

// TestEndedPack: a pack that ended before the year is left alone.
func TestEndedPack(t *testing.T) {
	a := areaOf(t, "hangzhou-2022-70", "")
	a.Layers = append(a.Layers, areaOf(t, "wenzhou-2022-98", "").Layers...) // to the end of 2025
	a.Policy = must(pack.Compile(a.Code, a.Layers))
	d := must(ParseDraft("draft.yaml", []byte("monitor: {yinbing_zhipin: {line: 5000}}\n"))) // Wenzhou has no such monitor
	if _, err := newPlan(&a, 2026, d); err != nil {
		t.Error(err)
	}
	if _, err := newPlan(&a, 2025, d); len(pack.Mistakes(err)) != 1 {
		t.Error(err)
	}
}

// TestIdle: what has no effect is named, with the reason.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		name, present, draft string
		want                 map[string]IdleWhy
	}{
		{"the present values", "", "assist: {ratio: {dibian: 65%}, cap: {dibian: 10000.00}}\n", map[string]IdleWhy{"assist.ratio": AsNow, "assist.cap": AsNow}},
		{"the overlay's own", "assist: {ratio: {dibian: 66%}}\n", "assist: {ratio: {dibian: 66%}}\n", map[string]IdleWhy{"assist.ratio": AsNow}},
		{"next year", "", "assist:\n  ratio:\n    2024-01-01: {dibian: 70%}\n", map[string]IdleWhy{"assist.ratio": Later}},
		{"lists", "", "budget: {assistance: 1000000}\nassist: {ratio: {dibian: 70%}}\n", map[string]IdleWhy{"budget.assistance": NotMoney}},
		{"nobody concerned", "", "assist: {ratio: {tekun: 95%, dibian: 70%}, outpatient_ratio: {tekun: 60%}}\n", map[string]IdleWhy{"assist.outpatient_ratio": NoClaim}},
		{"one alone", "", "assist: {ratio: {tekun: 95%}}\n", map[string]IdleWhy{"assist.ratio": NoClaim}},
		{"who gets a list", "", "lists: {roster_changes: {departments: [民政]}}\nassist: {ratio: {dibian: 70%}}\n", map[string]IdleWhy{"lists.roster_changes": NotMoney}},
		{"two that need each other, for nobody", "", "special: {ratio: {tekun: 50%}, threshold: 100, cap: 1000}\n", map[string]IdleWhy{"special.ratio": NoClaim, "special.threshold": NoClaim, "special.cap": NoClaim}},
		{"codes", "", "codes: {med_type: {\"99\": pharmacy}}\nassist: {ratio: {dibian: 70%}}\n", map[string]IdleWhy{"codes": Reading}},
		{"a monitor that catches nobody else", "", "monitor: {gaoe_zhichu: {line: 10001}}\n", map[string]IdleWhy{"monitor.gaoe_zhichu": NoClaim}},
		{"a monitor", "", "monitor: {gaoe_zhichu: {line: 5000}}\n", map[string]IdleWhy{}},
		{"either is enough", "", "assist: {cap: {dibian: 0.01}, ratio: {dibian: 0.01%}}\n", map[string]IdleWhy{}},
		{"nothing at all", "", "document: 空\n", map[string]IdleWhy{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := county().ask(t, areaOf(t, "kaifeng-2022-draft", c.present), c.draft, 1)
			got := map[string]IdleWhy{}
			for _, i := range o.Areas[0].Idle {
				got[i.Path] = i.Why
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestSamePolicy: the present overlay again changes nothing.
func TestSamePolicy(t *testing.T) {
	const present = "major: {deductible: 11000, tiers: [{to: 100000, ratio: 60%}, {ratio: 70%}], cap: 400000}\nassist: {ratio: {dibian: 66%}}\nmonitor: {gaoe_zhichu: {line: 3000}}\n"
	o := county().ask(t, areaOf(t, "kaifeng-2022-draft", present), present, 1)
	a := &o.Areas[0]
	y := a.Year()
	if !o.Same() || y.Diff() != (Buckets{}) || len(o.Top) != 0 || len(a.Params) != 0 || len(a.Idle) != 5 {
		t.Errorf("%+v", a)
	}
}

// TestNoPackInYear: before the pack there is nothing to change.
func TestNoPackInYear(t *testing.T) {
	a := areaOf(t, "kaifeng-2022-draft", "")
	d, err := ParseDraft("draft.yaml", []byte(draft65to70))
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(t.Context(), county(), Job{Areas: []jobs.Area{a}, Year: 2021, Draft: d})
	if err != nil {
		t.Fatal(err)
	}
	if x := o.Areas[0]; x.InForce || !o.Same() || len(x.Idle) != 2 || x.Idle[0].Why != NoPack || !x.Missing {
		t.Errorf("%+v", x)
	}
}

// TestAsKnown: what came after the run does not count.
func TestAsKnown(t *testing.T) {
	b := county()
	b.later[b.people[0].Claims[1].Ref] = true // A2
	a := areaOf(t, "kaifeng-2022-draft", "")
	if y := b.ask(t, a, draft65to70, 1).Areas[0].Year(); y.Claims != 6 || y.Diff()[Assist] != 905_00 {
		t.Errorf("%+v", y)
	}
	if y := b.ask(t, a, draft65to70, 2).Areas[0].Year(); y.Claims != 7 || y.Diff()[Assist] != 1055_00 {
		t.Errorf("%+v", y)
	}
}

// TestRefunded: a refund, of whatever year, takes the claim out.
func TestRefunded(t *testing.T) {
	b := county()
	b.people[0].Refunds = []ledger.Refund{{Original: "A1"}}
	// A2 alone: now 1000 × 65% = 650, draft 1500 × 70% = 1050.
	o := b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), draft65to70, 1)
	if y := o.Areas[0].Year(); y.Claims != 6 || o.Top[0].Diff() != -400_00 {
		t.Errorf("%+v %+v", y, o.Top)
	}
}

// TestRelief: relief counts for clearance.
func TestRelief(t *testing.T) {
	b := newBook()
	p := b.person("", added(rules.Dibian, 20230101), stay("A1", 20230310, 30000, 0)) // assisted with 10,000; tilt (20000 − 10000) × 90% = 9000
	p.Relief = []rules.Help{{Ref: 1, Date: 20230401, Source: "慈善", Amount: 2000_00}, {Ref: 2, Date: 20220401, Source: "慈善", Amount: 9000_00}}
	o := b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), "tilt: {cap: 0}\nassist: {cap: {dibian: 17000}}\n", 1)
	// Under the draft 28000 × 65% → 17000 (no tilt) leave 13000, 11000 after relief: open.
	if m := monitorOf(t, o, MonitorKey{"gaoe_zhichu", ledger.LevelPerson}); m.Before != (Cases{1, 1}) || m.After != (Cases{1, 0}) {
		t.Errorf("%+v", m)
	}
	p.Relief[0].Amount = 3000_00 // 10,000 are left, not above the line
	o = b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), "tilt: {cap: 0}\nassist: {cap: {dibian: 17000}}\n", 1)
	if m := monitorOf(t, o, MonitorKey{"gaoe_zhichu", ledger.LevelPerson}); m.After != (Cases{1, 1}) {
		t.Errorf("%+v", m)
	}
}

// TestPosting: a payment that was posted is an event of its year's case. Person 1
// is left with 12000 − 6500 = 5500: above the draft's line in March, below it when
// the posting comes in August.
func TestPosting(t *testing.T) {
	for year, want := range map[int]Cases{2023: {1, 1}, 2022: {1, 0}} {
		b := newBook()
		p := b.person("", added(rules.Dibian, 20230101), stay("A1", 20230310, 12000, 0))
		p.Postings = []ledger.Posting{{ID: 1, Claim: 2, Year: year, Amount: 1, Date: 20230801}}
		o := b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), "monitor: {gaoe_zhichu: {line: {2023-01-01: 3000, 2023-07-01: 20000}}}\n", 1)
		if m := monitorOf(t, o, MonitorKey{"gaoe_zhichu", ledger.LevelPerson}); m.Before != (Cases{1, 1}) || m.After != want {
			t.Errorf("posted for %d: %+v", year, m)
		}
	}
}

// TestMistakes: what is wrong with a draft has its line.
func TestMistakes(t *testing.T) {
	a := areaOf(t, "kaifeng-2022-draft", "")
	for _, c := range []struct{ name, draft, want string }{
		{"a bad ratio", "assist:\n  ratio: {dibian: 7}\n", "draft.yaml:2:19: "},
		{"an unknown key", "assist:\n  rate: {dibian: 70%}\n", "draft.yaml:2:3: "},
		{"no YAML", "assist: [\n", "draft.yaml:1:"},
		{"no such monitor", "assist:\n  ratio: {dibian: 70%}\nmonitor:\n  other: {line: 1}\n", "draft.yaml:4:"},
		{"a code of no kind", "codes:\n  med_type: {\"99\": shopping}\n", "draft.yaml:2:"},
		{"no policy", "document: x\nassist:\n  ratio: {tekun: 95%}\n  categories: [tekun, canji]\n", "draft.yaml:4:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := ParseDraft("draft.yaml", []byte(c.draft))
			if err == nil {
				_, err = Run(t.Context(), county(), Job{Areas: []jobs.Area{a}, Year: 2023, Draft: d})
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// TestKeys: what a draft sets, however it is written, and the draft without one
// of its keys.
func TestKeys(t *testing.T) {
	for _, text := range []string{
		"assist: {ratio: {dibian: 70%, dibao: 75%}, cap: {dibian: 12000}}\nmonitor: {gaoe_zhichu: {line: 9000}}\n",
		"# a comment\nassist:\n  # another\n  ratio:\n    dibian: 70%\n    dibao: 75%\n  cap:\n    2023-01-01: {dibian: 12000}\n    2023-07-01:\n      dibian: 13_000\nmonitor:\n  gaoe_zhichu:\n    line: 9000\n",
		"document: \"甲：乙\"\nmonitor:\n  gaoe_zhichu: {line: 9000, crosses: at_or_above}\nassist:\n  ratio: {others: 70%}\n  cap: {dibian: 12000}",
	} {
		d, err := ParseDraft("draft.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, k := range d.Keys {
			paths = append(paths, k.Path)
		}
		slices.Sort(paths)
		if !slices.Equal(paths, []string{"assist.cap", "assist.ratio", "monitor.gaoe_zhichu"}) {
			t.Fatalf("%q: %v", text, paths)
		}
		whole, err := d.only(func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		a := areaOf(t, "kaifeng-2022-draft", "")
		same := func(o *pack.Overlay, keys ...string) {
			t.Helper()
			p, _, err := compile(a.Policy, a.Layers, o, 2023)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := compile(a.Policy, a.Layers, d.overlay, 2023)
			if err != nil {
				t.Fatal(err)
			}
			prm, want, now := paramsOn(p, 20230801), paramsOn(q, 20230801), paramsOn(a.Policy, 20230801)
			for _, k := range []string{"assist.ratio", "assist.cap", "monitor.gaoe_zhichu"} {
				w := now
				if slices.Contains(keys, k) {
					w = want
				}
				switch {
				case k == "assist.ratio" && prm.AssistRatio != w.AssistRatio, k == "assist.cap" && prm.AssistCap != w.AssistCap,
					k == "monitor.gaoe_zhichu" && prm.Monitors[0].Line != w.Monitors[0].Line:
					t.Errorf("%q with %v: %s is another one", text, keys, k)
				}
			}
		}
		same(whole, paths...)
		for i, p := range paths {
			alone, err := d.only(func(path string) bool { return path == p })
			if err != nil {
				t.Fatal(err)
			}
			same(alone, p)
			rest, err := d.only(func(path string) bool { return path != p })
			if err != nil {
				t.Fatal(err)
			}
			same(rest, slices.Delete(slices.Clone(paths), i, i+1)...)
		}
	}
}

// TestParams: values by day, over tables with `others`, overlays and unset ones.
func TestParams(t *testing.T) {
	type row struct{ path, item, before, after, when string }
	for _, c := range []struct {
		name, present, draft string
		want                 []row
	}{
		{"from the middle of the year", "", "assist:\n  ratio:\n    2023-07-01: {dibian: 70%}\n    2024-01-01: {dibian: 75%}\n",
			[]row{{"assist.ratio", "dibian", "65%", "70%", "2023-07-01 2024-01-01"}, {"assist.ratio", "dibian", "65%", "75%", "2024-01-01 "}}},
		{"others", "", "tilt:\n  ratio: {others: 95%, tekun: 90%}\n",
			[]row{{"tilt.ratio", "dibao", "90%", "95%", " "}, {"tilt.ratio", "fanpin", "90%", "95%", " "}, {"tilt.ratio", "dibian", "90%", "95%", " "}, {"tilt.ratio", "yifanpin", "90%", "95%", " "}, {"tilt.ratio", "zhongbing", "90%", "95%", " "}}},
		{"over an overlay", "assist: {cap: {dibian: 12000}}\n", "assist: {cap: {dibian: none, tekun: 30000.00}}\n", []row{{"assist.cap", "dibian", "12000", "none", " "}}},
		{"levels", "", "hospital: {out_of_scope: {3: 8%}}\n", []row{{"hospital.out_of_scope", "3", "10%", "8%", " "}}},
		{"unset", "", "major: {deductible: 10000}\n", []row{{"major.deductible", "", "", "10000", " "}}},
		{"a monitor", "", "monitor: {gaoe_zhichu: {line: 8000, crosses: at_or_above}}\n",
			[]row{{"monitor.gaoe_zhichu.line", "line", "10000.00", "8000.00", " "}, {"monitor.gaoe_zhichu.crosses", "crosses", "above", "at_or_above", " "}}},
		{"a disease more, and one that is there", "", "assist: {diseases: {COPD: {name: 慢阻肺, codes: [J44]}, ESRD: {name: 终末期肾病, synonyms: [尿毒症]}, AA: {name: 再生障碍性贫血, synonyms: [骨髓衰竭]}}}\n",
			[]row{{"assist.diseases", "AA", "再生障碍性贫血、再障", "再生障碍性贫血、再障、骨髓衰竭", " "}, {"assist.diseases", "COPD", "", "慢阻肺、J44", " "}}},
		{"taken away", "", "tilt: {threshold: unset}\n", []row{{"tilt.threshold", "", "10000", "", " "}}},
		{"a list", "", "assist: {kinds: [inpatient]}\n", []row{{"assist.kinds", "", "[inpatient, outpatient_special, outpatient]", "[inpatient]", " "}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := county().ask(t, areaOf(t, "kaifeng-2022-draft", c.present), c.draft, 1)
			var got []row
			for _, p := range o.Areas[0].Params {
				got = append(got, row{p.Path, p.Item, p.Before, p.After, p.From.String() + " " + p.To.String()})
				if p.Clause == "" || p.Article == "" || p.Name == "" {
					t.Errorf("%+v", p)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v\nwant %v", got, c.want)
			}
		})
	}
}

// TestTop: the twenty largest, and of equal ones those that a renumbering of the
// people does not change.
func TestTop(t *testing.T) {
	ask := func(reverse bool) *Outcome {
		b := newBook()
		for i := range 60 {
			n := i
			if reverse {
				n = 59 - i
			}
			id := string([]rune{'A' + rune(n/10), '0' + rune(n%10)})
			// 50 who gain 125 by the deductible and 100 by the ratio, all alike, and ten who gain more.
			total := int64(4000)
			if n >= 50 {
				total = int64(4000 + n)
			}
			b.person("", added(rules.Dibian, 20230101), stay(id, 20230310, total, 0))
		}
		return b.ask(t, areaOf(t, "kaifeng-2022-draft", ""), draft65to70, 1)
	}
	a, b := ask(false), ask(true)
	if len(a.Top) != 20 || a.Top[0].Claims[0].SetlID != "F9" || a.Top[10].Claims[0].SetlID != "A0" || a.Top[19].Claims[0].SetlID != "A9" {
		t.Errorf("%+v", a.Top)
	}
	for i := range b.Top {
		b.Top[i].Person = a.Top[i].Person // numbered in the order of arrival
	}
	if !reflect.DeepEqual(a.Top, b.Top) || !reflect.DeepEqual(a.Areas[0].Tally, b.Areas[0].Tally) {
		t.Error("another order of arrival, another answer")
	}
}

// TestHouseholds: where a monitor looks at households, their members are taken
// together, however the chunks fall.
func TestHouseholds(t *testing.T) {
	b := newBook()
	for i := range 5 {
		b.person("", added(rules.Dibian, 20230101), stay("S"+string(rune('A'+i)), 20230310, 4000, 0))
	}
	b.heads = map[ledger.PersonNo]ledger.PersonNo{1: 5, 3: 5, 5: 5} // 12,000 together; 2 and 4 live alone
	a := areaOf(t, "kaifeng-2022-draft", "monitor: {gaoe_zhichu: {level: household}}\n")
	o := b.ask(t, a, draft65to70, 1).Areas[0]
	// Each is left with 4000 − 1300 = 2700, under the draft with 4000 − 1750 =
	// 2250; three of them with less than 10,000: opened and cleared at once.
	if len(o.Monitors) != 1 || o.Monitors[0].Level != ledger.LevelHousehold || o.Monitors[0].Before != (Cases{1, 1}) || o.Monitors[0].After != (Cases{1, 1}) {
		t.Errorf("%+v", o.Monitors)
	}
	if got := b.run(t, a.Policy, 1).counts(2023); got[MonitorKey{"gaoe_zhichu", ledger.LevelHousehold}] != o.Monitors[0].Before {
		t.Errorf("a run finds %v", got)
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// TestFails: an error of the ledger ends it, and so does Ctrl-C.
func TestFails(t *testing.T) {
	a := areaOf(t, "kaifeng-2022-draft", "")
	j := Job{Areas: []jobs.Area{a}, Year: 2023, Draft: must(ParseDraft("d.yaml", []byte(draft65to70))), chunk: 1}
	for _, at := range []string{"people", "load", "residence"} {
		b := county()
		b.failAt = at
		if _, err := Run(t.Context(), b, j); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", at, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	j.Progress = func(string, int, int) { cancel() }
	if _, err := Run(ctx, county(), j); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestProperty: on people drawn at random, the figures before are those of a run
// under the present policy, the figures after those of a run under the changed
// one, however the people are cut into chunks.
func TestProperty(t *testing.T) {
	type world struct {
		present jobs.Area
		drafts  []string
	}
	worlds := []world{
		{areaOf(t, "kaifeng-2022-draft", "major: {deductible: 11000, tiers: [{to: 30000, ratio: 60%}, {ratio: 70%}], cap: 40000}\nmonitor: {gaoe_zhichu: {line: 6000}}\n"), []string{
			draft65to70,
			"assist: {cap: {others: 8000}, kinds: [inpatient]}\ntilt: {threshold: 3000}\n",
			"major: {deductible: 5000, cap: none}\nidentity: {exit_effect: next_month}\nmonitor: {gaoe_zhichu: {line: 2000, measure: after_all, level: household}}\n",
			"assist: {categories: [tekun, dibao], outpatient_ratio: {dibao: 90%}, deductible: {dibao: 100.01}, disease_kinds: [outpatient]}\nhospital: {out_of_scope: {2: 0%, 3: 1%}}\n",
			"retro: {categories: [dibao, dibian], months: 6}\n",
			"monitor: {gaoe_zhichu: {line: {2023-01-01: 2000, 2023-07-01: 20000}}}\n",
		}},
		{areaOf(t, "hangzhou-2022-70", "special: {threshold: 5000}\nmonitor: {yinbing_zhipin: {line: 5000}}\n"), []string{
			"retro: {months: 12, after_other_category: include}\n",
			"special: {threshold: unset}\nassist: {ratio: {2023-07-01: {dibian: 60%}}, cap: {others: 3000}}\n",
			"monitor: {yinbing_zhipin: {line: 1000}, yinbing_fanpin: {line: 1000, level: household}}\nassist: {base: total}\n",
		}},
		{areaOf(t, "shenyang-2019-78", ""), []string{"supplement: {ratio: 50%, base: in_scope}\nbasic: {outpatient_cap: 100}\n"}},
	}
	worlds[2].present.Policy.County = "康平县"
	rapid.Check(t, func(rt *rapid.T) {
		b := newBook()
		for i := range rapid.IntRange(0, 9).Draw(rt, "people") {
			drawPerson(rt, b, i)
		}
		w := rapid.SampledFrom(worlds).Draw(rt, "world")
		present := w.present
		text := rapid.SampledFrom(w.drafts).Draw(rt, "draft")
		d := must(ParseDraft("draft.yaml", []byte(text)))
		seen := ledger.Seq(rapid.IntRange(1, 2).Draw(rt, "seen"))
		j := Job{Areas: []jobs.Area{present}, Year: 2023, Draft: d, Run: ledger.Run{No: 1, Seen: seen}, chunk: rapid.IntRange(1, 4).Draw(rt, "chunk")}
		o, err := Run(t.Context(), b, j)
		if err != nil {
			rt.Fatal(err)
		}
		a := &o.Areas[0]
		for side, pol := range map[bool]*rules.Policy{false: present.Policy, true: a.After} {
			r := b.run(t, pol, seen)
			want, cases := r.costs(b, 2023), r.counts(2023)
			for m := range want {
				got := a.Months[m].Before
				if side {
					got = a.Months[m].After
				}
				if got != want[m] {
					rt.Fatalf("month %d, after %v: %v, a run finds %v", m+1, side, got, want[m])
				}
			}
			for _, m := range a.Monitors {
				got := m.Before
				if side {
					got = m.After
				}
				if got != cases[m.MonitorKey] {
					rt.Fatalf("%s, after %v: %v, a run finds %v", m.ID, side, got, cases[m.MonitorKey])
				}
			}
		}
		sumsAgree(rt, b, present.Policy, o, seen)
		j.chunk = 100
		again, err := Run(t.Context(), b, j)
		if err != nil {
			rt.Fatal(err)
		}
		again.Areas[0].After, again.Areas[0].Layers = a.After, a.Layers // equal, but other pointers
		if !reflect.DeepEqual(o, again) {
			rt.Fatal("other chunks, another answer")
		}
	})
}

// sumsAgree counts people, claims, groups and townships once more from the
// results of two runs.
func sumsAgree(t *rapid.T, b *book, present *rules.Policy, o *Outcome, seen ledger.Seq) {
	a := &o.Areas[0]
	var before, after []ledger.Result
	for _, r := range [2]*rules.Policy{present, a.After} {
		x := &recorded{}
		if err := settleAll(b, x, r, seen); err != nil {
			t.Fatal(err)
		}
		before, after = after, sortedResults(x.results)
	}
	changed, people := map[ledger.PersonNo]money.Fen{}, map[ledger.PersonNo]bool{}
	claims, moved := 0, 0
	for i := range before {
		x, y := &before[i], &after[i]
		if x.Claim != y.Claim {
			t.Fatal("two runs over other claims")
		}
		if x.Year != 2023 {
			continue
		}
		claims++
		people[x.Person] = true
		if BucketsOf(&x.Due) != BucketsOf(&y.Due) {
			moved++
			changed[x.Person] += y.Due.Person - x.Due.Person
		}
	}
	var sides Sides
	towns := map[string]money.Fen{}
	for p, d := range changed {
		sides.add(sidesOf(d))
		towns[b.towns[p]] += d
	}
	y := a.Year()
	if a.People != len(people) || a.Changed != len(changed) || y.Claims != claims || y.Changed != moved || a.Sides != sides {
		t.Fatalf("%+v; by runs %d people, %d changed, %d claims, %d changed, %+v", a.Tally, len(people), len(changed), claims, moved, sides)
	}
	var groups Sides
	for _, s := range a.Groups {
		groups.add(s)
	}
	if groups != sides {
		t.Fatalf("groups %+v, all %+v", groups, sides)
	}
	for town, d := range towns {
		s := a.Townships[town]
		if s.Net() != d {
			t.Fatalf("%s: %s, want %s", town, s.Net(), d)
		}
	}
	if y.Diff().Sum() != 0 || y.Before.Sum() != y.After.Sum() {
		t.Fatal("fen are lost")
	}
	var top []money.Fen
	for i := range o.Top {
		top = append(top, o.Top[i].Diff())
	}
	if len(top) != min(20, len(changed)) || !slices.IsSortedFunc(top, func(a, b money.Fen) int { return int(abs(b) - abs(a)) }) {
		t.Fatalf("top %v of %v", top, changed)
	}
}

func drawPerson(t *rapid.T, b *book, i int) {
	day := func(label string) civil.Date {
		return civil.YMD(rapid.SampledFrom([]int{2022, 2023, 2023, 2023, 2024}).Draw(t, label+" year"), rapid.IntRange(1, 12).Draw(t, label+" month"), rapid.IntRange(1, 28).Draw(t, label+" day"))
	}
	var es []rules.Event
	for range rapid.IntRange(0, 3).Draw(t, "events") {
		e := rules.Event{Op: rapid.SampledFrom([]rules.Op{rules.Add, rules.Add, rules.Remove, rules.Change}).Draw(t, "op"), Date: day("event"),
			Category: rapid.SampledFrom([]rules.Category{rules.Tekun, rules.Dibao, rules.Dibian, rules.Yifanpin, rules.Canji, rules.Jiandang}).Draw(t, "category"),
			Cause:    rapid.SampledFrom([]rules.Cause{rules.NoCause, rules.Illness}).Draw(t, "cause"), Level: 1}
		es = append(es, e)
	}
	var cs []rules.Claim
	for k := range rapid.IntRange(0, 6).Draw(t, "claims") {
		c := rules.Claim{ID: string([]rune{'A' + rune(i), '0' + rune(k)}), At: day("claim").At(), Level: uint8(rapid.IntRange(1, 3).Draw(t, "level")),
			Kind:     rapid.SampledFrom([]rules.Kind{rules.Inpatient, rules.Inpatient, rules.OutpatientSpecial, rules.Pharmacy}).Draw(t, "kind"),
			Referral: rapid.SampledFrom([]rules.Referral{rules.Local, rules.Referred, rules.Unreferred}).Draw(t, "referral"), DiseaseCode: "esrd"}
		c.Total = money.Fen(rapid.Int64Range(0, 60000_00).Draw(t, "total"))
		c.InScope = money.Fen(rapid.Int64Range(0, int64(c.Total)).Draw(t, "in scope"))
		c.Basic = money.Fen(rapid.Int64Range(0, int64(c.InScope)).Draw(t, "basic"))
		cs = append(cs, c)
	}
	if i > 0 && rapid.IntRange(0, 2).Draw(t, "lives") == 0 {
		b.heads[ledger.PersonNo(i+1)] = ledger.PersonNo(rapid.IntRange(1, i).Draw(t, "with"))
	}
	d := b.person(rapid.SampledFrom([]string{"", "青柳镇", "白石乡"}).Draw(t, "town"), es, cs...)
	if len(cs) > 0 && rapid.IntRange(0, 3).Draw(t, "refund") == 0 {
		d.Refunds = []ledger.Refund{{Original: cs[0].ID, Total: cs[0].Total}}
	}
	if rapid.Bool().Draw(t, "relief") {
		d.Relief = []rules.Help{{Ref: 1, Date: day("relief"), Source: "慈善", Amount: money.Fen(rapid.Int64Range(0, 9000_00).Draw(t, "help"))}}
	}
	if len(cs) > 0 && rapid.Bool().Draw(t, "posted") {
		on := day("posting")
		d.Postings = []ledger.Posting{{ID: 1, Claim: d.Claims[0].Ref, Year: on.Year(), Amount: money.Fen(rapid.Int64Range(-1000_00, 1000_00).Draw(t, "post")), Date: on}}
	}
	if len(cs) > 1 && rapid.Bool().Draw(t, "later") {
		b.later[d.Claims[1].Ref] = true
	}
}
