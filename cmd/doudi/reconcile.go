package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/finance"
	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"

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
				if ar, seen, err = a.areaThen(ctx, w, ar, o.run); err != nil {
					return err
				}
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
	c.Flags().IntVar(&o.run, "run", 0, "按某次运行当时所知和当时的政策（默认按现在的）")
	c.Flags().BoolVar(&o.reveal, "reveal", false, "显示完整身份证号和姓名（会留下审计记录）")
	formatFlag(c, &o.format, "text", "csv", "json")
	c.AddCommand(a.matchCmd(&o), a.undoCmd(&o))
	return c
}

// areaThen is an area as a run had it: with the policy of its time.
func (a *app) areaThen(ctx context.Context, w *workspace, ar *jobs.Area, no int) (*jobs.Area, ledger.Seq, error) {
	run, err := w.store.Run(ctx, no)
	if err != nil {
		return nil, 0, err
	}
	areas, err := w.then(ctx, run, a.err)
	if err != nil {
		return nil, 0, err
	}
	if i := slices.IndexFunc(areas, func(x jobs.Area) bool { return x.Code == ar.Code }); i >= 0 {
		ar = &areas[i]
	}
	return ar, run.Seen, nil
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
