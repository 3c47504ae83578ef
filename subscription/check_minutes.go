package subscription

import "slices"

// checkLots is invariant 1.
func checkLots(c *Change, base *Application) error {
	for i := range c.Next.Lots {
		l := &c.Next.Lots[i]
		before := Lot{ID: l.ID}
		if was := base.lot(l.ID); was != nil {
			before = *was
		} else if l.ID <= base.LastLot || l.ID > c.Next.LastLot {
			return broken(1, "lot %d is new, the last one was %d", l.ID, base.LastLot)
		}
		after, err := c.replay(before)
		if err != nil {
			return err
		}
		if !l.sameMinutes(after) {
			return broken(1, "lot %d isn't what its entries make of it", l.ID)
		}
	}
	for i := range base.Lots {
		was := base.Lots[i]
		if c.Next.lot(was.ID) != nil {
			continue
		}
		after, err := c.replay(was)
		if err != nil {
			return err
		}
		if after.Remaining != 0 || after.Reserved != 0 {
			return broken(1, "lot %d vanishes with %s minutes", was.ID, after.Remaining+after.Reserved)
		}
	}
	return checkPassingLots(c, base)
}

// checkPassingLots checks the lots that were granted and came to their end within the change, as happens
// after a long downtime.
func checkPassingLots(c *Change, base *Application) error {
	for i := range c.Entries {
		id := c.Entries[i].Lot
		if base.lot(id) != nil || c.Next.lot(id) != nil {
			continue
		}
		if id <= base.LastLot || id > c.Next.LastLot {
			return broken(1, "an entry of lot %d, which there isn't", id)
		}
		after, err := c.replay(Lot{ID: id})
		if err != nil {
			return err
		}
		if after.Remaining != 0 || after.Reserved != 0 {
			return broken(1, "lot %d vanishes with %s minutes", id, after.Remaining+after.Reserved)
		}
	}
	return nil
}

// replay returns the lot after the entries of the change, and checks it after each.
func (c *Change) replay(l Lot) (Lot, error) {
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Lot != l.ID {
			continue
		}
		if e.Quantity <= 0 || !e.apply(&l) {
			return l, broken(1, "lot %d: %s of %s", l.ID, e.Kind, e.Quantity)
		}
		if min(l.Granted, l.Remaining, l.Reserved, l.Consumed, l.Expired, l.Refunded) < 0 ||
			l.Granted != l.Remaining+l.Reserved+l.Consumed+l.Expired+l.Refunded {
			return l, broken(1, "lot %d: granted %s, remaining %s, reserved %s, consumed %s, expired %s, refunded %s",
				l.ID, l.Granted, l.Remaining, l.Reserved, l.Consumed, l.Expired, l.Refunded)
		}
	}
	return l, nil
}

func (l *Lot) sameMinutes(m Lot) bool {
	return l.Granted == m.Granted && l.Remaining == m.Remaining && l.Reserved == m.Reserved &&
		l.Consumed == m.Consumed && l.Expired == m.Expired && l.Refunded == m.Refunded
}

func (a *Application) lot(id LotID) *Lot {
	for i := range a.Lots {
		if a.Lots[i].ID == id {
			return &a.Lots[i]
		}
	}
	return nil
}

