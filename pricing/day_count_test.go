package pricing_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// The total is the calendar days of the period; the remaining days are counted from the day of the upgrade, inclusive.
// Known mistakes: the denominator is a truncated period; the day of the upgrade is charged on both sides.
// Rule: upgrade-day-remains.
func TestRemainingCalendarDays(t *testing.T) {
	for _, tt := range []struct {
		name, zone, anchor, at string
		num, den               int64
	}{
		{"the first instant", "UTC", "2025-07-01", "2025-07-01T00:00:00Z", 31, 31},
		{"the last instant of the first day", "UTC", "2025-07-01", "2025-07-01T23:59:59.999999999Z", 31, 31},
		{"the second day", "UTC", "2025-07-01", "2025-07-02T00:00:00Z", 30, 31},
		{"the middle", "UTC", "2025-06-01", "2025-06-16T10:00:00Z", 15, 30},
		{"the last day", "UTC", "2025-07-01", "2025-07-31T00:00:00Z", 1, 31},
		{"the last instant", "UTC", "2025-07-01", "2025-07-31T23:59:59.999999999Z", 1, 31},
		{"a short month", "UTC", "2025-02-01", "2025-02-19T12:00:00Z", 10, 28},
		{"a leap month", "UTC", "2024-02-01", "2024-02-19T12:00:00Z", 11, 29},
		{"from one month's end to the next", "UTC", "2025-01-31", "2025-02-27T12:00:00Z", 1, 28},
		{"already the next day in UTC+8", "Asia/Shanghai", "2025-07-01", "2025-07-15T16:00:00Z", 16, 31},
		{"still the day before in New York", "America/New_York", "2025-07-01", "2025-07-16T03:59:59Z", 17, 31},

		// A day of 23 or 25 hours is a day.
		{"before a day of 23 hours", "America/New_York", "2025-03-01", "2025-03-09T04:59:59Z", 24, 31},
		{"in a day of 23 hours", "America/New_York", "2025-03-01", "2025-03-09T05:00:00Z", 23, 31},
		{"after it", "America/New_York", "2025-03-01", "2025-03-10T04:00:00Z", 22, 31},
		{"in the 25th hour", "America/New_York", "2025-11-01", "2025-11-03T04:59:59Z", 29, 30},
		{"without a midnight", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 30, 30},
		{"the last day before a skipped midnight", "America/Sao_Paulo", "2018-10-04", "2018-11-04T02:59:59Z", 1, 31},
		{"the wall shows the day before again", "America/Goose_Bay", "2010-11-07", "2010-11-07T03:30:00Z", 30, 30},
		{"the last day of the other side", "America/Goose_Bay", "2010-10-07", "2010-11-07T02:59:59Z", 1, 31},
		{"the last day before a day that never was", "Pacific/Apia", "2011-11-30", "2011-12-30T09:59:59Z", 1, 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zone(t, tt.zone)
			p := period(t, tt.anchor, pricing.Months(1), 0, z)
			for _, c := range []pricing.DayCount{"", pricing.CalendarDays} {
				got, err := c.Remaining(p, pricing.DayRange{}, instant(t, tt.at), z)
				wrapped(t, "Remaining", err, nil)
				equal(t, "Remaining", got, pricing.Ratio{Num: tt.num, Den: tt.den})
			}
		})
	}
}

// On every day of a period, the days before the upgrade plus the remaining days equal the whole period.
// Rule: upgrade-day-remains.
func TestRemainingCountsTheDayOnce(t *testing.T) {
	z := zone(t, "America/New_York")
	p := period(t, "2025-03-01", pricing.Months(1), 0, z)
	for before := range 31 {
		at := z.StartOf(z.DateOf(p.Start) + pricing.Date(before)).Add(12 * time.Hour)
		r, err := pricing.CalendarDays.Remaining(p, pricing.DayRange{}, at, z)
		wrapped(t, "Remaining", err, nil)
		equal(t, "days before and days that remain", int64(before)+r.Num, r.Den)
	}
}

