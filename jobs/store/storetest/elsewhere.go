package storetest

import (
	"strings"

	"doudi/jobs/ledger"
)

// takeElsewhere: a settlement of one person is in one area, and its refunds are where
// it is, whichever of them came first; it can be moved by taking it back.
func takeElsewhere(b *bench) {
	var p, q ledger.PersonNo
	in := func(to string, fill func(t ledger.Taker)) {
		b.Helper()
		f := b.file(to)
		b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error { fill(t); return nil }))
	}
	at := func(to string, c *ledger.Claim) *ledger.Claim {
		x := *c
		x.Area = to
		return &x
	}
	where := func(what, want string, t ledger.Taker, cs ...*ledger.Claim) {
		b.Helper()
		got, err := t.Elsewhere(cs)
		b.ok(err)
		b.same(what, want, strings.Join(got, " "))
	}
	b.take(func(t ledger.Taker, _ ledger.Seq) { p, q = b.person(t, 1), b.person(t, 2) })
	s1, s2, s3 := stay(p, "S1", 20230310, 100), stay(p, "S2", 20230311, 100), stay(p, "S3", 20230312, 100)
	in(area, func(t ledger.Taker) {
		where("nothing is on record", " ", t, s1, s2)
		b.claims(t, s1, refund(p, "R2", "S2", 20230401, 100)) // the original of R2 is to come
		where("here", " ", t, s1, refund(p, "R1", "S1", 20230401, 100))
	})
	in(other, func(t ledger.Taker) {
		changed := at(other, s1)
		changed.Total++
		where("on record in the first area, also with other content", area+" "+area, t, at(other, s1), changed)
		where("a refund of it", area, t, at(other, refund(p, "R1", "S1", 20230401, 100)))
		where("the original of a refund that waits there, and the refund again", area+" "+area, t, at(other, s2), at(other, refund(p, "R2", "S2", 20230401, 100)))
		where("other numbers", " ", t, at(other, s3), at(other, refund(p, "R3", "S3", 20230401, 100)))
		mine := at(other, s1)
		mine.Person = q
		where("another person's settlement that has the number", "", t, mine)
	})
	in(area, func(t ledger.Taker) { // taken back, as the platform takes back
		b.same("the mark", []ledger.Outcome{isNew}, b.claims(t, s1.Mark()))
	})
	in(other, func(t ledger.Taker) {
		where("taken back there", "", t, at(other, s1))
		b.same("moved", []ledger.Outcome{isNew}, b.claims(t, at(other, s1)))
		where("its refund comes where it is now", " ", t, at(other, s1), at(other, refund(p, "R1", "S1", 20230401, 100)))
	})
	in(area, func(t ledger.Taker) {
		where("known here", "", t, s1)
		where("an original that was moved here is on record here, too", "", t, refund(p, "R1", "S1", 20230401, 100))
	})
}
