package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doudi/jobs/intake/sheet"
)

// linesReader gives lines like a | b as rows. Its cells are good until the next
// call, as those of every reader. A line "-" is a row that the file leaves out.
type linesReader struct {
	lines []string
	n     int
	cells []sheet.Cell
	err   error // at the end, in place of io.EOF
}

func (r *linesReader) Name() string { return "表" }
func (r *linesReader) Hidden() bool { return false }
func (r *linesReader) Close() error { return nil }

func (r *linesReader) Next() (sheet.Row, error) {
	for i := range r.cells {
		r.cells[i] = sheet.Cell{Kind: sheet.Text, Text: "OVERWRITTEN"}
	}
	for r.n++; r.n <= len(r.lines) && r.lines[r.n-1] == "-"; r.n++ {
	}
	if r.n > len(r.lines) {
		if r.err != nil {
			return sheet.Row{}, r.err
		}
		return sheet.Row{}, io.EOF
	}
	r.cells = r.cells[:0]
	for _, s := range cut(r.lines[r.n-1]) {
		c := sheet.Cell{Text: s, Kind: sheet.Text}
		if s == "" {
			c.Kind = sheet.Empty
		}
		r.cells = append(r.cells, c)
	}
	return sheet.Row{Number: r.n, Cells: r.cells}, nil
}

