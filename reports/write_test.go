package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/reports/workbook"
	"doudi/rules"
	"doudi/rules/pack"
)

// booksOf makes the workbooks of a month in memory, by department.
func booksOf(t *testing.T, b *shelf) map[string]workbook.Book {
	t.Helper()
	return booksFrom(t, b, catalogue.Default())
}

func booksFrom(t *testing.T, b *shelf, c *catalogue.Catalogue) map[string]workbook.Book {
	t.Helper()
	f, err := begin(t.Context(), b, b.area, b.run())
	if err != nil {
		t.Fatal(err)
	}
	plans := f.plans(c, nil, "")
	d, err := f.read(t.Context(), b, slices.DeleteFunc(slices.Clone(plans), func(p plan) bool { return p.Name == "财政" }))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]workbook.Book{}
	for _, p := range plans {
		if out[p.Name], err = f.book(p, d); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// recipientsOf are the names of an area's workbooks.
func recipientsOf(b *shelf) (out []string) {
	for _, r := range Recipients(b.area, nil) {
		out = append(out, r.Name)
	}
	return out
}

func sheetsOf(b workbook.Book) (names []string) {
	for _, s := range b.Sheets {
		switch s := s.(type) {
		case workbook.Table:
			names = append(names, s.Sheet)
		case workbook.Page:
			names = append(names, s.Sheet)
		}
	}
	return names
}

// Every department that Hangzhou names gets a workbook with its lists; who does
// not recognise people sees masked IDs, and who does sees its own people.
func TestWorkbooks_HZ16(t *testing.T) {
	b := shelfOf(t, "hangzhou-2022-70", "", 202306)
	home := homeOf{"临安区", "东乡"}
	b.on(1, home, "民政", 20220601, rules.Dibao)
	b.put(ledger.Event{Person: b.person(2, 19800101), Op: rules.Add, Category: rules.Canji, Level: 1, Date: 20220601, Dept: "残联", County: "临安区", Township: "东乡"})
	b.on(3, home, "农业农村", 20220601, rules.Yifanpin)
	b.on(4, home, "残联", 20220601, rules.Fengxian)
	b.insured(1, 2022, residents, "", 20211103, 400, 0)
	b.insured(9, 2023, residents, "", 20221103, 400, 50)
	books := booksOf(t, b)
	var all []string
	for name := range books {
		all = append(all, name)
	}
	slices.Sort(all)
	want := []string{"医保", "民政", "财政", "卫健", "农业农村", "残联", "领导", "退役军人", "总工会", "红十字会", "慈善", "数据资源", "税务", "市场监管"}
	if ds := recipientsOf(b); len(ds) != len(want) {
		t.Errorf("departments %v", ds)
	}
	for _, w := range want {
		if !slices.Contains(all, w) {
			t.Errorf("no workbook for %s: %v", w, all)
		}
	}
	// The IDs that each sees whole in all of its sheets.
	sees := map[string]string{
		"医保": "1 2 3 4 9", "民政": "1 4 9", "残联": "2 4", "农业农村": "3", "税务": "1 2 4 9",
		"财政": "", "卫健": "", "退役军人": "", "总工会": "", "红十字会": "", "慈善": "", "数据资源": "", "市场监管": "", "领导": "",
	}
	for dept, book := range books {
		text := ""
		for _, x := range book.Tables() {
			if x.Rows == nil {
				continue
			}
			for row := range x.Rows {
				text += fmt.Sprintln(row...)
			}
		}
		var got []string
		for no := ledger.PersonNo(1); no <= 9; no++ {
			if b.people[no] != "" && strings.Contains(text, b.people[no]) {
				got = append(got, fmt.Sprint(no))
			}
		}
		if s := strings.Join(got, " "); s != sees[dept] {
			t.Errorf("%s sees %q whole, want %q", dept, s, sees[dept])
		}
		names := sheetsOf(book)
		if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s has a sheet twice: %v", dept, names)
		}
	}
	if !slices.Contains(sheetsOf(books["税务"]), "风险对象未参保") || !slices.Contains(sheetsOf(books["慈善"]), "监测清零") {
		t.Error(sheetsOf(books["税务"]), sheetsOf(books["慈善"]))
	}
}

// No workbook shows the same twice: of the cases, of what hospitals bear, of the
// changes of rosters.
func TestWorkbooks_NothingTwice(t *testing.T) {
	books := booksOf(t, shelfOf(t, "kaifeng-2022-draft", "", 202306))
	for dept, x := range map[string]struct{ has, not []string }{
		"医保": {[]string{"监测清零", "清零进度", "医院承担", "医院承担汇总", "名单变动", "新增退出名单"}, nil},
		"民政": {[]string{"预警待核实", "清零进度", "名单比对", "待申请救助"}, []string{"监测清零"}},
		"卫健": {[]string{"监测清零", "医院承担汇总", "变动汇总"}, []string{"医院范围外费用", "名单变动"}},
		"财政": {[]string{"新增退出名单", "按月支出", "基金预算执行"}, []string{"名单变动"}},
		"税务": {[]string{"封面", "参保率", "资助汇总"}, []string{"监测清零"}},
	} {
		names := sheetsOf(books[dept])
		for _, n := range x.has {
			if !slices.Contains(names, n) {
				t.Errorf("%s: no sheet %s: %v", dept, n, names)
			}
		}
		for _, n := range x.not {
			if slices.Contains(names, n) {
				t.Errorf("%s: sheet %s: %v", dept, n, names)
			}
		}
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s has a sheet twice: %v", dept, names)
		}
	}
}

