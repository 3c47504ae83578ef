package pricing_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Period n is computed from the anchor, never from period n-1. A known mistake: the 31st drifts to the
// 28th after one February.
// Rule: month-end-clamps.
func TestAnchorPeriodYears(t *testing.T) {
	type row struct {
		day                    string
		days                   int
		utc, shanghai, newYork string // the first instant of the day
	}
	for _, tt := range []struct {
		anchor string
		rows   []row // the last one is the end of the previous period
	}{
		{"2025-01-31", []row{
			{"2025-01-31", 28, "2025-01-31T00:00:00Z", "2025-01-30T16:00:00Z", "2025-01-31T05:00:00Z"},
			{"2025-02-28", 31, "2025-02-28T00:00:00Z", "2025-02-27T16:00:00Z", "2025-02-28T05:00:00Z"},
			{"2025-03-31", 30, "2025-03-31T00:00:00Z", "2025-03-30T16:00:00Z", "2025-03-31T04:00:00Z"},
			{"2025-04-30", 31, "2025-04-30T00:00:00Z", "2025-04-29T16:00:00Z", "2025-04-30T04:00:00Z"},
			{"2025-05-31", 30, "2025-05-31T00:00:00Z", "2025-05-30T16:00:00Z", "2025-05-31T04:00:00Z"},
			{"2025-06-30", 31, "2025-06-30T00:00:00Z", "2025-06-29T16:00:00Z", "2025-06-30T04:00:00Z"},
			{"2025-07-31", 31, "2025-07-31T00:00:00Z", "2025-07-30T16:00:00Z", "2025-07-31T04:00:00Z"},
			{"2025-08-31", 30, "2025-08-31T00:00:00Z", "2025-08-30T16:00:00Z", "2025-08-31T04:00:00Z"},
			{"2025-09-30", 31, "2025-09-30T00:00:00Z", "2025-09-29T16:00:00Z", "2025-09-30T04:00:00Z"},
			{"2025-10-31", 30, "2025-10-31T00:00:00Z", "2025-10-30T16:00:00Z", "2025-10-31T04:00:00Z"},
			{"2025-11-30", 31, "2025-11-30T00:00:00Z", "2025-11-29T16:00:00Z", "2025-11-30T05:00:00Z"},
			{"2025-12-31", 31, "2025-12-31T00:00:00Z", "2025-12-30T16:00:00Z", "2025-12-31T05:00:00Z"},
			{"2026-01-31", 28, "2026-01-31T00:00:00Z", "2026-01-30T16:00:00Z", "2026-01-31T05:00:00Z"},
			{"2026-02-28", 31, "2026-02-28T00:00:00Z", "2026-02-27T16:00:00Z", "2026-02-28T05:00:00Z"},
		}},
		{"2024-01-30", []row{
			{"2024-01-30", 30, "2024-01-30T00:00:00Z", "2024-01-29T16:00:00Z", "2024-01-30T05:00:00Z"},
			{"2024-02-29", 30, "2024-02-29T00:00:00Z", "2024-02-28T16:00:00Z", "2024-02-29T05:00:00Z"},
			{"2024-03-30", 31, "2024-03-30T00:00:00Z", "2024-03-29T16:00:00Z", "2024-03-30T04:00:00Z"},
			{"2024-04-30", 30, "2024-04-30T00:00:00Z", "2024-04-29T16:00:00Z", "2024-04-30T04:00:00Z"},
			{"2024-05-30", 31, "2024-05-30T00:00:00Z", "2024-05-29T16:00:00Z", "2024-05-30T04:00:00Z"},
			{"2024-06-30", 30, "2024-06-30T00:00:00Z", "2024-06-29T16:00:00Z", "2024-06-30T04:00:00Z"},
			{"2024-07-30", 31, "2024-07-30T00:00:00Z", "2024-07-29T16:00:00Z", "2024-07-30T04:00:00Z"},
			{"2024-08-30", 31, "2024-08-30T00:00:00Z", "2024-08-29T16:00:00Z", "2024-08-30T04:00:00Z"},
			{"2024-09-30", 30, "2024-09-30T00:00:00Z", "2024-09-29T16:00:00Z", "2024-09-30T04:00:00Z"},
			{"2024-10-30", 31, "2024-10-30T00:00:00Z", "2024-10-29T16:00:00Z", "2024-10-30T04:00:00Z"},
			{"2024-11-30", 30, "2024-11-30T00:00:00Z", "2024-11-29T16:00:00Z", "2024-11-30T05:00:00Z"},
			{"2024-12-30", 31, "2024-12-30T00:00:00Z", "2024-12-29T16:00:00Z", "2024-12-30T05:00:00Z"},
			{"2025-01-30", 29, "2025-01-30T00:00:00Z", "2025-01-29T16:00:00Z", "2025-01-30T05:00:00Z"},
			{"2025-02-28", 30, "2025-02-28T00:00:00Z", "2025-02-27T16:00:00Z", "2025-02-28T05:00:00Z"},
		}},
		{"2024-02-29", []row{
			{"2024-02-29", 29, "2024-02-29T00:00:00Z", "2024-02-28T16:00:00Z", "2024-02-29T05:00:00Z"},
			{"2024-03-29", 31, "2024-03-29T00:00:00Z", "2024-03-28T16:00:00Z", "2024-03-29T04:00:00Z"},
			{"2024-04-29", 30, "2024-04-29T00:00:00Z", "2024-04-28T16:00:00Z", "2024-04-29T04:00:00Z"},
			{"2024-05-29", 31, "2024-05-29T00:00:00Z", "2024-05-28T16:00:00Z", "2024-05-29T04:00:00Z"},
			{"2024-06-29", 30, "2024-06-29T00:00:00Z", "2024-06-28T16:00:00Z", "2024-06-29T04:00:00Z"},
			{"2024-07-29", 31, "2024-07-29T00:00:00Z", "2024-07-28T16:00:00Z", "2024-07-29T04:00:00Z"},
			{"2024-08-29", 31, "2024-08-29T00:00:00Z", "2024-08-28T16:00:00Z", "2024-08-29T04:00:00Z"},
			{"2024-09-29", 30, "2024-09-29T00:00:00Z", "2024-09-28T16:00:00Z", "2024-09-29T04:00:00Z"},
			{"2024-10-29", 31, "2024-10-29T00:00:00Z", "2024-10-28T16:00:00Z", "2024-10-29T04:00:00Z"},
			{"2024-11-29", 30, "2024-11-29T00:00:00Z", "2024-11-28T16:00:00Z", "2024-11-29T05:00:00Z"},
			{"2024-12-29", 31, "2024-12-29T00:00:00Z", "2024-12-28T16:00:00Z", "2024-12-29T05:00:00Z"},
			{"2025-01-29", 30, "2025-01-29T00:00:00Z", "2025-01-28T16:00:00Z", "2025-01-29T05:00:00Z"},
			{"2025-02-28", 29, "2025-02-28T00:00:00Z", "2025-02-27T16:00:00Z", "2025-02-28T05:00:00Z"},
			{"2025-03-29", 31, "2025-03-29T00:00:00Z", "2025-03-28T16:00:00Z", "2025-03-29T04:00:00Z"},
		}},
	} {
		a := pricing.Anchor{Date: day(t, tt.anchor), Term: pricing.Months(1)}
		for name, start := range map[string]func(row) string{
			"UTC":              func(r row) string { return r.utc },
			"Asia/Shanghai":    func(r row) string { return r.shanghai },
			"America/New_York": func(r row) string { return r.newYork },
		} {
			t.Run(tt.anchor+" "+name, func(t *testing.T) {
				z := zone(t, name)
				for n, r := range tt.rows[:len(tt.rows)-1] {
					p, err := a.Period(n, z)
					wrapped(t, "Period", err, nil)
					equal(t, "Period", p, pricing.Period{
						Start: instant(t, start(r)), End: instant(t, start(tt.rows[n+1])), Zone: name,
					})
					equal(t, "String", p.String(), "["+r.day+", "+tt.rows[n+1].day+") "+name)
					days, err := p.Days(z)
					wrapped(t, "Days", err, nil)
					equal(t, "Days", days, r.days)
					for at, want := range map[time.Time]int{p.Start.Add(-1): n - 1, p.Start: n, p.End.Add(-1): n, p.End: n + 1} {
						index, err := a.Index(at, z)
						wrapped(t, "Index", err, nil)
						equal(t, "Index of "+at.String(), index, want)
					}
				}
			})
		}
	}
}

