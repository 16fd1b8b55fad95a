package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/jobs"
	"doudi/jobs/store/storetest"
	"doudi/rules/civil"
)

// monthsSeed picks what happens in the simulated months; any other must do.
const monthsSeed = 20231

// TestMonths lives through 24 months of two counties in which anything may come:
// claims and refunds late and early, roster events, full lists, corrections,
// relief, postings, another overlay, another pack. After every month
//
//   - a full re-run of a copy finds nothing that the month's run did not find;
//   - no more people were settled than the month's inputs speak of;
//   - a look ahead came to the very proposal that the run made;
//   - the comparison with the run before names every row of results that differs,
//     and a cause for each;
//
// and in the end every run is asked again, and answers what it answered then.
func TestMonths(t *testing.T) {
	l := newLife(t, monthsSeed)
	touched, all := 0, 0
	for m := civil.Month(202301); m <= 202412; m = monthAfter(m) {
		l.month = m
		l.happens()
		look := l.look()
		out := l.runs(l.ws, false)
		if look != out.Run.Proposal {
			t.Fatalf("%s: the look ahead came to %s, the run to %s", m, look, out.Run.Proposal)
		}
		for _, ra := range out.Run.Areas {
			naive := len(l.named[ra.Area])
			if l.changed[ra.Area] {
				naive = ra.People
			}
			if ra.Touched > naive {
				t.Errorf("%s %s: %d people settled, the inputs are about %d", m, ra.Area, ra.Touched, naive)
			}
			touched, all = touched+ra.Touched, all+ra.People
		}
		l.sameAsFull(out.Run.No)
		l.explainsDifference(out.Run.No)
		l.answers[out.Run.No] = l.asks(out.Run.No)
		l.named, l.changed = map[string]map[string]bool{}, map[string]bool{}
	}
	for no, answers := range l.answers {
		for q, was := range answers {
			if is := l.does([]int{0}, append(strings.Fields(q), "--run", fmt.Sprint(no))...); was != is {
				t.Errorf("run %d is asked %q again and says something else:\n%s\nthen\n%s", no, q, is, was)
			}
		}
	}
	l.does([]int{0}, "verify")
	if touched*2 > all {
		t.Errorf("%d of %d people were settled: what does that save?", touched, all)
	}
	t.Logf("%d of %d people settled over the months; %v", touched, all, l.did)
	for _, what := range []string{"claims", "refund", "events", "full list", "correction", "relief", "posting", "overlay", "pack", "nothing"} {
		if l.did[what] == 0 {
			t.Errorf("%s never happened", what)
		}
	}
}

func monthAfter(m civil.Month) civil.Month { return m.Last().Next().Month() }

// life is a workspace to which things happen.
type life struct {
	*testing.T
	ws      string
	dice    *rand.Rand
	month   civil.Month
	n       int
	did     map[string]int
	named   map[string]map[string]bool // by area, the IDs of which something came since the last run
	changed map[string]bool            // areas whose policy changed since
	listed  map[string]map[string]bool // by area, who was ever on a roster
	claims  map[string][]string        // by area, rows of settlements
	rosters map[string][]monthRoster
	answers map[int]map[string]string
}

type monthRoster struct {
	month civil.Month
	rows  []string
}

var lifeAreas = []string{"330100", "650100"}

func newLife(t *testing.T, seed uint64) *life {
	l := &life{T: t, ws: filepath.Join(t.TempDir(), "ws"), dice: rand.New(rand.NewPCG(seed, 1)), did: map[string]int{}, named: map[string]map[string]bool{},
		changed: map[string]bool{}, listed: map[string]map[string]bool{}, claims: map[string][]string{}, rosters: map[string][]monthRoster{}, answers: map[int]map[string]string{}}
	doudi(t, ".", []int{0}, "init", l.ws, "--area", "330100", "--pack", "hangzhou-2022-70", "--area", "650100", "--pack", "xinjiang-2023")
	return l
}

func (l *life) now() time.Time {
	y, m, d := l.month.Last().Parts()
	return time.Date(y, time.Month(m), d, 9, 0, 0, 0, shanghai)
}

