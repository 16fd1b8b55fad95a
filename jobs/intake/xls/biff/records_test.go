package biff

import (
	"math"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
)

// at is the beginning of a cell's record.
func at(row, column int) []byte { return append(u16(row), append(u16(column), 0, 0)...) }

func u16(v int) []byte { return le.AppendUint16(nil, uint16(v)) }

func f64(v float64) []byte { return le.AppendUint64(nil, math.Float64bits(v)) }

// table is an SST record with what follows it.
func table(count int, parts ...any) []byte {
	return rec(recSST, append([]any{u32(uint32(count)), u32(uint32(count))}, parts...)...)
}

// firsts are cells that show the first n shared strings.
func firsts(n int) []byte {
	var out []byte
	for i := range n {
		out = append(out, rec(recLabelSST, at(0, i), u32(uint32(i)))...)
	}
	return out
}

// TestDividedStrings divides strings between records where a writer may.
func TestDividedStrings(t *testing.T) {
	more := func(parts ...any) []byte { return rec(recContinue, parts...) }
	for _, tt := range []struct {
		name    string
		globals []byte
		want    []string
	}{
		{"narrow to wide", slices.Concat(table(1, 4, "\x00ab"), more("\x01", "\x2D\x4E\x87\x65")), []string{"ab中文"}},
		{"wide to narrow", slices.Concat(table(1, 4, "\x01", "\x2D\x4E\x87\x65"), more("\x00ab")), []string{"中文ab"}},
		{"three records", slices.Concat(table(1, 3, "\x00a"), more("\x01", "\x2D\x4E"), more("\x00c")), []string{"a中c"}},
		{"no character before", slices.Concat(table(1, 2, "\x00"), more("\x00ab")), []string{"ab"}},
		{"half a pair", slices.Concat(table(1, 2, "\x01", "\x3D\xD8"), more("\x01", "\x00\xDE")), []string{"😀"}},
		{"between strings", slices.Concat(table(2, 1, "\x00a"), more(1, "\x00b")), []string{"a", "b"}},
		{"empty records between", slices.Concat(table(2, 1, "\x00a"), more(), more(), more(1, "\x00b")), []string{"a", "b"}},
		{"in the length", slices.Concat(table(1, "\x02"), more("\x00\x00ab")), []string{"ab"}},
		{"in the runs", slices.Concat(table(2, 1, "\x08", 2, "a1234"), more("5678", 1, "\x00b")), []string{"a", "b"}},
		{"in the guide", slices.Concat(table(2, 1, "\x0C", 1, u32(6), "a", "runs", "ext"), more("ext", 1, "\x00b")), []string{"a", "b"}},
		{"Latin", table(1, 2, "\x00\xE9\x80"), []string{"é\u0080"}},
		{"a larger count", slices.Concat(table(9, 1, "\x00a")), []string{"a"}},
		{"control characters", table(1, 3, "\x00\x01\r\n"), []string{"\x01\r\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, _, err := readStream(stream(tt.globals, firsts(len(tt.want))))
			if err != nil {
				t.Fatal(err)
			}
			var cells []sheet.Cell
			for _, s := range tt.want {
				cells = append(cells, text(s))
			}
			wantRows(t, rows, rowOf(1, cells...))
		})
	}
}

