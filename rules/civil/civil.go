// Package civil holds civil dates and times of Asia/Shanghai as plain ordered
// integers. There is no clock here and no time zone: the platform's dates are
// civil dates, and a claim of 31 December belongs to that year wherever the
// program runs.
package civil

import (
	"fmt"
	"time"
)

// Date is a civil date as the number yyyymmdd. The zero value means "no date".
// Dates compare with < and >.
type Date int32

// Moment is a civil date and time as the number yyyymmddhhmmss. A settlement
// without a time of day has 000000.
type Moment int64

// Month is a civil month as the number yyyymm.
type Month int32

// Forever is the end of what has no end.
const Forever Date = 99991231

// YMD makes a date of its parts, which must be valid.
func YMD(y, m, d int) Date { return Date(y*10000 + m*100 + d) }

// Valid reports whether the date exists in the calendar, from 1900 on.
func (d Date) Valid() bool {
	y, m, day := d.Parts()
	return y >= 1900 && y <= 9999 && m >= 1 && m <= 12 && day >= 1 && day <= DaysIn(y, m)
}

// Parts are year, month and day.
func (d Date) Parts() (y, m, day int) {
	return int(d) / 10000, int(d) / 100 % 100, int(d) % 100
}

// Year is the calendar year, which is also the benefit year.
func (d Date) Year() int { return int(d) / 10000 }

// Month is the month of the date.
func (d Date) Month() Month { return Month(d / 100) }

// DaysIn is the number of days of a month.
func DaysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// AddMonths is the same day n months later (earlier for n < 0), clamped to that
// month's last day: six months before 31 August 2023 is 28 February 2023.
func (d Date) AddMonths(n int) Date {
	y, m, day := d.Parts()
	k := y*12 + m - 1 + n
	y, m = k/12, k%12+1
	return YMD(y, m, min(day, DaysIn(y, m)))
}

// Next is the day after.
func (d Date) Next() Date {
	y, m, day := d.Parts()
	switch {
	case day < DaysIn(y, m):
		return d + 1
	case m < 12:
		return YMD(y, m+1, 1)
	}
	return YMD(y+1, 1, 1)
}

// Prev is the day before.
func (d Date) Prev() Date {
	y, m, day := d.Parts()
	switch {
	case day > 1:
		return d - 1
	case m > 1:
		return YMD(y, m-1, DaysIn(y, m-1))
	}
	return YMD(y-1, 12, 31)
}

// FirstOfNextMonth is the first day of the month after d.
func (d Date) FirstOfNextMonth() Date { return d.Month().Next().First() }

// At is the beginning of the day.
func (d Date) At() Moment { return Moment(d) * 1000000 }

// String is "2023-08-31", or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	y, m, day := d.Parts()
	var b [10]byte
	put := func(i, n, v int) {
		for ; n > 0; n-- {
			b[i+n-1] = byte('0' + v%10)
			v /= 10
		}
	}
	put(0, 4, y)
	b[4] = '-'
	put(5, 2, m)
	b[7] = '-'
	put(8, 2, day)
	return string(b[:])
}

// ParseDate reads "2023-08-31", the form used in packs and on the command
// line. What offices write into cells is read by the intake room.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("civil: %q is not a date like 2023-08-31", s)
	}
	return FromTime(t), nil
}

// FromTime is the date that t shows in its own location.
func FromTime(t time.Time) Date { return YMD(t.Year(), int(t.Month()), t.Day()) }

// MomentOf is the date and time that t shows in its own location.
func MomentOf(t time.Time) Moment {
	return FromTime(t).At() + Moment(t.Hour()*10000+t.Minute()*100+t.Second())
}

// Date is the day of the moment.
func (m Moment) Date() Date { return Date(m / 1000000) }

// Clock are hour, minute, second.
func (m Moment) Clock() (h, min, s int) {
	return int(m / 10000 % 100), int(m / 100 % 100), int(m % 100)
}

// String is the date, and the time of day where there is one.
func (m Moment) String() string {
	if m%1000000 == 0 {
		return m.Date().String()
	}
	h, mi, s := m.Clock()
	return fmt.Sprintf("%s %02d:%02d:%02d", m.Date(), h, mi, s)
}

// First is the month's first day.
func (m Month) First() Date { return Date(m)*100 + 1 }

// Last is the month's last day.
func (m Month) Last() Date {
	return YMD(m.Year(), int(m)%100, DaysIn(m.Year(), int(m)%100))
}

// Year is the month's year.
func (m Month) Year() int { return int(m) / 100 }

// Next is the month after.
func (m Month) Next() Month {
	if m%100 == 12 {
		return m + 89
	}
	return m + 1
}

// Add is n months later (earlier for n < 0).
func (m Month) Add(n int) Month { return m.First().AddMonths(n).Month() }

// String is "2023-08", or "" for no month.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", int(m)/100, int(m)%100)
}

// ParseMonth reads "2023-08".
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return 0, fmt.Errorf("civil: %q is not a month like 2023-08", s)
	}
	return FromTime(t).Month(), nil
}
