package reports

import (
	"strings"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/yearend"
	"doudi/reports/catalogue"
	"doudi/rules"

	"github.com/xuri/excelize/v2"
)

// The last sheet says what each column means, by which clause, how identities are
// shown, what the duty is and why it sees what it sees.
func TestLegend(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", "", 202306)
	b.on(1, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Dibao)
	b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0)}
	books := booksOf(t, b)
	for dept, want := range map[string][]string{
		"民政": {"预警待核实! | 身份证号 | 监测对象的身份证号码；家庭的为户主。 | – | 完整", "待申请救助! | 差额 | 两种算法之差。"},
		"卫健": {"监测清零! | 身份证号 | 监测对象的身份证号码；家庭的为户主。 | – | 遮掩", "医院承担汇总! | 允许额 | 按上限允许的范围外费用。 | 开封市实施方案（征求意见稿） 七（三） | –"},
		"医保": {"监测清零! | 标准 | 超过它就列入监测的金额。 | 开封市实施方案（征求意见稿） 五（一） | –", "在册人数! | 低保对象 | 月末有这种身份的人数。"},
	} {
		tables := books[dept].Tables()
		if last := tables[len(tables)-1].Sheet; last != legendSheet {
			t.Errorf("%s ends with %s", dept, last)
		}
		got := show(t, tables, legendSheet)
		for _, w := range want {
			sheet, rest, _ := strings.Cut(w, "!")
			found := false
			for line := range strings.Lines(got) {
				found = found || strings.Contains(line, sheet) && strings.Contains(line, rest)
			}
			if !found {
				t.Errorf("%s: no %q in\n%s", dept, w, got)
			}
		}
		// One line for every column of every other sheet but the cover.
		n := 0
		for _, x := range tables {
			if !x.Raw && x.Sheet != legendSheet {
				n += len(x.Columns)
			}
		}
		if got := strings.Count(got, "\n"); got != n {
			t.Errorf("%s: %d lines for %d columns", dept, got, n)
		}
	}
	tables := books["民政"].Tables()
	said := strings.Join(tables[len(tables)-1].Notes, "\n")
	if !strings.Contains(said, "职责：开封市实施方案（征求意见稿） 八（二）：认定特困、低保、低边等对象") || strings.Contains(said, "杭政办函") || !strings.Contains(said, "可见范围：要上门核实") {
		t.Error(said)
	}
}

// What an office orders otherwise is done, and stands in the workbook with its
// reason; a workbook with a password opens by it alone.
func TestWrite_Office(t *testing.T) {
	b := shelfOf(t, "kaifeng-2022-draft", "", 202306)
	b.on(1, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Dibao)
	b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0)}
	offices := []catalogue.Office{{Name: "县卫健委", Like: "卫健", Title: "青柳县卫生健康委员会", Duty: "青卫函〔2023〕1号，逐人回访",
		Sheets: catalogue.SheetChanges{Add: []string{"premium"}, Remove: []string{"diseases"}}, Columns: map[string][]string{"cases": {"certno", "name", "opened_by"}}, IDs: map[string]string{"cases": "whole"}, Open: "开门"}}
	if where, err := catalogue.Default().CheckOffices(offices, Orders(b.area)); err != nil {
		t.Fatal(where, err)
	}
	paths, err := Write(t.Context(), b, []jobs.Area{b.area}, b.run(), Options{Dir: t.TempDir(), Dept: "卫健", Offices: map[string][]catalogue.Office{b.area.Code: offices}})
	if err != nil {
		t.Fatal(err)
	}
	path := paths[b.area.Code]
	if len(path) != 1 || !strings.HasSuffix(path[0], "县卫健委-2023-06.xlsx") {
		t.Fatal(path)
	}
	for _, password := range []string{"", "别的"} {
		if f, err := excelize.OpenFile(path[0], excelize.Options{Password: password}); err == nil {
			f.Close()
			t.Errorf("opened by the password %q", password)
		}
	}
	f, err := excelize.OpenFile(path[0], excelize.Options{Password: "开门"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := map[string]string{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			text[sheet] += strings.Join(row, " | ") + "\n"
		}
	}
	if !strings.Contains(text["监测清零"], "身份证号 | 姓名 | 由哪笔结算\n"+b.people[1]+" | 某某人") {
		t.Error(text["监测清零"])
	}
	if _, there := text["病种"]; there || text["资助汇总"] == "" {
		t.Error(f.GetSheetList())
	}
	for _, want := range []string{"报送：青柳县卫生健康委员会。", "本地设置：增加工作表 资助汇总、未参保、", "不要工作表 病种。", "另定了列的工作表：监测清零。", "理由：青卫函〔2023〕1号，逐人回访。"} {
		if !strings.Contains(text[legendSheet], want) {
			t.Errorf("no %q in\n%s", want, text[legendSheet])
		}
	}
}

// Every column of a year's clearance has its key and its meaning.
func TestStatement_Described(t *testing.T) {
	y := &yearBook{Statement: &yearend.Statement{Figures: yearend.Figures{Year: 2023}}}
	n := 0
	for _, x := range y.book().Tables() {
		if x.Raw {
			continue
		}
		for _, c := range x.Columns {
			if n++; c.Key == "" || c.Meaning == "" && x.Sheet != legendSheet {
				t.Errorf("%s: %s is not described", x.Sheet, c.Title)
			}
		}
	}
	if n < 80 {
		t.Errorf("only %d columns", n)
	}
}
