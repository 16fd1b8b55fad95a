package access

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]error{
		"张三": nil, "zhangsan": nil, "张三2": nil, "li.si-2_a": nil, "买买提·艾山": nil, "Ａ１": nil, strings.Repeat("长", 32): nil,
		"": ErrName, " ": ErrName, "...": ErrName, strings.Repeat("长", 33): ErrName, "-a": ErrName, "a b": ErrName, "a\u200bb": ErrName,
		"аdmin": ErrName /* Cyrillic */, "αlpha": ErrName, "a/b": ErrName, "a@b": ErrName, "a\x00": ErrName, "a\xff": ErrName,
		"99000119600101001X": ErrName, "123456789012345": ErrName, "٣": ErrName,
	} {
		if got := CheckName(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	for s, want := range map[string]error{"": nil, "王小明（残联）": nil, "a\nb": ErrDisplay, "a\u202eb": ErrDisplay, strings.Repeat("长", 65): ErrDisplay, "王99000119600101001X": ErrDisplay, "\xff": ErrDisplay} {
		if got := checkDisplay(s); got != want {
			t.Errorf("display %q: %v, want %v", s, got, want)
		}
	}
}

func TestCheckGrants(t *testing.T) {
	all, some := []string{Everywhere}, []string{"330100"}
	for _, c := range []struct {
		want error
		gs   []Grant
	}{
		{ErrNoRole, nil},
		{nil, []Grant{{Role: Handler, Areas: all}}},
		{nil, []Grant{{Role: Handler, Areas: some}, {Role: Reviewer, Areas: all}, {Role: Admin, Areas: all}}},
		{nil, []Grant{{Role: Reader, Areas: some, Department: "民政"}, {Role: Reader, Areas: some, Department: "残联"}, {Role: Finance, Areas: all, Department: "财政"}}},
		{nil, []Grant{{Role: Auditor, Areas: some}}},
		{ErrRole, []Grant{{Role: "root", Areas: all}}},
		{ErrArea, []Grant{{Role: Handler}}},
		{ErrArea, []Grant{{Role: Handler, Areas: []string{"3301"}}}},
		{ErrArea, []Grant{{Role: Handler, Areas: []string{"33010x"}}}},
		{ErrArea, []Grant{{Role: Handler, Areas: []string{"330100", Everywhere}}}},
		{ErrArea, []Grant{{Role: Handler, Areas: []string{"330100", "330100"}}}},
		{ErrAdminArea, []Grant{{Role: Admin, Areas: some}}},
		{ErrDepartment, []Grant{{Role: Reader, Areas: all}}},
		{ErrDepartment, []Grant{{Role: Finance, Areas: all}}},
		{ErrDepartment, []Grant{{Role: Handler, Areas: all, Department: "民政"}}},
		{ErrTwice, []Grant{{Role: Handler, Areas: all}, {Role: Handler, Areas: some}}},
		{ErrTwice, []Grant{{Role: Reader, Areas: all, Department: "民政"}, {Role: Reader, Areas: some, Department: "民 政"}}},
		{ErrAuditor, []Grant{{Role: Auditor, Areas: all}, {Role: Handler, Areas: all}}},
		{ErrAuditor, []Grant{{Role: Reader, Areas: all, Department: "民政"}, {Role: Auditor, Areas: all}}},
	} {
		if got := CheckGrants(c.gs); got != c.want {
			t.Errorf("%v: %v, want %v", c.gs, got, c.want)
		}
	}
}

func TestCanPut(t *testing.T) {
	admin := []Grant{{Role: Admin, Areas: []string{Everywhere}}}
	handler := []Grant{{Role: Handler, Areas: []string{Everywhere}}}
	on := []User{{Name: "甲", Version: 1, Grants: admin}, {Name: "Yi-1", Version: 5, Grants: handler}, {Name: "丙", Version: 3, Grants: admin, Disabled: true}}
	for name, c := range map[string]struct {
		u     User
		first bool
		on    []User
		want  error
	}{
		"the first":                     {User{Name: "甲", Grants: admin}, true, nil, nil},
		"the first, by the way":         {User{Name: "甲", Grants: admin}, false, nil, nil},
		"the first no administrator":    {User{Name: "甲", Grants: handler}, false, nil, ErrFirstAdmin},
		"the first twice":               {User{Name: "丁", Grants: admin}, true, on, ErrNotFirst},
		"one more":                      {User{Name: "丁", Grants: handler}, false, on, nil},
		"the same name":                 {User{Name: "甲", Grants: admin}, false, on, ErrTaken},
		"the same name, otherwise":      {User{Name: "ｙｉ1", Grants: admin}, false, on, ErrTaken},
		"the name of who is disabled":   {User{Name: "丙", Grants: admin}, false, on, ErrTaken},
		"a change":                      {User{Name: "Yi-1", Version: 5, Grants: admin}, false, on, nil},
		"a change of nobody":            {User{Name: "丁", Version: 5, Grants: admin}, false, on, ErrNoUser},
		"a change of what is no more":   {User{Name: "Yi-1", Version: 4, Grants: admin}, false, on, ErrChanged},
		"the last administrator goes":   {User{Name: "甲", Version: 1, Grants: admin, Disabled: true}, false, on, ErrLastAdmin},
		"the last one has other roles":  {User{Name: "甲", Version: 1, Grants: handler}, false, on, ErrLastAdmin},
		"the last but one goes":         {User{Name: "甲", Version: 1, Grants: handler}, false, append([]User{{Name: "戊", Version: 9, Grants: admin}}, on...), nil},
		"a disabled one comes back":     {User{Name: "丙", Version: 3, Grants: admin}, false, on, nil},
		"the last administrator's name": {User{Name: "甲", Version: 1, Grants: admin, Display: "x"}, false, on, nil},
	} {
		if got := CanPut(&c.u, c.first, c.on); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	was := User{Name: "甲", Version: 1, Since: 1, Hash: "a", Grants: []Grant{{Role: Reader, Areas: []string{"330100", "410200"}, Department: "民政"}, {Role: Handler, Areas: []string{Everywhere}}}}
	change := func(f func(*User)) User { x := was; f(&x); return x }
	off := change(func(u *User) { u.Disabled, u.Since = true, 0 })
	for want, c := range map[string][2]*User{
		"user 甲: add, roles=reader:民政@330100+410200 handler": {nil, &was},
		"user 甲: disable":       {&was, &off},
		"user 甲: enable":        {&off, new(change(func(u *User) { u.Since = 0 }))},
		"user 甲: passwd":        {&was, new(change(func(u *User) { u.Hash, u.Since = "b", 0 }))},
		"user 甲: rehash":        {&was, new(change(func(u *User) { u.Hash = "b" }))},
		"user 甲: roles=auditor": {&was, new(change(func(u *User) { u.Grants = []Grant{{Role: Auditor, Areas: []string{Everywhere}}} }))},
	} {
		if got := Describe(c[0], c[1]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestRefusals: each has a code of its own, and is told from others.
func TestRefusals(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range []*Refusal{ErrNoUser, ErrTaken, ErrName, ErrDisplay, ErrLastAdmin, ErrFirstAdmin, ErrNotFirst, ErrChanged, ErrSame, ErrNoRole, ErrRole, ErrTwice, ErrArea,
		ErrAdminArea, ErrDepartment, ErrAuditor, ErrShort, ErrLong, ErrText, ErrIsName, ErrCommon, ErrUnchanged, ErrDenied, ErrCode, ErrNoSession} {
		if r.Code == "" || r.Text == "" || seen[r.Code] {
			t.Errorf("%q %q", r.Code, r.Text)
		}
		seen[r.Code] = true
	}
	if errors.Is(ErrNoUser, ErrTaken) {
		t.Error("two refusals are one")
	}
}
