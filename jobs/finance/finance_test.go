package finance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
)

// hospitals are those of the tests: two codes of one name, and two of which one
// ends like the other.
var hospitals = map[string][]string{"H1": {"青柳县人民医院"}, "H2": {"青柳县 人民医院", "青柳县人民医院（东院）"}, "H3": {"青柳县白石乡卫生院"}, "H4": {"临江市中医院"}, "H5": {"临江市中西医结合医院"}}

func known(t *testing.T, c Config) *Payees {
	t.Helper()
	o, err := c.Options()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPayees(hospitals, o, map[string]string{reconcile.ItemMajor: "安康人寿"})
	p.Know(map[ledger.PersonNo]ledger.Person{1: {No: 1, Name: "王小明"}, 2: {No: 2, Name: "欧阳春花"}, 3: {No: 3, Name: "欧阳春花"}, 4: {No: 4, Name: "李平安"}})
	return p
}

func TestPayees(t *testing.T) {
	p := known(t, Config{Agents: []string{"青柳人寿保险股份有限公司"}})
	for _, tt := range []struct {
		name  string
		kind  PayeeKind
		payee string
	}{
		{"", NoPayee, ""},
		{"青柳县人民医院", Hospital, "青柳县人民医院"},
		{"青柳县人民医院(东院)", Hospital, "青柳县人民医院"}, // a name of the other code
		{"白石乡卫生院", Hospital, "青柳县白石乡卫生院"},
		{"江省临江市中医院", Hospital, "临江市中医院"},
		{"人民医院", Hospital, "青柳县人民医院"},
		{"医院", Organisation, "医院"}, // of several
		{"外县第二人民医院", Organisation, "外县第二人民医院"},
		{"国家税务总局青柳县税务局", Tax, TaxOffice},
		{"青柳人寿保险股份有限公司", Agent, ""},
		{"平安人寿保险股份有限公司", Insurer, "平安人寿保险股份有限公司"},
		{"青柳县医疗保障局", Agent, ""}, {"白石乡人民政府", Agent, ""}, {"农村商业银行白石支行", Agent, ""}, {"合计", Agent, ""}, {"王小明等35人", Agent, ""}, {"各定点医院", Agent, ""},
		{"青苗县实验学校", Organisation, "青苗县实验学校"},
		{"王小明", PersonName, ""}, {"李平安", PersonName, ""}, {"周七", PersonName, ""}, {"张会", PersonName, ""}, {"买买提·吐尔逊", PersonName, ""},
	} {
		if kind, payee := p.Of(tt.name); kind != tt.kind || payee != tt.payee {
			t.Errorf("%s is %d %q, want %d %q", tt.name, kind, payee, tt.kind, tt.payee)
		}
	}
	if a, b := p.hospital("H1", ""), p.hospital("H2", ""); a != b {
		t.Errorf("two codes of one hospital: %s, %s", a, b)
	}
	if got := p.hospital("H9", "新医院"); got != "新医院" {
		t.Error(got)
	}
}

