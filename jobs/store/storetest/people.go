package storetest

import (
	"fmt"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// names: a person's name is the one on most roster rows, of as many the one that
// came first, else likewise on claims, else on relief.
func names(b *bench) {
	var p [10]ledger.PersonNo
	event := func(t ledger.Taker, i int, name string, c rules.Category) {
		e := added(p[i], c, 20230115)
		e.Name = b.name(t, name)
		b.event(t, e)
	}
	claim := func(t ledger.Taker, i int, name, id string) {
		c := stay(p[i], id, 20230310, 100)
		c.Name = b.name(t, name)
		b.claims(t, c)
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		for i := range p {
			p[i] = b.person(t, i)
		}
		b.same("no name", int64(0), b.name(t, ""))
		b.same("one name, one number", b.name(t, "王小明"), b.name(t, "王小明"))
		event(t, 0, "王小明", rules.Dibao)
		event(t, 1, "旧名", rules.Dibao)
		event(t, 1, "新名", rules.Tekun)
		event(t, 1, "", rules.Dibian)
		b.relief(t, ledger.Relief{Person: p[3], Name: b.name(t, "善款名"), Date: 20230401, Kind: "慈善", Amount: 1})
		b.relief(t, ledger.Relief{Person: p[4], Name: b.name(t, "善款名"), Date: 20230401, Kind: "慈善", Amount: 1})
		event(t, 5, "", rules.Dibao)
		// Of lists, in the order in which they are asked.
		x := listsOf(p[6])
		x.insured.Name, x.month.Name, x.birth.Name, x.item.Name = b.name(t, "参保名"), b.name(t, "缴费名"), b.name(t, "生育名"), b.name(t, "项目名")
		b.put(t, x)
		x.insured = ledger.Enrolment{}
		x.month.Person, x.birth.Person, x.item.Person = p[7], p[7], p[7]
		b.put(t, x)
		x.month = ledger.Contribution{}
		x.birth.Person, x.item.Person = p[8], p[8]
		b.put(t, x)
		x.birth = ledger.Birth{}
		x.item.Person = p[9]
		b.put(t, x)
		y := listsOf(p[3])
		y.insured.Name = b.name(t, "参保名")
		b.put(t, y)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		claim(t, 0, "王 小 明", "S0") // later than the roster
		claim(t, 2, "先", "S1")
		claim(t, 2, "后", "S2")
		claim(t, 3, "结算名", "S3")
		b.same("a number that a former file gave", p[0], b.person(t, 0))
	})
	got, err := b.Identities(b.ctx, p[:])
	b.ok(err)
	want := map[ledger.PersonNo]ledger.Person{}
	for i, name := range []string{"王小明", "旧名", "先", "结算名", "善款名", "", "参保名", "缴费名", "生育名", "项目名"} {
		want[p[i]] = ledger.Person{No: p[i], Certno: Certno(i), Name: name}
	}
	b.same("identities", want, got)
	some, err := b.Certnos(b.ctx, p[1:3])
	b.ok(err)
	b.same("IDs", map[ledger.PersonNo]string{p[1]: Certno(1), p[2]: Certno(2)}, some)
	for i := range p {
		n, err := b.PersonByID(b.ctx, Certno(i))
		b.ok(err)
		b.same("by ID", p[i], n)
	}
	n, err := b.PersonByID(b.ctx, Certno(77))
	b.ok(err)
	b.same("somebody who was never named", ledger.PersonNo(0), n)

	// A name that is an ID, and an ID that is a name, are two things.
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		if b.name(t, Certno(0)) == int64(p[0]) {
			b.Error("a name has a person's number")
		}
		box := t.Seal("备注：王小明")
		text, err := b.Unseal(box)
		b.ok(err)
		b.same("sealed and opened", "备注：王小明", text)
		box[len(box)-1] ^= 1
		if text, err := b.Unseal(box); err == nil {
			b.Errorf("a damaged box opens as %q", text)
		}
	})
}

// residence: where the latest roster row that names a township says, as known.
func residence(b *bench) {
	var p, q ledger.PersonNo
	move := func(t ledger.Taker, c rules.Category, town, village string) {
		e := added(p, c, 20230115)
		e.Township, e.Village = town, village
		b.event(t, e)
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p, q = b.person(t, 1), b.person(t, 2)
		move(t, rules.Dibao, "东镇", "东村")
		b.event(t, added(q, rules.Dibao, 20230115))
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		move(t, rules.Tekun, "西镇", "")
		move(t, rules.Dibian, "", "")
	})
	for seen, want := range map[ledger.Seq]map[ledger.PersonNo][2]string{0: {}, 1: {p: {"东镇", "东村"}}, 2: {p: {"西镇", ""}}} {
		got, err := b.Residence(b.ctx, area, []ledger.PersonNo{p, q}, seen)
		b.ok(err)
		b.same(fmt.Sprintf("known at %d", seen), want, got)
	}
}

