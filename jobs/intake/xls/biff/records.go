package biff

import (
	"bufio"
	"encoding/binary"
	"io"
)

// Record numbers.
const (
	recFormula    = 0x0006
	recEOF        = 0x000A
	recDateMode   = 0x0022
	recFilePass   = 0x002F
	recContinue   = 0x003C
	recColInfo    = 0x007D
	recMerged     = 0x00E5
	recBoundSheet = 0x0085
	recMulRK      = 0x00BD
	recMulBlank   = 0x00BE
	recRString    = 0x00D6
	recXF         = 0x00E0
	recSST        = 0x00FC
	recLabelSST   = 0x00FD
	recBlank      = 0x0201
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRow        = 0x0208
	recArray      = 0x0221
	recTable      = 0x0236
	recRK         = 0x027E
	recFormat     = 0x041E
	recShared     = 0x04BC
	recBOF        = 0x0809

	// The BOF records of older versions.
	recBOF2 = 0x0009
	recBOF3 = 0x0209
	recBOF4 = 0x0409
)

var le = binary.LittleEndian

// records reads a stream record by record.
type records struct {
	r    *bufio.Reader
	pos  int64 // behind the current record
	id   uint16
	body []byte // valid until the next record
	buf  []byte
}

// window is what is asked of mscfb at once. It is small since mscfb's work
// grows with the square of the sectors that it is asked for.
const window = 32 << 10

func newRecords(r io.Reader, size int64) *records {
	return &records{r: bufio.NewReaderSize(io.LimitReader(r, size), window), buf: make([]byte, 0xFFFF)}
}

// cut makes an early end of the stream errCut.
func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errCut
	}
	return err
}

// next reads the next record. The stream never ends where one is wanted.
func (r *records) next() error {
	var head [4]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return cut(err)
	}
	n := int(le.Uint16(head[2:]))
	r.id, r.body = le.Uint16(head[:]), r.buf[:n]
	if _, err := io.ReadFull(r.r, r.body); err != nil {
		return cut(err)
	}
	r.pos += int64(len(head) + n)
	return nil
}

// continued reads the next record if it is a CONTINUE.
func (r *records) continued() (bool, error) {
	head, err := r.r.Peek(4)
	if err != nil && err != io.EOF {
		return false, err
	}
	if len(head) < 4 || le.Uint16(head) != recContinue {
		return false, nil
	}
	return true, r.next()
}

// skipTo passes over everything before a position.
func (r *records) skipTo(pos int64) error {
	if pos < r.pos {
		return malformed("a sheet at %d, before %d", pos, r.pos)
	}
	n, err := io.CopyN(io.Discard, r.r, pos-r.pos)
	r.pos += n
	return cut(err)
}

// need makes sure that the record has n bytes.
func (r *records) need(n int) error {
	if len(r.body) < n {
		return malformed("record %04X of %d bytes", r.id, len(r.body))
	}
	return nil
}
