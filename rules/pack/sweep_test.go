package pack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// The days of the sweep: eight years, two of them leap years.
const (
	sweepFrom = civil.Date(20190101)
	sweepTo   = civil.Date(20270101)
	sweepDays = 8*365 + 2
)

// swept is a policy of the sweep and the days on which it has a pack.
type swept struct {
	name    string
	layers  []Layered
	inForce int // days
	pays    bool
}

// sweptPolicies are all packs as they ship, with what an office could add where
// a document gives no ratios, two packs of one area with a gap and an overlap,
// and a pack with a stated gap.
func sweptPolicies(t *testing.T) []swept {
	t.Helper()
	give := "assist: {ratio: {others: 80%}, cap: {others: none}}\n"
	days := map[string]int{"hangzhou-2022-70": 4*365 + 1, "kaifeng-2022-draft": 4*365 + 1 + 245, "shenyang-2019-78": sweepDays, "wenzhou-2022-98": 3*365 + 1, "xinjiang-2023": 4*365 + 1}
	var out []swept
	for _, id := range Builtin() {
		p, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		plain := Layered{Pack: p}
		out = append(out, swept{id, []Layered{plain}, days[id], id == "hangzhou-2022-70" || id == "kaifeng-2022-draft"},
			swept{id + " with all ratios", []Layered{overlaid(t, p, give)}, days[id], true})
	}
	again := func(id, in string, edits ...string) Layered {
		return Layered{Pack: parsed(t, append(edits, "id: test-1", "id: "+id, "{from: 2023-01-01, to: 2023-12-31}", in, "2023-01-01", "2020-01-01", "2023-07-01", "2020-07-01")...)}
	}
	out = append(out,
		swept{"two packs, a gap between", []Layered{again("a", "{from: 2020-01-01, to: 2021-12-31}"), again("b", "{from: 2022-03-01}")}, sweepDays - 365 - 59, true},
		swept{"two packs, some days in both", []Layered{again("a", "{from: 2020-01-01, to: 2022-06-30}"), again("b", "{from: 2022-03-01, to: 2022-12-31}")}, 3*365 + 1, true},
		swept{"a stated gap", []Layered{again("a", "{from: 2020-01-01}", "        2023-01-01: {tekun: none, others: 150000}",
			"        2020-01-01: {tekun: none, others: 150000}\n        2021-02-28: {unset: 另定}\n        2024-02-29: {others: none}")}, sweepDays - 365, true})
	return out
}

// TestSweep goes through every day, category, kind of claim and referral under
// every policy: each day is in exactly one segment or in none, what holds on it
// belongs together, and a claim of it is settled as its parameters say.
func TestSweep(t *testing.T) {
	policies := sweptPolicies(t)
	if len(policies) != 13 {
		t.Fatalf("%d policies", len(policies))
	}
	total := 0
	for _, s := range policies {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			sweep(t, s)
		})
		total += sweepDays
	}
	if total != 13*2922 {
		t.Fatalf("%d days", total)
	}
}

func sweep(t *testing.T, s swept) {
	pol, err := Compile("990001", s.layers)
	if err != nil {
		t.Fatal(err)
	}
	w := &sweeper{pol: pol, t: t}
	days, in := 0, 0
	for d := sweepFrom; d < sweepTo; d = d.Next() {
		days++
		n := 0
		for _, seg := range pol.Segments {
			if seg.From <= d && d < seg.To {
				n++
			}
		}
		covered := slices.ContainsFunc(s.layers, func(l Layered) bool { return l.From <= d && d < l.To })
		if n > 1 || (n == 1) != covered || (pol.At(d) != nil) != covered {
			t.Fatalf("%s is in %d segments; a pack is in force: %t", d, n, covered)
		}
		in += n
		w.day(d)
	}
	all := len(rules.Categories()) * len(rules.Kinds()) * 3
	if days != sweepDays || in != s.inForce || w.settled != days*all || w.noPack != (days-in)*all {
		t.Errorf("%d days, %d in force (want %d); %d settled, %d without a pack", days, in, s.inForce, w.settled, w.noPack)
	}
	if w.assisted != w.due || (w.assisted > 0) != s.pays {
		t.Errorf("%d claims were assisted, by the parameters it should be %d", w.assisted, w.due)
	}
	if w.assisted+w.recorded+w.refused+w.noPack != w.settled {
		t.Errorf("%d assisted, %d as recorded, %d refused, %d without a pack; %d in all", w.assisted, w.recorded, w.refused, w.noPack, w.settled)
	}
}

// sweeper settles claims and counts.
type sweeper struct {
	pol                                          *rules.Policy
	t                                            *testing.T
	settled, noPack, assisted, recorded, refused int
	due                                          int // assisted, counted from the parameters alone
	out                                          []rules.Result
}

