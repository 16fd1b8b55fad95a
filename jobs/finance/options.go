package finance

import (
	"fmt"
	"strings"

	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Config is the reconcile section of doudi.yaml.
type Config struct {
	Items     []string            `yaml:"items"`     // items that are reconciled; none: all
	Tolerance string              `yaml:"tolerance"` // yuan; default 0.00
	Agents    []string            `yaml:"agents"`    // payees that only pass on: banks, insurers that pay hospitals
	Names     map[string][]string `yaml:"names"`     // more names of items
	From      string              `yaml:"from"`      // the first month, as 2023-01
}

// Options are a Config that was checked.
type Options struct {
	only      map[string]bool // folded items; nil: all
	tolerance money.Fen
	agents    map[string]bool // folded names
	items     *reconcile.Items
	from      civil.Month // 0: from the beginning
}

// Options checks the configuration. The error says what is wrong with which key.
func (c *Config) Options() (*Options, error) {
	items, err := reconcile.NewItems(c.Names)
	if err != nil {
		return nil, fmt.Errorf("names：%w", err)
	}
	o := &Options{items: items, agents: map[string]bool{}}
	for _, name := range c.Items {
		item, known := items.Fold(name)
		if !known {
			return nil, fmt.Errorf("items 里没有资金项目 %q；可用的有：%s，另可在 names 里增加", name, strings.Join(Items(), "、"))
		}
		if o.only == nil {
			o.only = map[string]bool{}
		}
		o.only[item] = true
	}
	if c.Tolerance != "" {
		if o.tolerance, err = money.ParseYuan(c.Tolerance); err != nil || o.tolerance < 0 || o.tolerance > money.Limit {
			return nil, fmt.Errorf("tolerance %q 应为不小于 0 的金额，如 \"0.00\"", c.Tolerance)
		}
	}
	for _, a := range c.Agents {
		if rules.Fold(a) == "" {
			return nil, fmt.Errorf("agents 里有空的名称")
		}
		o.agents[rules.Fold(a)] = true
	}
	if c.From != "" {
		if o.from, err = civil.ParseMonth(c.From); err != nil {
			return nil, fmt.Errorf("from %q 不是月份，应写作 2023-01", c.From)
		}
	}
	return o, nil
}

// Items are the items of which something can be due here.
func Items() []string {
	var out []string
	for f := range rules.NumFunds {
		out = append(out, reconcile.ItemOf(f))
	}
	return append(out, reconcile.ItemPremium)
}

// takes reports whether an item is reconciled. One that no name is known for is:
// it may be one of the others.
func (o *Options) takes(item string) bool {
	if o.only == nil {
		return true
	}
	folded, known := o.items.Fold(item)
	return !known || o.only[folded]
}

// Default are the options of an office that configured nothing.
func Default() *Options {
	o, err := (&Config{}).Options()
	if err != nil {
		panic(err) // the names that are built in
	}
	return o
}
