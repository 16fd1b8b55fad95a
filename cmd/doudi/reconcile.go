package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/reports"

	"github.com/spf13/cobra"
)

// reconcileOptions say what of a month's book is shown.
type reconcileOptions struct {
	month, area, format string
	classes             []string
	run                 int
	reveal              bool
}

func (a *app) reconcileCmd() *cobra.Command {
	var o reconcileOptions
	c := &cobra.Command{
		Use:   "reconcile --month 2023-08 [--area 330100] [--class 类别]… [--run N] [--format text|csv|json] [--reveal]",
		Short: "财政拨付对账：应拨与实拨，逐笔归类",
		Long: "财政拨付对账：把应拨的（已过账的补发追回、一站式结算由医疗机构垫付的、资助参保的）与财政拨付的逐笔核对。\n" +
			"依次按：规则1 同一人（或收款单位）、项目、期间且金额相等；规则2 在容差以内；规则3 一笔拨付对多笔应拨；规则4 多笔拨付对一笔应拨。\n" +
			"其余为应拨未拨、已拨无应、少拨、多拨、重复拨付（退回的款另有应退未退等）。每笔应拨、每笔拨付都在且只在一个类别里，两边合计一分不差。\n" +
			"列出本月的，和以前未了结转下来的；没对上的注明最接近的是哪一笔、差在哪里。\n\n" +
			"类别：" + classList() + "。\n" +
			"哪些项目参加对账、容差、只代发不收款的单位、项目的本地写法、从哪个月起，写在 doudi.yaml 的 reconcile 里。\n" +
			"身份证号和姓名默认遮掩。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := parseMonth(o.month)
			if err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			ar, err := w.area(o.area, "")
			if err != nil {
				return err
			}
			seen := ledger.Seq(everything)
			if o.run != 0 {
				r, err := w.store.Run(ctx, o.run)
				if err != nil {
					return err
				}
				seen = r.Seen
			}
			b, err := finance.Gather(ctx, w.store, ar.Finance(), seen)
			if err != nil {
				return err
			}
			v := b.View(m)
			if o.reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), fmt.Sprintf("reconcile --reveal --area %s --month %s", ar.Code, m)); err != nil {
					return err
				}
			}
			l := &reconcileList{View: v, o: &o}
			switch o.format {
			case "json":
				return printJSON(a.out, l.json())
			case "csv":
				return l.csv(a)
			}
			l.text(a)
			return nil
		},
	}
	monthFlag(c, &o.month, "看哪个月")
	c.PersistentFlags().StringVar(&o.area, "area", "", "统筹区代码（只有一个时可省略）")
	c.Flags().StringArrayVar(&o.classes, "class", nil, "只列某一类别（代码或中文，可多次）；合计不受影响")
	c.Flags().IntVar(&o.run, "run", 0, "按某次运行当时所知（默认按现在所知）")
	c.Flags().BoolVar(&o.reveal, "reveal", false, "显示完整身份证号和姓名（会留下审计记录）")
	formatFlag(c, &o.format, "text", "csv", "json")
	c.AddCommand(a.matchCmd(&o), a.undoCmd(&o))
	return c
}

// everything is after every entry.
const everything = 1 << 62

func classList() string {
	var all []string
	for c := range reconcile.Class(reconcile.NumClasses) {
		all = append(all, c.String()+" "+c.Chinese())
	}
	return strings.Join(all, "、")
}

// check turns names of classes into their codes.
func (o *reconcileOptions) check() error {
	for i, name := range o.classes {
		found := false
		for c := range reconcile.Class(reconcile.NumClasses) {
			if name == c.String() || name == c.Chinese() {
				o.classes[i], found = c.String(), true
			}
		}
		if !found {
			return usage("没有类别 %q，可用的有：%s", name, classList())
		}
	}
	return nil
}

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
	staleColumns = []string{"table", "id", "missing", "by", "at", "reason"}
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
			rows = append(rows, []string{"stale", strconv.FormatInt(s.ID, 10), strings.Join(s.Missing, " "), s.By, s.At.String(), s.Reason})
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

