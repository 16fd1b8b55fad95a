package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// Short rosters of the tests below: with and without 变动类型.
var (
	eventsHead = []any{"变动类型", "姓名", "身份证号", "困难类别", "认定日期", "退出日期", "残疾等级", "乡镇", "区县"}
	fullHead   = eventsHead[1:]
)

func person1(n int) (string, string) {
	return testID(19600101, n), fmt.Sprintf("测试%c%c", '一'+rune(n/50), '甲'+rune(n%50))
}

// on is a row of a full list, came and left rows of events.
func on(n int, category string, more ...any) []any {
	id, name := person1(n)
	return append([]any{name, id, category}, more...)
}

func came(n int, category, date string, more ...any) []any {
	return append(append([]any{"新增"}, on(n, category, date, nil)...), more...)
}

func left(n int, category, date string) []any {
	return append([]any{"退出"}, on(n, category, nil, date)...)
}

// sheetOf puts rows under a header into a sheet whose name is the roster's title.
func sheetOf(title string, head []any, rows ...[]any) table {
	return table{title, append([][]any{head}, rows...)}
}

// month is for a roster of February 2024 by 民政, whose name says nothing.
func february(t *testing.T) Options {
	o := testOptions(t)
	return o
}

// standing are the identities on a day, as "3 dibao".
func standing(m *memory, day civil.Date) []string {
	by := map[ledger.PersonNo][]rules.Event{}
	es, _ := m.Events()
	for _, e := range es {
		by[e.Person] = append(by[e.Person], e.Rules())
	}
	var out []string
	for n := range 200 {
		id, _ := person1(n)
		spells, _ := rules.Timeline(by[m.people[id]], func(civil.Date) rules.ExitEffect { return rules.SameDay })
		for _, c := range rules.Categories() {
			if rules.Held(spells, day).Has(c) {
				out = append(out, fmt.Sprintf("%d %s", n, c))
			}
		}
	}
	return out
}

func wantStanding(t *testing.T, m *memory, day civil.Date, want ...string) {
	t.Helper()
	if got := standing(m, day); !slices.Equal(got, want) {
		t.Errorf("on %s stand %q, want %q", day, got, want)
	}
}

func wantWarnings(t *testing.T, rep *Report, want ...string) {
	t.Helper()
	var got []string
	for _, w := range rep.Warnings {
		got = append(got, fmt.Sprintf("%s %s%d", w.Code, w.Column, w.Row))
	}
	if !slices.Equal(got, want) {
		t.Errorf("warnings %q, want %q", got, want)
		for _, w := range rep.Warnings {
			t.Log(w.Message)
		}
	}
}

// effectOf writes an effect in short: open +added -removed ~changed =unchanged.
func effectOf(f ledger.File) string {
	e := f.Effect
	return fmt.Sprintf("%d +%d -%d ~%d =%d", e.Open, e.Added, e.Removed, e.Changed, e.Unchanged)
}

func wantEffect(t *testing.T, f ledger.File, want string) {
	t.Helper()
	if got := effectOf(f); got != want {
		t.Errorf("the effect is %s, want %s: %+v", got, want, *f.Effect)
	}
}

// TestFullList: a full list becomes the adds and removes that explain the
// difference from who was on the list.
func TestFullList(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "特困", "2024-01-05"),
		came(4, "残疾", "2024-01-05", "二级"))), february(t))
	// 2 is gone, 5 is new. 3 and 4 are of categories of which the list does not speak.
	path := putBook(t, sheetOf("低保花名册", fullHead, on(1, "低保"), on(5, "农村低保", "2024-01-20")))
	f, rep := take(t, m, path, february(t))
	wantTotals(t, f, 2, 1, 1, 0, 0)
	wantEffect(t, f, "2 +1 -1 ~0 =1")
	wantErrors(t, rep)
	wantNote(t, rep, "2024-02-01", "1 人次按这天退出")
	wantStanding(t, m, 20240131, "1 dibao", "2 dibao", "3 tekun", "4 canji", "5 dibao")
	wantStanding(t, m, 20240201, "1 dibao", "3 tekun", "4 canji", "5 dibao")
	gone := m.events[len(m.events)-1]
	if gone.Via != ledger.ViaGone || gone.Op != rules.Remove || gone.Src.Row != 0 || gone.Src.Sheet != "低保花名册" || gone.Month != 202402 {
		t.Errorf("%+v", gone)
	}

	n := len(m.events)
	f, _ = take(t, m, path, february(t))
	wantTotals(t, f, 2, 0, 2, 0, 0)
	wantEffect(t, f, "2 +0 -0 ~0 =2")
	if len(m.events) != n {
		t.Errorf("the same list again brings %d events", len(m.events)-n)
	}
}

