package intake

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake/sheet"
)

// putFile writes a file whose name says nothing true about its content.
func putFile(t *testing.T, name string, data string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// bookBytes is a book with the cell A1.
func bookBytes(t *testing.T, a1 string) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetCellStr("Sheet1", "A1", a1); err != nil {
		t.Fatal(err)
	}
	buf, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestOpenFileTakes(t *testing.T) {
	for _, tt := range []struct{ name, file, data, format, first string }{
		{"xlsx named csv", "a.csv", bookBytes(t, "姓名"), "xlsx", "姓名"},
		{"csv named xlsx", "a.xlsx", "姓名,证号\n张三,1\n", "csv", "姓名"},
		{"GB18030 named xls", "a.xls", "\xd0\xd5\xc3\xfb\t1\n", "csv", "姓名"},
		{"a mark", "a", "\ufeff姓名\n", "csv", "姓名"},
		{"a text that begins like a zip", "a", "PKU,1\n", "csv", "PKU"},
		{"a text that begins like a picture", "a", "BM,1\n", "csv", "BM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := OpenFile(putFile(t, tt.file, tt.data))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			if b.Format() != tt.format {
				t.Errorf("format %q", b.Format())
			}
			r, err := b.Open(0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			row, err := r.Next()
			if err != nil || row.Number != 1 || len(row.Cells) == 0 || row.Cells[0].Text != tt.first {
				t.Errorf("%+v, %v", row, err)
			}
		})
	}
}

func TestOpenFileRefuses(t *testing.T) {
	const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	book := bookBytes(t, "x")
	for _, tt := range []struct{ name, data, code, says string }{
		{"empty", "", sheet.CodeFormat, "空"},
		{"blank", "\ufeff \r\n", sheet.CodeFormat, "空"},
		{"zeros", strings.Repeat("\x00", 100), sheet.CodeFormat, "空"},
		{"many zeros", strings.Repeat("\x00", 10000), sheet.CodeFormat, "空字节"},
		{"the container of .xls and nothing in it", oleMagic + strings.Repeat("\x00", 600), sheet.CodeTruncated, "重新"},
		{"html", "<html><body><table><tr><td>1</td></tr></table></body></html>", sheet.CodeFormat, "HTML"},
		{"html behind white space", "\ufeff\r\n <!DOCTYPE HTML>\n<TABLE>", sheet.CodeFormat, "HTML"},
		{"html of Office", `<html xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, sheet.CodeFormat, "HTML"},
		{"html in UTF-16", "\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", sheet.CodeFormat, "HTML"},
		{"xml spreadsheet", `<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, sheet.CodeFormat, "XML"},
		{"xml", `<?xml version="1.0"?><a/>`, sheet.CodeFormat, "XML"},
		{"json", `[{"a":1}]`, sheet.CodeFormat, "JSON"},
		{"pdf", "%PDF-1.4\n", sheet.CodeFormat, "PDF"},
		{"png", "\x89PNG\r\n\x1a\n", sheet.CodeFormat, "图片"},
		{"jpeg", "\xff\xd8\xff\xe0", sheet.CodeFormat, "图片"},
		{"rar", "Rar!\x1a\x07", sheet.CodeFormat, "RAR"},
		{"bitmap", "BM\x36\x00\x00\x00\x00\x00", sheet.CodeFormat, "空字节"},
		{"empty zip", "PK\x05\x06" + strings.Repeat("\x00", 18), sheet.CodeFormat, "工作簿"},
		{"cut xlsx", book[:len(book)/2], sheet.CodeTruncated, "不完整"},
		{"three bytes of an xlsx", book[:3], sheet.CodeTruncated, "不完整"},
		{"garbled", "姓名\n\uFFFD\n", sheet.CodeEncoding, "乱码"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := OpenFile(putFile(t, "a.xlsx", tt.data))
			if b != nil {
				t.Error("a book came with the error")
			}
			if sheet.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			fe, _ := errors.AsType[*sheet.FileError](err)
			if !strings.Contains(fe.Message, tt.says) || !strings.HasSuffix(fe.Message, "。") {
				t.Errorf("message %q does not say %q", fe.Message, tt.says)
			}
		})
	}
	for _, p := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if b, err := OpenFile(p); err == nil || sheet.CodeOf(err) != "" || b != nil {
			t.Errorf("%s: %v, %v", p, b, err)
		}
	}
}

// TestOpenFileCut cuts a book at many positions. Nothing shorter may be read to
// its end.
func TestOpenFileCut(t *testing.T) {
	book := bookBytes(t, "x")
	for n := 1; n < len(book); n += 1 + len(book)/200 {
		b, err := OpenFile(putFile(t, "a.xlsx", book[:n]))
		if sheet.CodeOf(err) != sheet.CodeTruncated {
			t.Errorf("cut at %d: %v, %v", n, b, err)
		}
	}
	b, err := OpenFile(putFile(t, "a.xlsx", book))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("whole book: %v", err)
	}
}
