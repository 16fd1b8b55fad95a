package reports

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/jobs/yearend"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/money"
)

// closedYear is a year of two hospitals with things accepted open.
func closedYear(signed int) *yearBook {
	st := &yearend.Statement{From: yearend.From{Run: 8, Month: 202312, By: "甲", Version: "1"}}
	st.Area, st.Name, st.Year, st.Policy = "330100", "某市", 2023, strings.Repeat("ab", 32)
	st.Counts = yearend.Counts{People: 2, Claims: 3, Cases: 2, Cleared: 1, Transfers: 1}
	for i, due := range []money.Fen{100_00, 250_50} {
		sum := yearend.Sum{Claims: i + 1, Due: due, Recorded: 50_00, Posted: due - 50_00}
		st.Rows = append(st.Rows, yearend.Row{Fund: rules.FundAssistance, County: "甲县", Hospital: []string{"H1", "H2"}[i], Sum: sum})
		st.Total.Due += sum.Due
		st.Total.Recorded += sum.Recorded
		st.Total.Posted += sum.Posted
	}
	st.Carry = []yearend.CarryRow{{Item: reconcile.ItemAssistance, Carried: 350_50}, {Item: reconcile.ItemHospital, Carried: 7_00}}
	st.Open = []yearend.Group{
		{Item: "earlier", Count: 4, What: "2022 年度没有结账", Accept: true, Reason: "首次结账"},
		{Item: "cases", Count: 2, What: "监测对象未清零", Accept: true, Reason: "已核实", Details: []yearend.Detail{{Person: 1, What: "因病返贫"}, {Person: 2, What: "因病返贫"}}},
		{Item: "refund:R9", Count: 1, Amount: -5_00, What: "退费 R9 待冲销", Accept: true, Reason: "原结算在外地", Details: []yearend.Detail{{Ref: "R9"}}},
	}
	y := &yearBook{Statement: st, people: map[ledger.PersonNo]ledger.Person{1: {Certno: "99330119800101001X"}, 2: {Certno: "99330119800202002X"}}}
	at := time.Date(2024, 1, 5, 1, 0, 0, 0, time.UTC)
	y.state.Phase, y.state.First = yearend.Signed, ledger.YearStep{By: "甲", At: at, Digest: st.Digest()}
	if signed == 2 {
		y.state.Phase, y.state.Second = yearend.Closed, ledger.YearStep{By: "乙", At: at.Add(time.Hour), Digest: st.Digest()}
	}
	return y
}

// TestYearCover: the five figures of the cover equal the sheets to which they lead,
// what was accepted leads to its rows with its reason, and one signature is a draft.
func TestYearCover(t *testing.T) {
	b := closedYear(2).book()
	if err := workbook.Write(filepath.Join(t.TempDir(), "a.xlsx"), b); err != nil { // each link leads somewhere
		t.Fatal(err)
	}
	figures, _, text := pageOf(t, b, coverSheet)
	if len(figures) != 5 {
		t.Errorf("%d figures", len(figures))
	}
	total := func(sheet, column string) (sum money.Fen) {
		for _, x := range b.Tables() {
			for i, c := range x.Columns {
				if x.Sheet == sheet && c.Title == column {
					for row := range x.Rows {
						sum += row[i].(money.Fen)
					}
				}
			}
		}
		return sum
	}
	for label, from := range map[string]string{"应付": "应付", "已过账的补发追回": "已过账", "财政已拨付": "财政已拨付", "结转下年应拨": "结转下年"} {
		f := figures[label]
		want := total(f.Link, from)
		if label == "结转下年应拨" { // without what hospitals owe, which the note says
			want -= 7_00
		}
		if f.Value != want {
			t.Errorf("%s: %v, want %s as in %s", label, f.Value, want, f.Link)
		}
	}
	if f := figures["未办结而接受"]; f.Value != 7 || f.Tone != workbook.Watch || f.Link != sheetUnsettled {
		t.Errorf("%+v", f)
	}
	for _, want := range []string{"未办结事项!1", "未办结事项!3", "原结算在外地", "首次结账", "已结账", "2024-01-05 10:00:00", "另一"} {
		if strings.Contains(text, want) == (want == "另一") {
			t.Errorf("%q in the cover:\n%s", want, text)
		}
	}
	draft := closedYear(1)
	if _, _, text := pageOf(t, draft.book(), coverSheet); !strings.Contains(text, "尚未签署") || strings.Contains(text, "已结账") || !strings.Contains(draft.book().Title, "草稿") {
		t.Errorf("one signature:\n%s", text)
	}
	// A year in which all was settled says so.
	settled := closedYear(2)
	settled.Open = nil
	if f, _, text := pageOf(t, settled.book(), coverSheet); !strings.Contains(text, "都已办结") || f["未办结而接受"].Tone != workbook.Good {
		t.Error(text)
	}
}
