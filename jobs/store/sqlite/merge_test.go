package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/jobs/store/storetest"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var background = context.Background()

// said is a row of the model: of whom it came, and what it says.
type said struct {
	who, what, day int
	setlID         string
}

// put takes rows into a store, each under the number that whose gives.
func put(s *Store, sha string, rows []said, whose func(int) int) error {
	return s.Take(background, &ledger.File{SHA256: sha, Area: area, At: noon}, func() bool { return true }, func(t ledger.Taker) error {
		for _, r := range rows {
			p, err := t.Person(storetest.Certno(whose(r.who)))
			if err != nil {
				return err
			}
			d := civil.YMD(2023, r.day, 5)
			switch r.what {
			case 0:
				_, err = t.Event(&ledger.Event{Area: area, Person: p, Op: rules.Add, Category: []rules.Category{rules.Dibao, rules.Tekun, rules.Dibian}[r.day%3], Date: d})
			case 1:
				c := &ledger.Claim{Area: area, Person: p}
				c.ID, c.At, c.Kind, c.Referral, c.Total, c.InScope = r.setlID, d.At(), rules.Inpatient, rules.Local, money.Fen(r.day)*10000_00, money.Fen(r.day)*9000_00
				_, err = t.Claims([]*ledger.Claim{c})
			default:
				_, err = t.Relief(&ledger.Relief{Area: area, Person: p, Date: d, Kind: "慈善", Amount: 500_00})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// figures are what stands after a run, by IDs and not by numbers.
func figures(s *Store, people map[int]ledger.PersonNo, run ledger.Run) ([]string, error) {
	var out []string
	for i, p := range people {
		data, err := s.LoadPeople(background, area, []ledger.PersonNo{p}, run.Seen, run.No)
		if err != nil {
			return nil, err
		}
		d := data[0]
		ids := map[int64]string{}
		for _, c := range d.Claims {
			ids[c.Ref] = c.ID
		}
		out = append(out, fmt.Sprint(i, " relief ", len(d.Relief)))
		for _, r := range d.Results {
			x := r.Due
			x.Event = 0
			out = append(out, fmt.Sprint(i, " result ", ids[r.Claim], r.Flags, r.Category, r.Year, x))
		}
		for _, c := range d.Cases {
			if !c.Gone {
				moves := ""
				for _, m := range c.Moves {
					moves += fmt.Sprint(m.To, m.Date, m.By, ";")
				}
				out = append(out, fmt.Sprint(i, " case ", c.Year, c.Monitor, c.Level, c.State, c.Gross, c.Relief, c.Burden, moves))
			}
		}
		for _, x := range d.Postings {
			out = append(out, fmt.Sprint(i, " posted ", ids[x.Claim], x.Amount))
		}
	}
	slices.Sort(out)
	return out, nil
}

// TestMergedIsAsIfRight: whatever is corrected and undone, what a run leaves is
// what a new ledger gives in which every row came with the right ID, with the same
// postings.
func TestMergedIsAsIfRight(t *testing.T) {
	p, err := pack.Load("hangzhou-2022-70")
	must(t, err)
	o, err := pack.ParseOverlay("o.yaml", []byte("special: {threshold: 3000}\nmonitor: {yinbing_zhipin: {line: 5000}, yinbing_fanpin: {line: 5000}}\n"))
	must(t, err)
	policy, err := pack.Compile(p.Area, []pack.Layered{{Pack: p, Overlay: o}})
	must(t, err)
	dir := t.TempDir()
	stores, moved := 0, 0
	open := func() *Store {
		stores++
		s, err := Open(t.Context(), filepath.Join(dir, fmt.Sprint(stores)), testVault(t, "secret"))
		must(t, err)
		return s
	}
	settle := func(s *Store, last ledger.Run) ledger.Run {
		r, err := s.StartRun(t.Context(), ledger.Run{Month: 202312, By: "张三", Version: "v1"}, noon)
		must(t, err)
		h, err := s.Head(t.Context())
		must(t, err)
		r.Seen = h.Seq
		must(t, s.CommitRun(t.Context(), &r, clock, func(w ledger.RunWriter) error {
			_, err := recompute.Settle(t.Context(), s, w, recompute.Job{Area: area, Policy: policy, Run: r.No, Seen: r.Seen, After: last.Seen, Last: last.No, Full: r.No%2 == 1}, func() time.Time { return noon })
			return err
		}))
		return r
	}
	post := func(s *Store, x ledger.Posting) {
		must(t, s.Post(t.Context(), "李四", noon, []ledger.Posting{x}, func(ledger.Seq) error { return nil }))
	}
	number := func(s *Store) map[int]ledger.PersonNo {
		out := map[int]ledger.PersonNo{}
		for i := range 4 {
			n, err := s.PersonByID(t.Context(), storetest.Certno(i))
			must(t, err)
			out[i] = n
		}
		return out
	}
	rapid.Check(t, func(r *rapid.T) {
		s := open()
		defer func() { must(t, s.Close()); os.Remove(filepath.Join(dir, fmt.Sprint(stores))) }()
		var rows []said
		for i := range 4 { // everybody is known
			rows = append(rows, said{i, 2, 12, ""})
		}
		must(t, put(s, "0", rows, func(i int) int { return i }))
		people := number(s)
		stand := map[int]int{}
		whose := func(i int) int {
			for to, ok := stand[i]; ok; to, ok = stand[i] {
				i = to
			}
			return i
		}
		var last ledger.Run
		type posting struct {
			setlID string
			amount money.Fen
		}
		var posted []posting
		for step := range rapid.IntRange(1, 8).Draw(r, "steps") {
			a, b := rapid.IntRange(0, 3).Draw(r, "a"), rapid.IntRange(0, 3).Draw(r, "b")
			switch what := rapid.SampledFrom([]string{"rows", "rows", "merge", "merge", "undo", "post", "run"}).Draw(r, "what"); what {
			case "rows":
				var more []said
				for k := range rapid.IntRange(1, 4).Draw(r, "rows") {
					more = append(more, said{rapid.IntRange(0, 3).Draw(r, "who"), rapid.IntRange(0, 2).Draw(r, "kind"), rapid.IntRange(1, 11).Draw(r, "day"), fmt.Sprintf("S%d-%d", step, k)})
				}
				rows = append(rows, more...)
				must(t, put(s, fmt.Sprint(step+1), more, func(i int) int { return i }))
			case "merge", "undo":
				x := ledger.Merge{From: people[a], To: people[b], Reason: "试", By: "李四", At: noon}
				to, ok := stand[a]
				want := a != b && !ok && whose(b) != a
				if what == "undo" {
					want = a != b && ok && to == b
				}
				err := s.Merge(t.Context(), &x, func(on []ledger.Merge) error { return ledger.CanMerge(&x, what == "undo", on) })
				if (err == nil) != want {
					r.Fatalf("%s %d %d: %v", what, a, b, err)
				}
				if err == nil && what == "merge" {
					stand[a] = b
					moved++
				} else if err == nil {
					delete(stand, a)
				}
			case "post":
				for _, x := range rows {
					if x.what == 1 && x.who == a && last.No > 0 { // a posting is of a run
						d, err := s.LoadPeople(t.Context(), area, []ledger.PersonNo{people[whose(a)]}, 1<<62, 0)
						must(t, err)
						for _, c := range d[0].Claims {
							if c.ID == x.setlID {
								post(s, ledger.Posting{Run: 1, Area: area, Person: people[whose(a)], Claim: c.Ref, Year: 2023, Fund: rules.FundAssistance, Amount: 100_00, Date: 20231231})
								posted = append(posted, posting{c.ID, 100_00})
							}
						}
						break
					}
				}
			default:
				last = settle(s, last)
			}
		}
		last = settle(s, last)
		got, err := figures(s, people, last)
		must(t, err)
		right := open()
		defer func() { must(t, right.Close()) }()
		must(t, put(right, "0", rows, whose))
		theirs := number(right)
		first := settle(right, ledger.Run{})
		for _, x := range posted {
			for _, p := range theirs {
				d, err := right.LoadPeople(t.Context(), area, []ledger.PersonNo{p}, 1<<62, 0)
				must(t, err)
				for _, c := range d[0].Claims {
					if c.ID == x.setlID {
						post(right, ledger.Posting{Run: 1, Area: area, Person: p, Claim: c.Ref, Year: 2023, Fund: rules.FundAssistance, Amount: x.amount, Date: 20231231})
					}
				}
			}
		}
		want, err := figures(right, theirs, settle(right, first))
		must(t, err)
		if d := cmp.Diff(want, got); d != "" {
			r.Fatalf("-right from the start +corrected\n%s", d)
		}
		_, err = s.Verify(t.Context())
		must(t, err)
	})
	if moved == 0 {
		t.Error(errors.New("nothing was corrected"))
	}
}
