package storetest

import (
	"context"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/pack"
)

// Rerunning is what runs by hand, comparisons of runs and explanations of past
// runs read of a store.
type Rerunning interface {
	Concerned(ctx context.Context, area string, of ledger.Scope, seen ledger.Seq) ([]ledger.PersonNo, error)
	ChangedPeople(ctx context.Context, area string, after, upTo ledger.Run) ([]ledger.PersonNo, error)
	PolicyTexts(ctx context.Context) (map[string]ledger.PolicyText, error)
	IdentitiesAt(ctx context.Context, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]ledger.Person, error)
}

func (b *bench) rerunning() Rerunning {
	b.Helper()
	s, ok := b.Store.(Rerunning)
	if !ok {
		b.Fatalf("%T does not read what runs by hand need", b.Store)
	}
	return s
}

// concerned: whom a month, a year or a person is about, as known when.
func concerned(b *bench) {
	s := b.rerunning()
	var p [8]ledger.PersonNo
	var gone ledger.Event
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		for i := range p {
			p[i] = b.person(t, i+1)
		}
		b.claims(t, stay(p[1], "S1", 20230701, 1), stay(p[2], "S2", 20230731, 1), stay(p[3], "S3", 20230801, 1), stay(p[3], "S4", 20240101, 1))
		acts, sent := added(p[4], rules.Dibao, 20230715), added(p[5], rules.Dibao, 20230101)
		sent.Month = 202307
		b.event(t, acts)
		b.event(t, sent)
		gone, _ = b.event(t, ledger.Event{Person: p[6], Op: rules.Add, Category: rules.Dibao, Date: 20230101, Month: 202306})
		b.relief(t, ledger.Relief{Person: p[7], Date: 20230710, Kind: "慈善", Amount: 1})
		b.relief(t, ledger.Relief{Area: other, Person: p[0], Date: 20230710, Kind: "慈善", Amount: 1})
	})
	asks := func(what string, of ledger.Scope, seen ledger.Seq, want ...ledger.PersonNo) {
		b.Helper()
		got, err := s.Concerned(b.ctx, area, of, seen)
		b.ok(err)
		b.same(what, want, got)
	}
	asks("a month", ledger.Scope{Month: 202307}, 1, p[1], p[2], p[4], p[5], p[7])
	asks("before anything", ledger.Scope{Month: 202307}, 0)
	asks("another month", ledger.Scope{Month: 202308}, 1, p[3])
	asks("a year", ledger.Scope{Year: 2023}, 1, p[1], p[2], p[3])
	asks("the next year", ledger.Scope{Year: 2024}, 1, p[3])
	asks("a person", ledger.Scope{Person: p[6]}, 1, p[6])
	asks("a person of another area", ledger.Scope{Person: p[0]}, 1)
	asks("a person not known yet", ledger.Scope{Person: p[6]}, 0)
	asks("nothing", ledger.Scope{}, 1)
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 2: a correction for June
		_, err := t.Withdraw(gone.ID, 202306, 1, ledger.Source{Seq: seq, Sheet: "更正", Row: 1})
		b.ok(err)
	})
	asks("whose row of the month was withdrawn", ledger.Scope{Month: 202306}, 2, p[6])
}

// changedPeople: of whom runs found something else, or on whom was posted.
func changedPeople(b *bench) {
	s := b.rerunning()
	p, q, c := b.three()
	one := b.run(202307, func(w ledger.RunWriter, no int) { x := resultOf(no, c[0], 2023, 1); b.ok(w.Result(&x)) })
	two := b.run(202308, func(w ledger.RunWriter, no int) { b.ok(w.Case(caseOf(no, q, 2023, "m"))) })
	b.ok(b.Store.Post(b.ctx, "李四", noon, adjustments(two.No, c[0], 1), func(ledger.Seq) error { return nil }))
	three := b.run(202309, nil)
	four := b.run(202309, nil)
	asks := func(after, upTo ledger.Run, want ...ledger.PersonNo) {
		b.Helper()
		got, err := s.ChangedPeople(b.ctx, area, after, upTo)
		b.ok(err)
		b.same("changed", want, got)
	}
	asks(ledger.Run{}, one, p)
	asks(one, two, q)
	asks(two, three, p)
	asks(one, three, p, q)
	asks(three, four)
	got, err := s.ChangedPeople(b.ctx, other, ledger.Run{}, four)
	b.ok(err)
	b.same("of the other area", 0, len(got))
}

