package pack

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// sound is a pack in which nothing is wrong.
const sound = `id: test-1
title: 试行办法
number: 试〔2023〕1号
status: in_force
area: "990001"
area_name: 试验县
in_force: {from: 2023-01-01, to: 2023-12-31}
checked_on: 2026-11-24
order: [tekun, dibao, dibian]
clauses:
  A-1: {article: 第一条, text: 谁、多少}
  A-2: {article: 第二条, text: 其他}
parameters:
  assist:
    categories:
      clause: A-1
      values:
        2023-01-01: [tekun, dibao, dibian]
    kinds:
      clause: A-1
      values:
        2023-01-01: [inpatient, outpatient]
    unreferred:
      clause: A-2
      values:
        2023-01-01: false
    ratio:
      clause: A-1
      checked_on: 2026-11-25
      choice: 条文未写明者从高
      values:
        2023-01-01: {tekun: 100%, others: 70%}
        2023-07-01:
          tekun: 100%
          dibao: 80%
          dibian: 60%
    cap:
      clause: A-2
      values:
        2023-01-01: {tekun: none, others: 150000}
    disease_kinds:
      clause: A-2
      values:
        2023-01-01: [outpatient]
    diseases:
      clause: A-2
      values:
        2023-01-01:
          ESRD: {name: 终末期肾病, synonyms: [尿毒症], codes: [N18.6]}
          CML: {name: 慢性粒细胞白血病}
  major:
    deductible:
      clause: A-2
      unset: 另有规定
    tiers:
      clause: A-2
      values:
        2023-01-01: [{to: 100000, ratio: 60%}, {to: 200000, ratio: 65%}, {ratio: 70%}]
  hospital:
    out_of_scope:
      clause: A-2
      values:
        2023-01-01: {1: 2.5%, 2: 5%, 3: 10%}
  retro:
    categories:
      clause: A-2
      values:
        2023-01-01: [dibao]
    months:
      clause: A-2
      values:
        2023-01-01: 6
    earliest:
      clause: A-2
      values:
        2023-01-01: 2022-01-01
  identity:
    exit_effect:
      clause: A-2
      values:
        2023-01-01: same_day
monitor:
  high:
    clause: A-2
    name: 高额费用
    who: categories
    categories: [dibian]
    measure: after_major
    scope: in_scope
    crosses: above
    line: {2023-01-01: 10000}
  low:
    clause: A-2
    name: 低额费用
    categories: [dibao]
    unset: 另有规定
codes:
  med_type: {"21": inpatient}
`

// edited replaces one piece of a text and gives the line on which at stands
// afterwards.
func edited(t *testing.T, text, old, new, at string) (string, int) {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands there %d times", old, strings.Count(text, old))
	}
	text = strings.Replace(text, old, new, 1)
	i := strings.Index(text, at)
	if i < 0 {
		t.Fatalf("%q is not there", at)
	}
	return text, 1 + strings.Count(text[:i], "\n")
}

// placed checks that err is mistakes with their places, the first of them on
// the line, and that it says what.
func placed(t *testing.T, err error, file string, line int, says string) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("not an *Error: %v", err)
	}
	if e.File != file || e.Line != line || e.Col < 1 {
		t.Errorf("it stands at %s:%d:%d, want line %d: %v", e.File, e.Line, e.Col, line, err)
	}
	if want := fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Col); !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%q does not begin with its place %q", err, want)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("%v does not say %q", err, says)
	}
}

func TestSound(t *testing.T) {
	p, err := Parse("p.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "test-1" || p.From != 20230101 || p.To != 20240101 || len(p.Order) != 3 || len(p.Monitors) != 2 || len(p.Clauses) != 2 || p.Digest == "" {
		t.Errorf("%+v", p)
	}
	if c := p.Clause("A-2"); c.Article != "第二条" || c.Text != "其他" {
		t.Errorf("%+v", c)
	}
	r := p.Params["assist.ratio"]
	if r.CheckedOn != 20261125 || r.Choice != "条文未写明者从高" || len(r.Values) != 2 || r.Values[0].Text() != "{tekun: 100%, others: 70%}" {
		t.Errorf("%+v", r)
	}
	if p.Params["assist.cap"].CheckedOn != 20261124 {
		t.Error("a parameter was last checked with its pack")
	}
}

