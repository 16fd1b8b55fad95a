package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/jobs/recompute"
	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// settle runs the waterfall over the person's years once more, with a trace.
func (e *explainer) settle() error {
	live := recompute.Live(slices.Clone(e.data.Claims), e.data.Refunds)
	was := map[int64]*ledger.Result{}
	for i := range e.data.Results {
		was[e.data.Results[i].Claim] = &e.data.Results[i]
	}
	for y, claims := range recompute.ByYear(live) {
		if e.year != 0 && y != e.year {
			continue
		}
		tr := new(rules.Trace)
		if _, err := e.area.Policy.SettleYear(e.spells, e.windows, claims, nil, tr); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
		}
		for i := range tr.Claims {
			x := e.explainClaim(&tr.Claims[i])
			x.onRecord(was[x.trace.Claim.Ref])
			e.x.Claims = append(e.x.Claims, x)
		}
	}
	return nil
}

// onRecord notes what the run found, where it is not what is explained here.
func (x *ExplainedClaim) onRecord(r *ledger.Result) {
	if r == nil || r.Flags&ledger.FlagGone != 0 {
		return
	}
	was, is := sumsOf(&r.Due), sumsOf(&x.trace.Result)
	if was == is {
		return
	}
	x.OnRecord = map[string]string{}
	for i := range was {
		if was[i] != is[i] {
			x.OnRecord[layerCodes[i]] = was[i].String()
		}
	}
}

func (e *explainer) layered(ref *rules.PackRef) (pack.Layered, bool) {
	for _, l := range e.area.Layers {
		if ref != nil && l.ID == ref.ID {
			return l, true
		}
	}
	return pack.Layered{}, false
}

func (e *explainer) explainClaim(t *rules.ClaimTrace) ExplainedClaim {
	c, r := &t.Claim, &t.Result
	if t.Pack == nil { // the rules do not look at identities then
		t.Held = rules.Held(e.spells, c.At.Date())
	}
	x := ExplainedClaim{SetlID: c.ID, Time: c.At.String(), Kind: c.Kind.String(), Held: []string{}, NoPack: r.NoPack, Retro: r.Retro, Total: c.Total.String(), InScope: c.InScope.String(),
		Basic: r.Basic.String(), Other: r.Other.String(), Person: r.Person.String(), Layers: []ExplainedLayer{}, AsOf: t.AsOf.String(),
		Before: accumulators(t.Before), After: accumulators(t.After), trace: t, listed: e.x.listed, posted: e.posted[c.Ref]}
	if full := e.claim[c.Ref]; full != nil {
		x.Hospital, x.Disease, x.From = full.HospName, full.Disease, e.place(full.Src)
	}
	for _, h := range t.Held.List() {
		x.Held = append(x.Held, h.String())
	}
	layer, _ := e.layered(t.Pack)
	if t.Pack != nil {
		x.Pack = t.Pack.ID
		x.params = t.Pack.Earliest
		if seg := e.area.Policy.At(t.AsOf); t.AsOf != 0 && seg != nil {
			x.params = seg.Params
		}
	}
	x.adjust = rules.Adjust(r.Due(), c.Recorded(), x.posted, x.listed)
	x.Recorded, x.Posted, x.Adjust = amountsByFund(c.Recorded(), false), amountsByFund(x.posted, true), amountsByFund(x.adjust, false)
	for i := range t.Steps {
		x.Layers = append(x.Layers, x.layer(&t.Steps[i], layer))
	}
	x.asRecorded()
	return x
}

// layer explains one step.
func (x *ExplainedClaim) layer(st *rules.Step, l pack.Layered) ExplainedLayer {
	out := ExplainedLayer{Layer: string(st.Layer), Name: st.Layer.Chinese(), Category: st.Category.String(), Inputs: map[string]string{}, Base: x.base(st), Formula: st.Formula,
		Amount: st.Amount.String(), Recorded: st.Recorded, Note: st.Note, Sources: []ExplainedSource{}, step: st}
	for _, in := range st.Inputs {
		out.Inputs[in.Name] = in.Amount.String()
	}
	if l.Pack != nil {
		out.Sources = sourcesOf(l, st.Params, x.trace.AsOf, valueFor{cat: st.Category, claim: &x.trace.Claim, disease: x.Disease, hospital: x.Hospital, params: x.params, must: st.Recorded})
	}
	return out
}

// asRecorded completes the layers with those of which the platform's amount
// stands and nothing was asked, so that all of them are there.
func (x *ExplainedClaim) asRecorded() {
	r := &x.trace.Result
	for _, y := range []struct {
		layer  rules.Layer
		amount money.Fen
		always bool
	}{{rules.LayerBasic, r.Basic, true}, {rules.LayerMajor, r.Major, r.NoPack}, {rules.LayerAssist, r.Assist, r.NoPack}, {rules.LayerHospital, r.Hospital, false}} {
		if y.amount == 0 && !y.always || slices.ContainsFunc(x.Layers, func(l ExplainedLayer) bool { return l.Layer == string(y.layer) }) {
			continue
		}
		x.Layers = append(x.Layers, ExplainedLayer{Layer: string(y.layer), Name: y.layer.Chinese(), Inputs: map[string]string{}, Amount: y.amount.String(), Recorded: true,
			Note: "按平台记录", Sources: []ExplainedSource{}})
	}
	slices.SortStableFunc(x.Layers, func(a, b ExplainedLayer) int {
		return cmp.Compare(slices.Index(layerCodes[:], a.Layer), slices.Index(layerCodes[:], b.Layer))
	})
}

