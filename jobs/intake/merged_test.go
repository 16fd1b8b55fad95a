package intake

import (
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// TestOldID: rows under an ID that was corrected are taken under their number, warned
// of once for each ID and file, and compared as those of whose they are: nobody
// leaves a full list who stands on it under either ID, and who leaves it leaves it
// under both.
func TestOldID(t *testing.T) {
	m := newMemory()
	take(t, m, putBook(t, sheetOf("新增", eventsHead, came(1, "低保", "2024-01-05"), came(2, "低保", "2024-01-05"), came(3, "低保", "2024-01-05"))), february(t))
	one, _ := person1(1)
	two, _ := person1(2)
	m.moved = map[ledger.PersonNo]ledger.PersonNo{m.people[two]: m.people[one]}

	f, rep := take(t, m, putBook(t, sheetOf("新增", eventsHead, came(2, "特困", "2024-01-06"), came(2, "残疾人", "2024-01-07"), came(1, "特困", "2024-01-07"))), february(t))
	if e := m.events[3]; e.Person != m.people[two] {
		t.Errorf("taken under %d", e.Person)
	}
	n := 0
	for _, w := range rep.Warnings {
		if w.Code == "W-ID-CORRECTED" {
			n++
		}
	}
	if n != 1 || f.Returned > 1 {
		t.Errorf("%+v", rep.Warnings)
	}

	full := func(rows ...[]any) ledger.File {
		t.Helper()
		f, _ := take(t, m, putBook(t, sheetOf("2024年2月低保对象全量", fullHead, rows...)), february(t))
		return f
	}
	if f := full(on(2, "低保", "2024-01-05"), on(3, "低保", "2024-01-05")); f.Effect.Absent != 0 {
		t.Errorf("left a list on which they stand under the old ID: %+v", f.Effect)
	}
	had := len(m.events)
	if f := full(on(3, "低保", "2024-01-05")); f.Effect.Absent != 1 {
		t.Errorf("one person leaves: %+v", f.Effect)
	}
	left := map[ledger.PersonNo]bool{}
	for _, e := range m.events[had:] {
		left[e.Person] = e.Op == rules.Remove && e.Via == ledger.ViaGone
	}
	if len(left) != 2 || !left[m.people[one]] || !left[m.people[two]] {
		t.Errorf("left %v", m.events[had:])
	}
}