// TestFirstFullList: an office begins with its lists of everyone.
func TestFirstFullList(t *testing.T) {
	m := newMemory()
	f, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保", "2021-03-01"), on(2, "低保,残疾", nil, nil, "一级"), on(3, "残疾", "2022-01-01", nil, "三级"))), february(t))
	wantTotals(t, f, 3, 3, 0, 0, 0)
	wantEffect(t, f, "0 +2 -0 ~0 =0")
	if f.Effect.NoEffect != 1 {
		t.Errorf("%+v", f.Effect)
	}
	wantNote(t, rep, "三级、四级的 1 人次")
	wantNote(t, rep, "2 人次没有认定日期", "2024-02-01")
	wantStanding(t, m, 20240131, "1 dibao")
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao", "2 canji")
}

// TestFullListDay: a list that says as of when it was made is compared as of
// that day; who came later is left alone.
func TestFullListDay(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "低保", "2024-02-20"))), february(t))
	f, _ := take(t, m, putBook(t, sheetOf("低保在册（截至2024年2月10日）", fullHead, on(1, "低保"))), february(t))
	wantEffect(t, f, "3 +0 -1 ~0 =1")
	wantStanding(t, m, 20240209, "1 dibao", "2 dibao")
	wantStanding(t, m, 20240210, "1 dibao")
	wantStanding(t, m, 20240220, "1 dibao", "3 dibao")
}

// TestFullListOfOthers: what another department, county or township keeps is not
// compared.
func TestFullListOfOthers(t *testing.T) {
	m := newMemory()
	o := february(t)
	o.Dept = "残联"
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "残疾", "2024-01-05", "一级", nil, nil))), o)
	o.Dept = "民政"
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(2, "低保", "2024-01-05", nil, "东镇", "甲县"), came(3, "低保", "2024-01-05", nil, "西镇", "甲县"),
		came(4, "低保", "2024-01-05", nil, "南镇", "乙县"), came(5, "残疾", "2024-01-05", "一级", "东镇", "甲县"))), o)
	f, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(2, "低保,残疾", nil, nil, "一级", "东镇", "甲县"))), o)
	wantEffect(t, f, "5 +0 -2 ~1 =0")
	wantNote(t, rep, "另有 2 人次同类别")
	wantStanding(t, m, 20240201, "1 canji", "2 dibao", "2 canji", "4 dibao")

	m = newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05", nil, "东镇"), came(2, "低保", "2024-01-05", nil, "西镇"), came(3, "低保", "2024-01-05", nil, "东镇"))), o)
	f, rep = take(t, m, putBook(t, sheetOf("东镇低保名册", fullHead, on(1, "低保", nil, nil, nil, "东镇"))), o)
	wantEffect(t, f, "3 +0 -1 ~0 =1")
	wantNote(t, rep, "东镇", "只与那里的在册人员比较")
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao")
}

// TestFullListReturned: nobody is taken off a list in the place of a returned
// row.
func TestFullListReturned(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "低保", "2024-01-05"))), february(t))
	wrongDate := on(2, "低保", "2024-02-31")
	wrongID := on(3, "低保")
	wrongID[1] = wrongID[1].(string)[:17] // a character is missing
	f, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), wrongDate, wrongID)), february(t))
	wantTotals(t, f, 3, 0, 1, 2, 0)
	wantEffect(t, f, "3 +0 -0 ~0 =1")
	wantNote(t, rep, "2 名", "暂不退出")
	if f.Effect.HeldBack != 2 {
		t.Errorf("%+v", f.Effect)
	}
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao", "3 dibao")
}

// TestRelisted: a list that repeats the first day of recognition of somebody who
// had left brings them back from the list's day on.
func TestRelisted(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("变动", eventsHead, came(1, "低保", "2023-01-05"), left(1, "低保", "2023-06-30"), came(2, "低保", "2023-01-05"))), february(t))
	f, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保", "2023-01-05"), on(2, "低保", "2022-01-05"))), february(t))
	wantWarnings(t, rep, "W-RELISTED D2")
	wantEffect(t, f, "1 +1 -0 ~0 =1")
	wantStanding(t, m, 20230101, "2 dibao") // 认定日期提前
	wantStanding(t, m, 20230801, "2 dibao")
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao")
}

// TestFullListLevel: somebody whose disability is no longer of level 1 or 2
// leaves the list though a row names them.
func TestFullListLevel(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "残疾", "2024-01-05", "二级"), came(2, "残疾", "2024-01-05", "一级"))), february(t))
	f, _ := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "残疾", nil, nil, "三级"), on(2, "残疾", nil, nil, "一级"))), february(t))
	wantEffect(t, f, "2 +0 -1 ~0 =1")
	wantStanding(t, m, 20240201, "2 canji")
}

// TestEventsAndFullList: the months' changes act before the full list of the
// same file, and a day of leaving stands as it is given.
func TestEventsAndFullList(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))), february(t))
	f, rep := take(t, m, putBook(t, sheetOf("在册", fullHead, on(1, "低保"), on(3, "低保")),
		table{"退出", [][]any{{"姓名", "身份证号", "困难类别", "退出日期"}, on(2, "低保", "2024-02-20")}},
		table{"新增", [][]any{{"姓名", "身份证号", "困难类别", "认定日期"}, on(3, "低保", "2024-02-11")}}), february(t))
	wantTotals(t, f, 4, 2, 2, 0, 0)
	wantEffect(t, f, "2 +1 -1 ~0 =1")
	wantErrors(t, rep)
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao")
	wantStanding(t, m, 20240219, "1 dibao", "2 dibao", "3 dibao")
	wantStanding(t, m, 20240220, "1 dibao", "3 dibao")
}

