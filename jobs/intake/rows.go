package intake

import (
	"cmp"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"doudi/jobs/intake/sheet"
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
	"doudi/rules/pack"

	"golang.org/x/text/width"
)

// rowReader gives the cells of one row by field and collects what is wrong with
// it: every bad cell, not the first.
type rowReader struct {
	h       *header
	cells   []sheet.Cell
	today   civil.Date
	untyped bool // from a text file, where a number cannot be told from a text
	errors  []RowError
	wrong   []field // of errors, parallel
	sheet   string
	number  int
}

func (r *rowReader) cell(f field) sheet.Cell {
	i, ok := r.h.at[f]
	if !ok || i >= len(r.cells) {
		return sheet.Cell{}
	}
	return r.cells[i]
}

// formulas finds formulas whose result the file does not hold: an empty cell
// would be read where the sender sees a value.
func (r *rowReader) formulas() {
	for i := range min(len(r.cells), len(r.h.columns)) {
		if f := r.h.columns[i].field; f != "" && noResult(r.cells[i]) {
			r.fail(f, bad("E-FORMULA", "单元格是公式而文件里没有保存结果，请在表格软件中打开、保存后重发，或改为直接填写"))
		}
	}
}

func noResult(c sheet.Cell) bool { return c.Formula && c.Kind == sheet.Empty }

func (r *rowReader) has(f field) bool { return text(r.cell(f)) != "" }

func (r *rowReader) text(f field) string { return text(r.cell(f)) }

// code reads a code value: folded, without spaces. A number cell loses leading
// zeros, so "1" stands for "01" where the caller asks for width 2. A number that
// is not whole stays as it is, to be found unknown.
func (r *rowReader) code(f field, width int) string {
	c := r.cell(f)
	s := clean(c.Text)
	if c.Kind == sheet.Number {
		if whole, rest, ok := strings.Cut(s, "."); ok && strings.Trim(rest, "0") == "" {
			s = whole
		}
	}
	for len(s) < width && s != "" && digits(s) {
		s = "0" + s
	}
	return s
}

// flag reads a code of one letter or word, like 1, 是, Y.
func (r *rowReader) flag(f field) string { return strings.ToLower(r.code(f, 0)) }

// fail records what is wrong with a field's cell; a field without a column is
// blamed on the first one. One thing is enough for a cell: the first.
func (r *rowReader) fail(f field, e *cellError) {
	if e == nil || r.failed(f) {
		return
	}
	msg := e.message
	if e.discreet != "" && !r.mayRepeat(e.value) {
		msg = e.discreet
	}
	r.wrong = append(r.wrong, f)
	r.errors = append(r.errors, RowError{Code: e.code, Sheet: r.sheet, Row: r.number, Column: ColumnName(r.h.at[f]), Field: r.title(f), Message: msg})
}

var idShape = regexp.MustCompile(`^(\d{15}|\d{17}[\dX])$`)

// mayRepeat reports whether a message may repeat a cell's content. Where a row's
// cells have shifted, an ID or a name can stand anywhere: what has as many
// digits as an ID is never repeated, and words only in a row whose ID is in its
// place, if they do not hold the name.
func (r *rowReader) mayRepeat(s string) bool {
	s = personName(width.Fold.String(s))
	count, words := 0, false
	for _, c := range s {
		switch {
		case isDigit(c):
			count++
		case unicode.IsLetter(c) && !strings.ContainsRune("年月日元万级", c):
			words = true
		}
	}
	if count >= 15 || !words {
		return count < 15
	}
	name := personName(width.Fold.String(r.name()))
	return idShape.MatchString(strings.ToUpper(clean(r.text("certno")))) && (name == "" || !strings.Contains(s, name))
}

// name is the person's, which the platform calls psn_name.
func (r *rowReader) name() string {
	if r.h.kind == Claims {
		return r.text("psn_name")
	}
	return r.text("name")
}

func (r *rowReader) title(f field) string {
	if i, ok := r.h.at[f]; ok && i < len(r.h.columns) {
		return r.h.columns[i].title
	}
	return ""
}

