package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"runtime/debug"
	"strings"
	"time"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/tempdir"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

// version is set by the Makefile; results carry it.
var version = "dev"

// app holds what the commands share.
type app struct {
	out, err io.Writer
	dir      string
	by       string
	now      func() time.Time
	code     int  // exit code of a command that succeeded
	ran      int  // the number of the run that it made
	clock    bool // nobody gave the command: the schedule did
	command  *cobra.Command
}

// shanghai: civil dates are those of this zone, wherever the machine stands.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func newApp(out, errOut io.Writer) *app {
	a := &app{out: out, err: errOut, now: func() time.Time { return time.Now().In(shanghai) }}
	// A fixed clock for tests and for replaying a month as it was.
	if s := os.Getenv("DOUDI_NOW"); s != "" {
		if t, err := time.ParseInLocation("2006-01-02T15:04:05", s, shanghai); err == nil {
			start := time.Now()
			a.now = func() time.Time { return t.Add(time.Since(start)) }
		}
	}
	return a
}

// execute runs one command line and gives the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	code, err := a.dispatch(ctx, args)
	if err != nil {
		return report(a.err, err)
	}
	return code
}

// dispatch runs one command line; the code is that of one that succeeded.
func (a *app) dispatch(ctx context.Context, args []string) (int, error) {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err != nil {
		if ctx.Err() != nil { // whatever broke on the way, Ctrl-C is why
			err = context.Canceled
		} else if strings.HasPrefix(err.Error(), "unknown command") {
			err = usage("没有这个命令：%s", strings.Join(args, " "))
		}
	}
	return a.code, err
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "doudi",
		Short:         "兜底：困难群众医疗救助按月对账与重算",
		Long:          "兜底（doudi）每月读入民政、乡村振兴、残联等部门的名单和医保结算数据，按本地政策重算每一笔，\n给出补发、追回、监测和清零，并为各部门写出工作簿。\n\n" + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       buildVersion(),
		// Before any command: none of them has a hook of its own.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.command = cmd
			return a.forTheRecord(cmd)
		},
	}
	root.PersistentFlags().StringVarP(&a.dir, "workspace", "C", ".", "工作目录")
	root.PersistentFlags().StringVar(&a.by, "by", "", "经办人（默认为操作系统用户；设有用户后应为其中之一）")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &problem{code: exitUsage, msg: "用法错误", err: err, hint: "用 --help 查看用法"}
	})
	root.AddCommand(a.initCmd(), a.sampleCmd(), a.importCmd(), a.runCmd(), a.resultsCmd(), a.adjustmentsCmd(), a.postCmd(),
		a.explainCmd(), a.casesCmd(), a.dutiesCmd(), a.reportCmd(), a.rulesCmd(), a.sourcesCmd(), a.verifyCmd())
	root.AddCommand(a.simulateCmd(), a.rerunCmd(), a.diffCmd())
	root.AddCommand(a.reconcileCmd())
	root.AddCommand(a.mergeCmd())
	root.AddCommand(a.scheduleCmd())
	root.AddCommand(a.closeCmd(), a.reopenCmd())
	root.AddCommand(a.userCmd())
	root.CompletionOptions.DisableDefaultCmd = true
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}

// forTheRecord refuses citizen IDs in what people write for the record: it is kept for
// ever, and may be copied out of it.
func (a *app) forTheRecord(cmd *cobra.Command) error {
	if f := cmd.Flags().Lookup("reason"); f != nil && ledger.HoldsID(f.Value.String()) {
		return usage("--reason 里不要写身份证号（也不要写 15 位以上的数字）：理由会一直留在记录里")
	}
	if ledger.HoldsID(a.user()) {
		return usage("经办人里不要写身份证号：它会一直留在记录里，请用 --by 姓名")
	}
	return nil
}

// wrapArgs turns cobra's complaints about arguments into usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return &problem{code: exitUsage, msg: "用法：" + cmd.UseLine(), hint: "用 --help 查看用法"}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

func buildVersion() string {
	if version != "dev" {
		return version
	}
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return s.Value[:12]
			}
		}
	}
	return version
}

// open opens the workspace named by -C, for who acts there. What killed commands
// left in the output folder, half-written workbooks with names and IDs, goes; that of
// a living one stays. Where it can not be removed the command has other things to do.
func (a *app) open(ctx context.Context) (*workspace, error) {
	w, err := openWorkspace(ctx, a.dir)
	if err != nil {
		return nil, err
	}
	if err := a.knowActor(ctx, w, a.command); err != nil {
		return nil, errors.Join(err, w.close())
	}
	_ = tempdir.SweepAll(w.out())
	return w, nil
}

// user is who acts.
func (a *app) user() string {
	if a.by != "" {
		return a.by
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}

// cycle wires the steps of a month to this workspace.
func (a *app) cycle(w *workspace) *jobs.Cycle {
	return &jobs.Cycle{Store: w.store, Areas: w.areas, Now: a.now, By: a.user(), Version: buildVersion(),
		Archive: w.archive, GiveBack: w.giveBack, Debts: debts{w}, Quiet: w.quiet, Scratch: w.path("archive")}
}

// monthFlag adds --month.
func monthFlag(c *cobra.Command, into *string, what string) {
	c.Flags().StringVar(into, "month", "", what)
}

func parseMonth(s string) (civil.Month, error) {
	if s == "" {
		return 0, usage("缺少 --month，如 --month 2023-08")
	}
	m, err := civil.ParseMonth(s)
	if err != nil {
		return 0, usage("--month %q 不是月份，应写作 2023-08", s)
	}
	return m, nil
}

// formatFlag adds --format with its choices; the first is the default.
func formatFlag(c *cobra.Command, into *string, choices ...string) {
	c.Flags().StringVar(into, "format", choices[0], fmt.Sprintf("输出格式：%v", choices))
	pre := c.PreRunE
	c.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, ch := range choices {
			if *into == ch {
				if pre != nil {
					return pre(cmd, args)
				}
				return nil
			}
		}
		return usage("--format %q 不可选，应为 %v 之一", *into, choices)
	}
}

// printJSON writes one object and nothing else.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// table writes a list as CSV or as JSON, row by row.
type table struct {
	out    io.Writer
	header []string
	csv    *csv.Writer
	rows   int
}

func newTable(out io.Writer, format string, header ...string) (*table, error) {
	t := &table{out: out, header: header}
	if format == "csv" {
		t.csv = csv.NewWriter(out)
		return t, t.csv.Write(header)
	}
	_, err := io.WriteString(out, "[")
	return t, err
}

func (t *table) row(values ...string) error {
	if len(values) != len(t.header) {
		return errors.New("doudi: a row does not fit its header")
	}
	t.rows++
	if t.csv != nil {
		return t.csv.Write(values)
	}
	sep := ",\n "
	if t.rows == 1 {
		sep = "\n "
	}
	b := []byte(sep + "{")
	for i, v := range values {
		if i > 0 {
			b = append(b, ", "...)
		}
		k, err := json.Marshal(t.header[i])
		if err != nil {
			return err
		}
		x, err := json.Marshal(v)
		if err != nil {
			return err
		}
		b = append(append(append(b, k...), ": "...), x...)
	}
	_, err := t.out.Write(append(b, '}'))
	return err
}

func (t *table) close() error {
	if t.csv != nil {
		t.csv.Flush()
		return t.csv.Error()
	}
	_, err := io.WriteString(t.out, "\n]\n")
	return err
}