// TestStrict: each mistake is refused where it stands.
func TestStrict(t *testing.T) {
	for _, c := range []struct{ name, old, new, at, says string }{
		{"no YAML", "order: [tekun, dibao, dibian]", "order: [tekun, dibao", "clauses:", "]"},
		{"an anchor", "status: in_force", "status: &s in_force", "status:", "不支持"},
		{"unknown key at the top", "status: in_force", "status: in_force\nextra: 1", "extra", `"extra"`},
		{"duplicate key at the top", "status: in_force", "status: in_force\ntitle: 又一个", "title: 又一个", "title"},
		{"duplicate parameter", "    cap:\n", "    ratio: {}\n    cap:\n", "    ratio: {}", "ratio"},
		{"duplicate in one line", "{tekun: none, others: 150000}", "{tekun: none, tekun: 1, others: 150000}", "tekun: none", "tekun"},
		{"unknown parameter", "    kinds:", "    sorts:", "    sorts", `"assist.sorts"`},
		{"unknown group", "  hospital:", "  clinic:", "  clinic", `"clinic"`},
		{"unknown key of a parameter", "      choice: 条文未写明者从高", "      reason: 从高", "reason", `"reason"`},
		{"a group with a value", "  identity:\n    exit_effect:\n      clause: A-2\n      values:\n        2023-01-01: same_day\n", "  identity: same_day\n", "identity", "参数表"},
		{"no id", "id: test-1\n", "", "title", "id"},
		{"no number", "number: 试〔2023〕1号\n", "", "id: test-1", "number"},
		{"no order", "order: [tekun, dibao, dibian]\n", "", "id: test-1", "order"},
		{"order with a category twice", "order: [tekun, dibao, dibian]", "order: [tekun, dibao, tekun]", "order:", "重复"},
		{"order of an unknown category", "order: [tekun, dibao, dibian]", "order: [tekun, dibao, dibiao]", "order:", `"dibiao"`},
		{"in force until before it begins", "to: 2023-12-31", "to: 2022-12-31", "in_force:", "to"},
		{"in force from no date", "from: 2023-01-01, ", "from: 2023-1-1, ", "in_force:", "2023-1-1"},
		{"in force without from", "{from: 2023-01-01, to: 2023-12-31}", "{to: 2023-12-31}", "in_force:", "from"},
		{"never checked", "checked_on: 2026-11-24\n", "", "id: test-1", "checked_on"},
		{"extends what is not there", "status: in_force", "status: in_force\nextends: nothing", "extends", `"nothing"`},
		{"clause without text", "{article: 第二条, text: 其他}", "{article: 第二条}", "A-2:", "text"},
		{"clause of nothing", "{article: 第二条, text: 其他}", `{article: "", text: 其他}`, "A-2:", "article"},

		{"missing clause", "    cap:\n      clause: A-2\n", "    cap:\n", "      values:\n        2023-01-01: {tekun: none", "条款"},
		{"clause that is not listed", "    cap:\n      clause: A-2\n", "    cap:\n      clause: A-9\n", "      clause: A-9", `"A-9"`},
		{"values and unset", "      unset: 另有规定\n    tiers:", "      unset: 另有规定\n      values: {2023-01-01: 1}\n    tiers:", "      clause: A-2\n      unset: 另有规定\n      values", "unset"},
		{"neither values nor unset", "      unset: 另有规定\n    tiers:", "    tiers:", "      clause: A-2\n    tiers", "values"},
		{"unset without a reason", "      unset: 另有规定\n    tiers:", "      unset:\n    tiers:", "      unset:\n", "unset"},
		{"unset with a list", "      unset: 另有规定\n    tiers:", "      unset: [另有规定]\n    tiers:", "      unset: [", "一个值"},
		{"a choice that is a table", "choice: 条文未写明者从高", "choice: {a: 1}", "choice:", "一个值"},
		{"values without dates", "        2023-01-01: 6", "        always: 6", "always", "always"},
		{"values of nothing", "      values:\n        2023-01-01: 6", "      values: {}", "values: {}", "日期"},
		{"a value instead of values", "      values:\n        2023-01-01: 6", "      values: 6", "values: 6", "日期"},
		{"dates out of order", "        2023-07-01:\n", "        2022-07-01:\n", "        2022-07-01", "由早到晚"},
		{"no such day", "        2023-07-01:\n", "        2023-06-31:\n", "        2023-06-31", "2023-06-31"},

		{"bad ratio: no percent", "dibao: 80%", "dibao: 0.8", "dibao: 0.8", "0.8"},
		{"bad ratio: above 100 %", "dibao: 80%", "dibao: 180%", "dibao: 180%", "180%"},
		{"bad ratio: negative", "dibao: 80%", "dibao: -1%", "dibao: -1%", "-1%"},
		{"bad ratio: too fine", "dibao: 80%", "dibao: 80.001%", "dibao: 80.001%", "80.001%"},
		{"bad ratio: beyond every number", "dibao: 80%", "dibao: 184467440737095516.96%", "dibao: 18", "比例"},
		{"a ratio that is a list", "dibao: 80%", "dibao: [80%]", "dibao: [", "一个值"},
		{"unknown category", "          dibao: 80%", "          dibo: 80%", "          dibo", `"dibo"`},
		{"ratios that are one", "2023-01-01: {tekun: 100%, others: 70%}", "2023-01-01: 70%", "2023-01-01: 70%", "类别"},
		{"bad amount: negative", "others: 150000", "others: -1", "others: -1", "金额"},
		{"bad amount: three decimals", "others: 150000", "others: 1.005", "others: 1.005", "金额"},
		{"bad amount: words", "others: 150000", "others: 十五万", "others: 十", "金额"},
		{"bad amount: too much", "others: 150000", "others: 100000000.01", "others: 1000", "金额"},
		{"categories that are one", "2023-01-01: [dibao]", "2023-01-01: dibao", "2023-01-01: dibao", "列表"},
		{"a category of a list", "2023-01-01: [dibao]", "2023-01-01: [dibo]", "2023-01-01: [dibo]", `"dibo"`},
		{"unknown kind", "[inpatient, outpatient]", "[inpatient, inhouse]", "inhouse", `"inhouse"`},
		{"neither true nor false", "2023-01-01: false", "2023-01-01: no", "2023-01-01: no", "true"},
		{"not an integer", "2023-01-01: 6", "2023-01-01: 6.5", "2023-01-01: 6.5", "6.5"},
		{"a negative count", "2023-01-01: 6", "2023-01-01: -6", "2023-01-01: -6", "-6"},
		{"not a date", "2023-01-01: 2022-01-01", "2023-01-01: 2022", "2023-01-01: 2022\n", "2022"},
		{"no such choice", "2023-01-01: same_day", "2023-01-01: next_day", "next_day", "next_month"},
		{"unknown hospital level", "{1: 2.5%, 2: 5%, 3: 10%}", "{1: 2.5%, 4: 5%}", "{1: 2.5%", `"4"`},

		{"tiers out of order", "{to: 200000, ratio: 65%}", "{to: 100000, ratio: 65%}", "{to: 100000, ratio: 65%}", "增大"},
		{"a tier without an end in the middle", "{to: 200000, ratio: 65%}", "{ratio: 65%}", "{ratio: 65%}", "上限"},
		{"a last tier with an end", "{ratio: 70%}]", "{to: 300000, ratio: 70%}]", "{to: 300000", "上限"},
		{"a tier without a ratio", "{ratio: 70%}]", "{}]", "{}]", "ratio"},
		{"a tier with something else", "{ratio: 70%}]", "{ratio: 70%, cap: 1}]", "cap: 1", `"cap"`},
		{"no tiers", "[{to: 100000, ratio: 60%}, {to: 200000, ratio: 65%}, {ratio: 70%}]", "[]", "2023-01-01: []", "分段"},

		{"a disease without a name", "{name: 慢性粒细胞白血病}", "{synonyms: [慢粒]}", "CML", "name"},
		{"a name of two diseases", "{name: 慢性粒细胞白血病}", "{name: 尿毒症}", "CML", "ESRD"},
		{"a disease with something else", "{name: 慢性粒细胞白血病}", "{name: 慢粒, icd: C92}", "CML", `"icd"`},

		{"monitor without a name", "    name: 高额费用\n", "", "    clause: A-2\n    who", "name"},
		{"monitor without a clause", "  low:\n    clause: A-2\n", "  low:\n", "    name: 低额费用", "条款"},
		{"monitor with neither line nor unset", "    unset: 另有规定\ncodes", "codes", "    clause: A-2\n    name: 低额费用", "line"},
		{"monitor with line and unset", "    unset: 另有规定\ncodes", "    unset: 另有规定\n    line: {2023-01-01: 1}\ncodes", "    clause: A-2\n    name: 低额费用", "unset"},
		{"monitor unset without a reason", "    unset: 另有规定\ncodes", "    unset: \"\"\ncodes", `    unset: ""`, "unset"},
		{"monitor of an unknown measure", "measure: after_major", "measure: before_major", "measure:", "before_major"},
		{"monitor with something else", "    scope: in_scope\n", "    scope: in_scope\n    from: 1\n", "    from: 1", `"from"`},
		{"monitor line without a date", "line: {2023-01-01: 10000}", "line: 10000", "line:", "日期"},
		{"monitor line that is no amount", "line: {2023-01-01: 10000}", "line: {2023-01-01: much}", "line:", "much"},

		{"code of an unknown kind", `{"21": inpatient}`, `{"21": bed}`, "bed", `"bed"`},
		{"unknown code table", "med_type: {", "med_kind: {", "med_kind", `"med_kind"`},

		// What no day could be settled under.
		{"assisted, but not in order", "order: [tekun, dibao, dibian]", "order: [tekun, dibao]", "[tekun, dibao, dibian]", "加进 order"},
		{"assisted without a ratio", "          dibian: 60%\n", "", "          tekun: 100%\n          dibao", "dibian（低保边缘家庭成员） 没有救助比例"},
		{"assisted without a cap", "{tekun: none, others: 150000}", "{tekun: none}", "{tekun: none}", "限额"},
		{"reaching back without months", "    months:\n      clause: A-2\n      values:\n        2023-01-01: 6\n", "", "    categories:\n      clause: A-2", "retro.months"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, line := edited(t, sound, c.old, c.new, c.at)
			_, err := Parse("p.yaml", []byte(text))
			placed(t, err, "p.yaml", line, c.says)
		})
	}
}

