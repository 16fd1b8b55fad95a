package main

import (
	"fmt"

	"doudi/jobs/intake"
	"doudi/reports"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) explainCmd() *cobra.Command {
	var year, run int
	var asJSON, reveal bool
	c := &cobra.Command{
		Use:   "explain 身份证号 [--year 2023] [--run N] [--json]",
		Short: "说明一个人每笔费用为什么是这个数",
		Long:  "说明一个人的身份、回溯期、每笔费用各层的算式和条款依据，可在电话里读给群众听。",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			id, err := intake.ParseCertno(args[0], civil.FromTime(a.now()))
			if err != nil {
				return usage("%v", err)
			}
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			r, err := w.store.Run(ctx, run)
			if err != nil {
				return err
			}
			no, err := w.store.PersonByID(ctx, id)
			if err != nil {
				return err
			}
			if no == 0 {
				return &problem{code: exitFailure, msg: "账里没有这个人", hint: "请核对身份证号；他既不在名单上，也没有结算记录"}
			}
			// Whoever looks at a person leaves a line.
			if err := w.store.Audit(ctx, a.now(), a.user(), fmt.Sprintf("explain person %d", no)); err != nil {
				return err
			}
			var all []*reports.Explanation
			for _, area := range w.areas {
				x, err := reports.Explain(ctx, w.store, area, no, year, r, reveal)
				if err != nil {
					return err
				}
				if len(x.Events) > 0 || len(x.Claims) > 0 || len(x.Refunds) > 0 {
					all = append(all, x)
				}
			}
			switch {
			case asJSON && len(all) == 1:
				return printJSON(a.out, all[0])
			case asJSON: // known in several areas, or in none yet
				return printJSON(a.out, map[string]any{"areas": all})
			}
			if len(all) == 0 {
				fmt.Fprintln(a.out, "这一次运行里没有这个人的记录。")
			}
			for i, x := range all {
				if i > 0 {
					fmt.Fprintln(a.out)
				}
				if err := x.Text(a.out); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().IntVar(&year, "year", 0, "年度（默认全部）")
	c.Flags().IntVar(&run, "run", 0, "看哪一次运行（默认最近一次）")
	c.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整姓名和身份证号")
	return c
}
