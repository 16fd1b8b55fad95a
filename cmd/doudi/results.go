package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/rules"
	"doudi/rules/money"

	"github.com/spf13/cobra"
)

func (a *app) resultsCmd() *cobra.Command {
	var year, run int
	var format string
	var reveal bool
	c := &cobra.Command{
		Use:   "results --year 2023 [--run N] [--format csv|json] [--reveal]",
		Short: "列出一年的每一笔结算及各层金额（元）",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if year < 1900 || year > 9999 {
				return usage("缺少 --year，如 --year 2023")
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			r, err := w.store.Run(ctx, run)
			if err != nil {
				return err
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), "results --reveal --year "+strconv.Itoa(year)); err != nil {
					return err
				}
			}
			return a.results(ctx, w, r, year, format, reveal)
		},
	}
	c.Flags().IntVar(&year, "year", 0, "年度")
	c.Flags().IntVar(&run, "run", 0, "看哪一次运行（默认最近一次）")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &format, "csv", "json")
	return c
}

// who is a person of an area, in the order of IDs.
type who struct {
	certno string
	area   string
	no     ledger.PersonNo
}

// everyone lists the people of all areas of a run, ordered by ID and area.
func everyone(ctx context.Context, w *workspace, r ledger.Run) ([]who, error) {
	var all []who
	for _, ra := range r.Areas {
		people, err := w.store.People(ctx, ra.Area, r.Seen)
		if err != nil {
			return nil, err
		}
		for part := range slices.Chunk(people, 20_000) {
			ids, err := w.store.Certnos(ctx, part)
			if err != nil {
				return nil, err
			}
			for _, p := range part {
				all = append(all, who{ids[p], ra.Area, p})
			}
		}
	}
	slices.SortFunc(all, func(x, y who) int { return cmp.Or(cmp.Compare(x.certno, y.certno), cmp.Compare(x.area, y.area)) })
	return all, nil
}

func (a *app) results(ctx context.Context, w *workspace, r ledger.Run, year int, format string, reveal bool) error {
	t, err := newTable(a.out, format, "area", "year", "certno", "setl_id", "setl_time", "kind", "category", "retro", "total", "in_scope",
		"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person",
		"recorded_major", "recorded_assist", "adjustment_major", "adjustment_assist", "pack", "run")
	if err != nil {
		return err
	}
	posted := map[int64]rules.Amounts{}
	for _, ra := range r.Areas {
		ps, err := w.store.Postings(ctx, ra.Area, r.Seen)
		if err != nil {
			return err
		}
		for _, p := range ps {
			x := posted[p.Claim]
			x[p.Fund] += p.Amount
			posted[p.Claim] = x
		}
	}
	all, err := everyone(ctx, w, r)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, 20_000) {
		type key struct {
			area string
			no   ledger.PersonNo
		}
		byArea := map[string][]ledger.PersonNo{}
		for _, p := range part {
			byArea[p.area] = append(byArea[p.area], p.no)
		}
		rows := map[key][]ledger.ResultRow{}
		for area, people := range byArea {
			rs, err := w.store.ResultsOf(ctx, area, year, people, r.No)
			if err != nil {
				return err
			}
			for _, x := range rs {
				if x.Flags&ledger.FlagGone == 0 {
					rows[key{area, x.Person}] = append(rows[key{area, x.Person}], x)
				}
			}
		}
		for i := 0; i < len(part); {
			// Somebody known in two areas: the claims of both, in one order.
			j := i
			var mine []ledger.ResultRow
			for ; j < len(part) && part[j].certno == part[i].certno; j++ {
				mine = append(mine, rows[key{part[j].area, part[j].no}]...)
			}
			slices.SortFunc(mine, func(x, y ledger.ResultRow) int {
				return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.SetlID, y.SetlID), cmp.Compare(x.Area, y.Area))
			})
			id := part[i].certno
			if !reveal {
				id = mask(id)
			}
			for k := range mine {
				if err := t.row(resultRow(&mine[k], id, posted[mine[k].Claim])...); err != nil {
					return err
				}
			}
			i = j
		}
	}
	return t.close()
}

func resultRow(x *ledger.ResultRow, id string, posted rules.Amounts) []string {
	d := &x.Due
	adj := x.Adjust(posted)
	y := money.Fen.String
	return []string{x.Area, strconv.Itoa(x.Year), id, x.SetlID, x.At.String(), x.Kind.String(), x.Category.String(),
		strconv.FormatBool(x.Flags&ledger.FlagRetro != 0), y(x.Total), y(x.InScope), y(d.Basic), y(d.Other), y(d.Major), y(d.Assist),
		y(d.Tilt), y(d.Special), y(d.Supplement), y(d.Hospital), y(d.Person), y(x.Recorded[rules.FundMajor]), y(x.Recorded[rules.FundAssistance]),
		y(adj[rules.FundMajor]), y(adj[rules.FundAssistance]), x.Pack, strconv.Itoa(x.Run)}
}

