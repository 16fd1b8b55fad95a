package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/store/storetest"
	"doudi/jobs/vault"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/pack"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"
)

func testVault(t testing.TB, secret string) *vault.Vault {
	t.Helper()
	key := sha256.Sum256([]byte(secret))
	v, err := vault.New(key[:])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// opened is a store on a file, closed at the test's end.
func opened(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, testVault(t, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// raw is a second connection to the file, behind the store's back.
func raw(t *testing.T, path, pragmas string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?"+pragmas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		return moored(t, filepath.Join(t.TempDir(), "县 100%?&#.db")) // offices name files as they like
	})
}

const (
	area   = "990001"
	person = "王小明"
	other  = "欧阳春花"
)

var noon = time.Date(2023, 7, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// fill puts at least one row into every table: two files, a run with results
// and a case, postings, a second run, one that was left, one that is under way.
func fill(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	take := func(read int, f func(x ledger.Taker) error) {
		t.Helper()
		must(t, s.Take(ctx, &ledger.File{SHA256: fmt.Sprint("sha", read), Name: "名单.xlsx", Area: area, Kind: "mixed", Month: 202307, By: "张三", At: noon,
			Read: read, Taken: read, Amount: 10000}, func() bool { return true }, f))
	}
	var p, q ledger.PersonNo
	var events []ledger.Event
	claims := []*ledger.Claim{{Area: area}, {Area: area}, {Area: area, Refund: true, RefundOf: "S2"}}
	take(5, func(x ledger.Taker) (err error) {
		if p, err = x.Person(storetest.Certno(1)); err != nil {
			return err
		}
		if q, err = x.Person(storetest.Certno(2)); err != nil {
			return err
		}
		n, err := x.Name(person)
		if err != nil {
			return err
		}
		events = []ledger.Event{{Person: p, Date: 20230101, County: "青柳县", Applied: 20221201}, {Person: q, Date: 20230102, Head: p}}
		for i := range events {
			e := &events[i]
			e.Area, e.Op, e.Category, e.Name, e.Extra = area, rules.Add, rules.Dibao, n, x.Seal("电话 "+other)
			if _, err := x.Event(e); err != nil {
				return err
			}
		}
		for i, c := range claims {
			c.Person, c.Name, c.Extra = p, n, x.Seal("备注 "+other)
			c.ID, c.At, c.Kind, c.Total, c.InScope, c.Assist = fmt.Sprint("S", i+1), 20230310000000, rules.Inpatient, 10000, 9000, 10
		}
		_, err = x.Claims(claims)
		return err
	})
	take(10, func(x ledger.Taker) error {
		n, err := x.Name(other)
		if err != nil {
			return err
		}
		if err := fillLists(x, p, n); err != nil {
			return err
		}
		// Sent once more for another month, and taken back for their own: they live.
		for i, e := range events {
			was := e.Month
			e.Month, e.Src.Sheet = 202307, fmt.Sprint("表", i)
			if _, err := x.Event(&e); err != nil {
				return err
			}
			if _, err := x.Withdraw(e.ID, was, e.Src.Seq, ledger.Source{Sheet: "更正"}); err != nil {
				return err
			}
		}
		for i := range 2 {
			if _, err := x.Relief(&ledger.Relief{Area: area, Person: p, Name: n, Date: 20230401, Kind: "慈善", Amount: 100, Note: fmt.Sprint("给", person, i),
				Extra: x.Seal(fmt.Sprint("给", person, i))}); err != nil {
				return err
			}
		}
		return nil
	})
	commit := func(m int, f func(w ledger.RunWriter, no int) error) int {
		t.Helper()
		r, err := s.StartRun(ctx, ledger.Run{Month: 202307, By: "张三", Version: "v1"}, noon)
		must(t, err)
		r.Seen, r.Areas, r.Proposal = 2, []ledger.RunArea{{Area: area, TopUp: 100}}, "p1"
		must(t, s.CommitRun(ctx, &r, clock, func(w ledger.RunWriter) error { return f(w, r.No) }))
		return r.No
	}
	no := commit(7, func(w ledger.RunWriter, no int) error {
		for _, c := range claims[:2] {
			x := ledger.Result{Run: no, Area: area, Person: p, Year: 2023, Claim: c.Ref, Category: rules.Dibao, Total: 10000, InScope: 9000,
				Due: rules.Result{Category: rules.Dibao, Assist: 100, Person: 9900}}
			if err := w.Result(&x); err != nil {
				return err
			}
		}
		if err := w.Policy(&ledger.PolicyText{Digest: pack.DocumentDigest("", []byte("a: 1\n")), Kind: pack.DocumentOverlay, Name: "a.yaml", Text: []byte("a: 1\n")}); err != nil {
			return err
		}
		k := ledger.Case{Run: no, Area: area, Person: p}
		k.Year, k.Monitor, k.Name, k.State, k.Line, k.Gross, k.Burden = 2023, "m", "监测", rules.Watching, 1, 9900, 9900
		k.Moves = []rules.Move{{To: rules.Watching, Date: 20230310, By: rules.ByClaim, Ref: claims[0].Ref}}
		if err := w.Case(&k); err != nil {
			return err
		}
		k.Level, k.Gross = ledger.LevelHousehold, 12000
		return w.Case(&k)
	})
	must(t, s.Post(ctx, "李四", noon, []ledger.Posting{{Run: no, Area: area, Person: p, Claim: claims[0].Ref, Year: 2023, Fund: rules.FundAssistance, Amount: 90, Date: 20230702}},
		func(ledger.Seq) error { return nil }))
	commit(8, func(w ledger.RunWriter, no int) error {
		return w.Result(&ledger.Result{Run: no, Area: area, Person: p, Year: 2023, Claim: claims[1].Ref, Flags: ledger.FlagGone})
	})
	made := ledger.Matching{Area: area, Dues: []string{"posting:1"}, Lines: []string{"transfer:1", "transfer:2"}, Reason: "由" + other + "代领", By: "李四", At: noon}
	undone := ledger.Matching{Area: area, Undo: 1, Reason: "不是" + other, By: "王五", At: noon}
	for _, x := range []*ledger.Matching{&made, &undone} {
		must(t, s.Match(ctx, x, func(ledger.Seq, []ledger.Matching) error { return nil }))
	}
	corrected := ledger.Merge{From: p, To: q, Reason: "即" + other, By: "李四", At: noon}
	back := ledger.Merge{Undo: 1, From: p, To: q, Reason: "不是" + other, By: "王五", At: noon}
	for _, x := range []*ledger.Merge{&corrected, &back} {
		must(t, s.Merge(ctx, x, func([]ledger.Merge) error { return nil }))
	}
	signed := ledger.YearStep{Area: area, Year: 2023, Step: ledger.YearSign, By: "李四", At: noon, Digest: "d1", Run: no, Reason: other + "已搬走", Statement: []byte(`{"who":"` + other + `"}`)}
	reopened := ledger.YearStep{Area: area, Year: 2023, Step: ledger.YearReopen, By: "王五", At: noon, Digest: "d1", Run: no, Reason: "漏了" + other}
	for _, x := range []*ledger.YearStep{&signed, &reopened} {
		must(t, s.SignYear(ctx, x, func(ledger.Seq, []ledger.YearStep) error { return nil }))
	}
	term := ledger.Term{Job: "run", Kind: "run", Cron: "30 2 5 * *", Month: "previous", State: ledger.TermOn, Since: noon, By: "张三"}
	must(t, s.AddTerm(ctx, &term, 0))
	try := ledger.Try{Job: "run", Kind: "run", Term: term.ID, Origin: ledger.ByClock, Due: noon, Month: 202306, Attempt: 1}
	must(t, s.ClaimTry(ctx, &try, term.ID, noon))
	try.State, try.Finished = ledger.TryFailed, noon
	must(t, s.FinishTry(ctx, try))
	must(t, s.AddNotice(ctx, ledger.Notice{Try: try.ID, How: "mail", At: noon}))
	must(t, s.Audit(ctx, noon, "张三", "看了身份证号"))
	fillUsers(t, s)
	_, err := s.StartRun(ctx, ledger.Run{Month: 202307, By: "张三"}, noon.Add(-24*time.Hour))
	must(t, err)
	_, err = s.StartRun(ctx, ledger.Run{Month: 202308, By: "张三"}, noon)
	must(t, err)
}

// fillLists takes two enrolments, contributions, births, lines of a bill and
// transfers.
func fillLists(x ledger.Taker, p ledger.PersonNo, name int64) error {
	extra := func() []byte { return x.Seal("备注 " + other) }
	for i := range 2 {
		_, err1 := x.Enrolment(&ledger.Enrolment{Area: area, Person: p, Name: name, Year: 2023 + i, Insutype: "390", Plan: rules.PlanResidents, Place: area, PaidOn: 20221101,
			Own: 100, Subsidy: 280, By: "医保局", Extra: extra()})
		_, err2 := x.Contribution(&ledger.Contribution{Area: area, Person: p, Name: name, Month: civil.Month(202301 + i), Base: 450000, Paid: 4500, Extra: extra()})
		_, err3 := x.Birth(&ledger.Birth{Area: area, Person: p, Name: name, Date: civil.Date(20230301 + i), Days: 158, Extra: extra()})
		_, err4 := x.Item(&ledger.Item{Area: area, Person: p, Name: name, SetlID: fmt.Sprint("S", i), Code: "0033", ItemName: "检查", Class: "检查费", Date: 20230310,
			Price: 130, BasePrice: 100, Quantity: 2000, Amount: 260, Extra: extra()})
		_, err5 := x.Transfer(&ledger.Transfer{Area: area, Person: p, Payee: name, Batch: "B1", Date: 20230401, Item: "医疗救助", Payer: "财政局", From: 202301, To: 202303,
			SetlID: fmt.Sprint("S", i), Amount: 1000, Nth: 1, Extra: extra()})
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			return err
		}
	}
	return nil
}

// tables are those that the migrations create.
func tables(t *testing.T) []string {
	t.Helper()
	var out []string
	files, err := fs.Glob(migrations, "migrations/*.sql")
	must(t, err)
	for _, f := range files {
		data, err := migrations.ReadFile(f)
		must(t, err)
		up, _, _ := strings.Cut(string(data), "-- +goose Down")
		for _, m := range regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindAllStringSubmatch(up, -1) {
			out = append(out, m[1])
		}
	}
	slices.Sort(out)
	out = slices.Compact(out) // one may be made anew
	if len(out) < 15 {
		t.Fatalf("only %d tables: %v", len(out), out)
	}
	return out
}

// TestAppendOnly: every table refuses update and delete, even raw. A run's own
// row may change while it runs; done or left, it may not.
func TestAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := opened(t, path)
	fill(t, s)
	db := raw(t, path, "_busy_timeout=5000")
	for _, table := range tables(t) {
		var rows int
		must(t, db.QueryRow(`SELECT count(*) FROM `+table).Scan(&rows))
		if rows == 0 {
			t.Errorf("%s is empty: triggers act on rows", table)
		}
		columns, err := db.Query(`SELECT name FROM pragma_table_info(?)`, table)
		must(t, err)
		var names []string
		for columns.Next() {
			var n string
			must(t, columns.Scan(&n))
			names = append(names, n)
		}
		must(t, columns.Err())
		which := []string{""}
		switch table {
		case "run":
			which = []string{" WHERE state = 'done'", " WHERE state = 'abandoned'"}
		case "schedule_due":
			which = []string{" WHERE state = 'failed'"}
		}
		statements := []string{`DELETE FROM ` + table}
		for _, where := range which {
			for _, n := range names {
				statements = append(statements, fmt.Sprintf(`UPDATE "%s" SET "%s" = "%s"%s`, table, n, n, where))
			}
		}
		for _, q := range statements {
			if _, err := db.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only: "+table) {
				t.Errorf("%s: %v", q, err)
			}
		}
	}
	for state, want := range map[string]int{"done": 2, "abandoned": 1, "running": 1} {
		var n int
		must(t, db.QueryRow(`SELECT count(*) FROM run WHERE state = ?`, state).Scan(&n))
		if n != want {
			t.Errorf("%d runs %s, want %d", n, state, want)
		}
	}
	if _, err := db.Exec(`UPDATE run SET beat = beat WHERE state = 'running'`); err != nil {
		t.Errorf("a run's own row while it runs: %v", err)
	}
}

