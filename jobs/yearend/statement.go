package yearend

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"doudi/jobs/ledger"
	"doudi/jobs/reconcile"
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// Statement is the clearance of a year of an area. Its bytes are its JSON; they are
// on record with the signature.
type Statement struct {
	Format int `json:"format"`
	// Where the figures are from. Another run that finds the same makes the same
	// statement.
	From    From `json:"from"`
	Figures `json:"figures"`
}

// From says from which run a statement is.
type From struct {
	Run     int         `json:"run"`
	Month   civil.Month `json:"month"`
	By      string      `json:"by"`
	Version string      `json:"version"`
	Seen    ledger.Seq  `json:"seen"`
}

// Figures are what is signed.
type Figures struct {
	Area   string `json:"area"`
	Name   string `json:"name"`
	Year   int    `json:"year"`
	Policy string `json:"policy"` // digest
	// Results is over the result of each settlement of the year, and Postings over
	// what was posted on them: sums may be the same when neither is.
	Results  string `json:"results"`
	Postings string `json:"postings"`

	Counts   Counts            `json:"counts"`
	Total    Sum               `json:"total"`
	Rows     []Row             `json:"rows"` // by fund, county, hospital
	Insurers map[string]string `json:"insurers"`
	Paid     []PaidRow         `json:"paid"` // by item, county, hospital
	PaidSum  money.Fen         `json:"paid_fen"`
	Premiums []PremiumRow      `json:"premiums"` // by county, category
	Prior    []PriorRow        `json:"prior"`    // by year, settlement, fund, date
	Moved    []MovedRow        `json:"moved"`    // by year, fund, county, hospital
	// MovedPremiums is what is due of premiums of earlier years beyond what the
	// statements before have of it.
	MovedPremiums []MovedPremium `json:"moved_premiums"` // by year, county, category
	// Reread is by how much transfers of earlier years come to something else than in
	// their statements: an item or a payer was not known then.
	Reread []RereadRow `json:"reread"` // by item
	Carry  []CarryRow  `json:"carry"`  // by item
	Judged []Indicator `json:"indicators"`
	Open   []Group     `json:"open"` // what is not settled, and was accepted
}

// Counts are how many of what.
type Counts struct {
	People    int `json:"people"` // with a settlement that counts
	Claims    int `json:"claims"`
	Cancelled int `json:"cancelled"` // settlements taken back by a refund
	Cases     int `json:"cases"`
	Cleared   int `json:"cleared"`
	Transfers int `json:"transfers"`
}

// Sum adds up settlements. Due = Recorded + Posted + Later + Open + Waived.
type Sum struct {
	Claims   int       `json:"claims"`
	Recorded money.Fen `json:"recorded_fen"` // 平台已付
	Due      money.Fen `json:"due_fen"`      // 应付
	Posted   money.Fen `json:"posted_fen"`   // 已过账
	Later    money.Fen `json:"later_fen"`    // posted while the year was closed: 以后年度已调整
	Open     money.Fen `json:"open_fen"`     // proposals that were not posted
	Waived   money.Fen `json:"waived_fen"`   // 名单外已救助, of which nothing is recovered; at most 0
}

// Adjust is what was to be adjusted: 补发 less 追回.
func (s *Sum) Adjust() money.Fen { return s.Posted + s.Later + s.Open }

// Add is both together.
func (s *Sum) Add(o Sum) {
	s.Claims += o.Claims
	s.Recorded += o.Recorded
	s.Due += o.Due
	s.Posted += o.Posted
	s.Later += o.Later
	s.Open += o.Open
	s.Waived += o.Waived
}

// ties reports whether every fen that is due is somewhere.
func (s *Sum) ties() bool { return s.Due == s.Recorded+s.Posted+s.Later+s.Open+s.Waived }

// Row is a fund's part of the settlements of a county's people at a hospital.
type Row struct {
	Fund     rules.Fund `json:"fund"`
	County   string     `json:"county"`
	Hospital string     `json:"hospital"` // code, or the name without one; "" not given
	Name     string     `json:"name"`
	Sum
}

func (r *Row) key() string { return fmt.Sprintf("%d\x00%s\x00%s", r.Fund, r.County, r.Hospital) }

// PaidRow sums the transfers of an item. County and Hospital are empty where the
// transfers do not say for whom they are.
type PaidRow struct {
	Item     string    `json:"item"`
	County   string    `json:"county"`
	Hospital string    `json:"hospital"`
	Count    int       `json:"count"`
	Amount   money.Fen `json:"amount_fen"`
}

