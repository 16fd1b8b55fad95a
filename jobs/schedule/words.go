package schedule

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// most is how many things are listed before the expression itself says it better.
const most = 8

// Words tells the expression in words: 每月5日 02:30. They are made from the bits that
// give the times, so they can not say anything else; what they can not say well they
// leave to the expression itself.
func (s Spec) Words() string {
	day, ok1 := s.dayWords()
	clock, ok2 := s.clockWords()
	switch {
	case !ok1 || !ok2:
		return s.text
	case day == "每天" && strings.HasPrefix(clock, "每"): // 每15分钟
		return clock
	}
	return day + " " + clock
}

// members are the numbers of a set.
func members(set uint64) []int {
	var out []int
	for set &^= star; set != 0; set &= set - 1 {
		out = append(out, bits.TrailingZeros64(set))
	}
	return out
}

// stepOf is the step of numbers that go on to the end of their field, or 0. Of a field
// with a size it must divide that, so that it goes on over the end as well.
func stepOf(xs []int, size, end int) int {
	if len(xs) < 2 || size == 0 && len(xs) < 3 {
		return 0
	}
	step := xs[1] - xs[0]
	for i := range xs[1:] {
		if xs[i+1]-xs[i] != step {
			return 0
		}
	}
	if step < 2 || xs[len(xs)-1]+step <= end || size > 0 && size%step != 0 {
		return 0
	}
	return step
}

// listed writes numbers with those in a row as a range: 1至5、8.
func listed(xs []int, name func(int) string, join string) (string, bool) {
	var out []string
	for i := 0; i < len(xs); {
		j := i
		for j+1 < len(xs) && xs[j+1] == xs[j]+1 {
			j++
		}
		if j-i >= 2 {
			out = append(out, name(xs[i])+join+name(xs[j]))
		} else {
			for k := i; k <= j; k++ {
				out = append(out, name(xs[k]))
			}
		}
		i = j + 1
	}
	return strings.Join(out, "、"), len(out) <= most
}

func (s Spec) dayWords() (string, bool) {
	dom, dow := members(s.at.Dom), members(s.at.Dow)
	everyDom, everyDow := len(dom) == 31, len(dow) == 7
	// cron takes both where one of them is *, else either.
	starred := (s.at.Dom|s.at.Dow)&star != 0
	months, ok1 := listed(members(s.at.Month), strconv.Itoa, "至")
	in, each := "每年"+months+"月", "每年"+months+"月的"
	if len(members(s.at.Month)) == 12 {
		in, each = "每月", ""
	} else if strings.ContainsAny(months, "、至") {
		in = each
	}
	days, ok2 := domWords(dom)
	week, ok3 := dowWords(dow)
	switch {
	case everyDom && everyDow, !starred && (everyDom || everyDow):
		return each + "每天", ok1
	case everyDom:
		return each + "每周" + week, ok1 && ok3
	case everyDow:
		return in + days, ok1 && ok2
	}
	return in + days + "和每周" + week, ok1 && ok2 && ok3 && !starred
}

func domWords(days []int) (string, bool) {
	if step := stepOf(days, 0, 31); step > 0 {
		return fmt.Sprintf("从%d日起每隔%d日", days[0], step-1), true
	}
	text, ok := listed(days, strconv.Itoa, "至")
	if text += "日"; days[0] > 28 {
		text += "（没有这一天的月份除外）"
	}
	return text, ok
}

func dowWords(days []int) (string, bool) {
	if days[0] == 0 { // the week ends with Sunday
		days = append(days[1:len(days):len(days)], 7)
	}
	return listed(days, func(i int) string { return string([]rune("一二三四五六日")[i-1]) }, "至周")
}

// clockWords: 02:30; 08:00、12:00; 08:00至18:59每15分钟; 每小时的第5分.
func (s Spec) clockWords() (string, bool) {
	hours, minutes, second := members(s.at.Hour), members(s.at.Minute), members(s.at.Second)[0]
	if len(hours) < 24 && len(hours)*len(minutes) <= 6 {
		var out []string
		for _, h := range hours {
			for _, m := range minutes {
				t := fmt.Sprintf("%02d:%02d", h, m)
				if second != 0 {
					t += fmt.Sprintf(":%02d", second)
				}
				out = append(out, t)
			}
		}
		return strings.Join(out, "、"), true
	}
	in, ok1 := hourWords(hours)
	each, ok2 := minuteWords(minutes, strings.HasSuffix(in, "小时"))
	if second != 0 {
		if !strings.HasSuffix(each, "分") {
			each += "的第"
		}
		each += fmt.Sprintf("%d秒", second)
	}
	return in + each, ok1 && ok2
}

func hourWords(hours []int) (string, bool) {
	if len(hours) == 24 {
		return "", true
	}
	if step := stepOf(hours, 24, 23); step > 0 {
		return fmt.Sprintf("从%d时起每%d小时", hours[0], step), true
	}
	var out []string
	for i := 0; i < len(hours); {
		j := i
		for j+1 < len(hours) && hours[j+1] == hours[j]+1 {
			j++
		}
		out = append(out, fmt.Sprintf("%02d:00至%02d:59", hours[i], hours[j]))
		i = j + 1
	}
	return strings.Join(out, "、"), len(out) <= 3
}

func minuteWords(minutes []int, each bool) (string, bool) {
	of := "每小时的第"
	if each {
		of = "的第"
	}
	if len(minutes) == 60 {
		if each {
			return "的每分钟", true
		}
		return "每分钟", true
	}
	if step := stepOf(minutes, 60, 59); step > 0 && !each {
		if minutes[0] == 0 {
			return fmt.Sprintf("每%d分钟", step), true
		}
		return fmt.Sprintf("每小时从第%d分起每%d分钟", minutes[0], step), true
	}
	text, ok := listed(minutes, strconv.Itoa, "至")
	return of + text + "分", ok
}
