package reports

import (
	"fmt"
	"path/filepath"

	"doudi/jobs/simulate"
	"doudi/reports/workbook"
	"doudi/rules/money"
)

// simulationCover is the first sheet of a what-if's workbook.
const simulationCover = "说明与参数对比"

// valueWidth is how long a value may be to stand beside another one; longer ones
// stand below, over the whole width.
const valueWidth = 26

// cover says what the change comes to, how its figures are to be read, and which
// parameters were changed.
func (s *Simulation) cover() workbook.Page {
	p := workbook.Page{Sheet: simulationCover, Title: s.name() + fmt.Sprintf(" %d 年", s.Year),
		Subtitle: fmt.Sprintf("按第 %d 次运行（%s）所知　测算文件 %s　没有入账", s.Run.No, s.Run.Month, filepath.Base(s.Draft.File))}
	p = withBlocks(p, s.figures(), workbook.Heading("怎样看这些数"))
	notes := workbook.Lines{Widths: []int{1, 11}}
	for i, n := range s.Notes() {
		notes.Rows = append(notes.Rows, []any{fmt.Sprint(i + 1), n})
	}
	p = withBlocks(p, notes)
	for i := range s.Areas {
		p = withBlocks(p, s.areaCover(&s.Areas[i])...)
	}
	contents := workbook.Lines{Header: []string{"工作表（点击前往）", "内容"}, Widths: []int{4, 8}, Rows: [][]any{
		{toSheet("按基金"), "各项资金应付的变化"}, {toSheet("按月"), "各月应付的变化"}, {toSheet("按类别"), "各类困难群众负担的变化"},
		{toSheet("按乡镇"), "各乡镇负担的变化"}, {toSheet("变化最大20人"), "负担变化最大的人和结算"}}}
	return withBlocks(p, workbook.Heading("本册各表"), contents, workbook.Heading("校验"), workbook.Lines{Widths: []int{3, 9}, Rows: [][]any{
		{"测算编号", s.Digest[:16]}, {"测算文件", s.Draft.Digest[:16]}}})
}

// figures are what the change comes to, over all areas.
func (s *Simulation) figures() workbook.Figures {
	var before, after money.Fen
	var sides simulate.Sides
	claims, changed := 0, 0
	for i := range s.Areas {
		a := &s.Areas[i]
		year := a.Year()
		before += year.Before.Assistance()
		after += year.After.Assistance()
		claims += year.Claims
		changed += year.Changed
		sides.Less.People += a.Sides.Less.People
		sides.Less.Sum += a.Sides.Less.Sum
		sides.More.People += a.Sides.More.People
		sides.More.Sum += a.Sides.More.Sum
	}
	return workbook.Figures{
		{Label: "医疗救助基金差额", Value: after - before, Unit: "元", Note: fmt.Sprintf("由 %s 变为 %s", yuan(before), yuan(after)), Link: "按基金"},
		{Label: "个人负担净变化", Value: sides.Net(), Unit: "元", Note: "负数为少负担", Link: "按类别"},
		{Label: "少负担", Value: sides.Less.People, Unit: "人", Note: "共 " + yuan(sides.Less.Sum), Link: "按类别"},
		{Label: "多负担", Value: sides.More.People, Unit: "人", Note: "共 " + yuan(sides.More.Sum), Link: "按类别"},
		{Label: "有变动的结算", Value: changed, Unit: "笔", Note: fmt.Sprintf("全年 %d 笔", claims), Link: "按月"},
	}
}

func (s *Simulation) areaCover(a *simulate.AreaOutcome) []workbook.Block {
	blocks := []workbook.Block{workbook.Heading(a.Code + " " + a.Name)}
	for _, x := range s.warnings(a) {
		blocks = append(blocks, workbook.Paragraph{Text: "注意：" + x, Tone: workbook.Watch})
	}
	year := a.Year()
	diff := year.Diff()
	l := workbook.Lines{Widths: []int{3, 9}}
	line := func(name, text string) { l.Rows = append(l.Rows, []any{name, text}) }
	for _, y := range a.Layers {
		status := ""
		if y.Status == "draft" {
			status = "（征求意见稿）"
		}
		line("政策包 "+y.ID, fmt.Sprintf("%s%s，%s（校验 %s）", y.Title, status, y.Number, y.Digest[:16]))
	}
	line("政策校验", fmt.Sprintf("现行 %s，测算 %s", a.Before.Digest[:16], a.After.Digest[:16]))
	line("全年", fmt.Sprintf("%d 人 %d 笔结算，其中 %d 人 %d 笔有变动", a.People, year.Claims, a.Changed, year.Changed))
	line("个人负担", sidesText(a.Sides))
	line("医疗救助基金", fmt.Sprintf("应付由 %s 变为 %s，相差 %s", yuan(year.Before.Assistance()), yuan(year.After.Assistance()), signed(diff.Assistance())))
	line("守恒", fmt.Sprintf("各项差额合计 %s（应为 0）", yuan(diff.Sum())))
	blocks = append(blocks, l, workbook.Heading("参数对比"))
	blocks = append(blocks, s.parameters(a)...)
	if len(a.Idle) > 0 {
		idle := workbook.Lines{Widths: []int{3, 9}}
		for _, k := range a.Idle {
			idle.Rows = append(idle.Rows, []any{keyName(k.Path), fmt.Sprintf("%s（%s，测算文件第 %d 行）", s.why(k), k.Path, k.Line)})
		}
		blocks = append(blocks, workbook.Heading(fmt.Sprintf("对 %d 年不起作用的参数", s.Year)))
		blocks = append(blocks, inParts(idle)...)
	}
	if len(a.Monitors) > 0 {
		m := workbook.Lines{Header: []string{"监测线", "现行：触发", "其中清零", "测算：触发", "其中清零"}, Widths: []int{4, 2, 2, 2, 2}}
		for i := range a.Monitors {
			x := &a.Monitors[i]
			m.Rows = append(m.Rows, []any{monitorName(x), x.Before.Opened, x.Before.Cleared, x.After.Opened, x.After.Cleared})
		}
		blocks = append(blocks, workbook.Heading("监测与清零（个）"), m)
	}
	return blocks
}

// parameters are the values before and after.
func (s *Simulation) parameters(a *simulate.AreaOutcome) (blocks []workbook.Block) {
	if len(a.Params) == 0 {
		return []workbook.Block{workbook.Paragraph{Text: "没有与现行不同的参数"}}
	}
	header, widths := []string{"参数", "对象", "现行", "测算", "时间", "依据", "本地可否自定"}, []int{2, 2, 2, 2, 1, 2, 1}
	var rows [][]any
	put := func() {
		if len(rows) > 0 {
			blocks = append(blocks, inParts(workbook.Lines{Header: header, Widths: widths, Rows: rows})...)
			header, rows = nil, nil
		}
	}
	for i := range a.Params {
		p := &a.Params[i]
		before, after := paramTexts(p)
		rows = append(rows, []any{p.Name, itemName(p), beside(before), beside(after), s.when(p), s.clauseText(a, p), mayText(p)})
		below := workbook.Lines{Widths: []int{2, 10}}
		for _, x := range [][2]string{{"现行：", before}, {"测算：", after}} {
			if beside(x[1]) != x[1] {
				below.Rows = append(below.Rows, []any{nil, x[0] + x[1]})
			}
		}
		if len(below.Rows) > 0 {
			put()
			blocks = append(blocks, below)
		}
	}
	put()
	return blocks
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
