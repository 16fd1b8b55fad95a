package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// wide are rows of twelve columns like the ones in real reports.
func wide(n int) Table {
	t := Table{Sheet: "明细", Title: "明细", Columns: []Column{
		{Title: "姓名"}, {Title: "身份证号"}, {Title: "乡镇"}, {Title: "村"}, {Title: "结算时间", Kind: Moment}, {Title: "医院"},
		{Title: "总费用", Kind: Money, Total: true}, {Title: "范围内", Kind: Money, Total: true}, {Title: "基本医保", Kind: Money, Total: true},
		{Title: "救助", Kind: Money, Total: true}, {Title: "认定日期", Kind: Date}, {Title: "人次", Kind: Count, Total: true},
	}}
	t.Rows = func(yield func([]any) bool) {
		row := make([]any, 12)
		for i := range n {
			copy(row, []any{"欧阳明月", fmt.Sprintf("99330119700101%04d", i%10000), "青柳镇", "上塘村", civil.Moment(20230831143059), "青柳县人民医院",
				money.Fen(i * 31), money.Fen(i * 29), money.Fen(i * 17), money.Fen(i * 3), civil.Date(20200101), i})
			if !yield(row) {
				return
			}
		}
	}
	return t
}

func TestSameBookSameBytes(t *testing.T) {
	book := Book{Title: "同"}
	for i := range 12 {
		a := amounts(30)
		a.Sheet = fmt.Sprintf("表%d", i)
		a.Rows = rowsOf([]any{Cell{Value: "a", Comment: fmt.Sprint("批注", i), Link: fmt.Sprintf("表%d!A1", 11-i)}, i, money.Fen(i), Cell{Bad: true}})
		book.Sheets = append(book.Sheets, a)
	}
	book.Sheets = append(book.Sheets, example().Sheets...) // pages, charts, colours
	book.Sheets = append(book.Sheets, wide(40_000))        // large enough for the library's temporary file
	var first []byte
	for i := range 4 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.xlsx", i))
		if err := Write(path, book); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = b
		}
		if !bytes.Equal(first, b) {
			t.Fatal("the same book gave other bytes")
		}
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first part is %s", z.File[0].Name)
	}
	for _, f := range z.File {
		if want := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); !f.Modified.Equal(want) {
			t.Errorf("%s is dated %s", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r) // checks the sum and the size
		if err := errors.Join(err, r.Close()); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if strings.Contains(string(b), `<dimension ref="A1"`) {
			t.Errorf("%s claims to hold one cell", f.Name)
		}
		if cols := columnOrder(string(b)); strings.HasPrefix(f.Name, "xl/worksheets/sheet") &&
			(len(cols) < 2 || !slices.IsSorted(cols)) {
			t.Errorf("%s has the columns %v; Excel wants them in order", f.Name, cols)
		}
	}
}

// columnOrder are the numbers of a sheet's columns, as they stand in the file.
func columnOrder(xml string) (at []int) {
	for _, c := range strings.Split(xml, "<col min=\"")[1:] {
		n, _, _ := strings.Cut(c, "\"")
		i, err := strconv.Atoi(n)
		if err != nil {
			return nil
		}
		at = append(at, i)
	}
	return at
}

func TestAnErrorLeavesNoFile(t *testing.T) {
	fails := func(n int) Table {
		w := wide(n)
		good := w.Rows
		w.Rows = func(yield func([]any) bool) {
			for row := range good {
				if !yield(row) {
					return
				}
			}
			yield([]any{make(chan int)})
		}
		return w
	}
	for _, n := range []int{0, 150, 60_000} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.xlsx")
		if err := Write(path, Book{Sheets: []Sheet{texts("好", "a"), fails(n)}}); err == nil {
			t.Fatal("no error")
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("after an error the folder holds %v, %v", left, err)
		}
		// A file that is there stays as it is.
		if err := os.WriteFile(path, []byte("former"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, Book{Sheets: []Sheet{fails(n)}}); err == nil {
			t.Fatal("no error")
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "former" {
			t.Errorf("after an error the former file holds %q, %v", b, err)
		}
		onlyFile(t, path)
		if err := Write(path, Book{Sheets: []Sheet{texts("好", "a")}}); err != nil {
			t.Fatal(err)
		}
		onlyFile(t, path)
	}
}

func TestAPanicLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = Write(filepath.Join(dir, "a.xlsx"), Book{Sheets: []Sheet{Table{Sheet: "a", Raw: true, Rows: func(func([]any) bool) { panic("rows") }}}})
	}()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("after a panic the folder holds %v, %v", left, err)
	}
}