type sumsJSON struct {
	Item       string `json:"item,omitempty"`
	Class      string `json:"class"`
	Name       string `json:"name"`
	Dues       int    `json:"dues"`
	Due        string `json:"due"`
	Transfers  int    `json:"transfers"`
	Paid       string `json:"paid"`
	Difference string `json:"difference"`
}

func sumsOf(item, class, name string, s finance.Sums) sumsJSON {
	return sumsJSON{item, class, name, s.Dues, s.Due.String(), s.Lines, s.Paid.String(), s.Diff().String()}
}

type entryJSON struct {
	Side       string `json:"side"`
	Key        string `json:"key"`
	Group      int    `json:"group"` // the same of what belongs together
	Class      string `json:"class"`
	Span       string `json:"span"`
	Rule       string `json:"rule"`
	Item       string `json:"item"`
	County     string `json:"county"`
	From       string `json:"from"`
	To         string `json:"to"`
	Date       string `json:"date"`
	Certno     string `json:"certno"`
	Payee      string `json:"payee"`
	Settlement string `json:"setl_id"`
	Batch      string `json:"batch"`
	Amount     string `json:"amount"`
	Near       string `json:"near"`
	Why        string `json:"why"`
}

type staleJSON struct {
	ID      int64    `json:"id"`
	Missing []string `json:"missing"`
	By      string   `json:"by"`
	At      string   `json:"at"`
	Reason  string   `json:"reason"`
}

func (l *reconcileList) json() any {
	sums, spans, entries, stale, unknown := []sumsJSON{}, []sumsJSON{}, []entryJSON{}, []staleJSON{}, []string{}
	for i := range l.Items {
		x := &l.Items[i]
		sums = append(sums, sumsOf(x.Item, x.Class.String(), x.Class.Chinese(), x.Sums))
	}
	for _, s := range l.spans() {
		spans = append(spans, sumsOf("", s.code, s.name, s.Sums))
	}
	for _, e := range l.Entries() {
		if l.shows(&e) {
			entries = append(entries, entryJSON{side(&e), e.Key, e.Group, e.Match.Class.String(), e.Span.Chinese(), e.Rule(), e.Item, e.County, monthOr(int(e.From)), monthOr(int(e.To)),
				dateOr(&e), l.id(&e), l.payee(&e), e.Settlement, e.Batch(), e.Amount.String(), e.Near(), e.Why})
		}
	}
	for _, s := range l.Stale {
		stale = append(stale, staleJSON{s.ID, s.Missing, s.By, s.At.String(), s.Reason})
	}
	for _, u := range l.Result.Unknown {
		unknown = append(unknown, u.Item)
	}
	return map[string]any{"area": l.Area.Code, "month": l.Month.String(), "tolerance": l.Result.Tolerance.String(), "sums": sums,
		"listed": sumsOf("", "total", "列出合计", l.Shown()), "spans": spans, "entries": entries, "stale": stale, "unknown_items": unknown,
		"left_out": map[string]any{"transfers": l.Out.Lines, "paid": l.Out.Paid.String()}}
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
		p("  失效的人工勾对 %d（%s，%s）：%s 已不在账上或不在对账范围，未起作用；可用 doudi reconcile undo %d --reason 理由 撤销", x.ID, x.By, x.Reason, strings.Join(x.Missing, "、"), x.ID)
	}
	for _, u := range l.Result.Unknown {
		p("  注意：资金项目“%s”不在名称表里（拨付 %d 笔 %s 元），可在 doudi.yaml 的 reconcile.names 里登记", u.Item, u.Lines, u.Paid)
	}
	if l.Out.Lines > 0 {
		p("  注意：另有拨付 %d 笔 %s 元不在对账范围（reconcile.items、reconcile.from）", l.Out.Lines, l.Out.Paid)
	}
}

// keysOf takes keys apart that were written with commas or spaces between.
func keysOf(args []string) []string {
	var out []string
	for _, s := range args {
		out = append(out, strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == ' ' })...)
	}
	return out
}

