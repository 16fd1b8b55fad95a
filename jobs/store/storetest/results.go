package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// resultOf is a result in which every figure is another one.
func resultOf(no int, c *ledger.Claim, year int, base money.Fen) ledger.Result {
	r := ledger.Result{Run: no, Area: c.Area, Person: c.Person, Year: year, Claim: c.Ref, Flags: ledger.FlagRetro, Category: rules.Dibao, Event: 77, Pack: "p-1",
		Total: c.Total, InScope: c.InScope,
		Due: rules.Result{Category: rules.Dibao, Retro: true, Event: 77, Basic: base + 1, Other: base + 2, Major: base + 3, Assist: base + 4, Tilt: base + 5,
			Special: base + 6, Supplement: base + 7, Hospital: base + 8, Person: c.Total - 8*base - 36}}
	r.Recorded[rules.FundBasic], r.Recorded[rules.FundMajor], r.Recorded[rules.FundAssistance], r.Recorded[rules.FundHospital] = base+9, base+10, base+11, base+12
	return r
}

// agreed is a result that says what the platform recorded.
func agreed(no int, c *ledger.Claim) ledger.Result {
	r := ledger.Result{Run: no, Area: c.Area, Person: c.Person, Year: c.Year(), Claim: c.Ref, Total: c.Total, InScope: c.InScope, Pack: "p-1",
		Due: rules.Result{Basic: 10, Major: 20, Assist: 5, Tilt: 15, Special: 10, Hospital: 40, Person: c.Total - 100}}
	r.Recorded[rules.FundBasic], r.Recorded[rules.FundMajor], r.Recorded[rules.FundAssistance], r.Recorded[rules.FundHospital] = 10, 20, 30, 40
	return r
}

// rest leaves to the person what no layer bears.
func rest(r *ledger.Result) {
	d := &r.Due
	d.Person = r.Total - d.Basic - d.Other - d.Major - d.Assist - d.Tilt - d.Special - d.Supplement - d.Hospital
}

func gone(no int, c *ledger.Claim) ledger.Result {
	return ledger.Result{Run: no, Area: c.Area, Person: c.Person, Year: c.Year(), Claim: c.Ref, Flags: ledger.FlagGone, Pack: "p-1"}
}

func caseOf(no int, p ledger.PersonNo, year int, monitor string) *ledger.Case {
	c := &ledger.Case{Run: no, Area: area, Person: p, Level: ledger.LevelPerson}
	c.Monitor, c.Name, c.Year, c.Line, c.State = monitor, "监测", year, 1000000, rules.Watching
	c.Gross, c.Relief, c.Burden = 1200000, 100000, 1100000
	c.Moves = []rules.Move{{To: rules.Watching, Date: 20230310, By: rules.ByClaim, Ref: 3}}
	return c
}

// rows of an answer by claim.
func rows(rs []ledger.ResultRow, err error) ([]ledger.ResultRow, error) {
	slices.SortFunc(rs, func(a, b ledger.ResultRow) int { return cmp.Compare(a.Claim, b.Claim) })
	return rs, err
}

func (b *bench) results(rs []ledger.ResultRow, err error) []ledger.Result {
	b.Helper()
	rs, err = rows(rs, err)
	b.ok(err)
	var out []ledger.Result
	for _, r := range rs {
		out = append(out, r.Result)
	}
	return out
}

// three claims of two people: two years of the first, one of the second.
func (b *bench) three() (p, q ledger.PersonNo, c [3]*ledger.Claim) {
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p, q = b.person(t, 1), b.person(t, 2)
		c = [3]*ledger.Claim{stay(p, "S1", 20230310, 1000), stay(p, "S2", 20240310, 2000), stay(q, "S3", 20230311, 3000)}
		c[0].Hospital, c[0].HospName, c[0].Level, c[0].Disease, c[0].Referral, c[0].Kind = "H1", "县医院", 2, "肺炎", rules.Referred, rules.OutpatientSpecial
		b.claims(t, c[:]...)
	})
	return p, q, c
}

