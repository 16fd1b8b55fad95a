package intake

// codeNames say in a few words what a code is about, for the summary of returned
// rows. What is wrong with a cell, and what to write, is in its message.
var codeNames = map[string]string{
	"E-ID-MISSING":           "缺身份证号",
	"E-ID-NUMERIC":           "身份证号成了数字",
	"E-ID-FORMAT":            "身份证号位数不对",
	"E-ID-DATE":              "身份证号里的生日不对",
	"E-ID-CHECKSUM":          "身份证号校验位不符",
	"E-DATE":                 "日期读不出",
	"E-DATE-FUTURE":          "日期在今天之后",
	"E-DATE-MISSING":         "缺日期",
	"E-DATE-ORDER":           "日期先后颠倒",
	"E-AMOUNT":               "金额读不出",
	"E-AMOUNT-MISSING":       "缺金额",
	"E-AMOUNT-NEGATIVE":      "金额为负",
	"E-AMOUNT-SCOPE":         "范围内金额大于总额",
	"E-AMOUNT-SUM":           "各项支付大于总额",
	"E-CATEGORY":             "困难类别不认识",
	"E-CATEGORY-MISSING":     "缺困难类别",
	"E-CATEGORY-EXPENDITURE": "支出型困难没有写明类别",
	"E-LEVEL":                "残疾等级不对",
	"E-LEVEL-MISSING":        "缺残疾等级",
	"E-OP":                   "变动类型不认识",
	"E-OP-MISSING":           "缺变动类型",
	"E-SETL-ID":              "结算ID不对",
	"E-CLAIM-CONFLICT":       "同一结算ID内容不同",
	"E-CLAIM-AREA":           "结算属于另一统筹区",
	"E-REFUND-ORIGINAL":      "退费没有写明原结算",
	"E-REFUND-SIGN":          "退费金额的正负不对",
	"E-CODE-MEDTYPE":         "医疗类别不认识",
	"E-CODE-HOSPLV":          "医院等级不认识",
	"E-CODE-INSUTYPE":        "险种不认识",
	"E-CODE-PAYLOC":          "支付地点类别不认识",
	"E-CODE-PROVINCE":        "是否省内不对",
	"E-CODE-REFERRAL":        "转诊标志不对",
	"E-CODE-REFUND":          "退费标志不对",
	"E-REFERRAL-MISSING":     "异地结算缺转诊标志",
	"E-PAYLOC-MISSING":       "缺支付地点类别",
	"E-RELIEF-SOURCE":        "帮扶来源不认识",
	"E-YEAR":                 "参保年度不对",
	"E-PERIOD":               "所属期不对",
	"E-INSURED":              "参保身份不认识",
	"E-DAYS":                 "津贴天数不对",
	"E-CLASS":                "缺项目类别",
	"E-QUANTITY":             "数量不对",
	"E-ITEM":                 "缺资金项目",
	"E-PAYEE":                "没有写付给谁",
	"E-BATCH":                "分不清是合计还是拨付",
	"E-FORMULA":              "公式没有结果",
	"E-TWICE":                "含义相同的两列内容不同",

	"W-TOTAL":          "合计与明细不一致或未能核对",
	"W-KIND":           "标题与表格内容不一致",
	"W-MONTH":          "月份说法不一致",
	"W-NAME":           "同一身份证号姓名不同",
	"W-ID-CORRECTED":   "身份证号此前已更正",
	"W-ID-CELL":        "单元格里写有身份证号",
	"W-HEAD":           "户主不在名单里",
	"W-RELISTED":       "退出后又列入",
	"W-LARGE":          "大批退出",
	"W-NOT-LISTED":     "退出的人不在册",
	"W-CORRECTION":     "更正替代了几份名单",
	"W-CORRECTED":      "名单已由更正名单替代",
	"W-LATE":           "更晚的全量名单已读入",
	"W-STATUS":         "状态列写着不在册",
	"W-UNIT":           "金额单位说法不一致",
	"W-UNREAD":         "有身份证号而没有读取",
	"W-CLAIM-SUM":      "费用各项加不出总额",
	"W-CLAIM-TWICE":    "像是同一笔结算",
	"W-TRANSFER-TWICE": "同样的拨付列了两次",
}

// CodeName says in a few words what a code of a row is about; the code itself
// where nobody has named it.
func CodeName(code string) string {
	if n, ok := codeNames[code]; ok {
		return n
	}
	return code
}