func TestRecords(t *testing.T) {
	rk := func(v uint32) []byte { return rec(recRK, at(0, 0), u32(v)) }
	formula := func(column int, result string) []byte {
		return rec(recFormula, at(0, column), result, "\x00\x00\x00\x00\x00\x00", 0)
	}
	const waits = "\x00\x00\x00\x00\x00\x00\xFF\xFF"
	chart := slices.Concat(rec(recBOF, version8, 0x20, 0, 0), rec(recNumber, at(0, 5), f64(9)), rec(recBOF, version8, 0x20, 0, 0), eof, eof)
	for _, tt := range []struct {
		name    string
		records []byte
		want    []sheet.Row
	}{
		{"nothing", nil, nil},
		{"RK integer", rk(5<<2 | 2), []sheet.Row{rowOf(1, number("5"))}},
		{"RK negative", rk(0xFFFFFFEE), []sheet.Row{rowOf(1, number("-5"))}},
		{"RK hundredths", rk(12345<<2 | 3), []sheet.Row{rowOf(1, number("123.45"))}},
		{"RK double", rk(0x3FF80000), []sheet.Row{rowOf(1, number("1.5"))}},
		{"RK double in hundredths", rk(0x40590001), []sheet.Row{rowOf(1, number("1"))}},
		{"MULRK", rec(recMulRK, 0, 1, 0, u32(2<<2|2), 0, u32(3<<2|2), 2), []sheet.Row{rowOf(1, sheet.Cell{}, number("2"), number("3"))}},
		{"NaN", rec(recNumber, at(0, 0), f64(math.NaN())), []sheet.Row{rowOf(1, sheet.Cell{Kind: sheet.Error, Text: "#NUM!"})}},
		{"no such format", rec(recNumber, 0, 0, 999, f64(45047)), []sheet.Row{rowOf(1, number("45047"))}},
		{"last place", rec(recNumber, at(65535, 255), f64(1)), []sheet.Row{rowOf(65536, append(make([]sheet.Cell, 255), number("1"))...)}},
		{"out of order", slices.Concat(rec(recNumber, at(7, 1), f64(1)), rec(recNumber, at(2, 0), f64(2)), rec(recNumber, at(7, 0), f64(3))),
			[]sheet.Row{rowOf(3, number("2")), rowOf(8, number("3"), number("1"))}},
		{"a value beside a blank", slices.Concat(rec(recBlank, at(0, 0)), rec(recNumber, at(0, 0), f64(1)), rec(recMulBlank, 0, 0, 0, 0, 1)), []sheet.Row{rowOf(1, number("1"))}},
		{"empty label", rec(recLabel, at(3, 3), 0, "\x00"), []sheet.Row{rowOf(4)}},
		{"long label", slices.Concat(rec(recLabel, at(0, 0), 4, "\x00ab"), rec(recContinue, "\x01", "\x2D\x4E\x87\x65"), rec(recNumber, at(0, 1), f64(1))), []sheet.Row{rowOf(1, text("ab中文"), number("1"))}},
		{"text of a formula", slices.Concat(formula(0, waits), rec(recString, 1, "\x00a")), []sheet.Row{rowOf(1, computed(text("a")))}},
		{"text of a shared formula", slices.Concat(formula(0, waits), rec(recShared, 0, 0), rec(recString, 1, "\x00a")), []sheet.Row{rowOf(1, computed(text("a")))}},
		{"text of an array", slices.Concat(formula(0, waits), rec(recArray, 0, 0), rec(recString, 1, "\x00a")), []sheet.Row{rowOf(1, computed(text("a")))}},
		{"long text of a formula", slices.Concat(formula(0, waits), rec(recString, 2, "\x00a"), rec(recContinue, "\x00b")), []sheet.Row{rowOf(1, computed(text("ab")))}},
		{"formula without its text", slices.Concat(formula(0, waits), formula(1, waits), rec(recString, 1, "\x00a")), []sheet.Row{rowOf(1, computed(sheet.Cell{}), computed(text("a")))}},
		{"getting data", rec(recBoolErr, at(0, 0), "\x2B\x01"), []sheet.Row{rowOf(1, sheet.Cell{Kind: sheet.Error, Text: "#GETTING_DATA"})}},
		{"embedded charts", slices.Concat(chart, rec(recNumber, at(0, 0), f64(1)), chart), []sheet.Row{rowOf(1, number("1"))}},
		{"hidden once", slices.Concat(rec(recRow, 1, 0, 0, 0, 0, 0, 0x20, 0), rec(recRow, 1, 0, 0, 0, 0, 0, 0, 0)), []sheet.Row{{Number: 2, Hidden: true}}},
		{"records unknown", rec(0x7777, "whatever"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, _, err := readStream(stream(nil, tt.records))
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, rows)
			wantRows(t, rows, tt.want...)
		})
	}
}

func TestFormats(t *testing.T) {
	format := func(id int, code string) []byte { return rec(recFormat, id, len(code), "\x00", code) }
	xf := func(id int) []byte { return rec(recXF, 0, id, 0, 0, 0, 0, 0, 0, 0, 0) }
	globals := slices.Concat(xf(0), xf(14), xf(164), xf(165), format(164, "yyyy-mm-dd"), format(165, "0.00"), format(22, "0"), xf(22), xf(58))
	var records []byte
	for i := range 6 {
		records = append(records, rec(recNumber, 0, i, i, f64(45047))...)
	}
	rows, _, err := readStream(stream(globals, records))
	if err != nil {
		t.Fatal(err)
	}
	d, n := date("2023-05-01"), number("45047")
	wantRows(t, rows, rowOf(1, n, d, d, n, n, d))
}

