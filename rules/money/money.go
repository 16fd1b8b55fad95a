// Package money holds amounts as whole fen and ratios as basis points.
//
// No float ever holds money here. shopspring/decimal parses and prints at the
// edges; everything between is int64 arithmetic that is exact or rounds half up
// once, at a named place.
package money

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Fen is an amount in fen (0.01 yuan). Negative amounts occur only in refunds
// and in differences.
type Fen int64

// Ratio is a share in basis points: 10000 is 100 %.
type Ratio int64

// One is the ratio 100 %.
const One Ratio = 10000

// Limit bounds every single amount that is taken from outside: 100 million
// yuan. With it, Fen×Ratio stays 100,000 times below the int64 range and the
// sum of ten million claims fits as well.
const Limit Fen = 100_000_000_00

var hundred = decimal.NewFromInt(100)

// ParseYuan reads an amount in yuan with at most two decimals ("1234.50").
// It refuses more decimals, since a third one can not be booked, and amounts
// beyond Limit.
func ParseYuan(s string) (Fen, error) {
	d, err := decimal.NewFromString(strings.TrimSpace(s))
	if err != nil {
		return 0, fmt.Errorf("money: %q is not an amount: %w", s, err)
	}
	return FromDecimal(d)
}

// FromDecimal turns yuan into fen; see ParseYuan for what is refused.
func FromDecimal(d decimal.Decimal) (Fen, error) {
	// An exponent of this size is no amount; expanding it would cost memory.
	if d.Exponent() > 12 || d.Exponent() < -40 {
		return 0, fmt.Errorf("money: %d is no exponent of an amount", d.Exponent())
	}
	f := d.Mul(hundred)
	if !f.IsInteger() {
		return 0, fmt.Errorf("money: %s has more than two decimals", d)
	}
	if f.Abs().GreaterThan(decimal.NewFromInt(int64(Limit))) {
		return 0, fmt.Errorf("money: %s is beyond %s", d, Limit)
	}
	return Fen(f.IntPart()), nil
}

// Decimal gives the amount in yuan.
func (f Fen) Decimal() decimal.Decimal { return decimal.New(int64(f), -2) }

// String prints yuan with two decimals: "1234.50".
func (f Fen) String() string {
	var b [24]byte
	return string(f.Append(b[:0]))
}

// Append prints like String, into a buffer.
func (f Fen) Append(b []byte) []byte {
	u := uint64(f)
	if f < 0 {
		b = append(b, '-')
		u = -u
	}
	var d [20]byte
	i := len(d)
	for n := 0; u > 0 || n < 3; n++ {
		if n == 2 {
			i--
			d[i] = '.'
		}
		i--
		d[i] = byte('0' + u%10)
		u /= 10
	}
	return append(b, d[i:]...)
}

// MulHalfUp is f×r rounded half up to the fen, for f ≥ 0.
func (f Fen) MulHalfUp(r Ratio) Fen { return Round(int64(f) * int64(r)) }

// Round turns fen×basis points (a sum of products, say, over tiers) into fen,
// half up, for a value ≥ 0.
func Round(fenBasisPoints int64) Fen { return Fen((fenBasisPoints + int64(One)/2) / int64(One)) }

// ParseRatio reads "80%", "2.5%" or "0.8"; a share finer than a basis point is
// refused.
func ParseRatio(s string) (Ratio, error) {
	s = strings.TrimSpace(s)
	t, pct := strings.CutSuffix(s, "%")
	d, err := decimal.NewFromString(strings.TrimSpace(t))
	if err != nil {
		return 0, fmt.Errorf("money: %q is not a ratio: %w", s, err)
	}
	if d.Exponent() > 4 || d.Exponent() < -40 {
		return 0, fmt.Errorf("money: %q is not a ratio", s)
	}
	if pct {
		d = d.Mul(hundred)
	} else {
		d = d.Mul(decimal.NewFromInt(int64(One)))
	}
	if !d.IsInteger() {
		return 0, fmt.Errorf("money: ratio %q is finer than 0.01%%", s)
	}
	// Beyond int64 IntPart would give some other number.
	if d.Abs().GreaterThan(decimal.NewFromInt(1000 * int64(One))) {
		return 0, fmt.Errorf("money: %q is not a ratio", s)
	}
	return Ratio(d.IntPart()), nil
}

// String prints a percentage without trailing zeros: "80%", "2.5%".
func (r Ratio) String() string { return decimal.New(int64(r), -2).String() + "%" }
