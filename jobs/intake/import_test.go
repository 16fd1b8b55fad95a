package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// memory is a ledger.Taker that keeps everything in maps.
type memory struct {
	people  map[string]ledger.PersonNo
	names   map[string]int64
	events  []ledger.Event
	claims  []ledger.Claim
	reliefs []ledger.Relief
	content map[string]bool
	byID    map[string]string // area and setl_id → content
	err     error             // given by every call, where set
}

func newMemory() *memory {
	return &memory{people: map[string]ledger.PersonNo{}, names: map[string]int64{}, content: map[string]bool{}, byID: map[string]string{}}
}

func (m *memory) Person(certno string) (ledger.PersonNo, error) {
	if _, ok := m.people[certno]; !ok {
		m.people[certno] = ledger.PersonNo(len(m.people) + 1)
	}
	return m.people[certno], m.err
}

func (m *memory) Name(name string) (int64, error) {
	if name == "" {
		return 0, m.err
	}
	if _, ok := m.names[name]; !ok {
		m.names[name] = int64(len(m.names) + 1)
	}
	return m.names[name], m.err
}

func (m *memory) Seal(text string) []byte { return []byte(text) }

func (m *memory) known(content []byte) bool {
	was := m.content[string(content)]
	m.content[string(content)] = true
	return was
}

func (m *memory) Event(e *ledger.Event) (ledger.Outcome, error) {
	if m.known(e.Content([]byte("E"))) {
		return ledger.Repeated, m.err
	}
	m.events = append(m.events, *e)
	return ledger.New, m.err
}

func (m *memory) Relief(r *ledger.Relief) (ledger.Outcome, error) {
	if m.known(r.Content([]byte("R"))) {
		return ledger.Repeated, m.err
	}
	m.reliefs = append(m.reliefs, *r)
	return ledger.New, m.err
}

func (m *memory) Claims(cs []*ledger.Claim) ([]ledger.Outcome, error) {
	var out []ledger.Outcome
	for _, c := range cs {
		key, content := c.Area+"/"+c.ID, string(c.Content(nil))
		was, ok := m.byID[key]
		switch {
		case !ok:
			m.byID[key] = content
			m.claims = append(m.claims, *c)
			out = append(out, ledger.New)
		case was == content:
			out = append(out, ledger.Repeated)
		default:
			out = append(out, ledger.Conflict)
		}
	}
	return out, m.err
}

// What a test puts into a cell beside strings and numbers.
type (
	formula string  // a formula without a stored result
	asDate  float64 // a serial number under a date format
)

// table is a sheet of a test's book.
type table struct {
	name string
	rows [][]any
}

