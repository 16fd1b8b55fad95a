package intake

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// allKinds in the order of the ledger.File's counts.
var allKinds = []Kind{Roster, Claims, Relief, Enrolment, Contributions, Births, Items, Transfers}

// TestKindsToldApart: a table of any kind is known by its columns alone, in
// whatever order they stand, and is no table of another kind.
func TestKindsToldApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, k := range allKinds {
		t.Run(string(k), func(t *testing.T) {
			for range 5 {
				order := r.Perm(len(heads[k]))
				row := func(from []any) []any {
					out := make([]any, len(order))
					for i, at := range order {
						out[i] = from[at]
					}
					return out
				}
				m := newMemory()
				f, rep := take(t, m, putRows(t, row(heads[k]), row(lines[k](1)), row(lines[k](2))), testOptions(t))
				wantErrors(t, rep)
				wantTotals(t, f, 2, 2, 0, 0, 0)
				if f.Kind != string(k) {
					t.Fatalf("read as %s", f.Kind)
				}
				of := [8]int{}
				of[slices.Index(allKinds, k)] = 2
				if m.records() != of {
					t.Errorf("records %v, want %v", m.records(), of)
				}
			}
			for _, other := range allKinds {
				o := testOptions(t)
				o.Kind = other
				if other != k {
					refuse(t, putRows(t, heads[k], lines[k](1)), o, "E-FILE-KIND")
				}
			}
		})
	}
}

// TestKindsThatShareColumns: what decides between kinds whose columns overlap.
func TestKindsThatShareColumns(t *testing.T) {
	id := testID(19700102, 1)
	for _, tt := range []struct {
		name      string
		head, row []any
		want      Kind
	}{
		{"the insured by category", []any{"姓名", "身份证号", "困难类别", "乡镇", "参保年度", "险种", "资助金额"},
			[]any{testNames[0], id, "低保", "城关镇", "2024", "390", 380}, Enrolment},
		{"a roster that says how people are insured", append(slices.Clone(rosterHead), "年度", "险种", "缴费日期"),
			append(rosterLine(1), "2024", "390", "2023-11-01"), Roster},
		{"settlements with a year", append(slices.Clone(claimsHead), "年度", "个人缴费", "参保地"), append(claimLine(1), "2024", 1, "330102"), Claims},
		{"contributions with an insurance", append(slices.Clone(contributionsHead), "险种", "年度"), append(contributionLine(1), "310", "2023"), Contributions},
		{"births with contributions' base", append(slices.Clone(birthsHead), "缴费基数"), append(birthLine(1), 4500), Births},
		{"items of settlements", append(slices.Clone(itemsHead), "结算时间", "医疗费总额"), append(itemLine(1), "2024-01-08", 1000), Items},
		{"paid by an insurer that counties arrange", append(slices.Clone(reliefHead), "险种", "年度"), append(reliefLine(1), "惠民保", "2024"), Relief},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, rep := take(t, newMemory(), putRows(t, tt.head, tt.row), testOptions(t))
			wantErrors(t, rep)
			if f.Kind != string(tt.want) || f.Taken != 1 {
				t.Errorf("%+v", f)
			}
		})
	}
	// A claims export with a column renamed is no list of the insured.
	bad := slices.Clone(claimsHead)
	bad[slices.Index(claimsHead, any("hifp_pay"))] = "统筹"
	msg := refuse(t, putRows(t, append(bad, "年度", "参保地"), append(claimLine(1), "2024", "330102")), testOptions(t), "E-FILE-TABLE")
	if !strings.Contains(msg, "基本医疗保险统筹基金支出") {
		t.Error(msg)
	}
}

