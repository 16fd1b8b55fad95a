package reports

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/simulate"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/width"
)

// Simulation tells people and programs what a policy that is being considered
// would have done in a year. It always masks IDs and names.
type Simulation struct {
	*simulate.Outcome
	people map[ledger.PersonNo]ledger.Person
}

// NewSimulation names the people of an outcome.
func NewSimulation(ctx context.Context, s interface {
	Identities(ctx context.Context, people []ledger.PersonNo) (map[ledger.PersonNo]ledger.Person, error)
}, o *simulate.Outcome) (*Simulation, error) {
	var who []ledger.PersonNo
	for _, c := range o.Top {
		who = append(who, c.Person)
	}
	people, err := s.Identities(ctx, who)
	return &Simulation{o, people}, err
}

// File is the name of the workbook.
func (s *Simulation) File() string { return fmt.Sprintf("模拟-%d-%s.xlsx", s.Year, s.Digest[:8]) }

var bucketNames = [simulate.NumBuckets][2]string{ // who pays, and what for
	simulate.Basic:      {"基本医保基金", "基本医保"},
	simulate.Other:      {"其他补助", "按平台记录"},
	simulate.Major:      {"大病保险资金", "大病保险"},
	simulate.Assist:     {"医疗救助基金", "医疗救助"},
	simulate.Tilt:       {"医疗救助基金", "倾斜救助"},
	simulate.Special:    {"医疗救助基金", "特殊救助"},
	simulate.Supplement: {"补充保险", "补充保险"},
	simulate.Hospital:   {"定点医院", "范围外费用"},
	simulate.Person:     {"个人", "个人负担"},
}

func groupName(g simulate.Group) string {
	switch {
	case g.Unlisted:
		return "未列入名单"
	case g.Category == rules.NoCategory:
		return "结算日无身份"
	}
	return g.Category.Chinese()
}

func townName(t string) string {
	if t == "" {
		return "（未填）"
	}
	return t
}

func monitorName(m *simulate.MonitorChange) string {
	if m.Level == ledger.LevelHousehold {
		return m.Name + "（按户）"
	}
	return m.Name
}

// Notes say how the figures are to be read.
func (s *Simulation) Notes() []string {
	notes := []string{
		fmt.Sprintf("“现行”按现在的政策包和本地参数，“测算”在其上叠加测算文件。两者都按第 %d 次运行（%s）所知的名单和结算，把 %d 年重算一遍；没有入账，没有改动任何数据。", s.Run.No, s.Run.Month, s.Year),
		"各项资金的差额是应付金额之差，不是已经或将要拨付的金额，与平台已付、已过账的金额无关。",
		"只含那次运行已读入的结算，年度未满的不推算全年；假定就医和名单同实际一样，不推测政策变动后就医的变化。",
		"每人一年计一次，归入变动最大的一笔结算的救助身份；该笔不予救助的，归入结算日持有的身份。",
	}
	if s.Same() {
		notes = append(notes, "测算结果与现行政策完全相同：全部差额为 0。")
	}
	return notes
}

// warnings are what the officer must know of one area.
func (s *Simulation) warnings(a *simulate.AreaOutcome) (out []string) {
	if !a.InForce {
		out = append(out, fmt.Sprintf("%d 年没有施行中的政策包，测算文件不起作用", s.Year))
	}
	if a.Moved {
		out = append(out, fmt.Sprintf("第 %d 次运行之后政策包或本地参数已改动；“现行”按现在的，可能与那次运行的结果不同", s.Run.No))
	}
	if a.Missing {
		out = append(out, fmt.Sprintf("第 %d 次运行时还没有这个统筹区", s.Run.No))
	}
	return out
}

func (s *Simulation) why(i simulate.Idle) string {
	switch i.Why {
	case simulate.AsNow:
		return "与现行规定相同"
	case simulate.Later:
		return fmt.Sprintf("%d 年之后才有不同", s.Year)
	case simulate.NotMoney:
		return "只用于参保资助、考核、预算等，不影响费用结算"
	case simulate.Reading:
		return "只在读入文件时起作用，不影响已读入的费用"
	case simulate.NoPack:
		return "当年没有施行中的政策包"
	}
	return "当年没有一笔费用或监测因此变动"
}

