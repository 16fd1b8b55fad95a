package reports

import (
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
)

// merged is what corrections of IDs did to a person's records since an earlier run.
// What they moved was read long before: it is the correction that brought or took it,
// not its file.
type merged struct {
	by     *ledger.Merge // the last of them; nil for none
	before ledger.Seq    // what the earlier run saw
	// What was the person's then.
	claims   []ledger.Claim
	events   []ledger.Event
	reliefs  []ledger.Relief
	postings []ledger.Posting
	moved    map[int64]bool // settlements that came or went
}

// mergedSince finds the corrections that moved records to the person or away.
func (e *explainer) mergedSince(prev ledger.Run, was *ledger.PersonData) error {
	e.merged = merged{before: prev.Seen, moved: map[int64]bool{}}
	all, err := e.s.Merges(e.ctx, e.run.Seen)
	if err != nil {
		return err
	}
	n := len(all)
	for n > 0 && all[n-1].Seq > prev.Seen {
		n--
	}
	stood, stand := ledger.Merged(all[:n]), ledger.Merged(all)
	for i := range all[n:] {
		m := &all[n+i]
		if slices.Contains([]ledger.PersonNo{ledger.Now(stood, m.From), ledger.Now(stand, m.From), ledger.Now(stood, m.To), ledger.Now(stand, m.To)}, e.person) {
			e.merged.by = m
		}
	}
	if e.merged.by == nil {
		return nil
	}
	one := []ledger.PersonNo{e.person}
	if e.merged.claims, err = e.s.ClaimsOf(e.ctx, e.area.Code, one, prev.Seen); err != nil {
		return err
	}
	if e.merged.events, err = e.s.Events(e.ctx, e.area.Code, one, 0, prev.Seen); err != nil {
		return err
	}
	if e.merged.reliefs, err = e.s.ReliefsOf(e.ctx, e.area.Code, one, prev.Seen); err != nil {
		return err
	}
	e.merged.postings = was.Postings
	for i := range e.merged.claims {
		if c := &e.merged.claims[i]; e.claim[c.Ref] == nil {
			e.claim[c.Ref] = c
		}
	}
	return nil
}

// moves reports whether a correction brought a record that was entered at seq, or
// took it.
func (m *merged) moves(seq ledger.Seq, ref recompute.Input) bool {
	return m.by != nil && (ref.Gone || seq <= m.before)
}

// mark makes an input the work of the correction.
func (m *merged) mark(in *ChangedInput) {
	in.Kind, in.Merge, in.undo, in.seq = "merge", m.by.Seq, m.by.Undo != 0, m.by.Seq
	for _, ref := range in.refs {
		if ref.Kind == recompute.InputClaim {
			m.moved[ref.Ref] = true
		}
	}
}

// correction names the correction that moved an input.
func (in *ChangedInput) correction() string {
	if in.undo {
		return fmt.Sprintf("身份证号更正的撤销（第 %d 笔入账）", in.Merge)
	}
	return fmt.Sprintf("身份证号更正（第 %d 笔入账）", in.Merge)
}

// movedWords say what a correction did with an input.
func (in *ChangedInput) movedWords() string {
	what := "并入此人的"
	if in.Gone {
		what = "从此人移出的"
	}
	if in.File == "" {
		return fmt.Sprintf("%s%s：%s", in.correction(), what, in.Says)
	}
	return fmt.Sprintf("%s%s %s（%s）", in.correction(), what, in.Place, in.Says)
}
