package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// debts are notes of workbooks of returned rows that are still to be written: an
// empty file each, beside the archived files.
type debts struct{ w *workspace }

func (d debts) dir() string { return d.w.path("archive", "待退回") }

// Owe implements jobs.Debts. The note must be on the disk before the ledger is.
func (d debts) Owe(debt string) error {
	if err := os.MkdirAll(d.dir(), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(d.dir(), debt), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Paid implements jobs.Debts.
func (d debts) Paid(debt string) error {
	if err := os.Remove(filepath.Join(d.dir(), debt)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Owed implements jobs.Debts.
func (d debts) Owed() ([]string, error) {
	entries, err := os.ReadDir(d.dir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, err
}

// Archived implements jobs.Debts.
func (d debts) Archived(sha string) (string, error) {
	if len(sha) < 2 {
		return "", nil
	}
	dir := d.w.path("archive", sha[:2])
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), sha) {
			return filepath.Join(dir, e.Name()), nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return "", err
}
