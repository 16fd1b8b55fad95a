package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"doudi/jobs/intake/sheet"
)

// strict gives the book with the namespaces of ISO 29500 Strict.
func (p pkg) strict() pkg {
	q := pkg{}
	for name, body := range p {
		q[name] = strings.NewReplacer(nsRel, nsStrict, nsMain, "http://purl.oclc.org/ooxml/spreadsheetml/main", `<workbook `, `<workbook conformance="strict" `).Replace(body)
	}
	return q
}

func utf16Of(t *testing.T, order unicode.Endianness, mark unicode.BOMPolicy, s string) string {
	t.Helper()
	out, err := unicode.UTF16(order, mark).NewEncoder().String(strings.Replace(s, `encoding="UTF-8"`, `encoding="UTF-16"`, 1))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStrict reads what Excel saves as "Strict Open XML": dates are written as
// ISO 8601.
func TestStrict(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1" t="d"><v>2023-05-01</v></c><c r="C1" s="4" t="d"><v>2023-05-01T08:30:00.000</v></c>` +
		`<c r="D1" t="d"><v>2023-05-01T00:00:00.000Z</v></c><c r="E1" s="5" t="d"><v>08:30:00</v></c><c r="F1" t="d"><v>2023-02-30</v></c><c r="G1" s="1"><v>45047</v></c></row>`)).strict()
	for part, body := range p {
		if strings.Contains(body, "schemas.openxmlformats.org/spreadsheetml") || strings.Contains(body, nsRel) {
			t.Fatalf("%s is not strict", part)
		}
	}
	got, err := readAll(p.zip(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{rowOf(1, text("低保 "), date("2023-05-01"), date("2023-05-01 08:30:00"), date("2023-05-01"), text("08:30:00"), text("2023-02-30"), date("2023-05-01"))}
	if d := cmp.Diff(want, got, ignoreNil); d != "" {
		t.Error(d)
	}
}

// TestUTF16 has each part in UTF-16, which XML allows beside UTF-8.
func TestUTF16(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>𠮷 &amp; 低保</v></c></row>`))
	want := []sheet.Row{rowOf(1, text("张三"), text("𠮷 & 低保"))}
	for part := range p {
		for name, data := range map[string]string{
			"little-endian":               utf16Of(t, unicode.LittleEndian, unicode.UseBOM, p[part]),
			"big-endian":                  utf16Of(t, unicode.BigEndian, unicode.UseBOM, p[part]),
			"little-endian, without mark": utf16Of(t, unicode.LittleEndian, unicode.IgnoreBOM, p[part]),
			"big-endian, without mark":    utf16Of(t, unicode.BigEndian, unicode.IgnoreBOM, p[part]),
		} {
			got, err := readAll(p.with(part, data).zip(t))
			if err != nil {
				t.Errorf("%s %s: %v", part, name, err)
				continue
			}
			if d := cmp.Diff(want, got, ignoreNil); d != "" {
				t.Errorf("%s %s: %s", part, name, d)
			}
		}
	}
	const sheet1 = "xl/worksheets/sheet1.xml"
	data := utf16Of(t, unicode.LittleEndian, unicode.UseBOM, p[sheet1])
	for n := 1; n < len(data); n++ {
		if _, err := readAll(p.with(sheet1, data[:n]).zip(t)); sheet.CodeOf(err) != sheet.CodeTruncated {
			t.Fatalf("cut at %d of %d: %v", n, len(data), err)
		}
	}
	lone := strings.Replace(data, "\xb7\xdf", "x\x00", 1) // half of 𠮷
	_, err := readAll(p.with(sheet1, lone).zip(t))
	wantCode(t, err, sheet.CodeEncoding)
}

// packed packs the parts under names as given, with that method.
func (p pkg) packed(t *testing.T, method uint16, rename func(string) string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: rename(name), Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if _, err := io.WriteString(f, p[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestContainers packs the same book in all ways that programs do.
func TestContainers(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`))
	same := func(s string) string { return s }
	odd := pkg{}
	for name, body := range p {
		odd[strings.NewReplacer("xl/worksheets/sheet1.xml", "数据/a b.xml", "xl/workbook.xml", "book/main.xml", "xl/_rels/workbook.xml.rels", "book/_rels/main.xml.rels").Replace(name)] =
			strings.NewReplacer(`"xl/workbook.xml"`, `"/book/main.xml"`, `"/xl/workbook.xml"`, `"/book/main.xml"`, `"worksheets/sheet1.xml"`, `"../数据/a%20b.xml"`, `"styles.xml"`, `"/xl/styles.xml"`, `"sharedStrings.xml"`, `"/xl/sharedStrings.xml"`).Replace(body)
	}
	for name, data := range map[string][]byte{
		"deflated, sizes behind the data": p.packed(t, zip.Deflate, same),
		"stored, sizes behind the data":   p.packed(t, zip.Store, same),
		"stored, sizes before the data":   rawZip(t, p, nil),
		"64 bits":                         zip64(t, p),
		"backslashes":                     p.packed(t, zip.Deflate, func(s string) string { return strings.ReplaceAll(s, "/", `\`) }),
		"lower case":                      p.packed(t, zip.Deflate, strings.ToLower),
		"upper case":                      p.packed(t, zip.Deflate, strings.ToUpper),
		"leading slashes":                 p.packed(t, zip.Deflate, func(s string) string { return "/" + s }),
		"folders of their own":            p.with("xl/", " ").packed(t, zip.Store, func(s string) string { return s }),
		"odd paths":                       odd.zip(t),
	} {
		rows, err := readAll(data)
		if err != nil || len(rows) != 1 || rows[0].Cells[0].Text != "张三" {
			t.Errorf("%s: %v, %v", name, rows, err)
		}
	}
}

// TestSheetTypes has a sheet of each type that is none of cells. Macro sheets are
// refused; charts and dialogs have no rows and are not listed.
func TestSheetTypes(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1"><v>1</v></c></row>`))
	for kind, code := range map[string]string{
		nsRel + "/chartsheet":    "",
		nsStrict + "/chartsheet": "",
		nsRel + "/dialogsheet":   "",
		"http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet":     sheet.CodeMacro,
		"http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet": sheet.CodeMacro,
	} {
		q := p.replace(t, "xl/workbook.xml", "<sheets>", `<sheets><sheet name="其他" sheetId="7" r:id="rId7"/>`)
		q = q.replace(t, "xl/_rels/workbook.xml.rels", "</Relationships>", `<Relationship Id="rId7" Type="`+kind+`" Target="other.xml"/></Relationships>`).with("xl/other.xml", "<x/>")
		data := q.zip(t)
		b, err := newBook(bytes.NewReader(data), int64(len(data)))
		if code != "" {
			wantCode(t, err, code)
			continue
		}
		if err != nil || fmt.Sprint(b.Sheets()) != "[名单]" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	// A book of nothing else has no table.
	only := p.replace(t, "xl/_rels/workbook.xml.rels", "/worksheet\"", "/chartsheet\"")
	_, err := readAll(only.zip(t))
	wantCode(t, err, sheet.CodeFormat)
}

func TestHidden(t *testing.T) {
	p := newPkg(xmlDecl + `<worksheet xmlns="` + nsMain + `"><sheetFormatPr zeroHeight="1"/><cols><col min="1" max="1" width="9" customWidth="1"/><col min="3" max="4" width="9" hidden="1"/>` +
		`<col min="6" max="6" width="0" customWidth="1"/><col min="1023" max="16384" hidden="true"/></cols><sheetData>` +
		`<row r="1" ht="15"/><row r="2" ht="0" customHeight="1"/><row r="3" ht="0.0"/><row r="4" hidden="1" ht="15"/><row r="5" ht="0.75" hidden="0"/><row r="6" ht="0" hidden="0"/>` +
		`</sheetData><autoFilter ref="A1:F6"/></worksheet>`)
	for state, want := range map[string]bool{"visible": false, "hidden": true, "veryHidden": true} {
		data := p.replace(t, "xl/workbook.xml", `sheetId="1"`, `sheetId="1" state="`+state+`"`).zip(t)
		b, err := newBook(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Open(0)
		if err != nil {
			t.Fatal(err)
		}
		if r.Hidden() != want {
			t.Errorf("%s: %t", state, r.Hidden())
		}
		hidden := ""
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.Hidden {
				hidden += fmt.Sprint(row.Number, " ")
			}
		}
		if hidden != "2 3 4 6 " {
			t.Errorf("hidden rows %s", hidden)
		}
		if columns := r.(sheet.ColumnHider).HiddenColumns(); fmt.Sprint(columns) != "[2 3 5 1022 1023]" {
			t.Errorf("hidden columns %v", columns)
		}
	}
	for name, cols := range map[string]string{
		"backwards": `<col min="2" max="1"/>`, "from nothing": `<col max="1" hidden="1"/>`, "no number": `<col min="x" max="1"/>`,
		"bad hidden": `<col min="1" max="1" hidden="x"/>`, "twice": strings.Repeat(`<col min="1" max="1024" hidden="1"/>`, 2), "crossed": `</col>`,
	} {
		_, err := readAll(p.with("xl/worksheets/sheet1.xml", `<worksheet><cols>`+cols+`</cols><sheetData/></worksheet>`).zip(t))
		if sheet.CodeOf(err) != sheet.CodeFormat {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFormulas: the results are read as they are stored, whatever the formula is.
func TestFormulas(t *testing.T) {
	f := func(c sheet.Cell) sheet.Cell { c.Formula = true; return c }
	rows := `<row r="1"><c r="A1"><f t="shared" ref="A1:A9" si="0">B1*2</f><v>4</v></c><c r="B1"><f t="array" ref="B1:B2">SUM(A1:A2)</f><v>1E2</v></c>` +
		`<c r="C1" t="str"><f t="dataTable" ref="C1:C2"/><v>是</v></c><c r="D1" t="b"><f>TRUE()</f><v>1</v></c><c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c>` +
		`<c r="F1" s="1"><f>TODAY()</f><v>45047</v></c><c r="G1"><f/><v/></c><c r="H1" t="str"><v>无公式</v></c><c r="I1" cm="1"><f t="array" aca="1" ref="I1" ca="1">_xlfn.UNIQUE(A1)</f><v>7</v></c>` +
		`<c r="J1" t="s"><f>A9</f><v>0</v></c><c r="K1" t="str"><f><![CDATA[IF(A1<2,"a","b")]]></f><v/></c><c r="L1" t="str"><v></v></c><c r="M1"><v>1</v></c></row>`
	got, err := readAll(newPkg(ws(rows)).zip(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{rowOf(1, f(number("4")), f(number("1E2")), f(text("是")), f(sheet.Cell{Kind: sheet.Bool, Text: "TRUE"}), f(sheet.Cell{Kind: sheet.Error, Text: "#DIV/0!"}),
		f(date("2023-05-01")), f(sheet.Cell{}), text("无公式"), f(number("7")), f(text("张三")), f(text("")), sheet.Cell{}, number("1"))}
	if d := cmp.Diff(want, got, ignoreNil); d != "" {
		t.Error(d)
	}
}

// TestOrder: Excel itself calls a sheet damaged whose rows or cells are not in
// order. Excelize loses the row that comes late, or gives its cells to another
// one; here the file is refused.
func TestOrder(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="A3"><v>3</v></c></row><row r="2"><c r="A2"><v>2</v></c></row><row r="4"><c r="A4"><v>4</v></c></row>`))
	data := p.zip(t)
	_, err := readAll(data)
	wantCode(t, err, sheet.CodeFormat)
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("名单")
	if err != nil || fmt.Sprint(rows) == "[[1] [2] [3] [4]]" {
		t.Errorf("excelize: %v, %v", rows, err)
	}
}

// TestPlaces makes sure that messages name the cell.
func TestPlaces(t *testing.T) {
	long := strings.Repeat("长", sheet.MaxCell+1)
	sst := `<sst><si><t>好</t></si><si><t>坏` + "\uFFFD" + `</t></si><si><t>` + long + `</t></si><si><t>好</t></si></sst>`
	row := func(cell string) string {
		return ws(`<row r="3"><c r="A3"><v>1</v></c></row><row r="7"><c r="B7" t="s"><v>0</v></c>` + cell + `<c r="AB7" t="s"><v>3</v></c></row>`)
	}
	for name, tt := range map[string]struct{ cell, code, says string }{
		"shared":     {`<c r="AA7" t="s"><v>1</v></c>`, sheet.CodeEncoding, "工作表“名单”第 7 行 AA 列有乱码"},
		"inline":     {`<c r="AA7" t="inlineStr"><is><t>` + "\uFFFD" + `</t></is></c>`, sheet.CodeEncoding, "工作表“名单”第 7 行 AA 列有乱码"},
		"in pieces":  {`<c r="AA7" t="inlineStr"><is><r><t>` + "\xff" + `</t></r><r><t>x</t></r></is></c>`, sheet.CodeEncoding, "工作表“名单”第 7 行 AA 列有乱码"},
		"a formula":  {`<c r="AA7" t="str"><f>1</f><v>` + "\uFFFD" + `</v></c>`, sheet.CodeEncoding, "工作表“名单”第 7 行 AA 列有乱码"},
		"unplaced":   {`<c t="str"><v>` + "\uFFFD" + `</v></c>`, sheet.CodeEncoding, "工作表“名单”第 7 行 C 列有乱码"},
		"too long":   {`<c r="AA7" t="s"><v>2</v></c>`, sheet.CodeLimit, "工作表“名单”第 7 行 AA 列的文字超过 32767 个字符"},
		"malformed":  {`<c r="AA7" t="s"><v>9</v></c>`, sheet.CodeFormat, "工作表“名单”第 7 行 AA 列的内容不符合"},
		"no cell":    {`<x/>`, sheet.CodeFormat, "工作表“名单”第 3 行附近的内容不符合"},
		"far":        {`<c r="AMK7"><v>1</v></c>`, sheet.CodeLimit, "工作表“名单”第 7 行超过 1024 列"},
		"undeclared": {`<c r="AA7" t="q"/>`, sheet.CodeFormat, "工作表“名单”第 7 行 AA 列的内容不符合"},
	} {
		_, err := readAll(newPkg(row(tt.cell)).with("xl/sharedStrings.xml", sst).zip(t))
		fe, ok := errors.AsType[*sheet.FileError](err)
		if !ok || fe.Code != tt.code || !strings.HasPrefix(fe.Message, tt.says) {
			t.Errorf("%s: %v, want %s", name, err, tt.says)
		}
	}
	// What no cell uses does no harm.
	if rows, err := readAll(newPkg(row("")).with("xl/sharedStrings.xml", sst).zip(t)); err != nil || len(rows) != 2 {
		t.Errorf("%v, %v", rows, err)
	}
	many := `<sst>` + strings.Repeat(`<si><t>`+"\uFFFD"+`</t></si>`, maxBroken+1) + `</sst>`
	_, err := readAll(newPkg(row("")).with("xl/sharedStrings.xml", many).zip(t))
	wantCode(t, err, sheet.CodeEncoding)
}

// TestNotBooks tells what comes as .xlsx and is something else.
func TestNotBooks(t *testing.T) {
	for says, p := range map[string]pkg{
		"Word":         {"[Content_Types].xml": "<Types/>", "_rels/.rels": `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`, "word/document.xml": "<x/>"},
		"PowerPoint":   {"[Content_Types].xml": "<Types/>", "_rels/.rels": `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="ppt/presentation.xml"/></Relationships>`, "ppt/presentation.xml": "<x/>"},
		"OFD":          {"OFD.xml": "<x/>"},
		"OpenDocument": {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"},
		"压缩包":          {"名单/2024年3月.xlsx": "x"},
		"没有 Excel 工作簿": {"a.txt": "x"},
	} {
		_, err := readAll(p.zip(t))
		wantCode(t, err, sheet.CodeFormat)
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %s", err, says)
		}
	}
}

// TestProtected: protection against changes is no password for reading.
func TestProtected(t *testing.T) {
	p := newPkg(xmlDecl + `<worksheet xmlns="` + nsMain + `"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData><sheetProtection algorithmName="SHA-512" hashValue="x" saltValue="y" spinCount="100000" sheet="1"/></worksheet>`)
	p = p.replace(t, "xl/workbook.xml", "<sheets>", `<workbookProtection workbookPassword="CC1A" lockStructure="1"/><sheets>`)
	if rows, err := readAll(p.zip(t)); err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
}

// TestLayout: widths and merged cells are told at the end, and what is wrong of
// them keeps no cell from being read.
func TestLayout(t *testing.T) {
	body := xmlDecl + `<worksheet xmlns="` + nsMain + `"><cols><col min="1" max="2" width="12.7"/><col min="4" max="4" width="x"/><col min="5" max="16384" width="0.4"/></cols>` +
		`<sheetData><row r="1"><c r="A1" t="s"><v>1</v></c></row></sheetData>` +
		`<mergeCells count="9"><mergeCell ref="A1:L1"/><mergeCell ref="B3:B4"></mergeCell><mergeCell ref="C2:A1"/><mergeCell ref="A1"/><mergeCell ref="A0:B1"/><mergeCell/></mergeCells></worksheet>`
	b, err := newBook(bytes.NewReader(newPkg(body).zip(t)), int64(len(newPkg(body).zip(t))))
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rows := 0
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	l := r.(sheet.Layouter).Layout()
	if rows != 1 || !slices.Equal(l.Widths[:5], []int{12, 12, 0, 0, 1}) || len(l.Widths) != sheet.MaxColumns {
		t.Errorf("%d rows, widths %v", rows, l.Widths[:5])
	}
	if want := []sheet.Range{{Top: 1, Left: 0, Bottom: 1, Right: 11}, {Top: 3, Left: 1, Bottom: 4, Right: 1}}; !slices.Equal(l.Merges, want) {
		t.Errorf("merged %+v", l.Merges)
	}
}
