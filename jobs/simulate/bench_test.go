package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// endless is a county of any size that takes no memory: everybody is made when
// loaded.
type endless struct{ people, claims int }

func (e endless) People(context.Context, string, ledger.Seq) ([]ledger.PersonNo, error) {
	out := make([]ledger.PersonNo, e.people)
	for i := range out {
		out[i] = ledger.PersonNo(i + 1)
	}
	return out, nil
}

func (e endless) LoadPeople(_ context.Context, _ string, people []ledger.PersonNo, _ ledger.Seq, _ int) ([]ledger.PersonData, error) {
	out := make([]ledger.PersonData, len(people))
	categories := []rules.Category{rules.Tekun, rules.Dibao, rules.Dibian, rules.Yifanpin}
	for i, p := range people {
		r := rand.New(rand.NewPCG(1, uint64(p)))
		d := &out[i]
		d.Person = p
		if p%10 != 0 {
			d.Events = append(d.Events, rules.Event{Ref: int64(p), Op: rules.Add, Category: categories[r.IntN(4)], Date: civil.YMD(2022, 1+r.IntN(12), 1)})
		}
		d.Claims = make([]rules.Claim, 0, e.claims)
		for k := range e.claims {
			c := rules.Claim{Ref: int64(p)*100 + int64(k), ID: fmt.Sprintf("%09d%02d", p, k), At: civil.YMD(2023, 1+r.IntN(12), 1+r.IntN(28)).At(), Kind: rules.Inpatient, Level: 2}
			c.Total = money.Fen(r.IntN(12000_00))
			c.InScope, c.Basic = c.Total*9/10, c.Total/2
			d.Claims = append(d.Claims, c)
		}
	}
	return out, nil
}

func (e endless) Heads(context.Context, string, ledger.Seq) (map[ledger.PersonNo]ledger.PersonNo, error) {
	return nil, nil
}

func (e endless) Residence(_ context.Context, _ string, people []ledger.PersonNo, _ ledger.Seq) (map[ledger.PersonNo][2]string, error) {
	out := make(map[ledger.PersonNo][2]string, len(people))
	for _, p := range people {
		out[p] = [2]string{fmt.Sprintf("第%d镇", p%16), ""}
	}
	return out, nil
}

// BenchmarkSimulate settles 100,000 people with 1,000,000 claims both ways, the
// reading aside: what is made up costs as much as it must.
func BenchmarkSimulate(b *testing.B) {
	for _, c := range []struct{ name, draft string }{
		{"one key", "assist: {ratio: {dibian: 70%}}\n"},
		{"two keys", draft65to70},
		{"ten keys, some without effect", draft65to70 + "  outpatient_ratio: {tekun: 95%}\n  cap: {dibao: 31000}\ntilt: {ratio: {dibian: 91%}, threshold: 9000}\nmonitor: {gaoe_zhichu: {line: 9000}}\nspecial: {ratio: {others: 50%}, threshold: 90000, cap: 1000}\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			a := areaOf(b, "kaifeng-2022-draft", "")
			e := endless{100_000, 10}
			j := Job{Areas: []jobs.Area{a}, Year: 2023, Draft: must(ParseDraft("d.yaml", []byte(c.draft)))}
			for b.Loop() {
				o, err := Run(b.Context(), e, j)
				if err != nil {
					b.Fatal(err)
				}
				if y := o.Areas[0].Year(); y.Claims != 1_000_000 || y.Changed == 0 {
					b.Fatalf("%+v", y)
				}
			}
			b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "claims/s")
		})
	}
	b.Run("making people up", func(b *testing.B) {
		e := endless{100_000, 10}
		people, _ := e.People(b.Context(), "", 0)
		for b.Loop() {
			for i := 0; i < len(people); i += chunk {
				_, _ = e.LoadPeople(b.Context(), "", people[i:i+chunk], 0, 0)
			}
		}
		b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "claims/s")
	})
}
