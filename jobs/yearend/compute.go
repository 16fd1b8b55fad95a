package yearend

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Source is what a statement is made from.
type Source interface {
	People(ctx context.Context, area string, seen ledger.Seq) ([]ledger.PersonNo, error)
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
	ResultsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, run int) ([]ledger.ResultRow, error)
	Counties(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq) (map[ledger.PersonNo]string, error)
	Postings(ctx context.Context, area string, seen ledger.Seq) ([]ledger.Posting, error)
	WaitingRefunds(ctx context.Context, area string, seen ledger.Seq) ([]ledger.WaitingRefund, error)
	Cases(ctx context.Context, area string, year, run int) ([]ledger.Case, error)
	Transfers(ctx context.Context, area string, seen ledger.Seq, f func(*ledger.Transfer) error) error
	Enrolments(ctx context.Context, area string, year int, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	EnrolmentsOf(ctx context.Context, area string, year int, people []ledger.PersonNo, seen ledger.Seq, f func(*ledger.Enrolment) error) error
	Events(ctx context.Context, area string, people []ledger.PersonNo, after, upTo ledger.Seq) ([]ledger.Event, error)
	Merges(ctx context.Context, seen ledger.Seq) ([]ledger.Merge, error)
	YearSteps(ctx context.Context, area string, seen ledger.Seq) ([]ledger.YearStep, error)
	YearStatement(ctx context.Context, step int64) ([]byte, error)
}

// Area is the area whose year is cleared.
type Area struct {
	Code     string
	Name     string
	Policy   *rules.Policy
	Insurers map[string]string // who runs the insurance, by item
}

// transfer is one of the year with what is known of it.
type transfer struct {
	ledger.Transfer
	Line
}

// chunk bounds memory: so many people are read at a time.
const chunk = 10_000

// placed is where a settlement stands in the statement.
type placed struct{ county, hospital, name string }

// maker makes one statement.
type maker struct {
	s        Source
	a        *Area
	run      ledger.Run
	calendar Calendar // as the run saw it
	st       *Statement
	before   int     // the last closed year before: its statement covers it and those before it
	covered  int     // the run of that statement; 0 without one
	earlier  earlier // what stands here of earlier years that nobody closed
	merged   map[ledger.PersonNo]ledger.Merge
	postings map[int64][]ledger.Posting
	awaited  map[string]bool // settlements that transfers name
	of       map[string]placed
	rows     map[Row]*Sum // by fund, county, hospital
	names    map[string]string
	moved    map[MovedRow]money.Fen
	lines    map[int64]Line
	reread   map[string]money.Fen // by item: what transfers in earlier statements come to now
	open     []Detail
	openSum  money.Fen
	booked   money.Fen // postings that stand here and whose settlement was not met yet
	results  map[string][16]byte
	premiums
	indicators rules.Indicators
}

// Make makes the statement of a year from a run. It depends on what the run saw and
// found, on the policy, and on nothing else; Open holds everything that is not
// settled, nothing of it accepted.
func Make(ctx context.Context, s Source, a *Area, year int, run ledger.Run, reconciler Reconciler) (*Statement, error) {
	i := slices.IndexFunc(run.Areas, func(x ledger.RunArea) bool { return x.Area == a.Code })
	if i < 0 {
		return nil, fmt.Errorf("%w: run %d has no area %s", ledger.ErrNoRun, run.No, a.Code)
	}
	m := &maker{s: s, a: a, run: run, earlier: earlier{}, reread: map[string]money.Fen{}, postings: map[int64][]ledger.Posting{}, awaited: map[string]bool{},
		of: map[string]placed{}, rows: map[Row]*Sum{}, names: map[string]string{}, moved: map[MovedRow]money.Fen{}, results: map[string][16]byte{},
		premiums: premiums{spells: map[ledger.PersonNo][]rules.Spell{}},
		st: &Statement{Format: 2, From: From{run.No, run.Month, run.By, run.Version, run.Seen},
			Figures: Figures{Area: a.Code, Name: a.Name, Year: year, Policy: run.Areas[i].PolicyDigest, Insurers: map[string]string{}}}}
	maps.Copy(m.st.Insurers, a.Insurers)
	if reconciler == nil {
		reconciler = unreconciled(s, a)
	}
	var err error
	if m.lines, err = reconciler(ctx, run); err != nil {
		return nil, err
	}
	transfers, err := m.history(ctx)
	if err != nil {
		return nil, err
	}
	people, err := s.People(ctx, a.Code, run.Seen)
	if err != nil {
		return nil, err
	}
	if err := m.everyone(ctx, people); err != nil {
		return nil, err
	}
	if m.booked != 0 {
		return nil, fmt.Errorf("%w: postings of %s stand in the statement of %d without a settlement", ledger.ErrIntegrity, m.booked, year)
	}
	m.settlements()
	if err := m.transfers(ctx, transfers); err != nil {
		return nil, err
	}
	if err := m.readPremiums(ctx, people); err != nil {
		return nil, err
	}
	cases, err := s.Cases(ctx, a.Code, year, run.No)
	if err != nil {
		return nil, err
	}
	m.judge(cases)
	if err := m.carry(ctx); err != nil {
		return nil, err
	}
	if err := m.unsettled(ctx, cases, transfers); err != nil {
		return nil, err
	}
	return m.st, m.st.Prove()
}

