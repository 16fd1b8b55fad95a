package intake

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/rules"
	"doudi/rules/civil"
)

// list is what the title, the sheet and the file say of a roster as a whole.
type list struct {
	read       bool
	op         rules.Op       // what all rows do, where no column says it
	full       bool           // everyone who is on the list (全量)
	correction bool           // replaces what was sent before (更正)
	month      civil.Month    // for which it was sent; 0 unknown
	on         civil.Date     // the day of a full list; 0 not given
	dept       string         // who sent it
	category   rules.Category // of all rows, where no column says it
	titles     []string       // what was read, the table's own title last
}

var (
	fullWords       = []string{"全量", "在册", "花名册", "名册", "总台账"}
	correctionWords = []string{"更正", "勘误", "订正", "补正"}
	// mixedWords say that rows come and go, so that each must say which it does.
	mixedWords = []string{"变动", "增减", "异动", "动态调整", "动态管理"}
	opWords    = []opWord{
		{rules.Add, []string{"新增", "新纳入", "纳入", "增加"}},
		{rules.Remove, []string{"退出", "清退", "停保", "减少", "取消"}},
		{rules.Change, []string{"变更"}},
	}
)

// opWord are words by which a title says what all rows do.
type opWord struct {
	op    rules.Op
	words []string
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// departments that send lists, as they stand in titles and names of files.
var departments = []struct{ name, word string }{
	{"民政", "民政"}, {"乡村振兴", "乡村振兴"}, {"农业农村", "农业农村"}, {"残联", "残联"}, {"残联", "残疾人联合会"}, {"退役军人", "退役军人"},
	{"总工会", "总工会"}, {"医保", "医保"}, {"医保", "医疗保障"}, {"扶贫", "扶贫"},
}

// copies begin what a title says of those who get it, too.
var copies = regexp.MustCompile(`抄送|抄报|报送|报[县市区]|转[县市区]`)

// DeptIn tells the department that a title or the name of a file speaks of first;
// "" if it does not say.
func DeptIn(s string) string {
	if at := copies.FindStringIndex(s); at != nil && at[0] > 0 {
		s = s[:at[0]]
	}
	best, first := "", len(s)
	for _, d := range departments {
		if i := strings.Index(s, d.word); i >= 0 && i < first {
			best, first = d.name, i
		}
	}
	return best
}

// deptKey makes 民政 and 县民政局 one.
func deptKey(s string) string {
	if d := DeptIn(s); d != "" {
		return d
	}
	return rules.Fold(s)
}

var (
	titleMonth = regexp.MustCompile(`(20\d\d)[-年./](0?[1-9]|1[0-2])(?:月|[-./]\d{1,2}日?)?(?:\D|$)`)
	// Days on which somebody made the table say nothing of the month that it is for.
	madeOn  = regexp.MustCompile(`(?:填报|填表|制表|打印|导出|上报|报送|生成)(?:日期|时间)`)
	asOf    = regexp.MustCompile(`(?:截至|截止|统计日期|统计时间|时点)[^0-9]{0,6}(20\d\d[-年./]\d{1,2}[-月./]\d{1,2}日?)`)
	unnamed = regexp.MustCompile(`(?i)^sheet\d*$|^工作表\d*$|^表\d*$`)
)

// versionMarks are what people add to the name of a file that they send again.
var versionMarks = regexp.MustCompile(`更正|勘误|订正|补正|再次|重报|修改|修订|最新|最终|副本|第[一二三四五六七八九十]+[次版稿]|[vV]\d+|[(（]\d+[)）]|[-—_ ]*(?:退回|提示)\d*`)

// listName is what the name of a file says of the list in it, whatever version of
// it the file is.
func listName(name string) string {
	return rules.Fold(versionMarks.ReplaceAllString(strings.TrimSuffix(name, filepath.Ext(name)), ""))
}

// plainName is the name of a file but for the words that mark a correction.
func plainName(name string) string {
	s := strings.TrimSuffix(name, filepath.Ext(name))
	for _, w := range correctionWords {
		s = strings.ReplaceAll(s, w, "")
	}
	return rules.Fold(s)
}

// telling reports whether the name of a file says which list it is: a 名单.xlsx
// may be another one each time.
func telling(name string) bool {
	s := listName(name)
	return strings.ContainsAny(s, "0123456789") && (DeptIn(s) != "" || containsAny(s, fullWords) || containsAny(s, mixedWords) ||
		slices.ContainsFunc(opWords, func(w opWord) bool { return containsAny(s, w.words) }))
}

// IsCorrection reports whether the name of a file says that it corrects another.
func IsCorrection(name string) bool { return containsAny(name, correctionWords) }

// monthIn finds the month that a title speaks of; 0 for none.
func monthIn(s string) civil.Month {
	s = clean(s)
	if madeOn.MatchString(s) {
		return 0
	}
	m := titleMonth.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	y, _ := strconv.Atoi(m[1]) // the pattern gives digits
	n, _ := strconv.Atoi(m[2])
	return civil.Month(y*100 + n)
}

// saying is one place that says something of a roster.
type saying struct {
	name  string   // of the place, for people
	lines []string // all of it
	heads []string // without notes
}

var (
	noteMarks = regexp.MustCompile(`[：:；;。]|^(?:注|备注|说明|填表|填报|要求)`)
	// What a list follows is of another month than the list.
	rulesOf = regexp.MustCompile(`标准|依据|文件|通知|执行|按照|根据`)
)

func newSaying(name string, lines ...string) saying {
	l := saying{name: name, lines: lines}
	for _, s := range lines {
		if !noteMarks.MatchString(s) {
			l.heads = append(l.heads, s)
		}
	}
	return l
}

// levelsOf are the places that say something of the roster to which a row
// belongs, the nearest first.
func (im *importer) levelsOf(r *rowReader) []saying {
	var out []saying
	if len(r.h.titles) > 0 {
		out = append(out, newSaying("标题", r.h.titles...))
	}
	if !unnamed.MatchString(r.sheet) {
		out = append(out, newSaying("工作表名", r.sheet))
	}
	name := strings.TrimSuffix(im.name, filepath.Ext(im.name))
	return append(out, saying{name: "文件名", lines: []string{name}, heads: []string{name}})
}

// listOf reads what is said of the roster to which a row belongs: above the
// table, else by the sheet's name, else by the file's. Columns outweigh all; notes
// say nothing of the list.
func (im *importer) listOf(r *rowReader) (list, error) {
	l := list{read: true, correction: im.o.Correction, dept: im.o.Dept}
	levels := im.levelsOf(r)
	dept := ""
	for _, v := range levels {
		l.titles = append(l.titles, strings.Join(v.heads, "\n"))
		l.correction = l.correction || containsAny(strings.Join(v.heads, "\n"), correctionWords)
		for _, line := range v.lines {
			if m := asOf.FindStringSubmatch(clean(line)); m != nil && l.on == 0 {
				at, e := moment(sheet.Cell{Kind: sheet.Text, Text: m[1]})
				if e == nil && at.Date() <= im.o.Today {
					l.on = at.Date()
				}
			}
			if dept == "" && v.name != "文件名" {
				dept = DeptIn(line)
			}
		}
	}
	l.dept = cmp.Or(dept, l.dept)
	l.category = titledCategory(append(slices.Clone(r.h.titles), r.sheet, im.name)...)
	if r.h.has("op") {
		l.full = slices.ContainsFunc(l.titles, func(s string) bool { return strings.Contains(s, "全量") })
	} else if err := im.opOf(&l, r.sheet); err != nil {
		return l, err
	}
	return l, im.monthOf(&l, r, levels)
}

// told is a month that some place names.
type told struct {
	where string
	month civil.Month
}

// monthOf settles on the month of a roster, and warns where two places do not say
// the same. On the first day of a full list's month people leave the list: it is
// never guessed, and two different ones are refused.
func (im *importer) monthOf(l *list, r *rowReader, levels []saying) error {
	var all []told
	say := func(where string, m civil.Month) {
		if m != 0 && !slices.ContainsFunc(all, func(t told) bool { return t.month == m }) {
			all = append(all, told{where, m})
		}
	}
	for _, v := range levels {
		if v.name == "文件名" {
			continue // PathMonth
		}
		for _, line := range v.lines {
			if !rulesOf.MatchString(line) {
				say(v.name, monthIn(line))
			}
		}
	}
	if l.on != 0 && len(all) == 0 {
		say("标题", l.on.Month())
	}
	say("文件名", im.o.PathMonth)
	switch {
	case im.o.Month != 0:
		l.month = im.o.Month
		if len(all) > 0 && all[0].month != l.month && all[0].where != "文件名" {
			im.warnTable(r.sheet, r.h.row, "W-MONTH", "%s写的是 %s，命令写的是 %s，按 %s 的名单处理，请核对", all[0].where, all[0].month, l.month, l.month)
		}
	case len(all) == 0:
		l.month = im.o.RunMonth
		return im.bareMonth(l)
	case len(all) == 1:
		l.month = all[0].month
	case l.full && l.on == 0:
		return sheet.Refuse("E-ROSTER-MONTH", fmt.Sprintf("%s写的是 %s，%s写的是 %s，不能确定全量名单是哪个月的，请改正后重新发送，或用 --month 指明", all[0].where, all[0].month, all[1].where, all[1].month), nil)
	default:
		l.month = all[0].month
		im.warnTable(r.sheet, r.h.row, "W-MONTH", "%s写的是 %s，%s写的是 %s，按 %s 的名单处理，请核对", all[0].where, all[0].month, all[1].where, all[1].month, l.month)
	}
	return nil
}

var bareMonth = regexp.MustCompile(`(?:^|\D)(0?[1-9]|1[0-2])月份?`)

// bareMonth makes sure of the month of a full list that names none: that of the
// run is taken only where the list does not name another.
func (im *importer) bareMonth(l *list) error {
	if !l.full || l.on != 0 {
		return nil
	}
	if l.month == 0 {
		return sheet.Refuse("E-ROSTER-MONTH", "全量名单没有写明是哪年哪月的，不能确定不在名单里的人从哪天退出，请在标题或文件名里写明（如 2023年8月），或用 --month 指明", nil)
	}
	for _, s := range l.titles {
		if m := bareMonth.FindStringSubmatch(clean(s)); m != nil {
			if n, _ := strconv.Atoi(m[1]); civil.Month(n) != l.month%100 {
				return sheet.Refuse("E-ROSTER-MONTH", fmt.Sprintf("名单写的是 %d 月，没有写年份，而这次运行的月份是 %s，请在标题或文件名里写明年月（如 2023年8月），或用 doudi import --month 读入", n, l.month), nil)
			}
		}
	}
	return nil
}

// opOf tells what the rows of a roster do that has no column for it. Nothing
// that could remove people is guessed: words that name several changes are
// refused.
func (im *importer) opOf(l *list, sheetName string) error {
	for _, s := range l.titles {
		var named []rules.Op
		for _, w := range opWords {
			if containsAny(s, w.words) {
				named = append(named, w.op)
			}
		}
		whole := strings.Contains(s, "全量")
		switch {
		case len(named) > 1, containsAny(s, mixedWords), whole && len(named) > 0:
			return sheet.Refuse("E-ROSTER-NO-OP", fmt.Sprintf("工作表 %s 没有“变动类型”一列，而标题说其中有多种变动，无法区分新增、退出和变更，请补上该列（或分成新增、退出两张表）后重新发送", sheetName), nil)
		case len(named) == 1: // also 新增人员花名册
			l.op = named[0]
			return nil
		case containsAny(s, fullWords):
			l.full = true
			return nil
		}
	}
	l.full = true
	return nil
}

// warnTable warns of a table as a whole.
func (im *importer) warnTable(sheetName string, row int, code, format string, args ...any) {
	im.report.Warnings = append(im.report.Warnings, RowError{Code: code, Sheet: sheetName, Row: row, Column: "A", Message: fmt.Sprintf(format, args...)})
}
