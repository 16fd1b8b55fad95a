package reports

import (
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/civil"
)

// String names an input for people.
func (in ChangedInput) String() string {
	says := in.Says
	if in.Gone {
		says = "不再有效：" + says
	}
	if in.Kind == "posting" {
		return says
	}
	return fmt.Sprintf("%s（%s）", in.Place, says)
}

// inputs describes what became known, the categories of one row together.
func (e *explainer) inputs(refs []recompute.Input) ([]ChangedInput, error) {
	var out []ChangedInput
	add := func(kind string, src ledger.Source, on civil.Date, says string, ref recompute.Input) {
		p := e.place(src)
		for i := range out {
			if o := &out[i]; o.Kind == kind && o.seq == src.Seq && o.Place == p && o.Gone == ref.Gone {
				o.refs = append(o.refs, ref)
				o.Says += "；" + says
				return
			}
		}
		out = append(out, ChangedInput{Kind: kind, Place: p, Date: on.String(), Gone: ref.Gone, Says: says, seq: src.Seq, on: on, refs: recompute.Factor{ref}})
	}
	for _, ref := range refs {
		switch ref.Kind {
		case recompute.InputEvent:
			for i := range e.events {
				if ev := &e.events[i]; ev.ID == ref.Ref {
					add("roster", ev.Src, ev.Date, saysEvent(ev), ref)
				}
			}
		case recompute.InputClaim, recompute.InputRefund:
			if c := e.claim[ref.Ref]; c != nil {
				kind, on := "claim", c.At.Date()
				if c.Refund {
					kind = "refund"
				}
				add(kind, c.Src, on, saysClaim(c), ref)
			}
		case recompute.InputRelief:
			for i := range e.reliefs {
				if r := &e.reliefs[i]; r.ID == ref.Ref {
					add("relief", r.Src, r.Date, saysRelief(r), ref)
				}
			}
		case recompute.InputPosting:
			i := slices.IndexFunc(e.data.Postings, func(p ledger.Posting) bool { return p.ID == ref.Ref })
			if i < 0 {
				continue
			}
			p := &e.data.Postings[i]
			entry, err := e.s.Entry(e.ctx, p.Seq)
			if err != nil {
				return nil, err
			}
			word, amount := "补发", p.Amount
			if amount < 0 {
				word, amount = "追回", -amount
			}
			id := ""
			if c := e.claim[p.Claim]; c != nil {
				id = c.ID
			}
			out = append(out, ChangedInput{Kind: "posting", By: entry.By, Date: p.Date.String(), seq: p.Seq, on: p.Date, refs: recompute.Factor{ref},
				Says: fmt.Sprintf("%s %s过账：结算 %s %s%s %s（第 %d 次运行的方案）", entry.By, day(p.Date), id, rules.Fund(p.Fund).Chinese(), word, yuan(amount), p.Run)})
		}
	}
	return out, nil
}
