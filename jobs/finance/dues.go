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
	Paid     []ledger.PaidAtOnce
	Premiums []Premium
	Counties map[ledger.PersonNo]string // of people whose rosters name one
}

// Dues are what is to be paid, or to be got back, by their keys.
func Dues(f *Facts, p *Payees, o *Options) []reconcile.Due {
	var out []reconcile.Due
	for i := range f.Postings {
		out = append(out, f.posting(&f.Postings[i], p))
	}
	out = append(out, f.direct(p)...)
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

// direct sums what hospitals advanced, by hospital, month, county and fund.
func (f *Facts) direct(p *Payees) []reconcile.Due {
	type key struct {
		hospital string
		month    civil.Month
		county   string
		fund     rules.Fund
	}
	sums := map[key]money.Fen{}
	names := map[string]string{}
	for i := range f.Paid {
		x := &f.Paid[i]
		k := key{x.Hospital, x.Month, f.Counties[x.Person], rules.FundMajor}
		sums[k] += x.Major
		k.fund = rules.FundAssistance
		sums[k] += x.Assist
		if was, ok := names[x.Hospital]; !ok || x.Name < was {
			names[x.Hospital] = x.Name
		}
	}
	out := make([]reconcile.Due, 0, len(sums))
	for k, sum := range sums {
		d := reconcile.Due{Key: reconcile.DirectKey(k.month, cmp.Or(k.hospital, "-"), k.fund.String()), Payee: p.hospital(k.hospital, names[k.hospital]), County: k.county,
			Item: reconcile.ItemOf(k.fund), From: k.month, To: k.month, Amount: sum}
		if k.county != "" {
			d.Key += "@" + k.county
		}
		out = append(out, d)
	}
	return out
}
