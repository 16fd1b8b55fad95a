package pack

import (
	"maps"
	"slices"
	"strings"

	"doudi/rules"
	"doudi/rules/civil"
)

// dayChecker compares the parameters of one day with each other.
type dayChecker struct {
	*checker
	on     civil.Date
	values map[rules.Param]value // that are given
}

// day checks one day on which something begins.
func (c *checker) day(d civil.Date) error {
	x := &dayChecker{c, d, map[rules.Param]value{}}
	for i := range Specs {
		v, ok, err := c.l.value(&Specs[i], d, false)
		if err != nil {
			return err
		}
		if ok {
			x.values[Specs[i].Path] = v
		}
	}
	x.assisted()
	x.diseases()
	x.retro()
	x.major()
	x.ceiling()
	x.hospitals()
	x.premiums()
	x.ages()
	return nil
}

// wrong reports a mistake at a word of the first parameter that is to blame.
func (x *dayChecker) wrong(word string, paths []rules.Param, format string, args ...any) {
	x.add(x.blame(x.on, word, paths...).errorf(format, args...))
}

// silent reports whether a parameter is named and has no value for another reason
// than a mistake. One that nobody names is found by partners.
func (x *dayChecker) silent(path rules.Param) bool { return x.declared(path) && !x.l.broken[path] }

// assisted: everybody who is assisted has his place in the order and a value in
// each table that is given. Where an overlay gives the ratio of some only, the
// others are listed as not configured, which is no mistake.
func (x *dayChecker) assisted() {
	who := x.values["assist.categories"].set
	advice := "请加进 order"
	if x.top != nil {
		advice = "叠加文件不能新增次序，请在此删去，或改写政策包"
	}
	for _, c := range who.List() {
		if !slices.Contains(x.l.Order, c) {
			x.wrong(c.String(), []rules.Param{"assist.categories"}, "救助对象 %s 不在政策包的 order（类别次序）之中：%s", named(c), advice)
		}
	}
	ratio, ok := x.values["assist.ratio"]
	if !ok {
		return
	}
	if x.top == nil {
		x.complete("assist.ratio", who, "救助比例")
	}
	has := who & ratio.given
	x.complete("assist.outpatient_ratio", has, "门诊救助比例")
	x.complete("assist.cap", has, "年度救助限额（不设限写 none）")
	x.complete("assist.outpatient_cap", has, "普通门诊年度限额（不设限写 none）")
	x.complete("tilt.ratio", has, "倾斜救助比例（没有的写 0%）")
}

// complete finds who has no value in a table, and caps of nothing.
func (x *dayChecker) complete(path rules.Param, who rules.CategorySet, what string) {
	v, ok := x.values[path]
	if !ok {
		return
	}
	to := []rules.Param{path, "assist.ratio", "assist.categories"}
	for _, c := range who.List() {
		switch {
		case !v.given.Has(c):
			x.wrong(c.String(), to, "救助对象 %s 没有%s：请在 %s 里写上，或用 others", named(c), what, path)
		case specOf(string(path)).Type == AmountBy && v.amounts[c] == 0:
			x.wrong(c.String(), to, "救助对象 %s 的限额为 0，等于不救助：不设限写 none", named(c))
		}
	}
}

func (x *dayChecker) diseases() {
	kinds, limited := x.values["assist.disease_kinds"]
	if _, ok := x.values["assist.diseases"]; limited && kinds.kinds != 0 && !ok && x.silent("assist.diseases") {
		x.wrong("", []rules.Param{"assist.disease_kinds"}, "有 assist.disease_kinds 而此时没有 assist.diseases（病种）的值：请补上，或把两者都写作 unset")
	}
}

func (x *dayChecker) retro() {
	months, ok := x.values["retro.months"]
	if ok && months.n == 0 {
		x.wrong("", []rules.Param{"retro.months"}, "回溯月数不能为 0；不回溯的，请删去 retro 各参数")
	}
	if who := x.values["retro.categories"].set; who != 0 && !ok && x.silent("retro.months") {
		x.wrong("", []rules.Param{"retro.categories"}, "有 retro.categories 而此时没有 retro.months（回溯月数）的值：请补上，或把两者都写作 unset")
	}
}