// resultsAsOfRun: the result of a claim as of a run is the one of the last run
// up to it. A tombstone is a result, too.
func resultsAsOfRun(b *bench) {
	p, q, c := b.three()
	first := resultOf(1, c[0], 2023, 100)
	second := resultOf(1, c[1], 2024, 200)
	changed := resultOf(2, c[0], 2023, 300)
	third := resultOf(2, c[2], 2023, 400)
	tomb := gone(3, c[1])
	b.run(202307, func(w ledger.RunWriter, no int) { b.ok(w.Result(&first)); b.ok(w.Result(&second)) })
	b.run(202308, func(w ledger.RunWriter, no int) { b.ok(w.Result(&third)); b.ok(w.Result(&changed)) })
	b.run(202309, func(w ledger.RunWriter, no int) { b.ok(w.Result(&tomb)) })
	b.run(202310, nil)

	both := []ledger.PersonNo{p, q}
	for no, want := range map[int][]ledger.Result{0: nil, 1: {first, second}, 2: {changed, second, third}, 3: {changed, tomb, third}, 4: {changed, tomb, third}} {
		b.same(fmt.Sprintf("as of run %d", no), want, b.results(b.ResultsOf(b.ctx, area, 0, both, no)))
		var mine []ledger.Result
		for _, r := range want {
			if r.Person == p {
				mine = append(mine, r)
			}
		}
		b.same(fmt.Sprintf("of one person as of run %d", no), mine, b.load(p, 1, no).Results)
	}
	b.same("of a year", []ledger.Result{changed, third}, b.results(b.ResultsOf(b.ctx, area, 2023, both, 4)))
	b.same("of one person", []ledger.Result{third}, b.results(b.ResultsOf(b.ctx, area, 0, both[1:], 4)))
	b.same("of nobody", 0, len(b.results(b.ResultsOf(b.ctx, area, 0, nil, 4))))
	b.same("of another area", 0, len(b.results(b.ResultsOf(b.ctx, other, 0, both, 4))))
	rs, err := rows(b.ResultsOf(b.ctx, area, 2023, both[:1], 4))
	b.ok(err)
	b.same("with its claim", []ledger.ResultRow{{Result: changed, SetlID: "S1", At: 20230310101500, Kind: rules.OutpatientSpecial, Referral: rules.Referred, Level: 2,
		Hospital: "H1", HospName: "县医院", Disease: "肺炎"}}, rs)
}

