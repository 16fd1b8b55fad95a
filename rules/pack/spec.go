package pack

import (
	"strconv"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Type is the form of a parameter's values.
type Type string

// The types of parameters.
const (
	Amount     Type = "amount"     // yuan, or none
	Ratio      Type = "ratio"      // "80%"
	AmountBy   Type = "amount_by"  // category → amount; `others` for the rest
	RatioBy    Type = "ratio_by"   // category → ratio; `others` for the rest
	Categories Type = "categories" // list of categories
	Kinds      Type = "kinds"      // list of kinds of claims
	Tiers      Type = "tiers"      // list of {to, ratio}, ascending
	ByLevel    Type = "by_level"   // hospital level → ratio
	DateType   Type = "date"       // 2022-01-01
	Integer    Type = "integer"    // a count
	Bool       Type = "bool"       // true, false
	Choice     Type = "choice"     // one of Spec.Options
	Diseases   Type = "diseases"   // id → {name, synonyms, codes}
)

// Spec describes a parameter that a pack may give.
type Spec struct {
	Path    rules.Param
	Name    string // Chinese
	Type    Type
	Unit    string // Chinese: 元, %, ...
	Options []string
	Doc     string
	set     func(*rules.Params, value)
}

// value is a parsed value of any type.
type value struct {
	amount   money.Fen
	ratio    money.Ratio
	amounts  rules.AmountBy
	ratios   rules.RatioBy
	set      rules.CategorySet
	kinds    rules.KindSet
	tiers    []rules.Tier
	levels   [4]money.Ratio
	date     civil.Date
	n        int
	yes      bool
	text     string
	diseases map[string]string
}

// Specs are all parameters, in the order in which they are shown.
var Specs = []Spec{
	{"assist.categories", "救助对象", Categories, "", nil, "who is assisted",
		func(p *rules.Params, v value) { p.Assisted = v.set }},
	{"assist.kinds", "救助费用类别", Kinds, "", nil, "kinds of claims that are assisted",
		func(p *rules.Params, v value) { p.AssistKinds = v.kinds }},
	{"assist.unreferred", "未按规定转诊是否救助", Bool, "", nil, "whether care outside the area against the rules is assisted",
		func(p *rules.Params, v value) { p.Unreferred = v.yes }},
	{"assist.disease_kinds", "限定病种的费用类别", Kinds, "", nil, "kinds of claims assisted for listed diseases only",
		func(p *rules.Params, v value) { p.DiseaseKinds = v.kinds }},
	{"assist.diseases", "门诊救助病种", Diseases, "", nil, "the listed diseases, with synonyms and codes",
		func(p *rules.Params, v value) { p.Diseases = v.diseases }},
	{"assist.ratio", "救助比例", RatioBy, "%", nil, "share of the in-scope burden",
		func(p *rules.Params, v value) { p.AssistRatio, p.AssistOn = v.ratios, true }},
	{"assist.outpatient_ratio", "门诊救助比例", RatioBy, "%", nil, "share on outpatient, special outpatient and pharmacy claims where it differs",
		func(p *rules.Params, v value) { p.OutpatientRate, p.OutpatientOwn = v.ratios, true }},
	{"assist.deductible", "年度救助起付标准", AmountBy, "元", nil, "annual deductible by category",
		func(p *rules.Params, v value) { p.Deductible = v.amounts }},
	{"assist.deductible_kinds", "计起付标准的费用类别", Kinds, "", nil, "kinds of claims that share the deductible",
		func(p *rules.Params, v value) { p.DeductKinds = v.kinds }},
	{"assist.cap", "年度救助限额", AmountBy, "元", nil, "annual cap by category, or none",
		func(p *rules.Params, v value) { p.AssistCap = v.amounts }},
	{"assist.outpatient_cap", "普通门诊年度限额", AmountBy, "元", nil, "cap nested in assist.cap",
		func(p *rules.Params, v value) { p.SubCap = v.amounts }},
	{"assist.outpatient_cap_kinds", "计入普通门诊限额的类别", Kinds, "", nil, "kinds of claims that the nested cap limits",
		func(p *rules.Params, v value) { p.SubCapKinds = v.kinds }},
	{"major.deductible", "大病保险起付标准", Amount, "元", nil, "annual deductible of the ordinary insured",
		func(p *rules.Params, v value) { p.MajorDeductible = v.amount }},
	{"major.tiers", "大病保险分段比例", Tiers, "%", nil, "ratios by annual accumulated burden",
		func(p *rules.Params, v value) { p.MajorTiers = v.tiers }},
	{"major.cap", "大病保险年度限额", Amount, "元", nil, "annual cap of the ordinary insured, or none",
		func(p *rules.Params, v value) { p.MajorCap = v.amount }},
	{"major.deductible_cut", "大病保险起付标准降低", RatioBy, "%", nil, "part of the deductible taken off by category",
		func(p *rules.Params, v value) { p.MajorCut = v.ratios }},
	{"major.points", "大病保险比例提高", RatioBy, "个百分点", nil, "points added to the ratios by category",
		func(p *rules.Params, v value) { p.MajorPoints = v.ratios }},
	{"major.no_cap", "取消大病保险限额", Categories, "", nil, "categories whose cap is lifted",
		func(p *rules.Params, v value) { p.MajorNoCap = v.set }},
	{"tilt.ratio", "倾斜救助比例", RatioBy, "%", nil, "share of the year's burden above the threshold",
		func(p *rules.Params, v value) { p.TiltRatio, p.TiltOn = v.ratios, true }},
	{"tilt.threshold", "倾斜救助门槛", Amount, "元", nil, "in-scope burden of the year above which it begins",
		func(p *rules.Params, v value) { p.TiltThreshold = v.amount }},
	{"tilt.cap", "倾斜救助年度限额", Amount, "元", nil, "",
		func(p *rules.Params, v value) { p.TiltCap = limit(v.amount) }},
	{"special.ratio", "特殊救助比例", RatioBy, "%", nil, "share of the year's burden above the threshold",
		func(p *rules.Params, v value) { p.SpecialRatio = v.ratios }},
	{"special.threshold", "特殊救助门槛（负担较重）", Amount, "元", nil, "unset: the layer is off",
		func(p *rules.Params, v value) { p.SpecialThreshold, p.SpecialOn = v.amount, true }},
	{"special.cap", "特殊救助年度限额", Amount, "元", nil, "",
		func(p *rules.Params, v value) { p.SpecialCap = limit(v.amount) }},
	{"hospital.out_of_scope", "范围外费用占比上限", ByLevel, "%", nil, "share of a stay's total that may be out of scope, by hospital level; above it the hospital pays",
		func(p *rules.Params, v value) { p.HospitalLimit, p.HospitalOn = v.levels, true }},
	{"retro.categories", "因病认定可回溯的类别", Categories, "", nil, "who reaches back when newly recognised by illness",
		func(p *rules.Params, v value) { p.Retro = v.set }},
	{"retro.months", "回溯月数", Integer, "月", nil, "",
		func(p *rules.Params, v value) { p.RetroMonths = v.n }},
	{"retro.after_other_category", "原有其他身份时是否回溯", Choice, "", []string{"exclude", "include"}, "whether somebody who held another assisted category the day before is newly recognised",
		func(p *rules.Params, v value) { p.RetroAfterOther = v.text == "include" }},
	{"retro.earliest", "回溯最早日期", DateType, "", nil, "no window begins before",
		func(p *rules.Params, v value) { p.RetroEarliest = v.date }},
	{"identity.exit_effect", "退出何时生效", Choice, "", []string{"same_day", "next_month"}, "from when a removal acts",
		func(p *rules.Params, v value) {
			p.Exit = rules.SameDay
			if v.text == "next_month" {
				p.Exit = rules.NextMonth
			}
		}},
}

// limit turns "none" into an amount that no entitlement reaches, for caps that
// the engine applies with min.
func limit(f money.Fen) money.Fen {
	if f == rules.NoCap {
		return money.Limit
	}
	return f
}

func specOf(path string) *Spec {
	for i := range Specs {
		if string(Specs[i].Path) == path {
			return &Specs[i]
		}
	}
	return nil
}

// parse reads a value of the spec's type; from an overlay, a table by category
// is laid over what base holds.
func (s *Spec) parse(n *node, base value) (value, error) {
	v := base
	var err error
	switch s.Type {
	case Amount:
		v.amount, err = amount(n)
	case Ratio:
		v.ratio, err = ratio(n)
	case AmountBy:
		err = byCategory(n, func(c rules.Category, x *node) (err error) { v.amounts[c], err = amount(x); return })
	case RatioBy:
		err = byCategory(n, func(c rules.Category, x *node) (err error) { v.ratios[c], err = ratio(x); return })
	case Categories:
		v.set, err = categories(n)
	case Kinds:
		v.kinds = 0
		err = each(n, func(x *node, t string) error {
			k, err := rules.ParseKind(t)
			if err != nil {
				return x.errorf("不认识的费用类别 %q", t)
			}
			v.kinds = v.kinds.With(k)
			return nil
		})
	case Tiers:
		v.tiers, err = tiers(n)
	case ByLevel:
		if n.kind != mapping {
			return v, n.errorf("此处应为 医院级别: 比例，如 {1: 2.5%%, 2: 5%%, 3: 10%%}")
		}
		for i, k := range n.keys {
			l, aerr := strconv.Atoi(k)
			if aerr != nil || l < 1 || l > 3 {
				return v, n.keyErrorf(i, "不认识的医院级别 %q，应为 1、2、3", k)
			}
			if v.levels[l], err = ratio(n.values[i]); err != nil {
				return v, err
			}
		}
	case DateType:
		v.date, err = date(n)
	case Integer:
		var t string
		if t, err = n.str(); err == nil {
			if v.n, err = strconv.Atoi(t); err != nil || v.n < 0 || v.n > 1000 {
				err = n.errorf("%q 不是 0 到 1000 的整数", t)
			}
		}
	case Bool:
		switch n.text {
		case "true":
			v.yes = true
		case "false":
			v.yes = false
		default:
			err = n.errorf("%q 应为 true 或 false", n.text)
		}
	case Choice:
		if v.text, err = n.str(); err == nil {
			ok := false
			for _, o := range s.Options {
				ok = ok || o == v.text
			}
			if !ok {
				err = n.errorf("%q 不可选，应为 %s 之一", v.text, strings.Join(s.Options, "、"))
			}
		}
	case Diseases:
		v.diseases, err = diseases(n)
	}
	return v, err
}

func each(n *node, f func(*node, string) error) error {
	if n.kind != list {
		return n.errorf("此处应为列表，如 [a, b]")
	}
	for _, x := range n.values {
		t, err := x.str()
		if err != nil {
			return err
		}
		if err := f(x, t); err != nil {
			return err
		}
	}
	return nil
}

func amount(n *node) (money.Fen, error) {
	t, err := n.str()
	if err != nil {
		return 0, err
	}
	if t == "none" {
		return rules.NoCap, nil
	}
	f, err := money.ParseYuan(strings.ReplaceAll(t, "_", ""))
	if err != nil || f < 0 {
		return 0, n.errorf("%q 不是金额（元，最多两位小数，不能为负；不设限写 none）", t)
	}
	return f, nil
}

func ratio(n *node) (money.Ratio, error) {
	t, err := n.str()
	if err != nil {
		return 0, err
	}
	r, err := money.ParseRatio(t)
	if err != nil || r < 0 || r > money.One || !strings.HasSuffix(t, "%") {
		return 0, n.errorf("%q 不是 0%% 到 100%% 的比例，如 80%%", t)
	}
	return r, nil
}

func date(n *node) (civil.Date, error) {
	t, err := n.str()
	if err != nil {
		return 0, err
	}
	d, err := civil.ParseDate(t)
	if err != nil {
		return 0, n.errorf("%q 不是日期，应写作 2023-01-01", t)
	}
	return d, nil
}

func category(n *node, t string) (rules.Category, error) {
	c, err := rules.ParseCategory(t)
	if err != nil || c == rules.NoCategory {
		return 0, n.errorf("不认识的困难类别代码 %q", t)
	}
	return c, nil
}

func categories(n *node) (rules.CategorySet, error) {
	var set rules.CategorySet
	err := each(n, func(x *node, t string) error {
		c, err := category(x, t)
		set |= rules.SetOf(c)
		return err
	})
	return set, err
}

// byCategory reads category → x. `others` comes first and sets every category,
// so that named ones stand.
func byCategory(n *node, f func(rules.Category, *node) error) error {
	if n.kind != mapping {
		return n.errorf("此处应为 类别: 值，如 {tekun: 100%%, others: 80%%}")
	}
	if x := n.get("others"); x != nil {
		for _, c := range rules.Categories() {
			if err := f(c, x); err != nil {
				return err
			}
		}
	}
	for i, k := range n.keys {
		if k == "others" {
			continue
		}
		c, err := rules.ParseCategory(k)
		if err != nil || c == rules.NoCategory {
			return n.keyErrorf(i, "不认识的困难类别代码 %q", k)
		}
		if err := f(c, n.values[i]); err != nil {
			return err
		}
	}
	return nil
}

func tiers(n *node) ([]rules.Tier, error) {
	if n.kind != list || len(n.values) == 0 {
		return nil, n.errorf("此处应为分段列表，如 [{to: 100000, ratio: 60%%}, {ratio: 70%%}]")
	}
	var ts []rules.Tier
	for i, x := range n.values {
		if err := x.only("to", "ratio"); err != nil {
			return nil, err
		}
		t := rules.Tier{To: rules.NoCap}
		var err error
		if to := x.get("to"); to != nil {
			if t.To, err = amount(to); err != nil {
				return nil, err
			}
		}
		last := i == len(n.values)-1
		if last != (t.To == rules.NoCap) {
			return nil, x.errorf("除最后一段外，每一段都要有上限 to")
		}
		if i > 0 && !last && t.To <= ts[i-1].To {
			return nil, x.errorf("分段上限应逐段增大")
		}
		r := x.get("ratio")
		if r == nil {
			return nil, x.errorf("这一段缺少 ratio")
		}
		if t.Ratio, err = ratio(r); err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	return ts, nil
}

func diseases(n *node) (map[string]string, error) {
	if n.kind != mapping {
		return nil, n.errorf("此处应为 代码: {name, synonyms, codes}")
	}
	out := map[string]string{}
	put := func(x *node, name, id string) error {
		k := rules.Fold(name)
		if k == "" {
			return x.errorf("病种名称不能为空")
		}
		if was, dup := out[k]; dup && was != id {
			return x.errorf("%q 同时属于病种 %s 和 %s", name, was, id)
		}
		out[k] = id
		return nil
	}
	for i, id := range n.keys {
		x := n.values[i]
		if err := x.only("name", "synonyms", "codes"); err != nil {
			return nil, err
		}
		if err := put(x, id, id); err != nil {
			return nil, err
		}
		name := x.get("name")
		if name == nil {
			return nil, x.errorf("病种 %s 缺少 name", id)
		}
		if err := put(name, name.text, id); err != nil {
			return nil, err
		}
		for _, key := range []string{"synonyms", "codes"} {
			if l := x.get(key); l != nil {
				if err := each(l, func(y *node, t string) error { return put(y, t, id) }); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}
