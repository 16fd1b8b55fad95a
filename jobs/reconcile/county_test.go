package reconcile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"doudi/rules/civil"
	"doudi/rules/money"
)

var update = flag.Bool("update", false, "write the golden texts again")

// truth is what the generator knows: for each due and line its class, its rule and
// with whom it belongs.
type truth struct {
	class Class
	rule  Rule
	group string // the keys of the match
}

// county writes the books of the finance bureau and of the office, and knows what
// every line of them is.
type county struct {
	rnd    *rand.Rand
	dues   []Due
	lines  []Line
	people int64
	isDue  map[string]truth
	isLine map[string]truth
	counts map[string]int
}

func newCounty(seed uint64) *county {
	return &county{rnd: rand.New(rand.NewPCG(seed, 7)), isDue: map[string]truth{}, isLine: map[string]truth{}, counts: map[string]int{}}
}

var (
	counties = []string{"临江区", "云岭县", "南溪县", "青禾县", "松源县"}
	quarter  = []civil.Month{202307, 202308, 202309}
)

func (c *county) month() civil.Month { return quarter[c.rnd.IntN(3)] }

// amount is between 20 and 9,000 yuan.
func (c *county) amount() money.Fen { return money.Fen(2000 + c.rnd.IntN(898000)) }

// someone is a due of a person who is in no other.
func (c *county) someone() Due {
	c.people++
	m := c.month()
	items := []string{ItemAssistance, ItemAssistance, ItemAssistance, ItemMajor}
	return Due{Person: c.people, County: counties[c.rnd.IntN(5)], Item: items[c.rnd.IntN(4)], From: m, To: m, Amount: c.amount()}
}

// paying is a transfer for a due as a finance bureau writes it.
func (c *county) paying(d Due) Line {
	names := map[string][]string{ItemAssistance: {"城乡医疗救助补助资金", "医疗救助资金", "2023年城乡医疗救助补助资金（第二批）", "医疗救助"}, ItemMajor: {"大病保险资金", "城乡居民大病保险"},
		ItemSupplement: {"补充医疗保险", "困难群众补充保险资金"}}[d.Item]
	return Line{Person: d.Person, Payee: d.Payee, Item: names[c.rnd.IntN(len(names))], From: d.From, To: d.To, Amount: d.Amount,
		Date: d.From.Add(1).First() + civil.Date(c.rnd.IntN(20))}
}

// knows adds what belongs together.
func (c *county) knows(kind string, class Class, rule Rule, dues []Due, lines []Line) {
	c.counts[kind]++
	var ks []string
	for i := range dues {
		dues[i].Key = fmt.Sprintf("posting:%d", len(c.dues)+i+1)
		ks = append(ks, dues[i].Key)
	}
	for i := range lines {
		lines[i].Key = fmt.Sprintf("transfer:%d", len(c.lines)+i+1)
		ks = append(ks, lines[i].Key)
	}
	slices.Sort(ks)
	group := strings.Join(ks, " ")
	for _, d := range dues {
		c.isDue[d.Key] = truth{class, rule, group}
	}
	for _, l := range lines {
		c.isLine[l.Key] = truth{class, rule, group}
	}
	c.dues, c.lines = append(c.dues, dues...), append(c.lines, lines...)
}

func (c *county) alone(kind string, d Due, class Class) {
	c.knows(kind, class, NoRule, []Due{d}, nil)
}

func (c *county) aloneLine(kind string, l Line, class Class) {
	c.knows(kind, class, NoRule, nil, []Line{l})
}

const tolerance = 5 // fen

// pair is one due paid by one line, in one of the ways in which it may be written.
func (c *county) pair(i int) {
	d := c.someone()
	l := c.paying(d)
	switch i % 10 {
	case 6:
		l.From, l.To = 202307, 202309
	case 7:
		l.From, l.To = 0, 0
	case 8:
		d.Settlement = fmt.Sprintf("S%06d", i)
		l.Settlement = d.Settlement
		l.From, l.To = l.From.Next(), l.To.Next()
	case 9:
		d.Payee = fmt.Sprintf("H%03d", i%40)
	}
	c.knows("规则1", Matched, Exact, []Due{d}, []Line{l})
}

// group are dues that one line pays.
func (c *county) group(n int, of func(*Due, *Line)) ([]Due, Line) {
	var ds []Due
	var sum money.Fen
	var l Line
	for range n {
		d := c.someone()
		if len(ds) > 0 {
			d.From, d.To, d.Item = ds[0].From, ds[0].To, ds[0].Item
		}
		of(&d, &l)
		ds = append(ds, d)
		sum += d.Amount
	}
	l = c.paying(ds[0])
	l.Person, l.Amount = 0, sum
	of(&ds[0], &l)
	return ds, l
}

