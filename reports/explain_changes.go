package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules/civil"
)

// Changes is what changed for a person since the last finished run, of whatever
// month, and what did it.
type Changes struct {
	First         bool           `json:"first"` // there was no run of the area before
	Previous      int            `json:"previous_run,omitempty"`
	PreviousMonth string         `json:"previous_month,omitempty"`
	Policy        []PolicyChange `json:"policy"`
	Program       *Pair          `json:"program,omitempty"`
	Years         []YearChange   `json:"years,omitempty"` // closed or reopened
	Inputs        []ChangedInput `json:"inputs"`          // what became known of the person
	Claims        []ChangedClaim `json:"claims"`
	Cases         []ChangedCase  `json:"cases"`
	month         civil.Month
}

// Pair is something before and after.
type Pair struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// PolicyChange is a pack or an overlay that is not what it was, by its digests;
// empty where there was or is none.
type PolicyChange struct {
	Pack string `json:"pack"`
	What string `json:"what"` // pack, overlay
	Pair
	number string // of the document
}

// ChangedInput is a row or a posting about the person that the last run did not
// know, or that counts no longer.
type ChangedInput struct {
	Kind string `json:"kind"` // roster, withdrawal, claim, refund, relief, posting, merge
	Place
	Withdrawn *Place `json:"withdrawn,omitempty"` // the row that a corrected roster, at Place, lists no more
	By        string `json:"by,omitempty"`        // who posted
	Member    string `json:"member,omitempty"`    // of whom it speaks, where that is another member of the household
	Date      string `json:"date"`
	Gone      bool   `json:"gone,omitempty"` // counts no longer
	// Merge is the entry of the correction of an ID that brought or took what is at
	// Place, which was read before; of kind merge.
	Merge ledger.Seq `json:"merge,omitempty"`
	Says  string     `json:"says"`
	undo  bool       // the correction was undone
	plain bool       // Place is no corrected roster: full lists were compared anew
	from  bool       // Withdrawn is of a full list that says no day
	seq   ledger.Seq
	on    civil.Date
	refs  recompute.Factor
}

// ChangedAmount is a figure before and after; empty where the claim did not or
// does not count.
type ChangedAmount struct {
	Item string `json:"item"` // a layer, person, or adjustment_ and a fund
	Name string `json:"name"`
	Pair
}

// ChangeCause says what changed a figure, as settling again without it shows.
type ChangeCause struct {
	Inputs  []int `json:"inputs"` // places in Changes.Inputs
	Any     bool  `json:"any,omitempty"`
	Policy  bool  `json:"policy,omitempty"`
	Program bool  `json:"program,omitempty"`
	// Reopened: the case stood still while its year was closed, and the year was
	// reopened.
	Reopened bool     `json:"reopened,omitempty"`
	Others   bool     `json:"household,omitempty"` // other members of the household
	Unknown  bool     `json:"unknown,omitempty"`   // nothing that is known explains it
	Texts    []string `json:"texts"`
}

// ChangedClaim is a claim of which the two runs say different things.
type ChangedClaim struct {
	SetlID   string          `json:"setl_id"`
	Time     string          `json:"setl_time"`
	What     string          `json:"what"` // new, changed, gone
	Category *Pair           `json:"category,omitempty"`
	Amounts  []ChangedAmount `json:"amounts"`
	Cause    *ChangeCause    `json:"cause,omitempty"`            // of the layers and of whether it counts
	Adjust   *ChangeCause    `json:"adjustment_cause,omitempty"` // of what is to be paid or recovered
	Sentence string          `json:"sentence"`
	at       civil.Moment
	of       recompute.ClaimChange
}

// ChangedCase is a case of which the two runs say different things.
type ChangedCase struct {
	Level    string          `json:"level"`
	Year     int             `json:"year"`
	Monitor  string          `json:"monitor"`
	What     string          `json:"what"` // new, changed, gone
	State    Pair            `json:"state"`
	Amounts  []ChangedAmount `json:"amounts"`
	Cause    ChangeCause     `json:"cause"`
	Sentence string          `json:"sentence"`
}

func noChanges() Changes {
	return Changes{First: true, Policy: []PolicyChange{}, Inputs: []ChangedInput{}, Claims: []ChangedClaim{}, Cases: []ChangedCase{}}
}

// oneByOne is how many inputs are looked at one by one; more are taken together
// by file.
const oneByOne = 12

// changes compares with the run before.
func (e *explainer) changes() error {
	prev, err := e.s.RunBefore(e.ctx, e.run.No)
	if err != nil {
		return err
	}
	var used *ledger.RunArea
	for i := range prev.Areas {
		if prev.Areas[i].Area == e.area.Code {
			used = &prev.Areas[i]
		}
	}
	if used == nil {
		return nil
	}
	data, err := e.s.LoadPeople(e.ctx, e.area.Code, []ledger.PersonNo{e.person}, prev.Seen, prev.No)
	if err != nil {
		return err
	}
	q := recompute.Question{Area: e.area.Code, Policy: e.area.Policy, Before: data[0], After: e.data}
	if err := e.askHousehold(&q, prev); err != nil {
		return err
	}
	return e.compare(prev, used, &q)
}

