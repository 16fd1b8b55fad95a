package sqlite

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// BenchmarkLoadPeople reads a county's year: 5,000 people with 50,000
// settlements in 60 hospitals.
func BenchmarkLoadPeople(b *testing.B) {
	const people, each = 5_000, 10
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), testVault(b, "secret"))
	must(b, err)
	defer s.Close()
	r := rand.New(rand.NewPCG(1, 2))
	var all []ledger.PersonNo
	must(b, s.Take(b.Context(), &ledger.File{SHA256: "sha", Area: area, At: noon}, func() bool { return true }, func(t ledger.Taker) error {
		for i := range people {
			p, err := t.Person(storetest.Certno(i))
			if err != nil {
				return err
			}
			all = append(all, p)
			if _, err := t.Event(&ledger.Event{Area: area, Person: p, Op: rules.Add, Category: rules.Dibao, Date: 20230101, Dept: "民政局", Township: "城关镇", Village: "东村"}); err != nil {
				return err
			}
			var cs []*ledger.Claim
			for k := range each {
				c := &ledger.Claim{Area: area, Person: p, Insutype: "390", MedType: "21"}
				c.ID, c.At, c.Kind, c.Level = fmt.Sprintf("33010000%08d%02d", i, k), 20230310101500, rules.Inpatient, 2
				c.Total, c.InScope, c.Basic, c.Assist = money.Fen(1000_00+r.IntN(9000_00)), 900_00, 500_00, 100_00
				h, d := r.IntN(60), r.IntN(300)
				c.Hospital, c.HospName = fmt.Sprintf("H330100%05d", h), fmt.Sprintf("青柳县第%d人民医院（东院区）", h)
				c.DiseaseCode, c.Disease = fmt.Sprintf("n%d.%d", d/10, d%10), fmt.Sprintf("慢性肾衰竭（尿毒症期） %d 型", d)
				cs = append(cs, c)
			}
			if _, err := t.Claims(cs); err != nil {
				return err
			}
		}
		return nil
	}))
	b.ReportAllocs()
	for b.Loop() {
		data, err := s.LoadPeople(b.Context(), area, all, 1, 0)
		must(b, err)
		if len(data) != people || len(data[7].Claims) != each || len(data[7].Events) != 1 {
			b.Fatalf("%d people", len(data))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(people*each), "ns/claim")
}

// BenchmarkTakeEvents takes a roster of 100,000 rows; the same for the next
// month, of which every row is on record; a correction of that month that lists
// nobody; and asks for everybody's name.
func BenchmarkTakeEvents(b *testing.B) {
	const people = 100_000
	certnos := make([]string, people)
	for i := range certnos {
		certnos[i] = storetest.Certno(i)
	}
	took := map[string]time.Duration{}
	for b.Loop() {
		s, err := Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), testVault(b, "secret"))
		must(b, err)
		take := func(what string, fill func(ledger.Taker) error) {
			start := time.Now()
			must(b, s.Take(b.Context(), &ledger.File{SHA256: what, Area: area, At: noon}, func() bool { return true }, fill))
			took[what] += time.Since(start)
		}
		roster := func(m civil.Month) func(ledger.Taker) error {
			return func(t ledger.Taker) error {
				for _, c := range certnos {
					p, err := t.Person(c)
					if err != nil {
						return err
					}
					if _, err := t.Event(&ledger.Event{Area: area, Person: p, Name: 1, Op: rules.Add, Category: rules.Dibao, Date: 20230101, Dept: "民政局", Month: m,
						Township: "城关镇", Village: "东村", Src: ledger.Source{Sheet: "低保", Row: int(p)}}); err != nil {
						return err
					}
				}
				return nil
			}
		}
		take("new", roster(202301))
		take("again", roster(202302))
		take("read", func(t ledger.Taker) error {
			es, err := t.Events()
			if len(es) != people {
				b.Fatalf("%d events", len(es))
			}
			return err
		})
		take("withdrawn", func(t ledger.Taker) error {
			all, err := t.Stated(202302)
			if len(all) != people {
				b.Fatalf("%d events", len(all))
			}
			for _, id := range slices.Sorted(maps.Keys(all)) {
				if _, err := t.Withdraw(id, 202302, 2, ledger.Source{Sheet: "更正"}); err != nil {
					return err
				}
			}
			return err
		})
		take("named", func(t ledger.Taker) error {
			for p := range ledger.PersonNo(people) {
				if n, err := t.NameOf(p + 1); err != nil || n != 1 {
					b.Fatal(p, n, err)
				}
			}
			return nil
		})
		must(b, s.Close())
	}
	b.ReportMetric(0, "ns/op")
	for what, d := range took {
		b.ReportMetric(d.Seconds()/float64(b.N), "s/"+what)
	}
}

// BenchmarkVerify walks the chain of a county's year: 25,000 people with 250,000
// settlements in one file, each with a result.
func BenchmarkVerify(b *testing.B) {
	const people, each = 25_000, 10
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), testVault(b, "secret"))
	must(b, err)
	defer s.Close()
	var all []*ledger.Claim
	f := ledger.File{SHA256: "sha", Area: area, At: noon}
	must(b, s.Take(b.Context(), &f, func() bool { return true }, func(t ledger.Taker) error {
		for i := range people {
			p, err := t.Person(storetest.Certno(i))
			if err != nil {
				return err
			}
			var cs []*ledger.Claim
			for k := range each {
				c := &ledger.Claim{Area: area, Person: p, Insutype: "390", MedType: "21", Hospital: "H33010000001", HospName: "青柳县人民医院", Disease: "慢性肾衰竭"}
				c.ID, c.At, c.Kind, c.Level = fmt.Sprintf("33010000%08d%02d", i, k), 20230310101500, rules.Inpatient, 2
				c.Total, c.InScope, c.Basic, c.Assist = 1000_00, 900_00, 500_00, 100_00
				cs = append(cs, c)
			}
			if _, err := t.Claims(cs); err != nil {
				return err
			}
			all = append(all, cs...)
		}
		return nil
	}))
	r, err := s.StartRun(b.Context(), ledger.Run{Month: 202307, By: "张三"}, noon)
	must(b, err)
	r.Seen = 1
	must(b, s.CommitRun(b.Context(), &r, clock, func(w ledger.RunWriter) error {
		for _, c := range all {
			if err := w.Result(&ledger.Result{Run: r.No, Area: area, Person: c.Person, Year: 2023, Claim: c.Ref, Total: c.Total, InScope: c.InScope,
				Due: rules.Result{Basic: 500_00, Assist: 150_00, Person: 350_00}, Recorded: rules.Amounts{500_00}, Pack: "hangzhou-2022-70"}); err != nil {
				return err
			}
		}
		return nil
	}))
	b.ReportAllocs()
	for b.Loop() {
		if last, err := s.Verify(b.Context()); err != nil || last.Seq != 2 {
			b.Fatal(last.Seq, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(people*each), "ns/claim")
}
