package reports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// rosterMakers are the lists that are made of the rosters alone.
var rosterMakers = map[string]listMaker{
	"roster_changes": {needPlaces, (*facts).rosterChanges},
}

// placePart finds the county and township of everyone on the lists, and of those
// who left.
var placePart = part{needPlaces, func(ctx context.Context, s Source, f *facts, _ *duty) error {
	var people []ledger.PersonNo
	for _, r := range f.register {
		people = append(people, r.Person)
	}
	for _, c := range f.changes {
		people = append(people, c.person)
	}
	for p := range f.risk { // some of them left
		people = append(people, p)
	}
	return f.locate(ctx, s, people)
}}

// change is a category that a person holds and did not hold at the end of the
// month before, or the other way round.
type change struct {
	person   ledger.PersonNo
	category rules.Category
	added    bool
	date     civil.Date // 认定日期, or the day from which it is held no longer
	dept     string     // whose row did it
	cause    rules.Cause
	expired  bool // removed by the end of a certificate
	// corrected: removed by a corrected roster, as if it had never been held.
	corrected bool
}

// sourced is a spell with the departments whose rows opened and closed it.
type sourced struct {
	rules.Spell
	opened, closed string
}

// riskCategories are the categories of latent-risk people on any day.
func riskCategories(p *rules.Policy) (all rules.CategorySet) {
	for _, seg := range p.Segments {
		all |= seg.Params.Duties.Risk
	}
	return all
}

// source is the department whose row has a number.
func source(events []rules.Event, ref int64) string {
	for i := range events {
		if events[i].Ref == ref {
			return events[i].Source
		}
	}
	return ""
}

// sources keeps the spells of a person in some categories, with their
// departments.
func (f *facts) sources(p ledger.PersonNo, cats rules.CategorySet, spells []rules.Spell, events []rules.Event) {
	for _, s := range spells {
		if cats.Has(s.Category) {
			f.risk[p] = append(f.risk[p], sourced{s, source(events, s.Opened), source(events, s.Closed)})
		}
	}
}

// before is the day with which the month is compared: the last one of the month
// of the run before, as that run knew it. Where there was none, or it was of a
// later month, it is the last day of the month before, as known now; false.
func (f *facts) before() (civil.Date, bool) {
	if f.prev.No > 0 && f.prev.Month < f.run.Month {
		return f.prev.Month.Last(), true
	}
	return f.run.Month.First().Prev(), false
}

// compare finds what a person's categories were and are. Of the events, which
// are in the order of arrival, the run before knew the first few, and those that
// were withdrawn since.
func (f *facts) compare(p ledger.PersonNo, spells []rules.Spell, events []rules.Event, known int, withdrawn []rules.Event) {
	day, then := f.before()
	was := spells
	if then && (known < len(events) || len(withdrawn) > 0) {
		was, _ = f.area.Policy.Spells(slices.Concat(events[:known], withdrawn))
	}
	before, now := rules.Held(was, day), rules.Held(spells, f.asOf)
	for _, c := range (before ^ now).List() {
		x := change{person: p, category: c, added: now.Has(c)}
		for _, s := range spells {
			switch {
			case s.Category != c:
			case x.added && s.Covers(f.asOf):
				x.date, x.dept, x.cause = s.Start, source(events, s.Opened), s.Cause
			case !x.added && s.End <= f.asOf: // the last of them
				x.date, x.dept, x.cause, x.expired = s.End, source(events, s.Closed), s.Cause, s.Closed == 0
				if x.expired {
					x.dept = source(events, s.Opened)
				}
			}
		}
		if !x.added && len(withdrawn) > 0 && x.date <= day { // nothing ended it since
			x.corrected, x.date, x.expired = true, 0, false
			for _, s := range was {
				if s.Category == c && s.Covers(day) {
					x.dept, x.cause = source(slices.Concat(events, withdrawn), s.Opened), s.Cause
				}
			}
		}
		f.changes = append(f.changes, x)
	}
}

// locate opens the IDs, names, counties and townships of people.
func (f *facts) locate(ctx context.Context, s Source, people []ledger.PersonNo) error {
	var more []ledger.PersonNo
	for _, p := range people {
		if _, ok := f.places[p]; !ok {
			more = append(more, p)
		}
	}
	slices.Sort(more)
	more = slices.Compact(more)
	if f.places == nil {
		f.places = make(map[ledger.PersonNo]homeOf, len(more))
	}
	for part := range slices.Chunk(more, chunkPeople) {
		counties, err := s.Counties(ctx, f.area.Code, part, f.run.Seen)
		if err != nil {
			return err
		}
		if err := f.also(ctx, s, part); err != nil {
			return err
		}
		for _, p := range part {
			f.places[p] = homeOf{f.countyOr(counties[p]), f.homes[p][0]}
		}
	}
	return nil
}

