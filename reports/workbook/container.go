package workbook

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// An encrypted workbook lies in a compound file, [MS-CFB] version 3: a small file
// system with sectors of 512 bytes. The large stream comes first and the table of
// sectors last, so that everything is written once and in order.

const (
	sector     = 512
	perSector  = sector / 4
	mini       = 64   // the sectors of small streams
	miniLimit  = 4096 // streams below are small
	inHeader   = 109  // sectors of the table that the header names
	endOfChain = 0xFFFFFFFE
	freeSector = 0xFFFFFFFF
	tableItem  = 0xFFFFFFFD
	furtherOne = 0xFFFFFFFC
	noEntry    = 0xFFFFFFFF
	maxPackage = 2<<30 - 1<<20
)

// entry is a stream or a storage in the directory. The siblings of a storage are
// a search tree, shorter names first.
type entry struct {
	name               string
	kind               byte // 1 storage, 2 stream, 5 root
	red                bool
	left, right, child uint32
	content            []byte
	start              uint32
	size               int64
}

// entries are the directory of an encrypted workbook. The data spaces say in
// words of their own that the package is encrypted; the parts of Office that do
// not look into EncryptionInfo want them.
func entries(description []byte) []entry {
	const no = noEntry
	return []entry{
		0:  {name: "Root Entry", kind: 5, left: no, right: no, child: 9},
		1:  {name: "\x06DataSpaces", kind: 1, left: no, right: no, child: 3},
		2:  {name: "Version", kind: 2, left: no, right: no, child: no, content: join(words("Microsoft.Container.DataSpaces"), versions)},
		3:  {name: "DataSpaceMap", kind: 2, left: 2, right: 4, child: no, content: join(u32(8, 1, 104, 1, 0), words("EncryptedPackage"), words("StrongEncryptionDataSpace"))},
		4:  {name: "DataSpaceInfo", kind: 1, left: no, right: 6, child: 5},
		5:  {name: "StrongEncryptionDataSpace", kind: 2, left: no, right: no, child: no, content: join(u32(8, 1), words("StrongEncryptionTransform"))},
		6:  {name: "TransformInfo", kind: 1, red: true, left: no, right: no, child: 7},
		7:  {name: "StrongEncryptionTransform", kind: 1, left: no, right: no, child: 8},
		8:  {name: "\x06Primary", kind: 2, left: no, right: no, child: no, content: join(u32(88, 1), words("{FF9A3F03-56EF-4613-BDD5-5A41C1D07246}"), words("Microsoft.Container.EncryptionTransform"), versions, u32(0, 0, 0, 4))},
		9:  {name: "EncryptionInfo", kind: 2, left: 1, right: 10, child: no, content: description},
		10: {name: "EncryptedPackage", kind: 2, left: no, right: no, child: no},
	}
}

// versions are those of reader, updater and writer: 1.0 each.
var versions = u32(1, 1, 1)

