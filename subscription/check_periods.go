package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkPeriods checks invariant 4 for one subscription.
func checkPeriods(c *Change, s, was *Subscription) error {
	if len(s.Cycles) == 0 {
		return broken(4, "%s has no period", s.ID)
	}
	for i := range s.Cycles {
		cycle := &s.Cycles[i]
		if !cycle.Period.Start.Before(cycle.Period.End) {
			return broken(4, "%s: period %d is %s", s.ID, cycle.Number, cycle.Period)
		}
		if cycle.Resumed && (was == nil || was.cycle(cycle.Number) == nil && !interrupted(c, was)) {
			return broken(4, "%s: period %d resumes, but wasn't interrupted", s.ID, cycle.Number)
		}
		if i == 0 {
			continue
		}
		before := &s.Cycles[i-1]
		gap := cycle.Period.Start.Sub(before.Period.End)
		if cycle.Number != before.Number+1 || gap < 0 || gap > 0 && !cycle.Resumed && before.Promised.IsZero() {
			return broken(4, "%s: period %d is %s after %s", s.ID, cycle.Number, cycle.Period, before.Period)
		}
	}
	return nil
}

// interrupted reports whether a subscription is out of service in base, because it is interrupted or its grace time has
// passed, or becomes so within the change.
func interrupted(c *Change, was *Subscription) bool {
	return was.Status == Interrupted || was.OutOfService || slices.ContainsFunc(c.Events, func(e Event) bool {
		return e.Subscription == was.ID && (e.Status == Interrupted || e.Type == EventServiceEnded)
	})
}

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
