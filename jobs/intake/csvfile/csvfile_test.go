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
		{"GB18030 with mark", "\x84\x31\x95\x33" + encode(t, gb, table), want},
		{"Excel's Unicode text", encode(t, utf.UTF16(utf.LittleEndian, utf.UseBOM).NewEncoder(), "姓名\t备注\r\n张三\t\"a\tb\nc\"\"d\"\"\"\r\n李四\t\"1,5\"\r\n"), []string{"1: [姓名|备注]", "2: [张三|a\tb\nc\"d\"]", "3: [李四|1,5]"}},
		{"UTF-16 beyond the first plane", encode(t, utf.UTF16(utf.BigEndian, utf.UseBOM).NewEncoder(), "𠮷,1\n"), []string{"1: [𠮷|1]"}},
		{"separator line in UTF-16", encode(t, utf.UTF16(utf.LittleEndian, utf.UseBOM).NewEncoder(), "sep=;\r\na,b;c\r\n"), []string{"1: [a,b|c]"}},
		{"separator line that contradicts the look", "sep=;\na,b;c,d\n", []string{"1: [a,b|c,d]"}},
		{"separator line of tabs", "sep=\t\r\na,b\tc\r\n", []string{"1: [a,b|c]"}},
		{"no separator line", "sep=;x,1\n", []string{"1: [sep=;x|1]"}},
		{"the euro of GBK", "\xbd\xf0\xb6\xee,\x80\n", []string{"1: [金额|€]"}},
		{"two-byte GBK texts", "\xc1\xaa\xcd\xa8\n\xc1\xaa\xcd\xa8\n\xc1\xaa\xcd\xa8\n\xc1\xaa\xcd\xa8\n", []string{"1: [联通]", "2: [联通]", "3: [联通]", "4: [联通]"}},
		{"Uyghur in UTF-8 without Chinese", "psn_name,certno\nئابدۇللا تۇرسۇن,1\n", []string{"1: [psn_name|certno]", "2: [ئابدۇللا تۇرسۇن|1]"}},
		{"mixed line ends", "a,b\r\nc,d\re,f\ng,h", []string{"1: [a|b]", "2: [c|d]", "3: [e|f]", "4: [g|h]"}},
		{"ragged rows", "a,b,c\n1\n1,2\n1,2,3,4\n", []string{"1: [a|b|c]", "2: [1]", "3: [1|2]", "4: [1|2|3|4]"}},
		{"ragged rows without last line end", "a,b,c\n1,2,3\n1,2\n1,2", []string{"1: [a|b|c]", "2: [1|2|3]", "3: [1|2]", "4: [1|2]"}},
		{"note below without line end", "a,b,c\n1,2,3\n制表人：王", []string{"1: [a|b|c]", "2: [1|2|3]", "3: [制表人：王]"}},
		{"short last record with a DOS end", "a,b,c\n1,2,3\n4,5\x1a", []string{"1: [a|b|c]", "2: [1|2|3]", "3: [4|5]"}},
		{"semicolons and decimal commas", "姓名;医疗费总额;统筹\n张三;1234,50;1000,00\n李四;12,5;3\n", []string{"1: [姓名|医疗费总额|统筹]", "2: [张三|1234,50|1000,00]", "3: [李四|12,5|3]"}},
		{"semicolons and a decimal comma in each line", "10,5;a\n11,5;b\n", []string{"1: [10|5;a]", "2: [11|5;b]"}}, // nothing tells them apart
		{"tabs before IDs", "姓名,身份证号,金额\n张三,\t330102198001011234,1\n李四,\t33010219800101123X,2\n", []string{"1: [姓名|身份证号|金额]", "2: [张三|330102198001011234|1]", "3: [李四|33010219800101123X|2]"}},
		{"tabs before IDs in two columns", "身份证号,姓名\n\t330102198001011234,张三\n\t33010219800101123X,李四\n", []string{"1: [身份证号|姓名]", "2: [330102198001011234|张三]", "3: [33010219800101123X|李四]"}},
		{"quoted tabs before IDs", "\"\t330102198001011234\",\"张三\"\n", []string{"1: [330102198001011234|张三]"}},
		{"one column of sentences", "备注\n\"张三，住院，3次\"\n出院\n", []string{"1: [备注]", "2: [张三，住院，3次]", "3: [出院]"}},
		{"commas in quotes only", "\"a,b\"\n\"c,d\"\n", []string{"1: [a,b]", "2: [c,d]"}},
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
		{"half a character of GB18030", gbk[:len(gbk)-2], sheet.CodeTruncated},
		{"damaged UTF-8", "姓名,身份证号\n张\xe4\xb8,1\n", sheet.CodeEncoding},
		{"half a character of UTF-8", "姓名\n张"[:len("姓名\n张")-1], sheet.CodeTruncated},
		{"half a character of GB18030 with four bytes", gbk + "\x81\x39\xef", sheet.CodeEncoding},
		{"half a surrogate pair", "\xff\xfea\x00\x3d\xd8", sheet.CodeTruncated},
		{"UTF-16 without mark", "a\x00,\x00b\x00\n\x00", sheet.CodeFormat},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", sheet.CodeFormat},
		{"marked, not UTF-8", "\ufeff" + gbk, sheet.CodeEncoding},
		{"odd UTF-16", "\xff\xfea\x00b", sheet.CodeTruncated},
		{"unclosed quote", "a,b\n1,\"x\n2,y\n", sheet.CodeTruncated},
		{"quote closed by another", "a,b\n1,\"x\n2,\"y\"\n3,z\n", sheet.CodeFormat},
		{"last record cut", "a,b,c\n1,2,3\n4,5", sheet.CodeTruncated},
		{"last record cut behind a delimiter", "a,b,c\r\n1,2,3\r\n4,5,6\r\n7,", sheet.CodeTruncated},
		{"last record cut in quotes", "a,b,c\n1,2,3\n\"4\",\"5\"", sheet.CodeTruncated},
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

