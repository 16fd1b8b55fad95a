package pack

import (
	"doudi/rules"
	"doudi/rules/money"
)

// Type is the form of a parameter's values.
type Type string

// The types of parameters.
const (
	Amount     Type = "amount"     // yuan, or none
	Ratio      Type = "ratio"      // "80%"
	AmountBy   Type = "amount_by"  // category → amount; `others` for the rest
	RatioBy    Type = "ratio_by"   // category → ratio; `others` for the rest
	Categories Type = "categories" // list of categories
	Kinds      Type = "kinds"      // list of kinds of claims
	Tiers      Type = "tiers"      // list of {to, ratio}, ascending
	ByLevel    Type = "by_level"   // hospital level → ratio
	DateType   Type = "date"       // 2022-01-01
	Integer    Type = "integer"    // a count
	Bool       Type = "bool"       // true, false
	Choice     Type = "choice"     // one of Spec.Options
	Diseases   Type = "diseases"   // id → {name, synonyms, codes}

	AmountByInsurance Type = "amount_by_insurance" // employees, residents → amount
	RatioByInsurance  Type = "ratio_by_insurance"  // employees, residents → ratio
	Hospitals         Type = "hospitals"           // class → hospitals, each a name or {name, synonyms, codes}
	RatioByClass      Type = "ratio_by_class"      // class of hospital → ratio
	Counties          Type = "counties"            // list of names
	Texts             Type = "texts"               // list of words
	TextBy            Type = "text_by"             // category → words
	CategoryBy        Type = "category_by"         // category → category
	PremiumBy         Type = "premium_by"          // category → full, an amount, `as CATEGORY`, or unset
)

// Spec describes a parameter that a pack may give.
type Spec struct {
	Path    rules.Param
	Name    string // Chinese
	Type    Type
	Unit    string // Chinese: 元, %, ...
	Options []string
	Doc     string
	set     func(*rules.Params, value)
}

