package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"doudi/jobs/reconcile"
	"doudi/jobs/yearend"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/money"
)

// cover says what the year comes to, who signed it and what was accepted open; then
// where each figure stands, and by what the statement is bound.
func (y *yearBook) cover(tables []workbook.Table) workbook.Page {
	p := workbook.Page{Sheet: coverSheet, Title: y.heading(),
		Subtitle: fmt.Sprintf("数字来自第 %d 次运行（%s），经办 %s　程序版本 %s", y.From.Run, y.From.Month, y.From.By, y.From.Version)}
	p = withBlocks(p, y.figures(), workbook.Heading("签署"))
	p = withBlocks(p, y.signatures()...)
	p = withBlocks(p, workbook.Heading("未办结而接受的事项"))
	p = withBlocks(p, y.accepted()...)
	p = withBlocks(p, workbook.Heading("本年数字"))
	p = withBlocks(p, inParts(y.sums())...)
	p = withBlocks(p, workbook.Heading("监测与指标"), y.indicators(), workbook.Heading("本册各表（点表名前往）"))
	p = withBlocks(p, inParts(y.contents(tables))...)
	return withBlocks(p, workbook.Heading("账本"), y.bound())
}

// heading is the statement's name.
func (y *yearBook) heading() string {
	title := fmt.Sprintf("%s %d 年度清算", y.Name, y.Year)
	if y.draft() {
		title += "（草稿）"
	}
	return title
}

// carriedOver is what is carried to the next year: due of the funds, and of
// hospitals.
func (y *yearBook) carriedOver() (funds, hospitals money.Fen) {
	for _, r := range y.Carry {
		funds += carriedOf(r, false)
		hospitals += carriedOf(r, true)
	}
	return funds, hospitals
}

// figures are the five figures of the year.
func (y *yearBook) figures() workbook.Figures {
	n := &y.Counts
	funds, hospitals := y.carriedOver()
	owing := ""
	if hospitals != 0 {
		owing = "另有医院应缴 " + yuan(hospitals)
	}
	accepted, tone := 0, workbook.Good
	for _, g := range y.Open {
		accepted += g.Count
	}
	if accepted > 0 {
		tone = workbook.Watch
	}
	return workbook.Figures{
		{Label: "应付", Value: y.Total.Due, Unit: "元", Note: fmt.Sprintf("%d 人 %d 笔结算", n.People, n.Claims), Link: sheetByFund},
		{Label: "已过账的补发追回", Value: y.Total.Posted, Unit: "元", Note: "补发减追回", Link: sheetByFund},
		{Label: "财政已拨付", Value: y.PaidSum, Unit: "元", Note: fmt.Sprintf("%d 笔拨付", n.Transfers), Link: sheetByItem},
		{Label: "结转下年应拨", Value: funds, Unit: "元", Note: owing, Link: sheetCarried},
		{Label: "未办结而接受", Value: accepted, Unit: "项", Note: fmt.Sprintf("监测未清零 %d 个", n.Cases-n.Cleared), Link: sheetUnsettled, Tone: tone},
	}
}

// signatures are who signed, when, and what this means.
func (y *yearBook) signatures() []workbook.Block {
	when := func(t time.Time) string { return t.In(shanghai).Format("2006-01-02 15:04:05") }
	l := workbook.Lines{Header: []string{"", "姓名", "时间"}, Widths: []int{3, 5, 4}, Rows: [][]any{{"第一签署人", y.state.First.By, when(y.state.First.At)}}}
	if y.draft() {
		l.Rows = append(l.Rows, []any{"第二签署人", "（尚未签署）", ""})
		return []workbook.Block{l, workbook.Paragraph{Text: "草稿：只有一人签署，年度尚未结账。第二人核对本册和清算表校验码后签署。", Tone: workbook.Watch}}
	}
	l.Rows = append(l.Rows, []any{"第二签署人", y.state.Second.By, when(y.state.Second.At)})
	return []workbook.Block{l, workbook.Paragraph{Text: "已结账：此后任何导入和运行都不改动本年度的数字，迟到的作为以前年度调整。", Tone: workbook.Good}}
}

