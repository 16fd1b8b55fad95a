package reports

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"doudi/jobs"
	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// Explanation says why a person's claims are due what they are: what a clerk
// reads to a citizen, and the same for programs.
type Explanation struct {
	Area    string            `json:"area"`
	Person  ExplainedPerson   `json:"person"`
	Run     int               `json:"run"`
	Year    int               `json:"year,omitempty"`
	Spells  []ExplainedSpell  `json:"spells"`
	Events  []ExplainedEvent  `json:"events"`
	Windows []ExplainedWindow `json:"windows"`
	Claims  []ExplainedClaim  `json:"claims"`
	Cases   []ExplainedCase   `json:"cases"`
	Refunds []string          `json:"refunded,omitempty"`
	Receipt Receipt           `json:"receipt"`
	// PolicyChanged: the packs or the overlay are not those of the run any more;
	// the reasons are by today's policy and may differ from the run's figures.
	PolicyChanged bool `json:"policy_changed"`
}

// Receipt tells what the figures were computed by and from.
type Receipt struct {
	Program string            `json:"program"`
	Packs   []ledger.PackUsed `json:"packs"`
	Chain   string            `json:"chain"`
}

// ExplainedPerson is the person, masked unless revealed.
type ExplainedPerson struct {
	Certno string `json:"certno"`
	Name   string `json:"name"`
}

// ExplainedSpell is a category held.
type ExplainedSpell struct {
	Category string `json:"category"`
	Name     string `json:"name"`
	Cause    string `json:"cause"`
	Start    string `json:"start"`
	End      string `json:"end"` // empty while open; the day itself does not count
	From     string `json:"from"`
}

// ExplainedEvent is a roster row.
type ExplainedEvent struct {
	ID       int64  `json:"id"`
	Op       string `json:"op"`
	Category string `json:"category"`
	Cause    string `json:"cause"`
	Date     string `json:"date"`
	Expiry   string `json:"expiry,omitempty"`
	Dept     string `json:"dept"`
	File     string `json:"file"`
	SHA256   string `json:"sha256"`
	Sheet    string `json:"sheet"`
	Row      int    `json:"row"`
	Effect   string `json:"effect,omitempty"`
}

// ExplainedWindow is a window of a recognition by illness.
type ExplainedWindow struct {
	Category string `json:"category"`
	From     string `json:"from"`
	To       string `json:"to"` // does not count
	Event    int64  `json:"event"`
}

// ExplainedClaim is one claim, layer by layer.
type ExplainedClaim struct {
	SetlID   string            `json:"setl_id"`
	Time     string            `json:"setl_time"`
	Kind     string            `json:"kind"`
	Held     []string          `json:"held"`
	Pack     string            `json:"pack"`
	NoPack   bool              `json:"no_pack,omitempty"`
	Retro    bool              `json:"retro"`
	Total    string            `json:"total"`
	InScope  string            `json:"in_scope"`
	Basic    string            `json:"basic"`
	Other    string            `json:"other"`
	Layers   []ExplainedLayer  `json:"layers"`
	Person   string            `json:"person"`
	Recorded map[string]string `json:"recorded"`
	Adjust   map[string]string `json:"adjustment"`
	Before   map[string]string `json:"accumulators_before"`
	After    map[string]string `json:"accumulators_after"`
	claim    rules.Claim
	result   rules.Result
	adjust   rules.Amounts
	listed   bool
}

// ExplainedLayer is one layer on one claim.
type ExplainedLayer struct {
	Layer    string            `json:"layer"`
	Name     string            `json:"name"`
	Category string            `json:"category"`
	Inputs   map[string]string `json:"inputs"`
	Formula  string            `json:"formula"`
	Amount   string            `json:"amount"`
	Recorded bool              `json:"recorded,omitempty"`
	Note     string            `json:"note,omitempty"`
	Sources  []pack.Citation   `json:"parameters"`
}

// ExplainedCase is the history of a case.
type ExplainedCase struct {
	Year    int             `json:"year"`
	Monitor string          `json:"monitor"`
	Name    string          `json:"name"`
	Line    string          `json:"line"`
	State   string          `json:"state"`
	Gross   string          `json:"burden_before_relief"`
	Relief  string          `json:"relief"`
	Burden  string          `json:"burden"`
	Moves   []ExplainedMove `json:"moves"`
}

// ExplainedMove is a transition of a case.
type ExplainedMove struct {
	To   string `json:"to"`
	Date string `json:"date"`
	By   string `json:"by"`
}

