package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/anchor"
)

func anchorOf(t *testing.T, path string) *anchor.File {
	v := testVault(t, "secret")
	return anchor.New(path+".anchor", func(text string) [16]byte { return v.Lookup("anchor", text) })
}

// moored is a store with an anchor.
func moored(t *testing.T, path string) *Store {
	t.Helper()
	s := opened(t, path)
	must(t, s.AnchorTo(t.Context(), anchorOf(t, path)))
	return s
}

// oneMore makes one more entry.
func oneMore(t *testing.T, s *Store) error {
	t.Helper()
	return s.Post(t.Context(), "李四", noon, nil, func(ledger.Seq) error { return nil })
}

// behind is how many entries the anchor does not have.
func behind(t *testing.T, s *Store) ledger.Seq {
	t.Helper()
	m, kept, err := s.Anchored(t.Context())
	must(t, err)
	last, err := s.Head(t.Context())
	must(t, err)
	if !kept {
		t.Fatal("no anchor")
	}
	return last.Seq - m.Seq
}

// ashore asserts for what reason a ledger is not the one that was marked: verify
// says it, and nothing is written to it.
func ashore(t *testing.T, path string, want anchor.Reason) {
	t.Helper()
	s := moored(t, path)
	_, _, err := s.Anchored(t.Context())
	e, ok := errors.AsType[*anchor.Error](err)
	if !ok || e.Reason != want || !errors.Is(err, ledger.ErrIntegrity) {
		t.Errorf("verified: %v, want %s", err, want)
	}
	before, err := s.Head(t.Context())
	must(t, err)
	for what, err := range map[string]error{"an entry": oneMore(t, s), "a line": s.Audit(t.Context(), noon, "张三", "看")} {
		if e, ok := errors.AsType[*anchor.Error](err); !ok || e.Reason != want {
			t.Errorf("%s was written: %v", what, err)
		}
	}
	if after, err := s.Head(t.Context()); err != nil || after != before {
		t.Errorf("the head went from %d to %d, %v", before.Seq, after.Seq, err)
	}
}

// TestCutOff: a ledger that lost its end agrees with itself, and not with its
// anchor; the same of an older copy, of another ledger, and of the audit log.
func TestCutOff(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	s := moored(t, path)
	must(t, oneMore(t, s))
	must(t, s.CopyTo(t.Context(), filepath.Join(dir, "early.db")))
	fill(t, s)
	must(t, s.Audit(t.Context(), noon, "张三", "看了第二次"))
	if n := behind(t, s); n != 0 {
		t.Fatalf("%d behind", n)
	}
	must(t, s.CopyTo(t.Context(), filepath.Join(dir, "whole.db")))
	must(t, s.Close())
	marks, err := os.ReadFile(path + ".anchor")
	must(t, err)
	other := opened(t, filepath.Join(dir, "other.db"))
	for range 20 {
		must(t, oneMore(t, other))
	}
	must(t, other.Close())

	// with puts a database beside the anchor and changes it.
	with := func(t *testing.T, from string, change ...string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "a.db")
		data, err := os.ReadFile(filepath.Join(dir, from))
		must(t, err)
		must(t, os.WriteFile(path, data, 0o600))
		must(t, os.WriteFile(path+".anchor", marks, 0o600))
		if len(change) > 0 {
			dropTriggers(t, path)
			db := raw(t, path, "_foreign_keys=0")
			for _, q := range change {
				_, err := db.Exec(q)
				must(t, err)
			}
		}
		return path
	}
	lastOnes := []string{`DELETE FROM year_step WHERE seq > 10`, `DELETE FROM entry WHERE seq > 10`}
	for name, c := range map[string]struct {
		from   string
		change []string
		want   anchor.Reason
	}{
		"the last entries with their rows": {"whole.db", lastOnes, anchor.Cut},
		"an older copy":                    {"early.db", nil, anchor.Cut},
		"another ledger of the same key":   {"other.db", nil, anchor.Replaced},
		"an older copy that was continued": {"early.db", nil, anchor.Replaced},
		"the audit log's last line":        {"whole.db", []string{`DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)`}, anchor.LogCut},
		"all of the audit log anew":        {"whole.db", []string{`DELETE FROM account`, `UPDATE audit SET what = 'x', mac = NULL`}, anchor.LogOther},
	} {
		t.Run(name, func(t *testing.T) {
			path := with(t, c.from, c.change...)
			if name == "an older copy that was continued" {
				s := opened(t, path)
				for range 20 {
					must(t, oneMore(t, s))
				}
				must(t, s.Audit(t.Context(), noon, "张三", "看"))
				must(t, s.Audit(t.Context(), noon, "张三", "看"))
			}
			if _, err := opened(t, path).Verify(t.Context()); err != nil {
				t.Fatalf("it does not agree with itself: %v", err)
			}
			ashore(t, path, c.want)
		})
	}
	t.Run("the anchor", func(t *testing.T) {
		path := with(t, "whole.db")
		must(t, os.Remove(path+".anchor"))
		ashore(t, path, anchor.Missing)
		must(t, os.WriteFile(path+".anchor", bytes.Replace(marks, []byte(" 3 "), []byte(" 4 "), 1), 0o600))
		ashore(t, path, anchor.Damaged)
	})
	t.Run("no ledger any more", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		must(t, os.WriteFile(path+".anchor", marks, 0o600))
		ashore(t, path, anchor.Cut)
	})
	t.Run("nothing", func(t *testing.T) {
		s := moored(t, with(t, "whole.db"))
		must(t, oneMore(t, s))
		if n := behind(t, s); n != 0 {
			t.Errorf("%d behind", n)
		}
	})

	// Somebody says that an older copy is what is to be.
	t.Run("accepted", func(t *testing.T) {
		path := with(t, "early.db")
		s := moored(t, path)
		if err := s.Accept(t.Context(), noon, "王五", ledger.Hash{1}); !errors.Is(err, ledger.ErrStale) {
			t.Errorf("with another head: %v", err)
		}
		head, err := s.Head(t.Context())
		must(t, err)
		must(t, s.Accept(t.Context(), noon, "王五", head.Hash))
		must(t, oneMore(t, s))
		if _, err := s.Verify(t.Context()); err != nil || behind(t, s) != 0 {
			t.Error(err)
		}
		var what string
		must(t, s.db.Get(&what, `SELECT by || ' ' || what FROM audit ORDER BY id DESC LIMIT 1`))
		if !strings.HasPrefix(what, fmt.Sprintf("王五 verify --accept 1 %s, marked 12 ", head.Hash)) {
			t.Error(what)
		}
		// What was accepted is from then on what must not be cut.
		must(t, s.Close())
		dropTriggers(t, path)
		_, err = raw(t, path, "").Exec(`DELETE FROM entry WHERE seq > 1`)
		must(t, err)
		ashore(t, path, anchor.Cut)
	})
	t.Run("accepted with a damaged anchor", func(t *testing.T) {
		path := with(t, "whole.db")
		must(t, os.WriteFile(path+".anchor", bytes.Replace(marks, []byte(" 3 "), []byte(" 4 "), 1), 0o600))
		s := moored(t, path)
		head, err := s.Head(t.Context())
		must(t, err)
		must(t, s.Accept(t.Context(), noon, "王五", head.Hash))
		must(t, oneMore(t, s))
		if _, err := os.Stat(path + ".anchor.1"); err != nil || behind(t, s) != 0 {
			t.Errorf("the damaged one was not kept: %v", err)
		}
	})
}

