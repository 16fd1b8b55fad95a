package workbook

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doudi/reports/soffice"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// example is a book with all that a page can hold, drawn from its tables.
func example() Book {
	months := Table{
		Sheet: "化解率", Title: "青柳县2023年各月化解率", Notes: []string{"单位：元；化解率 = 已化解 ÷ 监测人数。"},
		Columns: []Column{
			{Key: "month", Title: "月份"}, {Key: "watched", Title: "监测人数", Kind: Count, Heat: true}, {Key: "cleared", Title: "已化解", Kind: Count, Bar: true},
			{Key: "rate", Title: "化解率", Kind: Ratio, Limit: &Limit{Below: money.Ratio(9500), Tone: Bad}}, {Key: "target", Title: "目标", Kind: Ratio},
			{Key: "used", Title: "基金支出（元）", Kind: Money, Total: true, Bar: true}, {Key: "budget", Title: "预算（元）", Kind: Money, Total: true},
			{Key: "state", Title: "状态", Tones: map[string]Tone{"已清零": Good, "推进中": Watch, "未清零": Bad, "不适用": Quiet}},
		},
		Rows: func(yield func([]any) bool) {
			states := []string{"已清零", "推进中", "未清零", "不适用"}
			for i := range 12 {
				rate := money.Ratio(8600 + i*127)
				if !yield([]any{fmt.Sprintf("2023-%02d", i+1), 420 - 17*i, 361 - 14*i + i*i/3, min(rate, 10000), money.Ratio(10000),
					money.Fen(41_234_567 + i*2_345_678), money.Fen(60_000_000), states[i%4]}) {
					return
				}
			}
		},
	}
	diseases := Table{
		Sheet: "病种", Title: "监测对象病种前十", Columns: []Column{
			{Key: "name", Title: "病种"}, {Key: "people", Title: "人数", Kind: Count, Total: true, Heat: true}, {Key: "before", Title: "救助前负担（元）", Kind: Money, Total: true}, {Key: "after", Title: "救助后负担（元）", Kind: Money, Total: true, Limit: &Limit{Above: money.Fen(20_000_000), Tone: Watch}},
		},
		Rows: func(yield func([]any) bool) {
			for i, d := range []string{"慢性肾功能衰竭（透析）", "恶性肿瘤门诊放化疗", "高血压病伴并发症", "糖尿病伴并发症", "脑卒中后遗症", "冠心病", "重性精神病", "类风湿关节炎", "血友病", "器官移植抗排异治疗"} {
				if !yield([]any{d, 131 - 12*i, money.Fen(98_000_000 - i*7_654_321), money.Fen(31_000_000 - i*2_345_678)}) {
					return
				}
			}
		},
	}
	people := Table{
		Sheet: "预警名单", Title: "青柳县2023年8月预警待核实名单", Notes: []string{"请于9月10日前核实。"},
		Columns: []Column{
			{Key: "certno", Title: "身份证号"}, {Key: "name", Title: "姓名"}, {Key: "town", Title: "乡镇"}, {Key: "date", Title: "预警日期", Kind: Date}, {Key: "paid", Title: "个人负担（元）", Kind: Money, Total: true},
			{Key: "state", Title: "状态", Tones: map[string]Tone{"已清零": Good, "未清零": Bad}}, {Key: "why", Title: "预警原因"},
		},
		Rows: func(yield func([]any) bool) {
			for i := range 60 {
				why := "住院费用个人负担超过监测线"
				if i%7 == 3 {
					why = "近12个月门诊慢特病与住院费用个人负担合计超过上年居民人均可支配收入的百分之五十，且家庭为低保边缘家庭，需入户核实"
				}
				if !yield([]any{fmt.Sprintf("993301197001%06d", i), "欧阳某", "青柳镇", civil.Date(20230800 + i%28 + 1), money.Fen(1_234_567 + i*98_765), []string{"已清零", "未清零"}[i%3/2], why}) {
					return
				}
			}
		},
	}
	empty := Table{Sheet: "空表", Columns: []Column{{Key: "a", Title: "名称"}, {Key: "b", Title: "人数", Kind: Count}}}
	page := Page{
		Sheet: "领导一页纸", Title: "青柳县防范化解因病致贫返贫风险 2023年8月", Subtitle: "青柳县医疗保障局 · 统计截至 2023-08-31 · 第 8 次运行", OnePage: true,
		Blocks: []Block{
			Figures{
				{Label: "监测对象", Value: 12345, Unit: "人", Note: "比上月减少 17 人", Link: "化解率!8"},
				{Label: "本月补发", Value: money.Fen(123_456_789), Unit: "元", Note: "涉及 318 人", Link: "预警名单"},
				{Label: "化解率", Value: money.Ratio(9489), Note: "目标 100 %，差 5.11 个百分点", Tone: Watch, Link: "化解率!8"},
				{Label: "超期未清零", Value: 21, Unit: "户", Note: "最长已 47 天，请督办", Tone: Bad, Link: "预警名单!1:20"},
				{Label: "参保率", Value: money.Ratio(10000), Note: "困难群众应保尽保", Tone: Good},
			},
			Heading("下一步"),
			Paragraph{Text: "21 户预警超过 30 天没有清零，其中青柳镇 9 户。请乡镇在 9 月 10 日前入户核实，符合条件的及时给予临时救助；不符合的写明理由，由县医保局汇总后报联席会议。", Tone: Bad},
			Lines{Header: []string{"事项", "责任单位", "户数", "金额（元）", "截止", "状态"}, Widths: []int{4, 2, 1, 2, 1, 2}, Rows: [][]any{
				{Cell{Value: "入户核实预警名单", Link: "预警名单!1:20"}, "各乡镇", 21, money.Fen(98_765_432), "9-10", Cell{Value: "未清零", Tone: Bad}},
				{"对近12个月门诊慢特病与住院费用个人负担合计超过监测线的家庭，落实倾斜救助并复核", "县医保局、县民政局", 318, money.Fen(123_456_789), "9-20", Cell{Value: "推进中", Tone: Watch}},
				{"财政专户拨付", "县财政局", 1, money.Fen(5_000_000), "9-25", Cell{Value: "已拨付", Tone: Good}},
			}},
			Charts{
				{Kind: Columns, Title: "基金支出与预算", Table: "化解率", Labels: "month", Series: []string{"used"}, Line: []string{"budget"}},
				{Kind: Line, Title: "化解率（目标 100 %）", Table: "化解率", Labels: "month", Series: []string{"rate"}, Line: []string{"target"}},
				{Kind: Bars, Title: "监测对象病种前十（人）", Table: "病种", Labels: "name", Series: []string{"people"}},
			},
		},
	}
	more := Page{
		Sheet: "图", Title: "各种图", Portrait: true, Blocks: []Block{
			Heading("救助前后负担"),
			Charts{{Kind: Columns, Title: "救助前后负担", Table: "病种", Labels: "name", Series: []string{"before", "after"}, First: 6},
				{Kind: Stacked, Title: "已化解与负担", Table: "病种", Labels: "name", Series: []string{"before", "after"}, First: 5}},
			Charts{{Kind: Columns, Title: "人数与化解率", Table: "化解率", Labels: "month", Series: []string{"watched", "cleared"}, Line: []string{"rate"}},
				{Kind: Columns, Title: "没有", Table: "空表", Labels: "a", Series: []string{"b"}, Empty: "本月没有超期的户"}},
			Charts{{Kind: Bars, Title: "救助前后负担（元）", Table: "病种", Labels: "name", Series: []string{"before", "after"}}},
			Heading("说明"),
			Paragraph{Text: "一、本表所称监测对象，是指纳入监测的困难群众。\n二、金额单位为元。"},
			Lines{Header: []string{"列", "含义", "依据"}, Widths: []int{2, 8, 2}, Rows: [][]any{{"个人负担", "医疗费用经基本医保、大病保险、医疗救助支付后，由个人承担的部分", "KF-4 四（三）1"}}},
			Lines{Header: []string{"没有"}},
			Figures{{Label: "甲", Value: "不详", Unit: "人"}, {Label: "乙", Value: 7}, {Label: "丙", Value: nil}, {Label: "丁", Value: money.Fen(-5), Unit: "元"}, {Label: "戊", Value: 1}, {Label: "己", Value: civil.Date(20230831), Note: "日期"}},
		},
	}
	return Book{Title: "例", Header: "青柳县 2023-08 医保 A&B", Sheets: []Sheet{page, more, months, diseases, people, empty}}
}

