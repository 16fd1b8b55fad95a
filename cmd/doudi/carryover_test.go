package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doudi/jobs/yearend"
	"doudi/rules/money"
)

const (
	countyRoster = "变动类型,姓名,身份证号,困难类别,认定日期,乡镇,区县\n"
	bureauHead   = "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\n"
	premiumHead  = "身份证号,姓名,参保年度,险种类型,参保地,缴费日期,个人缴费,资助金额\n"
	certZhang    = "993300196001010012"
	certLi       = "993300197002020022"
)

// closing is a county of two people on the roster, at the beginning of 2024, with
// more lines of doudi.yaml.
func closing(t *testing.T, conf string) *clock {
	t.Helper()
	dir := t.TempDir()
	c := &clock{T: t, ws: filepath.Join(dir, "ws")}
	c.on(2024, 1, 5)
	doudi(t, dir, []int{0}, "init", c.ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	c.configure(func(s string) string { return s + "\n" + conf })
	c.bring("roster.csv", countyRoster+"新增,张三,"+certZhang+",低保,2022-01-10,青柳镇,青柳县\n新增,李四,"+certLi+",低保,2022-01-10,青柳镇,青柳县\n")
	return c
}

func (c *clock) configure(change func(string) string) {
	c.Helper()
	path := filepath.Join(c.ws, "doudi.yaml")
	conf, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(change(string(conf))), 0o600)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// premiumFor sets what is due of premiums.
func (c *clock) premiumFor(categories string) {
	c.Helper()
	if err := os.WriteFile(filepath.Join(c.ws, "overlays", "330100.yaml"), []byte("premium: {subsidy: {"+categories+"}}\n"), 0o600); err != nil {
		c.Fatal(err)
	}
}

// bill is a stay of 10,000, of which 4,000 are the person's before assistance.
func bill(setl, id, name, at, assist string) string {
	return setl + "," + id + "," + name + ",390,21,胃癌,H1,县医院,05," + at + ",10000,9000,5000,0," + assist + ",1,,0,\n"
}

// statement is the statement of a year as it is on record.
func (c *clock) statement(year int) *yearend.Statement {
	c.Helper()
	w, err := openWorkspace(c.Context(), c.ws)
	if err != nil {
		c.Fatal(err)
	}
	defer w.close()
	steps, err := w.store.YearSteps(c.Context(), "330100", everything)
	if err != nil {
		c.Fatal(err)
	}
	first := yearend.NewCalendar(steps).Now(year).First
	text, err := w.store.YearStatement(c.Context(), first.ID)
	if err != nil {
		c.Fatal(err)
	}
	st, err := yearend.Parse(text, first.Digest)
	if err != nil || st.Prove() != nil {
		c.Fatal(err)
	}
	return st
}

// carried is the balance of an item.
func (c *clock) carried(year int, item string) yearend.CarryRow {
	c.Helper()
	for _, r := range c.statement(year).Carry {
		if r.Item == item {
			return r
		}
	}
	return yearend.CarryRow{Item: item}
}

// reconciled are the sums of all that the reconciliation knows, by item.
func (c *clock) reconciled(month string, more ...string) map[string][2]money.Fen {
	c.Helper()
	var got struct {
		Entries []struct{ Side, Item, Amount string }
	}
	if err := json.Unmarshal([]byte(c.do(0, append([]string{"reconcile", "--month", month, "--format", "json"}, more...)...)), &got); err != nil {
		c.Fatal(err)
	}
	out := map[string][2]money.Fen{}
	for _, e := range got.Entries {
		sums := out[e.Item]
		side := 0
		if e.Side == "transfer" {
			side = 1
		}
		sums[side] += fenOf(c.T, e.Amount)
		out[e.Item] = sums
	}
	return out
}

// says runs a command that must end so, and say so.
func (c *clock) says(want int, text string, args ...string) {
	c.Helper()
	if out := c.do(want, args...); !strings.Contains(out, text) {
		c.Errorf("doudi %s does not say %s:\n%s", strings.Join(args, " "), text, out)
	}
}

// TestPremiumsCarried: the statement and the reconciliation have the same premiums
// due, whoever paid so far; one that comes when its year is closed is in the next
// statement, and a policy that changes moves both together.
func TestPremiumsCarried(t *testing.T) {
	c := closing(t, "")
	c.premiumFor("dibao: 350")
	// 张三 paid it all himself, so that nothing is on record as subsidised.
	c.bring("e.csv", premiumHead+certZhang+",张三,2023,390,青柳县,2022-11-03,350,0\n")
	c.bring("t.csv", bureauHead+"P1,2023-12-20,资助参保,青柳县财政局,杭州市税务局,2023,350,\n")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	if got := c.reconciled("2023-12")["资助参保"]; got != [2]money.Fen{350_00, 350_00} {
		t.Fatalf("the reconciliation has %s", got)
	}
	c.close("2023")
	if got := c.carried(2023, "资助参保"); got.Recorded != 350_00 || got.Paid != 350_00 || got.Carried != 0 {
		t.Errorf("%+v", got)
	}
	c.on(2024, 3, 1)
	c.bring("e2.csv", premiumHead+certLi+",李四,2023,390,青柳县,2022-11-03,0,350\n")
	c.bring("t2.csv", bureauHead+"P2,2024-02-20,资助参保,青柳县财政局,杭州市税务局,2023,350,\n")
	c.do(0, "run", "--month", "2024-02", "--by", "甲")
	c.on(2025, 1, 10)
	c.do(0, "run", "--month", "2024-12", "--by", "甲")
	c.close("2024")
	if got := c.carried(2024, "资助参保"); got.Opening != 0 || got.Moved != 350_00 || got.Paid != 350_00 || got.Carried != 0 {
		t.Errorf("late: %+v", got)
	}
	st := c.statement(2024)
	if len(st.MovedPremiums) != 1 || st.MovedPremiums[0].Year != 2023 || st.MovedPremiums[0].County != "青柳县" {
		t.Errorf("%+v", st.MovedPremiums)
	}
	sheet(t, filepath.Join(c.ws, "out", "2024", "330100", "年度清算-2024.xlsx"), "以前年度平台记录", [][]string{{"2023", "资助参保", "青柳县", "", "", "350.00"}})
	// Once more: it is in one statement only.
	c.on(2026, 1, 10)
	c.do(0, "run", "--month", "2025-12", "--by", "甲")
	c.close("2025")
	if got := c.carried(2025, "资助参保"); got != (yearend.CarryRow{Item: "资助参保"}) {
		t.Errorf("a year later: %+v", got)
	}
}

// TestRunsOwnPolicy: what a run found is shown by the policy that it had.
func TestRunsOwnPolicy(t *testing.T) {
	c := closing(t, "")
	c.premiumFor("dibao: 350")
	c.bring("e.csv", premiumHead+certZhang+",张三,2023,390,青柳县,2022-11-03,350,0\n")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	c.premiumFor("dibao: 200")
	for args, want := range map[string]money.Fen{"": 200_00, "--run=1": 350_00} {
		if got := c.reconciled("2023-12", strings.Fields(args)...)["资助参保"][0]; got != want {
			t.Errorf("reconcile %s: %s is due, want %s", args, got, want)
		}
	}
}

// TestLeftOutTransfers: a transfer that takes no part in the reconciliation is read
// like the others: by the office's names of items, and below 0 where a hospital
// pays back.
func TestLeftOutTransfers(t *testing.T) {
	for _, conf := range []string{"reconcile: {names: {医疗救助: [惠困金]}}", "reconcile: {from: 2023-10, names: {医疗救助: [惠困金]}}", "reconcile: {items: [大病保险], names: {医疗救助: [惠困金]}}"} {
		c := closing(t, conf)
		c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "3200")+"R1,"+certZhang+",张三,390,21,胃癌,H1,县医院,05,2023-08-28,-10000,-9000,-5000,0,-3200,1,,1,A1\n")
		c.bring("t.csv", bureauHead+"P1,2023-07-20,惠困金,青柳县财政局,县医院,2023-06,3200,\nP2,2023-09-20,惠困金,县医院,青柳县医疗保障局,2023-08,3200,\n")
		c.do(0, "run", "--month", "2023-12", "--by", "甲")
		var accept []string
		if strings.Contains(conf, "from") || strings.Contains(conf, "items") {
			c.says(5, "transfer:1 未对账 2023-07-20 惠困金 3200.00 元", "close", "2023", "--by", "甲")
			accept = []string{"transfers"}
		}
		c.close("2023", accept...)
		if got := c.carried(2023, "医疗救助"); got.Paid != 0 || got.Count != 2 || got.Carried != 0 {
			t.Errorf("%s: %+v", conf, got)
		}
		if got := c.carried(2023, "惠困金"); got.Count != 0 {
			t.Errorf("%s: %+v", conf, got)
		}
	}
}

