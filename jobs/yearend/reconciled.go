package yearend

import (
	"context"
	"maps"
	"slices"

	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules/money"
)

// Line is what the reconciliation says of a transfer.
type Line struct {
	Item   string // folded
	County string // "" not said
	Payee  string // a hospital's name, among others
	Amount money.Fen
	Class  string    // of what pays nothing that is due: 已拨无应, 重复拨付, 未对账, …; "" else
	Excess money.Fen // how much of it
}

// Reconciler gives all transfers of the area that a run sees, by number: also those
// that take no part in the reconciliation.
type Reconciler func(ctx context.Context, run ledger.Run) (map[int64]Line, error)

// notReconciled is the class of what takes no part.
const notReconciled = "未对账"

// Reconciling reads transfers as the reconciliation of an area does.
func Reconciling(s finance.Source, a finance.Area) Reconciler {
	return func(ctx context.Context, run ledger.Run) (map[int64]Line, error) {
		b, err := finance.Gather(ctx, s, a, run.Seen)
		if err != nil {
			return nil, err
		}
		out := map[int64]Line{}
		for id, r := range b.Readings() {
			out[id] = lineOf(&r)
		}
		return out, nil
	}
}

func lineOf(r *finance.Reading) Line {
	l := Line{Item: r.Item, County: r.County, Payee: r.Payee, Amount: r.Amount}
	switch {
	case r.Match == nil:
		l.Class, l.Excess = notReconciled, r.Amount
	case r.Open != 0:
		l.Class, l.Excess = r.Match.Class.Chinese(), r.Open
		if r.Match.Rule == reconcile.ByHand {
			l.Class = r.Match.Rule.Chinese() + "勾对" + l.Class
		}
	}
	return l
}

// unreconciled takes transfers as they are written, where nobody reconciles.
func unreconciled(s Source, a *Area) Reconciler {
	return func(ctx context.Context, run ledger.Run) (map[int64]Line, error) {
		items, err := reconcile.NewItems(nil)
		if err != nil {
			return nil, err
		}
		out := map[int64]Line{}
		err = s.Transfers(ctx, a.Code, run.Seen, func(x *ledger.Transfer) error {
			l := Line{Amount: x.Amount, Class: notReconciled, Excess: x.Amount}
			l.Item, _ = items.Fold(x.Item)
			if l.Item == reconcile.ItemHospital { // the reconciliation has what comes back below 0
				l.Amount, l.Excess = -l.Amount, -l.Excess
			}
			out[x.ID] = l
			return nil
		})
		return out, err
	}
}

// rereads holds what transfers in earlier statements come to now against what those
// have: who paid, or for what, may have become known since.
func (m *maker) rereads(ctx context.Context) error {
	then, err := m.statements(ctx)
	if err != nil {
		return err
	}
	for _, st := range then {
		for _, p := range st.Paid {
			m.reread[p.Item] -= p.Amount
		}
		for _, x := range st.Reread {
			m.reread[x.Item] -= x.Amount
		}
	}
	for _, item := range slices.Sorted(maps.Keys(m.reread)) {
		if v := m.reread[item]; v != 0 {
			m.st.Reread = append(m.st.Reread, RereadRow{item, v})
		}
	}
	return nil
}

// statements are those of the closed years before.
func (m *maker) statements(ctx context.Context) ([]*Statement, error) {
	var out []*Statement
	for _, year := range m.calendar.Closed() {
		if year >= m.st.Year {
			break
		}
		st, err := statementOf(ctx, m.s, m.calendar.Now(year))
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}
