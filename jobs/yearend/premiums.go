package yearend

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// premiums is what is read of enrolments.
type premiums struct {
	spells   map[ledger.PersonNo][]rules.Spell
	coverage rules.Coverage
	lists    bool // enrolments of the year are on record
}

// readPremiums sums the subsidised enrolments of the year, and reviews who is
// insured as on the year's last day.
func (m *maker) readPremiums(ctx context.Context, people []ledger.PersonNo) error {
	rows := map[ledger.PersonNo][]ledger.Enrolment{}
	for _, year := range []int{m.st.Year - 1, m.st.Year} {
		if err := m.s.Enrolments(ctx, m.a.Code, year, m.run.Seen, func(x *ledger.Enrolment) error {
			m.lists = m.lists || x.Year == m.st.Year
			if m.spells[x.Person] != nil || x.Year == m.st.Year && x.Subsidy != 0 {
				rows[x.Person] = append(rows[x.Person], *x)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	who := slices.Collect(maps.Keys(m.spells))
	for p := range rows {
		if m.spells[p] == nil {
			who = append(who, p)
		}
	}
	slices.Sort(who)
	counties := map[ledger.PersonNo]string{}
	for part := range slices.Chunk(who, chunk) {
		of, err := m.s.Counties(ctx, m.a.Code, part, m.run.Seen)
		if err != nil {
			return err
		}
		maps.Copy(counties, of)
	}
	sums := map[PremiumRow]*PremiumRow{}
	place := m.recognition(counties)
	for _, p := range who {
		m.premium(rows[p], m.spells[p], counties[p], place(counties[p]), sums)
	}
	for k, s := range sums {
		s.County, s.Category = k.County, k.Category
		m.st.Premiums = append(m.st.Premiums, *s)
	}
	slices.SortFunc(m.st.Premiums, func(a, b PremiumRow) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Category, b.Category))
	})
	return nil
}

// recognition gives the names of the place in which somebody is recognised; of whom
// no row names the county, those of all counties, as the lists of premiums have it.
func (m *maker) recognition(counties map[ledger.PersonNo]string) func(county string) []string {
	base := []string{m.a.Code, m.a.Name}
	if m.a.Policy.County != "" {
		base = append(base, m.a.Policy.County)
	}
	all := slices.Sorted(maps.Values(counties))
	everywhere := append(slices.Clone(base), slices.Compact(all)...)
	return func(county string) []string {
		if county == "" {
			return everywhere
		}
		return append(slices.Clip(base), county)
	}
}

func (m *maker) premium(rows []ledger.Enrolment, spells []rules.Spell, county string, place []string, sums map[PremiumRow]*PremiumRow) {
	var es []rules.Enrolment
	var paid PremiumRow
	for i := range rows {
		x := &rows[i]
		es = append(es, rules.Enrolment{Ref: x.ID, Year: x.Year, Plan: x.Plan, Place: x.Place, PaidOn: x.PaidOn, Own: x.Own, Subsidy: x.Subsidy})
		if x.Year == m.st.Year && x.Subsidy != 0 && (x.Plan == rules.PlanResidents || x.Plan == rules.PlanEmployees) {
			paid.People = 1
			paid.Own += x.Own
			paid.Subsidy += x.Subsidy
		}
	}
	where := cmp.Or(county, m.a.Name)
	review := m.a.Policy.Premiums(m.st.Year, place, spells, es, civil.YMD(m.st.Year, 12, 31))
	m.coverage.Add(where, &review)
	if paid.People == 0 {
		return
	}
	k := PremiumRow{County: where, Category: review.Due.Category}
	if sums[k] == nil {
		sums[k] = &PremiumRow{}
	}
	s := sums[k]
	s.People++
	s.Own += paid.Own
	s.Subsidy += paid.Subsidy
}

// enrolled holds 参保率 and 资助参保率 against the targets; nothing where no list of
// the year is on record.
func (m *maker) enrolled(prm *rules.Params) []rules.Judged {
	if !m.lists {
		return nil
	}
	for _, r := range m.coverage.Whole() {
		if r.Category == rules.NoCategory {
			return r.Judge(&prm.Duties.Targets)
		}
	}
	return nil
}
