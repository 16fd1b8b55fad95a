package storetest

import (
	"errors"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// merge: a correction of an ID and what undoes it are an entry each, known as of
// any entry, and an input of the next run.
func merge(b *bench) {
	var p, q ledger.PersonNo
	b.take(func(t ledger.Taker, _ ledger.Seq) { p, q = b.person(t, 1), b.person(t, 2) })
	made := ledger.Merge{From: p, To: q, Reason: "王小明来函更正", By: "李四", At: noon}
	undone := ledger.Merge{Undo: 1, From: p, To: q, Reason: "对错了", By: "王五", At: noon.Add(time.Hour)}
	var asked []int
	for _, x := range []*ledger.Merge{&made, &undone} {
		b.ok(b.Store.Merge(b.ctx, x, func(on []ledger.Merge) error { asked = append(asked, len(on)); return nil }))
		b.same("kind", ledger.EntryMerge, b.head().Kind)
		b.same("by", x.By, b.head().By)
		b.same("entry", x.Seq, b.head().Seq)
		last, err := b.LastInput(b.ctx)
		b.ok(err)
		b.same("the last input", x.Seq, last.Seq)
	}
	b.same("asked", []int{0, 1}, asked)
	for seen, want := range map[ledger.Seq][]ledger.Merge{made.Seq - 1: nil, made.Seq: {made}, undone.Seq: {made, undone}, 1 << 62: {made, undone}} {
		got, err := b.Merges(b.ctx, seen)
		b.ok(err)
		b.same("known", want, got)
	}
}

// mergeRefused: a check that refuses leaves nothing, and nothing is undone twice
// whatever a check says.
func mergeRefused(b *bench) {
	var p, q ledger.PersonNo
	b.take(func(t ledger.Taker, _ ledger.Seq) { p, q = b.person(t, 1), b.person(t, 2) })
	broken := errors.New("no")
	x := ledger.Merge{From: p, To: q, Reason: "试", By: "李四", At: noon}
	head := b.head()
	b.is(b.Store.Merge(b.ctx, &x, func([]ledger.Merge) error { return broken }), broken)
	b.same("head", head, b.head())
	all := func([]ledger.Merge) error { return nil }
	b.ok(b.Store.Merge(b.ctx, &x, all))
	undo := ledger.Merge{Undo: x.ID, From: p, To: q, Reason: "试", By: "李四", At: noon}
	b.ok(b.Store.Merge(b.ctx, &undo, all))
	head = b.head()
	again := undo
	if err := b.Store.Merge(b.ctx, &again, all); err == nil {
		b.Error("undone twice")
	}
	nobody := ledger.Merge{From: p, To: 999, Reason: "试", By: "李四", At: noon}
	if err := b.Store.Merge(b.ctx, &nobody, all); err == nil {
		b.Error("corrected to nobody")
	}
	b.same("head", head, b.head())
}

// mergedReaders: whoever reads as of a correction finds all rows with the right
// person and none with the other; before it, and after it was undone, each has
// their own.
func mergedReaders(b *bench) {
	var p, q, r ledger.PersonNo
	s1, s2 := stay(0, "S1", 20230310, 100_00), stay(0, "S2", 20230311, 200_00)
	s1.Major, s1.Hospital = 5_00, "H1"
	gift := ledger.Relief{Date: 20230401, Kind: "慈善", Amount: 7_00, Note: "给王小明"}
	lists := func(t ledger.Taker, p ledger.PersonNo) {
		_, err1 := t.Enrolment(&ledger.Enrolment{Area: area, Person: p, Year: 2023, Plan: rules.PlanResidents})
		_, err2 := t.Contribution(&ledger.Contribution{Area: area, Person: p, Month: 202301, Base: 1})
		_, err3 := t.Birth(&ledger.Birth{Area: area, Person: p, Date: 20230501, Days: 98})
		_, err4 := t.Item(&ledger.Item{Area: area, Person: p, SetlID: "S1", Code: "1", Amount: 1})
		_, err5 := t.Transfer(&ledger.Transfer{Area: area, Person: p, Date: 20230501, Item: "医疗救助", Amount: 1, Nth: 1})
		b.ok(errors.Join(err1, err2, err3, err4, err5))
	}
	b.take(func(t ledger.Taker, _ ledger.Seq) {
		p, q, r = b.person(t, 1), b.person(t, 2), b.person(t, 3)
		e := added(p, rules.Dibao, 20230101)
		e.Township, e.Village, e.County, e.Name = "城关镇", "东村", "青柳县", b.name(t, "王小明")
		b.event(t, e)
		e = added(r, rules.Dibao, 20230101)
		e.Head = p
		b.event(t, e)
		s1.Person, s2.Person, gift.Person = p, q, p
		b.claims(t, s1, s2, refund(q, "R1", "S1", 20230312, 100_00))
		b.relief(t, gift)
		lists(t, p)
	})
	one := b.run(202307, func(w ledger.RunWriter, no int) {
		for _, c := range []*ledger.Claim{s1, s2} {
			b.ok(w.Result(&ledger.Result{Run: no, Area: area, Person: c.Person, Year: 2023, Claim: c.Ref, Total: c.Total, InScope: c.InScope, Due: rules.Result{Assist: 1_00, Person: c.Total - 1_00}}))
		}
	})
	b.ok(b.Store.Post(b.ctx, "李四", noon, []ledger.Posting{{Run: 1, Area: area, Person: p, Claim: s1.Ref, Year: 2023, Fund: rules.FundAssistance, Amount: 1_00, Date: 20230702}},
		func(ledger.Seq) error { return nil }))

	type facts struct {
		People, Lists, Touched, Waiting, Paid []ledger.PersonNo
		Has                                   map[ledger.PersonNo][6]int
		Head                                  ledger.PersonNo
		Members                               []ledger.PersonNo
		Named                                 map[ledger.PersonNo]string
		Place, County                         ledger.PersonNo
		Asked                                 []ledger.PersonNo
	}
	of := func(seen ledger.Seq) facts {
		b.Helper()
		f := facts{Has: map[ledger.PersonNo][6]int{}, Named: map[ledger.PersonNo]string{}}
		var err error
		all := []ledger.PersonNo{p, q, r}
		f.People, err = b.People(b.ctx, area, seen)
		b.ok(err)
		f.Touched, err = b.Touched(b.ctx, area, seen-1, seen)
		b.ok(err)
		for _, x := range all {
			d := b.load(x, seen, 1)
			f.Has[x] = [6]int{len(d.Events), len(d.Claims), len(d.Refunds), len(d.Relief), len(d.Postings), len(d.Results)}
			cs, err := b.Store.(Explaining).ClaimsOf(b.ctx, area, []ledger.PersonNo{x}, seen)
			b.ok(err)
			for _, c := range cs {
				b.same("whose claim", x, c.Person)
			}
			b.same("claims", len(d.Claims)+len(d.Refunds), len(cs))
			es, err := b.Events(b.ctx, area, []ledger.PersonNo{x}, 0, seen)
			b.ok(err)
			b.same("events", len(d.Events), len(es))
		}
		list := func(x ledger.PersonNo) { f.Lists = append(f.Lists, x) }
		b.ok(errors.Join(
			b.Enrolments(b.ctx, area, 0, seen, func(x *ledger.Enrolment) error { list(x.Person); return nil }),
			b.Contributions(b.ctx, area, seen, func(x *ledger.Contribution) error { list(x.Person); return nil }),
			b.Births(b.ctx, area, seen, func(x *ledger.Birth) error { list(x.Person); return nil }),
			b.Items(b.ctx, area, seen, func(x *ledger.Item) error { list(x.Person); return nil }),
			b.Transfers(b.ctx, area, seen, func(x *ledger.Transfer) error { list(x.Person); return nil }),
			b.Store.PaidAtOnce(b.ctx, area, 20230101, seen, func(x ledger.PaidAtOnce) error { f.Paid = append(f.Paid, x.Person); return nil })))
		ws, err := b.WaitingRefunds(b.ctx, area, seen)
		b.ok(err)
		for _, w := range ws {
			f.Waiting = append(f.Waiting, w.Person)
		}
		hs, err := b.Heads(b.ctx, area, seen)
		b.ok(err)
		f.Head = hs[r]
		ms, err := b.Members(b.ctx, area, []ledger.PersonNo{f.Head}, seen)
		b.ok(err)
		f.Members = ms[f.Head]
		res, err := b.Residence(b.ctx, area, all, seen)
		b.ok(err)
		cos, err := b.Counties(b.ctx, area, all, seen)
		b.ok(err)
		for x := range res {
			f.Place = x
		}
		for x := range cos {
			f.County = x
		}
		rs, err := b.Reliefs(b.ctx, area, 0, seen)
		b.ok(err)
		for _, x := range rs {
			f.Asked = append(f.Asked, x.Person)
		}
		ps, err := b.Postings(b.ctx, area, seen)
		b.ok(err)
		for _, x := range ps {
			f.Asked = append(f.Asked, x.Person)
		}
		return f
	}
	n := b.head().Seq
	was := of(n)
	b.same("before", [][6]int{{1, 1, 0, 1, 1, 1}, {0, 1, 1, 0, 0, 1}, {1, 0, 0, 0, 0, 0}}, [][6]int{was.Has[p], was.Has[q], was.Has[r]})
	b.same("before", facts{People: []ledger.PersonNo{p, q, r}, Lists: []ledger.PersonNo{p, p, p, p, p}, Touched: []ledger.PersonNo{p}, Waiting: []ledger.PersonNo{q}, Paid: []ledger.PersonNo{p},
		Has: was.Has, Head: p, Members: was.Members, Named: was.Named, Place: p, County: p, Asked: []ledger.PersonNo{p, p}}, was)
	made := ledger.Merge{From: p, To: q, Reason: "试", By: "李四", At: noon}
	all := func([]ledger.Merge) error { return nil }
	b.ok(b.Store.Merge(b.ctx, &made, all))
	b.same("as of before", was, of(n))
	is := of(made.Seq)
	b.same("after", facts{People: []ledger.PersonNo{q, r}, Lists: []ledger.PersonNo{q, q, q, q, q}, Touched: []ledger.PersonNo{p, q}, Paid: is.Paid,
		Has: map[ledger.PersonNo][6]int{p: {}, q: {1, 2, 1, 1, 1, 2}, r: {1, 0, 0, 0, 0, 0}}, Head: q, Members: is.Members, Named: is.Named, Place: q, County: q, Asked: []ledger.PersonNo{q, q}}, is)
	b.same("two in the household", 2, len(is.Members))
	for _, x := range is.Paid {
		b.same("paid", q, x)
	}
	names, err := b.Identities(b.ctx, []ledger.PersonNo{p, q})
	b.ok(err)
	b.same("names", map[ledger.PersonNo]ledger.Person{p: {No: p, Certno: Certno(1), Name: "王小明"}, q: {No: q, Certno: Certno(2), Name: "王小明"}}, names)
	rows, err := b.ResultsOf(b.ctx, area, 0, []ledger.PersonNo{p}, one.No)
	b.ok(err)
	b.same("a run of before", 1, len(rows))
	counts, err := b.RowsOf(b.ctx, p, made.Seq)
	b.ok(err)
	none, err := b.RowsOf(b.ctx, p, 0)
	b.ok(err)
	for table, n := range none {
		b.same("before any file: "+table, 0, n)
	}
	b.same("what moved", map[string]int{"event": 1, "claim": 1, "relief": 1, "enrolment": 1, "contribution": 1, "birth": 1, "item": 1, "transfer": 1, "head": 1}, counts)

	// Whichever number a file has: it is the same person's, and what was said counts
	// once.
	b.take(func(t ledger.Taker, _ ledger.Seq) {
		b.person(t, 2)
		again := *s1
		again.Person = q
		b.same("the settlement again", []ledger.Outcome{ledger.Repeated}, b.claims(t, &again))
		again.Total++
		b.same("another settlement", []ledger.Outcome{ledger.Conflict}, b.claims(t, &again))
		twin := gift
		twin.Person, twin.Extra = q, nil
		b.relief(t, twin)
		lists(t, q)
		es, err := t.Events()
		b.ok(err)
		b.same("under the number of its ID", p, es[0].Person)
		b.same("and whose it is", []ledger.PersonNo{q, q, r}, []ledger.PersonNo{t.Whose(p), t.Whose(q), t.Whose(r)})
		n, err := t.NameOf(q)
		b.ok(err)
		b.same("named", true, n != 0)
	})
	later := of(b.head().Seq)
	b.same("nothing twice", is.Has, later.Has)
	b.same("nothing twice", is.Lists, later.Lists)
	b.same("nothing twice", is.Asked, later.Asked)
	b.take(func(t ledger.Taker, _ ledger.Seq) { b.claims(t, stay(p, "S3", 20230313, 1)) })
	b.same("under the old number", [6]int{1, 3, 1, 1, 1, 2}, of(b.head().Seq).Has[q])
	b.run(202308, func(w ledger.RunWriter, no int) {
		b.ok(w.Result(&ledger.Result{Run: no, Area: area, Person: q, Year: 2023, Claim: s1.Ref, Total: s1.Total, InScope: s1.InScope, Due: rules.Result{Assist: 2_00, Person: s1.Total - 2_00}}))
	})
	whose := func(run int, asked ledger.PersonNo) (out []money.Fen) {
		b.Helper()
		rows, err := b.ResultsOf(b.ctx, area, 0, []ledger.PersonNo{asked}, run)
		b.ok(err)
		for _, x := range rows {
			b.same("whose", asked, x.Person)
			out = append(out, x.Due.Assist)
		}
		return out
	}
	b.same("as of the second run", []money.Fen{2_00, 1_00}, whose(2, q))
	b.same("as of the second run, nothing", 0, len(whose(2, p)))

	undo := ledger.Merge{Undo: made.ID, From: p, To: q, Reason: "错", By: "李四", At: noon}
	b.ok(b.Store.Merge(b.ctx, &undo, all))
	back := of(undo.Seq)
	b.same("undone", [][6]int{{1, 2, 0, 1, 1, 1}, {0, 1, 1, 1, 0, 1}, {1, 0, 0, 0, 0, 0}}, [][6]int{back.Has[p], back.Has[q], back.Has[r]})
	b.same("undone", []ledger.PersonNo{p, q}, back.Touched)
	b.same("undone", p, back.Head)
	// What a run found in between goes with its claim.
	d := b.load(p, undo.Seq, 2)
	b.same("the last result", money.Fen(2_00), d.Results[0].Due.Assist)
}
