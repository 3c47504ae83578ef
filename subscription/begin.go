package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// begin grants the minutes of a cycle that is due to begin, and returns how many.
func (d *Draft) begin(s *Subscription, i int, at time.Time) Quantity {
	c := &s.Cycles[i]
	c.Begun, c.Granted = true, Minutes(c.Minutes)
	if s.Status == PastDue || s.Status == Interrupted || s.Status == Ended { // after the payment of the period before was reversed
		d.setStatus(s, Active, at) // the period that begins is paid for
	}
	d.addSubscriptionEvent(EventPeriodBegan, s, at, Event{Version: c.Version, Period: c.Period, Order: c.Order})
	d.grant(Lot{
		Source: FromPackage, Products: []pricing.ProductID{s.Product}, Subscription: s.ID, Order: c.Order,
		Period: c.Period, Granted: c.Granted,
	}, at)
	granted := c.Granted
	// Only the last ended cycle is kept.
	if ended := i - 1; ended > 0 {
		s.Cycles = slices.Delete(s.Cycles, 0, ended)
		// Periods that began earlier are never ordered again.
		first := s.Cycles[0].Days.First
		s.Numbers = slices.DeleteFunc(s.Numbers, func(n Number) bool { return n.Day < first })
	}
	return granted
}
