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
	// CalendarDays counts whole days of the calendar in the period's zone: total is the real length of
	// the period, and the day of the upgrade counts as remaining (seed 2: Remaining Valid Days / Total
	// Valid Days). The first day gives total/total, the last one 1/total.
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

// Remaining returns which part of p is left at t, in (0, 1]. The period's zone is z. It fails with
// [ErrOutsidePeriod] when t is not in p, with [ErrZone] and with [ErrDayCount].
func (c DayCount) Remaining(p Period, t time.Time, z Zone) (Ratio, error) {
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
		return Ratio{Num: seconds(p.End.Sub(t)), Den: seconds(p.End.Sub(p.Start))}, nil
	}
	end := z.DateOf(p.End)
	return Ratio{Num: int64(end - z.DateOf(t)), Den: int64(end - z.DateOf(p.Start))}, nil
}

// seconds rounds a positive duration up to whole seconds.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