func (r *rowReader) id(f field) string {
	id, e := certno(r.cell(f), r.today)
	r.fail(f, e)
	return id
}

// dateCell is a cell for the date readers. In a text file 2023.1 may have been
// the number 2023.10.
func (r *rowReader) dateCell(f field) sheet.Cell {
	c := r.cell(f)
	if r.untyped && c.Kind == sheet.Text {
		c.Kind = sheet.Number
	}
	return c
}

func (r *rowReader) date(f field) civil.Date {
	d, e := past(r.dateCell(f), r.today)
	r.fail(f, e)
	return d
}

func (r *rowReader) amount(f field) money.Fen {
	i, ok := r.h.at[f]
	if !ok {
		return 0
	}
	v, e := amount(r.cell(f), r.h.columns[i].scale)
	r.fail(f, e)
	return v
}

// extras are the columns that no field claims, for keeping with the row: by
// their titles, or by their letters where a title is missing or not the only
// one.
func (r *rowReader) extras() string {
	m := map[string]string{}
	for i, c := range r.cells {
		if text(c) == "" || i < len(r.h.columns) && r.h.columns[i].field != "" {
			continue
		}
		key := ""
		if i < len(r.h.columns) {
			key = r.h.columns[i].title
		}
		if _, clash := m[key]; clash || key == "" {
			key += "（" + ColumnName(i) + "列）"
		}
		m[key] = text(c)
	}
	for f := range keptFields {
		if r.has(f) {
			m[string(f)] = r.text(f)
		}
	}
	if len(m) == 0 {
		return ""
	}
	j, err := json.Marshal(m) // sorted keys
	if err != nil {
		panic(err) // strings
	}
	return string(j)
}

// keptFields are columns that no rule uses; they stay with the row as written,
// sealed, since people write names into notes.
var keptFields = map[field]bool{"mdtrt_id": true, "fulamt_ownpay_amt": true, "overlmt_selfpay": true, "preselfpay_amt": true,
	"act_pay_dedc": true, "fund_pay_sumamt": true, "acct_pay": true, "psn_part_amt": true, "psn_cash_pay": true, "note": true}

// person gives the numbers of a row's person and name.
func person(t ledger.Taker, id, name string) (ledger.PersonNo, int64, error) {
	p, err := t.Person(id)
	if err != nil {
		return 0, 0, err
	}
	n, err := t.Name(personName(name))
	return p, n, err
}

