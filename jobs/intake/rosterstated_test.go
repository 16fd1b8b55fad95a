package intake

import "testing"

// TestRowInTwoLists: a row of two lists of one department and month is on record as
// of both. A correction of either takes it from that one alone, whichever came
// first.
func TestRowInTwoLists(t *testing.T) {
	const a, b = "民政2024年2月低保新增-甲.xlsx", "民政2024年2月低保新增-乙.xlsx"
	both := came(1, "低保", "2024-02-01")
	lists := map[string]table{a: sheetOf("Sheet1", eventsHead, both, came(2, "低保", "2024-02-01")), b: sheetOf("Sheet1", eventsHead, both)}
	for _, first := range []string{a, b} {
		other := map[string]string{a: b, b: a}[first]
		m := newMemory()
		send(t, m, first, lists[first])
		send(t, m, other, lists[other])
		// The list of b had that row alone: it is nevertheless the one that is corrected.
		f, rep := send(t, m, "民政2024年2月低保新增-乙（更正）.xlsx", sheetOf("Sheet1", eventsHead, came(3, "低保", "2024-02-01")))
		wantWarnings(t, rep)
		wantNote(t, rep, b+"（1 条）")
		wantStanding(t, m, 20240202, "1 dibao", "2 dibao", "3 dibao")
		if len(f.Effect.Replaced) != 1 {
			t.Errorf("%+v", f.Effect)
		}
		f, rep = send(t, m, "民政2024年2月低保新增-甲（更正）.xlsx", sheetOf("Sheet1", eventsHead, came(2, "低保", "2024-02-01")))
		wantWarnings(t, rep)
		wantNote(t, rep, a+"（2 条）")
		wantStanding(t, m, 20240202, "2 dibao", "3 dibao")
		if f.Effect.Withdrawn != 1 {
			t.Errorf("%+v", f.Effect)
		}
	}
}

// TestNamesakeWithNothingLeft: a list of which nothing is left is corrected once
// more all the same; no other list stands in for it.
func TestNamesakeWithNothingLeft(t *testing.T) {
	m := newMemory()
	send(t, m, "民政2024年2月低保新增-甲.xlsx", sheetOf("Sheet1", eventsHead, came(1, "低保", "2024-02-01")))
	send(t, m, "民政2024年2月低保新增-乙.xlsx", sheetOf("Sheet1", eventsHead, came(2, "低保", "2024-02-01")))
	// Its only row is of another category now.
	send(t, m, "民政2024年2月低保新增-乙（更正）.xlsx", sheetOf("Sheet1", eventsHead, left(2, "低保", "2024-02-09")))
	_, rep := send(t, m, "民政2024年2月低保新增-乙（第二次更正）.xlsx", sheetOf("Sheet1", eventsHead, came(3, "低保", "2024-02-01")))
	wantWarnings(t, rep)
	wantStanding(t, m, 20240202, "1 dibao", "3 dibao")
}

// TestCorrectionTakesOver: what a correction of another name states in the place of
// lists is its own from then on: the next correction of that name takes it back.
func TestCorrectionTakesOver(t *testing.T) {
	m := newMemory()
	send(t, m, "一.xlsx", sheetOf("低保新增", fullHead, on(1, "低保", "2024-02-01"), on(2, "低保", "2024-02-01")))
	_, rep := send(t, m, "二.xlsx", sheetOf("低保新增更正", fullHead, on(1, "低保", "2024-02-01"), on(2, "低保", "2024-02-01")))
	wantWarnings(t, rep)
	f, _ := send(t, m, "二-第二次.xlsx", sheetOf("低保新增更正", fullHead, on(2, "低保", "2024-02-01")))
	wantStanding(t, m, 20240202, "2 dibao")
	if f.Effect.Withdrawn != 1 {
		t.Errorf("%+v", f.Effect)
	}
}

// TestStatedByRowAndList: a row of changes and one of a full list that say the same
// are corrected each by its own kind, whichever came first.
func TestStatedByRowAndList(t *testing.T) {
	rows, list := sheetOf("低保新增", fullHead, on(1, "低保", "2024-01-05")), sheetOf("低保名册", fullHead, on(1, "低保", "2024-01-05"), on(2, "低保", "2024-01-05"))
	for _, listFirst := range []bool{true, false} {
		m := newMemory()
		if listFirst {
			send(t, m, "册.xlsx", list)
			send(t, m, "增.xlsx", rows)
		} else {
			send(t, m, "增.xlsx", rows)
			send(t, m, "册.xlsx", list)
		}
		send(t, m, "更.xlsx", sheetOf("低保新增更正", fullHead, on(3, "低保", "2024-01-05")))
		wantStanding(t, m, 20240131, "1 dibao", "2 dibao", "3 dibao")
	}
}
