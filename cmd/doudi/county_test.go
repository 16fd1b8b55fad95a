package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/fixtures"
	"doudi/rules/civil"

	"github.com/xuri/excelize/v2"
)

// doudi runs a command line in this process in December 2023 and gives its
// output; the exit code must be one of ok.
func doudi(t *testing.T, dir string, ok []int, args ...string) string {
	t.Helper()
	out, code := doudiOn(t, dir, time.Date(2023, 12, 1, 9, 0, 0, 0, shanghai), args...)
	if !slices.Contains(ok, code) {
		t.Fatalf("doudi %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// doudiAt runs a command line that must succeed on the last day of a month.
func doudiAt(t *testing.T, dir string, m civil.Month, args ...string) string {
	t.Helper()
	y, mo, d := m.Last().Parts()
	out, code := doudiOn(t, dir, time.Date(y, time.Month(mo), d, 9, 0, 0, 0, shanghai), args...)
	if code != exitDone {
		t.Fatalf("doudi %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

func doudiOn(t *testing.T, dir string, now time.Time, args ...string) (string, int) {
	t.Helper()
	var out, errOut bytes.Buffer
	a := newApp(&out, &errOut)
	a.now = func() time.Time { return now }
	code := a.execute(context.Background(), append([]string{"-C", dir}, args...))
	if code != exitDone && code != exitReturned {
		return out.String() + errOut.String(), code
	}
	return out.String(), code
}

// booksOf are how many departments get a workbook: seven have one everywhere, the
// others are named by the packs' lists.
var booksOf = map[string]int{"330100": 14, "410200": 8}

var packsOf = map[string]string{"330100": "hangzhou-2022-70", "410200": "kaifeng-2022-draft"}

// newCounty makes a workspace with both areas and the sample files of each,
// outside the inboxes.
func newCounty(t *testing.T, people, claims int) (ws string, files map[string][]string, sums map[string]fixtures.Summary) {
	t.Helper()
	dir := t.TempDir()
	ws = filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", packsOf["330100"], "--area", "410200", "--pack", packsOf["410200"])
	files, sums = map[string][]string{}, map[string]fixtures.Summary{}
	for area, pack := range packsOf {
		from := filepath.Join(dir, "sample", area)
		sum, err := fixtures.Write(from, fixtures.Options{Area: area, Pack: pack, People: people, Claims: claims, Months: 3, First: 202306, Seed: 11, Dirty: true})
		if err != nil {
			t.Fatal(err)
		}
		sums[area] = sum
		for _, f := range sum.Files {
			files[area] = append(files[area], filepath.Join(from, filepath.FromSlash(f.Path)))
		}
	}
	return ws, files, sums
}

func importAll(t *testing.T, ws string, files map[string][]string, order func([]string) []string) map[string][]fileJSON {
	t.Helper()
	got := map[string][]fileJSON{}
	for _, area := range []string{"330100", "410200"} {
		for _, f := range order(slices.Clone(files[area])) {
			var j struct{ Files []fileJSON }
			out := doudi(t, ws, []int{0, 3}, "import", "--area", area, "--format", "json", f)
			if err := json.Unmarshal([]byte(out), &j); err != nil {
				t.Fatal(err)
			}
			got[area] = append(got[area], j.Files...)
		}
	}
	return got
}

// TestCountyTotals: of every file of a dirty county, each row is taken, repeated
// or returned, and as many are returned as the generator made wrong.
func TestCountyTotals(t *testing.T) {
	ws, files, sums := newCounty(t, 400, 4000)
	for area, fs := range importAll(t, ws, files, func(s []string) []string { return s }) {
		read, returned, repeated := 0, 0, 0
		for _, f := range fs {
			if f.Refused != "" || f.Read != f.Taken+f.Repeated+f.Returned {
				t.Errorf("%s: %+v", f.File, f)
			}
			read, returned, repeated = read+f.Read, returned+f.Returned, repeated+f.Repeated
			rows := map[int]bool{}
			for _, e := range f.Errors {
				rows[e.Row] = true
			}
			if len(rows) != f.Returned {
				t.Errorf("%s: %d rows returned, errors on %d rows", f.File, f.Returned, len(rows))
			}
		}
		want := map[fixtures.Outcome]int{}
		for _, d := range sums[area].Dirty {
			want[d.Outcome] += d.Rows
		}
		rows := 0
		for _, f := range sums[area].Files {
			rows += f.Rows
		}
		if returned != want[fixtures.Returned] || repeated != want[fixtures.Repeated] || read+want[fixtures.Skipped] != rows {
			t.Errorf("%s: read %d of %d rows, returned %d, repeated %d; made %v", area, read, rows, returned, repeated, want)
		}
		if want[fixtures.Returned] < 20 {
			t.Errorf("%s: only %d wrong rows were made", area, want[fixtures.Returned])
		}
	}
}

// TestOrderDoesNotMatter: files in another order, each imported twice, and two
// runs give the same bytes of results, cases and adjustments.
func TestOrderDoesNotMatter(t *testing.T) {
	ws, files, _ := newCounty(t, 400, 4000)
	importAll(t, ws, files, func(s []string) []string { return s })
	other, _, _ := newCounty(t, 400, 4000)
	// Of two rows in conflict under one settlement ID the first stands, so the
	// claims keep their order among themselves; everything else is turned round.
	importAll(t, other, files, func(s []string) []string {
		var rest, claims []string
		for _, f := range s {
			if strings.Contains(filepath.Base(f), "结算") {
				claims = append(claims, f)
			} else {
				rest = append(rest, f)
			}
		}
		slices.Reverse(rest)
		mixed := append(slices.Clone(rest[:2]), claims...)
		mixed = append(mixed, rest...)
		return append(mixed, claims...)
	})
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	doudi(t, other, []int{0}, "run", "--month", "2023-08")
	doudi(t, other, []int{0}, "run", "--month", "2023-08")
	for _, args := range [][]string{{"results", "--year", "2023", "--reveal"}, {"results", "--year", "2022", "--reveal"}, {"cases", "--year", "2023", "--reveal"}, {"adjustments", "--reveal", "--run", "1"}} {
		a, b := doudi(t, ws, []int{0}, args...), doudi(t, other, []int{0}, args...)
		if a != b {
			t.Errorf("%v differ:\n%s", args, firstDifference(a, b))
		}
		if strings.Count(a, "\n") < 5 {
			t.Errorf("%v: too little to compare:\n%s", args, a)
		}
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] + "\n" + bs[i]
		}
	}
	return "one is longer"
}

// TestMonthByMonthEqualsAllAtOnce: three monthly runs, each settling only whom
// its files touch, end with the figures of one run over everything.
func TestMonthByMonthEqualsAllAtOnce(t *testing.T) {
	ws, files, _ := newCounty(t, 300, 3000)
	for area, fs := range files {
		for _, f := range fs {
			put(t, f, filepath.Join(ws, "inbox", area, filepath.Base(filepath.Dir(f)), filepath.Base(f)))
		}
	}
	once, _, _ := newCounty(t, 300, 3000)
	importAll(t, once, files, func(s []string) []string { return s })
	touched := 0
	for _, m := range []string{"2023-06", "2023-07", "2023-08"} {
		var j struct {
			Areas []runAreaJSON
		}
		if err := json.Unmarshal([]byte(doudi(t, ws, []int{0, 3}, "run", "--month", m, "--format", "json")), &j); err != nil {
			t.Fatal(err)
		}
		for _, a := range j.Areas {
			if len(a.Workbooks) != booksOf[a.Area] {
				t.Errorf("%s %s: %d workbooks", m, a.Area, len(a.Workbooks))
			}
			if m != "2023-06" {
				touched += a.Recomputed
				if a.Recomputed == 0 || a.Recomputed >= a.People {
					t.Errorf("%s %s: touched %d of %d people", m, a.Area, a.Recomputed, a.People)
				}
			}
		}
	}
	doudi(t, once, []int{0}, "run", "--month", "2023-08")
	for _, cmd := range []string{"results", "cases"} {
		a, b := doudi(t, ws, []int{0}, cmd, "--year", "2023", "--reveal"), doudi(t, once, []int{0}, cmd, "--year", "2023", "--reveal")
		if cmd == "results" { // the run of the last change is the last column
			a, b = withoutLastColumn(t, a), withoutLastColumn(t, b)
		}
		if a != b {
			t.Errorf("%s differ:\n%s", cmd, firstDifference(a, b))
		}
	}
	doudi(t, ws, []int{0}, "verify")
	workbooksAgree(t, filepath.Join(ws, "out"))
}

func withoutLastColumn(t *testing.T, s string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(s)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r[:len(r)-1], ",") + "\n")
	}
	return b.String()
}

func put(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// workbooksAgree opens every workbook: the cover says what it must, and masked
// departments see no whole ID.
func workbooksAgree(t *testing.T, dir string) {
	t.Helper()
	books := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".xlsx" || strings.Contains(path, "退回") {
			return err
		}
		books++
		f, err := excelize.OpenFile(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var cover string
		for i, name := range f.GetSheetList() {
			rows, err := f.GetRows(name)
			if err != nil {
				return err
			}
			text := ""
			for _, r := range rows {
				text += strings.Join(r, "|") + "\n"
			}
			if i == 0 {
				cover = text
			}
			masked := slices.ContainsFunc([]string{"财政", "卫健", "退役军人", "总工会", "红十字会", "慈善", "数据资源", "市场监管", "领导"}, func(d string) bool { return strings.Contains(path, d) })
			if masked && strings.Contains(strings.ReplaceAll(text, "*", ""), "99") {
				for _, r := range rows {
					for _, c := range r {
						if len(c) == 18 && strings.HasPrefix(c, "99") && !strings.Contains(c, "*") {
							t.Errorf("%s %s shows a whole ID", path, name)
							return nil
						}
					}
				}
			}
		}
		wants := []string{"统筹区", "月份", "第 ", "校验", "链头", "方案校验码"}
		if !strings.Contains(path, "领导") { // whose page has no room for it
			wants = append(wants, "政策包", "未配置参数", "读入核对")
		}
		for _, want := range wants {
			if !strings.Contains(cover, want) {
				t.Errorf("%s: the cover does not say %s", path, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if books != 3*(booksOf["330100"]+booksOf["410200"]) {
		t.Errorf("%d workbooks", books)
	}
}

// TestSameRunSameBytes: report writes a run's workbooks again, byte for byte.
func TestSameRunSameBytes(t *testing.T) {
	ws, files, _ := newCounty(t, 100, 800)
	importAll(t, ws, files, func(s []string) []string { return s })
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	path := filepath.Join(ws, "out", "2023-08", "330100", "医保-2023-08.xlsx")
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doudi(t, ws, []int{0}, "report", "--month", "2023-08")
	now, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(was, now) {
		t.Error("the workbook written again differs")
	}
}

// cancelAfter ends a context when it was written to n times.
type cancelAfter struct {
	n      int
	cancel func()
}

func (c *cancelAfter) Write(p []byte) (int, error) {
	if c.n--; c.n == 0 {
		c.cancel()
	}
	return len(p), nil
}

// TestInterrupted: a run that is stopped in the middle is taken up by the same
// command, under the same number, and nothing is there twice.
func TestInterrupted(t *testing.T) {
	whole, files, _ := newCounty(t, 120, 1200)
	stopped, _, _ := newCounty(t, 120, 1200)
	for _, ws := range []string{whole, stopped} {
		for area, fs := range files {
			for _, f := range fs {
				put(t, f, filepath.Join(ws, "inbox", area, filepath.Base(filepath.Dir(f)), filepath.Base(f)))
			}
		}
	}
	doudi(t, whole, []int{3}, "run", "--month", "2023-08")
	for _, after := range []int{1, 4, 20} {
		ctx, cancel := context.WithCancel(context.Background())
		a := newApp(&bytes.Buffer{}, &cancelAfter{after, cancel})
		a.now = func() time.Time { return time.Date(2023, 12, 1, 9, 0, 0, 0, shanghai) }
		if code := a.execute(ctx, []string{"-C", stopped, "run", "--month", "2023-08"}); code != exitFailure {
			t.Fatalf("stopped after %d files: exit code %d", after, code)
		}
		cancel()
	}
	doudi(t, stopped, []int{0, 3}, "run", "--month", "2023-08")
	doudi(t, stopped, []int{0}, "verify")
	for _, args := range [][]string{{"results", "--year", "2023", "--reveal"}, {"cases", "--year", "2023", "--reveal"}, {"adjustments", "--reveal"}} {
		if a, b := doudi(t, whole, []int{0}, args...), doudi(t, stopped, []int{0}, args...); a != b {
			t.Errorf("%v differ:\n%s", args, firstDifference(a, b))
		}
	}
}
