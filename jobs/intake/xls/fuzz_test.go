package xls

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xls/biff"
)

// streams are what a child may write.
func streams(t testing.TB) [][]byte {
	t.Helper()
	write := func(f func(e *encoder) error) []byte {
		var b bytes.Buffer
		e := newEncoder(&b)
		if err := errors.Join(f(e), e.w.Flush()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	list := []biff.Info{{Name: "名单"}, {Name: "Sheet2", Hidden: true}}
	row := sheet.Row{Number: 3, Hidden: true, Cells: []sheet.Cell{{}, {Kind: sheet.Text, Text: "张三"}, {Kind: sheet.Number, Text: "1.5", Formula: true},
		{Formula: true}, {Kind: sheet.Text, Formula: true}, {Kind: sheet.Date, Text: "2023-05-01"}, {Kind: sheet.Error, Text: "#N/A"}}}
	return [][]byte{
		write(func(e *encoder) error { return errors.Join(e.sheets(list), e.end()) }),
		write(func(e *encoder) error {
			return errors.Join(e.columns([]int{0, 255}, sheet.Layout{Widths: []int{0, 9, 255}, Merges: []sheet.Range{{Top: 1, Left: 0, Bottom: 1, Right: 11}}}), e.row(row), e.row(sheet.Row{Number: 70}), e.end())
		}),
		write(func(e *encoder) error {
			return e.refuse(&sheet.FileError{Code: sheet.CodeLimit, Message: "太大。", Err: errors.New("why")})
		}),
		write(func(e *encoder) error { return errors.Join(e.columns(nil, sheet.Layout{}), e.row(row)) }),
		write(func(e *encoder) error { return e.end() }),
		[]byte("panic: runtime error"),
		{'R', 0xFF, 0xFF, 0xFF, 0xFF, 0x0F},
		{'Z', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
	}
}

// decodeRows reads a stream of rows to its end.
func decodeRows(d *decoder) ([]sheet.Row, error) {
	var rows []sheet.Row
	for {
		row, err := d.row()
		if err != nil {
			return rows, err
		}
		row.Cells = slices.Clone(row.Cells)
		rows = append(rows, row)
	}
}

// FuzzDecoder reads any bytes as what a child writes.
func FuzzDecoder(f *testing.F) {
	for _, s := range streams(f) {
		f.Add(s)
	}
	known := func(t *testing.T, err error) {
		if sheet.CodeOf(err) == "" && !errors.Is(err, errNoEnd) && !errors.Is(err, errWire) {
			t.Fatalf("error %v", err)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := newDecoder(bytes.NewReader(data)).sheets(); err != nil {
			known(t, err)
		} else if len(list) == 0 || len(list) > sheet.MaxSheets {
			t.Fatalf("%d sheets", len(list))
		}
		d := newDecoder(bytes.NewReader(data))
		rows, err := decodeRows(d)
		if err != io.EOF {
			known(t, err)
			return
		}
		// What is taken can be written and taken again.
		var b bytes.Buffer
		e := newEncoder(&b)
		if err := e.columns(d.hides, d.layout); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err := e.row(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.end(); err != nil {
			t.Fatal(err)
		}
		d2 := newDecoder(&b)
		again, err := decodeRows(d2)
		if err != io.EOF || fmt.Sprint(again, d2.hides) != fmt.Sprint(rows, d.hides) {
			t.Fatalf("%v: %+v, written again %+v", err, rows, again)
		}
	})
}
