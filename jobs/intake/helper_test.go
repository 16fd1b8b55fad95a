package intake

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// memory is a ledger.Taker that keeps everything in maps.
type memory struct {
	people  map[string]ledger.PersonNo
	ever    []ledger.PersonNo // whom corrections of IDs named
	names   map[string]int64
	moved   map[ledger.PersonNo]ledger.PersonNo // whose the rows of corrected IDs are
	events  []ledger.Event
	claims  []ledger.Claim
	reliefs []ledger.Relief
	insured []ledger.Enrolment
	months  []ledger.Contribution
	births  []ledger.Birth
	items   []ledger.Item
	paid    []ledger.Transfer
	stated  map[int64][]statedIn // of events
	listed  map[int64][]statedIn // that hold nothing
	dead    map[int64]bool
	content map[string]bool
	byID    map[string]string // area and setl_id → content
	err     error             // given by every call, where set
	seq     ledger.Seq        // of the file that is being taken
	rosters []ledger.File     // that were taken
}

// statedIn is a statement of an event.
type statedIn struct {
	month civil.Month
	by    ledger.Seq
	via   ledger.Via
}

func newMemory() *memory {
	return &memory{stated: map[int64][]statedIn{}, listed: map[int64][]statedIn{}, dead: map[int64]bool{}, people: map[string]ledger.PersonNo{}, names: map[string]int64{}, content: map[string]bool{}, byID: map[string]string{}}
}

func (m *memory) Person(certno string) (ledger.PersonNo, error) {
	if _, ok := m.people[certno]; !ok {
		m.people[certno] = ledger.PersonNo(len(m.people) + 1)
	}
	return m.people[certno], m.err
}

func (m *memory) Whose(p ledger.PersonNo) ledger.PersonNo {
	if to, moved := m.moved[p]; moved {
		return to
	}
	return p
}

func (m *memory) Corrected() []ledger.PersonNo { return m.ever }

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
	content := string(e.Content(nil))
	for _, was := range m.events {
		if !m.dead[was.ID] && string(was.Content(nil)) == content {
			e.ID = was.ID
			if s := (statedIn{e.Month, m.seq, e.Via}); !slices.ContainsFunc(m.stated[e.ID], func(o statedIn) bool { return o.month == s.month && o.by == s.by && o.via == s.via }) {
				m.stated[e.ID] = append(m.stated[e.ID], s)
			}
			return ledger.Repeated, m.err
		}
	}
	e.ID = int64(len(m.events) + 1)
	m.stated[e.ID] = []statedIn{{e.Month, m.seq, e.Via}}
	m.events = append(m.events, *e)
	return ledger.New, m.err
}

func (m *memory) Events() ([]ledger.Event, error) {
	var out []ledger.Event
	for _, e := range m.events {
		if !m.dead[e.ID] {
			out = append(out, e)
		}
	}
	return out, m.err
}

func (m *memory) Stated(month civil.Month) (map[int64]*ledger.Standing, error) {
	out := map[int64]*ledger.Standing{}
	for id, all := range m.stated {
		is := &ledger.Standing{}
		for _, s := range all {
			switch {
			case s.by == m.seq:
			case s.month != month:
				is.Beside++
			default:
				is.By = append(is.By, ledger.Statement{By: s.by, Via: s.via})
			}
		}
		if len(is.By) > 0 {
			out[id] = is
		}
	}
	return out, m.err
}

func (m *memory) Rosters() ([]ledger.File, error) { return m.rosters, m.err }

func (m *memory) Statements(people []ledger.PersonNo, do func(int64, civil.Month, ledger.Statement)) error {
	for _, all := range []map[int64][]statedIn{m.stated, m.listed} {
		for id, of := range all {
			for _, s := range of {
				if s.by != m.seq && slices.Contains(people, m.Whose(m.events[id-1].Person)) {
					do(id, s.month, ledger.Statement{By: s.by, Via: s.via})
				}
			}
		}
	}
	return m.err
}

func (m *memory) Names(event int64, month civil.Month, _ ledger.Source) error {
	m.listed[event] = append(m.listed[event], statedIn{month, m.seq, ledger.ViaNamed})
	return m.err
}

func (m *memory) EventsOf(ids []int64) ([]ledger.Event, error) {
	var out []ledger.Event
	for _, id := range ids {
		out = append(out, m.events[id-1])
	}
	return out, m.err
}

func (m *memory) Withdraw(event int64, month civil.Month, by ledger.Seq, _ ledger.Source) (bool, error) {
	n := len(m.stated[event])
	m.stated[event] = slices.DeleteFunc(m.stated[event], func(s statedIn) bool { return s.month == month && s.by == by && s.by != m.seq })
	if len(m.stated[event]) == n {
		return false, fmt.Errorf("file %d does not state event %d for %s", by, event, month)
	}
	m.dead[event] = len(m.stated[event]) == 0
	return !m.dead[event], m.err
}

