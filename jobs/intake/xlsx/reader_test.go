package xlsx

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"doudi/jobs/intake/sheet"
)

func text(s string) sheet.Cell   { return sheet.Cell{Kind: sheet.Text, Text: s} }
func number(s string) sheet.Cell { return sheet.Cell{Kind: sheet.Number, Text: s} }
func date(s string) sheet.Cell   { return sheet.Cell{Kind: sheet.Date, Text: s} }

func rowOf(n int, cells ...sheet.Cell) sheet.Row { return sheet.Row{Number: n, Cells: cells} }

var ignoreNil = cmp.Transformer("cells", func(r sheet.Row) string {
	return fmt.Sprintf("%d hidden=%t %q", r.Number, r.Hidden, fmt.Sprint(r.Cells))
})

func TestCells(t *testing.T) {
	formula := func(c sheet.Cell) sheet.Cell { c.Formula = true; return c }
	empty := sheet.Cell{}
	tests := []struct {
		name, rows string
		want       []sheet.Row
	}{
		{"no rows", "", nil},
		{"shared strings", `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v> 3 </v></c></row>`,
			[]sheet.Row{rowOf(1, text("张三"), text("低保 "), empty, text("a\rb & 中<c>"))}},
		{"inline", `<row r="1"><c r="A1" t="inlineStr"><is><t>一</t></is></c><c r="B1" t="inlineStr"><is><r><t>二</t></r><rPh><t>x</t></rPh><r><t> 三</t></r></is></c><c r="C1" t="inlineStr"><is/></c><c r="D1" t="inlineStr"><is><t/></is></c></row>`,
			[]sheet.Row{rowOf(1, text("一"), text("二 三"))}},
		{"formulas", `<row r="1"><c r="A1" t="str"><f>B1&amp;"x"</f><v>330x_x000D_</v></c><c r="B1"><f t="shared" si="0"/><v>1.50</v></c><c r="C1"><f>A1</f></c><c r="D1" t="str"><f>""</f><v></v></c></row>`,
			[]sheet.Row{rowOf(1, formula(text("330x\r")), formula(number("1.50")), formula(empty), formula(text("")))}},
		{"booleans and errors", `<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><v>0</v></c><c r="C1" t="e"><v>#N/A</v></c></row>`,
			[]sheet.Row{rowOf(1, sheet.Cell{Kind: sheet.Bool, Text: "TRUE"}, sheet.Cell{Kind: sheet.Bool, Text: "FALSE"}, sheet.Cell{Kind: sheet.Error, Text: "#N/A"})}},
		{"numbers keep their literal", `<row r="1"><c r="A1"><v>3.3010219800101E+17</v></c><c r="B1" t="n"><v>-0.10</v></c><c r="C1" s="6"><v> 12.340 </v></c><c r="D1"><v>12万</v></c></row>`,
			[]sheet.Row{rowOf(1, number("3.3010219800101E+17"), number("-0.10"), number("12.340"), text("12万"))}},
		{"dates", `<row r="1"><c r="A1" s="1"><v>45047</v></c><c r="B1" s="2"><v>4.5047E4</v></c><c r="C1" s="4"><v>45047.520833333336</v></c><c r="D1" s="3"><v>45047</v></c><c r="E1" s="5"><v>0.5</v></c><c r="F1" s="1"><v>60</v></c><c r="G1" t="d"><v>2023-05-01T08:30:00</v></c><c r="H1" s="1" t="s"><v>0</v></c></row>`,
			[]sheet.Row{rowOf(1, date("2023-05-01"), date("2023-05-01"), date("2023-05-01 12:30:00"), number("45047"), number("0.5"), number("60"), date("2023-05-01 08:30:00"), text("张三"))}},
		{"gaps and hidden rows", `<row r="3" hidden="1"><c r="C3"><v>1</v></c><c r="E3" s="1"/></row><row r="7"/><row r="9" hidden="false"><c r="B9"><v>2</v></c></row>`,
			[]sheet.Row{{Number: 3, Hidden: true, Cells: []sheet.Cell{empty, empty, number("1")}}, rowOf(7), rowOf(9, empty, number("2"))}},
		{"no references", `<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c t="s"><v>0</v></c></row>`,
			[]sheet.Row{rowOf(1, number("1"), empty, number("2")), rowOf(2, text("张三"))}},
		{"row number from the cell", `<row><c r="B5"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`,
			[]sheet.Row{rowOf(5, empty, number("1"), number("2")), rowOf(6, number("3"))}},
		{"styled to the last column", `<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/><c s="1"><v/></c></row>`,
			[]sheet.Row{rowOf(1, number("1"))}},
		{"cdata and comments", `<!-- a > b --><row r='1' x14ac:dyDescent="0.2"><c r="A1" t="str"><v><![CDATA[<&]]>x<!-- - -- -->y</v></c><?pi ?><c r="B1" t="inlineStr"><is><t>a&#10;b&#x4e2d;_x4E2D__x005F_x000D_&#95;x0041_</t></is></c></row>`,
			[]sheet.Row{rowOf(1, text("<&xy"), text("a\nb中中_x000D_A"))}},
		{"line ends", "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a\r\nb\rc</v></c></row>", []sheet.Row{rowOf(1, text("a\nb\nc"))}},
		{"a > in an attribute", `<row r="1"><c r="A1" t="str"><f t="shared" ref="A>B" x='"'>1</f><v>ok</v></c></row>`, []sheet.Row{rowOf(1, formula(text("ok")))}},
		{"escapes of surrogates", `<row r="1"><c r="A1" t="str"><v>_xD83D__xDE00_ _x12_ _xZZZZ_</v></c></row>`, []sheet.Row{rowOf(1, text("😀 _x12_ _xZZZZ_"))}},
		{"extensions", `<row r="1"><c r="A1"><v>1</v><extLst><ext><x><v>9</v></x></ext></extLst></c><extLst><ext/></extLst></row>`, []sheet.Row{rowOf(1, number("1"))}},
		{"spaces in tags", `<row r = "1" ><c r="A1" ><v >1</v ></c ></row >`, []sheet.Row{rowOf(1, number("1"))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(newPkg(ws(tt.rows)).zip(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got, ignoreNil); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWorkbookForms(t *testing.T) {
	plain := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45047</v></c></row>`))
	want := []sheet.Row{rowOf(1, text("张三"), date("2023-05-01"))}
	want1904 := []sheet.Row{rowOf(1, text("张三"), date("2027-05-02"))}
	const wb, rels, sheet1 = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"

	prefixed := plain
	for part := range plain {
		if strings.HasPrefix(part, "xl/") && !strings.Contains(part, "_rels") {
			x := plain[part]
			x = strings.NewReplacer("<?", "<?", "<!", "<!", "</", "</x:", "<", "<x:", ` xmlns="`, ` xmlns:x="`).Replace(x)
			prefixed = prefixed.with(part, x)
		}
	}
	strict := plain
	for part := range plain {
		strict = strict.with(part, strings.NewReplacer(nsRel, nsStrict+"/relationships", nsMain, "http://purl.oclc.org/ooxml/spreadsheetml/main").Replace(strict[part]))
	}
	tests := []struct {
		name string
		p    pkg
		want []sheet.Row
	}{
		{"plain", plain, want},
		{"prefixed names", prefixed, want},
		{"strict", strict, want},
		{"1904", plain.replace(t, wb, "<workbookPr/>", `<workbookPr date1904="1"/>`), want1904},
		{"byte order marks", plain.with(wb, "\ufeff"+plain[wb]).with(sheet1, "\ufeff"+plain[sheet1]).with("xl/sharedStrings.xml", "\ufeff"+testStrings).with("xl/styles.xml", "\ufeff"+testStyles), want},
		{"absolute target", plain.replace(t, rels, `"worksheets/sheet1.xml"`, `"/xl/worksheets/sheet1.xml"`), want},
		{"dotted target", plain.replace(t, rels, `"worksheets/sheet1.xml"`, `"./../xl/worksheets/sheet1.xml"`), want},
		{"other case", plain.replace(t, rels, `"sharedStrings.xml"`, `"SharedStrings.XML"`), want},
		{"backslashes", plain.replace(t, rels, `"worksheets/sheet1.xml"`, `"worksheets\sheet1.xml"`), want},
		{"escaped target", plain.replace(t, rels, `"worksheets/sheet1.xml"`, `"worksheets/sheet%201.xml"`).with(sheet1, "").with("xl/worksheets/sheet 1.xml", plain[sheet1]), want},
		{"no xml declaration", plain.with(sheet1, strings.TrimPrefix(plain[sheet1], xmlDecl)), want},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(tt.p.zip(t))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got, ignoreNil); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSheets reads several sheets, hidden ones among them, at the same time.
func TestSheets(t *testing.T) {
	p := newPkg(ws(`<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>`))
	p = p.with("xl/worksheets/sheet2.xml", ws(`<row r="1"><c r="A1"><v>10</v></c></row><row r="2"><c r="A2"><v>20</v></c></row>`)).with("xl/chart1.xml", "<chartsheet/>")
	p = p.replace(t, "xl/workbook.xml", "</sheets>", `<sheet name="图" sheetId="3" r:id="rId8"/><sheet name="隐藏 &amp; 深藏" sheetId="2" state="veryHidden" r:id="rId9"/></sheets>`)
	p = p.replace(t, "xl/_rels/workbook.xml.rels", "</Relationships>", `<Relationship Id="rId8" Type="`+nsRel+`/chartsheet" Target="chart1.xml"/><Relationship Id="rId9" Type="`+nsRel+`/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`)
	b, err := Open(write(t, "book.xlsx", p.zip(t)))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"名单", "隐藏 & 深藏"}, b.Sheets()); d != "" {
		t.Fatal(d)
	}
	if b.Format() != "xlsx" {
		t.Errorf("format %q", b.Format())
	}
	first, err := b.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	if first.Hidden() || !second.Hidden() || second.Name() != "隐藏 & 深藏" {
		t.Errorf("hidden %t, %t; name %q", first.Hidden(), second.Hidden(), second.Name())
	}
	for n := 1; n <= 2; n++ {
		for i, r := range []sheet.Reader{first, second} {
			row, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprint(n * []int{1, 10}[i])
			if row.Number != n || row.Cells[0].Text != want {
				t.Errorf("sheet %d row %d: %+v", i, n, row)
			}
		}
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := first.Next(); err != errClosed {
		t.Errorf("Next after Close: %v", err)
	}
	for _, i := range []int{-1, 2} {
		if _, err := b.Open(i); err == nil || sheet.CodeOf(err) != "" {
			t.Errorf("Open(%d): %v", i, err)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
