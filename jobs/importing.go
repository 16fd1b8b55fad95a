package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"doudi/jobs/intake"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules/civil"
)

// FileOutcome is what became of one file.
type FileOutcome struct {
	Path    string
	File    ledger.File
	Report  *intake.Report
	Refused string // message for people, where the whole file was refused
	Hints   string // workbook of what was taken and should be looked at, where no row was returned
	Skipped bool   // imported before, with the same content
}

// ImportOptions say how to import a file.
type ImportOptions struct {
	Kind          intake.Kind
	Month         civil.Month // 0: told by the path, else FallbackMonth
	FallbackMonth civil.Month
	SkipKnown     bool // leave a file alone whose content was imported before
	Dry           bool // take nothing
	Preview       bool // only to look: what would be refused as implausible shows its effect (Dry does, too)
	Correction    bool // a 更正, whatever the file says of itself
	LargeOK       bool // a roster may take however many people off the lists
}

// ImportFile reads one file into an area. A file that is refused whole is an
// outcome, not an error; it is put on record once.
func (c *Cycle) ImportFile(ctx context.Context, a *Area, path string, o ImportOptions) (FileOutcome, error) {
	out := FileOutcome{Path: path}
	sha, err := fileSHA(path)
	if err != nil {
		return out, err
	}
	fresh := c.fileOf(a, path, sha, o)
	ask := c.asking(a, path, o, &fresh)
	if o.SkipKnown {
		f, known, err := c.known(ctx, a, path, sha)
		if err != nil {
			return out, err
		}
		// What could not be read then may be readable now: a code or a name was added.
		if known && (f.Returned == 0 || f.Reading == a.Reading) {
			out.File, out.Skipped = f, true
			return out, nil
		}
		if known {
			again(&f, &ask)
			fresh.Month, fresh.Source = f.Month, f.Source
		}
	}
	f, debt := fresh, debtOf(a, sha)
	var totals []ledger.SheetTotal
	err = c.Store.Take(ctx, &f, func() bool { return !o.Dry }, func(t ledger.Taker) error {
		if out.Report, err = intake.Import(ctx, path, ask, &f, t); err != nil {
			return err
		}
		// The sheets are called as in the file where its rows are given back.
		totals, f.Totals = f.Totals, intake.Recorded(f.Totals)
		// What is taken must not be lost, and neither must what is owed to its sender:
		// both are on the disk before the ledger has the file.
		return c.keep(path, sha, debt, o)
	})
	if fe, ok := errors.AsType[*sheet.FileError](err); ok {
		fresh.Refused = fe.Code
		out.Refused, out.File = fe.Message, fresh
		if o.Dry {
			return out, nil
		}
		before, err := c.Store.RefusedBySHA(ctx, a.Code, sha)
		if err != nil || before {
			return out, err
		}
		err = c.Store.Take(ctx, &out.File, func() bool { return true }, func(ledger.Taker) error { return nil })
		return out, err
	}
	if err != nil {
		return out, err
	}
	out.File, out.File.Totals = f, totals
	if out.Report.Implausible != "" {
		out.Refused, out.File.Refused = out.Report.Implausible, intake.CodeLarge
	}
	if !o.Dry {
		if err := c.giveBack(path, &out); err != nil {
			return out, err
		}
		if err := c.paid(debt); err != nil {
			return out, err
		}
	}
	if c.Say != nil {
		c.Say("%s %s：读入 %d 行，采纳 %d，重复 %d，退回 %d", a.Name, f.Name, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	return out, nil
}

// fileOf is the record of a file before it is read.
func (c *Cycle) fileOf(a *Area, path, sha string, o ImportOptions) ledger.File {
	return ledger.File{SHA256: sha, Name: intake.HideIDs(filepath.Base(path)), Area: a.Code, Month: cmp.Or(o.Month, MonthOf(path), o.FallbackMonth), PathMonth: MonthOf(path),
		By: c.By, At: c.Now(), Source: DeptOf(path), Reading: a.Reading}
}

// asking is how a file is to be read.
func (c *Cycle) asking(a *Area, path string, o ImportOptions, f *ledger.File) intake.Options {
	ask := intake.Options{Area: a.Code, Kind: o.Kind, Codes: a.Codes, Today: c.today(), Month: o.Month, PathMonth: MonthOf(path), RunMonth: o.FallbackMonth,
		Dept: f.Source, Columns: a.Columns, Categories: a.Categories, Correction: o.Correction, LargeOK: o.LargeOK, Dry: o.Dry || o.Preview, County: a.Name}
	if a.Policy != nil {
		ask.Exit = a.Policy.ExitEffect
	}
	return ask
}

// again makes the reading of a file one of a file on record: its rows are of the
// month and the sender that they were of, whatever month is being run now.
func again(f *ledger.File, ask *intake.Options) {
	ask.Again = true
	ask.PathMonth, ask.RunMonth = f.Month, f.Month
	ask.Dept = f.Source
	ask.Correction = f.Effect != nil && f.Effect.Correction
}

// known finds a file on record with the content of this one. A roster that is the
// same as one of another month, or of another sender, is not the same list: who
// stands on both stayed. Where the path of a file says neither, the content alone
// tells.
func (c *Cycle) known(ctx context.Context, a *Area, path, sha string) (ledger.File, bool, error) {
	last, known, err := c.Store.FileBySHA(ctx, a.Code, sha)
	if err != nil || !known || sameList(&last, path) {
		return last, known, err
	}
	all, err := c.Store.Files(ctx, 0, last.Seq)
	if err != nil {
		return last, false, err
	}
	for _, f := range slices.Backward(all) {
		if f.Area == a.Code && f.SHA256 == sha && f.Refused == "" && sameList(&f, path) {
			return f, true, nil
		}
	}
	return ledger.File{}, false, nil
}

// sameList reports whether a path says of a file's content what was said of it
// when it was read.
func sameList(f *ledger.File, path string) bool {
	if f.Effect == nil {
		return true
	}
	month, dept := MonthOf(path), DeptOf(path)
	return (month == 0 || month == f.Month || month == f.PathMonth) && (dept == "" || dept == f.Source || dept == DeptOf(f.Name))
}

// giveBack gives a file's sender what is to be looked at.
func (c *Cycle) giveBack(path string, out *FileOutcome) error {
	if len(out.Report.Errors)+len(out.Report.Warnings) == 0 || c.GiveBack == nil {
		return nil
	}
	book, err := c.GiveBack(path, &out.File, out.Report)
	if err != nil {
		return err
	}
	if len(out.Report.Errors) > 0 {
		out.File.ReturnedBook = book
	} else {
		out.Hints = book
	}
	return nil
}

func fileSHA(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// monthsInPath is a range of months: it is the last that a file is for.
var monthsInPath = regexp.MustCompile(`(20\d\d)\s*[-年._]?\s*(?:0?[1-9]|1[0-2])月?\s*[-—~至到]\s*(0?[1-9]|1[0-2])月`)

var monthInPath = regexp.MustCompile(`(20\d\d)\s*[-年._]?\s*(0[1-9]|1[0-2]|[1-9])(?:月|\D|$)`)

func monthOf(m []string) civil.Month {
	y, _ := strconv.Atoi(m[1]) // the pattern gives digits
	n, _ := strconv.Atoi(m[2])
	return civil.Month(y*100 + n)
}

// MonthOf tells the month that a file is for from its name, else from its
// folder's; 0 if neither says.
func MonthOf(path string) civil.Month {
	for _, s := range []string{filepath.Base(path), filepath.Base(filepath.Dir(path))} {
		if m := monthsInPath.FindStringSubmatch(s); m != nil { // 2023年1-8月 is sent in August
			return monthOf(m)
		}
		if m := monthInPath.FindStringSubmatch(s); m != nil {
			return monthOf(m)
		}
	}
	return 0
}

// DeptOf tells the department that sent a file from its name; "" if it does not
// say.
func DeptOf(path string) string { return intake.DeptIn(filepath.Base(path)) }
