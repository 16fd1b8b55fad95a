package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/reports/workbook"
)

// returnsBookName is the officer's list beside the senders' folders.
const returnsBookName = "退回汇总.xlsx"

// returns are what became of all returned rows on record.
func (w *workspace) returns(ctx context.Context) ([]ledger.Return, error) {
	files, err := w.store.Files(ctx, 0, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	return ledger.Returns(files), nil
}

// returnOf is the return to which a file on record belongs.
func returnOf(all []ledger.Return, seq ledger.Seq) (ledger.Return, bool) {
	for _, r := range all {
		if slices.ContainsFunc(r.Files, func(f ledger.File) bool { return f.Seq == seq }) {
			return r, true
		}
	}
	return ledger.Return{}, false
}

// listReturns rewrites the officer's lists of the areas and months whose files, or
// corrections of them, these are. One that was not written, as when a disk is full,
// is written with the next file.
func (w *workspace) listReturns(all []ledger.Return, seqs []ledger.Seq) error {
	var dirs []string
	for _, seq := range seqs {
		if r, ok := returnOf(all, seq); ok {
			f := r.First()
			dirs = append(dirs, w.returnsDir(&f))
		}
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		var its []ledger.Return
		for _, r := range all {
			if f := r.First(); w.returnsDir(&f) == dir {
				its = append(its, r)
			}
		}
		slices.SortStableFunc(its, func(a, b ledger.Return) int {
			return cmp.Or(cmp.Compare(senderOf(a), senderOf(b)), cmp.Compare(b.Open(), a.Open()))
		})
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		f := its[0].First()
		name := f.Area
		if i := slices.IndexFunc(w.areas, func(a jobs.Area) bool { return a.Code == f.Area }); i >= 0 {
			name = w.areas[i].Name
		}
		if err := workbook.Write(filepath.Join(dir, returnsBookName), reports.ReturnsBook(name, returnsMonth(&f), its)); err != nil {
			return err
		}
	}
	return nil
}

func senderOf(r ledger.Return) string {
	f := r.First()
	return senderDir(&f)
}

// sayOpen tells, sender by sender, which returned rows still wait for their
// correction.
func (a *app) sayOpen(all []ledger.Return) {
	const most = 10
	open := openOnes(all)
	rows := 0
	for _, r := range open {
		rows += r.Open()
	}
	if len(open) == 0 {
		return
	}
	fmt.Fprintf(a.out, "  退回待更正：%d 个文件 %d 行\n", len(open), rows)
	for i, r := range open {
		if i == most {
			fmt.Fprintf(a.out, "    …… 另有 %d 个文件，见各月的 %s\n", len(open)-most, returnsBookName)
			return
		}
		fmt.Fprintf(a.out, "    %s %s %s：%s\n", r.First().Area, senderOf(r), r.First().Name, reports.ReturnSays(r))
	}
}

// sayAnswers tells of files that bring returned rows again what became of them.
func (a *app) sayAnswers(all []ledger.Return, seqs []ledger.Seq) {
	for _, seq := range seqs {
		if r, ok := returnOf(all, seq); ok && r.Again() && seq == r.Files[len(r.Files)-1].Seq {
			fmt.Fprintf(a.out, "  退回行再报（%s）：%s\n", r.First().Name, reports.ReturnSays(r))
		}
	}
}

// openOnes are the returns that wait for a correction.
func openOnes(all []ledger.Return) []ledger.Return {
	return slices.DeleteFunc(slices.Clone(all), func(r ledger.Return) bool { return r.Open() == 0 })
}

// returnJSON is what became of a file's returned rows.
type returnJSON struct {
	Seq      ledger.Seq   `json:"seq"` // of the file that was sent first
	File     string       `json:"file"`
	Area     string       `json:"area"`
	Sender   string       `json:"sender"`
	Month    string       `json:"month"`
	Returned int          `json:"returned"`
	Taken    int          `json:"taken_since"`
	Open     int          `json:"open"`
	Rest     int          `json:"rest"`  // known already or not sent again; below zero: so many more came than had been returned
	Since    []ledger.Seq `json:"since"` // what came since
}

func returnsJSON(all []ledger.Return) []returnJSON {
	out := []returnJSON{}
	for _, r := range all {
		f := r.First()
		j := returnJSON{f.Seq, f.Name, f.Area, f.Source, returnsMonth(&f).String(), r.Returned(), r.Taken(), r.Open(), r.Rest(), []ledger.Seq{}}
		for _, s := range r.Files[1:] {
			j.Since = append(j.Since, s.Seq)
		}
		out = append(out, j)
	}
	return out
}

// returnedSeqs are the files that a run read or names, by entry.
func returnedSeqs(o jobs.Outcome) []ledger.Seq {
	var seqs []ledger.Seq
	for _, f := range slices.Concat(o.Files, o.GivenBack) {
		seqs = append(seqs, f.File.Seq)
	}
	for _, f := range o.Earlier {
		seqs = append(seqs, f.Seq)
	}
	return seqs
}
