package intake

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

// kindTitle are the kinds in words.
var kindTitle = map[Kind]string{Roster: "困难人员名单", Claims: "结算数据", Relief: "帮扶明细", Enrolment: "参保名单", Contributions: "缴费月份", Births: "生育名单",
	Items: "收费项目", Transfers: "财政拨付"}

// kindWords say of which kinds a table may be over which they stand. Lists of
// people are of any kind that is about people.
var kindWords = []struct {
	words []string
	kinds []Kind
}{
	{[]string{"名单", "花名册", "名册"}, []Kind{Roster, Relief, Enrolment, Births, Contributions}},
	{[]string{"结算"}, []Kind{Claims, Items}},
	{[]string{"收费", "费用明细"}, []Kind{Items, Claims}},
	{[]string{"参保"}, []Kind{Enrolment, Contributions}},
	{[]string{"缴费"}, []Kind{Contributions, Enrolment}},
	{[]string{"生育"}, []Kind{Births, Contributions, Claims}},
	{[]string{"帮扶", "救助发放", "救助金", "慰问", "赔付", "理赔"}, []Kind{Relief}},
	{[]string{"拨付", "发放"}, []Kind{Transfers, Relief}},
}

// otherPurpose are words that make what kindWords say uncertain.
var otherPurpose = []string{"帮扶对象", "监测", "救助对象", "资助"}

// kindsIn are the kinds of which a title speaks. Sentences and labels do not
// count: 说明：请于每月5日前报送参保缴费情况。
func kindsIn(s string) []Kind {
	if utf8.RuneCountInString(s) > 40 || strings.ContainsAny(s, "：:；。") || containsAny(s, otherPurpose) {
		return nil
	}
	var out []Kind
	for _, w := range kindWords {
		if containsAny(s, w.words) {
			out = append(out, w.kinds...)
		}
	}
	return out
}

// kindsOf are the kinds of which several titles speak; one says which.
func kindsOf(titles []string) (kinds []Kind, one string) {
	for _, s := range titles {
		if k := kindsIn(s); len(k) > 0 {
			kinds, one = append(kinds, k...), cmp.Or(one, s)
		}
	}
	return kinds, one
}

// titled warns of a table over which, or over whose sheet, another kind stands
// than its columns are of.
func (im *importer) titled(h *header, name string) {
	kinds, title := kindsOf(h.titles)
	where := "标题"
	if len(kinds) == 0 {
		kinds, title, where = kindsIn(name), name, "工作表名"
	}
	if len(kinds) > 0 && !slices.Contains(kinds, h.kind) {
		im.warnTable(name, h.row, "W-KIND", "%s是%s，而表头的列是%s，已按%s读取，请核对是否发错了表", where, quoted(title), kindTitle[h.kind], kindTitle[h.kind])
	}
}

// fileTitled warns where a file's name names a kind of which no table is.
func (im *importer) fileTitled() {
	name := strings.TrimSuffix(im.name, filepath.Ext(im.name))
	kinds := kindsIn(name)
	if len(kinds) == 0 || len(im.totals) == 0 {
		return
	}
	for _, t := range im.totals {
		if slices.Contains(kinds, Kind(t.Kind)) {
			return
		}
	}
	t := im.totals[0]
	im.warnTable(t.Sheet, im.report.Tables[t.Sheet], "W-KIND", "文件名是%s，而表头的列是%s，已按%s读取，请核对是否发错了文件",
		quoted(name), kindTitle[Kind(t.Kind)], kindTitle[Kind(t.Kind)])
}

// foreigner notes a table of another kind than was asked for.
func (im *importer) foreigner(h *header, name string) {
	im.note("工作表 %s 第 %d 行的表头是%s，不是%s，未读取", name, h.row, kindTitle[h.kind], kindTitle[im.o.Kind])
	if im.others == nil {
		im.others = map[Kind]string{}
	}
	if im.others[h.kind] == "" {
		im.others[h.kind] = fmt.Sprintf("%s（工作表 %s，表头在第 %d 行）", kindTitle[h.kind], name, h.row)
	}
}

// noTables refuses a file in which no table was read.
func (im *importer) noTables() error {
	if len(im.others) == 0 {
		return sheet.Refuse("E-FILE-TABLE", im.noTable(), nil)
	}
	kinds := slices.Sorted(maps.Keys(im.others))
	var found []string
	for _, k := range kinds {
		found = append(found, im.others[k])
	}
	msg := fmt.Sprintf("命令要求按%s（--kind %s）导入，而文件里没有；这是%s。如文件没有发错，请去掉 --kind，或写 --kind %s 再导入", kindTitle[im.o.Kind], im.o.Kind,
		strings.Join(found, "和"), kinds[0])
	if im.near != "" {
		msg += "；" + im.near
	}
	return sheet.Refuse("E-FILE-KIND", msg, nil)
}
