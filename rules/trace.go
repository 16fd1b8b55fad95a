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
	LayerBasic      Layer = "basic"
	LayerMajor      Layer = "major"
	LayerAssist     Layer = "assist"
	LayerTilt       Layer = "tilt"
	LayerSpecial    Layer = "special"
	LayerSupplement Layer = "supplement"
	LayerHospital   Layer = "hospital"
)

var layerNames = map[Layer]string{
	LayerBasic: "基本医保", LayerMajor: "大病保险", LayerAssist: "医疗救助", LayerTilt: "倾斜救助", LayerSpecial: "特殊救助",
	LayerSupplement: "补充保险", LayerHospital: "医院承担",
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

func traceBasic(prm *Params, c *Claim, f favour, ratio money.Ratio, left, computed, pay money.Fen) Step {
	st := Step{Layer: LayerBasic, Category: f.who, Amount: pay, Params: []Param{"targeted.categories", "targeted.counties"},
		Inputs: []Input{{"政策范围内费用", c.InScope}, {"平台已付基本医保", c.Basic}}}
	switch {
	case c.Kind == OutpatientSpecial:
		st.Params = append(st.Params, "basic.outpatient_ratio", "basic.outpatient_cap")
		if left != NoCap {
			st.Inputs = append(st.Inputs, Input{"门诊特慢病限额尚余", left})
		}
	case ratio != prm.BasicInpatientRatio[f.class]:
		st.Params = append(st.Params, "basic.diseases", "basic.disease_ratio", "basic.hospitals")
	default:
		st.Params = append(st.Params, "basic.hospitals", "basic.inpatient_ratio")
	}
	raw := c.InScope.MulHalfUp(ratio)
	st.Formula = fmt.Sprintf("%s × %s = %s", c.InScope, ratio, raw)
	if computed < raw {
		if left != NoCap && computed == left {
			st.Formula += fmt.Sprintf("，限额尚余 %s，支付 %s", left, computed)
			st.Note = "受年度限额限制"
		} else {
			st.Formula += fmt.Sprintf("，扣除其他补助 %s 后范围内只有 %s", c.Other, computed)
		}
	}
	if pay > computed {
		st.Params = append(st.Params, "basic.keep_higher")
		st.Note = fmt.Sprintf("平台已付 %s 更高，从高", pay)
	}
	return st
}

func traceDirect(prm *Params, f favour, base, computed, pay money.Fen) Step {
	st := Step{Layer: LayerMajor, Category: f.who, Amount: pay, Params: []Param{"major.direct", "targeted.categories"},
		Inputs: []Input{{"本次政策范围内负担", base}}, Formula: fmt.Sprintf("%s × %s = %s（定点医院住院，不设起付标准）", base, prm.MajorDirect, computed)}
	if pay > computed {
		st.Params = append(st.Params, "basic.keep_higher")
		st.Note = fmt.Sprintf("平台已付 %s 更高，从高", pay)
	}
	return st
}

func traceSupplement(prm *Params, f favour, base, pay money.Fen) Step {
	name := "个人尚需负担"
	if prm.SupplementInScope {
		name = "政策范围内尚需负担"
	}
	return Step{Layer: LayerSupplement, Category: f.who, Amount: pay, Params: []Param{"supplement.ratio", "supplement.base", "targeted.categories"},
		Inputs: []Input{{name, base}}, Formula: fmt.Sprintf("%s × %s = %s", base, prm.SupplementRatio, pay)}
}

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
	if prm.MajorAtLeast[who] != 0 {
		st.Params = append(st.Params, "major.at_least")
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
			parts = append(parts, fmt.Sprintf("(%s − %s) × %s", b, a, prm.majorRatio(t, who)))
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
	baseName := "政策范围内负担"
	if prm.AssistTotal {
		baseName = "尚需个人负担"
	}
	st := Step{Layer: LayerAssist, Category: a.cat, Amount: a.pay,
		Params: []Param{ratioParam, "assist.categories", "assist.base"},
		Inputs: []Input{{baseName, a.base}}}
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
	if a.ceiling != NoCap {
		st.Params = append(st.Params, "ceiling.ratio", "ceiling.categories", "ceiling.kinds")
		st.Inputs = append(st.Inputs, Input{"三重保障合计上限内尚余", a.ceiling})
	}
	switch {
	case a.pay < raw && a.pay == a.ceiling && (a.left == NoCap || a.left > a.pay) && (a.subLeft == NoCap || a.subLeft > a.pay):
		st.Formula += fmt.Sprintf("，三重保障合计不超过范围内费用的 %s，尚余 %s，支付 %s", prm.CeilingRatio, a.ceiling, a.pay)
		st.Note = "受三重保障合计比例限制"
	case a.pay < raw:
		st.Formula += fmt.Sprintf("，限额尚余 %s，支付 %s", a.pay, a.pay)
		st.Note = "受年度限额限制"
	}
	if prm.DiseaseKinds.Has(c.Kind) {
		st.Params = append(st.Params, "assist.diseases")
	}
	if prm.ByApplication.Has(a.cat) {
		st.Params = append(st.Params, "assist.application_required")
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
	st.heldBack(max(0, min(due, acc.TiltBase)-acc.TiltPaid), pay)
	if acc.TiltBase <= prm.TiltThreshold {
		st.Formula = fmt.Sprintf("年度累计负担 %s 未超过 %s，支付 0.00", acc.TiltBase, prm.TiltThreshold)
	}
	return st
}

func traceSpecial(prm *Params, cat Category, base, paid, due, pay money.Fen) Step {
	st := Step{Layer: LayerSpecial, Category: cat, Amount: pay,
		Params: []Param{"special.ratio", "special.threshold", "special.cap"},
		Inputs: []Input{{"年度累计负担", base}, {"本年已付特殊救助", paid}},
		Formula: fmt.Sprintf("min(%s, (%s − %s) × %s) = %s，减去已付 %s，支付 %s",
			prm.SpecialCap, base, prm.SpecialThreshold, prm.SpecialRatio[cat], due, paid, pay)}
	st.heldBack(max(0, min(due, base)-paid), pay)
	if base <= prm.SpecialThreshold {
		st.Formula = fmt.Sprintf("年度累计负担 %s 未超过 %s，支付 0.00", base, prm.SpecialThreshold)
	}
	return st
}

// heldBack notes that a layer owed for the year pays less than is due now: the
// three layers together have a ceiling, or the person bears no more.
func (st *Step) heldBack(due, pay money.Fen) {
	if pay < due {
		st.Params = append(st.Params, "ceiling.ratio")
		st.Note = "受三重保障合计比例或个人已负担金额限制，余下的在以后各笔中支付"
	}
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
