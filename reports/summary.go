package reports

import (
	"fmt"
	"strings"

	"doudi/reports/workbook"
	"doudi/rules"
)

// summarySheet is the leaders' page.
const summarySheet = "领导一页纸"

// summary is the leaders' page: one sheet of A4 with the month's figures, charts
// and what to look at. Nobody stands on it, nor in the tables behind it.
func (x *folder) summary() workbook.Page {
	p := workbook.Page{Sheet: summarySheet, Title: fmt.Sprintf("%s %s 困难群众医疗救助 领导一页纸", x.area.Name, x.run.Month), Subtitle: x.facts.made(), OnePage: true, Portrait: true}
	p = withBlocks(p, x.figures())
	p = withBlocks(p, pairs(x.charts())...)
	p = withBlocks(p, workbook.Heading("要关注的"))
	if next := x.next(); len(next) > 0 {
		p = withBlocks(p, workbook.Lines{Widths: []int{1, 8, 3}, Rows: next})
	} else {
		p = withBlocks(p, workbook.Paragraph{Text: "指标没有未达标的，监测对象都已清零。", Tone: workbook.Good})
	}
	return withBlocks(p, workbook.Paragraph{Text: x.small(), Tone: workbook.Quiet})
}

// small is what stands at the foot of the leaders' page.
func (x *folder) small() string {
	var out []string
	if seg := x.area.Policy.At(x.asOf); seg == nil || seg.Params.Duties.Budget == rules.Unset {
		out = append(out, "全年预算未配置，故没有预算使用率和预算进度。")
	}
	if n := len(x.sum.Unset); n > 0 {
		out = append(out, fmt.Sprintf("另有政策参数未配置，共 %d 项，有关费用按平台记录。", n))
	}
	var packs []string
	for _, p := range x.sum.Packs {
		packs = append(packs, p.Number)
	}
	if len(packs) > 0 {
		out = append(out, "依据 "+strings.Join(packs, "、")+"。")
	}
	out = append(out, "数据在后面各表；各月按当月运行当时所知，年初至今累计。",
		fmt.Sprintf("统筹区 %s，月份 %s，入账序号 %d，链头 %.16s，方案校验码 %s。", x.area.Code, x.run.Month, x.head.Seq, x.head.Hash.String(), x.run.Proposal))
	return strings.Join(out, "")
}
