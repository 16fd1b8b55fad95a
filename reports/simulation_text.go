package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs/simulate"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"golang.org/x/text/width"
)

func (s *Simulation) month(i int) civil.Month { return civil.YMD(s.Year, i+1, 1).Month() }

// Text prints the simulation for an officer at the terminal.
func (s *Simulation) Text(w io.Writer) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%d 年政策测算（只算不记）：%s，按第 %d 次运行（%s）所知\n", s.Year, filepath.Base(s.Draft.File), s.Run.No, s.Run.Month)
	for i := range s.Areas {
		s.areaText(b, &s.Areas[i])
	}
	if len(s.Top) > 0 {
		fmt.Fprintf(b, "\n变化最大的 %d 人（个人负担，元）\n", len(s.Top))
		g := grid{{"身份证号", "类别", ">现行", ">测算", ">差额", ">笔数", "变动最大的结算"}}
		for i := range s.Top {
			c := &s.Top[i]
			ids := make([]string, 0, len(c.Claims))
			for _, x := range c.Claims {
				ids = append(ids, x.SetlID)
			}
			g = append(g, []string{Mask(s.people[c.Person].Certno), groupName(c.Group), plainYuan(c.Before[simulate.Person]), plainYuan(c.After[simulate.Person]), plainYuan(c.Diff()), fmt.Sprint(c.Changed), strings.Join(ids, "、")})
		}
		g.write(b)
	}
	b.WriteString("\n说明\n")
	for _, n := range s.Notes() {
		fmt.Fprintf(b, "  %s\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Simulation) areaText(b *strings.Builder, a *simulate.AreaOutcome) {
	fmt.Fprintf(b, "\n%s %s\n", a.Code, a.Name)
	for _, x := range s.warnings(a) {
		fmt.Fprintf(b, "  注意：%s\n", x)
	}
	if len(a.Params) > 0 {
		g := grid{{"参数", "对象", "现行", "测算", "时间", "依据", "本地可否自定"}}
		for i := range a.Params {
			p := &a.Params[i]
			before, after := paramTexts(p)
			g = append(g, []string{p.Name, itemName(p), short(before), short(after), s.when(p), s.clauseText(a, p), mayText(p)})
		}
		g.write(b)
	}
	for _, k := range a.Idle {
		fmt.Fprintf(b, "  不起作用：%s %s（第 %d 行）：%s\n", k.Path, keyName(k.Path), k.Line, s.why(k))
	}
	year := a.Year()
	diff := year.Diff()
	g := grid{{"资金（元）", "项目", ">现行应付", ">测算应付", ">差额"}}
	for _, k := range shownBuckets(&year) {
		g = append(g, []string{bucketNames[k][0], bucketNames[k][1], plainYuan(year.Before[k]), plainYuan(year.After[k]), plainYuan(diff[k])})
	}
	g = append(g, []string{"合计", "总费用", plainYuan(year.Before.Sum()), plainYuan(year.After.Sum()), plainYuan(diff.Sum())})
	b.WriteByte('\n')
	g.write(b)
	fmt.Fprintf(b, "\n  全年 %d 人 %d 笔结算，其中 %d 人 %d 笔有变动：%s\n", a.People, year.Claims, a.Changed, year.Changed, sidesText(a.Sides))
	if a.Changed > 0 {
		g := grid{{"类别", ">少负担人数", ">金额", ">人均", ">多负担人数", ">金额", ">人均", ">不增不减人数", ">个人负担净变化"}}
		for _, k := range a.SortedGroups() {
			g = append(g, sidesRow(groupName(k), a.Groups[k]))
		}
		g.write(b)
		b.WriteByte('\n')
		g = grid{{"乡镇", ">少负担人数", ">金额", ">人均", ">多负担人数", ">金额", ">人均", ">不增不减人数", ">个人负担净变化"}}
		for _, k := range a.SortedTownships() {
			g = append(g, sidesRow(townName(k), a.Townships[k]))
		}
		g.write(b)
	}
	if len(a.Monitors) > 0 {
		b.WriteByte('\n')
		g := grid{{"监测", ">现行触发", ">其中清零", ">测算触发", ">其中清零"}}
		for i := range a.Monitors {
			m := &a.Monitors[i]
			g = append(g, []string{monitorName(m), fmt.Sprint(m.Before.Opened), fmt.Sprint(m.Before.Cleared), fmt.Sprint(m.After.Opened), fmt.Sprint(m.After.Cleared)})
		}
		g.write(b)
	}
}

func sidesText(x simulate.Sides) string {
	if x == (simulate.Sides{}) {
		return "没有人的负担变动"
	}
	var parts []string
	for _, p := range []struct {
		what string
		simulate.Side
	}{{"少负担", x.Less}, {"多负担", x.More}} {
		if p.People > 0 {
			parts = append(parts, fmt.Sprintf("%d 人%s %s，人均 %s", p.People, p.what, yuan(p.Sum), yuan(p.Average())))
		}
	}
	if x.Shifted > 0 {
		parts = append(parts, fmt.Sprintf("%d 人负担不变，只是支付方变动", x.Shifted))
	}
	return strings.Join(parts, "；")
}

func sidesRow(name string, x simulate.Sides) []string {
	return []string{name, fmt.Sprint(x.Less.People), plainYuan(x.Less.Sum), plainYuan(x.Less.Average()), fmt.Sprint(x.More.People), plainYuan(x.More.Sum), plainYuan(x.More.Average()), fmt.Sprint(x.Shifted), plainYuan(x.Net())}
}

// shownBuckets leaves out what is nothing both ways.
func shownBuckets(c *simulate.Cost) (out []simulate.Bucket) {
	for k := range simulate.NumBuckets {
		if c.Before[k] != 0 || c.After[k] != 0 || k == simulate.Assist || k == simulate.Person {
			out = append(out, k)
		}
	}
	return out
}

func plainYuan(f money.Fen) string { return strings.TrimSuffix(yuan(f), " 元") }

// short cuts a long list for the terminal; the workbook has it whole.
func short(s string) string {
	const most = 30
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}

// when says for which part of the year a value is another one.
func (s *Simulation) when(p *simulate.ParamChange) string {
	switch {
	case p.From == 0 && p.To == 0:
		return "全年"
	case p.To == 0:
		return p.From.String() + " 起"
	case p.From == 0:
		return "到 " + p.To.Prev().String()
	}
	return p.From.String() + " 到 " + p.To.Prev().String()
}

// clauseText is the clause, by its document where that is not the pack's own.
func (s *Simulation) clauseText(a *simulate.AreaOutcome, p *simulate.ParamChange) string {
	document := p.Document
	if slices.ContainsFunc(a.Layers, func(l pack.Layered) bool { return l.ID == p.Pack && l.Number == document }) {
		document = ""
	}
	return strings.Join(slices.DeleteFunc([]string{p.Clause, document, p.Article}, func(x string) bool { return x == "" }), " ")
}

// mayText says whether the document lets the office adjust the parameter.
func mayText(p *simulate.ParamChange) string {
	switch {
	case p.Adjustable != nil && *p.Adjustable:
		return "可以"
	case p.Open:
		return "另有规定"
	case p.Adjustable == nil:
		return "文件未列明"
	}
	return "须另行发文"
}

// grid prints columns that line up, Han characters taking two places. A title
// that begins with > is of a column of numbers.
type grid [][]string

func (g grid) write(b *strings.Builder) {
	right := make([]bool, len(g[0]))
	for i, t := range g[0] {
		g[0][i], right[i] = strings.CutPrefix(t, ">")
	}
	wide := make([]int, len(g[0]))
	for _, row := range g {
		for i, c := range row {
			wide[i] = max(wide[i], cells(c))
		}
	}
	for _, row := range g {
		line := ""
		for i, c := range row {
			space := strings.Repeat(" ", wide[i]-cells(c))
			if right[i] {
				line += "  " + space + c
			} else {
				line += "  " + c + space
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cells is how many places of a terminal a text takes.
func cells(s string) (n int) {
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