// TestLarge: a roster that takes many people off the lists is refused unless
// somebody says that it is right.
func TestLarge(t *testing.T) {
	whole := func() *memory {
		m := newMemory()
		var rows [][]any
		for n := range 30 {
			rows = append(rows, came(n, "低保", "2024-01-05"))
		}
		take(t, m, putBook(t, sheetOf("新增", eventsHead, rows...)), february(t))
		return m
	}
	var full, leaving [][]any
	for n := range 19 {
		full = append(full, on(n, "低保"))
	}
	for n := range 11 {
		leaving = append(leaving, left(n, "低保", "2024-02-05"))
	}
	for name, path := range map[string]string{"full": putBook(t, sheetOf("名册", fullHead, full...)), "leaving": putBook(t, sheetOf("退出", eventsHead, leaving...))} {
		t.Run(name, func(t *testing.T) {
			m := whole()
			f := ledger.File{Seq: 9}
			rep, err := Import(t.Context(), path, february(t), &f, m)
			if err == nil || !strings.Contains(err.Error(), CodeLarge) || !strings.Contains(err.Error(), "11 人") || !strings.Contains(err.Error(), "30 人") || rep != nil {
				t.Fatalf("%v, %+v", err, rep)
			}
			o := february(t)
			o.LargeOK = true
			g, rep := take(t, whole(), path, o)
			wantEffect(t, g, map[string]string{"full": "30 +0 -11 ~0 =19", "leaving": "30 +0 -11 ~0 =0"}[name])
			wantWarnings(t, rep, "W-LARGE A1")
			o.LargeOK, o.Dry = false, true
			g, rep = take(t, whole(), path, o)
			if rep.Implausible == "" || g.Effect.Removed != 11 {
				t.Errorf("%+v %+v", rep, g.Effect)
			}
		})
	}
	// One person less, and it is taken.
	f, rep := take(t, whole(), putBook(t, sheetOf("退出", eventsHead, leaving[1:]...)), february(t))
	wantEffect(t, f, "30 +0 -10 ~0 =0")
	wantWarnings(t, rep)
}

// TestCorrection: a 更正 takes the place of what the same department sent for the
// month; what both state stays as it was.
func TestCorrection(t *testing.T) {
	m := newMemory()
	o := february(t)
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "低保", "2024-01-05"))), o)
	o.Dept = "残联"
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(4, "残疾", "2024-01-05", "一级"))), o)
	o.Dept, o.Month = "民政", 202401
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(3, "低保", "2024-01-05"), came(5, "低保", "2023-12-05"))), o)
	o.Month = 202402
	path := putBook(t, sheetOf("更正", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低边", "2024-01-05")))
	f, rep := take(t, m, path, o)
	wantTotals(t, f, 2, 1, 1, 0, 0)
	wantEffect(t, f, "4 +0 -0 ~1 =2")
	wantWarnings(t, rep)
	// 3 stands by the roster of January, 4 is another department's, 5 another month's.
	wantStanding(t, m, 20240201, "1 dibao", "2 dibian", "3 dibao", "4 canji", "5 dibao")
	if f.Effect.Withdrawn != 2 || !f.Effect.Correction {
		t.Errorf("%+v", f.Effect)
	}
	f, _ = take(t, m, path, o)
	wantTotals(t, f, 2, 0, 2, 0, 0)
	if f.Effect.Withdrawn != 0 {
		t.Errorf("the same correction again withdraws %d", f.Effect.Withdrawn)
	}
	// The first was right after all.
	f, _ = take(t, m, putBook(t, sheetOf("再次更正", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))), o)
	wantTotals(t, f, 2, 1, 1, 0, 0)
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao", "3 dibao", "4 canji", "5 dibao")
}

// TestCorrectionReturned: a row that is returned leaves its person as they stood.
func TestCorrectionReturned(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))), february(t))
	f, _ := take(t, m, putBook(t, sheetOf("更正", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-32"))), february(t))
	wantTotals(t, f, 2, 0, 1, 1, 0)
	if f.Effect.HeldBack != 1 || f.Effect.Withdrawn != 0 {
		t.Errorf("%+v", f.Effect)
	}
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao")
}

// TestCorrectionOfFullList: what the wrong full list did is undone.
func TestCorrectionOfFullList(t *testing.T) {
	m := newMemory()
	o := february(t)
	o.Month = 202401
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))), o)
	o.Month = 202402
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(3, "低保"))), o)
	wantStanding(t, m, 20240201, "1 dibao", "3 dibao")
	f, _ := take(t, m, putBook(t, sheetOf("名册（更正）", fullHead, on(1, "低保"), on(2, "低保"))), o)
	wantEffect(t, f, "2 +1 -1 ~0 =1")
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao")
}

