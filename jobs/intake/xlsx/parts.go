package xlsx

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"doudi/jobs/intake/sheet"
)

// maxDepth bounds the nesting of the small parts; Excel's own stay below ten.
const maxDepth = 64

// elements calls each for every start tag below the root, whose name it checks,
// and reads r to its end, so that a part cut short is an error.
func elements(r io.Reader, root string, each func(xml.StartElement) error) error {
	br := bufio.NewReader(r)
	b, err := br.Peek(len(bom))
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case string(b) == bom:
		if _, err := br.Discard(len(b)); err != nil {
			return err
		}
	case len(b) >= 2 && (string(b[:2]) == "\xFE\xFF" || string(b[:2]) == "\xFF\xFE"):
		return errCharset
	}
	d := xml.NewDecoder(br)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errCharset }
	seen, depth := false, 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			if !seen {
				return errCut
			}
			return nil
		}
		if err != nil {
			if _, end := br.Peek(1); end == io.EOF {
				// Half a character or half a tag, and then nothing more.
				return errCut
			}
			return xmlError(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return malformed("elements nested deeper than %d", maxDepth)
			}
			if !seen {
				if seen = true; e.Name.Local != root {
					return malformed("root element <%s> instead of <%s>", e.Name.Local, root)
				}
				continue
			}
			if err := each(e); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		}
	}
}

// xmlError sorts what encoding/xml says: broken text, or bad XML.
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	if strings.Contains(syntax.Msg, "invalid UTF-8") || strings.Contains(syntax.Msg, "illegal character code") {
		return errText
	}
	return malformed("%v", err)
}

// attr is the attribute with that local name in whatever namespace, or "".
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// mediaTypes gives every content type that the book declares.
func mediaTypes(r io.Reader) ([]string, error) {
	var all []string
	err := elements(r, "Types", func(e xml.StartElement) error {
		all = append(all, strings.ToLower(attr(e, "ContentType")))
		return nil
	})
	return all, err
}

// relation is a link from one part to another.
type relation struct {
	kind   string // the last word of its type: worksheet, styles, ...
	target string // key of the part
}

// readRelations reads the relations of the part at source, by their ids.
// Links out of the file are left out.
func readRelations(r io.Reader, source string) (map[string]relation, error) {
	all := map[string]relation{}
	err := elements(r, "Relationships", func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || strings.EqualFold(attr(e, "TargetMode"), "External") {
			return nil
		}
		target := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(source), target)
		}
		all[attr(e, "Id")] = relation{kind: path.Base(attr(e, "Type")), target: partKey(target)}
		return nil
	})
	return all, err
}

// relationsOf is the key of the part with the relations of the part at key.
func relationsOf(key string) string {
	dir, base := path.Split(key)
	return dir + "_rels/" + base + ".rels"
}

// workbook is what workbook.xml says.
type workbook struct {
	date1904 bool
	sheets   []sheetEntry
}

type sheetEntry struct {
	name, id string // id of the relation
	hidden   bool
}

func readWorkbook(r io.Reader) (workbook, error) {
	var wb workbook
	err := elements(r, "workbook", func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v, ok := parseBool(attr(e, "date1904"))
			if !ok {
				return malformed("date1904=%q", attr(e, "date1904"))
			}
			wb.date1904 = v
		case "sheet":
			if len(wb.sheets) == sheet.MaxSheets {
				return errSheets
			}
			s := sheetEntry{name: attr(e, "name")}
			for _, a := range e.Attr {
				// The relation's id is the one in a namespace of its own.
				if a.Name.Local == "id" && a.Name.Space != "" {
					s.id = a.Value
				}
			}
			if strings.ContainsRune(s.name, '\uFFFD') {
				return errText
			}
			s.hidden = strings.Contains(strings.ToLower(attr(e, "state")), "hidden")
			wb.sheets = append(wb.sheets, s)
		}
		return nil
	})
	return wb, err
}

// parseBool reads an XML boolean; a missing one is false.
func parseBool(s string) (value, ok bool) {
	switch s {
	case "1", "true", "on":
		return true, true
	case "", "0", "false", "off":
		return false, true
	}
	return false, false
}
