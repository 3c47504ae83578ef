package main

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// in returns the instant. A day means its start in zone z.
func (m moment) in(z pricing.Zone) time.Time {
	if m.instant {
		return m.time
	}
	return z.StartOf(m.day)
}

// periodFrom returns the period of a term that begins at start. It consists of whole days unless seconds are counted
// and start is an instant; then it runs from that second to the same time of day one term later.
func periodFrom(start moment, term pricing.Term, count pricing.DayCount, z pricing.Zone) (pricing.Period, error) {
	if start.instant && count == pricing.Elapsed {
		return clockPeriod(start.time.Truncate(time.Second), term, z)
	}
	day := start.day
	if start.instant {
		day = z.DateOf(start.time)
	}
	return pricing.Anchor{Date: day, Term: term}.Period(0, z)
}

// clockPeriod returns the period from start to the same time of day in z one term later, or on the last day of the
// month if that month is too short.
func clockPeriod(start time.Time, term pricing.Term, z pricing.Zone) (pricing.Period, error) {
	loc, err := time.LoadLocation(z.Name())
	if err != nil {
		return pricing.Period{}, fmt.Errorf("%w: %w", pricing.ErrZone, err)
	}
	local := start.In(loc)
	day, err := pricing.NewDate(local.Date())
	if err != nil {
		return pricing.Period{}, err
	}
	if term.Days != 0 {
		day, err = day.AddDays(term.Days)
	} else {
		day, err = day.AddMonths(term.Months)
	}
	if err != nil {
		return pricing.Period{}, err
	}
	hour, minute, second := local.Clock()
	end := clockTime(day, (hour*60+minute)*60+second, loc)
	return pricing.Period{Start: start.UTC(), End: end.UTC(), Zone: z.Name()}, nil
}

// clockTime returns the instant at which the clock in loc shows day and the number of seconds since midnight: the first
// of the two if it shows them twice, and the end of the gap if it skips them.
func clockTime(day pricing.Date, seconds int, loc *time.Location) time.Time {
	const secondsPerDay = 24 * 60 * 60
	wall := int64(day)*secondsPerDay + int64(seconds)
	// The offsets one day before and one day after bracket every relevant change.
	_, before := time.Unix(wall-secondsPerDay, 0).In(loc).Zone()
	_, after := time.Unix(wall+secondsPerDay, 0).In(loc).Zone()
	first := time.Unix(wall-int64(max(before, after)), 0).In(loc)
	if _, offset := first.Zone(); offset == max(before, after) {
		return first
	}
	second := time.Unix(wall-int64(min(before, after)), 0).In(loc)
	if _, offset := second.Zone(); offset == min(before, after) {
		return second
	}
	changed, _ := second.ZoneBounds()
	return changed
}
