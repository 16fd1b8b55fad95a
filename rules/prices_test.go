package rules_test

import (
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// wenzhouPrices is WZ-10.
func wenzhouPrices(d *rules.Duties) {
	d.PriceUplift, d.PriceAge = 3000, 6
	d.PriceClasses = []string{"一般检查治疗项目", "有创活检和探查项目", "临床手术类项目"}
}

// TestCheckPrice: base 10.00, uplift 30 %: 13.00 for a child. Born on 15 March
// 2017, the child is 6 until 14 March 2024.
func TestCheckPrice(t *testing.T) {
	const surgery = "临床手术类项目"
	for _, c := range []struct {
		name  string
		class string
		day   civil.Date
		base  money.Fen
		price money.Fen
		n     int64
		sum   money.Fen
		want  string // kind, too much for one, and in all; "" nothing
	}{
		{"the uplift", surgery, 20230801, 10_00, 13_00, 1000, 13_00, ""},
		{"a fen above it", surgery, 20230801, 10_00, 13_01, 1000, 13_01, "above_uplift 0.01 0.01"},
		{"the day before the 7th birthday", surgery, 20240314, 10_00, 13_00, 1000, 13_00, ""},
		{"the 7th birthday", surgery, 20240315, 10_00, 13_00, 1000, 13_00, "too_old 3.00 3.00"},
		{"an adult at the base", surgery, 20400101, 10_00, 10_00, 1000, 10_00, ""},
		{"another class", "综合医疗服务类", 20230801, 10_00, 10_01, 1000, 10_01, "other_class 0.01 0.01"},
		{"another class at the base", "综合医疗服务类", 20230801, 10_00, 10_00, 1000, 10_00, ""},
		{"a class inside the policy's name", "手术类", 20230801, 10_00, 13_00, 1000, 13_00, ""},
		{"around it, folded", "临床诊疗类-（临床手术类项目）", 20230801, 10_00, 13_00, 1000, 13_00, ""},
		{"one character is no class", "类", 20230801, 10_00, 13_00, 1000, 13_00, "other_class 3.00 3.00"},
		{"no class", "", 20230801, 10_00, 13_00, 1000, 13_00, "other_class 3.00 3.00"},
		{"below the base", surgery, 20230801, 10_00, 9_00, 1000, 9_00, ""},
		{"0.05 × 1.3 = 0.065: up to 0.07", surgery, 20230801, 5, 7, 1000, 7, ""},
		{"two and a half: 2.00 × 2.5", surgery, 20230801, 10_00, 15_00, 2500, 37_50, "above_uplift 2.00 5.00"},
		{"0.01 × 0.5: half a fen, up", surgery, 20230801, 10_00, 13_01, 500, 6_51, "above_uplift 0.01 0.01"},
		{"taken back", surgery, 20230801, 10_00, 13_01, -500, -6_51, "above_uplift 0.01 -0.01"},
		{"no quantity: 30.00 × 2 / 15", surgery, 20230801, 10_00, 15_00, 0, 30_00, "above_uplift 2.00 4.00"},
		{"no quantity, no amount", surgery, 20230801, 10_00, 15_00, 0, 0, "above_uplift 2.00 0.00"},
		{"no base price", surgery, 20230801, 0, 15_00, 1000, 15_00, ""},
		{"no day", surgery, 0, 10_00, 15_00, 1000, 15_00, ""},
		{"before the birth", surgery, 20170314, 10_00, 15_00, 1000, 15_00, ""},
		{"on the day of birth", surgery, 20170315, 10_00, 13_01, 1000, 13_01, "above_uplift 0.01 0.01"},
	} {
		d := rules.NewDuties()
		wenzhouPrices(&d)
		f, ok := rules.CheckPrice(&d, 20170315, rules.Item{Class: c.class, Date: c.day, Price: c.price, BasePrice: c.base, Quantity: c.n, Amount: c.sum})
		got := ""
		if ok {
			got = f.Kind.String() + " " + f.Unit.String() + " " + f.Over.String()
		}
		if got != c.want || ok && (f.Formula == "" || f.Kind.Chinese() == "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	item := rules.Item{Class: surgery, Date: 20230801, Price: 99_00, BasePrice: 10_00, Quantity: 1000}
	unset := rules.NewDuties()
	if _, ok := rules.CheckPrice(&unset, 20170315, item); ok {
		t.Error("nothing configured")
	}
	d := rules.NewDuties()
	wenzhouPrices(&d)
	if _, ok := rules.CheckPrice(&d, 0, item); ok {
		t.Error("no day of birth")
	}
	f, _ := rules.CheckPrice(&d, 20170315, item)
	if f.Age != 6 || f.Allowed != 13_00 || f.Formula != "10.00 × (100% + 30%) = 13.00，实收 99.00，每单位多收 86.00，共多收 86.00" {
		t.Errorf("%+v", f)
	}
	f, _ = rules.CheckPrice(&d, 20100315, item)
	if f.Age != 13 || f.Formula != "基准价 10.00，实收 99.00，每单位多收 89.00，共多收 89.00" {
		t.Errorf("%+v", f)
	}
}

// TestCheckPriceProperties: a line and its reversal cancel, and older never
// means that more is allowed.
func TestCheckPriceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rules.NewDuties()
		wenzhouPrices(&d)
		it := rules.Item{Class: rapid.SampledFrom([]string{"临床手术类项目", "护理"}).Draw(t, "class"), Date: 20230801,
			Price: money.Fen(rapid.Int64Range(1, 1000_00).Draw(t, "price")), BasePrice: money.Fen(rapid.Int64Range(1, 1000_00).Draw(t, "base")),
			Quantity: rapid.Int64Range(1, 100_000).Draw(t, "quantity")}
		young, over := rules.CheckPrice(&d, 20200101, it)
		old, overOld := rules.CheckPrice(&d, 20000101, it)
		if over && (!overOld || old.Unit < young.Unit) {
			t.Fatalf("%+v and %+v", young, old)
		}
		it.Quantity = -it.Quantity
		if back, _ := rules.CheckPrice(&d, 20200101, it); back.Over != -young.Over {
			t.Fatalf("%s and %s", young.Over, back.Over)
		}
	})
}

func TestBirthOf(t *testing.T) {
	for id, want := range map[string]civil.Date{
		"993306201703150012": 20170315, "99330620000229001X": 20000229,
		"993306201702290012": 0, "993306201713010012": 0, "330106000101001": 0, "": 0, "99330620170A150012": 0, "9933062017031500123": 0,
	} {
		got, err := rules.BirthOf(id)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%s: %s, %v", id, got, err)
		}
	}
}

func TestAgeOn(t *testing.T) {
	for _, c := range []struct {
		birth, d civil.Date
		want     int
	}{
		{20170315, 20240314, 6}, {20170315, 20240315, 7}, {20170315, 20170315, 0}, {20170315, 20180314, 0},
		{20160229, 20230227, 6}, {20160229, 20230228, 7}, {20160229, 20240228, 7}, {20160229, 20240229, 8},
		{19630630, 20230629, 59}, {19630630, 20230630, 60},
	} {
		if got := rules.AgeOn(c.birth, c.d); got != c.want {
			t.Errorf("born %s, on %s: %d, want %d", c.birth, c.d, got, c.want)
		}
	}
}
