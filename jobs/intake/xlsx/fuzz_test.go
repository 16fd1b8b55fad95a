package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"doudi/jobs/intake/sheet"
)

// reference reads the cells of a worksheet the slow way, by encoding/xml; only
// what a decoded value means is left to the code under test. Empty cells without
// a formula are left out. It is not ok where encoding/xml does not take the part.
func reference(data string) (cells []sheet.Cell, ok bool) {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(data, bom)))
	r := reader{book: testBook}
	var path []string
	var typ cellType
	var style int
	var formula bool
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return cells, true
		}
		if err != nil {
			return nil, false
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if strings.Contains(e.Name.Local, ":") {
				return nil, false // not well-formed with namespaces
			}
			path = append(path, e.Name.Local)
			switch at(path) {
			case "c":
				r.text, typ, style, formula, r.valued = r.text[:0], typeNumber, 0, false, false
				for _, a := range e.Attr {
					switch a.Name {
					case xml.Name{Local: "t"}:
						typ, _ = parseType([]byte(a.Value))
					case xml.Name{Local: "s"}:
						style, _ = parseInt([]byte(a.Value))
					}
				}
			case "c/f":
				formula = true
			case "c/v", "c/is":
				r.valued = true
			}
		case xml.EndElement:
			if at(path) == "c" {
				c := sheet.Cell{Formula: formula}
				if r.finishCell(&c, 0, typ, style) != nil {
					return nil, false
				}
				if c.Text == "" {
					c.Text = string(r.text)
				}
				if c.Kind != sheet.Empty || formula {
					cells = append(cells, c)
				}
			}
			path = path[:len(path)-1]
		case xml.CharData:
			p := at(path)
			for strings.HasPrefix(p, "c/is/r/") {
				p = "c/is/" + strings.TrimPrefix(p, "c/is/r/")
			}
			if p == "c/v" || p == "c/is/t" {
				r.text = append(r.text, e...)
			}
		}
	}
}

// at is the path from the cell on, "" outside of cells.
func at(path []string) string {
	s, ok := strings.CutPrefix(strings.Join(path, "/"), "worksheet/sheetData/row/")
	if !ok {
		return ""
	}
	return s
}

// testBook has the styles and strings of newPkg.
var testBook = func() *book {
	st, err := readStyles(strings.NewReader(testStyles))
	if err != nil {
		panic(err)
	}
	ss, err := readSharedStrings(strings.NewReader(testStrings))
	if err != nil {
		panic(err)
	}
	return &book{styles: st, shared: ss}
}()

// FuzzXLSX changes the sheet's XML inside a fresh zip.
func FuzzXLSX(f *testing.F) {
	for _, s := range []string{
		ws(``),
		ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45047.5</v></c><c r="C1" t="str"><f>1</f><v>a&amp;_x000D_</v></c></row>`),
		ws(`<row r="1"><c r="A1" t="inlineStr"><is><r><t>一</t></r><rPh><t>x</t></rPh></is></c><c t="b"><v>1</v></c><c t="d"><v>2023-05-01</v></c></row>`),
		ws(`<row r="1"><c t="inlineStr"><is><t>一</t></is></c><c t="n"><is><t>1</t></is></c></row>`),
		ws(`<row r="1"><c t="str"><f>""</f><v></v></c><c t="str"><v></v></c><c t="str"><f/></c></row>`),
		ws(`<row r="3" hidden="1"><c r="C3" t="e"><v>#N/A</v></c></row><!-- x --><row><c><v><![CDATA[1]]></v></c></row>`),
		"\ufeff" + strings.NewReplacer("<?", "<?", "<!", "<!", "</", "</x:", "<", "<x:").Replace(ws(`<row r="1" ><c r='A1' ><v>1e5</v ></c></row >`)),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		rows, err := readAll(rawZip(t, newPkg(data), nil))
		if err != nil {
			wantFileError(t, err)
			return
		}
		checkRows(t, rows)
		var taken []sheet.Cell
		for _, row := range rows {
			for _, c := range row.Cells {
				if c.Kind != sheet.Empty || c.Formula {
					taken = append(taken, c)
				}
			}
		}
		if want, ok := reference(data); ok && !slices.Equal(taken, want) {
			t.Fatalf("read %+v, by encoding/xml %+v", taken, want)
		}
		// A part that lost its end is never taken.
		if i := strings.LastIndex(data, "worksheet"); strings.Count(data[i:], ">") == 1 && !strings.Contains(data, "<!--") {
			for _, cut := range []int{i, len(data) / 2, len(data) / 3} {
				if cut > i {
					continue
				}
				if _, err := readAll(rawZip(t, newPkg(data[:cut]), nil)); err == nil {
					t.Fatalf("taken though cut at %d", cut)
				}
			}
		}
	})
}

// readEverything reads all sheets of a file to their ends and checks what every
// book that is taken must keep to.
func readEverything(t *testing.T, data []byte) {
	t.Helper()
	b, err := newBook(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		wantFileError(t, err)
		return
	}
	for i := range b.Sheets() {
		rows, err := readSheet(b, i)
		if err != nil {
			wantFileError(t, err)
			continue
		}
		checkRows(t, rows)
	}
}

