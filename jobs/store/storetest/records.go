package storetest

import (
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// chain: entries are numbered without gaps, each linked to the one before. The
// last input is the last of them that is no run.
func chain(b *bench) {
	input := func(want ledger.Seq) {
		b.Helper()
		e, err := b.LastInput(b.ctx)
		b.ok(err)
		b.same("last input", want, e.Seq)
		if want == b.head().Seq {
			b.same("last input", b.head(), e)
		}
	}
	input(0)
	var p ledger.PersonNo
	var c *ledger.Claim
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p = b.person(t, 1)
		e := added(p, rules.Dibao, 20230115)
		e.Name = b.name(t, "王小明")
		b.event(t, e)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { c = stay(p, "S1", 20230310, 100); b.claims(t, c) })
	input(2)
	r := b.run(202307, func(w ledger.RunWriter, no int) {
		b.ok(w.Result(&ledger.Result{Run: no, Area: area, Person: p, Year: 2023, Claim: c.Ref, Total: 100, InScope: 100, Due: rules.Result{Person: 100}}))
	})
	input(2)
	b.ok(b.Store.Post(b.ctx, "李四", noon, []ledger.Posting{{Run: r.No, Area: area, Person: p, Claim: c.Ref, Year: 2023, Fund: rules.FundAssistance, Amount: 5, Date: 20230702}},
		func(ledger.Seq) error { return nil }))
	input(4)
	b.take(func(t ledger.Taker, seq ledger.Seq) {})
	input(5)
	want := []ledger.Entry{
		{Kind: ledger.EntryImport, By: "张三", Count: 4}, // an ID, a name, an event, the file
		{Kind: ledger.EntryImport, By: "张三", Count: 2},
		{Kind: ledger.EntryRun, By: "张三", Count: 2}, // a result, the run
		{Kind: ledger.EntryPost, By: "李四", Count: 1},
		{Kind: ledger.EntryImport, By: "张三", Count: 1},
	}
	var last ledger.Entry
	for i, w := range want {
		e, err := b.Entry(b.ctx, ledger.Seq(i+1))
		b.ok(err)
		w.Seq, w.At, w.Prev, w.Digest = ledger.Seq(i+1), noon, last.Hash, e.Digest
		w.Hash = w.Chain()
		b.same(fmt.Sprintf("entry %d", i+1), w, e)
		last = e
	}
	b.same("head", last, b.head())
	if _, err := b.Entry(b.ctx, 6); err == nil {
		b.Error("an entry that there is not")
	}
}

// files: by content and area, those that were refused apart.
func files(b *bench) {
	put := func(in, sha, refused string) *ledger.File {
		f := b.file(in)
		f.SHA256, f.Refused = sha, refused
		if refused == "" {
			f.Read, f.Taken, f.Repeated, f.Returned, f.Amount, f.AmountTaken = 10, 6, 3, 1, 12345, 12345
			f.Totals = []ledger.SheetTotal{{Sheet: "Sheet1", Kind: "claims", Read: 10, Taken: 6, Repeated: 3, Returned: 1, Amount: 12345}}
		}
		b.ok(b.Take(b.ctx, f, func() bool { return true }, func(ledger.Taker) error { return nil }))
		return f
	}
	one := put(area, "aa", "")
	two := put(area, "aa", "") // once more
	bad := put(area, "bb", "E-FILE-DAMAGED")
	for _, c := range []struct {
		area, sha      string
		want           *ledger.File
		refusedAlready bool
	}{
		{area, "aa", two, false}, // the last one
		{area, "bb", nil, true},
		{area, "cc", nil, false},
		{other, "aa", nil, false},
		{other, "bb", nil, false},
	} {
		f, known, err := b.FileBySHA(b.ctx, c.area, c.sha)
		b.ok(err)
		b.same(c.area+" "+c.sha+" is known", c.want != nil, known)
		if known {
			b.same("as it was taken", *c.want, f)
		}
		refused, err := b.RefusedBySHA(b.ctx, c.area, c.sha)
		b.ok(err)
		b.same(c.area+" "+c.sha+" was refused", c.refusedAlready, refused)
	}
	all, err := b.Store.Files(b.ctx, 0, 3)
	b.ok(err)
	b.same("all files", []ledger.File{*one, *two, *bad}, all)
	some, err := b.Store.Files(b.ctx, 1, 2)
	b.ok(err)
	b.same("of entry 2", []ledger.File{*two}, some)
}

