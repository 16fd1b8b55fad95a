package xls

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"doudi/fixtures/xlsfile"
)

// BenchmarkRead reads the longest sheet there can be, of 30 columns like those of
// a list of claims, and reports rows a second and the most memory of the child.
func BenchmarkRead(b *testing.B) {
	const rows, columns = 1 << 16, 30
	s := xlsfile.Sheet{Name: "结算"}
	for i := range rows {
		h := uint64(i) * 0x9E3779B97F4A7C15
		row := []xlsfile.Cell{xlsfile.T(fmt.Sprintf("993301%012d", h%1_000_000_000_000)), xlsfile.T("测" + string(rune(0x4E00+h%5000))), xlsfile.T(fmt.Sprintf("CLM%012d", i)),
			xlsfile.T("390"), xlsfile.T("21"), xlsfile.T(fmt.Sprintf("县第%d人民医院", h%40)), xlsfile.Day(2023, 1, 1+int(h%360)), xlsfile.Day(2023, 1, 2+int(h%360))}
		for len(row) < columns {
			h = h*6364136223846793005 + 1
			row = append(row, xlsfile.N(float64(h>>20%10_000_000)/100))
		}
		s.Rows = append(s.Rows, row)
	}
	path := put(b, xlsfile.Book{Sheets: []xlsfile.Sheet{s}})
	s.Rows = nil
	peak := 0
	b.ReportAllocs()
	for b.Loop() {
		book, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		r, err := book.Open(0)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			n += len(row.Cells)
			if row.Number == rows/2 {
				peak = max(peak, memoryOf(b, r.(*reader).child))
			}
		}
		if n != rows*columns {
			b.Fatalf("read %d cells", n)
		}
		book.Close()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(peak)/1024, "child-MiB")
}

// memoryOf gives the most memory that a child has had, in KiB. It is asked while it
// has given half of its rows, since what wait4 says of a child that has ended
// counts the parent's memory before exec, too.
func memoryOf(b *testing.B, p *process) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkOpen opens a small book, which is mostly the start of two children.
func BenchmarkOpen(b *testing.B) {
	path := put(b, xlsfile.Book{Sheets: []xlsfile.Sheet{{Name: strings.Repeat("x", 20), Rows: [][]xlsfile.Cell{{xlsfile.T("x")}}}}})
	for b.Loop() {
		book, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := readSheet(book, 0); err != nil {
			b.Fatal(err)
		}
		book.Close()
	}
}
