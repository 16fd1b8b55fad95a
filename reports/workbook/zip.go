package workbook

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
)

// zipWriter is the library's way out to the file. It exists for three reasons:
// the library hands over its sheets in the order of a map, and the same book
// must give the same bytes; it would hold the whole file in memory; and it
// drops the error of a failed write. The parts are packed one after another
// into a spool file, and Close puts them in order.
type zipWriter struct {
	spool *os.File
	out   io.Writer
	buf   *bufio.Writer
	pack  *flate.Writer
	parts []part
	types []byte // of the open part, where it is contentTypes
	open  bool
	err   error // the first one; nothing is written after it
}

type part struct {
	name          string
	from          int64 // place in the spool
	plain, packed uint64
	crc           uint32
}

func newZip(spool *os.File, out io.Writer) *zipWriter {
	return &zipWriter{spool: spool, out: out, buf: bufio.NewWriterSize(nil, 1<<16)}
}

// contentTypes is the part that lists the others' types. The library writes its
// defaults in the order of a map.
const contentTypes = "[Content_Types].xml"

var defaultType = regexp.MustCompile(`<Default [^>]*></Default>`)

// ordered puts the defaults in order.
func ordered(types []byte) []byte {
	all := defaultType.FindAll(types, -1)
	slices.SortFunc(all, bytes.Compare)
	next := 0
	return defaultType.ReplaceAllFunc(types, func([]byte) []byte {
		next++
		return all[next-1]
	})
}

// Create begins a part. The former one ends.
func (z *zipWriter) Create(name string) (io.Writer, error) {
	if err := z.finish(); err != nil {
		return nil, err
	}
	z.parts = append(z.parts, part{name: name, from: z.end()})
	z.buf.Reset(z)
	if z.pack == nil {
		// Level 1 costs a third of the default's time for a tenth more bytes.
		z.pack, z.err = flate.NewWriter(z.buf, flate.BestSpeed)
	} else {
		z.pack.Reset(z.buf)
	}
	z.open = z.err == nil
	return partWriter{z}, z.err
}

func (z *zipWriter) end() int64 {
	if len(z.parts) == 0 {
		return 0
	}
	p := z.parts[len(z.parts)-1]
	return p.from + int64(p.packed)
}

// Write takes packed bytes on their way into the spool.
func (z *zipWriter) Write(b []byte) (int, error) {
	n, err := z.spool.Write(b)
	z.parts[len(z.parts)-1].packed += uint64(n)
	return n, err
}

// finish ends the part that is open.
func (z *zipWriter) finish() error {
	if z.err != nil || !z.open {
		return z.err
	}
	if z.types != nil {
		if z.err = z.plain(ordered(z.types)); z.err != nil {
			return z.err
		}
		z.types = nil
	}
	z.open = false
	if z.err = z.pack.Close(); z.err == nil {
		z.err = z.buf.Flush()
	}
	// Beyond 4 GiB Excel wants marks that archive/zip does not set for parts
	// packed beforehand. A million rows stay far below.
	if p := z.parts[len(z.parts)-1]; z.err == nil && (p.plain > math.MaxUint32 || p.packed > math.MaxUint32) {
		z.err = fmt.Errorf("%s is larger than 4 GiB", p.name)
	}
	return z.err
}

// AddFS is of no use here.
func (z *zipWriter) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the file.
func (z *zipWriter) Close() error {
	if err := z.finish(); err != nil {
		return err
	}
	// Programs that look at the first part to tell the type want this one.
	rank := func(p part) int { return slices.Index([]string{"_rels/.rels", contentTypes}, p.name) }
	slices.SortStableFunc(z.parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(a.name, b.name))
	})
	zw := zip.NewWriter(z.out)
	for _, p := range z.parts {
		w, err := zw.CreateRaw(&zip.FileHeader{
			Name: p.name, Method: zip.Deflate,
			CRC32: p.crc, CompressedSize64: p.packed, UncompressedSize64: p.plain,
			// 1 January 1980, the zip format's first day: no clock in the file.
			//lint:ignore SA1019 CreateRaw takes a part's time from this field alone, not from Modified.
			ModifiedDate: 1<<5 | 1,
		})
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, io.NewSectionReader(z.spool, p.from, int64(p.packed))); err != nil {
			return err
		}
	}
	return zw.Close()
}

// partWriter takes the plain bytes of the open part.
type partWriter struct{ z *zipWriter }

func (w partWriter) Write(b []byte) (int, error) {
	z := w.z
	if z.err != nil {
		return 0, z.err
	}
	if z.parts[len(z.parts)-1].name == contentTypes {
		z.types = append(z.types, b...)
		return len(b), nil
	}
	return len(b), z.plain(b)
}

// plain packs plain bytes of the open part.
func (z *zipWriter) plain(b []byte) error {
	p := &z.parts[len(z.parts)-1]
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.plain += uint64(len(b))
	_, z.err = z.pack.Write(b)
	return z.err
}