// TestInsurerPaid: what is paid to the company that runs the insurance, which pays
// the hospitals, is for what hospitals advanced.
func TestInsurerPaid(t *testing.T) {
	c := closing(t, "")
	c.configure(func(s string) string {
		return strings.Replace(s, "    packs:", "    insurers: {大病保险: 安康人寿保险股份有限公司}\n    packs:", 1)
	})
	c.bring("b.csv", claimHead+"B1,"+certZhang+",张三,390,21,胃癌,H1,县医院,05,2023-06-28,60000,50000,20000,5000,0,1,,0,\n"+
		"B2,"+certLi+",李四,390,21,胃癌,H2,市医院,05,2023-06-28,60000,50000,20000,6000,0,1,,0,\n")
	c.bring("t.csv", bureauHead+"P1,2023-07-20,大病保险,青柳县财政局,安康人寿保险股份有限公司杭州中心支公司,2023-06,11000,\n")
	c.says(0, "相符：应拨 2 笔 11000.00 元，拨付 1 笔 11000.00 元", "reconcile", "--month", "2023-07")
}

// TestHandDifferences: nothing is hidden by a match by hand. What has no other side
// must come to 0, and a difference is shown, and to be accepted, when the year is
// closed.
func TestHandDifferences(t *testing.T) {
	c := closing(t, "")
	c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "0")+bill("A2", certLi, "李四", "2023-06-28", "0"))
	c.settle("2023-12")
	c.bring("t.csv", bureauHead+"P1,2024-01-03,医疗救助,青柳县财政局,王五,2023-12,8888,\nP2,2024-01-03,医疗救助,青柳县财政局,王五,2023-12,1000,\n")
	match := func(want int, text string, args ...string) {
		c.Helper()
		c.says(want, text, append([]string{"reconcile", "match", "--reason", "已核实", "--by", "甲"}, args...)...)
	}
	match(2, "合计须为 0，现为 6400.00 元", "--due", "posting:1,posting:2")
	match(2, "合计须为 0，现为 9888.00 元", "--line", "transfer:1,transfer:2")
	match(0, "差额 5688.00 元（多拨）", "--due", "posting:1", "--line", "transfer:1")
	match(0, "差额 -2200.00 元（少拨）", "--due", "posting:2", "--line", "transfer:2")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	c.says(5, "transfer:1 人工勾对多拨 2024-01-03 医疗救助 5688.00 元", "close", "2023", "--by", "甲")
	c.says(5, "transfer:2 人工勾对少拨 2024-01-03 医疗救助 -2200.00 元", "close", "2023", "--by", "甲")
	c.close("2023", "transfers")
}

