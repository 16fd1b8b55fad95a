package reports

import (
	"fmt"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// valueFor is for whom and what a parameter is read out.
type valueFor struct {
	cat      rules.Category
	claim    *rules.Claim // nil where it is about no claim
	disease  string       // as written
	hospital string
	params   *rules.Params
	must     bool // also what neither the pack nor the overlay speaks of
}

// sourcesOf cites parameters of a day; 0 is their earliest.
func sourcesOf(l pack.Layered, paths []rules.Param, d civil.Date, v valueFor) []ExplainedSource {
	out := []ExplainedSource{}
	for _, p := range paths {
		spec := paramSpec(p)
		cite, ok := l.Cite(p, d)
		if spec == nil || !ok && !v.must {
			continue
		}
		if !ok {
			cite = pack.Citation{Param: string(p), Name: spec.Name, Value: unsetValue, Document: l.Number}
		}
		s := ExplainedSource{Citation: cite}
		if cite.Overlay {
			own, given := pack.Layered{Pack: l.Pack}.Cite(p, d)
			switch key, byKey := v.key(spec); {
			case given && byKey && flowTable(cite.Value)[key] == "" && flowTable(cite.Value)["others"] == "":
				s.Citation = own // the office's table says nothing of this one
			case given:
				s.Beside = &own
			}
		}
		if s.Value == unsetValue {
			s.Unset = "本文件未规定"
			if prm := l.Params[p]; prm != nil && prm.Unset != "" {
				s.Unset = prm.Unset
			} else if prm != nil && len(prm.Values) > 0 {
				s.Unset = fmt.Sprintf("自%s起才有规定", day(prm.Values[0].From))
			}
		}
		s.Reads = v.reads(spec, s.Value)
		out = append(out, s)
	}
	return out
}

// unsetValue is how pack.Cite says that there is no value.
const unsetValue = "未配置"

func paramSpec(p rules.Param) *pack.Spec {
	for i := range pack.Specs {
		if pack.Specs[i].Path == p {
			return &pack.Specs[i]
		}
	}
	return nil
}

// key is the row of a table that counts here.
func (v valueFor) key(spec *pack.Spec) (string, bool) {
	switch spec.Type {
	case pack.AmountBy, pack.RatioBy:
		return v.cat.String(), v.cat != rules.NoCategory
	case pack.ByLevel:
		if v.claim != nil {
			return fmt.Sprint(v.claim.Level), true
		}
	case pack.RatioByClass:
		return v.class(), v.class() != ""
	}
	return "", false
}

// class is of the designated hospital of the claim.
func (v valueFor) class() string {
	if v.claim == nil || v.params == nil {
		return ""
	}
	if c := v.params.BasicHospitals[v.claim.HospitalCode]; c != "" && v.claim.HospitalCode != "" {
		return c
	}
	return v.params.BasicHospitals[v.claim.HospitalName]
}

// Classes of designated hospitals as packs name them.
var classNames = map[string]string{"municipal": "市级定点医院", "county": "县级定点医院"}

var hospitalLevels = [...]string{"", "一级医院", "二级医院", "三级医院"}

var choiceReads = map[string]string{
	"assist.base in_scope":               "政策范围内尚需个人负担的部分",
	"assist.base total":                  "尚需个人负担的全部费用",
	"supplement.base total":              "尚需个人负担的全部费用",
	"supplement.base in_scope":           "政策范围内尚需个人负担的部分",
	"identity.several best":              "每一层取最有利的一种",
	"identity.several first":             "只按次序在前的一种",
	"identity.exit_effect same_day":      "退出当日起不再享受",
	"identity.exit_effect next_month":    "退出的次月起不再享受",
	"retro.after_other_category exclude": "原有其他救助身份的不回溯",
	"retro.after_other_category include": "原有其他救助身份的也回溯",
	"assist.unreferred true":             "未按规定转诊也救助",
	"assist.unreferred false":            "未按规定转诊不救助",
	"assist.application_required true":   "须先申请",
	"assist.application_required false":  "不须申请",
	"basic.keep_higher true":             "平台已付更高的从高",
	"basic.keep_higher false":            "一律按本办法计算",
}

// reads is a value as it is read out.
func (v valueFor) reads(spec *pack.Spec, value string) string {
	if value == unsetValue {
		return value
	}
	if c, ok := choiceReads[string(spec.Path)+" "+value]; ok {
		return c
	}
	switch spec.Type {
	case pack.Amount:
		return limitReads(value)
	case pack.Ratio:
		return value
	case pack.AmountBy, pack.RatioBy:
		key, _ := v.key(spec)
		x, own := flowTable(value)[key], v.cat.Chinese()
		if x == "" {
			x = flowTable(value)["others"]
		}
		switch {
		case key == "":
			return tableReads(spec, value)
		case x == "":
			return own + "没有规定"
		}
		return own + " " + amountOrRatio(spec, x)
	case pack.ByLevel:
		if key, ok := v.key(spec); ok && v.claim.Level > 0 && int(v.claim.Level) < len(hospitalLevels) {
			return hospitalLevels[v.claim.Level] + " " + flowTable(value)[key]
		}
	case pack.RatioByClass:
		if key, ok := v.key(spec); ok {
			return className(key) + " " + flowTable(value)[key]
		}
	case pack.Tiers:
		if v.params != nil {
			return tiersRead(v.params.MajorTiers)
		}
	case pack.Categories:
		return v.categories(value)
	case pack.Kinds:
		return v.kinds(value)
	case pack.Integer:
		if spec.Unit == "月" {
			return value + " 个月"
		}
		return value + " " + spec.Unit
	case pack.DateType:
		if d, err := civil.ParseDate(value); err == nil {
			return day(d)
		}
	case pack.Bool:
		return map[string]string{"true": "是", "false": "否"}[value]
	case pack.Counties:
		return strings.Join(flowList(value), "、")
	case pack.Diseases:
		return v.diseases(spec)
	case pack.Hospitals:
		if c := v.class(); c != "" {
			return fmt.Sprintf("“%s”是%s", v.hospital, className(c))
		}
		return "所列的定点医院"
	}
	return value
}

func (v valueFor) categories(value string) string {
	if v.cat != rules.NoCategory {
		for _, c := range flowList(value) {
			if c == v.cat.String() {
				return "包括" + v.cat.Chinese()
			}
		}
	}
	return namesOf(flowList(value), func(s string) string { c, _ := rules.ParseCategory(s); return c.Chinese() })
}

func (v valueFor) kinds(value string) string {
	all := namesOf(flowList(value), func(s string) string { k, _ := rules.ParseKind(s); return k.Chinese() })
	if v.claim == nil {
		return all
	}
	for _, k := range flowList(value) {
		if k == v.claim.Kind.String() {
			return "包括" + v.claim.Kind.Chinese()
		}
	}
	return all + "，不含" + v.claim.Kind.Chinese()
}

func (v valueFor) diseases(spec *pack.Spec) string {
	if v.claim == nil || v.params == nil {
		return "所列的病种"
	}
	name := v.disease
	if name == "" {
		name = v.claim.DiseaseCode
	}
	if spec.Path != "assist.diseases" || v.params.Disease(v.claim) != "" {
		return fmt.Sprintf("“%s”在所列病种之内", name)
	}
	if name == "" {
		return "这笔结算没有填写病种"
	}
	return fmt.Sprintf("“%s”不在所列病种之内", name)
}

func className(class string) string {
	if n := classNames[class]; n != "" {
		return n
	}
	return class + " 类定点医院"
}

// limitReads reads an amount of a parameter.
func limitReads(text string) string {
	if text == "none" {
		return "不设限额"
	}
	if f, err := money.ParseYuan(strings.ReplaceAll(text, "_", "")); err == nil {
		return yuan(f)
	}
	return text
}

func amountOrRatio(spec *pack.Spec, text string) string {
	switch {
	case spec.Type == pack.AmountBy:
		return limitReads(text)
	case spec.Unit == "个百分点":
		return strings.TrimSuffix(text, "%") + " 个百分点"
	}
	return text
}

// tableReads reads a whole table by category, for those who hold none of them.
func tableReads(spec *pack.Spec, value string) string {
	var parts []string
	for _, kv := range flowRows(value) {
		c, err := rules.ParseCategory(kv[0])
		name := c.Chinese()
		if err != nil {
			name = "其他"
		}
		parts = append(parts, name+" "+amountOrRatio(spec, kv[1]))
	}
	return strings.Join(parts, "、")
}

func tiersRead(ts []rules.Tier) string {
	var parts []string
	for i, t := range ts {
		switch {
		case len(ts) == 1:
			parts = append(parts, t.Ratio.String())
		case t.To == rules.NoCap:
			parts = append(parts, fmt.Sprintf("%s以上 %s", yuan(ts[i-1].To), t.Ratio))
		case i == 0:
			parts = append(parts, fmt.Sprintf("%s以内 %s", yuan(t.To), t.Ratio))
		default:
			parts = append(parts, fmt.Sprintf("%s至%s %s", yuan(ts[i-1].To), yuan(t.To), t.Ratio))
		}
	}
	return strings.Join(parts, "，")
}

// flowRows reads a table in YAML's flow form, as pack.Citation gives it: the tables
// read here have plain keys and values.
func flowRows(value string) [][2]string {
	var out [][2]string
	for _, part := range flowList(value) {
		k, x, _ := strings.Cut(part, ":")
		out = append(out, [2]string{strings.TrimSpace(k), strings.TrimSpace(x)})
	}
	return out
}

func flowTable(value string) map[string]string {
	out := map[string]string{}
	for _, kv := range flowRows(value) {
		out[kv[0]] = kv[1]
	}
	return out
}

// flowList reads a list in YAML's flow form.
func flowList(value string) []string {
	value = strings.Trim(value, "[]{}")
	if value == "" {
		return nil
	}
	parts := strings.Split(value, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func namesOf(codes []string, name func(string) string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = name(c)
	}
	return strings.Join(out, "、")
}
