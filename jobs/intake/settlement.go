package intake

import (
	"errors"
	"strings"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/money"
	"doudi/rules/pack"
)

// claimRow reads one settlement of the platform. It gives the person's ID as
// well, and whether the platform marks the settlement as refunded.
func (im *importer) claimRow(r *rowReader) (c *ledger.Claim, id string, markedSince bool) {
	c = &ledger.Claim{Area: im.o.Area, Src: im.source(r)}
	id = r.id("certno")
	if c.ID = r.settlement("setl_id", "E-SETL-ID"); c.ID == "" {
		r.fail("setl_id", bad("E-SETL-ID", "缺少结算ID，请补填"))
	}
	m, e := moment(r.dateCell("setl_time"))
	r.fail("setl_time", e)
	if e == nil && m == 0 {
		r.fail("setl_time", bad("E-DATE-MISSING", "缺少结算时间，请补填"))
	} else if m.Date() > r.today {
		r.fail("setl_time", bad("E-DATE-FUTURE", "结算时间 %s 在今天之后，请核对年份", m.Date()))
	}
	c.At = m
	r.notID("setl_id", "E-SETL-ID", c.ID, id)
	c.Begin, c.End = r.date("begndate"), r.date("enddate")
	if c.Begin != 0 && c.End != 0 && c.End < c.Begin {
		r.fail("enddate", bad("E-DATE-ORDER", "结束日期 %s 早于开始日期 %s，请核对", c.End, c.Begin))
	}
	im.claimCodes(r, c, id)
	r.filled("medfee_sumamt", "inscp_scp_amt")
	way := r.refunding(c.ID)
	c.Refund = way == isRefund
	if c.Refund {
		switch c.RefundOf = r.settlement("init_setl_id", "E-REFUND-ORIGINAL"); c.RefundOf {
		case "":
			r.fail("init_setl_id", bad("E-REFUND-ORIGINAL", "退费结算缺少原结算ID，请补填它冲销的是哪一笔"))
		case c.ID:
			r.fail("init_setl_id", bad("E-REFUND-ORIGINAL", "退费结算的原结算ID与它自己的结算ID相同，请填写它冲销的是哪一笔"))
		default:
			r.notID("init_setl_id", "E-REFUND-ORIGINAL", c.RefundOf, id)
		}
	}
	paid := func(f field) money.Fen { return r.paid(f, way) }
	c.Total, c.InScope, c.Basic = paid("medfee_sumamt"), paid("inscp_scp_amt"), paid("hifp_pay")
	c.Other = paid("cvlserv_pay") + paid("hifes_pay") + paid("oth_pay")
	c.Major = paid("hifmi_pay") + paid("hifob_pay")
	c.Assist, c.Hosp = paid("maf_pay"), paid("hosp_part_amt")
	im.read(r, r.amount("medfee_sumamt"), "medfee_sumamt") // as it stands there: a refund counts negative
	if len(r.errors) == 0 {
		switch err := c.Check(); {
		case errors.Is(err, rules.ErrScope):
			r.fail("inscp_scp_amt", bad("E-AMOUNT-SCOPE", "政策范围内金额 %s 大于医疗费总额 %s，请核对", c.InScope, c.Total))
		case errors.Is(err, rules.ErrSum):
			r.fail("medfee_sumamt", bad("E-AMOUNT-SUM", "各项支付合计 %s 大于医疗费总额 %s，请核对", c.Basic+c.Other+c.Major+c.Assist, c.Total))
		case err != nil: // the signs were looked at cell by cell
			r.fail("medfee_sumamt", bad("E-AMOUNT-NEGATIVE", "金额不能为负，请核对"))
		}
	}
	return c, id, way == isMarked
}

// settlement reads a setl_id. One that Excel holds as a number of more than 15
// digits, or shows with an exponent, is no longer what it was.
func (r *rowReader) settlement(f field, code string) string {
	c := r.cell(f)
	id := clean(c.Text)
	if c.Kind == sheet.Number && (len(id) > 15 || strings.ContainsAny(id, "eE.")) || scientific.MatchString(id) {
		r.fail(f, bad(code, "结算ID是数字格式，末尾几位可能已改变，请设为“文本”后重新填写"))
	}
	return id
}

// paid reads an amount of a settlement. A refund's amounts are negative and are
// given as magnitudes; no others may be negative. It looks at single cells: in a
// sum a negative one would vanish.
func (r *rowReader) paid(f field, way refunding) money.Fen {
	v := r.amount(f)
	switch {
	case way == isRefund && v > 0:
		r.fail(f, bad("E-REFUND-SIGN", "退费结算的金额应为负数，现为 %s；如果这一行就是被退费的原结算，请清空原结算ID", v))
	case way == isMarked && v < 0:
		r.fail(f, bad("E-REFUND-SIGN", "标为已退费的结算，各项金额应同为正数（原结算）或同为负数（退费），现为 %s", v))
	case way == noRefund && v < 0:
		r.fail(f, bad("E-AMOUNT-NEGATIVE", "金额为负而不是退费结算，请核对退费标志和原结算ID"))
	}
	if way == isRefund {
		return -v
	}
	return v
}

