package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
	"doudi/rules/packs"
	"doudi/rules/reference"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// world is a policy in both forms: compiled from the pack with an overlay, and
// as the reference's own tables.
type world struct {
	policy *rules.Policy
	config reference.Config
}

func yuan(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// worlds are both packs, as they are and with overlays that switch on every
// layer and choice.
func worlds(t *testing.T) map[string][]world {
	t.Helper()
	major := "major: {deductible: 11000, tiers: [{to: 100000, ratio: 60%}, {to: 200000, ratio: 65%}, {ratio: 70%}], cap: 120000}\n"
	tiers := []reference.Tier{{To: yuan("100000"), Ratio: *yuan("0.6")}, {To: yuan("200000"), Ratio: *yuan("0.65")}, {Ratio: *yuan("0.7")}}
	make := func(id, overlay string, c reference.Config) world {
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
		c.Pack = id
		return world{pol, c}
	}
	hz, kf, wz, xj, sy := "hangzhou-2022-70", "kaifeng-2022-draft", "wenzhou-2022-98", "xinjiang-2023", "shenyang-2019-78"
	by := func(pairs ...string) map[string]decimal.Decimal {
		m := map[string]decimal.Decimal{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = *yuan(pairs[i+1])
		}
		return m
	}
	caps := func(pairs ...string) map[string]*decimal.Decimal {
		m := map[string]*decimal.Decimal{}
		for i := 0; i < len(pairs); i += 2 {
			if m[pairs[i]] = nil; pairs[i+1] != "none" {
				m[pairs[i]] = yuan(pairs[i+1])
			}
		}
		return m
	}
	no := false
	tilt := "tilt: {ratio: {others: 90%}, threshold: 10000, cap: 10000}\n"
	xjAssist := "assist: {ratio: {tekun: 100%, dibao: 75%, fanpin: 75%, yifanpin: 70%, dibian: 60%}, cap: {tekun: none, others: 20000}, kinds: [inpatient, outpatient_special]}\n"
	xjConfig := reference.Config{AssistRatio: by("tekun", "1", "dibao", "0.75", "fanpin", "0.75", "yifanpin", "0.7", "dibian", "0.6"),
		AssistCap: caps("tekun", "none", "dibao", "20000", "fanpin", "20000", "yifanpin", "20000", "dibian", "20000"), AssistKinds: []string{"inpatient", "outpatient_special"}}
	xjTilt := xjConfig
	xjTilt.TiltRatio, xjTilt.TiltThreshold, xjTilt.TiltCap = by("tekun", "0.9", "dibao", "0.9", "fanpin", "0.9", "yifanpin", "0.9", "dibian", "0.9"), yuan("10000"), yuan("10000")
	xjTilt.MajorDeductible, xjTilt.MajorTiers, xjTilt.MajorCap = yuan("11000"), tiers, yuan("120000")
	syAssist := "assist: {ratio: {jiandang: 50%}, cap: {jiandang: 30000}, kinds: [inpatient, outpatient_special]}\n"
	syConfig := reference.Config{AssistRatio: by("jiandang", "0.5"), AssistCap: caps("jiandang", "30000"), AssistKinds: []string{"inpatient", "outpatient_special"}}
	syAll := reference.Config{AssistRatio: by("jiandang", "0.5", "tekun", "0.9", "dibao", "0.6"), AssistCap: caps("jiandang", "5000", "tekun", "none", "dibao", "3000"),
		TiltRatio: by("jiandang", "0.9", "tekun", "0.9", "dibao", "0.9"), TiltThreshold: yuan("10000"), TiltCap: yuan("10000"),
		MajorDeductible: yuan("11000"), MajorTiers: tiers, MajorCap: yuan("120000"), KeepHigher: &no, SupplementInScope: true}
	return map[string][]world{
		// Kaifeng's pack takes over from Hangzhou's in the middle of a year.
		chained: {{chain(t), reference.Config{Pack: hz, Then: &reference.Config{Pack: kf, InForceFrom: toTime(20230701)}, ThenFrom: toTime(20230701)}}},
		wz: {
			make(wz, "document: none\n", reference.Config{}),
			make(wz, "assist: {ratio: {dibao: 80%, kunjing: 90%}, cap: {dibao: 20000, kunjing: none}}\n",
				reference.Config{AssistRatio: by("dibao", "0.8", "kunjing", "0.9"), AssistCap: caps("dibao", "20000", "kunjing", "none")}),
		},
		xj: {
			make(xj, "document: none\n", reference.Config{}),
			make(xj, xjAssist, xjConfig),
			make(xj, xjAssist+tilt+major, xjTilt),
		},
		sy: {
			make(sy, "document: none\n", reference.Config{}),
			make(sy, syAssist, syConfig),
			make(sy, "assist: {ratio: {jiandang: 50%, tekun: 90%, dibao: 60%}, cap: {jiandang: 5000, tekun: none, dibao: 3000}}\n"+tilt+major+"basic: {keep_higher: false}\nsupplement: {base: in_scope}\n", syAll),
		},
		hz: {
			make(hz, "document: none\n", reference.Config{}),
			make(hz, "special: {threshold: 20000}\nidentity: {exit_effect: next_month}\n", reference.Config{SpecialThreshold: yuan("20000"), NextMonthExit: true}),
			make(hz, major+"special: {threshold: 3000.01}\nretro: {after_other_category: include}\n",
				reference.Config{SpecialThreshold: yuan("3000.01"), RetroAfterOther: true, MajorDeductible: yuan("11000"), MajorTiers: tiers, MajorCap: yuan("120000")}),
		},
		kf: {
			make(kf, "document: none\n", reference.Config{}),
			make(kf, "assist: {application_required: true}\n", reference.Config{ApplicationRequired: true}),
			make(kf, major+"identity: {exit_effect: next_month}\n", reference.Config{NextMonthExit: true, MajorDeductible: yuan("11000"), MajorTiers: tiers, MajorCap: yuan("120000")}),
		},
	}
}

// chained stands for an area with two packs, one after another.
const chained = "hangzhou-2022-70, then kaifeng-2022-draft"

func chain(t *testing.T) *rules.Policy {
	t.Helper()
	first, err := pack.Load("hangzhou-2022-70")
	if err != nil {
		t.Fatal(err)
	}
	text, err := packs.Files.ReadFile("kaifeng-2022-draft/pack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(string(text), "in_force: {from: 2022-05-01}", "in_force: {from: 2023-07-01}", 1)
	then, err := pack.Parse("later.yaml", []byte(later))
	if err != nil || later == string(text) {
		t.Fatal(err, "the pack does not begin later")
	}
	pol, err := pack.Compile("330100", []pack.Layered{{Pack: first}, {Pack: then}})
	if err != nil {
		t.Fatal(err)
	}
	return pol
}

var (
	categoriesOf = map[string][]rules.Category{
		"hangzhou-2022-70":   {rules.Tekun, rules.Dibao, rules.Dibian, rules.Canji, rules.Fengxian},
		"kaifeng-2022-draft": {rules.Tekun, rules.Dibao, rules.Fanpin, rules.Dibian, rules.Yifanpin, rules.Zhongbing, rules.Canji},
		chained:              {rules.Tekun, rules.Dibao, rules.Fanpin, rules.Dibian, rules.Canji},
		"wenzhou-2022-98":    {rules.Tekun, rules.Dibao, rules.Dibian, rules.Canji, rules.Kunjing, rules.Fengxian},
		"xinjiang-2023":      {rules.Tekun, rules.Dibao, rules.Fanpin, rules.Yifanpin, rules.Dibian, rules.Tuopin},
		"shenyang-2019-78":   {rules.Jiandang, rules.Jiandang, rules.Jiandang, rules.Tekun, rules.Dibao},
	}
	// Amounts that lie on, or a fen beside, the lines of the packs.
	marks = []money.Fen{0, 1, 1000_00, 2000_00, 5000_00, 6250_00, 10000_00, 15384_62, 33333_33, 214285_71, 20000_00, 25000_00, 30000_00, 42857_14, 150000_00, 187500_00, 250000_00}
)

// hospitals are designated ones of Shenyang, and others.
var hospitals = []struct{ name, class string }{{"", ""}, {"康平县人民医院", "county"}, {"沈阳市第四人民医院", "municipal"}, {"某县中医院", ""}}

func day(t *rapid.T, label string) civil.Date {
	y := rapid.SampledFrom([]int{2022, 2023, 2023, 2023, 2024}).Draw(t, label+" year")
	m := rapid.IntRange(1, 12).Draw(t, label+" month")
	d := rapid.SampledFrom([]int{1, 2, 15, 28, 29, 30, 31}).Draw(t, label+" day")
	return civil.YMD(y, m, min(d, civil.DaysIn(y, m)))
}

func drawAmount(t *rapid.T, label string) money.Fen {
	base := rapid.SampledFrom(marks).Draw(t, label)
	return max(0, base+money.Fen(rapid.Int64Range(-2, 2).Draw(t, label+" near"))+money.Fen(rapid.Int64Range(0, 1).Draw(t, label+" more"))*money.Fen(rapid.Int64Range(0, 9_999_99).Draw(t, label+" rest")))
}

func drawEvents(t *rapid.T, id string) []rules.Event {
	var es []rules.Event
	county := ""
	if id == "shenyang-2019-78" {
		county = rapid.SampledFrom([]string{"康平县", "新民", "法库县", "和平区", ""}).Draw(t, "county")
	}
	for i := range rapid.IntRange(0, 7).Draw(t, "events") {
		e := rules.Event{Ref: int64(i + 1), Op: rapid.SampledFrom([]rules.Op{rules.Add, rules.Add, rules.Add, rules.Remove, rules.Change}).Draw(t, "op"),
			Category: rapid.SampledFrom(categoriesOf[id]).Draw(t, "category"), Date: day(t, "event")}
		if e.Op == rules.Remove && rapid.IntRange(0, 3).Draw(t, "all") == 0 {
			e.Category = rules.NoCategory
		}
		if e.Op != rules.Remove {
			e.Cause = rapid.SampledFrom([]rules.Cause{rules.NoCause, rules.Illness}).Draw(t, "cause")
			e.County = county
			if rapid.Bool().Draw(t, "applies") {
				e.Applied = day(t, "applied")
			}
			if rapid.IntRange(0, 3).Draw(t, "expires") == 0 {
				e.Expiry = day(t, "expiry")
			}
			if e.Category == rules.Canji {
				e.Level = uint8(rapid.IntRange(1, 3).Draw(t, "level"))
			}
		}
		es = append(es, e)
	}
	return es
}

func drawClaims(t *rapid.T) ([]rules.Claim, map[string]bool) {
	var cs []rules.Claim
	refunded := map[string]bool{}
	for i := range rapid.IntRange(0, 10).Draw(t, "claims") {
		c := rules.Claim{Ref: int64(i + 1), ID: fmt.Sprintf("S%02d", rapid.IntRange(0, 99).Draw(t, "id")*100+i), At: day(t, "settled").At(),
			Kind:     rapid.SampledFrom([]rules.Kind{rules.Inpatient, rules.Inpatient, rules.Outpatient, rules.OutpatientSpecial, rules.Pharmacy, rules.Maternity}).Draw(t, "kind"),
			Referral: rapid.SampledFrom([]rules.Referral{rules.Local, rules.Local, rules.Referred, rules.Unreferred}).Draw(t, "referral"),
			Level:    uint8(rapid.IntRange(0, 3).Draw(t, "level"))}
		if rapid.Bool().Draw(t, "afternoon") {
			c.At += 153000
		}
		c.OutOfProvince = c.Referral != rules.Local && rapid.Bool().Draw(t, "outside")
		if d := rapid.SampledFrom([]string{"", "esrd", "smi", "hypertension"}).Draw(t, "disease"); d != "" {
			c.DiseaseCode = d
		}
		if h := rapid.SampledFrom(hospitals).Draw(t, "hospital"); h.name != "" {
			c.HospitalName = rules.Fold(h.name)
		}
		if rapid.IntRange(0, 3).Draw(t, "forty") == 0 {
			c.DiseaseName = "食管癌"
		}
		c.Total = drawAmount(t, "total")
		part := func(label string, of money.Fen) money.Fen {
			switch rapid.IntRange(0, 3).Draw(t, label+" how") {
			case 0:
				return 0
			case 1:
				return of
			}
			return money.Fen(rapid.Int64Range(0, int64(of)).Draw(t, label))
		}
		c.InScope = c.Total - part("out of scope", c.Total)/4
		c.Basic = part("basic", c.InScope)
		c.Other = part("other", c.Total-c.Basic) / 8
		c.Major = part("major", c.Total-c.Basic-c.Other) / 2
		c.Assist = part("assist", c.Total-c.Basic-c.Other-c.Major) / 2
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		cs = append(cs, c)
		if rapid.IntRange(0, 7).Draw(t, "refund") == 0 {
			refunded[c.ID] = true
		}
	}
	return cs, refunded
}

func toTime(d civil.Date) time.Time {
	if d == 0 {
		return time.Time{}
	}
	y, m, dd := d.Parts()
	return time.Date(y, time.Month(m), dd, 0, 0, 0, 0, time.UTC)
}

func referenceInput(es []rules.Event, cs []rules.Claim, refunded map[string]bool) ([]reference.Event, []reference.Claim) {
	var res []reference.Event
	for _, e := range es {
		res = append(res, reference.Event{Op: e.Op.String(), Category: e.Category.String(), Cause: e.Cause.String(), Date: toTime(e.Date), Expiry: toTime(e.Expiry), Level: int(e.Level),
			County: e.County, Applied: toTime(e.Applied)})
	}
	names := map[string]string{"esrd": "ESRD", "smi": "SMI", "hypertension": "HYPERTENSION"}
	var rcs []reference.Claim
	for _, c := range cs {
		h, m, s := c.At.Clock()
		rc := reference.Claim{ID: c.ID, Time: toTime(c.At.Date()).Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second),
			Kind: c.Kind.String(), Referral: c.Referral.String(), OutOfProvince: c.OutOfProvince, Total: c.Total.Decimal(), InScope: c.InScope.Decimal(),
			Basic: c.Basic.Decimal(), Other: c.Other.Decimal(), Major: c.Major.Decimal(), Assist: c.Assist.Decimal(), HospitalLevel: int(c.Level), Disease: names[c.DiseaseCode], Major40: c.DiseaseName != "" || c.DiseaseCode == "esrd" || c.DiseaseCode == "smi"}
		for _, h := range hospitals {
			if h.name != "" && c.HospitalName == rules.Fold(h.name) {
				rc.Designated = h.class
			}
		}
		rcs = append(rcs, rc)
		if refunded[c.ID] {
			back := rc
			back.ID, back.RefundOf = "R"+rc.ID, rc.ID
			rcs = append(rcs, back)
		}
	}
	return res, rcs
}

// settle runs the engine over all years.
func settle(t *rapid.T, pol *rules.Policy, es []rules.Event, cs []rules.Claim, refunded map[string]bool, tr *rules.Trace) map[string]rules.Result {
	spells, _ := pol.Spells(es)
	windows := pol.Windows(spells)
	var live []rules.Claim
	for _, c := range cs {
		if !refunded[c.ID] {
			live = append(live, c)
		}
	}
	rules.SortClaims(live)
	out := map[string]rules.Result{}
	for len(live) > 0 {
		n := 1
		for n < len(live) && live[n].At.Date().Year() == live[0].At.Date().Year() {
			n++
		}
		rs, err := pol.SettleYear(spells, windows, live[:n], nil, tr)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rs {
			out[live[i].ID] = r
		}
		live = live[n:]
	}
	return out
}

var packIDs = []string{"hangzhou-2022-70", "kaifeng-2022-draft", "wenzhou-2022-98", "xinjiang-2023", "shenyang-2019-78", chained}

// peopleEach is how many people one check of the property draws: with rapid's
// 100 checks that is 10,200 for all of them together.
const peopleEach = 102

// TestEngineEqualsReference holds the fast engine against the slow decimal
// reference, written from the specification by somebody who had not seen it.
func TestEngineEqualsReference(t *testing.T) {
	people, assisted, retro, tilted, special, share, refunds, basic, supplement := 0, 0, 0, 0, 0, 0, 0, 0, 0
	all := worlds(t)
	rapid.Check(t, func(t *rapid.T) {
		for range peopleEach / len(packIDs) {
			for _, id := range packIDs {
				w := rapid.SampledFrom(all[id]).Draw(t, "world")
				es := drawEvents(t, id)
				cs, refunded := drawClaims(t)
				got := settle(t, w.policy, es, cs, refunded, nil)
				res, rcs := referenceInput(es, cs, refunded)
				want := reference.Settle(w.config, res, rcs)
				if len(want) != len(got) {
					t.Fatalf("%d results, reference has %d", len(got), len(want))
				}
				people++
				refunds += len(refunded)
				for _, r := range want {
					g := got[r.ID]
					if s, ref := engineLine(g), referenceLine(r); s != ref {
						t.Fatalf("%s %s\n   engine %s\nreference %s\nevents %+v\nclaims %+v", id, r.ID, s, ref, es, cs)
					}
					assisted += b2i(g.Assist > 0)
					retro += b2i(g.Retro)
					tilted += b2i(g.Tilt > 0)
					special += b2i(g.Special > 0)
					share += b2i(g.Hospital > 0)
					supplement += b2i(g.Supplement > 0)
					for i := range cs {
						basic += b2i(cs[i].ID == r.ID && cs[i].Basic != g.Basic)
					}
				}
			}
		}
	})
	t.Logf("%d people: %d claims assisted, %d retroactive, %d tilted, %d special, %d with a hospital's share, %d refunded", people, assisted, retro, tilted, special, share, refunds)
	// A generator that never reaches a layer would prove nothing about it.
	for what, n := range map[string]int{"people": people - 9_999, "assisted": assisted, "retroactive": retro, "tilt": tilted, "special": special, "hospital": share, "refund": refunds, "basic recomputed": basic, "supplement": supplement} {
		if n < 1 {
			t.Errorf("too few: %s", what)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func engineLine(r rules.Result) string {
	return fmt.Sprintf("%q retro=%t nopack=%t basic=%s other=%s major=%s assist=%s tilt=%s special=%s supplement=%s hospital=%s person=%s",
		r.Category, r.Retro, r.NoPack, r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital, r.Person)
}

func referenceLine(r reference.Result) string {
	f := func(d decimal.Decimal) string { return d.StringFixed(2) }
	return fmt.Sprintf("%q retro=%t nopack=%t basic=%s other=%s major=%s assist=%s tilt=%s special=%s supplement=%s hospital=%s person=%s",
		r.Category, r.Retro, r.NoPack, f(r.Basic), f(r.Other), f(r.Major), f(r.Assist), f(r.Tilt), f(r.Special), f(r.Supplement), f(r.Hospital), f(r.Person))
}

// TestTraceChangesNothing: asking why gives the same figures, and the steps add
// up to them.
func TestTraceChangesNothing(t *testing.T) {
	all := worlds(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(packIDs).Draw(t, "pack")
		w := rapid.SampledFrom(all[id]).Draw(t, "world")
		es := drawEvents(t, id)
		cs, refunded := drawClaims(t)
		plain := settle(t, w.policy, es, cs, refunded, nil)
		var tr rules.Trace
		traced := settle(t, w.policy, es, cs, refunded, &tr)
		if len(tr.Claims) != len(traced) {
			t.Fatalf("%d claims traced of %d", len(tr.Claims), len(traced))
		}
		for _, c := range tr.Claims {
			if plain[c.Claim.ID] != c.Result {
				t.Fatalf("%s: %+v, with trace %+v", c.Claim.ID, plain[c.Claim.ID], c.Result)
			}
			sums := map[rules.Layer]money.Fen{}
			for _, s := range c.Steps {
				sums[s.Layer] += s.Amount
			}
			r := c.Result
			want := map[rules.Layer]money.Fen{rules.LayerSupplement: r.Supplement, rules.LayerMajor: r.Major, rules.LayerAssist: r.Assist, rules.LayerTilt: r.Tilt, rules.LayerSpecial: r.Special, rules.LayerHospital: r.Hospital}
			for l, v := range want {
				if !r.NoPack && sums[l] != v {
					t.Fatalf("%s %s: steps say %s, result %s", c.Claim.ID, l, sums[l], v)
				}
			}
		}
	})
}

// TestArrivalOrder: the order in which events arrive changes no spell and no
// result.
func TestArrivalOrder(t *testing.T) {
	all := worlds(t)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(packIDs).Draw(t, "pack")
		w := rapid.SampledFrom(all[id]).Draw(t, "world")
		es := drawEvents(t, id)
		cs, refunded := drawClaims(t)
		want := settle(t, w.policy, es, cs, refunded, nil)
		shuffled := rapid.Permutation(es).Draw(t, "arrival")
		for i := range shuffled {
			shuffled[i].Ref = int64(i + 1)
		}
		mixed := settle(t, w.policy, shuffled, rapid.Permutation(cs).Draw(t, "claims arrive"), refunded, nil)
		for k, r := range want {
			m := mixed[k]
			r.Event, m.Event = 0, 0 // the number of the row, not what it does
			if r != m {
				t.Fatalf("%s: %+v, in another order %+v", k, r, m)
			}
		}
	})
}
