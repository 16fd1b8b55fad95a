package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// mergeHistories are so many small counties in which IDs are mistyped and corrected;
// any other seed must do.
const (
	mergeHistories = 12
	mergeSeed      = 31
)

// TestMergeAsIfRight: random histories in which people stand in the files under wrong
// IDs, too, and in which these are corrected at any time, in chains, undone and
// corrected again, end as the same files end that had the right IDs from the start:
// results, cases, lists, the reconciliation, and the money of every settlement and
// fund, posted or proposed.
func TestMergeAsIfRight(t *testing.T) {
	t.Parallel()
	did := map[string]int{}
	for n := range mergeHistories {
		if t.Failed() {
			break
		}
		h := newMistyped(uint64(mergeSeed*1000 + n))
		h.try(t, did)
	}
	t.Log(did)
	for _, what := range []string{"merge", "chain", "undo", "wrong", "post", "full list", "correction", "household", "merge before the end"} {
		if did[what] == 0 {
			t.Errorf("%s never happened", what)
		}
	}
}

// mistyped is what happens to a workspace: files, corrections of IDs, runs, postings.
type mistyped struct {
	seed  uint64
	area  string
	pack  string
	right map[string]string // by the wrong ID
	steps []mistypedStep
	posts bool
	did   []string
}

type mistypedStep struct {
	what       string // file, merge, undo, run, post
	name, text string // of a file
	from, to   string // of a correction
}

const mistypedPeople = 6

// wrongID is how a person's ID was mistyped, in one way or another.
func wrongID(person, way int) string { return storetest.Certno(100*way + person) }

