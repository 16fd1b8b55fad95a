package intake

import (
	"fmt"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// testDay is today in every test of this package.
const testDay civil.Date = 20240315

// testPrefix begins every ID made here: no place has this code.
const testPrefix = "990001"

// testID makes an ID that nobody has, born on a day, told apart by n.
func testID(birth civil.Date, n int) string {
	s := fmt.Sprintf("%s%08d%03d", testPrefix, birth, n)
	return s + string(checkChar(s))
}

// testIDEnding makes an ID whose check character is the one wanted.
func testIDEnding(t *testing.T, check byte) string {
	t.Helper()
	for n := range 1000 {
		if id := testID(19700102, n); id[17] == check {
			return id
		}
	}
	t.Fatalf("no ID ends in %c", check)
	return ""
}

// widen gives the full-width form of ASCII.
func widen(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// wantCell compares what a cell reader found with what it should have found.
func wantCell[T comparable](t *testing.T, got T, err *cellError, want T, code string) {
	t.Helper()
	switch {
	case code == "" && err != nil:
		t.Errorf("refused: %v", err)
	case code == "" && got != want:
		t.Errorf("read %v, want %v", got, want)
	case code != "" && err == nil:
		t.Errorf("read %v, want %s", got, code)
	case code != "" && err.code != code:
		t.Errorf("%v, want %s", err, code)
	case code != "" && got != *new(T):
		t.Errorf("%s came with the value %v", code, got)
	case code != "" && (err.message == "" || strings.Contains(err.message, "%!")):
		t.Errorf("message %q", err.message)
	}
}

func TestCertno(t *testing.T) {
	id, x := testID(19700102, 7), testIDEnding(t, 'X')
	old := testID(19700102, 7)[:6] + id[8:17]
	wrong := id[:17] + "0"
	if id[17] == '0' {
		wrong = id[:17] + "1"
	}
	for _, tt := range []struct {
		name string
		kind sheet.Kind
		text string
		want string
		code string
	}{
		{"valid", sheet.Text, id, id, ""},
		{"X", sheet.Text, x, x, ""},
		{"small x", sheet.Text, strings.ToLower(x), x, ""},
		{"15 digits", sheet.Text, old, id, ""},
		{"full width", sheet.Text, widen(x), x, ""},
		{"full width x", sheet.Text, widen(strings.ToLower(x)), x, ""},
		{"spaces", sheet.Text, " " + id[:6] + "　" + id[6:14] + "\u00a0" + id[14:], id, ""},
		{"a tab behind", sheet.Text, id + "\t", id, ""},
		{"line break and zero-width space", sheet.Text, "\u200b" + id[:10] + "\n" + id[10:], id, ""},
		{"apostrophe", sheet.Text, "'" + id, id, ""},
		{"stored as number", sheet.Number, id, "", "E-ID-NUMERIC"},
		{"number with exponent", sheet.Number, "9.90001197001020E+17", "", "E-ID-NUMERIC"},
		{"15 digits as number", sheet.Number, old, "", "E-ID-NUMERIC"},
		{"scientific text", sheet.Text, "9.90E+17", "", "E-ID-NUMERIC"},
		{"scientific text, small e", sheet.Text, "9.90001e17", "", "E-ID-NUMERIC"},
		{"wrong check character", sheet.Text, wrong, "", "E-ID-CHECKSUM"},
		{"31 April", sheet.Text, testID(19700431, 1), "", "E-ID-DATE"},
		{"29 February of no leap year", sheet.Text, testID(19010229, 1), "", "E-ID-DATE"},
		{"29 February", sheet.Text, testID(20000229, 1), testID(20000229, 1), ""},
		{"month 13", sheet.Text, testID(19701301, 1), "", "E-ID-DATE"},
		{"born tomorrow", sheet.Text, testID(testDay.Next(), 1), "", "E-ID-DATE"},
		{"born today", sheet.Text, testID(testDay, 1), testID(testDay, 1), ""},
		{"born before 1900", sheet.Text, testID(18991231, 1), "", "E-ID-DATE"},
		{"15 digits, impossible day", sheet.Text, testPrefix + "700431" + "001", "", "E-ID-DATE"},
		{"empty", sheet.Empty, "", "", "E-ID-MISSING"},
		{"spaces only", sheet.Text, " 　\t", "", "E-ID-MISSING"},
		{"17 digits", sheet.Text, id[:17], "", "E-ID-FORMAT"},
		{"19 digits", sheet.Text, id + "0", "", "E-ID-FORMAT"},
		{"two IDs", sheet.Text, id + "\n" + x, "", "E-ID-FORMAT"},
		{"X inside", sheet.Text, id[:10] + "X" + id[11:], "", "E-ID-FORMAT"},
		{"Cyrillic Х", sheet.Text, x[:17] + "Х", "", "E-ID-FORMAT"},
		{"words", sheet.Text, "本人", "", "E-ID-FORMAT"},
		{"15 digits with X", sheet.Text, old[:14] + "X", "", "E-ID-FORMAT"},
		{"boolean", sheet.Bool, "TRUE", "", "E-ID-FORMAT"},
		{"error value", sheet.Error, "#N/A", "", "E-ID-FORMAT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := certno(sheet.Cell{Kind: tt.kind, Text: tt.text}, testDay)
			wantCell(t, got, err, tt.want, tt.code)
			if err != nil && strings.Contains(err.message, testPrefix) {
				t.Errorf("the message shows the ID: %s", err.message)
			}
		})
	}
}

// TestCheckCharacter holds checkChar against the sum of GB 11643: weights are
// the powers of two modulo 11, and a right ID sums up to 1.
func TestCheckCharacter(t *testing.T) {
	for n := range 1000 {
		id := testID(19880808, n)
		sum, weight := 0, 1
		for i := 17; i >= 0; i-- {
			v := int(id[i] - '0')
			if id[i] == 'X' {
				v = 10
			}
			sum, weight = sum+v*weight, weight*2%11
		}
		if sum%11 != 1 {
			t.Fatalf("number %d: the sum is %d", n, sum%11)
		}
	}
}

func TestParseCertno(t *testing.T) {
	id := testID(19700102, 7)
	if got, err := ParseCertno(" "+widen(id), testDay); err != nil || got != id {
		t.Errorf("%v, %v", got, err)
	}
	got, err := ParseCertno(id[:17], testDay)
	if err == nil || got != "" || strings.Contains(err.Error(), testPrefix) || !strings.Contains(err.Error(), "18 位") {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMoment(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind sheet.Kind
		text string
		want civil.Moment
		code string
	}{
		{"empty", sheet.Empty, "", 0, ""},
		{"spaces", sheet.Text, "　 ", 0, ""},
		{"dashes", sheet.Text, "2023-05-01", 20230501_000000, ""},
		{"slashes, short", sheet.Text, "2023/5/1", 20230501_000000, ""},
		{"dots", sheet.Text, "2023.05.01", 20230501_000000, ""},
		{"month with dot", sheet.Text, "2023.05", 20230501_000000, ""},
		{"month with dot as number", sheet.Number, "2023.05", 20230501_000000, ""},
		{"month with dash", sheet.Text, "2023-05", 20230501_000000, ""},
		{"packed", sheet.Text, "20230501", 20230501_000000, ""},
		{"packed as number", sheet.Number, "20230501", 20230501_000000, ""},
		{"packed with time", sheet.Text, "20230501093015", 20230501_093015, ""},
		{"Chinese month", sheet.Text, "2023年5月", 20230501_000000, ""},
		{"Chinese", sheet.Text, "2023年5月1日", 20230501_000000, ""},
		{"Chinese without 日", sheet.Text, "2023年05月01", 20230501_000000, ""},
		{"full width", sheet.Text, "２０２３－０５－０１", 20230501_000000, ""},
		{"spaces inside", sheet.Text, "2023 年 5 月 1 日", 20230501_000000, ""},
		{"Excel date", sheet.Date, "2023-05-01", 20230501_000000, ""},
		{"Excel date and time", sheet.Date, "2023-05-01 23:59:59", 20230501_235959, ""},
		{"time", sheet.Text, "2023-05-01 09:30:15", 20230501_093015, ""},
		{"ISO time", sheet.Text, "2023-05-01T09:30:15", 20230501_093015, ""},
		{"time with fraction", sheet.Text, "2023-05-01 09:30:15.0", 20230501_093015, ""},
		{"time without seconds", sheet.Text, "2023/5/1 9:05", 20230501_090500, ""},
		{"short day before a long hour", sheet.Text, "2023/5/1 12:30:00", 20230501_123000, ""},
		{"short month and day before a long hour", sheet.Text, "2023-1-1  10:00", 20230101_100000, ""},
		{"Chinese with time", sheet.Text, "2023年5月1日 12:30", 20230501_123000, ""},
		{"29 February", sheet.Text, "2024-02-29", 20240229_000000, ""},
		{"October as text", sheet.Text, "2023.10", 20231001_000000, ""},
		{"full date ending in .1", sheet.Number, "2023.10.1", 20231001_000000, ""},
		{"November as number", sheet.Number, "2023.11", 20231101_000000, ""},
		{"January or October", sheet.Number, "2023.1", 0, "E-DATE"},
		{"30 February", sheet.Text, "2023-02-30", 0, "E-DATE"},
		{"29 February of no leap year", sheet.Text, "20230229", 0, "E-DATE"},
		{"month 13", sheet.Text, "2023-13-01", 0, "E-DATE"},
		{"month 0", sheet.Text, "2023-00-01", 0, "E-DATE"},
		{"day 0", sheet.Text, "20230500", 0, "E-DATE"},
		{"year 1899", sheet.Text, "1899-12-31", 0, "E-DATE"},
		{"hour 24", sheet.Text, "2023-05-01 24:00:00", 0, "E-DATE"},
		{"minute 60", sheet.Text, "2023-05-01 10:60:00", 0, "E-DATE"},
		{"serial without a date format", sheet.Number, "45047", 0, "E-DATE"},
		{"serial with time", sheet.Number, "45047.5", 0, "E-DATE"},
		{"serial as text", sheet.Text, "45047", 0, "E-DATE"},
		{"year alone", sheet.Text, "2023", 0, "E-DATE"},
		{"two years' digits", sheet.Text, "23-05-01", 0, "E-DATE"},
		{"day first", sheet.Text, "01/05/2023", 0, "E-DATE"},
		{"six digits", sheet.Text, "202305", 0, "E-DATE"},
		{"two dates", sheet.Text, "2023-05-01\n2023-06-01", 0, "E-DATE"},
		{"a gap in the day", sheet.Text, "2023-05-1 2", 0, "E-DATE"},
		{"time glued to the day", sheet.Text, "2023-05-0112:00", 0, "E-DATE"},
		{"month with time", sheet.Text, "2023-05 12:00", 0, "E-DATE"},
		{"words", sheet.Text, "不详", 0, "E-DATE"},
		{"boolean", sheet.Bool, "TRUE", 0, "E-DATE"},
		{"error value", sheet.Error, "#VALUE!", 0, "E-DATE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := moment(sheet.Cell{Kind: tt.kind, Text: tt.text})
			wantCell(t, got, err, tt.want, tt.code)
		})
	}
}

func TestPast(t *testing.T) {
	for _, tt := range []struct {
		text string
		want civil.Date
		code string
	}{
		{testDay.String(), testDay, ""},
		{"2024-03-15 23:59:59", testDay, ""},
		{"2024-03-16", 0, "E-DATE-FUTURE"},
		{"2203-05-01", 0, "E-DATE-FUTURE"},
		{"", 0, ""},
		{"x", 0, "E-DATE"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := past(sheet.Cell{Kind: sheet.Text, Text: tt.text}, testDay)
			wantCell(t, got, err, tt.want, tt.code)
		})
	}
}

