package reports

import (
	"cmp"
	"slices"
	"strings"

	"doudi/jobs/simulate"
	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"

	"github.com/goccy/go-yaml"
)

// itemName names the row of a table of values.
func itemName(p *simulate.ParamChange) string {
	switch p.Type {
	case pack.Diseases: // by its name, which comes first
		name, _, _ := strings.Cut(cmp.Or(p.Before, p.After), simulate.Separator)
		return name
	case pack.ByLevel:
		return map[string]string{"1": "一级医院", "2": "二级医院", "3": "三级医院"}[p.Item]
	case pack.AmountByInsurance, pack.RatioByInsurance:
		if i, err := rules.ParseInsurance(p.Item); err == nil {
			return i.Chinese()
		}
	}
	if strings.HasPrefix(p.Path, "monitor.") {
		return map[string]string{"line": "标准", "crosses": "触发", "measure": "负担口径", "scope": "费用范围", "who": "监测谁", "categories": "类别", "level": "按人或按户"}[p.Item]
	}
	if c, err := rules.ParseCategory(p.Item); err == nil {
		return c.Chinese()
	}
	return p.Item
}

// words are the codes of choices as people read them.
var words = map[string]string{
	"true": "是", "false": "否", "in_scope": "政策范围内", "total": "全部费用", "same_day": "退出当日", "next_month": "次月起", "exclude": "不回溯", "include": "回溯",
	"best": "取最有利的", "first": "按次序取第一种", "above": "超过即触发", "at_or_above": "达到即触发", "after_major": "基本医保、大病保险之后", "after_all": "全部保障之后",
	"person": "按人", "household": "按户", "without_assisted": "从未列入救助对象的", "with_assisted": "曾列入救助对象的", "full": "全额", "unset": "另定",
	"recognition": "认定地", "any": "不限", "not_payable": "不支付", "later_run": "再满等待期时支付", "last_year": "上年度平均", "birth_month": "生育当月",
}

// paramTexts are the values before and after as people read them; of a list, what
// is added and taken out.
func paramTexts(p *simulate.ParamChange) (before, after string) {
	if list, ok := listsOf(p); ok {
		return list[0].String(), list[1].against(list[0])
	}
	return valueText(p, p.Before), valueText(p, p.After)
}

func valueText(p *simulate.ParamChange, v string) string {
	listed := p.Type == pack.Diseases || p.Type == pack.Hospitals
	switch {
	case v == "" && listed && p.Item != "":
		return "未列入"
	case v == "":
		return "未配置"
	case listed && p.Before == "" && p.Type == pack.Diseases:
		return "列入（" + v + "）"
	}
	switch p.Type {
	case pack.Amount, pack.AmountBy, pack.AmountByInsurance, pack.PremiumBy:
		if v == "none" && p.Type != pack.PremiumBy {
			return "不设限"
		}
		if f, err := money.ParseYuan(strings.ReplaceAll(v, "_", "")); err == nil {
			return yuan(f)
		}
	case pack.Integer:
		return v + p.Unit
	case pack.CategoryBy:
		if c, err := rules.ParseCategory(v); err == nil {
			return c.Chinese()
		}
	case pack.Tiers:
		if t, ok := tiersText(v); ok {
			return t
		}
	case pack.Bool, pack.Choice, pack.TextBy:
	default:
		return v
	}
	if w := words[v]; w != "" {
		return w
	}
	return v
}

func tiersText(v string) (string, bool) {
	var tiers []struct{ To, Ratio string }
	if err := yaml.Unmarshal([]byte(v), &tiers); err != nil {
		return "", false
	}
	var parts []string
	for i, t := range tiers {
		upTo := "以上"
		switch f, err := money.ParseYuan(strings.ReplaceAll(t.To, "_", "")); {
		case t.To != "" && t.To != "none" && err != nil:
			return "", false
		case err == nil:
			upTo = "至 " + yuan(f)
		case i == 0:
			upTo = "不分段"
		}
		parts = append(parts, upTo+" "+t.Ratio)
	}
	return strings.Join(parts, "，"), true
}

// values is a list of things: codes and names.
type values [][2]string

// listsOf reads the values of a parameter that is a list.
func listsOf(p *simulate.ParamChange) (out [2]values, ok bool) {
	switch {
	case p.Item == "categories" || slices.Contains([]pack.Type{pack.Categories, pack.Kinds, pack.Counties, pack.Texts}, p.Type):
	case (p.Type == pack.Diseases || p.Type == pack.Hospitals) && p.Before != "" && p.After != "":
		for i, text := range []string{p.Before, p.After} {
			for x := range strings.SplitSeq(text, simulate.Separator) {
				out[i] = append(out[i], [2]string{x, x})
			}
		}
		return out, true
	default:
		return out, false
	}
	for i, text := range []string{p.Before, p.After} {
		if text == "" {
			continue
		}
		var codes []string
		if err := yaml.Unmarshal([]byte(text), &codes); err != nil {
			return out, false
		}
		for _, c := range codes {
			name := c
			if k, err := rules.ParseKind(c); err == nil && p.Type == pack.Kinds {
				name = k.Chinese()
			} else if k, err := rules.ParseCategory(c); err == nil {
				name = k.Chinese()
			}
			out[i] = append(out[i], [2]string{c, name})
		}
	}
	return out, true
}

func (v values) names() string {
	var names []string
	for _, x := range v {
		names = append(names, x[1])
	}
	return strings.Join(names, "、")
}

// String lists the names.
func (v values) String() string {
	if len(v) == 0 {
		return "未配置"
	}
	return v.names()
}

// without are the values that o does not have.
func (v values) without(o values) values {
	return slices.DeleteFunc(slices.Clone(v), func(x [2]string) bool {
		return slices.ContainsFunc(o, func(y [2]string) bool { return x[0] == y[0] })
	})
}

// against says what v has more and less than before.
func (v values) against(before values) string {
	var parts []string
	if more := v.without(before); len(more) > 0 {
		parts = append(parts, "增加："+more.names())
	}
	if gone := before.without(v); len(gone) > 0 {
		parts = append(parts, "去掉："+gone.names())
	}
	if len(parts) == 0 {
		return "不变，只是次序不同"
	}
	return strings.Join(parts, "；")
}
