package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"

	"github.com/spf13/cobra"
)

func (a *app) resultsCmd() *cobra.Command {
	return a.listCmd(list{use: "results --year 2023 [--run N] [--format csv|json] [--reveal]", short: "列出一年的每一笔结算及各层金额（元）", yearly: true, print: a.results})
}

// who is a person of an area, in the order of IDs.
type who struct {
	certno string
	area   string
	no     ledger.PersonNo
}

// everyone lists the people of all areas, each as of a run, ordered by ID and area.
func everyone(ctx context.Context, w *workspace, runs map[string]ledger.Run) ([]who, error) {
	var all []who
	for area, r := range runs {
		people, err := w.store.People(ctx, area, r.Seen)
		if err != nil {
			return nil, err
		}
		for part := range slices.Chunk(people, 20_000) {
			ids, err := w.store.Certnos(ctx, part)
			if err != nil {
				return nil, err
			}
			for _, p := range part {
				all = append(all, who{ids[p], area, p})
			}
		}
	}
	slices.SortFunc(all, func(x, y who) int { return cmp.Or(cmp.Compare(x.certno, y.certno), cmp.Compare(x.area, y.area)) })
	return all, nil
}

func (a *app) results(ctx context.Context, w *workspace, r ledger.Run, o listOptions) error {
	t, err := newTable(a.out, o.format, "area", "year", "certno", "setl_id", "setl_time", "kind", "category", "retro", "total", "in_scope",
		"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person",
		"recorded_major", "recorded_assist", "adjustment_major", "adjustment_assist", "pack", "run")
	if err != nil {
		return err
	}
	runs, err := a.asClosed(ctx, w, r, o)
	if err != nil {
		return err
	}
	posted := map[int64]rules.Amounts{}
	for _, ra := range r.Areas {
		ps, err := w.store.Postings(ctx, ra.Area, runs[ra.Area].Seen)
		if err != nil {
			return err
		}
		for _, p := range ps {
			x := posted[p.Claim]
			x[p.Fund] += p.Amount
			posted[p.Claim] = x
		}
	}
	all, err := everyone(ctx, w, runs)
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
			rs, err := w.store.ResultsOf(ctx, area, o.year, people, runs[area].No)
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
			id := o.id(part[i].certno)
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
