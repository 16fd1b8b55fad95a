package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs"
	"doudi/jobs/intake"
	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
	"doudi/reports"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// histories are so many small counties whose files come in any order; any other
// seed must do.
const (
	histories    = 200
	historySeed  = 70
	historyMonth = civil.Month(202406)
)

// TestAnyOrder: 200 random histories of a small county (lists of changes, their
// corrections, settlements, refunds of both kinds, relief, rows that come twice), as
// files in random order with runs and postings in between, end where the same files
// end that come in order before a single run: the same results, the same cases, and
// the same money of every settlement and fund, posted or still proposed.
//
// Left out is what the README of jobs/intake lets depend on the order: two settlements
// of one number in conflict, of which the first stands; the corrections of a list after the
// first, of which the last to come counts. Where a department sent several lists for
// a month, a correction comes after the one whose name it has, since before it would
// take the place of the others.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	blank := newBlank(t)
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	var mu sync.Mutex
	did := map[string]int{}
	for range 3 {
		wg.Go(func() {
			for seed := range seeds {
				h := newHistory(seed)
				diff, err := h.differs(blank, filepath.Join(t.TempDir(), fmt.Sprint(seed)))
				if err != nil {
					t.Errorf("history %d: %v\n%s", seed, err, h)
					continue
				}
				mu.Lock()
				h.counts(did)
				mu.Unlock()
				if diff != "" {
					small, diff := h.shrunk(blank, filepath.Join(t.TempDir(), fmt.Sprint("small", seed)), diff)
					t.Errorf("history %d ends otherwise than in order:\n%s\n%s", seed, diff, small)
				}
			}
		})
	}
	for n := range histories {
		if t.Failed() {
			break
		}
		seeds <- historySeed*1000 + uint64(n)
	}
	close(seeds)
	wg.Wait()
	t.Log(did)
	if did["given back"] == 0 {
		t.Error("nobody left every list after a 追回 was posted")
	}
	for _, what := range []string{"list", "correction", "correction before its list", "row in two lists of a month", "full list", "full list corrected", "settlements", "refund", "mark", "relief", "run between", "posting", "results", "cases", "money"} {
		if did[what] < histories/10 {
			t.Errorf("%s: only %d", what, did[what])
		}
	}
}

// history is files in the order in which they come; the orderly one sorts them.
type history struct {
	files []*historyFile
	did   map[string]int
}

type historyFile struct {
	name  string
	rank  string // sorted by it, the files are in order
	head  string
	rows  []string
	after string // a file that comes before it
	run   bool   // a run follows
	post  bool   // and is posted
}

func (h *history) String() string {
	var b strings.Builder
	for _, f := range h.files {
		fmt.Fprintf(&b, "%s  run %t  post %t\n%s%s", f.name, f.run, f.post, f.head, strings.Join(f.rows, ""))
	}
	return b.String()
}

func (h *history) counts(did map[string]int) {
	seen := map[string]bool{}
	for _, f := range h.files {
		list := strings.TrimSuffix(f.name, "-更正.csv")
		switch {
		case f.rank[0] == '2':
			did["correction"]++
			if !seen[list+".csv"] {
				did["correction before its list"]++
			}
		case f.rank[0] == '1':
			did["list"]++
		case f.rank[0] == '0':
			did["settlements"]++
		}
		seen[f.name] = true
		if f.run {
			did["run between"]++
		}
	}
	for k, n := range h.did {
		did[k] += n
	}
}

const (
	historyRoster = "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期,户主身份证号,残疾等级,证件有效期\n"
	historyFull   = "姓名,身份证号,困难类别,认定日期\n"
	historyRelief = "身份证号,帮扶日期,来源,金额\n"
	historyPeople = 7 // the last of them is seldom listed
)