// partOf is a part of the file, by its name.
func partOf(t *testing.T, path, name string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	b, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// places are the names with a meaning of their own, by sheet.
func places(f *excelize.File, name string) map[string]string {
	out := map[string]string{}
	for _, n := range f.GetDefinedName() {
		if n.Name == name {
			out[n.Scope] = n.RefersTo
		}
	}
	return out
}

func TestPage(t *testing.T) {
	f, path := written(t, example(), maxRows)
	const s = "领导一页纸"
	wantSheets(t, f, s, "图", "化解率", "病种", "预警名单", "空表")
	for cell, want := range map[string]string{
		"A1": "青柳县防范化解因病致贫返贫风险 2023年8月", "A4": "监测对象", "A5": "12,345人", "A6": "比上月减少 17 人",
		"D5": "1,234,567.89元", "G5": "94.89%", "K5": "21户", "N5": "100.00%", "A8": "下一步", "A12": "事项", "M13": "9-10", "J13": "987,654.32", "O15": "已拨付",
	} {
		if got := shown(t, f, s, cell); got != want {
			t.Errorf("%s shows %q, want %q", cell, got, want)
		}
	}
	if got := raw(t, f, s, "D5"); got != "1234567.89" {
		t.Errorf("a figure with a unit holds %q, want a number", got)
	}
	if got := styleAt(t, f, s, "D5"); got.Font.Size < 16 || !got.Font.Bold {
		t.Errorf("a figure's font is %+v", got.Font)
	}
	merged, err := f.GetMergeCells(s)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range merged {
		all = append(all, m[0])
	}
	for _, want := range []string{"A1:P1", "A5:C5", "D5:F5", "G5:J5", "K5:M5", "N5:P5", "A10:P10", "A13:E13", "M13:N13"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not merged: %v", want, all)
		}
	}
	for cell, want := range map[string]string{"A5": "'化解率'!A11", "D4": "'预警名单'!A1", "K6": "'预警名单'!A4:G23", "A13": "'预警名单'!A4:G23"} {
		if ok, to, err := f.GetCellHyperLink(s, cell); !ok || to != want || err != nil {
			t.Errorf("%s leads to %q, %v, want %q", cell, to, err, want)
		}
	}
	// A long text has a higher row.
	one, err := f.GetRowHeight(s, 15)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := f.GetRowHeight(s, 14); err != nil || two != one+15 {
		t.Errorf("a row of two lines is %v high, one of one %v, %v", two, one, err)
	}
	view, err := f.GetSheetView(s, 0)
	if err != nil || *view.ShowGridLines {
		t.Errorf("a page shows the grid, %v", err)
	}
	for sheet, want := range map[string]string{s: "landscape 1 1", "图": "portrait 1 0", "病种": "landscape 1 0"} {
		l, err := f.GetPageLayout(sheet)
		if got := fmt.Sprint(*l.Orientation, " ", *l.FitToWidth, *l.FitToHeight); got != want || err != nil {
			t.Errorf("%s is printed %s, %v, want %s", sheet, got, err, want)
		}
	}
	h, err := f.GetHeaderFooter(s)
	if err != nil || !strings.Contains(h.OddHeader, `Regular"青柳县 2023-08 医保 A&&B&R`) || !strings.Contains(h.OddHeader, "&A") || !strings.Contains(h.OddFooter, "第 &P 页，共 &N 页") {
		t.Errorf("header and footer %+v, %v", h, err)
	}
	areas := places(f, "_xlnm.Print_Area")
	for sheet, want := range map[string]string{s: "$A$1:$P$32", "病种": "$A$1:$D$13", "空表": "$A$1:$B$2"} {
		if got := areas[sheet]; got != "'"+sheet+"'!"+want {
			t.Errorf("of %s is printed %q, want %s", sheet, got, want)
		}
	}
	// What a sheet of paper would cut begins the next.
	if x := partOf(t, path, "xl/worksheets/sheet2.xml"); strings.Count(x, "<brk ") != 1 {
		t.Error("the page of charts is cut somewhere else")
	}
}

