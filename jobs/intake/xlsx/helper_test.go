package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/intake/sheet"
)

// pkg is a workbook as its raw parts.
type pkg map[string]string

const (
	nsMain   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsRel    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPkgRel = "http://schemas.openxmlformats.org/package/2006/relationships"
	nsStrict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
	xmlDecl  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// testStyles: 0 General, 1 date (14), 2 yyyy"年"m"月"d"日", 3 [h]:mm, 4 date and time (22),
// 5 h:mm, 6 0.00
const testStyles = xmlDecl + `<styleSheet xmlns="` + nsMain + `"><numFmts count="2"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="177" formatCode="[h]:mm"/></numFmts>` +
	`<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="2"/></cellXfs>` +
	`<cellStyles><cellStyle name="Normal" xfId="0"/></cellStyles><dxfs><dxf><numFmt numFmtId="0" formatCode="yyyy"/></dxf></dxfs></styleSheet>`

const testStrings = xmlDecl + `<sst xmlns="` + nsMain + `" count="4" uniqueCount="4"><si><t>张三</t></si><si><r><rPr><b/></rPr><t>低</t></r><r><t xml:space="preserve">保 </t></r><rPh sb="0" eb="1"><t>pinyin</t></rPh><phoneticPr fontId="1"/></si><si/><si><t>a_x000D_b &amp; &#x4E2D;<![CDATA[<c>]]></t></si></sst>`

// newPkg is a book with one sheet of that XML.
func newPkg(sheetXML string) pkg {
	return pkg{
		"[Content_Types].xml": xmlDecl + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":         xmlDecl + `<Relationships xmlns="` + nsPkgRel + `"><Relationship Id="rId1" Type="` + nsRel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     xmlDecl + `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><workbookPr/><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": xmlDecl + `<Relationships xmlns="` + nsPkgRel + `"><Relationship Id="rId1" Type="` + nsRel + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + nsRel + `/styles" Target="styles.xml"/><Relationship Id="rId3" Type="` + nsRel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":            testStyles,
		"xl/sharedStrings.xml":     testStrings,
		"xl/worksheets/sheet1.xml": sheetXML,
	}
}

// with gives a copy with another part; an empty text leaves the part out.
func (p pkg) with(name, text string) pkg {
	q := pkg{}
	for k, v := range p {
		q[k] = v
	}
	q[name] = text
	if text == "" {
		delete(q, name)
	}
	return q
}

// replace gives a copy with a text replaced in a part; it must be there.
func (p pkg) replace(t testing.TB, part, old, new string) pkg {
	t.Helper()
	if !strings.Contains(p[part], old) {
		t.Fatalf("no %q in part %s", old, part)
	}
	return p.with(part, strings.ReplaceAll(p[part], old, new))
}

// zip packs the parts, the content types first as Excel does.
func (p pkg) zip(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	add := func(name string) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, p[name]); err != nil {
			t.Fatal(err)
		}
	}
	const first = "[Content_Types].xml"
	if _, ok := p[first]; ok {
		add(first)
	}
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if name != first {
			add(name)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// ws is a worksheet around rows.
func ws(rows string) string {
	return xmlDecl + `<worksheet xmlns="` + nsMain + `"><sheetPr><tabColor rgb="FFFF0000"/></sheetPr><dimension ref="A1:B2"/><sheetData>` + rows + `</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>`
}

// copyRow makes a row that outlives the next call.
func copyRow(r sheet.Row) sheet.Row {
	r.Cells = append([]sheet.Cell(nil), r.Cells...)
	return r
}

// readAll reads the first sheet of the bytes of a file.
func readAll(data []byte) ([]sheet.Row, error) {
	b, err := newBook(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	return readSheet(b, 0)
}

func readSheet(b sheet.Book, i int) ([]sheet.Row, error) {
	r, err := b.Open(i)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rows []sheet.Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			// The end is sticky.
			if _, again := r.Next(); again != io.EOF {
				return nil, errors.New("the end was followed by something else")
			}
			return rows, nil
		}
		if err != nil {
			if _, again := r.Next(); again != err {
				return nil, errors.New("the error was followed by something else")
			}
			return rows, err
		}
		rows = append(rows, copyRow(row))
	}
}

// write puts data into a file.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}
