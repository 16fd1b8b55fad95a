package main

import (
	"fmt"
	"slices"
	"strings"

	"doudi/reports"

	"github.com/spf13/cobra"
)

func (a *app) reportCmd() *cobra.Command {
	var month, dept, format string
	c := &cobra.Command{
		Use:   "report --month 2023-08 [--dept 民政]",
		Short: "按已有的运行重写各部门工作簿",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := parseMonth(month)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			if dept != "" {
				var names []string
				for _, ar := range w.areas {
					names = append(names, reports.Departments(ar)...)
				}
				if !slices.Contains(names, dept) {
					slices.Sort(names)
					return usage("没有部门 %q，可用的有：%s", dept, strings.Join(slices.Compact(names), "、"))
				}
			}
			run, err := w.store.RunOfMonth(ctx, m)
			if err != nil {
				return err
			}
			areas, err := w.then(ctx, run, a.err)
			if err != nil {
				return err
			}
			books, err := reports.Write(ctx, w.store, areas, run, w.out(), dept)
			if err != nil {
				return err
			}
			paths := []string{}
			for _, ar := range areas {
				paths = append(paths, books[ar.Code]...)
			}
			if format == "json" {
				return printJSON(a.out, map[string]any{"run": run.No, "month": run.Month.String(), "workbooks": paths})
			}
			for _, p := range paths {
				fmt.Fprintln(a.out, p)
			}
			return nil
		},
	}
	monthFlag(c, &month, "月份，如 2023-08")
	c.Flags().StringVar(&dept, "dept", "", "只写一个部门")
	formatFlag(c, &format, "text", "json")
	return c
}
