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
	"strconv"

	"doudi/jobs/intake"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
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
	if o.SkipKnown {
		f, known, err := c.Store.FileBySHA(ctx, a.Code, sha)
		if err != nil {
			return out, err
		}
		// What could not be read then may be readable now: a code or a name was added.
		if known && (f.Returned == 0 || f.Reading == a.Reading) {
			out.File, out.Skipped = f, true
			return out, nil
		}
	}
	month := cmp.Or(o.Month, MonthOf(path), o.FallbackMonth)
	fresh := ledger.File{SHA256: sha, Name: filepath.Base(path), Area: a.Code, Month: month, By: c.By, At: c.Now(), Source: DeptOf(path), Reading: a.Reading}
	f := fresh
	var exit func(civil.Date) rules.ExitEffect
	if a.Policy != nil {
		exit = a.Policy.ExitEffect
	}
	err = c.Store.Take(ctx, &f, func() bool { return !o.Dry }, func(t ledger.Taker) error {
		out.Report, err = intake.Import(ctx, path, intake.Options{Area: a.Code, Kind: o.Kind, Codes: a.Codes, Today: c.today(), Month: o.Month,
			PathMonth: MonthOf(path), RunMonth: o.FallbackMonth, Dept: f.Source, Columns: a.Columns, Categories: a.Categories, Correction: o.Correction,
			LargeOK: o.LargeOK, Dry: o.Dry || o.Preview, County: a.Name, Exit: exit}, &f, t)
		return err
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
	out.File = f
	if out.Report.Implausible != "" {
		out.Refused, out.File.Refused = out.Report.Implausible, intake.CodeLarge
	}
	if len(out.Report.Errors)+len(out.Report.Warnings) > 0 && c.GiveBack != nil && !o.Dry {
		book, err := c.GiveBack(path, &out.File, out.Report)
		if err != nil {
			return out, err
		}
		if len(out.Report.Errors) > 0 {
			out.File.ReturnedBook = book
		} else {
			out.Hints = book
		}
	}
	if c.Archive != nil && !o.Dry {
		if err := c.Archive(path, sha); err != nil {
			return out, err
		}
	}
	if c.Say != nil {
		c.Say("%s %s：读入 %d 行，采纳 %d，重复 %d，退回 %d", a.Name, f.Name, f.Read, f.Taken, f.Repeated, f.Returned)
	}
	return out, nil
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
