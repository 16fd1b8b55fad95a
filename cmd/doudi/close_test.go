package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// clock is a workspace whose commands run on days of one's choice.
type clock struct {
	*testing.T
	ws  string
	day time.Time
}

func (c *clock) on(y, m, d int) { c.day = time.Date(y, time.Month(m), d, 9, 0, 0, 0, shanghai) }

func (c *clock) do(want int, args ...string) string {
	c.Helper()
	out, code := doudiOn(c.T, c.ws, c.day, args...)
	if code != want {
		c.Fatalf("doudi %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, out)
	}
	return out
}

func (c *clock) bring(name, text string) {
	c.Helper()
	path := filepath.Join(c.ws, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
	c.do(0, "import", path, "--by", "甲")
}

// settle runs a month, posts what it proposes, and runs it again.
func (c *clock) settle(month string) {
	c.Helper()
	var run struct {
		Run      int
		Proposal string
	}
	if err := json.Unmarshal([]byte(c.do(0, "run", "--month", month, "--by", "甲", "--format", "json")), &run); err != nil {
		c.Fatal(err)
	}
	c.do(0, "post", itoa(run.Run), "--proposal", run.Proposal, "--by", "乙")
	c.do(0, "run", "--month", month, "--by", "甲")
}

// close lets two people sign a year and gives the statement's hash.
func (c *clock) close(year string, accept ...string) string {
	c.Helper()
	args := []string{"close", year, "--format", "json", "--reason", "已核实"}
	for _, a := range accept {
		args = append(args, "--accept", a)
	}
	var got struct{ Statement, State string }
	if err := json.Unmarshal([]byte(c.do(0, append(args, "--by", "甲")...)), &got); err != nil || got.State != "signed" {
		c.Fatal(got, err)
	}
	c.do(0, "close", year, "--by", "乙", "--statement", got.Statement)
	return got.Statement
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

const claimHead = "setl_id,certno,psn_name,insutype,med_type,dise_name,fixmedins_code,fixmedins_name,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,hifmi_pay,maf_pay,pay_loc,trt_flag,refd_setl_flag,init_setl_id\n"

// TestYearEnd: 2023 is closed; then come a settlement and a refund of 2023, and a
// recognition of 2024 whose six months reach into it. They are posted in 2024, which
// is closed in its turn: its statement has them as 以前年度调整, and opens with what
// 2023 carried on. 2023 stays what it was, byte for byte.
func TestYearEnd(t *testing.T) {
	dir := t.TempDir()
	c := &clock{T: t, ws: filepath.Join(dir, "ws")}
	c.on(2024, 1, 5)
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	conf, err := os.ReadFile(filepath.Join(c.ws, "doudi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	conf = []byte(strings.Replace(string(conf), "    packs:", "    insurers: {大病保险: 某某人寿}\n    packs:", 1))
	if err := os.WriteFile(filepath.Join(c.ws, "doudi.yaml"), conf, 0o600); err != nil {
		t.Fatal(err)
	}
	c.bring("名单.csv", "变动类型,姓名,身份证号,困难类别,认定日期,乡镇,区县\n新增,张三,99000119600101001X,低保,2023-01-10,青柳镇,青柳县\n新增,李四,99000119700202002X,低边,2023-01-01,白石乡,白石县\n")
	c.bring("结算.csv", claimHead+
		"A2,99000119600101001X,张三,390,21,胃癌,H1,县医院,05,2023-06-28,10000,9000,5000,0,3000,1,,0,\n"+
		"B1,99000119700202002X,李四,390,21,肺炎,H2,市医院,01,2023-05-01,60000,50000,20000,5000,100,1,,0,\n"+
		"C2,99000119800303003X,赵六,390,21,肺炎,H2,市医院,01,2023-11-20,20000,18000,8000,0,300,1,,0,\n")
	c.bring("参保.csv", "身份证号,姓名,参保年度,险种类型,参保地,缴费日期,个人缴费,资助金额\n99000119600101001X,张三,2023,390,青柳县,2022-11-03,0,350\n")
	c.bring("拨付.csv", "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\nP1,2023-12-20,医疗救助,青柳县财政局,县医院,2023-06,3000,\n")
	c.settle("2023-12")
	// B1: 80 % of 25,000 less 100; A2: 80 % of 4,000 less 3,000.
	c.close("2023")
	path := filepath.Join(c.ws, "out", "2023", "330100", "年度清算-2023.xlsx")
	closed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	results := c.do(0, "results", "--year", "2023")
	sheet(t, path, "结转", [][]string{
		{"基本医保", "0.00", "33,000.00", "0.00", "0.00", "0.00", "33,000.00", "0.00", "0.00", "0"},
		{"大病保险", "0.00", "5,000.00", "0.00", "0.00", "0.00", "0.00", "0.00", "5,000.00", "0", "账里没有这一项目的拨付，结转为全部应拨"},
		{"医疗救助", "0.00", "3,400.00", "17,600.00", "0.00", "0.00", "0.00", "3,000.00", "18,000.00", "1"},
		{"资助参保", "0.00", "350.00", "0.00", "0.00", "0.00", "0.00", "0.00", "350.00", "0", "账里没有这一项目的拨付，结转为全部应拨"},
	})
	sheet(t, path, "分承办机构", [][]string{
		{"某某人寿", "大病保险资金", "1", "5,000.00", "5,000.00", "0.00", "0.00", "0.00", "0.00", "0.00", "5,000.00", "0.00", "5,000.00"},
		{"（不经承办机构）", "基本医保基金", "3", "33,000.00", "33,000.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00"},
		{"（不经承办机构）", "医疗救助基金", "3", "3,400.00", "20,700.00", "17,600.00", "17,600.00", "0.00", "0.00", "-300.00", "21,000.00", "3,000.00", "18,000.00"},
	})
	sheet(t, path, "资助参保", [][]string{{"青柳县", "低保对象", "1", "0.00", "350.00", "350.00"}})

	c.on(2024, 2, 28)
	c.bring("迟到.csv", claimHead+
		"A0,99000119600101001X,张三,390,21,胃癌,H1,县医院,05,2023-02-27,50000,40000,20000,0,300,1,,0,\n"+
		"R1,99000119700202002X,李四,390,21,肺炎,H2,市医院,01,2023-12-20,-60000,-50000,-20000,-5000,-100,1,,1,B1\n"+
		"D1,99000119600101001X,张三,390,21,胃癌,H1,县医院,05,2024-01-27,10000,9000,5000,0,0,1,,0,\n")
	c.bring("回溯.csv", "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,乡镇,区县\n新增,赵六,99000119800303003X,低保,因病,2024-02-01,白石乡,白石县\n")
	c.bring("拨付2.csv", "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\nP2,2024-02-20,医疗救助,青柳县财政局,李四,2023-12,17400,99000119700202002X\n")
	c.settle("2024-02")
	c.on(2025, 1, 10)
	c.settle("2024-12")
	c.close("2024", "transfers")
	next := filepath.Join(c.ws, "out", "2024", "330100", "年度清算-2024.xlsx")
	sheet(t, next, "以前年度调整", [][]string{
		{"2023", "医疗救助基金", "青柳县", "县医院", "A0", "990001********001X", "2024-02-28", "3", "补发", "15,700.00"},
		{"2023", "医疗救助基金", "白石县", "市医院", "B1", "990001********002X", "2024-02-28", "3", "追回", "-17,400.00"},
		{"2023", "医疗救助基金", "白石县", "市医院", "C2", "990001********003X", "2024-02-28", "3", "补发", "7,700.00"},
	})
	sheet(t, next, "以前年度平台记录", [][]string{
		{"2023", "基本医保基金", "白石县", "H2", "市医院", "-20,000.00"}, {"2023", "基本医保基金", "青柳县", "H1", "县医院", "20,000.00"},
		{"2023", "大病保险资金", "白石县", "H2", "市医院", "-5,000.00"},
		{"2023", "医疗救助基金", "白石县", "H2", "市医院", "-100.00"}, {"2023", "医疗救助基金", "青柳县", "H1", "县医院", "300.00"},
	})
	sheet(t, next, "结转", [][]string{
		{"基本医保", "0.00", "5,000.00", "0.00", "0.00", "0.00", "5,000.00", "0.00", "0.00", "0"},
		{"大病保险", "5,000.00", "0.00", "0.00", "0.00", "-5,000.00", "0.00", "0.00", "0.00", "0"},
		{"医疗救助", "18,000.00", "0.00", "3,200.00", "6,000.00", "200.00", "0.00", "17,400.00", "10,000.00", "1"},
		{"资助参保", "350.00", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "350.00", "0", "账里没有这一项目的拨付，结转为全部应拨"},
	})

	// 2023 is what it was.
	c.do(0, "close", "2023")
	if again, err := os.ReadFile(path); err != nil || !slices.Equal(again, closed) {
		t.Errorf("the workbook of 2023 is another one now (%v)", err)
	}
	if got := c.do(0, "results", "--year", "2023"); got != results {
		t.Errorf("the results of 2023 are others now\n%s\nwas\n%s", got, results)
	}
	c.do(0, "verify")
}

// sheet compares the rows of a sheet between its header and its totals.
func sheet(t *testing.T, path, name string, want [][]string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	head := false
	for _, r := range rows {
		switch {
		case len(r) > 0 && r[0] == "合计":
			head = false
		case head:
			got = append(got, r)
		case len(r) > 3 && !strings.Contains(r[0], "年度清算"):
			head = true
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		for _, r := range got {
			t.Logf("%q", r)
		}
		t.Errorf("%s of %s is not what is wanted", name, filepath.Base(path))
	}
}

// holds reports whether any cell of a workbook has a text.
func holds(t *testing.T, path, text string) bool {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(rows, func(r []string) bool { return strings.Contains(strings.Join(r, "\n"), text) }) {
			return true
		}
	}
	return false
}

// TestLateForOneArea: one of two areas has closed 2023. A file that comes for it is
// read by a run of December that the other one still needs; the books of its own next
// month name it, since those of December stay as they were.
func TestLateForOneArea(t *testing.T) {
	dir := t.TempDir()
	c := &clock{T: t, ws: filepath.Join(dir, "ws")}
	c.on(2024, 1, 5)
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70", "--area", "410200", "--pack", "kaifeng-2022-draft")
	put := func(area, name, id string) {
		t.Helper()
		path := filepath.Join(c.ws, "inbox", area, name)
		text := claimHead + name + "," + id + ",张三,390,21,肺炎,H1,县医院,05,2023-12-08,10000,9000,5000,0,0,1,,0,\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		old := c.day.AddDate(0, 0, -1)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	put("330100", "a.csv", "993300196001010012")
	put("410200", "b.csv", "993300197002020022")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	var got struct{ Statement string }
	if err := json.Unmarshal([]byte(c.do(0, "close", "2023", "--area", "330100", "--by", "甲", "--format", "json")), &got); err != nil {
		t.Fatal(err)
	}
	c.do(0, "close", "2023", "--area", "330100", "--by", "乙", "--statement", got.Statement)
	c.on(2024, 2, 5)
	put("330100", "late.csv", "993300196001010012")
	put("410200", "later.csv", "993300197002020022")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	c.do(0, "run", "--month", "2024-01", "--by", "甲")
	for _, x := range []struct {
		month, area, file string
		want              bool
	}{{"2023-12", "330100", "a.csv", true}, {"2023-12", "330100", "late.csv", false}, {"2024-01", "330100", "late.csv", true}, {"2024-01", "330100", "a.csv", false},
		{"2023-12", "410200", "later.csv", true}, {"2024-01", "410200", "later.csv", false}} {
		if holds(t, filepath.Join(c.ws, "out", x.month, x.area, "医保-"+x.month+".xlsx"), x.file) != x.want {
			t.Errorf("%s in the books of %s of %s: %v", x.file, x.month, x.area, !x.want)
		}
	}
}