func TestCharts(t *testing.T) {
	_, path := written(t, example(), maxRows)
	// Every chart ends with its grid column and its last row.
	anchors := partOf(t, path, "xl/drawings/drawing1.xml")
	for _, want := range []string{
		"<xdr:row>16</xdr:row>", "<xdr:row>32</xdr:row><xdr:rowOff>0</xdr:rowOff>", "<xdr:col>16</xdr:col><xdr:colOff>0</xdr:colOff>",
	} {
		if !strings.Contains(anchors, want) {
			t.Errorf("the charts' places have no %s: %s", want, anchors)
		}
	}
	for i, wants := range [][]string{
		{"'化解率'!$A$4:$A$15", "'化解率'!$F$4:$F$15", "'化解率'!$F$3", "'化解率'!$G$4:$G$15", "barChart", "lineChart", `formatCode="0&#34;.&#34;0,&#34;万&#34;"`, `prst="dash"|prstDash val="dash"`, `<c:min val="0">`, `legendPos val="b"`},
		{"'化解率'!$D$4:$D$15", "'化解率'!$E$4:$E$15", "lineChart", `formatCode="0%"`, `rot="-2700000"`},
		{"'病种'!$A$3:$A$12", "'病种'!$B$3:$B$12", `barDir val="bar"`, `orientation val="maxMin"`, `showVal val="1"`},
		{"'病种'!$A$3:$A$8", "'病种'!$C$3:$C$8", "'病种'!$D$3:$D$8", `barDir val="col"`},
		{"'病种'!$A$3:$A$7", `grouping val="stacked"`, `overlap val="100"`},
		{"'化解率'!$B$4:$B$15", "'化解率'!$D$4:$D$15", `axPos val="r"`},
		{"'病种'!$D$3:$D$12"},
	} {
		x := partOf(t, path, fmt.Sprintf("xl/charts/chart%d.xml", i+1))
		x = strings.ReplaceAll(x, "&#39;", "'")
		for _, want := range wants {
			if !slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool {
				return strings.Contains(strings.ReplaceAll(x, "<c:", "<"), strings.ReplaceAll(w, "<c:", "<"))
			}) {
				t.Errorf("chart %d has no %s", i+1, want)
			}
		}
		if strings.Contains(x, "3DChart") {
			t.Errorf("chart %d has a third dimension", i+1)
		}
	}
}