func (w *sweeper) day(d civil.Date) {
	seg := w.pol.At(d)
	if seg != nil {
		if what := incoherent(seg.Params); what != "" {
			w.t.Fatalf("%s: %s", d, what)
		}
		w.due += dueOn(seg.Params)
	}
	for _, c := range rules.Categories() {
		spells := []rules.Spell{{Category: c, Start: sweepFrom, End: civil.Forever}}
		for _, k := range rules.Kinds() {
			for _, r := range []rules.Referral{rules.Local, rules.Referred, rules.Unreferred} {
				w.claim(d, seg, spells, k, r)
			}
		}
	}
}

func (w *sweeper) claim(d civil.Date, seg *rules.Segment, spells []rules.Spell, k rules.Kind, r rules.Referral) {
	const recorded = money.Fen(12_34)
	claims := []rules.Claim{{ID: "S", At: d.At(), Kind: k, Referral: r, Level: 1, DiseaseCode: "esrd", Total: 90000_00, InScope: 80000_00, Basic: 50000_00, Assist: recorded}}
	out, err := w.pol.SettleYear(spells, nil, claims, w.out[:0], nil)
	if err != nil {
		w.t.Fatalf("%s: %v", d, err)
	}
	w.out = out
	w.settled++
	got := out[0]
	switch {
	case got.NoPack != (seg == nil):
		w.t.Fatalf("%s: settled without a pack: %t", d, got.NoPack)
	case got.NoPack:
		w.noPack++
	case got.Category != rules.NoCategory:
		w.assisted++
		if p := seg.Params; !p.AssistOn || !p.Assisted.Has(got.Category) || !p.AssistHas.Has(got.Category) || r == rules.Unreferred && !p.Unreferred {
			w.t.Fatalf("%s: %s is assisted", d, got.Category)
		}
	case got.Assist == recorded:
		w.recorded++
	default:
		w.refused++
	}
}

// dueOn counts the claims of a day that are to be assisted.
func dueOn(p *rules.Params) int {
	if !p.AssistOn {
		return 0
	}
	kinds, referrals := 0, 2
	for _, k := range rules.Kinds() {
		if p.AssistKinds.Has(k) && (!p.DiseaseKinds.Has(k) || p.Diseases["esrd"] != "") {
			kinds++
		}
	}
	if p.Unreferred {
		referrals = 3
	}
	return (p.Assisted & p.AssistHas).Len() * kinds * referrals
}

// incoherent says what of the parameters of one day does not belong together.
func incoherent(p *rules.Params) string {
	var wrong []string
	must := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	must(!p.AssistOn || p.AssistHas&p.Assisted != 0 && p.AssistKinds != 0, "assistance for nobody")
	must(p.AssistOn || p.AssistHas == 0, "ratios of a layer that is off")
	must((p.DiseaseKinds != 0) == (len(p.Diseases) != 0), "diseases")
	must(p.Retro == 0 || p.RetroMonths > 0, "no months")
	for _, c := range rules.Categories() {
		if !p.Assisted.Has(c) {
			continue
		}
		must(slices.Contains(p.Order, c), "%s is not in order", c)
		if !p.AssistHas.Has(c) {
			continue
		}
		must(p.AssistCap[c] == rules.NoCap || p.AssistCap[c] > 0, "%s has a ratio and no cap", c)
		must(!p.OutpatientOwn || p.OutpatientRate[c] > 0, "%s has no outpatient ratio", c)
		must(p.SubCapKinds != 0 || p.SubCap[c] == rules.NoCap, "%s has a nested cap of no kinds", c)
		must(p.SubCapKinds == 0 || p.SubCap[c] != 0, "%s has no nested cap", c)
		must(p.DeductKinds != 0 || p.Deductible[c] == 0, "%s has a deductible of no kinds", c)
		must(p.AssistRatio[c] >= 0 && p.AssistRatio[c] <= money.One && p.TiltRatio[c] <= money.One, "%s gets more than everything", c)
	}
	must(!p.TiltOn || p.TiltCap > 0, "tilt without a cap")
	must(!p.SpecialOn || p.SpecialCap > 0, "special assistance without a cap")
	must(!p.CeilingOn || p.CeilingRatio > 0 && p.CeilingWho != 0 && p.CeilingKinds != 0, "a ceiling over nothing")
	must(!p.BasicOn && !p.SupplementOn && p.MajorDirect == 0 || p.Targeted != 0, "targeted at nobody")
	must(len(p.BasicHospitals) == 0 || len(p.BasicInpatientRatio) != 0, "hospitals without ratios")
	must(!p.MajorOn || p.MajorTiers[len(p.MajorTiers)-1].To == rules.NoCap, "tiers that end")
	for _, m := range p.Monitors {
		must(m.Name != "" && (!m.On || m.Line >= 0) && (m.Who != rules.WatchCategories || m.Categories != 0), "monitor %s", m.ID)
	}
	return strings.Join(wrong, "; ")
}
