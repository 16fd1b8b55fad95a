package rules

import (
	"fmt"
	"slices"
	"strings"

	"doudi/rules/civil"
	"doudi/rules/money"
)

// MonthUse is what the assistance fund paid in a month, in fen. A month in which
// it paid nothing is a row of 0; a month without a row is not on record.
type MonthUse struct {
	Month civil.Month
	Use   money.Fen
}

// ForecastMethod is how a year was forecast.
type ForecastMethod uint8

// The methods.
const (
	ForecastNone   ForecastMethod = iota // no month of the year is on record
	ForecastSeason                       // by the months' shares of last year
	ForecastMean                         // by the mean of this year's months
)

var forecastMethodNames = [...]string{"无法预测", "上年同期占比法", "本年月均法"}

// Chinese is the method's name.
func (m ForecastMethod) Chinese() string { return forecastMethodNames[m] }

// ForecastMonth is one month of the year: what was used, or what is expected.
type ForecastMonth struct {
	Month    civil.Month
	Use      money.Fen
	ToDate   money.Fen // from January on
	OnRecord bool
}

// ForecastResult is a year's use of the assistance fund as it stands and as it
// is expected. Amounts are fen.
type ForecastResult struct {
	Year    int
	AsOf    civil.Month
	Used    money.Fen       // of the months on record
	Missing []civil.Month   // up to AsOf that are not on record: forecast like those to come
	Months  []ForecastMonth // January to December; without a forecast only those on record
	Method  ForecastMethod

	Point, Low, High money.Fen // of the whole year; Unset without a forecast
	Lower, Upper     money.Fen // quartiles of the months looked at, by nearest rank
	Looked           int       // how many months those are

	Budget    money.Fen   // Unset: none
	UseRate   money.Ratio // Used / Budget; Unset without a budget
	PointRate money.Ratio // Point / Budget
	Left      money.Fen   // Budget − Point; negative is what will be lacking. 0 without a budget or a forecast
	UsedUp    civil.Month // the first month in which the budget is used up, to the last fen or beyond; 0: not this year

	Text string // the method, the range and the budget, Chinese
}

// Forecast forecasts the year of asOf (开封市征求意见稿 第四条（一）、第八条（三）: the fund's budget
// is followed through the year). used are months of this year and, where there
// is one, of the year before; rows of one month are added up, rows after asOf
// are left out.
//
// By season, where all 12 months of last year are on record: the months on
// record this year have the share of the year that the same months had of last
// year. Else, and where those months were nothing last year: each month to come
// is the mean of this year's months on record. Months to come are all that are
// not on record, also those before asOf.
//
// The range is the use to date and, for each month to come, the lower and the
// upper quartile of the months on record among the last 12 up to asOf [choice];
// it is widened to contain the point. It shows the spread of the months and is
// no probability.
func Forecast(used []MonthUse, asOf civil.Month, budget money.Fen) ForecastResult {
	f := ForecastResult{Year: asOf.Year(), AsOf: asOf, Point: Unset, Low: Unset, High: Unset, Budget: budget, UseRate: Unset, PointRate: Unset}
	sums := map[civil.Month]money.Fen{}
	for _, u := range used {
		if u.Month <= asOf {
			sums[u.Month] += u.Use
		}
	}
	january := civil.Month(f.Year*100 + 1)
	season := seasonOf(sums, january)
	var recorded int64
	var same, last money.Fen // last year's months that are on record this year; all of them
	for i := range 12 {
		m := january.Add(i)
		last += season[i]
		if u, ok := sums[m]; ok {
			recorded++
			f.Used += u
			same += season[i]
		} else if m <= asOf {
			f.Missing = append(f.Missing, m)
		}
	}
	expect := f.method(recorded, same, last)
	f.months(sums, season, january, expect)
	if f.Method != ForecastNone {
		f.Point = f.Months[11].ToDate
		f.bounds(sums, 12-recorded)
	}
	f.budget()
	f.text(same, last, recorded)
	return f
}

// seasonOf are the 12 months of the year before, or nothing where one is not on
// record.
func seasonOf(sums map[civil.Month]money.Fen, january civil.Month) (season [12]money.Fen) {
	for i := range season {
		u, ok := sums[january.Add(i-12)]
		if !ok {
			return [12]money.Fen{}
		}
		season[i] = u
	}
	return season
}

// method chooses the method and gives what it expects of several months to come
// together: so many, of which last year's use was that.
func (f *ForecastResult) method(recorded int64, same, last money.Fen) func(n int64, lastYear money.Fen) money.Fen {
	switch {
	case recorded == 0:
		return nil
	case same > 0 && same >= last/100:
		f.Method = ForecastSeason
		return func(_ int64, lastYear money.Fen) money.Fen {
			return money.Fen(mulDiv(int64(f.Used), int64(lastYear), int64(same)))
		}
	}
	f.Method = ForecastMean
	return func(n int64, _ money.Fen) money.Fen { return money.Fen(mulDiv(int64(f.Used), n, recorded)) }
}