func wantFileError(t *testing.T, err error) {
	t.Helper()
	fe, ok := errors.AsType[*sheet.FileError](err)
	if !ok || !strings.HasSuffix(fe.Message, "。") {
		t.Fatalf("not a proper FileError: %v", err)
	}
}

// checkRows makes sure that what was taken is in order, within the limits, and
// sound text.
func checkRows(t *testing.T, rows []sheet.Row) {
	t.Helper()
	last := 0
	for _, row := range rows {
		if row.Number <= last || row.Number > sheet.MaxRows || len(row.Cells) > sheet.MaxColumns {
			t.Fatalf("row %d behind %d with %d cells", row.Number, last, len(row.Cells))
		}
		last = row.Number
		for _, c := range row.Cells {
			if !utf8.ValidString(c.Text) || strings.ContainsRune(c.Text, utf8.RuneError) || utf8.RuneCountInString(c.Text) > sheet.MaxCell {
				t.Fatalf("text %q", c.Text)
			}
			if c.Kind == sheet.Empty && c.Text != "" || c.Kind != sheet.Empty && c.Text == "" && !(c.Kind == sheet.Text && c.Formula) {
				t.Fatalf("cell %+v", c)
			}
		}
	}
}

// FuzzFile reads any bytes as a file.
func FuzzFile(f *testing.F) {
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`))
	f.Add(p.zip(f))
	f.Add(rawZip(f, p, nil))
	f.Add(rawZip(f, p.with("xl/sharedStrings.xml", "").with("xl/styles.xml", ""), nil))
	f.Add(zip64(f, p))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(readEverything)
}

// FuzzParts changes the small parts and the shared strings inside a fresh zip.
func FuzzParts(f *testing.F) {
	p := newPkg(ws(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"><v>45047</v></c><c r="C1" t="s"><v>3</v></c></row>`))
	names := []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"}
	for i, name := range names {
		f.Add(byte(i), p[name])
		f.Add(byte(i), "\ufeff"+strings.NewReplacer("<?", "<?", "</", "</x:", "<", "<x:").Replace(p[name]))
	}
	f.Fuzz(func(t *testing.T, part byte, data string) {
		readEverything(t, rawZip(t, p.with(names[int(part)%len(names)], data), nil))
	})
}

// FuzzScanner compares the scanner with encoding/xml: where both take a text,
// they see the same tags, attributes and texts.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		testStyles, testStrings, ws(`<row r="1"/>`),
		`<a x='1' y = "&lt;>"><!-- > --><b/>t&#x4e2d;<![CDATA[<&]]>]<?pi ?></a >`,
		"\ufeff<x:a xmlns:x=\"u\">\r\n\r</x:a>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := scan(data)
		if err != nil {
			if refused := refuse("", err); sheet.CodeOf(refused) == "" {
				t.Fatal(err)
			}
			return
		}
		if want, ok := scanReference(data); ok && !slices.Equal(got, want) {
			t.Fatalf("read %q, encoding/xml %q", got, want)
		}
	})
}

// scan gives the tags, attributes and texts of data as lines. Texts that follow
// each other are one.
func scan(data []byte) ([]string, error) {
	s := newScanner(iotest.OneByteReader(bytes.NewReader(data)))
	var lines []string
	var text []byte
	flush := func() {
		if len(text) > 0 {
			lines = append(lines, "text "+string(text))
		}
		text = text[:0]
	}
	for {
		tok, err := s.next()
		if err != nil {
			return nil, err
		}
		switch tok {
		case tokText, tokCDATA:
			if text, err = appendText(text, s.text, tok == tokCDATA); err != nil {
				return nil, err
			}
			continue
		}
		flush()
		name := string(s.name)
		switch tok {
		case tokEOF:
			return lines, nil
		case tokEnd:
			lines = append(lines, "end "+name)
			continue
		}
		line := "start " + name
		a := attributes{rest: s.attrs}
		for a.next() {
			v, err := appendText(nil, a.value, false)
			if err != nil {
				return nil, err
			}
			line += fmt.Sprintf(" %s=%q", a.name[bytes.LastIndexByte(a.name, ':')+1:], v)
		}
		if a.err != nil {
			return nil, a.err
		}
		if lines = append(lines, line); tok == tokEmpty {
			lines = append(lines, "end "+name)
		}
	}
}

// scanReference does as scan does, by encoding/xml.
func scanReference(data []byte) ([]string, bool) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte(bom))))
	var lines []string
	text := ""
	for {
		tok, err := d.Token()
		if err != nil && err != io.EOF {
			return nil, false
		}
		switch e := tok.(type) {
		case xml.CharData:
			text += string(e)
			continue
		case xml.Comment, xml.ProcInst:
			continue
		}
		if text != "" {
			lines = append(lines, "text "+text)
			text = ""
		}
		if err == io.EOF {
			return lines, true
		}
		switch e := tok.(type) {
		case xml.StartElement:
			line := "start " + e.Name.Local
			for _, a := range e.Attr {
				if strings.Contains(a.Name.Local, ":") {
					return nil, false // not well-formed with namespaces
				}
				line += fmt.Sprintf(" %s=%q", a.Name.Local, a.Value)
			}
			lines = append(lines, line)
			if strings.Contains(e.Name.Local, ":") {
				return nil, false
			}
		case xml.EndElement:
			lines = append(lines, "end "+e.Name.Local)
		}
	}
}
