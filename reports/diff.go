package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/money"
)

// Differ reads what a comparison of two runs needs.
type Differ interface {
	Loader
	ChangedPeople(ctx context.Context, area string, after, upTo ledger.Run) ([]ledger.PersonNo, error)
	Certnos(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]string, error)
}

// Diff is what two runs say differently, and which input did it.
type Diff struct {
	Before, After ledger.Run
	Areas         []AreaDiff
}

// AreaDiff is what differs in one area: the sums by cause, then person by person.
type AreaDiff struct {
	Area    string         `json:"area"`
	Name    string         `json:"name"`
	Policy  []PolicyChange `json:"policy"`
	Program *Pair          `json:"program,omitempty"`
	Years   []YearChange   `json:"years,omitempty"` // closed or reopened
	Sum     DiffSum        `json:"sum"`
	Causes  []DiffSum      `json:"causes"`
	People  []PersonDiff   `json:"people"`
}

// DiffSum sums what differs, of all causes or of one. Amounts are yuan: what
// all funds owe for the claims, what of it is still to be paid and to be
// recovered, later less before.
type DiffSum struct {
	Cause    string `json:"cause,omitempty"` // in words
	People   int    `json:"people"`
	Claims   int    `json:"claims"`
	Cases    int    `json:"cases"`
	Due      string `json:"due"`
	TopUp    string `json:"topup"`
	Clawback string `json:"clawback"`

	due, topUp, clawback money.Fen
	person               ledger.PersonNo // the last that was counted
}

// PersonDiff is what differs for a person.
type PersonDiff struct {
	Certno string         `json:"certno"`
	Inputs []ChangedInput `json:"inputs"`
	Claims []ChangedClaim `json:"claims"`
	Cases  []ChangedCase  `json:"cases"`
	order  string
}

// diffChunk bounds memory: so many people are compared at a time.
const diffChunk = 2000

// NewDiff compares two runs, the earlier one first. areas are those of the later
// one, with its policy. preview, where it is not nil, is what the later run would
// store; then it is not on record yet.
func NewDiff(ctx context.Context, s Differ, areas []jobs.Area, before, after ledger.Run, preview map[string]*jobs.Preview, reveal bool) (*Diff, error) {
	d := &Diff{Before: before, After: after, Areas: []AreaDiff{}}
	for i := range after.Areas {
		used := &after.Areas[i]
		k := slices.IndexFunc(areas, func(a jobs.Area) bool { return a.Code == used.Area })
		if k < 0 {
			continue
		}
		x := differ{ctx: ctx, s: s, area: areas[k], before: before, after: after, used: used, was: &ledger.RunArea{}, preview: preview[used.Area], reveal: reveal, sums: map[string]*DiffSum{}}
		for j := range before.Areas {
			if before.Areas[j].Area == used.Area {
				x.was = &before.Areas[j]
			}
		}
		a, err := x.compare()
		if err != nil {
			return nil, err
		}
		d.Areas = append(d.Areas, a)
	}
	return d, nil
}

// differ compares one area.
type differ struct {
	ctx           context.Context
	s             Differ
	area          jobs.Area
	before, after ledger.Run
	was, used     *ledger.RunArea
	preview       *jobs.Preview
	reveal        bool
	sum           DiffSum
	sums          map[string]*DiffSum
}

func (x *differ) compare() (AreaDiff, error) {
	out := AreaDiff{Area: x.used.Area, Name: x.used.Name, Policy: policyChanges(x.was.Packs, x.used.Packs), Causes: []DiffSum{}, People: []PersonDiff{}}
	if x.before.Version != x.after.Version {
		out.Program = &Pair{x.before.Version, x.after.Version}
	}
	steps, err := x.s.YearSteps(x.ctx, x.used.Area, 1<<62)
	if err != nil {
		return out, err
	}
	out.Years = yearChanges(steps, x.before, x.after, x.was, x.used)
	people, err := x.s.ChangedPeople(x.ctx, x.used.Area, x.before, x.after)
	if err != nil {
		return out, err
	}
	people = slices.Concat(people, x.preview.People())
	slices.Sort(people)
	people = slices.Compact(people)
	shared := newPrefetched(x)
	shared.steps = steps
	for part := range slices.Chunk(people, diffChunk) {
		if err := shared.fetch(part); err != nil {
			return out, err
		}
		ids, err := x.s.Certnos(x.ctx, part)
		if err != nil {
			return out, err
		}
		for _, p := range part {
			c, err := x.person(shared, p)
			if err != nil {
				return out, err
			}
			if len(c.Claims)+len(c.Cases) == 0 {
				continue
			}
			x.count(p, c)
			pd := PersonDiff{Certno: Mask(ids[p]), Inputs: c.Inputs, Claims: c.Claims, Cases: c.Cases, order: ids[p]}
			if x.reveal {
				pd.Certno = ids[p]
			}
			out.People = append(out.People, pd)
		}
	}
	slices.SortFunc(out.People, func(a, b PersonDiff) int { return cmp.Compare(a.order, b.order) })
	out.Sum = x.sum.told()
	for _, s := range x.sums {
		out.Causes = append(out.Causes, s.told())
	}
	slices.SortFunc(out.Causes, func(a, b DiffSum) int {
		return cmp.Or(cmp.Compare(b.Claims+b.Cases, a.Claims+a.Cases), cmp.Compare(a.Cause, b.Cause))
	})
	return out, nil
}

