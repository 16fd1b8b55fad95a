package reports

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/money"
)

// enrolMakers are the lists that are made of enrolments.
var enrolMakers = map[string]listMaker{
	"premium":          {needPremiums, (*facts).premiumTables},
	"enrolment_rates":  {needPremiums, (*facts).enrolmentRates},
	"enrolment_ledger": {needPremiums, (*facts).enrolmentLedger},
	"huiminbao":        {needPremiums, (*facts).huiminbaoTables},
}

// premiumPart reviews the enrolment and the subsidy of everyone who is or was on
// a list, and of everyone else for whom something was paid that nobody owed.
var premiumPart = part{needPremiums, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.readPremiums(ctx, s, f) }}

// premiumFacts is what the lists of enrolment are made of.
type premiumFacts struct {
	reviews  []reviewed // by county, township and ID
	enrolled int        // enrolments of the year on record; 0: no list was read, and nothing can be said
	coverage rules.Coverage
	byCounty bool // some row of a roster names a county
	basic    int  // everyone with a basic insurance for the year
	both     int  // of them with 惠民保, too
	premium  *rules.Premium
	targets  rules.Targets
	cited    string // the clause of the subsidy
}

// reviewed is what there is to say of one person.
type reviewed struct {
	person  ledger.PersonNo
	county  string
	held    rules.CategorySet  // everything, on the day of the review
	rows    []ledger.Enrolment // of the year, paid by the day of the review
	settled bool               // not enrolled, and yet a basic insurance paid a claim of the year
	rules.PremiumReview
}

// readPremiums reads the enrolments of the year and the one before, a person's
// one after the other, and reviews person by person.
func (d *duty) readPremiums(ctx context.Context, s Source, f *facts) error {
	d.premiumFacts = premiumFacts{}
	prm := f.area.Policy.InYear(d.year)
	if prm == nil {
		return nil // the pack begins later
	}
	d.premium, d.targets = &prm.Duties.Premium, prm.Duties.Targets
	d.cited = f.cite("premium.subsidy", f.judgedOn(d.year))
	before := map[ledger.PersonNo][]rules.Enrolment{}
	rows := map[ledger.PersonNo][]ledger.Enrolment{}
	err := s.Enrolments(ctx, f.area.Code, d.year, f.run.Seen, d.perPerson(f, rows))
	if err != nil {
		return err
	}
	people := slices.Sorted(maps.Keys(f.spells))
	counties := map[ledger.PersonNo]string{}
	for part := range slices.Chunk(people, chunkPeople) {
		err := s.EnrolmentsOf(ctx, f.area.Code, d.year-1, part, f.run.Seen, func(x *ledger.Enrolment) error {
			before[x.Person] = append(before[x.Person], enrolmentOf(x))
			return nil
		})
		if err != nil {
			return err
		}
		cs, err := s.Counties(ctx, f.area.Code, part, f.run.Seen)
		if err != nil {
			return err
		}
		maps.Copy(counties, cs)
	}
	for _, x := range rows {
		if f.spells[x[0].Person] == nil {
			people = append(people, x[0].Person)
		}
	}
	d.byCounty = len(counties) > 0
	own := f.recognition(counties)
	for _, p := range people {
		d.review(f, p, counties[p], own(counties[p]), rows[p], before[p])
	}
	if err := d.settledThough(ctx, s, f); err != nil {
		return err
	}
	var named []ledger.PersonNo
	for i := range d.reviews {
		named = append(named, d.reviews[i].person)
	}
	if err := f.locate(ctx, s, named); err != nil {
		return err
	}
	slices.SortFunc(d.reviews, func(a, b reviewed) int { return f.whereThenID(a.person, b.person) })
	return nil
}

func enrolmentOf(x *ledger.Enrolment) rules.Enrolment {
	return rules.Enrolment{Ref: x.ID, Year: x.Year, Plan: x.Plan, Place: x.Place, PaidOn: x.PaidOn, Own: x.Own, Subsidy: x.Subsidy}
}

// perPerson counts the enrolments of the year, person by person, and keeps those
// of whom something may have to be said: who is or was on a list, and who is
// subsidised or enrolled twice.
func (d *duty) perPerson(f *facts, keep map[ledger.PersonNo][]ledger.Enrolment) func(*ledger.Enrolment) error {
	var last ledger.PersonNo
	var basic, huiminbao bool
	var one ledger.Enrolment // the first of somebody who is on no list
	return func(x *ledger.Enrolment) error {
		if x.PaidOn > f.asOf {
			return nil // not known yet in that month
		}
		d.enrolled++
		if x.Person != last {
			last, basic, huiminbao, one = x.Person, false, false, ledger.Enrolment{}
		}
		isBasic, isHui := x.Plan == rules.PlanResidents || x.Plan == rules.PlanEmployees, x.Plan == rules.PlanHuiminbao
		if isBasic && !basic {
			d.basic++
			if huiminbao {
				d.both++
			}
		}
		if isHui && !huiminbao && basic {
			d.both++
		}
		basic, huiminbao = basic || isBasic, huiminbao || isHui
		listed := f.spells[x.Person] != nil
		switch {
		case !listed && isHui:
			return nil
		case !listed && x.Subsidy == 0 && keep[x.Person] == nil && one.Person == 0:
			one = *x
			return nil
		}
		if one.Person != 0 {
			keep[x.Person] = append(keep[x.Person], one)
			one = ledger.Enrolment{}
		}
		keep[x.Person] = append(keep[x.Person], *x)
		return nil
	}
}