func TestExpiry(t *testing.T) {
	for _, tt := range []struct {
		text string
		want civil.Date
		code string
	}{
		{"", 0, ""},
		{"2034-12-31", 20341231, ""},
		{"长期", 0, ""},
		{" 永久有效 ", 0, ""},
		{"2034-12-32", 0, "E-DATE"},
		{"长", 0, "E-DATE"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := expiry(sheet.Cell{Kind: sheet.Text, Text: tt.text})
			wantCell(t, got, err, tt.want, tt.code)
		})
	}
}

func TestAmount(t *testing.T) {
	const yuan, wan = 1, 10000
	for _, tt := range []struct {
		name  string
		kind  sheet.Kind
		text  string
		scale int64
		want  money.Fen
		code  string
	}{
		{"empty", sheet.Empty, "", yuan, 0, ""},
		{"a dash as accounting formats write 0", sheet.Text, " - ", yuan, 0, ""},
		{"whole", sheet.Number, "1234", yuan, 1234_00, ""},
		{"fen", sheet.Number, "1234.56", yuan, 1234_56, ""},
		{"one decimal", sheet.Text, "1234.5", yuan, 1234_50, ""},
		{"zeros behind", sheet.Text, "1234.5000", yuan, 1234_50, ""},
		{"no zero before", sheet.Text, ".5", yuan, 50, ""},
		{"元", sheet.Text, "1234.50元", yuan, 1234_50, ""},
		{"元 with a space", sheet.Text, "1234.50 元", yuan, 1234_50, ""},
		{"￥", sheet.Text, "￥1,234.50", yuan, 1234_50, ""},
		{"¥ and a space", sheet.Text, "¥ 1234.50", yuan, 1234_50, ""},
		{"commas", sheet.Text, "1,234,567.89", yuan, 1234567_89, ""},
		{"full width", sheet.Text, "１，２３４．５０", yuan, 1234_50, ""},
		{"万 in the cell", sheet.Text, "1.5万", yuan, 15000_00, ""},
		{"万元 in the cell", sheet.Text, "1.5万元", yuan, 15000_00, ""},
		{"万元 in the header", sheet.Number, "1.2345", wan, 12345_00, ""},
		{"万元 in both", sheet.Text, "1.5万元", wan, 15000_00, ""},
		{"万元 in the header, 元 in the cell", sheet.Text, "15000元", wan, 15000_00, ""},
		{"万元 with noise", sheet.Number, "0.12345600000000001", wan, 1234_56, ""},
		{"calculated", sheet.Number, "1234.5600000000002", yuan, 1234_56, ""},
		{"calculated from below", sheet.Number, "1234.5599999999999", yuan, 1234_56, ""},
		{"calculated nothing", sheet.Number, "-2.2737367544323206E-13", yuan, 0, ""},
		{"exponent of a number", sheet.Number, "1.2E3", yuan, 1200_00, ""},
		{"minus", sheet.Number, "-100.5", yuan, -100_50, ""},
		{"plus", sheet.Text, "+100", yuan, 100_00, ""},
		{"brackets", sheet.Text, "(100.50)", yuan, -100_50, ""},
		{"wide brackets", sheet.Text, "（100.50）", yuan, -100_50, ""},
		{"the most", sheet.Number, "100000000", yuan, money.Limit, ""},
		{"more than the most", sheet.Number, "100000000.01", yuan, 0, "E-AMOUNT"},
		{"much more", sheet.Number, "1E+300", yuan, 0, "E-AMOUNT"},
		{"three decimals", sheet.Text, "1234.567", yuan, 0, "E-AMOUNT"},
		{"three decimals as number", sheet.Number, "1234.565", yuan, 0, "E-AMOUNT"},
		{"noise in a text", sheet.Text, "1234.5600000000002", yuan, 0, "E-AMOUNT"},
		{"万元 finer than fen", sheet.Number, "1.2345678", wan, 0, "E-AMOUNT"},
		{"text", sheet.Text, "无", yuan, 0, "E-AMOUNT"},
		{"text after a number", sheet.Text, "100左右", yuan, 0, "E-AMOUNT"},
		{"slash", sheet.Text, "/", yuan, 0, "E-AMOUNT"},
		{"unit alone", sheet.Text, "元", yuan, 0, "E-AMOUNT"},
		{"sign alone", sheet.Text, "￥", yuan, 0, "E-AMOUNT"},
		{"brackets alone", sheet.Text, "()", yuan, 0, "E-AMOUNT"},
		{"point alone", sheet.Text, ".", yuan, 0, "E-AMOUNT"},
		{"comma alone", sheet.Text, ",", yuan, 0, "E-AMOUNT"},
		{"comma for the point", sheet.Text, "1234,50", yuan, 0, "E-AMOUNT"},
		{"comma in the wrong place", sheet.Text, "12,34.00", yuan, 0, "E-AMOUNT"},
		{"two points", sheet.Text, "1.234.50", yuan, 0, "E-AMOUNT"},
		{"two amounts", sheet.Text, "100\n200", yuan, 0, "E-AMOUNT"},
		{"two amounts in a line", sheet.Text, "100 200", yuan, 0, "E-AMOUNT"},
		{"two signs", sheet.Text, "(-100)", yuan, 0, "E-AMOUNT"},
		{"rounded text", sheet.Text, "1.23E+05", yuan, 0, "E-AMOUNT"},
		{"per cent", sheet.Text, "50%", yuan, 0, "E-AMOUNT"},
		{"long", sheet.Text, strings.Repeat("1", 500), yuan, 0, "E-AMOUNT"},
		{"boolean", sheet.Bool, "TRUE", yuan, 0, "E-AMOUNT"},
		{"error value", sheet.Error, "#REF!", yuan, 0, "E-AMOUNT"},
		{"date", sheet.Date, "2023-05-01", yuan, 0, "E-AMOUNT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := amount(sheet.Cell{Kind: tt.kind, Text: tt.text}, tt.scale)
			wantCell(t, got, err, tt.want, tt.code)
		})
	}
}

