package intake

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"doudi/jobs/ledger"
)

// nowhere is a ledger.Taker that keeps nothing: what remains is the reading.
type nowhere struct {
	*memory
	outs []ledger.Outcome
}

func (nowhere) Person(string) (ledger.PersonNo, error) { return 1, nil }
func (nowhere) Name(string) (int64, error)             { return 1, nil }
func (nowhere) Seal(string) []byte                     { return nil }

func (n nowhere) Claims(cs []*ledger.Claim) ([]ledger.Outcome, error) {
	return n.outs[:len(cs)], nil
}

func (n nowhere) Elsewhere(cs []*ledger.Claim) ([]string, error) { return make([]string, len(cs)), nil }

// BenchmarkImportClaims reads settlements from a text file, without a store.
func BenchmarkImportClaims(b *testing.B) {
	const rows = 200_000
	path := filepath.Join(b.TempDir(), "医保结算.csv")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(out)
	write := func(cells []any) {
		for i, v := range cells {
			if i > 0 {
				w.WriteByte(',')
			}
			if v != nil {
				fmt.Fprint(w, v)
			}
		}
		w.WriteByte('\n')
	}
	write(claimsHead)
	for n := range rows {
		write(change(claimLine(n%1000), map[string]any{"A": fmt.Sprint("S", n)}))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	o := testOptions(b)
	b.ReportAllocs()
	for b.Loop() {
		var f ledger.File
		if _, err := Import(context.Background(), path, o, &f, nowhere{newMemory(), make([]ledger.Outcome, batch)}); err != nil || f.Taken != rows {
			b.Fatal(f.Taken, err)
		}
	}
	b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
}
