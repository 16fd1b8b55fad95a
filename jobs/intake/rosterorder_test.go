package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// spellsOf are the spells of everybody, as "3 dibao 2024-01-05 2024-02-01".
func spellsOf(m *memory) []string {
	by := map[ledger.PersonNo][]rules.Event{}
	es, _ := m.Events()
	for _, e := range es {
		by[m.Whose(e.Person)] = append(by[m.Whose(e.Person)], e.Rules())
	}
	var out []string
	for n := range 20 {
		id, _ := person1(n)
		spells, _ := rules.Timeline(by[m.people[id]], func(civil.Date) rules.ExitEffect { return rules.SameDay })
		for _, s := range spells {
			out = append(out, fmt.Sprint(n, " ", s.Category, " ", s.Start, " ", s.End))
		}
	}
	return out
}

// sentFile is a roster of a history.
type sentFile struct {
	name  string
	month civil.Month
	tab   table
}

func (f sentFile) take(t *testing.T, m *memory) {
	t.Helper()
	if err := f.try(t, m); err != nil {
		t.Fatalf("refused: %v", err)
	}
}

// try is take for a file that may be refused.
func (f sentFile) try(t *testing.T, m *memory) error {
	o := testOptions(t)
	o.Month, o.Today, o.LargeOK = f.month, 20241231, true
	m.seq = max(m.seq, 4) + 1
	file := ledger.File{Seq: m.seq, SHA256: f.String(), Name: f.name, Month: f.month, Source: "民政"}
	_, err := Import(t.Context(), named1(t, putBook(t, f.tab), f.name), o, &file, m)
	if err == nil {
		m.rosters = append(m.rosters, file)
	}
	return err
}

