package reports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"

	"golang.org/x/sync/errgroup"
)

// shanghai is the zone in which a run's time is shown.
var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// Options says which workbooks are written, and where.
type Options struct {
	Dir  string // workbooks go to Dir/<month>/<area>/
	Dept string // one department, by any of its names; "" is all
	// Past is a run that is no longer the last of its month: its workbooks go to a
	// folder of their own, so that they do not take the place of later ones.
	Past bool
	// Offices are what doudi.yaml says of an area's departments, by area.
	Offices map[string][]catalogue.Office
	// PDF also prints the leaders' page, where LibreOffice is present.
	PDF bool
	// NoPDF is told, in words for people, why a page was not printed; err is
	// soffice.ErrAbsent where there is no LibreOffice. The workbooks are written
	// all the same. It may be nil.
	NoPDF func(why string, err error)
}

// Write writes a run's workbooks, each whole or not at all, to
// <month>/<area>/<department>-<month>.xlsx, and gives their paths by area.
func Write(ctx context.Context, s Source, areas []jobs.Area, run ledger.Run, o Options) (map[string][]string, error) {
	out := map[string][]string{}
	for _, a := range areas {
		if !slices.ContainsFunc(run.Areas, func(x ledger.RunArea) bool { return x.Area == a.Code }) {
			continue
		}
		paths, err := writeArea(ctx, s, a, run, o)
		if err != nil {
			return nil, fmt.Errorf("%s：%w", a.Code, err)
		}
		out[a.Code] = paths
	}
	return out, nil
}