func TestRefusedRecords(t *testing.T) {
	cells := func(parts ...[]byte) []byte { return stream(nil, slices.Concat(parts...)) }
	globals := func(parts ...[]byte) []byte { return stream(slices.Concat(parts...), firsts(1)) }
	one := rec(recNumber, at(0, 0), f64(1))
	for _, tt := range []struct {
		name, code string
		data       []byte
	}{
		{"empty", sheet.CodeTruncated, nil},
		{"no BOF", sheet.CodeFormat, rec(recEOF)},
		{"short BOF", sheet.CodeFormat, rec(recBOF, version8)},
		{"BIFF2", sheet.CodeFormat, rec(recBOF2, 2, 0x10)},
		{"BIFF4", sheet.CodeFormat, rec(recBOF4, 0, 0x10, 0)},
		{"BIFF5", sheet.CodeFormat, rec(recBOF, 0x0500, 5, 0, 0)},
		{"later version", sheet.CodeFormat, rec(recBOF, 0x0700, 5, 0, 0)},
		{"a sheet comes first", sheet.CodeFormat, bofSheet},
		{"a part within the first", sheet.CodeFormat, globals(bofSheet)},
		{"FILEPASS", sheet.CodeEncrypted, globals(rec(recFilePass, 0, 0, 0))},
		{"date system", sheet.CodeFormat, globals(rec(recDateMode, 2))},
		{"short XF", sheet.CodeFormat, globals(rec(recXF, 1))},
		{"two tables", sheet.CodeFormat, globals(table(1, 1, "\x00a"), table(1, 1, "\x00a"))},
		{"no such shared string", sheet.CodeFormat, globals()},
		{"cut string", sheet.CodeFormat, globals(table(1, 5, "\x00a"))},
		{"half a character", sheet.CodeFormat, globals(table(1, 2, "\x01abc"), rec(recContinue, "\x00a"))},
		{"empty record in a string", sheet.CodeFormat, globals(table(1, 2, "\x00a"), rec(recContinue))},
		{"runs that are missing", sheet.CodeFormat, globals(table(1, 1, "\x08", 100, "a"))},
		{"U+FFFD", sheet.CodeEncoding, globals(table(1, 1, "\x01\xFD\xFF"))},
		{"NUL", sheet.CodeEncoding, globals(table(1, 1, "\x00\x00"))},
		{"half a pair at the end", sheet.CodeEncoding, globals(table(1, 1, "\x01\x3D\xD8"))},
		{"half a pair", sheet.CodeEncoding, globals(table(1, 2, "\x01\x3D\xD8a\x00"))},
		{"second half of a pair", sheet.CodeEncoding, globals(table(1, 1, "\x01\x00\xDE"))},
		{"half a pair in the narrow part", sheet.CodeEncoding, globals(table(1, 2, "\x01\x3D\xD8"), rec(recContinue, "\x00a"))},
		{"broken name of a sheet", sheet.CodeEncoding, slices.Concat(bofGlobals, rec(recBoundSheet, u32(0), "\x00\x00\x01\x01\xFD\xFF"), eof)},
		{"short BOUNDSHEET", sheet.CodeFormat, slices.Concat(bofGlobals, rec(recBoundSheet, u32(0)), eof)},
		{"many sheets", sheet.CodeLimit, globals(slices.Repeat(rec(recBoundSheet, u32(0), "\x00\x00\x01\x00S"), sheet.MaxSheets+1))},
		{"long string", sheet.CodeLimit, globals(table(1, sheet.MaxCell+1, "\x00", strings.Repeat("x", sheet.MaxCell+1)))},
		{"sheet within the first part", sheet.CodeFormat, slices.Concat(bofGlobals, rec(recBoundSheet, u32(0), "\x00\x00\x01\x00S"), eof, bofSheet, eof)},
		{"sheet behind the end", sheet.CodeTruncated, slices.Concat(bofGlobals, rec(recBoundSheet, u32(9999), "\x00\x00\x01\x00S"), eof, bofSheet, eof)},
		{"no sheet there", sheet.CodeFormat, slices.Concat(bofGlobals, rec(recBoundSheet, u32(uint32(len(bofGlobals)+13+4)), "\x00\x00\x01\x00S"), eof, one)},
		{"cell twice", sheet.CodeFormat, cells(one, one)},
		{"cell twice, out of order", sheet.CodeFormat, cells(one, rec(recNumber, at(0, 1), f64(1)), one)},
		{"column 257", sheet.CodeFormat, cells(rec(recNumber, at(0, 256), f64(1)))},
		{"MULRK beyond the columns", sheet.CodeFormat, cells(rec(recMulRK, 0, 255, 0, u32(2), 0, u32(2), 256))},
		{"MULRK of another length", sheet.CodeFormat, cells(rec(recMulRK, 0, 1, 0, u32(2), 0, u32(2), 5))},
		{"MULRK backwards", sheet.CodeFormat, cells(rec(recMulRK, 0, 5, 0, u32(2), 4))},
		{"short NUMBER", sheet.CodeFormat, cells(rec(recNumber, at(0, 0), "1234567"))},
		{"short RK", sheet.CodeFormat, cells(rec(recRK, at(0, 0)))},
		{"short ROW", sheet.CodeFormat, cells(rec(recRow, 1))},
		{"short COLINFO", sheet.CodeFormat, cells(rec(recColInfo, 1))},
		{"short LABELSST", sheet.CodeFormat, cells(rec(recLabelSST, at(0, 0)))},
		{"short LABEL", sheet.CodeFormat, cells(rec(recLabel, at(0, 0)))},
		{"short BOOLERR", sheet.CodeFormat, cells(rec(recBoolErr, at(0, 0)))},
		{"short FORMULA", sheet.CodeFormat, cells(rec(recFormula, at(0, 0)))},
		{"short BLANK", sheet.CodeFormat, cells(rec(recBlank, 1))},
		{"boolean 2", sheet.CodeFormat, cells(rec(recBoolErr, at(0, 0), "\x02\x00"))},
		{"unknown error", sheet.CodeFormat, cells(rec(recBoolErr, at(0, 0), "\x01\x01"))},
		{"unknown result", sheet.CodeFormat, cells(rec(recFormula, at(0, 0), "\x04\x00\x00\x00\x00\x00\xFF\xFF", 0, 0, 0, 0))},
		{"text of no formula", sheet.CodeFormat, cells(one, rec(recString, 1, "\x00a"))},
		{"text of another formula", sheet.CodeFormat, cells(rec(recFormula, at(0, 0), "\x00\x00\x00\x00\x00\x00\xFF\xFF", 0, 0, 0, 0), rec(recString, 1, "\x00a"), rec(recString, 1, "\x00a"))},
		{"cell of BIFF2", sheet.CodeFormat, cells(rec(0x0002, 0, 0, 0, 0))},
		{"formula of BIFF4", sheet.CodeFormat, cells(rec(0x0406, 0, 0, 0, 0))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, _, err := readStream(tt.data)
			wantCode(t, err, tt.code)
			if len(rows) > 0 {
				t.Errorf("%d rows came with the error", len(rows))
			}
		})
	}
}

