package reports

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// claim reads out one claim.
func (s *speaker) claim(n int, x *ExplainedClaim) {
	c, r := &x.trace.Claim, &x.trace.Result
	where := ""
	if x.Hospital != "" {
		where = "，" + x.Hospital
		if c.Level > 0 && int(c.Level) < len(hospitalLevels) {
			where += "（" + hospitalLevels[c.Level] + "）"
		}
	}
	s.line("\n  第 %d 笔：%s%s%s，结算号 %s（%s）", n, day(c.At.Date()), c.Kind.Chinese(), where, c.ID, x.From)
	s.line("    总费用 %s，其中政策范围内 %s。%s就医。", yuan(c.Total), yuan(c.InScope), c.Referral.Chinese())
	s.line("    %s", x.who())
	switch {
	case r.NoPack:
		s.line("    当日没有施行的政策，各层都按平台记录，不作计算。")
	case x.AsOf == "":
		s.line("    当日没有施行的政策，因在回溯期内，按认定当日所施行政策的最早标准计算。")
	}
	if r.Other != 0 {
		s.line("    其他补助 %s（平台记录）", yuan(r.Other))
	}
	for i := range x.Layers {
		s.layer(x, &x.Layers[i])
	}
	switch {
	case r.Person < 0:
		s.line("    个人负担 %s（这笔付的全年救助也补上了此前各笔的负担）。", yuan(r.Person))
	default:
		s.line("    个人负担 %s。", yuan(r.Person))
	}
	if x.outside() > 0 {
		s.line("    平台已救助 %s，而此人不在任何名单：列入名单外已救助，待认定部门核实，不提追回。", yuan(c.Assist))
	}
	due, had := r.Due(), c.Recorded()
	for f, v := range x.adjust {
		if v == 0 {
			continue
		}
		posted := ""
		if x.posted[f] != 0 {
			posted = "，此前已过账 " + yuan(x.posted[f])
		}
		if rules.Fund(f) == rules.FundHospital {
			s.line("    其中医院按平台记录已承担 %s%s，还%s。", yuan(had[f]), posted, strings.Replace(owedWords(v), "应补发", "应承担", 1))
			continue
		}
		if !x.listed && v > 0 && x.posted[f] < 0 && due[f] <= had[f] {
			s.line("    %s（%s：此前已过账追回 %s，现不在任何名单，不提追回，予以退还）。", owedWords(v), rules.Fund(f).Chinese(), yuan(-x.posted[f]))
			continue
		}
		s.line("    %s（%s：应付 %s，平台已付 %s%s）。", owedWords(v), rules.Fund(f).Chinese(), yuan(due[f]), yuan(had[f]), posted)
	}
	switch {
	case x.adjust != (rules.Amounts{}) || r.NoPack:
	case x.posted != (rules.Amounts{}):
		s.line("    差额已经过账，不再补发或追回。")
	case x.listed:
		s.line("    与平台已付的一致，不补不追。")
	}
	if x.OnRecord != nil {
		var parts []string
		for i, code := range layerCodes {
			if v, ok := x.OnRecord[code]; ok {
				parts = append(parts, layerWords[i]+" "+spokenAmount(v))
			}
		}
		s.line("    注意：那次运行入账的是 %s。", strings.Join(parts, "，"))
	}
}

// outside is what the platform paid to somebody who is on no list.
func (x *ExplainedClaim) outside() money.Fen {
	if c := &x.trace.Claim; !x.listed && c.Assist > x.trace.Result.Assistance() {
		return c.Assist
	}
	return 0
}

// who says under what identity the claim stands.
func (x *ExplainedClaim) who() string {
	held := x.trace.Held.Chinese()
	switch {
	case x.Retro:
		for _, w := range x.trace.Windows {
			if w.Category == x.trace.Result.Category {
				return fmt.Sprintf("结算日还不是%s，但在因病认定的回溯期内（%s至%s），按%s救助。", w.Category.Chinese(), day(w.From), day(w.To.Prev()), w.Category.Chinese())
			}
		}
		fallthrough
	case held != "":
		return "结算日的身份：" + held + "。"
	case !x.listed:
		return "此人从未列入任何名单。"
	}
	return "结算日没有救助身份。"
}

