package reports

import (
	"fmt"
	"slices"
	"strings"

	"doudi/reports/workbook"
	"doudi/rules"
)

// subject is a table's title without the area and the month or day, which the
// cover says once.
func (f *facts) subject(title string) string {
	title = strings.TrimPrefix(title, f.area.Name+" ")
	title = strings.TrimSuffix(title, fmt.Sprintf("（%d 年度）", f.run.Month.Year()))
	for _, when := range []string{f.asOf.String(), f.run.Month.String()} {
		if short, ok := strings.CutPrefix(title, when+" "); ok {
			return short
		}
	}
	return title
}

// coverSheet is the first sheet of every workbook but the leaders'.
const coverSheet = "封面"

// cover is the page that is read first: the month's figures, what to do next,
// where things stand; then, smaller, by what and from what they were made.
func (x *folder) cover() workbook.Page {
	p := workbook.Page{Sheet: coverSheet, Title: fmt.Sprintf("%s %s 困难群众医疗救助月报（%s）", x.area.Name, x.run.Month, x.Name), Subtitle: x.made()}
	p.Blocks = append(p.Blocks, x.figures(), workbook.Heading("下一步做什么"))
	if next := x.next(); len(next) > 0 {
		p = withBlocks(p, inParts(workbook.Lines{Header: []string{"", "事项（点击前往）", "工作表"}, Widths: []int{1, 8, 3}, Rows: next})...)
	} else {
		p.Blocks = append(p.Blocks, workbook.Paragraph{Text: "本月没有要办的事项。", Tone: workbook.Good})
	}
	p.Blocks = append(p.Blocks, workbook.Heading("本册各表（点表名前往）"))
	p = withBlocks(p, inParts(x.contents())...)
	p = withBlocks(p, workbook.Heading("本月数字（全统筹区）"), x.monthLines(),
		workbook.Heading("政策包"), x.packLines())
	if x.sum.PolicyDigest != x.area.Policy.Digest {
		p.Blocks = append(p.Blocks, workbook.Paragraph{Text: "注意：那次运行之后政策包或本地参数已改动；名单处理结果和在册人数按现在的政策，金额仍是那次运行的。", Tone: workbook.Watch})
	}
	p.Blocks = append(p.Blocks, workbook.Heading("未配置参数（有关费用按平台记录，不作推算）"))
	if len(x.sum.Unset) == 0 {
		p.Blocks = append(p.Blocks, workbook.Paragraph{Text: "无"})
	} else {
		p = withBlocks(p, inParts(x.unsetLines())...)
	}
	p = withBlocks(p, workbook.Heading("读入核对（行数和金额都是：读入 = 采纳 + 重复 + 退回）"))
	p = withBlocks(p, x.readings()...)
	return withBlocks(p, workbook.Heading("账本"), workbook.Lines{Widths: []int{3, 9}, Rows: [][]any{
		{"统筹区", x.area.Code + " " + x.area.Name}, {"月份", x.run.Month.String()}, {"入账序号", fmt.Sprint(x.head.Seq)}, {"链头", x.head.Hash.String()}, {"方案校验码", x.run.Proposal}}})
}

// partRows is how many lines stand together: a block is never cut by the end of a
// printed page, so that a long one would leave the page before it empty.
const partRows = 5

// inParts are lines as blocks that may each begin a printed page.
func inParts(l workbook.Lines) (out []workbook.Block) {
	header := l.Header
	for rows := range slices.Chunk(l.Rows, partRows) {
		out = append(out, workbook.Lines{Header: header, Widths: l.Widths, Rows: rows})
		header = nil
	}
	return out
}

func withBlocks(p workbook.Page, more ...workbook.Block) workbook.Page {
	p.Blocks = append(p.Blocks, more...)
	return p
}

// made says by which run the workbook was made.
func (f *facts) made() string {
	return fmt.Sprintf("第 %d 次运行，经办 %s，完成于 %s　程序版本 %s", f.run.No, f.run.By, f.run.Finished.In(shanghai).Format("2006-01-02 15:04:05"), f.run.Version)
}

