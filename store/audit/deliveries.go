package audit

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// gave is what a change delivers for an order.
type gave struct{ periods, upgrades int }

// delivers checks that an order that is paid delivers what it says, in the same change.
func (b *book) delivers(o *order, g *gave, revision int64) {
	var want gave
	for i := range o.Deliveries {
		if e := o.Deliveries[i].Extend; e != nil {
			want.periods += e.Count
		}
		if o.Deliveries[i].Upgrade != nil {
			want.upgrades++
		}
	}
	if *g != want {
		b.addf(Finding{Kind: Delivery, Order: o.ID},
			"it is paid at revision %d, and delivers %d periods and %d upgrades, not %d and %d", revision,
			g.periods, g.upgrades, want.periods, want.upgrades)
	}
}

// compareDeliveries checks that what paid orders deliver is in the document or in the ledger, whatever events are kept.
func (b *book) compareDeliveries() {
	imported := map[importOf]subscription.OrderID{}
	for _, o := range b.orders.list {
		if o.Status != subscription.OrderPaid {
			continue
		}
		var want subscription.Quantity
		packages := false
		for i := range o.Deliveries {
			switch d := &o.Deliveries[i]; {
			case d.Grant != nil:
				want += subscription.Minutes(d.Grant.Minutes)
			case d.Upgrade != nil:
				want += subscription.Minutes(d.Upgrade.Grant)
			case d.Extend != nil:
				packages = true
				b.extends(o, d.Extend)
				if i := d.Extend.Imported; i != nil {
					k := importOf{d.Extend.Product, *i}
					if other, twice := imported[k]; twice {
						b.addf(Finding{Kind: Delivery, Order: o.ID}, "it imports what order %.80q has imported", string(other))
					}
					imported[k] = o.ID
				}
			}
		}
		if got := b.ledger.opens[o.ID]; got < want || got > want && !packages {
			b.addf(Finding{Kind: Delivery, Order: o.ID}, "it is paid for %s minutes, and granted %s", want, got)
		}
	}
	for i := range b.app.Lots {
		is := &b.app.Lots[i]
		if o := b.orders.all[is.Order]; is.Order != "" && (o == nil || !o.delivered()) {
			b.addf(Finding{Kind: Delivery, Order: is.Order, Lot: is.ID}, "it granted a lot, and isn't paid")
		} else if o != nil && !o.TakenBackAt.IsZero() && is.Remaining > 0 {
			b.addf(Finding{Kind: Taken, Order: o.ID, Lot: is.ID}, "the order is taken back, and %s minutes are left", is.Remaining)
		}
	}
}

// importOf is what an order imports.
type importOf struct {
	product pricing.ProductID
	what    subscription.Imported
}

// extends checks that the periods that an order paid for are those of the document, if it still has that time.
func (b *book) extends(o *order, e *subscription.ExtendDelivery) {
	i := slices.IndexFunc(b.app.Subscriptions, func(s subscription.Subscription) bool { return s.ID == e.Subscription })
	f := Finding{Kind: Delivery, Order: o.ID, Subscription: e.Subscription}
	start := o.Delivered.Period.Start
	switch {
	case start.IsZero() || !o.TakenBackAt.IsZero():
		return
	case i < 0 && b.log.history(e.Subscription).row == "":
		b.addf(f, "it is paid, and there is no such subscription")
		return
	case i < 0:
		return
	}
	s := &b.app.Subscriptions[i]
	own := func(c subscription.Cycle) bool { return c.Order == o.ID }
	if len(s.Cycles) > 0 && !start.Before(s.Cycles[0].Period.Start) && !o.told.taken &&
		!slices.ContainsFunc(s.Cycles, own) && !slices.ContainsFunc(s.Suspended, own) {
		b.addf(f, "it paid for %s, which the document doesn't have", o.Delivered.Period)
	}
}
