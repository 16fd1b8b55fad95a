package intake

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
)

// TestNoData: totals, repeated headers and notes are left out, and only these.
func TestNoData(t *testing.T) {
	total := make([]any, len(rosterHead))
	total[0], total[2] = "合计", "2人"
	rows := [][]any{{"名单"}, rosterHead, rosterLine(1), rosterHead, rosterLine(2), {},
		total,
		{nil, nil, nil, "小计", 2}, // in the ID's column
		{"注：本表一式两份"},             // a note
		{"制表人：" + testNames[2], nil, "审核人：" + testNames[3]}, // signatures
		{"7"},                             // an empty, numbered line
		{8, nil, testNames[4], nil, "低保"}, // a person without an ID
	}
	m := newMemory()
	f, rep := take(t, m, putBook(t, table{"表", rows}), testOptions(t))
	wantTotals(t, f, 3, 2, 0, 1, 6)
	wantErrors(t, rep, "E-ID-MISSING D12", "E-OP-MISSING B12")
	wantNote(t, rep, "第 9 行", "说明文字")
	wantNote(t, rep, "第 10 行", "说明文字")
	wantNote(t, rep, "第 11 行", "说明文字")
	if len(rep.Notes) != 3 {
		t.Errorf("%q", rep.Notes)
	}
}

// TestManyEmptyLines: a form with numbered, empty lines does not flood the notes.
func TestManyEmptyLines(t *testing.T) {
	rows := [][]any{rosterHead, rosterLine(1)}
	for n := range 100 {
		rows = append(rows, []any{n + 2})
	}
	f, rep := take(t, newMemory(), putRows(t, rows...), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 100)
	wantNote(t, rep, "另有 95 行")
	if len(rep.Notes) != 6 {
		t.Errorf("%q", rep.Notes)
	}
}

// TestFormulaRows: a row whose cells are formulas without results looks empty
// but is not.
func TestFormulaRows(t *testing.T) {
	row := make([]any, len(rosterHead))
	for i := range row {
		row[i] = formula("A1")
	}
	short := []any{nil, nil, testNames[0], formula("A1")}
	f, rep := take(t, newMemory(), putBook(t, table{"表", [][]any{rosterHead, rosterLine(1), row, short}}), testOptions(t))
	wantTotals(t, f, 3, 1, 0, 2, 0)
	if !slices.ContainsFunc(rep.Errors, func(e RowError) bool { return e.Code == "E-FORMULA" && e.Column == "D" && e.Row == 3 }) ||
		!slices.ContainsFunc(rep.Errors, func(e RowError) bool { return e.Code == "E-FORMULA" && e.Column == "D" && e.Row == 4 }) {
		t.Errorf("%+v", rep.Errors)
	}
}

// TestTextDates: in a text file 2023.1 may have been the number 2023.10.
func TestTextDates(t *testing.T) {
	row := change(rosterLine(1), map[string]any{"G": "2023.1"})
	_, rep := take(t, newMemory(), putRows(t, rosterHead, row), testOptions(t))
	wantErrors(t, rep, "E-DATE G2")
	m := newMemory()
	_, rep = take(t, m, putBook(t, table{"表", [][]any{rosterHead, row}}), testOptions(t))
	wantErrors(t, rep)
	if len(m.events) != 1 || m.events[0].Date != 20230101 {
		t.Errorf("%+v", m.events)
	}
}

