package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/fixtures"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/xuri/excelize/v2"
)

// bureau is a county with its finance bureau. It knows of every due and every
// transfer what a reconciliation must say of it.
type bureau struct {
	rnd                     *rand.Rand
	people, settled         int
	roster, bills, enrolled [][]any
	paid                    [][]any
	dues                    map[string]payTruth // by settlement, by key of a hospital's month, by ID of a premium
	lines                   map[string]payTruth // by batch number, which each line has of its own
	groups                  int
	direct                  map[string]money.Fen
}

// payTruth is what must be said: of what belongs together it is the same.
type payTruth struct {
	class, rule string
	group       int
}

// somebody is a person with a posted adjustment of their own.
type somebody struct {
	id, name, setl string
	due            money.Fen
}

const payPeriod = "2023-08" // in which all is posted

func (b *bureau) id(born int) string {
	b.people++
	s := fmt.Sprintf("990001%08d%03d", born+b.people/900, b.people%900+1)
	sum := 0
	for i, w := range [...]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[sum%11])
}

func (b *bureau) name() string {
	return string([]rune("王李张刘陈杨赵黄周吴")[b.people%10]) + string([]rune("安宁康泰和顺吉祥如意平福")[b.people/10%12]) + string([]rune("伟芳娜敏静强磊军洋艳")[b.people/120%10]) +
		string([]rune("一二三四五六七八九十")[b.people/1200%10])
}

// listed puts a new person on the roster.
func (b *bureau) listed() (id, name string) {
	born := []int{19610101, 19710101, 19810101}[b.people%3] // days enough for all
	id, name = b.id(born), b.name()
	b.roster = append(b.roster, []any{"新增", name, id, "低保", "2022-12-01"})
	return id, name
}

// bill is a stay of so much in scope before assistance, of which the platform paid
// something at once.
func (b *bureau) bill(id, name, hospital string, on civil.Date, scope, major, assist money.Fen) string {
	b.settled++
	setl := fmt.Sprintf("S%06d", b.settled)
	b.bills = append(b.bills, []any{setl, id, name, "390", "21", "肺炎", hospital, "青柳县第" + strings.TrimPrefix(hospital, "H") + "医院", "05", on.String() + " 10:00:00",
		scope, scope, 0, major, assist, "1", "", "0"})
	return setl
}

// due gives somebody new a posted adjustment: 80 % of what is in scope.
func (b *bureau) due(n int) []somebody {
	id, name := b.listed()
	var out []somebody
	for range n {
		scope := money.Fen(100_00+b.rnd.IntN(600_000)) * 5
		setl := b.bill(id, name, "H900", civil.YMD(2023, 1+b.rnd.IntN(7), 1+b.rnd.IntN(28)), scope, 0, 0)
		out = append(out, somebody{id, name, setl, scope / 5 * 4})
	}
	return out
}

// knows notes what belongs together. Lines get a number of their own.
func (b *bureau) knows(class, rule string, dues []string, lines ...[]any) {
	b.groups++
	g := payTruth{class, rule, b.groups}
	for _, k := range dues {
		b.dues[k] = g
	}
	for _, l := range lines {
		if l[0] == nil {
			l[0] = fmt.Sprintf("P%05d", len(b.lines)+1)
		}
		b.lines[l[0].(string)] = g
		b.paid = append(b.paid, l)
	}
}

// line is a transfer: batch, date, item, payer, payee, period, amount, ID, settlement.
func (b *bureau) line(payee, id string, item, period string, amount money.Fen) []any {
	return []any{nil, civil.YMD(2023, 9, 1+b.rnd.IntN(20)).String(), item, "青柳县财政局", payee, period, amount, id, ""}
}

func (b *bureau) to(x somebody, amount money.Fen) []any {
	item := []string{"医疗救助", "城乡医疗救助补助资金", "2023年医疗救助资金（第二批）"}[b.rnd.IntN(3)]
	return b.line(x.name, x.id, item, payPeriod, amount)
}

func (b *bureau) pairs(n int) {
	for i := range n {
		x := b.due(1)[0]
		l := b.to(x, x.due)
		switch i % 8 {
		case 4:
			l[5] = "2023年7-9月"
		case 5:
			l[5] = ""
		case 6:
			l[5], l[8] = "2023-09", x.setl // the settlement counts
		case 7:
			l[7] = "" // a name alone, that nobody else has
		}
		b.knows("matched", "规则1", []string{x.setl}, l)
	}
}

func (b *bureau) single(n int, class, rule string, by func(i int, x somebody) [][]any) {
	for i := range n {
		x := b.due(1)[0]
		b.knows(class, rule, []string{x.setl}, by(i, x)...)
	}
}