// newHistory makes up a history.
func newHistory(seed uint64) *history {
	d := rand.New(rand.NewPCG(seed, 2))
	h := &history{did: map[string]int{}}
	day := func() civil.Date {
		m := 8 + d.IntN(23) // from August 2022
		return civil.YMD(2022+(m-1)/12, 1+(m-1)%12, 1+d.IntN(28))
	}
	maybe := func(percent int) bool { return d.IntN(100) < percent }
	who := func() string { return storetest.Certno(1 + d.IntN(historyPeople)) }

	// Rosters: each row is an event of one of the people.
	event := func(dept string) string {
		n := 1 + d.IntN(historyPeople-1)
		if maybe(5) {
			n = historyPeople
		}
		cat, cause, level, expiry := []string{"低保", "低边", "特困"}[d.IntN(3)], "", "", ""
		if maybe(50) {
			cause = "因病"
		}
		if dept == "残联" {
			cat, cause, level = "残疾", "", fmt.Sprint(1+d.IntN(3))
		}
		op, from, to := []string{"新增", "新增", "新增", "退出", "变更"}[d.IntN(5)], day().String(), ""
		if op == "退出" {
			cause, level, from, to = "", "", "", from
			if dept == "残联" {
				level = "2"
			}
			if maybe(15) && dept != "残联" {
				cat = ""
			}
		} else if dept == "残联" && maybe(40) {
			expiry = fmt.Sprint("20", 23+d.IntN(3), "-0", 1+d.IntN(9), "-15")
			if expiry < from {
				expiry = ""
			}
		}
		return fmt.Sprintf("%s,某人,%s,%s,%s,%s,%s,%s,%s,%s\n", op, storetest.Certno(n), cat, cause, from, to, storetest.Certno(n-(n-1)%3), level, expiry)
	}
	several := map[string]int{}
	months := []civil.Month{day().Month(), day().Month(), day().Month(), day().Month()}
	var lists []*historyFile
	for range 3 + d.IntN(4) {
		dept := []string{"民政", "民政", "民政", "残联"}[d.IntN(4)]
		m := months[d.IntN(len(months))]
		place := fmt.Sprintf("%s-%s", dept, m)
		f := &historyFile{name: place + ".csv", rank: "1" + m.String() + dept, head: historyRoster}
		if several[place]++; several[place] > 1 {
			f.name = fmt.Sprintf("%s-补充%c.csv", place, 'a'+rune(several[place]))
			f.rank += f.name
		}
		for range 1 + d.IntN(5) {
			f.rows = append(f.rows, event(dept))
		}
		for _, o := range lists { // what another list said, too
			row := o.rows[d.IntN(len(o.rows))]
			if maybe(20) && strings.HasPrefix(o.name, dept) {
				f.rows = append(f.rows, row)
				if strings.HasPrefix(o.name, place) {
					h.did["row in two lists of a month"]++
				}
			}
		}
		lists = append(lists, f)
	}
	for _, f := range lists {
		h.files = append(h.files, f)
		if !maybe(45) {
			continue
		}
		dept := f.name[:len("民政")]
		c := &historyFile{name: strings.TrimSuffix(f.name, ".csv") + "-更正.csv", rank: "2" + f.rank, head: historyRoster}
		for _, r := range f.rows {
			switch d.IntN(4) {
			case 0: // it was wrong
			case 1: // of another day
				was := strings.Split(r, ",")
				if was[5] != "" {
					was[5] = day().String()
				} else {
					was[6] = day().String()
				}
				was[9] = "\n"
				c.rows = append(c.rows, strings.Join(was, ","))
			default:
				c.rows = append(c.rows, r)
			}
		}
		if len(c.rows) == 0 || maybe(30) {
			c.rows = append(c.rows, event(dept))
		}
		if several[strings.Join(strings.Split(strings.TrimSuffix(f.name, ".csv"), "-")[:3], "-")] > 1 {
			c.after = f.name
		}
		h.files = append(h.files, c)
	}

	// Full lists of some months: whom they do not name leaves.
	for _, m := range slices.Compact(slices.Sorted(slices.Values(months))) {
		if !maybe(40) {
			continue
		}
		f := &historyFile{name: fmt.Sprintf("民政-%s-全量.csv", m), rank: "1" + m.String() + "民政全量", head: historyFull}
		for n := range historyPeople {
			if maybe(50) {
				since := ""
				if maybe(40) {
					since = day().String()
				}
				f.rows = append(f.rows, fmt.Sprintf("某人,%s,%s,%s\n", storetest.Certno(n+1), []string{"低保", "特困"}[d.IntN(2)], since))
			}
		}
		if len(f.rows) == 0 {
			continue
		}
		h.files = append(h.files, f)
		h.did["full list"]++
		if maybe(50) { // whom it forgot, and whom it should not have named
			c := &historyFile{name: strings.TrimSuffix(f.name, ".csv") + "-更正.csv", rank: "2" + f.rank, head: historyFull}
			for _, r := range f.rows {
				if maybe(60) {
					c.rows = append(c.rows, r)
				}
			}
			c.rows = append(c.rows, fmt.Sprintf("某人,%s,%s,\n", who(), []string{"低保", "特困"}[d.IntN(2)]))
			h.files = append(h.files, c)
			h.did["full list corrected"]++
		}
	}

	// Settlements and refunds.
	n := 0
	var all []string
	for k := range 2 + d.IntN(3) {
		f := &historyFile{name: fmt.Sprintf("医保结算%c.csv", 'a'+rune(k)), rank: fmt.Sprint("0", k), head: claimHead}
		for range 1 + d.IntN(6) {
			n++
			total := 500 + d.IntN(90000)
			scope := total * (5 + d.IntN(6)) / 10
			basic := scope * d.IntN(8) / 10
			assist := 0
			if maybe(40) {
				assist = (scope - basic) * d.IntN(9) / 10
			}
			place := []string{"1,", "1,", "1,", "2,1", "2,0"}[d.IntN(5)]
			row := fmt.Sprintf("S%d,%s,某人,390,%d,肺炎,H%d,县医院,0%d,%s 10:00:00,%d,%d,%d,0,%d,%s,0,\n", n, who(), []int{21, 21, 11, 14}[d.IntN(4)],
				1+d.IntN(3), 5+d.IntN(5), day(), total, scope, basic, assist, place)
			f.rows = append(f.rows, row)
			all = append(all, row)
		}
		h.files = append(h.files, f)
	}
	back := &historyFile{name: "医保退费.csv", rank: "09", head: claimHead}
	for _, row := range all {
		was := strings.Split(row, ",")
		if maybe(12) { // a row of its own
			r := slices.Clone(was)
			r[0], r[9], r[17], r[18] = was[0]+"R", "2024-06-20 11:00:00", "1", was[0]+"\n"
			for _, i := range []int{10, 11, 12, 14} {
				if r[i] != "0" {
					r[i] = "-" + r[i]
				}
			}
			back.rows = append(back.rows, strings.Join(r, ","))
			h.did["refund"]++
		}
		if maybe(12) { // the settlement once more, with the flag
			r := slices.Clone(was)
			r[17] = "1"
			back.rows = append(back.rows, strings.Join(r, ","))
			h.did["mark"]++
		}
		if maybe(10) { // simply twice
			back.rows = append(back.rows, row)
		}
	}
	if len(back.rows) > 0 {
		h.files = append(h.files, back)
	}
	help := &historyFile{name: "帮扶.csv", rank: "3", head: historyRelief}
	for range d.IntN(4) {
		help.rows = append(help.rows, fmt.Sprintf("%s,%s,慈善,%d\n", who(), day(), 100+d.IntN(20000)))
		h.did["relief"]++
	}
	if len(help.rows) > 0 {
		h.files = append(h.files, help)
	}

	// The order, and what happens in between.
	d.Shuffle(len(h.files), func(i, j int) { h.files[i], h.files[j] = h.files[j], h.files[i] })
	for i := 0; i < len(h.files); i++ {
		f := h.files[i]
		if j := slices.IndexFunc(h.files, func(o *historyFile) bool { return f.after != "" && o.name == f.after }); j > i {
			h.files = slices.Insert(h.files, j+1, f)
			h.files = slices.Delete(h.files, i, i+1)
			i--
		}
	}
	posts := maybe(70)
	for _, f := range h.files {
		f.run = maybe(35)
		f.post = f.run && posts && maybe(60)
	}
	return h
}