// TestCorrectionNeedsMonth: it would be a guess what it replaces.
func TestCorrectionNeedsMonth(t *testing.T) {
	o := february(t)
	o.Month = 0
	refuse(t, putBook(t, sheetOf("更正", eventsHead, came(1, "低保", "2024-01-05"))), o, "E-ROSTER-MONTH")
}

// TestListMonth: which month a roster is for, and where two places disagree.
func TestListMonth(t *testing.T) {
	for _, tt := range []struct {
		sheet           string
		said, path, run civil.Month
		want            civil.Month
		warned          bool
	}{
		{"新增", 0, 0, 202403, 202403, false},
		{"新增", 0, 202402, 202403, 202402, false},
		{"新增", 202401, 202402, 202403, 202401, false},
		{"2024年2月新增", 0, 0, 202403, 202402, false},
		{"2024年02月新增", 0, 202402, 202403, 202402, false},
		{"2024-2新增", 0, 202401, 202403, 202402, true},
		{"2024年2月新增", 202401, 0, 0, 202401, true},
		{"新增 制表日期2024-03-01", 0, 202402, 0, 202402, false},
	} {
		o := testOptions(t)
		o.Month, o.PathMonth, o.RunMonth = tt.said, tt.path, tt.run
		m := newMemory()
		f, rep := take(t, m, putBook(t, sheetOf(tt.sheet, eventsHead, came(1, "低保", "2024-01-05"))), o)
		if m.events[0].Month != tt.want || f.Month != tt.want || (len(rep.Warnings) == 1) != tt.warned {
			t.Errorf("%+v: %s, %+v", tt, m.events[0].Month, rep.Warnings)
		}
	}
}

// TestListOp: what the title says all rows do.
func TestListOp(t *testing.T) {
	for title, want := range map[string]string{"新增人员": "add", "2024年2月退出": "remove", "变更名单": "change", "花名册": "full", "明细": "full",
		"新增及退出": "E-ROSTER-NO-OP", "动态调整": "E-ROSTER-NO-OP", "增减变动": "E-ROSTER-NO-OP"} {
		path := putBook(t, sheetOf(title, fullHead, on(1, "低保", "2024-01-05", "2024-02-05")))
		if strings.HasPrefix(want, "E-") {
			refuse(t, path, february(t), want)
			continue
		}
		m := newMemory()
		f, rep := take(t, m, path, february(t))
		got := m.events[0].Op.String()
		if f.Effect.Full {
			got = "full"
		}
		if got != want || len(rep.Errors) > 0 {
			t.Errorf("%s: %s, want %s", title, got, want)
		}
	}
	// The name of the file says it where nothing nearer does.
	path := putBook(t, sheetOf("Sheet1", fullHead, on(1, "低保", nil, "2024-02-05")))
	named := filepath.Join(filepath.Dir(path), "民政局2024年2月退出名单.xlsx")
	if err := os.Rename(path, named); err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	if f, _ := take(t, m, named, february(t)); m.events[0].Op != rules.Remove || f.Effect.Full {
		t.Errorf("%+v", m.events)
	}
}

// TestTwoNames: one ID under two names is taken and said; once for a person.
func TestTwoNames(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"))), february(t))
	other := func(n int, category string) []any {
		row := came(n, category, "2024-01-06")
		row[1] = testNames[0]
		return row
	}
	f, rep := take(t, m, putBook(t, sheetOf("新增", eventsHead, other(1, "特困"), other(1, "残疾人"), came(2, "低保", "2024-01-06"), other(2, "特困"), other(3, "低保"))), february(t))
	wantWarnings(t, rep, "W-NAME B2", "W-NAME B5")
	if f.Warned != 2 {
		t.Errorf("%+v", f)
	}
	spaced := came(1, "特困", "2024-01-07")
	spaced[1] = strings.Join(strings.Split(spaced[1].(string), ""), "　")
	_, rep = take(t, newMemory(), putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), spaced)), february(t))
	wantWarnings(t, rep)
}

// TestHeads: a head of whom no list knows is said.
func TestHeads(t *testing.T) {
	head := append(slices.Clone(eventsHead), "户主身份证号")
	of := func(n, head int) []any {
		id, _ := person1(head)
		return append(came(n, "低保", "2024-01-05", nil, nil, nil), id)
	}
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(7, "低保", "2024-01-05"))), february(t))
	_, rep := take(t, m, putBook(t, sheetOf("新增", head, of(1, 1), of(2, 1), of(3, 7), of(4, 8))), february(t))
	wantWarnings(t, rep, "W-HEAD J5")
}

