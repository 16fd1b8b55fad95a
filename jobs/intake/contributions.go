package intake

import (
	"doudi/jobs/ledger"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// maxMonths is how many months one row of contributions may speak of.
const maxMonths = 24

// contributions takes one row of contributions: a month, or each month of a
// period.
func (im *importer) contributions(r *rowReader) error {
	months, id := im.contributionRow(r)
	if len(r.errors) > 0 {
		im.giveBack(r)
		return nil
	}
	p, name, extra, err := im.identify(r, id)
	if err != nil {
		return err
	}
	fresh := 0
	for i := range months {
		x := &months[i]
		x.Person, x.Name, x.Extra = p, name, extra
		out, err := im.t.Contribution(x)
		if err != nil {
			return err
		}
		if out == ledger.New {
			fresh++
		}
	}
	im.count(r, fresh > 0)
	im.file.Contributions += fresh
	return nil
}

// contributionRow reads one row into months. The base is a month's; what was
// paid is for the whole period and is divided among its months, the odd fen
// going to the first ones, so that a month sent alone and one sent in a period
// are the same.
func (im *importer) contributionRow(r *rowReader) ([]ledger.Contribution, string) {
	x := ledger.Contribution{Area: im.o.Area, Src: im.source(r)}
	id := r.id("certno")
	from, to := r.period()
	r.filled("base")
	x.Base = r.magnitude("base")
	paid := r.magnitude("paid")
	x.Flexible = r.flexible()
	if len(r.errors) > 0 {
		return nil, id
	}
	var months []ledger.Contribution
	for m := from; m <= to; m = m.Next() {
		x.Month = m
		months = append(months, x)
	}
	n := money.Fen(len(months))
	for i := range months {
		months[i].Paid = paid / n
		if money.Fen(i) < paid%n {
			months[i].Paid++
		}
	}
	return months, id
}

// period reads the months of a row: from one column, or from two for the first
// and the last.
func (r *rowReader) period() (from, to civil.Month) {
	first, e := month(r.dateCell("month_from"), r.today)
	r.fail("month_from", e)
	last, e := month(r.dateCell("month_to"), r.today)
	r.fail("month_to", e)
	begin, end := field("month_from"), field("month_to") // the cells to blame
	from, to = first, last
	if r.has("month") || !r.has(begin) && !r.has(end) && r.h.has("month") {
		begin, end = "month", "month"
		from, to, e = period(r.dateCell("month"), r.today)
		r.fail("month", e)
	}
	missing := bad("E-DATE-MISSING", "缺少费款所属期，请补填，如 2023-05")
	if from == 0 && !r.failed(begin) {
		r.fail(begin, missing)
	}
	if to == 0 && !r.failed(end) {
		r.fail(end, missing)
	}
	if from == 0 || to == 0 {
		return 0, 0
	}
	switch n := monthsFrom(from, to); {
	case first != 0 && first != from || last != 0 && last != to:
		r.fail(end, bad("E-PERIOD", "费款所属期与起止月份不一致，请核对"))
	case n < 1:
		r.fail(end, bad("E-DATE-ORDER", "费款所属期止 %s 早于起 %s，请核对", to, from))
	case n > maxMonths:
		r.fail(end, bad("E-PERIOD", "费款所属期 %s 至 %s 共 %d 个月，一行最多 %d 个月，请核对或分行填写", from, to, n, maxMonths))
	}
	return from, to
}

// monthsFrom counts the months of a period with both ends.
func monthsFrom(from, to civil.Month) int {
	return (to.Year()-from.Year())*12 + int(to%100) - int(from%100) + 1
}

// flexible tells whether a person is insured as 灵活就业; whoever is not said to
// be is insured by an employer.
func (r *rowReader) flexible() bool {
	switch rules.Fold(r.text("flexible")) {
	case "灵活就业", "灵活就业人员", "灵活就业参保", "灵活就业参保人员":
		return true
	case "", "在职", "在职职工", "在职人员", "单位", "单位职工", "单位在职", "单位参保", "单位参保人员", "用人单位", "职工", "企业职工":
	default:
		r.fail("flexible", badValue("E-INSURED", r.text("flexible"), "参保身份%s应为在职（单位）或灵活就业"))
	}
	return false
}