// A chart draws no more than can be read, and of a table that goes on only what
// stands on its first sheet.
func TestChartRows(t *testing.T) {
	for _, c := range []struct{ rows, limit, first, want int }{{100, maxRows, 0, 40}, {100, maxRows, 5, 5}, {3, maxRows, 5, 3}, {30, 21, 0, 16}, {0, maxRows, 0, 0}} {
		a := amounts(c.rows)
		a.Columns[0].Key, a.Columns[2].Key = "name", "amount"
		page := Page{Sheet: "页", Blocks: []Block{Charts{{Title: "图", Table: "补发", Labels: "name", Series: []string{"amount"}, First: c.first, Empty: "一行也没有"}}}}
		f, path := written(t, Book{Sheets: []Sheet{page, a}}, max(c.limit, 21))
		if c.want == 0 {
			if got := shown(t, f, "页", "A2"); got != "图\n一行也没有" {
				t.Errorf("in the place of an empty chart stands %q", got)
			}
			continue
		}
		if x := strings.ReplaceAll(partOf(t, path, "xl/charts/chart1.xml"), "&#39;", "'"); !strings.Contains(x, fmt.Sprintf("'补发'!$C$5:$C$%d<", 4+c.want)) {
			t.Errorf("%+v: %s", c, x)
		}
	}
}

// Heat columns beside each other share one scale, where they are of one kind.
func TestHeat_Shared(t *testing.T) {
	table := Table{Sheet: "热", Columns: []Column{{Title: "乡镇"}, {Title: "1月", Kind: Count, Heat: true}, {Title: "2月", Kind: Count, Heat: true},
		{Title: "占比", Kind: Ratio, Heat: true}, {Title: "合计", Kind: Count}, {Title: "3月", Kind: Count, Heat: true}},
		Rows: slices.Values([][]any{{"东乡", 1, 2, money.Ratio(100), 3, 4}, {"西乡", 9, 0, money.Ratio(900), 9, 1}})}
	f, _ := written(t, Book{Sheets: []Sheet{table}}, 100)
	got, err := f.GetConditionalFormats("热")
	if err != nil {
		t.Fatal(err)
	}
	var ranges []string
	for at, rules := range got {
		for _, r := range rules {
			if r.Type == "2_color_scale" {
				ranges = append(ranges, at)
			}
		}
	}
	slices.Sort(ranges)
	if !slices.Equal(ranges, []string{"B2:C3", "D2:D3", "F2:F3"}) {
		t.Error(ranges)
	}
}

