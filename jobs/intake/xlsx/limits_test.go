package xlsx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
)

// repeated is a text that is made while it is read.
type repeated struct {
	head, unit, tail string
	n                int
	rest             string
}

func (r *repeated) Read(b []byte) (int, error) {
	for r.rest == "" {
		switch {
		case r.head != "":
			r.rest, r.head = r.head, ""
		case r.n > 0:
			k := min(r.n, 1+4096/len(r.unit))
			r.rest = strings.Repeat(r.unit, k)
			r.n -= k
		case r.tail != "":
			r.rest, r.tail = r.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// bomb is the book with a part that unpacks to much.
func bomb(t *testing.T, p pkg, part string, content *repeated) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name := range p {
		var body io.Reader = strings.NewReader(p[name])
		if name == part {
			body = content
		}
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(f, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// readThrough reads the first sheet and keeps nothing.
func readThrough(data []byte) error {
	b, err := newBook(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	r, err := b.Open(0)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		if _, err := r.Next(); err != nil {
			return err
		}
	}
}

// TestLimits has files that are small and ask for much. Each is refused with
// sheet.CodeLimit or sheet.CodeFormat, and takes little memory until then.
func TestLimits(t *testing.T) {
	const sheet1, sst, styles, wb, wbRels, types = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>1</v></c></row>`))
	const mega = 1 << 20
	for _, tt := range []struct {
		name, part string
		content    *repeated
		code       string
	}{
		{"empty rows beyond the last", sheet1, &repeated{head: "<worksheet><sheetData>", unit: "<row/>", n: sheet.MaxRows + 1, tail: "</sheetData></worksheet>"}, sheet.CodeLimit},
		{"columns beyond the last", sheet1, &repeated{head: "<worksheet><sheetData><row>", unit: "<c><v>1</v></c>", n: sheet.MaxColumns + 1, tail: "</row></sheetData></worksheet>"}, sheet.CodeLimit},
		{"a sheet that unpacks a thousandfold", sheet1, &repeated{head: "<worksheet><sheetData><row>", unit: "<c/>", n: 20 * mega, tail: "</row></sheetData></worksheet>"}, sheet.CodeLimit},
		{"strings that unpack a thousandfold", sst, &repeated{head: "<sst>", unit: "<si/>", n: 20 * mega, tail: "</sst>"}, sheet.CodeLimit},
		{"a tag of megabytes", sheet1, &repeated{head: `<worksheet a="`, unit: "x", n: 8 * mega, tail: `"><sheetData/></worksheet>`}, sheet.CodeLimit},
		{"a text of megabytes", sst, &repeated{head: `<sst><si><t>`, unit: "x", n: 8 * mega, tail: `</t></si></sst>`}, sheet.CodeLimit},
		{"a text of megabytes in pieces", sst, &repeated{head: `<sst><si>`, unit: "<r><t>xxxxxxxx</t></r>", n: mega, tail: `</si></sst>`}, sheet.CodeLimit},
		{"a comment of megabytes", wb, &repeated{head: `<workbook><!--`, unit: "x", n: 8 * mega, tail: `--></workbook>`}, sheet.CodeLimit},
		{"an attribute of megabytes in styles", styles, &repeated{head: `<styleSheet a="`, unit: "x", n: 8 * mega, tail: `"/>`}, sheet.CodeLimit},
		{"millions of styles", styles, &repeated{head: `<styleSheet><cellXfs>`, unit: `<xf numFmtId="14"/>`, n: 3 * mega, tail: `</cellXfs></styleSheet>`}, sheet.CodeLimit},
		{"millions of number formats", styles, &repeated{head: `<styleSheet><numFmts>`, unit: `<numFmt numFmtId="200" formatCode="yyyy"/>`, n: mega, tail: `</numFmts></styleSheet>`}, sheet.CodeLimit},
		{"a long number format", styles, &repeated{head: `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="`, unit: "y", n: maxAttr + 1, tail: `"/></numFmts></styleSheet>`}, sheet.CodeFormat},
		{"a long name", wb, &repeated{head: `<workbook xmlns:r="r"><sheets><sheet r:id="rId1" name="`, unit: "x", n: maxAttr + 1, tail: `"/></sheets></workbook>`}, sheet.CodeFormat},
		{"a hundred thousand relations", wbRels, nil, sheet.CodeLimit},
		{"a million content types", types, &repeated{head: `<Types>`, unit: `<Default Extension="a" ContentType="b"/>`, n: mega, tail: `</Types>`}, sheet.CodeLimit},
		{"deep nesting in a sheet", sheet1, &repeated{head: "<worksheet>", unit: "<a>", n: mega, tail: ""}, sheet.CodeTruncated},
		{"deep nesting in strings", sst, &repeated{head: "<sst><si>", unit: "<r>", n: mega, tail: ""}, sheet.CodeTruncated},
		{"deep nesting in the workbook", wb, &repeated{head: "<workbook>", unit: "<a>", n: mega, tail: ""}, sheet.CodeFormat},
		{"a billion laughs", sst, &repeated{head: `<!DOCTYPE sst [<!ENTITY a "ha">`, unit: `<!ENTITY b "&a;&a;">`, n: 10, tail: `]><sst><si><t>&b;</t></si></sst>`}, sheet.CodeFormat},
		{"a billion laughs in styles", styles, &repeated{head: `<!DOCTYPE x [<!ENTITY a "ha">`, unit: `<!ENTITY b "&a;&a;">`, n: 10, tail: `]><styleSheet/>`}, sheet.CodeFormat},
		{"an outside entity", sheet1, &repeated{head: `<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet><sheetData/></worksheet>`}, sheet.CodeFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.content == nil {
				var b strings.Builder
				for i := range 100_000 {
					fmt.Fprintf(&b, `<Relationship Id="x%d" Type="%s/worksheet" Target="a.xml"/>`, i, nsRel)
				}
				tt.content = &repeated{head: "<Relationships>" + b.String() + "</Relationships>"}
			}
			data := bomb(t, p, tt.part, tt.content)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readThrough(data)
			runtime.ReadMemStats(&after)
			wantCode(t, err, tt.code)
			if took := after.TotalAlloc - before.TotalAlloc; took > 32*mega {
				t.Errorf("allocated %d MB", took/mega)
			}
		})
	}
}

// TestManyParts makes zip directories that are longer than any book's.
func TestManyParts(t *testing.T) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for i := range maxParts + 1 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("xl/%d.xml", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := readAll(buf.Bytes())
	wantCode(t, err, sheet.CodeLimit)

	buf.Reset()
	w = zip.NewWriter(&buf)
	for i := range maxDirectory/60000 + 2 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(i), Extra: append([]byte{0xfe, 0xca, 0x5c, 0xea}, make([]byte, 59996)...)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = readAll(buf.Bytes())
	wantCode(t, err, sheet.CodeLimit)
}

// TestSheetsOfOnePart has all sheets lead to the same large part.
func TestSheetsOfOnePart(t *testing.T) {
	p := newPkg("")
	p = p.replace(t, "xl/workbook.xml", "</sheets>", strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 100)+"</sheets>")
	_, err := readAll(rawZip(t, p, func(h *zip.FileHeader) {
		if strings.HasPrefix(h.Name, "xl/worksheets/") {
			h.UncompressedSize64 = sheet.MaxUnpacked / 64
		}
	}))
	wantCode(t, err, sheet.CodeLimit)
}

// TestCutFile cuts a workbook as an office sends it at every 512th byte, which is
// where copies break off. None of the pieces may be read to an end.
func TestCutFile(t *testing.T) {
	files, err := filepath.Glob("../../../fixtures/sample/*/*/民政-*.xlsx")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := readAll(data); err != nil || len(rows) < 10 {
		t.Fatalf("whole file: %d rows, %v", len(rows), err)
	}
	big, _ := claims{rows: 3000, shared: true, level: 1}.write(t)
	long, err := os.ReadFile(big)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{data, long} {
		for n := 512; n < len(file); n += 512 {
			if _, err := readAll(file[:n]); sheet.CodeOf(err) != sheet.CodeTruncated {
				t.Fatalf("cut at %d of %d: %v", n, len(file), err)
			}
		}
		// A piece that is missing in the middle, as in a copy that was resumed wrongly.
		for n := 512; n+1024 < len(file); n += max(512, len(file)/1024*4) {
			holed := append(bytes.Clone(file[:n]), file[n+512:]...)
			if _, err := readAll(holed); sheet.CodeOf(err) == "" {
				t.Fatalf("512 bytes missing at %d of %d: %v", n, len(file), err)
			}
		}
	}
}
