package biff

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xlsx"
)

func wantRows(t *testing.T, got []sheet.Row, want ...sheet.Row) {
	t.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

func rowOf(n int, cells ...sheet.Cell) sheet.Row { return sheet.Row{Number: n, Cells: cells} }

// TestWritten reads what the writer writes, in all the ways that it can write it.
func TestWritten(t *testing.T) {
	cells := [][]xlsfile.Cell{
		{xlsfile.T("姓名"), xlsfile.T(""), xlsfile.T("é 中 😀"), xlsfile.T("中")},
		{xlsfile.N(330106199001011234), xlsfile.N(0.1), xlsfile.N(3), xlsfile.N(-1234.56), xlsfile.N(1e-9), xlsfile.N(1e300), xlsfile.N(math.Copysign(0, -1))},
		nil,
		{xlsfile.Day(2023, 5, 1), {Kind: xlsfile.Date, Number: 45047.5, Format: `yyyy"年"m"月"d"日" h:mm`}, {Kind: xlsfile.Number, Number: 0.5, Format: "h:mm"}, {Kind: xlsfile.Date, Number: -1}},
		{{Kind: xlsfile.Bool, Number: 1}, {}, {Kind: xlsfile.Error, Text: "#DIV/0!"}, {Kind: xlsfile.Blank, Format: "0.00"}},
		{{Kind: xlsfile.Text, Text: "结果", Formula: true}, {Kind: xlsfile.Text, Formula: true}, {Formula: true}, {Kind: xlsfile.Number, Number: 0.1, Formula: true},
			{Kind: xlsfile.Bool, Formula: true}, {Kind: xlsfile.Error, Text: "#N/A", Formula: true}, {Kind: xlsfile.Date, Number: 45047, Formula: true}},
		{{Kind: xlsfile.Blank, Format: "0.00"}},
	}
	want := []sheet.Row{
		rowOf(1, text("姓名"), sheet.Cell{}, text("é 中 😀"), text("中")),
		rowOf(2, number("330106199001011260"), number("0.1"), number("3"), number("-1234.56"), number("1E-09"), number("1E+300"), number("0")),
		rowOf(4, date("2023-05-01"), date("2023-05-01 12:00:00"), number("0.5"), number("-1")),
		rowOf(5, sheet.Cell{Kind: sheet.Bool, Text: "TRUE"}, sheet.Cell{}, sheet.Cell{Kind: sheet.Error, Text: "#DIV/0!"}),
		rowOf(6, computed(text("结果")), computed(text("")), computed(sheet.Cell{}), computed(number("0.1")),
			computed(sheet.Cell{Kind: sheet.Bool, Text: "FALSE"}), computed(sheet.Cell{Kind: sheet.Error, Text: "#N/A"}), computed(date("2023-05-01"))),
		rowOf(7),
		{Number: 9, Hidden: true},
	}
	want[1].Hidden = true
	for name, change := range map[string]func(*xlsfile.Book){
		"plain":    func(*xlsfile.Book) {},
		"labels":   func(b *xlsfile.Book) { b.Labels = true },
		"RSTRING":  func(b *xlsfile.Book) { b.Labels, b.Rich = true, true },
		"rich":     func(b *xlsfile.Book) { b.Rich = true },
		"shuffled": func(b *xlsfile.Book) { b.Shuffled = true },
		"charts":   func(b *xlsfile.Book) { b.Charts = true },
		"Book":     func(b *xlsfile.Book) { b.Stream = "Book" },
		"case":     func(b *xlsfile.Book) { b.Stream = "WORKBOOK" },
	} {
		t.Run(name, func(t *testing.T) {
			b := one(cells...)
			b.Sheets[0].HiddenRows = map[int]bool{2: true, 9: true}
			change(&b)
			got, err := readFile(file(t, b), 0)
			if err != nil {
				t.Fatal(err)
			}
			wantRows(t, got, want...)
		})
	}
	b := one([]xlsfile.Cell{{Kind: xlsfile.Date, Number: 0}, {Kind: xlsfile.Date, Number: 43585}})
	b.Date1904 = true
	got, err := readFile(file(t, b), 0)
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, got, rowOf(1, date("1904-01-01"), date("2023-05-01")))
}

// TestLongTable makes a table of strings that runs on over many records, with
// strings of both widths divided at every kind of place.
func TestLongTable(t *testing.T) {
	var texts []string
	for i := range 4000 {
		s := strings.Repeat("ab", i%97) + fmt.Sprint(i)
		switch i % 4 {
		case 1:
			s = strings.Repeat("中", i%89) + s
		case 2:
			s += strings.Repeat("😀", i%83)
		}
		texts = append(texts, s)
	}
	// Longer than a record, and of another width in each.
	texts = append(texts, strings.Repeat("a", 9000)+strings.Repeat("字", 9000)+strings.Repeat("z", 9000), strings.Repeat("长", sheet.MaxCell))
	for _, rich := range []bool{false, true} {
		for _, labels := range []bool{false, true} {
			b := one()
			b.Rich, b.Labels = rich, labels
			for _, s := range texts {
				b.Sheets[0].Rows = append(b.Sheets[0].Rows, []xlsfile.Cell{xlsfile.T(s)})
			}
			rows, err := readFile(file(t, b), 0)
			if err != nil || len(rows) != len(texts) {
				t.Fatalf("rich %t, labels %t: %d rows, %v", rich, labels, len(rows), err)
			}
			for i, row := range rows {
				if got := row.Cells[0]; got != text(texts[i]) {
					t.Fatalf("rich %t, labels %t: row %d: %.50q, want %.50q", rich, labels, i+1, got.Text, texts[i])
				}
			}
		}
	}
}

