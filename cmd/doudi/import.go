package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/reports/workbook"
	"doudi/rules/civil"

	"github.com/spf13/cobra"
)

// importKinds are what import takes; transfers come with their room.
var importKinds = []string{"auto", "roster", "claims", "enrolment", "relief", "contributions", "births", "items"}

func (a *app) importCmd() *cobra.Command {
	var kind, area, month, format string
	var dry bool
	c := &cobra.Command{
		Use:   "import [--kind " + strings.Join(importKinds, "|") + "] [--area 330100] [--month 2023-08] [--dry-run] 文件…",
		Short: "读入名单、结算、参保、帮扶、缴费、生育、收费项目等表格（.xlsx、.csv）",
		Long: "读入表格：格式看内容不看文件名，表头可在标题行之下，列的次序不限。\n" +
			"种类默认（auto）按表头辨认：roster 名单、claims 结算、enrolment 参保、relief 帮扶、contributions 缴费、births 生育、items 收费项目。\n" +
			"有错的行退回给发送人（标红并批注的工作簿），其余照常采纳；读入 = 采纳 + 重复 + 退回。\n\n" + exitHelp,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(importKinds, kind) {
				return usage("--kind %q 不可选，应为 %s 之一", kind, strings.Join(importKinds, "、"))
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
			cy := a.cycle(w)
			var files []jobs.FileOutcome
			for _, path := range args {
				ar, err := w.area(area, path)
				if err != nil {
					return err
				}
				if st, err := os.Stat(path); err != nil || st.IsDir() {
					return usage("%s 不是可读的文件", path)
				}
				f, err := cy.ImportFile(cmd.Context(), ar, path, jobs.ImportOptions{Kind: intake.Kind(kind), Month: m, Dry: dry})
				if err != nil {
					return err
				}
				files = append(files, f)
				if format == "text" {
					a.sayFile(f, dry)
				}
			}
			if format == "json" {
				if err := printJSON(a.out, map[string]any{"files": filesJSON(files)}); err != nil {
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

var kindNames = map[string]string{"roster": "名单", "claims": "结算", "enrolment": "参保", "relief": "帮扶", "contributions": "缴费", "births": "生育", "items": "收费项目",
	"mixed": "多种"}

func (a *app) sayFile(f jobs.FileOutcome, dry bool) {
	name := filepath.Base(f.Path)
	if f.Refused != "" {
		fmt.Fprintf(a.out, "%s 拒收（%s）：%s\n", name, f.File.Refused, f.Refused)
		return
	}
	would := ""
	if dry {
		would = "（试读，未采纳）"
	}
	fmt.Fprintf(a.out, "%s %s%s：读入 %d 行 = 采纳 %d + 重复 %d + 退回 %d\n", name, kindNames[f.File.Kind], would,
		f.File.Read, f.File.Taken, f.File.Repeated, f.File.Returned)
	for _, n := range f.Report.Notes {
		fmt.Fprintf(a.out, "  说明：%s\n", n)
	}
	a.sayErrors(f.Report.Errors, 10)
	if f.File.ReturnedBook != "" {
		fmt.Fprintf(a.out, "  退回行在 %s\n", f.File.ReturnedBook)
	}
}

// sayErrors prints the first few wrong cells.
func (a *app) sayErrors(es []intake.RowError, most int) {
	for i, e := range es {
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
	Message          string            `json:"message,omitempty"`
	Errors           []intake.RowError `json:"errors"`
	Notes            []string          `json:"notes,omitempty"`
	ReturnedWorkbook string            `json:"returned_workbook"`
}

func filesJSON(files []jobs.FileOutcome) []fileJSON {
	out := []fileJSON{}
	for _, f := range files {
		j := fileJSON{File: f.Path, SHA256: f.File.SHA256, Kind: f.File.Kind, Area: f.File.Area, Read: f.File.Read, Taken: f.File.Taken,
			Repeated: f.File.Repeated, Returned: f.File.Returned, Skipped: f.File.Skipped, Refused: f.File.Refused, Message: f.Refused,
			Errors: []intake.RowError{}, ReturnedWorkbook: f.File.ReturnedBook}
		if f.Report != nil {
			j.Errors = append(j.Errors, f.Report.Errors...)
			j.Notes = f.Report.Notes
		}
		out = append(out, j)
	}
	return out
}

// giveBack writes a file's returned rows for its sender: the workbook and the
// same as JSON.
func (w *workspace) giveBack(path string, f *ledger.File, r *intake.Report) (string, error) {
	dir := w.out("退回", f.Area)
	if f.Month != 0 {
		dir = w.out(f.Month.String(), f.Area, "退回")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	base := filepath.Join(dir, strings.TrimSuffix(f.Name, filepath.Ext(f.Name))+"-退回")
	book, err := reports.Returned(path, f, r)
	if err != nil {
		return "", err
	}
	if err := workbook.Write(base+".xlsx", book); err != nil {
		return "", err
	}
	j, err := json.MarshalIndent(r.Errors, "", "  ")
	if err != nil {
		return "", err
	}
	return base + ".xlsx", os.WriteFile(base+".json", append(j, '\n'), 0o600)
}
