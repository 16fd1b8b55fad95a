package jobs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"doudi/rules/civil"
)

func TestPull(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"民政.xlsx", "~$民政.xlsx", ".hidden.xlsx", "写一半.csv.part", "a.tmp", "2023-08/残联.csv", "2023-09/残联.csv", "2022-12/old.csv", "2023-9/x.csv", "2023年10月/x.csv", "Thumbs.db", "其他/x.csv", ".git/y.csv"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Pull(dir, 202308)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if got[i], err = filepath.Rel(dir, got[i]); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"2022-12/old.csv", "2023-08/残联.csv", "其他/x.csv", "民政.xlsx"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A folder that is not there yet is an empty inbox.
	if got, err := Pull(filepath.Join(dir, "nowhere"), 202308); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

func TestMonthAndDepartmentOfPath(t *testing.T) {
	for path, want := range map[string]struct {
		month civil.Month
		dept  string
	}{
		"inbox/330100/民政-2023-08.xlsx":       {202308, "民政"},
		"inbox/民政2023年8月名单.xlsx":             {202308, "民政"},
		"inbox/残联 2023.12 变动.csv":            {202312, "残联"},
		"inbox/2023-07/乡村振兴局.xlsx":           {202307, "乡村振兴"},
		"inbox/330100/农业农村局202311.xlsx":      {202311, "农业农村"},
		"inbox/330100/list.csv":              {0, ""},
		"inbox/330100/身份证99330119900101.csv": {0, ""},
		"inbox/330100/2023年13月.csv":          {0, ""},
	} {
		if m, d := MonthOf(path), DeptOf(path); m != want.month || d != want.dept {
			t.Errorf("%s: %s %q, want %s %q", path, m, d, want.month, want.dept)
		}
	}
}
