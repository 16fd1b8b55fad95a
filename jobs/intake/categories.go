package intake

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"doudi/rules"

	"golang.org/x/text/width"
)

// categoryNames are the ways in which offices write a category, folded when
// looked up.
var categoryNames = map[rules.Category][]string{
	rules.Tekun: {"特困人员", "特困", "特困供养", "特困供养人员", "特困救助供养人员", "特困人员集中供养", "特困人员分散供养", "特困集中供养", "特困分散供养", "分散特困", "集中特困", "分散供养", "集中供养",
		"分散供养特困人员", "集中供养特困人员", "分散特困供养人员", "集中特困供养人员", "城市特困", "农村特困", "五保", "五保户", "五保对象"},
	rules.Dibao: {"低保对象", "低保", "低保户", "低保人员", "低保家庭", "城市低保", "农村低保", "城镇低保", "城市低保对象", "农村低保对象",
		"最低生活保障", "最低生活保障对象", "最低生活保障家庭", "城市最低生活保障", "农村最低生活保障"},
	rules.Dibian: {"低保边缘家庭成员", "低保边缘家庭", "低保边缘", "低保边缘户", "低保边缘人员", "低边", "低边户", "低边对象", "低边家庭",
		"最低生活保障边缘家庭", "低收入", "低收入家庭", "低收入人口"},
	rules.Fanpin: {"返贫致贫人口", "返贫致贫", "返贫人口", "致贫人口", "返贫致贫人员"},
	rules.Yifanpin: {"农村易返贫致贫人口", "易返贫致贫人口", "易返贫致贫", "脱贫不稳定户", "脱贫不稳定", "边缘易致贫户", "边缘易致贫", "突发严重困难户",
		"突发严重困难", "脱贫不稳定人口", "边缘易致贫人口", "突发严重困难人口", "防返贫监测对象", "防止返贫监测对象", "监测对象", "三类监测对象", "防返贫监测对象脱贫不稳定户", "防返贫监测对象边缘易致贫户", "防返贫监测对象突发严重困难户"},
	rules.Zhongbing: {"因病致贫重病患者", "因病致贫重病", "因病致贫家庭重病患者", "重病患者"},
	rules.Canji:     {"二级及以上残疾人", "残疾", "残疾人", "重残", "重度残疾", "重度残疾人", "持证残疾人"},
	rules.Kunjing:   {"困境儿童"},
	rules.Tuopin:    {"稳定脱贫人口", "脱贫人口", "稳定脱贫", "脱贫户", "已脱贫人口"},
	rules.Jiandang:  {"建档立卡贫困人口", "建档立卡", "建档立卡户", "建档立卡人口"},
	rules.Linshi:    {"因病致贫纳入临时救助对象", "临时救助对象", "因病纳入临时救助对象", "因病纳入临时救助"},
	rules.Bianyuan:  {"边缘人群"},
	rules.Fengxian:  {"因病致贫返贫风险潜在对象", "风险潜在对象", "潜在对象"},
}

// named is what a word in the category cell says.
type named struct {
	cat   rules.Category
	cause rules.Cause
	level uint8 // disability level that the word implies; 0 none
}

