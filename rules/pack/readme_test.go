package pack

import (
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestYunshan: the pack that the README writes is right, alone and with its
// overlay, and its example comes out as worked out by hand.
func TestYunshan(t *testing.T) {
	p, err := Parse("testdata/yunshan.yaml", []byte(read(t, "testdata/yunshan.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCase("testdata/yunshan-case.yaml", []byte(read(t, "testdata/yunshan-case.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	office := overlay(t, "testdata/yunshan-overlay.yaml", read(t, "testdata/yunshan-overlay.yaml"))
	if len(c.Expect) < 4 {
		t.Fatal("the example lost its claims")
	}
	for _, o := range []*Overlay{nil, office} {
		if err := c.Check(compiled(t, Layered{p, o})); err != nil {
			t.Error(err)
		}
	}
	if n := len(Layered{Pack: p}.Unset()); n != 5 {
		t.Errorf("the document leaves %d open", n)
	}
	if got := (Layered{p, office}).Unset(); got != nil {
		t.Errorf("the office leaves open %+v", got)
	}
	if err := compiledSchema(t, Schema()).Validate(instance(t, read(t, "testdata/yunshan.yaml"))); err != nil {
		t.Error(err)
	}
	if err := compiledSchema(t, OverlaySchema()).Validate(instance(t, read(t, "testdata/yunshan-overlay.yaml"))); err != nil {
		t.Error(err)
	}
}

// TestReadmeShowsTheFiles: every piece of YAML in the README that names a file
// stands in that file.
func TestReadmeShowsTheFiles(t *testing.T) {
	shown := 0
	for _, block := range strings.Split(read(t, "../README.md"), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		name, text, _ := strings.Cut(block, "\n")
		file, ok := strings.CutPrefix(name, "# file: ")
		if !ok {
			continue
		}
		shown++
		if !strings.Contains(read(t, "testdata/"+file), text) {
			t.Errorf("%s has not:\n%s", file, text)
		}
	}
	if shown < 10 {
		t.Errorf("only %d pieces", shown)
	}
}
