package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/store/storetest"
)

// closedUnderTwo is a workspace whose 2023 is closed, with one person under two IDs:
// the right one is on the 低保 list, the wrong one on the list of 低边 with a case.
func closedUnderTwo(t *testing.T) (c *clock, right, wrong string) {
	dir := t.TempDir()
	c = &clock{T: t, ws: filepath.Join(dir, "ws")}
	c.on(2024, 1, 5)
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	if err := os.WriteFile(filepath.Join(c.ws, "overlays", "330100.yaml"), []byte("document: 本县标准\nmonitor:\n  yinbing_fanpin: {line: 3000}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	right, wrong = storetest.Certno(1), storetest.Certno(101)
	c.bring("名单.csv", "变动类型,姓名,身份证号,困难类别,认定日期,乡镇,区县\n新增,张三,"+right+",低保,2023-01-10,青柳镇,青柳县\n新增,张三,"+wrong+",低边,2023-01-01,白石乡,白石县\n")
	c.bring("结算.csv", claimHead+
		"A1,"+right+",张三,390,21,胃癌,H1,县医院,05,2023-06-28,10000,9000,5000,0,3000,1,,0,\n"+
		"B1,"+wrong+",张三,390,21,肺炎,H2,市医院,01,2023-05-01,60000,50000,20000,5000,100,1,,0,\n"+
		"B2,"+wrong+",张三,390,21,肺炎,H2,市医院,01,2023-07-01,60000,30000,10000,5000,100,1,,0,\n")
	c.settle("2023-12")
	c.close("2023", "cases")
	return c, right, wrong
}

// TestMergeAfterClose: an ID is corrected after its year was closed. The year stays
// what it was, under both IDs; the difference is proposed and posted in the open
// year, whose statement knows nothing of the platform's records having moved.
func TestMergeAfterClose(t *testing.T) {
	c, right, wrong := closedUnderTwo(t)
	ask := func() []string {
		return []string{c.do(0, "results", "--year", "2023"), c.do(0, "cases", "--year", "2023")}
	}
	was := ask()
	path := filepath.Join(c.ws, "out", "2023", "330100", "年度清算-2023.xlsx")
	closed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(was[0], ",B1,") || !strings.Contains(was[1], wrong[14:]) {
		t.Fatal(was)
	}
	c.on(2024, 2, 28)
	c.do(0, "merge", wrong, right, "--reason", "来函更正", "--by", "甲")
	if got := ask(); !slices.Equal(got, was) {
		t.Errorf("before a run 2023 is another one\n%s\nwas\n%s", got, was)
	}
	c.do(0, "run", "--month", "2024-02", "--by", "甲")
	if got := ask(); !slices.Equal(got, was) {
		t.Errorf("2023 is another one now\n%s\nwas\n%s", got, was)
	}
	adj := c.do(0, "adjustments", "--reveal")
	if !strings.Contains(adj, right+",B1,") || strings.Contains(adj, wrong) || !strings.Contains(adj, "2023,true,以前年度调整（2023年度已结）") {
		t.Errorf("proposed:\n%s", adj)
	}
	c.bring("迟到.csv", claimHead+"B0,"+wrong+",张三,390,21,肺炎,H2,市医院,01,2023-04-01,1000,900,500,0,20,1,,0,\n")
	c.settle("2024-02")
	c.on(2025, 1, 10)
	c.settle("2024-12")
	c.close("2024")
	next := filepath.Join(c.ws, "out", "2024", "330100", "年度清算-2024.xlsx")
	sheet(t, next, "以前年度平台记录", [][]string{
		{"2023", "基本医保基金", "青柳县", "H2", "市医院", "500.00"},
		{"2023", "医疗救助基金", "青柳县", "H2", "市医院", "20.00"},
	})
	c.do(0, "close", "2023")
	if again, err := os.ReadFile(path); err != nil || !slices.Equal(again, closed) {
		t.Errorf("the workbook of 2023 is another one now (%v)", err)
	}
	c.do(0, "verify")
}

// TestMergeThenReopen: when the year is open again, what stood under the wrong ID is
// the right one's, cases too; undone and run again, each has their own.
func TestMergeThenReopen(t *testing.T) {
	c, right, wrong := closedUnderTwo(t)
	whole := c.do(0, "cases", "--year", "2023", "--reveal")
	c.on(2024, 2, 28)
	c.do(0, "merge", wrong, right, "--reason", "来函更正", "--by", "甲")
	c.do(0, "run", "--month", "2024-02", "--by", "甲")
	c.reopen("2023")
	c.do(0, "run", "--month", "2024-02", "--by", "甲")
	cases := c.do(0, "cases", "--year", "2023", "--reveal")
	if strings.Contains(cases, wrong) || !strings.Contains(cases, right) {
		t.Errorf("cases when reopened:\n%s\nwhen closed\n%s", cases, whole)
	}
	c.do(0, "merge", wrong, right, "--reason", "更正错了", "--by", "甲", "--undo")
	c.settle("2024-02")
	cases = c.do(0, "cases", "--year", "2023", "--reveal")
	if !strings.Contains(cases, wrong) {
		t.Errorf("cases when undone:\n%s", cases)
	}
	c.close("2023", "cases")
	c.do(0, "verify")
}

// reopen lets two people open a year again.
func (c *clock) reopen(year string) {
	c.Helper()
	c.do(0, "reopen", year, "--by", "丙", "--reason", "更正")
	var hash string
	for _, w := range strings.Fields(c.do(0, "close", year, "--format", "json")) {
		if len(w) > 30 && strings.Trim(w, `",`) != "" && strings.IndexFunc(strings.Trim(w, `",`), func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) < 0 {
			hash = strings.Trim(w, `",`)
		}
	}
	c.do(0, "reopen", year, "--by", "甲", "--statement", hash)
}

// TestMergeAndPayments: a due premium that was matched by hand under the wrong ID stays
// matched when the ID is corrected, and when that is undone; of two that were matched
// under two IDs of one person one acts, and the other is said to be stale. Two lines of
// one file, one under each ID, are two payments.
func TestMergeAndPayments(t *testing.T) {
	dir := t.TempDir()
	c := &clock{T: t, ws: filepath.Join(dir, "ws")}
	c.on(2024, 1, 5)
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	right, wrong := storetest.Certno(1), storetest.Certno(101)
	c.bring("名单.csv", "变动类型,姓名,身份证号,困难类别,认定日期\n新增,张三,"+right+",低保,2022-01-10\n新增,张三,"+wrong+",低保,2022-01-01\n")
	enrolled := func(id string) string { return id + ",张三,2023,390,杭州市,2022-11-03,0,350\n" }
	c.bring("参保.csv", "身份证号,姓名,参保年度,险种类型,参保地,缴费日期,个人缴费,资助金额\n"+enrolled(wrong)+enrolled(right))
	paid := func(id string) string {
		return "P1,2023-12-20,医疗救助,县财政局,张三,2023-06,500," + id + "\n"
	}
	c.bring("拨付.csv", "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\nP2,2023-12-20,资助参保,县财政局,县税务局,2023-06,340,\nP3,2023-12-20,资助参保,县财政局,县税务局,2023-06,330,\n"+paid(wrong)+paid(right))
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	book := func() (premiums, lines []string, stale int) {
		for l := range strings.Lines(c.do(0, "reconcile", "--month", "2023-12", "--format", "csv", "--reveal")) {
			switch {
			case strings.HasPrefix(l, "entries,due,premium:"):
				premiums = append(premiums, strings.TrimPrefix(l, "entries,due,"))
			case strings.HasPrefix(l, "entries,transfer,") && strings.Contains(l, ",500.00,"):
				lines = append(lines, l)
			case strings.HasPrefix(l, "stale,"):
				stale++
			}
		}
		return premiums, lines, stale
	}
	dues, lines, _ := book()
	if len(dues) != 2 || len(lines) != 2 {
		t.Fatalf("%q %q", dues, lines)
	}
	match := func(i int) {
		t.Helper()
		key, _, _ := strings.Cut(dues[i], ",")
		c.do(0, "reconcile", "match", "--due", key, "--line", []string{"transfer:1", "transfer:2"}[i], "--reason", "已付", "--by", "丙")
	}
	match(slices.IndexFunc(dues, func(d string) bool { return strings.Contains(d, wrong) }))
	merge := func() { c.do(0, "merge", wrong, right, "--reason", "来函更正", "--by", "甲") }
	undo := func() { c.do(0, "merge", wrong, right, "--reason", "更正错了", "--by", "甲", "--undo") }
	merge()
	if is, _, stale := book(); len(is) != 1 || !strings.Contains(is[0], "人工勾对") || stale != 0 {
		t.Errorf("matched under the wrong ID: %q, %d stale", is, stale)
	}
	undo()
	match(slices.IndexFunc(dues, func(d string) bool { return strings.Contains(d, right) }))
	merge()
	dues, lines, stale := book()
	if len(dues) != 1 || !strings.Contains(dues[0], "人工勾对") || !strings.Contains(dues[0], right) || stale != 1 {
		t.Errorf("corrected: %q, %d stale", dues, stale)
	}
	if len(lines) != 2 || strings.Contains(strings.Join(lines, " "), wrong) {
		t.Errorf("two payments: %q", lines)
	}
	c.bring("拨付再报.csv", "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\n"+paid(right)+paid(right))
	if _, lines, _ := book(); len(lines) != 2 {
		t.Errorf("the same two once more: %q", lines)
	}
	undo()
	if dues, _, stale := book(); len(dues) != 2 || strings.Count(strings.Join(dues, " "), "人工勾对") != 2 || stale != 0 {
		t.Errorf("undone: %q, %d stale", dues, stale)
	}
	c.do(0, "verify")
}