// checkDeliveries is invariant 7: every new or raised cycle and every grant goes back to an order that
// this change pays, or to a cycle that was paid for before.
func checkDeliveries(c *Change, base *Application) error {
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Status != OrderPaid {
			continue
		}
		if o.Collected != o.Amount && o.Amount.Sign() != 0 {
			return broken(7, "order %s of %s is paid %s", o.ID, o.Amount, o.Collected)
		}
		for _, d := range o.Deliveries {
			if !c.delivers(o.ID, d) {
				return broken(7, "order %s is paid and not delivered", o.ID)
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

// delivers reports whether the next state shows what an order delivers.
func (c *Change) delivers(order OrderID, d Delivery) bool {
	switch {
	case d.Extend != nil:
		s := c.Next.subscription(d.Extend.Subscription)
		return s != nil && slices.ContainsFunc(s.Cycles, func(y Cycle) bool { return y.Order == order })
	case d.Raise != nil:
		s := c.Next.subscription(d.Raise.Subscription)
		if s == nil {
			return false
		}
		y := s.cycle(d.Raise.Cycle)
		return y != nil && y.Version == d.Raise.To && y.Price == d.Raise.Price
	case d.Grant != nil:
		return slices.ContainsFunc(c.Entries, func(e Entry) bool {
			return e.Kind == EntryGranted && e.Order == order && e.Quantity == Minutes(d.Grant.Minutes)
		})
	case d.Bill != nil:
		return !slices.ContainsFunc(c.Next.Counters, func(x Counter) bool { return x.Order == order })
	}
	return false
}

// checkCycle checks that a cycle is as it was, or as a paid order delivers it.
func (c *Change) checkCycle(s *Subscription, cycle, old *Cycle) error {
	version, price, minutes := cycle.Version, cycle.Price, cycle.Minutes
	if old != nil {
		if !cycle.Period.Equal(old.Period) || cycle.Order != old.Order {
			return broken(7, "%s: period %d changes", s.ID, cycle.Number)
		}
		if version == old.Version && price == old.Price && minutes == old.Minutes {
			return nil
		}
		for i := range c.Orders {
			if r := c.Orders[i].raise(s.ID); r != nil && r.To == version && r.Price == price {
				return nil
			}
		}
		return broken(7, "%s: period %d is raised without a paid order", s.ID, cycle.Number)
	}
	o := find(c.Orders, cycle.Order)
	if o == nil {
		return broken(7, "%s: period %d without an order", s.ID, cycle.Number)
	}
	if e := o.extend(s.ID); e == nil || e.Version != version || e.Price != price || e.Minutes != minutes {
		return broken(7, "%s: period %d isn't what order %s delivers", s.ID, cycle.Number, o.ID)
	}
	taken := 0
	for i := range s.Cycles {
		if s.Cycles[i].Order == o.ID {
			taken++
		}
	}
	if e := o.extend(s.ID); taken > e.Count {
		return broken(7, "%s: order %s delivers %d periods, not %d", s.ID, o.ID, e.Count, taken)
	}
	return nil
}

// checkGrant checks that minutes are granted for something that was paid: a cycle that begins, or an
// upgrade that this change pays.
func (c *Change) checkGrant(e *Entry, base *Application) error {
	lot := c.Next.lot(e.Lot)
	if lot == nil {
		return nil // granted and over within one change, after a long downtime
	}
	switch lot.Source {
	case FromUpgrade:
		if o := find(c.Orders, lot.Order); o != nil {
			if r := o.raise(lot.Subscription); r != nil && Minutes(r.Grant) == e.Quantity {
				return nil
			}
		}
	case FromTopUp:
		if o := find(c.Orders, lot.Order); o != nil {
			if g := o.grant(); g != nil && Minutes(g.Minutes) == e.Quantity {
				return nil
			}
		}
	case FromFree:
		for i := range c.Next.Free {
			if f := &c.Next.Free[i]; f.ID == lot.Free && Minutes(f.Minutes) == e.Quantity {
				return nil
			}
		}
	case FromPackage:
		for _, a := range [...]*Application{base, &c.Next} {
			s := a.subscription(lot.Subscription)
			if s == nil {
				continue
			}
			for i := range s.Cycles {
				if y := &s.Cycles[i]; y.Order == lot.Order && y.Period.Equal(lot.Period) && Minutes(y.Minutes) == e.Quantity {
					return nil
				}
			}
		}
	}
	return broken(7, "lot %d of %s is granted without an order", e.Lot, e.Quantity)
}

// extend returns what a paid order adds to a subscription, nil if it adds nothing.
func (o *Order) extend(id SubscriptionID) *Extend {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Extend != nil && d.Extend.Subscription == id {
			return d.Extend
		}
	}
	return nil
}

// raise returns how a paid order raises a subscription, nil if it doesn't.
func (o *Order) raise(id SubscriptionID) *Raise {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Raise != nil && d.Raise.Subscription == id {
			return d.Raise
		}
	}
	return nil
}

// grant returns the minutes that a paid order gives, nil if it gives none.
func (o *Order) grant() *Grant {
	for _, d := range o.Deliveries {
		if o.Status == OrderPaid && d.Grant != nil {
			return d.Grant
		}
	}
	return nil
}