// TestNoPlaintext reads the database's bytes: nothing in them tells who
// anybody is.
func TestNoPlaintext(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	s, err := Open(t.Context(), path, testVault(t, "secret"))
	must(t, err)
	fill(t, s)
	look := func(when string) {
		t.Helper()
		files, err := filepath.Glob(path + "*")
		must(t, err)
		control := false
		for _, f := range files {
			data, err := os.ReadFile(f)
			must(t, err)
			control = control || bytes.Contains(data, []byte("看了身份证号"))
			for _, secret := range []string{storetest.Certno(1), storetest.Certno(2), storetest.Certno(1)[:17], storetest.Certno(1)[6:14], person, other, "电话"} {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("%s: %q lies open in %s", when, secret, filepath.Base(f))
				}
			}
		}
		if !control {
			t.Errorf("%s: the files %v do not even hold what lies open", when, files)
		}
	}
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("no -wal to read: %v", err)
	}
	look("open")
	copied := filepath.Join(dir, "copy.db")
	must(t, s.CopyTo(t.Context(), copied))
	must(t, s.Close())
	look("closed")
	path = copied
	look("copied")
}

// TestWrongKey: a ledger opens with its own key alone, so that nothing is
// sealed into it that its key can not open; the refusal changes nothing.
func TestWrongKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := opened(t, path)
	fill(t, s)
	if w, err := Open(t.Context(), path, testVault(t, "another")); !errors.Is(err, ledger.ErrWrongKey) {
		t.Errorf("opened %v, %v", w, err)
	}
	if again := opened(t, path); again != nil {
		n, err := again.PersonByID(t.Context(), storetest.Certno(1))
		if err != nil || n == 0 {
			t.Errorf("found %d, %v", n, err)
		}
	}
	// Even where the fingerprint was passed by, the boxes do not open.
	s.vault = testVault(t, "another")
	if n, err := s.PersonByID(t.Context(), storetest.Certno(1)); err != nil || n != 0 {
		t.Errorf("found %d, %v", n, err)
	}
	if ids, err := s.Certnos(t.Context(), []ledger.PersonNo{1}); err == nil {
		t.Errorf("named %v", ids)
	}
}