// Specs are all parameters, in the order in which they are shown.
var Specs = []Spec{
	{"assist.categories", "救助对象", Categories, "", nil, "who is assisted",
		func(p *rules.Params, v value) { p.Assisted = v.set }},
	{"assist.kinds", "救助费用类别", Kinds, "", nil, "kinds of claims that are assisted",
		func(p *rules.Params, v value) { p.AssistKinds = v.kinds }},
	{"assist.unreferred", "未按规定转诊是否救助", Bool, "", nil, "whether care outside the area against the rules is assisted",
		func(p *rules.Params, v value) { p.Unreferred = v.yes }},
	{"assist.disease_kinds", "限定病种的费用类别", Kinds, "", nil, "kinds of claims assisted for listed diseases only",
		func(p *rules.Params, v value) { p.DiseaseKinds = v.kinds }},
	{"assist.diseases", "门诊救助病种", Diseases, "", nil, "the listed diseases, with synonyms and codes",
		func(p *rules.Params, v value) { p.Diseases = v.diseases }},
	{"assist.ratio", "救助比例", RatioBy, "%", nil, "share of the in-scope burden",
		func(p *rules.Params, v value) { p.AssistRatio, p.AssistHas, p.AssistOn = v.ratios, v.given, true }},
	{"assist.outpatient_ratio", "门诊救助比例", RatioBy, "%", nil, "share on outpatient, special outpatient and pharmacy claims where it differs",
		func(p *rules.Params, v value) { p.OutpatientRate, p.OutpatientOwn = v.ratios, true }},
	{"assist.deductible", "年度救助起付标准", AmountBy, "元", nil, "annual deductible by category",
		func(p *rules.Params, v value) { p.Deductible = v.amounts }},
	{"assist.deductible_kinds", "计起付标准的费用类别", Kinds, "", nil, "kinds of claims that share the deductible",
		func(p *rules.Params, v value) { p.DeductKinds = v.kinds }},
	{"assist.cap", "年度救助限额", AmountBy, "元", nil, "annual cap by category, or none",
		func(p *rules.Params, v value) { p.AssistCap = v.amounts }},
	{"assist.outpatient_cap", "普通门诊年度限额", AmountBy, "元", nil, "cap nested in assist.cap",
		func(p *rules.Params, v value) { p.SubCap = v.amounts }},
	{"assist.outpatient_cap_kinds", "计入普通门诊限额的类别", Kinds, "", nil, "kinds of claims that the nested cap limits",
		func(p *rules.Params, v value) { p.SubCapKinds = v.kinds }},
	{"assist.by_application", "依申请救助的类别", Categories, "", nil, "who is assisted on application, where assist.application_required",
		func(p *rules.Params, v value) { p.ByApplication = v.set }},
	{"assist.application_required", "是否以申请为前提", Bool, "", nil, "true: those of assist.by_application are assisted from the day on which they applied",
		func(p *rules.Params, v value) {
			if !v.yes {
				p.ByApplication = 0
			}
		}},
	{"major.deductible", "大病保险起付标准", Amount, "元", nil, "annual deductible of the ordinary insured",
		func(p *rules.Params, v value) { p.MajorDeductible = v.amount }},
	{"major.tiers", "大病保险分段比例", Tiers, "%", nil, "ratios by annual accumulated burden",
		func(p *rules.Params, v value) { p.MajorTiers = v.tiers }},
	{"major.cap", "大病保险年度限额", Amount, "元", nil, "annual cap of the ordinary insured, or none",
		func(p *rules.Params, v value) { p.MajorCap = v.amount }},
	{"major.deductible_cut", "大病保险起付标准降低", RatioBy, "%", nil, "part of the deductible taken off by category",
		func(p *rules.Params, v value) { p.MajorCut = v.ratios }},
	{"major.points", "大病保险比例提高", RatioBy, "个百分点", nil, "points added to the ratios by category",
		func(p *rules.Params, v value) { p.MajorPoints = v.ratios }},
	{"major.no_cap", "取消大病保险限额", Categories, "", nil, "categories whose cap is lifted",
		func(p *rules.Params, v value) { p.MajorNoCap = v.set }},
	{"major.at_least", "大病保险最低支付比例", RatioBy, "%", nil, "no tier pays a category less than this",
		func(p *rules.Params, v value) { p.MajorAtLeast = v.ratios }},
	{"major.direct", "定点医院住院直接纳入大病的比例", Ratio, "%", nil, "paid to the targeted on what is left in scope of a stay at a designated hospital, from the first fen",
		func(p *rules.Params, v value) { p.MajorDirect = v.ratio }},
	{"tilt.ratio", "倾斜救助比例", RatioBy, "%", nil, "share of the year's burden above the threshold",
		func(p *rules.Params, v value) { p.TiltRatio, p.TiltOn = v.ratios, true }},
	{"tilt.threshold", "倾斜救助门槛", Amount, "元", nil, "in-scope burden of the year above which it begins",
		func(p *rules.Params, v value) { p.TiltThreshold = v.amount }},
	{"tilt.cap", "倾斜救助年度限额", Amount, "元", nil, "",
		func(p *rules.Params, v value) { p.TiltCap = limit(v.amount) }},
	{"special.ratio", "特殊救助比例", RatioBy, "%", nil, "share of the year's burden above the threshold",
		func(p *rules.Params, v value) { p.SpecialRatio = v.ratios }},
	{"special.threshold", "特殊救助门槛（负担较重）", Amount, "元", nil, "unset: the layer is off",
		func(p *rules.Params, v value) { p.SpecialThreshold, p.SpecialOn = v.amount, true }},
	{"special.cap", "特殊救助年度限额", Amount, "元", nil, "",
		func(p *rules.Params, v value) { p.SpecialCap = limit(v.amount) }},
	{"hospital.out_of_scope", "范围外费用占比上限", ByLevel, "%", nil, "share of a stay's total that may be out of scope, by hospital level; above it the hospital pays",
		func(p *rules.Params, v value) { p.HospitalLimit, p.HospitalOn = v.levels, true }},
	{"ceiling.ratio", "三重保障合计比例上限", Ratio, "%", nil, "basic, major and assistance together, as a share of what is in scope",
		func(p *rules.Params, v value) { p.CeilingRatio, p.CeilingOn = v.ratio, true }},
	{"ceiling.categories", "适用合计上限的重点对象", Categories, "", nil, "whose claims the ceiling limits",
		func(p *rules.Params, v value) { p.CeilingWho = v.set }},
	{"ceiling.kinds", "适用合计上限的费用类别", Kinds, "", nil, "kinds of claims that the ceiling limits",
		func(p *rules.Params, v value) { p.CeilingKinds = v.kinds }},
	{"targeted.categories", "精准扶贫对象类别", Categories, "", nil, "whom basic.*, major.direct and supplement.* favour",
		func(p *rules.Params, v value) { p.Targeted = v.set }},
	{"targeted.counties", "精准扶贫对象所在区县", Counties, "", nil, "of which counties; unset: of all",
		func(p *rules.Params, v value) { p.TargetedCounties = countySet(v.texts) }},
	{"basic.outpatient_ratio", "门诊特慢病基本医保比例", Ratio, "%", nil, "share of what is in scope that the basic insurance pays the targeted on special outpatient claims",
		func(p *rules.Params, v value) { p.BasicOutpatientRatio, p.BasicOn = v.ratio, true }},
	{"basic.outpatient_cap", "门诊特慢病年度限额", Amount, "元", nil, "what the basic insurance pays on them in a year, or none",
		func(p *rules.Params, v value) { p.BasicOutpatientCap = v.amount }},
	{"basic.hospitals", "扶贫定点医院", Hospitals, "", nil, "designated hospitals by class, by names, synonyms and codes",
		func(p *rules.Params, v value) { p.BasicHospitals = v.diseases }},
	{"basic.inpatient_ratio", "定点医院住院基本医保比例", RatioByClass, "%", nil, "share of what is in scope of a stay, by class of the designated hospital; no deductible",
		func(p *rules.Params, v value) { p.BasicInpatientRatio, p.BasicOn = v.classes, true }},
	{"basic.diseases", "大病专项救治病种", Diseases, "", nil, "diseases with a ratio of their own at designated hospitals",
		func(p *rules.Params, v value) { p.BasicDiseases = v.diseases }},
	{"basic.disease_ratio", "专项救治病种基本医保比例", Ratio, "%", nil, "for them",
		func(p *rules.Params, v value) { p.BasicDiseaseRatio = v.ratio }},
	{"basic.keep_higher", "平台已付更高时从高", Bool, "", nil, "whether a recorded amount of basic, or of major.direct, that is higher stays",
		func(p *rules.Params, v value) { p.KeepHigher = v.yes }},
	{"supplement.ratio", "补充保险比例", Ratio, "%", nil, "share of what the targeted still bear",
		func(p *rules.Params, v value) { p.SupplementRatio, p.SupplementOn = v.ratio, true }},
	{"supplement.base", "补充保险计算基数", Choice, "", []string{"total", "in_scope"}, "of all that the person still bears, or of what is in scope",
		func(p *rules.Params, v value) { p.SupplementInScope = v.text == "in_scope" }},
	{"retro.categories", "因病认定可回溯的类别", Categories, "", nil, "who reaches back when newly recognised by illness",
		func(p *rules.Params, v value) { p.Retro = v.set }},
	{"retro.months", "回溯月数", Integer, "月", nil, "",
		func(p *rules.Params, v value) { p.RetroMonths = v.n }},
	{"retro.after_other_category", "原有其他身份时是否回溯", Choice, "", []string{"exclude", "include"}, "whether somebody who held another assisted category the day before is newly recognised",
		func(p *rules.Params, v value) { p.RetroAfterOther = v.text == "include" }},
	{"retro.earliest", "回溯最早日期", DateType, "", nil, "no window begins before",
		func(p *rules.Params, v value) { p.RetroEarliest = v.date }},
	{"identity.exit_effect", "退出何时生效", Choice, "", []string{"same_day", "next_month"}, "from when a removal acts",
		func(p *rules.Params, v value) {
			p.Exit = rules.SameDay
			if v.text == "next_month" {
				p.Exit = rules.NextMonth
			}
		}},
	{"premium.subsidy", "资助参保标准", PremiumBy, "元", nil, "of the basic insurance's premium: full, an amount a year, as another category, or left open",
		func(p *rules.Params, v value) {
			p.Duties.Premium.Rule, p.Duties.Premium.Fixed = v.premium.Rule, v.premium.Fixed
		}},
	{"premium.at_most", "资助标准不高于", CategoryBy, "", nil, "a category is subsidised at most what another one is",
		func(p *rules.Params, v value) {
			for c, most := range v.categoryBy {
				p.Duties.Premium.AtMost[c] = most
			}
		}},
	{"premium.applicant", "资助资金申请部门", TextBy, "", nil, "the department that applies for the money",
		func(p *rules.Params, v value) {
			for c, t := range v.textBy {
				p.Duties.Premium.Applicant[c] = t
			}
		}},
	{"premium.standard", "居民医保个人缴费标准", Amount, "元", nil, "what a person pays for the year of the date",
		func(p *rules.Params, v value) { p.Duties.Premium.Standard = v.amount }},
	{"premium.collection_end", "集中缴费期最后一日", DateType, "", nil, "for the year of the date",
		func(p *rules.Params, v value) { p.Duties.Premium.CollectionEnd = v.date }},
	{"premium.after_collection", "集中缴费期后认定是否资助", Bool, "", nil, "whether somebody recognised after the collection period is subsidised for that year",
		func(p *rules.Params, v value) { p.Duties.Premium.AfterCollection = v.yes }},
	{"premium.place", "在何处资助", Choice, "", []string{"recognition", "any"}, "recognition: only who is enrolled where recognised",
		func(p *rules.Params, v value) { p.Duties.Premium.AtRecognition = v.text == "recognition" }},
	{"huiminbao.categories", "资助参加惠民保的类别", Categories, "", nil, "whose 惠民保 premium is subsidised",
		func(p *rules.Params, v value) { p.Duties.Huiminbao = v.set }},
	{"huiminbao.subsidy", "惠民保资助标准", AmountByInsurance, "元", nil, "by the basic insurance that they are in",
		func(p *rules.Params, v value) { p.Duties.HuiminbaoSubsidy = v.byInsurance.amounts }},
	{"target.enrolled", "参保率目标", Ratio, "%", nil, "at least", target(func(t *rules.Targets) *money.Ratio { return &t.Enrolled })},
	{"target.subsidised", "资助参保率目标", Ratio, "%", nil, "at least", target(func(t *rules.Targets) *money.Ratio { return &t.Subsidised })},
	{"target.protection", "综合保障率目标", Ratio, "%", nil, "at least", target(func(t *rules.Targets) *money.Ratio { return &t.Protection })},
	{"target.self_pay", "个人负担率目标", Ratio, "%", nil, "at most", target(func(t *rules.Targets) *money.Ratio { return &t.SelfPay })},
	{"target.cleared", "高额费用化解率目标", Ratio, "%", nil, "at least", target(func(t *rules.Targets) *money.Ratio { return &t.Cleared })},
	{"target.elder_child", "一老一小综合保障率目标", Ratio, "%", nil, "about", target(func(t *rules.Targets) *money.Ratio { return &t.ElderChild })},
	{"target.elder_child_gain", "一老一小综合保障率提升目标", Ratio, "个百分点", nil, "over the year before the document", target(func(t *rules.Targets) *money.Ratio { return &t.ElderChildGain })},
	{"target.elder_age", "老年人年龄", Integer, "岁", nil, "from this age on",
		func(p *rules.Params, v value) { p.Duties.Targets.ElderAge = v.n }},
	{"target.child_age", "儿童年龄", Integer, "岁", nil, "under this age",
		func(p *rules.Params, v value) { p.Duties.Targets.ChildAge = v.n }},
	{"target.huiminbao", "惠民保参保率目标", Ratio, "%", nil, "at least", target(func(t *rules.Targets) *money.Ratio { return &t.Huiminbao })},
	{"special_outpatient.old_limit", "门诊特病原年度限额", AmountByInsurance, "元", nil, "claims still cut at it are listed",
		func(p *rules.Params, v value) { p.Duties.SpecialOldLimit = v.byInsurance.amounts }},
	{"special_outpatient.limit", "门诊特病年度限额（与住院共用）", AmountByInsurance, "元", nil, "",
		func(p *rules.Params, v value) { p.Duties.SpecialLimit = v.byInsurance.amounts }},
	{"special_outpatient.ratio", "门诊特病按住院比例", RatioByInsurance, "%", nil, "the inpatient ratio at which they are settled",
		func(p *rules.Params, v value) { p.Duties.SpecialRatio = v.byInsurance.ratios }},
	{"maternity.waiting_months", "生育津贴等待期", Integer, "月", nil, "unbroken months of contribution",
		func(p *rules.Params, v value) { p.Duties.MaternityWait = v.n }},
	{"maternity.if_broken", "未满等待期而中断缴费", Choice, "", []string{"not_payable", "later_run"}, "later_run: payable when another unbroken run reaches the waiting period",
		func(p *rules.Params, v value) { p.Duties.MaternityLate = v.text == "later_run" }},
	{"maternity.base", "生育津贴计发基数", Choice, "", []string{"last_year", "birth_month"}, "last year's average base, else that of the month of birth",
		func(p *rules.Params, v value) { p.Duties.MaternityLastYear = v.text == "last_year" }},
	{"maternity.flexible_rate", "灵活就业人员生育保险费率", Ratio, "%", nil, "of the contribution base",
		func(p *rules.Params, v value) { p.Duties.MaternityRate = v.ratio }},
	{"price.child_uplift", "儿童项目加收比例", Ratio, "%", nil, "on the named classes of items",
		func(p *rules.Params, v value) { p.Duties.PriceUplift = v.ratio }},
	{"price.child_age", "加收适用的最大年龄", Integer, "岁", nil, "up to and with this age",
		func(p *rules.Params, v value) { p.Duties.PriceAge = v.n }},
	{"price.classes", "加收适用的项目类别", Texts, "", nil, "",
		func(p *rules.Params, v value) { p.Duties.PriceClasses = v.texts }},
	{"risk.categories", "风险潜在对象类别", Categories, "", nil, "latent-risk people: their enrolment and burden are watched",
		func(p *rules.Params, v value) { p.Duties.Risk = v.set }},
	{"burden.person", "个人负担封顶线", Amount, "元", nil, "a measured figure: nobody should bear more in a year",
		func(p *rules.Params, v value) { p.Duties.PersonBurden = v.amount }},
	{"burden.household", "家庭负担封顶线", Amount, "元", nil, "likewise, all members together",
		func(p *rules.Params, v value) { p.Duties.HouseholdBurden = v.amount }},
	{"budget.assistance", "医疗救助基金年度预算", Amount, "元", nil, "for the year of the date",
		func(p *rules.Params, v value) { p.Duties.Budget = v.amount }},
}

// target sets one of the targets.
func target(at func(*rules.Targets) *money.Ratio) func(*rules.Params, value) {
	return func(p *rules.Params, v value) { *at(&p.Duties.Targets) = v.ratio }
}

func countySet(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[rules.FoldCounty(n)] = true
	}
	return set
}

// limit turns "none" into an amount that no entitlement reaches, for caps that
// the engine applies with min.
func limit(f money.Fen) money.Fen {
	if f == rules.NoCap {
		return money.Limit
	}
	return f
}

func specOf(path string) *Spec {
	for i := range Specs {
		if string(Specs[i].Path) == path {
			return &Specs[i]
		}
	}
	return nil
}
