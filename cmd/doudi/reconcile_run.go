package main

import (
	"fmt"
	"strings"

	"doudi/jobs"
	"doudi/jobs/reconcile"
)

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
