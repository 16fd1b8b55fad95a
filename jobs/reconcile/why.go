package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// yuan prints an amount as people read it: 12,000.00.
func yuan(f money.Fen) string {
	s := f.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 6; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

func size(f money.Fen) money.Fen { return max(f, -f) }

// periodText is 2023-07, or 2023-07至2023-09, or 未写.
func periodText(from, to civil.Month) string {
	switch {
	case from == 0 && to == 0:
		return "未写"
	case from == to:
		return from.String()
	}
	return from.String() + "至" + to.String()
}

// Why is a sentence: by which rule a match was made, or what came nearest to what
// was not matched, and why it failed. It names keys, never people.
func (r *Result) Why(m *Match) string {
	switch {
	case m.Rule == ByHand:
		h := &r.Manual[m.Hand]
		return fmt.Sprintf("人工勾对（%s，理由：%s）%s", h.By, h.Reason, r.difference(m))
	case m.Rule == BankReturn:
		a, b := &r.Lines[m.Lines[0]], &r.Lines[m.Lines[1]]
		if a.Amount < 0 {
			a, b = b, a
		}
		return fmt.Sprintf("拨付 %s（%s）由 %s（%s）退回，收款方、项目相同，金额相抵", a.Key, a.Date, b.Key, b.Date)
	case m.Class == Double:
		o := &r.Lines[m.Of]
		return fmt.Sprintf("与 %s（%s）收款方、项目、期间、金额相同，该笔已对上", o.Key, o.Date)
	case m.Class == Nothing:
		return "金额为零，不参与对账"
	case m.Near != nil:
		return r.nearest(m)
	}
	var b strings.Builder
	switch {
	case m.Rule == OneForMany && len(m.Lines) > 1:
		fmt.Fprintf(&b, "规则3：同一批次 %d 笔拨付对应 %d 笔应拨：", len(m.Lines), len(m.Dues))
	case m.Rule == OneForMany:
		fmt.Fprintf(&b, "规则3：一笔拨付对应 %d 笔应拨：", len(m.Dues))
	case m.Rule == ManyForOne && len(m.Dues) == 1:
		fmt.Fprintf(&b, "规则4：%d 笔拨付对应一笔应拨：", len(m.Lines))
	case m.Rule == ManyForOne:
		fmt.Fprintf(&b, "规则4：%d 笔拨付对应 %d 笔应拨：", len(m.Lines), len(m.Dues))
	case m.Rule != NoRule:
		b.WriteString(m.Rule.Chinese() + "：")
	}
	b.WriteString(m.Scope.Chinese() + "、同一项目")
	b.WriteString(r.periods(m))
	if m.Net {
		b.WriteString("，补发与追回轧差")
	}
	if m.Group && len(m.Dues) > 1 {
		fmt.Fprintf(&b, "，%d 笔应拨合计", len(m.Dues))
	}
	b.WriteString(r.difference(m))
	return b.String()
}

// difference says how the sums of a match differ.
func (r *Result) difference(m *Match) string {
	d := m.Diff()
	switch m.Class {
	case Short, Over, ShortBack, OverBack:
		return fmt.Sprintf("，应拨 %s，拨付 %s，%s %s 元", yuan(m.Due), yuan(m.Paid), m.Class.Chinese(), yuan(size(d)))
	}
	switch {
	case d != 0:
		return fmt.Sprintf("，金额差 %s 元，在容差 %s 元以内", yuan(size(d)), yuan(r.Tolerance))
	case len(m.Dues)+len(m.Lines) > 2:
		return fmt.Sprintf("，合计 %s 元相等", yuan(m.Paid))
	}
	return "，金额相等"
}

// periods says how the periods of a match agree.
func (r *Result) periods(m *Match) string {
	from, to := r.Dues[m.Dues[0]].From, r.Dues[m.Dues[0]].To
	for _, i := range m.Dues {
		from, to = min(from, r.Dues[i].From), max(to, r.Dues[i].To)
	}
	l := &r.Lines[m.Lines[0]]
	for _, i := range m.Lines { // name one that is not as it should be
		if x := &r.Lines[i]; x.From != from || x.To != to {
			l = x
			break
		}
	}
	due, line := periodText(from, to), periodText(l.From, l.To)
	switch m.Fit {
	case SamePeriod:
		return "、同一期间（" + due + "）"
	case LineWider:
		return "，拨付所属期 " + line + " 包含应拨期间 " + due
	case DueWider:
		return "，拨付所属期 " + line + " 在应拨期间 " + due + " 之内"
	case NoPeriod:
		return "，拨付未写所属期，按拨付日期 " + l.Date.String() + " 对应应拨期间 " + due
	}
	if due == line {
		return "、同一期间（" + due + "）"
	}
	return "（应拨期间 " + due + "，拨付所属期 " + line + "，以" + strings.TrimPrefix(m.Scope.Chinese(), "同一") + "为准）"
}

// nearest says what came nearest to what was not matched, and why it failed.
func (r *Result) nearest(m *Match) string {
	n := m.Near
	isDue := len(m.Dues) > 0
	var other, item string
	var person int64
	if isDue {
		d := &r.Dues[m.Dues[0]]
		other, item, person = "拨付", d.Item, d.Person
	} else {
		l := &r.Lines[m.Lines[0]]
		other, item, person = "应拨", l.Item, l.Person
	}
	none := "没有同一收款单位的" + other
	if person != 0 {
		none = "没有同一人的" + other
	}
	if slices.ContainsFunc(r.Unknown, func(u UnknownItem) bool { return u.Item == item }) {
		none = "资金项目“" + item + "”不在名称表中；" + none
	}
	switch {
	case n.Scope == NoScope:
		return none
	case (n.Scope == OfCounty || n.Scope == OfArea) && n.Sum == 0:
		return "没有指明收款方；同项目同期间没有未对上的应拨"
	case n.Scope == OfCounty || n.Scope == OfArea:
		where := "同县同项目同期间"
		if n.Scope == OfArea {
			where = "全统筹区同项目同期间"
		}
		if isDue {
			return fmt.Sprintf("%s；%s未对上的应拨合计 %s，拨付 %s 为 %s，差 %s", none, where, yuan(n.Sum), n.Key, yuan(n.Amount), yuan(size(n.Diff)))
		}
		return fmt.Sprintf("没有指明收款方；%s未对上的应拨合计 %s，拨付 %s，差 %s", where, yuan(n.Sum), yuan(n.Amount), yuan(size(n.Diff)))
	}
	var same, differ []string
	tell := func(f Fails, agrees, fails string) {
		if n.Fails&f == 0 {
			same = append(same, agrees)
		} else {
			differ = append(differ, fails)
		}
	}
	d, l := r.pair(m, n.Key)
	tell(FailItem, "项目", "项目不同：应拨 "+d.Item+"，拨付 "+l.Item)
	tell(FailPeriod, "期间", "期间不同：应拨 "+periodText(d.From, d.To)+"，拨付 "+lineTime(l))
	over := fmt.Sprintf("金额差 %s 元", yuan(size(n.Diff)))
	if r.Tolerance > 0 || n.Fails == FailAmount {
		over += "，超过容差"
	}
	tell(FailAmount, "金额", over)
	if n.Fails&FailPayee != 0 {
		differ = append(differ, "收款方不同：应付 "+account(d.Payee)+"，实付 "+account(l.Payee))
	}
	if n.Fails&FailSettlement != 0 {
		differ = append(differ, "结算单不同：应拨 "+d.Settlement+"，拨付 "+l.Settlement)
	}
	text := n.Scope.Chinese()
	if len(same) > 0 {
		text += "、同一" + strings.Join(same, "、")
	}
	text += "的" + other + " " + n.Key
	if len(differ) > 0 {
		text += "，" + strings.Join(differ, "；")
	}
	switch {
	case n.Taken && n.As == Returned:
		text += "，该笔已退回"
	case n.Taken:
		text += "，该笔已对上"
	}
	return text
}

// pair gives the due and the line of which one is the match's and the other has
// the key.
func (r *Result) pair(m *Match, key string) (*Due, *Line) {
	if len(m.Dues) > 0 {
		return &r.Dues[m.Dues[0]], &r.Lines[find(r.Lines, key, func(l *Line) string { return l.Key })]
	}
	return &r.Dues[find(r.Dues, key, func(d *Due) string { return d.Key })], &r.Lines[m.Lines[0]]
}

func lineTime(l *Line) string {
	if l.From == 0 {
		return "未写所属期（拨付日期 " + l.Date.String() + "）"
	}
	return periodText(l.From, l.To)
}

func account(payee string) string {
	switch payee {
	case "":
		return "未写明"
	case Self:
		return "本人"
	}
	return payee
}