// TestCopy: a copy is whole and has the same head; the original's lock does not
// travel with it.
func TestCopy(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, filepath.Join(dir, "a.db"))
	fill(t, s)
	head, err := s.Head(t.Context())
	must(t, err)
	must(t, s.CopyTo(t.Context(), filepath.Join(dir, "b.db")))
	c := opened(t, filepath.Join(dir, "b.db"))
	if last, err := c.Verify(t.Context()); err != nil || last != head {
		t.Errorf("%v %v, want %v", last, err, head)
	}
	if err := s.CopyTo(t.Context(), filepath.Join(dir, "b.db")); err == nil {
		t.Error("copied over a file that was there")
	}
}

// schema is what the database is made of.
func schema(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query(`SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite_%' ORDER BY 1`)
	must(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		must(t, rows.Scan(&s))
		out = append(out, s)
	}
	must(t, rows.Err())
	return out
}

func provider(t *testing.T, db *sql.DB) *goose.Provider {
	t.Helper()
	sub, err := fs.Sub(migrations, "migrations")
	must(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithDisableGlobalRegistry(true))
	must(t, err)
	return p
}

// TestMigrateLedger: a ledger that was made under an earlier schema, by the
// program of that time, is brought to the present one and verifies to the same
// head; what is new can be taken on top. (testdata/ledger-N.sql is fill's, as it
// was then.)
func TestMigrateLedger(t *testing.T) {
	for version, head := range map[int64]string{
		1: "46496a8ee6c5958d78a5fac283935b1b8d680995565a8dd3c624ce396d4c3968",
		2: "b213fbc7a03042a54791d5af709d5bac90cc31e1606cbabaf203e59496279c7e",
	} {
		t.Run(fmt.Sprint(version), func(t *testing.T) { migrateLedger(t, version, head) })
	}
}