// The published examples: a package bought at any time of a day is valid from 00:00:00 of that day up to 23:59:59 of
// the day before the same day of a later month.
// Rule: period-starts-at-midnight.
func TestAnchorPeriodPublished(t *testing.T) {
	for _, tt := range []struct {
		name         string
		anchor       string
		term         pricing.Term
		zone         string
		first, last  string // seconds, both inclusive
		calendarDays int
	}{
		{"monthly package", "2022-11-15", pricing.Months(1), "UTC", "2022-11-15T00:00:00Z", "2022-12-14T23:59:59Z", 30},
		{"trial quota", "2025-02-15", pricing.Months(1), "UTC", "2025-02-15T00:00:00Z", "2025-03-14T23:59:59Z", 28},
		{"trial quota, UTC+8", "2025-02-15", pricing.Months(1), "Asia/Shanghai", "2025-02-14T16:00:00Z", "2025-03-14T15:59:59Z", 28},
		{"seven days", "2025-02-25", pricing.Days(7), "UTC", "2025-02-25T00:00:00Z", "2025-03-03T23:59:59Z", 7},
		{"seven days over daylight saving", "2025-03-05", pricing.Days(7), "America/New_York", "2025-03-05T05:00:00Z", "2025-03-12T03:59:59Z", 7},
		{"a year", "2024-02-29", pricing.Months(12), "UTC", "2024-02-29T00:00:00Z", "2025-02-27T23:59:59Z", 365},
		{"a year with a leap day", "2023-03-01", pricing.Months(12), "UTC", "2023-03-01T00:00:00Z", "2024-02-29T23:59:59Z", 366},
		{"from a day without midnight", "2018-11-04", pricing.Months(1), "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-12-04T01:59:59Z", 30},
		{"up to a day without midnight", "2018-10-04", pricing.Months(1), "America/Sao_Paulo", "2018-10-04T03:00:00Z", "2018-11-04T02:59:59Z", 31},
		{"up to a day that never was", "2011-11-30", pricing.Months(1), "Pacific/Apia", "2011-11-30T10:00:00Z", "2011-12-30T09:59:59Z", 30},
		{"over a day that never was", "2011-12-15", pricing.Months(1), "Pacific/Apia", "2011-12-15T10:00:00Z", "2012-01-14T09:59:59Z", 31},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zone(t, tt.zone)
			p := period(t, tt.anchor, tt.term, 0, z)
			equal(t, "first second", p.Start.Format(time.RFC3339), tt.first)
			equal(t, "last second", p.End.Add(-time.Second).Format(time.RFC3339), tt.last)
			days, err := p.Days(z)
			wrapped(t, "Days", err, nil)
			equal(t, "Days", days, tt.calendarDays)
		})
	}
}

