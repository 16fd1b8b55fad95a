package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clear reports the files of the ledger, its write-ahead log too, that hold a text.
func (c *clock) clear(text string) (in []string) {
	c.Helper()
	for _, f := range []string{"doudi.db", "doudi.db-wal"} {
		data, err := os.ReadFile(filepath.Join(c.ws, f))
		if err != nil && !os.IsNotExist(err) {
			c.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			in = append(in, f)
		}
	}
	return in
}

// TestIDsInCells: an ID that stands where none belongs, in each kind of table, is
// nowhere in the ledger in the clear and on no screen; the row is taken, with a
// warning.
func TestIDsInCells(t *testing.T) {
	parts := certZhang[:6] + " " + certZhang[6:14] + " " + certZhang[14:]
	for name, text := range map[string]string{
		"transfer": bureauHead + "付" + certZhang + ",2024-01-02,医疗救助" + certZhang + ",财政局" + certZhang + ",张三,2024-01,100,\n",
		"claim": strings.Replace(claimHead, "dise_name", "dise_codg,dise_name", 1) +
			"A1," + certLi + ",李四,390,21,C16" + certZhang + ",胃癌" + certZhang + ",H1" + certLi + ",县医院" + certZhang + ",05,2023-06-01,10000,9000,5000,0,0,1,,0,\n",
		"event": "变动类型,姓名,身份证号,困难类别,认定日期,乡镇,村,区县,来源部门\n新增,李四," + certLi + ",特困,2022-01-10,青柳镇" + certZhang + ",村" + certZhang + ",青柳县" + certZhang + ",民政" + certZhang + "\n",
		"enrol": strings.Replace(premiumHead, "资助金额", "资助金额,资助部门", 1) +
			certLi + ",李四,2024,居民医保" + certZhang + ",青柳县" + certZhang + ",2023-11-03,0,350,民政" + certZhang + "\n",
		"item":   "setl_id,certno,psn_name,hilist_code,hilist_name,项目类别,pric,政府指导价,cnt,det_item_fee_sumamt\nA1," + certLi + ",李四,甲" + certZhang + ",药" + certZhang + ",西药" + certZhang + ",10,8,1,10\n",
		"relief": "身份证号,姓名,帮扶日期,帮扶来源,金额,备注\n" + certLi + ",李四,2023-05-01,慈善,100,给" + certZhang + "\n",
		"months": "身份证号,姓名,费款所属期,缴费基数,缴费金额,备注\n" + certLi + ",李四,2023-05,5000,100,给" + certZhang + "\n",
		"birth":  "身份证号,姓名,生育日期,津贴天数,备注\n" + certLi + ",李四,2023-05-01,98,给" + certZhang + "\n",
		"parts":  bureauHead + "P1,2024-01-02,医疗救助,财政局 " + parts + ",张三,2024-01,100,\n",
		"words":  bureauHead + "P1,2024-01-02,医疗救助,财政局三三〇一〇一一九九〇〇一〇一一二三四,张三,2024-01,100,\n",
	} {
		c := closing(t, "")
		c.bring(name+".csv", text)
		for _, s := range []string{certZhang, parts, "三三〇一〇一"} {
			if in := c.clear(s); in != nil {
				t.Errorf("%s: %v hold an ID", name, in)
			}
		}
		for _, args := range [][]string{{"reconcile", "--month", "2024-01"}, {"reconcile", "--month", "2024-01", "--format", "csv"}, {"reconcile", "--month", "2024-01", "--format", "json"}} {
			if out := c.do(0, args...); strings.Contains(out, certZhang) || strings.Contains(out, parts) || strings.Contains(out, "三三〇一〇一") {
				t.Errorf("%s: %v prints an ID", name, args)
			}
		}
		c.do(0, "verify")
	}
}

