package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkMoney checks invariant 8: no amount owed disappears, payments stay as recorded, and money is refunded only
// together with what it paid for.
func checkMoney(c *Change, base *Application) error {
	for i := range base.Counters {
		if err := c.checkExcess(&base.Counters[i], base); err != nil {
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
		}
	}
	if err := c.checkTaken(base); err != nil {
		return err
	}
	return checkRefunds(c, base)
}

// checkExcess checks that the amount a counter owed is still owed, is covered by minutes, is billed by an order that this
// change pays, or was corrected.
func (c *Change) checkExcess(was *UsageCounter, base *Application) error {
	left := c.Next.counter(was.Product, was.Kind, was.Day)
	var corrected Quantity // excess that begins anew has the price of its time
	for i := range c.Events {
		if c.Events[i].Type == EventCorrected {
			corrected += c.Events[i].Quantity
		}
	}
	if left != nil && (left.Weight != was.Weight || left.Covered != was.Covered ||
		was.Excess > 0 && left.Excess > 0 && left.Rate != was.Rate && corrected < was.Excess) {
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
		if e.Kind == EntryConsumed && e.usedOn() == was.usedOn() {
			owed -= e.Quantity
		}
	}
	if owed <= 0 || left == nil && c.pays(was, base) || left != nil && owed <= corrected {
		return nil
	}
	return broken(8, "%s of %s on %s: owed %s vanish", was.Kind, was.Product, was.Day, owed)
}

// pays reports whether the change pays an order that bills a counter.
func (c *Change) pays(was *UsageCounter, base *Application) bool {
	waives := was.Order == "" && (!c.Next.held(was) || base.crowded())
	for i := range c.Orders {
		o := &c.Orders[i]
		bills := o.ID == was.Order || waives && c.Places(o.ID)
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

// checkArrears checks that arrears end only when nothing is owed for the days they concern, except what a renewal can still
// cover.
func (c *Change) checkArrears(base *Application) error {
	was, is := &base.Arrears, &c.Next.Arrears
	since := is.Since.Equal(was.Since) || c.tells(EventClockReset) && !is.Since.IsZero()
	if was.Since.IsZero() || since && is.Through >= was.Through && (is.Interrupted || !was.Interrupted) {
		return nil
	}
	for i := range c.Next.Counters {
		if x := &c.Next.Counters[i]; x.Excess > 0 && x.Day <= was.Through && !c.Next.held(x) {
			return broken(8, "arrears end while %s of %s on %s is owed", x.Kind, x.Product, x.Day)
		}
	}
	return nil
}

// checkRows checks that the rows of subscriptions match the subscriptions, and that no changed row is missing.
func (c *Change) checkRows(base *Application) error {
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		if _, changed := c.Next.changedRow(s, base.Subscriptions, base.Account); changed && !c.hasRow(s.ID) {
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