// notable: what differs from the platform in any fund, carries a flag, or was
// posted on, as of a run.
func notable(b *bench) {
	differs := map[string]func(*ledger.Result){
		"basic":      func(r *ledger.Result) { r.Due.Basic++ },
		"major":      func(r *ledger.Result) { r.Due.Major-- },
		"assist":     func(r *ledger.Result) { r.Due.Assist++ },
		"tilt":       func(r *ledger.Result) { r.Due.Tilt++ },
		"special":    func(r *ledger.Result) { r.Due.Special-- },
		"supplement": func(r *ledger.Result) { r.Due.Supplement = 1 },
		"hospital":   func(r *ledger.Result) { r.Due.Hospital++ },
	}
	quiet := map[string]func(*ledger.Result){
		"nothing":            func(r *ledger.Result) {},
		"the parts only":     func(r *ledger.Result) { r.Due.Assist, r.Due.Tilt, r.Due.Special = 30, 0, 0 },
		"the category":       func(r *ledger.Result) { r.Category, r.Due.Category = rules.Tekun, rules.Tekun },
		"a flag not asked":   func(r *ledger.Result) { r.Flags = ledger.FlagUnlisted },
		"what others paid":   func(r *ledger.Result) { r.Due.Other++ },
		"what a person pays": func(r *ledger.Result) { r.Due.Other-- },
	}
	all := map[string]*ledger.Claim{}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p := b.person(t, 1)
		for _, m := range []map[string]func(*ledger.Result){differs, quiet, {"flagged": nil, "posted": nil, "once": nil, "later": nil}} {
			for what := range m {
				all[what] = stay(p, what, 20230310, 1000)
				b.claims(t, all[what])
			}
		}
	})
	got := func(rs []ledger.ResultRow, err error) []string {
		b.Helper()
		b.ok(err)
		var ids []string
		for _, r := range rs {
			ids = append(ids, r.SetlID)
		}
		slices.Sort(ids)
		return ids
	}
	want := []string{"once"}
	for what := range differs {
		want = append(want, what)
	}
	slices.Sort(want)
	plus := func(more ...string) []string {
		out := append(more, want...)
		slices.Sort(out)
		return out
	}
	seen := b.head().Seq
	b.run(202307, func(w ledger.RunWriter, no int) {
		for _, m := range []map[string]func(*ledger.Result){differs, quiet} {
			for what, change := range m {
				r := agreed(no, all[what])
				change(&r)
				rest(&r)
				b.ok(w.Result(&r))
			}
		}
		for _, what := range []string{"flagged", "posted", "once", "later"} {
			r := agreed(no, all[what])
			switch what {
			case "flagged":
				r.Flags = ledger.FlagNoPack
			case "once":
				r.Due.Assist++
			}
			rest(&r)
			b.ok(w.Result(&r))
		}
		// Within the run, what it wrote is there already.
		b.same("while it runs", want, got(w.Notable(area, 0, no, seen)))
		b.same("while it runs, with a flag", plus("flagged"), got(w.Notable(area, ledger.FlagNoPack, no, seen)))
	})
	b.same("as of run 1", want, got(b.Store.Notable(b.ctx, area, 0, 1, seen)))
	b.same("with a flag", plus("flagged"), got(b.Store.Notable(b.ctx, area, ledger.FlagNoPack|ledger.FlagGone, 1, seen)))
	b.same("with another flag", want, got(b.Store.Notable(b.ctx, area, ledger.FlagGone, 1, seen)))

	b.ok(b.Store.Post(b.ctx, "李四", noon, []ledger.Posting{{Run: 1, Area: area, Person: all["posted"].Person, Claim: all["posted"].Ref, Year: 2023, Amount: 5, Date: 20230702}},
		func(ledger.Seq) error { return nil }))
	b.run(202308, func(w ledger.RunWriter, no int) {
		r := agreed(no, all["once"])
		b.ok(w.Result(&r)) // as recorded now
		r = agreed(no, all["later"])
		r.Due.Basic++
		rest(&r)
		b.ok(w.Result(&r))
	})
	b.same("run 1 asked again", want, got(b.Store.Notable(b.ctx, area, 0, 1, seen)))
	b.same("posted on since", plus("posted"), got(b.Store.Notable(b.ctx, area, 0, 1, b.head().Seq)))
	want = slices.DeleteFunc(want, func(s string) bool { return s == "once" })
	b.same("as of run 2", plus("later", "posted"), got(b.Store.Notable(b.ctx, area, 0, 2, b.head().Seq)))
	b.same("of another area", 0, len(got(b.Store.Notable(b.ctx, other, ledger.FlagUnlisted, 2, b.head().Seq))))
}

