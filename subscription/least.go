package subscription

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// charge sets an order's lines, taxes and amount. A total is rounded to the catalog's step once, by a line of its own. An
// upgrade, or a bill, whose total is too small to charge is waived: a line says so, and it costs nothing; any other order
// fails with [pricing.ErrBelowLeast].
func (d *Draft) charge(o *Order, price pricing.Price, cat *pricing.Catalog) error {
	o.Lines = price.Lines
	if o.Kind == GiftOrder { // nothing is sold, whatever tax applies
		o.Amount = price.Amount
		return nil
	}
	if err := d.tax(o, price.Amount, cat); err != nil {
		return err
	}
	charged, tooSmall, err := chargedOf(o.Amount, cat)
	if err != nil {
		return err
	}
	if tooSmall {
		if o.Kind != UpgradeOrder && o.Kind != UsageOrder {
			return fmt.Errorf("%w: %s", pricing.ErrBelowLeast, o.Amount)
		}
		return d.waive(o, price.Amount)
	}
	if charged != o.Amount {
		o.Lines = append(slices.Clone(o.Lines), pricing.RoundingOf(o.Amount, charged))
		o.Amount = charged
	}
	return nil
}

// chargedOf returns what is charged of a total, rounded to the catalog's step, and reports whether a positive total is too
// small to charge.
func chargedOf(total pricing.Money, cat *pricing.Catalog) (charged pricing.Money, tooSmall bool, err error) {
	terms := cat.ChargeTerms(total.Currency())
	charged, err = terms.Stepped(total, cat.Rounding())
	return charged, total.Sign() > 0 && (charged.Sign() == 0 || terms.Below(charged)), err
}

// waive makes an order cost nothing. The cycles of an upgrade keep the price recorded before, so that the next
// upgrade in them pays for both.
func (d *Draft) waive(o *Order, price pricing.Money) error {
	waiver := pricing.WaiverOf(price)
	none, err := price.Add(waiver.Amount)
	if err != nil {
		return err
	}
	o.Lines = append(slices.Clone(o.Lines), waiver)
	o.Amount, o.Taxes, o.TaxIncluded = none, nil, false
	o.Deliveries = cloneDeliveries(o.Deliveries) // the caller may keep its own
	for _, v := range o.Deliveries {
		if v.Upgrade != nil {
			v.Upgrade.Waived, v.Upgrade.Total = true, pricing.Money{}
		}
	}
	if o.Kind == UsageOrder {
		d.AddEvent(Event{Type: EventUsageWaived, Kind: o.Kind, Amount: price})
	}
	return nil
}