// base writes out where the amount comes from with which a step's arithmetic
// begins; "" where that is plain.
func (x *ExplainedClaim) base(st *rules.Step) string {
	c, r := &x.trace.Claim, &x.trace.Result
	if len(st.Inputs) == 0 || st.Formula == "" {
		return ""
	}
	whole := st.Layer == rules.LayerSupplement || st.Layer == rules.LayerAssist && x.params != nil && x.params.AssistTotal
	var paid []rules.Layer
	switch st.Layer {
	case rules.LayerMajor:
		paid = []rules.Layer{rules.LayerBasic}
	case rules.LayerAssist:
		paid = []rules.Layer{rules.LayerBasic, rules.LayerMajor}
	case rules.LayerSupplement:
		paid = []rules.Layer{rules.LayerBasic, rules.LayerMajor, rules.LayerAssist, rules.LayerTilt, rules.LayerSpecial}
	default:
		return ""
	}
	name, sum := "政策范围内", c.InScope
	if whole {
		name, sum = "总费用", c.Total
	}
	text := fmt.Sprintf("%s %s", name, sum)
	take := func(name string, f money.Fen) {
		if f != 0 {
			text += fmt.Sprintf(" − %s %s", name, f)
			sum -= f
		}
	}
	sums := sumsOf(r)
	for _, l := range paid {
		take(l.Chinese(), sums[slices.Index(layerCodes[:], string(l))])
		if l == rules.LayerBasic {
			take("其他补助", r.Other)
		}
	}
	switch want := st.Inputs[0].Amount; {
	case !strings.Contains(text, "−"):
		return ""
	case sum == want:
		return fmt.Sprintf("%s = %s", text, want)
	case sum < 0 && want == 0:
		return fmt.Sprintf("%s，不足 0，按 0.00 计", text)
	}
	return ""
}

// layerSums are the amounts of the layers, in their order, and what the person
// bears.
type layerSums [len(layerCodes)]money.Fen

var layerCodes = [...]string{"basic", "other", "major", "assist", "tilt", "special", "supplement", "hospital", "person"}

var layerWords = [...]string{"基本医保", "其他补助", "大病保险", "医疗救助", "倾斜救助", "特殊救助", "补充保险", "医院承担", "个人负担"}

const personalAt = len(layerCodes) - 1

func sumsOf(r *rules.Result) layerSums {
	return layerSums{r.Basic, r.Other, r.Major, r.Assist, r.Tilt, r.Special, r.Supplement, r.Hospital, r.Person}
}

// amountsByFund prints amounts by fund; of none of which is anything, nil if sparse.
func amountsByFund(a rules.Amounts, sparse bool) map[string]string {
	out := map[string]string{}
	for f, v := range a {
		if v != 0 || !sparse {
			out[rules.Fund(f).String()] = v.String()
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func accumulators(a rules.Accumulators) map[string]string {
	y := money.Fen.String
	return map[string]string{"major_base": y(a.MajorBase), "major_paid": y(a.MajorPaid), "deducted": y(a.Deducted), "pool": y(a.Pool),
		"sub_pool": y(a.SubPool), "tilt_base": y(a.TiltBase), "tilt_paid": y(a.TiltPaid), "special_base": y(a.SpecialBase), "special_paid": y(a.SpecialPaid),
		"basic_pool": y(a.BasicPool), "borne": y(a.Borne)}
}

// sum writes the summary.
func (e *explainer) sum() {
	s := &e.x.Summary
	years := map[int]*YearSummary{}
	totals := map[int]money.Fen{}
	put := func(a rules.Amounts) {
		for f, v := range a {
			if v > 0 {
				s.topUp[f] += v
			} else {
				s.clawback[f] -= v
			}
		}
	}
	for i := range e.x.Claims {
		c := &e.x.Claims[i]
		y := c.trace.Claim.At.Date().Year()
		if years[y] == nil {
			years[y] = &YearSummary{Year: y}
		}
		years[y].Claims++
		totals[y] += c.trace.Claim.Total
		for k, v := range sumsOf(&c.trace.Result) {
			years[y].sum[k] += v
		}
		put(c.adjust)
	}
	for i := range e.x.Refunded {
		put(e.x.Refunded[i].adjust)
	}
	for y, x := range years {
		x.Total, x.Person, x.Layers = totals[y].String(), x.sum[personalAt].String(), map[string]string{}
		for k, v := range x.sum {
			if k != personalAt && (v != 0 || layerCodes[k] == "basic" || layerCodes[k] == "major" || layerCodes[k] == "assist") {
				x.Layers[layerCodes[k]] = v.String()
			}
		}
		s.Years = append(s.Years, *x)
	}
	slices.SortFunc(s.Years, func(a, b YearSummary) int { return cmp.Compare(a.Year, b.Year) })
	for f := range s.topUp {
		if s.topUp[f] != 0 {
			s.TopUp[rules.Fund(f).String()] = s.topUp[f].String()
		}
		if s.clawback[f] != 0 {
			s.Clawback[rules.Fund(f).String()] = s.clawback[f].String()
		}
	}
}
