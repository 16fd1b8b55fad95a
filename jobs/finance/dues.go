package finance

import (
	"cmp"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Facts are what is on record of an area, from which dues are made.
type Facts struct {
	Postings []ledger.Posting
	On       map[int64]ledger.PostedOn // by posting
	Advanced Advanced
	Premiums []Premium
	Counties map[ledger.PersonNo]string // of people whose rosters name one
}

// Dues are what is to be paid, or to be got back, by their keys.
func Dues(f *Facts, p *Payees, o *Options) []reconcile.Due {
	var out []reconcile.Due
	for i := range f.Postings {
		out = append(out, f.posting(&f.Postings[i], p))
	}
	out = append(out, f.Advanced.dues(p)...)
	for _, x := range f.Premiums {
		jan := civil.YMD(x.Year, 1, 1).Month()
		out = append(out, reconcile.Due{Key: reconcile.PremiumKey(x.Year, int64(x.Person)), Person: int64(x.Person), Payee: TaxOffice, County: f.Counties[x.Person],
			Item: reconcile.ItemPremium, From: jan, To: jan.Add(11), Amount: x.Amount})
	}
	out = slices.DeleteFunc(out, func(d reconcile.Due) bool { return d.Amount == 0 || d.From < o.from || !o.takes(d.Item) })
	slices.SortFunc(out, func(a, b reconcile.Due) int { return strings.Compare(a.Key, b.Key) })
	return out
}

func (f *Facts) posting(x *ledger.Posting, p *Payees) reconcile.Due {
	m := x.Date.Month()
	d := reconcile.Due{Key: reconcile.PostingKey(x.ID), Person: int64(x.Person), Payee: reconcile.Self, County: f.Counties[x.Person], Item: reconcile.ItemOf(x.Fund),
		From: m, To: m, Settlement: f.On[x.ID].SetlID, Amount: x.Amount}
	if x.Fund == rules.FundHospital { // the hospital owes what it is to bear
		on := f.On[x.ID]
		d.Payee, d.Amount = p.hospital(on.Hospital, on.HospName), -x.Amount
	}
	return d
}

// Advanced sums what hospitals advanced, by hospital, month, county and fund, as it
// is read: there are as many of them as people, and of their sums only a few.
type Advanced struct {
	sums  map[advance]money.Fen
	names map[string]string // of hospitals, by code: the first by the alphabet
}

type advance struct {
	hospital string
	month    civil.Month
	county   string
	fund     rules.Fund
}

// Add adds what was paid at once for somebody of a county.
func (a *Advanced) Add(county string, x ledger.PaidAtOnce) {
	if a.sums == nil {
		a.sums, a.names = map[advance]money.Fen{}, map[string]string{}
	}
	k := advance{x.Hospital, x.Month, county, rules.FundMajor}
	a.sums[k] += x.Major
	k.fund = rules.FundAssistance
	a.sums[k] += x.Assist
	if was, ok := a.names[x.Hospital]; !ok || x.Name < was {
		a.names[x.Hospital] = x.Name
	}
}

func (a *Advanced) dues(p *Payees) []reconcile.Due {
	out := make([]reconcile.Due, 0, len(a.sums))
	for k, sum := range a.sums {
		d := reconcile.Due{Key: reconcile.DirectKey(k.month, cmp.Or(k.hospital, "-"), k.fund.String()), Payee: p.hospital(k.hospital, a.names[k.hospital]), County: k.county,
			Item: reconcile.ItemOf(k.fund), From: k.month, To: k.month, Amount: sum}
		if k.county != "" {
			d.Key += "@" + k.county
		}
		out = append(out, d)
	}
	return out
}
