package main

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// TestRevealIsAudited: whole IDs of a list leave a line that says who saw which.
func TestRevealIsAudited(t *testing.T) {
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "410200", "--pack", packsOf["410200"])
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")
	doudi(t, ws, []int{0}, "list", "premium")
	doudi(t, ws, []int{0}, "list", "premium", "--reveal", "--by", "王五")
	db, err := sql.Open("sqlite3", filepath.Join(ws, ledgerFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT id, at, by, what FROM audit`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var id int
		var at, by, what string
		if err := rows.Scan(&id, &at, &by, &what); err != nil {
			t.Fatal(err)
		}
		n++
		if by != "王五" || what != "list premium --reveal --area 410200 --run 1" {
			t.Errorf("%s: %s", by, what)
		}
	}
	if err := rows.Err(); err != nil || n != 1 {
		t.Errorf("%d lines, %v", n, err)
	}
}