func u32(vs ...uint32) (out []byte) {
	for _, v := range vs {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	return out
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// words is a text with its length in front, filled up to four bytes.
func words(s string) []byte {
	out := u32(uint32(2 * len(s)))
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return pad(out, 4)
}

func pad(b []byte, to int) []byte {
	for len(b)%to != 0 {
		b = append(b, 0)
	}
	return b
}

// chain appends the table's items of a stream in sectors from start on.
func chain(table []uint32, n int) []uint32 {
	for i := range n {
		next := uint32(len(table) + 1)
		if i == n-1 {
			next = endOfChain
		}
		table = append(table, next)
	}
	return table
}

// writeContainer writes a compound file with a package of that size. The package
// is written first; then describe is asked for the description of its encryption,
// whose length is the same whenever it is asked.
func writeContainer(out io.Writer, size int64, pack func(io.Writer) error, describe func() ([]byte, error)) error {
	if size < miniLimit || size > maxPackage {
		return errors.New("the workbook is too large to be encrypted")
	}
	draft, err := describe()
	if err != nil {
		return err
	}
	l := layoutOf(size, entries(draft))
	w := bufio.NewWriterSize(out, 1<<16)
	if _, err := w.Write(l.header()); err != nil {
		return err
	}
	if err := pack(w); err != nil {
		return err
	}
	if err := zeros(w, size); err != nil {
		return err
	}
	description, err := describe()
	if err != nil {
		return err
	}
	if len(description) != len(draft) {
		return errors.New("the description of the encryption has changed its length")
	}
	l.dir[9].content = description
	for _, part := range [][]byte{l.small(), u32s(l.miniTable), l.directory(), u32s(l.table), l.further()} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Flush()
}

// zeros fills the last sector of a stream.
func zeros(w io.Writer, size int64) error {
	_, err := w.Write(make([]byte, (sector-size%sector)%sector))
	return err
}

// layout is where everything stands in the file.
type layout struct {
	dir                        []entry
	table, miniTable           []uint32
	smallAt, miniAt, dirAt     int // first sectors
	tableAt, tables            int
	furtherAt, furthers, minis int
}

func layoutOf(size int64, dir []entry) *layout {
	l := &layout{dir: dir}
	sectors := func(n int64) int { return int((n + sector - 1) / sector) }
	dir[10].size = size
	l.table = chain(nil, sectors(size))

	for i := range dir {
		if e := &dir[i]; len(e.content) > 0 {
			e.start, e.size = uint32(len(l.miniTable)), int64(len(e.content))
			l.miniTable = chain(l.miniTable, (len(e.content)+mini-1)/mini)
		}
	}
	l.minis = len(l.miniTable)
	for len(l.miniTable)%perSector != 0 {
		l.miniTable = append(l.miniTable, freeSector)
	}
	l.smallAt = len(l.table)
	dir[0].start, dir[0].size = uint32(l.smallAt), int64(l.minis*mini)
	l.table = chain(l.table, sectors(dir[0].size))
	l.miniAt = len(l.table)
	l.table = chain(l.table, len(l.miniTable)/perSector)
	l.dirAt = len(l.table)
	l.table = chain(l.table, (len(dir)+3)/4)

	// The table holds its own sectors and those that name the ones beyond the
	// header's.
	l.tableAt = len(l.table)
	for {
		all := l.tableAt + l.tables + l.furthers
		tables := (all + perSector - 1) / perSector
		furthers := (max(0, tables-inHeader) + perSector - 2) / (perSector - 1)
		if tables == l.tables && furthers == l.furthers {
			break
		}
		l.tables, l.furthers = tables, furthers
	}
	for range l.tables {
		l.table = append(l.table, tableItem)
	}
	l.furtherAt = len(l.table)
	for range l.furthers {
		l.table = append(l.table, furtherOne)
	}
	for len(l.table)%perSector != 0 {
		l.table = append(l.table, freeSector)
	}
	return l
}

func u32s(vs []uint32) []byte { return u32(vs...) }

func (l *layout) header() []byte {
	further := uint32(endOfChain)
	if l.furthers > 0 {
		further = uint32(l.furtherAt)
	}
	b := []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
	b = append(b, make([]byte, 16)...)
	for _, v := range []uint16{0x3E, 3, 0xFFFE, 9, 6} { // version 3, little endian, sectors of 2^9 and 2^6 bytes
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = append(b, make([]byte, 10)...)
	b = append(b, u32(uint32(l.tables), uint32(l.dirAt), 0, miniLimit,
		uint32(l.miniAt), uint32(len(l.miniTable)/perSector), further, uint32(l.furthers))...)
	for i := range inHeader {
		b = append(b, u32(l.tableSector(i))...)
	}
	return b
}

// tableSector is the sector of the i-th part of the table.
func (l *layout) tableSector(i int) uint32 {
	if i >= l.tables {
		return freeSector
	}
	return uint32(l.tableAt + i)
}

// further are the sectors that name the table's parts beyond the header's.
func (l *layout) further() (out []byte) {
	for i := range l.furthers {
		for j := range perSector - 1 {
			out = append(out, u32(l.tableSector(inHeader+i*(perSector-1)+j))...)
		}
		next := uint32(endOfChain)
		if i < l.furthers-1 {
			next = uint32(l.furtherAt + i + 1)
		}
		out = append(out, u32(next)...)
	}
	return out
}

// small is the stream of the small streams.
func (l *layout) small() (out []byte) {
	for _, e := range l.dir {
		out = append(out, pad(append([]byte(nil), e.content...), mini)...)
	}
	return pad(out, sector)
}

func (l *layout) directory() (out []byte) {
	for _, e := range l.dir {
		name := make([]byte, 64)
		for i, u := range utf16.Encode([]rune(e.name)) {
			binary.LittleEndian.PutUint16(name[2*i:], u)
		}
		out = append(out, name...)
		out = binary.LittleEndian.AppendUint16(out, uint16(2*len(e.name)+2))
		black := byte(1)
		if e.red {
			black = 0
		}
		out = append(out, e.kind, black)
		out = append(out, u32(e.left, e.right, e.child)...)
		out = append(out, make([]byte, 36)...) // no class, no flags, no times
		out = append(out, u32(e.start)...)
		out = binary.LittleEndian.AppendUint64(out, uint64(e.size))
	}
	for len(out)%sector != 0 { // an entry that is not used
		out = append(out, make([]byte, 68)...)
		out = append(out, u32(noEntry, noEntry, noEntry)...)
		out = append(out, make([]byte, 48)...)
	}
	return out
}
