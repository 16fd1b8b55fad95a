package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/schedule"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) scheduleCmd() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "schedule [--format text|csv|json]",
		Short: "列出定时任务：什么时候做、接下来五次、上次的结果；pause、resume、now、run",
		Long: "列出 doudi.yaml 里 schedule 的定时任务。时间都是北京时间。\n" +
			"错过的会在下次启动时补做：按月的任务每个错过的月份各补一次，从早到晚；同一个月（或不分月份的）错过几次只补一次。\n" +
			"到点之后已有人手工做过的不再做。一个工作目录同一时间只做一件，开几个进程也一样。\n" +
			"可能自己好转的失败在 1、5、30 分钟后重试；文件被拒收、年度已结账等要人处理的不重试。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSchedule(cmd.Context(), false, func(w *workspace) error { return a.listSchedule(cmd.Context(), w, format) })
		},
	}
	formatFlag(c, &format, "text", "csv", "json")
	c.AddCommand(a.schedulePauseCmd(), a.scheduleResumeCmd(), a.scheduleNowCmd(), a.scheduleRunCmd())
	return c
}

// withSchedule opens the workspace; where sync, the record is brought up to doudi.yaml.
func (a *app) withSchedule(ctx context.Context, sync bool, f func(*workspace) error) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if sync {
		if err := schedule.Sync(ctx, w.store, w.jobs, a.user(), a.now()); err != nil {
			return err
		}
	}
	return f(w)
}

// aboutJob explains an error about a job.
func (w *workspace) aboutJob(job string, err error) error {
	switch {
	case errors.Is(err, schedule.ErrNoJob):
		var keys []string
		for _, j := range w.jobs {
			if j.Enabled {
				keys = append(keys, j.Key)
			}
		}
		return usage("没有启用的定时任务 %q，可用的有：%s", job, strings.Join(keys, "、"))
	case errors.Is(err, ledger.ErrRunning):
		return &problem{code: exitConflict, msg: "另有一个定时任务正在做", hint: "等它结束后再试；用 doudi schedule 查看"}
	}
	return err
}

func (a *app) schedulePauseCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "pause 任务",
		Short: "暂停一个定时任务：暂停期间到点的不做，也不补",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withSchedule(ctx, true, func(w *workspace) error {
				err := schedule.Pause(ctx, w.store, args[0], a.user(), a.now())
				if errors.Is(err, schedule.ErrAsItIs) {
					fmt.Fprintf(a.out, "任务 %s 已经是暂停的\n", args[0])
					return nil
				}
				if err != nil {
					return w.aboutJob(args[0], err)
				}
				fmt.Fprintf(a.out, "已暂停 %s；用 doudi schedule resume %s 恢复\n", args[0], args[0])
				return w.store.Audit(ctx, a.now(), a.user(), "暂停定时任务 "+args[0])
			})
		},
	}
}

func (a *app) scheduleResumeCmd() *cobra.Command {
	const most = 12
	return &cobra.Command{
		Use:   "resume 任务",
		Short: "恢复一个暂停的定时任务，从现在起",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withSchedule(ctx, true, func(w *workspace) error {
				passed, err := schedule.Resume(ctx, w.store, args[0], a.user(), a.now(), most)
				if errors.Is(err, schedule.ErrAsItIs) {
					fmt.Fprintf(a.out, "任务 %s 没有暂停\n", args[0])
					return nil
				}
				if err != nil {
					return w.aboutJob(args[0], err)
				}
				fmt.Fprintf(a.out, "已恢复 %s\n", args[0])
				if len(passed) > 0 {
					what := fmt.Sprintf("%d 次", len(passed))
					if len(passed) == most {
						what = "多次"
					}
					fmt.Fprintf(a.out, "注意：其间到点 %s没有做，也不补：%s 等；需要的用 doudi schedule now %s 补做，按月的加 --month\n", what, clockTime(passed[0]), args[0])
				}
				return w.store.Audit(ctx, a.now(), a.user(), "恢复定时任务 "+args[0])
			})
		},
	}
}

func (a *app) scheduleNowCmd() *cobra.Command {
	var month string
	c := &cobra.Command{
		Use:   "now 任务 [--month 2023-08]",
		Short: "现在就做一个定时任务（暂停的也可以）",
		Long:  "现在就在这里做一个定时任务，与到点时做的一样，但失败了不重试。\n\n" + exitHelp,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var m civil.Month
			if month != "" {
				var err error
				if m, err = parseMonth(month); err != nil {
					return err
				}
			}
			return a.withSchedule(ctx, true, func(w *workspace) error {
				for _, j := range w.jobs {
					if j.Key == args[0] && m != 0 && !j.Kind.Month {
						return usage("任务 %s 不分月份，不能写 --month", j.Key)
					}
				}
				r, err := a.runner(w)
				if err != nil {
					return err
				}
				if err := w.store.Audit(ctx, a.now(), a.user(), "手工执行定时任务 "+args[0]); err != nil {
					return err
				}
				x, err := r.Begin(ctx, args[0], m, a.user())
				if err != nil {
					return w.aboutJob(args[0], err)
				}
				a.sayTry(x)
				a.code = exitOf(x)
				return nil
			})
		},
	}
	monthFlag(c, &month, "月份，如 2023-08；默认按 doudi.yaml 的 month")
	return c
}

