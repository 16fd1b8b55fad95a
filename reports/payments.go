package reports

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"doudi/jobs/finance"
	"doudi/jobs/reconcile"
	"doudi/reports/catalogue"
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

// noPayments reports whether nothing is due and nothing was paid, so that there is
// nothing to reconcile.
func (f *facts) noPayments() bool {
	v := f.payments
	return v == nil || v.Empty() && len(v.Stale) == 0
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
func (f *facts) paymentSums() *table {
	if f.noPayments() {
		return nil
	}
	v := f.payments
	t := newTable("payment_sums", f.title("财政拨付对账汇总"), "county item period due_count due paid_count paid diff ok_count ok",
		"应拨：已过账的补发追回，一站式结算由医疗机构垫付的，资助参保的。差额＝拨付－应拨；“其中”各列为该类别的拨付减应拨，合计即差额。")
	var differ []reconcile.Class // those of which there is any
	for c, s := range v.Classes() {
		if class := reconcile.Class(c); class != reconcile.Nothing && s.Dues+s.Lines > 0 && (class != reconcile.Matched && class != reconcile.Returned || s.Diff() != 0) {
			differ = append(differ, class)
			title := "其中：" + class.Chinese()
			if class == reconcile.Matched {
				title += "（容差内）"
			}
			t.column("of."+class.String(), title)
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
	t.rows = rows
	say := func(name string, s finance.Sums) string {
		return fmt.Sprintf("%s应拨 %d 笔 %s、拨付 %d 笔 %s", name, s.Dues, yuan(s.Due), s.Lines, yuan(s.Paid))
	}
	parts := []string{say("列出的：本月", v.Sums[finance.ThisMonth]), say("以前未了结转", v.Sums[finance.Carried])}
	parts = append(parts, say("未列出的：以前已结", v.Sums[finance.Earlier]), say("以后", v.Sums[finance.Later]))
	total := &v.Result.Total
	t.notes = append(t.notes, strings.Join(parts, "；")+"；"+say("四项合计即账上全部", finance.Sums{Dues: total.Dues, Lines: total.Lines, Due: total.Due, Paid: total.Paid})+"。")
	if !v.Paid() {
		t.notes = append(t.notes, "还没有读入财政拨付表，应拨的全部列为应拨未拨。")
	}
	if v.Result.Tolerance > 0 {
		t.notes = append(t.notes, "容差 "+yuan(v.Result.Tolerance)+"，差额在此以内的算相符。")
	}
	if v.Out.Lines > 0 {
		t.notes = append(t.notes, fmt.Sprintf("另有拨付 %d 笔 %s 不在对账范围（本地设置的项目和起始月份）。", v.Out.Lines, yuan(v.Out.Paid)))
	}
	var unknown []string
	for _, u := range v.Result.Unknown {
		unknown = append(unknown, fmt.Sprintf("%s（%d 笔 %s）", u.Item, u.Lines, yuan(u.Paid)))
	}
	if len(unknown) > 0 {
		t.notes = append(t.notes, "名称表里没有的资金项目："+strings.Join(unknown, "、")+"。请核对写法，或登记为某项目的本地写法。")
	}
	return t
}

// entryCells are the cells that say what a due or a transfer is.
func (f *facts) entryCells(e *finance.Entry) []any {
	side, id := "拨付", any(nil)
	if e.Due != nil {
		side = "应拨"
	}
	if e.Person != 0 {
		id = personal{person: e.Person, kind: catalogue.Certno, whole: f.payments.People[e.Person].Certno}
	}
	payee := personal{person: e.Person, kind: catalogue.Payee}
	payee.whole = f.payments.Payee(e, func(name string) string { return name })
	payee.short = f.payments.Payee(e, maskName)
	return []any{side, e.Key, e.Item, f.countyOr(e.County), periodOf(e.From, e.To), e.Date(), payee, id}
}

// paymentEntries lists every due and every transfer with its class, the rule and
// why; what belongs together has one number.
func (f *facts) paymentEntries() *table {
	if f.noPayments() || !f.payments.Paid() { // else all of it is unmatched
		return nil
	}
	t := newTable("payment_entries", f.title("财政拨付对账明细"), "match rule group span side key item county period paid_on payee certno setl_id batch due paid why",
		"每笔应拨、每笔拨付各列一行；组号相同的对在一起。退回、追回为负数。勾对用的编号见“编号”列。")
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
		row := append([]any{e.Match.Class.Chinese(), e.Rule(), group, e.Span.Chinese()}, f.entryCells(&e)...)
		rows = append(rows, append(row, e.Settlement, e.Batch(), due, paid, e.Why))
	}
	t.rows = rows
	return t
}

// unmatched lists what is not matched, with what came nearest and why it failed.
func (f *facts) unmatched() *table {
	if f.noPayments() {
		return nil
	}
	t := newTable("payment_open", f.title("未对上的应拨和拨付"), "match span side key item county period paid_on payee certno amount near apart where",
		"没有对上的逐笔列出，注明最接近的一笔和差在哪里。核实后可用 doudi reconcile match 人工勾对，注明理由。")
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
		row := append([]any{e.Match.Class.Chinese(), e.Span.Chinese()}, f.entryCells(&e)...)
		rows = append(rows, append(row, e.Amount, near, diff, e.Why))
	}
	t.rows = rows
	return t
}

// byHand lists the matches by hand that are in force.
func (f *facts) byHand() *table {
	if f.noPayments() || len(f.payments.Manual) == 0 {
		return nil
	}
	t := newTable("payment_matches", f.title("人工勾对"), "match_no dues paids reason by at force", "现行有效的人工勾对；失效的是其中有编号已不在账上或不在对账范围、或只有一边而合计不为 0 的，不起作用。")
	stale := map[int64]string{}
	for _, s := range f.payments.Stale {
		stale[s.ID] = s.Why()
	}
	var rows [][]any
	for _, m := range f.payments.Manual {
		state := "有效"
		if why := stale[m.ID]; why != "" {
			state = "失效：" + why
		}
		rows = append(rows, []any{strconv.FormatInt(m.ID, 10), strings.Join(m.Dues, "、"), strings.Join(m.Lines, "、"), m.Reason, m.By, m.At, state})
	}
	t.rows = rows
	return t
}
