// Package tempdir makes hidden folders for work that holds names and IDs, beside
// what is being made. A folder goes with its work; that of a process which was
// killed goes with the next work in the same place, and that of a living one
// stays whatever happens.
//
// Who lives is told by a lock of the operating system, which ends with the process
// however that ends. It lies on an empty file beside the folder, which is there
// before the folder is and after: a folder without it belongs to nobody. Where
// locks can not be had, everybody is taken to live.
package tempdir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	begins  = ".doudi-" // the names of all folders
	lockEnd = ".lock"
)

// Dir is a folder at work.
type Dir struct {
	Path string
	lock *os.File
}

// Make makes a folder in dir whose name begins with .doudi- and what it is for,
// readable by the owner alone. Folders that dead processes left in dir go first;
// that one can not be removed does not keep anybody from work.
func Make(dir, what string) (*Dir, error) {
	_ = Sweep(dir)
	for range 100 {
		lock, err := os.CreateTemp(dir, begins+what+"-*"+lockEnd)
		if err != nil {
			return nil, err
		}
		// Between the two a sweep may have come; then the name is nobody's.
		if held := tryLock(lock); held == busy || !stillThere(lock) {
			_ = lock.Close()
			continue
		}
		d := &Dir{strings.TrimSuffix(lock.Name(), lockEnd), lock}
		switch err := os.Mkdir(d.Path, 0o700); {
		case errors.Is(err, fs.ErrExist):
			if err := d.unlock(); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, errors.Join(err, d.unlock())
		default:
			return d, nil
		}
	}
	return nil, fmt.Errorf("tempdir: no name is free in %s", dir)
}

// Remove removes the folder with all that is in it.
func (d *Dir) Remove() error {
	return errors.Join(os.RemoveAll(d.Path), d.unlock())
}

// unlock takes the lock's file away, while it is held where the system allows it.
func (d *Dir) unlock() error {
	gone := os.Remove(d.lock.Name())
	err := d.lock.Close()
	if gone != nil {
		gone = os.Remove(d.lock.Name())
	}
	if errors.Is(gone, fs.ErrNotExist) {
		gone = nil
	}
	return errors.Join(err, gone)
}

// Sweep removes what dead processes left in dir.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case !strings.HasPrefix(e.Name(), begins):
		case strings.HasSuffix(e.Name(), lockEnd) && e.Type().IsRegular():
			err = errors.Join(err, bury(path))
		case e.IsDir():
			// Its lock is asked for now, not in the list, which may be older.
			if _, statErr := os.Lstat(path + lockEnd); errors.Is(statErr, fs.ErrNotExist) {
				err = errors.Join(err, os.RemoveAll(path))
			}
		}
	}
	return err
}

// bury removes the folder of a lock that nobody holds.
func bury(path string) error {
	lock, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // gone by itself, or of another user
	}
	if err != nil {
		return err
	}
	if tryLock(lock) != held || !stillThere(lock) {
		return lock.Close()
	}
	d := &Dir{strings.TrimSuffix(path, lockEnd), lock}
	return d.Remove()
}

// stillThere reports whether an open file is the one that its name leads to.
func stillThere(f *os.File) bool {
	here, err := f.Stat()
	there, thereErr := os.Lstat(f.Name())
	return err == nil && thereErr == nil && os.SameFile(here, there)
}

// SweepAll removes what dead processes left in root and in the folders below it.
func SweepAll(root string) error {
	var errs []error
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile, or never there
		case err != nil:
			return err
		case !e.IsDir():
			return nil
		case path != root && strings.HasPrefix(e.Name(), begins):
			return fs.SkipDir
		}
		errs = append(errs, Sweep(path))
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// hold is what became of trying a lock.
type hold uint8

const (
	held    hold = iota
	busy         // another has it
	unknown      // the system has no locks here
)
