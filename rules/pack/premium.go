package pack

import (
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/money"
)

// premium is a table of premium subsidies. What a category gets `as` another
// one is looked up when all layers have been read: it follows an overlay that
// gives the other one's amount.
type premium struct {
	rule  map[rules.Category]rules.PremiumRule
	fixed map[rules.Category]money.Fen
	as    map[rules.Category]rules.Category
	why   map[rules.Category]string // of one left open
}

// read reads category → full, none, an amount, `as CATEGORY`, or unset. Whether
// the category that another is like has a rule shows when all layers are read.
func (p *premium) read(n *node) error {
	p.rule, p.fixed, p.as, p.why = cloned(p.rule), cloned(p.fixed), cloned(p.as), cloned(p.why)
	_, err := byCategory(n, p.entry)
	return err
}

func (p *premium) entry(c rules.Category, x *node) error {
	delete(p.fixed, c)
	delete(p.as, c)
	delete(p.why, c)
	if why, is, err := gap(x); is {
		p.rule[c], p.why[c] = rules.OpenSubsidy, why
		return err
	}
	t, err := x.str()
	if err != nil {
		return err
	}
	switch {
	case t == "full":
		p.rule[c] = rules.FullSubsidy
	case t == "none":
		p.rule[c] = rules.NoSubsidy
	case strings.HasPrefix(t, "as "):
		other, err := categoryOf(x.place, strings.TrimSpace(t[3:]))
		p.as[c] = other // itself, where `others` are as one that is named
		return err
	default:
		f, err := amount(x)
		if err != nil || f == rules.NoCap {
			return x.errorf("%q 应为 full（全额）、金额、as 类别代码（参照）、unset（另定）或 none（不资助）", t)
		}
		p.rule[c], p.fixed[c] = rules.FixedSubsidy, f
	}
	return nil
}

// follow is the category whose rule a category has in the end; false where the
// references go round in a circle.
func (p *premium) follow(c rules.Category) (rules.Category, bool) {
	for range len(p.as) + 1 {
		other, is := p.as[c]
		if !is {
			return c, true
		}
		c = other
	}
	return c, false
}

// put writes the table into params.
func (p *premium) put(to *rules.Premium) {
	for _, c := range rules.Categories() {
		if end, ok := p.follow(c); ok {
			to.Rule[c], to.Fixed[c] = p.rule[end], p.fixed[end]
		}
	}
}

// open are the categories whose subsidy is left to another document, and why.
func (p *premium) open() (rules.CategorySet, string) {
	var set rules.CategorySet
	var whys []string
	for _, c := range rules.Categories() {
		end, ok := p.follow(c)
		if !ok || p.rule[end] != rules.OpenSubsidy {
			continue
		}
		set |= rules.SetOf(c)
		if why := p.why[end]; why != "" && !slices.Contains(whys, why) {
			whys = append(whys, why)
		}
	}
	return set, strings.Join(whys, "；")
}