// PremiumRow sums the enrolments of a county and category that are subsidised, or
// are to be.
type PremiumRow struct {
	County   string         `json:"county"`
	Category rules.Category `json:"category"` // none: no category is due a subsidy
	People   int            `json:"people"`
	Own      money.Fen      `json:"own_fen"`
	Subsidy  money.Fen      `json:"subsidy_fen"` // as the lists have it
	Due      money.Fen      `json:"due_fen"`     // as the reconciliation has it, to be transferred
}

// MovedPremium is what is due of premiums of an earlier year beyond what the
// statements have of it so far; all of it, where none has.
type MovedPremium struct {
	Year     int            `json:"year"`
	County   string         `json:"county"`
	Category rules.Category `json:"category"`
	Amount   money.Fen      `json:"amount_fen"`
}

// RereadRow is what an item has more, or less, of transfers in earlier statements.
type RereadRow struct {
	Item   string    `json:"item"`
	Amount money.Fen `json:"amount_fen"`
}

// PriorRow is a posting on a settlement of an earlier year (以前年度调整): one that was
// closed by then, or one before the first year that the office closes.
type PriorRow struct {
	Year     int             `json:"year"`
	Fund     rules.Fund      `json:"fund"`
	County   string          `json:"county"`
	Hospital string          `json:"hospital"`
	Name     string          `json:"name"`
	SetlID   string          `json:"setl_id"`
	Person   ledger.PersonNo `json:"person"`
	Run      int             `json:"run"`
	Date     civil.Date      `json:"date"`
	Amount   money.Fen       `json:"amount_fen"`
}

// MovedRow is what the platform's record of an earlier year moved since the last
// statement that covered it, by late settlements and refunds; all of the record,
// where none did.
type MovedRow struct {
	Year     int        `json:"year"`
	Fund     rules.Fund `json:"fund"`
	County   string     `json:"county"`
	Hospital string     `json:"hospital"`
	Name     string     `json:"name"`
	Amount   money.Fen  `json:"amount_fen"`
}

// CarryRow is the balance of an item: Carried = Opening + Recorded + Posted + Prior +
// Moved − Outside − Paid.
type CarryRow struct {
	Item     string    `json:"item"`
	Opening  money.Fen `json:"opening_fen"`  // 上年结转
	Recorded money.Fen `json:"recorded_fen"` // of premiums: what is due
	Posted   money.Fen `json:"posted_fen"`
	Prior    money.Fen `json:"prior_fen"`
	Moved    money.Fen `json:"moved_fen"`
	Outside  money.Fen `json:"outside_fen"` // of Recorded and Moved: what nobody transfers, see advanced
	Paid     money.Fen `json:"paid_fen"`    // with Reread
	Carried  money.Fen `json:"carried_fen"`
	Count    int       `json:"count"` // transfers on record
}

func (r *CarryRow) due() money.Fen {
	return r.Opening + r.Recorded + r.Posted + r.Prior + r.Moved - r.Outside
}

// advanced are the items that hospitals, insurers or the tax office advance and the
// finance bureau pays back. What the platform recorded of the others is settled there:
// basic insurance pays by itself, and hospitals have borne their share.
var advanced = []string{reconcile.ItemMajor, reconcile.ItemAssistance, reconcile.ItemPremium}

func isAdvanced(f rules.Fund) bool { return slices.Contains(advanced, reconcile.ItemOf(f)) }

// payable is what of a row is to be transferred.
func (r *Row) payable() money.Fen {
	if isAdvanced(r.Fund) {
		return r.Recorded + r.Posted
	}
	return r.Posted
}

// Indicator is a figure of the year against its target.
type Indicator struct {
	Indicator rules.Indicator `json:"indicator"`
	Value     money.Ratio     `json:"value_bp"` // rules.Unset: nothing to measure
	Target    money.Ratio     `json:"target_bp"`
	Verdict   rules.Verdict   `json:"verdict"`
}

// Group is what is not settled, of one kind.
type Group struct {
	Item    string    `json:"item"` // what --accept names: cases, transfers, refund:R5
	Count   int       `json:"count"`
	Amount  money.Fen `json:"amount_fen"`
	What    string    `json:"what"`
	Do      string    `json:"do"`     // what to do about it
	May     bool      `json:"may"`    // may be accepted open
	Accept  bool      `json:"accept"` // was
	Reason  string    `json:"reason"`
	Details []Detail  `json:"details"`
}

