package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"doudi/jobs/intake/sheet"
)

// wantCode checks that err is a FileError of that code with a Chinese message.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if sheet.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	fe, _ := errors.AsType[*sheet.FileError](err)
	if !strings.ContainsFunc(fe.Message, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !strings.Contains(fe.Message, "。") {
		t.Errorf("message %q", fe.Message)
	}
}

func TestRefusedSheets(t *testing.T) {
	cell := func(attrs, inner string) string {
		return ws(`<row r="1"><c r="A1"` + attrs + `>` + inner + `</c></row>`)
	}
	long := strings.Repeat("长", sheet.MaxCell+1)
	tests := []struct{ name, xml, code string }{
		{"empty part", " ", sheet.CodeTruncated},
		{"no end of sheetData", strings.Split(ws(`<row r="1"/>`), "</sheetData>")[0], sheet.CodeTruncated},
		{"no end of worksheet", strings.TrimSuffix(ws(""), "</worksheet>"), sheet.CodeTruncated},
		{"no sheetData", `<worksheet></worksheet>`, sheet.CodeFormat},
		{"empty worksheet", `<worksheet/>`, sheet.CodeFormat},
		{"two sheetData", `<worksheet><sheetData/><sheetData/></worksheet>`, sheet.CodeFormat},
		{"another root", `<html><sheetData/></html>`, sheet.CodeFormat},
		{"something behind", ws("") + "<x/>", sheet.CodeFormat},
		{"doctype", `<!DOCTYPE worksheet [<!ENTITY a "b">]>` + ws(""), sheet.CodeFormat},
		{"unknown entity", cell(` t="str"`, "<v>&a;</v>"), sheet.CodeFormat},
		{"bare ampersand", cell(` t="str"`, "<v>a & b</v>"), sheet.CodeFormat},
		{"control reference", cell(` t="str"`, "<v>&#1;</v>"), sheet.CodeFormat},
		{"crossed tags", ws(`<row r="1"><c r="A1"><v>1</c></v></row>`), sheet.CodeFormat},
		{"tags crossed in what is skipped", `<worksheet><a><b></a><sheetData/></worksheet>`, sheet.CodeFormat},
		{"unknown element between rows", ws(`<x:row2/>`), sheet.CodeFormat},
		{"unknown element between cells", ws(`<row><x/></row>`), sheet.CodeFormat},
		{"text between rows", ws(`x<row/>`), sheet.CodeFormat},
		{"text between cells", ws(`<row>x</row>`), sheet.CodeFormat},
		{"text in a cell", cell("", "x<v>1</v>"), sheet.CodeFormat},
		{"two values", cell("", "<v>1</v><v>2</v>"), sheet.CodeFormat},
		{"element in a value", cell("", "<v><x/></v>"), sheet.CodeFormat},
		{"unknown type", cell(` t="x"`, "<v>1</v>"), sheet.CodeFormat},
		{"style that is no number", cell(` s="x"`, "<v>1</v>"), sheet.CodeFormat},
		{"bad boolean", cell(` t="b"`, "<v>2</v>"), sheet.CodeFormat},
		{"shared string out of range", cell(` t="s"`, "<v>4</v>"), sheet.CodeFormat},
		{"shared string that is no number", cell(` t="s"`, "<v>a</v>"), sheet.CodeFormat},
		{"rows out of order", ws(`<row r="2"/><row r="1"/>`), sheet.CodeFormat},
		{"row twice", ws(`<row r="2"/><row r="2"/>`), sheet.CodeFormat},
		{"row zero", ws(`<row r="0"/>`), sheet.CodeFormat},
		{"bad hidden", ws(`<row r="1" hidden="x"/>`), sheet.CodeFormat},
		{"cell of another row", ws(`<row r="1"><c r="A2"/></row>`), sheet.CodeFormat},
		{"cell of an earlier row", ws(`<row r="2"/><row><c r="A2"/></row>`), sheet.CodeFormat},
		{"cells out of order", ws(`<row r="1"><c r="B1"/><c r="A1"/></row>`), sheet.CodeFormat},
		{"cell twice", ws(`<row r="1"><c r="B1"/><c r="B1"/></row>`), sheet.CodeFormat},
		{"bad reference", ws(`<row r="1"><c r="1A"/></row>`), sheet.CodeFormat},
		{"attribute without quotes", ws(`<row r=1/>`), sheet.CodeFormat},
		{"attribute without value", ws(`<row r/>`), sheet.CodeFormat},
		{"tag in a tag", ws(`<row <c/>`), sheet.CodeFormat},
		{"replacement character", cell(` t="str"`, "<v>张\uFFFD</v>"), sheet.CodeEncoding},
		{"replacement reference", cell(` t="str"`, "<v>&#xFFFD;</v>"), sheet.CodeEncoding},
		{"replacement escape", cell(` t="str"`, "<v>_xFFFD_</v>"), sheet.CodeEncoding},
		{"invalid UTF-8", cell(` t="str"`, "<v>\xd5\xc5</v>"), sheet.CodeEncoding},
		{"lone surrogate", cell(` t="str"`, "<v>_xD83D_a</v>"), sheet.CodeEncoding},
		{"control character", cell(` t="str"`, "<v>\x01</v>"), sheet.CodeEncoding},
		{"another charset", `<?xml version="1.0" encoding="GB2312"?><worksheet><sheetData/></worksheet>`, sheet.CodeEncoding},
		{"cut UTF-16", "\xFF\xFE<\x00w\x00", sheet.CodeTruncated},
		{"UTF-16 declared, UTF-8 written", `<?xml version="1.0" encoding="UTF-16"?><worksheet><sheetData/></worksheet>`, sheet.CodeEncoding},
		{"too many rows", ws(`<row r="1048577"/>`), sheet.CodeLimit},
		{"too many columns", ws(`<row r="1"><c r="AMK1"><v>1</v></c></row>`), sheet.CodeLimit},
		{"long cell", cell(` t="str"`, "<v>"+long+"</v>"), sheet.CodeLimit},
		{"long cell of pieces", cell(` t="inlineStr"`, "<is>"+strings.Repeat("<r><t>"+strings.Repeat("长", 20000)+"</t></r>", 20)+"</is>"), sheet.CodeLimit},
		{"long tag", ws(`<row x="` + strings.Repeat("x", maxToken) + `"/>`), sheet.CodeLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(newPkg(tt.xml).zip(t))
			wantCode(t, err, tt.code)
		})
	}
	t.Run("longest cell", func(t *testing.T) {
		rows, err := readAll(newPkg(cell(` t="str"`, "<v>"+long[3:]+"</v>")).zip(t))
		if err != nil || len(rows) != 1 || rows[0].Cells[0].Text != long[3:] {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
	t.Run("last column", func(t *testing.T) {
		rows, err := readAll(newPkg(ws(`<row r="1048576"><c r="AMJ1048576"><v>1</v></c></row>`)).zip(t))
		if err != nil || len(rows) != 1 || len(rows[0].Cells) != sheet.MaxColumns {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
	t.Run("long row", func(t *testing.T) {
		p := newPkg(ws(`<row>`+strings.Repeat(`<c t="s"><v>0</v></c>`, 1000)+`</row>`)).with("xl/sharedStrings.xml", `<sst><si><t>`+long[3:]+`</t></si></sst>`)
		_, err := readAll(p.zip(t))
		wantCode(t, err, sheet.CodeLimit)
	})
}

func TestRefusedBooks(t *testing.T) {
	p := newPkg(ws(`<row><c><v>1</v></c><c t="s"><v>0</v></c></row>`))
	const types, rels, wb, wbRels, sst, styles = "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
	tests := []struct {
		name string
		p    pkg
		code string
	}{
		{"no workbook", pkg{"a.txt": "x"}, sheet.CodeFormat},
		{"zipped workbook", pkg{"list.xlsx": "x"}, sheet.CodeFormat},
		{"no parts", pkg{}, sheet.CodeFormat},
		{"document", p.replace(t, rels, "xl/workbook.xml", "word/document.xml").with("word/document.xml", "<document/>"), sheet.CodeFormat},
		{"another main part", p.with(wb, "<document/>"), sheet.CodeFormat},
		{"no main part", p.with(wb, ""), sheet.CodeFormat},
		{"binary workbook", p.replace(t, types, "sheet.main+xml", "sheet.binary.macroEnabled.main"), sheet.CodeFormat},
		{"no sheets", p.with(wb, "<workbook/>"), sheet.CodeFormat},
		{"no relation of a sheet", p.with(wbRels, `<Relationships/>`), sheet.CodeFormat},
		{"two main parts", p.replace(t, rels, "</Relationships>", `<Relationship Id="r2" Type="`+nsRel+`/officeDocument" Target="b.xml"/></Relationships>`), sheet.CodeFormat},
		{"macros", p.with("xl/vbaProject.bin", "x"), sheet.CodeMacro},
		{"macros under another name", p.replace(t, wbRels, "</Relationships>", `<Relationship Id="r9" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="x.bin"/></Relationships>`), sheet.CodeMacro},
		{"macro type", p.replace(t, types, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"), sheet.CodeMacro},
		{"macro sheet", p.replace(t, wbRels, nsRel+"/worksheet", "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"), sheet.CodeMacro},
		{"no sheet part", p.with("xl/worksheets/sheet1.xml", ""), sheet.CodeTruncated},
		{"cut workbook.xml", p.with(wb, p[wb][:len(p[wb])-5]), sheet.CodeTruncated},
		{"cut relations", p.with(wbRels, p[wbRels][:len(p[wbRels])-20]), sheet.CodeTruncated},
		{"cut styles", p.with(styles, testStyles[:len(testStyles)-20]), sheet.CodeTruncated},
		{"cut strings", p.with(sst, testStrings[:len(testStrings)-6]), sheet.CodeTruncated},
		{"empty strings", p.with(sst, "\n"), sheet.CodeTruncated},
		{"crossed strings", p.with(sst, "<sst><si><t>a</si></t></sst>"), sheet.CodeFormat},
		{"text among strings", p.with(sst, "<sst>a<si/></sst>"), sheet.CodeFormat},
		{"text in a string", p.with(sst, "<sst><si>a</si></sst>"), sheet.CodeFormat},
		{"unclosed run", p.with(sst, "<sst><si><r></si></sst>"), sheet.CodeFormat},
		{"bad format id", p.replace(t, styles, `numFmtId="22"`, `numFmtId="x"`), sheet.CodeFormat},
		{"bad date system", p.replace(t, wb, "<workbookPr/>", `<workbookPr date1904="x"/>`), sheet.CodeFormat},
		{"broken text in strings", p.with(sst, "<sst><si><t>\uFFFD</t></si></sst>"), sheet.CodeEncoding},
		{"broken sheet name", p.replace(t, wb, "名单", "名\uFFFD"), sheet.CodeEncoding},
		{"invalid sheet name", p.replace(t, wb, "名单", "\xc3\xfb"), sheet.CodeEncoding},
		{"workbook.xml in GBK", p.replace(t, wb, "UTF-8", "GBK"), sheet.CodeEncoding},
		{"workbook.xml in cut UTF-16", p.with(wb, "\xFF\xFE<\x00"), sheet.CodeTruncated},
		{"doctype in workbook.xml", p.with(wb, strings.Replace(p[wb], "<workbook ", `<!DOCTYPE x [<!ENTITY a "b">]><workbook `, 1)), sheet.CodeFormat},
		{"crossed tags in workbook.xml", p.with(wb, "<workbook><a><b></a></b></workbook>"), sheet.CodeFormat},
		{"something behind workbook.xml", p.with(wb, p[wb]+"<x/>"), sheet.CodeFormat},
		{"many sheets", p.replace(t, wb, "</sheets>", strings.Repeat(`<sheet name="x" r:id="rId1"/>`, sheet.MaxSheets)+"</sheets>"), sheet.CodeLimit},
		{"long string", p.with(sst, "<sst><si><t>"+strings.Repeat("x", sheet.MaxCell+1)+"</t></si></sst>"), sheet.CodeLimit},
		{"many styles", p.with(styles, "<styleSheet><cellXfs>"+strings.Repeat("<xf/>", maxStyles+1)+"</cellXfs></styleSheet>"), sheet.CodeLimit},
		{"deep nesting", p.with(styles, "<styleSheet>"+strings.Repeat("<x>", maxDepth)), sheet.CodeFormat},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(tt.p.zip(t))
			wantCode(t, err, tt.code)
		})
	}
}

func TestRefusedContainers(t *testing.T) {
	good := newPkg(ws("")).zip(t)
	flagged := bytes.Clone(good)
	for i := range flagged { // the encryption bit of every directory entry
		if bytes.HasPrefix(flagged[i:], []byte("PK\x01\x02")) {
			flagged[i+8] |= 1
		}
	}
	var twice bytes.Buffer
	w := zip.NewWriter(&twice)
	for _, name := range []string{"xl/a.xml", "XL\\A.xml"} {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, code string
		data       []byte
	}{
		{"empty", sheet.CodeFormat, nil},
		{"text", sheet.CodeFormat, []byte("a,b\n1,2\n")},
		{"one byte", sheet.CodeTruncated, []byte("P")},
		{"zip header only", sheet.CodeTruncated, []byte(zipMagic)},
		{"the container of .xls", sheet.CodeFormat, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 1000))},
		{"zip password", sheet.CodeEncrypted, flagged},
		{"part twice", sheet.CodeFormat, twice.Bytes()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(tt.data)
			wantCode(t, err, tt.code)
			book, err := Open(write(t, "a.xlsx", tt.data))
			wantCode(t, err, tt.code)
			if book != nil {
				t.Error("a book came with the error")
			}
		})
	}
	if _, err := Open(t.TempDir() + "/none.xlsx"); !errors.Is(err, os.ErrNotExist) || sheet.CodeOf(err) != "" {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestTruncatedFile cuts a file at every position. None may be read.
func TestTruncatedFile(t *testing.T) {
	data := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>`)).zip(t)
	if rows, err := readAll(data); err != nil || len(rows) != 2 {
		t.Fatalf("whole file: %d rows, %v", len(rows), err)
	}
	for n := 1; n < len(data); n++ {
		if _, err := readAll(data[:n]); sheet.CodeOf(err) != sheet.CodeTruncated {
			t.Fatalf("cut at %d of %d: %v", n, len(data), err)
		}
	}
}

// TestTruncatedSheet cuts the worksheet and the shared strings at every position
// inside an intact zip, which is what an export that died leaves behind.
func TestTruncatedSheet(t *testing.T) {
	whole := newPkg("\ufeff" + ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><f>1&gt;2</f><v><![CDATA[x]]></v></c></row><!-- c --><row r="2"><c r="A2"><v>1</v></c></row>`))
	for _, part := range []string{"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"} {
		for n := 1; n < len(whole[part]); n++ {
			_, err := readAll(whole.with(part, whole[part][:n]).zip(t))
			if code := sheet.CodeOf(err); code != sheet.CodeTruncated {
				t.Fatalf("%s cut at %d: %v", part, n, err)
			}
		}
	}
}

// TestDamagedByte changes each byte of a file in turn. What is still read must
// be what was there: the CRC lets nothing else through.
func TestDamagedByte(t *testing.T) {
	data := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>`)).zip(t)
	want, err := readAll(data)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range data {
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x20
		rows, err := readAll(damaged)
		if err != nil {
			if sheet.CodeOf(err) == "" {
				t.Fatalf("byte %d: %v", i, err)
			}
			refused++
			continue
		}
		if fmt.Sprint(rows) != fmt.Sprint(want) {
			t.Fatalf("byte %d: read %v", i, rows)
		}
	}
	if refused < len(data)/2 {
		t.Errorf("only %d of %d damaged files were refused", refused, len(data))
	}
}

// rawZip packs parts, stored, with headers as given, whatever is true.
func rawZip(t testing.TB, p pkg, change func(*zip.FileHeader)) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		body := p[name]
		h := &zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE([]byte(body)), CompressedSize64: uint64(len(body)), UncompressedSize64: uint64(len(body))}
		if change != nil {
			change(h)
		}
		f, err := w.CreateRaw(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestLyingHeaders(t *testing.T) {
	p := newPkg(ws(""))
	sheetOnly := func(f func(*zip.FileHeader)) func(*zip.FileHeader) {
		return func(h *zip.FileHeader) {
			if strings.HasPrefix(h.Name, "xl/worksheets/") {
				f(h)
			}
		}
	}
	if _, err := readAll(rawZip(t, p, nil)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, code string
		change     func(*zip.FileHeader)
	}{
		{"wrong CRC", sheet.CodeTruncated, func(h *zip.FileHeader) { h.CRC32++ }},
		{"CRC not set", sheet.CodeTruncated, func(h *zip.FileHeader) { h.CRC32 = 0 }},
		{"smaller than it is", sheet.CodeTruncated, func(h *zip.FileHeader) { h.UncompressedSize64-- }},
		{"larger than it is", sheet.CodeTruncated, func(h *zip.FileHeader) { h.UncompressedSize64++ }},
		{"far too large", sheet.CodeLimit, func(h *zip.FileHeader) { h.UncompressedSize64 = sheet.MaxUnpacked + 1 }},
		{"unknown method", sheet.CodeFormat, func(h *zip.FileHeader) { h.Method = 99 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(rawZip(t, p, sheetOnly(tt.change)))
			wantCode(t, err, tt.code)
		})
	}
	t.Run("shared strings too large", func(t *testing.T) {
		_, err := readAll(rawZip(t, p, func(h *zip.FileHeader) {
			if h.Name == "xl/sharedStrings.xml" {
				h.UncompressedSize64 = sheet.MaxSharedStrings + 1
			}
		}))
		wantCode(t, err, sheet.CodeLimit)
	})
}

// TestInnerBook cuts a book right behind a stored copy of another book. The
// directory that is then last in the file is that of the inner book.
func TestInnerBook(t *testing.T) {
	inner := newPkg(ws(`<row><c><v>666</v></c></row>`)).zip(t)
	outer := newPkg(ws(`<row><c><v>1</v></c></row>`)).with("xl/embeddings/a.xlsx", string(inner))
	data := rawZip(t, outer, nil) // stored
	i := bytes.Index(data, inner)
	_, err := readAll(data[:i+len(inner)])
	wantCode(t, err, sheet.CodeTruncated)
	rows, err := readAll(data)
	if err != nil || rows[0].Cells[0].Text != "1" {
		t.Errorf("%v, %v", rows, err)
	}
}