// rosterRow reads one roster row into events: one for each category, and for a
// row that gives both dates the recognition and the removal.
func (im *importer) rosterRow(r *rowReader) (func(ledger.Taker) ([]*ledger.Event, error), bool) {
	id := r.id("certno")
	op := r.op()
	cats, e := categories(r.text("category"), im.o.Categories)
	r.fail("category", e)
	if len(cats) == 0 && op != rules.Remove {
		r.fail("category", bad("E-CATEGORY-MISSING", "缺少困难类别，请补填"))
	}
	start, end := r.date("start"), r.date("end")
	exp, e := expiry(r.dateCell("expiry"))
	r.fail("expiry", e)
	lvl, e := level(r.text("level"))
	r.fail("level", e)
	why := cause(r.text("cause"))
	head := ""
	if r.has("head") {
		head = r.id("head")
	}
	switch {
	case op == rules.Remove && end == 0 && !r.failed("end"):
		r.fail("end", bad("E-DATE-MISSING", "退出人员缺少退出日期，请补填"))
	case op != rules.Remove && op != 0 && start == 0 && !r.failed("start"):
		r.fail("start", bad("E-DATE-MISSING", "%s人员缺少认定日期，请补填", op.Chinese()))
	case start != 0 && exp != 0 && exp < start:
		r.fail("expiry", bad("E-DATE-ORDER", "证件有效期 %s 早于认定日期 %s，请核对", exp, start))
	case start != 0 && end != 0 && end < start:
		r.fail("end", bad("E-DATE-ORDER", "退出日期 %s 早于认定日期 %s，请核对", end, start))
	case op != rules.Remove && end != 0 && end == start:
		// On one day a removal acts before an addition: the person would stay on
		// the list for good.
		r.fail("end", bad("E-DATE-ORDER", "退出日期与认定日期同为 %s，等于从未在册，请核对", end))
	}
	base := ledger.Event{Area: im.o.Area, Op: op, Level: 0, Township: r.text("township"), Village: r.text("village"), Dept: r.text("dept"), Month: im.o.Month}
	if base.Dept == "" {
		base.Dept = im.o.Dept
	}
	var events []*ledger.Event
	add := func(op rules.Op, n named, d civil.Date) {
		ev := base
		ev.Op, ev.Category, ev.Date = op, n.cat, d
		if op != rules.Remove {
			ev.Cause = max(n.cause, why)
			if n.cat == rules.Canji || len(cats) == 1 {
				ev.Expiry = exp
			}
			if n.cat == rules.Canji {
				ev.Level = cmp.Or(lvl, n.level)
				switch {
				case ev.Level == 0:
					r.fail("level", bad("E-LEVEL-MISSING", "残疾人缺少残疾等级，请补填一级、二级、三级或四级"))
				case n.level != 0 && (lvl > 2) != (n.level > 2) && lvl != 0:
					// 重残 is level 1 or 2, so only this is a contradiction.
					r.fail("level", bad("E-LEVEL", "残疾等级与困难类别所写的等级不一致，请核对"))
				}
			}
		}
		events = append(events, &ev)
	}
	if op == rules.Remove && len(cats) == 0 {
		add(op, named{}, end)
	}
	for _, n := range cats {
		if op == rules.Remove {
			add(op, n, end)
			continue
		}
		add(op, n, start)
		if end != 0 {
			add(rules.Remove, n, end)
		}
	}
	if len(r.errors) > 0 {
		return nil, false
	}
	name, extra := r.name(), r.extras()
	src := ledger.Source{Seq: im.file.Seq, Sheet: r.sheet, Row: r.number}
	return func(t ledger.Taker) ([]*ledger.Event, error) {
		p, n, err := person(t, id, name)
		if err != nil {
			return nil, err
		}
		h := ledger.PersonNo(0)
		if head != "" {
			if h, err = t.Person(head); err != nil {
				return nil, err
			}
		}
		for _, ev := range events {
			ev.Src, ev.Person, ev.Name, ev.Head = src, p, n, h
			if extra != "" {
				ev.Extra = t.Seal(extra)
			}
		}
		return events, nil
	}, true
}

// failed reports whether something was already found wrong with a field.
func (r *rowReader) failed(f field) bool { return slices.Contains(r.wrong, f) }

func (r *rowReader) op() rules.Op {
	switch rules.Fold(r.text("op")) {
	case "新增", "增加", "纳入", "新纳入", "新增人员", "add":
		return rules.Add
	case "退出", "减少", "停止", "停保", "取消", "退出人员", "清退", "remove":
		return rules.Remove
	case "变更", "调整", "变动", "变更人员", "change":
		return rules.Change
	case "":
		r.fail("op", bad("E-OP-MISSING", "缺少变动类型，请填写新增、退出或变更"))
	default:
		r.fail("op", badValue("E-OP", r.text("op"), "变动类型%s应为新增、退出或变更"))
	}
	return 0
}