// touched: those of whom an entry speaks, against all of the area.
func touched(b *bench) {
	var p [5]ledger.PersonNo
	var c *ledger.Claim
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p[0] = b.person(t, 0)
		b.person(t, 9) // of whom nothing is said
		b.event(t, added(p[0], rules.Dibao, 20230115))
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		p[1] = b.person(t, 1)
		c = stay(p[1], "S1", 20230310, 100)
		b.claims(t, c)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		p[2], p[3] = b.person(t, 2), b.person(t, 3)
		b.relief(t, ledger.Relief{Person: p[2], Date: 20230401, Kind: "慈善", Amount: 1})
		b.claims(t, refund(p[3], "R1", "S9", 20230310, 100))
	})
	f := b.file(other) // 4
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
		p[4] = b.person(t, 4)
		e := added(p[4], rules.Dibao, 20230115)
		e.Area = other
		b.event(t, e)
		return nil
	}))
	r := b.run(202307, nil) // 5
	b.ok(b.Store.Post(b.ctx, "李四", noon, []ledger.Posting{{Run: r.No, Area: area, Person: p[1], Claim: c.Ref, Year: 2023, Amount: 5, Date: 20230702}},
		func(ledger.Seq) error { return nil })) // 6
	for _, x := range []struct {
		after, seen ledger.Seq
		want        []ledger.PersonNo
	}{
		{0, 0, nil}, {0, 1, p[:1]}, {1, 2, p[1:2]}, {2, 3, p[2:4]}, {0, 3, p[:4]}, {3, 5, nil}, {5, 6, p[1:2]}, {2, 6, p[1:4]}, {6, 6, nil},
	} {
		got, err := b.Touched(b.ctx, area, x.after, x.seen)
		b.ok(err)
		b.same(fmt.Sprintf("touched in (%d, %d]", x.after, x.seen), x.want, got)
	}
	for seen, want := range map[ledger.Seq][]ledger.PersonNo{0: nil, 1: p[:1], 2: p[:2], 3: p[:4], 6: p[:4]} {
		got, err := b.People(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprintf("people at %d", seen), want, got)
	}
	got, err := b.People(b.ctx, other, 6)
	b.ok(err)
	b.same("people of the other area", p[4:], got)
	// Lists that change no settlement touch nobody.
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.lists(t, b.person(t, 1), b.person(t, 8)) }) // 7
	got, err = b.Touched(b.ctx, area, 6, 7)
	b.ok(err)
	b.same("touched by lists", 0, len(got))
	got, err = b.People(b.ctx, area, 7)
	b.ok(err)
	b.same("people after the lists", p[:4], got)
}

// knownWhen: what an entry brought is not known before it.
func knownWhen(b *bench) {
	var p ledger.PersonNo
	var c *ledger.Claim
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p = b.person(t, 1)
		b.event(t, added(p, rules.Dibao, 20230115))
		c = stay(p, "S1", 20230310, 100)
		b.claims(t, c)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		b.event(t, added(p, rules.Tekun, 20230115))
		b.relief(t, ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: 7})
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		b.claims(t, stay(p, "S2", 20230311, 200), refund(p, "R1", "S1", 20230401, 100))
	})
	r := b.run(202307, nil)                                                                                                                         // 4
	b.ok(b.Store.Post(b.ctx, "李四", noon, []ledger.Posting{{Run: r.No, Area: area, Person: p, Claim: c.Ref, Year: 2023, Amount: 5, Date: 20230702}}, // 5
		func(ledger.Seq) error { return nil }))
	for seen, want := range map[ledger.Seq][5]int{0: {}, 1: {1, 1, 0, 0, 0}, 2: {2, 1, 0, 1, 0}, 3: {2, 2, 1, 1, 0}, 4: {2, 2, 1, 1, 0}, 5: {2, 2, 1, 1, 1}} {
		d := b.load(p, seen, 0)
		got := [5]int{len(d.Events), len(d.Claims), len(d.Refunds), len(d.Relief), len(d.Postings)}
		b.same(fmt.Sprintf("events, claims, refunds, relief, postings at %d", seen), want, got)
		ps, err := b.Postings(b.ctx, area, seen)
		b.ok(err)
		b.same("postings of the area", want[4], len(ps))
	}
}

