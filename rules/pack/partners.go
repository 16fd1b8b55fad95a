package pack

import "doudi/rules"

// partners are parameters that mean nothing without another one. The other one
// must be named, if only as unset: then it is listed as not configured.
var partners = []struct{ has, needs rules.Param }{
	{"assist.ratio", "assist.categories"},
	{"assist.ratio", "assist.kinds"},
	{"assist.ratio", "assist.cap"},
	{"assist.cap", "assist.ratio"},
	{"assist.outpatient_ratio", "assist.ratio"},
	{"assist.deductible", "assist.deductible_kinds"},
	{"assist.deductible_kinds", "assist.deductible"},
	{"assist.outpatient_cap", "assist.outpatient_cap_kinds"},
	{"assist.outpatient_cap_kinds", "assist.outpatient_cap"},
	{"assist.disease_kinds", "assist.diseases"},
	{"assist.diseases", "assist.disease_kinds"},
	{"assist.by_application", "assist.application_required"},
	{"assist.application_required", "assist.by_application"},
	{"major.deductible", "major.tiers"},
	{"major.tiers", "major.deductible"},
	{"major.deductible_cut", "major.deductible"},
	{"major.points", "major.tiers"},
	{"major.at_least", "major.tiers"},
	{"major.direct", "targeted.categories"},
	{"major.direct", "basic.hospitals"},
	{"tilt.ratio", "tilt.threshold"},
	{"tilt.ratio", "tilt.cap"},
	{"tilt.threshold", "tilt.ratio"},
	{"tilt.cap", "tilt.ratio"},
	{"special.ratio", "special.threshold"},
	{"special.ratio", "special.cap"},
	{"special.threshold", "special.ratio"},
	{"special.cap", "special.ratio"},
	{"ceiling.ratio", "ceiling.categories"},
	{"ceiling.ratio", "ceiling.kinds"},
	{"ceiling.categories", "ceiling.ratio"},
	{"ceiling.kinds", "ceiling.ratio"},
	{"targeted.counties", "targeted.categories"},
	{"basic.outpatient_ratio", "targeted.categories"},
	{"basic.outpatient_cap", "basic.outpatient_ratio"},
	{"basic.hospitals", "basic.inpatient_ratio"},
	{"basic.inpatient_ratio", "basic.hospitals"},
	{"basic.inpatient_ratio", "targeted.categories"},
	{"basic.diseases", "basic.disease_ratio"},
	{"basic.disease_ratio", "basic.diseases"},
	{"basic.diseases", "basic.hospitals"},
	{"supplement.ratio", "targeted.categories"},
	{"supplement.base", "supplement.ratio"},
	{"retro.categories", "retro.months"},
	{"retro.months", "retro.categories"},
	{"retro.earliest", "retro.categories"},
	{"retro.after_other_category", "retro.categories"},
	{"premium.at_most", "premium.subsidy"},
	{"premium.applicant", "premium.subsidy"},
	{"huiminbao.subsidy", "huiminbao.categories"},
	{"target.elder_child", "target.elder_age"},
	{"target.elder_child", "target.child_age"},
	{"maternity.if_broken", "maternity.waiting_months"},
	{"maternity.base", "maternity.waiting_months"},
	{"price.child_uplift", "price.child_age"},
	{"price.child_uplift", "price.classes"},
	{"price.child_age", "price.child_uplift"},
	{"price.classes", "price.child_uplift"},
}

// partners finds parameters of the blamed layer whose partner nobody names.
func (c *checker) partners() {
	for _, p := range partners {
		if !c.given(p.has) || c.declared(p.needs) {
			continue
		}
		_, key := c.own(p.has)
		c.add(key.errorf("有 %s（%s）而没有 %s（%s）：请补上；文件未定的写 unset: 原因", p.has, specOf(string(p.has)).Name, p.needs, specOf(string(p.needs)).Name))
	}
}