// correctIDs lets corrections of IDs stand, by number of people, and no others.
func correctIDs(t *testing.T, m *memory, to map[int]int) {
	t.Helper()
	number := func(n int) ledger.PersonNo {
		id, _ := person1(n)
		p, err := m.Person(id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	m.moved = map[ledger.PersonNo]ledger.PersonNo{}
	for from, to := range to {
		m.moved[number(from)] = number(to)
		m.ever = append(m.ever, number(from), number(to))
	}
	o := testOptions(t)
	o.Today = 20241231
	m.seq = max(m.seq, 4) + 1
	f := ledger.File{Seq: m.seq, Name: "身份证号更正"}
	derives, err := Follow(o, &f, m)
	if err != nil {
		t.Fatal(err)
	}
	if derives {
		m.rosters = append(m.rosters, f)
	}
}

func (f sentFile) String() string {
	var b strings.Builder
	fmt.Fprint(&b, f.name, " ", f.month, " ", f.tab.name, "\n")
	for _, r := range f.tab.rows {
		fmt.Fprintln(&b, r...)
	}
	return b.String()
}

// TestFullListsInAnyOrder: three full lists, some of them corrected (更正), and rosters of
// changes give the same spells in whatever order they come, and whenever in between IDs
// of people are corrected to others and this is undone: as if the IDs that stand in the
// end had stood in the files from the start.
func TestFullListsInAnyOrder(t *testing.T) {
	did := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		words := []string{"低保", "特困"}
		day := func(label string) string {
			return fmt.Sprintf("2024-%02d-%02d", rapid.IntRange(1, 5).Draw(rt, label), rapid.SampledFrom([]int{1, 10, 20}).Draw(rt, label))
		}
		who := func() int { return rapid.IntRange(1, 4).Draw(rt, "person") }
		var files, corrections []sentFile
		for i := range 3 {
			m := civil.Month(202402 + i)
			head, op := fullHead, rapid.Bool().Draw(rt, "ops")
			if op {
				head = eventsHead
			}
			rows := func() (out [][]any) {
				for range rapid.IntRange(1, 3).Draw(rt, "listed") {
					row := on(who(), rapid.SampledFrom(words).Draw(rt, "category"))
					if rapid.Bool().Draw(rt, "dated") {
						row = append(row, day("since"))
					}
					if op {
						row = append([]any{rapid.SampledFrom([]string{"不变", "新增", "变更"}).Draw(rt, "op")}, row...)
					}
					out = append(out, row)
				}
				return out
			}
			f := sentFile{fmt.Sprintf("民政%s全量.xlsx", m), m, sheetOf("全量", head, rows()...)}
			files = append(files, f)
			if rapid.IntRange(0, 2).Draw(rt, "corrected") == 0 {
				corrections = append(corrections, sentFile{fmt.Sprintf("民政%s全量更正.xlsx", m), m, sheetOf("全量", head, rows()...)})
			}
		}
		for i := range rapid.IntRange(0, 4).Draw(rt, "changes") {
			m := civil.Month(202401 + rapid.IntRange(0, 4).Draw(rt, "month"))
			var rows [][]any
			for range rapid.IntRange(1, 3).Draw(rt, "rows") {
				w := rapid.SampledFrom(words).Draw(rt, "category")
				switch rapid.IntRange(0, 3).Draw(rt, "op") {
				case 0:
					rows = append(rows, left(who(), w, day("left")))
				case 1:
					rows = append(rows, change(came(who(), w, day("came")), map[string]any{"A": "变更"}))
				default:
					rows = append(rows, came(who(), w, day("came")))
				}
			}
			files = append(files, sentFile{fmt.Sprintf("民政%s变动%d.xlsx", m, i), m, sheetOf("变动", eventsHead, rows...)})
		}
		files = append(files, corrections...)
		var corrected []map[int]int // IDs, one after the other
		for range rapid.IntRange(0, 3).Draw(rt, "IDs") {
			corrected = append(corrected, rapid.SampledFrom([]map[int]int{{4: 1}, {}, {4: 2}, {1: 4}, {3: 1, 4: 2}, {3: 1, 4: 1}}).Draw(rt, "ID"))
		}
		one, other := newMemory(), newMemory()
		if len(corrected) > 0 {
			correctIDs(t, one, corrected[len(corrected)-1])
		}
		for _, f := range files {
			f.take(t, one)
		}
		mixed := rapid.Permutation(files).Draw(rt, "order")
		at := make([]int, len(corrected))
		for i := range at {
			at[i] = rapid.IntRange(0, len(mixed)).Draw(rt, "at")
		}
		slices.Sort(at)
		for i := range len(mixed) + 1 {
			for k, to := range corrected {
				if at[k] == i {
					correctIDs(t, other, to)
					did["ID"]++
				}
			}
			if i == len(mixed) {
				break
			}
			late := false
			for k, f := range mixed[:i] {
				late = late || mixed[k].name == strings.Replace(mixed[i].name, "全量", "全量更正", 1) && f.name != mixed[i].name
			}
			err := mixed[i].try(t, other)
			if late != (err != nil) {
				rt.Fatalf("%s comes after its correction: %t, %v", mixed[i].name, late, err)
			}
			if late {
				did["late"]++
			}
		}
		did["correction"] += len(corrections)
		if a, b := spellsOf(one), spellsOf(other); !slices.Equal(a, b) {
			rt.Fatalf("in order %q\nin the other %q\n%v\n-----\n%v\n%v at %v", a, b, files, mixed, corrected, at)
		}
	})
	for _, what := range []string{"ID", "late", "correction"} {
		if did[what] == 0 {
			t.Errorf("no %s", what)
		}
	}
}

// TestTwoNumbersOnOneList: a list that names somebody by two of their numbers says no
// more than once that they are on it, whichever row comes first.
func TestTwoNumbersOnOneList(t *testing.T) {
	start := sentFile{"民政2024年1月新增.xlsx", 202401, sheetOf("新增", eventsHead, came(4, "低保", "2024-01-10"))}
	for _, rows := range [][][]any{{on(4, "低保"), on(2, "低保")}, {on(2, "低保"), on(4, "低保")}} {
		list := sentFile{"册.xlsx", 202402, sheetOf("名册", fullHead, rows...)}
		for _, files := range [][]sentFile{{start, list}, {list, start}} {
			m := newMemory()
			correctIDs(t, m, map[int]int{4: 2})
			for _, f := range files {
				f.take(t, m)
			}
			if got, want := spellsOf(m), []string{"2 dibao 2024-01-10 9999-12-31"}; !slices.Equal(got, want) {
				t.Errorf("%s first, %v: %q, want %q", files[0].name, rows[0], got, want)
			}
			if n := len(mustEvents(t, m)); n != 1 {
				t.Errorf("%s first, %v: %d events", files[0].name, rows[0], n)
			}
		}
	}
}

