package reports

import (
	"fmt"
	"slices"
	"strings"

	"doudi/jobs/ledger"
	"doudi/reports/catalogue"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

func rowsOf(rows [][]any) func(func([]any) bool) { return slices.Values(rows) }

// adjustments lists the proposals.
func (f *facts) adjustments() *table {
	t := newTable("adjustments", fmt.Sprintf("%s %s 补发追回方案", f.area.Name, f.run.Month), "kind fund certno name home setl_id setl_time med_type category due recorded posted amount year cause",
		"金额为应付减去平台已付和已过账的差额，单位元；正数补发，负数追回。须经复核过账后支付。")
	var rows [][]any
	for i := range f.props {
		p := &f.props[i]
		rows = append(rows, []any{p.Kind(), p.Fund.Chinese(), f.id(p.Person), f.name(p.Person), f.home(p.Person), p.SetlID, p.Row.At, p.Row.Kind.Chinese(),
			p.Row.Category.Chinese(), p.Due, p.Recorded, p.Posted, p.Amount, fmt.Sprint(p.Year), p.Cause()})
	}
	t.rows = rows
	return t
}

// adjustmentSums sums the proposals by fund and category.
func (f *facts) adjustmentSums() *table {
	type key struct {
		fund rules.Fund
		cat  rules.Category
	}
	type sum struct {
		up, down money.Fen
		n        int
	}
	sums := map[key]sum{}
	for _, p := range f.props {
		k := key{p.Fund, p.Row.Category}
		x := sums[k]
		x.n++
		if p.Amount > 0 {
			x.up += p.Amount
		} else {
			x.down -= p.Amount
		}
		sums[k] = x
	}
	t := newTable("adjustment_sums", fmt.Sprintf("%s %s 补发追回汇总", f.area.Name, f.run.Month), "fund category items up down net")
	var rows [][]any
	for fund := range rules.NumFunds {
		for _, c := range append([]rules.Category{rules.NoCategory}, rules.Categories()...) {
			if x, ok := sums[key{fund, c}]; ok {
				who := c.Chinese()
				if c == rules.NoCategory {
					who = "无救助身份"
				}
				rows = append(rows, []any{fund.Chinese(), who, x.n, x.up, x.down, x.up - x.down})
			}
		}
	}
	t.rows = rows
	return t
}

// flagged lists results that carry a flag.
func (f *facts) flagged(key, title, note string, pick func(*ledger.ResultRow) bool) *table {
	t := newTable(key, fmt.Sprintf("%s %s %s", f.area.Name, f.run.Month, title), "certno name home setl_id setl_time med_type category total in_scope basic major due_assist recorded_assist hospital self",
		note)
	var rows [][]any
	for i := range f.rows {
		r := &f.rows[i]
		if r.Flags&ledger.FlagGone != 0 || !pick(r) {
			continue
		}
		rows = append(rows, []any{f.id(r.Person), f.name(r.Person), f.home(r.Person), r.SetlID, r.At, r.Kind.Chinese(), r.Category.Chinese(), r.Total, r.InScope,
			r.Due.Basic, r.Due.Major, r.Due.Assistance(), r.Recorded[rules.FundAssistance], r.Due.Hospital, r.Due.Person})
	}
	t.rows = rows
	return t
}

// caseTable lists clearance cases.
func (f *facts) caseTable() *table {
	t := newTable("cases", "", "year monitor level certno name home held state opened_on opened_by cleared_on line gross relief burden",
		"监测按该监测线规定的负担（如基本医保、大病保险之后）触发，清零按全部保障和帮扶之后的负担判断，故可能监测当日即清零。对象为家庭的，按全户负担合计，身份证号为户主。金额为全年累计，单位元。")
	held := map[ledger.PersonNo]string{}
	for _, r := range f.register {
		held[r.Person] = r.Held.Chinese()
	}
	var rows [][]any
	for i := range f.cases {
		c := &f.cases[i]
		opened := c.Opened()
		var cleared any
		if m, ok := c.ClearedBy(); ok {
			cleared = m.Date
		}
		rows = append(rows, []any{fmt.Sprint(c.Year), c.Name, levelOf(c), f.id(c.Person), f.name(c.Person), f.home(c.Person), held[c.Person], f.state(c),
			opened.Date, f.movers.Code(opened), cleared, c.Line, c.Gross, c.Relief, c.Burden})
	}
	t.rows = rows
	return t
}

func (f *facts) state(c *ledger.Case) string { return CaseState(c, f.run.Month) }

// CaseState is a case's state as of a month: once the year is over, it is
// cleared or it is not (semantics §7).
func CaseState(c *ledger.Case, month civil.Month) string {
	if c.Year < month.Year() || c.Year == month.Year() && month%100 == 12 {
		return c.State.AtYearEnd()
	}
	return c.State.Chinese()
}

// rosterTable lists the month's roster rows with what they did.
func (f *facts) rosterTable() *table {
	t := newTable("roster", "", "dept op certno name kind_of_need cause date disability expiry home effect", "本月读入的名单，每行写明处理结果。")
	var rows [][]any
	for i := range f.moves {
		m := &f.moves[i]
		why, level := "", ""
		if m.Cause == rules.Illness {
			why = "因病"
		}
		if m.Level > 0 {
			level = []string{"", "一级", "二级", "三级", "四级"}[m.Level]
		}
		var expiry any
		if m.Expiry != 0 {
			expiry = m.Expiry
		}
		cat := m.Category.Chinese()
		if m.Category == rules.NoCategory {
			cat = "（全部类别）"
		}
		rows = append(rows, []any{m.Dept, m.Op.Chinese(), f.id(m.Person), f.name(m.Person), cat, why, m.Date, level, expiry, addressOf(m.Person, m.Township, m.Village), m.Effect})
	}
	t.rows = rows
	return t
}

// countedFor are the categories whose people are counted for a department: its
// own, or all of it does not leave to others that anyone holds.
func (f *facts) countedFor(d *catalogue.Department) rules.CategorySet {
	if len(d.Categories) > 0 {
		return d.Set()
	}
	return d.Set() & f.known()
}

// headcount counts who holds what, by township.
func (f *facts) headcount(cats rules.CategorySet) *table {
	t := newTable("headcount", fmt.Sprintf("%s %s 在册人数", f.area.Name, f.asOf), "township", "有几种身份的人在每一种里各计一次，合计人数只计一次。")
	list := (cats).List()
	for _, c := range list {
		t.column("held."+c.String(), c.Chinese())
	}
	t.keys = append(t.keys, "people")
	counts := map[string][]int{}
	for _, r := range f.register {
		if r.Held&cats == 0 {
			continue
		}
		town := f.homes[r.Person][0]
		if town == "" {
			town = "（未填）"
		}
		if counts[town] == nil {
			counts[town] = make([]int, len(list)+1)
		}
		for i, c := range list {
			if r.Held.Has(c) {
				counts[town][i]++
			}
		}
		counts[town][len(list)]++
	}
	var towns []string
	for town := range counts {
		towns = append(towns, town)
	}
	slices.Sort(towns)
	var rows [][]any
	for _, town := range towns {
		row := []any{town}
		for _, n := range counts[town] {
			row = append(row, n)
		}
		rows = append(rows, row)
	}
	t.rows = rows
	return t
}

// hospitals: out-of-scope share per hospital (HZ-17, KF-12).
func (f *facts) hospitals() *table {
	t := newTable("hospitals", fmt.Sprintf("%s %d年 救助对象住院的范围外费用", f.area.Name, f.run.Month.Year()), "org_code org org_level stays total out_of_scope share limit borne")
	var limits [4]money.Ratio
	if seg := f.area.Policy.At(f.asOf); seg != nil && seg.Params.HospitalOn {
		limits = seg.Params.HospitalLimit
	}
	var rows [][]any
	for _, h := range f.hospital {
		var share money.Ratio
		if h.Total > 0 {
			share = money.Ratio((int64(h.OutOfScope)*int64(money.One) + int64(h.Total)/2) / int64(h.Total))
		}
		var limit any
		if h.Level <= 3 && limits[h.Level] > 0 {
			limit = limits[h.Level]
		}
		rows = append(rows, []any{h.Code, h.Name, []string{"", "一级", "二级", "三级"}[min(h.Level, 3)], h.Stays, h.Total, h.OutOfScope, share, limit, h.Borne})
	}
	t.rows = rows
	return t
}

// diseases: what assisted people are treated for.
func (f *facts) diseases() *table {
	t := newTable("diseases", fmt.Sprintf("%s %d年 救助对象就诊病种（费用最高的100种）", f.area.Name, f.run.Month.Year()), "disease people claims total self")
	var rows [][]any
	for _, d := range f.disease {
		rows = append(rows, []any{d.Name, d.People, d.Claims, d.Total, d.Self})
	}
	t.rows = rows
	return t
}

// fundMonths: use of the funds by month of settlement.
func (f *facts) fundMonths() *table {
	t := newTable("fund_months", fmt.Sprintf("%s %d年 救助对象费用与各层应付（按结算月）", f.area.Name, f.run.Month.Year()), "month claims total basic other major assist tilt special supplement hospital self recorded_assist")
	var rows [][]any
	for _, m := range f.months {
		rows = append(rows, []any{m.Month.String(), m.Claims, m.Total, m.Basic, m.Other, m.Major, m.Assist, m.Tilt, m.Special, m.Supplement, m.Hospital, m.Self, m.RecordedAssist})
	}
	t.rows = rows
	return t
}

// waiting lists refunds that cancel nothing yet, not what they name, or what was
// cancelled before.
func (f *facts) waiting() *table {
	t := newTable("refunds", fmt.Sprintf("%s %s 待冲销的退费", f.area.Name, f.run.Month), "refund_id setl_id certno refund_time refund original what",
		"原结算尚未读入的退费暂不冲销。退费总是冲销整笔原结算：金额与原结算不同的，请核对是否另有重新结算。同一结算的第二笔退费不再冲销什么，列为重复退费。")
	var rows [][]any
	for _, w := range f.refunds {
		var what []string
		orig := any(nil)
		if w.Before != "" {
			what = append(what, "重复退费：前有退费 "+w.Before)
		}
		if w.Found {
			orig = w.OriginalTotal
		} else {
			what = append(what, "待冲销：原结算未读入")
		}
		if w.Found && w.Total != w.OriginalTotal {
			what = append(what, "已冲销，但金额不符")
		}
		rows = append(rows, []any{w.SetlID, w.Original, f.id(w.Person), w.At, w.Total, orig, strings.Join(what, "；")})
	}
	t.rows = rows
	return t
}

// certificates lists disability certificates that run out.
func (f *facts) certificates() *table {
	until := f.asOf.AddMonths(3)
	t := newTable("certificates", fmt.Sprintf("%s 三个月内到期的残疾人证（截至 %s）", f.area.Name, f.asOf), "certno name home expiry", "证件到期的次日起不再按残疾人身份救助，请及时换证并报送。")
	var rows [][]any
	for _, r := range f.register {
		if r.Held.Has(rules.Canji) && r.Expiry != 0 && r.Expiry <= until {
			rows = append(rows, []any{f.id(r.Person), f.name(r.Person), f.home(r.Person), r.Expiry})
		}
	}
	t.rows = rows
	return t
}

func isRetro(r *ledger.ResultRow) bool   { return r.Flags&ledger.FlagRetro != 0 }
func isBorne(r *ledger.ResultRow) bool   { return r.Due.Hospital > 0 }
func hasNoPack(r *ledger.ResultRow) bool { return r.Flags&ledger.FlagNoPack != 0 }
func isUnlisted(r *ledger.ResultRow) bool {
	return r.Flags&ledger.FlagUnlisted != 0 && r.Recorded[rules.FundAssistance] > 0
}
