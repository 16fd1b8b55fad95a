package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
	"doudi/rules"
	"doudi/rules/civil"
)

// BenchmarkStatements reads what is stated of one person of 100,000 who stand on 24
// full lists: what every small roster asks beside full lists.
func BenchmarkStatements(b *testing.B) {
	const people, lists = 100_000, 24
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "a.db"), testVault(b, "secret"))
	must(b, err)
	for n := range lists {
		m := civil.Month(202301 + n%12 + n/12*100)
		must(b, s.Take(b.Context(), &ledger.File{SHA256: fmt.Sprint(n), Area: area, At: noon}, func() bool { return true }, func(t ledger.Taker) error {
			for i := range people {
				p, err := t.Person(storetest.Certno(i))
				if err != nil {
					return err
				}
				e := ledger.Event{Area: area, Person: p, Op: rules.Add, Category: rules.Dibao, Date: 20230101, Month: m, Via: ledger.ViaFull, Src: ledger.Source{Sheet: "低保", Row: i}}
				if _, err := t.Event(&e); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(b, s.Take(b.Context(), &ledger.File{SHA256: "small", Area: area, At: noon}, func() bool { return false }, func(t ledger.Taker) error {
		for b.Loop() {
			n := 0
			must(b, t.Statements([]ledger.PersonNo{77}, func(int64, civil.Month, ledger.Statement) { n++ }))
			if n != lists {
				b.Fatal(n)
			}
		}
		return nil
	}))
}
