package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// past is a shelf with runs before its own, each with what it knew.
type past struct {
	*shelf
	runs   []ledger.Run // in their order
	cases  map[int][]ledger.Case
	months map[int][]ledger.FundMonth
}

func (p *past) PreviousRun(_ context.Context, run ledger.Run) (ledger.Run, error) {
	for _, r := range slices.Backward(p.runs) {
		if r.No < run.No && r.Month != run.Month {
			return r, nil
		}
	}
	return ledger.Run{}, nil
}

func (p *past) Cases(_ context.Context, _ string, _, run int) ([]ledger.Case, error) {
	return slices.Clone(p.cases[run]), nil
}

func (p *past) YearSums(_ context.Context, _ string, _, run int) (*ledger.YearSums, error) {
	return &ledger.YearSums{Months: p.months[run]}, nil
}

// pastOf has run 2023-03 twice, 2023-04 for another area only, 2023-05, and now
// 2023-06 (run 9).
func pastOf(t *testing.T, overlay string) *past {
	t.Helper()
	b := shelfOf(t, "hangzhou-2022-70", overlay, 202306)
	b.on(1, homeOf{"甲县", "东乡"}, "民政", 20230101, rules.Dibao)
	b.on(2, homeOf{"甲县", "西乡"}, "民政", 20230101, rules.Dibao)
	in := []ledger.RunArea{{Area: b.area.Code, Name: b.area.Name}}
	run := func(no int, m civil.Month) ledger.Run { return ledger.Run{No: no, Month: m, Seen: 1, Areas: in} }
	p := &past{shelf: b, runs: []ledger.Run{run(1, 202303), run(2, 202303), {No: 3, Month: 202304, Areas: []ledger.RunArea{{Area: "999999"}}}, run(5, 202305)}}
	case1 := func(s rules.CaseState) ledger.Case {
		return opened(1, ledger.LevelPerson, 20230310, s, 5000_00, 0)
	}
	case2 := func(s rules.CaseState) ledger.Case {
		return opened(2, ledger.LevelPerson, 20230602, s, 5000_00, 0)
	}
	other := opened(2, ledger.LevelPerson, 20230312, rules.Watching, 5000_00, 0)
	p.cases = map[int][]ledger.Case{2: {case1(rules.Watching), other}, 5: {case1(rules.Cleared)}, 9: {case1(rules.Cleared), case2(rules.Watching)}}
	used := func(m civil.Month, assist, tilt money.Fen) ledger.FundMonth {
		return ledger.FundMonth{Month: m, Assist: assist, Tilt: tilt}
	}
	p.months = map[int][]ledger.FundMonth{1: {used(202303, 7_00, 0)}, 2: {used(202303, 100_00, 5_00)},
		5: {used(202303, 110_00, 5_00), used(202305, 40_00, 0), used(202306, 9_00, 0)}, 9: {used(202303, 110_00, 5_00), used(202305, 40_00, 0), used(202306, 20_00, 0)}}
	return p
}

func (p *past) books(t *testing.T) map[string]workbook.Book {
	t.Helper()
	f, err := begin(t.Context(), p, p.area, p.run())
	if err != nil {
		t.Fatal(err)
	}
	plans := slices.DeleteFunc(f.plans(catalogue.Default(), nil, ""), func(x plan) bool { return x.Name == "财政" })
	d, err := f.read(t.Context(), p, plans)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]workbook.Book{}
	for _, x := range plans {
		if out[x.Name], err = f.book(x, d); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Each month is as its own last run knew it: in March two were monitored and 105
// yuan due, whatever became known since. April was not run for the area.
func TestTrend_AsKnownThen(t *testing.T) {
	books := pastOf(t, "").books(t)
	for _, dept := range []string{"领导", "医保", "农业农村"} {
		got := show(t, books[dept].Tables(), "各月走势")
		want := "2023-03 | 2 | 2 | 0 | 2 | 0% | 100% | 105.00 | 105.00 | – | –\n" +
			"2023-05 | 5 | 1 | 1 | 0 | 100% | 100% | 40.00 | 155.00 | – | –\n" +
			"2023-06 | 9 | 2 | 1 | 1 | 50% | 100% | 20.00 | 175.00 | – | –\n"
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", dept, got, want)
		}
	}
	// The most monitored on top; by month, with how this month moved.
	got := show(t, books["领导"].Tables(), "乡镇监测热力")
	want := "甲县 | 东乡 | 1 | 1 | 0 | 100% | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 0 | 0\n" +
		"甲县 | 西乡 | 1 | 1 | 1 | 0% | 0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 1\n"
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
	for _, x := range books["领导"].Tables() {
		if x.Sheet != "乡镇监测热力" {
			continue
		}
		for _, c := range x.Columns {
			if strings.HasPrefix(c.Key, "month.") && !c.Heat {
				t.Errorf("%s is not coloured", c.Key)
			}
		}
	}
}

