package intake

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/shopspring/decimal"
	"golang.org/x/text/width"
)

// cellError is what is wrong with one cell: a stable code and a Chinese
// sentence that says what to write. Where it repeats the cell's content it has a
// second form without it, for content that may be an ID or a name.
type cellError struct {
	code, message string
	value         string // what message repeats
	discreet      string // message without it; "" where nothing is repeated
}

func (e *cellError) Error() string { return e.code + " " + e.message }

func bad(code, format string, args ...any) *cellError {
	return &cellError{code: code, message: fmt.Sprintf(format, args...)}
}

// badValue is bad with the cell's content in quotes as the first argument. The
// sentence must also read well where that is left out.
func badValue(code, value, format string, args ...any) *cellError {
	with := append([]any{"“" + show(value) + "”"}, args...)
	without := append([]any{""}, args...)
	return &cellError{code: code, value: value, message: fmt.Sprintf(format, with...), discreet: fmt.Sprintf(format, without...)}
}

// clean folds full-width forms and drops the spaces and invisible characters
// around and inside that people paste along with a code or number.
func clean(s string) string {
	s = width.Fold.String(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// squeeze is clean for dates and amounts: a space between two digits stays as
// one, since it parts a day from its hour, or two amounts in one cell.
func squeeze(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return s
	}
	var b strings.Builder
	last, gap := ' ', false
	for _, r := range width.Fold.String(s) {
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			continue
		case gap && isDigit(last) && isDigit(r):
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, gap = r, false
	}
	return b.String()
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// text is a cell's text without spaces around it.
func text(c sheet.Cell) string { return strings.TrimSpace(c.Text) }

// personName drops every space: 张 三 and 张三 are one name. Full-width stays,
// since names may hold a middle dot.
func personName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

var scientific = regexp.MustCompile(`^\d(\.\d+)?[eE]\+?\d+$`)

// certno reads a citizen ID (GB 11643): 18 characters whose check character
// agrees, or the 15 digits of the old form, which are upgraded.
func certno(c sheet.Cell, today civil.Date) (string, *cellError) {
	if c.Kind == sheet.Number {
		return "", bad("E-ID-NUMERIC", "身份证号是数字格式，末尾几位可能已被表格软件改成 0，请把该列设为“文本”后重新填写")
	}
	s := strings.ToUpper(clean(c.Text))
	s = strings.TrimPrefix(s, "'")
	switch {
	case s == "":
		return "", bad("E-ID-MISSING", "缺少身份证号，请补填 18 位身份证号")
	case scientific.MatchString(s):
		return "", bad("E-ID-NUMERIC", "身份证号成了科学计数，末尾几位已丢失，请把该列设为“文本”后重新填写")
	}
	if len(s) == 15 && digits(s) {
		s = s[:6] + "19" + s[6:]
		s += string(checkChar(s))
	}
	if len(s) != 18 || !digits(s[:17]) {
		return "", bad("E-ID-FORMAT", "身份证号应为 18 位，现为 %d 位或含有其他字符，请核对", len([]rune(s)))
	}
	n, _ := strconv.Atoi(s[6:14]) // digits
	if d := civil.Date(n); !d.Valid() || d > today {
		return "", bad("E-ID-DATE", "身份证号中的出生日期不存在，请核对")
	}
	if s[17] != checkChar(s[:17]) {
		return "", bad("E-ID-CHECKSUM", "身份证号校验位不符，请核对是否有数字写错")
	}
	return s, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(rune(s[i])) {
			return false
		}
	}
	return s != ""
}

// checkChar is the check character of 17 digits (GB 11643, ISO 7064 MOD 11-2).
func checkChar(s string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// ParseCertno reads a citizen ID from a command line. The error is Chinese and
// does not repeat it.
func ParseCertno(s string, today civil.Date) (string, error) {
	id, cerr := certno(sheet.Cell{Kind: sheet.Text, Text: s}, today)
	if cerr != nil {
		return "", errors.New(cerr.message)
	}
	return id, nil
}

var (
	// The boundaries keep the day from taking the first digit of the hour.
	dateParts  = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})\b(?:[-/.月](\d{1,2})\b日?(?: ?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?|月)?$`)
	datePacked = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$`)
)

