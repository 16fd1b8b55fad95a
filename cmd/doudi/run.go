package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/store/sqlite"
	"doudi/jobs/vault"
	"doudi/reports"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

func (a *app) runCmd() *cobra.Command {
	var month, format string
	var full, dry bool
	c := &cobra.Command{
		Use:   "run --month 2023-08 [--full] [--dry-run]",
		Short: "运行一个月：读收件箱、重算、清零、写工作簿",
		Long: "运行一个月：取 doudi.yaml 里 sources 的新文件，读入各统筹区收件箱里的新文件\n" +
			"（inbox/区划代码/，其中以后月份的文件夹如 2023-09 先不读；还在写或正打开着的文件留待下次），\n" +
			"重算受影响的人全年的每一笔，给出补发、追回方案和监测清零情况，为各部门写出工作簿。\n" +
			"中断后再次执行同一命令即可接着做；同样的数据再运行一次不会多出任何结果。\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := parseMonth(month)
			if err != nil {
				return err
			}
			if m > civil.FromTime(a.now()).Month() {
				return usage("%s 还没有到，不能运行", m)
			}
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			notes, err := w.runNotes(cmd.Context(), m)
			if err != nil {
				return err
			}
			if dry {
				// A dry run is a real run on a copy of the ledger.
				if err := w.onCopy(cmd.Context()); err != nil {
					return err
				}
				defer os.RemoveAll(filepath.Dir(w.copied))
			}
			cy := a.cycle(w)
			if dry {
				cy.Archive, cy.GiveBack, cy.Scratch = nil, nil, filepath.Dir(w.copied)
			} else {
				o, err := w.reportOptions("")
				if err != nil {
					return err
				}
				o.NoPDF = a.noPDF
				cy.Report = func(ctx context.Context, run ledger.Run, areas []jobs.Area) (map[string][]string, error) {
					return reports.Write(ctx, w.store, areas, run, o)
				}
			}
			if format == "text" {
				a.showProgress(cy)
			}
			out, err := cy.Run(cmd.Context(), jobs.RunOptions{Month: m, Full: full, Dry: dry})
			if err != nil {
				return err
			}
			a.ran = out.Run.No
			a.code = filesCode(slices.Concat(out.Files, out.GivenBack))
			if out.Missing() {
				// The month is done and stored with what there is. But it is not the month
				// that was asked for, and 0 or 3 would let a schedule go on as if it were.
				a.code = exitFailure
				fmt.Fprintln(a.err, "错误：有来源或文件没有取到，其余已照常做完；修好后再次执行同一命令，会补上没取到的")
			}
			notes = append(notes, sealedNotes(out)...)
			returns, err := w.returns(cmd.Context())
			if err != nil {
				return err
			}
			if !dry {
				if err := w.listReturns(returns, returnedSeqs(out)); err != nil {
					return fmt.Errorf("第 %d 次运行已入账，但%s未写成：%w", out.Run.No, returnsBookName, err)
				}
			}
			if format == "json" {
				j := runJSON(out, notes)
				j["returned_open"] = returnsJSON(openOnes(returns))
				return printJSON(a.out, j)
			}
			a.sayRun(out, dry)
			a.sayOpen(returns)
			for _, n := range notes {
				fmt.Fprintln(a.out, "  注意："+n)
			}
			return nil
		},
	}
	monthFlag(c, &month, "月份，如 2023-08")
	c.Flags().BoolVar(&full, "full", false, "重算所有人，不只是受影响的人")
	c.Flags().BoolVar(&dry, "dry-run", false, "在账本副本上试运行，不改动任何东西")
	formatFlag(c, &format, "text", "json")
	return c
}

// onCopy makes the workspace work on a copy of its ledger.
func (w *workspace) onCopy(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "doudi-dry-")
	if err != nil {
		return err
	}
	w.copied = filepath.Join(dir, ledgerFile)
	if err := w.store.CopyTo(ctx, w.copied); err != nil {
		return err
	}
	if err := w.store.Close(); err != nil {
		return err
	}
	v, err := vault.Open(w.path(keyFile))
	if err != nil {
		return err
	}
	w.store, err = sqlite.Open(ctx, w.copied, v)
	return err
}

