package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// checkAutoTopUps checks the parts of invariants 2 and 7 about automatic top-ups: what they order is numbered and counted,
// one order at a time, within their limit and on terms that a request gave them.
func checkAutoTopUps(c *Change, base *Application) error {
	next := &c.Next
	for i := range c.Orders {
		if o := &c.Orders[i]; o.topsUp() && c.Places(o.ID) {
			if err := c.checkTopUpPlaced(o); err != nil {
				return err
			}
		}
	}
	for i := range next.AutoTopUps {
		t := &next.AutoTopUps[i]
		if next.autoTopUp(t.Product) != t {
			return broken(2, "%s has two automatic top-ups", t.Product)
		}
		if err := c.checkTopUp(t, base.autoTopUp(t.Product)); err != nil {
			return err
		}
	}
	for i := range base.AutoTopUps {
		if t := &base.AutoTopUps[i]; next.autoTopUp(t.Product) == nil && next.ClosedAt.IsZero() {
			return broken(7, "the automatic top-up of %s vanishes, and with it the number of its orders", t.Product)
		}
	}
	return nil
}

// checkTopUpPlaced checks an order that an automatic top-up places.
func (c *Change) checkTopUpPlaced(o *Order) error {
	t := c.Next.autoTopUp(o.Product)
	switch {
	case t == nil || t.Off || t.Stopped != "":
		return broken(7, "order %s is placed, and the automatic top-up of %s is off or stopped", o.ID, o.Product)
	case o.Present || len(o.Deliveries) != 1 || !o.covers(o.Product):
		return broken(7, "order %s isn't one of an automatic top-up of %s", o.ID, o.Product)
	case o.Agreement != "" && o.Agreement != c.Next.Accepted.Agreement:
		return broken(7, "order %s is placed under agreement %q, and %q was accepted", o.ID, o.Agreement, c.Next.Accepted.Agreement)
	case c.leftBefore(o) >= t.Below:
		return broken(7, "order %s is placed while %s minutes of %s are left", o.ID, c.leftBefore(o), o.Product)
	case t.Bought-c.boughtBy(t) >= t.PerPeriod:
		return broken(7, "order %s is placed beyond the limit of %d in a period", o.ID, t.PerPeriod)
	}
	for i := range c.Next.Orders {
		p := &c.Next.Orders[i]
		if p.ID == o.ID {
			return nil
		}
		if p.topsUp() && (p.Product == o.Product || p.covers(o.Product)) && p.Status.Blocking() {
			return broken(2, "order %s is placed while order %s may still bring minutes of %s", o.ID, p.ID, o.Product)
		}
	}
	return nil
}

// leftBefore returns what was left of the product of an automatic top-up when its order was placed, before this change
// delivered any pack.
func (c *Change) leftBefore(o *Order) Quantity {
	left := c.Next.Minutes(o.Product, o.PlacedAt)
	for i := range c.Orders {
		if p := &c.Orders[i]; c.settles(p) && p.covers(o.Product) {
			left -= Minutes(p.grant().Minutes)
		}
	}
	return left
}

// boughtBy returns how many orders of an automatic top-up the change pays.
func (c *Change) boughtBy(t *AutoTopUp) int {
	n := 0
	for i := range c.Orders {
		if o := &c.Orders[i]; o.topsUp() && o.Product == t.Product && c.settles(o) {
			n++
		}
	}
	return n
}

// checkTopUp checks how an automatic top-up changes. was is nil for a new one.
func (c *Change) checkTopUp(t, was *AutoTopUp) error {
	if was == nil {
		was = &AutoTopUp{Product: t.Product, Off: true}
	}
	placed := 0
	for i := range c.Orders {
		if o := &c.Orders[i]; o.topsUp() && o.Product == t.Product && c.Places(o.ID) {
			placed++
		}
	}
	counted := c.boughtBy(t)
	if t.Since.Equal(was.Since) || c.tells(EventClockReset) {
		counted += was.Bought
	}
	on, off := c.tellsTopUp(EventAutoTopUpOn, t.Product), c.tellsTopUp(EventAutoTopUpOff, t.Product)
	switch {
	case t.Number != was.Number+placed:
		return broken(7, "%d orders of the automatic top-up of %s were placed after %d, not %d", placed, t.Product, was.Number, t.Number)
	case t.Since.Before(was.Since) && !c.tells(EventClockReset):
		return broken(7, "the automatic top-up of %s is counted from %s again", t.Product, stamp(t.Since))
	case t.Bought != counted:
		return broken(7, "the automatic top-up of %s has bought %d, not %d", t.Product, counted, t.Bought)
	case !on && (!t.sameTerms(was) || placed == 0 && t.Agreement != was.Agreement):
		return broken(7, "the terms of the automatic top-up of %s change without a request", t.Product)
	case t.Off != was.Off && !on && !off:
		return broken(7, "the automatic top-up of %s is turned on or off without its event", t.Product)
	case t.PerPeriod < 1 || t.Below < 1:
		return broken(7, "the automatic top-up of %s buys %d below %s minutes", t.Product, t.PerPeriod, t.Below)
	case was.Stopped == "" && t.Stopped != "" && !c.tellsTopUp(EventAutoTopUpStopped, t.Product),
		was.Stopped != "" && t.Stopped == "" && !c.resumes():
		return broken(7, "the automatic top-up of %s stops or goes on without a reason", t.Product)
	}
	return nil
}

// sameTerms reports whether two automatic top-ups order the same, at the same time.
func (t *AutoTopUp) sameTerms(u *AutoTopUp) bool {
	return t.order() == u.order() && t.Below == u.Below && t.PerPeriod == u.PerPeriod
}

// tellsTopUp reports whether the change has an event of a type about the automatic top-up of a product.
func (c *Change) tellsTopUp(t EventType, product pricing.ProductID) bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == t && e.Product == product })
}

// resumes reports whether the change says that payments may succeed again: of another payment method, another account, or
// an order that the customer paid.
func (c *Change) resumes() bool {
	return c.tells(EventPaymentMethod) || c.tells(EventAccountChanged) || slices.ContainsFunc(c.Orders, func(o Order) bool {
		return o.Present && c.settles(&o)
	})
}
