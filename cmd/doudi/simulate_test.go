package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doudi/fixtures"
	"doudi/rules/money"
)

type simulated struct {
	Areas []struct {
		Area          string
		People        int
		Claims        int
		ClaimsChanged int `json:"claims_changed"`
		Funds         []struct{ Fund, Before, After, Difference string }
		All           struct{ Net string }
		Monitors      []struct {
			Monitor, Level string
			Before         struct{ Opened, Cleared int }
		}
	}
}

// TestSimulateAgrees: over two counties, the figures before are the sums of
// `doudi results` and the counts of `doudi cases`; the figures after are those of
// a run under the changed overlay.
func TestSimulateAgrees(t *testing.T) {
	ws, files, _ := newCounty(t, 300, 3000)
	importAll(t, ws, files, func(s []string) []string { return s })
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	draft := filepath.Join(t.TempDir(), "draft.yaml")
	text := "assist: {ratio: {dibian: 85%, dibao: 60%}, cap: {others: 20000}}\n"
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var s simulated
	if err := json.Unmarshal([]byte(doudi(t, ws, []int{0}, "simulate", "--overlay", draft, "--year", "2023", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	var one simulated
	if err := json.Unmarshal([]byte(doudi(t, ws, []int{0}, "simulate", "--overlay", draft, "--year", "2023", "--area", "410200", "--format", "json")), &one); err != nil {
		t.Fatal(err)
	}
	if len(s.Areas) != 2 || len(one.Areas) != 1 || one.Areas[0].Area != "410200" || one.Areas[0].All != s.Areas[1].All {
		t.Errorf("%+v, alone %+v", s.Areas, one.Areas)
	}
	agree := func(after bool) {
		t.Helper()
		sums, claims, cases := sumsOfYear(t, ws)
		for _, a := range s.Areas {
			if a.Claims != claims[a.Area] || a.ClaimsChanged == 0 {
				t.Errorf("%s: %d claims, %d changed; results has %d", a.Area, a.Claims, a.ClaimsChanged, claims[a.Area])
			}
			for _, f := range a.Funds {
				got := f.Before
				if after {
					got = f.After
				}
				if want := sums[a.Area][f.Fund].String(); got != want {
					t.Errorf("%s %s, after %v: %s, results come to %s", a.Area, f.Fund, after, got, want)
				}
			}
			for _, m := range a.Monitors {
				if want := cases[a.Area+" "+m.Level+" "+m.Monitor]; !after && (m.Before.Opened != want[0] || m.Before.Cleared != want[1]) {
					t.Errorf("%s %s: %+v, cases has %v", a.Area, m.Monitor, m.Before, want)
				}
			}
		}
	}
	agree(false)
	for area := range packsOf {
		if err := os.WriteFile(filepath.Join(ws, "overlays", area+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	agree(true)
}

// sumsOfYear sums results and counts cases of 2023 by area.
func sumsOfYear(t *testing.T, ws string) (sums map[string]map[string]money.Fen, claims map[string]int, cases map[string][2]int) {
	t.Helper()
	table := func(args ...string) (rows []map[string]string) {
		all, err := csv.NewReader(strings.NewReader(doudi(t, ws, []int{0}, args...))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all[1:] {
			m := map[string]string{}
			for i, name := range all[0] {
				m[name] = r[i]
			}
			rows = append(rows, m)
		}
		return rows
	}
	sums, claims, cases = map[string]map[string]money.Fen{}, map[string]int{}, map[string][2]int{}
	for _, r := range table("results", "--year", "2023") {
		claims[r["area"]]++
		if sums[r["area"]] == nil {
			sums[r["area"]] = map[string]money.Fen{}
		}
		for _, f := range []string{"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person"} {
			v, err := money.ParseYuan(r[f])
			if err != nil {
				t.Fatal(err)
			}
			sums[r["area"]][f] += v
		}
	}
	for _, r := range table("cases", "--year", "2023") {
		k := r["area"] + " " + r["level"] + " " + r["monitor"]
		n := cases[k]
		n[0]++
		if r["cleared_on"] != "" {
			n[1]++
		}
		cases[k] = n
	}
	if len(sums) != 2 || len(cases) == 0 {
		t.Fatal("too little to compare")
	}
	return sums, claims, cases
}

// BenchmarkSimulate asks a draft of two keys about a county of 20,000 people and
// 200,000 claims on record, from the ledger to the workbook.
func BenchmarkSimulate(b *testing.B) {
	dir := b.TempDir()
	ws := filepath.Join(dir, "ws")
	run := func(args ...string) {
		var out, errOut bytes.Buffer
		a := newApp(&out, &errOut)
		a.now = func() time.Time { return time.Date(2023, 12, 1, 9, 0, 0, 0, shanghai) }
		if code := a.execute(context.Background(), args); code != exitDone && code != exitReturned {
			b.Fatalf("%v: exit code %d\n%s", args, code, errOut.String())
		}
	}
	run("init", ws, "--area", "410200", "--pack", "kaifeng-2022-draft")
	if _, err := fixtures.Write(filepath.Join(ws, "inbox", "410200"), fixtures.Options{Pack: "kaifeng-2022-draft", Area: "410200", People: 20_000, Claims: 200_000, Months: 3, First: 202306, Seed: 7, CSVClaims: true}); err != nil {
		b.Fatal(err)
	}
	run("-C", ws, "run", "--month", "2023-08")
	draft := filepath.Join(dir, "draft.yaml")
	if err := os.WriteFile(draft, []byte("assist: {ratio: {dibian: 70%}, deductible: {dibian: 1500}}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		run("-C", ws, "simulate", "--overlay", draft, "--year", "2023")
	}
	b.ReportMetric(float64(b.N)*200_000/b.Elapsed().Seconds(), "claims/s")
}
