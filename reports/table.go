package reports

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
)

// table is a table in full: everyone's rows, every column, nothing masked. It is
// not what anybody gets: that is what [project] makes of it, and a full table
// cannot be written, since a workbook knows no personal cells.
type table struct {
	key    string // in the catalogue
	title  string // "": the sheet's name
	notes  []string
	keys   []string          // what stands in the cells of a row, in their order
	titles map[string]string // of columns that the catalogue does not name: held.dibao
	rows   [][]any
}

func newTable(key, title, keys string, notes ...string) *table {
	return &table{key: key, title: title, keys: strings.Fields(keys), notes: notes}
}

// column adds a column of which only the kind stands in the catalogue.
func (t *table) column(key, title string) {
	t.keys = append(t.keys, key)
	if t.titles == nil {
		t.titles = map[string]string{}
	}
	t.titles[key] = title
}

// without leaves columns out that have nothing to say this time.
func (t *table) without(keys ...string) {
	t.keys = slices.DeleteFunc(t.keys, func(k string) bool { return slices.Contains(keys, k) })
}

// personal is a cell that says who somebody is, whole. Only project opens it;
// printed, it is masked.
type personal struct {
	person ledger.PersonNo // 0: nobody of whom the ledger knows
	kind   catalogue.Private
	whole  string
	short  string // of an address or a payee: what everybody may see of it
}

// masked is what everybody may see.
func (x personal) masked() string {
	switch x.kind {
	case catalogue.Certno:
		return Mask(x.whole)
	case catalogue.Address, catalogue.Payee:
		return x.short
	}
	return maskName(x.whole)
}

// String keeps a cell that was printed by mistake from telling who it is.
func (x personal) String() string { return x.masked() }

// GoString likewise.
func (x personal) GoString() string { return x.masked() }

func (f *facts) id(p ledger.PersonNo) personal {
	return personal{person: p, kind: catalogue.Certno, whole: f.people[p].Certno}
}

func (f *facts) name(p ledger.PersonNo) personal {
	return personal{person: p, kind: catalogue.Name, whole: f.people[p].Name}
}

// home is where somebody lives, to the village.
func (f *facts) home(p ledger.PersonNo) personal {
	h := f.homes[p]
	return addressOf(p, h[0], h[1])
}

func addressOf(p ledger.PersonNo, township, village string) personal {
	return personal{person: p, kind: catalogue.Address, whole: township + village, short: township}
}

// view is what somebody may see of a table.
type view struct {
	sheet   string
	columns []string                     // keys in their order, patterns among them; nil: all that the table has
	shows   func(about) bool             // whose rows; nil: everyone's
	whole   func(p ledger.PersonNo) bool // who is told by ID and name; nil: nobody
}

// about is what decides whether a row is shown: whom it is about, whose roster
// brought it, which category it is of. What stands in no column is empty.
type about struct {
	person   ledger.PersonNo
	nobody   bool // no cell says who somebody is: a sum
	dept     string
	category rules.Category
}

// errNotDescribed is a cell of which the catalogue does not say that it is
// personal.
var errNotDescribed = errors.New("reports: a personal cell in a column that is not")

// project is what somebody may see of a table: the rows of their people, the
// columns of their view in its order, IDs, names and addresses masked unless they
// may see them whole. A column that the catalogue does not describe is shown to
// nobody. It changes neither the table nor the view.
func project(c *catalogue.Catalogue, t *table, v view) (workbook.Table, error) {
	out := workbook.Table{Sheet: v.sheet, Title: t.title, Notes: slices.Clone(t.notes)}
	var from []int
	var private []catalogue.Private
	for _, pattern := range cmpOr(v.columns, c.Tables[t.key].Columns) {
		for i, key := range t.keys {
			if !catalogue.Matches(pattern, key) {
				continue
			}
			col, ok := c.Column(t.key, key)
			if !ok {
				continue
			}
			w := col.Workbook(key)
			if title, made := t.titles[key]; made {
				w.Title = title
			}
			out.Columns, from, private = append(out.Columns, w), append(from, i), append(private, col.Private)
		}
	}
	for _, cells := range t.rows {
		for k, i := range from {
			if i < len(cells) && !described(cells[i], private[k]) {
				return out, fmt.Errorf("%w: %s.%s", errNotDescribed, t.key, t.keys[i])
			}
		}
	}
	// Row by row, as they are asked for: there may be hundreds of thousands.
	out.Rows = func(yield func([]any) bool) {
		for _, cells := range t.rows {
			if v.shows != nil && !v.shows(t.about(cells)) {
				continue
			}
			row := make([]any, len(from))
			for k, i := range from {
				if i < len(cells) {
					row[k] = reveal(cells[i], v.whole)
				}
			}
			if !yield(row) {
				return
			}
		}
	}
	return out, nil
}

func cmpOr(a, b []string) []string {
	if a != nil {
		return a
	}
	return b
}

// described reports whether a cell is what the catalogue says of its column: a
// text in a personal column is a personal cell of its kind, and such a cell stands
// nowhere else.
func described(cell any, kind catalogue.Private) bool {
	if x, ok := cell.(personal); ok {
		return x.kind == kind
	}
	s, text := cell.(string)
	return kind == catalogue.Public || !text || s == ""
}

