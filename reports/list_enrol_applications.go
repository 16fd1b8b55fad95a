package reports

import (
	"context"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// applicationMakers are the lists of who is assisted on application.
var applicationMakers = map[string]listMaker{
	"applications": {needApplications, (*facts).applicationTables},
}

var applicationPart = part{needApplications, func(ctx context.Context, s Source, f *facts, d *duty) error { return d.readApplications(ctx, s, f) }}

// applicationFacts is what the list of applications is made of.
type applicationFacts struct {
	asked     rules.CategorySet // who is assisted on application
	required  bool              // an application is needed as things stand
	unapplied []unapplied       // by county, township and ID
}

// unapplied is somebody who held nothing but such categories on the day of some
// claim, and had not applied.
type unapplied struct {
	person        ledger.PersonNo
	cats          rules.CategorySet
	since         civil.Date // of the earliest recognition
	applied       civil.Date // the first application, which came after the claims; 0: none
	first         civil.Date // of those claims
	claims        int
	total         money.Fen // of those claims
	without, with money.Fen // assistance of the year, where none is needed and where one is
}

// onApplication is the area's policy with an application required, or not.
func (f *facts) onApplication(required bool) (*rules.Policy, error) {
	text := "assist: {application_required: false}\n"
	if required {
		text = "assist: {application_required: true}\n"
	}
	o, err := pack.ParseOverlay("applications", []byte(text))
	if err != nil {
		return nil, err
	}
	layers := slices.Clone(f.area.Layers)
	for i, l := range layers {
		if _, asks := l.Cite("assist.by_application", 0); asks {
			layers[i].Overlay = o.Over(l.Overlay)
		}
	}
	p, err := pack.Compile(f.area.Code, layers)
	if err == nil {
		p.County = f.area.Policy.County
	}
	return p, err
}

func (d *duty) readApplications(ctx context.Context, s Source, f *facts) error {
	d.applicationFacts = applicationFacts{}
	with, err := f.onApplication(true)
	if err != nil {
		return err
	}
	without, err := f.onApplication(false)
	if err != nil {
		return err
	}
	for _, seg := range with.Segments {
		if seg.To > civil.YMD(d.year, 1, 1) && seg.From <= f.asOf {
			d.asked |= seg.Params.ByApplication
		}
	}
	if d.asked == 0 {
		return nil
	}
	if seg := f.area.Policy.At(f.asOf); seg != nil {
		d.required = seg.Params.ByApplication != 0
	}
	var people []ledger.PersonNo
	for p, spells := range f.spells {
		if slices.ContainsFunc(spells, func(x rules.Spell) bool {
			return d.asked.Has(x.Category) && x.End > civil.YMD(d.year, 1, 1) && x.Start <= f.asOf
		}) {
			people = append(people, p)
		}
	}
	slices.Sort(people)
	var named []ledger.PersonNo
	for part := range slices.Chunk(people, chunkPeople) {
		data, err := s.LoadPeople(ctx, f.area.Code, part, f.run.Seen, 0)
		if err != nil {
			return err
		}
		for i := range data {
			x, ok, err := d.unappliedYear(f, &data[i], with, without)
			if err != nil {
				return err
			}
			if ok {
				d.unapplied = append(d.unapplied, x)
				named = append(named, x.person)
			}
		}
	}
	if err := f.locate(ctx, s, named); err != nil {
		return err
	}
	slices.SortFunc(d.unapplied, func(a, b unapplied) int { return f.whereThenID(a.person, b.person) })
	return nil
}

// unappliedYear finds the claims of the year on whose days somebody held nothing
// but categories that are assisted on application, and had not applied, and what
// the year's assistance is either way.
func (d *duty) unappliedYear(f *facts, p *ledger.PersonData, with, without *rules.Policy) (unapplied, bool, error) {
	x := unapplied{person: p.Person}
	spells := f.spells[p.Person]
	var claims []rules.Claim
	for _, c := range recompute.Live(p.Claims, p.Refunds) {
		day := c.At.Date()
		if day.Year() != d.year || day > f.asOf {
			continue
		}
		claims = append(claims, c)
		seg := with.At(day)
		if seg == nil {
			continue
		}
		held := rules.Held(spells, day) & seg.Params.Assisted
		if held == 0 || held&^seg.Params.ByApplication != 0 {
			continue
		}
		applied := false
		for _, sp := range spells {
			if !sp.Covers(day) || !held.Has(sp.Category) {
				continue
			}
			applied = applied || sp.Applied != 0 && sp.Applied <= day
			if x.since == 0 || sp.Start < x.since {
				x.since = sp.Start
			}
			if sp.Applied != 0 && (x.applied == 0 || sp.Applied < x.applied) {
				x.applied = sp.Applied
			}
		}
		if applied {
			continue
		}
		if x.first == 0 {
			x.first = day
		}
		x.cats |= held
		x.claims++
		x.total += c.Total
	}
	if x.claims == 0 {
		return x, false, nil
	}
	sum := func(pol *rules.Policy) (due money.Fen, err error) {
		rs, err := pol.SettleYear(spells, pol.Windows(spells), claims, nil, nil)
		for i := range rs {
			due += rs[i].Assistance()
		}
		return due, err
	}
	var err error
	if x.without, err = sum(without); err != nil {
		return x, false, err
	}
	x.with, err = sum(with)
	return x, true, err
}

// applicationTables: who is held only in categories that are assisted on
// application, did not apply, and has claims; and what it would mean (KF-11).
func (f *facts) applicationTables(d *duty, _ scope) []*table {
	t := newTable("applications", f.title("只有依申请救助身份、没有申请而有费用的人"), "certno name county township status since applied first claims total without with diff")
	switch {
	case d.asked == 0:
		t.notes = append(t.notes, "政策包没有规定依申请救助的类别。")
	case d.required:
		t.notes = append(t.notes, "用途：通知符合条件的人申请。依申请救助的类别："+d.asked.Chinese()+"。现在以申请为前提：下列费用没有救助，“差额”为不以申请为前提时可得的救助，提出申请后，申请日起的费用可得救助。")
	default:
		t.notes = append(t.notes, "用途：补办申请手续，并看改为以申请为前提的影响。依申请救助的类别："+d.asked.Chinese()+"。现在不以申请为前提：下列费用已按身份救助；“差额”为改为以申请为前提后不再救助的金额。")
	}
	t.notes = append(t.notes, "只列结算日没有特困、低保等直接救助身份的费用；救助金额按全年计算（含倾斜、特殊救助），年初至今。申请日期为名单所填，填在费用之后的也列出。")
	var rows [][]any
	for i := range d.unapplied {
		x := &d.unapplied[i]
		rows = append(rows, append(f.who(x.person), x.cats.Chinese(), x.since, dayOrNil(x.applied), x.first, x.claims, x.total, x.without, x.with, x.without-x.with))
	}
	t.rows = rows
	return []*table{t}
}
