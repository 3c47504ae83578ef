package audit

import (
	"cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// catalogOf returns the catalog that an order was priced from, or nil if it isn't among those of the options.
func (b *book) catalogOf(o *order) *pricing.Catalog {
	for _, c := range b.opts.Catalogs {
		if c != nil && c.Revision() == o.Catalog {
			return c
		}
	}
	return nil
}

// prices compares what an order delivers with the catalog that it was priced from, if that is known.
func (b *book) prices(o *order, wrongf func(Kind, string, ...any)) {
	c := b.catalogOf(o)
	if c == nil {
		return
	}
	for i := range o.Deliveries {
		e := o.Deliveries[i].Extend
		if e == nil || e.Dealt || e.Imported != nil || o.Kind == subscription.GiftOrder {
			continue
		}
		if want, ok := listed(c, o, e); ok && e.Price != want {
			wrongf(Price, "a period of %s costs %s, by its catalog %s", e.Version, e.Price, want)
		}
	}
}

// listed returns the price of a period by a catalog, if it has one.
func listed(c *pricing.Catalog, o *order, e *subscription.ExtendDelivery) (pricing.Money, bool) {
	currency := cmp.Or(e.Price.Currency(), o.Amount.Currency())
	if e.Offer != "" {
		offered, _, err := c.Discounted(e.Product, e.Version, e.Offer, e.Term, currency, o.PlacedAt)
		return offered.Price, err == nil
	}
	list, err := c.List(e.Product, e.Version, e.Term, currency)
	return list.Price, err == nil
}
