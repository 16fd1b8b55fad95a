package yearend

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"pgregory.net/rapid"
)

// posts puts a posting on record, and what a run finds due of its settlement with it.
func (d *desk) posts(id int64, year int, amount money.Fen, day civil.Date) {
	r := ledger.ResultRow{Result: ledger.Result{Area: area.Code, Person: 1, Year: year, Claim: id}, SetlID: string(rune('A' + id))}
	for _, x := range d.results {
		if x.Claim == id {
			r = x
		}
	}
	r.Run, r.Due.Assist = d.runs+1, r.Due.Assist+amount
	d.results = append(d.results, r)
	d.change = d.entry()
	d.postings = append(d.postings, ledger.Posting{ID: int64(len(d.postings) + 1), Seq: d.change, Area: area.Code, Person: 1, Claim: id, Year: r.Year, Fund: rules.FundAssistance, Amount: amount, Date: day})
}

// pays puts a transfer on record.
func (d *desk) pays(day civil.Date, amount money.Fen) {
	x := ledger.Transfer{ID: int64(len(d.transfers) + 1), Item: "医疗救助", Date: day, Amount: amount}
	d.change = d.entry()
	x.Src.Seq = d.change
	d.transfers = append(d.transfers, x)
}

// in is somebody who signs years later.
func (d *desk) in(year int, by string) *Clearance {
	c := d.as(by)
	c.Now = func() time.Time { return time.Date(year, 2, 1, 4, 0, 0, 0, time.UTC) }
	return c
}

func (d *desk) sees() {
	d.runs12(1)
	d.last.Month = 202912
}

// both lets two people sign a year.
func (d *desk) both(t rapid.TB, year int, accept ...string) (Outcome, error) {
	t.Helper()
	ctx := context.Background()
	out, err := d.in(2030, "甲").Close(ctx, year, CloseOptions{Accept: accept, Reason: "已核实"})
	if err != nil {
		return out, err
	}
	return d.in(2030, "乙").Close(ctx, year, CloseOptions{Statement: out.Hash})
}

// open reopens a year.
func (d *desk) open(year int) error {
	ctx := context.Background()
	out, err := d.in(2030, "甲").Reopen(ctx, year, ReopenOptions{Reason: "漏报"})
	if err != nil {
		return err
	}
	_, err = d.in(2030, "乙").Reopen(ctx, year, ReopenOptions{Statement: out.Hash})
	return err
}

func blockedBy(out Outcome, item string) *Group {
	if i := slices.IndexFunc(out.Blocking, func(g Group) bool { return g.Item == item }); i >= 0 {
		return &out.Blocking[i]
	}
	return nil
}

func assistance(s *Statement) (out CarryRow) {
	for _, r := range s.Carry {
		if r.Item == reconcile.ItemAssistance {
			out = r
		}
	}
	return out
}

// TestInOrder: years are closed one after the other; a year of which nothing is on
// record may be passed over, and what comes of it afterwards is booked in the next.
func TestInOrder(t *testing.T) {
	d := &desk{shelf: &shelf{}}
	d.posts(1, 2023, 100, 20231201)
	d.posts(2, 2025, 200, 20251201)
	d.sees()
	if out, err := d.both(t, 2025, ItemEarlier); err != nil || len(out.Statement.Prior) != 1 {
		t.Fatalf("an office that begins with 2025: %+v, %v", out.Blocking, err)
	}
	if err := d.open(2025); err != nil {
		t.Fatal(err)
	}
	d.sees()
	if _, err := d.both(t, 2023); err != nil {
		t.Fatal(err)
	}
	d.pays(20240301, 7)
	d.sees()
	out, err := d.both(t, 2025)
	if g := blockedBy(out, ItemEarlier); !errors.Is(err, ErrBlocked) || g == nil || g.May || g.Do != "先结 2024 年度，再依次往后结" {
		t.Fatalf("2024 is not closed: %+v, %v", out.Blocking, err)
	}
	if _, err := d.both(t, 2025, ItemEarlier); !errors.Is(err, ErrAccept) {
		t.Errorf("it is not the first: %v", err)
	}
	d.transfers = nil // nothing of 2024
	out, err = d.both(t, 2025)
	if err != nil || assistance(out.Statement).Opening != 100 || assistance(out.Statement).Carried != 300 || len(out.Statement.Prior) != 0 {
		t.Fatalf("2025: %+v, %+v, %v", out.Statement, out.Blocking, err)
	}
	// 2024 is late now.
	d.posts(3, 2024, 400, 20240301)
	d.pays(20240301, 50)
	d.sees()
	out, err = d.both(t, 2024)
	if g := blockedBy(out, gateLater); !errors.Is(err, ErrBlocked) || g == nil {
		t.Errorf("2025 is closed: %+v, %v", out.Blocking, err)
	}
	out, err = d.both(t, 2026, ItemTransfers)
	if err != nil || len(out.Statement.Prior) != 1 || out.Statement.PaidSum != 50 || assistance(out.Statement).Carried != 300+400-50 {
		t.Errorf("2026: %+v, %+v, %v", out.Statement, out.Blocking, err)
	}
	if err := d.open(2025); !errors.Is(err, ErrLaterYear) {
		t.Errorf("2026 is closed: %v", err)
	}
}

