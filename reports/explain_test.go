package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
	"doudi/rules/civil"
	"doudi/rules/pack"
)

var update = flag.Bool("update", false, "write the golden texts again")

// office is a workspace without a command line: one area, files as they are
// sent, runs.
type office struct {
	*testing.T
	store *sqlite.Store
	cycle *jobs.Cycle
	dir   string
}

// Citizens of 990001, which is nobody's code.
const (
	zhang = "99000119600101001X"
	li    = "99000119700202002X"
	zhao  = "99000119800303003X"
)

func newOffice(t *testing.T, packID, overlay string) *office {
	t.Helper()
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, dir: t.TempDir()}
	if o.store, err = sqlite.Open(t.Context(), filepath.Join(o.dir, "doudi.db"), v); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.store.Close() })
	now := time.Date(2024, 12, 1, 9, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*3600))
	o.cycle = &jobs.Cycle{Store: o.store, Now: func() time.Time { return now }, By: "甲", Version: "v1"}
	o.policy(packID, overlay)
	return o
}

// policy puts a pack with an overlay in force from the next run on.
func (o *office) policy(packID, overlay string) {
	o.Helper()
	p, err := pack.Load(packID)
	if err != nil {
		o.Fatal(err)
	}
	l := pack.Layered{Pack: p}
	if overlay != "" {
		if l.Overlay, err = pack.ParseOverlay("overlay.yaml", []byte(overlay)); err != nil {
			o.Fatal(err)
		}
	}
	a := jobs.Area{Code: p.Area, Name: p.AreaName, Layers: []pack.Layered{l}, Inbox: filepath.Join(o.dir, "nothing")}
	if a.Codes, err = l.CodeTable(); err != nil {
		o.Fatal(err)
	}
	if a.Policy, err = pack.Compile(a.Code, a.Layers); err != nil {
		o.Fatal(err)
	}
	o.cycle.Areas = []jobs.Area{a}
}

// sends imports a CSV file, of which every row must be taken.
func (o *office) sends(name, text string) {
	o.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.Fatal(err)
	}
	f, err := o.cycle.ImportFile(o.Context(), &o.cycle.Areas[0], path, jobs.ImportOptions{Kind: intake.Auto, FallbackMonth: 202308})
	if err != nil || f.Refused != "" || f.File.Returned != 0 {
		o.Fatalf("%s: %v %s %+v", name, err, f.Refused, f.Report)
	}
}

func (o *office) runs(m civil.Month) ledger.Run {
	o.Helper()
	out, err := o.cycle.Run(o.Context(), jobs.RunOptions{Month: m})
	if err != nil {
		o.Fatal(err)
	}
	return out.Run
}

// posts posts what a run proposes.
func (o *office) posts(run ledger.Run, by string) {
	o.Helper()
	c := *o.cycle
	c.By = by
	if _, err := c.Post(o.Context(), run.No, run.Proposal); err != nil {
		o.Fatal(err)
	}
}

func (o *office) explains(certno string, year int, run ledger.Run) *Explanation {
	o.Helper()
	no, err := o.store.PersonByID(o.Context(), certno)
	if err != nil || no == 0 {
		o.Fatalf("person %s: %d %v", certno, no, err)
	}
	x, err := Explain(o.Context(), o.store, o.cycle.Areas[0], no, year, run, false)
	if err != nil {
		o.Fatal(err)
	}
	o.adds(x)
	return x
}

// adds checks that of every claim the layers, other subsidies and the person's
// part are the total.
func (o *office) adds(x *Explanation) {
	o.Helper()
	for i := range x.Claims {
		c := &x.Claims[i]
		sum := c.trace.Result.Other + c.trace.Result.Person
		for k := range c.Layers {
			sum += c.Layers[k].amount()
		}
		if sum != c.trace.Claim.Total {
			o.Errorf("%s: the layers add up to %s of %s", c.SetlID, sum, c.Total)
		}
	}
}