// reveal opens a personal cell as far as it may be seen.
func reveal(cell any, whole func(ledger.PersonNo) bool) any {
	x, ok := cell.(personal)
	if !ok {
		return cell
	}
	text := x.masked()
	if whole != nil && whole(x.person) {
		text = x.whole
	}
	return textOrNil(text)
}

// about reads from a row whom and what it is about.
func (t *table) about(cells []any) (a about) {
	a.nobody = true
	for i, cell := range cells {
		switch x := cell.(type) {
		case personal:
			a.nobody = false
			if a.person == 0 {
				a.person = x.person
			}
		case string:
			switch t.keys[i] {
			case "dept":
				a.dept = x
			case "kind_of_need":
				a.category = categoryNamed(x)
			}
		}
	}
	return a
}

// categoryNamed is the category of a name; none for any other word.
func categoryNamed(name string) rules.Category {
	for _, c := range rules.Categories() {
		if c.Chinese() == name {
			return c
		}
	}
	return rules.NoCategory
}

// scope is whose rows are counted where a table sums them: as in a view.
type scope struct {
	sees func(about) bool
	cats rules.CategorySet // the categories that the department recognises; 0: all
}

func (s scope) counts(a about) bool          { return s.sees == nil || s.sees(a) }
func (s scope) shows(p ledger.PersonNo) bool { return s.counts(about{person: p}) }
func (s scope) own(set rules.CategorySet) rules.CategorySet {
	if s.cats == 0 {
		return set
	}
	return set & s.cats
}

// peopleOf is whose rows a rule of the catalogue means, for a department.
func (f *facts) peopleOf(d *catalogue.Department, rule []string) func(about) bool {
	key := d.Name + ":" + strings.Join(rule, "+")
	if keep, ok := f.filters[key]; ok {
		return keep
	}
	if f.filters == nil {
		f.filters = map[string]func(about) bool{}
	}
	f.filters[key] = f.peopleRule(d, rule)
	return f.filters[key]
}

func (f *facts) peopleRule(d *catalogue.Department, rule []string) func(about) bool {
	set := d.Set()
	var any []func(about) bool
	for _, r := range rule {
		switch r {
		case catalogue.All:
			return nil
		case catalogue.Holders:
			keep := f.holders(set)
			any = append(any, func(a about) bool { return a.nobody || keep(a.person) })
		case catalogue.NotOthers:
			keep := f.notOnly(allCategories &^ set)
			any = append(any, func(a about) bool { return a.person == 0 || keep(a.person) })
		case catalogue.Category:
			any = append(any, func(a about) bool { return set.Has(a.category) })
		case catalogue.Sent:
			any = append(any, func(a about) bool { return deptIs(a.dept, d.Names()) })
		}
	}
	return func(a about) bool {
		return slices.ContainsFunc(any, func(ok func(about) bool) bool { return ok(a) })
	}
}

// deptIs reports whether a roster came from a department, as rosters write it.
func deptIs(dept string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(dept, n) })
}

var allCategories = rules.SetOf(rules.Categories()...)

// holders keeps the people who hold one of cats at the month's end.
func (f *facts) holders(cats rules.CategorySet) func(ledger.PersonNo) bool {
	set := map[ledger.PersonNo]bool{}
	for _, r := range f.register {
		if r.Held&cats != 0 {
			set[r.Person] = true
		}
	}
	return func(p ledger.PersonNo) bool { return set[p] }
}

// notOnly keeps people except those whose every category is in cats: they are
// followed by the department that recognised them.
func (f *facts) notOnly(cats rules.CategorySet) func(ledger.PersonNo) bool {
	other := map[ledger.PersonNo]bool{}
	for _, r := range f.register {
		if r.Held&^cats == 0 {
			other[r.Person] = true
		}
	}
	return func(p ledger.PersonNo) bool { return !other[p] }
}

// known are the categories that anyone holds.
func (f *facts) known() rules.CategorySet {
	var all rules.CategorySet
	for _, r := range f.register {
		all |= r.Held
	}
	return all
}

// clauseOf is the clause that gives a column's figure on the month's last day;
// param ends in a dot for all parameters of a kind.
func (f *facts) clauseOf(param string) string {
	if param == "" {
		return ""
	}
	if c, ok := f.clauses[param]; ok {
		return c
	}
	if f.clauses == nil {
		f.clauses = map[string]string{}
	}
	f.clauses[param] = f.clauseNow(param)
	return f.clauses[param]
}

func (f *facts) clauseNow(param string) string {
	day := f.asOf
	if judgedByYear(rules.Param(param)) {
		day = f.judgedOn(f.run.Month.Year())
	}
	if strings.HasSuffix(param, ".") {
		return f.citeAny(param, day)
	}
	return f.cite(rules.Param(param), day)
}

// citeAny gives the clauses of all parameters whose path begins with a stem.
func (f *facts) citeAny(stem string, day civil.Date) string {
	var out []string
	for _, l := range f.area.Layers {
		for _, p := range l.Describe().Params {
			if !strings.HasPrefix(p.Path, stem) || day < l.From || day >= l.To {
				continue
			}
			if c := citation(p.Document, p.Article); c != "" && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return strings.Join(out, "；")
}