// A known mistake: a recurrence exactly on a boundary runs twice or never. A boundary belongs to the later period.
// Rule: boundary-belongs-to-the-later-period.
func TestPeriodContains(t *testing.T) {
	p := period(t, "2025-06-16", pricing.Months(1), 0, pricing.Zone{})
	next := period(t, "2025-06-16", pricing.Months(1), 1, pricing.Zone{})
	for _, tt := range []struct {
		at       string
		in, then bool
	}{
		{"2025-06-15T23:59:59.999999999Z", false, false},
		{"2025-06-16T00:00:00Z", true, false},
		{"2025-07-15T23:59:59.999999999Z", true, false},
		{"2025-07-16T00:00:00Z", false, true},
	} {
		equal(t, tt.at, p.Contains(instant(t, tt.at)), tt.in)
		equal(t, tt.at+" in the next", next.Contains(instant(t, tt.at)), tt.then)
	}
}

func TestAnchorIndex(t *testing.T) {
	for _, tt := range []struct {
		name, anchor string
		term         pricing.Term
		at           string
		want         int
	}{
		{"long before", "2025-01-31", pricing.Months(1), "1970-01-01T00:00:00Z", -1},
		{"the instant before", "2025-01-31", pricing.Months(1), "2025-01-30T23:59:59.999999999Z", -1},
		{"the first day", "2025-01-31", pricing.Months(1), "2025-01-31T10:00:00Z", 0},
		{"a clamped day", "2025-01-31", pricing.Months(1), "2025-02-28T00:00:00Z", 1},
		{"the day before the 31st", "2025-01-31", pricing.Months(1), "2025-03-30T12:00:00Z", 1},
		{"quarters", "2024-11-30", pricing.Months(3), "2025-02-28T00:00:00Z", 1},
		{"the day before the quarter", "2024-11-30", pricing.Months(3), "2025-02-27T23:59:59Z", 0},
		{"years from a leap day", "2024-02-29", pricing.Months(12), "2025-02-28T00:00:00Z", 1},
		{"weeks", "2025-06-16", pricing.Days(7), "2025-06-30T00:00:00Z", 2},
		{"days, 60 years of them", "1970-01-01", pricing.Days(1), "2030-01-01T00:00:00Z", 21915},
		{"months, a thousand years of them", "1000-01-31", pricing.Months(1), "2000-01-30T00:00:00Z", 11999},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := pricing.Anchor{Date: day(t, tt.anchor), Term: tt.term}
			got, err := a.Index(instant(t, tt.at), pricing.Zone{})
			wrapped(t, "Index", err, nil)
			equal(t, "Index", got, tt.want)
			if tt.want < 0 {
				return
			}
			p, err := a.Period(got, pricing.Zone{})
			wrapped(t, "Period", err, nil)
			if !p.Contains(instant(t, tt.at)) {
				t.Errorf("period %d is %s and does not contain %s", got, p, tt.at)
			}
		})
	}
	_, err := pricing.Anchor{}.Index(time.Time{}, pricing.Zone{})
	wrapped(t, "Index without a term", err, pricing.ErrTerm)
}

func TestAnchorPeriodRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, anchor string
		term         pricing.Term
		n            int
		err          error
	}{
		{"no term", "2025-01-31", pricing.Term{}, 0, pricing.ErrTerm},
		{"period -1", "2025-01-31", pricing.Months(1), -1, pricing.ErrDate},
		{"begins beyond the calendar", "9999-12-31", pricing.Months(1), 1, pricing.ErrDate},
		{"ends beyond the calendar", "9999-12-31", pricing.Months(1), 0, pricing.ErrDate},
		{"ends beyond the calendar, in days", "9999-12-31", pricing.Days(1), 0, pricing.ErrDate},
		{"the greatest number of months", "2025-01-31", pricing.Months(120), math.MaxInt, pricing.ErrDate},
		{"the greatest number of days", "2025-01-31", pricing.Days(3660), math.MaxInt, pricing.ErrDate},
		{"a product that wraps", "2025-01-31", pricing.Days(1024), 1 << 54, pricing.ErrDate},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pricing.Anchor{Date: day(t, tt.anchor), Term: tt.term}.Period(tt.n, pricing.Zone{})
			wrapped(t, "Period", err, tt.err)
		})
	}
}

// A time.Time loses its zone in JSON, so a period stores the zone's name; every use checks it.
func TestPeriodKeepsItsZone(t *testing.T) {
	z := zone(t, "America/New_York")
	p := period(t, "2025-03-09", pricing.Months(1), 0, z)
	b, err := json.Marshal(p)
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), `{"start":"2025-03-09T05:00:00Z","end":"2025-04-09T04:00:00Z","zone":"America/New_York"}`)
	var got pricing.Period
	wrapped(t, "Unmarshal", json.Unmarshal(b, &got), nil)
	equal(t, "Unmarshal", got, p)
	_, err = got.Days(pricing.Zone{})
	wrapped(t, "Days in another zone", err, pricing.ErrZone)

	other := p
	other.Zone = "America/Toronto"
	equal(t, "Equal to itself", p.Equal(got), true)
	equal(t, "Equal to another zone's", p.Equal(other), false)
	equal(t, "Equal to a longer one", p.Equal(pricing.Period{Start: p.Start, End: p.End.Add(1), Zone: p.Zone}), false)
	equal(t, "IsZero", p.IsZero(), false)
	equal(t, "IsZero of the zero value", pricing.Period{}.IsZero(), true)
	p.Zone = "Mars/Olympus"
	equal(t, "String without its zone", p.String(), "[2025-03-09T05:00:00Z, 2025-04-09T04:00:00Z) Mars/Olympus")
}

func TestTerm(t *testing.T) {
	for _, tt := range []struct {
		term pricing.Term
		text string
		err  error
	}{
		{pricing.Months(1), "1 month", nil},
		{pricing.Months(120), "120 months", nil},
		{pricing.Days(1), "1 day", nil},
		{pricing.Days(3660), "3660 days", nil},
		{pricing.Term{}, "0 months", pricing.ErrTerm},
		{pricing.Months(121), "121 months", pricing.ErrTerm},
		{pricing.Months(-1), "-1 months", pricing.ErrTerm},
		{pricing.Days(3661), "3661 days", pricing.ErrTerm},
		{pricing.Days(-1), "-1 days", pricing.ErrTerm},
		{pricing.Term{Months: 1, Days: 1}, "1 day", pricing.ErrTerm},
	} {
		equal(t, "String", tt.term.String(), tt.text)
		wrapped(t, tt.text, tt.term.Validate(), tt.err)
	}
	b, err := json.Marshal(pricing.Anchor{Date: day(t, "2025-06-16"), Term: pricing.Months(1)})
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), `{"date":"2025-06-16","term":{"months":1}}`)
}
