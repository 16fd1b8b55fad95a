package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"0 30 2 5 * *":                     "每月5日 02:30",
		"30 2 5 * *":                       "每月5日 02:30",
		"15 30 2 5 * *":                    "每月5日 02:30:15",
		"0 18 * * 1-5":                     "每周一至周五 18:00",
		"0 18 * * mon,wed,FRI":             "每周一、三、五 18:00",
		"0 9 * * 0,6":                      "每周六、日 09:00",
		"@monthly":                         "每月1日 00:00",
		"@daily":                           "每天 00:00",
		"@hourly":                          "每小时的第0分",
		"@yearly":                          "每年1月1日 00:00",
		"*/15 * * * *":                     "每15分钟",
		"*/30 * * * *":                     "每30分钟",
		"5/20 * * * *":                     "每小时从第5分起每20分钟",
		"*/7 * * * *":                      "0 */7", // stands for: not in these words
		"0 8,12,18 * * *":                  "每天 08:00、12:00、18:00",
		"*/15 8-17 * * 1-5":                "每周一至周五 08:00至17:59每15分钟",
		"0 */2 * * *":                      "每天 从0时起每2小时的第0分",
		"0 2 1-5,10 * *":                   "每月1至5、10日 02:00",
		"0 2 31 * *":                       "每月31日（没有这一天的月份除外） 02:00",
		"0 0 29 2 *":                       "每年2月29日（没有这一天的月份除外） 00:00",
		"0 2 1 1,4,7,10 *":                 "每年1、4、7、10月的1日 02:00",
		"0 2 1 * 1":                        "每月1日和每周一 02:00",
		"0 2 */2 * *":                      "每月从1日起每隔1日 02:00",
		"0 2 */2 * 1":                      "每月从1日起每隔1日和每周一 02:00",
		"0 2 1-31 * 1":                     "每天 02:00",
		"0 2 * 3 1":                        "每年3月的每周一 02:00",
		"1,4,9,16,25,36,49 * * * *":        "每小时的第1、4、9、16、25、36、49分",
		"0,2,5,7,9,11,20,30,40,50 * * * *": "0,2,5,7,9,11,20,30,40,50 * * * *",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if text == "*/7 * * * *" {
			if got := s.Words(); strings.Contains(got, "每7分钟") {
				t.Errorf("%s: %q, but it begins anew each hour", text, got)
			}
			continue
		}
		if got := s.Words(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "没有写",
		"* * *":                 "有 3 栏",
		"0 0 2 5 * * *":         "有 7 栏",
		"0 25 * * *":            `第 2 栏（时）的 "25" 有误：应为 0-23`,
		"0 0 2 32 * *":          `第 4 栏（日）的 "32"`,
		"0 2 L * *":             `第 3 栏（日）的 "L"`,
		"0 2 * * 7":             `第 5 栏（星期）的 "7" 有误：应为 0-6（0 为星期日）`,
		"0 2 * 13 *":            `第 4 栏（月）`,
		"0 2 5-1 * *":           `第 3 栏`,
		"0 2 */0 * *":           `第 3 栏`,
		"0 , * * *":             "“时”一栏是空的",
		"* 0 2 * * *":           "“秒”一栏只能是一个数",
		"0 0 30 2 *":            "永远不会到",
		"@every 5m":             "不能用 @every",
		"@reboot":               `没有 "@reboot"`,
		"TZ=UTC":                "不能写时区",
		"CRON_TZ=UTC 0 2 * * *": "不能写时区",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// reading of words: they are taken at their word and held against the times.
type said struct {
	months, days, week map[int]bool // nil: all
	either             bool
	clock              func(h, m, s int) bool
}

func set(t *rapid.T, text string) map[int]bool {
	out := map[int]bool{}
	num := func(s string) int {
		s = strings.TrimPrefix(s, "周")
		if i := strings.Index("一二三四五六日", s); i >= 0 && s != "" {
			return i/3 + 1
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("no number: %q of %q", s, text)
		}
		return n
	}
	for _, p := range strings.Split(text, "、") {
		a, b, ok := strings.Cut(p, "至")
		if !ok {
			b = a
		}
		for i := num(a); i <= num(b); i++ {
			out[i] = true
		}
	}
	return out
}

var (
	everyOther = regexp.MustCompile(`^从(\d+)日起每隔(\d+)日$`)
	atTimes    = regexp.MustCompile(`^\d\d:\d\d(:\d\d)?(、\d\d:\d\d(:\d\d)?)*$`)
	fromHour   = regexp.MustCompile(`^从(\d+)时起每(\d+)小时(.*)$`)
	segment    = regexp.MustCompile(`^、?(\d\d):00至(\d\d):59`)
	seconds    = regexp.MustCompile(`^(.*?)(?:的第)?(\d+)秒$`)
	fromMinute = regexp.MustCompile(`^每小时从第(\d+)分起每(\d+)分钟$`)
	everyN     = regexp.MustCompile(`^每(\d+)分钟$`)
)

func read(t *rapid.T, words string) said {
	var x said
	day, clock, ok := strings.Cut(words, " ")
	if !ok {
		day, clock = "每天", words
	}
	day = strings.Replace(day, "（没有这一天的月份除外）", "", 1)
	if rest, ok := strings.CutPrefix(day, "每年"); ok {
		m, d, _ := strings.Cut(rest, "月")
		x.months, day = set(t, m), strings.TrimPrefix(d, "的")
	} else {
		day = strings.TrimPrefix(day, "每月")
	}
	if day != "每天" {
		dom, dow, both := strings.Cut(day, "和每周")
		if !both && strings.HasPrefix(day, "每周") {
			dom, dow = "", strings.TrimPrefix(day, "每周")
		}
		x.either = both
		if m := everyOther.FindStringSubmatch(dom); m != nil {
			from, _ := strconv.Atoi(m[1])
			skip, _ := strconv.Atoi(m[2])
			x.days = map[int]bool{}
			for d := from; d <= 31; d += skip + 1 {
				x.days[d] = true
			}
		} else if dom != "" {
			x.days = set(t, strings.TrimSuffix(dom, "日"))
		}
		if dow != "" {
			x.week = set(t, dow)
		}
	}
	x.clock = readClock(t, clock)
	return x
}

func readClock(t *rapid.T, text string) func(h, m, s int) bool {
	if atTimes.MatchString(text) {
		at := map[string]bool{}
		for _, p := range strings.Split(text, "、") {
			if len(p) == 5 {
				p += ":00"
			}
			at[p] = true
		}
		return func(h, m, s int) bool { return at[fmt.Sprintf("%02d:%02d:%02d", h, m, s)] }
	}
	second := 0
	if m := seconds.FindStringSubmatch(text); m != nil {
		text = m[1]
		second, _ = strconv.Atoi(m[2])
	}
	hours := map[int]bool{}
	if m := fromHour.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		step, _ := strconv.Atoi(m[2])
		if 24%step != 0 {
			t.Fatalf("%q does not go on over midnight", text)
		}
		for h := from; h < 24; h += step {
			hours[h] = true
		}
		text = "每小时" + m[3]
		if m[3] == "的每分钟" {
			text = "每分钟"
		}
	}
	for m := segment.FindStringSubmatch(text); m != nil; m = segment.FindStringSubmatch(text) {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		for h := a; h <= b; h++ {
			hours[h] = true
		}
		text = text[len(m[0]):]
	}
	minutes := map[int]bool{}
	every := func(from, step int) {
		if 60%step != 0 { // who reads it counts on over the hour
			t.Fatalf("%q does not go on over the hour", text)
		}
		for i := from; i < 60; i += step {
			minutes[i] = true
		}
	}
	switch m := fromMinute.FindStringSubmatch(text); {
	case m != nil:
		from, _ := strconv.Atoi(m[1])
		step, _ := strconv.Atoi(m[2])
		every(from, step)
	case text == "每分钟":
		every(0, 1)
	case everyN.MatchString(text):
		n, _ := strconv.Atoi(everyN.FindStringSubmatch(text)[1])
		every(0, n)
	default:
		list, ok := strings.CutPrefix(text, "每小时的第")
		if !ok {
			t.Fatalf("not read: %q", text)
		}
		minutes = set(t, strings.TrimSuffix(list, "分"))
	}
	return func(h, m, s int) bool { return (len(hours) == 0 || hours[h]) && minutes[m] && s == second }
}