// countyOr is a county, or the area's own name where no row names one.
func (f *facts) countyOr(county string) string {
	return cmp.Or(county, f.area.Policy.County, f.area.Name)
}

// whereThenID orders people as lists show them: county, township, ID.
func (f *facts) whereThenID(a, b ledger.PersonNo) int {
	x, y := f.places[a], f.places[b]
	return cmp.Or(cmp.Compare(x.county, y.county), cmp.Compare(x.township, y.township), cmp.Compare(f.people[a].Certno, f.people[b].Certno))
}

// who are the cells that say who somebody is: certno, name, county, township.
func (f *facts) who(p ledger.PersonNo) []any {
	h := f.places[p]
	return []any{f.id(p), f.name(p), h.county, h.township}
}

// rosterChanges: who came onto the lists and who left them, by department and
// category (KF-10, XJ-9). The month before and the changes make this month.
func (f *facts) rosterChanges(_ *duty, s scope) []*table {
	day, then := f.before()
	against := fmt.Sprintf("与上次运行所知的 %s 在册情况比较", day)
	if !then {
		against = fmt.Sprintf("没有更早月份的运行，按认定和退出日期与 %s 比较", day)
	}
	type key struct {
		dept string
		cat  rules.Category
	}
	type sum struct{ added, removed, expired int }
	sums := map[key]*sum{}
	list := newTable("roster_changes", f.title("新增和退出人员名单"), "change dept kind_of_need certno name county township date how",
		"每人每个类别一行，写明由哪个部门的名单带来；证件到期的，列报送该证件的部门。日期为认定日期或退出生效日期。")
	changes := slices.Clone(f.changes)
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(-cmp.Compare(btoi(a.added), btoi(b.added)), f.whereThenID(a.person, b.person), cmp.Compare(a.category, b.category))
	})
	var rows [][]any
	for _, c := range changes {
		k := key{or(c.dept, "（未填）"), c.category}
		if !s.counts(about{person: c.person, dept: k.dept, category: c.category}) {
			continue
		}
		if sums[k] == nil {
			sums[k] = &sum{}
		}
		what, how := "退出", ""
		switch {
		case c.added:
			what = "新增"
			sums[k].added++
			if c.cause == rules.Illness {
				how = "因病"
			}
		case c.corrected:
			how = "名单更正"
			sums[k].removed++
		case c.expired:
			how = "证件到期"
			sums[k].expired++
			fallthrough
		default:
			sums[k].removed++
		}
		rows = append(rows, append([]any{what, k.dept, c.category.Chinese()}, append(f.who(c.person), dayOrNil(c.date), how)...))
	}
	list.rows = rows

	held := map[rules.Category]int{}
	for _, r := range f.register {
		for _, c := range r.Held.List() {
			held[c]++
		}
	}
	t := newTable("roster_change_sums", f.title("困难人员新增和退出汇总"), "dept kind_of_need added removed expired net",
		"用途：各部门按月核对困难人员的增减。"+against+"；同月退出又纳入的不算变动，有几种身份的每种各计一次。")
	rows = nil
	for _, k := range slices.SortedFunc(maps.Keys(sums), func(a, b key) int { return cmp.Or(cmp.Compare(a.dept, b.dept), cmp.Compare(a.cat, b.cat)) }) {
		x := sums[k]
		rows = append(rows, []any{k.dept, k.cat.Chinese(), x.added, x.removed, x.expired, x.added - x.removed})
	}
	t.rows = rows

	check := newTable("roster_check", f.title("在册人数核对"), "kind_of_need before added removed listed", "上期在册 ＋ 新增 － 退出 ＝ 本月末在册，逐类相符。")
	rows = nil
	for _, c := range rules.Categories() {
		added, removed := 0, 0
		for k, x := range sums {
			if k.cat == c {
				added, removed = added+x.added, removed+x.removed
			}
		}
		if s.counts(about{category: c}) && held[c]+removed > 0 {
			rows = append(rows, []any{c.Chinese(), held[c] - added + removed, added, removed, held[c]})
		}
	}
	check.rows = rows
	return []*table{t, list, check}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
