package rules

import (
	"fmt"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Layer names a layer of the waterfall.
type Layer string

// The layers, in their order.
const (
	LayerMajor    Layer = "major"
	LayerAssist   Layer = "assist"
	LayerTilt     Layer = "tilt"
	LayerSpecial  Layer = "special"
	LayerHospital Layer = "hospital"
)

var layerNames = map[Layer]string{
	LayerMajor: "大病保险", LayerAssist: "医疗救助",
	LayerTilt: "倾斜救助", LayerSpecial: "特殊救助", LayerHospital: "医院承担",
}

// Chinese is the layer's name.
func (l Layer) Chinese() string { return layerNames[l] }

// Trace records why each claim of a year is due what it is. The zero value is
// ready to use.
type Trace struct{ Claims []ClaimTrace }

// ClaimTrace is the reason for one claim.
type ClaimTrace struct {
	Claim   Claim
	Held    CategorySet
	Pack    *PackRef   // nil without a pack
	AsOf    civil.Date // the day at which the pack's parameters were read; 0: their earliest
	Steps   []Step
	Before  Accumulators
	After   Accumulators
	Result  Result
	Windows []Window // that cover the claim
}

// Input is a named amount that went into a step.
type Input struct {
	Name   string    `json:"name"`
	Amount money.Fen `json:"-"`
}

// Step is one layer on one claim.
type Step struct {
	Layer    Layer
	Category Category
	Params   []Param // what decided, in the pack's words
	Inputs   []Input
	Formula  string // the arithmetic written out, Chinese
	Amount   money.Fen
	Recorded bool   // not configured: the platform's amount stands
	Note     string // why nothing is due, or what limited
}

func (s *settler) begin(tr *Trace, c *Claim) {
	tr.Claims = append(tr.Claims, ClaimTrace{Claim: *c, Before: s.acc})
	s.cur = &tr.Claims[len(tr.Claims)-1]
	for _, w := range s.windows {
		if d := c.At.Date(); w.From <= d && d < w.To {
			s.cur.Windows = append(s.cur.Windows, w)
		}
	}
}

func (s *settler) note(pack *PackRef, seg *Segment, held CategorySet) {
	s.cur.Pack, s.cur.Held = pack, held
	if seg != nil {
		s.cur.AsOf = s.cur.Claim.At.Date()
	}
}

func (s *settler) step(st Step) { s.cur.Steps = append(s.cur.Steps, st) }

func (s *settler) end(r Result) { s.cur.After, s.cur.Result = s.acc, r }

func traceMajor(prm *Params, who Category, acc *Accumulators, base, pay money.Fen) Step {
	ded := majorDeductible(prm, who)
	st := Step{Layer: LayerMajor, Category: who, Amount: pay,
		Params: []Param{"major.deductible", "major.tiers"},
		Inputs: []Input{{"本次政策范围内负担", base}, {"此前年度累计", acc.MajorBase}, {"起付标准", ded}}}
	if prm.MajorCut[who] != 0 {
		st.Params = append(st.Params, "major.deductible_cut")
	}
	if prm.MajorPoints[who] != 0 {
		st.Params = append(st.Params, "major.points")
	}
	from, to := max(acc.MajorBase, ded), acc.MajorBase+base
	lower := money.Fen(0)
	var parts []string
	for _, t := range prm.MajorTiers {
		upper := t.To
		if upper == NoCap {
			upper = max(to, lower)
		}
		if a, b := max(from, lower), min(to, upper); b > a {
			parts = append(parts, fmt.Sprintf("(%s − %s) × %s", b, a, min(t.Ratio+prm.MajorPoints[who], money.One)))
		}
		lower = upper
	}
	if len(parts) == 0 {
		st.Formula = fmt.Sprintf("年度累计 %s 未超过起付标准 %s，支付 0.00", to, ded)
		return st
	}
	st.Formula = strings.Join(parts, " + ") + " = " + pay.String()
	switch {
	case prm.MajorNoCap.Has(who):
		st.Params = append(st.Params, "major.no_cap")
	case prm.MajorCap != NoCap:
		st.Params = append(st.Params, "major.cap")
		if acc.MajorPaid+pay >= prm.MajorCap {
			st.Note = fmt.Sprintf("已到年度最高支付限额 %s", prm.MajorCap)
		}
	}
	return st
}

func traceAssist(prm *Params, c *Claim, a assistance, retro bool) Step {
	ratioParam := Param("assist.ratio")
	if prm.OutpatientOwn && outpatientGroup.Has(c.Kind) {
		ratioParam = "assist.outpatient_ratio"
	}
	st := Step{Layer: LayerAssist, Category: a.cat, Amount: a.pay,
		Params: []Param{ratioParam, "assist.categories"},
		Inputs: []Input{{"政策范围内负担", a.base}}}
	calc := a.base.String()
	if prm.DeductKinds.Has(c.Kind) && prm.Deductible[a.cat] > 0 {
		st.Params = append(st.Params, "assist.deductible")
		st.Inputs = append(st.Inputs, Input{"本次扣除起付标准", a.deducted})
		calc = fmt.Sprintf("(%s − %s)", a.base, a.deducted)
	}
	raw := (a.base - a.deducted).MulHalfUp(a.ratio)
	st.Formula = fmt.Sprintf("%s × %s = %s", calc, a.ratio, raw)
	if a.left != NoCap {
		st.Params = append(st.Params, "assist.cap")
		st.Inputs = append(st.Inputs, Input{"年度救助限额尚余", a.left})
	}
	if a.subLeft != NoCap {
		st.Params = append(st.Params, "assist.outpatient_cap")
		st.Inputs = append(st.Inputs, Input{"普通门诊限额尚余", a.subLeft})
	}
	if a.pay < raw {
		st.Formula += fmt.Sprintf("，限额尚余 %s，支付 %s", a.pay, a.pay)
		st.Note = "受年度限额限制"
	}
	if prm.DiseaseKinds.Has(c.Kind) {
		st.Params = append(st.Params, "assist.diseases")
	}
	if retro {
		st.Params = append(st.Params, "retro.categories", "retro.months")
	}
	return st
}

func traceTilt(prm *Params, cat Category, acc *Accumulators, open bool, due, pay money.Fen) Step {
	st := Step{Layer: LayerTilt, Category: cat, Amount: pay,
		Params: []Param{"tilt.ratio", "tilt.threshold", "tilt.cap"},
		Inputs: []Input{{"年度累计负担", acc.TiltBase}, {"本年已付倾斜救助", acc.TiltPaid}}}
	if !open {
		st.Note = "年度救助限额尚未用完，不启动倾斜救助"
		return st
	}
	st.Formula = fmt.Sprintf("min(%s, (%s − %s) × %s) = %s，减去已付 %s，支付 %s",
		prm.TiltCap, acc.TiltBase, prm.TiltThreshold, prm.TiltRatio[cat], due, acc.TiltPaid, pay)
	if acc.TiltBase <= prm.TiltThreshold {
		st.Formula = fmt.Sprintf("年度累计负担 %s 未超过 %s，支付 0.00", acc.TiltBase, prm.TiltThreshold)
	}
	return st
}

func traceSpecial(prm *Params, cat Category, acc *Accumulators, due, pay money.Fen) Step {
	st := Step{Layer: LayerSpecial, Category: cat, Amount: pay,
		Params: []Param{"special.ratio", "special.threshold", "special.cap"},
		Inputs: []Input{{"年度累计负担", acc.SpecialBase}, {"本年已付特殊救助", acc.SpecialPaid}},
		Formula: fmt.Sprintf("min(%s, (%s − %s) × %s) = %s，减去已付 %s，支付 %s",
			prm.SpecialCap, acc.SpecialBase, prm.SpecialThreshold, prm.SpecialRatio[cat], due, acc.SpecialPaid, pay)}
	if acc.SpecialBase <= prm.SpecialThreshold {
		st.Formula = fmt.Sprintf("年度累计负担 %s 未超过 %s，支付 0.00", acc.SpecialBase, prm.SpecialThreshold)
	}
	return st
}

func traceHospital(prm *Params, c *Claim, limit, pay money.Fen) Step {
	out := c.Total - c.InScope
	st := Step{Layer: LayerHospital, Amount: pay,
		Params: []Param{"hospital.out_of_scope"},
		Inputs: []Input{{"范围外费用", out}, {"允许的范围外费用", limit}}}
	if pay == 0 {
		st.Formula = fmt.Sprintf("范围外 %s 未超过 %s × %s = %s，医院不承担", out, c.Total, prm.HospitalLimit[c.Level], limit)
	} else {
		st.Formula = fmt.Sprintf("%s − %s × %s = %s", out, c.Total, prm.HospitalLimit[c.Level], pay)
	}
	return st
}
