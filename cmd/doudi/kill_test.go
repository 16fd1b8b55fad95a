package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// killing is a command that is killed. It is typed on a copy of the workspace ready,
// and typed again after it was killed.
type killing struct {
	name  string
	ready string
	args  []string
	again []int // how it may end when it was done before it was killed
}

// TestKilledAnywhere kills each command that writes, at whatever point it has
// reached: some time after its start, or as soon as it writes to the ledger. The same
// command typed again leaves what an undisturbed one leaves: nothing twice, nothing
// half, and a ledger that its anchor bears out.
func TestKilledAnywhere(t *testing.T) {
	const kills = 6
	for i, k := range killings(t) {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			whole := copied(t, k.ready)
			start := time.Now()
			cmd, out := process(t, whole, yearsEnd, k.args...)
			if code := ended(t, cmd); code != exitDone && code != exitReturned {
				t.Fatalf("exit code %d\n%s", code, out)
			}
			took := time.Since(start)
			want := leaves(t, whole)
			if cmp.Equal(want, leaves(t, copied(t, k.ready))) {
				t.Fatal("the command does nothing that could be seen")
			}
			dice := rand.New(rand.NewPCG(11, uint64(i)))
			killed := 0
			for n := range kills {
				ws := copied(t, k.ready)
				was := sizeOf(ws)
				cmd, out := process(t, ws, yearsEnd, k.args...)
				if n%2 == 0 {
					time.Sleep(took/4 + time.Duration(dice.Int64N(int64(took*3/4))))
				} else { // as it writes, and somewhat later
					for end := time.Now().Add(2 * took); sizeOf(ws) == was && time.Now().Before(end); {
						time.Sleep(100 * time.Microsecond)
					}
					time.Sleep(time.Duration(dice.Int64N(int64(20 * time.Millisecond))))
				}
				if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
				if code := ended(t, cmd); code == -1 {
					killed++
				} else if code != exitDone && code != exitReturned {
					t.Fatalf("exit code %d\n%s", code, out)
				}
				doudi(t, ws, []int{0}, "verify")
				said, code := doudiOn(t, ws, yearsEnd, k.args...)
				if !slices.Contains(append(k.again, exitDone, exitReturned), code) {
					t.Fatalf("typed again: exit code %d\n%s", code, said)
				}
				doudi(t, ws, []int{0}, "verify")
				if d := cmp.Diff(want, leaves(t, ws)); d != "" {
					t.Errorf("killed %d times, it is not as undisturbed:\n%s", n+1, d)
				}
			}
			t.Logf("%d of %d were killed", killed, kills)
			if killed == 0 {
				t.Error("none was killed")
			}
		})
	}
}

var yearsEnd = time.Date(2024, 1, 5, 9, 0, 0, 0, shanghai)

