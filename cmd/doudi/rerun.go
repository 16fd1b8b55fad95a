package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/spf13/cobra"
)

func (a *app) rerunCmd() *cobra.Command {
	var month, person, reason, bound, format string
	var year int
	var dry, reveal bool
	c := &cobra.Command{
		Use:   "rerun (--month 2023-08 | --person 身份证号 | --year 2023) --reason 理由 [--dry-run] [--proposal 校验码]",
		Short: "手工重算：一个月涉及的人、一个人，或一年有结算的人",
		Long: "手工重算：不取来源、不读收件箱，只按账里已有的资料重算。范围：一个月的名单、结算、帮扶、过账涉及的人（--month），\n" +
			"一个人（--person），或一年有结算的人（--year）。一次运行对账里的全部资料负责，所以上次运行之后有新资料的人也一并重算，政策改动时重算所有人。\n" +
			"先用 --dry-run 看：涉及多少人、哪些结算由多少变为多少、为什么、补发和追回合计多少，并给出方案校验码，什么也不存。\n" +
			"再带 --proposal 校验码 执行：其间有新资料、过账、身份证号更正、年度结账或重开，或政策改动，结果就不是看过的那份，予以拒绝（退出码 5）。理由、经办人和范围记入运行记录。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			scope, id, err := a.scope(month, person, year)
			if err != nil {
				return err
			}
			if reason = strings.TrimSpace(reason); reason == "" {
				return usage("缺少 --reason（理由），如 --reason 民政更正了认定日期")
			}
			if dry && bound != "" {
				return usage("--dry-run 和 --proposal 不能一起用：先试算，再带校验码执行")
			}
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			if id != "" {
				if scope.Person, err = w.store.PersonByID(ctx, id); err != nil {
					return err
				}
				if scope.Person == 0 {
					return &problem{code: exitFailure, msg: "账里没有这个人", hint: "请核对身份证号；他既不在名单上，也没有结算记录"}
				}
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), "rerun --reveal --"+scope.String()); err != nil {
					return err
				}
			}
			last, err := w.store.Run(ctx, 0)
			if err != nil {
				return err
			}
			cy := a.cycle(w)
			o, err := w.reportOptions("")
			if err != nil {
				return err
			}
			cy.Report = func(ctx context.Context, run ledger.Run, areas []jobs.Area) (map[string][]string, error) {
				return reports.Write(ctx, w.store, areas, run, o)
			}
			if format == "text" {
				a.showProgress(cy)
			}
			out, err := cy.Rerun(ctx, jobs.RerunOptions{Scope: scope, Reason: reason, Dry: dry, Bound: bound})
			if bound != "" && errors.Is(err, ledger.ErrStale) {
				return &problem{code: exitConflict, msg: "试算之后有资料读入、过账、身份证号更正、年度结账或重开，或政策改动，结果不再是那份，没有重算",
					hint: "再用 --dry-run 试算，核对后带新的校验码执行"}
			}
			if err != nil {
				return err
			}
			d, err := reports.NewDiff(ctx, w.store, w.areas, last, out.Run, out.Preview, reveal)
			if err != nil {
				return err
			}
			if format == "json" {
				return printJSON(a.out, rerunJSON(out, d, scope, reason, dry))
			}
			a.sayRerun(out, d, reason, dry)
			return d.Text(a.out)
		},
	}
	monthFlag(c, &month, "一个月涉及的人，如 2023-08")
	c.Flags().StringVar(&person, "person", "", "一个人的身份证号")
	c.Flags().IntVar(&year, "year", 0, "一年有结算的人，如 2023")
	c.Flags().StringVar(&reason, "reason", "", "理由（必填，记入运行记录）")
	c.Flags().BoolVar(&dry, "dry-run", false, "只看结果，什么也不存")
	c.Flags().StringVar(&bound, "proposal", "", "试算给出的方案校验码；结果不再是那份时拒绝")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号（会留下审计记录）")
	formatFlag(c, &format, "text", "json")
	return c
}

// scope reads whom a run by hand is over; of a person the ID, to be looked up.
func (a *app) scope(month, person string, year int) (s ledger.Scope, id string, err error) {
	given := 0
	for _, on := range []bool{month != "", person != "", year != 0} {
		if on {
			given++
		}
	}
	if given != 1 {
		return s, "", usage("--month、--person、--year 应给且只给一个")
	}
	today := civil.FromTime(a.now())
	switch {
	case month != "":
		if s.Month, err = parseMonth(month); err == nil && s.Month > today.Month() {
			err = usage("%s 还没有到，不能重算", s.Month)
		}
	case person != "":
		if id, err = intake.ParseCertno(person, today); err != nil {
			err = usage("%v", err)
		}
	case year < 1900 || year > 9999:
		err = usage("--year %d 不是年度，应写作 2023", year)
	default:
		s.Year = year
	}
	return s, id, err
}

func (a *app) sayRerun(o jobs.Outcome, d *reports.Diff, reason string, dry bool) {
	if dry {
		fmt.Fprintf(a.out, "试算（什么也没有存），%s，理由：%s\n", o.Run.Month, reason)
	} else {
		fmt.Fprintf(a.out, "第 %d 次运行（手工重算），%s，理由：%s\n", o.Run.No, o.Run.Month, reason)
	}
	for _, ar := range o.Run.Areas {
		fmt.Fprintf(a.out, "  %s %s：重算 %d 人（范围内 %d 人，其余是有新资料或政策改动的；全部 %d 人），结算 %d 笔；补发 %s 元%s，追回 %s 元；监测新增 %d，清零 %d\n",
			ar.Area, ar.Name, ar.Touched, ar.Asked, ar.People, ar.Claims, ar.TopUp, hospitalPart(ar), ar.Clawback, ar.CasesOpened, ar.CasesCleared)
		for _, p := range o.Workbooks[ar.Area] {
			fmt.Fprintf(a.out, "    工作簿 %s\n", p)
		}
	}
	for _, n := range sealedNotes(o) {
		fmt.Fprintln(a.out, "  注意："+n)
	}
	fmt.Fprintf(a.out, "  方案校验码 %s\n", o.Run.Proposal)
	if dry {
		fmt.Fprintf(a.out, "  执行：同一命令去掉 --dry-run，加 --proposal %s\n", o.Run.Proposal)
	}
	fmt.Fprintf(a.out, "与第 %d 次运行（%s）相比：\n", d.Before.No, d.Before.Month)
}

func rerunJSON(o jobs.Outcome, d *reports.Diff, scope ledger.Scope, reason string, dry bool) any {
	j := runJSON(o, sealedNotes(o))
	var topUp, clawback money.Fen
	for _, ar := range o.Run.Areas {
		topUp, clawback = topUp+ar.TopUp, clawback+ar.Clawback
	}
	if dry { // it has no number yet
		j["run"], d.After.No = 0, 0
	}
	j["scope"], j["reason"], j["dry_run"], j["changes"] = scope.String(), reason, dry, d.JSON()
	j["topup"], j["clawback"] = topUp.String(), clawback.String()
	return j
}