func writeArea(ctx context.Context, s Source, a jobs.Area, run ledger.Run, o Options) (paths []string, err error) {
	f, err := begin(ctx, s, a, run)
	if err != nil {
		return nil, err
	}
	plans := f.plans(catalogue.Default(), o.Offices[a.Code], o.Dept)
	d, err := f.read(ctx, s, plans)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(o.Dir, run.Month.String(), a.Code)
	if o.Past {
		folder = filepath.Join(folder, fmt.Sprintf("第%d次运行", run.No))
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	path := func(p plan) string { return filepath.Join(folder, p.Name+"-"+run.Month.String()+".xlsx") }
	if err := f.writeBooks(ctx, plans, d, path); err != nil {
		return nil, err
	}
	for _, p := range plans {
		path := path(p)
		paths = append(paths, path)
		if !p.Summary {
			continue
		}
		pdf, err := o.printed(ctx, p, path)
		if err != nil {
			return nil, err
		}
		if pdf != "" {
			paths = append(paths, pdf)
		}
	}
	return paths, nil
}

// maxWriters bounds how many workbooks are written at a time, and so the memory: a
// writer holds 16 MB of rows at most, and the tables of its workbook.
const maxWriters = 4

// writeBooks makes the workbooks one after the other, since they share what is worked
// out for them, and writes several at a time.
func (f *facts) writeBooks(ctx context.Context, plans []plan, d *duty, path func(plan) string) error {
	f.expect(plans)
	g, going := errgroup.WithContext(ctx)
	free := make(chan struct{}, min(runtime.GOMAXPROCS(0), maxWriters))
	for _, p := range plans {
		free <- struct{}{} // before it is made: its tables take room, too
		if going.Err() != nil {
			break // one failed, and says why
		}
		book, err := f.book(p, d)
		if err != nil {
			g.Go(func() error { return err })
			break
		}
		g.Go(func() error {
			defer func() { <-free }()
			return workbook.Write(path(p), book)
		})
	}
	return errors.Join(g.Wait(), ctx.Err())
}

// Recipients are who gets the workbooks of an area, on whatever day.
func Recipients(a jobs.Area, offices []catalogue.Office) []catalogue.Recipient {
	return catalogue.Default().Recipients(a.Code, named(a), offices)
}

// named are the departments for which an area's packs order lists, on whatever day.
func named(a jobs.Area) (names []string) {
	for _, l := range a.Layers {
		for _, x := range l.Describe().Lists {
			names = union(names, x.Departments)
		}
	}
	return names
}

// Orders are the lists that an area's packs order, on whatever day, with the
// departments that get them.
func Orders(a jobs.Area) map[string][]string {
	out := map[string][]string{}
	for _, l := range a.Layers {
		for _, x := range l.Describe().Lists {
			out[x.Name] = union(out[x.Name], x.Departments)
		}
	}
	return out
}

// plan is what one workbook is to have.
type plan struct {
	catalogue.Recipient
	cat   *catalogue.Catalogue
	own   []catalogue.View // its own sheets, in order
	lists []servedList     // then these
}

// servedList is a list that somebody gets, with the tables of it that are shown.
type servedList struct {
	order
	views []catalogue.View
}

// plans are the workbooks of an area; only names one department.
func (f *facts) plans(c *catalogue.Catalogue, offices []catalogue.Office, only string) []plan {
	orders := f.ordered()
	var names []string
	for _, o := range orders {
		names = union(names, o.Departments)
	}
	var out []plan
	for _, r := range c.Recipients(f.area.Code, names, offices) {
		if only != "" && !r.Called(only) {
			continue
		}
		out = append(out, planOf(c, r, orders))
	}
	return out
}

func planOf(c *catalogue.Catalogue, r catalogue.Recipient, orders []order) plan {
	p := plan{Recipient: r, cat: c}
	var due []string
	for _, o := range orders {
		if slices.ContainsFunc(o.Departments, r.Called) {
			due = append(due, o.Name)
		}
	}
	lists := r.Lists(c, due)
	has := map[string]bool{}
	for _, v := range r.Sheets(c, lists) {
		p.own, has[v.Table] = append(p.own, v), true
	}
	for _, name := range lists {
		g := servedList{order: orderOf(orders, name)}
		for _, v := range r.Of(c, name) {
			if !has[v.Table] {
				g.views, has[v.Table] = append(g.views, v), true
			}
		}
		p.lists = append(p.lists, g)
	}
	return p
}

// orderOf is the order of a list; without a clause where no pack orders it.
func orderOf(orders []order, name string) order {
	for _, o := range orders {
		if o.Name == name {
			return o
		}
	}
	o := order{}
	o.Name = name
	return o
}

// read reads the facts of every month and what the workbooks need beside them.
func (f *facts) read(ctx context.Context, s Source, plans []plan) (*duty, error) {
	var needs need
	payments := false
	for _, p := range plans {
		for _, l := range p.lists {
			needs |= makers[l.Name].needs
		}
		for _, v := range p.own {
			needs |= ownTables[v.Table].needs
			payments = payments || paymentTables[v.Table]
		}
	}
	var with func(context.Context) error
	if payments {
		with = func(ctx context.Context) error { return f.readPayments(ctx, s) }
	}
	return gatherDuty(ctx, s, f, needs, with)
}

// book is a department's workbook.
func (f *facts) book(p plan, d *duty) (workbook.Book, error) {
	var seen []sighted
	show := func(t *table, v catalogue.View, also ...string) error {
		out, err := f.show(p.cat, p.Department, t, v)
		if err != nil {
			return err
		}
		out.Notes = slices.Concat(also, out.Notes)
		seen = append(seen, sighted{out, v})
		return nil
	}
	for _, v := range p.own {
		if t := f.ownTable(v.Table, d, p.Department); t != nil {
			if err := show(t, v); err != nil {
				return workbook.Book{}, err
			}
		}
	}
	for _, l := range p.lists {
		if len(l.views) == 0 {
			continue
		}
		made := f.listTables(&l.order, d, f.scopeOf(p.Department, l.views[0]))
		because := []string{l.because()}
		for _, v := range l.views {
			i := slices.IndexFunc(made, func(t *table) bool { return t.key == v.Table })
			if i < 0 {
				continue // it has nothing to say
			}
			if err := show(made[i], v, because...); err != nil {
				return workbook.Book{}, err
			}
			because = nil
		}
	}
	return f.bind(p, seen), nil
}

// shared are the tables that are the same for every department: made once, shown to
// each as far as it may see them, and kept while a workbook that shows them is still
// to be made.
type shared struct {
	left map[string]int // how many of those, by table or list
	made map[string][]*table
}

// expect counts the workbooks that show each table and list.
func (f *facts) expect(plans []plan) {
	x := &f.once
	x.left, x.made = map[string]int{}, map[string][]*table{}
	for _, p := range plans {
		for _, v := range p.own {
			x.left[v.Table]++
		}
		for _, l := range p.lists {
			if len(l.views) > 0 && f.scopeOf(p.Department, l.views[0]).sees == nil {
				x.left["list "+l.Name]++
			}
		}
	}
}

// take gives tables that were made before, or makes them; without expect, each time.
func (x *shared) take(key string, make func() []*table) []*table {
	if x.left == nil {
		return make()
	}
	ts, ok := x.made[key]
	if !ok {
		ts = make()
	}
	if x.left[key]--; x.left[key] > 0 {
		x.made[key] = ts
	} else {
		delete(x.made, key)
	}
	return ts
}

func (f *facts) ownTable(key string, d *duty, dept *catalogue.Department) *table {
	x := ownTables[key]
	if x.each {
		return x.make(f, d, dept)
	}
	return f.once.take(key, func() []*table { return []*table{x.make(f, d, dept)} })[0]
}

func (f *facts) listTables(o *order, d *duty, s scope) []*table {
	if s.sees != nil { // its sums are of the department's people
		return o.tables(f, d, s)
	}
	return f.once.take("list "+o.Name, func() []*table { return o.tables(f, d, s) })
}

// bind makes a workbook of a department's sheets: a page to be read first, the
// charts, the sheets, what their columns mean.
func (f *facts) bind(p plan, seen []sighted) workbook.Book {
	title := fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, p.Name)
	x := f.fold(p, catalogue.DefaultCovers(), seen)
	var pages []workbook.Sheet
	if p.Summary {
		pages = append(pages, x.summary())
	} else {
		pages = append(pages, x.cover())
		if page, ok := x.chartPage(); ok {
			pages = append(pages, page)
		}
	}
	for _, s := range seen {
		pages = append(pages, s.table)
	}
	return workbook.Book{Title: title, Header: title, Sheets: append(pages, f.legend(p, seen)), Password: p.Password}
}

