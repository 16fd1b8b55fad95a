package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

const inpatient = ",张三,390,21,胃癌,H1,县医院,05,"

// TestExplainManyInputs: more inputs than can be named one by one are taken
// together by file, the row of a new claim aside. Two rows that say the same are
// named as that. The program is another one, too.
func TestExplainManyInputs(t *testing.T) {
	o := newOffice(t, "hangzhou-2022-70", "")
	o.sends("医保-2023-06.csv", claimHeader+"S0,"+zhang+inpatient+"2023-03-05,300000,300000,50000,0,0,1,,0,\n")
	o.runs(202306)
	o.sends("民政-2023-07.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-03-01,\n")
	o.sends("民政-2023-07-补.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-02-01,\n")
	var b strings.Builder
	for i := range 13 {
		fmt.Fprintf(&b, "S%02d,%s%s2023-04-%02d,1000,900,400,0,0,1,,0,\n", i+1, zhang, inpatient, i+1)
	}
	b.WriteString("S20," + zhang + inpatient + "2023-02-20,100000,100000,40000,0,0,1,,0,\n")
	o.sends("医保-2023-07.csv", claimHeader+b.String())
	o.cycle.Version = "v2"
	x := o.explains(zhang, 2023, o.runs(202307))
	var sentences []string
	for _, c := range x.Changes.Claims {
		if c.SetlID == "S0" || c.SetlID == "S01" || c.SetlID == "S20" {
			sentences = append(sentences, c.Sentence)
		}
	}
	got := strings.Join(sentences, "\n")
	want := strings.Join([]string{
		"结算 S20 是新读入的：总费用 100,000.00 元，其中基本医保 40,000.00 元，医疗救助 48,000.00 元，个人负担 12,000.00 元，医疗救助基金应补发 48,000.00 元，来自 医保-2023-07.csv 第 15 行（2023年2月20日住院结算 S20，总费用 100,000.00 元）；金额还取决于 民政-2023-07-补.csv 第 2 行（新增低保对象，2023年2月1日起）。",
		"结算 S0：救助身份由无改为低保对象，医疗救助由 0.00 元改为 102,000.00 元，个人负担由 250,000.00 元改为 148,000.00 元，医疗救助基金由不补不追改为应补发 102,000.00 元，因为下列几项一起：民政-2023-07-补.csv 第 2 行（新增低保对象，2023年2月1日起）；医保-2023-07.csv 里的 14 条记录。",
		"结算 S01 是新读入的：总费用 1,000.00 元，其中基本医保 400.00 元，个人负担 600.00 元，来自 医保-2023-07.csv 第 2 行（2023年4月1日住院结算 S01，总费用 1,000.00 元）。",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if x.Changes.Program == nil || *x.Changes.Program != (Pair{"v1", "v2"}) {
		t.Errorf("program %+v", x.Changes.Program)
	}
}

// TestExplainReceipt: what arrived in another order, in other files and under
// other numbers has the same digests; one fen more has not.
func TestExplainReceipt(t *testing.T) {
	roster := rosterHeader + "新增,张三," + zhang + ",低保,因病,2023-08-31,\n"
	claim := func(id, fee string) string {
		return id + "," + zhang + inpatient + "2023-03-05," + fee + ",900,400,0,0,1,,0,\n"
	}
	receipt := func(year int, files ...string) Receipt {
		o := newOffice(t, "hangzhou-2022-70", "")
		for i, f := range files {
			o.sends(fmt.Sprintf("民政-%d.csv", i), f)
		}
		return o.explains(zhang, year, o.runs(202309)).Receipt
	}
	a := receipt(0, roster, claimHeader+claim("S1", "1000")+claim("S2", "2000"))
	b := receipt(2021, claimHeader+"T1,"+li+inpatient+"2023-03-05,1000,900,400,0,0,1,,0,\n"+claim("S2", "2000"), claimHeader+claim("S1", "1000"), roster)
	if a.Inputs != b.Inputs || a.Results != b.Results || a.Policy != b.Policy {
		t.Errorf("in another order\n%+v\n%+v", a, b)
	}
	if len(a.Files) != 2 || len(b.Files) != 3 || a.Files[0].SHA256 == "" {
		t.Errorf("files %+v, %+v", a.Files, b.Files)
	}
	c := receipt(0, roster, claimHeader+claim("S1", "1000")+claim("S2", "2000.01"))
	if c.Inputs == a.Inputs || c.Results == a.Results {
		t.Errorf("one fen more\n%+v\n%+v", a, c)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), zhang) {
		t.Errorf("an ID in the receipt: %s", text)
	}
}

// TestExplainShape: every list is there, however little is known, and no list is
// null.
func TestExplainShape(t *testing.T) {
	o := newOffice(t, "kaifeng-2022-draft", "")
	o.sends("慈善-2023-07.csv", "身份证号,姓名,日期,来源,金额\n"+li+",李四,2023-07-15,慈善,3000\n")
	o.sends("民政-2023-07.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-03-01,\n")
	o.sends("医保-2023-07.csv", claimHeader+"S1,"+zhang+inpatient+"2023-04-05,2000,2000,500,0,0,1,,0,\n"+
		"S2,"+zhang+inpatient+"2023-04-06,2000,2000,500,0,0,1,,0,\nR2,"+zhang+inpatient+"2023-04-07,-2000,-2000,-500,0,0,1,,1,S2\n")
	o.runs(202307)
	o.sends("民政-2023-08.csv", rosterHeader+"退出,张三,"+zhang+",低保,,,2023-04-01\n")
	r := o.runs(202308)
	for _, certno := range []string{li, zhang} {
		for _, year := range []int{0, 2020, 2023} {
			x := o.explains(certno, year, r)
			if !x.Known() {
				t.Errorf("%s is not known", certno)
			}
			text, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "null") {
				t.Errorf("null in %s", text)
			}
			var b strings.Builder
			if err := x.Text(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Of another year nothing is shown, but what the person is on record with.
	x := o.explains(zhang, 2020, r)
	if len(x.Claims)+len(x.Refunds)+len(x.Refunded)+len(x.Spells)+len(x.Events)+len(x.Reliefs)+len(x.Cases)+len(x.Changes.Claims)+len(x.Changes.Inputs) != 0 {
		t.Errorf("%+v", x)
	}
	// What each layer says, for programs.
	x = o.explains(zhang, 2023, r)
	want := map[string]any{
		"what": "changed", "sentence": "结算 S1：救助身份由低保对象改为无，医疗救助由 1,050.00 元改为 0.00 元，个人负担由 450.00 元改为 1,500.00 元，医疗救助基金由应补发 1,050.00 元改为不补不追，因为 民政-2023-08.csv 第 2 行（退出低保对象，2023年4月1日）。",
		"setl_id": "S1", "setl_time": "2023-04-05", "category": map[string]any{"before": "dibao", "after": ""},
		"amounts": []any{
			map[string]any{"item": "assist", "name": "医疗救助", "before": "1050.00", "after": "0.00"},
			map[string]any{"item": "person", "name": "个人负担", "before": "450.00", "after": "1500.00"},
			map[string]any{"item": "adjustment_assistance", "name": "医疗救助基金应补发", "before": "1050.00", "after": "0.00"},
		},
		"cause":            map[string]any{"inputs": []any{0.0}, "texts": []any{"民政-2023-08.csv 第 2 行（退出低保对象，2023年4月1日）"}},
		"adjustment_cause": map[string]any{"inputs": []any{0.0}, "texts": []any{"民政-2023-08.csv 第 2 行（退出低保对象，2023年4月1日）"}},
	}
	same(t, "the change", want, x.Changes.Claims[0])
	same(t, "the input", map[string]any{"kind": "roster", "file": "民政-2023-08.csv", "sha256": x.Changes.Inputs[0].SHA256, "sheet": x.Changes.Inputs[0].Sheet, "row": 2.0,
		"date": "2023-04-01", "says": "退出低保对象，2023年4月1日"}, x.Changes.Inputs[0])
}

func same(t *testing.T, what string, want map[string]any, got any) {
	t.Helper()
	a, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	if b, err = json.Marshal(x); err != nil { // sorted keys
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("%s\n got %s\nwant %s", what, b, a)
	}
}

// TestExplainApplication: who is assisted on application, from its day on.
func TestExplainApplication(t *testing.T) {
	o := newOffice(t, "kaifeng-2022-draft", "document: 开医保〔2023〕7号（虚构）\nassist: {application_required: true}\n")
	o.sends("民政-2023-07.csv", "变动类型,姓名,身份证号,困难类别,认定日期,申请日期\n新增,张三,"+zhang+",低边,2023-01-01,2023-04-01\n")
	o.sends("医保-2023-07.csv", claimHeader+"S1,"+zhang+inpatient+"2023-03-05,20000,20000,5000,0,0,1,,0,\nS2,"+zhang+inpatient+"2023-04-05,20000,20000,5000,0,0,1,,0,\n")
	o.golden(o.explains(zhang, 2023, o.runs(202307)), "application")
}

// TestExplainHousehold: the case of the household moves with another member.
func TestExplainHousehold(t *testing.T) {
	o := newOffice(t, "xinjiang-2023", "")
	households := false
	for _, s := range o.cycle.Areas[0].Policy.Segments {
		for _, m := range s.Params.Monitors {
			households = households || m.On && m.Household
		}
	}
	if !households {
		t.Fatal("the pack watches no households")
	}
	o.sends("民政-2023-03.csv", "变动类型,姓名,身份证号,困难类别,认定日期,户主身份证号\n新增,张三,"+zhang+",低边,2023-01-01,"+zhang+"\n新增,张小,"+li+",低边,2023-01-01,"+zhang+"\n")
	o.sends("医保-2023-03.csv", claimHeader+"S1,"+zhang+inpatient+"2023-02-05,5000,5000,3800,0,0,1,,0,\nS2,"+li+inpatient+"2023-03-05,5000,5000,3700,0,0,1,,0,\n")
	o.runs(202303)
	o.sends("医保-2023-04.csv", claimHeader+"S3,"+li+inpatient+"2023-04-05,5000,5000,3700,0,0,1,,0,\n")
	r := o.runs(202304)
	head, child := o.explains(zhang, 2023, r), o.explains(li, 2023, r)
	of := func(x *Explanation) []string {
		var out []string
		for _, c := range x.Changes.Cases {
			if c.Level == ledger.LevelHousehold {
				out = append(out, c.Sentence)
			}
		}
		return out
	}
	if got := of(head); len(got) == 0 || !strings.Contains(got[0], "因为 家庭成员 990001********") || !strings.Contains(got[0], " 的 医保-2023-04.csv 第 2 行") {
		t.Errorf("the head is told %q", got)
	}
	if got := of(child); len(got) == 0 || !strings.Contains(got[0], "因为 医保-2023-04.csv 第 2 行") {
		t.Errorf("the child is told %q", got)
	}
	if len(child.Cases) == 0 || child.Cases[len(child.Cases)-1].Level != ledger.LevelHousehold || len(child.Cases) != len(head.Cases)+1 {
		t.Errorf("%d cases of the head, %d of the child: %+v", len(head.Cases), len(child.Cases), child.Cases)
	}
}

// TestExplainWindows: a window that reaches back to before the policy, and a
// recognition by illness that opens none.
func TestExplainWindows(t *testing.T) {
	o := newOffice(t, "hangzhou-2022-70", "")
	o.sends("民政-2023-06.csv", rosterHeader+"新增,李四,"+li+",低保,因病,2023-02-10,\n新增,张三,"+zhang+",低边,,2023-01-01,\n变更,张三,"+zhang+",低保,因病,2023-06-01,\n")
	o.sends("医保-2023-06.csv", claimHeader+"S1,"+zhang+inpatient+"2023-05-05,2000,2000,500,0,0,1,,0,\n"+
		"T0,"+li+inpatient+"2022-08-09,2000,2000,500,0,0,1,,0,\nT1,"+li+inpatient+"2022-08-10,2000,2000,500,0,0,1,,0,\nT2,"+li+inpatient+"2023-02-10,2000,2000,500,0,0,1,,0,\n")
	r := o.runs(202306)
	o.golden(o.explains(li, 0, r), "window-before-the-policy")
	o.golden(o.explains(zhang, 0, r), "no-window")
	// The window reaches into 2022: it is part of that year's explanation, and the
	// recognition behind it.
	x := o.explains(li, 2022, r)
	if len(x.Windows) != 1 || len(x.Spells) != 1 || len(x.Events) != 1 || len(x.Claims) != 2 || !slices.Equal(x.Windows[0].Claims, []string{"T1"}) {
		t.Errorf("%+v", x)
	}
}
