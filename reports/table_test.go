package reports

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// Whatever table and view: only its columns in its order, only the rows of its
// people, nobody whole whom it may not see; and the table is as it was.
func TestProject(t *testing.T) {
	cat := catalogue.Default()
	names := slices.Sorted(func(yield func(string) bool) {
		for n := range cat.Tables {
			if !yield(n) {
				return
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "table")
		tab := anyTable(t, cat, name)
		v := view{sheet: "表", columns: anyColumns(t, cat.Tables[name].Columns)}
		mayShow := rapid.SliceOfNDistinct(rapid.Int64Range(1, 9), 0, 9, rapid.ID[int64]).Draw(t, "shown")
		mayKnow := rapid.SliceOfNDistinct(rapid.Int64Range(1, 9), 0, 9, rapid.ID[int64]).Draw(t, "known")
		v.shows = func(a about) bool { return a.person == 0 || slices.Contains(mayShow, int64(a.person)) }
		v.whole = func(p ledger.PersonNo) bool { return slices.Contains(mayKnow, int64(p)) }
		before := fmt.Sprintf("%v", tab)
		out, err := project(cat, tab, v)
		if err != nil {
			t.Fatal(err)
		}
		if after := fmt.Sprintf("%v", tab); after != before {
			t.Fatalf("the table changed:\n%s\n%s", before, after)
		}
		var keys []string
		for _, c := range out.Columns {
			keys = append(keys, c.Key)
			if c.Title == "" || c.Meaning == "" {
				t.Fatalf("%s.%s is not described", name, c.Key)
			}
		}
		var want []string
		for _, pattern := range v.columns {
			for _, k := range tab.keys {
				if catalogue.Matches(pattern, k) && k != "stranger" {
					want = append(want, k)
				}
			}
		}
		if !slices.Equal(keys, want) {
			t.Fatalf("columns %v, want %v", keys, want)
		}
		shown := 0
		for _, cells := range tab.rows {
			if v.shows(tab.about(cells)) {
				shown++
			}
		}
		n, text := 0, ""
		for row := range out.Rows {
			n++
			if len(row) != len(keys) {
				t.Fatalf("%d cells under %d columns", len(row), len(keys))
			}
			for _, c := range row {
				if _, leak := c.(personal); leak {
					t.Fatal("a personal cell came through")
				}
			}
			text += fmt.Sprintln(row...)
		}
		if n != shown {
			t.Fatalf("%d rows, want %d", n, shown)
		}
		for p := range int64(10) {
			if (!slices.Contains(mayShow, p) || !slices.Contains(mayKnow, p)) && p > 0 && strings.Contains(text, secretOf(p)) {
				t.Fatalf("person %d is told of", p)
			}
		}
	})
}

// secretOf stands in every personal cell of a person, where a mask takes it away.
func secretOf(p int64) string { return strings.Repeat(fmt.Sprint(p), 8) }

func anyTable(t *rapid.T, cat *catalogue.Catalogue, name string) *table {
	tab := &table{key: name, title: "题", titles: map[string]string{}}
	for _, k := range cat.Tables[name].Columns {
		if stem, many := strings.CutSuffix(k, "*"); many {
			for i := range rapid.IntRange(0, 3).Draw(t, "many") {
				tab.column(fmt.Sprint(stem, i), fmt.Sprint("列", i))
			}
			continue
		}
		tab.keys = append(tab.keys, k)
	}
	tab.column("stranger", "没有说明的列")
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		p := rapid.Int64Range(1, 9).Draw(t, "person")
		var cells []any
		for _, k := range tab.keys {
			col, _ := cat.Column(name, k)
			secret := secretOf(p)
			switch col.Private {
			case catalogue.Certno:
				cells = append(cells, personal{person: ledger.PersonNo(p), kind: col.Private, whole: "99000x" + secret + "xxxx"})
			case catalogue.Name:
				cells = append(cells, personal{person: ledger.PersonNo(p), kind: col.Private, whole: "王" + secret})
			case catalogue.Address, catalogue.Payee:
				cells = append(cells, personal{person: ledger.PersonNo(p), kind: col.Private, whole: "东乡" + secret, short: "东乡"})
			default:
				cells = append(cells, rapid.SampledFrom([]any{nil, "话", 3, money.Fen(5)}).Draw(t, "cell"))
			}
		}
		tab.rows = append(tab.rows, cells)
	}
	return tab
}

func anyColumns(t *rapid.T, all []string) []string {
	picked := rapid.Permutation(all).Draw(t, "columns")
	return picked[:rapid.IntRange(1, len(picked)).Draw(t, "n")]
}

// A full table cannot reach a workbook, nor a log: its personal cells are no
// values of one, and printed they are masked.
func TestPersonal_KeepsToItself(t *testing.T) {
	f := &facts{people: map[ledger.PersonNo]ledger.Person{1: {Certno: "990001195001010015", Name: "欧阳某某"}}, homes: map[ledger.PersonNo][2]string{1: {"东乡", "西村"}}}
	said := fmt.Sprintf("%v %s %q %+v %#v", f.id(1), f.name(1), f.id(1), f.home(1), f.id(1))
	for _, s := range []string{"19500101", "阳某", "西村"} {
		if strings.Contains(said, s) {
			t.Errorf("%q in %s", s, said)
		}
	}
	err := workbook.Write(t.TempDir()+"/x.xlsx", workbook.Book{Sheets: workbook.Sheets(workbook.Table{Sheet: "表", Columns: []workbook.Column{{Title: "列"}}, Rows: rowsOf([][]any{{f.id(1)}})})})
	if err == nil {
		t.Error("a personal cell was written")
	}
	// A maker that forgets to say that a text is personal is found out.
	tab := newTable("certificates", "", "certno name home expiry")
	tab.rows = [][]any{{"990001195001010015", f.name(1), f.home(1), civil.Date(20230101)}}
	if _, err := project(catalogue.Default(), tab, view{}); !errors.Is(err, errNotDescribed) {
		t.Error(err)
	}
	tab.rows = [][]any{{f.name(1), f.id(1), f.home(1), civil.Date(20230101)}}
	if _, err := project(catalogue.Default(), tab, view{}); !errors.Is(err, errNotDescribed) {
		t.Error(err)
	}
}

