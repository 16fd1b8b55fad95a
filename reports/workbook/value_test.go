package workbook

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func TestEveryKindOfValueReadsBack(t *testing.T) {
	columns := []Column{
		{Title: "文字", Kind: Text}, {Title: "人数", Kind: Count}, {Title: "金额（元）", Kind: Money},
		{Title: "日期", Kind: Date}, {Title: "时间", Kind: Moment}, {Title: "比例", Kind: Ratio},
	}
	f, _ := written(t, Book{Sheets: []Sheet{Table{Sheet: "全部", Columns: columns, Rows: rowsOf(
		[]any{"张三", 1234567, money.Fen(123456789), civil.Date(20230831), civil.Moment(20230831143059), money.Ratio(8512)},
		[]any{Cell{Value: "李四", Bad: true}, int64(-5), money.Fen(-30), civil.Date(0), civil.Moment(20230831000000), money.Ratio(10000)},
		[]any{nil, nil, nil, nil, nil, nil},
		[]any{int64(330100199001011000), "不详", "—", civil.Forever, civil.Moment(0), money.Ratio(7)},
		[]any{"", 0, money.Fen(0), civil.Date(18991231), civil.Moment(18991231101010), money.Ratio(-250)},
	)}}}, maxRows)
	const number, text = excelize.CellTypeUnset, excelize.CellTypeInlineString
	for _, c := range []struct {
		cell, raw, shown string
		kind             excelize.CellType
	}{
		{"A2", "张三", "张三", text},
		{"B2", "1234567", "1,234,567", number},
		{"C2", "1234567.89", "1,234,567.89", number},
		{"D2", "45169", "2023-08-31", number},
		{"E2", "45169.604849537034", "2023-08-31 14:30:59", number},
		{"F2", "0.8512", "85.12%", number},
		{"A3", "李四", "李四", text},
		{"B3", "-5", "-5", number},
		{"C3", "-0.3", "-0.30", number},
		{"D3", "", "", number},
		{"E3", "45169", "2023-08-31", number},
		{"F3", "1", "100.00%", number},
		{"A4", "", "", number},
		{"F4", "", "", number},
		{"A5", "330100199001011000", "330100199001011000", number},
		{"B5", "不详", "不详", text},
		{"C5", "—", "—", text},
		{"D5", "2958465", "9999-12-31", number},
		{"F5", "0.0007", "0.07%", number},
		{"B6", "0", "0", number},
		{"C6", "0", "0.00", number},
		{"D6", "1899-12-31", "1899-12-31", text},
		{"E6", "1899-12-31 10:10:10", "1899-12-31 10:10:10", text},
		{"F6", "-0.025", "-2.50%", number},
	} {
		if got := raw(t, f, "全部", c.cell); got != c.raw {
			t.Errorf("%s holds %q, want %q", c.cell, got, c.raw)
		}
		if got := shown(t, f, "全部", c.cell); got != c.shown {
			t.Errorf("%s shows %q, want %q", c.cell, got, c.shown)
		}
		if got := kindOf(t, f, "全部", c.cell); got != c.kind {
			t.Errorf("%s is of kind %v, want %v", c.cell, got, c.kind)
		}
	}
	if got := styleAt(t, f, "全部", "A2").NumFmt; got != 49 {
		t.Errorf("text has number format %d, want 49 (@)", got)
	}
}