// TestLateRows: rows that lie after the month of their roster are said.
func TestLateRows(t *testing.T) {
	o := february(t)
	o.Month = 202401
	_, rep := take(t, newMemory(), putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-02-05"), came(2, "低保", "2024-02-05"), came(3, "低保", "2024-01-05"))), o)
	wantWarnings(t, rep, "W-MONTH A1")
}

// named gives a copy of a file a name.
func named1(t *testing.T, path, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// send imports a file under a name and a content of its own.
func send(t *testing.T, m *memory, name string, tab table) (ledger.File, *Report) {
	t.Helper()
	return take(t, m, named1(t, putBook(t, tab), name), february(t))
}

// TestCorrectionOfOne: a department sends several lists a month; a correction
// takes the place of the one whose name it has.
func TestCorrectionOfOne(t *testing.T) {
	m := newMemory()
	send(t, m, "民政2024年2月低保新增.xlsx", sheetOf("Sheet1", fullHead, on(1, "低保", "2024-02-01"), on(2, "低保", "2024-02-01")))
	send(t, m, "民政2024年2月特困新增.xlsx", sheetOf("Sheet1", fullHead, on(3, "特困", "2024-02-01")))
	send(t, m, "民政2024年1月低保新增.xlsx", sheetOf("Sheet1", fullHead, on(4, "低保", "2024-01-01")))
	send(t, m, "民政2024年2月低保退出.xlsx", sheetOf("Sheet1", fullHead, on(4, "低保", nil, "2024-02-03")))
	f, rep := send(t, m, "民政2024年2月低保新增（更正）.xlsx", sheetOf("Sheet1", fullHead, on(1, "低保", "2024-02-01"), on(5, "低保", "2024-02-01")))
	wantWarnings(t, rep)
	wantNote(t, rep, "更正名单替代：民政2024年2月低保新增.xlsx（2 条）")
	if f.Effect.Withdrawn != 1 {
		t.Errorf("%+v", f.Effect)
	}
	wantStanding(t, m, 20240205, "1 dibao", "3 tekun", "5 dibao")
}

// TestCorrectionByContent: where no list has its name, a correction takes the
// place of those that do the same for its categories, and says of which.
func TestCorrectionByContent(t *testing.T) {
	m := newMemory()
	send(t, m, "一.xlsx", sheetOf("低保新增", fullHead, on(1, "低保", "2024-02-01"), on(2, "低保", "2024-02-01")))
	send(t, m, "二.xlsx", sheetOf("特困新增", fullHead, on(3, "特困", "2024-02-01")))
	send(t, m, "三.xlsx", sheetOf("低保再新增", fullHead, on(6, "低保", "2024-02-01")))
	send(t, m, "四.xlsx", sheetOf("低保退出", fullHead, on(6, "低保", nil, "2024-02-03")))
	_, rep := send(t, m, "五.xlsx", sheetOf("低保新增更正", fullHead, on(1, "低保", "2024-02-01")))
	wantWarnings(t, rep, "W-CORRECTION A1")
	wantStanding(t, m, 20240202, "1 dibao", "3 tekun")
}

// TestCorrectedList: what a correction has replaced does not come back by being
// sent again, nor when it comes late.
func TestCorrectedList(t *testing.T) {
	first := sheetOf("Sheet1", fullHead, on(1, "低保", "2024-02-01"), on(2, "低保", "2024-02-01"))
	right := sheetOf("Sheet1", fullHead, on(1, "低保", "2024-02-01"))
	try := func(m *memory, name, sha string, tab table, o Options) error {
		m.seq++
		f := ledger.File{Seq: m.seq, Name: name, SHA256: sha, Month: 202402, Source: "民政"}
		_, err := Import(t.Context(), named1(t, putBook(t, tab), name), o, &f, m)
		if err == nil {
			m.rosters = append(m.rosters, f)
		}
		return err
	}
	const name = "民政2024年2月新增名单.xlsx"
	m := newMemory()
	for _, step := range []struct {
		name, sha string
		tab       table
		code      string
	}{
		{name, "a", first, ""}, {"民政2024年2月新增名单-更正.xlsx", "b", right, ""}, {name, "a", first, "E-ROSTER-CORRECTED"}, {"复件.xlsx", "a", first, "E-ROSTER-CORRECTED"},
		{"民政2024年2月新增名单-更正.xlsx", "b", right, ""}, {"民政2024年2月新增名单-更正.xlsx", "b", right, ""}, {"民政2024年3月新增名单.xlsx", "c", first, ""},
	} {
		o := february(t)
		if strings.Contains(step.name, "3月") {
			o.Month, o.Today = 202403, 20240401
		}
		if err := try(m, step.name, step.sha, step.tab, o); (err == nil) != (step.code == "") || err != nil && !strings.Contains(err.Error(), step.code) {
			t.Fatalf("%s: %v, want %q", step.name, err, step.code)
		}
	}
	m = newMemory()
	for _, step := range []struct {
		name, sha, code string
		tab             table
	}{{"民政2024年2月新增名单更正.xlsx", "b", "", right}, {name, "a", "E-ROSTER-CORRECTED", first}} {
		if err := try(m, step.name, step.sha, step.tab, february(t)); (err == nil) != (step.code == "") || err != nil && !strings.Contains(err.Error(), step.code) {
			t.Fatalf("%s: %v, want %q", step.name, err, step.code)
		}
	}
	o := february(t)
	o.Correction = true // somebody wants the first one back
	if err := try(m, name, "a", first, o); err != nil {
		t.Fatal(err)
	}
	wantStanding(t, m, 20240202, "1 dibao", "2 dibao")
}

// TestFullListNeedsMonth: on what day people leave is no guess.
func TestFullListNeedsMonth(t *testing.T) {
	o := february(t)
	o.Month = 0
	refuse(t, putBook(t, sheetOf("低保花名册", fullHead, on(1, "低保"))), o, "E-ROSTER-MONTH")
	o.RunMonth = 202403
	refuse(t, putBook(t, sheetOf("2月份低保花名册", fullHead, on(1, "低保"))), o, "E-ROSTER-MONTH")
	o.RunMonth = 202402
	take(t, newMemory(), putBook(t, sheetOf("2月份低保花名册", fullHead, on(1, "低保"))), o)
}

// TestImpliedCategory: the title, or the department with one list, says what no
// column does.
func TestImpliedCategory(t *testing.T) {
	without := func(row []any) []any { return slices.Delete(slices.Clone(row), 2, 3) }
	head := without(fullHead)
	m := newMemory()
	take(t, m, putBook(t, sheetOf("低保边缘家庭花名册", head, without(on(1, "", "2024-01-05")))), february(t))
	wantStanding(t, m, 20240201, "1 dibian")
	m = newMemory()
	send(t, m, "县残联2024年2月名册.xlsx", sheetOf("Sheet1", head, without(on(1, "", "2024-01-05", nil, "二级"))))
	wantStanding(t, m, 20240201, "1 canji")
	refuse(t, putBook(t, sheetOf("低保、特困花名册", head, without(on(1, "", "2024-01-05")))), february(t), "E-FILE-TABLE")
}

// TestIdleRows: a removal that removes nobody may be meant for somebody else.
func TestIdleRows(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "特困", "2024-01-05"))), february(t))
	leave := putBook(t, sheetOf("退出", eventsHead, left(1, "低保", "2024-02-01"), left(2, "低保", "2024-02-01"), left(3, "低保", "2024-02-01")))
	f, rep := take(t, m, leave, february(t))
	wantWarnings(t, rep, "W-NOT-LISTED C3", "W-NOT-LISTED C4")
	wantEffect(t, f, "1 +0 -1 ~0 =1")
	_, rep = take(t, m, leave, february(t))
	wantWarnings(t, rep)
}

