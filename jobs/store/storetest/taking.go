package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

const (
	isNew      = ledger.New
	isRepeated = ledger.Repeated
	isConflict = ledger.Conflict
)

// takeEvents: a roster row is new once; where it stands and for which month it
// was sent does not make it another.
func takeEvents(b *bench) {
	var first ledger.Event
	one := b.take(func(t ledger.Taker, seq ledger.Seq) {
		p := b.person(t, 1)
		e := added(p, rules.Dibao, 20230115)
		e.Src = ledger.Source{Seq: seq, Sheet: "Sheet1", Row: 2}
		var o ledger.Outcome
		first, o = b.event(t, e)
		b.same("new", isNew, o)
		e.Src.Row = 3
		_, o = b.event(t, e)
		b.same("twice in a file", isRepeated, o)
		e.Category = rules.Tekun
		second, o := b.event(t, e)
		b.same("another category", isNew, o)
		if first.ID < 1 || second.ID <= first.ID {
			b.Errorf("numbered %d, %d", first.ID, second.ID)
		}
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p := b.person(t, 1)
		b.same("the same person has the same number", first.Person, p)
		e := added(p, rules.Dibao, 20230115)
		e.Src, e.Month = ledger.Source{Seq: seq, Sheet: "另", Row: 9}, 202308
		_, o := b.event(t, e)
		b.same("repeated in a later file", isRepeated, o)
		for what, change := range map[string]func(*ledger.Event){
			"person":   func(e *ledger.Event) { e.Person = b.person(t, 2) },
			"op":       func(e *ledger.Event) { e.Op = rules.Remove },
			"cause":    func(e *ledger.Event) { e.Cause = rules.Illness },
			"date":     func(e *ledger.Event) { e.Date++ },
			"expiry":   func(e *ledger.Event) { e.Expiry = 20240101 },
			"level":    func(e *ledger.Event) { e.Level = 1 },
			"head":     func(e *ledger.Event) { e.Head = b.person(t, 3) },
			"township": func(e *ledger.Event) { e.Township = "东镇" },
			"village":  func(e *ledger.Event) { e.Village = "东村" },
			"dept":     func(e *ledger.Event) { e.Dept = "民政" },
			"county":   func(e *ledger.Event) { e.County = "康平县" },
			"applied":  func(e *ledger.Event) { e.Applied = 20230101 },
			"name":     func(e *ledger.Event) { e.Name = b.name(t, "王小明") },
		} {
			x := e
			change(&x)
			_, o := b.event(t, x)
			b.same("another "+what, isNew, o)
		}
	})
	es, err := b.Events(b.ctx, area, []ledger.PersonNo{first.Person}, 0, one)
	b.ok(err)
	if len(es) != 2 {
		b.Fatalf("%d events of the first file", len(es))
	}
	b.same("as it was taken", first, es[0])
}

// takeClaims: a settlement ID is taken once; with the same content it is a
// repeat, with another a conflict, and what is on record stays.
func takeClaims(b *bench) {
	var p ledger.PersonNo
	one := b.take(func(t ledger.Taker, seq ledger.Seq) {
		p = b.person(t, 1)
		a, again, changed := stay(p, "S1", 20230310, 1000_00), stay(p, "S1", 20230310, 1000_00), stay(p, "S1", 20230310, 1000_01)
		again.Src.Row, again.Name = 7, b.name(t, "王小明") // exports write names with and without spaces
		b.same("within a batch", []ledger.Outcome{isNew, isRepeated, isConflict}, b.claims(t, a, again, changed))
		b.same("in the next batch", []ledger.Outcome{isConflict, isRepeated, isNew},
			b.claims(t, stay(p, "S1", 20230310, 999_99), stay(p, "S1", 20230310, 1000_00), stay(p, "S2", 20230311, 5_00)))
		b.same("nothing", []ledger.Outcome(nil), b.claims(t))
		was, ok, err := t.ClaimOf(area, "S1")
		b.ok(err)
		b.same("what is on record of S1", fmt.Sprint(true, p, money.Fen(1000_00)), fmt.Sprint(ok, was.Person, was.Total))
		_, ok, err = t.ClaimOf(area, "S3")
		b.ok(err)
		b.same("S3 is not on record", false, ok)
		if a.Ref < 1 || again.Ref != 0 || changed.Ref != 0 {
			b.Errorf("numbered %d, %d, %d", a.Ref, again.Ref, changed.Ref)
		}
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		b.same("across files", []ledger.Outcome{isRepeated, isConflict, isNew},
			b.claims(t, stay(p, "S1", 20230310, 1000_00), stay(p, "S2", 20230311, 6_00), stay(p, "S3", 20230312, 7_00)))
		// A refund is a claim like any other, and no refund a repeat of its original.
		b.same("a refund under the original's ID", []ledger.Outcome{isConflict, isNew, isRepeated},
			b.claims(t, refund(p, "S1", "S1", 20230310, 1000_00), refund(p, "R1", "S1", 20230401, 1000_00), refund(p, "R1", "S1", 20230401, 1000_00)))
		for what, change := range map[string]func(*ledger.Claim){
			"person": func(c *ledger.Claim) { c.Person = b.person(t, 2) },
			"at":     func(c *ledger.Claim) { c.At++ },
			"basic":  func(c *ledger.Claim) { c.Basic = 1 },
			"level":  func(c *ledger.Claim) { c.Level = 3 },
			"kind":   func(c *ledger.Claim) { c.Kind = rules.Outpatient },
		} {
			x := stay(p, "S2", 20230311, 5_00)
			change(x)
			b.same("another "+what, []ledger.Outcome{isConflict}, b.claims(t, x))
		}
	})
	d := b.load(p, one, 0)
	if len(d.Claims) != 2 || d.Claims[0].Total != 1000_00 || d.Claims[1].Total != 5_00 {
		b.Errorf("on record after the first file: %+v", d.Claims)
	}
	d = b.load(p, b.head().Seq, 0)
	if len(d.Claims) != 3 || d.Claims[0].Total != 1000_00 || len(d.Refunds) != 1 {
		b.Errorf("on record after the second: %+v, %+v", d.Claims, d.Refunds)
	}
}