// namesByLength are all names of categories, folded, the longest first: what is
// called 低保边缘家庭 is not called 低保.
var namesByLength = func() []string {
	var all []string
	for n := range categoryIndex {
		if utf8.RuneCountInString(n) >= 2 && n[0] >= utf8.RuneSelf {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return all
}()

// titledCategory is the one category that titles name; none where they name
// several, or none.
func titledCategory(titles ...string) rules.Category {
	var one rules.Category
	for _, t := range titles {
		t = rules.Fold(t)
		if containsAny(t, []string{"未", "非", "原", "不", "拟", "除外"}) {
			return rules.NoCategory // 未纳入低保 is no 低保
		}
		for _, n := range namesByLength {
			if !strings.Contains(t, n) {
				continue
			}
			t = strings.ReplaceAll(t, n, " ")
			if c := categoryIndex[n].cat; one != rules.NoCategory && one != c {
				return rules.NoCategory
			}
			one = categoryIndex[n].cat
		}
		if one == rules.NoCategory && DeptIn(t) == "残联" { // who keeps one list
			one = rules.Canji
		}
	}
	return one
}

var categoryIndex = func() map[string]named {
	m := map[string]named{}
	for c, names := range categoryNames {
		for _, n := range names {
			m[rules.Fold(n)] = named{cat: c}
		}
		m[c.String()] = named{cat: c}
	}
	for _, n := range []string{"重残", "重度残疾", "重度残疾人", "二级及以上残疾人"} {
		m[rules.Fold(n)] = named{cat: rules.Canji, level: 2}
	}
	for i, n := range []string{"一级", "二级", "三级", "四级"} {
		for _, s := range []string{n + "残疾", n + "残疾人", "残疾" + n, "残疾人" + n} {
			m[rules.Fold(s)] = named{cat: rules.Canji, level: uint8(i + 1)}
		}
	}
	for _, c := range []rules.Category{rules.Dibao, rules.Dibian} {
		for _, n := range categoryNames[c] {
			for _, pre := range []string{"因病纳入", "因病", "支出型困难因病纳入", "支出型困难人员因病纳入", "支出型困难家庭因病纳入"} {
				m[rules.Fold(pre+n)] = named{cat: c, cause: rules.Illness}
			}
			m[rules.Fold(n+"因病")] = named{cat: c, cause: rules.Illness}
			m[rules.Fold(n+"因病纳入")] = named{cat: c, cause: rules.Illness}
			m[rules.Fold(n+"支出型")] = named{cat: c, cause: rules.Illness}
			m[rules.Fold(n+"支出型困难")] = named{cat: c, cause: rules.Illness}
		}
	}
	return m
}()

// expenditure are the words for people in expenditure-type difficulty. Alone
// they name no category, and they are never folded into one.
var expenditure = map[string]bool{"支出型困难": true, "支出型困难人员": true, "支出型困难家庭": true, "支出型": true, "支出型困难对象": true, "支出型贫困": true}

// categories reads the category cell of a roster: one word or several.
func categories(s string, extra map[string][]string) ([]named, *cellError) {
	// The cell as one name first: a bracket or a space may stand inside it.
	if n, ok := findCategory(rules.Fold(s), extra); ok {
		return []named{n}, nil
	}
	var out []named
	spending := false
	for _, w := range strings.FieldsFunc(width.Fold.String(s), func(r rune) bool { return strings.ContainsRune(",、;/+|", r) || unicode.IsSpace(r) }) {
		f := rules.Fold(w)
		if f == "" {
			continue
		}
		if expenditure[f] {
			spending = true
			continue
		}
		n, ok := findCategory(f, extra)
		if !ok {
			return nil, badWord("E-CATEGORY", w, categoryLetters, "不认识困难类别%s，请写低保对象、特困人员、低保边缘家庭成员等规范名称")
		}
		out = merge(out, n)
	}
	if !spending {
		return out, nil
	}
	with := false
	for i := range out {
		if out[i].cat == rules.Dibao || out[i].cat == rules.Dibian {
			out[i].cause, with = rules.Illness, true
		}
	}
	if !with {
		return nil, bad("E-CATEGORY-EXPENDITURE", "只写支出型困难无法确定身份，请写明是因病纳入低保还是因病纳入低边")
	}
	return out, nil
}

// merge adds what a word says. Two words for one category are one event: 低保 with
// 因病纳入低保 has its cause, and 残疾 with 一级残疾 its level.
func merge(out []named, n named) []named {
	for i := range out {
		if o := &out[i]; o.cat == n.cat {
			o.cause = max(o.cause, n.cause)
			if o.level == 0 || n.level != 0 && n.level < o.level {
				o.level = n.level
			}
			return out
		}
	}
	return append(out, n)
}

// findCategory looks a word up among the built-in names, then the office's own.
func findCategory(folded string, extra map[string][]string) (named, bool) {
	if n, ok := categoryIndex[folded]; ok || folded == "" {
		return n, ok
	}
	for _, code := range slices.Sorted(maps.Keys(extra)) {
		for _, n := range extra[code] {
			if rules.Fold(n) == folded {
				c, err := rules.ParseCategory(code)
				return named{cat: c}, err == nil && c != rules.NoCategory
			}
		}
	}
	return named{}, false
}

// cause reads 致困原因.
func cause(s string) rules.Cause {
	f := rules.Fold(s)
	switch f {
	case "illness", "疾病", "患病", "大病", "重病", "重大疾病":
		return rules.Illness
	}
	if strings.Contains(f, "因病") && !strings.Contains(f, "非因病") {
		return rules.Illness
	}
	return rules.NoCause
}

// level reads 残疾等级; 0 for an empty cell.
func level(s string) (uint8, *cellError) {
	f := strings.TrimSuffix(rules.Fold(s), "级")
	switch f {
	case "", "无":
		return 0, nil
	case "1", "一", "壹", "ⅰ", "01":
		return 1, nil
	case "2", "二", "贰", "ⅱ", "02":
		return 2, nil
	case "3", "三", "叁", "Ⅲ", "ⅲ", "03":
		return 3, nil
	case "4", "四", "肆", "Ⅳ", "ⅳ", "04":
		return 4, nil
	}
	return 0, badValue("E-LEVEL", s, "残疾等级%s应为一级、二级、三级或四级")
}
