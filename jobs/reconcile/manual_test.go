package reconcile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/money"
)

func hand(id int64, dues, lines string) Manual {
	return Manual{ID: id, Dues: strings.Fields(dues), Lines: strings.Fields(lines), Reason: "已电话核实", By: "王", At: 20230905120000}
}

// TestManual: what a user matched comes first, also against the rules.
func TestManual(t *testing.T) {
	dues, lines := book(t, `
		due  a p1 医疗救助 202307 300
		due  b p2 医疗救助 202307 300
		due  c p3 医疗救助 202307 100
		due  d p3 医疗救助 202307 -100
		line x p1 医疗救助 202307 300
		line y p9 大病保险 202301 280
		line z p8 医疗救助 202307 60
		line w p8 医疗救助 202307 -60 @20230101`)
	r := mustReconcile(t, dues, lines, Options{Manual: []Manual{hand(9, "", "z w"), hand(3, "b", "x"), hand(4, "a", "y"), hand(8, "c d", "")}})
	want := []string{
		"少拨 人工: a = y 差 -20.00",
		"相符 人工: b = x",
		"相符 人工: c+d = ",
		"退回 人工:  = w+z",
	}
	if got := r.all(); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if got, want := r.Why(&r.Matches[0]), "人工勾对（王，理由：已电话核实），应拨 300.00，拨付 280.00，少拨 20.00 元"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestOneSided: what has no other side and does not come to 0 would hide what is due,
// or what was paid.
func TestOneSided(t *testing.T) {
	dues, lines := book(t, `
		due  a p1 医疗救助 202307 300
		due  b p2 医疗救助 202307 -299.99
		line x p1 医疗救助 202307 300
		line y p2 医疗救助 202307 299.99`)
	for _, m := range []Manual{hand(1, "a b", ""), hand(1, "", "x y")} {
		if _, err := Reconcile(dues, lines, Options{Manual: []Manual{m}, Tolerance: 100}); !slices.Equal(codes(err), []string{"E-MANUAL-SUM manual:1"}) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// TestUndo: what was undone is as if it had never been.
func TestUndo(t *testing.T) {
	dues, lines := book(t, `
		due  a p1 医疗救助 202307 300
		due  b p2 医疗救助 202307 300
		line x p1 医疗救助 202307 300`)
	before := mustReconcile(t, dues, lines, Options{})
	events := []ManualEvent{{Manual: hand(1, "b", "x")}}
	ms, err := Fold(events)
	if err != nil || len(ms) != 1 {
		t.Fatal(ms, err)
	}
	if got := mustReconcile(t, dues, lines, Options{Manual: ms}).all(); !slices.Equal(got, []string{"应拨未拨: a = ", "相符 人工: b = x"}) {
		t.Errorf("%q", got)
	}
	undo := ManualEvent{Undo: 1, Manual: hand(2, "", "")}
	ms, err = Fold(append([]ManualEvent{undo}, events...)) // their numbers tell the order
	if err != nil || len(ms) != 0 {
		t.Fatal(ms, err)
	}
	after := mustReconcile(t, dues, lines, Options{Manual: ms})
	if !slices.Equal(after.all(), before.all()) || !reflect.DeepEqual(after.Total, before.Total) {
		t.Error("the undone match left something behind")
	}
}

func codes(err error) (out []string) {
	var es Errors
	if !errors.As(err, &es) {
		return nil
	}
	for _, e := range es {
		out = append(out, strings.TrimSpace(e.Code+" "+e.Key))
	}
	return out
}

func TestFoldRefuses(t *testing.T) {
	bare := hand(5, "a", "x")
	bare.Reason = " "
	_, err := Fold([]ManualEvent{
		{Manual: hand(1, "a", "x")},
		{Manual: hand(1, "b", "y")},
		{Undo: 1, Manual: hand(2, "", "")},
		{Undo: 1, Manual: hand(3, "", "")},
		{Undo: 9, Manual: hand(4, "", "")},
		{Manual: bare},
	})
	want := []string{"E-MANUAL-ID manual:1", "E-UNDO-TWICE manual:3", "E-UNDO-UNKNOWN manual:4", "E-MANUAL-REASON manual:5"}
	if got := codes(err); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestRefused: every input that cannot be reconciled has its code, and all are
// told at once.
func TestRefused(t *testing.T) {
	good := `
		due  a p1 医疗救助 202307 300
		line x p1 医疗救助 202307 300`
	dues, lines := book(t, good)
	with := func(d func(*Due), l func(*Line)) ([]Due, []Line) {
		ds, ls := slices.Clone(dues), slices.Clone(lines)
		if d != nil {
			d(&ds[0])
		}
		if l != nil {
			l(&ls[0])
		}
		return ds, ls
	}
	for _, c := range []struct {
		name string
		d    func(*Due)
		l    func(*Line)
		o    Options
		want []string
	}{
		{"a due without a key", func(d *Due) { d.Key = "" }, nil, Options{}, []string{"E-KEY"}},
		{"a due without a period", func(d *Due) { d.From, d.To = 0, 0 }, nil, Options{}, []string{"E-PERIOD a"}},
		{"a period backwards", func(d *Due) { d.From = 202308 }, nil, Options{}, []string{"E-PERIOD a"}},
		{"a month that does not exist", nil, func(l *Line) { l.To = 202313 }, Options{}, []string{"E-PERIOD x"}},
		{"half a period", nil, func(l *Line) { l.To = 0 }, Options{}, []string{"E-PERIOD x"}},
		{"a due to nobody", func(d *Due) { d.Person = 0 }, nil, Options{}, []string{"E-PAYEE a"}},
		{"a line to oneself, who?", nil, func(l *Line) { l.Person, l.Payee = 0, Self }, Options{}, []string{"E-PAYEE x"}},
		{"a line without a date, over the limit", nil, func(l *Line) { l.Date, l.Amount = 0, money.Limit+1 }, Options{}, []string{"E-AMOUNT x", "E-DATE x"}},
		{"a negative tolerance", nil, nil, Options{Tolerance: -1}, []string{"E-TOLERANCE"}},
		{"unknown keys", nil, nil, Options{Manual: []Manual{hand(1, "q", "r")}}, []string{"E-MANUAL-UNKNOWN manual:1", "E-MANUAL-UNKNOWN manual:1"}},
		{"a key in two matches", nil, nil, Options{Manual: []Manual{hand(1, "a", "x"), hand(2, "a a", "")}}, []string{"E-MANUAL-TWICE manual:2", "E-MANUAL-TWICE manual:2"}},
		{"one alone", nil, nil, Options{Manual: []Manual{hand(1, "a", "")}}, []string{"E-MANUAL-EMPTY manual:1"}},
		{"two of one number", nil, nil, Options{Manual: []Manual{hand(1, "a", "x"), hand(1, "a", "x")}},
			[]string{"E-MANUAL-ID manual:1", "E-MANUAL-TWICE manual:1", "E-MANUAL-TWICE manual:1"}},
		{"nobody says why", nil, nil, Options{Manual: []Manual{{ID: 1, Dues: []string{"a"}, Lines: []string{"x"}, By: "王"}}}, []string{"E-MANUAL-REASON manual:1"}},
	} {
		ds, ls := with(c.d, c.l)
		r, err := Reconcile(ds, ls, c.o)
		if got := codes(err); r != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q %v, want %q", c.name, got, err, c.want)
		}
	}
	if _, err := Reconcile(append(dues, dues[0]), append(lines, lines[0]), Options{}); !slices.Equal(codes(err), []string{"E-KEY-TWICE a", "E-KEY-TWICE x"}) {
		t.Errorf("%v", err)
	}
	many := slices.Repeat(dues, 50)
	if _, err := Reconcile(many, nil, Options{}); !strings.HasSuffix(err.Error(), "……共 49 处") {
		t.Errorf("%v", err)
	}
}

func TestItems(t *testing.T) {
	items, err := NewItems(map[string][]string{"应急救助": {"急难资金"}, ItemAssistance: {"民生兜底资金"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"城乡医疗救助补助资金":            ItemAssistance,
		"医疗救助资金":                ItemAssistance,
		" 医疗 救助（2023年第二批）":      ItemAssistance,
		"2023年7月医疗救助资金":         ItemAssistance,
		"拨付2023年中央财政城乡医疗救助补助资金": ItemAssistance,
		"民生兜底":                  ItemAssistance,
		"大病保险资金":                ItemMajor,
		"城乡居民大病保险":              ItemMajor,
		"资助参保资金":                ItemPremium,
		"医疗救助资助参保资金":            ItemPremium,
		"补充医疗保险":                ItemSupplement,
		"基本医保基金":                ItemBasic,
		"生育津贴":                  ItemMaternity,
		"惠民保保费补贴":               ItemHuiminbao,
		"急难":                    "应急救助",
	} {
		if got, known := items.Fold(name); got != want || !known {
			t.Errorf("%s: %s %v, want %s", name, got, known, want)
		}
	}
	for name, want := range map[string]string{"乡村振兴资金（二）": "乡村振兴", "资金": "资金", "（二）": "(二)"} {
		if got, known := items.Fold(name); known || strings.ReplaceAll(strings.ReplaceAll(got, "（", "("), "）", ")") != want {
			t.Errorf("%s: %s %v", name, got, known)
		}
	}
	for f := range rules.NumFunds { // the names of the funds are items
		if got, known := items.Fold(f.Chinese()); got != ItemOf(f) || !known {
			t.Errorf("%s: %s, want %s", f.Chinese(), got, ItemOf(f))
		}
	}
	if _, err := NewItems(map[string][]string{"甲": {"医疗救助资金", ""}}); !slices.Equal(codes(err), []string{"E-ITEM-TWICE 医疗救助资金", "E-ITEM 甲"}) {
		t.Errorf("%v", err)
	}
}

// TestUnknown: what no name is known for is told, with its sums.
func TestUnknown(t *testing.T) {
	dues, lines := book(t, `
		due  a p1 怪资金 202307 300
		line x p1 怪资金（一） 202307 200
		line y p2 怪 202307 50`)
	r := mustReconcile(t, dues, lines, Options{})
	if want := []UnknownItem{{"怪", 1, 2, 30000, 25000}}; !slices.Equal(r.Unknown, want) {
		t.Errorf("%+v", r.Unknown)
	}
}

// TestKeys: keys of dues are stable texts.
func TestKeys(t *testing.T) {
	for got, want := range map[string]string{PostingKey(12): "posting:12", DirectKey(202308, "H1", rules.FundAssistance.String()): "direct:202308:H1:assistance",
		PremiumKey(2024, 77): "premium:2024:77", TransferKey(5): "transfer:5"} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestProve: the proof finds every way in which a result can be wrong.
func TestProve(t *testing.T) {
	dues, lines := book(t, `
		due  a p1 医疗救助 202307 300
		due  b p2 医疗救助 202307 300
		line x p1 医疗救助 202307 300
		line y p1 医疗救助 202307 300
		line z p5 医疗救助 202307 40
		line w p6 医疗救助 202307 40 @20230801
		line v p6 医疗救助 202307 -40
		due  c p7 医疗救助 202307 -9
		line u p8 医疗救助 202307 -9
		due  d p9 医疗救助 202307 0`)
	for name, spoil := range map[string]func(*Result){
		"a due in two matches":      func(r *Result) { r.Matches[1].Dues = []int32{0} },
		"a line in two matches":     func(r *Result) { r.Matches[len(r.Matches)-1].Lines = r.Matches[len(r.Matches)-2].Lines },
		"a match is lost":           func(r *Result) { r.Matches = r.Matches[1:] },
		"a line's match is lost":    func(r *Result) { r.Matches = r.Matches[:len(r.Matches)-1] },
		"a sum of a match":          func(r *Result) { r.Matches[0].Paid++ },
		"an amount":                 func(r *Result) { r.Dues[0].Amount++ },
		"the class":                 func(r *Result) { r.Matches[0].Class = Short },
		"no class":                  func(r *Result) { r.Matches[0].Class = NumClasses },
		"a row's sum":               func(r *Result) { r.Total.By[Matched].Paid++ },
		"the total":                 func(r *Result) { r.Total.Due++ },
		"a repeat of nothing":       func(r *Result) { classed(r, Double).Of = -1 },
		"a return that is no zero":  func(r *Result) { classed(r, Returned).Class = Undue },
		"an unpaid that was paid":   func(r *Result) { classed(r, Matched).Class = Unpaid },
		"undue below 0":             func(r *Result) { classed(r, UndueBack).Class = Undue },
		"to be got back, above 0":   func(r *Result) { classed(r, Unpaid).Class = NotBack },
		"came back, above 0":        func(r *Result) { classed(r, Undue).Class = UndueBack },
		"not nothing":               func(r *Result) { classed(r, Unpaid).Class = Nothing },
		"matched although it isn't": func(r *Result) { classed(r, Unpaid).Class = Matched },
	} {
		r := mustReconcile(t, dues, lines, Options{})
		spoil(r)
		if err := r.Prove(); !errors.Is(err, ErrIntegrity) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := mustReconcile(t, nil, nil, Options{}).Prove(); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
}

func classed(r *Result, c Class) *Match {
	return &r.Matches[slices.IndexFunc(r.Matches, func(m Match) bool { return m.Class == c })]
}

// TestNames: every class, rule and scope has its name.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for c := range Class(NumClasses) {
		if c.String() == "" || c.Chinese() == "" || seen[c.Chinese()] {
			t.Errorf("class %d", c)
		}
		seen[c.Chinese()] = true
	}
	for r := NoRule; r <= BankReturn; r++ {
		if r.Chinese() == "" {
			t.Errorf("rule %d", r)
		}
	}
	for s := OfSettlement; s <= OneCounty; s++ {
		if s.Chinese() == "" {
			t.Errorf("scope %d", s)
		}
	}
}