// putBook writes an .xlsx file.
func putBook(t *testing.T, tables ...table) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for i, tab := range tables {
		if i == 0 {
			err = f.SetSheetName("Sheet1", tab.name)
		} else {
			_, err = f.NewSheet(tab.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range tab.rows {
			for x, v := range row {
				at := ColumnName(x) + strconv.Itoa(y+1)
				switch v := v.(type) {
				case nil:
				case string:
					err = f.SetCellStr(tab.name, at, v)
				case formula:
					err = f.SetCellFormula(tab.name, at, string(v))
				case asDate:
					err = errors.Join(f.SetCellValue(tab.name, at, float64(v)), f.SetCellStyle(tab.name, at, at, date))
				default:
					err = f.SetCellValue(tab.name, at, v)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	p := filepath.Join(t.TempDir(), "书.xlsx")
	if err := f.SaveAs(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// putRows writes a text file; its sheet is named 表.
func putRows(t *testing.T, rows ...[]any) string {
	t.Helper()
	var b strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if v != nil {
				b.WriteString(`"` + strings.ReplaceAll(fmt.Sprint(v), `"`, `""`) + `"`)
			}
		}
		b.WriteByte('\n')
	}
	return putFile(t, "表.csv", b.String())
}

func testOptions(t *testing.T) Options {
	t.Helper()
	p, err := pack.Load("hangzhou-2022-70")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Area: "990001", Kind: Auto, Codes: p.Codes, Today: testDay, Month: 202402, Dept: "民政"}
}

// testNames are the names in the tests' files. No message may hold one.
var testNames = []string{"测甲甲", "测乙乙", "测丙丙", "测丁丁", "测戊戊"}

var longDigits = regexp.MustCompile(`\d{15}`)

func wantDiscreet(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, testPrefix) || longDigits.MatchString(text) {
		t.Errorf("an ID is shown: %s", text)
	}
	for _, n := range testNames {
		if strings.Contains(text, n) {
			t.Errorf("a name is shown: %s", text)
		}
	}
}

// take imports a file and checks what must hold of every import: the totals
// agree, each returned row has an error and no other row has one, and nothing
// that is said holds an ID or a name.
func take(t *testing.T, m *memory, path string, o Options) (ledger.File, *Report) {
	t.Helper()
	f := ledger.File{Seq: 5}
	before := [3]int{len(m.events), len(m.claims), len(m.reliefs)}
	rep, err := Import(context.Background(), path, o, &f, m)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if f.Read != f.Taken+f.Repeated+f.Returned {
		t.Errorf("%d rows were read, %d taken, %d repeated, %d returned", f.Read, f.Taken, f.Repeated, f.Returned)
	}
	var sum ledger.SheetTotal
	for _, s := range f.Totals {
		if s.Read != s.Taken+s.Repeated+s.Returned {
			t.Errorf("sheet %s: %+v", s.Sheet, s)
		}
		sum.Read, sum.Taken, sum.Repeated = sum.Read+s.Read, sum.Taken+s.Taken, sum.Repeated+s.Repeated
		sum.Returned, sum.Skipped, sum.Amount = sum.Returned+s.Returned, sum.Skipped+s.Skipped, sum.Amount+s.Amount
	}
	if sum.Read != f.Read || sum.Taken != f.Taken || sum.Repeated != f.Repeated || sum.Returned != f.Returned || sum.Skipped != f.Skipped || sum.Amount != f.AmountTaken {
		t.Errorf("the sheets' totals %+v are not the file's %+v", sum, f)
	}
	if got := [3]int{len(m.events) - before[0], len(m.claims) - before[1], len(m.reliefs) - before[2]}; got != [3]int{f.Events, f.Claims + f.Refunds, f.Reliefs} {
		t.Errorf("%v records came, the file says %+v", got, f)
	}
	type place struct {
		sheet string
		row   int
	}
	returned := map[place]bool{}
	for _, e := range rep.Errors {
		returned[place{e.Sheet, e.Row}] = true
		wantDiscreet(t, e.Message)
		if e.Message == "" || strings.Contains(e.Message, "%!") || e.Column == "" || !strings.HasPrefix(e.Code, "E-") {
			t.Errorf("%+v", e)
		}
	}
	if len(returned) != f.Returned {
		t.Errorf("%d rows have errors, %d were returned", len(returned), f.Returned)
	}
	for _, n := range rep.Notes {
		wantDiscreet(t, n)
	}
	return f, rep
}

// refuse imports a file that must be refused whole and gives the message.
func refuse(t *testing.T, path string, o Options, code string) string {
	t.Helper()
	rep, err := Import(context.Background(), path, o, &ledger.File{}, newMemory())
	if sheet.CodeOf(err) != code || rep != nil {
		t.Fatalf("%v, %+v; want %s", err, rep, code)
	}
	fe, _ := errors.AsType[*sheet.FileError](err)
	wantDiscreet(t, fe.Message)
	return fe.Message
}

func wantTotals(t *testing.T, f ledger.File, read, taken, repeated, returned, skipped int) {
	t.Helper()
	if got := [5]int{f.Read, f.Taken, f.Repeated, f.Returned, f.Skipped}; got != [5]int{read, taken, repeated, returned, skipped} {
		t.Errorf("read, taken, repeated, returned, skipped are %v, want %v", got, [5]int{read, taken, repeated, returned, skipped})
	}
}

func wantNote(t *testing.T, rep *Report, words ...string) {
	t.Helper()
	for _, n := range rep.Notes {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(n, w) }) {
			return
		}
	}
	t.Errorf("no note has %q: %q", words, rep.Notes)
}

// wantErrors compares errors written as "E-DATE G7".
func wantErrors(t *testing.T, rep *Report, want ...string) {
	t.Helper()
	var got []string
	for _, e := range rep.Errors {
		got = append(got, fmt.Sprintf("%s %s%d", e.Code, e.Column, e.Row))
	}
	if !slices.Equal(got, want) {
		t.Errorf("errors %q, want %q", got, want)
		for _, e := range rep.Errors {
			t.Log(e.Message)
		}
	}
}

// The columns A, B, C, ... of the tests' tables.
var (
	rosterHead = []any{"序号", "变动类型", "姓名", "身份证号", "困难类别", "致困原因", "认定日期", "退出日期", "户主身份证号", "残疾等级", "证件有效期", "乡镇", "村", "来源部门"}
	claimsHead = []any{"setl_id", "certno", "psn_name", "insutype", "med_type", "dise_codg", "dise_name", "fixmedins_code", "fixmedins_name", "hosp_lv",
		"begndate", "enddate", "setl_time", "medfee_sumamt", "inscp_scp_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay",
		"hosp_part_amt", "refd_setl_flag", "init_setl_id", "pay_loc", "trt_flag", "in_province"}
	reliefHead = []any{"身份证号", "姓名", "帮扶日期", "帮扶来源", "帮扶金额", "备注"}
)

// rosterLine, claimLine and reliefLine are good rows, told apart by n.
func rosterLine(n int) []any {
	return []any{n, "新增", testNames[n%2], testID(19700102, n), "低保", "因病", "2024-01-0" + strconv.Itoa(n%9+1), nil, testID(19400102, n), nil, nil, "城关镇", "东村", "民政局"}
}

func claimLine(n int) []any {
	return []any{"S" + strconv.Itoa(n), testID(19700102, n), testNames[n%2], "390", "21", "I10", "高血压", "H99000100001", "县医院", "05",
		"2024-01-01", "2024-01-08", "2024-01-08 10:30:00", 1000 + n, 800, 400, 1, 2, 30, 40, 50, 3,
		nil, "0", nil, "1", nil, nil}
}

func reliefLine(n int) []any {
	return []any{testID(19700102, n), testNames[n%2], "2024-02-0" + strconv.Itoa(n%9+1), "慈善", 500, "备注"}
}

// change gives a row with cells replaced, by column letters.
func change(row []any, cells map[string]any) []any {
	out := slices.Clone(row)
	for letter, v := range cells {
		out[columnOf(letter)] = v
	}
	return out
}

// columnOf reads a column letter.
func columnOf(letter string) int {
	n := 0
	for _, r := range letter {
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}

// refundLine takes back claimLine(n).
func refundLine(n int) []any {
	row := change(claimLine(n), map[string]any{"A": "R" + strconv.Itoa(n), "X": "1", "Y": "S" + strconv.Itoa(n)})
	for i := 13; i <= 21; i++ {
		row[i] = -row[i].(int)
	}
	return row
}

func TestColumnName(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 1023: "AMJ"} {
		if got := ColumnName(i); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
		if got, err := excelize.ColumnNumberToName(i + 1); err != nil || got != want {
			t.Errorf("excelize says %s for %d (%v)", got, i, err)
		}
	}
}

// TestRowErrors makes every code of a row, each by one bad row between two good
// ones, and looks at the cell that is blamed. Every code that the package knows
// must be made here.
func TestRowErrors(t *testing.T) {
	wrongCheck := func(n int) string {
		id := testID(19700102, n)
		if id[17] == '5' {
			return id[:17] + "6"
		}
		return id[:17] + "5"
	}
	type cells = map[string]any
	made := map[string]bool{}
	run := func(name string, head []any, line func(int) []any, base []any, cells cells, want ...string) {
		t.Run(name, func(t *testing.T) {
			rows := [][]any{head, line(1), change(base, cells), line(2)}
			f, rep := take(t, newMemory(), putBook(t, table{"表", rows}), testOptions(t))
			wantTotals(t, f, 3, 2, 0, 1, 0)
			for i := range want {
				made[strings.Fields(want[i])[0]] = true
				want[i] += "3"
			}
			wantErrors(t, rep, want...)
			for _, e := range rep.Errors {
				if e.Sheet != "表" || e.Field != head[columnOf(e.Column)] {
					t.Errorf("sheet %s, column %s (%s)", e.Sheet, e.Column, e.Field)
				}
			}
		})
	}
	roster := func(name string, c cells, want ...string) {
		run("roster/"+name, rosterHead, rosterLine, rosterLine(3), c, want...)
	}
	claims := func(name string, c cells, want ...string) {
		run("claims/"+name, claimsHead, claimLine, claimLine(3), c, want...)
	}
	refund := func(name string, c cells, want ...string) {
		run("refund/"+name, claimsHead, claimLine, refundLine(3), c, want...)
	}
	relief := func(name string, c cells, want ...string) {
		run("relief/"+name, reliefHead, reliefLine, reliefLine(3), c, want...)
	}

	roster("ID as number", cells{"D": 9.90001197001e17}, "E-ID-NUMERIC D")
	roster("no ID", cells{"D": nil}, "E-ID-MISSING D")
	roster("short ID", cells{"D": "99000119700102"}, "E-ID-FORMAT D")
	roster("ID of no day", cells{"D": testID(19700230, 3)}, "E-ID-DATE D")
	roster("wrong check character", cells{"D": wrongCheck(3)}, "E-ID-CHECKSUM D")
	roster("wrong head", cells{"I": wrongCheck(4)}, "E-ID-CHECKSUM I")
	roster("head in words", cells{"I": testNames[2]}, "E-ID-FORMAT I")
	roster("no op", cells{"B": nil}, "E-OP-MISSING B")
	roster("unknown op", cells{"B": "更新"}, "E-OP B")
	roster("no category", cells{"E": nil}, "E-CATEGORY-MISSING E")
	roster("a dash for a category", cells{"E": "/"}, "E-CATEGORY-MISSING E")
	roster("unknown category", cells{"E": "低保,甲类"}, "E-CATEGORY E")
	roster("支出型困难", cells{"E": "支出型困难"}, "E-CATEGORY-EXPENDITURE E")
	roster("impossible date", cells{"G": "2024-02-30"}, "E-DATE G")
	roster("serial number", cells{"G": 45300}, "E-DATE G")
	roster("January or October", cells{"G": 2023.1}, "E-DATE G")
	roster("future date", cells{"G": "2024-03-16"}, "E-DATE-FUTURE G")
	roster("no start", cells{"G": nil}, "E-DATE-MISSING G")
	roster("change without a date", cells{"B": "变更", "G": nil}, "E-DATE-MISSING G")
	roster("removal without end", cells{"B": "退出"}, "E-DATE-MISSING H")
	roster("end before start", cells{"H": "2023-12-31"}, "E-DATE-ORDER H")
	roster("removal before start", cells{"B": "退出", "H": "2023-12-31"}, "E-DATE-ORDER H")
	roster("end on the day of the start", cells{"H": "2024-01-04"}, "E-DATE-ORDER H")
	roster("certificate run out before", cells{"K": "2023-12-31"}, "E-DATE-ORDER K")
	roster("bad expiry", cells{"K": "2030-13-01"}, "E-DATE K")
	roster("bad level", cells{"J": "重"}, "E-LEVEL J")
	roster("no level", cells{"E": "低保,残疾"}, "E-LEVEL-MISSING J")
	roster("bad level of a disabled person", cells{"E": "残疾", "J": "重"}, "E-LEVEL J")
	roster("level against the category", cells{"E": "重残", "J": "三级"}, "E-LEVEL J")
	roster("formula", cells{"D": formula("A1&A2")}, "E-FORMULA D")
	roster("two formulas and a bad date", cells{"I": formula("A1"), "D": formula("A1"), "G": "x"}, "E-FORMULA D", "E-FORMULA I", "E-DATE G")
	roster("every cell", cells{"B": "x", "D": "x", "E": "x", "G": "x", "H": "x", "I": "x", "J": "x", "K": "x"},
		"E-ID-FORMAT D", "E-OP B", "E-CATEGORY E", "E-DATE G", "E-DATE H", "E-DATE K", "E-LEVEL J", "E-ID-FORMAT I")
	roster("shifted to the left", cells{"A": "新增", "B": testNames[0], "C": testID(19700102, 3), "D": "低保", "E": "因病", "F": "2024-01-01", "G": nil},
		"E-ID-FORMAT D", "E-OP B", "E-CATEGORY E")
	roster("shifted to the right", cells{"B": nil, "C": "新增", "D": testNames[0], "E": testID(19700102, 3), "G": testNames[1], "H": testID(19400102, 3)},
		"E-ID-FORMAT D", "E-OP-MISSING B", "E-CATEGORY E", "E-DATE G", "E-DATE H")
	roster("the name in another cell", cells{"E": testNames[1], "B": "新增" + testNames[1]}, "E-OP B", "E-CATEGORY E")

	claims("ID", cells{"B": wrongCheck(3)}, "E-ID-CHECKSUM B")
	claims("no setl_id", cells{"A": nil}, "E-SETL-ID A")
	claims("rounded setl_id", cells{"A": "3.30E+17"}, "E-SETL-ID A")
	claims("long numeric setl_id", cells{"A": 9.90001197001e17}, "E-SETL-ID A")
	claims("conflict", cells{"A": "S1"}, "E-CLAIM-CONFLICT A")
	claims("no time", cells{"M": nil}, "E-DATE-MISSING M")
	claims("bad time", cells{"M": "2024-01-08 25:00:00"}, "E-DATE M")
	claims("future time", cells{"M": "2024-03-16 00:00:01"}, "E-DATE-FUTURE M")
	claims("future end", cells{"L": "2024-05-01"}, "E-DATE-FUTURE L")
	claims("end before begin", cells{"L": "2023-12-31"}, "E-DATE-ORDER L")
	claims("no total", cells{"N": nil}, "E-AMOUNT-MISSING N")
	claims("no scope", cells{"O": nil}, "E-AMOUNT-MISSING O")
	claims("words", cells{"U": "约五十"}, "E-AMOUNT U")
	claims("three decimals", cells{"S": 30.125}, "E-AMOUNT S")
	claims("negative", cells{"U": -50}, "E-AMOUNT-NEGATIVE U")
	claims("negative in a sum", cells{"R": -2}, "E-AMOUNT-NEGATIVE R")
	claims("all negative", cells{"N": -1003, "O": -800, "P": -400, "Q": nil, "R": nil, "S": nil, "T": nil, "U": nil, "V": nil},
		"E-AMOUNT-NEGATIVE N", "E-AMOUNT-NEGATIVE O", "E-AMOUNT-NEGATIVE P")
	claims("scope above total", cells{"O": 1003.01}, "E-AMOUNT-SCOPE O")
	claims("sum above total", cells{"P": 877.01}, "E-AMOUNT-SUM N")
	claims("no med_type", cells{"E": nil}, "E-CODE-MEDTYPE E")
	claims("unknown med_type", cells{"E": "99"}, "E-CODE-MEDTYPE E")
	claims("broken med_type", cells{"E": 21.5}, "E-CODE-MEDTYPE E")
	claims("unknown hosp_lv", cells{"J": "77"}, "E-CODE-HOSPLV J")
	claims("a level or a code", cells{"J": "2"}, "E-CODE-HOSPLV J")
	claims("unknown insutype", cells{"D": "999"}, "E-CODE-INSUTYPE D")
	claims("unknown pay_loc", cells{"Z": "9"}, "E-CODE-PAYLOC Z")
	claims("referral without a place", cells{"Z": nil, "AA": "1"}, "E-PAYLOC-MISSING Z")
	claims("no referral without a place", cells{"Z": nil, "AA": "0"}, "E-PAYLOC-MISSING Z")
	claims("no referral elsewhere", cells{"Z": "4"}, "E-REFERRAL-MISSING AA")
	claims("unknown referral", cells{"Z": "3", "AA": "2"}, "E-CODE-REFERRAL AA")
	claims("unknown in_province", cells{"Z": "3", "AA": "1", "AB": "浙江"}, "E-CODE-PROVINCE AB")
	claims("here and outside the province", cells{"AA": "1", "AB": "0"}, "E-CODE-PROVINCE AB")
	claims("unknown refund flag", cells{"X": "9"}, "E-CODE-REFUND X")
	claims("minus one is no flag", cells{"X": "-1"}, "E-CODE-REFUND X")
	claims("formula", cells{"N": formula("1+1")}, "E-FORMULA N")
	claims("the ID as a referral", cells{"Z": "4", "AA": testID(19700102, 3)}, "E-CODE-REFERRAL AA")
	claims("the ID as an amount", cells{"U": testID(19700102, 3)}, "E-AMOUNT U")
	claims("the ID in two parts as a date", cells{"K": "990001 19700102 0031"}, "E-DATE K")
	claims("the name as a code", cells{"E": testNames[1]}, "E-CODE-MEDTYPE E")
	claims("the ID as everything", cells{"D": testID(19700102, 3), "E": testID(19700102, 3), "J": testID(19700102, 3), "X": testID(19700102, 3), "Z": testID(19700102, 3)},
		"E-CODE-MEDTYPE E", "E-CODE-HOSPLV J", "E-CODE-INSUTYPE D", "E-CODE-PAYLOC Z", "E-CODE-REFUND X")

	refund("no original", cells{"Y": nil}, "E-REFUND-ORIGINAL Y")
	refund("rounded original", cells{"Y": "3.30E+17"}, "E-REFUND-ORIGINAL Y")
	refund("positive", cells{"N": 1003}, "E-REFUND-SIGN N")
	refund("positive part", cells{"V": 3}, "E-REFUND-SIGN V")
	refund("scope above total", cells{"O": -1004}, "E-AMOUNT-SCOPE O")

	relief("ID", cells{"A": nil}, "E-ID-MISSING A")
	relief("no date", cells{"C": nil}, "E-DATE-MISSING C")
	relief("bad date", cells{"C": "二月"}, "E-DATE C")
	relief("future date", cells{"C": "2024-04-01"}, "E-DATE-FUTURE C")
	relief("no source", cells{"D": nil}, "E-RELIEF-SOURCE D")
	relief("unknown source", cells{"D": "亲友"}, "E-RELIEF-SOURCE D")
	relief("the name as source", cells{"D": testNames[1]}, "E-RELIEF-SOURCE D")
	relief("no amount", cells{"E": nil}, "E-AMOUNT-MISSING E")
	relief("bad amount", cells{"E": "五百"}, "E-AMOUNT E")
	relief("negative amount", cells{"E": -500}, "E-AMOUNT-NEGATIVE E")

	for _, code := range codesInSource(t) {
		if isRowCode(code) && !made[code] {
			t.Errorf("no row here gives %s", code)
		}
	}
}

// TestMessagesShow: where a row's ID stands in its column, messages do say what
// was not understood.
func TestMessagesShow(t *testing.T) {
	bad := change(rosterLine(3), map[string]any{"B": "更新", "E": "低保,甲类", "G": "2024-02-30"})
	_, rep := take(t, newMemory(), putBook(t, table{"表", [][]any{rosterHead, bad}}), testOptions(t))
	wantErrors(t, rep, "E-OP B2", "E-CATEGORY E2", "E-DATE G2")
	for i, says := range []string{"“更新”", "“甲类”", "“2024-02-30”"} {
		if !strings.Contains(rep.Errors[i].Message, says) {
			t.Errorf("%s does not say %s", rep.Errors[i].Message, says)
		}
	}
}

func TestRosterEvents(t *testing.T) {
	type event struct {
		op     rules.Op
		cat    rules.Category
		cause  rules.Cause
		date   civil.Date
		level  uint8
		expiry civil.Date
	}
	for _, tt := range []struct {
		name  string
		cells map[string]any
		want  []event
	}{
		{"one", nil, []event{{rules.Add, rules.Dibao, rules.Illness, 20240104, 0, 0}}},
		{"several categories", map[string]any{"E": "低保,残疾", "F": nil, "J": "二级", "K": "2030-12-31"},
			[]event{{rules.Add, rules.Dibao, rules.NoCause, 20240104, 0, 0}, {rules.Add, rules.Canji, rules.NoCause, 20240104, 2, 20301231}}},
		{"an expiry of one category", map[string]any{"F": nil, "K": "2030-12-31"}, []event{{rules.Add, rules.Dibao, rules.NoCause, 20240104, 0, 20301231}}},
		{"a certificate without end", map[string]any{"E": "重残", "F": nil, "K": "长期"}, []event{{rules.Add, rules.Canji, rules.NoCause, 20240104, 2, 0}}},
		{"the column's level is the exact one", map[string]any{"E": "重残", "F": nil, "J": 1}, []event{{rules.Add, rules.Canji, rules.NoCause, 20240104, 1, 0}}},
		{"added and removed", map[string]any{"H": "2024-02-01"},
			[]event{{rules.Add, rules.Dibao, rules.Illness, 20240104, 0, 0}, {rules.Remove, rules.Dibao, rules.NoCause, 20240201, 0, 0}}},
		{"two added and removed", map[string]any{"E": "低保、特困", "F": nil, "H": "2024-02-01"},
			[]event{{rules.Add, rules.Dibao, rules.NoCause, 20240104, 0, 0}, {rules.Remove, rules.Dibao, rules.NoCause, 20240201, 0, 0},
				{rules.Add, rules.Tekun, rules.NoCause, 20240104, 0, 0}, {rules.Remove, rules.Tekun, rules.NoCause, 20240201, 0, 0}}},
		{"removed", map[string]any{"B": "退出", "H": "2024-02-01"}, []event{{rules.Remove, rules.Dibao, rules.NoCause, 20240201, 0, 0}}},
		{"removed on the day it was recognised", map[string]any{"B": "退出", "H": "2024-01-04"}, []event{{rules.Remove, rules.Dibao, rules.NoCause, 20240104, 0, 0}}},
		{"removed from everything", map[string]any{"B": "退出", "E": nil, "H": "2024-02-01"}, []event{{rules.Remove, rules.NoCategory, rules.NoCause, 20240201, 0, 0}}},
		{"changed", map[string]any{"B": "变更", "E": "低边"}, []event{{rules.Change, rules.Dibian, rules.Illness, 20240104, 0, 0}}},
		{"by illness in the category", map[string]any{"E": "支出型困难,因病纳入低保", "F": nil}, []event{{rules.Add, rules.Dibao, rules.Illness, 20240104, 0, 0}}},
		{"two words for one category", map[string]any{"E": "低保,因病纳入低保", "F": nil}, []event{{rules.Add, rules.Dibao, rules.Illness, 20240104, 0, 0}}},
		{"an Excel date", map[string]any{"F": nil, "G": asDate(45295)}, []event{{rules.Add, rules.Dibao, rules.NoCause, 20240104, 0, 0}}},
		{"a level of nobody disabled", map[string]any{"F": nil, "J": "无"}, []event{{rules.Add, rules.Dibao, rules.NoCause, 20240104, 0, 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			f, rep := take(t, m, putBook(t, table{"表", [][]any{rosterHead, change(rosterLine(3), tt.cells)}}), testOptions(t))
			wantErrors(t, rep)
			wantTotals(t, f, 1, 1, 0, 0, 0)
			var got []event
			for _, e := range m.events {
				got = append(got, event{e.Op, e.Category, e.Cause, e.Date, e.Level, e.Expiry})
				if e.Person != m.people[testID(19700102, 3)] || e.Head != m.people[testID(19400102, 3)] || e.Name != m.names[testNames[1]] ||
					e.Src != (ledger.Source{Seq: 5, Sheet: "表", Row: 2}) || e.Area != "990001" || e.Township != "城关镇" || e.Village != "东村" || e.Dept != "民政局" || e.Month != 202402 {
					t.Errorf("%+v", e)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRosterLayouts(t *testing.T) {
	id := testID(19700102, 3)
	for _, tt := range []struct {
		name   string
		rows   [][]any
		header int
	}{
		{"titles, notes and blank lines above", [][]any{{"城关镇困难人员名单"}, {nil, "填报单位：民政局", "2024年2月"}, {}, {"说明：请勿改动表头"},
			{"变动类型", "姓名", "身份证号", "困难类别", "认定日期"}, {"新增", testNames[0], id, "低保", "2024-01-04"}}, 5},
		{"another order", [][]any{{"认定日期", "困难类别", "身份证号", "姓名", "变动类型"}, {"2024-01-04", "低保", id, testNames[0], "新增"}}, 1},
		{"line breaks and brackets", [][]any{{"变动\n类型", "姓 名", "身份证\n号码（必填）", "困难类别【单选】", "*认定日期(年月日)"}, {"新增", testNames[0], id, "低保", "2024-01-04"}}, 1},
		{"full width and capitals", [][]any{{"变动类型", "ＰＳＮ_ＮＡＭＥ", "CERTNO", "Category", "纳入时间"}, {"新增", testNames[0], id, "低保", "2024-01-04"}}, 1},
		{"the office's own names", [][]any{{"变动类型", "当事人", "证号", "困难类别", "认定日期"}, {"新增", testNames[0], id, "低保", "2024-01-04"}}, 1},
		{"a space in the name, a tab behind the ID", [][]any{{"变动类型", "姓名", "身份证号", "困难类别", "认定日期"}, {"新增", "测 甲　甲", id + "\t", "低保", "2024-01-04"}}, 1},
	} {
		for _, format := range []string{"xlsx", "csv"} {
			t.Run(tt.name+"/"+format, func(t *testing.T) {
				o := testOptions(t)
				o.Columns = map[string][]string{"name": {"当事人"}, "certno": {"证号"}}
				path := putRows(t, tt.rows...)
				if format == "xlsx" {
					path = putBook(t, table{"表", tt.rows})
				}
				m := newMemory()
				f, rep := take(t, m, path, o)
				wantErrors(t, rep)
				wantTotals(t, f, 1, 1, 0, 0, 0)
				if f.Kind != "roster" || rep.Tables["表"] != tt.header {
					t.Errorf("kind %s, header in row %d", f.Kind, rep.Tables["表"])
				}
				if len(m.events) != 1 || m.events[0].Date != 20240104 || m.people[id] == 0 || m.names[testNames[0]] == 0 || m.events[0].Dept != "民政" {
					t.Errorf("%+v %v", m.events, m.names)
				}
			})
		}
	}
}

// TestExtras: what no field claims stays with the row, whatever its title.
func TestExtras(t *testing.T) {
	rows := [][]any{
		{"备注", "变动类型", "姓名", "身份证号", "困难类别", "认定日期", "联系电话", "备注", nil, "身份证号码"},
		{"甲", "新增", testNames[0], testID(19700102, 3), "低保", "2024-01-04", "0571", "乙", "丙", "丁", "戊"},
	}
	m := newMemory()
	_, rep := take(t, m, putBook(t, table{"表", rows}), testOptions(t))
	want := map[string]string{"备注": "甲", "联系电话": "0571", "备注（H列）": "乙", "（I列）": "丙", "身份证号码": "丁", "（K列）": "戊"}
	var got map[string]string
	if len(m.events) != 1 {
		t.Fatalf("%+v", rep.Errors)
	}
	if err := json.Unmarshal(m.events[0].Extra, &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	wantNote(t, rep, "J 列", "身份证号码", "只用 D 列")
}

func TestExtrasOfClaims(t *testing.T) {
	head := append(slices.Clone(claimsHead), "mdtrt_id", "acct_pay", "病区")
	m := newMemory()
	take(t, m, putRows(t, head, append(claimLine(1), "M1", "12.345", "三病区")), testOptions(t))
	want := map[string]string{"mdtrt_id": "M1", "acct_pay": "12.345", "病区": "三病区"}
	var got map[string]string
	if len(m.claims) != 1 {
		t.Fatal("the claim was not taken")
	}
	if err := json.Unmarshal(m.claims[0].Extra, &got); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestVocabularies reads one settlement under the names of both vocabularies,
// and in Chinese.
func TestVocabularies(t *testing.T) {
	row := claimLine(3)
	row[22] = 7 // hosp_part_amt
	row[25], row[26], row[27] = "4", "1", nil
	second := slices.Clone(claimsHead)
	for i, title := range second {
		if s, ok := map[any]string{"dise_codg": "dise_no", "inscp_scp_amt": "inscp_amt", "oth_pay": "othfund_pay", "hosp_part_amt": "ownpay_hosp_part"}[title]; ok {
			second[i] = s
		}
	}
	chinese := []any{"结算ID", "证件号码", "人员姓名", "险种类型", "医疗类别", "病种编码", "病种名称", "定点医药机构编号", "定点医药机构名称", "医院等级",
		"开始日期", "结束日期", "结算时间", "医疗费总额（元）", "符合政策范围金额", "基本医疗保险统筹基金支出", "公务员医疗补助资金支出", "企业补充医疗保险基金支出",
		"居民大病保险资金支出", "职工大额医疗费用补助基金支出", "医疗救助基金支出", "其他支出", "医院负担金额", "退费结算标志", "原结算ID", "支付地点类别", "转诊标志", "是否省内"}
	for name, head := range map[string][]any{"one": claimsHead, "other": second, "Chinese": chinese} {
		for _, format := range []string{"xlsx", "csv"} {
			t.Run(name+"/"+format, func(t *testing.T) {
				path := putRows(t, head, row)
				if format == "xlsx" {
					path = putBook(t, table{"表", [][]any{head, row}})
				}
				m := newMemory()
				f, rep := take(t, m, path, testOptions(t))
				wantErrors(t, rep)
				wantTotals(t, f, 1, 1, 0, 0, 0)
				want := ledger.Claim{Claim: rules.Claim{ID: "S3", At: 20240108_103000, Kind: rules.Inpatient, Referral: rules.Referred, OutOfProvince: true, Level: 2, DiseaseCode: "i10",
					Total: 1003_00, InScope: 800_00, Basic: 400_00, Other: 6_00, Major: 70_00, Assist: 50_00, Hosp: 7_00},
					Src: ledger.Source{Seq: 5, Sheet: "表", Row: 2}, Area: "990001", Person: 1, Name: 1, Hospital: "H99000100001", HospName: "县医院", Disease: "高血压",
					Insutype: "390", MedType: "21", Begin: 20240101, End: 20240108}
				if len(m.claims) != 1 || fmt.Sprintf("%+v", m.claims[0]) != fmt.Sprintf("%+v", want) {
					t.Errorf("got  %+v\nwant %+v", m.claims, want)
				}
				if f.Amount != 1003_00 || f.AmountTaken != 1003_00 || f.Kind != "claims" || f.Claims != 1 || f.Refunds != 0 {
					t.Errorf("%+v", f)
				}
			})
		}
	}
}

// TestMoreVocabulary: the person's own shares have two coded names each, and are
// kept as written.
func TestMoreVocabulary(t *testing.T) {
	for _, names := range [][2]any{{"psn_part_amt", "psn_cash_pay"}, {"psn_pay", "cash_payamt"}, {"个人负担总金额", "个人现金支出"}} {
		m := newMemory()
		take(t, m, putRows(t, append(slices.Clone(claimsHead), names[0], names[1]), append(claimLine(1), "470", "460")), testOptions(t))
		if len(m.claims) != 1 || string(m.claims[0].Extra) != `{"psn_cash_pay":"460","psn_part_amt":"470"}` {
			t.Errorf("%v: %+v", names, m.claims)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		loc, flag, inProvince any
		want                  rules.Referral
		outside               bool
	}{
		{"nothing said", nil, nil, nil, rules.Local, false},
		{"local", "2", nil, nil, rules.Local, false},
		{"local, as number", 1, nil, nil, rules.Local, false},
		{"local with the platform's 0", "1", "0", nil, rules.Local, false},
		{"in the province, by the rules", "3", "1", nil, rules.Referred, false},
		{"in the province, not by the rules", "3", 0, nil, rules.Unreferred, false},
		{"outside, by the rules", "4", "是", nil, rules.Referred, true},
		{"in_province outweighs pay_loc", "4", "1", "1", rules.Referred, false},
		{"and the other way round", "3", "1", "否", rules.Referred, true},
		{"in_province alone", nil, "0", "0", rules.Unreferred, true},
		{"within, without pay_loc", nil, nil, "1", rules.Local, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			row := change(claimLine(1), map[string]any{"Z": tt.loc, "AA": tt.flag, "AB": tt.inProvince})
			_, rep := take(t, m, putBook(t, table{"表", [][]any{claimsHead, row}}), testOptions(t))
			wantErrors(t, rep)
			if len(m.claims) != 1 || m.claims[0].Referral != tt.want || m.claims[0].OutOfProvince != tt.outside {
				t.Errorf("%+v", m.claims)
			}
		})
	}
	// Without a column for the place the referral is to blame.
	head, row := claimsHead[:25:25], claimLine(1)[:25:25]
	_, rep := take(t, newMemory(), putBook(t, table{"表", [][]any{append(head, "trt_flag"), append(row, "0")}}), testOptions(t))
	wantErrors(t, rep, "E-PAYLOC-MISSING Z2")
}

func TestCodes(t *testing.T) {
	m := newMemory()
	rows := [][]any{claimsHead,
		change(claimLine(1), map[string]any{"E": 21, "J": 5, "D": 390}),            // numbers lose leading zeros
		change(claimLine(2), map[string]any{"E": "140104", "J": " ０９ ", "D": nil}), // special outpatient care
		change(claimLine(3), map[string]any{"E": "41", "J": "11"}),
		change(claimLine(4), map[string]any{"E": "52", "J": nil}),
	}
	f, rep := take(t, m, putBook(t, table{"表", rows}), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 4, 4, 0, 0, 0)
	wantNote(t, rep, "表", "2 条结算没有医院等级")
	for i, want := range []struct {
		kind  rules.Kind
		level uint8
	}{{rules.Inpatient, 2}, {rules.OutpatientSpecial, 1}, {rules.Pharmacy, 1}, {rules.Maternity, 1}} {
		if c := m.claims[i]; c.Kind != want.kind || c.Level != want.level {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
}

func TestRefunds(t *testing.T) {
	m := newMemory()
	// A refund may come before what it takes back.
	f, rep := take(t, m, putRows(t, claimsHead, refundLine(1), claimLine(2), claimLine(1)), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 3, 3, 0, 0, 0)
	if f.Claims != 2 || f.Refunds != 1 || f.Amount != 1002_00 || f.AmountTaken != 1002_00 {
		t.Errorf("%+v", f)
	}
	c := m.claims[0]
	if !c.Refund || c.RefundOf != "S1" || c.ID != "R1" || c.Total != 1001_00 || c.InScope != 800_00 || c.Basic != 400_00 || c.Other != 6_00 || c.Major != 70_00 || c.Assist != 50_00 {
		t.Errorf("%+v", c)
	}
	// A refund with the wrong sign counts in the control total as it was sent.
	f, _ = take(t, newMemory(), putRows(t, claimsHead, change(refundLine(1), map[string]any{"N": 1001})), testOptions(t))
	if f.Amount != 1001_00 || f.AmountTaken != 0 {
		t.Errorf("control totals %s, %s", f.Amount, f.AmountTaken)
	}
}

func TestRepeatsAndConflicts(t *testing.T) {
	o := testOptions(t)
	m := newMemory()
	again := change(claimLine(1), map[string]any{"C": "测 乙 乙", "M": "2024/1/8 10:30:00", "N": "1,001.00"}) // the same, written otherwise
	other := change(claimLine(2), map[string]any{"U": 49})
	path := putRows(t, claimsHead, claimLine(1), claimLine(2), again, other)
	f, rep := take(t, m, path, o)
	wantTotals(t, f, 4, 2, 1, 1, 0)
	wantErrors(t, rep, "E-CLAIM-CONFLICT A5")
	if m.claims[1].Assist != 50_00 || f.AmountTaken != 2003_00 || f.Amount != 4006_00 {
		t.Errorf("%+v %+v", m.claims, f)
	}
	f, rep = take(t, m, path, o)
	wantTotals(t, f, 4, 0, 3, 1, 0)
	wantErrors(t, rep, "E-CLAIM-CONFLICT A5")
	if f.AmountTaken != 0 || f.Claims != 0 || len(m.claims) != 2 {
		t.Errorf("%+v", f)
	}

	m = newMemory()
	path = putRows(t, rosterHead, rosterLine(1), rosterLine(2), rosterLine(1))
	f, _ = take(t, m, path, o)
	wantTotals(t, f, 3, 2, 1, 0, 0)
	f, _ = take(t, m, path, o)
	wantTotals(t, f, 3, 0, 3, 0, 0)
	// A row of which one category is new is taken.
	f, _ = take(t, m, putRows(t, rosterHead, change(rosterLine(1), map[string]any{"E": "低保,特困"})), o)
	wantTotals(t, f, 1, 1, 0, 0, 0)
	if f.Events != 1 {
		t.Errorf("%d events", f.Events)
	}

	m = newMemory()
	path = putRows(t, reliefHead, reliefLine(1), reliefLine(2), reliefLine(1))
	f, _ = take(t, m, path, o)
	wantTotals(t, f, 3, 2, 1, 0, 0)
	f, _ = take(t, m, path, o)
	wantTotals(t, f, 3, 0, 3, 0, 0)
	if f.Amount != 1500_00 || f.AmountTaken != 0 || f.Kind != "relief" {
		t.Errorf("%+v", f)
	}
}

// TestErrorsInOrder: conflicts are found a batch late and must not stand behind
// the errors of later rows, nor may a batch lose rows.
func TestErrorsInOrder(t *testing.T) {
	rows := [][]any{claimsHead}
	for n := range 2*batch + 7 {
		rows = append(rows, claimLine(n))
	}
	rows[3] = change(claimLine(0), map[string]any{"N": 2000})
	rows[5] = change(claimLine(3), map[string]any{"M": "x"})
	rows[2*batch+5] = change(claimLine(0), map[string]any{"N": 3000})
	m := newMemory()
	f, rep := take(t, m, putRows(t, rows...), testOptions(t))
	wantTotals(t, f, 2*batch+7, 2*batch+4, 0, 3, 0)
	wantErrors(t, rep, "E-CLAIM-CONFLICT A4", "E-DATE M6", "E-CLAIM-CONFLICT A"+strconv.Itoa(2*batch+6))
}

func TestRelief(t *testing.T) {
	m := newMemory()
	rows := [][]any{reliefHead, reliefLine(1)}
	for i, s := range []string{"惠民保赔付", "总工会", "临时救助", "慈善救助", "残联", "其他", "医疗互助", "专项基金"} {
		rows = append(rows, change(reliefLine(i+2), map[string]any{"D": s}))
	}
	f, rep := take(t, m, putRows(t, rows...), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 9, 9, 0, 0, 0)
	var kinds []string
	for _, r := range m.reliefs {
		kinds = append(kinds, r.Kind)
	}
	if want := []string{"慈善", "惠民保", "工会", "临时救助", "慈善", "残联", "其他", "医疗互助", "专项基金"}; !slices.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
	want := ledger.Relief{Src: ledger.Source{Seq: 5, Sheet: "表", Row: 2}, Area: "990001", Person: 1, Name: 1, Date: 20240202, Kind: "慈善", Amount: 500_00, Note: "备注"}
	got := m.reliefs[0]
	if !strings.Contains(string(got.Extra), "备注") {
		t.Errorf("the note is not kept: %s", got.Extra)
	}
	if got.Extra = nil; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestUnits(t *testing.T) {
	head := func(amount string) []any { return []any{"身份证号", "帮扶日期", "帮扶来源", amount} }
	line := func(v any) []any { return []any{testID(19700102, 1), "2024-02-02", "慈善", v} }
	for _, tt := range []struct {
		name string
		rows [][]any
		want money.Fen
	}{
		{"in the title", [][]any{head("帮扶金额（万元）"), line("1.25")}, 12500_00},
		{"yuan in the title", [][]any{head("帮扶金额(元)"), line("1.25")}, 1_25},
		{"above the table", [][]any{{"帮扶明细"}, {nil, nil, nil, "单位：万元"}, head("帮扶金额"), line("1.25")}, 12500_00},
		{"above the table, with the currency", [][]any{{"金额单位:人民币万元"}, head("帮扶金额"), line("1.25")}, 12500_00},
		{"above the table, but the title has its own", [][]any{{"单位：万元"}, head("帮扶金额（元）"), line("1.25")}, 1_25},
		{"yuan above the table", [][]any{{"单位：元"}, head("帮扶金额"), line("1.25")}, 1_25},
		{"a place of that name", [][]any{{"填报单位：城关镇", "共1.5万元"}, head("帮扶金额"), line("1.25")}, 1_25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			_, rep := take(t, m, putRows(t, tt.rows...), testOptions(t))
			wantErrors(t, rep)
			if len(m.reliefs) != 1 || m.reliefs[0].Amount != tt.want {
				t.Errorf("%+v, want %s", m.reliefs, tt.want)
			}
		})
	}
}

// TestNoData: totals, repeated headers and notes are left out, and only these.
func TestNoData(t *testing.T) {
	total := make([]any, len(rosterHead))
	total[0], total[2] = "合计", "2人"
	rows := [][]any{{"名单"}, rosterHead, rosterLine(1), rosterHead, rosterLine(2), {},
		total,
		{nil, nil, nil, "小计", 2}, // in the ID's column
		{"注：本表一式两份"},             // a note
		{"制表人：" + testNames[2], nil, "审核人：" + testNames[3]}, // signatures
		{"7"},                             // an empty, numbered line
		{8, nil, testNames[4], nil, "低保"}, // a person without an ID
	}
	m := newMemory()
	f, rep := take(t, m, putBook(t, table{"表", rows}), testOptions(t))
	wantTotals(t, f, 3, 2, 0, 1, 6)
	wantErrors(t, rep, "E-ID-MISSING D12", "E-OP-MISSING B12")
	wantNote(t, rep, "第 9 行", "说明文字")
	wantNote(t, rep, "第 10 行", "说明文字")
	wantNote(t, rep, "第 11 行", "说明文字")
	if len(rep.Notes) != 3 {
		t.Errorf("%q", rep.Notes)
	}
}

// TestManyEmptyLines: a form with numbered, empty lines does not flood the notes.
func TestManyEmptyLines(t *testing.T) {
	rows := [][]any{rosterHead, rosterLine(1)}
	for n := range 100 {
		rows = append(rows, []any{n + 2})
	}
	f, rep := take(t, newMemory(), putRows(t, rows...), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 100)
	wantNote(t, rep, "另有 95 行")
	if len(rep.Notes) != 6 {
		t.Errorf("%q", rep.Notes)
	}
}

// TestFormulaRows: a row whose cells are formulas without results looks empty
// but is not.
func TestFormulaRows(t *testing.T) {
	row := make([]any, len(rosterHead))
	for i := range row {
		row[i] = formula("A1")
	}
	short := []any{nil, nil, testNames[0], formula("A1")}
	f, rep := take(t, newMemory(), putBook(t, table{"表", [][]any{rosterHead, rosterLine(1), row, short}}), testOptions(t))
	wantTotals(t, f, 3, 1, 0, 2, 0)
	if !slices.ContainsFunc(rep.Errors, func(e RowError) bool { return e.Code == "E-FORMULA" && e.Column == "D" && e.Row == 3 }) ||
		!slices.ContainsFunc(rep.Errors, func(e RowError) bool { return e.Code == "E-FORMULA" && e.Column == "D" && e.Row == 4 }) {
		t.Errorf("%+v", rep.Errors)
	}
}

// TestTextDates: in a text file 2023.1 may have been the number 2023.10.
func TestTextDates(t *testing.T) {
	row := change(rosterLine(1), map[string]any{"G": "2023.1"})
	_, rep := take(t, newMemory(), putRows(t, rosterHead, row), testOptions(t))
	wantErrors(t, rep, "E-DATE G2")
	m := newMemory()
	_, rep = take(t, m, putBook(t, table{"表", [][]any{rosterHead, row}}), testOptions(t))
	wantErrors(t, rep)
	if len(m.events) != 1 || m.events[0].Date != 20230101 {
		t.Errorf("%+v", m.events)
	}
}

func TestSheets(t *testing.T) {
	path := putBook(t,
		table{"说明", [][]any{{"填表说明"}, {"请勿改动"}}},
		table{"名单", [][]any{rosterHead, rosterLine(1), change(rosterLine(2), map[string]any{"G": "x"})}},
		table{"空", nil},
		table{"结算", [][]any{{"导出"}, claimsHead, claimLine(1), change(claimLine(2), map[string]any{"M": "x"})}},
		table{"帮扶", [][]any{reliefHead, reliefLine(1)}})
	m := newMemory()
	f, rep := take(t, m, path, testOptions(t))
	wantTotals(t, f, 5, 3, 0, 2, 0)
	if f.Kind != "mixed" || f.Events != 1 || f.Claims != 1 || f.Reliefs != 1 {
		t.Errorf("%+v", f)
	}
	var kinds []string
	for _, s := range f.Totals {
		kinds = append(kinds, s.Sheet+" "+s.Kind)
	}
	if want := []string{"名单 roster", "结算 claims", "帮扶 relief"}; !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
	if !maps.Equal(rep.Tables, map[string]int{"名单": 1, "结算": 2, "帮扶": 1}) {
		t.Errorf("%v", rep.Tables)
	}
	wantErrors(t, rep, "E-DATE G3", "E-DATE M4")
	if rep.Errors[0].Sheet != "名单" || rep.Errors[1].Sheet != "结算" {
		t.Errorf("%+v", rep.Errors)
	}
	wantNote(t, rep, "说明", "没有可识别的表头")
	if len(rep.Notes) != 1 {
		t.Errorf("an empty sheet needs no note: %q", rep.Notes)
	}

	// With the kind given, other tables are left alone.
	o := testOptions(t)
	o.Kind = Claims
	f, rep = take(t, newMemory(), path, o)
	wantTotals(t, f, 2, 1, 0, 1, 0)
	if f.Kind != "claims" {
		t.Errorf("kind %s", f.Kind)
	}
	wantNote(t, rep, "名单", "未读取")
}

func TestHiddenIsSaid(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	err := f.SetSheetName("Sheet1", "名单")
	put := func(name string, rows ...[]any) {
		for y, row := range rows {
			err = errors.Join(err, f.SetSheetRow(name, "A"+strconv.Itoa(y+1), &row))
		}
	}
	put("名单", rosterHead, rosterLine(1), rosterLine(2))
	_, e := f.NewSheet("旧")
	err = errors.Join(err, e)
	put("旧", rosterHead, rosterLine(3))
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := errors.Join(err, f.SetRowVisible("名单", 3, false), f.SetSheetVisible("旧", false), f.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	tot, rep := take(t, newMemory(), path, testOptions(t))
	wantTotals(t, tot, 3, 3, 0, 0, 0)
	wantNote(t, rep, "名单", "1 行是隐藏的")
	wantNote(t, rep, "工作表 旧 是隐藏的")
}

// TestRightKind: a table is what its columns make it, though another kind may
// share many of them.
func TestRightKind(t *testing.T) {
	head := append(slices.Clone(reliefHead), "困难类别", "致困原因", "乡镇", "村", "来源部门", "残疾等级", "认定日期")
	f, rep := take(t, newMemory(), putRows(t, head, append(reliefLine(1), "低保", nil, nil, nil, nil, nil, nil)), testOptions(t))
	wantErrors(t, rep)
	if f.Kind != "relief" || f.Reliefs != 1 {
		t.Errorf("%+v", f)
	}
	f, _ = take(t, newMemory(), putRows(t, append(slices.Clone(rosterHead), "救助金额"), append(rosterLine(1), "500")), testOptions(t))
	if f.Kind != "roster" || f.Events != 1 {
		t.Errorf("%+v", f)
	}
}

func TestRefused(t *testing.T) {
	o := testOptions(t)
	without := func(head []any, drop ...any) []any {
		return slices.DeleteFunc(slices.Clone(head), func(v any) bool { return slices.Contains(drop, v) })
	}
	for _, tt := range []struct {
		name string
		rows [][]any
		code string
		says []string
	}{
		{"roster without op", [][]any{without(rosterHead, "变动类型")}, "E-ROSTER-NO-OP", []string{"变动类型", "表"}},
		{"roster without category", [][]any{{"名单"}, without(rosterHead, "困难类别")}, "E-FILE-TABLE", []string{"第 2 行", "缺少列：困难类别"}},
		{"claims without amounts", [][]any{without(claimsHead, "medfee_sumamt", "setl_time")}, "E-FILE-TABLE", []string{"第 1 行", "缺少列：结算时间、医疗费总额"}},
		{"relief that looks a little like claims", [][]any{{"姓名", "身份证号", "医院名称", "帮扶日期", "帮扶来源"}}, "E-FILE-TABLE", []string{"缺少列：帮扶金额"}},
		{"a later row comes closer", [][]any{{"姓名", "身份证号", "乡镇"}, without(claimsHead, "certno")}, "E-FILE-TABLE", []string{"第 2 行", "缺少列：证件号码"}},
		{"no table", [][]any{{"通知"}, {"请各乡镇报送"}}, "E-FILE-TABLE", []string{"没有找到"}},
		{"a list without a header", [][]any{rosterLine(1), rosterLine(2)}, "E-FILE-TABLE", []string{"没有找到"}},
		{"a header too far down", append(slices.Repeat([][]any{{"说明"}}, headerWithin), rosterHead, rosterLine(1)), "E-FILE-TABLE", []string{"没有找到"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{putRows(t, tt.rows...), putBook(t, table{"表", tt.rows})} {
				msg := refuse(t, path, o, tt.code)
				for _, s := range tt.says {
					if !strings.Contains(msg, s) {
						t.Errorf("%q does not say %q", msg, s)
					}
				}
			}
		})
	}
	t.Run("the last row for a header", func(t *testing.T) {
		f, _ := take(t, newMemory(), putRows(t, append(slices.Repeat([][]any{{"说明"}}, headerWithin-1), rosterHead, rosterLine(1))...), o)
		wantTotals(t, f, 1, 1, 0, 0, 0)
	})
	t.Run("another kind than asked for", func(t *testing.T) {
		o := o
		o.Kind = Relief
		refuse(t, putRows(t, rosterHead, rosterLine(1)), o, "E-FILE-TABLE")
	})
	t.Run("broken container", func(t *testing.T) {
		refuse(t, putFile(t, "a.csv", "姓名\n\uFFFD\n"), o, sheet.CodeEncoding)
		book, err := os.ReadFile(putBook(t, table{"表", [][]any{rosterHead, rosterLine(1)}}))
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, putFile(t, "a.xlsx", string(book[:len(book)/2])), o, sheet.CodeTruncated)
	})
}

// TestHeaderOnly: a table without rows is a table.
func TestHeaderOnly(t *testing.T) {
	f, rep := take(t, newMemory(), putRows(t, rosterHead), testOptions(t))
	wantTotals(t, f, 0, 0, 0, 0, 0)
	wantErrors(t, rep)
	if f.Kind != "roster" {
		t.Errorf("kind %q", f.Kind)
	}
}

func TestImportStops(t *testing.T) {
	rows := map[string]string{"roster": putRows(t, rosterHead, rosterLine(1)), "claims": putRows(t, claimsHead, claimLine(1)), "relief": putRows(t, reliefHead, reliefLine(1))}
	for name, path := range rows {
		t.Run(name, func(t *testing.T) {
			full := errors.New("no room")
			m := newMemory()
			m.err = full
			if rep, err := Import(context.Background(), path, testOptions(t), &ledger.File{}, m); !errors.Is(err, full) || rep != nil {
				t.Errorf("%v, %v", rep, err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if rep, err := Import(ctx, path, testOptions(t), &ledger.File{}, newMemory()); !errors.Is(err, context.Canceled) || rep != nil {
				t.Errorf("%v, %v", rep, err)
			}
		})
	}
	if _, err := Import(context.Background(), filepath.Join(t.TempDir(), "none"), testOptions(t), &ledger.File{}, newMemory()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