// Loader reads what an explanation needs beside a Source.
type Loader interface {
	Source
	LoadPeople(ctx context.Context, area string, people []ledger.PersonNo, seen ledger.Seq, run int) ([]ledger.PersonData, error)
}

// Explain settles a person again as a run saw it, with the reasons written
// down. year 0 is every year.
func Explain(ctx context.Context, s Loader, area jobs.Area, person ledger.PersonNo, year int, run ledger.Run, reveal bool) (*Explanation, error) {
	data, err := s.LoadPeople(ctx, area.Code, []ledger.PersonNo{person}, run.Seen, run.No)
	if err != nil {
		return nil, err
	}
	d := data[0]
	ids, err := s.Identities(ctx, []ledger.PersonNo{person})
	if err != nil {
		return nil, err
	}
	x := &Explanation{Area: area.Code, Run: run.No, Year: year, Person: ExplainedPerson{Mask(ids[person].Certno), maskName(ids[person].Name)},
		Spells: []ExplainedSpell{}, Events: []ExplainedEvent{}, Windows: []ExplainedWindow{}, Claims: []ExplainedClaim{}, Cases: []ExplainedCase{}}
	if reveal {
		x.Person = ExplainedPerson{ids[person].Certno, ids[person].Name}
	}
	for _, ra := range run.Areas {
		if ra.Area == area.Code {
			x.Receipt = Receipt{Program: run.Version, Packs: ra.Packs}
			x.PolicyChanged = ra.PolicyDigest != area.Policy.Digest
		}
	}
	head, err := s.Entry(ctx, run.Seq)
	if err != nil {
		return nil, err
	}
	x.Receipt.Chain = head.Hash.String()

	spells, notes := area.Policy.Spells(d.Events)
	windows := area.Policy.Windows(spells)
	if err := x.roster(ctx, s, area.Code, person, run.Seen, spells, notes); err != nil {
		return nil, err
	}
	for _, w := range windows {
		x.Windows = append(x.Windows, ExplainedWindow{w.Category.String(), w.From.String(), w.To.String(), w.Event})
	}
	live := recompute.Live(slices.Clone(d.Claims), d.Refunds)
	for _, c := range d.Claims {
		if !slices.ContainsFunc(live, func(l rules.Claim) bool { return l.Ref == c.Ref }) {
			x.Refunds = append(x.Refunds, c.ID)
		}
	}
	slices.Sort(x.Refunds)
	posted := map[int64]rules.Amounts{}
	for _, p := range d.Postings {
		a := posted[p.Claim]
		a[p.Fund] += p.Amount
		posted[p.Claim] = a
	}
	for y, claims := range recompute.ByYear(live) {
		if year != 0 && y != year {
			continue
		}
		var tr rules.Trace
		if _, err := area.Policy.SettleYear(spells, windows, claims, nil, &tr); err != nil {
			return nil, err
		}
		for i := range tr.Claims {
			x.Claims = append(x.Claims, explainClaim(area, &tr.Claims[i], posted[tr.Claims[i].Claim.Ref], len(spells) > 0))
		}
	}
	return x, x.cases(ctx, s, d.Cases, year, run)
}

func (x *Explanation) roster(ctx context.Context, s Loader, area string, person ledger.PersonNo, seen ledger.Seq, spells []rules.Spell, notes []rules.Note) error {
	events, err := s.Events(ctx, area, []ledger.PersonNo{person}, 0, seen)
	if err != nil {
		return err
	}
	files, err := s.Files(ctx, 0, seen)
	if err != nil {
		return err
	}
	file := map[ledger.Seq]ledger.File{}
	for _, f := range files {
		file[f.Seq] = f
	}
	effect := map[int64]string{}
	for _, n := range notes {
		effect[n.Ref] = n.Code.Chinese()
	}
	from := map[int64]string{}
	for _, e := range events {
		f := file[e.Src.Seq]
		x.Events = append(x.Events, ExplainedEvent{ID: e.ID, Op: e.Op.String(), Category: e.Category.String(), Cause: e.Cause.String(), Date: e.Date.String(),
			Expiry: e.Expiry.String(), Dept: e.Dept, File: f.Name, SHA256: f.SHA256, Sheet: e.Src.Sheet, Row: e.Src.Row, Effect: effect[e.ID]})
		from[e.ID] = fmt.Sprintf("%s %s 第 %d 行", f.Name, e.Src.Sheet, e.Src.Row)
	}
	for _, sp := range spells {
		es := ExplainedSpell{Category: sp.Category.String(), Name: sp.Category.Chinese(), Cause: sp.Cause.String(), Start: sp.Start.String(), From: from[sp.Opened]}
		if sp.End != civil.Forever {
			es.End = sp.End.String()
		}
		x.Spells = append(x.Spells, es)
	}
	return nil
}