// history reads what must be known before the settlements: which years were closed,
// what was posted, and the transfers that stand here.
func (m *maker) history(ctx context.Context) ([]transfer, error) {
	steps, err := m.s.YearSteps(ctx, m.a.Code, m.run.Seen)
	if err != nil {
		return nil, err
	}
	m.calendar = NewCalendar(steps)
	if m.before = m.calendar.Before(m.st.Year); m.before != 0 {
		m.covered = m.calendar.Now(m.before).First.Run
	}
	posted, err := m.s.Postings(ctx, m.a.Code, m.run.Seen)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, p := range posted {
		m.postings[p.Claim] = append(m.postings[p.Claim], p)
		if m.stands(m.calendar.BookedPosting(&p)) {
			m.booked += p.Amount
		}
		if p.Year == m.st.Year {
			fmt.Fprintf(h, "%d %d %d %d %d\n", p.ID, p.Claim, p.Fund, p.Amount, p.Date)
		}
	}
	m.st.Postings = hex.EncodeToString(h.Sum(nil))
	var transfers []transfer
	err = m.s.Transfers(ctx, m.a.Code, m.run.Seen, func(x *ledger.Transfer) error {
		t := transfer{Transfer: *x}
		var read bool
		if t.Line, read = m.lines[x.ID]; !read {
			return fmt.Errorf("%w: transfer %d was not read", ledger.ErrIntegrity, x.ID)
		}
		if t.Line.Item == reconcile.ItemHospital { // what hospitals pay in comes back
			t.Line.Amount, t.Excess = -t.Line.Amount, -t.Excess
		}
		booked := m.calendar.BookedTransfer(x)
		if booked <= m.before {
			m.reread[t.Line.Item] += t.Line.Amount
		}
		if !m.stands(booked) {
			return nil
		}
		transfers = append(transfers, t)
		m.earlier.add(m, booked, "财政拨付", t.Line.Amount)
		if x.SetlID != "" {
			m.awaited[x.SetlID] = true
		}
		return nil
	})
	return transfers, err
}

// everyone adds the settlements of all people. Those whom corrections of IDs name come
// together, with the numbers that are nobody's any more: a closed year was signed with
// each under their own.
func (m *maker) everyone(ctx context.Context, people []ledger.PersonNo) error {
	ms, err := m.s.Merges(ctx, m.run.Seen)
	if err != nil {
		return err
	}
	m.merged = ledger.Merged(ms)
	named := map[ledger.PersonNo]bool{}
	for _, x := range ms {
		named[x.From], named[x.To] = true, true
	}
	others := slices.DeleteFunc(slices.Clone(people), func(p ledger.PersonNo) bool { return named[p] })
	for part := range slices.Chunk(others, chunk) {
		if err := m.people(ctx, part, part); err != nil {
			return err
		}
	}
	if len(named) == 0 {
		return nil
	}
	return m.people(ctx, slices.DeleteFunc(slices.Clone(people), func(p ledger.PersonNo) bool { return !named[p] }), slices.Sorted(maps.Keys(named)))
}