// TestStatusColumn: a column that is not read and says that somebody has left.
func TestStatusColumn(t *testing.T) {
	head := append(slices.Clone(fullHead[:3]), "认定日期", "保障状态")
	_, rep := take(t, newMemory(), putBook(t, sheetOf("名册", head, on(1, "低保", "2024-01-05", "正常"), on(2, "低保", "2024-01-05", "停保"))), february(t))
	wantWarnings(t, rep, "W-STATUS E3")
	wantNote(t, rep, "不起作用的列", "保障状态")
}

// kept is what five people on the list of 民政 are left with by a file.
func fiveOnList(t *testing.T) *memory {
	t.Helper()
	m := newMemory()
	var rows [][]any
	for n := range 5 {
		rows = append(rows, came(n, "低保", "2024-01-05", nil, "东镇", "甲县"))
	}
	take(t, m, putBook(t, sheetOf("新增", eventsHead, rows...)), february(t))
	return m
}

// TestTitlesOfRolls: a 花名册 of those who came or left is no list of all, and
// what a note says of others is not said of the list.
func TestTitlesOfRolls(t *testing.T) {
	for _, titles := range [][]any{{"2024年2月低保新增人员花名册"}, {"2024年2月低保新增名单", "填表说明：有误的请及时更正"}, {"2024年2月低保新增名单", "注：新增人员须与在册人员核对"},
		{"2024年2月低保新增名单", "注：退出人员另表报送"}} {
		m := fiveOnList(t)
		rows := [][]any{}
		for _, s := range titles {
			rows = append(rows, []any{s})
		}
		f, _ := take(t, m, putBook(t, table{"Sheet1", append(rows, fullHead, on(7, "低保", "2024-02-03"))}), february(t))
		if got := standing(m, 20240205); len(got) != 6 || f.Effect.Full || f.Effect.Correction {
			t.Errorf("%q: %q, %+v", titles, got, f.Effect)
		}
	}
}

// TestLeftRowsOfFullList: a row with its own day of leaving brings nobody back.
func TestLeftRowsOfFullList(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("变动", eventsHead, came(1, "低保", "2022-01-05"), left(1, "低保", "2023-06-30"), came(2, "低保", "2022-01-05"))), february(t))
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保", "2022-01-05", "2023-06-30"), on(3, "低保", nil, "2023-06-30"), on(2, "低保"))), february(t))
	wantStanding(t, m, 20240205, "2 dibao")
	wantStanding(t, m, 20230629, "1 dibao", "2 dibao")
}

// TestBlankCounty: an empty cell does not make a list one of all counties.
func TestBlankCounty(t *testing.T) {
	m := fiveOnList(t)
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(8, "低保", "2024-01-05", nil, "南镇", "乙县"))), february(t))
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(0, "低保", nil, nil, nil, nil, "甲县"), on(1, "低保"))), february(t))
	wantStanding(t, m, 20240205, "0 dibao", "1 dibao", "8 dibao")
}