func TestSheets(t *testing.T) {
	b := xlsfile.Book{Charts: true, Sheets: []xlsfile.Sheet{{Name: "一"}, {Name: "Sheet2", Hidden: true, Rows: [][]xlsfile.Cell{{xlsfile.N(2)}}}, {Name: "三", Rows: [][]xlsfile.Cell{{xlsfile.N(3)}}}}}
	data := file(t, b)
	book, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(len(book.Sheets), book.Sheets[0].Name, book.Sheets[0].Hidden, book.Sheets[1].Name, book.Sheets[1].Hidden, book.Sheets[2].Name); got != "3 一 false Sheet2 true 三\n" {
		t.Errorf("sheets %s", got)
	}
	// One book may give several sheets, but only forwards.
	for i, want := range []string{"[]", "[{2 2 false}]", "[{2 3 false}]"} {
		rows, err := readSheet(book, i)
		if err != nil {
			t.Fatal(err)
		}
		got := "[]"
		if len(rows) > 0 {
			got = fmt.Sprint(rows[0].Cells)
		}
		if got != want {
			t.Errorf("sheet %d: %s, want %s", i, got, want)
		}
	}
	_, err = readSheet(book, 0)
	wantCode(t, err, sheet.CodeFormat)
	if _, err := book.Read(3); err == nil || sheet.CodeOf(err) != "" {
		t.Errorf("sheet 3: %v", err)
	}
	// A sheet may be hidden so that Excel does not offer to show it.
	very := openRecords(bytes.Replace(workbookOf(t, data), []byte("\x01\x00\x06\x00Sheet2"), []byte("\x02\x00\x06\x00Sheet2"), 1))
	if err := very.globals(); err != nil || !very.Sheets[1].Hidden {
		t.Errorf("a very hidden sheet: %+v, %v", very.Sheets, err)
	}
}

// TestAgreesWithXLSX compares, cell by cell, books that LibreOffice saved as .xls
// with the same as .xlsx.
func TestAgreesWithXLSX(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "testdata", "*.xlsx"))
	if err != nil || len(names) < 2 {
		t.Fatalf("%q, %v", names, err)
	}
	kinds := map[sheet.Kind]int{}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			theirs, err := xlsx.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer theirs.Close()
			data, err := os.ReadFile(strings.TrimSuffix(name, "x"))
			if err != nil {
				t.Fatal(err)
			}
			for i, title := range theirs.Sheets() {
				b, err := Open(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					t.Fatal(err)
				}
				if len(b.Sheets) != len(theirs.Sheets()) || b.Sheets[i].Name != title {
					t.Fatalf("sheets %+v, .xlsx %q", b.Sheets, theirs.Sheets())
				}
				ours, err := b.Read(i)
				if err != nil {
					t.Fatal(err)
				}
				var rows []string
				if err := ours.Rows(func(r sheet.Row) error {
					for _, c := range r.Cells {
						kinds[c.Kind]++
					}
					asLibreOffice(r.Cells)
					if len(r.Cells) > 0 {
						rows = append(rows, fmt.Sprintf("%+q", fmt.Sprint(r)))
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				r, err := theirs.Open(i)
				if err != nil {
					t.Fatal(err)
				}
				want := rest(t, r)
				if len(rows) != len(want) {
					t.Fatalf("sheet %s: %d rows, .xlsx %d", title, len(rows), len(want))
				}
				for j := range rows {
					if rows[j] != want[j] {
						t.Errorf("sheet %s: read\n%.3000s\n.xlsx\n%.3000s", title, rows[j], want[j])
					}
				}
				if got, want := fmt.Sprint(ours.HiddenColumns()), fmt.Sprint(r.(sheet.ColumnHider).HiddenColumns()); got != want {
					t.Errorf("hidden columns %s, .xlsx %s", got, want)
				}
				if b.Sheets[i].Hidden != r.Hidden() {
					t.Errorf("sheet %s: hidden %t", title, b.Sheets[i].Hidden)
				}
				r.Close()
			}
		})
	}
	for k := sheet.Empty; k <= sheet.Error; k++ {
		if kinds[k] < 10 {
			t.Errorf("only %d cells of kind %d", kinds[k], k)
		}
	}
}

// asLibreOffice makes numbers comparable: LibreOffice writes 15 digits into an
// .xlsx, rounded in its own way, and an exponent where we do not.
func asLibreOffice(cells []sheet.Cell) {
	for i, c := range cells {
		v, err := strconv.ParseFloat(c.Text, 64)
		if err != nil || c.Kind != sheet.Number {
			continue
		}
		if math.Abs(v) >= 1e15 {
			cells[i].Text = strconv.FormatFloat(v, 'e', 9, 64)
		} else {
			cells[i].Text = string(appendNumber(nil, v))
		}
	}
}

// rest gives the rows of an .xlsx sheet that are not empty.
func rest(t *testing.T, r sheet.Reader) []string {
	t.Helper()
	var out []string
	for {
		row, err := r.Next()
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatal(err)
			}
			return out
		}
		asLibreOffice(row.Cells)
		if len(row.Cells) > 0 {
			out = append(out, fmt.Sprintf("%+q", fmt.Sprint(row)))
		}
	}
}