func TestListsRefused(t *testing.T) {
	for _, tt := range []struct {
		kind Kind
		drop []any
		says string
	}{
		{Enrolment, []any{"参保年度"}, "缺少列：参保年度"},
		{Enrolment, []any{"险种"}, "缺少列：险种"},
		{Enrolment, []any{"缴费日期", "个人缴费", "资助金额"}, "缺少列：个人缴费"},
		{Contributions, []any{"缴费基数"}, "缺少列：缴费基数"},
		{Contributions, []any{"费款所属期", "费款所属期止"}, "缺少列：费款所属期"},
		{Births, []any{"津贴天数"}, "缺少列：津贴天数"},
		{Items, []any{"基准价"}, "缺少列：基准价"},
		{Items, []any{"项目类别", "单价"}, "缺少列：项目类别、单价"},
		{Transfers, []any{"资金项目", "拨付金额"}, "缺少列：资金项目、拨付金额"},
		{Transfers, []any{"拨付日期"}, "缺少列：拨付日期"},
		{Transfers, []any{"收款单位", "身份证号"}, "缺少列：收款单位"},
	} {
		head := slices.DeleteFunc(slices.Clone(heads[tt.kind]), func(v any) bool { return slices.Contains(tt.drop, v) })
		o := testOptions(t)
		o.Kind = tt.kind
		if msg := refuse(t, putRows(t, head), o, "E-FILE-TABLE"); !strings.Contains(msg, tt.says) {
			t.Errorf("%q does not say %q", msg, tt.says)
		}
		o.Kind = Auto
		refuse(t, putRows(t, head), o, "E-FILE-TABLE")
	}
}

func TestEnrolments(t *testing.T) {
	src := ledger.Source{Seq: 5, Sheet: "表", Row: 2}
	whole := ledger.Enrolment{Src: src, Area: "990001", Person: 1, Name: 1, Year: 2024, Insutype: "390", Plan: rules.PlanResidents, Place: "330102", PaidOn: 20231104,
		Own: 100_00, Subsidy: 280_00, By: "医保局"}
	for _, tt := range []struct {
		name   string
		cells  map[string]any
		change func(*ledger.Enrolment)
	}{
		{"all of it", nil, func(*ledger.Enrolment) {}},
		{"numbers", map[string]any{"C": 2024, "D": 390, "E": 330102}, func(*ledger.Enrolment) {}},
		{"the next year, in words", map[string]any{"C": "2025年度"}, func(e *ledger.Enrolment) { e.Year = 2025 }},
		{"long ago", map[string]any{"C": " ２０００年 ", "F": nil}, func(e *ledger.Enrolment) { e.Year, e.PaidOn = 2000, 0 }},
		{"nothing paid by the person", map[string]any{"F": nil, "G": nil}, func(e *ledger.Enrolment) { e.PaidOn, e.Own = 0, 0 }},
		{"not subsidised", map[string]any{"G": 380, "H": "-", "I": nil}, func(e *ledger.Enrolment) { e.Own, e.Subsidy, e.By = 380_00, 0, "" }},
		{"employees, by code", map[string]any{"D": "310", "G": nil, "H": nil}, func(e *ledger.Enrolment) { e.Insutype, e.Plan, e.Own, e.Subsidy = "310", rules.PlanEmployees, 0, 0 }},
		{"the place by its name", map[string]any{"E": "青柳县（试验区）"}, func(e *ledger.Enrolment) { e.Place = "青柳县（试验区）" }},
		{"an insurance of the county's", map[string]any{"D": "西湖益联保", "E": nil}, func(e *ledger.Enrolment) { e.Insutype, e.Plan, e.Place = "西湖益联保", rules.PlanHuiminbao, "" }},
	} {
		for _, format := range []string{"xlsx", "csv"} {
			t.Run(tt.name+"/"+format, func(t *testing.T) {
				row := change(enrolmentLine(3), tt.cells)
				path := putRows(t, enrolmentHead, row)
				if format == "xlsx" {
					path = putBook(t, table{"表", [][]any{enrolmentHead, row}})
				}
				m := newMemory()
				f, rep := take(t, m, path, testOptions(t))
				wantErrors(t, rep)
				want := whole
				tt.change(&want)
				if len(m.insured) != 1 || !reflect.DeepEqual(m.insured[0], want) {
					t.Errorf("got  %+v\nwant %+v", m.insured, want)
				}
				if f.Amount != want.Own+want.Subsidy || f.AmountTaken != f.Amount || f.Enrolments != 1 {
					t.Errorf("%+v", f)
				}
			})
		}
	}
}