// TestMessagesRepeat looks at what a message says of the cell's content.
func TestMessagesRepeat(t *testing.T) {
	_, err := moment(sheet.Cell{Kind: sheet.Text, Text: "下个月"})
	if err == nil || err.message != "“下个月”不是日期，请写成 2023-05-01 的样子" || err.discreet != "不是日期，请写成 2023-05-01 的样子" {
		t.Errorf("%+v", err)
	}
	_, err = moment(sheet.Cell{Kind: sheet.Text, Text: strings.Repeat("长", 31)})
	if err == nil || !strings.Contains(err.message, strings.Repeat("长", 30)+"…") {
		t.Errorf("%+v", err)
	}
}

// FuzzCells feeds the cell readers with anything: they must not panic, and no
// message on an ID may show it.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"", testID(19700102, 7), "2023/5/1 12:30", "2023.1", "(1,234.50元)", "1E-300", "-", "￥", "１２３万", "\xff"} {
		for k := sheet.Empty; k <= sheet.Error; k++ {
			f.Add(uint8(k), s)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, s string) {
		c := sheet.Cell{Kind: sheet.Kind(kind % 6), Text: s}
		id, err := certno(c, testDay)
		if (id == "") == (err == nil) {
			t.Errorf("%q gave an ID of %d characters, %v", s, len(id), err)
		}
		if m, err := moment(c); err == nil && m != 0 && !m.Date().Valid() {
			t.Errorf("%q gave the moment %d", s, m)
		}
		if v, err := amount(c, 10000); err == nil && (v > money.Limit || v < -money.Limit) {
			t.Errorf("%q gave %s", s, v)
		}
	})
}