func explainClaim(area jobs.Area, t *rules.ClaimTrace, posted rules.Amounts, listed bool) ExplainedClaim {
	c, r := &t.Claim, &t.Result
	e := ExplainedClaim{SetlID: c.ID, Time: c.At.String(), Kind: c.Kind.String(), Held: []string{}, NoPack: r.NoPack, Retro: r.Retro, Total: c.Total.String(), InScope: c.InScope.String(),
		Basic: r.Basic.String(), Other: r.Other.String(), Person: r.Person.String(), Layers: []ExplainedLayer{},
		Recorded: map[string]string{}, Adjust: map[string]string{}, Before: accumulators(t.Before), After: accumulators(t.After), claim: *c, result: *r}
	for _, h := range t.Held.List() {
		e.Held = append(e.Held, h.String())
	}
	var layer pack.Layered
	if t.Pack != nil {
		e.Pack = t.Pack.ID
		for _, l := range area.Layers {
			if l.ID == t.Pack.ID {
				layer = l
			}
		}
	}
	e.adjust = rules.Adjust(r.Due(), c.Recorded(), posted, listed)
	e.listed = listed
	for f, v := range c.Recorded() {
		e.Recorded[rules.Fund(f).String()] = v.String()
		e.Adjust[rules.Fund(f).String()] = e.adjust[f].String()
	}
	for _, st := range t.Steps {
		l := ExplainedLayer{Layer: string(st.Layer), Name: st.Layer.Chinese(), Category: st.Category.String(), Inputs: map[string]string{}, Formula: st.Formula,
			Amount: st.Amount.String(), Recorded: st.Recorded, Note: st.Note, Sources: []pack.Citation{}}
		for _, in := range st.Inputs {
			l.Inputs[in.Name] = in.Amount.String()
		}
		for _, p := range st.Params {
			if layer.Pack != nil {
				if cite, ok := layer.Cite(p, t.AsOf); ok {
					l.Sources = append(l.Sources, cite)
				}
			}
		}
		e.Layers = append(e.Layers, l)
	}
	return e
}

func accumulators(a rules.Accumulators) map[string]string {
	y := money.Fen.String
	return map[string]string{"major_base": y(a.MajorBase), "major_paid": y(a.MajorPaid), "deducted": y(a.Deducted), "pool": y(a.Pool),
		"sub_pool": y(a.SubPool), "tilt_base": y(a.TiltBase), "tilt_paid": y(a.TiltPaid), "special_base": y(a.SpecialBase), "special_paid": y(a.SpecialPaid)}
}

func (x *Explanation) cases(ctx context.Context, s Loader, cs []ledger.Case, year int, run ledger.Run) error {
	movers, err := MoversOf(ctx, s, cs)
	if err != nil {
		return err
	}
	for i := range cs {
		c := &cs[i]
		if c.Gone || year != 0 && c.Year != year {
			continue
		}
		e := ExplainedCase{Year: c.Year, Monitor: c.Monitor, Name: c.Name, Line: c.Line.String(), State: CaseState(c, run.Month),
			Gross: c.Gross.String(), Relief: c.Relief.String(), Burden: c.Burden.String()}
		for _, m := range c.Moves {
			e.Moves = append(e.Moves, ExplainedMove{m.To.Chinese(), m.Date.String(), movers.Chinese(m)})
		}
		x.Cases = append(x.Cases, e)
	}
	return nil
}

