package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"doudi/jobs"
	"doudi/jobs/ledger"

	"github.com/spf13/cobra"
)

func (a *app) adjustmentsCmd() *cobra.Command {
	return a.listCmd(list{use: "adjustments [--run N] [--format csv|json] [--reveal]", short: "列出一次运行提出的补发和追回（元）", print: a.adjustments})
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
			p.Amount.String(), p.Kind(), strconv.Itoa(p.Year), "false", p.Cause()); err != nil {
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