// TestLedgerBytes: a ledger with an entry of every kind, made by the program of
// then, verifies to the head of then: no record's bytes have changed since, and
// none of its signed acts reads as another.
func TestLedgerBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := raw(t, path, "_foreign_keys=0")
	_, err := provider(t, db).UpTo(t.Context(), 8)
	must(t, err)
	rows, err := os.ReadFile(filepath.Join("testdata", "ledger-8.sql"))
	must(t, err)
	_, err = db.Exec(string(rows))
	must(t, err)
	s := opened(t, path)
	last, err := s.Verify(t.Context())
	must(t, err)
	if last.Seq != 11 || last.Hash.String() != "fab91a0bdab5843719b2f512063379e756b628f124b11f73db690e1f7b0eeda5" {
		t.Errorf("verified up to %d, %s", last.Seq, last.Hash)
	}
	matched, err := s.Matchings(t.Context(), area, 99)
	must(t, err)
	merged, err := s.Merges(t.Context(), 99)
	must(t, err)
	steps, err := s.YearSteps(t.Context(), area, 99)
	must(t, err)
	for _, x := range matched {
		x.Box = nil
		last.Hash = digestOf(last.Hash, fmt.Sprintf("%+v", x))
	}
	for _, x := range merged {
		x.Box = nil
		last.Hash = digestOf(last.Hash, fmt.Sprintf("%+v", x))
	}
	for _, x := range steps {
		x.ReasonBox, x.Box = nil, nil
		last.Hash = digestOf(last.Hash, fmt.Sprintf("%+v", x))
	}
	if last.Hash.String() != "ae503f30f752531bbc989a52dad79170c6c7355a8159f8a157222067236d9463" {
		t.Errorf("they read as %s", last.Hash)
	}
}