// accepted are what was not settled and may stay so, with the reason.
func (y *yearBook) accepted() []workbook.Block {
	if len(y.Open) == 0 {
		return []workbook.Block{workbook.Paragraph{Text: "没有：本年度的事项都已办结。", Tone: workbook.Good}}
	}
	l := workbook.Lines{Header: []string{"事项（点击前往）", "项数", "金额（元）", "接受的理由"}, Widths: []int{6, 1, 2, 3}}
	at := 1
	for _, g := range y.Open {
		var what any = g.What
		if n := len(g.Details); n > 0 {
			what = workbook.Cell{Value: g.What, Link: fmt.Sprintf("%s!%d", sheetUnsettled, at)}
			at += n
		}
		l.Rows = append(l.Rows, []any{what, g.Count, g.Amount, g.Reason})
	}
	return inParts(l)
}

// sums are the year's figures, two beside each other, each with its sheet.
func (y *yearBook) sums() workbook.Lines {
	funds, hospitals := y.carriedOver()
	all := []struct {
		name  string
		v     money.Fen
		sheet string
	}{
		{"应付", y.Total.Due, sheetByFund}, {"平台已付", y.Total.Recorded, sheetByFund}, {"已过账", y.Total.Posted, sheetByFund}, {"以后年度已调整", y.Total.Later, sheetByFund},
		{"未过账", y.Total.Open, sheetByFund}, {"名单外不追回", y.Total.Waived, sheetByFund}, {"财政已拨付", y.PaidSum, sheetByItem},
		{"以前年度调整", addUp(y.Prior, func(p yearend.PriorRow) money.Fen { return p.Amount }), sheetPriors},
		{"资助参保应拨", addUp(y.Premiums, func(p yearend.PremiumRow) money.Fen { return p.Due }), sheetPremiums},
		{"结转下年应拨", funds, sheetCarried}, {"结转下年医院应缴", hospitals, sheetCarried},
	}
	l := workbook.Lines{Header: []string{"项目", "金额（元）", "工作表", "项目", "金额（元）", "工作表"}, Widths: []int{2, 2, 2, 2, 2, 2}}
	half := (len(all) + 1) / 2
	for i := range half {
		row := []any{all[i].name, all[i].v, toSheet(all[i].sheet)}
		if k := i + half; k < len(all) {
			row = append(row, all[k].name, all[k].v, toSheet(all[k].sheet))
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

func toSheet(name string) workbook.Cell { return workbook.Cell{Value: name, Link: name} }

// indicators are the year's, against their targets.
func (y *yearBook) indicators() workbook.Lines {
	n := &y.Counts
	l := workbook.Lines{Header: []string{"指标", "数值", "目标", "结果"}, Widths: []int{4, 4, 2, 2}}
	l.Rows = append(l.Rows, []any{"结算", fmt.Sprintf("%d 人 %d 笔（另有 %d 笔已退费）", n.People, n.Claims, n.Cancelled)},
		[]any{"监测", fmt.Sprintf("%d 个，已清零 %d 个，未清零 %d 个", n.Cases, n.Cleared, n.Cases-n.Cleared)})
	for _, j := range y.Judged {
		target, value := "未定目标", "无从计算"
		if j.Target != rules.Unset {
			target = j.Target.String()
		}
		if j.Value != rules.Unset {
			value = j.Value.String()
		}
		l.Rows = append(l.Rows, []any{j.Indicator.Chinese(), value, target, j.Verdict.Chinese()})
	}
	return l
}

// contents are the sheets, with what they are.
func (y *yearBook) contents(tables []workbook.Table) workbook.Lines {
	l := workbook.Lines{Header: []string{"工作表", "内容", "工作表", "内容"}, Widths: []int{2, 4, 2, 4}}
	var list [][]any
	for _, t := range tables {
		_, what, _ := strings.Cut(t.Title, "：")
		list = append(list, []any{toSheet(t.Sheet), what})
	}
	list = append(list, []any{toSheet(legendSheet), "各列的含义"})
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

// bound is what the statement rests on: it cannot change without one of these.
func (y *yearBook) bound() workbook.Lines {
	l := workbook.Lines{Widths: []int{3, 9}, Rows: [][]any{
		{"统筹区", y.Area + " " + y.Name}, {"清算表校验码", y.state.First.Digest}, {"政策校验", y.Policy[:min(16, len(y.Policy))]},
	}}
	if !y.draft() {
		l.Rows = append(l.Rows, []any{"入账序号", fmt.Sprint(y.entry.Seq)}, []any{"链头", y.entry.Hash.String()})
	}
	for _, item := range []string{reconcile.ItemMajor, reconcile.ItemSupplement} {
		l.Rows = append(l.Rows, []any{item + "承办机构", or(y.Insurers[item], yearend.NoInsurer)})
	}
	return l
}
