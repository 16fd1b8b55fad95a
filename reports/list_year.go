package reports

import (
	"cmp"
	"context"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// yearPart opens who the people are whom the lists of a year name. What they are
// made of is read before: see [duty.readYear].
var yearPart = part{needYear, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.nameYear(ctx, s, f) }}

// yearFacts is what the lists of a year are made of.
type yearFacts struct {
	indicators rules.Indicators // of the year and the year before
	cuts       []cutRow
	burdens    []burdenRow                         // of everyone with a claim in the year whom a roster names, or who bore more than the line
	persons    rules.OverLine                      // of everyone with a claim in the year
	everyone   []ledger.PersonNo                   // of whom anything is on record, in ascending order
	homes2     map[ledger.PersonNo]homeOf          // of those of them whose home a roster names
	roots      map[ledger.PersonNo]ledger.PersonNo // of households
	own        map[ownKey]*ownSum                  // out-of-scope fees of assisted people's stays
	hot        map[hotKey]*hotSum                  // of people with an open or cleared case of the year
	fund       map[civil.Month]money.Fen
	classes    map[classKey]*classSum
	unhelped   []unhelpedRow
	houses     map[ledger.PersonNo]money.Fen // burden by household, where one of two or more is known
}

// homeOf is where a person lives.
type homeOf struct{ county, township string }

// cutRow is a claim cut at the old limit of special-disease care.
type cutRow struct {
	person ledger.PersonNo
	at     civil.Moment
	rules.CutClaim
}

// burdenRow is what a person bore in the year.
type burdenRow struct {
	person ledger.PersonNo
	held   rules.CategorySet // at the month's end
	burden money.Fen         // after all layers and relief
	scope  money.Fen         // of it in scope, before relief
	relief money.Fen
}

type ownKey struct {
	hospital string // code, or the folded name without one
	month    civil.Month
}

// ownSum sums stays of assisted people at a hospital.
type ownSum struct {
	name                                 string
	level                                uint8
	stays, over                          int
	total, out, allowed, borne, recorded money.Fen
}

type hotKind uint8

const (
	hotDisease hotKind = iota
	hotHospital
	hotTownship
)

type hotKey struct {
	kind hotKind
	name string
}

type hotSum struct {
	people, claims int
	before, now    int // claims of the month before, and of the month; of this year
	total, self    money.Fen
	last           ledger.PersonNo // people are counted one after another
}

type classKey struct {
	county   string
	category rules.Category // NoCategory: everyone on the lists, counted once
}

type classSum struct {
	people, claims                                                            int
	total, basic, other, major, assist, tilt, special, supplement, hosp, self money.Fen
}

// unhelpedRow is an assisted person's claim that could be assisted and was not.
type unhelpedRow struct {
	person ledger.PersonNo
	setl   string
	at     civil.Moment
	due    money.Fen // what the person is still to be paid
}

// chunkPeople bounds memory: so many people are read at a time.
const chunkPeople = 10_000

func newYearFacts() yearFacts {
	return yearFacts{homes2: map[ledger.PersonNo]homeOf{}, own: map[ownKey]*ownSum{}, hot: map[hotKey]*hotSum{}, fund: map[civil.Month]money.Fen{},
		classes: map[classKey]*classSum{}}
}

// readYear reads everyone's claims and results once, for all lists of a year, and
// sums them: what it keeps does not grow with the claims. Of f it takes only what
// nothing changes, so that it can go on beside whatever reads the other facts.
func (d *duty) readYear(ctx context.Context, s Source, f *facts, watched map[ledger.PersonNo]bool) (err error) {
	d.yearFacts = newYearFacts()
	if d.everyone, err = s.People(ctx, f.area.Code, f.run.Seen); err != nil {
		return err
	}
	heads, err := s.Heads(ctx, f.area.Code, f.run.Seen)
	if err != nil {
		return err
	}
	d.households(heads)
	ages := d.prm.Duties.Targets.ElderAge > 0 || d.prm.Duties.Targets.ChildAge > 0
	for part := range slices.Chunk(d.everyone, chunkPeople) {
		if err := d.chunk(ctx, s, f, part, watched, ages); err != nil {
			return err
		}
	}
	return nil
}

// watched are the people with a case of the year.
func (d *duty) watched(f *facts) map[ledger.PersonNo]bool {
	out := map[ledger.PersonNo]bool{}
	for i := range f.cases {
		if c := &f.cases[i]; c.Year == d.year && c.Level != ledger.LevelHousehold {
			out[c.Person] = true
		}
	}
	return out
}

// nameYear opens who the people are.
func (d *duty) nameYear(ctx context.Context, s Source, f *facts) error {
	var named []ledger.PersonNo
	for _, c := range d.cuts {
		named = append(named, c.person)
	}
	for _, b := range d.burdens {
		if d.overLine(b.burden, d.prm.Duties.PersonBurden) || b.held != 0 && b.burden > 0 {
			named = append(named, b.person)
		}
	}
	for _, u := range d.unhelped {
		named = append(named, u.person)
	}
	for head := range d.houses {
		named = append(named, head)
	}
	return f.also(ctx, s, named)
}