func digestOf(before ledger.Hash, text string) ledger.Hash {
	return sha256.Sum256(append(before[:], text...))
}

func migrateLedger(t *testing.T, version int64, head string) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := raw(t, path, "_foreign_keys=0")
	p := provider(t, db)
	_, err := p.UpTo(t.Context(), version)
	must(t, err)
	first := schema(t, db)
	rows, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("ledger-%d.sql", version)))
	must(t, err)
	_, err = db.Exec(string(rows))
	must(t, err)

	s := opened(t, path)
	last, err := s.Verify(t.Context())
	must(t, err)
	if last.Seq != 5 || last.Hash.String() != head {
		t.Errorf("verified up to %d, %s", last.Seq, last.Hash)
	}
	es, err := s.Events(t.Context(), area, nil, 0, 9)
	must(t, err)
	for _, e := range es {
		if later := e.County != "" || e.Applied != 0; e.Via != ledger.ViaRow || later && (version == 1 || e.ID != 1) {
			t.Errorf("%+v", e)
		}
	}
	cs, err := s.Cases(t.Context(), area, 0, 9)
	must(t, err)
	levels := map[int64][]string{1: {ledger.LevelPerson}, 2: {ledger.LevelHousehold, ledger.LevelPerson}}[version]
	if len(es) != 2 || len(cs) != len(levels) {
		t.Fatalf("%+v, %+v", es, cs)
	}
	for i, c := range cs {
		if c.Level != levels[i] || c.Burden != 9900 || len(c.Moves) != 1 {
			t.Errorf("%+v", c)
		}
	}
	for table, change := range map[string]string{"case_state": "level = 'household'", "event": "via = 1"} {
		_, err = db.Exec(`UPDATE ` + table + ` SET ` + change)
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s was made anew without its triggers: %v", table, err)
		}
	}

	// One event is said again and withdrawn, and so is the other, for good, of
	// which a new one says the same.
	must(t, s.Take(t.Context(), &ledger.File{SHA256: "new", Area: area, Month: 202308, At: noon}, func() bool { return true }, func(x ledger.Taker) error {
		one, two := es[0], es[1]
		one.ID, one.Month = 0, 202308
		if o, err := x.Event(&one); err != nil || o != ledger.Repeated || one.ID != es[0].ID {
			t.Errorf("%d %d %v", o, one.ID, err)
		}
		for _, e := range es {
			if lives, err := x.Withdraw(e.ID, 0, e.Src.Seq, ledger.Source{Sheet: "更正"}); err != nil || lives != (e.ID == one.ID) {
				t.Errorf("event %d lives: %t, %v", e.ID, lives, err)
			}
		}
		if o, err := x.Event(&two); err != nil || o != ledger.New || two.ID == es[1].ID {
			t.Errorf("%d %d %v", o, two.ID, err)
		}
		return fillLists(x, es[0].Person, 0)
	}))
	if last, err = s.Verify(t.Context()); err != nil || last.Seq != 6 {
		t.Errorf("verified up to %d: %v", last.Seq, err)
	}

	// And back: the schema is the earlier one, and what it can hold is still there.
	_, err = p.DownTo(t.Context(), version)
	must(t, err)
	if d := cmp.Diff(first, schema(t, db)); d != "" {
		t.Errorf("not the earlier schema after down\n%s", d)
	}
	for table, want := range map[string]int{"event": 2, "claim": 3, "relief": 2, "case_state": len(levels), "result": 3, "entry": 6} {
		var n int
		must(t, db.QueryRow(`SELECT count(*) FROM `+table).Scan(&n))
		if n != want {
			t.Errorf("%d rows of %s, want %d", n, table, want)
		}
	}
	var ids string
	must(t, db.QueryRow(`SELECT group_concat(id) FROM event`).Scan(&ids))
	if ids != "1,3" {
		t.Errorf("events %s, want those that live", ids)
	}
}