// layer reads out one layer of a claim.
func (s *speaker) layer(x *ExplainedClaim, l *ExplainedLayer) {
	amount := l.Name + " " + yuan(l.amount())
	switch {
	case l.step == nil:
		s.line("    %s（平台记录）", amount)
	case l.Recorded:
		s.line("    %s（没有可用的标准，按平台记录）", amount)
		if !s.said[l.Layer] {
			s.said[l.Layer] = true
			s.sources(l.Sources, nil)
		}
	case l.Formula == "":
		s.line("    %s：%s", amount, l.Note)
		if l.Layer != string(rules.LayerTilt) {
			s.sources(l.Sources, nil)
		}
	default:
		as, note := "", ""
		if l.Category != "" {
			as = "，按" + l.step.Category.Chinese()
		}
		if l.Note != "" {
			note = "（" + grouped(l.Note) + "）"
		}
		s.line("    %s%s：%s%s", amount, as, spoken(l.Formula), note)
		if l.Base != "" {
			s.line("        %s", grouped(l.Base))
		}
		s.sources(s.worth(l), func(src *ExplainedSource) string { return x.used(l, rules.Param(src.Param)) })
	}
}

func (l *ExplainedLayer) amount() money.Fen {
	if l.step != nil {
		return l.step.Amount
	}
	f, _ := money.ParseYuan(l.Amount) // printed by this package
	return f
}

// worth are the sources of a layer that are worth reading out: amounts and
// ratios each time, who and what is covered once.
func (s *speaker) worth(l *ExplainedLayer) []ExplainedSource {
	limited := strings.Contains(l.Note, "合计")
	return slices.DeleteFunc(slices.Clone(l.Sources), func(src ExplainedSource) bool {
		if strings.HasPrefix(src.Param, "ceiling.") && src.Param != "ceiling.ratio" && !limited {
			return true
		}
		spec := paramSpec(rules.Param(src.Param))
		switch spec.Type {
		case pack.Amount, pack.Ratio, pack.AmountBy, pack.RatioBy, pack.Tiers, pack.ByLevel, pack.RatioByClass, pack.Hospitals, pack.Diseases:
			return false
		}
		key := src.Param + src.Reads + src.From
		known := s.said[key]
		s.said[key] = true
		return known
	})
}

// used says how much of a limit was used up before and is after, where a
// parameter is one.
func (x *ExplainedClaim) used(l *ExplainedLayer, p rules.Param) string {
	a, b, cat := x.trace.Before, x.trace.After, l.step.Category
	room := func(limit, before, after money.Fen) string {
		if limit == rules.NoCap {
			return ""
		}
		return fmt.Sprintf("；此前已用 %s，这笔用 %s，还剩 %s", yuan(before), yuan(after-before), yuan(max(0, limit-after)))
	}
	sofar := func(what string, before, after money.Fen) string {
		return fmt.Sprintf("；%s：此前 %s，连这笔共 %s", what, yuan(before), yuan(after))
	}
	prm := x.params
	switch p {
	case "assist.deductible":
		if prm.Deductible[cat] > 0 {
			return fmt.Sprintf("；此前已扣 %s，这笔扣 %s", yuan(a.Deducted), yuan(b.Deducted-a.Deducted))
		}
	case "assist.cap":
		return room(prm.AssistCap[cat], a.Pool, b.Pool)
	case "assist.outpatient_cap":
		return room(prm.SubCap[cat], a.SubPool, b.SubPool)
	case "ceiling.ratio":
		if !strings.Contains(l.Note, "合计") {
			return "；这笔没有超过"
		}
	case "basic.outpatient_cap":
		return room(prm.BasicOutpatientCap, a.BasicPool, b.BasicPool)
	case "major.deductible":
		return sofar("全年累计的范围内负担", a.MajorBase, b.MajorBase)
	case "major.deductible_cut":
		for _, in := range l.step.Inputs {
			if in.Name == "起付标准" {
				return "；降低后的起付标准 " + yuan(in.Amount)
			}
		}
	case "major.cap":
		return room(prm.MajorCap, a.MajorPaid, b.MajorPaid)
	case "tilt.threshold":
		return sofar("全年可救助各笔累计的范围内负担", a.TiltBase, b.TiltBase)
	case "tilt.cap":
		return room(prm.TiltCap, a.TiltPaid, b.TiltPaid)
	case "special.threshold":
		return sofar("全年可救助各笔累计的范围内负担", max(0, a.SpecialBase-a.TiltPaid), max(0, b.SpecialBase-b.TiltPaid))
	case "special.cap":
		return room(prm.SpecialCap, a.SpecialPaid, b.SpecialPaid)
	}
	return ""
}