// loadFields: every field comes back as it went in, and people in the order
// in which they were asked for.
func loadFields(b *bench) {
	var p, q ledger.PersonNo
	var e ledger.Event
	var c *ledger.Claim
	var r ledger.Relief
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p, q = b.person(t, 1), b.person(t, 2)
		e, _ = b.event(t, ledger.Event{Person: p, Op: rules.Change, Category: rules.Canji, Cause: rules.Illness, Date: 20230115, Expiry: 20261231, Level: 2,
			Head: q, Township: "东镇", Village: "东村", Dept: "残联", Month: 202307, County: "康平县", Applied: 20221201, Extra: t.Seal("x"), Src: ledger.Source{Seq: seq, Sheet: "表 1", Row: 12}})
		c = &ledger.Claim{Area: area, Person: p, Hospital: "H1", HospName: "青柳县医院（东院）", Disease: "慢性肾衰竭（尿毒症期）", Insutype: "390", MedType: "21",
			Begin: 20230301, End: 20230309, Extra: t.Seal("y"),
			Claim: rules.Claim{ID: "S1", At: 20230310173059, Kind: rules.OutpatientSpecial, Referral: rules.Referred, OutOfProvince: true, Level: 3, DiseaseCode: "n18.6",
				Total: 10, InScope: 9, Basic: 1, Other: 2, Major: 3, Assist: 4, Hosp: 5}}
		b.claims(t, c, refund(q, "R1", "S7", 20230401, money.Limit))
		r, _ = b.relief(t, ledger.Relief{Person: p, Date: 20230402, Kind: "惠民保", Amount: money.Limit, Note: "无"})
	})
	data, err := b.LoadPeople(b.ctx, area, []ledger.PersonNo{q, 1 << 40, p}, 1, 0)
	b.ok(err)
	claim := c.Claim
	claim.DiseaseName = rules.Fold(c.Disease)
	claim.HospitalCode, claim.HospitalName, claim.Insurance = "H1", rules.Fold(c.HospName), rules.Residents
	want := []ledger.PersonData{
		{Person: q, Refunds: []ledger.Refund{{Claim: c.Ref + 1, Original: "S7", Total: money.Limit}}},
		{Person: 1 << 40},
		{Person: p, Events: []rules.Event{{Ref: e.ID, Op: rules.Change, Category: rules.Canji, Cause: rules.Illness, Date: 20230115, Expiry: 20261231, Level: 2, Source: "残联",
			County: "康平县", Applied: 20221201}},
			Claims: []rules.Claim{claim}, Relief: []rules.Help{{Ref: r.ID, Date: 20230402, Source: "惠民保", Amount: money.Limit}}},
	}
	b.same("people", want, data)
	ids, err := b.ClaimIDs(b.ctx, []int64{c.Ref, c.Ref + 1, 1 << 40})
	b.ok(err)
	b.same("setl_id", map[int64]string{c.Ref: "S1", c.Ref + 1: "R1"}, ids)
	kinds, err := b.ReliefKinds(b.ctx, []int64{r.ID, 1 << 40})
	b.ok(err)
	b.same("who helped", map[int64]string{r.ID: "惠民保"}, kinds)
	none, err := b.LoadPeople(b.ctx, area, nil, 1, 0)
	b.ok(err)
	b.same("nobody", 0, len(none))
}
