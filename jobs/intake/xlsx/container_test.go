package xlsx

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"testing"
)

// zip64 packs the parts, stored, as programs do that never know how much is to
// come: sizes behind the data, everything in 64 bits.
func zip64(tb testing.TB, p pkg) []byte {
	tb.Helper()
	var out, dir bytes.Buffer
	put := func(w *bytes.Buffer, values ...any) {
		for _, v := range values {
			if err := binary.Write(w, binary.LittleEndian, v); err != nil {
				tb.Fatal(err)
			}
		}
	}
	const version, flags, none = uint16(45), uint16(8 | 0x800), uint32(0xFFFFFFFF)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		body := []byte(p[name])
		at, crc, size := uint64(out.Len()), crc32.ChecksumIEEE(body), uint64(len(body))
		put(&out, uint32(0x04034b50), version, flags, uint16(0), uint32(0), uint32(0), none, none, uint16(len(name)), uint16(20), []byte(name))
		put(&out, uint16(1), uint16(16), uint64(0), uint64(0)) // extra field: sizes to come
		put(&out, body, uint32(0x08074b50), crc, size, size)
		put(&dir, uint32(0x02014b50), version, version, flags, uint16(0), uint32(0), crc, none, none, uint16(len(name)), uint16(28), uint16(0), uint16(0), uint16(0), uint32(0), none, []byte(name))
		put(&dir, uint16(1), uint16(24), size, size, at)
	}
	start, n := uint64(out.Len()), uint64(len(p))
	out.Write(dir.Bytes())
	end := uint64(out.Len())
	put(&out, uint32(0x06064b50), uint64(44), version, version, uint32(0), uint32(0), n, n, uint64(dir.Len()), start)
	put(&out, uint32(0x07064b50), uint32(0), end, uint32(1))
	put(&out, uint32(0x06054b50), uint16(0), uint16(0), uint16(0xFFFF), uint16(0xFFFF), none, none, uint16(0))
	return out.Bytes()
}

func TestZip64(t *testing.T) {
	data := zip64(t, newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`)))
	rows, err := readAll(data)
	if err != nil || len(rows) != 1 || rows[0].Cells[0].Text != "张三" {
		t.Errorf("%v, %v", rows, err)
	}
}
