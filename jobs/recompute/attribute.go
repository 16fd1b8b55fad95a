package recompute

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// InputKind tells what an input is.
type InputKind uint8

// The kinds of inputs.
const (
	InputEvent InputKind = iota + 1
	InputClaim
	InputRefund
	InputRelief
	InputPosting
)

// Input is one record about a person that two runs saw differently.
type Input struct {
	Kind InputKind
	Ref  int64 // of the event, the claim, the refund's claim, the relief, the posting
	Gone bool  // the earlier run knew it, the later one does not: it was withdrawn
}

// A Factor is a number of inputs that are looked at as one: the categories of
// one roster row, or all that a file said.
type Factor []Input

// Inputs lists what after knows and before does not, and the other way round,
// in the order of kinds and numbers.
func Inputs(before, after *ledger.PersonData) []Input {
	was, is := inputsOf(before), inputsOf(after)
	var out []Input
	for in := range is {
		if !was[in] {
			out = append(out, in)
		}
	}
	for in := range was {
		if !is[in] {
			in.Gone = true
			out = append(out, in)
		}
	}
	slices.SortFunc(out, func(a, b Input) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref, b.Ref)) })
	return out
}

func inputsOf(d *ledger.PersonData) map[Input]bool {
	set := map[Input]bool{}
	only(d, func(in Input) bool { set[in] = true; return false })
	return set
}

// only is what is known of a person, without what keep refuses, and without
// results and cases.
func only(d *ledger.PersonData, keep func(Input) bool) ledger.PersonData {
	out := ledger.PersonData{Person: d.Person}
	for _, x := range d.Events {
		if keep(Input{Kind: InputEvent, Ref: x.Ref}) {
			out.Events = append(out.Events, x)
		}
	}
	for _, x := range d.Claims {
		if keep(Input{Kind: InputClaim, Ref: x.Ref}) {
			out.Claims = append(out.Claims, x)
		}
	}
	for _, x := range d.Refunds {
		if keep(Input{Kind: InputRefund, Ref: x.Claim}) {
			out.Refunds = append(out.Refunds, x)
		}
	}
	for _, x := range d.Relief {
		if keep(Input{Kind: InputRelief, Ref: x.Ref}) {
			out.Relief = append(out.Relief, x)
		}
	}
	for _, x := range d.Postings {
		if keep(Input{Kind: InputPosting, Ref: x.ID}) {
			out.Postings = append(out.Postings, x)
		}
	}
	return out
}

// differing is base, but for the inputs of a factor as other has them.
func differing(base, other *ledger.PersonData, f Factor) ledger.PersonData {
	of := func(in Input) bool {
		return slices.ContainsFunc(f, func(x Input) bool { return x.Kind == in.Kind && x.Ref == in.Ref })
	}
	out := only(base, func(in Input) bool { return !of(in) })
	add := only(other, of)
	out.Events = append(out.Events, add.Events...)
	out.Claims = append(out.Claims, add.Claims...)
	out.Refunds = append(out.Refunds, add.Refunds...)
	out.Relief = append(out.Relief, add.Relief...)
	out.Postings = append(out.Postings, add.Postings...)
	return out
}

// ClaimFigures is what a run says of a claim, as far as people see it. The zero
// value is a claim that does not count.
type ClaimFigures struct {
	Counts bool
	Due    rules.Result // without the numbers of the ledger
	Adjust rules.Amounts
}

// CaseKey names a case of one person.
type CaseKey struct {
	Level   string
	Year    int
	Monitor string
}

// CaseFigures is what a run says of a case. The zero value is none.
type CaseFigures struct {
	Open                        bool
	Name                        string
	State                       rules.CaseState
	Line, Gross, Relief, Burden money.Fen
	Moves                       string // to, on, by what kind of thing
}

// Figures are what a run says of a person.
type Figures struct {
	Claims map[int64]ClaimFigures
	Cases  map[CaseKey]CaseFigures
}

// FiguresOf puts results, postings and cases together.
func FiguresOf(results []ledger.Result, postings []ledger.Posting, cases []ledger.Case) Figures {
	f := Figures{Claims: map[int64]ClaimFigures{}, Cases: map[CaseKey]CaseFigures{}}
	posted := map[int64]rules.Amounts{}
	for _, p := range postings {
		a := posted[p.Claim]
		a[p.Fund] += p.Amount
		posted[p.Claim] = a
	}
	for i := range results {
		r := &results[i]
		if r.Flags&ledger.FlagGone != 0 {
			continue
		}
		c := ClaimFigures{Counts: true, Due: r.Due, Adjust: r.Adjust(posted[r.Claim])}
		c.Due.Event, c.Due.Pack = 0, nil
		f.Claims[r.Claim] = c
		delete(posted, r.Claim)
	}
	for claim, p := range posted { // paid for a claim that counts no longer
		f.Claims[claim] = ClaimFigures{Adjust: rules.Adjust(rules.Amounts{}, rules.Amounts{}, p, true)}
	}
	for i := range cases {
		c := &cases[i]
		if c.Gone {
			continue
		}
		var moves strings.Builder
		for _, m := range c.Moves {
			fmt.Fprintf(&moves, "%d %d %d\n", m.To, m.Date, m.By)
		}
		level := cmp.Or(c.Level, ledger.LevelPerson)
		f.Cases[CaseKey{level, c.Year, c.Monitor}] = CaseFigures{true, c.Name, c.State, c.Line, c.Gross, c.Relief, c.Burden, moves.String()}
	}
	return f
}

