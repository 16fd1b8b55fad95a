package pack

import (
	"fmt"
	"strings"
	"testing"

	"doudi/rules/civil"

	"github.com/google/go-cmp/cmp"
)

// TestListsOn: which lists are due on a day, and for whom.
func TestListsOn(t *testing.T) {
	text := sound + `lists:
  clearance: {clause: A-1, from: 2022-06-01, departments: [民政, 医保], choice: 未写明送谁}
  budget: {clause: A-2, from: 2023-03-01, to: 2023-08-31, departments: [财政]}
`
	p, err := Parse("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	on := func(l Layered, d civil.Date) (out []string) {
		for _, x := range l.ListsOn(d) {
			out = append(out, fmt.Sprintf("%s %s %s %s", x.Name, x.Title(), x.Clause, strings.Join(x.Departments, "、")))
		}
		return out
	}
	clearance, budget := "clearance 监测清零 A-1 民政、医保", "budget 基金预算执行 A-2 财政"
	for d, want := range map[civil.Date][]string{20221231: nil, 20230101: {clearance}, 20230301: {clearance, budget}, 20230831: {clearance, budget}, 20230901: {clearance}, 20240101: nil} {
		if diff := cmp.Diff(want, on(Layered{Pack: p}, d)); diff != "" {
			t.Errorf("%s -want +got\n%s", d, diff)
		}
	}
	l := overlaid(t, p, "lists: {clearance: {departments: [乡村振兴]}}\n")
	l.Overlay = overlay(t, "top", "lists: {budget: {departments: [审计]}}\n").Over(l.Overlay)
	compiled(t, l)
	if diff := cmp.Diff([]string{"clearance 监测清零 A-1 乡村振兴", "budget 基金预算执行 A-2 审计"}, on(l, 20230501)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{clearance}, on(Layered{Pack: p}, 20230101)); diff != "" {
		t.Errorf("the overlay changed the pack\n%s", diff)
	}
	d := Layered{Pack: p}.Describe()
	want := []ListDescription{{Name: "clearance", Title: "监测清零", Clause: "A-1", Article: "第一条", Document: p.Number, From: "2022-06-01", Departments: []string{"民政", "医保"}, Choice: "未写明送谁"},
		{Name: "budget", Title: "基金预算执行", Clause: "A-2", Article: "第二条", Document: p.Number, From: "2023-03-01", To: "2023-08-31", Departments: []string{"财政"}}}
	if diff := cmp.Diff(want, d.Lists); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(ListNames()) != 24 || len(ListTitles) != 24 {
		t.Errorf("%d lists", len(ListNames()))
	}
}

// TestMonitorLevel: a line for a person, or for the household together.
func TestMonitorLevel(t *testing.T) {
	p := parsed(t, "    scope: in_scope\n", "    scope: in_scope\n    level: household\n")
	ms := compiled(t, Layered{Pack: p}).At(20230101).Params.Monitors
	if !ms[0].Household || ms[1].Household {
		t.Errorf("%+v", ms)
	}
	l := overlaid(t, p, "monitor: {high: {level: person}, low: {level: household, line: 1}}\n")
	ms = compiled(t, l).At(20230101).Params.Monitors
	if ms[0].Household || !ms[1].Household {
		t.Errorf("%+v", ms)
	}
	for _, pd := range l.Describe().Params {
		if pd.Path == "monitor.low.line" && (!strings.HasSuffix(pd.Detail, "按户") || !strings.Contains(pd.Detail, "监测低保对象")) {
			t.Errorf("%q", pd.Detail)
		}
	}
}

// TestSuccession: packs of one area should follow each other.
func TestSuccession(t *testing.T) {
	in := func(id, days string) *Pack {
		return parsed(t, "id: test-1", "id: "+id, "{from: 2023-01-01, to: 2023-12-31}", days)
	}
	first := in("a", "{from: 2023-01-01, to: 2023-12-31}")
	for _, c := range []struct {
		name string
		then []*Pack
		want []string
	}{
		{"at once", []*Pack{in("b", "{from: 2024-01-01}")}, nil},
		{"after a gap", []*Pack{in("b", "{from: 2024-02-01}")}, []string{"自 2024-01-01 至 2024-01-31 没有政策包：b 施行之前的空档，这些日子的结算按平台记录"}},
		{"together", []*Pack{in("b", "{from: 2023-11-01}")}, []string{"a 和 b 自 2023-11-01 至 2023-12-31 同时施行，以后施行的 b 为准"}},
		{"one within the other, no gap after it", []*Pack{in("b", "{from: 2023-02-01, to: 2023-08-31}"), in("c", "{from: 2024-01-01}")}, []string{"a 和 b 自 2023-02-01 至 2023-08-31 同时施行，以后施行的 b 为准"}},
		{"together for ever", []*Pack{in("b", "{from: 2024-01-01}"), in("c", "{from: 2025-01-01}")}, []string{"b 和 c 自 2025-01-01 起 同时施行，以后施行的 c 为准"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, Succession(append(c.then, first))); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}
