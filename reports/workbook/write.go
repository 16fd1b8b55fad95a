package workbook

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"doudi/reports/tempdir"

	"github.com/xuri/excelize/v2"
)

// Write writes the book to path, whole or not at all: it is built in a hidden
// folder beside path, brought to the disk and renamed. A file that stood at
// path before is replaced only by a whole one. The same Book gives the same
// bytes, unless it has a Password: then the bytes differ, since key and salts are
// random, and the plain file never leaves the hidden folder.
//
// Memory does not grow with the rows: a sheet holds at most 16 MB of them, the
// rest lies on the disk. Comments (about 3 KB each) and links (200 bytes) are
// kept until the end; a sheet takes MaxComments and MaxLinks of them.
//
// Rows of the tables are read once and in order. A panic in them leaves no file.
func Write(path string, b Book) error { return write(path, b, maxRows) }

// write is Write with the number of rows of a sheet, so that tests need not
// write a million of them.
func write(path string, b Book, rows int) (err error) {
	dir := filepath.Dir(path)
	// All temporary data holds names and IDs. It stays in the folder that is
	// meant for them, readable by the owner alone, and goes with one call.
	work, err := tempdir.Make(dir, "xlsx")
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, work.Remove()) }()
	tmp := work.Path

	made := filepath.Join(tmp, "book.xlsx")
	if err := build(made, tmp, b, rows); err != nil {
		return err
	}
	if b.Password != "" {
		plain := made
		made = filepath.Join(tmp, "encrypted.xlsx")
		if err := encrypt(plain, made, b.Password); err != nil {
			return err
		}
	}
	if err := os.Rename(made, path); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return syncDir(dir)
}

// build writes the book to the new file made and brings it to the disk.
func build(made, tmp string, b Book, rows int) (err error) {
	out, err := os.OpenFile(made, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()

	spool, err := os.CreateTemp(tmp, "spool-")
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, spool.Close()) }()

	w, err := newWriter(b, rows, tmp)
	if err != nil {
		return err
	}
	// Closing removes the library's own temporary files.
	defer func() { err = errors.Join(err, w.f.Close()) }()

	if err := w.write(); err != nil {
		return err
	}
	z := newZip(spool, out)
	w.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return z })
	// The zip goes straight to the file; what excelize would write is empty.
	if err := w.f.Write(io.Discard); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// syncDir makes the rename durable. Windows keeps no handle on folders.
func syncDir(dir string) (err error) {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}
