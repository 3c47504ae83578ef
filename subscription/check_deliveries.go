package subscription

import "slices"

// checkDeliveries checks invariant 7: every new or upgraded cycle and every grant comes from an order that this
// change pays, or from a cycle that was already paid for.
func checkDeliveries(c *Change, base *Application) error {
	left := after{c.Next.Subscriptions, c.Next.Counters, c.Entries} // not c itself, which would move to the heap
	for i := range c.Orders {
		o := &c.Orders[i]
		if !c.settles(o) {
			continue
		}
		if o.Collected != o.Amount && o.Amount.Sign() != 0 && !accepted(o, base.order(o.ID)) {
			return broken(7, "order %s of %s was paid with %s", o.ID, o.Amount, o.Collected)
		}
		for _, d := range o.Deliveries {
			if g := d.effect(); g == nil || !g.given(left, o.ID) {
				return broken(7, "order %s is paid but not delivered", o.ID)
			}
		}
	}
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		was := base.subscription(s.ID)
		for j := range s.Cycles {
			cycle := &s.Cycles[j]
			var old *Cycle
			if was != nil {
				old = was.cycle(cycle.Number)
			}
			if err := c.checkCycle(s, was, cycle, old); err != nil {
				return err
			}
		}
	}
	for i := range c.Entries {
		if e := &c.Entries[i]; e.Kind == EntryGranted {
			if err := c.checkGrant(e, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// accepted reports whether an order was under review with the amount for which it is delivered now: a person accepted it.
func accepted(o, was *Order) bool {
	return was != nil && was.Status == OrderReview && was.Collected.Sign() > 0 && was.Collected == o.Collected
}

// resumes reports whether the cycle is one that was suspended, which may have begun since.
func (c *Cycle) resumes(suspended Cycle) bool {
	suspended.Begun, suspended.Granted = c.Begun, c.Granted
	return *c == suspended
}

// checkCycle checks that a cycle is unchanged or matches what a paid order delivers, and that its minutes are granted
// when it begins.
func (c *Change) checkCycle(s, was *Subscription, cycle, old *Cycle) error {
	begins := cycle.Minutes // minutes at its beginning; a later upgrade grants the rest
	if old != nil {
		begins = old.Minutes
	} else if i := c.importOf(cycle.Order); i != nil {
		begins = int64(i.Minutes) // what was left of it
	}
	if cycle.Begun && (old == nil || !old.Begun) {
		switch {
		case cycle.Period.Start.After(c.Next.AsOf):
			return broken(7, "%s: period %d begins before its time", s.ID, cycle.Number)
		case begins > 0 && !c.grants(s.ID, cycle):
			return broken(7, "%s: period %d begins without its minutes", s.ID, cycle.Number)
		}
	}
	if old == nil {
		return c.checkNewCycle(s, was, cycle)
	}
	if s.termOf(cycle) != was.termOf(old) {
		return broken(7, "%s: the term of period %d changes", s.ID, cycle.Number)
	}
	return c.checkKnownCycle(s, cycle, old)
}

// checkKnownCycle checks that a cycle changes in nothing but what a paid upgrade changes.
func (c *Change) checkKnownCycle(s *Subscription, cycle, old *Cycle) error {
	if old.Begun && cycle.Granted != old.Granted && cycle.Minutes == old.Minutes {
		return broken(7, "%s: the minutes granted for period %d change", s.ID, cycle.Number)
	}
	if !cycle.Period.Equal(old.Period) && !c.endsEarly(cycle, old) && !c.goesOn(cycle, old) ||
		cycle.Period.Equal(old.Period) && !cycle.Promised.Equal(old.Promised) ||
		!old.Days.IsZero() && cycle.Days != old.Days || cycle.Order != old.Order || old.Begun && !cycle.Begun {
		return broken(7, "%s: period %d changes", s.ID, cycle.Number)
	}
	if cycle.Version == old.Version && cycle.Price == old.Price && cycle.Minutes == old.Minutes {
		if cycle.Total != old.Total {
			return broken(7, "%s: the total of period %d changes", s.ID, cycle.Number)
		}
		return nil
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		r := o.upgrade(s.ID)
		if r == nil {
			continue
		}
		again := c.reinstates(o.ID) && r.restores(old, old)
		if (c.settles(o) || again) && r.To == cycle.Version && r.recorded(cycle, old) && r.minutes(old) == cycle.Minutes {
			return nil
		}
		if c.takesPeriods(o.ID) && old.Version == r.To && r.restores(cycle, old) {
			return nil
		}
	}
	return broken(7, "%s: the version, price or minutes of period %d change without a paid order", s.ID, cycle.Number)
}

// recorded reports whether a cycle has the price that an upgrade records: its own, or the one before if it was waived.
func (r *UpgradeDelivery) recorded(cycle, old *Cycle) bool {
	if r.Waived {
		return cycle.Price == old.Price && cycle.Total == old.Total
	}
	return cycle.Price == r.Price && cycle.Total == r.Total
}

// endsEarly reports whether a period ends before its promised end, because its payment is taken back.
func (c *Change) endsEarly(cycle, old *Cycle) bool {
	return old.Promised.IsZero() && cycle.Promised.Equal(old.Period.End) && cycle.Period.Start.Equal(old.Period.Start) &&
		cycle.Period.End.Before(old.Period.End) && c.takesPeriods(cycle.Order)
}

// goesOn reports whether a period ends at its promised end again, because its payment is reinstated.
func (c *Change) goesOn(cycle, old *Cycle) bool {
	return cycle.Promised.IsZero() && cycle.Period.End.Equal(old.Promised) && cycle.Period.Start.Equal(old.Period.Start) &&
		c.reinstates(cycle.Order)
}

// restores reports whether a cycle is what it was before the upgrade.
func (r *UpgradeDelivery) restores(cycle, old *Cycle) bool {
	n := old.Number - r.Cycle
	return 0 <= n && n < len(r.Was) && r.Was[n].is(cycle)
}

// checkNewCycle checks that a cycle is one of those that an order delivers, which this change pays.
func (c *Change) checkNewCycle(s, was *Subscription, cycle *Cycle) error {
	o := find(c.Orders, cycle.Order)
	if o == nil {
		return broken(7, "%s: period %d has no order", s.ID, cycle.Number)
	}
	if was != nil && c.reinstates(o.ID) && slices.ContainsFunc(was.Suspended, func(x Cycle) bool {
		now := s.timed(*cycle)
		return now.resumes(was.timed(x))
	}) {
		return nil
	}
	e := o.extend(s.ID)
	if !c.settles(o) || e == nil || !cycle.Promised.IsZero() ||
		e.Version != cycle.Version || e.Term != s.termOf(cycle) || e.Minutes != cycle.Minutes {
		return broken(7, "%s: period %d isn't what order %s delivers", s.ID, cycle.Number, o.ID)
	}
	if price, total := e.at(e.Count - 1 - s.after(cycle)); price != cycle.Price || total != cycle.Total {
		return broken(7, "%s: period %d isn't at the price of order %s", s.ID, cycle.Number, o.ID)
	}
	if taken := s.taken(o.ID); taken > e.Count {
		return broken(7, "%s: order %s delivers %d periods, not %d", s.ID, o.ID, e.Count, taken)
	}
	return s.checkSpan(cycle)
}

// minutes returns how many minutes a whole cycle has after the upgrade, or -1 if the upgrade doesn't apply to it.
func (r *UpgradeDelivery) minutes(old *Cycle) int64 {
	switch n := old.Number - r.Cycle - 1; {
	case n == -1:
		return r.Minutes
	case 0 <= n && n < len(r.Ahead):
		return old.Minutes + r.Ahead[n]
	}
	return -1
}

// grants reports whether an entry grants the minutes of a cycle that begins.
func (c *Change) grants(of SubscriptionID, cycle *Cycle) bool {
	for i := range c.Entries {
		if e := &c.Entries[i]; e.Kind == EntryGranted && e.Order == cycle.Order {
			if lot := c.Next.lot(e.Lot); lot == nil || lot.Subscription == of && lot.Period.Equal(cycle.promised()) {
				return true
			}
		}
	}
	return false
}

// checkGrant checks that minutes are granted for something that was paid, and only once: a cycle that begins, or an
// upgrade that this change pays. Corrections return minutes that were granted before.
func (c *Change) checkGrant(e *Entry, base *Application) error {
	if base.lot(e.Lot) != nil {
		return broken(7, "lot %d is granted again", e.Lot)
	}
	lot := c.Next.lot(e.Lot)
	if lot == nil {
		return nil // granted and closed within one change, after a long downtime
	}
	for i := range c.Next.Lots {
		if l := &c.Next.Lots[i]; l.ID != lot.ID && l.Source != FromReturned &&
			l.Source == lot.Source && l.Subscription == lot.Subscription && l.Order == lot.Order && l.Free == lot.Free &&
			l.Period.Equal(lot.Period) {
			return broken(7, "lots %d and %d are grants for the same thing", l.ID, lot.ID)
		}
	}
	if lot.Granted != e.Quantity || !c.paysLot(lot, e, base) {
		return broken(7, "lot %d of %s is granted without an order; only orders grant minutes", e.Lot, e.Quantity)
	}
	return nil
}

// paysLot reports whether the minutes granted by a new lot were paid for, now or before a correction returned them.
func (c *Change) paysLot(lot *Lot, e *Entry, base *Application) bool {
	switch lot.Source {
	case FromReturned:
		return c.returnsMinutes(lot, e, base)
	case FromUpgrade:
		if o := find(c.Orders, lot.Order); o != nil && c.settles(o) {
			r := o.upgrade(lot.Subscription)
			return r != nil && Minutes(r.Grant) == lot.Granted
		}
	case FromTopUp, FromGift:
		if o := find(c.Orders, lot.Order); o != nil && c.settles(o) {
			g := o.grant()
			return g != nil && g.Source == lot.Source && Minutes(g.Minutes) == lot.Granted
		}
	case FromFree:
		begun := 0
		for i := range base.Free {
			if base.Free[i].ID == lot.Free {
				begun = base.Free[i].Begun
			}
		}
		return slices.ContainsFunc(c.Next.Free, func(f FreeClaim) bool {
			return f.ID == lot.Free && f.Begun > begun && Minutes(f.Minutes) == lot.Granted
		})
	case FromPackage:
		if i := c.importOf(lot.Order); i != nil {
			is := c.Next.cycleOf(lot)
			return is != nil && is.Begun && is.Granted == lot.Granted && i.Minutes == lot.Granted
		}
		// The cycle may be upgraded, or end and be dropped, within the change in which it begins.
		was, is := base.cycleOf(lot), c.Next.cycleOf(lot)
		switch {
		case was == nil && is == nil, was != nil && was.Begun, is != nil && !is.Begun:
			return false
		}
		return was != nil && Minutes(was.Minutes) == lot.Granted || is != nil && Minutes(is.Minutes) == lot.Granted
	case FromOverdraft: // it isn't granted, but lent
	}
	return false
}

// cycleOf returns the cycle that a lot was granted for, or nil if there is none.
func (a *Application) cycleOf(lot *Lot) *Cycle {
	s := a.subscription(lot.Subscription)
	if s == nil {
		return nil
	}
	for i := range s.Cycles {
		if y := &s.Cycles[i]; y.Order == lot.Order && y.promised().Equal(lot.Period) {
			return y
		}
	}
	return nil
}