// hospitals have advanced assistance in each of six months, and major illness
// payments: one due for each month, hospital and item.
func (b *bureau) hospitals(n int) {
	advanced := func(h string, m civil.Month, major bool) (string, money.Fen) {
		scope := money.Fen(500_00+b.rnd.IntN(200_000)) * 5
		if major {
			id, name := b.id(19910101), b.name() // on no list
			b.bill(id, name, h, m.First()+9, scope, scope/5, 0)
			return fmt.Sprintf("direct:%d:%s:major", int(m), h), scope / 5
		}
		id, name := b.listed()
		b.bill(id, name, h, m.First()+9, scope, 0, scope/5*4)
		return fmt.Sprintf("direct:%d:%s:assistance", int(m), h), scope / 5 * 4
	}
	months := []civil.Month{202301, 202302, 202303, 202304, 202305, 202306}
	majors := map[civil.Month]money.Fen{}
	byMonth := map[civil.Month][]string{}
	for i := range n {
		h := fmt.Sprintf("H%03d", i+1)
		name := "青柳县第" + h[1:] + "医院"
		var keys []string
		var sums []money.Fen
		for _, m := range months {
			k, sum := advanced(h, m, false)
			keys, sums = append(keys, k), append(sums, sum)
			k, sum = advanced(h, m, true)
			majors[m] += sum
			byMonth[m] = append(byMonth[m], k)
		}
		quarter := sums[0] + sums[1] + sums[2]
		b.knows("matched", "规则3", keys[:3], b.line(name, "", "医疗救助资金", "2023年1-3月", quarter))
		april, again := b.line(name, "", "医疗救助资金", "2023-04", sums[3]), b.line(name, "", "医疗救助资金", "2023-04", sums[3])
		april[1], again[1] = "2023-09-01", "2023-09-25" // the later one repeats
		b.knows("matched", "规则1", keys[3:4], april)
		if i%2 == 0 {
			b.knows("matched", "规则4", keys[4:5], b.line(name, "", "医疗救助资金", "2023-05", sums[4]-100_00), b.line(name, "", "医疗救助", "2023年5月", 100_00))
			b.knows("double", "", nil, again)
		} else {
			b.knows("short", "", keys[4:5], b.line(name, "", "医疗救助资金", "2023-05", sums[4]-37_11))
		}
		if i%3 == 0 {
			b.knows("over", "", keys[5:], b.line(name, "", "医疗救助资金", "2023-06", sums[5]+88_00))
		} else {
			b.knows("unpaid", "", keys[5:])
		}
	}
	for _, m := range months { // by way of the office, one sum for all hospitals
		b.knows("matched", "规则3", byMonth[m], b.line("青柳县医疗保障局", "", "城乡居民大病保险", m.String(), majors[m]))
	}
}

// premiums were subsidised; the tax office is paid for some of the people one by
// one, and for nobody else.
func (b *bureau) premiums(n int) {
	for i := range n {
		id, name := b.listed()
		b.enrolled = append(b.enrolled, []any{"2023", name, id, "城乡居民医保", "330100", "2022-11-10", 0, money.Fen(380_00), "医保局"})
		if i%3 == 0 {
			b.knows("unpaid", "", []string{"premium:" + id})
		} else {
			b.knows("matched", "规则1", []string{"premium:" + id}, b.line("国家税务总局青柳县税务局", id, "资助困难群众参保", "2023年度", money.Fen(380_00)))
		}
	}
}

