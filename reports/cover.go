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
	for _, when := range []string{f.asOf.String(), f.run.Month.String()} {
		if short, ok := strings.CutPrefix(title, when+" "); ok {
			return short
		}
	}
	return title
}

// cover is the first sheet of every workbook; tables are the others.
func (f *facts) cover(dept string, tables []workbook.Table) workbook.Table {
	var rows [][]any
	line := func(cells ...any) { rows = append(rows, cells) }
	section := func(s string) { line(); line(workbook.Cell{Value: s, Bold: true}) }
	line(workbook.Cell{Value: fmt.Sprintf("%s %s 困难群众医疗救助月报（%s）", f.area.Name, f.run.Month, dept), Bold: true})
	line("统筹区", f.area.Code+" "+f.area.Name)
	line("月份", f.run.Month.String())
	line("运行", fmt.Sprintf("第 %d 次，经办 %s，完成于 %s", f.run.No, f.run.By, f.run.Finished.In(shanghai).Format("2006-01-02 15:04:05")))
	line("程序版本", f.run.Version)
	section("本月数字")
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
	section("本册各表（点表名前往）")
	for _, t := range tables {
		// The title without the area and the month, which stand above.
		line(workbook.Cell{Value: t.Sheet, Link: t.Sheet + "!A1"}, f.subject(t.Title))
	}
	section("政策包")
	for _, p := range f.sum.Packs {
		status := ""
		if p.Status == "draft" {
			status = "（征求意见稿）"
		}
		line(p.ID, p.Title+status, p.Number, "校验 "+p.Digest[:16])
		if p.Overlay != "" {
			line("", "本地叠加参数", "", "校验 "+p.Overlay[:16])
		}
	}
	if f.sum.PolicyDigest != f.area.Policy.Digest {
		line("注意", "那次运行之后政策包或本地参数已改动；名单处理结果和在册人数按现在的政策，金额仍是那次运行的")
	}
	section("未配置参数（有关费用按平台记录，不作推算）")
	if len(f.sum.Unset) == 0 {
		line("无")
	}
	for _, u := range f.sum.Unset {
		line(u.Name, u.Reason, u.Path, u.Clause)
	}
	section("读入核对（行数和金额都是：读入 = 采纳 + 重复 + 退回）")
	for _, row := range f.readings() {
		line(row...)
	}
	section("账本")
	line("入账序号", fmt.Sprint(f.head.Seq))
	line("链头", f.head.Hash.String())
	line("方案校验码", f.run.Proposal)
	return workbook.Table{Sheet: "封面", Raw: true, Rows: rowsOf(rows), Columns: []workbook.Column{{Width: 36}, {Width: 68}, {Width: 34}, {Width: 26}, {Width: 16}, {Width: 16}, {Width: 10}, {Width: 26}}}
}

var tableKinds = map[string]string{"roster": "名单", "claims": "结算", "relief": "帮扶", "enrolment": "参保", "contributions": "缴费", "births": "生育", "items": "收费项目", "transfers": "拨付"}

// readings are the control totals of the month's files, sheet by sheet: a line
// for the rows, and one for the amounts where there are any. They are text, so
// that they stand under their left-aligned headings.
func (f *facts) readings() [][]any {
	if len(f.files) == 0 {
		return [][]any{{"本月没有新文件"}}
	}
	rows := [][]any{{"文件", "内容", "读入", "采纳", "重复", "退回", "合计行等", "另请注意"}}
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
	return rows
}