func (d *duty) overLine(v, line money.Fen) bool { return line != rules.Unset && v > line }

func (d *duty) chunk(ctx context.Context, s Source, f *facts, people []ledger.PersonNo, watched map[ledger.PersonNo]bool, ages bool) error {
	data, err := s.LoadYears(ctx, f.area.Code, people, f.run.Seen, f.run.No, d.year-1)
	if err != nil {
		return err
	}
	homes, err := s.Residence(ctx, f.area.Code, people, f.run.Seen)
	if err != nil {
		return err
	}
	counties, err := s.Counties(ctx, f.area.Code, people, f.run.Seen)
	if err != nil {
		return err
	}
	births := map[ledger.PersonNo]civil.Date{}
	if ages {
		ids, err := s.Certnos(ctx, people)
		if err != nil {
			return err
		}
		for p, id := range ids {
			if b, err := rules.BirthOf(id); err == nil { // IDs were checked when they came
				births[p] = b
			}
		}
	}
	for i := range data {
		p := &data[i]
		home := homeOf{cmp.Or(counties[p.Person], f.area.Name), homes[p.Person][0]}
		if home != (homeOf{county: f.area.Name}) {
			d.homes2[p.Person] = home
		}
		d.person(f, p, home, births[p.Person], watched[p.Person])
	}
	return nil
}

// person counts one person's claims of the year and of the year before.
func (d *duty) person(f *facts, p *ledger.PersonData, home homeOf, birth civil.Date, watched bool) {
	spells, _ := f.area.Policy.Spells(p.Events)
	held := rules.Held(spells, f.asOf)
	due := make(map[int64]*ledger.Result, len(p.Results))
	for i := range p.Results {
		due[p.Results[i].Claim] = &p.Results[i]
	}
	posted := map[int64]rules.Amounts{}
	for _, x := range p.Postings {
		a := posted[x.Claim]
		a[x.Fund] += x.Amount
		posted[x.Claim] = a
	}
	var ever rules.CategorySet
	for year, claims := range recompute.ByYear(recompute.Live(p.Claims, p.Refunds)) {
		if year != d.year && year != d.year-1 {
			continue
		}
		results := make([]rules.Result, 0, len(claims))
		kept := claims[:0:0]
		for i := range claims {
			r := due[claims[i].Ref]
			if r == nil || claims[i].At.Date().Month() > d.month {
				continue // not settled yet, or after the month that is reported
			}
			kept, results = append(kept, claims[i]), append(results, r.Due)
		}
		var helps []rules.Help
		for _, h := range p.Relief {
			if h.Date.Year() == year && h.Date.Month() <= d.month {
				helps = append(helps, h)
			}
		}
		d.indicators.AddYear(f.area.Policy, home.county, home.township, birth, spells, kept, results, helps)
		for i := range kept {
			d.fund[kept[i].At.Date().Month()] += results[i].Assistance()
		}
		if year != d.year || len(kept) == 0 {
			continue
		}
		ever = d.thisYear(f, p, home, spells, held, kept, results, helps, due, posted, watched)
	}
	if classes := held | ever; classes != 0 {
		for _, c := range append([]rules.Category{rules.NoCategory}, held.List()...) {
			k := d.class(classKey{home.county, c})
			if held != 0 {
				k.people++
			}
		}
	}
}

func (d *duty) thisYear(f *facts, p *ledger.PersonData, home homeOf, spells []rules.Spell, held rules.CategorySet, claims []rules.Claim, results []rules.Result,
	helps []rules.Help, due map[int64]*ledger.Result, posted map[int64]rules.Amounts, watched bool) (ever rules.CategorySet) {
	b := burdenRow{person: p.Person, held: held}
	for i := range claims {
		c, r := &claims[i], &results[i]
		b.burden += r.Person
		b.scope += max(0, c.InScope-r.Basic-r.Other-r.Major) - r.Assistance() - r.Supplement
		day := c.At.Date()
		on := rules.Held(spells, day)
		ever |= on
		seg := f.area.Policy.At(day)
		if seg == nil {
			continue
		}
		if assisted := on & seg.Params.Assisted; assisted != 0 || r.Category != rules.NoCategory {
			d.stay(seg.Params, c, r, on)
			for _, cat := range append([]rules.Category{rules.NoCategory}, assisted.List()...) {
				d.class(classKey{home.county, cat}).add(c, r)
			}
			row := due[c.Ref]
			if adj := row.Adjust(posted[c.Ref]); adj[rules.FundAssistance] > 0 {
				d.unhelped = append(d.unhelped, unhelpedRow{p.Person, c.ID, c.At, adj[rules.FundAssistance]})
			}
		}
		if watched {
			d.heat(hotDisease, c.DiseaseName, p.Person, c, r)
			d.heat(hotHospital, cmp.Or(c.HospitalCode, c.HospitalName), p.Person, c, r)
			d.heat(hotTownship, home.township, p.Person, c, r)
		}
	}
	for _, h := range helps {
		b.relief += h.Amount
	}
	b.burden = max(0, b.burden-b.relief)
	d.persons.Line = d.prm.Duties.PersonBurden
	if over := d.persons.Add(b.burden); over || len(p.Events) > 0 {
		d.burdens = append(d.burdens, b)
	}
	root := p.Person
	if r, ok := d.roots[p.Person]; ok {
		root = r
	}
	if _, ok := d.houses[root]; ok {
		d.houses[root] += b.burden
	}
	for _, cut := range f.area.Policy.CutClaims(claims, results) {
		d.cuts = append(d.cuts, cutRow{p.Person, claims[cut.Index].At, cut})
	}
	return ever
}

