package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	Skipped bool   // imported before, with the same content
}

// ImportOptions say how to import a file.
type ImportOptions struct {
	Kind          intake.Kind
	Month         civil.Month // 0: told by the path, else FallbackMonth
	FallbackMonth civil.Month
	SkipKnown     bool // leave a file alone whose content was imported before
	Dry           bool // take nothing
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
	month := o.Month
	if month == 0 {
		month = MonthOf(path)
	}
	if month == 0 {
		month = o.FallbackMonth
	}
	fresh := ledger.File{SHA256: sha, Name: filepath.Base(path), Area: a.Code, Month: month, By: c.By, At: c.Now(), Source: DeptOf(path), Reading: a.Reading}
	f := fresh
	err = c.Store.Take(ctx, &f, func() bool { return !o.Dry }, func(t ledger.Taker) error {
		out.Report, err = intake.Import(ctx, path, intake.Options{Area: a.Code, Kind: o.Kind, Codes: a.Codes, Today: c.today(), Month: month,
			Dept: f.Source, Columns: a.Columns, Categories: a.Categories}, &f, t)
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
	if len(out.Report.Errors) > 0 && c.GiveBack != nil && !o.Dry {
		if out.File.ReturnedBook, err = c.GiveBack(path, &out.File, out.Report); err != nil {
			return out, err
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

// Pull lists the files of an inbox that a run of the month takes, in a fixed
// order: all but those in folders of later months (inbox/2023-09/ waits for
// September). Hidden files and those that a program is still writing are left
// alone.
func Pull(inbox string, month civil.Month) ([]string, error) {
	var out []string
	err := filepath.WalkDir(inbox, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == inbox && errors.Is(err, fs.ErrNotExist) {
				return filepath.SkipDir
			}
			return err
		}
		name := d.Name()
		if d.IsDir() {
			later := false // 2023-09, 2023-9, 2023年9月, 202309
			if m := monthInPath.FindStringSubmatch(name); m != nil {
				later = monthOf(m) > month
			}
			if path != inbox && (later || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || name == "Thumbs.db" || name == "desktop.ini" ||
			slices.Contains([]string{".tmp", ".part", ".crdownload", ".lock"}, strings.ToLower(filepath.Ext(name))) {
			return nil
		}
		out = append(out, path)
		return nil
	})
	slices.Sort(out)
	return out, err
}

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
		if m := monthInPath.FindStringSubmatch(s); m != nil {
			return monthOf(m)
		}
	}
	return 0
}

// Departments that send lists, as they stand in file names.
var departments = []string{"民政", "乡村振兴", "农业农村", "残联", "退役军人", "总工会", "医保", "扶贫"}

// DeptOf tells the department that sent a file from its name; "" if it does not
// say.
func DeptOf(path string) string {
	for _, d := range departments {
		if strings.Contains(filepath.Base(path), d) {
			return d
		}
	}
	return ""
}