// ending is what a history comes to.
type ending struct {
	results, cases, money string
	help                  string // cases as their command lists them, 帮扶 included
	posted                bool
	givenBack             bool // a 追回 was posted of who is on no list in the end
}

// differs lives through a history and through the orderly one, and says what
// differs in the end.
func (h *history) differs(blank, dir string) (string, error) {
	defer os.RemoveAll(dir)
	order := &history{did: map[string]int{}}
	for _, f := range h.files {
		o := *f
		o.run, o.post = false, false
		order.files = append(order.files, &o)
	}
	slices.SortStableFunc(order.files, func(a, b *historyFile) int { return strings.Compare(a.rank, b.rank) })
	want, err := order.lives(blank, filepath.Join(dir, "order"))
	if err != nil {
		return "", fmt.Errorf("in order: %w", err)
	}
	got, err := h.lives(blank, filepath.Join(dir, "any"))
	if err != nil {
		return "", err
	}
	h.did["results"] += strings.Count(want.results, "\n")
	h.did["cases"] += strings.Count(want.cases, "\n")
	h.did["money"] += strings.Count(want.money, "\n")
	if got.givenBack {
		h.did["given back"]++
	}
	var out string
	for _, x := range [][3]string{{"results", got.results, want.results}, {"cases", got.cases, want.cases}, {"help", got.help, want.help}, {"money", got.money, want.money}} {
		if x[1] != x[2] && (x[0] != "help" || !got.posted) {
			out += x[0] + ", then in order:\n" + firstDifference(x[1], x[2]) + "\n"
		}
	}
	return out, nil
}

