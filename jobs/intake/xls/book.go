package xls

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xls/biff"
)

// book is an open workbook. Its methods may be used from several goroutines,
// each of its readers from one.
type book struct {
	file   *os.File
	sheets []biff.Info

	mu      sync.Mutex
	readers map[*reader]bool // those whose child may still run
}

// Open opens the .xls file at path. A file that cannot be taken gives a
// *sheet.FileError; another error is one of package os, or says that no child
// could be started.
func Open(path string) (sheet.Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	list, err := listSheets(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &book{file: f, sheets: list, readers: map[*reader]bool{}}, nil
}

func listSheets(f *os.File) ([]biff.Info, error) {
	p, err := start(f, askSheets)
	if err != nil {
		return nil, err
	}
	list, err := p.dec.sheets()
	if err != nil {
		return nil, p.fail(err)
	}
	return list, p.finish()
}

func (b *book) Format() string { return "xls" }

func (b *book) Sheets() []string {
	names := make([]string, len(b.sheets))
	for i, s := range b.sheets {
		names[i] = s.Name
	}
	return names
}

func (b *book) Open(i int) (sheet.Reader, error) {
	if i < 0 || i >= len(b.sheets) {
		return nil, fmt.Errorf("open sheet %d of %d", i, len(b.sheets))
	}
	p, err := start(b.file, strconv.Itoa(i))
	if err != nil {
		return nil, err
	}
	r := &reader{book: b, info: b.sheets[i], child: p}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers[r] = true
	return r, nil
}

func (b *book) forget(r *reader) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.readers, r)
}

// Close ends the children of readers that were not closed.
func (b *book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for r := range b.readers {
		r.child.stop()
	}
	clear(b.readers)
	return b.file.Close()
}

var errClosed = fmt.Errorf("sheet reader: %w", fs.ErrClosed)

// reader reads one sheet.
type reader struct {
	book  *book
	info  biff.Info
	child *process
	err   error // sticky; io.EOF after the proven end
}

func (r *reader) Name() string { return r.info.Name }
func (r *reader) Hidden() bool { return r.info.Hidden }

// HiddenColumns are the columns that are hidden or have no width.
func (r *reader) HiddenColumns() []int { return r.child.dec.hides }

// Layout is how the sheet looks.
func (r *reader) Layout() sheet.Layout { return r.child.dec.layout }

func (r *reader) Next() (sheet.Row, error) {
	if r.err != nil {
		return sheet.Row{}, r.err
	}
	row, err := r.child.dec.row()
	if err == nil {
		return row, nil
	}
	if err == io.EOF {
		if r.err = r.child.finish(); r.err == nil {
			r.err = io.EOF
		}
	} else {
		r.err = r.child.fail(err)
	}
	r.book.forget(r)
	return sheet.Row{}, r.err
}

// Close may be called before the end; what is left is then not checked.
func (r *reader) Close() error {
	if r.err == nil || r.err == io.EOF {
		r.err = errClosed
	}
	r.child.stop()
	r.book.forget(r)
	return nil
}