func TestLines(t *testing.T) {
	p := known(t, Config{})
	counties := []string{"青柳县", "白石县"}
	for _, tt := range []struct {
		what, own, note string
		x               Transfer
		want            reconcile.Line
		payee           string // as shown
	}{
		{"to a person", "王小明", "", Transfer{Transfer: ledger.Transfer{Person: 1, Amount: 5}, Name: "王 小明"}, reconcile.Line{Person: 1, Payee: reconcile.Self, Amount: 5}, "王*"},
		{"to a person by another's account", "王小明", "", Transfer{Transfer: ledger.Transfer{Person: 1, Amount: 5}, Name: "王大"}, reconcile.Line{Person: 1, Amount: 5}, "王*"},
		{"to a person by a hospital", "王小明", "", Transfer{Transfer: ledger.Transfer{Person: 1, Amount: 5}, Name: "临江市中医院"}, reconcile.Line{Person: 1, Payee: "临江市中医院", Amount: 5}, "临江市中医院"},
		{"to a name that one has", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5}, Name: "王小明"}, reconcile.Line{Person: 1, Payee: reconcile.Self, Amount: 5}, "王*"},
		{"to a name that two have", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payee: 77}, Name: "欧阳春花"}, reconcile.Line{Payee: "收款人77", Amount: 5}, "欧*"},
		{"to a name that nobody has", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payee: 78}, Name: "周七"}, reconcile.Line{Payee: "收款人78", Amount: 5}, "周*"},
		{"by an office", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payer: "市财政局"}, Name: "白石县医疗保障局"}, reconcile.Line{County: "白石县", Amount: 5}, "白石县医疗保障局"},
		{"of a county", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payer: "青柳县财政局"}, Name: "白石县医疗保障局"}, reconcile.Line{County: "青柳县", Amount: 5}, "白石县医疗保障局"},
		{"of a note's county", "", `{"note":"青柳"}`, Transfer{Transfer: ledger.Transfer{Amount: 5}, Name: "合计"}, reconcile.Line{County: "青柳县", Amount: 5}, "合计"},
		{"of two counties", "", `{"note":"青柳、白石"}`, Transfer{Transfer: ledger.Transfer{Amount: 5}, Name: "合计"}, reconcile.Line{Amount: 5}, "合计"},
		{"a hospital pays back", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payer: "临江市中医院"}, Name: "市财政局"}, reconcile.Line{Payee: "临江市中医院", Amount: -5}, "临江市中医院"},
		{"a person pays back", "王小明", "", Transfer{Transfer: ledger.Transfer{Person: 1, Amount: 5, Payer: "王小明"}, Name: "市财政局"}, reconcile.Line{Person: 1, Payee: reconcile.Self, Amount: -5}, "王*"},
		{"a person without an ID pays back", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Payer: "王小明"}, Name: "市财政局"}, reconcile.Line{Person: 1, Payee: reconcile.Self, Amount: -5}, "王*"},
		{"to who runs the insurance", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Item: "大病保险资金"}, Name: "安康人寿保险股份有限公司临江分公司"}, reconcile.Line{Item: "大病保险资金", Amount: 5}, "安康人寿保险股份有限公司临江分公司"},
		{"to the same company for something else", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Item: "医疗救助"}, Name: "安康人寿保险股份有限公司"},
			reconcile.Line{Item: "医疗救助", Payee: "安康人寿保险股份有限公司", Amount: 5}, "安康人寿保险股份有限公司"},
		{"who runs the insurance pays back", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Item: "大病保险", Payer: "安康人寿"}, Name: "市财政局"}, reconcile.Line{Item: "大病保险", Amount: -5}, "安康人寿"},
		{"who runs the insurance pays a hospital", "", "", Transfer{Transfer: ledger.Transfer{Amount: 5, Item: "大病保险", Payer: "安康人寿"}, Name: "临江市中医院"},
			reconcile.Line{Item: "大病保险", Payee: "临江市中医院", Amount: 5}, "临江市中医院"},
		{"sent back", "王小明", "", Transfer{Transfer: ledger.Transfer{Person: 1, Amount: -5, Payer: "王小明"}, Name: "王小明"}, reconcile.Line{Person: 1, Payee: reconcile.Self, Amount: -5}, "王*"},
	} {
		x := tt.x
		got := p.line(&x, tt.own, counties, note(tt.note))
		tt.want.Key = "transfer:0"
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", tt.what, d)
		}
		b := &Book{Transfers: map[string]*Transfer{got.Key: &x}, People: map[ledger.PersonNo]ledger.Person{1: {Name: "王小明"}}}
		mask := func(s string) string { return string([]rune(s)[:1]) + "*" }
		if shown := b.Payee(&Entry{Line: &got, Key: got.Key, Person: ledger.PersonNo(got.Person)}, mask); shown != tt.payee {
			t.Errorf("%s: shown as %s", tt.what, shown)
		}
	}
}