func (x said) on(at time.Time) bool {
	week := int(at.Weekday())
	if week == 0 {
		week = 7
	}
	dom, dow := x.days == nil || x.days[at.Day()], x.week == nil || x.week[week]
	day := dom && dow
	if x.either {
		day = dom || dow
	}
	return (x.months == nil || x.months[int(at.Month())]) && day && x.clock(at.Clock())
}

func anyField(t *rapid.T, name string, lo, hi int) string {
	n := rapid.IntRange(lo, hi)
	switch rapid.IntRange(0, 7).Draw(t, name) {
	case 0, 1:
		return "*"
	case 2:
		return fmt.Sprintf("*/%d", rapid.IntRange(1, hi).Draw(t, "step"))
	case 3:
		a, b := n.Draw(t, "a"), n.Draw(t, "b")
		return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
	case 4:
		return fmt.Sprintf("%d/%d", n.Draw(t, "from"), rapid.IntRange(1, 20).Draw(t, "step"))
	case 5:
		var out []string
		for range rapid.IntRange(1, 5).Draw(t, "items") {
			out = append(out, strconv.Itoa(n.Draw(t, "item")))
		}
		return strings.Join(out, ",")
	}
	if rapid.Bool().Draw(t, "stepped") {
		a, b := n.Draw(t, "a"), n.Draw(t, "b")
		return fmt.Sprintf("%d-%d/%d", min(a, b), max(a, b), rapid.IntRange(1, 6).Draw(t, "step"))
	}
	return strconv.Itoa(n.Draw(t, "one"))
}

