package simulate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Bucket is where a fen of a claim's total goes.
type Bucket uint8

// The buckets: every fen is in exactly one.
const (
	Basic Bucket = iota
	Other
	Major
	Assist
	Tilt
	Special
	Supplement
	Hospital
	Person
	NumBuckets
)

var bucketCodes = [NumBuckets]string{"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person"}

// String is the code: "assist".
func (b Bucket) String() string { return bucketCodes[b] }

// Buckets holds one amount for each bucket.
type Buckets [NumBuckets]money.Fen

// BucketsOf are the buckets of a result.
func BucketsOf(r *rules.Result) Buckets {
	return Buckets{r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital, r.Person}
}

// Assistance is what the assistance fund pays.
func (b Buckets) Assistance() money.Fen { return b[Assist] + b[Tilt] + b[Special] }

// Sum is the total fee.
func (b Buckets) Sum() (sum money.Fen) {
	for _, v := range b {
		sum += v
	}
	return sum
}

func (b *Buckets) add(o Buckets) {
	for i, v := range o {
		b[i] += v
	}
}

// Cost is what the claims of a month, or of the year, are due.
type Cost struct {
	Claims, Changed int
	Before, After   Buckets
}

// Diff is after less before.
func (c *Cost) Diff() Buckets {
	d := c.After
	for i, v := range c.Before {
		d[i] -= v
	}
	return d
}

func (c *Cost) add(o *Cost) {
	c.Claims += o.Claims
	c.Changed += o.Changed
	c.Before.add(o.Before)
	c.After.add(o.After)
}

// Group is under what a person's year is counted: a category, or one of two
// others.
type Group struct {
	Category rules.Category
	Unlisted bool // never on any list; else, without a category, held none that day
}

// String is the code: "dibao", "none", "unlisted".
func (g Group) String() string {
	switch {
	case g.Unlisted:
		return "unlisted"
	case g.Category == rules.NoCategory:
		return "none"
	}
	return g.Category.String()
}

// Side are people who bear less, or more.
type Side struct {
	People int
	Sum    money.Fen // never negative
}

// Average is the sum by head, half up.
func (s Side) Average() money.Fen {
	if s.People == 0 {
		return 0
	}
	return (2*s.Sum + money.Fen(s.People)) / (2 * money.Fen(s.People))
}

// Sides are the people whose figures change.
type Sides struct {
	Less, More Side
	Shifted    int // bear the same, but somebody else pays
}

// Net is by how much more they all bear.
func (s *Sides) Net() money.Fen { return s.More.Sum - s.Less.Sum }

func (s *Sides) add(o Sides) {
	s.Less.People += o.Less.People
	s.Less.Sum += o.Less.Sum
	s.More.People += o.More.People
	s.More.Sum += o.More.Sum
	s.Shifted += o.Shifted
}

func sidesOf(d money.Fen) Sides {
	switch {
	case d < 0:
		return Sides{Less: Side{1, -d}}
	case d > 0:
		return Sides{More: Side{1, d}}
	}
	return Sides{Shifted: 1}
}

// Cases counts clearance cases.
type Cases struct{ Opened, Cleared int }

// MonitorKey names a monitor.
type MonitorKey struct{ ID, Level string }

// MonitorChange is a monitor's cases before and after.
type MonitorChange struct {
	MonitorKey
	Name          string
	Before, After Cases
}

// PersonChange is what changes for a person in the year.
type PersonChange struct {
	Area          string
	Person        ledger.PersonNo
	Group         Group
	Township      string
	Before, After Buckets
	Changed       int           // claims
	Claims        []ClaimChange // of them the largest ones, by date
	first         string        // the first changed claim's setl_id
}

// Diff is by how much more the person bears.
func (c *PersonChange) Diff() money.Fen { return c.After[Person] - c.Before[Person] }

// ClaimChange is what changes on a claim.
type ClaimChange struct {
	SetlID        string
	At            civil.Moment
	Kind          rules.Kind
	Before, After Buckets
}

// moved is how much of the total changes hands.
func moved(before, after Buckets) (sum money.Fen) {
	for i := range after {
		if d := after[i] - before[i]; d > 0 {
			sum += d
		}
	}
	return sum
}

const (
	topPeople = 20
	topClaims = 5 // of each of them
)

// Tally is what a simulation counts.
type Tally struct {
	People, Changed int      // with claims in the year; of them, whose figures change
	Months          [12]Cost // of settlement
	Sides           Sides
	Groups          map[Group]Sides
	Townships       map[string]Sides // "" for whom no list names one
	Monitors        []MonitorChange  // in the order of the policy
	monitors        map[MonitorKey]MonitorChange
	top             []PersonChange
}

