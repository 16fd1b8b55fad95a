package pack

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"doudi/rules"
)

// Resolve fills in, for claims that ask for a designated hospital of a class or
// for a disease with a ratio of its own there, one that the policy lists on the
// claim's date: always the same one. The error names the lines of claims for
// which there is none.
func (c *Case) Resolve(pol *rules.Policy) error {
	var wrong mistakes
	for _, q := range c.asks {
		cl := &c.Claims[q.claim]
		seg := pol.At(cl.At.Date())
		if seg == nil {
			wrong.add(q.at.errorf("%s 没有政策包，找不到定点医院或病种", cl.At.Date()))
			continue
		}
		if q.class != "" {
			if cl.HospitalName = listedUnder(seg.Params.BasicHospitals, q.class); cl.HospitalName == "" {
				wrong.add(q.at.errorf("政策在 %s 没有 %q 类的定点医院", cl.At.Date(), q.class))
			}
		}
		if q.major {
			if cl.DiseaseName = listedUnder(seg.Params.BasicDiseases, ""); cl.DiseaseName == "" {
				wrong.add(q.at.errorf("政策在 %s 没有列出专项救治病种", cl.At.Date()))
			}
		}
	}
	return wrong.err()
}

// listedUnder is the first name of a table under an id, or under any for "":
// one in Chinese, before codes.
func listedUnder(table map[string]string, id string) string {
	names := slices.SortedFunc(maps.Keys(table), func(a, b string) int {
		return cmp.Or(cmp.Compare(ascii(a), ascii(b)), cmp.Compare(a, b))
	})
	for _, n := range names {
		if id == "" || table[n] == id {
			return n
		}
	}
	return ""
}

func ascii(s string) int {
	for _, r := range s {
		if r > 127 {
			return 0
		}
	}
	return 1
}

// Run settles the case under a policy and gives the results by claim ID, year
// by year. The error is that of Resolve, or of a claim that does not add up.
func (c *Case) Run(pol *rules.Policy) (map[string]rules.Result, error) {
	if err := c.Resolve(pol); err != nil {
		return nil, err
	}
	spells, _ := pol.Spells(c.Events)
	windows := pol.Windows(spells)
	claims := slices.Clone(c.Claims)
	rules.SortClaims(claims)
	out := map[string]rules.Result{}
	for len(claims) > 0 {
		n := 1
		for n < len(claims) && claims[n].At.Date().Year() == claims[0].At.Date().Year() {
			n++
		}
		rs, err := pol.SettleYear(spells, windows, claims[:n], nil, nil)
		if err != nil {
			return nil, err
		}
		for i, r := range rs {
			out[claims[i].ID] = r
		}
		claims = claims[n:]
	}
	return out, nil
}

// Check settles the case under a policy and compares. The error is every
// difference at its line, in Chinese.
func (c *Case) Check(pol *rules.Policy) error {
	got, err := c.Run(pol)
	if err != nil {
		return err
	}
	var wrong mistakes
	if len(c.Expect) == 0 {
		wrong.add(place{c.file, 1, 1}.errorf("expect 里没有任何结算"))
	}
	for _, e := range c.Expect {
		r := got[e.ID]
		if r.Category != e.Want.Category || r.Retro != e.Want.Retro {
			wrong.add(e.at.errorf("结算 %s 的救助身份应为 %s，算得 %s", e.ID, status(e.Want), status(r)))
		}
		want := layersOf(&e.Want)
		for i, l := range layersOf(&r) {
			if *l.amount != *want[i].amount {
				wrong.add(e.at.errorf("结算 %s 的%s应为 %s，算得 %s", e.ID, l.name, *want[i].amount, *l.amount))
			}
		}
	}
	return wrong.err()
}

func status(r rules.Result) string {
	if r.Category == rules.NoCategory {
		return "无"
	}
	if r.Retro {
		return fmt.Sprintf("%s（回溯）", r.Category)
	}
	return r.Category.String()
}