// everyTable makes every table that there is, under five packs.
func everyTable(t *testing.T, give func(*table)) {
	t.Helper()
	for _, id := range []string{"hangzhou-2022-70", "kaifeng-2022-draft", "wenzhou-2022-98", "xinjiang-2023", "shenyang-2019-78"} {
		b := shelfOf(t, id, "", 202306)
		b.on(1, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Dibao)
		b.on(2, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Fengxian, rules.Dibian)
		b.insured(1, 2023, residents, "", 20221103, 400, 0)
		b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0)}
		b.claims[1] = []rules.Claim{{Ref: 1, ID: "S1", At: 20230610000000, Kind: rules.Inpatient, Level: 2, Total: 10000_00, InScope: 9000_00, Basic: 4000_00, DiseaseName: "病", HospitalCode: "H1"}}
		f, err := begin(t.Context(), b, b.area, b.run())
		if err != nil {
			t.Fatal(err)
		}
		d, err := gatherDuty(t.Context(), b, f, ^need(0), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name := range makers {
			o := orderOf(nil, name)
			for _, x := range o.tables(f, d, scope{}) {
				give(x)
			}
		}
		for _, own := range ownTables {
			if x := own.make(f, d, catalogue.Default().Find("医保")); x != nil {
				give(x)
			}
		}
	}
}

// Every column of every table is described, and every description is of a column;
// amounts stand under amounts and days under days.
func TestColumns_Described(t *testing.T) {
	cat := catalogue.Default()
	made := map[string]bool{}
	everyTable(t, func(x *table) {
		for i, key := range x.keys {
			col, ok := cat.Column(x.key, key)
			if !ok {
				t.Errorf("%s.%s is not described", x.key, key)
			}
			made[x.key+"."+key], made[x.key+"."+strings.SplitN(key, ".", 2)[0]+".*"] = true, true
			for _, cells := range x.rows {
				if kind := col.Workbook(key).Kind; i < len(cells) && !fits(cells[i], kind) {
					t.Errorf("%s.%s: %T in a column of kind %d", x.key, key, cells[i], kind)
				}
			}
		}
		for _, cells := range x.rows {
			if len(cells) > len(x.keys) {
				t.Errorf("%s: %d cells, %d columns", x.key, len(cells), len(x.keys))
			}
		}
	})
	for name, x := range cat.Tables {
		for _, key := range x.Columns {
			if !made[name+"."+key] && !paymentTables[name] {
				t.Errorf("nobody makes %s.%s", name, key)
			}
		}
	}
	for name := range makers {
		if len(cat.Lists[name]) == 0 {
			t.Errorf("the list %s has no tables", name)
		}
	}
	for name := range cat.Lists {
		if makers[name].tables == nil {
			t.Errorf("nobody makes the list %s", name)
		}
	}
}

func fits(v any, kind workbook.Kind) bool {
	switch v.(type) {
	case nil:
		return true
	case int, int64:
		return kind == workbook.Count
	case money.Fen:
		return kind == workbook.Money
	case money.Ratio:
		return kind == workbook.Ratio
	case civil.Date:
		return kind == workbook.Date
	case civil.Moment:
		return kind == workbook.Moment
	}
	return kind == workbook.Text
}

// A column that is taken out of the catalogue is shown to nobody; a department
// that is to see none of a table's names sees none.
func TestCatalogue_Mutations(t *testing.T) {
	columns, departments := catalogue.Texts()
	has := func(c *catalogue.Catalogue, dept, sheet, key string) bool {
		b := shelfOf(t, "hangzhou-2022-70", "", 202306)
		b.on(1, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Dibao)
		b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0)}
		for _, x := range booksFrom(t, b, c)[dept].Tables() {
			if x.Sheet == sheet && slices.ContainsFunc(x.Columns, func(c workbook.Column) bool { return c.Key == key }) {
				return true
			}
		}
		return false
	}
	change := func(text []byte, from, to string) []byte {
		if n := bytes.Count(text, []byte(from)); n != 1 {
			t.Fatalf("%q stands %d times", from, n)
		}
		return bytes.Replace(text, []byte(from), []byte(to), 1)
	}
	parse := func(columns, departments []byte) *catalogue.Catalogue {
		c, err := catalogue.Parse(columns, departments)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if !has(parse(columns, departments), "医保", "监测清零", "line") || !has(parse(columns, departments), "民政", "预警待核实", "name") {
		t.Fatal("the columns are not there to begin with")
	}
	less := change(columns, "opened_by, cleared_on, line, gross, relief, burden]\n    others: [year", "opened_by, cleared_on, gross, relief, burden]\n    others: [year")
	if has(parse(less, departments), "医保", "监测清零", "line") {
		t.Error("a column that the table no longer has is shown")
	}
	fewer := change(departments, "{table: cases, sheet: 预警待核实}", "{table: cases, sheet: 预警待核实, columns: [certno, state]}")
	if has(parse(columns, fewer), "民政", "预警待核实", "name") {
		t.Error("a column that the department is not to see is shown")
	}
}