// TestReachOfSheets: each sheet speaks of its own county and category.
func TestReachOfSheets(t *testing.T) {
	m := fiveOnList(t)
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(10, "特困", "2024-01-05", nil, "东镇", "甲县"), came(11, "低保", "2024-01-05", nil, "南镇", "乙县"), came(12, "特困", "2024-01-05", nil, "南镇", "乙县"))), february(t))
	take(t, m, putBook(t, sheetOf("甲县低保在册", fullHead, on(0, "低保", nil, nil, nil, nil, "甲县")), sheetOf("乙县特困在册", fullHead, on(13, "特困", nil, nil, nil, nil, "乙县"))), february(t))
	wantStanding(t, m, 20240205, "0 dibao", "10 tekun", "11 dibao", "13 tekun")
}

// TestAnybodysRow: where nobody can say whose a returned row is, nobody leaves.
func TestAnybodysRow(t *testing.T) {
	m := fiveOnList(t)
	stranger := on(0, "低保")
	stranger[0], stranger[1] = "测试某", "123"
	f, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), stranger)), february(t))
	if got := standing(m, 20240205); len(got) != 5 || f.Effect.HeldBack != 4 {
		t.Errorf("%q, %+v", got, f.Effect)
	}
	wantNote(t, rep, "4 名")
}

// TestLargeOfOneCounty: a third is one of each category and county.
func TestLargeOfOneCounty(t *testing.T) {
	m := newMemory()
	var rows [][]any
	for n := range 80 {
		county := "乙县"
		if n < 25 {
			county = "甲县"
		}
		rows = append(rows, came(n, "低保", "2024-01-05", nil, "东镇", county))
	}
	take(t, m, putBook(t, sheetOf("新增", eventsHead, rows...)), february(t))
	path := putBook(t, sheetOf("名册", fullHead, on(0, "低保", nil, nil, nil, nil, "甲县")))
	for _, exit := range []rules.ExitEffect{rules.SameDay, rules.NextMonth} {
		o := february(t)
		o.Exit = func(civil.Date) rules.ExitEffect { return exit }
		_, err := Import(t.Context(), path, o, &ledger.File{Seq: 9}, m)
		if err == nil || !strings.Contains(err.Error(), "24 人") || !strings.Contains(err.Error(), "25 人") {
			t.Errorf("%v", err)
		}
	}
	// Ends in the past are moved without anybody leaving today.
	m = newMemory()
	rows, shorter := nil, [][]any(nil)
	for n := range 30 {
		rows = append(rows, came(n, "低保", "2021-01-05"), left(n, "低保", "2024-01-05"))
		shorter = append(shorter, left(n, "低保", "2022-02-05"))
	}
	take(t, m, putBook(t, sheetOf("变动", eventsHead, rows...)), february(t))
	if _, err := Import(t.Context(), putBook(t, sheetOf("退出", eventsHead, shorter...)), february(t), &ledger.File{Seq: 9}, m); err == nil || !strings.Contains(err.Error(), CodeLarge) {
		t.Errorf("%v", err)
	}
}

// TestStatedByFullList: what a full list states is on record for its month, also
// where it brings nothing new.
func TestStatedByFullList(t *testing.T) {
	m := newMemory()
	o := february(t)
	o.Month = 202401
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保"))), o)
	o.Month = 202402
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保"))), o)
	o.Month = 202401
	take(t, m, putBook(t, sheetOf("名册更正", fullHead, on(1, "低保"))), o)
	wantStanding(t, m, 20240205, "1 dibao", "2 dibao")
}

// TestWholeFile: a sheet that can not be read does not count as empty.
func TestWholeFile(t *testing.T) {
	m := fiveOnList(t)
	strange := []any{"名字", "号码", "类型"}
	path := putBook(t, sheetOf("城市在册", fullHead, on(0, "低保")), sheetOf("农村在册", strange, on(1, "低保"), on(2, "低保")))
	_, err := Import(t.Context(), path, february(t), &ledger.File{Seq: 9}, m)
	if err == nil || !strings.Contains(err.Error(), "E-FILE-TABLE") || !strings.Contains(err.Error(), "农村") {
		t.Errorf("%v", err)
	}
	_, rep := take(t, m, putBook(t, sheetOf("城市新增", fullHead, on(0, "低保", "2024-01-05")), sheetOf("农村新增", strange, on(1, "低保"))), february(t))
	wantWarnings(t, rep, "W-UNREAD A2")
}

// TestListReadAgain: a list that is read again for its returned rows takes nobody off.
func TestListReadAgain(t *testing.T) {
	m := newMemory()
	path := putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保")))
	take(t, m, path, february(t))
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(3, "低保", "2024-02-03"))), february(t))
	o := february(t)
	o.Again = true
	f, _ := take(t, m, path, o)
	wantTotals(t, f, 2, 0, 2, 0, 0)
	wantStanding(t, m, 20240205, "1 dibao", "2 dibao", "3 dibao")
}

