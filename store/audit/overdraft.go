package audit

import (
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// purchase is a grant of minutes that repays overdrafts, and what is owed when it is made.
type purchase struct {
	lot      subscription.LotID
	order    *order
	quantity subscription.Quantity
	owed     map[subscription.LotID]subscription.Quantity
	repaid   map[subscription.LotID]subscription.Quantity
}

// buys notes what is owed when minutes are granted that were bought: gifts and free minutes repay nothing.
func (b *book) buys(e *subscription.Entry) {
	o := b.orders.all[e.Order]
	if e.Order == "" || o == nil || o.Kind == subscription.GiftOrder || len(b.ledger.lent) == 0 {
		return
	}
	p := purchase{
		lot: e.Lot, order: o, quantity: e.Quantity, owed: map[subscription.LotID]subscription.Quantity{},
		repaid: map[subscription.LotID]subscription.Quantity{},
	}
	for _, id := range b.ledger.lent {
		if is := b.ledger.lots[id]; !is.lapsed && is.Consumed > 0 {
			p.owed[id] = is.Consumed
		}
	}
	b.ledger.bought = append(b.ledger.bought, p)
}

// covers reports whether the minutes of the purchase can be spent on a product.
func (p *purchase) covers(product pricing.ProductID) bool {
	for i := range p.order.Deliveries {
		if g := p.order.Deliveries[i].Grant; g != nil {
			return slices.Contains(g.Products, product)
		}
	}
	return p.order.Product == product
}

// bought checks that what a change bought repaid what was owed, in the order of the overdrafts. Whether one had lapsed
// is known if all events since it was lent are kept.
func (b *book) bought(c *change) {
	for i := range b.ledger.bought {
		p := &b.ledger.bought[i]
		left := p.quantity
		for _, id := range slices.Sorted(maps.Keys(p.owed)) {
			is := b.ledger.lots[id]
			if !p.covers(is.product) || c.about(subscription.EventOverdraftLapsed, id) || !is.whole {
				left -= p.repaid[id]
				continue
			}
			want := min(left, p.owed[id])
			if left -= want; p.repaid[id] != want {
				b.addf(Finding{Kind: Minutes, Lot: p.lot, Order: p.order.ID}, "it repays %s of lot %d at revision %d, and not %s",
					p.repaid[id], id, c.revision, want)
			}
		}
	}
	b.ledger.bought = b.ledger.bought[:0]
}

// lapses checks that an overdraft lapses when its subscription is over, with what is owed of it.
func (b *book) lapses(c *change) {
	for i := range c.events {
		e := &c.events[i]
		is := b.ledger.lots[e.Lot]
		if e.Type != subscription.EventOverdraftLapsed || is == nil {
			continue
		}
		is.lapsed = true
		f := Finding{Kind: Minutes, Lot: e.Lot, Subscription: e.Subscription}
		if h := b.log.history(e.Subscription); h.status != "" && !h.status.Over() {
			b.addf(f, "%s that are owed lapse at revision %d, and the subscription is %s", e.Quantity, c.revision, h.status)
		}
		if is.Consumed != e.Quantity {
			b.addf(f, "%s lapse at revision %d, and %s are owed", e.Quantity, c.revision, is.Consumed)
		}
	}
}

// limits checks that no more is owed than some catalog lends.
func (b *book) limits(l *subscription.Lot) {
	if l.Source != subscription.FromOverdraft || len(b.opts.Catalogs) == 0 || len(l.Products) == 0 {
		return
	}
	limit := int64(0)
	for _, c := range b.opts.Catalogs {
		if c == nil {
			continue
		}
		for _, v := range c.Versions(l.Products[0]) {
			limit = max(limit, v.OverdraftMinutes, v.GraceMinutes)
		}
	}
	if most := subscription.Minutes(limit); l.Consumed > most {
		b.addf(Finding{Kind: Minutes, Lot: l.ID, Subscription: l.Subscription},
			"%s are owed, and no catalog lends more than %s", l.Consumed, most)
	}
}
