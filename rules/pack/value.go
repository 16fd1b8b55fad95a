package pack

import (
	"maps"
	"strconv"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

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

	given       rules.CategorySet // of a table by category: which are named
	byInsurance struct {
		amounts rules.AmountByInsurance
		ratios  rules.RatioByInsurance
	}
	classes    map[string]money.Ratio
	texts      []string
	textBy     map[rules.Category]string
	categoryBy map[rules.Category]rules.Category
	premium    rules.Premium // Rule and Fixed
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
		v.given, err = byCategory(n, func(c rules.Category, x *node) (err error) { v.amounts[c], err = amount(x); return })
		v.given |= base.given
	case RatioBy:
		v.given, err = byCategory(n, func(c rules.Category, x *node) (err error) { v.ratios[c], err = ratio(x); return })
		v.given |= base.given
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
	case AmountByInsurance:
		v.byInsurance.amounts, _ = rules.NotByInsurance()
		err = byInsurance(n, func(i rules.Insurance, x *node) (err error) { v.byInsurance.amounts[i], err = amount(x); return })
	case RatioByInsurance:
		_, v.byInsurance.ratios = rules.NotByInsurance()
		err = byInsurance(n, func(i rules.Insurance, x *node) (err error) { v.byInsurance.ratios[i], err = ratio(x); return })
	case Hospitals:
		v.diseases, err = hospitals(n)
	case RatioByClass:
		v.classes = maps.Clone(base.classes)
		err = byName(n, "医院类别: 比例，如 {county: 80%}", func(k string, x *node) (err error) {
			if v.classes == nil {
				v.classes = map[string]money.Ratio{}
			}
			v.classes[k], err = ratio(x)
			return
		})
	case Counties, Texts:
		v.texts = nil
		err = each(n, func(x *node, t string) error { v.texts = append(v.texts, t); return nil })
	case TextBy:
		v.textBy = maps.Clone(base.textBy)
		if v.textBy == nil {
			v.textBy = map[rules.Category]string{}
		}
		_, err = byCategory(n, func(c rules.Category, x *node) (err error) { v.textBy[c], err = x.str(); return })
	case CategoryBy:
		v.categoryBy = maps.Clone(base.categoryBy)
		if v.categoryBy == nil {
			v.categoryBy = map[rules.Category]rules.Category{}
		}
		_, err = byCategory(n, func(c rules.Category, x *node) (err error) {
			t, err := x.str()
			if err == nil {
				v.categoryBy[c], err = category(x, t)
			}
			return err
		})
	case PremiumBy:
		_, err = byCategory(n, func(c rules.Category, x *node) error { return premium(&v.premium, c, x) })
		if err == nil {
			err = likeOthers(&v.premium, n)
		}
	}
	return v, err
}

// premium reads one category's rule; `as CATEGORY` is resolved when all are
// read.
func premium(p *rules.Premium, c rules.Category, x *node) error {
	t, err := x.str()
	if err != nil {
		return err
	}
	p.Fixed[c] = 0
	switch {
	case t == "full":
		p.Rule[c] = rules.FullSubsidy
	case t == "unset":
		p.Rule[c] = rules.OpenSubsidy
	case t == "none":
		p.Rule[c] = rules.NoSubsidy
	case strings.HasPrefix(t, "as "):
		other, err := category(x, strings.TrimSpace(t[3:]))
		if err == nil && other == c {
			err = x.errorf("%s 不能参照自己", c)
		}
		return err
	default:
		if p.Fixed[c], err = amount(x); err != nil {
			return x.errorf("%q 应为 full（全额）、金额、as 类别代码（参照）、unset（另定）或 none（不资助）", t)
		}
		p.Rule[c] = rules.FixedSubsidy
	}
	return nil
}

func likeOthers(p *rules.Premium, n *node) error {
	for i, k := range n.keys {
		x := n.values[i]
		if !strings.HasPrefix(x.text, "as ") || k == "others" {
			continue
		}
		c, _ := rules.ParseCategory(k) // read before
		other, _ := rules.ParseCategory(strings.TrimSpace(x.text[3:]))
		if y := n.get(other.String()); y != nil && strings.HasPrefix(y.text, "as ") {
			return x.errorf("%s 参照的 %s 自己又参照别的类别，请直接写明", c, other)
		}
		p.Rule[c], p.Fixed[c] = p.Rule[other], p.Fixed[other]
		if p.Rule[c] == rules.NoSubsidy {
			return x.errorf("%s 参照的 %s 没有资助标准", c, other)
		}
	}
	return nil
}

// byName reads name → x.
func byName(n *node, like string, f func(string, *node) error) error {
	if n.kind != mapping {
		return n.errorf("此处应为 %s", like)
	}
	for i, k := range n.keys {
		if err := f(k, n.values[i]); err != nil {
			return err
		}
	}
	return nil
}

func byInsurance(n *node, f func(rules.Insurance, *node) error) error {
	return byName(n, "险种: 值，如 {employees: 10000, residents: 1500}", func(k string, x *node) error {
		i, err := rules.ParseInsurance(k)
		if err != nil || i == rules.NoInsurance {
			return x.errorf("不认识的险种 %q，应为 employees（职工）或 residents（居民）", k)
		}
		return f(i, x)
	})
}

// hospitals reads class → names, with synonyms and codes, into name → class.
func hospitals(n *node) (map[string]string, error) {
	out := map[string]string{}
	err := byName(n, "医院类别: [医院]，如 {county: [某县人民医院]}", func(class string, l *node) error {
		if l.kind != list {
			return l.errorf("此处应为医院列表")
		}
		for _, x := range l.values {
			names := []*node{x}
			if x.kind == mapping {
				if err := x.only("name", "synonyms", "codes"); err != nil {
					return err
				}
				if _, err := x.words("name"); err != nil {
					return err
				}
				names = []*node{x.get("name")}
				for _, key := range []string{"synonyms", "codes"} {
					if y := x.get(key); y != nil {
						names = append(names, y.values...)
					}
				}
			}
			for _, y := range names {
				t, err := y.str()
				if err != nil {
					return err
				}
				k := rules.Fold(t)
				if k == "" {
					return y.errorf("医院名称不能为空")
				}
				if was, dup := out[k]; dup {
					return y.errorf("医院 %q 重复，已列在 %s", t, was)
				}
				out[k] = class
			}
		}
		return nil
	})
	return out, err
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
// It gives the categories that the table speaks of.
func byCategory(n *node, f func(rules.Category, *node) error) (rules.CategorySet, error) {
	var given rules.CategorySet
	if n.kind != mapping {
		return 0, n.errorf("此处应为 类别: 值，如 {tekun: 100%%, others: 80%%}")
	}
	if x := n.get("others"); x != nil {
		for _, c := range rules.Categories() {
			if err := f(c, x); err != nil {
				return 0, err
			}
			given |= rules.SetOf(c)
		}
	}
	for i, k := range n.keys {
		if k == "others" {
			continue
		}
		c, err := rules.ParseCategory(k)
		if err != nil || c == rules.NoCategory {
			return 0, n.keyErrorf(i, "不认识的困难类别代码 %q", k)
		}
		if err := f(c, n.values[i]); err != nil {
			return 0, err
		}
		given |= rules.SetOf(c)
	}
	return given, nil
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