func newTally() Tally {
	return Tally{Groups: map[Group]Sides{}, Townships: map[string]Sides{}, monitors: map[MonitorKey]MonitorChange{}}
}

// Year is the cost of the year.
func (t *Tally) Year() (y Cost) {
	for i := range t.Months {
		y.add(&t.Months[i])
	}
	return y
}

// Same reports whether nothing differs.
func (t *Tally) Same() bool {
	return t.Changed == 0 && !slices.ContainsFunc(t.Monitors, func(m MonitorChange) bool { return m.Before != m.After })
}

func (t *Tally) add(o *Tally) {
	t.People += o.People
	t.Changed += o.Changed
	for i := range o.Months {
		t.Months[i].add(&o.Months[i])
	}
	t.Sides.add(o.Sides)
	for k, v := range o.Groups {
		v.add(t.Groups[k])
		t.Groups[k] = v
	}
	for k, v := range o.Townships {
		v.add(t.Townships[k])
		t.Townships[k] = v
	}
	for k, v := range o.monitors {
		x := t.monitors[k]
		x.Before.Opened += v.Before.Opened
		x.Before.Cleared += v.Before.Cleared
		x.After.Opened += v.After.Opened
		x.After.Cleared += v.After.Cleared
		t.monitors[k] = x
	}
	for _, c := range o.top {
		t.top = keepTop(t.top, c)
	}
}

// order lists the monitors as the policies do, also those without a case.
func (t *Tally) order(policies ...*rules.Policy) {
	for _, p := range policies {
		for i := range p.Segments {
			for _, m := range p.Segments[i].Params.Monitors {
				k := MonitorKey{m.ID, ledger.LevelPerson}
				if m.Household {
					k.Level = ledger.LevelHousehold
				}
				if !m.On || slices.ContainsFunc(t.Monitors, func(x MonitorChange) bool { return x.MonitorKey == k }) {
					continue
				}
				x := t.monitors[k]
				x.MonitorKey, x.Name = k, m.Name
				t.Monitors = append(t.Monitors, x)
			}
		}
	}
}

// keepTop keeps the largest changes, largest first.
func keepTop(top []PersonChange, c PersonChange) []PersonChange {
	i, _ := slices.BinarySearchFunc(top, c, larger)
	if i >= topPeople {
		return top
	}
	top = slices.Insert(top, i, c)
	return top[:min(len(top), topPeople)]
}

// larger orders changes by size. People are numbered in the order of arrival, so
// that of two of one size the settlement's ID decides.
func larger(a, b PersonChange) int {
	return cmp.Or(cmp.Compare(abs(b.Diff()), abs(a.Diff())), cmp.Compare(moved(b.Before, b.After), moved(a.Before, a.After)),
		cmp.Compare(a.first, b.first), cmp.Compare(a.Area, b.Area))
}

func abs(f money.Fen) money.Fen { return max(f, -f) }

// count adds a chunk that is settled both ways.
func (w *worker) count(ctx context.Context, people []person) error {
	t := &w.tally
	var changed []PersonChange
	from := 0
	for i := range people {
		x := &people[i]
		n := len(x.claims)
		if n > 0 {
			t.People++
		}
		before, after := w.before.results[from:from+n], w.after.results[from:from+n]
		from += n
		c := PersonChange{Area: w.plan.area.Code, Person: x.no}
		largest, size := -1, money.Fen(-1)
		for k := range x.claims {
			b, a := BucketsOf(&before[k]), BucketsOf(&after[k])
			m := &t.Months[x.claims[k].At.Date().Month()%100-1]
			m.Claims++
			m.Before.add(b)
			m.After.add(a)
			c.Before.add(b)
			c.After.add(a)
			if a == b {
				continue
			}
			m.Changed++
			c.Changed++
			if c.first == "" {
				c.first = x.claims[k].ID
			}
			if d := abs(a[Person] - b[Person]); d > size {
				largest, size = k, d
			}
		}
		if c.Changed == 0 {
			continue
		}
		c.Group = w.group(i, &x.claims[largest], &before[largest], &after[largest])
		t.Changed++
		s := sidesOf(c.Diff())
		t.Sides.add(s)
		s.add(t.Groups[c.Group])
		t.Groups[c.Group] = s
		if len(t.top) < topPeople || larger(c, t.top[topPeople-1]) < 0 {
			c.Claims = largestClaims(x.claims, before, after)
		}
		changed = append(changed, c)
	}
	t.countCases(w.before.cases, len(people), func(m *MonitorChange) *Cases { return &m.Before })
	t.countCases(w.after.cases, len(people), func(m *MonitorChange) *Cases { return &m.After })
	return w.settled(ctx, changed)
}

