package numfmt

import "time"

// Excel counts days. In the 1900 system day 1 is the 1st of January 1900 and
// day 60 the 29th of February 1900, which never was; in the 1904 system day 0
// is the 1st of January 1904. The last day of both is the 31st of December 9999.
const (
	lastDay1900 = 2958465
	lastDay1904 = 2957003
	leapBug     = 60

	secondsPerDay = 86400
)

// Days from 1970-01-01 back to day 0 of each system; the days before the leap
// bug are one nearer.
const (
	epoch1900 = 25569
	epoch1904 = 24107
)

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// split gives the days and the seconds of a serial, exactly from its literal,
// rounded half up to the second. It is not ok for a negative number, for one of
// more than seven digits before the point, and for a literal of absurd length.
func split(lit []byte) (days, seconds int64, ok bool) {
	if len(lit) > 0 && lit[0] == '+' {
		lit = lit[1:]
	}
	var digits [64]byte
	n, point, i := 0, -1, 0
	for ; i < len(lit); i++ {
		c := lit[i]
		switch {
		case c == '.' && point < 0:
			point = n
			continue
		case !isDigit(c):
			if c != 'e' && c != 'E' {
				return 0, 0, false
			}
		default:
			if n == 0 && c == '0' && point < 0 {
				continue // a leading zero
			}
			if n == len(digits) {
				return 0, 0, false
			}
			digits[n] = c - '0'
			n++
			continue
		}
		break
	}
	if point < 0 {
		point = n
	}
	if i < len(lit) { // at the E
		exp, sign := 0, 1
		i++
		if i < len(lit) && (lit[i] == '-' || lit[i] == '+') {
			if lit[i] == '-' {
				sign = -1
			}
			i++
		}
		for ; i < len(lit); i++ {
			if !isDigit(lit[i]) {
				return 0, 0, false
			}
			if exp < 1000 {
				exp = exp*10 + int(lit[i]-'0')
			}
		}
		point += sign * exp
	}
	if point > 7 {
		return 0, 0, false
	}
	at := func(i int) int64 {
		if i < 0 || i >= n {
			return 0
		}
		return int64(digits[i])
	}
	for i := range max(point, 0) {
		days = days*10 + at(i)
	}
	// Thirteen places of a day are a hundredth of a microsecond, and the product
	// with 86400 still fits into 64 bits.
	const places, scale = 13, 10_000_000_000_000
	var part int64
	for i := point; i < point+places; i++ {
		part = part*10 + at(i)
	}
	seconds = (part*secondsPerDay + scale/2) / scale
	if seconds == secondsPerDay {
		days, seconds = days+1, 0
	}
	return days, seconds, true
}

// AppendDate appends the date of a serial as "2006-01-02", or as
// "2006-01-02 15:04:05" where its time is not midnight. It is not ok where the
// serial is no day; dst is then unchanged.
func AppendDate(dst, lit []byte, date1904 bool) ([]byte, bool) {
	days, seconds, ok := split(lit)
	if !ok {
		return dst, false
	}
	var unix int64
	switch {
	case date1904:
		if days > lastDay1904 {
			return dst, false
		}
		unix = days - epoch1904
	case days < 1 || days == leapBug || days > lastDay1900:
		return dst, false
	case days < leapBug:
		unix = days - epoch1900 + 1
	default:
		unix = days - epoch1900
	}
	y, m, d := time.Unix(unix*secondsPerDay, 0).UTC().Date()
	dst = append(dst, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
	if seconds == 0 {
		return dst, true
	}
	h, mi, s := seconds/3600, seconds/60%60, seconds%60
	return append(dst, ' ', byte('0'+h/10), byte('0'+h%10), ':', byte('0'+mi/10), byte('0'+mi%10), ':',
		byte('0'+s/10), byte('0'+s%10)), true
}