func keyName(path string) string {
	for i := range pack.Specs {
		if string(pack.Specs[i].Path) == path {
			return pack.Specs[i].Name
		}
	}
	kind, name, _ := strings.Cut(path, ".")
	switch kind {
	case "codes":
		return "代码表"
	case "lists":
		return "清单 " + pack.ListTitles[name]
	}
	return "监测线 " + name
}

// JSON is the simulation for programs; book is where the workbook lies.
func (s *Simulation) JSON(book string) any {
	areas := []any{}
	for i := range s.Areas {
		areas = append(areas, s.areaJSON(&s.Areas[i]))
	}
	largest := []any{}
	for i := range s.Top {
		c := &s.Top[i]
		claims := []any{}
		for _, x := range c.Claims {
			claims = append(claims, map[string]any{"setl_id": x.SetlID, "setl_time": x.At.String(), "kind": x.Kind.String(), "before": bucketsJSON(x.Before), "after": bucketsJSON(x.After)})
		}
		largest = append(largest, map[string]any{"area": c.Area, "certno": Mask(s.people[c.Person].Certno), "name": maskName(s.people[c.Person].Name), "category": c.Group.String(),
			"township": c.Township, "before": bucketsJSON(c.Before), "after": bucketsJSON(c.After), "difference": c.Diff().String(), "claims_changed": c.Changed, "claims": claims})
	}
	return map[string]any{"year": s.Year, "run": s.Run.No, "month": s.Run.Month.String(), "overlay": s.Draft.File, "overlay_sha256": s.Draft.Digest, "digest": s.Digest,
		"same": s.Same(), "areas": areas, "largest": largest, "notes": s.Notes(), "workbook": book}
}

func bucketsJSON(b simulate.Buckets) map[string]string {
	m := map[string]string{}
	for i, v := range b {
		m[simulate.Bucket(i).String()] = v.String()
	}
	return m
}

func (s *Simulation) areaJSON(a *simulate.AreaOutcome) any {
	year := a.Year()
	params := []any{}
	for i := range a.Params {
		p := &a.Params[i]
		params = append(params, map[string]any{"pack": p.Pack, "path": p.Path, "name": p.Name, "item": p.Item, "before": p.Before, "after": p.After,
			"from": p.From.String(), "to": p.To.String(), "clause": p.Clause, "article": p.Article, "document": p.Document, "open": p.Open, "adjustable": p.Adjustable})
	}
	idle := []any{}
	for _, k := range a.Idle {
		idle = append(idle, map[string]any{"path": k.Path, "line": k.Line, "reason": s.why(k)})
	}
	funds := []any{}
	diff := year.Diff()
	for b := range simulate.NumBuckets {
		funds = append(funds, map[string]any{"fund": b.String(), "before": year.Before[b].String(), "after": year.After[b].String(), "difference": diff[b].String()})
	}
	months := []any{}
	for i := range a.Months {
		m := &a.Months[i]
		months = append(months, map[string]any{"month": s.month(i).String(), "claims": m.Claims, "claims_changed": m.Changed,
			"before": bucketsJSON(m.Before), "after": bucketsJSON(m.After), "difference": bucketsJSON(m.Diff())})
	}
	categories, townships, monitors := []any{}, []any{}, []any{}
	for _, g := range a.SortedGroups() {
		categories = append(categories, sidesJSON("category", g.String(), a.Groups[g]))
	}
	for _, t := range a.SortedTownships() {
		townships = append(townships, sidesJSON("township", t, a.Townships[t]))
	}
	for _, m := range a.Monitors {
		cases := func(c simulate.Cases) any { return map[string]int{"opened": c.Opened, "cleared": c.Cleared} }
		monitors = append(monitors, map[string]any{"monitor": m.ID, "name": m.Name, "level": m.Level, "before": cases(m.Before), "after": cases(m.After)})
	}
	return map[string]any{"area": a.Code, "name": a.Name, "policy_before": a.Before.Digest, "policy_after": a.After.Digest, "people": a.People, "people_changed": a.Changed,
		"claims": year.Claims, "claims_changed": year.Changed, "parameters": params, "no_effect": idle, "funds": funds, "months": months,
		"all": sidesJSON("", "", a.Sides), "categories": categories, "townships": townships, "monitors": monitors, "warnings": append([]string{}, s.warnings(a)...)}
}