// takeRelief: like roster rows.
func takeRelief(b *bench) {
	var p ledger.PersonNo
	var first ledger.Relief
	help := func() ledger.Relief {
		return ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: 500_00, Note: "一次"}
	}
	one := b.take(func(t ledger.Taker, seq ledger.Seq) {
		p = b.person(t, 1)
		x := help()
		x.Src = ledger.Source{Seq: seq, Sheet: "Sheet1", Row: 2}
		x.Extra = t.Seal(x.Note)
		var o ledger.Outcome
		first, o = b.relief(t, x)
		b.same("new", isNew, o)
		x.Src.Row = 3
		_, o = b.relief(t, x)
		b.same("twice in a file", isRepeated, o)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		_, o := b.relief(t, help())
		b.same("repeated in a later file", isRepeated, o)
		for what, change := range map[string]func(*ledger.Relief){
			"person": func(r *ledger.Relief) { r.Person = b.person(t, 2) },
			"date":   func(r *ledger.Relief) { r.Date++ },
			"kind":   func(r *ledger.Relief) { r.Kind = "工会" },
			"amount": func(r *ledger.Relief) { r.Amount++ },
			"note":   func(r *ledger.Relief) { r.Note = "两次" },
		} {
			x := help()
			change(&x)
			_, o := b.relief(t, x)
			b.same("another "+what, isNew, o)
		}
	})
	rs, err := b.Reliefs(b.ctx, area, 0, one)
	b.ok(err)
	first.Note, first.Extra = "", nil // lie sealed
	b.same("as it was taken", []ledger.Relief{first}, rs)
	rs, err = b.Reliefs(b.ctx, area, one, b.head().Seq)
	b.ok(err)
	b.same("of the second file", 5, len(rs))
}

// takeOtherArea: areas know nothing of each other but who is who.
func takeOtherArea(b *bench) {
	var p ledger.PersonNo
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p = b.person(t, 1)
		b.event(t, added(p, rules.Dibao, 20230115))
		b.claims(t, stay(p, "S1", 20230310, 1000_00))
		b.relief(t, ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: 1})
		b.lists(t, p)
	})
	f := b.file(other)
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
		b.same("one number for one ID", p, b.person(t, 1))
		x := listsOf(p)
		x.insured.Area, x.month.Area, x.birth.Area, x.item.Area = other, other, other, other
		_, o := b.put(t, x)
		b.same("lists", [4]ledger.Outcome{isNew, isNew, isNew, isNew}, o)
		e := added(p, rules.Dibao, 20230115)
		e.Area = other
		_, out := b.event(t, e)
		b.same("event", isNew, out)
		c := stay(p, "S1", 20230310, 2000_00)
		c.Area = other
		b.same("claim", []ledger.Outcome{isNew}, b.claims(t, c))
		_, out = b.relief(t, ledger.Relief{Area: other, Person: p, Date: 20230401, Kind: "慈善", Amount: 1})
		b.same("relief", isNew, out)
		return nil
	}))
	d := b.load(p, f.Seq, 0)
	if len(d.Events) != 1 || len(d.Claims) != 1 || d.Claims[0].Total != 1000_00 || len(d.Relief) != 1 {
		b.Errorf("%+v", d)
	}
	for _, in := range []string{area, other} {
		for what, got := range b.read(in, 0, f.Seq, nil) {
			b.same(what+" of "+in, 1, len(got))
		}
	}
}