// The number in the file is the literal of the amount, to the fen, for every
// amount that occurs and far beyond.
func TestMoneyIsExact(t *testing.T) {
	check := func(f money.Fen) {
		v, err := moneyValue(f)
		if err != nil {
			t.Fatal(err)
		}
		n, ok := v.v.(float64)
		if !ok {
			t.Fatalf("%s is a %T", f, v.v)
		}
		// decimal reads the literal exactly; no float takes part in the comparison.
		got, err := decimal.NewFromString(strconv.FormatFloat(n, 'f', -1, 64))
		if err != nil || !got.Equal(f.Decimal()) {
			t.Fatalf("%s came back as %s, %v", f, got, err)
		}
	}
	for f := money.Fen(-100_000); f <= 100_000; f++ {
		check(f)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500_000 {
		check(money.Fen(r.Int64N(int64(maxExact)) >> r.IntN(40)))
	}
	check(maxExact)
	check(-maxExact)
	if v, err := moneyValue(maxExact + 1); err != nil || v.v != "10000000000000.00" {
		t.Errorf("beyond what a number holds: %v, %v; want text", v.v, err)
	}
}

var nasty = []string{
	"=1+1", "=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a",
	"=HYPERLINK(\"http://example.invalid\",\"点击\")", " 前后有空格 ", "\n换行\n", "一\r\n二", "\ttab\t", "'单引号", "\"双\"",
	"<b>&amp;</b>", "]]>", "_x0041_", "_x005F_x0041_", "_x000D_", "__x0041__", "𠮷野家", "é", "1e5", "007", "TRUE", "#N/A",
	"330100199001011234", "33010019900101123x", "　全角空格　", " 不间断 ", "a\u200bb", "\ufeffBOM", "\u202e反向",
}

func TestTextIsTextAndUnchanged(t *testing.T) {
	f, _ := written(t, Book{Sheets: []Sheet{texts("注入", nasty...)}}, maxRows)
	for i, want := range nasty {
		cell := at("A", i+2)
		if got := raw(t, f, "注入", cell); got != want {
			t.Errorf("%q came back as %q", want, got)
		}
		if k := kindOf(t, f, "注入", cell); k != excelize.CellTypeInlineString {
			t.Errorf("%q is of kind %v, want a string", want, k)
		}
		if formula, err := f.GetCellFormula("注入", cell); err != nil || formula != "" {
			t.Errorf("%q has the formula %q, %v", want, formula, err)
		}
	}
	// The same in every other place that takes text.
	evil := "=1+1"
	f, _ = written(t, Book{Title: evil, Sheets: []Sheet{
		Table{Sheet: evil, Title: evil, Notes: []string{evil}, Columns: []Column{{Title: evil}, {Title: "b", Kind: Money}}, Rows: rowsOf([]any{Cell{Value: evil, Comment: evil}, evil})},
		Table{Sheet: "raw", Raw: true, Rows: rowsOf([]any{evil, Cell{Value: evil}})},
	}}, maxRows)
	for _, c := range []string{evil + "!A1", evil + "!A2", evil + "!A3", evil + "!A4", evil + "!B4", "raw!A1", "raw!B1"} {
		sheet, cell, _ := strings.Cut(c, "!")
		if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" || raw(t, f, sheet, cell) != evil {
			t.Errorf("%s: formula %q, value %q, %v", c, formula, raw(t, f, sheet, cell), err)
		}
	}
}

func TestAnyTextReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var want []string
		for range 20 {
			want = append(want, rapid.String().Draw(rt, "s"))
		}
		f, _ := written(t, Book{Sheets: []Sheet{texts("任意", want...)}}, maxRows)
		for i, s := range want {
			if got := raw(t, f, "任意", at("A", i+2)); got != cleanText(s) {
				rt.Fatalf("%q came back as %q", s, got)
			}
		}
	})
}

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x01c\x1fd": "a b c d",
		"a\tb\nc\rd":       "a\tb\nc\rd",
		"x\ufffey\uffffz":  "x y z",
		"坏\xff字":           "坏\ufffd字",
		"":                 "",
	} {
		if got := cleanText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for _, ch := range []string{"a", "汉", "𠮷"} {
		unit := len16(ch)
		fits := strings.Repeat(ch, maxCell/unit)
		if cleanText(fits) != fits {
			t.Errorf("a text of %d units was cut", len16(fits))
		}
		got := cleanText(fits + ch + ch)
		if len16(got) > maxCell || len16(got) < maxCell-1 || !strings.HasSuffix(got, cutMark) || !utf8.ValidString(got) {
			t.Errorf("a long text of %s became %d units ending in %q", ch, len16(got), got[len(got)-60:])
		}
		f, _ := written(t, Book{Sheets: []Sheet{texts("长", got, fits)}}, maxRows)
		if raw(t, f, "长", "A2") != got || raw(t, f, "长", "A3") != fits {
			t.Errorf("a long text of %s did not come back whole", ch)
		}
	}
}

func TestWhatIsNoValueIsRefused(t *testing.T) {
	for _, v := range []any{1.5, true, []int{1}, struct{}{}, civil.Moment(20230831250000), &Cell{}, Cell{Value: Cell{}}, RowNumber(3)} {
		b := Book{Sheets: []Sheet{Table{Sheet: "坏", Columns: []Column{{Title: "a"}, {Title: "b"}}, Rows: rowsOf([]any{"x", v})}}}
		if err := Write(t.TempDir()+"/x.xlsx", b); err == nil || !strings.Contains(err.Error(), "column 2") {
			t.Errorf("%T: %v, want an error that names the column", v, err)
		}
	}
}
