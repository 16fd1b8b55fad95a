package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"doudi/jobs/ledger"
	"doudi/reports"

	"github.com/spf13/cobra"
)

func (a *app) casesCmd() *cobra.Command {
	return a.listCmd(list{use: "cases --year 2023 [--run N] [--format csv|json] [--reveal]", short: "列出一年的监测与清零情况（元）", yearly: true, print: a.cases})
}

func (a *app) cases(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
	t, err := newTable(a.out, o.format, "area", "year", "level", "certno", "monitor", "line", "state", "opened_on", "opened_by",
		"cleared_on", "cleared_by", "burden_before_relief", "relief", "burden")
	if err != nil {
		return err
	}
	runs, err := a.asClosed(ctx, w, r, o)
	if err != nil {
		return err
	}
	for _, ra := range r.Areas {
		cs, err := w.store.Cases(ctx, ra.Area, o.year, runs[ra.Area].No)
		if err != nil {
			return err
		}
		var people []ledger.PersonNo
		for _, c := range cs {
			people = append(people, c.Person)
		}
		ids, err := w.store.Certnos(ctx, people)
		if err != nil {
			return err
		}
		movers, err := reports.MoversOf(ctx, w.store, cs)
		if err != nil {
			return err
		}
		slices.SortFunc(cs, func(x, y ledger.Case) int {
			return cmp.Or(cmp.Compare(ids[x.Person], ids[y.Person]), cmp.Compare(y.Level, x.Level), cmp.Compare(x.Monitor, y.Monitor))
		})
		for i := range cs {
			c := &cs[i]
			opened := c.Opened()
			clearedOn, clearedBy := "", ""
			if m, ok := c.ClearedBy(); ok {
				clearedOn, clearedBy = m.Date.String(), movers.Code(m)
			}
			if err := t.row(c.Area, strconv.Itoa(c.Year), c.Level, o.id(ids[c.Person]), c.Monitor, c.Line.String(), reports.CaseState(c, r.Month), opened.Date.String(),
				movers.Code(opened), clearedOn, clearedBy, c.Gross.String(), c.Relief.String(), c.Burden.String()); err != nil {
				return err
			}
		}
	}
	return t.close()
}