// policyTexts: each text is kept once, under its digest, with the first run that
// used it; not by a run that fails.
func policyTexts(b *bench) {
	s := b.rerunning()
	text := func(name, base, doc string) ledger.PolicyText {
		return ledger.PolicyText{Digest: pack.DocumentDigest(base, []byte(doc)), Kind: pack.DocumentPack, Name: name, Base: base, Text: []byte(doc)}
	}
	base := text("national", "", "id: national\n")
	top := text("p", base.Digest, "id: p\nextends: national\n")
	over := ledger.PolicyText{Digest: pack.DocumentDigest("", []byte("a: 1")), Kind: pack.DocumentOverlay, Name: "叠加 1.yaml", Text: []byte("a: 1")}
	put := func(xs ...ledger.PolicyText) func(ledger.RunWriter, int) {
		return func(w ledger.RunWriter, _ int) {
			for i := range xs {
				b.ok(w.Policy(&xs[i]))
			}
		}
	}
	b.run(202307, put(base, top))
	b.same("records of the entry", 3, b.head().Count)
	b.run(202308, put(base, top, over))
	b.same("records of the entry", 2, b.head().Count)
	b.run(202309, put(over))
	b.same("records of the entry", 1, b.head().Count)
	wrong := top
	wrong.Text, wrong.Digest = []byte("id: q\n"), "00"
	b.run(202310, func(w ledger.RunWriter, _ int) {
		if w.Policy(&wrong) == nil {
			b.Error("a text that is not what its digest says was kept")
		}
	})
	got, err := s.PolicyTexts(b.ctx)
	b.ok(err)
	b.same("texts", map[string]ledger.PolicyText{base.Digest: base, top.Digest: top, over.Digest: over}, got)
}

// byHand: a run by hand keeps its reason and its scope. It is taken up by the
// same command alone, and is no month's: what came before it belongs to the
// month's own run.
func byHand(b *bench) {
	hand := ledger.Run{Month: 202306, By: "张三", Version: "v1", Reason: "更正", Scope: ledger.Scope{Month: 202306}.String()}
	july := b.run(202307, nil)
	old := b.start(hand, noon)
	b.ok(b.Release(b.ctx, old))
	again := b.start(hand, noon)
	b.same("number", old.No, again.No)
	b.ok(b.Release(b.ctx, again))
	for _, change := range []func(*ledger.Run){
		func(r *ledger.Run) { r.Reason = "另一个理由" },
		func(r *ledger.Run) { r.Scope = ledger.Scope{Year: 2023}.String() },
		func(r *ledger.Run) { r.Reason, r.Scope = "", "" },
	} {
		want := hand
		change(&want)
		was := again
		again = b.start(want, noon)
		b.same("number of another command", was.No+1, again.No)
		b.ok(b.Release(b.ctx, again))
	}
	last := b.start(hand, noon)
	b.ok(b.commit(&last, noon))
	got, err := b.Store.Run(b.ctx, 0)
	b.ok(err)
	b.same("on record", last, got)
	b.same("scope", "month 2023-06", got.Scope)
	august := b.run(202308, nil)
	prev, err := b.PreviousRun(b.ctx, august)
	b.ok(err)
	b.same("the run before of another month", july.No, prev.No)
}

// namesAsOfRun: a name that came later is not what was known before.
func namesAsOfRun(b *bench) {
	s := b.rerunning()
	var p ledger.PersonNo
	var last ledger.Event
	for i, name := range []string{"王小明", "王晓明"} {
		b.take(func(t ledger.Taker, seq ledger.Seq) {
			p = b.person(t, 1)
			for _, c := range []rules.Category{rules.Dibao, rules.Tekun}[:i+1] { // the second is on more rows
				e := added(p, c, 20230101)
				e.Name, e.Township = b.name(t, name), name
				last, _ = b.event(t, e)
			}
		})
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		_, err := t.Withdraw(last.ID, last.Month, 2, ledger.Source{Seq: seq})
		b.ok(err)
	})
	for seen, want := range map[ledger.Seq]string{0: "", 1: "王小明", 2: "王晓明", 3: "王小明"} {
		got, err := s.IdentitiesAt(b.ctx, []ledger.PersonNo{p}, seen)
		b.ok(err)
		b.same("name", want, got[p].Name)
	}
}
