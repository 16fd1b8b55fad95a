package rules_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/pack"
)

// clauseCount is how many clauses of each document the product carries: the rows
// of the specification of the packs.
var clauseCount = map[string]struct {
	pack string
	n    int
}{"HZ": {"hangzhou-2022-70", 17}, "KF": {"kaifeng-2022-draft", 15}, "WZ": {"wenzhou-2022-98", 11}, "XJ": {"xinjiang-2023", 10}, "SY": {"shenyang-2019-78", 12}}

var ticked = regexp.MustCompile("`([^`]+)`")

// TestClauseTable holds the table of README.md against the packs and the tests:
// every clause has a row; at least one of the row's parameters, lists or monitors
// cites exactly this clause in its pack, and the others are there; every test that
// a row names exists.
func TestClauseTable(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t)
	seen := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 6 {
			continue
		}
		id := strings.TrimSpace(cells[1])
		prefix, _, ok := strings.Cut(id, "-")
		doc, known := clauseCount[prefix]
		if !ok || !known {
			continue
		}
		if seen[id] {
			t.Errorf("%s has two rows", id)
		}
		seen[id] = true
		p, err := pack.Load(doc.pack)
		if err != nil {
			t.Fatal(err)
		}
		if p.Clause(id).Article == "" {
			t.Errorf("%s is no clause of %s", id, doc.pack)
		}
		cited := false
		for _, m := range ticked.FindAllStringSubmatch(cells[3], -1) {
			clause, ok := clauseOf(p, m[1])
			if !ok {
				t.Errorf("%s: %s has no %s", id, doc.pack, m[1])
			}
			cited = cited || clause == id
		}
		if !cited {
			t.Errorf("%s: no parameter, list or monitor of its row cites it", id)
		}
		named := ticked.FindAllStringSubmatch(cells[4], -1)
		if len(named) == 0 {
			t.Errorf("%s: no test", id)
		}
		for _, m := range named {
			if !tests[m[1]] {
				t.Errorf("%s: there is no test %s", id, m[1])
			}
		}
	}
	for prefix, doc := range clauseCount {
		for i := range doc.n {
			if id := fmt.Sprintf("%s-%d", prefix, i+1); !seen[id] {
				t.Errorf("%s has no row", id)
			}
		}
	}
}

// clauseOf is the clause that a parameter, list:NAME or monitor:NAME cites.
func clauseOf(p *pack.Pack, path string) (string, bool) {
	kind, name, ok := strings.Cut(path, ":")
	switch {
	case !ok:
		if x := p.Params[rules.Param(path)]; x != nil {
			return x.Clause, true
		}
	case kind == "list":
		for _, l := range p.Lists {
			if l.Name == name {
				return l.Clause, true
			}
		}
	case kind == "monitor":
		if i := slices.IndexFunc(p.Monitors, func(m *pack.Monitor) bool { return m.ID == name }); i >= 0 {
			return p.Monitors[i].Clause, true
		}
	}
	return "", false
}

// testNames are the names of all test functions, worked cases and scripts of the
// project.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			for _, m := range function.FindAllStringSubmatch(string(text), -1) {
				names[m[1]] = true
			}
			return err
		case strings.HasSuffix(path, ".txtar"), strings.HasSuffix(path, ".yaml") && filepath.Base(filepath.Dir(path)) == "cases":
			names[filepath.Base(path)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
