package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

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

	// Another area has them: neither repeats nor new.
	m, o.Area = newMemory(), "410200"
	take(t, m, putRows(t, claimsHead, claimLine(1), claimLine(2)), o)
	o = testOptions(t)
	f, rep = take(t, m, putRows(t, claimsHead, claimLine(1), claimLine(3), claimLine(2)), o)
	wantTotals(t, f, 3, 1, 0, 2, 0)
	wantErrors(t, rep, "E-CLAIM-AREA A2", "E-CLAIM-AREA A4")

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
