package xlsx

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// claims describes a workbook like a month of the national platform's export.
type claims struct {
	rows   int
	shared bool // strings are shared, as Excel saves them, or inline, as exports have them
	level  int  // of compression
}

// claimColumns is the width of the export.
const claimColumns = 30

// appendClaim appends the cells of row i, of which text writes the texts.
func appendClaim(b []byte, i int, text func(b []byte, s string) []byte) []byte {
	h := uint64(i) * 0x9E3779B97F4A7C15
	col := byte(0)
	open := func() {
		b = append(b, `<c r="`...)
		if col >= 26 {
			b = append(b, 'A')
		}
		b = strconv.AppendInt(append(b, 'A'+col%26), int64(i), 10)
		b = append(b, '"')
		col++
	}
	str := func(s string) { open(); b = text(b, s) }
	num := func(style string, n uint64, cents uint64) {
		open()
		b = append(append(b, style...), `><v>`...)
		b = strconv.AppendUint(b, n, 10)
		if cents > 0 {
			b = append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10))
		}
		b = append(b, `</v></c>`...)
	}
	for _, s := range []string{
		fmt.Sprintf("330100G%013d", i), fmt.Sprintf("M%015d", h%1_000_000_000_000_000), fmt.Sprintf("3301%014d", h%100_000_000_000_000),
		"张" + string(rune(0x4E00+h%3000)), "390", "21", "S72." + strconv.Itoa(int(h%900)), "股骨骨折", fmt.Sprintf("H3301%07d", h%400),
		fmt.Sprintf("县第%d人民医院", h%400), "05",
	} {
		str(s)
	}
	for d := range uint64(3) {
		num(` s="1"`, 45000+h%360+d, 0)
	}
	for c := range uint64(13) {
		num(``, h>>c%(90000>>(c/2)), h>>(c+3)%100)
	}
	for _, s := range []string{"0", "", strconv.Itoa(int(1 + h%4))} {
		str(s)
	}
	return b
}

// write writes the workbook and gives the unpacked size of its shared strings.
func (c claims) write(tb testing.TB) (file string, strings int64) {
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	file = filepath.Join(tb.TempDir(), "claims.xlsx")
	f, err := os.Create(file)
	must(err)
	defer f.Close()
	zw := zip.NewWriter(f)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, c.level) })
	p := newPkg("")
	part := func(name string, fill func(w *bufio.Writer)) {
		w, err := zw.Create(name)
		must(err)
		bw := bufio.NewWriterSize(w, 1<<16)
		fill(bw)
		must(bw.Flush())
	}
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"} {
		part(name, func(w *bufio.Writer) { w.WriteString(p[name]) })
	}
	index := map[string]int{}
	var list []string
	text := func(b []byte, s string) []byte {
		if !c.shared {
			b = append(append(b, ` t="inlineStr"><is><t>`...), s...)
			return append(b, `</t></is></c>`...)
		}
		i, ok := index[s]
		if !ok {
			i = len(list)
			index[s] = i
			list = append(list, s)
		}
		b = strconv.AppendInt(append(b, ` t="s"><v>`...), int64(i), 10)
		return append(b, `</v></c>`...)
	}
	part("xl/worksheets/sheet1.xml", func(w *bufio.Writer) {
		w.WriteString(xmlDecl + `<worksheet xmlns="` + nsMain + `"><sheetData>`)
		var b []byte
		for i := 1; i <= c.rows; i++ {
			b = strconv.AppendInt(append(b[:0], `<row r="`...), int64(i), 10)
			b = append(b, `" spans="1:30">`...)
			w.Write(append(appendClaim(b, i, text), `</row>`...))
		}
		w.WriteString(`</sheetData></worksheet>`)
	})
	part("xl/sharedStrings.xml", func(w *bufio.Writer) {
		n, _ := w.WriteString(xmlDecl + `<sst xmlns="` + nsMain + `">`)
		strings += int64(n)
		for _, s := range list {
			n, _ = w.WriteString(`<si><t>` + s + `</t></si>`)
			strings += int64(n)
		}
		n, _ = w.WriteString(`</sst>`)
		strings += int64(n)
	})
	must(zw.Close())
	return file, strings
}