// claimRow reads one settlement of the platform.
func (im *importer) claimRow(r *rowReader) (*ledger.Claim, string, string) {
	c := &ledger.Claim{Area: im.o.Area, Src: ledger.Source{Seq: im.file.Seq, Sheet: r.sheet, Row: r.number}}
	id := r.id("certno")
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
	c.Begin, c.End = r.date("begndate"), r.date("enddate")
	if c.Begin != 0 && c.End != 0 && c.End < c.Begin {
		r.fail("enddate", bad("E-DATE-ORDER", "结束日期 %s 早于开始日期 %s，请核对", c.End, c.Begin))
	}
	im.claimCodes(r, c)
	for _, f := range []field{"medfee_sumamt", "inscp_scp_amt"} {
		if !r.has(f) {
			r.fail(f, bad("E-AMOUNT-MISSING", "缺少%s，请补填", r.title(f)))
		}
	}
	switch s := r.flag("refd_setl_flag"); s {
	case "", "0", "否", "正常", "n":
	case "1", "是", "退费", "y":
		c.Refund = true
		if c.RefundOf = r.settlement("init_setl_id", "E-REFUND-ORIGINAL"); c.RefundOf == "" {
			r.fail("init_setl_id", bad("E-REFUND-ORIGINAL", "退费结算缺少原结算ID，请补填它冲销的是哪一笔"))
		}
	default:
		r.fail("refd_setl_flag", badValue("E-CODE-REFUND", s, "退费标志%s应为 0 或 1"))
	}
	c.Total, c.InScope, c.Basic = r.paid("medfee_sumamt", c.Refund), r.paid("inscp_scp_amt", c.Refund), r.paid("hifp_pay", c.Refund)
	c.Other = r.paid("cvlserv_pay", c.Refund) + r.paid("hifes_pay", c.Refund) + r.paid("oth_pay", c.Refund)
	c.Major = r.paid("hifmi_pay", c.Refund) + r.paid("hifob_pay", c.Refund)
	c.Assist, c.Hosp = r.paid("maf_pay", c.Refund), r.paid("hosp_part_amt", c.Refund)
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
	return c, id, r.name()
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
func (r *rowReader) paid(f field, refund bool) money.Fen {
	v := r.amount(f)
	switch {
	case refund && v > 0:
		r.fail(f, bad("E-REFUND-SIGN", "退费结算的金额应为负数，现为 %s", v))
	case !refund && v < 0:
		r.fail(f, bad("E-AMOUNT-NEGATIVE", "金额为负而不是退费结算，请核对退费标志和原结算ID"))
	}
	if refund {
		return -v
	}
	return v
}

// notGraded is the platform's hosp_lv for an institution without a level.
const notGraded = "11"

func (im *importer) claimCodes(r *rowReader, c *ledger.Claim) {
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
	c.DiseaseCode, c.Disease = rules.Fold(r.text("dise_codg")), r.text("dise_name")
	c.Hospital, c.HospName = r.code("fixmedins_code", 0), r.text("fixmedins_name")
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

// reliefSources are the kinds of help outside the layers.
var reliefSources = []string{"惠民保", "慈善", "临时救助", "专项基金", "医疗互助", "工会", "残联", "其他"}

// reliefRow reads one relief.
func (im *importer) reliefRow(r *rowReader) (*ledger.Relief, string, string) {
	x := &ledger.Relief{Area: im.o.Area, Src: ledger.Source{Seq: im.file.Seq, Sheet: r.sheet, Row: r.number}}
	id := r.id("certno")
	if x.Date = r.date("date"); x.Date == 0 && !r.failed("date") {
		r.fail("date", bad("E-DATE-MISSING", "缺少帮扶日期，请补填"))
	}
	s := rules.Fold(r.text("source"))
	for _, k := range reliefSources {
		if s == k || s == k+"救助" || s == k+"赔付" || s == "总"+k {
			x.Kind = k
		}
	}
	if x.Kind == "" {
		r.fail("source", badValue("E-RELIEF-SOURCE", r.text("source"), "不认识帮扶来源%s，请写 %s 之一", strings.Join(reliefSources, "、")))
	}
	if !r.has("amount") {
		r.fail("amount", bad("E-AMOUNT-MISSING", "缺少帮扶金额，请补填"))
	}
	if x.Amount = r.amount("amount"); x.Amount < 0 {
		r.fail("amount", bad("E-AMOUNT-NEGATIVE", "帮扶金额不能为负，请核对"))
	}
	x.Note = r.text("note")
	return x, id, r.name()
}
