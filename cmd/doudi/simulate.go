package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"doudi/jobs"
	"doudi/jobs/simulate"
	"doudi/reports"
	"doudi/reports/workbook"
	"doudi/rules/pack"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func (a *app) simulateCmd() *cobra.Command {
	var overlay, code, out, format string
	var year, no int
	c := &cobra.Command{
		Use:   "simulate --overlay 测算.yaml --year 2023 [--area 410200] [--run N] [--out 文件.xlsx]",
		Short: "政策测算：参数改成这样，当年要多付多少、谁受益谁受损；只算不记",
		Long: "政策测算：把测算文件（写法同本地叠加文件）叠加在现行政策包和本地参数之上，用当年真实的结算把每人全年按现行和测算各算一遍，\n" +
			"给出各项资金、各月、各类别、各乡镇的差额和变化最大的人。不入账，不改动任何数据。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if overlay == "" {
				return usage("缺少 --overlay，如 --overlay 测算.yaml，其中写要改的参数，如 assist: {ratio: {dibian: 70%%}}")
			}
			if year < 1900 || year > 9999 {
				return usage("缺少 --year，如 --year 2023")
			}
			if out != "" && !strings.EqualFold(filepath.Ext(out), ".xlsx") {
				return usage("--out %q 应以 .xlsx 结尾", out)
			}
			draft, err := readDraft(overlay)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			j := simulate.Job{Areas: w.areas, Year: year, Draft: draft, Progress: a.simulateProgress(w.areas)}
			if code != "" {
				area, err := w.area(code, "")
				if err != nil {
					return err
				}
				j.Areas = []jobs.Area{*area}
			}
			if j.Run, err = w.store.Run(ctx, no); err != nil {
				return err
			}
			o, err := simulate.Run(ctx, w.store, j)
			if err != nil {
				return draftProblem(err, len(j.Areas))
			}
			s, err := reports.NewSimulation(ctx, w.store, o)
			if err != nil {
				return err
			}
			if out == "" {
				out = w.out(s.File())
				if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
					return err
				}
			}
			if err := workbook.Write(out, s.Book()); err != nil {
				return err
			}
			if format == "json" {
				return printJSON(a.out, s.JSON(out))
			}
			if err := s.Text(a.out); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "\n工作簿 %s\n", out)
			return err
		},
	}
	c.Flags().StringVar(&overlay, "overlay", "", "测算文件：要改的参数，写法同本地叠加文件")
	c.Flags().IntVar(&year, "year", 0, "年度")
	c.Flags().StringVar(&code, "area", "", "只测算一个统筹区（默认全部）")
	c.Flags().IntVar(&no, "run", 0, "按哪一次运行所知（默认最近一次）")
	c.Flags().StringVar(&out, "out", "", "工作簿写到哪里（默认 out/模拟-年度-编号.xlsx）")
	formatFlag(c, &format, "text", "json")
	return c
}

func readDraft(path string) (*simulate.Draft, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("没有测算文件 %s", path)
	}
	if err != nil {
		return nil, err
	}
	d, err := simulate.ParseDraft(path, text)
	if err != nil {
		return nil, draftProblem(err, 1)
	}
	return d, nil
}

// draftProblem makes a mistake in the draft a usage error.
func draftProblem(err error, areas int) error {
	if _, ok := errors.AsType[*pack.Error](err); !ok {
		return err
	}
	p := &problem{code: exitUsage, msg: "测算文件有误", err: err, hint: "可改的参数用 doudi rules show 查看"}
	if areas > 1 {
		p.hint += "；几个统筹区的政策包不同时，用 --area 指明其中之一"
	}
	return p
}

// simulateProgress shows a bar on a terminal, a line for each area elsewhere.
func (a *app) simulateProgress(areas []jobs.Area) func(code string, done, total int) {
	name := map[string]string{}
	for i := range areas {
		name[areas[i].Code] = areas[i].Name
	}
	var bar *progressbar.ProgressBar
	of := ""
	return func(code string, done, total int) {
		if !isTerminal(a.err) {
			if done == total {
				fmt.Fprintf(a.err, "测算 %s：%d 人\n", name[code], total)
			}
			return
		}
		if code != of {
			of = code
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription("测算 "+name[code]),
				progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish())
		}
		if err := bar.Set(done); err != nil {
			fmt.Fprintf(a.err, "测算 %s %d/%d\n", name[code], done, total)
		}
	}
}
