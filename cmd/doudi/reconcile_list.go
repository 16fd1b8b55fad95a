package main

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs/finance"
	"doudi/reports"
)

// reconcileList is a month's book as the command shows it.
type reconcileList struct {
	*finance.View
	o *reconcileOptions
}

func (l *reconcileList) shows(e *finance.Entry) bool {
	return len(l.o.classes) == 0 || slices.Contains(l.o.classes, e.Match.Class.String())
}

func (l *reconcileList) id(e *finance.Entry) string {
	if e.Person == 0 {
		return ""
	}
	if l.o.reveal {
		return l.People[e.Person].Certno
	}
	return reports.Mask(l.People[e.Person].Certno)
}

func (l *reconcileList) payee(e *finance.Entry) string {
	return l.Payee(e, func(name string) string {
		if l.o.reveal {
			return name
		}
		return reports.MaskName(name)
	})
}

// The lines of the CSV list, one table after the other.
var (
	sumColumns   = []string{"table", "item", "class", "class_name", "dues", "due", "transfers", "paid", "difference"}
	entryColumns = []string{"table", "side", "key", "group", "class", "class_name", "span", "rule", "item", "county", "from", "to", "date", "certno", "payee", "setl_id", "batch",
		"amount", "near", "why"}
	staleColumns = []string{"table", "id", "missing", "by", "at", "reason", "off"}
)

func (l *reconcileList) csv(a *app) error {
	w := csv.NewWriter(a.out)
	rows := [][]string{sumColumns}
	for i := range l.Items {
		x := &l.Items[i]
		rows = append(rows, sumRow("sums", x.Item, x.Class.String(), x.Class.Chinese(), x.Sums))
	}
	rows = append(rows, sumRow("sums", "", "total", "列出合计", l.Shown()))
	for _, s := range l.spans() {
		rows = append(rows, sumRow("spans", "", s.code, s.name, s.Sums))
	}
	rows = append(rows, entryColumns)
	for _, e := range l.Entries() {
		if !l.shows(&e) {
			continue
		}
		rows = append(rows, []string{"entries", side(&e), e.Key, strconv.Itoa(e.Group), e.Match.Class.String(), e.Match.Class.Chinese(), e.Span.Chinese(), e.Rule(), e.Item,
			e.County, monthOr(int(e.From)), monthOr(int(e.To)), dateOr(&e), l.id(&e), l.payee(&e), e.Settlement, e.Batch(), e.Amount.String(), e.Near(), e.Why})
	}
	if len(l.Stale) > 0 {
		rows = append(rows, staleColumns)
		for _, s := range l.Stale {
			rows = append(rows, []string{"stale", strconv.FormatInt(s.ID, 10), strings.Join(s.Missing, " "), s.By, s.At.String(), s.Reason, s.Off.String()})
		}
	}
	return w.WriteAll(rows)
}

func sumRow(table, item, class, name string, s finance.Sums) []string {
	return []string{table, item, class, name, strconv.Itoa(s.Dues), s.Due.String(), strconv.Itoa(s.Lines), s.Paid.String(), s.Diff().String()}
}

func side(e *finance.Entry) string {
	if e.Due != nil {
		return "due"
	}
	return "transfer"
}

func monthOr(m int) string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m/100, m%100)
}

func dateOr(e *finance.Entry) string {
	if e.Line == nil {
		return ""
	}
	return e.Line.Date.String()
}

// span is a span with its sums.
type span struct {
	code, name string
	finance.Sums
}

// spans show that what is listed and what is not add up to all that is known.
func (l *reconcileList) spans() []span {
	codes := [...]string{"month", "carried", "earlier", "later"}
	var out []span
	for s, x := range l.Sums {
		out = append(out, span{codes[s], finance.Span(s).Chinese(), x})
	}
	t := &l.Result.Total
	return append(out, span{"all", "账上合计", finance.Sums{Dues: t.Dues, Lines: t.Lines, Due: t.Due, Paid: t.Paid}})
}

// text is for people: the sums, and what is open.
func (l *reconcileList) text(a *app) {
	p := func(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }
	s := l.Shown()
	p("%s %s 财政拨付对账：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元，差额 %s 元", l.Area.Name, l.Month, s.Dues, s.Due, s.Lines, s.Paid, s.Diff())
	for _, x := range l.spans() {
		if x.Dues+x.Lines > 0 {
			p("  %s：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元", x.name, x.Dues, x.Due, x.Lines, x.Paid)
		}
	}
	for i := range l.Items {
		x := &l.Items[i]
		if i == 0 || l.Items[i-1].Item != x.Item {
			p("  %s", x.Item)
		}
		p("    %s：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元，差额 %s 元", x.Class.Chinese(), x.Dues, x.Due, x.Lines, x.Paid, x.Diff())
	}
	shown := 0
	for _, e := range l.Entries() {
		if !l.shows(&e) || len(l.o.classes) == 0 && !e.Open() {
			continue
		}
		if shown++; shown > 50 {
			continue
		}
		period := monthOr(int(e.From))
		if e.To != e.From {
			period += "至" + monthOr(int(e.To))
		}
		if e.Line != nil {
			period = strings.TrimSpace(e.Line.Date.String() + " " + period)
		}
		p("  %s %s %s %s %s %s 元（%s）", e.Match.Class.Chinese(), e.Key, e.Item, period, strings.TrimSpace(l.id(&e)+" "+l.payee(&e)), e.Amount, e.Why)
	}
	if shown > 50 {
		p("  ……还有 %d 笔，用 --format csv 列出全部", shown-50)
	}
	for _, x := range l.Stale {
		p("  失效的人工勾对 %d（%s，%s）：%s，未起作用；可用 doudi reconcile undo %d --reason 理由 撤销", x.ID, x.By, x.Reason, x.Why(), x.ID)
	}
	for _, u := range l.Result.Unknown {
		p("  注意：资金项目“%s”不在名称表里（拨付 %d 笔 %s 元），可在 doudi.yaml 的 reconcile.names 里登记", u.Item, u.Lines, u.Paid)
	}
	if l.Out.Lines > 0 {
		p("  注意：另有拨付 %d 笔 %s 元不在对账范围（reconcile.items、reconcile.from）", l.Out.Lines, l.Out.Paid)
	}
}