// TestHandStale: hospitals' advances that set off each other may come to something
// else later; the match then acts no more, and says so.
func TestHandStale(t *testing.T) {
	c := closing(t, "")
	c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "300")+
		"R1,"+certZhang+",张三,390,21,胃癌,H1,县医院,05,2023-08-28,-10000,-9000,-5000,0,-300,1,,1,A1\n")
	c.says(0, "已勾对", "reconcile", "match", "--due", "direct:202306:H1:assistance@青柳县,direct:202308:H1:assistance@青柳县", "--reason", "退费冲抵", "--by", "甲")
	c.bring("b2.csv", claimHead+bill("A2", certLi, "李四", "2023-06-29", "50"))
	c.says(0, "失效的人工勾对 1（甲，退费冲抵）：只有应拨或只有拨付，合计现为 50.00 元，不为 0", "reconcile", "--month", "2023-08")
	c.says(0, "应拨未拨 direct:202306:H1:assistance@青柳县", "reconcile", "--month", "2023-08")
}

// TestHandOfClosedYear: what a closed year's statement says is not matched anew by
// hand, and not taken apart; what it carried on may be matched with what came since.
func TestHandOfClosedYear(t *testing.T) {
	c := closing(t, "")
	c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "0")+bill("A2", certLi, "李四", "2023-06-28", "0"))
	c.settle("2023-12")
	c.bring("t.csv", bureauHead+"P1,2023-12-03,医疗救助,青柳县财政局,王五,2023-12,3200,\nP2,2023-12-03,医疗救助,青柳县财政局,赵六,2023-12,1000,\n")
	hand := func(want int, text string, args ...string) {
		c.Helper()
		c.says(want, text, append(append([]string{"reconcile"}, args...), "--reason", "已核实", "--by", "甲")...)
	}
	hand(0, "第 1 号", "match", "--due", "posting:1", "--line", "transfer:1")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	h := c.close("2023", "transfers")
	c.on(2024, 3, 1)
	c.bring("t2.csv", bureauHead+"P3,2024-02-03,医疗救助,青柳县财政局,钱七,,3200,\n")
	hand(5, "属于已结的 2023 年度", "match", "--due", "posting:2", "--line", "transfer:2")
	hand(5, "勾对在结账之前", "undo", "1")
	hand(0, "第 2 号", "match", "--due", "posting:2", "--line", "transfer:3") // was carried on
	hand(0, "已撤销", "undo", "2")
	c.do(0, "run", "--month", "2024-02", "--by", "甲")
	c.do(0, "reopen", "2023", "--by", "甲", "--reason", "改对")
	hand(5, "勾对在结账之前", "undo", "1") // one person is not enough
	c.do(0, "reopen", "2023", "--by", "乙", "--statement", h)
	hand(0, "已撤销", "undo", "1")
	hand(0, "", "match", "--due", "posting:2", "--line", "transfer:2")
}

