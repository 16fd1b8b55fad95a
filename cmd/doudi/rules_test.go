package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"doudi/rules/pack"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestPackOfTheReadme: the files that rules/README.md writes pass `rules check`.
func TestPackOfTheReadme(t *testing.T) {
	file := func(name string) string { return filepath.Join("../../rules/pack/testdata", name) }
	out := doudi(t, ".", []int{0}, "rules", "check", file("yunshan.yaml"), "--overlay", file("yunshan-overlay.yaml"), "--case", file("yunshan-case.yaml"))
	for _, want := range []string{"没有发现错误", "未配置 0 项", "4 笔结算与预期一致"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// TestOverlayTemplate: what init writes for each pack is an overlay, and stays
// one when every line is filled in.
func TestOverlayTemplate(t *testing.T) {
	schema := printedSchema(t, "--overlay")
	filled := strings.NewReplacer("金额", "30000", "比例%", "70%", "日期", "2023-12-31", "[类别代码]", "[dibao]")
	comment := regexp.MustCompile(`(?m)^# ?`)
	for _, id := range pack.Builtin() {
		text, err := overlayTemplate(id)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(text, "# document:")
		if !strings.Contains(head, "--pack "+id) {
			t.Errorf("%s: no hint how to check it", id)
		}
		p, err := pack.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		open := pack.Layered{Pack: p}.Unset()
		gaps := 0 // that the document itself leaves for some days are not asked for
		for _, m := range open {
			if m.From != p.From || m.To != p.To {
				gaps++
			}
		}
		for _, c := range []struct {
			text  string
			unset int
		}{{text, len(open)}, {"document:" + filled.Replace(comment.ReplaceAllString(body, "")), gaps}} {
			validate(t, schema, c.text)
			o, err := pack.ParseOverlay("o.yaml", []byte(c.text))
			if err != nil {
				t.Fatalf("%s: %v\n%s", id, err, c.text)
			}
			l := pack.Layered{Pack: p, Overlay: o}
			if err := l.Check(); err != nil {
				t.Errorf("%s: %v\n%s", id, err, c.text)
			}
			if got := l.Unset(); len(got) != c.unset {
				t.Errorf("%s: still open %+v\n%s", id, got, c.text)
			}
		}
	}
}

// TestPrintedSchema: `rules schema` prints what the packs validate against.
func TestPrintedSchema(t *testing.T) {
	schema := printedSchema(t)
	text, err := os.ReadFile("../../rules/pack/testdata/yunshan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema, string(text))
}

func printedSchema(t *testing.T, args ...string) *jsonschema.Schema {
	t.Helper()
	out := doudi(t, ".", []int{0}, append([]string{"rules", "schema"}, args...)...)
	if !json.Valid([]byte(out)) {
		t.Fatal("no JSON")
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	j, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(j))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