var hexes = regexp.MustCompile(`[0-9a-f]{16,}`)

// golden compares an explanation with the text on file. Digests change with
// every pack and key: they are left out there.
func (o *office) golden(x *Explanation, name string) {
	o.Helper()
	var b bytes.Buffer
	if err := x.Text(&b); err != nil {
		o.Fatal(err)
	}
	got := hexes.ReplaceAllString(b.String(), "…")
	path := filepath.Join("testdata", "explain", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			o.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			o.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		o.Fatal(err)
	}
	if got != string(want) {
		o.Errorf("%s is not what it was; look at the difference and run go test ./reports -update\ngot\n%s", path, got)
	}
	for _, word := range []string{"%!", "<nil>", zhang, li, zhao, "，，", "。。"} {
		if strings.Contains(got, word) {
			o.Errorf("%s: %q in the text", name, word)
		}
	}
}

const claimHeader = "setl_id,certno,psn_name,insutype,med_type,dise_name,fixmedins_code,fixmedins_name,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,hifmi_pay,maf_pay,pay_loc,trt_flag,refd_setl_flag,init_setl_id\n"

const rosterHeader = "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期\n"

// TestExplainHangzhou: a window that reaches back over months, a refund, a claim
// before the window, and one by a year without a pack.
func TestExplainHangzhou(t *testing.T) {
	o := newOffice(t, "hangzhou-2022-70", "")
	o.sends("民政-2023-08.csv", rosterHeader+"新增,张三,"+zhang+",低保,因病,2023-08-31,\n")
	o.sends("医保-2023-09.csv", claimHeader+
		"A0,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2021-02-27 10:00:00,8000,7000,5000,100,300,1,,0,\n"+
		"A1,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-02-27 10:00:00,10000,9000,5000,0,0,1,,0,\n"+
		"A2,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-02-28 10:00:00,10000,9000,5000,0,0,1,,0,\n"+
		"A3,"+zhang+",张三,390,11,胃癌,H1,县医院,05,2023-08-30,3000,2500,1500,0,0,1,,0,\n"+
		"A4,"+zhang+",张三,390,21,胃癌,H2,省医院,01,2023-09-01,1000.01,1000.01,0,0,0,3,1,0,\n"+
		"A5,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-09-02,1000,900,200,0,0,1,,0,\n"+
		"A6,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-09-03,-1000,-900,-200,0,0,1,,1,A5\n"+
		"A7,"+zhang+",张三,390,21,胃癌,H3,京医院,01,2023-09-10,1000,900,200,0,0,4,0,0,\n"+
		"C1,"+zhao+",赵六,390,21,肺炎,H2,市医院,01,2023-06-01,1000,900,200,0,300,1,,0,\n"+
		"C2,"+zhao+",赵六,390,21,肺炎,H2,市医院,01,2023-06-02,-100,-90,-20,0,0,1,,1,C9\n")
	r := o.runs(202309)
	o.golden(o.explains(zhang, 0, r), "hangzhou")
	o.golden(o.explains(zhang, 2022, r), "hangzhou-2022")
	o.golden(o.explains(zhao, 0, r), "unlisted")
}

