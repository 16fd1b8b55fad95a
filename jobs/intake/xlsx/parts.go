package xlsx

import (
	"io"
	"path"
	"slices"
	"strings"

	"doudi/jobs/intake/sheet"
)

const (
	// maxDepth bounds the nesting of the small parts; Excel's own stay below ten.
	maxDepth = 64
	// maxAttr bounds the attributes that are looked at, in bytes. Names of sheets
	// have 31 characters, number formats 255, paths within the file some more.
	maxAttr = 4096
	// maxRelations bounds the links of one part; each sheet, drawing and query is one.
	maxRelations = 20000
)

// element is a start tag of a small part. It is valid until each returns.
type element struct {
	name   string
	parent string
	attrs  []byte
	err    error // of the attributes that were asked for
}

// attr is the attribute of that name without a prefix, or "".
func (e *element) attr(name string) string {
	return e.find(func(n string) bool { return n == name })
}

// id is the attribute id that has a prefix: a relation's id. The one without a
// prefix is another one.
func (e *element) id() string {
	return e.find(func(n string) bool { return strings.HasSuffix(n, ":id") })
}

func (e *element) find(is func(string) bool) string {
	a := attributes{rest: e.attrs}
	for a.next() {
		if !is(string(a.name)) {
			continue
		}
		if len(a.value) > maxAttr {
			e.err = malformed("attribute %s of %d bytes", a.name, len(a.value))
			return ""
		}
		v, err := appendText(nil, a.value, false)
		if err != nil {
			e.err = err
		}
		return string(v)
	}
	if a.err != nil {
		e.err = a.err
	}
	return ""
}

// elements calls each for every start tag below the root, whose name it checks,
// and reads r to its end, so that a part cut short is an error.
func elements(r io.Reader, root string, each func(*element) error) error {
	s := newScanner(r)
	open, err := s.root(root)
	if err != nil {
		return err
	}
	if !open {
		return s.finish()
	}
	path := []string{root}
	for len(path) > 0 {
		tok, err := s.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokEOF:
			return errCut
		case tokEnd:
			if last := path[len(path)-1]; last != string(s.name) {
				return malformed("<%s> is closed by </%s>", last, s.name)
			}
			path = path[:len(path)-1]
		case tokStart, tokEmpty:
			e := element{name: intern(s.name), parent: path[len(path)-1], attrs: s.attrs}
			if tok == tokStart {
				if path = append(path, e.name); len(path) > maxDepth {
					return malformed("elements nested deeper than %d", maxDepth)
				}
			}
			if err := each(&e); err != nil {
				return err
			}
			if e.err != nil {
				return e.err
			}
		}
	}
	return s.finish()
}

// intern saves making a string of the names that stand a hundred thousand times
// in a table of styles.
func intern(name []byte) string {
	switch string(name) {
	case "xf":
		return "xf"
	case "alignment":
		return "alignment"
	case "protection":
		return "protection"
	case "definedName":
		return "definedName"
	}
	return string(name)
}

// readMediaTypes gives each content type that the book declares to each.
func readMediaTypes(r io.Reader, each func(mediaType string) error) error {
	n := 0
	return elements(r, "Types", func(e *element) error {
		if n++; n > maxParts {
			return errParts
		}
		return each(strings.ToLower(e.attr("ContentType")))
	})
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
	err := elements(r, "Relationships", func(e *element) error {
		if e.name != "Relationship" || strings.EqualFold(e.attr("TargetMode"), "External") {
			return nil
		}
		if len(all) == maxRelations {
			return errUnpacked
		}
		target := strings.ReplaceAll(e.attr("Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(source), target)
		}
		all[e.attr("Id")] = relation{kind: path.Base(e.attr("Type")), target: partKey(target)}
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
	err := elements(r, "workbook", func(e *element) error {
		switch {
		case e.name == "workbookPr":
			v, ok := parseBool(e.attr("date1904"))
			if !ok {
				return malformed("date1904=%q", e.attr("date1904"))
			}
			wb.date1904 = v
		case e.name == "sheet" && e.parent == "sheets":
			if len(wb.sheets) == sheet.MaxSheets {
				return errSheets
			}
			s := sheetEntry{name: e.attr("name"), id: e.id()}
			if strings.ContainsRune(s.name, '\uFFFD') {
				return errText
			}
			s.hidden = slices.Contains([]string{"hidden", "veryhidden"}, strings.ToLower(e.attr("state")))
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
