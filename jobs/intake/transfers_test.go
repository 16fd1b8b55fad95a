package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules/civil"
	"doudi/rules/money"
)

func TestTransfers(t *testing.T) {
	id := testID(19700102, 1)
	for _, tt := range []struct {
		name  string
		cells map[string]any
		want  ledger.Transfer
	}{
		{"to a person", nil, ledger.Transfer{Person: 1, Payee: 1, Batch: "B1", Date: 20240202, Item: "医疗救助", Payer: "县财政局", From: 202401, To: 202401, SetlID: "S1", Amount: 101_00, Nth: 1}},
		{"to a hospital", map[string]any{"E": "县人民医院", "H": nil, "I": nil},
			ledger.Transfer{Payee: 1, Batch: "B1", Date: 20240202, Item: "医疗救助", Payer: "县财政局", From: 202401, To: 202401, Amount: 101_00, Nth: 1}},
		{"a dash for an ID", map[string]any{"E": "县人民医院", "H": "—", "I": nil},
			ledger.Transfer{Payee: 1, Batch: "B1", Date: 20240202, Item: "医疗救助", Payer: "县财政局", From: 202401, To: 202401, Amount: 101_00, Nth: 1}},
		{"to an ID alone", map[string]any{"E": nil}, ledger.Transfer{Person: 1, Batch: "B1", Date: 20240202, Item: "医疗救助", Payer: "县财政局", From: 202401, To: 202401, SetlID: "S1", Amount: 101_00, Nth: 1}},
		{"paid back", map[string]any{"G": "-1,234.50", "A": 20240201.0, "D": nil, "F": nil},
			ledger.Transfer{Person: 1, Payee: 1, Batch: "20240201", Date: 20240202, Item: "医疗救助", SetlID: "S1", Amount: -1234_50, Nth: 1}},
		{"for a year to come", map[string]any{"F": "2025年度", "B": asDate(45336)},
			ledger.Transfer{Person: 1, Payee: 1, Batch: "B1", Date: 20240214, Item: "医疗救助", Payer: "县财政局", From: 202501, To: 202512, SetlID: "S1", Amount: 101_00, Nth: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			f, rep := take(t, m, putBook(t, table{"表", [][]any{{"财政拨付明细"}, transfersHead, change(transferLine(1), tt.cells)}}), testOptions(t))
			wantErrors(t, rep)
			wantTotals(t, f, 1, 1, 0, 0, 0)
			if len(m.paid) != 1 {
				t.Fatalf("%+v", m.paid)
			}
			got := m.paid[0]
			if f.Kind != "transfers" || f.Amount != got.Amount || f.AmountTaken != got.Amount || got.Src != (ledger.Source{Seq: f.Seq, Sheet: "表", Row: 3}) {
				t.Errorf("%+v of %+v", got, f)
			}
			if string(got.Extra) != `{"note":"备注"}` {
				t.Errorf("sealed: %s", got.Extra)
			}
			tt.want.Area, got.Src, got.Extra = "990001", ledger.Source{}, nil
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%+v\nwant %+v", got, tt.want)
			}
			if p := m.people[id]; p != got.Person {
				t.Errorf("the person is %d", p)
			}
		})
	}
}

// TestAccountsAreSealed: numbers of accounts and telephones stay with the row,
// and nowhere else.
func TestAccountsAreSealed(t *testing.T) {
	m := newMemory()
	head := append(slices.Clone(transfersHead), "银行账号", "联系电话")
	_, rep := take(t, m, putRows(t, head, append(transferLine(1), "6222000000000000001", "13900000000")), testOptions(t))
	wantErrors(t, rep)
	x := m.paid[0]
	if string(x.Extra) != `{"note":"备注","联系电话":"13900000000","银行账号":"6222000000000000001"}` {
		t.Errorf("%s", x.Extra)
	}
	x.Extra = nil
	if strings.Contains(fmt.Sprintf("%+v", x), "6222") {
		t.Errorf("%+v", x)
	}
}

// TestTransfersOfFinance: a list as finance bureaus write it, without a column
// for IDs, with notes and totals.
func TestTransfersOfFinance(t *testing.T) {
	m := newMemory()
	f, rep := take(t, m, putRows(t, []any{"城乡医疗救助资金拨付情况表"}, []any{"单位：万元"},
		[]any{"序号", "拨款文号", "拨付时间", "资金名称", "收款单位（全称）", "拨款金额", "摘要"},
		[]any{1, "杭财社〔2024〕1号", "2024.01.10", "医疗救助补助资金", "县医疗保障局", "12.5", "第一批"},
		[]any{2, "杭财社〔2024〕2号", "2024.02.10", "医疗救助补助资金", "县人民医院", 3, nil},
		[]any{"合计", nil, nil, nil, nil, "15.5"},
		[]any{"注：不含上年结转"},
		[]any{"制表：" + testNames[0], "审核：" + testNames[1]}), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 2, 2, 0, 0, 3)
	if f.AmountTaken != 155000_00 || m.paid[0].Amount != 125000_00 || m.paid[0].Batch != "杭财社〔2024〕1号" || m.paid[0].Person != 0 {
		t.Errorf("%+v", m.paid)
	}
}