// people adds the settlements of some people: those of the year, and what moved of
// closed years, in which they had the numbers given.
func (m *maker) people(ctx context.Context, people, numbers []ledger.PersonNo) error {
	counties, err := m.s.Counties(ctx, m.a.Code, people, m.run.Seen)
	if err != nil {
		return err
	}
	rows, err := m.s.ResultsOf(ctx, m.a.Code, 0, people, m.run.No)
	if err != nil {
		return err
	}
	county := func(p ledger.PersonNo) string { return cmp.Or(counties[p], m.a.Name) }
	for i := range rows {
		r := &rows[i]
		at := placed{county(r.Person), cmp.Or(r.Hospital, rules.Fold(r.HospName)), r.HospName}
		if m.awaited[r.SetlID] {
			m.of[r.SetlID] = at
		}
		if was := m.names[at.hospital]; was == "" || at.name != "" && at.name < was {
			m.names[at.hospital] = at.name
		}
		m.settlement(r, at)
	}
	if m.covered != 0 {
		then, err := m.s.ResultsOf(ctx, m.a.Code, 0, numbers, m.covered)
		if err != nil {
			return err
		}
		for i := range then {
			if r := &then[i]; r.Year <= m.before {
				m.move(r, placed{county: county(ledger.Now(m.merged, r.Person)), hospital: cmp.Or(r.Hospital, rules.Fold(r.HospName))}, -1)
			}
		}
	}
	return m.persons(ctx, people, county)
}

// settlement adds one result as of the run.
func (m *maker) settlement(r *ledger.ResultRow, at placed) {
	year := m.st.Year
	var all, posted, later rules.Amounts
	for _, p := range m.postings[r.Claim] {
		all[p.Fund] += p.Amount
		booked := m.calendar.BookedPosting(&p)
		switch late := m.calendar.Late(p.Year, p.Seq); {
		case p.Year == year && late:
			later[p.Fund] += p.Amount
		case p.Year == year:
			posted[p.Fund] += p.Amount
			m.booked -= p.Amount
		case m.stands(booked): // of an earlier year
			m.st.Prior = append(m.st.Prior, PriorRow{Year: p.Year, Fund: p.Fund, County: at.county, Hospital: at.hospital, SetlID: r.SetlID,
				Person: r.Person, Run: p.Run, Date: p.Date, Amount: p.Amount})
			m.booked -= p.Amount
			m.earlier.add(m, booked, "过账", p.Amount)
		}
	}
	open := r.Adjust(all)
	if r.Year <= year {
		for f, v := range open {
			if v != 0 {
				m.openSum += v
				m.open = append(m.open, Detail{r.Person, r.SetlID, fmt.Sprintf("%d年度 %s", r.Year, rules.Fund(f).Chinese()), v})
			}
		}
	}
	if r.Year < year {
		m.move(r, at, 1)
		var sum money.Fen
		for _, v := range r.Recorded {
			sum += v
		}
		m.earlier.add(m, r.Year, "结算", sum)
	}
	if r.Year != year {
		return
	}
	m.results[r.SetlID] = digestOf(r)
	due := r.Due.Due()
	for f := range rules.NumFunds {
		x := Sum{Recorded: r.Recorded[f], Due: due[f], Posted: posted[f], Later: later[f], Open: open[f]}
		if x == (Sum{}) {
			continue
		}
		x.Claims = 1
		x.Waived = x.Due - x.Recorded - all[f] - x.Open
		m.st.Total.Add(x)
		k := Row{Fund: f, County: at.county, Hospital: at.hospital}
		if m.rows[k] == nil {
			m.rows[k] = &Sum{}
		}
		m.rows[k].Add(x)
	}
}

func digestOf(r *ledger.ResultRow) [16]byte {
	x := r.Result
	x.Run = 0 // a later run may have found the same
	sum := sha256.Sum256(x.Canonical(nil))
	return [16]byte(sum[:16])
}

// stands reports whether what is booked in a year stands in this statement.
func (m *maker) stands(booked int) bool { return m.before < booked && booked <= m.st.Year }

// move notes what the platform recorded of an earlier year, now or then.
func (m *maker) move(r *ledger.ResultRow, at placed, sign money.Fen) {
	for f, v := range r.Recorded {
		if v != 0 {
			m.moved[MovedRow{Year: r.Year, Fund: rules.Fund(f), County: at.county, Hospital: at.hospital}] += sign * v
		}
	}
}

