package sqlite

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/vault"
)

// The test binary started again with this in its environment is the second
// process: it tries to write to the ledger at that path, and tells how it went; or
// it begins a run there, and goes on with it until somebody kills it.
const (
	secondProcess  = "DOUDI_TEST_SECOND_PROCESS"
	runningProcess = "DOUDI_TEST_RUNNING_PROCESS"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(secondProcess); path != "" {
		fmt.Print(tryToWrite(path))
		os.Exit(0)
	}
	if path := os.Getenv(runningProcess); path != "" {
		fmt.Println(beginRun(path))
		time.Sleep(time.Minute)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func tryToWrite(path string) string {
	db, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate&_busy_timeout=100")
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var entries int
	if err := db.QueryRow(`SELECT count(*) FROM entry`).Scan(&entries); err != nil {
		return "cannot even read: " + err.Error()
	}
	_, err = db.Exec(`INSERT INTO audit (at, by, what) VALUES ('', '', 'second process')`)
	switch {
	case err == nil:
		return fmt.Sprintf("wrote, %d entries", entries)
	case IsBusy(err):
		return fmt.Sprintf("busy, %d entries", entries)
	}
	return err.Error()
}

func beginRun(path string) string {
	key := sha256.Sum256([]byte("secret"))
	v, err := vault.New(key[:])
	if err != nil {
		return err.Error()
	}
	s, err := Open(context.Background(), path, v)
	if err != nil {
		return err.Error()
	}
	r, err := s.StartRun(context.Background(), ledger.Run{Month: 202307, By: "张三"}, noon)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("run %d, token %d", r.No, r.Token)
}

// TestKilledHolder: while the process that runs lives, it keeps others out; once it
// is killed, whatever it was at, the next one goes on at once. What it had would
// be fenced off, and a process that hangs does not stand for the one that took over.
func TestKilledHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "县 100%?&#.db")
	s := opened(t, path)
	begin := func(want string) *exec.Cmd {
		t.Helper()
		self, err := os.Executable()
		must(t, err)
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), runningProcess+"="+path)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || line != want+"\n" {
			t.Fatalf("it says %q, want %q (%v)", line, want, err)
		}
		return cmd
	}
	kill := func(cmd *exec.Cmd) {
		t.Helper()
		must(t, cmd.Process.Kill())
		if err := cmd.Wait(); err == nil {
			t.Fatal("it was not killed")
		}
	}
	left := func() []string {
		files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*-run-*"))
		must(t, err)
		return files
	}
	july, august := ledger.Run{Month: 202307, By: "张三"}, ledger.Run{Month: 202308, By: "张三"}
	first := begin("run 1, token 1")
	for _, want := range []ledger.Run{july, august} {
		if r, err := s.StartRun(t.Context(), want, noon.Add(time.Second)); !errors.Is(err, ledger.ErrRunning) {
			t.Errorf("%+v, %v beside one that lives", r, err)
		}
	}
	kill(first)
	// The same command takes it up, from another process, too.
	second := begin("run 1, token 2")
	dead := ledger.Run{No: 1, Month: 202307, By: "张三", Token: 1}
	if err := s.CommitRun(t.Context(), &dead, clock, func(ledger.RunWriter) error { return nil }); !errors.Is(err, ledger.ErrFenced) {
		t.Errorf("the first one's: %v", err)
	}
	kill(second)
	third, err := s.StartRun(t.Context(), july, noon.Add(time.Second))
	must(t, err)
	if third.No != 1 || third.Token != 3 {
		t.Errorf("taken up as %d, token %d", third.No, third.Token)
	}
	// It gives no sign of life, and another process takes over, although this one lives.
	must(t, s.Beat(t.Context(), third, noon.Add(-time.Hour)))
	fourth := begin("run 1, token 4")
	must(t, s.Release(t.Context(), third)) // what it had is not the new one's
	if _, err := s.StartRun(t.Context(), july, noon.Add(time.Second)); !errors.Is(err, ledger.ErrRunning) {
		t.Errorf("beside the fourth one: %v", err)
	}
	kill(fourth)
	// Another command leaves what was killed.
	other, err := s.StartRun(t.Context(), august, noon.Add(time.Second))
	must(t, err)
	if other.No != 2 || other.Token != 1 || len(left()) != 1 {
		t.Errorf("begun as %d, token %d, beside it %q", other.No, other.Token, left())
	}
	must(t, s.CommitRun(t.Context(), &other, clock, func(ledger.RunWriter) error { return nil }))
	if len(left()) != 0 {
		t.Errorf("left over: %q", left())
	}
}

// TestTwoProcesses: while one process commits a run, another can read what was
// there before, and cannot write.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := opened(t, path)
	self, err := os.Executable()
	must(t, err)
	second := func() string {
		t.Helper()
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), secondProcess+"="+path)
		out, err := cmd.CombinedOutput()
		must(t, err)
		return strings.TrimSpace(string(out))
	}
	r, err := s.StartRun(t.Context(), ledger.Run{Month: 202307, By: "张三"}, noon)
	must(t, err)
	if got := second(); got != "wrote, 0 entries" {
		t.Errorf("before: %s", got)
	}
	asked := false
	must(t, s.CommitRun(t.Context(), &r, clock, func(ledger.RunWriter) error {
		asked = true
		if got := second(); got != "busy, 0 entries" {
			t.Errorf("during: %s", got)
		}
		// Somebody else may open the ledger and look, without waiting.
		reader := opened(t, path)
		if head, err := reader.Head(t.Context()); err != nil || head.Seq != 0 {
			t.Errorf("a reader during the run: %+v, %v", head, err)
		}
		// The run reads on connections of its own.
		if _, err := s.People(t.Context(), area, 0); err != nil {
			t.Error(err)
		}
		return nil
	}))
	if !asked {
		t.Error("nothing ran")
	}
	if got := second(); got != "wrote, 1 entries" {
		t.Errorf("after: %s", got)
	}
}

func TestIsBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := opened(t, path)
	db := raw(t, path, "_txlock=immediate&_busy_timeout=1")
	tx, err := s.db.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = db.Begin()
	if !IsBusy(err) || !IsBusy(fmt.Errorf("import: %w", err)) {
		t.Errorf("%v is not busy", err)
	}
	must(t, tx.Rollback())
	tx, err = db.Begin()
	must(t, err)
	must(t, tx.Rollback())
	_, syntax := db.Exec(`SELECT nothing FROM nowhere`)
	for _, err := range []error{nil, errors.New("busy"), sql.ErrNoRows, syntax} {
		if IsBusy(err) {
			t.Errorf("%v is busy", err)
		}
	}
}

// TestKilledBehindRun: the lock of a process that was killed when its run was done,
// but before it gave the lock back, goes with the next run; one that is held stays.
func TestKilledBehindRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "县 100%?&#.db")
	s := opened(t, path)
	dead, lives := s.holdingPath(holder{"run", 7, 1}), s.holdingPath(holder{"run", 8, 2})
	must(t, os.WriteFile(dead, nil, 0o600))
	l, err := lock(lives, "rwc")
	must(t, err)
	run, err := s.StartRun(t.Context(), ledger.Run{Month: 202307, By: "张三"}, noon)
	must(t, err)
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nobody's lock: %v", err)
	}
	if _, err := os.Stat(lives); err != nil {
		t.Errorf("a held lock: %v", err)
	}
	must(t, l.end())
	must(t, s.Release(t.Context(), run))
}
