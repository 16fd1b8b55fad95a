package xlsx

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
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
				r.text, typ, style, formula = r.text[:0], typeNumber, 0, false
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
			}
		case xml.EndElement:
			if at(path) == "c" {
				kind, err := r.finishCell(0, typ, style)
				if err != nil {
					return nil, false
				}
				if kind != sheet.Empty || formula {
					cells = append(cells, sheet.Cell{Kind: kind, Text: string(r.text), Formula: formula})
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
		ws(`<row r="3" hidden="1"><c r="C3" t="e"><v>#N/A</v></c></row><!-- x --><row><c><v><![CDATA[1]]></v></c></row>`),
		"\ufeff" + strings.NewReplacer("<?", "<?", "<!", "<!", "</", "</x:", "<", "<x:").Replace(ws(`<row r="1" ><c r='A1' ><v>1e5</v ></c></row >`)),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		rows, err := readAll(rawZip(t, newPkg(data), nil))
		if err != nil {
			if sheet.CodeOf(err) == "" {
				t.Fatalf("not a FileError: %v", err)
			}
			return
		}
		// Whatever is taken is in order, within the limits, and sound text.
		last := 0
		var taken []sheet.Cell
		for _, row := range rows {
			if row.Number <= last || row.Number > sheet.MaxRows || len(row.Cells) > sheet.MaxColumns {
				t.Fatalf("row %d behind %d with %d cells", row.Number, last, len(row.Cells))
			}
			last = row.Number
			for _, c := range row.Cells {
				if !utf8.ValidString(c.Text) || strings.ContainsRune(c.Text, utf8.RuneError) {
					t.Fatalf("text %q", c.Text)
				}
				if (c.Kind == sheet.Empty) != (c.Text == "") {
					t.Fatalf("cell %+v", c)
				}
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
