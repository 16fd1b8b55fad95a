package main

import (
	"fmt"
	"io"
	"strconv"

	"doudi/reports"

	"github.com/spf13/cobra"
)

func (a *app) diffCmd() *cobra.Command {
	var format string
	var reveal bool
	c := &cobra.Command{
		Use:   "diff 运行号 运行号 [--format text|csv|json] [--reveal]",
		Short: "比较两次运行：哪些数变了，是哪份文件的哪一行引起的",
		Long: "比较两次运行：先按原因汇总，再逐人逐笔列出由多少变为多少、由哪份文件的哪一行（或过账、年度重开、政策、程序改动）引起。\n" +
			"CSV 每个变动的数一行：run_before,run_after,area,certno,year,level,ref,what,item,before,after,cause,rows,sentence；\n" +
			"level 为 claim（ref 是结算号）、person 或 household（ref 是监测代码），rows 写作 文件:行 或 文件!表:行。\n\n" + exitHelp,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var no [2]int
			for i, s := range args {
				n, err := strconv.Atoi(s)
				if err != nil || n < 1 {
					return usage("运行号 %q 应为正整数", s)
				}
				no[i] = n
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			// Causes lead from the earlier run to the later one, however they were named.
			before, err := w.store.Run(ctx, min(no[0], no[1]))
			if err != nil {
				return err
			}
			after, err := w.store.Run(ctx, max(no[0], no[1]))
			if err != nil {
				return err
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), fmt.Sprintf("diff --reveal %d %d", before.No, after.No)); err != nil {
					return err
				}
			}
			areas, err := w.then(ctx, after, a.err)
			if err != nil {
				return err
			}
			d, err := reports.NewDiff(ctx, w.store, areas, before, after, nil, reveal)
			if err != nil {
				return err
			}
			return a.printDiff(a.out, d, format)
		},
	}
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &format, "text", "csv", "json")
	return c
}

func (a *app) printDiff(out io.Writer, d *reports.Diff, format string) error {
	switch format {
	case "json":
		return printJSON(out, d.JSON())
	case "csv":
		t, err := newTable(out, format, reports.DiffColumns...)
		if err != nil {
			return err
		}
		if err := d.Rows(t.row); err != nil {
			return err
		}
		return t.close()
	}
	fmt.Fprintf(out, "第 %d 次运行（%s）到第 %d 次运行（%s）\n", d.Before.No, d.Before.Month, d.After.No, d.After.Month)
	return d.Text(out)
}
