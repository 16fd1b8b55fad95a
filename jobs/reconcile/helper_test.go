package reconcile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// book reads dues and lines as a table that can be checked by hand:
//
//	due  KEY WHO ITEM PERIOD AMOUNT [options]
//	line KEY WHO ITEM PERIOD AMOUNT @DATE [options]
//
// WHO is p7 (a person), p7/H1 (a person, by the account of H1), H1 (a payee) or *
// (many). PERIOD is 202307, 202307-202309 or -. Options: #S1 settlement, !B1 batch,
// =县 county. A line's date is 2023-09-01 where none is given.
func book(t testing.TB, text string) (dues []Due, lines []Line) {
	t.Helper()
	for row := range strings.Lines(text) {
		f := strings.Fields(row)
		if len(f) == 0 {
			continue
		}
		if len(f) < 6 {
			t.Fatalf("row %q", row)
		}
		var d Due
		d.Key, d.Item = f[1], f[3]
		person, payee, _ := strings.Cut(f[2], "/")
		switch {
		case person == "*":
		case person[0] == 'p':
			d.Person, _ = strconv.ParseInt(person[1:], 10, 64)
			d.Payee = payee
		default:
			d.Payee = person
		}
		if f[4] != "-" {
			from, to, both := strings.Cut(f[4], "-")
			if !both {
				to = from
			}
			a, _ := strconv.Atoi(from)
			b, _ := strconv.Atoi(to)
			d.From, d.To = civil.Month(a), civil.Month(b)
		}
		var err error
		if d.Amount, err = money.ParseYuan(f[5]); err != nil {
			t.Fatal(err)
		}
		date := civil.Date(20230901)
		for _, o := range f[6:] {
			switch v := o[1:]; o[0] {
			case '@':
				n, _ := strconv.Atoi(v)
				date = civil.Date(n)
			case '#':
				d.Settlement = v
			case '!':
				d.Batch = v
			case '=':
				d.County = v
			default:
				t.Fatalf("option %q", o)
			}
		}
		if f[0] == "due" {
			dues = append(dues, d)
		} else {
			lines = append(lines, Line{Key: d.Key, Person: d.Person, Payee: d.Payee, County: d.County, Item: d.Item, From: d.From, To: d.To, Date: date,
				Settlement: d.Settlement, Batch: d.Batch, Amount: d.Amount})
		}
	}
	return dues, lines
}

func mustReconcile(t testing.TB, dues []Due, lines []Line, o Options) *Result {
	t.Helper()
	r, err := Reconcile(dues, lines, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// show writes a match a line: class, rule, dues = lines.
func (r *Result) show(m *Match) string {
	var ds, ls []string
	for _, i := range m.Dues {
		ds = append(ds, r.Dues[i].Key)
	}
	for _, i := range m.Lines {
		ls = append(ls, r.Lines[i].Key)
	}
	s := m.Class.Chinese()
	if m.Rule != NoRule {
		s += " " + m.Rule.Chinese()
	}
	s += ": " + strings.Join(ds, "+") + " = " + strings.Join(ls, "+")
	if m.Class == Double {
		s += " 重 " + r.Lines[m.Of].Key
	}
	if d := m.Diff(); d != 0 && len(m.Dues) > 0 && len(m.Lines) > 0 {
		s += fmt.Sprintf(" 差 %s", d)
	}
	return s
}

func (r *Result) all() []string {
	var out []string
	for i := range r.Matches {
		out = append(out, r.show(&r.Matches[i]))
	}
	slices.Sort(out)
	return out
}

func shuffled[T any](s []T, rnd *rand.Rand) []T {
	s = slices.Clone(s)
	rnd.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

func rows(text string) []string {
	var out []string
	for row := range strings.Lines(text) {
		if row = strings.TrimSpace(row); row != "" {
			out = append(out, row)
		}
	}
	slices.Sort(out)
	return out
}