func (l *life) does(ok []int, args ...string) string {
	l.Helper()
	out, code := doudiOn(l.T, l.ws, l.now(), args...)
	if !slices.Contains(ok, code) {
		l.Fatalf("%s: doudi %s: exit code %d\n%s", l.month, strings.Join(args, " "), code, out)
	}
	return out
}

// maybe is true n times of ten.
func (l *life) maybe(n int) bool { return l.dice.IntN(10) < n }

func (l *life) who(area string) string { return storetest.Certno(1 + l.dice.IntN(45)) }

// day is one up to the month's last, seldom long ago.
func (l *life) day() civil.Date {
	m := l.month
	for l.maybe(4) && m > 202301 {
		m = civil.YMD(m.Year(), int(m)%100, 1).Prev().Month()
	}
	y, mo, d := m.Last().Parts()
	return civil.YMD(y, mo, 1+l.dice.IntN(d))
}

// sends imports a file that speaks of some people.
func (l *life) sends(area, name, text string, about []string, args ...string) {
	l.n++
	path := filepath.Join(filepath.Dir(l.ws), fmt.Sprintf("%s-%d.csv", name, l.n))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		l.Fatal(err)
	}
	l.does([]int{0, 3, 4}, append([]string{"import", "--area", area, "--by", "甲", path}, args...)...)
	l.speaks(area, about)
}

func (l *life) speaks(area string, about []string) {
	if l.named[area] == nil {
		l.named[area] = map[string]bool{}
	}
	for _, id := range about {
		l.named[area][id] = true
	}
}

// happens lets a month's things come.
func (l *life) happens() {
	if l.month == 202307 || l.month == 202403 {
		l.did["nothing"]++
		return
	}
	if l.maybe(4) { // before anything comes, else it is stale
		l.posts()
	}
	for _, area := range lifeAreas {
		if l.maybe(8) {
			l.settles(area)
		}
		if l.maybe(6) {
			l.lists(area)
		}
		if l.maybe(2) {
			l.listsAll(area)
		}
		if l.maybe(3) {
			l.corrects(area)
		}
		if l.maybe(3) {
			l.helps(area)
		}
	}
	if l.maybe(2) {
		l.decides()
	}
	if l.month == 202402 {
		l.replaces()
	}
}

const lifeClaims = "setl_id,certno,psn_name,insutype,med_type,dise_name,fixmedins_code,fixmedins_name,hosp_lv,setl_time,medfee_sumamt,inscp_scp_amt,hifp_pay,hifmi_pay,maf_pay,pay_loc,trt_flag,refd_setl_flag,init_setl_id\n"

func (l *life) settles(area string) {
	var text strings.Builder
	var about []string
	text.WriteString(lifeClaims)
	for range 1 + l.dice.IntN(6) {
		id := l.who(area)
		total := 500 + l.dice.IntN(60000)
		scope := total * (5 + l.dice.IntN(6)) / 10
		basic := scope * l.dice.IntN(8) / 10
		assist := (scope - basic) * l.dice.IntN(3) / 10
		l.n++
		row := fmt.Sprintf("%s-%d,%s,某人,390,%d,肺炎,H%d,县医院,0%d,%s 10:00:00,%d,%d,%d,0,%d,%d,,0,\n", area, l.n, id, []int{21, 21, 11, 14}[l.dice.IntN(4)],
			1+l.dice.IntN(3), 5+l.dice.IntN(5), l.day(), total, scope, basic, assist, 1+l.dice.IntN(3))
		text.WriteString(row)
		l.claims[area] = append(l.claims[area], row)
		about = append(about, id)
	}
	l.did["claims"]++
	if l.maybe(4) && len(l.claims[area]) > 3 {
		f := strings.Split(l.claims[area][l.dice.IntN(len(l.claims[area]))], ",")
		refund := slices.Clone(f)
		refund[0], refund[17], refund[18] = f[0]+"R", "1", f[0]+"\n"
		refund[9] = l.month.Last().String() + " 11:00:00"
		for _, k := range []int{10, 11, 12, 13, 14} {
			refund[k] = "-" + f[k]
		}
		text.WriteString(strings.Join(refund, ","))
		about = append(about, f[1])
		l.did["refund"]++
	}
	l.sends(area, "医保结算", text.String(), about)
}

