package money

import (
	"math"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestParseYuan(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Fen
	}{
		{"0", 0},
		{"1", 1_00},
		{"1234.5", 1234_50},
		{"1234.50", 1234_50},
		{"1234.500", 1234_50}, // a third decimal that is 0 loses nothing
		{" 12.34 ", 12_34},
		{"-0.01", -1},
		{"+3", 3_00},
		{".5", 50},
		{"1e3", 1000_00},
		{"100000000.00", Limit},
		{"-100000000.00", -Limit},
	} {
		got, err := ParseYuan(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseYuan(%q) = %d, %v; want %d", c.in, got, err, c.want)
		}
	}
}

func TestParseYuanRefuses(t *testing.T) {
	for in, why := range map[string]string{
		"":                               "not an amount",
		"abc":                            "not an amount",
		"1,234.50":                       "not an amount",
		"12元":                            "not an amount",
		"0x10":                           "not an amount",
		"NaN":                            "not an amount",
		"1.005":                          "two decimals",
		"0.001":                          "two decimals",
		"100000000.01":                   "beyond",
		"-100000000.01":                  "beyond",
		"1e12":                           "beyond",
		"1e13":                           "exponent",
		"1e2000000000":                   "exponent",
		"1e-2000000000":                  "exponent",
		"18446744073709551616":           "beyond", // 2^64: would be 0 in an int64
		strings.Repeat("9", 400) + ".00": "beyond",
	} {
		got, err := ParseYuan(in)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("ParseYuan(%.30q) = %d, %v; want an error with %q", in, got, err, why)
		}
	}
}

func TestPrint(t *testing.T) {
	for f, want := range map[Fen]string{
		0:             "0.00",
		1:             "0.01",
		-1:            "-0.01",
		10:            "0.10",
		99:            "0.99",
		100:           "1.00",
		-100:          "-1.00",
		1234_50:       "1234.50",
		Limit:         "100000000.00",
		math.MaxInt64: "92233720368547758.07",
		math.MinInt64: "-92233720368547758.08",
	} {
		if got := f.String(); got != want {
			t.Errorf("Fen(%d) prints %q, want %q", int64(f), got, want)
		}
		if got := string(f.Append([]byte("x"))); got != "x"+want {
			t.Errorf("Fen(%d) appends %q", int64(f), got)
		}
	}
}

// TestPrintAndParse: what is printed is read back, and shopspring/decimal
// prints the same.
func TestPrintAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(-int64(Limit), int64(Limit)).Draw(t, "fen"))
		if s := f.Decimal().StringFixed(2); s != f.String() {
			t.Fatalf("decimal prints %s, Fen %s", s, f)
		}
		back, err := ParseYuan(f.String())
		if err != nil || back != f {
			t.Fatalf("%s is read back as %s, %v", f, back, err)
		}
		if back, err = FromDecimal(f.Decimal()); err != nil || back != f {
			t.Fatalf("decimal of %s is read back as %s, %v", f, back, err)
		}
	})
}

func TestMulHalfUp(t *testing.T) {
	for _, c := range []struct {
		f    Fen
		r    Ratio
		want Fen
	}{
		{1, 5000, 1},              // 0.5 fen: up
		{1, 4999, 0},              // 0.4999: down
		{3, 5000, 2},              // 1.5: up
		{5, 1000, 1},              // 0.5: up
		{5, 999, 0},               // 0.4995: down
		{1_01, 2500, 25},          // 25.25
		{1_02, 2500, 26},          // 25.5: up
		{1_03, 2500, 26},          // 25.75
		{42857_14, 7000, 3000000}, // 29 999.998 yuan
		{Limit, One, Limit},
		{Limit, 1, 1_000_000},
		{0, One, 0},
		{7, 0, 0},
	} {
		if got := c.f.MulHalfUp(c.r); got != c.want {
			t.Errorf("%d fen × %s = %d, want %d", c.f, c.r, got, c.want)
		}
	}
}

// TestMulHalfUpIsDecimal holds the integer rounding against decimal arithmetic.
// Round of decimal goes away from zero at .5, which is up for what is not
// negative.
func TestMulHalfUpIsDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fen(rapid.Int64Range(0, int64(Limit)).Draw(t, "fen"))
		r := Ratio(rapid.Int64Range(0, int64(One)).Draw(t, "ratio"))
		want := decimal.NewFromInt(int64(f)).Mul(decimal.New(int64(r), -4)).Round(0).IntPart()
		if got := f.MulHalfUp(r); int64(got) != want {
			t.Fatalf("%d × %s = %d, decimal says %d", f, r, got, want)
		}
	})
}

func TestRound(t *testing.T) {
	for in, want := range map[int64]Fen{0: 0, 4999: 0, 5000: 1, 9999: 1, 14999: 1, 15000: 2} {
		if got := Round(in); got != want {
			t.Errorf("Round(%d) = %d, want %d", in, got, want)
		}
	}
}

func TestParseRatio(t *testing.T) {
	for in, want := range map[string]Ratio{
		"80%": 8000, "2.5%": 250, "100%": One, "0%": 0, " 65 % ": 6500, "0.01%": 1,
		"0.8": 8000, "1": One, "0.0001": 1, "2.50%": 250, "-5%": -500, "150%": 15000,
	} {
		if got, err := ParseRatio(in); err != nil || got != want {
			t.Errorf("ParseRatio(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for in, why := range map[string]string{
		"":        "not a ratio",
		"%":       "not a ratio",
		"80%%":    "not a ratio",
		"八成":      "not a ratio",
		"1e9%":    "not a ratio",
		"1e-99%":  "not a ratio",
		"0.001%":  "finer",
		"0.00001": "finer",
		// A number of basis points beyond int64 must not come back as a small one:
		// 2^64 + 80 basis points would be 0.8 %.
		"184467440737095516.96%": "not a ratio",
		"1844674407370955.1696":  "not a ratio",
	} {
		if got, err := ParseRatio(in); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("ParseRatio(%q) = %d, %v; want an error with %q", in, got, err, why)
		}
	}
}

func TestRatioPrints(t *testing.T) {
	for r, want := range map[Ratio]string{8000: "80%", 250: "2.5%", One: "100%", 0: "0%", 1: "0.01%", 8510: "85.1%"} {
		if got := r.String(); got != want {
			t.Errorf("Ratio(%d) prints %q, want %q", int64(r), got, want)
		}
		if back, err := ParseRatio(r.String()); err != nil || back != r {
			t.Errorf("%s is read back as %d, %v", r, back, err)
		}
	}
}
