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
	s := opened(t, filepath.Join(t.TempDir(), "a.db"))
	var plan []string
	must(t, s.each(t.Context(), func(r *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	}, `EXPLAIN QUERY PLAN `+touchedBy(&moves{}), area, 5, 6))
	for _, table := range []string{"event", "claim", "relief", "posting", "withdrawal"} {
		if !strings.Contains(strings.Join(plan, "\n"), "USING INDEX "+table+"_seq") {
			t.Errorf("%s is not read by its entries:\n%s", table, strings.Join(plan, "\n"))
		}
	}
}