// TestLateRow: a row of changes that comes after a full list of a later day is ended
// by it, like one that came before, and the sender is told.
func TestLateRow(t *testing.T) {
	m := newMemory()
	sentFile{"册.xlsx", 202402, sheetOf("名册", fullHead, on(1, "低保"))}.take(t, m)
	o := february(t)
	o.Month = 202401
	_, rep := take(t, m, putBook(t, sheetOf("新增", eventsHead, came(2, "低保", "2024-01-20"))), o)
	wantWarnings(t, rep, "W-LATE A1")
	wantStanding(t, m, 20240131, "2 dibao")
	wantStanding(t, m, 20240201, "1 dibao")
	// A roster that was sent for a later month knows more than the list.
	o.Month = 202403
	_, rep = take(t, m, putBook(t, sheetOf("新增", eventsHead, came(3, "低保", "2024-01-20"))), o)
	wantWarnings(t, rep)
	wantStanding(t, m, 20240201, "1 dibao", "3 dibao")
}

// TestOpenerTakenBack: a full list that names somebody without a day says that they
// were on the list on its day, not since when. Where the row that said it is taken
// back, the list's day is the first; where another row says a later day, that one is.
func TestOpenerTakenBack(t *testing.T) {
	january := sentFile{"民政2024年1月低保新增.xlsx", 202401, sheetOf("低保新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))}
	list := sentFile{"册.xlsx", 202402, sheetOf("名册", fullHead, on(1, "低保"), on(2, "低保"))}
	right := sentFile{"民政2024年1月低保新增（更正）.xlsx", 202401, sheetOf("低保新增", eventsHead, came(2, "低保", "2024-01-05"))}
	dated := sentFile{"册.xlsx", 202402, sheetOf("名册", fullHead, on(1, "低保", "2024-01-20"), on(2, "低保"))}
	for name, tt := range map[string]struct {
		files []sentFile
		want  string
	}{
		"the list between":           {[]sentFile{january, list, right}, "1 dibao 2024-02-01"},
		"the list last":              {[]sentFile{january, right, list}, "1 dibao 2024-02-01"},
		"a later day":                {[]sentFile{january, dated, right}, "1 dibao 2024-01-20"},
		"a later day, the list last": {[]sentFile{january, right, dated}, "1 dibao 2024-01-20"},
		"nothing is taken back":      {[]sentFile{list, january}, "1 dibao 2024-01-05"},
	} {
		m := newMemory()
		for _, f := range tt.files {
			f.take(t, m)
		}
		if got, want := spellsOf(m), []string{tt.want + " 9999-12-31", "2 dibao 2024-01-05 9999-12-31"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestTwoListsOfADay: full lists of one day that two files bring are one list, and
// one that is sent once more takes the place of itself.
func TestTwoListsOfADay(t *testing.T) {
	start := sentFile{"增.xlsx", 202401, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "低保", "2024-01-05"))}
	town := sentFile{"城市低保名册.xlsx", 202402, sheetOf("Sheet1", fullHead, on(1, "低保"))}
	country := sentFile{"农村低保名册.xlsx", 202402, sheetOf("Sheet1", fullHead, on(2, "低保"), on(4, "低保"))}
	for _, files := range [][]sentFile{{start, town, country}, {country, start, town}, {town, country, start}} {
		m := newMemory()
		for _, f := range files {
			f.take(t, m)
		}
		wantStanding(t, m, 20240201, "1 dibao", "2 dibao", "4 dibao")
		sentFile{"农村低保名册（第二次）.xlsx", 202402, sheetOf("Sheet1", fullHead, on(4, "低保"))}.take(t, m)
		wantStanding(t, m, 20240201, "1 dibao", "4 dibao")
		wantStanding(t, m, 20240131, "1 dibao", "2 dibao", "3 dibao")
	}
}

// TestHeldBackLater: whoever may stand behind a returned row of a full list stays
// when another file comes, too, and leaves when the corrected list does not have
// them.
func TestHeldBackLater(t *testing.T) {
	m := newMemory()
	sentFile{"增.xlsx", 202401, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"))}.take(t, m)
	sentFile{"低保名册.xlsx", 202402, sheetOf("Sheet1", fullHead, on(1, "低保"), on(2, "低保", "2024-01-32"))}.take(t, m)
	sentFile{"再.xlsx", 202401, sheetOf("新增", eventsHead, came(2, "特困", "2024-01-06"), came(3, "低保", "2024-01-06"))}.take(t, m)
	wantStanding(t, m, 20240201, "1 dibao", "2 tekun", "2 dibao")
	sentFile{"低保名册-退回.xlsx", 202402, sheetOf("Sheet1", fullHead, on(1, "低保"))}.take(t, m)
	wantStanding(t, m, 20240201, "1 dibao", "2 tekun")
}

func mustEvents(t *testing.T, m *memory) []ledger.Event {
	t.Helper()
	es, err := m.Events()
	if err != nil {
		t.Fatal(err)
	}
	return es
}