// Detail is one thing of a group.
type Detail struct {
	Person ledger.PersonNo `json:"person"` // 0 none
	Ref    string          `json:"ref"`    // settlement, refund, monitor, transfer
	What   string          `json:"what"`
	Amount money.Fen       `json:"amount_fen"`
}

// Digest is what two people sign: the hash of all figures, in hex.
func (s *Statement) Digest() string {
	j, err := json.Marshal(&s.Figures)
	if err != nil {
		panic(err) // plain fields, maps with sorted keys
	}
	return digestOfFigures(j)
}

func digestOfFigures(j []byte) string {
	h := sha256.New()
	h.Write([]byte("doudi-statement-1\n"))
	h.Write(j)
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// Bytes are the statement as it is on record.
func (s *Statement) Bytes() []byte {
	j, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain fields
	}
	return j
}

// Parse reads a statement from its bytes; digest is what was signed. It is that of
// the figures as they were written, whatever fields a later program has.
func Parse(data []byte, digest string) (*Statement, error) {
	var s Statement
	var raw struct{ Figures json.RawMessage }
	if err := errors.Join(json.Unmarshal(data, &s), json.Unmarshal(data, &raw)); err != nil {
		return nil, fmt.Errorf("%w: %w", ledger.ErrIntegrity, err)
	}
	if digestOfFigures(raw.Figures) != digest {
		return nil, fmt.Errorf("%w: the statement of %d is not the one that was signed", ledger.ErrIntegrity, s.Year)
	}
	if s.Format < 2 { // what was subsidised was taken for what is due
		for i := range s.Premiums {
			s.Premiums[i].Due = s.Premiums[i].Subsidy
		}
	}
	return &s, nil
}

// NoInsurer stands where nobody said who runs an insurance.
const NoInsurer = "承办机构未登记"

// insured are the items that an insurer runs.
var insured = []string{reconcile.ItemMajor, reconcile.ItemSupplement}

// Insured are the items that an insurer runs.
func Insured() []string { return slices.Clone(insured) }

// Insurer is who runs a fund's insurance; "" for funds that the office runs itself.
func (s *Figures) Insurer(f rules.Fund) string {
	item := reconcile.ItemOf(f)
	if !slices.Contains(insured, item) {
		return ""
	}
	return cmp.Or(s.Insurers[item], NoInsurer)
}

// Cut is the sum of one value of a dimension.
type Cut struct {
	Keys []string
	Name string // of the hospital
	Sum
	Payable money.Fen // what is to be transferred
	Paid    money.Fen
	Count   int // transfers
}

// The dimensions by which a statement is cut. What transfers do not say is "".
var (
	ByFund     = Dimension{func(s *Figures, r *Row) string { return r.Fund.Chinese() }, func(s *Figures, p *PaidRow) string { return fundOf(p.Item) }}
	ByItem     = Dimension{func(s *Figures, r *Row) string { return reconcile.ItemOf(r.Fund) }, func(s *Figures, p *PaidRow) string { return p.Item }}
	ByCounty   = Dimension{func(s *Figures, r *Row) string { return r.County }, func(s *Figures, p *PaidRow) string { return p.County }}
	ByHospital = Dimension{func(s *Figures, r *Row) string { return r.Hospital }, func(s *Figures, p *PaidRow) string { return p.Hospital }}
	ByInsurer  = Dimension{func(s *Figures, r *Row) string { return s.Insurer(r.Fund) }, func(s *Figures, p *PaidRow) string {
		if !slices.Contains(insured, p.Item) {
			return ""
		}
		return cmp.Or(s.Insurers[p.Item], NoInsurer)
	}}
)

// Dimension says where a row of a statement belongs.
type Dimension struct {
	row  func(*Figures, *Row) string
	paid func(*Figures, *PaidRow) string
}

func fundOf(item string) string {
	for f := range rules.NumFunds {
		if reconcile.ItemOf(f) == item {
			return f.Chinese()
		}
	}
	return ""
}