func sidesJSON(key, name string, x simulate.Sides) map[string]any {
	side := func(s simulate.Side) any {
		return map[string]any{"people": s.People, "sum": s.Sum.String(), "average": s.Average().String()}
	}
	m := map[string]any{"less": side(x.Less), "more": side(x.More), "shifted": x.Shifted, "net": x.Net().String()}
	if key != "" {
		m[key] = name
	}
	return m
}

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

// itemName names the row of a table of values.
func itemName(p *simulate.ParamChange) string {
	switch p.Type {
	case pack.Diseases: // by its name, which comes first
		name, _, _ := strings.Cut(cmp.Or(p.Before, p.After), simulate.Separator)
		return name
	case pack.ByLevel:
		return map[string]string{"1": "一级医院", "2": "二级医院", "3": "三级医院"}[p.Item]
	case pack.AmountByInsurance, pack.RatioByInsurance:
		if i, err := rules.ParseInsurance(p.Item); err == nil {
			return i.Chinese()
		}
	}
	if strings.HasPrefix(p.Path, "monitor.") {
		return map[string]string{"line": "标准", "crosses": "触发", "measure": "负担口径", "scope": "费用范围", "who": "监测谁", "categories": "类别", "level": "按人或按户"}[p.Item]
	}
	if c, err := rules.ParseCategory(p.Item); err == nil {
		return c.Chinese()
	}
	return p.Item
}

// words are the codes of choices as people read them.
var words = map[string]string{
	"true": "是", "false": "否", "in_scope": "政策范围内", "total": "全部费用", "same_day": "退出当日", "next_month": "次月起", "exclude": "不回溯", "include": "回溯",
	"best": "取最有利的", "first": "按次序取第一种", "above": "超过即触发", "at_or_above": "达到即触发", "after_major": "基本医保、大病保险之后", "after_all": "全部保障之后",
	"person": "按人", "household": "按户", "without_assisted": "从未列入救助对象的", "with_assisted": "曾列入救助对象的", "full": "全额", "unset": "另定",
	"recognition": "认定地", "any": "不限", "not_payable": "不支付", "later_run": "再满等待期时支付", "last_year": "上年度平均", "birth_month": "生育当月",
}

// paramTexts are the values before and after as people read them; of a list, what
// is added and taken out.
func paramTexts(p *simulate.ParamChange) (before, after string) {
	if list, ok := listsOf(p); ok {
		return list[0].String(), list[1].against(list[0])
	}
	return valueText(p, p.Before), valueText(p, p.After)
}

func valueText(p *simulate.ParamChange, v string) string {
	listed := p.Type == pack.Diseases || p.Type == pack.Hospitals
	switch {
	case v == "" && listed && p.Item != "":
		return "未列入"
	case v == "":
		return "未配置"
	case listed && p.Before == "" && p.Type == pack.Diseases:
		return "列入（" + v + "）"
	}
	switch p.Type {
	case pack.Amount, pack.AmountBy, pack.AmountByInsurance, pack.PremiumBy:
		if v == "none" && p.Type != pack.PremiumBy {
			return "不设限"
		}
		if f, err := money.ParseYuan(strings.ReplaceAll(v, "_", "")); err == nil {
			return yuan(f)
		}
	case pack.Integer:
		return v + p.Unit
	case pack.CategoryBy:
		if c, err := rules.ParseCategory(v); err == nil {
			return c.Chinese()
		}
	case pack.Tiers:
		if t, ok := tiersText(v); ok {
			return t
		}
	case pack.Bool, pack.Choice, pack.TextBy:
	default:
		return v
	}
	if w := words[v]; w != "" {
		return w
	}
	return v
}

func tiersText(v string) (string, bool) {
	var tiers []struct{ To, Ratio string }
	if err := yaml.Unmarshal([]byte(v), &tiers); err != nil {
		return "", false
	}
	var parts []string
	for i, t := range tiers {
		upTo := "以上"
		switch f, err := money.ParseYuan(strings.ReplaceAll(t.To, "_", "")); {
		case t.To != "" && t.To != "none" && err != nil:
			return "", false
		case err == nil:
			upTo = "至 " + yuan(f)
		case i == 0:
			upTo = "不分段"
		}
		parts = append(parts, upTo+" "+t.Ratio)
	}
	return strings.Join(parts, "，"), true
}

