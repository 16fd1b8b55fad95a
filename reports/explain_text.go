package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// speaker writes an explanation as a clerk would read it out.
type speaker struct {
	strings.Builder
	x       *Explanation
	section int
	clauses map[string]int  // that were read out already, by their words, with their numbers
	said    map[string]bool // what need not be said with every claim
}

func (s *speaker) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *speaker) head(name string) {
	s.section++
	s.line("\n%s、%s", []string{"", "一", "二", "三", "四", "五", "六", "七", "八"}[s.section], name)
}

// Text writes the explanation as a clerk would read it out.
func (x *Explanation) Text(w io.Writer) error {
	s := &speaker{x: x, clauses: map[string]int{}, said: map[string]bool{}}
	s.line("%s（身份证 %s），统筹区 %s %s，第 %d 次运行（%s）", x.Person.Name, x.Person.Certno, x.Area, x.AreaName, x.Run, monthOf(x.asOf))
	for _, m := range x.Merged {
		s.line("%s。", m)
	}
	if x.PolicyChanged {
		s.line("注意：那次运行之后政策包或本地参数已改动，以下按现在的政策说明，金额可能与那次运行不同；请重新运行后再看。")
	}
	s.summary()
	s.identity()
	s.windows()
	s.claims()
	s.reliefs()
	s.cases()
	s.changes()
	s.receipt()
	_, err := io.WriteString(w, s.String())
	return err
}

func monthOf(d civil.Date) string { return monthName(d.Month()) }

func (s *speaker) summary() {
	x := s.x
	s.line("\n概要")
	switch held := x.Summary.held; {
	case held != 0:
		var parts []string
		for _, sp := range x.spells {
			if sp.Covers(x.asOf) {
				parts = append(parts, fmt.Sprintf("%s%s，%s起", sp.Category.Chinese(), becauseOf(sp.Cause), day(sp.Start)))
			}
		}
		s.line("  截至%s的身份：%s。", day(x.asOf), strings.Join(parts, "；"))
	case x.listed:
		s.line("  截至%s没有救助身份。", day(x.asOf))
	default:
		s.line("  从未列入任何名单。")
	}
	for _, y := range x.Summary.Years {
		var parts []string
		for i, v := range y.sum {
			if i != personalAt && v != 0 {
				paid := "付 "
				if layerCodes[i] == "hospital" {
					paid = " "
				}
				parts = append(parts, layerWords[i]+paid+yuan(v))
			}
		}
		parts = append(parts, "个人负担 "+yuan(y.sum[personalAt]))
		total := money.Fen(0)
		for _, v := range y.sum {
			total += v
		}
		s.line("  %d年共 %d 笔结算，总费用 %s：%s。", y.Year, y.Claims, yuan(total), strings.Join(parts, "，"))
		for i := range x.ClosedYears {
			if x.ClosedYears[i].Year == y.Year {
				s.line("  %s", &x.ClosedYears[i])
			}
		}
		for _, n := range x.since {
			if n.year == y.Year {
				s.line("  %s", n.says)
			}
		}
	}
	switch {
	case len(x.Summary.Years) == 0 && x.Year != 0:
		s.line("  %d年没有计入的结算记录。", x.Year)
	case len(x.Summary.Years) == 0:
		s.line("  没有计入的结算记录。")
	}
	funds, hospital := x.Summary.topUp, x.Summary.topUp[rules.FundHospital]
	funds[rules.FundHospital] = 0
	up, down := fundSums(funds), fundSums(x.Summary.clawback)
	if up != "" {
		s.line("  与平台已付和已过账的相比，应补发 %s。", up)
	}
	if hospital != 0 {
		s.line("  定点医院还应承担 %s。", yuan(hospital))
	}
	if down != "" {
		s.line("  与平台已付和已过账的相比，应追回 %s。", down)
	}
	outside := money.Fen(0)
	for i := range x.Claims {
		outside += x.Claims[i].outside()
	}
	if outside > 0 {
		s.line("  平台已救助 %s，而此人不在任何名单：列入名单外已救助，待认定部门核实，不提追回。", yuan(outside))
	}
	if up == "" && down == "" && hospital == 0 && outside == 0 && len(x.Summary.Years) > 0 {
		s.line("  与平台已付和已过账的一致，不补不追。")
	}
	if c := &x.Changes; !c.First && len(c.Claims)+len(c.Cases) > 0 {
		s.line("  与第 %d 次运行（%s）相比有变化，见后面“和上次运行相比”。", c.Previous, monthName(c.month))
	}
}

