package numfmt

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAppendDate(t *testing.T) {
	tests := []struct {
		lit      string
		date1904 bool
		want     string // "" where it is no day
	}{
		{"1", false, "1900-01-01"},
		{"59", false, "1900-02-28"},
		{"60", false, ""},
		{"60.5", false, ""},
		{"59.999999999", false, ""},
		{"61", false, "1900-03-01"},
		{"0", false, ""},
		{"0.75", false, ""},
		{"-1", false, ""},
		{"-0.0", false, ""},
		{"0", true, "1904-01-01"},
		{"0.5", true, "1904-01-01 12:00:00"},
		{"25569", false, "1970-01-01"},
		{"45047", false, "2023-05-01"},
		{"+45047.0", false, "2023-05-01"},
		{"0045047", false, "2023-05-01"},
		{"4.5047E+4", false, "2023-05-01"},
		{"450470e-1", false, "2023-05-01"},
		{"45351", false, "2024-02-29"},
		{"45047.520833333336", false, "2023-05-01 12:30:00"},
		{"45047.999988425929", false, "2023-05-01 23:59:59"},
		{"45047.99999422", false, "2023-05-02"}, // 23:59:59.5
		{"45047.99999421", false, "2023-05-01 23:59:59"},
		{"45047.000005786", false, "2023-05-01"},
		{"45047.0000057871", false, "2023-05-01 00:00:01"},
		{"2958465", false, "9999-12-31"},
		{"2958465.99999999", false, ""},
		{"2958466", false, ""},
		{"2957003", true, "9999-12-31"},
		{"2957004", true, ""},
		{"20230501", false, ""},
		{"1E400", false, ""},
		{"1E-400", false, ""},
		{"1E99999999999", false, ""},
		{strings.Repeat("9", 100), false, ""},
	}
	for _, tt := range tests {
		got, ok := AppendDate([]byte("x"), []byte(tt.lit), tt.date1904)
		if string(got) != "x"+tt.want || ok != (tt.want != "") {
			t.Errorf("%s (1904 %t): %q, %t, want %q", tt.lit, tt.date1904, got[1:], ok, tt.want)
		}
	}
}

// TestEveryDay sweeps the days of both systems against package time, each with
// another second, by the shortest literal of the serial: every day to the year
// 2100 and then every 37th.
func TestEveryDay(t *testing.T) {
	for _, date1904 := range []bool{false, true} {
		day, first, last := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC), 61, lastDay1900
		if date1904 {
			day, first, last = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC), 0, lastDay1904
		}
		const year2100 = 73051
		for n, step := first, 1; n <= last; n += step {
			seconds := n * 7919 % secondsPerDay
			serial := float64(n) + float64(seconds)/secondsPerDay
			got, ok := AppendDate(nil, strconv.AppendFloat(nil, serial, 'g', -1, 64), date1904)
			want := day.Add(time.Duration(seconds) * time.Second).Format("2006-01-02 15:04:05")
			if want = strings.TrimSuffix(want, " 00:00:00"); !ok || string(got) != want {
				t.Fatalf("serial %v (1904 %t): %q, want %q", serial, date1904, got, want)
			}
			if n > year2100 {
				step = 37
			}
			day = day.AddDate(0, 0, step)
		}
	}
}

func TestIsDate(t *testing.T) {
	for code, want := range map[string]bool{
		`yyyy"年"m"月"d"日"`:                  true,
		`yyyy"年"m"月"d"日";@`:                true,
		`[$-804]yyyy"年"m"月"d"日";@`:         true,
		`[DBNum1][$-804]yyyy"年"m"月"`:       true,
		`yyyy年m月d日`:                        true,
		`m"月"d"日"`:                         true,
		`m"月"`:                             true,
		`mmm-yy`:                           true,
		`YYYY/M/D H:MM`:                    true,
		`[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`: true,
		`[$-804]aaaa;@`:                    true,
		`[$-404]e/m/d`:                     true,
		`yyyy\-mm\-dd\ hh:mm:ss`:           true,
		`[<1]h:mm;yyyy/m/d`:                true,
		`h:mm`:                             false,
		`h:mm:ss AM/PM`:                    false,
		`上午/下午h"时"mm"分"`:                   false,
		`[h]:mm:ss`:                        false,
		`[mm]:ss`:                          false,
		`mm:ss.0`:                          false,
		`hh"时"mm"分"ss"秒"`:                  false,
		`General`:                          false,
		`G/通用格式`:                           false,
		`0.00E+00`:                         false,
		`##0.0E+0`:                         false,
		`#,##0.00_ ;[Red]\-#,##0.00\ `:     false,
		`_-* #,##0.00_-;\-* #,##0.00_-;_-* "-"??_-`: false,
		`0"d"`:                 false,
		`0\d`:                  false,
		`0_d`:                  false,
		`[Red]0.00`:            false,
		`[Yellow]0;[Magenta]d`: false,
		`@`:                    false,
		`000000`:               false,
		`"unclosed yyyy`:       false,
		`[unclosed yyyy`:       false,
		``:                     false,
	} {
		if got := IsDate(code); got != want {
			t.Errorf("IsDate(%q) = %t", code, got)
		}
	}
}

func TestBuiltin(t *testing.T) {
	want := map[int]bool{14: true, 15: true, 16: true, 17: true, 22: true, 27: true, 28: true, 29: true, 30: true, 31: true, 36: true,
		50: true, 51: true, 52: true, 53: true, 54: true, 57: true, 58: true}
	for id := -1; id < 200; id++ {
		if Builtin(id) != want[id] {
			t.Errorf("Builtin(%d) = %t", id, !want[id])
		}
	}
}