func TestPlans(t *testing.T) {
	im := &importer{o: testOptions(t)}
	for want, names := range map[rules.Plan][]string{
		rules.PlanResidents: {"390", "391", "392", "城乡居民基本医疗保险", "城乡居民医保", "居民医保", "新农合", "新型农村合作医疗", "城镇居民基本医疗保险", "城乡居民"},
		rules.PlanEmployees: {"310", "职工基本医疗保险", "城镇职工基本医疗保险", "职工医保", "职工基本医疗保险（含生育保险）", "职工"},
		rules.PlanHuiminbao: {"惠民保", "惠民型商业补充医疗保险", "益康保", "西湖益联保", "越惠保", "普惠型商业补充医疗保险", "商业补充医疗保险", "huiminbao"},
		rules.NoPlan:        {"", "999", "养老", "城乡居民基本养老保险", "职工大额医疗费用补助", "职工补充医疗保险", "城乡居民大病保险", "职工生育保险", "意外伤害医疗保险", "公务员医疗补助", "39"},
	} {
		for _, n := range names {
			if got := im.plan(n); got != want {
				t.Errorf("%s: %q, want %q", n, got, want)
			}
		}
	}
	for _, p := range rules.Plans() {
		if got, err := rules.ParsePlan(p.String()); err != nil || got != p || p.Chinese() == "" {
			t.Errorf("%s: %v, %v", p, got, err)
		}
	}
	for _, s := range []string{"", "居民医保", "x"} {
		if p, err := rules.ParsePlan(s); err == nil {
			t.Errorf("%q is %s", s, p)
		}
	}
}

func TestContributions(t *testing.T) {
	months := func(from civil.Month, n int) (out []civil.Month) {
		for range n {
			out = append(out, from)
			from = from.Next()
		}
		return out
	}
	for _, tt := range []struct {
		name     string
		cells    map[string]any
		want     []civil.Month
		flexible bool
	}{
		{"a month", map[string]any{"C": "2023-05"}, months(202305, 1), false},
		{"six digits", map[string]any{"C": "202305"}, months(202305, 1), false},
		{"a number", map[string]any{"C": 202310}, months(202310, 1), false},
		{"words", map[string]any{"C": "2023年5月"}, months(202305, 1), false},
		{"a day", map[string]any{"C": "2023/5/31"}, months(202305, 1), false},
		{"a day of this month to come", map[string]any{"C": "2024-03-31"}, months(202403, 1), false},
		{"an Excel date", map[string]any{"C": asDate(45047)}, months(202305, 1), false},
		{"a period", map[string]any{"C": nil, "D": "2022-11", "E": "2023-02"}, months(202211, 4), false},
		{"a period of days", map[string]any{"C": nil, "D": "2023-01-01", "E": "2023-01-31"}, months(202301, 1), false},
		{"a period of 24 months", map[string]any{"C": nil, "D": "202201", "E": "202312"}, months(202201, 24), false},
		{"a period in one cell", map[string]any{"C": "202301-202303"}, months(202301, 3), false},
		{"a period in one cell, in words", map[string]any{"C": "2023年1月 至 2023年3月"}, months(202301, 3), false},
		{"a period of days in one cell", map[string]any{"C": "2023-01-01～2023-02-28"}, months(202301, 2), false},
		{"a month and the same period", map[string]any{"C": "2023-05", "D": "2023-05-01", "E": "2023-05-31"}, months(202305, 1), false},
		{"on one's own", map[string]any{"C": "2023-05", "H": "灵活就业人员"}, months(202305, 1), true},
		{"not said", map[string]any{"C": "2023-05", "H": nil}, months(202305, 1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			f, rep := take(t, m, putBook(t, table{"表", [][]any{contributionsHead, change(contributionLine(3), tt.cells)}}), testOptions(t))
			wantErrors(t, rep)
			wantTotals(t, f, 1, 1, 0, 0, 0)
			var got []civil.Month
			var paid money.Fen
			for _, x := range m.months {
				got = append(got, x.Month)
				paid += x.Paid
				x.Month, x.Paid = 0, 0
				want := ledger.Contribution{Src: ledger.Source{Seq: 5, Sheet: "表", Row: 2}, Area: "990001", Person: 1, Name: 1, Base: 4500_00, Flexible: tt.flexible}
				if !reflect.DeepEqual(x, want) {
					t.Errorf("%+v, want %+v", x, want)
				}
			}
			if !slices.Equal(got, tt.want) || paid != 45_00 || f.Contributions != len(got) || f.Amount != 0 {
				t.Errorf("%v, paid %s, %+v", got, paid, f)
			}
		})
	}
}

