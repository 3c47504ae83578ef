package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// stop is why nothing is ordered automatically: a hard decline, after which the customer has done nothing.
type stop struct {
	by      subscription.OrderID // "": nothing stops it
	changed bool                 // the customer has acted since the last order was placed, so that its decline stops nothing
}

// declined notes a decline.
func (s *stop) declined(e *subscription.Event) {
	if e.Reason.Hard() && !s.changed {
		s.by = e.Order
	}
}

// resume notes that the customer has acted.
func (s *stop) resume(changed bool) {
	s.by, s.changed = "", s.changed || changed
}

// automatic checks the orders that workers place: none after a hard decline until the customer has paid or has another payment
// method, and no automatic top-up while another one may bring the same minutes.
func (b *book) automatic(e *subscription.Event) {
	l := &b.log
	o := b.orders.all[e.Order]
	switch {
	case e.Type == subscription.EventPaymentMethod, e.Type == subscription.EventAccountChanged:
		l.resume(true, true)
	case e.Type == subscription.EventClockReset:
		l.resume(false, false)
	case o == nil:
		return
	case e.Type == subscription.EventOrderPaid && e.Amount.Sign() > 0:
		if _, tops := o.AutoTopUp(); !tops && !o.automatic() {
			l.resume(o.Present, false)
		}
	case e.Type == subscription.EventPeriodPaid:
		l.history(e.Subscription).stop.resume(false)
	}
	if o == nil {
		return
	}
	product, tops := o.AutoTopUp()
	x := o.extension()
	var s *stop
	switch {
	case tops:
		s = l.topUp(product)
	case o.automatic():
		s = &l.history(x.Subscription).stop
	default:
		return
	}
	switch e.Type { //nolint:exhaustive // the others don't matter
	case subscription.EventOrderDeclined:
		s.declined(e)
	case subscription.EventOrderPlaced:
		if s.by != "" {
			b.addf(Finding{Kind: Automatic, Order: o.ID, Subscription: o.Subscription},
				"it is placed at revision %d, after order %.80q was declined for good", e.Revision, string(s.by))
		}
		if s.changed = false; tops {
			b.topUpOrdered(o, product, e)
		}
	}
}

// automatic reports whether a worker placed the order as a renewal.
func (o *order) automatic() bool {
	x := o.extension()
	return x != nil && x.Automatic
}

// topUpOrdered checks that no other automatic top-up may still bring minutes of the product.
func (b *book) topUpOrdered(o *order, product pricing.ProductID, e *subscription.Event) {
	for _, other := range b.orders.list {
		if _, tops := other.AutoTopUp(); !tops || other == o || !other.told.status.Blocking() {
			continue
		}
		if other.Product == product || slices.ContainsFunc(other.Deliveries, func(d subscription.Delivery) bool {
			return d.Grant != nil && slices.Contains(d.Grant.Products, product)
		}) {
			b.addf(Finding{Kind: Automatic, Order: o.ID}, "it is placed at revision %d, while order %.80q is %s", e.Revision,
				string(other.ID), other.told.status)
		}
	}
}

// resume notes that the customer has acted, for renewals and, if topUps, for automatic top-ups: with those a payment counts like
// another payment method.
func (l *log) resume(topUps, changed bool) {
	for _, h := range l.list {
		h.stop.resume(changed)
	}
	for _, s := range l.topUps {
		if topUps {
			s.resume(true)
		}
	}
}

func (l *log) topUp(product pricing.ProductID) *stop {
	if l.topUps[product] == nil {
		l.topUps[product] = &stop{}
	}
	return l.topUps[product]
}

// compareTopUps compares what automatic top-ups say they have ordered with the orders.
func (b *book) compareTopUps() {
	for i := range b.app.AutoTopUps {
		t := &b.app.AutoTopUps[i]
		placed, paid := 0, 0
		for _, o := range b.orders.list {
			if product, tops := o.AutoTopUp(); !tops || product != t.Product {
				continue
			}
			placed++
			// With another subscription, or with none, the period may begin earlier than the one before: counting starts anew.
			// That may be known of no order that was placed before the events that are kept.
			if o.told.at > 0 && !o.PaidAt.IsZero() && !o.PaidAt.Before(t.Since) && o.PaidAt.After(b.log.shifted[t.Product]) {
				paid++
			}
		}
		if t.Number < placed || t.Bought < paid && !b.log.reset {
			b.addf(Finding{Kind: Automatic},
				"the automatic top-up of %s has placed %d orders, %d of them were paid since %s; it says %d and %d", t.Product,
				placed, paid, stamp(t.Since), t.Number, t.Bought)
		}
	}
}