const mebi = 1 << 20

// BenchmarkAgainstExcelize reads 300,000 rows of 30 columns with this reader and
// with excelize's row iterator, each in a process of its own, and reports what
// each took. MB is the peak of resident memory, of which the empty process has
// its share. One iteration takes about a minute.
func BenchmarkAgainstExcelize(b *testing.B) {
	for _, shared := range []bool{true, false} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			c := claims{rows: 300_000, shared: shared, level: 6}
			file, strings := c.write(b)
			var ours, theirs usage
			for b.Loop() {
				u := [2]usage{measure(b, "ours", file, 0), measure(b, "excelize", file, 0)}
				if n := c.rows * claimColumns; u[0].Cells != n || u[1].Cells != n {
					b.Fatalf("read %d cells, excelize %d", u[0].Cells, u[1].Cells)
				}
				ours.CPU += u[0].CPU
				theirs.CPU += u[1].CPU
				ours.Wall += u[0].Wall
				theirs.Wall += u[1].Wall
				ours.PeakRSS = max(ours.PeakRSS, u[0].PeakRSS)
				theirs.PeakRSS = max(theirs.PeakRSS, u[1].PeakRSS)
			}
			b.ReportMetric(ours.CPU.Seconds()/float64(b.N), "ours-cpu-s")
			b.ReportMetric(theirs.CPU.Seconds()/float64(b.N), "excelize-cpu-s")
			b.ReportMetric(ours.Wall.Seconds()/float64(b.N), "ours-wall-s")
			b.ReportMetric(theirs.Wall.Seconds()/float64(b.N), "excelize-wall-s")
			b.ReportMetric(theirs.CPU.Seconds()/ours.CPU.Seconds(), "ratio")
			b.ReportMetric(float64(ours.PeakRSS)/mebi, "ours-MB")
			b.ReportMetric(float64(theirs.PeakRSS)/mebi, "excelize-MB")
			b.ReportMetric(float64(measure(b, "nothing", file, 0).PeakRSS)/mebi, "empty-MB")
			b.ReportMetric(float64(strings)/mebi, "strings-MB")
		})
	}
}

// BenchmarkRead reads 300,000 rows of 30 columns, for profiles.
func BenchmarkRead(b *testing.B) {
	for _, shared := range []bool{true, false} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			c := claims{rows: 300_000, shared: shared, level: 6}
			file, _ := c.write(b)
			b.ReportAllocs()
			for b.Loop() {
				if n, err := countOurs(file); err != nil || n != c.rows*claimColumns {
					b.Fatalf("read %d cells, %v", n, err)
				}
			}
		})
	}
}

// BenchmarkMemory reads a million rows of 30 columns under the memory limit of
// TestMemory, and with as much memory as the garbage collector likes.
func BenchmarkMemory(b *testing.B) {
	for _, shared := range []bool{true, false} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			c := claims{rows: 1_000_000, shared: shared, level: 1}
			file, strings := c.write(b)
			var limited, free usage
			for b.Loop() {
				limited = checkMemory(b, file, strings)
				free = measure(b, "ours", file, 0)
				if n := c.rows * claimColumns; limited.Cells != n || free.Cells != n {
					b.Fatalf("read %d cells, then %d", limited.Cells, free.Cells)
				}
			}
			b.ReportMetric(float64(strings)/mebi, "strings-MB")
			b.ReportMetric(float64(limited.PeakRSS)/mebi, "limited-MB")
			b.ReportMetric(float64(free.PeakRSS-measure(b, "nothing", file, 0).PeakRSS)/mebi, "free-MB")
			b.ReportMetric(limited.CPU.Seconds(), "limited-cpu-s")
			b.ReportMetric(free.CPU.Seconds(), "free-cpu-s")
		})
	}
}
