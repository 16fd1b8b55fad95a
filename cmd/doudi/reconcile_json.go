package main

import (
	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/reconcile"
)

type sumsJSON struct {
	Item       string `json:"item,omitempty"`
	Class      string `json:"class"`
	Name       string `json:"name"`
	Dues       int    `json:"dues"`
	Due        string `json:"due"`
	Transfers  int    `json:"transfers"`
	Paid       string `json:"paid"`
	Difference string `json:"difference"`
}

func sumsOf(item, class, name string, s finance.Sums) sumsJSON {
	return sumsJSON{item, class, name, s.Dues, s.Due.String(), s.Lines, s.Paid.String(), s.Diff().String()}
}

type entryJSON struct {
	Side       string `json:"side"`
	Key        string `json:"key"`
	Group      int    `json:"group"` // the same of what belongs together
	Class      string `json:"class"`
	Span       string `json:"span"`
	Rule       string `json:"rule"`
	Item       string `json:"item"`
	County     string `json:"county"`
	From       string `json:"from"`
	To         string `json:"to"`
	Date       string `json:"date"`
	Certno     string `json:"certno"`
	Payee      string `json:"payee"`
	Settlement string `json:"setl_id"`
	Batch      string `json:"batch"`
	Amount     string `json:"amount"`
	Near       string `json:"near"`
	Why        string `json:"why"`
}

type staleJSON struct {
	ID      int64    `json:"id"`
	Missing []string `json:"missing"`
	By      string   `json:"by"`
	At      string   `json:"at"`
	Reason  string   `json:"reason"`
	Off     string   `json:"off"` // of one side alone: what it comes to, not 0
}

func (l *reconcileList) json() any {
	sums, spans, entries, stale, unknown := []sumsJSON{}, []sumsJSON{}, []entryJSON{}, []staleJSON{}, []string{}
	for i := range l.Items {
		x := &l.Items[i]
		sums = append(sums, sumsOf(x.Item, x.Class.String(), x.Class.Chinese(), x.Sums))
	}
	for _, s := range l.spans() {
		spans = append(spans, sumsOf("", s.code, s.name, s.Sums))
	}
	for _, e := range l.Entries() {
		if l.shows(&e) {
			entries = append(entries, entryJSON{side(&e), e.Key, e.Group, e.Match.Class.String(), e.Span.Chinese(), e.Rule(), e.Item, e.County, monthOr(int(e.From)), monthOr(int(e.To)),
				dateOr(&e), l.id(&e), l.payee(&e), e.Settlement, e.Batch(), e.Amount.String(), e.Near(), e.Why})
		}
	}
	for _, s := range l.Stale {
		stale = append(stale, staleJSON{s.ID, append([]string{}, s.Missing...), s.By, s.At.String(), s.Reason, s.Off.String()})
	}
	for _, u := range l.Result.Unknown {
		unknown = append(unknown, u.Item)
	}
	return map[string]any{"area": l.Area.Code, "month": l.Month.String(), "tolerance": l.Result.Tolerance.String(), "sums": sums,
		"listed": sumsOf("", "total", "列出合计", l.Shown()), "spans": spans, "entries": entries, "stale": stale, "unknown_items": unknown,
		"left_out": map[string]any{"transfers": l.Out.Lines, "paid": l.Out.Paid.String()}}
}

type reconciledJSON struct {
	Area    string     `json:"area"`
	Listed  sumsJSON   `json:"listed"`
	Classes []sumsJSON `json:"classes"`
	Stale   int        `json:"stale"`
}

// reconciledOf is the reconciliation of a run as programs read it.
func reconciledOf(o jobs.Outcome) []reconciledJSON {
	out := []reconciledJSON{}
	for _, ar := range o.Run.Areas {
		v := o.Reconciled[ar.Area]
		if v == nil {
			continue
		}
		j := reconciledJSON{Area: ar.Area, Listed: sumsOf("", "total", "列出合计", v.Shown()), Classes: []sumsJSON{}, Stale: len(v.Stale)}
		for c, x := range v.Classes() {
			if x.Dues+x.Lines > 0 {
				j.Classes = append(j.Classes, sumsOf("", reconcile.Class(c).String(), reconcile.Class(c).Chinese(), x))
			}
		}
		out = append(out, j)
	}
	return out
}
