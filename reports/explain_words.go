package reports

import (
	"fmt"
	"regexp"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// day is a date as it is read out.
func day(d civil.Date) string {
	if d == 0 {
		return ""
	}
	y, m, n := d.Parts()
	return fmt.Sprintf("%d年%d月%d日", y, m, n)
}

func monthName(m civil.Month) string { return fmt.Sprintf("%d年%d月", m.Year(), int(m)%100) }

var plainAmount = regexp.MustCompile(`\d{4,}\.\d\d`)

// grouped sets the thousands of amounts within a text apart.
func grouped(text string) string {
	return plainAmount.ReplaceAllStringFunc(text, func(s string) string {
		n := len(s) - 3
		var b strings.Builder
		for i, r := range s {
			if i > 0 && i < n && (n-i)%3 == 0 {
				b.WriteByte(',')
			}
			b.WriteRune(r)
		}
		return b.String()
	})
}

var atMostFormula = regexp.MustCompile(`^min\(([\d.]+), (.+)\) = `)

// spoken is a formula as it is read out.
func spoken(formula string) string {
	if m := atMostFormula.FindStringSubmatch(formula); m != nil {
		rest := formula[len(m[0]):]
		if len(m[1]) > len("1000000000.00") { // no cap
			return grouped(m[2] + " = " + rest)
		}
		return grouped(fmt.Sprintf("%s，全年最高 %s，得 %s", m[2], m[1], rest))
	}
	return grouped(formula)
}

// saysEvent is what a roster row says.
func saysEvent(e *ledger.Event) string {
	what := e.Category.Chinese()
	if e.Category == rules.NoCategory {
		what = "全部身份"
	}
	if e.Cause == rules.Illness {
		what += "（因病）"
	}
	var more []string
	if e.Category == rules.Canji && e.Level > 0 && int(e.Level) <= 4 {
		more = append(more, []string{"", "一级", "二级", "三级", "四级"}[e.Level]+"残疾")
	}
	if e.Expiry != 0 {
		more = append(more, "证件有效到"+day(e.Expiry))
	}
	if e.Applied != 0 {
		more = append(more, day(e.Applied)+"申请")
	}
	if e.County != "" {
		more = append(more, e.County)
	}
	if e.Via == ledger.ViaAbsent || e.Via == ledger.ViaGone {
		return day(e.Date) + "的全量名单里没有此人，" + what + "从这天起退出"
	}
	if e.Via == ledger.ViaFull || e.Via == ledger.ViaListed {
		more = append(more, "全量名单")
	}
	word := map[rules.Op]string{rules.Add: "新增", rules.Change: "变更为", rules.Remove: "退出"}[e.Op]
	when := day(e.Date) + "起"
	if e.Op == rules.Remove {
		when = day(e.Date)
	}
	return word + what + "，" + strings.Join(append([]string{when}, more...), "，")
}

// saysClaim is what a settlement or a refund says.
func saysClaim(c *ledger.Claim) string {
	if c.IsMark() {
		return fmt.Sprintf("%s的结算 %s 被平台标为已退费，%s", day(c.At.Date()), c.RefundOf, yuan(c.Total))
	}
	if c.Refund {
		return fmt.Sprintf("%s退费 %s，冲销结算 %s，%s", day(c.At.Date()), c.ID, c.RefundOf, yuan(c.Total))
	}
	return fmt.Sprintf("%s%s结算 %s，总费用 %s", day(c.At.Date()), c.Kind.Chinese(), c.ID, yuan(c.Total))
}

func saysRelief(r *ledger.Relief) string {
	return fmt.Sprintf("%s%s帮扶 %s", day(r.Date), r.Kind, yuan(r.Amount))
}

func caseLevel(c *ledger.Case) string {
	if c.Level == "" {
		return ledger.LevelPerson
	}
	return c.Level
}

func orderCases(a, b ledger.Case) int {
	if c := a.Year - b.Year; c != 0 {
		return c
	}
	if c := strings.Compare(caseLevel(&b), caseLevel(&a)); c != 0 { // the person's own first
		return c
	}
	return strings.Compare(a.Monitor, b.Monitor)
}
