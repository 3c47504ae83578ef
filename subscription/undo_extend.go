package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// obstacle implements [effect]: a period that another order followed or upgraded can't be taken back before that order is.
func (e *ExtendDelivery) obstacle(a *Application, o *Order, how undo) obstacle {
	s := a.subscription(e.Subscription)
	if how.suspend {
		return obstacle{} // its bank doesn't ask
	}
	if s == nil || s.Status == Refunded {
		if how.cycles > 0 {
			return obstacle{why: "the subscription is over"}
		}
		return obstacle{}
	}
	if open := a.blocking(s.ID); open != nil && open.ID != o.ID {
		return obstacle{"another order for the subscription is open", open.ID}
	}
	own := 0
	for i := len(s.Cycles) - 1; i >= 0; i-- {
		switch c := &s.Cycles[i]; {
		case c.Order != o.ID:
			if own == 0 && c.Promised.IsZero() {
				return obstacle{"a later order builds on it", c.Order}
			}
		case how.cycles > 0 && own >= how.cycles:
		case how.cycles > 0 && c.Begun:
			return obstacle{why: "it has fewer periods that haven't begun"}
		case c.Version != e.Version || !e.costs(c.Price):
			return obstacle{"it was upgraded", s.upgrade(a)}
		default:
			own++
		}
	}
	if own < how.cycles {
		return obstacle{why: "it has fewer periods that haven't begun"}
	}
	return obstacle{}
}

// upgrade returns the order of the subscription's latest upgrade that shows in the document, or "".
func (s *Subscription) upgrade(a *Application) OrderID {
	for i := len(a.Lots) - 1; i >= 0; i-- {
		if l := &a.Lots[i]; l.Source == FromUpgrade && l.Subscription == s.ID {
			return l.Order
		}
	}
	return ""
}

// undo implements [effect]: periods that haven't begun are dropped, or suspended, and one that has begun ends the
// subscription or, if it is suspended, ends itself.
func (e *ExtendDelivery) undo(d *Draft, o *Order, how undo) bool {
	s := d.Application.subscription(e.Subscription)
	if s == nil || s.Status.Over() {
		return true
	}
	cut := 0
	for cut < len(s.Cycles)-1 && (how.cycles == 0 || cut < how.cycles) {
		if c := &s.Cycles[len(s.Cycles)-1-cut]; c.Order != o.ID || c.Begun {
			break
		}
		cut++
	}
	if cut > 0 {
		s.attemptsAnew()
	}
	for range cut {
		c := s.Cycles[len(s.Cycles)-1]
		s.Cycles = s.Cycles[:len(s.Cycles)-1]
		s.uncount()
		if how.suspend {
			s.Suspended = slices.Insert(s.Suspended, 0, c)
		}
		d.addSubscriptionEvent(EventPeriodTaken, s, d.Now, Event{Version: c.Version, Period: c.Period, Order: o.ID})
	}
	s.retimeBack()
	current := s.current(d.Now)
	own := current >= 0 && s.Cycles[current].Order == o.ID
	if (cut > 0 || own || how.suspend) && s.AutoRenew && !how.keepAutoRenew {
		s.AutoRenew = false
		d.addSubscriptionEvent(EventAutoRenewOff, s, d.Now, Event{Order: o.ID})
	}
	defer d.stopOwing(s)
	last := &s.Cycles[len(s.Cycles)-1]
	switch {
	case how.cycles > 0:
		return s.taken(o.ID) == 0
	case how.suspend && own:
		d.endNow(s, &s.Cycles[current])
	case !how.suspend && last.Order == o.ID && s.InService():
		d.addSubscriptionEvent(EventPeriodTaken, s, d.Now, Event{Version: last.Version, Period: last.Period, Order: o.ID})
		d.setStatus(s, Refunded, d.Now)
	}
	if slices.ContainsFunc(s.Cycles, func(c Cycle) bool { return c.Order == o.ID && !c.Begun }) {
		d.needsPerson(o, "a period ahead, whose payment was reversed, is followed by another order's")
		return false
	}
	return true
}

