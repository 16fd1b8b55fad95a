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
	if in.Member != "" {
		own := in
		own.Member = ""
		return "家庭成员 " + in.Member + " 的 " + own.String()
	}
	if in.Merge != 0 {
		return in.movedWords()
	}
	if in.Withdrawn != nil {
		list := "更正名单"
		if in.plain {
			list = "名单"
		}
		switch {
		case in.from: // of who was in a full list, whatever it said of them
			return fmt.Sprintf("%s %s 使 %s 不再从名单日起算（%s）", list, in.by(), in.Withdrawn, in.Says)
		case in.Withdrawn.Row == 0: // of who was missing in one
			return fmt.Sprintf("%s %s 撤下 %s 的退出（%s）", list, in.by(), in.Withdrawn.by(), in.Says)
		}
		return fmt.Sprintf("%s %s 未再列出 %s（%s）", list, in.by(), in.Withdrawn, in.Says)
	}
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
	put := func(kind string, src ledger.Source, of *Place, on civil.Date, says string, ref recompute.Input) {
		in := ChangedInput{Kind: kind, Place: e.place(src), Withdrawn: of, Date: on.String(), Gone: ref.Gone, Says: says, seq: src.Seq, on: on, refs: recompute.Factor{ref}}
		if of == nil && e.merged.moves(src.Seq, ref) {
			e.merged.mark(&in)
		}
		for i := range out {
			o := &out[i]
			if o.Kind == in.Kind && o.seq == in.seq && o.Place == in.Place && o.Gone == ref.Gone && (of == nil || *of == *o.Withdrawn) {
				o.refs = append(o.refs, ref)
				o.Says += "；" + says
				return
			}
		}
		out = append(out, in)
	}
	add := func(kind string, src ledger.Source, on civil.Date, says string, ref recompute.Input) {
		put(kind, src, nil, on, says, ref)
	}
	for _, ref := range refs {
		switch ref.Kind {
		case recompute.InputEvent:
			for i := range e.events {
				if ev := &e.events[i]; ev.ID == ref.Ref {
					add("roster", ev.Src, ev.Date, saysEvent(ev), ref)
				}
			}
			withdrawn := false
			for i := range e.gone {
				if g := &e.gone[i]; ref.Gone && g.ID == ref.Ref {
					of := e.place(g.Src)
					put("withdrawal", g.By.Src, &of, g.Date, saysEvent(&g.Event), ref)
					in := &out[slices.IndexFunc(out, func(o ChangedInput) bool { return slices.Contains(o.refs, ref) })]
					in.plain, in.from = !e.corrects(g.By.Src.Seq), g.Via == ledger.ViaListed
					withdrawn = true
				}
			}
			for i := range e.merged.events {
				if ev := &e.merged.events[i]; ref.Gone && !withdrawn && ev.ID == ref.Ref {
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
			from := e.reliefs
			if ref.Gone {
				from = e.merged.reliefs
			}
			for i := range from {
				if r := &from[i]; r.ID == ref.Ref {
					add("relief", r.Src, r.Date, saysRelief(r), ref)
				}
			}
		case recompute.InputPosting:
			from := e.data.Postings
			if ref.Gone {
				from = e.merged.postings
			}
			i := slices.IndexFunc(from, func(p ledger.Posting) bool { return p.ID == ref.Ref })
			if i < 0 {
				continue
			}
			p := &from[i]
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
			in := ChangedInput{Kind: "posting", By: entry.By, Date: p.Date.String(), Gone: ref.Gone, seq: p.Seq, on: p.Date, refs: recompute.Factor{ref},
				Says: fmt.Sprintf("%s %s过账：结算 %s %s%s %s（第 %d 次运行的方案）", entry.By, day(p.Date), id, rules.Fund(p.Fund).Chinese(), word, yuan(amount), p.Run)}
			if e.merged.moves(p.Seq, ref) {
				e.merged.mark(&in)
			}
			out = append(out, in)
		}
	}
	return out, nil
}
