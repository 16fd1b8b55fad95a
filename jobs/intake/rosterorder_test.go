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
		by[e.Person] = append(by[e.Person], e.Rules())
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
	o := testOptions(t)
	o.Month, o.Today = f.month, 20241231
	take(t, m, named1(t, putBook(t, f.tab), f.name), o)
}

func (f sentFile) String() string {
	var b strings.Builder
	fmt.Fprint(&b, f.name, " ", f.month, " ", f.tab.name, "\n")
	for _, r := range f.tab.rows {
		fmt.Fprintln(&b, r...)
	}
	return b.String()
}

// TestFullListsInAnyOrder: three full lists and rosters of changes, some of them
// corrected, give the same spells in whatever order they come.
func TestFullListsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := []string{"低保", "特困"}
		day := func(label string) string {
			return fmt.Sprintf("2024-%02d-%02d", rapid.IntRange(1, 5).Draw(rt, label), rapid.SampledFrom([]int{1, 10, 20}).Draw(rt, label))
		}
		who := func() int { return rapid.IntRange(1, 3).Draw(rt, "person") }
		var files []sentFile
		for i := range 3 {
			m := civil.Month(202402 + i)
			var rows [][]any
			for range rapid.IntRange(1, 3).Draw(rt, "listed") {
				row := on(who(), rapid.SampledFrom(words).Draw(rt, "category"))
				if rapid.Bool().Draw(rt, "dated") {
					row = append(row, day("since"))
				}
				rows = append(rows, row)
			}
			files = append(files, sentFile{fmt.Sprintf("民政%s名册.xlsx", m), m, sheetOf("名册", fullHead, rows...)})
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
		one, other := newMemory(), newMemory()
		for _, f := range files {
			f.take(t, one)
		}
		mixed := rapid.Permutation(files).Draw(rt, "order")
		for _, f := range mixed {
			f.take(t, other)
		}
		if a, b := spellsOf(one), spellsOf(other); !slices.Equal(a, b) {
			rt.Fatalf("in order %q\nin the other %q\n%v\n-----\n%v", a, b, files, mixed)
		}
	})
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