// TestExplainKaifeng: a deductible used up in parts, the cap reached, tilt, the
// hospital's share, a case.
func TestExplainKaifeng(t *testing.T) {
	o := newOffice(t, "kaifeng-2022-draft", "document: 开医保发〔2023〕1号（虚构）\nmajor: {deductible: 11000, tiers: [{to: 100000, ratio: 60%}, {ratio: 70%}], cap: 400000}\nassist: {ratio: {dibao: 75%}}\n")
	o.sends("民政-2023-01.csv", rosterHeader+"新增,李四,"+li+",低边,,2023-01-01,\n")
	o.sends("民政-2023-06.csv", rosterHeader+"变更,李四,"+li+",返贫致贫,,2023-06-01,\n新增,李四,"+li+",低边,,2023-02-01,\n")
	o.sends("医保-2023-07.csv", claimHeader+
		"B1,"+li+",李四,390,21,肺炎,H2,市医院,05,2023-02-01,6000,5000,3500,0,0,1,,0,\n"+
		"B2,"+li+",李四,390,21,肺炎,H2,市医院,05,2023-03-01,60000,50000,20000,5000,100,1,,0,\n"+
		"B3,"+li+",李四,390,14,尿毒症透析,H2,市医院,05,2023-05-02,2000,2000,1000,0,0,1,,0,\n"+
		"B4,"+li+",李四,390,14,高血压,H2,市医院,05,2023-05-03,2000,2000,1000,0,0,1,,0,\n"+
		"B5,"+li+",李四,390,21,肺炎,H2,市医院,01,2023-07-01,120000,110000,10000,0,0,1,,0,\n")
	o.sends("慈善-2023-07.csv", "身份证号,姓名,日期,来源,金额\n"+li+",李四,2023-07-15,慈善,3000\n")
	o.golden(o.explains(li, 2023, o.runs(202307)), "kaifeng")
}

// TestExplainChanges: three runs. What came between them is named with each
// figure that it changed, and nothing else is.
func TestExplainChanges(t *testing.T) {
	o := newOffice(t, "hangzhou-2022-70", "")
	o.sends("医保-2023-06.csv", claimHeader+
		"S1,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-03-05,10000,9000,5000,0,0,1,,0,\n"+
		"S2,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-04-05,10000,9000,5000,0,0,1,,0,\n"+
		"T1,"+li+",李四,390,21,胃癌,H1,县医院,05,2023-04-05,10000,9000,5000,0,0,1,,0,\n")
	first := o.runs(202306)
	x := o.explains(zhang, 0, first)
	if !x.Changes.First {
		t.Errorf("the first run is compared with something: %+v", x.Changes)
	}
	// A roster row that comes late, and a new claim.
	o.sends("民政-2023-07.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-03-01,\n")
	o.sends("医保-2023-07.csv", claimHeader+"S3,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-05-05,1000,900,400,0,0,1,,0,\n")
	second := o.runs(202307)
	o.golden(o.explains(zhang, 2023, second), "changes-late-roster")
	o.golden(o.explains(li, 2023, second), "changes-none")
	o.posts(second, "乙")
	// A refund, and another overlay.
	o.sends("医保-2023-08.csv", claimHeader+"S4,"+zhang+",张三,390,21,胃癌,H1,县医院,05,2023-06-05,-10000,-9000,-5000,0,0,1,,1,S1\n")
	o.policy("hangzhou-2022-70", "document: 杭医保〔2023〕9号（虚构）\nassist: {ratio: {dibao: 85%}}\nmonitor: {yinbing_fanpin: {line: 5000}}\n")
	third := o.runs(202308)
	o.golden(o.explains(zhang, 2023, third), "changes-refund-overlay")
	// The run before once more, by today's policy: what it found is said beside.
	x = o.explains(zhang, 2023, second)
	if !x.PolicyChanged || len(x.Claims) != 3 || x.Claims[0].OnRecord["assist"] != "3200.00" || x.Claims[0].OnRecord["basic"] != "" {
		t.Errorf("%t, %+v", x.PolicyChanged, x.Claims)
	}
	for _, c := range x.Changes.Claims {
		if c.Cause.Policy || c.Cause.Unknown {
			t.Errorf("%s: %+v", c.SetlID, c.Cause)
		}
	}
}

