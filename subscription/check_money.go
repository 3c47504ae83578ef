package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkMoney checks invariant 8: no amount owed disappears, payments stay as recorded, and money is refunded only
// together with what it paid for.
func checkMoney(c *Change, base *Application) error {
	for i := range base.Counters {
		if err := c.checkExcess(&base.Counters[i]); err != nil {
			return err
		}
	}
	if err := c.checkArrears(base); err != nil {
		return err
	}
	if err := c.checkRows(base); err != nil {
		return err
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		was := base.order(o.ID)
		switch {
		case was != nil && was.Collected.Sign() > 0 && was.Collected != o.Collected,
			was != nil && !was.PaidAt.IsZero() && !was.PaidAt.Equal(o.PaidAt):
			return broken(8, "order %s changes its payment or the time of it", o.ID)
		case o.Status == OrderPaid && o.PaidAt.IsZero():
			return broken(8, "order %s is paid, without a time", o.ID)
		case o.Status == OrderRefundDue && !o.PaidAt.IsZero():
			if err := c.checkTakenBack(o, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkExcess checks that the amount a counter owed is still owed, is covered by minutes, or is billed by an order
// that this change pays.
func (c *Change) checkExcess(was *UsageCounter) error {
	left := c.Next.counter(was.Product, was.Kind, was.Day)
	if left != nil && (left.Weight != was.Weight || left.Covered != was.Covered ||
		was.Excess > 0 && left.Excess > 0 && left.Rate != was.Rate) {
		return broken(8, "%s of %s on %s: the terms of the day change", was.Kind, was.Product, was.Day)
	}
	if was.Order != "" && (left == nil || left.Order != was.Order) {
		if o := c.Next.order(was.Order); o != nil && o.Status.Blocking() {
			return broken(8, "%s of %s on %s is billed by order %s, which is %s", was.Kind, was.Product, was.Day, o.ID, o.Status)
		}
	}
	if was.Excess == 0 {
		return nil
	}
	owed := was.Excess
	if left != nil {
		owed -= left.Excess
	}
	if owed <= 0 {
		return nil
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Kind == EntryConsumed && e.Product == was.Product && e.Usage == was.Kind && e.Day == was.Day {
			owed -= e.Quantity
		}
	}
	if owed <= 0 || left == nil && c.pays(was) {
		return nil
	}
	return broken(8, "%s of %s on %s: owed %s vanish", was.Kind, was.Product, was.Day, owed)
}

// pays reports whether the change pays an order that bills a counter.
func (c *Change) pays(was *UsageCounter) bool {
	for i := range c.Orders {
		o := &c.Orders[i]
		bills := o.ID == was.Order || was.Order == "" && c.Places(o.ID)
		if bills && o.Status == OrderPaid && o.billsDay(was.Day) {
			return true
		}
	}
	return false
}

// billsDay reports whether the order is a bill that has a day.
func (o *Order) billsDay(day pricing.Date) bool {
	return slices.ContainsFunc(o.Deliveries, func(d Delivery) bool { return d.Usage != nil && d.Usage.covers(day) })
}

// checkArrears checks that arrears end only when nothing is owed for the days they concern.
func (c *Change) checkArrears(base *Application) error {
	was, is := &base.Arrears, &c.Next.Arrears
	since := is.Since.Equal(was.Since) || c.resetsClock() && !is.Since.IsZero()
	if was.Since.IsZero() || since && is.Through >= was.Through && (is.Interrupted || !was.Interrupted) {
		return nil
	}
	for i := range c.Next.Counters {
		if x := &c.Next.Counters[i]; x.Excess > 0 && x.Day <= was.Through {
			return broken(8, "arrears end while %s of %s on %s is owed", x.Kind, x.Product, x.Day)
		}
	}
	return nil
}

// checkTakenBack checks that a change that refunds a paid order also takes back everything the order gave: whole lots
// that are entirely unused, and the subscription that it opened.
func (c *Change) checkTakenBack(o *Order, base *Application) error {
	for _, d := range o.Deliveries {
		switch {
		case d.Grant != nil && c.refunded(func(l *Lot) bool { return l.Order == o.ID }, base) != Minutes(d.Grant.Minutes):
			return broken(8, "order %s is refunded, but its minutes aren't taken back", o.ID)
		case d.Upgrade != nil:
			return broken(8, "order %s is refunded, but its upgrade isn't undone", o.ID)
		case d.Extend != nil:
			s := c.Next.subscription(d.Extend.Subscription)
			if s == nil || s.Status != Refunded || s.taken(o.ID) != len(s.Cycles) {
				return broken(8, "order %s is refunded, but its subscription isn't", o.ID)
			}
			granted := Quantity(0)
			for i := range s.Cycles {
				granted += s.Cycles[i].Granted
			}
			if c.refunded(func(l *Lot) bool { return l.Subscription == s.ID }, base) != granted {
				return broken(8, "order %s is refunded, but its minutes were used", o.ID)
			}
		}
	}
	return nil
}

// refunded adds up what the change takes back from lots.
func (c *Change) refunded(of func(*Lot) bool, base *Application) Quantity {
	var sum Quantity
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Kind != EntryRefunded {
			continue
		}
		if l := base.lot(e.Lot); l != nil && of(l) {
			sum += e.Quantity
		}
	}
	return sum
}

// checkRows checks that the rows of subscriptions match the subscriptions, and that no changed row is missing.
func (c *Change) checkRows(base *Application) error {
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		if _, changed := c.Next.changedRow(s, base.Subscriptions); changed && !c.hasRow(s.ID) {
			return broken(6, "the row of %s is missing", s.ID)
		}
	}
	for i := range c.Subscriptions {
		r := &c.Subscriptions[i]
		if s := c.Next.subscription(r.ID); s != nil && c.Next.row(s) != *r || s == nil && base.subscription(r.ID) == nil {
			return broken(6, "the row of %s differs from the subscription", r.ID)
		}
	}
	return nil
}

func (c *Change) hasRow(id SubscriptionID) bool {
	return slices.ContainsFunc(c.Subscriptions, func(r SubscriptionRow) bool { return r.ID == id })
}
