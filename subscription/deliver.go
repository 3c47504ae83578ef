package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// undeliverableError says why a paid order can no longer be delivered. Such an order is refunded.
type undeliverableError struct{ why string }

func (e *undeliverableError) Error() string { return "subscription: not deliverable: " + e.why }

// deliver makes all of an order's deliveries, marks the order paid and adds events. If any delivery is no longer
// possible, it changes nothing and fails with an *undeliverableError.
func (d *Draft) deliver(o *Order, zones Zones) error {
	if why := d.Application.undeliverable(o, d.Now); why != "" {
		return &undeliverableError{why}
	}
	if o.Status == OrderReview {
		o.Note = "" // why it was under review
	}
	o.Status, o.PaidAt, o.ClosedAt, o.Reason = OrderPaid, d.Now, d.Now, ""
	if o.CollectedAt.Equal(o.PaidAt) {
		o.CollectedAt = time.Time{}
	}
	if o.class() != renewals && !o.topsUp() && o.Amount.Sign() > 0 {
		d.resumeAttempts() // there is a payment method that works
	}
	if o.Present && o.Amount.Sign() > 0 {
		d.resumeTopUps()
	}
	late := d.Application.renewedLate(o)
	paid := len(d.events)
	d.events = slices.Grow(d.events, 4) // most deliveries add three more
	d.addOrderEvent(EventOrderPaid, o)
	for _, v := range o.Deliveries {
		e := v.effect()
		if e == nil {
			return errNothing
		}
		if err := e.give(d, o, zones); err != nil {
			return err
		}
	}
	d.lapseOverdrafts(d.Now) // of a subscription that this one replaces, whose minutes have repaid it first
	if o.topsUp() {
		if err := d.boughtTopUp(o, zones); err != nil {
			return err
		}
	}
	if err := d.cover(o, late, zones); err != nil {
		return err
	}
	d.events[paid].Period = o.Delivered.Period
	product := o.Product
	if g := o.grant(); g != nil && len(g.Products) > 0 && !o.topsUp() {
		product = g.Products[0]
	}
	if product != "" {
		o.Delivered.Remaining = d.Application.Minutes(product, d.Now)
	}
	return nil
}

var errNothing = fmt.Errorf("%w: a delivery must be of exactly one kind", ErrInvalid)

// Undeliverable returns why an order couldn't be delivered if it were paid at t, or "" if it could. No payment is
// requested for an undeliverable order, and anything already collected for it is refunded.
func (a Application) Undeliverable(o Order, t time.Time) string {
	if len(o.Deliveries) == 0 {
		return ""
	}
	return a.undeliverable(&o, t)
}

func (a *Application) undeliverable(o *Order, t time.Time) string {
	for _, v := range o.Deliveries {
		if e := v.effect(); e != nil {
			if why := e.undeliverable(a, t); why != "" {
				return why
			}
		}
	}
	return ""
}

// isUndeliverable returns the reason of an *undeliverableError and reports whether err is one.
func isUndeliverable(err error) (string, bool) {
	u, ok := errors.AsType[*undeliverableError](err)
	if !ok {
		return "", false
	}
	return u.why, true
}