var lifeCategories = []string{"低保", "低边", "特困"}

func (l *life) lists(area string) {
	var rows, about []string
	for range 1 + l.dice.IntN(5) {
		n := 1 + l.dice.IntN(45)
		id, head := storetest.Certno(n), storetest.Certno(n-(n-1)%3)
		if l.maybe(1) {
			head = l.who(area)
		}
		cat, cause := lifeCategories[l.dice.IntN(3)], ""
		if l.maybe(5) {
			cause = "因病"
		}
		switch l.dice.IntN(6) {
		case 0, 1:
			rows = append(rows, fmt.Sprintf("退出,某人,%s,%s,,,%s,\n", id, cat, l.day()))
		case 2:
			rows = append(rows, fmt.Sprintf("变更,某人,%s,%s,%s,%s,,%s\n", id, cat, cause, l.day(), head))
		default:
			rows = append(rows, fmt.Sprintf("新增,某人,%s,%s,%s,%s,,%s\n", id, cat, cause, l.day(), head))
		}
		about = append(about, id)
	}
	l.did["events"]++
	l.roster(area, rows, about)
}

const lifeRoster = "变动类型,姓名,身份证号,困难类别,致困原因,认定日期,退出日期,户主身份证号\n"

func (l *life) roster(area string, rows, about []string, args ...string) {
	if l.listed[area] == nil {
		l.listed[area] = map[string]bool{}
	}
	for _, id := range about {
		l.listed[area][id] = true
	}
	if len(args) == 0 {
		l.rosters[area] = append(l.rosters[area], monthRoster{l.month, rows})
		args = []string{"--month", l.month.String()}
	}
	l.sends(area, "民政名单", lifeRoster+strings.Join(rows, ""), about, append(args, "--accept-large-change")...)
}

// listsAll sends who is on the list of one category now.
func (l *life) listsAll(area string) {
	var text strings.Builder
	text.WriteString("姓名,身份证号,困难类别,认定日期\n")
	about := slices.Collect(maps.Keys(l.listed[area]))
	slices.Sort(about)
	cat := lifeCategories[l.dice.IntN(2)]
	for n := range 45 {
		if id := storetest.Certno(n + 1); l.maybe(2) || l.listed[area][id] && l.maybe(6) {
			fmt.Fprintf(&text, "某人,%s,%s,%s\n", id, cat, l.day())
			about = append(about, id)
		}
	}
	l.did["full list"]++
	l.sends(area, "民政全量名单", text.String(), about, "--month", l.month.String(), "--accept-large-change")
	for _, id := range about {
		if l.listed[area] == nil {
			l.listed[area] = map[string]bool{}
		}
		l.listed[area][id] = true
	}
}

