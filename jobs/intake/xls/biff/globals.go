package biff

import (
	"fmt"
	"io"

	"doudi/jobs/intake/numfmt"
	"doudi/jobs/intake/sheet"
)

// Book is an open workbook. It is read once from front to end: after Read it can
// give no sheet that stands before that one, or the same again.
type Book struct {
	Sheets []Info

	rec      *records
	date1904 bool
	formats  map[int]bool // custom number formats: whether they show a day
	xfs      []uint16     // number format of each cell format
	dates    []bool       // the same: whether it shows a day
	texts    texts        // the shared strings, and behind them those of cells
	shared   int
}

// Info is a worksheet.
type Info struct {
	Name   string
	Hidden bool
	at     int64
}

// Versions and kinds in a BOF record.
const (
	version8      = 0x0600
	beginsGlobals = 0x0005
	beginsSheet   = 0x0010
)

// maxFormats bounds the number formats; Excel itself has some thousands of cell
// formats.
const maxFormats = 1 << 16

// Open reads the container and the workbook's own part, with the shared strings.
// Every error is a *sheet.FileError.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	stream, n, err := openStream(r, size)
	if err != nil {
		return nil, refuse("文件", err)
	}
	b := &Book{rec: newRecords(stream, n), formats: map[int]bool{}}
	if err := b.globals(); err != nil {
		return nil, refuse("工作簿", err)
	}
	if len(b.Sheets) == 0 {
		return nil, sheet.Refuse(sheet.CodeFormat, "工作簿里没有工作表。请检查文件后再导入。", nil)
	}
	return b, nil
}

// bof reads the record that begins a part and gives what it begins.
func (b *Book) bof() (int, error) {
	if err := b.rec.next(); err != nil {
		return 0, err
	}
	switch b.rec.id {
	case recBOF2, recBOF3, recBOF4:
		return 0, fmt.Errorf("%w: record %04X", errOld, b.rec.id)
	case recBOF:
	default:
		return 0, malformed("record %04X instead of a BOF", b.rec.id)
	}
	if err := b.rec.need(4); err != nil {
		return 0, err
	}
	switch v := le.Uint16(b.rec.body); {
	case v < version8:
		return 0, fmt.Errorf("%w: version %04X", errOld, v)
	case v > version8:
		return 0, malformed("version %04X", v)
	}
	return int(le.Uint16(b.rec.body[2:])), nil
}

func (b *Book) globals() error {
	begins, err := b.bof()
	if err != nil {
		return err
	}
	if begins != beginsGlobals {
		return malformed("the first part is of kind %04X", begins)
	}
	for {
		if err := b.rec.next(); err != nil {
			return err
		}
		switch b.rec.id {
		case recEOF:
			b.judgeFormats()
			return nil
		case recBOF:
			return malformed("a part within the first one")
		case recFilePass:
			return errEncrypted
		case recDateMode:
			err = b.dateMode()
		case recFormat:
			err = b.format()
		case recXF:
			err = b.xf()
		case recBoundSheet:
			err = b.boundSheet()
		case recSST:
			err = b.sst()
		}
		if err != nil {
			return err
		}
	}
}

func (b *Book) dateMode() error {
	if err := b.rec.need(2); err != nil {
		return err
	}
	switch v := le.Uint16(b.rec.body); v {
	case 0, 1:
		b.date1904 = v == 1
		return nil
	default:
		return malformed("date system %d", v)
	}
}

func (b *Book) format() error {
	f := fields{b.rec, b.rec.body}
	id, err := f.number(2)
	if err != nil {
		return err
	}
	code, err := f.text(nil)
	if err != nil {
		return err
	}
	b.formats[int(id)] = numfmt.IsDate(string(code))
	return nil
}

func (b *Book) xf() error {
	if err := b.rec.need(4); err != nil {
		return err
	}
	if len(b.xfs) >= maxFormats {
		return errLarge
	}
	b.xfs = append(b.xfs, le.Uint16(b.rec.body[2:]))
	return nil
}

// judgeFormats comes last since nothing says that number formats come first.
func (b *Book) judgeFormats() {
	b.dates = make([]bool, len(b.xfs))
	for i, id := range b.xfs {
		date, ok := b.formats[int(id)]
		if !ok {
			date = numfmt.Builtin(int(id))
		}
		b.dates[i] = date
	}
}

// isDate tells whether numbers in that cell format are days. Some programs write
// books without any cell format.
func (b *Book) isDate(xf uint16) bool { return int(xf) < len(b.dates) && b.dates[xf] }

func (b *Book) boundSheet() error {
	f := fields{b.rec, b.rec.body}
	at, err := f.number(4)
	if err != nil {
		return err
	}
	state, err := f.number(1)
	if err != nil {
		return err
	}
	kind, err := f.number(1)
	if err != nil {
		return err
	}
	name, err := f.short(nil)
	if err != nil {
		return err
	}
	if kind != 0 {
		return nil // chart, macros of Excel 4, Visual Basic
	}
	if len(b.Sheets) >= sheet.MaxSheets {
		return errSheets
	}
	b.Sheets = append(b.Sheets, Info{Name: string(name), Hidden: state&3 != 0, at: int64(at)})
	return nil
}

// sst reads the shared strings. The number of them that the record states is
// only a bound: some programs state another, and a cell that refers to a string
// beyond is refused.
func (b *Book) sst() error {
	if b.texts.len() > 0 {
		return malformed("a second table of shared strings")
	}
	f := fields{b.rec, b.rec.body}
	if err := f.skip(4); err != nil {
		return err
	}
	count, err := f.number(4)
	if err != nil {
		return err
	}
	for ; count > 0; count-- {
		ok, err := f.another()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := b.texts.add(f.text); err != nil {
			return err
		}
	}
	b.shared = b.texts.len()
	return nil
}
