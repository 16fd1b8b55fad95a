package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

// The test binary started again with this in its environment is the second
// process: it tries to write to the ledger at that path, and tells how it went.
const secondProcess = "DOUDI_TEST_SECOND_PROCESS"

func TestMain(m *testing.M) {
	if path := os.Getenv(secondProcess); path != "" {
		fmt.Print(tryToWrite(path))
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
