package storetest

import (
	"fmt"

	"doudi/jobs/ledger"
)

// signYear: a signature is one entry with its reason and statement; it is known
// from then on, in its area alone, and counts neither as an input nor as a change.
func signYear(b *bench) {
	b.three()
	r := b.run(202312, nil)
	input, err := b.LastInput(b.ctx)
	b.ok(err)
	change, err := b.LastChange(b.ctx)
	b.ok(err)
	b.same("a run is no change", input, change)

	x := ledger.YearStep{Area: area, Year: 2023, Step: ledger.YearSign, By: "张三", At: noon, Digest: "abc", Run: r.No, Reason: "已核实", Statement: []byte(`{"a":1}`)}
	y := ledger.YearStep{Area: area, Year: 2023, Step: ledger.YearReopen, By: "李四", At: noon, Digest: "abc", Run: r.No}
	z := x
	z.Area = other
	asked := 0
	for i, step := range []*ledger.YearStep{&x, &y, &z} {
		b.ok(b.SignYear(b.ctx, step, func(head ledger.Seq, on []ledger.YearStep) error {
			asked++
			b.same("the check sees the head", b.head().Seq, head)
			b.same("and what the area has", []int{0, 1, 0}[i], len(on))
			return nil
		}))
		b.same("kind", ledger.EntryClose, b.head().Kind)
		b.same("by", step.By, b.head().By)
		b.same("entry", b.head().Seq, step.Seq)
	}
	b.same("asked", 3, asked)
	for seen, want := range map[ledger.Seq]int{x.Seq - 1: 0, x.Seq: 1, y.Seq: 2, z.Seq: 2, 1 << 62: 2} {
		got, err := b.YearSteps(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprintf("known at %d", seen), want, len(got))
		if len(got) == 2 {
			w := x
			w.Statement = nil // not opened
			b.same("first", w, got[0])
			b.same("second", y, got[1])
		}
	}
	text, err := b.YearStatement(b.ctx, x.ID)
	b.ok(err)
	b.same("statement", `{"a":1}`, string(text))
	text, err = b.YearStatement(b.ctx, y.ID)
	b.ok(err)
	b.same("of a reopening", "", string(text))
	if _, err := b.YearStatement(b.ctx, 1<<40); err == nil {
		b.Error("opened a statement that there is not")
	}
	for name, f := range map[string]func() (ledger.Entry, error){
		"input":  func() (ledger.Entry, error) { return b.LastInput(b.ctx) },
		"change": func() (ledger.Entry, error) { return b.LastChange(b.ctx) },
	} {
		e, err := f()
		b.ok(err)
		b.same("no "+name, input, e)
	}
}

// signYearRefused: a check that refuses leaves nothing.
func signYearRefused(b *bench) {
	r := b.run(202312, nil)
	head := b.head()
	x := ledger.YearStep{Area: area, Year: 2023, Step: ledger.YearSign, By: "张三", At: noon, Run: r.No}
	b.is(b.SignYear(b.ctx, &x, func(ledger.Seq, []ledger.YearStep) error { return ledger.ErrStale }), ledger.ErrStale)
	x.Run = 1 << 40 // a run that there is not
	if err := b.SignYear(b.ctx, &x, func(ledger.Seq, []ledger.YearStep) error { return nil }); err == nil {
		b.Error("signed the figures of no run")
	}
	got, err := b.YearSteps(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("steps", 0, len(got))
	b.same("head", head, b.head())
}