// newBlank is a workspace in which nothing is yet.
func newBlank(t *testing.T) string {
	dir := t.TempDir()
	ws := filepath.Join(dir, "ws")
	doudi(t, dir, []int{0}, "init", ws, "--area", "330100", "--pack", "hangzhou-2022-70")
	text := "document: 本县标准\nmonitor:\n  yinbing_fanpin: {line: 5000}\n  yinbing_zhipin: {line: 15000}\nspecial: {threshold: 20000}\n"
	if err := os.WriteFile(filepath.Join(ws, "overlays", "330100.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ws
}

// lives imports the files in their order, runs and posts, and runs at the end.
func (h *history) lives(blank, dir string) (end ending, err error) {
	ctx := context.Background()
	ws := filepath.Join(dir, "ws")
	if err := os.CopyFS(ws, os.DirFS(blank)); err != nil {
		return end, err
	}
	var text bytes.Buffer
	a := newApp(&text, io.Discard)
	a.dir, a.by = ws, "甲"
	a.now = func() time.Time { return time.Date(2024, 7, 15, 9, 0, 0, 0, shanghai) }
	w, err := a.open(ctx)
	if err != nil {
		return end, err
	}
	defer w.close()
	by := a.cycle(w)
	by.GiveBack = nil
	other := *by
	other.By = "乙"
	for _, f := range h.files {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, []byte(f.head+strings.Join(f.rows, "")), 0o600); err != nil {
			return end, err
		}
		got, err := by.ImportFile(ctx, &w.areas[0], path, jobs.ImportOptions{Kind: intake.Auto})
		if err != nil {
			return end, err
		}
		if got.Refused != "" && got.File.Refused != "E-ROSTER-CORRECTED" || got.File.Returned != 0 {
			return end, fmt.Errorf("%s: %s, %d returned", f.name, got.Refused, got.File.Returned)
		}
		if f.run {
			out, err := by.Run(ctx, jobs.RunOptions{Month: historyMonth})
			if err != nil {
				return end, err
			}
			if f.post {
				p, err := other.Post(ctx, out.Run.No, out.Run.Proposal)
				if err != nil {
					return end, err
				}
				h.did["posting"] += p.Posted
			}
		}
	}
	out, err := by.Run(ctx, jobs.RunOptions{Month: historyMonth})
	if err != nil {
		return end, err
	}
	if _, err := w.store.Verify(ctx); err != nil {
		return end, err
	}
	return end, end.of(ctx, a, w, out, &text)
}

// of reads the end: results as their command lists them, cases, and of every
// settlement and fund what was posted and is proposed together. A result's last
// column is the run that stored it, and the two adjustments before it leave out what
// was posted.
func (end *ending) of(ctx context.Context, a *app, w *workspace, out jobs.Outcome, text *bytes.Buffer) error {
	for _, year := range []int{2022, 2023, 2024} {
		o := listOptions{year: year, format: "csv", reveal: true}
		text.Reset()
		if err := a.results(ctx, w, out.Run, o); err != nil {
			return err
		}
		rows, err := csv.NewReader(text).ReadAll()
		if err != nil {
			return err
		}
		for _, r := range rows[1:] {
			end.results += strings.Join(slices.Delete(r, 21, 23)[:22], ",") + "\n"
		}
		text.Reset()
		if err := a.cases(ctx, w, out.Run, o); err != nil {
			return err
		}
		end.help += text.String()
		if err := end.addCases(ctx, w, year, out.Run.No); err != nil {
			return err
		}
	}
	by := a.cycle(w)
	ps, err := by.RunProposals(ctx, out.Run)
	if err != nil {
		return err
	}
	posted, err := w.store.Postings(ctx, "330100", everything)
	if err != nil {
		return err
	}
	var refs []int64
	for _, p := range posted {
		refs = append(refs, p.Claim)
	}
	ids, err := w.store.ClaimIDs(ctx, refs)
	if err != nil {
		return err
	}
	end.posted = len(posted) > 0
	sum := map[string]money.Fen{}
	unlisted := map[int64]bool{}
	rows, err := w.store.Notable(ctx, "330100", ledger.FlagUnlisted, out.Run.No, out.Run.Seen)
	if err != nil {
		return err
	}
	for i := range rows {
		unlisted[rows[i].Claim] = rows[i].Flags&ledger.FlagUnlisted != 0
	}
	for _, p := range posted {
		end.givenBack = end.givenBack || p.Amount < 0 && unlisted[p.Claim]
		sum[ids[p.Claim]+" "+p.Fund.String()] += p.Amount
	}
	for _, p := range ps {
		sum[p.SetlID+" "+p.Fund.String()] += p.Amount
	}
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		if sum[k] != 0 {
			end.money += k + " " + sum[k].String() + "\n"
		}
	}
	return nil
}

