package sqlite

import (
	"slices"
	"strings"

	"doudi/jobs/ledger"
)

// takenTable is a table to which files bring rows. All but identity begin with
// id, seq, sheet, row and, unless they are bare, end with content, extra.
type takenTable struct {
	name      string
	columns   []string // between those
	byContent bool     // a row is known again by its content alone
	bare      bool     // no content and no extra
	later     bool     // came after the first schema
	// record is an empty record and where its columns go: those that are named, and
	// extra.
	record func() (ledger.Record, []any)
}

// takenTables are in the order of their digests in an entry.
var takenTables = []takenTable{
	{name: "identity", bare: true, columns: []string{"kind", "lookup", "box"}, record: func() (ledger.Record, []any) {
		var x ledger.Sealed
		return &x, []any{&x.ID, &x.Kind, &x.Lookup, &x.Box}
	}},
	// Not by content alone: of two alike one may live no more.
	{name: "event", columns: []string{"area", "person", "name", "op", "category", "cause", "date", "expiry", "level", "head",
		"township", "village", "dept", "month", "county", "applied", "via"}, record: func() (ledger.Record, []any) {
		var e ledger.Event
		return &e, append(eventFields(&e), &e.Extra)
	}},
	// Claims have their setl_id.
	{name: "claim", columns: []string{"area", "person", "name", "setl_id", "at", "kind", "referral", "outside", "level", "dise_code", "dise_name",
		"hosp_code", "hosp_name", "insutype", "med_type", "begindate", "enddate", "total", "in_scope", "basic", "other", "major", "assist", "hosp",
		"refund", "refund_of"}, record: func() (ledger.Record, []any) {
		var c ledger.Claim
		return &c, append(claimFields(&c), &c.Extra)
	}},
	{name: "relief", byContent: true, columns: []string{"area", "person", "name", "date", "kind", "amount"}, record: func() (ledger.Record, []any) {
		var x ledger.Relief
		return &x, append(reliefFields(&x), &x.Extra)
	}},
	{name: "enrolment", byContent: true, later: true, columns: []string{"area", "person", "name", "year", "insutype", "plan", "place", "paid_on", "own",
		"subsidy", "by"}, record: func() (ledger.Record, []any) {
		var x ledger.Enrolment
		return &x, append(enrolmentFields(&x), &x.Extra)
	}},
	{name: "contribution", byContent: true, later: true, columns: []string{"area", "person", "name", "month", "base", "paid",
		"flexible"}, record: func() (ledger.Record, []any) {
		var x ledger.Contribution
		return &x, append(contributionFields(&x), &x.Extra)
	}},
	{name: "birth", byContent: true, later: true, columns: []string{"area", "person", "name", "date", "days"}, record: func() (ledger.Record, []any) {
		var x ledger.Birth
		return &x, append(birthFields(&x), &x.Extra)
	}},
	{name: "item", byContent: true, later: true, columns: []string{"area", "person", "name", "setl_id", "code", "item_name", "class", "date", "price",
		"base_price", "quantity", "amount"}, record: func() (ledger.Record, []any) {
		var x ledger.Item
		return &x, append(itemFields(&x), &x.Extra)
	}},
	{name: "transfer", byContent: true, later: true, columns: []string{"area", "person", "payee", "batch", "date", "item", "payer", "from_month", "to_month",
		"setl_id", "amount", "nth"}, record: func() (ledger.Record, []any) {
		var x ledger.Transfer
		return &x, append(transferFields(&x), &x.Extra)
	}},
	{name: "withdrawal", bare: true, later: true, columns: []string{"area", "event", "month", "last", "stated_by"}, record: func() (ledger.Record, []any) {
		var x ledger.Withdrawal
		return &x, withdrawalFields(&x)
	}},
	{name: "restatement", bare: true, later: true, columns: []string{"area", "event", "month", "via", "more"}, record: func() (ledger.Record, []any) {
		var x ledger.Restatement
		return &x, restatementFields(&x)
	}},
}

// part adds the digest of the table's rows to those of an entry. Tables that
// came later count only where the entry has rows of them: an entry of before
// keeps its hash.
func (x *takenTable) part(parts []ledger.Part, d *ledger.Digester) []ledger.Part {
	p := d.Part(x.name)
	if x.later && p.Count == 0 {
		return parts
	}
	return append(parts, p)
}

// named are the columns that the functions below read.
func (x *takenTable) named() []string {
	if x.name == "identity" {
		return append([]string{"id"}, x.columns...)
	}
	return append([]string{"id", "seq", "sheet", "row"}, x.columns...)
}

// selects are the columns of record, and content.
func (x *takenTable) selects() string {
	all := x.named()
	if !x.bare {
		all = append(all, "extra", "content")
	}
	return "SELECT " + strings.Join(all, ", ") + " FROM " + x.name
}

// columnsOf lists the columns that the functions below read, each after a
// prefix.
func columnsOf(table, prefix string) string {
	i := slices.IndexFunc(takenTables, func(x takenTable) bool { return x.name == table })
	return prefix + strings.Join(takenTables[i].named(), ", "+prefix)
}

func place(id *int64, s *ledger.Source) []any { return []any{id, &s.Seq, &s.Sheet, &s.Row} }

func eventFields(e *ledger.Event) []any {
	return append(place(&e.ID, &e.Src), &e.Area, &e.Person, &e.Name, &e.Op, &e.Category, &e.Cause, &e.Date, &e.Expiry, &e.Level, &e.Head,
		&e.Township, &e.Village, &e.Dept, &e.Month, &e.County, &e.Applied, &e.Via)
}

func claimFields(c *ledger.Claim) []any {
	return append(place(&c.Ref, &c.Src), &c.Area, &c.Person, &c.Name, &c.ID, &c.At, &c.Kind, &c.Referral, &c.OutOfProvince, &c.Level,
		&c.DiseaseCode, &c.Disease, &c.Hospital, &c.HospName, &c.Insutype, &c.MedType, &c.Begin, &c.End, &c.Total, &c.InScope, &c.Basic, &c.Other,
		&c.Major, &c.Assist, &c.Hosp, &c.Refund, &c.RefundOf)
}

func reliefFields(x *ledger.Relief) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Name, &x.Date, &x.Kind, &x.Amount)
}

func enrolmentFields(x *ledger.Enrolment) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Name, &x.Year, &x.Insutype, &x.Plan, &x.Place, &x.PaidOn, &x.Own, &x.Subsidy, &x.By)
}

func contributionFields(x *ledger.Contribution) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Name, &x.Month, &x.Base, &x.Paid, &x.Flexible)
}

func birthFields(x *ledger.Birth) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Name, &x.Date, &x.Days)
}

func itemFields(x *ledger.Item) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Name, &x.SetlID, &x.Code, &x.ItemName, &x.Class, &x.Date, &x.Price, &x.BasePrice,
		&x.Quantity, &x.Amount)
}

func transferFields(x *ledger.Transfer) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Person, &x.Payee, &x.Batch, &x.Date, &x.Item, &x.Payer, &x.From, &x.To, &x.SetlID, &x.Amount, &x.Nth)
}

func withdrawalFields(x *ledger.Withdrawal) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Event, &x.Month, &x.Last, &x.By)
}

func restatementFields(x *ledger.Restatement) []any {
	return append(place(&x.ID, &x.Src), &x.Area, &x.Event, &x.Month, &x.Via, &x.More)
}