func (m *memory) NameOf(p ledger.PersonNo) (int64, error) {
	name := int64(0)
	for _, c := range m.claims {
		if c.Person == p && c.Name != 0 && c.Src.Seq < m.seq {
			name = c.Name
		}
	}
	for _, e := range m.events {
		if e.Person == p && e.Name != 0 && e.Src.Seq < m.seq {
			name = e.Name
		}
	}
	return name, m.err
}

func (m *memory) Transfer(x *ledger.Transfer) (ledger.Outcome, error) {
	if m.known(x.Content([]byte("V"))) {
		return ledger.Repeated, m.err
	}
	m.paid = append(m.paid, *x)
	return ledger.New, m.err
}

func (m *memory) Relief(r *ledger.Relief) (ledger.Outcome, error) {
	if m.known(r.Content([]byte("R"))) {
		return ledger.Repeated, m.err
	}
	m.reliefs = append(m.reliefs, *r)
	return ledger.New, m.err
}

func (m *memory) Enrolment(x *ledger.Enrolment) (ledger.Outcome, error) {
	if m.known(x.Content([]byte("Y"))) {
		return ledger.Repeated, m.err
	}
	m.insured = append(m.insured, *x)
	return ledger.New, m.err
}

func (m *memory) Contribution(x *ledger.Contribution) (ledger.Outcome, error) {
	if m.known(x.Content([]byte("M"))) {
		return ledger.Repeated, m.err
	}
	m.months = append(m.months, *x)
	return ledger.New, m.err
}

func (m *memory) Birth(x *ledger.Birth) (ledger.Outcome, error) {
	if m.known(x.Content([]byte("B"))) {
		return ledger.Repeated, m.err
	}
	m.births = append(m.births, *x)
	return ledger.New, m.err
}

func (m *memory) Item(x *ledger.Item) (ledger.Outcome, error) {
	if m.known(x.Content([]byte("I"))) {
		return ledger.Repeated, m.err
	}
	m.items = append(m.items, *x)
	return ledger.New, m.err
}