// values is a list of things: codes and names.
type values [][2]string

// listsOf reads the values of a parameter that is a list.
func listsOf(p *simulate.ParamChange) (out [2]values, ok bool) {
	switch {
	case p.Item == "categories" || slices.Contains([]pack.Type{pack.Categories, pack.Kinds, pack.Counties, pack.Texts}, p.Type):
	case (p.Type == pack.Diseases || p.Type == pack.Hospitals) && p.Before != "" && p.After != "":
		for i, text := range []string{p.Before, p.After} {
			for x := range strings.SplitSeq(text, simulate.Separator) {
				out[i] = append(out[i], [2]string{x, x})
			}
		}
		return out, true
	default:
		return out, false
	}
	for i, text := range []string{p.Before, p.After} {
		if text == "" {
			continue
		}
		var codes []string
		if err := yaml.Unmarshal([]byte(text), &codes); err != nil {
			return out, false
		}
		for _, c := range codes {
			name := c
			if k, err := rules.ParseKind(c); err == nil && p.Type == pack.Kinds {
				name = k.Chinese()
			} else if k, err := rules.ParseCategory(c); err == nil {
				name = k.Chinese()
			}
			out[i] = append(out[i], [2]string{c, name})
		}
	}
	return out, true
}

func (v values) names() string {
	var names []string
	for _, x := range v {
		names = append(names, x[1])
	}
	return strings.Join(names, "、")
}

// String lists the names.
func (v values) String() string {
	if len(v) == 0 {
		return "未配置"
	}
	return v.names()
}

// without are the values that o does not have.
func (v values) without(o values) values {
	return slices.DeleteFunc(slices.Clone(v), func(x [2]string) bool {
		return slices.ContainsFunc(o, func(y [2]string) bool { return x[0] == y[0] })
	})
}

// against says what v has more and less than before.
func (v values) against(before values) string {
	var parts []string
	if more := v.without(before); len(more) > 0 {
		parts = append(parts, "增加："+more.names())
	}
	if gone := before.without(v); len(gone) > 0 {
		parts = append(parts, "去掉："+gone.names())
	}
	if len(parts) == 0 {
		return "不变，只是次序不同"
	}
	return strings.Join(parts, "；")
}

// Book makes the workbook.
func (s *Simulation) Book() workbook.Book {
	name := "政策测算"
	if len(s.Areas) == 1 {
		name = s.Areas[0].Name + " " + name
	}
	b := workbook.Book{Title: fmt.Sprintf("%s %d年", name, s.Year)}
	b.Tables = append(b.Tables, s.cover(), s.funds(), s.months(), s.categories(), s.townships(), s.largest())
	return b
}

func (s *Simulation) title(what string) string {
	if len(s.Areas) == 1 {
		return fmt.Sprintf("%s %d年 政策测算：%s", s.Areas[0].Name, s.Year, what)
	}
	return fmt.Sprintf("%d年 政策测算：%s", s.Year, what)
}

// columns puts the area in front where there are several.
func (s *Simulation) columns(cs ...workbook.Column) []workbook.Column {
	if len(s.Areas) == 1 {
		return cs
	}
	return append([]workbook.Column{{Title: "统筹区", Width: 18}}, cs...)
}

func (s *Simulation) row(a *simulate.AreaOutcome, cells ...any) []any {
	if len(s.Areas) == 1 {
		return cells
	}
	var name any
	if a != nil {
		name = a.Code + " " + a.Name
	}
	return append([]any{name}, cells...)
}