// casesAsOfRun: like results; a case that vanished is in no list, but what
// recompute loads says so.
func casesAsOfRun(b *bench) {
	p, q, _ := b.three()
	open := caseOf(1, p, 2023, "m1")
	elder := caseOf(1, p, 2022, "m1")
	second := caseOf(1, q, 2023, "m2")
	cleared := caseOf(2, p, 2023, "m1")
	cleared.State, cleared.Relief, cleared.Burden = rules.Cleared, 300000, 900000
	cleared.Moves = append(cleared.Moves, rules.Move{To: rules.Helping, Date: 20230401, By: rules.ByRelief, Ref: 5}, rules.Move{To: rules.Cleared, Date: 20230401, By: rules.ByPosting, Ref: 6})
	vanished := caseOf(3, p, 2023, "m1")
	vanished.Gone, vanished.Moves, vanished.State = true, nil, rules.Untriggered
	b.run(202307, func(w ledger.RunWriter, no int) {
		for _, c := range []*ledger.Case{open, elder, second} {
			b.ok(w.Case(c))
		}
	})
	b.run(202308, func(w ledger.RunWriter, no int) { b.ok(w.Case(cleared)) })
	b.run(202309, func(w ledger.RunWriter, no int) { b.ok(w.Case(vanished)) })
	b.run(202310, nil)
	for no, want := range map[int][]ledger.Case{0: nil, 1: {*elder, *open, *second}, 2: {*elder, *cleared, *second}, 3: {*elder, *second}, 4: {*elder, *second}} {
		got, err := b.Store.Cases(b.ctx, area, 0, no)
		b.ok(err)
		b.same(fmt.Sprintf("as of run %d", no), want, got)
	}
	got, err := b.Store.Cases(b.ctx, area, 2022, 2)
	b.ok(err)
	b.same("of a year", []ledger.Case{*elder}, got)
	got, err = b.Store.Cases(b.ctx, other, 0, 2)
	b.ok(err)
	b.same("of another area", 0, len(got))
	for no, want := range map[int][]ledger.Case{0: nil, 1: {*elder, *open}, 2: {*elder, *cleared}, 4: {*elder, *vanished}} {
		cs := b.load(p, 1, no).Cases
		slices.SortFunc(cs, func(x, y ledger.Case) int { return x.Year - y.Year })
		b.same(fmt.Sprintf("what recompute sees at run %d", no), want, cs)
	}
}

// caseLevels: a household's case is not that of its head, though all else be
// alike; a case that names no level is a person's.
func caseLevels(b *bench) {
	p, _, _ := b.three()
	mine, ours := caseOf(1, p, 2023, "m"), caseOf(1, p, 2023, "m")
	ours.Level, ours.Gross = ledger.LevelHousehold, 2400000
	mine.Level = ""
	b.run(202307, func(w ledger.RunWriter, no int) { b.ok(w.Case(ours)); b.ok(w.Case(mine)) })
	mine.Level = ledger.LevelPerson
	// The monitor is turned from people to households: the one ends where the
	// other goes on.
	gone, more := caseOf(2, p, 2023, "m"), caseOf(2, p, 2023, "m")
	gone.Gone, gone.Moves, gone.State = true, nil, rules.Untriggered
	more.Level, more.Gross = ledger.LevelHousehold, 2500000
	b.run(202308, func(w ledger.RunWriter, no int) { b.ok(w.Case(gone)); b.ok(w.Case(more)) })
	for no, want := range map[int][]ledger.Case{1: {*ours, *mine}, 2: {*more}} {
		got, err := b.Store.Cases(b.ctx, area, 2023, no)
		b.ok(err)
		b.same(fmt.Sprintf("as of run %d", no), want, got)
	}
	for no, want := range map[int][]ledger.Case{1: {*ours, *mine}, 2: {*more, *gone}} {
		cs := b.load(p, 1, no).Cases
		slices.SortFunc(cs, func(x, y ledger.Case) int { return cmp.Compare(x.Level, y.Level) })
		b.same(fmt.Sprintf("what recompute sees at run %d", no), want, cs)
	}
	if slices.Equal(mine.Content(nil), ours.Content(nil)) {
		b.Error("the two say the same")
	}
	// What no level is does not come on record.
	r := b.start(july, noon.Add(time.Hour))
	r.Seen = b.head().Seq
	if err := b.CommitRun(b.ctx, &r, func() time.Time { return noon }, func(w ledger.RunWriter) error {
		c := caseOf(r.No, p, 2023, "m3")
		c.Level = "village"
		return w.Case(c)
	}); err == nil {
		b.Error("the case of a village is on record")
	}
}