// A period that was not made by an anchor need not begin and end on a day or second boundary. The remaining fraction is
// still in (0, 1].
func TestRemainingOfAnyPeriod(t *testing.T) {
	for _, tt := range []struct {
		name, start, end, at string
		count                pricing.DayCount
		num, den             int64
	}{
		{"from noon to noon, the last morning", "2025-06-01T12:00:00Z", "2025-07-01T12:00:00Z", "2025-07-01T11:00:00Z", pricing.CalendarDays, 1, 31},
		{"from noon to noon, the first day", "2025-06-01T12:00:00Z", "2025-07-01T12:00:00Z", "2025-06-01T13:00:00Z", pricing.CalendarDays, 31, 31},
		{"two hours of one day", "2025-06-01T12:00:00Z", "2025-06-01T14:00:00Z", "2025-06-01T13:00:00Z", pricing.CalendarDays, 1, 1},
		{"the first instant", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-06-01T00:00:00Z", pricing.Elapsed, 2592000, 2592000},
		{"half a second later", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-06-01T00:00:00.5Z", pricing.Elapsed, 2592000, 2592000},
		{"a second later", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-06-01T00:00:01Z", pricing.Elapsed, 2591999, 2592000},
		{"the middle", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-06-16T00:00:00Z", pricing.Elapsed, 1296000, 2592000},
		{"the last instant", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-06-30T23:59:59.999999999Z", pricing.Elapsed, 1, 2592000},
		{"a fraction of a second, near its end", "2025-06-01T00:00:00Z", "2025-06-01T00:00:10.5Z", "2025-06-01T00:00:10.2Z", pricing.Elapsed, 1, 11},
		{"three centuries", "2025-06-01T00:00:00Z", "2325-06-01T00:00:00Z", "2025-06-02T00:00:00Z", pricing.Elapsed, 9466934400, 9467020800},
		{"less than a second", "2025-06-01T00:00:00.2Z", "2025-06-01T00:00:00.5Z", "2025-06-01T00:00:00.3Z", pricing.Elapsed, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pricing.Period{Start: instant(t, tt.start), End: instant(t, tt.end), Zone: "UTC"}
			got, err := tt.count.Remaining(p, pricing.DayRange{}, instant(t, tt.at), pricing.Zone{})
			wrapped(t, "Remaining", err, nil)
			equal(t, "Remaining", got, pricing.Ratio{Num: tt.num, Den: tt.den})
			days, err := p.Days(pricing.Zone{})
			wrapped(t, "Days", err, nil)
			if tt.count == pricing.CalendarDays {
				equal(t, "Days", int64(days), tt.den)
			}
		})
	}
}

// Elapsed counts exact seconds: a day of 23 hours has fewer of them.
// Rule: elapsed-day-count.
func TestRemainingElapsedOverDaylightSaving(t *testing.T) {
	z := zone(t, "America/New_York")
	p := period(t, "2025-03-09", pricing.Days(2), 0, z)
	got, err := pricing.Elapsed.Remaining(p, pricing.DayRange{}, instant(t, "2025-03-10T04:00:00Z"), z)
	wrapped(t, "Remaining", err, nil)
	equal(t, "Remaining", got, pricing.Ratio{Num: 24 * 3600, Den: 47 * 3600})
}

// Days are counted only while the period is valid.
func TestRemainingRefuses(t *testing.T) {
	z := zone(t, "Asia/Shanghai")
	p := period(t, "2025-06-16", pricing.Months(1), 0, z)
	for _, tt := range []struct {
		name  string
		count pricing.DayCount
		at    time.Time
		zone  pricing.Zone
		err   error
	}{
		{"the instant before", pricing.CalendarDays, p.Start.Add(-1), z, pricing.ErrOutsidePeriod},
		{"the end", pricing.CalendarDays, p.End, z, pricing.ErrOutsidePeriod},
		{"the end, elapsed", pricing.Elapsed, p.End, z, pricing.ErrOutsidePeriod},
		{"the zero time", pricing.CalendarDays, time.Time{}, z, pricing.ErrOutsidePeriod},
		{"another zone", pricing.CalendarDays, p.Start, pricing.Zone{}, pricing.ErrZone},
		{"unknown day count", "30/360", p.Start, z, pricing.ErrDayCount},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.count.Remaining(p, pricing.DayRange{}, tt.at, tt.zone)
			wrapped(t, "Remaining", err, tt.err)
			equal(t, "Remaining", got, pricing.Ratio{})
		})
	}
	_, err := pricing.CalendarDays.Remaining(pricing.Period{Zone: "UTC"}, pricing.DayRange{}, time.Time{}, pricing.Zone{})
	wrapped(t, "the zero period", err, pricing.ErrOutsidePeriod)
}