// notGraded is the platform's hosp_lv for an institution without a level.
const notGraded = "11"

func (im *importer) claimCodes(r *rowReader, c *ledger.Claim, id string) {
	c.MedType = r.code("med_type", 0)
	k, ok := im.o.Codes.Kind(c.MedType)
	switch {
	case c.MedType == "":
		r.fail("med_type", bad("E-CODE-MEDTYPE", "缺少医疗类别代码，请补填"))
	case !ok:
		r.fail("med_type", badValue("E-CODE-MEDTYPE", c.MedType, "不认识医疗类别代码%s，请核对，或在政策包、叠加文件的 codes.med_type 中登记"))
	}
	c.Kind = k
	// An institution without a level is settled as the first; nothing is
	// guessed about a code that is not known.
	c.Level = 1
	lv := r.code("hosp_lv", 2)
	if raw := r.code("hosp_lv", 0); raw == "1" || raw == "2" || raw == "3" {
		// Excel drops the zero of 02, and people write 2 for 二级: they differ.
		r.fail("hosp_lv", bad("E-CODE-HOSPLV", "医院等级只写 %s，分不清是代码 0%s（三级）还是%s级医院，请写两位代码，如 01、05、09", raw, raw, []string{"", "一", "二", "三"}[raw[0]-'0']))
	} else if lv != "" {
		if c.Level, ok = im.o.Codes.Level(lv); !ok {
			r.fail("hosp_lv", badValue("E-CODE-HOSPLV", lv, "不认识医院等级代码%s，请核对，或在 codes.hosp_lv 中登记"))
		}
	}
	if lv == "" || lv == notGraded {
		im.ungraded++
	}
	c.Insutype = r.code("insutype", 0)
	if c.Insutype != "" {
		if _, ok := im.o.Codes.Insutype(c.Insutype); !ok {
			r.fail("insutype", badValue("E-CODE-INSUTYPE", c.Insutype, "不认识险种代码%s，请核对，或在 codes.insutype 中登记"))
		}
	}
	c.DiseaseCode, c.Disease = rules.Fold(r.word("dise_codg")), r.word("dise_name")
	c.Hospital, c.HospName = r.coded("fixmedins_code", id), r.word("fixmedins_name")
	im.referral(r, c)
}

// referral tells from pay_loc, trt_flag and in_province where care was given
// and whether it followed the rules.
func (im *importer) referral(r *rowReader, c *ledger.Claim) {
	place, loc := pack.InArea, r.code("pay_loc", 0)
	if loc != "" {
		var ok bool
		if place, ok = im.o.Codes.Place(loc); !ok {
			r.fail("pay_loc", badValue("E-CODE-PAYLOC", loc, "不认识支付地点类别%s，请核对，或在 codes.pay_loc 中登记"))
			return
		}
	}
	flag := r.flag("trt_flag")
	switch s := r.flag("in_province"); s {
	case "":
	case "1", "是", "true", "y":
		if place == pack.OutProvince {
			place = pack.InProvince
		}
	case "0", "否", "false", "n":
		if place == pack.InArea && loc != "" {
			r.fail("in_province", bad("E-CODE-PROVINCE", "支付地点在统筹区内，而是否省内填为否，请核对"))
			return // which of the two is wrong decides whether a referral is needed
		}
		place = pack.OutProvince
	default:
		r.fail("in_province", badValue("E-CODE-PROVINCE", s, "是否省内%s应为 1 或 0"))
	}
	c.OutOfProvince = place == pack.OutProvince
	if place == pack.InArea {
		c.Referral = rules.Local
		if loc == "" && flag != "" {
			// Only care outside the area has a referral: taken as local, an
			// unreferred claim would be assisted.
			f := field("pay_loc")
			if !r.h.has(f) {
				f = "trt_flag"
			}
			r.fail(f, bad("E-PAYLOC-MISSING", "填了转诊标志而没有支付地点类别，无法确定就医地，请补填支付地点类别；本地结算请清空转诊标志"))
		}
		return
	}
	switch flag {
	case "1", "是", "规范转诊", "y":
		c.Referral = rules.Referred
	case "0", "否", "未转诊", "n":
		c.Referral = rules.Unreferred
	case "":
		r.fail("trt_flag", bad("E-REFERRAL-MISSING", "异地结算缺少转诊标志，请填 1（按规定转诊）或 0（未按规定）"))
	default:
		r.fail("trt_flag", badValue("E-CODE-REFERRAL", flag, "转诊标志%s应为 1 或 0"))
	}
}
