package topup

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Buy buys minutes: a quantity of one fixed pack, or a custom pack of a given size. It needs no subscription, and other
// open orders do not block it. The minutes are granted when the order is paid.
//
// It fails with
//   - subscription.ErrNotFound: there is no such application;
//   - pricing.ErrUnknownPack, pricing.ErrPackSize, pricing.ErrNoPrice, pricing.ErrZeroPrice: the catalog has no such
//     pack, size or price, or the price of the size would round to zero;
//   - subscription.ErrNotOnSale: the pack is withdrawn;
//   - subscription.ErrAgreementRequired: the current agreement was not accepted.
type Buy struct {
	Pack     pricing.PackID   `json:"pack"`
	Currency pricing.Currency `json:"currency"`
	// Quantity is the number of fixed packs; 0 means 1. It must be 0 for a custom pack.
	Quantity int64 `json:"quantity,omitzero"`
	// Minutes is the size of a custom pack. It must be 0 for a fixed pack.
	Minutes int64 `json:"minutes,omitzero"`
	// Agreement is the version that the customer accepts; "" if it was already accepted with subscription.Accept.
	Agreement string `json:"agreement,omitzero"`
}

// Kind returns "top_up".
func (Buy) Kind() string { return "top_up" }

// Decide implements subscription.Command.
func (c Buy) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	pack, err := cat.Pack(c.Pack)
	if err != nil {
		return subscription.Change{}, err
	}
	if pack.Withdrawn {
		return subscription.Change{}, fmt.Errorf("%w: pack %s", subscription.ErrNotOnSale, c.Pack)
	}
	price, minutes, err := c.price(cat, pack)
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return subscription.Change{}, err
	}
	_, err = d.Place(subscription.Order{
		Kind: subscription.TopUpOrder, Catalog: cat.Revision(), Agreement: agreement,
		Deliveries: []subscription.Delivery{{Grant: &subscription.GrantDelivery{
			Source: subscription.FromTopUp, Products: pack.Products, Minutes: minutes,
			Validity: pack.Validity, Zone: cat.Zone().Name(),
		}}},
	}, price, cat)
	return d.Change(), err
}

// price returns the price and the number of the minutes.
func (c Buy) price(cat *pricing.Catalog, pack pricing.Pack) (pricing.Price, int64, error) {
	if pack.Custom() {
		if c.Quantity != 0 {
			return pricing.Price{}, 0, fmt.Errorf("%w: custom pack %s doesn't take a quantity", pricing.ErrPackSize, c.Pack)
		}
		price, err := cat.PriceCustomPack(c.Pack, c.Minutes, c.Currency)
		return price, c.Minutes, err
	}
	if c.Minutes != 0 {
		return pricing.Price{}, 0, fmt.Errorf("%w: %d minutes given for fixed pack %s", pricing.ErrPackSize, c.Minutes, c.Pack)
	}
	quantity := c.Quantity
	if quantity == 0 {
		quantity = 1
	}
	return cat.PricePack(c.Pack, quantity, c.Currency)
}
