package pack

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
)

func parsed(t *testing.T, edits ...string) *Pack {
	t.Helper()
	p, err := Parse("p.yaml", []byte(strings.NewReplacer(edits...).Replace(sound)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func overlaid(t *testing.T, p *Pack, overlay string) Layered {
	t.Helper()
	o, err := ParseOverlay("o.yaml", []byte(overlay))
	if err != nil {
		t.Fatal(err)
	}
	return Layered{p, o}
}

func compiled(t *testing.T, ls ...Layered) *rules.Policy {
	t.Helper()
	pol, err := Compile("990001", ls)
	if err != nil {
		t.Fatal(err)
	}
	return pol
}

// ratios are what tekun, dibao and dibian get on a day.
func ratios(t *testing.T, pol *rules.Policy, d civil.Date) [3]money.Ratio {
	t.Helper()
	seg := pol.At(d)
	if seg == nil {
		t.Fatalf("no pack on %s", d)
	}
	r := seg.Params.AssistRatio
	return [3]money.Ratio{r[rules.Tekun], r[rules.Dibao], r[rules.Dibian]}
}

func caps(pol *rules.Policy, d civil.Date) [3]money.Fen {
	c := pol.At(d).Params.AssistCap
	return [3]money.Fen{c[rules.Tekun], c[rules.Dibao], c[rules.Dibian]}
}

// TestValuesByDate: a parameter's value holds from its day to the next one's.
// A pack's later table stands by itself; `others` are all that it does not name.
func TestValuesByDate(t *testing.T) {
	pol := compiled(t, Layered{Pack: parsed(t)})
	if len(pol.Segments) != 2 || pol.Segments[0].To != 20230701 || pol.Segments[1].To != 20240101 {
		t.Fatalf("%d segments: %+v", len(pol.Segments), pol.Segments)
	}
	for d, want := range map[civil.Date][3]money.Ratio{20230101: {10000, 7000, 7000}, 20230630: {10000, 7000, 7000}, 20230701: {10000, 8000, 6000}, 20231231: {10000, 8000, 6000}} {
		if got := ratios(t, pol, d); got != want {
			t.Errorf("%s: %v, want %v", d, got, want)
		}
	}
	if r := pol.At(20230801).Params.AssistRatio; r[rules.Canji] != 0 || r[rules.NoCategory] != 0 {
		t.Errorf("who is named nowhere gets %s", r[rules.Canji])
	}
	if got, want := caps(pol, 20230101), [3]money.Fen{rules.NoCap, 150000_00, 150000_00}; got != want {
		t.Errorf("caps %v, want %v", got, want)
	}
	prm := pol.At(20230101).Params
	if prm.Disease(&rules.Claim{DiseaseCode: rules.Fold("N18.6")}) != "ESRD" || prm.Disease(&rules.Claim{DiseaseName: rules.Fold("尿 毒 症")}) != "ESRD" || prm.Disease(&rules.Claim{DiseaseName: "感冒"}) != "" {
		t.Errorf("diseases %v", prm.Diseases)
	}
	if prm.HospitalLimit != [4]money.Ratio{0, 250, 500, 1000} || !prm.HospitalOn || prm.RetroMonths != 6 || prm.RetroEarliest != 20220101 || prm.Unreferred {
		t.Errorf("%+v", prm)
	}
	if prm.MajorOn || prm.TiltOn || prm.SpecialOn {
		t.Error("a layer without its parameters is off")
	}
	if len(prm.Monitors) != 2 || !prm.Monitors[0].On || prm.Monitors[0].Line != 10000_00 || prm.Monitors[1].On {
		t.Errorf("%+v", prm.Monitors)
	}
}

// TestOverlayMerges: an overlay's table is laid over the pack's, category by
// category; its `others` are all that the overlay does not name.
func TestOverlayMerges(t *testing.T) {
	p := parsed(t)
	for _, c := range []struct {
		name, overlay string
		march, august [3]money.Ratio
	}{
		{"one category", "assist: {ratio: {dibao: 75%}}\n", [3]money.Ratio{10000, 7500, 7000}, [3]money.Ratio{10000, 7500, 6000}},
		{"others", "assist: {ratio: {tekun: 90%, others: 50%}}\n", [3]money.Ratio{9000, 5000, 5000}, [3]money.Ratio{9000, 5000, 5000}},
		{"from a day on", "assist: {ratio: {2023-07-01: {dibao: 75%}}}\n", [3]money.Ratio{10000, 7000, 7000}, [3]money.Ratio{10000, 7500, 6000}},
		{"two days", "assist: {ratio: {2023-02-01: {dibao: 75%}, 2023-08-01: {dibian: 65%}}}\n", [3]money.Ratio{10000, 7500, 7000}, [3]money.Ratio{10000, 8000, 6500}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pol := compiled(t, overlaid(t, p, c.overlay))
			if got := ratios(t, pol, 20230315); got != c.march {
				t.Errorf("March %v, want %v", got, c.march)
			}
			if got := ratios(t, pol, 20230815); got != c.august {
				t.Errorf("August %v, want %v", got, c.august)
			}
		})
	}
}

// TestOverlayDated: a dated value of the office cuts the policy at its day.
func TestOverlayDated(t *testing.T) {
	pol := compiled(t, overlaid(t, parsed(t), "assist: {cap: {2023-10-15: {dibian: 90000}}}\nmonitor: {low: {line: {2023-03-01: 5000}}}\n"))
	var from []civil.Date
	for _, s := range pol.Segments {
		from = append(from, s.From)
	}
	if want := []civil.Date{20230101, 20230301, 20230701, 20231015}; !slices.Equal(from, want) {
		t.Errorf("segments from %v, want %v", from, want)
	}
	if got := caps(pol, 20231014); got != [3]money.Fen{rules.NoCap, 150000_00, 150000_00} {
		t.Errorf("the day before: %v", got)
	}
	if got := caps(pol, 20231015); got != [3]money.Fen{rules.NoCap, 150000_00, 90000_00} {
		t.Errorf("on the day: %v", got)
	}
	if pol.At(20230228).Params.Monitors[1].On || pol.At(20230301).Params.Monitors[1].Line != 5000_00 {
		t.Error("the line holds from its day on")
	}
}

// TestOverlaySwitchesOn: what the document leaves open, the office gives, and
// then it is no longer listed.
func TestOverlaySwitchesOn(t *testing.T) {
	p := parsed(t)
	missing := func(l Layered) (out []string) {
		for _, m := range l.Unset() {
			out = append(out, fmt.Sprintf("%s %s %s %s: %s", m.Pack, m.Path, m.Name, m.Clause.Article, m.Reason))
		}
		return out
	}
	want := []string{"test-1 major.deductible 大病保险起付标准 第二条: 另有规定", "test-1 monitor.low.line 低额费用线 第二条: 另有规定"}
	if d := cmp.Diff(want, missing(Layered{Pack: p})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if d := cmp.Diff(want[:1], missing(overlaid(t, p, "monitor: {low: {line: 5000}}\n"))); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	l := overlaid(t, p, "major: {deductible: 11000}\nmonitor: {low: {line: 5000, crosses: at_or_above, who: categories, categories: [dibao]}}\n")
	if got := missing(l); got != nil {
		t.Errorf("still missing: %v", got)
	}
	prm := compiled(t, l).At(20230101).Params
	if !prm.MajorOn || prm.MajorDeductible != 11000_00 || prm.MajorCap != rules.NoCap || len(prm.MajorTiers) != 3 || prm.MajorTiers[2] != (rules.Tier{To: rules.NoCap, Ratio: 7000}) {
		t.Errorf("%+v", prm)
	}
	m := prm.Monitors[1]
	if !m.On || m.Line != 5000_00 || !m.Inclusive || m.Categories != rules.SetOf(rules.Dibao) || m.Name != "低额费用" {
		t.Errorf("%+v", m)
	}
}

// segments prints a policy: which pack, from, to.
func segments(pol *rules.Policy) (out []string) {
	for _, s := range pol.Segments {
		out = append(out, fmt.Sprintf("%s %s %s", s.Pack.ID, s.From, s.To))
	}
	return out
}

// TestCompile puts packs one after another.
func TestCompile(t *testing.T) {
	a := Layered{Pack: parsed(t)} // the year 2023, something changes in July
	later := func(in string) Layered {
		return Layered{Pack: parsed(t, "id: test-1", "id: test-2", "{from: 2023-01-01, to: 2023-12-31}", in)}
	}
	for _, c := range []struct {
		name string
		b    Layered
		want []string
	}{
		{"a gap of a month", later("{from: 2024-02-01}"), []string{"test-1 2023-01-01 2023-07-01", "test-1 2023-07-01 2024-01-01", "test-2 2024-02-01 9999-12-31"}},
		{"without a gap", later("{from: 2024-01-01, to: 2024-01-01}"), []string{"test-1 2023-01-01 2023-07-01", "test-1 2023-07-01 2024-01-01", "test-2 2024-01-01 2024-01-02"}},
		{"the later one counts where both are in force", later("{from: 2023-03-01, to: 2024-06-30}"),
			[]string{"test-1 2023-01-01 2023-03-01", "test-2 2023-03-01 2023-07-01", "test-2 2023-07-01 2024-07-01"}},
		{"and the earlier one again after it", later("{from: 2023-03-01, to: 2023-07-31}"),
			[]string{"test-1 2023-01-01 2023-03-01", "test-2 2023-03-01 2023-07-01", "test-2 2023-07-01 2023-08-01", "test-1 2023-08-01 2024-01-01"}},
		{"one that began before all its values", later("{from: 2024-03-01}"), []string{"test-1 2023-01-01 2023-07-01", "test-1 2023-07-01 2024-01-01", "test-2 2024-03-01 9999-12-31"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pol := compiled(t, a, c.b)
			if d := cmp.Diff(c.want, segments(pol)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			turned := compiled(t, c.b, a)
			if d := cmp.Diff(c.want, segments(turned)); d != "" || turned.Digest != pol.Digest {
				t.Errorf("named in the other order\n%s", d)
			}
			// No day is in two segments, and those in none are in no pack.
			for d := civil.Date(20221201); d < 20240801; d = d.Next() {
				n := 0
				for _, s := range pol.Segments {
					if s.From <= d && d < s.To {
						n++
					}
				}
				in := a.From <= d && d < a.To || c.b.From <= d && d < c.b.To
				if n > 1 || in != (n == 1) || in != (pol.At(d) != nil) {
					t.Fatalf("%s is in %d segments", d, n)
				}
			}
		})
	}
	if got := compiled(t, a, later("{from: 2024-02-01}")); got.At(20240115) != nil || got.At(20240201) == nil {
		t.Error("the gap is not a gap")
	}
}

// TestDigest: whatever changes a policy changes its digest.
func TestDigest(t *testing.T) {
	p := parsed(t)
	seen := map[string]string{}
	for name, l := range map[string]Layered{
		"plain":         {Pack: p},
		"overlay":       overlaid(t, p, "assist: {ratio: {dibao: 75%}}\n"),
		"other overlay": overlaid(t, p, "assist: {ratio: {dibao: 76%}}\n"),
		"other pack":    {Pack: parsed(t, "dibao: 80%", "dibao: 81%")},
		"national":      {Pack: parsed(t, "status: in_force", "status: in_force\nextends: national")},
	} {
		digest := compiled(t, l).Digest
		if was, dup := seen[digest]; dup {
			t.Errorf("%s and %s have one digest", name, was)
		}
		seen[digest] = name
		if again := compiled(t, l).Digest; again != digest {
			t.Errorf("%s: compiled again, the digest is another", name)
		}
	}
}

// TestEarliest: retroactive claims on days without a pack use each parameter's
// first value: what the office gives for later years does not reach back, what it
// gives without a date does.
func TestEarliest(t *testing.T) {
	pol := compiled(t, overlaid(t, parsed(t, "        2023-01-01: 6", "        2022-01-01: 5\n        2023-06-01: 6"), "assist: {ratio: {2023-05-01: {dibao: 75%}}}\n"))
	first := pol.Segments[0].Pack.Earliest
	if first.RetroMonths != 5 || first.AssistRatio[rules.Tekun] != 10000 || first.AssistRatio[rules.Dibao] != 7000 || first.AssistRatio[rules.Dibian] != 7000 {
		t.Errorf("%+v", first)
	}
	if pol.At(20230801).Params.RetroMonths != 6 || pol.At(20230101).Params.RetroMonths != 5 {
		t.Error("the months by date")
	}
}

func TestCite(t *testing.T) {
	p := parsed(t)
	plain := Layered{Pack: p}
	office := overlaid(t, p, "document: 试局〔2023〕2号\nassist: {ratio: {2023-07-01: {dibao: 75%}}}\nretro: {months: 3}\n")
	nameless := overlaid(t, p, "retro: {months: 3}\n")
	ratio := Citation{Param: "assist.ratio", Name: "救助比例", Document: "试〔2023〕1号", Article: "第一条", Clause: "A-1", Text: "谁、多少"}
	months := Citation{Param: "retro.months", Name: "回溯月数", Document: "试〔2023〕1号", Article: "第二条", Clause: "A-2", Text: "其他"}
	with := func(c Citation, value, from string) Citation { c.Value, c.From = value, from; return c }
	local := func(c Citation, document, article string) Citation {
		c.Document, c.Article, c.Overlay = document, article, true
		return c
	}
	for _, c := range []struct {
		name string
		l    Layered
		path rules.Param
		d    civil.Date
		want Citation
	}{
		{"the value of the day", plain, "assist.ratio", 20230315, with(ratio, "{tekun: 100%, others: 70%}", "2023-01-01")},
		{"a later one", plain, "assist.ratio", 20230801, with(ratio, "{tekun: 100%, dibao: 80%, dibian: 60%}", "2023-07-01")},
		{"the earliest", plain, "assist.ratio", 0, with(ratio, "{tekun: 100%, others: 70%}", "2023-01-01")},
		{"before there was one", plain, "assist.ratio", 20221231, with(ratio, "未配置", "")},
		{"unset", plain, "major.deductible", 20230315, Citation{Param: "major.deductible", Name: "大病保险起付标准", Value: "未配置", Document: "试〔2023〕1号", Article: "第二条", Clause: "A-2", Text: "其他"}},
		{"the office's own, from its day on", office, "assist.ratio", 20230801, local(with(ratio, "{dibao: 75%}", "2023-07-01"), "试局〔2023〕2号", "")},
		{"before that day the pack's", office, "assist.ratio", 20230315, with(ratio, "{tekun: 100%, others: 70%}", "2023-01-01")},
		{"the office's own, always", office, "retro.months", 20230315, local(with(months, "3", ""), "试局〔2023〕2号", "")},
		{"the office names no document", nameless, "retro.months", 20230315, local(with(months, "3", ""), "试〔2023〕1号", "第二条")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := c.l.Cite(c.path, c.d)
			if d := cmp.Diff(c.want, got); d != "" || !ok {
				t.Errorf("%t -want +got\n%s", ok, d)
			}
		})
	}
	for _, path := range []rules.Param{"assist.nothing", "tilt.ratio"} {
		if got, ok := plain.Cite(path, 20230315); ok {
			t.Errorf("%s is cited: %+v", path, got)
		}
	}
}

// TestBuiltin: the packs that ship are sound, and what they leave open is known.
func TestBuiltin(t *testing.T) {
	want := map[string][]string{
		"hangzhou-2022-70": {"major.deductible", "major.tiers", "special.threshold", "premium.subsidy", "premium.standard", "huiminbao.subsidy", "burden.person", "burden.household",
			"monitor.yinbing_zhipin.line", "monitor.yinbing_fanpin.line"},
		"kaifeng-2022-draft": {"major.deductible", "major.tiers", "major.cap", "premium.subsidy", "premium.standard", "premium.collection_end", "budget.assistance"},
		"shenyang-2019-78":   {"assist.ratio", "assist.cap", "major.deductible", "major.tiers", "major.cap", "premium.standard"},
		"wenzhou-2022-98": {"assist.ratio", "assist.cap", "premium.subsidy", "premium.standard", "huiminbao.categories", "huiminbao.subsidy", "target.elder_child", "target.elder_child_gain",
			"special_outpatient.ratio", "burden.person", "burden.household", "monitor.fengxian_paicha.line", "monitor.gaoe_qingling.line"},
		"xinjiang-2023": {"assist.ratio", "assist.cap", "tilt.ratio", "tilt.threshold", "tilt.cap", "premium.subsidy", "premium.standard"},
	}
	for id, unset := range want {
		p, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range (Layered{Pack: p}).Unset() {
			got = append(got, m.Path)
			if m.Reason == "" || m.Name == "" || m.Clause.Article == "" {
				t.Errorf("%+v", m)
			}
		}
		if d := cmp.Diff(unset, got); d != "" {
			t.Errorf("%s -want +got\n%s", id, d)
		}
		for _, prm := range p.Params {
			if prm.CheckedOn == 0 || p.Clause(prm.Clause).Text == "" {
				t.Errorf("%s %s: no clause, or never checked", id, prm.Spec.Path)
			}
		}
	}
	for _, id := range Builtin() {
		if want[id] == nil {
			t.Errorf("%s: say here what it leaves open", id)
		}
	}
	if _, err := Load("nothing"); err == nil || !strings.Contains(err.Error(), "kaifeng-2022-draft") {
		t.Errorf("the error names the packs that there are: %v", err)
	}
}

// TestCodes: the exact code, else the longest prefix; an overlay adds; what is
// listed nowhere is not guessed.
func TestCodes(t *testing.T) {
	p := parsed(t, `codes:
  med_type: {"21": inpatient}`, `codes:
  med_type: {"21": inpatient, "14*": outpatient, "1402*": outpatient_special}
  hosp_lv: {"01": 3}
  pay_loc: {"4": out_of_province}
  insutype: {"390": 城乡居民}`)
	c, err := overlaid(t, p, "codes: {med_type: {\"99\": pharmacy, \"21\": maternity}, hosp_lv: {\"12\": 1}}\n").CodeTable()
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]rules.Kind{"21": rules.Maternity, "14": rules.Outpatient, "1401": rules.Outpatient, "1402": rules.OutpatientSpecial, "140299": rules.OutpatientSpecial, "99": rules.Pharmacy, "2": 0, "211": 0, "": 0} {
		if got, ok := c.Kind(code); got != want || ok != (want != 0) {
			t.Errorf("%q is %s, want %s", code, got, want)
		}
	}
	if l, ok := c.Level("12"); !ok || l != 1 {
		t.Error("the overlay's level")
	}
	if l, ok := c.Level("01"); !ok || l != 3 {
		t.Error("the pack's level")
	}
	if _, ok := c.Level("1"); ok {
		t.Error("a level that nobody listed")
	}
	if pl, ok := c.Place("4"); !ok || pl != OutProvince {
		t.Error("the pack's place")
	}
	if n, ok := c.Insutype("390"); !ok || n != "城乡居民" {
		t.Error("the pack's insurance")
	}
	if k, _ := p.Codes.Kind("21"); k != rules.Inpatient {
		t.Error("the overlay changed the pack")
	}
}
