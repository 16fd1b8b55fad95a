package csvfile

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

// reference reads comma-separated UTF-8 with encoding/csv, strictly. It is not
// ok where that does not take the text.
func reference(data string) (records [][]string, ok bool) {
	r := csv.NewReader(strings.NewReader(data))
	r.FieldsPerRecord = -1
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return records, true
		}
		if err != nil {
			return nil, false
		}
		for i, s := range rec {
			rec[i] = string(unwrap([]byte(s)))
		}
		records = append(records, rec)
	}
}

// FuzzCSV reads any bytes as a table.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"姓名,身份证号\r\n张三,33010219800101123X\r\n",
		"\ufeffa;b\n\"x;\"\"y\"\"\n\";2\n",
		"\xd0\xd5\xc3\xfb,\xc1\xaa\xcd\xa8\n",
		"\xff\xfea\x00,\x00b\x00\n\x00",
		"sep=\t\na\tb\n",
		"=\"330\",'1,\t2\t\n\n\"\"\n\x1a",
		"a,\"b\nc\",d\r\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := newBook(bytes.NewReader(data), int64(len(data)), "x")
		if err != nil {
			wantFileError(t, err)
			return
		}
		r, err := b.Open(0)
		if err != nil {
			wantFileError(t, err)
			return
		}
		delimiter := r.(*reader).delimiter
		last := 0
		var rows [][]string
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				wantFileError(t, err)
				return
			}
			if row.Number <= last || len(row.Cells) > sheet.MaxColumns {
				t.Fatalf("row %d behind %d with %d cells", row.Number, last, len(row.Cells))
			}
			last = row.Number
			var cells []string
			for _, c := range row.Cells {
				if !utf8.ValidString(c.Text) || strings.ContainsAny(c.Text, "\x00\uFFFD") || (c.Kind == sheet.Empty) != (c.Text == "") {
					t.Fatalf("cell %+v", c)
				}
				cells = append(cells, c.Text)
			}
			rows = append(rows, cells)
		}
		// Where encoding/csv reads the same text at all, it reads the same. It
		// knows neither our marks nor a lone \r as a line end.
		text := string(data)
		plain := b.enc == nil && b.from == 0 && b.to == int64(len(data)) && delimiter == ',' &&
			!strings.HasPrefix(strings.ToLower(text), "sep=") && !strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r")
		if want, ok := reference(text); plain && ok {
			compare(t, rows, want)
		}
	})
}

// FuzzDetect looks at any bytes as a text. The encoding that is found must decode
// the whole text soundly, and be the right one where that is beyond doubt.
func FuzzDetect(f *testing.F) {
	for _, s := range []string{
		"姓名,1\n", "\ufeff姓名\n", "\xd0\xd5\xc3\xfb,\x80\n", "\x84\x31\x95\x33\xc1\xaa\xcd\xa8",
		"\xff\xfea\x00\x3d\xd8\x00\xde", "\xfe\xff\x00a", "a·b", "ئابدۇ", "姓\xe5\xba", "\x81\x39\xef\x30", "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := detect(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			wantFileError(t, err)
			return
		}
		text := data[found.skip:]
		if found.enc != nil {
			text, err = found.enc.NewDecoder().Bytes(text)
			if err != nil {
				t.Fatal(err)
			}
		}
		sound := utf8.Valid(text) && !bytes.ContainsRune(text, utf8.RuneError)
		if sound != (found.garbled == nil) {
			t.Fatalf("sound %t, found %v in %q", sound, found.garbled, text)
		}
		// Three bytes or more in valid UTF-8 are Chinese in UTF-8.
		if utf8.Valid(data) && bytes.ContainsFunc(data, func(r rune) bool { return r > 0x7FF }) && found.enc != nil {
			t.Fatalf("%q was taken for %v", data, found.enc)
		}
	})
}

func compare(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("read %q, encoding/csv %q", got, want)
	}
	for i := range got {
		// Empty cells beyond the last column are left out.
		for j, s := range want[i] {
			if j < len(got[i]) && got[i][j] != s || j >= len(got[i]) && s != "" {
				t.Fatalf("record %d: read %q, encoding/csv %q", i, got[i], want[i])
			}
		}
	}
}

func wantFileError(t *testing.T, err error) {
	t.Helper()
	if sheet.CodeOf(err) == "" {
		t.Fatalf("not a FileError: %v", err)
	}
}
