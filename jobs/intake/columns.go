package intake

import "slices"

// Kind is what a table holds.
type Kind string

// The kinds of tables.
const (
	Auto          Kind = "auto"
	Roster        Kind = "roster"
	Claims        Kind = "claims"
	Relief        Kind = "relief"
	Enrolment     Kind = "enrolment"
	Contributions Kind = "contributions"
	Births        Kind = "births"
	Items         Kind = "items"
	Transfers     Kind = "transfers"
)

// field is a column's meaning, by the platform's name where it has one.
type field string

// vocabulary: for each kind its fields with the names that offices write. They
// match after folding width, spaces, brackets and line breaks.
type vocabulary struct {
	kind     Kind
	required []field
	oneOf    [][]field // where set, one of these must be there whole
	names    map[field][]string
}

// vocabularies of which a table fits several equally well are tried in this
// order; the roster's must be the last (see matcher.read).
var vocabularies = []vocabulary{
	{Claims, []field{"setl_id", "certno", "setl_time", "medfee_sumamt", "inscp_scp_amt", "hifp_pay"}, nil, map[field][]string{
		"setl_id":           {"结算ID", "结算编号", "结算流水号", "结算单号", "结算标识"},
		"mdtrt_id":          {"就诊ID", "就诊编号", "就诊流水号"},
		"certno":            {"证件号码", "身份证号", "身份证号码", "公民身份号码", "身份证件号码"},
		"psn_name":          {"人员姓名", "姓名", "患者姓名"},
		"insutype":          {"险种类型", "险种"},
		"med_type":          {"医疗类别", "就医类别"},
		"dise_codg":         {"dise_no", "病种编码", "病种编号", "病种代码"},
		"dise_name":         {"病种名称", "病种"},
		"fixmedins_code":    {"定点医药机构编号", "定点医药机构代码", "医疗机构编码", "医疗机构代码"},
		"fixmedins_name":    {"定点医药机构名称", "医疗机构名称", "医院名称"},
		"hosp_lv":           {"医院等级", "医疗机构等级", "定点医药机构等级"},
		"begndate":          {"开始日期", "入院日期", "就诊开始日期"},
		"enddate":           {"结束日期", "出院日期", "就诊结束日期"},
		"setl_time":         {"结算时间", "结算日期"},
		"medfee_sumamt":     {"医疗费总额", "医疗总费用", "总费用", "医疗费用总额"},
		"inscp_scp_amt":     {"inscp_amt", "符合政策范围金额", "符合范围金额", "政策范围内费用", "政策范围内金额", "政策范围内医疗费用"},
		"hifp_pay":          {"基本医疗保险统筹基金支出", "基本医疗统筹支付", "统筹基金支出", "统筹基金支付", "基本医保统筹基金支付", "基本医保支付", "基本医疗保险支付"},
		"cvlserv_pay":       {"公务员医疗补助资金支出", "公务员医疗补助支付", "公务员补助"},
		"hifes_pay":         {"企业补充医疗保险基金支出", "企业补充医疗保险支付"},
		"hifmi_pay":         {"居民大病保险资金支出", "大病保险资金支出", "大病保险支付", "居民大病保险支付"},
		"hifob_pay":         {"职工大额医疗费用补助基金支出", "职工大额医疗费用支付", "大额补助支付"},
		"maf_pay":           {"医疗救助基金支出", "医疗救助基金支付", "医疗救助支付", "医疗救助"},
		"oth_pay":           {"othfund_pay", "其他支出", "其他基金支出", "其他基金支付"},
		"hosp_part_amt":     {"ownpay_hosp_part", "医院负担金额", "医院承担金额"},
		"refd_setl_flag":    {"退费结算标志", "退费标志"},
		"init_setl_id":      {"原结算ID", "原结算编号", "初始结算ID", "被冲销结算ID"},
		"pay_loc":           {"支付地点类别", "支付地点", "就医地类别"},
		"trt_flag":          {"转诊标志", "是否规范转诊"},
		"in_province":       {"是否省内", "省内标志", "省内就医"},
		"fulamt_ownpay_amt": {"全自费金额"},
		"overlmt_selfpay":   {"超限价自费费用", "超限价自付金额"},
		"preselfpay_amt":    {"先行自付金额"},
		"act_pay_dedc":      {"实际支付起付线", "起付线"},
		"fund_pay_sumamt":   {"基金支付总额", "医保基金支付总额"},
		"acct_pay":          {"个人账户支出", "个人账户支付"},
		"psn_part_amt":      {"psn_pay", "个人负担总金额", "个人负担金额"},
		"psn_cash_pay":      {"cash_payamt", "个人现金支出", "个人现金支付"},
	}},
	{Relief, []field{"certno", "date", "source", "amount"}, nil, map[field][]string{
		"certno": {"身份证号", "身份证号码", "证件号码", "公民身份号码"},
		"name":   {"姓名", "psn_name", "受助人", "受助人姓名"},
		"date":   {"帮扶日期", "救助日期", "发放日期", "赔付日期", "日期"},
		"source": {"帮扶来源", "帮扶部门", "帮扶单位", "救助单位", "救助来源", "帮扶类型", "资金来源", "来源"},
		"amount": {"帮扶金额", "救助金额", "发放金额", "赔付金额", "金额"},
		"note":   {"备注", "说明"},
	}},
	{Enrolment, []field{"certno", "year", "insutype"}, [][]field{{"own_amt"}, {"subsidy_amt"}, {"paid_on"}}, map[field][]string{
		"certno":      {"身份证号", "身份证号码", "证件号码", "公民身份号码"},
		"name":        {"姓名", "psn_name", "人员姓名", "参保人", "参保人姓名"},
		"year":        {"参保年度", "年度", "缴费年度"},
		"insutype":    {"险种", "险种类型", "参保险种"},
		"area":        {"参保地", "参保统筹区", "统筹区"},
		"paid_on":     {"缴费日期", "缴费时间", "参保日期"},
		"own_amt":     {"个人缴费", "个人缴费金额", "个人实缴", "个人实缴金额"},
		"subsidy_amt": {"资助金额", "财政资助金额", "政府资助金额"},
		"subsidy_by":  {"资助部门", "资助渠道", "资助来源"},
	}},
	{Contributions, []field{"certno", "base"}, [][]field{{"month"}, {"month_from", "month_to"}}, map[field][]string{
		"certno":     {"身份证号", "身份证号码", "证件号码", "公民身份号码"},
		"name":       {"姓名", "psn_name", "人员姓名"},
		"month":      {"费款所属期", "缴费月份", "所属期"},
		"month_from": {"费款所属期起", "所属期起"},
		"month_to":   {"费款所属期止", "所属期止"},
		"base":       {"缴费基数", "月缴费基数", "生育保险缴费基数"},
		"paid":       {"生育保险缴费", "生育保险缴费金额", "缴费金额"},
		"flexible":   {"参保身份", "人员身份"},
	}},
	{Births, []field{"certno", "date", "days"}, nil, map[field][]string{
		"certno": {"身份证号", "身份证号码", "证件号码", "公民身份号码"},
		"name":   {"姓名", "psn_name", "人员姓名"},
		"date":   {"生育日期", "分娩日期", "生产日期"},
		"days":   {"津贴天数", "生育津贴天数", "产假天数", "假期天数"},
	}},
	{Items, []field{"setl_id", "certno", "class", "pric", "base_price"}, nil, map[field][]string{
		"setl_id":             {"结算ID", "结算编号", "结算流水号", "结算单号", "结算标识"},
		"certno":              {"身份证号", "身份证号码", "证件号码", "公民身份号码"},
		"name":                {"姓名", "psn_name", "人员姓名", "患者姓名"},
		"hilist_code":         {"med_list_codg", "项目编码", "医保目录编码"},
		"hilist_name":         {"项目名称", "医保目录名称"},
		"class":               {"项目类别", "收费项目类别", "med_chrgitm_type"},
		"fee_ocur_time":       {"收费日期", "费用发生时间"},
		"pric":                {"单价"},
		"base_price":          {"基准价", "政府指导价", "调整后价格"},
		"cnt":                 {"数量"},
		"det_item_fee_sumamt": {"金额", "明细项目费用总额"},
	}},
	{Transfers, []field{"date", "item", "amount"}, [][]field{{"payee"}, {"certno"}}, map[field][]string{
		"batch":   {"批次号", "拨付批次", "批次", "文号", "拨款文号", "资金文号"},
		"date":    {"拨付日期", "支付日期", "到账日期", "拨款日期", "拨付时间", "支付时间"},
		"item":    {"资金项目", "项目", "资金名称", "款项用途", "项目名称", "资金用途", "用途"},
		"payer":   {"付款单位", "付款人", "拨款单位", "拨付单位"},
		"payee":   {"收款单位", "收款人", "收款人名称", "户名", "收款单位名称", "收款人姓名", "收款方", "姓名"},
		"period":  {"所属期", "费款所属期", "结算期间", "资金所属期", "所属期间"},
		"amount":  {"拨付金额", "支付金额", "金额", "拨款金额", "实拨金额"},
		"certno":  {"身份证号", "收款人身份证号", "身份证号码", "收款人身份证号码", "证件号码", "公民身份号码"},
		"setl_id": {"结算ID", "结算编号", "结算流水号", "结算单号"},
		"note":    {"备注", "摘要", "说明"},
	}},
	{Roster, []field{"certno", "category"}, nil, map[field][]string{
		"op":       {"变动类型", "变动情况", "变动类别", "增减类型", "变更类型", "操作类型"},
		"name":     {"姓名", "psn_name", "人员姓名", "对象姓名", "救助对象姓名", "保障对象姓名"},
		"certno":   {"身份证号", "身份证号码", "公民身份号码", "证件号码", "身份证"},
		"category": {"困难类别", "救助类别", "困难人员类别", "人员类别", "对象类别", "救助对象类别", "困难身份", "身份类别", "监测对象类别"},
		"cause":    {"致困原因", "致贫原因", "致贫返贫原因", "困难原因"},
		"start":    {"认定日期", "认定时间", "纳入日期", "纳入时间", "生效日期", "识别日期", "识别时间", "识别认定时间", "批准日期", "审批日期", "享受起始日期"},
		"changed":  {"变更日期", "变更时间"},
		"end":      {"退出日期", "退出时间", "停保日期", "停发日期", "停止日期", "终止日期"},
		"head":     {"户主身份证号", "户主身份证号码", "户主证件号码"},
		"level":    {"残疾等级", "残疾级别", "残疾证等级"},
		"expiry":   {"证件有效期", "有效期", "有效期至", "证件到期日期", "证件有效期至", "残疾证有效期", "残疾证有效期至", "残疾证到期日期"},
		"township": {"乡镇", "乡镇街道", "镇街", "街道", "所属乡镇"},
		"village":  {"村", "村社区", "行政村", "村居", "村委会"},
		"dept":     {"来源部门", "部门", "上报部门", "认定部门"},
		"county":   {"区县", "县区", "所属区县", "县（市、区）"},
		"applied":  {"申请日期", "申请时间", "救助申请日期"},
	}},
}