// sums adds up what the yearly tables show, as of a run.
func sums(b *bench) {
	var cs []*ledger.Claim
	claim := func(p ledger.PersonNo, id string, d civil.Date, hospital, disease string, total money.Fen) {
		c := stay(p, id, d, total)
		c.InScope, c.Hospital, c.HospName, c.Disease, c.Level = total-10, hospital, "院"+hospital, disease, 2
		cs = append(cs, c)
	}
	b.take(func(t ledger.Taker, seq ledger.Seq) {
		p, q := b.person(t, 1), b.person(t, 2)
		claim(p, "S1", 20230310, "H1", "肺炎", 1000)
		claim(p, "S2", 20230320, "H1", "肺炎", 2000)
		claim(q, "S3", 20230405, "H2", "肺炎", 5000)
		claim(q, "S4", 20230406, "H2", "骨折", 700) // refunded by run 2
		claim(q, "S5", 20230407, "H2", "骨折", 900) // of nobody assisted
		claim(p, "S6", 20240101, "H1", "骨折", 400) // another year
		b.claims(t, cs...)
	})
	result := func(no int, c *ledger.Claim) *ledger.Result {
		r := &ledger.Result{Run: no, Area: area, Person: c.Person, Year: c.Year(), Claim: c.Ref, Category: rules.Dibao, Total: c.Total, InScope: c.InScope,
			Due: rules.Result{Basic: 100, Assist: 50, Hospital: 3, Person: c.Total - 153}}
		r.Recorded[rules.FundAssistance] = 40
		return r
	}
	b.run(202307, func(w ledger.RunWriter, no int) {
		for i, c := range cs {
			r := result(no, c)
			if i == 4 {
				r.Category, r.Recorded[rules.FundAssistance] = rules.NoCategory, 0
			}
			b.ok(w.Result(r))
		}
	})
	b.run(202308, func(w ledger.RunWriter, no int) { r := gone(no, cs[3]); b.ok(w.Result(&r)) })

	ys, err := b.YearSums(b.ctx, area, 2023, 1)
	b.ok(err)
	b.same("hospitals, run 1", []ledger.HospitalYear{{Code: "H2", Name: "院H2", Level: 2, Stays: 2, Total: 5700, OutOfScope: 20, Borne: 6},
		{Code: "H1", Name: "院H1", Level: 2, Stays: 2, Total: 3000, OutOfScope: 20, Borne: 6}}, ys.Hospitals)
	b.same("diseases, run 1", []ledger.DiseaseYear{{Name: "肺炎", People: 2, Claims: 3, Total: 8000, Self: 8000 - 3*153}, {Name: "骨折", People: 1, Claims: 1, Total: 700, Self: 547}}, ys.Diseases)
	ys, err = b.YearSums(b.ctx, area, 2023, 2)
	b.ok(err)
	b.same("hospitals, run 2", []ledger.HospitalYear{{Code: "H2", Name: "院H2", Level: 2, Stays: 1, Total: 5000, OutOfScope: 10, Borne: 3},
		{Code: "H1", Name: "院H1", Level: 2, Stays: 2, Total: 3000, OutOfScope: 20, Borne: 6}}, ys.Hospitals)
	b.same("months, run 2", []ledger.FundMonth{
		{Month: 202303, Claims: 2, Total: 3000, Basic: 200, Assist: 100, Hospital: 6, Self: 3000 - 2*153, RecordedAssist: 80},
		{Month: 202304, Claims: 1, Total: 5000, Basic: 100, Assist: 50, Hospital: 3, Self: 5000 - 153, RecordedAssist: 40}}, ys.Months)
}
