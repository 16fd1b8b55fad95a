package reconcile

import (
	"errors"
	"strconv"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Self is the payee of what goes to the person's own account.
const Self = "self"

// Due is one amount that is to be transferred.
type Due struct {
	Key        string // stable: posting:123, direct:202308:H0001:assistance, premium:2024:77
	Person     int64  // the ledger's number; 0: to no single person
	Payee      string // hospital, insurer, tax office; "" or Self: the person
	County     string
	Item       string // any name that [Items] folds
	From, To   civil.Month
	Settlement string // setl_id; "" not of one settlement
	Batch      string // the batch that lists whose it is; "" none
	Amount     money.Fen
}

// Line is one transfer.
type Line struct {
	Key        string // stable: transfer:123
	Person     int64
	Payee      string // "": not said, or to many
	County     string // "": the whole area
	Item       string // as written
	From, To   civil.Month
	Date       civil.Date
	Settlement string
	Batch      string
	Nth        int // of the lines of a file that say the same, from 1
	Amount     money.Fen
}

// PostingKey is the key of a posted adjustment's due.
func PostingKey(id int64) string { return "posting:" + strconv.FormatInt(id, 10) }

// DirectKey is the key of what a payee advanced in a month (一站式结算).
func DirectKey(m civil.Month, payee, fund string) string {
	return "direct:" + strconv.Itoa(int(m)) + ":" + payee + ":" + fund
}

// PremiumKey is the key of a year's premium subsidy.
func PremiumKey(year int, person int64) string {
	return "premium:" + strconv.Itoa(year) + ":" + strconv.FormatInt(person, 10)
}

// PremiumOf reads a PremiumKey; false for any other key.
func PremiumOf(key string) (year int, person int64, ok bool) {
	rest, ok := strings.CutPrefix(key, "premium:")
	y, p, cut := strings.Cut(rest, ":")
	year, err1 := strconv.Atoi(y)
	person, err2 := strconv.ParseInt(p, 10, 64)
	return year, person, ok && cut && err1 == nil && err2 == nil
}

// TransferKey is the key of a transfer on record.
func TransferKey(id int64) string { return "transfer:" + strconv.FormatInt(id, 10) }

// Options are what an office decides.
type Options struct {
	Tolerance money.Fen // of rules 2 to 4; 0 by default
	Items     *Items    // nil: the names that are built in
	Agents    []string  // payees that only pass on: banks that pay out, offices
	Manual    []Manual  // in force, see [Fold]
}

// Class says what became of a due or a line.
type Class uint8

// The classes.
const (
	Matched    Class = iota // 相符
	Short                   // 少拨
	Over                    // 多拨
	Double                  // 重复拨付
	Returned                // 退回
	Unpaid                  // 应拨未拨
	Undue                   // 已拨无应
	ShortBack               // 少退
	OverBack                // 多退
	NotBack                 // 应退未退
	UndueBack               // 已退无应
	Nothing                 // 零金额
	NumClasses = iota
)

var classNames = [NumClasses]struct{ code, zh string }{
	{"matched", "相符"}, {"short", "少拨"}, {"over", "多拨"}, {"double", "重复拨付"}, {"returned", "退回"}, {"unpaid", "应拨未拨"}, {"undue", "已拨无应"},
	{"short_back", "少退"}, {"over_back", "多退"}, {"not_back", "应退未退"}, {"undue_back", "已退无应"}, {"nothing", "零金额"},
}

// String is the code: "unpaid".
func (c Class) String() string { return classNames[c].code }

// Chinese is the name that people read.
func (c Class) Chinese() string { return classNames[c].zh }

// Rule says what matched.
type Rule uint8

// The rules; 1 to 4 are those of semantics §9.
const (
	NoRule     Rule = iota
	Exact           // 1
	Tolerance       // 2
	OneForMany      // 3
	ManyForOne      // 4
	ByHand
	BankReturn
)

// Chinese is the name that people read.
func (r Rule) Chinese() string {
	return [...]string{"未对上", "规则1", "规则2", "规则3", "规则4", "人工", "退汇"}[r]
}

// Scope is what the members of a match have in common, beside the item.
type Scope uint8

// The scopes.
const (
	NoScope Scope = iota
	OfSettlement
	OfPerson
	OfPayee
	OfBatch
	OfCounty
	OfArea
	OneCounty // of several, for a line that names none
)

var scopeNames = [...]string{"", "同一结算单", "同一人", "同一收款单位", "同一批次", "同一县区", "全统筹区", "仅一个县区合计相符"}

// Chinese is the name that people read.
func (s Scope) Chinese() string { return scopeNames[s] }

// Fit says how the periods agree.
type Fit uint8

// The fits, the better first.
const (
	NoFit      Fit = iota
	SamePeriod     // equal
	LineWider      // the line's contains the due's
	DueWider       // the due's contains the line's
	NoPeriod       // the line says none
	AnyPeriod      // the settlement, the batch or a user decides
)

// Match holds dues and lines that belong together, or one that belongs to none.
type Match struct {
	Rule  Rule
	Class Class
	Scope Scope
	Fit   Fit
	Net   bool    // 补发 less 追回
	Group bool    // Short or Over by a whole group
	Dues  []int32 // of Result.Dues, ascending
	Lines []int32 // of Result.Lines, ascending
	Due   money.Fen
	Paid  money.Fen
	Of    int32 // Double: the line that it repeats; else -1
	Hand  int32 // ByHand: the one of Result.Manual; else -1
	Near  *Near // of what is not matched
}

// Diff is what was paid less what is due.
func (m *Match) Diff() money.Fen { return m.Paid - m.Due }

// Fails says in what two records differ.
type Fails uint8

// What may differ.
const (
	FailItem Fails = 1 << iota
	FailPeriod
	FailAmount
	FailPayee
	FailSettlement
)

// Near is what came nearest to an unmatched due or line. All zero: nothing did.
type Near struct {
	Key    string // of the line, or the due
	Fails  Fails
	Scope  Scope // OfPerson, OfPayee; OfCounty, OfArea: a group's sum, and Key is of the line for many
	Taken  bool  // it belongs to another match,
	As     Class // of this class
	Diff   money.Fen
	Sum    money.Fen // of the group
	Amount money.Fen // of the one with the key
}

// Result is a reconciliation. It does not depend on the order of the input.
type Result struct {
	Dues    []Due  // by key; items folded, an empty payee is Self
	Lines   []Line // by key; items folded
	Manual  []Manual
	Matches []Match // by their first due, then those without dues by their first line
	Rows    []Row   // by county, item, period
	Total   Row
	Unknown []UnknownItem

	Tolerance money.Fen
}

// UnknownItem is an item that no name is known for.
type UnknownItem struct {
	Item        string
	Dues, Lines int
	Due, Paid   money.Fen
}

// Error is what is wrong with the input.
type Error struct{ Code, Key, Text string }

func (e *Error) Error() string { return strings.TrimSpace(e.Code+" "+e.Key) + "：" + e.Text }

// Errors are all that are wrong with the input.
type Errors []*Error

func (es Errors) Error() string {
	var b strings.Builder
	for i, e := range es {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == 20 {
			b.WriteString("……共 " + strconv.Itoa(len(es)) + " 处")
			break
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

func (es *Errors) add(code, key, text string) { *es = append(*es, &Error{code, key, text}) }

func (es Errors) err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// ErrIntegrity says that a due or a line was lost or counted twice: a fault of
// the program, never of the input.
var ErrIntegrity = errors.New("reconcile: integrity")