// column is one column of a found table.
type column struct {
	field field  // "" for a column that is not known: kept with the row
	title string // as written; of a header in several rows, with what stands above
	scale int64  // 10000 for 万元
	unit  bool   // the title names its unit, so that no line above the table does
	sum   int    // place in the kind's summed fields, from 1; 0 none
}

// header is a found table: where its header row stands and what its columns
// mean.
type header struct {
	kind    Kind
	row     int // the last row of the header
	columns []column
	at      map[field]int
	missing []field    // required, but not there: no table of this kind
	list    list       // of a roster
	titles  []string   // what stands above the table, below the one before
	twice   [][2]int   // columns of one meaning: the one that is read, the one that is not
	unclear [][2]int   // columns of an ID of which nothing tells whose it is, and what stands before each
	moved   [][2]int   // columns of an ID that belong to whom another column names: the ID, the other
	lines   [][]string // the header's rows as written
	unsaid  bool       // a unit was said above another table, and none above this one
	units   []int      // columns of amounts in another unit than a line above the table says
	foreign bool       // of another kind than was asked for: not read
	part    bool       // a section of the table above, with its columns
	sums    *tally     // what its rows come to; nil where nobody asks
}

func (h *header) has(f field) bool { _, ok := h.at[f]; return ok }

// inUnit sets the unit of the columns that do not name their own, for a table
// under a line like 单位：万元.
func (h *header) inUnit(scale int64) {
	for i := range h.columns {
		c := &h.columns[i]
		if !c.unit {
			c.scale = scale
		} else if c.scale != scale && c.sum > 0 {
			h.units = append(h.units, i)
		}
	}
}

// sameColumns reports whether two headers read the same cells alike.
func (h *header) sameColumns(o *header) bool {
	if h.kind != o.kind || len(h.at) != len(o.at) {
		return false
	}
	for f, i := range h.at {
		if j, ok := o.at[f]; !ok || i != j || h.columns[i].scale != o.columns[i].scale {
			return false
		}
	}
	return true
}

// ColumnName is the letter of a column counted from 0: A, B, ..., AA.
func ColumnName(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

// Fields lists the names of the fields that a column can mean, for doudi.yaml.
func Fields() []string {
	var out []string
	for _, v := range vocabularies {
		for f := range v.names {
			out = append(out, string(f))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// IsField reports whether a column can mean f.
func IsField(f string) bool { return slices.Contains(Fields(), f) }