// runNotes are what a run would pass over in silence: files that lie in no
// area's folder, and a month before one that was run already.
func (w *workspace) runNotes(ctx context.Context, m civil.Month) ([]string, error) {
	var notes []string
	stray := 0
	err := filepath.WalkDir(w.path("inbox"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return filepath.SkipDir
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			for _, ar := range w.areas {
				if filepath.Clean(ar.Inbox) == filepath.Clean(path) {
					return filepath.SkipDir
				}
			}
			return nil
		}
		stray++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if stray > 0 {
		notes = append(notes, fmt.Sprintf("收件箱里有 %d 个文件不在任何统筹区的文件夹里，没有读；请放进 %s 这样的文件夹", stray, w.areas[0].Inbox))
	}
	last, err := w.store.LastMonth(ctx)
	if err != nil {
		return nil, err
	}
	if int(m) < last {
		notes = append(notes, fmt.Sprintf("此前已运行到 %s；%s 的工作簿按现在所知重写，不是当时的数", civil.Month(last), m))
	}
	return notes, nil
}

func (a *app) sayRun(o jobs.Outcome, dry bool) {
	title := fmt.Sprintf("第 %d 次运行，%s", o.Run.No, o.Run.Month)
	if dry {
		title = "试运行（未改动任何东西），" + o.Run.Month.String()
	}
	fmt.Fprintln(a.out, title)
	a.saySources(o)
	read, taken, repeated, returned := 0, 0, 0, 0
	for _, f := range o.Files {
		read += f.File.Read
		taken += f.File.Taken
		repeated += f.File.Repeated
		returned += f.File.Returned
		if f.Refused != "" {
			fmt.Fprintf(a.out, "  拒收 %s（%s）：%s\n", filepath.Base(f.Path), f.File.Refused, f.Refused)
		}
	}
	fmt.Fprintf(a.out, "  新文件 %d 个：读入 %d 行 = 采纳 %d + 重复 %d + 退回 %d\n", len(o.Files), read, taken, repeated, returned)
	a.sayAmounts(amountsOf(o.Files))
	if o.KnownReturned > 0 {
		fmt.Fprintf(a.out, "  以前读过的文件 %d 个没有再读，其中当时退回 %d 行（改正后另发，或登记代码、列名后再运行）\n", o.Known, o.KnownReturned)
	}
	for _, f := range o.Files {
		a.sayNotable(f, dry)
	}
	a.sayGivenBack(o)
	for _, ar := range o.Run.Areas {
		fmt.Fprintf(a.out, "  %s %s：重算 %d 人（全部 %d 人），结算 %d 笔；补发 %s 元%s，追回 %s 元；监测新增 %d，清零 %d\n",
			ar.Area, ar.Name, ar.Touched, ar.People, ar.Claims, ar.TopUp, hospitalPart(ar), ar.Clawback, ar.CasesOpened, ar.CasesCleared)
		if ar.PriorTopUp != 0 || ar.PriorClawback != 0 {
			fmt.Fprintf(a.out, "    其中以前年度调整（已结的 %s 年度，过账即记在过账的年度）：补发 %s 元，追回 %s 元\n", years(ar.Closed), ar.PriorTopUp, ar.PriorClawback)
		}
		if len(ar.Unset) > 0 {
			fmt.Fprintf(a.out, "    未配置参数 %d 项，有关费用按平台记录（见 doudi rules show）\n", len(ar.Unset))
		}
		for _, p := range o.Workbooks[ar.Area] {
			fmt.Fprintf(a.out, "    工作簿 %s\n", p)
		}
	}
	a.sayReconciled(o)
	fmt.Fprintf(a.out, "  方案校验码 %s\n", o.Run.Proposal)
	fmt.Fprint(a.out, "  用时")
	for _, s := range o.Stages {
		fmt.Fprintf(a.out, " %s %s", s.Stage, s.Took.Round(time.Millisecond))
	}
	fmt.Fprintln(a.out)
}

// sealedNotes name the areas whose workbooks of the month stay as they were.
func sealedNotes(o jobs.Outcome) []string {
	var notes []string
	for _, code := range o.Sealed {
		notes = append(notes, fmt.Sprintf("统筹区 %s 的 %d 年度已结账，它的 %s 工作簿保持结账时的，没有重写；迟到的数据列入它下一个未结月份的工作簿", code, o.Run.Month.Year(), o.Run.Month))
	}
	return notes
}

// years joins years: 2022、2023.
func years(ys []int) string {
	var out []string
	for _, y := range ys {
		out = append(out, strconv.Itoa(y))
	}
	return strings.Join(out, "、")
}

// hospitalPart says what of the top-up hospitals owe: no fund pays it.
func hospitalPart(ar ledger.RunArea) string {
	if ar.HospitalDue == 0 {
		return ""
	}
	return fmt.Sprintf("（其中应由医院承担 %s 元）", ar.HospitalDue)
}

type runAreaJSON struct {
	Area         string   `json:"area"`
	Name         string   `json:"name"`
	People       int      `json:"people"`     // all of the area
	Recomputed   int      `json:"recomputed"` // people whom something new touches
	PersonYears  int      `json:"person_years"`
	Claims       int      `json:"claims"`
	TopUp        string   `json:"topup"`
	Clawback     string   `json:"clawback"`
	HospitalDue  string   `json:"topup_hospital"` // of topup
	CasesOpened  int      `json:"cases_opened"`
	CasesCleared int      `json:"cases_cleared"`
	Unset        []string `json:"unset"`
	Workbooks    []string `json:"workbooks"`
}

func runJSON(o jobs.Outcome, notes []string) map[string]any {
	areas := []runAreaJSON{}
	for _, r := range o.Run.Areas {
		j := runAreaJSON{Area: r.Area, Name: r.Name, People: r.People, Recomputed: r.Touched, PersonYears: r.Recomputed, Claims: r.Claims, TopUp: r.TopUp.String(), Clawback: r.Clawback.String(), HospitalDue: r.HospitalDue.String(),
			CasesOpened: r.CasesOpened, CasesCleared: r.CasesCleared, Unset: []string{}, Workbooks: []string{}}
		for _, u := range r.Unset {
			j.Unset = append(j.Unset, u.Path)
		}
		j.Workbooks = append(j.Workbooks, o.Workbooks[r.Area]...)
		areas = append(areas, j)
	}
	stages := map[string]int64{}
	for _, s := range o.Stages {
		stages[s.Stage] += s.Took.Milliseconds()
	}
	return map[string]any{"run": o.Run.No, "month": o.Run.Month.String(), "proposal": o.Run.Proposal, "areas": areas,
		"files": runFiles(o), "sources": sourcesJSON(o.Sources), "waiting": waitingJSON(o.Waiting), "notes": append([]string{}, notes...), "stages_ms": stages, "reconciled": reconciledOf(o)}
}