func fundSums(a rules.Amounts) string {
	var parts []string
	for f, v := range a {
		if v != 0 {
			parts = append(parts, fmt.Sprintf("%s（%s）", yuan(v), rules.Fund(f).Chinese()))
		}
	}
	return strings.Join(parts, "，")
}

func becauseOf(c rules.Cause) string {
	if c == rules.Illness {
		return "（因病）"
	}
	return ""
}

func (s *speaker) identity() {
	x := s.x
	s.head("身份")
	switch {
	case len(x.Spells) == 0 && x.listed:
		s.line("  %d年没有救助身份。", x.Year)
	case len(x.Spells) == 0:
		s.line("  从未列入任何名单。")
	}
	for _, sp := range x.Spells {
		end := "至今"
		if sp.spell.End != civil.Forever {
			end = "到" + day(sp.spell.End.Prev()) + "止"
			if sp.Closed != "" {
				end += "（" + sp.Closed + "）"
			} else {
				end += "（证件到期）"
			}
		}
		more := ""
		if sp.Applied != "" {
			more += "；" + day(sp.spell.Applied) + "申请"
		}
		if sp.County != "" {
			more += "；家在" + sp.County
		}
		s.line("  %s%s：%s起，%s%s。依据 %s。", sp.Name, becauseOf(sp.spell.Cause), day(sp.spell.Start), end, more, sp.From)
		if sp.NoWindow != "" {
			s.line("    %s。", sp.NoWindow)
		}
	}
	for _, e := range x.Events {
		if e.Effect != "" {
			s.line("  %s（%s）：%s。", Place{e.File, e.SHA256, e.Sheet, e.Row}, e.says, e.Effect)
		}
	}
}

func (s *speaker) windows() {
	if len(s.x.Windows) == 0 {
		return
	}
	s.head("认定前的费用（回溯）")
	for _, w := range s.x.Windows {
		s.line("  %s。", w.Why)
		s.line("  所以从%s（含当日）到%s（含当日）结算的费用一并救助。依据 %s。", day(w.window.From), day(w.window.To.Prev()), w.row)
		switch len(w.Claims) {
		case 0:
			s.line("  这段时间里没有结算。")
		default:
			s.line("  这段时间里有 %d 笔结算：%s。", len(w.Claims), strings.Join(w.Claims, "、"))
		}
		s.sources(w.Sources, nil)
	}
}

func (s *speaker) claims() {
	x := s.x
	s.head("每笔费用")
	if len(x.Claims) == 0 {
		s.line("  没有计入的结算记录。")
	}
	for i := range x.Claims {
		s.claim(i+1, &x.Claims[i])
	}
	for i := range x.Refunded {
		r := &x.Refunded[i]
		switch {
		case r.Waiting:
			s.line("\n  退费 %s（%s，%s）要冲销的结算 %s 还没有读入，暂不冲销。来自 %s。", r.SetlID, day(r.at.Date()), spokenAmount(r.Amount), r.Original, r.From)
		case r.Marked:
			s.line("\n  结算 %s（%s%s，总费用 %s）被平台标为已退费（%s），不计。", r.Original, day(r.orig.At.Date()), r.orig.Kind.Chinese(), yuan(r.orig.Total), r.From)
		default:
			s.line("\n  结算 %s（%s%s，总费用 %s）已在%s退费冲销（退费 %s，%s），不计。", r.Original, day(r.orig.At.Date()), r.orig.Kind.Chinese(), yuan(r.orig.Total),
				day(r.at.Date()), r.SetlID, r.From)
		}
		for f, v := range r.adjust {
			if v != 0 {
				s.line("    这笔已经过账，%s%s。", rules.Fund(f).Chinese(), owedWords(v))
			}
		}
	}
}

func spokenAmount(text string) string { return grouped(text) + " 元" }

func (s *speaker) reliefs() {
	if len(s.x.Reliefs) == 0 {
		return
	}
	s.head("其他帮扶")
	for _, r := range s.x.Reliefs {
		d, _ := civil.ParseDate(r.Date)
		s.line("  %s %s %s。来自 %s。", day(d), r.Source, spokenAmount(r.Amount), r.From)
	}
}

func (s *speaker) cases() {
	if len(s.x.Cases) == 0 {
		return
	}
	s.head("监测与清零")
	for i := range s.x.Cases {
		c := &s.x.Cases[i]
		who := ""
		if c.Level == ledger.LevelHousehold && !strings.ContainsAny(c.Name, "户家") {
			who = "（全家合计）"
		}
		s.line("  %d年%s%s：标准 %s，现为%s。帮扶前负担 %s，已帮扶 %s，现负担 %s。", c.Year, c.Name, who, yuan(c.of.Line), c.State, yuan(c.of.Gross), yuan(c.of.Relief), yuan(c.of.Burden))
		for _, m := range c.Moves {
			s.line("    %s %s，由%s", day(m.on), m.To, m.By)
		}
		s.sources(c.Sources, nil)
	}
}

