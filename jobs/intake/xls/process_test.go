package xls

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"go.uber.org/goleak"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake/sheet"
)

// Package variables are set before init makes a process a child, so that tests
// can give it other work.
var _ = func() bool {
	maps.Copy(tricks, map[string]func() int{
		"panic":   func() int { panic("trick") },
		"silence": func() int { return 0 },
		"garbage": func() int { os.Stdout.WriteString(strings.Repeat("garbage", 1000)); return 0 },
		"half":    func() int { os.Stdout.Write([]byte{frameRow, 100, 1}); return 0 },
		"sleep":   func() int { time.Sleep(time.Hour); return 0 },
		// It gives rows and then does not end.
		"linger": func() int { sendRows(3); os.Stdout.Close(); time.Sleep(time.Hour); return 0 },
		// It says that it is done, but fails.
		"late":    func() int { sendRows(3); panic("trick") },
		"endless": func() int { return endless() },
		"stack":   func() int { return deep(0) },
		"memory":  func() int { return hoard(1 << 20) },
		"huge":    func() int { return hoard(4 << 30) },
		"confine": exitWith(exitConfine),
		"rows":    func() int { sendRows(2000); return 0 },
		"free":    free,
	})
	return true
}()

func exitWith(code int) func() int { return func() int { return code } }

func sendRows(n int) {
	e := newEncoder(os.Stdout)
	e.columns(nil, sheet.Layout{})
	for i := range n {
		e.row(sheet.Row{Number: i + 1, Cells: []sheet.Cell{{Kind: sheet.Text, Text: strings.Repeat("x", 1000)}}})
	}
	e.end()
}

func endless() int {
	for {
		if _, err := os.Stdout.Write(bytes.Repeat([]byte{frameRow, 3, 1, 0, 0}, 1000)); err != nil {
			return 1
		}
	}
}

func deep(n int) int {
	var b [1024]byte
	b[n%1024] = 1
	if n < 0 { // never: the stack ends before the numbers do
		return 0
	}
	return deep(n+1) + int(b[n%1000])
}

var hoarded [][]byte

func hoard(piece int) int {
	for {
		b := make([]byte, piece)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		hoarded = append(hoarded, b)
	}
}

// free reports what a child can do that it should not.
func free() int {
	var able []string
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		able = append(able, "listen")
		l.Close()
	}
	if f, err := os.Open(os.DevNull); err == nil {
		able = append(able, "open")
		f.Close()
	}
	if os.WriteFile("written", []byte("x"), 0o600) == nil {
		able = append(able, "write")
	}
	able = append(able, os.Environ()...)
	newEncoder(os.Stdout).refuse(&sheet.FileError{Code: sheet.CodeLimit, Message: "M " + strings.Join(able, " ")})
	return 0
}

// trick starts a child that does one of the tricks and reads it to its end.
func trick(t *testing.T, name string) error {
	t.Helper()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := start(f, name)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{book: &book{readers: map[*reader]bool{}}, child: p}
	defer r.Close()
	for {
		if _, err := r.Next(); err != nil {
			if p.cmd.ProcessState == nil {
				t.Error("the child was not waited for")
			}
			if _, again := r.Next(); again != err {
				t.Errorf("%v was followed by %v", err, again)
			}
			return err
		}
	}
}