// TestPeriodOfText: in a text file 2023.1 may have been 2023.10.
func TestPeriodOfText(t *testing.T) {
	m := newMemory()
	line := func(period string) string {
		return "拨付日期,资金项目,收款单位,拨付金额,所属期\n2024-01-05,医疗救助,县医院,100," + period + "\n"
	}
	_, rep := take(t, m, putFile(t, "拨付.csv", line("2023.1")), testOptions(t))
	wantErrors(t, rep, "E-DATE E2")
	_, rep = take(t, m, putFile(t, "拨付.csv", line("2023.10")), testOptions(t))
	wantErrors(t, rep)
	if len(m.paid) != 1 || m.paid[0].From != 202310 {
		t.Errorf("%+v", m.paid)
	}
}

// TestBatches: a batch's total is not paid beside its lines.
func TestBatches(t *testing.T) {
	row := func(batch, date, item, payee any, amount any, id any) []any {
		return []any{batch, date, item, nil, payee, nil, amount, id}
	}
	person := func(batch, date, item any, n int) []any {
		return row(batch, date, item, testNames[n%2], 1000, testID(19700102, n))
	}
	const day, item = "2024-02-01", "医疗救助"
	for _, tt := range []struct {
		name   string
		sheets [][][]any
		taken  int
		amount money.Fen
		set    int // totals that were left out
		warned string
		errs   []string
	}{
		{"a total above its lines", [][][]any{{row("B1", day, item, "明细如下", 2000, nil), person("B1", day, item, 1), person("B1", day, item, 2)}}, 2, 2000_00, 1, "", nil},
		{"lines that leave out what it says", [][][]any{{row("B1", day, item, testNames[0]+"等2人", 2000, nil), person(nil, nil, nil, 1), person(nil, nil, nil, 2)}}, 2, 2000_00, 1, "", nil},
		{"lines with a date but no number below 明细", [][][]any{{row("B1", day, item, "见发放清单", 2000, nil), person(nil, day, item, 1), person(nil, day, item, 2)}}, 2, 2000_00, 1, "", nil},
		{"without numbers", [][][]any{{row(nil, day, item, "2人", 2000, nil), person(nil, nil, nil, 1), person(nil, nil, nil, 2)}}, 2, 2000_00, 1, "", nil},
		{"a total below its lines", [][][]any{{person("B1", day, item, 1), person("B1", day, item, 2), row("B1", nil, nil, "小计", 2000, nil)}}, 2, 2000_00, 0, "", []string{"E-DATE-MISSING B4", "E-ITEM C4"}},
		{"a whole total below its lines", [][][]any{{person("B1", day, item, 1), person("B1", day, item, 2), row("B1", day, item, "小计", 2000, nil)}}, 2, 2000_00, 1, "", nil},
		{"no numbers, a total with all that a payment has", [][][]any{{row(nil, day, item, "甲医院", 100, nil), row(nil, day, item, "乙医院", 200, nil), row(nil, day, item, "合计", 300, nil)}}, 2, 300_00, 1, "", nil},
		{"and above its lines", [][][]any{{row(nil, day, item, "合计", 300, nil), row(nil, day, item, "甲医院", 100, nil), row(nil, day, item, "乙医院", 200, nil)}}, 2, 300_00, 1, "", nil},
		{"各医院 is the sum of them", [][][]any{{row(nil, day, item, "甲医院", 100, nil), row(nil, day, item, "乙医院", 200, nil), row(nil, day, item, "各定点医院", 300, nil)}}, 2, 300_00, 1, "", nil},
		{"各医院 that is not their sum is a payment", [][][]any{{row(nil, day, item, "甲医院", 100, nil), row(nil, day, item, "乙医院", 200, nil), row(nil, day, item, "各定点医院", 500, nil)}}, 3, 800_00, 0, "", nil},
		{"a 合计 that is not their sum", [][][]any{{row(nil, day, item, "甲医院", 100, nil), row(nil, day, item, "乙医院", 200, nil), row(nil, day, item, "合计", 350, nil)}}, 2, 300_00, 1, "W-TOTAL G4", nil},
		{"the sum of its item alone", [][][]any{{row(nil, day, item, "甲医院", 100, nil), row(nil, day, "大病保险", "丁公司", 50, nil), row(nil, day, item, "乙医院", 200, nil), row(nil, day, item, "合计", 300, nil)}}, 3, 350_00, 1, "", nil},
		{"a bank below hospitals", [][][]any{{row("B1", day, item, "甲医院", 100, nil), row("B1", day, item, "乙医院", 200, nil), row("B1", day, item, "农业银行", 300, nil)}}, 2, 300_00, 0, "", []string{"E-BATCH E4"}},
		{"a hospital between hospitals", [][][]any{{row("B1", day, item, "甲医院", 100, nil), row("B1", day, item, "乙医院", 300, nil), row("B1", day, item, "丙医院", 200, nil)}}, 3, 600_00, 0, "", nil},
		{"a sheet of batches and one of lines", [][][]any{
			{row("B1", day, item, "救助对象（2人）", 2000, nil), row("B2", day, item, "县人民医院", 500, nil)},
			{person("B1", day, item, 1), person("B1", day, item, 2)}}, 3, 2500_00, 1, "", nil},
		{"lines first", [][][]any{{person("B1", day, item, 1), person("B1", day, item, 2)}, {row("B1", day, item, "各救助对象", 2000, nil)}}, 2, 2000_00, 1, "", nil},
		{"no lines: it is the payment", [][][]any{{row("B1", day, item, testNames[0]+"等35人", 35000, nil), row("B2", day, item, "县人民医院", 500, nil)}}, 2, 35500_00, 0, "", nil},
		{"a payment of its own below it", [][][]any{{row("B1", day, item, testNames[0]+"等35人", 35000, nil), person(nil, day, item, 2)}}, 2, 36000_00, 0, "", nil},
		{"another day below 明细", [][][]any{{row("B1", "2024-01-31", item, "明细如下", 1000, nil), person("B1", day, item, 1), person(nil, day, item, 2)}}, 2, 2000_00, 1, "", nil},
		{"another batch below it", [][][]any{{row("B1", day, item, "明细如下", 35000, nil), person("B2", day, item, 2)}}, 2, 36000_00, 0, "", nil},
		{"two parts of a batch", [][][]any{{row("B1", day, item, "城关镇2人", 2000, nil), person("B1", day, item, 1), person("B1", day, item, 2),
			row("B1", day, item, "白石乡1人", 1000, nil), person("B1", day, item, 3), row("B1", day, item, "合计", 3000, nil)}}, 3, 3000_00, 3, "", nil},
		{"a total that does not agree", [][][]any{{row("B1", day, item, "明细如下", 3000, nil), person("B1", day, item, 1), person("B1", day, item, 2)}}, 2, 2000_00, 1, "W-TOTAL G2", nil},
		{"a line that is returned", [][][]any{{row("B1", day, item, "明细如下", 2000, nil), person("B1", day, item, 1), row("B1", day, item, testNames[0], 1000, "123")}}, 1, 1000_00, 1, "", []string{"E-ID-FORMAT H4"}},
		{"a line whose amount can not be read", [][][]any{{row("B1", day, item, "明细如下", 2000, nil), person("B1", day, item, 1), row("B1", day, item, testNames[0], "千元", nil)}}, 1, 1000_00, 1, "", []string{"E-AMOUNT G4"}},
		{"paid through a bank", [][][]any{{row("B1", day, item, "农业银行城关支行", 2000, nil)}, {person("B1", day, item, 1), person("B1", day, item, 2)}}, 2, 2000_00, 0, "", []string{"E-BATCH E2"}},
		{"hospitals of a batch", [][][]any{{row("B1", day, item, "甲医院", 2000, nil), row("B1", day, item, "乙医院", 1000, nil), row("B1", day, item, "丙医院", 1000, nil)}}, 3, 4000_00, 0, "", nil},
		{"with an ID it is one person", [][][]any{{row("B1", day, item, testNames[0]+"等", 2000, testID(19700102, 9)), person("B1", day, item, 1), person("B1", day, item, 2)}}, 3, 4000_00, 0, "", nil},
		{"a batch and for whom it is", [][][]any{{row("B1", day, item, "明细如下", 2000, nil), row("B1", day, item, testNames[1], nil, testID(19700102, 1)), row(nil, nil, nil, testNames[0], "-", testID(19700102, 2))}}, 3, 2000_00, 0, "", nil},
		{"through a bank, on another sheet, with 0", [][][]any{{row("B1", day, item, "农业银行城关支行", 2000, nil)}, {row("B1", day, item, testNames[1], 0, testID(19700102, 1))}}, 2, 2000_00, 0, "", nil},
		{"some with amounts", [][][]any{{row("B1", day, item, "明细如下", 2000, nil), person("B1", day, item, 1), row("B1", day, item, testNames[0], nil, testID(19700102, 2))}}, 1, 1000_00, 1, "W-TOTAL G2", []string{"E-AMOUNT-MISSING G4"}},
		{"two payments and one list", [][][]any{{row("B1", day, item, "甲医院", 2000, nil), row("B1", day, item, "乙医院", 500, nil), row("B1", day, item, testNames[0], nil, testID(19700102, 2))}}, 2, 2500_00, 0, "", []string{"E-AMOUNT-MISSING G4"}},
		{"a list without a number", [][][]any{{row(nil, day, item, "明细如下", 2000, nil), row(nil, nil, nil, testNames[0], nil, testID(19700102, 2))}}, 0, 0, 1, "", []string{"E-AMOUNT-MISSING G3"}},
		{"numbers that differ by a dash", [][][]any{{row("B1-1", day, item, "明细如下", 1000, nil), person("B11", day, item, 1)}}, 2, 2000_00, 0, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tables []table
			rows := 0
			for i, s := range tt.sheets {
				tables = append(tables, table{fmt.Sprint("表", i+1), append([][]any{transfersHead[:8]}, s...)})
				rows += len(s)
			}
			m := newMemory()
			path := putBook(t, tables...)
			f, rep := take(t, m, path, testOptions(t))
			wantErrors(t, rep, tt.errs...)
			var sum money.Fen
			for _, x := range m.paid {
				sum += x.Amount
				if x.Date != 20240201 || x.Item != item && x.Item != "大病保险" {
					t.Errorf("%+v", x)
				}
			}
			if f.Taken != tt.taken || f.Skipped != tt.set || sum != tt.amount || f.AmountTaken != tt.amount || f.Read+f.Skipped != rows {
				t.Errorf("taken %d, %s; left out %d, want %d, %s, %d", f.Taken, f.AmountTaken, f.Skipped, tt.taken, tt.amount, tt.set)
			}
			warned := ""
			for _, w := range rep.Warnings {
				warned += fmt.Sprintf("%s %s%d", w.Code, w.Column, w.Row)
			}
			if warned != tt.warned {
				t.Errorf("warned of %q, want %q", warned, tt.warned)
			}
			again, rep := take(t, m, path, testOptions(t))
			if again.Repeated != tt.taken || again.Transfers != 0 || len(rep.Errors) != len(tt.errs) {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// TestPaidTwice: the same line twice in a file is two payments; the same file
// again, or in two parts, brings nothing new.
func TestPaidTwice(t *testing.T) {
	m := newMemory()
	a, b := transferLine(1), transferLine(2)
	f, rep := take(t, m, putRows(t, transfersHead, a, b, a), testOptions(t))
	wantTotals(t, f, 3, 3, 0, 0, 0)
	if len(rep.Warnings) != 1 || rep.Warnings[0].Code != "W-TRANSFER-TWICE" || rep.Warnings[0].Row != 4 || !strings.Contains(rep.Warnings[0].Message, "第 2 行") {
		t.Errorf("%+v", rep.Warnings)
	}
	if m.paid[0].Nth != 1 || m.paid[1].Nth != 1 || m.paid[2].Nth != 2 {
		t.Errorf("%+v", m.paid)
	}
	f, rep = take(t, m, putBook(t, table{"甲", [][]any{transfersHead, b, a}}, table{"乙", [][]any{transfersHead, a}}), testOptions(t))
	wantTotals(t, f, 3, 0, 3, 0, 0)
	if len(rep.Warnings) != 0 {
		t.Errorf("%+v", rep.Warnings)
	}
	f, rep = take(t, m, putBook(t, table{"甲", [][]any{transfersHead, b, a}}, table{"乙", [][]any{transfersHead, a, a}}), testOptions(t))
	wantTotals(t, f, 4, 1, 3, 0, 0)
	if len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0].Message, "与工作表 甲 第 3 行") {
		t.Errorf("%+v", rep.Warnings)
	}
	// Another word in the notes is no other payment, another batch is.
	f, _ = take(t, m, putRows(t, transfersHead, change(a, map[string]any{"J": "补记"}), change(a, map[string]any{"A": "B2"})), testOptions(t))
	wantTotals(t, f, 2, 1, 1, 0, 0)
}

func TestSettled(t *testing.T) {
	for text, want := range map[string][2]civil.Month{
		"": {}, "-": {}, "/": {},
		"2023-05": {202305, 202305}, "202305": {202305, 202305}, "2023.05": {202305, 202305}, "2023.5": {202305, 202305}, "2023/5": {202305, 202305},
		"2023年5月": {202305, 202305}, "2023年05月份": {202305, 202305}, "2023-05-31": {202305, 202305}, "20230531": {202305, 202305}, "2023年5月31日": {202305, 202305},
		"2023": {202301, 202312}, "2023年": {202301, 202312}, "2023年度": {202301, 202312}, "2023年全年": {202301, 202312}, "２０２３年": {202301, 202312},
		"2023年上半年": {202301, 202306}, "2023年度下半年": {202307, 202312}, "2023上半年": {202301, 202306},
		"2023年第一季度": {202301, 202303}, "2023年四季度": {202310, 202312}, "2023年第2季度": {202304, 202306}, "2023Q3": {202307, 202309}, "2023-q1": {202301, 202303}, "2023年前三季度": {202301, 202309},
		"2023年1-6月": {202301, 202306}, "2023年1月-6月": {202301, 202306}, "2023年1月至2023年6月": {202301, 202306}, "2023年 1 月 至 6 月": {202301, 202306}, "2023年10-12月": {202310, 202312},
		"202301-202306": {202301, 202306}, "2023.01-2023.06": {202301, 202306}, "2023-01至2023-06": {202301, 202306}, "2023-01-2023-06": {202301, 202306}, "2023年11月—2024年2月": {202311, 202402},
		"2023年5-8": {202305, 202308}, "2022年至2023年": {202201, 202312}, "2022-2023年": {202201, 202312}, "2023年一至三季度": {202301, 202309}, "2023年2-3季度": {202304, 202309},
		"2023年第一季度至第二季度": {202301, 202306}, "2023-05-01至2023-06-30": {202305, 202306}, "2023年5月1日至6月30日": {202305, 202306}, "2023～2024": {202301, 202412},
	} {
		from, to, e := settled(sheet.Cell{Kind: sheet.Text, Text: text})
		if e != nil || from != want[0] || to != want[1] {
			t.Errorf("%q is %s to %s (%v), want %s to %s", text, from, to, e, want[0], want[1])
		}
	}
	for text, code := range map[string]string{
		"本年度": "E-PERIOD", "1-6月": "E-PERIOD", "2023年13月": "E-PERIOD", "202313": "E-PERIOD", "2023-02-30": "E-PERIOD", "1月": "E-PERIOD", "2023年第五季度": "E-PERIOD", "99": "E-PERIOD",
		"2023-1-6": "E-PERIOD", "2023.1.12": "E-PERIOD", "2023年0月": "E-PERIOD", "至": "E-PERIOD", "2023年1月至": "E-PERIOD", "45047": "E-PERIOD", "2023年6月至1月": "E-DATE-ORDER",
		"2021年至2023年": "E-PERIOD", "202301-202300": "E-PERIOD", "20230101001": "E-PERIOD",
	} {
		if from, to, e := settled(sheet.Cell{Kind: sheet.Text, Text: text}); e == nil || e.code != code || from != 0 || to != 0 {
			t.Errorf("%q is %s to %s (%v), want %s", text, from, to, e, code)
		}
	}
	for _, c := range []sheet.Cell{{Kind: sheet.Date, Text: "2023-01-06"}, {Kind: sheet.Date, Text: "2023-01-06 10:00:00"}, {Kind: sheet.Number, Text: "202301"}} {
		if from, to, e := settled(c); e != nil || from != 202301 || to != 202301 {
			t.Errorf("%+v is %s to %s (%v)", c, from, to, e)
		}
	}
	if _, _, e := settled(sheet.Cell{Kind: sheet.Number, Text: "2023.1"}); e == nil || e.code != "E-DATE" {
		t.Errorf("%v", e)
	}
}

func TestStandsForMany(t *testing.T) {
	for payee, want := range map[string]bool{
		"合计": true, "本批合计": true, "明细如下": true, "详见附件": true, "张三等35人": true, "张三等": true, "张三等三人": true, "35人": true, "共35户": true, "救助对象（35人）": true, "各定点医院": true, "张三、李四等2名人": true,
		"县人民医院": false, "高等专科学校附属医院": false, "张三": false, "第三人民医院": false, "太平洋人寿": false, "": false, "王等等": true, "同等学力中心": false, "老年人之家": false, "税务局": false,
	} {
		if got := standsForMany(payee); got != want {
			t.Errorf("%s: %v", payee, got)
		}
	}
}