// TestListedBatch: a batch that is one payment, with those it is for listed below it
// without amounts, pays what they are due, and nobody else's.
func TestListedBatch(t *testing.T) {
	c := closing(t, "")
	c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "0")+bill("A2", certLi, "李四", "2023-07-28", "0")+bill("A3", certLi, "李四", "2023-08-28", "0"))
	c.settle("2023-12")
	head := "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号,结算ID\n"
	c.bring("t.csv", head+"P1,2024-01-03,医疗救助,青柳县财政局,张三等2人,,6400,,\nP1,,,,张三,,,"+certZhang+",\nP1,,,,李四,,,"+certLi+",A3\n")
	out := c.do(0, "reconcile", "--month", "2024-01", "--format", "csv")
	for _, want := range []string{"规则3：一笔拨付对应 2 笔应拨：同一批次、同一项目", "应拨未拨"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	tables := csv.NewReader(strings.NewReader(out))
	tables.FieldsPerRecord = -1
	rows, err := tables.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r[0] != "entries" {
			continue
		}
		want := map[string]string{"A1": "matched", "A2": "unpaid", "A3": "matched"}[r[15]]
		if r[1] == "due" && r[4] != want {
			t.Errorf("what is due on %s is %s, want %s", r[15], r[4], want)
		}
	}
}