// takeMany: more rows than any statement holds at once.
func takeMany(b *bench) {
	const people = 1111
	var sum money.Fen
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		for i := range people {
			p := b.person(t, i)
			b.event(t, added(p, rules.Dibao, 20230115))
			b.relief(t, ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: money.Fen(i + 1)})
			b.lists(t, p)
			var cs []*ledger.Claim
			for k := range 3 {
				cs = append(cs, stay(p, fmt.Sprintf("S%d-%d", i, k), 20230310, money.Fen(i*3+k+1)))
			}
			b.claims(t, cs...)
		}
	})
	all, err := b.People(b.ctx, area, b.head().Seq)
	b.ok(err)
	b.same("people", people, len(all))
	data, err := b.LoadPeople(b.ctx, area, all, b.head().Seq, 0)
	b.ok(err)
	for i, d := range data {
		if d.Person != all[i] || len(d.Events) != 1 || len(d.Relief) != 1 || len(d.Claims) != 3 {
			b.Fatalf("%d: %+v", i, d)
		}
		for _, c := range d.Claims {
			sum += c.Total
		}
	}
	const n = people * 3
	b.same("the sum of 1 … n", money.Fen(n*(n+1)/2), sum)
	// Identities, events, relief, lists, claims and the file itself.
	b.same("records of the entry", people*(1+1+1+4+3)+1, b.head().Count)
	for what, got := range b.read(area, 0, b.head().Seq, nil) {
		b.same(what, people, len(got))
	}
}

// fill adds one of everything, and more claims than wait for a flush.
func (b *bench) fill(t ledger.Taker) {
	p := b.person(t, 1)
	b.name(t, "王小明")
	b.event(t, added(p, rules.Dibao, 20230115))
	b.relief(t, ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: 1})
	b.lists(t, p)
	for i := range 60 {
		b.same("claim", []ledger.Outcome{isNew}, b.claims(t, stay(p, fmt.Sprintf("S%d", i), 20230310, 100)))
	}
}

// nothing is on record, not even who was named.
func (b *bench) nothing() {
	b.Helper()
	b.same("head", ledger.Entry{}, b.head())
	p, err := b.PersonByID(b.ctx, Certno(1))
	b.ok(err)
	b.same("person", ledger.PersonNo(0), p)
	people, err := b.People(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("people", 0, len(people))
	fs, err := b.Store.Files(b.ctx, 0, 1<<62)
	b.ok(err)
	b.same("files", 0, len(fs))
	ids, err := b.Certnos(b.ctx, []ledger.PersonNo{1, 2, 3})
	b.ok(err)
	b.same("identities", 0, len(ids))
	for what, got := range b.read(area, 0, 1<<62, nil) {
		b.same(what, 0, len(got))
	}
}

// takeFails: a fill that fails leaves nothing, and the next file begins where
// this one would have.
func takeFails(b *bench) {
	broken := errors.New("broken")
	f := b.file(area)
	b.is(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error { b.fill(t); return broken }), broken)
	b.nothing()
	_, known, err := b.FileBySHA(b.ctx, area, f.SHA256)
	b.ok(err)
	b.same("the file is on record", false, known)
	b.same("entry", ledger.Seq(1), b.take(func(t ledger.Taker, seq ledger.Seq) { b.fill(t) }))
	// Once more, on top of something.
	head := b.head()
	b.is(b.Take(b.ctx, b.file(area), func() bool { return true }, func(t ledger.Taker) error {
		b.claims(t, stay(b.person(t, 2), "T1", 20230310, 100))
		return broken
	}), broken)
	b.same("head", head, b.head())
	p, err := b.PersonByID(b.ctx, Certno(2))
	b.ok(err)
	b.same("person", ledger.PersonNo(0), p)
}

// takeDry: a dry run tells what would be, and leaves nothing.
func takeDry(b *bench) {
	f := b.file(area)
	filled := false
	b.ok(b.Take(b.ctx, f, func() bool {
		if !filled {
			b.Error("asked to keep it before it was filled")
		}
		return false
	}, func(t ledger.Taker) error { b.fill(t); filled = true; return nil }))
	b.same("the entry it would have been", ledger.Seq(1), f.Seq)
	b.nothing()
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.fill(t) })
}

// takeAtOnce: writers wait for each other; no entry is lost or doubled.
func takeAtOnce(b *bench) {
	const writers = 8
	errs := make([]error, writers)
	var fs []*ledger.File
	for range writers {
		fs = append(fs, b.file(area))
	}
	var wg sync.WaitGroup
	for i, f := range fs {
		wg.Go(func() {
			errs[i] = b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
				p, err := t.Person(Certno(i))
				if err != nil {
					return err
				}
				shared, err := t.Person(Certno(99))
				if err != nil {
					return err
				}
				_, err = t.Claims([]*ledger.Claim{stay(p, fmt.Sprintf("S%d", i), 20230310, 100), stay(shared, "S99", 20230310, 100)})
				return err
			})
		})
	}
	wg.Wait()
	b.ok(errors.Join(errs...))
	seen := map[ledger.Seq]bool{}
	for _, f := range fs {
		seen[f.Seq] = true
	}
	b.same("entries", writers, len(seen))
	b.same("head", ledger.Seq(writers), b.head().Seq)
	people, err := b.People(b.ctx, area, writers)
	b.ok(err)
	b.same("people", writers+1, len(people))
}

// cancelled: a context that ended takes nothing.
func cancelled(b *bench) {
	ctx, stop := context.WithCancel(b.ctx)
	stop()
	if err := b.Take(ctx, b.file(area), func() bool { return true }, func(t ledger.Taker) error { return nil }); err == nil {
		b.Error("taken after the end")
	}
	b.nothing()
}