// TestFirstClose: an office begins with 2023. What was recorded, posted and paid of
// years before must be accepted, and is in the statement.
func TestFirstClose(t *testing.T) {
	d := &desk{shelf: &shelf{}}
	old := ledger.ResultRow{Result: ledger.Result{Run: 1, Area: area.Code, Person: 1, Year: 2022, Claim: 1}, SetlID: "A"}
	old.Due.Assist, old.Recorded[rules.FundAssistance] = 1000, 1000
	d.results = append(d.results, old)
	d.posts(1, 2022, 300, 20231105)
	d.posts(2, 2023, 20, 20231105)
	d.pays(20220601, 400)
	d.sees()
	out, err := d.both(t, 2023, ItemTransfers)
	g := blockedBy(out, ItemEarlier)
	if !errors.Is(err, ErrBlocked) || g == nil || !g.May || g.Count != 3 || g.What != "2022 年度账上有记录而没有结账" {
		t.Fatalf("2022 is not closed: %+v, %v", out.Blocking, err)
	}
	out, err = d.both(t, 2023, ItemTransfers, ItemEarlier)
	if err != nil {
		t.Fatalf("%+v, %v", out.Blocking, err)
	}
	st := out.Statement
	if c := assistance(st); c.Prior != 300 || c.Moved != 1000 || c.Posted != 20 || c.Paid != 400 || c.Carried != 920 {
		t.Errorf("%+v", c)
	}
	if i := slices.IndexFunc(st.Open, func(g Group) bool { return g.Item == ItemEarlier }); i < 0 || !st.Open[i].Accept || st.Open[i].Reason != "已核实" {
		t.Errorf("the statement says nothing of it: %+v", st.Open)
	}
	// What comes of 2022 from now on is late.
	d.posts(1, 2022, 5, 20240301)
	d.pays(20220701, 6)
	d.sees()
	out, err = d.both(t, 2024, ItemTransfers)
	if err != nil || len(out.Statement.Prior) != 1 || out.Statement.PaidSum != 6 || len(out.Statement.Moved) != 0 || assistance(out.Statement).Carried != 920+5-6 {
		t.Errorf("2024: %+v, %+v, %v", out.Statement, out.Blocking, err)
	}
}

// pow is an amount of which any sum tells how often it is in it, up to three times.
func pow(n int) money.Fen { return 1 << (2 * n) }