// killings makes a workspace for each command, as it is just before.
func killings(t *testing.T) []killing {
	t.Helper()
	dir := t.TempDir()
	c := &clock{T: t, ws: filepath.Join(dir, "ws"), day: yearsEnd}
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	var all []killing
	stage := func(name string, again []int, args ...string) {
		t.Helper()
		to := filepath.Join(dir, strconv.Itoa(len(all)))
		if err := os.CopyFS(to, os.DirFS(c.ws)); err != nil {
			t.Fatal(err)
		}
		all = append(all, killing{name, to, args, again})
	}
	c.bring("名单.csv", "变动类型,姓名,身份证号,困难类别,认定日期,乡镇,区县\n新增,张三,99000119600101001X,低保,2023-01-10,青柳镇,青柳县\n新增,李四,99000119700202002X,低边,2023-01-01,白石乡,白石县\n")
	c.bring("拨付.csv", "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\nP1,2023-12-20,医疗救助,青柳县财政局,县医院,2023-06,2990,\n")

	c.do(0, "run", "--month", "2023-10", "--by", "甲")
	// 400 settlements, of which every tenth comes back.
	var b strings.Builder
	b.WriteString(claimHead)
	for i := range 400 {
		total := 10000
		if i%10 == 0 {
			total = 8000 // less than what lies in scope
		}
		fmt.Fprintf(&b, "K%d,99000119600101001X,张三,390,21,胃癌,H1,县医院,05,2023-06-%02d,%d,9000,5000,0,%d,1,,0,\n", i, i%28+1, total, i%7*500)
	}
	fmt.Fprint(&b, "B1,99000119700202002X,李四,390,21,肺炎,H2,市医院,01,2023-05-01,60000,50000,20000,5000,100,1,,0,\n"+
		"C2,99000119800303003X,赵六,390,21,肺炎,H2,市医院,01,2023-11-20,20000,18000,8000,0,300,1,,0,\n")
	claims := filepath.Join(dir, "结算.csv")
	if err := os.WriteFile(claims, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	load := []string{"import", claims, "--by", "甲"}
	stage("import", nil, load...)
	c.do(exitReturned, load...)

	var run struct {
		Run      int
		Proposal string
	}
	if err := json.Unmarshal([]byte(c.do(0, "run", "--month", "2023-11", "--by", "甲", "--format", "json")), &run); err != nil {
		t.Fatal(err)
	}
	post := []string{"post", itoa(run.Run), "--proposal", run.Proposal, "--by", "乙"}
	stage("post", nil, post...)
	c.do(0, post...)

	c.bring("迟到.csv", claimHead+"A0,99000119600101001X,张三,390,21,胃癌,H1,县医院,05,2023-02-27,50000,40000,20000,0,300,1,,0,\n")
	rerun := []string{"rerun", "--year", "2023", "--reason", "核对", "--by", "甲"}
	stage("rerun", nil, rerun...)
	c.do(0, rerun...)
	c.settle("2023-12")

	// By hand: what the hospital advanced in June, which is 10 yuan more than was paid.
	match := []string{"reconcile", "match", "--due", c.advanced(), "--line", "transfer:1", "--reason", "来函说明", "--by", "丙"}
	stage("reconcile match", []int{exitConflict}, match...)
	c.do(0, match...)
	undo := []string{"reconcile", "undo", "1", "--reason", "不是", "--by", "丙"}
	stage("reconcile undo", []int{exitConflict}, undo...)

	merge := []string{"merge", "99000119800303003X", "99000119700202002X", "--reason", "来函更正", "--by", "甲"}
	stage("merge", []int{exitConflict}, merge...)

	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	sign := []string{"close", "2023", "--by", "甲", "--accept", "transfers", "--reason", "已核实"}
	stage("close, signed first", []int{exitConflict, exitUsage}, sign...)
	var signed struct{ Statement, State string }
	if err := json.Unmarshal([]byte(c.do(0, append(slices.Clone(sign), "--format", "json")...)), &signed); err != nil || signed.State != "signed" {
		t.Fatal(signed, err)
	}
	shut := []string{"close", "2023", "--by", "乙", "--statement", signed.Statement}
	stage("close", []int{exitConflict}, shut...)
	c.do(0, shut...)
	open := []string{"reopen", "2023", "--reason", "漏了一人", "--by", "甲"}
	stage("reopen, signed first", []int{exitConflict, exitUsage}, open...)
	c.do(0, open...)
	stage("reopen", []int{exitConflict}, "reopen", "2023", "--statement", signed.Statement, "--by", "乙")
	return all
}

// advanced is the key of what was advanced at the hospital of the only transfer.
func (c *clock) advanced() string {
	c.Helper()
	for line := range strings.Lines(c.do(0, "reconcile", "--month", "2023-06", "--format", "csv")) {
		for cell := range strings.SplitSeq(line, ",") {
			if strings.HasPrefix(cell, "direct:202306:H1:") {
				return cell
			}
		}
	}
	c.Fatal("nothing was advanced")
	return ""
}

// copied is a copy of a workspace.
func copied(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "ws")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// sizeOf is how much lies in a ledger and in what it has not yet put in its file.
func sizeOf(ws string) (n int64) {
	for _, name := range []string{ledgerFile, ledgerFile + "-wal"} {
		if info, err := os.Stat(filepath.Join(ws, name)); err == nil {
			n += info.Size()
		}
	}
	return n
}

// leaves is what a command leaves: what the ledger says, how many rows it has, and
// the files that people get. Each of these is whole.
func leaves(t *testing.T, ws string) map[string]string {
	t.Helper()
	out := says(t, ws)
	out["reconcile"] = doudi(t, ws, []int{0}, "reconcile", "--month", "2023-12", "--format", "csv")
	for _, table := range []string{"identity", "event", "claim", "transfer", "result", "case_state", "posting", "matching", "merge", "year_step"} {
		out["rows of "+table] = strconv.Itoa(count(t, ws, `SELECT count(*) FROM `+table))
	}
	var files []string
	for _, room := range []string{"out", "archive"} {
		if err := filepath.WalkDir(filepath.Join(ws, room), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if strings.HasPrefix(d.Name(), ".") { // at work when it was killed
				if room == "out" { // and gone with the next command
					return fmt.Errorf("left over: %s", path)
				}
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if d.IsDir() {
				return nil
			}
			rel, err := filepath.Rel(ws, path)
			if err != nil {
				return err
			}
			files = append(files, rel)
			if filepath.Ext(path) == ".xlsx" {
				z, err := zip.OpenReader(path)
				if err != nil {
					return fmt.Errorf("%s is half a file: %w", rel, err)
				}
				return z.Close()
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	out["files"] = strings.Join(files, "\n")
	if left, err := filepath.Glob(filepath.Join(ws, ledgerFile+"-run-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
	return out
}
