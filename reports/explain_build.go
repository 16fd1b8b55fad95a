package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
)

// explainer gathers what one explanation is made of.
type explainer struct {
	ctx    context.Context
	s      Loader
	area   jobs.Area
	person ledger.PersonNo
	year   int // 0 every year
	reveal bool
	run    ledger.Run
	used   *ledger.RunArea
	x      *Explanation

	data    ledger.PersonData // as the run saw it, with what it left
	events  []ledger.Event
	gone    []ledger.Withdrawn
	claims  []ledger.Claim // settlements and refunds
	reliefs []ledger.Relief
	files   map[ledger.Seq]ledger.File
	claim   map[int64]*ledger.Claim
	spells  []rules.Spell
	windows []rules.Window
	posted  map[int64]rules.Amounts
	merged  merged // since the run with which it is compared
}

// Explain settles a person again as a run saw it, with the reasons written
// down, and compares with the run before. year 0 is every year.
func Explain(ctx context.Context, s Loader, area jobs.Area, person ledger.PersonNo, year int, run ledger.Run, reveal bool) (*Explanation, error) {
	e := &explainer{ctx: ctx, s: s, area: area, person: person, year: year, run: run, reveal: reveal}
	e.x = &Explanation{Area: area.Code, AreaName: area.Name, Run: run.No, Month: run.Month.String(), Year: year, asOf: run.Month.Last(),
		Summary: Summary{AsOf: run.Month.Last().String(), Held: []string{}, Years: []YearSummary{}, TopUp: map[string]string{}, Clawback: map[string]string{}},
		Spells:  []ExplainedSpell{}, Events: []ExplainedEvent{}, Windows: []ExplainedWindow{}, Claims: []ExplainedClaim{}, Cases: []ExplainedCase{},
		Refunded: []ExplainedRefund{}, Reliefs: []ExplainedRelief{}, Changes: noChanges(),
		Receipt: Receipt{Program: run.Version, Run: run.No, Packs: []ledger.PackUsed{}, Files: []ReceiptFile{}}}
	for i := range run.Areas {
		if run.Areas[i].Area == area.Code {
			e.used = &run.Areas[i]
		}
	}
	if e.used == nil { // the area came later
		return e.x, nil
	}
	if err := e.load(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{e.roster, e.lookBack, e.settle, e.refunds, e.help, e.cases, e.changes, e.receipt} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	e.sum()
	return e.x, e.closedYears()
}

func (e *explainer) load() error {
	one := []ledger.PersonNo{e.person}
	data, err := e.s.LoadPeople(e.ctx, e.area.Code, one, e.run.Seen, e.run.No)
	if err != nil {
		return err
	}
	e.data = data[0]
	d := &e.data
	if err := e.records(); err != nil {
		return err
	}
	e.x.known = len(d.Events)+len(e.gone)+len(d.Claims)+len(d.Refunds)+len(d.Relief) > 0
	ids, err := e.s.IdentitiesAt(e.ctx, one, e.run.Seen)
	if err != nil {
		return err
	}
	e.x.Person = ExplainedPerson{Mask(ids[e.person].Certno), maskName(ids[e.person].Name)}
	if e.reveal {
		e.x.Person = ExplainedPerson{ids[e.person].Certno, ids[e.person].Name}
	}
	e.posted = map[int64]rules.Amounts{}
	for _, p := range d.Postings {
		a := e.posted[p.Claim]
		a[p.Fund] += p.Amount
		e.posted[p.Claim] = a
	}
	e.x.PolicyChanged = e.used.PolicyDigest != e.area.Policy.Digest
	return nil
}

// records reads the rows that speak of the person, with their places.
func (e *explainer) records() (err error) {
	one := []ledger.PersonNo{e.person}
	if e.gone, err = e.s.Withdrawn(e.ctx, e.area.Code, one, 0, e.run.Seen); err != nil {
		return err
	}
	if e.events, err = e.s.Events(e.ctx, e.area.Code, one, 0, e.run.Seen); err != nil {
		return err
	}
	if e.claims, err = e.s.ClaimsOf(e.ctx, e.area.Code, one, e.run.Seen); err != nil {
		return err
	}
	if e.reliefs, err = e.s.ReliefsOf(e.ctx, e.area.Code, one, e.run.Seen); err != nil {
		return err
	}
	if e.files == nil {
		files, err := e.s.Files(e.ctx, 0, e.run.Seen)
		if err != nil {
			return err
		}
		e.files = filesBySeq(files)
	}
	e.claim = make(map[int64]*ledger.Claim, len(e.claims))
	for i := range e.claims {
		e.claim[e.claims[i].Ref] = &e.claims[i]
	}
	return nil
}

func filesBySeq(files []ledger.File) map[ledger.Seq]ledger.File {
	out := make(map[ledger.Seq]ledger.File, len(files))
	for _, f := range files {
		out[f.Seq] = f
	}
	return out
}

// in reports whether something of [from, to) is in the year that was asked for.
func (e *explainer) in(from, to civil.Date) bool {
	return e.year == 0 || from < civil.YMD(e.year+1, 1, 1) && to > civil.YMD(e.year, 1, 1)
}

func (e *explainer) place(src ledger.Source) Place {
	f := e.files[src.Seq]
	return Place{f.Name, f.SHA256, src.Sheet, src.Row}
}

// corrects reports whether a file is a 更正; of what brought no roster, as files of
// before do not say, it is.
func (e *explainer) corrects(seq ledger.Seq) bool {
	f, ok := e.files[seq]
	return !ok || f.Effect == nil || f.Effect.Correction
}

// String names a row as people do.
func (p Place) String() string {
	if p.Row == 0 {
		return p.list() + " 整张名单"
	}
	return fmt.Sprintf("%s 第 %d 行", p.list(), p.Row)
}

// list names the file and the sheet. The sheet of a CSV file is the file.
func (p Place) list() string {
	name, _, _ := strings.Cut(p.File, ".")
	if p.Sheet == "" || strings.EqualFold(p.Sheet, name) || strings.HasSuffix(strings.ToLower(p.File), ".csv") {
		return p.File
	}
	return p.File + " " + p.Sheet
}

// by names what withdrew a row: a correction as a whole, or a row of one.
func (p Place) by() string {
	if p.Row == 0 {
		return p.list()
	}
	return p.String()
}

// roster gives the spells and the rows that they came from.
func (e *explainer) roster() error {
	var notes []rules.Note
	e.spells, notes = e.area.Policy.Spells(e.data.Events)
	e.windows = e.area.Policy.Windows(e.spells)
	e.x.listed, e.x.spells = len(e.spells) > 0, e.spells
	effect, row, shown := map[int64]string{}, map[int64]*ledger.Event{}, map[int64]bool{}
	for _, n := range notes {
		effect[n.Ref] = n.Code.Chinese()
	}
	for i := range e.events {
		row[e.events[i].ID] = &e.events[i]
	}
	from := func(ref int64) string {
		switch ev := row[ref]; {
		case ev == nil:
			return ""
		case ev.Via == ledger.ViaAbsent || ev.Via == ledger.ViaGone:
			return e.place(ev.Src).String() + "，全量名单里没有此人"
		default:
			return e.place(ev.Src).String()
		}
	}
	for _, sp := range e.spells {
		w := e.windowOf(sp)
		if !e.in(sp.Start, sp.End) && (w == nil || !e.in(w.From, w.To)) {
			continue
		}
		shown[sp.Opened], shown[sp.Closed] = true, true
		es := ExplainedSpell{Category: sp.Category.String(), Name: sp.Category.Chinese(), Cause: sp.Cause.String(), Start: sp.Start.String(), From: from(sp.Opened),
			Closed: from(sp.Closed), Applied: sp.Applied.String(), County: sp.County, spell: sp}
		if sp.End != civil.Forever {
			es.End = sp.End.String()
		}
		if w == nil {
			es.NoWindow = e.whyNoWindow(sp)
		}
		e.x.Spells = append(e.x.Spells, es)
	}
	show := func(ev *ledger.Event, effect string, withdrawn bool) {
		if !shown[ev.ID] && !e.in(ev.Date, ev.Date.Next()) {
			return
		}
		p := e.place(ev.Src)
		e.x.Events = append(e.x.Events, ExplainedEvent{ID: ev.ID, Op: ev.Op.String(), Category: ev.Category.String(), Cause: ev.Cause.String(), Date: ev.Date.String(),
			Expiry: ev.Expiry.String(), Dept: ev.Dept, File: p.File, SHA256: p.SHA256, Sheet: p.Sheet, Row: p.Row, Effect: effect, Withdrawn: withdrawn, says: saysEvent(ev)})
	}
	for i := range e.events {
		show(&e.events[i], effect[e.events[i].ID], false)
	}
	for i := range e.gone {
		g := &e.gone[i]
		word := "未再列出"
		switch g.Via {
		case ledger.ViaAbsent, ledger.ViaGone:
			word = "撤下了这次退出"
		case ledger.ViaListed:
			word = "使其不再从名单日起算"
		}
		list := "更正名单"
		if !e.corrects(g.By.Src.Seq) {
			list = "名单"
		}
		show(&g.Event, fmt.Sprintf("%s %s %s，不再有效", list, e.place(g.By.Src).by(), word), true)
	}
	slices.SortFunc(e.x.Events, func(a, b ExplainedEvent) int { return cmp.Compare(a.ID, b.ID) })
	e.x.Summary.held = rules.Held(e.spells, e.x.asOf)
	for _, c := range e.x.Summary.held.List() {
		e.x.Summary.Held = append(e.x.Summary.Held, c.String())
	}
	return nil
}

func (e *explainer) windowOf(sp rules.Spell) *rules.Window {
	for i := range e.windows {
		if w := &e.windows[i]; w.Event == sp.Opened && w.Category == sp.Category && w.To == sp.Start {
			return w
		}
	}
	return nil
}

// whyNoWindow says why a recognition by illness opens no window; "" where none
// could be expected.
func (e *explainer) whyNoWindow(sp rules.Spell) string {
	seg := e.area.Policy.At(sp.Start)
	if sp.Cause != rules.Illness || seg == nil || seg.Params.Retro == 0 {
		return ""
	}
	if !seg.Params.Retro.Has(sp.Category) {
		return fmt.Sprintf("因病认定可以回溯的只有%s", seg.Params.Retro.Chinese())
	}
	if before := rules.Held(e.spells, sp.Start.Prev()) & seg.Params.Assisted; before != 0 {
		return fmt.Sprintf("认定前一日（%s）已有%s身份，不算新认定，认定前的费用不回溯", day(sp.Start.Prev()), before.Chinese())
	}
	return "回溯期不早于政策规定的最早日期，故没有可以回溯的日子"
}

// lookBack explains the windows.
func (e *explainer) lookBack() error {
	for _, w := range e.windows {
		if !e.in(w.From, w.To) {
			continue
		}
		prm := w.Segment.Params
		x := ExplainedWindow{Category: w.Category.String(), From: w.From.String(), To: w.To.String(), Event: w.Event, Months: prm.RetroMonths, Claims: []string{},
			Sources: []ExplainedSource{}, window: w, Why: fmt.Sprintf("%s因病新认定为%s，认定前 %d 个月内结算的费用也给予救助", day(w.To), w.Category.Chinese(), prm.RetroMonths)}
		back := w.To.AddMonths(-prm.RetroMonths)
		switch _, _, dom := w.To.Parts(); {
		case back < w.From:
			x.Why += fmt.Sprintf("；往前数 %d 个月是%s，但政策规定回溯不早于%s", prm.RetroMonths, day(back), day(w.From))
		case int(back)%100 != dom:
			x.Why += fmt.Sprintf("；往前数 %d 个月的那个月没有 %d 日，从当月最后一日算起", prm.RetroMonths, dom)
		}
		for i := range e.events {
			if e.events[i].ID == w.Event {
				x.row = e.place(e.events[i].Src).String()
			}
		}
		for i := range e.claims {
			if c := &e.claims[i]; !c.Refund && w.From <= c.At.Date() && c.At.Date() < w.To && !e.cancelled(c.ID) && e.in(c.At.Date(), c.At.Date().Next()) {
				x.Claims = append(x.Claims, c.ID)
			}
		}
		if l, ok := e.layered(w.Segment.Pack); ok {
			about := valueFor{cat: w.Category, params: prm}
			paths := []rules.Param{"retro.months", "retro.categories"}
			if w.From == prm.RetroEarliest {
				paths = append(paths, "retro.earliest")
			}
			x.Sources = sourcesOf(l, paths, w.To, about)
		}
		e.x.Windows = append(e.x.Windows, x)
	}
	return nil
}

func (e *explainer) cancelled(id string) bool {
	return slices.ContainsFunc(e.data.Refunds, func(r ledger.Refund) bool { return r.Original == id })
}

// refunds lists what was refunded, and the refunds whose original is not there.
func (e *explainer) refunds() error {
	for i := range e.claims {
		r := &e.claims[i]
		if !r.Refund {
			continue
		}
		x := ExplainedRefund{SetlID: r.ID, Time: r.At.String(), Original: r.RefundOf, Amount: r.Total.String(), Waiting: true, Marked: r.IsMark(), From: e.place(r.Src), at: r.At}
		year := r.At.Date().Year()
		for k := range e.claims {
			if o := &e.claims[k]; !o.Refund && o.ID == r.RefundOf {
				x.Waiting, x.orig = false, o
				year = o.Year()
				x.adjust = rules.Adjust(rules.Amounts{}, rules.Amounts{}, e.posted[o.Ref], true)
			}
		}
		if e.year != 0 && year != e.year {
			continue
		}
		if !x.Waiting && !slices.Contains(e.x.Refunds, x.Original) {
			e.x.Refunds = append(e.x.Refunds, x.Original)
			x.Adjust = amountsByFund(x.adjust, true)
		} else {
			x.adjust = rules.Amounts{}
		}
		e.x.Refunded = append(e.x.Refunded, x)
	}
	slices.Sort(e.x.Refunds)
	return nil
}

func (e *explainer) help() error {
	for i := range e.reliefs {
		if r := &e.reliefs[i]; e.in(r.Date, r.Date.Next()) {
			e.x.Reliefs = append(e.x.Reliefs, ExplainedRelief{r.Date.String(), r.Kind, r.Amount.String(), e.place(r.Src)})
		}
	}
	return nil
}
