package pricing

import (
	"fmt"
	"time"
)

// DayCount says how the rest of a period is measured for an upgrade. The zero value means
// [CalendarDays].
type DayCount string

// The day counts.
const (
	// CalendarDays counts whole days of the calendar: total is the number of days in the period, and the day of the
	// upgrade, in the period's zone, counts as remaining. The first day gives total/total, the last one 1/total.
	CalendarDays DayCount = "calendar"
	// Elapsed counts seconds, a begun one as whole.
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

// Remaining returns which part of p is left at t, in (0, 1]. The period's zone is z.
//
// [CalendarDays] counts the recorded days of p, up to their end from the day of t in z: at least one, and no
// more than there are, since the zone may have other rules now than when p was promised. If none are
// recorded, it counts those that p has by the rules that z has now. [Elapsed] doesn't look at them.
//
// It fails with [ErrOutsidePeriod] when t is not in p, which the instants of p alone decide, with [ErrDate]
// for recorded days that end before they begin, with [ErrZone] and with [ErrDayCount].
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

// seconds returns the time from one instant to a later one, rounded up to whole seconds. Unlike a
// time.Duration it is not bound to 292 years.
func seconds(from, to time.Time) int64 {
	n := to.Unix() - from.Unix()
	if to.Nanosecond() > from.Nanosecond() {
		n++
	}
	return n
}