// Elsewhere knows settlements of other areas alone, not their refunds.
func (m *memory) Elsewhere(cs []*ledger.Claim) ([]string, error) {
	out := make([]string, len(cs))
	for i, c := range cs {
		for _, o := range m.claims {
			if o.Area != c.Area && o.ID == c.ID && o.Person == c.Person {
				out[i] = o.Area
			}
		}
	}
	return out, m.err
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

func (m *memory) ClaimOf(area, id string) (ledger.Claim, bool, error) {
	for _, c := range m.claims {
		if c.Area == area && c.ID == id {
			return c, true, m.err
		}
	}
	return ledger.Claim{}, false, m.err
}

// records counts what is there of each kind.
func (m *memory) records() [8]int {
	return [8]int{len(m.events), len(m.claims), len(m.reliefs), len(m.insured), len(m.months), len(m.births), len(m.items), len(m.paid)}
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

func testOptions(t testing.TB) Options {
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
	m.seq = max(m.seq, 4) + 1
	f := ledger.File{Seq: m.seq}
	before := m.records()
	rep, err := Import(context.Background(), path, o, &f, m)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if f.Effect != nil {
		f.Name = filepath.Base(path)
		m.rosters = append(m.rosters, f)
	}
	if f.Read != f.Taken+f.Repeated+f.Returned {
		t.Errorf("%d rows were read, %d taken, %d repeated, %d returned", f.Read, f.Taken, f.Repeated, f.Returned)
	}
	var sum ledger.SheetTotal
	var amountRead, amountRepeated, amountReturned money.Fen
	for _, s := range f.Totals {
		if !s.AmountsAgree() {
			t.Errorf("sheet %s: the amounts of %+v do not add up", s.Sheet, s)
		}
		amountRead, amountRepeated, amountReturned = amountRead+s.AmountRead, amountRepeated+s.AmountRepeated, amountReturned+s.AmountReturned
		if s.Read != s.Taken+s.Repeated+s.Returned {
			t.Errorf("sheet %s: %+v", s.Sheet, s)
		}
		sum.Read, sum.Taken, sum.Repeated = sum.Read+s.Read, sum.Taken+s.Taken, sum.Repeated+s.Repeated
		sum.Returned, sum.Skipped, sum.Amount = sum.Returned+s.Returned, sum.Skipped+s.Skipped, sum.Amount+s.Amount
	}
	if sum.Read != f.Read || sum.Taken != f.Taken || sum.Repeated != f.Repeated || sum.Returned != f.Returned || sum.Skipped != f.Skipped || sum.Amount != f.AmountTaken {
		t.Errorf("the sheets' totals %+v are not the file's %+v", sum, f)
	}
	if amountRead != f.Amount || amountRepeated != f.AmountRepeated || amountReturned != f.AmountReturned || f.Amount != f.AmountTaken+f.AmountRepeated+f.AmountReturned {
		t.Errorf("the sheets' amounts %s, %s, %s are not the file's %+v", amountRead, amountRepeated, amountReturned, f)
	}
	got := m.records()
	for i := range got {
		got[i] -= before[i]
	}
	if got != [8]int{f.Events, f.Claims + f.Refunds, f.Reliefs, f.Enrolments, f.Contributions, f.Births, f.Items, f.Transfers} {
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
	for _, e := range rep.Warnings {
		wantDiscreet(t, e.Message)
		if e.Message == "" || strings.Contains(e.Message, "%!") || e.Column == "" || !strings.HasPrefix(e.Code, "W-") {
			t.Errorf("%+v", e)
		}
	}
	if f.Warned != len(rep.Warnings) {
		t.Errorf("%d warnings, the file says %d", len(rep.Warnings), f.Warned)
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
	rosterHead = []any{"序号", "变动类型", "姓名", "身份证号", "困难类别", "致困原因", "认定日期", "退出日期", "户主身份证号", "残疾等级", "证件有效期", "乡镇", "村", "来源部门", "申请日期", "区县"}
	claimsHead = []any{"setl_id", "certno", "psn_name", "insutype", "med_type", "dise_codg", "dise_name", "fixmedins_code", "fixmedins_name", "hosp_lv",
		"begndate", "enddate", "setl_time", "medfee_sumamt", "inscp_scp_amt", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay",
		"hosp_part_amt", "refd_setl_flag", "init_setl_id", "pay_loc", "trt_flag", "in_province"}
	reliefHead        = []any{"身份证号", "姓名", "帮扶日期", "帮扶来源", "帮扶金额", "备注"}
	enrolmentHead     = []any{"身份证号", "姓名", "参保年度", "险种", "参保地", "缴费日期", "个人缴费", "资助金额", "资助部门"}
	contributionsHead = []any{"身份证号", "姓名", "费款所属期", "费款所属期起", "费款所属期止", "缴费基数", "缴费金额", "参保身份"}
	birthsHead        = []any{"身份证号", "姓名", "生育日期", "津贴天数"}
	itemsHead         = []any{"结算ID", "身份证号", "姓名", "项目编码", "项目名称", "项目类别", "收费日期", "单价", "基准价", "数量", "金额"}
	transfersHead     = []any{"批次号", "拨付日期", "资金项目", "付款单位", "收款单位", "所属期", "拨付金额", "身份证号", "结算ID", "备注"}
)

// heads and lines are the header and good rows of every kind.
var (
	heads = map[Kind][]any{Roster: rosterHead, Claims: claimsHead, Relief: reliefHead, Enrolment: enrolmentHead, Contributions: contributionsHead, Births: birthsHead, Items: itemsHead, Transfers: transfersHead}
	lines = map[Kind]func(int) []any{Roster: rosterLine, Claims: claimLine, Relief: reliefLine, Enrolment: enrolmentLine, Contributions: contributionLine, Births: birthLine, Items: itemLine, Transfers: transferLine}
)

// rosterLine, claimLine and the others are good rows, told apart by n.
func rosterLine(n int) []any {
	return []any{n, "新增", testNames[n%2], testID(19700102, n), "低保", "因病", "2024-01-0" + strconv.Itoa(n%9+1), nil, testID(19400102, n), nil, nil, "城关镇", "东村", "民政局", nil, nil}
}

func claimLine(n int) []any {
	return []any{"S" + strconv.Itoa(n), testID(19700102, n), testNames[n%2], "390", "21", "I10", "高血压", "H99000100001", "县医院", "05",
		"2024-01-01", "2024-01-08", "2024-01-08 10:30:00", 1000 + n, 800, 400, 1, 2, 30, 40, 50, 3,
		nil, "0", nil, "1", nil, nil}
}

func reliefLine(n int) []any {
	return []any{testID(19700102, n), testNames[n%2], "2024-02-0" + strconv.Itoa(n%9+1), "慈善", 500, "备注"}
}

func enrolmentLine(n int) []any {
	return []any{testID(19700102, n), testNames[n%2], "2024", "390", "330102", "2023-11-0" + strconv.Itoa(n%9+1), 100, 280, "医保局"}
}

func contributionLine(n int) []any {
	return []any{testID(19900102, n), testNames[n%2], "2023-0" + strconv.Itoa(n%9+1), nil, nil, 4500, 45, "在职"}
}

func birthLine(n int) []any {
	return []any{testID(19900102, n), testNames[n%2], "2024-02-0" + strconv.Itoa(n%9+1), 158}
}

func itemLine(n int) []any {
	return []any{"S" + strconv.Itoa(n), testID(20200102, n), testNames[n%2], "003302000010000", "小儿脑室穿刺术", "手术治疗费", "2024-01-08 10:30:00", 130, 100, 2, 260}
}

func transferLine(n int) []any {
	return []any{"B1", "2024-02-0" + strconv.Itoa(n%9+1), "医疗救助", "县财政局", testNames[n%2], "2024-01", 100 + n, testID(19700102, n), "S" + strconv.Itoa(n), "备注"}
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
