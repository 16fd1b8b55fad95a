package pack

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"doudi/rules/packs"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiledSchema is one of our schemas as an editor reads it.
func compiledSchema(t *testing.T, s map[string]any) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	out, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// instance is a YAML text as an editor sees it.
func instance(t *testing.T, text string) any {
	t.Helper()
	j, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSchemaKnowsThePacks: what ships validates, and so does the pack that the
// other tests are made of.
func TestSchemaKnowsThePacks(t *testing.T) {
	s := compiledSchema(t, Schema())
	if len(Builtin()) < 5 {
		t.Fatalf("only %d packs", len(Builtin()))
	}
	for _, id := range Builtin() {
		text, err := fs.ReadFile(packs.Files, id+"/pack.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(instance(t, string(text))); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := s.Validate(instance(t, sound)); err != nil {
		t.Errorf("%v", err)
	}
	for i := range Specs {
		if spec := &Specs[i]; spec.Doc == "" || spec.Name == "" || forms[spec.Type] == "" && spec.Type != Choice {
			t.Errorf("%s is not explained", spec.Path)
		}
	}
}

// TestSchemaRefuses: what is wrong in form is underlined in the editor. Each of
// these is refused by Parse, too.
func TestSchemaRefuses(t *testing.T) {
	s := compiledSchema(t, Schema())
	for _, c := range []struct{ name, old, new string }{
		{"no title", "title: 试行办法\n", ""},
		{"unknown key", "status: in_force", "status: in_force\nextra: 1"},
		{"status", "status: in_force", "status: valid"},
		{"area", `"990001"`, `"99"`},
		{"in force without from", "{from: 2023-01-01, to: 2023-12-31}", "{to: 2023-12-31}"},
		{"order", "order: [tekun, dibao, dibian]", "order: [tekun, dibo]"},
		{"clause without text", "{article: 第二条, text: 其他}", "{article: 第二条}"},
		{"unknown parameter", "    kinds:", "    sorts:"},
		{"unknown group", "  hospital:", "  clinic:"},
		{"no clause", "    cap:\n      clause: A-2\n", "    cap:\n"},
		{"values and unset", "      unset: 另有规定\n    tiers:", "      unset: 另有规定\n      values: {2023-01-01: 1}\n    tiers:"},
		{"values without dates", "        2023-01-01: 6", "        always: 6"},
		{"ratio without percent", "dibao: 80%", "dibao: 0.8"},
		{"ratio above 100 %", "dibao: 80%", "dibao: 180%"},
		{"category", "          dibao: 80%", "          dibo: 80%"},
		{"amount", "others: 150000", "others: 十五万"},
		{"negative amount", "others: 150000", "others: -1"},
		{"kind", "[inpatient, outpatient]", "[inpatient, inhouse]"},
		{"yes or no", "2023-01-01: false", "2023-01-01: no"},
		{"count", "2023-01-01: 6", "2023-01-01: 6.5"},
		{"choice", "2023-01-01: same_day", "2023-01-01: next_day"},
		{"level", "{1: 2.5%, 2: 5%, 3: 10%}", "{1: 2.5%, 4: 5%}"},
		{"tier", "{ratio: 70%}]", "{}]"},
		{"disease", "{name: 慢性粒细胞白血病}", "{synonyms: [慢粒]}"},
		{"monitor's measure", "measure: after_major", "measure: before_major"},
		{"monitor's level", "    scope: in_scope\n", "    scope: in_scope\n    level: village\n"},
		{"list", "codes:\n", "lists: {nothing: {clause: A-1, from: 2023-01-01, departments: [民政]}}\ncodes:\n"},
		{"list for nobody", "codes:\n", "lists: {clearance: {clause: A-1, from: 2023-01-01, departments: []}}\ncodes:\n"},
		{"list without clause", "codes:\n", "lists: {clearance: {from: 2023-01-01, departments: [民政]}}\ncodes:\n"},
		{"code", `{"21": inpatient}`, `{"21": bed}`},
		{"gap without a reason", "        2023-01-01: 6", "        2023-01-01: {unset: }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(sound, c.old, c.new, 1)
			if text == sound {
				t.Fatal("nothing changed")
			}
			if err := s.Validate(instance(t, text)); err == nil {
				t.Error("the schema takes it")
			}
			if _, err := Parse("p.yaml", []byte(text)); err == nil {
				t.Error("the reader takes it")
			}
		})
	}
}

// TestSchemaOfOverlays does the same for overlays.
func TestSchemaOfOverlays(t *testing.T) {
	s := compiledSchema(t, OverlaySchema())
	for _, good := range []string{
		"# nothing but comments\n",
		"document: 试局〔2023〕2号\nassist:\n  ratio: {dibao: 75%}\n  cap:\n    2023-07-01: {dibian: 90000}\n    2023-10-01: {unset: 另定}\nmonitor:\n  low: {line: 5000, level: household}\n",
		"special: {threshold: unset}\nmonitor: {low: {line: {2023-01-01: 1, 2024-01-01: unset}}}\nlists: {clearance: {departments: [民政]}}\n",
		"premium: {subsidy: {dibao: 280, tuopin: unset, yifanpin: as dibao, others: none}}\ncodes: {med_type: {\"99\": pharmacy}, hosp_lv: {\"12\": 1}}\n",
		"huiminbao: {subsidy: {residents: 100}}\nbasic: {hospitals: {county: [某院, {name: 另一院, codes: [H1]}]}}\n",
	} {
		if err := s.Validate(instance(t, good)); err != nil {
			t.Errorf("%s\n%v", good, err)
		}
		if _, err := ParseOverlay("o.yaml", []byte(good)); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{
		"help: {ratio: {dibao: 75%}}\n",
		"assist: {rate: {dibao: 75%}}\n",
		"assist: {ratio: 75%}\n",
		"assist: {ratio: {dibao: 75}}\n",
		"monitor: {low: {line: much}}\n",
		"monitor: {low: {unset: 无}}\n",
		"lists: {clearance: {clause: A-1}}\n",
		"premium: {subsidy: {dibao: as nobody}}\n",
		"- a list\n",
	} {
		if err := s.Validate(instance(t, bad)); err == nil {
			t.Errorf("the schema takes %s", bad)
		}
		if _, err := ParseOverlay("o.yaml", []byte(bad)); err == nil {
			t.Errorf("the reader takes %s", bad)
		}
	}
}
