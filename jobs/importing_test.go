package jobs

import (
	"testing"

	"doudi/rules/civil"
)

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
