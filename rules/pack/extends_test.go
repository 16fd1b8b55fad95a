package pack

import (
	"strings"
	"testing"
	"testing/fstest"

	"doudi/rules"

	"github.com/google/go-cmp/cmp"
)

// heir extends the pack of the other tests: another document of another county,
// with a ratio, a monitor, a list and a clause of its own.
const heir = `id: heir-1
title: 实施细则
number: 子〔2023〕8号
status: in_force
area: "990003"
area_name: 继承县
in_force: {from: 2023-01-01}
checked_on: 2026-11-26
extends: test-1
clauses:
  B-1: {article: 一, text: 本县的比例}
parameters:
  assist:
    ratio:
      clause: B-1
      values:
        2023-01-01: {tekun: 100%, dibao: 90%, dibian: 60%}
    cap:
      clause: B-1
      unset: 本县另定
monitor:
  low:
    clause: B-1
    name: 本县低额
    categories: [dibian]
    line: {2023-01-01: 3000}
lists:
  clearance: {clause: B-1, from: 2023-01-01, departments: [民政]}
codes:
  med_type: {"22": outpatient}
`

// library is a set of built-in packs.
func library(texts ...string) fstest.MapFS {
	lib := fstest.MapFS{}
	for _, text := range texts {
		id := strings.TrimPrefix(strings.SplitN(text, "\n", 2)[0], "id: ")
		lib[id+"/pack.yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return lib
}

func base() string {
	return sound + "lists:\n  premium: {clause: A-1, from: 2023-01-01, departments: [医保]}\n  clearance: {clause: A-1, from: 2023-02-01, departments: [医保, 财政]}\n"
}

func TestExtends(t *testing.T) {
	p, err := parse(library(base()), "heir.yaml", []byte(heir), nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "heir-1" || p.Extends != "test-1" || p.To != 99991231 || p.Area != "990003" || len(p.Order) != 3 || len(p.Clauses) != 3 || len(p.Monitors) != 2 || len(p.Lists) != 2 {
		t.Errorf("%+v", p)
	}
	l := Layered{Pack: p}
	pol := compiled(t, l)
	if got := ratios(t, pol, 20230801); got[1] != 9000 {
		t.Errorf("its own table, from its day on: %v", got)
	}
	prm := pol.At(20240801).Params
	if prm.RetroMonths != 6 || prm.AssistOn || prm.Monitors[1].Line != 3000_00 || prm.Monitors[0].Line != 10000_00 {
		t.Errorf("%+v", prm)
	}
	for id, want := range map[string]string{"A-1": "试〔2023〕1号", "A-2": "试〔2023〕1号", "B-1": "子〔2023〕8号"} {
		if c := p.Clause(id); c.Number != want || c.Text == "" {
			t.Errorf("%+v", c)
		}
	}
	if c, ok := l.Cite("retro.months", 20230301); !ok || c.Document != "试〔2023〕1号" || c.Article != "第二条" {
		t.Errorf("%+v", c)
	}
	if c, ok := l.Cite("assist.ratio", 20230301); !ok || c.Document != "子〔2023〕8号" || c.Article != "一" {
		t.Errorf("%+v", c)
	}
	numbers := map[string]string{}
	for _, m := range l.Unset() {
		numbers[m.Path] = m.Clause.Number
	}
	if d := cmp.Diff(map[string]string{"assist.cap": "子〔2023〕8号", "major.deductible": "试〔2023〕1号"}, numbers); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	d := p.Describe()
	if d.Extends != "test-1" || d.Clauses[0].Number != "试〔2023〕1号" || d.Lists[0].Document != "试〔2023〕1号" || d.Lists[1].Document != "子〔2023〕8号" {
		t.Errorf("%+v", d.Lists)
	}
	if got := l.ListsOn(20230115); len(got) != 2 || got[1].Departments[0] != "民政" || got[0].Departments[0] != "医保" {
		t.Errorf("%+v", got)
	}
	if k, _ := p.Codes.Kind("21"); k != rules.Inpatient {
		t.Error("the code of the pack that it extends")
	}
	if k, _ := p.Codes.Kind("22"); k != rules.Outpatient {
		t.Error("its own code")
	}
	changed, err := parse(library(strings.Replace(base(), "dibao: 80%", "dibao: 81%", 1)), "heir.yaml", []byte(heir), nil)
	if err != nil {
		t.Fatal(err)
	}
	if changed.Digest == p.Digest {
		t.Error("the digest does not tell what it extends")
	}
}

func TestExtendsStrict(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           []found
	}{
		{"what is not there", "extends: test-1", "extends: test-2", one("test-2", `没有政策包 "test-2"，可用的有：broken、circle、test-1`)},
		{"itself", "extends: test-1", "extends: heir-1", one("heir-1\nclauses", "heir-1 → heir-1")},
		{"what extends it", "extends: test-1", "extends: circle", one("circle", "heir-1 → circle → heir-1")},
		{"what has a mistake", "extends: test-1", "extends: broken", one("broken", "packs/broken/pack.yaml:1:1: 缺少 area")},
		{"no title of its own", "title: 实施细则\n", "", one("id: heir-1", "title")},
		{"no beginning of its own", "in_force: {from: 2023-01-01}\n", "", one("id: heir-1", "in_force")},
		{"never checked itself", "checked_on: 2026-11-26\n", "", one("id: heir-1", "checked_on")},
		{"no area of its own", "area: \"990003\"\n", "", one("id: heir-1", "area")},
		{"a clause that nobody cites", "  B-1: {", "  B-2: {article: 二, text: 无}\n  B-1: {", one("B-2", "没有任何参数")},
		{"narrower than what it inherits", "    cap:\n", "    categories: {clause: B-1, values: {2023-01-01: [tekun, dibao]}}\n    cap:\n", one("dibian: 60%", "assist.categories")},
	} {
		t.Run(c.name, func(t *testing.T) {
			lib := library(base(), strings.NewReplacer("id: heir-1", "id: circle", "extends: test-1", "extends: heir-1").Replace(heir), "id: broken\n")
			text := strings.Replace(heir, c.old, c.new, 1)
			_, err := parse(lib, "heir.yaml", []byte(text), nil)
			expect(t, text, "heir.yaml", err, c.want)
		})
	}
}

// TestInheritedLate: each value that begins after the pack does is named, at
// extends, or where the file itself gives it.
func TestInheritedLate(t *testing.T) {
	text := strings.Replace(heir, "{from: 2023-01-01}", "{from: 2022-12-01}", 1)
	_, err := parse(library(base()), "heir.yaml", []byte(text), nil)
	inherited, own := 0, 0
	line, col := spot(t, text, "extends: ‸test-1")
	for _, e := range Mistakes(err) {
		switch {
		case e.Line == line && e.Col == col && strings.Contains(e.Message, "请在本文件里写明"):
			inherited++
		case strings.Contains(e.Message, "写 2022-12-01: unset"):
			own++
		default:
			t.Errorf("%v", e)
		}
	}
	// assist: categories, kinds, unreferred, disease_kinds, diseases; major.tiers;
	// hospital; retro: three; exit; the line of high. Its own: ratio, the line of low.
	if inherited != 12 || own != 2 {
		t.Errorf("%d inherited, %d of its own:\n%v", inherited, own, err)
	}
}