// moment reads a date in every form that formats.md names, with a time of day
// where there is one. A month alone is its first day.
func moment(c sheet.Cell) (civil.Moment, *cellError) {
	s := strings.ReplaceAll(squeeze(c.Text), "T", " ")
	if s == "" || nothing(s) {
		return 0, nil
	}
	var p []string
	if m := datePacked.FindStringSubmatch(s); m != nil {
		p = m[1:]
	} else if m := dateParts.FindStringSubmatch(s); m != nil {
		if c.Kind == sheet.Number && len(s) == len("2023.1") && strings.HasSuffix(s, ".1") {
			return 0, badValue("E-DATE", s, "%s分不清是 1 月还是 10 月（数字会丢掉末尾的 0），请写成 2023-10-01 的样子")
		}
		p = m[1:]
	}
	if p == nil {
		return 0, badValue("E-DATE", c.Text, "%s不是日期，请写成 2023-05-01 的样子")
	}
	n := [6]int{0, 0, 1}
	for i, t := range p {
		if t != "" {
			n[i], _ = strconv.Atoi(t) // digits
		}
	}
	d := civil.YMD(n[0], n[1], n[2])
	if n[1] > 12 || n[2] > 31 || !d.Valid() || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return 0, badValue("E-DATE", c.Text, "%s这一天不存在，请核对")
	}
	return d.At() + civil.Moment(n[3]*10000+n[4]*100+n[5]), nil
}

// nothing tells the marks by which people say that a cell is left empty.
func nothing(s string) bool {
	return strings.Trim(s, "-—–/") == "" || s == "无"
}

// past reads a date that must not lie after today; 0 for an empty cell.
func past(c sheet.Cell, today civil.Date) (civil.Date, *cellError) {
	m, err := moment(c)
	if err == nil && m.Date() > today {
		return 0, bad("E-DATE-FUTURE", "日期 %s 在今天之后，请核对年份", m.Date())
	}
	return m.Date(), err
}

var (
	monthPacked = regexp.MustCompile(`^(\d{4})(\d{2})$`)
	// A dash parts two months only where nothing else can be meant.
	periodForm = regexp.MustCompile(`^(\d{6})-(\d{6})$|^(.+?)(?:至|到|~|—+|–)(.+)$`)
)

// month reads a month that must not be to come: 202305, or any form of a date;
// 0 for an empty cell.
func month(c sheet.Cell, today civil.Date) (civil.Month, *cellError) {
	var d civil.Date
	if m := monthPacked.FindStringSubmatch(squeeze(c.Text)); m != nil {
		n, _ := strconv.Atoi(m[1] + m[2] + "01") // digits
		if d = civil.Date(n); !d.Valid() {
			return 0, badValue("E-DATE", c.Text, "%s这个月不存在，请核对")
		}
	} else {
		m, err := moment(c)
		if err != nil {
			return 0, err
		}
		d = m.Date()
	}
	if d.Month() > today.Month() {
		return 0, bad("E-DATE-FUTURE", "月份 %s 在本月之后，请核对年份", d.Month())
	}
	return d.Month(), nil
}

// period reads the first and the last month of a cell that holds one month or
// two: 202301-202312, 2023年1月至2023年12月.
func period(c sheet.Cell, today civil.Date) (from, to civil.Month, err *cellError) {
	m := periodForm.FindStringSubmatch(squeeze(c.Text))
	if m == nil {
		from, err = month(c, today)
		return from, from, err
	}
	c.Kind = sheet.Text // a number can not hold two
	first, last := c, c
	first.Text, last.Text = m[1]+m[3], m[2]+m[4]
	if from, err = month(first, today); err != nil {
		return 0, 0, err
	}
	to, err = month(last, today)
	return from, to, err
}

var yearForm = regexp.MustCompile(`^(\d{4})(?:年度?)?$`)

// year reads the year of an insurance: from 2000 to the next.
func year(s string, today civil.Date) (int, *cellError) {
	m := yearForm.FindStringSubmatch(s)
	switch {
	case s == "":
		return 0, bad("E-YEAR", "缺少参保年度，请补填，如 %d", today.Year())
	case m == nil:
		return 0, badValue("E-YEAR", s, "参保年度%s应为四位年份，如 %d", today.Year())
	}
	n, _ := strconv.Atoi(m[1]) // digits
	if n < 2000 || n > today.Year()+1 {
		return 0, badValue("E-YEAR", s, "参保年度%s应在 2000 年至 %d 年之间，请核对", today.Year()+1)
	}
	return n, nil
}

// calculated drops the noise of a cell that holds 1234.5600000000002: the first
// decimals are meant.
func calculated(d decimal.Decimal, places int32) decimal.Decimal {
	if d.Exponent() < -places && d.Exponent() > -40 {
		if r := d.Round(places); r.Sub(d).Abs().LessThan(noise) {
			return r
		}
	}
	return d
}