// shorten sets how long a parent waits, for one test.
func shorten(t *testing.T, d time.Duration) {
	old := waitLimit
	waitLimit = d
	t.Cleanup(func() { waitLimit = old })
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if sheet.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	fe, _ := errors.AsType[*sheet.FileError](err)
	if !strings.ContainsFunc(fe.Message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.HasSuffix(fe.Message, "。") {
		t.Errorf("message %q", fe.Message)
	}
}

// TestBadChildren: whatever a child does, the parent gets an error that says it,
// and neither a process nor a goroutine is left.
func TestBadChildren(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, tt := range []struct{ name, code string }{
		{"panic", sheet.CodeFormat},
		{"stack", sheet.CodeFormat},
		{"garbage", sheet.CodeFormat},
		{"endless", sheet.CodeFormat},
		{"late", sheet.CodeFormat},
		{"silence", sheet.CodeTruncated},
		{"half", sheet.CodeTruncated},
		{"memory", sheet.CodeLimit},
		{"huge", sheet.CodeLimit},
		{"spin", sheet.CodeLimit},
		{"confine", ""},
		{"terminated", ""},
	} {
		if tricks[tt.name] == nil {
			continue // a trick of another system
		}
		t.Run(tt.name, func(t *testing.T) {
			err := trick(t, tt.name)
			t.Log(err)
			if tt.code != "" {
				wantCode(t, err, tt.code)
			} else if err == nil || err == io.EOF || sheet.CodeOf(err) != "" {
				t.Errorf("got %v, want an error that is no FileError", err)
			}
		})
	}
}

func TestWaiting(t *testing.T) {
	defer goleak.VerifyNone(t)
	shorten(t, 500*time.Millisecond)
	for _, name := range []string{"sleep", "linger"} {
		t.Run(name, func(t *testing.T) { wantCode(t, trick(t, name), sheet.CodeLimit) })
	}
	// The time that the parent takes is its own.
	t.Run("slow parent", func(t *testing.T) {
		shorten(t, 2*time.Second)
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p, err := start(f, "rows")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			_, err := p.dec.row()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(p.fail(err))
			}
			if n%700 == 0 {
				time.Sleep(time.Second)
			}
		}
		if err := p.finish(); err != nil || n != 2000 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// put writes a file.
func put(t testing.TB, b xlsfile.Book) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.xls")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(xlsfile.Write(f, b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func readSheet(b sheet.Book, i int) ([]sheet.Row, error) {
	r, err := b.Open(i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rows []sheet.Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			if _, again := r.Next(); again != io.EOF {
				return nil, errors.New("the end was followed by something else")
			}
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		row.Cells = slices.Clone(row.Cells)
		rows = append(rows, row)
	}
}

var twoSheets = xlsfile.Book{Sheets: []xlsfile.Sheet{
	{Name: "名单", Rows: [][]xlsfile.Cell{{xlsfile.T("姓名"), xlsfile.N(1.5)}, nil, {{}, xlsfile.Day(2023, 5, 1)}}, HiddenRows: map[int]bool{3: true}},
	{Name: "二", Hidden: true, Rows: [][]xlsfile.Cell{{{Kind: xlsfile.Text, Text: "x", Formula: true}, {Formula: true}}}},
}}

func TestBook(t *testing.T) {
	defer goleak.VerifyNone(t)
	b, err := Open(put(t, twoSheets))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got := b.Sheets(); b.Format() != "xls" || !slices.Equal(got, []string{"名单", "二"}) {
		t.Errorf("%s %q", b.Format(), got)
	}
	want := []string{
		"[{1 [{1 姓名 false} {2 1.5 false}] false} {3 [{0  false} {3 2023-05-01 false}] true}]",
		"[{1 [{1 x true} {0  true}] false}]",
	}
	// Each may be opened more than once, in any order, and both at a time.
	first, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	if first.Name() != "名单" || first.Hidden() {
		t.Errorf("%q, hidden %t", first.Name(), first.Hidden())
	}
	if _, err := first.Next(); err != nil {
		t.Error(err)
	}
	for _, i := range []int{1, 0, 1} {
		rows, err := readSheet(b, i)
		if err != nil || fmt.Sprint(rows) != want[i] {
			t.Errorf("sheet %d: %v, %v", i, rows, err)
		}
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := first.Next(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Next after Close: %v", err)
	}
	for _, i := range []int{-1, 2} {
		if _, err := b.Open(i); err == nil || sheet.CodeOf(err) != "" {
			t.Errorf("Open(%d): %v", i, err)
		}
	}
	// A reader that nobody closes goes with the book.
	if _, err := b.Open(0); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, tt := range []struct {
		name, code string
		change     func(*xlsfile.Book)
	}{
		{"encrypted", sheet.CodeEncrypted, func(b *xlsfile.Book) { b.Encrypted = true }},
		{"macros", sheet.CodeMacro, func(b *xlsfile.Book) { b.Macros = true }},
		{"Excel 95", sheet.CodeFormat, func(b *xlsfile.Book) { b.BIFF5, b.Stream = true, "Book" }},
		{"cut", sheet.CodeTruncated, func(b *xlsfile.Book) { b.Cut = 2000 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := twoSheets
			tt.change(&c)
			b, err := Open(put(t, c))
			wantCode(t, err, tt.code)
			if b != nil {
				t.Error("a book came with the error")
			}
		})
	}
	// The end of a sheet is looked for when the sheet is read.
	c := twoSheets
	c.NoEOF = true
	b, err := Open(put(t, c))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := readSheet(b, 0); err != nil {
		t.Error(err)
	}
	rows, err := readSheet(b, 1)
	wantCode(t, err, sheet.CodeTruncated)
	if len(rows) > 0 {
		t.Errorf("%d rows of a sheet without its end", len(rows))
	}
	if b, err := Open(filepath.Join(t.TempDir(), "none.xls")); !errors.Is(err, fs.ErrNotExist) || sheet.CodeOf(err) != "" || b != nil {
		t.Errorf("a file that is not there: %v", err)
	}
}
