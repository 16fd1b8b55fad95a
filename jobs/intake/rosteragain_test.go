package intake

import (
	"slices"
	"testing"

	"doudi/jobs/ledger"
)

// reading takes a roster whose bytes are known by a word, perhaps once more.
func reading(t *testing.T, m *memory, bytes string, again bool, name string, tab table) (ledger.File, *Report) {
	t.Helper()
	o := february(t)
	o.Again = again
	m.seq = max(m.seq, 4) + 1
	f := ledger.File{Seq: m.seq, SHA256: bytes, Name: name, Month: 202402, Source: "民政"}
	rep, err := Import(t.Context(), named1(t, putBook(t, tab), name), o, &f, m)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	m.rosters = append(m.rosters, f)
	return f, rep
}

// TestReadAgainAfterCorrection: of a file that is read again (its returned rows may be
// readable now) after its correction nothing comes back, neither what the correction
// withdrew nor what was returned then; nor does it take the place of a later version.
func TestReadAgainAfterCorrection(t *testing.T) {
	const name = "民政2024年2月低保"
	for what, head := range map[string][]any{"新增": eventsHead, "名册": fullHead} {
		row := func(n int, day string) []any { return came(n, "低保", day)[len(eventsHead)-len(head):] }
		was := sheetOf("Sheet1", head, row(1, "2024-02-01"), row(2, "2024-02-01"), row(3, "2024-02-31"))
		now := sheetOf("Sheet1", head, row(1, "2024-02-01"), row(2, "2024-02-01"), row(3, "2024-02-01")) // as if it could be read now
		m := newMemory()
		reading(t, m, "a", false, name+what+".xlsx", was)
		reading(t, m, "b", false, name+what+"更正.xlsx", sheetOf("Sheet1", head, row(1, "2024-02-01")))
		wantStanding(t, m, 20240202, "1 dibao")
		for range 2 {
			f, rep := reading(t, m, "a", true, name+what+".xlsx", now)
			wantWarnings(t, rep, "W-CORRECTED A1")
			if f.Repeated != 3 || f.Events != 0 {
				t.Errorf("%s: %+v", what, f)
			}
			wantStanding(t, m, 20240202, "1 dibao")
		}
		// The correction itself may be read again.
		_, rep := reading(t, m, "b", true, name+what+"更正.xlsx", sheetOf("Sheet1", head, row(1, "2024-02-01"), row(4, "2024-02-01")))
		wantWarnings(t, rep)
		wantStanding(t, m, 20240202, "1 dibao", "4 dibao")
		// The next file changes nothing of that.
		reading(t, m, "c", false, "民政2024年2月特困新增.xlsx", sheetOf("Sheet1", eventsHead, came(5, "特困", "2024-02-01")))
		wantStanding(t, m, 20240202, "1 dibao", "4 dibao", "5 tekun")
	}
	// A second version of a full list is no correction; it stands for the first all the
	// same, whenever that is read again.
	m := newMemory()
	reading(t, m, "a", false, "民政2024年2月低保名册.xlsx", sheetOf("Sheet1", fullHead, on(1, "低保"), on(2, "低保")))
	reading(t, m, "b", false, "民政2024年2月低保名册（第二次）.xlsx", sheetOf("Sheet1", fullHead, on(1, "低保")))
	reading(t, m, "a", true, "民政2024年2月低保名册.xlsx", sheetOf("Sheet1", fullHead, on(1, "低保"), on(2, "低保")))
	reading(t, m, "c", false, "民政2024年2月特困新增.xlsx", sheetOf("Sheet1", eventsHead, came(2, "特困", "2024-02-01")))
	wantStanding(t, m, 20240202, "1 dibao", "2 tekun")
}

// TestHeldFollowsCorrectedID: whom a list leaves alone, since a returned row may be
// theirs, goes by the ID of the row: whose that is follows the corrections of IDs.
func TestHeldFollowsCorrectedID(t *testing.T) {
	m := newMemory()
	sentFile{"增.xlsx", 202401, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(4, "特困", "2024-01-05"))}.take(t, m)
	correctIDs(t, m, map[int]int{4: 2})
	sentFile{"低保名册.xlsx", 202402, sheetOf("Sheet1", fullHead, on(1, "低保"), on(4, "低保", "2024-01-32"))}.take(t, m)
	both := []string{"1 dibao 2024-01-05 9999-12-31", "2 tekun 2024-01-05 9999-12-31", "2 dibao 2024-01-05 9999-12-31"}
	if got := spellsOf(m); !slices.Equal(got, both) {
		t.Errorf("corrected before: %q", got)
	}
	correctIDs(t, m, nil)
	apart := []string{"1 dibao 2024-01-05 9999-12-31", "2 dibao 2024-01-05 2024-02-01", "4 tekun 2024-01-05 9999-12-31"}
	if got := spellsOf(m); !slices.Equal(got, apart) {
		t.Errorf("undone: %q", got)
	}
	correctIDs(t, m, map[int]int{4: 2})
	if got := spellsOf(m); !slices.Equal(got, both) {
		t.Errorf("corrected again: %q", got)
	}
}

// TestDeclaredDayOfWhoHadLeft: 认定日期 in a full list says since when somebody was
// recognised, whichever list says it (semantics §2: effective dates, not arrival): it
// extends a spell backwards that was closed since, and the list opens another on its day.
func TestDeclaredDayOfWhoHadLeft(t *testing.T) {
	changes := sentFile{"民政2024年3月变动.xlsx", 202403, sheetOf("变动", eventsHead, came(1, "低保", "2024-02-10"), left(1, "低保", "2024-03-05"))}
	june := sentFile{"民政2024年6月名册.xlsx", 202406, sheetOf("名册", fullHead, on(1, "低保", "2024-01-10"))}
	want := []string{"1 dibao 2024-01-10 2024-03-05", "1 dibao 2024-06-01 9999-12-31"}
	for _, files := range [][]sentFile{{changes, june}, {june, changes}} {
		m := newMemory()
		for _, f := range files {
			f.take(t, m)
		}
		if got := spellsOf(m); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestChangeInFullList: 变更 in a full list closes what was before if it is of the list's
// month, whatever else is on record, and nothing where it repeats a day of before.
func TestChangeInFullList(t *testing.T) {
	start := sentFile{"民政2024年1月变动.xlsx", 202401, sheetOf("变动", eventsHead, came(1, "特困", "2024-01-05"), came(2, "特困", "2024-01-05"))}
	late := sentFile{"民政2024年1月补报.xlsx", 202401, sheetOf("变动", eventsHead, came(1, "低保", "2024-01-20"), came(2, "低保", "2024-01-20"))}
	list := sentFile{"民政2024年2月全量.xlsx", 202402, sheetOf("全量", eventsHead, change(came(1, "低保", "2024-02-10"), map[string]any{"A": "变更"}), change(came(2, "低保", "2024-01-25"), map[string]any{"A": "变更"}))}
	want := []string{"1 tekun 2024-01-05 2024-02-10", "1 dibao 2024-01-20 2024-02-10", "1 dibao 2024-02-10 9999-12-31", "2 tekun 2024-01-05 9999-12-31", "2 dibao 2024-01-20 9999-12-31"}
	for _, files := range [][]sentFile{{start, late, list}, {list, late, start}, {start, list, late}} {
		m := newMemory()
		for _, f := range files {
			f.take(t, m)
		}
		got := spellsOf(m)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
