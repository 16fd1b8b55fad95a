package rules

import (
	"fmt"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// Item is one line of a bill.
type Item struct {
	Ref       int64
	SetlID    string
	Class     string // 项目类别
	Name      string
	Date      civil.Date // 0 not given
	Price     money.Fen  // charged for one
	BasePrice money.Fen  // the adjusted price without the children's uplift; 0 not given
	Quantity  int64      // in thousandths: 1500 is one and a half; 0 not given; negative where it was taken back
	Amount    money.Fen  // charged in all; negative where it was taken back
}

// PriceKind is what is wrong with a price.
type PriceKind uint8

// The kinds.
const (
	PriceAboveUplift PriceKind = iota // a child's item of a named class, above base and uplift
	PriceTooOld                       // of a named class above the base, for somebody too old
	PriceOtherClass                   // of another class above the base
)

var priceKindNames = [...]struct{ code, zh string }{
	{"above_uplift", "超过儿童加收标准"},
	{"too_old", "超过加收年龄仍加收"},
	{"other_class", "不属加收类别而加收"},
}

// String is the code: "above_uplift".
func (k PriceKind) String() string { return priceKindNames[k].code }

// Chinese is the kind as lists show it.
func (k PriceKind) Chinese() string { return priceKindNames[k].zh }

// PriceFinding is an item charged above what is allowed. Amounts are fen.
type PriceFinding struct {
	Item    Item
	Kind    PriceKind
	Age     int       // in completed years on the item's day
	Allowed money.Fen // for one
	Unit    money.Fen // too much for one
	Over    money.Fen // too much in all: Unit × quantity, half up; negative on a line that was taken back
	Formula string    // Chinese
}

// CheckPrice holds the price of an item against the base price and the uplift
// for children (温政办〔2022〕98号 第二条（二）9: 30 % for children of 6 and under, for the
// named classes). 6周岁及以下 is who has not reached the 7th birthday on the item's
// day. A class is named when its folded name contains that of the policy, or the
// other way round, from two characters on. Nothing is said without an uplift and
// classes in the policy, a base price, and a day of birth up to the item's.
func CheckPrice(duties *Duties, birth civil.Date, it Item) (PriceFinding, bool) {
	if duties.PriceUplift == Unset || len(duties.PriceClasses) == 0 || it.BasePrice <= 0 || birth == 0 || it.Date < birth {
		return PriceFinding{}, false
	}
	f := PriceFinding{Item: it, Age: AgeOn(birth, it.Date), Allowed: it.BasePrice}
	f.Formula = fmt.Sprintf("基准价 %s", it.BasePrice)
	switch {
	case !namedClass(duties.PriceClasses, it.Class):
		f.Kind = PriceOtherClass
	case f.Age > duties.PriceAge:
		f.Kind = PriceTooOld
	default:
		f.Kind = PriceAboveUplift
		f.Allowed = it.BasePrice.MulHalfUp(money.One + duties.PriceUplift)
		f.Formula = fmt.Sprintf("%s × (100%% + %s) = %s", it.BasePrice, duties.PriceUplift, f.Allowed)
	}
	f.Unit = it.Price - f.Allowed
	if f.Unit <= 0 {
		return PriceFinding{}, false
	}
	n, per := it.Quantity, int64(1000)
	if n == 0 { // not given: the same share of the amount
		n, per = int64(it.Amount), int64(it.Price)
	}
	// A line that was taken back is the same with a minus, to the fen.
	if f.Over = money.Fen(mulDiv(int64(f.Unit), max(n, -n), per)); n < 0 {
		f.Over = -f.Over
	}
	f.Formula += fmt.Sprintf("，实收 %s，每单位多收 %s，共多收 %s", it.Price, f.Unit, f.Over)
	return f, true
}

// namedClass reports whether a class is one of the policy's.
func namedClass(classes []string, class string) bool {
	c := Fold(class)
	for _, name := range classes {
		n := Fold(name)
		short := min(len([]rune(c)), len([]rune(n)))
		if c == n && c != "" || short > 1 && (strings.Contains(c, n) || strings.Contains(n, c)) {
			return true
		}
	}
	return false
}

// BirthOf is the day of birth in an 18-character citizen ID (GB 11643). Its
// check character was verified when it came in. The error does not repeat the
// ID.
func BirthOf(certno string) (civil.Date, error) {
	if len(certno) != 18 {
		return 0, fmt.Errorf("rules: an ID of %d characters", len(certno))
	}
	var d civil.Date
	for _, r := range certno[6:14] {
		if r < '0' || r > '9' {
			return 0, fmt.Errorf("rules: an ID without a day of birth")
		}
		d = d*10 + civil.Date(r-'0')
	}
	if !d.Valid() {
		return 0, fmt.Errorf("rules: an ID with a day of birth that does not exist")
	}
	return d, nil
}