// fill makes exactly so many dues and transfers.
func (b *bureau) fill(dues, lines int) {
	b.hospitals(40)
	b.premiums(300)
	b.pairs(2600)
	b.single(100, "matched", "规则2", func(_ int, x somebody) [][]any { return [][]any{b.to(x, x.due+money.Fen(1+b.rnd.IntN(5)))} })
	for range 80 { // three of one person at once
		xs := b.due(3)
		b.knows("matched", "规则3", []string{xs[0].setl, xs[1].setl, xs[2].setl}, b.to(xs[0], xs[0].due+xs[1].due+xs[2].due))
	}
	b.single(180, "matched", "规则4", func(i int, x somebody) [][]any {
		part := x.due / 3
		ls := [][]any{b.to(x, part), b.to(x, x.due-part-11)}
		return append(ls, b.to(x, 11))
	})
	b.single(110, "short", "", func(_ int, x somebody) [][]any { return [][]any{b.to(x, x.due-money.Fen(6+b.rnd.IntN(5000)))} })
	b.single(90, "over", "", func(_ int, x somebody) [][]any { return [][]any{b.to(x, x.due+money.Fen(6+b.rnd.IntN(5000)))} })
	for range 60 { // the same twice
		x := b.due(1)[0]
		first, again := b.to(x, x.due), b.to(x, x.due)
		first[1], again[1] = "2023-09-02", "2023-09-22"
		b.knows("matched", "规则1", []string{x.setl}, first)
		b.knows("double", "", nil, again)
	}
	for i := range 60 { // sent back by the bank
		x := b.due(1)[0]
		out, back := b.to(x, x.due), b.to(x, -x.due)
		out[1], back[1] = "2023-09-03", "2023-09-10"
		b.knows("returned", "退汇", nil, out, back)
		if i%2 == 0 {
			again := b.to(x, x.due)
			again[1] = "2023-09-15"
			b.knows("matched", "规则1", []string{x.setl}, again)
		} else {
			b.knows("unpaid", "", []string{x.setl})
		}
	}
	for i := range 30 { // the platform paid too much: the person is to pay back
		id, name := b.listed()
		scope, more := money.Fen(500_00+b.rnd.IntN(100_000))*5, money.Fen(100+b.rnd.IntN(9_000))
		setl := b.bill(id, name, "H901", civil.YMD(2023, 3, 5), scope, 0, scope/5*4+more)
		b.direct["direct:202303:H901:assistance"] += scope/5*4 + more
		l := b.line("青柳县医疗保障局", id, "医疗救助", payPeriod, more)
		l[3] = name // who pays
		switch i % 3 {
		case 0:
			b.knows("not_back", "", []string{setl})
		case 1:
			b.knows("matched", "规则1", []string{setl}, l)
		case 2:
			l[6] = more - 50
			b.knows("short_back", "", []string{setl}, l)
		}
	}
	b.knows("unpaid", "", slices.Collect(maps.Keys(b.direct)))
	for len(b.dues) < dues {
		b.knows("unpaid", "", []string{b.due(1)[0].setl})
	}
	for i := 0; len(b.lines) < lines; i++ { // to whom nothing is due
		l := b.line("", b.id(19991201), "医疗救助", payPeriod, money.Fen(10_00+b.rnd.IntN(100_000)))
		if i%5 == 0 {
			l[2] = "乡村振兴衔接资金"
		}
		if i%7 == 0 {
			l[4], l[7] = "青柳县实验学校", ""
		}
		b.knows("undue", "", nil, l)
	}
}