// TestGarbledPlace makes sure that the message says where the broken text is.
func TestGarbledPlace(t *testing.T) {
	gb := func(s string) string { return encode(t, simplifiedchinese.GB18030.NewEncoder(), s) }
	long := strings.Repeat("张三,330102198001011234,宁远县文庙街道\n", 5000)
	tests := []struct{ name, data, says string }{
		{"U+FFFD", "姓名,住址\n张三,文庙\n李\uFFFD,文庙\n", "第 3 行 A 列有乱码"},
		{"U+FFFD in GB18030", gb("姓名,住址\n张三,文") + "\x84\x31\xa4\x37" + gb("庙\n"), "第 2 行 B 列有乱码"},
		{"one broken byte in UTF-8", "姓名,住址\n张三,文庙\n李四,文\xe5\xba街道\n", "第 3 行 B 列有乱码"},
		{"one broken byte in much UTF-8", long + "\xffx,1,2\n" + long, "第 5001 行 A 列有乱码"},
		{"a few characters of UTF-8", "姓名\n李\xe5\xba,\n", "第 2 行 A 列有乱码"},
		{"one broken byte in GB18030", gb("姓名,住址\n张三,文庙\n李四,") + "\xff" + gb("街道\n"), "第 3 行 B 列有乱码"},
		{"behind line breaks in quotes", "姓名,备注\n张三,\"a\nb\nc\"\n李\uFFFD,1\n", "第 3 行 A 列有乱码"},
		{"marked UTF-8", "\ufeff姓名\n\xd0\xd5\n", "第 2 行 A 列有乱码"},
		{"UTF-16", "\xff\xfea\x00,\x00\xfd\xff\n\x00", "第 1 行 B 列有乱码"},
		{"lone surrogate in UTF-16", "\xff\xfea\x00,\x00\x3d\xd8b\x00\n\x00", "第 1 行 B 列有乱码"},
		{"where no row can be read", "姓名,\"住址\n李\uFFFD,1\n", "文件里有乱码"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll([]byte(tt.data))
			if sheet.CodeOf(err) != sheet.CodeEncoding || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

// TestOneDamagedByte changes each byte of a UTF-8 table with Chinese to one that
// no UTF-8 has. It must never be read as GB18030.
func TestOneDamagedByte(t *testing.T) {
	const data = "姓名,证号\n张三,1\n李四,2\n"
	for i := range len(data) {
		damaged := []byte(data)
		damaged[i] = 0xff
		if _, err := readAll(damaged); sheet.CodeOf(err) != sheet.CodeEncoding {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// TestCut cuts tables whose cells have no quotes at every position. A part of a
// row that could be taken for a row is refused, unless the cut is in the last or
// the first column, where nothing shows it.
func TestCut(t *testing.T) {
	for name, data := range map[string]string{
		"UTF-8":   "姓名,证号,金额\n张三,1,2.50\n李四,33,4.75\n",
		"GB18030": encode(t, simplifiedchinese.GB18030.NewEncoder(), "姓名,证号,金额\n张三,1,2.50\n李四,33,4.75\n"),
	} {
		start := strings.LastIndex(strings.TrimSuffix(data, "\n"), "\n") + 1
		for n := start + 1; n < len(data); n++ {
			_, err := readAll([]byte(data[:n]))
			fields := strings.Count(data[start:n], ",")
			switch code := sheet.CodeOf(err); {
			case fields == 1 && code != sheet.CodeTruncated:
				t.Errorf("%s cut at %d: %v", name, n, err)
			case fields == 2 && err != nil:
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
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