// exitOf is the exit code of the command that a try was.
func exitOf(x ledger.Try) int {
	switch x.Code {
	case "":
		return exitDone
	case schedule.CodeReturned:
		return exitReturned
	case schedule.CodeUsage:
		return exitUsage
	case schedule.CodeRefused:
		return exitRefused
	case schedule.CodeConflict, schedule.CodeBusy:
		return exitConflict
	case schedule.CodeIntegrity:
		return exitIntegrity
	}
	return exitFailure
}

func (a *app) scheduleRunCmd() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use:   "run [--once]",
		Short: "守着时钟，到点就做（不用网页控制台时）；Ctrl-C 结束",
		Long: "守着时钟，到点就在这个进程里做定时任务，直到 Ctrl-C。\n" +
			"--once：把现在到点的（包括错过的和该重试的）做完就结束，可由操作系统的计划任务定时调用。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withSchedule(ctx, true, func(w *workspace) error {
				r, err := a.runner(w)
				if err != nil {
					return err
				}
				r.Said = a.sayTry
				if !once {
					fmt.Fprintf(a.out, "守着 %d 个定时任务，Ctrl-C 结束\n", len(w.jobs))
					return schedule.Run(ctx, r)
				}
				r.Said = func(x ledger.Try) {
					a.sayTry(x)
					if x.State != ledger.TryDone && x.State != ledger.TryCovered {
						a.code = exitFailure
					}
				}
				for more := true; more; {
					if more, err = r.Step(ctx); err != nil {
						return err
					}
				}
				return ctx.Err()
			})
		},
	}
	c.Flags().BoolVar(&once, "once", false, "做完现在到点的就结束")
	return c
}

func (a *app) sayTry(x ledger.Try) { fmt.Fprintln(a.out, tryLine(x)) }

func clockTime(t time.Time) string { return t.In(schedule.Zone).Format("2006-01-02 15:04") }

// tryLine tells of a try: 2023-09-05 02:30 run（2023-08）完成，第 3 次运行.
func tryLine(x ledger.Try) string {
	s := clockTime(x.Due) + " " + x.Job
	if x.Month != 0 {
		s += "（" + x.Month.String() + "）"
	}
	switch x.State {
	case ledger.TryRunning:
		s += "正在做"
	case ledger.TryDone:
		s += "完成"
	case ledger.TryCovered:
		s += "已有人做过，没有再做"
	case ledger.TryRetry:
		s += fmt.Sprintf("失败，%s 重试", clockTime(x.Next))
	case ledger.TryLost:
		s += "没有做完，将接着做"
	default:
		s += "失败"
	}
	if x.Run != 0 {
		s += fmt.Sprintf("，第 %d 次运行", x.Run)
	}
	if x.Code != "" {
		s += "：" + schedule.Reason(x.Code)
	}
	if x.Missed > 0 {
		s += fmt.Sprintf("（另有 %d 次错过的由它代替）", x.Missed)
	}
	return s
}

var termNames = map[ledger.TermState]string{ledger.TermOn: "启用", ledger.TermPaused: "已暂停", ledger.TermOff: "未启用"}

type scheduleJSON struct {
	Job     string   `json:"job"`
	Kind    string   `json:"kind"`
	Title   string   `json:"title"`
	Area    string   `json:"area"`
	Cron    string   `json:"cron"`
	Words   string   `json:"words"`
	Month   string   `json:"month"`
	State   string   `json:"state"`
	Next    []string `json:"next"`
	Running bool     `json:"running"`
	Ready   bool     `json:"ready"`
	Retry   string   `json:"retry"`
	Held    int      `json:"held"`
	Without []string `json:"without"`
	Last    *tryJSON `json:"last"`
}

