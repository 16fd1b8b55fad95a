package yearend

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// premiums is what is read of enrolments.
type premiums struct {
	spells   map[ledger.PersonNo][]rules.Spell
	coverage rules.Coverage
	lists    bool // enrolments of the year are on record
}

// readPremiums sums the subsidised enrolments of the year and what is due of premiums,
// and reviews who is insured as on the year's last day.
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
	due, err := finance.ReadPremiums(ctx, m.s, &finance.Area{Code: m.a.Code, Name: m.a.Name, Policy: m.a.Policy}, m.run.Seen)
	if err != nil {
		return err
	}
	sums := map[PremiumRow]*PremiumRow{}
	for _, p := range who {
		m.premium(rows[p], m.spells[p], counties[p], due.Places(counties[p]), sums)
	}
	m.premiumsDue(due, rows, sums)
	for k, s := range sums {
		s.County, s.Category = k.County, k.Category
		m.st.Premiums = append(m.st.Premiums, *s)
	}
	slices.SortFunc(m.st.Premiums, func(a, b PremiumRow) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Category, b.Category))
	})
	return m.movedPremiums(ctx, due)
}

// premiumsDue adds what is due of the year. Who has it without a subsidy on record
// is not counted yet.
func (m *maker) premiumsDue(due *finance.Premiums, rows map[ledger.PersonNo][]ledger.Enrolment, sums map[PremiumRow]*PremiumRow) {
	for i := range due.Due {
		x := &due.Due[i]
		if x.Year != m.st.Year {
			continue
		}
		s := at(sums, PremiumRow{County: cmp.Or(due.Counties[x.Person], m.a.Name), Category: x.Category})
		s.Due += x.Amount
		if slices.ContainsFunc(rows[x.Person], func(e ledger.Enrolment) bool { return m.subsidised(&e) }) {
			continue
		}
		s.People++
		for _, e := range rows[x.Person] {
			if e.Year == x.Year && e.Plan == rules.PlanResidents {
				s.Own += e.Own
			}
		}
	}
}

// movedPremiums holds what is due of premiums of earlier years against what the
// statements have of it so far: late enrolments and recognitions; all of it, where
// nobody closed the year.
func (m *maker) movedPremiums(ctx context.Context, due *finance.Premiums) error {
	moved := map[MovedPremium]money.Fen{}
	then, err := m.statements(ctx)
	if err != nil {
		return err
	}
	for _, st := range then {
		for _, p := range st.Premiums {
			moved[MovedPremium{Year: st.Year, County: p.County, Category: p.Category}] -= p.Due
		}
		for _, p := range st.MovedPremiums {
			x := p
			x.Amount = 0
			moved[x] -= p.Amount
		}
	}
	for i := range due.Due {
		if x := &due.Due[i]; x.Year < m.st.Year {
			m.earlier.add(m, x.Year, reconcile.ItemPremium, x.Amount)
			moved[MovedPremium{Year: x.Year, County: cmp.Or(due.Counties[x.Person], m.a.Name), Category: x.Category}] += x.Amount
		}
	}
	for k, v := range moved {
		if k.Amount = v; v != 0 {
			m.st.MovedPremiums = append(m.st.MovedPremiums, k)
		}
	}
	slices.SortFunc(m.st.MovedPremiums, func(a, b MovedPremium) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.County, b.County), cmp.Compare(a.Category, b.Category))
	})
	return nil
}

// at is the sum of a key.
func at[K comparable, V any](sums map[K]*V, k K) *V {
	if sums[k] == nil {
		sums[k] = new(V)
	}
	return sums[k]
}

// subsidised reports whether something of the year was subsidised, by the lists.
func (m *maker) subsidised(x *ledger.Enrolment) bool {
	return x.Year == m.st.Year && x.Subsidy != 0 && (x.Plan == rules.PlanResidents || x.Plan == rules.PlanEmployees)
}

func (m *maker) premium(rows []ledger.Enrolment, spells []rules.Spell, county string, place []string, sums map[PremiumRow]*PremiumRow) {
	var es []rules.Enrolment
	var paid PremiumRow
	for i := range rows {
		x := &rows[i]
		es = append(es, finance.EnrolmentOf(x))
		if m.subsidised(x) {
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
	s := at(sums, PremiumRow{County: where, Category: review.Due.Category})
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