// TestContributionsDivided: what was paid for a period is divided to the fen, so
// that a month sent alone and one of a period are the same.
func TestContributionsDivided(t *testing.T) {
	m := newMemory()
	row := contributionLine(3)
	period := change(row, map[string]any{"C": nil, "D": "202301", "E": "202303", "G": "100.01"})
	f, _ := take(t, m, putRows(t, contributionsHead, period, change(row, map[string]any{"C": "202303", "G": "33.33"}),
		change(row, map[string]any{"C": "2023-04"}), change(row, map[string]any{"C": nil, "D": "202304", "E": "202304"})), testOptions(t))
	wantTotals(t, f, 4, 2, 2, 0, 0)
	var paid []money.Fen
	for _, x := range m.months {
		paid = append(paid, x.Paid)
	}
	if want := []money.Fen{33_34, 33_34, 33_33, 45_00}; !slices.Equal(paid, want) {
		t.Errorf("%v, want %v", paid, want)
	}
	// A row of which one month is new is taken.
	f, _ = take(t, m, putRows(t, contributionsHead, change(row, map[string]any{"C": nil, "D": "202304", "E": "202305", "G": 90})), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 0)
	if f.Contributions != 1 {
		t.Errorf("%d months", f.Contributions)
	}
}

func TestBirths(t *testing.T) {
	m := newMemory()
	f, rep := take(t, m, putBook(t, table{"表", [][]any{birthsHead, birthLine(1), change(birthLine(2), map[string]any{"C": "2024年2月3日", "D": "98天"}),
		change(birthLine(3), map[string]any{"C": asDate(45351), "D": 366})}}), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 3, 3, 0, 0, 0)
	var got [][2]int
	for _, x := range m.births {
		got = append(got, [2]int{int(x.Date), x.Days})
	}
	if want := [][2]int{{20240202, 158}, {20240203, 98}, {20240229, 366}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	want := ledger.Birth{Src: ledger.Source{Seq: 5, Sheet: "表", Row: 2}, Area: "990001", Person: 1, Name: 1, Date: 20240202, Days: 158}
	if !reflect.DeepEqual(m.births[0], want) || f.Births != 3 || f.Kind != "births" {
		t.Errorf("%+v, %+v", m.births[0], f)
	}
}

func TestItems(t *testing.T) {
	m := newMemory()
	platform := []any{"setl_id", "certno", "psn_name", "med_list_codg", "hilist_name", "med_chrgitm_type", "fee_ocur_time", "pric", "调整后价格", "cnt", "det_item_fee_sumamt"}
	f, rep := take(t, m, putBook(t,
		table{"表", [][]any{itemsHead, itemLine(1), change(itemLine(1), map[string]any{"G": nil, "J": -2, "K": -260}),
			change(itemLine(2), map[string]any{"D": nil, "E": nil, "G": nil, "J": "-", "K": nil})}},
		table{"平台", [][]any{platform, change(itemLine(3), map[string]any{"H": "130.000000", "J": "1.5000", "K": 195})}},
		table{"计算", [][]any{itemsHead, change(itemLine(4), map[string]any{"J": 0.1 + 0.2, "K": 39})}}), testOptions(t))
	wantErrors(t, rep)
	wantTotals(t, f, 5, 5, 0, 0, 0)
	first := ledger.Item{Src: ledger.Source{Seq: 5, Sheet: "表", Row: 2}, Area: "990001", Person: 1, Name: 1, SetlID: "S1", Code: "003302000010000", ItemName: "小儿脑室穿刺术",
		Class: "手术治疗费", Date: 20240108, Price: 130_00, BasePrice: 100_00, Quantity: 2000, Amount: 260_00}
	if !reflect.DeepEqual(m.items[0], first) {
		t.Errorf("%+v, want %+v", m.items[0], first)
	}
	var got []string
	for _, x := range m.items {
		got = append(got, fmt.Sprint(x.SetlID, " ", x.Quantity, " ", x.Amount))
	}
	if want := []string{"S1 2000 260.00", "S1 -2000 -260.00", "S2 0 0.00", "S3 1500 195.00", "S4 300 39.00"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if f.Amount != 234_00 || f.AmountTaken != f.Amount || f.Items != 5 || f.Kind != "items" {
		t.Errorf("%+v", f)
	}
}

// TestNamesOfColumns: every name of every column is understood.
func TestNamesOfColumns(t *testing.T) {
	m := newMatcher(nil)
	for _, k := range m.kinds {
		for f, names := range k.names {
			for _, n := range append([]string{string(f)}, names...) {
				h, f := k.match([][]string{{n}}), f
				if f == "changed" { // the only day that there is
					f = "start"
				}
				if at, ok := h.at[f]; !ok || at != 0 {
					t.Errorf("%s: %s is not %s but %v", k.kind, n, f, slices.Collect(maps.Keys(h.at)))
				}
			}
		}
	}
	for _, n := range []string{"费款所属期（起）", "费款所属期（止）", "县（市、区）", "县 市 区"} {
		found := false
		for _, k := range m.kinds {
			h := k.match([][]string{{n}})
			for f := range h.at {
				found = found || f == "month_from" || f == "month_to" || f == "county"
			}
		}
		if !found {
			t.Errorf("%s is not understood", n)
		}
	}
}

// TestListsRepeated: the same row twice is a repeat, whatever its name; whatever
// else differs makes it another row.
func TestListsRepeated(t *testing.T) {
	for k, tt := range map[Kind]struct {
		name  string // the name's column
		other map[string]any
	}{
		Enrolment:     {"B", map[string]any{"C": "2023", "D": "310", "E": "330103", "F": "2023-12-01", "G": 101, "H": 281, "I": "民政局"}},
		Contributions: {"B", map[string]any{"C": "2022-12", "F": 4501, "G": 46, "H": "灵活就业"}},
		Births:        {"B", map[string]any{"C": "2023-12-01", "D": 98}},
		Items:         {"C", map[string]any{"A": "S99", "D": "X", "E": "X", "F": "X", "G": "2024-01-09", "H": 131, "I": 101, "J": 3, "K": 261}},
	} {
		t.Run(string(k), func(t *testing.T) {
			m := newMemory()
			rows := [][]any{heads[k], lines[k](1), change(lines[k](1), map[string]any{tt.name: testNames[4]}), lines[k](2)}
			f, rep := take(t, m, putRows(t, rows...), testOptions(t))
			wantErrors(t, rep)
			wantTotals(t, f, 3, 2, 1, 0, 0)
			taken := f.AmountTaken
			f, _ = take(t, m, putRows(t, rows...), testOptions(t))
			wantTotals(t, f, 3, 0, 3, 0, 0)
			if f.AmountTaken != 0 || f.Amount < taken {
				t.Errorf("%+v", f)
			}
			for _, at := range slices.Sorted(maps.Keys(tt.other)) {
				f, rep := take(t, m, putRows(t, heads[k], change(lines[k](1), map[string]any{at: tt.other[at]})), testOptions(t))
				wantErrors(t, rep)
				if f.Taken != 1 {
					t.Errorf("another %v is no other row", heads[k][columnOf(at)])
				}
			}
		})
	}
}

// TestListsExtras: unknown columns stay with the row, sealed.
func TestListsExtras(t *testing.T) {
	for _, k := range []Kind{Enrolment, Contributions, Births, Items} {
		m := newMemory()
		_, rep := take(t, m, putRows(t, append(slices.Clone(heads[k]), "联系电话"), append(lines[k](1), "0571")), testOptions(t))
		wantErrors(t, rep)
		var extra []byte
		switch k {
		case Enrolment:
			extra = m.insured[0].Extra
		case Contributions:
			extra = m.months[0].Extra
		case Births:
			extra = m.births[0].Extra
		case Items:
			extra = m.items[0].Extra
		}
		if string(extra) != `{"联系电话":"0571"}` {
			t.Errorf("%s: %s", k, extra)
		}
	}
}

// TestRowsAddUp: whatever stands in the cells, every row that is read is taken,
// repeated or returned (take compares the totals with the records and errors).
func TestRowsAddUp(t *testing.T) {
	for _, k := range allKinds {
		t.Run(string(k), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(len(k))))
			junk := []any{nil, "", "x", "-1", -1, 0, "2024-02-30", "2025-01-01", "20230501", 1e17, "约五十", "12.345", testID(19700102, 1), "见附件", "1", true, "合计", "-"}
			m := newMemory()
			returned, repeated, taken := 0, 0, 0
			for range 6 {
				rows := [][]any{heads[k]}
				for range 120 {
					row := lines[k](r.IntN(40))
					for range r.IntN(3) {
						row[r.IntN(len(row))] = junk[r.IntN(len(junk))]
					}
					rows = append(rows, row)
				}
				path := putRows(t, rows...)
				if r.IntN(2) == 0 {
					path = putBook(t, table{"表", rows})
				}
				f, _ := take(t, m, path, testOptions(t))
				if f.Read+f.Skipped != 120 {
					t.Errorf("of 120 rows %d were read and %d skipped", f.Read, f.Skipped)
				}
				returned, repeated, taken = returned+f.Returned, repeated+f.Repeated, taken+f.Taken
			}
			if returned < 20 || repeated < 20 || taken < 20 {
				t.Errorf("%d taken, %d repeated, %d returned: that shows little", taken, repeated, returned)
			}
		})
	}
}