// months fills the year. What is expected is rounded on the sum to date, once,
// so that December ends at the point.
func (f *ForecastResult) months(sums map[civil.Month]money.Fen, season [12]money.Fen, january civil.Month, expect func(int64, money.Fen) money.Fen) {
	var recorded, lastYear, before money.Fen
	var n int64
	for i := range 12 {
		m := ForecastMonth{Month: january.Add(i)}
		u, ok := sums[m.Month]
		switch {
		case ok:
			m.OnRecord = true
			recorded += u
		case expect == nil:
			continue
		default:
			n++
			lastYear += season[i]
		}
		m.ToDate = recorded
		if expect != nil {
			m.ToDate += expect(n, lastYear)
		}
		m.Use = m.ToDate - before
		before = m.ToDate
		f.Months = append(f.Months, m)
	}
}

func (f *ForecastResult) bounds(sums map[civil.Month]money.Fen, rest int64) {
	var seen []money.Fen
	for i := range 12 {
		if u, ok := sums[f.AsOf.Add(-i)]; ok {
			seen = append(seen, u)
		}
	}
	slices.Sort(seen)
	n := len(seen)
	f.Looked, f.Lower, f.Upper = n, seen[(n+3)/4-1], seen[(3*n+3)/4-1]
	f.Low = min(f.Point, f.Used+money.Fen(mulDiv(int64(f.Lower), rest, 1)))
	f.High = max(f.Point, f.Used+money.Fen(mulDiv(int64(f.Upper), rest, 1)))
}

func (f *ForecastResult) budget() {
	if f.Budget == Unset {
		return
	}
	f.UseRate = Ratio(int64(f.Used), int64(f.Budget))
	if f.Method != ForecastNone {
		f.PointRate = Ratio(int64(f.Point), int64(f.Budget))
		f.Left = f.Budget - f.Point
	}
	for _, m := range f.Months {
		if m.ToDate >= f.Budget && m.ToDate > 0 {
			f.UsedUp = m.Month
			return
		}
	}
}

func (f *ForecastResult) text(same, last money.Fen, recorded int64) {
	var parts []string
	say := func(format string, a ...any) { parts = append(parts, fmt.Sprintf(format, a...)) }
	switch f.Method {
	case ForecastNone:
		say("%d年没有月度支出记录，无法预测", f.Year)
	case ForecastSeason:
		say("%s：本年已记录%d个月支出 %s，上年相同月份 %s、全年 %s，全年预测 %s + %s × (%s − %s) ÷ %s = %s",
			f.Method.Chinese(), recorded, f.Used, same, last, f.Used, f.Used, last, same, same, f.Point)
	case ForecastMean:
		say("%s：本年已记录%d个月支出 %s，其余%d个月按月均计，全年预测 %s + %s × %d ÷ %d = %s",
			f.Method.Chinese(), recorded, f.Used, 12-recorded, f.Used, f.Used, 12-recorded, recorded, f.Point)
	}
	if f.Method != ForecastNone {
		say("区间 %s 至 %s：其余月份分别按近12个月中有记录的%d个月的下四分位数 %s、上四分位数 %s 计，并包含预测值；仅反映月度波动，不是概率",
			f.Low, f.High, f.Looked, f.Lower, f.Upper)
	}
	if len(f.Missing) > 0 {
		var names []string
		for _, m := range f.Missing {
			names = append(names, m.String())
		}
		say("缺少记录的月份（按预测计）：%s", strings.Join(names, "、"))
	}
	switch {
	case f.Budget == Unset:
		say("未配置年度预算")
	case f.Budget == 0:
		say("年度预算为 0.00")
	default:
		say("年度预算 %s，已使用 %s", f.Budget, f.UseRate)
	}
	if f.Budget > 0 && f.Method != ForecastNone {
		if f.Left < 0 {
			say("预测为预算的 %s，缺口 %s", f.PointRate, -f.Left)
		} else {
			say("预测为预算的 %s，结余 %s", f.PointRate, f.Left)
		}
	}
	switch {
	case f.UsedUp != 0 && f.UsedUp <= f.AsOf:
		say("预算已于 %s 用完", f.UsedUp)
	case f.UsedUp != 0:
		say("按预测，预算将于 %s 用完", f.UsedUp)
	case f.Budget > 0 && f.Method != ForecastNone:
		say("按预测，年内不会用完")
	}
	f.Text = strings.Join(parts, "；") + "。"
}