func TestSheets(t *testing.T) {
	path := putBook(t,
		table{"说明", [][]any{{"填表说明"}, {"请勿改动"}}},
		table{"名单", [][]any{rosterHead, rosterLine(1), change(rosterLine(2), map[string]any{"G": "x"})}},
		table{"空", nil},
		table{"结算", [][]any{{"导出"}, claimsHead, claimLine(1), change(claimLine(2), map[string]any{"M": "x"})}},
		table{"帮扶", [][]any{reliefHead, reliefLine(1)}})
	m := newMemory()
	f, rep := take(t, m, path, testOptions(t))
	wantTotals(t, f, 5, 3, 0, 2, 0)
	if f.Kind != "mixed" || f.Events != 1 || f.Claims != 1 || f.Reliefs != 1 {
		t.Errorf("%+v", f)
	}
	var kinds []string
	for _, s := range f.Totals {
		kinds = append(kinds, s.Sheet+" "+s.Kind)
	}
	if want := []string{"名单 roster", "结算 claims", "帮扶 relief"}; !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
	if !maps.Equal(rep.Tables, map[string]int{"名单": 1, "结算": 2, "帮扶": 1}) {
		t.Errorf("%v", rep.Tables)
	}
	wantErrors(t, rep, "E-DATE G3", "E-DATE M4")
	if rep.Errors[0].Sheet != "名单" || rep.Errors[1].Sheet != "结算" {
		t.Errorf("%+v", rep.Errors)
	}
	wantNote(t, rep, "说明", "没有可识别的表头")
	if len(rep.Notes) != 1 {
		t.Errorf("an empty sheet needs no note: %q", rep.Notes)
	}

	// With the kind given, other tables are left alone.
	o := testOptions(t)
	o.Kind = Claims
	f, rep = take(t, newMemory(), path, o)
	wantTotals(t, f, 2, 1, 0, 1, 0)
	if f.Kind != "claims" {
		t.Errorf("kind %s", f.Kind)
	}
	wantNote(t, rep, "名单", "未读取")
}

func TestHiddenIsSaid(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	err := f.SetSheetName("Sheet1", "名单")
	put := func(name string, rows ...[]any) {
		for y, row := range rows {
			err = errors.Join(err, f.SetSheetRow(name, "A"+strconv.Itoa(y+1), &row))
		}
	}
	put("名单", rosterHead, rosterLine(1), rosterLine(2))
	_, e := f.NewSheet("旧")
	err = errors.Join(err, e)
	put("旧", rosterHead, rosterLine(3))
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := errors.Join(err, f.SetRowVisible("名单", 3, false), f.SetSheetVisible("旧", false), f.SaveAs(path)); err != nil {
		t.Fatal(err)
	}
	tot, rep := take(t, newMemory(), path, testOptions(t))
	wantTotals(t, tot, 3, 3, 0, 0, 0)
	wantNote(t, rep, "名单", "1 行是隐藏的")
	wantNote(t, rep, "工作表 旧 是隐藏的")
}

// TestRightKind: a table is what its columns make it, though another kind may
// share many of them.
func TestRightKind(t *testing.T) {
	head := append(slices.Clone(reliefHead), "困难类别", "致困原因", "乡镇", "村", "来源部门", "残疾等级", "认定日期")
	f, rep := take(t, newMemory(), putRows(t, head, append(reliefLine(1), "低保", nil, nil, nil, nil, nil, nil)), testOptions(t))
	wantErrors(t, rep)
	if f.Kind != "relief" || f.Reliefs != 1 {
		t.Errorf("%+v", f)
	}
	f, _ = take(t, newMemory(), putRows(t, append(slices.Clone(rosterHead), "救助金额"), append(rosterLine(1), "500")), testOptions(t))
	if f.Kind != "roster" || f.Events != 1 {
		t.Errorf("%+v", f)
	}
}

