package reports

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/jobs/simulate"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"
)

type names struct{}

func (names) Identities(_ context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error) {
	out := map[ledger.PersonNo]ledger.Person{}
	for _, p := range people {
		out[p] = ledger.Person{No: p, Certno: fmt.Sprintf("99410219600101%03dX", p), Name: "欧阳小明"}
	}
	return out, nil
}

func buckets(basic, assist, person money.Fen) simulate.Buckets {
	return simulate.Buckets{simulate.Basic: basic, simulate.Assist: assist, simulate.Person: person}
}

// twoAreas: in one a person gains 100.01 and one loses 0.50 on three claims, in
// the other nothing changes.
func twoAreas(t *testing.T) *Simulation {
	t.Helper()
	p, err := pack.Load("kaifeng-2022-draft")
	if err != nil {
		t.Fatal(err)
	}
	layers := []pack.Layered{{Pack: p}}
	pol, err := pack.Compile("410200", layers)
	if err != nil {
		t.Fatal(err)
	}
	d, err := simulate.ParseDraft("dir/draft.yaml", []byte("assist:\n  ratio: {dibian: 70%}\n"))
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	a := simulate.AreaOutcome{Code: "410200", Name: "开封市", Before: pol, After: pol, Layers: layers, InForce: true, Moved: true,
		Params: []simulate.ParamChange{{Pack: p.ID, Path: "assist.ratio", Name: "救助比例", Type: pack.RatioBy, Unit: "%", Item: "dibian", Before: "65%", After: "70%", From: 20230701, Clause: "KF-4", Article: "四（三）1", Document: p.Number, Adjustable: &yes}},
		Idle:   []simulate.Idle{{Key: simulate.Key{Path: "tilt.cap", Line: 3}}}}
	a.People, a.Changed = 9, 2
	a.Months[2] = simulate.Cost{Claims: 12, Changed: 3, Before: buckets(1000_00, 200_00, 300_00), After: buckets(1000_00, 299_51, 200_49)}
	a.Sides = simulate.Sides{Less: simulate.Side{People: 1, Sum: 100_01}, More: simulate.Side{People: 1, Sum: 50}}
	a.Groups = map[simulate.Group]simulate.Sides{{Category: rules.Dibian}: {Less: a.Sides.Less}, {Unlisted: true}: {More: a.Sides.More}}
	a.Townships = map[string]simulate.Sides{"青柳镇": {Less: a.Sides.Less}, "": {More: a.Sides.More}}
	a.Monitors = []simulate.MonitorChange{{MonitorKey: simulate.MonitorKey{ID: "x", Level: ledger.LevelHousehold}, Name: "高额", Before: simulate.Cases{Opened: 2, Cleared: 1}, After: simulate.Cases{Opened: 1}}}
	b := a
	b.Code, b.Name, b.Params, b.Idle, b.Moved, b.Missing, b.InForce, b.Tally = "410300", "某市", nil, nil, false, true, false, simulate.Tally{}
	o := &simulate.Outcome{Year: 2023, Run: ledger.Run{No: 4, Month: 202308}, Draft: d, Digest: strings.Repeat("0123456789abcdef", 4), Areas: []simulate.AreaOutcome{a, b}}
	claim := func(id string, d money.Fen) simulate.ClaimChange {
		return simulate.ClaimChange{SetlID: id, At: 20230310101500, Kind: rules.Inpatient, Before: buckets(0, 0, 100_00), After: buckets(0, -d, 100_00+d)}
	}
	o.Top = []simulate.PersonChange{
		{Area: "410200", Person: 7, Group: simulate.Group{Category: rules.Dibian}, Township: "青柳镇", Before: buckets(0, 0, 200_00), After: buckets(0, 100_01, 99_99), Changed: 6, Claims: []simulate.ClaimChange{claim("S1", -100_00), claim("S2", -1)}},
		{Area: "410200", Person: 8, Group: simulate.Group{Unlisted: true}, Before: buckets(0, 50, 100_00), After: buckets(0, 0, 100_50), Changed: 1, Claims: []simulate.ClaimChange{claim("S3", 50)}},
	}
	s, err := NewSimulation(t.Context(), names{}, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rowTexts(t workbook.Table) (out []string) {
	for row := range t.Rows {
		var cells []string
		for _, c := range row {
			if x, ok := c.(workbook.Cell); ok {
				c = x.Value
			}
			if c == nil {
				c = ""
			}
			cells = append(cells, fmt.Sprint(c))
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

// pageRows are the lines and paragraphs of a page.
func pageRows(p workbook.Page) (out []string) {
	for _, b := range p.Blocks {
		switch b := b.(type) {
		case workbook.Lines:
			out = append(out, rowTexts(workbook.Table{Rows: rowsOf(b.Rows)})...)
		case workbook.Paragraph:
			out = append(out, b.Text)
		}
	}
	return out
}

func TestSimulationBook(t *testing.T) {
	s := twoAreas(t)
	b := s.Book()
	cover := b.Sheets[0].(workbook.Page)
	sheets := []string{cover.Sheet}
	for _, x := range b.Tables() {
		sheets = append(sheets, x.Sheet)
	}
	if !slices.Equal(sheets, []string{"说明与参数对比", "按基金", "按月", "按类别", "按乡镇", "变化最大20人"}) {
		t.Errorf("%v", sheets)
	}
	for i, wants := range [][]string{
		{"救助比例|低保边缘家庭成员|65%|70%|2023-07-01 起|KF-4 四（三）1|可以", "注意：2023 年没有施行中的政策包，测算文件不起作用", "注意：第 4 次运行时还没有这个统筹区",
			"倾斜救助年度限额|当年没有一笔费用或监测因此变动（tilt.cap，测算文件第 3 行）", "高额（按户）|2|1|1|0", "医疗救助基金|应付由 200.00 元 变为 299.51 元，相差 +99.51 元"},
		{"410200 开封市|医疗救助基金|医疗救助|200.00|299.51|99.51|49.76%", "410200 开封市|个人|个人负担|300.00|200.49|-99.51|-33.17%", "410300 某市|补充保险|补充保险|0.00|0.00|0.00|"},
		{"410200 开封市|2023-03|12|3|200.00|299.51|99.51|300.00|200.49|-99.51", "410300 某市|2023-12|0|0|0.00|0.00|0.00|0.00|0.00|0.00"},
		{"410200 开封市|低保边缘家庭成员|1|100.01|100.01|0|0.00||0|-100.01", "410200 开封市|未列入名单|0|0.00||1|0.50|0.50|0|0.50"},
		{"410200 开封市|青柳镇|1|100.01|100.01|0|0.00||0|-100.01", "410200 开封市|（未填）|0|0.00||1|0.50|0.50|0|0.50"},
		{"410200 开封市|1|994102********007X|欧***|青柳镇|低保边缘家庭成员|S1|住院|2023-03-10|-100.00|6|200.00|99.99|-100.01|100.01", "||||||S2|住院|2023-03-10|-0.01", "||||||另有 4 笔", "410200 开封市|2|994102********008X|欧***|（未填）|未列入名单|S3|住院|2023-03-10|0.50|1|100.00|100.50|0.50|-0.50"},
	} {
		rows := pageRows(cover)
		if i > 0 {
			rows = rowTexts(b.Tables()[i-1])
		}
		for _, want := range wants {
			if !slices.Contains(rows, want) {
				t.Errorf("%s has no row %s:\n%s", sheets[i], want, strings.Join(rows, "\n"))
			}
		}
	}
	for _, x := range b.Tables() {
		for _, c := range x.Columns {
			if c.Key == "" || c.Meaning == "" {
				t.Errorf("%s: %q is not described", x.Sheet, c.Title)
			}
		}
	}
	figures, _, _ := pageOf(t, b, simulationCover)
	for label, want := range map[string]any{"医疗救助基金差额": money.Fen(9951), "个人负担净变化": money.Fen(-9951), "少负担": 1, "多负担": 1, "有变动的结算": 3} {
		if figures[label].Value != want {
			t.Errorf("%s: %v, want %v", label, figures[label].Value, want)
		}
	}
	if s.File() != "模拟-2023-01234567.xlsx" {
		t.Error(s.File())
	}
	// One area needs no column for it; where nothing changes the sheets say so.
	s.Areas, s.Top = s.Areas[1:], nil
	for i, want := range []string{2: "没有人的费用变动", 4: "|没有人的费用变动"} {
		if rows := rowTexts(s.Book().Tables()[i]); want != "" && !slices.Equal(rows, []string{want}) {
			t.Errorf("%v", rows)
		}
	}
	if !strings.Contains(s.Book().Title, "某市") || !strings.Contains(strings.Join(s.Notes(), ""), "完全相同") {
		t.Errorf("%s %v", s.Book().Title, s.Notes())
	}
}

func TestSimulationText(t *testing.T) {
	var b strings.Builder
	if err := twoAreas(t).Text(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"\n  救助比例  低保边缘家庭成员  65%   70%   2023-07-01 起  KF-4 四（三）1  可以\n",
		"\n  医疗救助基金  医疗救助    200.00    299.51   99.51\n",
		"\n  合计          总费用    1,500.00  1,500.00    0.00\n",
		"全年 9 人 12 笔结算，其中 2 人 3 笔有变动：1 人少负担 100.01 元，人均 100.01 元；1 人多负担 0.50 元，人均 0.50 元\n",
		"\n  高额（按户）         2         1         1         0\n",
		"994102********007X", "S1、S2", "注意：第 4 次运行之后政策包或本地参数已改动", "没有人的负担变动",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "19600101") || strings.Contains(text, "小明") {
		t.Error("an ID or a name stands there whole")
	}
}

func TestSimulationJSON(t *testing.T) {
	j, err := json.Marshal(twoAreas(t).JSON("out/x.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"workbook":"out/x.xlsx"`, `"same":false`, `"overlay":"dir/draft.yaml"`, `"from":"2023-07-01"`, `"adjustable":true`, `"reason":"当年没有一笔费用或监测因此变动"`,
		`{"after":"299.51","before":"200.00","difference":"99.51","fund":"assist"}`, `"category":"unlisted"`, `"after":{"cleared":0,"opened":1}`, `"warnings":["2023 年`} {
		if !strings.Contains(string(j), want) {
			t.Errorf("no %s in %s", want, j)
		}
	}
	if strings.Contains(string(j), "19600101") || strings.Contains(string(j), "小明") {
		t.Error("an ID or a name stands there whole")
	}
}

// TestParamTexts: values of every form as people read them.
func TestParamTexts(t *testing.T) {
	for _, c := range []struct {
		typ                        pack.Type
		item, before, after, unit  string
		wantItem, wantB, wantAfter string
	}{
		{pack.Amount, "", "", "10_000", "元", "", "未配置", "10,000.00 元"},
		{pack.AmountBy, "tekun", "none", "0.5", "元", "特困人员", "不设限", "0.50 元"},
		{pack.ByLevel, "3", "10%", "8%", "%", "三级医院", "10%", "8%"},
		{pack.Integer, "", "6", "12", "月", "", "6月", "12月"},
		{pack.Bool, "", "false", "true", "", "", "否", "是"},
		{pack.Choice, "", "same_day", "next_month", "", "", "退出当日", "次月起"},
		{pack.Tiers, "", "[{ratio: 60%}]", "[{to: 100_000, ratio: 60%}, {ratio: 70%}]", "%", "", "不分段 60%", "至 100,000.00 元 60%，以上 70%"},
		{pack.Tiers, "", "[{to: x, ratio: 60%}, {ratio: 70%}]", "nothing", "%", "", "[{to: x, ratio: 60%}, {ratio: 70%}]", "nothing"},
		{pack.Categories, "", "[tekun, dibao]", "[dibao, canji]", "", "", "特困人员、低保对象", "增加：二级及以上残疾人；去掉：特困人员"},
		{pack.Kinds, "", "[inpatient]", "[inpatient, pharmacy]", "", "", "住院", "增加：药店购药"},
		{pack.Texts, "", "[甲, 乙]", "[乙, 甲]", "", "", "甲、乙", "不变，只是次序不同"},
		{pack.Categories, "", "", "[dibao]", "", "", "未配置", "增加：低保对象"},
		{pack.Diseases, "COPD", "", "慢阻肺、J44", "", "慢阻肺", "未列入", "列入（慢阻肺、J44）"},
		{pack.Diseases, "AA", "再障", "再障、骨髓衰竭", "", "再障", "再障", "增加：骨髓衰竭"},
		{pack.CategoryBy, "fanpin", "dibao", "tekun", "", "返贫致贫人口", "低保对象", "特困人员"},
		{pack.PremiumBy, "dibao", "full", "80", "元", "低保对象", "全额", "80.00 元"},
		{pack.RatioByInsurance, "employees", "80%", "85%", "%", "职工医保", "80%", "85%"},
	} {
		p := &simulate.ParamChange{Path: "a.b", Type: c.typ, Unit: c.unit, Item: c.item, Before: c.before, After: c.after}
		before, after := paramTexts(p)
		if before != c.wantB || after != c.wantAfter || itemName(p) != c.wantItem {
			t.Errorf("%s: %q %q %q, want %q %q %q", c.typ, itemName(p), before, after, c.wantItem, c.wantB, c.wantAfter)
		}
	}
	line := &simulate.ParamChange{Path: "monitor.x.line", Type: pack.Amount, Item: "line", Before: "10000.00"}
	if before, after := paramTexts(line); before != "10,000.00 元" || after != "未配置" || itemName(line) != "标准" {
		t.Error(before, after, itemName(line))
	}
	who := &simulate.ParamChange{Path: "monitor.x.categories", Type: pack.Choice, Item: "categories", Before: "[dibao]", After: "[dibao, dibian]"}
	if _, after := paramTexts(who); after != "增加：低保边缘家庭成员" {
		t.Error(after)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		d, f money.Fen
		want any
	}{{1, 0, nil}, {0, 5, money.Ratio(0)}, {1, 3, money.Ratio(3333)}, {2, 3, money.Ratio(6667)}, {-2, 3, money.Ratio(-6667)}, {5, 5, money.One}} {
		if got := share(c.d, c.f); got != c.want {
			t.Errorf("%v of %v: %v", c.d, c.f, got)
		}
	}
}
