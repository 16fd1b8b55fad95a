package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

// importKinds are what import takes.
var importKinds = []string{"auto", "roster", "claims", "enrolment", "relief", "transfers", "contributions", "births", "items"}

func (a *app) importCmd() *cobra.Command {
	var kind, area, month, format string
	var dry, correction, large bool
	var o importSays
	c := &cobra.Command{
		Use:   "import [--kind " + strings.Join(importKinds, "|") + "] [--area 330100] [--month 2023-08] [--correct] [--accept-large-change] [--dry-run [--out 文件夹]] [--all] 文件…",
		Short: "读入名单、结算、参保、帮扶、拨付、缴费、生育、收费项目等表格（.xlsx、.xls、.csv）",
		Long: "读入表格：格式看内容不看文件名，表头可在标题行之下，列的次序不限。\n" +
			"种类默认（auto）按表头辨认：roster 名单、claims 结算、enrolment 参保、relief 帮扶、transfers 财政拨付、contributions 缴费、births 生育、items 收费项目。\n" +
			"名单没有“变动类型”一列时：标题写着新增、退出或变更的，各行都照标题；否则视为全量名单，与在册人员比较，多的新增、少的退出。\n" +
			"标题、文件名写着更正的（或用 --correct），替代同一部门该月先前报送的名单。让三分之一以上的人失去身份的名单默认拒收。\n" +
			"先用 --dry-run 看效果：新增、退出、变化、不变各多少人；加 --out 文件夹，把将退回的行写成工作簿，可先发给报送部门改正。\n" +
			"错处先列 10 处，加 --all 全部列出。\n" +
			"有错的行退回给发送人（标红并批注的工作簿），其余照常采纳；读入 = 采纳 + 重复 + 退回，行数和金额都是。\n" +
			"已采纳但有疑问的另作提示（W- 开头），没有退回行时单独写一个提示工作簿。\n\n" + exitHelp,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(importKinds, kind) {
				return usage("--kind %q 不可选，应为 %s 之一", kind, strings.Join(importKinds, "、"))
			}
			if o.out != "" && !dry {
				return usage("--out 只和 --dry-run 一起用；正式导入时退回工作簿写在输出文件夹的“退回”里")
			}
			var m civil.Month
			if month != "" {
				var err error
				if m, err = parseMonth(month); err != nil {
					return err
				}
			}
			w, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer w.close()
			if dry && len(args) > 1 {
				// One file may build on another: they act on a copy of the ledger.
				if err := w.onCopy(cmd.Context()); err != nil {
					return err
				}
				defer os.RemoveAll(filepath.Dir(w.copied))
			}
			cy := a.cycle(w)
			if dry {
				cy.Archive, cy.GiveBack = nil, nil
			}
			var files []jobs.FileOutcome
			for _, path := range args {
				ar, err := w.area(area, path)
				if err != nil {
					return err
				}
				switch st, err := os.Stat(path); {
				case err != nil:
					return usage("读不到文件 %s", path)
				case st.IsDir():
					return usage("%s 是文件夹，请写其中的文件，如 %s", path, filepath.Join(path, "*.xlsx"))
				}
				f, err := cy.ImportFile(cmd.Context(), ar, path, jobs.ImportOptions{Kind: intake.Kind(kind), Month: m, Dry: dry && w.copied == "",
					Preview: dry, Correction: correction, LargeOK: large})
				if err != nil {
					return err
				}
				if dry && o.out != "" && f.Report != nil && len(f.Report.Errors)+len(f.Report.Warnings) > 0 {
					if err := writeAhead(o.out, path, &f); err != nil {
						return err
					}
				}
				files = append(files, f)
				if format == "text" {
					a.sayFile(f, dry, o)
				}
			}
			returns, err := w.returns(cmd.Context())
			if err != nil {
				return err
			}
			var seqs []ledger.Seq
			for _, f := range files {
				seqs = append(seqs, f.File.Seq)
			}
			if !dry {
				if err := w.listReturns(returns, seqs); err != nil {
					return fmt.Errorf("文件已导入，但%s未写成：%w", returnsBookName, err)
				}
			}
			if format == "text" && !dry {
				a.sayAnswers(returns, seqs)
			}
			if format == "json" {
				j := filesJSON(files)
				for i := range j {
					if r, ok := returnOf(returns, j[i].Seq); ok && r.Again() {
						j[i].Return = &returnsJSON([]ledger.Return{r})[0]
					}
				}
				if err := printJSON(a.out, map[string]any{"files": j}); err != nil {
					return err
				}
			}
			a.code = filesCode(files)
			return nil
		},
	}
	c.Flags().StringVar(&kind, "kind", "auto", "表格种类")
	c.Flags().StringVar(&area, "area", "", "统筹区代码（只有一个时可省略）")
	monthFlag(c, &month, "名单所属月份（默认从文件名辨认）")
	c.Flags().BoolVar(&dry, "dry-run", false, "只看效果，不采纳")
	c.Flags().StringVar(&o.out, "out", "", "和 --dry-run 一起用：把将退回的行写成工作簿，放进这个文件夹")
	c.Flags().BoolVar(&o.all, "all", false, "列出全部错处和提示，不只是前 10 处")
	c.Flags().BoolVar(&correction, "correct", false, "这是更正名单，替代同一部门该月先前报送的")
	c.Flags().BoolVar(&large, "accept-large-change", false, "已核实：名单可以让三分之一以上的人失去身份")
	formatFlag(c, &format, "text", "json")
	return c
}

