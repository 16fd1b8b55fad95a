package reports

import (
	"fmt"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/money"
)

type causeFinder func(recompute.Cause, func(recompute.Input) bool) (string, ChangeCause)

// changedClaim puts into words what became of a claim; not of one of another
// year than was asked for.
func (e *explainer) changedClaim(ch recompute.ClaimChange, cause causeFinder) (ChangedClaim, bool) {
	c := e.claim[ch.Claim]
	if c == nil || e.year != 0 && c.Year() != e.year {
		return ChangedClaim{}, false
	}
	x := ChangedClaim{SetlID: c.ID, Time: c.At.String(), What: "changed", Amounts: []ChangedAmount{}, at: c.At, of: ch}
	own := func(in recompute.Input) bool {
		if ch.Is.Counts {
			return in.Kind == recompute.InputClaim && in.Ref == ch.Claim
		}
		if e.merged.moved[ch.Claim] {
			return in.Kind == recompute.InputClaim && in.Ref == ch.Claim
		}
		r := e.claim[in.Ref]
		return in.Kind == recompute.InputRefund && r != nil && r.RefundOf == c.ID
	}
	switch {
	case ch.Is.Counts && !ch.Was.Counts:
		x.What = "new"
	case ch.Was.Counts && !ch.Is.Counts:
		x.What = "gone"
	default:
		own = func(recompute.Input) bool { return false }
	}
	var self string
	was, is := sumsOf(&ch.Was.Due), sumsOf(&ch.Is.Due)
	if ch.Was.Counts != ch.Is.Counts || ch.Was.Due != ch.Is.Due {
		var why ChangeCause
		self, why = cause(ch.Cause, own)
		x.Cause = &why
	}
	if ch.Was.Adjust != ch.Is.Adjust {
		_, why := cause(ch.Adjust, own)
		x.Adjust = &why
	}
	if a, b := ch.Was.Due.Category, ch.Is.Due.Category; x.What == "changed" && a != b {
		x.Category = &Pair{a.String(), b.String()}
	}
	for i := range was {
		if was[i] != is[i] {
			x.Amounts = append(x.Amounts, changedAmount(layerCodes[i], layerWords[i], was[i], is[i], ch.Was.Counts, ch.Is.Counts))
		}
	}
	for f := range ch.Was.Adjust {
		if a, b := ch.Was.Adjust[f], ch.Is.Adjust[f]; a != b {
			fund := rules.Fund(f)
			x.Amounts = append(x.Amounts, changedAmount("adjustment_"+fund.String(), fund.Chinese()+owing(fund), a, b, true, true))
		}
	}
	x.Sentence = x.sentence(c, &ch, self, e.merged.moved[ch.Claim])
	return x, true
}

func changedAmount(item, name string, a, b money.Fen, was, is bool) ChangedAmount {
	x := ChangedAmount{Item: item, Name: name}
	if was {
		x.Before = a.String()
	}
	if is {
		x.After = b.String()
	}
	return x
}

func (x *ChangedClaim) sentence(c *ledger.Claim, ch *recompute.ClaimChange, self string, moved bool) string {
	more := ""
	if x.Cause != nil && len(x.Cause.Texts) > 0 {
		more = "；金额还取决于 " + strings.Join(x.Cause.Texts, "；")
	}
	switch x.What {
	case "new":
		var parts []string
		for i, v := range sumsOf(&ch.Is.Due) {
			if v != 0 || layerCodes[i] == "person" {
				parts = append(parts, layerWords[i]+" "+yuan(v))
			}
		}
		for f, v := range ch.Is.Adjust {
			if v != 0 {
				parts = append(parts, rules.Fund(f).Chinese()+owedWords(v))
			}
		}
		from := ""
		if self != "" {
			from = "，来自 " + self
		}
		if moved {
			return fmt.Sprintf("结算 %s 归到此人名下：总费用 %s，其中%s，因为 %s%s。", x.SetlID, yuan(c.Total), strings.Join(parts, "，"), self, more)
		}
		return fmt.Sprintf("结算 %s 是新读入的：总费用 %s，其中%s%s%s。", x.SetlID, yuan(c.Total), strings.Join(parts, "，"), from, more)
	case "gone":
		out := fmt.Sprintf("结算 %s 不再计入", x.SetlID)
		if moved {
			out = fmt.Sprintf("结算 %s 不再归此人", x.SetlID)
		}
		for f, v := range ch.Is.Adjust {
			if v < 0 {
				out += fmt.Sprintf("，%s已过账的 %s应追回", rules.Fund(f).Chinese(), yuan(-v))
			}
		}
		if self != "" {
			return out + "，因为 " + self + "。"
		}
		return out + "，" + x.Cause.because() + "。"
	}
	var parts []string
	if a, b := ch.Was.Due.Category, ch.Is.Due.Category; a != b {
		parts = append(parts, fmt.Sprintf("救助身份由%s改为%s", categoryOrNone(a), categoryOrNone(b)))
	}
	if a, b := ch.Was.Due.Retro, ch.Is.Due.Retro; a != b && b {
		parts = append(parts, "这笔落在因病认定的回溯期内")
	} else if a != b {
		parts = append(parts, "这笔不再落在回溯期内")
	}
	was, is := sumsOf(&ch.Was.Due), sumsOf(&ch.Is.Due)
	for i := range was {
		if was[i] != is[i] {
			parts = append(parts, fmt.Sprintf("%s由 %s改为 %s", layerWords[i], yuan(was[i]), yuan(is[i])))
		}
	}
	var owed []string
	for f := range ch.Was.Adjust {
		if a, b := ch.Was.Adjust[f], ch.Is.Adjust[f]; a != b {
			owed = append(owed, fmt.Sprintf("%s由%s改为%s", rules.Fund(f).Chinese(), owedWords(a), owedWords(b)))
		}
	}
	why := x.Adjust
	if x.Cause != nil {
		why = x.Cause
		if x.Adjust != nil && x.Adjust.because() != why.because() && len(parts) > 0 {
			return fmt.Sprintf("结算 %s：%s，%s。另外%s，%s。", x.SetlID, strings.Join(parts, "，"), why.because(), strings.Join(owed, "，"), x.Adjust.because())
		}
	}
	if parts = append(parts, owed...); len(parts) == 0 {
		parts = append(parts, "认定依据有变，金额不变")
	}
	return fmt.Sprintf("结算 %s：%s，%s。", x.SetlID, strings.Join(parts, "，"), why.because())
}