// Behind the longest bar there is room for its number, in the unit of the cells.
func TestBars_Room(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		most any
		want float64
	}{{Money, money.Fen(400_00), 500}, {Count, 8, 10}, {Ratio, money.Ratio(4000), 0.5}} {
		if got := beyond(c.kind, [][]any{{"甲", c.most}, {"乙", nil}}, []int{1}); got == nil || *got != c.want {
			t.Errorf("%v: %v, want %v", c.most, got, c.want)
		}
	}
	if got := beyond(Money, [][]any{{"甲", money.Fen(0)}}, []int{1}); got != nil {
		t.Error(*got)
	}
}

func TestColours(t *testing.T) {
	table := Table{
		Sheet: "色", Title: "色", Columns: []Column{
			{Key: "s", Title: "状态", Tones: map[string]Tone{`已"清"零`: Good, "未清零": Bad, "无": Plain}},
			{Key: "n", Title: "人数", Kind: Count, Heat: true, Limit: &Limit{Below: 3, Above: 1000, Tone: Watch}},
			{Key: "m", Title: "金额", Kind: Money, Bar: true, Total: true, Limit: &Limit{Above: money.Fen(123_456), Tone: Bad}},
			{Key: "r", Title: "比例", Kind: Ratio, Limit: &Limit{Below: money.Ratio(9950), Tone: Bad}},
		},
		Rows: func(yield func([]any) bool) {
			for i := range 14 {
				if !yield([]any{"未清零", i, money.Fen(i), nil}) {
					return
				}
			}
		},
	}
	// 2 rows above and one kept for the total: 8 rows of data on each sheet of 11.
	f, _ := written(t, Book{Sheets: []Sheet{table}}, 11)
	wantSheets(t, f, "色", "色(2)")
	for sheet, last := range map[string]int{"色": 10, "色(2)": 8} {
		got, err := f.GetConditionalFormats(sheet)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, col := range []string{"A", "B", "C", "D"} {
			for _, r := range got[fmt.Sprintf("%s3:%s%d", col, col, last)] {
				text += fmt.Sprintln(col, r.Type, r.Criteria, r.Value, r.MinType, r.MaxType, r.Format != nil)
			}
		}
		for _, r := range got[fmt.Sprintf("A3:D%d", last)] {
			text += fmt.Sprintln("all", r.Type, r.Criteria)
		}
		want := `A cell equal to "已""清""零"   true
A cell equal to "未清零"   true
B formula AND(ISNUMBER(B3),OR(B3<3,B3>1000))    true
B 2_color_scale =  num max false
C formula AND(ISNUMBER(C3),OR(C3>1234.56))    true
C data_bar =  num max false
D formula AND(ISNUMBER(D3),OR(D3<0.995))    true
all formula TRUE
`
		if text != want {
			t.Errorf("%s has the formats\n%swant\n%s", sheet, text, want)
		}
		if got := places(f, "_xlnm.Print_Area")[sheet]; got != fmt.Sprintf("'%s'!$A$1:$D$%d", sheet, map[bool]int{true: 10, false: 9}[last == 10]) {
			t.Errorf("of %s is printed %s", sheet, got)
		}
		if got := places(f, "_xlnm.Print_Titles")[sheet]; got != "'"+sheet+"'!$2:$2" {
			t.Errorf("%s repeats %s", sheet, got)
		}
	}
	// Each ground prints in a grey of its own, and its text is seen on it.
	var greys []int
	for tone, c := range colours {
		ground, text := grey(t, c.ground), grey(t, c.text)
		if ground-text < 120 {
			t.Errorf("tone %d: a text of %d on a ground of %d", tone, text, ground)
		}
		if tone != int(Plain) {
			greys = append(greys, ground)
		}
	}
	slices.Sort(greys)
	for i := range greys[1:] {
		if greys[i+1]-greys[i] < 8 {
			t.Errorf("two grounds print alike: %v", greys)
		}
	}
}

