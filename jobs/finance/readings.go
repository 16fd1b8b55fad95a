package finance

import (
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules/money"
)

// Reading is a transfer as the reconciliation reads it: item and payee folded, below
// 0 where it came back.
type Reading struct {
	reconcile.Line
	Match *reconcile.Match // nil: it takes no part
	// Open is what of it pays nothing that is due, or is too much; of a match by hand
	// also what is missing. Of what was paid together the last one has it.
	Open money.Fen
}

// Readings are all transfers on record, by their numbers: also those that take no
// part, by the same reading.
func (b *Book) Readings() map[int64]Reading {
	r := b.Result
	out := make(map[int64]Reading, len(r.Lines)+len(b.left))
	for n := range r.Matches {
		m := &r.Matches[n]
		for at, i := range m.Lines {
			l := &r.Lines[i]
			out[b.Transfers[l.Key].ID] = Reading{*l, m, excess(m, l.Amount, at == len(m.Lines)-1)}
		}
	}
	for id, l := range b.left {
		out[id] = Reading{Line: l, Open: l.Amount}
	}
	return out
}

func excess(m *reconcile.Match, amount money.Fen, last bool) money.Fen {
	switch m.Class {
	case reconcile.Undue, reconcile.UndueBack, reconcile.Double:
		return amount
	case reconcile.Over, reconcile.OverBack:
		if last {
			return m.Diff()
		}
	case reconcile.Short, reconcile.ShortBack:
		if last && m.Rule == reconcile.ByHand {
			return m.Diff()
		}
	}
	return 0
}

// Posting is the posting of which a due is; nil for another due.
func (b *Book) Posting(key string) *ledger.Posting { return b.posted[key] }
