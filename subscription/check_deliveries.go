package subscription

import "slices"

// checkDeliveries checks invariant 7: every new or upgraded cycle and every grant comes from an order that this
// change pays, or from a cycle that was already paid for.
func checkDeliveries(c *Change, base *Application) error {
	left := after{c.Next.Subscriptions, c.Next.Counters, c.Entries} // not c itself, which would move to the heap
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Status != OrderPaid {
			continue
		}
		if o.Collected != o.Amount && o.Amount.Sign() != 0 {
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
			if err := c.checkCycle(s, cycle, old); err != nil {
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

// taken returns how many of the subscription's periods an order paid for.
func (s *Subscription) taken(order OrderID) int {
	n := 0
	for i := range s.Cycles {
		if s.Cycles[i].Order == order {
			n++
		}
	}
	return n
}

// checkCycle checks that a cycle is unchanged or matches what a paid order delivers, and that its minutes are granted
// when it begins.
func (c *Change) checkCycle(s *Subscription, cycle, old *Cycle) error {
	begins := cycle.Minutes // minutes at its beginning; a later upgrade grants the rest
	if old != nil {
		begins = old.Minutes
	}
	if cycle.Begun && (old == nil || !old.Begun) && begins > 0 && !c.grants(s.ID, cycle) {
		return broken(7, "%s: period %d begins without its minutes", s.ID, cycle.Number)
	}
	if old == nil {
		return c.checkNewCycle(s, cycle)
	}
	return c.checkKnownCycle(s, cycle, old)
}

// checkKnownCycle checks that a cycle changes in nothing but what a paid upgrade changes.
func (c *Change) checkKnownCycle(s *Subscription, cycle, old *Cycle) error {
	if old.Begun && cycle.Granted != old.Granted && cycle.Minutes == old.Minutes {
		return broken(7, "%s: the minutes granted for period %d change", s.ID, cycle.Number)
	}
	if !cycle.Period.Equal(old.Period) || !old.Days.IsZero() && cycle.Days != old.Days ||
		cycle.Order != old.Order || old.Begun && !cycle.Begun {
		return broken(7, "%s: period %d changes", s.ID, cycle.Number)
	}
	if cycle.Version == old.Version && cycle.Price == old.Price && cycle.Minutes == old.Minutes {
		if cycle.Total != old.Total {
			return broken(7, "%s: the total of period %d changes", s.ID, cycle.Number)
		}
		return nil
	}
	for i := range c.Orders {
		r := c.Orders[i].raise(s.ID)
		if r != nil && r.To == cycle.Version && r.recorded(cycle, old) && r.minutes(old) == cycle.Minutes {
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

// checkNewCycle checks that a cycle is one of those that an order delivers, which this change pays.
func (c *Change) checkNewCycle(s *Subscription, cycle *Cycle) error {
	o := find(c.Orders, cycle.Order)
	if o == nil {
		return broken(7, "%s: period %d has no order", s.ID, cycle.Number)
	}
	e := o.extend(s.ID)
	if e == nil || e.Version != cycle.Version || e.Price != cycle.Price || e.Total != cycle.Total || e.Minutes != cycle.Minutes {
		return broken(7, "%s: period %d isn't what order %s delivers", s.ID, cycle.Number, o.ID)
	}
	if taken := s.taken(o.ID); taken > e.Count {
		return broken(7, "%s: order %s delivers %d periods, not %d", s.ID, o.ID, e.Count, taken)
	}
	return nil
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
			if lot := c.Next.lot(e.Lot); lot == nil || lot.Subscription == of && lot.Period.Equal(cycle.Period) {
				return true
			}
		}
	}
	return false
}

// checkGrant checks that minutes are granted for something that was paid, and only once: a cycle that begins, or an
// upgrade that this change pays.
func (c *Change) checkGrant(e *Entry, base *Application) error {
	if base.lot(e.Lot) != nil {
		return broken(7, "lot %d is granted again", e.Lot)
	}
	lot := c.Next.lot(e.Lot)
	if lot == nil {
		return nil // granted and closed within one change, after a long downtime
	}
	for i := range c.Next.Lots {
		if l := &c.Next.Lots[i]; l.ID != lot.ID && l.Source == lot.Source && l.Subscription == lot.Subscription &&
			l.Order == lot.Order && l.Free == lot.Free && l.Period.Equal(lot.Period) {
			return broken(7, "lots %d and %d are grants for the same thing", l.ID, lot.ID)
		}
	}
	if lot.Granted != e.Quantity || !c.paysLot(lot, base) {
		return broken(7, "lot %d of %s is granted without an order; only orders grant minutes", e.Lot, e.Quantity)
	}
	return nil
}

// paysLot reports whether the minutes granted by a new lot were paid for.
func (c *Change) paysLot(lot *Lot, base *Application) bool {
	switch lot.Source {
	case FromUpgrade:
		if o := find(c.Orders, lot.Order); o != nil {
			r := o.raise(lot.Subscription)
			return r != nil && Minutes(r.Grant) == lot.Granted
		}
	case FromTopUp:
		if o := find(c.Orders, lot.Order); o != nil {
			g := o.grant()
			return g != nil && Minutes(g.Minutes) == lot.Granted
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
		// The cycle may be upgraded, or end and be dropped, within the change in which it begins.
		was, is := base.cycleOf(lot), c.Next.cycleOf(lot)
		switch {
		case was == nil && is == nil, was != nil && was.Begun, is != nil && !is.Begun:
			return false
		}
		return was != nil && Minutes(was.Minutes) == lot.Granted || is != nil && Minutes(is.Minutes) == lot.Granted
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
		if y := &s.Cycles[i]; y.Order == lot.Order && y.Period.Equal(lot.Period) {
			return y
		}
	}
	return nil
}

// grant returns the minutes that a paid order gives, or nil if it gives none.
func (o *Order) grant() *GrantDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Grant != nil {
			return d.Grant
		}
	}
	return nil
}

// extend returns what a paid order adds to a subscription, or nil if it adds nothing.
func (o *Order) extend(id SubscriptionID) *ExtendDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Extend != nil && d.Extend.Subscription == id {
			return d.Extend
		}
	}
	return nil
}

// raise returns how a paid order upgrades a subscription, or nil if it doesn't.
func (o *Order) raise(id SubscriptionID) *UpgradeDelivery {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Upgrade != nil && d.Upgrade.Subscription == id {
			return d.Upgrade
		}
	}
	return nil
}
