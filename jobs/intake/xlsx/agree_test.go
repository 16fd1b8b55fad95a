package xlsx

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake/sheet"
)

// TestAgreesWithExcelize writes a book with every kind of cell by excelize and
// compares what both read, cell by cell.
func TestAgreesWithExcelize(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	style := func(s *excelize.Style) int {
		id, err := f.NewStyle(s)
		must(err)
		return id
	}
	chinese, elapsed := `yyyy"年"m"月"d"日"`, "[h]:mm:ss"
	dateStyles := []int{style(&excelize.Style{NumFmt: 14}), style(&excelize.Style{NumFmt: 22}), style(&excelize.Style{NumFmt: 31}), style(&excelize.Style{CustomNumFmt: &chinese})}
	numberStyles := []int{0, style(&excelize.Style{NumFmt: 4}), style(&excelize.Style{NumFmt: 20}), style(&excelize.Style{NumFmt: 46}), style(&excelize.Style{CustomNumFmt: &elapsed})}
	const name = "Sheet1"
	rnd := rand.New(rand.NewPCG(1, 2))
	texts := []string{"张三", "33010219800101123X", " 前后 ", "a&b<c>\"'", "多\n行", "制表\t符", "_x000D_", "=1+1", "'x", "😀𠮷", strings.Repeat("长", 3000), "&#10;"}
	want := map[string]sheet.Cell{}
	const rows, columns = 200, 14
	for row := 1; row <= rows; row++ {
		if row%7 == 0 {
			continue // a gap
		}
		for col := 1; col <= columns; col++ {
			at, err := excelize.CoordinatesToCellName(col, row)
			must(err)
			switch rnd.IntN(8) {
			case 0: // empty
			case 1, 2:
				s := texts[rnd.IntN(len(texts))]
				must(f.SetCellStr(name, at, s))
				// Excelize writes the escape as it is, so that both read a CR.
				want[at] = text(strings.ReplaceAll(s, "_x000D_", "\r"))
			case 3:
				must(f.SetCellValue(name, at, rnd.IntN(1_000_000)))
				must(f.SetCellStyle(name, at, at, numberStyles[rnd.IntN(len(numberStyles))]))
				v, err := f.GetCellValue(name, at, excelize.Options{RawCellValue: true})
				must(err)
				want[at] = number(v)
			case 4:
				must(f.SetCellFloat(name, at, rnd.Float64()*1e6, 2, 64))
				v, err := f.GetCellValue(name, at, excelize.Options{RawCellValue: true})
				must(err)
				want[at] = number(v)
			case 5:
				day := time.Date(1905+rnd.IntN(200), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), 0, 0, rnd.IntN(2)*rnd.IntN(24*60*60), 0, time.UTC)
				must(f.SetCellValue(name, at, day))
				must(f.SetCellStyle(name, at, at, dateStyles[rnd.IntN(len(dateStyles))]))
				want[at] = date(strings.TrimSuffix(day.Format("2006-01-02 15:04:05"), " 00:00:00"))
			case 6:
				v := rnd.IntN(2) == 1
				must(f.SetCellBool(name, at, v))
				want[at] = sheet.Cell{Kind: sheet.Bool, Text: strings.ToUpper(fmt.Sprint(v))}
			case 7:
				must(f.SetCellRichText(name, at, []excelize.RichTextRun{{Text: "富", Font: &excelize.Font{Bold: true}}, {Text: " 文本 "}}))
				want[at] = text("富 文本 ")
			}
		}
	}
	must(f.SetCellValue(name, "A201", 41))
	must(f.SetCellFormula(name, "A201", "=41+0"))
	// Excelize stores the result of a formula as a string.
	want["A201"] = sheet.Cell{Kind: sheet.Text, Text: "41", Formula: true}
	must(f.SetRowVisible(name, 5, false))
	_, err := f.NewSheet("隐藏")
	must(err)
	must(f.SetSheetVisible("隐藏", false))
	file := filepath.Join(t.TempDir(), "book.xlsx")
	must(f.SaveAs(file))

	theirs, err := excelize.OpenFile(file)
	must(err)
	defer theirs.Close()
	raw, err := theirs.GetRows(name, excelize.Options{RawCellValue: true})
	must(err)

	b, err := Open(file)
	must(err)
	defer b.Close()
	if fmt.Sprint(b.Sheets()) != fmt.Sprint(theirs.GetSheetList()) {
		t.Errorf("sheets %q, excelize %q", b.Sheets(), theirs.GetSheetList())
	}
	got, err := readSheet(b, 0)
	must(err)
	compared := 0
	seen := map[string]bool{}
	for _, row := range got {
		if row.Hidden != (row.Number == 5) {
			t.Errorf("row %d: hidden %t", row.Number, row.Hidden)
		}
		for i, c := range row.Cells {
			at, err := excelize.CoordinatesToCellName(i+1, row.Number)
			must(err)
			seen[at] = true
			if c != want[at] {
				t.Errorf("%s: %+v, want %+v", at, c, want[at])
			}
			their := ""
			if cells := raw[row.Number-1]; i < len(cells) {
				their = cells[i]
			}
			// Excelize gives the serial of a date and 1 or 0 for a boolean.
			switch c.Kind {
			case sheet.Date:
				text, ok := appendDate(nil, []byte(their), false)
				if !ok || string(text) != c.Text {
					t.Errorf("%s: %q, excelize %q", at, c.Text, their)
				}
			case sheet.Bool:
				if (c.Text == "TRUE") != (their == "1") {
					t.Errorf("%s: %q, excelize %q", at, c.Text, their)
				}
			default:
				if c.Text != their {
					t.Errorf("%s: %q, excelize %q", at, c.Text, their)
				}
			}
			compared++
		}
	}
	for at := range want {
		if !seen[at] {
			t.Errorf("%s was not read", at)
		}
	}
	if compared < 2000 {
		t.Errorf("compared only %d cells", compared)
	}

	// What excelize streams: inline strings.
	stream := excelize.NewFile()
	defer stream.Close()
	sw, err := stream.NewStreamWriter(name)
	must(err)
	must(sw.SetRow("A1", []any{"姓名", "_x000D_", 1.5, true, nil, " 空 "}))
	must(sw.Flush())
	must(stream.SaveAs(file))
	b2, err := Open(file)
	must(err)
	defer b2.Close()
	got, err = readSheet(b2, 0)
	must(err)
	line := rowOf(1, text("姓名"), text("_x000D_"), number("1.5"), sheet.Cell{Kind: sheet.Bool, Text: "TRUE"}, sheet.Cell{}, text(" 空 "))
	if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(line) {
		t.Errorf("stream: %+v, want %+v", got, line)
	}
}