func (s *speaker) changes() {
	c := &s.x.Changes
	s.head("和上次运行相比")
	if c.First {
		s.line("  这是第一次运行，没有上次可比。")
		return
	}
	s.line("  上次是第 %d 次运行（%s）。", c.Previous, monthName(c.month))
	for _, p := range c.Policy {
		s.line("  两次之间%s。", p)
	}
	for _, y := range c.Years {
		s.line("  两次之间%s。", y)
	}
	if c.Program != nil {
		s.line("  两次之间程序由 %s 换成 %s。", c.Program.Before, c.Program.After)
	}
	if len(c.Inputs) > 0 {
		s.line("  上次之后收到的有关此人的资料：")
		for _, in := range c.Inputs {
			s.line("    %s", in)
		}
	}
	if len(c.Claims)+len(c.Cases) == 0 {
		s.line("  费用和监测都没有变化。")
	}
	for _, x := range c.Claims {
		s.line("  %s", x.Sentence)
	}
	for _, x := range c.Cases {
		s.line("  %s", x.Sentence)
	}
}

func shortDigest(linesDigest string) string {
	if linesDigest == "" {
		return "无"
	}
	return linesDigest[:min(16, len(linesDigest))]
}

func (s *speaker) receipt() {
	r := &s.x.Receipt
	s.head("凭据（核对用，不必念）")
	s.line("  程序 %s，第 %d 次运行，链头 %s", r.Program, r.Run, r.Chain)
	for _, u := range r.Packs {
		s.line("  政策包 %s（%s），校验 %s", u.ID, u.Number, shortDigest(u.Digest))
		if u.Overlay != "" {
			s.line("    本地参数，校验 %s", shortDigest(u.Overlay))
		}
	}
	for _, f := range r.Files {
		s.line("  文件 %s，校验 %s", f.Name, shortDigest(f.SHA256))
	}
	s.line("  此人资料校验 %s；结果校验 %s", shortDigest(r.Inputs), shortDigest(r.Results))
}

// sources reads out parameters with the clauses that they are from, each
// clause's words once. more says what else belongs to a parameter.
func (s *speaker) sources(sources []ExplainedSource, more func(*ExplainedSource) string) {
	var order []string
	of := map[string][]string{}
	first := map[string]*ExplainedSource{}
	for i := range sources {
		src := &sources[i]
		value := src.Reads
		if d, err := civil.ParseDate(src.From); err == nil {
			value += "，" + day(d) + "起"
		} else {
			value += "，不限日期"
		}
		if more != nil {
			value += more(src)
		}
		if src.Unset != "" {
			value = "还没有定（" + src.Unset + "）"
		}
		key := fmt.Sprintln(src.Overlay, src.Document, src.Article, src.Text)
		if first[key] == nil {
			order, first[key] = append(order, key), src
		}
		of[key] = append(of[key], fmt.Sprintf("%s：%s", src.Name, value))
	}
	for _, key := range order {
		for _, p := range slices.Compact(of[key]) {
			s.line("        %s", p)
		}
		if text := s.basis(first[key]); text != "" {
			s.line("          依据 %s", text)
		}
	}
}

// basis is where a parameter's value comes from: the office's own document with
// the policy's clause beside it, or that clause alone.
func (s *speaker) basis(src *ExplainedSource) string {
	if !src.Overlay {
		return s.cite(src.Document, src.Article, src.Text)
	}
	own := "本地确定"
	if src.Beside == nil || src.Document != src.Beside.Document {
		own += " " + src.Document
	}
	if src.Beside == nil {
		return own
	}
	return own + "；政策原文 " + s.cite(src.Beside.Document, src.Beside.Article, src.Beside.Text)
}

// cite gives a clause's words the first time, and its number from then on.
func (s *speaker) cite(document, article, text string) string {
	if text == "" { // no clause: the document has no such parameter
		return ""
	}
	where := strings.TrimSpace(document + " " + article)
	if n, ok := s.clauses[where+text]; ok {
		return fmt.Sprintf("条款 %d（%s）", n, where)
	}
	s.clauses[where+text] = len(s.clauses) + 1
	return fmt.Sprintf("%s：%s（条款 %d）", where, text, len(s.clauses))
}
