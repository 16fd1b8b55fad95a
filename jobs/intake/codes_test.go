package intake

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var codeForm = regexp.MustCompile(`^[EW]-[A-Z]+(-[A-Z]+)*$`)

// codesInSource lists the codes of errors and warnings that stand as string
// literals in this package and in sheet/sheet.go.
func codesInSource(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
	var codes []string
	for _, name := range append(files, filepath.Join("sheet", "sheet.go")) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, err := strconv.Unquote(lit.Value)
				if err == nil && codeForm.MatchString(s) {
					codes = append(codes, s)
				}
			}
			return true
		})
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// isRowCode tells the codes of returned rows from those of files that are
// refused whole and from those of warnings.
func isRowCode(code string) bool {
	return strings.HasPrefix(code, "E-") && !strings.HasPrefix(code, "E-FILE-") && !strings.HasPrefix(code, "E-ROSTER-")
}

// TestCodesDocumented: the tables of README.md have each code once, with all
// that a sender needs, and no others.
func TestCodesDocumented(t *testing.T) {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 3 || !codeForm.MatchString(strings.Trim(cells[1], " `")) {
			continue
		}
		listed = append(listed, strings.Trim(cells[1], " `"))
		if len(cells) != 6 || slices.ContainsFunc(cells[1:5], func(c string) bool { return strings.TrimSpace(c) == "" }) {
			t.Errorf("a line needs code, meaning, example and remedy: %s", line)
		}
	}
	slices.Sort(listed)
	codes := codesInSource(t)
	if len(codes) < 30 {
		t.Fatalf("only %d codes were found in the source", len(codes))
	}
	for _, c := range codes {
		if !slices.Contains(listed, c) {
			t.Errorf("%s is not in README.md", c)
		}
	}
	for i, c := range listed {
		if !slices.Contains(codes, c) {
			t.Errorf("README.md has %s, which nothing gives", c)
		}
		if i > 0 && listed[i-1] == c {
			t.Errorf("README.md has %s twice", c)
		}
	}
}

// TestCodesNamed: the summary of returned rows has words for every code of a row,
// no two codes the same.
func TestCodesNamed(t *testing.T) {
	used := map[string]string{}
	for _, c := range codesInSource(t) {
		if !isRowCode(c) && !strings.HasPrefix(c, "W-") {
			continue
		}
		n := CodeName(c)
		if n == c || used[n] != "" {
			t.Errorf("%s is called %s, as is %s", c, n, used[n])
		}
		used[n] = c
	}
	if len(used) != len(codeNames) {
		t.Errorf("%d names for %d codes", len(codeNames), len(used))
	}
}
