package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/fixtures"
	"doudi/jobs/ledger"
)

// The test binary started with this in its environment is doudi itself.
const asCommand = "DOUDI_TEST_COMMAND"

// process starts doudi as a process of its own, with its clock at now.
func process(t *testing.T, ws string, now time.Time, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"-C", ws}, args...)...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "DOUDI_NOW="+now.Format("2006-01-02T15:04:05"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out
}

// ended waits for a process and gives its exit code; -1 if it was killed.
func ended(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// newInbox is a workspace with a county's files in its inbox.
func newInbox(t *testing.T) string {
	t.Helper()
	ws := filepath.Join(t.TempDir(), "ws")
	doudi(t, ".", []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	if _, err := fixtures.Write(filepath.Join(ws, "inbox", "330100"), fixtures.Options{Area: "330100", Pack: "hangzhou-2022-70", People: 200, Claims: 2500, Months: 3, First: 202306, Seed: 5, Dirty: true}); err != nil {
		t.Fatal(err)
	}
	// Nothing is being written any more.
	if err := filepath.Walk(filepath.Join(ws, "inbox"), func(path string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		old := time.Now().Add(-time.Hour)
		return os.Chtimes(path, old, old)
	}); err != nil {
		t.Fatal(err)
	}
	return ws
}

var crashNow = time.Date(2023, 12, 1, 9, 0, 0, 0, shanghai)

// says are the answers of a workspace that must be those of any other with the
// same inputs.
func says(t *testing.T, ws string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, q := range [][]string{{"results", "--year", "2023", "--reveal"}, {"cases", "--year", "2023", "--reveal"}, {"adjustments", "--reveal"}} {
		text := doudi(t, ws, []int{0}, q...)
		if q[0] == "results" { // the last column is the run that stored it
			lines := strings.Split(text, "\n")
			for i, l := range lines {
				lines[i] = l[:max(0, strings.LastIndexByte(l, ','))]
			}
			text = strings.Join(lines, "\n")
		}
		out[q[0]] = firstColumnOff(q[0], text)
	}
	return out
}

// records counts what is on record.
func records(t *testing.T, ws string) (files map[string]int, runs []ledger.Run) {
	t.Helper()
	a := newApp(io.Discard, io.Discard)
	a.dir = ws
	ctx := context.Background()
	w, err := a.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	all, err := w.store.Files(ctx, 0, 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]int{}
	for _, f := range all {
		files[f.SHA256]++
	}
	last, err := w.store.Run(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	for no := 1; no <= last.No; no++ {
		r, err := w.store.Run(ctx, no)
		if errors.Is(err, ledger.ErrNoRun) { // given up
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	return files, runs
}

// TestKilled kills a run again and again at whatever point it has reached. The
// same command goes on; in the end everything is there once, as if nothing had
// happened.
func TestKilled(t *testing.T) {
	whole := newInbox(t)
	start := time.Now()
	cmd, out := process(t, whole, crashNow, "run", "--month", "2023-08", "--by", "甲")
	if code := ended(t, cmd); code != exitReturned {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	took := time.Since(start)

	ws := newInbox(t)
	dice := rand.New(rand.NewPCG(7, 7))
	now, killed := crashNow, 0
	for range 20 {
		cmd, out := process(t, ws, now, "run", "--month", "2023-08", "--by", "甲")
		time.Sleep(time.Duration(dice.Int64N(int64(took))))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		switch code := ended(t, cmd); code {
		case -1:
			killed++
		case exitDone, exitReturned: // it was quicker: less is left to do
			took = took * 2 / 3
		default:
			t.Fatalf("exit code %d\n%s", code, out)
		}
		now = now.Add(time.Second) // well within its lease
		if _, err := doudiOn(t, ws, now, "verify"); err != exitDone {
			t.Fatalf("after %d kills the ledger is not whole", killed)
		}
	}
	cmd, out = process(t, ws, now, "run", "--month", "2023-08", "--by", "甲")
	if code := ended(t, cmd); code != exitDone && code != exitReturned {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	t.Logf("%d of 20 were killed", killed)
	if killed < 5 {
		t.Errorf("only %d were killed", killed)
	}
	want, got := says(t, whole), says(t, ws)
	for q := range want {
		if want[q] != got[q] {
			t.Errorf("%s is not that of an undisturbed run", q)
		}
	}
	once, _ := records(t, whole)
	files, runs := records(t, ws)
	for sha, n := range files {
		if n != once[sha] {
			t.Errorf("the file %s is on record %d times, want %d", sha[:8], n, once[sha])
		}
	}
	if len(files) != len(once) {
		t.Errorf("%d files on record, want %d", len(files), len(once))
	}
	stored := 0
	for _, r := range runs {
		if r.Areas[0].Changed > 0 {
			stored++
		}
	}
	if stored != 1 {
		t.Errorf("%d runs stored results, want 1: %+v", stored, runs)
	}
	if left, err := filepath.Glob(filepath.Join(ws, "archive", ".incoming-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	doudi(t, ws, []int{0}, "verify")
}

// TestKilledThenAnother: a run that was killed keeps nobody out. The same command
// takes it up at once, under its number; another one leaves it.
func TestKilledThenAnother(t *testing.T) {
	ws := newInbox(t)
	doudi(t, ws, []int{0, 3}, "run", "--month", "2023-06", "--by", "甲")
	rerun := []string{"rerun", "--year", "2023", "--reason", "核对", "--by", "甲"}
	state := `SELECT count(*) FROM run WHERE state = 'running'`
	// killed starts a command and kills it as soon as it has begun its run.
	killed := func(args ...string) {
		t.Helper()
		for range 20 {
			cmd, out := process(t, ws, crashNow, args...)
			for range 2000 {
				if count(t, ws, state) > 0 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			if code := ended(t, cmd); code > 0 && code != exitReturned {
				t.Fatalf("%v: exit code %d\n%s", args, code, out)
			}
			if count(t, ws, state) > 0 {
				return
			}
		}
		t.Fatalf("%v was quicker 20 times", args)
	}
	killed(rerun...)
	no := count(t, ws, `SELECT max(no) FROM run`)
	if out, code := doudiOn(t, ws, crashNow.Add(time.Second), rerun...); code != exitDone || !strings.Contains(out, fmt.Sprintf("第 %d 次运行（手工重算）", no)) {
		t.Errorf("taken up: exit code %d\n%s", code, out)
	}
	killed(rerun...)
	if out, code := doudiOn(t, ws, crashNow.Add(time.Second), "run", "--month", "2023-06", "--by", "甲"); code != exitDone && code != exitReturned {
		t.Errorf("another command: exit code %d\n%s", code, out)
	}
	if left, err := filepath.Glob(filepath.Join(ws, ledgerFile+"-run-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	doudi(t, ws, []int{0}, "verify")
}

// count asks the ledger's file for one number.
func count(t *testing.T, ws, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(ws, ledgerFile)+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTwoAtOnce starts two processes at once. One waits or is refused; what is
// on record is what one after the other would have left.
func TestTwoAtOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		other []string
		codes []int // of the other
	}{
		{"run and run", []string{"run", "--month", "2023-08", "--by", "甲"}, []int{exitDone, exitReturned, exitConflict}},
		{"run and run by another", []string{"run", "--month", "2023-09", "--by", "丙"}, []int{exitDone, exitReturned, exitConflict}},
		{"run and rerun", []string{"rerun", "--year", "2023", "--reason", "核对", "--by", "丙"}, []int{exitDone, exitConflict}},
		{"run and import", []string{"import", "--kind", "relief", "RELIEF", "--by", "丙"}, []int{exitDone, exitConflict}},
		{"run and post", []string{"post", "1", "--proposal", "HASH", "--by", "乙"}, []int{exitDone, exitConflict}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			twoAtOnce(t, c.other, c.codes)
		})
	}
}

func twoAtOnce(t *testing.T, other []string, codes []int) {
	ws := newInbox(t)
	// A first run, of a part of the files, whose proposal can be posted.
	later := filepath.Join(t.TempDir(), "later")
	if err := os.Mkdir(later, 0o700); err != nil {
		t.Fatal(err)
	}
	move := func(from, to string, keep func(string) bool) {
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if keep(e.Name()) {
				if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	inbox := filepath.Join(ws, "inbox", "330100")
	move(inbox, later, func(name string) bool { return strings.Contains(name, "08") })
	doudi(t, ws, []int{0, 3}, "run", "--month", "2023-07", "--by", "甲")
	move(later, inbox, func(string) bool { return true })
	_, runs := records(t, ws)
	relief := filepath.Join(t.TempDir(), "帮扶.csv")
	if err := os.WriteFile(relief, []byte("身份证号,帮扶日期,来源,金额\n99000119600101001X,2023-08-02,慈善,10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Clone(other)
	for i := range args {
		args[i] = strings.NewReplacer("HASH", runs[0].Proposal, "RELIEF", relief).Replace(args[i])
	}
	run := []string{"run", "--month", "2023-08", "--by", "甲"}
	one, oneSays := process(t, ws, crashNow, run...)
	two, twoSays := process(t, ws, crashNow, args...)
	first, second := ended(t, one), ended(t, two)
	t.Logf("%v: %d; %v: %d", run, first, args[0], second)
	if !slices.Contains([]int{exitDone, exitReturned, exitConflict}, first) {
		t.Fatalf("exit code %d\n%s", first, oneSays)
	}
	if !slices.Contains(codes, second) {
		t.Fatalf("exit code %d\n%s", second, twoSays)
	}
	if first == exitConflict && second == exitConflict {
		t.Errorf("both were refused:\n%s\n%s", oneSays, twoSays)
	}
	doudi(t, ws, []int{0}, "verify")
	// Runs follow one another: each saw the entry of the one before.
	_, runs = records(t, ws)
	for i := range runs[1:] {
		if runs[i+1].Seen < runs[i].Seq {
			t.Errorf("run %d began at entry %d, before run %d was entered as %d", runs[i+1].No, runs[i+1].Seen, runs[i].No, runs[i].Seq)
		}
	}
	// Whoever was refused comes again; then everything is there once, and a full
	// re-run finds nothing.
	if second == exitConflict && args[0] != "post" {
		doudi(t, ws, []int{0, 3}, args...)
	}
	if first == exitConflict {
		doudi(t, ws, []int{0, 3}, run...)
	}
	doudi(t, ws, []int{0, 3}, "run", "--month", "2023-09", "--by", "甲")
	doudi(t, ws, []int{0, 3}, "run", "--month", "2023-09", "--by", "甲", "--full")
	files, runs := records(t, ws)
	for sha, n := range files {
		if n != 1 {
			t.Errorf("the file %s is on record %d times", sha[:8], n)
		}
	}
	if last := runs[len(runs)-1].Areas[0]; last.Changed != 0 || last.Touched != last.People {
		t.Errorf("a full re-run found something else: %+v", last)
	}
	doudi(t, ws, []int{0}, "verify")
}

// TestSecondRunStoresNothing: only what changes is stored; the same month run
// again, a run of everyone and one by hand add no row of results or cases.
func TestSecondRunStoresNothing(t *testing.T) {
	ws := newInbox(t)
	doudi(t, ws, []int{0, 3}, "run", "--month", "2023-08", "--by", "甲")
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(ws, ledgerFile)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	count := func() (n [3]int) {
		t.Helper()
		for i, table := range []string{"result", "case_state", "policy"} {
			if err := db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n[i]); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}
	want := count()
	if want[0] < 1000 || want[2] < 2 {
		t.Fatalf("%d results, %d texts of policies", want[0], want[2])
	}
	for _, args := range [][]string{{"run", "--month", "2023-08", "--by", "甲"}, {"run", "--month", "2023-09", "--full", "--by", "甲"},
		{"rerun", "--month", "2023-08", "--reason", "核对", "--by", "甲"}, {"rerun", "--year", "2023", "--reason", "核对", "--dry-run"}} {
		doudi(t, ws, []int{0, 3}, args...)
		if got := count(); got != want {
			t.Errorf("%v: rows of results, cases and policies %v, want %v", args, got, want)
		}
	}
	files, runs := records(t, ws)
	if len(files) == 0 || len(runs) != 4 {
		t.Errorf("%d runs on record, want 4: a dry one leaves none", len(runs))
	}
}