// addCases adds a year's cases with all that moved them, but for 帮扶, which is by
// definition of what was posted (semantics §7).
func (end *ending) addCases(ctx context.Context, w *workspace, year, run int) error {
	cases, err := w.store.Cases(ctx, "330100", year, run)
	if err != nil {
		return err
	}
	movers, err := reports.MoversOf(ctx, w.store, cases)
	if err != nil {
		return err
	}
	var people []ledger.PersonNo
	for _, c := range cases {
		people = append(people, c.Person)
	}
	ids, err := w.store.Certnos(ctx, people)
	if err != nil {
		return err
	}
	var lines []string
	for _, c := range cases {
		line := fmt.Sprintln(year, ids[c.Person], c.Level, c.Monitor, c.Line, c.Gross, c.Relief, c.Burden, c.Gone)
		for _, m := range c.Moves {
			if m.To != rules.Helping {
				line += fmt.Sprintln(" ", m.To.Chinese(), m.Date, movers.Code(m))
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	end.cases += strings.Join(lines, "")
	return nil
}

// shrunk leaves out whatever the difference does not need.
func (h *history) shrunk(blank, dir, diff string) (*history, string) {
	try := func(change func(*history) bool) bool {
		less := &history{did: map[string]int{}}
		for _, f := range h.files {
			o := *f
			o.rows = slices.Clone(f.rows)
			less.files = append(less.files, &o)
		}
		if !change(less) {
			return false
		}
		d, err := less.differs(blank, dir)
		if err != nil || d == "" {
			return false
		}
		h, diff = less, d
		return true
	}
	for again := true; again; {
		again = false
		for i := len(h.files) - 1; i >= 0; i-- {
			again = try(func(l *history) bool { // a file, whose run goes to the one before
				if f := l.files[i]; i > 0 && f.run {
					l.files[i-1].run, l.files[i-1].post = true, f.post || l.files[i-1].post
				}
				l.files = slices.Delete(l.files, i, i+1)
				return len(l.files) > 0
			}) || again
		}
		for i := range h.files {
			again = try(func(l *history) bool { f := l.files[i]; was := f.run; f.run, f.post = false, false; return was }) || again
			again = try(func(l *history) bool { f := l.files[i]; was := f.post; f.post = false; return was }) || again
			for k := len(h.files[i].rows) - 1; k >= 0; k-- {
				again = try(func(l *history) bool {
					l.files[i].rows = slices.Delete(l.files[i].rows, k, k+1)
					return len(l.files[i].rows) > 0
				}) || again
			}
		}
	}
	return h, diff
}