// TestMigrations: up, down to nothing, and up again to the same.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s := opened(t, path)
	fill(t, s)
	up := schema(t, s.db.DB)
	p := provider(t, s.db.DB)
	for no := 3; no <= 4; no++ { // the numbers come again
		must(t, s.letGo(ledger.Run{No: no, Token: 1}))
	}
	// Entries of the later kinds do not fit the older schema, which refuses to lose them.
	_, err := p.DownTo(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "CHECK constraint failed") {
		t.Errorf("down over entries of later kinds: %v", err)
	}
	_, err = s.db.Exec(`DROP TRIGGER entry_keep_d; DELETE FROM entry WHERE kind NOT IN ('import', 'run', 'post')`)
	must(t, err)
	_, err = p.DownTo(t.Context(), 0)
	must(t, err)
	if left := schema(t, s.db.DB); len(left) != 0 {
		t.Errorf("left over after down: %v", left)
	}
	_, err = p.Up(t.Context())
	must(t, err)
	if d := cmp.Diff(up, schema(t, s.db.DB)); d != "" {
		t.Errorf("not the same after down and up\n%s", d)
	}
	fill(t, s)
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	// Opening what is up to date changes nothing.
	again := opened(t, path)
	if d := cmp.Diff(up, schema(t, again.db.DB)); d != "" {
		t.Error(d)
	}
	for _, table := range tables(t) {
		if !slices.ContainsFunc(up, func(s string) bool {
			return strings.HasPrefix(s, "table "+table+" ") && strings.HasSuffix(s, "STRICT") || strings.HasPrefix(s, "table "+table+" ") && strings.Contains(s, "STRICT, WITHOUT ROWID")
		}) {
			t.Errorf("%s is not STRICT", table)
		}
	}
}

// TestOpenFails: what is no ledger is refused, and not made one.
func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "a.txt")
	must(t, os.WriteFile(text, bytes.Repeat([]byte("这不是数据库。"), 200), 0o600))
	for _, path := range []string{text, filepath.Join(dir, "none", "a.db"), dir} {
		if s, err := Open(context.Background(), path, testVault(t, "secret")); err == nil {
			t.Errorf("%s opened", path)
			s.Close()
		}
	}
	data, err := os.ReadFile(text)
	must(t, err)
	if !bytes.HasPrefix(data, []byte("这不是数据库。")) {
		t.Error("the file was changed")
	}
}