func categoryOrNone(c rules.Category) string {
	if c == rules.NoCategory {
		return "无"
	}
	return c.Chinese()
}

// owing is what a fund does with what it owes: a hospital pays no one out, it
// bears.
func owing(f rules.Fund) string {
	if f == rules.FundHospital {
		return "应承担"
	}
	return "应补发"
}

// owedWords is what a fund is still to pay, or to get back.
func owedWords(f money.Fen) string {
	switch {
	case f > 0:
		return "应补发 " + yuan(f)
	case f < 0:
		return "应追回 " + yuan(-f)
	}
	return "不补不追"
}

// othersMoved says that what moved a household's case came of its other members,
// with what came of them.
func othersMoved(inputs []ChangedInput) string {
	var came []string
	for _, in := range inputs {
		if in.Member != "" {
			came = append(came, in.String())
		}
	}
	if len(came) == 0 || len(came) > oneByOne {
		return "家里其他人的情况有变"
	}
	return "家里其他人的情况有变：" + strings.Join(came, "；")
}

// changedCase puts into words what became of a case; reopened: it is as the inputs of
// before have it only since its year was reopened.
func changedCase(ch recompute.CaseChange, cause causeFinder, inputs []ChangedInput, reopened bool) ChangedCase {
	x := ChangedCase{Level: ch.Key.Level, Year: ch.Key.Year, Monitor: ch.Key.Monitor, What: "changed", Amounts: []ChangedAmount{}}
	_, x.Cause = cause(ch.Cause, func(recompute.Input) bool { return false })
	if reopened {
		x.Cause.byReopening(x.Year)
	}
	if x.Cause.Unknown && x.Level == ledger.LevelHousehold {
		x.Cause.Unknown, x.Cause.Others = false, true
		x.Cause.Texts = append(x.Cause.Texts, othersMoved(inputs))
	}
	name := ch.Is.Name
	switch {
	case !ch.Was.Open:
		x.What = "new"
	case !ch.Is.Open:
		x.What, name = "gone", ch.Was.Name
	}
	if ch.Was.Open {
		x.State.Before = ch.Was.State.Chinese()
	}
	if ch.Is.Open {
		x.State.After = ch.Is.State.Chinese()
	}
	var parts []string
	for _, y := range []struct {
		item, name string
		was, is    money.Fen
	}{{"line", "标准", ch.Was.Line, ch.Is.Line}, {"burden_before_relief", "帮扶前负担", ch.Was.Gross, ch.Is.Gross}, {"relief", "帮扶", ch.Was.Relief, ch.Is.Relief},
		{"burden", "现负担", ch.Was.Burden, ch.Is.Burden}} {
		if y.was != y.is {
			x.Amounts = append(x.Amounts, changedAmount(y.item, y.name, y.was, y.is, ch.Was.Open, ch.Is.Open))
			parts = append(parts, fmt.Sprintf("%s由 %s改为 %s", y.name, yuan(y.was), yuan(y.is)))
		}
	}
	who := fmt.Sprintf("%d年%s", x.Year, name)
	if x.Level == ledger.LevelHousehold && !strings.ContainsAny(name, "户家") {
		who += "（按户）"
	}
	switch x.What {
	case "new":
		x.Sentence = fmt.Sprintf("%s：新列入，现为%s，负担 %s，%s。", who, x.State.After, yuan(ch.Is.Burden), x.Cause.because())
	case "gone":
		x.Sentence = fmt.Sprintf("%s：不再列入，%s。", who, x.Cause.because())
	default:
		if ch.Was.State != ch.Is.State {
			parts = append([]string{fmt.Sprintf("由%s改为%s", x.State.Before, x.State.After)}, parts...)
		}
		if len(parts) == 0 {
			parts = append(parts, "经过有变")
		}
		x.Sentence = fmt.Sprintf("%s：%s，%s。", who, strings.Join(parts, "，"), x.Cause.because())
	}
	return x
}
