package schedule

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Zone is that of all times here: China has one, without summer time since 1991.
var Zone = time.FixedZone("Asia/Shanghai", 8*3600)

const (
	withSeconds = cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	star        = 1 << 63 // cron's mark of a field that is * or ?
)

var parser = cron.NewParser(withSeconds)

// fields are those of an expression, with what may stand in them.
var fields = []struct {
	name, range_ string
	alone        cron.ParseOption
}{
	{"秒", "0-59", cron.Second}, {"分", "0-59", cron.Minute}, {"时", "0-23", cron.Hour},
	{"日", "1-31", cron.Dom}, {"月", "1-12", cron.Month}, {"星期", "0-6（0 为星期日）", cron.Dow},
}

// Spec is a cron expression that has been read.
type Spec struct {
	text string
	at   *cron.SpecSchedule
}

// Parse reads an expression of five fields (分 时 日 月 星期), of six (with 秒 first), or
// @monthly and its like. The error is for people.
func Parse(text string) (Spec, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return Spec{}, errors.New("没有写 cron 表达式，如 \"30 2 5 * *\"（每月5日 02:30）")
	}
	if strings.Contains(text, "TZ=") { // and cron panics where no blank follows
		return Spec{}, errors.New("cron 表达式里不能写时区：时间都是北京时间")
	}
	if n := len(strings.Split(text, " ")); text[0] == '@' {
		if strings.HasPrefix(text, "@every") {
			return Spec{}, errors.New("不能用 @every：它从启动时算起，重启后就不知道错过了什么；请写明几点几分，如 \"*/30 * * * *\"")
		}
	} else if n != 5 && n != 6 {
		return Spec{}, fmt.Errorf("cron 表达式 %q 有 %d 栏，应为 5 栏（分 时 日 月 星期）或 6 栏（前面加秒）", text, n)
	}
	read, err := parser.Parse(text)
	if err != nil {
		return Spec{}, whichField(text)
	}
	at, ok := read.(*cron.SpecSchedule)
	if !ok {
		return Spec{}, fmt.Errorf("cron 表达式 %q 不可用", text)
	}
	at.Location = Zone
	for i, set := range []uint64{at.Second, at.Minute, at.Hour, at.Dom, at.Month, at.Dow} {
		if set == 0 { // a field of commas alone
			return Spec{}, fmt.Errorf("cron 表达式 %q 的“%s”一栏是空的", text, fields[i].name)
		}
	}
	if bits.OnesCount64(at.Second&^star) != 1 {
		return Spec{}, fmt.Errorf("cron 表达式 %q 一分钟里有几次：“秒”一栏只能是一个数", text)
	}
	s := Spec{text, at}
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, Zone)).IsZero() { // a leap year
		return Spec{}, fmt.Errorf("cron 表达式 %q 的时间永远不会到，如 2月30日", text)
	}
	return s, nil
}

// whichField names the field that cron does not read.
func whichField(text string) error {
	parts := strings.Split(text, " ")
	if text[0] == '@' {
		return fmt.Errorf("没有 %q，可用的有 @hourly、@daily、@weekly、@monthly、@yearly", text)
	}
	names := fields[len(fields)-len(parts):]
	for i, p := range parts {
		if _, err := cron.NewParser(names[i].alone).Parse(p); err != nil {
			return fmt.Errorf("cron 表达式 %q 第 %d 栏（%s）的 %q 有误：应为 %s 的数、* 、范围 1-5、列举 1,3 或步长 */2，不支持 L、W、#",
				text, i+1, names[i].name, p, names[i].range_)
		}
	}
	return fmt.Errorf("cron 表达式 %q 有误", text)
}

// String is the expression.
func (s Spec) String() string { return s.text }

// Next is the first due time after t; the zero time if there is none in five years.
func (s Spec) Next(t time.Time) time.Time { return s.at.Next(t.In(Zone)) }

// NextN are the next due times after t.
func (s Spec) NextN(t time.Time, n int) []time.Time {
	var out []time.Time
	for range n {
		if t = s.Next(t); t.IsZero() {
			break
		}
		out = append(out, t)
	}
	return out
}
