package topup

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Buy buys minutes: a quantity of one fixed pack, or a custom pack of a given size. It needs no subscription, and other
// open orders do not block it. The minutes are granted when the order is paid.
//
// It fails with:
//
//   - subscription.ErrNotFound: there is no such application;
//   - pricing.ErrUnknownPack, pricing.ErrPackSize, pricing.ErrNoPrice, pricing.ErrZeroPrice: the catalog has no such
//     pack, size or price, or the price of the size would round to zero;
//   - subscription.ErrNotOnSale: the pack is withdrawn;
//   - subscription.ErrAgreementRequired: the current agreement was not accepted;
//   - subscription.ErrNotEligible: subscription.Options.Eligible refuses;
//   - the errors of subscription.Draft.Place.
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
	d := subscription.Begin(s, now)
	_, err := d.PlacePack(subscription.PackOrder{
		Pack: c.Pack, Currency: c.Currency, Quantity: c.Quantity, Minutes: c.Minutes,
	}, c.Agreement, cat)
	return d.Change(), err
}