func TestNoFolderIsAnError(t *testing.T) {
	if err := Write(filepath.Join(t.TempDir(), "none", "a.xlsx"), Book{Sheets: []Sheet{texts("a", "b")}}); err == nil {
		t.Error("no error")
	}
}

// full fails like a disk without space.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("no space")
	}
	return len(b), nil
}

func TestAFullDiskIsNoticed(t *testing.T) {
	spool, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	z := newZip(spool, &full{left: 1000})
	w, err := z.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	var noise strings.Builder
	for i := range 100_000 {
		fmt.Fprint(&noise, i*i)
	}
	if _, err := io.WriteString(w, noise.String()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err == nil {
		t.Error("a full disk at the end was not noticed")
	}
	// The spool is full: the library passes over the error of a write, Close
	// must not.
	if err := spool.Close(); err != nil {
		t.Fatal(err)
	}
	z = newZip(spool, io.Discard)
	if w, err = z.Create("a"); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, noise.String())
	if err := z.Close(); err == nil {
		t.Error("a full disk in the middle was not noticed")
	}
}

// Memory stays flat: ten times the rows need hardly more.
func TestMemoryDoesNotGrowWithRows(t *testing.T) {
	peak := func(n int) uint64 {
		debug.FreeOSMemory()
		var most uint64
		w := wide(n)
		rows := w.Rows
		w.Rows = func(yield func([]any) bool) {
			i := 0
			for row := range rows {
				if i++; i%5000 == 0 {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
				if !yield(row) {
					return
				}
			}
		}
		if err := Write(filepath.Join(t.TempDir(), "a.xlsx"), Book{Sheets: []Sheet{w}}); err != nil {
			t.Fatal(err)
		}
		return most
	}
	small, large := peak(30_000), peak(150_000)
	t.Logf("heap at most %d MB for 30,000 rows, %d MB for 150,000", small>>20, large>>20)
	if large > small+96<<20 {
		t.Errorf("five times the rows took %d MB instead of %d MB", large>>20, small>>20)
	}
}

// TestKilledWriter: what a killed process had half written goes when the next book
// is written beside it. The process is this test, once more.
func TestKilledWriter(t *testing.T) {
	const into = "DOUDI_TEST_WRITES"
	if path := os.Getenv(into); path != "" {
		half := wide(0)
		half.Rows = func(yield func([]any) bool) {
			for range 40_000 {
				if !yield([]any{"欧阳明月"}) {
					return
				}
			}
			fmt.Println("at work")
			_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
		}
		t.Fatal(Write(path, Book{Sheets: Sheets(half)}))
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
	cmd.Env = append(os.Environ(), into+"="+filepath.Join(dir, "killed.xlsx"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	names := func() (all []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	if err := Write(filepath.Join(dir, "a.xlsx"), Book{Sheets: Sheets(wide(1))}); err != nil {
		t.Fatal(err)
	}
	if n := len(names()); n != 3 { // the book, and a living writer's folder with its lock
		t.Errorf("beside a living writer: %q", names())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended well")
	}
	if err := Write(filepath.Join(dir, "a.xlsx"), Book{Sheets: Sheets(wide(1))}); err != nil {
		t.Fatal(err)
	}
	if got := names(); !slices.Equal(got, []string{"a.xlsx"}) {
		t.Errorf("when it was killed: %q", got)
	}
}