// show is what a department sees of a table.
func (f *facts) show(c *catalogue.Catalogue, d *catalogue.Department, t *table, v catalogue.View) (workbook.Table, error) {
	out, err := project(c, t, view{sheet: v.Sheet, columns: v.Columns, shows: f.peopleOf(d, v.People), whole: f.wholeFor(d, v)})
	f.dress(c, t, &out)
	return out, err
}

// dress gives a projected table its title, where the sheet's name is one, and the
// clauses of its columns.
func (f *facts) dress(c *catalogue.Catalogue, t *table, out *workbook.Table) {
	if out.Title == "" {
		out.Title = f.title(out.Sheet)
	}
	for i := range out.Columns {
		col, _ := c.Column(t.key, out.Columns[i].Key)
		out.Columns[i].Clause = f.clauseOf(col.Param)
	}
}

// wholeFor is whose IDs and names a view shows whole.
func (f *facts) wholeFor(d *catalogue.Department, v catalogue.View) func(ledger.PersonNo) bool {
	switch v.IDs {
	case catalogue.Whole:
		return everyone
	case catalogue.Own:
		if keep := f.peopleOf(d, d.People); keep != nil {
			return func(p ledger.PersonNo) bool { return keep(about{person: p}) }
		}
		return everyone
	}
	return nil
}

func everyone(ledger.PersonNo) bool { return true }

// scopeOf is whose rows the sums of a list count.
func (f *facts) scopeOf(d *catalogue.Department, v catalogue.View) scope {
	s := scope{sees: f.peopleOf(d, v.People)}
	if s.sees != nil {
		s.cats = d.Set()
	}
	return s
}

// ownTable makes a table that no list has, or a list's alone.
type ownTable struct {
	needs need
	each  bool // of each department its own
	make  func(*facts, *duty, *catalogue.Department) *table
}

// plainly makes a table from the facts of every month alone.
func plainly(make func(*facts) *table) ownTable {
	return ownTable{make: func(f *facts, _ *duty, _ *catalogue.Department) *table { return make(f) }}
}

// counted makes a table from what needs ask for; without a pack there is none.
func counted(needs need, make func(*facts, *duty) *table) ownTable {
	return ownTable{needs: needs, make: func(f *facts, d *duty, _ *catalogue.Department) *table {
		if d.prm == nil {
			return nil
		}
		return make(f, d)
	}}
}

// ownTables are the tables that no list has, and those of lists that somebody gets
// without the list.
var ownTables = map[string]ownTable{
	"adjustments":     plainly((*facts).adjustments),
	"adjustment_sums": plainly((*facts).adjustmentSums),
	"retro": plainly(func(f *facts) *table {
		return f.flagged("retro", "因病新认定的回溯救助", "认定前回溯期内的结算，按认定的身份救助。", isRetro)
	}),
	"hospital_borne": plainly(func(f *facts) *table {
		return f.flagged("hospital_borne", "应由医院承担的范围外费用", "每次住院范围外费用超过政策上限的部分。", isBorne)
	}),
	"unlisted": plainly(func(f *facts) *table {
		return f.flagged("unlisted", "不在任何名单而平台已救助的结算", "不提追回，请与认定部门核对名单是否漏报。", isUnlisted)
	}),
	"no_pack": plainly(func(f *facts) *table {
		return f.flagged("no_pack", "结算日没有政策包的结算", "按平台记录，未重算。", hasNoPack)
	}),
	"cases":   plainly((*facts).caseTable),
	"refunds": plainly((*facts).waiting),
	"roster":  plainly((*facts).rosterTable),
	"headcount": {each: true, make: func(f *facts, _ *duty, d *catalogue.Department) *table {
		return f.headcount(f.countedFor(d))
	}},
	"fund_months":     plainly((*facts).fundMonths),
	"payment_sums":    plainly((*facts).paymentSums),
	"payment_open":    plainly((*facts).unmatched),
	"payment_entries": plainly((*facts).paymentEntries),
	"payment_matches": plainly((*facts).byHand),
	"diseases":        plainly((*facts).diseases),
	"hospitals":       plainly((*facts).hospitals),
	"certificates":    plainly((*facts).certificates),

	"month_sums":      plainly((*facts).monthSums),
	"hospital_rank":   plainly((*facts).hospitalRank),
	"month_trend":     counted(needTrend, (*facts).monthTrend),
	"township_months": counted(needYear, (*facts).townshipMonths),
	"burden_classes":  counted(needYear, (*facts).burdenClasses),
	"indicators":      counted(needYear|needPremiums, func(f *facts, d *duty) *table { return f.indicatorTables(d, scope{})[0] }),
	"forecast":        counted(needYear, func(f *facts, d *duty) *table { return f.budgetTables(d, scope{})[0] }),
	"budget":          counted(needYear, func(f *facts, d *duty) *table { return f.budgetTables(d, scope{})[1] }),
}

// paymentTables are the tables of the reconciliation.
var paymentTables = map[string]bool{"payment_sums": true, "payment_open": true, "payment_entries": true, "payment_matches": true}
