package intake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHideIDs(t *testing.T) {
	for s, want := range map[string]string{
		"民政局2024年1月新增.xlsx": "民政局2024年1月新增.xlsx", "20240131120000": "20240131120000",
		"甲99000119600101001X名单": "甲（号码略）名单", "９９０００１１９６００１０１００１Ｘ": "（号码略）", "990001600101001": "（号码略）",
		"甲9900011960010100102024年1月": "甲（号码略）2024年1月", "2024990001196001010010": "2024（号码略）",
	} {
		if got := HideIDs(s); got != want {
			t.Errorf("%s is shown as %s", s, got)
		}
	}
}

// TestNamesOfFilesAndSheets: a file and a sheet that are called by an ID leave it
// nowhere but in the report's own sheet, by which the sheet is found.
func TestNamesOfFilesAndSheets(t *testing.T) {
	m := newMemory()
	who := testID(19600101, 1)
	path := putBook(t, table{who + "帮扶明细", [][]any{{"帮扶明细" + who}, rosterHead, change(rosterLine(1), map[string]any{"E": nil}), rosterLine(2)}}, table{who, [][]any{{"a", "b", "c"}}})
	to := filepath.Join(filepath.Dir(path), testNames[0]+who+"帮扶.xlsx")
	if err := os.Rename(path, to); err != nil {
		t.Fatal(err)
	}
	f, rep := take(t, m, to, testOptions(t))
	if f.Returned != 1 || len(rep.Warnings) == 0 || rep.Errors[0].Sheet != who+"帮扶明细" {
		t.Fatalf("%+v %+v", f, rep)
	}
	j, err := json.Marshal([]any{Shown(rep.Errors), Shown(rep.Warnings), rep.Notes, Recorded(f.Totals), m.events})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(j), who) {
		t.Errorf("%s", j)
	}
	for _, w := range rep.Warnings {
		if w.Code == "W-KIND" && strings.Contains(w.Message, testNames[0]) {
			t.Errorf("%s", w.Message)
		}
	}
	path = putBook(t, table{who, [][]any{{"变动名单" + who}, {"姓名", "身份证号", "困难类别"}, {testNames[0], who, "低保"}}})
	if err := os.Rename(path, to); err != nil {
		t.Fatal(err)
	}
	if msg := refuse(t, to, testOptions(t), "E-ROSTER-NO-OP"); !strings.Contains(msg, "（号码略）") || strings.Contains(msg, who) {
		t.Errorf("refused: %s", msg)
	}
}

// TestWordsThatMayBeNames: a word in the place of a category or a source that may
// be somebody's name is not repeated; one that is like a category is.
func TestWordsThatMayBeNames(t *testing.T) {
	for word, shown := range map[string]bool{"测丙丙": false, "欧阳测试": false, "阿测·买测提": false, "甲类": true, "低保二类": true, "五保老人家庭": true} {
		_, rep := take(t, newMemory(), putRows(t, rosterHead, change(rosterLine(1), map[string]any{"E": word})), testOptions(t))
		wantErrors(t, rep, "E-CATEGORY E2")
		if got := strings.Contains(rep.Errors[0].Message, word); got != shown {
			t.Errorf("%s: %s", word, rep.Errors[0].Message)
		}
	}
	for word, shown := range map[string]bool{"测丁丁": false, "亲友": false, "爱心基金": true, "某某公司": true} {
		_, rep := take(t, newMemory(), putRows(t, reliefHead, change(reliefLine(1), map[string]any{"D": word})), testOptions(t))
		wantErrors(t, rep, "E-RELIEF-SOURCE D2")
		if got := strings.Contains(rep.Errors[0].Message, word); got != shown {
			t.Errorf("%s: %s", word, rep.Errors[0].Message)
		}
	}
}
