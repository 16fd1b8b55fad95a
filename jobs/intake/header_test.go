package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// cut splits a line of a test's table: a | b | | c.
func cut(s string) []string {
	out := strings.Split(s, "|")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// TestStacks: what is above counts to the right as long as something is below.
func TestStacks(t *testing.T) {
	for _, tt := range []struct {
		name string
		rows []string
		want string
	}{
		{"one row", []string{"甲||乙"}, "甲;;乙"},
		{"merged over two", []string{"甲|乙||丙", "|丁|戊|"}, "甲;乙丁;乙戊;丙"},
		{"merged downwards ends it", []string{"甲||丙", "乙||"}, "甲乙;;丙"},
		{"an empty column ends it", []string{"甲|||", "乙||丙|"}, "甲乙;;丙;"},
		{"the same below ends it", []string{"甲||||", "乙|丙|乙|丙|丁"}, "甲乙;甲丙;乙;丙;丁"},
		{"groups in groups", []string{"甲||||戊", "乙||丙||", "丁|己|丁|己|"}, "甲乙丁;甲乙己;甲丙丁;甲丙己;戊"},
		{"a group above ends those below", []string{"甲|乙|", "丙||丁", "戊|己|庚"}, "甲丙戊;乙己;乙丁庚"},
		{"a longer row below", []string{"甲", "乙|丙"}, "甲乙;甲丙"},
		{"nothing", []string{"", "|"}, ";"},
	} {
		var rows [][]string
		for _, r := range tt.rows {
			rows = append(rows, cut(r))
		}
		var got []string
		for _, s := range stacks(rows) {
			got = append(got, strings.Join(s, ""))
		}
		if strings.Join(got, ";") != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, strings.Join(got, ";"), tt.want)
		}
	}
}

// TestHeaderAt: how many rows a header takes up, what they mean, and that a title
// above is none of them.
func TestHeaderAt(t *testing.T) {
	for _, tt := range []struct {
		name string
		rows []string
		n    int
		want string // fields with their columns, in order
	}{
		{"one row", []string{"姓名|身份证号|困难类别"}, 1, "roster name:0 certno:1 category:2"},
		{"a title, then a header", []string{"名单||", "姓名|身份证号|困难类别"}, 0, ""},
		{"two titles, then a header", []string{"名单||", "填报单位：甲||2024年", "姓名|身份证号|困难类别"}, 0, ""},
		{"a title over a header of two rows", []string{"名单||||", "姓名|身份证号|困难类别|退出|", "|||日期|原因"}, 0, ""},
		{"that header", []string{"姓名|身份证号|困难类别|退出|", "|||日期|原因"}, 2, "roster name:0 certno:1 category:2 end:3"},
		{"not without the second row", []string{"姓名|身份证号|困难||认定|", "||类别|原因|日期|机关"}, 2, "roster name:0 certno:1 category:2 cause:3 start:4"},
		{"the first row alone is none", []string{"基本信息|||救助", "姓名|身份证号|困难类别|日期"}, 0, ""},
		{"a row below that says nothing more", []string{"姓名|身份证号|困难类别", "张三||低保"}, 1, "roster name:0 certno:1 category:2"},
		{"the head's are not the person's", []string{"户主||姓名|困难类别", "姓名|身份证号||"}, 0, ""},
		{"the head's and the person's", []string{"户主||姓名|身份证号|困难类别", "姓名|身份证号|||"}, 2, "roster head:1 name:2 certno:3 category:4"},
		{"the ID over whose it is", []string{"姓名|身份证号||困难类别", "|户主|本人身份证号|"}, 2, "roster name:0 head:1 certno:2 category:3"},
		{"the ID over whose it is, and of nobody known", []string{"姓名|身份证号||困难类别", "|监护人|家长|"}, 0, ""},
		{"the ID over whose it is, in one word", []string{"姓名|身份证号||困难类别", "|户主|本人|"}, 2, "roster name:0 head:1 certno:2 category:3"},
		{"days below the word", []string{"姓名|身份证号|困难类别|日期|", "|||认定|退出"}, 2, "roster name:0 certno:1 category:2 start:3 end:4"},
		{"what is paid, in groups", []string{"姓名|身份证号|帮扶|||备注", "||日期|来源|金额|"}, 2, "relief name:0 certno:1 date:2 source:3 amount:4 note:5"},
		{"a contact in brackets", []string{"姓名|身份证号（联系人）|困难类别"}, 0, ""},
		{"the reason, by whom it is filled in", []string{"姓名|身份证号|困难类别（监护人填写）"}, 1, "roster name:0 certno:1 category:2"},
	} {
		var rows [][]string
		for _, r := range tt.rows {
			rows = append(rows, cut(r))
		}
		h, n := newMatcher(nil).headerAt(rows, Auto)
		if got := shortly(&h); n != tt.n || n > 0 && got != tt.want {
			t.Errorf("%s: %d rows, %s; want %d, %s", tt.name, n, got, tt.n, tt.want)
		}
	}
}

// shortly writes what a header means.
func shortly(h *header) string {
	out := string(h.kind)
	for i, c := range h.columns {
		if c.field != "" {
			out += fmt.Sprintf(" %s:%d", c.field, i)
		}
	}
	return out
}

// TestUnitsOfGroups: a unit above counts for all of its columns, unless they name
// their own.
func TestUnitsOfGroups(t *testing.T) {
	claims := cut("setl_id|certno|setl_time|费用（万元）|||医疗救助（元）|hifp_pay")
	below := cut("|||总费用|政策范围内费用|其他支出（元）|支付|")
	h, n := newMatcher(nil).headerAt([][]string{claims, below}, Auto)
	if n != 2 {
		t.Fatalf("%d rows, %s", n, shortly(&h))
	}
	h.inUnit(10_000)
	for f, want := range map[field]int64{"medfee_sumamt": 10_000, "inscp_scp_amt": 10_000, "oth_pay": 1, "maf_pay": 1, "hifp_pay": 10_000} {
		if i, ok := h.at[f]; !ok || h.columns[i].scale != want {
			t.Errorf("%s: %+v, want %d", f, h.columns[i], want)
		}
	}
	for title, want := range map[string]int64{"金额": 0, "金额（元）": 1, "金额(万元)": 10_000, "金额（万）": 10_000, "金额（千元）": 1000, "金额百元": 100} {
		scale, named := unitOf([]string{title})
		if named != (want > 0) || named && scale != want {
			t.Errorf("%s: %d %t", title, scale, named)
		}
	}
	for line, want := range map[string]int64{"单位：万元": 10_000, "（单位：元）": 1, "金额单位:人民币 千元": 1000, "填报单位：城关镇": 0, "共1.5万元": 0} {
		if got := unitIn([]string{"", line}); got != want {
			t.Errorf("%s: %d", line, got)
		}
	}
}

// TestTitlesOfColumns: messages and what is kept with a row call a column by all
// that stands above it.
func TestTitlesOfColumns(t *testing.T) {
	h, _ := newMatcher(nil).headerAt([][]string{cut("监护人||姓名|身份证号|困难类别|退出"), cut("姓名|身份证号||||日期")}, Auto)
	var got []string
	for _, c := range h.columns {
		got = append(got, c.title)
	}
	if want := []string{"监护人姓名", "监护人身份证号", "姓名", "身份证号", "困难类别", "退出日期"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
