package biff

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"doudi/fixtures/xlsfile"
	"doudi/jobs/intake/sheet"
)

func TestContainers(t *testing.T) {
	good := workbookOf(t, file(t, one([]xlsfile.Cell{xlsfile.N(1)})))
	older := rec(recBOF, 0x0500, 5, 0, 0)
	container := func(entries ...xlsfile.Entry) []byte {
		var buf bytes.Buffer
		if err := xlsfile.Container(&buf, entries...); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	stream := func(name string) xlsfile.Entry { return xlsfile.Entry{Name: name, Data: []byte("x")} }
	encrypted := func() []byte {
		f := excelize.NewFile()
		defer f.Close()
		var buf bytes.Buffer
		if err := f.Write(&buf, excelize.Options{Password: "x"}); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}()
	for _, tt := range []struct {
		name, code string
		data       []byte
	}{
		{"empty", sheet.CodeFormat, nil},
		{"text", sheet.CodeFormat, []byte("a,b\n1,2\n")},
		{"one byte", sheet.CodeTruncated, []byte(oleMagic[:1])},
		{"the magic", sheet.CodeTruncated, []byte(oleMagic)},
		{"a header", sheet.CodeTruncated, append([]byte(oleMagic), make([]byte, 600)...)},
		{"nothing in it", sheet.CodeFormat, container()},
		{"no workbook", sheet.CodeFormat, container(stream("Contents"))},
		{"Word", sheet.CodeFormat, container(stream("WordDocument"))},
		{"PowerPoint", sheet.CodeFormat, container(stream("PowerPoint Document"))},
		{"encrypted .xlsx", sheet.CodeEncrypted, container(stream("EncryptionInfo"), stream("EncryptedPackage"))},
		{"encrypted by excelize", sheet.CodeEncrypted, encrypted},
		{"macros", sheet.CodeMacro, container(xlsfile.Entry{Name: "Workbook", Data: good}, xlsfile.Entry{Name: "_VBA_PROJECT_CUR", Storage: true})},
		{"a folder named Workbook", sheet.CodeFormat, container(xlsfile.Entry{Name: "Workbook", Storage: true})},
		{"Excel 95", sheet.CodeFormat, container(xlsfile.Entry{Name: "Book", Data: older})},
		{"zeros", sheet.CodeFormat, container(xlsfile.Entry{Name: "Workbook", Data: make([]byte, 5000)})},
		{"good", "", container(xlsfile.Entry{Name: "Workbook", Data: good})},
		{"for Excel 95 and 97", "", container(xlsfile.Entry{Name: "Workbook", Data: good}, xlsfile.Entry{Name: "Book", Data: older})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := readFile(tt.data, 0)
			if tt.code != "" {
				wantCode(t, err, tt.code)
			} else if err != nil || len(rows) != 1 {
				t.Errorf("%v, %v", rows, err)
			}
		})
	}
}

// TestManySectors needs more sectors than the header of the container can list.
func TestManySectors(t *testing.T) {
	rows := slices.Repeat([][]xlsfile.Cell{slices.Repeat([]xlsfile.Cell{xlsfile.N(0.123456789)}, 250)}, 3000)
	data := file(t, one(rows...))
	if len(data) < 8<<20 {
		t.Fatalf("only %d bytes", len(data))
	}
	got, err := readFile(data, 0)
	if err != nil || len(got) != len(rows) {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

// TestCutFile cuts a file at every position. The writer puts the directory and the
// table of sectors last, so that cut behind the records the file can not be read
// either; what only lacks unused places of that table is whole.
func TestCutFile(t *testing.T) {
	data := file(t, one([]xlsfile.Cell{xlsfile.T("a"), xlsfile.N(1)}, []xlsfile.Cell{xlsfile.T("b")}))
	if rows, err := readFile(data, 0); err != nil || len(rows) != 2 {
		t.Fatalf("whole file: %d rows, %v", len(rows), err)
	}
	for n := 1; n < len(data); n++ {
		rows, err := readFile(data[:n], 0)
		if unused := len(data) - n; unused < 500 && err == nil && len(rows) == 2 {
			continue
		}
		if sheet.CodeOf(err) != sheet.CodeTruncated {
			t.Fatalf("cut at %d of %d: %v", n, len(data), err)
		}
	}
}

// TestCutStream cuts the stream at every position inside a whole container, which
// is what an export that died leaves behind.
func TestCutStream(t *testing.T) {
	b := one([]xlsfile.Cell{xlsfile.T("a"), xlsfile.N(1)}, []xlsfile.Cell{{Kind: xlsfile.Text, Text: "b", Formula: true}})
	b.Rich = true
	whole := bytes.TrimRight(workbookOf(t, file(t, b)), "\x00")
	whole = append(whole, 0, 0, 0) // the EOF record ends with them
	rows, used, err := readStream(whole)
	if err != nil || len(rows) != 2 || int(used) != len(whole) {
		t.Fatalf("%d rows, %d of %d bytes, %v", len(rows), used, len(whole), err)
	}
	for n := range whole {
		rows, _, err := readStream(whole[:n])
		if sheet.CodeOf(err) != sheet.CodeTruncated || len(rows) > 0 {
			t.Fatalf("cut at %d of %d: %d rows, %v", n, len(whole), len(rows), err)
		}
	}
}

// TestDamagedByte changes each byte of a file in turn. The format has no check
// sums, so that wrong cells can be read; but nothing worse may happen.
func TestDamagedByte(t *testing.T) {
	data := file(t, samples()[0])
	for i := range data {
		for _, flip := range []byte{0x01, 0x20, 0xFF} {
			damaged := slices.Clone(data)
			damaged[i] ^= flip
			rows, err := readFile(damaged, 0)
			wantFileError(t, err)
			if err == nil {
				wantSound(t, rows)
			}
		}
	}
}