// major: no identity may be paid more than everything.
func (x *dayChecker) major() {
	tiers, points := x.values["major.tiers"].tiers, x.values["major.points"]
	for _, c := range x.l.Order {
		if overHundred(tiers, points.ratios[c]) {
			x.wrong(c.String(), []rules.Param{"major.points", "major.tiers"}, "%s 的大病保险比例提高 %s 之后超过 100%%：请核对 major.points 和 major.tiers", named(c), points.ratios[c])
		}
	}
}

func (x *dayChecker) ceiling() {
	if v, ok := x.values["ceiling.ratio"]; ok && v.ratio == 0 {
		x.wrong("", []rules.Param{"ceiling.ratio"}, "三重保障合计比例上限不能为 0%%；没有上限的，请删去 ceiling 各参数")
	}
}

// hospitals: the classes of designated hospitals are those that have a ratio.
func (x *dayChecker) hospitals() {
	of, listed := x.values["basic.hospitals"]
	ratios, given := x.values["basic.inpatient_ratio"]
	if !listed || !given {
		return
	}
	for _, class := range slices.Compact(slices.Sorted(maps.Values(of.diseases))) {
		if _, ok := ratios.classes[class]; !ok {
			x.wrong(class, []rules.Param{"basic.hospitals", "basic.inpatient_ratio"}, "医院类别 %q 在 basic.inpatient_ratio 里没有比例：请补上", class)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(ratios.classes)) {
		if !slices.Contains(slices.Collect(maps.Values(of.diseases)), class) {
			x.wrong(class, []rules.Param{"basic.inpatient_ratio", "basic.hospitals"}, "医院类别 %q 在 basic.hospitals 里没有医院：请列出，或删去", class)
		}
	}
}

// premiums: whom a category is like has a rule, and so have both whom a limit
// compares.
func (x *dayChecker) premiums() {
	subsidy, ok := x.values["premium.subsidy"]
	if !ok {
		return
	}
	if !x.likeOthers(&subsidy.premium) {
		return // the limits say nothing without their rules
	}
	var rule rules.Premium
	subsidy.premium.put(&rule)
	most := x.values["premium.at_most"].categoryBy
	for _, c := range slices.Sorted(maps.Keys(most)) {
		for _, needs := range []rules.Category{c, most[c]} {
			if rule.Rule[needs] == rules.NoSubsidy {
				x.wrong(c.String(), []rules.Param{"premium.at_most", "premium.subsidy"}, "premium.at_most 提到的 %s 在 premium.subsidy 里没有资助标准：请补上（另定的写 unset），或在此删去", named(needs))
			}
		}
	}
}

// likeOthers checks each `as CATEGORY` that the blamed layer writes and reports
// whether all are right.
func (x *dayChecker) likeOthers(p *premium) bool {
	before := len(x.mistakes)
	ds, _ := x.own("premium.subsidy")
	v, ok := at(ds, x.on, false)
	if !ok || v.Gap {
		return true
	}
	for i, y := range v.node.values {
		code, is := strings.CutPrefix(y.text, "as ")
		other, err := rules.ParseCategory(strings.TrimSpace(code))
		if !is || err != nil {
			continue
		}
		switch end, ok := p.follow(other); {
		case !ok:
			x.add(y.errorf("%s 和 %s 互相参照，请直接写明其中一个", v.node.keys[i], other))
		case p.rule[end] == rules.NoSubsidy:
			x.add(y.errorf("%s 参照的 %s 没有资助标准，请先写明 %s", v.node.keys[i], other, end))
		}
	}
	return len(x.mistakes) == before
}

func (x *dayChecker) ages() {
	elder, child := x.values["target.elder_age"].n, x.values["target.child_age"].n
	if elder > 0 && child > elder {
		x.wrong("", []rules.Param{"target.child_age", "target.elder_age"}, "儿童年龄 %d 大于老年人年龄 %d：两者是否写反了？", child, elder)
	}
}