// grey is how light a colour is in print, of 255.
func grey(t *testing.T, rgb string) int {
	t.Helper()
	n, err := strconv.ParseUint(rgb, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	return int((299*(n>>16) + 587*(n>>8&255) + 114*(n&255)) / 1000)
}

// Links find a row on whatever sheet it came to stand.
func TestLinksToRows(t *testing.T) {
	page := Page{Sheet: "页", Blocks: []Block{Lines{Rows: [][]any{
		{Cell{Value: "a", Link: "补发!1"}}, {Cell{Value: "b", Link: "补发!7"}}, {Cell{Value: "c", Link: "补发!5:8"}}, {Cell{Value: "d", Link: "补发!13:14"}}, {Cell{Value: "e", Link: "补发"}}, {Cell{Value: "f", Link: "补发!A1:B2"}},
	}}}}
	before := texts("前", "x")
	before.Rows = rowsOf([]any{Cell{Value: "x", Link: "补发!2"}}, []any{Cell{Value: "y", Link: "补发!13"}})
	f, _ := written(t, Book{Sheets: []Sheet{page, before, amounts(14)}}, 11)
	for at, want := range map[string]string{
		"页!A2": "'补发'!A5", "页!A3": "'补发(2)'!A5", "页!A4": "'补发'!A9:D10", "页!A5": "'补发(3)'!A5:D6", "页!A6": "'补发'!A1", "页!A7": "'补发'!A1:B2",
		"前!A2": "'补发'!A6", "前!A3": "'补发'!A1", // the table is not written yet
	} {
		sheet, cell, _ := strings.Cut(at, "!")
		if ok, to, err := f.GetCellHyperLink(sheet, cell); !ok || to != want || err != nil {
			t.Errorf("%s leads to %q, %v, want %q", at, to, err, want)
		}
	}
}

func TestPagesThatMakeNoSense(t *testing.T) {
	a := amounts(3)
	a.Columns[0].Key, a.Columns[1].Key, a.Columns[2].Key = "name", "count", "amount"
	chart := func(f func(*Chart)) Block {
		c := Chart{Title: "图", Table: "补发", Labels: "name", Series: []string{"amount"}}
		f(&c)
		return Charts{c}
	}
	for name, b := range map[string]Block{
		"no table":        chart(func(c *Chart) { c.Table = "无" }),
		"a raw table":     chart(func(c *Chart) { c.Table = "原" }),
		"a page":          chart(func(c *Chart) { c.Table = "页" }),
		"no label":        chart(func(c *Chart) { c.Labels = "x" }),
		"no series":       chart(func(c *Chart) { c.Series = nil }),
		"unknown series":  chart(func(c *Chart) { c.Series = []string{"x"} }),
		"text drawn":      chart(func(c *Chart) { c.Series = []string{"name"} }),
		"two kinds":       chart(func(c *Chart) { c.Series = []string{"amount", "count"} }),
		"line over bars":  chart(func(c *Chart) { c.Kind, c.Line = Bars, []string{"count"} }),
		"four charts":     Charts{{}, {}, {}, {}},
		"wide lines":      Lines{Widths: []int{7, 6}},
		"more than wide":  Lines{Widths: []int{7}, Rows: [][]any{{1, 2}}},
		"13 columns":      Lines{Rows: [][]any{make([]any, 13)}},
		"no width":        Lines{Widths: []int{0}},
		"no tone":         Paragraph{Tone: Quiet + 1},
		"no tone of tile": Figures{{Tone: Quiet + 1}},
		"no tone of cell": Lines{Rows: [][]any{{Cell{Tone: Quiet + 1}}}},
		"no block":        nil,
		"no value":        Figures{{Value: 1.5}},
		"link nowhere":    Figures{{Value: 1, Link: "无"}},
		"link to no row":  Figures{{Value: 1, Link: "补发!4"}},
		"link to row 0":   Figures{{Value: 1, Link: "补发!0"}},
		"link backwards":  Figures{{Value: 1, Link: "补发!3:2"}},
		"row of a page":   Figures{{Value: 1, Link: "页!1"}},
	} {
		book := Book{Sheets: []Sheet{Page{Sheet: "页", Blocks: []Block{b}}, a, Table{Sheet: "原", Raw: true}}}
		if err := Write(filepath.Join(t.TempDir(), "a.xlsx"), book); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, c := range map[string]Column{
		"limit of text":      {Limit: &Limit{Above: 1, Tone: Bad}},
		"limit of nothing":   {Kind: Count, Limit: &Limit{Tone: Bad}},
		"limit without tone": {Kind: Count, Limit: &Limit{Above: 1}},
		"limit of yuan":      {Kind: Money, Limit: &Limit{Above: 1, Tone: Bad}},
		"heat of text":       {Heat: true},
		"bar of date":        {Kind: Date, Bar: true},
		"long tone":          {Tones: map[string]Tone{strings.Repeat("长", 256): Good}},
		"tone of two lines":  {Tones: map[string]Tone{"a\nb": Good}},
		"no tone":            {Tones: map[string]Tone{"a": Quiet + 1}},
	} {
		if err := Write(filepath.Join(t.TempDir(), "a.xlsx"), Book{Sheets: []Sheet{Table{Sheet: "a", Columns: []Column{c}}}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	twice := Table{Sheet: "a", Columns: []Column{{Key: "a"}, {Key: "a"}}}
	if err := Write(filepath.Join(t.TempDir(), "a.xlsx"), Book{Sheets: []Sheet{twice}}); err == nil {
		t.Error("one key for two columns: no error")
	}
}

// Foreign text on a page is text, wherever it stands.
func TestPageTextIsText(t *testing.T) {
	check := func(t *testing.T, fail func(string, ...any), evil string) {
		table := texts("表", evil)
		table.Columns = []Column{{Key: "a", Title: evil}, {Key: "b", Title: "b", Kind: Count}}
		p := Page{Sheet: "页", Title: "t", Subtitle: evil, Blocks: []Block{
			Heading(evil), Paragraph{Text: evil, Tone: Bad}, Figures{{Label: evil, Value: evil, Note: evil}, {Label: "n", Value: 3, Unit: evil}},
			Lines{Header: []string{evil}, Rows: [][]any{{evil}, {Cell{Value: evil, Tone: Good}}}},
			Charts{{Title: evil, Table: "表", Labels: "a", Series: []string{"b"}}},
			Charts{{Title: "无", Table: "空", Labels: "a", Series: []string{"b"}, Empty: evil}},
		}}
		empty := Table{Sheet: "空", Columns: table.Columns}
		f, _ := written(t, Book{Title: evil, Header: evil, Sheets: []Sheet{p, table, empty}}, maxRows)
		want := cleanText(evil)
		for _, cell := range []string{"A2", "A4", "A6", "A8", "A9", "A10", "A12", "A13", "A14"} {
			formula, err := f.GetCellFormula("页", cell)
			if got := raw(t, f, "页", cell); got != want || formula != "" || err != nil {
				fail("%s: %q came back as %q, formula %q, %v", cell, evil, got, formula, err)
			}
		}
	}
	for _, evil := range nasty {
		check(t, t.Errorf, evil)
	}
	rapid.Check(t, func(rt *rapid.T) { check(t, rt.Fatalf, rapid.StringN(1, 200, -1).Draw(rt, "s")) })
}

// One page is one sheet of paper, however much stands on it.
func TestOnePageOnPaper(t *testing.T) {
	if _, err := soffice.Find(); err != nil {
		t.Fatalf("%v: .ci/setup installs it", err)
	}
	b := example()
	long := b.Sheets[0].(Page)
	for range 6 {
		long.Blocks = append(long.Blocks, Paragraph{Text: strings.Repeat("写得很长的说明。", 80)})
	}
	b.Sheets[0] = long
	dir := t.TempDir()
	path := filepath.Join(dir, "a.xlsx")
	if err := Write(path, b); err != nil {
		t.Fatal(err)
	}
	made, err := soffice.Convert(t.Context(), soffice.PDF, dir, path)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	// The leaders' page, two of charts, two tables of a page each, sixty rows with
	// notes on three pages, and an empty table.
	if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); n != 9 {
		t.Errorf("%d sheets of paper, want 9", n)
	}
}