// contents are the sheets with how many rows each has, in two columns of lines.
func (x *folder) contents() workbook.Lines {
	var list [][]any
	sheet := func(name, what string, rows any) {
		list = append(list, []any{workbook.Cell{Value: name, Link: name}, what, rows})
	}
	if len(x.charts()) > 0 {
		sheet(chartSheet, "本册数字的图", nil)
	}
	for _, s := range x.seen {
		// The title without the area and the month, which stand above.
		sheet(s.table.Sheet, x.subject(s.table.Title), x.sizes[s.view.Table])
	}
	sheet(legendSheet, "各列的含义和依据", nil)
	l := workbook.Lines{Header: []string{"工作表", "内容", "行数", "工作表", "内容", "行数"}, Widths: []int{2, 3, 1, 2, 3, 1}}
	half := (len(list) + 1) / 2
	for i := range half {
		row := list[i]
		if i+half < len(list) {
			row = slices.Concat(row, list[i+half])
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

// monthLines are the run's figures, of the whole area.
func (f *facts) monthLines() workbook.Lines {
	l := workbook.Lines{Widths: []int{3, 9}}
	line := func(name, text string) { l.Rows = append(l.Rows, []any{name, text}) }
	open := 0
	for i := range f.cases {
		if c := &f.cases[i]; c.State != rules.Cleared && c.Year == f.run.Month.Year() {
			open++
		}
	}
	line("本次重算", fmt.Sprintf("%d 人（全部 %d 人）", f.sum.Touched, f.sum.People))
	line("补发", yuan(f.sum.TopUp-f.sum.HospitalDue)+"（各项资金）")
	if f.sum.HospitalDue != 0 {
		line("应由医院承担", yuan(f.sum.HospitalDue))
	}
	line("追回", yuan(f.sum.Clawback))
	if f.sum.PriorTopUp != 0 || f.sum.PriorClawback != 0 {
		line("其中以前年度调整", fmt.Sprintf("补发 %s，追回 %s", yuan(f.sum.PriorTopUp), yuan(f.sum.PriorClawback)))
	}
	line("监测", fmt.Sprintf("本月新增 %d，本月清零 %d，未清零 %d", f.opened, f.cleared, open))
	returned := 0
	for _, x := range f.files {
		returned += x.Returned
	}
	line("退回行", fmt.Sprintf("%d 行", returned))
	return l
}

func (f *facts) packLines() workbook.Lines {
	l := workbook.Lines{Widths: []int{3, 4, 2, 3}}
	for _, p := range f.sum.Packs {
		status := ""
		if p.Status == "draft" {
			status = "（征求意见稿）"
		}
		l.Rows = append(l.Rows, []any{p.ID, p.Title + status, p.Number, "校验 " + p.Digest[:16]})
		if p.Overlay != "" {
			l.Rows = append(l.Rows, []any{"", "本地叠加参数", "", "校验 " + p.Overlay[:16]})
		}
	}
	return l
}

func (f *facts) unsetLines() workbook.Lines {
	l := workbook.Lines{Header: []string{"参数", "为什么没有", "名称", "条款"}, Widths: []int{3, 4, 3, 2}}
	for _, u := range f.sum.Unset {
		l.Rows = append(l.Rows, []any{u.Name, u.Reason, u.Path, u.Clause})
	}
	return l
}

var tableKinds = map[string]string{"roster": "名单", "claims": "结算", "relief": "帮扶", "enrolment": "参保", "contributions": "缴费", "births": "生育", "items": "收费项目", "transfers": "拨付"}

// readings are the control totals of the month's files, sheet by sheet: a line
// for the rows, and one for the amounts where there are any. They are text, so
// that they stand under their left-aligned headings.
func (f *facts) readings() []workbook.Block {
	if len(f.files) == 0 {
		return []workbook.Block{workbook.Paragraph{Text: "本月没有新文件"}}
	}
	var rows [][]any
	for _, x := range f.files {
		if x.Refused != "" {
			rows = append(rows, []any{x.Name, "拒收 " + x.Refused})
			continue
		}
		for i, t := range x.Totals {
			hints := ""
			if i == 0 && x.Warned > 0 {
				hints = fmt.Sprintf("本文件有 %d 处提示", x.Warned)
			}
			kind := tableKinds[t.Kind]
			rows = append(rows, []any{x.Name + " · " + t.Sheet, kind + "：行数", fmt.Sprint(t.Read), fmt.Sprint(t.Taken), fmt.Sprint(t.Repeated), fmt.Sprint(t.Returned), fmt.Sprint(t.Skipped), hints})
			if slices.Contains([]string{"roster", "contributions", "births"}, t.Kind) {
				continue
			}
			amounts := []any{"", kind + "：金额（元）", plainYuan(t.AmountRead), plainYuan(t.Amount), plainYuan(t.AmountRepeated), plainYuan(t.AmountReturned), ""}
			if !t.AmountsAgree() { // read before there were the others
				amounts = []any{"", kind + "：金额（元）", "", plainYuan(t.Amount), "", "", ""}
			}
			if t.Unreadable > 0 {
				amounts = append(amounts, fmt.Sprintf("%d 处金额读不出，按 0 计", t.Unreadable))
			}
			rows = append(rows, amounts)
		}
	}
	return inParts(workbook.Lines{Header: []string{"文件", "内容", "读入", "采纳", "重复", "退回", "合计行等", "另请注意"}, Widths: []int{2, 2, 2, 2, 1, 1, 1, 1}, Rows: rows})
}
