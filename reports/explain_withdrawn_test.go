package reports

import (
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

// corrects takes a corrected roster of one sheet that lists none of a person's
// rows any more.
func (o *office) corrects(name, certno string) {
	o.Helper()
	area := o.cycle.Areas[0].Code
	if err := o.store.Take(o.Context(), &ledger.File{Name: name, SHA256: name, Area: area, By: "甲", At: o.cycle.Now()}, func() bool { return true }, func(t ledger.Taker) error {
		p, err := t.Person(certno)
		if err != nil {
			return err
		}
		es, err := t.Events()
		if err != nil {
			return err
		}
		for _, e := range es {
			if e.Person == p {
				if lives, err := t.Withdraw(e.ID, e.Month, e.Src.Seq, ledger.Source{Sheet: "低保名单"}); err != nil || lives {
					o.Fatalf("lives %t: %v", lives, err)
				}
			}
		}
		return nil
	}); err != nil {
		o.Fatal(err)
	}
}

// TestExplainWithdrawal: a corrected roster no longer lists a person; what the
// run before gave is taken back, and the correction is named with the row that it
// withdrew.
func TestExplainWithdrawal(t *testing.T) {
	o := newOffice(t, "hangzhou-2022-70", "")
	o.sends("民政-2023-06.csv", rosterHeader+"新增,张三,"+zhang+",低保,,2023-03-01,\n"+"新增,李四,"+li+",低保,,2023-03-01,\n")
	o.sends("医保-2023-06.csv", claimHeader+"S0,"+zhang+inpatient+"2023-04-05,300000,300000,50000,0,0,1,,0,\n")
	before := o.runs(202306)
	o.corrects("民政-2023-06-更正.xlsx", zhang)
	run := o.runs(202307)
	if n := run.Areas[0].Touched; n != 1 {
		t.Errorf("%d touched", n)
	}
	x := o.explains(zhang, 0, run)
	if len(x.Changes.Claims) != 1 {
		t.Fatalf("%+v", x.Changes)
	}
	because := "因为 更正名单 民政-2023-06-更正.xlsx 低保名单 未再列出 民政-2023-06.csv 第 2 行（新增低保对象，2023年3月1日起）。"
	if s := x.Changes.Claims[0].Sentence; !strings.Contains(s, "救助身份由低保对象改为无") || !strings.Contains(s, because) {
		t.Errorf("%s", s)
	}
	if len(x.Changes.Inputs) != 1 {
		t.Fatalf("%+v", x.Changes.Inputs)
	}
	if in := x.Changes.Inputs[0]; in.Kind != "withdrawal" || !in.Gone || in.File != "民政-2023-06-更正.xlsx" || in.Withdrawn == nil || in.Withdrawn.Row != 2 {
		t.Errorf("%+v", in)
	}
	if len(x.Events) != 1 || !x.Events[0].Withdrawn || len(x.Spells) != 0 {
		t.Errorf("%+v, %+v", x.Events, x.Spells)
	}
	var files []string
	for _, f := range x.Receipt.Files {
		files = append(files, f.Name)
	}
	if got := strings.Join(files, " "); got != "医保-2023-06.csv 民政-2023-06-更正.xlsx 民政-2023-06.csv" {
		t.Errorf("files %s", got)
	}
	var text strings.Builder
	if err := x.Text(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "更正名单 民政-2023-06-更正.xlsx 低保名单 未再列出，不再有效") {
		t.Errorf("%s", text.String())
	}

	// As it was known to the run before, it still holds.
	x = o.explains(zhang, 0, before)
	if len(x.Spells) != 1 || len(x.Events) != 1 || x.Events[0].Withdrawn || x.PolicyChanged {
		t.Errorf("%+v, %+v", x.Spells, x.Events)
	}
	// Of somebody of whom nothing but a withdrawn row is on record, something is.
	o.corrects("民政-2023-06-再更正.xlsx", li)
	if x = o.explains(li, 0, o.runs(202308)); !x.Known() || len(x.Events) != 1 || x.listed {
		t.Errorf("%t, %+v", x.Known(), x.Events)
	}
	// Of who was missing in a full list there is no row.
	in := ChangedInput{Place: Place{File: "民政-更正.xlsx", Sheet: "低保", Row: 4}, Withdrawn: &Place{File: "民政.csv"}, Says: "全量名单里没有此人"}
	if got := in.String(); got != "更正名单 民政-更正.xlsx 低保 第 4 行 撤下 民政.csv 的退出（全量名单里没有此人）" {
		t.Error(got)
	}
}
