package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// matrix is who may do what, written down once more by hand. Columns: 经办 复核 财政
// 部门 管理员 审计. ● the action changes something; area: in the areas of the role; dept:
// and for a department (own: the role's alone); office: only with the role everywhere.
const matrix = `
overview           area    x x x . x x
runs.view          area    x x . . x x
results.view       area    x x . . . x
cases.view         area    x x . . . x
people.view        area    x x . . . x
people.reveal      area    x x . . . x
reconcile.view     area    x x x . . x
indicators.view    area    x x x . . x
simulate           area    x x . . . x
year.view          area    x x x . . x
packs.view         area    x x x . x x
schedule.view      area    x . . . x x
users.view         office  . . . . x x
audit.view         office  . . . . x x
workbook.download  dept    x x own own . x
returned.download  area    x x . . . x
upload             area●   x . . . . .
run                area●   x . . . . .
rerun              area●   x . . . . .
merge              area●   x . . . . .
post               area●   . x . . . .
match              area●   x . x . . .
year.close         area●   x x . . . .
year.reopen        area●   x x . . . .
packs.edit         area●   . . . . x .
schedule.edit      area●   . . . . x .
users.edit         office● . . . . x .
`

// TestTable compares the table with the matrix, and Allowed with it, for each action,
// each role, every and some areas, and departments.
func TestTable(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(matrix), "\n")
	if len(rows) != len(Table()) {
		t.Fatalf("%d actions, the matrix has %d", len(Table()), len(rows))
	}
	asked := 0
	for i, row := range rows {
		f := strings.Fields(row)
		r := Table()[i]
		if string(r.Action) != f[0] || r.Changes != strings.HasSuffix(f[1], "●") {
			t.Errorf("row %d: %s, changes %t; want %s", i, r.Action, r.Changes, row)
		}
		if r.Chinese == "" || r.Action.Chinese() != r.Chinese {
			t.Errorf("%s has no name", r.Action)
		}
		scope := strings.TrimSuffix(f[1], "●")
		for j, role := range Roles() {
			may := f[2+j]
			for _, areas := range [][]string{{Everywhere}, {"330100"}, {"330100", "410200"}, nil} {
				for _, area := range []string{"330100", "410200", "650100", "", "*"} {
					for _, dept := range []string{"", "民政", "财政", " 民 政 "} {
						g := Grant{Role: role, Areas: areas}
						if role.OfDepartment() {
							g.Department = "民政"
						}
						u := User{Name: "a", Grants: []Grant{g}}
						all := slices.Contains(areas, Everywhere)
						want := may != "."
						switch scope {
						case "office":
							want = want && all
						case "dept":
							want = want && dept != "" && (may != "own" || strings.ReplaceAll(dept, " ", "") == "民政")
							fallthrough
						case "area":
							want = want && area != "" && (all || slices.Contains(areas, area))
						}
						if got := Allowed(&u, r.Action, area, dept); got != want {
							t.Errorf("%s %s@%v in %q for %q: %t", role, r.Action, areas, area, dept, got)
						}
						u.Disabled = true
						if Allowed(&u, r.Action, area, dept) {
							t.Errorf("%s %s, disabled", role, r.Action)
						}
						asked++
					}
				}
			}
		}
		if Allowed(&User{}, r.Action, "330100", "民政") || Allowed(nil, r.Action, "330100", "民政") {
			t.Errorf("%s: who has no role, or nobody", r.Action)
		}
	}
	if want := len(rows) * 6 * 4 * 5 * 4; asked != want {
		t.Errorf("asked %d times, want %d", asked, want)
	}
}

// TestPromises: an auditor changes nothing, whatever is added to the table; and a reader sees no more
// than a workbook.
func TestPromises(t *testing.T) {
	for _, r := range Table() {
		if r.Changes && slices.Contains(r.By, Auditor) {
			t.Errorf("an auditor may %s", r.Action)
		}
		if !r.Changes && !slices.Contains(r.By, Auditor) {
			t.Errorf("an auditor may not %s", r.Action)
		}
		if slices.Contains(r.By, Reader) != (r.Action == Download) {
			t.Errorf("a reader and %s", r.Action)
		}
		if r.Action == Post && slices.Contains(r.By, Handler) || r.Action == Run && slices.Contains(r.By, Reviewer) {
			t.Errorf("%s by %v", r.Action, r.By)
		}
		if r.Scope == Office && slices.ContainsFunc(r.By, Role.OfDepartment) {
			t.Errorf("%s of the whole office by %v", r.Action, r.By)
		}
	}
	if Allowed(&User{Grants: []Grant{{Role: Admin, Areas: []string{Everywhere}}}}, "no.such", "330100", "") {
		t.Error("an action that there is not")
	}
	Table()[0].By[0] = Reader
	if slices.Contains(Table()[0].By, Reader) {
		t.Error("the table can be changed from outside")
	}
}

// TestSeveral: roles add up, each where it holds.
func TestSeveral(t *testing.T) {
	u := User{Grants: []Grant{{Role: Handler, Areas: []string{"330100"}}, {Role: Reviewer, Areas: []string{"410200"}}, {Role: Reader, Areas: []string{"650100"}, Department: "残联"}}}
	for _, c := range []struct {
		a          Action
		area, dept string
		want       bool
	}{
		{Run, "330100", "", true}, {Run, "410200", "", false}, {Post, "410200", "", true}, {Post, "330100", "", false},
		{Download, "650100", "残联", true}, {Download, "650100", "民政", false}, {Download, "330100", "残联", true}, {ViewPeople, "650100", "", false},
	} {
		if got := Allowed(&u, c.a, c.area, c.dept); got != c.want {
			t.Errorf("%s in %s for %q: %t", c.a, c.area, c.dept, got)
		}
	}
	for areas, want := range map[string]bool{"330100": true, "330100 410200": false, "": false} {
		if got := AllowedIn(&u, Run, strings.Fields(areas), ""); got != want {
			t.Errorf("a run of %q: %t", areas, got)
		}
	}
	all := []string{"330100", "410200", "650100"}
	for a, want := range map[Action]bool{Run: true, Post: true, Download: true, ViewUsers: false, Match: true, EditPacks: false, "no.such": false} {
		if got := Somewhere(&u, a, all); got != want {
			t.Errorf("%s somewhere: %t", a, got)
		}
	}
	reader := User{Grants: u.Grants[2:]}
	for areas, want := range map[string]bool{"330100": false, "650100": true} {
		if got := Somewhere(&reader, Download, []string{areas}); got != want {
			t.Errorf("a reader's page in %s: %t", areas, got)
		}
	}
	reader.Disabled = true
	if Somewhere(&reader, Download, all) || Somewhere(nil, Download, all) {
		t.Error("somewhere, disabled or nobody")
	}
}

func TestRoles(t *testing.T) {
	want := "handler 经办 reviewer 复核 finance 财政 reader 部门 admin 管理员 auditor 审计 "
	got := ""
	for _, r := range Roles() {
		got += fmt.Sprintf("%s %s ", r, r.Chinese())
		for _, s := range []string{string(r), r.Chinese(), strings.ToUpper(string(r)), " " + string(r)} {
			if p, ok := ParseRole(s); !ok || p != r {
				t.Errorf("%q is read as %q", s, p)
			}
		}
		if r.Does() == "" {
			t.Errorf("%s does nothing", r)
		}
	}
	if got != want {
		t.Errorf("roles %q", got)
	}
	for _, s := range []string{"", "root", "经"} {
		if _, ok := ParseRole(s); ok {
			t.Errorf("%q is a role", s)
		}
	}
}
