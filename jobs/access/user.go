package access

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"doudi/jobs/ledger"

	"golang.org/x/text/unicode/norm"
)

// User is a user as they stand since their last change. Users are never deleted and
// never renamed: what they did has their name.
type User struct {
	Name    string
	Display string // "" shows Name
	Grants  []Grant
	// Hash is of the password, in PHC form.
	Hash     string
	Disabled bool

	// Version is the number of the change that made it so, over all users. Since is
	// that of the last one that ended their sessions: another password, or disabled or
	// enabled. A new user or change has 0 until it is on record.
	Version, Since int64

	Created   time.Time
	CreatedBy string
	At        time.Time // of the last change
	By        string
}

// Shown is what a page calls the user.
func (u *User) Shown() string {
	if u.Display != "" {
		return u.Display
	}
	return u.Name
}

// Is reports whether a name is the user's, however it is written.
func (u *User) Is(name string) bool { return ledger.SamePerson(u.Name, name) }

// Has reports whether the user has a role, anywhere.
func (u *User) Has(r Role) bool {
	return slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.Role == r })
}

const (
	maxName    = 32
	maxDisplay = 64
)

// CheckName checks the name of a new user. Letters are those of one script that all
// can read, so that no two names look alike that fold to different ones; they are
// folded by ledger.FoldName.
func CheckName(name string) error {
	n := utf8.RuneCountInString(name)
	if n == 0 || n > maxName || ledger.FoldName(name) == "" || ledger.HoldsID(name) {
		return ErrName
	}
	for i, r := range norm.NFKC.String(name) {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', unicode.Is(unicode.Han, r):
		case i > 0 && strings.ContainsRune(".-_·", r):
		default:
			return ErrName
		}
	}
	return nil
}

// checkDisplay checks what a page calls a user.
func checkDisplay(s string) error {
	if utf8.RuneCountInString(s) > maxDisplay || !utf8.ValidString(s) || ledger.HoldsID(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ErrDisplay
	}
	return nil
}

// CheckGrants checks the roles of a user.
func CheckGrants(gs []Grant) error {
	if len(gs) == 0 {
		return ErrNoRole
	}
	for i, g := range gs {
		switch {
		case g.Role.at() < 0:
			return ErrRole
		case !areasOK(g.Areas):
			return ErrArea
		case g.Role == Admin && !g.all():
			return ErrAdminArea
		case g.Role.OfDepartment() != (g.Department != ""):
			return ErrDepartment
		case g.Role == Auditor && len(gs) > 1:
			return ErrAuditor
		case slices.ContainsFunc(gs[:i], func(o Grant) bool {
			return o.Role == g.Role && (o.Department == g.Department || SameDepartment(o.Department, g.Department))
		}):
			return ErrTwice
		}
	}
	return nil
}

func areasOK(areas []string) bool {
	if slices.Contains(areas, Everywhere) {
		return len(areas) == 1
	}
	for i, a := range areas {
		if len(a) != 6 || strings.Trim(a, "0123456789") != "" || slices.Contains(areas[:i], a) {
			return false
		}
	}
	return len(areas) > 0
}

// runs reports whether a user is an administrator who can act.
func (u *User) runs() bool { return !u.Disabled && u.Has(Admin) }

// CanPut checks a new user or a change against those on record: names are taken
// once, nothing that somebody else did meanwhile is overwritten, and there is always
// an administrator. first: the user is to be the very first one.
func CanPut(u *User, first bool, on []User) error {
	if first && len(on) > 0 {
		return ErrNotFirst
	}
	was := slices.IndexFunc(on, func(x User) bool { return x.Is(u.Name) })
	switch {
	case u.Version == 0 && was >= 0:
		return ErrTaken
	case u.Version != 0 && was < 0:
		return ErrNoUser
	case was >= 0 && on[was].Version != u.Version:
		return ErrChanged
	}
	if u.runs() || slices.ContainsFunc(on, func(x User) bool { return !x.Is(u.Name) && x.runs() }) {
		return nil
	}
	if len(on) == 0 {
		return ErrFirstAdmin
	}
	return ErrLastAdmin
}

// Describe is a change as the audit log says it; was is nil for a new user.
func Describe(was, is *User) string {
	var said []string
	if was == nil {
		said = append(said, "add")
	}
	if was == nil || is.Display != was.Display {
		if is.Display != "" {
			said = append(said, "display="+is.Display)
		}
	}
	if g := GrantsText(is.Grants); was == nil || g != GrantsText(was.Grants) {
		said = append(said, "roles="+g)
	}
	if was != nil {
		switch {
		case is.Disabled && !was.Disabled:
			said = append(said, "disable")
		case !is.Disabled && was.Disabled:
			said = append(said, "enable")
		}
		if is.Hash != was.Hash {
			if is.Since == 0 {
				said = append(said, "passwd")
			} else {
				said = append(said, "rehash")
			}
		}
	}
	return "user " + is.Name + ": " + strings.Join(said, ", ")
}

// GrantsText is roles as the audit log and lists have them.
func GrantsText(gs []Grant) string {
	var out []string
	for _, g := range gs {
		out = append(out, g.String())
	}
	return strings.Join(out, " ")
}
