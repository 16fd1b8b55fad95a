package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/yearend"
	"doudi/reports"

	"github.com/spf13/cobra"
)

func (a *app) reportCmd() *cobra.Command {
	var month, dept, area, format string
	var run int
	var pdf bool
	c := &cobra.Command{
		Use:   "report (--month 2023-08 | --run N) [--dept 民政] [--area 330100] [--pdf]",
		Short: "按已有的运行重写各部门工作簿",
		Long: "按一次运行当时所知的资料和政策重写各部门工作簿，与当时写的逐字节相同（设了密码的除外；部门设置按现在的）。\n" +
			"--month：该月最后一次运行，写在该月的文件夹。--run：任何一次运行；不是该月最后一次的，写在其中的“第N次运行”文件夹，不覆盖后来的。\n" +
			"年度已结的统筹区，该月的工作簿是结账前该月最后一次运行的：结账后的运行不改动它们。\n" +
			"--pdf：领导一页纸另存一份 PDF（要有 LibreOffice）；doudi.yaml 里写 pdf: true 的，run 和 report 每次都存。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (month == "") == (run == 0) {
				return usage("请给 --month 或 --run，只能给一个")
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			only, err := w.areasOf(area)
			if err != nil {
				return err
			}
			if err := w.checkDept(only, dept); err != nil {
				return err
			}
			r, err := w.runOf(ctx, month, run)
			if err != nil {
				return err
			}
			o, err := w.reportOptions(dept)
			if err != nil {
				return err
			}
			o.PDF, o.NoPDF = o.PDF || pdf, a.noPDF
			groups, err := a.standing(ctx, w, only, r, run != 0)
			if err != nil {
				return err
			}
			paths := []string{}
			for _, g := range groups {
				o.Past = g.past
				written, err := a.write(ctx, w, g, o)
				if err != nil {
					return err
				}
				paths = append(paths, written...)
			}
			if len(groups) == 1 {
				r = groups[0].run
			}
			if format == "json" {
				return printJSON(a.out, map[string]any{"run": r.No, "month": r.Month.String(), "workbooks": paths})
			}
			for _, p := range paths {
				fmt.Fprintln(a.out, p)
			}
			return nil
		},
	}
	c.Flags().StringVar(&month, "month", "", "月份，如 2023-08：该月最后一次运行")
	c.Flags().IntVar(&run, "run", 0, "第几次运行")
	c.Flags().StringVar(&dept, "dept", "", "只写一个部门")
	c.Flags().StringVar(&area, "area", "", "只写一个统筹区")
	c.Flags().BoolVar(&pdf, "pdf", false, "领导一页纸另存 PDF（要有 LibreOffice）")
	formatFlag(c, &format, "text", "json")
	return c
}

// noPDF says why a page was not printed. Nothing else fails by it: the workbooks
// are there.
func (a *app) noPDF(why string, _ error) { fmt.Fprintln(a.err, "注意："+why) }

// areasOf are the areas that a command means: the one of a code, or all.
func (w *workspace) areasOf(code string) ([]jobs.Area, error) {
	if code == "" {
		return w.areas, nil
	}
	ar, err := w.area(code, "")
	if err != nil {
		return nil, err
	}
	return []jobs.Area{*ar}, nil
}

// checkDept reports whether one of the areas has a department of a name.
func (w *workspace) checkDept(areas []jobs.Area, dept string) error {
	if dept == "" {
		return nil
	}
	var names []string
	for i := range areas {
		rs := reports.Recipients(areas[i], w.offices(areas[i].Code))
		for _, r := range rs {
			if r.Called(dept) {
				return nil
			}
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return usage("没有部门 %q，可用的有：%s", dept, strings.Join(slices.Compact(names), "、"))
}

// monthBooks are the areas of which a run's workbooks of a month are written; past
// where another run's stand in the folder of the month.
type monthBooks struct {
	run   ledger.Run
	past  bool
	areas []string
}

// write writes the workbooks of some areas as of a run, and gives their paths.
func (a *app) write(ctx context.Context, w *workspace, g monthBooks, o reports.Options) ([]string, error) {
	areas, err := w.then(ctx, g.run, a.err)
	if err != nil {
		return nil, err
	}
	areas = slices.DeleteFunc(areas, func(x jobs.Area) bool { return !slices.Contains(g.areas, x.Code) })
	books, err := reports.Write(ctx, w.store, areas, g.run, o)
	var paths []string
	for _, ar := range areas {
		paths = append(paths, books[ar.Code]...)
	}
	return paths, err
}

// standing says, of some areas, which run's workbooks are written: that of a run, or,
// unless this very run is asked for, those that stand for its month. These are the
// month's last, and of an area in which the year is closed the last before it was.
func (a *app) standing(ctx context.Context, w *workspace, areas []jobs.Area, run ledger.Run, this bool) ([]monthBooks, error) {
	last, err := w.store.RunOfMonth(ctx, run.Month)
	if err != nil {
		return nil, err
	}
	var out []monthBooks
	for _, ar := range areas {
		stands, err := w.signedRun(ctx, ar.Code, last)
		if err != nil {
			return nil, err
		}
		g := monthBooks{run: run, past: run.No != stands.No}
		switch {
		case !this && stands.No == 0:
			fmt.Fprintf(a.err, "注意：%s %s %d 年度结账前没有运行过 %s，没有工作簿\n", ar.Code, ar.Name, run.Month.Year(), run.Month)
			continue
		case !this:
			if g = (monthBooks{run: stands}); stands.No != last.No {
				fmt.Fprintf(a.err, "注意：%s %s %d 年度已结账，工作簿按结账前最近一次（第 %d 次）运行重写\n", ar.Code, ar.Name, run.Month.Year(), stands.No)
			}
		}
		i := slices.IndexFunc(out, func(o monthBooks) bool { return o.run.No == g.run.No && o.past == g.past })
		if i < 0 {
			i, out = len(out), append(out, g)
		}
		out[i].areas = append(out[i].areas, ar.Code)
	}
	return out, nil
}

// signedRun is the last run of a month whose workbooks an area has: where the year is
// closed, the last before it was; the zero Run if there was none.
func (w *workspace) signedRun(ctx context.Context, area string, last ledger.Run) (ledger.Run, error) {
	steps, err := w.store.YearSteps(ctx, area, everything)
	if err != nil {
		return last, err
	}
	s := yearend.NewCalendar(steps).Now(last.Month.Year())
	run := last
	for s.Locked() && run.No > 0 && (run.Month != last.Month || run.Seq > s.Second.Seq) {
		if run, err = w.store.RunBefore(ctx, run.No); err != nil {
			return run, err
		}
	}
	return run, nil
}