// pageOf are the figures and charts of a book's page.
func pageOf(t *testing.T, b workbook.Book, sheet string) (figures map[string]workbook.Figure, charts []workbook.Chart, text string) {
	t.Helper()
	figures = map[string]workbook.Figure{}
	for _, s := range b.Sheets {
		p, ok := s.(workbook.Page)
		if !ok || p.Sheet != sheet {
			continue
		}
		for _, block := range p.Blocks {
			switch x := block.(type) {
			case workbook.Figures:
				for _, f := range x {
					figures[f.Label] = f
				}
			case workbook.Charts:
				charts = append(charts, x...)
			default:
				text += fmt.Sprintln(x)
			}
		}
		return figures, charts, text
	}
	t.Fatalf("no page %s", sheet)
	return nil, nil, ""
}

func chartOf(t *testing.T, charts []workbook.Chart, title string) workbook.Chart {
	t.Helper()
	i := slices.IndexFunc(charts, func(c workbook.Chart) bool { return strings.Contains(c.Title, title) })
	if i < 0 {
		t.Fatalf("no chart %q of %d", title, len(charts))
	}
	return charts[i]
}

// A budget that nobody set is not invented: the figure says so, the chart has no
// line. One of 1,200 yuan is 100 yuan a month.
func TestBudget_Unset(t *testing.T) {
	figures, charts, text := pageOf(t, pastOf(t, "").books(t)["领导"], "领导一页纸")
	if f := figures["预算使用率"]; f.Value != "未配置" {
		t.Errorf("%+v", f)
	}
	if c := chartOf(t, charts, "救助累计应付"); len(c.Line) > 0 || !strings.Contains(c.Title, "未配置") {
		t.Errorf("%+v", c)
	}
	expect(t, text, "全年预算未配置")
	if len(charts) != 6 {
		t.Errorf("%d charts", len(charts))
	}

	books := pastOf(t, "budget: {assistance: 1200}\n").books(t)
	_, charts, text = pageOf(t, books["领导"], "领导一页纸")
	if c := chartOf(t, charts, "救助累计应付"); !slices.Equal(c.Line, []string{"pace"}) || strings.Contains(c.Title, "未配置") {
		t.Errorf("%+v", c)
	}
	if strings.Contains(text, "全年预算未配置") {
		t.Error(text)
	}
	expect(t, show(t, books["领导"].Tables(), "各月走势"), "2023-03 | 2 | 2 | 0 | 2 | 0% | 100% | 105.00 | 105.00 | 300.00 | 1200.00", "175.00 | 600.00 | 1200.00")
}

// A department that has nothing to do is told so; who has, where.
func TestCover_Next(t *testing.T) {
	books := pastOf(t, "").books(t)
	_, _, text := pageOf(t, books["农业农村"], "封面")
	expect(t, text, "本月没有要办的事项")
	_, _, text = pageOf(t, books["民政"], "封面")
	expect(t, text, "1 个监测对象（个人和家庭）尚未清零", "预警待核实!2")
	figures, _, _ := pageOf(t, books["民政"], "封面")
	if f := figures["待核实预警"]; f.Value != 1 || f.Link != "预警待核实!2" || f.Tone != workbook.Watch {
		t.Errorf("%+v", f)
	}
}

// Every chart that the catalogue names is made.
func TestChartsAreMade(t *testing.T) {
	named := map[string]bool{}
	for _, k := range catalogue.DefaultCovers().Covers {
		for _, name := range k.Charts {
			named[name] = true
			m, ok := chartMakers[name]
			if !ok {
				t.Errorf("nobody draws %s", name)
				continue
			}
			for _, key := range slices.Concat([]string{m.Labels}, m.Series, m.Line) {
				if _, ok := catalogue.Default().Column(m.table, key); !ok {
					t.Errorf("%s draws %s.%s, which is not there", name, m.table, key)
				}
			}
		}
	}
	for name := range chartMakers {
		if !named[name] {
			t.Errorf("nobody gets the chart %s", name)
		}
	}
}