// compare says what differs from an earlier run, and which input did it.
func (e *explainer) compare(prev ledger.Run, used *ledger.RunArea, q *recompute.Question) error {
	c := &e.x.Changes
	c.First, c.Previous, c.PreviousMonth, c.month = false, prev.No, prev.Month.String(), prev.Month
	c.Policy = policyChanges(used.Packs, e.used.Packs)
	steps, err := e.s.YearSteps(e.ctx, e.area.Code, 1<<62)
	if err != nil {
		return err
	}
	c.Years = yearChanges(steps, prev, e.run, used, e.used)
	if prev.Version != e.run.Version {
		c.Program = &Pair{prev.Version, e.run.Version}
	}
	if err := e.mergedSince(prev, &q.Before); err != nil {
		return err
	}
	inputs, err := e.inputs(recompute.Inputs(&q.Before, &q.After))
	if err != nil {
		return err
	}
	if q.HouseholdMoves() {
		more, err := e.membersInputs(prev, q)
		if err != nil {
			return err
		}
		inputs = append(inputs, more...)
	}
	var named []explainedFactor
	q.Factors, named = explainedFactors(inputs)
	answer, err := q.Answer()
	if err != nil {
		return err
	}
	caused := map[int]bool{}
	cause := func(x recompute.Cause, own func(recompute.Input) bool) (string, ChangeCause) {
		return c.cause(x, named, inputs, own, caused)
	}
	for _, ch := range answer.Claims {
		if x, ok := e.changedClaim(ch, cause); ok {
			c.Claims = append(c.Claims, x)
		}
	}
	slices.SortFunc(c.Claims, func(a, b ChangedClaim) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.SetlID, b.SetlID)) })
	for _, ch := range answer.Cases {
		if e.year == 0 || ch.Key.Year == e.year {
			c.Cases = append(c.Cases, changedCase(ch, cause, inputs, ch.Cause.Policy && c.reopened(ch.Key.Year)))
		}
	}
	c.keep(inputs, func(i int) bool {
		return caused[i] || inputs[i].Member == "" && e.in(inputs[i].on, inputs[i].on.Next())
	})
	return nil
}

// keep leaves out what is not of the year that was asked for and did nothing.
func (c *Changes) keep(inputs []ChangedInput, keep func(int) bool) {
	at := map[int]int{}
	for i := range inputs {
		if keep(i) {
			at[i] = len(c.Inputs)
			c.Inputs = append(c.Inputs, inputs[i])
		}
	}
	move := func(is []int) {
		for k, i := range is {
			is[k] = at[i]
		}
	}
	for i := range c.Claims {
		for _, x := range []*ChangeCause{c.Claims[i].Cause, c.Claims[i].Adjust} {
			if x != nil {
				move(x.Inputs)
			}
		}
	}
	for i := range c.Cases {
		move(c.Cases[i].Cause.Inputs)
	}
}

// askHousehold lets the cases of the household be looked at, too.
func (e *explainer) askHousehold(q *recompute.Question, prev ledger.Run) error {
	if !e.area.Policy.WatchesHouseholds() {
		return nil
	}
	_, members, err := e.household(e.run.Seen)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(p ledger.PersonNo) bool { return p == e.person })
	if q.Household, err = e.s.LoadPeople(e.ctx, e.area.Code, members, e.run.Seen, 0); err != nil {
		return err
	}
	if q.HouseholdBefore, err = e.s.LoadPeople(e.ctx, e.area.Code, members, prev.Seen, 0); err != nil {
		return err
	}
	root, _, err := e.household(prev.Seen)
	if err != nil || root == e.person {
		return err
	}
	q.Before.Cases = slices.DeleteFunc(q.Before.Cases, func(c ledger.Case) bool { return c.Level == ledger.LevelHousehold })
	more, err := e.householdCases(root, prev)
	q.Before.Cases = append(q.Before.Cases, more...)
	return err
}

// membersInputs are the inputs of the other members of the household.
func (e *explainer) membersInputs(prev ledger.Run, q *recompute.Question) ([]ChangedInput, error) {
	var out []ChangedInput
	for i := range q.HouseholdBefore {
		after := &q.Household[i]
		refs := recompute.Inputs(&q.HouseholdBefore[i], after)
		if len(refs) == 0 {
			continue
		}
		m := &explainer{ctx: e.ctx, s: e.s, area: e.area, person: after.Person, run: e.run, files: e.files, data: *after}
		if err := m.records(); err != nil {
			return nil, err
		}
		if err := m.mergedSince(prev, &q.HouseholdBefore[i]); err != nil {
			return nil, err
		}
		ins, err := m.inputs(refs)
		if err != nil {
			return nil, err
		}
		ids, err := e.s.IdentitiesAt(e.ctx, []ledger.PersonNo{after.Person}, e.run.Seen)
		if err != nil {
			return nil, err
		}
		for _, in := range ins {
			in.Member = Mask(ids[after.Person].Certno)
			if e.reveal {
				in.Member = ids[after.Person].Certno
			}
			out = append(out, in)
		}
	}
	return out, nil
}