func TestDues(t *testing.T) {
	p := known(t, Config{})
	f := &Facts{
		Postings: []ledger.Posting{{ID: 7, Person: 1, Fund: rules.FundAssistance, Amount: -300, Date: 20230905}, {ID: 8, Person: 2, Fund: rules.FundHospital, Amount: 200, Date: 20230905},
			{ID: 9, Person: 1, Fund: rules.FundMajor, Amount: 400, Date: 20231001}},
		On:       map[int64]ledger.PostedOn{7: {SetlID: "S7", Hospital: "H1"}, 8: {SetlID: "S8", Hospital: "H2"}, 9: {SetlID: "S9", Hospital: "H9", HospName: "新医院"}},
		Premiums: []Premium{{2024, 3, rules.NoCategory, 38000}},
		Counties: map[ledger.PersonNo]string{1: "青柳县"},
	}
	for _, x := range []ledger.PaidAtOnce{{Hospital: "H1", Name: "青柳县人民医院", Month: 202308, Person: 1, Assist: 10, Major: 5}, {Hospital: "H1", Month: 202308, Person: 3, Assist: 20},
		{Hospital: "H1", Month: 202309, Person: 3, Assist: -20}, {Hospital: "H4", Month: 202308, Person: 2, Assist: 0, Major: 0}} {
		f.Advanced.Add(f.Counties[x.Person], x)
	}
	one := func(m civil.Month, d reconcile.Due) reconcile.Due { d.From, d.To = m, m; return d }
	all := []reconcile.Due{
		one(202308, reconcile.Due{Key: "direct:202308:H1:assistance", Payee: "青柳县人民医院", Item: "医疗救助", Amount: 20}),
		one(202308, reconcile.Due{Key: "direct:202308:H1:assistance@青柳县", Payee: "青柳县人民医院", County: "青柳县", Item: "医疗救助", Amount: 10}),
		one(202308, reconcile.Due{Key: "direct:202308:H1:major@青柳县", Payee: "青柳县人民医院", County: "青柳县", Item: "大病保险", Amount: 5}),
		one(202309, reconcile.Due{Key: "direct:202309:H1:assistance", Payee: "青柳县人民医院", Item: "医疗救助", Amount: -20}),
		one(202309, reconcile.Due{Key: "posting:7", Person: 1, Payee: reconcile.Self, County: "青柳县", Item: "医疗救助", Settlement: "S7", Amount: -300}),
		one(202309, reconcile.Due{Key: "posting:8", Person: 2, Payee: "青柳县人民医院", Item: "医疗机构负担", Settlement: "S8", Amount: -200}),
		one(202310, reconcile.Due{Key: "posting:9", Person: 1, Payee: reconcile.Self, County: "青柳县", Item: "大病保险", Settlement: "S9", Amount: 400}),
		{Key: "premium:2024:3", Person: 3, Payee: TaxOffice, Item: "资助参保", From: 202401, To: 202412, Amount: 38000},
	}
	for _, tt := range []struct {
		c    Config
		keep func(reconcile.Due) bool
	}{
		{Config{}, func(reconcile.Due) bool { return true }},
		{Config{From: "2023-09"}, func(d reconcile.Due) bool { return d.From >= 202309 }},
		{Config{Items: []string{"大病保险资金", "资助参保"}}, func(d reconcile.Due) bool { return d.Item == "大病保险" || d.Item == "资助参保" }},
	} {
		o, err := tt.c.Options()
		if err != nil {
			t.Fatal(err)
		}
		var want []reconcile.Due
		for _, d := range all {
			if tt.keep(d) {
				want = append(want, d)
			}
		}
		if d := cmp.Diff(want, Dues(f, p, o)); d != "" {
			t.Errorf("%+v (-want +got)\n%s", tt.c, d)
		}
	}
}

