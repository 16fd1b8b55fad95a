package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	utf "golang.org/x/text/encoding/unicode"

	"doudi/jobs/intake/sheet"
)

// readAll gives each record as "number: [cell|cell]".
func readAll(data []byte) ([]string, error) {
	b, err := newBook(bytes.NewReader(data), int64(len(data)), "表")
	if err != nil {
		return nil, err
	}
	return readBook(b)
}

func readBook(b sheet.Book) ([]string, error) {
	r, err := b.Open(0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var lines []string
	for {
		row, err := r.Next()
		if err == io.EOF {
			if _, again := r.Next(); again != io.EOF {
				return nil, errors.New("the end was followed by something else")
			}
			return lines, nil
		}
		if err != nil {
			if _, again := r.Next(); again != err {
				return nil, errors.New("the error was followed by something else")
			}
			return lines, err
		}
		var cells []string
		for _, c := range row.Cells {
			if (c.Kind == sheet.Empty) != (c.Text == "") || c.Kind > sheet.Text || c.Formula {
				return nil, fmt.Errorf("cell %+v", c)
			}
			cells = append(cells, c.Text)
		}
		lines = append(lines, fmt.Sprintf("%d: [%s]", row.Number, strings.Join(cells, "|")))
	}
}

func encode(t testing.TB, enc interface {
	String(string) (string, error)
}, s string) string {
	t.Helper()
	out, err := enc.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRead(t *testing.T) {
	gb := simplifiedchinese.GB18030.NewEncoder()
	const table = "姓名,身份证号\r\n张三,33010219800101123X\r\n"
	want := []string{"1: [姓名|身份证号]", "2: [张三|33010219800101123X]"}
	tests := []struct {
		name, data string
		want       []string
	}{
		{"UTF-8", table, want},
		{"UTF-8 with mark", "\ufeff" + table, want},
		{"GB18030", encode(t, gb, table), want},
		{"UTF-16LE", encode(t, utf.UTF16(utf.LittleEndian, utf.UseBOM).NewEncoder(), table), want},
		{"UTF-16BE", encode(t, utf.UTF16(utf.BigEndian, utf.UseBOM).NewEncoder(), table), want},
		{"tabs", strings.ReplaceAll(table, ",", "\t"), want},
		{"semicolons", strings.ReplaceAll(table, ",", ";"), want},
		{"old Mac line ends", strings.ReplaceAll(table, "\r\n", "\r"), want},
		{"no last line end", strings.TrimSuffix(table, "\r\n"), want},
		{"DOS end", table + "\x1a", want},
		{"DOS end in a line", strings.TrimSuffix(table, "\r\n") + "\x1a\x1a", want},
		{"separator line", "sep=;\r\n" + strings.ReplaceAll(table, ",", ";"), want},
		{"separator line and mark", "\ufeffSEP=,\n" + table, want},
		{"only a separator line", "sep=,", nil},
		{"four bytes in GB18030", encode(t, gb, "㐂,𠮷\n"), []string{"1: [㐂|𠮷]"}},
		{"the two-byte GBK text", "\xc1\xaa\xcd\xa8,1\n", []string{"1: [联通|1]"}},
		{"signs in UTF-8", "a·b,±1\n", []string{"1: [a·b|±1]"}},
		{"one column", "姓名\n张三\n", []string{"1: [姓名]", "2: [张三]"}},
		{"title above", "2024年3月名单\n\n" + table, []string{"1: [2024年3月名单]", "3: [姓名|身份证号]", "4: [张三|33010219800101123X]"}},
		{"semicolons inside", "姓名,类别\n张三,低保;残疾\n李四,五保;残疾\n", []string{"1: [姓名|类别]", "2: [张三|低保;残疾]", "3: [李四|五保;残疾]"}},
		{"commas inside tabs", "a\tb\n1,2,3\t4\n1,2\t3\n", []string{"1: [a|b]", "2: [1,2,3|4]", "3: [1,2|3]"}},
		{"tabs keep an ID a text", "证号,名\n330102198001011234\t,张\n33010219800101123X\t,李\n", []string{"1: [证号|名]", "2: [330102198001011234|张]", "3: [33010219800101123X|李]"}},
		{"delimiters in quotes", "\"a;b;c\",x\n\"d;e;f\",y\n", []string{"1: [a;b;c|x]", "2: [d;e;f|y]"}},
		{"escaped quotes", "\"a\"\"b;\"\"\",x\n\"\"\"\",y\n\"\",z\n", []string{`1: [a"b;"|x]`, `2: ["|y]`, "3: [|z]"}},
		{"line breaks in quotes", "a,\"x\r\ny\nz\rw\"\nb,c\n", []string{"1: [a|x\ny\nz\nw]", "2: [b|c]"}},
		{"space behind a quote with breaks", "a,\"x\ny\" \nb,c\n", []string{"1: [a|x\ny ]", "2: [b|c]"}},
		{"stray quotes", "5\" pipe,b\"c\"\n\"abc\"def,\"x\" y\n", []string{`1: [5" pipe|b"c"]`, "2: [abcdef|x y]"}},
		{"blank lines", "\n\na,b\n\r\n,\n\n\"\"\nc\n", []string{"3: [a|b]", "5: [|]", "7: []", "8: [c]"}},
		{"empty cells", ",a,,\n", []string{"1: [|a||]"}},
		{"protected IDs", "=\"330102198001011234\",'330102198001011234,\t330\t,\"=\"\"330\"\"\",\"'330\"\n=\"\",',=\"a\"\"b\",=1,''a\n", []string{"1: [330102198001011234|330102198001011234|330|330|330]", `2: [||a"b|=1|'a]`}},
		{"scientific", "3.30102E+17,1\n", []string{"1: [3.30102E+17|1]"}},
		{"thousands of empty columns", "a" + strings.Repeat(",", 5000) + "\n", []string{"1: [a" + strings.Repeat("|", sheet.MaxColumns-1) + "]"}},
		{"blanks only", " \n", []string{"1: [ ]"}},
		{"line ends only", "\n\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	gbk := encode(t, simplifiedchinese.GBK.NewEncoder(), "姓名,住址\n张三,宁远县文庙街道\n")
	tests := []struct{ name, data, code string }{
		{"empty", "", sheet.CodeFormat},
		{"a mark only", "\ufeff", sheet.CodeFormat},
		{"NUL", "a,b\x00\n", sheet.CodeFormat},
		{"binary", "\x01\x02\x03\x04,b\n", sheet.CodeFormat},
		{"replacement character", "姓名\n张\uFFFD\n", sheet.CodeEncoding},
		{"replacement character in GB18030", gbk + "\x84\x31\xa4\x37\n", sheet.CodeEncoding},
		{"undecodable GB18030", gbk + "\xff\xff\n", sheet.CodeEncoding},
		{"half a character of GB18030", gbk[:len(gbk)-2], sheet.CodeEncoding},
		{"damaged UTF-8", "姓名,身份证号\n张\xe4\xb8,1\n", sheet.CodeEncoding},
		{"half a character of UTF-8", "姓名\n张"[:len("姓名\n张")-1], sheet.CodeEncoding},
		{"marked, not UTF-8", "\ufeff" + gbk, sheet.CodeEncoding},
		{"odd UTF-16", "\xff\xfea\x00b", sheet.CodeEncoding},
		{"unclosed quote", "a,b\n1,\"x\n2,y\n", sheet.CodeTruncated},
		{"quote closed by another", "a,b\n1,\"x\n2,\"y\"\n3,z\n", sheet.CodeFormat},
		{"long cell", strings.Repeat("长", sheet.MaxCell+1), sheet.CodeLimit},
		{"swallowed by a quote", "\"" + strings.Repeat("abcdefg\n", 40000), sheet.CodeLimit},
		{"many columns", strings.Repeat("a,", sheet.MaxColumns+1), sheet.CodeLimit},
		{"many rows", strings.Repeat("\n", sheet.MaxRows) + "a", sheet.CodeLimit},
		{"long row", strings.Repeat(strings.Repeat("长", 30000)+",", 200), sheet.CodeLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll([]byte(tt.data))
			if sheet.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			fe, _ := errors.AsType[*sheet.FileError](err)
			if !strings.ContainsFunc(fe.Message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.HasSuffix(fe.Message, "。") {
				t.Errorf("message %q", fe.Message)
			}
		})
	}
}

// TestWindowEdges moves a record with everything in it over the edge of the
// window, byte by byte.
func TestWindowEdges(t *testing.T) {
	const tail = "\"q\"\"\r\n,\",x\r\n\"y\",z\r\n\r\nend,\"\"\r\n"
	for shift := range len(tail) + 4 {
		pad := strings.Repeat("长", 20000)
		head := pad + strings.Repeat("p", windowSize-len(pad)-shift)
		got, err := readAll([]byte(head + "," + tail))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"1: [" + head + "|q\"\n,|x]", "2: [y|z]", "4: [end|]"}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("shift %d: %s", shift, d)
		}
	}
}

// TestQuotedCut cuts a file, all of whose cells are quoted, at every position.
// Wherever a quote is open that must be seen.
func TestQuotedCut(t *testing.T) {
	const data = "\"a\",\"b\"\n\"c\nd\",\"e\"\"f\"\n"
	for n := 1; n < len(data); n++ {
		_, err := readAll([]byte(data[:n]))
		open := strings.Count(data[:n], `"`)%2 == 1
		if (sheet.CodeOf(err) == sheet.CodeTruncated) != open {
			t.Errorf("cut at %d (%q): %v", n, data[:n], err)
		}
	}
}

// shrinking is a file that loses its second half after it was looked at.
type shrinking struct {
	data []byte
	cut  bool
}

func (s *shrinking) ReadAt(b []byte, off int64) (int, error) {
	data := s.data
	if s.cut {
		data = data[:len(data)/2]
	}
	return bytes.NewReader(data).ReadAt(b, off)
}

func TestShrinkingFile(t *testing.T) {
	s := &shrinking{data: []byte(strings.Repeat("a,b\n", 100))}
	b, err := newBook(s, int64(len(s.data)), "x")
	if err != nil {
		t.Fatal(err)
	}
	s.cut = true
	if _, err := readBook(b); sheet.CodeOf(err) != sheet.CodeTruncated {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "2024年3月.名单.csv")
	if err := os.WriteFile(file, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.Format() != "csv" || len(b.Sheets()) != 1 || b.Sheets()[0] != "2024年3月.名单" {
		t.Errorf("%s %q", b.Format(), b.Sheets())
	}
	for range 2 { // a sheet can be opened again
		got, err := readBook(b)
		if err != nil || len(got) != 2 {
			t.Errorf("%q, %v", got, err)
		}
	}
	r, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name() != "2024年3月.名单" || r.Hidden() {
		t.Errorf("%q, hidden %t", r.Name(), r.Hidden())
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); err != errClosed {
		t.Errorf("Next after Close: %v", err)
	}
	if _, err := b.Open(1); err == nil {
		t.Error("opened sheet 1 of 1")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(dir, "none.csv")); !errors.Is(err, os.ErrNotExist) || sheet.CodeOf(err) != "" {
		t.Errorf("a file that is not there: %v", err)
	}
}
