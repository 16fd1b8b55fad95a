package storetest

import (
	"errors"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// conserves: what does not add up never comes on record, be it a result whose
// layers are not its total, or a file whose totals are not those of its records.
func conserves(b *bench) {
	var c *ledger.Claim
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		c = stay(b.person(t, 1), "A", 20230310, 100)
		b.claims(t, c)
	})
	head := b.head()
	r := b.start(july, noon)
	for what, change := range map[string]func(*ledger.Result){
		"a fen too much":     func(x *ledger.Result) { x.Due.Tilt++ },
		"a fen too little":   func(x *ledger.Result) { x.Due.Person-- },
		"another total":      func(x *ledger.Result) { x.Total++ },
		"gone, with amounts": func(x *ledger.Result) { x.Flags = ledger.FlagGone },
	} {
		try := r
		try.Seen = head.Seq
		err := b.CommitRun(b.ctx, &try, func() time.Time { return noon }, func(w ledger.RunWriter) error {
			x := ledger.Result{Run: r.No, Area: area, Person: c.Person, Year: 2023, Claim: c.Ref, Total: c.Total, InScope: c.InScope, Due: rules.Result{Assist: 40, Person: c.Total - 40}}
			change(&x)
			return w.Result(&x)
		})
		if !errors.Is(err, ledger.ErrIntegrity) {
			b.Errorf("%s: %v", what, err)
		}
	}
	b.same("head", head, b.head())
	b.ok(b.commit(&r, noon))

	// A file with a relief of 30 that is new, another one of 10 that came twice, and a
	// row of 5 that came back.
	sheet := ledger.SheetTotal{Sheet: "表", Kind: "relief", Read: 4, Taken: 2, Repeated: 1, Returned: 1, Amount: 40, AmountRead: 55, AmountRepeated: 10, AmountReturned: 5}
	put := func(change func(f *ledger.File, t *ledger.SheetTotal)) error {
		f, t := b.file(area), sheet
		f.Read, f.Taken, f.Repeated, f.Returned, f.Amount, f.AmountTaken, f.AmountRepeated, f.AmountReturned, f.Reliefs = 4, 2, 1, 1, 55, 40, 10, 5, 2
		change(f, &t)
		f.Totals = []ledger.SheetTotal{t}
		return b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
			p := b.person(t, 2)
			for _, amount := range []money.Fen{30, 10, 10} {
				if _, err := t.Relief(&ledger.Relief{Area: area, Person: p, Date: 20230401, Kind: "慈善", Amount: amount}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	head = b.head()
	for what, change := range map[string]func(f *ledger.File, t *ledger.SheetTotal){
		"a row of the file":            func(f *ledger.File, t *ledger.SheetTotal) { f.Read++ },
		"a row of the sheet":           func(f *ledger.File, t *ledger.SheetTotal) { t.Returned++ },
		"a row of both":                func(f *ledger.File, t *ledger.SheetTotal) { f.Read++; t.Read++ },
		"the sheet has others":         func(f *ledger.File, t *ledger.SheetTotal) { t.Taken, t.Repeated = 1, 2 },
		"a fen of the file":            func(f *ledger.File, t *ledger.SheetTotal) { f.Amount++ },
		"a fen of the sheet":           func(f *ledger.File, t *ledger.SheetTotal) { t.AmountRead++ },
		"a fen returned":               func(f *ledger.File, t *ledger.SheetTotal) { f.AmountReturned, t.AmountReturned = 6, 6 },
		"a fen known and not returned": func(f *ledger.File, t *ledger.SheetTotal) { f.AmountRepeated, f.AmountReturned = 11, 4 },
		"a record less than it says":   func(f *ledger.File, t *ledger.SheetTotal) { f.Reliefs = 3 },
		"a record of another kind":     func(f *ledger.File, t *ledger.SheetTotal) { f.Items = 1 },
		"a refund that there is not":   func(f *ledger.File, t *ledger.SheetTotal) { f.Refunds = 1 },
		"a fen more than its records are": func(f *ledger.File, t *ledger.SheetTotal) {
			f.AmountTaken, t.Amount, f.Amount, t.AmountRead = 41, 41, 56, 56
		},
		"amounts of another kind": func(f *ledger.File, t *ledger.SheetTotal) { t.Kind = "items" },
	} {
		if err := put(change); !errors.Is(err, ledger.ErrIntegrity) {
			b.Errorf("%s: %v", what, err)
		}
	}
	b.same("head", head, b.head())
	// As it is; and as a file of before said it.
	b.ok(put(func(f *ledger.File, t *ledger.SheetTotal) {}))
	b.ok(b.Take(b.ctx, &ledger.File{SHA256: "old", Area: area, At: noon, Read: 2, Returned: 2, Amount: 77, Totals: []ledger.SheetTotal{{Kind: "relief", Read: 2, Returned: 2}}},
		func() bool { return true }, func(ledger.Taker) error { return nil }))
}