// cover is the sheet of explanations with the parameters before and after. Long
// texts stand in the second column with nothing beside them, so that they run on
// over the others: a row never grows.
func (s *Simulation) cover() workbook.Table {
	c := coverRows{}
	c.bold(s.title("说明与参数对比"))
	c.line("测算年度", fmt.Sprintf("%d 年", s.Year))
	c.line("按何时所知", fmt.Sprintf("第 %d 次运行（%s）", s.Run.No, s.Run.Month))
	c.line("测算文件", fmt.Sprintf("%s（校验 %s）", filepath.Base(s.Draft.File), s.Draft.Digest[:16]))
	c.line("测算编号", s.Digest[:16])
	c.section("怎样看这些数")
	for i, n := range s.Notes() {
		c.line(fmt.Sprint(i+1), n)
	}
	for i := range s.Areas {
		s.areaCover(&c, &s.Areas[i])
	}
	return workbook.Table{Sheet: "说明与参数对比", Raw: true, Rows: rowsOf(c.rows),
		Columns: []workbook.Column{{Width: 28}, {Width: 26}, {Width: valueWidth + 2}, {Width: valueWidth + 2}, {Width: 26}, {Width: 20}, {Width: 16}}}
}

// valueWidth is how long a value may be to stand beside another one.
const valueWidth = 26

type coverRows struct{ rows [][]any }

func (c *coverRows) line(cells ...any) { c.rows = append(c.rows, cells) }

func (c *coverRows) bold(cells ...string) {
	var row []any
	for _, x := range cells {
		row = append(row, workbook.Cell{Value: x, Bold: true})
	}
	c.line(row...)
}

func (c *coverRows) section(title string) {
	c.line()
	c.bold(title)
}

func (s *Simulation) areaCover(c *coverRows, a *simulate.AreaOutcome) {
	c.section(a.Code + " " + a.Name)
	for _, l := range a.Layers {
		status := ""
		if l.Status == "draft" {
			status = "（征求意见稿）"
		}
		c.line("政策包 "+l.ID, fmt.Sprintf("%s%s，%s（校验 %s）", l.Title, status, l.Number, l.Digest[:16]))
	}
	c.line("政策校验", fmt.Sprintf("现行 %s，测算 %s", a.Before.Digest[:16], a.After.Digest[:16]))
	for _, x := range s.warnings(a) {
		c.line(workbook.Cell{Value: "注意", Note: true}, x)
	}
	year := a.Year()
	diff := year.Diff()
	c.line("全年", fmt.Sprintf("%d 人 %d 笔结算，其中 %d 人 %d 笔有变动", a.People, year.Claims, a.Changed, year.Changed))
	c.line("个人负担", sidesText(a.Sides))
	c.line("医疗救助基金", fmt.Sprintf("应付由 %s 变为 %s，相差 %s", yuan(year.Before.Assistance()), yuan(year.After.Assistance()), signed(diff.Assistance())))
	c.line("守恒", fmt.Sprintf("各项差额合计 %s（应为 0）", yuan(diff.Sum())))
	c.section("参数对比")
	if len(a.Params) == 0 {
		c.line("没有与现行不同的参数")
	} else {
		c.bold("参数", "对象", "现行", "测算", "时间", "依据", "本地可否自定")
	}
	for i := range a.Params {
		p := &a.Params[i]
		before, after := paramTexts(p)
		c.line(p.Name, itemName(p), beside(before), beside(after), s.when(p), s.clauseText(a, p), mayText(p))
		for _, x := range [][2]string{{"现行：", before}, {"测算：", after}} {
			if beside(x[1]) != x[1] {
				c.line(nil, x[0]+x[1])
			}
		}
	}
	if len(a.Idle) > 0 {
		c.section(fmt.Sprintf("对 %d 年不起作用的参数", s.Year))
		for _, k := range a.Idle {
			c.line(keyName(k.Path), fmt.Sprintf("%s（%s，测算文件第 %d 行）", s.why(k), k.Path, k.Line))
		}
	}
	if len(a.Monitors) > 0 {
		c.section("监测与清零（个）")
		c.bold("监测线", "", "现行：触发 / 其中清零", "测算：触发 / 其中清零")
		for i := range a.Monitors {
			m := &a.Monitors[i]
			c.line(monitorName(m), "", fmt.Sprintf("%d / %d", m.Before.Opened, m.Before.Cleared), fmt.Sprintf("%d / %d", m.After.Opened, m.After.Cleared))
		}
	}
}

// beside is what stands in the columns of values.
func beside(text string) string {
	if cells(text) > valueWidth {
		return "见下行"
	}
	return text
}

