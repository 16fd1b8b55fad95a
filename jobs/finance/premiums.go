package finance

import (
	"context"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// PremiumSource is what the premiums that are due are made of.
type PremiumSource interface {
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
}

// Premium is what is due of a year's premium of an enrolled person.
type Premium struct {
	Year     int
	Person   ledger.PersonNo
	Category rules.Category // by which it is due
	Amount   money.Fen
}

// Premiums are what is due of premiums. The reconciliation and the annual clearance
// both take it from here, so that they can not disagree.
type Premiums struct {
	Due      []Premium                  // by person and year
	Counties map[ledger.PersonNo]string // of everyone whom a roster names, where it names a county
	base     []string
	anywhere []string
}

// ReadPremiums reviews, year by year, everyone who is or was on a list and is
// enrolled.
func ReadPremiums(ctx context.Context, s PremiumSource, a *Area, seen ledger.Seq) (*Premiums, error) {
	events, err := s.Events(ctx, a.Code, nil, 0, seen)
	if err != nil {
		return nil, err
	}
	by := map[ledger.PersonNo][]rules.Event{}
	for i := range events {
		by[events[i].Person] = append(by[events[i].Person], events[i].Rules())
	}
	listed := slices.Sorted(maps.Keys(by))
	enrolled := map[ledger.PersonNo][]rules.Enrolment{}
	for part := range slices.Chunk(listed, chunk) {
		err := s.EnrolmentsOf(ctx, a.Code, 0, part, seen, func(x *ledger.Enrolment) error {
			enrolled[x.Person] = append(enrolled[x.Person], EnrolmentOf(x))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	p := &Premiums{}
	if p.Counties, err = counties(ctx, s, a.Code, listed, seen); err != nil {
		return nil, err
	}
	p.places(a)
	for _, who := range slices.Sorted(maps.Keys(enrolled)) {
		spells, _ := a.Policy.Spells(by[who])
		es := enrolled[who]
		years := map[int]bool{}
		for _, e := range es {
			if !years[e.Year] && e.Plan == rules.PlanResidents {
				years[e.Year] = true
				r := a.Policy.Premiums(e.Year, p.Places(p.Counties[who]), spells, es, everKnown)
				if due := premiumDue(&r, es); due != 0 {
					p.Due = append(p.Due, Premium{e.Year, who, r.Due.Category, due})
				}
			}
		}
	}
	return p, nil
}

// EnrolmentOf is an enrolment as the rules read it.
func EnrolmentOf(x *ledger.Enrolment) rules.Enrolment {
	return rules.Enrolment{Ref: x.ID, Year: x.Year, Plan: x.Plan, Place: x.Place, PaidOn: x.PaidOn, Own: x.Own, Subsidy: x.Subsidy}
}

// counties are where people live, as rosters have it.
func counties(ctx context.Context, s interface {
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
}, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error) {
	out := map[ledger.PersonNo]string{}
	for part := range slices.Chunk(people, chunk) {
		of, err := s.Counties(ctx, area, part, seen)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, of)
	}
	return out, nil
}

// everKnown is after every day: what is due does not depend on the month that is
// looked at.
const everKnown = civil.Date(99991231)

func (p *Premiums) places(a *Area) {
	p.base = []string{a.Code, a.Name}
	if a.Policy.County != "" {
		p.base = append(p.base, a.Policy.County)
	}
	all := map[string]bool{}
	for _, c := range p.Counties {
		all[c] = true
	}
	p.anywhere = append(slices.Clone(p.base), slices.Sorted(maps.Keys(all))...)
}

// Places are the names of the place in which somebody of a county is recognised; of
// whom no row names the county, those of all counties.
func (p *Premiums) Places(county string) []string {
	if county == "" {
		return p.anywhere
	}
	return append(slices.Clip(p.base), county)
}

// premiumDue is what is due of one person's premium, by the review of the year and
// the enrolments of that year; 0 where nothing is, or the person is not enrolled.
func premiumDue(r *rules.PremiumReview, es []rules.Enrolment) money.Fen {
	if !r.Entitled || !r.Residents {
		return 0
	}
	if r.Due.Amount != rules.Unset {
		return r.Due.Amount
	}
	// What is not configured is passed through as recorded.
	var best rules.Enrolment
	for _, e := range es {
		if e.Year == r.Year && e.Plan == rules.PlanResidents && (e.Subsidy > best.Subsidy || e.Subsidy == best.Subsidy && e.Own > best.Own) {
			best = e
		}
	}
	if r.Due.Rule == rules.FullSubsidy {
		return best.Own + best.Subsidy
	}
	return best.Subsidy
}
