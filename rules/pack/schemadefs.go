package pack

import "strings"

// forms say in Chinese how a value of a type is written.
var forms = map[Type]string{
	Amount:            "金额，元，最多两位小数；不设限写 none",
	Ratio:             "比例，如 80%",
	AmountBy:          "类别: 金额，如 {tekun: none, others: 30000}",
	RatioBy:           "类别: 比例，如 {tekun: 100%, others: 70%}",
	Categories:        "类别列表，如 [tekun, dibao]",
	Kinds:             "费用类别列表，如 [inpatient, outpatient_special]",
	Tiers:             "分段，如 [{to: 100000, ratio: 60%}, {ratio: 70%}]",
	ByLevel:           "医院级别: 比例，如 {1: 2.5%, 2: 5%, 3: 10%}",
	DateType:          "日期，如 2023-01-01",
	Integer:           "整数",
	Bool:              "true 或 false",
	Diseases:          "代码: {name: 名称, synonyms: [别名], codes: [编码]}",
	AmountByInsurance: "险种: 金额，如 {employees: 10000, residents: 1500}",
	RatioByInsurance:  "险种: 比例，如 {employees: 80%, residents: 70%}",
	Hospitals:         "医院类别: [医院]，医院写名称，或 {name, synonyms, codes}",
	RatioByClass:      "医院类别: 比例，如 {county: 80%, municipal: 60%}",
	Counties:          "区县列表，如 [某县, 某市]",
	Texts:             "词的列表",
	TextBy:            "类别: 词",
	CategoryBy:        "类别: 类别",
	PremiumBy:         "类别: full、金额、as 类别、none 或 unset，如 {tekun: full, dibao: 280, yifanpin: as dibao}",
}

// defs are the forms of values by type, and what they are made of.
func defs() obj {
	texts := obj{"type": "array", "items": ref("text")}
	entry := object(obj{"name": ref("text"), "synonyms": texts, "codes": texts}, "name")
	insured := func(value obj) obj {
		return object(obj{"employees": described(value, "职工医保", ""), "residents": described(value, "居民医保", "")})
	}
	return obj{
		"text": obj{"type": []string{"string", "number"}, "minLength": 1},
		"date": obj{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`},
		"gap": obj{"title": "没有值", "anyOf": []obj{{"const": unset},
			object(obj{unset: described(ref("text"), "原因", "")}, unset)}},
		"category": obj{"oneOf": categoryChoices()},
		"kind":     obj{"oneOf": kindChoices()},
		"codes":    codesSchema(),

		string(Amount): obj{"anyOf": []obj{{"type": "number", "minimum": 0, "maximum": 100_000_000},
			{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]{1,2})?$`}, {"const": "none"}}},
		string(Ratio):             obj{"type": "string", "pattern": `^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%$`},
		string(AmountBy):          tableOf(ref("amount")),
		string(RatioBy):           tableOf(ref("ratio")),
		string(Categories):        obj{"type": "array", "uniqueItems": true, "items": ref("category")},
		string(Kinds):             obj{"type": "array", "items": ref("kind")},
		string(Tiers):             obj{"type": "array", "minItems": 1, "items": object(obj{"to": ref("amount"), "ratio": ref("ratio")}, "ratio")},
		string(ByLevel):           object(obj{"1": ref("ratio"), "2": ref("ratio"), "3": ref("ratio")}),
		string(Integer):           obj{"type": "integer", "minimum": 0, "maximum": maxCount},
		string(Bool):              obj{"type": "boolean"},
		string(Diseases):          obj{"type": "object", "additionalProperties": entry},
		string(AmountByInsurance): insured(ref("amount")),
		string(RatioByInsurance):  insured(ref("ratio")),
		string(Hospitals): obj{"type": "object", "additionalProperties": obj{"type": "array", "minItems": 1,
			"items": obj{"anyOf": []obj{ref("text"), entry}}}},
		string(RatioByClass): obj{"type": "object", "additionalProperties": ref("ratio")},
		string(Counties):     texts,
		string(Texts):        texts,
		string(TextBy):       tableOf(ref("text")),
		string(CategoryBy):   tableOf(ref("category")),
		string(PremiumBy):    tableOf(premiumSchema()),
	}
}

func premiumSchema() obj {
	return obj{"anyOf": []obj{
		{"oneOf": choices("full", "全额", "none", "不资助", unset, "另定")},
		{"type": "number", "minimum": 0},
		{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]{1,2})?$`},
		{"type": "string", "pattern": "^as (" + strings.Join(categoryCodes(), "|") + ")$"},
		ref("gap"),
	}}
}

func codesSchema() obj {
	return object(obj{
		"med_type": obj{"type": "object", "additionalProperties": ref("kind")},
		"hosp_lv":  obj{"type": "object", "additionalProperties": obj{"enum": []any{1, 2, 3, "1", "2", "3"}}},
		"pay_loc":  obj{"type": "object", "additionalProperties": obj{"enum": sortedPlaces()}},
		"insutype": obj{"type": "object", "additionalProperties": ref("text")},
		"category": obj{"type": "object", "additionalProperties": obj{"enum": categoryCodes()}},
	})
}