// TestEachOnce: two areas on one ledger; what is posted, paid and recorded comes for
// any year at any time, on any day, between closings and reopenings. Whatever is on
// record is in exactly one statement that stands, or in a year that is open; once all
// years are closed each is in exactly one.
func TestEachOnce(t *testing.T) {
	closings, reopenings := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		seq := ledger.Seq(0)
		var posted, paid [2]int
		desks := [2]*desk{{shelf: &shelf{}}, {shelf: &shelf{}}}
		signed, again := 0, 0
		step := func(i int, do func(*desk)) { // the entries of both areas are numbered together
			desks[i].seq = seq
			do(desks[i])
			seq = desks[i].seq
		}
		current := func(d *desk) (out []*Statement) {
			c := NewCalendar(d.steps)
			for _, y := range c.Closed() {
				s := c.Now(y)
				st, err := Parse(d.steps[s.First.ID-1].Statement, s.First.Digest)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, st)
			}
			return out
		}
		check := func(d *desk) (in money.Fen, out money.Fen) {
			c := NewCalendar(d.steps)
			var posted, paid, recorded money.Fen
			last := CarryRow{}
			for _, st := range current(d) {
				posted += st.Total.Posted
				paid += st.PaidSum
				recorded += st.Total.Recorded
				for _, p := range st.Prior {
					posted += p.Amount
				}
				for _, m := range st.Moved {
					recorded += m.Amount
				}
				if got := assistance(st); got.Opening != last.Carried {
					t.Fatalf("%d opens with %s after %s", st.Year, got.Opening, last.Carried)
				} else if last = got; got.Carried != recorded+posted-paid {
					t.Fatalf("%d carries %s of %s", st.Year, got.Carried, recorded+posted-paid)
				}
			}
			for i := range d.postings {
				p := &d.postings[i]
				want := money.Fen(0)
				if c.BookedPosting(p) <= c.Through(1<<62) {
					want = 1
				}
				if n := posted / p.Amount % 4; n != want {
					t.Fatalf("posting %d on %d of %s is in %d statements, want %d", p.ID, p.Year, p.Date, n, want)
				}
			}
			for i := range d.transfers {
				x := &d.transfers[i]
				want := money.Fen(0)
				if c.Booked(x.Date.Year(), x.Src.Seq) <= c.Through(1<<62) {
					want = 1
				}
				if n := paid / x.Amount % 4; n != want {
					t.Fatalf("transfer %d of %s is in %d statements, want %d", x.ID, x.Date, n, want)
				}
			}
			return posted, paid
		}
		year := func() int { return rapid.IntRange(2022, 2024).Draw(t, "year") }
		day := func() civil.Date { return civil.YMD(rapid.IntRange(2022, 2026).Draw(t, "of"), 6, 1) }
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, 1).Draw(t, "area")
			step(i, func(d *desk) {
				switch rapid.IntRange(0, 9).Draw(t, "what") {
				case 0, 1:
					if posted[i] < 28 {
						id := rapid.Int64Range(1, 9).Draw(t, "settlement")
						d.posts(id, 2022+int(id%3), pow(posted[i]), day())
						posted[i]++
					}
				case 2:
					if paid[i] < 28 {
						d.pays(day(), pow(paid[i]))
						paid[i]++
					}
				case 3: // the platform's record of a settlement moves, with what is due
					id := rapid.Int64Range(1, 9).Draw(t, "settlement")
					d.posts(id, 2022+int(id%3), 0, 0)
					d.postings = d.postings[:len(d.postings)-1]
					r := &d.results[len(d.results)-1]
					r.Due.Assist++
					r.Recorded[rules.FundAssistance]++
				case 4, 5, 6, 7:
					d.sees()
					out, err := d.both(t, year(), rapid.SampledFrom([][]string{{ItemTransfers, ItemEarlier}, {ItemTransfers}, {ItemEarlier}, {}}).Draw(t, "accept")...)
					switch {
					case err == nil && out.State.Locked():
						signed++
					case errors.Is(err, ErrBlocked), errors.Is(err, ErrAccept), errors.Is(err, ErrNoItem), errors.Is(err, ErrStatement):
					default:
						t.Fatalf("%+v, %v", out, err)
					}
				default:
					switch err := d.open(year()); {
					case err == nil:
						again++
					case errors.Is(err, ErrNotClosed), errors.Is(err, ErrLaterYear):
					default:
						t.Fatal(err)
					}
				}
			})
			check(desks[i])
		}
		for i := range desks {
			step(i, func(d *desk) {
				for y := 2022; y <= 2027; y++ {
					d.sees()
					out, _ := d.in(2030, "甲").Close(context.Background(), y, CloseOptions{Dry: true}) // what blocks it is accepted
					var accept []string
					for _, g := range out.Blocking {
						accept = append(accept, g.Item)
					}
					if blockedBy(out, gateLater) != nil || out.State.Locked() {
						continue
					}
					if out, err := d.both(t, y, accept...); err != nil {
						t.Fatalf("%d: %+v, %v", y, out.Blocking, err)
					}
				}
			})
			if in, out := check(desks[i]); in != (pow(posted[i])-1)/3 || out != (pow(paid[i])-1)/3 {
				t.Fatalf("the statements have %x posted and %x paid", in, out)
			}
		}
		closings += signed
		reopenings += again
	})
	if closings < 20 || reopenings < 5 {
		t.Errorf("only %d closings and %d reopenings were tried", closings, reopenings)
	}
}
