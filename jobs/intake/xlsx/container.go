package xlsx

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"net/url"
	"strings"

	"doudi/jobs/intake/sheet"
)

const (
	zipMagic = "PK\x03\x04"

	// maxParts: a book of 256 sheets with drawings and comments has some
	// thousands.
	maxParts = 20000
	// maxDirectory bounds the bytes of the zip directory: a part has an entry of
	// some hundred.
	maxDirectory = 8 << 20
	// A part of more than maxUnratioed bytes must not unpack to more than maxRatio
	// times its size.
	maxUnratioed = 64 << 20
	maxRatio     = 400
	// maxSmallPart bounds workbook.xml, styles.xml and the like. Books that went
	// through many hands carry tens of thousands of styles.
	maxSmallPart = 64 << 20
)

// archive is the zip file by its part names.
type archive map[string]*zip.File

// partKey makes part names comparable: without case, with / between folders and
// none in front.
func partKey(name string) string {
	if s, err := url.PathUnescape(name); err == nil {
		name = s
	}
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// openArchive tells the container by its first bytes and reads the zip
// directory. Everything that is no zip is refused.
func openArchive(r io.ReaderAt, size int64) (archive, error) {
	head := make([]byte, min(size, 30))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, fmt.Errorf("read the first bytes: %w", err)
	}
	switch {
	case size == 0:
		return nil, sheet.Refuse(sheet.CodeFormat, "文件是空的（0 字节）。请重新导出后再导入。", nil)
	case size < int64(len(zipMagic)) && strings.HasPrefix(zipMagic, string(head)):
		return nil, refuse("文件", errCut)
	case !strings.HasPrefix(string(head), "PK"):
		return nil, sheet.Refuse(sheet.CodeFormat, "这不是 .xlsx 文件。请用 Excel 或 WPS 打开原表，另存为 .xlsx 后再导入。", nil)
	}
	zr, err := readDirectory(r, size)
	if err != nil {
		return nil, refuse("文件", err)
	}
	if err := checkStart(head, zr.File); err != nil {
		return nil, err
	}
	a := archive{}
	for _, f := range zr.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		key := partKey(f.Name)
		if a[key] != nil {
			// Two programs could each read another one of the two.
			return nil, refuse("文件", malformed("two parts named %q", key))
		}
		a[key] = f
	}
	return a, nil
}

// readDirectory reads the directory of the zip. It is held in memory, and what it
// says of its own size may be a lie, so that the bytes read are counted.
func readDirectory(r io.ReaderAt, size int64) (*zip.Reader, error) {
	b := &budget{r: r, left: maxDirectory}
	zr, err := zip.NewReader(b, size)
	if b.left < 0 || err == nil && len(zr.File) > maxParts {
		return nil, errParts
	}
	b.left = -1
	return zr, err
}

// budget reads at most left bytes; once that is negative, any number.
type budget struct {
	r    io.ReaderAt
	left int64
}

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left < 0 {
		return b.r.ReadAt(p, off)
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errParts
	}
	return b.r.ReadAt(p, off)
}

// checkStart makes sure that the directory belongs to the zip that begins at
// the first byte. A book cut off inside a stored copy of another book would
// otherwise be read as that other book.
func checkStart(head []byte, files []*zip.File) error {
	if !strings.HasPrefix(string(head), zipMagic) || len(head) < 30 {
		return nil // empty or spanned: no parts, or parts that do not begin here
	}
	start := 30 + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	for _, f := range files {
		off, err := f.DataOffset()
		if err != nil {
			return refuse("文件", err)
		}
		if off == start {
			return nil
		}
	}
	return refuse("文件", fmt.Errorf("%w: the directory does not list the first part", errCut))
}

// open opens a part, of at most limit bytes unpacked.
func (a archive) open(key string, limit int64) (*part, error) {
	f := a[key]
	if f == nil {
		return nil, malformed("no part %q", key)
	}
	if f.Flags&1 != 0 {
		return nil, sheet.Refuse(sheet.CodeEncrypted, "文件带有压缩密码，无法读取。请去掉密码后再导入。", nil)
	}
	// Rows with numbers shrink to a twentieth, rows that are all alike to a
	// two-hundredth; a bomb to a thousandth.
	if f.UncompressedSize64 > uint64(limit) || f.UncompressedSize64 > maxUnratioed && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
		return nil, errUnpacked
	}
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	p := &part{rc: rc}
	if f.CRC32 == 0 {
		// archive/zip takes a CRC of 0 as "not set" and checks nothing.
		p.crc = crc32.NewIEEE()
	}
	return p, nil
}

// part reads one part. Its io.EOF means that the whole part was there: the
// length, which archive/zip checks, and the CRC are right.
type part struct {
	rc  io.ReadCloser
	crc hash.Hash32
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.rc.Read(b)
	if p.crc != nil {
		p.crc.Write(b[:n])
		if err == io.EOF && p.crc.Sum32() != 0 {
			return 0, zip.ErrChecksum
		}
	}
	return n, err
}

func (p *part) Close() error { return p.rc.Close() }
