package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/reports/workbook"
	"doudi/rules/civil"
)

// unknownSender is the folder of files that do not say who sent them.
const unknownSender = "未注明部门"

// returnsDir is where the returned rows of an area and a month are: the month that
// a file is for, else the one in which it came. In it each sender has a folder,
// which can be sent as it is; what is for programs is in another.
func (w *workspace) returnsDir(f *ledger.File) string {
	return w.out(returnsMonth(f).String(), f.Area, "退回")
}

func returnsMonth(f *ledger.File) civil.Month {
	if f.Month != 0 {
		return f.Month
	}
	return civil.FromTime(f.At.In(shanghai)).Month()
}

// senderDir names a sender's folder.
func senderDir(f *ledger.File) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return -1
		}
		return r
	}, f.Source)
	name = strings.Trim(name, ". ")
	if r := []rune(name); len(r) > 40 {
		name = strings.TrimRight(string(r[:40]), ". ")
	}
	return cmp.Or(intake.HideIDs(name), unknownSender)
}

// giveBack writes a file's returned rows for its sender: the workbook, in the
// sender's folder, and the same as JSON. What was taken and should be looked at is
// in the workbook, too, and in a JSON of its own; where no row was returned, the
// workbook is named after it. It gives the workbook's path.
func (w *workspace) giveBack(path string, f *ledger.File, r *intake.Report) (string, error) {
	dir, sender := w.returnsDir(f), senderDir(f)
	base, err := bookOf(filepath.Join(dir, sender), path, f, r)
	if err != nil {
		return "", err
	}
	forPrograms := filepath.Join(dir, "json", sender)
	if err := os.MkdirAll(forPrograms, 0o700); err != nil {
		return "", err
	}
	j := filepath.Join(forPrograms, filepath.Base(base))
	hints := j + ".json"
	if len(r.Errors) > 0 {
		hints = j + "-提示.json"
		if err := writeErrors(j+".json", r.Errors); err != nil {
			return "", err
		}
	}
	return base + ".xlsx", writeErrors(hints, r.Warnings)
}

// bookOf writes the workbook into a folder; it gives its path without .xlsx.
func bookOf(dir, path string, f *ledger.File, r *intake.Report) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	kind := "退回"
	if len(r.Errors) == 0 {
		kind = "提示"
	}
	base := bookName(dir, path, toldApart(f), kind)
	book, err := reports.Returned(path, f, r)
	if err != nil {
		return "", err
	}
	return base, workbook.Write(base+".xlsx", book)
}

// writeErrors writes what is said of cells, if anything is.
func writeErrors(path string, es []intake.RowError) error {
	if len(es) == 0 {
		return nil
	}
	j, err := json.MarshalIndent(intake.Shown(es), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(j, '\n'), 0o600)
}

var apart = regexp.MustCompile(`-[0-9a-f]{6}$`)

// toldApart is a file's name for its workbook. Files that are named by an ID alone
// have one name on record, and must not have one workbook.
func toldApart(f *ledger.File) string {
	ext := filepath.Ext(f.Name)
	stem := ledger.Stem(f.Name)
	if intake.Hidden(stem) && !apart.MatchString(stem) && len(f.SHA256) > 6 {
		stem += "-" + f.SHA256[:6]
	}
	return stem + ext
}

// bookName is where a file's workbook goes, without .xlsx. A book that was
// corrected and sent again keeps its name, with a number where it is the very
// file that is being read.
func bookName(dir, path, name, kind string) string {
	stem := ledger.Stem(name) + "-" + kind
	read, err := os.Stat(path)
	for n := 1; ; n++ {
		base := filepath.Join(dir, stem)
		if n > 1 {
			base += strconv.Itoa(n)
		}
		there, thereErr := os.Stat(base + ".xlsx")
		if err != nil || thereErr != nil || !os.SameFile(read, there) {
			return base
		}
	}
}

// amountless are the kinds of tables whose rows have no amounts in the control
// totals.
var amountless = []string{"roster", "contributions", "births"}

// sayAmounts tells the control totals of a file's amounts.
func (a *app) sayAmounts(f ledger.File) {
	if !slices.ContainsFunc(f.Totals, func(t ledger.SheetTotal) bool { return !slices.Contains(amountless, t.Kind) }) {
		return
	}
	fmt.Fprintf(a.out, "  金额（元）：读入 %s = 采纳 %s + 重复 %s + 退回 %s", f.Amount, f.AmountTaken, f.AmountRepeated, f.AmountReturned)
	if f.Unreadable > 0 {
		fmt.Fprintf(a.out, "；另有 %d 处金额读不出，按 0 计", f.Unreadable)
	}
	fmt.Fprintln(a.out)
}

