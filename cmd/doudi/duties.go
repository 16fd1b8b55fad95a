package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/reports/workbook"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/spf13/cobra"
)

// dutiesCmd lists the lists that the documents ask for, or the rows of one.
func (a *app) dutiesCmd() *cobra.Command {
	var month, area, format string
	var run int
	var reveal bool
	c := &cobra.Command{
		Use:   "list [清单名] [--month 2023-08 | --run N] [--area 330100] [--format csv|json] [--reveal]",
		Short: "列出政策要求编制的清单，或其中一份的内容（元）",
		Long: "不带清单名：列出各统筹区的政策包要求编制的清单、依据条款、送哪些部门、从何时起，以及另外可以查询的清单。\n" +
			"带清单名：给出一次运行所知的该清单的各表（默认最近一次运行）；CSV 各表相接，第一列 sheet 为表名，每表先有自己的表头。\n" +
			"政策包没有要求的清单也可以查询，会注明。身份证号和姓名默认遮掩。\n\n" + exitHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if month != "" && run != 0 {
				return usage("--month 和 --run 只能给一个")
			}
			if len(args) == 1 && !reports.HasList(args[0]) {
				return usage("没有清单 %q，可用的有：%s", args[0], strings.Join(pack.ListNames(), "、"))
			}
			ctx := cmd.Context()
			w, err := a.open(ctx)
			if err != nil {
				return err
			}
			defer w.close()
			if len(args) == 0 {
				return a.listDuties(w, area, format)
			}
			ar, err := w.area(area, "")
			if err != nil {
				return err
			}
			r, err := w.runOf(ctx, month, run)
			if err != nil {
				return err
			}
			if reveal {
				if err := w.store.Audit(ctx, a.now(), a.user(), fmt.Sprintf("list %s --reveal --area %s --run %d", args[0], ar.Code, r.No)); err != nil {
					return err
				}
			}
			areas, err := w.then(ctx, r, a.err)
			if err != nil {
				return err
			}
			for i := range areas {
				if areas[i].Code == ar.Code {
					ar = &areas[i]
				}
			}
			l, err := reports.List(ctx, w.store, *ar, r, args[0], reveal)
			if err != nil {
				return err
			}
			return a.printDuty(l, r, format)
		},
	}
	monthFlag(c, &month, "看哪个月份的运行")
	c.Flags().IntVar(&run, "run", 0, "看哪一次运行（默认最近一次）")
	c.Flags().StringVar(&area, "area", "", "统筹区代码（只有一个时可省略）")
	c.Flags().BoolVar(&reveal, "reveal", false, "显示完整身份证号和姓名（会留下审计记录）")
	formatFlag(c, &format, "csv", "json")
	return c
}

// runOf is the run that a command means: of a month, of a number, or the last.
func (w *workspace) runOf(ctx context.Context, month string, no int) (ledger.Run, error) {
	if month == "" {
		return w.store.Run(ctx, no)
	}
	m, err := parseMonth(month)
	if err != nil {
		return ledger.Run{}, err
	}
	return w.store.RunOfMonth(ctx, m)
}

// listDuties lists the lists of every area, or of one: first those that its packs
// order, then the others.
func (a *app) listDuties(w *workspace, area, format string) error {
	areas := w.areas
	if area != "" {
		ar, err := w.area(area, "")
		if err != nil {
			return err
		}
		areas = []jobs.Area{*ar}
	}
	t, err := newTable(a.out, format, "area", "name", "title", "ordered", "clause", "document", "article", "departments", "from", "to", "pack")
	if err != nil {
		return err
	}
	for _, ar := range areas {
		var ordered []string
		for _, l := range ar.Layers {
			for _, x := range l.Describe().Lists {
				ordered = append(ordered, x.Name)
				if err := t.row(ar.Code, x.Name, x.Title, "true", x.Clause, x.Document, x.Article, strings.Join(x.Departments, "、"), x.From, x.To, l.ID); err != nil {
					return err
				}
			}
		}
		for _, name := range pack.ListNames() {
			if !slices.Contains(ordered, name) {
				if err := t.row(ar.Code, name, pack.ListTitles[name], "false", "", "", "", "", "", "", ""); err != nil {
					return err
				}
			}
		}
	}
	return t.close()
}

func (a *app) printDuty(l *reports.DutyList, r ledger.Run, format string) error {
	if format == "json" {
		tables := []any{}
		for i := range l.Tables {
			tables = append(tables, dutyTableJSON(&l.Tables[i]))
		}
		return printJSON(a.out, map[string]any{"area": l.Area, "month": r.Month.String(), "run": r.No, "name": l.Name, "title": l.Title, "ordered": l.Ordered,
			"clause": map[string]string{"id": l.Clause.ID, "document": l.Clause.Number, "article": l.Clause.Article, "text": l.Clause.Text}, "tables": tables})
	}
	if !l.Ordered {
		fmt.Fprintf(a.err, "注意：%s 的政策包在 %s 没有要求编制“%s”，按需给出。\n", l.Area, r.Month, l.Title)
	}
	if len(l.Tables) == 0 {
		fmt.Fprintf(a.err, "注意：%d 年没有施行中的政策包，没有内容。\n", r.Month.Year())
	}
	return dutyCSV(a.out, l.Tables)
}

// dutyCSV writes tables one after another, each under its own header; the first
// column names the sheet.
func dutyCSV(out io.Writer, tables []workbook.Table) error {
	w := csv.NewWriter(out)
	for i := range tables {
		t := &tables[i]
		header := []string{"sheet"}
		for _, c := range t.Columns {
			header = append(header, c.Title)
		}
		if err := w.Write(header); err != nil {
			return err
		}
		if t.Rows == nil {
			continue
		}
		for row := range t.Rows {
			line := make([]string, len(header))
			line[0] = t.Sheet
			for k, v := range row {
				if s := dutyCell(v); s != nil {
					line[k+1] = fmt.Sprint(s)
				}
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

func dutyTableJSON(t *workbook.Table) any {
	columns, keys, rows := []string{}, []string{}, [][]any{}
	for _, c := range t.Columns {
		columns, keys = append(columns, c.Title), append(keys, c.Key)
	}
	if t.Rows != nil {
		for row := range t.Rows {
			line := make([]any, len(columns))
			for k, v := range row {
				line[k] = dutyCell(v)
			}
			rows = append(rows, line)
		}
	}
	notes := t.Notes
	if notes == nil {
		notes = []string{}
	}
	return struct {
		Sheet   string   `json:"sheet"`
		Title   string   `json:"title"`
		Notes   []string `json:"notes"`
		Columns []string `json:"columns"`
		Keys    []string `json:"keys"` // stable names of the columns
		Rows    [][]any  `json:"rows"`
	}{t.Sheet, t.Title, notes, columns, keys, rows}
}

// dutyCell is a cell as programs read it: counts are numbers, amounts, ratios and
// dates are texts as everywhere, nothing is null.
func dutyCell(v any) any {
	switch v := v.(type) {
	case workbook.Cell:
		return dutyCell(v.Value)
	case money.Fen:
		return v.String()
	case money.Ratio:
		return v.String()
	case civil.Date:
		if v == 0 {
			return nil
		}
		return v.String()
	case civil.Moment:
		return v.String()
	}
	return v
}
