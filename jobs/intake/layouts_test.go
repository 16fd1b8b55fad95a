package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
)

// name and id are those of a person of these tests.
func name(n int) string { return testNames[n%len(testNames)] }
func id(n int) string   { return testID(19700102, n) }

// plainHead and plainLine are a roster as short as it can be.
var plainHead = []any{"变动类型", "姓名", "身份证号", "困难类别", "认定日期"}

func plainLine(n int) []any {
	return []any{"新增", name(n), id(n), "低保", fmt.Sprintf("2024-01-%02d", n)}
}

// helpHead and helpLine are a list of relief: 100 yuan for person 1, 200 for 2.
var helpHead = []any{"序号", "姓名", "身份证号", "帮扶日期", "帮扶来源", "帮扶金额"}

func helpLine(n int) []any {
	return []any{n, name(n), id(n), fmt.Sprintf("2024-02-%02d", n), "慈善", 100 * n}
}

// said writes what came of a file, shortly: who, what, when, how much.
func said(m *memory) []string {
	who := map[ledger.PersonNo]string{0: "-"}
	for n := range 60 {
		if p, ok := m.people[id(n)]; ok {
			who[p] = fmt.Sprint(n)
		}
	}
	called := map[int64]string{}
	for s, n := range m.names {
		called[n] = s
	}
	var out []string
	for _, e := range m.events {
		s := fmt.Sprintf("%s %s %s %d", who[e.Person], e.Op.Chinese(), strings.TrimSuffix(e.Category.Chinese(), "对象"), e.Date)
		if e.Head != 0 {
			s += " 户主 " + who[e.Head]
		}
		if called[e.Name] != name(int(e.Date%100)) {
			s += " 名 " + called[e.Name]
		}
		out = append(out, s)
	}
	for _, r := range m.reliefs {
		out = append(out, fmt.Sprintf("%s %s %d %s", who[r.Person], r.Kind, r.Date, r.Amount))
	}
	for _, c := range m.claims {
		out = append(out, fmt.Sprintf("%s %s %s/%s/%s", who[c.Person], c.ID, c.Total, c.InScope, c.Basic))
	}
	slices.Sort(out)
	return out
}

// people are what said gives for persons of a roster.
func people(ns ...int) []string {
	var out []string
	for _, n := range ns {
		out = append(out, fmt.Sprintf("%d 新增 低保 %d", n, 20240100+n))
	}
	return out
}

// helped are what said gives for rows of relief.
func helped(ns ...int) []string {
	var out []string
	for _, n := range ns {
		out = append(out, fmt.Sprintf("%d 慈善 %d %d.00", n, 20240200+n, 100*n))
	}
	return out
}

// layout is a table as offices lay it out.
type layout struct {
	name    string
	rows    [][]any
	header  int // where the first header ends
	skipped int
	want    []string // see said
	warned  string   // codes with their cells; none may be made beside these
	notes   string   // a word of a note, where one is wanted
}