// person compares the two runs for one person.
func (x *differ) person(s *prefetched, p ledger.PersonNo) (*Changes, error) {
	e := &explainer{ctx: x.ctx, s: s, area: x.area, person: p, run: x.after, used: x.used, reveal: x.reveal, x: &Explanation{Changes: noChanges()}, files: s.files, data: *s.after[p]}
	if err := e.records(); err != nil {
		return nil, err
	}
	q := recompute.Question{Area: x.area.Code, Policy: x.area.Policy, Before: *s.before[p], After: *s.after[p]}
	// The household's cases stand under one of its members.
	if q.HouseholdMoves() && x.area.Policy.WatchesHouseholds() {
		_, members, err := e.household(x.after.Seen)
		if err != nil {
			return nil, err
		}
		members = slices.DeleteFunc(members, func(m ledger.PersonNo) bool { return m == p })
		if q.Household, err = s.LoadPeople(x.ctx, x.area.Code, members, x.after.Seen, 0); err != nil {
			return nil, err
		}
		if q.HouseholdBefore, err = s.LoadPeople(x.ctx, x.area.Code, members, x.before.Seen, 0); err != nil {
			return nil, err
		}
	}
	err := e.compare(x.before, x.was, &q)
	return &e.x.Changes, err
}

// count adds a person's changes to the sums.
func (x *differ) count(p ledger.PersonNo, c *Changes) {
	to := func(why *ChangeCause) *DiffSum {
		k := c.label(why)
		if x.sums[k] == nil {
			x.sums[k] = &DiffSum{Cause: k}
		}
		return x.sums[k]
	}
	for i := range c.Claims {
		ch := &c.Claims[i]
		due, owed := cmp.Or(ch.Cause, ch.Adjust), cmp.Or(ch.Adjust, ch.Cause)
		if due == nil {
			continue
		}
		for _, s := range []*DiffSum{&x.sum, to(due)} {
			s.Claims++
			s.due += sumOf(ch.of.Is.Due.Due()) - sumOf(ch.of.Was.Due.Due())
			s.with(p)
		}
		for _, s := range []*DiffSum{&x.sum, to(owed)} {
			for f, v := range ch.of.Is.Adjust {
				s.topUp += max(0, v) - max(0, ch.of.Was.Adjust[f])
				s.clawback += max(0, -v) - max(0, -ch.of.Was.Adjust[f])
			}
			s.with(p)
		}
	}
	for i := range c.Cases {
		for _, s := range []*DiffSum{&x.sum, to(&c.Cases[i].Cause)} {
			s.Cases++
			s.with(p)
		}
	}
}

// with counts a person once; people come one after the other.
func (s *DiffSum) with(p ledger.PersonNo) {
	if s.person != p {
		s.person = p
		s.People++
	}
}

func (s *DiffSum) told() DiffSum {
	out := *s
	out.Due, out.TopUp, out.Clawback = s.due.String(), s.topUp.String(), s.clawback.String()
	return out
}

func sumOf(a rules.Amounts) (sum money.Fen) {
	for _, v := range a {
		sum += v
	}
	return sum
}

// inputWords are the kinds of inputs as a heading names them.
var inputWords = map[string]string{"roster": "名单", "withdrawal": "更正名单", "claim": "结算", "refund": "退费", "relief": "帮扶"}

// label names a cause for the sums: by kind and file, not row by row.
func (c *Changes) label(why *ChangeCause) string {
	var parts []string
	put := func(s string) {
		if !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	for _, i := range why.Inputs {
		in := &c.Inputs[i]
		switch {
		case in.Merge != 0:
			put(in.correction())
		case in.Kind == "posting":
			put(in.By + "过账")
		default:
			put(inputWords[in.Kind] + " " + in.File)
		}
	}
	if why.Reopened {
		put("年度重开")
	}
	if why.Policy {
		put("政策或本地参数改动")
	}
	if why.Program {
		put("程序更换")
	}
	if why.Others {
		put("家庭其他成员")
	}
	if len(parts) == 0 {
		return "原因不明，请核对"
	}
	return strings.Join(parts, " + ")
}

// codes are what a cause is, for programs.
func (c *Changes) codes(why *ChangeCause) string {
	if why == nil {
		return ""
	}
	var out []string
	put := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, i := range why.Inputs {
		put(c.Inputs[i].Kind)
	}
	for _, x := range []struct {
		is   bool
		code string
	}{{why.Reopened, "reopened"}, {why.Policy, "policy"}, {why.Program, "program"}, {why.Others, "household"}, {why.Unknown, "unknown"}} {
		if x.is {
			put(x.code)
		}
	}
	return strings.Join(out, "+")
}

// rows are the rows of files that a cause names: file:row, or file!sheet:row.
func (c *Changes) rows(why *ChangeCause) string {
	if why == nil {
		return ""
	}
	var out []string
	for _, i := range why.Inputs {
		if in := &c.Inputs[i]; in.File != "" {
			name := in.File
			if in.list() != in.File {
				name += "!" + in.Sheet
			}
			out = append(out, fmt.Sprintf("%s:%d", name, in.Row))
		}
	}
	return strings.Join(out, ";")
}
