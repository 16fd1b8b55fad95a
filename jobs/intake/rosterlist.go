package intake

import (
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

// DeptIn tells the department that a title or the name of a file speaks of; ""
// if it does not say.
func DeptIn(s string) string {
	for _, d := range departments {
		if strings.Contains(s, d.word) {
			return d.name
		}
	}
	return ""
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

// listOf reads what is said of the roster to which a row belongs: above the
// table, else by the sheet's name, else by the file's. Columns outweigh all.
func (im *importer) listOf(r *rowReader) (list, error) {
	l := list{read: true, correction: im.o.Correction, dept: im.o.Dept}
	var levels []string // the nearest first
	if len(r.h.titles) > 0 {
		levels = append(levels, strings.Join(r.h.titles, "\n"))
	}
	if !unnamed.MatchString(r.sheet) {
		levels = append(levels, r.sheet)
	}
	levels = append(levels, strings.TrimSuffix(im.name, filepath.Ext(im.name)))
	l.titles = levels

	for _, s := range levels {
		l.correction = l.correction || containsAny(s, correctionWords)
	}
	told := civil.Month(0)
	for _, s := range levels[:len(levels)-1] {
		for line := range strings.SplitSeq(s, "\n") {
			if m := asOf.FindStringSubmatch(clean(line)); m != nil && l.on == 0 {
				at, e := moment(sheet.Cell{Kind: sheet.Text, Text: m[1]})
				if e == nil && at.Date() <= im.o.Today {
					l.on = at.Date()
				}
			}
			if told == 0 {
				told = monthIn(line)
			}
		}
		if d := DeptIn(s); d != "" && (im.o.Dept == "" || d != im.o.Dept) {
			l.dept = d
		}
	}
	l.month = im.listMonth(r, told)
	l.category = titledCategory(append(slices.Clone(r.h.titles), r.sheet, im.name)...)
	if !im.o.Correction && l.on != 0 && l.on.Month() != l.month && told == 0 && im.o.Month == 0 {
		l.month = l.on.Month()
	}
	if r.h.has("op") {
		l.full = slices.ContainsFunc(levels, func(s string) bool { return strings.Contains(s, "全量") })
		return l, nil
	}
	if err := im.opOf(&l, r.sheet); err != nil {
		return l, err
	}
	return l, im.fullMonth(&l, told)
}

var bareMonth = regexp.MustCompile(`(?:^|\D)(0?[1-9]|1[0-2])月份?`)

// fullMonth makes sure of the month of a full list, on whose first day people
// leave: that of the run is taken only where the list does not name another.
func (im *importer) fullMonth(l *list, told civil.Month) error {
	if !l.full || l.on != 0 || told != 0 || im.o.Month != 0 || im.o.PathMonth != 0 {
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

// listMonth settles on the month of a roster, and warns where two places do not
// say the same.
func (im *importer) listMonth(r *rowReader, told civil.Month) civil.Month {
	at, said := "文件名", im.o.PathMonth
	if im.o.Month != 0 {
		at, said = "命令", im.o.Month
	}
	switch {
	case told == 0 && said == 0:
		return im.o.RunMonth
	case told == 0:
		return said
	case said != 0 && told != said:
		taken := told
		if im.o.Month != 0 {
			taken = said
		}
		im.warnTable(r.sheet, r.h.row, "W-MONTH", "标题写的是 %s，%s写的是 %s，按 %s 的名单处理，请核对", told, at, said, taken)
		return taken
	}
	return told
}

// opOf tells what the rows of a roster do that has no column for it. Nothing
// that could remove people is guessed: words that name several changes are
// refused.
func (im *importer) opOf(l *list, sheetName string) error {
	for _, s := range l.titles {
		if containsAny(s, fullWords) {
			l.full = true
			return nil
		}
		var named []rules.Op
		for _, w := range opWords {
			if containsAny(s, w.words) {
				named = append(named, w.op)
			}
		}
		switch {
		case len(named) > 1 || containsAny(s, mixedWords):
			return sheet.Refuse("E-ROSTER-NO-OP", fmt.Sprintf("工作表 %s 没有“变动类型”一列，而标题说其中有多种变动，无法区分新增、退出和变更，请补上该列（或分成新增、退出两张表）后重新发送", sheetName), nil)
		case len(named) == 1:
			l.op = named[0]
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
