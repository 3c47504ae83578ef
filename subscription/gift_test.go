package subscription_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// gift is a gift of minutes of call for a month.
func gift(minutes int64) subscription.Gift {
	return subscription.Gift{Products: []pricing.ProductID{"call"}, Minutes: minutes, Validity: pricing.Validity{Months: 1}}
}

// A gift is an order of zero of its own kind and one lot, which is spent like a top-up: after free minutes and packages,
// with the kind's weight, the earlier end first. 3 minutes of HD, of weight 4, take 12 of it.
// Rule: gift-is-an-order-of-zero.
func TestGift(t *testing.T) {
	m := newMeter(t)
	o := m.must(gift(50)).Order
	check(t, "kind", o.Kind, subscription.GiftOrder)
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "amount", o.Amount.String(), "0.00 USD")
	check(t, "collected", o.Collected.IsZero(), true)
	check(t, "attempt", o.Attempt, "")
	check(t, "line", string(o.Lines[0].Kind)+" "+o.Lines[0].Item+" "+o.Lines[0].Formula(), "gift minutes 0.00")
	check(t, "delivered", o.Delivered.Increment.String()+" of "+o.Delivered.Remaining.String(), "50 of 50")
	m.must(topUp("call-50")) // valid for a year, so it is spent after the gift
	m.must(buy("call", "small"))
	m.must(subscription.ClaimFree{Free: "welcome"})
	sameLines(t, "lots", m.lots(), "1 gift 50/50", "2 top_up 50/50", "3 package 100/100", "4 free 5/5")
	m.use(m.used("audio", 5), m.used("hd", 25)) // the free minutes, the package
	sameLines(t, "packages first", m.lots(), "1 gift 50/50", "2 top_up 50/50", "3 package 0/100", "4 free 0/5")
	sameLines(t, "weighted", m.use(m.used("hd", 3)), "12")
	sameLines(t, "then the gift", m.lots(), "1 gift 38/50", "2 top_up 50/50", "3 package 0/100", "4 free 0/5")
	m.refuse(subscription.ErrNotRefundable, subscription.RefundOrder{Order: o.ID})
	charges, _, _ := m.charged()
	check(t, "charges", charges, 2)
}

// The validity of a gift counts from 00:00 of the day in the catalog's zone, so it covers what was used before it was given.
// Rule: gift-is-an-order-of-zero.
func TestGiftCountsFromMidnight(t *testing.T) {
	m := newMeter(t, `"zone": "UTC"`, `"zone": "Asia/Shanghai"`)
	m.paidGo()
	sameLines(t, "before", m.use(m.used("audio", 3)), "0 and 3 excess")
	m.at("2025-07-10T15:59:00Z") // one minute before midnight there
	o := m.must(gift(50)).Order
	check(t, "valid", span(o.Delivered.Period), "2025-07-09T16:00:00Z/2025-08-09T16:00:00Z")
	sameLines(t, "covers what was used", m.lots(), "1 gift 47/50")
	check(t, "owed", m.stored().Counters[0].Excess, 0)
	o = m.must(subscription.Gift{Products: []pricing.ProductID{"call"}, Minutes: 1, Validity: pricing.Validity{ToMonthEnd: true}}).Order
	check(t, "until the end of the month", span(o.Delivered.Period), "2025-07-09T16:00:00Z/2025-07-31T16:00:00Z")
}

// A gift needs a product that is sold and a number of minutes that makes sense. It is staff's, so the host's hook has no say.
// Rule: gift-is-an-order-of-zero.
func TestGiftIsRefused(t *testing.T) {
	m := newMeterOf(t, subscription.Options{Eligible: func(context.Context, subscription.Eligibility) error {
		return errors.New("nobody")
	}})
	m.refuse(subscription.ErrNotEligible, topUp("call-50"))
	bad := gift(1)
	bad.Products = nil
	m.refuse(subscription.ErrInvalid, bad)
	bad.Products = []pricing.ProductID{"call", "call"}
	m.refuse(subscription.ErrInvalid, bad)
	bad.Products = []pricing.ProductID{"fax"}
	m.refuse(pricing.ErrUnknownProduct, bad)
	m.refuse(subscription.ErrInvalid, gift(0))
	m.refuse(subscription.ErrInvalid, gift(-1))
	m.refuse(subscription.ErrInvalid, gift(subscription.MaxGift+1))
	for _, months := range []int{-1, 0, pricing.MaxTermMonths + 1} {
		bad := gift(1)
		bad.Validity.Months = months
		m.refuse(subscription.ErrInvalid, bad)
	}
	_, err := m.Do(t.Context(), "nobody", gift(1), "key")
	fails(t, err, subscription.ErrNotFound)
	check(t, "and given", m.must(gift(subscription.MaxGift)).Order.Status, subscription.OrderPaid)
}

// The currency of the order of zero is that of what is held.
// Rule: gift-is-an-order-of-zero.
func TestGiftHasACurrency(t *testing.T) {
	w := newWorld(t, setup{})
	check(t, "the catalog's", w.must(gift(1)).Order.Amount.String(), "0.00 USD") // which also has a few prices in JPY
	w.must(buy("call", "one-to-one"))
	live := buy("live", "lite")
	live.Currency = "JPY"
	w.must(live)
	check(t, "of the product", w.must(gift(1)).Order.Amount.String(), "0.00 USD")
	other := gift(1)
	other.Products = []pricing.ProductID{"beauty-ar", "call"}
	check(t, "of any subscription", w.must(other).Order.Amount.String(), "0.00 USD")
	m := newMeter(t)
	m.paidGo()
	check(t, "of pay-as-you-go", m.must(gift(1)).Order.Amount.String(), "0.00 USD")
}

// A gift costs nothing in a place that the catalog knows no tax of, too.
// Rule: gift-is-an-order-of-zero.
func TestGiftIsNotTaxed(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "QC"})
	w.catalog = catalog(t, "catalog.json")
	w.refuse(pricing.ErrUnknownRegion, buy("call", "one-to-one"))
	o := w.must(gift(1)).Order
	check(t, "taxes", len(o.Taxes), 0)
}
