package storetest

import (
	"errors"
	"fmt"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// matching: a match by hand and what undoes it are an entry each, known as of
// any entry, and no input of a run.
func matching(b *bench) {
	b.three()
	input, err := b.LastInput(b.ctx)
	b.ok(err)
	var asked []int
	check := func(head ledger.Seq, on []ledger.Matching) error {
		asked = append(asked, len(on))
		b.same("asked of the last entry", b.head().Seq, head)
		return nil
	}
	made := ledger.Matching{Area: area, Dues: []string{"posting:1", "posting:2"}, Lines: []string{"transfer:7"}, Reason: "王小明已由所在村代领", By: "李四", At: noon}
	undone := ledger.Matching{Area: area, Undo: 1, Reason: "对错了", By: "王五", At: noon.Add(time.Hour)}
	elsewhere := ledger.Matching{Area: other, Dues: []string{"posting:1"}, Reason: "另一地", By: "李四", At: noon}
	for _, x := range []*ledger.Matching{&made, &undone, &elsewhere} {
		b.ok(b.Store.Match(b.ctx, x, check))
		b.same("kind", ledger.EntryMatch, b.head().Kind)
		b.same("by", x.By, b.head().By)
		b.same("entry", x.Seq, b.head().Seq)
	}
	b.same("asked of the area's own", []int{0, 1, 0}, asked)
	b.same("numbered", [3]int64{1, 2, 3}, [3]int64{made.ID, undone.ID, elsewhere.ID})
	for seen, want := range map[ledger.Seq][]ledger.Matching{made.Seq - 1: nil, made.Seq: {made}, undone.Seq: {made, undone}, 1 << 62: {made, undone}} {
		got, err := b.Matchings(b.ctx, area, seen)
		b.ok(err)
		b.same(fmt.Sprintf("known at %d", seen), want, got)
	}
	last, err := b.LastInput(b.ctx)
	b.ok(err)
	b.same("the last input", input, last)
}

// matchingRefused: a check that refuses leaves nothing, and nothing is undone
// twice whatever a check says.
func matchingRefused(b *bench) {
	broken := errors.New("no")
	x := ledger.Matching{Area: area, Dues: []string{"posting:1"}, Reason: "试", By: "李四", At: noon}
	head := b.head()
	b.is(b.Store.Match(b.ctx, &x, func(ledger.Seq, []ledger.Matching) error { return broken }), broken)
	b.same("head", head, b.head())
	all := func(ledger.Seq, []ledger.Matching) error { return nil }
	b.ok(b.Store.Match(b.ctx, &x, all))
	undo := ledger.Matching{Area: area, Undo: x.ID, Reason: "试", By: "李四", At: noon}
	b.ok(b.Store.Match(b.ctx, &undo, all))
	head = b.head()
	again := undo
	if err := b.Store.Match(b.ctx, &again, all); err == nil {
		b.Error("undone twice")
	}
	b.same("head", head, b.head())
	got, err := b.Matchings(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("on record", []ledger.Matching{x, undo}, got)
}

// paidAtOnce: what the platform paid, less what was taken back, in the month in
// which it was.
func paidAtOnce(b *bench) {
	var p, q ledger.PersonNo
	paid := func(p ledger.PersonNo, id, hospital string, d civil.Date, major, assist int) *ledger.Claim {
		c := stay(p, id, d, 100_00)
		c.Hospital, c.HospName, c.Major, c.Assist = hospital, "医院"+hospital, money.Fen(major), money.Fen(assist)
		return c
	}
	back := func(of *ledger.Claim, id string, d civil.Date) *ledger.Claim {
		c := *of
		c.ID, c.At, c.Refund, c.RefundOf = id, d.At(), true, of.ID
		return &c
	}
	b.take(func(t ledger.Taker, _ ledger.Seq) {
		p, q = b.person(t, 1), b.person(t, 2)
		s1, s2, s3 := paid(p, "S1", "H1", 20230110, 10, 20), paid(p, "S2", "H1", 20230131, 0, 5), paid(q, "S3", "H1", 20230131, 7, 0)
		s4, s5 := paid(p, "S4", "H2", 20230201, 0, 9), paid(q, "S5", "H2", 20230201, 1, 1)
		nothing := paid(p, "S6", "H3", 20230201, 0, 0)
		b.claims(t, s1, s2, s3, s4, s5, nothing, back(s2, "R2", 20230205), back(s2, "R2b", 20230206), s5.Mark(), back(nothing, "R6", 20230207))
		of := paid(p, "S9", "H2", 20230201, 3, 3) // not on record
		b.claims(t, back(of, "R9", 20230205))
		b.claims(t, back(s3, "R3", 20230205)) // for another person than is on record
	})
	late := b.take(func(t ledger.Taker, _ ledger.Seq) { b.claims(t, paid(p, "S7", "H1", 20230110, 0, 1)) })
	read := func(from civil.Date, seen ledger.Seq) (out []ledger.PaidAtOnce) {
		b.ok(b.Store.PaidAtOnce(b.ctx, area, from, seen, func(x ledger.PaidAtOnce) error { out = append(out, x); return nil }))
		return out
	}
	at := func(h string, m civil.Month, p ledger.PersonNo, major, assist, n int) ledger.PaidAtOnce {
		return ledger.PaidAtOnce{Hospital: h, Name: "医院" + h, Month: m, Person: p, Major: money.Fen(major), Assist: money.Fen(assist), Claims: n}
	}
	first := []ledger.PaidAtOnce{at("H1", 202301, p, 10, 25, 2), at("H1", 202301, q, 7, 0, 1), at("H1", 202302, p, 0, -5, -1), at("H1", 202302, q, -7, 0, -1),
		at("H2", 202302, p, 0, 9, 1), at("H2", 202302, q, 0, 0, 0)}
	b.same("at first", first, read(20220101, late-1))
	b.same("from February on", first[2:], read(20230201, late-1))
	all := append([]ledger.PaidAtOnce{at("H1", 202301, p, 10, 26, 3)}, first[1:]...)
	b.same("later", all, read(20220101, late))
	names, err := b.HospitalNames(b.ctx, area, late)
	b.ok(err)
	b.same("names", map[string][]string{"H1": {"医院H1"}, "H2": {"医院H2"}, "H3": {"医院H3"}}, names)
}

// namesOf opens names by number, notes of transfers, and says on what was posted.
func namesOf(b *bench) {
	var n int64
	var x ledger.Transfer
	c := stay(0, "S1", 20230310, 100_00)
	c.Hospital, c.HospName = "H1", "县医院"
	b.take(func(t ledger.Taker, _ ledger.Seq) {
		c.Person, n = b.person(t, 1), b.name(t, "王小明")
		b.claims(t, c)
		x = ledger.Transfer{Area: area, Payee: n, Date: 20230401, Item: "医疗救助", Amount: 1, Nth: 1, Extra: t.Seal(`{"note":"青柳县"}`)}
		_, err := t.Transfer(&x)
		b.ok(err)
	})
	names, err := b.NamesOf(b.ctx, []int64{n, 1 << 40})
	b.ok(err)
	b.same("names", map[int64]string{n: "王小明"}, names)
	notes, err := b.TransferNotes(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("notes", map[int64]string{x.ID: `{"note":"青柳县"}`}, notes)
	r := b.run(202307, nil)
	ps := adjustments(r.No, c, 1)
	b.ok(b.Store.Post(b.ctx, "李四", noon, ps, func(ledger.Seq) error { return nil }))
	on, err := b.PostedOn(b.ctx, area, 1<<62)
	b.ok(err)
	b.same("posted on", map[int64]ledger.PostedOn{ps[0].ID: {SetlID: "S1", Hospital: "H1", HospName: "县医院"}}, on)
}