// matchCmd matches dues and transfers by hand.
func (a *app) matchCmd(o *reconcileOptions) *cobra.Command {
	var dues, lines []string
	var reason, format string
	c := &cobra.Command{
		Use:   "match --due 键… --line 键… --reason 理由 --by 经办人 [--area 330100]",
		Short: "人工勾对：把应拨和拨付对在一起",
		Long: "人工勾对：把列出的应拨（如 posting:17、direct:202308:H0001:assistance、premium:2024:77）和拨付（如 transfer:123）对在一起。\n" +
			"先于所有规则；金额不等也可以，差额按少拨、多拨列出并注明理由。只有应拨的互相冲抵，只有拨付的互相冲回。\n" +
			"键见 doudi reconcile 的清单；几个键可用逗号隔开。勾对和撤销都入账，不可改动。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ds, ls := keysOf(dues), keysOf(lines)
			switch {
			case len(ds)+len(ls) < 2:
				return usage("人工勾对至少要有两笔：用 --due 和 --line 写明")
			case strings.TrimSpace(reason) == "":
				return usage("缺少 --reason（勾对的理由）")
			case strings.TrimSpace(a.by) == "":
				return usage("缺少 --by（经办人）")
			}
			return a.byHand(cmd.Context(), o, format, &ledger.Matching{Dues: ds, Lines: ls, Reason: reason}, nil)
		},
	}
	c.Flags().StringArrayVar(&dues, "due", nil, "应拨的键（可多次）")
	c.Flags().StringArrayVar(&lines, "line", nil, "拨付的键（可多次）")
	c.Flags().StringVar(&reason, "reason", "", "理由")
	formatFlag(c, &format, "text", "json")
	return c
}

// undoCmd undoes a match by hand.
func (a *app) undoCmd(o *reconcileOptions) *cobra.Command {
	var reason, format string
	c := &cobra.Command{
		Use:   "undo 编号 --reason 理由 [--by 经办人] [--area 330100]",
		Short: "撤销一次人工勾对",
		Long:  "撤销一次人工勾对：原来的记录保留，撤销另记一笔；撤销不能再撤销，可重新勾对。\n\n" + exitHelp,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return usage("编号 %q 应为正整数", args[0])
			}
			if strings.TrimSpace(reason) == "" {
				return usage("缺少 --reason（撤销的理由）")
			}
			return a.byHand(cmd.Context(), o, format, &ledger.Matching{Undo: id, Reason: reason}, func(on []ledger.Matching) error { return finance.CanUndo(id, on) })
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "理由")
	formatFlag(c, &format, "text", "json")
	return c
}

// byHand records a match by hand or an undo; check is that of an undo.
func (a *app) byHand(ctx context.Context, o *reconcileOptions, format string, x *ledger.Matching, check func([]ledger.Matching) error) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	var ar *jobs.Area
	if ar, err = w.area(o.area, ""); err != nil {
		return err
	}
	var b *finance.Book
	if check == nil {
		if b, err = finance.Gather(ctx, w.store, ar.Finance(), everything); err != nil {
			return err
		}
		check = func(on []ledger.Matching) error { return b.CanMatch(x.Dues, x.Lines, on) }
	}
	x.Area, x.By, x.At = ar.Code, a.user(), a.now()
	if err := w.store.Match(ctx, x, check); err != nil {
		return matchProblem(err)
	}
	if format == "json" {
		return printJSON(a.out, map[string]any{"id": x.ID, "undo": x.Undo, "area": x.Area, "dues": append([]string{}, x.Dues...), "transfers": append([]string{}, x.Lines...), "by": x.By})
	}
	if x.Undo != 0 {
		fmt.Fprintf(a.out, "已撤销第 %d 号人工勾对\n", x.Undo)
		return nil
	}
	after, err := finance.Gather(ctx, w.store, ar.Finance(), everything)
	if err != nil {
		return err
	}
	for i := range after.Result.Matches {
		if m := &after.Result.Matches[i]; m.Rule == reconcile.ByHand && after.Result.Manual[m.Hand].ID == x.ID {
			fmt.Fprintf(a.out, "已勾对，第 %d 号：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元，差额 %s 元（%s）\n", x.ID, len(m.Dues), m.Due, len(m.Lines), m.Paid, m.Diff(), m.Class.Chinese())
		}
	}
	return nil
}

