package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/reports"
	"doudi/reports/catalogue"
	"doudi/rules"

	"github.com/xuri/excelize/v2"
)

// census is everyone of an area, with what decides who may see them.
type census struct {
	byID   map[string]ledger.PersonNo
	byName map[string][]ledger.PersonNo
	ever   map[ledger.PersonNo]rules.CategorySet // of any roster row
	held   map[ledger.PersonNo]rules.CategorySet // at the month's end
	sent   map[ledger.PersonNo][]string          // departments whose rows name them
}

func censusOf(t *testing.T, w *workspace, a jobs.Area, run ledger.Run) *census {
	t.Helper()
	c := &census{map[string]ledger.PersonNo{}, map[string][]ledger.PersonNo{}, map[ledger.PersonNo]rules.CategorySet{}, map[ledger.PersonNo]rules.CategorySet{}, map[ledger.PersonNo][]string{}}
	people, err := w.store.People(t.Context(), a.Code, run.Seen)
	if err != nil {
		t.Fatal(err)
	}
	who, err := w.store.IdentitiesAt(t.Context(), people, run.Seen)
	if err != nil {
		t.Fatal(err)
	}
	for no, p := range who {
		c.byID[p.Certno] = no
		c.byName[p.Name] = append(c.byName[p.Name], no)
	}
	events, err := w.store.Events(t.Context(), a.Code, nil, 0, run.Seen)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[ledger.PersonNo][]rules.Event{}
	for i := range events {
		e := &events[i]
		rows[e.Person] = append(rows[e.Person], e.Rules())
		c.sent[e.Person] = append(c.sent[e.Person], e.Dept)
		if e.Category != rules.NoCategory {
			c.ever[e.Person] |= rules.SetOf(e.Category)
		}
	}
	for p, es := range rows {
		spells, _ := a.Policy.Spells(es)
		c.held[p] = rules.Held(spells, run.Month.Last())
	}
	return c
}

var (
	ruralSet = rules.SetOf(rules.Fanpin, rules.Yifanpin, rules.Tuopin, rules.Jiandang, rules.Bianyuan)
	canjiSet = rules.SetOf(rules.Canji)
)

// mayKnow says, apart from the catalogue, whom a department may see whole at all.
func (c *census) mayKnow(dept string, p ledger.PersonNo) bool {
	from := func(names ...string) bool {
		return slices.ContainsFunc(c.sent[p], func(d string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(d, n) })
		})
	}
	switch dept {
	case "医保", "税务":
		return true
	case "民政":
		others := ruralSet | canjiSet
		return c.held[p] == 0 || c.held[p]&^others != 0 || c.ever[p]&^others != 0 || from("民政")
	case "农业农村", "乡村振兴":
		return c.ever[p]&ruralSet != 0 || from("农业农村", "乡村振兴", "扶贫")
	case "残联":
		return c.ever[p]&canjiSet != 0 || from("残联", "残疾人联合会")
	}
	return false
}

var (
	certnos = regexp.MustCompile(`\d{17}[\dX]`)
	printed = regexp.MustCompile(`\$(\d+):\$(\d+)$`)
)

