package pricing

import (
	"fmt"
	"time"
)

// DayCount determines how the remaining part of a period is measured for an upgrade. The zero value means
// [CalendarDays].
type DayCount string

// The day count conventions.
const (
	// CalendarDays counts whole calendar days: the total is the number of days in the period, and the day of the
	// upgrade, in the period's zone, counts as remaining. The first day gives total/total, the last one 1/total.
	CalendarDays DayCount = "calendar"
	// Elapsed counts seconds; a partial second counts as a whole one.
	Elapsed DayCount = "elapsed"
)

// Validate returns [ErrDayCount] unless c is one of the constants or the zero value.
func (c DayCount) Validate() error {
	switch c {
	case "", CalendarDays, Elapsed:
		return nil
	}
	return fmt.Errorf("%w: %.32q", ErrDayCount, string(c))
}

// Remaining returns the fraction of p that remains at t, in (0, 1]. The period's zone is z.
//
// [CalendarDays] counts the recorded days of p from the day of t in z to their end. The count is at least one and at
// most the total, because the rules of the zone may have changed since p was recorded. If no days are recorded, it
// counts the days of p by the current rules of z. [Elapsed] ignores the recorded days.
//
// It returns [ErrOutsidePeriod] if t is not in p, which depends only on the instants of p; [ErrDate] if the recorded
// days end before they begin; [ErrZone]; or [ErrDayCount].
func (c DayCount) Remaining(p Period, recorded DayRange, t time.Time, z Zone) (Ratio, error) {
	if err := c.Validate(); err != nil {
		return Ratio{}, err
	}
	if err := p.in(z); err != nil {
		return Ratio{}, err
	}
	if !p.Contains(t) {
		return Ratio{}, fmt.Errorf("%w: %s is not in [%s, %s)", ErrOutsidePeriod,
			t.UTC().Format(time.RFC3339), p.Start.Format(time.RFC3339), p.End.Format(time.RFC3339))
	}
	if c == Elapsed {
		return Ratio{Num: seconds(t, p.End), Den: seconds(p.Start, p.End)}, nil
	}
	if recorded.IsZero() {
		recorded = p.days(z)
	}
	return recorded.remaining(z.DateOf(t))
}

// seconds returns the time between two instants, rounded up to whole seconds. Unlike a time.Duration, it is not limited
// to 292 years.
func seconds(from, to time.Time) int64 {
	n := to.Unix() - from.Unix()
	if to.Nanosecond() > from.Nanosecond() {
		n++
	}
	return n
}
