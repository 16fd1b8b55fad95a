package biff

import (
	"fmt"
	"testing"

	"doudi/fixtures/xlsfile"
)

func BenchmarkRead(b *testing.B) {
	s := xlsfile.Sheet{Name: "结算"}
	for i := range 1 << 16 {
		row := []xlsfile.Cell{xlsfile.T(fmt.Sprintf("CLM%012d", i))}
		for len(row) < 8 {
			row = append(row, xlsfile.T(fmt.Sprintf("县第%d人民医院", i*len(row)%4000)))
		}
		for len(row) < 30 {
			row = append(row, xlsfile.N(float64(i*7919*len(row)%10_000_000)/100))
		}
		s.Rows = append(s.Rows, row)
	}
	data := file(b, xlsfile.Book{Sheets: []xlsfile.Sheet{s}})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if rows, err := readFile(data, 0); err != nil || len(rows) != 1<<16 {
			b.Fatal(len(rows), err)
		}
	}
}
