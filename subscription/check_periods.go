package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkSpan checks the part of invariant 4 about a period that is paid for by this change: it has the days that follow from
// the anchor, and its instants are on them.
func (s *Subscription) checkSpan(cycle *Cycle) error {
	days, err := s.daysOf(cycle)
	if err != nil {
		return broken(4, "%s: period %d: %v", s.ID, cycle.Number, err)
	}
	before := s.cycle(cycle.Number - 1)
	follows := before != nil && cycle.Period.Start.Equal(before.Period.End) // as promised, wherever that is
	if cycle.Days != days || !follows && !near(cycle.Period.Start, days.First) || !near(cycle.Period.End, days.Until) {
		return broken(4, "%s: period %d is %s of %s, not %s", s.ID, cycle.Number, cycle.Period, cycle.Days, days)
	}
	return nil
}

// daysOf returns the days that a period has by the anchor. A subscription that was imported with an end which isn't a day
// of its anchor has one period before it.
func (s *Subscription) daysOf(cycle *Cycle) (pricing.DayRange, error) {
	n := s.Next - 1 - (s.last() - cycle.Number)
	if n != -1 || s.Next != 0 {
		return s.Anchor.Days(n)
	}
	next, err := s.Anchor.Days(0)
	if err != nil {
		return next, err
	}
	first, err := before(next.First, s.Anchor.Term)
	return pricing.DayRange{First: first, Until: next.First}, err
}

// near reports whether an instant can be the beginning of a day in some zone, by whatever rules it had. An interruption may
// begin in the middle of the day.
func near(t time.Time, d pricing.Date) bool {
	const day = 24 * 60 * 60
	seconds := t.Unix() - int64(d)*day
	return -2*day <= seconds && seconds <= 2*day
}
