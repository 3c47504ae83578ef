package subscription

import (
	"fmt"
	"slices"
)

// deliverable returns why an order couldn't be delivered or stored if it were paid now. This way, nobody pays for
// something that can't be delivered.
func (d *Draft) deliverable(o *Order, zones Zones) error {
	if why := d.Application.undeliverable(o, d.Now); why != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, why)
	}
	for i, v := range o.Deliveries {
		e := v.effect()
		if e == nil {
			return errNothing
		}
		if slices.ContainsFunc(o.Deliveries[:i], v.alike) {
			return fmt.Errorf("%w: an order with two deliveries of the same kind", ErrInvalid)
		}
		if err := e.possible(d, zones); err != nil {
			return err
		}
	}
	if why := o.wrongKind(); why != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, why)
	}
	if o.Kind != UsageOrder {
		d.dropSpent()
	}
	return d.Application.roomFor(o)
}

// alike reports whether an order gives only one of two deliveries: they are of one kind and for one subscription, or open
// subscriptions to one product.
func (d Delivery) alike(e Delivery) bool {
	switch {
	case d.Extend != nil && e.Extend != nil:
		return d.Extend.Subscription == e.Extend.Subscription || d.Extend.Open && e.Extend.Open && d.Extend.Product == e.Extend.Product
	case d.Upgrade != nil && e.Upgrade != nil:
		return d.Upgrade.Subscription == e.Upgrade.Subscription
	}
	return d.Grant != nil && e.Grant != nil || d.Usage != nil && e.Usage != nil
}

// dropSpent drops spent lots that don't belong to a subscription, to make room for new purchases. Lots of a
// subscription stay until its period ends, because they show whether it was used.
func (d *Draft) dropSpent() {
	d.dropLots(func(l *Lot) bool { return l.Subscription == "" && l.spent() })
}

// spent reports whether nothing of the lot can ever be spent again.
func (l *Lot) spent() bool { return l.Remaining == 0 && l.Reserved == 0 && !l.TakenBack }

// dropLots drops spent lots.
func (d *Draft) dropLots(spent func(*Lot) bool) {
	d.Application.Lots = slices.DeleteFunc(d.Application.Lots, func(l Lot) bool {
		if !spent(&l) {
			return false
		}
		if l.Warned == 0 {
			// Usage on the day of purchase had already consumed it, without a warning.
			d.AddEvent(Event{Type: EventLowBalance, Lot: l.ID, Order: l.Order, Note: "0%"})
		}
		d.AddEvent(Event{Type: EventLotSpent, Lot: l.ID, Order: l.Order})
		return true
	})
}