func (a *app) adjustmentsCmd() *cobra.Command {
	var run int
	var format string
	var reveal bool
	c := &cobra.Command{
		Use:   "adjustments [--run N] [--format csv|json]",
		Short: "列出一次运行提出的补发和追回（元）",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			r, err := w.store.Run(ctx, run)
			if err != nil {
				return err
			}
			ps, err := a.cycle(w).RunProposals(ctx, r)
			if err != nil {
				return err
			}
			ids, err := w.store.Certnos(ctx, peopleOf(ps))
			if err != nil {
				return err
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), "adjustments --reveal --run "+strconv.Itoa(r.No)); err != nil {
					return err
				}
			}
			slices.SortStableFunc(ps, func(x, y jobs.Proposal) int {
				return cmp.Or(cmp.Compare(ids[x.Person], ids[y.Person]), cmp.Compare(x.Row.At, y.Row.At), cmp.Compare(x.SetlID, y.SetlID), cmp.Compare(x.Fund, y.Fund))
			})
			t, err := newTable(a.out, format, "run", "fund", "certno", "setl_id", "due", "recorded", "posted", "amount", "kind", "year", "prior_year", "cause")
			if err != nil {
				return err
			}
			for i := range ps {
				p := &ps[i]
				id := ids[p.Person]
				if !reveal {
					id = mask(id)
				}
				if err := t.row(strconv.Itoa(r.No), p.Fund.String(), id, p.SetlID, p.Due.String(), p.Recorded.String(), p.Posted.String(),
					p.Amount.String(), p.Kind(), strconv.Itoa(p.Year), "false", p.Cause()); err != nil {
					return err
				}
			}
			return t.close()
		},
	}
	c.Flags().IntVar(&run, "run", 0, "看哪一次运行（默认最近一次）")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &format, "csv", "json")
	return c
}

func peopleOf(ps []jobs.Proposal) []ledger.PersonNo {
	var out []ledger.PersonNo
	for _, p := range ps {
		out = append(out, p.Person)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (a *app) casesCmd() *cobra.Command {
	var year, run int
	var format string
	var reveal bool
	c := &cobra.Command{
		Use:   "cases --year 2023 [--format csv|json]",
		Short: "列出一年的监测与清零情况（元）",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if year < 1900 || year > 9999 {
				return usage("缺少 --year，如 --year 2023")
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			r, err := w.store.Run(ctx, run)
			if err != nil {
				return err
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), "cases --reveal --year "+strconv.Itoa(year)); err != nil {
					return err
				}
			}
			return a.cases(ctx, w, r, year, format, reveal)
		},
	}
	c.Flags().IntVar(&year, "year", 0, "年度")
	c.Flags().IntVar(&run, "run", 0, "看哪一次运行（默认最近一次）")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &format, "csv", "json")
	return c
}

func (a *app) cases(ctx context.Context, w *workspace, r ledger.Run, year int, format string, reveal bool) error {
	t, err := newTable(a.out, format, "area", "year", "level", "certno", "monitor", "line", "state", "opened_on", "opened_by",
		"cleared_on", "cleared_by", "burden_before_relief", "relief", "burden")
	if err != nil {
		return err
	}
	for _, ra := range r.Areas {
		cs, err := w.store.Cases(ctx, ra.Area, year, r.No)
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
			return cmp.Or(cmp.Compare(ids[x.Person], ids[y.Person]), cmp.Compare(x.Monitor, y.Monitor))
		})
		for i := range cs {
			c := &cs[i]
			id := ids[c.Person]
			if !reveal {
				id = mask(id)
			}
			opened := c.Opened()
			clearedOn, clearedBy := "", ""
			if m, ok := c.ClearedBy(); ok {
				clearedOn, clearedBy = m.Date.String(), movers.Code(m)
			}
			if err := t.row(c.Area, strconv.Itoa(c.Year), "person", id, c.Monitor, c.Line.String(), reports.CaseState(c, r.Month), opened.Date.String(),
				movers.Code(opened), clearedOn, clearedBy, c.Gross.String(), c.Relief.String(), c.Burden.String()); err != nil {
				return err
			}
		}
	}
	return t.close()
}