// corrects sends a roster of a past month again, changed.
func (l *life) corrects(area string) {
	sent := l.rosters[area]
	if len(sent) == 0 {
		return
	}
	was := sent[l.dice.IntN(len(sent))]
	var rows []string
	// It may take back whatever was sent for that month.
	about := slices.Collect(maps.Keys(l.listed[area]))
	for _, r := range was.rows {
		switch l.dice.IntN(4) {
		case 0: // no more
		case 1:
			f := strings.Split(r, ",")
			if f[5] != "" {
				f[5] = l.day().String()
			}
			rows = append(rows, strings.Join(f, ","))
		default:
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		rows = was.rows[:1]
	}
	l.did["correction"]++
	l.roster(area, rows, about, "--month", was.month.String(), "--correct")
}

func (l *life) helps(area string) {
	id := l.who(area)
	l.did["relief"]++
	l.sends(area, "帮扶", fmt.Sprintf("身份证号,帮扶日期,来源,金额\n%s,%s,慈善,%d\n", id, l.day(), 100+l.dice.IntN(9000)), []string{id}, "--kind", "relief")
}

// posts posts what the last run proposed, where that still holds.
func (l *life) posts() {
	if len(l.answers) == 0 {
		return
	}
	rows := readCSV(l.T, l.does([]int{0, 1}, "adjustments", "--reveal"))
	if len(rows) < 2 {
		return
	}
	no := rows[1][0]
	a := newApp(io.Discard, io.Discard)
	a.dir, a.by, a.now = l.ws, "乙", l.now
	w, err := a.open(context.Background())
	if err != nil {
		l.Fatal(err)
	}
	r, err := w.store.Run(context.Background(), 0)
	if err != nil {
		l.Fatal(err)
	}
	w.close()
	if _, code := doudiOn(l.T, l.ws, l.now(), "post", no, "--proposal", r.Proposal, "--by", "乙"); code == exitConflict {
		return // something came in between
	}
	l.did["posting"]++
	for _, row := range rows[1:] {
		for _, area := range lifeAreas { // an ID is in both, a settlement in one
			if strings.HasPrefix(row[3], area) {
				l.speaks(area, []string{row[2]})
			}
		}
	}
}

// decides gives an office another value of its own.
func (l *life) decides() {
	area := lifeAreas[l.dice.IntN(2)]
	text := fmt.Sprintf("assist: {ratio: {dibao: %d%%}}\n", 70+l.dice.IntN(20))
	if area == "330100" {
		text += fmt.Sprintf("monitor: {yinbing_fanpin: {line: %d}, yinbing_zhipin: {line: 9000}}\n", 2000+1000*l.dice.IntN(5))
	}
	path := filepath.Join(l.ws, "overlays", area+".yaml")
	was, _ := os.ReadFile(path)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		l.Fatal(err)
	}
	if out, code := doudiOn(l.T, l.ws, l.now(), "rules", "list"); code != exitDone {
		l.Fatalf("%s\n%s", text, out)
	}
	l.changed[area] = l.changed[area] || string(was) != text
	l.did["overlay"]++
}

// replaces puts a pack of the office's own in the place of a built-in one.
func (l *life) replaces() {
	own := "id: own\ntitle: 本县办法\nnumber: 本政〔2024〕1号（虚构）\nstatus: in_force\narea: \"330100\"\narea_name: 杭州市\nin_force: {from: 2023-01-01}\nchecked_on: 2024-02-01\nextends: hangzhou-2022-70\n" +
		"clauses:\n  OWN-1: {article: 第一条, text: 低边救助比例}\nparameters:\n  assist:\n    ratio: {clause: OWN-1, values: {2022-01-01: {tekun: 100%, dibao: 80%, canji: 80%, dibian: 75%}}}\n"
	if err := os.WriteFile(filepath.Join(l.ws, "own.yaml"), []byte(own), 0o600); err != nil {
		l.Fatal(err)
	}
	path := filepath.Join(l.ws, configFile)
	conf, err := os.ReadFile(path)
	if err != nil {
		l.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(conf), "id: hangzhou-2022-70", "file: own.yaml", 1)), 0o600); err != nil {
		l.Fatal(err)
	}
	l.changed["330100"] = true
	l.did["pack"]++
}

// look is the proposal to which a run by hand would come.
func (l *life) look() string {
	if len(l.answers) == 0 {
		return l.runs(l.copied(), false).Run.Proposal
	}
	var j struct{ Proposal string }
	out := l.does([]int{0}, "rerun", "--year", "2023", "--reason", "先看", "--dry-run", "--format", "json", "--by", "甲")
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		l.Fatal(err)
	}
	return j.Proposal
}

// runs runs the month, without the workbooks.
func (l *life) runs(ws string, full bool) jobs.Outcome {
	l.Helper()
	a := newApp(io.Discard, io.Discard)
	a.dir, a.by, a.now = ws, "甲", l.now
	w, err := a.open(context.Background())
	if err != nil {
		l.Fatal(err)
	}
	defer w.close()
	out, err := a.cycle(w).Run(context.Background(), jobs.RunOptions{Month: l.month, Full: full})
	if err != nil {
		l.Fatal(err)
	}
	return out
}