// Cut sums the rows and the transfers by some dimensions, in the order of their
// values; funds and items stand in the order of the funds.
func (s *Figures) Cut(by ...Dimension) []Cut {
	at := map[string]*Cut{}
	var order []string
	get := func(keys []string) *Cut {
		k := fmt.Sprintf("%q", keys)
		if at[k] == nil {
			at[k] = &Cut{Keys: keys}
			order = append(order, k)
		}
		return at[k]
	}
	for i := range s.Rows {
		var keys []string
		for _, d := range by {
			keys = append(keys, d.row(s, &s.Rows[i]))
		}
		c := get(keys)
		c.Add(s.Rows[i].Sum)
		c.Payable += s.Rows[i].payable()
		if c.Name == "" || s.Rows[i].Name != "" && s.Rows[i].Name < c.Name {
			c.Name = s.Rows[i].Name
		}
	}
	for i := range s.Paid {
		var keys []string
		for _, d := range by {
			keys = append(keys, d.paid(s, &s.Paid[i]))
		}
		c := get(keys)
		c.Paid += s.Paid[i].Amount
		c.Count += s.Paid[i].Count
	}
	out := make([]Cut, 0, len(order))
	for _, k := range order {
		out = append(out, *at[k])
	}
	slices.SortFunc(out, func(a, b Cut) int {
		return slices.CompareFunc(a.Keys, b.Keys, func(x, y string) int { return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x, y)) })
	})
	return out
}

// rank puts funds and their items first, in their order, and what is not said last.
func rank(key string) int {
	for f := range rules.NumFunds {
		if key == f.Chinese() || key == reconcile.ItemOf(f) {
			return int(f)
		}
	}
	if key == "" {
		return 1000
	}
	return 100
}

// Prove shows that every fen that is due is recorded, posted, open or waived, in
// each row; that every cut of the year has the same sums; and that the balances of
// the items come to what was due, posted and paid. Whoever made or read a statement
// has called it.
func (s *Figures) Prove() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: 年度清算表 %d：%s", ledger.ErrIntegrity, s.Year, fmt.Sprintf(format, args...))
	}
	for i := range s.Rows {
		if r := &s.Rows[i]; !r.ties() {
			return bad("%s %s %s 的应付与各项之和不符", r.Fund.Chinese(), r.County, r.Hospital)
		}
		if i > 0 && s.Rows[i-1].key() >= s.Rows[i].key() {
			return bad("第 %d 行不在次序上", i)
		}
	}
	for name, by := range map[string][]Dimension{"资金": {ByFund}, "项目": {ByItem}, "县区": {ByCounty}, "医院": {ByHospital}, "承办机构": {ByInsurer}, "各维度": {ByFund, ByCounty, ByHospital}} {
		var sum Sum
		var paid money.Fen
		n := 0
		for _, c := range s.Cut(by...) {
			sum.Add(c.Sum)
			paid += c.Paid
			n += c.Count
		}
		if sum != s.Total || paid != s.PaidSum || n != s.Counts.Transfers {
			return bad("按%s的合计 %+v、已拨付 %s 与总计 %+v、%s 不符", name, sum, paid, s.Total, s.PaidSum)
		}
	}
	return s.proveCarry(bad)
}

func (s *Figures) proveCarry(bad func(string, ...any) error) error {
	var got CarryRow
	for i := range s.Carry {
		r := &s.Carry[i]
		if r.Carried != r.due()-r.Paid {
			return bad("%s 的结转与各项之和不符", r.Item)
		}
		got.Recorded += r.Recorded
		got.Posted += r.Posted
		got.Prior += r.Prior
		got.Moved += r.Moved
		got.Outside += r.Outside
		got.Paid += r.Paid
	}
	want := CarryRow{Recorded: s.Total.Recorded, Posted: s.Total.Posted, Paid: s.PaidSum}
	for _, p := range s.Premiums {
		want.Recorded += p.Due
	}
	for _, p := range s.MovedPremiums {
		want.Moved += p.Amount
	}
	for _, x := range s.Reread {
		want.Paid += x.Amount
	}
	for _, p := range s.Prior {
		want.Prior += p.Amount
	}
	for _, m := range s.Moved {
		want.Moved += m.Amount
		if !isAdvanced(m.Fund) {
			want.Outside += m.Amount
		}
	}
	for i := range s.Rows {
		if r := &s.Rows[i]; !isAdvanced(r.Fund) {
			want.Outside += r.Recorded
		}
	}
	if got != want {
		return bad("结转各项的合计 %+v 与清算各项的合计 %+v 不符", got, want)
	}
	return nil
}