// filesCode: refused files weigh more than returned rows.
func filesCode(files []jobs.FileOutcome) int {
	code := exitDone
	for _, f := range files {
		switch {
		case f.Refused != "":
			return exitRefused
		case f.File.Returned > 0:
			code = exitReturned
		}
	}
	return code
}

var kindNames = map[string]string{"roster": "名单", "claims": "结算", "enrolment": "参保", "relief": "帮扶", "contributions": "缴费", "births": "生育", "items": "收费项目", "transfers": "拨付",
	"mixed": "多种"}

// importSays are what of a file's wrong cells is shown, and where.
type importSays struct {
	out string // folder for the workbooks of a dry run
	all bool
}

// most is how many wrong cells are listed.
func (o importSays) most() int {
	if o.all {
		return math.MaxInt
	}
	return 10
}

// writeAhead writes the workbook of rows that would be returned.
func writeAhead(dir, path string, f *jobs.FileOutcome) error {
	base, err := bookOf(dir, path, &f.File, f.Report)
	if err != nil {
		return err
	}
	if len(f.Report.Errors) > 0 {
		f.File.ReturnedBook = base + ".xlsx"
	} else {
		f.Hints = base + ".xlsx"
	}
	return nil
}

func (a *app) sayFile(f jobs.FileOutcome, dry bool, o importSays) {
	name := intake.HideIDs(filepath.Base(f.Path))
	if f.Refused != "" && f.Report == nil {
		fmt.Fprintf(a.out, "%s 拒收（%s）：%s\n", name, f.File.Refused, f.Refused)
		return
	}
	would := ""
	if dry {
		would = "（试读，未采纳）"
	}
	fmt.Fprintf(a.out, "%s %s%s：读入 %d 行 = 采纳 %d + 重复 %d + 退回 %d\n", name, kindNames[f.File.Kind], would,
		f.File.Read, f.File.Taken, f.File.Repeated, f.File.Returned)
	a.sayAmounts(f.File)
	if f.Refused != "" {
		fmt.Fprintf(a.out, "  将被拒收（%s）：%s\n", f.File.Refused, f.Refused)
	}
	if s := effectSays(f.File, dry); s != "" {
		fmt.Fprintf(a.out, "  %s\n", s)
	}
	for _, n := range f.Report.Notes {
		fmt.Fprintf(a.out, "  说明：%s\n", n)
	}
	a.sayErrors(f.Report.Errors, o.most())
	if n := len(f.Report.Errors); n > o.most() && dry && o.out == "" {
		fmt.Fprintf(a.out, "  共 %d 处；加 --all 全部列出，加 --out 文件夹 写成标红、批注的工作簿\n", n)
	}
	if f.File.ReturnedBook != "" {
		fmt.Fprintf(a.out, "  退回行在 %s\n", f.File.ReturnedBook)
	}
	a.sayWarnings(f, o.most())
}