// maxQuantity bounds what a line of a bill counts.
const maxQuantity = 1_000_000

// quantity reads a quantity in thousandths; 0 for an empty cell or a lone dash.
func quantity(c sheet.Cell) (int64, *cellError) {
	s := squeeze(c.Text)
	if s == "" || s == "-" {
		return 0, nil
	}
	if c.Kind != sheet.Number && !amountForm.MatchString(s) || len(s) > amountLength {
		return 0, badValue("E-QUANTITY", c.Text, "数量%s应为数字，如 1 或 2.5")
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(s, ",", ""))
	if err != nil || d.Exponent() > 12 || d.Exponent() < -40 {
		return 0, badValue("E-QUANTITY", c.Text, "数量%s应为数字，如 1 或 2.5")
	}
	if c.Kind == sheet.Number {
		d = calculated(d, 3)
	}
	n := d.Mul(decimal.NewFromInt(1000))
	if !n.IsInteger() || d.Abs().GreaterThan(decimal.NewFromInt(maxQuantity)) {
		return 0, badValue("E-QUANTITY", c.Text, "数量%s小数超过三位或超出范围，请核对")
	}
	return n.IntPart(), nil
}

// days reads a number of days from 1 to 366.
func days(s string) (int, *cellError) {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "天"))
	switch {
	case s == "":
		return 0, bad("E-DAYS", "缺少津贴天数，请补填")
	case err != nil || n < 1 || n > 366:
		return 0, badValue("E-DAYS", s, "津贴天数%s应为 1 到 366 的整数")
	}
	return n, nil
}

// show shortens what a message repeats.
func show(s string) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return string(r)
}

// endless are the words for a certificate without an end.
var endless = map[string]bool{"长期": true, "永久": true, "长期有效": true, "永久有效": true}

// expiry reads 证件有效期, which may lie in the future; 0 for no end.
func expiry(c sheet.Cell) (civil.Date, *cellError) {
	if endless[clean(c.Text)] {
		return 0, nil
	}
	m, err := moment(c)
	return m.Date(), err
}

var (
	noise = decimal.New(1, -6)

	// Commas must group by three: 1234,50 is not 123450 yuan. An exponent is
	// refused, since a text that shows one has lost digits.
	amountForm = regexp.MustCompile(`^[+-]?(?:\d*|\d{1,3}(?:,\d{3})+)(?:\.\d*)?$`)
)

// amountLength is more than any amount has, and bounds what is parsed.
const amountLength = 40

// amount reads yuan; scale is 10000 for columns in 万元, unless the cell names
// its own unit. An empty cell is 0, and so is the lone dash that accounting
// formats show for it.
func amount(c sheet.Cell, scale int64) (money.Fen, *cellError) {
	d, e := yuan(c, scale)
	if e != nil {
		return 0, e
	}
	f, err := money.FromDecimal(d)
	if err != nil {
		if d.Exponent() < -2 {
			return 0, badValue("E-AMOUNT", c.Text, "%s小数超过两位，请四舍五入到分后填写")
		}
		return 0, badValue("E-AMOUNT", c.Text, "%s超出金额范围，请核对")
	}
	return f, nil
}

// yuan reads the number of an amount, of any size and with any decimals.
func yuan(c sheet.Cell, scale int64) (decimal.Decimal, *cellError) {
	s := squeeze(c.Text)
	switch {
	case s == "" || s == "-":
		return decimal.Zero, nil
	case c.Kind == sheet.Bool || c.Kind == sheet.Error:
		return decimal.Zero, badValue("E-AMOUNT", c.Text, "%s不是金额，请填写数字")
	}
	s = strings.TrimLeft(s, "¥")
	if t, ok := strings.CutSuffix(s, "元"); ok {
		s, scale = t, 1
	}
	if t, ok := strings.CutSuffix(s, "万"); ok {
		s, scale = t, 10000
	}
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		s = "-" + s[1:len(s)-1]
	}
	if c.Kind != sheet.Number && !amountForm.MatchString(s) || len(s) > amountLength {
		return decimal.Zero, badValue("E-AMOUNT", c.Text, "%s不是金额，请填写数字，如 1234.50")
	}
	d, err := decimal.NewFromString(strings.ReplaceAll(s, ",", ""))
	if err != nil {
		return decimal.Zero, badValue("E-AMOUNT", c.Text, "%s不是金额，请填写数字，如 1234.50")
	}
	if scale != 1 {
		d = d.Mul(decimal.NewFromInt(scale))
	}
	if c.Kind == sheet.Number {
		d = calculated(d, 2)
	}
	return d, nil
}