// fill makes a county of so many dues and transfers, of all classes.
func (c *county) fill(nd, nl int) {
	some := func(n int, f func(i int)) {
		for i := range n * nd / 5000 {
			f(i)
		}
	}
	some(2800, c.pair)
	some(150, func(int) {
		d := c.someone()
		l := c.paying(d)
		l.Amount += money.Fen(1 + c.rnd.IntN(tolerance))
		c.knows("规则2", Matched, Tolerance, []Due{d}, []Line{l})
	})
	some(60, func(int) { // three claims of a person, paid at once
		ds, l := c.group(3, func(d *Due, _ *Line) {})
		for i := range ds {
			ds[i].Person = ds[0].Person
		}
		l.Person = ds[0].Person
		c.knows("规则3 个人", Matched, OneForMany, ds, []Line{l})
	})
	some(22, func(i int) {
		ds, l := c.group(10+c.rnd.IntN(20), func(d *Due, _ *Line) { d.Payee = fmt.Sprintf("G%03d", i) })
		if i%3 == 0 {
			l.From, l.To = 0, 0
		}
		c.knows("规则3 医院", Matched, OneForMany, ds, []Line{l})
		if i%4 == 0 {
			c.aloneLine("重复拨付", l, Double)
		}
	})
	for i, name := range counties {
		for j, m := range quarter[:2] {
			ds, l := c.group(30, func(d *Due, _ *Line) { d.County, d.Item, d.From, d.To = name, ItemSupplement, m, m })
			if l.Payee = "农商行"; (i+j)%2 == 0 {
				l.County = name
			}
			c.knows("规则3 县区", Matched, OneForMany, ds, []Line{l})
		}
	}
	some(10, func(i int) {
		ds, l := c.group(15, func(d *Due, l *Line) {
			d.Batch = fmt.Sprintf("医保函〔2023〕%d号", i)
			l.Batch, l.Payee = d.Batch, ""
		})
		c.knows("规则3 批次", Matched, OneForMany, ds, []Line{l})
	})
	some(250, func(i int) {
		d := c.someone()
		var ls []Line
		left := d.Amount
		for n := 2 + i%3; n > 1; n-- {
			l := c.paying(d)
			l.Amount = 2*tolerance + money.Fen(c.rnd.Int64N(int64(left)/int64(n)))
			left -= l.Amount
			ls = append(ls, l)
		}
		l := c.paying(d)
		if l.Amount = left; i%4 == 0 {
			l.From, l.To = 0, 0
		}
		c.knows("规则4", Matched, ManyForOne, []Due{d}, append(ls, l))
	})
	some(120, func(i int) {
		d := c.someone()
		l := c.paying(d)
		switch l.Amount -= tolerance + 1 + money.Fen(c.rnd.IntN(1000)); i % 3 {
		case 0:
			more := l
			more.Amount /= 3
			l.Amount -= more.Amount + 100
			c.knows("少拨", Short, NoRule, []Due{d}, []Line{l, more})
		default:
			c.knows("少拨", Short, NoRule, []Due{d}, []Line{l})
		}
	})
	some(100, func(int) {
		d := c.someone()
		l := c.paying(d)
		l.Amount += tolerance + 1 + money.Fen(c.rnd.IntN(100000))
		c.knows("多拨", Over, NoRule, []Due{d}, []Line{l})
	})
	some(100, func(i int) {
		d := c.someone()
		l := c.paying(d)
		again := l
		l.Date = d.From.Add(1).First()
		again.Date = l.Date + 20
		c.knows("规则1", Matched, Exact, []Due{d}, []Line{l})
		c.aloneLine("重复拨付", again, Double)
	})
	some(60, func(i int) {
		d := c.someone()
		l := c.paying(d)
		back := l
		back.Amount, back.Date = -l.Amount, l.Date+5
		if i%2 == 0 {
			back.From, back.To = 0, 0
		}
		c.knows("退回", Returned, BankReturn, nil, []Line{l, back})
		if i%3 == 0 {
			again := l
			again.Date = l.Date + 7
			c.knows("退回后重拨", Matched, Exact, []Due{d}, []Line{again})
		} else {
			c.alone("退回未重拨", d, Unpaid)
		}
	})
	some(40, func(i int) {
		d := c.someone()
		d.Amount = -d.Amount
		l := c.paying(d)
		switch i % 5 {
		case 0:
			c.alone("应退未退", d, NotBack)
		case 1:
			l.Amount += tolerance + 1
			c.knows("少退", ShortBack, NoRule, []Due{d}, []Line{l})
		case 2:
			c.aloneLine("已退无应", l, UndueBack)
		default:
			c.knows("追回到账", Matched, Exact, []Due{d}, []Line{l})
		}
	})
	for len(c.dues) < nd {
		c.alone("应拨未拨", c.someone(), Unpaid)
	}
	for i := 0; len(c.lines) < nl; i++ {
		d := c.someone()
		l := c.paying(d)
		if i%9 == 0 {
			l.Item = "乡村振兴衔接资金"
		}
		c.aloneLine("已拨无应", l, Undue)
	}
}

