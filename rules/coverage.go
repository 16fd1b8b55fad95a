package rules

import (
	"cmp"
	"slices"

	"doudi/rules/money"
)

// CoverageKey names a row of the coverage table. NoCategory stands for all
// listed people together, each counted once.
type CoverageKey struct {
	County   string
	Category Category
}

// CoverageRow counts people.
type CoverageRow struct {
	CoverageKey
	People       int // who hold the category, an assisted, subsidised or latent-risk one, on the day of the review
	Enrolled     int // of them in a basic insurance
	Interrupted  int // of them enrolled for the year before and not for this one
	Due          int // entitled to a subsidy by this category
	Subsidised   int // of them subsidised, wholly or in part
	Short        int // of them with too little
	Undetermined int // whose subsidy cannot be told
	Huiminbao    int // of People in 惠民保
}

func (r *CoverageRow) add(o *CoverageRow) {
	r.People += o.People
	r.Enrolled += o.Enrolled
	r.Interrupted += o.Interrupted
	r.Due += o.Due
	r.Subsidised += o.Subsidised
	r.Short += o.Short
	r.Undetermined += o.Undetermined
	r.Huiminbao += o.Huiminbao
}

// EnrolledRate is 参保率 in basis points; see [CountRate].
func (r *CoverageRow) EnrolledRate() money.Ratio { return CountRate(r.Enrolled, r.People) }

// SubsidisedRate is 资助参保率 in basis points; see [CountRate].
func (r *CoverageRow) SubsidisedRate() money.Ratio { return CountRate(r.Subsidised, r.Due) }

// HuiminbaoRate is 惠民保参保率 among the listed, in basis points. The rate that
// 温政办〔2022〕98号 第二条（四）20 asks for is over all who are insured: [JudgeCount] with
// their number.
func (r *CoverageRow) HuiminbaoRate() money.Ratio { return CountRate(r.Huiminbao, r.People) }

// Judge holds 参保率 and 资助参保率 against the targets (杭政办函〔2022〕70号 第一条;
// 温政办〔2022〕98号 第一条; 新疆五部门通知（2023-02-09） 第一条).
func (r *CoverageRow) Judge(t *Targets) []Judged {
	return []Judged{
		JudgeCount(RateEnrolled, r.Enrolled, r.People, t.Enrolled),
		JudgeCount(RateSubsidised, r.Subsidised, r.Due, t.Subsidised),
	}
}

// Coverage counts enrolment and subsidies by county and category. The zero value
// is ready to use; the order of the people does not matter.
type Coverage struct{ rows map[CoverageKey]*CoverageRow }

// Add counts one person of a county. Latent-risk people who hold no listed
// category have a row of their own category and are not among all the listed.
func (c *Coverage) Add(county string, r *PremiumReview) {
	if !r.Said {
		return
	}
	if c.rows == nil {
		c.rows = map[CoverageKey]*CoverageRow{}
	}
	row := func(cat Category) *CoverageRow {
		k := CoverageKey{county, cat}
		if c.rows[k] == nil {
			c.rows[k] = &CoverageRow{CoverageKey: k}
		}
		return c.rows[k]
	}
	person := CoverageRow{People: 1, Enrolled: one(r.Enrolled()), Interrupted: one(r.EnrolledBefore && !r.Enrolled()), Huiminbao: one(r.Huiminbao)}
	for _, cat := range (r.Listed | r.Risk).List() {
		row(cat).add(&person)
	}
	if r.Listed != 0 {
		row(NoCategory).add(&person)
	}
	paid := CoverageRow{Due: one(r.Entitled), Subsidised: one(r.Entitled && r.Subsidised), Short: one(r.Findings.Has(PremiumShort)), Undetermined: one(r.Undetermined)}
	if r.Entitled {
		row(r.Due.Category).add(&paid)
	}
	if r.Entitled || r.Undetermined {
		row(NoCategory).add(&paid)
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Rows are the counties' rows, by county and category, all the listed first.
func (c *Coverage) Rows() []CoverageRow {
	rows := make([]CoverageRow, 0, len(c.rows))
	for _, r := range c.rows {
		rows = append(rows, *r)
	}
	slices.SortFunc(rows, func(a, b CoverageRow) int {
		return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Category, b.Category))
	})
	return rows
}

// Whole are the rows of the whole area, all counties together; their County is
// empty.
func (c *Coverage) Whole() []CoverageRow {
	var sum Coverage
	sum.rows = map[CoverageKey]*CoverageRow{}
	for k, r := range c.rows {
		k.County = ""
		if sum.rows[k] == nil {
			sum.rows[k] = &CoverageRow{CoverageKey: k}
		}
		sum.rows[k].add(r)
	}
	return sum.Rows()
}

// Below are the counties' rows whose enrolment does not reach the target, to be
// named (新疆五部门通知（2023-02-09） 第一条: 99 %). It is judged on the people, not on
// the rounded rate.
func (c *Coverage) Below(target money.Ratio) []CoverageRow {
	return slices.DeleteFunc(c.Rows(), func(r CoverageRow) bool {
		return JudgeCount(RateEnrolled, r.Enrolled, r.People, target).Verdict != TargetMissed
	})
}
