package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// TestResultsOverTheirClaims: a result whose layers make its total, but not that of
// its claim, is found.
func TestResultsOverTheirClaims(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, s)
	must(t, s.letGo(ledger.Run{No: 4, Token: 1}))
	r, err := s.StartRun(t.Context(), ledger.Run{Month: 202309, By: "张三"}, noon)
	must(t, err)
	r.Seen = 2
	must(t, s.CommitRun(t.Context(), &r, clock, func(w ledger.RunWriter) error {
		return w.Result(&ledger.Result{Run: r.No, Area: area, Person: 1, Year: 2023, Claim: 1, Total: 9900, InScope: 9000, Due: rules.Result{Person: 9900}})
	}))
	if _, err := s.Verify(t.Context()); !errors.Is(err, ledger.ErrIntegrity) || !strings.Contains(err.Error(), "1 results are not over the amounts of their claims") {
		t.Error(err)
	}
}
