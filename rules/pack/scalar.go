package pack

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// maxCount bounds counts: months, ages, years.
const maxCount = 1000

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
	if strings.HasSuffix(t, "％") {
		return 0, n.errorf("%q 的百分号是全角的，请改为半角 %%", t)
	}
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
	if err != nil && dateForm.MatchString(t) {
		return 0, n.errorf("没有 %s 这一天，请核对月和日", t)
	}
	if err != nil {
		return 0, n.errorf("%q 不是日期，写法如 2023-01-01", t)
	}
	return d, nil
}

var dateForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func integer(n *node) (int, error) {
	t, err := n.str()
	if err != nil {
		return 0, err
	}
	i, err := strconv.Atoi(t)
	if err != nil || i < 0 || i > maxCount {
		return 0, n.errorf("%q 不是 0 到 %d 的整数", t, maxCount)
	}
	return i, nil
}

func boolean(n *node) (bool, error) {
	if n.kind != scalar || n.text != "true" && n.text != "false" {
		return false, n.errorf("%q 应为 true 或 false", n.String())
	}
	return n.text == "true", nil
}

func choice(n *node, options []string) (string, error) {
	t, err := n.str()
	if err == nil && !slices.Contains(options, t) {
		err = n.errorf("%q 不可选，应为 %s 之一", t, strings.Join(options, "、"))
	}
	return t, err
}

func category(n *node) (rules.Category, error) {
	t, err := n.str()
	if err != nil {
		return 0, err
	}
	return categoryOf(n.place, t)
}

func categoryOf(at place, t string) (rules.Category, error) {
	c, err := rules.ParseCategory(t)
	if err != nil || c == rules.NoCategory {
		return 0, at.errorf("不认识的困难类别代码 %q，可用的有：%s", t, strings.Join(categoryCodes(), "、"))
	}
	return c, nil
}

func categoryCodes() []string {
	var out []string
	for _, c := range rules.Categories() {
		out = append(out, c.String())
	}
	return out
}

// each reads a list of words.
func each(n *node, f func(*node, string) error) error {
	if n.kind != list {
		return n.errorf("此处应为列表，如 [a, b]")
	}
	var wrong mistakes
	for _, x := range n.values {
		t, err := x.str()
		if err == nil {
			err = f(x, t)
		}
		wrong.add(err)
	}
	return wrong.err()
}

func categories(n *node) (rules.CategorySet, error) {
	var set rules.CategorySet
	err := each(n, func(x *node, _ string) error {
		c, err := category(x)
		if err != nil {
			return err
		}
		if set.Has(c) {
			return x.errorf("类别 %s 重复", x.text)
		}
		set |= rules.SetOf(c)
		return nil
	})
	return set, err
}

func kinds(n *node) (rules.KindSet, error) {
	var set rules.KindSet
	err := each(n, func(x *node, t string) error {
		k, err := rules.ParseKind(t)
		if err != nil {
			return x.errorf("不认识的费用类别 %q，可用的有：%s", t, strings.Join(kindCodes(), "、"))
		}
		set = set.With(k)
		return nil
	})
	return set, err
}

func kindCodes() []string {
	var out []string
	for _, k := range rules.Kinds() {
		out = append(out, k.String())
	}
	return out
}
