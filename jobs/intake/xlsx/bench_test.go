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
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// writeClaims writes a workbook like a month of claims: twelve columns of
// names, IDs, codes, dates and amounts, with shared strings as Excel saves them
// or inline strings as exports have them.
func writeClaims(b *testing.B, rows int, shared bool) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "claims.xlsx")
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	zw := zip.NewWriter(f)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 6) })
	p := newPkg("")
	part := func(name string) *bufio.Writer {
		w, err := zw.Create(name)
		if err != nil {
			b.Fatal(err)
		}
		return bufio.NewWriterSize(w, 1<<16)
	}
	flush := func(w *bufio.Writer) {
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"} {
		w := part(name)
		w.WriteString(p[name])
		flush(w)
	}
	index := map[string]int{}
	var list []string
	text := func(s string) string {
		if !shared {
			return ` t="inlineStr"><is><t>` + s + `</t></is></c>`
		}
		i, ok := index[s]
		if !ok {
			i = len(list)
			index[s] = i
			list = append(list, s)
		}
		return ` t="s"><v>` + strconv.Itoa(i) + `</v></c>`
	}
	w := part("xl/worksheets/sheet1.xml")
	w.WriteString(xmlDecl + `<worksheet xmlns="` + nsMain + `"><sheetData>`)
	for i := 1; i <= rows; i++ {
		h := uint64(i) * 0x9E3779B97F4A7C15
		fmt.Fprintf(w, `<row r="%d" spans="1:12">`, i)
		for c, v := range []string{
			text(fmt.Sprintf("330%015d", h%1_000_000_000_000_000)),
			text("张" + string(rune(0x4E00+h%5000))),
			text(fmt.Sprintf("CLM%012d", i)),
			text("390"), text("21"),
			text(fmt.Sprintf("县第%d人民医院", h%40)),
			` s="1"><v>` + strconv.Itoa(45000+int(h%360)) + `</v></c>`,
			` s="1"><v>` + strconv.Itoa(45001+int(h%360)) + `</v></c>`,
			fmt.Sprintf(`><v>%d.%02d</v></c>`, h%90000, h%100),
			fmt.Sprintf(`><v>%d.%02d</v></c>`, h%30000, h>>8%100),
			fmt.Sprintf(`><v>%d</v></c>`, h%9000),
			text("因病住院"),
		} {
			fmt.Fprintf(w, `<c r="%c%d"%s`, 'A'+c, i, v)
		}
		w.WriteString(`</row>`)
	}
	w.WriteString(`</sheetData></worksheet>`)
	flush(w)
	w = part("xl/sharedStrings.xml")
	w.WriteString(xmlDecl + `<sst xmlns="` + nsMain + `">`)
	for _, s := range list {
		w.WriteString(`<si><t>` + s + `</t></si>`)
	}
	w.WriteString(`</sst>`)
	flush(w)
	if err := zw.Close(); err != nil {
		b.Fatal(err)
	}
	return file
}

// cpu is the processor time that this process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const benchRows, benchColumns = 300_000, 12

// BenchmarkAgainstExcelize reads 300 000 rows of 12 columns with this reader and
// with excelize's row iterator, and reports the processor seconds of each and
// their ratio. One iteration takes about half a minute.
func BenchmarkAgainstExcelize(b *testing.B) {
	for _, shared := range []bool{true, false} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			file := writeClaims(b, benchRows, shared)
			var ours, theirs time.Duration
			for b.Loop() {
				start := cpu(b)
				if n := countOurs(b, file); n != benchRows*benchColumns {
					b.Fatalf("read %d cells", n)
				}
				middle := cpu(b)
				if n := countExcelize(b, file); n != benchRows*benchColumns {
					b.Fatalf("excelize read %d cells", n)
				}
				ours += middle - start
				theirs += cpu(b) - middle
			}
			b.ReportMetric(ours.Seconds()/float64(b.N), "ours-cpu-s/op")
			b.ReportMetric(theirs.Seconds()/float64(b.N), "excelize-cpu-s/op")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
		})
	}
}

// BenchmarkRead reads 300 000 rows of 12 columns.
func BenchmarkRead(b *testing.B) {
	for _, shared := range []bool{true, false} {
		b.Run(fmt.Sprintf("shared=%t", shared), func(b *testing.B) {
			file := writeClaims(b, benchRows, shared)
			b.ReportAllocs()
			for b.Loop() {
				if n := countOurs(b, file); n != benchRows*benchColumns {
					b.Fatalf("read %d cells", n)
				}
			}
		})
	}
}

func countOurs(b *testing.B, file string) int {
	book, err := Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	r, err := book.Open(0)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	n := 0
	for {
		row, err := r.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
		n += len(row.Cells)
	}
}

func countExcelize(b *testing.B, file string) int {
	f, err := excelize.OpenFile(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		cols, err := rows.Columns()
		if err != nil {
			b.Fatal(err)
		}
		n += len(cols)
	}
	if err := rows.Error(); err != nil {
		b.Fatal(err)
	}
	return n
}
