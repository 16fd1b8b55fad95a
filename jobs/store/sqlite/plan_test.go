package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// TestTouchedReadsWhatIsNew: whom a run has to settle is found by what is new alone, by
// the entries' indexes; the area's would read all that it has for one new row.
func TestTouchedReadsWhatIsNew(t *testing.T) {
	plan := planOf(t, touchedBy(&moves{}), area, 5, 6)
	for _, table := range []string{"event", "claim", "relief", "posting", "withdrawal"} {
		if !strings.Contains(plan, "USING INDEX "+table+"_seq") {
			t.Errorf("%s is not read by its entries:\n%s", table, plan)
		}
	}
}

// TestSumsReadInOrder: the year's results and their settlements are read as they lie,
// not fetched one by one by the area's index, nor sorted.
func TestSumsReadInOrder(t *testing.T) {
	plan := planOf(t, settledIn(&moves{}), area, 2023, 1, 4)
	if strings.Contains(plan, "USING INDEX") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "SCAN result") || !strings.Contains(plan, "SEARCH c USING INTEGER PRIMARY KEY") {
		t.Error(plan)
	}
}

// TestWaitingRefundsReadFew: refunds are found by the index of the few settlements
// that were paid at once or taken back.
func TestWaitingRefundsReadFew(t *testing.T) {
	plan := planOf(t, waitingRefunds(&moves{}), area, 5, "x")
	if !strings.Contains(plan, "claim USING INDEX claim_paid") || strings.Contains(plan, "claim_person") {
		t.Error(plan)
	}
}

// planOf is how a query is carried out, a step a line.
func planOf(t *testing.T, query string, args ...any) string {
	t.Helper()
	s := opened(t, filepath.Join(t.TempDir(), "a.db"))
	var plan []string
	must(t, s.each(t.Context(), func(r *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	}, `EXPLAIN QUERY PLAN `+query, args...))
	return strings.Join(plan, "\n")
}
