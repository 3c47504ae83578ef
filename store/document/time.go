package document

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

const secondsPerDay = 24 * 60 * 60

// appendTime appends an instant in UTC, in the format of encoding/json and truncated to the microsecond. It reports
// whether the instant is in the years 1 to 9999.
func appendTime(b []byte, t time.Time) ([]byte, bool) {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendDay(b, year, int(month), day)
	b = append2(append(b, 'T'), hour)
	b = append2(append(b, ':'), minute)
	b = append2(append(b, ':'), second)
	b = appendFraction(b, t.Nanosecond()/1000, 100_000)
	return append(b, 'Z'), 1 <= year && year <= 9999
}

// appendDate appends a date such as "2025-06-16". It reports whether the date is in the years 1 to 9999.
func appendDate(b []byte, d pricing.Date) ([]byte, bool) {
	year, month, day := time.Unix(int64(d)*secondsPerDay, 0).UTC().Date()
	return appendDay(b, year, int(month), day), 1 <= year && year <= 9999
}

func appendDay(b []byte, year, month, day int) []byte {
	b = append2(append2(b, year/100%100), year%100)
	b = append2(append(b, '-'), month)
	return append2(append(b, '-'), day)
}

func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// appendFraction appends a decimal point and the digits of n, whose first digit has the value unit, without trailing
// zeros. It appends nothing for zero.
func appendFraction(b []byte, n, unit int) []byte {
	if n == 0 {
		return b
	}
	b = append(b, '.')
	for ; n > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit))
		n %= unit
	}
	return b
}

// parseTime parses the output of appendTime.
func parseTime(s []byte) (time.Time, bool) {
	const shape = "2006-01-02T15:04:05Z"
	if len(s) < len(shape) || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	midnight, ok := parseDay(s[:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	nanos, fits := parseNanos(s[19 : len(s)-1])
	if !ok || !fits || uint(hour) > 23 || uint(minute) > 59 || uint(second) > 59 {
		return time.Time{}, false
	}
	return time.Unix(midnight+int64(hour*3600+minute*60+second), int64(nanos)).UTC(), true
}

// parseNanos parses a fraction of a second with at most six digits. Empty input is zero.
func parseNanos(s []byte) (nanos int, ok bool) {
	if len(s) == 0 {
		return 0, true
	}
	if s[0] != '.' || len(s) == 1 || len(s) > 7 {
		return 0, false
	}
	n := digits(s[1:])
	for range 9 - (len(s) - 1) {
		n *= 10
	}
	return n, n >= 0
}

// parseDay parses a date such as "2025-06-16" and returns the Unix time of its midnight in UTC.
func parseDay(s []byte) (midnight int64, ok bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	year, month, day := digits(s[:4]), digits(s[5:7]), digits(s[8:])
	if year < 1 || month < 1 || day < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	// time.Date normalizes a day that does not exist, such as 30 February, to another one.
	return t.Unix(), t.Day() == day && month <= 12
}

// digits parses a number of up to nine digits. It returns a negative number for anything else.
func digits(s []byte) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