func (l *life) copied() string {
	dir := filepath.Join(l.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(l.ws)); err != nil {
		l.Fatal(err)
	}
	return dir
}

// sameAsFull runs a copy in full: nothing new is found, nothing is stored.
func (l *life) sameAsFull(no int) {
	l.Helper()
	dir := l.copied()
	out := l.runs(dir, true)
	for _, ra := range out.Run.Areas {
		if ra.Touched < ra.People || ra.Changed != 0 || ra.CasesOpened != 0 || ra.CasesCleared != 0 {
			l.Errorf("%s: a full re-run found something else in %s: %d of %d people, %d results", l.month, ra.Area, ra.Touched, ra.People, ra.Changed)
		}
	}
	for _, q := range [][]string{{"results", "--year", "2023"}, {"results", "--year", "2024"}, {"cases", "--year", "2023"}, {"cases", "--year", "2024"}, {"adjustments"}} {
		is, code := doudiOn(l.T, dir, l.now(), q...)
		if was := l.does([]int{0}, q...); code != 0 || firstColumnOff(q[0], was) != firstColumnOff(q[0], is) {
			l.Errorf("%s: after a full re-run %v says something else", l.month, q)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		l.Fatal(err)
	}
}

// firstColumnOff takes off the number of the run from adjustments.
func firstColumnOff(command, text string) string {
	if command != "adjustments" {
		return text
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		_, lines[i], _ = strings.Cut(lines[i], ",")
	}
	return strings.Join(lines, "\n")
}

// asks puts to a run what people ask of it.
func (l *life) asks(no int) map[string]string {
	n := fmt.Sprint(no)
	out := map[string]string{}
	put := func(args ...string) { out[strings.Join(args, " ")] = l.does([]int{0}, append(args, "--run", n)...) }
	for _, y := range []string{"2023", "2024"} {
		put("results", "--year", y)
		put("cases", "--year", y, "--format", "json")
	}
	put("adjustments")
	put("adjustments", "--balance")
	for _, area := range lifeAreas {
		put("list", "indicators", "--area", area)
	}
	for _, id := range []string{storetest.Certno(1 + no), storetest.Certno(20 + no)} {
		if _, code := doudiOn(l.T, l.ws, l.now(), "explain", id, "--run", n); code == exitFailure {
			continue // nothing is on record yet
		}
		put("explain", id)
		put("explain", id, "--json")
	}
	return out
}

// explainsDifference compares with the run before: every row of results that
// differs is named, with a cause.
func (l *life) explainsDifference(no int) {
	if no == 1 {
		return
	}
	differ := map[string]bool{}
	for _, y := range []string{"2023", "2024"} {
		was, is := l.rowsOf(no-1, y), l.rowsOf(no, y)
		for id := range is {
			if was[id] != is[id] {
				differ[id] = true
			}
		}
		for id := range was {
			if _, ok := is[id]; !ok {
				differ[id] = true
			}
		}
	}
	named := map[string]bool{}
	for _, r := range readCSV(l.T, l.does([]int{0}, "diff", fmt.Sprint(no-1), fmt.Sprint(no), "--format", "csv"))[1:] {
		named[r[6]] = true
		if r[11] == "" || r[11] == "unknown" {
			l.Errorf("%s: no cause for %v", l.month, r)
		}
	}
	for id := range differ {
		if !named[id] {
			l.Errorf("%s: %s differs and is not named", l.month, id)
		}
	}
}

// rowsOf are the rows of a run's results by settlement, without the pack and the
// run that stored them: they are no figures.
func (l *life) rowsOf(no int, year string) map[string]string {
	out := map[string]string{}
	for _, r := range readCSV(l.T, l.does([]int{0}, "results", "--year", year, "--run", fmt.Sprint(no)))[1:] {
		out[r[3]] = strings.Join(r[:len(r)-2], ",")
	}
	return out
}

func readCSV(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rows
}