// endNow ends the period that contains now, and interrupts the subscription.
func (d *Draft) endNow(s *Subscription, c *Cycle) {
	d.addSubscriptionEvent(EventPeriodTaken, s, d.Now, Event{Version: c.Version, Period: c.Period, Order: c.Order})
	c.Promised = c.Period.End
	c.Period.End = d.Now
	if !d.Now.After(c.Period.Start) {
		c.Period.End = c.Period.Start.Add(time.Microsecond) // the shortest that a store can keep
	}
	if s.Status.Live() {
		d.setStatus(s, Interrupted, d.Now)
	}
}

// reinstate implements [effect]: a period whose promised end is ahead goes on, and those that were suspended return: all of
// them or, if there is a problem, none.
func (e *ExtendDelivery) reinstate(d *Draft, o *Order) (given bool, problem string) {
	s := d.Application.subscription(e.Subscription)
	if s == nil || s.Status.Over() {
		return false, "the subscription is over"
	}
	ended, returned, problem := d.reinstatable(s, o, e)
	if problem != "" {
		return false, problem
	}
	if len(returned) > 0 && returned[0].Term != (pricing.Term{}) {
		if err := s.retime(returned[0].Term); err != nil {
			return false, err.Error()
		}
	}
	d.forgetSuspended(o)
	if ended >= 0 || len(returned) > 0 {
		s.attemptsAnew()
	}
	if ended >= 0 {
		c := &s.Cycles[ended]
		c.Period.End, c.Promised = c.Promised, time.Time{}
		d.addSubscriptionEvent(EventPeriodReturned, s, d.Now, Event{Version: c.Version, Period: c.Period, Order: o.ID})
		if s.Status == Interrupted || s.Status == Ended {
			d.setStatus(s, Active, d.Now)
		}
	}
	for i, c := range returned {
		c.Term = pricing.Term{} // the anchor's again
		s.Cycles = append(s.Cycles, c)
		s.Next++
		d.addSubscriptionEvent(EventPeriodReturned, s, d.Now, Event{Version: c.Version, Period: c.Period, Order: o.ID})
		if i == 0 && !c.Period.Start.After(d.Now) {
			d.setStatus(s, Active, d.Now)
			d.begin(s, len(s.Cycles)-1, d.Now)
		}
	}
	return true, ""
}

// attemptsAnew restarts the schedule of automatic attempts, since the end of the paid time has moved. A decline that
// stopped them still stops them.
func (s *Subscription) attemptsAnew() { s.Renewal = Renewal{Stopped: s.Renewal.Stopped} }

// reinstatable returns the index of the period of an order that was ended early and can go on, or -1, and the periods that
// were suspended and can return, or why not all of them can. If none is left, a person decides, unless nothing was taken.
func (d *Draft) reinstatable(s *Subscription, o *Order, e *ExtendDelivery) (ended int, returned []Cycle, problem string) {
	ended = -1
	for i := range s.Cycles {
		c := &s.Cycles[i]
		if c.Order != o.ID || c.Promised.IsZero() || !d.Now.Before(c.Promised) {
			continue
		}
		if i+1 < len(s.Cycles) && s.Cycles[i+1].Period.Start.Before(c.Promised) {
			return -1, nil, "another period was paid for since"
		}
		ended = i
	}
	own := func(c Cycle) bool { return c.Order == o.ID }
	for _, c := range s.Suspended {
		if own(c) {
			returned = append(returned, c)
		}
	}
	last := &s.Cycles[len(s.Cycles)-1]
	switch {
	case ended < 0 && len(returned) == 0 && e.Count == 1 && !o.TakenBackAt.Before(o.Delivered.Period.End):
		return -1, nil, "" // nothing had been taken
	case ended < 0 && len(returned) == 0:
		return -1, nil, "its periods have passed, or others were paid for since"
	case d.Application.blocking(s.ID) != nil:
		return -1, nil, "another order for the subscription is open"
	case len(returned) == 0:
		return ended, nil, ""
	case !own(s.Suspended[0]):
		return -1, nil, "a period before it is still suspended"
	case !d.Now.Before(returned[0].Period.End):
		return -1, nil, "a period that was paid ahead has passed"
	case !returned[0].Period.Start.Equal(last.Period.End) && !returned[0].Period.Start.Equal(last.Promised):
		return -1, nil, "the period before it has changed"
	}
	return ended, returned, ""
}