// settled adds the changed people by township and keeps the largest changes.
func (w *worker) settled(ctx context.Context, changed []PersonChange) error {
	if len(changed) == 0 {
		return nil
	}
	who := make([]ledger.PersonNo, len(changed))
	for i := range changed {
		who[i] = changed[i].Person
	}
	homes, err := w.ledger.Residence(ctx, w.plan.area.Code, who, w.seen)
	if err != nil {
		return err
	}
	t := &w.tally
	for _, c := range changed {
		c.Township = homes[c.Person][0]
		s := sidesOf(c.Diff())
		s.add(t.Townships[c.Township])
		t.Townships[c.Township] = s
		t.top = keepTop(t.top, c)
	}
	return nil
}

// group is under what a person's year is counted: the category of the claim that
// changes most. It is the one by which that claim is assisted, under the draft or
// else at present, or the first that was held on the day.
func (w *worker) group(i int, c *rules.Claim, before, after *rules.Result) Group {
	if cat := cmp.Or(after.Category, before.Category); cat != rules.NoCategory {
		return Group{Category: cat}
	}
	d := c.At.Date()
	held := rules.Held(w.after.spells[i], d) | rules.Held(w.before.spells[i], d)
	var order []rules.Category
	if seg := w.plan.after.At(d); seg != nil {
		order = seg.Params.Order
	}
	for _, cat := range append(slices.Clone(order), rules.Categories()...) {
		if held.Has(cat) {
			return Group{Category: cat}
		}
	}
	return Group{Unlisted: len(w.after.spells[i]) == 0 && len(w.before.spells[i]) == 0}
}

// largestClaims are a person's largest changes, by date.
func largestClaims(claims []rules.Claim, before, after []rules.Result) []ClaimChange {
	var all []ClaimChange
	for k := range claims {
		x := ClaimChange{claims[k].ID, claims[k].At, claims[k].Kind, BucketsOf(&before[k]), BucketsOf(&after[k])}
		if x.Before != x.After {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b ClaimChange) int {
		return cmp.Or(cmp.Compare(abs(b.After[Person]-b.Before[Person]), abs(a.After[Person]-a.Before[Person])), cmp.Compare(moved(b.Before, b.After), moved(a.Before, a.After)))
	})
	all = slices.Clone(all[:min(len(all), topClaims)])
	slices.SortFunc(all, func(a, b ClaimChange) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.SetlID, b.SetlID)) })
	return all
}

// countCases counts the cases of people, and behind them those of households.
func (t *Tally) countCases(cases [][]rules.Case, people int, side func(*MonitorChange) *Cases) {
	for i, cs := range cases {
		level := ledger.LevelPerson
		if i >= people {
			level = ledger.LevelHousehold
		}
		for k := range cs {
			key := MonitorKey{cs[k].Monitor, level}
			m := t.monitors[key]
			n := side(&m)
			n.Opened++
			if cs[k].State == rules.Cleared {
				n.Cleared++
			}
			t.monitors[key] = m
		}
	}
}

// check holds the sums against each other: every fen is in one bucket before and
// after, and what people bear more or less is the same however it is counted.
func (t *Tally) check() error {
	for i := range t.Months {
		if d := t.Months[i].Diff().Sum(); d != 0 {
			return fmt.Errorf("%w: simulate: the differences of month %d come to %s", ledger.ErrIntegrity, i+1, d)
		}
	}
	year := t.Year()
	want := year.Diff()[Person]
	sum := func(all map[string]Sides) (net money.Fen, people int) {
		for _, s := range all {
			net += s.Net()
			people += s.Less.People + s.More.People + s.Shifted
		}
		return net, people
	}
	groups := map[string]Sides{}
	for g, s := range t.Groups {
		groups[g.String()] = s
	}
	for name, all := range map[string]map[string]Sides{"all": {"": t.Sides}, "categories": groups, "townships": t.Townships} {
		if net, people := sum(all); net != want || people != t.Changed {
			return fmt.Errorf("%w: simulate: by %s %d people bear %s more, by claims %d people %s", ledger.ErrIntegrity, name, people, net, t.Changed, want)
		}
	}
	return nil
}

// SortedGroups are the groups in the fixed order of categories, those without one
// last.
func (t *Tally) SortedGroups() []Group {
	return slices.SortedFunc(maps.Keys(t.Groups), func(a, b Group) int {
		rank := func(g Group) int {
			switch {
			case g.Unlisted:
				return 1000
			case g.Category == rules.NoCategory:
				return 999
			}
			return int(g.Category)
		}
		return cmp.Compare(rank(a), rank(b))
	})
}

// SortedTownships are the townships by name, the unnamed last.
func (t *Tally) SortedTownships() []string {
	return slices.SortedFunc(maps.Keys(t.Townships), func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(b, a) // "" last
		}
		return cmp.Compare(a, b)
	})
}