// effectSays tells what a file's rosters come to, in people; "" for a file
// without.
func effectSays(f ledger.File, dry bool) string {
	e := f.Effect
	if e == nil {
		return ""
	}
	what := "名单"
	switch {
	case e.Full && e.Correction:
		what = "更正的全量名单"
	case e.Full:
		what = "全量名单"
	case e.Correction:
		what = "更正名单"
	}
	if dry {
		what += "将使"
	}
	s := fmt.Sprintf("%s：新增 %d 人，退出 %d 人，身份变化 %d 人，不变 %d 人（此前同类别在册 %d 人）", what, e.Added, e.Removed, e.Changed, e.Unchanged, e.Open)
	if e.NoEffect > 0 {
		s += fmt.Sprintf("；不在册也没有因此在册 %d 人", e.NoEffect)
	}
	if e.Correction {
		s += fmt.Sprintf("；撤下先前报送的 %d 条", e.Withdrawn)
	}
	if e.HeldBack > 0 {
		s += fmt.Sprintf("；因有退回的行而暂缓 %d 条", e.HeldBack)
	}
	return s
}

// sayErrors prints the first few wrong cells.
func (a *app) sayErrors(es []intake.RowError, most int) {
	for i, e := range intake.Shown(es) {
		if i == most {
			fmt.Fprintf(a.out, "  …… 另有 %d 处\n", len(es)-most)
			return
		}
		fmt.Fprintf(a.out, "  %s!%s%d %s %s\n", e.Sheet, e.Column, e.Row, e.Code, e.Message)
	}
}

// fileJSON is one file of the machine-readable output.
type fileJSON struct {
	File             string            `json:"file"`
	SHA256           string            `json:"sha256"`
	Kind             string            `json:"kind"`
	Area             string            `json:"area"`
	Read             int               `json:"read"`
	Taken            int               `json:"taken"`
	Repeated         int               `json:"repeated"`
	Returned         int               `json:"returned"`
	Skipped          int               `json:"skipped"` // total rows and the like, which are no data
	Refused          string            `json:"refused"`
	Effect           *effectJSON       `json:"effect,omitempty"`
	Message          string            `json:"message,omitempty"`
	Errors           []intake.RowError `json:"errors"`
	Notes            []string          `json:"notes,omitempty"`
	ReturnedWorkbook string            `json:"returned_workbook"`
	Warnings         []intake.RowError `json:"warnings"` // of rows that were taken and should be looked at
	HintsWorkbook    string            `json:"hints_workbook,omitempty"`
	Totals           []totalJSON       `json:"totals"`
	Seq              ledger.Seq        `json:"seq,omitempty"`     // its entry
	Earlier          bool              `json:"earlier,omitempty"` // of a run: imported before it
	Return           *returnJSON       `json:"return,omitempty"`  // of an import that brings returned rows again: what became of them
}

// effectJSON is what a file's rosters come to.
type effectJSON struct {
	*ledger.RosterEffect
	On string `json:"on,omitempty"`
}

func effectOf(f ledger.File) *effectJSON {
	if f.Effect == nil {
		return nil
	}
	return &effectJSON{f.Effect, f.Effect.On.String()}
}

func filesJSON(files []jobs.FileOutcome) []fileJSON {
	out := []fileJSON{}
	for _, f := range files {
		j := fileJSON{File: intake.HideIDs(f.Path), SHA256: f.File.SHA256, Kind: f.File.Kind, Area: f.File.Area, Read: f.File.Read, Taken: f.File.Taken,
			Repeated: f.File.Repeated, Returned: f.File.Returned, Skipped: f.File.Skipped, Refused: f.File.Refused, Effect: effectOf(f.File), Message: f.Refused,
			Errors: []intake.RowError{}, ReturnedWorkbook: f.File.ReturnedBook, Warnings: []intake.RowError{}, HintsWorkbook: f.Hints, Totals: totalsJSON(f.File), Seq: f.File.Seq}
		if f.Report != nil {
			j.Errors = append(j.Errors, intake.Shown(f.Report.Errors)...)
			j.Warnings = append(j.Warnings, intake.Shown(f.Report.Warnings)...)
			j.Notes = f.Report.Notes
		}
		out = append(out, j)
	}
	return out
}
