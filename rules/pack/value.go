package pack

import (
	"maps"
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
	diseases map[string]string // or hospitals

	given       rules.CategorySet // of a table by category: which are named
	byInsurance insured
	classes     map[string]money.Ratio
	texts       []string
	textBy      map[rules.Category]string
	categoryBy  map[rules.Category]rules.Category
	premium     premium
}

// insured is a table by insurance.
type insured struct {
	given   bool
	amounts rules.AmountByInsurance
	ratios  rules.RatioByInsurance
}

// parse reads a value of the spec's type. From an overlay, a table is laid over
// what base holds, entry by entry (diseases and hospitals: name by name); of
// every other type it replaces base. The error is all mistakes in the value.
func (s *Spec) parse(n *node, base value) (value, error) {
	v := base
	if n.kind == null {
		return v, n.errorf("%s（%s）缺少值；文件未定时写 unset", s.Path, s.Name)
	}
	err := readers[s.Type](s, n, &v)
	return v, err
}

// readers read a value of each type into v, which holds the base.
var readers = map[Type]func(*Spec, *node, *value) error{
	Amount: func(s *Spec, n *node, v *value) (err error) {
		v.amount, err = amount(n)
		// Only a cap can be none: a threshold or a budget that is not known is unset.
		if err == nil && v.amount == rules.NoCap && !strings.HasSuffix(string(s.Path), "cap") {
			err = n.errorf("%s（%s）不能写 none；没有就写 0，未定写 unset", s.Path, s.Name)
		}
		return
	},
	Ratio:      func(_ *Spec, n *node, v *value) (err error) { v.ratio, err = ratio(n); return },
	Categories: func(_ *Spec, n *node, v *value) (err error) { v.set, err = categories(n); return },
	Kinds:      func(_ *Spec, n *node, v *value) (err error) { v.kinds, err = kinds(n); return },
	Tiers:      func(_ *Spec, n *node, v *value) (err error) { v.tiers, err = tiers(n); return },
	DateType:   func(_ *Spec, n *node, v *value) (err error) { v.date, err = date(n); return },
	Integer:    func(_ *Spec, n *node, v *value) (err error) { v.n, err = integer(n); return },
	Bool:       func(_ *Spec, n *node, v *value) (err error) { v.yes, err = boolean(n); return },
	Choice:     func(s *Spec, n *node, v *value) (err error) { v.text, err = choice(n, s.Options); return },
	Diseases:   func(_ *Spec, n *node, v *value) (err error) { v.diseases, err = diseases(n, v.diseases); return },
	Hospitals:  func(_ *Spec, n *node, v *value) (err error) { v.diseases, err = hospitals(n, v.diseases); return },
	Counties:   readTexts,
	Texts:      readTexts,

	AmountBy: func(_ *Spec, n *node, v *value) error {
		given, err := byCategory(n, func(c rules.Category, x *node) (err error) { v.amounts[c], err = amount(x); return })
		v.given |= given
		return err
	},
	RatioBy: func(_ *Spec, n *node, v *value) error {
		given, err := byCategory(n, func(c rules.Category, x *node) (err error) { v.ratios[c], err = ratio(x); return })
		v.given |= given
		return err
	},
	TextBy: func(_ *Spec, n *node, v *value) error {
		v.textBy = cloned(v.textBy)
		_, err := byCategory(n, func(c rules.Category, x *node) (err error) { v.textBy[c], err = x.str(); return })
		return err
	},
	CategoryBy: func(_ *Spec, n *node, v *value) error {
		v.categoryBy = cloned(v.categoryBy)
		_, err := byCategory(n, func(c rules.Category, x *node) (err error) { v.categoryBy[c], err = category(x); return })
		return err
	},
	PremiumBy: func(_ *Spec, n *node, v *value) error { return v.premium.read(n) },
	ByLevel: func(_ *Spec, n *node, v *value) error {
		if v.levels == [4]money.Ratio{} { // a level that nobody gives has no limit
			v.levels = [4]money.Ratio{0, rules.Unset, rules.Unset, rules.Unset}
		}
		return byLevel(n, func(level int, x *node) (err error) { v.levels[level], err = ratio(x); return })
	},
	AmountByInsurance: func(_ *Spec, n *node, v *value) error {
		v.byInsurance.open()
		return byInsurance(n, func(i rules.Insurance, x *node) (err error) { v.byInsurance.amounts[i], err = amount(x); return })
	},
	RatioByInsurance: func(_ *Spec, n *node, v *value) error {
		v.byInsurance.open()
		return byInsurance(n, func(i rules.Insurance, x *node) (err error) { v.byInsurance.ratios[i], err = ratio(x); return })
	},
	RatioByClass: func(_ *Spec, n *node, v *value) error {
		v.classes = cloned(v.classes)
		return byName(n, "医院类别: 比例，如 {county: 80%}", func(i int, x *node) (err error) { v.classes[n.keys[i]], err = ratio(x); return })
	},
}

func readTexts(_ *Spec, n *node, v *value) error {
	v.texts = nil
	return each(n, func(_ *node, t string) error { v.texts = append(v.texts, t); return nil })
}

// open makes a table in which nothing is given yet, unless it is laid over one.
func (i *insured) open() {
	if !i.given {
		i.amounts, i.ratios = rules.NotByInsurance()
		i.given = true
	}
}

// cloned is a copy that may be written to.
func cloned[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}