// stream writes what a finder finds: T header, D data, S total, N note, R header
// or title once more, X a strange header, U a row that is not read, with row numbers.
func stream(t *testing.T, f *finder) string {
	t.Helper()
	var out []string
	for {
		it, err := f.next()
		if err == io.EOF {
			return strings.Join(out, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		switch it.what {
		case isTable:
			out = append(out, fmt.Sprintf("T%d:%s[%s]", it.h.row, it.h.kind, strings.Join(it.h.titles, ",")))
		case isRepeated:
			out = append(out, "R")
		default:
			out = append(out, fmt.Sprintf("%c%d", "TDSNRXU"[it.what], it.row.Number))
			for _, c := range it.row.Cells {
				if c.Text == "OVERWRITTEN" {
					t.Errorf("row %d is no longer what it was", it.row.Number)
				}
			}
		}
	}
}

// find is what a finder finds in lines.
func find(t *testing.T, want Kind, lines ...string) string {
	t.Helper()
	f := newFinder(context.Background(), &linesReader{lines: lines}, newMatcher(nil), want)
	f.today = testDay
	return stream(t, f)
}

func TestFinder(t *testing.T) {
	head, one := "姓名|身份证号|困难类别|认定日期", "甲|"+id(1)+"|低保|2024-01-01"
	relief := "姓名|身份证号|帮扶日期|帮扶来源|帮扶金额"
	for _, tt := range []struct {
		name  string
		want  Kind
		lines []string
		found string
	}{
		{"nothing", Auto, nil, ""},
		{"no table", Auto, []string{"通知", "", "甲|乙"}, ""},
		{"a header alone", Auto, []string{head}, "T1:roster[]"},
		{"titles", Auto, []string{"名单", "", "单位：甲||2024年", head, one}, "T4:roster[名单,单位：甲,2024年] D5"},
		{"a note between rows", Auto, []string{head, one, "以下补报", one}, "T1:roster[] D2 N3 D4"},
		{"a note at the end", Auto, []string{head, one, "制表人：甲"}, "T1:roster[] D2 N3"},
		{"a total ends a title", Auto, []string{head, one, "附注", "合计1人", "退出名单", head, one}, "T1:roster[] D2 N3 S4 T6:roster[退出名单] D7"},
		{"signatures are no title", Auto, []string{head, one, "制表人：甲", "退出名单", head, one}, "T1:roster[] D2 N3 T5:roster[退出名单] D6"},
		{"a page break with signatures", Auto, []string{"名单", head, one, "制表人：甲", "名单", head, one}, "T2:roster[名单] D3 N4 R R D7"},
		{"another kind below", Auto, []string{"名单", head, one, relief, "甲|" + id(1) + "|2024-02-01|慈善|5"}, "T2:roster[名单] D3 T4:relief[] D5"},
		{"other columns keep the title", Auto, []string{"名单", head, one, "身份证号|困难类别|认定日期", one}, "T2:roster[名单] D3 T4:roster[名单] D5"},
		{"a damaged header", Auto, []string{head + "|致困原因", one, "姓名|身份证号|困难类|认定日期|致困原因", one}, "T1:roster[] D2 R D4"},
		{"two rows once more", Auto, []string{"姓名|身份证号|困难类别|认定", "|||日期", one, "姓名|身份证号|困难类别|认定", "|||日期", one}, "T2:roster[] D3 R R D6"},
		{"rows that are left out", Auto, []string{"-", head, "-", "-", one, "-"}, "T2:roster[] D5"},
		{"merged cells must touch", Auto, []string{"姓名|身份证号|困难类别|认定", "-", "|||日期", one}, "T1:roster[] N3 D4"},
		{"only what was asked for", Relief, []string{head, one, "说明", "帮扶表", relief, "甲|" + id(1) + "|2024-02-01|慈善|5", head, one}, "T1:roster[] T5:relief[帮扶表] D6 T7:roster[]"},
		{"a person without an ID", Auto, []string{head, "甲||低保|2024-01-01", "退出名单", head, one}, "T1:roster[] D2 T4:roster[退出名单] D5"},
		{"one that is asked for by title", Auto, []string{"退出", "姓名|身份证号|困难类别|日期", one}, "T2:roster[退出] D3"},
		{"a strange header", Auto, []string{"新增", head, one, "停发", "姓名|身份证号|类别|日期", one, "退出", head, one}, "T2:roster[新增] D3 N4 X5 U6 T8:roster[退出] D9"},
		{"a section", Auto, []string{"2月新增", head, one, "二、退出人员", one}, "T2:roster[2月新增] D3 N4 T4:roster[2月,二、退出人员] D5"},
		{"people above a header", Auto, []string{"甲|" + id(1), "名单", head, one}, "U1 T3:roster[名单] D4"},
		{"numbers of columns", Auto, []string{head, "1|2|3|4", one, "1|2|3|4"}, "T1:roster[] R D3 D4"},
	} {
		if got := find(t, tt.want, tt.lines...); got != tt.found {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.found)
		}
	}
}

// TestFinderStops: an error of the reader comes after the rows before it, and is
// not lost where rows were read ahead.
func TestFinderStops(t *testing.T) {
	cut := errors.New("cut off")
	head, one := "姓名|身份证号|困难类别|认定日期", "甲|"+id(1)+"|低保|2024-01-01"
	for _, lines := range [][]string{{head}, {head, one}, {head, one, "说明"}, {"名单"}, {}} {
		f := newFinder(context.Background(), &linesReader{lines: lines, err: cut}, newMatcher(nil), Auto)
		data := 0
		for {
			it, err := f.next()
			if err != nil {
				if err != cut {
					t.Errorf("%v", err)
				}
				break
			}
			if it.what == isData {
				data++
			}
		}
		if want := len(lines) / 2; want > 0 && data != 1 {
			t.Errorf("%d rows of data in %q", data, lines)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := newFinder(ctx, &linesReader{lines: []string{"", "", ""}}, newMatcher(nil), Auto).next(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestOwnSheet: the explanation of returned rows is no table, whatever it names.
func TestOwnSheet(t *testing.T) {
	rows := [][]any{{"民政.xlsx：退回行说明"}, {"读入 2 行 = 采纳 1 + 重复 0 + 退回 1。"}, {"错误代码", "工作表", "行", "列", "列名", "问题与改法"}, plainHead, plainLine(1)}
	m := newMemory()
	f, rep := take(t, m, putBook(t, table{"退回说明", rows}, table{"名单", [][]any{plainHead, plainLine(2)}}), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 0)
	wantSaid(t, m, people(2))
	wantNote(t, rep, "退回说明", "退回时所附的说明")
	// A sheet of the sender's with that name is read.
	f, _ = take(t, newMemory(), putBook(t, table{"退回说明", [][]any{plainHead, plainLine(1)}}), testOptions(t))
	wantTotals(t, f, 1, 1, 0, 0, 0)
}

// TestDecorations: whatever stands around a table, the same records come out.
func TestDecorations(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := decorator{rt: rt, r: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))}
		n := rapid.IntRange(1, 9).Draw(rt, "people")
		var want []string
		for i := 1; i <= n; i++ {
			want = append(want, fmt.Sprintf("%d 新增 低保 %d 户主 %d", i, 20240100+i, i+20))
		}
		rows := d.rows(n)
		m := newMemory()
		path := putRows(t, rows...)
		if d.flip("xlsx") {
			path = putBook(t, table{"表", rows})
		}
		f, rep := take(t, m, path, testOptions(t))
		slices.Sort(want)
		if got := said(m); f.Read != n || f.Taken != n || !slices.Equal(got, want) {
			rt.Fatalf("%v\n%+v\ngot  %q\nwant %q\n%+v %q", rows, f, got, want, rep.Errors, rep.Notes)
		}
		for _, w := range rep.Warnings {
			if w.Code != "W-HEAD" && (w.Code != "W-TOTAL" || !d.wrong) {
				rt.Fatalf("%v\n%+v", rows, w)
			}
		}
	})
}

// decorator lays a roster out as offices might.
type decorator struct {
	rt    *rapid.T
	r     *rand.Rand
	wrong bool // a total is wrong
	order []int
	empty int // columns before all others
}

func (d *decorator) flip(what string) bool { return rapid.Bool().Draw(d.rt, what) }

// decorated are the columns: upper and lower title.
var decorated = [][2]string{{"序号", ""}, {"变动类型", ""}, {"救助对象", "姓名"}, {"", "身份证号"}, {"困难类别", ""}, {"认定", "日期"}, {"户主", "姓名"}, {"", "身份证号"}, {"备注", ""}}

// inOne are the same in one row.
var inOne = []string{"序号", "变动类型", "姓名", "身份证号", "困难类别", "认定日期", "户主姓名", "户主身份证号", "备注"}

func (d *decorator) rows(n int) (rows [][]any) {
	groups := [][]int{{0}, {1}, {2, 3}, {4}, {5}, {6, 7}, {8}}
	d.r.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	d.order = slices.Concat(groups...)
	d.empty = rapid.IntRange(0, 2).Draw(d.rt, "empty")
	two, titled := d.flip("two rows"), d.flip("titled")
	titles := [][]any{{"城关镇困难群众变动名单"}, {"填报单位：民政办", nil, "2024年2月"}}
	header := func() {
		if titled {
			rows = append(rows, titles...)
		}
		d.gap(&rows)
		if !two {
			rows = append(rows, d.put(func(i int) any { return inOne[i] }))
			return
		}
		for level := range 2 {
			rows = append(rows, d.put(func(i int) any { return decorated[i][level] }))
		}
	}
	header()
	if d.flip("total above") {
		rows = append(rows, d.total("合计", n, n))
	}
	since := 0
	for i := 1; i <= n; i++ {
		d.gap(&rows)
		rows = append(rows, d.put(func(c int) any {
			return []any{i, "新增", name(i), id(i), "低保", fmt.Sprintf("2024-01-%02d", i), name(i + 20), id(i + 20), nil}[c]
		}))
		since++
		switch rapid.IntRange(0, 5).Draw(d.rt, "between") {
		case 0:
			rows = append(rows, d.total("小计", since, n))
			since = 0
		case 1:
			if i < n {
				header()
			}
		case 2:
			rows = append(rows, shift(d.empty, "以下续列"))
		}
	}
	if d.flip("total below") {
		d.gap(&rows)
		rows = append(rows, d.total("总 计", n, n))
	}
	if d.flip("signatures") {
		rows = append(rows, shift(d.empty, "制表人：甲", nil, "审核人：乙"), []any{"注：一式两份"})
	}
	if d.flip("empty lines") {
		rows = append(rows, d.put(func(c int) any { return map[int]any{0: n + 1}[c] }))
	}
	return rows
}

// put lays out one row by the columns' order.
func (d *decorator) put(cell func(i int) any) []any {
	row := make([]any, d.empty, d.empty+len(d.order))
	for _, i := range d.order {
		v := cell(i)
		if v == "" {
			v = nil
		}
		row = append(row, v)
	}
	return row
}

// total is a row of totals that is right, or is not.
func (d *decorator) total(word string, count, most int) []any {
	if d.flip("wrong") {
		count += most + 1
		d.wrong = true
	}
	return append(make([]any, d.empty), fmt.Sprintf("%s %d 人", word, count))
}

// gap puts in a blank row.
func (d *decorator) gap(rows *[][]any) {
	if d.flip("gap") {
		*rows = append(*rows, []any{nil, " "})
	}
}