// settlements puts in order what was added.
func (m *maker) settlements() {
	st := m.st
	for k, sum := range m.rows {
		k.Sum, k.Name = *sum, m.names[k.Hospital]
		st.Rows = append(st.Rows, k)
	}
	slices.SortFunc(st.Rows, func(a, b Row) int { return cmp.Compare(a.key(), b.key()) })
	for k, v := range m.moved {
		if v != 0 {
			k.Amount, k.Name = v, m.names[k.Hospital]
			st.Moved = append(st.Moved, k)
		}
	}
	slices.SortFunc(st.Moved, func(a, b MovedRow) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Fund, b.Fund), cmp.Compare(a.County, b.County), cmp.Compare(a.Hospital, b.Hospital))
	})
	for i := range st.Prior {
		st.Prior[i].Name = m.names[st.Prior[i].Hospital]
	}
	slices.SortFunc(st.Prior, func(a, b PriorRow) int {
		return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.SetlID, b.SetlID), cmp.Compare(a.Fund, b.Fund), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Run, b.Run))
	})
	h := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(m.results)) {
		sum := m.results[id]
		fmt.Fprintf(h, "%s %x\n", id, sum)
	}
	st.Results = hex.EncodeToString(h.Sum(nil))
}

// persons counts the year of some people for the indicators.
func (m *maker) persons(ctx context.Context, people []ledger.PersonNo, county func(ledger.PersonNo) string) error {
	data, err := m.s.LoadPeople(ctx, m.a.Code, people, m.run.Seen, m.run.No)
	if err != nil {
		return err
	}
	st := m.st
	for i := range data {
		d := &data[i]
		spells, _ := m.a.Policy.Spells(d.Events)
		if len(spells) > 0 {
			m.spells[d.Person] = spells
		}
		cancelled := map[string]bool{}
		for _, r := range d.Refunds {
			cancelled[r.Original] = true
		}
		for _, c := range d.Claims {
			if cancelled[c.ID] && c.At.Date().Year() == st.Year {
				st.Counts.Cancelled++
			}
		}
		due := make(map[int64]*ledger.Result, len(d.Results))
		for k := range d.Results {
			due[d.Results[k].Claim] = &d.Results[k]
		}
		var claims []rules.Claim
		var results []rules.Result
		for year, of := range recompute.ByYear(recompute.Live(d.Claims, d.Refunds)) {
			for k := range of {
				if r := due[of[k].Ref]; year == st.Year && r != nil {
					claims, results = append(claims, of[k]), append(results, r.Due)
				}
			}
		}
		var helps []rules.Help
		for _, h := range d.Relief {
			if h.Date.Year() == st.Year {
				helps = append(helps, h)
			}
		}
		if len(claims) > 0 {
			st.Counts.People++
			st.Counts.Claims += len(claims)
		}
		m.indicators.AddYear(m.a.Policy, county(d.Person), "", 0, spells, claims, results, helps)
	}
	return nil
}

// judge holds the year's indicators against the targets.
func (m *maker) judge(cases []ledger.Case) {
	st := m.st
	last := civil.YMD(st.Year, 12, 31)
	var cleared rules.Clearance
	for i := range cases {
		cleared.Add(&cases[i].Case)
	}
	st.Counts.Cases, st.Counts.Cleared = cleared.Opened, cleared.Cleared
	prm := m.a.Policy.InYear(st.Year)
	if prm == nil {
		return
	}
	judged := m.enrolled(prm)
	if seg := m.a.Policy.At(last); seg != nil {
		prm = seg.Params
	}
	targets := &prm.Duties.Targets
	var all rules.Totals
	for _, r := range m.indicators.YearToDate(last.Month(), rules.ByArea) {
		if r.Group == rules.Difficult && r.Category == rules.NoCategory {
			all = all.Plus(r.Totals)
		}
	}
	judged = append(judged, all.Judge(targets, !targets.WithoutRelief)...)
	judged = append(judged, cleared.Judge(targets))
	for _, j := range judged {
		st.Judged = append(st.Judged, Indicator{j.Indicator, j.Value, j.Target, j.Verdict})
	}
}