func signed(f money.Fen) string {
	if f > 0 {
		return "+" + yuan(f)
	}
	return yuan(f)
}

func (s *Simulation) funds() workbook.Table {
	t := workbook.Table{Sheet: "按基金", Title: s.title("按基金"), Notes: []string{"金额为应付，单位元；差额为测算减现行，正数多付，负数少付。各项差额合计为 0：总费用不变，只是由谁付不同。"},
		Columns: s.columns(workbook.Column{Title: "资金", Width: 18}, workbook.Column{Title: "项目", Width: 16}, workbook.Column{Title: "现行应付", Kind: workbook.Money, Total: true, Width: 19},
			workbook.Column{Title: "测算应付", Kind: workbook.Money, Total: true, Width: 19}, workbook.Column{Title: "差额", Kind: workbook.Money, Total: true, Width: 19}, workbook.Column{Title: "增减幅度", Kind: workbook.Ratio, Width: 12})}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		year := a.Year()
		diff := year.Diff()
		for k := range simulate.NumBuckets {
			rows = append(rows, s.row(a, bucketNames[k][0], bucketNames[k][1], year.Before[k], year.After[k], diff[k], share(diff[k], year.Before[k])))
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

// share is d as a share of f, half away from zero; nothing of nothing.
func share(d, f money.Fen) any {
	if f == 0 {
		return nil
	}
	r := money.Ratio((2*int64(max(d, -d))*int64(money.One) + int64(f)) / (2 * int64(f)))
	if d < 0 {
		r = -r
	}
	return r
}

// months has three columns for each fund that changes in one of the months.
func (s *Simulation) months() workbook.Table {
	t := workbook.Table{Sheet: "按月", Title: s.title("按结算月"), Notes: []string{"金额为应付，单位元；差额为测算减现行。医疗救助含倾斜救助、特殊救助；没有变动的资金不列。"},
		Columns: s.columns(workbook.Column{Title: "月份", Width: 10}, workbook.Column{Title: "结算笔数", Kind: workbook.Count, Total: true}, workbook.Column{Title: "变动笔数", Kind: workbook.Count, Total: true})}
	type figure struct {
		name   string
		of     func(simulate.Buckets) money.Fen
		always bool
	}
	one := func(k simulate.Bucket) figure {
		return figure{bucketNames[k][1], func(b simulate.Buckets) money.Fen { return b[k] }, k == simulate.Person}
	}
	var shown []figure
	for _, f := range []figure{one(simulate.Basic), one(simulate.Major), {"医疗救助", simulate.Buckets.Assistance, true}, one(simulate.Tilt), one(simulate.Special), one(simulate.Supplement), one(simulate.Hospital), one(simulate.Person)} {
		moves := slices.ContainsFunc(s.Areas, func(a simulate.AreaOutcome) bool {
			return slices.ContainsFunc(a.Months[:], func(m simulate.Cost) bool { return f.of(m.Before) != f.of(m.After) })
		})
		if !moves && !f.always {
			continue
		}
		if f.name == bucketNames[simulate.Tilt][1] || f.name == bucketNames[simulate.Special][1] {
			f.name = "其中" + f.name
		}
		shown = append(shown, f)
		for _, side := range []string{"现行", "测算", "差额"} {
			t.Columns = append(t.Columns, workbook.Column{Title: f.name + "\n" + side, Kind: workbook.Money, Total: true})
		}
	}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		for k := range a.Months {
			m := &a.Months[k]
			row := s.row(a, s.month(k).String(), m.Claims, m.Changed)
			for _, f := range shown {
				row = append(row, f.of(m.Before), f.of(m.After), f.of(m.After)-f.of(m.Before))
			}
			rows = append(rows, row)
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

func (s *Simulation) categories() workbook.Table {
	return s.sides("按类别", "困难类别", func(a *simulate.AreaOutcome, put func(string, simulate.Sides)) {
		for _, g := range a.SortedGroups() {
			put(groupName(g), a.Groups[g])
		}
	})
}

func (s *Simulation) townships() workbook.Table {
	return s.sides("按乡镇", "乡镇", func(a *simulate.AreaOutcome, put func(string, simulate.Sides)) {
		for _, t := range a.SortedTownships() {
			put(townName(t), a.Townships[t])
		}
	})
}

// sides lists who bears less and who bears more.
func (s *Simulation) sides(sheet, what string, each func(*simulate.AreaOutcome, func(string, simulate.Sides))) workbook.Table {
	count := func(title string) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Count, Total: true, Width: 13}
	}
	sum := func(title string, total bool) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Money, Total: total, Width: 18}
	}
	t := workbook.Table{Sheet: sheet, Title: s.title(sheet), Notes: []string{"个人全年负担的变化，单位元；每人计一次。“不增不减”的人负担不变，只是由哪项资金支付有变动。"},
		Columns: s.columns(workbook.Column{Title: what, Width: 28}, count("少负担\n人数"), sum("少负担\n金额", true), sum("少负担\n人均", false), count("多负担\n人数"), sum("多负担\n金额", true), sum("多负担\n人均", false),
			count("不增不减\n人数"), sum("个人负担\n净变化", true))}
	var rows [][]any
	for i := range s.Areas {
		a := &s.Areas[i]
		each(a, func(name string, x simulate.Sides) {
			rows = append(rows, s.row(a, name, x.Less.People, x.Less.Sum, average(x.Less), x.More.People, x.More.Sum, average(x.More), x.Shifted, x.Net()))
		})
	}
	if len(rows) == 0 {
		rows = append(rows, []any{"没有人的费用变动"})
	}
	t.Rows = rowsOf(rows)
	return t
}