// TestIDForANumber: a settlement that is called by an ID is returned, and one whose
// number only looks like an ID is not; two batches that differ by an ID stay two.
func TestIDForANumber(t *testing.T) {
	c := closing(t, "")
	path := filepath.Join(c.ws, "a.csv")
	if err := os.WriteFile(path, []byte(claimHead+bill(certZhang, certZhang, "张三", "2023-06-01", "0")+bill("S"+certZhang, certZhang, "张三", "2023-06-01", "0")+
		bill("A1", certZhang, "张三", "2023-07-01", "0")+bill(certLi, certZhang, "张三", "2023-06-01", "0")), 0o600); err != nil {
		t.Fatal(err)
	}
	out := c.do(3, "import", path, "--by", "甲")
	for _, s := range []string{"采纳 2 + 重复 0 + 退回 2", "A2 E-SETL-ID", "A3 E-SETL-ID", "A5 W-ID-CELL"} {
		if !strings.Contains(out, s) {
			t.Errorf("no %s in\n%s", s, out)
		}
	}
	if in := c.clear(certZhang); in != nil {
		t.Errorf("%v hold an ID", in)
	}
	c.bring("t.csv", bureauHead+"付"+certZhang+",2024-01-02,医疗救助,财政局,合计,2024-01,300,\n付"+certZhang+",2024-01-02,医疗救助,财政局,张三,2024-01,100,\n付"+certZhang+",2024-01-02,医疗救助,财政局,李四,2024-01,200,\n"+
		"付"+certLi+",2024-01-02,医疗救助,财政局,合计,2024-01,500,\n付"+certLi+",2024-01-02,医疗救助,财政局,王五,2024-01,400,\n付"+certLi+",2024-01-02,医疗救助,财政局,赵六,2024-01,100,\n")
	if strings.Contains(c.do(0, "reconcile", "--month", "2024-01", "--format", "csv"), "（号码略）") {
		t.Error("two batches have one number")
	}
	if in := c.clear(certZhang); in != nil {
		t.Errorf("%v hold an ID", in)
	}
}

// TestOneWhoWritesThemselvesTwice: nobody approves their own run by a name with a
// character that can not be seen, or is coded in another way.
func TestOneWhoWritesThemselvesTwice(t *testing.T) {
	c := closing(t, "")
	c.bring("a.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-01", "0"))
	var x struct {
		Run      int
		Proposal string
	}
	mustJSON(t, c.do(0, "run", "--month", "2023-12", "--by", "凉", "--format", "json"), &x)
	for _, by := range []string{"凉\uFE00", "凉\u3164", "凉\u034F", "\u2800凉", "凉\u115F", "\uF979"} {
		if _, code := doudiOn(t, c.ws, c.day, "post", itoa(x.Run), "--proposal", x.Proposal, "--by", by); code == 0 {
			t.Errorf("%+q: who ran it posted it", by)
		}
	}
	c.do(0, "post", itoa(x.Run), "--proposal", x.Proposal, "--by", "乙")
}

// TestExplainedAsOfItsRun: what a run's explanation says of a corrected ID is what was
// on record then.
func TestExplainedAsOfItsRun(t *testing.T) {
	c := closing(t, "")
	c.bring("a.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-01", "0")+bill("A2", certLi, "李四", "2023-06-02", "0"))
	c.do(0, "merge", certLi, certZhang, "--reason", "来函", "--by", "甲")
	c.do(0, "run", "--month", "2024-01", "--by", "甲")
	was := c.do(0, "explain", certZhang, "--run", "1")
	c.bring("b.csv", claimHead+bill("A3", certLi, "李四", "2023-07-02", "0"))
	if is := c.do(0, "explain", certZhang, "--run", "1"); is != was {
		t.Errorf("run 1 is another one now: %s", firstDifference(was, is))
	}
}

// TestNoIDInWords: what people write for the record has no ID in Chinese digits.
func TestNoIDInWords(t *testing.T) {
	c := closing(t, "")
	for _, s := range []string{"给三三〇一〇一一九九〇〇一〇一一二三四改", "叁叁零壹零壹 壹玖玖零 零壹零壹 壹贰叁肆"} {
		c.says(2, "不要写身份证号", "merge", certLi, certZhang, "--reason", s, "--by", "甲")
		c.says(2, "不要写身份证号", "run", "--month", "2024-01", "--by", s)
	}
}