// recognition gives the names and codes of the place in which somebody is
// recognised: the area, and the county; of whom no row names the county, all
// counties that rows name.
func (f *facts) recognition(counties map[ledger.PersonNo]string) func(county string) []string {
	base := []string{f.area.Code, f.area.Name}
	if f.area.Policy.County != "" {
		base = append(base, f.area.Policy.County)
	}
	all := map[string]bool{}
	for _, c := range counties {
		all[c] = true
	}
	everywhere := append(slices.Clone(base), slices.Sorted(maps.Keys(all))...)
	return func(county string) []string {
		if county == "" {
			return everywhere
		}
		return append(slices.Clip(base), county)
	}
}

func (d *duty) review(f *facts, p ledger.PersonNo, county string, place []string, rows []ledger.Enrolment, before []rules.Enrolment) {
	es := before
	for i := range rows {
		es = append(es, enrolmentOf(&rows[i]))
	}
	spells := f.spells[p]
	r := reviewed{person: p, county: f.countyOr(county), rows: rows, PremiumReview: f.area.Policy.Premiums(d.year, place, spells, es, f.asOf)}
	r.held = rules.Held(spells, r.On)
	d.coverage.Add(r.county, &r.PremiumReview)
	if r.Listed|r.Risk != 0 || r.Findings != 0 || r.Entitled || r.HuiminbaoDue {
		d.reviews = append(d.reviews, r)
	}
}

// settledThough finds those who are on no enrolment list and yet have a claim of
// the year that a basic insurance paid: they may well be enrolled.
func (d *duty) settledThough(ctx context.Context, s Source, f *facts) error {
	if d.enrolled == 0 {
		return nil
	}
	at := map[ledger.PersonNo]*reviewed{}
	var missing []ledger.PersonNo
	for i := range d.reviews {
		if r := &d.reviews[i]; r.Findings.Has(rules.PremiumNotEnrolled) {
			at[r.person] = r
			missing = append(missing, r.person)
		}
	}
	for part := range slices.Chunk(missing, chunkPeople) {
		data, err := s.LoadYears(ctx, f.area.Code, part, f.run.Seen, 0, d.year)
		if err != nil {
			return err
		}
		for i := range data {
			for _, c := range recompute.Live(data[i].Claims, data[i].Refunds) {
				if day := c.At.Date(); day.Year() == d.year && day <= f.asOf && c.Basic > 0 {
					at[data[i].Person].settled = true
				}
			}
		}
	}
	return nil
}

// noList says that nothing can be said; "" where an enrolment list was read.
func (d *duty) noList() string {
	if d.premium == nil {
		return fmt.Sprintf("%d 年没有施行中的政策包，不作判断。", d.year)
	}
	if d.enrolled == 0 {
		return fmt.Sprintf("账里没有 %d 年度的参保名单，无从判断谁未参保、谁未得到资助；请先读入参保名单。", d.year)
	}
	return ""
}

// rule says how much a category is subsidised.
func (d *duty) rule(x *rules.Subsidy) string {
	limit := ""
	if x.AtMost != rules.NoCategory {
		limit = "，不高于" + x.AtMost.Chinese()
	}
	switch x.Rule {
	case rules.FullSubsidy:
		if x.Amount == rules.Unset {
			return "全额（缴费标准未配置）"
		}
		return "全额 " + x.Amount.String()
	case rules.FixedSubsidy:
		return "定额 " + x.Amount.String() + limit
	case rules.OpenSubsidy:
		return "应资助，金额未配置" + limit
	}
	return ""
}

// insurances lists what somebody is in: 居民医保（开封市，2022-11-03）.
func insurances(rows []ledger.Enrolment) string {
	var out string
	for i := range rows {
		x := &rows[i]
		if i > 0 {
			out += "；"
		}
		out += x.Plan.Chinese()
		switch {
		case x.Place != "" && x.PaidOn != 0:
			out += "（" + x.Place + "，" + x.PaidOn.String() + "）"
		case x.Place != "":
			out += "（" + x.Place + "）"
		case x.PaidOn != 0:
			out += "（" + x.PaidOn.String() + "）"
		}
	}
	return out
}

// basicRows are the enrolments in a basic insurance, or those in 惠民保.
func basicRows(rows []ledger.Enrolment, basic bool) []ledger.Enrolment {
	return slices.DeleteFunc(slices.Clone(rows), func(x ledger.Enrolment) bool { return (x.Plan != rules.PlanHuiminbao) != basic })
}

func paidFor(rows []ledger.Enrolment) (sum money.Fen) {
	for i := range rows {
		sum += rows[i].Subsidy
	}
	return sum
}