// Cause says what changed a figure.
type Cause struct {
	// Factors are the numbers of those without which it would be another.
	Factors []int
	// Any: each of the factors alone would have changed it, and one is enough.
	Any bool
	// Policy: under the present policy and program what the earlier run knew
	// gives something else than the earlier run found.
	Policy bool
}

// ClaimChange is a claim of which two runs say different things.
type ClaimChange struct {
	Claim   int64
	Was, Is ClaimFigures
	Cause   Cause // of what the claim is due and whether it counts
	Adjust  Cause // of what is still to be paid or recovered, where that differs
}

// CaseChange is a case of which two runs say different things.
type CaseChange struct {
	Key     CaseKey
	Was, Is CaseFigures
	Cause   Cause
}

// Question asks what made a difference between two runs for one person.
type Question struct {
	Area   string
	Policy *rules.Policy // by which is settled; the later run's
	// What each run knew, with the results and cases that it left.
	Before, After ledger.PersonData
	// The other members of the person's household, as the later run knew them,
	// where the policy watches households. Their cases are looked at then, too.
	Household []ledger.PersonData
	// The same people as the earlier run knew them, in the same order; nil: as the
	// later one.
	HouseholdBefore []ledger.PersonData
	// Factors divide Inputs(Before, After), and those of the household's members.
	Factors []Factor
}

// Answer is what differs, claims by number, cases by level, year and monitor.
type Answer struct {
	Claims []ClaimChange
	Cases  []CaseChange
}

// Answer compares what two runs found and asks of each factor, by settling
// again in memory, whether it made the difference: by leaving it out of what is
// known now, and where no single one matters, by adding it to what was known
// before. Nothing is stored.
func (q *Question) Answer() (Answer, error) {
	var a Answer
	was := FiguresOf(q.Before.Results, q.Before.Postings, q.Before.Cases)
	is := FiguresOf(q.After.Results, q.After.Postings, q.After.Cases)
	for claim := range union(was.Claims, is.Claims) {
		if x, y := was.Claims[claim], is.Claims[claim]; x != y {
			a.Claims = append(a.Claims, ClaimChange{Claim: claim, Was: x, Is: y})
		}
	}
	for key := range union(was.Cases, is.Cases) {
		if x, y := was.Cases[key], is.Cases[key]; x != y {
			a.Cases = append(a.Cases, CaseChange{Key: key, Was: x, Is: y})
		}
	}
	slices.SortFunc(a.Claims, func(x, y ClaimChange) int { return cmp.Compare(x.Claim, y.Claim) })
	slices.SortFunc(a.Cases, func(x, y CaseChange) int {
		return cmp.Or(cmp.Compare(x.Key.Level, y.Key.Level), cmp.Compare(x.Key.Year, y.Key.Year), cmp.Compare(x.Key.Monitor, y.Key.Monitor))
	})
	if len(a.Claims)+len(a.Cases) == 0 {
		return a, nil
	}

	before := q.HouseholdBefore
	if before == nil {
		before = q.Household
	}
	othersWas, err := q.dwellers(before)
	if err != nil {
		return a, err
	}
	othersAre, err := q.dwellers(q.Household)
	if err != nil {
		return a, err
	}
	then, err := q.settle(&q.Before, othersWas) // as it would have been under the present policy
	if err != nil {
		return a, err
	}
	now, err := q.settle(&q.After, othersAre)
	if err != nil {
		return a, err
	}
	without, with := make([]Figures, len(q.Factors)), make([]Figures, len(q.Factors))
	for i, f := range q.Factors {
		if without[i], err = q.changed(&q.After, &q.Before, othersAre, before, f); err != nil {
			return a, err
		}
		if with[i], err = q.changed(&q.Before, &q.After, othersWas, q.Household, f); err != nil {
			return a, err
		}
	}
	for i := range a.Claims {
		c := &a.Claims[i]
		due := func(x ClaimFigures) ClaimFigures { x.Adjust = rules.Amounts{}; return x }
		if due(c.Was) != due(c.Is) {
			c.Cause = causeOf(func(f Figures) ClaimFigures { return due(f.Claims[c.Claim]) }, due(c.Was), then, now, without, with)
		}
		if c.Was.Adjust != c.Is.Adjust {
			c.Adjust = causeOf(func(f Figures) rules.Amounts { return f.Claims[c.Claim].Adjust }, c.Was.Adjust, then, now, without, with)
		}
	}
	for i := range a.Cases {
		c := &a.Cases[i]
		c.Cause = causeOf(func(f Figures) CaseFigures { return f.Cases[c.Key] }, c.Was, then, now, without, with)
	}
	return a, nil
}

