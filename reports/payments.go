package reports

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"doudi/jobs/finance"
	"doudi/jobs/reconcile"
	"doudi/reports/workbook"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// readPayments holds what is due against what the finance bureau paid, as known to
// the run.
func (f *facts) readPayments(ctx context.Context, s Source) error {
	b, err := finance.Gather(ctx, s, f.area.Finance(), f.run.Seen)
	if err != nil {
		return err
	}
	f.payments = b.View(f.run.Month)
	return nil
}

// paymentTables are the sheets of the reconciliation; none where nothing is due and
// nothing was paid.
func (f *facts) paymentTables(s sight) []workbook.Table {
	v := f.payments
	if v == nil || v.Empty() && len(v.Stale) == 0 {
		return nil
	}
	tables := []workbook.Table{f.paymentSums(), f.unmatched(s)}
	if v.Paid() { // else all of it is unmatched
		tables = append(tables, f.paymentEntries(s))
	}
	if len(v.Manual) > 0 {
		tables = append(tables, f.byHand())
	}
	return tables
}

func periodOf(from, to civil.Month) string {
	switch {
	case from == 0:
		return "未写"
	case from == to:
		return from.String()
	}
	return from.String() + "至" + to.String()
}

// paymentSums: by county, item and period, and of which classes the difference is.
func (f *facts) paymentSums() workbook.Table {
	v := f.payments
	t := workbook.Table{Sheet: "对账汇总", Title: f.title("财政拨付对账汇总"),
		Notes: []string{"应拨：已过账的补发追回，一站式结算由医疗机构垫付的，资助参保的。差额＝拨付－应拨；“其中”各列为该类别的拨付减应拨，合计即差额。"},
		Columns: []workbook.Column{{Title: "县区"}, {Title: "资金项目", Width: 16}, {Title: "所属期", Width: 18}, {Title: "应拨笔数", Kind: workbook.Count, Total: true}, {Title: "应拨金额", Kind: workbook.Money, Total: true},
			{Title: "拨付笔数", Kind: workbook.Count, Total: true}, {Title: "拨付金额", Kind: workbook.Money, Total: true}, {Title: "差额", Kind: workbook.Money, Total: true},
			{Title: "相符笔数", Kind: workbook.Count, Total: true}, {Title: "相符金额", Kind: workbook.Money, Total: true}}}
	var differ []reconcile.Class // those of which there is any
	for c, s := range v.Classes() {
		if class := reconcile.Class(c); class != reconcile.Nothing && s.Dues+s.Lines > 0 && (class != reconcile.Matched && class != reconcile.Returned || s.Diff() != 0) {
			differ = append(differ, class)
			title := "其中：" + class.Chinese()
			if class == reconcile.Matched {
				title += "（容差内）"
			}
			t.Columns = append(t.Columns, workbook.Column{Title: title, Kind: workbook.Money, Total: true})
		}
	}
	var rows [][]any
	for i := range v.Rows {
		x := &v.Rows[i]
		ok := &x.By[reconcile.Matched]
		row := []any{f.countyOr(x.County), x.Item, periodOf(x.From, x.To), x.Dues, x.Due, x.Lines, x.Paid, x.Diff(), ok.Dues, ok.Due}
		for _, c := range differ {
			row = append(row, x.By[c].Paid-x.By[c].Due)
		}
		rows = append(rows, row)
	}
	t.Rows = rowsOf(rows)
	say := func(name string, s finance.Sums) string {
		return fmt.Sprintf("%s应拨 %d 笔 %s、拨付 %d 笔 %s", name, s.Dues, yuan(s.Due), s.Lines, yuan(s.Paid))
	}
	parts := []string{say("列出的：本月", v.Sums[finance.ThisMonth]), say("以前未了结转", v.Sums[finance.Carried])}
	parts = append(parts, say("未列出的：以前已结", v.Sums[finance.Earlier]), say("以后", v.Sums[finance.Later]))
	total := &v.Result.Total
	t.Notes = append(t.Notes, strings.Join(parts, "；")+"；"+say("四项合计即账上全部", finance.Sums{Dues: total.Dues, Lines: total.Lines, Due: total.Due, Paid: total.Paid})+"。")
	if !v.Paid() {
		t.Notes = append(t.Notes, "还没有读入财政拨付表，应拨的全部列为应拨未拨。")
	}
	if v.Result.Tolerance > 0 {
		t.Notes = append(t.Notes, "容差 "+yuan(v.Result.Tolerance)+"，差额在此以内的算相符。")
	}
	if v.Out.Lines > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("另有拨付 %d 笔 %s 不在对账范围（本地设置的项目和起始月份）。", v.Out.Lines, yuan(v.Out.Paid)))
	}
	var unknown []string
	for _, u := range v.Result.Unknown {
		unknown = append(unknown, fmt.Sprintf("%s（%d 笔 %s）", u.Item, u.Lines, yuan(u.Paid)))
	}
	if len(unknown) > 0 {
		t.Notes = append(t.Notes, "名称表里没有的资金项目："+strings.Join(unknown, "、")+"。请核对写法，或登记为某项目的本地写法。")
	}
	return t
}

