package jobs

import (
	"cmp"
	"context"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Balance is how a fund stands with a person as a run knew it.
type Balance struct {
	Area   string
	Person ledger.PersonNo
	Fund   string // a fund's code; of money that came back for something else, its item
	// Proposed by the run, not posted yet.
	TopUp, Clawback money.Fen
	// Posted, by this and earlier runs' proposals.
	PostedTopUp, PostedClawback money.Fen
	// Back is what came back: the finance bureau's payments below zero.
	Back money.Fen
	// Open is what is still to be recovered, and Excess what came back beyond what
	// was to be. What came back pays what was to be recovered first; a 追回 that a
	// later 补发 on the same settlement takes back is not to be recovered any more.
	Open, Excess money.Fen

	order int
	moves []move
}

// move is a step of a balance: a posting, or money that came back.
type move struct {
	date   civil.Date
	claim  int64 // 0: money that came back
	amount money.Fen
}

// settle goes through the steps in their order.
func (b *Balance) settle() {
	slices.SortStableFunc(b.moves, func(x, y move) int { return cmp.Compare(x.date, y.date) })
	type debt struct {
		claim int64
		open  money.Fen
	}
	var debts []debt
	for _, m := range b.moves {
		switch {
		case m.claim == 0:
			b.Excess += m.amount
		case m.amount < 0:
			debts = append(debts, debt{m.claim, -m.amount})
		default:
			for i := range debts {
				if d := &debts[i]; d.claim == m.claim {
					off := min(d.open, m.amount)
					d.open, m.amount = d.open-off, m.amount-off
				}
			}
		}
		for i := range debts {
			paid := min(debts[i].open, b.Excess)
			debts[i].open, b.Excess = debts[i].open-paid, b.Excess-paid
		}
	}
	for _, d := range debts {
		b.Open += d.open
	}
}

// Net is what was posted, recoveries taken off.
func (b *Balance) Net() money.Fen { return b.PostedTopUp - b.PostedClawback }

// BalanceStore is what balances are made of, beside a Store.
type BalanceStore interface {
	Transfers(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Transfer) error) error
}

// Balances are the balances of everyone of whom something was proposed or
// posted, or came back, as a run knew it; by area, person and fund.
func (c *Cycle) Balances(ctx context.Context, s BalanceStore, items *reconcile.Items, run ledger.Run) ([]Balance, error) {
	type key struct {
		area   string
		person ledger.PersonNo
		fund   string
	}
	by := map[key]*Balance{}
	of := func(area string, p ledger.PersonNo, fund string, order int) *Balance {
		k := key{area, p, fund}
		if by[k] == nil {
			by[k] = &Balance{Area: area, Person: p, Fund: fund, order: order}
		}
		return by[k]
	}
	proposed, err := c.RunProposals(ctx, run)
	if err != nil {
		return nil, err
	}
	for i := range proposed {
		p := &proposed[i]
		b := of(p.Area, p.Person, p.Fund.String(), int(p.Fund))
		b.TopUp += max(0, p.Amount)
		b.Clawback += max(0, -p.Amount)
	}
	for _, ra := range run.Areas {
		posted, err := c.Store.Postings(ctx, ra.Area, run.Seen)
		if err != nil {
			return nil, err
		}
		for _, p := range posted {
			b := of(p.Area, p.Person, p.Fund.String(), int(p.Fund))
			b.PostedTopUp += max(0, p.Amount)
			b.PostedClawback += max(0, -p.Amount)
			b.moves = append(b.moves, move{p.Date, p.Claim, p.Amount})
		}
		if err := s.Transfers(ctx, ra.Area, run.Seen, func(t *ledger.Transfer) error {
			if t.Person == 0 || t.Amount >= 0 {
				return nil
			}
			name, order := fundOf(items, t.Item)
			b := of(t.Area, t.Person, name, order)
			b.Back -= t.Amount
			b.moves = append(b.moves, move{date: t.Date, amount: -t.Amount})
			return nil
		}); err != nil {
			return nil, err
		}
	}
	out := make([]Balance, 0, len(by))
	for _, b := range by {
		b.settle()
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Person, b.Person), cmp.Compare(a.order, b.order), cmp.Compare(a.Fund, b.Fund))
	})
	return out, nil
}

// fundOf is the fund that an item of the finance bureau is, or the item itself.
func fundOf(items *reconcile.Items, item string) (name string, order int) {
	folded, _ := items.Fold(item)
	for f := range rules.Fund(rules.NumFunds) {
		if reconcile.ItemOf(f) == folded {
			return f.String(), int(f)
		}
	}
	return folded, int(rules.NumFunds)
}
