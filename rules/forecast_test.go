package rules_test

import (
	"strings"
	"testing"

	"doudi/rules"
	"doudi/rules/civil"
	"doudi/rules/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// useFrom are months in a row, in yuan.
func useFrom(m civil.Month, yuan ...int64) (us []rules.MonthUse) {
	for _, y := range yuan {
		us = append(us, rules.MonthUse{Month: m, Use: money.Fen(y * 100)})
		m = m.Next()
	}
	return us
}

// TestForecastMean: 100, 200, 400 in three months; no year before.
func TestForecastMean(t *testing.T) {
	f := rules.Forecast(useFrom(202301, 100, 200, 400), 202303, 2000_00)
	// 700 + 700 × 9 / 3 = 2,800. Quartiles of 100, 200, 400: the 1st and the 3rd;
	// 700 + 9 × 100 = 1,600 to 700 + 9 × 400 = 4,300.
	if f.Method != rules.ForecastMean || f.Used != 700_00 || f.Point != 2800_00 || f.Low != 1600_00 || f.High != 4300_00 || f.Looked != 3 {
		t.Errorf("%+v", f)
	}
	// 700 / 2000 = 35 %, 2800 / 2000 = 140 %. To date 700 + 700/3 × n: September, the 6th
	// to come, 2,100; August 1,866.67.
	if f.UseRate != 3500 || f.PointRate != 14000 || f.Left != -800_00 || f.UsedUp != 202309 {
		t.Errorf("%+v", f)
	}
	if len(f.Months) != 12 || f.Months[2] != (rules.ForecastMonth{Month: 202303, Use: 400_00, ToDate: 700_00, OnRecord: true}) ||
		f.Months[7].ToDate != 1866_67 || f.Months[8] != (rules.ForecastMonth{Month: 202309, Use: 233_33, ToDate: 2100_00}) {
		t.Errorf("%+v", f.Months)
	}
	want := "本年月均法：本年已记录3个月支出 700.00，其余9个月按月均计，全年预测 700.00 + 700.00 × 9 ÷ 3 = 2800.00；" +
		"区间 1600.00 至 4300.00：其余月份分别按近12个月中有记录的3个月的下四分位数 100.00、上四分位数 400.00 计，并包含预测值；仅反映月度波动，不是概率；" +
		"年度预算 2000.00，已使用 35%；预测为预算的 140%，缺口 800.00；按预测，预算将于 2023-09 用完。"
	if d := cmp.Diff(want, f.Text); d != "" {
		t.Error(d)
	}
}

// TestForecastSeason: last year 100 a month, but 500 in November and December;
// this year January to March 120 each.
func TestForecastSeason(t *testing.T) {
	used := append(useFrom(202201, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 500, 500), useFrom(202301, 120, 120, 120)...)
	f := rules.Forecast(used, 202303, 2500_00)
	// Same months 300 of 2,000: 360 × 2000 / 300 = 2,400. The last 12 months: nine of last
	// year, two of them 500, and three of 120. Sorted 100 × 7, 120 × 3, 500 × 2: the 3rd is 100, the 9th 120.
	// 360 + 9 × 100 = 1,260 to 360 + 9 × 120 = 1,440, widened to the point.
	if f.Method != rules.ForecastSeason || f.Point != 2400_00 || f.Lower != 100_00 || f.Upper != 120_00 || f.Low != 1260_00 || f.High != 2400_00 || f.Looked != 12 {
		t.Errorf("%+v", f)
	}
	if f.UseRate != 1440 || f.PointRate != 9600 || f.Left != 100_00 || f.UsedUp != 0 {
		t.Errorf("%+v", f)
	}
	// October: 360 + 360 × 700 / 300 = 1,200.
	if f.Months[9].ToDate != 1200_00 || f.Months[10].Use != 600_00 || f.Months[11].ToDate != 2400_00 {
		t.Errorf("%+v", f.Months)
	}
	if !strings.HasPrefix(f.Text, "上年同期占比法：本年已记录3个月支出 360.00，上年相同月份 300.00、全年 2000.00，全年预测 360.00 + 360.00 × (2000.00 − 300.00) ÷ 300.00 = 2400.00；") ||
		!strings.HasSuffix(f.Text, "年度预算 2500.00，已使用 14.4%；预测为预算的 96%，结余 100.00；按预测，年内不会用完。") {
		t.Error(f.Text)
	}
}

// TestForecastCorners: what is missing, over, or unset.
func TestForecastCorners(t *testing.T) {
	year := useFrom(202201, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)
	f := rules.Forecast(useFrom(202201, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10), 202301, rules.Unset)
	if f.Method != rules.ForecastNone || f.Point != rules.Unset || f.Low != rules.Unset || len(f.Months) != 0 || f.UsedUp != 0 ||
		f.Text != "2023年没有月度支出记录，无法预测；缺少记录的月份（按预测计）：2023-01；未配置年度预算。" {
		t.Errorf("%+v", f)
	}
	// One month of last year is missing: the mean.
	if f = rules.Forecast(append(useFrom(202201, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10), useFrom(202301, 20)...), 202301, 0); f.Method != rules.ForecastMean || f.Point != 240_00 || f.UseRate != rules.Unset || f.UsedUp != 202301 {
		t.Errorf("%+v", f)
	}
	// The same months were nothing last year: the mean.
	f = rules.Forecast(append(useFrom(202201, 0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10), useFrom(202301, 20)...), 202301, rules.Unset)
	if f.Method != rules.ForecastMean || f.Point != 240_00 {
		t.Errorf("%+v", f)
	}
	// They were 1 % of last year, 10 of 1,000: 20 × 1000 / 10 = 2,000. A yuan less: the mean.
	f = rules.Forecast(append(useFrom(202201, 10, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90), useFrom(202301, 20)...), 202301, rules.Unset)
	if f.Method != rules.ForecastSeason || f.Point != 2000_00 {
		t.Errorf("%+v", f)
	}
	f = rules.Forecast(append(useFrom(202201, 9, 91, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90), useFrom(202301, 20)...), 202301, rules.Unset)
	if f.Method != rules.ForecastMean || f.Point != 240_00 {
		t.Errorf("%+v", f)
	}
	// December: nothing is to come. Later rows are not known.
	f = rules.Forecast(append(year, useFrom(202301, 99)...), 202212, 120_00)
	if f.Method != rules.ForecastMean || f.Point != 120_00 || f.Low != 120_00 || f.High != 120_00 || f.UsedUp != 202212 || f.Left != 0 ||
		!strings.HasSuffix(f.Text, "预测为预算的 100%，结余 0.00；预算已于 2022-12 用完。") {
		t.Errorf("%+v", f)
	}
	// February is missing and forecast like those to come; January came in two rows: 30 + 30 × 10 / 2.
	f = rules.Forecast(append(useFrom(202301, 5), append(useFrom(202301, 5), useFrom(202303, 20)...)...), 202303, rules.Unset)
	if f.Point != 180_00 || len(f.Missing) != 1 || f.Missing[0] != 202302 || f.Months[1].Use != 15_00 || f.Months[1].OnRecord || !strings.Contains(f.Text, "缺少记录的月份（按预测计）：2023-02") {
		t.Errorf("%+v", f)
	}
	// With a year before, by its months: 30 used of 20; all of it 120: 30 × 120 / 20 = 180.
	f = rules.Forecast(append(year, append(useFrom(202301, 10), useFrom(202303, 20)...)...), 202303, rules.Unset)
	if f.Method != rules.ForecastSeason || f.Point != 180_00 {
		t.Errorf("%+v", f)
	}
	// Quartiles of 10, 20, 30, 40: the 1st and the 3rd. May is not known yet.
	f = rules.Forecast(useFrom(202301, 20, 40, 10, 30, 1000), 202304, rules.Unset)
	if f.Used != 100_00 || f.Point != 300_00 || f.Lower != 10_00 || f.Upper != 30_00 || f.Low != 180_00 || f.High != 340_00 {
		t.Errorf("%+v", f)
	}
	// Three months to come, nine on record: 100 + 100 × 3 / 9 = 133.33.
	f = rules.Forecast(useFrom(202301, 100, 0, 0, 0, 0, 0, 0, 0, 0), 202309, rules.Unset)
	if f.Point != 133_33 || f.Low != 100_00 || f.High != 133_33 {
		t.Errorf("%+v", f)
	}
}

// TestForecastProperties: the range contains the point, the months end at it,
// what is on record stays, and the order of the rows does not matter.
func TestForecastProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asOf := civil.Month(202300 + rapid.IntRange(1, 12).Draw(t, "month"))
		var used []rules.MonthUse
		for m := civil.Month(202201); m <= 202312; m = m.Next() {
			if rapid.IntRange(0, 20).Draw(t, "on record") > 0 {
				used = append(used, rules.MonthUse{Month: m, Use: money.Fen(rapid.Int64Range(0, int64(money.Limit)).Draw(t, "use"))})
			}
		}
		budget := money.Fen(rapid.Int64Range(-1, int64(money.Limit)*12).Draw(t, "budget"))
		f := rules.Forecast(used, asOf, budget)
		if d := cmp.Diff(f, rules.Forecast(rapid.Permutation(used).Draw(t, "order"), asOf, budget)); d != "" {
			t.Fatal(d)
		}
		if f.Text == "" {
			t.Fatal("no text")
		}
		if f.Method == rules.ForecastNone {
			return
		}
		if f.Low > f.Point || f.Point > f.High || f.Low < f.Used || f.Point < f.Used {
			t.Fatalf("%s ≤ %s ≤ %s, used %s", f.Low, f.Point, f.High, f.Used)
		}
		var sum, recorded, before money.Fen
		for _, m := range f.Months {
			sum += m.Use
			if m.OnRecord {
				recorded += m.Use
			}
			if m.Use < 0 || m.ToDate != sum || m.ToDate < before {
				t.Fatalf("%+v", f.Months)
			}
			before = m.ToDate
			if f.UsedUp != 0 && m.Month < f.UsedUp && m.ToDate >= budget && budget > 0 {
				t.Fatalf("used up in %s already: %+v", m.Month, f)
			}
		}
		if sum != f.Point || recorded != f.Used || len(f.Months) != 12 {
			t.Fatalf("%s is not %s: %+v", sum, f.Point, f.Months)
		}
		if budget > 0 && (f.UsedUp != 0) != (f.Point >= budget) {
			t.Fatalf("budget %s: %+v", budget, f)
		}
	})
}