// TestExplainShenyang: basic insurance recomputed, designated hospitals and
// listed diseases, major illness from the first fen, the supplement.
func TestExplainShenyang(t *testing.T) {
	o := newOffice(t, "shenyang-2019-78", "document: 沈阳市医疗救助办法（虚构）\nassist: {ratio: {jiandang: 50%}, cap: {jiandang: 30000, others: 30000}, kinds: [inpatient, outpatient_special]}\n")
	o.sends("扶贫-2019-08.csv", "变动类型,姓名,身份证号,困难类别,认定日期,区县\n新增,张三,"+zhang+",建档立卡,2019-01-01,康平县\n")
	o.sends("医保-2019-08.csv", claimHeader+
		"M1,"+zhang+",张三,390,14,糖尿病,H1,康平县人民医院,05,2019-02-01,4000,4000,2000,0,0,1,,0,\n"+
		"M2,"+zhang+",张三,390,14,糖尿病,H1,康平县人民医院,05,2019-03-01,4000,4000,1000,0,0,1,,0,\n"+
		"M3,"+zhang+",张三,390,21,肺炎,H1,康平县人民医院,05,2019-04-01,11000,10000,5000,0,0,1,,0,\n"+
		"M4,"+zhang+",张三,390,21,肺炎,H4,沈阳市第四人民医院,01,2019-05-01,11000,10000,5000,0,0,1,,0,\n"+
		"M5,"+zhang+",张三,390,21,胃癌,H4,沈阳市第四人民医院,01,2019-06-01,11000,10000,5000,0,0,1,,0,\n"+
		"M6,"+zhang+",张三,390,21,肺炎,H9,别处医院,05,2019-07-01,11000,10000,5000,500,0,1,,0,\n"+
		"M7,"+zhang+",张三,390,21,肺炎,H1,康平县人民医院,05,2019-08-01,11000,10000,9000,0,0,1,,0,\n")
	o.golden(o.explains(zhang, 0, o.runs(201908)), "shenyang")
}

// TestExplainXinjiang: the ceiling of the three layers together.
func TestExplainXinjiang(t *testing.T) {
	o := newOffice(t, "xinjiang-2023", "assist: {ratio: {tekun: 100%, dibao: 75%, fanpin: 75%, yifanpin: 70%, dibian: 60%}, cap: {tekun: none, others: 50000}, kinds: [inpatient, outpatient_special]}\n")
	o.sends("民政-2023-04.csv", rosterHeader+"新增,张三,"+zhang+",低边,,2023-01-01,\n新增,张三,"+zhang+",低保,,2023-02-01,\n新增,张三,"+zhang+",特困,,2023-03-01,\n")
	o.sends("医保-2023-04.csv", claimHeader+
		"L1,"+zhang+",张三,390,21,肺炎,H1,县医院,05,2023-01-10,10000,10000,9000,0,0,1,,0,\n"+
		"L2,"+zhang+",张三,390,21,肺炎,H1,县医院,05,2023-02-10,10000,10000,8800,0,0,1,,0,\n"+
		"L3,"+zhang+",张三,390,21,肺炎,H1,县医院,05,2023-03-10,10000,9999.99,6000,500,0,1,,0,\n"+
		"L4,"+zhang+",张三,390,14,肺炎,H1,县医院,05,2023-04-10,1000,1000,600,0,0,1,,0,\n")
	o.golden(o.explains(zhang, 2023, o.runs(202304)), "xinjiang")
}

// TestExplainWenzhou: nothing is configured, every amount stands as recorded.
func TestExplainWenzhou(t *testing.T) {
	o := newOffice(t, "wenzhou-2022-98", "")
	o.sends("民政-2023-04.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-01-01,\n")
	o.sends("医保-2023-04.csv", claimHeader+
		"W1,"+zhang+",张三,390,21,肺炎,H1,县医院,05,2023-01-10,10000,9000,5000,300,1000,1,,0,\n"+
		"W2,"+zhao+",赵六,390,21,肺炎,H1,县医院,05,2023-01-10,10000,9000,5000,300,1000,1,,0,\n")
	r := o.runs(202304)
	o.golden(o.explains(zhang, 0, r), "wenzhou")
}
