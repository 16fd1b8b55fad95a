package storetest

import (
	"errors"
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// adjustments are n postings on a claim.
func adjustments(run int, c *ledger.Claim, n int) []ledger.Posting {
	var ps []ledger.Posting
	for i := range n {
		ps = append(ps, ledger.Posting{Run: run, Area: area, Person: c.Person, Claim: c.Ref, Year: 2023, Fund: rules.Fund(i % int(rules.NumFunds)), Amount: money.Fen(i - 3), Date: 20230702})
	}
	return ps
}

// post: a posting is one entry; its lines are numbered and stay.
func post(b *bench) {
	p, _, c := b.three()
	r := b.run(202307, nil)
	asked := 0
	check := func(head ledger.Seq) error {
		asked++
		b.same("the check sees the head", b.head().Seq, head)
		return nil
	}
	first, second := adjustments(r.No, c[0], 60), adjustments(r.No, c[2], 2)
	b.ok(b.Store.Post(b.ctx, "李四", noon, first, check))
	b.same("kind", ledger.EntryPost, b.head().Kind)
	b.same("by", "李四", b.head().By)
	b.ok(b.Store.Post(b.ctx, "王五", noon, second, check))
	b.same("asked", 2, asked)
	for i, x := range append(first[:len(first):len(first)], second...) {
		b.same("numbered", int64(i+1), x.ID)
	}
	b.same("entries", [2]ledger.Seq{3, 4}, [2]ledger.Seq{first[0].Seq, second[0].Seq})
	for seen, want := range map[ledger.Seq][]ledger.Posting{2: nil, 3: first, 4: append(first[:len(first):len(first)], second...)} {
		got, err := b.Postings(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprintf("known at %d", seen), want, got)
	}
	got, err := b.Postings(b.ctx, other, 4)
	b.ok(err)
	b.same("of another area", 0, len(got))
	on, err := b.PostedClaims(b.ctx, []int64{first[0].ID, second[0].ID, 1 << 40})
	b.ok(err)
	b.same("posted on", map[int64]string{first[0].ID: "S1", second[0].ID: "S3"}, on)
	b.same("of the person", first, b.load(p, 4, r.No).Postings)
}

// postRefused: a check that refuses leaves nothing.
func postRefused(b *bench) {
	_, _, c := b.three()
	r := b.run(202307, nil)
	head := b.head()
	b.is(b.Store.Post(b.ctx, "李四", noon, adjustments(r.No, c[0], 60), func(seq ledger.Seq) error {
		return fmt.Errorf("%w: entry %d", ledger.ErrStale, seq)
	}), ledger.ErrStale)
	b.same("head", head, b.head())
	// Nor does one whose lines name a claim that there is not.
	nowhere := *c[0]
	nowhere.Ref = 1 << 40
	if err := b.Store.Post(b.ctx, "李四", noon, adjustments(r.No, &nowhere, 1), func(ledger.Seq) error { return nil }); err == nil {
		b.Error("posted on no claim")
	}
	got, err := b.Postings(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("postings", 0, len(got))
	b.same("head", head, b.head())
}

// verify: an empty ledger is whole, and so is one after everything that can
// happen to it. The suite verifies after every other test as well.
func verify(b *bench) {
	last, err := b.Verify(b.ctx)
	b.ok(err)
	b.same("empty", ledger.Entry{}, last)
	p, _, c := b.three()
	b.is(b.Take(b.ctx, b.file(area), func() bool { return true }, func(t ledger.Taker) error { b.person(t, 5); return errors.ErrUnsupported }), errors.ErrUnsupported)
	r := b.run(202307, func(w ledger.RunWriter, no int) {
		x := resultOf(no, c[0], 2023, 10)
		b.ok(w.Result(&x))
		b.ok(w.Case(caseOf(no, p, 2023, "m")))
	})
	b.ok(b.Store.Post(b.ctx, "李四", noon, adjustments(r.No, c[0], 3), func(ledger.Seq) error { return nil }))
	bad := b.file(area)
	bad.Refused = "E-FILE-DAMAGED"
	b.ok(b.Take(b.ctx, bad, func() bool { return true }, func(ledger.Taker) error { return nil }))
	b.run(202308, func(w ledger.RunWriter, no int) { x := gone(no, c[0]); b.ok(w.Result(&x)) })
	b.start(ledger.Run{Month: 202309, By: "张三"}, noon) // one that stopped in the middle
	last, err = b.Verify(b.ctx)
	b.ok(err)
	b.same("the last entry", ledger.Seq(5), last.Seq)

	// A file whose totals do not add up does not come on record.
	off := b.file(area)
	off.Read, off.Taken = 10, 9
	if err := b.Take(b.ctx, off, func() bool { return true }, func(ledger.Taker) error { return nil }); err == nil {
		b.Error("a file whose totals do not add up was taken")
	}
	b.same("head", last, b.head())
}
