package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// The bounds of an automatic top-up.
const (
	maxPerPeriod = 100
	maxBelow     = Quantity(1_000_000_000_000 * perMinute)
)

// SetAutoTopUp turns the automatic top-up of a product on, with these terms in place of those it had, or off. It is off
// unless a customer turns it on, and needs no subscription. What is due is ordered by the next round of a worker, also if
// too little is left already.
//
// A customer who turns it on agrees to the agreement in force, like one who buys a pack. A new agreement stops it until
// that one is accepted, by whatever request.
//
// Turned off, it orders nothing more. An order that is open already may still be paid; [Cancel] prevents that. What was
// bought in the period still counts when it is turned on again. So does a decline that stopped it. It is turned off, too,
// by a refund or a reversal that takes minutes of a package or a pack of the product, since it would buy them again.
//
// A record of usage that needs more than is left is refused without taking anything, so that Below may not be reached:
// choose it larger than a record can be.
//
// It fails with:
//
//   - [ErrNotFound]: no such application, or the top-up that is to be turned off was never on;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownPack], [pricing.ErrPackSize], [pricing.ErrNoPrice],
//     [pricing.ErrZeroPrice]: the catalog has no such product, pack, size or price;
//   - [ErrNotOnSale]: the pack is withdrawn;
//   - [ErrInvalid]: the pack's minutes can't be spent on the product; Below isn't positive or more than 10^12 minutes;
//     PerPeriod isn't 0 to 100;
//   - [pricing.ErrBelowLeast], [pricing.ErrUnknownRegion]: no order could be placed;
//   - [ErrAgreementRequired]: the current agreement was not accepted;
//   - [ErrNotEligible]: [Options.Eligible] refuses;
//   - [ErrTooLarge] and [ErrClosed].
type SetAutoTopUp struct {
	Product  pricing.ProductID `json:"product"`
	Pack     pricing.PackID    `json:"pack,omitzero"`
	Currency pricing.Currency  `json:"currency,omitzero"`
	// Quantity is the number of fixed packs per order; 0 means 1. It must be 0 for a custom pack.
	Quantity int `json:"quantity,omitzero"`
	// Minutes is the size of a custom pack. It must be 0 for a fixed pack.
	Minutes int64 `json:"minutes,omitzero"`
	// Below is the quantity of minutes: when less is left of the product, an order is placed.
	Below Quantity `json:"below,omitzero"`
	// PerPeriod is how many orders may be paid in a period of the subscription, or in a calendar month without one; 0
	// means 1.
	PerPeriod int `json:"per_period,omitzero"`
	// Agreement is the version that the customer accepts; "" if it was already accepted with [Accept].
	Agreement string `json:"agreement,omitzero"`
	// Off turns it off. Only Product matters then.
	Off bool `json:"off,omitzero"`
}

// Kind returns "auto_top_up".
func (SetAutoTopUp) Kind() string { return "auto_top_up" }

// Decide implements [Command].
func (c SetAutoTopUp) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	t := d.Application.autoTopUp(c.Product)
	if c.Off {
		switch {
		case t == nil:
			return Change{}, fmt.Errorf("%w: automatic top-up of %.64q", ErrNotFound, string(c.Product))
		case t.Off:
			return Change{}, nil
		}
		t.Off = true
		d.AddEvent(Event{Type: EventAutoTopUpOff, Product: t.Product})
		return d.Change(), nil
	}
	if _, err := cat.Product(c.Product); err != nil {
		return Change{}, err
	}
	if c.Below < 1 || c.Below > maxBelow || c.PerPeriod < 0 || c.PerPeriod > maxPerPeriod {
		return Change{}, fmt.Errorf("%w: below %s minutes, %d in a period; want up to %s, and 1 to %d",
			ErrInvalid, c.Below, c.PerPeriod, maxBelow, maxPerPeriod)
	}
	if _, _, _, err := c.order().terms(cat); err != nil {
		return Change{}, err
	}
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return Change{}, err
	}
	if t == nil {
		d.Application.AutoTopUps = append(d.Application.AutoTopUps, AutoTopUp{Product: c.Product})
		t = d.Application.autoTopUp(c.Product)
	}
	c.set(t, agreement)
	if !d.Application.toppingUp(t.Product) {
		t.Attempts, t.HeldUntil = 0, time.Time{}
	}
	if err := d.Application.roomForRest(); err != nil {
		return Change{}, err
	}
	if err := d.Application.topUpRefused(t.Product, cat, d.Now); err != nil {
		return Change{}, err
	}
	d.AddEvent(Event{Type: EventAutoTopUpOn, Product: t.Product, Quantity: t.Below, Note: t.describe()})
	return d.Change(), nil
}

// order returns what is ordered each time.
func (c SetAutoTopUp) order() PackOrder {
	return PackOrder{Pack: c.Pack, Currency: c.Currency, Quantity: int64(c.Quantity), Minutes: c.Minutes}
}

// set gives an automatic top-up the command's terms.
func (c SetAutoTopUp) set(t *AutoTopUp, agreement string) {
	t.Pack, t.Currency, t.Quantity, t.Minutes = c.Pack, c.Currency, c.Quantity, c.Minutes
	if t.Minutes == 0 {
		t.Quantity = max(1, t.Quantity)
	}
	t.Below, t.PerPeriod, t.Agreement = c.Below, max(1, c.PerPeriod), agreement
	t.Off, t.Obstacle = false, ""
}

// describe returns the terms as events tell them.
func (t *AutoTopUp) describe() string {
	what := fmt.Sprintf("%d × %s", t.Quantity, t.Pack)
	if t.Minutes > 0 {
		what = fmt.Sprintf("%d minutes of %s", t.Minutes, t.Pack)
	}
	return fmt.Sprintf("%s in %s, at most %d in a period", what, t.Currency, t.PerPeriod)
}
