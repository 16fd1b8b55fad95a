package intake

import (
	"regexp"
	"strconv"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/rules/civil"
)

// The periods for which money is paid are written in more ways than a month of
// contributions: a month, a quarter, half a year, a year, or from one of them to
// another; and they may lie ahead, since money is paid in advance.

var (
	yearPart = regexp.MustCompile(`^(?:(20\d\d)(?:年度?|[-./])?)?(.*)$`)
	// What may follow the year.
	monthPart   = regexp.MustCompile(`^(\d{1,2})(?:月份?)?$`)
	quarterPart = regexp.MustCompile(`^第?([一二三四1-4])季度?$|^[Qq]([1-4])$`)
	quarters    = regexp.MustCompile(`^(20\d\d)年?第?([一二三四1-4])(?:季度)?(?:至|到|~|—+|-)第?([一二三四1-4])季度?$`)
	wholeDay    = regexp.MustCompile(`^(20\d\d)(?:[-./](\d{1,2})[-./](\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d\d)(\d\d))$`)
	dayOfYear   = regexp.MustCompile(`^\d{1,2}月\d{1,2}日$`)
	// Months that may as well be a day.
	monthsOrDay = regexp.MustCompile(`^20\d\d[-./][1-9][-./](?:[1-9]|1[0-2])$`)
	octoberLost = regexp.MustCompile(`^20\d\d\.1$`)
	between     = regexp.MustCompile(`至|到|~|—+|–+|-+`)
)

// namedParts are the parts of a year that have names: first and last month.
var namedParts = map[string][2]int{"": {1, 12}, "全年": {1, 12}, "全年度": {1, 12}, "上半年": {1, 6}, "下半年": {7, 12}, "前三季度": {1, 9}, "前3季度": {1, 9}}

// settled reads the period that a payment is for; zeros for an empty cell.
func settled(c sheet.Cell) (from, to civil.Month, e *cellError) {
	s := clean(c.Text)
	switch {
	case s == "" || s == "-" || s == "/":
		return 0, 0, nil
	case c.Kind == sheet.Number && octoberLost.MatchString(s):
		return 0, 0, badValue("E-DATE", s, "%s分不清是 1 月还是 10 月（数字会丢掉末尾的 0），请写成 2023-10 的样子")
	case c.Kind != sheet.Date && monthsOrDay.MatchString(s):
		return 0, 0, badValue("E-PERIOD", s, "所属期%s分不清是一天还是几个月，请写成 2023年1月至6月 或 2023-01 的样子")
	}
	if c.Kind == sheet.Date {
		s = s[:min(len(s), len("2006-01-02"))]
	}
	from, to, ok := part(s, 0)
	if m := quarters.FindStringSubmatch(s); m != nil {
		s, ok = m[1]+"Q"+quarter(m[2])+"至"+m[1]+"Q"+quarter(m[3]), false
	}
	for _, cut := range between.FindAllStringIndex(s, -1) {
		if ok {
			break
		}
		first, _, begins := part(s[:cut[0]], 0)
		_, last, ends := part(s[cut[1]:], first.Year()) // which may leave the year to the first
		from, to, ok = first, last, begins && ends
	}
	switch {
	case !ok:
		return 0, 0, badValue("E-PERIOD", c.Text, "所属期%s读不出，请写成 2023-05、2023年1月至6月、2023年第一季度、2023年上半年 或 2023年 的样子")
	case to < from:
		return 0, 0, bad("E-DATE-ORDER", "所属期止 %s 早于起 %s，请核对", to, from)
	case monthsFrom(from, to) > maxMonths:
		return 0, 0, bad("E-PERIOD", "所属期 %s 至 %s 共 %d 个月，一行最多 %d 个月，请核对或分行填写", from, to, monthsFrom(from, to), maxMonths)
	}
	return from, to, nil
}

// part reads a year or a part of one; year stands for a year that is left out, 0
// for none. A year alone is only one that is written.
func part(s string, year int) (from, to civil.Month, ok bool) {
	if year != 0 && dayOfYear.MatchString(s) { // the end of a period whose beginning has the year
		s = strconv.Itoa(year) + "年" + s
	}
	if m := wholeDay.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits, here and below
		month, _ := strconv.Atoi(m[2] + m[4] + m[6])
		day, _ := strconv.Atoi(m[3] + m[5] + m[7])
		from = civil.Month(n*100 + month)
		return from, from, civil.YMD(n, month, day).Valid()
	}
	m := yearPart.FindStringSubmatch(s)
	rest := m[2]
	if m[1] != "" {
		year, _ = strconv.Atoi(m[1])
	} else if rest == "" {
		return 0, 0, false
	}
	if year == 0 {
		return 0, 0, false
	}
	months := func(first, last int) (civil.Month, civil.Month, bool) {
		return civil.Month(year*100 + first), civil.Month(year*100 + last), 1 <= first && last <= 12
	}
	if p, named := namedParts[rest]; named {
		return months(p[0], p[1])
	}
	if m := monthPart.FindStringSubmatch(rest); m != nil {
		n, _ := strconv.Atoi(m[1])
		return months(n, n)
	}
	if m := quarterPart.FindStringSubmatch(rest); m != nil {
		n := int(quarter(m[1] + m[2])[0] - '0')
		return months(n*3-2, n*3)
	}
	return 0, 0, false
}

// quarter is the digit of a quarter's number.
func quarter(s string) string {
	if i := strings.Index("一二三四", s); i >= 0 {
		return "1234"[i/len("一"):][:1]
	}
	return s
}