// judge holds a result against what the generator knows.
func (c *county) judge(t testing.TB, r *Result) {
	t.Helper()
	wrong := 0
	for n := range r.Matches {
		m := &r.Matches[n]
		var ks []string
		for _, i := range m.Dues {
			ks = append(ks, r.Dues[i].Key)
		}
		for _, i := range m.Lines {
			ks = append(ks, r.Lines[i].Key)
		}
		slices.Sort(ks)
		got := truth{m.Class, m.Rule, strings.Join(ks, " ")}
		check := func(key string, want truth) {
			if got != want {
				if wrong++; wrong <= 10 {
					t.Errorf("%s: %s %s [%s], want %s %s [%s]", key, got.class.Chinese(), got.rule.Chinese(), got.group, want.class.Chinese(), want.rule.Chinese(), want.group)
				}
			}
		}
		for _, i := range m.Dues {
			check(r.Dues[i].Key, c.isDue[r.Dues[i].Key])
		}
		for _, i := range m.Lines {
			check(r.Lines[i].Key, c.isLine[r.Lines[i].Key])
		}
	}
	if wrong > 0 {
		t.Errorf("%d are not as they should be", wrong)
	}
}

var countyOptions = Options{Tolerance: tolerance, Agents: []string{"农商行"}}

// TestCounty: a county of 5,000 dues and 4,800 transfers, of each of which the
// generator knows what it is.
func TestCounty(t *testing.T) {
	for seed := range uint64(5) {
		c := newCounty(seed)
		c.fill(5000, 4800)
		if len(c.dues) != 5000 || len(c.lines) != 4800 {
			t.Fatalf("%d dues, %d transfers", len(c.dues), len(c.lines))
		}
		r := mustReconcile(t, shuffled(c.dues, c.rnd), shuffled(c.lines, c.rnd), countyOptions)
		c.judge(t, r)
		if seed == 0 {
			golden(t, "county.txt", table(r))
		}
	}
}

// table prints a reconciliation as an office reads it.
func table(r *Result) string {
	var b strings.Builder
	line := func(cells ...any) {
		for _, x := range cells {
			switch x := x.(type) {
			case money.Fen:
				fmt.Fprintf(&b, "| %15s ", yuan(x))
			case int:
				fmt.Fprintf(&b, "| %5d ", x)
			default:
				fmt.Fprintf(&b, "| %v ", x)
			}
		}
		b.WriteString("|\n")
	}
	fmt.Fprintf(&b, "财政拨付对账（虚构县）：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元，差额 %s 元\n\n一、各类合计\n", r.Total.Dues, yuan(r.Total.Due), r.Total.Lines, yuan(r.Total.Paid),
		yuan(r.Total.Diff()))
	line("类别", "应拨笔数", "应拨金额", "拨付笔数", "拨付金额", "差额")
	for c, s := range r.Total.By {
		line(Class(c).Chinese(), s.Dues, s.Due, s.Lines, s.Paid, s.Paid-s.Due)
	}
	line("合计", r.Total.Dues, r.Total.Due, r.Total.Lines, r.Total.Paid, r.Total.Diff())
	b.WriteString("\n二、相符的，按规则\n")
	line("规则", "组数", "应拨笔数", "拨付笔数", "拨付金额")
	var by [BankReturn + 1]struct {
		n int
		Sum
	}
	for i := range r.Matches {
		if m := &r.Matches[i]; m.Class == Matched {
			x := &by[m.Rule]
			x.n, x.Dues, x.Lines, x.Paid = x.n+1, x.Dues+len(m.Dues), x.Lines+len(m.Lines), x.Paid+m.Paid
		}
	}
	for i, x := range by {
		if x.n > 0 {
			line(Rule(i).Chinese(), x.n, x.Dues, x.Lines, x.Paid)
		}
	}
	b.WriteString("\n三、各县区、项目、期间\n")
	line("县区", "项目", "期间", "应拨金额", "拨付金额", "差额", "其中少拨、多拨", "应拨未拨", "已拨无应", "重复拨付")
	for i := range r.Rows {
		x := &r.Rows[i]
		county := x.County
		if county == "" {
			county = "未写"
		}
		off := x.By[Short].Paid - x.By[Short].Due + x.By[Over].Paid - x.By[Over].Due
		line(county, x.Item, periodText(x.From, x.To), x.Due, x.Paid, x.Diff(), off, x.By[Unpaid].Due, x.By[Undue].Paid, x.By[Double].Paid)
	}
	b.WriteString("\n四、每类一例\n")
	seen := map[string]bool{}
	for i := range r.Matches {
		m := &r.Matches[i]
		name := m.Class.Chinese()
		if m.Class == Matched {
			name += m.Rule.Chinese() + m.Scope.Chinese()
		}
		if !seen[name] {
			seen[name] = true
			fmt.Fprintf(&b, "%s：%s\n", m.Class.Chinese(), r.Why(m))
		}
	}
	b.WriteString("\n五、名称表里没有的项目\n")
	for _, u := range r.Unknown {
		fmt.Fprintf(&b, "%s：应拨 %d 笔 %s 元，拨付 %d 笔 %s 元\n", u.Item, u.Dues, yuan(u.Due), u.Lines, yuan(u.Paid))
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what it was; look at the difference and run go test ./jobs/reconcile -update\ngot\n%s", path, got)
	}
}
