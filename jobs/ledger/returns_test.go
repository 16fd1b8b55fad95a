package ledger

import (
	"fmt"
	"strings"
	"testing"
)

// sent is a file on record: its content is named by a letter.
func sent(content, name string, read, taken, repeated int) File {
	return File{SHA256: strings.Repeat(content, 64)[:64], Area: "330100", Source: "民政", Kind: "claims", Name: name, Read: read, Taken: taken, Repeated: repeated, Returned: read - taken - repeated}
}

func TestReturns(t *testing.T) {
	answers := func(to, f File) File {
		f.Answers = OriginOf(&to)
		return f
	}
	first := sent("a", "结算.xlsx", 100, 88, 0)
	other := sent("9", "结算.xlsx", 60, 50, 0)
	elsewhere := first
	elsewhere.Area = "330200"
	roster := first
	roster.Kind, roster.Month, roster.Effect = "roster", 202301, &RosterEffect{}
	next := roster
	next.Month = 202302
	hidden := sent("a", HiddenNumber+".xlsx", 2, 1, 0)
	for _, c := range []struct {
		name  string
		files []File
		want  string // returned, taken, open, rest of each
	}{
		{"nothing was returned", []File{sent("a", "结算.xlsx", 100, 100, 0)}, ""},
		{"refused", []File{{SHA256: "a", Refused: "E-FILE-TABLE", Returned: 3}}, ""},
		{"nothing came", []File{first}, "12 0 12 0"},
		{"another file is no answer", []File{first, sent("b", "结算2月.xlsx", 5, 5, 0)}, "12 0 12 0"},
		{"the book, in part", []File{first, answers(first, sent("b", "改好了.xlsx", 100, 9, 88))}, "12 9 3 0"},
		{"the book twice", []File{first, answers(first, sent("b", "x.xlsx", 100, 9, 88)), answers(first, sent("c", "y.xlsx", 100, 3, 97))}, "12 12 0 0"},
		{"the book as it was", []File{first, answers(first, sent("b", "x.xlsx", 100, 0, 88))}, "12 0 12 0"},
		{"some turn out to be known", []File{first, answers(first, sent("b", "x.xlsx", 100, 7, 90))}, "12 7 3 2"},
		{"rows were added", []File{first, answers(first, sent("b", "x.xlsx", 102, 11, 88))}, "12 11 3 -2"},
		{"read again", []File{first, sent("a", "结算.xlsx", 100, 12, 88)}, "12 12 0 0"},
		{"the corrected original", []File{first, sent("b", "结算.xlsx", 100, 10, 88)}, "12 10 2 0"},
		{"a book of the corrected original", []File{first, sent("b", "结算.xlsx", 100, 10, 88), answers(sent("b", "", 0, 0, 0), sent("c", "z.xlsx", 100, 2, 98))}, "12 12 0 0"},
		{"a longer file of that name", []File{first, sent("b", "结算.xlsx", 130, 30, 88)}, "12 0 12 0|12 0 12 0"},
		{"another file of that name", []File{first, sent("b", "结算.xlsx", 100, 100, 0)}, "12 0 12 0"},
		{"a book of another", []File{first, other, answers(other, sent("b", "x.xlsx", 60, 10, 50))}, "12 0 12 0|10 10 0 0"},
		{"another area", []File{first, elsewhere}, "12 0 12 0|12 0 12 0"},
		{"a list of another month", []File{roster, next}, "12 0 12 0|12 0 12 0"},
		{"called by an ID", []File{hidden, func() File {
			f := hidden
			f.SHA256, f.Taken, f.Repeated, f.Returned = strings.Repeat("b", 64), 1, 1, 0
			return f
		}()}, "1 0 1 0"},
		{"a book whose file was only looked at", []File{answers(first, sent("b", "x.xlsx", 100, 90, 0)), answers(first, sent("c", "y.xlsx", 100, 10, 90))}, "10 10 0 0"},
	} {
		var got []string
		for _, r := range Returns(c.files) {
			got = append(got, fmt.Sprint(r.Returned(), r.Taken(), r.Open(), r.Rest()))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
	if o := OriginOf(&other); strings.ContainsAny(o, "0123456789") || len(o) != 16 || originOf(first.SHA256) == o {
		t.Errorf("a file is called %s", o)
	}
}
