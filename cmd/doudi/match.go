package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/jobs/yearend"

	"github.com/spf13/cobra"
)

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
			"先于所有规则；金额不等也可以，差额按少拨、多拨列出并注明理由。只有应拨的互相冲抵，只有拨付的互相冲回，合计须为 0。\n" +
			"已结年度的应拨和拨付不再勾对；结账时未对上而结转的，可以与未结年度的对在一起。\n" +
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
			return a.byHand(cmd.Context(), o, format, &ledger.Matching{Dues: ds, Lines: ls, Reason: reason})
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
			return a.byHand(cmd.Context(), o, format, &ledger.Matching{Undo: id, Reason: reason})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "理由")
	formatFlag(c, &format, "text", "json")
	return c
}

// mayByHand reports whether what is on record, and the years that are closed, allow a
// match by hand or an undo.
func mayByHand(b *finance.Book, then yearend.Then, c yearend.Calendar, x *ledger.Matching, on []ledger.Matching) error {
	if x.Undo == 0 {
		if err := b.CanMatch(x.Dues, x.Lines, on); err != nil {
			return err
		}
		return c.MayMatch(b, then, x.Dues, x.Lines)
	}
	if err := finance.CanUndo(x.Undo, on); err != nil {
		return err
	}
	i := slices.IndexFunc(on, func(m ledger.Matching) bool { return m.ID == x.Undo })
	return c.MayUndo(b, then, &on[i])
}

// byHand records a match by hand or an undo.
func (a *app) byHand(ctx context.Context, o *reconcileOptions, format string, x *ledger.Matching) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	ar, err := w.area(o.area, "")
	if err != nil {
		return err
	}
	check, err := w.handCheck(ctx, ar, x)
	if err != nil {
		return err
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

// handCheck looks at the books and gives what must still be so when a match by hand or
// an undo is written: whatever enters in between may change what the dues and transfers
// are, and what of them is matched.
func (w *workspace) handCheck(ctx context.Context, ar *jobs.Area, x *ledger.Matching) (func(ledger.Seq, []ledger.Matching) error, error) {
	head, err := w.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	then := func(seen ledger.Seq) (*finance.Book, error) { return finance.Gather(ctx, w.store, ar.Finance(), seen) }
	b, err := then(head.Seq)
	if err != nil {
		return nil, err
	}
	steps, err := w.store.YearSteps(ctx, ar.Code, head.Seq)
	if err != nil {
		return nil, err
	}
	return func(at ledger.Seq, on []ledger.Matching) error {
		if at != head.Seq {
			return fmt.Errorf("%w: entry %d came while the books were looked at", ledger.ErrStale, at)
		}
		return mayByHand(b, then, yearend.NewCalendar(steps), x, on)
	}, nil
}

// matchProblem gives a refusal its exit code.
func matchProblem(err error) error {
	_, rest, _ := strings.Cut(err.Error(), "：")
	switch {
	case errors.Is(err, ledger.ErrStale):
		return &problem{code: exitConflict, msg: "核对期间又有数据入账，没有勾对也没有撤销", hint: "用 doudi reconcile 看过新的对账结果，再执行一次"}
	case errors.Is(err, finance.ErrNoKey):
		return &problem{code: exitUsage, msg: "账上没有这些应拨或拨付：" + rest, hint: "键见 doudi reconcile --month … --format csv；不在对账范围的项目不能勾对"}
	case errors.Is(err, finance.ErrTaken):
		return &problem{code: exitConflict, msg: "已在人工勾对中：" + rest, hint: "要改对，先用 doudi reconcile undo 撤销原来的"}
	case errors.Is(err, finance.ErrNoHand):
		return &problem{code: exitUsage, msg: "没有这一号人工勾对：" + rest}
	case errors.Is(err, finance.ErrOneWay):
		return &problem{code: exitUsage, msg: "只有应拨或只有拨付的人工勾对，合计须为 0，现为 " + rest,
			hint: "应拨与实拨金额不等的，把应拨和拨付对在一起，差额按少拨、多拨列出；还没有拨付的应拨不必勾对，照常结转；不知为何而拨的款，结账时用 doudi close --accept transfers 说明"}
	case errors.Is(err, yearend.ErrHandClosed):
		return &problem{code: exitConflict, msg: "不能勾对或撤销：" + rest, hint: "结账时未对上的已结转，可以与未结年度的对在一起；确要改动已结年度的，由两人用 doudi reopen 重开"}
	case errors.Is(err, finance.ErrUndone):
		return &problem{code: exitConflict, msg: "这一号人工勾对已经撤销：" + rest}
	}
	return err
}