func causeOf[T comparable](of func(Figures) T, was T, then, now Figures, without, with []Figures) Cause {
	c := Cause{Policy: of(then) != was}
	for i := range without {
		if of(without[i]) != of(now) {
			c.Factors = append(c.Factors, i)
		}
	}
	if len(c.Factors) > 0 || of(then) == of(now) {
		return c
	}
	// Several say the same: taking one away changes nothing.
	for i := range with {
		if of(with[i]) != of(then) {
			c.Factors = append(c.Factors, i)
		}
	}
	c.Any = len(c.Factors) > 1
	if len(c.Factors) == 0 { // only all of them together, and more than one way
		for i := range with {
			c.Factors = append(c.Factors, i)
		}
	}
	return c
}

func union[K comparable, V any](a, b map[K]V) map[K]bool {
	set := make(map[K]bool, len(a)+len(b))
	for k := range a {
		set[k] = true
	}
	for k := range b {
		set[k] = true
	}
	return set
}

// HouseholdMoves reports whether the two runs say different things of a case of
// the household: then what came of its other members may be why.
func (q *Question) HouseholdMoves() bool {
	was, is := FiguresOf(nil, nil, q.Before.Cases).Cases, FiguresOf(nil, nil, q.After.Cases).Cases
	for key := range union(was, is) {
		if key.Level == ledger.LevelHousehold && was[key] != is[key] {
			return true
		}
	}
	return false
}

// dwellers are the household's other members, settled.
func (q *Question) dwellers(of []ledger.PersonData) ([]dweller, error) {
	if !q.Policy.WatchesHouseholds() {
		return nil, nil
	}
	var out []dweller
	for i := range of {
		x, err := q.dweller(only(&of[i], func(Input) bool { return true }))
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (q *Question) dweller(d ledger.PersonData) (dweller, error) {
	o, err := person(Job{Area: q.Area, Policy: q.Policy}, &d)
	return dweller{&o, &d}, err
}

// changed gives the figures of a person and the household, but for the inputs of
// a factor as the other side has them.
func (q *Question) changed(base, other *ledger.PersonData, others []dweller, otherSide []ledger.PersonData, f Factor) (Figures, error) {
	d := differing(base, other, f)
	others = slices.Clone(others)
	for i := range others {
		m := others[i].data
		if !concerns(m, f) && !concerns(&otherSide[i], f) {
			continue
		}
		var err error
		if others[i], err = q.dweller(differing(m, &otherSide[i], f)); err != nil {
			return Figures{}, err
		}
	}
	return q.settle(&d, others)
}

// concerns reports whether an input of a factor is one of the person's.
func concerns(d *ledger.PersonData, f Factor) bool {
	found := false
	only(d, func(in Input) bool {
		found = found || slices.ContainsFunc(f, func(x Input) bool { return x.Kind == in.Kind && x.Ref == in.Ref })
		return false
	})
	return found
}

// settle gives a person's figures, with those of the household's cases.
func (q *Question) settle(of *ledger.PersonData, others []dweller) (Figures, error) {
	known := only(of, func(Input) bool { return true })
	d := &known
	o, err := person(Job{Area: q.Area, Policy: q.Policy}, d)
	if err != nil {
		return Figures{}, err
	}
	cases := o.cases
	if q.Policy.WatchesHouseholds() {
		for year, members := range together(append(slices.Clone(others), dweller{&o, d})) {
			for _, c := range q.Policy.WatchHousehold(year, members) {
				cases = append(cases, ledger.Case{Area: q.Area, Level: ledger.LevelHousehold, Case: c})
			}
		}
	}
	return FiguresOf(o.results, d.Postings, cases), nil
}

// Household finds with whom a person lives: the one who stands for the
// household, and everyone in it, from who names whom as head.
func Household(heads map[ledger.PersonNo]ledger.PersonNo, p ledger.PersonNo) (root ledger.PersonNo, members []ledger.PersonNo) {
	of := Roots(heads)
	root = rootOf(of, p)
	for m, r := range of {
		if r == root && m != root {
			members = append(members, m)
		}
	}
	members = append(members, root)
	slices.Sort(members)
	return root, members
}