// matchProblem gives a refusal its exit code.
func matchProblem(err error) error {
	_, rest, _ := strings.Cut(err.Error(), "：")
	switch {
	case errors.Is(err, finance.ErrNoKey):
		return &problem{code: exitUsage, msg: "账上没有这些应拨或拨付：" + rest, hint: "键见 doudi reconcile --month … --format csv；不在对账范围的项目不能勾对"}
	case errors.Is(err, finance.ErrTaken):
		return &problem{code: exitConflict, msg: "已在人工勾对中：" + rest, hint: "要改对，先用 doudi reconcile undo 撤销原来的"}
	case errors.Is(err, finance.ErrNoHand):
		return &problem{code: exitUsage, msg: "没有这一号人工勾对：" + rest}
	case errors.Is(err, finance.ErrUndone):
		return &problem{code: exitConflict, msg: "这一号人工勾对已经撤销：" + rest}
	}
	return err
}

// sayReconciled gives the sums of a run's reconciliation.
func (a *app) sayReconciled(o jobs.Outcome) {
	for _, ar := range o.Run.Areas {
		v := o.Reconciled[ar.Area]
		if v == nil || v.Empty() {
			continue
		}
		if !v.Paid() {
			s := v.Shown()
			fmt.Fprintf(a.out, "  财政对账 %s：应拨 %d 笔 %s 元，还没有读入财政拨付表\n", ar.Area, s.Dues, s.Due)
			continue
		}
		s := v.Shown()
		fmt.Fprintf(a.out, "  财政对账 %s：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元，差额 %s 元\n", ar.Area, s.Dues, s.Due, s.Lines, s.Paid, s.Diff())
		var parts []string
		for c, x := range v.Classes() {
			switch class := reconcile.Class(c); {
			case x.Dues+x.Lines == 0:
			case x.Lines == 0:
				parts = append(parts, fmt.Sprintf("%s %d 笔 %s 元", class.Chinese(), x.Dues, x.Due))
			case x.Dues == 0:
				parts = append(parts, fmt.Sprintf("%s %d 笔 %s 元", class.Chinese(), x.Lines, x.Paid))
			case x.Diff() != 0:
				parts = append(parts, fmt.Sprintf("%s %d 笔 %s 元", class.Chinese(), x.Dues, max(x.Diff(), -x.Diff())))
			default:
				parts = append(parts, fmt.Sprintf("%s %d 笔 %s 元", class.Chinese(), x.Dues, x.Due))
			}
		}
		fmt.Fprintf(a.out, "    %s\n", strings.Join(parts, "；"))
		if n := len(v.Stale); n > 0 {
			fmt.Fprintf(a.out, "    失效的人工勾对 %d 条，见 doudi reconcile --month %s\n", n, o.Run.Month)
		}
	}
}

type reconciledJSON struct {
	Area    string     `json:"area"`
	Listed  sumsJSON   `json:"listed"`
	Classes []sumsJSON `json:"classes"`
	Stale   int        `json:"stale"`
}

// reconciledOf is the reconciliation of a run as programs read it.
func reconciledOf(o jobs.Outcome) []reconciledJSON {
	out := []reconciledJSON{}
	for _, ar := range o.Run.Areas {
		v := o.Reconciled[ar.Area]
		if v == nil {
			continue
		}
		j := reconciledJSON{Area: ar.Area, Listed: sumsOf("", "total", "列出合计", v.Shown()), Classes: []sumsJSON{}, Stale: len(v.Stale)}
		for c, x := range v.Classes() {
			if x.Dues+x.Lines > 0 {
				j.Classes = append(j.Classes, sumsOf("", reconcile.Class(c).String(), reconcile.Class(c).Chinese(), x))
			}
		}
		out = append(out, j)
	}
	return out
}