// average is nothing where there is nobody.
func average(x simulate.Side) any {
	if x.People == 0 {
		return nil
	}
	return x.Average()
}

// largest has a row for each claim; what is of the person stands on the first.
func (s *Simulation) largest() workbook.Table {
	amount := func(title string) workbook.Column {
		return workbook.Column{Title: title, Kind: workbook.Money, Width: 16}
	}
	t := workbook.Table{Sheet: "变化最大20人", Title: s.title("变化最大的20人"), Notes: []string{"按个人全年负担变化的大小，单位元；差额负数为少负担。每人最多列变动最大的五笔。身份证号、姓名已隐去一部分。"},
		Columns: s.columns(workbook.Column{Title: "序号", Width: 7}, workbook.Column{Title: "身份证号", Width: 21}, workbook.Column{Title: "姓名", Width: 10}, workbook.Column{Title: "乡镇", Width: 14}, workbook.Column{Title: "类别", Width: 20},
			workbook.Column{Title: "变动的结算", Width: 24}, workbook.Column{Title: "费用类别", Width: 13}, workbook.Column{Title: "结算日期", Kind: workbook.Date, Width: 12}, amount("该笔个人\n负担差额"),
			workbook.Column{Title: "全年\n变动笔数", Kind: workbook.Count, Width: 10}, amount("全年个人\n负担现行"), amount("全年个人\n负担测算"), amount("全年个人\n负担差额"), amount("全年医疗\n救助差额"))}
	var rows [][]any
	for i := range s.Top {
		c := &s.Top[i]
		a := &s.Areas[slices.IndexFunc(s.Areas, func(a simulate.AreaOutcome) bool { return a.Code == c.Area })]
		for k, x := range c.Claims {
			claim := []any{x.SetlID, x.Kind.Chinese(), x.At.Date(), x.After[simulate.Person] - x.Before[simulate.Person]}
			if k > 0 {
				rows = append(rows, s.row(nil, append([]any{nil, nil, nil, nil, nil}, claim...)...))
				continue
			}
			row := append([]any{fmt.Sprint(i + 1), Mask(s.people[c.Person].Certno), maskName(s.people[c.Person].Name), townName(c.Township), groupName(c.Group)}, claim...)
			rows = append(rows, s.row(a, append(row, c.Changed, c.Before[simulate.Person], c.After[simulate.Person], c.Diff(), c.After.Assistance()-c.Before.Assistance())...))
		}
		if more := c.Changed - len(c.Claims); more > 0 {
			rows = append(rows, s.row(nil, nil, nil, nil, nil, nil, fmt.Sprintf("另有 %d 笔", more)))
		}
	}
	if len(rows) == 0 {
		rows = append(rows, []any{nil, "没有人的费用变动"})
	}
	t.Rows = rowsOf(rows)
	return t
}