// amountsOf adds up the control totals of files.
func amountsOf(files []jobs.FileOutcome) (sum ledger.File) {
	for _, f := range files {
		sum.Totals = append(sum.Totals, f.File.Totals...)
		sum.Amount += f.File.Amount
		sum.AmountTaken += f.File.AmountTaken
		sum.AmountRepeated += f.File.AmountRepeated
		sum.AmountReturned += f.File.AmountReturned
		sum.Unreadable += f.File.Unreadable
	}
	return sum
}

// sayWarnings prints the first few things that were taken and should be looked
// at.
func (a *app) sayWarnings(f jobs.FileOutcome, most int) {
	for i, e := range intake.Shown(f.Report.Warnings) {
		if i == most {
			fmt.Fprintf(a.out, "  提示：另有 %d 处\n", len(f.Report.Warnings)-most)
			break
		}
		fmt.Fprintf(a.out, "  提示：%s!%s%d %s %s\n", e.Sheet, e.Column, e.Row, e.Code, e.Message)
	}
	if f.Hints != "" {
		fmt.Fprintf(a.out, "  提示各处在 %s\n", f.Hints)
	}
}

// sayNotable tells, after a run, of a file what somebody should know: what its
// rosters come to, what was returned, and what should be looked at.
func (a *app) sayNotable(f jobs.FileOutcome, dry bool) {
	var says []string
	if s := effectSays(f.File, dry); s != "" && f.Refused == "" {
		says = append(says, s)
	}
	if n := f.File.Returned; n > 0 {
		says = append(says, fmt.Sprintf("退回 %d 行", n))
	}
	if f.Report != nil && len(f.Report.Warnings) > 0 {
		says = append(says, fmt.Sprintf("%d 处已采纳、请核对", len(f.Report.Warnings)))
	}
	if len(says) == 0 {
		return
	}
	fmt.Fprintf(a.out, "  %s %s：%s\n", f.File.Area, intake.HideIDs(filepath.Base(f.Path)), strings.Join(says, "；"))
	if where := cmp.Or(f.File.ReturnedBook, f.Hints); where != "" {
		fmt.Fprintf(a.out, "    见 %s\n", where)
	}
	if dry && f.Report != nil {
		a.sayErrors(f.Report.Errors, 5)
	}
}

// sayGivenBack tells of workbooks that should have been written before.
func (a *app) sayGivenBack(o jobs.Outcome) {
	for _, f := range o.GivenBack {
		fmt.Fprintf(a.out, "  补写以前没有写成的退回或提示工作簿 %s：退回 %d 行\n    见 %s\n", f.File.Name, f.File.Returned, cmp.Or(f.File.ReturnedBook, f.Hints))
	}
}

// totalJSON are the control totals of a sheet's tables of one kind.
type totalJSON struct {
	Sheet          string `json:"sheet"`
	Kind           string `json:"kind"`
	Read           int    `json:"read"`
	Taken          int    `json:"taken"`
	Repeated       int    `json:"repeated"`
	Returned       int    `json:"returned"`
	Skipped        int    `json:"skipped"`
	AmountRead     string `json:"amount_read"`
	AmountTaken    string `json:"amount_taken"`
	AmountRepeated string `json:"amount_repeated"`
	AmountReturned string `json:"amount_returned"`
	Unreadable     int    `json:"unreadable"` // amounts that could not be read and count as 0
}

func totalsJSON(f ledger.File) []totalJSON {
	out := []totalJSON{}
	for _, t := range f.Totals {
		out = append(out, totalJSON{intake.HideIDs(t.Sheet), t.Kind, t.Read, t.Taken, t.Repeated, t.Returned, t.Skipped,
			t.AmountRead.String(), t.Amount.String(), t.AmountRepeated.String(), t.AmountReturned.String(), t.Unreadable})
	}
	return out
}

// runFiles are the files that a run names, in the order of their entries: those
// that it read, and those of its month that were imported before. Of the latter
// only what is on record is known, not their wrong cells, unless the run made up
// for a workbook that had not been written.
func runFiles(o jobs.Outcome) []fileJSON {
	out := filesJSON(o.Files)
	made := map[ledger.Seq]jobs.FileOutcome{}
	for _, f := range o.GivenBack {
		made[f.File.Seq] = f
	}
	for _, f := range o.Earlier {
		of, ok := made[f.Seq]
		if !ok {
			of = jobs.FileOutcome{File: f}
		}
		of.Path = f.Name
		j := filesJSON([]jobs.FileOutcome{of})[0]
		j.Earlier = true
		out = append(out, j)
	}
	slices.SortStableFunc(out, func(a, b fileJSON) int { return int(a.Seq - b.Seq) })
	return out
}
