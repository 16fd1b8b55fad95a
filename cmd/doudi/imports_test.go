package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportDirections keeps the rooms apart: imports run one way, rules ←
// jobs ← reports ← cmd, and what is dangerous or heavy is seen in one place.
func TestImportDirections(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "doudi/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	type pkg struct {
		ImportPath string
		Imports    []string
	}
	in := func(path string, rooms ...string) bool {
		for _, r := range rooms {
			if path == "doudi/"+r || strings.HasPrefix(path, "doudi/"+r+"/") {
				return true
			}
		}
		return false
	}
	seen := 0
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		for _, i := range p.Imports {
			bad := ""
			switch {
			case in(p.ImportPath, "rules") && in(i, "jobs", "reports", "cmd", "fixtures"):
				bad = "rules imports nothing of ours outside rules"
			case in(p.ImportPath, "rules") && (i == "time" || i == "database/sql" || i == "net/http") && !in(p.ImportPath, "rules/civil", "rules/pack", "rules/reference"):
				bad = "rules has no clock, no database, no network"
			case in(p.ImportPath, "jobs") && in(i, "reports", "cmd", "fixtures"):
				bad = "jobs never imports reports, cmd or fixtures"
			case in(p.ImportPath, "reports") && in(i, "cmd", "fixtures"):
				bad = "reports imports neither cmd nor fixtures"
			case in(i, "jobs/store") && !in(p.ImportPath, "cmd", "jobs/store"):
				bad = "only cmd and tests know a store"
			case in(i, "fixtures") && !in(p.ImportPath, "cmd", "fixtures"):
				bad = "only cmd and tests import fixtures"
			case in(i, "rules/reference"):
				bad = "the reference is for tests alone"
			case strings.HasPrefix(i, "github.com/xuri/excelize") && !in(p.ImportPath, "jobs/intake", "reports/workbook"):
				bad = "the spreadsheet library is seen in jobs/intake and reports/workbook alone"
			case (strings.HasPrefix(i, "github.com/mattn/go-sqlite3") || strings.HasPrefix(i, "github.com/jmoiron/sqlx") || strings.HasPrefix(i, "github.com/pressly/goose") || i == "database/sql") && !in(p.ImportPath, "jobs/store"):
				bad = "SQL lives in jobs/store"
			}
			if bad != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, i, bad)
			}
		}
	}
	if seen < 15 {
		t.Fatalf("go list named only %d packages", seen)
	}
}

// TestNoClockOutsideCmd: time is passed in.
func TestNoClockOutsideCmd(t *testing.T) {
	read := 0
	for _, room := range []string{"rules", "jobs", "reports", "fixtures"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			data, err := os.ReadFile(path)
			if strings.Contains(string(data), "time.Now(") {
				t.Errorf("%s reads the clock", path)
			}
			read++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 50 {
		t.Fatalf("only %d files were read", read)
	}
}
