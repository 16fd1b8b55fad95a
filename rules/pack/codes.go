package pack

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"doudi/rules"
)

// Place is where care was given, told from pay_loc.
type Place uint8

// The places.
const (
	NoPlace     Place = iota
	InArea            // within the pooling area
	InProvince        // outside it, in the province
	OutProvince       // outside the province
)

// Codes are the platform's code values as a pack or overlay gives them.
// Provinces differ; a value that is not listed is unknown and never guessed.
type Codes struct {
	medType  map[string]rules.Kind // a key ending in * is a prefix
	hospLv   map[string]uint8
	payLoc   map[string]Place
	insutype map[string]string
	category map[string]rules.Category // words that a document counts under a category
}

// Words are the words that the document counts under categories, by their
// codes: 孤儿 are 特困人员 in one place and 困境儿童 in another.
func (c Codes) Words() map[string][]string {
	out := map[string][]string{}
	for _, w := range slices.Sorted(maps.Keys(c.category)) {
		code := c.category[w].String()
		out[code] = append(out[code], w)
	}
	return out
}

// Kind is the kind of claim of a med_type: the exact code, else the longest
// prefix.
func (c Codes) Kind(code string) (rules.Kind, bool) {
	if k, ok := c.medType[code]; ok {
		return k, true
	}
	for n := len(code); n > 0; n-- {
		if k, ok := c.medType[code[:n]+"*"]; ok {
			return k, true
		}
	}
	return 0, false
}

// Level is the hospital level (1-3) of a hosp_lv.
func (c Codes) Level(code string) (uint8, bool) { l, ok := c.hospLv[code]; return l, ok }

// Place is where a pay_loc lies.
func (c Codes) Place(code string) (Place, bool) { p, ok := c.payLoc[code]; return p, ok }

// Insutype is the name of an insurance; ok reports whether the code is known.
func (c Codes) Insutype(code string) (string, bool) { n, ok := c.insutype[code]; return n, ok }

// parseCodes reads the tables of codes into a copy of base.
func parseCodes(n *node, base Codes) (Codes, error) {
	c := Codes{cloned(base.medType), cloned(base.hospLv), cloned(base.payLoc), cloned(base.insutype), cloned(base.category)}
	if err := n.only("med_type", "hosp_lv", "pay_loc", "insutype", "category"); err != nil {
		return c, err
	}
	var wrong mistakes
	for i, table := range n.keys {
		t := n.values[i]
		wrong.add(byName(t, "代码: 含义，如 {\"21\": inpatient}", func(j int, x *node) error {
			return c.put(table, strings.TrimSpace(t.keys[j]), x)
		}))
	}
	return c, wrong.err()
}

var places = map[string]Place{"local": InArea, "in_province": InProvince, "out_of_province": OutProvince}

func (c *Codes) put(table, code string, x *node) error {
	switch table {
	case "med_type":
		k, err := rules.ParseKind(x.text)
		if err != nil {
			return x.errorf("不认识的费用类别 %q，可用的有：%s", x.text, strings.Join(kindCodes(), "、"))
		}
		c.medType[code] = k
	case "hosp_lv":
		l, err := strconv.Atoi(x.text)
		if err != nil || l < 1 || l > 3 {
			return x.errorf("医院级别应为 1、2、3，不是 %q", x.text)
		}
		c.hospLv[code] = uint8(l)
	case "pay_loc":
		p, ok := places[x.text]
		if !ok {
			return x.errorf("pay_loc 应为 local、in_province、out_of_province，不是 %q", x.text)
		}
		c.payLoc[code] = p
	case "insutype":
		if x.text == "" {
			return x.errorf("险种 %s 没有名称", code)
		}
		c.insutype[code] = x.text
	case "category":
		k, err := category(x)
		if err != nil {
			return err
		}
		c.category[code] = k
	}
	return nil
}
