package workbook

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"doudi/jobs/intake/xlsx"
)

// writeChild, in the environment, makes this program write wide rows to a file and
// print its peak memory, as testdata/libxlsxwriter.c does: so both are measured
// as programs of their own.
const writeChild = "DOUDI_BENCH_ROWS"

func TestMain(m *testing.M) {
	if rows := os.Getenv(writeChild); rows != "" {
		if err := childWrites(os.Args[1], rows); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func childWrites(path, rows string) error {
	n, err := strconv.Atoi(rows)
	if err != nil {
		return err
	}
	if err := Write(path, Book{Sheets: []Sheet{wide(n)}}); err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println(strings.Fields(peak)[0])
	return nil
}

// cost is what a program took.
type cost struct {
	cpu, wall time.Duration
	peak      int64 // bytes
	size      int64 // of the file
}

// run runs a program that writes path and prints its peak memory in kB.
func run(tb testing.TB, path string, cmd *exec.Cmd) cost {
	tb.Helper()
	cmd.Stderr = os.Stderr
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		tb.Fatal(err)
	}
	c := cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	kb, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	c.peak, c.size = kb<<10, info.Size()
	return c
}

// ours and theirs write rows as programs of their own.
func ours(tb testing.TB, path string, rows int) cost {
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", writeChild, rows))
	return run(tb, path, cmd)
}

func theirs(tb testing.TB, program, path string, rows int, mode string) cost {
	return run(tb, path, exec.Command(program, path, strconv.Itoa(rows), mode))
}

// libxlsxwriter compiles the C program. Where the library is missing the benchmark
// fails: a comparison with nothing says nothing.
func libxlsxwriter(tb testing.TB, dir string) string {
	tb.Helper()
	program := filepath.Join(dir, "libxlsxwriter")
	out, err := exec.Command("gcc", "-O2", "-o", program, filepath.Join("testdata", "libxlsxwriter.c"), "-lxlsxwriter", "-lz").CombinedOutput()
	if err != nil {
		tb.Fatalf("%v: this benchmark needs gcc and libxlsxwriter; on Debian: apt-get install gcc libxlsxwriter-dev\n%s", err, out)
	}
	return program
}

// BenchmarkWrite300k writes 300,000 rows of twelve columns, and has libxlsxwriter,
// a C library made for this, write the same rows.
func BenchmarkWrite300k(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Fatal("this benchmark reads memory from /proc, on Linux")
	}
	const rows = 300_000
	dir := b.TempDir()
	program := libxlsxwriter(b, dir)
	path := func(name string) string { return filepath.Join(dir, name+".xlsx") }

	// The same rows, to the cell, in all three files.
	ours(b, path("ours"), 3000)
	want := contents(b, path("ours"))
	for _, mode := range []string{"constant", "default"} {
		theirs(b, program, path(mode), 3000, mode)
		if got := contents(b, path(mode)); !slices.Equal(got, want) {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			b.Fatalf("the C program wrote other rows: %q, not %q", got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
		}
	}

	for b.Loop() {
		for name, c := range map[string]cost{
			"ours":     ours(b, path("ours"), rows),
			"constant": theirs(b, program, path("constant"), rows, "constant"),
			"default":  theirs(b, program, path("default"), rows, "default"),
		} {
			b.ReportMetric(c.cpu.Seconds(), name+"-CPU-s")
			b.ReportMetric(float64(c.peak)/1e6, name+"-peak-MB")
			b.ReportMetric(float64(c.size)/1e6, name+"-file-MB")
		}
	}
}

// contents are the cells of a file's only sheet, read by the reader of the intake.
// Numbers are compared to fifteen digits, as Excel shows them: the C library
// writes sixteen, so that 0.69 stands there as 0.6899999999999999.
func contents(tb testing.TB, path string) (out []string) {
	tb.Helper()
	book, err := xlsx.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	r, err := book.Open(0)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		row, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			tb.Fatal(err)
		}
		for i, c := range row.Cells {
			if n, err := strconv.ParseFloat(c.Text, 64); err == nil && strings.Contains(c.Text, ".") {
				c.Text = strconv.FormatFloat(n, 'g', 15, 64)
			}
			if c.Text != "" {
				out = append(out, fmt.Sprint(cellAt(i, row.Number), c.Kind, c.Formula, c.Text))
			}
		}
	}
}