func policyChanges(was, is []ledger.PackUsed) []PolicyChange {
	out := []PolicyChange{}
	find := func(ps []ledger.PackUsed, id string) ledger.PackUsed {
		if i := slices.IndexFunc(ps, func(p ledger.PackUsed) bool { return p.ID == id }); i >= 0 {
			return ps[i]
		}
		return ledger.PackUsed{}
	}
	var ids []string
	for _, p := range slices.Concat(was, is) {
		if !slices.Contains(ids, p.ID) {
			ids = append(ids, p.ID)
		}
	}
	for _, id := range ids {
		a, b := find(was, id), find(is, id)
		number := cmp.Or(b.Number, a.Number)
		if a.Digest != b.Digest {
			out = append(out, PolicyChange{id, "pack", Pair{a.Digest, b.Digest}, number})
		}
		if a.Overlay != b.Overlay {
			out = append(out, PolicyChange{id, "overlay", Pair{a.Overlay, b.Overlay}, number})
		}
	}
	return out
}

// String says it for people.
func (p PolicyChange) String() string {
	name := p.number
	if p.What == "overlay" {
		name += "的本地参数"
	}
	switch {
	case p.Before == "":
		return "新启用" + name
	case p.After == "":
		return "停用" + name
	}
	return name + "有改动"
}

// explainedFactor is what is looked at as one, with the inputs behind it.
type explainedFactor struct {
	inputs []int
	file   string // of several
}

// explainedFactors divides inputs: each alone, or where they are many, by the file or
// the posting that brought them.
func explainedFactors(inputs []ChangedInput) ([]recompute.Factor, []explainedFactor) {
	var out []recompute.Factor
	var named []explainedFactor
	by := map[ledger.Seq]int{}
	for i, in := range inputs {
		if len(inputs) > oneByOne {
			if k, ok := by[in.seq]; ok {
				out[k] = append(out[k], in.refs...)
				named[k].inputs = append(named[k].inputs, i)
				continue
			}
			by[in.seq] = len(out)
		}
		out = append(out, slices.Clone(in.refs))
		name := cmp.Or(in.File, in.By+"过账")
		if in.Merge != 0 {
			name = in.correction()
		}
		named = append(named, explainedFactor{[]int{i}, name})
	}
	return out, named
}

// cause puts into words what changed a claim or a case. own finds the input
// that is the change itself: the row of a new settlement, of a refund. It comes
// back apart, and in caused is marked what is named.
func (c *Changes) cause(x recompute.Cause, named []explainedFactor, inputs []ChangedInput, own func(recompute.Input) bool, caused map[int]bool) (string, ChangeCause) {
	out := ChangeCause{Inputs: []int{}, Any: x.Any, Texts: []string{}}
	var self string
	for _, k := range x.Factors {
		f := named[k]
		mine := slices.IndexFunc(f.inputs, func(i int) bool { return slices.ContainsFunc(inputs[i].refs, own) })
		for j, i := range f.inputs {
			if mine < 0 || j == mine {
				out.Inputs = append(out.Inputs, i)
				caused[i] = true
			}
		}
		switch {
		case mine >= 0:
			self = inputs[f.inputs[mine]].String()
		case len(f.inputs) == 1:
			out.Texts = append(out.Texts, inputs[f.inputs[0]].String())
		default:
			out.Texts = append(out.Texts, fmt.Sprintf("%s 里的 %d 条记录", f.file, len(f.inputs)))
		}
	}
	if x.Policy {
		out.Policy, out.Program = len(c.Policy) > 0, c.Program != nil
	}
	if out.Policy {
		for _, p := range c.Policy {
			out.Texts = append(out.Texts, p.String())
		}
	}
	if out.Program {
		out.Texts = append(out.Texts, fmt.Sprintf("程序由 %s 换成 %s", c.Program.Before, c.Program.After))
	}
	out.Unknown = self == "" && len(out.Texts) == 0
	return self, out
}

// becauseOf joins causes.
func (c ChangeCause) because() string {
	switch {
	case c.Unknown:
		return "原因从现有资料里看不出（政策在那次运行之后又改过时会这样），请核对"
	case len(c.Texts) == 1:
		return "因为 " + c.Texts[0]
	case c.Any:
		return "因为下列各项，其中任何一项都足以：" + strings.Join(c.Texts, "；")
	}
	return "因为下列几项一起：" + strings.Join(c.Texts, "；")
}
