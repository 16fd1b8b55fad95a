package access

import (
	"slices"
	"strings"
)

// Role is what somebody is in the office. The codes are on record and never change
// their meaning.
type Role string

// The roles.
const (
	Handler  Role = "handler"  // 经办
	Reviewer Role = "reviewer" // 复核
	Finance  Role = "finance"  // 财政
	Reader   Role = "reader"   // 部门
	Admin    Role = "admin"    // 管理员
	Auditor  Role = "auditor"  // 审计
)

var roles = []struct {
	role          Role
	chinese, does string
	// department: the role is one of a department, and sees that one's workbook alone.
	department bool
}{
	{Handler, "经办", "上传、运行、对账、送审", false},
	{Reviewer, "复核", "复核并过账，不能复核自己运行的", false},
	{Finance, "财政", "财政对账、财政工作簿", true},
	{Reader, "部门", "只看本部门的工作簿", true},
	{Admin, "管理员", "用户、计划任务、政策包", false},
	{Auditor, "审计", "什么都看，什么都不改", false},
}

// Roles are all roles, in the order in which people read them.
func Roles() []Role {
	var out []Role
	for _, r := range roles {
		out = append(out, r.role)
	}
	return out
}

func (r Role) at() int {
	for i := range roles {
		if roles[i].role == r {
			return i
		}
	}
	return -1
}

// Chinese is the role's name.
func (r Role) Chinese() string {
	if i := r.at(); i >= 0 {
		return roles[i].chinese
	}
	return string(r)
}

// Does says in a few words what the role is for.
func (r Role) Does() string {
	if i := r.at(); i >= 0 {
		return roles[i].does
	}
	return ""
}

// OfDepartment reports whether the role is one of a department.
func (r Role) OfDepartment() bool { i := r.at(); return i >= 0 && roles[i].department }

// ParseRole reads a role by its code or its name.
func ParseRole(s string) (Role, bool) {
	s = strings.TrimSpace(s)
	for _, r := range roles {
		if s == r.chinese || strings.EqualFold(s, string(r.role)) {
			return r.role, true
		}
	}
	return "", false
}

// Everywhere in place of areas is all of them, those to come included. It is written
// out: a list that got lost permits nothing.
const Everywhere = "*"

// Grant is a role with where it holds.
type Grant struct {
	Role       Role
	Areas      []string // codes, or Everywhere alone
	Department string   // of a role of a department: as its workbook is called
}

// Covers reports whether the grant holds in an area; "" is in none.
func (g *Grant) Covers(area string) bool {
	return area != "" && (g.all() || slices.Contains(g.Areas, area))
}

func (g *Grant) all() bool { return slices.Contains(g.Areas, Everywhere) }

// String is the grant as people and the audit log read it.
func (g Grant) String() string {
	s := string(g.Role)
	if g.Department != "" {
		s += ":" + g.Department
	}
	if !g.all() {
		s += "@" + strings.Join(g.Areas, "+")
	}
	return s
}