func newMistyped(seed uint64) *mistyped {
	d := rand.New(rand.NewPCG(seed, 3))
	h := &mistyped{seed: seed, area: "330100", pack: "hangzhou-2022-70", right: map[string]string{}}
	if seed%2 == 1 {
		h.area, h.pack = "650100", "xinjiang-2023" // which watches households
		h.did = append(h.did, "household")
	}
	maybe := func(percent int) bool { return d.IntN(100) < percent }
	h.posts = maybe(40)
	full := maybe(50)
	day := func() civil.Date {
		m := 8 + d.IntN(23)
		return civil.YMD(2022+(m-1)/12, 1+(m-1)%12, 1+d.IntN(28))
	}
	for p := 1; p <= mistypedPeople; p++ {
		for way := 1; way <= 2; way++ {
			h.right[wrongID(p, way)] = storetest.Certno(p)
		}
	}
	// id is a person's ID as somebody writes it.
	id := func(p int) string {
		if maybe(65) {
			return storetest.Certno(p)
		}
		return wrongID(p, 1+d.IntN(2))
	}
	name := func(p int) string { return "某" + string('甲'+rune(p)) }
	who := func() int { return 1 + d.IntN(mistypedPeople) }
	head := func(p int) int { return p - (p-1)%3 }

	file := func(name, text string) { h.steps = append(h.steps, mistypedStep{what: "file", name: name, text: text}) }
	// Everybody is known from the start, by a payment that takes part in nothing.
	known := "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\n"
	for p := 1; p <= mistypedPeople; p++ {
		for way := range 3 {
			known += fmt.Sprintf("P,2022-07-01,办公经费,县财政局,%s,2022-07,%d,%s\n", name(p), 10*p+way, wrongID(p, way))
		}
	}
	file("拨付.csv", known)

	stays, joins := map[int]int{}, map[int]int{} // on full lists, by the number of the step
	for p := 1; p <= mistypedPeople; p++ {
		stays[p], joins[p] = 3+d.IntN(20), d.IntN(6)
	}
	setl := 0
	var bills [][]string
	rosters := 0
	event := func() string {
		p := who()
		cat, cause, from, to := []string{"低保", "低边", "特困"}[d.IntN(3)], "", day().String(), ""
		op := []string{"新增", "新增", "新增", "退出", "变更"}[d.IntN(5)]
		switch {
		case op == "退出":
			from, to = "", from
		case maybe(50):
			cause = "因病"
		}
		return fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s,%s,镇%d,县%d\n", op, name(p), id(p), cat, cause, from, to, id(head(p)), 1+p%3, 1+p%2)
	}
	const rosterHead = "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期,户主身份证号,乡镇,区县\n"
	for k := range 9 + d.IntN(6) {
		switch d.IntN(8) {
		case 0, 1:
			rows := []string{}
			for range 1 + d.IntN(5) {
				rows = append(rows, event())
			}
			rosters++
			base := fmt.Sprintf("民政-%s-变动%d", day().Month(), rosters)
			file(base+".csv", rosterHead+strings.Join(rows, ""))
			if maybe(40) {
				rows = slices.DeleteFunc(rows, func(string) bool { return maybe(30) })
				for i := range rows { // the same rows, under whatever ID
					for wrong, right := range h.right {
						if strings.Contains(rows[i], ","+wrong+",低") || strings.Contains(rows[i], ","+wrong+",特") {
							rows[i] = strings.Replace(rows[i], wrong, right, 1)
						}
					}
				}
				rows = append(rows, event())
				file(base+"-更正.csv", rosterHead+strings.Join(rows, ""))
				h.did = append(h.did, "correction")
			}
		case 2:
			if !full {
				continue
			}
			m := civil.YMD(2023, 1+k%12, 1).Month()
			if k >= 12 {
				m = civil.YMD(2024, 1+k%12, 1).Month()
			}
			text := "姓名,身份证号,困难类别,认定日期,户主身份证号,乡镇,区县\n"
			for p := 1; p <= mistypedPeople; p++ {
				if (stays[p] < k || joins[p] > k) && maybe(80) { // some come back
					continue
				}
				on := "2022-11-01"
				if maybe(40) {
					on = ""
				}
				text += fmt.Sprintf("%s,%s,低保,%s,%s,镇%d,县%d\n", name(p), id(p), on, id(head(p)), 1+p%3, 1+p%2)
				if maybe(10) { // under both
					text += fmt.Sprintf("%s,%s,低保,%s,%s,镇%d,县%d\n", name(p), wrongID(p, 1), on, id(head(p)), 1+p%3, 1+p%2)
				}
			}
			file(fmt.Sprintf("民政-%s-低保全量%d.csv", m, k), text)
			h.did = append(h.did, "full list")
		case 3, 4, 5:
			text := claimHead
			for range 1 + d.IntN(5) {
				p := who()
				setl++
				total := 500 + d.IntN(90000)
				scope := total * (5 + d.IntN(6)) / 10
				basic := scope * d.IntN(8) / 10
				assist := 0
				if maybe(40) {
					assist = (scope - basic) * d.IntN(9) / 10
				}
				row := strings.Split(fmt.Sprintf("S%d,%s,%s,390,%d,肺炎,H%d,县医院,0%d,%s 10:00:00,%d,%d,%d,0,%d,1,,0,\n", setl, id(p), name(p), []int{21, 21, 11, 14}[d.IntN(4)],
					1+d.IntN(3), 5+d.IntN(5), day(), total, scope, basic, assist), ",")
				bills = append(bills, row)
				text += strings.Join(row, ",")
			}
			if was := bills[d.IntN(len(bills))]; maybe(40) {
				r := slices.Clone(was)
				r[0], r[1], r[9], r[17], r[18] = was[0]+"R", id(int(was[2][len(was[2])-1])), "2024-06-20 11:00:00", "1", was[0]+"\n"
				for p := 1; p <= mistypedPeople; p++ {
					if name(p) == was[2] {
						r[1] = id(p)
					}
				}
				for _, i := range []int{10, 11, 12, 14} {
					if r[i] != "0" {
						r[i] = "-" + r[i]
					}
				}
				if !strings.Contains(text, was[0]+"R,") {
					text += strings.Join(r, ",")
				}
				bills = slices.DeleteFunc(bills, func(b []string) bool { return b[0] == was[0] })
			}
			if len(bills) == 0 {
				bills = append(bills, []string{})
			}
			file(fmt.Sprintf("医保结算%d.csv", k), text)
			bills = slices.DeleteFunc(bills, func(b []string) bool { return len(b) == 0 })
		case 6:
			text := "身份证号,姓名,帮扶日期,来源,金额\n"
			for range 1 + d.IntN(3) {
				p := who()
				text += fmt.Sprintf("%s,%s,%s,慈善,%d\n", id(p), name(p), day(), 1000*(1+d.IntN(9)))
			}
			file(fmt.Sprintf("帮扶%d.csv", k), text)
			text = "身份证号,姓名,参保年度,险种类型,参保地,缴费日期,个人缴费,资助金额\n"
			for range 1 + d.IntN(3) {
				p := who()
				text += fmt.Sprintf("%s,%s,2023,390,县%d,2022-11-0%d,%d,%d\n", id(p), name(p), 1+p%2, 1+d.IntN(2), 100*d.IntN(2), 350)
			}
			file(fmt.Sprintf("参保%d.csv", k), text)
		case 7:
			text := "批次号,拨付日期,资金项目,拨付单位,收款单位,所属期,金额,身份证号\n"
			for i := range 1 + d.IntN(4) {
				p := who()
				text += fmt.Sprintf("P%d,2024-0%d-10,%s,县财政局,%s,2023-%02d,%d,%s\n", k, 1+d.IntN(2), []string{"医疗救助", "资助参保"}[d.IntN(2)], name(p), 1+d.IntN(12), []int{350, 1000, -500}[d.IntN(3)], id(p))
				if i == 0 && maybe(50) { // the same line once more
					lines := strings.SplitAfter(text, "\n")
					text += strings.Replace(lines[1], lines[1][strings.LastIndex(lines[1], ",")+1:], id(p)+"\n", 1)
				}
			}
			file(fmt.Sprintf("拨付%d.csv", k), text)
		}
	}
	// Corrections anywhere after the first file: every wrong ID in the end, of two one
	// by way of the other or not; some undone in between, some to another person.
	put := func(after int, s mistypedStep) int {
		at := after + 1 + d.IntN(len(h.steps)-after)
		h.steps = slices.Insert(h.steps, at, s)
		return at
	}
	for p := 1; p <= mistypedPeople; p++ {
		right := storetest.Certno(p)
		ways := []string{wrongID(p, 1), wrongID(p, 2)}
		d.Shuffle(2, func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
		for i, wrong := range ways {
			to, last := right, 0
			if i == 1 && maybe(50) {
				to = ways[0]
				h.did = append(h.did, "chain")
			}
			if maybe(20) {
				other := storetest.Certno(1 + p%mistypedPeople)
				last = put(0, mistypedStep{what: "merge", from: wrong, to: other})
				last = put(last, mistypedStep{what: "undo", from: wrong, to: other})
				h.did = append(h.did, "wrong")
			}
			if maybe(30) {
				last = put(last, mistypedStep{what: "merge", from: wrong, to: to})
				last = put(last, mistypedStep{what: "undo", from: wrong, to: to})
				h.did = append(h.did, "undo")
			}
			if put(last, mistypedStep{what: "merge", from: wrong, to: to}) < len(h.steps)-3 {
				h.did = append(h.did, "merge before the end")
			}
			h.did = append(h.did, "merge")
		}
	}
	for range 2 + d.IntN(3) {
		at := put(0, mistypedStep{what: "run"})
		if h.posts {
			h.steps = slices.Insert(h.steps, at+1, mistypedStep{what: "post"})
			h.did = append(h.did, "post")
		}
	}
	h.steps = append(h.steps, mistypedStep{what: "run"})
	return h
}

// lives goes through the steps in a workspace; right: the files have the right IDs.
func (h *mistyped) lives(t *testing.T, dir string, right bool) map[string]string {
	t.Helper()
	ws := filepath.Join(dir, "ws")
	now := time.Date(2024, 7, 15, 9, 0, 0, 0, shanghai)
	do := func(ok []int, args ...string) string {
		t.Helper()
		out, code := doudiOn(t, ws, now, args...)
		if !slices.Contains(ok, code) {
			t.Fatalf("history %d: %v: exit code %d\n%s", h.seed, args, code, out)
		}
		return out
	}
	doudi(t, dir, []int{0}, "init", ws, "--area", h.area, "--pack", h.pack)
	overlay := "document: 本县标准\nmonitor:\n  yinbing_fanpin: {line: 5000}\n  yinbing_zhipin: {line: 15000}\nspecial: {threshold: 20000}\n"
	if h.area != "330100" {
		overlay = ""
	}
	if overlay != "" {
		if err := os.WriteFile(filepath.Join(ws, "overlays", h.area+".yaml"), []byte(overlay), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var pairs []string
	for wrong, to := range h.right {
		pairs = append(pairs, wrong, to)
	}
	fix := strings.NewReplacer(pairs...)
	var last struct {
		Run      int
		Proposal string
	}
	for i, s := range h.steps {
		switch s.what {
		case "file":
			text := s.text
			if right && i > 0 { // people have the same numbers
				text = fix.Replace(text)
			}
			path := filepath.Join(dir, s.name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			do([]int{0, 3}, "import", path, "--by", "甲", "--accept-large-change")
		case "merge", "undo":
			if right {
				continue
			}
			args := []string{"merge", s.from, s.to, "--reason", "更正", "--by", "甲"}
			if s.what == "undo" {
				args = append(args, "--undo")
			}
			do([]int{0}, args...)
		case "run":
			if err := json.Unmarshal([]byte(do([]int{0}, "run", "--month", "2024-06", "--by", "甲", "--format", "json")), &last); err != nil {
				t.Fatal(err)
			}
		case "post":
			if !right {
				do([]int{0, 5}, "post", itoa(last.Run), "--proposal", last.Proposal, "--by", "乙")
			}
		}
	}
	do([]int{0}, "verify")
	// Each difference has a cause.
	for no := 2; no <= last.Run; no++ {
		for _, r := range readCSV(t, do([]int{0}, "diff", itoa(no-1), itoa(no), "--format", "csv"))[1:] {
			if r[11] == "" || r[11] == "unknown" {
				t.Errorf("history %d: no cause for %v", h.seed, r)
			}
		}
	}
	out := map[string]string{}
	for _, y := range []string{"2022", "2023", "2024"} {
		var rows []string
		for _, r := range readCSV(t, do([]int{0}, "results", "--year", y, "--reveal")) {
			rows = append(rows, strings.Join(slices.Delete(r, 21, 23)[:22], ",")) // without adjustments and the run
		}
		out["results "+y] = strings.Join(rows, "\n")
		if !h.posts {
			out["cases "+y] = do([]int{0}, "cases", "--year", y, "--reveal")
		}
	}
	adj := readCSV(t, do([]int{0}, "adjustments", "--reveal"))
	out["money"] = h.money(t, ws, now, adj)
	if !h.posts {
		out["adjustments"] = strings.Join(csvLines(adj), "\n")
		out["balance"] = do([]int{0}, "adjustments", "--balance", "--reveal")
		// The payments by which all IDs are known stay under them.
		lines := strings.SplitAfter(do([]int{0}, "reconcile", "--month", "2024-06", "--format", "csv", "--reveal"), "\n")
		out["reconcile"] = strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "办公") }), "")
		for _, l := range readCSV(t, do([]int{0}, "list"))[1:] {
			out["list "+l[1]] = do([]int{0}, "list", l[1], "--reveal")
		}
	}
	return out
}