// TestWordsSayTheTimes: read at their word, the words give the times that cron gives, all
// of them, and no others.
func TestWordsSayTheTimes(t *testing.T) {
	told, left := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		second := ""
		if rapid.Bool().Draw(t, "six") {
			second = strconv.Itoa(rapid.IntRange(0, 59).Draw(t, "second")) + " "
		}
		text := second + strings.Join([]string{anyField(t, "minute", 0, 59), anyField(t, "hour", 0, 23), anyField(t, "dom", 1, 31), anyField(t, "month", 1, 12), anyField(t, "dow", 0, 6)}, " ")
		s, err := Parse(text)
		if err != nil {
			if strings.Contains(err.Error(), "永远不会到") {
				return
			}
			t.Fatalf("%s: %v", text, err)
		}
		words := s.Words()
		if words == s.String() {
			left++
			return
		}
		told++
		x := read(t, words)
		at := time.Date(2023, 1, 1, 0, 0, 0, 0, Zone).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "day"))
		for range 40 {
			next := s.Next(at)
			if !x.on(next) {
				t.Fatalf("%s, %q: due %s", text, words, next)
			}
			// Between two due times the words name none: minute by minute, at their second.
			for m := at.Truncate(time.Minute).Add(time.Duration(next.Second()) * time.Second); m.Before(next) && m.Before(at.Add(3*24*time.Hour)); m = m.Add(time.Minute) {
				if m.After(at) && x.on(m) {
					t.Fatalf("%s, %q: not due %s", text, words, m)
				}
			}
			at = next
		}
	})
	if told < 30 {
		t.Errorf("%d told in words, %d left to the expression", told, left)
	}
}
