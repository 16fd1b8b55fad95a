package pack

import (
	"fmt"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
)

// missingNames are what is not configured: path and name.
func missingNames(l Layered) (out []string) {
	for _, m := range l.Unset() {
		out = append(out, m.Path+" "+m.Name)
	}
	return out
}

// TestStatedGap: from its day on a parameter has no value, until one comes.
func TestStatedGap(t *testing.T) {
	p := parsed(t, "        2023-01-01: {tekun: none, others: 150000}", `        2023-01-01: {tekun: none, others: 150000}
        2023-03-01: {unset: 另行公布}
        2023-05-01: {tekun: none, others: 160000}
        2023-11-01: unset`, "    line: {2023-01-01: 10000}", "    line: {2023-01-01: unset, 2023-02-01: 10000}")
	l := Layered{Pack: p}
	pol := compiled(t, l)
	for d, want := range map[civil.Date]bool{20230228: true, 20230301: false, 20230430: false, 20230501: true, 20231031: true, 20231101: false} {
		if prm := pol.At(d).Params; prm.AssistOn != want || prm.AssistHas.Has(rules.Dibao) != want {
			t.Errorf("%s: on %t, want %t", d, prm.AssistOn, want)
		}
	}
	if pol.At(20230115).Params.Monitors[0].On || !pol.At(20230201).Params.Monitors[0].On {
		t.Error("the line begins in February")
	}
	want := []string{
		"assist.cap 年度救助限额（自 2023-03-01 至 2023-04-30）: 另行公布",
		"assist.cap 年度救助限额（自 2023-11-01 至 2023-12-31）: 未写明原因",
		"major.deductible 大病保险起付标准: 另有规定",
		"monitor.high.line 高额费用线（自 2023-01-01 至 2023-01-31）: 未写明原因",
		"monitor.low.line 低额费用线: 另有规定",
	}
	var got []string
	for _, m := range l.Unset() {
		got = append(got, fmt.Sprintf("%s %s: %s", m.Path, m.Name, m.Reason))
		if m.Pack != "test-1" || m.Clause.Article != "第二条" || m.Clause.Number != p.Number || m.From >= m.To {
			t.Errorf("%+v", m)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if c, ok := l.Cite("assist.cap", 20230315); !ok || c.Value != "未配置" || c.From != "2023-03-01" {
		t.Errorf("%+v", c)
	}
	for _, pd := range l.Describe().Params {
		if pd.Path == "assist.cap" && (len(pd.Values) != 4 || pd.Values[1].Unset != "另行公布" || pd.Values[3].Unset == "" || pd.Values[0].Unset != "") {
			t.Errorf("%+v", pd.Values)
		}
	}
	// The office fills the first gap, and opens one where the pack has none.
	o := overlaid(t, p, "assist: {cap: {2023-03-01: {tekun: none, others: 1000}, 2023-05-01: {others: 2000}}}\nretro: {months: {2023-06-01: {unset: 暂停}}, categories: {2023-06-01: unset}}\n")
	pol = compiled(t, o)
	if got := caps(pol, 20230315); got != [3]money.Fen{rules.NoCap, 1000_00, 1000_00} {
		t.Errorf("%v", got)
	}
	if got := caps(pol, 20230615); got != [3]money.Fen{2000_00, 2000_00, 2000_00} {
		t.Errorf("%v", got)
	}
	if prm := pol.At(20230615).Params; prm.Retro != 0 || prm.RetroMonths != 0 {
		t.Errorf("%+v", prm)
	}
	want = []string{"major.deductible 大病保险起付标准", "retro.categories 因病认定可回溯的类别（自 2023-06-01 至 2023-12-31）", "retro.months 回溯月数（自 2023-06-01 至 2023-12-31）",
		"monitor.high.line 高额费用线（自 2023-01-01 至 2023-01-31）", "monitor.low.line 低额费用线"}
	if d := cmp.Diff(want, missingNames(o)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestPremiumLeftOpen: categories whose subsidy is another document's are listed
// until an overlay gives them; who gets as much as they do follows.
func TestPremiumLeftOpen(t *testing.T) {
	p, err := Load("xinjiang-2023")
	if err != nil {
		t.Fatal(err)
	}
	premium := func(l Layered) (out []Missing) {
		for _, m := range l.Unset() {
			if m.Path == "premium.subsidy" {
				out = append(out, m)
			}
		}
		return out
	}
	all := premium(Layered{Pack: p})
	if len(all) != 1 || all[0].Name != "资助参保标准（低保对象、农村易返贫致贫人口、稳定脱贫人口、边缘人群）" || all[0].Categories != rules.SetOf(rules.Dibao, rules.Yifanpin, rules.Tuopin, rules.Bianyuan) || all[0].Reason == "" {
		t.Errorf("%+v", all)
	}
	l := overlaid(t, p, "premium: {subsidy: {dibao: 280, tuopin: {unset: 州里未定}}}\n")
	some := premium(l)
	if len(some) != 1 || some[0].Name != "资助参保标准（稳定脱贫人口、边缘人群）" || !strings.Contains(some[0].Reason, "州里未定") {
		t.Errorf("%+v", some)
	}
	d := compiled(t, l).At(20230301).Params.Duties.Premium
	if d.Rule[rules.Yifanpin] != rules.FixedSubsidy || d.Fixed[rules.Yifanpin] != 280_00 || d.Rule[rules.Tuopin] != rules.OpenSubsidy || d.Rule[rules.Tekun] != rules.FullSubsidy {
		t.Errorf("%+v", d)
	}
	dated := overlaid(t, p, "premium: {subsidy: {2023-07-01: {dibao: 280, tuopin: 100, bianyuan: as tuopin}}}\n")
	if got := premium(dated); len(got) != 1 || got[0].To != 20230701 || got[0].Name != "资助参保标准（低保对象、农村易返贫致贫人口、稳定脱贫人口、边缘人群；自 2023-01-01 至 2023-06-30）" {
		t.Errorf("%+v", got)
	}
	if got := premium(overlaid(t, p, "premium: {subsidy: {others: full}}\n")); got != nil {
		t.Errorf("%+v", got)
	}
}

// TestRatioOfSome: an office may give the ratio of some of those who are
// assisted; the others keep what was recorded, and are listed.
func TestRatioOfSome(t *testing.T) {
	p, err := Load("wenzhou-2022-98")
	if err != nil {
		t.Fatal(err)
	}
	l := overlaid(t, p, "assist: {ratio: {2024-01-01: {dibao: 80%, tekun: 100%}}, cap: {tekun: none, dibao: 100000}}\n")
	prm := compiled(t, l).At(20240301).Params
	if !prm.AssistOn || prm.AssistHas != rules.SetOf(rules.Dibao, rules.Tekun) {
		t.Errorf("on %t for %s", prm.AssistOn, prm.AssistHas.Chinese())
	}
	if prm := compiled(t, l).At(20230301).Params; prm.AssistOn || prm.AssistHas != 0 {
		t.Error("nobody gave a ratio for 2023")
	}
	var got []string
	for _, m := range l.Unset() {
		if m.Path == "assist.ratio" {
			got = append(got, fmt.Sprintf("%s %s %d: %s", m.Clause.ID, m.Name, m.Categories.Len(), m.Reason))
		}
	}
	why := "救助比例由省、市救助政策规定"
	want := []string{"WZ-3 救助比例（自 2023-01-01 至 2023-12-31） 0: " + why, "WZ-3 救助比例（低保边缘家庭成员、二级及以上残疾人、困境儿童；自 2024-01-01 至 2025-12-31） 3: " + why}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	// A ratio without a limit is no rule to pay by.
	text := "assist:\n  ratio: {dibao: 80%, tekun: 100%}\n  cap: {dibao: 100000}\n"
	expect(t, text, "o.yaml", overlaid(t, p, text).Check(), one("{dibao: 100000}", "tekun（特困人员） 没有年度救助限额"))
	if prm := compiled(t, overlaid(t, p, "assist: {ratio: {dibao: 80%}}\n")).At(20230301).Params; prm.AssistOn {
		t.Error("the limit is still open, so what was recorded stands")
	}
}

// TestPremiumAs: who gets what another category gets, also all who are not
// named; and nobody what he gets himself.
func TestPremiumAs(t *testing.T) {
	p, err := Load("xinjiang-2023")
	if err != nil {
		t.Fatal(err)
	}
	l := overlaid(t, p, "premium: {subsidy: {tekun: full, dibao: 280.50, tuopin: as yifanpin, kunjing: none, others: as dibao}}\n")
	d := compiled(t, l).At(20230301).Params.Duties.Premium
	for c, want := range map[rules.Category]rules.PremiumRule{rules.Tekun: rules.FullSubsidy, rules.Dibao: rules.FixedSubsidy, rules.Tuopin: rules.FixedSubsidy, rules.Canji: rules.FixedSubsidy, rules.Kunjing: rules.NoSubsidy} {
		if d.Rule[c] != want || want == rules.FixedSubsidy && d.Fixed[c] != 280_50 {
			t.Errorf("%s: rule %d, %s", c, d.Rule[c], d.Fixed[c])
		}
	}
	// Like somebody whom only the pack names.
	d = compiled(t, overlaid(t, p, "premium: {subsidy: {canji: as tekun}}\n")).At(20230301).Params.Duties.Premium
	if d.Rule[rules.Canji] != rules.FullSubsidy {
		t.Errorf("rule %d", d.Rule[rules.Canji])
	}
	for _, c := range []struct {
		text string
		want []found
	}{
		{"premium: {subsidy: {dibao: as dibao}}\n", one("as dibao", "互相参照")},
		{"premium: {subsidy: {tekun: none, dibian: as tekun}}\n", one("as tekun", "先写明 tekun")},
		{"premium: {subsidy: {dibao: as yifanpin}}\n", one("as yifanpin", "互相参照")}, // in the pack, yifanpin is as dibao
	} {
		expect(t, c.text, "o.yaml", overlaid(t, p, c.text).Check(), c.want)
	}
	for text, says := range map[string]string{
		"premium: {subsidy: {dibao: half}}\n":          "full（全额）",
		"premium: {subsidy: {dibao: {unset: \"\"}}}\n": "不能为空",
	} {
		if _, err := ParseOverlay("o.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
