package pack

import (
	"doudi/rules"
	"doudi/rules/money"
)

// Specs are all parameters, in the order in which they are shown.
var Specs = []Spec{
	{"assist.categories", "救助对象", Categories, "", nil, "哪些类别的人员享受医疗救助",
		func(p *rules.Params, v value) { p.Assisted = v.set }},
	{"assist.base", "救助计算基数", Choice, "", []string{"in_scope", "total"}, "in_scope：保险和其他补助之后范围内剩余的部分；total：全部费用剩余的部分",
		func(p *rules.Params, v value) { p.AssistTotal = v.text == "total" }},
	{"assist.kinds", "救助费用类别", Kinds, "", nil, "哪些费用类别纳入救助",
		func(p *rules.Params, v value) { p.AssistKinds = v.kinds }},
	{"assist.unreferred", "未按规定转诊是否救助", Bool, "", nil, "未按规定转诊的统筹区外费用是否救助",
		func(p *rules.Params, v value) { p.Unreferred = v.yes }},
	{"assist.disease_kinds", "限定病种的费用类别", Kinds, "", nil, "只对列出的病种救助的费用类别",
		func(p *rules.Params, v value) { p.DiseaseKinds = v.kinds }},
	{"assist.diseases", "门诊救助病种", Diseases, "", nil, "列出的病种，连同别名和编码",
		func(p *rules.Params, v value) { p.Diseases = v.diseases }},
	{"assist.ratio", "救助比例", RatioBy, "%", nil, "范围内个人负担部分的救助比例",
		func(p *rules.Params, v value) { p.AssistRatio, p.AssistHas, p.AssistOn = v.ratios, v.given, true }},
	{"assist.outpatient_ratio", "门诊救助比例", RatioBy, "%", nil, "门诊、门诊慢特病和购药的比例，与住院不同时才写",
		func(p *rules.Params, v value) { p.OutpatientRate, p.OutpatientOwn = v.ratios, true }},
	{"assist.deductible", "年度救助起付标准", AmountBy, "元", nil, "各类别每年先自付的金额",
		func(p *rules.Params, v value) { p.Deductible = v.amounts }},
	{"assist.deductible_kinds", "计起付标准的费用类别", Kinds, "", nil, "哪些费用类别共用起付标准",
		func(p *rules.Params, v value) { p.DeductKinds = v.kinds }},
	{"assist.cap", "年度救助限额", AmountBy, "元", nil, "各类别的年度限额；不设限写 none",
		func(p *rules.Params, v value) { p.AssistCap = v.amounts }},
	{"assist.outpatient_cap", "普通门诊年度限额", AmountBy, "元", nil, "年度限额之内，普通门诊另有的限额；不设限写 none",
		func(p *rules.Params, v value) { p.SubCap = v.amounts }},
	{"assist.outpatient_cap_kinds", "计入普通门诊限额的类别", Kinds, "", nil, "哪些费用类别受普通门诊限额约束",
		func(p *rules.Params, v value) { p.SubCapKinds = v.kinds }},
	{"assist.by_application", "依申请救助的类别", Categories, "", nil, "凭申请救助的类别，在 assist.application_required 为 true 时起作用",
		func(p *rules.Params, v value) { p.ByApplication = v.set }},
	{"assist.application_required", "是否以申请为前提", Bool, "", nil, "true：依申请类别自申请之日起救助；false：自认定起救助",
		func(p *rules.Params, v value) {
			if !v.yes {
				p.ByApplication = 0
			}
		}},
	{"major.deductible", "大病保险起付标准", Amount, "元", nil, "普通参保人的年度起付标准",
		func(p *rules.Params, v value) { p.MajorDeductible = v.amount }},
	{"major.tiers", "大病保险分段比例", Tiers, "%", nil, "按全年累计负担分段的支付比例",
		func(p *rules.Params, v value) { p.MajorTiers = v.tiers }},
	{"major.cap", "大病保险年度限额", Amount, "元", nil, "普通参保人的年度限额；不设限写 none",
		func(p *rules.Params, v value) { p.MajorCap = v.amount }},
	{"major.deductible_cut", "大病保险起付标准降低", RatioBy, "%", nil, "各类别起付标准降低的百分比",
		func(p *rules.Params, v value) { p.MajorCut = v.ratios }},
	{"major.points", "大病保险比例提高", RatioBy, "个百分点", nil, "各类别支付比例提高的百分点",
		func(p *rules.Params, v value) { p.MajorPoints = v.ratios }},
	{"major.no_cap", "取消大病保险限额", Categories, "", nil, "不受大病保险限额约束的类别",
		func(p *rules.Params, v value) { p.MajorNoCap = v.set }},
	{"major.at_least", "大病保险最低支付比例", RatioBy, "%", nil, "各段对该类别的支付比例都不低于此",
		func(p *rules.Params, v value) { p.MajorAtLeast = v.ratios }},
	{"major.direct", "定点医院住院直接纳入大病的比例", Ratio, "%", nil, "精准扶贫对象在定点医院住院，范围内剩余部分不设起付标准，按此比例支付",
		func(p *rules.Params, v value) { p.MajorDirect = v.ratio }},
	{"tilt.ratio", "倾斜救助比例", RatioBy, "%", nil, "全年范围内负担超过门槛部分的救助比例",
		func(p *rules.Params, v value) { p.TiltRatio, p.TiltOn = v.ratios, true }},
	{"tilt.threshold", "倾斜救助门槛", Amount, "元", nil, "全年范围内负担超过此数才启动",
		func(p *rules.Params, v value) { p.TiltThreshold = v.amount }},
	{"tilt.cap", "倾斜救助年度限额", Amount, "元", nil, "倾斜救助全年最多支付；不设限写 none",
		func(p *rules.Params, v value) { p.TiltCap = limit(v.amount) }},
	{"special.ratio", "特殊救助比例", RatioBy, "%", nil, "各项保障之后，全年负担超过门槛部分的救助比例",
		func(p *rules.Params, v value) { p.SpecialRatio = v.ratios }},
	{"special.threshold", "特殊救助门槛（负担较重）", Amount, "元", nil, "负担较重的标准；未配置时不启动特殊救助",
		func(p *rules.Params, v value) { p.SpecialThreshold, p.SpecialOn = v.amount, true }},
	{"special.cap", "特殊救助年度限额", Amount, "元", nil, "特殊救助全年最多支付；不设限写 none",
		func(p *rules.Params, v value) { p.SpecialCap = limit(v.amount) }},
	{"hospital.out_of_scope", "范围外费用占比上限", ByLevel, "%", nil, "每次住院范围外费用占总费用的上限，按医院级别；超出部分由医院承担",
		func(p *rules.Params, v value) { p.HospitalLimit, p.HospitalOn = v.levels, true }},
	{"ceiling.ratio", "三重保障合计比例上限", Ratio, "%", nil, "基本医保、大病保险和医疗救助合计占范围内费用的上限",
		func(p *rules.Params, v value) { p.CeilingRatio, p.CeilingOn = v.ratio, true }},
	{"ceiling.categories", "适用合计上限的重点对象", Categories, "", nil, "哪些类别的费用受合计上限约束",
		func(p *rules.Params, v value) { p.CeilingWho = v.set }},
	{"ceiling.kinds", "适用合计上限的费用类别", Kinds, "", nil, "哪些费用类别受合计上限约束",
		func(p *rules.Params, v value) { p.CeilingKinds = v.kinds }},
	{"targeted.categories", "精准扶贫对象类别", Categories, "", nil, "basic、major.direct、supplement 各参数适用的类别",
		func(p *rules.Params, v value) { p.Targeted = v.set }},
	{"targeted.counties", "精准扶贫对象所在区县", Counties, "", nil, "只限这些区县；未配置则不限",
		func(p *rules.Params, v value) { p.TargetedCounties = countySet(v.texts) }},
	{"basic.outpatient_ratio", "门诊特慢病基本医保比例", Ratio, "%", nil, "精准扶贫对象门诊特慢病范围内费用的基本医保比例",
		func(p *rules.Params, v value) { p.BasicOutpatientRatio, p.BasicOn = v.ratio, true }},
	{"basic.outpatient_cap", "门诊特慢病年度限额", Amount, "元", nil, "门诊特慢病基本医保全年最多支付；不设限写 none",
		func(p *rules.Params, v value) { p.BasicOutpatientCap = v.amount }},
	{"basic.hospitals", "扶贫定点医院", Hospitals, "", nil, "定点医院，按类别列出名称、别名和编码",
		func(p *rules.Params, v value) { p.BasicHospitals = v.diseases }},
	{"basic.inpatient_ratio", "定点医院住院基本医保比例", RatioByClass, "%", nil, "定点医院住院范围内费用的基本医保比例，按医院类别，不设起付标准",
		func(p *rules.Params, v value) { p.BasicInpatientRatio, p.BasicOn = v.classes, true }},
	{"basic.diseases", "大病专项救治病种", Diseases, "", nil, "在定点医院另有比例的病种",
		func(p *rules.Params, v value) { p.BasicDiseases = v.diseases }},
	{"basic.disease_ratio", "专项救治病种基本医保比例", Ratio, "%", nil, "上述病种的基本医保比例",
		func(p *rules.Params, v value) { p.BasicDiseaseRatio = v.ratio }},
	{"basic.keep_higher", "平台已付更高时从高", Bool, "", nil, "平台已付的基本医保（或 major.direct）更高时是否从高",
		func(p *rules.Params, v value) { p.KeepHigher = v.yes }},
	{"supplement.ratio", "补充保险比例", Ratio, "%", nil, "精准扶贫对象各项保障之后仍负担部分的支付比例",
		func(p *rules.Params, v value) { p.SupplementRatio, p.SupplementOn = v.ratio, true }},
	{"supplement.base", "补充保险计算基数", Choice, "", []string{"total", "in_scope"}, "total：按个人仍负担的全部费用；in_scope：只按范围内部分",
		func(p *rules.Params, v value) { p.SupplementInScope = v.text == "in_scope" }},
	{"retro.categories", "因病认定可回溯的类别", Categories, "", nil, "因病新认定时，认定之前的费用也可救助的类别",
		func(p *rules.Params, v value) { p.Retro = v.set }},
	{"retro.months", "回溯月数", Integer, "月", nil, "向认定日之前回溯的月数",
		func(p *rules.Params, v value) { p.RetroMonths = v.n }},
	{"retro.after_other_category", "原有其他身份时是否回溯", Choice, "", []string{"exclude", "include"}, "认定前一日已有其他救助身份的：exclude 不算新认定；include 也算",
		func(p *rules.Params, v value) { p.RetroAfterOther = v.text == "include" }},
	{"retro.earliest", "回溯最早日期", DateType, "", nil, "回溯不早于这一日",
		func(p *rules.Params, v value) { p.RetroEarliest = v.date }},
	{"identity.several", "有几种身份时", Choice, "", []string{"best", "first"}, "best：每一层都取最有利的身份；first：只按 order 中最前的身份",
		func(p *rules.Params, v value) { p.First = v.text == "first" }},
	{"identity.exit_effect", "退出何时生效", Choice, "", []string{"same_day", "next_month"}, "same_day：退出当日起不再享受；next_month：次月一日起不再享受",
		func(p *rules.Params, v value) {
			p.Exit = rules.SameDay
			if v.text == "next_month" {
				p.Exit = rules.NextMonth
			}
		}},
	{"premium.subsidy", "资助参保标准", PremiumBy, "元", nil, "参保个人缴费的资助：full 全额、金额（每年）、as 类别（与其相同）、none 不资助、unset 另定",
		func(p *rules.Params, v value) { v.premium.put(&p.Duties.Premium) }},
	{"premium.at_most", "资助标准不高于", CategoryBy, "", nil, "该类别的资助标准不高于另一类别",
		func(p *rules.Params, v value) {
			for c, most := range v.categoryBy {
				p.Duties.Premium.AtMost[c] = most
			}
		}},
	{"premium.applicant", "资助资金申请部门", TextBy, "", nil, "由哪个部门申请资助资金",
		func(p *rules.Params, v value) {
			for c, t := range v.textBy {
				p.Duties.Premium.Applicant[c] = t
			}
		}},
	{"premium.standard", "居民医保个人缴费标准", Amount, "元", nil, "该日期所在年度的个人缴费标准",
		func(p *rules.Params, v value) { p.Duties.Premium.Standard = v.amount }},
	{"premium.collection_end", "集中缴费期最后一日", DateType, "", nil, "该日期所在年度的集中缴费期最后一日",
		func(p *rules.Params, v value) { p.Duties.Premium.CollectionEnd = v.date }},
	{"premium.after_collection", "集中缴费期后认定是否资助", Bool, "", nil, "集中缴费期之后认定的，当年是否资助",
		func(p *rules.Params, v value) { p.Duties.Premium.AfterCollection = v.yes }},
	{"premium.place", "在何处资助", Choice, "", []string{"recognition", "any"}, "recognition：只资助在认定地参保的；any：不限参保地",
		func(p *rules.Params, v value) { p.Duties.Premium.AtRecognition = v.text == "recognition" }},
	{"huiminbao.categories", "资助参加惠民保的类别", Categories, "", nil, "政府资助参加惠民保的类别",
		func(p *rules.Params, v value) { p.Duties.Huiminbao = v.set }},
	{"huiminbao.subsidy", "惠民保资助标准", AmountByInsurance, "元", nil, "按所参加的基本医保险种",
		func(p *rules.Params, v value) { p.Duties.HuiminbaoSubsidy = v.byInsurance.amounts }},
	{"target.enrolled", "参保率目标", Ratio, "%", nil, "不低于此", target(func(t *rules.Targets) *money.Ratio { return &t.Enrolled })},
	{"target.subsidised", "资助参保率目标", Ratio, "%", nil, "不低于此", target(func(t *rules.Targets) *money.Ratio { return &t.Subsidised })},
	{"target.protection", "综合保障率目标", Ratio, "%", nil, "不低于此", target(func(t *rules.Targets) *money.Ratio { return &t.Protection })},
	{"target.self_pay", "个人负担率目标", Ratio, "%", nil, "不高于此", target(func(t *rules.Targets) *money.Ratio { return &t.SelfPay })},
	{"target.cleared", "高额费用化解率目标", Ratio, "%", nil, "不低于此", target(func(t *rules.Targets) *money.Ratio { return &t.Cleared })},
	{"target.elder_child", "一老一小综合保障率目标", Ratio, "%", nil, "约为此数", target(func(t *rules.Targets) *money.Ratio { return &t.ElderChild })},
	{"target.elder_child_gain", "一老一小综合保障率提升目标", Ratio, "个百分点", nil, "比文件出台前一年提高", target(func(t *rules.Targets) *money.Ratio { return &t.ElderChildGain })},
	{"target.elder_age", "老年人年龄", Integer, "岁", nil, "从这一年龄起算老年人",
		func(p *rules.Params, v value) { p.Duties.Targets.ElderAge = v.n }},
	{"target.child_age", "儿童年龄", Integer, "岁", nil, "不满这一年龄算儿童",
		func(p *rules.Params, v value) { p.Duties.Targets.ChildAge = v.n }},
	{"target.relief_counts", "帮扶是否计入综合保障率", Bool, "", nil, "true：各部门在各层保障之外的帮扶也算保障",
		func(p *rules.Params, v value) { p.Duties.Targets.WithoutRelief = !v.yes }},
	{"target.huiminbao", "惠民保参保率目标", Ratio, "%", nil, "不低于此", target(func(t *rules.Targets) *money.Ratio { return &t.Huiminbao })},
	{"special_outpatient.old_limit", "门诊特病原年度限额", AmountByInsurance, "元", nil, "按旧限额截断的费用列出待查",
		func(p *rules.Params, v value) { p.Duties.SpecialOldLimit = v.byInsurance.amounts }},
	{"special_outpatient.limit", "门诊特病年度限额（与住院共用）", AmountByInsurance, "元", nil, "与住院共用的新限额",
		func(p *rules.Params, v value) { p.Duties.SpecialLimit = v.byInsurance.amounts }},
	{"special_outpatient.ratio", "门诊特病按住院比例", RatioByInsurance, "%", nil, "门诊特病按住院结算的比例",
		func(p *rules.Params, v value) { p.Duties.SpecialRatio = v.byInsurance.ratios }},
	{"maternity.waiting_months", "生育津贴等待期", Integer, "月", nil, "连续缴费满这些月才可享受",
		func(p *rules.Params, v value) { p.Duties.MaternityWait = v.n }},
	{"maternity.if_broken", "未满等待期而中断缴费", Choice, "", []string{"not_payable", "later_run"}, "not_payable：不再补付；later_run：以后连续缴满等待期时补付",
		func(p *rules.Params, v value) { p.Duties.MaternityLate = v.text == "later_run" }},
	{"maternity.base", "生育津贴计发基数", Choice, "", []string{"last_year", "birth_month"}, "last_year：上年度平均缴费基数；birth_month：生育当月的缴费基数",
		func(p *rules.Params, v value) { p.Duties.MaternityLastYear = v.text == "last_year" }},
	{"maternity.flexible_rate", "灵活就业人员生育保险费率", Ratio, "%", nil, "占缴费基数的比例",
		func(p *rules.Params, v value) { p.Duties.MaternityRate = v.ratio }},
	{"price.child_uplift", "儿童项目加收比例", Ratio, "%", nil, "对列出的项目类别加收",
		func(p *rules.Params, v value) { p.Duties.PriceUplift = v.ratio }},
	{"price.child_age", "加收适用的最大年龄", Integer, "岁", nil, "到这一年龄为止（含）",
		func(p *rules.Params, v value) { p.Duties.PriceAge = v.n }},
	{"price.classes", "加收适用的项目类别", Texts, "", nil, "加收的项目类别名称",
		func(p *rules.Params, v value) { p.Duties.PriceClasses = v.texts }},
	{"risk.categories", "风险潜在对象类别", Categories, "", nil, "风险潜在对象：逐月查其参保和负担",
		func(p *rules.Params, v value) { p.Duties.Risk = v.set }},
	{"burden.person", "个人负担封顶线", Amount, "元", nil, "只作衡量：个人全年负担不宜超过",
		func(p *rules.Params, v value) { p.Duties.PersonBurden = v.amount }},
	{"burden.household", "家庭负担封顶线", Amount, "元", nil, "只作衡量：全家合计全年负担不宜超过",
		func(p *rules.Params, v value) { p.Duties.HouseholdBurden = v.amount }},
	{"simulate.adjustable", "文件允许调整的参数", Texts, "", nil, "参数代码：不必另行发文即可测算调整的参数",
		func(p *rules.Params, v value) { p.Duties.Adjustable = v.texts }},
	{"budget.assistance", "医疗救助基金年度预算", Amount, "元", nil, "该日期所在年度的预算",
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