// TestLongRow: many cells may show the same long string.
func TestLongRow(t *testing.T) {
	half := strings.Repeat("\x2D\x4E", 4000)
	long := slices.Concat(table(1, 32000, "\x01", half), slices.Repeat(rec(recContinue, "\x01", half), 7))
	var cells []byte
	for i := range 200 {
		cells = append(cells, rec(recLabelSST, at(0, i), u32(0))...)
	}
	_, _, err := readStream(stream(long, cells))
	wantCode(t, err, sheet.CodeLimit)
	rows, _, err := readStream(stream(long, cells[:14*150]))
	if err != nil || len(rows) != 1 || len(rows[0].Cells[149].Text) != 96000 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestHiddenColumns(t *testing.T) {
	column := func(from, to, width, flags int) []byte { return rec(recColInfo, from, to, width, 0, flags, 0) }
	data := stream(nil, slices.Concat(column(0, 1, 2000, 0), column(2, 3, 2000, 1), column(5, 5, 0, 0), column(254, 256, 2000, 0x1001), column(9, 8, 0, 1)))
	b := openRecords(data)
	if err := b.globals(); err != nil {
		t.Fatal(err)
	}
	s, err := b.Read(0)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.HiddenColumns(); !slices.Equal(got, []int{2, 3, 5, 254, 255}) {
		t.Errorf("hidden %v", got)
	}
}