func putCSV(t *testing.T, path string, header string, rows [][]any) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	_ = w.Write(strings.Split(header, ","))
	for _, r := range rows {
		line := make([]string, len(r))
		for i, v := range r {
			if v != nil {
				line[i] = fmt.Sprint(v)
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	if w.Error() != nil || f.Close() != nil {
		t.Fatal(w.Error())
	}
}

type reconciled struct {
	Sums    []sumsJSON `json:"sums"`
	Listed  sumsJSON   `json:"listed"`
	Spans   []sumsJSON `json:"spans"`
	Entries []entryJSON
	Stale   []staleJSON
}

func fenOf(t *testing.T, s string) money.Fen {
	t.Helper()
	f, err := money.ParseYuan(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFinanceBureau: a county of 5,000 dues and 4,800 transfers of all classes,
// from spreadsheets through import, run and posting to the reconciliation, of each
// of which the generator knows what must be said.
func TestFinanceBureau(t *testing.T) {
	b := &bureau{rnd: rand.New(rand.NewPCG(7, 7)), dues: map[string]payTruth{}, lines: map[string]payTruth{}, direct: map[string]money.Fen{}}
	b.fill(5000, 4800)
	if len(b.dues) != 5000 || len(b.lines) != 4800 {
		t.Fatalf("%d dues, %d transfers", len(b.dues), len(b.lines))
	}
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	august := time.Date(2023, 8, 31, 9, 0, 0, 0, shanghai)
	at := func(now time.Time, ok int, args ...string) string {
		t.Helper()
		start := time.Now()
		out, code := doudiOn(t, ws, now, args...)
		if code != ok {
			t.Fatalf("doudi %s: exit code %d\n%.2000s", strings.Join(args, " "), code, out)
		}
		t.Logf("doudi %.60s: %s", strings.Join(args, " "), time.Since(start).Round(time.Millisecond))
		return out
	}
	at(august, 0, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70", "--name", "青柳县")
	conf, err := os.ReadFile(filepath.Join(ws, "doudi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(ws, "doudi.yaml"), append(conf, "\nreconcile:\n  tolerance: \"0.05\"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	b.rnd.Shuffle(len(b.paid), func(i, j int) { b.paid[i], b.paid[j] = b.paid[j], b.paid[i] })
	inbox := filepath.Join(ws, "inbox", "330100")
	putCSV(t, filepath.Join(inbox, "民政.csv"), "变动类型,姓名,身份证号,困难类别,认定日期", b.roster)
	putCSV(t, filepath.Join(inbox, "结算.csv"), "setl_id,certno,psn_name,insutype,med_type,dise_name,fixmedins_code,fixmedins_name,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,hifmi_pay,maf_pay,pay_loc,trt_flag,refd_setl_flag", b.bills)
	putCSV(t, filepath.Join(inbox, "参保.csv"), "缴费年度,姓名,身份证号码,参保险种,参保地,缴费日期,个人缴费金额,财政资助金额,资助部门", b.enrolled)
	var run struct {
		Proposal   string
		Reconciled []reconciledJSON
	}
	mustJSON(t, at(august, 0, "run", "--month", "2023-08", "--by", "甲", "--format", "json"), &run)
	at(august, 0, "post", "1", "--proposal", run.Proposal, "--by", "乙")
	september := time.Date(2023, 9, 30, 9, 0, 0, 0, shanghai)
	putCSV(t, filepath.Join(inbox, "财政拨付.csv"), "批次号,拨付日期,资金项目,付款单位,收款单位,所属期,金额,身份证号,结算ID", b.paid)
	start := time.Now()
	mustJSON(t, at(september, 0, "run", "--month", "2023-09", "--by", "甲", "--format", "json"), &run)
	t.Logf("import of 4,800 transfers, run, reconciliation and workbooks: %s", time.Since(start).Round(time.Millisecond))
	var got reconciled
	start = time.Now()
	mustJSON(t, at(september, 0, "reconcile", "--month", "2023-09", "--format", "json", "--reveal"), &got)
	took := time.Since(start)
	b.judge(t, &got)
	var sum struct{ due, paid money.Fen }
	classes := map[string]int{}
	for _, e := range got.Entries {
		classes[e.Class]++
		if e.Side == "due" {
			sum.due += fenOf(t, e.Amount)
		} else {
			sum.paid += fenOf(t, e.Amount)
		}
	}
	if sum.due != fenOf(t, got.Listed.Due) || sum.paid != fenOf(t, got.Listed.Paid) || len(got.Entries) != got.Listed.Dues+got.Listed.Transfers {
		t.Errorf("listed %+v, the entries come to %+v", got.Listed, sum)
	}
	// What is not listed was settled in the months before.
	known := 0
	for _, s := range got.Spans[:4] {
		known += s.Dues + s.Transfers
	}
	if all := got.Spans[4]; all.Dues != 5000 || all.Transfers != 4800 || known != 9800 {
		t.Errorf("%+v", got.Spans)
	}
	r := run.Reconciled[0]
	if r.Listed != got.Listed {
		t.Errorf("the run says %+v, the command %+v", r.Listed, got.Listed)
	}
	t.Logf("reconciled in %s: %v", took.Round(time.Millisecond), classes)
	b.workbook(t, filepath.Join(ws, "out", "2023-09", "330100", "财政-2023-09.xlsx"), r.Listed)
	if dir := os.Getenv("DOUDI_KEEP"); dir != "" { // to look at the workbook
		if err := os.CopyFS(dir, os.DirFS(ws)); err != nil {
			t.Fatal(err)
		}
	}
	at(september, 0, "verify")
}

// workbook reads what the finance bureau gets: the sums of the run, every due and
// transfer once, nobody's whole ID.
func (b *bureau) workbook(t *testing.T, path string, listed sumsJSON) {
	t.Helper()
	x, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	sums := func(sheet string) (due, paid money.Fen, rows int) {
		all, err := x.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(all, func(r []string) bool { return slices.Contains(r, "资金项目") })
		d, p := slices.Index(all[at], "应拨金额"), slices.Index(all[at], "拨付金额")
		for _, r := range all[at+1:] {
			for _, cell := range r {
				if strings.HasPrefix(cell, "990001") && !strings.Contains(cell, "*") {
					t.Fatalf("%s shows a whole ID", sheet)
				}
			}
			if d < 0 || r[0] == "合计" {
				rows++
				continue
			}
			rows++
			amount := func(i int) money.Fen {
				if i >= len(r) || r[i] == "" {
					return 0
				}
				return fenOf(t, strings.ReplaceAll(r[i], ",", ""))
			}
			due, paid = due+amount(d), paid+amount(p)
		}
		return due, paid, rows
	}
	for sheet, want := range map[string]int{"对账汇总": 0, "对账明细": len(b.dues) + len(b.lines) + 1} {
		due, paid, rows := sums(sheet)
		if due.String() != listed.Due || paid.String() != listed.Paid || want > 0 && rows != want {
			t.Errorf("%s: due %s, paid %s in %d rows, the run says %+v", sheet, due, paid, rows, listed)
		}
	}
	open := 0
	for _, truths := range []map[string]payTruth{b.dues, b.lines} {
		for _, x := range truths {
			if slices.Contains([]string{"unpaid", "undue", "not_back", "double"}, x.class) {
				open++
			}
		}
	}
	if _, _, rows := sums("未达"); rows != open {
		t.Errorf("未达 has %d rows, want %d", rows, open)
	}
}

func mustJSON(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v\n%.500s", err, text)
	}
}

// judge holds what the command says against what the generator knows.
func (b *bureau) judge(t *testing.T, got *reconciled) {
	t.Helper()
	groups := map[int]int{} // of the command: of the generator
	wrong, seen := 0, map[string]bool{}
	for _, e := range got.Entries {
		key, truths := e.Batch, b.lines
		if e.Side == "due" {
			truths = b.dues
			switch {
			case strings.HasPrefix(e.Key, "direct:"):
				key = e.Key
			case strings.HasPrefix(e.Key, "premium:"):
				key = "premium:" + e.Certno
			default:
				key = e.Settlement
			}
		}
		want, ok := truths[key]
		seen[e.Side+key] = true
		g, known := groups[e.Group]
		if !known {
			groups[e.Group] = want.group
			g = want.group
		}
		alone := want.class == "unpaid" || want.class == "undue" // many truths of one group
		if !ok || e.Class != want.class || e.Rule != want.rule || g != want.group && !alone {
			if wrong++; wrong <= 10 {
				t.Errorf("%s %s (%s %s %s): %s %s in %d, want %s %s in %d: %s", e.Side, key, e.Item, e.Amount, e.From, e.Class, e.Rule, g, want.class, want.rule, want.group, e.Why)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d are not as they should be", wrong)
	}
	if len(seen) != len(got.Entries) {
		t.Errorf("%d entries of %d dues and transfers", len(got.Entries), len(seen))
	}
}

// TestSampleTransfers: of the transfers of a sample county with errors, each is in
// the class that the generator made it for.
func TestSampleTransfers(t *testing.T) {
	for area, pack := range packsOf {
		dir := t.TempDir()
		ws, from := filepath.Join(dir, "ws"), filepath.Join(dir, "sample")
		doudi(t, dir, []int{0}, "init", ws, "--area", area, "--pack", pack)
		sum, err := fixtures.Write(from, fixtures.Options{Area: area, Pack: pack, People: 600, Claims: 8000, Months: 3, First: 202306, Seed: 3, Dirty: true})
		if err != nil {
			t.Fatal(err)
		}
		args, rows := []string{"import"}, 0
		for _, f := range sum.Files {
			if f.Kind == "transfers" {
				rows += f.Rows
			}
			if f.Kind == "transfers" || f.Kind == "claims" {
				args = append(args, filepath.Join(from, filepath.FromSlash(f.Path)))
			}
		}
		doudi(t, ws, []int{0, 3}, args...)
		var got reconciled
		mustJSON(t, doudi(t, ws, []int{0}, "reconcile", "--month", "2023-08", "--format", "json"), &got)
		made := map[string]int{}
		for _, d := range sum.Dirty {
			made[d.Kind] = d.Rows
		}
		is, paid := map[string]int{}, 0
		for m := civil.Month(202306); m <= 202308; m++ { // what is settled stands in its own month
			mustJSON(t, doudi(t, ws, []int{0}, "reconcile", "--month", m.String(), "--format", "json"), &got)
			for _, e := range got.Entries {
				if e.Side == "transfer" && strings.HasPrefix(e.Date, m.String()) {
					paid++
					class := e.Class
					if class == "matched" && e.Rule == "规则4" {
						class = "split"
					}
					is[class]++
				}
			}
		}
		want := map[string]int{"split": made["transfers/split"], "short": made["transfers/under"], "over": made["transfers/over"], "double": made["transfers/double"] / 2,
			"returned": made["transfers/bank-return"], "undue": made["transfers/undue"]}
		for k, n := range want {
			if n == 0 || is[k] != n {
				t.Errorf("%s: %d transfers are %s, want %d", area, is[k], k, n)
			}
			rows -= n
		}
		if is["matched"] != rows || paid != rows+is["split"]+is["short"]+is["over"]+is["double"]+is["returned"]+is["undue"] {
			t.Errorf("%s: %v, want %d matched", area, is, rows)
		}
	}
}
