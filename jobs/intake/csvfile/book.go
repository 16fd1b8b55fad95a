package csvfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"doudi/jobs/intake/sheet"
)

// book is an open text file, a book of one sheet.
type book struct {
	r      io.ReaderAt
	closer io.Closer // nil in tests
	name   string
	enc    encoding.Encoding // nil for UTF-8
	from   int64             // the text is the bytes from..to
	to     int64
	ended  bool // the text has an end mark
}

// Open opens the text file at path. It reads the file once to find its
// encoding. A file that cannot be taken gives a *sheet.FileError; a file that
// cannot be read from the disk gives the error of package os.
func Open(path string) (sheet.Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open text file: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open text file: %w", err), f.Close())
	}
	base := filepath.Base(path)
	b, err := newBook(f, info.Size(), strings.TrimSuffix(base, filepath.Ext(base)))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b.closer = f
	return b, nil
}

func newBook(r io.ReaderAt, size int64, name string) (*book, error) {
	if size > sheet.MaxUnpacked {
		return nil, sheet.Refuse(sheet.CodeLimit, "文件过大。请拆分成几个文件后再导入。", fmt.Errorf("%d bytes", size))
	}
	f, err := detect(r, size)
	if err != nil {
		return nil, err
	}
	b := &book{r: r, name: name, enc: f.enc, from: f.skip, to: size}
	if f.garbled != nil {
		return nil, b.refuseGarbled(f.garbled)
	}
	if isUTF16(b.enc) {
		return b, nil // a last byte is half a character
	}
	for last := make([]byte, 1); b.to > b.from; b.to-- {
		if _, err := r.ReadAt(last, b.to-1); err != nil && err != io.EOF {
			return nil, fmt.Errorf("read the last byte: %w", err)
		}
		if last[0] != ctrlZ {
			break
		}
		b.ended = true
	}
	return b, nil
}

// refuseGarbled reads the text up to the first broken character and names its
// place. Where no row can be read up to there, the file is all that can be named.
func (b *book) refuseGarbled(cause error) error {
	if b.enc == nil {
		b.enc = unicode.UTF8 // gives U+FFFD for what is no UTF-8
	}
	r, err := b.Open(0)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		row, err := r.Next()
		if err != nil {
			return errGarbled("文件里", cause)
		}
		for i, c := range row.Cells {
			if strings.ContainsRune(c.Text, '\uFFFD') {
				return errGarbled(fmt.Sprintf("第 %d 行 %s 列", row.Number, sheet.ColumnName(i)), cause)
			}
		}
	}
}

func (b *book) Format() string { return "csv" }

func (b *book) Sheets() []string { return []string{b.name} }

func (b *book) Open(i int) (sheet.Reader, error) {
	if i != 0 {
		return nil, fmt.Errorf("open sheet %d of 1", i)
	}
	var src io.Reader = &whole{r: io.NewSectionReader(b.r, b.from, b.to-b.from), left: b.to - b.from}
	if b.enc != nil {
		src = transform.NewReader(src, b.enc.NewDecoder())
	}
	r := &reader{name: b.name, src: src, buf: make([]byte, windowSize), marked: b.ended}
	if err := r.begin(); err != nil {
		return nil, err
	}
	return r, nil
}

func (b *book) Close() error {
	if b.closer == nil {
		return nil
	}
	return b.closer.Close()
}

// whole reads a file of which left bytes are to come. It makes sure that they do
// come, since the file may have been cut since its encoding was looked at.
type whole struct {
	r    io.Reader
	left int64
}

func (w *whole) Read(b []byte) (int, error) {
	n, err := w.r.Read(b)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
