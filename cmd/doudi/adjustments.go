package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"

	"github.com/spf13/cobra"
)

func (a *app) adjustmentsCmd() *cobra.Command {
	var balance bool
	c := a.listCmd(list{use: "adjustments [--run N] [--balance] [--format csv|json] [--reveal]", short: "列出一次运行提出的补发和追回（元）；--balance 列出每人各资金已过账和尚待追回的余额",
		print: func(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
			if balance {
				return a.balances(ctx, w, r, o)
			}
			return a.adjustments(ctx, w, r, o)
		}})
	c.Long = "列出一次运行提出的补发和追回（元）：run,fund,certno,setl_id,due,recorded,posted,amount,kind,year,prior_year,cause。\n" +
		"--balance 列出每人各资金的余额：run,area,certno,fund,proposed_topup,proposed_clawback（本次提出）,posted_topup,posted_clawback,net（已过账）,\n" +
		"came_back（财政拨付清单里此人的负数，按资金项目归入各资金）,to_recover（尚待追回 = 已过账追回 − 退回 − 后来在同一结算上又补发而不必再追的）,excess（多退）。\n\n" + exitHelp
	c.Flags().BoolVar(&balance, "balance", false, "每人各资金的余额：本次提出、已过账、退回（财政拨付清单里的负数）、尚待追回")
	return c
}

// balances lists how each fund stands with each person.
func (a *app) balances(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
	items, err := reconcile.NewItems(w.conf.Reconcile.Names)
	if err != nil {
		return err
	}
	bs, err := a.cycle(w).Balances(ctx, w.store, items, r)
	if err != nil {
		return err
	}
	var people []ledger.PersonNo
	for i := range bs {
		people = append(people, bs[i].Person)
	}
	ids, err := w.store.Certnos(ctx, people)
	if err != nil {
		return err
	}
	slices.SortStableFunc(bs, func(x, y jobs.Balance) int { return cmp.Compare(ids[x.Person], ids[y.Person]) })
	t, err := newTable(a.out, o.format, "run", "area", "certno", "fund", "proposed_topup", "proposed_clawback", "posted_topup", "posted_clawback", "net", "came_back", "to_recover", "excess")
	if err != nil {
		return err
	}
	for i := range bs {
		b := &bs[i]
		if err := t.row(strconv.Itoa(r.No), b.Area, o.id(ids[b.Person]), b.Fund, b.TopUp.String(), b.Clawback.String(), b.PostedTopUp.String(), b.PostedClawback.String(),
			b.Net().String(), b.Back.String(), b.Open.String(), b.Excess.String()); err != nil {
			return err
		}
	}
	return t.close()
}

func (a *app) adjustments(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
	ps, err := a.cycle(w).RunProposals(ctx, r)
	if err != nil {
		return err
	}
	ids, err := w.store.Certnos(ctx, peopleOf(ps))
	if err != nil {
		return err
	}
	slices.SortStableFunc(ps, func(x, y jobs.Proposal) int {
		return cmp.Or(cmp.Compare(ids[x.Person], ids[y.Person]), cmp.Compare(x.Row.At, y.Row.At), cmp.Compare(x.SetlID, y.SetlID), cmp.Compare(x.Fund, y.Fund))
	})
	t, err := newTable(a.out, o.format, "run", "fund", "certno", "setl_id", "due", "recorded", "posted", "amount", "kind", "year", "prior_year", "cause")
	if err != nil {
		return err
	}
	for i := range ps {
		p := &ps[i]
		if err := t.row(strconv.Itoa(r.No), p.Fund.String(), o.id(ids[p.Person]), p.SetlID, p.Due.String(), p.Recorded.String(), p.Posted.String(),
			p.Amount.String(), p.Kind(), strconv.Itoa(p.Year), strconv.FormatBool(p.Prior), p.Cause()); err != nil {
			return err
		}
	}
	return t.close()
}

func peopleOf(ps []jobs.Proposal) []ledger.PersonNo {
	var out []ledger.PersonNo
	for _, p := range ps {
		out = append(out, p.Person)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
