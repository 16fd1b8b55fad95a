package ledger

import (
	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"
)

// What this file holds is on record beside events, claims and relief, and
// changes no settlement: who is insured and by whose money, the months of
// contributions and the births of the maternity allowance, the lines of bills.

// Enrolment is one insurance of a person in a year.
type Enrolment struct {
	ID       int64
	Src      Source
	Area     string
	Person   PersonNo
	Name     int64
	Year     int
	Insutype string // as written
	Plan     rules.Plan
	Place    string     // 参保地, a code or a name, as written
	PaidOn   civil.Date // 0: not given
	Own      money.Fen  // paid by the person
	Subsidy  money.Fen  // paid for the person
	By       string     // 资助部门; "" not given
	Extra    []byte
}

// Contribution is a month for which contributions were paid.
type Contribution struct {
	ID       int64
	Src      Source
	Area     string
	Person   PersonNo
	Name     int64
	Month    civil.Month
	Base     money.Fen // 缴费基数, of a month
	Paid     money.Fen // 0: nothing, or not given
	Flexible bool      // 灵活就业人员
	Extra    []byte
}

// Birth is a birth with the days for which the allowance is due.
type Birth struct {
	ID     int64
	Src    Source
	Area   string
	Person PersonNo
	Name   int64
	Date   civil.Date
	Days   int
	Extra  []byte
}

// Item is a line of a settlement's bill. One that was taken back has a negative
// quantity and amount.
type Item struct {
	ID        int64
	Src       Source
	Area      string
	Person    PersonNo
	Name      int64
	SetlID    string // the settlement need not be on record
	Code      string
	ItemName  string
	Class     string     // as written
	Date      civil.Date // 0: not given
	Price     money.Fen
	BasePrice money.Fen // 政府指导价, above 0
	Quantity  int64     // thousandths; 0: not given
	Amount    money.Fen
	Extra     []byte
}

// Transfer is a payment by the finance bureau (财政拨付), or a line of one.
type Transfer struct {
	ID     int64
	Src    Source
	Area   string
	Person PersonNo // 0: to no single person, or not given
	Payee  int64    // number of the payee's name: people are paid, too
	Batch  string   // 批次号; "" not given
	Date   civil.Date
	Item   string      // 资金项目, as written
	Payer  string      // a department, as written
	From   civil.Month // 所属期; 0 not given
	To     civil.Month
	SetlID string    // the settlement; "" not given
	Amount money.Fen // negative: paid back
	Nth    int       // of the lines of a file that say the same, from 1: the same sum may be paid twice
	Extra  []byte
}

// Withdrawal takes back that a file stated an event for a month (更正).
type Withdrawal struct {
	ID    int64
	Src   Source
	Area  string
	Event int64
	Month civil.Month
	By    Seq  // the file that stated it; 0, of before: all that had
	Last  bool // no other statement is left: the event lives no more
}

// Withdrawn is an event that lives no more, with the withdrawal that took its
// last statement.
type Withdrawn struct {
	Event
	By Withdrawal
}

// The levels of a case.
const (
	LevelPerson    = "person"
	LevelHousehold = "household" // the case's person is the household's head
)
