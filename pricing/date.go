package pricing

import (
	"fmt"
	"time"
)

// Date is a calendar day without a zone, counted in days from 1970-01-01. Dates can be compared with <, and subtracting
// two of them gives a number of days. The range is year 1 to year 9999. In text and in JSON a date is written as
// "2025-06-16".
type Date int32

const (
	secondsPerDay = 24 * 60 * 60

	minDate Date = -719162 // 0001-01-01
	maxDate Date = 2932896 // 9999-12-31
)

// NewDate returns the given day. It returns [ErrDate] if the day does not exist, such as 30 February.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day || year < 1 || year > 9999 {
		return 0, fmt.Errorf("%w: %d-%d-%d", ErrDate, year, month, day)
	}
	return Date(t.Unix() / secondsPerDay), nil
}

// ParseDate parses a date such as "2025-06-16". It returns [ErrDate] if s is not valid.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%w: %.32q: want a calendar day such as 2025-06-16", ErrDate, s)
	}
	return floorDate(t.Unix()), nil
}

// floorDate returns the day that contains the given Unix time in seconds.
func floorDate(seconds int64) Date {
	if seconds < 0 {
		seconds -= secondsPerDay - 1
	}
	return Date(seconds / secondsPerDay)
}

// civil returns midnight UTC of the day, from which year, month and day can be read.
func (d Date) civil() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// AddDays returns the date n days later. It returns [ErrDate] if the result is out of range.
func (d Date) AddDays(n int) (Date, error) {
	sum := int64(d) + int64(n)
	if n < -int(maxDate-minDate) || n > int(maxDate-minDate) || sum < int64(minDate) || sum > int64(maxDate) {
		return 0, fmt.Errorf("%w: %s plus %d days", ErrDate, d, n)
	}
	return Date(sum), nil
}

// AddMonths returns the same day of the month n months later, or the month's last day if the month is too short: 31
// January plus one month is 28 or 29 February, plus two is 31 March. It returns [ErrDate] if the result is out of
// range.
func (d Date) AddMonths(n int) (Date, error) {
	if n < -120000 || n > 120000 {
		return 0, fmt.Errorf("%w: %s plus %d months", ErrDate, d, n)
	}
	y, m, day := d.civil().Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	if first.Year() < 1 || first.Year() > 9999 {
		return 0, fmt.Errorf("%w: %s plus %d months", ErrDate, d, n)
	}
	last := first.AddDate(0, 1, -1).Day()
	return floorDate(first.Unix()) + Date(min(day, last)-1), nil
}

// MonthStart returns the first day of the date's month.
func (d Date) MonthStart() Date { return d - Date(d.civil().Day()-1) }

// MonthEnd returns the last day of the date's month.
func (d Date) MonthEnd() Date {
	y, m, _ := d.civil().Date()
	return floorDate(time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC).Unix()) - 1
}

// String returns the date as "2025-06-16".
func (d Date) String() string { return d.civil().Format(time.DateOnly) }

// AppendText appends the result of String to b. It never fails.
func (d Date) AppendText(b []byte) ([]byte, error) {
	return d.civil().AppendFormat(b, time.DateOnly), nil
}

// MarshalText returns the result of String. It never fails.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses a date. It returns the errors of [ParseDate].
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
