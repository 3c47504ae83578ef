package customcommand

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// VoucherOrder is the kind of the orders that [Redeem] places. Reports show it beside the SDK's own kinds.
const VoucherOrder subscription.OrderKind = "voucher"

// Voucher is a row of the host's: what whoever knows its code gets.
type Voucher struct {
	Code    string         `json:"code"`
	Pack    pricing.PackID `json:"pack"`    // a fixed pack
	Percent int64          `json:"percent"` // taken off the list price, 1 to 99
	Until   pricing.Date   `json:"until"`   // the last day on which it can be redeemed, in the catalog's zone
}

// Redeem buys one pack with a voucher, once for each application if the service has the hook [Once]. The minutes are those of
// the pack, and are granted when the order is paid.
//
// It fails with subscription.ErrNotFound, [ErrVoucher], [ErrVoucherExpired], the errors of [pricing.Catalog.PricePack],
// subscription.ErrNotOnSale, subscription.ErrAgreementRequired, and the errors of [subscription.Draft.Place].
type Redeem struct {
	Voucher   Voucher          `json:"voucher"` // as the host's table has it, never as the customer sends it
	Currency  pricing.Currency `json:"currency"`
	Agreement string           `json:"agreement,omitzero"` // the version that the customer accepts; "" if it was accepted before
}

// Kind returns "acme_redeem". It has the host's name, so that no later command of the SDK has the same.
func (Redeem) Kind() string { return "acme_redeem" }

// Decide implements [subscription.Command].
func (c Redeem) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if err := s.Exists(); err != nil {
		return subscription.Change{}, err
	}
	pack, price, minutes, err := c.price(cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	d := subscription.Begin(s, now)
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return subscription.Change{}, err
	}
	_, err = d.Place(subscription.Order{
		Kind: VoucherOrder, Catalog: cat.Revision(), Agreement: agreement,
		Deliveries: []subscription.Delivery{{Grant: &subscription.GrantDelivery{
			Source: subscription.FromTopUp, Products: pack.Products, Minutes: minutes, Validity: pack.Validity, Zone: cat.Zone().Name(),
		}}},
	}, price, cat)
	return d.Change(), err
}

// price returns the pack, its price less the voucher's part, and its minutes. The price is one line, exact until it is rounded
// by [pricing.Total]: 24.00 × 75/100.
func (c Redeem) price(cat *pricing.Catalog, now time.Time) (pack pricing.Pack, price pricing.Price, minutes int64, err error) {
	v := c.Voucher
	switch {
	case v.Code == "" || v.Percent < 1 || v.Percent > 99:
		return pack, price, 0, fmt.Errorf("%w: %.40q takes %d percent off", ErrVoucher, v.Code, v.Percent)
	case cat.Zone().DateOf(now) > v.Until:
		return pack, price, 0, fmt.Errorf("%w: %.40q on %s", ErrVoucherExpired, v.Code, v.Until)
	}
	if pack, err = cat.Pack(v.Pack); err != nil {
		return pack, price, 0, err
	}
	if pack.Withdrawn {
		return pack, price, 0, fmt.Errorf("%w: pack %s", subscription.ErrNotOnSale, pack.ID)
	}
	list, minutes, err := cat.PricePack(pack.ID, 1, c.Currency)
	if err != nil {
		return pack, price, 0, err
	}
	unit, err := list.Amount.Rate()
	if err != nil {
		return pack, price, 0, err
	}
	price, err = pricing.Total(c.Currency, cat.Rounding(), []pricing.Line{{
		Kind: "voucher", Item: v.Code, Unit: unit, Times: pricing.Ratio{Num: 100 - v.Percent, Den: 100},
	}})
	return pack, price, minutes, err
}

// Once returns a hook for [subscription.Options.Eligible] that refuses a voucher which the application has redeemed, or is
// about to pay for, with [ErrVoucherUsed]. One whose payment was declined or canceled can be redeemed again. It admits
// everything else.
//
// The rows say so, since a voucher's code is in the line of its order, and lines never change. No request of the application
// can come between: its commit would be a conflict, and the hook would be asked again.
func Once(orders store.History) func(context.Context, subscription.Eligibility) error {
	return func(ctx context.Context, e subscription.Eligibility) error {
		c, redeems := e.Command.(Redeem)
		if !redeems {
			return nil
		}
		for o, err := range orders.Orders(ctx, e.Application) {
			if err != nil {
				return err
			}
			holds := o.Status.Blocking() || o.Status == subscription.OrderPaid
			if o.Kind == VoucherOrder && holds && o.Lines[0].Item == c.Voucher.Code {
				return fmt.Errorf("%w: %.40q by order %s", ErrVoucherUsed, c.Voucher.Code, o.ID)
			}
		}
		return nil
	}
}
