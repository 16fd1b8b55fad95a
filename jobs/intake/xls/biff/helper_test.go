package biff

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake/sheet"
)

// file writes a book.
func file(t testing.TB, b xlsfile.Book) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := xlsfile.Write(&buf, b); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// one is a book of one sheet.
func one(rows ...[]xlsfile.Cell) xlsfile.Book {
	return xlsfile.Book{Sheets: []xlsfile.Sheet{{Name: "名单", Rows: rows}}}
}

// readFile reads a sheet of the bytes of a file.
func readFile(data []byte, i int) ([]sheet.Row, error) {
	b, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	return readSheet(b, i)
}

// readStream reads the first sheet of a stream without its container, and gives
// how much of the stream that took.
func readStream(stream []byte) ([]sheet.Row, int64, error) {
	b := openRecords(stream)
	if err := b.globals(); err != nil {
		return nil, 0, refuse("工作簿", err)
	}
	if len(b.Sheets) == 0 {
		return nil, 0, nil
	}
	rows, err := readSheet(b, 0)
	return rows, b.rec.pos, err
}

func openRecords(stream []byte) *Book {
	return &Book{rec: newRecords(bytes.NewReader(stream), int64(len(stream))), formats: map[int]bool{}}
}

func readSheet(b *Book, i int) ([]sheet.Row, error) {
	s, err := b.Read(i)
	if err != nil {
		return nil, err
	}
	var rows []sheet.Row
	err = s.Rows(func(r sheet.Row) error {
		r.Cells = slices.Clone(r.Cells)
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// wantCode checks that err is a FileError of that code with a Chinese message.
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

// wantSound checks what must hold of all rows that are given.
func wantSound(t *testing.T, rows []sheet.Row) {
	t.Helper()
	last := 0
	for _, row := range rows {
		if row.Number <= last || row.Number > maxRows || len(row.Cells) > maxColumns {
			t.Fatalf("row %d behind %d with %d cells", row.Number, last, len(row.Cells))
		}
		last = row.Number
		for _, c := range row.Cells {
			if !utf8.ValidString(c.Text) || strings.ContainsAny(c.Text, "\x00\uFFFD") {
				t.Fatalf("text %q", c.Text)
			}
			if (c.Kind == sheet.Empty) != (c.Text == "") && !(c.Kind == sheet.Text && c.Formula) {
				t.Fatalf("cell %+v", c)
			}
		}
		if n := len(row.Cells); n > 0 && row.Cells[n-1] == (sheet.Cell{}) {
			t.Fatalf("row %d ends with an empty cell", row.Number)
		}
	}
}

func text(s string) sheet.Cell   { return sheet.Cell{Kind: sheet.Text, Text: s} }
func number(s string) sheet.Cell { return sheet.Cell{Kind: sheet.Number, Text: s} }
func date(s string) sheet.Cell   { return sheet.Cell{Kind: sheet.Date, Text: s} }

// computed is the stored result of a formula.
func computed(c sheet.Cell) sheet.Cell {
	c.Formula = true
	return c
}

// rec is a record.
func rec(id uint16, parts ...any) []byte {
	var body []byte
	for _, p := range parts {
		switch p := p.(type) {
		case []byte:
			body = append(body, p...)
		case string:
			body = append(body, p...)
		case int: // two bytes, which most fields are
			body = le.AppendUint16(body, uint16(p))
		}
	}
	b := le.AppendUint16(nil, id)
	return append(le.AppendUint16(b, uint16(len(body))), body...)
}

func u32(v uint32) []byte { return le.AppendUint32(nil, v) }

// Parts of hand-made streams.
var (
	bofGlobals = rec(recBOF, version8, beginsGlobals, 0, 0)
	bofSheet   = rec(recBOF, version8, beginsSheet, 0, 0)
	eof        = rec(recEOF)
)

// stream is a book of one sheet with those records in its two parts.
func stream(globals, records []byte) []byte {
	head := func(at int) []byte { return rec(recBoundSheet, u32(uint32(at)), "\x00\x00\x01\x00S") }
	out := slices.Concat(bofGlobals, globals)
	out = slices.Concat(out, head(len(out)+len(head(0))+len(eof)), eof)
	return slices.Concat(out, bofSheet, records, eof)
}
