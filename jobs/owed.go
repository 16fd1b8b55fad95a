package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"doudi/jobs/intake"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
)

// The ledger and the workbook of returned rows can not be written at once. Before
// a file is taken we note that its sender is owed a workbook, and strike the note
// out when that is written. A crash or a full disk in between leaves the note, and
// the next run makes the workbook from the archived file.

// Debts are notes of workbooks that are still owed. They outlive a crash.
type Debts interface {
	Owe(debt string) error
	Paid(debt string) error
	Owed() ([]string, error)
	// Archived is the path of a file as it was received; "" if it is not there.
	Archived(sha string) (string, error)
}

func debtOf(a *Area, sha string) string { return a.Code + "-" + sha }

// keep archives a file and notes that its sender may be owed a workbook.
func (c *Cycle) keep(path, sha, debt string, o ImportOptions) error {
	if o.Dry {
		return nil
	}
	if c.Archive != nil {
		if err := c.Archive(path, sha); err != nil {
			return err
		}
	}
	if c.Debts == nil || c.GiveBack == nil {
		return nil
	}
	return c.Debts.Owe(debt)
}

// paid strikes a note out.
func (c *Cycle) paid(debt string) error {
	if c.Debts == nil || c.GiveBack == nil {
		return nil
	}
	return c.Debts.Paid(debt)
}

// payDebts makes the workbooks that are still owed. It gives the outcomes of the
// files, of which nothing is taken anew.
func (c *Cycle) payDebts(ctx context.Context, scratch string) ([]FileOutcome, error) {
	if c.Debts == nil || c.GiveBack == nil {
		return nil, nil
	}
	owed, err := c.Debts.Owed()
	if err != nil {
		return nil, err
	}
	var out []FileOutcome
	for _, debt := range owed {
		if code, _, _ := strings.Cut(debt, "-"); c.areaOf(code) == nil {
			continue // until the area is back
		}
		f, made, err := c.payDebt(ctx, debt, filepath.Join(scratch, "owed"))
		if err != nil {
			return out, err
		}
		if made {
			out = append(out, f)
		}
		if err := c.paid(debt); err != nil {
			return out, err
		}
	}
	return out, nil
}

// payDebt makes one workbook from the archived file, read once more as it was
// read then. There is none to make where the file was never taken.
func (c *Cycle) payDebt(ctx context.Context, debt, scratch string) (out FileOutcome, made bool, err error) {
	code, sha, _ := strings.Cut(debt, "-")
	a := c.areaOf(code)
	f, known, err := c.Store.FileBySHA(ctx, code, sha)
	if err != nil || !known || f.Returned+f.Warned == 0 {
		return out, false, err
	}
	from, err := c.Debts.Archived(sha)
	if err != nil || from == "" {
		return out, false, err
	}
	// The name is part of what is read.
	path := filepath.Join(scratch, filepath.Base(f.Name))
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return out, false, err
	}
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		return out, false, err
	}
	ask := c.asking(a, path, ImportOptions{Kind: intake.OwnSaid(&f).Kind, Dry: true}, &f)
	again(&f, &ask)
	read := ledger.File{SHA256: sha, Name: f.Name, Area: code, Month: f.Month, Source: f.Source}
	err = c.Store.Take(ctx, &read, func() bool { return false }, func(t ledger.Taker) error {
		out.Report, err = intake.Import(ctx, path, ask, &read, t)
		return err
	})
	if _, refused := errors.AsType[*sheet.FileError](err); refused {
		return out, false, nil // by what came since; there is nothing to correct any more
	}
	if err != nil {
		return out, false, err
	}
	// How many rows were taken then is on record; the sheets are as they are called.
	out.Path, out.File = from, f
	out.File.Totals = read.Totals
	return out, true, errors.Join(c.giveBack(path, &out), os.RemoveAll(scratch))
}

func (c *Cycle) areaOf(code string) *Area {
	for i := range c.Areas {
		if c.Areas[i].Code == code {
			return &c.Areas[i]
		}
	}
	return nil
}