// TestLateFullList: January's list after February's.
func TestLateFullList(t *testing.T) {
	m := newMemory()
	o := february(t)
	take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保"), on(4, "低保"))), o)
	o.Month = 202401
	_, rep := take(t, m, putBook(t, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保"), on(3, "低保"))), o)
	wantWarnings(t, rep, "W-LATE A1")
	if w := rep.Warnings[0].Message; !strings.Contains(w, "2024-02-01") || !strings.Contains(w, "1 人次") {
		t.Error(w)
	}
	wantStanding(t, m, 20240115, "1 dibao", "2 dibao", "3 dibao")
	// Whom it adds and the later list does not have leaves on that list's day.
	wantStanding(t, m, 20240201, "1 dibao", "2 dibao", "4 dibao")
}

// TestTwoMonths: what a list and a correction say of two months is no guess.
func TestTwoMonths(t *testing.T) {
	o := february(t)
	o.Month = 0
	refuse(t, putBook(t, sheetOf("2024年1月更正", eventsHead, came(1, "低保", "2024-01-05")), sheetOf("2024年2月更正", eventsHead, came(2, "低保", "2024-01-05"))), o, "E-ROSTER-MONTH")
	o.PathMonth = 202402
	refuse(t, putBook(t, sheetOf("2024年1月花名册", fullHead, on(1, "低保"))), o, "E-ROSTER-MONTH")
	// A standard has a month of its own.
	f, _ := take(t, newMemory(), putBook(t, table{"Sheet1", [][]any{{"低保人员名册（执行2023年7月低保标准）"}, fullHead, on(1, "低保")}}), o)
	if f.Month != 202402 {
		t.Errorf("%+v", f)
	}
}

// TestDeptIn: the department that sends, not one that gets a copy.
func TestDeptIn(t *testing.T) {
	for s, want := range map[string]string{"县残联2024年2月名册（抄送县民政局）": "残联", "甲县民政局": "民政", "报送医保局": "医保", "某镇": "", "甲县残疾人联合会与民政": "残联"} {
		if got := DeptIn(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
	for _, s := range []string{"未纳入低保人员名单", "原低保对象", "拟新增低保"} {
		if c := titledCategory(s); c != rules.NoCategory {
			t.Errorf("%s: %s", s, c)
		}
	}
}

// TestFullListProperty: whatever was on record and whatever a full list says,
// afterwards exactly those stand on its day who are in it, of the categories of
// which it speaks; the same list again changes nothing; before its day nothing
// changes.
func TestFullListProperty(t *testing.T) {
	words := []string{"低保", "特困", "低边"}
	rapid.Check(t, func(rt *rapid.T) {
		m := newMemory()
		var rows [][]any
		for n := range rapid.IntRange(0, 6).Draw(rt, "events") {
			w, p := rapid.SampledFrom(words).Draw(rt, "category"), rapid.IntRange(0, 5).Draw(rt, "person")
			day := fmt.Sprintf("2023-%02d-%02d", rapid.IntRange(1, 12).Draw(rt, "month"), 1+n)
			if rapid.Bool().Draw(rt, "came") {
				rows = append(rows, came(p, w, day))
			} else {
				rows = append(rows, left(p, w, day))
			}
		}
		if len(rows) > 0 {
			take(t, m, putBook(t, sheetOf("变动", eventsHead, rows...)), february(t))
		}
		before := standing(m, 20240131)
		want := map[string]bool{}
		spoken := map[string]bool{}
		var full [][]any
		for range rapid.IntRange(1, 6).Draw(rt, "listed") {
			w, p := rapid.SampledFrom(words).Draw(rt, "category"), rapid.IntRange(0, 5).Draw(rt, "person")
			row := on(p, w)
			if rapid.Bool().Draw(rt, "dated") {
				row = append(row, fmt.Sprintf("2023-%02d-15", rapid.IntRange(1, 12).Draw(rt, "month")))
			}
			full = append(full, row)
			code := map[string]string{"低保": "dibao", "特困": "tekun", "低边": "dibian"}[w]
			spoken[code], want[fmt.Sprintf("%d %s", p, code)] = true, true
		}
		for _, s := range before {
			if !spoken[strings.Fields(s)[1]] {
				want[s] = true
			}
		}
		path := putBook(t, sheetOf("名册", fullHead, full...))
		take(t, m, path, february(t))
		got := standing(m, 20240201)
		if len(got) != len(want) || slices.ContainsFunc(got, func(s string) bool { return !want[s] }) {
			rt.Fatalf("stand %q, want %v", got, want)
		}
		for _, s := range before {
			if !slices.Contains(standing(m, 20240131), s) {
				rt.Fatalf("%s no longer stands on the day before", s)
			}
		}
		n := len(m.events)
		if f, _ := take(t, m, path, february(t)); len(m.events) != n || f.Taken != 0 {
			rt.Fatalf("the same list again brings %d events", len(m.events)-n)
		}
	})
}
