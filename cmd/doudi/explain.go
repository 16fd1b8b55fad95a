package main

import (
	"fmt"
	"io"

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
		Long: "说明一个人的身份和依据的名单、回溯期、每笔费用各层的算式、参数和条款、监测和清零、与上次运行相比的变化和原因，\n" +
			"可在电话里读给群众听。末尾的凭据写明程序、政策包、资料和结果的校验码，两份说明可以互相核对。",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if year != 0 && (year < 1900 || year > 9999) {
				return usage("--year %d 不是年度，应写作 2023", year)
			}
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
			what := fmt.Sprintf("explain person %d --run %d", no, r.No)
			if reveal {
				what += " --reveal"
			}
			if err := w.store.Audit(ctx, a.now(), a.user(), what); err != nil {
				return err
			}
			merged, gone, err := w.mergedOf(ctx, no, r.Seen)
			if err != nil {
				return err
			}
			if now, since, err := w.mergedOf(ctx, no, 1<<62); err != nil {
				return err
			} else if run == 0 && (since != gone || len(now) != len(merged)) {
				fmt.Fprintf(a.err, "注意：第 %d 次运行之后有身份证号更正，下次运行起按更正后的人重算；以下是那次运行时的数\n", r.No)
				for _, l := range now {
					fmt.Fprintln(a.err, "  "+l)
				}
			}
			areas, err := w.then(ctx, r, io.Discard) // the explanation says so itself
			if err != nil {
				return err
			}
			if run == 0 && w.changedSince(r) {
				fmt.Fprintf(a.err, "注意：第 %d 次运行之后政策包或本地参数已改动；以下是那次运行时的政策和数，按新参数的数请重新运行后再看\n", r.No)
			}
			if r.Version != buildVersion() {
				fmt.Fprintf(a.err, "注意：第 %d 次运行用的是程序 %s，现在是 %s；算式由现在的程序写出，与那次运行的数不同之处会注明\n", r.No, r.Version, buildVersion())
			}
			all := []*reports.Explanation{}
			for _, area := range areas {
				x, err := reports.Explain(ctx, w.store, area, no, year, r, reveal)
				if err != nil {
					return err
				}
				x.Merged = merged
				if x.Known() {
					all = append(all, x)
				}
			}
			switch {
			case asJSON && len(all) == 1:
				return printJSON(a.out, all[0])
			case asJSON: // known in several areas, or in none yet
				return printJSON(a.out, map[string]any{"areas": all, "merged": append([]string{}, merged...)})
			case gone && len(all) == 0:
				fmt.Fprintln(a.out, merged[0]+"。")
				return nil
			}
			if len(all) == 0 {
				fmt.Fprintf(a.out, "第 %d 次运行时账里还没有这个人的记录。\n", r.No)
			}
			if len(all) > 1 {
				fmt.Fprintf(a.out, "此人在 %d 个统筹区都有记录，各统筹区分别计算：\n\n", len(all))
			}
			for i, x := range all {
				if i > 0 {
					fmt.Fprint(a.out, "\n\n")
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
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整姓名和身份证号（会留下审计记录）")
	return c
}
