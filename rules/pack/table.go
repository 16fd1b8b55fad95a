package pack

import (
	"maps"
	"strconv"

	"doudi/rules"
	"doudi/rules/money"
)

// byName reads a table of any keys; f gets the index of the entry.
func byName(n *node, like string, f func(int, *node) error) error {
	if n.kind != mapping {
		return n.errorf("此处应为 %s", like)
	}
	var wrong mistakes
	for i, x := range n.values {
		wrong.add(f(i, x))
	}
	return wrong.err()
}

// others is the key for all categories that a table does not name.
const others = "others"

// byCategory reads category → x and gives the categories that the table speaks
// of. `others` comes first and sets every category, so that named ones stand.
func byCategory(n *node, f func(rules.Category, *node) error) (rules.CategorySet, error) {
	var given rules.CategorySet
	if n.kind != mapping {
		return 0, n.errorf("此处应为 类别: 值，如 {tekun: 100%%, others: 80%%}")
	}
	var wrong mistakes
	if x := n.get(others); x != nil {
		for _, c := range rules.Categories() {
			given |= rules.SetOf(c)
			if err := f(c, x); err != nil {
				wrong.add(err)
				break // the same for each
			}
		}
	}
	for i, k := range n.keys {
		if k == others {
			continue
		}
		c, err := categoryOf(n.keyAt[i], k)
		if err == nil {
			given |= rules.SetOf(c)
			err = f(c, n.values[i])
		}
		wrong.add(err)
	}
	return given, wrong.err()
}

func byLevel(n *node, f func(int, *node) error) error {
	return byName(n, "医院级别: 比例，如 {1: 2.5%, 2: 5%, 3: 10%}", func(i int, x *node) error {
		l, err := strconv.Atoi(n.keys[i])
		if err != nil || l < 1 || l > 3 {
			return n.keyAt[i].errorf("不认识的医院级别 %q，应为 1、2、3", n.keys[i])
		}
		return f(l, x)
	})
}

func byInsurance(n *node, f func(rules.Insurance, *node) error) error {
	return byName(n, "险种: 值，如 {employees: 10000, residents: 1500}", func(k int, x *node) error {
		i, err := rules.ParseInsurance(n.keys[k])
		if err != nil || i == rules.NoInsurance {
			return n.keyAt[k].errorf("不认识的险种 %q，应为 employees（职工）或 residents（居民）", n.keys[k])
		}
		return f(i, x)
	})
}

func tiers(n *node) ([]rules.Tier, error) {
	if n.kind != list || len(n.values) == 0 {
		return nil, n.errorf("此处应为分段列表，如 [{to: 100000, ratio: 60%%}, {ratio: 70%%}]")
	}
	var wrong mistakes
	ts := make([]rules.Tier, len(n.values))
	for i, x := range n.values {
		var err error
		ts[i], err = tier(x, i == len(n.values)-1)
		wrong.add(err)
	}
	if len(wrong) > 0 {
		return nil, wrong.err()
	}
	for i := 1; i < len(ts); i++ {
		if ts[i].To != rules.NoCap && ts[i].To <= ts[i-1].To {
			wrong.add(n.values[i].get("to").errorf("分段上限应逐段增大，上一段已到 %s 元", ts[i-1].To))
		}
		if ts[i].Ratio < ts[i-1].Ratio {
			wrong.add(n.values[i].get("ratio").errorf("分段比例应逐段不降，上一段已是 %s", ts[i-1].Ratio))
		}
	}
	return ts, wrong.err()
}

func tier(x *node, last bool) (rules.Tier, error) {
	t := rules.Tier{To: rules.NoCap}
	if err := x.only("to", "ratio"); err != nil {
		return t, err
	}
	var wrong mistakes
	if to := x.get("to"); to != nil {
		var err error
		t.To, err = amount(to)
		wrong.add(err)
	}
	if len(wrong) == 0 && last != (t.To == rules.NoCap) {
		wrong.add(x.errorf("除最后一段外，每一段都要有上限 to；最后一段不写 to"))
	}
	if r := x.get("ratio"); r == nil {
		wrong.add(x.errorf("这一段缺少 ratio（比例）"))
	} else {
		var err error
		t.Ratio, err = ratio(r)
		wrong.add(err)
	}
	return t, wrong.err()
}

// folded collects folded names, synonyms and codes, each of one thing only.
type folded struct {
	of    map[string]string // folded → id
	what  string            // Chinese: what they are names of
	once  bool              // each may stand only once
	raw   bool              // codes also as written: claims have them so
	wrong mistakes
}

func (t *folded) put(x *node, id string) {
	name, err := x.str()
	if err != nil {
		t.wrong.add(err)
		return
	}
	k := rules.Fold(name)
	if was, dup := t.of[k]; k == "" {
		t.wrong.add(x.errorf("%s名称不能为空", t.what))
	} else if dup && (was != id || t.once) {
		t.wrong.add(x.errorf("%q 重复，已列在%s %s，请只留一处", name, t.what, was))
	} else {
		t.of[k] = id
	}
}

// entry reads {name, synonyms, codes}.
func (t *folded) entry(x *node, id string) {
	if err := x.only("name", "synonyms", "codes"); err != nil {
		t.wrong.add(err)
		return
	}
	if _, err := x.words("name"); err != nil {
		t.wrong.add(err)
	} else {
		t.put(x.get("name"), id)
	}
	for _, key := range []string{"synonyms", "codes"} {
		if l := x.get(key); l != nil {
			t.wrong.add(each(l, func(y *node, _ string) error { t.put(y, id); return nil }))
		}
	}
	if l := x.get("codes"); l != nil && t.raw {
		for _, y := range l.values {
			t.of[y.text] = id
		}
	}
}

// diseases reads id → {name, synonyms, codes} into folded name → id, on top of
// base; the id itself is a code, too.
func diseases(n *node, base map[string]string) (map[string]string, error) {
	t := &folded{of: map[string]string{}, what: "病种"}
	err := byName(n, "代码: {name, synonyms, codes}，如 {ESRD: {name: 终末期肾病}}", func(i int, x *node) error {
		id := n.keys[i]
		t.put(&node{place: n.keyAt[i], text: id}, id)
		t.entry(x, id)
		return nil
	})
	return t.over(base, err)
}

// hospitals reads class → hospitals, each a name or {name, synonyms, codes},
// into folded name → class, on top of base.
func hospitals(n *node, base map[string]string) (map[string]string, error) {
	t := &folded{of: map[string]string{}, what: "医院类别", once: true, raw: true}
	err := byName(n, "医院类别: [医院]，如 {county: [某县人民医院]}", func(i int, l *node) error {
		if l.kind != list || len(l.values) == 0 {
			return l.errorf("此处应为医院列表，如 [某县人民医院]")
		}
		for _, x := range l.values {
			if x.kind == mapping {
				t.entry(x, n.keys[i])
			} else {
				t.put(x, n.keys[i])
			}
		}
		return nil
	})
	return t.over(base, err)
}

// over adds the names to those of base; one that base has for another id is of
// this one from now on.
func (t *folded) over(base map[string]string, err error) (map[string]string, error) {
	t.wrong.add(err)
	all := cloned(base)
	maps.Copy(all, t.of)
	return all, t.wrong.err()
}

// overHundred reports whether a tier's ratio and the points come to more than
// everything.
func overHundred(ts []rules.Tier, points money.Ratio) bool {
	for _, t := range ts {
		if t.Ratio+points > money.One {
			return true
		}
	}
	return false
}
