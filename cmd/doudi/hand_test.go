package main

import (
	"errors"
	"regexp"
	"testing"

	"doudi/jobs/ledger"
)

// TestHandLate: a due of a closed year that came after its closing stands in the open
// year's statement: it may be matched with what the closed year carried on, and what
// the rules matched it with may be matched anew.
func TestHandLate(t *testing.T) {
	c := closing(t, "")
	c.premiumFor("dibao: 350")
	c.bring("e.csv", premiumHead+certZhang+",张三,2023,390,青柳县,2022-11-03,350,0\n")
	c.bring("t.csv", bureauHead+"P1,2023-12-20,资助参保,青柳县财政局,杭州市税务局,2023,350,\nP2,2023-12-21,医疗救助,青柳县财政局,王五,2023-12,350,\n")
	c.do(0, "run", "--month", "2023-12", "--by", "甲")
	c.close("2023", "transfers")
	c.on(2024, 3, 1)
	c.bring("e2.csv", premiumHead+certLi+",李四,2023,390,青柳县,2022-11-03,0,350\n")
	c.bring("t2.csv", bureauHead+"P3,2024-02-20,资助参保,青柳县财政局,杭州市税务局,2023,350,\n")
	out := c.do(0, "reconcile", "--month", "2024-02", "--format", "json")
	keys := regexp.MustCompile(`premium:\d+:\d+`).FindAllString(out, -1)
	late, early := "", ""
	for _, k := range keys {
		switch {
		case early == "":
			early = k
		case k != early:
			late = k
		}
	}
	if late < early {
		late, early = early, late
	}
	if early == "" || early == late {
		t.Fatalf("no two premiums in %s", out)
	}
	hand := func(want int, text string, args ...string) {
		c.Helper()
		c.says(want, text, append(append([]string{"reconcile"}, args...), "--reason", "已核实", "--by", "甲")...)
	}
	hand(5, "属于已结的 2023 年度", "match", "--due", early, "--line", "transfer:3")
	hand(0, "第 1 号", "match", "--due", late, "--line", "transfer:2") // which 2023 carried on
	hand(0, "已撤销", "undo", "1")
	hand(0, "第 3 号", "match", "--due", late, "--line", "transfer:3") // as the rules do
	// 2024 is closed with it: now it stands there.
	hand(0, "已撤销", "undo", "3")
	c.on(2025, 1, 10)
	c.do(0, "run", "--month", "2024-12", "--by", "甲")
	c.close("2024")
	hand(5, "属于已结的 2024 年度", "match", "--due", late, "--line", "transfer:2")
}

// TestHandMoved: what enters while the books are looked at keeps a match by hand from
// being written.
func TestHandMoved(t *testing.T) {
	c := closing(t, "")
	c.bring("b.csv", claimHead+bill("A1", certZhang, "张三", "2023-06-28", "0"))
	c.settle("2023-12")
	c.bring("t.csv", bureauHead+"P1,2023-12-03,医疗救助,青柳县财政局,王五,2023-12,3200,\n")
	w, err := openWorkspace(t.Context(), c.ws)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	ar, err := w.area("", "")
	if err != nil {
		t.Fatal(err)
	}
	x := &ledger.Matching{Area: ar.Code, Dues: []string{"posting:1"}, Lines: []string{"transfer:1"}, Reason: "已核实", By: "甲", At: c.day}
	check, err := w.handCheck(t.Context(), ar, x)
	if err != nil {
		t.Fatal(err)
	}
	c.do(0, "merge", certLi, certZhang, "--reason", "来函", "--by", "乙")
	err = w.store.Match(t.Context(), x, check)
	if !errors.Is(err, ledger.ErrStale) {
		t.Fatalf("%v", err)
	}
	var p *problem
	if !errors.As(matchProblem(err), &p) || p.code != exitConflict {
		t.Errorf("%v", matchProblem(err))
	}
	if check, err = w.handCheck(t.Context(), ar, x); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Match(t.Context(), x, check); err != nil {
		t.Error(err)
	}
}