// money is what of every settlement and fund was posted or is proposed.
func (h *mistyped) money(t *testing.T, ws string, now time.Time, proposed [][]string) string {
	t.Helper()
	ctx := t.Context()
	a := newApp(io.Discard, io.Discard)
	a.dir, a.now = ws, func() time.Time { return now }
	w, err := a.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	posted, err := w.store.Postings(ctx, h.area, everything)
	if err != nil {
		t.Fatal(err)
	}
	var refs []int64
	for _, p := range posted {
		refs = append(refs, p.Claim)
	}
	ids, err := w.store.ClaimIDs(ctx, refs)
	if err != nil {
		t.Fatal(err)
	}
	sum := map[string]money.Fen{}
	for _, p := range posted {
		sum[ids[p.Claim]+" "+p.Fund.String()] += p.Amount
	}
	for _, r := range proposed[1:] {
		sum[r[3]+" "+r[1]] += fenOf(t, r[7])
	}
	r, err := w.store.Run(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.store.Notable(ctx, h.area, ledger.FlagUnlisted, r.No, r.Seen)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if k := rows[i].SetlID + " " + rules.FundAssistance.String(); rows[i].Flags&ledger.FlagUnlisted != 0 && sum[k] < 0 {
			delete(sum, k) // see TestAnyOrder
		}
	}
	var out []string
	for k, v := range sum {
		if v != 0 {
			out = append(out, k+" "+v.String())
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func csvLines(rows [][]string) (out []string) {
	for _, r := range rows {
		out = append(out, strings.Join(r, ","))
	}
	return out
}

func (h *mistyped) try(t *testing.T, did map[string]int) {
	t.Helper()
	got := h.lives(t, t.TempDir(), false)
	want := h.lives(t, t.TempDir(), true)
	for _, what := range h.did {
		did[what]++
	}
	for k, w := range want {
		if w != got[k] {
			t.Errorf("history %d: %s:\n%s", h.seed, k, firstDifference(got[k], w))
		}
	}
	if t.Failed() {
		t.Logf("%s", h)
	}
}

func (h *mistyped) String() string {
	var b strings.Builder
	for _, s := range h.steps {
		fmt.Fprintf(&b, "%s %s%s%s\n%s", s.what, s.name, s.from, " "+s.to, s.text)
	}
	return b.String()
}