// TestEachDepartmentSeesOnly_HZ16: of the sample county with all departments, no
// workbook has a column that the catalogue does not give the department, or
// somebody whom it may not know, anywhere in the file.
func TestEachDepartmentSeesOnly_HZ16(t *testing.T) {
	ws, files, _ := newCounty(t, 300, 3000)
	conf, err := os.ReadFile(filepath.Join(ws, configFile))
	if err != nil {
		t.Fatal(err)
	}
	// Kaifeng's lists name seven departments; the others are named here.
	text := strings.Replace(string(conf), "  - code: \"410200\"\n", "  - code: \"410200\"\n    departments: [{name: 退役军人}, {name: 总工会}, {name: 红十字会}, {name: 慈善}, {name: 数据资源}, {name: 市场监管}]\n", 1)
	if text == string(conf) {
		t.Fatalf("no area 410200 in\n%s", conf)
	}
	if err := os.WriteFile(filepath.Join(ws, configFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	importAll(t, ws, files, func(s []string) []string { return s })
	doudi(t, ws, []int{0}, "run", "--month", "2023-06")
	doudi(t, ws, []int{0}, "run", "--month", "2023-08")

	w, err := openWorkspace(t.Context(), ws)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	run, err := w.store.Run(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]int{}
	for _, a := range w.areas {
		c := censusOf(t, w, a, run)
		rs := reports.Recipients(a, w.offices(a.Code))
		if len(rs) != 14 {
			t.Errorf("%s: %d departments", a.Code, len(rs))
		}
		for _, r := range rs {
			path := filepath.Join(ws, "out", "2023-08", a.Code, r.Name+"-2023-08.xlsx")
			whole[r.Name] += looksAt(t, path, a.Code, r, c)
		}
	}
	// The test sees something: who may know people is told who they are.
	for _, dept := range []string{"医保", "民政", "税务", "农业农村", "乡村振兴", "残联"} {
		if whole[dept] == 0 {
			t.Errorf("%s is told of nobody", dept)
		}
	}
}

// looksAt reads a workbook through and gives how many whole IDs it shows.
func looksAt(t *testing.T, path, area string, r catalogue.Recipient, c *census) (whole int) {
	t.Helper()
	where := area + " " + r.Name
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	heads := map[string]int{}
	for _, d := range f.GetDefinedName() {
		if m := printed.FindStringSubmatch(d.RefersTo); d.Name == "_xlnm.Print_Titles" && m != nil {
			heads[d.Scope], _ = strconv.Atoi(m[2])
		}
	}
	sheets := f.GetSheetList()
	if sheets[len(sheets)-1] != "说明" {
		t.Errorf("%s ends with %s", where, sheets[len(sheets)-1])
	}
	for _, sheet := range sheets {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		v, ok := viewOf(r, sheet)
		if ok {
			if heads[sheet] == 0 || heads[sheet] > len(rows) {
				t.Errorf("%s: %s has no header", where, sheet)
				continue
			}
			for _, title := range rows[heads[sheet]-1] {
				if title != "" && !allows(v, title) {
					t.Errorf("%s: %s has the column %s", where, sheet, title)
				}
			}
		}
		ids := v.IDs
		if !ok {
			ids = catalogue.Masked // a page shows nobody whole
		}
		for _, row := range rows {
			for _, cell := range row {
				for _, p := range whoIs(c, cell) {
					if ids == catalogue.Masked || !c.mayKnow(r.Department.Name, p) && !c.mayKnow(r.Name, p) {
						t.Errorf("%s: %s shows a person who is none of its own", where, sheet)
					}
					whole++
				}
			}
		}
	}
	// Wherever else it may hide: comments, properties, defined names, parts that no
	// sheet leads to.
	for part, text := range partsOf(t, path) {
		for _, id := range certnos.FindAllString(text, -1) {
			p, known := c.byID[id]
			if known && !c.mayKnow(r.Department.Name, p) && !c.mayKnow(r.Name, p) {
				t.Errorf("%s: %s names somebody", where, part)
			}
		}
	}
	return whole
}

// viewOf is how a recipient sees the table of a sheet.
func viewOf(r catalogue.Recipient, sheet string) (catalogue.View, bool) {
	c := catalogue.Default()
	var views []catalogue.View
	var lists []string
	for l := range c.Lists {
		lists = append(lists, l)
	}
	views = append(views, r.Sheets(c, nil)...)
	for _, l := range lists {
		views = append(views, r.Of(c, l)...)
	}
	for _, v := range views {
		if v.Sheet == sheet {
			return v, true
		}
	}
	return catalogue.View{}, false
}

// allows reports whether a view has a column of a title.
func allows(v catalogue.View, title string) bool {
	c := catalogue.Default()
	for _, key := range v.Columns {
		switch key {
		case "held.*":
			for _, k := range rules.Categories() {
				if k.Chinese() == title {
					return true
				}
			}
		case "month.*":
			if strings.HasSuffix(title, "月") {
				return true
			}
		case "of.*":
			if strings.HasPrefix(title, "其中：") {
				return true
			}
		default:
			if col, ok := c.Column(v.Table, key); ok && col.Title == title {
				return true
			}
		}
	}
	return false
}

// whoIs are the people whom a cell names whole: by an ID in it, or by a name that
// it is.
func whoIs(c *census, cell string) (out []ledger.PersonNo) {
	for _, id := range certnos.FindAllString(cell, -1) {
		if p, ok := c.byID[id]; ok {
			out = append(out, p)
		}
	}
	// Of namesakes it may be any that the reader may know.
	if ps := c.byName[cell]; len(ps) == 1 {
		out = append(out, ps[0])
	}
	return out
}

func partsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		rd, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(rd)
		rd.Close()
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(data)
	}
	if len(out) < 5 {
		t.Fatal(fmt.Errorf("%s has %d parts", filepath.Base(path), len(out)))
	}
	return out
}