// TestListsStop: what the ledger says stops an import, and nothing is reported.
func TestListsStop(t *testing.T) {
	for _, k := range allKinds {
		m := newMemory()
		m.err = context.DeadlineExceeded
		if rep, err := Import(context.Background(), putRows(t, heads[k], lines[k](1)), testOptions(t), &ledger.File{}, m); err != m.err || rep != nil {
			t.Errorf("%s: %v, %v", k, rep, err)
		}
	}
}

// TestCountyAndApplication: the two are of a row's events where it says them;
// one who leaves applies for nothing.
func TestCountyAndApplication(t *testing.T) {
	type seen struct {
		op      rules.Op
		county  string
		applied civil.Date
	}
	for _, tt := range []struct {
		name  string
		cells map[string]any
		want  []seen
	}{
		{"neither", nil, []seen{{rules.Add, "", 0}}},
		{"applied before the recognition", map[string]any{"O": "2023-12-20", "P": " 辽中区 "}, []seen{{rules.Add, "辽中区", 20231220}}},
		{"applied after it", map[string]any{"O": "2024-02-01"}, []seen{{rules.Add, "", 20240201}}},
		{"changed", map[string]any{"B": "变更", "O": "2024-01-04", "P": "康平县"}, []seen{{rules.Change, "康平县", 20240104}}},
		{"added and removed", map[string]any{"H": "2024-02-01", "O": "2023-12-20", "P": "康平县"}, []seen{{rules.Add, "康平县", 20231220}, {rules.Remove, "康平县", 0}}},
		{"removed", map[string]any{"B": "退出", "H": "2024-02-01", "O": "2023-12-20", "P": "康平县"}, []seen{{rules.Remove, "康平县", 0}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			_, rep := take(t, m, putRows(t, rosterHead, change(rosterLine(3), tt.cells)), testOptions(t))
			wantErrors(t, rep)
			var got []seen
			for _, e := range m.events {
				got = append(got, seen{e.Op, e.County, e.Applied})
				if x := e.Rules(); x.County != e.County || x.Applied != e.Applied {
					t.Errorf("the rules see %+v", x)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
