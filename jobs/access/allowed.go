package access

import (
	"slices"

	"doudi/rules"
)

// Allowed reports whether a user may do something in an area, for a department. What
// is asked for an area needs one, what is for the whole office does not look at it; a
// department is looked at where the action is for one. What is not known is refused.
func Allowed(u *User, a Action, area, department string) bool {
	r := a.rule()
	if u == nil || u.Disabled || r == nil {
		return false
	}
	return slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.allows(r, area, department) })
}

// AllowedIn is Allowed for several areas at once, such as those of a run, which is
// of all areas: in none is not allowed.
func AllowedIn(u *User, a Action, areas []string, department string) bool {
	for _, x := range areas {
		if !Allowed(u, a, x, department) {
			return false
		}
	}
	return len(areas) > 0
}

// Somewhere reports whether a user may do something in one of these areas, for
// whatever department: whether the page is for them at all.
func Somewhere(u *User, a Action, areas []string) bool {
	r := a.rule()
	if u == nil || u.Disabled || r == nil {
		return false
	}
	return slices.ContainsFunc(u.Grants, func(g Grant) bool {
		return slices.ContainsFunc(areas, func(x string) bool {
			return g.allows(r, x, g.Department) || !g.Role.OfDepartment() && g.allows(r, x, "*")
		})
	})
}

func (g *Grant) allows(r *Rule, area, department string) bool {
	if !slices.Contains(r.By, g.Role) {
		return false
	}
	switch r.Scope {
	case Office:
		return g.all()
	case Department:
		if department == "" || g.Role.OfDepartment() && !SameDepartment(g.Department, department) {
			return false
		}
	}
	return g.Covers(area)
}

// SameDepartment compares the names of departments as offices write them; no name is
// no department.
func SameDepartment(a, b string) bool {
	a, b = rules.Fold(a), rules.Fold(b)
	return a != "" && a == b
}