func TestRefused(t *testing.T) {
	o := testOptions(t)
	without := func(head []any, drop ...any) []any {
		return slices.DeleteFunc(slices.Clone(head), func(v any) bool { return slices.Contains(drop, v) })
	}
	for _, tt := range []struct {
		name string
		rows [][]any
		code string
		says []string
	}{
		{"roster without op", [][]any{{"2024年2月困难人员变动名单"}, without(rosterHead, "变动类型"), rosterLine(1)[1:]}, "E-ROSTER-NO-OP", []string{"变动类型", "表"}},
		{"roster without category", [][]any{{"名单"}, without(rosterHead, "困难类别")}, "E-FILE-TABLE", []string{"第 2 行", "缺少列：困难类别"}},
		{"claims without amounts", [][]any{without(claimsHead, "medfee_sumamt", "setl_time")}, "E-FILE-TABLE", []string{"第 1 行", "缺少列：结算时间、医疗费总额"}},
		{"relief that looks a little like claims", [][]any{{"姓名", "身份证号", "医院名称", "帮扶日期", "帮扶来源"}}, "E-FILE-TABLE", []string{"缺少列：帮扶金额"}},
		{"a later row comes closer", [][]any{{"姓名", "身份证号", "乡镇"}, without(claimsHead, "certno")}, "E-FILE-TABLE", []string{"第 2 行", "缺少列：证件号码"}},
		{"no table", [][]any{{"通知"}, {"请各乡镇报送"}}, "E-FILE-TABLE", []string{"没有找到"}},
		{"a list without a header", [][]any{rosterLine(1), rosterLine(2)}, "E-FILE-TABLE", []string{"没有找到"}},
		{"a header too far down", append(slices.Repeat([][]any{{"说明"}}, headerWithin), rosterHead, rosterLine(1)), "E-FILE-TABLE", []string{"没有找到"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, path := range []string{putRows(t, tt.rows...), putBook(t, table{"表", tt.rows})} {
				msg := refuse(t, path, o, tt.code)
				for _, s := range tt.says {
					if !strings.Contains(msg, s) {
						t.Errorf("%q does not say %q", msg, s)
					}
				}
			}
		})
	}
	t.Run("the last row for a header", func(t *testing.T) {
		f, _ := take(t, newMemory(), putRows(t, append(slices.Repeat([][]any{{"说明"}}, headerWithin-1), rosterHead, rosterLine(1))...), o)
		wantTotals(t, f, 1, 1, 0, 0, 0)
	})
	t.Run("another kind than asked for", func(t *testing.T) {
		o := o
		o.Kind = Relief
		refuse(t, putRows(t, rosterHead, rosterLine(1)), o, "E-FILE-KIND")
	})
	t.Run("broken container", func(t *testing.T) {
		refuse(t, putFile(t, "a.csv", "姓名\n\uFFFD\n"), o, sheet.CodeEncoding)
		book, err := os.ReadFile(putBook(t, table{"表", [][]any{rosterHead, rosterLine(1)}}))
		if err != nil {
			t.Fatal(err)
		}
		refuse(t, putFile(t, "a.xlsx", string(book[:len(book)/2])), o, sheet.CodeTruncated)
	})
}

// TestHeaderOnly: a table without rows is a table.
func TestHeaderOnly(t *testing.T) {
	f, rep := take(t, newMemory(), putRows(t, rosterHead), testOptions(t))
	wantTotals(t, f, 0, 0, 0, 0, 0)
	wantErrors(t, rep)
	if f.Kind != "roster" {
		t.Errorf("kind %q", f.Kind)
	}
}

func TestImportStops(t *testing.T) {
	rows := map[string]string{"roster": putRows(t, rosterHead, rosterLine(1)), "claims": putRows(t, claimsHead, claimLine(1)), "relief": putRows(t, reliefHead, reliefLine(1))}
	for name, path := range rows {
		t.Run(name, func(t *testing.T) {
			full := errors.New("no room")
			m := newMemory()
			m.err = full
			if rep, err := Import(context.Background(), path, testOptions(t), &ledger.File{}, m); !errors.Is(err, full) || rep != nil {
				t.Errorf("%v, %v", rep, err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if rep, err := Import(ctx, path, testOptions(t), &ledger.File{}, newMemory()); !errors.Is(err, context.Canceled) || rep != nil {
				t.Errorf("%v, %v", rep, err)
			}
		})
	}
	if _, err := Import(context.Background(), filepath.Join(t.TempDir(), "none"), testOptions(t), &ledger.File{}, newMemory()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
