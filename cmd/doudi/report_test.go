package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// booksIn reads the workbooks of a run's folder by the path below it.
func booksIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(data)
	}
	return out
}

// TestAnyRunAgain: any run's workbooks are written again byte for byte, whatever
// came since: files, runs of the month and of others, an overlay. Those of a run
// that a later one of its month has replaced stand in a folder of their own.
func TestAnyRunAgain(t *testing.T) {
	ws, files, _ := newCounty(t, 100, 800)
	half := map[string][]string{}
	for area, fs := range files {
		half[area] = fs[:len(fs)/2]
		files[area] = fs[len(fs)/2:]
	}
	same := func(s []string) []string { return s }
	month := filepath.Join(ws, "out", "2023-08")
	importAll(t, ws, half, same)
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	first := booksIn(t, month)
	importAll(t, ws, files, same)
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	second := booksIn(t, month)
	if err := os.WriteFile(filepath.Join(ws, "overlays", "410200.yaml"), []byte("document: 本地文件\nassist: {ratio: {dibian: 70%}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	doudi(t, ws, []int{0}, "run", "--month", "2023-09")

	written := func(args ...string) (out struct {
		Run       int
		Month     string
		Workbooks []string
	}) {
		t.Helper()
		text := doudi(t, ws, []int{0}, append([]string{"report", "--format", "json"}, args...)...)
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	compare := func(was, now map[string]string) {
		t.Helper()
		if len(was) != booksOf["330100"]+booksOf["410200"] || len(now) != len(was) {
			t.Fatalf("%d workbooks, then %d", len(was), len(now))
		}
		for name, data := range was {
			if now[name] != data {
				t.Errorf("%s differs", name)
			}
		}
	}
	if out := written("--run", "1"); out.Run != 1 || out.Month != "2023-08" || len(out.Workbooks) != len(first) {
		t.Errorf("%+v", out)
	}
	again := map[string]string{}
	for area := range packsOf {
		for name, data := range booksIn(t, filepath.Join(month, area)) {
			if filepath.Dir(name) == "第1次运行" {
				again[area+"/"+filepath.Base(name)] = data
			}
		}
	}
	compare(first, again)
	compare(second, booksIn(t, month)) // not touched
	if err := os.RemoveAll(month); err != nil {
		t.Fatal(err)
	}
	written("--month", "2023-08")
	compare(second, booksIn(t, month))
	if err := os.RemoveAll(month); err != nil {
		t.Fatal(err)
	}
	out := written("--run", "2", "--area", "410200", "--dept", "财政局")
	now := booksIn(t, month)
	if len(out.Workbooks) != 1 || len(now) != 1 || now["410200/财政-2023-08.xlsx"] != second["410200/财政-2023-08.xlsx"] {
		t.Errorf("%v", out.Workbooks)
	}
	if slices.Equal([]string{first["410200/医保-2023-08.xlsx"]}, []string{second["410200/医保-2023-08.xlsx"]}) {
		t.Error("the two runs do not differ, so that the test shows nothing")
	}
}
