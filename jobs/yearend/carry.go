package yearend

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
)

// transfers sums what the finance bureau paid.
func (m *maker) transfers(ctx context.Context, transfers []transfer) error {
	var people []ledger.PersonNo
	for _, x := range transfers {
		if x.Person != 0 {
			people = append(people, x.Person)
		}
	}
	slices.Sort(people)
	people = slices.Compact(people)
	counties := map[ledger.PersonNo]string{}
	for part := range slices.Chunk(people, chunk) {
		of, err := m.s.Counties(ctx, m.a.Code, part, m.run.Seen)
		if err != nil {
			return err
		}
		maps.Copy(counties, of)
	}
	sums := map[PaidRow]PaidRow{}
	codes := m.codes()
	for i := range transfers {
		x := &transfers[i]
		at := m.of[x.SetlID]
		if at.hospital == "" {
			at.hospital = codes[rules.Fold(x.Line.Payee)]
		}
		switch {
		case x.Person != 0:
			at.county = cmp.Or(counties[x.Person], m.a.Name)
		case at.county == "":
			at.county = x.Line.County
		}
		k := PaidRow{Item: x.Line.Item, County: at.county, Hospital: at.hospital}
		s := sums[k]
		s.Count++
		s.Amount += x.Line.Amount
		sums[k] = s
		m.st.PaidSum += x.Line.Amount
	}
	m.st.Counts.Transfers = len(transfers)
	for k, s := range sums {
		k.Count, k.Amount = s.Count, s.Amount
		m.st.Paid = append(m.st.Paid, k)
	}
	slices.SortFunc(m.st.Paid, func(a, b PaidRow) int {
		return cmp.Or(cmp.Compare(rank(a.Item), rank(b.Item)), cmp.Compare(a.Item, b.Item), cmp.Compare(a.County, b.County), cmp.Compare(a.Hospital, b.Hospital))
	})
	return nil
}

// codes are the hospitals by their folded names; a name that two share is none's.
func (m *maker) codes() map[string]string {
	out := map[string]string{}
	for code, name := range m.names {
		f := rules.Fold(name)
		if _, twice := out[f]; twice || f == "" {
			code = ""
		}
		out[f] = code
	}
	return out
}

// statementOf is the statement that was signed, as it is on record.
func statementOf(ctx context.Context, s Source, of State) (*Statement, error) {
	text, err := s.YearStatement(ctx, of.First.ID)
	if err != nil {
		return nil, err
	}
	return Parse(text, of.First.Digest)
}

// carry makes the balances of the items.
func (m *maker) carry(ctx context.Context) error {
	st := m.st
	at := map[string]*CarryRow{}
	row := func(item string) *CarryRow {
		if at[item] == nil {
			at[item] = &CarryRow{Item: item}
		}
		return at[item]
	}
	if m.before != 0 {
		was, err := statementOf(ctx, m.s, m.calendar.Now(m.before))
		if err != nil {
			return err
		}
		for _, r := range was.Carry {
			if r.Carried != 0 {
				row(r.Item).Opening = r.Carried
			}
		}
	}
	for i := range st.Rows {
		r := row(reconcile.ItemOf(st.Rows[i].Fund))
		r.Recorded += st.Rows[i].Recorded
		r.Posted += st.Rows[i].Posted
		r.Outside += st.Rows[i].Recorded + st.Rows[i].Posted - st.Rows[i].payable()
	}
	for _, p := range st.Premiums {
		row(reconcile.ItemPremium).Recorded += p.Due
	}
	for _, p := range st.MovedPremiums {
		row(reconcile.ItemPremium).Moved += p.Amount
	}
	for _, p := range st.Prior {
		row(reconcile.ItemOf(p.Fund)).Prior += p.Amount
	}
	for _, x := range st.Moved {
		r := row(reconcile.ItemOf(x.Fund))
		r.Moved += x.Amount
		if !isAdvanced(x.Fund) {
			r.Outside += x.Amount
		}
	}
	for _, p := range st.Paid {
		r := row(p.Item)
		r.Paid += p.Amount
		r.Count += p.Count
	}
	if err := m.rereads(ctx); err != nil {
		return err
	}
	for _, x := range st.Reread {
		row(x.Item).Paid += x.Amount
	}
	for _, r := range at {
		r.Carried = r.due() - r.Paid
		st.Carry = append(st.Carry, *r)
	}
	slices.SortFunc(st.Carry, func(a, b CarryRow) int {
		return cmp.Or(cmp.Compare(rank(a.Item), rank(b.Item)), cmp.Compare(a.Item, b.Item))
	})
	return nil
}