type tryJSON struct {
	Job      string `json:"job"`
	Origin   string `json:"origin"`
	Due      string `json:"due"`
	Month    string `json:"month"`
	State    string `json:"state"`
	Attempt  int    `json:"attempt"`
	Started  string `json:"started"`
	Finished string `json:"finished"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Run      int    `json:"run"`
	Missed   int    `json:"missed"`
}

func tryOf(x *ledger.Try) *tryJSON {
	if x == nil {
		return nil
	}
	j := &tryJSON{Job: x.Job, Origin: x.Origin, Due: moment(x.Due), State: string(x.State), Attempt: x.Attempt, Started: moment(x.Started), Finished: moment(x.Finished),
		Code: x.Code, Message: schedule.Reason(x.Code), Run: x.Run, Missed: x.Missed}
	if x.Month != 0 {
		j.Month = x.Month.String()
	}
	return j
}

func (a *app) listSchedule(ctx context.Context, w *workspace, format string) error {
	o, err := schedule.Look(ctx, w.store, w.jobs, a.now())
	if err != nil {
		return err
	}
	switch format {
	case "json":
		out := map[string]any{"behind": o.Behind}
		jobs, failures := []scheduleJSON{}, []*tryJSON{}
		for _, s := range o.Jobs {
			jobs = append(jobs, scheduleJSON{s.Key, s.Kind, s.Title, s.Area, s.Cron, s.Words, s.Month, string(s.State), moments(s.Next), s.Running != nil, s.Ready != nil,
				moment(s.Retry), s.Held, months(s.Without), tryOf(s.Last)})
		}
		for i := range o.Failures {
			failures = append(failures, tryOf(&o.Failures[i]))
		}
		out["jobs"], out["failures"] = jobs, failures
		return printJSON(a.out, out)
	case "csv":
		t, err := newTable(a.out, format, "job", "kind", "area", "cron", "words", "month", "state", "next", "last_due", "last_month", "last_state", "last_code", "last_run")
		if err != nil {
			return err
		}
		for _, s := range o.Jobs {
			last := tryOf(s.Last)
			if last == nil {
				last = &tryJSON{}
			}
			run := ""
			if last.Run != 0 {
				run = strconv.Itoa(last.Run)
			}
			if err := t.row(s.Key, s.Kind, s.Area, s.Cron, s.Words, s.Month, string(s.State), strings.Join(moments(s.Next), " / "), last.Due, last.Month, last.State, last.Code, run); err != nil {
				return err
			}
		}
		return t.close()
	}
	a.saySchedule(o)
	return nil
}

func moments(ts []time.Time) []string {
	out := []string{}
	for _, t := range ts {
		out = append(out, moment(t))
	}
	return out
}

func months(ms []civil.Month) []string {
	out := []string{}
	for _, m := range ms {
		out = append(out, m.String())
	}
	return out
}

var monthRules = map[string]string{schedule.Previous: "上月", schedule.Current: "当月"}

func (a *app) saySchedule(o schedule.Overview) {
	if len(o.Jobs) == 0 {
		fmt.Fprintln(a.out, "没有定时任务：在 "+configFile+" 里写 schedule，如 schedule: [{job: run, cron: \"30 2 5 * *\"}]")
	}
	if o.Behind {
		fmt.Fprintln(a.out, "注意：本机时间早于记录里最后一次的时间；请校正时间。时间不错的，用 doudi schedule resume 任务 从现在重新开始")
	}
	for _, s := range o.Jobs {
		what := s.Title
		if s.Area != "" {
			what += " " + s.Area
		}
		if s.Month != "" {
			what += "，做" + monthRules[s.Month]
		}
		fmt.Fprintf(a.out, "%s  %s  [%s]（%s）\n", s.Key, s.Words, s.Cron, what)
		if s.State != ledger.TermOn {
			fmt.Fprintln(a.out, "  "+termNames[s.State])
		} else {
			var next []string
			for _, t := range s.Next {
				next = append(next, clockTime(t))
			}
			fmt.Fprintln(a.out, "  接下来："+strings.Join(next, "、"))
		}
		if len(s.Without) > 0 {
			fmt.Fprintln(a.out, "  注意：这个时间不是每月都有，一年内做不到的月份："+strings.Join(months(s.Without), "、"))
		}
		if s.Held > 0 {
			fmt.Fprintf(a.out, "  注意：错过了 %d 个月，没有自动补做；请核对本机时间，再用 doudi schedule resume %s 从现在开始\n", s.Held, s.Key)
		}
		if s.Ready != nil {
			fmt.Fprintf(a.out, "  到点未做：%s\n", clockTime(s.Ready.Due))
		}
		if s.Last != nil {
			fmt.Fprintln(a.out, "  上次："+tryLine(*s.Last))
		}
	}
	if len(o.Failures) > 0 {
		fmt.Fprintln(a.out, "失败、至今没有做成的：")
		for _, x := range o.Failures {
			fmt.Fprintln(a.out, "  "+tryLine(x))
		}
	}
}