func TestPremiumDue(t *testing.T) {
	es := []rules.Enrolment{{Year: 2023, Plan: rules.PlanResidents, Own: 80, Subsidy: 300}, {Year: 2022, Plan: rules.PlanResidents, Own: 1000, Subsidy: 9000}, {Year: 2023, Plan: rules.PlanEmployees, Own: 5000, Subsidy: 5000}}
	due := func(rule rules.PremiumRule, amount money.Fen) rules.PremiumReview {
		return rules.PremiumReview{Year: 2023, Entitled: true, Residents: true, Due: rules.Subsidy{Rule: rule, Amount: amount}}
	}
	notEntitled, notEnrolled := due(rules.FixedSubsidy, 80), due(rules.FixedSubsidy, 80)
	notEntitled.Entitled, notEnrolled.Residents = false, false
	for _, tt := range []struct {
		what string
		r    rules.PremiumReview
		want money.Fen
	}{
		{"fixed", due(rules.FixedSubsidy, 80), 80}, {"full, with a standard", due(rules.FullSubsidy, 380), 380}, {"full, without one", due(rules.FullSubsidy, rules.Unset), 380},
		{"open", due(rules.OpenSubsidy, rules.Unset), 300}, {"not entitled", notEntitled, 0}, {"not enrolled", notEnrolled, 0},
	} {
		if got := premiumDue(&tt.r, es); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.what, got, tt.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for text, c := range map[string]Config{
		"没有资金项目":        {Items: []string{"大饼"}},
		"tolerance":     {Tolerance: "-1"},
		"tolerance \"a": {Tolerance: "a"},
		"空的名称":          {Agents: []string{" "}},
		"不是月份":          {From: "2023"},
		"两个项目":          {Names: map[string][]string{"医疗救助": {"大病保险"}}},
	} {
		if _, err := c.Options(); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v, want %s", c, err, text)
		}
	}
	o, err := (&Config{Items: []string{"困难资金"}, Names: map[string][]string{"医疗救助": {"困难资金"}}, Tolerance: "0.05"}).Options()
	if err != nil || !o.takes("医疗救助") || o.takes("资助参保") || !o.takes("从未见过") || o.tolerance != 5 {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestView: whatever the month, the four spans add up to everything, the items to
// what is listed, and so do the rows and the entries.
func TestView(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		month := func() civil.Month { return civil.Month(202301).Add(rnd.IntN(12)) }
		var dues []reconcile.Due
		var lines []reconcile.Line
		for i := range 200 {
			m := month()
			d := reconcile.Due{Key: fmt.Sprint("posting:", i), Person: int64(1 + rnd.IntN(60)), Item: []string{"医疗救助", "大病保险"}[rnd.IntN(2)], From: m, To: m, Amount: money.Fen(rnd.IntN(8)-1) * 100}
			if rnd.IntN(4) == 0 {
				d.To = m.Add(3)
			}
			dues = append(dues, d)
			if rnd.IntN(3) > 0 {
				l := reconcile.Line{Key: fmt.Sprint("transfer:", i), Person: d.Person, Item: d.Item, From: d.From, To: d.To, Date: month().First(), Amount: d.Amount + money.Fen(rnd.IntN(3)/2)}
				if rnd.IntN(4) == 0 {
					l.From, l.To = 0, 0
				}
				lines = append(lines, l)
			}
		}
		manual := []reconcile.Manual{{ID: 1, Dues: []string{"posting:0"}, Lines: []string{lines[0].Key}, Reason: "试", By: "甲"}}
		r, err := reconcile.Reconcile(dues, lines, reconcile.Options{Manual: manual})
		if err != nil {
			t.Fatal(err)
		}
		b := &Book{Result: r, Transfers: map[string]*Transfer{}, Manual: manual}
		open := map[string]bool{}
		for m := civil.Month(202301); m <= 202401; m = m.Next() {
			v := b.View(m)
			var all Sums
			for _, s := range v.Sums {
				all.add(s)
			}
			if all != (Sums{len(dues), len(lines), r.Total.Due, r.Total.Paid}) {
				t.Fatalf("%s: the spans come to %+v of %+v", m, all, r.Total)
			}
			var items, rows, entries Sums
			for i := range v.Items {
				items.add(v.Items[i].Sums)
			}
			for i := range v.Rows {
				x := &v.Rows[i]
				rows.add(Sums{x.Dues, x.Lines, x.Due, x.Paid})
			}
			for _, e := range v.Entries() {
				if e.Due != nil {
					entries.add(Sums{Dues: 1, Due: e.Amount})
				} else {
					entries.add(Sums{Lines: 1, Paid: e.Amount})
				}
				if e.Open() && m == 202401 {
					open[e.Key] = true
				}
			}
			if shown := v.Shown(); items != shown || rows != shown || entries != shown {
				t.Fatalf("%s: listed %+v, items %+v, rows %+v, entries %+v", m, shown, items, rows, entries)
			}
		}
		// At the end, nothing that is open is missing.
		for i := range r.Matches {
			m := &r.Matches[i]
			for _, j := range m.Dues {
				if !settled(m) != open[r.Dues[j].Key] {
					t.Fatalf("%s is %s and open: %t", r.Dues[j].Key, m.Class, open[r.Dues[j].Key])
				}
			}
		}
	}
}

func TestSpan(t *testing.T) {
	dues := []reconcile.Due{{Key: "a", Person: 1, Item: "医疗救助", From: 202303, To: 202303, Amount: 5}, {Key: "b", Person: 2, Item: "资助参保", Payee: TaxOffice, From: 202301, To: 202312, Amount: 5},
		{Key: "c", Person: 3, Item: "资助参保", Payee: TaxOffice, From: 202301, To: 202312, Amount: 5}}
	lines := []reconcile.Line{{Key: "x", Person: 1, Item: "医疗救助", From: 202303, To: 202303, Date: 20230504, Amount: 5}, {Key: "y", Person: 3, Item: "资助参保", Payee: TaxOffice, From: 202301, To: 202312, Date: 20221201, Amount: 5}}
	r, err := reconcile.Reconcile(dues, lines, reconcile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &Book{Result: r}
	want := map[civil.Month]string{202211: "以后 以后 以后", 202212: "以后 以后 本月", 202301: "以后 本月 本月", 202302: "以后 本月 以前已结", 202303: "本月 本月 以前已结", 202304: "以前已结 本月 以前已结", 202305: "本月 本月 以前已结",
		202401: "以前已结 以前结转 以前已结"}
	for m, w := range want {
		v := b.View(m)
		var got []string
		for _, s := range v.Spans {
			got = append(got, s.Chinese())
		}
		if strings.Join(got, " ") != w {
			t.Errorf("%s: %v, want %s", m, got, w)
		}
	}
}

func TestHand(t *testing.T) {
	due := func(n int, amount money.Fen) reconcile.Due {
		return reconcile.Due{Key: fmt.Sprint("posting:", n), Person: 1, Item: "医疗救助", From: 202303, To: 202303, Amount: amount}
	}
	line := func(n int, amount money.Fen) reconcile.Line {
		return reconcile.Line{Key: fmt.Sprint("transfer:", n), Person: 1, Item: "医疗救助", Date: 20230504, Amount: amount}
	}
	r, err := reconcile.Reconcile([]reconcile.Due{due(1, 5), due(2, 9), due(3, -5)}, []reconcile.Line{line(1, 7), line(2, -7), line(3, 1)}, reconcile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &Book{Result: r}
	on := []ledger.Matching{{ID: 1, Dues: []string{"posting:1"}, Lines: []string{"transfer:1"}, Reason: "试", By: "甲"}}
	undone := append(slices.Clone(on), ledger.Matching{ID: 2, Undo: 1, Reason: "试", By: "乙"})
	one, two := []string{"posting:1"}, []string{"transfer:1"}
	for _, tt := range []struct {
		what string
		err  error
		want error
	}{
		{"the first", b.CanMatch(one, two, nil), nil},
		{"once more", b.CanMatch(one, two, on), ErrTaken},
		{"after the undo", b.CanMatch(one, two, undone), nil},
		{"dues alone that do not come to 0", b.CanMatch([]string{"posting:1", "posting:2"}, nil, nil), ErrOneWay},
		{"transfers alone that do not come to 0", b.CanMatch(nil, []string{"transfer:1", "transfer:3"}, nil), ErrOneWay},
		{"dues alone that come to 0", b.CanMatch([]string{"posting:1", "posting:3"}, nil, nil), nil},
		{"transfers alone that come to 0", b.CanMatch(nil, []string{"transfer:1", "transfer:2"}, nil), nil},
		{"twice in one", b.CanMatch([]string{"posting:1", "posting:1"}, two, nil), ErrTaken},
		{"on the wrong side", b.CanMatch(two, one, nil), ErrNoKey},
		{"an undo", CanUndo(1, on), nil},
		{"a second undo", CanUndo(1, undone), ErrUndone},
		{"an undo of nothing", CanUndo(9, on), ErrNoHand},
		{"an undo of an undo", CanUndo(2, undone), ErrNoHand},
	} {
		if !errors.Is(tt.err, tt.want) || (tt.err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.what, tt.err, tt.want)
		}
	}
}