// entryCells are the cells that say what a due or a transfer is.
func (f *facts) entryCells(s sight, e *finance.Entry) []any {
	side, id := "拨付", ""
	if e.Due != nil {
		side = "应拨"
	}
	if e.Person != 0 {
		p := f.payments.People[e.Person]
		if id = Mask(p.Certno); s.whole(e.Person) {
			id = p.Certno
		}
	}
	payee := f.payments.Payee(e, func(name string) string {
		if s.full {
			return name
		}
		return maskName(name)
	})
	return []any{side, e.Key, e.Item, f.countyOr(e.County), periodOf(e.From, e.To), e.Date(), payee, id}
}

var entryColumns = []workbook.Column{{Title: "应拨或拨付", Width: 11}, {Title: "编号", Width: 34}, {Title: "资金项目"}, {Title: "县区"}, {Title: "所属期", Width: 18},
	{Title: "拨付日期", Kind: workbook.Date}, {Title: "收款方", Width: 26}, {Title: "身份证号", Width: 21}}

// paymentEntries lists every due and every transfer with its class, the rule and
// why; what belongs together has one number.
func (f *facts) paymentEntries(s sight) workbook.Table {
	t := workbook.Table{Sheet: "对账明细", Title: f.title("财政拨付对账明细"),
		Notes: []string{"每笔应拨、每笔拨付各列一行；组号相同的对在一起。退回、追回为负数。勾对用的编号见“编号”列。"},
		Columns: append(append([]workbook.Column{{Title: "类别"}, {Title: "规则", Width: 8}, {Title: "组号", Kind: workbook.Count}, {Title: "归属", Width: 10}}, entryColumns...),
			workbook.Column{Title: "结算ID"}, workbook.Column{Title: "批次"}, workbook.Column{Title: "应拨金额", Kind: workbook.Money, Total: true},
			workbook.Column{Title: "拨付金额", Kind: workbook.Money, Total: true}, workbook.Column{Title: "说明", Width: 90})}
	var rows [][]any
	group, was := 0, 0
	for _, e := range f.payments.Entries() {
		if e.Group != was {
			group, was = group+1, e.Group
		}
		var due, paid any
		if e.Due != nil {
			due = e.Amount
		} else {
			paid = e.Amount
		}
		row := append([]any{e.Match.Class.Chinese(), e.Rule(), group, e.Span.Chinese()}, f.entryCells(s, &e)...)
		rows = append(rows, append(row, e.Settlement, e.Batch(), due, paid, e.Why))
	}
	t.Rows = rowsOf(rows)
	return t
}

// unmatched lists what is not matched, with what came nearest and why it failed.
func (f *facts) unmatched(s sight) workbook.Table {
	t := workbook.Table{Sheet: "未达", Title: f.title("未对上的应拨和拨付"),
		Notes:   []string{"没有对上的逐笔列出，注明最接近的一笔和差在哪里。核实后可用 doudi reconcile match 人工勾对，注明理由。"},
		Columns: append(append([]workbook.Column{{Title: "类别"}, {Title: "归属", Width: 10}}, entryColumns...), workbook.Column{Title: "金额", Kind: workbook.Money}, workbook.Column{Title: "最接近的", Width: 34}, workbook.Column{Title: "相差", Kind: workbook.Money}, workbook.Column{Title: "差在哪里", Width: 90})}
	var rows [][]any
	for _, e := range f.payments.Entries() {
		switch e.Match.Class {
		case reconcile.Unpaid, reconcile.Undue, reconcile.NotBack, reconcile.UndueBack, reconcile.Double:
		default:
			continue
		}
		var near, diff any
		if n := e.Match.Near; n != nil && n.Key != "" {
			near, diff = n.Key, n.Diff
		}
		if e.Match.Class == reconcile.Double {
			near, diff = f.payments.Result.Lines[e.Match.Of].Key, money.Fen(0)
		}
		row := append([]any{e.Match.Class.Chinese(), e.Span.Chinese()}, f.entryCells(s, &e)...)
		rows = append(rows, append(row, e.Amount, near, diff, e.Why))
	}
	t.Rows = rowsOf(rows)
	return t
}

// byHand lists the matches by hand that are in force.
func (f *facts) byHand() workbook.Table {
	t := workbook.Table{Sheet: "人工勾对", Title: f.title("人工勾对"), Notes: []string{"现行有效的人工勾对；失效的是其中有编号已不在账上或不在对账范围的，不起作用。"},
		Columns: []workbook.Column{{Title: "编号", Width: 8}, {Title: "应拨", Width: 40}, {Title: "拨付", Width: 30}, {Title: "理由", Width: 40}, {Title: "经办人"}, {Title: "时间", Kind: workbook.Moment}, {Title: "状态"}}}
	stale := map[int64][]string{}
	for _, s := range f.payments.Stale {
		stale[s.ID] = s.Missing
	}
	var rows [][]any
	for _, m := range f.payments.Manual {
		state := "有效"
		if gone := stale[m.ID]; gone != nil {
			state = "失效：缺 " + strings.Join(gone, "、")
		}
		rows = append(rows, []any{strconv.FormatInt(m.ID, 10), strings.Join(m.Dues, "、"), strings.Join(m.Lines, "、"), m.Reason, m.By, m.At, state})
	}
	t.Rows = rowsOf(rows)
	return t
}