func (d *duty) class(k classKey) *classSum {
	if d.classes[k] == nil {
		d.classes[k] = &classSum{}
	}
	return d.classes[k]
}

func (k *classSum) add(c *rules.Claim, r *rules.Result) {
	k.claims++
	k.total += c.Total
	k.basic += r.Basic
	k.other += r.Other
	k.major += r.Major
	k.assist += r.Assist
	k.tilt += r.Tilt
	k.special += r.Special
	k.supplement += r.Supplement
	k.hosp += r.Hospital
	k.self += r.Person
}

// stay counts an assisted person's stay at its hospital.
func (d *duty) stay(prm *rules.Params, c *rules.Claim, r *rules.Result, held rules.CategorySet) {
	if c.Kind != rules.Inpatient || held&prm.Assisted == 0 {
		return
	}
	k := ownKey{cmp.Or(c.HospitalCode, c.HospitalName), c.At.Date().Month()}
	if k.hospital == "" {
		return
	}
	x := d.own[k]
	if x == nil {
		x = &ownSum{name: c.HospitalName, level: c.Level}
		d.own[k] = x
	}
	x.stays++
	x.total += c.Total
	x.out += c.Total - c.InScope
	x.borne += r.Hospital
	x.recorded += c.Hosp
	if prm.HospitalOn && c.Level >= 1 && c.Level <= 3 && prm.HospitalLimit[c.Level] != rules.Unset {
		x.allowed += c.Total.MulHalfUp(prm.HospitalLimit[c.Level])
	}
	if r.Hospital > 0 {
		x.over++
	}
}

func (d *duty) heat(kind hotKind, name string, p ledger.PersonNo, c *rules.Claim, r *rules.Result) {
	if name == "" {
		return
	}
	k := hotKey{kind, name}
	x := d.hot[k]
	if x == nil {
		x = &hotSum{}
		d.hot[k] = x
	}
	if x.last != p {
		x.people++
		x.last = p
	}
	x.claims++
	switch c.At.Date().Month() {
	case d.month:
		x.now++
	case d.month.Add(-1):
		x.before++
	}
	x.total += c.Total
	x.self += r.Person
}

// households begins the sums of the burdens of those who live together.
func (d *duty) households(heads map[ledger.PersonNo]ledger.PersonNo) {
	if len(heads) == 0 {
		return
	}
	d.roots, d.houses = recompute.Roots(heads), map[ledger.PersonNo]money.Fen{}
	for _, root := range d.roots {
		d.houses[root] = 0
	}
}

// home is where somebody lives: of whom no roster names it, in the area.
func (d *duty) home(f *facts, p ledger.PersonNo) homeOf {
	if h, ok := d.homes2[p]; ok {
		return h
	}
	if _, ok := slices.BinarySearch(d.everyone, p); ok {
		return homeOf{county: f.area.Name}
	}
	return homeOf{}
}

// also opens the IDs, names and homes of people whom a list names.
func (f *facts) also(ctx context.Context, s Source, people []ledger.PersonNo) error {
	var more []ledger.PersonNo
	for _, p := range people {
		if _, ok := f.people[p]; !ok {
			more = append(more, p)
		}
	}
	slices.Sort(more)
	more = slices.Compact(more)
	for part := range slices.Chunk(more, chunkPeople) {
		ids, err := s.IdentitiesAt(ctx, part, f.run.Seen)
		if err != nil {
			return err
		}
		homes, err := s.Residence(ctx, f.area.Code, part, f.run.Seen)
		if err != nil {
			return err
		}
		for p, x := range ids {
			f.people[p] = x
		}
		for p, h := range homes {
			f.homes[p] = h
		}
	}
	return nil
}

// byPerson orders rows of people: county, township, ID.
func (d *duty) byPerson(f *facts, a, b ledger.PersonNo) int {
	x, y := d.home(f, a), d.home(f, b)
	return cmp.Or(cmp.Compare(x.county, y.county), cmp.Compare(x.township, y.township), cmp.Compare(f.people[a].Certno, f.people[b].Certno))
}