var layouts = []layout{
	// Above the table.
	{"a title", [][]any{{"城关镇2024年2月名单"}, plainHead, plainLine(1)}, 2, 0, people(1), "", ""},
	{"title, office and day", [][]any{{"困难群众名单"}, {"填报单位：城关镇", nil, nil, "2024年2月1日"}, plainHead, plainLine(1)}, 3, 0, people(1), "", ""},
	{"blank rows in between", [][]any{{"名单"}, {}, {nil, nil}, plainHead, {}, plainLine(1), {}, {}, plainLine(2)}, 4, 0, people(1, 2), "", ""},
	{"a title in the middle", [][]any{{nil, nil, "困难群众名单"}, plainHead, plainLine(1)}, 2, 0, people(1), "", ""},
	{"29 notes", append(slices.Repeat([][]any{{"说明"}}, 29), plainHead, plainLine(1)), 30, 0, people(1), "", ""},
	{"numbers above", [][]any{{"总人数", 35, "其中低保", 20}, plainHead, plainLine(1)}, 2, 0, people(1), "", ""},

	// Columns.
	{"leading empty columns", [][]any{shift(2, "名单"), shift(2, plainHead...), shift(2, plainLine(1)...)}, 2, 0, people(1), "", ""},
	{"an index without a title", [][]any{shift(1, plainHead...), append([]any{1}, plainLine(1)...), append([]any{2}, plainLine(2)...)}, 1, 0, people(1, 2), "", ""},
	{"empty columns inside", [][]any{spread(plainHead), spread(plainLine(1)), spread(plainLine(2))}, 1, 0, people(1, 2), "", ""},
	{"a note far to the right", [][]any{append(plainHead[:5:5], nil, nil, nil), append(plainLine(1), nil, nil, "已核"), {nil, nil, nil, nil, nil, nil, nil, nil, nil, "以上已公示"}}, 1, 1, people(1), "", "第 3 行"},
	{"the head before the person", [][]any{{"户主姓名", "身份证号", "姓名", "身份证号", "变动类型", "困难类别", "认定日期"}, {name(9), id(9), name(1), id(1), "新增", "低保", "2024-01-01"}},
		1, 0, []string{"1 新增 低保 20240101 户主 9"}, "W-HEAD B2", "跟在“户主姓名”之后"},
	{"the guardian before the person", [][]any{{"监护人", "身份证号", "姓名", "身份证号", "变动类型", "困难类别", "认定日期"}, {name(9), id(9), name(1), id(1), "新增", "低保", "2024-01-01"}},
		1, 0, people(1), "", "跟在“监护人”之后"},
	{"the contact's ID", [][]any{append([]any{"联系人身份证号", "户主姓名"}, plainHead...), append([]any{id(9), name(9)}, plainLine(1)...)}, 1, 0, people(1), "", ""},
	{"the head's ID in brackets", [][]any{append([]any{"姓名（户主）", "身份证号（户主）"}, plainHead...), append([]any{name(9), id(9)}, plainLine(1)...)},
		1, 0, []string{"1 新增 低保 20240101 户主 9"}, "W-HEAD B2", ""},

	// Headers in several rows.
	{"two rows, merged downwards", [][]any{{"变动类型", "姓名", "身份证号", "困难类别", "日期", nil}, {nil, nil, nil, nil, "认定", "退出"}, {"新增", name(1), id(1), "低保", "2024-01-01", nil}},
		2, 0, people(1), "", ""},
	{"dates below 认定 and 退出", [][]any{{"变动类型", "姓名", "身份证号", "困难类别", "认定", "退出"}, {nil, nil, nil, nil, "日期", "日期"}, append(plainLine(1), "2024-02-01")},
		2, 0, []string{"1 新增 低保 20240101", "1 退出 低保 20240201"}, "", ""},
	{"the head beside the person", [][]any{{"变动类型", "户主", nil, "救助对象", nil, "困难类别", "认定日期"}, {nil, "姓名", "身份证号", "姓名", "身份证号", nil, nil}, {"新增", name(9), id(9), name(1), id(1), "低保", "2024-01-01"}},
		2, 0, []string{"1 新增 低保 20240101 户主 9"}, "W-HEAD C3", ""},
	{"the guardian beside the person", [][]any{{"监护人", nil, "基本信息", nil, "变动类型", "困难类别", "认定日期"}, {"姓名", "身份证号", "姓名", "身份证号", nil, nil, nil}, {name(9), id(9), name(1), id(1), "新增", "低保", "2024-01-01"}},
		2, 0, people(1), "", ""},
	{"the person under no title", [][]any{{"户主", nil, nil, nil, nil, nil, nil}, {"姓名", "身份证号", "姓名", "身份证号", "变动类型", "困难类别", "认定日期"}, {name(9), id(9), name(1), id(1), "新增", "低保", "2024-01-01"}},
		2, 0, []string{"1 新增 低保 20240101 户主 9"}, "W-HEAD B3", ""},
	{"who applied", [][]any{{"申请人", nil, "姓名", "身份证号", "变动类型", "困难类别", "认定日期"}, {"姓名", "身份证号"}, {name(9), id(9), name(1), id(1), "新增", "低保", "2024-01-01"}},
		2, 0, people(1), "", ""},
	{"three rows", [][]any{{"变动类型", "家庭情况", nil, nil, nil, "认定情况", nil}, {nil, "户主", nil, "本人", nil, "困难类别", "认定日期"}, {nil, "姓名", "身份证号", "姓名", "身份证号", nil, nil},
		{"新增", name(9), id(9), name(1), id(1), "低保", "2024-01-01"}}, 3, 0, []string{"1 新增 低保 20240101 户主 9"}, "W-HEAD C4", ""},
	{"groups that say nothing", [][]any{{"名单"}, {"变动类型", "姓名", "身份证号", "困难类别", "认定日期", "家庭成员", nil}, {nil, nil, nil, nil, nil, "配偶", "子女"}, append(plainLine(1), "有", "无")}, 3, 0, people(1), "", ""},
	{"a title over one row is no part of it", [][]any{{"退出和新增名单"}, plainHead, plainLine(1)}, 2, 0, people(1), "", ""},
	{"numbered columns", [][]any{plainHead, {1, 2, 3, 4, 5}, plainLine(1)}, 1, 1, people(1), "", ""},
	{"numbered columns, as offices do", [][]any{plainHead, {"甲", "乙", "1", "2", "3"}, plainLine(1)}, 1, 1, people(1), "", ""},
	{"how to fill it in", [][]any{plainHead, {"（下拉选择）", nil, "（必填）", "【单选】", "格式：2024-01-01"}, plainLine(1)}, 1, 1, people(1), "", ""},
	{"coded names below", [][]any{plainHead, {"op", "name", "certno", "category", "start"}, plainLine(1)}, 1, 1, people(1), "", ""},

	// The header once more, and several tables.
	{"a page break", [][]any{{"名单"}, plainHead, plainLine(1), plainHead, plainLine(2), plainHead, plainLine(3)}, 2, 2, people(1, 2, 3), "", ""},
	{"a page break with the title", [][]any{{"名单"}, {"填报单位：城关镇"}, plainHead, plainLine(1), {"第1页 共2页"}, {"名单"}, {"填报单位：城关镇"}, plainHead, plainLine(2)}, 3, 4, people(1, 2), "", ""},
	{"a page break in two rows", [][]any{{"变动类型", "姓名", "身份证号", "困难类别", "认定"}, {nil, nil, nil, nil, "日期"}, plainLine(1), {"变动类型", "姓名", "身份证号", "困难类别", "认定"}, {nil, nil, nil, nil, "日期"}, plainLine(2)},
		2, 2, people(1, 2), "", ""},
	{"a title left out after the break", [][]any{append([]any{"序号"}, plainHead...), append([]any{1}, plainLine(1)...), append([]any{nil}, plainHead...), append([]any{2}, plainLine(2)...)}, 1, 1, people(1, 2), "", ""},
	{"blocks in another order", [][]any{plainHead, plainLine(1), {}, {"姓名", "认定日期", "变动类型", "困难类别", "身份证号"}, {name(2), "2024-01-02", "新增", "低保", id(2)}}, 1, 0, people(1, 2), "", ""},
	{"blocks by their titles", [][]any{{"新增人员名单"}, {"姓名", "身份证号", "困难类别", "认定日期"}, plainLine(1)[1:], {"合计", "1人"}, {}, {"退出人员名单"}, {"姓名", "身份证号", "困难类别", "退出日期"}, {name(2), id(2), "低保", "2024-02-02"}, {"合计", "1人"}},
		2, 2, []string{"1 新增 低保 20240101", "2 退出 低保 20240202"}, "W-NOT-LISTED B8", "合计与明细一致"},
	{"blocks of two kinds", [][]any{{"名单"}, plainHead, plainLine(1), {"制表人：甲"}, {}, {"帮扶明细"}, helpHead, helpLine(2), {"合计", nil, nil, nil, nil, 200}}, 2, 2, append(people(1), helped(2)...), "", "合计与明细一致（1 列）"},
	{"a line that no header follows", [][]any{plainHead, plainLine(1), {"以下为补报"}, plainLine(2)}, 1, 1, people(1, 2), "", "第 3 行为说明文字"},
	{"many notes and a table", append([][]any{plainHead, plainLine(1)}, append(slices.Repeat([][]any{{"说明"}}, 40), plainHead, plainLine(2))...), 1, 41, people(1, 2), "", "另有"},

	// Below the table.
	{"who made it", [][]any{plainHead, plainLine(1), {"制表人：甲", nil, "审核人：乙", nil, "2024年2月1日"}}, 1, 1, people(1), "", "第 3 行"},
	{"who made it, without colons", [][]any{plainHead, plainLine(1), {"填表人", "甲", "审核人", "乙", "2024-02-01"}}, 1, 1, people(1), "", "第 3 行"},
	{"a thousand empty lines", append([][]any{helpHead, helpLine(1)}, numbered(2, 1000)...), 1, 999, helped(1), "", "另有 994 行"},
	{"empty lines with zeros", [][]any{helpHead, helpLine(1), {2, nil, nil, nil, nil, 0}, {3, nil, nil, nil, nil, "0.00"}}, 1, 2, helped(1), "", "第 3 行"},
}

