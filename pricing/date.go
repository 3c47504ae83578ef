package pricing

import (
	"fmt"
	"time"
)

// Date is a calendar day without a zone, counted in days from 1970-01-01, so that dates compare with <
// and subtract to a count of days. It ranges from year 1 to year 9999. In text and in JSON it is
// "2025-06-16".
type Date int32

const (
	secondsPerDay = 24 * 60 * 60

	minDate Date = -719162 // 0001-01-01
	maxDate Date = 2932896 // 9999-12-31
)

// NewDate returns the given day. It fails with [ErrDate] for a day that the calendar lacks, such as
// 30 February.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day || year < 1 || year > 9999 {
		return 0, fmt.Errorf("%w: %d-%d-%d", ErrDate, year, month, day)
	}
	return Date(t.Unix() / secondsPerDay), nil
}

// ParseDate reads "2025-06-16". It fails with [ErrDate].
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%w: %.32q: want a day of the calendar as 2025-06-16", ErrDate, s)
	}
	return floorDate(t.Unix()), nil
}

// floorDate returns the day that holds a number of seconds since 1970.
func floorDate(seconds int64) Date {
	if seconds < 0 {
		seconds -= secondsPerDay - 1
	}
	return Date(seconds / secondsPerDay)
}

// civil returns the day's midnight in UTC, which carries its year, month and day.
func (d Date) civil() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// AddDays returns the day n days later. It fails with [ErrDate] when that leaves the calendar.
func (d Date) AddDays(n int) (Date, error) {
	sum := int64(d) + int64(n)
	if n < -int(maxDate-minDate) || n > int(maxDate-minDate) || sum < int64(minDate) || sum > int64(maxDate) {
		return 0, fmt.Errorf("%w: %s plus %d days", ErrDate, d, n)
	}
	return Date(sum), nil
}

// AddMonths returns the same day of the month n months later, or the month's last day where the
// month is too short: 31 January plus one month is 28 or 29 February, plus two is 31 March. It fails
// with [ErrDate] when that leaves the calendar.
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

// String returns "2025-06-16".
func (d Date) String() string { return d.civil().Format(time.DateOnly) }

// AppendText appends what String returns. It never fails.
func (d Date) AppendText(b []byte) ([]byte, error) {
	return d.civil().AppendFormat(b, time.DateOnly), nil
}

// MarshalText returns what String returns. It never fails.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date with the errors of [ParseDate].
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