// The rural department is called as the packs call it.
func TestRuralDepartment(t *testing.T) {
	for id, want := range map[string]string{"hangzhou-2022-70": "农业农村", "wenzhou-2022-98": "农业农村", "kaifeng-2022-draft": "乡村振兴", "xinjiang-2023": "乡村振兴", "shenyang-2019-78": "扶贫办"} {
		ds := recipientsOf(shelfOf(t, id, "", 202306))
		n := 0
		for _, d := range ds {
			if slices.Contains(catalogue.Default().Find("乡村振兴").Names(), d) {
				n++
			}
		}
		if n != 1 || !slices.Contains(ds, want) {
			t.Errorf("%s: %v, want %s", id, ds, want)
		}
	}
	// Since 2021 扶贫办 is 乡村振兴: an overlay says so.
	b := shelfOf(t, "shenyang-2019-78", "lists: {premium: {departments: [医保, 乡村振兴]}, enrolment_ledger: {departments: [乡村振兴]}, county_report: {departments: [医保]}}\n", 202306)
	if ds := recipientsOf(b); slices.Contains(ds, "扶贫办") || !slices.Contains(ds, "乡村振兴") {
		t.Error(ds)
	}
}

// The monitoring platform gets all of the monitored: its own people by their
// whole IDs, the others masked.
func TestFeedback_XJ8_Everyone(t *testing.T) {
	b := shelfOf(t, "xinjiang-2023", "", 202306)
	b.on(1, homeOf{"甲县", "东乡"}, "乡村振兴", 20220601, rules.Yifanpin)
	b.on(2, homeOf{"甲县", "东乡"}, "民政", 20220601, rules.Dibian)
	b.cases = []ledger.Case{opened(1, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0), opened(2, ledger.LevelPerson, 20230310, rules.Watching, 5000_00, 0)}
	expect(t, show(t, booksOf(t, b)["乡村振兴"].Tables(), "负担仍重反馈"), "个人 | 993399198001010001 | 某某人 |", "个人 | 993399********0002 | 某** |")
	if got := show(t, booksOf(t, b)["乡村振兴"].Tables(), "监测清零"); strings.Contains(got, "0002") {
		t.Errorf("somebody else's case:\n%s", got)
	}
}

// The order of the rows does not depend on who was heard of first.
func TestLists_OrderOfArrival(t *testing.T) {
	make := func(number func(int) ledger.PersonNo) map[string]string {
		b := shelfOf(t, "hangzhou-2022-70", "burden: {person: 100}\n", 202306)
		for i := range 6 {
			no := number(i)
			b.people[no] = fmt.Sprintf("9933991980010100%02d", i)
			b.put(ledger.Event{Person: no, Op: rules.Add, Category: []rules.Category{rules.Dibao, rules.Fengxian}[i%2], Date: 20230601, Dept: "民政", County: []string{"甲区", "乙区"}[i%2], Township: "东乡"})
			b.enrolments = append(b.enrolments, ledger.Enrolment{ID: int64(i), Person: no, Year: 2023, Plan: []rules.Plan{residents, hui}[i/3], Src: ledger.Source{Seq: 1}})
			b.claims[no] = []rules.Claim{{Ref: int64(no), ID: fmt.Sprint("S", i), At: 20230610000000, Kind: rules.Inpatient, Level: 2, Total: 10000_00, InScope: 9000_00, Basic: 4000_00, DiseaseName: fmt.Sprint("病", i/2), HospitalCode: "H1"}}
			b.cases = append(b.cases, opened(no, ledger.LevelPerson, 20230610, rules.Watching, 5000_00, 0))
		}
		out := map[string]string{}
		for name := range makers {
			for _, x := range b.made(t, name) {
				out[name] += show(t, []workbook.Table{x}, x.Sheet)
			}
		}
		return out
	}
	one := make(func(i int) ledger.PersonNo { return ledger.PersonNo(i + 1) })
	two := make(func(i int) ledger.PersonNo { return ledger.PersonNo(40 - 5*i) })
	for name, s := range one {
		if two[name] != s {
			t.Errorf("%s:\n%s\n%s", name, s, two[name])
		}
	}
}

// Every list that a pack may order is made here, and no other.
func TestEveryListIsMade(t *testing.T) {
	for name := range makers {
		if pack.ListTitles[name] == "" {
			t.Errorf("no pack can order %s", name)
		}
	}
	for _, name := range pack.ListNames() {
		if makers[name].tables == nil {
			t.Errorf("nobody makes %s", name)
		}
	}
	for name := range listParams {
		if makers[name].tables == nil {
			t.Errorf("parameters of %s", name)
		}
	}
}

// Two lists never have sheets of one name: a workbook would lose one of them. The
// cases are the same in both.
func TestSheetNames(t *testing.T) {
	of := map[string]string{}
	b := shelfOf(t, "hangzhou-2022-70", "", 202306)
	b.on(1, homeOf{"临安区", "东乡"}, "民政", 20220601, rules.Dibao)
	b.insured(1, 2023, residents, "", 20221103, 400, 0)
	for _, name := range pack.ListNames() {
		for _, x := range b.made(t, name) {
			if other := of[x.Sheet]; other != "" {
				t.Errorf("%s: both of %s and of %s", x.Sheet, other, name)
			}
			of[x.Sheet] = name
		}
	}
	// Nor has a list a sheet of the name of another table.
	for key := range ownTables {
		if sheet := catalogue.Default().Tables[key].Sheet; of[sheet] != "" && !slices.Contains(catalogue.Default().Lists[of[sheet]], key) {
			t.Errorf("%s: of %s and of %s", sheet, key, of[sheet])
		}
	}
}
