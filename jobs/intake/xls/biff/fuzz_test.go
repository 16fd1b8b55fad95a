package biff

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/richardlehane/mscfb"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake/sheet"
)

// samples are books with all that the writer can write.
func samples() []xlsfile.Book {
	rows := [][]xlsfile.Cell{
		{xlsfile.T("姓名"), xlsfile.T("ID"), xlsfile.T("é")},
		{xlsfile.T("张三"), xlsfile.N(330106199001011234), xlsfile.N(1.25), xlsfile.N(3), xlsfile.Day(2023, 5, 1)},
		nil,
		{{Kind: xlsfile.Bool, Number: 1}, {Kind: xlsfile.Error, Text: "#N/A"}, {Kind: xlsfile.Blank, Format: "0.00"}},
		{{Kind: xlsfile.Text, Text: "结果", Formula: true}, {Kind: xlsfile.Number, Number: 0.1, Formula: true}, {Kind: xlsfile.Text, Formula: true},
			{Formula: true}, {Kind: xlsfile.Bool, Formula: true}, {Kind: xlsfile.Error, Text: "#REF!", Formula: true}},
	}
	b := one(rows...)
	b.Sheets[0].HiddenRows = map[int]bool{2: true, 9: true}
	out := []xlsfile.Book{b}
	for _, change := range []func(*xlsfile.Book){
		func(b *xlsfile.Book) { b.Labels = true },
		func(b *xlsfile.Book) { b.Labels, b.Rich = true, true },
		func(b *xlsfile.Book) { b.Rich, b.Shuffled, b.Charts, b.Date1904 = true, true, true, true },
		func(b *xlsfile.Book) { b.NoEOF = true },
		func(b *xlsfile.Book) { b.Encrypted = true },
		func(b *xlsfile.Book) { b.Macros = true },
		func(b *xlsfile.Book) { b.BIFF5, b.Stream = true, "Book" },
		func(b *xlsfile.Book) { b.Cut = 700 },
	} {
		c := b
		change(&c)
		out = append(out, c)
	}
	return out
}

// workbookOf takes the stream out of a file.
func workbookOf(t testing.TB, data []byte) []byte {
	t.Helper()
	doc, err := mscfb.New(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	for f, err := doc.Next(); err == nil; f, err = doc.Next() {
		if f.Name == "Workbook" {
			b := make([]byte, f.Size)
			if _, err := f.Read(b); err == nil {
				return b
			}
		}
	}
	return nil
}

// seeds are the files that fuzzing begins with.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for _, b := range samples() {
		out = append(out, file(t, b))
	}
	names, err := filepath.Glob(filepath.Join("..", "testdata", "*.xls"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func wantFileError(t *testing.T, err error) {
	t.Helper()
	if err != nil && sheet.CodeOf(err) == "" {
		t.Fatalf("not a FileError: %v", err)
	}
}

// FuzzFile reads any bytes as a file.
func FuzzFile(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
		for i := 0; i < len(data); i += 1 + len(data)/7 {
			mutated := slices.Clone(data)
			mutated[i] ^= 0xFF
			f.Add(mutated)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for i := range 3 {
			b, err := Open(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				wantFileError(t, err)
				return
			}
			if i >= len(b.Sheets) {
				return
			}
			rows, err := readSheet(b, i)
			wantFileError(t, err)
			if err == nil {
				wantSound(t, rows)
			}
		}
	})
}

// FuzzStream reads any bytes as the stream within a container, which leaves more
// of them to the records.
func FuzzStream(f *testing.F) {
	for _, data := range seeds(f) {
		if stream := workbookOf(f, data); stream != nil {
			f.Add(bytes.TrimRight(stream, "\x00"))
		}
	}
	f.Add(stream(nil, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, used, err := readStream(data)
		if err != nil {
			wantFileError(t, err)
			return
		}
		wantSound(t, rows)
		// All of it was needed: what is cut off anywhere gives no row.
		for _, n := range []int64{used - 1, used / 2, used / 3} {
			if used == 0 {
				break // no sheet
			}
			if rows, _, err := readStream(data[:n]); err == nil || len(rows) > 0 {
				t.Fatalf("%d rows were given though cut at %d of %d: %v", len(rows), n, used, err)
			}
		}
	})
}
