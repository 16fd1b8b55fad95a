package intake

import (
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/rules"
)

// enrolment takes one row of a list of the insured.
func (im *importer) enrolment(r *rowReader) error {
	x, id := im.enrolmentRow(r)
	im.read(r, x.Own+x.Subsidy, "own_amt", "subsidy_amt")
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	var err error
	if x.Person, x.Name, x.Extra, err = im.identify(r, id); err != nil {
		return err
	}
	out, err := im.t.Enrolment(x)
	if err != nil {
		return err
	}
	im.count(r, out == ledger.New)
	if out == ledger.New {
		im.file.Enrolments++
	}
	return nil
}

// enrolmentRow reads one enrolment. The premium is often paid in the year
// before, and not at all by people for whom all of it is paid.
func (im *importer) enrolmentRow(r *rowReader) (*ledger.Enrolment, string) {
	x := &ledger.Enrolment{Area: im.o.Area, Src: im.source(r), Place: r.word("area"), By: r.word("subsidy_by")}
	id := r.id("certno")
	var e *cellError
	x.Year, e = year(r.code("year", 0), r.today)
	r.fail("year", e)
	x.Insutype = r.hide("insutype", r.code("insutype", 0))
	switch x.Plan = im.plan(x.Insutype); {
	case x.Insutype == "":
		r.fail("insutype", bad("E-CODE-INSUTYPE", "缺少险种，请补填 310、390 或惠民保"))
	case x.Plan == rules.NoPlan:
		r.fail("insutype", badValue("E-CODE-INSUTYPE", x.Insutype, "不认识险种%s，请写 310（职工医保）、390（居民医保）或惠民保，或在 codes.insutype 中登记"))
	}
	x.PaidOn = r.date("paid_on")
	x.Own, x.Subsidy = r.magnitude("own_amt"), r.magnitude("subsidy_amt")
	return x, id
}

// plan tells an insurance from its code or name, or from the name that the
// office gives to its code.
func (im *importer) plan(insutype string) rules.Plan {
	p := planNamed(rules.Fold(insutype))
	if name, known := im.o.Codes.Insutype(insutype); known && p == rules.NoPlan {
		p = planNamed(rules.Fold(name))
	}
	return p
}

var (
	// huiminbao are the words of the insurances that cities and counties arrange
	// with commercial insurers, by kind and by name.
	huiminbao = []string{"huiminbao", "惠民保", "惠民型", "普惠型", "惠保", "益康保", "益联保", "商业补充医疗"}
	// otherwise are words of what residents or employees have beside their basic
	// medical insurance.
	otherwise = []string{"养老", "工伤", "失业", "大病", "大额", "补充", "护理", "意外", "互助"}

	employees = []string{"310", "employees", "职工", "城镇职工"}
	residents = []string{"390", "391", "392", "residents", "居民", "城乡居民", "城镇居民", "新农合"}
)

// planNamed tells an insurance from its folded code or name.
func planNamed(s string) rules.Plan {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
	medical := has("医疗", "医保")
	switch {
	case has(huiminbao...):
		return rules.PlanHuiminbao
	case has(otherwise...):
		return rules.NoPlan
	case slices.Contains(employees, s), medical && has("职工"):
		return rules.PlanEmployees
	case slices.Contains(residents, s), medical && has("居民", "农村合作"):
		return rules.PlanResidents
	}
	return rules.NoPlan
}