// events: of some people or of some entries.
func events(b *bench) {
	var p, q ledger.PersonNo
	var all []int64
	add := func(t ledger.Taker, x ledger.PersonNo, seq ledger.Seq, c rules.Category) {
		e := added(x, c, 20230115)
		e.Src = ledger.Source{Seq: seq, Sheet: "Sheet1", Row: len(all) + 2}
		e, _ = b.event(t, e)
		all = append(all, e.ID)
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p, q = b.person(t, 1), b.person(t, 2)
		add(t, p, seq, rules.Dibao)
		add(t, q, seq, rules.Dibao)
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { add(t, p, seq, rules.Tekun) })
	for _, c := range []struct {
		people      []ledger.PersonNo
		after, upTo ledger.Seq
		want        []int64
	}{
		{nil, 0, 2, all}, {nil, 1, 2, all[2:]}, {nil, 0, 1, all[:2]}, {[]ledger.PersonNo{p}, 0, 2, []int64{all[0], all[2]}},
		{[]ledger.PersonNo{q, p}, 0, 1, all[:2]}, {[]ledger.PersonNo{}, 0, 2, nil}, {nil, 2, 9, nil},
	} {
		es, err := b.Store.Events(b.ctx, area, c.people, c.after, c.upTo)
		b.ok(err)
		var got []int64
		for _, e := range es {
			got = append(got, e.ID)
		}
		b.same(fmt.Sprintf("of %v in (%d, %d]", c.people, c.after, c.upTo), c.want, got)
	}
}

// waitingRefunds: refunds that cancel nothing yet, not what they name, or what
// another one cancelled before.
func waitingRefunds(b *bench) {
	var p, q ledger.PersonNo
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p, q = b.person(t, 1), b.person(t, 2)
		b.claims(t, stay(p, "S1", 20230310, 100), stay(p, "S2", 20230311, 200), stay(q, "S3", 20230312, 300), refund(p, "S4", "S1", 20230313, 100))
	})
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2
		b.claims(t,
			refund(p, "R2", "S2", 20230402, 199), // not the original's amount
			refund(p, "R3", "S3", 20230403, 300), // somebody else's
			refund(p, "R4", "S4", 20230404, 100), // a refund is no original
			refund(p, "R5", "S5", 20230401, 500), // not there yet
			stay(p, "S6", 20230312, 600).Mark())  // a mark without its settlement, which no file brings
	})
	f := b.file(other) // 3
	b.ok(b.Take(b.ctx, f, func() bool { return true }, func(t ledger.Taker) error {
		c := stay(p, "S5", 20230310, 500)
		c.Area = other
		b.claims(t, c)
		return nil
	}))
	b.take(func(t ledger.Taker, seq ledger.Seq) { b.claims(t, stay(p, "S5", 20230314, 500)) }) // 4
	b.take(func(t ledger.Taker, seq ledger.Seq) {                                              // 5
		marked := stay(p, "S7", 20230301, 700)
		b.claims(t, marked, marked.Mark(), stay(p, "S8", 20230302, 800))
		b.claims(t, refund(p, "R7", "S7", 20230405, 700),
			refund(p, "R9", "S8", 20230406, 800), refund(p, "R8", "S8", 20230406, 800), refund(p, "R0", "S8", 20230407, 800), // one of them is enough
			refund(q, "R6", "S8", 20230405, 800)) // somebody else's
	})
	r2 := ledger.WaitingRefund{SetlID: "R2", Original: "S2", Person: p, At: 20230402101500, Total: 199, Found: true, OriginalTotal: 200}
	r3 := ledger.WaitingRefund{SetlID: "R3", Original: "S3", Person: p, At: 20230403101500, Total: 300}
	r4 := ledger.WaitingRefund{SetlID: "R4", Original: "S4", Person: p, At: 20230404101500, Total: 100}
	r5 := ledger.WaitingRefund{SetlID: "R5", Original: "S5", Person: p, At: 20230401101500, Total: 500}
	r6 := ledger.WaitingRefund{SetlID: "R6", Original: "S8", Person: q, At: 20230405101500, Total: 800}
	r9 := ledger.WaitingRefund{SetlID: "R9", Original: "S8", Person: p, At: 20230406101500, Total: 800, Found: true, OriginalTotal: 800, Before: "R8"}
	r0 := ledger.WaitingRefund{SetlID: "R0", Original: "S8", Person: p, At: 20230407101500, Total: 800, Found: true, OriginalTotal: 800, Before: "R9"}
	for seen, want := range map[ledger.Seq][]ledger.WaitingRefund{1: nil, 2: {r5, r2, r3, r4}, 3: {r5, r2, r3, r4}, 4: {r2, r3, r4},
		5: {r2, r3, r4, r6, r9, r0}} {
		got, err := b.WaitingRefunds(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprintf("waiting at %d", seen), want, got)
	}
}
