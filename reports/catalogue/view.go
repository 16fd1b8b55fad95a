package catalogue

import (
	"slices"
	"strings"
)

// View is how somebody sees a table: the last word of the catalogue on it.
type View struct {
	Table   string
	Sheet   string
	Columns []string // keys, in their order
	People  []string
	IDs     string
}

// Sheets are the tables of its own that a department sees, in order, in a book
// that also has some lists and tables.
func (c *Catalogue) Sheets(d *Department, lists []string) []View {
	var out []View
	for _, r := range d.Sheets {
		if slices.ContainsFunc(r.Unless, func(u string) bool { return c.inLists(u, lists) }) {
			continue
		}
		out = append(out, c.View(d, r.Table))
	}
	return out
}

// inLists reports whether one of the lists is, or has, the list or table u.
func (c *Catalogue) inLists(u string, lists []string) bool {
	return slices.ContainsFunc(lists, func(l string) bool { return l == u || slices.Contains(c.Lists[l], u) })
}

// View is how a department sees a table: as its own sheet says, or its rule for
// the table, or for the list; else what the table gives to others.
func (c *Catalogue) View(d *Department, table string) View {
	t := c.Tables[table]
	v := View{Table: table, Sheet: t.Sheet, Columns: t.forOthers(), People: d.People, IDs: d.IDs}
	if d.Every {
		v.Columns = t.Columns
	}
	for _, r := range d.Lists {
		if r.List != "" && slices.Contains(c.Lists[r.List], table) {
			v.lay(r)
		}
	}
	for _, r := range slices.Concat(d.Lists, d.Sheets) {
		if r.Table == table {
			v.lay(r)
		}
	}
	return v
}

func (v *View) lay(r Rule) {
	if r.Sheet != "" {
		v.Sheet = r.Sheet
	}
	if r.Columns != nil {
		v.Columns = r.Columns
	}
	if r.People != nil {
		v.People = r.People
	}
	if r.IDs != "" {
		v.IDs = r.IDs
	}
}

// Named is what a department is called in an area: as the packs call it that
// order lists for it, else by the area's code.
func (d *Department) Named(area string, named []string) string {
	for _, n := range named {
		if slices.Contains(d.Names(), n) {
			return n
		}
	}
	name, longest := d.Name, 0
	for prefix, n := range d.In {
		if len(prefix) > longest && strings.HasPrefix(area, prefix) {
			name, longest = n, len(prefix)
		}
	}
	return name
}
