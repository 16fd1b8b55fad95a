package storetest

import (
	"context"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
)

// Explaining is what an explanation reads of a store beside what runs and
// reports read.
type Explaining interface {
	RunBefore(ctx context.Context, run int) (ledger.Run, error)
	ClaimsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Claim, error)
	ReliefsOf(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) ([]ledger.Relief, error)
}

// explaining: a person's records with their places, as known when, and the run
// before whatever its month.
func explaining(b *bench) {
	s, ok := b.Store.(Explaining)
	if !ok {
		b.Fatalf("%T does not read what explanations need", b.Store)
	}
	var p, q ledger.PersonNo
	var want []ledger.Claim
	var early, late ledger.Relief
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 1
		p, q = b.person(t, 1), b.person(t, 2)
		c := &ledger.Claim{Area: area, Person: p, Name: b.name(t, "王小明"), Hospital: "H1", HospName: "县医院", Disease: "慢性肾衰竭（尿毒症期）", Insutype: "390", MedType: "21",
			Begin: 20230301, End: 20230309, Src: ledger.Source{Seq: seq, Sheet: "表 1", Row: 12},
			Claim: rules.Claim{ID: "S2", At: 20230310173059, Kind: rules.OutpatientSpecial, Referral: rules.Referred, OutOfProvince: true, Level: 3, DiseaseCode: "n18.6",
				Total: money.Limit, InScope: 9, Basic: 1, Other: 2, Major: 3, Assist: 4, Hosp: 5}}
		r, other := refund(p, "S3", "S1", 20230401, 100), stay(q, "S9", 20230101, 5)
		b.claims(t, c, r, other)
		late, _ = b.relief(t, ledger.Relief{Person: p, Date: 20230402, Kind: "惠民保", Amount: money.Limit, Src: ledger.Source{Seq: seq, Sheet: "表 2", Row: 3}})
		b.relief(t, ledger.Relief{Person: q, Date: 20230402, Kind: "惠民保", Amount: 1})
		want = []ledger.Claim{*c, *r}
	})
	first := b.run(202307, nil)                   // 2
	b.take(func(t ledger.Taker, seq ledger.Seq) { // 3
		c := stay(p, "S1", 20230310, 100)
		c.Src = ledger.Source{Seq: seq, Sheet: "表 1", Row: 2}
		b.claims(t, c)
		early, _ = b.relief(t, ledger.Relief{Person: p, Date: 20230401, Kind: "慈善", Amount: 7})
		want = append([]ledger.Claim{*c}, want...)
	})
	// A run that was given up is none.
	given, err := b.StartRun(b.ctx, ledger.Run{Month: 202308, By: "张三", Version: "v1"}, noon)
	b.ok(err)
	b.ok(b.Release(b.ctx, given))
	second := b.run(202307, nil)

	claims := func(what string, seen ledger.Seq, people []ledger.PersonNo, want []ledger.Claim) {
		b.Helper()
		got, err := s.ClaimsOf(b.ctx, area, people, seen)
		b.ok(err)
		b.same(what, want, got)
	}
	claims("claims", 3, []ledger.PersonNo{p}, want)
	claims("claims before the second file", 2, []ledger.PersonNo{p}, want[1:])
	claims("claims of nobody", 3, []ledger.PersonNo{1 << 40}, nil)
	got, err := s.ClaimsOf(b.ctx, other, []ledger.PersonNo{p}, 3)
	b.ok(err)
	b.same("claims of the other area", 0, len(got))

	reliefs, err := s.ReliefsOf(b.ctx, area, []ledger.PersonNo{p}, 3)
	b.ok(err)
	b.same("relief", []ledger.Relief{early, late}, reliefs)
	reliefs, err = s.ReliefsOf(b.ctx, area, []ledger.PersonNo{p}, 2)
	b.ok(err)
	b.same("relief before the second file", []ledger.Relief{late}, reliefs)

	for no, want := range map[int]int{first.No: 0, given.No: first.No, second.No: first.No, second.No + 1: second.No, second.No + 9: second.No} {
		r, err := s.RunBefore(b.ctx, no)
		b.ok(err)
		b.same("the run before", want, r.No)
	}
	r, err := s.RunBefore(b.ctx, second.No)
	b.ok(err)
	b.same("it is as it was", first, r)
}
