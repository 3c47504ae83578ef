package modeltest

import (
	"math/big"
	"time"
)

// midnight returns the first instant of the day that contains t. In the test's zone the clock changes at two in the
// morning, so every day has a midnight.
func (m *model) midnight(t time.Time) time.Time {
	y, mo, d := t.In(m.zone).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, m.zone)
}

// dayOf returns the day that contains t.
func (m *model) dayOf(t time.Time) string { return t.In(m.zone).Format(time.DateOnly) }

// closing returns when the day that contains t stops accepting records.
func (m *model) closing(t time.Time) time.Time {
	y, mo, d := t.In(m.zone).Date()
	return time.Date(y, mo, d+1, 0, 0, 0, 0, m.zone).Add(lateWindow)
}

// monthsOn returns the midnight of the same day n months later, or of the month's last day if the month is too short.
func (m *model) monthsOn(t time.Time, n int) time.Time {
	y, mo, d := t.In(m.zone).Date()
	last := time.Date(y, mo+time.Month(n)+1, 1, 0, 0, 0, 0, m.zone).AddDate(0, 0, -1).Day()
	return time.Date(y, mo+time.Month(n), min(d, last), 0, 0, 0, 0, m.zone)
}

// monthEnd returns the end of the month n months later: the first midnight of the next one.
func (m *model) monthEnd(t time.Time, n int) time.Time {
	y, mo, _ := t.In(m.zone).Date()
	return time.Date(y, mo+time.Month(n)+1, 1, 0, 0, 0, 0, m.zone)
}

// days counts the midnights in [from, to), both of which are midnights.
func (m *model) days(from, to time.Time) int64 {
	n := int64(0)
	for y, mo, d := from.In(m.zone).Date(); time.Date(y, mo, d+int(n), 0, 0, 0, 0, m.zone).Before(to); {
		n++
	}
	return n
}

// halfUp rounds a non-negative number to a whole one.
func halfUp(r *big.Rat) int64 {
	sum := new(big.Rat).Add(r, big.NewRat(1, 2))
	return new(big.Int).Quo(sum.Num(), sum.Denom()).Int64()
}

// roundedUp converts seconds to minutes, rounded up.
func roundedUp(seconds int64) int64 { return (seconds + 59) / 60 }