// TestAllMistakes: a pack is read to its end, and every mistake is named.
func TestAllMistakes(t *testing.T) {
	text := strings.NewReplacer("title: 试行办法\n", "", "status: in_force", "status: in_force\nstatus: draft", "dibao: 80%", "dibao: 8", "dibian: 60%", "dibiao: 60%", "2023-01-01: 6", "2023-01-01: six",
		"line: {2023-01-01: 10000}", "line: 1").Replace(sound)
	_, err := Parse("p.yaml", []byte(text))
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d mistakes named, there are 6:\n%v", len(lines), err)
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "p.yaml:") {
			t.Errorf("no place: %s", l)
		}
	}
}

// TestOverlayStrict: the same of an office's own values.
func TestOverlayStrict(t *testing.T) {
	const overlay = "document: 试局〔2023〕2号\nassist:\n  ratio: {dibao: 75%}\n  cap:\n    2023-07-01: {dibian: 90000}\n    2023-10-01: {dibian: 80000}\nmonitor:\n  low: {line: 5000}\ncodes:\n  med_type: {\"99\": pharmacy}\n"
	if _, err := ParseOverlay("o.yaml", []byte(overlay)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, at, says string }{
		{"unknown key", "assist:\n", "help:\n", "help", `"help"`},
		{"unknown parameter", "  ratio:", "  rate:", "rate", `"assist.rate"`},
		{"duplicate", "  cap:\n", "  ratio: {tekun: 90%}\n  cap:\n", "  ratio: {tekun", "ratio"},
		{"bad ratio", "75%", "75", "ratio:", "75"},
		{"unknown category", "{dibao: 75%}", "{dibo: 75%}", "ratio:", `"dibo"`},
		{"a group that is one", "  ratio: {dibao: 75%}\n  cap:\n    2023-07-01: {dibian: 90000}\n    2023-10-01: {dibian: 80000}\n", "  - 1\n", "  - 1", "参数表"},
		{"dates out of order", "2023-10-01", "2023-06-01", "2023-06-01", "由早到晚"},
		{"monitors that are one", "  low: {line: 5000}", "  - low", "  - low", "监测线"},
		{"a document that is a list", "document: 试局〔2023〕2号", "document: [a]", "document", "一个值"},
		{"a line that is no amount", "line: 5000", "line: 5000.001", "  low", "5000.001"},
		{"lines out of order", "line: 5000", "line: {2023-07-01: 1, 2023-02-01: 2}", "  low", "由早到晚"},
		{"unset in a monitor", "line: 5000", "unset: 无", "  low", `"unset"`},
		{"no such choice", "line: 5000", "who: everyone", "  low", "everyone"},
		{"no such level", "line: 5000", "level: village", "  low", "household"},
		{"a list that is not one of ours", "codes:\n", "lists: {nothing: {departments: [民政]}}\ncodes:\n", "nothing", `"nothing"`},
		{"a list for nobody", "codes:\n", "lists: {clearance: {departments: []}}\ncodes:\n", "lists", "至少写一个部门"},
		{"a list with another clause", "codes:\n", "lists: {clearance: {clause: A-1}}\ncodes:\n", "lists", `"clause"`},
		{"code of a level that there is not", `med_type: {"99": pharmacy}`, `hosp_lv: {"12": 4}`, "hosp_lv", "1、2、3"},
		{"a gap without a reason", "{dibao: 75%}", "{unset: }", "ratio:", "unset"},
		{"no value", "{dibao: 75%}", "", "ratio:", "缺少值"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, line := edited(t, overlay, c.old, c.new, c.at)
			_, err := ParseOverlay("o.yaml", []byte(text))
			placed(t, err, "o.yaml", line, c.says)
		})
	}
	// What needs the pack beside it is refused when both are compiled.
	p, err := Parse("p.yaml", []byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, at, says string }{
		{"no such monitor", "  low:", "  middle:", "  middle", `"middle"`},
		{"no such list in the pack", "codes:\n", "lists: {clearance: {departments: [民政]}}\ncodes:\n", "clearance", `"clearance"`},
		{"a category that the pack does not assist", "{dibao: 75%}", "{canji: 75%}", "ratio:", "assist.categories"},
		{"after the pack's end", "2023-10-01", "2024-10-01", "2024-10-01", "不会生效"},
		{"a category without a place in the order", "  cap:\n", "  categories: [tekun, dibao, dibian, fanpin]\n  cap:\n", "  categories:", "不能新增"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, line := edited(t, overlay, c.old, c.new, c.at)
			o, err := ParseOverlay("o.yaml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			_, err = Compile("990001", []Layered{{p, o}})
			placed(t, err, "o.yaml", line, c.says)
		})
	}
}