// shift puts empty cells before a row's.
func shift(n int, row ...any) []any { return append(make([]any, n), row...) }

// spread puts an empty cell behind each of a row's.
func spread(row []any) []any {
	var out []any
	for _, v := range row {
		out = append(out, v, nil)
	}
	return out
}

// numbered are the empty lines of a form.
func numbered(from, to int) [][]any {
	var out [][]any
	for n := from; n <= to; n++ {
		out = append(out, []any{n})
	}
	return out
}

func TestLayouts(t *testing.T) {
	for _, tt := range layouts {
		for _, format := range []string{"xlsx", "csv"} {
			t.Run(tt.name+"/"+format, func(t *testing.T) {
				path := putRows(t, tt.rows...)
				if format == "xlsx" {
					path = putBook(t, table{"表", tt.rows})
				}
				m := newMemory()
				f, rep := take(t, m, path, testOptions(t))
				wantErrors(t, rep)
				wantSaid(t, m, tt.want)
				wantWarnings(t, rep, split(tt.warned)...)
				if f.Skipped != tt.skipped || rep.Tables["表"] != tt.header {
					t.Errorf("%d rows were skipped, want %d; the header is row %d, want %d; %q", f.Skipped, tt.skipped, rep.Tables["表"], tt.header, rep.Notes)
				}
				if tt.notes != "" {
					wantNote(t, rep, tt.notes)
				}
			})
		}
	}
}

func wantSaid(t *testing.T, m *memory, want []string) {
	t.Helper()
	want = slices.Clone(want)
	slices.Sort(want)
	if got := said(m); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// split splits what is written as "W-TOTAL F5, W-KIND A1".
func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ", ")
}