// Text writes the explanation as a clerk would read it out.
func (x *Explanation) Text(w io.Writer) error {
	b := &strings.Builder{}
	p := func(f string, args ...any) { fmt.Fprintf(b, f+"\n", args...) }
	p("%s %s（统筹区 %s，第 %d 次运行）", x.Person.Name, x.Person.Certno, x.Area, x.Run)
	if x.PolicyChanged {
		p("注意：那次运行之后政策包或本地参数已改动，以下按现在的政策说明，金额可能与那次运行不同；请重新运行后再看。")
	}
	p("")
	n := 0
	section := func(name string) {
		n++
		p("%s、%s", []string{"", "一", "二", "三", "四"}[n], name)
	}
	section("身份")
	if len(x.Spells) == 0 {
		p("  从未列入任何名单。")
	}
	for _, s := range x.Spells {
		end := "至今"
		if s.End != "" {
			end = "到 " + s.End + " 止（当日不计）"
		}
		why := ""
		if s.Cause == "illness" {
			why = "（因病）"
		}
		p("  %s%s：从 %s 起，%s。依据 %s", s.Name, why, s.Start, end, s.From)
	}
	for _, e := range x.Events {
		if e.Effect != "" {
			p("  %s 第 %d 行：%s", e.File, e.Row, e.Effect)
		}
	}
	if len(x.Windows) > 0 {
		p("")
		section("回溯")
		for _, win := range x.Windows {
			c, _ := rules.ParseCategory(win.Category)
			p("  因病新认定%s：%s 起、%s 前结算的费用一并救助。", c.Chinese(), win.From, win.To)
		}
	}
	p("")
	section("每笔费用（元）")
	if len(x.Claims) == 0 {
		p("  没有结算记录。")
	}
	for i := range x.Claims {
		x.Claims[i].text(p)
	}
	for _, id := range x.Refunds {
		p("  结算 %s 已退费冲销，不计。", id)
	}
	if len(x.Cases) > 0 {
		p("")
		section("监测与清零")
		for _, c := range x.Cases {
			p("  %d年 %s：标准 %s 元，现为%s；帮扶前负担 %s，帮扶 %s，现负担 %s。", c.Year, c.Name, c.Line, c.State, c.Gross, c.Relief, c.Burden)
			for _, m := range c.Moves {
				p("    %s %s，由%s", m.Date, m.To, m.By)
			}
		}
	}
	p("")
	p("凭据：程序 %s；链头 %s", x.Receipt.Program, x.Receipt.Chain)
	for _, u := range x.Receipt.Packs {
		p("  政策包 %s（%s），校验 %s", u.ID, u.Number, u.Digest[:16])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (e *ExplainedClaim) text(p func(string, ...any)) {
	c, r := &e.claim, &e.result
	p("")
	p("  ● %s %s %s：总费用 %s，其中政策范围内 %s", c.At, c.Kind.Chinese(), c.ID, c.Total, c.InScope)
	if r.NoPack {
		p("    当日没有政策包，按平台记录。个人负担 %s", r.Person)
		return
	}
	var held rules.CategorySet
	for _, h := range e.Held {
		cat, _ := rules.ParseCategory(h)
		held |= rules.SetOf(cat)
	}
	who := held.Chinese()
	if who == "" {
		who = "当日无救助身份"
	}
	if r.Retro {
		who += "，在因病认定的回溯期内"
	}
	p("    身份：%s；就医：%s", who, c.Referral.Chinese())
	p("    基本医保 %s，其他补助 %s", r.Basic, r.Other)
	for _, l := range e.Layers {
		switch {
		case l.Recorded:
			p("    %s %s（未配置参数，按平台记录）", l.Name, l.Amount)
		case l.Formula == "":
			p("    %s %s：%s", l.Name, l.Amount, l.Note)
		default:
			as := ""
			if l.Category != "" {
				cat, _ := rules.ParseCategory(l.Category)
				as = "，按" + cat.Chinese()
			}
			note := ""
			if l.Note != "" {
				note = "（" + l.Note + "）"
			}
			p("    %s %s%s：%s%s", l.Name, l.Amount, as, l.Formula, note)
		}
		seen := map[string]bool{}
		for _, s := range l.Sources {
			src, text := strings.TrimSpace(s.Document+" "+s.Article), s.Text
			if s.Overlay {
				text = "本地确定的" + s.Name + " " + s.Value
			}
			// One line for a clause, however many of its parameters took part.
			if key := src + text; !seen[key] {
				seen[key] = true
				p("      依据 %s：%s", src, text)
			}
		}
	}
	p("    个人负担 %s", r.Person)
	if !e.listed && c.Assist > r.Assistance() {
		p("    → 平台已救助 %s，而此人不在任何名单：列入名单外已救助，待认定部门核实，不提追回", c.Assist)
	}
	for f, v := range e.adjust {
		fund := rules.Fund(f)
		switch {
		case v > 0:
			p("    → 补发 %s（%s：应付 %s，平台已付 %s）", v, fund.Chinese(), r.Due()[f], c.Recorded()[f])
		case v < 0:
			p("    → 追回 %s（%s：应付 %s，平台已付 %s）", -v, fund.Chinese(), r.Due()[f], c.Recorded()[f])
		}
	}
}
