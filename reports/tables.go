package reports

import (
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// sight is what a department may see of people: its duty decides.
type sight struct {
	dept string                     // "" on the command line
	full bool                       // IDs and names whole; else masked
	of   func(ledger.PersonNo) bool // whose are whole; nil: everyone's
	keep func(ledger.PersonNo) bool // whose rows are shown; nil: everyone's
	cats rules.CategorySet          // the categories that it recognises; 0: all
}

func (s sight) whole(p ledger.PersonNo) bool { return s.full && (s.of == nil || s.of(p)) }
func (s sight) shows(p ledger.PersonNo) bool { return s.keep == nil || s.keep(p) }

// own are those of a set that the department recognises.
func (s sight) own(set rules.CategorySet) rules.CategorySet {
	if s.cats == 0 {
		return set
	}
	return set & s.cats
}

func (f *facts) id(s sight, p ledger.PersonNo) string {
	if s.whole(p) {
		return f.people[p].Certno
	}
	return Mask(f.people[p].Certno)
}

func (f *facts) name(s sight, p ledger.PersonNo) string {
	if s.whole(p) {
		return f.people[p].Name
	}
	return maskName(f.people[p].Name)
}

func (f *facts) home(p ledger.PersonNo) string { h := f.homes[p]; return h[0] + h[1] }

func rowsOf(rows [][]any) func(func([]any) bool) { return slices.Values(rows) }

// adjustments lists the proposals.
func (f *facts) adjustments(s sight) workbook.Table {
	t := workbook.Table{Sheet: "补发追回", Title: fmt.Sprintf("%s %s 补发追回方案", f.area.Name, f.run.Month),
		Notes: []string{"金额为应付减去平台已付和已过账的差额，单位元；正数补发，负数追回。须经复核过账后支付。"},
		Columns: []workbook.Column{{Title: "类型"}, {Title: "资金"}, {Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "乡镇村"}, {Title: "结算ID"}, {Title: "结算时间", Kind: workbook.Moment},
			{Title: "费用类别"}, {Title: "救助身份"}, {Title: "应付", Kind: workbook.Money, Total: true}, {Title: "平台已付", Kind: workbook.Money, Total: true},
			{Title: "已过账", Kind: workbook.Money, Total: true}, {Title: "本次金额", Kind: workbook.Money, Total: true}, {Title: "年度", Width: 10}, {Title: "原因", Width: 34}}}
	var rows [][]any
	for i := range f.props {
		p := &f.props[i]
		rows = append(rows, []any{p.Kind(), p.Fund.Chinese(), f.id(s, p.Person), f.name(s, p.Person), f.home(p.Person), p.SetlID, p.Row.At, p.Row.Kind.Chinese(),
			p.Row.Category.Chinese(), p.Due, p.Recorded, p.Posted, p.Amount, fmt.Sprint(p.Year), p.Cause()})
	}
	t.Rows = rowsOf(rows)
	return t
}

// adjustmentSums sums the proposals by fund and category.
func (f *facts) adjustmentSums() workbook.Table {
	type key struct {
		fund rules.Fund
		cat  rules.Category
	}
	type sum struct {
		up, down money.Fen
		n        int
	}
	sums := map[key]sum{}
	for _, p := range f.props {
		k := key{p.Fund, p.Row.Category}
		x := sums[k]
		x.n++
		if p.Amount > 0 {
			x.up += p.Amount
		} else {
			x.down -= p.Amount
		}
		sums[k] = x
	}
	t := workbook.Table{Sheet: "资金汇总", Title: fmt.Sprintf("%s %s 补发追回汇总", f.area.Name, f.run.Month),
		Columns: []workbook.Column{{Title: "资金", Width: 18}, {Title: "救助身份", Width: 22}, {Title: "笔数", Kind: workbook.Count, Total: true},
			{Title: "补发", Kind: workbook.Money, Total: true}, {Title: "追回", Kind: workbook.Money, Total: true}, {Title: "净额", Kind: workbook.Money, Total: true}}}
	var rows [][]any
	for fund := range rules.NumFunds {
		for _, c := range append([]rules.Category{rules.NoCategory}, rules.Categories()...) {
			if x, ok := sums[key{fund, c}]; ok {
				who := c.Chinese()
				if c == rules.NoCategory {
					who = "无救助身份"
				}
				rows = append(rows, []any{fund.Chinese(), who, x.n, x.up, x.down, x.up - x.down})
			}
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

// flagged lists results that carry a flag.
func (f *facts) flagged(s sight, name, title, note string, pick func(*ledger.ResultRow) bool) workbook.Table {
	t := workbook.Table{Sheet: name, Title: fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, title), Notes: []string{note},
		Columns: []workbook.Column{{Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "乡镇村"}, {Title: "结算ID"}, {Title: "结算时间", Kind: workbook.Moment}, {Title: "费用类别"},
			{Title: "救助身份"}, {Title: "总费用", Kind: workbook.Money, Total: true}, {Title: "政策范围内", Kind: workbook.Money, Total: true},
			{Title: "基本医保", Kind: workbook.Money, Total: true}, {Title: "大病保险", Kind: workbook.Money, Total: true}, {Title: "应付救助", Kind: workbook.Money, Total: true},
			{Title: "平台已付救助", Kind: workbook.Money, Total: true}, {Title: "医院承担", Kind: workbook.Money, Total: true}, {Title: "个人负担", Kind: workbook.Money, Total: true}}}
	var rows [][]any
	for i := range f.rows {
		r := &f.rows[i]
		if r.Flags&ledger.FlagGone != 0 || !pick(r) {
			continue
		}
		rows = append(rows, []any{f.id(s, r.Person), f.name(s, r.Person), f.home(r.Person), r.SetlID, r.At, r.Kind.Chinese(), r.Category.Chinese(), r.Total, r.InScope,
			r.Due.Basic, r.Due.Major, r.Due.Assistance(), r.Recorded[rules.FundAssistance], r.Due.Hospital, r.Due.Person})
	}
	t.Rows = rowsOf(rows)
	return t
}

// caseTable lists clearance cases; keep chooses whose.
func (f *facts) caseTable(s sight, name string, keep func(ledger.PersonNo) bool) workbook.Table {
	t := workbook.Table{Sheet: name, Title: fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, name),
		Notes: []string{"监测按该监测线规定的负担（如基本医保、大病保险之后）触发，清零按全部保障和帮扶之后的负担判断，故可能监测当日即清零。对象为家庭的，按全户负担合计，身份证号为户主。金额为全年累计，单位元。"},
		Columns: []workbook.Column{{Title: "年度", Width: 8}, {Title: "监测线"}, {Title: "对象", Width: 8}, {Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "乡镇村"}, {Title: "现有身份"}, {Title: "状态"},
			{Title: "监测日期", Kind: workbook.Date}, {Title: "由哪笔结算", Width: 20}, {Title: "清零日期", Kind: workbook.Date},
			{Title: "标准", Kind: workbook.Money}, {Title: "帮扶前负担", Kind: workbook.Money}, {Title: "帮扶", Kind: workbook.Money}, {Title: "现负担", Kind: workbook.Money}}}
	held := map[ledger.PersonNo]string{}
	for _, r := range f.register {
		held[r.Person] = r.Held.Chinese()
	}
	var rows [][]any
	for i := range f.cases {
		c := &f.cases[i]
		if keep != nil && !keep(c.Person) || !s.shows(c.Person) {
			continue
		}
		opened := c.Opened()
		var cleared any
		if m, ok := c.ClearedBy(); ok {
			cleared = m.Date
		}
		rows = append(rows, []any{fmt.Sprint(c.Year), c.Name, levelOf(c), f.id(s, c.Person), f.name(s, c.Person), f.home(c.Person), held[c.Person], f.state(c),
			opened.Date, f.movers.Code(opened), cleared, c.Line, c.Gross, c.Relief, c.Burden})
	}
	t.Rows = rowsOf(rows)
	return t
}

func (f *facts) state(c *ledger.Case) string { return CaseState(c, f.run.Month) }

// CaseState is a case's state as of a month: once the year is over, it is
// cleared or it is not (semantics §7).
func CaseState(c *ledger.Case, month civil.Month) string {
	if c.Year < month.Year() || c.Year == month.Year() && month%100 == 12 {
		return c.State.AtYearEnd()
	}
	return c.State.Chinese()
}

// rosterTable lists the month's roster rows with what they did.
func (f *facts) rosterTable(s sight, name string, keep func(*rosterMove) bool) workbook.Table {
	t := workbook.Table{Sheet: name, Title: fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, name),
		Notes: []string{"本月读入的名单，每行写明处理结果。"},
		Columns: []workbook.Column{{Title: "来源部门"}, {Title: "变动"}, {Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "困难类别", Width: 22}, {Title: "致困原因"},
			{Title: "日期", Kind: workbook.Date}, {Title: "残疾等级"}, {Title: "证件有效期", Kind: workbook.Date}, {Title: "乡镇村"}, {Title: "处理结果", Width: 22}}}
	var rows [][]any
	for i := range f.moves {
		m := &f.moves[i]
		if keep != nil && !keep(m) {
			continue
		}
		why, level := "", ""
		if m.Cause == rules.Illness {
			why = "因病"
		}
		if m.Level > 0 {
			level = []string{"", "一级", "二级", "三级", "四级"}[m.Level]
		}
		var expiry any
		if m.Expiry != 0 {
			expiry = m.Expiry
		}
		cat := m.Category.Chinese()
		if m.Category == rules.NoCategory {
			cat = "（全部类别）"
		}
		rows = append(rows, []any{m.Dept, m.Op.Chinese(), f.id(s, m.Person), f.name(s, m.Person), cat, why, m.Date, level, expiry, m.Township + m.Village, m.Effect})
	}
	t.Rows = rowsOf(rows)
	return t
}

// headcount counts who holds what, by township.
func (f *facts) headcount(cats rules.CategorySet) workbook.Table {
	t := workbook.Table{Sheet: "在册人数", Title: fmt.Sprintf("%s %s 在册人数", f.area.Name, f.asOf),
		Notes:   []string{"有几种身份的人在每一种里各计一次，合计人数只计一次。"},
		Columns: []workbook.Column{{Title: "乡镇", Width: 18}}}
	list := (cats).List()
	for _, c := range list {
		t.Columns = append(t.Columns, workbook.Column{Title: c.Chinese(), Kind: workbook.Count, Total: true})
	}
	t.Columns = append(t.Columns, workbook.Column{Title: "合计人数", Kind: workbook.Count, Total: true})
	counts := map[string][]int{}
	for _, r := range f.register {
		if r.Held&cats == 0 {
			continue
		}
		town := f.homes[r.Person][0]
		if town == "" {
			town = "（未填）"
		}
		if counts[town] == nil {
			counts[town] = make([]int, len(list)+1)
		}
		for i, c := range list {
			if r.Held.Has(c) {
				counts[town][i]++
			}
		}
		counts[town][len(list)]++
	}
	var towns []string
	for town := range counts {
		towns = append(towns, town)
	}
	slices.Sort(towns)
	var rows [][]any
	for _, town := range towns {
		row := []any{town}
		for _, n := range counts[town] {
			row = append(row, n)
		}
		rows = append(rows, row)
	}
	t.Rows = rowsOf(rows)
	return t
}

// hospitals: out-of-scope share per hospital (HZ-17, KF-12).
func (f *facts) hospitals() workbook.Table {
	t := workbook.Table{Sheet: "医院范围外费用", Title: fmt.Sprintf("%s %d年 救助对象住院的范围外费用", f.area.Name, f.run.Month.Year()),
		Columns: []workbook.Column{{Title: "机构编号"}, {Title: "机构名称", Width: 26}, {Title: "级别", Width: 8}, {Title: "住院次数", Kind: workbook.Count, Total: true}, {Title: "总费用", Kind: workbook.Money, Total: true},
			{Title: "范围外费用", Kind: workbook.Money, Total: true}, {Title: "范围外占比", Kind: workbook.Ratio}, {Title: "政策上限", Kind: workbook.Ratio}, {Title: "由医院承担", Kind: workbook.Money, Total: true}}}
	var limits [4]money.Ratio
	if seg := f.area.Policy.At(f.asOf); seg != nil && seg.Params.HospitalOn {
		limits = seg.Params.HospitalLimit
	}
	var rows [][]any
	for _, h := range f.hospital {
		var share money.Ratio
		if h.Total > 0 {
			share = money.Ratio((int64(h.OutOfScope)*int64(money.One) + int64(h.Total)/2) / int64(h.Total))
		}
		var limit any
		if h.Level <= 3 && limits[h.Level] > 0 {
			limit = limits[h.Level]
		}
		rows = append(rows, []any{h.Code, h.Name, []string{"", "一级", "二级", "三级"}[min(h.Level, 3)], h.Stays, h.Total, h.OutOfScope, share, limit, h.Borne})
	}
	t.Rows = rowsOf(rows)
	return t
}

// diseases: what assisted people are treated for.
func (f *facts) diseases() workbook.Table {
	t := workbook.Table{Sheet: "病种", Title: fmt.Sprintf("%s %d年 救助对象就诊病种（费用最高的100种）", f.area.Name, f.run.Month.Year()),
		Columns: []workbook.Column{{Title: "病种", Width: 28}, {Title: "人数", Kind: workbook.Count}, {Title: "结算笔数", Kind: workbook.Count, Total: true},
			{Title: "总费用", Kind: workbook.Money, Total: true}, {Title: "个人负担", Kind: workbook.Money, Total: true}}}
	var rows [][]any
	for _, d := range f.disease {
		rows = append(rows, []any{d.Name, d.People, d.Claims, d.Total, d.Self})
	}
	t.Rows = rowsOf(rows)
	return t
}

// fundMonths: use of the funds by month of settlement.
func (f *facts) fundMonths() workbook.Table {
	t := workbook.Table{Sheet: "按月支出", Title: fmt.Sprintf("%s %d年 救助对象费用与各层应付（按结算月）", f.area.Name, f.run.Month.Year()),
		Columns: []workbook.Column{{Title: "月份", Width: 10}, {Title: "结算笔数", Kind: workbook.Count, Total: true}}}
	for _, c := range []string{"总费用", "基本医保", "其他补助", "大病保险", "医疗救助", "倾斜救助", "特殊救助", "补充保险", "医院承担", "个人负担", "平台已付救助"} {
		t.Columns = append(t.Columns, workbook.Column{Title: c, Kind: workbook.Money, Total: true})
	}
	var rows [][]any
	for _, m := range f.months {
		rows = append(rows, []any{m.Month.String(), m.Claims, m.Total, m.Basic, m.Other, m.Major, m.Assist, m.Tilt, m.Special, m.Supplement, m.Hospital, m.Self, m.RecordedAssist})
	}
	t.Rows = rowsOf(rows)
	return t
}

// waiting lists refunds that cancel nothing yet, not what they name, or what was
// cancelled before.
func (f *facts) waiting(s sight) workbook.Table {
	t := workbook.Table{Sheet: "待冲销退费", Title: fmt.Sprintf("%s %s 待冲销的退费", f.area.Name, f.run.Month),
		Notes: []string{"原结算尚未读入的退费暂不冲销。退费总是冲销整笔原结算：金额与原结算不同的，请核对是否另有重新结算。同一结算的第二笔退费不再冲销什么，列为重复退费。"},
		Columns: []workbook.Column{{Title: "退费结算ID", Width: 20}, {Title: "原结算ID", Width: 20}, {Title: "身份证号", Width: 21}, {Title: "退费时间", Kind: workbook.Moment},
			{Title: "退费金额", Kind: workbook.Money, Total: true}, {Title: "原结算金额", Kind: workbook.Money}, {Title: "情况", Width: 44}}}
	var rows [][]any
	for _, w := range f.refunds {
		var what []string
		orig := any(nil)
		if w.Before != "" {
			what = append(what, "重复退费：前有退费 "+w.Before)
		}
		if w.Found {
			orig = w.OriginalTotal
		} else {
			what = append(what, "待冲销：原结算未读入")
		}
		if w.Found && w.Total != w.OriginalTotal {
			what = append(what, "已冲销，但金额不符")
		}
		rows = append(rows, []any{w.SetlID, w.Original, f.id(s, w.Person), w.At, w.Total, orig, strings.Join(what, "；")})
	}
	t.Rows = rowsOf(rows)
	return t
}

// certificates lists disability certificates that run out.
func (f *facts) certificates(s sight) workbook.Table {
	until := f.asOf.AddMonths(3)
	t := workbook.Table{Sheet: "证件到期", Title: fmt.Sprintf("%s 三个月内到期的残疾人证（截至 %s）", f.area.Name, f.asOf),
		Notes:   []string{"证件到期的次日起不再按残疾人身份救助，请及时换证并报送。"},
		Columns: []workbook.Column{{Title: "身份证号", Width: 21}, {Title: "姓名"}, {Title: "乡镇村"}, {Title: "证件有效期", Kind: workbook.Date}}}
	var rows [][]any
	for _, r := range f.register {
		if r.Held.Has(rules.Canji) && r.Expiry != 0 && r.Expiry <= until {
			rows = append(rows, []any{f.id(s, r.Person), f.name(s, r.Person), f.home(r.Person), r.Expiry})
		}
	}
	t.Rows = rowsOf(rows)
	return t
}

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

// deptIs reports whether a roster row came from a department.
func deptIs(names ...string) func(*rosterMove) bool {
	return func(m *rosterMove) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(m.Dept, n) })
	}
}
