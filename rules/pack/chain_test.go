package pack

import (
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
)

func overlay(t *testing.T, file, text string) *Overlay {
	t.Helper()
	o, err := ParseOverlay(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOver: an overlay on an overlay on a pack; what the topmost does not speak
// of, the ones beneath decide.
func TestOver(t *testing.T) {
	p := parsed(t)
	county := overlay(t, "county.yaml", `document: 县〔2023〕1号
assist: {ratio: {dibao: 75%, dibian: 65%}, cap: {2023-07-01: {dibian: 90000}}}
major: {deductible: 11000}
monitor: {low: {line: 5000, level: household}}
codes: {med_type: {"99": pharmacy}, hosp_lv: {"12": 1}}
`)
	what := overlay(t, "what-if.yaml", `assist: {ratio: {2023-06-01: {dibian: 60%}}}
major: {deductible: unset}
monitor: {low: {line: {2023-06-01: 4000}}}
codes: {med_type: {"99": outpatient}}
`)
	l := Layered{p, what.Over(county)}
	pol := compiled(t, l)
	for _, c := range []struct {
		on  [3]money.Ratio
		d   civil.Date
		cap money.Fen
	}{{[3]money.Ratio{10000, 7500, 6500}, 20230301, 150000_00}, {[3]money.Ratio{10000, 7500, 6000}, 20230615, 150000_00}, {[3]money.Ratio{10000, 7500, 6000}, 20230801, 90000_00}} {
		prm := pol.At(c.d).Params
		if got := ratios(t, pol, c.d); got != c.on || prm.AssistCap[rules.Dibian] != c.cap {
			t.Errorf("%d: %v, cap %s", c.d, got, prm.AssistCap[rules.Dibian])
		}
		if prm.MajorOn {
			t.Error("the topmost unsets the deductible")
		}
	}
	low := func(d civil.Date) rules.Monitor { return pol.At(d).Params.Monitors[1] }
	if m := low(20230301); !m.On || m.Line != 5000_00 || !m.Household {
		t.Errorf("%+v", m)
	}
	if m := low(20230615); !m.On || m.Line != 4000_00 || !m.Household {
		t.Errorf("%+v", m)
	}
	codes, err := l.CodeTable()
	if err != nil {
		t.Fatal(err)
	}
	if k, _ := codes.Kind("99"); k != rules.Outpatient {
		t.Errorf("99 is %s", k)
	}
	if lv, ok := codes.Level("12"); !ok || lv != 1 {
		t.Error("the lower overlay's code")
	}
	cite := func(path rules.Param, d civil.Date) Citation { c, _ := l.Cite(path, d); return c }
	if c := cite("assist.ratio", 20230301); c.Document != "县〔2023〕1号" || c.Value != "{dibao: 75%, dibian: 65%}" {
		t.Errorf("%+v", c)
	}
	// The what-if names no document: it is nobody's.
	if c := cite("assist.ratio", 20230615); c.Document != "县〔2023〕1号" || c.Value != "{dibian: 60%}" || c.From != "2023-06-01" || !c.Overlay {
		t.Errorf("%+v", c)
	}
	if c := cite("major.deductible", 20230615); c.Value != "未配置" || !c.Overlay {
		t.Errorf("%+v", c)
	}
	want := []string{"major.deductible 大病保险起付标准"}
	if d := cmp.Diff(want, missingNames(l)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	d := l.Describe()
	var values []ValueDescription
	for _, pd := range d.Params {
		if pd.Path == "assist.ratio" {
			values = pd.Values
		}
	}
	if len(values) != 4 || values[1].Overlay || !values[2].Overlay || values[2].From != "" || values[3].From != "2023-06-01" {
		t.Errorf("%+v", values)
	}
}

// TestOverIsLayering: nil is nothing, the order of putting together does not
// matter, and neither overlay is changed.
func TestOverIsLayering(t *testing.T) {
	a, b, c := overlay(t, "a", "retro: {months: 1}\n"), overlay(t, "b", "retro: {months: 2}\n"), overlay(t, "c", "retro: {months: 3}\n")
	var none *Overlay
	if none.Over(nil) != nil || none.Over(a) != a || a.Over(nil) != a {
		t.Error("nil is nothing")
	}
	digest := a.Digest
	left, right := a.Over(b).Over(c), a.Over(b.Over(c))
	if left.Digest != right.Digest || len(left.layers()) != 3 || len(right.layers()) != 3 {
		t.Errorf("%d and %d layers", len(left.layers()), len(right.layers()))
	}
	if a.Digest != digest || a.base != nil || b.base != nil {
		t.Error("an overlay was changed")
	}
	if a.Over(b).Digest == b.Over(a).Digest || a.Over(b).Digest == a.Digest {
		t.Error("the digest does not tell the layers")
	}
	p := parsed(t)
	for _, o := range []*Overlay{left, right} {
		if got := compiled(t, Layered{p, o}).At(20230301).Params.RetroMonths; got != 1 {
			t.Errorf("%d months: the topmost says 1", got)
		}
	}
}

// TestOverIsChecked: what the topmost says is checked on all beneath it, and
// what was right stays right when the topmost takes its reason away.
func TestOverIsChecked(t *testing.T) {
	p := parsed(t)
	county := overlay(t, "county.yaml", "assist: {ratio: {dibian: 65%}}\n")
	narrower := overlay(t, "what-if.yaml", "assist: {categories: [tekun, dibao]}\n")
	if err := (Layered{p, narrower.Over(county)}).Check(); err != nil {
		t.Errorf("the county's table is none of the what-if's mistakes: %v", err)
	}
	text := "assist:\n  categories: [tekun, dibao]\n  cap: {dibian: 1}\n"
	err := Layered{p, overlay(t, "what-if.yaml", text).Over(county)}.Check()
	expect(t, text, "what-if.yaml", err, one("dibian: 1", "assist.categories"))
	bad := "assist:\n  ratio: {canji: 1%}\n"
	err = Layered{p, narrower.Over(overlay(t, "county.yaml", bad))}.Check()
	expect(t, bad, "county.yaml", err, one("canji: 1%", "assist.categories"))
}

// TestTablesOfNamesMerge: an office adds codes to the listed diseases and
// hospitals; those that it does not name stay.
func TestTablesOfNamesMerge(t *testing.T) {
	p, err := Parse("rich.yaml", []byte(rich(t)))
	if err != nil {
		t.Fatal(err)
	}
	l := overlaid(t, p, `assist: {diseases: {ESRD: {name: 终末期肾病, codes: [N18.6]}, CML: {name: 慢粒}}}
basic: {hospitals: {municipal: [{name: 试验县中医院, codes: [H99009]}]}, inpatient_ratio: {county: 85%}}
huiminbao: {categories: [dibao], subsidy: {residents: 100}}
`)
	top := overlay(t, "top.yaml", "huiminbao: {subsidy: {employees: 200}}\n")
	l.Overlay = top.Over(l.Overlay)
	prm := compiled(t, l).At(20230301).Params
	for name, want := range map[string]string{"终末期肾病": "ESRD", "N18.6": "ESRD", "慢粒": "CML", "CML": "CML"} {
		if got := prm.Diseases[rules.Fold(name)]; got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	for name, want := range map[string]string{"试验县人民医院": "county", "试验县中医院": "municipal", "H99009": "municipal", "试验市人民医院": "municipal"} {
		if got := prm.BasicHospitals[rules.Fold(name)]; got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	// A claim has the code as the platform writes it.
	if prm.BasicHospitals["H99009"] != "municipal" || prm.BasicHospitals["H99001"] != "county" {
		t.Errorf("%v", prm.BasicHospitals)
	}
	if prm.BasicInpatientRatio["county"] != 8500 || prm.BasicInpatientRatio["municipal"] != 6000 {
		t.Errorf("%v", prm.BasicInpatientRatio)
	}
	if s := prm.Duties.HuiminbaoSubsidy; s[rules.Residents] != 100_00 || s[rules.Employees] != 200_00 {
		t.Errorf("%v", s)
	}
}