// TestAnchorBehind: a crash between a commit and its mark leaves the anchor one
// behind, which is no fault, and what is written next brings it up.
func TestAnchorBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := moored(t, path)
	must(t, oneMore(t, s))
	crashed := opened(t, path) // it writes no mark
	must(t, oneMore(t, crashed))
	if n := behind(t, s); n != 1 {
		t.Fatalf("%d behind", n)
	}
	must(t, crashed.Audit(t.Context(), noon, "张三", "看"))
	must(t, oneMore(t, s))
	if n := behind(t, s); n != 0 {
		t.Errorf("%d behind", n)
	}
	// Another process has the lock as the mark is due: it is not waited for.
	tx, err := raw(t, path, "_txlock=immediate").Begin()
	must(t, err)
	began := time.Now()
	must(t, s.mark(t.Context()))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("waited %v", took)
	}
	must(t, tx.Rollback())
}

// TestAnchorAfterUpgrade: a ledger of before begins its anchor where it stands, and
// its audit log is under the hash of the first line that has one.
func TestAnchorAfterUpgrade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	old := opened(t, path)
	must(t, oneMore(t, old))
	for i := range 3 {
		_, err := old.db.Exec(`INSERT INTO audit (at, by, what) VALUES (?, '张三', 'results --reveal')`, stamp(noon.Add(time.Duration(i)*time.Hour)))
		must(t, err)
	}
	s := moored(t, path)
	if n := behind(t, s); n != 0 {
		t.Errorf("%d behind", n)
	}
	must(t, s.Audit(t.Context(), noon, "李四", "看"))
	must(t, s.Audit(t.Context(), noon, "李四", "又看"))
	if _, err := s.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, errors.Join(s.Close(), old.Close())) // what is in the WAL goes to the file
	data, err := os.ReadFile(path)
	must(t, err)
	for name, change := range map[string]string{
		"a line of before":         `UPDATE audit SET by = '王五' WHERE id = 2`,
		"a line of before deleted": `DELETE FROM audit WHERE id = 2`,
		"the first one deleted":    `DELETE FROM audit WHERE id = 1`,
		"who looked":               `UPDATE audit SET by = '王五' WHERE id = 4`,
		"when":                     `UPDATE audit SET at = '2020-01-01T00:00:00Z' WHERE id = 5`,
		"at what":                  `UPDATE audit SET what = '没看' WHERE id = 4`,
		"a line deleted":           `DELETE FROM audit WHERE id = 4`,
		"two exchanged":            `UPDATE audit SET what = CASE id WHEN 4 THEN '又看' ELSE '看' END WHERE id > 3`,
		"a hash deleted":           `UPDATE audit SET mac = NULL WHERE id = 5`,
		"a line without a hash":    `INSERT INTO audit (at, by, what) VALUES ('', '', '')`,
		"a number moved":           `UPDATE audit SET id = 9 WHERE id = 5`,
	} {
		path := filepath.Join(t.TempDir(), "b.db")
		must(t, os.WriteFile(path, data, 0o600))
		dropTriggers(t, path)
		r, err := raw(t, path, "").Exec(change)
		must(t, err)
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%s changed nothing", name)
		}
		if _, err := opened(t, path).Verify(t.Context()); !errors.Is(err, ledger.ErrIntegrity) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAnchorOfMany: several that write at once leave one anchor that is right, with
// the last entry in it.
func TestAnchorOfMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	var wg sync.WaitGroup
	first := moored(t, path)
	for range 4 {
		s := moored(t, path)
		wg.Go(func() {
			for range 15 {
				if err := s.Post(t.Context(), "李四", noon, nil, func(ledger.Seq) error { return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := behind(t, first); n > 1 {
		t.Errorf("%d behind", n)
	}
	if last, err := first.Verify(t.Context()); err != nil || last.Seq != 60 {
		t.Errorf("%d entries, %v", last.Seq, err)
	}
}
