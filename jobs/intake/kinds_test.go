package intake

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKindAskedFor: tables of other kinds are left alone, on other sheets and on
// the same; a file of nothing else is refused, with the way to import it.
func TestKindAskedFor(t *testing.T) {
	o := testOptions(t)
	o.Kind = Roster
	msg := refuse(t, putBook(t, table{"结算", [][]any{{"导出"}, claimsHead, claimLine(1)}}, table{"帮扶", [][]any{reliefHead, reliefLine(1)}}), o, "E-FILE-KIND")
	for _, s := range []string{"按困难人员名单（--kind roster）", "结算数据（工作表 结算，表头在第 2 行）和帮扶明细（工作表 帮扶，表头在第 1 行）", "--kind claims"} {
		if !strings.Contains(msg, s) {
			t.Errorf("%q does not say %q", msg, s)
		}
	}
	// A table that is nearly one of the kind is named as well.
	nearly := slices.DeleteFunc(slices.Clone(plainHead), func(v any) bool { return v == "困难类别" })
	msg = refuse(t, putBook(t, table{"名单", [][]any{nearly}}, table{"帮扶", [][]any{reliefHead}}), o, "E-FILE-KIND")
	if !strings.Contains(msg, "缺少列：困难类别") {
		t.Error(msg)
	}
	refuse(t, putRows(t, []any{"通知"}), o, "E-FILE-TABLE")

	one := putRows(t, []any{"帮扶明细"}, helpHead, helpLine(3), helpLine(4), []any{"合计", nil, nil, nil, nil, 1}, []any{"困难人员名单"}, plainHead, plainLine(1),
		helpHead, helpLine(5), plainHead, plainLine(2), []any{"制表人：甲"})
	m := newMemory()
	f, rep := take(t, m, one, o)
	wantTotals(t, f, 2, 2, 0, 0, 1)
	wantSaid(t, m, people(1, 2))
	wantWarnings(t, rep)
	wantNote(t, rep, "第 2 行的表头是帮扶明细，不是困难人员名单，未读取")
	if f.Kind != "roster" || rep.Tables["表"] != 7 {
		t.Errorf("%+v %v", f, rep.Tables)
	}
}

// TestKindByTitle: columns say what a table is; titles that say otherwise are
// warned of.
func TestKindByTitle(t *testing.T) {
	for _, tt := range []struct {
		title, sheet, file string
		warned             string
		says               string
	}{
		{"困难人员名单", "名单", "民政", "", ""},
		{"医保结算明细", "表", "书", "W-KIND A2", "标题是“医保结算明细”，而表头的列是困难人员名单"},
		{"变动情况", "参保登记", "书", "W-KIND A2", "工作表名是“参保登记”"},
		{"困难人员名单", "参保登记", "书", "", ""}, // the title is nearer
		{"变动情况", "表", "帮扶救助2024", "W-KIND A2", "文件名是“帮扶救助2024”"},
		{"变动情况", "表", "低保花名册", "", ""},
		{"生育登记", "表", "书", "W-KIND A2", "已按困难人员名单读取"},
		{"收费项目", "表", "书", "W-KIND A2", ""},
		{"财政资金拨付情况", "表", "书", "W-KIND A2", ""},
		{"缴费情况", "表", "书", "W-KIND A2", ""},
		{"资助参保对象", "帮扶对象", "监测帮扶", "", ""}, // not what they are listed for
		{"说明：请于5日前报送参保、缴费情况", "表", "书", "", ""},
		{"参保人员名单", "表", "书", "", ""}, // a list of people, insured or not
	} {
		t.Run(tt.title+"/"+tt.sheet+"/"+tt.file, func(t *testing.T) {
			o := testOptions(t)
			o.Month = 202402
			path := filepath.Join(t.TempDir(), tt.file+".xlsx")
			if err := os.Rename(putBook(t, table{tt.sheet, [][]any{{tt.title}, plainHead, plainLine(1)}}), path); err != nil {
				t.Fatal(err)
			}
			f, rep := take(t, newMemory(), path, o)
			wantWarnings(t, rep, split(tt.warned)...)
			if f.Taken != 1 || tt.says != "" && !strings.Contains(rep.Warnings[0].Message, tt.says) {
				t.Errorf("%+v", rep)
			}
		})
	}
	_, rep := take(t, newMemory(), putRows(t, []any{"城关镇困难人员花名册"}, claimsHead, claimLine(1)), testOptions(t))
	wantWarnings(t, rep, "W-KIND A2")
	// Of several sheets one may be what the file's name says.
	path := filepath.Join(t.TempDir(), "医保结算.xlsx")
	if err := os.Rename(putBook(t, table{"一", [][]any{plainHead, plainLine(1)}}, table{"二", [][]any{claimsHead, claimLine(1)}}), path); err != nil {
		t.Fatal(err)
	}
	_, rep = take(t, newMemory(), path, testOptions(t))
	wantWarnings(t, rep)
}
